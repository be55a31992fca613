"""A whole made-up campaign: every unit with its contacts, its declaration and its list, mistakes included."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate, cycle
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.model.units import Declaration, Unit
from automation.core.model.workbook import Cell
from automation.demo.mistakes import (
    BLANK_LINE,
    KINDS,
    TOTAL_LINE,
    Mistake,
    PairMistake,
)
from automation.demo.people import NumberPool, make_people
from automation.demo.progress import Progress, working_day_between
from automation.demo.values import OUT_OF_SCOPE, TOTALS, DemoRow, empty_row
from automation.demo.vocabulary import kind_of, make_name

MISTAKE_SHARE = 0.06


class OwnColumn(Struct, frozen=True):
    """A column of the unit's own, which is nobody else's business; one cell a row."""

    header: str
    cells: tuple[Cell, ...]


class DemoUnit(Struct, frozen=True):
    """One unit of the campaign as its registry line, the second line of its tab and its table would read."""

    unit: Unit
    declaration: Declaration
    rows: tuple[DemoRow, ...]
    """The lines below the headers, top to bottom: people, blank lines, a total."""
    mistakes: Mapping[int, str]
    """What was made wrong on purpose: code of the kind by place in `rows`, from 0."""
    own_column: OwnColumn | None = None


class _List(Struct, frozen=True):
    """A unit's list while it is being made."""

    unit: Unit
    progress: Progress
    people: list[DemoRow]
    headcount: int
    mistakes: dict[int, str] = field(default_factory=dict)


class _Pace(Struct, frozen=True):
    """How far a share of all units is; progress lies between the bounds."""

    share: float
    done: tuple[float, float]
    entered: tuple[float, float] = (1.0, 1.0)


_PACES = (
    _Pace(0.08, done=(1.0, 1.0)),
    _Pace(0.06, done=(0.0, 0.0), entered=(0.0, 0.0)),
    _Pace(0.08, done=(0.5, 0.9), entered=(0.2, 0.7)),
    _Pace(0.15, done=(0.05, 0.4)),
    _Pace(0.63, done=(0.4, 0.95)),
)
"""Finished, not started, list half typed, slow, on their way."""


def make_campaign(units: Sequence[Unit], rows_total: int, as_of: date, seed: int) -> list[DemoUnit]:
    """All units, in the order given, with about `rows_total` people typed in by the day `as_of`.

    The sizes keep the proportions of real life, about one row in seventeen holds a mistake, and the same
    arguments always give the same campaign. Contacts are made up, addresses lie below example.org.
    """
    chance = random.Random(seed)
    numbers = NumberPool()
    lists = [
        _make_list(unit, size, progress, as_of, chance, numbers)
        for unit, size, progress in _sized(units, rows_total, chance)
    ]
    _plant_mistakes(lists, as_of, chance)
    return [_finished(each, number, as_of, chance) for number, each in enumerate(lists)]


def _sized(units: Sequence[Unit], rows_total: int, chance: random.Random) -> Iterator[tuple[Unit, int, Progress]]:
    """Each unit with the number of its people, and how far it is."""
    weights = [chance.randint(kind.smallest, kind.largest) for kind in map(kind_of, units)]
    progress = _progress_of_units(len(units), chance)
    entered = sum(weight * each.entered for weight, each in zip(weights, progress, strict=True))
    scale = rows_total / entered if entered else 0.0
    for unit, weight, each in zip(units, weights, progress, strict=True):
        yield unit, max(1, round(weight * scale)), each


def _progress_of_units(count: int, chance: random.Random) -> list[Progress]:
    """How far each unit is: as many of every pace as its share says, in random order."""
    limits = list(accumulate(pace.share for pace in _PACES))
    paces = [_PACES[bisect_right(limits, (place + 0.5) / count)] for place in range(count)]
    chance.shuffle(paces)
    return [Progress(chance.uniform(*pace.done), chance.uniform(*pace.entered)) for pace in paces]


def _make_list(
    unit: Unit, size: int, progress: Progress, as_of: date, chance: random.Random, numbers: NumberPool
) -> _List:
    people = make_people(unit, size, as_of, chance, progress=progress, numbers=numbers)
    in_scope = sum(row["mien-hoan"] not in OUT_OF_SCOPE for row in people)
    return _List(unit, progress, people[: round(size * progress.entered)], headcount=in_scope)


# --- mistakes ---------------------------------------------------------------------------------------------


def _plant_mistakes(lists: Sequence[_List], as_of: date, chance: random.Random) -> None:
    """Spoil `MISTAKE_SHARE` of the rows, every kind in its turn; units that are finished stay in order."""
    planter = _Planter(lists, as_of, chance)
    kinds = list(KINDS)
    chance.shuffle(kinds)
    wanted = round(MISTAKE_SHARE * sum(len(each.people) for each in lists))
    planted, in_vain = 0, 0
    for kind in cycle(kinds):
        if planted >= wanted or in_vain == len(kinds):
            return
        spoiled = planter.plant(kind)
        planted += spoiled
        in_vain = 0 if spoiled else in_vain + 1


_RowPlace: TypeAlias = tuple[int, int]
"""(list, row), both from 0"""


class _Planter:
    """Spoils rows that are still in order, each once."""

    def __init__(self, lists: Sequence[_List], as_of: date, chance: random.Random) -> None:
        self._lists = lists
        self._as_of = as_of
        self._chance = chance
        places = [
            (number, place)
            for number, each in enumerate(lists)
            if each.progress.done < 1
            for place, row in enumerate(each.people)
            if row["mien-hoan"] is None
        ]
        chance.shuffle(places)
        self._in_order: dict[_RowPlace, None] = dict.fromkeys(places)

    def plant(self, kind: Mistake | PairMistake) -> int:
        """Make this mistake once; the number of rows it took, 0 where no row fits."""
        place = self._find(lambda place: kind.fits(self._row(place)))
        if place is None:
            return 0
        if isinstance(kind, Mistake):
            kind.spoil(self._take(place, kind.code), self._chance, self._as_of)
            return 1
        other = self._find(lambda other: other != place and (other[0] != place[0]) == kind.across_units)
        if other is None:
            return 0
        kind.spoil(self._take(place, kind.code), self._take(other, kind.code), self._chance)
        return 2

    def _find(self, suits: Callable[[_RowPlace], bool]) -> _RowPlace | None:
        return next(filter(suits, reversed(self._in_order)), None)

    def _take(self, place: _RowPlace, code: str) -> DemoRow:
        del self._in_order[place]
        number, row = place
        self._lists[number].mistakes[row] = code
        return self._row(place)

    def _row(self, place: _RowPlace) -> DemoRow:
        number, row = place
        return self._lists[number].people[row]


# --- the rest of the sheet --------------------------------------------------------------------------------

_OWN_COLUMN_HEADER = "Mã nhân viên"


def _finished(each: _List, number: int, as_of: date, chance: random.Random) -> DemoUnit:
    """The list with contacts, declaration and, in some units, lines that are no people and an own column."""
    rows, mistakes = list(each.people), dict(each.mistakes)
    if number % 4 == 1:
        rows, mistakes = _with_blank_lines(rows, mistakes, chance)
    if number % 5 == 3 and rows:
        mistakes[len(rows)] = TOTAL_LINE
        rows.append(_total_line(len(each.people), chance))
    registered, declared = _headcounts(each, chance)
    return DemoUnit(
        unit=_with_contacts(each.unit, registered, chance),
        declaration=_declaration(each, declared, as_of, chance),
        rows=tuple(rows),
        mistakes=mistakes,
        own_column=_own_column(rows) if number % 11 == 6 else None,
    )


def _with_blank_lines(
    rows: Sequence[DemoRow], mistakes: Mapping[int, str], chance: random.Random
) -> tuple[list[DemoRow], dict[int, str]]:
    """Up to three blank lines between the rows; `mistakes` keep pointing at the same rows."""
    gaps = chance.sample(range(1, len(rows)), k=min(3, len(rows) - 1)) if len(rows) > 1 else []
    lines: list[DemoRow] = []
    moved: dict[int, str] = {}
    for place, row in enumerate(rows):
        if place in gaps:
            moved[len(lines)] = BLANK_LINE
            lines.append(empty_row())
        if place in mistakes:
            moved[len(lines)] = mistakes[place]
        lines.append(row)
    return lines, moved


def _total_line(people: int, chance: random.Random) -> DemoRow:
    return empty_row() | {"ho-ten": chance.choice(TOTALS), "cccd": people}


def _own_column(rows: Sequence[DemoRow]) -> OwnColumn:
    numbers = (row["stt"] for row in rows)
    return OwnColumn(_OWN_COLUMN_HEADER, tuple(f"NV{number:04d}" if number is not None else None for number in numbers))


def _headcounts(each: _List, chance: random.Random) -> tuple[int | None, int | None]:
    """The headcount in the registry and the one the unit declares: mostly equal, sometimes one is missing."""
    if each.progress.entered == 0:
        return each.headcount, None
    fate = chance.random()
    if fate < 0.10:
        return None, each.headcount
    if fate < 0.15:
        return each.headcount, None
    if fate < 0.20 and each.progress.done < 1:
        return each.headcount, each.headcount + chance.randint(1, 4)
    return each.headcount, each.headcount


def _with_contacts(unit: Unit, headcount: int | None, chance: random.Random) -> Unit:
    return replace(
        unit,
        headcount=headcount,
        focal_person=make_name(chance.random() < 0.4, chance),
        focal_email=f"{unit.code}@example.org",
        head=make_name(chance.random() < 0.6, chance),
        head_email=f"thu-truong.{unit.code}@example.org",
    )


def _disseminated_by(code: str) -> str:
    """One of a few ways, the same for a unit every time."""
    ways = text("demo.disseminated_by").split(" | ")
    return ways[len(code) % len(ways)]


def _declaration(each: _List, headcount: int | None, as_of: date, chance: random.Random) -> Declaration:
    """What the unit says of itself; nothing where it has not started."""
    if each.progress.entered == 0:
        return Declaration()
    return Declaration(
        headcount=headcount,
        disseminated_on=working_day_between(as_of - timedelta(days=8), as_of, chance),
        informed=round(each.headcount * chance.uniform(0.7, 1.0)),
        relatives=round(each.headcount * chance.uniform(0.0, 1.5)),
        list_complete=each.progress.entered == 1 and chance.random() < 0.9,
        disseminated_by=_disseminated_by(each.unit.code),
        reported_on=as_of - timedelta(days=1) if len(each.unit.code) % 3 == 0 else None,
    )
