"""From changed cells to the bodies of `spreadsheets.batchUpdate`, and from its answer back to rows.

A body brings its own proof: the answer holds the touched rows, and the lines above the tables, as they stand right
after the write, in the same atomic step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from automation.adapters.google.api.values import cell_data, cells_of_grid
from automation.core.model.workbook import Cell, CellChange, column_letter
from automation.core.reading.tables import HEADER_SEARCH_ROWS
from automation.core.writing.tracing import Rows

MOST_BYTES = 2_000_000
"""Of one body: what Google recommends as the most (Sheets API usage limits)."""
READ_BACK_FIELDS = (
    "updatedSpreadsheet(sheets(properties(sheetId),data(startRow,startColumn,rowData(values(effectiveValue)))))"
)

_CELL_BYTES = 45
_ROW_BYTES = 180
"""What JSON needs around a value, and around a row that stands alone."""
_JOINED_ROWS = 10
_MOST_RANGES = 12
_SPARE_COLUMNS = 3


@dataclass(frozen=True)
class Grid:
    """How a tab is called and how large it is, now."""

    title: str
    rows: int
    columns: int


@dataclass(frozen=True)
class Batch:
    """One write: its cells, and the body that carries them."""

    cells: tuple[CellChange, ...]
    body: dict[str, Any]


def batches(cells: Sequence[CellChange], grids: Mapping[str, Grid], widths: Mapping[str, int]) -> Iterator[Batch]:
    """The writes that bring `cells` in: one, or several where it would get too large.

    `grids` by `Tab.key`; `widths`: how many columns of each tab are in use.
    """
    ordered = sorted(cells, key=lambda change: (change.tab, change.row, change.column))
    for part in _parts(ordered):
        touched = {tab: list(of_tab) for tab, of_tab in groupby(part, key=lambda change: change.tab)}
        requests: list[dict[str, Any]] = []
        ranges: list[str] = []
        for tab, changes in touched.items():
            requests += _growth(int(tab), changes, grids[tab])
            requests += _updates(int(tab), changes)
            width = max(widths.get(tab, 1), *(change.column for change in changes)) + _SPARE_COLUMNS
            ranges += _ranges(grids[tab].title, sorted({change.row for change in changes}), width)
        yield Batch(
            tuple(part),
            {
                "requests": requests,
                "includeSpreadsheetInResponse": True,
                "responseRanges": ranges,
                "responseIncludeGridData": True,
            },
        )


def _parts(cells: Sequence[CellChange]) -> Iterator[list[CellChange]]:
    """Split by size, between two rows."""
    part: list[CellChange] = []
    size = 0
    for _, of_row in groupby(cells, key=lambda change: (change.tab, change.row)):
        row = list(of_row)
        row_size = _ROW_BYTES + sum(_size(change.value) for change in row)
        if part and size + row_size > MOST_BYTES:
            yield part
            part, size = [], 0
        part += row
        size += row_size
    if part:
        yield part


def _size(value: Cell) -> int:
    return _CELL_BYTES + (len(value.encode()) + value.count("\n") if isinstance(value, str) else 20)


# --- requests ---------------------------------------------------------------------------------------------


def _growth(sheet: int, changes: Sequence[CellChange], grid: Grid) -> Iterator[dict[str, Any]]:
    for dimension, present, needed in (
        ("ROWS", grid.rows, max(change.row for change in changes)),
        ("COLUMNS", grid.columns, max(change.column for change in changes)),
    ):
        if needed > present:
            yield {"appendDimension": {"sheetId": sheet, "dimension": dimension, "length": needed - present}}


@dataclass
class _Block:
    """Neighbouring rows with changes in the same neighbouring columns."""

    row: int
    column: int
    rows: list[list[Cell]]


def _updates(sheet: int, changes: Sequence[CellChange]) -> Iterator[dict[str, Any]]:
    for block in _blocks(changes):
        start = {"sheetId": sheet, "rowIndex": block.row - 1, "columnIndex": block.column - 1}
        rows = [{"values": [cell_data(value) for value in row]} for row in block.rows]
        yield {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}


def _blocks(changes: Sequence[CellChange]) -> Iterator[_Block]:
    open_blocks: dict[tuple[int, int], _Block] = {}
    for number, of_row in groupby(changes, key=lambda change: change.row):
        still_open: dict[tuple[int, int], _Block] = {}
        for column, values in _runs(list(of_row)):
            block = open_blocks.get((column, len(values)))
            if block and block.row + len(block.rows) == number:
                block.rows.append(values)
            else:
                if block:
                    yield block
                block = _Block(number, column, [values])
            still_open[column, len(values)] = block
        yield from (block for key, block in open_blocks.items() if key not in still_open)
        open_blocks = still_open
    yield from open_blocks.values()


def _runs(row: Sequence[CellChange]) -> Iterator[tuple[int, list[Cell]]]:
    start, values = row[0].column, list[Cell]()
    for change in row:
        if change.column != start + len(values):
            yield start, values
            start, values = change.column, []
        values.append(change.value)
    yield start, values


# --- read-back --------------------------------------------------------------------------------------------


def _ranges(title: str, rows: Sequence[int], width: int) -> Iterator[str]:
    quoted = title.replace("'", "''")
    for first, last in read_back_rows(rows):
        yield f"'{quoted}'!A{first}:{column_letter(width)}{last}"


def read_back_rows(rows: Iterable[int]) -> list[tuple[int, int]]:
    """(first, last) of the runs that are read back after a write to `rows`: the lines above a table always, gaps of
    a few rows too.
    """
    runs = [(1, HEADER_SEARCH_ROWS)]
    for row in rows:
        first, last = runs[-1]
        if row <= last + _JOINED_ROWS:
            runs[-1] = (first, max(last, row))
        else:
            runs.append((row, row))
    return runs if len(runs) <= _MOST_RANGES else [runs[0], (runs[1][0], runs[-1][1])]


def rows_read_back(answer: Mapping[str, Any]) -> dict[str, Rows]:
    """The rows in the answer to a batch, by `Tab.key` and number; blank rows may be missing."""
    found: dict[str, dict[int, list[Cell]]] = {}
    for sheet in answer.get("updatedSpreadsheet", {}).get("sheets", ()):
        rows = found.setdefault(str(sheet.get("properties", {}).get("sheetId", 0)), {})
        for data in sheet.get("data", ()):
            first, left = data.get("startRow", 0) + 1, data.get("startColumn", 0)
            for number, row in enumerate(data.get("rowData", ()), start=first):
                rows[number] = [None] * left + cells_of_grid(row)
    return {tab: dict(rows) for tab, rows in found.items()}
