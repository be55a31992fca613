"""A worker that meets a fault in its first cycle, and what came of it after those that follow."""

from __future__ import annotations

import shutil
import tempfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from automation.adapters.places import WorkbookPlace
from automation.app.cycle import run_cycle
from automation.app.environment import EnvironmentSettings
from automation.app.stopping import StopRequest
from automation.app.wiring import MAIL_FOLDER, TimeLimits, command_context
from automation.app.worker import Worker
from automation.cli.commands import BEFORE_THE_CONFIG_IS_READ, WorkerCycles
from automation.core.config import tabs
from automation.core.model.workbook import Cell, Row
from automation.core.text.moments import VIET_NAM
from tests.faults import Fault
from tests.google_world import HEADER_ROW
from tests.soak import Silent
from tests.workbooks import SOUND

UNITS = ("mot", "hai")
PEOPLE = 3
MORNING = datetime(2023, 4, 20, 8, tzinfo=VIET_NAM)
RESULTS = ("Kết quả", "Việc cần làm", "Lỗi cần sửa", "Dữ liệu đã xét")
STATE = "so.tccb"


class Outcome(Struct, frozen=True):
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


class WorkerTrial(ABC):
    """A workbook of two units, a worker, and one fault."""

    takes_over = False
    """Whether somebody says that the workbook is ours now, when the state is gone."""

    def __init__(self, folder: Path, place: WorkbookPlace, fault: Fault, **environment: object) -> None:
        self.folder, self.fault, self.now = folder, fault, MORNING
        self.met = False
        self._place = place
        self._environment = EnvironmentSettings.model_validate({"TCCB_STATE_DIR": folder / STATE, **environment})
        self._typed = self._inputs()

    @abstractmethod
    def first_life(self) -> bool:
        """The cycles of the worker that meets the fault; whether it ended as the fault ends it."""

    @abstractmethod
    def rows(self, title: str) -> Sequence[Row]:
        """What stands in a tab."""

    def outcome(self) -> Outcome:
        """What came of it, after recovery."""
        dead = not self.first_life()
        first = self._letters()
        if self.fault.state_gone:
            shutil.rmtree(self.folder / STATE, ignore_errors=True)
        self.now = MORNING + timedelta(minutes=30) + self.fault.clock
        dead = self.cycles(1, takes_over=self.takes_over and self.fault.state_gone) or dead
        if self.fault.state_gone or self.fault.clock:  # the late try of what may have come; the hours for mails
            self.now += timedelta(hours=5)
            dead = self.cycles(1) or dead
        return self._counted({*first, *self._letters()}, dead)

    def _counted(self, letters: set[tuple[str, str]], dead: bool) -> Outcome:
        units = Counter(unit for unit, _ in letters)
        sent = [row for row in self.rows(tabs.MAILS) if len(row) > 1 and row[1] in UNITS]
        told = {row[1] for row in sent if "có thể" in str(row)}
        inputs = self._inputs()
        with command_context(self._place, self._environment) as context:
            again = run_cycle(context.book, context.store, None, self.clock)
        return Outcome(
            inputs_changed=sum(now != before for now, before in zip(inputs, self._typed, strict=True)),
            results_wrong=again.changed + again.cells_written,
            mails_lost=sum(not units[unit] and unit not in told for unit in UNITS),
            mails_twice=sum(units[unit] > 1 for unit in UNITS),
            loops_dead=int(dead),
            told_of=len(told),
        )

    def cycles(self, number: int, *, takes_over: bool = False) -> bool:
        """So many cycles of a worker; whether the last one failed."""
        log, limits = Loud(), TimeLimits(sleep=lambda _: None)
        opened = command_context(self._place, self._environment, takes_over=takes_over, limits=limits)
        with opened as context, context.mailing() as mailing:
            cycles = WorkerCycles(context, mailing, self.clock, StopRequest(), log)
            worker = Worker(cycles.cycle, self.clock, lambda _: None, cycles.tell_error, BEFORE_THE_CONFIG_IS_READ)
            for _ in range(number):
                log.failed.clear()
                worker.run_due()
                self.now += timedelta(minutes=16)
        return bool(log.failed)

    def clock(self, zone: tzinfo) -> datetime:
        """That of the worker."""
        return self.now.astimezone(zone)

    def _letters(self) -> set[tuple[str, str]]:
        """The mails to units, by what is in them: one sent again has the name it had."""
        found = (self.folder / STATE / MAIL_FOLDER).glob("2*_bat-dau_*.eml")
        return {(path.name.split("_")[2], path.name) for path in found}

    def _inputs(self) -> list[Cell]:
        """What people typed, cell by cell."""
        found: list[Cell] = []
        for unit in UNITS:
            rows = self.rows(unit)[HEADER_ROW - 1 :]
            own = [place for place, header in enumerate(rows[0]) if header and header not in RESULTS]
            found += [row[place] if place < len(row) else None for row in rows[: PEOPLE + 1] for place in own]
        return found


def units_csv(folder: Path) -> Path:
    """The units, as a list to be imported."""
    path = folder / "units.csv"
    lines = [f"{unit},Đơn vị {unit},Bệnh viện,{unit},{PEOPLE + 1},d-{unit}@example.org" for unit in UNITS]
    path.write_text("\n".join(["Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người,Email đầu mối", *lines]), "utf-8")
    return path


def people_of(unit: str) -> list[dict[str, Cell]]:
    """Some of them done."""
    return [
        {
            **SOUND,
            "Họ và tên": f"Lê Văn {'ABC'[number]}n",
            "Số CCCD": f"0790850{UNITS.index(unit)}000{number}",
            **({"Tình trạng tài khoản": "Chưa đăng ký"} if number else {}),
        }
        for number in range(PEOPLE)
    ]


def tell_all(faults: Iterable[Fault], trial: Callable[[Path, Fault], WorkerTrial]) -> None:
    """Print a line a row, and the sums."""
    names = [each.name for each in fields(Outcome)]
    sums, rows = Counter[str](), 0
    for fault in faults:
        with tempfile.TemporaryDirectory() as name:
            found = trial(Path(name), fault).outcome()
        rows += 1
        sums.update({each: getattr(found, each) for each in names})
        said = ", ".join(f"{each} {getattr(found, each)}" for each in names)
        print(f"{'' if found.is_well else '! '}{fault!s:60} {said}", flush=True)
    print(f"{rows} rows: {dict(sums)}")
