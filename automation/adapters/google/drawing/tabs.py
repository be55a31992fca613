"""The grid of a Google tab: the tab itself, its size, what is frozen, hidden, merged, how wide and how high."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from typing import Any

from automation.adapters.google.drawing.areas import Area, grid_range, joined
from automation.adapters.google.drawing.cells import Request, crosses_freeze, entered
from automation.adapters.google.drawing.present import DEFAULT_WIDTH, PresentTab, extent
from automation.adapters.google.drawing.styles import colour_style
from automation.core.model.layout import ColumnLook, TabLook

_PIXELS_PER_LETTER, _MARGIN = 7, 5
_PIXELS_PER_POINT = 4 / 3
_LARGEST_ID = 2**31 - 1
_LOW_ROW = 38
"""Pixels of a row that shows two lines of Google's usual letters."""


def new_tab(look: TabLook, taken: Collection[int]) -> PresentTab:
    """The tab that `add_tab` makes of the look: blank, as large as the look needs. Its id follows from its title and
    is none of `taken`, so that adding it twice is refused and later requests can name it.
    """
    area = extent(look)
    rows, columns = max(area.bottom or 1, look.header_row + 1), max(area.right or 1, look.frozen_columns + 1)
    return PresentTab(
        _id_of(look.title, taken),
        look.title,
        rows,
        columns,
        frozen_rows=look.header_row,
        frozen_columns=look.frozen_columns,
        hides_gridlines=not look.header_row,
        colour=look.tab_colour,
        widths=(DEFAULT_WIDTH,) * columns,
    )


def _id_of(title: str, taken: Collection[int]) -> int:
    number = int.from_bytes(hashlib.sha256(title.encode()).digest()[:8]) % _LARGEST_ID + 1
    while number in taken:
        number = number % _LARGEST_ID + 1
    return number


def add_tab(tab: PresentTab, index: int) -> Request:
    """The request that makes the tab, as the one at `index` (from 0)."""
    grid: dict[str, Any] = {"rowCount": tab.rows, "columnCount": tab.columns}
    grid |= {"frozenRowCount": tab.frozen_rows} if tab.frozen_rows else {}
    grid |= {"frozenColumnCount": tab.frozen_columns} if tab.frozen_columns else {}
    grid |= {"hideGridlines": True} if tab.hides_gridlines else {}
    properties = {"sheetId": tab.sheet_id, "title": tab.title, "index": index, "gridProperties": grid}
    if tab.colour:
        properties["tabColorStyle"] = colour_style(tab.colour)
    return {"addSheet": {"properties": properties}}


def draw_grid(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    """What makes the grid large enough and gives it the properties of the look."""
    area = extent(look)
    for dimension, wanted, present in (("ROWS", area.bottom, tab.rows), ("COLUMNS", area.right, tab.columns)):
        if wanted is not None and wanted > present:
            yield {
                "appendDimension": {"sheetId": tab.sheet_id, "dimension": dimension, "length": wanted - present},
            }
    yield from _properties(look, tab)


def _properties(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    grid: dict[str, Any] = {}
    if look.header_row:
        frozen_columns = look.frozen_columns
        if tab.frozen_rows != look.header_row and not _cut_by_row(look.header_row, tab):
            grid["frozenRowCount"] = look.header_row
        if tab.frozen_columns != frozen_columns and not _cut_by_column(frozen_columns, tab):
            grid["frozenColumnCount"] = frozen_columns
    elif not tab.hides_gridlines:
        grid["hideGridlines"] = True
    fields = [f"gridProperties.{name}" for name in grid]
    properties: dict[str, Any] = {"sheetId": tab.sheet_id}
    if grid:
        properties["gridProperties"] = grid
    if look.tab_colour and look.tab_colour.upper() != tab.colour:
        properties["tabColorStyle"] = colour_style(look.tab_colour)
        fields.append("tabColorStyle")
    if fields:
        yield {"updateSheetProperties": {"properties": properties, "fields": ",".join(fields)}}


def _cut_by_row(row: int, tab: PresentTab) -> bool:
    """Google refuses to freeze a part of a merged cell."""
    return any(merge.top <= row and (merge.bottom is None or merge.bottom > row) for merge in tab.merges)


def _cut_by_column(column: int, tab: PresentTab) -> bool:
    return any(merge.left <= column and (merge.right is None or merge.right > column) for merge in tab.merges)


def draw_sizes(look: TabLook, tab: PresentTab, is_new: bool) -> Iterator[Request]:
    """Widths and heights of a new tab, widths of new columns, heights of new rows; the others are people's, but for
    the widths of a tab that is ours alone. Our helper columns hide.
    """
    widths = [(each.column, 1, 1, _pixels(each)) for each in look.columns if is_new or _may_size(each, look, tab)]
    for area, pixels in joined(widths):
        yield _dimension(tab, "COLUMNS", area.left, area.right, "pixelSize", pixels)
    hidden = [(each.column, 1, 1, each.hidden) for each in look.columns if each.hidden or look.is_ours_alone]
    for area, value in joined(stripe for stripe in hidden if stripe[3] != (stripe[0] in tab.hidden_columns)):
        yield _dimension(tab, "COLUMNS", area.left, area.right, "hiddenByUser", value)
    for row, points in look.row_heights if is_new else ():
        yield _dimension(tab, "ROWS", row, row, "pixelSize", round(points * _PIXELS_PER_POINT))
    yield from _low_rows(look, tab, is_new)


def _low_rows(look: TabLook, tab: PresentTab, is_new: bool) -> Iterator[Request]:
    """Rows of no height of their own grow with the longest text; one that was told its height keeps it."""
    first, last = look.header_row + 1, look.header_row + look.body_rows
    first = first if is_new else max(first, tab.rows + 1)
    if any(column.low for column in look.columns) and first <= last:
        yield _dimension(tab, "ROWS", first, last, "pixelSize", _LOW_ROW)


def _pixels(column: ColumnLook) -> int:
    return round(column.width * _PIXELS_PER_LETTER + _MARGIN)


def _may_size(column: ColumnLook, look: TabLook, tab: PresentTab) -> bool:
    """Whether its width is to be set in a tab that was there: that of a new column, and where all are ours."""
    if column.column > tab.columns:
        return True
    width = tab.widths[column.column - 1] if column.column <= len(tab.widths) else 0
    if look.is_ours_alone:
        return width != _pixels(column)
    return look.header_row > 0 and not tab.value(look.header_row, column.column) and width == DEFAULT_WIDTH


def _dimension(tab: PresentTab, kind: str, first: int, last: int | None, name: str, value: int | bool) -> Request:
    where = {"sheetId": tab.sheet_id, "dimension": kind, "startIndex": first - 1, "endIndex": last}
    return {"updateDimensionProperties": {"range": where, "properties": {name: value}, "fields": name}}


def draw_merges(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    """Merging forgets what the covered cells hold, so it happens only where they hold nothing."""
    filled = {(row, column) for row, column, value in look.values if entered(value)}
    frozen = look.frozen_columns if not _cut_by_column(look.frozen_columns, tab) else tab.frozen_columns
    for cell in look.cells:
        area = Area(cell.row, cell.column, cell.row, cell.column + cell.across - 1)
        covered = [(cell.row, column) for column in range(cell.column + 1, cell.column + cell.across)]
        narrower = [each for each in tab.merges if each != area and area.covers(each) and each.left == area.left]
        others = (merge for merge in tab.merges if merge not in narrower)
        if not covered or crosses_freeze(cell, frozen) or any(merge.meets(area) for merge in others):
            continue
        if not any(place in filled or tab.value(*place) for place in covered):
            for former in narrower:
                yield {"unmergeCells": {"range": grid_range(tab.sheet_id, former)}}
            yield {"mergeCells": {"range": grid_range(tab.sheet_id, area), "mergeType": "MERGE_ALL"}}
