"""Every point at which a worker touches a file × what can go wrong there, and then recovery: the workbook, the state,
the copies, the mails, the sign of life. The points between it and a mail server: `test_mail_matrix.py`, those between
it and Google: `google_points.py`.

    python -m tests.app.file_faults    all rows, and their sums
"""

from __future__ import annotations

import errno
import os
import re
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.cycle import run_cycle
from automation.app.init import set_up
from automation.core.model.workbook import Row
from tests.app.records.office import settle
from tests.app.worker_trial import UNITS, WorkerTrial, people_of, tell_all, units_csv
from tests.fakes_store import MemoryStore
from tests.faults import Fault, die, exit_code_of
from tests.google_world import HEADER_ROW

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
AFTER = "cut after effect"
OF_SQLITE = {
    "error": sqlite3.SQLITE_IOERR,
    "disk full": sqlite3.SQLITE_FULL,
    "read-only": sqlite3.SQLITE_READONLY,
    "time-out": sqlite3.SQLITE_BUSY,
    AFTER: sqlite3.SQLITE_IOERR,
}
"""What it says instead of committing, or having done so: what it does to files Python does not see."""


def faults() -> Iterator[Fault]:
    """All rows."""
    for point in POINTS:
        yield Fault(point, "kill")
        yield Fault(point, "kill", state_gone=True)
        yield from (Fault(point, "kill", clock=timedelta(hours=hours)) for hours in (-1, 1))
        errors = OF_SQLITE if _is_commit(point) else ERRORS
        yield from (Fault(point, what) for what in (*errors, "another bot"))


def _is_commit(point: str) -> bool:
    return POINTS[point][0] == "COMMIT"


class Trial(WorkerTrial):
    """A workbook in a file, a worker, and one fault."""

    def __init__(self, folder: Path, made: bytes, fault: Fault) -> None:
        self.path = folder / "so.xlsx"
        self.path.write_bytes(made)
        super().__init__(folder, self.path, fault)

    def first_life(self) -> bool:
        """In a process of its own, as every row is: a file is watched until its process ends."""
        return exit_code_of(self._life) == (-signal.SIGKILL if self.fault.kills else 0)

    def _life(self) -> None:
        """A worker that meets the fault in its first cycle and goes on."""
        if _is_commit(self.fault.point):
            watch_commits(POINTS[self.fault.point][2], self._act, after=self.fault.what == AFTER)
        else:
            watch_files(self.folder, POINTS[self.fault.point], self._act)
        failed = self.cycles(2)
        os._exit(int(failed or not self.met))

    def _act(self) -> None:
        self.met = True
        if self.fault.kills:
            die()
        elif self.fault.what == "another bot":
            run_cycle(ExcelWorkbook(self.path), MemoryStore(), None, lambda zone: self.clock(zone))
        elif _is_commit(self.fault.point):
            error = sqlite3.OperationalError(self.fault.what)
            error.sqlite_errorcode = OF_SQLITE[self.fault.what]
            raise error
        else:
            raise OSError(ERRORS[self.fault.what], self.fault.what)

    def rows(self, title: str) -> Sequence[Row]:
        """See `WorkerTrial`."""
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

    sys.addaudithook(watch)


def watch_commits(which: int, act: Callable[[], None], *, after: bool) -> None:
    """The same at one of the commits of this process, or right after it."""
    numbers, connect = count(1), sqlite3.connect

    class Watched(sqlite3.Cursor):
        def execute(self, said: str, *parameters: Any) -> Any:
            is_it = said == "COMMIT" and next(numbers) == which
            if is_it and not after:
                act()
            done = super().execute(said, *parameters)
            if is_it and after:
                act()
            return done

    class Connection(sqlite3.Connection):
        def cursor(self, _factory: object = None) -> Any:
            return super().cursor(Watched)

    sqlite3.connect = partial(connect, factory=Connection)  # type: ignore[assignment]


def made_workbook(folder: Path) -> bytes:
    """Two units with people, some of them done."""
    path = folder / "so.xlsx"
    assert set_up(ExcelWorkbook(path), units_csv(folder)).drawn
    book = load_workbook(path)
    for unit in UNITS:
        headers = [cell.value for cell in book[unit][HEADER_ROW]]
        for number, person in enumerate(people_of(unit)):
            for column, title in enumerate(headers, start=1):
                if title in person:
                    book[unit].cell(HEADER_ROW + 1 + number, column, person[str(title)])
    book.save(path)
    settle(path, "Bản tổng hợp", "không gửi")  # whose attachments take longer than all else
    return path.read_bytes()


def main() -> None:
    """Print a line a row, and the sums."""
    with tempfile.TemporaryDirectory() as name:
        made = made_workbook(Path(name))
    tell_all(faults(), lambda folder, fault: Trial(folder, made, fault))


if __name__ == "__main__":
    main()
