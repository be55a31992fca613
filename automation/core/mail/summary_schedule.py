"""Which summary falls due when, and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from automation.core.config.values import Settings
from automation.core.config.working_days import calendar_of
from automation.core.figures.period import Period, is_weekly_summary
from automation.core.mail.reminders import key_in_mode, mail_key
from automation.core.model.mail import MailRecord
from automation.core.text.moments import local

_LOOKED_AHEAD = 40
"""Days in which the next summary falls, a long closure included."""


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
    here = local(now, settings.zone)
    today = here.date()
    if not is_summary_time(settings, here):
        return None
    keys = {key_in_mode(summary_key(settings.campaign_code, period, today), settings).casefold() for period in Period}
    if any(record.key.casefold() in keys for record in sent):
        return None
    if _is_weekly_due(settings, sent, first_cycle_at, today):
        return Period.WEEK
    return Period.DAY if settings.summary_rhythm.is_daily else None


def is_summary_time(settings: Settings, here: datetime) -> bool:
    """Whether a summary may go at that moment of the campaign's zone: in the mail hours of a working day, from the time
    that `Cấu hình` says.
    """
    in_hours = settings.summary_time <= here.time() < settings.mail_hours[1]
    return in_hours and calendar_of(settings).is_working_day(here.date())


def next_summary_at(settings: Settings, now: datetime) -> datetime | None:
    """The next moment after `now` at which a summary falls due; None where none is sent."""
    zone = settings.zone
    today = local(now, zone).date()
    moments = (datetime.combine(today + timedelta(days=n), settings.summary_time, zone) for n in range(_LOOKED_AHEAD))
    return next((each for each in moments if each > now and _is_summary_day(settings, each.date())), None)


def _is_summary_day(settings: Settings, day: date) -> bool:
    if not calendar_of(settings).is_working_day(day):
        return False
    rhythm = settings.summary_rhythm
    return rhythm.is_daily or (rhythm.is_weekly and _latest_weekly_day(settings, day) == day)


def _is_weekly_due(
    settings: Settings, sent: Iterable[MailRecord], first_cycle_at: datetime | None, today: date
) -> bool:
    if not settings.summary_rhythm.is_weekly:
        return False
    day = _latest_weekly_day(settings, today)
    first = local(first_cycle_at, settings.zone).date() if first_cycle_at else today
    return first <= day and not any(is_weekly_summary(record) and record.day >= day for record in sent)


def _latest_weekly_day(settings: Settings, today: date) -> date:
    """The last day on which a weekly summary was to go: where its weekday is a day off, the working day after."""
    calendar = calendar_of(settings)
    day = today - timedelta(days=(today.weekday() - settings.summary_weekday) % 7)
    while (worked := calendar.working_day_from(day)) > today:
        day -= timedelta(days=7)
    return worked
