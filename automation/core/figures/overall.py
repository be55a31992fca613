"""The figures of all units together: the funnel, the part rates, groups, staff categories, the ranking.

Each is worked out here once; dashboard, mails, tables, report and screen show them and choose what to leave out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config.conditions import Condition
from automation.core.config.values import Config, FieldCode, Settings
from automation.core.figures.shared import Judgement
from automation.core.judging.completion import Total, total_of
from automation.core.model.units import CountsAs, Standing, Tallied, Tally, per_cent
from automation.core.text.vietnamese import SortKey, number_text, sort_key

_FUNNEL_ORDER = (CountsAs.DONE, CountsAs.NOT_DONE, CountsAs.DEFERRED, CountsAs.OUT_OF_SCOPE)


class Rated(Struct, Tallied, frozen=True):
    """A name with its people and their target in per cent."""

    name: str
    tally: Tally
    target: float
    units: int = 0
    units_without_people: int = 0
    """Units nobody of which is known yet: the rate says nothing of them."""
    errors: int = 0
    """Rows with at least one finding of severity Lỗi."""
    was_read: bool = True
    """Whether any of its units ever was."""
    units_of_unknown_size: int = 0


class Share(Struct, frozen=True):
    """Some of a number of people, and their part of them in per cent."""

    people: int
    rate: float | None


class StatusLine(Struct, frozen=True):
    """One status of the funnel; `share` is its part of everybody declared or entered, in per cent."""

    label: str
    people: int
    share: float | None
    counts_as: CountsAs


class Funnel(Struct, frozen=True):
    """Everybody by status, those who are done first."""

    statuses: tuple[StatusLine, ...]
    """Every status that somebody may have, also those that nobody has."""
    not_entered: Share
    """People who were declared and are in no list yet."""
    everybody: int
    unread: int = 0
    """Of those not entered: in units that never were read, so that nobody knows."""

    @property
    def not_entered_label(self) -> str:
        """What those not entered are called."""
        if not self.unread:
            return text("figures.not_entered")
        return text("figures.not_entered_or_unread", people=number_text(self.unread))

    @property
    def occupied(self) -> tuple[StatusLine, ...]:
        """The statuses that somebody has."""
        return tuple(line for line in self.statuses if line.people)


class Part(Struct, frozen=True):
    """A part rate: how many of the people in scope have come so far, whatever else they lack."""

    code: str
    name: str
    share: Share


class Ranked(Struct, frozen=True):
    """A unit and its place; units without a rate and units that could not be read have none."""

    rank: int | None
    standing: Standing


def parts_of(total: Total, config: Config) -> tuple[Part, ...]:
    """The part rates of all units together. People on deferral may well have a card: everybody in scope counts."""
    everybody = total.in_scope if total.was_read else 0
    counted = ((rate, total.parts.get(rate.code, 0)) for rate in config.part_rates)
    return tuple(Part(rate.code, rate.name, Share(people, per_cent(people, everybody))) for rate, people in counted)


def funnel_of(total: Total, config: Config) -> Funnel:
    """Where everybody stands, those included who are declared and in no list yet."""
    people, not_entered = Counter(total.statuses), total.not_entered
    everybody = people.total() + not_entered
    possible = (each for each in config.statuses if each in config.possible_statuses or people[each.code])
    ordered = sorted(possible, key=lambda each: _FUNNEL_ORDER.index(each.counts_as))
    lines = (
        StatusLine(each.label, people[each.code], per_cent(people[each.code], everybody), each.counts_as)
        for each in ordered
    )
    return Funnel(tuple(lines), Share(not_entered, per_cent(not_entered, everybody)), everybody, total.unread)


def in_order_of_steps(lines: Iterable[StatusLine], config: Config) -> list[StatusLine]:
    """The lines of a funnel, of those still to be done the ones first who are nearest to it: by the stage, in the order
    of its list, that their status asks for. Those of whom no stage is asked stay behind them, in their order.
    """
    stages = {value: place for place, value in enumerate(config.list_values(FieldCode.STAGE), start=1)}
    steps = {each.label: _stage_of(each.when, stages) for each in config.statuses}

    def place(line: StatusLine) -> tuple[int, int]:
        step = steps.get(line.label, 0) if line.counts_as is CountsAs.NOT_DONE else 0
        return _FUNNEL_ORDER.index(line.counts_as), -step

    return sorted(lines, key=place)


def _stage_of(when: Condition, stages: Mapping[str, int]) -> int:
    """The place of the first stage that it asks for, the first of all for a blank one; 0 where it asks for none."""
    asked = (value for term in when.terms if term.subject.field == FieldCode.STAGE for value in term.values)
    return min((stages.get(value, 1) if isinstance(value, str) else 1 for value in asked), default=0)


def all_units(total: Total, settings: Settings) -> Rated:
    """All units together, under no name."""
    return _rated("", total, settings.target)


def one_unit(unit: Standing, settings: Settings) -> Rated:
    """A unit beside others; its rows with errors are told of elsewhere."""
    unknown = int(not unit.is_size_known)
    target = settings.target_of(unit.group)
    return Rated(unit.name, unit.tally, target, was_read=unit.was_read, units_of_unknown_size=unknown)


def by_group(standings: Iterable[Standing], settings: Settings) -> tuple[Rated, ...]:
    """The groups in the order in which the registry first names them; "" for units without one."""
    members: defaultdict[str, list[Standing]] = defaultdict(list)
    for standing in standings:
        members[standing.group].append(standing)
    return tuple(_group(name, units, settings.target_of(name)) for name, units in members.items())


def _group(name: str, units: Sequence[Standing], target: float) -> Rated:
    total = total_of(units)
    nobody_known = sum(each.in_scope == 0 and not each.is_size_known for each in units)
    return replace(_rated(name, total, target), units_without_people=nobody_known)


def _rated(name: str, total: Total, target: float) -> Rated:
    return Rated(
        name,
        total.tally,
        target,
        total.units,
        errors=total.errors,
        was_read=total.was_read,
        units_of_unknown_size=total.units_of_unknown_size,
    )


def category_names(config: Config) -> tuple[str, ...]:
    """The staff categories that can have a line, in the order of the list; then "" for people without a listed
    one. None where that column is not used.
    """
    return (*config.list_values(FieldCode.CATEGORY), "") if config.uses(FieldCode.CATEGORY) else ()


def asks_categories(config: Config) -> bool:
    """Whether anything is collected of which the block on staff categories tells."""
    return bool(category_names(config)) or config.uses(FieldCode.PARTY)


def by_category(judged: Judgement) -> tuple[Rated, ...]:
    """The people entered and in scope by staff category, one line a name of `category_names`; of unread units those
    last known. Who has a category that is in the list no longer has none.
    """
    names, tallies = category_names(judged.config), defaultdict[str, Tally](Tally)
    for each in judged.standings:
        for name, tally in each.breakdown.categories.items():
            tallies[name if name in names else ""] += tally
    return tuple(Rated(name, tallies[name], judged.config.settings.target) for name in names)


def party_of(judged: Judgement) -> Rated | None:
    """The members of the Party among the people entered and in scope, under the name of a line beside those of
    categories or, where that column is not used, alone; None where the Party's is not.
    """
    if not judged.config.uses(FieldCode.PARTY):
        return None
    tally = sum((each.breakdown.party for each in judged.standings), Tally())
    name = text("figures.party_among" if category_names(judged.config) else "figures.party")
    return Rated(name, tally, judged.config.settings.target)


def asks_exemptions(total: Total, config: Config) -> bool:
    """Whether people may be out of scope or deferred; who is so as last known is told of all the same."""
    return config.uses(FieldCode.EXEMPTION) or bool(total.out_of_scope or total.deferred)


def ranking_of(standings: Iterable[Standing]) -> tuple[Ranked, ...]:
    """Best rate first; equal rates share a rank and stand by name; units without a rate and unread ones last."""
    ranked: list[Ranked] = []
    for position, standing in enumerate(sorted(standings, key=_place), start=1):
        rank = None
        if standing.known and standing.rate is not None:
            rank = ranked[-1].rank if ranked and ranked[-1].standing.rate == standing.rate else position
        ranked.append(Ranked(rank, standing))
    return tuple(ranked)


def _place(standing: Standing) -> tuple[bool, float, SortKey]:
    return not standing.known, -rate_or_nothing(standing), sort_key(standing.name)


def rate_or_nothing(standing: Standing) -> float:
    """The rate, or something below every rate where there is none."""
    return -1.0 if standing.rate is None else standing.rate
