"""Rows that vanish: when that is much, who is told, and when it is over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from automation.core.config.mail_kinds import ALARM
from automation.core.judging.row_loss import RowLoss, row_losses
from automation.core.mail.alarms import alarm_key, alarm_recipients, alarms_over
from automation.core.mail.recipients import Recipients
from automation.core.model.mail import MailRecord, MailState
from automation.core.model.units import Standing, Unit, UnitRecord
from tests.core.mail.ladder_examples import SETTINGS

READ_AT = datetime(2023, 4, 20, 8)


def standing(rows: int, known: bool = True) -> Standing:
    return Standing("BV01", "Bệnh viện Một", rows=rows, known=known)


def record(rows: int, peak: int | None = None) -> UnitRecord:
    return UnitRecord("BV01", "", READ_AT, READ_AT, rows if peak is None else peak, standing(rows))


@pytest.mark.parametrize(
    ("before", "now", "share", "much"),
    [
        (100, 79, 20.0, True),
        (100, 80, 20.0, False),  # more than the share, not the share itself
        (100, 0, 20.0, True),
        (100, 130, 20.0, False),
        (0, 0, 20.0, False),
        (3, 2, 20.0, True),
        (1000, 994, 0.5, True),
        (100, 0, 100.0, False),  # nobody loses more than everything: the alarm is off
    ],
)
def test_what_counts_as_much(before: int, now: int, share: float, much: bool) -> None:
    settings = replace(SETTINGS, alarm_share=share)
    found = row_losses([standing(now)], {"BV01": record(before)}, settings)
    assert found == ((RowLoss("BV01", before, now, READ_AT),) if much else ())


def test_a_unit_that_cannot_be_read_or_is_new_has_lost_nothing() -> None:
    assert row_losses([standing(0, known=False)], {"BV01": record(100)}, SETTINGS) == ()
    assert row_losses([standing(0)], {}, SETTINGS) == ()


@pytest.mark.parametrize(
    ("focal", "office", "meant"),
    [
        ("a@example.org", ("hr@example.org",), Recipients(("a@example.org",), ("hr@example.org",))),
        ("", ("hr@example.org",), Recipients(("hr@example.org",))),
        ("không có", ("hr@example.org",), Recipients(("hr@example.org",))),
        ("hr@example.org", ("hr@example.org",), Recipients(("hr@example.org",))),
        ("", (), Recipients(())),
    ],
)
def test_who_is_told(focal: str, office: tuple[str, ...], meant: Recipients) -> None:
    unit = Unit("BV01", "Bệnh viện Một", focal_email=focal)
    assert alarm_recipients(unit, replace(SETTINGS, summary_to=office)) == meant


def test_each_event_has_a_key_of_its_own() -> None:
    loss = RowLoss("BV01", 100, 10, READ_AT)
    later = replace(loss, read_at=READ_AT + timedelta(minutes=15))
    assert alarm_key("c", loss) == alarm_key("c", replace(loss, now=5)) != alarm_key("c", later)


@pytest.mark.parametrize(
    ("rows", "peak", "state", "over"),
    [
        (100, 100, MailState.QUEUED, True),  # the rows are back
        (81, 100, MailState.QUEUED, True),
        (10, 100, MailState.QUEUED, False),
        (10, 10, MailState.QUEUED, True),  # the headcount was declared anew
        (100, 100, MailState.SENT, False),
    ],
)
def test_an_alarm_that_waits_is_over_when_the_rows_are_back(rows: int, peak: int, state: MailState, over: bool) -> None:
    waiting = MailRecord("k", ALARM, "BV01", ALARM, READ_AT.date(), state, "<m@x>", READ_AT)
    reminder = replace(waiting, key="r", kind="nhac-viec")
    assert alarms_over([record(rows, peak)], SETTINGS, [waiting, reminder]) == (["k"] if over else [])
