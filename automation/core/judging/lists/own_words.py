"""Columns that bear the header of a result and may hold words of the unit's own: nothing is written there until it is
known whose they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from automation.base.messages import text
from automation.core.config.computed import COMPUTED, HIDDEN, ComputedCode, overdue_result
from automation.core.config.values import TO_CORRECT, Config
from automation.core.judging.lists.digest import inputs_text, made_of, row_digests, shown_fields
from automation.core.judging.lists.emptied import is_emptied_line
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.model.units import Severity
from automation.core.model.workbook import Cell
from automation.core.reading.cells import is_blank


def columns_in_doubt(table: UnitTable, config: Config) -> dict[str, Sequence[int]]:
    """By the code of a result, the columns that may be the unit's own: several bear its header, or most of what stands
    in the one was not written by the bot. A column that is known by its identity is ours. Asked several times a cycle.
    """
    known = table.worked_out.get(columns_in_doubt)
    if known is None or known[0] is not config:
        known = table.worked_out[columns_in_doubt] = config, _in_doubt(table, config)
    return known[1]


def _in_doubt(table: UnitTable, config: Config) -> dict[str, Sequence[int]]:
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
    cells = Counter(table.below(shown) if shown else ())
    is_ours = _results(config)
    ours = sum(number for cell, number in cells.items() if is_ours(cell))
    return ours * 2 > sum(number for cell, number in cells.items() if not is_blank(cell))


def _holds_ours(table: UnitTable, code: str, column: int, config: Config) -> bool:
    """Whether most of what stands there is such as we write, or the digest beside it says that it is what we wrote:
    the words may be others by now. In a file half is enough, and one cell, where there is but one person, was typed
    over.
    """
    cells, is_like_ours = table.below(column), _WORDS[code](config)
    not_ours = {
        cell: number for cell, number in Counter(cells).items() if not (is_like_ours(cell) or is_emptied_line(cell))
    }
    strange = {cell for cell in not_ours if not is_blank(cell)}
    others = sum(not_ours[cell] for cell in strange)
    count = len(cells) - sum(not_ours.values()) + others  # of the cells that are filled
    if table.tab.anchors is not None:
        most = (count - 1) // 2
    else:
        most = count // 2 if count > 1 else _people(table) == 1
    if others <= most:
        return True
    return others - _agreeing(table, [line for line, cell in enumerate(cells) if cell in strange], config) <= most


def _people(table: UnitTable) -> int:
    return sum(not all(map(is_blank, row)) for _, row in table.body)


def _agreeing(table: UnitTable, lines: Sequence[int], config: Config) -> int:
    """Beside how many of these lines below the headers stands the digest of what they hold."""
    shown = shown_fields(table.table.columns)
    inputs, start = made_of(table.table, shown, config)
    rows = [table.row(table.table.header_row + 1 + line) for line in lines]
    results = [[table.table.cell(row, code) for code in shown] for row in rows]
    digests = row_digests([inputs_text(row, inputs) for row in rows], results, start)
    kept = (table.table.cell(row, ComputedCode.JUDGED) for row in rows)
    return sum(one == other for one, other in zip(kept, digests, strict=True))


def _is_empty(cells: Collection[Cell]) -> bool:
    return all(is_blank(cell) or is_emptied_line(cell) for cell in set(cells))


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
