"""Units whose code was changed in the registry while their tab stayed: asked about, and remembered as the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from automation.base.messages import text
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.model.problems import Problem
from automation.core.model.units import Unit, UnitRecord


class RenamedUnit(Struct, frozen=True):
    """The unit of code `new` had the code `old` as long as its tab was known under that."""

    old: str
    new: str
    tab: str
    """The title of the tab."""


def renamed_units(
    memory: Mapping[str, UnitRecord], tables: Iterable[UnitTable], units: Sequence[Unit]
) -> tuple[RenamedUnit, ...]:
    """The units whose tab was last read for a code that no unit has any more."""
    present = {unit.code for unit in units}
    gone = {record.tab: code for code, record in memory.items() if record.tab and code not in present}
    return tuple(
        RenamedUnit(gone[table.tab.key], table.unit, table.tab.title) for table in tables if table.tab.key in gone
    )


def carried_over(memory: Mapping[str, UnitRecord], renamed: Iterable[RenamedUnit]) -> Mapping[str, UnitRecord]:
    """What is remembered of a unit under its old code is remembered of it under the new one."""
    known = {each.new: memory[each.old] for each in renamed if each.new not in memory}
    return {**memory, **known}


def renamed_problems(renamed: Iterable[RenamedUnit]) -> Iterable[Problem]:
    """Whether each is the same unit; nothing has to be done where it is."""
    return (
        Problem(
            where=text("units.where_tab", tab=each.tab),
            what=text("units.recoded.what", old=each.old, new=each.new),
            fix=text("units.recoded.fix", old=each.old),
            needs_person=False,
            told_once=True,
        )
        for each in renamed
    )
