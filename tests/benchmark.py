"""How long a cycle takes, as multiples of F = `json.loads` of the same cells, measured in this very run.

    python -m tests.benchmark [--rows 50000] [--units 100]
    python -m tests.benchmark --google     the same in a spreadsheet at (an emulator of) Google, and every request
    python -m tests.benchmark --json       the pure half alone, in CPU: first, cold, all, warm, quiet (`tests/speed.py`)
    python -m tests.benchmark --beside     what a plain loop, pandas and polars by hand cost on the same people
    python -m tests.benchmark --picture docs/images/speed.png
    python -m tests.benchmark --mails      100 reminders on 50 rows each, over one connection to a mail server

Machines differ and are noisy; ratios to F travel. Memory is the peak of the whole process.
"""

from __future__ import annotations

import argparse
import json
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.spreadsheets import open_spreadsheets
from automation.adapters.mail.mime import message_bytes
from automation.adapters.mail.transport import FileTransport, SmtpTransport, nothing
from automation.adapters.mail.writer import MailWriter, WrittenMail
from automation.adapters.store.store import SqliteStore
from automation.app import cycle
from automation.app.clock import standing_clock
from automation.app.init import set_up
from automation.app.keeping import Kept
from automation.app.mailing import Mailing
from automation.core.config.identity import codes_of
from automation.core.config.values import Config
from automation.core.mail.desk import MailFigures
from automation.core.model.mail import NO_CUSTOM_TEXTS, CustomTexts, Mail
from automation.core.model.workbook import CellChange, Snapshot
from automation.core.text.moments import VIET_NAM
from automation.demo.campaign import DemoUnit
from automation.demo.filling import fill, write_units
from tests.adapters.mail.test_transport import free_port
from tests.growth import draw_growth
from tests.made_campaigns import drawn_book, made_campaign, shipped_config
from tests.speed import measure_beside, measure_speed, slow_cases

NOW = datetime(2023, 4, 20, 8, 0)
Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What `work` returns, and the seconds it took."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def loads_seconds(snapshot: Snapshot) -> float:
    """F: the fastest of three `json.loads` of all cells of the workbook."""
    cells = json.dumps([[list(row) for row in tab.rows] for tab in snapshot.tabs], default=str)
    return min(timed(lambda: json.loads(cells))[1] for _ in range(3))


def main() -> None:
    """Make the workbook, run a first and a quiet cycle, print the table."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    wanted.add_argument("--rows", type=int, default=50_000)
    wanted.add_argument("--units", type=int, default=100)
    wanted.add_argument("--mails", action="store_true")
    wanted.add_argument("--google", action="store_true")
    wanted.add_argument("--json", action="store_true")
    wanted.add_argument("--beside", action="store_true", help="others on the same people; a wrong answer fails")
    wanted.add_argument("--picture", type=Path, help="draw there how the cost grows with the people; takes minutes")
    wanted.add_argument("--hold", type=Path, help="a page with a table of ratios that must not double")
    asked = wanted.parse_args()
    if asked.hold:
        sys.exit(hold(asked.hold, asked.units, asked.rows, as_json=asked.json))
    if asked.picture:
        draw_growth(asked.picture)
        return
    if asked.beside:
        print(json.dumps(measure_beside(asked.rows, asked.units), indent=1))
        return
    if asked.json:
        print(json.dumps(measure_speed(asked.rows, asked.units), indent=1))
        return
    with tempfile.TemporaryDirectory() as name:
        if asked.mails:
            measure_mails(Path(name))
        elif asked.google:
            measure_google(Path(name), asked.units, asked.rows)
        else:
            measure(Path(name), asked.units, asked.rows)


def hold(page: Path, units: int, rows: int, *, as_json: bool) -> bool:
    """Whether a ratio of the page has doubled; prints which."""
    slow = list(slow_cases(lambda: measure_speed(rows, units), page))
    print(json.dumps({"holds": not slow, "slow": slow}) if as_json else "\n".join(slow) or f"all of {page} holds")
    return bool(slow)


def measure(folder: Path, units: int, rows: int) -> None:
    """Print seconds and multiples of F for each step of two cycles on a workbook of that size."""
    book, drawn, filled = make_book(folder, units, rows)
    unit = loads_seconds(book.read())
    print(f"{rows} rows in {units} units; F = {unit:.3f} s; set up {drawn:.1f} s, typed in {filled:.1f} s")
    store = SqliteStore(folder / "state.sqlite3")
    for title in ("first cycle", "quiet cycle"):
        found, total = timed(
            lambda: cycle.run_cycle(
                book, store, Mailing(MailWriter(), FileTransport(folder / "mails")), standing_clock(NOW)
            )
        )
        print(f"{title}: {total:.1f} s, {found.cells_written} cells written, {found.queued} mails queued")
        for step, seconds in found.seconds.items():
            print(f"  {step:8} {seconds:7.2f} s  {seconds / unit:7.1f} F")
    store.close()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def make_book(folder: Path, units: int, rows: int) -> tuple[ExcelWorkbook, float, float]:
    """A workbook of that size, and the seconds that drawing and filling it took."""
    campaign = made_campaign(units, rows)
    book, drawn = timed(lambda: drawn_book(folder, campaign))
    _, filled = timed(lambda: fill(book, campaign, shipped_config()))
    return book, drawn, filled


# --- Google -----------------------------------------------------------------------------------------------

EDITED_TABS = 5


def measure_google(folder: Path, units: int, rows: int) -> None:
    """Print CPU seconds of our own process, and the journal of requests, of init and cycles."""
    campaign = made_campaign(units, rows)
    write_units(folder / "units.csv", campaign)
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.emulator", "--port", str(port)], stdout=subprocess.PIPE, text=True
    ) as emulator:
        try:
            assert emulator.stdout is not None
            emulator.stdout.readline()
            spreadsheet = emulator.stdout.readline().split()[0]
            _measure_google(folder, f"127.0.0.1:{port}", spreadsheet, campaign, shipped_config())
        finally:
            emulator.terminate()


def _measure_google(folder: Path, host: str, spreadsheet: str, campaign: list[DemoUnit], config: Config) -> None:
    api = connect(emulator_host=host)
    book = open_spreadsheets(api, SpreadsheetAddress(spreadsheet, spreadsheet), folder / "state", codes_of)

    def stage(title: str, work: Callable[[], object]) -> None:
        noted, start, cpu = len(api.journal), time.perf_counter(), time.process_time()
        work()
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        print(f"{title}: {seconds:.1f} s, {cpu:.1f} s of our own CPU, {cpu / unit:.1f} F" if unit else title)
        for call in api.journal[noted:]:
            print(f"  {call.method:4} {call.kind:30} {call.status} {call.sent:>9} B out {call.received:>10} B in")

    unit = 0.0
    stage("init", lambda: set_up(book, folder / "units.csv"))
    stage("people type", lambda: fill(book, campaign, config))
    unit = loads_seconds(book.read())
    print(f"F = {unit:.3f} s (json.loads of all cells)")
    store = SqliteStore(folder / "state.sqlite3")
    mailing, kept = Mailing(MailWriter(), FileTransport(folder / "mails")), Kept()

    def cycle_now() -> None:
        found = cycle.run_cycle(book, store, mailing, standing_clock(NOW), kept=kept)
        steps = ", ".join(f"{step} {seconds:.2f}" for step, seconds in found.seconds.items())
        print(f"{found.cells_written} cells written, {found.queued} mails; seconds: {steps}")

    stage("first cycle", cycle_now)
    for title in ("cycle after it", "quiet cycle", "quiet cycle"):
        stage(title, cycle_now)
    snapshot = book.read()
    people = [tab for tab in snapshot.tabs if tab.title.startswith("Đơn vị ")][:EDITED_TABS]
    book.write([CellChange(tab.key, 5, 17, "Đổi số điện thoại") for tab in people], snapshot)
    stage(f"cycle after edits in {EDITED_TABS} tabs", cycle_now)
    for title in ("init again", "and again"):
        stage(title, lambda: set_up(book, folder / "units.csv"))
    store.close()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


# --- mail -------------------------------------------------------------------------------------------------


class TimedWriter(MailWriter):
    """Knows how long it has been writing."""

    seconds = 0.0

    def write(self, kind: str, figures: MailFigures, words: CustomTexts = NO_CUSTOM_TEXTS) -> WrittenMail:
        written, seconds = timed(lambda: super(TimedWriter, self).write(kind, figures, words))
        self.seconds += seconds
        return written


class TimedTransport(SmtpTransport):
    """Keeps what it sent, and knows how long that took and how often it connected."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.seconds = 0.0
        self.sent: list[tuple[Mail, str, datetime]] = []

    def send(
        self, mail: Mail, message_id: str, queued_at: datetime, before_content: Callable[[], None] = nothing
    ) -> None:
        _, seconds = timed(lambda: super(TimedTransport, self).send(mail, message_id, queued_at, before_content))
        self.seconds += seconds
        self.sent.append((mail, message_id, queued_at))


def measure_mails(folder: Path, units: int = 100, rows_each: int = 50) -> None:
    """Print seconds and the share of each stage from judged rows to mails that a server has taken."""
    book, _, _ = make_book(folder, units, units * rows_each)
    store = SqliteStore(folder / "state.sqlite3")
    cycle.run_cycle(book, store, None, standing_clock(NOW - timedelta(hours=1)))
    # A server of its own process, so that only our half is measured here.
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    with subprocess.Popen(command) as server:
        try:
            wait_for(port)
            writer, transport = TimedWriter(), TimedTransport(f"smtp://127.0.0.1:{port}")
            found = cycle.run_cycle(book, store, Mailing(writer, transport), standing_clock(NOW))
        finally:
            server.terminate()
    store.close()
    _, mime = timed(lambda: [message_bytes(*each, VIET_NAM) for each in transport.sent])
    stages = {
        "figures, calendar": found.seconds["plan"],
        "words": writer.seconds,
        "queue": found.seconds["queue"] - writer.seconds,
        "MIME": mime,
        "SMTP": transport.seconds - mime,
        "notes": found.seconds["deliver"] - transport.seconds,
    }
    total = sum(stages.values())
    print(f"{found.delivery.sent} mails of {units} units x {rows_each} rows in {total:.2f} s")
    for stage, seconds in stages.items():
        print(f"  {stage:28} {seconds:6.2f} s  {seconds / total:4.0%}")


def wait_for(port: int) -> None:
    """Until something answers there."""
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


if __name__ == "__main__":
    main()
