"""What one request works on: a draft of the spreadsheet, who asks, and what that person may touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from tests.emulator.cells import CellError, Scalar
from tests.emulator.grid import Area, Book, Sheet
from tests.emulator.readings import Readings
from tests.emulator.refusals import Json, Refused, bad_request

PROTECTED = {
    "vi": (
        "Bạn đang cố gắng chỉnh sửa một ô hoặc đối tượng được bảo vệ. Vui lòng liên hệ với chủ sở hữu bảng tính để "
        "xóa tính năng bảo vệ nếu bạn cần chỉnh sửa."
    ),
    "en": (
        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection "
        "if you need to edit."
    ),
}
"""Translated by the spreadsheet's locale (R); the Vietnamese wording is ours (I)."""

UNKNOWN_FORMULA = CellError("#NAME?", "The emulator does not calculate; name the result in `Emulator.formulas`.")


class Document(Struct):
    """A spreadsheet file: its present state and what Drive knows of it."""

    id: str
    owner: str
    book: Book
    created: float
    roles: dict[str, str] = field(default_factory=dict)
    """`writer` or `reader` by mail address; the owner is not among them."""
    changes: list[tuple[float, str]] = field(default_factory=list)
    """When it changed and by whom, oldest first."""
    deleted: bool = False

    def role(self, who: str) -> str:
        return "owner" if who == self.owner else self.roles.get(who, "")

    def may_edit(self, who: str, protection: Json) -> bool:
        """Whether this person may edit what the protection covers; a mere warning stops nobody."""
        if protection.get("warningOnly") or who == self.owner:
            return True
        editors = protection.get("editors", {})
        same_domain = who.rpartition("@")[2] == self.owner.rpartition("@")[2]
        return who in editors.get("users", []) or (bool(editors.get("domainUsersCanEdit")) and same_domain)


class Work(Struct):
    """Everything a request may change is `book`; nobody sees it before all has gone well."""

    document: Document
    caller: str
    book: Book
    formulas: Mapping[str, Scalar] = field(default_factory=dict)
    readings: Readings = field(default_factory=Readings)

    def value_of(self, formula: str) -> Scalar:
        """What a formula comes to, from the replay table."""
        return self.formulas.get(formula, UNKNOWN_FORMULA)

    def protected_text(self) -> Refused:
        return bad_request(PROTECTED["vi" if self.book.locale.startswith("vi") else "en"])

    def check_editable(self, area: Area) -> None:
        """Raises `Refused` where a protection that shuts the caller out covers any of these cells."""
        for protection in area.sheet.protected:
            if not self.document.may_edit(self.caller, protection) and _covers(protection, area):
                raise self.protected_text()

    def check_sheet_editable(self, sheet: Sheet) -> None:
        """The same for what belongs to the tab as a whole: title, size, freezing, deletion."""
        if any(not self.document.may_edit(self.caller, each) for each in sheet.protected if is_whole(each["range"])):
            raise self.protected_text()


def is_whole(area: Json) -> bool:
    """Whether a GridRange is unbounded on every side, which makes a protection one of the sheet."""
    return not set(area) - {"sheetId"}


def overlaps(given: Json, area: Area) -> bool:
    """Whether a GridRange (of the same tab) and an area share a cell."""
    sides = (
        ("startRowIndex", "endRowIndex", area.first_row, area.end_row),
        ("startColumnIndex", "endColumnIndex", area.first_column, area.end_column),
    )
    return all(given.get(first, 0) < end and given.get(last, start + 1) > start for first, last, start, end in sides)


def contains(given: Json, area: Area) -> bool:
    """Whether a GridRange (of the same tab) covers the whole area."""
    sides = (
        ("startRowIndex", "endRowIndex", area.first_row, area.end_row),
        ("startColumnIndex", "endColumnIndex", area.first_column, area.end_column),
    )
    return all(given.get(first, 0) <= start and given.get(last, end) >= end for first, last, start, end in sides)


def _covers(protection: Json, area: Area) -> bool:
    if not overlaps(protection["range"], area):
        return False
    free = [each for each in protection.get("unprotectedRanges", []) if overlaps(each, area)]
    if any(contains(each, area) for each in free):
        return False
    return not free or not all(_is_free(area.sheet, row, column, free) for row, column in area.places())


def _is_free(sheet: Sheet, row: int, column: int, free: Sequence[Json]) -> bool:
    return any(overlaps(each, Area(sheet, row, row + 1, column, column + 1)) for each in free)
