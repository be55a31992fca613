"""Which mails a judged workbook calls for: the reminders that are due, and the summary of the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from automation.core.calendar import calendar_of
from automation.core.config import Rung, Settings
from automation.core.history import History
from automation.core.judging import Judged
from automation.core.model import Mail, MailRecord
from automation.core.recipients import Addressed, Recipients, addressed, recipients_of
from automation.core.reminder_figures import Occasion, ReminderFigures, TabPlace, reminder_figures
from automation.core.reminders import DueReminder, due_reminders, local, mail_key
from automation.core.summary import SummaryFigures, summary_figures

SUMMARY = "tong-hop"
"""Kind and rung of the summary to the personnel office."""


class Written(Protocol):
    """The words of a mail."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...


class Writer(Protocol):
    """Turns figures into words."""

    def reminder(self, figures: ReminderFigures, kind: str) -> Written: ...
    def summary(self, figures: SummaryFigures) -> Written: ...


@dataclass(frozen=True)
class MailPlan:
    """The mails to queue now, and when each unit was last sent one, these included."""

    mails: tuple[Mail, ...]
    reminded_at: Mapping[str, datetime]


def plan_mails(
    judged: Judged,
    history: History,
    sent: Sequence[MailRecord],
    first_cycle_at: datetime | None,
    book_name: str,
    sender: str,
    writer: Writer,
) -> MailPlan:
    """The mails that `judged` calls for at `judged.now` and that were not queued before.

    `book_name`: how a mail names the workbook; `sender`: the address mails come from.
    """
    settings = judged.config.settings
    due = due_reminders(judged.standings, judged.config.rungs, settings, sent, first_cycle_at, judged.now)
    letters = _Letters(judged, history, book_name, sender)
    mails = letters.reminders(due, writer)
    if _summary_is_due(settings, sent, judged.now):
        mails += letters.summary(writer)
    last = {record.unit: record.queued_at for record in sent if record.unit and record.queued_at}
    return MailPlan(tuple(mails), {**last, **{mail.unit: judged.now for mail in mails if mail.unit}})


def _summary_is_due(settings: Settings, sent: Sequence[MailRecord], now: datetime) -> bool:
    """Once each working day, from the time that `Cấu hình` says, as long as mails may go out."""
    here = local(now, ZoneInfo(settings.time_zone))
    if not calendar_of(settings).is_working_day(here.date()):
        return False
    if not settings.summary_time <= here.time() < settings.mail_hours[1]:
        return False
    key = mail_key(settings.campaign_code, "", SUMMARY, here.date())
    return all(record.key != key for record in sent)


class _Letters:
    """Makes mails of one judged workbook."""

    def __init__(self, judged: Judged, history: History, book_name: str, sender: str) -> None:
        self._judged = judged
        self._settings = judged.config.settings
        self._history = history
        self._book_name = book_name
        self._sender = sender
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
                each.rung,
                each.unit,
                each.day,
                meant[each.unit],
                writer.reminder(figures[each.unit], each.rung.template),
            )
            for each in reachable
        ]

    def summary(self, writer: Writer) -> list[Mail]:
        """The summary, unless nobody is to get it."""
        meant = Recipients(self._settings.summary_to, self._settings.summary_cc)
        if not meant.to:
            return []
        figures = summary_figures(
            self._judged,
            working_days_left=self._working_days_left,
            earlier=self._history.all_before(self._today),
            done_last_week=self._history.all_done_in_week(self._judged.total.done, self._today),
            real_recipients=meant.to + meant.cc,
        )
        return [self._mail(None, "", self._today, meant, writer.summary(figures))]

    def _occasion(self, unit: str, meant: Recipients) -> Occasion:
        titles = {table.unit: table.tab.title for table in self._judged.tables}
        done = next(standing.done for standing in self._judged.standings if standing.code == unit)
        return Occasion(
            place=TabPlace(tab=titles.get(unit, ""), file=self._book_name),
            working_days_left=self._working_days_left,
            earlier=self._history.unit_before(unit, self._today),
            done_last_week=self._history.unit_done_in_week(unit, done, self._today),
            real_recipients=meant.to + meant.cc,
        )

    def _mail(self, rung: Rung | None, unit: str, day: date, meant: Recipients, written: Written) -> Mail:
        goes_to: Addressed = addressed(meant, self._settings)
        code = rung.code if rung else SUMMARY
        return Mail(
            key=mail_key(self._settings.campaign_code, unit, code, day),
            kind=rung.template if rung else SUMMARY,
            unit=unit,
            rung=code,
            day=day,
            to=goes_to.to,
            cc=goes_to.cc,
            sender=self._sender or self._settings.mail_from,
            reply_to=self._settings.reply_to,
            subject=written.subject,
            text=written.text,
            html=written.html,
        )


def _working_days_left(settings: Settings, today: date) -> int:
    """Working days up to and including the deadline, today included; 0 once it has passed."""
    return calendar_of(settings).working_days_between(today, settings.deadline + timedelta(days=1))
