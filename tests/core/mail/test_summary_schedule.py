"""When which summary goes. April 2023: the 10th, 17th and 24th are Mondays; 29/04 to 03/05 are days off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from automation.core.config.mail_kinds import SUMMARY
from automation.core.config.values import Settings, SummaryRhythm
from automation.core.figures.period import LastSummary, Period, told_last
from automation.core.mail.summary_schedule import due_summary, next_summary_at, summary_key
from automation.core.model.mail import MailRecord, MailState
from tests.core.mail.ladder_examples import SETTINGS

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BOTH = replace(SETTINGS, summary_rhythm=SummaryRhythm.BOTH)
WEEKLY = replace(SETTINGS, summary_rhythm=SummaryRhythm.WEEKLY)
FIRST_CYCLE = datetime(2023, 4, 3, 8, 0, tzinfo=ZONE)


def at(moment: str) -> datetime:
    return datetime.fromisoformat(f"2023-{moment}").replace(tzinfo=ZONE)


def record(day: str, period: Period = Period.DAY, hour: str = "08:00", state: MailState = MailState.SENT) -> MailRecord:
    on = date.fromisoformat(f"2023-{day}")
    key = summary_key(SETTINGS.campaign_code, period, on)
    return MailRecord(key, SUMMARY, "", period.value, on, state, "<id>", at(f"{day}T{hour}"))


@pytest.mark.parametrize(
    ("settings", "now", "sent", "due"),
    [
        (SETTINGS, "04-20T08:00", [], Period.DAY),
        (SETTINGS, "04-20T07:59", [], None),
        (SETTINGS, "04-20T16:29", [], Period.DAY),
        (SETTINGS, "04-20T16:30", [], None),  # mail hours are over
        (SETTINGS, "04-22T09:00", [], None),  # Saturday
        (SETTINGS, "05-01T09:00", [], None),  # a Monday off
        (SETTINGS, "04-20T09:00", [record("04-20")], None),
        (SETTINGS, "04-20T09:00", [record("04-19")], Period.DAY),
        (SETTINGS, "04-17T09:00", [], Period.DAY),
        (WEEKLY, "04-17T09:00", [record("04-10", Period.WEEK)], Period.WEEK),
        (WEEKLY, "04-17T09:00", [record("04-17", Period.WEEK)], None),
        (WEEKLY, "04-18T09:00", [record("04-17", Period.WEEK)], None),
        (WEEKLY, "04-18T09:00", [record("04-10", Period.WEEK)], Period.WEEK),  # missed on Monday
        (WEEKLY, "05-04T09:00", [record("04-24", Period.WEEK)], Period.WEEK),  # Monday 01/05 is off
        (replace(WEEKLY, summary_weekday=4), "04-20T09:00", [record("04-14", Period.WEEK)], None),
        (replace(WEEKLY, summary_weekday=4), "04-21T09:00", [record("04-14", Period.WEEK)], Period.WEEK),
        (replace(WEEKLY, summary_weekday=6), "04-17T09:00", [record("04-10", Period.WEEK)], Period.WEEK),
        (
            WEEKLY,
            "04-18T09:00",
            [record("04-17", Period.WEEK, state=MailState.WITHDRAWN)],
            Period.WEEK,
        ),  # nobody got it
        (WEEKLY, "04-18T09:00", [record("04-17", Period.WEEK, state=MailState.FAILED)], None),  # told as refused
        (BOTH, "04-17T09:00", [record("04-14")], Period.WEEK),
        (BOTH, "04-17T10:00", [record("04-17", Period.WEEK)], None),  # takes the place of the daily one
        (BOTH, "04-18T09:00", [record("04-17", Period.WEEK)], Period.DAY),
        (BOTH, "04-17T10:00", [record("04-17", Period.DAY)], None),  # one a day
        (replace(SETTINGS, summary_rhythm=SummaryRhythm.NEVER), "04-17T09:00", [], None),
    ],
)
def test_which_summary_is_due(settings: Settings, now: str, sent: Sequence[MailRecord], due: Period | None) -> None:
    assert due_summary(settings, sent, FIRST_CYCLE, at(now)) is due


@pytest.mark.parametrize(
    ("first_cycle", "due"),
    [("04-18T08:00", None), ("04-17T15:00", Period.WEEK), (None, None)],
    ids=["began after it", "began that day", "begins now"],
)
def test_a_week_that_ended_before_anything_ran_was_not_missed(first_cycle: str | None, due: Period | None) -> None:
    began = at(first_cycle) if first_cycle else None
    assert due_summary(WEEKLY, [], began, at("04-19T09:00")) is due


def test_a_campaign_that_begins_on_the_weekday_begins_with_a_weekly_summary() -> None:
    assert due_summary(WEEKLY, [], None, at("04-17T09:00")) is Period.WEEK


def by_hand(day: str) -> MailRecord:
    return replace(record(day), rung="thu-cong")


def told(on: str, as_of: str) -> LastSummary:
    return LastSummary(date.fromisoformat(f"2023-{on}"), date.fromisoformat(f"2023-{as_of}"))


@pytest.mark.parametrize(
    ("period", "sent", "now", "expected"),
    [
        # Wednesday's summary of eight o'clock told where Tuesday had ended
        (Period.DAY, [record("04-18"), record("04-19")], "04-20T08:00", told("04-19", "04-18")),
        (Period.DAY, [record("04-19", hour="15:00")], "04-20T08:00", told("04-19", "04-19")),
        # after a weekend: Friday's told where Thursday had ended
        (Period.DAY, [record("04-14")], "04-17T08:00", told("04-14", "04-13")),
        # the weekly one told what a daily one would have
        (Period.DAY, [record("04-14"), record("04-17", Period.WEEK)], "04-18T08:00", told("04-17", "04-16")),
        (Period.WEEK, [record("04-10", Period.WEEK), record("04-14")], "04-17T08:00", told("04-10", "04-09")),
        # the first weekly one looks back to the oldest daily one of the week
        (Period.WEEK, [record("04-07"), record("04-11"), record("04-14")], "04-17T08:00", told("04-11", "04-10")),
        (Period.WEEK, [record("03-30"), record("04-04")], "04-17T08:00", told("04-04", "04-03")),
        # a person had it sent: the readers got that one too
        (Period.DAY, [record("04-17"), by_hand("04-18")], "04-20T08:00", told("04-18", "04-17")),
        # what did not arrive, or was taken back, nobody has read
        (
            Period.DAY,
            [record("04-17"), *(record("04-19", state=state) for state in MailState if state is not MailState.SENT)],
            "04-20T08:00",
            told("04-17", "04-16"),
        ),
        # none before: there is nothing to compare with
        (Period.DAY, [], "04-20T08:00", None),
        (Period.WEEK, [], "04-17T08:00", None),
        (Period.DAY, [record("04-20")], "04-20T09:00", None),  # today's own
    ],
)
def test_what_a_summary_is_compared_with(
    period: Period, sent: Sequence[MailRecord], now: str, expected: LastSummary | None
) -> None:
    assert told_last(period, sent, SETTINGS, at(now)) == expected


@pytest.mark.parametrize(
    ("settings", "now", "then"),
    [
        (SETTINGS, "04-20T07:59", "04-20T08:00"),
        (SETTINGS, "04-20T08:00", "04-21T08:00"),
        (SETTINGS, "04-21T09:00", "04-24T08:00"),  # over a weekend
        (SETTINGS, "04-28T09:00", "05-04T08:00"),  # over a closure
        (WEEKLY, "04-18T09:00", "04-24T08:00"),
        (WEEKLY, "04-28T09:00", "05-04T08:00"),  # Monday 01/05 is off
        (replace(SETTINGS, summary_rhythm=SummaryRhythm.NEVER), "04-17T09:00", None),
    ],
)
def test_when_the_next_summary_goes(settings: Settings, now: str, then: str | None) -> None:
    assert next_summary_at(settings, at(now)) == (at(then) if then else None)
