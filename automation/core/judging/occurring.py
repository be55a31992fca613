"""Which statuses can occur at all: what the lists allow people to choose, decided for every choice there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import product
from math import prod

from automation.core.config.conditions import Condition, Kind, SubjectType
from automation.core.config.values import Config, FieldCode, Rule
from automation.core.judging.checks import CONTRADICTION, REQUIRED
from automation.core.judging.expressions import Matching
from automation.core.judging.findings import find
from automation.core.judging.lists.gathering import read_people
from automation.core.judging.lists.unit_table import find_unit_table
from automation.core.judging.matching import Matcher, decide
from automation.core.model.units import Mode, Severity
from automation.core.model.workbook import Cell, Tab

_MOST_CHOICES = 20_000
_ANY_DAY = date(2023, 1, 1)
"""Lists do not change with the day."""


def occurring_statuses(config: Config) -> frozenset[str]:
    """The codes of the statuses that somebody may have; where that cannot be told from lists, a status may occur."""
    every = frozenset(status.code for status in config.possible_statuses)
    plain = [status for status in config.possible_statuses if _asks_for_lists(status.when)]
    fields = sorted({term.subject.field for status in plain for term in status.when.terms})
    choices = [(None, *config.list_values(code)) for code in fields]
    if prod(map(len, choices)) > _MOST_CHOICES or not all(map(config.uses, fields)):
        return every
    table = find_unit_table("", _tab_of(config, fields, product(*choices)), config)
    if table is None:
        return every
    people = read_people([table], config)
    wrong = find(people, _rules_of(config, fields), _ANY_DAY, Matching()).table
    decided = decide(people, plain, Matcher(people, _ANY_DAY))
    sound = decided[~decided.index.isin(wrong.index)]
    return (every - {status.code for status in plain}) | frozenset(sound.dropna())


def remembering_occurring_statuses() -> Callable[[Config], frozenset[str]]:
    """The same, not worked out again where another day of a configuration has only other texts."""
    known: list[tuple[Config, frozenset[str]]] = []

    def occurring(config: Config) -> frozenset[str]:
        found = next((codes for then, codes in known if _asks_the_same(then, config)), None)
        if found is None:
            known.append((config, found := occurring_statuses(config)))
        return found

    return occurring


def _asks_the_same(one: Config, other: Config) -> bool:
    def asked(config: Config) -> Sequence[object]:
        statuses = [(each.code, each.when) for each in config.statuses]
        rules = [
            (each.mode, each.severity, each.check, each.field, each.when, each.parameters) for each in config.rules
        ]
        return (statuses, rules, config.fields, config.lists)

    return asked(one) == asked(other)


def _asks_for_lists(condition: Condition) -> bool:
    kinds = (SubjectType.FIELD, SubjectType.EFFECT)
    return all(term.subject.kind is Kind.LIST and term.subject.type in kinds for term in condition.terms)


def _rules_of(config: Config, fields: Sequence[str]) -> list[Rule]:
    """The rules that refuse some of the choices."""
    return [
        rule
        for rule in config.rules
        if rule.mode is Mode.ON
        and rule.severity is Severity.ERROR
        and rule.check in (REQUIRED, CONTRADICTION)
        and rule.field in fields
        and all(term.subject.field in fields for term in rule.when.terms)
    ]


def _tab_of(config: Config, fields: Sequence[str], choices: Iterable[Sequence[Cell]]) -> Tab:
    """A person for every choice."""
    places = [fields.index(field.code) if field.code in fields else None for field in config.inputs]
    unnamed = ["x" if field.code == FieldCode.NAME else None for field in config.inputs]
    rows = (
        [cell if place is None else choice[place] for place, cell in zip(places, unnamed, strict=True)]
        for choice in choices
    )
    return Tab("", "", [[field.header for field in config.inputs], *rows])
