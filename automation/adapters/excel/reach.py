"""How far a tab reaches: somebody's mark at the end of the sheet makes no table of a million rows.

Rows of values have a place for every column up to their last and a tab one for every row up to its last, so both end
where nothing but strays lies beyond.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TypeAlias

from msgspec import Struct

from automation.adapters.excel.budget import Room
from automation.core.model.workbook import Cell, Row, cell_name

FilledCells: TypeAlias = tuple[tuple[int, ...], tuple[Cell, ...]]
"""Columns and values of the cells of a row that hold something, in the order of the file."""

_POINTER = 8
_MOST_PATTERNS = 1_000
LAST_ROW = 1_048_576
MOST_BLANK_ROWS = 1_000
MOST_BLANK_COLUMNS = 100
"""What lies behind so many that hold nothing at all belongs to no table."""


class Area(Struct, frozen=True):
    """The rows of a tab as far as it reaches."""

    rows: Sequence[Row]
    left_out: str = ""
    """The first cell that lies beyond, as "XFD4"; "" where none does."""


def within_reach(rows: Iterable[tuple[int, FilledCells]], room: Room) -> Area:
    """The rows of (number, filled cells), blank ones in between.

    Raises TooLarge where that takes more room than there is, ValueError where a row has the number of another or lies
    beyond the last: whoever reads on loses what it holds, and Excel opens no such file either.
    """
    by_number = _by_number(rows)
    numbers = sorted(by_number)
    last_row = end_of(numbers, MOST_BLANK_ROWS)
    held = _columns(by_number.values())
    last_column = end_of(held, MOST_BLANK_COLUMNS)
    room.take(_POINTER * last_row)
    padded: list[Row] = [()] * last_row
    pad = _Padding(last_column)
    for number in numbers:
        if number > last_row:
            break
        row = padded[number - 1] = pad(*by_number[number])
        room.take(_POINTER * len(row))
    while padded and not padded[-1]:
        padded.pop()
    lies_beyond = bool(numbers) and (numbers[-1] > last_row or max(held) > last_column)
    return Area(padded, _first_beyond(by_number, last_row, last_column) if lies_beyond else "")


def _first_beyond(by_number: Mapping[int, FilledCells], last_row: int, last_column: int) -> str:
    """The name of the first cell that lies beyond these."""
    number = min(number for number, (held, _) in by_number.items() if number > last_row or max(held) > last_column)
    held, _ = by_number[number]
    return cell_name(number, next(column for column in held if number > last_row or column > last_column))


def _by_number(rows: Iterable[tuple[int, FilledCells]]) -> dict[int, FilledCells]:
    found: dict[int, FilledCells] = {}
    for number, cells in rows:
        if number > LAST_ROW or found.setdefault(number, cells) is not cells:
            raise ValueError(number)
    return found


def end_of(numbers: Iterable[int], most_blank: int) -> int:
    """The last of the numbers of rows or columns that hold something before the first long gap."""
    end = 0
    for number in sorted(numbers):
        if number - end > most_blank + 1:
            break
        end = number
    return end


def _columns(rows: Iterable[FilledCells]) -> set[int]:
    return {column for columns in {columns for columns, _ in rows} for column in columns}


class _Padding:
    """Puts values of the columns that hold something into rows with a place for every column. Rows have few patterns of
    columns, so what each takes is worked out once.
    """

    def __init__(self, last_column: int) -> None:
        self._last_column = last_column
        self._known: dict[tuple[int, ...], Callable[[tuple[Cell, ...]], Row]] = {}

    def __call__(self, columns: tuple[int, ...], values: tuple[Cell, ...]) -> Row:
        pad = self._known.get(columns)
        if pad is None:
            places = self._places(columns)
            pad = itemgetter(*places) if len(places) > 1 else _only(places)
            if len(self._known) < _MOST_PATTERNS:
                self._known[columns] = pad
        return pad((*values, None))

    def _places(self, columns: tuple[int, ...]) -> Sequence[int]:
        """For each column up to the last one the place of its value, the one behind all for none."""
        at = {column: place for place, column in enumerate(columns) if column <= self._last_column}
        return [at.get(column, len(columns)) for column in range(1, max(at, default=0) + 1)]


def _only(places: Sequence[int]) -> Callable[[tuple[Cell, ...]], Row]:
    """What `itemgetter` makes of several places, for one or none."""
    return lambda values: tuple(values[place] for place in places)
