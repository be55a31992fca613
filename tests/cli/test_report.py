"""What a cycle found, as other programs and as people at a terminal see it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rich.console import Console

from automation.app.cycle import CycleReport
from automation.app.exit_status import ExitStatus
from automation.app.init import SetUpReport
from automation.cli.report import (
    as_json,
    exit_status,
    mail_troubles,
    one_line,
    print_problems,
    print_report,
    print_rows,
    print_set_up,
    print_work_done,
)
from automation.core.config import tabs
from automation.core.figures.admin_tasks import admin_figures
from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.judging.lists.emptied import emptied_line
from automation.core.model.mail import Delivery, MailRecord, MailState
from automation.core.model.ports import RequestCount
from automation.core.model.problems import Problem
from automation.core.model.workbook import Cell, Snapshot, Tab
from tests.core.facts import table_with
from tests.workbooks import config_with, headers_of, judge_units, person, unit_line

PROBLEM = Problem("Trang “Quy tắc”, ô E9", "không có phép kiểm tra này.", "Đề nghị chọn lại.")
REMARK = Problem("Đơn vị 2", "hai số liệu khác nhau.", "Đề nghị đối chiếu.", needs_person=False)
LONG_NUMBER: Mapping[str, Cell] = {"Số CCCD": "0790850001234567"}
UNFINISHED: Mapping[str, Cell] = {"Tình trạng tài khoản": "Chưa đăng ký", "Họ và tên": "Trần Thị Bình", "Số CCCD": None}


@pytest.fixture(scope="module")
def judged() -> Judged:
    """`half`: one of two done; `all`: everybody; `wrong`: a row with an error; `none`: nobody to count."""
    return judge_units(
        {
            "half": [person(), person(**UNFINISHED)],
            "all": [person(**{"Số CCCD": "079085000124"})],
            "wrong": [person(**LONG_NUMBER)],
            "none": [],
        },
        headcounts={"half": 2},
    )


def report_of(judged: Judged | None, *problems: Problem, delivery: Delivery | None = None) -> CycleReport:
    return CycleReport(
        judged=judged,
        problems=problems,
        changed=3,
        cells_written=1234,
        requests=RequestCount(read=1, write=1),
        queued=5,
        delivery=delivery or Delivery(sent=4, failed=0),
        seconds={"read": 0.5, "judge": 0.25},
    )


def printed(report: CycleReport, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width)
    print_report(report, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_check_prints_the_keys_of_the_contract(judged: Judged) -> None:
    found = as_json(report_of(judged, PROBLEM), "check")
    assert list(found) == ["units", "rows", "total", "problems", "trials"]
    numbers = ["headcount", "rows", "out_of_scope", "deferred", "in_scope", "done", "rate", "strict_rate"]
    assert list(found["units"][0]) == ["code", "name", *numbers, "errors", "warnings", "statuses"]
    assert list(found["rows"][0]) == ["unit", "row", "status", "findings"]
    totals = ["units", "rows", "in_scope", "deferred", "done", "rate", "strict_rate", "errors", "warnings"]
    assert list(found["total"]) == [*totals, "statuses"]
    assert found["problems"] == [{"where": PROBLEM.where, "what": PROBLEM.what, "fix": PROBLEM.fix}]


def test_run_prints_the_keys_of_the_contract(judged: Judged) -> None:
    found = as_json(report_of(judged), "run")
    work = ["changed", "cells_written", "requests", "mails", "seconds"]
    assert list(found) == ["units", "total", "problems", *work, "trials"]
    assert found["requests"] == {"read": 1, "write": 1}
    assert found["mails"] == {"queued": 5, "sent": 4, "failed": 0}
    assert found["seconds"] == 0.75


@pytest.mark.parametrize("kind", ["check", "run"])
def test_the_object_is_json_that_any_program_reads(judged: Judged, kind: str) -> None:
    found = as_json(report_of(judged), "check" if kind == "check" else "run")
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_the_figures_are_those_of_the_units(judged: Judged) -> None:
    found = as_json(report_of(judged), "check")
    assert {unit["code"]: unit["rate"] for unit in found["units"]} == {
        "half": 50.0,
        "all": 100.0,
        "wrong": 0.0,
        "none": None,
    }
    assert found["total"]["done"] == 2
    assert found["total"]["statuses"]["xong"] == 2


def test_every_person_is_a_row_and_rows_with_findings_say_them(judged: Judged) -> None:
    rows = as_json(report_of(judged), "check")["rows"]
    assert [(row["unit"], row["row"], row["status"]) for row in rows] == [
        ("half", 4, "xong"),
        ("half", 5, "loi"),
        ("all", 4, "xong"),
        ("wrong", 4, "loi"),
    ]
    assert rows[0]["findings"] == []
    assert [(each["rule"], each["severity"], each["field"]) for each in rows[3]["findings"]] == [
        ("cccd-12-so", "Lỗi", "cccd")
    ]


def test_no_name_and_no_number_of_a_person_is_printed(judged: Judged) -> None:
    found = json.dumps(as_json(report_of(judged), "check"), ensure_ascii=False)
    assert [each for each in ("Nguyễn Văn An", "Trần Thị Bình", "0790850") if each in found] == []


def test_people_of_whom_nobody_knows_the_number_are_not_0_left(judged: Judged) -> None:
    lines = {line.split("│")[1].strip(): line for line in printed(report_of(judged)).splitlines() if "│" in line}
    left = {unit: line.split("│")[3].strip() for unit, line in lines.items() if unit.startswith("Đơn vị")}
    assert left == {"Đơn vị all": "chưa rõ", "Đơn vị half": "1", "Đơn vị wrong": "ít nhất 1", "Đơn vị none": "chưa rõ"}
    assert "3 đơn vị chưa có tổng số người" in printed(report_of(judged))


def test_the_rows_of_a_unit_are_told_without_names_and_numbers(judged: Judged) -> None:
    console = Console(file=io.StringIO(), width=100)
    print_rows(report_of(judged, PROBLEM), ("half", "wrong"), console)
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    rows = [line.split("│")[1:3] for line in told.splitlines() if "│" in line and line.split("│")[1].strip()]
    assert [(row.strip(), status.strip()) for row, status in rows] == [
        ("5", "Cần sửa dữ liệu"),
        ("4", "Cần sửa dữ liệu"),
    ]
    assert "Đơn vị half: 50,0 % hoàn thành, còn lại 1." in told
    assert [each for each in ("Nguyễn Văn An", "Trần Thị Bình", "0790850") if each in told] == []


def test_units_asked_for_are_the_ones_in_the_object(judged: Judged) -> None:
    found = as_json(report_of(judged), "check", ("half",))
    assert [unit["code"] for unit in found["units"]] == ["half"]
    assert {row["unit"] for row in found["rows"]} == {"half"}
    assert found["total"] == as_json(report_of(judged), "check")["total"]


def test_without_a_config_the_object_has_the_same_keys() -> None:
    found = as_json(report_of(None, PROBLEM), "check")
    assert (found["units"], found["rows"]) == ([], [])
    assert (found["total"]["rate"], found["total"]["units"]) == (None, 0)
    assert found["trials"] == []


@pytest.mark.parametrize(
    ("problems", "delivery", "status"),
    [
        ([], Delivery(sent=3, postponed=2), ExitStatus.DONE),
        ([REMARK], Delivery(), ExitStatus.DONE),
        ([REMARK, PROBLEM], Delivery(), ExitStatus.NEEDS_PERSON),
        ([], Delivery(sent=3, failed=1), ExitStatus.NEEDS_PERSON),
    ],
)
def test_the_exit_status_says_whether_a_person_is_needed(
    problems: list[Problem], delivery: Delivery, status: ExitStatus
) -> None:
    assert exit_status(problems, delivery) is status


def test_mails_that_did_not_go_out_are_told_with_the_reason() -> None:
    def record(key: str, state: MailState, error: str) -> MailRecord:
        return MailRecord(key, "reminder", "mot", "t-7", date(2023, 4, 20), state, f"<{key}>", None, error)

    history = [
        record("1", MailState.FAILED, "Sai địa chỉ."),
        record("2", MailState.QUEUED, "Mất mạng."),
        record("3", MailState.SENT, ""),
    ]
    found = mail_troubles(Delivery(sent=1, failed=2, postponed=1), history)
    assert [(each.what, each.needs_person) for each in found] == [
        ("1 thư chưa gửi được: Mất mạng.", False),
        ("2 thư không gửi được: Sai địa chỉ.", True),
    ]
    assert mail_troubles(Delivery(sent=1), history[2:]) == []
    (wrong,) = mail_troubles(Delivery(postponed=1, troubled=True), history)
    assert wrong.needs_person


def test_each_reason_has_its_own_count_and_the_last_that_was_noted_is_told() -> None:
    def record(state: MailState, error: str, attempts: int = 0, hour: int | None = None) -> MailRecord:
        at = datetime(2023, 4, 20, hour, tzinfo=UTC) if hour else None
        return MailRecord(
            "k", "nhac-viec", "mot", "t-7", date(2023, 4, 20), state, "<1>", None, error, False, at, attempts
        )

    history = [
        record(MailState.QUEUED, "Hộp thư đầy.", attempts=1),
        record(MailState.QUEUED, "Đã đủ 2 thư."),
        record(MailState.QUEUED, "Đã đủ 2 thư."),
        record(MailState.QUEUED, ""),
        record(MailState.FAILED, "Mã 550.", hour=9),
        record(MailState.FAILED, "Mã 553.", hour=8),
    ]
    found = mail_troubles(Delivery(failed=1, postponed=4), history)
    assert [(each.what, each.needs_person) for each in found] == [
        ("1 thư chưa gửi được: Hộp thư đầy.", True),
        ("2 thư chưa gửi được: Đã đủ 2 thư.", False),
        ("1 thư không gửi được: Mã 550.", True),
    ]


def test_mails_that_may_have_come_twice_are_told() -> None:
    (found,) = mail_troubles(Delivery(sent=5, repeated=2), [])
    assert found.what.startswith("2 thư có thể đã đến hai lần")
    assert not found.needs_person


def test_the_table_has_the_best_unit_first_and_a_line_of_totals(judged: Judged) -> None:
    lines = printed(report_of(judged)).splitlines()
    names = [name for line in lines for name in ("half", "all", "wrong", "none") if f"Đơn vị {name} " in line]
    assert names == ["all", "half", "wrong", "none"]
    assert any("Toàn ngành (4 đơn vị)" in line for line in lines)


def test_a_rule_on_trial_is_shown_and_told_to_programs() -> None:
    rules = table_with(tabs.RULES, ("Mã", "cccd-12-so"), Chế_độ="Thử")
    config = config_with([unit_line("a")], **{tabs.RULES: rules})
    report = report_of(judge_units({"a": [person(**LONG_NUMBER)]}, config=config))
    assert as_json(report, "check")["trials"] == as_json(report, "run")["trials"]
    assert as_json(report, "check")["trials"] == [
        {"rule": "cccd-12-so", "rows": 1, "units": 1, "status_changes": 1, "below_target": ["a"]}
    ]
    assert "Quy tắc cccd-12-so đang thử: Nếu bật, 1 dòng ở 1 đơn vị" in printed(report)


def test_a_name_longer_than_its_column_goes_on_in_the_next_line() -> None:
    """Its end was cut at 80 columns; two units could not be told apart."""
    name = "Bệnhviệnkhôngcódấucách" * 3
    judged = judge_units({"mot": []}, config=config_with([unit_line("mot") | {"Tên đơn vị": name}]))
    told = printed(report_of(judged), width=80)
    cells = [line.split("│")[1].strip() for line in told.splitlines() if "│" in line]
    assert name in "".join(cells)


def test_a_problem_is_one_line_however_narrow_the_screen(judged: Judged) -> None:
    line = f"{PROBLEM.where}: {PROBLEM.what} {PROBLEM.fix}"
    assert line in printed(report_of(judged, PROBLEM)).splitlines()


@pytest.mark.parametrize(
    ("dry_run", "said"),
    [(False, "Đã ghi 1.234 ô"), (True, "kết quả của 3 người thay đổi, soạn 5 thư")],
)
def test_a_run_says_what_it_wrote_or_would_have(judged: Judged, dry_run: bool, said: str) -> None:
    console = Console(file=io.StringIO(), width=40)
    print_work_done(report_of(judged), console, dry_run=dry_run, mail_folder=Path("here/mails"))
    assert isinstance(console.file, io.StringIO)
    assert said in console.file.getvalue()
    assert "here/mails" in console.file.getvalue()


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (SetUpReport((), new_tabs=("Cấu hình", "Đơn vị")), ["Đã tạo 2 trang.", "tccb check"]),
        (SetUpReport((), new_headers=(("Quy tắc", "Khi"),)), ["“Khi” vào trang “Quy tắc”", "sẵn sàng"]),
        (SetUpReport((), new_settings=("Hạn",), new_units=("bv-1", "bv-2")), ["“Cấu hình”: Hạn.", "bv-1, bv-2"]),
        (SetUpReport(()), ["sẵn sàng: staff.xlsx"]),
        (SetUpReport((PROBLEM,)), ["ô E9", "dựng xong bảng tính staff.xlsx; còn các mục nêu trên"]),
        (SetUpReport((PROBLEM,), drawn=False), ["ô E9", "Chưa thay đổi gì"]),
    ],
)
def test_init_says_what_it_did(done: SetUpReport, said: list[str]) -> None:
    console = Console(file=io.StringIO(), width=40)
    print_set_up(done, "staff.xlsx", console)
    assert isinstance(console.file, io.StringIO)
    assert [each for each in said if each not in console.file.getvalue()] == []


def test_a_cycle_of_the_worker_is_one_line(judged: Judged) -> None:
    line = one_line(report_of(judged, PROBLEM, REMARK), datetime(2023, 4, 20, 8))
    assert line.startswith("20/04/2023 08:00: ")
    assert "1 việc cần người xử lý" in line


@pytest.mark.parametrize(
    "typed",
    [
        "\x1b[2J\x1b[31mĐỏ\x1b]0;pwn\x07",
        "\x9b31m",
        "\x9d0;pwn\x9c",
        "\u202egnp.exe",
        "[red]Đỏ[/red]",
        "[/]",
        "[bold",
        "a\rb",
    ],
)
def test_nothing_that_was_typed_steers_the_terminal(typed: str) -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    print_problems([Problem(typed, typed, typed)], console)
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert [each for each in said if not each.isprintable() and each != "\n"] == []
    assert "".join(each if each.isprintable() else " " for each in typed) in said


@pytest.mark.parametrize("remembered", [True, False], ids=["known before", "after the state was lost"])
def test_a_list_that_was_removed_is_shown_as_that_and_is_nobody_s_task(judged: Judged, *, remembered: bool) -> None:
    headers = headers_of(judged.config)
    lines = [headers, [emptied_line("lúc 08:00 20/04/2023")]]
    memory = {each.code: each for each in judged.records} if remembered else {}
    found = judge(Snapshot((Tab("half", "half", lines),)), judged.config, memory, judged.now)
    (line,) = [each for each in printed(report_of(found)).splitlines() if "(danh sách đã xóa" in each]
    assert "half" in line
    assert ("50,0" in line, "số liệu lúc 08:00" in line) == (remembered, remembered)
    told = admin_figures(found, [], "danh-sach.xlsx")
    assert [each.where for each in (*told.problems, *told.asked) if "half" in each.where] == []
