"""The figures of the summary to the personnel office: units, groups and statuses; never a person."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from automation.core.cells import clean
from automation.core.completion import per_cent, rate_of
from automation.core.config import Config, FieldCode, Settings
from automation.core.mail_material import (
    Change,
    Earlier,
    Judgement,
    change_since,
    errors_in_force,
    pace_needed,
    statuses_counting_as,
)
from automation.core.model import CountsAs, Problem, Standing, Tally
from automation.core.vietnamese import sort_key

UNITS_PER_DIFFICULTY = 10

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
    known: bool = True
    as_of: datetime | None = None
    """When the figures of an unread unit were read; None where they never were."""


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
    units: int


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
    more_units: int = 0


@dataclass(frozen=True)
class Dissemination:
    """What the units declared of having made the documents known."""

    units_done: int
    units_all: int
    informed: int
    relatives: int
    not_declared: tuple[str, ...]


@dataclass(frozen=True)
class SummaryFigures:
    """Everything the summary says."""

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
    pace_needed: int | None
    done_last_week: int | None
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
    rows_with_errors: int
    errors_by_rule: tuple[RuleLine, ...]
    duplicates: tuple[Duplicate, ...]
    difficulties: tuple[Difficulty, ...]
    dissemination: Dissemination
    without_address: tuple[str, ...]
    problems: tuple[Problem, ...]
    contact: str
    test_recipients: tuple[str, ...] | None


def summary_figures(
    judged: Judgement,
    *,
    working_days_left: int,
    earlier: Earlier | None = None,
    done_last_week: int | None = None,
    real_recipients: tuple[str, ...] = (),
) -> SummaryFigures:
    """The figures of the summary as of `judged.now`. `earlier`: what the last summary said."""
    settings, standings, now = judged.config.settings, judged.standings, judged.now
    total = judged.total
    left = total.left
    units = _ranking(standings, settings)
    return SummaryFigures(
        campaign=settings.campaign,
        issuer=settings.issuer,
        legal_basis=settings.legal_basis,
        deadline=settings.deadline,
        as_of=now,
        days_left=(settings.deadline - now.date()).days,
        working_days_left=working_days_left,
        target=settings.target,
        overall=Rated("", total.tally, total.rate, settings.target, total.units),
        strict_rate=total.strict_rate,
        card=_share(total.card_done, total.in_scope),
        account=_share(total.account_done, total.in_scope),
        level_2=_share(total.level_2, total.in_scope),
        change=change_since(earlier, total.rate, left),
        pace_needed=pace_needed(left, working_days_left),
        done_last_week=done_last_week,
        funnel=_funnel(judged),
        not_entered=_not_entered(judged),
        units=units,
        groups=_by_group(standings, settings),
        categories=_by_category(judged),
        party=_party(judged),
        reached=_names(standings, lambda each: each.known and each.rate == 100),
        not_started=_names(standings, lambda each: each.known and each.rows == 0),
        silent=_silent(judged),
        silent_after_days=settings.silent_days,
        unknown=tuple(line for line in units if not line.known),
        rows_with_errors=total.errors,
        errors_by_rule=_errors_by_rule(judged),
        duplicates=_duplicates(judged),
        difficulties=_difficulties(judged),
        dissemination=_dissemination(standings),
        without_address=_without_address(judged.config),
        # What stands in a cell of the configuration may be a person's; the admin gets it in a mail of its own.
        problems=tuple(problem for problem in judged.problems if problem.place is None),
        contact=settings.contact,
        test_recipients=None if settings.mail_mode_real else real_recipients,
    )


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


def _ranking(standings: Iterable[Standing], settings: Settings) -> tuple[UnitLine, ...]:
    """Best rate first; equal rates share a rank and stand by name; units without a rate and unread ones last."""
    lines: list[UnitLine] = []
    best_first = sorted(standings, key=lambda each: (not each.known, -_rate_or_nothing(each), sort_key(each.name)))
    for position, standing in enumerate(best_first, start=1):
        rank = None
        if standing.known and standing.rate is not None:
            rank = lines[-1].rank if lines and lines[-1].unit.rate == standing.rate else position
        rated = Rated(standing.name, standing.tally, standing.rate, settings.target_of(standing.group))
        lines.append(UnitLine(rank, rated, standing.known, standing.as_of))
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
    errors = errors_in_force(judged)
    messages = {rule.code: _without_values(rule.message, judged.config) for rule in judged.config.rules}
    lines = (
        RuleLine(
            rule=str(rule),
            header=str(found["header"].iloc[0]),
            wrong=messages.get(str(rule), ""),
            rows=len(found),
            units=found["unit"].nunique(),
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
    lines = (_difficulty(label, found) for label, found in units.items())
    return tuple(sorted(lines, key=lambda each: (each.label == "", -each.people, sort_key(each.label))))


def _difficulty(label: str, units: Sequence[tuple[str, int]]) -> Difficulty:
    most_first = sorted(units, key=lambda each: (-each[1], sort_key(each[0])))
    shown = tuple(most_first[:UNITS_PER_DIFFICULTY])
    return Difficulty(label, sum(count for _, count in units), shown, len(units) - len(shown))


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


def _without_address(config: Config) -> tuple[str, ...]:
    return _in_order(unit.name for unit in config.units if not unit.focal_email.strip())
