"""The present moment as an argument: the machine's, or the one an operator names with `--now`. And how long each step
of a cycle takes, told to whoever watches.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import time as TimeOfDay
from typing import TypeAlias

from msgspec import Struct

from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.core.model.ports import Progress

Clock: TypeAlias = Callable[[tzinfo], datetime]
"""Tells the present moment in the zone asked for; which zone a campaign lives in only its config knows."""

_MOMENT = re.compile(
    r"(?:(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"|(?P<dmy_day>\d{1,2})/(?P<dmy_month>\d{1,2})/(?P<dmy_year>\d{4}))"
    r"(?:[T ] *(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?",
    re.ASCII,
)
_HOUR_OF_A_BARE_DATE = 8
"""When the office opens; at midnight nothing would be due."""
_YEARS = range(2000, 2101)


class Timetable(Struct, frozen=True):
    """When cycles are due: every so many minutes, and at these times of day in the campaign's zone."""

    cycle_minutes: int
    daily: tuple[TimeOfDay, ...]
    zone: tzinfo


def machine_clock(zone: tzinfo) -> datetime:
    """The machine's own clock."""
    return datetime.now(zone)


def standing_clock(moment: datetime) -> Clock:
    """A clock that always shows `moment` (naive: local to whatever zone it is asked in)."""
    return lambda zone: moment.replace(tzinfo=zone)


def running_clock(moment: datetime, seconds: Callable[[], float] = time.monotonic) -> Clock:
    """A clock that shows `moment` (naive) now and runs on from there with `seconds`."""
    start = seconds()
    return lambda zone: (moment + timedelta(seconds=seconds() - start)).replace(tzinfo=zone)


def next_at(moment: TimeOfDay, zone: tzinfo, now: datetime) -> datetime:
    """The first instant after `now` at which clocks in `zone` show `moment`, in UTC."""
    today = now.astimezone(zone).date()
    days = (datetime.combine(today + timedelta(days=ahead), moment, zone).astimezone(UTC) for ahead in (0, 1))
    return next(instant for instant in days if instant > now)


def read_moment(typed: str, option: str = "--now") -> datetime:
    """The naive moment that somebody typed after that option: 2023-04-20T08:00, 20/04/2023 08:00, or either date
    alone, which means eight in the morning. Raises `CannotStart`.
    """
    found = _MOMENT.fullmatch(typed.strip())
    if found is None:
        raise _unreadable(typed, option)
    year, month, day = (int(found[part] or found[f"dmy_{part}"]) for part in ("year", "month", "day"))
    hour = int(found["hour"]) if found["hour"] else _HOUR_OF_A_BARE_DATE
    try:
        moment = datetime(year, month, day, hour, int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError:
        raise _unreadable(typed, option) from None
    if moment.year not in _YEARS:
        raise _unreadable(typed, option)
    return moment


def _unreadable(typed: str, option: str) -> CannotStart:
    return CannotStart(text("cli.wrong.moment", typed=typed, option=option))


class Stopwatch:
    """Measures steps by name: `with watch("read"): ...`; times of the same name add up in `seconds`."""

    def __init__(self, progress: Progress | None = None, seconds: Callable[[], float] = time.perf_counter) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = seconds
        self._progress = progress
        self._step = ""
        self._start = 0.0

    def __call__(self, step: str) -> Stopwatch:
        self._step = step
        return self

    def __enter__(self) -> None:
        self._start = self._clock()
        if self._progress:
            self._progress(text(f"cycle.step.{self._step}"), 0, 1)

    def __exit__(self, *_exception: object) -> None:
        self.seconds[self._step] = self.seconds.get(self._step, 0.0) + self._clock() - self._start
        if self._progress:
            self._progress(text(f"cycle.step.{self._step}"), 1, 1)
