"""The tasks of a fleet, on procrastinate: what is due is put into a queue in PostgreSQL, and any worker takes it on.

A cycle has its workbook as its lock, so that there are never two at once, and as the lock of the queue, so that none
waits behind another. It goes to the worker that has the workbook open, if that one comes soon. One that fails is tried
again, later each time, and keeps no other waiting. Who died is known by its silence, and its tasks go to whoever is
alive.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from psycopg_pool import PoolTimeout
from pydantic import SecretStr

from automation.adapters.store.postgres import database_name, libpq_address
from automation.base.errors import DatabaseUnavailable, TccbError
from automation.base.messages import text
from automation.fleet.registry import FLEET_SCHEMA, CycleEnd, Due, FleetWorkbook, Registry

_EVERY_TEN_SECONDS = "* * * * * */10"
_CLOCK, _CYCLES = "clock", "cycles"
"""Queues: what has to go on while all workers are busy with workbooks has one of its own."""
SILENT_SECONDS = 30.0
"""After which a worker that shows no sign of life is taken for dead; with the beat of the clock its workbooks are taken
on within a minute."""
_BEAT_SECONDS = 10.0
WAIT_FOR_DATABASE = timedelta(seconds=5)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=20), timedelta(minutes=10)
WAITS_FOR_ITS_WORKER = timedelta(seconds=15)
"""So long a workbook that is due waits for the worker that has it open, before any other may take it on."""
LONGEST_WAIT_FOR_QUOTA = 10.0
"""Seconds that a cycle may keep its place for while Google's quota is spent."""
LEFT_FOR = timedelta(minutes=1)
"""After that it is begun whatever it waits for: else those that come early would always be before it."""
_YEAR_2020 = 1_577_836_800
_CONNECT_SECONDS = 5.0
"""After which a database is told to be gone."""
_NAP_SECONDS = 0.2
_REST_SECONDS = 3.0
"""Before a database that was gone is asked again."""


class CycleFailed(Exception):
    """A cycle did not come to its end; what was the matter has been told."""


class CycleStopped(Exception):
    """A cycle was stopped with its worker; another one begins it at once."""


class Later(BaseRetryStrategy):
    """Never given up: who waits is told of in the meantime."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        if isinstance(exception, CycleStopped):
            return RetryDecision(retry_at=datetime.now(UTC))
        if isinstance(exception, DatabaseUnavailable):  # no fault of the workbook's
            return RetryDecision(retry_at=datetime.now(UTC) + WAIT_FOR_DATABASE)
        return RetryDecision(retry_at=datetime.now(UTC) + wait_after(job.attempts))


def wait_after(failures: int) -> timedelta:
    """How long a workbook waits that failed again after so many failures."""
    wait: timedelta = FIRST_WAIT * 2 ** min(failures, 10)
    return min(wait, LONGEST_WAIT)


class FleetWork(Struct, frozen=True):
    """What one worker brings along."""

    registry: Registry
    url: SecretStr
    worker: str
    """Its name, which no other has."""
    cycle: Callable[[FleetWorkbook], CycleEnd]
    """Runs one cycle in a thread of its own. Raises `CycleFailed`, `CycleStopped`,
    `DatabaseUnavailable`."""
    wait: Callable[[str], float] = lambda _account: 0.0
    """Seconds until an account may read again."""
    concurrency: int = 2
    """How many workbooks at a time."""
    let_go: Callable[[Sequence[FleetWorkbook]], None] = lambda _held: None
    """Hears every ten seconds which workbooks are still this worker's; may close all others."""


def prepare_queue(url: SecretStr) -> None:
    """Make the tables of the queue where there are none. Raises `TccbError` where the database cannot be asked."""
    with closing(Registry(url)) as registry:  # whose schema they share
        registry.all()
    with _app(url).open() as app:
        if not _has_queue(app):
            try:
                app.schema_manager.apply_schema()
            except ConnectorException:
                if not _has_queue(app):  # else another one made it meanwhile
                    raise


def _has_queue(app: App) -> bool:
    asked = "SELECT to_regclass(%(name)s) IS NOT NULL AS found"
    table = f"{FLEET_SCHEMA}.procrastinate_jobs"
    return bool(app.connector.get_sync_connector().execute_query_one(asked, name=table)["found"])


async def work(told: FleetWork, is_stopped: Callable[[], bool], report: Callable[[Exception], None]) -> None:
    """Until `is_stopped`. A database that is gone for a while is waited for; `report` hears of it."""
    for name in (
        "procrastinate",
        "psycopg.pool",
        "pyrate_limiter",
        "asyncio",
    ):  # what they tell quotes tasks, and is told by us
        logging.getLogger(name).setLevel(logging.CRITICAL)
    while not is_stopped():
        try:
            await _work_once(told, is_stopped)
        except Exception as error:
            report(_explained(error, told.url))
            await asyncio.sleep(_REST_SECONDS)


def _explained(error: Exception, url: SecretStr) -> Exception:
    if isinstance(error, ConnectorException | PoolTimeout):
        return DatabaseUnavailable(text("store.database_unreachable", database=database_name(url)))
    return error


async def _work_once(told: FleetWork, is_stopped: Callable[[], bool]) -> None:
    app = fleet_app(told)
    async with app.open_async():
        sides = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=queues,
                    name=told.worker,
                    concurrency=concurrency,
                    fetch_job_polling_interval=1.0,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    update_heartbeat_interval=_BEAT_SECONDS,
                    stalled_worker_timeout=SILENT_SECONDS,
                )
            )
            for queues, concurrency in (
                ([_CLOCK], 2),
                ([_queue_of(told.worker), _CYCLES], told.concurrency),
            )
        ]
        sides.append(asyncio.create_task(_let_go(told)))
        try:
            while not is_stopped() and not any(each.done() for each in sides):
                await asyncio.sleep(_NAP_SECONDS)
        finally:
            for each in sides:
                each.cancel()
            ended = await asyncio.gather(*sides, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


async def _let_go(told: FleetWork) -> None:
    """What others have taken on meanwhile."""
    while True:
        with suppress(TccbError):  # of a database that is gone the tasks tell
            await asyncio.to_thread(_let_go_once, told)
        await asyncio.sleep(_BEAT_SECONDS)


def _let_go_once(told: FleetWork) -> None:
    told.let_go([each for each in told.registry.all() if each.worker == told.worker and not each.is_paused])


def fleet_app(told: FleetWork) -> App:
    """The tasks as procrastinate knows them."""
    app = _app(told.url)

    @app.periodic(cron=_EVERY_TEN_SECONDS)
    @app.task(name="tick", queue=_CLOCK, queueing_lock="tick")
    async def tick(timestamp: int) -> None:  # noqa: ARG001
        """Put into the queue what is due."""
        now = datetime.now(UTC)
        due = await asyncio.to_thread(turns, told, now)
        await _forget_retries(app, {each.key for each in due}, now)
        await _free_those_that_wait(app, now - WAITS_FOR_ITS_WORKER)
        for each in due:
            deferred = cycle.configure(
                lock=each.key,
                queueing_lock=each.key,
                queue=_queue_of(each.worker) if each.worker else _CYCLES,
                schedule_at=now,
                priority=_priority(each.since),
            )
            with suppress(AlreadyEnqueued):
                await deferred.defer_async(workbook=each.key)

    @app.periodic(cron=_EVERY_TEN_SECONDS)
    @app.task(name="rescue", queue=_CLOCK, queueing_lock="rescue")
    async def rescue(timestamp: int) -> None:  # noqa: ARG001
        """Put back what a dead worker had taken."""
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS):
            try:
                await app.job_manager.retry_job(job, queue=_CYCLES if job.task_name == "cycle" else None)
            except UniqueViolation:  # its end was told, and it has been put into the queue anew
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)

    @app.task(name="cycle", queue=_CYCLES, retry=Later(), pass_context=True)
    def cycle(context: JobContext, workbook: str) -> None:
        found = told.registry.begin(workbook, told.worker, datetime.now(UTC))
        if found is None:
            return
        try:
            end = told.cycle(found)
        except CycleFailed:
            now = datetime.now(UTC)
            told.registry.fail(workbook, now + wait_after(context.job.attempts), now)
            raise
        except DatabaseUnavailable:  # which may have no room for one connection more, and else works
            now = datetime.now(UTC)
            with suppress(TccbError):
                told.registry.fail(workbook, now + WAIT_FOR_DATABASE, now)
            raise
        told.registry.end(workbook, end, datetime.now(UTC))

    return app


def turns(told: FleetWork, now: datetime) -> list[Due]:
    """What is to be put into the queue, the first first. A workbook whose account has spent its quota is left for a
    while: it would only keep a place from those of other accounts.
    """
    due = told.registry.due(now)
    waits = {account: told.wait(account) for account in {each.account for each in due} if account is not None}
    return [each for each in due if not _is_left(each, waits.get(each.account or "", 0.0), now)]


def _is_left(due: Due, wait: float, now: datetime) -> bool:
    is_patient = now.timestamp() - due.next_at < LEFT_FOR.total_seconds()
    return due.account is not None and wait > LONGEST_WAIT_FOR_QUOTA and is_patient


def _priority(since: float) -> int:
    """The queue takes the greatest first, of 32 bits."""
    return round(_YEAR_2020 - since)


def _queue_of(worker: str) -> str:
    return f"{_CYCLES}.{worker}"


async def _forget_retries(app: App, due: Collection[str], now: datetime) -> None:
    """Of workbooks that somebody has meanwhile mended, and wants to be looked at now."""
    for job in await app.job_manager.list_jobs_async(task="cycle", status="todo"):
        # One that is about to be tried again is not begun anew: it knows how often it failed.
        is_later = job.scheduled_at is not None and job.scheduled_at > now + WAIT_FOR_DATABASE
        if is_later and job.lock in due and job.id is not None:
            await app.job_manager.cancel_job_by_id_async(job.id, delete_job=True)


async def _free_those_that_wait(app: App, since: datetime) -> None:
    """Their worker is busy, or gone: any other takes them on, as soon as they are put into the queue again."""
    for job in await app.job_manager.list_jobs_async(task="cycle", status="todo"):
        waits = job.scheduled_at is not None and job.scheduled_at < since
        if not waits or job.queue == _CYCLES or job.id is None:
            continue
        if await app.job_manager.cancel_job_by_id_async(job.id, delete_job=True):  # else somebody has just begun it
            freed = app.tasks["cycle"].configure(
                lock=job.lock, queueing_lock=job.queueing_lock, queue=_CYCLES, priority=job.priority
            )
            with suppress(AlreadyEnqueued):
                await freed.defer_async(**job.task_kwargs)


def _app(url: SecretStr) -> App:
    options = {"options": f"-c search_path={FLEET_SCHEMA}"}
    return App(
        connector=PsycopgConnector(
            conninfo=libpq_address(url), kwargs=options, min_size=1, max_size=8, timeout=_CONNECT_SECONDS
        )
    )
