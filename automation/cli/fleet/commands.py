"""What each command of `tccb fleet` does, once its arguments are understood."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from socket import gethostname
from typing import NamedTuple

from pydantic import SecretStr

from automation.adapters.google.api.budget import Quota
from automation.adapters.places import WorkbookPlace, find_workbook, key_of
from automation.adapters.store.copies import COPIES_FOLDER
from automation.adapters.store.opening import PostgresStore
from automation.adapters.store.store import STORE_FILE
from automation.app.clock import Clock, next_at
from automation.app.environment import EnvironmentSettings, read_environment
from automation.app.exit_status import ExitStatus
from automation.app.stopping import Stopped, StopRequest, stop_on_signals
from automation.app.wiring import (
    MAIL_FOLDER,
    PREVIEW_FOLDER,
    CommandContext,
    TimeLimits,
    command_context,
    only_worker,
)
from automation.base.errors import CannotStart, DatabaseUnavailable, NotAWorkbook, WorkbookMissing
from automation.base.host_port import HostPort
from automation.base.messages import text
from automation.base.paths import path_typed
from automation.cli.commands import WorkerCycles
from automation.cli.fleet import report
from automation.cli.fleet.accounts import uses_of
from automation.cli.watching.log_lines import Event, LogLines, SharedLog, log_lines, tell_error, tell_wait
from automation.cli.watching.memory import return_freed_memory
from automation.cli.watching.renewal import begin_anew, begun_until_it_works, has_begun_anew, never
from automation.fleet.metrics import FleetMetrics, tell_of_cycle
from automation.fleet.moving import MOVED_ENDING, move_state, take_along
from automation.fleet.naming import one_named, taken_on, unknown
from automation.fleet.quota import MeasuredQuota, SharedQuota
from automation.fleet.registry import CycleEnd, FleetWorkbook, Registry
from automation.fleet.tasks import CycleFailed, CycleStopped, FleetWork, prepare_queue
from automation.fleet.tasks import work as work_until
from automation.fleet.warm import Cycle, WarmWorkbooks, size_of


def add(named: str, name: str | None, credentials: str | None) -> int:
    """Take a workbook on; one that is there keeps its name and credentials where those are None. Raises `CannotStart`,
    `TccbError`, as all here do.
    """
    environment, url = _environment()
    if credentials and not path_typed(credentials).is_file():
        raise CannotStart(text("fleet.add.no_credentials", path=credentials))
    place = _place(named, environment)
    key, address = key_of(place), key_of(place) if isinstance(place, Path) else named
    credentials = str(path_typed(credentials).absolute()) if credentials else credentials
    with closing(Registry(url)) as registry:
        workbooks = registry.all()
        if (left := _left_to_move(place, environment)) and all(each.key != key for each in workbooks):
            raise CannotStart(text("fleet.add.move_first", path=left, name=named))
        workbook = taken_on(workbooks, key, address, name, credentials)
        registry.add(workbook)
    prepare_queue(url)
    print(report.taken_on(workbook, was_there=any(each.key == key for each in workbooks)))
    return ExitStatus.DONE


def remove(named: str) -> int:
    """Let go of a workbook; what the bot remembers of it stays."""
    with _registry() as (registry, environment, _url):
        registry.remove(_meant(named, registry, environment).key)
    print(text("fleet.remove.done", name=named))
    return ExitStatus.DONE


def list_all(*, as_json: bool) -> int:
    """The workbooks."""
    with _registry() as (registry, _, _url):
        report.print_list(registry.all(), as_json=as_json)
    return ExitStatus.DONE


def pause(named: str, *, paused: bool) -> int:
    """Leave a workbook alone for a while, or go on with it."""
    with _registry() as (registry, environment, _url):
        registry.pause(_meant(named, registry, environment).key, paused=paused)
    print(text("fleet.pause.done" if paused else "fleet.resume.done", name=named))
    return ExitStatus.DONE


def move(named: str) -> int:
    """Take the state of a workbook out of its file along."""
    with _registry() as (registry, environment, url):
        workbooks = registry.all()
        there = one_named(workbooks, named)
        try:
            place = _place(there.address if there else named, environment)
        except NotAWorkbook:
            raise unknown(workbooks, named) from None
        folder = _left_to_move(place, environment) or _folder_of_its_own(place, environment)
        kept = move_state(folder, key_of(place), url)
        if (folder / (STORE_FILE + MOVED_ENDING)).exists():  # now, or before this was cut short
            take_along(folder, environment.shared_folder(key_of(place)), (COPIES_FOLDER, MAIL_FOLDER, PREVIEW_FOLDER))
    if kept is None:
        raise CannotStart(text("fleet.move.nothing", name=named, path=folder))
    print(text("fleet.move.done", path=kept))
    return ExitStatus.DONE


def _folder_of_its_own(place: WorkbookPlace, environment: EnvironmentSettings) -> Path:
    """Where `tccb run` keeps the state of a workbook without a database."""
    return environment.model_copy(update={"database_url": None}).state_folder(place)


def _left_to_move(place: WorkbookPlace, environment: EnvironmentSettings) -> Path | None:
    """Where the state lies that a fleet would do without, and could not be given any more. In a folder that was set it
    may be that of another workbook.
    """
    unset = environment.model_copy(update={"state_dir": None})
    places = {place, place.resolve()} if isinstance(place, Path) else {place}
    folders = (_folder_of_its_own(each, unset) for each in places)
    return next((folder for folder in folders if (folder / STORE_FILE).exists()), None)


def status(clock: Clock, *, as_json: bool) -> int:
    """A line a workbook."""
    with _registry() as (registry, environment, url), closing(SharedQuota(url)) as quota:
        workbooks = registry.all()
        found = [(each, _standing(each, environment, url, clock)) for each in workbooks]
        accounts = uses_of(workbooks, quota)
    return report.print_status(found, accounts, as_json=as_json)


def work(
    concurrency: int,
    clock: Clock,
    metrics_at: HostPort | None,
    is_over: Callable[[], bool] = never,
    *,
    works_on: bool = False,
) -> int:
    """Take turns with the workbooks, until SIGTERM or Ctrl-C. `metrics_at`: where Prometheus may ask.

    `is_over`: says that this process is to begin anew; then it ends the cycles that are under way, hands back what it
    has and does not come back, unless it cannot. `works_on`: of a worker that could not, and is never asked again.
    """
    return_freed_memory()
    environment, url = _environment()
    log = log_lines(environment.log_form, clock)
    with stop_on_signals(until_told=True) as stop:
        told = partial(_Desk, environment, clock, stop, log)
        turns = partial(_take_turns, told, url, concurrency, metrics_at, lambda: stop.made or is_over())
        if works_on or has_begun_anew():
            begun_until_it_works(turns, stop.sleep, log)
        else:
            turns()
    if not stop.made:
        begin_anew(log)
        return work(concurrency, clock, metrics_at, works_on=True)
    if stop.signal_number == signal.SIGINT:
        return ExitStatus.INTERRUPTED
    log.tell(Event.STOPPED, text("cli.end.stopped"))
    return ExitStatus.DONE


def _take_turns(
    desk_with: Callable[[FleetMetrics, SharedQuota], _Desk],
    url: SecretStr,
    concurrency: int,
    metrics_at: HostPort | None,
    is_over: Callable[[], bool],
) -> None:
    """Raises `TccbError` where that cannot begin."""
    prepare_queue(url)
    worker = f"{gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
    metrics = FleetMetrics()
    with (
        suppress(Stopped),
        closing(Registry(url)) as registry,
        closing(SharedQuota(url)) as quota,
        _served(metrics, metrics_at),
    ):
        desk = desk_with(metrics, quota)
        folder = desk.environment.shared_folder()
        warm = WarmWorkbooks(partial(_opened, desk), worker)
        with closing(warm):
            cycle, let_go = partial(_cycle, warm, metrics), partial(_let_go, warm, metrics)
            told = FleetWork(registry, url, worker, cycle, quota.wait, concurrency, let_go)
            desk.log.tell(Event.STARTED, text("fleet.work.started", worker=worker, count=concurrency))
            asyncio.run(work_until(told, is_over, partial(tell_error, desk.log, folder)))


@contextmanager
def _served(metrics: FleetMetrics, at: HostPort | None) -> Iterator[None]:
    with ExitStack() as stack:
        if at is not None and at.port:
            try:
                stack.enter_context(metrics.served(at.host, at.port))
            except OSError:
                raise CannotStart(text("fleet.work.metrics_taken", address=at)) from None
        yield


def _cycle(warm: WarmWorkbooks, metrics: FleetMetrics, workbook: FleetWorkbook) -> CycleEnd:
    if workbook.next_at:
        metrics.began(workbook.name, datetime.now(UTC).timestamp() - workbook.next_at)
    try:
        return warm.cycle(workbook)
    except Stopped:
        raise CycleStopped from None
    except DatabaseUnavailable:
        metrics.failed(workbook.name)
        raise
    except Exception:  # told where it happened; what it says may be a person's
        metrics.failed(workbook.name)
        raise CycleFailed from None


def _let_go(warm: WarmWorkbooks, metrics: FleetMetrics, held: Sequence[FleetWorkbook]) -> None:
    metrics.keep_only({each.name for each in held})
    warm.let_go({each.key for each in held})


class _Desk(NamedTuple):
    """What all workbooks of a worker share."""

    environment: EnvironmentSettings
    clock: Clock
    stop: StopRequest
    log: SharedLog
    metrics: FleetMetrics
    quota: SharedQuota


class _Drawn:
    """The quota that a workbook draws on, once it is known which."""

    def __init__(self, desk: _Desk, workbook: str) -> None:
        self._desk, self._workbook = desk, workbook
        self.account: str | None = None

    def quota_of(self, account: str) -> Quota:
        self.account = account
        return MeasuredQuota(self._desk.quota.of(account), partial(self._desk.metrics.waited, self._workbook))


@contextmanager
def _opened(desk: _Desk, workbook: FleetWorkbook) -> Iterator[Cycle]:
    """A workbook for as long as we have it; what goes wrong is told with its name, and raised."""
    environment = _environment_of(workbook, desk.environment)
    log, folder = desk.log.of(workbook.name), environment.shared_folder(workbook.key)
    with ExitStack() as stack:
        with _told(log, folder):
            address = _place(workbook.address, environment)
            drawn = _Drawn(desk, workbook.name)
            limits = TimeLimits(desk.stop.sleep, partial(tell_wait, log.tell), drawn.quota_of)
            context = stack.enter_context(command_context(address, environment, limits=limits, keeps_lease=True))
            mailing = stack.enter_context(context.mailing())
        desk.metrics.opened(workbook.name)
        cycles = WorkerCycles(context, mailing, desk.clock, desk.stop, log)

        def cycle() -> CycleEnd:
            # Between cycles the server keeps no place for it: it has a hundred, and there may be more workbooks.
            with _told(log, folder), closing(context.store), only_worker(context):
                return _one_cycle(workbook, context, cycles, desk.metrics, drawn.account)

        yield cycle


def _one_cycle(
    workbook: FleetWorkbook,
    context: CommandContext,
    cycles: WorkerCycles,
    metrics: FleetMetrics,
    account: str | None,
) -> CycleEnd:
    began = datetime.now(UTC)
    context.book.lease.ensure()
    timetable = cycles.cycle()
    is_edited = tell_of_cycle(metrics, workbook.name, context.store)
    daily = [next_at(each, timetable.zone, began) for each in timetable.daily]
    next_one = min(began + timedelta(minutes=timetable.cycle_minutes), *daily)
    return CycleEnd(next_one, is_edited, account, size_of(cycles.tabs, cycles.people))


@contextmanager
def _told(log: LogLines, folder: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        tell_error(log, folder, error)
        raise


def _standing(
    workbook: FleetWorkbook, environment: EnvironmentSettings, url: SecretStr, clock: Clock
) -> report.Standing:
    folder = environment.shared_folder(workbook.key)
    with closing(PostgresStore(url, workbook.key)) as store:
        return report.standing_of(folder, store, clock)


def _environment_of(workbook: FleetWorkbook, environment: EnvironmentSettings) -> EnvironmentSettings:
    """With its own key."""
    own = {"google_credentials": path_typed(workbook.credentials)} if workbook.credentials else {}
    return environment.model_copy(update=own)


@contextmanager
def _registry() -> Iterator[tuple[Registry, EnvironmentSettings, SecretStr]]:
    environment, url = _environment()
    with closing(Registry(url)) as registry:
        yield registry, environment, url


def _environment() -> tuple[EnvironmentSettings, SecretStr]:
    environment = read_environment()
    if environment.database_url is None:
        raise CannotStart(text("fleet.no_database"))
    return environment, environment.database_url


def _meant(named: str, registry: Registry, environment: EnvironmentSettings) -> FleetWorkbook:
    """By the name that it has in the fleet, or by its address, however that is written; a file may be gone by now."""
    workbooks = registry.all()
    found = one_named(workbooks, named)
    if found is None:
        with suppress(NotAWorkbook, WorkbookMissing):
            found = one_named(workbooks, key_of(_place(named, environment)))
    if found is None:
        raise unknown(workbooks, named)
    return found


def _place(named: str, environment: EnvironmentSettings) -> WorkbookPlace:
    return find_workbook(named, any_id=environment.sheets_emulator is not None)
