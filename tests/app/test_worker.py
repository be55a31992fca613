"""When the worker runs a cycle, what it survives, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time as machine_time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, field
from schedule import Job

from automation.app.clock import Timetable, next_at
from automation.app.stopping import StopRequest
from automation.app.worker import ClockedJob, ClockedScheduler, Worker
from automation.base.errors import WorkbookBusy
from tests.patience import HANG_SECONDS
from tests.tree import ROOT

HO_CHI_MINH = ZoneInfo("Asia/Ho_Chi_Minh")
EVERY_QUARTER = Timetable(15, (), HO_CHI_MINH)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of April 2023 as clocks in the city show it."""
    return datetime(2023, 4, day, hour, minute, tzinfo=HO_CHI_MINH)


class Day(Struct):
    """A made-up stretch of time that passes only while the worker sleeps, and remembers when cycles ran."""

    now: datetime
    minutes: int
    """How long the worker sleeps altogether before it is asked to stop."""
    timetable: Timetable = EVERY_QUARTER
    trouble: dict[int, Exception] = field(default_factory=dict)
    """What goes wrong, by number of cycle."""
    jumps: dict[datetime, datetime] = field(default_factory=dict)
    """What the clock shows at once where it would show the key."""
    on_cycle: Callable[[Day], None] | None = None
    cycles: list[datetime] = field(default_factory=list)
    reported: list[Exception] = field(default_factory=list)
    stop: StopRequest = field(default_factory=StopRequest)

    def clock(self, zone: tzinfo) -> datetime:
        return self.now.astimezone(zone)

    def sleep(self, seconds: float) -> None:
        assert seconds <= 1, "a signal would wait that long"
        self.now += timedelta(minutes=1)
        self.now = self.jumps.get(self.now, self.now)
        self.minutes -= 1
        if self.minutes < 0:
            self.stop.signal_number = signal.SIGTERM

    def cycle(self) -> Timetable:
        self.cycles.append(self.now)
        if len(self.cycles) in self.trouble:
            raise self.trouble[len(self.cycles)]
        if self.on_cycle is not None:
            self.on_cycle(self)
        return self.timetable

    def lived_through(self) -> Day:
        worker = Worker(self.cycle, self.clock, self.sleep, self.reported.append, self.timetable)
        worker.run(self.stop)
        return self


def test_a_cycle_runs_at_once_and_then_as_often_as_the_config_says() -> None:
    day = Day(local(20, 8), minutes=60).lived_through()
    assert day.cycles == [local(20, 8), local(20, 8, 15), local(20, 8, 30), local(20, 8, 45), local(20, 9)]


def test_the_hour_of_the_summary_has_a_cycle_of_its_own() -> None:
    timetable = Timetable(50, (time(8, 30),), HO_CHI_MINH)
    day = Day(local(20, 8), minutes=60, timetable=timetable).lived_through()
    assert day.cycles == [local(20, 8), local(20, 8, 30), local(20, 8, 50)]


def test_two_jobs_due_at_once_are_one_cycle() -> None:
    timetable = Timetable(30, (time(8, 30),), HO_CHI_MINH)
    day = Day(local(20, 8), minutes=40, timetable=timetable).lived_through()
    assert day.cycles == [local(20, 8), local(20, 8, 30)]


def test_it_ends_between_two_cycles_once_it_is_over() -> None:
    day = Day(local(20, 8), minutes=60)
    worker = Worker(day.cycle, day.clock, day.sleep, day.reported.append, day.timetable)
    worker.run(day.stop, lambda: day.now >= local(20, 8, 20))
    assert (day.cycles, day.now, day.stop.made) == ([local(20, 8), local(20, 8, 15)], local(20, 8, 20), False)


def test_two_methods_of_the_library_are_ours_and_it_calls_them() -> None:
    ours = {name for name in vars(ClockedJob) if callable(getattr(Job, name, None)) or name == "should_run"}
    assert ours - {"__module__", "__doc__"} == {"should_run", "_schedule_next_run"}
    times = iter([local(20, 8), local(20, 8, 30), local(20, 8, 31)])
    scheduler, done = ClockedScheduler(lambda _: next(times)), list[str]()
    ClockedJob(15, scheduler).minutes.do(done.append, "once")
    scheduler.run_pending()
    assert (done, scheduler.get_next_run()) == (["once"], local(20, 8, 46))


def test_a_changed_config_changes_the_schedule_after_the_next_cycle() -> None:
    def ask_for_more_cycles(day: Day) -> None:
        day.timetable = Timetable(5, (), HO_CHI_MINH)

    day = Day(local(20, 8), minutes=11, on_cycle=ask_for_more_cycles).lived_through()
    assert day.cycles == [local(20, 8), local(20, 8, 5), local(20, 8, 10)]


@pytest.mark.parametrize("trouble", [WorkbookBusy("đang mở"), KeyError("unforeseen")])
def test_a_cycle_that_fails_is_reported_and_the_next_one_runs(trouble: Exception) -> None:
    day = Day(local(20, 8), minutes=40, trouble={2: trouble}).lived_through()
    assert day.reported == [trouble]
    assert day.cycles == [local(20, 8), local(20, 8, 15), local(20, 8, 30)]


def test_what_was_missed_while_the_machine_slept_is_caught_up_once() -> None:
    day = Day(local(20, 8), minutes=24, jumps={local(20, 8, 5): local(21, 6)}).lived_through()
    assert day.cycles == [local(20, 8), local(21, 6), local(21, 6, 15)]


def test_a_clock_set_back_does_not_silence_the_worker() -> None:
    day = Day(local(20, 8), minutes=24, jumps={local(20, 8, 5): local(19, 8)}).lived_through()
    assert day.cycles == [local(20, 8), local(19, 8), local(19, 8, 15)]


def test_a_stop_asked_for_during_a_cycle_ends_the_worker_after_it() -> None:
    def ask_to_stop(day: Day) -> None:
        day.stop.signal_number = signal.SIGTERM

    assert Day(local(20, 8), minutes=1440, on_cycle=ask_to_stop).lived_through().cycles == [local(20, 8)]


def test_a_long_cycle_may_end_where_it_reports_progress() -> None:
    steps: list[str] = []

    def work(day: Day) -> None:
        steps.append("read")
        day.stop.check("read", 1, 2)
        day.stop.signal_number = signal.SIGTERM
        day.stop.check("write", 2, 2)
        steps.append("write")

    day = Day(local(20, 8), minutes=1440, on_cycle=work).lived_through()
    assert (steps, day.reported) == (["read"], [])


@pytest.mark.parametrize(
    ("now", "following"),
    [
        (local(20, 7, 0), local(20, 7, 30)),
        (local(20, 7, 30), local(21, 7, 30)),
        (local(20, 23, 0), local(21, 7, 30)),
        # still the evening before in UTC
        (local(21, 0, 5), local(21, 7, 30)),
        (local(30, 8, 0), datetime(2023, 5, 1, 7, 30, tzinfo=HO_CHI_MINH)),
    ],
)
def test_a_time_of_day_is_one_of_the_city(now: datetime, following: datetime) -> None:
    assert next_at(time(7, 30), HO_CHI_MINH, now) == following
    assert next_at(time(7, 30), HO_CHI_MINH, now.astimezone(UTC)) == following


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.times(),
    st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Pacific/Apia"]),
)
def test_the_next_time_of_day_is_never_past_and_never_far(now: datetime, moment: time, zone: str) -> None:
    wait = next_at(moment, ZoneInfo(zone), now) - now
    assert timedelta() < wait <= timedelta(hours=25)


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def machine_in(request: pytest.FixtureRequest) -> Iterator[str]:
    """The zone of the machine, which the worker must not notice."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    machine_time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    machine_time.tzset()


@pytest.mark.usefixtures("machine_in")
def test_the_zone_of_the_machine_changes_nothing() -> None:
    # 12/03/2023 is when the clocks of Los Angeles skip an hour.
    start, timetable = (
        datetime(2023, 3, 12, 16, tzinfo=HO_CHI_MINH),
        Timetable(60, (time(17, 30),), HO_CHI_MINH),
    )
    day = Day(start, minutes=125, timetable=timetable).lived_through()
    assert [moment - start for moment in day.cycles] == [timedelta(minutes=each) for each in (0, 60, 90, 120)]


WORKER_PROCESS = """
    import sys, time
    from datetime import timezone
    from automation.app.clock import Timetable, machine_clock
    from automation.app.stopping import stop_on_signals
    from automation.app.worker import Worker

    def cycle():
        print("cycle begins", flush=True)
        sys.stdin.readline()
        print("cycle ends", flush=True)
        return timetable

    timetable = Timetable(1, (), timezone.utc)
    with stop_on_signals(grace=3600, limit=3600) as stop:
        Worker(cycle, machine_clock, time.sleep, print, timetable).run(stop)
    print("stopped by", stop.signal_number, flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_cycle_end_and_then_the_process(number: signal.Signals) -> None:
    command = [sys.executable, "-c", textwrap.dedent(WORKER_PROCESS)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "cycle begins\n"
        process.send_signal(number)
        rest, _ = process.communicate("go on\n", timeout=HANG_SECONDS)
    assert rest.splitlines() == ["cycle ends", f"stopped by {number.value}"]
    assert process.returncode == 0
