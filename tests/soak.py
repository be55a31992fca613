"""A worker that runs for months: its cycles on a file of 80 units that people edit all the time.

    python -m tests.soak [--cycles 1000] [--units 80] [--rows 800]

Prints the memory, the state and the time of a cycle along the way, and fails where one of them grows, an input cell
changed, or the sheet says something else than a computation that knows nothing of the cycles before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

from automation.adapters.config_files import shipped_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.store.copies import COPIES_FOLDER, CopyFolder
from automation.adapters.store.run_log import RUNS_KEPT
from automation.adapters.store.store import STORE_FILE, SqliteStore
from automation.app.cycle import run_cycle
from automation.app.environment import EnvironmentSettings
from automation.app.stopping import StopRequest
from automation.app.wiring import MAIL_FOLDER, command_context
from automation.cli.commands import WorkerCycles
from automation.cli.watching.log_lines import Event
from automation.cli.watching.memory import return_freed_memory, tidy_up
from automation.cli.watching.renewal import begin_anew, once_it_is_night
from automation.core.admin.in_force import config_in_force
from automation.core.config.tabs import CONFIG_TABS
from automation.core.config.values import FieldCode
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.judging.locating import locate
from automation.core.model.workbook import Cell, CellChange
from automation.core.records.copies import outlived
from automation.core.text.moments import VIET_NAM
from tests.made_campaigns import filled_book
from tests.tree import ROOT

BEGINNING = datetime(2023, 3, 1, 7, 0, tzinfo=VIET_NAM)
BETWEEN = timedelta(minutes=95)
"""1,000 cycles take 66 days: copies and mails outlive their 30 days, the campaign ends meanwhile."""
WARM = 50
"""The cycle after which the memory is what the last one is held to."""
MOST_GROWTH = 1.1
EDITED = 3
"""Units that people edit between two cycles."""
OTHER_FILES = 16
"""Of the state folder, beside copies and mails, which go by age."""
KIB_AT_FIRST, KIB_OF_A_UNIT, KIB_OF_A_RUN, KIB_OF_A_MAIL = 192, 5, 0.5, 1.5
"""What the database may need, for the config and each row that it keeps: of units one, of the last runs, and of mails,
that none goes twice, for as long as there are campaigns; their words go when they have left.
"""
KIB_OF_WORDS, SUMMARIES = 40, 20
"""What the words of a mail may need until it has left: at most one waits for each unit, beside those of all units."""
VALUES: Mapping[str, Sequence[Cell]] = {
    FieldCode.STAGE: ("Chưa đăng ký", "Đã đăng ký, chờ duyệt", "Đã kích hoạt và đăng nhập", "x", None),
    FieldCode.CARD: ("Đã có", "Chưa làm", "Đã làm, chờ cấp", "có"),
    FieldCode.IDENTITY: ("079085000123", "123456789", 79085000124, None, "079 085 000 125"),
    FieldCode.BIRTH_DATE: (date(1985, 3, 15), "15/3/85", "31/02/1985", None),
    FieldCode.PHONE: ("0912345678", "912345678", "không có"),
    FieldCode.NAME: ("Lê Văn An", "NGUYỄN THỊ BÌNH", "An", None),
}
"""What people type, right and wrong."""
_COUNTED = (
    "pragma_page_count",
    "pragma_freelist_count",
    "pragma_page_size",
    "(SELECT count(*) FROM run)",
    "(SELECT count(*) FROM mail)",
)


class Mark(Struct, frozen=True):
    """What was measured after a cycle."""

    cycle: int
    mib: float
    """Resident memory of the worker, the most since the mark before: that of an evening, days without mails or not."""
    files: int
    """In the state folder."""
    state_kib: int
    """Of the database."""


class Silent:
    """A log that nobody reads; what fails is a mistake here."""

    def tell(self, event: Event, sentence: str) -> None:
        if event is Event.FAILED:
            raise AssertionError(sentence)

    def line(self, event: Event, sentence: str) -> str:
        return f"{event.value}: {sentence}"

    def cycle(self, *_: object) -> None: ...

    def problems(self, *_: object) -> None: ...


class Months:
    """The file, the bot and the people."""

    def __init__(self, folder: Path, units: int, rows: int, seed: int = 7) -> None:
        self._now = BEGINNING
        self._chance = random.Random(seed)
        self.path = Path(filled_book(folder, units, rows).address)
        in_force = config_in_force(ExcelWorkbook(self.path).read(), None, shipped_tables())
        assert in_force.config is not None
        self._config = in_force.config
        self.state = folder / "state"
        self.marks: list[Mark] = []
        self._held: list[float] = []
        """MiB of the worker after each cycle since the last mark."""
        self._typed: dict[tuple[str, int, int], Cell] = {}

    def live(self, cycles: int) -> None:
        """Cycles of one worker, with edits between them."""
        command = [sys.executable, "-m", "tests.soak", "--work", str(self.path), str(self.state)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, encoding="utf-8") as worker:
            assert worker.stdin
            assert worker.stdout
            for number in range(1, cycles + 1):
                self._people_edit()
                print(self._now.isoformat(), file=worker.stdin, flush=True)
                self._held.append(float(worker.stdout.readline()))
                if number % WARM == 0 or number == cycles:
                    self._mark(number)
                    self._stands_alone()
                    self._keeps_no_longer()
                    self._stays_small(number)
                self._now += BETWEEN
            worker.stdin.close()

    def _people_edit(self) -> None:
        """Some cells of some units; what was typed is remembered."""
        book = ExcelWorkbook(self.path)
        snapshot = book.read()
        tables = locate(snapshot, self._config).tables
        cells = [cell for table in self._chance.sample(tables, EDITED) for cell in self._edits(table)]
        assert book.write(cells, snapshot).held
        self._typed |= {(each.tab, each.row, each.column): each.value for each in cells}

    def _edits(self, table: UnitTable) -> list[CellChange]:
        found = {}
        for _ in range(self._chance.randint(1, 4)):
            code = self._chance.choice(list(VALUES))
            row = table.table.header_row + self._chance.randint(1, 12)
            column = table.table.columns[code]
            found[row, column] = CellChange(table.tab.key, row, column, self._chance.choice(VALUES[code]))
        return list(found.values())

    def _mark(self, number: int) -> None:
        files = [path for path in self.state.rglob("*") if path.is_file()]
        size = (self.state / STORE_FILE).stat().st_size // 1024
        self.marks.append(Mark(number, max(self._held), len(files), size))
        self._held.clear()
        print(*asdict(self.marks[-1]).items(), file=sys.stderr, flush=True)  # for who does not want to wait for the end

    def _stands_alone(self) -> None:
        """The sheet is what a process that begins now makes of it, and people's cells are what they typed."""
        told = [str(self.path), str(self.state / STORE_FILE), self._now.isoformat()]
        subprocess.run([sys.executable, "-m", "tests.soak", "--stands-alone", *told], cwd=ROOT, check=True)
        tabs = {tab.key: tab for tab in ExcelWorkbook(self.path).read().tabs}
        changed = [place for place, value in self._typed.items() if not _same(tabs[place[0]].cell(*place[1:]), value)]
        assert changed == []

    def _keeps_no_longer(self) -> None:
        """Nothing is older than it may be; a day more, since that is looked after once a day."""
        copies, days = CopyFolder(self.state / COPIES_FOLDER), self._config.settings.copies_days + 1
        for of in copies.kept_of():
            assert outlived(copies.notes(of), self._now, days, is_current=True) == []
        first = f"{self._now - timedelta(days=days):%Y-%m-%d}"
        assert [path.name for path in (self.state / MAIL_FOLDER).glob("2*") if path.name[:10] < first] == []
        with closing(SqliteStore(self.state / STORE_FILE)) as store:
            assert len(store.runs(2 * RUNS_KEPT)) <= RUNS_KEPT

    def _stays_small(self, number: int) -> None:
        """No more copies than edits while they are kept; the database no larger than what it is for."""
        files = {path for path in self.state.rglob("*") if path.is_file()}
        copies = {path for path in files if path.suffix in (".gz", ".enc")}
        mails = {path for path in files if path.suffix == ".eml"}
        units, kept = len(self._config.units), timedelta(days=self._config.settings.copies_days + 1)
        assert len(copies) <= EDITED * min(number, kept // BETWEEN + 1) + units + len(CONFIG_TABS)
        assert len(files - copies - mails) <= OTHER_FILES, sorted(files - copies - mails)
        with closing(sqlite3.connect(self.state / STORE_FILE)) as state:
            pages, free, size, runs, sent = (state.execute(f"SELECT * FROM {each}").fetchone()[0] for each in _COUNTED)
        rows = KIB_AT_FIRST + KIB_OF_A_UNIT * units + KIB_OF_A_RUN * min(runs, RUNS_KEPT) + KIB_OF_A_MAIL * sent
        assert (pages - free) * size / 1024 <= rows, "what is kept"
        assert pages * size / 1024 <= rows + KIB_OF_WORDS * (units + SUMMARIES), "with the room for words of mails"


def work(book: Path, state: Path) -> None:
    """A worker that has a cycle at each moment it is told, and answers with the MiB that it then holds. As an
    operator's it begins anew each night, in the same process.
    """
    return_freed_memory()
    environment = EnvironmentSettings.model_validate({"TCCB_STATE_DIR": state})
    moments = map(datetime.fromisoformat, map(str.strip, iter(sys.stdin.readline, "")))
    told = list(islice(moments, 1))
    if not told:  # it began anew behind the last one
        return

    def clock(zone: tzinfo) -> datetime:
        return told[-1].astimezone(zone)

    is_over = once_it_is_night(clock)
    with command_context(book, environment) as context, context.mailing() as mailing:
        worker = WorkerCycles(context, mailing, clock, StopRequest(), Silent(), tidy_up)
        while True:
            worker.cycle()
            print(_mib(), flush=True)
            if is_over():
                break
            told = list(islice(moments, 1))
            if not told:
                return
    begin_anew(Silent())


def _mib() -> float:
    """Resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def stands_alone(book: Path, state: Path, now: datetime) -> None:
    """Raises AssertionError where a cycle that knows nothing of those before it finds something to write."""
    before = book.read_bytes()
    with closing(SqliteStore(state)) as store:
        found = run_cycle(ExcelWorkbook(book), store, None, now.astimezone)
    assert (found.changed, found.cells_written) == (0, 0)
    assert book.read_bytes() == before


def _same(shown: Cell, typed: Cell) -> bool:
    as_day = datetime(typed.year, typed.month, typed.day) if isinstance(typed, date) else typed
    return shown in (typed, as_day)


def grown(marks: Sequence[Mark]) -> float:
    """The most memory since, as multiple of that of the cycle that it is held to: the end may be a week of holidays."""
    return max(each.mib for each in marks if each.cycle >= WARM) / next(
        each.mib for each in marks if each.cycle >= WARM
    )


def main() -> None:
    """Live for so many cycles and tell."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    wanted.add_argument("--cycles", type=int, default=1000)
    wanted.add_argument("--units", type=int, default=80)
    wanted.add_argument("--rows", type=int, default=800)
    wanted.add_argument("--json", action="store_true")
    wanted.add_argument("--work", nargs=2, metavar=("BOOK", "STATE"), help="the worker")
    wanted.add_argument(
        "--stands-alone", nargs=3, metavar=("BOOK", "STATE", "NOW"), help="what it asks itself on the way"
    )
    asked = wanted.parse_args()
    if asked.work:
        work(*map(Path, asked.work))
        return
    if asked.stands_alone:
        book, state, now = asked.stands_alone
        stands_alone(Path(book), Path(state), datetime.fromisoformat(now))
        return
    with tempfile.TemporaryDirectory() as folder:
        months = Months(Path(folder), asked.units, asked.rows)
        start = time.perf_counter()
        months.live(asked.cycles)
        seconds = time.perf_counter() - start
    told = {
        "marks": [asdict(mark) for mark in months.marks],
        "growth": round(grown(months.marks), 3),
        "seconds_a_cycle": round(seconds / asked.cycles, 3),
    }
    print(json.dumps(told) if asked.json else json.dumps(told, indent=1))
    sys.exit(grown(months.marks) > MOST_GROWTH)


if __name__ == "__main__":
    main()
