"""The made-up campaign as a whole: size, mistakes, progress, contacts; the same every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from automation.cli.main import DEMO_ROWS
from automation.core.model.units import Declaration
from automation.demo.campaign import DemoUnit, make_campaign
from automation.demo.mistakes import BLANK_LINE, KINDS, TOTAL_LINE
from automation.demo.values import DemoRow, empty_row
from tests.demo.row_checks import AS_OF, DEFERRING, OUT_OF_SCOPE, is_done, objections, units

SEEDS = (1, 2, 20230420)
LOOSE_LINES = (BLANK_LINE, TOTAL_LINE)


@cache
def campaign(seed: int = 1, rows: int = int(DEMO_ROWS)) -> list[DemoUnit]:
    return make_campaign(units(), rows, AS_OF, seed)


def people(unit: DemoUnit) -> Iterator[tuple[DemoRow, str | None]]:
    """The rows of persons, each with the mistake in it."""
    for place, row in enumerate(unit.rows):
        mistake = unit.mistakes.get(place)
        if mistake not in LOOSE_LINES:
            yield row, mistake


def rate(unit: DemoUnit) -> float:
    rows = [row for row, _ in people(unit)]
    return sum(map(is_done, rows)) / max(len(rows), 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kind_of_mistake_is_made(seed: int) -> None:
    made = {mistake for unit in campaign(seed) for mistake in unit.mistakes.values()}
    assert made == {kind.code for kind in KINDS} | set(LOOSE_LINES)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rows", [200, int(DEMO_ROWS)])
def test_few_rows_hold_a_mistake(seed: int, rows: int) -> None:
    mistakes = [mistake for unit in campaign(seed, rows) for _, mistake in people(unit)]
    assert 0.04 < sum(mistake is not None for mistake in mistakes) / len(mistakes) < 0.08


@pytest.mark.parametrize("seed", SEEDS)
def test_all_other_rows_are_in_order(seed: int) -> None:
    clean = [row for unit in campaign(seed) for row, mistake in people(unit) if mistake is None]
    assert [found for row in clean if (found := objections(row))] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_the_number_of_a_row_in_order_stands_nowhere_else(seed: int) -> None:
    numbers = Counter(str(row["cccd"]).zfill(12) for unit in campaign(seed) for row, _ in people(unit))
    clean = (row["cccd"] for unit in campaign(seed) for row, mistake in people(unit) if mistake is None)
    assert [number for number in clean if number is not None and numbers[str(number)] > 1] == []


@pytest.mark.parametrize(
    ("mistake", "field", "units_of_each"),
    [("entered-twice", "cccd", 1), ("in-two-units", "cccd", 2), ("entered-twice-other-number", "ho-ten", 1)],
)
def test_two_rows_of_a_pair_stand_where_they_should(mistake: str, field: str, units_of_each: int) -> None:
    places: dict[object, list[str]] = {}
    for unit in campaign():
        for row, made in people(unit):
            if made == mistake:
                places.setdefault((row[field], row["ngay-sinh"]), []).append(unit.unit.code)
    assert places
    assert {(len(codes), len(set(codes))) for codes in places.values()} == {(2, units_of_each)}


def test_the_same_arguments_make_the_same_campaign() -> None:
    again = make_campaign(units(), int(DEMO_ROWS), AS_OF, 1)
    assert again == campaign(1)
    assert again != campaign(2)


@pytest.mark.parametrize("rows", [100, 1_000, int(DEMO_ROWS)])
def test_about_as_many_rows_as_asked_for(rows: int) -> None:
    made = sum(1 for unit in campaign(1, rows) for _ in people(unit))
    assert rows * 0.9 - 40 < made < rows * 1.1 + 40


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_few_units_or_none_will_do(count: int) -> None:
    made = make_campaign(units()[:count], 300, AS_OF, 1)
    assert [each.unit.code for each in made] == [unit.code for unit in units()[:count]]


@pytest.mark.parametrize("seed", SEEDS)
def test_units_are_at_every_stage(seed: int) -> None:
    empty = [unit for unit in campaign(seed) if not unit.rows]
    half_typed = [unit for unit in campaign(seed) if unit.rows and len(unit.rows) < 0.75 * headcount(unit)]
    slow = [unit for unit in campaign(seed) if unit.rows and rate(unit) < 0.4]
    usual = [unit for unit in campaign(seed) if 0.4 <= rate(unit) < 0.97]
    assert (len(campaign(seed)), len(empty)) == (80, 5)
    assert len(finished(seed)) >= 6
    assert len(half_typed) >= 5
    assert len(slow) >= 6
    assert len(usual) > 40


def headcount(unit: DemoUnit) -> int:
    return unit.unit.headcount or unit.declaration.headcount or 0


def finished(seed: int) -> list[DemoUnit]:
    """Units where everybody who has to be done is."""
    excused = (*OUT_OF_SCOPE, *DEFERRING)
    return [
        unit
        for unit in campaign(seed)
        if unit.rows
        and len(unit.rows) >= headcount(unit)
        and all(is_done(row) or row["mien-hoan"] in excused for row, _ in people(unit))
    ]


def test_finished_units_make_no_mistakes() -> None:
    # A unit can also come out finished by luck; those that were meant to hold no mistake at all.
    untouched = [unit for unit in finished(1) if not set(unit.mistakes.values()) - set(LOOSE_LINES)]
    assert len(untouched) >= 6


def test_big_hospitals_are_bigger_than_health_centres() -> None:
    def mean_size(group: str) -> float:
        sizes = [headcount(unit) for unit in campaign() if unit.unit.group == group]
        return sum(sizes) / len(sizes)

    assert mean_size("Bệnh viện đa khoa thành phố") > 2 * mean_size("Trung tâm y tế quận, huyện")


def test_units_keep_their_order_name_and_tab() -> None:
    assert [(each.unit.code, each.unit.name, each.unit.tab_title) for each in campaign()] == [
        (unit.code, unit.name, unit.tab_title) for unit in units()
    ]


def test_contacts_are_made_up_and_nobody_can_be_reached() -> None:
    for each in (each.unit for each in campaign()):
        assert each.focal_person
        assert each.head
        assert each.focal_email.endswith("@example.org")
        assert each.head_email.endswith("@example.org")
        assert each.focal_phone == ""


def test_a_unit_that_has_not_started_declares_nothing() -> None:
    for unit in campaign():
        if unit.rows:
            assert unit.declaration.disseminated_on is not None
            assert unit.declaration.disseminated_on <= AS_OF
            assert 0 < (unit.declaration.informed or 0) <= headcount(unit)
        else:
            assert unit.declaration == Declaration()


def test_headcounts_are_missing_or_differ_here_and_there_but_never_both_missing() -> None:
    pairs = [(unit.unit.headcount, unit.declaration.headcount) for unit in campaign() if unit.rows]
    assert all(registered or declared for registered, declared in pairs)
    assert any(registered is None for registered, _ in pairs)
    assert any(declared is None for _, declared in pairs)
    assert any(registered != declared for registered, declared in pairs if registered and declared)


def test_blank_lines_stand_between_rows_and_totals_at_the_end() -> None:
    for unit in campaign():
        for place, mistake in unit.mistakes.items():
            if mistake == BLANK_LINE:
                assert unit.rows[place] == empty_row()
                assert 0 < place < len(unit.rows) - 1
            if mistake == TOTAL_LINE:
                assert unit.rows[place]["ho-ten"] in ("Tổng", "Tổng cộng", "Tổng số", "Cộng")
                assert place == len(unit.rows) - 1


def test_some_units_keep_a_column_of_their_own() -> None:
    own = [(unit, unit.own_column) for unit in campaign() if unit.own_column is not None]
    assert len(own) > 3
    assert all(len(column.cells) == len(unit.rows) for unit, column in own)
