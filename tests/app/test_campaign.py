"""Who gets what when, in a whole campaign. To write the kept table anew:

TCCB_WRITE_GOLDEN=1 python -m pytest -n 0 -m slow tests/app/test_campaign.py
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from datetime import date, datetime, time

import pytest

from automation.core.model.mail import MailRecord, MailState
from tests.adapters.mail.test_transport import free_port
from tests.campaign import FIRST_DAY, GOLDEN_CAMPAIGN, SERVER_IS_DOWN, World, april, as_markdown, golden_table

pytestmark = pytest.mark.slow

HOLIDAYS = {date(2023, 4, 29), date(2023, 4, 30), date(2023, 5, 1), date(2023, 5, 2), date(2023, 5, 3)}
"""As announced that year."""
LAST_MORNING = date(2023, 4, 28)
ALARM = "mat-dong"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    played = World(tmp_path_factory.mktemp("campaign"), free_port())
    played.play()
    return played


@pytest.fixture(scope="module")
def records(world: World) -> dict[str, MailRecord]:
    return {record.message_id: record for record in world.store.mail_history()}


def days_of(world: World, records: dict[str, MailRecord], rungs: set[str]) -> dict[str, list[date]]:
    """unit -> the days on which a mail of one of the rungs arrived"""
    days: dict[str, list[date]] = defaultdict(list)
    for each in world.office.arrivals:
        record = records[each.message_id]
        if record.unit and record.rung in rungs:
            days[record.unit].append(each.moment.date())
    return days


def test_the_table_of_who_got_what_when(world: World) -> None:
    found = golden_table(world.office.arrivals, world.store.mail_history())
    if os.environ.get("TCCB_WRITE_GOLDEN"):
        GOLDEN_CAMPAIGN.write_text(found, "utf-8")
    assert found == GOLDEN_CAMPAIGN.read_text("utf-8")


def test_every_planned_mail_arrives_once(world: World, records: dict[str, MailRecord]) -> None:
    arrived = Counter(each.message_id for each in world.office.arrivals)
    assert set(arrived.values()) == {1}
    assert set(arrived) == {message_id for message_id, record in records.items() if record.state is MailState.SENT}
    assert {record.state for record in records.values()} <= {MailState.SENT, MailState.FAILED, MailState.WITHDRAWN}
    assert all(each.recipients == each.addresses("To") + each.addresses("Cc") for each in world.office.arrivals)
    assert all(not each.message.defects for each in world.office.arrivals)


def test_mails_go_on_working_days_in_mail_hours(world: World, records: dict[str, MailRecord]) -> None:
    """But for alarms, which go at once."""
    for each in world.office.arrivals:
        if records[each.message_id].rung == ALARM:
            continue
        assert each.moment.weekday() < 5
        assert each.moment.date() not in HOLIDAYS
        assert time(8) <= each.moment.time() < time(16, 30)


def test_no_mailbox_gets_two_mails_a_day(world: World, records: dict[str, MailRecord]) -> None:
    """An alarm about rows that vanished waits for nothing."""
    mails = [each for each in world.office.arrivals if records[each.message_id].rung != ALARM]
    received = Counter((box, each.moment.date()) for each in mails for box in each.recipients)
    assert [place for place, number in received.items() if number > 1] == []


def test_an_alarm_is_the_last_mail_of_its_day(world: World, records: dict[str, MailRecord]) -> None:
    sent = [(records[each.message_id], each.moment) for each in world.office.arrivals]
    alarms = [(record.unit, moment) for record, moment in sent if record.rung == ALARM]
    assert len(alarms) >= 3
    for unit, alarmed in alarms:
        on_the_day = [moment for record, moment in sent if record.unit == unit and moment.date() == alarmed.date()]
        assert max(on_the_day) == alarmed


def test_a_unit_at_its_target_on_the_day_of_a_rung_never_gets_it(world: World, records: dict[str, MailRecord]) -> None:
    finished = world.finished[datetime(2023, 4, 20, 8)]
    assert finished >= {unit.code for unit in world.units if unit.code.startswith("tut")}  # below it again on the 24th
    assert set(days_of(world, records, {"truoc-7"})) & finished == set()


def test_a_finished_unit_gets_thanks_once_and_nothing_else(world: World, records: dict[str, MailRecord]) -> None:
    thanked = Counter[str]()
    for each in world.office.arrivals:
        record = records[each.message_id]
        if record.unit and record.rung != ALARM:
            assert (record.unit in world.finished[each.moment]) == (record.rung == "cam-on")
            thanked[record.unit] += record.rung == "cam-on"
    assert max(thanked.values()) == 1
    at_the_end = world.finished[max(world.finished)]
    reachable = {unit.code for unit in world.units if not unit.exempt and any(unit.mailboxes)}
    assert {unit for unit, number in thanked.items() if number} >= {
        code for code in at_the_end & reachable if not code.startswith("tu-choi")
    }


def test_the_last_step_before_the_deadline_goes_on_the_last_working_morning(
    world: World, records: dict[str, MailRecord]
) -> None:
    days = days_of(world, records, {"truoc-1"})
    assert {day for each in days.values() for day in each} == {LAST_MORNING}
    open_then = {
        unit.code
        for unit in world.units
        if unit.code not in world.finished[datetime(2023, 4, 28, 8)] and not unit.exempt and any(unit.mailboxes)
    }
    assert set(days) == open_then


def test_a_unit_that_cannot_be_read_gets_nothing(world: World, records: dict[str, MailRecord]) -> None:
    lost = {unit.code for unit in world.units if unit.code.startswith("mat-trang")}
    mailed = [each.moment for each in world.office.arrivals if records[each.message_id].unit in lost]
    assert [moment for moment in mailed if april(17) <= moment < april(25)] == []
    assert any(moment >= april(25) for moment in mailed)
    assert any(moment < april(17) for moment in mailed)


def test_units_that_nobody_can_reach_or_count_get_nothing(world: World, records: dict[str, MailRecord]) -> None:
    silent = {unit.code for unit in world.units if unit.exempt or not any(unit.mailboxes)}
    assert len(silent) == 5
    assert {record.unit for record in records.values()} & silent == set()


def test_a_mailbox_that_refuses_is_told_of_and_tried_again_with_the_next_mail(
    world: World, records: dict[str, MailRecord]
) -> None:
    for unit in (unit for unit in world.units if unit.refuses):
        failed = [
            record for record in records.values() if record.unit == unit.code and record.state is MailState.FAILED
        ]
        assert failed
        assert {record.error for record in failed} == {"Máy chủ thư từ chối (mã 550)."}
        assert all(
            april(17, 0) <= record.queued_at.replace(tzinfo=None) < april(24, 0)
            for record in failed
            if record.queued_at
        )
        assert any(unit.mailboxes[0] in each.recipients and each.moment > april(24) for each in world.office.arrivals)


def test_what_fell_due_while_the_server_was_down_arrives_once_it_is_back(
    world: World, records: dict[str, MailRecord]
) -> None:
    down, up = SERVER_IS_DOWN
    assert [each.moment for each in world.office.arrivals if down <= each.moment < up] == []
    days = days_of(world, records, {"truoc-3", "truoc-3-thap"})
    assert {day for each in days.values() for day in each} == {up.date()}


def test_after_the_deadline_there_are_at_most_six_with_the_head_in_copy(
    world: World, records: dict[str, MailRecord]
) -> None:
    days = days_of(world, records, {"qua-han"})
    assert days
    assert max(map(len, days.values())) <= 6
    assert min(day for each in days.values() for day in each) == date(2023, 5, 4)
    for each in world.office.arrivals:
        record = records[each.message_id]
        if record.rung == "qua-han":
            assert each.addresses("Cc") == (f"head.{record.unit}@example.org",)


def test_all_mails_to_a_unit_form_one_thread(world: World, records: dict[str, MailRecord]) -> None:
    first: dict[str, str] = {}
    for record in records.values():
        first.setdefault(record.unit, record.message_id)
    for each in world.office.arrivals:
        unit = records[each.message_id].unit
        begins = not unit or each.message_id == first[unit]
        assert each.message["References"] == (None if begins else first[unit])


def test_the_office_gets_one_summary_each_working_day(world: World, records: dict[str, MailRecord]) -> None:
    summaries = [each for each in world.office.arrivals if records[each.message_id].kind == "tong-hop"]
    days = [each.moment.date() for each in summaries]
    assert len(days) == len(set(days))
    assert FIRST_DAY in days


def test_the_table_makes_a_page() -> None:
    lines = as_markdown(GOLDEN_CAMPAIGN.read_text("utf-8")).splitlines()
    assert len(lines) == 82
    assert {line.count("|") for line in lines} == {37}
