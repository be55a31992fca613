"""Where a unit's present pace leads: when it reaches its target, and what pace the deadline needs.

Pace is people newly done a working day, over the last ten. Both it and what is needed count of today only what is over
and what is left, and are rounded so that who is late is nowhere shown as fast enough, nor who is in time as too slow.
What is not known is said to be so: where hardly anybody got done there is too little data for a day, and figures that
moved because rows vanished or came back are no pace.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from itertools import pairwise

from msgspec import Struct

from automation.core.config.values import Settings
from automation.core.config.working_days import WorkingCalendar, calendar_of
from automation.core.figures.history import Reading

PACE_DAYS = 10
"""Working days that the pace is taken from."""
LEAST_DAYS = 3
"""Working days below which nothing is said of the pace."""
LEAST_CHANGES = 3
"""Days on which somebody got done, below which no day is named."""
HORIZON = timedelta(days=183)
"""About half a year, beyond which a date says nothing."""

ALMOST = 1e-9
"""What a sum of days, or of people a day, may lack to a whole one."""

_DAY = timedelta(days=1)


class Outlook(Enum):
    """What can be said of reaching the target."""

    REACHED = "reached"
    ON_TIME = "on time"
    LATE = "late"
    STANDING_STILL = "standing still"
    """Nobody got done in the last working days."""
    TOO_LITTLE_DATA = "too little data"
    UNSURE = "unsure"
    """The figures themselves are in doubt: rows vanished, or the unit cannot be read."""
    NOBODY = "nobody"
    """Nobody to count."""
    NO_DAY = "no day"
    """Of all units together: some of them have no day, so the last one has none."""


class Pace(Struct, frozen=True):
    """How many people got done lately, in how many working days, on how many different days."""

    people: int
    days: float
    changes: int

    @property
    def per_day(self) -> float:
        """People a working day."""
        return self.people / self.days


class Forecast(Struct, frozen=True):
    """What the pace of the last working days leads to."""

    outlook: Outlook
    to_go: int = 0
    """People who still have to get done for the target to be reached."""
    pace: Pace | None = None
    """None where too few days have been seen."""
    needed: float | None = None
    """People a working day that the deadline needs: `pace_needed`."""
    reached_on: date | None = None
    """The working day on which the target is reached at this pace; None where it is not known, or too far off."""
    days_late: int = 0
    """Days from the deadline to `reached_on`; 0 where that is in time or not known."""


class OfficeTime:
    """A moment as working time: how much was worked since a day, and when so much more will have been."""

    def __init__(
        self,
        calendar: WorkingCalendar,
        deadline: date,
        today: date,
        passed: float,
        seen: Mapping[date, float] | None = None,
    ) -> None:
        """`passed`: the part of today's working hours that is over, 0 to 1; `seen`: the part of those of earlier days
        that was over when their readings were taken, all of it where that is not known.
        """
        self.deadline = deadline
        self.today = today
        self._calendar = calendar
        self._seen = seen or {}
        self.passed = passed if calendar.is_working_day(today) else 0.0
        self._since: dict[date, float] = {}

    def worked_since(self, day: date) -> float:
        """Working days from the reading of `day` until now; today counts with the part of it that is over."""
        if day not in self._since:
            whole = self._calendar.working_days_between(day + _DAY, self.today)
            self._since[day] = self._rest_of(day) + whole + self.passed if day < self.today else 0.0
        return self._since[day]

    def _rest_of(self, day: date) -> float:
        """The part of that day's working hours which followed its reading."""
        return 1 - self._seen.get(day, 1.0) if self._calendar.is_working_day(day) else 0.0

    def work_until(self, day: date) -> float:
        """Working days from now until the end of `day`; of today what is left of it."""
        return max(0.0, self._calendar.working_days_between(self.today, day + _DAY) - self.passed)

    def working_days_until(self, day: date) -> Iterator[date]:
        """The working days after today up to and including `day`."""
        days = (self.today + number * _DAY for number in range(1, (day - self.today).days + 1))
        return filter(self._calendar.is_working_day, days)

    def after(self, days: float) -> date:
        """The working day on which so many more working days have been worked."""
        rest_of_today = 1 - self.passed if self._calendar.is_working_day(self.today) else 0.0
        if days <= rest_of_today + ALMOST and rest_of_today:
            return self.today
        return self._calendar.working_day_after(self.today, max(1, math.ceil(days - rest_of_today - ALMOST)))

    @property
    def work_left(self) -> float:
        """Working days until the end of the deadline, of today what is left of it; 0 once no work is to come."""
        return self.work_until(self.deadline)

    @property
    def working_days_left(self) -> int:
        """Working days up to and including the deadline, today included; 0 once it has passed."""
        return self._calendar.working_days_between(self.today, self.deadline + _DAY)


def office_time(settings: Settings, now: datetime, looks: Mapping[date, datetime] | None = None) -> OfficeTime:
    """`now` in the campaign's zone and calendar; the working hours are those in which mails may go out. `looks`: when
    the units were last read on each day.
    """
    here = now.astimezone(settings.zone) if now.tzinfo else now
    seen = {day: _passed(settings, look) for day, look in (looks or {}).items()}
    return OfficeTime(calendar_of(settings), settings.deadline, here.date(), _passed(settings, here), seen)


def _passed(settings: Settings, here: datetime) -> float:
    """The part of its day's working hours that is over at a moment of the campaign's zone."""
    opening, closing = (moment.hour * 60 + moment.minute for moment in settings.mail_hours)
    return min(1.0, max(0.0, (here.hour * 60 + here.minute - opening) / (closing - opening)))


def people_needed(target: float, counted: int) -> int:
    """The fewest of `counted` people whose rate, as it is shown, is `target` per cent or more."""
    tenths = math.ceil(round(target * 10, 6))
    return -(-tenths * counted // 1000)


def people_to_go(target: float, counted: int, done: int) -> int:
    """How many of `counted` people still have to get done for the rate to be `target` per cent."""
    return max(0, people_needed(target, counted) - done)


def gains(readings: Sequence[Reading]) -> list[tuple[date, int]]:
    """How many people got done until each reading since the one before it.

    Where the number falls, rows vanished or were found wrong. What comes back later is no gain; people who left
    the count together with their rows are not waited for, but are no gain either when they return to both.
    """
    found: list[tuple[date, int]] = []
    missing = left = 0
    for before, after in pairwise(readings):
        change, added = after.done - before.done, after.counted - before.counted
        if change < 0:
            gone = min(-change, max(0, -added))
            left += gone
            missing += -change - gone
        else:
            found_again = min(missing, change)
            returned = min(left, max(0, added), change - found_again)
            missing -= found_again
            left -= returned
            change -= found_again + returned
        found.append((after.day, max(0, change)))
    return found


def gained_since(track: Sequence[Reading], then: Reading) -> int:
    """How many people got done since a reading that was taken in between those of a track.

    It stands before the reading of its own day, which is that of the day's end.
    """
    before = [each for each in track if each.day < then.day]
    after = [each for each in track if each.day >= then.day]
    return sum(gain for _, gain in gains([*before, then, *after])[len(before) :])


def pace_of(track: Sequence[Reading], time: OfficeTime) -> Pace | None:
    """How many people of a unit got done in the last ten working days; None where under three were seen.

    `track`: its readings, oldest first, the present one last.
    """
    start = min((each.day for each in track if time.worked_since(each.day) <= PACE_DAYS), default=time.today)
    worked = time.worked_since(start)
    if worked < LEAST_DAYS:
        return None
    lately = [gain for day, gain in gains(track) if day > start]
    return Pace(sum(lately), worked, sum(gain > 0 for gain in lately))


def forecast(readings: Sequence[Reading], target: float, time: OfficeTime) -> Forecast:
    """The forecast of a unit. `readings`: oldest first, one a day, the present one last; `target`: per cent."""
    present, pace = readings[-1], pace_of(readings, time)
    to_go = people_to_go(target, present.counted, present.done)
    if present.rate is None:
        return Forecast(Outlook.NOBODY)
    if not to_go:
        return Forecast(Outlook.REACHED, pace=pace)
    needed = pace_needed(to_go, time.work_left)
    if pace and not pace.people:
        return Forecast(Outlook.STANDING_STILL, to_go, pace, needed)
    if pace is None or pace.changes < LEAST_CHANGES:
        return Forecast(Outlook.TOO_LITTLE_DATA, to_go, pace, needed)
    return _on_the_day(to_go, pace, needed, time)


def _on_the_day(to_go: int, pace: Pace, needed: float | None, time: OfficeTime) -> Forecast:
    """The forecast of a unit that moves."""
    reached_on = time.after(min(to_go / pace.per_day, HORIZON.days))
    late = max(0, (reached_on - time.deadline).days)
    if reached_on > time.today + HORIZON:
        return Forecast(Outlook.LATE, to_go, pace, needed)
    return Forecast(Outlook.LATE if late else Outlook.ON_TIME, to_go, pace, needed, reached_on, late)


def pace_needed(to_go: int, work_left: float) -> float | None:
    """People a working day who have to get done, rounded up as paces are shown: one of 2,2 brings 15 people in seven
    days, and stands in no mail as less than a need of 3. None where nobody is to go, or no time is left.
    """
    return _as_shown(to_go / work_left, math.ceil) if to_go > 0 and work_left > 0 else None


def pace_shown(pace: Pace, to_go: int, work_left: float) -> float:
    """People a working day as they are shown beside `pace_needed`: to the nearest tenth, unless that told who is late
    as fast enough, as 2,06 beside a need of 2,08, or who is in time as too slow.
    """
    shown, needed = _as_shown(pace.per_day, round), pace_needed(to_go, work_left)
    is_enough = to_go <= pace.per_day * (work_left + ALMOST)
    if needed is None or (shown >= needed) == is_enough:
        return shown
    return _as_shown(pace.per_day, math.ceil if is_enough else math.floor)


def _as_shown(per_day: float, rounded: Callable[[float], int]) -> float:
    """People a day to a tenth, from a hundred on to a whole one."""
    parts = 10 if per_day < 100 else 1
    return rounded(round(per_day * parts, 6)) / parts


def together(tracks: Iterable[Sequence[Reading]]) -> list[Reading]:
    """Where all units together stood, day by day; a unit without a reading that day stands where it last stood."""
    tracks = list(tracks)
    totals: list[Reading] = []
    for day in sorted({reading.day for track in tracks for reading in track}):
        latest = [reading for track in tracks if (reading := reading_at(track, day))]
        totals.append(Reading(day, sum(each.counted for each in latest), sum(each.done for each in latest)))
    return totals


def reading_at(track: Sequence[Reading], day: date) -> Reading | None:
    """The last reading of a track on that day or before it."""
    position = bisect_right(track, day, key=lambda reading: reading.day)
    return track[position - 1] if position else None


def unsure(to_go: int = 0) -> Forecast:
    """Of a unit whose figures cannot be trusted."""
    return Forecast(Outlook.UNSURE, to_go)
