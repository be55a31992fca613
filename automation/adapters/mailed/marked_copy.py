"""A mailed file written again with its errors marked: red cells, and a column of ours that says what to type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import IO, Any, Protocol

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.excel.saving import NEW_FILE, replace_file
from automation.adapters.excel.values import as_stored
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.core.model.palette import FAULT_FILL, TRIAL_FILL
from automation.core.model.workbook import Tab

_WIDTH = 80
_LINE_HEIGHT = 16
_LONGEST_TITLE = 31
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


class TabMarks(Protocol):
    """What is to be marked in a tab."""

    @property
    def tab(self) -> str: ...
    @property
    def header_row(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def messages(self) -> Mapping[int, str]: ...
    @property
    def errors(self) -> frozenset[tuple[int, int]]: ...
    @property
    def warnings(self) -> frozenset[tuple[int, int]]: ...


def write_marked(source: Path, tabs: Sequence[Tab], marks: Sequence[TabMarks], target: Path) -> None:
    """The file as it is where it is an .xlsx, else what was read of it, with the marks, as a new .xlsx.

    Raises CannotStart where something is at `target` already, or nothing can be written there.
    """
    if target.exists() or target.suffix.lower() != ".xlsx" or not target.parent.is_dir():
        raise CannotStart(text("importing.marked.target", path=target))
    book, titles = _book(source, tabs)
    for each in marks:
        _mark(book[titles[each.tab]], each)

    def write(file: IO[bytes]) -> None:
        book.save(file)

    replace_file(target, write, NEW_FILE)


def _book(source: Path, tabs: Sequence[Tab]) -> tuple[Workbook, Mapping[str, str]]:
    """The workbook to mark, and what each tab is called in it."""
    try:
        book = load_workbook(source)
    except Exception:  # of another kind, or with contents that the library gives up on: what was read is enough
        return _rewritten(tabs)
    return book, {tab.title: tab.title for tab in tabs}


def _rewritten(tabs: Sequence[Tab]) -> tuple[Workbook, Mapping[str, str]]:
    book = Workbook()
    book.remove(book.worksheets[0])
    titles: dict[str, str] = {}
    for tab in tabs:
        sheet = book.create_sheet(tab.title.translate(_NOT_IN_TITLES)[:_LONGEST_TITLE] or None)
        titles[tab.title] = sheet.title
        for number, row in enumerate(tab.rows, start=1):
            for column, value in enumerate(row, start=1):
                _put(sheet, number, column, as_stored(value))
        for area in tab.merged:
            sheet.merge_cells(start_row=area.top, start_column=area.left, end_row=area.bottom, end_column=area.right)
    return book, titles


def _put(sheet: Worksheet, row: int, column: int, value: Any) -> SheetCell | None:
    """Text stays text, whatever it begins with; None for a cell that another one covers."""
    cell = sheet.cell(row, column)
    if not isinstance(cell, SheetCell):
        return None
    if value is not None:
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
    return cell


def _mark(sheet: Worksheet, marks: TabMarks) -> None:
    for colour, cells in ((FAULT_FILL, marks.errors), (TRIAL_FILL, marks.warnings)):
        fill = PatternFill("solid", fgColor=colour)
        for row, column in cells:
            sheet.cell(row, column).fill = fill
    if not marks.messages:
        return
    header = _put(sheet, marks.header_row, marks.column, text("importing.marked.header"))
    if header is not None:
        header.font = Font(bold=True)
    for row, message in marks.messages.items():
        cell = _put(sheet, row, marks.column, message)
        if cell is not None:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            _fit(sheet.row_dimensions[row], message)
    sheet.column_dimensions[get_column_letter(marks.column)].width = _WIDTH


def _fit(row: RowDimension, message: str) -> None:
    """Programs that open the file keep the heights that are there."""
    lines = sum(max(1, ceil(len(line) / _WIDTH)) for line in message.splitlines())
    row.height = max(row.height or 0, _LINE_HEIGHT * lines)
