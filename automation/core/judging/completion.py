"""Where units stand.

In scope = max(headcount - rows out of scope, rows in scope): the headcount is everybody on the unit's list, leavers
too. The rates are those of `Tally`. Totals are sums of numbers, never means of rates.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from msgspec import Struct, field

from automation.core.config.values import Config, FieldCode, HeadcountSource, Settings, Status
from automation.core.model.units import Breakdown, CountsAs, Severity, Standing, Tallied, Tally


def tally_of(headcount: int | None, out_of_scope: int, rows_in_scope: int, deferred: int, done: int) -> Tally:
    """A unit that entered 100 of its 500 people, all done, stands at 20 %; who is entered as having left leaves the
    500 as well.
    """
    return Tally(max((headcount or 0) - out_of_scope, rows_in_scope), deferred, done)


def tally_of_rows(headcount: int | None, rows: Iterable[CountsAs]) -> Tally:
    """The tally of a unit whose rows count like this."""
    counted = Counter(rows)
    out_of_scope = counted[CountsAs.OUT_OF_SCOPE]
    in_scope = counted.total() - out_of_scope
    return tally_of(headcount, out_of_scope, in_scope, counted[CountsAs.DEFERRED], counted[CountsAs.DONE])


def headcount_of(registry: int | None, declared: int | None, source: HeadcountSource) -> int | None:
    """The headcount that counts, of the registry's and the unit's own; where only one is given, that one."""
    if registry is None or declared is None:
        return declared if registry is None else registry
    match source:
        case HeadcountSource.REGISTRY_FIRST:
            return registry
        case HeadcountSource.DECLARED_FIRST:
            return declared
        case HeadcountSource.LARGER:
            return max(registry, declared)


def has_reached_target(unit: Standing, rate: float | None, settings: Settings) -> bool:
    """Whether the unit with that rate is where its group has to be; with nobody to count it is not."""
    return rate is not None and rate >= settings.target_of(unit.group)


def rate_to_remind_of(unit: Standing) -> float | None:
    """The rate by which a unit is reminded; None where there is nobody to remind.

    A unit that has entered nobody and declared nothing has not begun, so it stands at 0; where everybody is out of
    scope or deferred there is nobody to remind.
    """
    not_begun = unit.rows == 0 and unit.headcount is None
    return 0.0 if unit.rate is None and not_begun else unit.rate


def is_below_target(unit: Standing, settings: Settings) -> bool:
    """Whether the unit still has to get to its target: a rate that rose because rows vanished is no arrival."""
    rate = rate_to_remind_of(unit)
    return rate is not None and (unit.vanished_rows > 0 or not has_reached_target(unit, rate, settings))


class Total(Struct, Tallied, frozen=True):
    """All units together."""

    units: int = 0
    rows: int = 0
    out_of_scope: int = 0
    not_entered: int = 0
    """People who were declared and are in no list yet, as far as is known."""
    unread: int = 0
    """Of those: in units that never were read."""
    was_read: bool = True
    """Whether any of the units ever was."""
    units_of_unknown_size: int = 0
    tally: Tally = field(default_factory=Tally)
    errors: int = 0
    warnings: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)
    """People by code of the part rate that they are counted in."""
    statuses: Mapping[str, int] = field(default_factory=dict)


def total_of(standings: Iterable[Standing]) -> Total:
    """The sum over units; unknown ones take part with their last known numbers."""
    standings = list(standings)
    tally = sum((each.tally for each in standings), Tally())
    return Total(
        units=len(standings),
        rows=sum(each.rows for each in standings),
        out_of_scope=sum(each.out_of_scope for each in standings),
        not_entered=sum(each.not_entered for each in standings),
        unread=sum(each.not_entered for each in standings if not each.was_read),
        was_read=any(each.was_read for each in standings) or not standings,
        units_of_unknown_size=sum(not each.is_size_known for each in standings),
        tally=tally,
        errors=sum(each.errors for each in standings),
        warnings=sum(each.warnings for each in standings),
        parts=_sum(each.parts for each in standings),
        statuses=_sum(each.statuses for each in standings),
    )


def _sum(counts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    together: dict[str, int] = {}
    for each in counts:
        for code, count in each.items():
            together[code] = together.get(code, 0) + count
    return together


class UnitCounts(Struct, frozen=True):
    """What is counted of the rows of one unit."""

    rows: int = 0
    errors: int = 0
    """Rows with an error."""
    warnings: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    """The people of each part rate, whatever else they lack; people with errors are in none."""
    breakdown: Breakdown = field(default_factory=Breakdown)

    def of(self, counts_as: CountsAs, statuses: Iterable[Status]) -> int:
        """How many rows have a status that counts so."""
        return sum(self.statuses.get(each.code, 0) for each in statuses if each.counts_as is counts_as)

    def tally(self, headcount: int | None, statuses: Sequence[Status]) -> Tally:
        """The tally of a unit that has so many people."""
        out, deferred, done = (
            self.of(each, statuses) for each in (CountsAs.OUT_OF_SCOPE, CountsAs.DEFERRED, CountsAs.DONE)
        )
        return tally_of(headcount, out, self.rows - out, deferred, done)


def part_column(code: str) -> str:
    """Where `Judged.people` says who is counted in the part rate of that code."""
    return f"part {code}"


def counts_of(people: pd.DataFrame, findings: pd.DataFrame, config: Config) -> Mapping[str, UnitCounts]:
    """By unit, from `Judged.people` and the findings of rules in force. A unit without anybody is not among them."""
    columns = _numbered(people, "unit", "status")
    statuses, breakdowns = _counts(columns, "status"), breakdowns_of(people, findings, config)
    wrong, doubtful = (_rows(columns, (people[code] > 0).to_numpy()) for code in ("errors", "warnings"))
    sound = ((people["errors"] == 0) & (people["counts_as"] != CountsAs.OUT_OF_SCOPE)).to_numpy()
    of_part = {rate.code: people[part_column(rate.code)].to_numpy(dtype=bool) for rate in config.part_rates}
    parts = {code: _rows(columns, sound & part) for code, part in of_part.items()}
    return {
        unit: UnitCounts(
            rows=sum(own.values()),
            errors=wrong.get(unit, 0),
            warnings=doubtful.get(unit, 0),
            statuses={status: count for (status,), count in own.items()},
            parts={code: counts.get(unit, 0) for code, counts in parts.items()},
            breakdown=breakdowns.get(unit, Breakdown()),
        )
        for unit, own in statuses.items()
    }


def breakdowns_of(people: pd.DataFrame, findings: pd.DataFrame, config: Config) -> Mapping[str, Breakdown]:
    """The breakdown of each unit, by code, from `Judged.people` and the findings of rules in force."""
    columns = _numbered(people, "unit", "status", "category", "difficulty")
    counts_as = {status.code: status.counts_as for status in config.statuses}
    scope = _is(columns["status"], lambda status: counts_as[status] is not CountsAs.OUT_OF_SCOPE)
    troubled = scope & _is(columns["difficulty"], lambda typed: typed != "")
    open_cases = troubled & _is(columns["status"], lambda status: counts_as[status] is CountsAs.NOT_DONE)
    errors = findings[findings["severity"] == Severity.ERROR.value]
    by_rule = _counts(_numbered(errors, "unit", "rule"), "rule")
    of_party = scope & people["party"].to_numpy(dtype=bool)
    columns = {**columns, "counts_as": _named(columns["status"], counts_as)}
    categories = _tallies(_counts(columns, "counts_as", "category", rows=scope), config)
    party = _tallies(_counts(columns, "counts_as", rows=of_party), config)
    listed = frozenset(config.list_values(FieldCode.DIFFICULTY))
    difficulties = _counts(columns, "difficulty", rows=troubled)
    with_difficulty = _rows(columns, open_cases)
    return {
        unit: Breakdown(
            categories=categories.get(unit, {}),
            party=party.get(unit, {}).get("", Tally()),
            difficulties=_listed(difficulties.get(unit, {}), listed),
            not_done_with_difficulty=with_difficulty.get(unit, 0),
            errors={rule: count for (rule,), count in by_rule.get(unit, {}).items()},
        )
        for unit in dict.fromkeys((*columns["unit"].values, *by_rule))
    }


class _Numbered(NamedTuple):
    """A column as the places of its cells among its distinct values."""

    places: Any
    values: Sequence[Any]


def _numbered(lines: pd.DataFrame, *columns: str) -> Mapping[str, _Numbered]:
    found = {code: pd.factorize(lines[code]) for code in columns}
    return {code: _Numbered(places.astype(np.int32), list(values)) for code, (places, values) in found.items()}


def _is(column: _Numbered, holds: Callable[[Any], bool]) -> Any:
    """For which rows that holds."""
    return np.array([holds(value) for value in column.values], dtype=bool)[column.places]


def _named(column: _Numbered, names: Mapping[Any, Any]) -> _Numbered:
    """The column with another name for each value; several may have one."""
    values = list(dict.fromkeys(names[value] for value in column.values))
    places = np.array([values.index(names[value]) for value in column.values], dtype=np.intp)
    return _Numbered(places[column.places], values)


def _rows(columns: Mapping[str, _Numbered], rows: Any) -> Mapping[str, int]:
    """By unit, how many of these rows it has; the units that have any."""
    return {unit: own[()] for unit, own in _counts(columns, rows=rows).items()}


def _counts(
    columns: Mapping[str, _Numbered], *by: str, rows: Any = slice(None)
) -> Mapping[str, Mapping[tuple[Any, ...], int]]:
    """Unit -> values of the columns `by` -> how many of the rows, in the order in which they come."""
    told = [columns[code] for code in ("unit", *by)]
    sizes = [max(len(column.values), 1) for column in told]
    keys, found = pd.factorize(np.ravel_multi_index([column.places[rows] for column in told], sizes))
    counts: defaultdict[str, dict[tuple[Any, ...], int]] = defaultdict(dict)
    places = zip(*(each.tolist() for each in np.unravel_index(found, sizes)), strict=True)
    for each, count in zip(places, np.bincount(keys).tolist(), strict=True):
        unit, *values = (column.values[place] for column, place in zip(told, each, strict=True))
        counts[unit][tuple(values)] = count
    return counts


def _listed(counts: Mapping[tuple[Any, ...], int], listed: Collection[str]) -> Mapping[str, int]:
    """Under "" what is none of the list: it may name people."""
    found: defaultdict[str, int] = defaultdict(int)
    for key, count in counts.items():
        found[key[0] if key[0] in listed else ""] += count
    return dict(found)


def _tallies(counts: Mapping[str, Mapping[tuple[Any, ...], int]], config: Config) -> Mapping[str, Mapping[str, Tally]]:
    """Unit -> category -> these people, from counts by how they count and category; all under "" without one."""
    listed = frozenset(config.list_values(FieldCode.CATEGORY))
    found: defaultdict[str, defaultdict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    for unit, own in counts.items():
        for (counts_as, *category), count in own.items():
            value = "".join(category)
            found[unit][value if value in listed else ""] += _all_of_them(count, counts_as)
    return found


def _all_of_them(count: int, counts: CountsAs) -> Tally:
    return Tally(count, count * (counts is CountsAs.DEFERRED), count * (counts is CountsAs.DONE))
