"""The quota of a minute, kept before it is run into."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.google.api.budget import (
    LONG_WAIT_SECONDS,
    REQUESTS_A_MINUTE,
    Bucket,
    Budget,
    OwnQuota,
    Throttle,
)
from tests.adapters.google.api.server import FakeTime

WINDOW_SECONDS = 60.0
TICK = 0.002
"""The library counts in milliseconds, and lets the last one of a window pass."""


def budget_of(time: FakeTime, most: int, told: list[float] | None = None) -> Budget:
    throttle = Throttle(time.clock, time.sleep, None if told is None else told.append)
    return Budget(throttle, OwnQuota(time.clock, most))


def test_a_cycle_is_not_held_up() -> None:
    time = FakeTime()
    budget = budget_of(time, REQUESTS_A_MINUTE)
    for _ in range(REQUESTS_A_MINUTE):
        assert budget.take(Bucket.READ) == 0.0
        assert budget.take(Bucket.WRITE) == 0.0
    assert time.sleeps == []


def test_a_hundred_spreadsheets_take_two_windows() -> None:
    time = FakeTime()
    budget = budget_of(time, REQUESTS_A_MINUTE)
    for _ in range(100):
        budget.take(Bucket.READ)
    assert time.sleeps == [pytest.approx(WINDOW_SECONDS, abs=TICK)]


def test_it_waits_no_longer_than_the_oldest_takes_to_leave_the_window() -> None:
    time = FakeTime()
    budget = budget_of(time, 2)
    budget.take(Bucket.READ)
    time.now += 20.0
    budget.take(Bucket.READ)
    time.now += 30.0
    assert budget.take(Bucket.READ) == pytest.approx(10.0, abs=TICK)
    assert budget.take(Bucket.READ) == pytest.approx(20.0, abs=TICK)


@pytest.mark.parametrize(("idle", "told"), [(59.0, []), (58.1, []), (57.0, [3.0]), (0.0, [60.0]), (60.1, [])])
def test_long_waits_are_announced(idle: float, told: list[float]) -> None:
    time, heard = FakeTime(), list[float]()
    budget = budget_of(time, 1, heard)
    budget.take(Bucket.WRITE)
    time.now += idle
    budget.take(Bucket.WRITE)
    assert [round(each) for each in heard] == told
    assert all(each > LONG_WAIT_SECONDS for each in heard)


@given(
    most=st.integers(1, 5),
    requests=st.lists(st.tuples(st.sampled_from(Bucket), st.floats(0, 90)), max_size=40),
)
def test_no_window_ever_holds_more(most: int, requests: list[tuple[Bucket, float]]) -> None:
    time = FakeTime()
    budget = budget_of(time, most)
    starts: dict[Bucket, list[float]] = {bucket: [] for bucket in Bucket}
    for bucket, idle in requests:
        time.now += idle
        budget.take(bucket)
        starts[bucket].append(time.now)
    for moments in starts.values():
        assert all(
            later - earlier >= WINDOW_SECONDS - TICK for earlier, later in zip(moments, moments[most:], strict=False)
        )


def test_threads_do_not_get_the_same_place() -> None:
    stands_still = FakeTime()
    waits = list[float]()
    budget = Budget(Throttle(stands_still.clock, lambda _seconds: None), OwnQuota(stands_still.clock, 10))
    threads = [threading.Thread(target=lambda: waits.append(budget.take(Bucket.READ))) for _ in range(35)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [round(each) for each in sorted(waits)] == [0.0] * 10 + [60.0] * 10 + [120.0] * 10 + [180.0] * 5
