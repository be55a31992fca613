"""Where the paces of the units lead together.

The campaign is through when its last unit is. A pace of all together would name a day that the units which stand still
refute; so where one of them has no day, the campaign has none, and only the rate on the deadline can be told.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from msgspec import Struct

from automation.core.figures.forecast import ALMOST, Forecast, OfficeTime, Outlook, Pace, pace_needed
from automation.core.figures.history import Reading


class Prospect(Struct, frozen=True):
    """A unit on its way: where it stands, and what its pace leads to."""

    present: Reading
    forecast: Forecast
    is_open: bool
    """Whether it still has to reach its target, as far as anybody knows."""

    def done_in(self, days: float) -> int:
        """People who are done after so many more working days at its pace; as many as now where it has none."""
        pace = self.forecast.pace
        more = math.floor(pace.per_day * days + ALMOST) if pace else 0
        return min(self.present.counted, self.present.done + more)


class CampaignForecast(Forecast, frozen=True, kw_only=True):
    """What the paces of all units lead to: its day is the one on which the last of them reaches its target."""

    standing_still: int = 0
    """Open units in which nobody got done lately."""
    without_data: int = 0
    """Open units of which nothing can be said: too little data, or figures in doubt."""
    too_far: int = 0
    """Open units whose pace leads beyond half a year."""
    at_deadline: Reading | None = None
    """Where all together will stand then; None where it has passed, or nothing is known of any pace."""
    course: tuple[Reading, ...] = ()
    """Where all together will stand: from now to the day of the last unit, or to the deadline where it has none."""


def campaign_forecast(prospects: Sequence[Prospect], time: OfficeTime) -> CampaignForecast:
    """The forecast of all units together."""
    still_open = [each.forecast for each in prospects if each.is_open]
    without_day = Counter(map(_why_no_day, still_open))
    days = [each.reached_on for each in still_open if each.reached_on]
    last = max(days) if days and not without_day.keys() - {None} else None
    to_go = sum(each.to_go for each in still_open)
    at_deadline = _course(prospects, time, time.deadline) if _is_to_come(prospects, time) else ()
    return CampaignForecast(
        outlook=_outlook(prospects, still_open, last, time),
        to_go=to_go,
        pace=_pace(prospects),
        needed=pace_needed(to_go, time.work_left),
        reached_on=last,
        days_late=max(0, (last - time.deadline).days) if last else 0,
        standing_still=without_day[Outlook.STANDING_STILL],
        without_data=without_day[Outlook.TOO_LITTLE_DATA],
        too_far=without_day[Outlook.LATE],
        at_deadline=at_deadline[-1] if at_deadline else None,
        course=_course(prospects, time, last) if last else at_deadline,
    )


def _why_no_day(forecast: Forecast) -> Outlook | None:
    """What keeps a unit from having a day; None where it has one."""
    if forecast.reached_on:
        return None
    known = forecast.outlook in (Outlook.STANDING_STILL, Outlook.LATE)
    return forecast.outlook if known else Outlook.TOO_LITTLE_DATA


def _outlook(
    prospects: Iterable[Prospect], still_open: Collection[Forecast], last: date | None, time: OfficeTime
) -> Outlook:
    if last:
        return Outlook.LATE if last > time.deadline else Outlook.ON_TIME
    if not still_open:
        return Outlook.REACHED if any(each.present.counted for each in prospects) else Outlook.NOBODY
    return Outlook.NO_DAY if any(each.forecast.pace for each in prospects) else Outlook.TOO_LITTLE_DATA


def _pace(prospects: Iterable[Prospect]) -> Pace | None:
    """People who got done in all units together, in the days that the longest known of them was followed."""
    paces = [each.forecast.pace for each in prospects if each.forecast.pace]
    if not paces:
        return None
    return Pace(
        people=sum(each.people for each in paces),
        days=max(each.days for each in paces),
        changes=max(each.changes for each in paces),
    )


def _is_to_come(prospects: Iterable[Prospect], time: OfficeTime) -> bool:
    """Whether there is work to do until the deadline, and a pace to do it at."""
    return time.work_until(time.deadline) > 0 and any(each.forecast.pace for each in prospects)


def _course(prospects: Sequence[Prospect], time: OfficeTime, end: date) -> tuple[Reading, ...]:
    """Where all together stand now and at the end of each working day, and on the last day."""
    days = dict.fromkeys([time.today, *time.working_days_until(end), end])
    counted = sum(each.present.counted for each in prospects)
    return tuple(
        Reading(day, counted, sum(each.done_in(0 if day == time.today else time.work_until(day)) for each in prospects))
        for day in days
    )
