"""How people name a spreadsheet at Google: its address in the browser, or its id alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HOST = r"(?:https?://[^\s/]+|[a-z]+\.google\.com)"
_ADDRESS = re.compile(_HOST + r"/(?:[^\s?#]*/)?d/([A-Za-z0-9_-]+)(?:[/?#]\S*)?", re.IGNORECASE)
_QUERY = re.compile(r"https?://[^\s/]+/\S*[?&](?:id|key)=([A-Za-z0-9_-]+)(?:[&#]\S*)?", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9_-]{25,}")
_ANY_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class SpreadsheetAddress:
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
    found = _ADDRESS.fullmatch(named) or _QUERY.fullmatch(named)
    if found:
        return SpreadsheetAddress(found[1], named)
    if (_ANY_ID if any_id else _ID).fullmatch(named):
        return SpreadsheetAddress(named, named)
    return None
