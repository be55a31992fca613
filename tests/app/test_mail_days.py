"""Mails over days: nothing decided is left unsaid, and what waited says what is true when it goes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from automation.base.errors import MailServerUnavailable, OutcomeUnknown, RefusedMailError
from automation.core.config import tabs
from automation.core.config.mail_kinds import ALARM
from automation.core.model.mail import MailState
from automation.core.model.workbook import Row
from tests.app.department import Arrived, Department, days
from tests.examples import cross_section

BEFORE = range(1, 20)
EVERY_DAY: list[Row] = [
    tabs.HEADERS[tabs.LADDER],
    *([f"r{n}", "Bật", f"{n} ngày làm việc trước hạn", "Tỷ lệ < chỉ tiêu", "đầu mối", "nhac-viec"] for n in BEFORE),
]
"""A rung on every working day."""
TET = date(2023, 1, 20)
"""The first day of a closure: 20 to 26/01/2023, with the weekends from Friday 20 to Sunday 29 where two are added."""


def april(day: int, hour: int = 8, minute: int = 0) -> datetime:
    return datetime(2023, 4, day, hour, minute)


def down(_mail: object) -> Exception:
    return MailServerUnavailable("")


def up(_mail: object) -> None:
    return None


def told(arrived: list[Arrived]) -> list[tuple[str, str]]:
    return [each.told for each in arrived]


def to_units(arrived: list[Arrived]) -> list[tuple[str, str]]:
    return [each.told for each in arrived if each.mail.unit]


# --- nothing decided is left unsaid -----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at_once", "arrives"), [("Có", datetime(2023, 1, 19, 18)), ("Không", datetime(2023, 1, 30, 8))]
)
def test_an_alarm_before_a_closure_of_nine_days_arrives(tmp_path: Path, at_once: str, arrives: datetime) -> None:
    """Decided on Thursday evening, the last working day before Tết: the office opens again on Monday week."""
    closed = {"Báo mất dòng ngay": at_once, "Ngày nghỉ thêm": "20/01/2023 | 27/01/2023"}
    office = Department(tmp_path, 2, **closed)
    office.set("Hạn hoàn thành", "30/04/2023")
    office.day(date(2023, 1, 19), [time(15)])
    office.enter("d000", done=0, people=1)
    came = office.day(date(2023, 1, 19), [time(18)])
    came += [each for day in days(date(2023, 1, 20), date(2023, 1, 31)) for each in office.day(day, [time(8)])]
    alarms = [each for each in came if each.mail.kind == "mat-dong"]
    assert [(each.mail.unit, each.at) for each in alarms] == [("d000", arrives)]
    assert alarms[0].mail.to == ("d000@example.org",)


@pytest.mark.slow
def test_a_config_problem_before_a_closure_of_nine_days_arrives(tmp_path: Path) -> None:
    office = Department(tmp_path, 1, **{"Ngày nghỉ thêm": "20/01/2023 | 27/01/2023"})
    office.day(date(2023, 1, 19), [time(15)])
    office.set("Chỉ tiêu (%)", "nhiều")
    came = office.day(date(2023, 1, 19), [time(18)])
    came += [each for day in days(date(2023, 1, 20), date(2023, 1, 31)) for each in office.day(day, [time(9)])]
    refused = [each for each in came if each.mail.kind == "cau-hinh"]
    assert [each.at for each in refused] == [datetime(2023, 1, 30, 9)]


@pytest.mark.slow
def test_a_ladder_over_a_closure_of_nine_days(tmp_path: Path) -> None:
    """A rung a working day: none while the office is closed, and none made up for when it opens."""
    office = Department(tmp_path, 1, EVERY_DAY, **{"Ngày nghỉ thêm": "20/01/2023 | 27/01/2023"})
    office.set("Hạn hoàn thành", "03/02/2023")
    office.day(date(2023, 1, 17), [time(17)])
    came = [each for day in days(date(2023, 1, 18), date(2023, 2, 3)) for each in office.day(day, [time(8), time(15)])]
    assert [(each.at.date(), each.mail.rung) for each in came if each.mail.unit] == [
        (date(2023, 1, 18), "r6"),
        (date(2023, 1, 19), "r5"),
        (TET + timedelta(days=10), "r4"),
        (TET + timedelta(days=11), "r3"),
        (TET + timedelta(days=12), "r2"),
        (TET + timedelta(days=13), "r1"),
    ]


# --- the mail of the hour it goes -------------------------------------------------------------------------


def test_a_mail_that_waited_goes_to_the_address_and_with_the_figures_of_now(tmp_path: Path) -> None:
    office = Department(tmp_path, 2)
    office.server.trouble = down
    assert office.cycle(april(20)) == []
    office.register("d000", "Email đầu mối", "dung@example.org")
    office.enter("d000", done=2)
    office.server.trouble = up
    [first, second] = [each for each in office.cycle(april(21)) if each.mail.unit]
    assert (first.mail.unit, first.mail.to) == ("d000", ("dung@example.org",))
    text = " ".join(first.mail.text.split())
    assert "(2/4 người hoàn thành)" in text
    assert "còn 6 ngày làm việc" in text
    assert (first.dated and first.dated.date()) == date(2023, 4, 21)
    assert second.mail.to == ("d001@example.org",)


def test_a_unit_that_is_done_while_its_mail_waits_is_not_reminded(tmp_path: Path) -> None:
    office = Department(tmp_path, 2)
    office.server.trouble = down
    office.cycle(april(20))
    office.enter("d000", done=4)
    office.server.trouble = up
    assert to_units(office.cycle(april(20, 15))) == [("d001", "truoc-7")]
    assert to_units(office.cycle(april(20, 16))) == [("d000", "cam-on")]


@pytest.mark.slow
def test_a_deadline_that_moves_while_forty_mails_wait_drops_them(tmp_path: Path) -> None:
    office = Department(tmp_path, 40)
    office.server.trouble = down
    assert office.day(date(2023, 4, 20), [time(8)]) == []
    assert sum(record.state is MailState.QUEUED for record in office.store.mail_history() if record.unit) == 40
    office.set("Hạn hoàn thành", "31/05/2023")
    office.server.trouble = up
    came = [each for day in days(date(2023, 4, 20), date(2023, 4, 26)) for each in office.day(day, [time(16)])]
    assert to_units(came) == []
    # and are reminded when their day comes: seven working days before 31/05/2023 is 22/05/2023
    later = office.day(date(2023, 5, 22), [time(9)])
    assert to_units(later) == [(unit, "truoc-7") for unit in office.units]
    assert all("31/05/2023" in each.mail.text for each in later if each.mail.unit)


@pytest.mark.slow
def test_what_somebody_may_have_says_the_same_when_it_goes_again(tmp_path: Path) -> None:
    office = Department(tmp_path, 1)
    office.server.lost_answer = lambda mail: OutcomeUnknown("") if mail.unit else None
    [first] = [each for each in office.day(date(2023, 4, 20), [time(9)]) if each.mail.unit]
    office.enter("d000", done=1)
    office.register("d000", "Email đầu mối", "moi@example.org")
    came = [each for day in days(date(2023, 4, 20), date(2023, 4, 21)) for each in office.day(day) if each.mail.unit]
    assert [(each.mail.text, each.mail.to, each.message_id) for each in came] == [
        (first.mail.text, first.mail.to, first.message_id)
    ]
    assert [line["Kết quả"] for line in office.sent_tab() if line["Mã"]] == ["có thể đã tới"]


@pytest.mark.slow
def test_a_second_copy_does_not_go_to_a_unit_that_is_done(tmp_path: Path) -> None:
    office = Department(tmp_path, 1)
    office.server.lost_answer = lambda mail: OutcomeUnknown("") if mail.unit else None
    assert len(to_units(office.cycle(april(20, 8)))) == 1
    office.enter("d000", done=4)
    office.server.lost_answer = up
    assert to_units(office.cycle(april(20, 14))) == []
    assert [line["Kết quả"] for line in office.sent_tab() if line["Mã"]] == ["có thể đã tới"]


# --- the cap ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_cap_of_ten_a_day_is_fair_to_a_hundred_units(tmp_path: Path) -> None:
    """A rung every day: the summary always goes, and every unit is reminded once in a dozen days."""
    office = Department(tmp_path, 100, EVERY_DAY)
    office.set("Số thư tối đa mỗi ngày", 10)
    office.set("Bản tổng hợp", "hằng ngày")
    working = [day for day in days(date(2023, 4, 4), date(2023, 4, 19)) if day.weekday() < 5]
    by_day = {day: office.day(day, [time(8), time(14)]) for day in working}
    assert {len(arrived) for arrived in by_day.values()} == {10}
    assert all("tong-hop" in {each.mail.kind for each in arrived} for arrived in by_day.values())
    mails = Counter(each.mail.unit for arrived in by_day.values() for each in arrived if each.mail.unit)
    assert set(mails) == set(office.units)
    assert max(mails.values()) - min(mails.values()) <= 1


def left_out_of(summary: Arrived) -> list[str]:
    """The units that a summary says still wait for their mail."""
    _, found, rest = summary.mail.text.partition("Đã đến lượt, thư còn chờ gửi")
    return re.findall(r"Đơn vị d\d+", " ".join(rest.partition("\n- ")[0].split())) if found else []


def test_the_summary_names_the_units_whose_mails_find_no_room_and_no_others(tmp_path: Path) -> None:
    office = Department(tmp_path, 5)
    office.set("Số thư tối đa mỗi ngày", 4)
    office.set("Bản tổng hợp", "hằng ngày")
    came = office.cycle(april(20))
    [summary] = [each for each in came if each.mail.kind == "tong-hop"]
    reminded = {each.mail.unit for each in came if each.mail.unit}
    assert len(came) == 4
    assert left_out_of(summary) == sorted(f"Đơn vị {unit}" for unit in set(office.units) - reminded)


@pytest.mark.parametrize(("at_once", "same_day"), [("Có", True), ("Không", False)])
def test_who_lost_rows_hears_of_it_though_the_days_mails_have_gone(
    tmp_path: Path, at_once: str, same_day: bool
) -> None:
    office = Department(tmp_path, 5, EVERY_DAY, **{"Báo mất dòng ngay": at_once})
    for unit in office.units:
        office.enter(unit, done=4, people=10)
    office.set("Số thư tối đa mỗi ngày", 4)
    assert len(office.cycle(april(20))) == 4
    office.enter("d000", done=0, people=1)
    came = [each.mail.kind for each in office.cycle(april(20, 10))]
    assert came == ([ALARM] if same_day else [])
    assert ALARM in {each.mail.kind for each in [*office.cycle(april(20, 11)), *office.cycle(april(21))]} | set(came)


def test_whose_mail_was_refused_goes_first_and_is_not_said_to_wait(tmp_path: Path) -> None:
    office = Department(tmp_path, 5, EVERY_DAY)
    office.set("Số thư tối đa mỗi ngày", 4)
    office.set("Bản tổng hợp", "hằng ngày")
    office.server.trouble = lambda mail: RefusedMailError("") if mail.unit == "d001" else None
    office.cycle(april(18))
    office.server.trouble = up
    came = office.cycle(april(19))
    [summary] = [each for each in came if each.mail.kind == "tong-hop"]
    reminded = {each.mail.unit for each in came if each.mail.unit}
    assert "d001" in reminded
    assert left_out_of(summary) == sorted(f"Đơn vị {unit}" for unit in set(office.units) - reminded)


def test_mails_that_waited_for_the_morning_and_leave_with_the_summary_wait_no_more(tmp_path: Path) -> None:
    office = Department(tmp_path, 2)
    office.server.trouble = down
    office.cycle(april(19, 16))
    office.server.trouble = up
    office.set("Bản tổng hợp", "hằng ngày")
    came = office.cycle(april(20))
    [summary] = [each for each in came if each.mail.kind == "tong-hop"]
    assert left_out_of(summary) == []


def test_a_mail_in_doubt_is_told_of_the_day_after_too(tmp_path: Path) -> None:
    office = Department(tmp_path, 1)
    office.server.lost_answer = lambda mail: OutcomeUnknown("") if mail.unit else None
    office.day(date(2023, 4, 20), [time(9), time(15)])
    office.cycle(april(21, 15))
    [found] = [each for each in office.reports[-1].problems if each.where == "Thư đã gửi"]
    assert (found.what.startswith("1 thư có thể đã tới (Đơn vị d000)"), found.needs_person) == (True, True)


def _no_address(office: Department, gone: bool) -> None:
    office.register("d000", "Email đầu mối", None if gone else "moi@example.org")


def _done(office: Department, gone: bool) -> None:
    office.enter("d000", done=4 if gone else 0)


def _unreadable(office: Department, gone: bool) -> None:
    office.enter("d000", done=0)
    if gone:
        office.book.replace_rows("d000", [[], [], *office.book.rows("d000")[3:]])


@pytest.mark.parametrize("reason", cross_section([_no_address, _done, _unreadable], _no_address))
def test_a_mail_that_was_taken_back_goes_once_its_reason_is_there_again(
    tmp_path: Path, reason: Callable[[Department, bool], None]
) -> None:
    office = Department(tmp_path, 1, **{"Bản tổng hợp": "không gửi"})
    office.server.trouble = down
    office.cycle(april(20, 8))
    reason(office, True)
    office.cycle(april(20, 9))
    assert [each.state for each in office.store.mail_history() if each.rung == "truoc-7"] == [MailState.WITHDRAWN]
    reason(office, False)
    office.server.trouble = up
    arrived = told(office.day(date(2023, 4, 20), [time(10), time(11), time(14)]))
    assert [each for each in arrived if each[1] == "truoc-7"] == [("d000", "truoc-7")]


# --- a lost state folder ----------------------------------------------------------------------------------


def test_an_empty_state_folder_mails_nobody_again(tmp_path: Path) -> None:
    office = Department(tmp_path, 3)
    first = told(office.cycle(april(20)))
    assert sorted(first)[:3] == [("d000", "truoc-7"), ("d001", "truoc-7"), ("d002", "truoc-7")]
    office.lose_state("another")
    assert told(office.cycle(april(20, 15))) == []
    [found] = [each for each in office.reports[-1].problems if each.where == "Trang “Thư đã gửi”"]
    assert f"có {len(first)} thư mà thư mục trạng thái không biết" in found.what
    assert told(office.cycle(april(20, 16))) == []
    assert not [each for each in office.reports[-1].problems if each.where == "Trang “Thư đã gửi”"]
    assert [line["Kết quả"] for line in office.sent_tab()] == ["đã gửi"] * len(first)


@pytest.mark.slow
def test_an_older_copy_of_the_state_mails_nobody_again(tmp_path: Path) -> None:
    office = Department(tmp_path, 2)
    office.server.trouble = down
    office.cycle(april(20, 8))
    office.store.close()
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "state.sqlite3").write_bytes((tmp_path / "state" / "state.sqlite3").read_bytes())
    office.store, office.server.trouble = office.open_store(), up
    first = told(office.cycle(april(20, 9)))
    assert ("d000", "truoc-7") in first
    office.lose_state("copy")
    assert told(office.day(date(2023, 4, 20), [time(10), time(15)])) == []


@pytest.mark.parametrize(("left_then", "told_again"), [(1, False), (0, True)], ids=["as told", "more since"])
def test_an_older_copy_of_the_state_tells_of_no_loss_twice(tmp_path: Path, left_then: int, told_again: bool) -> None:
    office = Department(tmp_path, 2)
    for unit in office.units:
        office.enter(unit, done=4, people=10)
    office.cycle(april(20, 8))
    office.store.close()
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "state.sqlite3").write_bytes((tmp_path / "state" / "state.sqlite3").read_bytes())
    office.store = office.open_store()
    office.cycle(april(20, 9))
    office.enter("d000", done=0, people=1)
    assert [each.mail.kind for each in office.cycle(april(20, 10))] == [ALARM]
    office.lose_state("copy")
    office.enter("d000", done=0, people=left_then)
    again = [each.mail.kind for each in office.cycle(april(20, 11))]
    assert again == ([ALARM] if told_again else [])


@pytest.mark.parametrize("outcome", ["đang gửi", pytest.param("có thể đã tới", marks=pytest.mark.slow)])
def test_a_line_without_an_outcome_waits_for_a_person(tmp_path: Path, outcome: str) -> None:
    office = Department(tmp_path, 1, **{"Bản tổng hợp": "không gửi"})
    office.cycle(april(20))
    place = tabs.HEADERS[tabs.MAILS].index("Kết quả") + 1
    row = next(n for n, line in enumerate(office.book.rows(tabs.MAILS), 1) if "d000" in line)
    office.book.type(tabs.MAILS, row, place, outcome)
    office.lose_state("another")
    assert told(office.day(date(2023, 4, 20), [time(9), time(14)])) == []
    [problem] = [each for each in office.reports[0 - 2].problems if "không rõ kết quả" in each.what]
    assert ("(Đơn vị d000)" in problem.what, problem.needs_person) == (True, True)
    assert [record.state for record in office.store.mail_history() if record.unit] == [MailState.UNSURE]


def test_what_waited_in_a_lost_state_folder_is_decided_anew_or_named(tmp_path: Path) -> None:
    """A reminder is decided again; an alarm is not, since rows vanish once."""
    office = Department(tmp_path, 2, **{"Bản tổng hợp": "không gửi"})
    office.enter("d000", done=0, people=8)
    office.cycle(april(19, 8))
    office.server.trouble = down
    office.enter("d000", done=0, people=1)
    office.cycle(april(20, 8))
    waiting = {(line["Mẫu thư"], line["Mã"]): str(line["Kết quả"])[:3] for line in office.sent_tab() if line["Mã"]}
    assert waiting == {("mat-dong", "d000"): "chờ", ("nhac-viec", "d001"): "chờ"}
    office.lose_state("another")
    office.server.trouble = up
    assert [each for each in told(office.cycle(april(20, 9))) if each[1] == "truoc-7"] == [("d001", "truoc-7")]
    [problem] = [each for each in office.reports[-1].problems if "không còn giữ" in each.what]
    assert ("1 thư" in problem.what, "(Đơn vị d000)" in problem.what, problem.needs_person) == (True, True, True)
    assert told(office.cycle(april(20, 10))) == []
    assert ("d000", "truoc-7") in told(office.cycle(april(21, 8))), "one mail a unit a day"
    outcomes = {(line["Mẫu thư"], line["Mã"]): line["Kết quả"] for line in office.sent_tab() if line["Mã"]}
    assert outcomes == {
        ("mat-dong", "d000"): "không gửi được",
        ("nhac-viec", "d000"): "đã gửi",
        ("nhac-viec", "d001"): "đã gửi",
    }


def test_no_line_says_for_ever_that_its_mail_waits(tmp_path: Path) -> None:
    office = Department(tmp_path, 2, **{"Bản tổng hợp": "không gửi"})
    office.server.trouble = down
    office.cycle(april(20, 8))
    office.lose_state("another")
    office.server.trouble = up
    office.enter("d000", done=4)
    office.cycle(april(20, 9))
    lines = {(line["Mã"], line["Mức"]): line["Kết quả"] for line in office.sent_tab() if line["Mã"]}
    assert lines["d000", "truoc-7"] == "đã thôi gửi"
    assert "chờ" not in " ".join(map(str, lines.values()))


def test_the_tab_tells_before_and_after_a_delivery(tmp_path: Path) -> None:
    office = Department(tmp_path, 2, **{"Bản tổng hợp": "không gửi"})
    seen: list[list[object]] = []
    office.server.trouble = lambda _mail: seen.append([line["Kết quả"] for line in office.sent_tab()])
    office.cycle(april(20))
    assert seen[0] == ["đang gửi"] * len(office.sent_tab())
    lines = [line for line in office.sent_tab() if line["Mã"]]
    shown = ("Mã", "Đơn vị", "Gửi tới", "Mức", "Lý do", "Kết quả")
    assert [[line[header] for header in shown] for line in lines] == [
        [unit, f"Đơn vị {unit}", "đầu mối", "truoc-7", "7 ngày làm việc trước hạn", "đã gửi"]
        for unit in ("d001", "d000")
    ]
    assert "example.org" not in repr(office.sent_tab())


def test_a_quiet_cycle_writes_nothing_and_one_that_mails_two_times_more(tmp_path: Path) -> None:
    office = Department(tmp_path, 2)
    office.cycle(april(20, 8))
    writes = office.book.requests.write
    office.cycle(april(20, 8, 15))
    assert office.book.requests.write == writes == 3


@pytest.mark.slow
def test_the_tab_keeps_two_thousand_lines(tmp_path: Path) -> None:
    office = Department(tmp_path, 1)
    line = ["d000", "Đơn vị d000", "đầu mối", "nhac-viec", "r", None, "đã gửi", None]
    old = [[datetime(2022, 1, 1) + timedelta(minutes=n), *line, f"old/d000/{n}/2022-01-01"] for n in range(2_000)]
    office.book.replace_rows(tabs.MAILS, [tabs.HEADERS[tabs.MAILS], *old])
    office.cycle(april(20))
    lines = office.sent_tab()
    assert len(lines) == 2_000
    assert lines[0]["Thời điểm"] == april(20)
    moments = [str(line["Thời điểm"]) for line in lines]
    assert moments == sorted(moments, reverse=True)
