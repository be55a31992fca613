"""What a summary looks back on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from automation.core.config.mail_kinds import SUMMARY
from automation.core.config.values import Settings
from automation.core.config.working_days import calendar_of
from automation.core.figures.forecast import office_time
from automation.core.model.mail import MailRecord, MailState
from automation.core.text.moments import local


class Period(Enum):
    """What a summary looks back on. The values are the rungs under which summaries are queued."""

    DAY = SUMMARY
    WEEK = "tong-hop-tuan"


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
    if record.kind != SUMMARY or record.state is MailState.WITHDRAWN:
        return False
    return record.rung == period.value or (period is Period.DAY and record.rung == Period.WEEK.value)
