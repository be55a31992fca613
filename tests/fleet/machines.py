"""A fleet as its operator runs it: a real PostgreSQL, worker processes, spreadsheets at an emulator of Google, a mail
server.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import requests
from msgspec import Struct, field

from automation.adapters.store.postgres import libpq_address, schema_of
from automation.fleet.registry import FleetWorkbook, Registry
from tests.app.mail_server import MailServer
from tests.emulator import Emulator, Spreadsheet
from tests.emulator.emulator import NOBODY
from tests.patience import HANG_SECONDS
from tests.postgres import PostgresServer, postgres_server
from tests.tree import ROOT

NOW = ("--now", "2023-04-20T08:00")
WORK = ("automation", "fleet", "work")
UNITS = ("u1", "u2", "u3")


class Fleet(Struct):
    """Two machines, in one folder each."""

    folder: Path
    server: PostgresServer
    emulator: Emulator
    office: MailServer
    stack: ExitStack
    """What ends with it."""
    offices: dict[str, MailServer] = field(default_factory=dict)
    """Mail servers of machines that have one of their own."""
    sheets: list[Spreadsheet] = field(default_factory=list)
    workers: list[subprocess.Popen[str]] = field(default_factory=list)
    metrics: dict[str, str] = field(default_factory=dict)
    """Where workers tell their figures, by machine."""
    keys: list[tuple[str, Path]] = field(default_factory=list)
    """Service accounts, and where their keys lie."""
    columns: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """By spreadsheet, tab and header, as far as they were asked for: nobody moves them."""

    def environment(self, machine: str = "one") -> dict[str, str]:
        office = self.offices.get(machine, self.office)
        return {
            **os.environ,
            "SHEETS_EMULATOR_HOST": self.emulator.host,
            "TCCB_DATABASE_URL": self.server.url.get_secret_value(),
            "TCCB_STATE_DIR": str(self.folder / machine),
            "TCCB_SMTP_URL": f"smtp://127.0.0.1:{office.port}",
            "TCCB_MAIL_FROM": "bot@example.org",
        }

    def tccb(self, *arguments: str, status: int = 0, key: Path | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "automation", *arguments],
            cwd=ROOT,
            env=self.environment() | ({"GOOGLE_APPLICATION_CREDENTIALS": str(key)} if key else {}),
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stdout

    def new_office(self, machine: str) -> MailServer:
        """A mail server for that machine alone; what it takes lies with all the other mails."""
        office = self.stack.enter_context(MailServer(taken=self.office.taken).listening())
        self.offices[machine] = office
        return office

    def new_account(self, account: str) -> None:
        """A service account among which workbooks are divided."""
        key = self.folder / f"{account}.json"
        key.write_text(json.dumps(self.emulator.service_account(account)), "utf-8")
        self.keys.append((account, key))

    def new_workbook(self, name: str, codes: Sequence[str] = UNITS, people: int = 1) -> Spreadsheet:
        """Set up, with people in each unit, and taken on under that name."""
        account, key = self.keys[len(self.sheets) % len(self.keys)] if self.keys else ("", None)
        sheet = self.emulator.new_spreadsheet(title=name, editors=[account or NOBODY])
        lines = [f"{code},Đơn vị {code},Bệnh viện,tab {code},3,An,{name}-{code}@example.org" for code in codes]
        units = self.folder / f"{name}.csv"
        header = "Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người,Đầu mối,Email đầu mối"
        units.write_text("\n".join([header, *lines]), "utf-8")
        self.tccb("init", sheet.id, "--units", str(units), *NOW, key=key)
        settings = sheet.rows("Cấu hình")
        row = next(number for number, line in enumerate(settings, 1) if line[0] == "Chế độ gửi thư")
        sheet.human.type("Cấu hình", row, 2, "Thật")
        for code in codes:
            column = sheet.rows(f"tab {code}")[2].index("Họ và tên") + 1
            sheet.human.paste(f"tab {code}", 4, column, [["Nguyễn Văn An"]] * people, plain=True)
        self.tccb("fleet", "add", sheet.id, "--name", name, *(["--credentials", str(key)] if key else []))
        self.sheets.append(sheet)
        return sheet

    def connections_to(self, sheet: Spreadsheet) -> int:
        """How many connections the server holds for that workbook."""
        with psycopg.connect(libpq_address(self.server.url)) as connection:
            asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
            found = connection.execute(asked, [schema_of(sheet.id)]).fetchone()
        return int(found[0]) if found else 0

    def new_copy(self, of: Spreadsheet, name: str, codes: Sequence[str]) -> Spreadsheet:
        """A copy of a workbook that nobody has looked at yet, with addresses of its own, under that name."""
        account, key = self.keys[len(self.sheets) % len(self.keys)] if self.keys else (NOBODY, None)
        sheet = self.emulator.copy(of, owner=account)
        header = "Email đầu mối"
        row = next(number for number, line in enumerate(sheet.rows("Đơn vị"), 1) if header in line)
        column = sheet.rows("Đơn vị")[row - 1].index(header) + 1
        sheet.human.paste("Đơn vị", row + 1, column, [[f"{name}-{code}@example.org"] for code in codes], plain=True)
        with closing(Registry(self.server.url)) as registry:  # as `fleet add` does, which takes a process each
            registry.add(FleetWorkbook(sheet.id, sheet.id, name, str(key or "")))
        self.sheets.append(sheet)
        return sheet

    def type_person(self, sheet: Spreadsheet, tab: str, row: int, name: str) -> None:
        column = self._column(sheet, tab, "Họ và tên")
        sheet.human.paste(tab, row, column, [[name]], plain=True)  # which adds rows to a tab that is full

    def result(self, sheet: Spreadsheet, tab: str, row: int) -> str:
        return str(sheet.cell(tab, row, self._column(sheet, tab, "Kết quả")) or "")

    def _column(self, sheet: Spreadsheet, tab: str, header: str) -> int:
        place = sheet.id, tab, header
        if place not in self.columns:
            self.columns[place] = sheet.rows(tab)[2].index(header) + 1
        return self.columns[place]

    def start(
        self, machine: str, *options: str, now: Sequence[str] = NOW, program: Sequence[str] = WORK
    ) -> subprocess.Popen[str]:
        with open(self.folder / f"{machine}.log", "a", encoding="utf-8") as log:
            running = subprocess.Popen(
                [sys.executable, "-m", *program, *options, *now],
                cwd=ROOT,
                env=self.environment(machine),
                stderr=log,
                stdout=log,
                text=True,
            )
        self.workers.append(running)
        return running

    def start_measured(self, machine: str, concurrency: int) -> None:
        """One whose figures can be asked for."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            at = f"127.0.0.1:{free.getsockname()[1]}"
        self.metrics[machine] = at
        self.start(machine, "--concurrency", str(concurrency), "--metrics", at)

    def cycles_and_cold(self) -> tuple[int, int]:
        """By those workers that are there now."""
        found = [0, 0]
        for at in self.metrics.values():
            told = requests.get(f"http://{at}/metrics", timeout=HANG_SECONDS).text
            for place, name in enumerate(("tccb_cycles_total", "tccb_workbooks_opened_total")):
                values = re.findall(rf"^{name}{{.*}} (\S+)$", told, re.MULTILINE)
                found[place] += sum(map(int, map(float, values)))
        return found[0], found[1]

    def replace_worker(self, number: int, concurrency: int) -> None:
        """kill -9 to one, and another in its place."""
        dead = self.workers[number]
        dead.kill()
        dead.wait()
        self.start_measured(f"m{number}", concurrency)
        self.workers[number] = self.workers.pop()

    def status(self) -> dict[str, Any]:
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
        found: dict[str, Any] = json.loads(done.stdout)
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
def fleet_in(folder: Path, accounts: int = 0) -> Iterator[Fleet]:
    """One without workers. `accounts`: how many keys workbooks share; 0: no credentials at all."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server())
        emulator = stack.enter_context(Emulator(auth=accounts > 0, quota=True))
        office = stack.enter_context(MailServer().listening())
        fleet = Fleet(folder, server, emulator, office, stack)
        for number in range(accounts):
            fleet.new_account(f"bot-{number}@example.org")
        stack.callback(fleet.end)
        yield fleet
