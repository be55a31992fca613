"""Names, birth places, departments and odd answers with their frequencies, from `config/demo/`."""

from __future__ import annotations

import csv
import random
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from typing import Generic, TypeVar

from msgspec import Struct

from automation.base.paths import CONFIG
from automation.core.model.units import Unit
from automation.demo.values import CIVIL_SERVANT, CONTRACT_WORKER, PUBLIC_EMPLOYEE

T = TypeVar("T")


class Weighted(Generic[T]):
    """Things to pick from, each as often as its weight says."""

    def __init__(self, weighted: Iterable[tuple[T, float]]) -> None:
        pairs = [(thing, weight) for thing, weight in weighted if weight > 0]
        self.things = [thing for thing, _ in pairs]
        self._sums = list(accumulate(weight for _, weight in pairs))

    def pick(self, chance: random.Random) -> T:
        """One of the things."""
        place = bisect_right(self._sums, chance.random() * self._sums[-1])
        return self.things[min(place, len(self.things) - 1)]


class UnitKind(Struct, frozen=True):
    """What units of one kind have in common."""

    group: str
    """The beginning of `Unit.group`; "" fits every unit."""
    smallest: int
    largest: int
    """Number of people in real life; only the proportions between the kinds matter."""
    categories: Weighted[str]
    party: float
    """Share of Party members."""
    departments: Weighted[str]


def make_name(male: bool, chance: random.Random) -> str:
    """A full name, family name first."""
    families, middles, givens = _names(male)
    middle, given = middles.pick(chance), givens.pick(chance)
    while given in middle.split():
        given = givens.pick(chance)
    return f"{families.pick(chance)} {middle} {given}"


def kind_of(unit: Unit) -> UnitKind:
    """The kind that fits the unit's group best; there is one for any group."""
    group = unit.group.casefold()
    fitting = [kind for kind in _unit_kinds() if group.startswith(kind.group.casefold())]
    return max(fitting, key=lambda kind: len(kind.group))


@cache
def birth_places() -> Weighted[str]:
    """Place codes of identity numbers, as often as staff of the city come from there."""
    return Weighted((line["code"], float(line["weight"])) for line in _lines("noi-sinh"))


@cache
def odd_answers(field: str) -> tuple[str, ...]:
    """What people write into a list column although the list does not hold it."""
    return tuple(line["value"] for line in _lines("viet-la") if line["field"] == field)


@cache
def _names(male: bool) -> tuple[Weighted[str], Weighted[str], Weighted[str]]:
    """Family, middle and given names."""

    def of(kind: str, gender: str) -> Weighted[str]:
        return Weighted(
            (line["name"], float(line["weight"]))
            for line in _lines("ten-nguoi")
            if (line["kind"], line["gender"]) == (kind, gender)
        )

    gender = "m" if male else "f"
    return of("family", "u"), of("middle", gender), of("given", gender)


@cache
def _unit_kinds() -> tuple[UnitKind, ...]:
    departments = _lines("khoa-phong")

    def departments_of(group: str) -> Weighted[str]:
        fitting = [line for line in departments if line["group"] and group.startswith(line["group"])]
        fitting = fitting or [line for line in departments if not line["group"]]
        longest = max(len(line["group"]) for line in fitting)
        return Weighted((line["name"], float(line["weight"])) for line in fitting if len(line["group"]) == longest)

    return tuple(
        UnitKind(
            group=line["group"],
            smallest=int(line["smallest"]),
            largest=int(line["largest"]),
            categories=Weighted(
                [
                    (CIVIL_SERVANT, float(line["civil_servants"])),
                    (PUBLIC_EMPLOYEE, float(line["public_employees"])),
                    (CONTRACT_WORKER, float(line["contract_workers"])),
                ]
            ),
            party=float(line["party"]),
            departments=departments_of(line["group"]),
        )
        for line in _lines("loai-don-vi")
    )


def _lines(table: str) -> list[dict[str, str]]:
    with open(CONFIG / "demo" / f"{table}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
