"""How people name a spreadsheet at Google: its address in the browser, or its id alone."""

from __future__ import annotations

import re

from msgspec import Struct

_ADDRESS = re.compile(r"(?:https?://[^\s/]+|[a-z]+\.google\.com)/\S*", re.IGNORECASE)
_OTHER_FORMS = re.compile(r"/d/([^/?#]+)|[?&]id=([^&#]+)")
"""With an account's number between, a file at Drive, and what Drive shares: gspread knows none of them."""
_FOLDER = re.compile(r"drive\.google\.com/\S*/folders/", re.IGNORECASE)
_NO_CELLS = re.compile(r"docs\.google\.com/\S*(?:document|presentation|forms)/", re.IGNORECASE)
"""A text, slides or a questionnaire, which have ids of the same form."""
_ID = re.compile(r"[A-Za-z0-9_-]{25,}")
_ANY_ID = re.compile(r"[A-Za-z0-9_-]+")


class SpreadsheetAddress(Struct, frozen=True):
    """One spreadsheet. As text: its id, the same whichever address somebody copied."""

    id: str
    typed: str

    def __str__(self) -> str:
        return self.id


def spreadsheet_address(typed: str, *, any_id: bool = False) -> SpreadsheetAddress | None:
    """The spreadsheet that was meant, None where it may be anything else.

    `any_id`: ids may be short, as emulators make them.
    """
    named = typed.strip()
    if _NO_CELLS.match(named.partition("://")[2] or named):
        return None
    if _ADDRESS.fullmatch(named):
        found, form = _id_in(named), _ANY_ID
    else:
        found, form = named, _ANY_ID if any_id else _ID
    return SpreadsheetAddress(found, named) if form.fullmatch(found) else None


def is_drive_folder(typed: str) -> bool:
    """Whether it is the address of a folder at Google Drive, which holds no cells itself."""
    return _FOLDER.search(typed) is not None


def _id_in(address: str) -> str:
    # Imported here: whoever names a file need not wait for Google's libraries.
    from gspread.exceptions import NoValidUrlKeyFound
    from gspread.utils import extract_id_from_url

    try:
        return extract_id_from_url(address)
    except NoValidUrlKeyFound:
        other = _OTHER_FORMS.search(address)
        return (other[1] or other[2]) if other else ""
