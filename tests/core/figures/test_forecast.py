"""Where the present pace leads. The campaign ends on Sunday 30/04/2023; 29/04 to 03/05 are days off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from automation.core.config.working_days import WorkingCalendar
from automation.core.figures.forecast import (
    HORIZON,
    Forecast,
    OfficeTime,
    Outlook,
    Pace,
    forecast,
    gains,
    office_time,
    pace_needed,
    pace_of,
    pace_shown,
    people_needed,
    together,
)
from automation.core.figures.history import Reading
from automation.core.model.units import per_cent
from tests.core.mail.ladder_examples import SETTINGS

CALENDAR = WorkingCalendar()
DEADLINE = date(2023, 4, 30)
OFFICE = ZoneInfo(SETTINGS.time_zone)
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


STEADY = track((5, 4), (6, 6), (7, 8), (10, 12), (11, 16), (12, 18), (13, 22), (14, 28), (17, 34), (18, 38), (19, 44))
STEADY += track((20, 44))
"""Forty in the ten working days since Wednesday 5."""


# --- the whole forecast -----------------------------------------------------------------------------------


def four_a_day(done: int) -> list[Reading]:
    """So many are done today, four more each working day since the 5th."""
    days = (5, 6, 7, 10, 11, 12, 13, 14, 17, 18, 19)
    return track(*((day, done - 40 + 4 * number) for number, day in enumerate(days)), (20, done))


@pytest.mark.parametrize(
    ("to_go", "days", "pace"),
    [
        *((12, 2, 6), (13, 2, 6.5), (15, 7, 2.2), (1, 10, 0.1), (14, 6.5, 2.2), (2, 0.5, 4), (997, 7, 143)),
        *((0, 5, None), (5, 0, None), (5, -3, None)),
    ],
)
def test_what_the_deadline_needs_is_as_fine_as_a_pace_and_ends_with_it(
    to_go: int, days: float, pace: float | None
) -> None:
    assert pace_needed(to_go, days) == pace


@pytest.mark.parametrize(
    ("readings", "today", "expected"),
    [
        # 56 to go at 4 a day are 14 days: 7 of them until 28/04, then from 04/05 on.
        (STEADY, april(20), Forecast(Outlook.LATE, 56, Pace(40, 10.0, 10), 8, date(2023, 5, 12), 12)),
        # the same people and pace, but only 28 to go: 7 days, today included, end on Friday 28/04
        (four_a_day(72), april(20), Forecast(Outlook.ON_TIME, 28, Pace(40, 10.0, 10), 4, april(28))),
        # one more, and it is the first working day after the holidays
        (four_a_day(71), april(20), Forecast(Outlook.LATE, 29, Pace(40, 10.0, 10), 4.2, date(2023, 5, 4), 4)),
        (track((5, 40), (20, 40)), april(20), Forecast(Outlook.STANDING_STILL, 60, Pace(0, 10.0, 0), 8.6)),
        (track((5, 90), (20, 100)), april(20), Forecast(Outlook.REACHED, pace=Pace(10, 10.0, 1))),
        (track((20, 40)), april(20), Forecast(Outlook.TOO_LITTLE_DATA, 60, needed=8.6)),
        (track((18, 30), (19, 35), (20, 40)), april(20), Forecast(Outlook.TOO_LITTLE_DATA, 60, needed=8.6)),
        (
            track((14, 31), (17, 34), (18, 37), (19, 40), (20, 40)),
            april(20),
            Forecast(Outlook.LATE, 60, Pace(9, 3.0, 3), 8.6, date(2023, 5, 22), 22),
        ),
        # one person in ten days is told as such, and nothing is foretold of it
        (
            track((5, 40), (12, 40), (13, 41), (20, 41)),
            april(20),
            Forecast(Outlook.TOO_LITTLE_DATA, 59, Pace(1, 10.0, 1), 8.5),
        ),
        # many, but on two days only
        (
            track((5, 0), (12, 0), (13, 40), (19, 80), (20, 80)),
            april(20),
            Forecast(Outlook.TOO_LITTLE_DATA, 20, Pace(80, 10.0, 2), 2.9),
        ),
        # the deadline has passed: no pace reaches it any more
        (track((28, 80), (28, 80)), date(2023, 5, 5), Forecast(Outlook.TOO_LITTLE_DATA, 20)),
        (
            [
                Reading(april(26), 100, 76),
                *(Reading(day, 100, done) for day, done in ((april(27), 77), (april(28), 79))),
                Reading(date(2023, 5, 4), 100, 79),
                Reading(date(2023, 5, 8), 100, 80),
            ],
            date(2023, 5, 8),
            Forecast(Outlook.LATE, 20, Pace(4, 4.0, 3), None, date(2023, 6, 2), 33),
        ),
        # so slow that a date would be a joke
        (
            track((5, 0), (11, 1), (12, 2), (19, 3), (20, 3), counted=1000),
            april(20),
            Forecast(Outlook.LATE, 997, Pace(3, 10.0, 3), 143),
        ),
        (track((5, 0), (20, 0), counted=0), april(20), Forecast(Outlook.NOBODY)),
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
        "one person",
        "two days with a change",
        "deadline passed, no pace",
        "deadline passed",
        "beyond half a year",
        "nobody to count",
    ],
)
def test_forecasts(readings: list[Reading], today: date, expected: Forecast) -> None:
    assert forecast(readings, 100.0, at(today)) == expected


def test_the_target_is_what_is_forecast() -> None:
    found = forecast(four_a_day(82), 90.0, THURSDAY_MORNING)
    assert (found.to_go, found.needed, found.reached_on) == (8, 1.2, april(21))


@pytest.mark.parametrize(
    ("to_go", "day"),
    [(508, date(2023, 10, 20)), (509, None)],  # the 20th of October is 183 days off
)
def test_nothing_beyond_half_a_year_is_given_a_date(to_go: int, day: date | None) -> None:
    assert timedelta(days=183) == HORIZON
    readings = [Reading(each.day, to_go + 72, each.done) for each in four_a_day(72)]
    found = forecast(readings, 100.0, THURSDAY_MORNING)
    assert (found.outlook, found.reached_on) == (Outlook.LATE, day)


# --- pace -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings", "lately"),
    [
        # what lies before the last ten working days is not asked
        (track((3, 0), (4, 80), (5, 80), (20, 90)), Pace(10, 10.0, 1)),
        # days without a line, and weekends
        (track((5, 10), (15, 20), (16, 20), (20, 35)), Pace(25, 10.0, 2)),
        (track((14, 10), (20, 16)), Pace(6, 3.0, 1)),
        # nothing between a long time ago and two days ago
        (track((3, 10), (18, 20), (20, 25)), None),
        # rows vanished, and came back
        (track((5, 40), (13, 10), (17, 10), (18, 40), (20, 42)), Pace(2, 10.0, 1)),
        # found wrong and corrected, while others got done
        (track((5, 40), (13, 35), (17, 44), (20, 44)), Pace(4, 10.0, 1)),
        # vanished before the days that count, back within them
        (track((3, 40), (4, 5), (5, 5), (18, 40), (20, 41)), Pace(1, 10.0, 1)),
        ([], None),
    ],
    ids=["old gains", "gaps", "three days", "gap too long", "back again", "corrected", "vanished earlier", "nothing"],
)
def test_pace_is_what_was_gained_in_ten_working_days(readings: list[Reading], lately: Pace | None) -> None:
    assert pace_of(readings, THURSDAY_MORNING) == lately


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


def test_of_today_what_is_over_is_no_time_left() -> None:
    assert at(april(20), 0.25).work_left == 6.75
    assert at(april(28), 1.0).work_left == 0
    assert at(april(29), 0.5).work_left == 0


@pytest.mark.parametrize(
    ("pace", "to_go", "left", "shown", "needed"),
    [
        (Pace(23, 10.0, 3), 14, 7, 2.3, 2),
        (Pace(20, 9.7, 3), 25, 12, 2, 2.1),  # 2,06 is less than 2,08
        (Pace(6, 6.75, 3), 1, 1.25, 0.9, 0.8),
        (Pace(83, 100, 3), 1, 1.24, 0.9, 0.9),  # 0,83 is more than 0,81
        (Pace(1004, 10.0, 3), 201, 2, 100, 101),
        (Pace(12, 3.2, 3), 0, 5, 3.8, None),
        (Pace(0, 9, 0), 4, 5, 0, 0.8),
    ],
)
def test_a_pace_is_shown_on_the_side_of_the_need_on_which_it_is(
    pace: Pace, to_go: int, left: float, shown: float, needed: float | None
) -> None:
    assert (pace_shown(pace, to_go, left), pace_needed(to_go, left)) == (shown, needed)


# --- what always holds ------------------------------------------------------------------------------------

DAYS = st.dates(date(2023, 4, 1), date(2023, 5, 31))
READINGS = st.lists(st.tuples(DAYS, st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=12).map(
    lambda lines: [
        Reading(day, max(counted, done), done)
        for day, counted, done in sorted({each[0]: each for each in lines}.values())
    ]
)


def gaining(gained: Sequence[int], to_go: int, today: date) -> list[Reading]:
    """A unit in which so many got done on each of the days up to today, and so many are left."""
    done = list(accumulate(gained))
    first = today - timedelta(days=len(done) - 1)
    return [Reading(first + timedelta(days=n), done[-1] + to_go, each) for n, each in enumerate(done)]


GAINS = st.lists(st.integers(0, 40), min_size=4, max_size=12)
MOVING = st.builds(gaining, GAINS, st.integers(0, 60), st.dates(april(12), date(2023, 5, 2)))
"""What is drawn above leads to no day but by chance."""


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


@given(READINGS | MOVING, st.floats(1, 100), st.floats(0, 1))
@example(STEADY, 100.0, 0.0)
@example(four_a_day(72), 100.0, 0.0)
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
    if found.needed is not None:
        assert found.needed * time.work_left >= found.to_go - 1e-6


MOMENTS = st.datetimes(datetime(2023, 4, 12), datetime(2023, 5, 2)).map(lambda moment: moment.replace(tzinfo=OFFICE))


@given(MOMENTS, GAINS, st.integers(1, 3000))
@example(datetime(2023, 4, 20, 14, 0, tzinfo=OFFICE), [4, 3, 3, 3, 3, 3, 1], 14)
@example(datetime(2023, 4, 28, 16, 29, tzinfo=OFFICE), [2, 2, 2, 2, 2], 1)
def test_who_is_late_is_slower_than_is_needed(now: datetime, gained: list[int], to_go: int) -> None:
    """In the afternoon 2,1 a day stood beside a need of 2 and "a day late": one counted all of today, the other not."""
    time = office_time(SETTINGS, now)
    found = forecast(gaining(gained, to_go, time.today), 100.0, time)
    if found.outlook in (Outlook.LATE, Outlook.ON_TIME) and found.needed is not None:
        assert found.pace is not None
        is_late = found.outlook is Outlook.LATE
        assert is_late == (found.pace.per_day < to_go / time.work_left - 1e-9)
        assert is_late == (pace_shown(found.pace, found.to_go, time.work_left) < found.needed)


@given(st.lists(st.integers(1, 40), min_size=6, max_size=12), st.integers(2, 300))
def test_more_people_done_today_never_put_the_day_off(gained: list[int], to_go: int) -> None:
    *past, last = gaining(gained, to_go, april(20))
    slower, faster = (
        forecast([*past, Reading(last.day, last.counted, last.done + more)], 100.0, THURSDAY_MORNING) for more in (0, 1)
    )
    assume(slower.reached_on and faster.reached_on)
    assert slower.reached_on is not None
    assert faster.reached_on is not None
    assert faster.reached_on <= slower.reached_on
