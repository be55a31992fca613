"""Spreadsheets of old Excel (.xls) and of LibreOffice (.ods) become tabs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import IO, TypeAlias
from zipfile import ZipFile

from lxml import etree
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from automation.adapters.excel.package import DAMAGE
from automation.core.model.workbook import Cell, Merged, Row, Tab

MOST_CELLS = 2_000_000
"""Of a sheet, blank ones too, up to its last row and column: the library has room made for all of them."""
_MOST_CONTENT = 96 << 20
"""Bytes of the sheets of an .ods, unpacked."""
_REPEATED = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}number-%s-repeated"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}%s"

_Value: TypeAlias = int | float | str | bool | time | date | datetime | timedelta


class NotReadable(Exception):
    """`why`: the last word of the key of the sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def xls_tabs(content: bytes) -> tuple[Tab, ...]:
    """Every sheet. Raises NotReadable."""
    return tuple(_tabs(content))


def ods_tabs(path: Path, content: bytes) -> tuple[Tab, ...]:
    """Every sheet. Raises NotReadable: an empty cell repeated a million times is a few bytes in the file."""
    try:
        with ZipFile(path) as archive:
            if archive.getinfo("content.xml").file_size > _MOST_CONTENT:
                raise NotReadable("too_large")
            with archive.open("content.xml") as stream:
                if any(cells > MOST_CELLS for cells in _sizes(stream)):
                    raise NotReadable("too_large")
    except DAMAGE:
        raise NotReadable("damaged") from None
    return tuple(_tabs(content))


def _sizes(stream: IO[bytes]) -> Iterator[int]:
    """How many cells each sheet has, up to its last row and column that hold something."""
    width = last = line = 0
    tags = [_TABLE % "table-row", _TABLE % "table"]
    for _, element in etree.iterparse(stream, tag=tags, resolve_entities=False, no_network=True, huge_tree=False):
        if element.tag == _TABLE % "table":
            yield width * last
            width = last = line = 0
        else:
            line += _times(element, "rows")
            if filled := _filled(element):
                width, last = max(width, filled), line
        element.clear()


def _filled(row: etree._Element) -> int:
    """The last column of a row that holds something."""
    column = filled = 0
    for cell in row:
        column += _times(cell, "columns")
        if len(cell):
            filled = column
    return filled


def _times(element: etree._Element, what: str) -> int:
    typed = element.get(_REPEATED % what, "1")
    return int(typed) if typed.isascii() and typed.isdecimal() else 1


def _tabs(content: bytes) -> Iterator[Tab]:
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        for each in book.sheets_metadata:
            if each.typ is SheetTypeEnum.WorkSheet:
                yield _tab(book.get_sheet_by_name(each.name))
    except PasswordError:
        raise NotReadable("encrypted") from None
    except (CalamineError, ValueError, OSError):
        raise NotReadable("damaged") from None


def _tab(sheet: CalamineSheet) -> Tab:
    bottom, right = sheet.end or (0, 0)
    if (bottom + 1) * (right + 1) > MOST_CELLS:
        raise NotReadable("too_large")
    rows = [_row(values) for values in sheet.to_python(skip_empty_area=False)]
    areas = sheet.merged_cell_ranges or ()
    merged = tuple(Merged(top + 1, left + 1, low + 1, far + 1) for (top, left), (low, far) in areas)
    return Tab(sheet.name, sheet.name, rows, merged=merged)


def _row(values: Sequence[_Value]) -> Row:
    row = [_cell(value) for value in values]
    while row and row[-1] is None:
        row.pop()
    return row


def _cell(value: _Value) -> Cell:
    if value == "":
        return None
    return str(value) if isinstance(value, timedelta) else value
