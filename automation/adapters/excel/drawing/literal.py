"""Everything of a file that openpyxl takes literally, put so that it can neither raise nor explode.

It fills merged ranges and links over several cells with a cell for each place (a million for a column merged whole),
forgets what merged cells cover, and saves no workbook whose active tab is hidden. So it gets skeletons of the
worksheets without all that, and the merged ranges as mere ranges afterwards.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any

from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange

from automation.adapters.excel.budget import TooLarge
from automation.adapters.excel.drawing.skeleton import Skeleton, read_skeleton
from automation.adapters.excel.package import (
    Content,
    Package,
    Sheet,
    copy_package,
    relationships_part,
    serialised,
    with_usual_names,
)
from automation.adapters.excel.reach import LAST_ROW
from automation.adapters.excel.reader import LAST_COLUMN
from automation.adapters.excel.sheet_map import whole_number
from automation.adapters.excel.styles import Styles

_STUB = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
NO_TEXTS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'

Skeletons = Mapping[str, Skeleton]
"""By title of the tab."""


class TabNotDrawn(Exception):
    """One tab cannot be drawn, for what is its cause; the book is half drawn then."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title


def load(
    package: Package, left_out: Collection[str], drawn_rows: Mapping[str, Collection[int]]
) -> tuple[Workbook, Skeletons]:
    """The workbook without what its cells hold, and what it was made of; the tabs `left_out`, by title, are empty.
    `drawn_rows`: in which rows of a tab something is drawn. Raises TabNotDrawn, and whatever openpyxl raises.
    """
    formats = Styles(package.read_related("styles")).count
    skeletons: dict[str, Skeleton] = {}
    merged: dict[str, list[CellRange]] = {}
    changed: dict[str, Content] = {}
    for sheet in package.sheets:
        changed[sheet.part] = _STUB
        if sheet.title not in left_out:
            skeleton = skeletons[sheet.title] = _skeleton(package, sheet, drawn_rows.get(sheet.title, ()), formats)
            merged[sheet.title] = _take_merged(skeleton.root)
            changed[sheet.part] = serialised(skeleton.root)
    book = _loaded(package, changed, [sheet for sheet in package.sheets if sheet.title in left_out])
    for title, ranges in merged.items():
        book[title].merged_cells = MultiCellRange(ranges)
    show_active(book)
    return book, skeletons


def _skeleton(package: Package, sheet: Sheet, drawn_rows: Collection[int], formats: int) -> Skeleton:
    try:
        skeleton = read_skeleton(package, sheet, drawn_rows, formats)
    except TooLarge as error:
        raise TabNotDrawn(sheet.title) from error
    _drop_impossible_columns(skeleton.root)
    return skeleton


def _loaded(package: Package, changed: dict[str, Content], stubs: Iterable[Sheet]) -> Workbook:
    file = BytesIO()
    small = _parts_around(package)
    copy_package(package, file, {**small, **changed}, {relationships_part(sheet.part) for sheet in stubs})
    has_macros = any(name.startswith("xl/vbaProject") for name in package.archive.namelist())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl leaves out is told by `things_at_risk`
        return load_workbook(file, keep_vba=has_macros)


def _parts_around(package: Package) -> dict[str, Content]:
    """The parts that openpyxl gets in another form besides the worksheets: no texts, and the names it knows."""
    texts = package.related("sharedStrings")
    changed: dict[str, Content] = {texts: NO_TEXTS} if texts else {}
    names = [package.workbook_part, package.related("styles")]
    names += [name for name in package.archive.namelist() if name.endswith(".rels")]
    for name in filter(None, names):
        content = package.read(name)
        usual = with_usual_names(content)
        if usual != content:
            changed[name] = usual
    return changed


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
