"""What is wrong in a mailed list, where it stands in that list, whatever layout it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from automation.core.config.values import Config
from automation.core.judging.judging import judge
from automation.core.judging.lists.unit_table import UnitTable, find_unit_table
from automation.core.model.problems import Problem
from automation.core.model.units import Severity, Unit
from automation.core.model.workbook import Snapshot

_COLUMN = 16_384


class Marks(Struct, frozen=True):
    """The marks of one tab of a mailed file."""

    tab: str
    """`Tab.title`"""
    header_row: int
    column: int
    """Where the messages go: right of everything."""
    messages: Mapping[int, str]
    """What is wrong, by line."""
    errors: frozenset[tuple[int, int]] = frozenset()
    """(line, column) of the cells that keep somebody from being done."""
    warnings: frozenset[tuple[int, int]] = frozenset()
    problems: tuple[Problem, ...] = ()
    """Why the list could not be judged."""


def marks_of(table: UnitTable, unit: Unit, config: Config, now: datetime, said: Mapping[int, str]) -> Marks:
    """The list judged by itself, columns that it lacks left aside. `said`: what else there is to say, by line."""
    tab = replace(table.tab, key="list", title=unit.tab_title, tag="", anchors=None)
    fields = tuple(replace(field, required=False) for field in config.fields)
    alone = replace(config, units=(replace(unit, workbook=""),), fields=fields)
    judged = judge(Snapshot((tab,)), alone, {}, now)
    found = find_unit_table(unit.code, tab, alone) or table
    sentences = zip(judged.people["row"], judged.people["sheet_errors"], strict=True)
    messages = _together([*said.items(), *((int(row), sentence) for row, sentence in sentences)])
    cells: dict[Severity, set[tuple[int, int]]] = {severity: set() for severity in Severity}
    for row, code, severity in judged.findings[["row", "field", "severity"]].itertuples(index=False):
        if code in found.table.columns:
            cells[Severity(severity)] |= {(int(row), column) for column in found.table.columns_of(code)}
    return Marks(
        table.tab.title,
        table.table.header_row,
        _free_column(table),
        messages,
        frozenset(cells[Severity.ERROR]),
        frozenset(cells[Severity.WARNING] - cells[Severity.ERROR]),
        tuple(each.problem for each in judged.unreadable),
    )


def _together(said: Iterable[tuple[int, str]]) -> dict[int, str]:
    messages: dict[int, str] = {}
    for row, sentence in said:
        if sentence:
            messages[row] = f"{messages[row]}\n{sentence}" if row in messages else sentence
    return messages


def _free_column(table: UnitTable) -> int:
    """Beyond all cells; what is merged over whole lines has no end."""
    rights = [area.right for area in table.tab.merged if area.right < _COLUMN]
    return max([table.width, *rights]) + 1 if table.width < _COLUMN else _COLUMN
