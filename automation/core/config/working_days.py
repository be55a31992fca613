"""Which days are worked: the public holidays of Viet Nam, corrected by what the admin knows better."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from automation.base.days_off import holidays_of_viet_nam
from automation.core.config.values import Settings
from automation.core.text.moments import local

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY = timedelta(days=1)


class WorkingCalendar:
    """The office's calendar: Monday to Friday without public holidays, and the Saturdays worked instead.

    The package `holidays` computes lunar days and compensation; swaps are announced too late for any package,
    hence `days_off` and `working_days`. A date in both is a day off: a mail a day late disturbs nobody.
    """

    def __init__(self, days_off: Collection[date] = (), working_days: Collection[date] = ()) -> None:
        self._days_off = frozenset(days_off)
        self._working_days = frozenset(working_days)

    @cached_property
    def _holidays(self) -> HolidayBase:
        return holidays_of_viet_nam()

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on that date."""
        if day in self._days_off:
            return False
        return day in self._working_days or self._holidays.is_working_day(day)

    def working_days_between(self, start: date, end: date) -> int:
        """Number of working days from `start` (included) to `end` (excluded); 0 where `end` is not later."""
        return sum(self.is_working_day(start + n * _DAY) for n in range((end - start).days))

    def working_day_before(self, day: date, n: int = 1) -> date:
        """The n-th working day before `day`, which itself does not count (n from 1)."""
        return self._nth(self._days(day, -_DAY), n)

    def working_day_after(self, day: date, n: int = 1) -> date:
        """The n-th working day after `day`, which itself does not count (n from 1)."""
        return self._nth(self._days(day, _DAY), n)

    def working_day_from(self, day: date) -> date:
        """`day` itself where it is worked, else the next day that is."""
        return day if self.is_working_day(day) else self.working_day_after(day)

    def _nth(self, days: Iterator[date], n: int) -> date:
        if n < 1:
            raise ValueError(n)
        worked = filter(self.is_working_day, days)
        for _ in range(n - 1):
            next(worked)
        return next(worked)

    @staticmethod
    def _days(start: date, step: timedelta) -> Iterator[date]:
        day = start
        while True:
            day += step
            yield day


def calendar_of(settings: Settings) -> WorkingCalendar:
    """The calendar as the admin has corrected it."""
    return _corrected(settings.extra_days_off, settings.extra_working_days)


def last_working_day(settings: Settings) -> date | None:
    """The last working day before the deadline where the deadline itself is a day off; None where it is worked."""
    calendar = calendar_of(settings)
    worked = calendar.is_working_day(settings.deadline)
    return None if worked else calendar.working_day_before(settings.deadline)


# A calendar fills in the years it is asked for, and is asked for each unit again.
@lru_cache(maxsize=8)
def _corrected(days_off: frozenset[date], working_days: frozenset[date]) -> WorkingCalendar:
    return WorkingCalendar(days_off, working_days)


def next_opening(settings: Settings, now: datetime) -> datetime:
    """`now` where mails may go out at once, else the moment from which they may, in the campaign's zone."""
    here = local(now, settings.zone)
    opening, closing = settings.mail_hours
    day = here.date() if here.time() < closing else here.date() + _DAY
    day = calendar_of(settings).working_day_from(day)
    return max(here, datetime.combine(day, opening, here.tzinfo))


def closing_of(settings: Settings, now: datetime) -> datetime:
    """When mail hours of the day of `now` are over, in the campaign's zone."""
    here = local(now, settings.zone)
    return datetime.combine(here.date(), settings.mail_hours[1], here.tzinfo)


def openings(settings: Settings, now: datetime, days: int) -> Iterator[datetime]:
    """`now` or the next opening, then the beginning of every working day, for so many days."""
    opening = next_opening(settings, now)
    while opening <= local(now, settings.zone) + days * _DAY:
        yield opening
        midnight = datetime.combine(opening.date() + _DAY, time(), opening.tzinfo)
        opening = next_opening(settings, midnight)
