"""How long an edit waits for its result, and what becomes of mails while workers die:

python -m tests.fleet.measure [--workbooks 10] [--units 5] [--people 20] [--workers 2] [--concurrency 2]
    [--accounts 1] [--minutes 5] [--edited 0.1] [--mail-seconds 0] [--kill-every SECONDS] [--restart-every SECONDS]
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from automation.adapters.store.opening import PostgresStore
from automation.core.model.mail import MailRecord, MailState
from tests.emulator import Spreadsheet
from tests.fleet.machines import Fleet, fleet_in

LAST_WAIT_SECONDS = 240.0


@dataclass
class Edit:
    """Somebody typed a name, and waits."""

    sheet: Spreadsheet
    tab: str
    row: int
    at: float = field(default_factory=time.monotonic)


@dataclass
class Measured:
    """What came of it."""

    waits: list[float] = field(default_factory=list)
    waiting: list[Edit] = field(default_factory=list)
    typed: dict[tuple[str, str], int] = field(default_factory=dict)
    """How many names people typed into each tab."""
    kills: int = 0
    restarts: int = 0


def main() -> None:
    """Print the figures."""
    print(json.dumps(measured(asked_for()), ensure_ascii=False, indent=1), flush=True)


def measured(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures, by what they say."""
    with tempfile.TemporaryDirectory() as folder, fleet_in(Path(folder), accounts=asked.accounts) as fleet:
        codes = [f"u{number}" for number in range(asked.units)]
        for number in range(asked.workbooks):
            fleet.new_workbook(f"so-{number}", codes, asked.people)
        fleet.office.misbehave = lambda command: _slow(asked.mail_seconds) if command == "DATA" else None
        began = time.monotonic()
        for number in range(asked.workers):
            fleet.start_measured(f"m{number}", asked.concurrency)
        first = _until_first_results(fleet, codes)
        found = Measured()
        _edit_and_wait(fleet, codes, asked, found)
        return _figures(fleet, asked, found, first - began)


def asked_for(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line asks for, or `arguments` in its place."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name, usual in (("workbooks", 10), ("units", 5), ("people", 20), ("workers", 2), ("concurrency", 2)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--accounts", type=int, default=1)
    parser.add_argument("--edited", type=float, default=0.1, help="a minute, as a share of all tabs")
    for name, seconds in (("minutes", 5.0), ("kill-every", 0.0), ("restart-every", 0.0), ("mail-seconds", 0.0)):
        parser.add_argument(f"--{name}", type=float, default=seconds)
    return parser.parse_args(arguments)


def _slow(seconds: float) -> None:
    time.sleep(seconds)


def _until_first_results(fleet: Fleet, codes: list[str]) -> float:
    while not all(fleet.result(sheet, f"tab {codes[-1]}", 4) for sheet in fleet.sheets):
        time.sleep(0.5)
    return time.monotonic()


def _edit_and_wait(fleet: Fleet, codes: list[str], asked: argparse.Namespace, found: Measured) -> None:
    chance = random.Random(19)
    tabs = [(sheet, f"tab {code}") for sheet in fleet.sheets for code in codes]
    rows = {(sheet.id, tab): itertools.count(4 + asked.people) for sheet, tab in tabs}
    every = 60 / (len(tabs) * asked.edited)
    ends_at = time.monotonic() + asked.minutes * 60
    edits, kills, restarts = _beats(every), _beats(asked.kill_every), _beats(asked.restart_every)
    while time.monotonic() < ends_at:
        if next(edits):
            sheet, tab = chance.choice(tabs)
            row = next(rows[sheet.id, tab])
            fleet.type_person(sheet, tab, row, "Trần Thị Bình")
            found.waiting.append(Edit(sheet, tab, row))
        if next(kills):
            fleet.replace_worker(chance.randrange(asked.workers), asked.concurrency)
            found.kills += 1
        if next(restarts):
            fleet.server.stop()
            fleet.server.start()
            found.restarts += 1
        _look(fleet, found)
        time.sleep(0.1)
    while (found.waiting or _waits(fleet)) and time.monotonic() < ends_at + LAST_WAIT_SECONDS:
        _look(fleet, found)
        time.sleep(0.5)
    found.typed = {key: next(row) - 4 for key, row in rows.items()}


def _waits(fleet: Fleet) -> bool:
    return any(mail.state is MailState.QUEUED for mail in _mails(fleet))


def _mails(fleet: Fleet) -> list[MailRecord]:
    found: list[MailRecord] = []
    for sheet in fleet.sheets:
        with closing(PostgresStore(fleet.server.url, sheet.id)) as store:
            found += store.mail_history()
    return found


def _names_changed(fleet: Fleet, found: Measured) -> int:
    """How many of the names that people typed stand there no more, or more often."""
    wrong = 0
    for sheet in fleet.sheets:
        for (_, tab), typed in ((key, count) for key, count in found.typed.items() if key[0] == sheet.id):
            rows = sheet.rows(tab)
            column = rows[2].index("Họ và tên")
            wrong += abs(typed - sum(bool(row[column]) for row in rows[3:] if len(row) > column))
    return wrong


def _beats(seconds: float) -> Iterator[bool]:
    """Whether so long has passed since it was last true."""
    last = time.monotonic()
    while True:
        is_time = seconds > 0 and time.monotonic() - last >= seconds
        last = last + seconds if is_time else last
        yield is_time


def _look(fleet: Fleet, found: Measured) -> None:
    for edit in list(found.waiting):
        if fleet.result(edit.sheet, edit.tab, edit.row):
            found.waits.append(time.monotonic() - edit.at)
            found.waiting.remove(edit)


def _figures(fleet: Fleet, asked: argparse.Namespace, found: Measured, first: float) -> dict[str, Any]:
    waits = sorted(found.waits)
    copies = fleet.copies()
    mails = _mails(fleet)
    by_state = Counter(mail.state.value for mail in mails)
    interrupted = {mail.message_id for mail in mails if mail.interrupted}
    lost = [mail for mail in mails if mail.state is MailState.SENT and mail.message_id not in copies]
    return {
        "workbooks": asked.workbooks,
        "tabs": asked.workbooks * asked.units,
        "workers": asked.workers,
        "first results of all, seconds": round(first, 1),
        "cycles, of which began cold": fleet.cycles_and_cold(),
        "edits": len(waits) + len(found.waiting),
        "without a result": len(found.waiting),
        "median seconds": round(statistics.median(waits), 1) if waits else None,
        "99th percentile": round(waits[int(0.99 * (len(waits) - 1))], 1) if waits else None,
        "longest": round(waits[-1], 1) if waits else None,
        "within two minutes, %": round(100 * sum(each <= 120 for each in waits) / max(1, len(waits)), 1),
        "kills": found.kills,
        "restarts of PostgreSQL": found.restarts,
        "mails": dict(by_state),
        "lost": len(lost),
        "came twice outside the one window": sum(copies[each] > 1 for each in copies.keys() - interrupted),
        "names that people typed and that changed": _names_changed(fleet, found),
        "refused by Google's quota": sum(record.status == 429 for record in fleet.emulator.journal),
    }


if __name__ == "__main__":
    main()
