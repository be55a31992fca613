"""Made-up staff lists: every row is right in itself, and the list as a whole looks like a real one."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from automation.core.model.units import Unit
from automation.demo.people import CLEAN_SUFFIXES, NumberPool, identity_marks, make_people
from automation.demo.progress import Progress
from automation.demo.values import FIELDS, DemoRow
from automation.demo.vocabulary import birth_places
from tests.demo.row_checks import AS_OF, DEFERRING, OUT_OF_SCOPE, is_done, objections

HOSPITAL = Unit("bv-mau", "Bệnh viện Mẫu", "Bệnh viện đa khoa thành phố")
OFFICE = Unit("co-quan", "Cơ quan Mẫu", "Cơ quan Sở")
UNGROUPED = Unit("khac", "Đơn vị Mẫu")


def people(unit: Unit = HOSPITAL, size: int = 2_000, done: float = 0.7, seed: int = 7) -> list[DemoRow]:
    return make_people(unit, size, AS_OF, random.Random(seed), progress=Progress(done))


def share_given(rows: list[DemoRow], field: str) -> float:
    return sum(row[field] is not None for row in rows) / len(rows)


def share(rows: list[DemoRow], field: str, *values: str) -> float:
    return sum(row[field] in values for row in rows) / len(rows)


@pytest.mark.parametrize("unit", [HOSPITAL, OFFICE, UNGROUPED], ids=lambda unit: unit.code)
@pytest.mark.parametrize("done", [0.0, 0.7, 1.0])
def test_every_row_is_in_order(unit: Unit, done: float) -> None:
    assert {row["stt"]: found for row in people(unit, done=done) if (found := objections(row))} == {}


@pytest.mark.parametrize("as_of", [date(2022, 7, 18), date(2022, 12, 31), date(2024, 2, 29), date(2026, 11, 20)])
def test_every_row_is_in_order_on_other_days_too(as_of: date) -> None:
    rows = make_people(HOSPITAL, 500, as_of, random.Random(3))
    # On the day the app came out nobody can have activated an account after it.
    allowed = {"activation date without activation, or the reverse"} if as_of == date(2022, 7, 18) else set()
    assert {found for row in rows for found in objections(row, as_of)} <= allowed


@pytest.mark.parametrize("size", [0, 1, 37])
def test_the_list_has_the_size_asked_for_and_every_field(size: int) -> None:
    rows = people(size=size)
    assert [row["stt"] for row in rows] == list(range(1, size + 1))
    assert all(tuple(row) == FIELDS for row in rows)


def test_nobody_shares_a_number_or_a_name_and_birth_date() -> None:
    rows = people(size=20_000)  # so many that chance alone would repeat a few
    numbers = Counter(row["cccd"] for row in rows if row["cccd"] is not None)
    persons = Counter((row["ho-ten"], row["ngay-sinh"]) for row in rows)
    assert max(numbers.values()) == max(persons.values()) == 1


def test_the_same_chance_makes_the_same_people_and_another_makes_others() -> None:
    assert people(seed=1) == people(seed=1)
    assert people(seed=1) != people(seed=2)


def test_a_hospital_looks_like_a_hospital() -> None:
    rows = people(size=4_000)
    assert 0.09 < share(rows, "dang-vien", "Có") < 0.15
    assert 0.02 < share_given(rows, "mien-hoan") < 0.04
    assert share(rows, "doi-tuong", "Viên chức") > 0.7
    assert share(rows, "doi-tuong", "Công chức") == 0
    assert 0.55 < share(rows, "gioi-tinh", "Nữ") < 0.72
    assert 0 < share_given(rows, "dien-thoai") < 0.1
    assert len({row["khoa-phong"] for row in rows}) > 15


def test_the_office_is_staffed_by_civil_servants() -> None:
    assert share(people(OFFICE), "doi-tuong", "Công chức") > 0.7


def test_departments_stand_together() -> None:
    departments = [row["khoa-phong"] for row in people(size=300)]
    changes = sum(this != after for this, after in pairwise(departments))
    assert changes == len(set(departments)) - 1


@pytest.mark.parametrize(("done", "least", "most"), [(0.0, 0.0, 0.0), (0.5, 0.45, 0.55), (1.0, 0.95, 1.0)])
def test_progress_says_how_many_are_done(done: float, least: float, most: float) -> None:
    rows = people(done=done)
    assert least <= sum(map(is_done, rows)) / len(rows) <= most


def test_in_a_finished_unit_only_the_excused_are_not_done() -> None:
    left = {row["mien-hoan"] for row in people(done=1.0) if not is_done(row)}
    assert left <= {*OUT_OF_SCOPE, *DEFERRING}


def test_part_of_those_who_are_stuck_say_why() -> None:
    rows = people(done=0.0)
    assert 0.2 < share_given(rows, "kho-khan") < 0.5
    assert all(row["kho-khan"] is None for row in people(done=1.0) if is_done(row))


@pytest.mark.parametrize(
    ("birth", "male", "marks"),
    [
        (date(1985, 3, 15), True, "085"),
        (date(1985, 3, 15), False, "185"),
        (date(1999, 12, 31), True, "099"),
        (date(2000, 1, 1), True, "200"),
        (date(2001, 1, 1), False, "301"),
    ],
)
def test_century_gender_and_year_of_a_number(birth: date, male: bool, marks: str) -> None:
    assert identity_marks(birth, male) == marks
    assert NumberPool().take(birth, male, random.Random(0))[3:6] == marks


def test_a_pool_gives_each_number_once_even_when_the_common_places_are_used_up() -> None:
    pool, chance = NumberPool(), random.Random(0)
    given = [pool.take(date(1990, 5, 5), True, chance) for _ in range(20_000)]
    assert len(set(given)) == len(given)
    assert all(number[6:9] == "000" and 1 <= int(number[9:]) < 900 for number in given)


def test_an_empty_pool_says_so() -> None:
    pool, chance = NumberPool(), random.Random(0)
    for _ in range(len(birth_places().things) * len(CLEAN_SUFFIXES)):
        pool.take(date(1990, 5, 5), True, chance)
    with pytest.raises(ValueError, match="no identity numbers left"):
        pool.take(date(1990, 5, 5), True, chance)
