"""One cycle from top to bottom. Whoever opens only this file knows what the bot does, and in which order."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from zoneinfo import ZoneInfo

from automation.app.clock import Clock
from automation.base.errors import NotShared, TccbError, WorkbookUnavailable
from automation.base.messages import text
from automation.core.admin.in_force import Ruling, rule
from automation.core.admin.reader import Refused, read_config
from automation.core.admin.rehearsal import Rehearsal, compare
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tab
from automation.core.config.working_days import next_opening
from automation.core.figures.history import read_history
from automation.core.judging.judging import Judged, judge
from automation.core.judging.locating import lacks_tabs
from automation.core.judging.row_loss import with_untold_losses
from automation.core.mail.desk import Desk
from automation.core.mail.notes import mails_stuck, with_mail_notes
from automation.core.mail.planning import MailPlan, Writer, no_mails, not_to_be_sent, plan_mails, word
from automation.core.mail.recipients import delivery_terms
from automation.core.mail.refusals import refusals_waiting
from automation.core.model.mail import Delivery
from automation.core.model.ports import MailTransport, Progress, RequestCount, Store, Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import CellChange, ConfigTables, RefusedTab, Snapshot
from automation.core.writing.changes import Changes, cell_changes, cleared_results, refusal_changes, rows_to_write
from automation.core.writing.overtaking import standing, with_repairs

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""Where clocks are read as long as no configuration says otherwise."""
ATTEMPTS = 5
"""How often a write that people overtook is judged and tried again before the next cycle takes over."""
MOST_ROWS_NAMED = 10
"""In the sentence about rows of a tab."""


@dataclass(frozen=True)
class Mailing:
    """What it takes to mail: who writes, who delivers, and the sender in place of the one in `Cấu hình`."""

    writer: Writer
    transport: MailTransport
    sender: str = ""


@dataclass(frozen=True)
class CycleReport:
    """What came of a cycle."""

    judged: Judged | None
    """None where no configuration could be used."""
    problems: tuple[Problem, ...]
    changed: int = 0
    """Rows of persons whose computed cells changed."""
    cells_written: int = 0
    requests: RequestCount = field(default_factory=RequestCount)
    queued: int = 0
    delivery: Delivery = field(default_factory=Delivery)
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each step took."""
    rehearsal: Rehearsal | None = None
    """What the configuration that was to be rehearsed would change; None where it cannot be used."""


def check(book: Workbook, store: Store, clock: Clock, proposed: ConfigTables | None = None) -> CycleReport:
    """Read and judge; nothing is written, queued or remembered. Raises TccbError.

    `proposed`: config tabs to rehearse, as if they stood in the workbook in place of its own.
    """
    watch = _Stopwatch()
    with watch("read"):
        snapshot, ruling = read_everything(book, store)
    with watch("judge"):
        judged = judged_under(snapshot, ruling, store, clock)
    report = CycleReport(judged, _all_problems(ruling, judged), requests=book.requests, seconds=watch.seconds)
    if proposed is None:
        return report
    with watch("judge"):
        return _rehearsed(report, snapshot, ruling, store, clock, proposed)


def _rehearsed(
    report: CycleReport, snapshot: Snapshot, ruling: Ruling, store: Store, clock: Clock, proposed: ConfigTables
) -> CycleReport:
    """The report of a check, with what the proposed tabs would change and what would be wrong then."""
    config = read_config({**ruling.tables, **proposed})
    if isinstance(config, Refused):
        return replace(report, problems=(*report.problems, *map(_of_rehearsal, config.problems)))
    judged = judged_under(snapshot, replace(ruling, config=config, problems=()), store, clock)
    if judged is None or report.judged is None:
        return report
    new = (problem for problem in judged.problems if problem not in report.problems)
    return replace(
        report,
        problems=(*report.problems, *map(_of_rehearsal, new)),
        rehearsal=compare(report.judged, judged, proposed),
    )


def _of_rehearsal(problem: Problem) -> Problem:
    return replace(problem, where=text("rehearsal.where", where=problem.where))


def run_cycle(
    book: Workbook,
    store: Store,
    mailing: Mailing | None,
    clock: Clock,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> CycleReport:
    """Read everything, judge it, bring the computed cells up to date, queue the mails that are due, deliver.

    `dry_run` stops before anything is written; without `mailing` no mail is planned or delivered. Raises
    TccbError where the workbook cannot be read.
    """
    watch = _Stopwatch(progress)
    with watch("read"):
        snapshot, ruling = read_everything(book, store)
    first, written, shown, troubles = 0, 0, False, list[Problem]()
    for _ in range(ATTEMPTS):
        with watch("judge"):
            judged = judged_under(snapshot, ruling, store, clock)
        with watch("plan"):
            plan = _plan(snapshot, ruling, judged, store, book, mailing)
            changes = _changes(snapshot, ruling, judged, plan, clock)
            cells = with_repairs(changes.cells, snapshot.repairs)
        first = first or changes.people
        shown = not cells
        if dry_run or shown:
            break
        with watch("write"):
            try:
                outcome = book.write(cells, snapshot)
            except (WorkbookUnavailable, NotShared) as error:
                troubles.append(_not_written(book, error))
                break
        if outcome.held:
            refused = {each.key for each in outcome.refused}
            shown = not refused
            written += sum(cell.tab not in refused for cell in cells)
            troubles += map(_refused, outcome.refused)
            break
        snapshot = replace(outcome.snapshot, own=outcome.snapshot.own or snapshot.own)
        ruling = rule(snapshot, store.last_config())
        written += standing(cells, snapshot)
    else:
        with watch("write"):
            troubles += _leave_to_next_cycle(book, snapshot, ruling, store, clock, cells)

    report = CycleReport(judged, (*_all_problems(ruling, judged), *troubles), first, written)
    if dry_run or judged is None:
        return replace(report, requests=book.requests, queued=len(plan.mails), seconds=watch.seconds)
    with watch("queue"):
        queued = _remember(store, ruling, judged, plan, shown, mailing)
    with watch("deliver"):
        delivery = deliver(store, mailing, judged, progress)
    return replace(report, requests=book.requests, queued=queued, delivery=delivery, seconds=watch.seconds)


def read_everything(book: Workbook, store: Store) -> tuple[Snapshot, Ruling]:
    """The workbook with the spreadsheets that units have of their own, and the configuration in force in it; with a
    second look where a tab that should be there may just have been made. Raises `CannotStart`, `WorkbookUnavailable`.
    """
    snapshot = book.read()
    if not snapshot.complete and lacks_tabs(snapshot):  # `init` may have been run elsewhere
        snapshot = book.read(look_around=True)
    ruling = rule(snapshot, store.last_config())
    if not snapshot.complete and (ruling.config is None or lacks_tabs(snapshot, ruling.config)):
        snapshot = book.read(look_around=True)
        ruling = rule(snapshot, store.last_config())
    if ruling.config is None:
        return snapshot, ruling
    changed = {code: record.changed_at.timestamp() for code, record in store.unit_records().items()}
    return with_own_spreadsheets(book, snapshot, ruling.config, changed), ruling


def with_own_spreadsheets(
    book: Workbook, snapshot: Snapshot, config: Config, changed: Mapping[str, float] | None = None
) -> Snapshot:
    """The same with the spreadsheets that units have of their own; those first that were `changed` last (by code of
    the unit), and those of which nothing is known.
    """
    own = [unit for unit in config.units if unit.workbook]
    own.sort(key=lambda unit: (changed or {}).get(unit.code, inf), reverse=True)
    return replace(snapshot, own=book.read_own([unit.workbook for unit in own])) if own else snapshot


def _leave_to_next_cycle(
    book: Workbook, snapshot: Snapshot, ruling: Ruling, store: Store, clock: Clock, tried: Iterable[CellChange]
) -> list[Problem]:
    """People were faster every time: no result may stay beside a row that it was not made for.

    Where nothing had moved these are the rows that never settle, such as one with a formula that changes by itself.
    """
    judged = judged_under(snapshot, ruling, store, clock)
    touched = {cell.tab for cell in tried}
    cleared = cleared_results(judged, touched) if judged else ()
    unsettled = rows_to_write(judged) if judged else set()
    if not snapshot.repairs:
        cleared = tuple(cell for cell in cleared if (cell.tab, cell.row) in unsettled)
    try:
        book.write(with_repairs(cleared, snapshot.repairs), snapshot)
    except (WorkbookUnavailable, NotShared) as error:
        return [_not_written(book, error)]
    if unsettled and not snapshot.repairs:
        return list(_unsettled(snapshot, unsettled))
    titles = ", ".join(f"“{tab.title}”" for tab in snapshot.all_tabs() if tab.key in touched)
    what, fix = text("cycle.overtaken", tabs=titles), text("cycle.overtaken_fix")
    return [Problem(where=book.address, what=what, fix=fix, needs_person=False)]


def judged_under(snapshot: Snapshot, ruling: Ruling, store: Store, clock: Clock) -> Judged | None:
    """The workbook judged by the configuration in force, with its texts of the day; None where there is none."""
    if ruling.config is None:
        return None
    now = clock(ZoneInfo(ruling.config.settings.time_zone))
    judged = judge(snapshot, ruling.config.on(now.date()), store.unit_records(), now)
    mails = store.mail_history()
    return replace(
        judged,
        standings=with_mail_notes(judged.standings, mails, now.tzinfo),
        problems=(*ruling.problems, *judged.problems, *mails_stuck(mails)),
    )


def _changes(snapshot: Snapshot, ruling: Ruling, judged: Judged | None, plan: MailPlan, clock: Clock) -> Changes:
    if judged is None:
        return refusal_changes(snapshot, ruling.problems, clock(VIET_NAM))
    return cell_changes(snapshot, judged, plan.reminded_at, ruling.changes_to_note(), plan.calendar)


# --- mails, memory ----------------------------------------------------------------------------------------


def _plan(
    snapshot: Snapshot, ruling: Ruling, judged: Judged | None, store: Store, book: Workbook, mailing: Mailing | None
) -> MailPlan:
    if judged is None:
        return MailPlan((), {})
    sent = store.mail_history()
    if mailing is None:
        return no_mails(judged, sent, store.first_cycle_at())
    history = read_history(bot_tab(snapshot, tabs.HISTORY))
    return plan_mails(Desk(judged, history, sent, store.first_cycle_at(), book.name, ruling.refusal, book.link))


def _remember(
    store: Store, ruling: Ruling, judged: Judged, plan: MailPlan, journal_written: bool, mailing: Mailing | None
) -> int:
    """Queue the mails in the transaction that decides them; returns how many are new."""
    history = store.mail_history()
    mails = word(plan.mails, mailing.writer, judged.config.settings, mailing.sender) if mailing else ()
    with store.transaction(judged.now) as ledger:
        ledger.withdraw(not_to_be_sent(judged, mails, history))
        queued = sum(ledger.queue(each, judged.now) for each in mails)
        ledger.remember_units(judged.records if mailing else with_untold_losses(judged.records, judged.losses))
        if ruling.fresh:
            ledger.withdraw(refusals_waiting(history))
            ledger.remember_config(ruling.to_save(judged.now, journal_written))
    return queued


def deliver(store: Store, mailing: Mailing | None, judged: Judged, progress: Progress | None = None) -> Delivery:
    """What is queued leaves in mail hours only, also where an earlier try failed."""
    settings = judged.config.settings
    if mailing is None or next_opening(settings, judged.now) > judged.now:
        return Delivery()
    return store.deliver(mailing.transport, judged.now, delivery_terms(settings, mailing.sender), progress)


def _not_written(book: Workbook, error: TccbError) -> Problem:
    return Problem(where=book.address, what=str(error), fix=text("cycle.not_written_fix"))


def _unsettled(snapshot: Snapshot, rows: Iterable[tuple[str, int]]) -> Iterator[Problem]:
    """A problem for each tab that has some of the rows (key of the tab, number)."""
    by_tab: dict[str, list[int]] = defaultdict(list)
    for key, row in sorted(rows):
        by_tab[key].append(row)
    for tab in snapshot.all_tabs():
        if numbers := by_tab.get(tab.key):
            named = ", ".join(map(str, numbers[:MOST_ROWS_NAMED])) + ("…" if len(numbers) > MOST_ROWS_NAMED else "")
            where, what = text("units.where_tab", tab=tab.title), text("cycle.unsettled", rows=named)
            yield Problem(where=where, what=what, fix=text("cycle.unsettled_fix"), needs_person=False)


def _refused(tab: RefusedTab) -> Problem:
    where = text("units.where_tab", tab=tab.title)
    return Problem(where=where, what=tab.why, fix=text("cycle.not_written_fix"))


def _all_problems(ruling: Ruling, judged: Judged | None) -> tuple[Problem, ...]:
    return judged.problems if judged else ruling.problems


class _Stopwatch:
    """Measures the steps of a cycle and tells their names to whoever watches."""

    def __init__(self, progress: Progress | None = None, seconds: Callable[[], float] = time.perf_counter) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = seconds
        self._progress = progress
        self._step = ""
        self._start = 0.0

    def __call__(self, step: str) -> _Stopwatch:
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
