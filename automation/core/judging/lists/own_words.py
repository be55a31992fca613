"""Columns that bear the header of a result and may hold words of the unit's own: nothing is written there until it is
known whose they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from automation.core.config.computed import COMPUTED, HIDDEN, ComputedCode, overdue_result
from automation.core.config.values import Config
from automation.core.judging.people import UnitTable
from automation.core.model.workbook import Cell
from automation.core.reading.cells import is_blank


def columns_headed(table: UnitTable, code: str) -> list[int]:
    """Every column that bears the header of a field, the first one first."""
    first = table.table.columns.get(code)
    return [column for column in (first, *(c for other, c in table.table.repeated if other == code)) if column]


def columns_in_doubt(table: UnitTable, config: Config) -> dict[str, Sequence[int]]:
    """By the code of a result, the columns that may be the unit's own: several bear its header, or one in a list that
    was never judged has something in it, or one that is headed as results are shows something else though ours was
    known by its identity. A column that is so known is ours.
    """
    headed = {code: columns_headed(table, code) for code in COMPUTED if code not in HIDDEN}
    known = table.tab.anchors or {}
    unknown = {code: columns for code, columns in headed.items() if columns and known.get(code) not in columns}
    if not unknown:
        return {}
    if table.beside:  # a second list repeats all headers, and is told as that
        unknown = {code: columns[:1] for code, columns in unknown.items()}
    judged = is_judged(table, config)
    others = {
        code for code in (ComputedCode.RESULT,) if known and code not in known and not _are_results(table, config)
    }
    return {
        code: columns
        for code, columns in unknown.items()
        if len(columns) > 1 or not (_is_empty(table.below(columns[0])) or (judged and code not in others))
    }


def is_judged(table: UnitTable, config: Config) -> bool:
    """Whether a cycle has written into the list: the hidden column is filled, or most results are such as we write."""
    hidden = table.table.columns.get(ComputedCode.JUDGED)
    return bool(hidden and not _is_empty(table.below(hidden))) or _are_results(table, config)


def _are_results(table: UnitTable, config: Config) -> bool:
    """Whether most of what stands below the first header of results are some."""
    shown = table.table.columns.get(ComputedCode.RESULT)
    results = [cell for cell in table.below(shown) if not is_blank(cell)] if shown else []
    labels = [status.label for status in config.statuses]
    ours = {*labels, *map(overdue_result, labels)}
    return sum(cell in ours for cell in results) * 2 > len(results)


def _is_empty(cells: Collection[Cell]) -> bool:
    return all(cell is None or is_blank(cell) for cell in cells)
