"""The worker is told to stop while Google hangs, at any request of a cycle that mails and from then on: it ends, and no
mail is lost or goes twice.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct, field

from automation.adapters.google.lease import LEASE_ID
from automation.core.config import tabs
from tests.app.mail_server import MailServer
from tests.commands import Run
from tests.emulator import Emulator, Fault, Spreadsheet
from tests.emulator.journal import Record
from tests.patience import HANG_SECONDS
from tests.tree import ROOT

pytestmark = pytest.mark.slow

MORNING, AFTERNOON = "2023-04-20T08:00", "2023-04-20T14:00"
UNITS = ("mot", "hai")
READ, WRITE = "values:batchGetByDataFilter", "values:batchUpdateByDataFilter"
POINTS = {
    "the lease": ("lease", 1),
    "reading": (READ, 1),
    "the results": (WRITE, 1),
    "reading again": (READ, 2),
    "the lines of mails about to go": (WRITE, 2),
    "the outcomes": (WRITE, 3),
}
"""Kind of request, and which of them."""


class Silence(Struct):
    """Answers nothing from one request on."""

    kind: str
    number: int
    begun: threading.Event = field(default_factory=threading.Event)
    seen: int = 0

    def befalls(self, record: Record) -> bool:
        kind = "lease" if str(LEASE_ID).encode() in record.body else record.kind
        self.seen += kind == self.kind
        if self.seen >= self.number:
            self.begun.set()
        return self.begun.is_set()


class Operator(Struct):
    """Runs the program on a spreadsheet of two units, both to be reminded."""

    emulator: Emulator
    server: MailServer
    sheet: Spreadsheet
    folder: Path
    run: Run

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SHEETS_EMULATOR_HOST": self.emulator.host,
            "TCCB_SMTP_URL": f"smtp://127.0.0.1:{self.server.port}",
            "TCCB_STATE_DIR": str(self.folder / "state"),
        }

    def once(self, now: str) -> None:
        self.run("run", self.sheet.id, "--once", "--now", now, **self.environment)


@pytest.fixture
def operator(emulator: Emulator, tccb_here: Run, tmp_path: Path) -> Iterator[Operator]:
    units = tmp_path / "units.csv"
    lines = [f"{unit},Đơn vị {unit},Bệnh viện,{unit},5,An,{unit}@example.org" for unit in UNITS]
    head = "Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người,Đầu mối,Email đầu mối"
    units.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    with MailServer().listening() as server:
        operator = Operator(emulator, server, emulator.new_spreadsheet(), tmp_path, tccb_here)
        done = tccb_here("init", operator.sheet.id, "--units", str(units), **operator.environment)
        assert done.status == 0, done.stderr
        settings = operator.sheet.rows(tabs.SETTINGS)
        row = next(number for number, line in enumerate(settings, 1) if line and line[0] == "Chế độ gửi thư")
        operator.sheet.human.type(tabs.SETTINGS, row, settings[row - 1].index("Thử") + 1, "Thật")
        yield operator
    emulator.forget_plans()


@pytest.mark.parametrize("applied", [False, True], ids=["", "after it took effect"])
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_waits_for_google_ends_and_loses_no_mail(
    point: str, applied: bool, operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    silence = Silence(*POINTS[point])
    operator.emulator.fail(silence.befalls, Fault.HANG, 1_000_000, applied=applied)
    command = [sys.executable, "-m", "automation", "run", operator.sheet.id, "--now", MORNING]
    environment = {**os.environ, **operator.environment}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, encoding="utf-8") as worker:
        assert silence.begun.wait(HANG_SECONDS)
        told_at = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=HANG_SECONDS)
        seconds = time.monotonic() - told_at
    with capsys.disabled():
        print(f"\n  {point}{', applied' if applied else ''}: ended after {seconds:.1f} s", end="")
    assert (worker.returncode, said.splitlines()[-1]) == (0, "Đã dừng.")
    operator.emulator.forget_plans()
    for now in (AFTERNOON, "2023-04-20T14:15"):
        operator.once(now)
    copies = Counter(address for mail in operator.server.taken for address in mail.to)
    assert {address: copies[address] for address in copies if address.split("@")[0] in UNITS} == {
        f"{unit}@example.org": 1 for unit in UNITS
    }
    headers = tabs.HEADERS[tabs.MAILS]
    outcomes = [line[headers.index("Kết quả")] for line in operator.sheet.rows(tabs.MAILS) if UNITS[0] in line[:2]]
    assert outcomes == ["đã gửi"]
