"""Every way in which one cell of the config tabs can be spoilt, and what a configuration says, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from automation.adapters.config_files import default_tables
from automation.core.config import tabs
from automation.core.config.conditions import Condition, Subject
from automation.core.config.next_steps import NextStep
from automation.core.config.values import PLACE_LIST, Config, Rule
from automation.core.model.workbook import UNCALCULATED, Cell, ConfigTables, Row, cell_name
from tests.workbooks import registry, unit_line

SPOILT: Mapping[str, Cell] = {
    "nonsense": "linh tinh",
    "blank": None,
    "number": 12.5,
    "date": datetime(2031, 2, 3),
    "bool": True,
    "40,000 characters": "dài " * 10_000,
    "formula error": "#REF!",
    "uncalculated": UNCALCULATED,
}
"""What a cell is set to."""

NEVER_VALID = frozenset({"40,000 characters", "formula error", "uncalculated"})
FOR_PEOPLE_ONLY = frozenset({(tabs.SETTINGS, "Giải thích")})
"""Columns that nothing is read from: any content is valid."""
SAMPLED_PLACES = 3

UNITS = (unit_line("mot", headcount=6), unit_line("hai"))


@cache
def shipped() -> ConfigTables:
    """The default tables with a registry of two units."""
    return {**default_tables(), tabs.REGISTRY: registry(*UNITS)}


class Mutation(Struct, frozen=True):
    """One cell of one config tab set to something else. Row and column count from 1."""

    title: str
    row: int
    column: int
    kind: str

    @property
    def header(self) -> str:
        return tabs.HEADERS[self.title][self.column - 1]

    @property
    def place(self) -> tuple[str, str]:
        return self.title, self.header

    @property
    def value(self) -> Cell:
        return SPOILT[self.kind]

    @property
    def before(self) -> Cell:
        return shipped()[self.title][self.row - 1][self.column - 1]

    @property
    def row_before(self) -> Row:
        return shipped()[self.title][self.row - 1]

    @property
    def where(self) -> str:
        return f"{self.title}!{cell_name(self.row, self.column)}"

    def tables(self) -> ConfigTables:
        """The shipped tables with this cell changed."""
        rows = [list(row) for row in shipped()[self.title]]
        rows[self.row - 1][self.column - 1] = self.value
        return {**shipped(), self.title: rows}


def mutations(title: str) -> Iterator[Mutation]:
    """Every kind of mutation of every cell of a tab, headers too; of the many place codes only some."""
    places = 0
    for number, row in enumerate(shipped()[title], start=1):
        places += row[0] == PLACE_LIST
        if row[0] == PLACE_LIST and places > SAMPLED_PLACES:
            continue
        for column in range(1, len(tabs.HEADERS[title]) + 1):
            for kind in SPOILT:
                yield Mutation(title, number, column, kind)


def facts(config: Config) -> Counter[tuple[str, str]]:
    """What each row of the config tabs says, as (tab, text); no row repeats what stands in another one."""
    said = [(tabs.SETTINGS, repr(pair)) for pair in config.raw_settings.items()]
    said += [(tabs.FIELDS, repr(each)) for each in config.fields]
    said += [(tabs.LISTS, repr((name, each))) for name, values in config.lists.items() for each in values]
    said += [(tabs.RULES, repr([_plain(each) for each in line])) for line in _rule_lines(config)]
    said += [(tabs.STATUSES, _plain(each)) for each in config.statuses]
    said += [(tabs.PART_RATES, _plain(each)) for each in config.part_rates]
    said += [(tabs.DOCUMENTS, repr(each)) for each in config.documents]
    said += [(tabs.LADDER, repr(each)) for each in config.rungs]
    said += [(tabs.REGISTRY, repr(each)) for each in config.units]
    return Counter(said)


def _rule_lines(config: Config) -> Iterable[list[Rule]]:
    """The rules by the row they stand in: a row for every input column makes one of each column, of the same code."""
    by_code: dict[str, list[Rule]] = {}
    for rule in config.rules:
        by_code.setdefault(rule.code, []).append(rule)
    return by_code.values()


def _plain(row: Any) -> str:
    return repr({each.name: _without_words(getattr(row, each.name)) for each in fields(row)})


def _without_words(value: Any) -> Any:
    """Subjects carry the words of their list and their header, which are said in other rows."""
    match value:
        case Subject():
            return value.type.value, value.field
        case NextStep(rule=str(code)) if code:  # what it says of the rule is said in the row of that rule
            return None
        case Condition():
            return [(_without_words(t.subject), t.operator, _without_words(t.values)) for t in value.terms]
        case tuple():
            return [said for each in value if (said := _without_words(each)) is not None]
    if hasattr(value, "__struct_fields__"):
        return {each.name: _without_words(getattr(value, each.name)) for each in fields(value)}
    return value
