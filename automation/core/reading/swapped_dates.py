"""Whether a column of dates looks as it does where a spreadsheet set to another country took the month for the day.

There `05/03/1985` became the third of May, and `15/03/1985`, of which no such date can be made, stayed a text. So all
its dates have days that might be months, and beside them stand texts of dates whose days could be none.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from automation.core.model.workbook import Cell
from automation.core.reading.cells import read_date

_LEAST_DATES, _LEAST_TEXTS = 6, 2
"""Of six dates typed as they are, all have such days once in 250 columns; texts beside them make it rarer by far."""
_MONTHS = 12


def seem_swapped(cells: Collection[Cell]) -> bool:
    """`cells`: of one column, from its first person on."""
    count = 0
    for cell in cells:
        if cell is None or isinstance(cell, str):
            continue
        day = read_date(cell)
        if isinstance(day, date):
            if day.day > _MONTHS:
                return False
            count += 1
    return count >= _LEAST_DATES and _are_texts_beside(cells)


def _are_texts_beside(cells: Collection[Cell]) -> bool:
    found = 0
    for cell in cells:
        day = read_date(cell) if isinstance(cell, str) else None
        found += isinstance(day, date) and day.day > _MONTHS
        if found == _LEAST_TEXTS:
            return True
    return False
