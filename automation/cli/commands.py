"""What each command does, once its arguments are understood: open, call, show, exit status."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from automation.adapters.places import find_workbook
from automation.app import cycle
from automation.app.clock import Clock, Timetable, machine_clock
from automation.app.crash_log import mistakes_noted_in, note_mistakes, where_noted
from automation.app.cycle import CycleReport
from automation.app.environment import EnvironmentSettings, log_form_alone, read_environment
from automation.app.exit_status import ExitStatus
from automation.app.keeping import Kept
from automation.app.mailing import Mailing
from automation.app.stopping import Stopped, StopRequest, stop_on_signals
from automation.app.wiring import (
    CommandContext,
    TimeLimits,
    command_context,
    only_worker,
    proposed_config,
)
from automation.base.errors import CannotStart, TccbError
from automation.base.messages import text
from automation.cli import report, screens
from automation.cli.watching.last_words import last_words
from automation.cli.watching.log_lines import Event, LogLines, log_lines, tell_error, tell_in_words, tell_wait
from automation.cli.watching.memory import return_freed_memory, return_holes, tidy_up
from automation.cli.watching.renewal import begin_anew, begun_until_it_works, has_begun_anew, never
from automation.cli.watching.run_notes import note_run
from automation.core.config.identity import CodesOfOneTab, codes_of
from automation.core.model.ports import Progress
from automation.core.model.problems import Problem
from automation.core.model.runs import RunRecord
from automation.core.model.workbook import AnchorCodes
from automation.core.text.moments import VIET_NAM

if TYPE_CHECKING:
    from automation.adapters.mail.writer import MailWriter
    from automation.app.lists.importing import ImportRequest
    from automation.app.manual_mails import Clerk, ManualOutcome, ManualRequest
    from automation.app.records.purge import PurgeRequest
    from automation.app.records.restore import RestoreRequest

BEFORE_THE_CONFIG_IS_READ = Timetable(cycle_minutes=15, daily=(), zone=VIET_NAM)


def _mail_writer() -> MailWriter:
    from automation.adapters.mail.writer import MailWriter  # only a rehearsal puts mails into words

    return MailWriter()


def demo(folder: Path, rows: int, moment: datetime) -> int:
    """A sample workbook in `folder` and one whole cycle on it."""
    from automation.cli.demo import run_demo  # as each command loads what it alone needs

    with mistakes_noted_in(folder):
        return run_demo(folder, rows, moment, screens.output())


def init(
    named: str | None,
    units_csv: Path | None,
    clock: Clock = machine_clock,
    *,
    without: Sequence[str] = (),
    takes_over: bool = False,
) -> int:
    """Create or repair the tabs of a workbook. `without`: codes of fields that a new one does not collect."""
    from automation.app.init import set_up

    with _open(named, may_be_new=True, leaves_traces=False, takes_over=takes_over) as context:
        found = set_up(context.book, units_csv, clock, without=without)
        note_mistakes(found.mistakes, context.state_folder)
        report.print_set_up(found, context.book.address, screens.output())
        return ExitStatus.NEEDS_PERSON if found.unfinished else report.exit_status(found.problems)


def adopt(named: str | None, clock: Clock, *, apply: bool, as_json: bool, takes_over: bool = False) -> int:
    """Look at a workbook as units keep it; with `apply` take it on."""
    from automation.app.lists.adopt import adopt as take_on  # of no use to any other command
    from automation.cli import adopt_report

    with _open(named, leaves_traces=False, prepares=apply, takes_over=takes_over) as context:
        found = take_on(context.book, clock, apply=apply)
        if found.set_up:
            note_mistakes(found.set_up.mistakes, context.state_folder)
        if as_json:
            _print_json(adopt_report.as_json(found))
        else:
            adopt_report.print_adoption(found, screens.output())
        return adopt_report.exit_status(found)


def make_forms(named: str | None, codes: Sequence[str], folder: Path, clock: Clock) -> int:
    """Forms to hand out, of the units of these codes, () for all; the workbook itself stays as it is."""
    from automation.app.lists import forms
    from automation.cli import import_report

    with _open(named, leaves_traces=False) as context:
        made = forms.make_forms(context.book, context.store, codes, folder, clock)
        import_report.print_forms(made, screens.output())
        return report.exit_status(made.problems)


def import_lists(
    named: str | None, request: ImportRequest, clock: Clock, *, as_json: bool, takes_over: bool = False
) -> int:
    """Merge lists that a unit mailed in into its tab, or tell what that would do."""
    from automation.app.lists import importing  # its libraries are of no use to any other command
    from automation.cli import import_report

    codes = CodesOfOneTab()
    with _open(named, leaves_traces=request.applies, takes_over=takes_over, known=codes) as context:
        found = importing.import_lists(context.book, context.store, request, clock, codes)
        if as_json:
            _print_json(import_report.as_json(found, request))
        else:
            import_report.print_import(found, request, screens.output())
        return import_report.exit_status(found, request)


def check(
    named: str | None, clock: Clock, units: tuple[str, ...] = (), *, as_json: bool, config: str | None = None
) -> int:
    """Judge and print; writes and mails nothing. `units`: codes of those whose rows are to be listed; `config`: a
    folder or workbook whose configuration is rehearsed. Raises `CannotStart` for a code that no unit has.
    """
    with _open(named, leaves_traces=False) as context:
        proposed = None if config is None else proposed_config(config)
        writer = None if proposed is None else _mail_writer()
        found = cycle.check(context.book, context.store, clock, proposed, writer=writer)
        note_mistakes(found.mistakes, context.state_folder)
        codes = _codes_typed(found, units) if units else ()
        if config is not None:
            _tell_rehearsal(found, config, codes, as_json=as_json)
        elif as_json:
            _print_json(report.as_json(found, "check", codes))
        elif codes:
            report.print_rows(found, codes, screens.output())
        else:
            report.print_report(found, screens.output())
        return report.exit_status(found.problems)


def _codes_typed(found: CycleReport, units: Sequence[str]) -> Sequence[str]:
    from automation.app.manual_mails import codes_typed

    return codes_typed(found.judged, units) if found.judged else ()


def _tell_rehearsal(found: CycleReport, config: str, codes: Sequence[str], *, as_json: bool) -> None:
    from automation.cli import rehearsal_report

    if as_json:
        _print_json(report.as_json(found, "check", codes) | rehearsal_report.as_json(found))
    elif codes:
        report.print_rows(found, codes, screens.output())
    else:
        rehearsal_report.print_rehearsal(found, config, screens.output())


def run_once(
    named: str | None, clock: Clock, *, dry_run: bool, mail: bool, as_json: bool, takes_over: bool = False
) -> int:
    """One cycle; SIGTERM and Ctrl-C end it as they end a worker."""
    with _mailing(named, leaves_traces=not dry_run, takes_over=takes_over) as (stop, context, mailing):
        started = clock(VIET_NAM)
        with _progress_bar() as progress:
            one_cycle = partial(
                cycle.run_cycle,
                context.book,
                context.store,
                mailing if mail else None,
                clock,
                dry_run=dry_run,
                progress=stop.beside(progress),
                keeper=context.keeper(),
            )
            found = one_cycle() if dry_run else _watched(one_cycle, context, started)
        note_mistakes(found.mistakes, context.state_folder)
        found = _with_mail_troubles(found, context)
        if not dry_run:
            note_run(context.store, found, started, held_lease=context.book.lease.is_held)
        if as_json:
            _print_json(report.as_json(found, "run"))
        else:
            report.print_report(found, screens.output())
            report.print_work_done(found, screens.output(), dry_run=dry_run, mail_folder=context.mail_folder)
        return _seen_by_somebody(report.exit_status(found.problems, found.delivery), context)
    return _interrupted()


def run_worker(
    named: str | None,
    clock: Clock,
    *,
    mail: bool,
    takes_over: bool = False,
    is_over: Callable[[], bool] = never,
    works_on: bool = False,
) -> int:
    """Cycles on the schedule of the config, until SIGTERM or Ctrl-C. Its log has all that it says, the end too.

    `is_over`: says between two cycles that this process is to begin anew; then it does not come back, unless it cannot.
    `works_on`: of a worker that could not, and is never asked again.
    """
    return_freed_memory()
    try:
        environment = read_environment()
    except CannotStart as error:
        return _ended(log_lines(log_form_alone(), clock), error)
    log = log_lines(environment.log_form, clock)
    stopped = Event.STOPPED, text("cli.end.stopped")
    with stop_on_signals(until_told=True, last_line=partial(log.line, *stopped)) as stop:
        work = partial(_work, named, environment, clock, stop, log, is_over, mail=mail)
        try:
            if works_on or has_begun_anew():
                begun_until_it_works(partial(work, takes_over=False), stop.sleep, log)
            else:
                work(takes_over=takes_over)
        except Exception as error:
            return _ended(log, error)
    if not stop.made:
        begin_anew(log)
        return run_worker(named, clock, mail=mail, works_on=True)
    log.tell(*stopped)
    return ExitStatus.INTERRUPTED if stop.signal_number == signal.SIGINT else ExitStatus.DONE


def _ended(log: LogLines, error: Exception) -> int:
    said, status = last_words(error)
    log.tell(Event.FAILED, said)
    return status


def _work(
    named: str | None,
    environment: EnvironmentSettings,
    clock: Clock,
    stop: StopRequest,
    log: LogLines,
    is_over: Callable[[], bool],
    *,
    mail: bool,
    takes_over: bool,
) -> None:
    from automation.app.worker import Worker

    with (
        suppress(Stopped),
        _open(named, environment, sleep=stop.sleep, takes_over=takes_over, tell=log.tell) as context,
        only_worker(context),
        context.mailing() as mailing,
    ):
        context.book.lease.ensure()
        cycles = WorkerCycles(context, mailing if mail else None, clock, stop, log, tidy_up)
        worker = Worker(
            cycle=cycles.cycle,
            clock=clock,
            sleep=cycles.rest,
            report=cycles.tell_error,
            timetable=BEFORE_THE_CONFIG_IS_READ,
        )
        log.tell(Event.STARTED, text("cli.worker.started"))
        worker.run(stop, is_over)


def remind(
    named: str | None,
    clock: Clock,
    units: tuple[str, ...],
    *,
    send: bool,
    to: str | None,
    as_json: bool,
    takes_over: bool = False,
) -> int:
    """Reminders to look at, or to send."""
    from automation.app import manual_mails

    request = manual_mails.ManualRequest(units, send, _given("--to", to))
    return _by_hand(manual_mails.remind, named, clock, request, as_json=as_json, takes_over=takes_over)


def summary(
    named: str | None, clock: Clock, *, send: bool, to: str | None, as_json: bool, takes_over: bool = False
) -> int:
    """The summary to look at, or to send."""
    from automation.app import manual_mails

    request = manual_mails.ManualRequest((), send, _given("--to", to))
    return _by_hand(manual_mails.summary, named, clock, request, as_json=as_json, takes_over=takes_over)


def calendar(
    named: str | None, clock: Clock, units: tuple[str, ...], *, as_json: bool, config: str | None = None
) -> int:
    """The reminders to come. `config`: as in `check`."""
    from automation.app import manual_mails
    from automation.cli import mail_report

    with _open(named, leaves_traces=False) as context:
        proposed = None if config is None else proposed_config(config)
        found = manual_mails.calendar(context.book, context.store, clock, units, proposed)
        if as_json:
            _print_json(mail_report.calendar_as_json(found))
        else:
            mail_report.print_calendar(found, screens.output())
        return mail_report.exit_status(found)


def mails(
    named: str | None,
    clock: Clock,
    units: tuple[str, ...],
    *,
    since: str | None = None,
    of_all: bool = False,
    as_json: bool = False,
) -> int:
    """The record of mails; `of_all`: of earlier campaigns too. Raises `CannotStart` for a `since` that is no day."""
    from automation.app import mail_record
    from automation.cli import mail_record_report

    first = mail_record_report.read_since(since)
    with _open(named, leaves_traces=False) as context:
        found = mail_record.mails(context.book, context.store, clock, units, first, of_all=of_all)
        if as_json:
            _print_json(mail_record_report.as_json(found))
        else:
            mail_record_report.print_mails(found, screens.output())
        return ExitStatus.NEEDS_PERSON if found.problems else ExitStatus.DONE


def restore(named: str | None, request: RestoreRequest, *, as_json: bool, takes_over: bool = False) -> int:
    """What was typed, as it was, in a tab of its own; or which copies there are."""
    from automation.app.records import restore as restoring
    from automation.cli import restore_report

    with _open(named, leaves_traces=False, prepares=not request.only_lists, takes_over=takes_over) as context:
        found = restoring.restore(context.book, context.store, context.copies, request)
        if as_json:
            _print_json(restore_report.as_json(found))
        else:
            restore_report.print_restore(found, screens.output())
        return report.exit_status(found.problems)


def freeze(
    named: str | None, name: str, clock: Clock, *, with_names: bool, as_json: bool, takes_over: bool = False
) -> int:
    """Put the result of the day away in a file."""
    from automation.app.records import freeze as freezing
    from automation.cli import freeze_report

    with _open(named, takes_over=takes_over) as context:
        folder = freezing.folder_for(context.book.address)
        found = freezing.freeze(context.book, context.store, clock, name, folder, with_names=with_names)
        if as_json:
            _print_json(freeze_report.as_json(found))
        else:
            freeze_report.print_freeze(found, screens.output())
        return report.exit_status(found.problems)


def verify(named: str | None, file: Path, *, as_json: bool) -> int:
    """Whether a file that was put away is untouched."""
    from automation.app.records import freeze as freezing
    from automation.cli import freeze_report

    with _open(named, leaves_traces=False) as context:
        found = freezing.verify(context.book, context.store, file)
        if as_json:
            _print_json(freeze_report.verdict_as_json(found))
        else:
            freeze_report.print_verdict(found, screens.output())
        return ExitStatus.DONE if found.is_untouched else ExitStatus.NEEDS_PERSON


def purge(named: str | None, request: PurgeRequest, clock: Clock, *, as_json: bool, takes_over: bool = False) -> int:
    """What personal data is kept beside the workbook, and in it; its removal. No worker may be at work then."""
    from automation.app.records import purge as purging
    from automation.cli import purge_report

    codes = CodesOfOneTab()
    with (
        _open(named, leaves_traces=request.applies, takes_over=takes_over, known=codes) as context,
        only_worker(context) if request.applies else nullcontext(),
    ):
        found = purging.purge(context.book, context.store, context.holdings, request, clock, codes)
        if as_json:
            _print_json(purge_report.as_json(found, applies=request.applies))
        else:
            purge_report.print_purge(found, context.state_folder, screens.output(), applies=request.applies)
        return report.exit_status(found.problems)


def doctor(named: str | None, clock: Clock, *, as_json: bool) -> int:
    """What is set up, what is not, and how to fix each."""
    from automation.cli import doctor_report
    from automation.doctor.examination import examine
    from automation.doctor.surroundings import Surroundings

    environment = read_environment()
    _ask_for_current_folder()
    findings = examine(named or environment.workbook, environment, Surroundings(clock))
    if as_json:
        told = list(findings)
        _print_json(doctor_report.as_json(told))
    else:
        told = doctor_report.print_findings(findings, screens.output())
    return doctor_report.exit_status(told)


def _ask_for_current_folder() -> None:
    """Raises CannotStart where it was deleted meanwhile: every path that is told begins there."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise CannotStart(text("cli.start.current_folder")) from None


def _by_hand(
    command: Callable[[Clerk, ManualRequest], ManualOutcome],
    named: str | None,
    clock: Clock,
    request: ManualRequest,
    *,
    as_json: bool,
    takes_over: bool,
) -> int:
    from automation.app.manual_mails import Clerk
    from automation.cli import mail_report

    with _mailing(named, takes_over=takes_over) as (stop, context, mailing):
        clerk = Clerk(context.book, context.store, mailing, clock, context.preview_folder, stop.check)
        found = command(clerk, request)
        note_mistakes([each.error for each in found.mistakes], context.state_folder)
        troubles = report.mail_troubles(found.delivery, context.store.mail_history())
        if as_json:
            _print_json(mail_report.done_as_json(found, troubles))
        else:
            mail_report.print_done(found, screens.output(), context.mail_folder)
            report.print_problems(troubles, screens.output())
        return _seen_by_somebody(mail_report.exit_status(found), context)
    return _interrupted()


def _interrupted() -> ExitStatus:
    tell_in_words(Event.STOPPED, text("cli.end.stopped"))
    return ExitStatus.INTERRUPTED


def _seen_by_somebody(status: ExitStatus, context: CommandContext) -> ExitStatus:
    """A state file that was set aside is for somebody to look at, whatever else was in order."""
    return ExitStatus.NEEDS_PERSON if context.set_aside and status is ExitStatus.DONE else status


def _given(option: str, value: str | None) -> str:
    """Raises `CannotStart` for an option that was given with nothing in it."""
    if value is not None and not value.strip():
        raise CannotStart(text("cli.wrong.option_value_blank", name=option))
    return value or ""


def _with_mail_troubles(found: CycleReport, context: CommandContext) -> CycleReport:
    """What came of the mails takes the context of what was known of them before the delivery."""
    if found.delivery == report.NOTHING_DELIVERED:
        return found
    others = (problem for problem in found.problems if problem.where != text("report.mails_where"))
    troubles = report.mail_troubles(found.delivery, context.store.mail_history())
    return replace(found, problems=(*others, *troubles))


class WorkerCycles:
    """The cycles of one worker: runs them and tells in a line each what came of them."""

    def __init__(
        self,
        context: CommandContext,
        mailing: Mailing | None,
        clock: Clock,
        stop: StopRequest,
        log: LogLines,
        tidy: Callable[[], None] = return_holes,
    ) -> None:
        """`tidy`: what is done after each cycle."""
        self._context = context
        self._mailing = mailing
        self._clock = clock
        self._stop = stop
        self._log = log
        self._tidy = tidy
        self._kept = Kept()
        self._keeper = context.keeper()
        self._told: tuple[Problem, ...] = ()
        self.tabs, self.people = 0, 0
        """How many units' tabs and people in them the last cycle looked at."""

    def cycle(self) -> Timetable:
        """One cycle; answers with the timetable that its config asks for."""
        started = self._clock(VIET_NAM)
        self._context.store.refresh()
        one_cycle = partial(
            cycle.run_cycle,
            self._context.book,
            self._context.store,
            self._mailing,
            self._clock,
            progress=self._stop.check,
            kept=self._kept,
            keeper=self._keeper,
        )
        found = _watched(one_cycle, self._context, started)
        found = _with_mail_troubles(found, self._context)
        note_run(self._context.store, found, started, held_lease=self._context.book.lease.is_held)
        if found.problems != self._told:
            note_mistakes(found.mistakes, self._context.state_folder)
        self._log.cycle(found, started)
        self._tell_problems(found.problems)
        if found.judged:
            self.tabs, self.people = len(found.judged.tables), len(found.judged.people)
        self._tidy()
        return _timetable(found)

    def rest(self, seconds: float) -> None:
        """Wait for the next cycle, and keep the spreadsheet meanwhile."""
        self._context.book.lease.keep()
        time.sleep(seconds)

    def tell_error(self, error: Exception) -> None:
        """Of a cycle that failed: its sentence, or where the note of the mistake lies."""
        tell_error(self._log, self._context.state_folder, error)

    def _tell_problems(self, problems: tuple[Problem, ...]) -> None:
        # The same problems every few minutes would hide a new one.
        if problems != self._told:
            self._log.problems(problems)
        self._told = problems


def _watched(one_cycle: Callable[[], CycleReport], context: CommandContext, started: datetime) -> CycleReport:
    """Whoever watches hears that a cycle begins and how it ended: one that had no configuration to judge by has failed
    too. One that cannot be ended is kept in the run log with what a person is told of it.
    """
    context.heartbeat.begun()
    try:
        found = one_cycle()
    except Exception as error:
        trouble = str(error) if isinstance(error, TccbError) else where_noted(None)
        with suppress(TccbError):
            context.store.note_run(RunRecord(started, 0.0, trouble=trouble), None)
        context.heartbeat.ended(started, well=False)
        raise
    context.heartbeat.ended(started, well=found.judged is not None)
    return found


def _timetable(found: CycleReport) -> Timetable:
    if found.judged is None:
        return BEFORE_THE_CONFIG_IS_READ
    settings = found.judged.config.settings
    return Timetable(settings.cycle_minutes, (settings.summary_time,), settings.zone)


@contextmanager
def _mailing(
    named: str | None, *, takes_over: bool, leaves_traces: bool = True
) -> Iterator[tuple[StopRequest, CommandContext, Mailing]]:
    """The workbook and its mails; SIGTERM and Ctrl-C end what is done inside, and what follows is done then."""
    with (
        stop_on_signals() as stop,
        suppress(Stopped),
        _open(named, sleep=stop.sleep, leaves_traces=leaves_traces, takes_over=takes_over) as context,
        context.mailing() as mailing,
    ):
        yield stop, context, mailing


@contextmanager
def _open(
    named: str | None,
    environment: EnvironmentSettings | None = None,
    *,
    may_be_new: bool = False,
    leaves_traces: bool = True,
    prepares: bool = False,
    takes_over: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    known: AnchorCodes = codes_of,
    tell: Callable[[Event, str], None] = tell_in_words,
) -> Iterator[CommandContext]:
    environment = environment or read_environment()
    address = find_workbook(
        named or environment.workbook, may_be_new=may_be_new, any_id=environment.sheets_emulator is not None
    )
    limits = TimeLimits(sleep, partial(tell_wait, tell))
    with (
        mistakes_noted_in(environment.state_folder(address)),
        command_context(
            address,
            environment,
            leaves_traces=leaves_traces,
            prepares=may_be_new or prepares,
            takes_over=takes_over,
            limits=limits,
            known=known,
        ) as context,
    ):
        if context.set_aside:
            tell(Event.SET_ASIDE, text("store.set_aside", path=context.set_aside))
        yield context


def _print_json(found: dict[str, object]) -> None:
    print(json.dumps(found, ensure_ascii=False, allow_nan=False))


@contextmanager
def _progress_bar() -> Iterator[Progress | None]:
    """Bars on standard error, one a step, gone at the end; None where nobody watches."""
    console = screens.errors()
    if not console.is_terminal:
        yield None
        return
    from rich.progress import Progress as ProgressBar  # not loaded into a pipe
    from rich.progress import TaskID

    with ProgressBar(console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show
