"""A fleet as its operator runs it: a real PostgreSQL, worker processes, spreadsheets at an emulator of Google, a mail
server. Workers are killed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.app.mail_server import MailServer
from tests.emulator import Emulator, Spreadsheet
from tests.patience import HANG_SECONDS
from tests.postgres import PostgresServer, needs_postgres, postgres_server
from tests.tree import ROOT

pytestmark = [needs_postgres, pytest.mark.slow]

NOW = ("--now", "2023-04-20T08:00")
UNITS = ("u1", "u2", "u3")


@dataclass
class Fleet:
    """Two machines, in one folder each."""

    folder: Path
    server: PostgresServer
    emulator: Emulator
    office: MailServer
    sheets: list[Spreadsheet] = field(default_factory=list)
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def environment(self, machine: str = "one") -> dict[str, str]:
        return {
            **os.environ,
            "SHEETS_EMULATOR_HOST": self.emulator.host,
            "TCCB_DATABASE_URL": self.server.url.get_secret_value(),
            "TCCB_STATE_DIR": str(self.folder / machine),
            "TCCB_SMTP_URL": f"smtp://127.0.0.1:{self.office.port}",
            "TCCB_MAIL_FROM": "bot@example.org",
        }

    def tccb(self, *arguments: str, status: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "automation", *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stdout

    def new_workbook(self, name: str) -> Spreadsheet:
        """Set up, with a person in each unit, and taken on under that name."""
        sheet = self.emulator.new_spreadsheet(title=name)
        lines = [f"{code},Đơn vị {code},Bệnh viện,tab {code},3,An,{name}-{code}@example.org" for code in UNITS]
        units = self.folder / f"{name}.csv"
        header = "Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người,Đầu mối,Email đầu mối"
        units.write_text("\n".join([header, *lines]), "utf-8")
        self.tccb("init", sheet.id, "--units", str(units), *NOW)
        settings = sheet.rows("Cấu hình")
        row = next(number for number, line in enumerate(settings, 1) if line[0] == "Chế độ gửi thư")
        sheet.human.type("Cấu hình", row, 2, "Thật")
        for code in UNITS:
            self.type_person(sheet, f"tab {code}", 4, "Nguyễn Văn An")
        self.tccb("fleet", "add", sheet.id, "--name", name)
        self.sheets.append(sheet)
        return sheet

    def type_person(self, sheet: Spreadsheet, tab: str, row: int, name: str) -> None:
        sheet.human.type(tab, row, sheet.rows(tab)[2].index("Họ và tên") + 1, name)

    def result(self, sheet: Spreadsheet, tab: str, row: int) -> str:
        found = sheet.rows(tab)
        column = found[2].index("Kết quả")
        return str(found[row - 1][column] or "") if len(found) >= row and len(found[row - 1]) > column else ""

    def start(self, machine: str, *options: str) -> subprocess.Popen[str]:
        with open(self.folder / f"{machine}.log", "a", encoding="utf-8") as log:
            running = subprocess.Popen(
                [sys.executable, "-m", "automation", "fleet", "work", *options, *NOW],
                cwd=ROOT,
                env=self.environment(machine),
                stderr=log,
                stdout=log,
                text=True,
            )
        self.workers.append(running)
        return running

    def status(self) -> list[dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-m", "automation", "fleet", "status", "--json", *NOW],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)["workbooks"]
        return found

    def copies(self) -> Counter[str]:
        """How often each mail was taken."""
        return Counter(each.message_id for each in self.office.taken)

    def addressed(self) -> set[str]:
        return {address for each in self.office.taken for address in each.to}

    def end(self) -> None:
        for each in self.workers:
            with suppress(ProcessLookupError):
                each.kill()
            each.wait()

    def logs(self) -> str:
        return "\n".join(f"{each.name}:\n{each.read_text('utf-8')}" for each in self.folder.glob("*.log"))


def wait_for(held: Callable[[], bool], fleet: Fleet, seconds: float = HANG_SECONDS) -> float:
    """How long it took."""
    began = time.monotonic()
    while not held():
        assert time.monotonic() - began < seconds, fleet.logs()
        time.sleep(0.2)
    return time.monotonic() - began


@contextmanager
def fleet_in(folder: Path) -> Iterator[Fleet]:
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server())
        emulator = stack.enter_context(Emulator(quota=True))
        office = stack.enter_context(MailServer().listening())
        fleet = Fleet(folder, server, emulator, office)
        stack.callback(fleet.end)
        yield fleet


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with fleet_in(tmp_path) as running:
        yield running


def test_workbooks_of_a_worker_killed_at_a_mail_are_taken_on_and_no_mail_goes_twice(fleet: Fleet) -> None:
    sheets = one, two = fleet.new_workbook("mot"), fleet.new_workbook("hai")
    first = fleet.start("one")

    def kill_at_first_mail(command: str) -> None:
        if command == "RCPT" and first.poll() is None:
            first.kill()
            first.wait()

    fleet.office.misbehave = kill_at_first_mail
    wait_for(lambda: first.poll() is not None, fleet)
    second = fleet.start("two")
    addressed = {f"{name}-{code}@example.org" for name in ("mot", "hai") for code in UNITS}
    seconds = wait_for(lambda: fleet.addressed() >= addressed, fleet, 150)
    wait_for(lambda: all(fleet.result(sheet, f"tab {code}", 4) for sheet in sheets for code in UNITS), fleet)
    assert seconds < 120
    # What people type is looked at by whoever has the workbook now.
    for sheet in (one, two):
        fleet.type_person(sheet, "tab u1", 5, "Trần Thị Bình")
    wait_for(lambda: all(fleet.result(sheet, "tab u1", 5) for sheet in sheets), fleet)
    assert set(fleet.copies().values()) == {1}
    status = fleet.status()
    assert [(each["name"], each["mails_waiting"], each["late"]) for each in status] == [
        ("hai", 0, False),
        ("mot", 0, False),
    ]
    assert [f"-{second.pid}-" in each["worker"] for each in status] == [True, True]
    second.terminate()
    assert second.wait(10) == 0


def test_a_server_that_is_gone_for_a_while_stops_no_worker(fleet: Fleet) -> None:
    sheet = fleet.new_workbook("mot")
    worker = fleet.start("one")
    wait_for(lambda: fleet.addressed() >= {f"mot-{code}@example.org" for code in UNITS}, fleet)
    fleet.server.stop()
    time.sleep(2)
    fleet.server.start()
    fleet.type_person(sheet, "tab u1", 5, "Trần Thị Bình")
    wait_for(lambda: bool(fleet.result(sheet, "tab u1", 5)), fleet, 240)
    assert worker.poll() is None
    assert set(fleet.copies().values()) == {1}
