"""The worker: says when a cycle is due, runs it, and stops between two steps when asked to.

`schedule` keeps the jobs; it would read the machine's naive local time, which depends on the machine's zone
and jumps with daylight saving, so its jobs here read the clock they are given (docs/decisions/0012-schedule.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from schedule import Job, Scheduler

from automation.app.clock import Clock, Timetable, next_at
from automation.app.stopping import NAP_SECONDS, Stopped, StopRequest


class ClockedJob(Job):
    """A job of `schedule` whose present is the scheduler's clock; `next_run` is in UTC."""

    scheduler: ClockedScheduler

    @property
    def should_run(self) -> bool:
        """True also where the next run is further off than it can be: somebody set the clock back."""
        assert self.next_run is not None  # `do` has said when
        return not timedelta() < self.next_run - self.scheduler.now() <= self._longest_wait()

    def _schedule_next_run(self) -> None:
        now = self.scheduler.now()
        daily = self.at_time
        self.next_run = next_at(daily, self.scheduler.zone, now) if daily else now + self._longest_wait()

    def _longest_wait(self) -> timedelta:
        # A day on which summer time ends has 25 hours.
        return timedelta(minutes=self.interval) if self.at_time is None else timedelta(hours=25)


class ClockedScheduler(Scheduler):
    """`schedule` under a clock of our own."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.zone: tzinfo = UTC
        """Of the campaign, where times of day are meant."""

    def now(self) -> datetime:
        """The present in UTC, asked for in the campaign's zone: there a clock set by an operator is right."""
        return self._clock(self.zone).astimezone(UTC)

    def arrange(self, timetable: Timetable, job: Callable[[], None]) -> None:
        """Forget every job and call `job` whenever the timetable says."""
        self.clear()
        self.zone = timetable.zone
        ClockedJob(timetable.cycle_minutes, self).minutes.do(job)
        for moment in timetable.daily:
            ClockedJob(1, self).day.at(moment.strftime("%H:%M")).do(job)


@dataclass
class Worker:
    """Runs `cycle` at once and then whenever it is due, until a stop is asked for.

    `cycle` answers with the timetable that now holds, so a change in the config takes effect after the next
    cycle. What it raises goes to `report`, and the loop goes on with the timetable it has.
    """

    cycle: Callable[[], Timetable]
    clock: Clock
    sleep: Callable[[float], None]
    report: Callable[[Exception], None]
    timetable: Timetable
    """What holds until a first cycle has read the config."""
    _scheduler: ClockedScheduler = field(init=False)
    _is_due: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        self._scheduler = ClockedScheduler(self.clock)
        self._arrange(self.timetable)

    def run(self, stop: StopRequest, is_over: Callable[[], bool] = lambda: False) -> None:
        """Until `stop` is made, or between two cycles `is_over`. What fell due several times meanwhile (a night asleep,
        say) is done once.
        """
        while not stop.made and not is_over():
            try:
                self.run_due()
            except Stopped:
                return
            if not stop.made:
                self.sleep(NAP_SECONDS)

    def run_due(self) -> bool:
        """One cycle if one is due; says whether one was."""
        self._scheduler.run_pending()
        if not self._is_due:
            return False
        self._is_due = False
        try:
            timetable = self.cycle()
        except Exception as error:
            self.report(error)
        else:
            if timetable != self.timetable:
                self._arrange(timetable)
        return True

    def _arrange(self, timetable: Timetable) -> None:
        self.timetable = timetable
        self._scheduler.arrange(timetable, self._mark_due)

    def _mark_due(self) -> None:
        self._is_due = True
