"""The pure half of a cycle: a workbook as read, a configuration, what is remembered -> who stands where, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import TypeAlias

from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config.values import Config, FieldCode, Settings
from automation.core.judging.completion import (
    UnitCounts,
    headcount_of,
    is_below_target,
    tally_of,
    total_of,
)
from automation.core.judging.expressions import Matching
from automation.core.judging.findings import Findings
from automation.core.judging.judged import Judged, SharedNumber
from automation.core.judging.left_over import left_over, left_over_problems
from automation.core.judging.lists.of_campaigns import begun_anew, of_this_campaign, with_those_before
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.judging.lists.unreadable import UnreadableTab
from automation.core.judging.locating import NONE_LEFT_OUT, Located, locate
from automation.core.judging.renamed_units import carried_over, renamed_problems, renamed_units
from automation.core.judging.row_loss import row_losses
from automation.core.judging.rows import JudgedUnits, LastJudged, RowStages, judge_units
from automation.core.judging.trials import run_trials
from automation.core.model.mistakes import Mistake
from automation.core.model.problems import Problem
from automation.core.model.units import CountsAs, Declaration, Standing, Tally, Unit, UnitRecord
from automation.core.model.workbook import Snapshot
from automation.core.text.vietnamese import day_text, left_text, number_text

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
    last: LastJudged | None = None,
) -> Judged:
    """Findings, statuses, next steps and completion of everybody in the workbook. `now`: in the campaign's zone.

    `matching`: what expressions found out in earlier cycles, and the measure of what they may spend. `last`: the units
    as they were judged last, on the same day by the same configuration; nothing but time is gained from it. Where
    judging raises what nobody foresaw, the units that make it raise are unknown, and the others are judged.
    """
    together = partial(_judge_together, snapshot, config, memory, now, matching or Matching(), stages or Stages())
    last = last or LastJudged()
    try:
        return together(NONE_LEFT_OUT, last)
    except Exception:
        last.units = None
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
    last: LastJudged | None = None,
) -> Judged:
    """Everybody in one table. `left_out`: the units that are unknown this time."""
    last, today = last or LastJudged(), now.date()
    known = {table.unit: table for table in last.units.tables} if last.units else {}
    anew = begun_anew(memory, config.settings)
    located = stages.locate(snapshot, config, left_out, known, anew)
    units, people = judge_units(located.tables, config, today, matching, stages, last)
    last.units = units
    renamed = renamed_units(of_this_campaign(memory, config.settings), located.tables, config.units)
    of_all = carried_over(memory, renamed)
    memory = of_this_campaign(of_all, config.settings)
    standings, records = stages.standings(located, units.counts, config, memory, now)
    records = tuple(with_those_before(records, of_all, config.settings))
    forgotten = left_over(located.tables, config)
    findings, statuses = units.findings, units.verdicts["status"]
    return Judged(
        config=config,
        now=now,
        standings=standings,
        total=total_of(standings),
        people=units.verdicts,
        findings=findings.table,
        trials=run_trials(people, findings, statuses, standings, today) if people else (),
        problems=(
            *_problems(located, findings, standings, config),
            *_far_deadline(config.settings, today),
            *left_over_problems(forgotten),
            *renamed_problems(renamed),
        ),
        cross_unit_duplicates=_shared_numbers(units),
        tables=located.tables,
        records=records,
        unreadable=located.unreadable,
        left_over=forgotten,
        renamed={each.old: each.new for each in renamed},
        losses=row_losses(standings, memory, config.settings),
        mistakes=located.mistakes,
        marks=units.marks,
    )


# --- standings --------------------------------------------------------------------------------------------


def _standings(
    located: Located,
    counts: Mapping[str, UnitCounts],
    config: Config,
    memory: Mapping[str, UnitRecord],
    now: datetime,
) -> tuple[tuple[Standing, ...], tuple[UnitRecord, ...]]:
    tables = {table.unit: table for table in located.tables}
    unreadable = {each.unit.code: each for each in located.unreadable}
    nobody = UnitCounts(parts={rate.code: 0 for rate in config.part_rates})
    standings: list[Standing] = []
    records: list[UnitRecord] = []
    for unit in config.units:
        remembered = memory.get(unit.code)
        if unit.code in unreadable:
            standings.append(_unknown(unreadable[unit.code], remembered, config))
            continue
        own = counts.get(unit.code, nobody)
        standing, record = _known(unit, tables[unit.code], own, config, remembered, now)
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
            emptied=unreadable.emptied,
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
        emptied=unreadable.emptied,
        notes=(note,),
    )


def _known(
    unit: Unit,
    table: UnitTable,
    people: UnitCounts,
    config: Config,
    remembered: UnitRecord | None,
    now: datetime,
) -> tuple[Standing, UnitRecord]:
    out_of_scope = people.of(CountsAs.OUT_OF_SCOPE, config.statuses)
    headcount = headcount_of(unit.headcount, table.declaration.headcount, config.settings.headcount_source)
    tally = people.tally(headcount, config.statuses)
    digest = table.fingerprint
    unchanged = remembered is not None and table.is_as_in(remembered)
    changed_at = remembered.changed_at if remembered is not None and unchanged else now
    peak = _peak_rows(people.rows, headcount, table.declaration.headcount, remembered)
    standing = Standing(
        code=unit.code,
        name=unit.name,
        group=unit.group,
        headcount=headcount,
        rows=people.rows,
        out_of_scope=out_of_scope,
        tally=tally,
        errors=people.errors,
        warnings=people.warnings,
        statuses={status.code: people.statuses.get(status.code, 0) for status in config.statuses},
        parts=people.parts,
        breakdown=people.breakdown,
        declaration=_as_of(table.declaration, now.date()),
        changed_at=changed_at,
        vanished_rows=_vanished(peak - people.rows, out_of_scope, people.rows - out_of_scope, headcount, tally),
    )
    standing = replace(
        standing,
        below_since=_below_since(standing, remembered, config.settings, now),
        notes=tuple(_notes(unit, table, standing, config, now.date())),
    )
    campaign = config.settings.campaign_code
    return standing, UnitRecord(
        unit.code, digest, changed_at, now, peak, standing, tab=table.tab.key, campaign=campaign
    )


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
        notes.append(text("units.note_overdue", left=left_text(standing), day=day_text(config.settings.deadline)))
    if standing.vanished_rows:
        notes.append(text("units.note_vanished", rows=number_text(standing.vanished_rows)))
    if table.swapped:
        notes.append(text("units.note_swapped", headers=", ".join(table.swapped)))
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


def _shared_numbers(units: JudgedUnits) -> tuple[SharedNumber, ...]:
    """Where the same number stands in several units, rows out of scope left aside."""
    twice = units.numbers.duplicated(keep=False)
    held = units.verdicts.loc[twice, ["unit", "row", "counts_as"]]
    places: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, unit, row, counts_as in zip(units.numbers[twice], *(held[code] for code in held), strict=True):
        if number and counts_as is not CountsAs.OUT_OF_SCOPE:
            places[number][unit].append(row)
    of_several = (sorted(rows.items()) for rows in places.values() if len(rows) > 1)
    return tuple(sorted(SharedNumber(tuple((unit, tuple(lines)) for unit, lines in each)) for each in of_several))


# --- the steps --------------------------------------------------------------------------------------------


class Stages(RowStages, frozen=True):
    """The steps of judging."""

    locate: Callable[..., Located] = locate
    standings: Callable[..., tuple[tuple[Standing, ...], tuple[UnitRecord, ...]]] = _standings
