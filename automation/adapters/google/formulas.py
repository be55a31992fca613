"""The formulas of a tab, out of what its cells show and what was entered into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from automation.adapters.google.api.values import same_cell
from automation.core.model.workbook import Cell, Formula, Row


def formulas_in(entered: Sequence[Row], shown: Sequence[Row]) -> Mapping[tuple[int, int], Formula] | None:
    """By row and column. None where the two are not of one state: a cell without a formula shows something else than
    what was entered.
    """
    found: dict[tuple[int, int], Formula] = {}
    for number, (row, beside) in enumerate(zip_longest(entered, shown, fillvalue=()), start=1):
        for column, (typed, seen) in enumerate(zip_longest(row, beside), start=1):
            if _is_formula(typed, seen):
                found[number, column] = Formula(typed)
            elif not same_cell(typed, seen):
                return None
    return found


def _is_formula(typed: Cell, seen: Cell) -> bool:
    """Text that only begins as one shows itself."""
    return isinstance(typed, str) and typed.startswith("=") and typed != seen
