"""What every workbook adapter must do alike. A further adapter adds one bench."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol

import openpyxl
import pytest

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.api.values import as_kept
from automation.adapters.google.memory import SheetMemory
from automation.adapters.google.workbook import GoogleWorkbook
from automation.core.config.identity import codes_of
from automation.core.model.layout import ColumnLook, TabLook
from automation.core.model.ports import Workbook
from automation.core.model.workbook import AddedRows, Cell, CellChange, Row, Snapshot
from tests.emulator import Emulator
from tests.fakes import MemoryWorkbook

PEOPLE = "BV Hoa Sen"
LISTS = "Danh mục"
TABS: Mapping[str, Sequence[Row]] = {
    LISTS: [("Danh mục", "Giá trị")],
    PEOPLE: [
        ("Họ và tên", "Ngày sinh", "Số CCCD", "Kết quả"),
        ("Trần Văn An", datetime(1985, 9, 5), "079085000001", "Chưa khai báo"),
        (),
        ("Lê Thị Cúc", "5/9/85", 79190000002),
    ],
}


class Bench(Protocol):
    """A workbook with `TABS` in it, and the hand of a person who edits it."""

    book: Workbook

    def person_types(self, title: str, row: int, column: int, value: Cell) -> None: ...


class MemoryBench:
    def __init__(self, _: Path) -> None:
        self.book = MemoryWorkbook(TABS)

    def person_types(self, title: str, row: int, column: int, value: Cell) -> None:
        self.book.type(title, row, column, value)


class ExcelBench:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "sổ theo dõi.xlsx"
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, rows in TABS.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(self._path)
        self.book = ExcelWorkbook(self._path)

    def person_types(self, title: str, row: int, column: int, value: Cell) -> None:
        book = openpyxl.load_workbook(self._path)
        book[title].cell(row, column).value = value
        book.save(self._path)


class GoogleBench:
    """Our adapter, and a spreadsheet in an emulator of Google."""

    def __init__(self, folder: Path) -> None:
        self._emulator = Emulator()
        self._emulator.__enter__()
        self._sheet = self._emulator.new_spreadsheet(TABS)
        api = connect(emulator_host=self._emulator.host)
        self.book = GoogleWorkbook(api, self._sheet.id, SheetMemory(folder, self._sheet.id), codes_of)

    def person_types(self, title: str, row: int, column: int, value: Cell) -> None:
        self._sheet.human.type(title, row, column, value)

    def close(self) -> None:
        self._emulator.__exit__(None, None, None)


@pytest.fixture(params=[MemoryBench, ExcelBench, GoogleBench])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made: Bench = request.param(tmp_path)
    yield made
    if isinstance(made, GoogleBench):
        made.close()


def key_of(snapshot: Snapshot, title: str) -> str:
    return next(tab.key for tab in snapshot.tabs if tab.title == title)


def change(snapshot: Snapshot, row: int, column: int, value: Cell) -> CellChange:
    return CellChange(key_of(snapshot, PEOPLE), row, column, value)


def contents(snapshot: Snapshot) -> dict[str, list[tuple[Cell, ...]]]:
    return {tab.title: [tuple(map(as_date, row)) for row in tab.rows] for tab in snapshot.tabs}


def as_date(cell: Cell) -> Cell:
    """Google hands dates over as the number that a file keeps, too: which it is, the column tells."""
    is_date = isinstance(cell, (int, float)) and not isinstance(cell, bool) and 30_000 < cell < 50_000
    return datetime(1899, 12, 30) + timedelta(days=cell) if is_date and isinstance(cell, (int, float)) else cell


def test_reading_gives_the_tabs_in_order_and_the_cells_as_people_left_them(bench: Bench) -> None:
    assert contents(bench.book.read()) == {title: [tuple(row) for row in rows] for title, rows in TABS.items()}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Hoàn thành", "Hoàn thành"),
        ("079085000001", "079085000001"),  # digits stay text
        ("=1+1", "=1+1"),  # text that looks like a formula stays text
        ("+84 28 1234", "+84 28 1234"),
        ("'Đã có", "'Đã có"),
        ("  hai dấu cách  ", "  hai dấu cách  "),
        ("dòng 1\ndòng 2\tcột", "dòng 1\ndòng 2\tcột"),
        ("dòng 1\r\ndòng 2", "dòng 1\ndòng 2"),
        ('a & b < c > "d" ]]>', 'a & b < c > "d" ]]>'),
        ("Nguye\u0302\u0303n", "Nguye\u0302\u0303n"),  # as a Mac types it
        ("\u200b\u00a0", "\u200b\u00a0"),
        ("_x0041_", "_x0041_"),  # what a file would take for an escaped letter
        ("a\x00b\x1fc\ufffe", "abc"),  # what a file cannot hold
        ("😀" * 20_000, "😀" * 16_383),  # a cell holds 32,767 units
        ("TRUE", "TRUE"),
        ("#REF!", "#REF!"),
        ("", None),
        (None, None),
        (0, 0),
        (-3, -3),
        (0.1, 0.1),
        (float("nan"), None),
        (True, True),
        (False, False),
        (date(2023, 4, 28), datetime(2023, 4, 28)),
        (datetime(2023, 4, 28, 17, 30), datetime(2023, 4, 28, 17, 30)),
        (time(7, 30), time(7, 30)),
    ],
)
def test_what_is_written_is_read_again(bench: Bench, written: Cell, read: Cell) -> None:
    before = bench.book.read()
    outcome = bench.book.write([change(before, 2, 4, written)], before)
    after = bench.book.read()
    found = next(tab for tab in after.tabs if tab.title == PEOPLE).cell(2, 4)
    if isinstance(read, (datetime, time)) and isinstance(bench, GoogleBench):
        read = as_kept(read)
    if isinstance(written, str) and isinstance(bench, GoogleBench) and len(written) > 32_767 // 2:
        read = written  # a cell holds 50,000 characters there
    assert outcome.held
    assert (type(found), found) == (type(read), read)
    assert outcome.snapshot.tabs == after.tabs


def test_other_cells_stay_as_they_are(bench: Bench) -> None:
    before = bench.book.read()
    outcome = bench.book.write([change(before, 4, 4, "Cần sửa dữ liệu")], before)
    expected = contents(before)
    expected[PEOPLE][3] = (*expected[PEOPLE][3], "Cần sửa dữ liệu")
    assert contents(outcome.snapshot) == contents(bench.book.read()) == expected


def test_a_change_outside_the_used_cells_makes_room(bench: Bench) -> None:
    before = bench.book.read()
    outcome = bench.book.write([change(before, 9, 6, "xa"), change(before, 3, 2, "giữa")], before)
    rows = contents(bench.book.read())[PEOPLE]
    assert rows[2] == (None, "giữa")
    assert rows[4:] == [(), (), (), (), (None, None, None, None, None, "xa")]
    assert contents(outcome.snapshot)[PEOPLE] == rows


def test_emptying_the_last_cells_shortens_the_tab(bench: Bench) -> None:
    before = bench.book.read()
    outcome = bench.book.write([change(before, 4, column, None) for column in (1, 2, 3)], before)
    assert contents(outcome.snapshot)[PEOPLE] == contents(before)[PEOPLE][:2]
    assert outcome.snapshot.tabs == bench.book.read().tabs


def test_of_two_changes_of_one_cell_the_last_wins(bench: Bench) -> None:
    before = bench.book.read()
    bench.book.write([change(before, 2, 4, "một"), change(before, 2, 4, "hai")], before)
    assert contents(bench.book.read())[PEOPLE][1][3] == "hai"


def test_new_people_come_in_below_their_line_beside_changed_cells(bench: Bench) -> None:
    before = bench.book.read()
    new = AddedRows(change(before, 1, 1, None).tab, 4, ({1: "Võ Thị Lệ", 3: "079190000003"}, {1: "Lý Văn Bảo"}))
    outcome = bench.book.merge([change(before, 4, 2, "05/09/1985")], new, before)
    expected = contents(before)
    expected[PEOPLE][3] = ("Lê Thị Cúc", "05/09/1985", 79190000002)
    expected[PEOPLE] += [("Võ Thị Lệ", None, "079190000003"), ("Lý Văn Bảo",)]
    assert outcome.held
    assert contents(outcome.snapshot) == contents(bench.book.read()) == expected


def test_a_person_who_types_below_the_list_meanwhile_loses_nothing(bench: Bench) -> None:
    before = bench.book.read()
    bench.person_types(PEOPLE, 5, 1, "Phạm Văn Dũng")
    new = AddedRows(change(before, 1, 1, None).tab, 4, ({1: "Võ Thị Lệ", 3: "079190000003"},))
    outcome = bench.book.merge([], new, before)
    assert not outcome.held
    assert "Phạm Văn Dũng" in [row[0] for row in contents(bench.book.read())[PEOPLE] if row]
    assert contents(outcome.snapshot) == contents(bench.book.read())


def test_nothing_is_written_where_somebody_saved_since_the_read(bench: Bench) -> None:
    before = bench.book.read()
    bench.person_types(PEOPLE, 2, 1, "Trần Văn Ân")
    outcome = bench.book.write([change(before, 2, 4, "Hoàn thành")], before)
    assert not outcome.held
    assert contents(outcome.snapshot)[PEOPLE][1][0] == "Trần Văn Ân"
    if not isinstance(bench, GoogleBench):  # which cannot compare and write in one step, and tells afterwards
        assert contents(bench.book.read())[PEOPLE][1][3] == "Chưa khai báo"


def test_what_came_back_from_a_refused_write_is_a_basis_for_the_next(bench: Bench) -> None:
    before = bench.book.read()
    bench.person_types(PEOPLE, 2, 1, "Trần Văn Ân")
    now = bench.book.write([change(before, 2, 4, "Hoàn thành")], before).snapshot
    assert bench.book.write([change(now, 2, 4, "Hoàn thành")], now).held
    assert contents(bench.book.read())[PEOPLE][1] == (
        "Trần Văn Ân", datetime(1985, 9, 5), "079085000001", "Hoàn thành",
    )  # fmt: skip


def test_what_came_back_from_a_write_is_a_basis_for_the_next(bench: Bench) -> None:
    before = bench.book.read()
    now = bench.book.write([change(before, 2, 4, "một")], before).snapshot
    assert bench.book.write([change(now, 2, 4, "hai")], now).held


def test_no_changes_are_no_write(bench: Bench) -> None:
    before = bench.book.read()
    outcome = bench.book.write([], before)
    assert outcome.held
    assert outcome.snapshot.tabs == before.tabs
    assert bench.book.requests.write == 0


def test_one_write_is_one_request_whatever_its_size(bench: Bench) -> None:
    before = bench.book.read()
    reads = bench.book.requests.read
    changes = [change(before, row, column, row * column) for row in range(5, 60) for column in range(1, 9)]
    bench.book.write([*changes, CellChange(key_of(before, LISTS), 2, 1, "x")], before)
    assert bench.book.requests.write == 1
    # Where people edit meanwhile, what was touched is looked at afterwards.
    assert bench.book.requests.read - reads == (1 if isinstance(bench, GoogleBench) else 0)


@pytest.mark.parametrize(("row", "column"), [(0, 1), (1, 0), (-1, 1)])
def test_a_cell_outside_the_grid_is_refused_and_nothing_written(bench: Bench, row: int, column: int) -> None:
    before = bench.book.read()
    with pytest.raises(ValueError, match="no such cell"):
        bench.book.write([change(before, 2, 4, "x"), change(before, row, column, "x")], before)
    assert bench.book.read().tabs == before.tabs


def test_a_tab_that_does_not_exist_is_refused_and_nothing_written(bench: Bench) -> None:
    before = bench.book.read()
    with pytest.raises(ValueError, match="no such cell"):
        bench.book.write([change(before, 2, 4, "x"), CellChange("không có", 1, 1, "x")], before)
    assert bench.book.read().tabs == before.tabs


LOOKS = (
    TabLook("Hướng dẫn", 0, (), values=((1, 1, "Hướng dẫn nhập liệu"),)),
    TabLook(
        PEOPLE,
        1,
        (ColumnLook(1, "Họ và tên", 24), ColumnLook(5, "Việc cần làm", 40, computed=True)),
        values=((1, 5, "Việc cần làm"), (2, 5, "=không phải công thức")),
    ),
    TabLook("Nhật ký", 1, (ColumnLook(1, "Lúc", 16),), values=((1, 1, "Lúc"), (2, 1, datetime(2023, 4, 20, 8, 5)))),
)


def test_drawing_adds_missing_tabs_in_their_order_and_moves_none(bench: Bench) -> None:
    bench.book.draw(LOOKS)
    assert [tab.title for tab in bench.book.read().tabs] == ["Hướng dẫn", LISTS, PEOPLE, "Nhật ký"]


def test_drawing_puts_its_values_in_and_touches_no_other_cell(bench: Bench) -> None:
    expected = contents(bench.book.read())
    bench.book.draw(LOOKS)
    expected["Hướng dẫn"] = [("Hướng dẫn nhập liệu",)]
    expected["Nhật ký"] = [("Lúc",), (datetime(2023, 4, 20, 8, 5),)]
    expected[PEOPLE][0] = (*expected[PEOPLE][0], "Việc cần làm")
    expected[PEOPLE][1] = (*expected[PEOPLE][1], "=không phải công thức")
    assert contents(bench.book.read()) == expected


def test_drawing_twice_is_drawing_once(bench: Bench) -> None:
    bench.book.draw(LOOKS)
    once = contents(bench.book.read())
    bench.book.draw(LOOKS)
    assert contents(bench.book.read()) == once


def test_a_write_on_a_reading_from_before_the_drawing_does_not_hold(bench: Bench) -> None:
    before = bench.book.read()
    bench.book.draw(LOOKS)
    assert not bench.book.write([change(before, 2, 4, "x")], before).held
