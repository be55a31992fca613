"""Where the present pace leads. The campaign ends on Sunday 30/04/2023; 29/04 to 03/05 are days off."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.config.working_days import WorkingCalendar
from automation.core.figures.forecast import (
    Forecast,
    OfficeTime,
    Outlook,
    forecast,
    gained_lately,
    gains,
    office_time,
    people_needed,
    together,
)
from automation.core.figures.history import Reading
from automation.core.model.units import per_cent
from tests.core.mail.ladder_examples import SETTINGS

CALENDAR = WorkingCalendar()
DEADLINE = date(2023, 4, 30)
FIRST = date(2023, 4, 10)
"""A Monday."""


def april(day: int) -> date:
    return date(2023, 4, day)


def at(today: date, passed: float = 0.0) -> OfficeTime:
    return OfficeTime(CALENDAR, DEADLINE, today, passed)


THURSDAY_MORNING = at(april(20))


def track(*readings: tuple[int, int], counted: int = 100) -> list[Reading]:
    """(day of April, people done) of a unit whose list does not change."""
    return [Reading(april(day), counted, done) for day, done in readings]


STEADY = track((11, 8), (12, 10), (13, 14), (14, 18), (17, 22), (18, 26), (19, 30), (20, 30))
"""Four a working day since Thursday 13."""


# --- the whole forecast -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings", "today", "expected"),
    [
        # 70 to go at 4 a day are 17.5 days: 7 of them until 28/04, then from 04/05 on.
        (STEADY, april(20), Forecast(Outlook.LATE, 70, 4.0, 10, date(2023, 5, 18), 18)),
        # the same people and pace, but only 28 to go: 7 days, today included, end on Friday 28/04
        (track((12, 52), (20, 72)), april(20), Forecast(Outlook.ON_TIME, 28, 4.0, 4, april(28))),
        # one more, and it is the first working day after the holidays
        (track((12, 51), (20, 71)), april(20), Forecast(Outlook.LATE, 29, 4.0, 5, date(2023, 5, 4), 4)),
        (track((12, 40), (20, 40)), april(20), Forecast(Outlook.STANDING_STILL, 60, 0.0, 9)),
        (track((12, 90), (20, 100)), april(20), Forecast(Outlook.REACHED, pace=2.0)),
        (track((20, 40)), april(20), Forecast(Outlook.TOO_LITTLE_DATA, 60, needed=9)),
        (track((18, 30), (19, 35), (20, 40)), april(20), Forecast(Outlook.TOO_LITTLE_DATA, 60, needed=9)),
        (track((14, 31), (20, 40)), april(20), Forecast(Outlook.LATE, 60, 3.0, 9, date(2023, 5, 22), 22)),
        # the deadline has passed: no pace reaches it any more
        (track((28, 80), (28, 80)), date(2023, 5, 5), Forecast(Outlook.TOO_LITTLE_DATA, 20)),
        (
            [Reading(april(27), 100, 76), Reading(date(2023, 5, 8), 100, 80)],
            date(2023, 5, 8),
            Forecast(Outlook.LATE, 20, 4 / 3, None, date(2023, 5, 26), 26),
        ),
        # so slow that a date would be a joke
        (track((12, 0), (20, 1), counted=1000), april(20), Forecast(Outlook.LATE, 999, 0.2, 143)),
        (track((12, 0), (20, 0), counted=0), april(20), Forecast(Outlook.NOBODY)),
    ],
    ids=[
        "late",
        "just in time",
        "one too many",
        "nobody got done",
        "reached",
        "first day",
        "two days",
        "three working days suffice",
        "deadline passed, no pace",
        "deadline passed",
        "beyond a year",
        "nobody to count",
    ],
)
def test_forecasts(readings: list[Reading], today: date, expected: Forecast) -> None:
    assert forecast(readings, 100.0, at(today)) == expected


def test_the_target_is_what_is_forecast() -> None:
    found = forecast(track((12, 62), (20, 82)), 90.0, THURSDAY_MORNING)
    assert (found.to_go, found.needed, found.reached_on) == (8, 2, april(21))


# --- pace -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings", "lately"),
    [
        # what lies before the last five working days is not asked
        (track((10, 0), (11, 80), (12, 80), (20, 90)), (10, 5.0)),
        # days without a line, and weekends
        (track((12, 10), (15, 20), (16, 20), (20, 35)), (25, 5.0)),
        (track((14, 10), (20, 16)), (6, 3.0)),
        # nothing between a long time ago and two days ago
        (track((3, 10), (18, 20), (20, 25)), None),
        # rows vanished, and came back
        (track((12, 40), (13, 10), (17, 10), (18, 40), (20, 42)), (2, 5.0)),
        # found wrong and corrected, while others got done
        (track((12, 40), (13, 35), (17, 44), (20, 44)), (4, 5.0)),
        # vanished before the days that count, back within them
        (track((10, 40), (11, 5), (12, 5), (18, 40), (20, 41)), (1, 5.0)),
    ],
    ids=["old gains", "gaps", "three days", "gap too long", "back again", "corrected", "vanished earlier"],
)
def test_pace_is_what_was_gained_in_five_working_days(
    readings: list[Reading], lately: tuple[int, float] | None
) -> None:
    assert gained_lately([readings], THURSDAY_MORNING) == lately


@pytest.mark.parametrize(
    ("numbers", "gained"),
    [
        ([(100, 10), (100, 15)], [5]),
        # people who are not done leave the list: the rate rises, nobody got done
        ([(100, 50), (60, 50), (60, 50)], [0, 0]),
        # people who are done leave: those who stay go on from there
        ([(100, 50), (80, 30), (80, 34)], [0, 4]),
        # they come back as they were
        ([(100, 50), (80, 30), (100, 50), (100, 51)], [0, 0, 1]),
        # an undeclared list grows, some of its people done before
        ([(100, 10), (150, 30)], [20]),
        # the headcount is declared anew
        ([(100, 50), (300, 50), (300, 52)], [0, 2]),
        ([(300, 50), (100, 50), (100, 52)], [0, 2]),
        ([(100, 50)], []),
        ([], []),
    ],
)
def test_rows_that_vanish_or_return_are_no_gain(numbers: list[tuple[int, int]], gained: list[int]) -> None:
    readings = [Reading(FIRST + timedelta(days=day), *each) for day, each in enumerate(numbers)]
    assert [gain for _, gain in gains(readings)] == gained


def test_units_are_followed_one_by_one() -> None:
    steady, broken = track((12, 10), (20, 30)), track((12, 50), (17, 20), (20, 25))
    assert gained_lately([steady, broken], THURSDAY_MORNING) == (20, 5.0)
    assert gained_lately([], THURSDAY_MORNING) is None


def test_a_unit_without_a_line_stands_where_it_last_stood() -> None:
    both = together([track((12, 10), (13, 12), (14, 20)), track((13, 50), counted=60)])
    assert both == [Reading(april(12), 100, 10), Reading(april(13), 160, 62), Reading(april(14), 160, 70)]


# --- working time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "worked"),
    [("2023-04-20T08:00", 1.0), ("2023-04-20T16:30", 2.0), ("2023-04-20T12:15", 1.5), ("2023-04-22T12:00", 3.0)],
)
def test_today_counts_with_the_part_that_is_over(clock: str, worked: float) -> None:
    now = datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert office_time(SETTINGS, now).worked_since(april(18)) == worked


def test_the_moment_is_taken_in_the_campaigns_zone() -> None:
    late_in_london = datetime(2023, 4, 19, 20, 0, tzinfo=ZoneInfo("Europe/London"))
    assert office_time(SETTINGS, late_in_london).today == april(20)


@pytest.mark.parametrize(
    ("today", "passed", "days", "reached"),
    [
        (april(20), 0.0, 0.3, april(20)),
        (april(20), 0.0, 1.0, april(20)),
        (april(20), 0.0, 1.1, april(21)),
        (april(20), 0.5, 0.6, april(21)),
        (april(20), 1.0, 0.1, april(21)),
        (april(22), 0.7, 0.1, april(24)),  # a Saturday has no working time
        (april(28), 0.0, 1.0, april(28)),
        (april(28), 0.0, 1.5, date(2023, 5, 4)),
    ],
)
def test_the_day_on_which_so_much_more_is_worked(today: date, passed: float, days: float, reached: date) -> None:
    assert at(today, passed).after(days) == reached


@pytest.mark.parametrize(
    ("today", "left"), [(april(20), 7), (april(28), 1), (april(29), 0), (april(30), 0), (date(2023, 5, 4), 0)]
)
def test_working_days_left(today: date, left: int) -> None:
    assert at(today).working_days_left == left


# --- what always holds ------------------------------------------------------------------------------------

DAYS = st.dates(date(2023, 4, 1), date(2023, 5, 31))
READINGS = st.lists(st.tuples(DAYS, st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=12).map(
    lambda lines: [
        Reading(day, max(counted, done), done)
        for day, counted, done in sorted({each[0]: each for each in lines}.values())
    ]
)


@given(st.floats(0.1, 100), st.integers(1, 5000))
def test_so_many_people_reach_the_target_and_one_fewer_does_not(target: float, counted: int) -> None:
    needed = people_needed(target, counted)
    reached, short = per_cent(needed, counted), per_cent(needed - 1, counted)
    assert reached is not None
    assert short is not None
    assert needed <= counted
    assert reached >= target - 1e-6
    assert short < target


@given(READINGS)
def test_no_more_is_gained_than_the_highest_mark_and_what_was_added(readings: list[Reading]) -> None:
    found = [gain for _, gain in gains(readings)]
    assert all(gain >= 0 for gain in found)
    rises = sum(max(0, after.done - before.done) for before, after in pairwise(readings))
    assert sum(found) <= rises
    if len({reading.counted for reading in readings}) == 1:
        assert sum(found) == max(reading.done for reading in readings) - readings[0].done


@given(READINGS, st.floats(1, 100), st.floats(0, 1))
def test_a_forecast_never_contradicts_itself(readings: list[Reading], target: float, passed: float) -> None:
    time = at(readings[-1].day, passed)
    found = forecast(readings, target, time)
    assert (found.outlook is Outlook.LATE) or found.days_late == 0
    assert (found.to_go > 0) == (found.outlook not in (Outlook.REACHED, Outlook.NOBODY))
    if found.reached_on is not None:
        assert found.reached_on >= time.today
        assert CALENDAR.is_working_day(found.reached_on)
        assert found.days_late == max(0, (found.reached_on - DEADLINE).days)
    if found.outlook is Outlook.ON_TIME:
        assert found.reached_on is not None
        assert found.reached_on <= DEADLINE
    if found.needed is not None and time.working_days_left:
        assert found.needed * time.working_days_left >= found.to_go


@given(READINGS)
def test_more_people_done_today_never_put_the_day_off(readings: list[Reading]) -> None:
    *past, last = readings
    if last.done < last.counted:
        time = at(last.day)
        slower, faster = (
            forecast([*past, Reading(last.day, last.counted, last.done + more)], 100.0, time) for more in (0, 1)
        )
        if slower.reached_on and faster.reached_on:
            assert faster.reached_on <= slower.reached_on
