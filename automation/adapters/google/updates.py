"""From changed cells to the bodies of `values:batchUpdateByDataFilter`.

A cell in a tab that people change is written through the anchor of its column, or of its line, which Google resolves at
the instant of the write. Cells of tabs that are the bot's alone are written to their places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from msgspec import Struct

from automation.adapters.google.api.values import as_kept, cell_data
from automation.adapters.google.drawing.anchors import anchor_id, lookup
from automation.core.model.workbook import AddedRows, Cell, CellChange, is_of_line

MOST_BYTES = 2_000_000
"""Of one body: what Google recommends as the most (Sheets API usage limits)."""

_CELL_BYTES = 10
_SKIPPED_BYTES = 5
_GAP_ROWS = 10
"""Rows without changes that are passed over rather than begun anew behind."""
_SPARE_ROWS = 500
"""How far a grid grows at least, so that it need not grow in every cycle."""


class Grid(Struct, frozen=True):
    """How large a tab is."""

    title: str
    rows: int
    columns: int


class Update(Struct, frozen=True):
    """One write: its cells, and the body that carries them."""

    cells: tuple[CellChange, ...]
    body: dict[str, Any]


def updates(cells: Sequence[CellChange]) -> Iterator[Update]:
    """The writes that bring `cells` in: one, or several where it would get too large. What belongs to one row of a tab
    goes together, but for what is known by its line: what Google does where lines cross columns, nobody says.
    """
    ordered = sorted(cells, key=attrgetter("tab", "row", "column"))
    in_lines = [change for change in ordered if is_of_line(change.anchor)]
    others = [change for change in ordered if not is_of_line(change.anchor)] if in_lines else ordered
    for part in chain(_parts(others), _parts(in_lines)):
        data = [entry for tab, of_tab in _by_tab(part) for entry in _entries(int(tab), of_tab)]
        yield Update(tuple(part), {"valueInputOption": "RAW", "data": data})


def _by_tab(cells: Iterable[CellChange]) -> Iterator[tuple[str, list[CellChange]]]:
    return ((tab, list(of_tab)) for tab, of_tab in groupby(cells, key=lambda change: change.tab))


def _parts(cells: Sequence[CellChange]) -> Iterator[list[CellChange]]:
    """Split by size, between two rows."""
    part: list[CellChange] = []
    size, lines = 0, (0, 0)
    for (_, number), of_row in groupby(cells, key=attrgetter("tab", "row")):
        row = list(of_row)
        columns, rows = lines = max(lines[0], len(row)), max(lines[1], number)
        row_size = sum(_size(change.value) for change in row) + columns * _SKIPPED_BYTES
        skipped = columns * rows * _SKIPPED_BYTES
        if part and size + row_size + skipped > MOST_BYTES:
            yield part
            part, size, lines = [], 0, (0, 0)
        part += row
        size += row_size
    if part:
        yield part


def _size(value: Cell) -> int:
    return _CELL_BYTES + (_text_size(value) if isinstance(value, str) else 20)


@lru_cache(maxsize=1 << 14)  # most results are those of many people
def _text_size(value: str) -> int:
    return len(value.encode("utf-8", "replace")) + value.count("\n")


def _entries(sheet: int, cells: Sequence[CellChange]) -> Iterator[dict[str, Any]]:
    by_code: dict[str, list[CellChange]] = defaultdict(list)
    for change in cells:
        by_code[change.anchor].append(change)
    for code, changes in by_code.items():
        if not code:
            yield from _placed(sheet, changes)
            continue
        in_line = is_of_line(code)
        sent = {(change.column if in_line else change.row): _sent(change.value) for change in changes}
        values = [sent.get(place) for place in range(1, max(sent) + 1)]
        dimension = "ROWS" if in_line else "COLUMNS"
        yield {"dataFilter": lookup(anchor_id(sheet, code)), "majorDimension": dimension, "values": [values]}


def _placed(sheet: int, changes: Sequence[CellChange]) -> Iterator[dict[str, Any]]:
    for block in _blocks(changes):
        cells = {(change.row, change.column): _sent(change.value) for change in block}
        top, bottom = block[0].row, block[-1].row
        left, right = (limit(change.column for change in block) for limit in (min, max))
        area = {
            "sheetId": sheet,
            "startRowIndex": top - 1,
            "endRowIndex": bottom,
            "startColumnIndex": left - 1,
            "endColumnIndex": right,
        }
        values = [[cells.get((row, column)) for column in range(left, right + 1)] for row in range(top, bottom + 1)]
        yield {"dataFilter": {"gridRange": area}, "majorDimension": "ROWS", "values": values}


def _blocks(changes: Sequence[CellChange]) -> Iterator[list[CellChange]]:
    """Runs of rows that lie near each other."""
    block: list[CellChange] = []
    for change in changes:
        if block and change.row > block[-1].row + _GAP_ROWS:
            yield block
            block = []
        block.append(change)
    if block:
        yield block


def _sent(kept: Cell) -> Any:
    """None leaves a cell alone there; an empty text empties it."""
    return "" if kept is None else kept


def growth(cells: Sequence[CellChange], grids: Mapping[str, Grid]) -> list[dict[str, Any]]:
    """The requests that make room in the bot's own tabs, with some to spare."""
    ordered = sorted(cells, key=lambda change: change.tab)
    return [request for tab, of_tab in _by_tab(ordered) for request in _grown(tab, of_tab, grids[tab])]


def _grown(tab: str, cells: Sequence[CellChange], grid: Grid) -> Iterator[dict[str, Any]]:
    placed = [change for change in cells if not change.anchor]
    for dimension, present, needed, spare in (
        ("ROWS", grid.rows, max((change.row for change in placed), default=0), _SPARE_ROWS),
        ("COLUMNS", grid.columns, max((change.column for change in placed), default=0), 0),
    ):
        if needed > present:
            length = needed - present + spare
            yield {"appendDimension": {"sheetId": int(tab), "dimension": dimension, "length": length}}


def insertion(added: AddedRows) -> list[dict[str, Any]]:
    """The requests that make room for new rows and fill it."""
    sheet, end = int(added.tab), added.below + len(added.rows)
    place = {"sheetId": sheet, "dimension": "ROWS", "startIndex": added.below, "endIndex": end}
    start = {"sheetId": sheet, "rowIndex": added.below, "columnIndex": 0}
    rows = [{"values": _cells_of(row)} for row in added.rows]
    return [
        {"insertDimension": {"range": place, "inheritFromBefore": added.like_above}},
        {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}},
    ]


def _cells_of(row: Mapping[int, Cell]) -> list[dict[str, Any]]:
    return [cell_data(as_kept(row.get(column))) for column in range(1, max(row, default=0) + 1)]
