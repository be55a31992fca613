"""Every request of a cycle that mails from a spreadsheet at Google × what can go wrong there, and then recovery. What
Google may answer, and people who edit meanwhile: `test_google_faults.py`; answers that never come:
`test_stop_at_google.py`; two bots: `test_lease.py`.

    python -m tests.app.google_points    all rows, and their sums
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from msgspec import Struct

from automation.adapters.google.lease import LEASE_ID
from automation.adapters.places import WorkbookPlace, find_workbook
from automation.app.environment import EnvironmentSettings
from automation.app.init import set_up
from automation.app.wiring import command_context
from automation.core.config import tabs
from automation.core.model.workbook import Row
from tests import emulator as google
from tests.app.worker_trial import STATE, UNITS, WorkerTrial, people_of, tell_all, units_csv
from tests.emulator import Emulator, Spreadsheet
from tests.emulator.journal import Record
from tests.faults import Fault, exit_code_of
from tests.google_world import FIRST

READ, WRITE = "values:batchGetByDataFilter", "values:batchUpdateByDataFilter"
POINTS = {
    "read": (READ, 1),
    "lease looked for": ("developerMetadata:search of the lease", 1),
    "lease taken": (":batchUpdate of the lease", 1),
    "results": (WRITE, 1),
    "read again": (READ, 2),
    "announcement": (WRITE, 2),
    "lease renewed": (":batchUpdate of the lease", 2),
    "outcomes": (WRITE, 3),
}
"""By name: kind of request, and which of them."""
AFTER = " after effect"
ANSWERS = {
    "error": google.Fault.FORBIDDEN_403,
    "cut": google.Fault.RESET_BEFORE,
    f"cut{AFTER}": google.Fault.RESET_AFTER,
    "half an answer": google.Fault.TRUNCATED_JSON,
    "quota": google.Fault.QUOTA_429,
}


def faults() -> Iterator[Fault]:
    """All rows."""
    for point in POINTS:
        for kill in ("kill", f"kill{AFTER}"):
            yield Fault(point, kill)
            yield Fault(point, kill, state_gone=True)
            yield from (Fault(point, kill, clock=timedelta(hours=hours)) for hours in (-1, 1))
        yield from (Fault(point, what) for what in ANSWERS)


class Which(Struct):
    """Likes one request: the n-th of a kind."""

    kind: str
    number: int

    def __call__(self, record: Record) -> bool:
        of_lease = " of the lease" if str(LEASE_ID).encode() in record.body else ""
        self.number -= record.kind + of_lease == self.kind
        return self.number == 0 and record.kind + of_lease == self.kind


class Trial(WorkerTrial):
    """A spreadsheet, a worker, and one fault."""

    takes_over = True

    def __init__(self, folder: Path, emulator: Emulator, made: Spreadsheet, fault: Fault) -> None:
        self.emulator, self.sheet = emulator, emulator.new_spreadsheet()
        self.sheet.document.book = made.document.book.draft()
        emulator.forget_plans()
        super().__init__(folder, place_of(self.sheet), fault, SHEETS_EMULATOR_HOST=emulator.host)

    def first_life(self) -> bool:
        """A process that is to be killed is one of its own."""
        which: Callable[[], Which] = lambda: Which(*POINTS[self.fault.point])  # noqa: E731
        if not self.fault.kills:
            self.emulator.before(which(), self._meet)
            self.emulator.fail(which(), ANSWERS[self.fault.what])
            return not self.cycles(2) and self.met
        if self.fault.what.endswith(AFTER):
            self.emulator.after(which(), self._kill)
        else:
            self.emulator.before(which(), self._kill)
            self.emulator.fail(which(), google.Fault.RESET_BEFORE)
        return exit_code_of(self._life) == -signal.SIGKILL

    def _life(self) -> None:
        self.cycles(2)
        os._exit(0)

    def _meet(self) -> None:
        self.met = True

    def _kill(self) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    def rows(self, title: str) -> Sequence[Row]:
        """See `WorkerTrial`."""
        return self.sheet.entered(title)


def place_of(sheet: Spreadsheet) -> WorkbookPlace:
    """As an operator names it."""
    return find_workbook(sheet.id, any_id=True)


def made_spreadsheet(emulator: Emulator, folder: Path) -> Spreadsheet:
    """Two units with people, some of them done."""
    sheet, told = emulator.new_spreadsheet(), {"TCCB_STATE_DIR": folder / STATE, "SHEETS_EMULATOR_HOST": emulator.host}
    environment = EnvironmentSettings.model_validate(told)
    with command_context(place_of(sheet), environment, prepares=True) as context:
        assert set_up(context.book, units_csv(folder)).drawn
    for unit in UNITS:
        headers = sheet.rows(unit)[FIRST - 2][1:18]
        people = [[person.get(str(header)) for header in headers] for person in people_of(unit)]
        sheet.human.paste(unit, FIRST, 2, people, plain=True)
    settings = sheet.rows(tabs.SETTINGS)
    row = next(number for number, line in enumerate(settings, 1) if line and line[0] == "Bản tổng hợp")
    sheet.human.type(tabs.SETTINGS, row, 2, "không gửi")  # whose attachments take longer than all else
    return sheet


def main() -> None:
    """Print a line a row, and the sums."""
    with Emulator() as emulator, tempfile.TemporaryDirectory() as name:
        made = made_spreadsheet(emulator, Path(name))
        tell_all(faults(), lambda folder, fault: Trial(folder, emulator, made, fault))


if __name__ == "__main__":
    main()
