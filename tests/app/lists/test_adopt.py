"""`tccb adopt`: looking changes nothing, taking on changes no cell of people's, a second time does nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from automation.adapters.config_files import default_tables, shipped_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.clock import standing_clock
from automation.app.cycle import check
from automation.app.init import set_up
from automation.app.lists.adopt import AdoptionReport, adopt
from automation.cli.adopt_report import print_adoption
from automation.core.config import tabs
from automation.core.config.shipped import ShippedTables
from automation.core.model.workbook import Cell, Row
from automation.core.reading.cells import as_text
from automation.core.reading.tables import find_table
from tests.app.test_kept_lists_in_a_file import pasted, typed
from tests.emulator import Emulator
from tests.examples import cross_section
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore
from tests.google_world import Ticking, World
from tests.lists import FOUR, LISTS, Staff
from tests.workbooks import registry

CLOCK = standing_clock(datetime(2023, 4, 20, 8))
UNITS = ("official", "split_name", "personnel_export", "no_diacritics", "by_department", "broken_headers", "counts")
HEADERS = "STT|Họ và tên|Ngày sinhh|Giới tính|Số CCCD|Đối tượng|Thẻ CCCD gắn chíp|Mức tài khoản|Tình trạng tài khoản"


def _line(p: Staff) -> Row:
    return [p.number, p.name, p.born, p.gender, p.identity, p.category, p.card, p.level, "Đã kích hoạt"]


LIST: list[Row] = [
    ["BỆNH VIỆN AN BÌNH"],
    [],
    list(HEADERS.split("|")),
    *map(_line, FOUR),
]
"""With a header that has a slip, and a stage that the list does not know."""


def line_of(code: str, name: str, tab: str) -> dict[str, Cell]:
    return {"Mã": code, "Tên đơn vị": name, "Trang tính": tab, "Tổng số người": 12}


SHIPPED = ShippedTables(
    {
        **default_tables(),
        tabs.REGISTRY: registry(
            *(line_of(name, f"Đơn vị {name}", name) for name in (*UNITS, "below_our_header")),
            line_of("an", "Bệnh viện An Bình", "BV An Bình"),
        ),
    }
)

ONE_UNIT = ShippedTables({**SHIPPED.tables, tabs.REGISTRY: registry(line_of("an", "Bệnh viện An Bình", "BV An Bình"))})


def prepared(lists: Mapping[str, Sequence[Row]]) -> MemoryWorkbook:
    """A workbook of ours, with lists pasted over the tabs of units or in tabs of their own."""
    book = MemoryWorkbook()
    set_up(book, clock=CLOCK, shipped=SHIPPED)
    for title, rows in lists.items():
        if title in book.titles:
            book.replace_rows(title, rows)
        else:
            book.add_tab(title, rows)
    return book


def taken_on(book: MemoryWorkbook) -> AdoptionReport:
    return adopt(book, CLOCK, apply=True, shipped=SHIPPED)


def contents(book: MemoryWorkbook) -> dict[str, list[Row]]:
    return {title: book.rows(title) for title in book.titles}


def figures(book: MemoryWorkbook) -> dict[str, tuple[int, int, int]]:
    """Rows, done and rows with errors of every unit that can be read."""
    judged = check(book, MemoryStore(), CLOCK, shipped=SHIPPED).judged
    assert judged is not None
    return {each.code: (each.rows, each.done, each.errors) for each in judged.standings if each.known}


def line_in(book: MemoryWorkbook, title: str, name: str) -> dict[str, str]:
    """A line of a config tab by header."""
    rows = book.rows(title)
    table = find_table(rows, {header.casefold(): header for header in tabs.HEADERS[title]}, 2)
    assert table is not None
    lines = ({header: as_text(table.cell(row, header)) for header in table.columns} for row in rows)
    return next(line for line in lines if name in line.values())


def test_looking_changes_nothing() -> None:
    book = prepared({name: LISTS[name].rows for name in UNITS} | {"Nhân sự": LIST})
    before = contents(book)
    found = adopt(book, CLOCK, shipped=SHIPPED)
    assert found.adoption is not None
    assert (len(found.adoption.registry), len(found.adoption.spellings)) == (1, 1)
    assert (contents(book), book.requests.write) == (before, book.requests.write)


RIGHT: Mapping[str, tuple[int, int, int]] = {
    "official": (12, 0, 9),  # each whose stage is asked about
    "split_name": (12, 8, 0),
    "personnel_export": (12, 0, 12),  # its category is asked about
    "no_diacritics": (12, 8, 0),
    "by_department": (12, 8, 0),
    "broken_headers": (12, 8, 0),
    "below_our_header": (12, 8, 0),
}
"""What `check` says after `adopt --apply` (../shared/cases/lists/README.md)."""


def test_lists_are_taken_on_once_with_the_right_figures_and_no_cell_of_theirs_changed() -> None:
    lists = {name: LISTS[name].rows for name in (*RIGHT, "counts")} | {"Nhân sự": LIST}
    book = prepared(lists)
    before = {title: book.rows(title) for title in lists}
    taken_on(book)
    once = contents(book)
    assert changed_cells(before, once) == []
    found = figures(book)
    assert {name: found.get(name) for name in RIGHT} == RIGHT
    assert "counts" not in found
    again = taken_on(book)
    assert again.adoption is not None
    assert (again.adoption.spellings, again.adoption.registry) == ((), ())
    assert contents(book) == once


def changed_cells(lists: Mapping[str, Sequence[Row]], now: Mapping[str, Sequence[Row]]) -> list[str]:
    found = []
    for title, rows in lists.items():
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                shown = now[title][number][column] if column < len(now[title][number]) else None
                if cell is not None and shown != cell:
                    found.append(f"{title} {number + 1}:{column + 1}")
    return found


def test_what_is_sure_is_done_and_what_is_not_is_asked() -> None:
    book = prepared({"Nhân sự": LIST})
    found = taken_on(book)
    assert line_in(book, tabs.FIELDS, "ngay-sinh")["Tên khác"].endswith(" | Ngày sinhh")
    assert line_in(book, tabs.REGISTRY, "an")["Trang tính"] == "Nhân sự"
    assert figures(book)["an"] == (4, 0, 4)
    assert found.adoption is not None
    proposed = [value for tab in found.adoption.tabs for table in tab.tables for value in table.values]
    assert [(value.typed, value.count) for value in proposed] == [("Đã kích hoạt", 4)]
    assert "Đã kích hoạt |" not in str(book.rows(tabs.LISTS))  # proposed to the admin, not added
    noted = [[as_text(cell) for cell in row] for row in book.rows(tabs.JOURNAL)]
    told = [row[2:4] for row in noted if len(row) > 3 and row[1] == "Tiếp nhận"]
    assert [where for where, _ in told] == [
        "Cột dữ liệu, Ngày sinh",
        "Bệnh viện An Bình",
        "Trang “Nhân sự”, Tình trạng tài khoản: “Đã kích hoạt”",
    ]
    assert "“Đã kích hoạt, chưa đăng nhập” hay “Đã kích hoạt và đăng nhập”" in told[2][1]


def test_a_workbook_without_any_tab_of_ours_is_taken_on() -> None:
    """A file as a unit sent it: the shipped tabs come beside its list, and the registry names it."""
    book = MemoryWorkbook({"Danh sách": LIST, "Mới": [["BỆNH VIỆN HOÀN TOÀN MỚI"], *LIST[1:]]})
    before = contents(book)
    assert adopt(book, CLOCK, shipped=SHIPPED).adoption is not None
    assert contents(book) == before
    taken_on(book)
    assert changed_cells(before, contents(book)) == []
    assert line_in(book, tabs.REGISTRY, "an")["Trang tính"] == "Danh sách"
    assert line_in(book, tabs.REGISTRY, "benh-vien-hoan-toan-moi")["Trang tính"] == "Mới"
    found = figures(book)
    assert (found["an"], found["benh-vien-hoan-toan-moi"]) == ((4, 0, 4), (4, 0, 4))


def test_a_registry_of_peoples_without_the_column_gets_it_and_the_line() -> None:
    """The units' names alone, as a department lists them: what names the tabs comes with `init`."""
    registry_of_peoples: list[Row] = [["Mã", "Tên đơn vị", "Ghi chú"], ["an", "Bệnh viện An Bình", "x"]]
    book = MemoryWorkbook({tabs.REGISTRY: registry_of_peoples, "Bệnh viện An Bình": LIST})
    before = contents(book)
    assert taken_on(book).applied
    assert changed_cells(before, contents(book)) == []
    assert line_in(book, tabs.REGISTRY, "an")["Trang tính"] == "Bệnh viện An Bình"
    assert figures(book)["an"] == (4, 0, 4)
    once = without_journal(book)
    taken_on(book)
    assert without_journal(book) == once


def test_a_configuration_that_is_refused_is_left_alone() -> None:
    book = prepared({"Nhân sự": LIST})
    row = next(number for number, row in enumerate(book.rows(tabs.RULES), start=1) if row and row[0] == "ho-ten-la")
    book.type(tabs.RULES, row, 2, "Có lẽ")
    before = contents(book)
    found = taken_on(book)
    assert (found.adoption, found.set_up) == (None, None)
    assert [problem.where for problem in found.problems] != []
    assert contents(book) == before


@pytest.mark.slow
def test_who_saves_meanwhile_is_looked_at_again() -> None:
    book = prepared({"Nhân sự": LIST})
    book.meanwhile(lambda now: now.type("Nhân sự", 3, 3, "Ngày sinh"))
    taken_on(book)
    assert "sinhh" not in line_in(book, tabs.FIELDS, "ngay-sinh")["Tên khác"]
    assert line_in(book, tabs.REGISTRY, "an")["Trang tính"] == "Nhân sự"


class Killed(BaseException):
    """As if the process ended there."""


class Mortal:
    """A workbook whose work ends before or after its n-th change of anything."""

    def __init__(self, book: MemoryWorkbook, lives: int, *, after: bool) -> None:
        self._book, self._lives, self._after = book, lives, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._book, name)
        return self._mortal(found) if name in ("write", "draw", "anchor") else found

    def _mortal(self, change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*args: Any, **named: Any) -> Any:
            if not self._lives and not self._after:
                raise Killed
            outcome = change(*args, **named)
            if not self._lives:
                raise Killed
            self._lives -= 1
            return outcome

        return changed


def without_journal(book: MemoryWorkbook) -> dict[str, list[Row]]:
    return {title: rows for title, rows in contents(book).items() if title != tabs.JOURNAL}


STEPS = [(step, after) for step in range(3) for after in (False, True)]


@pytest.mark.parametrize(("step", "after"), cross_section(STEPS, (1, False)))
def test_killed_anywhere_nothing_of_peoples_changed_and_the_next_time_ends_it(step: int, *, after: bool) -> None:
    book, whole = prepared({"Nhân sự": LIST}), prepared({"Nhân sự": LIST})
    before = {"Nhân sự": book.rows("Nhân sự")}
    taken_on(whole)
    with pytest.raises(Killed):
        adopt(Mortal(book, step, after=after), CLOCK, apply=True, shipped=SHIPPED)
    assert changed_cells(before, contents(book)) == []
    taken_on(book)
    assert without_journal(book) == without_journal(whole)


@pytest.mark.slow
def test_the_shipped_registry_is_used_where_none_is_given() -> None:
    book = MemoryWorkbook({"Danh sách": [["BỆNH VIỆN NHÂN DÂN GIA ĐỊNH"], *LIST[1:]]})
    found = adopt(book, CLOCK).adoption
    assert found is not None
    assert [(step.unit, step.tab) for step in found.registry] == [("bv-nd-gia-dinh", "Danh sách")]
    assert shipped_tables().tables[tabs.REGISTRY]


# --- files and Google -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Cell .* is part of a merged range")
def test_a_file_is_taken_on_once(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    pasted(path)
    people, before = typed(path), path.read_bytes()
    assert adopt(ExcelWorkbook(path), CLOCK).adoption is not None
    assert path.read_bytes() == before
    assert adopt(ExcelWorkbook(path), CLOCK, apply=True).set_up is not None
    after, once = typed(path), ExcelWorkbook(path).read().tabs
    assert {place: after.get(place) for place in people if after.get(place) != people[place]} == {}
    adopt(ExcelWorkbook(path), CLOCK, apply=True)
    again = path.read_bytes()
    assert ExcelWorkbook(path).read().tabs == once
    adopt(ExcelWorkbook(path), CLOCK, apply=True)
    assert path.read_bytes() == again


def at_google(emulator: Emulator, folder: Path) -> World:
    """A spreadsheet of ours in which a unit has put its list in a tab of its own."""
    sheet = emulator.new_spreadsheet()
    world = World(emulator, sheet, sheet, folder)
    set_up(world.book(), clock=CLOCK, shipped=ONE_UNIT)
    sheet.human.add_tab("Nhân sự", [[as_text(cell) for cell in row] for row in LIST])
    return world


class Doomed(Ticking):
    """The clock of a process that is gone at the so many-th look at it, which is before each request too."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks_left = looks

    def clock(self) -> float:
        self.looks_left -= 1
        if not self.looks_left:
            raise Killed
        return super().clock()


@pytest.mark.slow
def test_killed_at_every_request_the_next_time_ends_it(emulator: Emulator, tmp_path: Path) -> None:
    start = at_google(emulator, tmp_path / "start").sheet
    before, whole, kills = start.entered("Nhân sự"), None, 0
    for step in count(1):
        sheet = emulator.new_spreadsheet()
        sheet.document.book = start.document.book.draft()
        world = World(emulator, sheet, sheet, tmp_path / str(step), time=Doomed(step))
        try:
            adopt(world.book(), CLOCK, apply=True, shipped=ONE_UNIT)
        except Killed:
            kills += 1
            assert changed_cells({"Nhân sự": before}, {"Nhân sự": sheet.entered("Nhân sự")}) == [], step
            again = World(emulator, sheet, sheet, tmp_path / f"{step} again")
            adopt(again.book(), CLOCK, apply=True, shipped=ONE_UNIT)
        stands = {title: sheet.entered(title) for title in sheet.titles() if title != tabs.JOURNAL}
        whole = whole or stands
        assert stands == whole, step
        if kills < step:
            break
    assert kills > 8


def test_a_spreadsheet_at_google_is_taken_on_once(emulator: Emulator, tmp_path: Path) -> None:
    world = at_google(emulator, tmp_path)
    sheet = world.sheet
    before = {title: sheet.entered(title) for title in sheet.titles()}
    assert adopt(world.book(), CLOCK, shipped=ONE_UNIT).adoption is not None
    assert {title: sheet.entered(title) for title in sheet.titles()} == before
    assert adopt(world.book(), CLOCK, apply=True, shipped=ONE_UNIT).set_up is not None
    once = {title: sheet.entered(title) for title in sheet.titles()}
    assert changed_cells({"Nhân sự": before["Nhân sự"]}, once) == []
    changed = {title for title in before if changed_cells({title: before[title]}, once)}
    assert changed == {tabs.FIELDS, tabs.REGISTRY, tabs.GUIDE}, "the guide lists which tab is whose"
    judged = check(world.book(), MemoryStore(), CLOCK, shipped=ONE_UNIT).judged
    assert judged is not None
    assert [(each.code, each.rows) for each in judged.standings] == [("an", 4)]
    adopt(world.book(), CLOCK, apply=True, shipped=ONE_UNIT)
    assert {title: sheet.entered(title) for title in sheet.titles()} == once


def printed(found: AdoptionReport) -> str:
    console = Console(file=StringIO(), width=300)
    print_adoption(found, console)
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def test_a_workbook_without_our_tabs_is_told_of_the_units_that_it_gets() -> None:
    """Somebody else's 80 units came in with "those that are sure"."""
    book = MemoryWorkbook()
    book.add_tab("Danh sách", LIST[2:])
    asked = printed(adopt(book, CLOCK, shipped=ONE_UNIT))
    assert "Bảng tính chưa có trang Đơn vị: --apply tạo các trang của hệ thống và trang của 1 đơn vị" in asked
    assert "--apply thêm vào bên phải" not in asked, "nobody's list gets no columns"
    assert "Đã tạo các trang của hệ thống và trang của 1 đơn vị" in printed(
        adopt(book, CLOCK, apply=True, shipped=ONE_UNIT)
    )
    again = printed(adopt(book, CLOCK, shipped=ONE_UNIT))
    assert "của hệ thống" not in again
