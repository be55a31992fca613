"""Where the workbook lies that somebody names."""

from __future__ import annotations

from pathlib import Path

from automation.adapters.google.api.address import SpreadsheetAddress, is_drive_folder, spreadsheet_address
from automation.base.errors import CannotStart, NotAWorkbook, WorkbookMissing
from automation.base.messages import text
from automation.base.paths import path_typed

WorkbookPlace = Path | SpreadsheetAddress
"""Where a workbook lies: an .xlsx file, or a spreadsheet at Google."""


def key_of(place: WorkbookPlace) -> str:
    """What a workbook is called in a database: the same from whichever folder it was named."""
    return str(place.resolve()) if isinstance(place, Path) else str(place)


def find_workbook(named: str | None, *, may_be_new: bool = False, any_id: bool = False) -> WorkbookPlace:
    """What `named` means: a Google address or id, else an .xlsx.

    `may_be_new` allows a file that `init` is about to create, `any_id` the short ids of an emulator.

    Raises `CannotStart`: nothing named, no such file, not an .xlsx, out of reach.
    """
    if not named:
        raise CannotStart(text("cli.start.no_workbook"))
    spreadsheet = spreadsheet_address(named, any_id=any_id)
    try:
        if spreadsheet is not None and not path_typed(named).exists():
            return spreadsheet
        return _found(named, path_typed(named), may_be_new)
    except OSError:  # no right to enter the folder, a name too long
        raise CannotStart(text("cli.start.workbook_out_of_reach", path=named)) from None


def _found(named: str, path: Path, may_be_new: bool) -> Path:
    if path.is_dir():
        raise NotAWorkbook(text("cli.start.workbook_is_folder", path=named))
    is_device = path.exists() and not path.is_file()  # a pipe would keep us waiting for ever
    if is_drive_folder(named):
        raise NotAWorkbook(text("cli.start.drive_folder", path=named))
    is_elsewhere = "://" in named and not path.exists()  # a file on the web is none that we could open or make
    if path.suffix.lower() != ".xlsx" or is_device or is_elsewhere:
        raise NotAWorkbook(text("cli.start.workbook_not_xlsx", path=named))
    if not path.exists() and not may_be_new:
        raise WorkbookMissing(text("cli.start.workbook_missing", path=named))
    if not path.parent.is_dir():
        raise CannotStart(text("cli.start.folder_missing", path=path.parent))
    return path
