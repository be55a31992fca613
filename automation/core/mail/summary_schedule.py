"""Which summary falls due when, and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from automation.core.config.values import Settings
from automation.core.config.working_days import calendar_of
from automation.core.figures.forecast import office_time
from automation.core.mail.reminders import WITHDRAWN, key_in_mode, local, mail_key
from automation.core.model.workbook import MailRecord

SUMMARY = "tong-hop"
"""Kind of the summary to the personnel office."""


class Period(Enum):
    """What a summary looks back on. The values are the rungs under which summaries are queued."""

    DAY = "tong-hop"
    WEEK = "tong-hop-tuan"


def summary_key(campaign_code: str, period: Period, day: date) -> str:
    """The key under which the summary of that day is queued once."""
    return mail_key(campaign_code, "", period.value, day)


def due_summary(
    settings: Settings, sent: Sequence[MailRecord], first_cycle_at: datetime | None, now: datetime
) -> Period | None:
    """The summary to send at `now`; None where there is none, or it was queued before.

    At most one on a working day, from the time that `Cấu hình` says until mail hours end; a weekly one takes the
    place of that day's daily one. A weekly one that was missed is caught up once, unless its day lay before the
    first cycle; a daily one that was missed is out of date.
    """
    here = local(now, ZoneInfo(settings.time_zone))
    today = here.date()
    if not calendar_of(settings).is_working_day(today):
        return None
    if not settings.summary_time <= here.time() < settings.mail_hours[1]:
        return None
    keys = {key_in_mode(summary_key(settings.campaign_code, period, today), settings) for period in Period}
    if any(record.key in keys for record in sent):
        return None
    if _is_weekly_due(settings, sent, first_cycle_at, today):
        return Period.WEEK
    return Period.DAY if settings.summary_rhythm.is_daily else None


def _is_weekly_due(
    settings: Settings, sent: Iterable[MailRecord], first_cycle_at: datetime | None, today: date
) -> bool:
    if not settings.summary_rhythm.is_weekly:
        return False
    day = _latest_weekly_day(settings, today)
    first = local(first_cycle_at, ZoneInfo(settings.time_zone)).date() if first_cycle_at else today
    return first <= day and not any(_is_summary(record, Period.WEEK) and record.day >= day for record in sent)


def _latest_weekly_day(settings: Settings, today: date) -> date:
    """The last day on which a weekly summary was to go: where its weekday is a day off, the working day after."""
    calendar = calendar_of(settings)
    day = today - timedelta(days=(today.weekday() - settings.summary_weekday) % 7)
    while (worked := calendar.working_day_from(day)) > today:
        day -= timedelta(days=7)
    return worked


def compared_with(period: Period, sent: Iterable[MailRecord], settings: Settings, now: datetime) -> date:
    """The day at the end of which stood what the summary before this one said.

    A summary of the morning tells where the day before ended, one of the afternoon where its own day does. With
    none before: the one that would have been sent a working day or a week ago.
    """
    zone = ZoneInfo(settings.time_zone)
    today = local(now, zone).date()
    earlier = [each for each in sent if each.day < today and _is_summary(each, period)]
    if earlier:
        last = max(earlier, key=lambda each: each.day)
        return _figures_of(local(last.queued_at, zone) if last.queued_at else None, last.day, settings)
    nominal = today - timedelta(days=7) if period is Period.WEEK else calendar_of(settings).working_day_before(today)
    return _figures_of(datetime.combine(nominal, settings.summary_time, zone), nominal, settings)


def _figures_of(queued_at: datetime | None, day: date, settings: Settings) -> date:
    morning = queued_at is None or queued_at.date() != day or office_time(settings, queued_at).passed < 0.5
    return day - timedelta(days=1) if morning else day


def _is_summary(record: MailRecord, period: Period) -> bool:
    """A weekly summary also tells what a daily one would."""
    if record.kind != SUMMARY or record.state == WITHDRAWN:
        return False
    return record.rung == period.value or (period is Period.DAY and record.rung == Period.WEEK.value)
