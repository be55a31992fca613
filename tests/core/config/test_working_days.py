from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from automation.core.config.working_days import WorkingCalendar, last_working_day
from tests.core.judged_sample import SETTINGS

OFFICE = WorkingCalendar()
DEADLINE = date(2023, 4, 30)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2023, 4, 28), True),  # the last Friday before the break
        (date(2023, 4, 29), False),  # Hung Kings' day, a Saturday
        (date(2023, 4, 30), False),
        (date(2023, 5, 1), False),
        (date(2023, 5, 2), False),  # both make up for a holiday on the weekend
        (date(2023, 5, 3), False),
        (date(2023, 5, 4), True),
        (date(2024, 4, 29), False),  # swapped with Saturday 04/05/2024
        (date(2024, 5, 4), True),
    ],
)
def test_public_holidays_and_swapped_saturdays(day: date, works: bool) -> None:
    assert OFFICE.is_working_day(day) is works


@pytest.mark.parametrize(
    ("days_before", "expected"),
    [(14, date(2023, 4, 11)), (7, date(2023, 4, 20)), (3, date(2023, 4, 26)), (1, date(2023, 4, 28))],
)
def test_working_days_before_the_deadline_in_a_long_break(days_before: int, expected: date) -> None:
    assert OFFICE.working_day_before(DEADLINE, days_before) == expected


def test_the_first_day_counts_and_the_last_does_not() -> None:
    assert OFFICE.working_days_between(date(2023, 4, 11), date(2023, 4, 29)) == 14
    assert OFFICE.working_days_between(date(2023, 4, 28), date(2023, 4, 28)) == 0
    assert OFFICE.working_days_between(date(2023, 4, 29), date(2023, 5, 4)) == 0
    assert OFFICE.working_days_between(date(2023, 5, 4), date(2023, 4, 11)) == 0


def test_the_next_working_day_is_the_day_itself_where_it_is_worked() -> None:
    assert OFFICE.working_day_from(date(2023, 4, 28)) == date(2023, 4, 28)
    assert OFFICE.working_day_from(date(2023, 4, 29)) == date(2023, 5, 4)
    assert OFFICE.working_day_after(date(2023, 4, 28)) == date(2023, 5, 4)


@pytest.mark.parametrize(
    ("deadline", "last"),
    [(date(2023, 4, 30), date(2023, 4, 28)), (date(2023, 4, 28), None), (date(2023, 5, 3), date(2023, 4, 28))],
)
def test_before_a_deadline_on_a_day_off_there_is_a_last_working_day(deadline: date, last: date | None) -> None:
    assert last_working_day(replace(SETTINGS, deadline=deadline)) == last


def test_what_the_admin_lists_overrides_the_package() -> None:
    # The swap of early January 2026 was announced too late for the package.
    office = WorkingCalendar(days_off={date(2026, 1, 2)}, working_days={date(2026, 1, 10)})
    assert not office.is_working_day(date(2026, 1, 2))
    assert office.is_working_day(date(2026, 1, 10))
    assert office.working_days_between(date(2026, 1, 1), date(2026, 1, 12)) == 6


def test_a_date_listed_both_ways_is_a_day_off() -> None:
    both = {date(2023, 4, 20)}
    assert not WorkingCalendar(both, both).is_working_day(date(2023, 4, 20))


def test_the_zeroth_working_day_is_no_question() -> None:
    with pytest.raises(ValueError, match="0"):
        OFFICE.working_day_before(DEADLINE, 0)


@given(st.dates(date(2023, 1, 1), date(2024, 12, 31)), st.integers(1, 30))
def test_counting_back_and_forth_agrees_with_the_count_between(day: date, n: int) -> None:
    before = OFFICE.working_day_before(day, n)
    assert OFFICE.is_working_day(before)
    assert OFFICE.working_days_between(before, day) == n
    assert OFFICE.working_day_after(before, n) == OFFICE.working_day_from(day)
