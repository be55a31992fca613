"""Which mails a judged workbook calls for: they are decided first, with everything they say, and put into texts when
they are to be queued.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.admin.in_force import Refusal
from automation.core.config.ladder import HR_OFFICE
from automation.core.config.mail_kinds import ADMIN_TASKS, ALARM, LEFT_OVER, REFUSAL, SUMMARY, UNREADABLE
from automation.core.config.registry import FOCAL_PERSON, addresses_of
from automation.core.config.values import Config, Settings
from automation.core.figures.period import Period
from automation.core.judging.judged import Judged
from automation.core.judging.lists.unreadable import UnreadableTab
from automation.core.judging.row_loss import RowLoss
from automation.core.mail.admin_mail import admin_mail_due
from automation.core.mail.alarms import (
    alarm_key,
    alarm_recipients,
    alarms_over,
    is_to_hear_again,
    losses_untold,
    unreadable_key,
    was_told,
    why_alarmed,
)
from automation.core.mail.desk import DecidedMail, Desk, Letter, MailFigures
from automation.core.mail.left_overs import left_over_key
from automation.core.mail.mail_figures import own_words, told_by, with_figures
from automation.core.mail.recipients import Rank, Recipients, addressed, mark_of, recipients_of, roles_of, roles_text
from automation.core.mail.refusals import refusal_key
from automation.core.mail.reminders import (
    DueReminder,
    due_reminders,
    key_in_mode,
    mail_key,
    no_longer_due,
    overtaken,
    strength_of,
)
from automation.core.mail.renewing import renewals, units_in_turn
from automation.core.mail.send_calendar import ComingMail, send_calendar
from automation.core.mail.summary_schedule import due_summary, summary_key
from automation.core.model.mail import NO_CUSTOM_TEXTS, Attachment, CustomTexts, Mail, MailRecord, MailState
from automation.core.model.mistakes import Mistake, Net
from automation.core.model.units import RowCount, Standing, unit_names
from automation.core.text.moments import local


class Written(Protocol):
    """The texts of a mail."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def attachments(self) -> tuple[Attachment, ...]: ...


class Writer(Protocol):
    """Turns figures into texts."""

    def write(self, kind: str, figures: MailFigures, texts: CustomTexts = NO_CUSTOM_TEXTS) -> Written: ...


class MailPlan(Struct, frozen=True):
    """The mails to queue now, and when each unit was last sent one."""

    mails: tuple[DecidedMail, ...]
    reminded_at: Mapping[str, datetime]
    coming: tuple[ComingMail, ...] = ()
    """The mails still to come after these."""
    mistakes: tuple[Mistake, ...] = ()
    """What nobody foresaw: the mails concerned are not made."""
    renewed: tuple[DecidedMail, ...] = ()
    """The mails that waited and go now, with what they are to say now."""
    dropped: tuple[str, ...] = ()
    """Keys of those whose reason has gone."""


def plan_mails(desk: Desk) -> MailPlan:
    """The mails that are due and were not queued before, and what the workbook shows of mails then."""
    net = Net("not_mailed")
    letters = _letters(desk, net)
    known = [*desk.sent, *_as_sent(letters, desk)]
    coming = net.collect(lambda: send_calendar(desk.judged, known, desk.first_cycle_at))
    renewed_letters, dropped = renewals(desk)
    # Where a unit's next mail is there, the one that waited is taken back.
    anew = {each.unit for each in letters if each.unit}
    still_due = [each for each in renewed_letters if each.unit not in anew]
    reached, without_room = units_in_turn([*still_due, *letters], desk)
    desk = replace(desk, reached=reached, without_room=without_room)
    mails, renewed = (_with_figures(each, desk, net) for each in (letters, renewed_letters))
    reminded = reminded_at(desk.sent, desk.settings)
    return MailPlan(mails, reminded, coming, tuple(net.mistakes), renewed, tuple(dropped))


def no_mails(desk: Desk) -> MailPlan:
    """What the workbook shows of mails in a cycle that sends none."""
    net = Net("not_mailed")
    coming = net.collect(lambda: send_calendar(desk.judged, desk.sent, desk.first_cycle_at))
    return MailPlan((), reminded_at(desk.sent, desk.settings), coming, tuple(net.mistakes))


def _letters(desk: Desk, net: Net) -> list[Letter]:
    """The mails that the workbook calls for now and that were not queued before; what raises goes into the net."""
    alarms: list[Letter] = []
    for loss in (each for each in desk.judged.losses if not was_told(each, desk.sent)):
        alarms += net.collect(partial(_alarm, desk, loss), desk.name_of(loss.unit))
    anew = {loss.unit for loss in desk.judged.losses}
    for loss in losses_untold(desk.judged.records, desk.settings, desk.sent):
        if loss.unit in desk.units and loss.unit not in anew:
            alarms += net.collect(partial(_alarm, desk, loss, desk.judged.now), desk.name_of(loss.unit))
    known = [*desk.earlier, *_as_sent(alarms, desk)]
    due = net.collect_each(partial(_reminders_of, desk, known), desk.judged.standings, lambda each: each.name)
    period = due_summary(desk.settings, desk.earlier, desk.first_cycle_at, desk.judged.now)
    told = net.collect_each(partial(_unreadable, desk, known), desk.judged.unreadable, lambda each: each.unit.name)
    return [*alarms, *due, *told, *(summary(desk, period) if period else ()), *_to_admin(desk)]


def _with_figures(letters: Sequence[Letter], desk: Desk, net: Net) -> tuple[DecidedMail, ...]:
    return net.collect_each(partial(with_figures, desk=desk), letters, lambda each: desk.name_of(each.unit))


def _reminders_of(desk: Desk, known: Sequence[MailRecord], standings: Iterable[Standing]) -> Iterator[Letter]:
    rungs, now = desk.judged.config.rungs, desk.judged.now
    return reminders(due_reminders(standings, rungs, desk.settings, known, desk.first_cycle_at, now), desk)


def word(mails: Iterable[DecidedMail], writer: Writer, settings: Settings, sender: str) -> tuple[Mail, ...]:
    """The mails in texts, addressed. `sender`: in place of the one that the settings name."""
    return tuple(_worded(mail, writer, settings, sender) for mail in mails)


def word_each(mails: Iterable[DecidedMail], writer: Writer, config: Config, sender: str, net: Net) -> tuple[Mail, ...]:
    """The same of those that can be put into texts; the others go into the net."""
    names = unit_names(config.units)
    worded: list[Mail] = []
    for mail in mails:
        worded += net.collect(partial(word, [mail], writer, config.settings, sender), names.get(mail.unit, ""))
    return tuple(worded)


def _worded(mail: DecidedMail, writer: Writer, settings: Settings, sender: str) -> Mail:
    written = writer.write(mail.kind, mail.figures, own_words(mail.kind, mail.figures, settings))
    goes_to = addressed(mail.recipients, settings)
    return Mail(
        key=mail.key,
        kind=mail.kind,
        unit=mail.unit,
        rung=mail.rung,
        day=mail.day,
        to=goes_to.to,
        cc=goes_to.cc,
        sender=sender or settings.mail_from,
        reply_to=settings.reply_to,
        subject=written.subject,
        text=written.text,
        html=written.html,
        attachments=written.attachments,
        trial=not settings.mail_mode_real,
        told=told_by(mail.figures),
        readers=tuple(map(mark_of, mail.recipients.everybody)),
        rank=mail.rank,
        why=mail.why,
        roles=mail.roles,
        lost_from=RowCount(mail.about.before, mail.about.read_at) if isinstance(mail.about, RowLoss) else None,
    )


# --- what is known of mails -------------------------------------------------------------------------------


def reminded_at(history: Iterable[MailRecord], settings: Settings) -> dict[str, datetime]:
    """When each unit was last sent a mail other than an alarm, in the campaign's zone: when it was decided, or, where
    it left on a later day, when it left. Mails on trial went to nobody's unit.
    """
    zone = settings.zone
    reached = (
        record
        for record in history
        if record.unit and record.kind != ALARM and record.state is MailState.SENT and not record.trial
    )
    return {record.unit: moment for record in reached if (moment := _sent_at(record, zone))}


_LONG_DELIVERY = timedelta(minutes=15)


def _sent_at(record: MailRecord, zone: ZoneInfo) -> datetime | None:
    """To the minute of its cycle where it left with that: however long a delivery takes, the registry stays as is."""
    queued, settled = (moment and local(moment, zone) for moment in (record.queued_at, record.settled_at))
    left_later = queued and settled and settled - queued > _LONG_DELIVERY
    return settled if left_later else queued


def _as_sent(letters: Iterable[Letter], desk: Desk) -> Iterator[MailRecord]:
    """What goes with this very cycle; where that fails, the next one knows."""
    now, trial = desk.judged.now, not desk.settings.mail_mode_real
    for each in letters:
        yield MailRecord(each.key, each.kind, each.unit, each.rung, each.day, MailState.SENT, "", now, trial=trial)


def not_to_be_sent(judged: Judged, new: Sequence[Letter | Mail], history: Sequence[MailRecord]) -> list[str]:
    """Keys of the mails that were queued before the `new` ones and must not go out any more, as things stand now."""
    rungs = judged.config.rungs
    reminded = {mail.unit for mail in new if mail.unit and mail.kind in {rung.template for rung in rungs}}
    return [
        *no_longer_due(judged.standings, rungs, judged.config.settings, history),
        *overtaken(reminded, rungs, history),
        *alarms_over(judged.records, judged.config.settings, history),
        *_overtaken_by_the_next(new, history),
    ]


def _overtaken_by_the_next(new: Iterable[Letter | Mail], history: Sequence[MailRecord]) -> list[str]:
    """Mails to the office and to the admin that had to wait for the server so long that the next one is there."""
    kinds = {SUMMARY, ADMIN_TASKS} & {mail.kind for mail in new}
    return [record.key for record in history if record.kind in kinds and record.waits]


# --- the occasions ----------------------------------------------------------------------------------------


def reminders(due: Iterable[DueReminder], desk: Desk) -> Iterator[Letter]:
    """One mail a due reminder; none for a unit whose people have no address (the summary lists those)."""
    for each in due:
        meant = recipients_of(each.rung, desk.units[each.unit], desk.settings)
        if meant.to:
            key = mail_key(desk.settings.campaign_code, each.unit, each.rung.code, each.day)
            yield Letter(
                key=key_in_mode(key, desk.settings),
                kind=each.rung.template,
                unit=each.unit,
                rung=each.rung.code,
                day=each.day,
                recipients=meant,
                why=each.why,
                roles=roles_of(each.rung),
                rank=Rank.REMINDER - strength_of(each.rung),
            )


def summary(desk: Desk, period: Period = Period.DAY) -> Iterator[Letter]:
    """The summary, unless nobody is to get it or the registry is empty."""
    settings = desk.settings
    if settings.summary_to and desk.units:
        yield Letter(
            key=key_in_mode(summary_key(settings.campaign_code, period, desk.today), settings),
            kind=SUMMARY,
            rung=period.value,
            day=desk.today,
            recipients=Recipients(settings.summary_to, settings.summary_cc),
            about=period,
            why=text(f"mails.why.{'weekly' if period is Period.WEEK else 'daily'}"),
            roles=HR_OFFICE,
            rank=Rank.SUMMARY,
        )


def _alarm(desk: Desk, loss: RowLoss, again: datetime | None = None) -> Iterator[Letter]:
    """The mail for a unit that lost many rows, unless neither it nor the office has an address."""
    meant = alarm_recipients(desk.units[loss.unit], desk.settings)
    if meant.to:
        yield Letter(
            key=key_in_mode(alarm_key(desk.settings.campaign_code, loss, again), desk.settings),
            kind=ALARM,
            unit=loss.unit,
            rung=ALARM,
            day=desk.today,
            recipients=meant,
            about=loss,
            why=why_alarmed(loss),
            roles=roles_text((FOCAL_PERSON,), (HR_OFFICE,)),
            rank=Rank.AT_ONCE if desk.settings.alarms_at_once else Rank.SUMMARY,
        )


def _unreadable(desk: Desk, known: Sequence[MailRecord], tabs: Iterable[UnreadableTab]) -> Iterator[Letter]:
    """The mail to a unit that could mend its tab, once a week as long as that cannot be read."""
    for each in tabs:
        unit, focal = each.unit.code, Recipients(addresses_of(each.unit, FOCAL_PERSON))
        if each.tab and focal.to and is_to_hear_again(unit, known, desk.settings, desk.today):
            yield Letter(
                key=key_in_mode(unreadable_key(desk.settings.campaign_code, unit, desk.today), desk.settings),
                kind=UNREADABLE,
                unit=unit,
                rung=UNREADABLE,
                day=desk.today,
                recipients=focal,
                about=each,
                why=text("mails.why.unreadable"),
                roles=roles_text((FOCAL_PERSON,)),
                rank=Rank.REMINDER,
            )


def _to_admin(desk: Desk) -> Iterator[Letter]:
    """What is wrong with the configuration, what still stands in columns that are not collected, what else waits."""
    code = desk.settings.campaign_code
    if desk.refusal:
        yield from _once_to_admin(desk, REFUSAL, refusal_key(code, desk.refusal), desk.refusal)
    if desk.judged.left_over:
        yield from _once_to_admin(desk, LEFT_OVER, left_over_key(code, desk.judged.left_over))
    if due := admin_mail_due(desk):
        yield from _once_to_admin(desk, ADMIN_TASKS, due)


def _once_to_admin(desk: Desk, kind: str, key: str, about: Refusal | None = None) -> Iterator[Letter]:
    """The mail to the admin that the configuration in force names, unless it was queued before."""
    key = key_in_mode(key, desk.settings)
    if key not in {each.key for each in desk.earlier}:
        admin = Recipients((desk.settings.admin_address,))
        why, roles = text(f"mails.why.{_WHY_TO_ADMIN[kind]}"), text("mails.roles.admin")
        yield Letter(
            key=key,
            kind=kind,
            rung=kind,
            day=desk.today,
            recipients=admin,
            about=about,
            why=why,
            roles=roles,
            rank=Rank.ADMIN,
        )


_WHY_TO_ADMIN = {REFUSAL: "refusal", LEFT_OVER: "left_over", ADMIN_TASKS: "admin"}
