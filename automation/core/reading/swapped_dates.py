"""Whether a column of dates looks as it does where a spreadsheet set to another country took the month for the day.

There `05/03/1985` became the third of May, and `15/03/1985`, of which no such date can be made, stayed a text. So all
its dates have days that might be months. Beside them stand texts of dates whose days could be none, or they contradict
what stands in the same lines and would not if day and month were exchanged. The year is the same either way: the birth
year in an identity number tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date

from msgspec import Struct

from automation.core.model.workbook import Cell
from automation.core.reading.cells import read_date

_LEAST_DATES, _LEAST_TEXTS, _LEAST_MENDED = 6, 2, 2
"""Of six dates typed as they are, all have such days once in 250 columns; what else is asked for makes it rarer."""
_MONTHS = 12


class Neighbour(Struct, frozen=True):
    """Other dates of the same people, line by line."""

    cells: Sequence[Cell]
    is_earlier: bool
    """Whether those in question must not come before them; else not after."""


def seem_swapped(cells: Collection[Cell], neighbours: Callable[[], Iterable[Neighbour]] = list) -> bool:
    """`cells`: of one column, from its first person on. `neighbours`: asked for where they matter."""
    return _have_low_days(cells) and (_are_texts_beside(cells) or _would_fit(cells, neighbours()))


def exchanged(day: date) -> date | None:
    """The day with day and month exchanged; None where that is none, or the same."""
    return day.replace(day=day.month, month=day.day) if day.day <= _MONTHS and day.day != day.month else None


def _have_low_days(cells: Iterable[Cell]) -> bool:
    count = 0
    for cell in cells:
        if cell is None or isinstance(cell, str):
            continue
        day = read_date(cell)
        if isinstance(day, date):
            if day.day > _MONTHS:
                return False
            count += 1
    return count >= _LEAST_DATES


def _are_texts_beside(cells: Iterable[Cell]) -> bool:
    found = 0
    for cell in cells:
        day = read_date(cell) if isinstance(cell, str) else None
        found += isinstance(day, date) and day.day > _MONTHS
        if found == _LEAST_TEXTS:
            return True
    return False


def _would_fit(cells: Collection[Cell], neighbours: Iterable[Neighbour]) -> bool:
    """Whether enough of them fit their neighbours exchanged and not as they are, and fewer the other way round."""
    mended = broken = 0
    for other in neighbours:
        for cell, beside in zip(cells, other.cells, strict=True):
            day, limit = _date(cell), _certain(beside)
            if day is None or limit is None or (turned := exchanged(day)) is None:
                continue
            fits, would = ((limit <= each) if other.is_earlier else (each <= limit) for each in (day, turned))
            mended += would > fits
            broken += fits > would
    return mended >= _LEAST_MENDED and mended > broken


def _date(cell: Cell) -> date | None:
    day = None if cell is None or isinstance(cell, str) else read_date(cell)
    return day if isinstance(day, date) else None


def _certain(cell: Cell) -> date | None:
    """The day, where it can't have been exchanged itself."""
    if cell is None:
        return None
    day = read_date(cell)
    if not isinstance(day, date):
        return None
    return day if isinstance(cell, str) or exchanged(day) is None else None
