"""Tables that are put away, as an .xlsx: values only, each sheet closed to a slip of the hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.documents.reproducible import reproducible
from automation.adapters.excel.values import as_stored, escaped, number_format_for
from automation.core.model.workbook import Cell
from automation.core.records.frozen import FrozenTable

_NARROWEST, _WIDEST, _LOOKED_AT = 10, 60, 200


def frozen_workbook(tables: Sequence[FrozenTable], title: str, moment: datetime) -> bytes:
    """The file; the same tables always give the same bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables:
        _draw(book.create_sheet(table.title), table)
    book.properties.title = title
    out = BytesIO()
    book.save(out)
    return reproducible(out.getvalue(), moment)


def title_of(path: Path) -> str:
    """The title under which such a file was made."""
    return load_workbook(path, read_only=True).properties.title or ""


def _draw(sheet: Worksheet, table: FrozenTable) -> None:
    for column, header in enumerate(table.headers, start=1):
        cell = sheet.cell(1, column)
        _put(sheet, 1, column, header)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for number, row in enumerate(table.rows, start=2):
        for column, value in enumerate(row, start=1):
            _put(sheet, number, column, value)
    for column in range(1, len(table.headers) + 1):
        letter = get_column_letter(column)
        longest = max(
            (len(_shown(row[column - 1])) for row in table.rows[:_LOOKED_AT] if column <= len(row)), default=0
        )
        sheet.column_dimensions[letter].width = min(max(longest + 2, _NARROWEST), _WIDEST)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.protection.sheet = True
    sheet.protection.autoFilter = False


def _put(sheet: Worksheet, row: int, column: int, value: Cell) -> None:
    cell, stored = sheet.cell(row, column), as_stored(value)
    if number_format := number_format_for(value):
        cell.number_format = number_format
    cell.value = escaped(stored) if isinstance(stored, str) else stored
    if isinstance(stored, str):
        cell.data_type = "s"  # text that begins with "=" is no formula


def _shown(value: Cell) -> str:
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value if value is not None else "")
