"""What a summary looks back on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import Enum
from typing import NamedTuple

from msgspec.structs import replace

from automation.core.config.mail_kinds import SUMMARY
from automation.core.config.values import Settings
from automation.core.figures.forecast import office_time
from automation.core.model.mail import MailRecord, MailState, Told
from automation.core.text.moments import local

_WEEK = timedelta(days=7)


class Period(Enum):
    """What a summary looks back on. The values are the rungs under which summaries are queued."""

    DAY = SUMMARY
    WEEK = "tong-hop-tuan"


class LastSummary(NamedTuple):
    """A summary that its readers got."""

    on: date
    """The day it is of."""
    as_of: date
    """The day at the end of which stood what it said, as far as that is known: one of the morning tells where the day
    before ended."""
    told: Told | None = None
    """What it said; None where that was not kept, so that `as_of` has to do."""


def told_last(period: Period, sent: Iterable[MailRecord], settings: Settings, now: datetime) -> LastSummary | None:
    """The summary that readers got last, which this one is compared with; None where they got none before today.

    A weekly one looks back to the weekly one before; the first of them to the oldest that they got within a week.
    """
    zone = settings.zone
    today = local(now, zone).date()
    got = [each for each in sent if each.day < today and each.kind == SUMMARY and each.state is MailState.SENT]
    if not got:
        return None
    got.sort(key=lambda each: each.day)
    chosen = _for_the_week(got, today) if period is Period.WEEK else got[-1]
    if chosen.told:
        told = replace(chosen.told, at=local(chosen.told.at, zone))
        return LastSummary(chosen.day, told.at.date(), told)
    made_at = local(chosen.queued_at, zone) if chosen.queued_at else None
    return LastSummary(chosen.day, _stood_at(made_at, chosen.day, settings))


def _for_the_week(got: list[MailRecord], today: date) -> MailRecord:
    weekly = [each for each in got if each.rung == Period.WEEK.value]
    lately = [each for each in got if each.day >= today - _WEEK]
    return weekly[-1] if weekly else (lately or got[-1:])[0]


def _stood_at(made_at: datetime | None, day: date, settings: Settings) -> date:
    morning = made_at is None or made_at.date() != day or office_time(settings, made_at).passed < 0.5
    return day - timedelta(days=1) if morning else day


def is_weekly_summary(record: MailRecord) -> bool:
    """Whether a mail is a weekly summary that was not taken back."""
    return record.kind == SUMMARY and record.rung == Period.WEEK.value and record.state is not MailState.WITHDRAWN
