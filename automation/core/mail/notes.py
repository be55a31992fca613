"""What the workbook says of mails that units did not get, and of mails that nobody gets yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config.ladder import HR_OFFICE
from automation.core.config.mail_kinds import TO_ADMIN
from automation.core.model.mail import IN_QUESTION_DAYS, MailRecord, MailState, in_question, waiting_by_reason
from automation.core.model.problems import Problem
from automation.core.model.units import Standing, unit_names
from automation.core.text.moments import local
from automation.core.text.vietnamese import day_text

_SETTLED = (MailState.SENT, MailState.FAILED, MailState.UNSURE)


def with_mail_notes(
    standings: Iterable[Standing], history: Iterable[MailRecord], zone: ZoneInfo
) -> tuple[Standing, ...]:
    """The same standings; those of units whose last mail was refused or given up, or may have arrived, say so.
    `history`: oldest first.

    Mails on trial go to the test address, so their fate says nothing about a unit.
    """
    last = {mail.unit: mail for mail in history if mail.state in _SETTLED and not mail.trial}
    return tuple(_noted(standing, last.get(standing.code), zone) for standing in standings)


def mails_stuck(history: Iterable[MailRecord], now: datetime) -> Iterator[Problem]:
    """A problem for each reason for which mails wait that could not leave, or may have. `history`: oldest first.

    It says nothing of how many: the journal notes a problem once a day. It needs a person where a try has failed, and
    none where mails wait for their turn. The admin's mail leaves out what is tried again in the delivery it goes with.
    """
    where = text("report.mails_where")
    for waiting in waiting_by_reason(history):
        is_unsure = any(mail.state is MailState.UNSURE for mail in waiting.mails)
        is_tried_now = is_unsure or all(mail.due_at and mail.due_at <= now for mail in waiting.mails)
        if waiting.reason:
            what = text(f"report.mails_{'unsure_waiting' if is_unsure else 'stuck'}.what", reason=waiting.reason)
            fix = text(f"report.mails_{'unsure' if is_unsure else 'postponed'}.fix")
            yield Problem(where, what, fix, waiting.has_failed, mailed_apart=is_tried_now)


def mails_in_doubt(history: Iterable[MailRecord], standings: Iterable[Standing], today: date) -> tuple[Problem, ...]:
    """One problem for a while as long as somebody is to be asked whether a mail arrived. `history`: oldest first, of
    this campaign and mode.
    """
    asked = [mail for mails in in_question(history, today).values() for mail in mails if mail.needs_asking]
    if not asked:
        return ()
    names = unit_names(standings)
    units = ", ".join(dict.fromkeys(names.get(mail.unit) or _office(mail) for mail in asked))
    what = text("report.mails_in_doubt.what", count=len(asked), units=units, reason=asked[-1].error)
    fix = text("report.mails_in_doubt.fix", days=IN_QUESTION_DAYS)
    return (Problem(text("report.mails_in_doubt.where"), what, fix, mailed_apart=True),)


def mails_adopted(adopted: Sequence[MailRecord], standings: Iterable[Standing]) -> Iterator[Problem]:
    """What is said of mails that the workbook alone knows to have gone, and of those of which it does not know."""
    where = text("mails.adopted.where")
    names = unit_names(standings)
    unsure = [mail for mail in adopted if mail.state is MailState.UNSURE]
    lost = [mail for mail in adopted if mail.error == text("mails.no_longer_kept")]
    if known := len(adopted) - len(unsure) - len(lost):
        what, fix = text("mails.adopted.what", count=known), text("mails.adopted.fix")
        yield Problem(where, what, fix, needs_person=False, told_once=True)
    for key, mails in (("adopted_unsure", unsure), ("adopted_lost", lost)):
        if mails:
            units = ", ".join(dict.fromkeys(names.get(mail.unit) or _office(mail) for mail in mails))
            what = text(f"mails.{key}.what", count=len(mails), units=units)
            yield Problem(where, what, text(f"mails.{key}.fix"))


def _office(mail: MailRecord) -> str:
    return text("mails.roles.admin") if mail.kind in TO_ADMIN else HR_OFFICE


def _noted(standing: Standing, mail: MailRecord | None, zone: ZoneInfo) -> Standing:
    if mail is None or not (mail.state is MailState.FAILED or mail.needs_asking):
        return standing
    day = local(mail.settled_at, zone).date() if mail.settled_at else mail.day
    key = "note_mail_unsure" if mail.needs_asking else "note_mail_failed"
    note = text(f"units.{key}", day=day_text(day), reason=mail.error)
    return replace(standing, notes=(*standing.notes, note))
