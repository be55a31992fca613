"""Everything of a file that openpyxl takes literally, put so that it can neither raise nor explode.

It fills merged ranges with a cell for each place (a million for a column merged whole) and forgets what they cover,
takes numbers of rows as they stand, makes an object of every cell that has a format alone, and saves no workbook whose
active tab is hidden. So it gets a copy of the file without all that, and the merged ranges as mere ranges afterwards.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.datetime import from_ISO8601
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange

from automation.adapters.excel.budget import TooLarge
from automation.adapters.excel.package import (
    Package,
    Sheet,
    copy_package,
    parsed_sheet,
    relationships_part,
    serialised,
)
from automation.adapters.excel.reach import MOST_BLANK_COLUMNS, MOST_BLANK_ROWS
from automation.adapters.excel.reader import LAST_COLUMN, LAST_ROW, position, shared_strings, without_bare_formats
from automation.adapters.excel.sheet_map import whole_number
from automation.core.reading.cells import is_finite

MOST_CELLS = 150_000
"""Of one tab; each takes half a kilobyte."""
MOST_RANGES = 20_000
"""Merged, in one tab; and as many validations, conditions, links."""
_COUNTED = {
    "c": MOST_CELLS,
    **dict.fromkeys(("mergeCell", "dataValidation", "cfRule", "hyperlink"), MOST_RANGES),
}
"""Elements that are counted before anything of the tab is in memory."""
_TEXTS = ("str", "inlineStr", "e")
"""Kinds of cells whose content may be anything."""
_STUB = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'


class TooMany(TooLarge):
    """There is more in a tab than can be drawn; of which element, as the file names it."""

    def __init__(self, name: str = "c") -> None:
        super().__init__(name)
        self.name = name


class TabNotDrawn(Exception):
    """One tab cannot be drawn, for what is its cause; the book is half drawn then."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title


def load(package: Package, left_out: Collection[str]) -> Workbook:
    """The workbook; the tabs `left_out`, by title, are empty. Raises TabNotDrawn, and whatever openpyxl raises."""
    strings = len(shared_strings(package))
    merged = {}
    changed = {}
    for sheet in package.sheets:
        if sheet.title in left_out:
            changed[sheet.part] = _STUB
            continue
        try:
            root = _prepared(package, sheet, strings)
        except TooLarge as error:
            raise TabNotDrawn(sheet.title) from error
        merged[sheet.title] = _take_merged(root)
        changed[sheet.part] = serialised(root)
    book = _loaded(package, changed, [sheet for sheet in package.sheets if sheet.title in left_out])
    for title, ranges in merged.items():
        book[title].merged_cells = MultiCellRange(ranges)
    show_active(book)
    return book


def _prepared(package: Package, sheet: Sheet, strings: int) -> etree._Element:
    """The worksheet as openpyxl can take it, but for the merged ranges. Raises TooLarge."""
    _refuse_too_many(package, sheet)
    root = parsed_sheet(package.read_sheet(sheet))
    _drop_impossible_columns(root)
    _number(root)
    _drop_far_formats(root)
    _make_unreadable_values_text(root, strings)
    return root


def _loaded(package: Package, changed: dict[str, bytes], stubs: Iterable[Sheet]) -> Workbook:
    file = BytesIO()
    copy_package(package, file, changed, {relationships_part(sheet.part) for sheet in stubs})
    has_macros = any(name.startswith("xl/vbaProject") for name in package.archive.namelist())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl leaves out is told by `things_at_risk`
        return load_workbook(file, rich_text=True, keep_vba=has_macros)


def show_active(book: Any, wanted: Any = None) -> None:
    """Make `wanted`, else the tab that is active now, the active one if it can be seen, else the first that can; where
    none can, the first one is shown.
    """
    sheets = book._sheets
    present = wanted or (sheets[book._active_sheet_index] if book._active_sheet_index < len(sheets) else sheets[0])
    visible = [each for each in (present, *sheets) if each.sheet_state == "visible"]
    chosen = visible[0] if visible else book.worksheets[0]
    chosen.sheet_state = "visible"
    book._active_sheet_index = sheets.index(chosen)


def _refuse_too_many(package: Package, sheet: Sheet) -> None:
    """Raises TooMany."""
    counts = Counter[str]()
    with package.archive.open(sheet.part) as stream:
        for chunk in without_bare_formats(stream):
            for name, most in _COUNTED.items():
                counts[name] += chunk.count(f"<{name} ".encode())
                if counts[name] > most:
                    raise TooMany(name)


def _take_merged(root: etree._Element) -> list[CellRange]:
    """The merged ranges, which are no longer in the sheet then."""
    ranges = []
    for group in root.findall("{*}mergeCells"):
        ranges += list(_ranges(group))
        root.remove(group)
    return ranges


def _ranges(group: etree._Element) -> Iterator[CellRange]:
    for each in group:
        with suppress(ValueError, TypeError):  # what names no range merges nothing
            area = CellRange(each.get("ref", ""))
            several = area.min_row != area.max_row or area.min_col != area.max_col
            if several and area.max_row <= LAST_ROW and area.max_col <= LAST_COLUMN:
                yield area


def _drop_impossible_columns(root: etree._Element) -> None:
    """Widths and formats of columns that no worksheet has."""
    for column in root.findall("{*}cols/{*}col"):
        first, last = (whole_number(column.get(name)) for name in ("min", "max"))
        if not 1 <= first <= last <= LAST_COLUMN:
            column.getparent().remove(column)  # type: ignore[union-attr]


def _number(root: etree._Element) -> None:
    """Give every row and every cell the number that it is read by; what has none that can be goes."""
    number = 0
    for row in root.findall("{*}sheetData/{*}row"):
        number = position(row, number)
        if number > LAST_ROW:
            row.getparent().remove(row)  # type: ignore[union-attr]
            continue
        row.set("r", str(number))
        row.attrib.pop("spans", "")
        column = 0
        for cell in list(row):
            column = position(cell, column)
            if column > LAST_COLUMN:
                row.remove(cell)
            else:
                cell.set("r", f"{get_column_letter(column)}{number}")


def _drop_far_formats(root: etree._Element) -> None:
    """Cells with a format alone stay where people may have prepared room for themselves. Raises TooMany."""
    rows = root.findall("{*}sheetData/{*}row")
    last_row = max((position(row, 0) for row in rows if any(map(len, row))), default=0) + MOST_BLANK_ROWS
    columns = (position(cell, 0) for row in rows for cell in row if len(cell))
    last_column = max(columns, default=0) + MOST_BLANK_COLUMNS
    kept = 0
    for row in rows:
        for cell in list(row):
            if not len(cell) and (position(row, 0) > last_row or position(cell, 0) > last_column):
                row.remove(cell)
        kept += len(row)
    if kept > MOST_CELLS:
        raise TooMany


def _make_unreadable_values_text(root: etree._Element, strings: int) -> None:
    """What a cell holds that is not what it says it is, is its text, as for whoever reads it."""
    for cell in root.iterfind("{*}sheetData/{*}row/{*}c"):
        value = cell.find("{*}v")
        if value is not None and value.text and not _is_of_kind(value.text, cell.get("t", "n"), strings):
            cell.set("t", "str")


def _is_of_kind(value: str, kind: str, strings: int) -> bool:
    try:
        if kind == "n":
            return is_finite(float(value))
        if kind == "s":
            return 0 <= int(value) < strings
        if kind == "b":
            return int(value) in (0, 1)
        if kind == "d":
            return from_ISO8601(value) is not None  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError):
        return False
    return kind in _TEXTS
