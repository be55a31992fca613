"""The pure half of a cycle: a workbook as read, a configuration, what is remembered -> who stands where, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import combinations
from typing import Any, TypeAlias

import pandas as pd

from automation.base.messages import text
from automation.core.config.meanings import Answer
from automation.core.config.values import TO_CORRECT, Config, FieldCode, Rule, Settings, Status
from automation.core.judging.completion import (
    breakdowns_of,
    headcount_of,
    is_below_target,
    tally_of,
    tally_of_rows,
    total_of,
)
from automation.core.judging.expressions import Matching
from automation.core.judging.findings import Findings, find, fixes, rows_with, sheet_sentences, told
from automation.core.judging.judged import Judged, SharedNumber
from automation.core.judging.left_over import left_over, left_over_problems
from automation.core.judging.lists.unreadable import UnreadableTab
from automation.core.judging.locating import NONE_LEFT_OUT, Located, locate
from automation.core.judging.matching import Matcher
from automation.core.judging.people import People, UnitTable, fingerprint, read_people
from automation.core.judging.renamed_units import carried_over, renamed_problems, renamed_units
from automation.core.judging.row_loss import row_losses
from automation.core.judging.statuses import decide
from automation.core.judging.trials import run_trials
from automation.core.model.mistakes import Mistake
from automation.core.model.problems import Problem
from automation.core.model.units import Breakdown, CountsAs, Declaration, Severity, Standing, Tally, Unit, UnitRecord
from automation.core.model.workbook import Snapshot
from automation.core.text.vietnamese import day_text, number_text

_LeftOut: TypeAlias = Mapping[str, Mistake]
"""By code, the units that are unknown because of what nobody foresaw."""


_YEARS_TO_ASK_ABOUT = 2

_Together: TypeAlias = Callable[[_LeftOut], Judged]
"""Judges all units but those."""


def judge(
    snapshot: Snapshot,
    config: Config,
    memory: Mapping[str, UnitRecord],
    now: datetime,
    matching: Matching | None = None,
    stages: Stages | None = None,
) -> Judged:
    """Findings, statuses, next steps and completion of everybody in the workbook. `now`: in the campaign's zone.

    `matching`: what expressions found out in earlier cycles, and the measure of what they may spend. Where judging
    raises what nobody foresaw, the units that make it raise are unknown, and the others are judged.
    """
    together = partial(_judge_together, snapshot, config, memory, now, matching or Matching(), stages or Stages())
    try:
        return together(NONE_LEFT_OUT)
    except Exception:
        return _judged_without_those_that_raise(together, config.units)


def _judged_without_those_that_raise(together: _Together, units: Sequence[Unit]) -> Judged:
    """Raises where leaving out units does not help: then it is no unit's fault."""
    for find_them in (_raising_alone, _raising_with_others):
        left_out = find_them(together, units)
        try:
            judged = together(left_out)
        except Exception:
            if find_them is _raising_with_others:
                raise
            continue
        return replace(judged, mistakes=(*judged.mistakes, *left_out.values()))
    raise AssertionError


def _raising_alone(together: _Together, units: Sequence[Unit], block: Sequence[Unit] | None = None) -> _LeftOut:
    """The units of `block` that raise when all others are left out; halves that do not are looked at once."""
    block = units if block is None else block
    inside = {unit.code for unit in block}
    try:
        together({unit.code: Mistake(RuntimeError(), unit.name) for unit in units if unit.code not in inside})
    except Exception as error:
        if len(block) == 1:
            return {block[0].code: Mistake(error, block[0].name)}
        middle = len(block) // 2
        parts = (_raising_alone(together, units, part) for part in (block[:middle], block[middle:]) if part)
        return {code: mistake for part in parts for code, mistake in part.items()}
    return {}


def _raising_with_others(together: _Together, units: Sequence[Unit]) -> _LeftOut:
    """The units that raise beside those before them that did not."""
    waiting = {unit.code: Mistake(RuntimeError(), unit.name) for unit in units}
    raising: dict[str, Mistake] = {}
    for unit in units:
        del waiting[unit.code]
        try:
            together({**raising, **waiting})
        except Exception as error:
            raising[unit.code] = Mistake(error, unit.name)
    return raising


def _judge_together(
    snapshot: Snapshot,
    config: Config,
    memory: Mapping[str, UnitRecord],
    now: datetime,
    matching: Matching,
    stages: Stages,
    left_out: Mapping[str, Mistake],
) -> Judged:
    """Everybody in one table. `left_out`: the units that are unknown this time."""
    located = stages.locate(snapshot, config, left_out)
    people = stages.read_people(located.tables, config)
    today = now.date()
    findings = stages.find(people, config.rules, today, matching)
    errors = rows_with(findings.table, people, Severity.ERROR)
    warnings = rows_with(findings.table, people, Severity.WARNING)
    to_unit = told(findings.table, config.rules)
    warnings_told = rows_with(to_unit, people, Severity.WARNING)
    matcher = Matcher(people, today, errors, warnings_told)
    statuses = stages.decide(people, config.statuses, matcher)
    verdicts = stages.verdicts(people, findings, to_unit, statuses, errors, warnings, matcher)
    renamed = renamed_units(memory, located.tables, config.units)
    memory = carried_over(memory, renamed)
    breakdowns = breakdowns_of(verdicts, findings.table, config)
    standings, records = stages.standings(located, verdicts, breakdowns, config, memory, now)
    forgotten = left_over(located.tables, config)
    return Judged(
        config=config,
        now=now,
        standings=standings,
        total=total_of(standings),
        people=verdicts,
        findings=findings.table,
        trials=run_trials(people, findings, statuses, standings, today),
        problems=(
            *_problems(located, findings, standings, config),
            *_far_deadline(config.settings, today),
            *left_over_problems(forgotten),
            *renamed_problems(renamed),
        ),
        cross_unit_duplicates=_shared_numbers(people, verdicts),
        tables=located.tables,
        records=records,
        unreadable=located.unreadable,
        left_over=forgotten,
        renamed={each.old: each.new for each in renamed},
        losses=row_losses(standings, memory, config.settings),
        mistakes=located.mistakes,
    )


def _verdicts(
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
    labels = {status.code: status.label for status in config.statuses}
    todos = {status.code: status.todo for status in config.statuses}
    counts = {status.code: status.counts_as for status in config.statuses}
    todo = _next_steps(statuses, statuses.map(todos), config.statuses, findings, matcher)
    return pd.DataFrame(
        {
            "unit": people.unit,
            "row": people.frame["row"],
            "name": people.text(FieldCode.NAME).mask(people.broken_letters(FieldCode.NAME), ""),
            "category": people.choice(FieldCode.CATEGORY),
            "party": people.effect_is(FieldCode.PARTY, Answer.YES.value),
            "difficulty": people.choice(FieldCode.DIFFICULTY),
            "status": statuses,
            "label": statuses.map(labels),
            "counts_as": statuses.map(counts),
            "errors": errors,
            "warnings": warnings,
            "todo": _with_fixes(todo, fixes(findings.table, public=True)),
            "sheet_todo": _with_fixes(todo, fixes(findings.table, public=False)),
            "sheet_errors": _by_index(todo.index, sheet_sentences(to_unit)),
            **{part_column(rate.code): matcher.holds(rate.when) for rate in config.part_rates},
        }
    )


def _next_steps(
    statuses: pd.Series[Any],
    usual: pd.Series[Any],
    table: Sequence[Status],
    findings: Findings,
    matcher: Matcher,
) -> pd.Series[Any]:
    """The usual next step of each person's status, or the first of its others that fits the person."""
    todo = usual.copy()
    for status in table:
        waiting = statuses == status.code
        for step in status.steps if waiting.any() else ():
            found = findings.table.index[findings.table["rule"] == step.rule] if step.rule else statuses.index
            fits = waiting & matcher.holds(step.when) & statuses.index.isin(found)
            todo[fits] = step.text
            waiting &= ~fits
    return todo


def part_column(code: str) -> str:
    """Where `Judged.people` says who is counted in the part rate of that code."""
    return f"part {code}"


def _with_fixes(todo: pd.Series[Any], lines: Mapping[int, str]) -> pd.Series[Any]:
    fill = lru_cache(maxsize=None)(_filled)  # people with one mistake get one text
    filled = [fill(step, lines.get(index, "")) for index, step in zip(todo.index, todo, strict=True)]
    return pd.Series(filled, index=todo.index, dtype=object)


def _filled(step: str, line: str) -> str:
    return step.replace(TO_CORRECT, line)


def _by_index(index: pd.Index[Any], lines: Mapping[int, str]) -> pd.Series[Any]:
    return pd.Series([lines.get(each, "") for each in index], index=index, dtype=object)


# --- standings --------------------------------------------------------------------------------------------


def _standings(
    located: Located,
    verdicts: pd.DataFrame,
    breakdowns: Mapping[str, Breakdown],
    config: Config,
    memory: Mapping[str, UnitRecord],
    now: datetime,
) -> tuple[tuple[Standing, ...], tuple[UnitRecord, ...]]:
    groups = {str(unit): group for unit, group in verdicts.groupby("unit", sort=False)}
    nobody = verdicts.iloc[:0]
    tables = {table.unit: table for table in located.tables}
    unreadable = {each.unit.code: each for each in located.unreadable}
    standings: list[Standing] = []
    records: list[UnitRecord] = []
    for unit in config.units:
        remembered = memory.get(unit.code)
        if unit.code in unreadable:
            standings.append(_unknown(unreadable[unit.code], remembered, config))
            continue
        breakdown = breakdowns.get(unit.code, Breakdown())
        people = groups.get(unit.code, nobody)
        standing, record = _known(unit, tables[unit.code], people, breakdown, config, remembered, now)
        standings.append(standing)
        records.append(record)
    return tuple(standings), tuple(records)


def _unknown(unreadable: UnreadableTab, remembered: UnitRecord | None, config: Config) -> Standing:
    """The unit keeps its last numbers, marked as of when; it is never shown as 0 % or 100 %.

    One that never was read counts with its registered headcount, so that 100 % of all still means everybody.
    """
    unit, note = unreadable.unit, unreadable.problem.what
    if remembered is None:
        return Standing(
            code=unit.code,
            name=unit.name,
            group=unit.group,
            known=False,
            headcount=unit.headcount,
            tally=Tally(in_scope=unit.headcount or 0),
            statuses={status.code: 0 for status in config.statuses},
            notes=(note,),
        )
    return replace(
        remembered.standing,
        name=unit.name,
        group=unit.group,
        known=False,
        as_of=remembered.read_at,
        notes=(note,),
    )


def _known(
    unit: Unit,
    table: UnitTable,
    people: pd.DataFrame,
    breakdown: Breakdown,
    config: Config,
    remembered: UnitRecord | None,
    now: datetime,
) -> tuple[Standing, UnitRecord]:
    out_of_scope = int((people["counts_as"] == CountsAs.OUT_OF_SCOPE).sum())
    headcount = headcount_of(unit.headcount, table.declaration.headcount, config.settings.headcount_source)
    tally = tally_of_rows(headcount, people["counts_as"])
    digest = fingerprint(table)
    unchanged = remembered is not None and remembered.fingerprint == digest
    changed_at = remembered.changed_at if remembered is not None and unchanged else now
    peak = _peak_rows(len(people), headcount, table.declaration.headcount, remembered)
    statuses = people["status"].value_counts()
    standing = Standing(
        code=unit.code,
        name=unit.name,
        group=unit.group,
        headcount=headcount,
        rows=len(people),
        out_of_scope=out_of_scope,
        tally=tally,
        errors=int((people["errors"] > 0).sum()),
        warnings=int((people["warnings"] > 0).sum()),
        statuses={status.code: int(statuses.get(status.code, 0)) for status in config.statuses},
        parts=_part_counts(people, config),
        breakdown=breakdown,
        declaration=_as_of(table.declaration, now.date()),
        changed_at=changed_at,
        vanished_rows=_vanished(peak - len(people), out_of_scope, len(people) - out_of_scope, headcount, tally),
    )
    standing = replace(
        standing,
        below_since=_below_since(standing, remembered, config.settings, now),
        notes=tuple(_notes(unit, table, standing, config, now.date())),
    )
    return standing, UnitRecord(unit.code, digest, changed_at, now, peak, standing, tab=table.tab.key)


def _as_of(declared: Declaration, today: date) -> Declaration:
    """A day that is still to come is what the unit plans: nothing has been done yet."""
    disseminated_on, reported_on = (
        None if day and day > today else day for day in (declared.disseminated_on, declared.reported_on)
    )
    return replace(declared, disseminated_on=disseminated_on, reported_on=reported_on)


def _below_since(
    standing: Standing, remembered: UnitRecord | None, settings: Settings, now: datetime
) -> datetime | None:
    if not is_below_target(standing, settings):
        return None
    return (remembered.standing.below_since if remembered else None) or now


def _peak_rows(rows: int, headcount: int | None, declared: int | None, remembered: UnitRecord | None) -> int:
    """The most rows since the unit last declared its headcount; a new declaration starts afresh."""
    if remembered is None:
        return rows
    last = remembered.standing
    renewed = (last.headcount, last.declaration.headcount) != (headcount, declared)
    return rows if renewed else max(remembered.peak_rows, rows)


def _vanished(gone: int, out_of_scope: int, rows_in_scope: int, headcount: int | None, tally: Tally) -> int:
    """How many rows are gone, where that alone makes the rate higher than it would be with them.

    Who was marked as out of scope is not gone: the row and its reason are still there to be seen.
    """
    then = tally_of(headcount, out_of_scope, rows_in_scope + gone, tally.deferred, tally.done)
    rate_now, rate_then = tally.rate, then.rate
    risen = rate_now is not None and rate_then is not None and rate_now > rate_then
    return gone if risen else 0


def _part_counts(people: pd.DataFrame, config: Config) -> Mapping[str, int]:
    """The people of each part rate, whatever else they lack; people with errors are in none."""
    sound = people[(people["errors"] == 0) & (people["counts_as"] != CountsAs.OUT_OF_SCOPE)]
    return {rate.code: int(sound[part_column(rate.code)].sum()) for rate in config.part_rates}


def _notes(unit: Unit, table: UnitTable, standing: Standing, config: Config, today: date) -> Sequence[str]:
    notes: list[str] = []
    declared = table.declaration.headcount
    if standing.headcount is None:
        notes.append(text("units.note_no_headcount"))
    if unit.headcount is not None and declared is not None and unit.headcount != declared:
        notes.append(_headcounts_differ(unit.headcount, declared, standing.headcount))
    if standing.headcount is not None and standing.rows > standing.headcount:
        notes.append(
            text("units.note_more_rows", entered=number_text(standing.rows), headcount=number_text(standing.headcount))
        )
    if config.settings.is_overdue(today) and standing.left:
        notes.append(
            text("units.note_overdue", left=number_text(standing.left), day=day_text(config.settings.deadline))
        )
    if standing.vanished_rows:
        notes.append(text("units.note_vanished", rows=number_text(standing.vanished_rows)))
    notes += _days_to_come(table.declaration, config, today)
    if config.uses(FieldCode.LIST_COMPLETE):
        notes += _list_notes(standing)
    if not unit.focal_email:
        notes.append(text("units.note_no_focal_email"))
    return notes


def _days_to_come(declared: Declaration, config: Config, today: date) -> Iterator[str]:
    days = {FieldCode.DISSEMINATED_ON: declared.disseminated_on, FieldCode.REPORTED_ON: declared.reported_on}
    for code, day in days.items():
        if day and day > today and config.uses(code):
            yield text("units.note_day_to_come", header=config.field(code).header, day=day_text(day))


def _list_notes(standing: Standing) -> Iterator[str]:
    """What is said of the tick on line 2."""
    if standing.claims_too_much:
        yield text("units.note_claims_too_much", missing=number_text(standing.not_entered))
    elif standing.lacks_people:
        yield text("units.note_lacks_people")


def _headcounts_differ(registry: int, declared: int, counted: int | None) -> str:
    numbers = {"registry": registry, "declared": declared, "counted": counted or 0}
    return text("units.note_headcounts_differ", **{name: number_text(number) for name, number in numbers.items()})


# --- problems ---------------------------------------------------------------------------------------------


def _problems(
    located: Located, findings: Findings, standings: Sequence[Standing], config: Config
) -> tuple[Problem, ...]:
    problems = [each.problem for each in located.unreadable]
    problems.extend(located.notices)
    problems.extend(_headcount_problems(located, config))
    for code in findings.too_slow:
        problems.append(
            Problem(
                where=text("units.where_rule", code=code),
                what=text("units.slow_rule.what"),
                fix=text("units.slow_rule.fix"),
            )
        )
    for standing in standings:
        if standing.vanished_rows:
            problems.append(
                Problem(
                    where=text("units.where_unit", unit=standing.name),
                    what=text("units.vanished.what", rows=number_text(standing.vanished_rows)),
                    fix=text("units.vanished.fix"),
                    needs_person=False,
                )
            )
    return tuple(problems)


def _far_deadline(settings: Settings, today: date) -> Iterable[Problem]:
    """A deadline years from now is a slip of the pen more often than not: it is asked about, and holds."""
    years = settings.deadline.year - today.year
    if years >= _YEARS_TO_ASK_ABOUT:
        yield Problem(
            where=text("units.where_deadline"),
            what=text("units.far_deadline.what", day=day_text(settings.deadline), years=years),
            fix=text("units.far_deadline.fix"),
            needs_person=False,
        )


def _headcount_problems(located: Located, config: Config) -> Sequence[Problem]:
    units = {unit.code: unit for unit in config.units}
    source = config.settings.headcount_source
    both_given = (
        (units[table.unit], units[table.unit].headcount, table.declaration.headcount) for table in located.tables
    )
    return [
        Problem(
            where=text("units.where_unit", unit=unit.name),
            what=_headcounts_differ(registry, declared, headcount_of(registry, declared, source)),
            fix=text("units.headcounts_fix"),
            needs_person=False,
        )
        for unit, registry, declared in both_given
        if registry is not None and declared is not None and registry != declared
    ]


def _shared_numbers(people: People, verdicts: pd.DataFrame) -> tuple[SharedNumber, ...]:
    """Where the same number stands in two units, one for each number and pair, rows out of scope left aside."""
    numbers = people.read(FieldCode.IDENTITY, lambda column: column.id_number)
    counted = (numbers != "") & (verdicts["counts_as"] != CountsAs.OUT_OF_SCOPE)
    held = pd.DataFrame({"number": numbers, "unit": people.unit, "row": people.frame["row"]})[counted]
    shared = held[held.groupby("number")["unit"].transform("nunique") > 1]
    places = (_rows_by_unit(each) for _, each in shared.groupby("number"))
    return tuple(
        sorted(SharedNumber(one, rows[one], other, rows[other]) for rows in places for one, other in _pairs(rows))
    )


def _rows_by_unit(held: pd.DataFrame) -> dict[str, tuple[int, ...]]:
    return {str(unit): tuple(map(int, rows)) for unit, rows in held.groupby("unit")["row"]}


def _pairs(units: Iterable[str]) -> Iterable[tuple[str, str]]:
    return combinations(sorted(units), 2)


# --- the steps --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stages:
    """The steps of judging, one after another."""

    locate: Callable[[Snapshot, Config, Mapping[str, Mistake]], Located] = locate
    read_people: Callable[[Sequence[UnitTable], Config], People] = read_people
    find: Callable[[People, Sequence[Rule], date, Matching], Findings] = find
    decide: Callable[[People, Sequence[Status], Matcher], pd.Series[Any]] = decide
    verdicts: Callable[..., pd.DataFrame] = _verdicts
    standings: Callable[..., tuple[tuple[Standing, ...], tuple[UnitRecord, ...]]] = _standings
