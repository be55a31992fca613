"""The worker is told to stop while it waits for the mail server at any command: it ends, and no mail is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.init import set_up
from automation.core.config import tabs
from automation.core.model.workbook import CellChange
from tests.app.mail_server import COMMANDS, MailServer
from tests.patience import HANG_SECONDS
from tests.tree import ROOT

pytestmark = pytest.mark.slow

MORNING, AFTERNOON = "2023-04-20T08:00", "2023-04-20T14:00"
UNITS = ("mot", "hai")


def environment(server: MailServer) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TCCB_")}
    return {**plain, "PYTHONPATH": str(ROOT), "TCCB_SMTP_URL": f"smtp://127.0.0.1:{server.port}"}


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Two units with addresses and nobody entered, so that both are to be reminded; mails are real."""
    units = tmp_path / "units.csv"
    lines = [f"{unit},Đơn vị {unit},Bệnh viện,{unit},5,An,{unit}@example.org" for unit in UNITS]
    head = "Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người,Đầu mối,Email đầu mối"
    units.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    path = tmp_path / "sổ.xlsx"
    set_up(ExcelWorkbook(path), units)
    book = ExcelWorkbook(path)
    snapshot = book.read()
    settings = next(tab for tab in snapshot.tabs if tab.title == tabs.SETTINGS)
    row = next(n for n, line in enumerate(settings.rows, 1) if line and line[0] == "Chế độ gửi thư")
    column = settings.rows[row - 1].index("Thử") + 1
    assert book.write([CellChange(settings.key, row, column, "Thật")], snapshot).held
    return path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_worker_that_waits_for_the_server_ends_and_loses_no_mail(
    command: str, number: signal.Signals, workbook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waits = threading.Event()

    def fall_silent(seen: str) -> str | None:
        if seen != command or waits.is_set():
            return None
        waits.set()
        return "silence"

    with MailServer(misbehave=fall_silent).listening() as server:
        worker = [sys.executable, "-m", "automation", "run", str(workbook), "--now", MORNING]
        with subprocess.Popen(worker, env=environment(server), stderr=subprocess.PIPE, encoding="utf-8") as process:
            assert waits.wait(HANG_SECONDS)
            told_at = time.monotonic()
            process.send_signal(number)
            _, said = process.communicate(timeout=HANG_SECONDS)
            seconds = time.monotonic() - told_at
        with capsys.disabled():
            print(f"\n  {command}, {number.name}: ended after {seconds:.1f} s", end="")
        assert process.returncode == (130 if number == signal.SIGINT else 0)
        assert said.splitlines()[-1] == "Đã dừng."
        _go_on(workbook, server)
    assert _copies(server) - len(UNITS) <= (command == "content")


STEPS = {
    "deciding": "SELECT code, record FROM unit",
    "queueing": "INSERT INTO mail",
    "committing": "COMMIT",
    "beginning with a mail": "UPDATE mail SET begun_at",
    "noting the content": "UPDATE mail SET content_at",
    "noting what became of it": "UPDATE mail SET state",
}
"""Statements of the store by what the worker does then."""


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_is_told_in_the_middle_of_its_work_ends_and_loses_no_mail(step: str, workbook: Path) -> None:
    with MailServer().listening() as server:
        # One that has units to remember.
        _run_once(workbook, server, "2023-04-20T07:00", "--no-mail")
        of_cycle = ["run", str(workbook), "--now", MORNING]
        worker = [sys.executable, "-m", "tests.app.stop_worker", str(int(signal.SIGTERM)), STEPS[step], *of_cycle]
        ended = subprocess.run(
            worker,
            cwd=ROOT,
            env=environment(server),
            check=False,
            capture_output=True,
            encoding="utf-8",
            timeout=HANG_SECONDS,
        )
        assert ended.returncode == 0
        assert ended.stderr.splitlines()[-1] == "Đã dừng."
        before = len(server.taken)
        _go_on(workbook, server)
    assert before < len(UNITS)
    assert _copies(server) == len(UNITS)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", [["run", "--once"], ["remind", "--send"]], ids=" ".join)
def test_a_single_run_ends_at_a_safe_point_too(command: list[str], number: signal.Signals, workbook: Path) -> None:
    """The mail whose content is on its way has its answer waited for; the next one does not begin."""
    waits = threading.Event()

    def hesitate(seen: str) -> str | None:
        if seen == "content" and not waits.is_set():
            waits.set()
            time.sleep(0.5)
        return None

    with MailServer(misbehave=hesitate).listening() as server:
        once = [sys.executable, "-m", "automation", command[0], str(workbook), *command[1:], "--now", MORNING]
        with subprocess.Popen(once, env=environment(server), stderr=subprocess.PIPE, encoding="utf-8") as process:
            assert waits.wait(HANG_SECONDS)
            process.send_signal(number)
            _, said = process.communicate(timeout=HANG_SECONDS)
        assert (process.returncode, said.splitlines()[-1]) == (130, "Đã dừng.")
        assert len(server.taken) == 1
        _go_on(workbook, server)
    assert _copies(server) == len(UNITS)


def _go_on(workbook: Path, server: MailServer) -> None:
    """Two cycles of the afternoon."""
    for now in (AFTERNOON, "2023-04-20T14:15"):
        _run_once(workbook, server, now)


def _run_once(workbook: Path, server: MailServer, now: str, *options: str) -> None:
    once = [sys.executable, "-m", "automation", "run", str(workbook), "--once", "--now", now, *options]
    subprocess.run(once, env=environment(server), check=False, capture_output=True, timeout=HANG_SECONDS)


def _copies(server: MailServer) -> int:
    """How many mails came to the units: each has one, and no copies but of that."""
    copies = Counter(address for mail in server.taken for address in mail.to if address.split("@")[0] in UNITS)
    names = {mail.message_id for mail in server.taken if mail.to[0].split("@")[0] in UNITS}
    assert set(copies) == {f"{unit}@example.org" for unit in UNITS}
    assert len(names) == len(UNITS)
    return copies.total()
