"""What rules and statuses say of every row. A unit whose tab is as it was is not looked at again, unless somebody
elsewhere came to have, or has no more, what one of its own must not share.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from msgspec import Struct, field
from msgspec.structs import replace

from automation.core.config.meanings import Answer
from automation.core.config.values import TO_CORRECT, Config, FieldCode, Status
from automation.core.judging.checks import Compared
from automation.core.judging.completion import UnitCounts, counts_of, part_column
from automation.core.judging.expressions import Matching
from automation.core.judging.findings import Findings, find, fixes, rows_with, sheet_sentences, told
from automation.core.judging.lists.gathering import read_people
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.judging.matching import Matcher, decide
from automation.core.judging.people import People, Readings
from automation.core.model.units import Mode, Severity


class JudgedUnits(Struct, frozen=True):
    """The units of `tables`, everybody in them judged by one configuration on one day."""

    tables: tuple[UnitTable, ...]
    verdicts: pd.DataFrame
    """`Judged.people`."""
    findings: Findings
    numbers: pd.Series[Any]
    """The 12-digit number of each person, "" where there is none."""
    counts: Mapping[str, UnitCounts]
    marks: Mapping[str, object]
    """By unit, what is the same object as long as its tab stays as it is and nobody in it is judged anew."""

    def same_as_in(self, tables: Sequence[UnitTable]) -> frozenset[str]:
        """The units in whose table there nothing has changed but results of ours; none where a rule rested, which it
        need not do again.
        """
        if self.findings.too_slow:
            return frozenset()
        known = {table.unit: table for table in self.tables}
        pairs = ((known[table.unit], table) for table in tables if table.unit in known)
        return frozenset(table.unit for before, table in pairs if before is table or _is_judged_like(before, table))

    def of(self, units: Collection[str]) -> JudgedUnits:
        """Those units alone. Persons keep their index."""
        stay = self.verdicts["unit"].isin(list(units))
        return JudgedUnits(
            tuple(table for table in self.tables if table.unit in units),
            self.verdicts[stay],
            self.findings.of(stay, units),
            self.numbers[stay],
            {unit: counts for unit, counts in self.counts.items() if unit in units},
            {unit: mark for unit, mark in self.marks.items() if unit in units},
        )

    def with_others(self, others: JudgedUnits, tables: Sequence[UnitTable]) -> JudgedUnits:
        """Together with other units, in the order of `tables`."""
        first = self.verdicts.index.max() + 1 if len(self.verdicts) else 0
        places = {table.unit: place for place, table in enumerate(tables)}
        units = pd.concat([self.verdicts["unit"], others.verdicts["unit"]]).map(places)
        order = np.argsort(units.to_numpy(dtype=np.intp), kind="stable")
        index = np.concatenate([self.verdicts.index, others.verdicts.index + first])
        place_of = pd.Series(np.arange(len(order)), index=index[order])
        return JudgedUnits(
            tuple(tables),
            pd.DataFrame(
                {name: _together(column, others.verdicts[name], order) for name, column in self.verdicts.items()},
                copy=False,
            ),
            self.findings.with_others(others.findings, first, place_of),
            _together(self.numbers, others.numbers, order),
            {**self.counts, **others.counts},
            {**self.marks, **others.marks, **self._marks_of_others_than(tables)},
        )

    def in_tables(self, tables: Sequence[UnitTable]) -> JudgedUnits:
        """The same of the same people, beside whom other results may stand by now."""
        return replace(self, tables=tuple(tables), marks={**self.marks, **self._marks_of_others_than(tables)})

    def _marks_of_others_than(self, tables: Iterable[UnitTable]) -> Mapping[str, object]:
        """Beside the same people other results may stand by now."""
        known = {table.unit: table for table in self.tables}
        return {table.unit: object() for table in tables if known.get(table.unit, table) is not table}


def _is_judged_like(before: UnitTable, now: UnitTable) -> bool:
    """Whether a tab needs no look; then its inputs need not be held apart, too."""
    is_alike = now.is_judged_like(before)
    if is_alike:
        now.forget_inputs()
    return is_alike


def _together(one: pd.Series[Any], other: pd.Series[Any], order: Any) -> pd.Series[Any]:
    """Both behind each other, then in that order: column by column, since a table takes its own size twice again."""
    kept = [each.to_numpy() for each in (one, other) if len(each)] or [one.to_numpy()]
    in_order = len(kept) == 1 and bool((np.diff(order) > 0).all())
    both = kept[0] if in_order else np.concatenate(kept)[order]
    return pd.Series(both, dtype=both.dtype, copy=False)


def verdicts_of(
    people: People,
    findings: Findings,
    to_unit: pd.DataFrame,
    statuses: pd.Series[Any],
    errors: pd.Series[Any],
    warnings: pd.Series[Any],
    matcher: Matcher,
) -> pd.DataFrame:
    """`to_unit`: those of the findings that the unit itself may see."""
    config = people.config
    places, found = pd.factorize(statuses)
    told = {status.code: status for status in config.statuses}

    def of_status(value: Callable[[Status], object]) -> pd.Series[Any]:
        values = np.array([value(told[code]) for code in found], dtype=object)
        return pd.Series(values[places], dtype=object)

    inputs = people.inputs()
    steps = _next_steps(places, [told[code] for code in found], findings, matcher)
    return pd.DataFrame(
        {
            "unit": people.unit,
            "row": people.frame["row"],
            "name": people.text(FieldCode.NAME).mask(people.broken_letters(FieldCode.NAME), ""),
            "category": people.choice(FieldCode.CATEGORY),
            "party": people.effect_is(FieldCode.PARTY, Answer.YES.value),
            "difficulty": people.choice(FieldCode.DIFFICULTY),
            "status": statuses,
            "label": of_status(lambda status: status.label),
            "counts_as": of_status(lambda status: status.counts_as),
            "errors": errors,
            "warnings": warnings,
            "todo": _with_fixes(*steps, fixes(findings.table, public=True)),
            "sheet_todo": _with_fixes(*steps, fixes(findings.table, public=False)),
            "sheet_errors": _with_lines(np.full(len(people), "", dtype=object), sheet_sentences(to_unit)),
            "inputs_length": inputs.lengths.astype(np.int32),
            "inputs_sum": inputs.sums.astype(np.int32),
            **{part_column(rate.code): matcher.holds(rate.when) for rate in config.part_rates},
        },
        copy=False,
    )


def _next_steps(
    places: Any, statuses: Sequence[Status], findings: Findings, matcher: Matcher
) -> tuple[Any, Sequence[str]]:
    """The place of each person's next step, and the steps: the usual one of the status (at `places`), or the first of
    its others that fits the person.
    """
    todo, steps, rule = places.copy(), [status.todo for status in statuses], findings.table["rule"]
    for place, status in enumerate(statuses):
        waiting = places == place
        for step in status.steps:
            fits = waiting & matcher.holds(step.when).to_numpy()
            if step.rule:
                fits &= np.isin(np.arange(len(fits)), findings.table.index[rule == step.rule])
            todo[fits] = len(steps)
            steps.append(step.text)
            waiting &= ~fits
    return todo, steps


def _with_fixes(todo: Any, steps: Sequence[str], lines: Mapping[int, str]) -> pd.Series[Any]:
    plain = np.array([_filled(step, "") for step in steps], dtype=object)
    fill = lru_cache(maxsize=None)(_filled)  # people with one mistake get one text
    return _with_lines(plain[todo], {index: fill(steps[todo[index]], line) for index, line in lines.items()})


def _filled(step: str, line: str) -> str:
    return step.replace(TO_CORRECT, line)


def _with_lines(cells: Any, lines: Mapping[int, str]) -> pd.Series[Any]:
    """The cells, and in place of some of them these lines, by index."""
    cells[list(lines)] = list(lines.values())
    return pd.Series(cells, dtype=object)


class LastJudged(Struct):
    """What judging leaves for the next time."""

    units: JudgedUnits | None = None
    readings: Readings = field(default_factory=Readings)
    """What cells were read as."""


# --- the steps --------------------------------------------------------------------------------------------


class RowStages(Struct, frozen=True):
    """The steps from tables to verdicts, one after another."""

    read_people: Callable[[Sequence[UnitTable], Config, Readings], People] = read_people
    find: Callable[..., Findings] = find
    decide: Callable[[People, Sequence[Status], Matcher], pd.Series[Any]] = decide
    verdicts: Callable[..., pd.DataFrame] = verdicts_of


def judge_units(
    tables: Sequence[UnitTable],
    config: Config,
    today: date,
    matching: Matching,
    stages: RowStages,
    last: LastJudged,
) -> tuple[JudgedUnits, People | None]:
    """Everybody in the tables; and all of them as they were read, unless some needed no look. `last`: judged on the
    same day by the same configuration; it comes out as if there were none. Rules on trial look at everybody.
    """
    before, readings = last.units, last.readings
    on_trial = any(rule.mode is Mode.TRIAL for rule in config.rules)
    same = before.same_as_in(tables) if before and not on_trial else frozenset()
    if before and len(same) == len(tables) and [each.unit for each in tables] == [each.unit for each in before.tables]:
        return before.in_tables(tables), None
    while before and same:
        staying = before.of(same)
        if staying.verdicts.empty:
            break
        anew = [table for table in tables if table.unit not in same]
        judged, _ = _judged(anew, config, today, matching, stages, staying.findings.compared, readings)
        if judged.findings.too_slow:
            break
        concerned = before.findings.touched_by(judged.findings, same)
        if not concerned:
            return staying.with_others(judged, tables), None
        same -= concerned
    return _judged(tables, config, today, matching, stages, {}, readings)


def _judged(
    tables: Sequence[UnitTable],
    config: Config,
    today: date,
    matching: Matching,
    stages: RowStages,
    elsewhere: Compared,
    readings: Readings,
) -> tuple[JudgedUnits, People]:
    people = stages.read_people(tables, config, readings)
    findings = stages.find(people, config.rules, today, matching, elsewhere)
    errors = rows_with(findings.table, people, Severity.ERROR)
    warnings = rows_with(findings.table, people, Severity.WARNING)
    to_unit = told(findings.table, config.rules)
    matcher = Matcher(people, today, errors, rows_with(to_unit, people, Severity.WARNING))
    statuses = stages.decide(people, config.statuses, matcher)
    verdicts = stages.verdicts(people, findings, to_unit, statuses, errors, warnings, matcher)
    numbers = people.read(FieldCode.IDENTITY, lambda column: column.id_number)
    counts = counts_of(verdicts, findings.table, config)
    marks = {table.unit: object() for table in tables}
    return JudgedUnits(tuple(tables), verdicts, findings, numbers, counts, marks), people
