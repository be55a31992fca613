"""Which mails a judged workbook calls for: the reminders that are due, and the summary of the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol, TypeAlias
from zoneinfo import ZoneInfo

from automation.core.admin.in_force import Refusal
from automation.core.config.mail_kinds import ALARM, REFUSAL, SUMMARY
from automation.core.config.values import Settings
from automation.core.config.working_days import calendar_of
from automation.core.figures.history import History
from automation.core.figures.period import Period
from automation.core.figures.summary import SummaryFigures, summary_figures
from automation.core.figures.unit import Occasion, ReminderFigures, TabPlace, reminder_figures
from automation.core.judging.judging import Judged
from automation.core.judging.row_loss import RowLoss
from automation.core.mail.alarms import AlarmFigures, alarm_key, alarm_recipients, alarms_over
from automation.core.mail.recipients import Addressed, Recipients, addressed, recipients_of
from automation.core.mail.refusals import RefusalFigures, refusal_figures, refusal_key
from automation.core.mail.reminders import (
    DueReminder,
    due_reminders,
    in_force,
    key_in_mode,
    mail_key,
    no_longer_due,
    overtaken,
)
from automation.core.mail.send_calendar import ComingMail, send_calendar
from automation.core.mail.summary_schedule import due_summary, summary_key
from automation.core.mail.wording_values import words_of_alarm, words_of_reminder, words_of_summary
from automation.core.model.mail import Attachment, Mail, MailRecord, MailState
from automation.core.model.units import Unit
from automation.core.text.moments import local

Link: TypeAlias = Callable[[str, str], str]
"""(key of a tab, cells in A1 notation) -> the address that opens them; "" where the workbook has none."""


def no_link(_tab: str, _cells: str) -> str:
    """The `Link` of a workbook that is a file."""
    return ""


class Written(Protocol):
    """The words of a mail."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def attachments(self) -> tuple[Attachment, ...]: ...


class Writer(Protocol):
    """Turns figures into words."""

    def reminder(self, figures: ReminderFigures, kind: str) -> Written: ...
    def summary(self, figures: SummaryFigures) -> Written: ...
    def refusal(self, figures: RefusalFigures) -> Written: ...
    def alarm(self, figures: AlarmFigures) -> Written: ...


@dataclass(frozen=True)
class MailPlan:
    """The mails to queue now, and when each unit was last sent one, these included."""

    mails: tuple[Mail, ...]
    reminded_at: Mapping[str, datetime]
    calendar: tuple[ComingMail, ...] = ()
    """The mails still to come after these."""


def plan_mails(
    judged: Judged,
    history: History,
    sent: Sequence[MailRecord],
    first_cycle_at: datetime | None,
    book_name: str,
    sender: str,
    writer: Writer,
    refusal: Refusal | None = None,
    link: Link = no_link,
) -> MailPlan:
    """The mails that `judged` calls for at `judged.now` and that were not queued before.

    `sent`: every mail queued so far; `book_name`: how a mail names the workbook; `sender`: the address mails come
    from; `refusal`: why the configuration in the tabs is not the one in force; `link`: the address of cells of the
    workbook.
    """
    settings = judged.config.settings
    earlier = in_force(sent, settings)
    letters = Letters(judged, history, book_name, sender, link)
    mails = letters.alarms(writer)
    known = [*earlier, *(_as_sent(mail, judged.now) for mail in mails)]
    due = due_reminders(judged.standings, judged.config.rungs, settings, known, first_cycle_at, judged.now)
    mails += letters.reminders(due, writer)
    if period := due_summary(settings, earlier, first_cycle_at, judged.now):
        mails += letters.summary(writer, earlier, period)
    if refusal and all(record.key != _refusal_key(refusal, settings) for record in earlier):
        mails.append(letters.refusal(refusal, writer))
    known = [*sent, *(_as_sent(mail, judged.now) for mail in mails)]
    return MailPlan(tuple(mails), reminded_at(known, settings), send_calendar(judged, known, first_cycle_at))


def _refusal_key(refusal: Refusal, settings: Settings) -> str:
    return key_in_mode(refusal_key(settings.campaign_code, refusal), settings)


def no_mails(judged: Judged, sent: Sequence[MailRecord], first_cycle_at: datetime | None) -> MailPlan:
    """What the workbook shows of mails in a cycle that sends none."""
    reminded = reminded_at(sent, judged.config.settings)
    return MailPlan((), reminded, send_calendar(judged, sent, first_cycle_at))


def reminded_at(history: Iterable[MailRecord], settings: Settings) -> dict[str, datetime]:
    """When each unit was last sent a mail other than an alarm, in the campaign's zone: when it was decided, or, where
    it left on a later day, when it left. Mails on trial went to nobody's unit.
    """
    zone = ZoneInfo(settings.time_zone)
    reached = (
        record
        for record in history
        if record.unit and record.kind != ALARM and record.state is MailState.SENT and not record.trial
    )
    return {record.unit: moment for record in reached if (moment := _sent_at(record, zone))}


def _sent_at(record: MailRecord, zone: ZoneInfo) -> datetime | None:
    """To the minute of its cycle where it left with that: however long a delivery takes, the registry stays as is."""
    queued, settled = (moment and local(moment, zone) for moment in (record.queued_at, record.settled_at))
    left_later = queued and settled and queued.date() != settled.date()
    return settled if left_later else queued


def _as_sent(mail: Mail, now: datetime) -> MailRecord:
    """What goes with this very cycle; where that fails, the next one knows."""
    return MailRecord(mail.key, mail.kind, mail.unit, mail.rung, mail.day, MailState.SENT, "", now, trial=mail.trial)


def not_to_be_sent(judged: Judged, plan: MailPlan, history: Sequence[MailRecord]) -> list[str]:
    """Keys of the mails that were queued before `plan` and must not go out any more, as things stand now."""
    rungs = judged.config.rungs
    reminded = {mail.unit for mail in plan.mails if mail.unit and mail.kind in {rung.template for rung in rungs}}
    return [
        *no_longer_due(judged.standings, rungs, judged.config.settings, history),
        *overtaken(reminded, rungs, history),
        *alarms_over(judged.records, judged.config.settings, history),
        *_overtaken_summaries(plan, history),
    ]


def _overtaken_summaries(plan: MailPlan, history: Sequence[MailRecord]) -> list[str]:
    """Those that had to wait for the server so long that the next one is there."""
    if all(mail.kind != SUMMARY for mail in plan.mails):
        return []
    return [record.key for record in history if record.kind == SUMMARY and record.state is MailState.QUEUED]


class Letters:
    """Makes mails of one judged workbook."""

    def __init__(self, judged: Judged, history: History, book_name: str, sender: str, link: Link = no_link) -> None:
        self._judged = judged
        self._settings = judged.config.settings
        self._history = history
        self._book_name = book_name
        self._sender = sender
        self._link = link
        self._today = judged.now.date()
        self._working_days_left = _working_days_left(self._settings, self._today)

    def reminders(self, due: Sequence[DueReminder], writer: Writer) -> list[Mail]:
        """One mail a due reminder; none for a unit whose people have no address (the summary lists those)."""
        units = {unit.code: unit for unit in self._judged.config.units}
        meant = {each.unit: recipients_of(each.rung, units[each.unit], self._settings) for each in due}
        reachable = [each for each in due if meant[each.unit].to]
        figures = reminder_figures(
            self._judged, {each.unit: self._occasion(each.unit, meant[each.unit]) for each in reachable}
        )
        return [
            self._mail(
                mail_key(self._settings.campaign_code, each.unit, each.rung.code, each.day),
                each.rung.template,
                each.rung.code,
                each.day,
                meant[each.unit],
                self._reminder(figures[each.unit], each.rung.template, writer),
                each.unit,
            )
            for each in reachable
        ]

    def _reminder(self, figures: ReminderFigures, kind: str, writer: Writer) -> Written:
        words = words_of_reminder(figures, kind, self._settings)
        return writer.reminder(replace(figures, words=words), kind)

    def summary(self, writer: Writer, sent: Sequence[MailRecord] = (), period: Period = Period.DAY) -> list[Mail]:
        """The summary, unless nobody is to get it. `sent`: every mail queued so far."""
        meant = Recipients(self._settings.summary_to, self._settings.summary_cc)
        if not meant.to:
            return []
        figures = summary_figures(self._judged, self._history, sent, period=period, real_recipients=meant.to + meant.cc)
        figures = replace(figures, words=words_of_summary(figures, self._settings))
        key = summary_key(self._settings.campaign_code, period, self._today)
        return [self._mail(key, SUMMARY, period.value, self._today, meant, writer.summary(figures))]

    def refusal(self, refusal: Refusal, writer: Writer) -> Mail:
        """What is wrong with the configuration, to the admin that the one in force names."""
        meant = Recipients((self._settings.admin_address,))
        figures = refusal_figures(refusal, self._settings, self._judged.now, self._book_name, meant.to)
        key = refusal_key(self._settings.campaign_code, refusal)
        return self._mail(key, REFUSAL, REFUSAL, self._today, meant, writer.refusal(figures))

    def alarms(self, writer: Writer) -> list[Mail]:
        """One mail for each unit that lost many rows, unless neither it nor the office has an address."""
        units = {unit.code: unit for unit in self._judged.config.units}
        meant = ((loss, alarm_recipients(units[loss.unit], self._settings)) for loss in self._judged.losses)
        return [self._alarm(loss, units[loss.unit], to, writer) for loss, to in meant if to.to]

    def _alarm(self, loss: RowLoss, unit: Unit, meant: Recipients, writer: Writer) -> Mail:
        figures = AlarmFigures(
            unit=unit.name,
            campaign=self._settings.campaign,
            issuer=self._settings.issuer,
            as_of=self._judged.now,
            before=loss.before,
            now=loss.now,
            read_at=local(loss.read_at, ZoneInfo(self._settings.time_zone)),
            place=self._place(unit.code),
            contact=self._settings.contact,
            test_recipients=None if self._settings.mail_mode_real else meant.to + meant.cc,
        )
        figures = replace(figures, words=words_of_alarm(figures, self._settings))
        key = alarm_key(self._settings.campaign_code, loss)
        return self._mail(key, ALARM, ALARM, self._today, meant, writer.alarm(figures), unit.code)

    def _occasion(self, unit: str, meant: Recipients) -> Occasion:
        done = next(standing.done for standing in self._judged.standings if standing.code == unit)
        return Occasion(
            place=self._place(unit),
            working_days_left=self._working_days_left,
            earlier=self._history.unit_before(unit, self._today),
            done_last_week=self._history.unit_done_in_week(unit, done, self._today),
            real_recipients=meant.to + meant.cc,
        )

    def _place(self, unit: str) -> TabPlace:
        table = next((table for table in self._judged.tables if table.unit == unit), None)
        if table is None:
            return TabPlace(tab="", file=self._book_name)
        cells = partial(self._link, table.tab.key)
        return TabPlace(table.tab.title, self._book_name, cells(f"A{table.table.header_row}"), cells)

    def _mail(
        self, key: str, kind: str, rung: str, day: date, meant: Recipients, written: Written, unit: str = ""
    ) -> Mail:
        goes_to: Addressed = addressed(meant, self._settings)
        return Mail(
            key=key_in_mode(key, self._settings),
            kind=kind,
            unit=unit,
            rung=rung,
            day=day,
            to=goes_to.to,
            cc=goes_to.cc,
            sender=self._sender or self._settings.mail_from,
            reply_to=self._settings.reply_to,
            subject=written.subject,
            text=written.text,
            html=written.html,
            attachments=written.attachments,
            trial=not self._settings.mail_mode_real,
        )


def _working_days_left(settings: Settings, today: date) -> int:
    """Working days up to and including the deadline, today included; 0 once it has passed."""
    return calendar_of(settings).working_days_between(today, settings.deadline + timedelta(days=1))
