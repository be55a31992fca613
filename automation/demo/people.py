"""Made-up staff lists whose every row is in order: names, birth dates, identity numbers and careers agree."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

from automation.core.model.units import Unit
from automation.demo.progress import AVERAGE, Progress, anniversary, make_career
from automation.demo.values import (
    ABROAD,
    CARD_HELD,
    FEMALE,
    FOREIGNER,
    LEFT,
    LONG_LEAVE,
    MALE,
    NO,
    OUT_OF_SCOPE,
    PAPERS_PENDING,
    RETIRED,
    SECONDED,
    STUDYING,
    YES,
    DemoRow,
    empty_row,
)
from automation.demo.vocabulary import UnitKind, Weighted, birth_places, kind_of, make_name

_MEN = 0.36
_EXCUSED = 0.03
_REASONS = Weighted(
    [
        (LEFT, 25),
        (RETIRED, 10),
        (SECONDED, 9),
        (FOREIGNER, 1),
        (ABROAD, 15),
        (LONG_LEAVE, 25),
        (STUDYING, 10),
        (PAPERS_PENDING, 5),
    ]
)
_YOUNGEST, _USUAL, _OLDEST = 21, 32, 61
_OLD_ENOUGH_TO_RETIRE = 55
_WITH_NUMBER_BEFORE_THE_CARD = 0.8
_WITH_PHONE = 0.04

CLEAN_SUFFIXES = range(1, 900)
SPOILED_SUFFIXES = range(900, 1000)
"""Last six digits. Real numbers below 001000 are rare, and rows with a mistake never meet rows in order."""


class NumberPool:
    """Identity numbers, each given away once."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}
        self._given: Counter[str] = Counter()

    def take(self, birth: date, male: bool, chance: random.Random) -> str:
        """A number nobody has yet, right for birth date and gender.

        Raises ValueError once every number of that birth year and gender is given away (about 38,000 each).
        """
        marks = identity_marks(birth, male)
        places = birth_places()
        for place in (places.pick(chance), *places.things):
            prefix = place + marks
            if self._given[prefix] < len(CLEAN_SUFFIXES):
                self._given[prefix] += 1
                return f"{prefix}{self._suffix(prefix, chance):06d}"
        raise ValueError("no identity numbers left")

    def _suffix(self, prefix: str, chance: random.Random) -> int:
        count = len(CLEAN_SUFFIXES)
        position = self._next.get(prefix, chance.randrange(count))
        # 389 and 899 have no common divisor: every suffix comes once, in no visible order.
        self._next[prefix] = (position + 389) % count
        return CLEAN_SUFFIXES[position]


def identity_marks(birth: date, male: bool) -> str:
    """Digits 4 to 6 of an identity number: century and gender, then the year (Thông tư 59/2021/TT-BCA)."""
    return f"{(birth.year // 100 - 19) * 2 + (0 if male else 1)}{birth.year % 100:02d}"


def make_people(
    unit: Unit,
    size: int,
    as_of: date,
    chance: random.Random,
    *,
    progress: Progress = AVERAGE,
    numbers: NumberPool | None = None,
) -> list[DemoRow]:
    """The whole staff list of a unit on the day `as_of`: `size` rows in order, by department, numbered.

    `numbers`: shared between units whose people must not have the same number. The same arguments and the
    same state of `chance` give the same people. Raises ValueError where `numbers` runs out.
    """
    kind = kind_of(unit)
    numbers = numbers if numbers is not None else NumberPool()
    order = {name: place for place, name in enumerate(kind.departments.things)}
    departments = sorted((kind.departments.pick(chance) for _ in range(size)), key=order.__getitem__)
    known: set[tuple[str, date]] = set()
    rows = []
    for number, department in enumerate(departments, start=1):
        male = chance.random() < _MEN
        name, birth = _new_person(male, as_of, known, chance)
        row = empty_row() | {
            "stt": number,
            "ho-ten": name,
            "ngay-sinh": birth,
            "gioi-tinh": MALE if male else FEMALE,
            "cccd": numbers.take(birth, male, chance),
            "khoa-phong": department,
        }
        _employ(row, kind, chance)
        _bring_along(row, birth, progress, as_of, chance)
        rows.append(row)
    return rows


def _new_person(male: bool, as_of: date, known: set[tuple[str, date]], chance: random.Random) -> tuple[str, date]:
    """A name and a birth date that the unit does not have together yet."""
    while True:
        name, birth = make_name(male, chance), _birth_date(as_of, chance)
        if (name, birth) not in known:
            known.add((name, birth))
            return name, birth


def _birth_date(as_of: date, chance: random.Random) -> date:
    age = int(chance.triangular(_YOUNGEST, _OLDEST, _USUAL))
    return anniversary(as_of, -age) - timedelta(days=chance.randrange(365))


def _employ(row: DemoRow, kind: UnitKind, chance: random.Random) -> None:
    row["doi-tuong"] = kind.categories.pick(chance)
    row["dang-vien"] = YES if chance.random() < kind.party else NO
    if chance.random() < _WITH_PHONE:
        # No range of numbers is reserved for fiction; these are plainly made up.
        row["dien-thoai"] = f"0900000{chance.randrange(1000):03d}"


def _bring_along(row: DemoRow, birth: date, progress: Progress, as_of: date, chance: random.Random) -> None:
    """Fill in card, account, exemption and difficulty."""
    reason = _reason(birth, as_of, chance) if chance.random() < _EXCUSED else None
    row["mien-hoan"] = reason
    if reason == FOREIGNER:
        row["cccd"] = None
        return
    # Who is excused and done all the same would be a contradiction.
    may_be_done = reason in (None, STUDYING, PAPERS_PENDING)
    row |= make_career(birth, may_be_done and chance.random() < progress.done, as_of, chance)
    if reason in (ABROAD, LONG_LEAVE):
        row["hoan-den"] = as_of + timedelta(days=chance.randrange(5, 170))
    if reason in OUT_OF_SCOPE:
        row["kho-khan"] = None
    if row["the"] != CARD_HELD and chance.random() > _WITH_NUMBER_BEFORE_THE_CARD:
        row["cccd"] = None


def _reason(birth: date, as_of: date, chance: random.Random) -> str:
    reason = _REASONS.pick(chance)
    old_enough = anniversary(birth, _OLD_ENOUGH_TO_RETIRE) <= as_of
    return LEFT if reason == RETIRED and not old_enough else reason
