"""Lists of units go out of spreadsheets at Google, units' own among them, killed at any request and run again, and
while people move lines and columns: nothing but the lists goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.budget import Budget, Throttle
from automation.adapters.google.api.client import GoogleClient
from automation.adapters.google.api.session import Answer
from automation.adapters.google.api.sheets import GoogleApi
from automation.adapters.google.spreadsheets import GoogleSpreadsheets, open_spreadsheets
from automation.adapters.holdings import Holdings
from automation.adapters.store.copies import CopyFolder
from automation.adapters.store.store import SqliteStore
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.records.copying import CopyKeeper
from automation.app.records.freeze import freeze
from automation.app.records.purge import PurgeOutcome, PurgeRequest, purge
from automation.app.records.restore import RestoreRequest, restore
from automation.base.errors import CannotStart
from automation.core.config import tabs
from automation.core.config.identity import CodesOfOneTab
from automation.core.model.workbook import Cell
from automation.core.records.purging import Holding
from tests.app.test_own_spreadsheets import FIRST, Impatient, Place
from tests.emulator import Emulator, Human
from tests.emulator.journal import Record

UNITS = ("mot", "hai", "ba")
NUMBERS = [f"07908500000{number}" for number in range(3)]
AT = datetime(2023, 4, 20, 8, 0)


class _Killed(BaseException):
    """As kill -9: nothing tidies up."""


class _Mortal(Impatient):
    """Ends the process at one of its requests, before or after that took effect."""

    asked: Iterator[int] = count()
    dies_at = -1
    after = False

    def ask(self, method: str, url: str, seconds: float, **content: Any) -> Answer:
        now = next(self.asked) == self.dies_at
        if now and not self.after:
            raise _Killed
        answer = super().ask(method, url, seconds, **content)
        if now:
            raise _Killed
        return answer


class Desk:
    """Three units with a person each, two of them in spreadsheets of their own."""

    def __init__(self, place: Place) -> None:
        self.place, self.folder, self.runs = place, place.folder, count(1)
        self.now = AT

    def fill(self) -> None:
        """People are there, and the result of the day is put away."""
        for number, unit in enumerate(UNITS):
            self.place.person_typed(unit, **{"Họ và tên": f"Trần Văn {unit}", "Số CCCD": NUMBERS[number]})
        self.freeze()

    def restore(self, unit: str) -> str:
        """Its list as it was typed, in a new tab; the title of that."""
        with closing(self.store) as store:
            done = restore(self.book(), store, self.copies, RestoreRequest(unit))
        (made,) = done.restored
        return made.title

    @property
    def copies(self) -> CopyFolder:
        return CopyFolder(self.folder / "copies", None)

    def freeze(self) -> None:
        """The result of the day, as it stands now."""
        with closing(self.store) as store:
            run_cycle(self.book(), store, None, standing_clock(self.now), keeper=CopyKeeper(self.copies))
            name = f"Chốt {next(self.runs)}"
            assert freeze(self.book(), store, standing_clock(self.now), name, self.folder / "frozen").problems == ()

    @property
    def store(self) -> SqliteStore:
        return SqliteStore(self.folder / "state.sqlite3")

    def book(self, codes: CodesOfOneTab | None = None, **dying: Any) -> GoogleSpreadsheets:
        throttle = Throttle(self.place.time.clock, self.place.time.sleep)
        session = type("Session", (_Mortal,), {**dying, "asked": count()})
        api = GoogleApi(
            GoogleClient(session(self.place.emulator, self.place.time, self.place.hang), Budget(throttle), throttle)
        )
        address = SpreadsheetAddress(self.place.shared.id, self.place.shared.url)
        return open_spreadsheets(
            api, address, self.folder, codes or CodesOfOneTab(), clock=lambda: 1e6, pause=lambda _: None
        )

    def purge(self, unit: str = "", field: str = "", **dying: Any) -> PurgeOutcome:
        codes = CodesOfOneTab()
        with closing(self.store) as store:
            holdings = Holdings(self.folder, store, self.copies, self.folder / "mails", self.folder / "previews", None)
            request = PurgeRequest(unit, field, workbook=True, applies=True, by="lan")
            return purge(self.book(codes, **dying), store, holdings, request, standing_clock(self.now), codes)

    def switch_off(self, header: str) -> None:
        """As an admin does who no longer wants that column."""
        lines = self.place.shared.entered(tabs.FIELDS)
        row = next(number for number, line in enumerate(lines, start=1) if header in line)
        column = next(line.index("Dùng") for line in lines if "Dùng" in line) + 1
        self.place.shared.human.type(tabs.FIELDS, row, column, "Không")

    def lines(self, unit: str) -> list[list[Cell]]:
        return self.place.sheet_of(unit).entered(unit)

    def people(self) -> list[str]:
        """What stands below the headers, but for the sentence in its place."""
        cells = (str(cell) for unit in UNITS for line in self.lines(unit)[FIRST - 1 :] for cell in line if cell)
        return [cell for cell in cells if not cell.startswith("Danh sách đã được xóa")]

    def right_before_it_is_written(self, act: Callable[[Human], object]) -> list[Record]:
        """Have people do something then, once; the request that it came before is noted in the answer."""
        done: list[Record] = []

        def look(record: Record) -> None:
            if record.kind == "values:batchUpdateByDataFilter" and not done:
                done.append(record)
                act(self.place.shared.human)

        self.place.emulator.before_each(look)
        return done

    def typed(self, unit: str, header: str) -> Cell:
        """What the first person has under a header."""
        lines = self.lines(unit)
        return lines[FIRST - 1][lines[FIRST - 2].index(header)]

    def above(self) -> list[list[list[Cell]]]:
        return [self.lines(unit)[1 : FIRST - 1] for unit in UNITS]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "frozen").mkdir()
    with Emulator() as emulator:
        place = Place(emulator, tmp_path)
        assert place.init().problems == ()
        desk = Desk(place)
        desk.fill()
        yield desk


def test_the_lists_go_and_nothing_else(desk: Desk) -> None:
    above, registry = desk.above(), desk.place.shared.entered(tabs.REGISTRY)
    done = desk.purge()
    assert (done.problems, (done.counts or {})[Holding.LINES]) == ((), 3)
    assert (desk.people(), desk.above()) == ([], above)
    assert desk.place.shared.entered(tabs.REGISTRY) == registry
    with closing(desk.store) as store:
        found = run_cycle(desk.book(), store, None, standing_clock(AT + timedelta(days=1)))
    assert found.judged is not None
    assert [(each.known, each.rows, each.done) for each in found.judged.standings] == [(False, 1, 1)] * 3
    assert [each.what for each in found.problems if each.needs_person] == []


@pytest.mark.parametrize("unit", ["mot", pytest.param("hai", marks=pytest.mark.slow)], ids=["shared", "of its own"])
def test_a_list_that_was_just_restored_goes_too_and_a_tab_of_nobody_is_named(desk: Desk, unit: str) -> None:
    sheet = desk.place.sheet_of(unit)
    sheet.human.type(unit, FIRST, 3, "Lê Thị Khác")
    title = desk.restore(unit)
    made = next(each for each in (desk.place.shared, sheet) if title in each.titles())
    assert any("Trần Văn" in str(line) for line in made.rows(title))
    desk.place.shared.human.add_tab("Sổ tay")
    desk.freeze()
    done = desk.purge()
    assert not any("Trần Văn" in str(line) for line in made.rows(title))
    assert done.certificate is not None
    assert "Sổ tay" in done.certificate.read_text("utf-8")


@pytest.mark.slow
def test_of_one_unit_the_others_keep_theirs(desk: Desk) -> None:
    done = desk.purge("hai")
    assert (done.counts or {})[Holding.LINES] == 1
    assert ["Trần Văn mot" in desk.people(), "Trần Văn hai" in desk.people()] == [True, False]


def test_a_field_goes_alone_once_it_is_switched_off(desk: Desk) -> None:
    with pytest.raises(CannotStart, match="Cột dữ liệu"):
        desk.purge(field="Số CCCD")
    desk.switch_off("Số CCCD")
    desk.freeze()
    above, before = desk.above(), desk.people()
    done = desk.purge(field="Số CCCD")
    assert (done.problems, (done.counts or {})[Holding.LINES]) == ((), 3)
    assert [cell for cell in before if cell not in desk.people()] == NUMBERS
    assert (desk.above(), desk.typed("mot", "Họ và tên")) == (above, "Trần Văn mot")


@pytest.mark.slow
@pytest.mark.parametrize("act", ["insert a line above", "insert a person", "move a column", "insert a column"])
def test_a_field_goes_from_where_people_moved_it_meanwhile(desk: Desk, act: str) -> None:
    desk.switch_off("Số CCCD")
    desk.freeze()
    before = Counter(desk.people())
    desk.right_before_it_is_written(ACTS[act])
    assert desk.purge(field="Số CCCD").problems == ()
    assert before - Counter(desk.people()) == Counter(NUMBERS)


@pytest.mark.slow
def test_where_columns_moved_before_it_is_run_again_no_other_goes(desk: Desk) -> None:
    desk.switch_off("Số CCCD")
    desk.freeze()
    before = Counter(desk.people())
    for step in count():
        with pytest.raises(_Killed):
            desk.purge(field="Số CCCD", dies_at=step)
        if (desk.folder / "purging.json").exists():
            break
    desk.place.shared.human.move_columns("mot", 4, 4, 8)
    desk.purge(field="Số CCCD")
    assert before - Counter(desk.people()) <= Counter(NUMBERS)
    desk.freeze()
    assert desk.purge(field="Số CCCD").problems == ()
    assert before - Counter(desk.people()) == Counter(NUMBERS)


@pytest.mark.parametrize("dies_at", [12, pytest.param(range(200), marks=pytest.mark.slow)], ids=["one", "every"])
def test_killed_at_any_request_the_next_run_ends_it(desk: Desk, dies_at: int | range) -> None:
    above = desk.above()
    kills = 0
    for step in [dies_at] if isinstance(dies_at, int) else dies_at:
        for after in (False, True):
            desk.now += timedelta(minutes=1)
            if kills:
                desk.fill()
            try:
                desk.purge(dies_at=step, after=after)
            except _Killed:
                kills += 1
            else:
                assert kills > 20, "every request was tried"
                return
            done = desk.purge()
            begun = done.ended.begun_at if done.ended else desk.now
            assert (desk.people(), desk.above(), done.problems) == ([], above, ()), (step, after)
            certificate = desk.folder / "certificates" / f"xoa-du-lieu-{begun:%Y%m%d-%H%M%S}.txt"
            assert "Dòng danh sách ở bảng tính: 3" in certificate.read_text("utf-8"), (step, after)
            assert not (desk.folder / "purging.json").exists()
    assert kills == 2


ACTS: dict[str, Callable[[Human], object]] = {
    "insert a line above": lambda human: human.insert_rows("mot", 2),
    "insert a person": lambda human: human.insert_rows("mot", FIRST),
    "move a column": lambda human: human.move_columns("mot", 4, 4, 8),
    "insert a column": lambda human: human.insert_columns("mot", 3),
    "type somebody": lambda human: human.type("mot", FIRST + 1, 3, "Lê Thị Sau"),
}


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_what_people_do_right_before_it_is_written_costs_no_header(desk: Desk, act: str) -> None:
    above = {cell for line in desk.lines("mot")[1 : FIRST - 1] for cell in line if cell}
    done = desk.right_before_it_is_written(ACTS[act])
    problems = desk.purge().problems
    there = {cell for line in desk.lines("mot") for cell in line if cell}
    assert done
    assert above <= there
    assert "Trần Văn mot" not in there
    typed = [f"Các dòng {FIRST + 1} có nội dung mới so với lúc bắt đầu xóa nên được giữ lại."]
    assert [each.what for each in problems] == (typed if act == "type somebody" else [])
    assert ("Lê Thị Sau" in there) == (act == "type somebody")
