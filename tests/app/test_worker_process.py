"""The worker as an operator starts and stops it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.init import set_up
from automation.core.config import tabs
from tests.patience import HANG_SECONDS
from tests.tree import ROOT

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("TCCB_")},
    "PYTHONPATH": str(ROOT),
}
TCCB = [sys.executable, "-m", "automation"]
MORNING = "2023-04-20T08:00"


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worker")
    units = folder / "units.csv"
    units.write_text("Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người\nmot,Đơn vị một,Bệnh viện,mot,5\n", "utf-8")
    set_up(ExcelWorkbook(folder / "sổ.xlsx"), units)
    return folder / "sổ.xlsx"


@pytest.fixture
def worker(workbook: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker that has said that it began."""
    command = [*TCCB, "run", str(workbook), "--now", MORNING]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stderr is not None
        assert "Bắt đầu" in process.stderr.readline()
        yield process
        process.kill()


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGTERM, 0),
        # as shells report it
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow),
    ],
)
def test_a_signal_stops_the_worker_within_seconds(
    worker: subprocess.Popen[str], number: signal.Signals, status: int
) -> None:
    worker.send_signal(number)
    stdout, stderr = worker.communicate(timeout=HANG_SECONDS)
    assert (worker.returncode, stdout) == (status, "")
    assert stderr.splitlines()[-1] == "Đã dừng."


def test_a_cycle_is_told_in_one_line(worker: subprocess.Popen[str]) -> None:
    assert worker.stderr is not None
    assert worker.stderr.readline().startswith("20/04/2023 08:00: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_a_log_that_cannot_be_written_ends_no_worker(workbook: Path) -> None:
    command = [*TCCB, "run", str(workbook), "--now", MORNING]
    heartbeat = workbook.with_suffix(".tccb") / "heartbeat"
    heartbeat.unlink(missing_ok=True)
    with Path("/dev/full").open("w") as full, subprocess.Popen(command, env=ENVIRONMENT, stderr=full) as process:
        ends_at = time.monotonic() + HANG_SECONDS
        while not heartbeat.exists() and process.poll() is None and time.monotonic() < ends_at:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(HANG_SECONDS) == 0
    assert heartbeat.exists()


def test_the_log_as_json_has_an_object_a_line_and_nothing_of_anybody(workbook: Path, tmp_path: Path) -> None:
    typed, here = "sai-dia-chi@", tmp_path / "so.xlsx"
    book = load_workbook(workbook)
    registry = next(row for row in book[tabs.REGISTRY].iter_rows() if row[0].value == "mot")
    headers = next(row for row in book[tabs.REGISTRY].iter_rows(values_only=True) if "Email đầu mối" in row)
    registry[headers.index("Email đầu mối")].value = typed
    book.save(here)
    command, as_json = [*TCCB, "run", str(here), "--now", MORNING], {**ENVIRONMENT, "TCCB_LOG": "json"}
    with subprocess.Popen(command, env=as_json, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        lines += process.stderr.readlines()
        assert process.wait(HANG_SECONDS) == 0
    started, cycle, *problems, stopped = map(json.loads, lines)
    assert (started["event"], cycle["event"], stopped["event"]) == ("started", "cycle", "stopped")
    assert (cycle["began"][:16], cycle["mails"]["failed"], cycle["problems"]) == (MORNING, 0, len(problems))
    assert {each["event"] for each in problems} == {"problem"}
    assert any(tabs.REGISTRY in each["where"] for each in problems)
    assert typed not in "".join(lines)


@pytest.mark.parametrize(
    ("surroundings", "status"), [({}, 2), ({"TCCB_PING_URL": "nowhere"}, 2)], ids=["no such workbook", "wrong setting"]
)
def test_the_log_as_json_has_a_start_that_failed(tmp_path: Path, surroundings: dict[str, str], status: int) -> None:
    command, environment = (
        [*TCCB, "run", str(tmp_path / "so.xlsx")],
        {**ENVIRONMENT, "TCCB_LOG": "json", **surroundings},
    )
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=HANG_SECONDS)
    (line,) = map(json.loads, done.stderr.splitlines())
    assert (done.returncode, done.stdout, line["event"]) == (status, "", "failed")
    assert (surroundings or {"so.xlsx": ""}).popitem()[0] in line["message"]


def test_the_log_as_json_has_the_end_by_ctrl_c(workbook: Path) -> None:
    command, as_json = [*TCCB, "run", str(workbook), "--now", MORNING], {**ENVIRONMENT, "TCCB_LOG": "json"}
    with subprocess.Popen(command, env=as_json, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        lines = process.stderr.readlines()
        assert process.wait(HANG_SECONDS) == 130
    assert json.loads(lines[-1])["event"] == "stopped"


def test_a_second_worker_on_the_same_workbook_is_refused(worker: subprocess.Popen[str], workbook: Path) -> None:
    assert worker.poll() is None
    second = subprocess.run(
        [*TCCB, "run", str(workbook)], env=ENVIRONMENT, capture_output=True, encoding="utf-8", timeout=HANG_SECONDS
    )
    assert (second.returncode, second.stdout) == (2, "")
    assert "tiến trình khác" in second.stderr


def test_a_worker_that_was_killed_leaves_the_workbook_to_the_next(workbook: Path) -> None:
    for _ in range(2):
        with subprocess.Popen(
            [*TCCB, "run", str(workbook)], env=ENVIRONMENT, stderr=subprocess.PIPE, encoding="utf-8"
        ) as process:
            assert process.stderr is not None
            assert "Bắt đầu" in process.stderr.readline()
            process.kill()
