"""Where the units lead together. It is Thursday 20/04/2023, eight o'clock; seven working days are left."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.config.working_days import WorkingCalendar
from automation.core.figures.forecast import Forecast, OfficeTime, Outlook, Pace
from automation.core.figures.history import Reading
from automation.core.figures.prospects import CampaignForecast, Prospect, campaign_forecast

TODAY, DEADLINE = date(2023, 4, 20), date(2023, 4, 30)
MORNING = OfficeTime(WorkingCalendar(), DEADLINE, TODAY, 0.0)


def unit(
    outlook: Outlook, done: int, newly: int | None = None, day: date | None = None, counted: int = 100
) -> Prospect:
    """A unit with so many newly done in ten working days."""
    to_go = 0 if outlook is Outlook.REACHED else counted - done
    pace = None if newly is None else Pace(newly, 10.0, newly)
    forecast = Forecast(outlook, to_go, pace, reached_on=day)
    return Prospect(Reading(TODAY, counted, done), forecast, outlook not in (Outlook.REACHED, Outlook.NOBODY))


REACHED = unit(Outlook.REACHED, 100, 5)
ON_TIME = unit(Outlook.ON_TIME, 90, 20, date(2023, 4, 26))
LATE = unit(Outlook.LATE, 80, 20, date(2023, 5, 9))
FAR = unit(Outlook.LATE, 10, 5)
STILL = unit(Outlook.STANDING_STILL, 40, 0)
FEW = unit(Outlook.TOO_LITTLE_DATA, 50, 2)
NEW = unit(Outlook.TOO_LITTLE_DATA, 50)
UNSURE = unit(Outlook.UNSURE, 60)
NOBODY = unit(Outlook.NOBODY, 0, counted=0)


def told(*units: Prospect, time: OfficeTime = MORNING) -> CampaignForecast:
    return campaign_forecast(units, time)


@pytest.mark.parametrize(
    ("units", "outlook", "day", "late", "at_deadline"),
    [
        # 2 a day for seven days: 10 + 14 of the 20 that lack
        ((REACHED, ON_TIME, LATE), Outlook.LATE, date(2023, 5, 9), 9, 294),
        ((REACHED, ON_TIME), Outlook.ON_TIME, date(2023, 4, 26), 0, 200),
        ((REACHED, REACHED), Outlook.REACHED, None, 0, 200),
        ((ON_TIME, STILL), Outlook.NO_DAY, None, 0, 140),
        ((ON_TIME, FAR), Outlook.NO_DAY, None, 0, 113),  # 3.5 more of the slow one: three are whole
        ((ON_TIME, FEW, NEW, UNSURE), Outlook.NO_DAY, None, 0, 100 + 51 + 50 + 60),
        ((FEW,), Outlook.NO_DAY, None, 0, 51),
        ((NEW, UNSURE), Outlook.TOO_LITTLE_DATA, None, 0, None),
        ((STILL,), Outlook.NO_DAY, None, 0, 40),
        ((NOBODY,), Outlook.NOBODY, None, 0, None),
        ((), Outlook.NOBODY, None, 0, None),
    ],
)
def test_the_last_unit_decides(
    units: tuple[Prospect, ...], outlook: Outlook, day: date | None, late: int, at_deadline: int | None
) -> None:
    found = told(*units)
    assert (found.outlook, found.reached_on, found.days_late) == (outlook, day, late)
    assert (found.at_deadline.done if found.at_deadline else None) == at_deadline


def test_it_says_how_many_units_have_no_day_and_why() -> None:
    found = told(REACHED, ON_TIME, STILL, STILL, FAR, FEW, NEW, UNSURE)
    assert (found.standing_still, found.too_far, found.without_data) == (2, 1, 3)
    assert (found.to_go, found.needed) == (10 + 60 + 60 + 90 + 50 + 50 + 40, 51.5)


def test_of_today_all_units_have_only_the_rest_left() -> None:
    afternoon = OfficeTime(WorkingCalendar(), DEADLINE, TODAY, 0.75)
    assert told(STILL, time=afternoon).needed == 9.6  # 60 in six and a quarter days


def test_a_unit_nothing_is_known_of_keeps_the_others_from_a_day() -> None:
    unread = Prospect(Reading(TODAY, 0, 0), Forecast(Outlook.UNSURE), is_open=True)
    assert told(ON_TIME, unread).outlook is Outlook.NO_DAY
    assert told(ON_TIME, NOBODY).reached_on == date(2023, 4, 26)


def test_the_pace_of_all_is_what_got_done_in_all_of_them() -> None:
    young = Prospect(Reading(TODAY, 10, 4), Forecast(Outlook.LATE, 6, Pace(3, 4.0, 3)), is_open=True)
    assert told(ON_TIME, STILL, FEW, young, NEW).pace == Pace(25, 10.0, 20)
    assert told(NEW).pace is None


def test_the_course_ends_on_the_day_or_on_the_deadline() -> None:
    assert [(each.day.day, each.done) for each in told(ON_TIME).course] == [
        (20, 90),
        (21, 94),
        (24, 96),
        (25, 98),
        (26, 100),
    ]
    assert [(each.day.day, each.done) for each in told(STILL, ON_TIME).course][-3:] == [(27, 140), (28, 140), (30, 140)]
    assert told(NEW).course == ()


def test_once_the_deadline_has_passed_no_rate_is_told_of_it() -> None:
    may = OfficeTime(WorkingCalendar(), DEADLINE, date(2023, 5, 8), 0.0)
    found = told(STILL, ON_TIME, time=may)
    assert (found.at_deadline, found.needed, found.course) == (None, None, ())


UNITS = st.lists(st.sampled_from([REACHED, ON_TIME, LATE, FAR, STILL, FEW, NEW, UNSURE, NOBODY]), max_size=8)


@given(UNITS)
def test_no_day_is_named_that_a_unit_refutes(units: list[Prospect]) -> None:
    found = told(*units)
    without = [each for each in units if each.is_open and each.forecast.reached_on is None]
    assert found.standing_still + found.too_far + found.without_data == len(without)
    if found.reached_on:
        assert not without
        assert found.course[-1].day == found.reached_on
        assert found.course[-1].done == found.course[-1].counted
    done = [each.done for each in found.course]
    assert done == sorted(done)
