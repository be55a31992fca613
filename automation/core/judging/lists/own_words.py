"""Columns that bear the header of a result and may hold words of the unit's own: nothing is written there until it is
known whose they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from automation.base.messages import text
from automation.core.config.computed import COMPUTED, HIDDEN, ComputedCode, overdue_result
from automation.core.config.values import TO_CORRECT, Config
from automation.core.judging.lists.digest import (
    input_columns,
    inputs_text,
    judged_fields,
    row_digests,
    shown_fields,
    signature,
)
from automation.core.judging.people import UnitTable
from automation.core.model.units import Severity
from automation.core.model.workbook import Cell
from automation.core.reading.cells import is_blank


def columns_in_doubt(table: UnitTable, config: Config) -> dict[str, Sequence[int]]:
    """By the code of a result, the columns that may be the unit's own: several bear its header, or most of what stands
    in the one was not written by the bot. A column that is known by its identity is ours.
    """
    headed = {code: table.table.headed(code) for code in COMPUTED if code not in HIDDEN}
    known = table.tab.anchors or {}
    unknown = {code: columns for code, columns in headed.items() if columns and known.get(code) not in columns}
    if not unknown:
        return {}
    if table.beside:  # a second list repeats all headers, and is told as that
        unknown = {code: columns[:1] for code, columns in unknown.items()}
    judged = is_judged(table, config)
    return {
        code: columns
        for code, columns in unknown.items()
        if len(columns) > 1
        or not (_is_empty(table.below(columns[0])) or (judged and _holds_ours(table, code, columns[0], config)))
    }


def is_judged(table: UnitTable, config: Config) -> bool:
    """Whether a cycle has written into the list: the hidden column is filled, or most results are such as we write."""
    hidden = table.table.columns.get(ComputedCode.JUDGED)
    if hidden and not _is_empty(table.below(hidden)):
        return True
    shown = table.table.columns.get(ComputedCode.RESULT)
    cells = [cell for cell in table.below(shown) if not is_blank(cell)] if shown else []
    return sum(map(_results(config), cells)) * 2 > len(cells)


def _holds_ours(table: UnitTable, code: str, column: int, config: Config) -> bool:
    """Whether most of what stands there is such as we write, or the digest beside it says that it is what we wrote:
    the words may be others by now. In a file half is enough, and one cell, where there is but one person, was typed
    over.
    """
    cells, is_like_ours = table.below(column), _WORDS[code](config)
    filled = [line for line, cell in enumerate(cells) if not is_blank(cell)]
    others = [line for line in filled if not is_like_ours(cells[line])]
    people = sum(not all(map(is_blank, row)) for _, row in table.body)
    most = (len(filled) - 1) // 2 if table.tab.anchors is not None else max(len(filled) // 2, people == 1)
    return len(others) <= most or len(others) - _agreeing(table, others, config) <= most


def _agreeing(table: UnitTable, lines: Sequence[int], config: Config) -> int:
    """Beside how many of these lines below the headers stands the digest of what they hold."""
    columns = table.table.columns
    fields, shown = judged_fields(config, columns), shown_fields(columns)
    inputs = input_columns(fields, table.table.columns_of)
    rows = [table.row(table.table.header_row + 1 + line) for line in lines]
    results = [[table.table.cell(row, code) for code in shown] for row in rows]
    digests = row_digests([inputs_text(row, inputs) for row in rows], results, signature((*fields, *shown)))
    kept = (table.table.cell(row, ComputedCode.JUDGED) for row in rows)
    return sum(one == other for one, other in zip(kept, digests, strict=True))


def _is_empty(cells: Collection[Cell]) -> bool:
    return all(cell is None or is_blank(cell) for cell in cells)


# --- what the bot writes ----------------------------------------------------------------------------------


def _results(config: Config) -> Callable[[Cell], bool]:
    labels = [status.label for status in config.statuses]
    return {*labels, *map(overdue_result, labels)}.__contains__


def _next_steps(config: Config) -> Callable[[Cell], bool]:
    steps = [step for each in config.statuses for step in (each.todo, *(other.text for other in each.steps))]
    wholes = {step.replace(TO_CORRECT, "") for step in steps}
    headers = "|".join(re.escape(field.header) for field in config.fields)
    one = re.escape(text("rules.todo_correct", header="\n", fix="").strip()).replace("\\\n", f"(?:{headers})")
    several = re.escape(text("rules.todo_correct_all", count="\n", headers="").strip()).replace("\\\n", r"\d+")
    leads = "|".join(re.escape(step.partition(TO_CORRECT)[0]) for step in steps if TO_CORRECT in step)
    mends = re.compile(f"(?:{leads})(?:{one}|{several})")
    return lambda cell: cell in wholes or (isinstance(cell, str) and mends.match(cell) is not None)


def _mistakes(_config: Config) -> Callable[[Cell], bool]:
    begun = tuple(text("rules.to_correct", severity=each.value, message="") for each in Severity)
    return lambda cell: isinstance(cell, str) and cell.startswith(begun)


_WORDS: Mapping[str, Callable[[Config], Callable[[Cell], bool]]] = {
    ComputedCode.RESULT: _results,
    ComputedCode.TODO: _next_steps,
    ComputedCode.TO_CORRECT: _mistakes,
}
"""By code of a column, whether a cell holds such words as we write there."""
