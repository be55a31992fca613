from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from procrastinate import App
from procrastinate.jobs import Job

from automation.base.errors import DatabaseUnavailable
from automation.fleet.registry import CycleEnd, FleetWorkbook, Registry
from automation.fleet.tasks import (
    FIRST_WAIT,
    LONGEST_WAIT,
    WAIT_FOR_DATABASE,
    CycleFailed,
    CycleStopped,
    FleetWork,
    Later,
    fleet_app,
    prepare_queue,
    turns,
    work,
)
from tests.postgres import needs_postgres, postgres_server


def job(attempts: int) -> Job:
    return Job(id=1, queue="cycles", lock="mot", queueing_lock="mot", task_name="cycle", attempts=attempts)


async def take_turn(app: App) -> None:
    """What is due is put into the queue, and done."""
    await app.tasks["tick"].func(0)
    queues = ["cycles.worker", "cycles"]
    await app.run_worker_async(queues=queues, wait=False, concurrency=1, install_signal_handlers=False)


@contextmanager
def one_workbook(cycle: Callable[[FleetWorkbook], CycleEnd]) -> Iterator[tuple[Registry, App]]:
    """A fleet of one, on a server of its own, whose cycles are those."""
    with postgres_server() as server, closing(Registry(server.url)) as registry:
        registry.add(FleetWorkbook("mot", "mot", "mot", ""))
        prepare_queue(server.url)
        yield registry, fleet_app(FleetWork(registry, server.url, "worker", cycle))


@pytest.mark.parametrize(
    ("attempts", "wait"), [(0, FIRST_WAIT), (1, 2 * FIRST_WAIT), (5, LONGEST_WAIT), (999, LONGEST_WAIT)]
)
def test_who_fails_waits_longer_each_time_and_is_never_given_up(attempts: int, wait: timedelta) -> None:
    decided = Later().get_retry_decision(exception=CycleFailed(), job=job(attempts))
    assert decided.retry_at is not None
    assert abs(decided.retry_at - datetime.now(UTC) - wait) < timedelta(seconds=5)


def test_a_database_that_was_gone_is_no_fault_of_the_workbook() -> None:
    decided = Later().get_retry_decision(exception=DatabaseUnavailable("gone"), job=job(9))
    assert decided.retry_at is not None
    assert decided.retry_at - datetime.now(UTC) <= WAIT_FOR_DATABASE


def test_what_was_stopped_with_its_worker_goes_on_at_once() -> None:
    decided = Later().get_retry_decision(exception=CycleStopped(), job=job(9))
    assert decided.retry_at is not None
    assert decided.retry_at <= datetime.now(UTC)


@needs_postgres
@pytest.mark.slow
def test_workbooks_of_an_account_that_has_spent_its_quota_keep_no_place_from_others() -> None:
    now, waits = datetime.now(UTC), {"spent": 30.0, "nearly": 9.0}

    def cycle(_workbook: FleetWorkbook) -> CycleEnd:
        raise AssertionError

    with postgres_server() as server, closing(Registry(server.url)) as registry:
        for key, account, seconds in (
            ("late", "spent", 61),
            ("has time", "spent", 59),
            ("another's", "nearly", 58),
            ("a file", None, 57),
        ):
            registry.add(FleetWorkbook(key, key, key, ""))
            registry.end(key, CycleEnd(now - timedelta(seconds=seconds), account=account), now)
        told = FleetWork(registry, server.url, "worker", cycle, waits.__getitem__)
        assert [each.key for each in turns(told, now)] == ["late", "another's", "a file"]


@needs_postgres
@pytest.mark.slow
def test_a_worker_that_has_too_much_to_do_takes_first_what_people_edit() -> None:
    taken: list[str] = []

    def cycle(workbook: FleetWorkbook) -> CycleEnd:
        taken.append(workbook.key)
        return CycleEnd(datetime.now(UTC) + timedelta(hours=1))

    now = datetime.now(UTC)
    with postgres_server() as server, closing(Registry(server.url)) as registry:
        for minutes, key in ((3, "long quiet"), (2, "quiet"), (2, "edited"), (1, "edited later")):
            registry.add(FleetWorkbook(key, key, key, ""))
            since = now - timedelta(minutes=minutes)
            registry.end(key, CycleEnd(since, is_edited=key.startswith("edited")), now)
        prepare_queue(server.url)
        app = fleet_app(FleetWork(registry, server.url, "worker", cycle))

        async def turn() -> None:
            async with app.open_async():
                await take_turn(app)

        asyncio.run(turn())
    assert taken == ["edited", "long quiet", "edited later", "quiet"]


@needs_postgres
@pytest.mark.slow
def test_a_worker_that_loses_the_database_says_so_and_goes_on() -> None:
    told: list[Exception] = []

    def cycle(_workbook: FleetWorkbook) -> CycleEnd:
        raise AssertionError

    with postgres_server() as server, closing(Registry(server.url)) as registry:
        prepare_queue(server.url)
        beats = count()

        def is_stopped() -> bool:
            if next(beats) == 5:
                server.stop()
            return len(told) == 2  # the second one is told by whoever tries to begin anew

        asyncio.run(work(FleetWork(registry, server.url, "worker", cycle), is_stopped, told.append))
        server.start()
    assert [type(each) for each in told] == [DatabaseUnavailable] * 2
    assert "127.0.0.1/postgres" in str(told[0])


@needs_postgres
@pytest.mark.slow
def test_a_worker_that_died_after_the_end_of_a_cycle_holds_up_no_later_one() -> None:
    taken: list[str] = []

    def cycle(workbook: FleetWorkbook) -> CycleEnd:
        taken.append(workbook.key)
        return CycleEnd(datetime.now(UTC) + timedelta(hours=1))

    with one_workbook(cycle) as (_, app):

        async def turn() -> None:
            async with app.open_async():
                await app.tasks["tick"].func(0)
                await app.connector.execute_query_async("UPDATE procrastinate_jobs SET status = 'doing'")
                await app.tasks["tick"].func(0)
                await app.tasks["rescue"].func(0)
                await app.run_worker_async(queues=["cycles"], wait=False, install_signal_handlers=False)

        asyncio.run(turn())
    assert taken == ["mot"]


@needs_postgres
@pytest.mark.slow
def test_a_worker_hears_which_workbooks_are_still_its_own() -> None:
    heard: list[list[str]] = []

    def cycle(_workbook: FleetWorkbook) -> CycleEnd:
        raise AssertionError

    later = datetime.now(UTC) + timedelta(hours=1)
    with postgres_server() as server, closing(Registry(server.url)) as registry:
        for key, worker in (("mine", "me"), ("lost", "another"), ("rests", "me")):
            registry.add(FleetWorkbook(key, key, key, ""))
            registry.begin(key, worker, later)
            registry.end(key, CycleEnd(later), later)
        registry.pause("rests", paused=True)
        prepare_queue(server.url)
        told = FleetWork(
            registry, server.url, "me", cycle, let_go=lambda held: heard.append([each.key for each in held])
        )
        asyncio.run(work(told, lambda: bool(heard), lambda error: pytest.fail(str(error))))
    assert heard[0] == ["mine"]


@needs_postgres
@pytest.mark.slow
def test_a_workbook_that_fails_says_when_it_is_tried_again() -> None:
    def cycle(_workbook: FleetWorkbook) -> CycleEnd:
        raise CycleFailed

    with one_workbook(cycle) as (registry, app):

        async def turn() -> datetime | None:
            async with app.open_async():
                await take_turn(app)
                [job] = await app.job_manager.list_jobs_async(task="cycle")
                return job.scheduled_at

        again = asyncio.run(turn())
        [told] = registry.all()
    assert again is not None
    assert told.next_at == pytest.approx(again.timestamp(), abs=2)
    assert told.next_at - (told.failed_at or 0) == pytest.approx(FIRST_WAIT.total_seconds(), abs=2)


@needs_postgres
@pytest.mark.slow
def test_a_workbook_that_was_mended_and_resumed_waits_for_no_later_try() -> None:
    tried: list[str] = []

    def cycle(workbook: FleetWorkbook) -> CycleEnd:
        tried.append(workbook.key)
        if len(tried) == 1:
            raise CycleFailed
        return CycleEnd(datetime.now(UTC) + timedelta(hours=1))

    with one_workbook(cycle) as (registry, app):

        async def turn() -> None:
            async with app.open_async():
                for mended in (False, False, True):
                    if mended:
                        registry.pause("mot", paused=False)
                    await take_turn(app)

        asyncio.run(turn())
        [told] = registry.all()
    assert (tried, told.failed_at) == (["mot", "mot"], None)


@needs_postgres
@pytest.mark.slow
def test_a_workbook_for_which_the_database_has_no_room_counts_as_failed() -> None:
    def cycle(_workbook: FleetWorkbook) -> CycleEnd:
        raise DatabaseUnavailable("no more connections")

    with one_workbook(cycle) as (registry, app):

        async def turn() -> None:
            async with app.open_async():
                await take_turn(app)

        asyncio.run(turn())
        [told] = registry.all()
    assert told.failed_at is not None
    assert told.next_at - told.failed_at <= WAIT_FOR_DATABASE.total_seconds() + 1


@needs_postgres
@pytest.mark.slow
def test_all_that_begin_at_once_make_one_queue() -> None:
    for _ in range(3):
        with postgres_server() as server, ThreadPoolExecutor(3) as pool:
            list(pool.map(prepare_queue, [server.url] * 3))
            prepare_queue(server.url)
