"""Every point at which a worker touches a file × what can go wrong there, and then recovery: the workbook, the state,
the copies, the mails, the sign of life. The points between it and a mail server: `test_mail_matrix.py`, those between
it and Google: `test_google_faults.py`.

    python -m tests.app.file_faults    all rows, and their sums
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, tzinfo
from itertools import count
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.cycle import run_cycle
from automation.app.environment import EnvironmentSettings
from automation.app.init import set_up
from automation.app.stopping import StopRequest
from automation.app.wiring import MAIL_FOLDER, command_context
from automation.app.worker import Worker
from automation.cli.commands import BEFORE_THE_CONFIG_IS_READ, WorkerCycles
from automation.core.config import tabs
from automation.core.model.workbook import Cell, Row
from automation.core.text.moments import VIET_NAM
from tests.app.records.office import settle
from tests.fakes_store import MemoryStore
from tests.faults import Fault, die, exit_code_of
from tests.google_world import HEADER_ROW
from tests.soak import Silent
from tests.workbooks import SOUND

UNITS = ("mot", "hai")
PEOPLE = 3
MORNING = datetime(2023, 4, 20, 8, tzinfo=VIET_NAM)
RESULTS = ("Kết quả", "Việc cần làm", "Lỗi cần sửa", "Dữ liệu đã xét")
STATE = "so.tccb"

_PUT, _LEFT = ("os.rename", r"so\.xlsx'"), ("os.remove", r"\.tccb-")
POINTS: dict[str, tuple[str, str, int]] = {
    "workbook read": ("open", r"/so\.xlsx', 'r", 1),
    "results written": ("open", r"/\.tccb-", 1),
    "results before they stand": (*_PUT, 1),
    "results after they stand": (*_LEFT, 1),
    "state opened": ("sqlite3.connect", r"state\.sqlite3", 1),
    "state committed": ("COMMIT", "", 1),
    "mail noted": ("COMMIT", "", 3),
    "copy written": ("open", r"/of-mot/", 1),
    "copy before it stands": ("os.rename", r"/of-mot/", 1),
    "announcement before it stands": (*_PUT, 2),
    "announcement after it stands": (*_LEFT, 2),
    "mail written": ("open", r"/mails/\..*_mot_", 1),
    "mail before it stands": ("os.rename", r"/mails/\..*_mot_", 1),
    "outcomes before they stand": (*_PUT, 3),
    "outcomes after they stand": (*_LEFT, 3),
    "sign of life": ("open", r"/\.heartbeat", 1),
}
"""By name: what Python tells of an event there, a pattern of its arguments, and which of those it is."""
ERRORS = {"error": errno.EIO, "disk full": errno.ENOSPC, "read-only": errno.EROFS, "refused": errno.EACCES}


def faults() -> Iterator[Fault]:
    """All rows."""
    for point in POINTS:
        yield Fault(point, "kill")
        yield Fault(point, "kill", state_gone=True)
        yield from (Fault(point, "kill", clock=timedelta(hours=hours)) for hours in (-1, 1))
        if POINTS[point][0] != "COMMIT":  # what SQLite does to files Python does not see
            yield from (Fault(point, what) for what in (*ERRORS, "another bot"))


@dataclass(frozen=True)
class Outcome:
    """Counts; all but `told_of` have to be 0."""

    inputs_changed: int
    results_wrong: int
    mails_lost: int
    mails_twice: int
    loops_dead: int
    told_of: int
    """Units of whose mail it is said that it may have come."""

    @property
    def is_well(self) -> bool:
        return not any((self.inputs_changed, self.results_wrong, self.mails_lost, self.mails_twice, self.loops_dead))


class Loud(Silent):
    """Remembers what failed."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def tell(self, event: Any, sentence: str) -> None:
        if event.value == "failed":
            self.failed.append(sentence)


class Trial:
    """A workbook, a worker, and one fault."""

    def __init__(self, folder: Path, made: bytes, fault: Fault) -> None:
        self.folder, self.fault, self.now = folder, fault, MORNING
        self.path = folder / "so.xlsx"
        self.path.write_bytes(made)
        self.typed = self._inputs()
        self.met = False

    def outcome(self) -> Outcome:
        """The first cycle, in a process of its own, then recovery."""
        dead = exit_code_of(self._life) != (-signal.SIGKILL if self.fault.kills else 0)
        first = self._letters()
        if self.fault.state_gone:
            shutil.rmtree(self.folder / STATE, ignore_errors=True)
        self.now = MORNING + timedelta(minutes=30) + self.fault.clock
        dead = self._cycles(1) or dead
        if self.fault.state_gone or self.fault.clock:  # the late try of what may have come; the hours for mails
            self.now += timedelta(hours=5)
            dead = self._cycles(1) or dead
        return self._counted({*first, *self._letters()}, dead)

    def _counted(self, letters: set[tuple[str, str]], dead: bool) -> Outcome:
        units = Counter(unit for unit, _ in letters)
        sent = [row for row in self._rows(tabs.MAILS) if len(row) > 1 and row[1] in UNITS]
        told = {row[1] for row in sent if "có thể" in str(row)}
        inputs = self._inputs()
        with command_context(self.path, self._environment()) as context:
            again = run_cycle(ExcelWorkbook(self.path), context.store, None, self._clock)
        return Outcome(
            inputs_changed=sum(now != before for now, before in zip(inputs, self.typed, strict=True)),
            results_wrong=again.changed + again.cells_written,
            mails_lost=sum(not units[unit] and unit not in told for unit in UNITS),
            mails_twice=sum(units[unit] > 1 for unit in UNITS),
            loops_dead=int(dead),
            told_of=len(told),
        )

    def _life(self) -> None:
        """A worker that meets the fault in its first cycle and goes on."""
        watch_files(self.folder, POINTS[self.fault.point], self._act)
        failed = self._cycles(2)
        os._exit(int(failed or not self.met))

    def _cycles(self, number: int) -> bool:
        """So many cycles of a worker; whether the last one failed."""
        log = Loud()
        with command_context(self.path, self._environment()) as context, context.mailing() as mailing:
            cycles = WorkerCycles(context, mailing, self._clock, StopRequest(), log)
            worker = Worker(cycles.cycle, self._clock, lambda _: None, cycles.tell_error, BEFORE_THE_CONFIG_IS_READ)
            for _ in range(number):
                log.failed.clear()
                worker.run_due()
                self.now += timedelta(minutes=16)
        return bool(log.failed)

    def _act(self) -> None:
        self.met = True
        if self.fault.kills:
            die()
        elif self.fault.what == "another bot":
            run_cycle(ExcelWorkbook(self.path), MemoryStore(), None, lambda zone: self._clock(zone))
        else:
            raise OSError(ERRORS[self.fault.what], self.fault.what)

    def _clock(self, zone: tzinfo) -> datetime:
        return self.now.astimezone(zone)

    def _environment(self) -> EnvironmentSettings:
        return EnvironmentSettings.model_validate({"TCCB_STATE_DIR": self.folder / STATE})

    def _letters(self) -> set[tuple[str, str]]:
        """The mails to units, by what is in them: one sent again has the name it had."""
        found = (self.folder / STATE / MAIL_FOLDER).glob("2*_bat-dau_*.eml")
        return {(path.name.split("_")[2], path.name) for path in found}

    def _inputs(self) -> list[Cell]:
        """What people typed, cell by cell."""
        found: list[Cell] = []
        for unit in UNITS:
            rows = self._rows(unit)[HEADER_ROW - 1 :]
            own = [place for place, header in enumerate(rows[0]) if header and header not in RESULTS]
            found += [row[place] if place < len(row) else None for row in rows[: PEOPLE + 1] for place in own]
        return found

    def _rows(self, title: str) -> Sequence[Row]:
        return next(tab.rows for tab in ExcelWorkbook(self.path).read().tabs if tab.title == title)


def watch_files(folder: Path, point: tuple[str, str, int], act: Callable[[], None]) -> None:
    """Do something at a point of this process, once. It cannot be undone: for processes that end soon."""
    wanted, pattern, which = point
    numbers, busy = count(1), False

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal busy
        is_it = event == wanted and not busy and str(folder) in str(arguments) and re.search(pattern, str(arguments))
        if is_it and next(numbers) == which:
            busy = True  # what is done there touches files too
            act()
            busy = False

    if wanted != "COMMIT":
        sys.addaudithook(watch)
        return
    connect = sqlite3.connect

    def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_trace_callback(lambda said: act() if said == wanted and next(numbers) == which else None)
        return connection

    sqlite3.connect = traced  # type: ignore[assignment]


def made_workbook(folder: Path) -> bytes:
    """Two units with people, some of them done."""
    units, path = folder / "units.csv", folder / "so.xlsx"
    lines = [f"{unit},Đơn vị {unit},Bệnh viện,{unit},{PEOPLE + 1},d-{unit}@example.org" for unit in UNITS]
    header = "Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người,Email đầu mối"
    units.write_text("\n".join([header, *lines]), "utf-8")
    assert set_up(ExcelWorkbook(path), units).drawn
    book = load_workbook(path)
    for unit in UNITS:
        headers = [cell.value for cell in book[unit][HEADER_ROW]]
        for number in range(PEOPLE):
            stage = {"Tình trạng tài khoản": "Chưa đăng ký"} if number else {}
            person = {**SOUND, "Họ và tên": f"Lê Văn {'ABC'[number]}n", **stage}
            person["Số CCCD"] = f"0790850{UNITS.index(unit)}000{number}"
            for column, title in enumerate(headers, start=1):
                if title in person:
                    book[unit].cell(HEADER_ROW + 1 + number, column, person[str(title)])
    book.save(path)
    settle(path, "Bản tổng hợp", "không gửi")  # whose attachments take longer than all else
    return path.read_bytes()


def main() -> None:
    """Print a line a row, and the sums."""
    names = [each.name for each in fields(Outcome)]
    sums, rows = Counter[str](), 0
    with tempfile.TemporaryDirectory() as name:
        made = made_workbook(Path(name))
    for fault in faults():
        with tempfile.TemporaryDirectory() as name:
            found = Trial(Path(name), made, fault).outcome()
        rows += 1
        sums.update({each: getattr(found, each) for each in names})
        said = ", ".join(f"{each} {getattr(found, each)}" for each in names)
        print(f"{'' if found.is_well else '! '}{fault!s:60} {said}", flush=True)
    print(f"{rows} rows: {dict(sums)}")


if __name__ == "__main__":
    main()
