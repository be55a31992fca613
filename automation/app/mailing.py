"""Decided mails become words in the outbox, and leave it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from automation.app.deciding import Decided
from automation.app.writing_back import write_beside
from automation.base.errors import NotShared, WorkbookUnavailable
from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.whose_tabs import bot_tab
from automation.core.judging.judged import Judged
from automation.core.judging.row_loss import with_untold_losses
from automation.core.mail.planning import Writer, not_to_be_sent, reminded_at, word_each
from automation.core.mail.recipients import delivery_terms, may_go_today, may_wait_to_be_told
from automation.core.mail.refusals import refusals_waiting
from automation.core.mail.sent_tab import Outcome, SentTab, read_sent
from automation.core.model.mail import Delivery, DeliveryTerms, MailRecord, MailState
from automation.core.model.mistakes import Net
from automation.core.model.ports import Lease, MailTransport, Progress, Store, Workbook
from automation.core.model.workbook import CellChange, Snapshot
from automation.core.writing.changes import outcome_changes
from automation.core.writing.sent_mails import sent_mail_changes


class Mailing(Struct, frozen=True):
    """What it takes to mail: who writes, who delivers, and the sender in place of the one in `Cấu hình`."""

    writer: Writer
    transport: MailTransport
    sender: str = ""


def queue(
    store: Store, decided: Decided, judged: Judged, mailing: Mailing | None, net: Net, *, journal_written: bool
) -> int:
    """Word the mails and queue them in the transaction that remembers what they rest on; returns how many are new.

    What waited and goes now says what is true now. `judged`: that of `decided`. A mail that cannot be worded goes into
    the net, the others are queued. Without `mailing` nothing is queued, and losses of rows stay untold.
    """
    in_force, history, plan = decided.in_force, store.mail_history(), decided.plan
    mails, renewed = (
        word_each(each, mailing.writer, judged.config, mailing.sender, net) if mailing else ()
        for each in (plan.mails, plan.renewed)
    )
    with store.transaction(judged.now) as ledger:
        ledger.adopt(decided.adopted)
        ledger.withdraw([*not_to_be_sent(judged, mails, history), *plan.dropped])
        queued = sum(ledger.queue(each, judged.now) for each in mails)
        for each in renewed:
            ledger.renew(replace(each, renewed_at=judged.now))
        ledger.remember_look(judged.now)
        ledger.remember_units(judged.records if mailing else with_untold_losses(judged.records, judged.losses))
        if in_force.fresh:
            ledger.withdraw(refusals_waiting(history))
            ledger.remember_config(in_force.to_save(judged.now, journal_written))
    return queued


def deliver(
    book: Workbook,
    snapshot: Snapshot,
    store: Store,
    mailing: Mailing | None,
    judged: Judged,
    progress: Progress | None = None,
    *,
    only: frozenset[str] | None = None,
) -> Delivery:
    """What is queued leaves in mail hours only, but for what is urgent, also where an earlier try failed, and while the
    lease is ours.

    The workbook is told before and after, so that a lost state folder neither loses nor doubles a mail. Where it could
    not be told before, mails wait a while; those that go then are counted. `snapshot`: how it stands. `only`: the keys
    of the mails that may go; None for all, which takes that they were decided anew in this very cycle.
    """
    if mailing is None:
        return Delivery()
    terms = replace(delivery_terms(judged.config.settings, judged.now, mailing.sender), only=only)
    snapshot, going, untold = _announced(book, snapshot, judged, store, terms)
    waiting = _waiting_to_be_told(snapshot, untold, judged)
    why = text("mails.not_announced") if waiting else ""
    terms = replace(terms, only=frozenset(each.key for each in going) - waiting, others_wait_for=why)
    delivery = store.deliver(mailing.transport, judged.now, terms, _before_each(book.lease, progress))
    if going or delivery.unsure:
        snapshot = _tell_outcomes(book, snapshot, judged, store.mail_history())
    return replace(delivery, unrecorded=_unrecorded(snapshot, untold, store.mail_history()))


class _Announced(NamedTuple):
    snapshot: Snapshot
    """The workbook as it stands then."""
    going: Sequence[MailRecord] = ()
    """The mails whose turn it is."""
    untold: Sequence[MailRecord] = ()
    """Those of them that it does not tell of."""


def _announced(book: Workbook, snapshot: Snapshot, judged: Judged, store: Store, terms: DeliveryTerms) -> _Announced:
    """Let the workbook tell of the mails that go next."""
    due = store.due_mails(judged.now, terms)
    if not due:
        return _Announced(snapshot)
    history = store.mail_history()
    going = may_go_today(due, history, judged.config.settings, judged.now)
    snapshot = _told(book, snapshot, lambda now: sent_mail_changes(_sent_tab(now), judged, history, going))
    sent = _sent_tab(snapshot)
    return _Announced(snapshot, going, [each for each in going if each.key not in sent.announced])


def _waiting_to_be_told(snapshot: Snapshot, untold: Sequence[MailRecord], judged: Judged) -> set[str]:
    """Keys of those that do not go yet; none where there is no tab to wait for."""
    if not untold or _sent_tab(snapshot).is_empty:
        return set()
    return {each.key for each in untold if may_wait_to_be_told(each, judged.config.settings, judged.now)}


def _sent_tab(snapshot: Snapshot) -> SentTab:
    return read_sent(bot_tab(snapshot, tabs.MAILS))


def _unrecorded(snapshot: Snapshot, untold: Sequence[MailRecord], history: Sequence[MailRecord]) -> int:
    """How many of them left though the workbook still does not tell."""
    if not untold:
        return 0
    lines = {line.key for line in _sent_tab(snapshot).lines if line.outcome in (Outcome.SENT, Outcome.UNSURE)}
    left = {each.key for each in history if each.state in (MailState.SENT, MailState.UNSURE)}
    return sum(each.key in left - lines for each in untold)


def _before_each(lease: Lease, progress: Progress | None) -> Progress:
    """What is done before each mail: the lease is renewed before the first, and again when it gets old."""
    is_first = True

    def ready(step: str, done: int, total: int) -> None:
        nonlocal is_first
        lease.ensure(anew=is_first)
        is_first = False
        if progress:
            progress(step, done, total)

    return ready


def _tell_outcomes(book: Workbook, snapshot: Snapshot, judged: Judged, history: Sequence[MailRecord]) -> Snapshot:
    present = [each.under(judged.renamed) for each in history]
    reminded = reminded_at(present, judged.config.settings)
    return _told(book, snapshot, lambda now: outcome_changes(now, judged, present, reminded))


def _told(book: Workbook, snapshot: Snapshot, cells_of: Callable[[Snapshot], Sequence[CellChange]]) -> Snapshot:
    with suppress(WorkbookUnavailable, NotShared):
        return write_beside(book, snapshot, cells_of)
    return snapshot
