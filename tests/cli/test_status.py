"""`tccb status`: what the state folder tells of the bot."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from automation.adapters.store.sqlite_file import held_alone
from automation.adapters.store.store import STORE_FILE, WORKER_LOCK, SqliteStore
from automation.core.model.problems import Problem
from automation.core.model.runs import RunRecord
from automation.core.text.moments import VIET_NAM
from automation.doctor.status import Status, status_of
from tests.adapters.mail.examples import reminder
from tests.commands import Run

NOW = datetime(2023, 4, 20, 9, 0, tzinfo=VIET_NAM)
RUN = RunRecord(NOW - timedelta(minutes=5), 3.2, cells=4, sent=1, rate=52.5, cycle_minutes=15)
AT_GOOGLE = replace(RUN, machine="may-1", held_lease=True)
GAP = Problem("Bệnh viện A", "Chưa khai tổng số người.", "Khai ở dòng 2.", needs_person=False)
HELD = Problem("Bệnh viện B", "Chưa đọc được.", "Khôi phục trang.")


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "so.xlsx"
    path.write_bytes(b"nobody opens it")
    return path


def note(workbook: Path, *runs: tuple[RunRecord, list[Problem] | None]) -> None:
    store = SqliteStore(workbook.with_suffix(".tccb") / STORE_FILE)
    for run, problems in runs:
        store.note_run(run, problems)
    store.close()


def told(workbook: Path, now: datetime) -> Status:
    """What its state folder tells at that moment."""
    folder = workbook.with_suffix(".tccb")
    with closing(SqliteStore(folder / STORE_FILE)) as store:
        return status_of(folder, now, store)


def test_where_nothing_ever_ran_it_says_so_and_leaves_nothing(workbook: Path, tccb_here: Run) -> None:
    done = tccb_here("status", str(workbook))
    assert (done.status, done.stderr) == (0, "")
    assert f"Chưa có lần chạy nào với thư mục trạng thái {workbook.with_suffix('.tccb')}. " in done.stdout
    assert f'chưa chạy thì: tccb run "{workbook}"' in done.stdout
    assert "Không có việc nào" not in done.stdout, "nobody has looked"
    assert [path.name for path in workbook.parent.iterdir()] == ["so.xlsx"]


@pytest.mark.slow
def test_a_demo_has_run_once(tccb_here: Run) -> None:
    assert tccb_here("demo", "thu", "--rows", "80").status == 0
    done = tccb_here("status", "thu/theo-doi-vneid.xlsx", "--now", "2023-04-20T08:05")
    assert "  08:00 20/04/2023: " in done.stdout
    assert "Chưa có lần chạy nào" not in done.stdout


@pytest.mark.parametrize(
    ("runs", "works", "says", "status"),
    [
        ([(RUN, [])], False, "Không có chương trình chạy thường trực trên máy này", 0),
        ([(RUN, [])], True, "Chương trình đang chạy, lần kiểm tra gần nhất lúc 08:55 20/04/2023", 0),
        ([(RUN, [])], True, "Lần kiểm tra tiếp theo: 09:10 20/04/2023", 0),
        ([(AT_GOOGLE, [])], True, "Lần gần nhất chạy trên máy may-1; máy này đang giữ bảng tính", 0),
        ([(AT_GOOGLE, [])], False, "Lần gần nhất chạy trên máy may-1.\n", 0),
        ([(RUN, [GAP])], True, "Bệnh viện A: Chưa khai tổng số người. → Khai ở dòng 2. (từ 08:55 20/04/2023)", 0),
        ([(RUN, [HELD])], True, "1 việc đang tồn", 1),
        ([(RUN, [HELD]), (RUN, [])], True, "Không có lỗi nào đang tồn", 0),
        ([(RunRecord(RUN.started_at, 0.0, trouble="Mất mạng."), None)], True, "không xong. Mất mạng.", 1),
    ],
)
def test_what_it_says(
    workbook: Path,
    tccb_here: Run,
    runs: list[tuple[RunRecord, list[Problem] | None]],
    works: bool,
    says: str,
    status: int,
) -> None:
    note(workbook, *runs)
    with ExitStack() as stack:
        if works:
            stack.enter_context(held_alone(workbook.with_suffix(".tccb") / WORKER_LOCK))
        done = tccb_here("status", str(workbook), "--now", "2023-04-20T09:00")
    assert says in done.stdout
    assert (done.status, done.stderr) == (status, "")


def test_a_worker_that_misses_cycles_is_late(workbook: Path) -> None:
    note(workbook, (RUN, []))
    with held_alone(workbook.with_suffix(".tccb") / WORKER_LOCK):
        assert not told(workbook, RUN.started_at + timedelta(minutes=45)).is_late
        assert told(workbook, RUN.started_at + timedelta(minutes=46)).is_late


def test_of_a_late_worker_no_next_cycle_is_promised(workbook: Path, tccb_here: Run) -> None:
    note(workbook, (RUN, []))
    with held_alone(workbook.with_suffix(".tccb") / WORKER_LOCK):
        in_time, late = (tccb_here("status", "so.xlsx", "--now", f"2023-04-20T{hour}:00") for hour in ("09", "12"))
    assert "Lần kiểm tra tiếp theo: 09:10 20/04/2023." in in_time.stdout
    assert "Lần kiểm tra tiếp theo" not in late.stdout


@pytest.mark.parametrize(
    ("minutes", "after", "is_late"),
    [
        (15, timedelta(hours=2), False),
        (15, timedelta(hours=2, minutes=1), True),
        (60, timedelta(hours=3), False),
        (60, timedelta(hours=3, minutes=1), True),
        (0, timedelta(hours=2), False),
        (0, timedelta(days=3), True),
    ],
)
def test_where_nothing_runs_any_more_it_says_so(
    workbook: Path, tccb_here: Run, minutes: int, after: timedelta, is_late: bool
) -> None:
    note(workbook, (replace(RUN, cycle_minutes=minutes), []))
    at = ("--now", f"{RUN.started_at + after:%Y-%m-%dT%H:%M}")
    done = tccb_here("status", str(workbook), *at)
    assert (done.status, "đã lâu không có lần kiểm tra nào" in done.stdout) == (int(is_late), is_late)
    assert "lần gần nhất lúc 08:55 20/04/2023" in done.stdout or not is_late
    assert json.loads(tccb_here("status", str(workbook), "--json", *at).stdout)["late"] is is_late


def test_a_cycle_that_failed_does_not_forget_how_often_there_are_any(workbook: Path) -> None:
    failed = RunRecord(RUN.started_at, 0.0, trouble="Mất mạng.")
    note(workbook, (replace(RUN, cycle_minutes=240), []), (failed, None))
    assert not told(workbook, RUN.started_at + timedelta(hours=12)).is_late
    assert told(workbook, RUN.started_at + timedelta(hours=13)).is_late


def test_a_problem_is_told_since_it_was_first_found(workbook: Path) -> None:
    later = RunRecord(NOW, 1.0)
    note(workbook, (RUN, [GAP]), (RunRecord(NOW, 0.0, trouble="Mất mạng."), None), (later, [HELD, GAP, GAP]))
    open_now = told(workbook, NOW).problems
    assert [(each.problem, each.since) for each in open_now] == [(GAP, RUN.started_at), (HELD, NOW)]


def test_what_nobody_has_to_do_anything_about_is_no_open_problem(workbook: Path) -> None:
    note(workbook, (RUN, [replace(GAP, to_do=False), HELD]))
    assert [each.problem for each in told(workbook, NOW).problems] == [HELD]


def test_mails_that_wait_are_told_with_the_reason(workbook: Path, tccb_here: Run) -> None:
    store = SqliteStore(workbook.with_suffix(".tccb") / STORE_FILE)
    with store.transaction(NOW) as ledger:
        ledger.queue(reminder("BV01"), NOW)
        ledger.queue(reminder("BV02"), NOW)
    store.close()
    done = tccb_here("status", str(workbook))
    assert "2 thư đang chờ đến lượt, từ 09:00 20/04/2023." in done.stdout


def test_a_cycle_is_kept_and_a_dry_run_is_not(tmp_path: Path, tccb_here: Run) -> None:
    assert tccb_here("init", "so.xlsx", "--now", "2023-04-20T08:00").status in (0, 1)
    tccb_here("run", "so.xlsx", "--once", "--dry-run", "--now", "2023-04-20T09:00")
    assert json.loads(tccb_here("status", "so.xlsx", "--json").stdout)["cycles"] == []
    tccb_here("run", "so.xlsx", "--once", "--now", "2023-04-20T09:00")
    (tmp_path / "so.xlsx").write_bytes(b"damaged")
    tccb_here("run", "so.xlsx", "--once", "--now", "2023-04-20T10:00")
    told = json.loads(tccb_here("status", "so.xlsx", "--json").stdout)
    assert [(each["started_at"], bool(each["trouble"])) for each in told["cycles"]] == [
        ("2023-04-20T10:00:00+07:00", True),
        ("2023-04-20T09:00:00+07:00", False),
    ]
