"""Rows of a config tab while cells are put into them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from automation.core.model.workbook import Cell, Row
from automation.core.reading.cells import is_blank
from automation.core.reading.columns import cell_of

Value: TypeAlias = tuple[int, int, Cell]
"""(row, column, value), as `TabLook.values` has them."""


def is_empty(rows: Sequence[Row]) -> bool:
    """Whether a tab holds nothing at all."""
    return all(is_blank(cell) for row in rows for cell in row)


class Draft:
    """Rows of a tab, and which of their cells are no longer as they were."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = [list(row) for row in rows]
        self._values: dict[tuple[int, int], Cell] = {}

    @property
    def values(self) -> tuple[Value, ...]:
        """What has to be written."""
        return tuple((*place, value) for place, value in self._values.items())

    def clear(self, row: int, column: int) -> None:
        """Empty a cell of the bot."""
        if not is_blank(self.cell(row, column)):
            self.rows[row - 1][column - 1] = None
            self._values[row, column] = None

    def put(self, row: int, column: int, value: Cell) -> None:
        """Fill a blank cell; anything that stands there stays."""
        if value is None or not is_blank(self.cell(row, column)):
            return
        self.rows.extend([] for _ in range(row - len(self.rows)))
        cells = self.rows[row - 1]
        cells.extend([None] * (column - len(cells)))
        cells[column - 1] = value
        self._values[row, column] = value

    def replace(self, row: int, column: int, value: Cell) -> None:
        """Set a cell of the bot."""
        if self.cell(row, column) != value:
            self.clear(row, column)
            self.put(row, column, value)

    def put_row(self, row: int, cells: Row) -> None:
        """Fill the blank cells of a row, from the first column on."""
        for column, value in enumerate(cells, start=1):
            self.put(row, column, value)

    def next_row(self) -> int:
        """The line below everything that holds something."""
        filled = (number for number, row in enumerate(self.rows, start=1) if not is_empty([row]))
        return max(filled, default=0) + 1

    def cell(self, row: int, column: int) -> Cell:
        """The cell as it reads now; None outside the rows."""
        return cell_of(self.rows[row - 1], column) if row <= len(self.rows) else None
