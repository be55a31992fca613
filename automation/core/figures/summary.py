"""The figures of the summary to the personnel office: units, groups and statuses; never a person."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from automation.core.config.values import Config, FieldCode, Settings
from automation.core.figures.forecast import (
    Forecast,
    OfficeTime,
    Outlook,
    forecast,
    forecast_at,
    office_time,
    pace,
    people_needed,
    reading_at,
    together,
    unsure,
)
from automation.core.figures.history import NO_HISTORY, Earlier, History, Reading
from automation.core.figures.period import Period, compared_with
from automation.core.figures.shared import Change, Judgement, change_since, errors_in_force, statuses_counting_as
from automation.core.judging.completion import has_reached_target, rate_of
from automation.core.model.mail import NO_WORDS, MailRecord, OwnWords
from automation.core.model.problems import Problem
from automation.core.model.units import CountsAs, Standing, Tally, Unit, per_cent
from automation.core.reading.cells import clean, is_mail_address, split_addresses
from automation.core.text.moments import local
from automation.core.text.vietnamese import SortKey, sort_key

UNITS_MOST_GAINED = 5
REFUSED_MAIL_DAYS = 14
"""Days for which a refused mail is told of."""

_TYPED = re.compile(r"“?\{[^}]*\}”?")
_SETTING = re.compile(r"\[([^\]]*)\]")
_FUNNEL_ORDER = (CountsAs.DONE, CountsAs.NOT_DONE, CountsAs.DEFERRED, CountsAs.OUT_OF_SCOPE)


@dataclass(frozen=True)
class Rated:
    """A name with its people, their rate (per cent, rounded down to 0.1; None with nobody to count) and target."""

    name: str
    tally: Tally
    rate: float | None
    target: float
    units: int = 0
    units_without_people: int = 0
    """Units nobody of which is known yet: the rate says nothing of them."""

    @property
    def counted(self) -> int:
        """The people that the rate is a share of."""
        return self.tally.in_scope - self.tally.deferred


@dataclass(frozen=True)
class Share:
    """Some of the people in scope, and their part of them in per cent."""

    people: int
    rate: float | None


@dataclass(frozen=True)
class StatusLine:
    """One status of the funnel; `share` is its part of the people entered, in per cent rounded down."""

    label: str
    people: int
    share: int
    counts_as: CountsAs


@dataclass(frozen=True)
class UnitLine:
    """One line of the ranking; units without a rate and units that could not be read have no rank."""

    rank: int | None
    unit: Rated
    standing: Standing
    forecast: Forecast
    change: Change | None = None
    """Since the summary before."""

    @property
    def known(self) -> bool:
        return self.standing.known

    @property
    def gained(self) -> int:
        """How many fewer people are left since the summary before; below 0 where there are more."""
        return self.change.fewer_left if self.change else 0

    @property
    def as_of(self) -> datetime | None:
        """When the figures of an unread unit were read; None where they never were."""
        return self.standing.as_of


@dataclass(frozen=True)
class SilentUnit:
    """A unit below target whose tab has not changed for long."""

    name: str
    days: int


@dataclass(frozen=True)
class RuleLine:
    """How often one rule found an error, over all units; `wrong` is the rule's sentence without values."""

    rule: str
    header: str
    wrong: str
    rows: int
    by_unit: tuple[tuple[str, int], ...]
    """Rows by unit, the most first."""

    @property
    def units(self) -> int:
        return len(self.by_unit)


@dataclass(frozen=True)
class Duplicate:
    """Two units that list the same identity number; never whose."""

    one: str
    other: str
    cases: int


@dataclass(frozen=True)
class Difficulty:
    """One difficulty of the list, or "" for all that was typed freely; units by number of people."""

    label: str
    people: int
    units: tuple[tuple[str, int], ...]
    """People by unit, the most first."""


@dataclass(frozen=True)
class Dissemination:
    """What the units declared of having made the documents known."""

    units_done: int
    units_all: int
    informed: int
    relatives: int
    not_declared: tuple[str, ...]


@dataclass(frozen=True)
class RegistryGaps:
    """Units for which the registry lacks something, by what is missing."""

    focal_person: tuple[str, ...]
    focal_address: tuple[str, ...]
    """No address, or none that a mail could go to."""
    head_address: tuple[str, ...]
    headcount: tuple[str, ...]
    """Neither registered nor declared: the rate is one of the people entered."""

    @property
    def any(self) -> bool:
        return bool(self.focal_person or self.focal_address or self.head_address or self.headcount)


@dataclass(frozen=True)
class RefusedMails:
    """The mails to a unit ("" for those to the office) that could not be delivered lately."""

    unit: str
    day: date
    """Of the last one."""
    error: str
    mails: int


@dataclass(frozen=True)
class ReportHead:
    """What stands around a report, as `Cấu hình` has it."""

    parent_agency: str
    place: str
    symbol: str


@dataclass(frozen=True)
class SummaryFigures:
    """Everything the summary says."""

    period: Period
    campaign: str
    issuer: str
    legal_basis: str
    deadline: date
    as_of: datetime
    days_left: int
    working_days_left: int
    target: float
    overall: Rated
    strict_rate: float | None
    card: Share
    account: Share
    level_2: Share
    change: Change | None
    """Since the summary before."""
    forecast: Forecast
    trend: tuple[Reading, ...]
    """All units together, day by day, the present last."""
    funnel: tuple[StatusLine, ...]
    not_entered: int
    """People who were declared and are in no list yet."""
    units: tuple[UnitLine, ...]
    groups: tuple[Rated, ...]
    categories: tuple[Rated, ...]
    party: Rated | None
    """The members of the Party among the people above; None where that column is not used."""
    reached: tuple[str, ...]
    not_started: tuple[str, ...]
    silent: tuple[SilentUnit, ...]
    silent_after_days: int
    unknown: tuple[UnitLine, ...]
    most_gained: tuple[UnitLine, ...]
    """The units in which most people got done since the summary before, the most first."""
    at_risk: tuple[UnitLine, ...]
    """Units whose pace leads beyond the deadline, the latest first."""
    standing_still: tuple[UnitLine, ...]
    """Units in which nobody got done in the last working days, those with most to do first."""
    too_little_data: int
    """Units of whose pace nothing can be said yet."""
    rows_with_errors: int
    errors_by_rule: tuple[RuleLine, ...]
    duplicates: tuple[Duplicate, ...]
    difficulties: tuple[Difficulty, ...]
    dissemination: Dissemination
    registry_gaps: RegistryGaps
    refused_mails: tuple[RefusedMails, ...]
    problems: tuple[Problem, ...]
    config_problems: int
    """Problems in cells of the configuration, which the admin got in a mail of its own."""
    report: ReportHead
    contact: str
    test_recipients: tuple[str, ...] | None
    words: OwnWords = NO_WORDS


def summary_figures(
    judged: Judgement,
    history: History = NO_HISTORY,
    sent: Sequence[MailRecord] = (),
    *,
    period: Period = Period.DAY,
    real_recipients: tuple[str, ...] = (),
) -> SummaryFigures:
    """The figures of the summary as of `judged.now`. `sent`: every mail queued so far."""
    settings, standings = judged.config.settings, judged.standings
    now = local(judged.now, ZoneInfo(settings.time_zone))
    total = judged.total
    course = _Course(judged, history, compared_with(period, sent, settings, now))
    units = _ranking(standings, settings, course)
    late = [line for line in units if line.forecast.outlook is Outlook.LATE]
    still = [line for line in units if line.forecast.outlook is Outlook.STANDING_STILL]
    return SummaryFigures(
        period=period,
        campaign=settings.campaign,
        issuer=settings.issuer,
        legal_basis=settings.legal_basis,
        deadline=settings.deadline,
        as_of=now,
        days_left=(settings.deadline - now.date()).days,
        working_days_left=course.time.working_days_left,
        target=settings.target,
        overall=Rated("", total.tally, total.rate, settings.target, total.units),
        strict_rate=total.strict_rate,
        card=_share(total.card_done, total.in_scope),
        account=_share(total.account_done, total.in_scope),
        level_2=_share(total.level_2, total.in_scope),
        change=course.change,
        forecast=course.forecast,
        trend=course.trend,
        funnel=_funnel(judged),
        not_entered=_not_entered(judged),
        units=units,
        groups=_by_group(standings, settings),
        categories=_by_category(judged),
        party=_party(judged),
        reached=_names(standings, lambda each: _has_reached(each, settings)),
        not_started=_names(standings, lambda each: each.known and each.rows == 0),
        silent=_silent(judged),
        silent_after_days=settings.silent_days,
        unknown=tuple(line for line in units if not line.known),
        most_gained=_most_gained(units),
        at_risk=tuple(sorted(late, key=_latest_first)),
        standing_still=tuple(sorted(still, key=lambda line: (-line.forecast.to_go, sort_key(line.unit.name)))),
        too_little_data=sum(line.forecast.outlook is Outlook.TOO_LITTLE_DATA for line in units),
        rows_with_errors=total.errors,
        errors_by_rule=_errors_by_rule(judged),
        duplicates=_duplicates(judged),
        difficulties=_difficulties(judged),
        dissemination=_dissemination(standings),
        registry_gaps=_registry_gaps(judged.config, standings),
        refused_mails=_refused_mails(judged, sent),
        # What stands in a cell of the configuration may be a person's; the admin gets it in a mail of its own.
        problems=tuple(problem for problem in judged.problems if problem.place is None),
        config_problems=sum(problem.place is not None for problem in judged.problems),
        report=ReportHead(settings.parent_agency, settings.place, settings.report_symbol),
        contact=settings.contact,
        test_recipients=None if settings.mail_mode_real else real_recipients,
    )


class _Course:
    """How the campaign went so far, and where that leads: all units together and each on its own."""

    def __init__(self, judged: Judgement, history: History, compared_with: date) -> None:
        self.time: OfficeTime = office_time(judged.config.settings, judged.now)
        self._settings = judged.config.settings
        self._tracks = _with_present(history.tracks(self.time.today), judged.standings, self.time.today)
        self._before = compared_with
        self.trend = tuple(together(self._tracks.values()))
        total = judged.total
        present = Reading(self.time.today, total.in_scope - total.deferred, total.done)
        self.forecast = forecast_at(pace(self._tracks.values(), self.time), present, self._settings.target, self.time)
        self.change = self._change(self.trend, total.rate, total.left)

    def forecast_of(self, unit: Standing) -> Forecast:
        target, counted = self._settings.target_of(unit.group), unit.in_scope - unit.deferred
        if not unit.known or unit.vanished_rows:
            return unsure(max(0, people_needed(target, counted) - unit.done))
        return forecast(self._tracks[unit.code], target, self.time)

    def change_of(self, unit: Standing) -> Change | None:
        return self._change(self._tracks[unit.code], unit.rate, unit.left) if unit.known else None

    def _change(self, track: Sequence[Reading], rate: float | None, left: int) -> Change | None:
        then = reading_at(track, self._before)
        if then is None or then.day == self.time.today:
            return None
        return change_since(Earlier(then.day, then.rate, then.counted - then.done), rate, left)


def _with_present(
    tracks: Mapping[str, Sequence[Reading]], standings: Iterable[Standing], today: date
) -> dict[str, list[Reading]]:
    """The track of each unit of the registry up to now; of an unread unit as far as it is known."""
    return {
        each.code: [
            *tracks.get(each.code, ()),
            *([Reading(today, each.in_scope - each.deferred, each.done)] if each.known else ()),
        ]
        for each in standings
    }


def _most_gained(units: Iterable[UnitLine]) -> tuple[UnitLine, ...]:
    moved = [line for line in units if line.gained > 0 and not line.standing.vanished_rows]
    return tuple(sorted(moved, key=lambda line: (-line.gained, sort_key(line.unit.name)))[:UNITS_MOST_GAINED])


def _latest_first(line: UnitLine) -> tuple[int, SortKey]:
    """Those that no date can be given for come before all others."""
    reached_on = line.forecast.reached_on
    return -(reached_on or date.max).toordinal(), sort_key(line.unit.name)


def _share(people: int, in_scope: int) -> Share:
    return Share(people, per_cent(people, in_scope))


def _rated(name: str, tally: Tally, target: float) -> Rated:
    return Rated(name, tally, rate_of(tally), target)


def _funnel(judged: Judgement) -> tuple[StatusLine, ...]:
    people = Counter(judged.total.statuses)
    everybody = sum(people.values())
    return tuple(
        StatusLine(
            label=status.label,
            people=people[status.code],
            share=people[status.code] * 100 // everybody,
            counts_as=status.counts_as,
        )
        for status in sorted(judged.config.statuses, key=lambda each: _FUNNEL_ORDER.index(each.counts_as))
        if people[status.code]
    )


def _not_entered(judged: Judgement) -> int:
    counts_as = statuses_counting_as(judged.config)
    entered = sum(people for code, people in judged.total.statuses.items() if counts_as.get(code) is CountsAs.NOT_DONE)
    return max(0, judged.total.left - entered)


def _ranking(standings: Iterable[Standing], settings: Settings, course: _Course) -> tuple[UnitLine, ...]:
    """Best rate first; equal rates share a rank and stand by name; units without a rate and unread ones last."""
    lines: list[UnitLine] = []
    best_first = sorted(standings, key=lambda each: (not each.known, -_rate_or_nothing(each), sort_key(each.name)))
    for position, standing in enumerate(best_first, start=1):
        rank = None
        if standing.known and standing.rate is not None:
            rank = lines[-1].rank if lines and lines[-1].unit.rate == standing.rate else position
        rated = Rated(standing.name, standing.tally, standing.rate, settings.target_of(standing.group))
        lines.append(UnitLine(rank, rated, standing, course.forecast_of(standing), course.change_of(standing)))
    return tuple(lines)


def _rate_or_nothing(standing: Standing) -> float:
    return -1.0 if standing.rate is None else standing.rate


def _by_group(standings: Iterable[Standing], settings: Settings) -> tuple[Rated, ...]:
    members: defaultdict[str, list[Standing]] = defaultdict(list)
    for standing in standings:
        members[standing.group].append(standing)
    return tuple(_group(name, units, settings.target_of(name)) for name, units in members.items())


def _group(name: str, units: Sequence[Standing], target: float) -> Rated:
    tally = sum((each.tally for each in units), Tally())
    return Rated(name, tally, rate_of(tally), target, len(units), sum(each.in_scope == 0 for each in units))


def _people_in_scope(judged: Judgement) -> pd.DataFrame:
    counts_as = {code: counts.value for code, counts in statuses_counting_as(judged.config).items()}
    people = judged.people.assign(counts_as=judged.people["status"].map(counts_as))
    return people[people["counts_as"] != CountsAs.OUT_OF_SCOPE.value]


def _tally(people: pd.DataFrame) -> Tally:
    counts = people["counts_as"].value_counts()
    return Tally(
        in_scope=len(people),
        deferred=int(counts.get(CountsAs.DEFERRED.value, 0)),
        done=int(counts.get(CountsAs.DONE.value, 0)),
    )


def _by_category(judged: Judgement) -> tuple[Rated, ...]:
    """In the order of the list; people whose category is not in the list come last, under ""."""
    people = _people_in_scope(judged)
    listed = judged.config.list_values(FieldCode.CATEGORY)
    category = people["category"].where(people["category"].isin(listed), "")
    tallies = {str(name): _tally(members) for name, members in people.groupby(category, sort=False)}
    target = judged.config.settings.target
    return tuple(_rated(name, tallies[name], target) for name in (*listed, "") if name in tallies)


def _party(judged: Judgement) -> Rated | None:
    if not any(field.code == FieldCode.PARTY and field.used for field in judged.config.fields):
        return None
    people = _people_in_scope(judged)
    return _rated("", _tally(people[people["party"].astype(bool)]), judged.config.settings.target)


def _names(standings: Iterable[Standing], wanted: Callable[[Standing], bool]) -> tuple[str, ...]:
    return _in_order(each.name for each in standings if wanted(each))


def _has_reached(unit: Standing, settings: Settings) -> bool:
    """A rate that rose because rows vanished reaches nothing until the unit confirms it."""
    return unit.known and not unit.vanished_rows and has_reached_target(unit, unit.rate, settings)


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=sort_key))


def _silent(judged: Judgement) -> tuple[SilentUnit, ...]:
    """Longest silence first. Units without any row are not started, not silent."""
    settings, today = judged.config.settings, judged.now.date()
    silent = [
        SilentUnit(each.name, days)
        for each in judged.standings
        if each.known and each.rows and each.changed_at and _rate_or_nothing(each) < settings.target_of(each.group)
        if (days := (today - each.changed_at.date()).days) >= settings.silent_days
    ]
    return tuple(sorted(silent, key=lambda each: (-each.days, sort_key(each.name))))


def _errors_by_rule(judged: Judgement) -> tuple[RuleLine, ...]:
    errors, names = errors_in_force(judged), _unit_names(judged.standings)
    messages = {rule.code: _without_values(rule.message, judged.config) for rule in judged.config.rules}
    lines = (
        RuleLine(
            rule=str(rule),
            header=str(found["header"].iloc[0]),
            wrong=messages.get(str(rule), ""),
            rows=len(found),
            by_unit=_most_first(
                (names.get(str(unit), str(unit)), int(rows)) for unit, rows in found["unit"].value_counts().items()
            ),
        )
        for rule, found in errors.groupby("rule", sort=False)
    )
    return tuple(sorted(lines, key=lambda each: (-each.rows, each.rule)))


def _without_values(message: str, config: Config) -> str:
    """What a rule says is wrong, before its arrow: settings filled in, what people typed left out."""
    wrong = _TYPED.sub("", message.partition("→")[0])
    return clean(_SETTING.sub(lambda found: config.raw_settings.get(found[1], ""), wrong))


def _duplicates(judged: Judgement) -> tuple[Duplicate, ...]:
    names = _unit_names(judged.standings)
    cases = Counter(tuple(sorted(pair)) for pair in judged.cross_unit_duplicates)
    lines: list[Duplicate] = []
    for pair, count in cases.items():
        one, other = _in_order(names.get(code, code) for code in pair)
        lines.append(Duplicate(one, other, count))
    return tuple(sorted(lines, key=lambda each: (-each.cases, sort_key(each.one), sort_key(each.other))))


def _difficulties(judged: Judgement) -> tuple[Difficulty, ...]:
    """Free text may name people, so all of it is counted on one line, without its words."""
    people = _people_in_scope(judged)
    people = people[people["difficulty"] != ""]
    listed = judged.config.list_values(FieldCode.DIFFICULTY)
    label = people["difficulty"].where(people["difficulty"].isin(listed), "")
    counts: dict[Any, int] = people.groupby([label, "unit"], sort=False).size().to_dict()
    names = _unit_names(judged.standings)
    units: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for (difficulty, unit), count in counts.items():
        units[difficulty].append((names.get(unit, unit), count))
    lines = (Difficulty(label, sum(count for _, count in found), _most_first(found)) for label, found in units.items())
    return tuple(sorted(lines, key=lambda each: (each.label == "", -each.people, sort_key(each.label))))


def _most_first(counts: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts, key=lambda each: (-each[1], sort_key(each[0]))))


def _unit_names(standings: Iterable[Standing]) -> Mapping[str, str]:
    return {each.code: each.name for each in standings}


def _dissemination(standings: Sequence[Standing]) -> Dissemination:
    declared = [each for each in standings if each.declaration.disseminated_on is not None]
    return Dissemination(
        units_done=len(declared),
        units_all=len(standings),
        informed=sum(each.declaration.informed or 0 for each in standings),
        relatives=sum(each.declaration.relatives or 0 for each in standings),
        not_declared=_names(standings, lambda each: each.declaration.disseminated_on is None),
    )


def _registry_gaps(config: Config, standings: Iterable[Standing]) -> RegistryGaps:
    def missing(lacks: Callable[[Unit], bool]) -> tuple[str, ...]:
        return _in_order(unit.name for unit in config.units if lacks(unit))

    return RegistryGaps(
        focal_person=missing(lambda unit: not unit.focal_person.strip()),
        focal_address=missing(lambda unit: not _has_address(unit.focal_email)),
        head_address=missing(lambda unit: not _has_address(unit.head_email)),
        headcount=_names(standings, lambda each: each.headcount is None),
    )


def _has_address(typed: str) -> bool:
    return any(map(is_mail_address, split_addresses(typed)))


def _refused_mails(judged: Judgement, sent: Iterable[MailRecord]) -> tuple[RefusedMails, ...]:
    """Latest first. A unit that got a mail since is reached again."""
    names, oldest = _unit_names(judged.standings), judged.now.date() - timedelta(days=REFUSED_MAIL_DAYS)
    failed: defaultdict[str, list[MailRecord]] = defaultdict(list)
    for record in sent:
        if record.state == "sent":
            failed.pop(record.unit, None)
        elif record.state == "failed" and record.day >= oldest and record.unit in {*names, ""}:
            failed[record.unit].append(record)
    refused = (
        RefusedMails(names.get(unit, ""), records[-1].day, records[-1].error, len(records))
        for unit, records in failed.items()
    )
    return tuple(sorted(refused, key=lambda each: (-each.day.toordinal(), sort_key(each.unit))))
