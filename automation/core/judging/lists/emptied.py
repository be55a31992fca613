"""The line that stands in a list whose people were removed on purpose."""

from __future__ import annotations

from automation.base.messages import text
from automation.core.model.workbook import Cell, Row
from automation.core.reading.cells import is_blank


def emptied_line(said: str) -> str:
    """What stands in the first cell of a list that was removed. `said`: when, and where that is certified."""
    return text("units.emptied.line", said=said)


def is_emptied_line(cell: Cell) -> bool:
    """Whether a cell holds such a line."""
    return isinstance(cell, str) and cell.startswith(text("units.emptied.line", said=""))


def is_emptied_row(row: Row) -> bool:
    """Whether such a line alone stands in a row: who types beside it is a person of the list."""
    return bool(row) and is_emptied_line(row[0]) and all(cell is False or is_blank(cell) for cell in row[1:])
