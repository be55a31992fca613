"""Columns of dates as spreadsheets of two countries hold what people typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.judging.judging import judge
from automation.core.model.workbook import Cell, Snapshot
from automation.core.reading.swapped_dates import Neighbour, exchanged, seem_swapped
from automation.core.writing.changes import cell_changes
from tests.workbooks import NOW, config_with, person, unit_line, unit_tab

DAYS = st.lists(st.dates(date(1950, 1, 1), date(2005, 12, 31)), min_size=1, max_size=40)
# Days that could be months, and those that can't: made as such, since filtering for them starves the test of examples.
LOW_DAYS = st.builds(date, st.integers(1950, 2005), st.integers(1, 12), st.integers(1, 12))
HIGH_DAYS = st.builds(date, st.integers(1950, 2005), st.integers(1, 12), st.integers(13, 28))
DAY_0 = datetime(1899, 12, 30)


def in_the_states(day: date) -> Cell:
    """What a spreadsheet set to the United States makes of a day typed as Vietnamese write it."""
    return datetime(day.year, day.day, day.month) if day.day <= 12 else f"{day:%d/%m/%Y}"


def at_google(cell: Cell) -> Cell:
    return (cell - DAY_0) // timedelta(days=1) if isinstance(cell, datetime) else cell


@given(
    low=st.lists(LOW_DAYS, min_size=6, max_size=20), high=st.lists(HIGH_DAYS, min_size=2, max_size=20), data=st.data()
)
def test_a_column_typed_under_a_foreign_country_is_told(
    low: Sequence[date], high: Sequence[date], data: st.DataObject
) -> None:
    days = data.draw(st.permutations([*low, *high]))
    cells = [in_the_states(day) for day in days]
    assert seem_swapped(cells)
    assert seem_swapped([at_google(cell) for cell in cells])


@given(DAYS, st.integers(13, 28))
def test_a_column_with_one_day_that_is_no_month_is_not(days: Sequence[date], day: int) -> None:
    assert not seem_swapped([*map(in_the_states, days), datetime(1985, 3, day)])


@given(DAYS)
def test_dates_typed_as_texts_are_what_was_typed(days: Sequence[date]) -> None:
    assert not seem_swapped([f"{day:%d/%m/%Y}" for day in days])


@pytest.mark.parametrize(
    "cells",
    [
        [datetime(1985, month, 5) for month in range(1, 13)],
        [*(datetime(1985, month, 5) for month in range(1, 13)), "15/03/1985"],
        [*(datetime(1985, month, 5) for month in range(1, 6)), "15/03/1985", "16/03/1985"],
        [*(datetime(1985, month, 5) for month in range(1, 13)), "05/03/1985", "chưa rõ", "31/02/1985", "1985"],
        [],
    ],
    ids=["no texts", "one text", "few dates", "texts of low days", "nobody"],
)
def test_what_may_as_well_be_chance_is_not_told(cells: Sequence[Cell]) -> None:
    assert not seem_swapped(cells)


APP = "2022-07-18"
"""Nobody was activated before that day."""
IN_AUGUST = [datetime(2022, month, 8) for month in range(1, 13)]
"""What the first of August to the twelfth become, less the eighth."""


@pytest.mark.parametrize(
    ("beside", "is_earlier", "told"),
    [
        (APP, True, True),
        ("2022-12-31", False, False),
        ("2022-08-31", False, True),
        (datetime(2022, 7, 18), True, True),
        (datetime(2022, 3, 4), True, False),
        (None, True, False),
    ],
    ids=["before the app", "fits as it is", "after another", "a date of its own", "maybe exchanged itself", "nothing"],
)
def test_dates_that_fit_their_neighbours_exchanged_alone_are_told(beside: Cell, is_earlier: bool, told: bool) -> None:
    neighbours = [Neighbour([beside] * len(IN_AUGUST), is_earlier)]
    assert seem_swapped(IN_AUGUST, lambda: neighbours) is told
    assert seem_swapped([at_google(cell) for cell in IN_AUGUST], lambda: neighbours) is told


def test_one_slip_among_many_is_no_sign() -> None:
    neighbours = [Neighbour([None, APP, *[None] * 10], is_earlier=True)]
    assert not seem_swapped(IN_AUGUST, lambda: neighbours)


@given(LOW_DAYS)
def test_exchanged_twice_is_what_it_was(day: date) -> None:
    turned = exchanged(day)
    assert (turned is None) == (day.day == day.month)
    assert turned is None or exchanged(turned) == day


def test_whoever_was_activated_before_the_app_came_reads_what_was_meant() -> None:
    config = config_with([unit_line("bv-a")])
    people = [person(**{"Ngày kích hoạt": day}) for day in IN_AUGUST]
    judged = judge(Snapshot((unit_tab(config, "bv-a", people),)), config, {}, NOW)
    assert any("Cột Ngày kích hoạt có thể bị đảo ngày và tháng" in note for note in judged.standings[0].notes)
    refused = judged.findings[judged.findings["rule"] == "ngay-kich-hoat-sai"]
    meant = [said.partition("có phải: ")[2].rstrip(")") for said in refused["message"]]
    assert meant == [f"{day:02d}/08/2022" for day in range(1, 8)]


def test_the_unit_and_the_admin_are_told_which_columns() -> None:
    """And nobody's result changes: what a cell shows is what it is judged by."""
    config = config_with([unit_line("bv-a"), unit_line("bv-b")])
    born = [in_the_states(date(1985, month, day)) for month in range(1, 8) for day in (month, month + 14)]
    people = [person(**{"Ngày sinh": day}) for day in born]
    tabs = unit_tab(config, "bv-a", people), unit_tab(config, "bv-b", [person()])
    judged = judge(Snapshot(tabs), config, {}, NOW)
    (problem,) = (each for each in judged.problems if "đảo ngày" in each.what)
    assert (problem.where, "Cột Ngày sinh" in problem.what, problem.needs_person) == (
        "Đơn vị bv-a, trang “bv-a”",
        True,
        False,
    )
    first, second = judged.standings
    assert "Cột Ngày sinh có thể bị đảo ngày và tháng." in first.notes
    assert not any("đảo" in note for note in second.notes)
    lines = [
        str(each.value) for each in cell_changes(Snapshot(tabs), judged, {}).cells if (each.row, each.column) == (1, 1)
    ]
    assert ["cột Ngày sinh: ngày và tháng có thể bị đảo" in line for line in lines] == [True, False]
