"""People's own tabs under titles that the bot needs: named, and no cell of them changed, until they are renamed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from automation.adapters.config_files import default_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.exit_status import ExitStatus
from automation.app.init import set_up
from automation.app.lists.adopt import adopt
from automation.cli import adopt_report
from automation.cli.report import exit_status
from automation.core.config import tabs
from automation.core.config.shipped import ShippedTables
from automation.core.model.ports import Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import Row
from tests.emulator import Emulator
from tests.fakes_store import MemoryStore
from tests.google_world import World
from tests.workbooks import registry, unit_line

CLOCK = standing_clock(datetime(2023, 4, 20, 8))
ONE_UNIT = ShippedTables({**default_tables(), tabs.REGISTRY: registry(unit_line("bv-a"))})
OWN: dict[str, list[list[str]]] = {
    tabs.DASHBOARD: [["BẢNG TỔNG HỢP NĂM 2023"], ["Khoa", "Số người"], *[["Khoa Dược", "x", "y"]] * 40],
    tabs.GUIDE: [["Hướng dẫn riêng", "nội dung", "cột C"]] * 20,
    tabs.JOURNAL: [["Ngày", "Việc"], ["20/04", "Họp"]],
    tabs.HISTORY: [["Năm", "Giám đốc"], ["2020", "A"]],
    tabs.MAILS: [["Ngày", "Gửi ai"], ["20/04", "Sở"]],
    tabs.DOCUMENTS: [["STT", "Số", "Ngày", "Trích yếu"], ["1", "7/SYT", "20/04/2023", "V/v họp"]],
}


def named(problems: Sequence[Problem]) -> set[str]:
    return {each.where for each in problems if "đổi tên trang này" in each.fix}


def wanted(titles: Sequence[str]) -> set[str]:
    return {f"Trang “{title}”" for title in titles}


def rows_of(book: Workbook) -> dict[str, Sequence[Row]]:
    return {tab.title: tab.rows for tab in book.read().tabs}


def file_of_peoples(path: Path) -> None:
    book = Book()
    for title, rows in OWN.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def all_refuse(open_book: Callable[[], Workbook]) -> None:
    """Whatever is asked for, the tabs are named, somebody has to act, and the workbook stays as it was."""
    before = rows_of(open_book())
    done = set_up(open_book(), clock=CLOCK, shipped=ONE_UNIT)
    assert (done.drawn, named(done.problems), exit_status(done.problems)) == (
        False,
        wanted([*OWN]),
        ExitStatus.NEEDS_PERSON,
    )
    for apply in (False, True):
        found = adopt(open_book(), CLOCK, apply=apply, shipped=ONE_UNIT)
        assert (found.applied, named(found.problems)) == (False, wanted([*OWN]))
        assert adopt_report.exit_status(found) is ExitStatus.NEEDS_PERSON
    assert rows_of(open_book()) == before


def test_in_a_file_they_are_refused_until_they_are_renamed(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    file_of_peoples(path)
    before = path.read_bytes()
    all_refuse(lambda: ExcelWorkbook(path))
    assert path.read_bytes() == before
    book = load_workbook(path)
    for title in OWN:
        book[title].title = f"{title} cũ"
    book.save(path)
    kept = rows_of(ExcelWorkbook(path))
    assert set_up(ExcelWorkbook(path), clock=CLOCK, shipped=ONE_UNIT).drawn
    run_cycle(ExcelWorkbook(path), MemoryStore(), None, CLOCK)
    after = rows_of(ExcelWorkbook(path))
    assert {title: after[title] for title in kept} == kept
    assert set(OWN) <= set(after)


def test_a_registry_made_by_hand_is_taken_on_and_nothing_in_it_is_lost(tmp_path: Path) -> None:
    """Lines above, columns of its own, formulas, merged cells, notes, colours, a filter, widths."""
    path = tmp_path / "book.xlsx"
    book = Book()
    sheet = book.worksheets[0]
    sheet.title = tabs.REGISTRY
    for row in (
        ["DANH BẠ ĐƠN VỊ"],
        [],
        ["Mã", "Tên đơn vị", "Ghi chú", "Số giường"],
        ["a", "BV A", "x", 5],
        ["b", "BV B", "y", "=D4+1"],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    sheet["B3"].comment = Comment("gọi giờ hành chính", "văn thư")
    sheet["D4"].number_format = "0.00"
    sheet["B4"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet.column_dimensions["D"].hidden = True
    sheet.auto_filter.ref = "A3:D5"
    book.save(path)
    before = _as_kept(path)
    assert set_up(ExcelWorkbook(path), clock=CLOCK).drawn
    run_cycle(ExcelWorkbook(path), MemoryStore(), None, CLOCK)
    assert _as_kept(path) == before
    assert {"BV A", "BV B"} <= set(load_workbook(path).sheetnames)


def _as_kept(path: Path) -> object:
    sheet = load_workbook(path)[tabs.REGISTRY]
    cells = [[cell.value for cell in row[:4]] for row in sheet["A1:D5"]]
    looks = (sheet["B3"].comment.text, sheet["D4"].number_format, sheet["B4"].fill.fgColor.rgb)
    return (
        cells,
        looks,
        [*map(str, sheet.merged_cells.ranges)],
        sheet.column_dimensions["D"].hidden,
        sheet.auto_filter.ref,
    )


def test_a_cycle_leaves_one_alone_and_names_it(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    set_up(ExcelWorkbook(path), clock=CLOCK, shipped=ONE_UNIT)
    book = load_workbook(path)
    own = {title: rows for title, rows in OWN.items() if title not in tabs.CONFIG_TABS}
    for title, rows in own.items():  # in the place of the bot's, which somebody deleted
        del book[title]
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    tags = [
        name for name, place in book.defined_names.items() if any(f"'{title}'!" in place.attr_text for title in own)
    ]
    for tag in tags:
        del book.defined_names[tag]
    book.save(path)
    before = rows_of(ExcelWorkbook(path))
    found = run_cycle(ExcelWorkbook(path), MemoryStore(), None, CLOCK)
    after = rows_of(ExcelWorkbook(path))
    assert {title: after[title] for title in own} == {title: before[title] for title in own}
    assert named(found.problems) == wanted([*own])
    assert exit_status(found.problems) is ExitStatus.NEEDS_PERSON


def test_at_google_they_are_refused_until_they_are_renamed(emulator: Emulator, tmp_path: Path) -> None:
    sheet = emulator.new_spreadsheet()
    for title, rows in OWN.items():
        sheet.human.add_tab(title, rows)
    world = World(emulator, sheet, sheet, tmp_path)
    all_refuse(world.book)
    for title in OWN:
        sheet.human.rename_tab(title, f"{title} cũ")
    assert set_up(world.book(), clock=CLOCK, shipped=ONE_UNIT).drawn
    assert {title: sheet.entered(f"{title} cũ") for title in OWN} == {
        title: [[*row] for row in rows] for title, rows in OWN.items()
    }
    assert set(OWN) <= set(sheet.titles())
