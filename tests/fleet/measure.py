"""How long an edit waits for its result, and what becomes of mails while workers die:

python -m tests.fleet.measure [--workbooks 10] [--units 5] [--people 20] [--workers 2 [MORE...]] [--concurrency 2]
    [--accounts 1] [--minutes 5] [--edited 0.1] [--mail-seconds 0] [--kill-every SECONDS] [--restart-every SECONDS]
    [--kills-at-mails NUMBER] [--restarts NUMBER] [--json]

`--workers 1 2 4`: a run each, and a column each in the table. At mails: each worker dies at one of its mails, until so
many have died and PostgreSQL has been started anew so often, or the minutes are over. Afterwards the clock is put
forward for those of which nobody knows whether they came.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from automation.adapters.config_files import default_tables
from automation.adapters.store.opening import PostgresStore
from automation.core.model.mail import MailRecord, MailState
from tests.emulator import Spreadsheet
from tests.fleet.deaths import DeathsAtMails, slow
from tests.fleet.machines import Fleet, fleet_in

LAST_WAIT_SECONDS = 240.0
FIRST_NAME, TYPED_NAME = "Nguyễn Văn An", "Trần Thị Bình"
COMPUTED = {header for _, header, _, kind, *_ in default_tables()["Cột dữ liệu"] if kind == "hệ thống ghi"}
LATE = ("--now", "2023-04-20T13:30")
"""When mails that may have come are due once more."""


class Edit(Struct):
    """Somebody typed a name, and waits."""

    sheet: Spreadsheet
    tab: str
    row: int
    at: float = field(default_factory=time.monotonic)


class Measured(Struct):
    """What came of it."""

    waits: list[float] = field(default_factory=list)
    waiting: list[Edit] = field(default_factory=list)
    typed: dict[tuple[str, str], int] = field(default_factory=dict)
    """How many names people typed into each tab."""
    kills: int = 0
    restarts: int = 0
    deaths: dict[str, int] = field(default_factory=dict)
    """At mails, by command."""


def main() -> None:
    """Print the figures."""
    asked = asked_for()
    runs: list[dict[str, Any]] = []
    for each in runs_of(asked):
        runs.append(measured(each))
        print(table(runs[-1:]), file=sys.stderr, flush=True)  # the next one may fail
    print(json.dumps(runs, ensure_ascii=False, indent=1) if asked.json else table(runs), flush=True)


def runs_of(asked: argparse.Namespace) -> Iterator[argparse.Namespace]:
    """One for each number of workers."""
    for workers in asked.workers:
        yield argparse.Namespace(**{**vars(asked), "workers": workers})


def table(runs: Sequence[dict[str, Any]]) -> str:
    """A line a figure, a column a run."""
    width = max(map(len, runs[0]))
    lines = [[what, *(_shown(run.get(what)) for run in runs)] for what in runs[0]]
    return "\n".join(f"{what:<{width}}" + "".join(f"{each:>16}" for each in cells) for what, *cells in lines)


def _shown(figure: Any) -> str:
    if isinstance(figure, dict):
        return " ".join(f"{name}:{count}" for name, count in figure.items()) or "–"
    return " ".join(map(str, figure)) if isinstance(figure, tuple | list) else str(figure)


def measured(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures, by what they say."""
    with tempfile.TemporaryDirectory() as folder, fleet_in(Path(folder), accounts=asked.accounts) as fleet:
        codes = [f"u{number}" for number in range(asked.units)]
        fleet.emulator.counts_quota = False  # who sets up counts for himself
        first_one = fleet.new_workbook("so-0", codes, asked.people)
        for number in range(1, asked.workbooks):
            fleet.new_copy(first_one, f"so-{number}", codes)
        fleet.office.misbehave = slow(asked.mail_seconds)
        deaths = DeathsAtMails(fleet, asked.concurrency, asked.kills_at_mails, asked.mail_seconds)
        fleet.emulator.counts_quota = True
        began = time.monotonic()
        for number in range(asked.workers):
            if asked.kills_at_mails:
                deaths.server_of(number)
            fleet.start_measured(f"m{number}", asked.concurrency)
        first = began if asked.kills_at_mails else _until_first_results(fleet, codes)
        found = Measured()
        _edit_and_wait(fleet, codes, asked, found, deaths)
        found.deaths = dict(deaths.at)
        if _some(fleet, MailState.UNSURE):
            _send_again_late(fleet)
        return _figures(fleet, asked, found, first - began)


def asked_for(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line asks for, or `arguments` in its place."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name, usual in (("workbooks", 10), ("units", 5), ("people", 20), ("concurrency", 2)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    for name, usual in (("accounts", 1), ("kills-at-mails", 0), ("restarts", 0)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--workers", type=int, nargs="+", default=[2])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--edited", type=float, default=0.1, help="a minute, as a share of all tabs")
    for name, seconds in (("minutes", 5.0), ("kill-every", 0.0), ("restart-every", 0.0), ("mail-seconds", 0.0)):
        parser.add_argument(f"--{name}", type=float, default=seconds)
    return parser.parse_args(arguments)


def _until_first_results(fleet: Fleet, codes: list[str]) -> float:
    while not all(fleet.result(sheet, f"tab {codes[-1]}", 4) for sheet in fleet.sheets):
        time.sleep(0.5)
    return time.monotonic()


def _edit_and_wait(
    fleet: Fleet, codes: list[str], asked: argparse.Namespace, found: Measured, deaths: DeathsAtMails
) -> None:
    chance = random.Random(19)
    tabs = [(sheet, f"tab {code}") for sheet in fleet.sheets for code in codes]
    rows = {(sheet.id, tab): itertools.count(4 + asked.people) for sheet, tab in tabs}
    every = 60 / (len(tabs) * asked.edited)
    ends_at = time.monotonic() + asked.minutes * 60
    edits, kills, restarts = _beats(every), _beats(asked.kill_every), _beats(asked.restart_every)
    while time.monotonic() < ends_at and not _is_enough(asked, found, deaths):
        while next(edits):
            sheet, tab = chance.choice(tabs)
            row = next(rows[sheet.id, tab])
            fleet.type_person(sheet, tab, row, TYPED_NAME)
            found.waiting.append(Edit(sheet, tab, row))
        if next(kills):
            fleet.replace_worker(chance.randrange(asked.workers), asked.concurrency)
            found.kills += 1
        if next(restarts):
            fleet.server.stop()
            fleet.server.start()
            found.restarts += 1
        deaths.replace_the_dead()
        _look(fleet, found)
        time.sleep(0.1)
    deaths.end()
    ends_at = time.monotonic() + LAST_WAIT_SECONDS
    while (found.waiting or _some(fleet, MailState.QUEUED)) and time.monotonic() < ends_at:
        deaths.replace_the_dead()
        _look(fleet, found)
        time.sleep(0.5)
    found.typed = {key: next(row) - 4 for key, row in rows.items()}


def _is_enough(asked: argparse.Namespace, found: Measured, deaths: DeathsAtMails) -> bool:
    have_died: bool = 0 < asked.kills_at_mails <= deaths.at.total()
    return have_died and found.restarts >= int(asked.restarts)


def _send_again_late(fleet: Fleet) -> None:
    """Those that may have come, once more."""
    fleet.end()
    fleet.start("late", "--concurrency", "4", now=LATE)
    ends_at = time.monotonic() + LAST_WAIT_SECONDS
    while _some(fleet, MailState.UNSURE) and time.monotonic() < ends_at:
        time.sleep(1)


def _some(fleet: Fleet, state: MailState) -> bool:
    return any(mail.state is state for mail in _mails(fleet))


def _mails(fleet: Fleet) -> list[MailRecord]:
    found: list[MailRecord] = []
    for sheet in fleet.sheets:
        with closing(PostgresStore(fleet.server.url, sheet.id)) as store:
            found += store.mail_history()
    return found


def _cells_changed(fleet: Fleet, asked: argparse.Namespace, found: Measured) -> int:
    """How many cells that people fill in, empty ones too, hold something else than what people typed."""
    wrong = 0
    for sheet in fleet.sheets:
        for (_, tab), typed in ((key, count) for key, count in found.typed.items() if key[0] == sheet.id):
            names = [FIRST_NAME] * asked.people + [TYPED_NAME] * (typed - asked.people)
            rows = sheet.rows(tab)
            filled_in = [column for column, header in enumerate(rows[2]) if header not in COMPUTED]
            present = Counter(
                (row, column, str(cells[column]))
                for row, cells in enumerate(rows[3:])
                for column in filled_in
                if len(cells) > column and cells[column] is not None
            )
            wanted = Counter((row, rows[2].index("Họ và tên"), name) for row, name in enumerate(names))
            wrong += ((present - wanted) + (wanted - present)).total()
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
    lost = sum(mail.state is MailState.SENT and mail.message_id not in copies for mail in mails)
    units = {f"so-{number}-u{unit}@example.org" for number in range(asked.workbooks) for unit in range(asked.units)}
    return {
        "workbooks": asked.workbooks,
        "tabs": asked.workbooks * asked.units,
        "workers": asked.workers,
        "first results of all, seconds": round(first, 1),
        **({} if found.deaths else {"cycles, of which began cold": fleet.cycles_and_cold()}),
        "edits": len(waits) + len(found.waiting),
        "without a result": len(found.waiting),
        "median seconds": round(statistics.median(waits), 1) if waits else None,
        "99th percentile": round(waits[math.ceil(0.99 * len(waits)) - 1], 1) if waits else None,
        "longest": round(waits[-1], 1) if waits else None,
        "within two minutes, %": round(100 * sum(each <= 120 for each in waits) / max(1, len(waits)), 1),
        "kills": found.kills,
        "kills at mails": found.deaths,
        "restarts of PostgreSQL": found.restarts,
        "mails": dict(by_state),
        "lost": lost,
        "units without a mail": len(units - fleet.addressed()),
        "came twice in the one window": sum(copies[each] == 2 for each in interrupted),
        "came twice outside the one window": sum(copies[each] > 1 for each in copies.keys() - interrupted),
        "came more than twice": sum(number > 2 for number in copies.values()),
        "input cells changed": _cells_changed(fleet, asked, found),
        "refused by Google's quota": sum(record.status == 429 for record in fleet.emulator.journal),
    }


if __name__ == "__main__":
    main()
