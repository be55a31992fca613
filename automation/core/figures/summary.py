"""The figures of the summary to the personnel office: units, groups and statuses; never a person."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations

from msgspec import Struct

from automation.core.config.values import Config, FieldCode, LegalDocument, Settings, StatusCode
from automation.core.config.working_days import last_working_day
from automation.core.figures.forecast import (
    Forecast,
    OfficeTime,
    Outlook,
    forecast,
    gained_since,
    gains,
    office_time,
    people_to_go,
    reading_at,
    together,
    unsure,
)
from automation.core.figures.history import NO_HISTORY, History, Reading
from automation.core.figures.overall import (
    Funnel,
    Part,
    Rated,
    all_units,
    asks_categories,
    asks_exemptions,
    by_category,
    by_group,
    funnel_of,
    one_unit,
    parts_of,
    party_of,
    ranking_of,
    rate_or_nothing,
)
from automation.core.figures.period import LastSummary, Period, told_last
from automation.core.figures.prospects import CampaignForecast, Prospect, campaign_forecast
from automation.core.figures.shared import (
    Change,
    Judgement,
    change_since,
    errors_in_force,
    units_with_unreported_difficulties,
)
from automation.core.judging.completion import Total, has_reached_target, is_below_target
from automation.core.model.mail import MailRecord
from automation.core.model.units import Mode, Standing, unit_names
from automation.core.reading.cells import clean
from automation.core.text.moments import local
from automation.core.text.vietnamese import SortKey, sort_key

UNITS_MOST_GAINED = 5
UNITS_MOST_LEFT = 10
ROWS_PER_NUMBER = 5
"""Rows of one unit that are named beside a number that stands in another unit too."""

_TYPED = re.compile(r"“?\{[^}]*\}”?")
_SETTING = re.compile(r"\[([^\]]*)\]")


class UnitLine(Struct, frozen=True):
    """One line of the ranking; units without a rate and units that could not be read have no rank."""

    rank: int | None
    unit: Rated
    standing: Standing
    forecast: Forecast
    change: Change | None = None
    """Since the summary before."""
    at_deadline: int | None = None
    """People who are done on the deadline at the present pace; None where nothing is known of that day."""

    @property
    def known(self) -> bool:
        return self.standing.known

    @property
    def is_unread(self) -> bool:
        """Its tab could not be read, and nobody removed its list on purpose."""
        return _is_unread(self.standing)

    @property
    def gained(self) -> int:
        """How many people got done since the summary before."""
        return self.change.newly_done if self.change else 0

    @property
    def as_of(self) -> datetime | None:
        """When the figures of an unread unit were read; None where they never were."""
        return self.standing.as_of


class SilentUnit(Struct, frozen=True):
    """A unit below target whose tab has not changed for long."""

    name: str
    days: int


class ManyOutOfScope(Struct, frozen=True):
    """A unit of whose rows an unusual share is out of scope."""

    name: str
    people: int
    rows: int
    """All rows of persons of the unit."""
    week_ago: int | None
    """How many were out of scope a week ago; None where that is not known."""


class RuleLine(Struct, frozen=True):
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


class Duplicate(Struct, frozen=True):
    """Two units that list the same identity numbers: in which rows, never whose."""

    one: str
    other: str
    rows: tuple[tuple[str, str], ...]
    """A pair for each number: the rows of the one, the rows of the other."""

    @property
    def cases(self) -> int:
        return len(self.rows)


class Difficulty(Struct, frozen=True):
    """One difficulty of the list, or "" for all that was typed freely; units by number of people."""

    label: str
    people: int
    units: tuple[tuple[str, int], ...]
    """People by unit, the most first."""


_DISSEMINATION = (
    *(FieldCode.DISSEMINATED_ON, FieldCode.DISSEMINATED_BY, FieldCode.INFORMED),
    *(FieldCode.RELATIVES, FieldCode.REPORTED_ON),
)


class Dissemination(Struct, frozen=True):
    """What the units declared of having made the documents known, and of the difficulties that they passed on."""

    units_done: int
    units_all: int
    informed: int
    relatives: int
    not_declared: tuple[str, ...]
    documents: tuple[LegalDocument, ...] = ()
    forms: tuple[tuple[str, int], ...] = ()
    """Units by how they made them known, in their own words, the most first."""
    asked: tuple[tuple[str, str], ...] = ()
    """Code and header of what units are asked to declare."""
    reported: int = 0
    """Units that told the police of their difficulties."""
    not_reported: tuple[str, ...] = ()
    """Units whose people have difficulties and that have not told the police, as far as they are asked for it."""

    def asks(self, code: str) -> bool:
        """Whether the units are asked to declare the field of that code."""
        return any(asked == code for asked, _ in self.asked)

    @property
    def is_told(self) -> bool:
        """Whether any of what is told here is asked for."""
        return any(map(self.asks, _DISSEMINATION))


class ReportHead(Struct, frozen=True):
    """What stands around a report, as `Cấu hình` has it."""

    parent_agency: str
    place: str
    symbol: str


class SummaryFigures(Struct, frozen=True):
    """Everything the summary says."""

    period: Period
    campaign: str
    issuer: str
    legal_basis: str
    deadline: date
    as_of: datetime
    days_left: int
    working_days_left: int
    work_left: float
    """The same, of today only what is left of it."""
    last_working_day: date | None
    """The last one before a deadline that is a day off; None where the deadline itself is worked."""
    target: float
    overall: Rated
    parts: tuple[Part, ...]
    """In the order of `Chỉ số`."""
    change: Change | None
    """Since the summary before."""
    last_summary: LastSummary | None
    """The summary before, which changes are told from; None where its readers got none yet."""
    forecast: CampaignForecast
    trend: tuple[Reading, ...]
    """All units together, day by day, the present last."""
    funnel: Funnel
    units: tuple[UnitLine, ...]
    groups: tuple[Rated, ...]
    categories: tuple[Rated, ...]
    party: Rated | None
    """The members of the Party among the people above; None where that column is not used."""
    reached: tuple[str, ...]
    not_started: tuple[str, ...]
    of_unknown_size: tuple[str, ...]
    """Units of which nobody knows how many people are still to be entered."""
    silent: tuple[SilentUnit, ...]
    silent_after_days: int
    out_of_scope_share: float
    """per cent of the rows of a unit; where more are out of scope the unit is named"""
    many_out_of_scope: tuple[ManyOutOfScope, ...]
    """The largest share first."""
    waiting: tuple[str, ...]
    """Units whose reminders wait: for the next day's share of mails, or for the server."""
    unknown: tuple[UnitLine, ...]
    most_gained: tuple[UnitLine, ...]
    """The units in which most people got done since the summary before, the most first."""
    most_left: tuple[UnitLine, ...]
    """The units in which most people are left, the most first."""
    at_risk: tuple[UnitLine, ...]
    """Units whose pace leads beyond the deadline, the latest first."""
    standing_still: tuple[UnitLine, ...]
    """Units in which nobody got done in the last working days, those with most to do first."""
    too_little_data: tuple[UnitLine, ...]
    """Open units in which too few got done for a day to be named, those with most to do first."""
    in_doubt: tuple[UnitLine, ...]
    """Open units whose figures are doubtful, those with most to do first."""
    asks_categories: bool
    """Whether staff categories or Party membership are collected: a table tells of them."""
    asks_exemptions: bool
    """Whether anybody may be out of scope or deferred."""
    asks_difficulties: bool
    numbers_not_compared: bool
    """Whether identity numbers are collected, and those of some units could not be compared with the others'."""
    rows_with_errors: int
    held_back: int
    """People who do not count as done because of an error; rows out of scope may have one, too."""
    errors_by_rule: tuple[RuleLine, ...]
    duplicates: tuple[Duplicate, ...]
    difficulties: tuple[Difficulty, ...]
    dissemination: Dissemination
    report: ReportHead
    contact: str
    test_recipients: tuple[str, ...] | None

    @property
    def shorter(self) -> tuple[UnitLine, ...]:
        """The units whose rate rose because rows vanished, as long as they have not confirmed it."""
        return tuple(line for line in self.units if line.known and line.standing.vanished_rows)

    @property
    def removed(self) -> tuple[UnitLine, ...]:
        """The units whose lists were removed on purpose; their figures are those of the last cycle before."""
        return tuple(line for line in self.units if line.standing.emptied)

    @property
    def rows_gone(self) -> int:
        return sum(line.standing.vanished_rows for line in self.shorter)


def summary_figures(
    judged: Judgement,
    history: History = NO_HISTORY,
    sent: Sequence[MailRecord] = (),
    *,
    units_waiting: Collection[str] = (),
    period: Period = Period.DAY,
    real_recipients: tuple[str, ...] = (),
) -> SummaryFigures:
    """The figures of the summary as of `judged.now`. `sent`: every mail queued so far; `units_waiting`: codes of the
    units to which a mail is due that does not go with this one.
    """
    settings, standings = judged.config.settings, judged.standings
    now = local(judged.now, settings.zone)
    total = judged.total
    last = told_last(period, sent, settings, now)
    course = _Trajectory(judged, history, last)
    units = _ranking(standings, settings, course)
    still_open = [line for line in units if course.is_open(line.standing.code)]
    return SummaryFigures(
        period=period,
        campaign=settings.campaign,
        issuer=settings.issuer,
        legal_basis=settings.legal_basis,
        deadline=settings.deadline,
        as_of=now,
        days_left=(settings.deadline - now.date()).days,
        working_days_left=course.time.working_days_left,
        work_left=course.time.work_left,
        last_working_day=last_working_day(settings),
        target=settings.target,
        overall=all_units(total, settings),
        parts=parts_of(total, judged.config),
        change=course.change,
        last_summary=last,
        forecast=course.forecast,
        trend=course.trend,
        funnel=funnel_of(total, judged.config),
        units=units,
        groups=by_group(standings, settings),
        categories=tuple(each for each in by_category(judged) if each.in_scope),
        party=party_of(judged),
        reached=_names(standings, lambda each: _has_reached(each, settings)),
        not_started=_names(standings, lambda each: each.known and each.rows == 0),
        of_unknown_size=_names(standings, lambda each: not each.is_size_known),
        silent=_silent(judged),
        silent_after_days=settings.silent_days,
        out_of_scope_share=settings.out_of_scope_share,
        many_out_of_scope=_many_out_of_scope(judged, history),
        waiting=_names(standings, lambda each: each.code in units_waiting),
        unknown=tuple(line for line in units if line.is_unread),
        most_gained=_most_gained(units),
        most_left=tuple(sorted(filter(_is_behind, units), key=_most_left_first)[:UNITS_MOST_LEFT]),
        at_risk=_late(units),
        standing_still=_most_to_do(units, Outlook.STANDING_STILL),
        too_little_data=_most_to_do(still_open, Outlook.TOO_LITTLE_DATA, Outlook.NOBODY),
        in_doubt=_most_to_do(still_open, Outlook.UNSURE),
        asks_categories=asks_categories(judged.config),
        asks_exemptions=asks_exemptions(total, judged.config),
        numbers_not_compared=judged.config.uses(FieldCode.IDENTITY) and any(map(_is_unread, standings)),
        asks_difficulties=judged.config.uses(FieldCode.DIFFICULTY),
        rows_with_errors=total.errors,
        held_back=total.statuses.get(StatusCode.TO_CORRECT, 0),
        errors_by_rule=_errors_by_rule(judged),
        duplicates=_duplicates(judged),
        difficulties=_difficulties(judged),
        dissemination=_dissemination(judged),
        report=ReportHead(settings.parent_agency, settings.place, settings.report_symbol),
        contact=settings.contact,
        test_recipients=settings.named_on_trial(real_recipients),
    )


class CampaignOutlook(Struct, frozen=True):
    """How the campaign went so far, where that leads, and what stands in its way."""

    trend: tuple[Reading, ...]
    """All units together, day by day, the present last."""
    forecast: CampaignForecast
    at_risk: tuple[UnitLine, ...]
    """Units whose pace leads beyond the deadline, the latest first."""
    standing_still: int
    """Units in which nobody got done in the last working days."""
    difficulties: tuple[Difficulty, ...]


def campaign_outlook(judged: Judgement, history: History = NO_HISTORY) -> CampaignOutlook:
    """The outlook as of `judged.now`."""
    course = _Trajectory(judged, history, None)
    units = _ranking(judged.standings, judged.config.settings, course)
    still = len(_most_to_do(units, Outlook.STANDING_STILL))
    return CampaignOutlook(course.trend, course.forecast, _late(units), still, _difficulties(judged))


def _late(units: Iterable[UnitLine]) -> tuple[UnitLine, ...]:
    return tuple(sorted((line for line in units if line.forecast.outlook is Outlook.LATE), key=_latest_first))


class _Trajectory:
    """How the campaign went so far, and where that leads: all units together and each on its own."""

    def __init__(self, judged: Judgement, history: History, last: LastSummary | None) -> None:
        self.time: OfficeTime = office_time(judged.config.settings, judged.now, history.looks)
        self._settings = judged.config.settings
        self._tracks = _with_present(history.tracks(self.time.today), judged.standings, self.time.today)
        self._last = last
        self.trend = tuple(together(self._tracks.values()))
        self._prospects = {each.code: self._prospect(each) for each in judged.standings}
        self.forecast = campaign_forecast(list(self._prospects.values()), self.time)
        self.change = self._change_of_all(judged.total)

    def _prospect(self, unit: Standing) -> Prospect:
        present = Reading(self.time.today, unit.counted, unit.done)
        is_open = not unit.was_read or is_below_target(unit, self._settings) or self._may_lack_people(unit)
        return Prospect(present, self._forecast(unit), is_open)

    def forecast_of(self, code: str) -> Forecast:
        return self._prospects[code].forecast

    def is_open(self, code: str) -> bool:
        """Whether the unit still has to reach its target, as far as anybody knows."""
        return self._prospects[code].is_open

    def at_deadline(self, code: str) -> int | None:
        """People of the unit who are done on the deadline at its pace; None where nothing is known of that day."""
        if self.forecast.at_deadline is None:
            return None
        return self._prospects[code].done_in(self.time.work_until(self.time.deadline))

    def _forecast(self, unit: Standing) -> Forecast:
        target, counted = self._settings.target_of(unit.group), unit.counted
        if not unit.known or unit.vanished_rows or self._may_lack_people(unit):
            return unsure(people_to_go(target, counted, unit.done))
        return forecast(self._tracks[unit.code], target, self.time)

    def _may_lack_people(self, unit: Standing) -> bool:
        """Whether all who are entered are through, and nobody knows how many there are."""
        return not unit.is_size_known and has_reached_target(unit, unit.rate, self._settings)

    def change_of(self, unit: Standing) -> Change | None:
        """Since the summary before; None without one, or where nothing is known of then."""
        then = self._then(unit.code) if unit.known else None
        return change_since(then, unit.rate, gained_since(self._tracks[unit.code], then)) if then else None

    def _change_of_all(self, total: Total) -> Change | None:
        """The same of all units together."""
        return change_since(self._then_of_all(), total.rate, sum(map(self._gained, self._tracks)))

    def _then_of_all(self) -> Reading | None:
        if self._last is None:
            return None
        if self._last.told is None:
            return reading_at(together(self._tracks.values()), self._last.as_of)
        return Reading(self._last.as_of, self._last.told.counted, self._last.told.done)

    def _gained(self, code: str) -> int:
        """How many people of a unit got done since then; of one that is new since, from its first reading on."""
        track, then = self._tracks[code], self._then(code)
        if then:
            return gained_since(track, then)
        return sum(gain for day, gain in gains(track) if self._last and day > self._last.as_of)

    def _then(self, code: str) -> Reading | None:
        """Where the summary before told that a unit stands; where it had stood on the last day before it, if what it
        told was not kept. None where nothing is known.
        """
        if self._last is None:
            return None
        if self._last.told is None:
            return reading_at(self._tracks[code], self._last.as_of)
        stood = self._last.told.units.get(code)
        return Reading(self._last.as_of, done=stood[0], counted=stood[1]) if stood else None


def _with_present(
    tracks: Mapping[str, Sequence[Reading]], standings: Iterable[Standing], today: date
) -> dict[str, list[Reading]]:
    """The track of each unit of the registry up to now; of an unread unit as far as it is known.

    One that never was read counts from the first day on, as it did in what was told of all units together.
    """
    first = min((track[0].day for track in tracks.values()), default=today)

    def present(unit: Standing) -> Iterable[date]:
        if unit.was_read:
            return (today,) if unit.known else ()
        return dict.fromkeys((first, today))

    return {
        each.code: [*tracks.get(each.code, ()), *(Reading(day, each.counted, each.done) for day in present(each))]
        for each in standings
    }


def _most_gained(units: Iterable[UnitLine]) -> tuple[UnitLine, ...]:
    moved = [line for line in units if line.gained > 0 and not line.standing.vanished_rows]
    return tuple(sorted(moved, key=lambda line: (-line.gained, sort_key(line.unit.name)))[:UNITS_MOST_GAINED])


def _is_unread(standing: Standing) -> bool:
    return not standing.known and not standing.emptied


def _is_behind(line: UnitLine) -> bool:
    return line.rank is not None and line.unit.left > 0


def _most_left_first(line: UnitLine) -> tuple[int, SortKey]:
    return -line.unit.left, sort_key(line.unit.name)


def _most_to_do(units: Iterable[UnitLine], *outlooks: Outlook) -> tuple[UnitLine, ...]:
    found = (line for line in units if line.forecast.outlook in outlooks)
    return tuple(sorted(found, key=lambda line: (-line.forecast.to_go, sort_key(line.unit.name))))


def _latest_first(line: UnitLine) -> tuple[int, SortKey]:
    """Those that no date can be given for come before all others."""
    reached_on = line.forecast.reached_on
    return -(reached_on or date.max).toordinal(), sort_key(line.unit.name)


def _ranking(standings: Iterable[Standing], settings: Settings, course: _Trajectory) -> tuple[UnitLine, ...]:
    lines: list[UnitLine] = []
    for place in ranking_of(standings):
        unit = place.standing
        rated = one_unit(unit, settings)
        forecast, at_deadline = course.forecast_of(unit.code), course.at_deadline(unit.code)
        lines.append(UnitLine(place.rank, rated, unit, forecast, course.change_of(unit), at_deadline))
    return tuple(lines)


def _names(standings: Iterable[Standing], wanted: Callable[[Standing], bool]) -> tuple[str, ...]:
    return tuple(sorted((each.name for each in standings if wanted(each)), key=sort_key))


def _has_reached(unit: Standing, settings: Settings) -> bool:
    """A rate that rose because rows vanished reaches nothing until the unit confirms it, nor does one of those entered
    so far where nobody knows how many there are.
    """
    sure = unit.known and unit.is_size_known and not unit.vanished_rows
    return sure and has_reached_target(unit, unit.rate, settings)


def _silent(judged: Judgement) -> tuple[SilentUnit, ...]:
    """Longest silence first. Units without any row are not started, not silent."""
    settings, today = judged.config.settings, judged.now.date()
    silent = [
        SilentUnit(each.name, days)
        for each in judged.standings
        if each.known and each.rows and each.changed_at and rate_or_nothing(each) < settings.target_of(each.group)
        if (days := (today - each.changed_at.date()).days) >= settings.silent_days
    ]
    return tuple(sorted(silent, key=lambda each: (-each.days, sort_key(each.name))))


def _many_out_of_scope(judged: Judgement, history: History) -> tuple[ManyOutOfScope, ...]:
    """Who is marked as having left leaves the rate's denominator, so that is shown where it is often done."""
    most = judged.config.settings.out_of_scope_share
    week_ago = history.out_of_scope_at(judged.now.date() - timedelta(days=7))
    many = (
        ManyOutOfScope(each.name, each.out_of_scope, each.rows, week_ago.get(each.code))
        for each in judged.standings
        if each.known and each.out_of_scope * 100 > each.rows * most
    )
    return tuple(sorted(many, key=lambda each: (-each.people / each.rows, sort_key(each.name))))


def _errors_by_rule(judged: Judgement) -> tuple[RuleLine, ...]:
    """Of the rules that are on, those that found something; in unread units when these were last read."""
    headers = _headers_of_rules(judged)
    messages = {rule.code: _without_values(rule.message, judged.config) for rule in judged.config.rules}
    found = _by_unit(judged.standings, lambda each: each.breakdown.errors)
    lines = (
        RuleLine(rule, headers[rule], messages.get(rule, ""), sum(rows for _, rows in units), _most_first(units))
        for rule, units in found.items()
        if rule in headers
    )
    return tuple(sorted(lines, key=lambda each: (-each.rows, each.rule)))


def _headers_of_rules(judged: Judgement) -> Mapping[str, str]:
    """Of the rules in force: the header that their findings name, or of one that found nothing that of its field."""
    headers = {field.code: field.header for field in judged.config.fields}
    named = {rule.code: headers.get(rule.field, "") for rule in judged.config.rules if rule.mode is Mode.ON}
    found = errors_in_force(judged).drop_duplicates("rule")
    return named | dict(zip(found["rule"].tolist(), found["header"].tolist(), strict=True))


def _by_unit(
    standings: Iterable[Standing], counts: Callable[[Standing], Mapping[str, int]]
) -> Mapping[str, list[tuple[str, int]]]:
    """What `counts` has -> (name of the unit, number) of each unit that has some."""
    found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for each in standings:
        for counted, number in counts(each).items():
            found[counted].append((each.name, number))
    return found


def _without_values(message: str, config: Config) -> str:
    """What a rule says is wrong, before its arrow: settings filled in, what people typed left out."""
    wrong = _TYPED.sub("", message.partition("→")[0])
    return clean(_SETTING.sub(lambda found: config.raw_settings.get(found[1], ""), wrong))


def _duplicates(judged: Judgement) -> tuple[Duplicate, ...]:
    names = unit_names(judged.standings)
    found: defaultdict[tuple[str, str], list[tuple[tuple[int, ...], tuple[int, ...]]]] = defaultdict(list)
    for number in judged.cross_unit_duplicates:
        named = ((names.get(code, code), rows) for code, rows in number.places)
        in_order = sorted(named, key=lambda place: sort_key(place[0]))
        for (one, one_rows), (other, other_rows) in combinations(in_order, 2):
            found[one, other].append((one_rows, other_rows))
    lines = (Duplicate(*pair, tuple(_row_lists(rows))) for pair, rows in found.items())
    return tuple(sorted(lines, key=lambda each: (-each.cases, sort_key(each.one), sort_key(each.other))))


def _row_lists(cases: Iterable[tuple[tuple[int, ...], tuple[int, ...]]]) -> Iterator[tuple[str, str]]:
    for one, other in sorted(cases):
        yield _row_list(one), _row_list(other)


def _row_list(rows: Sequence[int]) -> str:
    shown = ", ".join(map(str, rows[:ROWS_PER_NUMBER]))
    return shown if len(rows) <= ROWS_PER_NUMBER else f"{shown}, ..."


def _difficulties(judged: Judgement) -> tuple[Difficulty, ...]:
    """Free text may name people, so all of it is counted on one line, without its words."""
    if not judged.config.uses(FieldCode.DIFFICULTY):
        return ()
    found = _by_unit(judged.standings, lambda each: each.breakdown.difficulties)
    lines = (
        Difficulty(label, sum(people for _, people in units), _most_first(units)) for label, units in found.items()
    )
    return tuple(sorted(lines, key=lambda each: (each.label == "", -each.people, sort_key(each.label))))


def _most_first(counts: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts, key=lambda each: (-each[1], sort_key(each[0]))))


def _dissemination(judged: Judgement) -> Dissemination:
    standings, config = judged.standings, judged.config
    declared = [each for each in standings if each.declaration.disseminated_on is not None]
    is_asked = config.uses(FieldCode.DISSEMINATED_ON)
    waiting = units_with_unreported_difficulties(judged)
    return Dissemination(
        units_done=len(declared),
        units_all=len(standings),
        informed=sum(each.declaration.informed or 0 for each in standings),
        relatives=sum(each.declaration.relatives or 0 for each in standings),
        not_declared=_names(standings, lambda each: is_asked and each.declaration.disseminated_on is None),
        documents=config.documents,
        forms=_forms(standings),
        asked=tuple((each.code, each.header) for each in config.declared),
        reported=sum(each.declaration.reported_on is not None for each in standings),
        not_reported=_names(standings, lambda each: each.code in waiting),
    )


def _forms(standings: Iterable[Standing]) -> tuple[tuple[str, int], ...]:
    forms = (each.declaration.disseminated_by for each in standings)
    return _most_first(Counter(filter(None, forms)).items())
