"""A worker begins anew each night, in the same process, and nobody notices but for the line in the log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.mail.transport import FileTransport
from automation.adapters.mail.writer import MailWriter
from automation.adapters.store.store import STORE_FILE, SqliteStore
from automation.app.cycle import run_cycle
from automation.app.init import set_up
from automation.app.mailing import Mailing
from automation.app.stopping import Stopped
from automation.base.errors import WorkbookMissing
from automation.cli.watching.renewal import RETRY_SECONDS, begin_anew, begun_until_it_works, once_it_is_night
from automation.core.text.moments import VIET_NAM
from tests.app.records.office import settle
from tests.cli.renewing_worker import FIRST_DAY
from tests.patience import HANG_SECONDS
from tests.soak import Silent
from tests.tree import ROOT

UNITS = ("mot", "hai")
BEGINS, BEGINS_ANEW = "Bắt đầu làm việc", "Tự khởi động lại"


class Told(Silent):
    """A log that remembers."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def tell(self, event: object, sentence: str) -> None:  # noqa: ARG002
        self.sentences.append(sentence)


@pytest.mark.skipif(os.name != "posix", reason="no process can begin anew here")
def test_it_is_time_from_the_next_night_on_while_the_environment_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    moments = [datetime(2023, 4, 20, 3, tzinfo=VIET_NAM)]
    is_over = once_it_is_night(lambda zone: moments[-1].astimezone(zone))
    for hours, over in ((0, False), (23, False), (24, True), (30, True)):
        moments.append(moments[0] + timedelta(hours=hours))
        assert is_over() is over
    monkeypatch.setenv("TCCB_PING_URL", "not an address")
    assert not is_over(), "where no worker can begin, the one that is there goes on"


def test_what_is_out_of_reach_where_it_begins_anew_is_tried_again() -> None:
    begun, slept, log = list[int](), list[float](), Told()

    def work() -> None:
        begun.append(len(begun))
        if len(begun) < 3:
            raise WorkbookMissing("Không có tệp.")

    begun_until_it_works(work, slept.append, log)
    assert (len(begun), slept, log.sentences) == (3, [RETRY_SECONDS] * 2, ["Không có tệp."] * 2)


def test_told_to_stop_meanwhile_it_ends() -> None:
    def work() -> None:
        raise WorkbookMissing("Không có tệp.")

    def sleep(_seconds: float) -> None:
        raise Stopped

    begun_until_it_works(work, sleep, Told())


@pytest.mark.skipif(os.name != "posix", reason="no process can begin anew here")
def test_where_the_interpreter_is_gone_it_says_so_and_comes_back(tmp_path: Path) -> None:
    log = Told()
    begin_anew(log, str(tmp_path / "python"))
    begins, cannot = log.sentences
    assert begins.startswith(BEGINS_ANEW)
    assert str(tmp_path / "python") in cannot
    assert "làm việc tiếp" in cannot


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    lines = [f"{unit},Đơn vị {unit},Bệnh viện,{unit},5,{unit}@example.org" for unit in UNITS]
    head = "Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người,Email đầu mối"
    (tmp_path / "units.csv").write_text("\n".join([head, *lines]) + "\n", "utf-8")
    set_up(ExcelWorkbook(tmp_path / "so.xlsx"), tmp_path / "units.csv")
    settle(tmp_path / "so.xlsx", "Hạn hoàn thành", "29/12/2023")
    return tmp_path / "so.xlsx"


def life(
    workbook: Path, began: float, waits_for: str, times: int, then: float, number: signal.Signals, *how: str
) -> tuple[int, list[str]]:
    """A worker that gets the signal so many seconds after it said that so many times; its end, and what it said."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TCCB_")}
    command = [sys.executable, "-m", "tests.cli.renewing_worker", str(workbook), str(began), "takes-over", *how]
    environment = {**plain, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=workbook.parent, env=environment, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stderr
        said: list[str] = []
        while sum(each.startswith(waits_for) for each in said) < times:
            line = process.stderr.readline()
            assert line, said
            said.append(line.rstrip())
        time.sleep(then)
        process.send_signal(number)
        said += process.communicate(timeout=HANG_SECONDS)[1].splitlines()
        return process.returncode, said


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="no process can begin anew here")
def test_a_worker_whose_interpreter_is_gone_works_on_until_it_is_told_to_stop(workbook: Path) -> None:
    end, said = life(workbook, time.time(), BEGINS, 2, 6.0, signal.SIGTERM, "gone")
    assert (end, said[-1]) == (0, "Đã dừng.")
    assert [sum(line.startswith(begun) for line in said) for begun in (BEGINS_ANEW, "Không tự khởi động lại")] == [1, 1]
    assert not [line for line in said if "Traceback" in line]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="no process can begin anew here")
def test_stopped_or_killed_around_it_nothing_is_lost_and_nobody_mailed_twice(workbook: Path) -> None:
    began, ends, said = time.time(), list[int](), list[str]()
    for then, number in ((0.0, signal.SIGKILL), (0.1, signal.SIGTERM), (0.8, signal.SIGKILL)):
        end, lines = life(workbook, began, BEGINS_ANEW, 1, then, number)
        ends.append(end)
        said += lines
    end, lines = life(workbook, began, BEGINS, 4, 0.0, signal.SIGTERM)
    assert end == 0, "one process that began four times"
    assert {*ends} <= {0, -signal.SIGTERM, -signal.SIGKILL}
    assert not [line for line in said + lines if "Traceback" in line or "lỗi" in line]
    state = workbook.with_suffix(".tccb")
    mailing = Mailing(MailWriter(), FileTransport(state / "mails"))
    with closing(SqliteStore(state / STORE_FILE)) as store:
        last = store.runs(1)[0].started_at.astimezone(VIET_NAM).replace(hour=9)
        assert last > FIRST_DAY
        for days in range(1, 9):  # a slow machine may have had no cycle in the hours for mails
            run_cycle(ExcelWorkbook(workbook), store, mailing, (last + timedelta(days=days)).astimezone)
        again = run_cycle(ExcelWorkbook(workbook), store, None, (last + timedelta(days=8)).astimezone)
    assert (again.changed, again.cells_written) == (0, 0)
    kicked_off = Counter(path.name.split("_")[2] for path in (state / "mails").glob("*_bat-dau_*.eml"))
    assert kicked_off == dict.fromkeys(UNITS, 1)
