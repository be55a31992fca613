"""Mails that a person asks for: the same letters as the ladder's, whatever day it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config.mail_kinds import ALARM, BY_HAND, REDIRECTED
from automation.core.judging.judged import Judged
from automation.core.mail.desk import DecidedMail, Desk, Letter
from automation.core.mail.mail_figures import with_figures
from automation.core.mail.planning import reminders, summary
from automation.core.mail.recipients import Rank, Recipients, recipients_of
from automation.core.mail.reminders import (
    DueReminder,
    key_in_mode,
    of_this_campaign,
    reason_against_reminding,
    rung_as_of,
)
from automation.core.model.mail import Mail, MailRecord, MailState
from automation.core.model.mistakes import Net
from automation.core.model.units import Standing
from automation.core.text.moments import local_day


class Prepared(Struct, frozen=True):
    """A mail as it would go out, and for whom it is meant."""

    mail: Mail
    name: str
    """Of the unit; "" for the summary."""
    meant_for: Recipients


class Skipped(Struct, frozen=True):
    """A unit that gets no mail, and why."""

    unit: str
    name: str
    why: str
    needs_person: bool
    """Whether somebody has to mend something first; else there is nothing to remind of."""


class MailsByHand(Struct, frozen=True):
    """What came of the request for mails."""

    mails: tuple[DecidedMail, ...]
    skipped: tuple[Skipped, ...] = ()


def reminders_by_hand(
    desk: Desk, net: Net, codes: Collection[str] = (), mailed_today: Collection[str] = ()
) -> MailsByHand:
    """A reminder to each of the units `codes`, in the order of the registry; without codes, to every unit below its
    target.

    A unit that the ladder would leave alone whatever the day gets none, nor one of `mailed_today` that was not
    named: one mail a day. A letter whose figures cannot be made goes into the net.
    """
    judged = desk.judged
    wanted = [each for each in judged.standings if each.code in codes or not codes]
    skipped = [each for standing in wanted if (each := _reason_to_skip(standing, judged, codes, mailed_today))]
    left_out = {each.unit for each in skipped}
    due = [_due_by_hand(each, judged) for each in wanted if each.code not in left_out]
    mails = _with_figures(reminders(due, desk), desk, net)
    told = (each for each in skipped if codes or each.needs_person or each.unit in mailed_today)
    return MailsByHand(mails, tuple(told))


def summary_by_hand(desk: Desk, net: Net) -> MailsByHand:
    """The summary as of now; where its figures cannot be made it goes into the net."""
    letters = tuple(summary(desk))
    why = "by_hand.summary_to_nobody" if desk.units else "by_hand.summary_of_no_units"
    nobody = () if letters else (Skipped("", "", text(why), needs_person=True),)
    return MailsByHand(_with_figures(letters, desk, net), nobody)


def _with_figures(letters: Iterable[Letter], desk: Desk, net: Net) -> tuple[DecidedMail, ...]:
    asked_for = [_by_hand(letter, desk.judged) for letter in letters]
    return net.collect_each(partial(with_figures, desk=desk), asked_for, lambda each: desk.name_of(each.unit))


def redirected(judged: Judged, address: str) -> Judged:
    """The same workbook, whose mails go to `address` alone and name in a banner for whom they are meant."""
    settings = replace(judged.config.settings, mail_mode_real=False, test_address=address)
    return replace(judged, config=replace(judged.config, settings=settings))


def as_redirected(mail: Mail, judged: Judged) -> Mail:
    """The mail under a name that makes nobody count as reminded, and that fits the mode mails are in. Who asked for it
    waits for it: it keeps to no hours.
    """
    trial = not judged.config.settings.mail_mode_real
    return replace(mail, kind=REDIRECTED, unit="", key=f"{mail.key}/{REDIRECTED}", trial=trial, rank=Rank.AT_ONCE)


def units_mailed_on_the_day(judged: Judged, history: Iterable[MailRecord]) -> set[str]:
    """The units to which a mail of the ladder, one asked for or an alarm was queued today and not taken back, refused,
    or left to a person to ask about.
    """
    kinds = {rung.template for rung in judged.config.rungs} | {ALARM}
    zone = judged.config.settings.zone
    return {
        record.unit
        for record in of_this_campaign(history, judged.config.settings)
        if record.queued_at is not None
        and record.kind in kinds
        and record.state not in (MailState.WITHDRAWN, MailState.FAILED)
        and not record.needs_asking
        and local_day(record.queued_at, zone) == judged.now.date()
    }


def _reason_to_skip(
    standing: Standing, judged: Judged, codes: Collection[str], mailed_today: Collection[str]
) -> Skipped | None:
    why = reason_against_reminding(standing, judged.config.settings)
    needs_person = not standing.known
    if why is None and not _meant_for(_due_by_hand(standing, judged), judged).to:
        why, needs_person = text("by_hand.no_address"), True
    if why is None and standing.code in mailed_today and standing.code not in codes:
        why = text("by_hand.mailed_today")
    return Skipped(standing.code, standing.name, why, needs_person) if why else None


def _due_by_hand(standing: Standing, judged: Judged) -> DueReminder:
    rung = rung_as_of(standing, judged.config.rungs, judged.config.settings, judged.now)
    return DueReminder(standing.code, rung, judged.now.date(), rung.due_text)


def _meant_for(due: DueReminder, judged: Judged) -> Recipients:
    return recipients_of(due.rung, judged.config.units_by_code[due.unit], judged.config.settings)


def _by_hand(letter: Letter, judged: Judged) -> Letter:
    settings = judged.config.settings
    key = f"{settings.campaign_code}/{letter.unit}/{letter.kind}/{BY_HAND}/{judged.now.isoformat(timespec='seconds')}"
    why = text("mails.why.by_hand")
    return replace(letter, key=key_in_mode(key, settings), rung=BY_HAND, why=why, rank=Rank.BY_HAND)
