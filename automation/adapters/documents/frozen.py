"""Tables that are put away, as an .xlsx: values only, each sheet closed to a slip of the hand."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.documents.printing import set_up_printing
from automation.adapters.documents.reproducible import reproducible
from automation.adapters.excel.row_heights import HIGHEST, LINE, MARGIN, lines_needed
from automation.adapters.excel.values import as_stored, escaped, number_format_for
from automation.base.messages import text
from automation.core.model.units import AtLeast
from automation.core.model.workbook import Cell
from automation.core.records.frozen import FrozenTable

_NARROWEST, _WIDEST, _LOOKED_AT = 8, 36, 200
"""Columns so wide that a table of people can be read on paper; longer text wraps."""
_BOLD = 0.8
"""How much fewer bold letters a column takes."""
_COUNT = "#,##0"
_PLACE = Alignment(wrap_text=True, vertical="top")


def frozen_workbook(tables: Sequence[FrozenTable], title: str, moment: datetime) -> bytes:
    """The file; the same tables always give the same bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables:
        sheet = book.create_sheet(table.title)
        _draw(sheet, table)
        set_up_printing(sheet, title)
    book.properties.title = title
    out = BytesIO()
    book.save(out)
    return reproducible(out.getvalue(), moment)


def title_of(path: Path) -> str:
    """The title under which such a file was made."""
    return load_workbook(path, read_only=True).properties.title or ""


def holds_the_same(path: Path, tables: Sequence[FrozenTable], unit: str = "") -> bool:
    """Whether such a file holds these tables; with `unit` the lines alone that begin with this code."""
    with BytesIO(frozen_workbook(tables, "", datetime(2000, 1, 1))) as present:
        return all(_lines(present, table.title, unit) == _lines(path, table.title, unit) for table in tables)


def _lines(file: Path | BytesIO, title: str, unit: str) -> list[tuple[object, ...]]:
    book = load_workbook(file, read_only=True)
    with closing(book):
        found = book[title].iter_rows(values_only=True) if title in book.sheetnames else ()
        return [row for number, row in enumerate(found) if not number or unit in ("", row[0])]


def _draw(sheet: Worksheet, table: FrozenTable) -> None:
    widths = [_width(table, column) for column in range(len(table.headers))]
    for number, row in enumerate((table.headers, *table.rows), start=1):
        for column, value in enumerate(row, start=1):
            _put(sheet, number, column, value)
        room = widths if number > 1 else [width * _BOLD for width in widths]
        lines = max(map(lines_needed, map(_shown, row), room), default=1)
        sheet.row_dimensions[number].height = min(lines * LINE + MARGIN, HIGHEST)
    for column, width in enumerate(widths, start=1):
        sheet.cell(1, column).font = Font(name="Calibri", size=11, bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.print_options.gridLines = True
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.protection.sheet = True
    sheet.protection.autoFilter = False


def _width(table: FrozenTable, column: int) -> float:
    """As its longest text asks, and at least the longest word of its header."""
    texts = (_shown(row[column]) for row in table.rows[:_LOOKED_AT] if column < len(row))
    longest = max(map(len, (*texts, *table.headers[column].split())), default=0)
    return min(max(longest + 2, _NARROWEST), _WIDEST)


def _put(sheet: Worksheet, row: int, column: int, value: Cell) -> None:
    cell, stored = sheet.cell(row, column), as_stored(value)
    if isinstance(value, AtLeast):  # by its format alone: files of before this hold the same number
        cell.number_format = text("summary_workbook.at_least_format", format=_COUNT)
    elif number_format := number_format_for(value):
        cell.number_format = number_format
    cell.value = escaped(stored) if isinstance(stored, str) else stored
    cell.alignment = _PLACE
    if isinstance(stored, str):
        cell.data_type = "s"  # text that begins with "=" is no formula


def _shown(value: Cell) -> str:
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value if value is not None else "")
