"""All rules over all people: who broke which rule, and the sentence that says what to type instead."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from msgspec import Struct, field

from automation.base.messages import text
from automation.core.config.values import PLACEHOLDERS, FieldType, Rule
from automation.core.judging.checks import (
    CHECKS,
    CheckInput,
    Compared,
    ExpressionTooSlow,
    broken_rows,
    fault,
    fields_compared,
    is_across_units,
    needed_fields,
    refuses_dates,
    suggestion,
    untold_rules,
)
from automation.core.judging.date_limits import DateFault
from automation.core.judging.expressions import Matching
from automation.core.judging.matching import Matcher
from automation.core.judging.people import People
from automation.core.model.units import Mode, Severity
from automation.core.model.workbook import UNCALCULATED, Cell
from automation.core.reading.cells import as_text, read_date

COLUMNS = (
    "unit",
    "row",
    "rule",
    "severity",
    "field",
    "header",
    "message",
    "public_message",
    "fix",
    "public_fix",
)
"""Columns of a table of findings; its index is the index of the person."""

_Line = tuple[Any, ...]
"""The index of a person, then what stands in `COLUMNS`."""
_LONGEST_VALUE = 40
_ARROW = "→"
_PRIVATE = (FieldType.IDENTITY, FieldType.PHONE)


class Findings(Struct, frozen=True):
    """`table`: one line a finding of a rule in mode Bật, columns `COLUMNS`, in the order of people and rules."""

    table: pd.DataFrame
    trial: pd.DataFrame
    """The same for rules in mode Thử: reported, never counted."""
    too_slow: tuple[str, ...]
    """Codes of rules whose regular expression did not finish in time; they rested."""
    compared: Compared = field(default_factory=dict)
    """For each rule across units, by its place, what those whom it is about must not share."""

    def of(self, rows: pd.Series[bool], units: Collection[str]) -> Findings:
        """Those about some rows, which are all of these units."""
        table, trial = (each[rows.reindex(each.index).to_numpy()] for each in (self.table, self.trial))
        compared = {place: _of_units(own, units) for place, own in self.compared.items()}
        return Findings(table, trial, self.too_slow, compared)

    def with_others(self, others: Findings, first: int, places: pd.Series[int]) -> Findings:
        """With those about other units, whose persons come behind (`first`); `places`: index -> index among all."""
        table, trial = (
            _placed([one, other.set_axis(other.index + first)], places)
            for one, other in ((self.table, others.table), (self.trial, others.trial))
        )
        both = self.compared.keys() | others.compared.keys()
        compared = {place: {**self.compared.get(place, {}), **others.compared.get(place, {})} for place in both}
        return Findings(table, trial, (*self.too_slow, *others.too_slow), compared)

    def touched_by(self, later: Findings, same: Collection[str]) -> frozenset[str]:
        """Of the units that are the `same`, those about which a rule across units may say something else once `later`
        holds for all others.
        """
        touched: set[str] = set()
        for place, before in self.compared.items():
            now = later.compared.get(place, {})
            others = (before.keys() | now.keys()) - set(same)
            changed = [before.get(unit, _NOTHING) ^ now.get(unit, _NOTHING) for unit in others]
            values = frozenset().union(*changed)
            touched |= {unit for unit in same if not values.isdisjoint(before.get(unit, _NOTHING))}
        return frozenset(touched)


_NOTHING: frozenset[str] = frozenset()


def _of_units(compared: Mapping[str, frozenset[str]], units: Collection[str]) -> Mapping[str, frozenset[str]]:
    return {unit: values for unit, values in compared.items() if unit in units}


def _placed(tables: Sequence[pd.DataFrame], places: pd.Series[int]) -> pd.DataFrame:
    together = pd.concat([each for each in tables if len(each)] or tables[:1])
    return together.set_axis(places.reindex(together.index).to_numpy(dtype=np.int64)).sort_index(kind="stable")


def find(
    people: People,
    rules: Sequence[Rule],
    today: date,
    matching: Matching | None = None,
    elsewhere: Compared | None = None,
) -> Findings:
    """Apply every rule that is not switched off. `matching`: what expressions found out before; `elsewhere`: what
    rules across units compare in units that these people are not of.
    """
    matching = matching or Matching()
    found: dict[int, Sequence[_Line]] = {}
    compared: dict[int, Mapping[str, frozenset[str]]] = {}
    too_slow: list[str] = []
    for place in _in_order(rules, people):
        rule = rules[place]
        others = (elsewhere or {}).get(place, {})
        asked = CheckInput(people, rule, _concerned(rule, people, today), today, matching, others)
        try:
            broken = broken_rows(asked)
        except ExpressionTooSlow:
            too_slow.append(rule.code)
            continue
        if is_across_units(rule):
            compared[place] = asked.compared
        if broken.any():
            found[place] = _lines(asked, broken)
        if _refuses(rule, people):
            people = people.refusing(rule.field, broken)
    table, trial = (_joined(found, rules, mode) for mode in (Mode.ON, Mode.TRIAL))
    return Findings(table, trial, tuple(dict.fromkeys(too_slow)), compared)


def _in_order(rules: Sequence[Rule], people: People) -> Iterator[int]:
    """The places of the rules that are not switched off, those that refuse dates first; of these each behind the
    ones that refuse the dates it compares with, if they do not wait for each other.
    """
    places = [place for place, rule in enumerate(rules) if rule.mode is not Mode.OFF]
    refusing = [place for place in places if _refuses(rules[place], people)]
    others = sorted(set(places) - set(refusing))
    while refusing:
        awaited = {rules[place].field for place in refusing}
        ready = (place for place in refusing if not fields_compared(rules[place]) & awaited)
        place = next(ready, refusing[0])
        refusing.remove(place)
        yield place
    yield from others


def _refuses(rule: Rule, people: People) -> bool:
    return refuses_dates(rule, lambda code: people.config.field(code).type)


def _concerned(rule: Rule, people: People, today: date) -> pd.Series[bool]:
    mask = Matcher(people, today).holds(rule.when)
    for code in needed_fields(rule):
        if not people.is_collected_everywhere(code):
            mask &= people.collected(code)
    return mask


def _joined(found: Mapping[int, Sequence[_Line]], rules: Sequence[Rule], mode: Mode) -> pd.DataFrame:
    lines = chain.from_iterable(found[place] for place in sorted(found) if rules[place].mode is mode)
    in_order = sorted(lines, key=itemgetter(0))
    if not in_order:
        return pd.DataFrame({column: pd.Series([], dtype=object) for column in COLUMNS})
    index, *columns = zip(*in_order, strict=True)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)), index=index)


def _lines(asked: CheckInput, broken: pd.Series[bool]) -> Sequence[_Line]:
    rule, people = asked.rule, asked.people
    header = people.config.field(rule.field).header
    indexes = np.flatnonzero(broken)
    places = (people.frame[column].to_numpy()[indexes].tolist() for column in ("unit", "row"))
    wording, of_rule = _Wording(asked, header), (rule.code, rule.severity.value, rule.field, header)
    return [
        (index, unit, row, *of_rule, *wording.of(index, people.typed_by(asked.field, index)))
        for index, unit, row in zip(indexes.tolist(), *places, strict=True)
    ]


class _Sentences(NamedTuple):
    message: str
    public_message: str
    fix: str
    public_fix: str


class _Wording:
    """The sentences of one rule. Those that say the same are the same object: in a tab where everybody makes one
    mistake they stand a thousand times.
    """

    def __init__(self, asked: CheckInput, header: str) -> None:
        self._asked = asked
        self._header = header
        self._kind = asked.people.config.field(asked.field).type
        hints = CHECKS[asked.rule.check].suggestion_is_public
        self._hints_are_public = hints and self._kind not in _PRIVATE
        self._known: dict[tuple[str, str, DateFault], _Sentences] = {}
        self._once: dict[str, str] = {}

    def of(self, index: int, cell: Cell) -> _Sentences:
        """The rule's message for one row: as the unit sees it, and without what was typed (mails, --json)."""
        key = _short(_as_seen(cell, self._kind)), suggestion(self._asked, index), fault(self._asked, index)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._made(*key)
        return known

    def _made(self, typed: str, hint: str, wrong: DateFault) -> _Sentences:
        message = self._filled(typed, hint, wrong.said)
        public = self._filled(text("rules.hidden_value"), hint if self._hints_are_public else "", wrong.public)
        told = (self._told(message), self._told(public), _fix_of(message), _fix_of(public))
        return _Sentences(*(self._once.setdefault(each, each) for each in told))

    def _filled(self, typed: str, hint: str, wrong: str) -> str:
        return _filled(self._asked.rule.message, typed, self._header, hint, wrong)

    def _told(self, message: str) -> str:
        return text("rules.finding", header=self._header, message=message)


def _as_seen(cell: Cell, kind: FieldType) -> str:
    """What stands in the cell as people see it: spreadsheets hold days as numbers and show them as days."""
    if cell == UNCALCULATED:
        return text("rules.uncalculated")
    is_number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
    day = read_date(cell) if kind is FieldType.DATE and is_number else None
    return as_text(day if isinstance(day, date) else cell)


def _short(typed: str) -> str:
    return typed if len(typed) <= _LONGEST_VALUE else f"{typed[: _LONGEST_VALUE - 1]}…"


def _filled(message: str, *contents: str) -> str:
    """The message with what stands for each of `PLACEHOLDERS`."""
    for name, content in zip(PLACEHOLDERS, contents, strict=True):
        message = message.replace(f"{{{name}}}", content)
    return message


def _fix_of(message: str) -> str:
    """What to type instead: the part behind the arrow, or all of a message without one."""
    return message.partition(_ARROW)[2].strip() or message


def told(findings: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """The findings that the unit itself may see."""
    return findings[~findings["rule"].isin(untold_rules(rules))]


def rows_with(findings: pd.DataFrame, people: People, severity: Severity) -> pd.Series[Any]:
    """How many findings of that severity each person has."""
    found = findings.index[findings["severity"] == severity.value].to_numpy(dtype=np.intp)
    return pd.Series(np.bincount(found, minlength=len(people)).astype(np.int32), copy=False)


def sheet_sentences(findings: pd.DataFrame) -> Mapping[int, str]:
    """The cell `Lỗi cần sửa` of each person who has one: errors first, one line a finding."""
    ordered = findings.assign(weight=findings["severity"] == Severity.WARNING.value).sort_values(
        "weight", kind="stable"
    )
    lines: dict[int, list[str]] = {}
    for index, severity, message in zip(ordered.index, ordered["severity"], ordered["message"], strict=True):
        lines.setdefault(index, []).append(text("rules.to_correct", severity=severity, message=message))
    return _joined_lines(lines)


def fixes(findings: pd.DataFrame, public: bool) -> Mapping[int, str]:
    """For each person with an error: what to type where, one line an error. Not `public`, for the sheet: where it is
    several cells, which they are stands before, as far as may be seen of a row that stays low.
    """
    errors = findings[findings["severity"] == Severity.ERROR.value]
    column = errors["public_fix"] if public else errors["fix"]
    lines: dict[int, list[str]] = {}
    cells: dict[int, dict[str, None]] = {}
    for index, header, fix in zip(errors.index, errors["header"], column, strict=True):
        lines.setdefault(index, []).append(text("rules.todo_correct", header=header, fix=fix))
        cells.setdefault(index, {})[header] = None
    for index, headers in () if public else cells.items():
        if len(headers) > 1:
            lines[index].insert(0, text("rules.todo_correct_all", count=len(headers), headers=", ".join(headers)))
    return _joined_lines(lines)


def _joined_lines(lines: Mapping[int, Sequence[str]]) -> Mapping[int, str]:
    """Lines that are the same for several people are the same text."""
    once: dict[str, str] = {}
    joined = ((index, "\n".join(parts)) for index, parts in lines.items())
    return {index: once.setdefault(whole, whole) for index, whole in joined}
