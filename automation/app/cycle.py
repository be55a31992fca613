"""One cycle from top to bottom. Whoever opens only this file knows what the bot does, and in which order."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from automation.app.clock import Clock, Stopwatch
from automation.app.deciding import Looked, decider, desk_of, judged_under
from automation.app.keeping import Kept
from automation.app.looking import read_everything
from automation.app.mailing import Mailing, deliver, queue
from automation.app.records.copying import CopyKeeper
from automation.app.writing_back import bring_up_to_date
from automation.base.messages import text
from automation.core.admin.in_force import ConfigInForce
from automation.core.admin.reader import Refused
from automation.core.admin.rehearsal import Rehearsal, compare
from automation.core.config.shipped import ShippedTables
from automation.core.judging.judged import Judged
from automation.core.mail.desk import no_copy
from automation.core.mail.mail_rehearsal import MailRehearsal, compare_mails
from automation.core.mail.planning import Writer
from automation.core.model.mail import Delivery
from automation.core.model.mistakes import Net
from automation.core.model.ports import Progress, RequestCount, Store, Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import ConfigTables, Snapshot


class CycleReport(Struct, frozen=True):
    """What came of a cycle."""

    judged: Judged | None
    """None where no configuration could be used."""
    problems: tuple[Problem, ...]
    changed: int = 0
    """Rows of persons whose computed cells changed."""
    cells_written: int = 0
    requests: RequestCount = field(default_factory=RequestCount)
    """Those of this cycle: a worker keeps its workbook open for many."""
    queued: int = 0
    delivery: Delivery = field(default_factory=Delivery)
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each step took."""
    rehearsal: Rehearsal | None = None
    """What the configuration that was to be rehearsed would change; None where it cannot be used."""
    mail_rehearsal: MailRehearsal | None = None
    """What it would change in mails."""
    mistakes: tuple[Exception, ...] = ()
    """What nobody foresaw, for the log; `problems` has a sentence for each."""


def check(
    book: Workbook,
    store: Store,
    clock: Clock,
    proposed: ConfigTables | None = None,
    *,
    shipped: ShippedTables | None = None,
    writer: Writer | None = None,
) -> CycleReport:
    """Read and judge; nothing is written, queued or remembered. Raises TccbError.

    `proposed`: config tabs to rehearse, as if they stood in the workbook in place of its own; `writer`: who words the
    mails that are compared then. `shipped` as in `read_everything`.
    """
    watch, kept = Stopwatch(), Kept()
    with watch("read"):
        snapshot, in_force = read_everything(book, store, shipped, kept)
    with watch("judge"):
        looked = judged_under(snapshot, in_force, store, clock, kept)
    judged = looked.judged if looked else None
    report = CycleReport(
        judged,
        judged.problems if judged else in_force.problems,
        requests=book.requests,
        seconds=watch.seconds,
        mistakes=tuple(each.error for each in judged.mistakes) if judged else (),
    )
    if proposed is None:
        return report
    with watch("judge"):
        found = _rehearsed(report, snapshot, in_force, store, clock, kept, proposed)
    if found.after is None or looked is None or writer is None:
        return found.report
    with watch("plan"):
        now, then = (desk_of(snapshot, each, store, book) for each in (looked, found.after))
        return replace(found.report, mail_rehearsal=compare_mails(now, then, writer))


class _Rehearsed(NamedTuple):
    report: CycleReport
    after: Looked | None
    """The workbook judged by the other configuration; None where that cannot be used."""


def _rehearsed(
    report: CycleReport,
    snapshot: Snapshot,
    in_force: ConfigInForce,
    store: Store,
    clock: Clock,
    kept: Kept,
    proposed: ConfigTables,
) -> _Rehearsed:
    """The report of a check, with what the proposed tabs would change and what would be wrong then."""
    config = in_force.with_tabs(proposed)
    if isinstance(config, Refused):
        return _Rehearsed(replace(report, problems=(*report.problems, *map(_of_rehearsal, config.problems))), None)
    after = judged_under(snapshot, replace(in_force, config=config, problems=()), store, clock, kept)
    if after is None or report.judged is None:
        return _Rehearsed(report, None)
    new = (problem for problem in after.judged.problems if problem not in report.problems)
    problems = (*report.problems, *map(_of_rehearsal, new))
    rehearsal = compare(report.judged, after.judged, proposed)
    return _Rehearsed(replace(report, problems=problems, rehearsal=rehearsal), after)


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
    shipped: ShippedTables | None = None,
    kept: Kept | None = None,
    keeper: CopyKeeper | None = None,
) -> CycleReport:
    """Read everything, judge it, bring the computed cells up to date, queue the mails that are due, deliver.

    `dry_run` stops before anything is written; without `mailing` no mail is planned or delivered. `shipped`, `kept`
    as in `read_everything`; `keeper`: takes copies of what units typed. Raises TccbError where the workbook cannot be
    read.
    """
    watch, kept, asked = Stopwatch(progress), kept or Kept(), book.requests
    if not dry_run:
        book.lease.begin()
    with watch("read"):
        snapshot, in_force = read_everything(book, store, shipped, kept)
    copies = keeper.fuller_copy if keeper else no_copy
    decide = decider(book, store, clock, watch, kept, mails=mailing is not None, fuller_copy=copies)
    first = decide(snapshot, in_force)
    if dry_run:
        report = CycleReport(first.judged, first.problems, first.changes.people, queued=len(first.plan.mails))
        return _with_costs(report, book.requests.since(asked), watch)
    shown = bring_up_to_date(book, first, decide, watch, kept)
    if mailing and shown.decided.plan.mails:
        book.lease.ensure()
        if book.lease.was_elsewhere:
            with watch("read"):
                snapshot, in_force = read_everything(book, store, shipped, kept)
            shown = shown.then(bring_up_to_date(book, decide(snapshot, in_force), decide, watch, kept))
    decided, judged = shown.decided, shown.decided.judged
    report = CycleReport(judged, (*decided.problems, *shown.troubles), shown.people, shown.cells)
    report = replace(report, mistakes=(*(each.error for each in decided.mistakes), *shown.mistakes))
    if judged is None:
        return _with_costs(report, book.requests.since(asked), watch)
    net = Net("not_mailed")
    with watch("queue"):
        queued = queue(store, decided, judged, mailing, net, journal_written=shown.complete)
    report = _with_mistakes(report, net)
    if keeper:
        with watch("copy"):
            not_kept = keeper.keep(book, judged, decided.in_force, shown.snapshot)
        report = replace(report, problems=(*report.problems, *not_kept))
    with watch("deliver"):
        delivery = deliver(book, shown.snapshot, store, mailing, judged, progress)
    report = replace(report, queued=queued, delivery=delivery)
    return _with_costs(report, book.requests.since(asked), watch)


def _with_mistakes(report: CycleReport, net: Net) -> CycleReport:
    problems = (each.problem for each in net.mistakes)
    errors = (each.error for each in net.mistakes)
    return replace(report, problems=(*report.problems, *problems), mistakes=(*report.mistakes, *errors))


def _with_costs(report: CycleReport, requests: RequestCount, watch: Stopwatch) -> CycleReport:
    return replace(report, requests=requests, seconds=watch.seconds)
