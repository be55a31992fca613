"""Decided mails become words in the outbox, and leave it."""

from __future__ import annotations

from dataclasses import dataclass

from automation.app.deciding import Decided
from automation.core.config.working_days import next_opening
from automation.core.judging.judged import Judged
from automation.core.judging.row_loss import with_untold_losses
from automation.core.mail.planning import Writer, not_to_be_sent, word_each
from automation.core.mail.recipients import delivery_terms
from automation.core.mail.refusals import refusals_waiting
from automation.core.model.mail import Delivery
from automation.core.model.mistakes import Net
from automation.core.model.ports import Lease, MailTransport, Progress, Store


@dataclass(frozen=True)
class Mailing:
    """What it takes to mail: who writes, who delivers, and the sender in place of the one in `Cấu hình`."""

    writer: Writer
    transport: MailTransport
    sender: str = ""


def queue(
    store: Store, decided: Decided, judged: Judged, mailing: Mailing | None, net: Net, *, journal_written: bool
) -> int:
    """Word the mails and queue them in the transaction that remembers what they rest on; returns how many are new.

    `judged`: that of `decided`. A mail that cannot be worded goes into the net, the others are queued. Without
    `mailing` nothing is queued, and losses of rows stay untold.
    """
    in_force, history = decided.in_force, store.mail_history()
    mails = word_each(decided.plan.mails, mailing.writer, judged.config, mailing.sender, net) if mailing else ()
    with store.transaction(judged.now) as ledger:
        ledger.withdraw(not_to_be_sent(judged, mails, history))
        queued = sum(ledger.queue(each, judged.now) for each in mails)
        ledger.remember_look(judged.now)
        ledger.remember_units(judged.records if mailing else with_untold_losses(judged.records, judged.losses))
        if in_force.fresh:
            ledger.withdraw(refusals_waiting(history))
            ledger.remember_config(in_force.to_save(judged.now, journal_written))
    return queued


def deliver(
    store: Store, mailing: Mailing | None, judged: Judged, lease: Lease, progress: Progress | None = None
) -> Delivery:
    """What is queued leaves in mail hours only, also where an earlier try failed, and while the lease is ours."""
    settings = judged.config.settings
    if mailing is None or next_opening(settings, judged.now) > judged.now:
        return Delivery()
    terms = delivery_terms(settings, mailing.sender)
    return store.deliver(mailing.transport, judged.now, terms, _before_each(lease, progress))


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
