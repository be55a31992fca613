"""Tabs that pass for the bot's or a unit's own: read by nobody, named, and no way to freeze the configuration."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.spreadsheets import GoogleSpreadsheets, open_spreadsheets
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, check, run_cycle
from automation.app.init import set_up
from automation.core.config import tabs
from automation.core.config.identity import codes_of
from automation.core.model.ports import Workbook
from tests.emulator import Emulator, Spreadsheet
from tests.examples import cross_section
from tests.fakes_store import MemoryStore

CLOCK = standing_clock(datetime(2023, 4, 20, 8, 0))
UNITS = "Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người,Email đầu mối\nbv-a,Bệnh viện A,,BV A,3,a@example.org\n"
STRANGER = "stranger@example.org"

SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "a zero-width space": lambda title: title[:3] + "\u200b" + title[3:],
    "a no-break space": lambda title: title.replace(" ", "\u00a0"),
    "two spaces": lambda title: title.replace(" ", "  "),
    "letters and marks apart": lambda title: unicodedata.normalize("NFD", title),
    "full width": lambda title: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in title),
    "an Eth": lambda title: title.replace("Đ", "\u00d0") if "Đ" in title else title + "\u200d",
    "a joiner without a width": lambda title: title[:3] + "\u034f" + title[3:],
    "a tag character": lambda title: title + "\U000e0041",
    "Cyrillic letters": lambda title: title.translate(str.maketrans("aohcT", "аоһсТ")) + "\u200d",
    "a space behind": lambda title: title + " ",
}


def forged(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """The tab as a stranger would like it: mails for real, and all of them to them."""
    replaced = {"a@example.org": STRANGER, "Thử": "Thật"}
    return [[replaced.get(cell, cell) if isinstance(cell, str) else cell for cell in row] for row in rows]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "units.csv").write_text(UNITS, "utf-8")
    assert set_up(ExcelWorkbook(folder / "book.xlsx"), folder / "units.csv").drawn
    return folder / "book.xlsx"


@pytest.fixture
def path(tmp_path: Path, drawn: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(drawn.read_bytes())
    return path


def attacked(path: Path, change: Callable[[Book], object]) -> None:
    book = load_workbook(path)
    change(book)
    book.save(path)


def plant(book: Book, title: str, under: str) -> None:
    """A hidden tab in front of all others."""
    sheet = book.create_sheet(under, 0)
    for row in forged([[cell.value for cell in row] for row in book[title].iter_rows()]):
        sheet.append(row)
    sheet.sheet_state = "hidden"


def is_obeyed(report: CycleReport) -> bool:
    judged = report.judged
    assert judged is not None
    return judged.config.settings.mail_mode_real or any(unit.focal_email == STRANGER for unit in judged.config.units)


def look_alikes_named(report: CycleReport) -> int:
    return sum("chỉ giống tên" in problem.what for problem in report.problems)


@pytest.mark.parametrize("spelling", cross_section(SPELLINGS, "a zero-width space", "Cyrillic letters"))
def test_a_look_alike_of_the_configuration_is_ignored_and_named(path: Path, spelling: str) -> None:
    spell = SPELLINGS[spelling]
    titles = (tabs.REGISTRY, tabs.SETTINGS, tabs.HISTORY, tabs.JOURNAL, tabs.DASHBOARD)

    def plant_all(book: Book) -> None:
        for title in titles:
            if spell(title) != title:
                plant(book, title, spell(title))

    attacked(path, plant_all)
    report = run_cycle(ExcelWorkbook(path), MemoryStore(), None, CLOCK)
    assert not is_obeyed(report)
    assert look_alikes_named(report) == sum(spell(title) != title for title in titles)
    assert report.cells_written > 0, "the configuration is not frozen"
    planted = load_workbook(path)[spell(tabs.DASHBOARD)] if spell(tabs.DASHBOARD) != tabs.DASHBOARD else None
    assert planted is None or planted["A2"].value == load_workbook(path)[spell(tabs.DASHBOARD)]["A2"].value


def test_a_look_alike_of_a_units_tab_is_ignored_and_named(path: Path) -> None:
    attacked(path, lambda book: plant(book, "BV A", "BV\u00a0A"))
    report = check(ExcelWorkbook(path), MemoryStore(), CLOCK)
    assert [table.tab.title for table in report.judged.tables] == ["BV A"] if report.judged else False
    assert look_alikes_named(report) == 1


def test_the_real_tab_is_known_under_any_title(path: Path) -> None:
    def swap(book: Book) -> None:
        book[tabs.REGISTRY].title = "Danh sách cũ"
        plant_under = book.create_sheet(tabs.REGISTRY, 0)
        for row in forged([[cell.value for cell in row] for row in book["Danh sách cũ"].iter_rows()]):
            plant_under.append(row)
        for name in book.defined_names.values():  # as Excel does it when a tab is renamed
            name.attr_text = name.attr_text.replace(f"'{tabs.REGISTRY}'", "'Danh sách cũ'")

    attacked(path, swap)
    report = check(ExcelWorkbook(path), MemoryStore(), CLOCK)
    assert not is_obeyed(report)
    assert look_alikes_named(report) == 1


def google(sheet: Spreadsheet, emulator: Emulator, folder: Path) -> GoogleSpreadsheets:
    api = connect(emulator_host=emulator.host, throttle=Throttle(sleep=lambda _: None))
    return open_spreadsheets(api, SpreadsheetAddress(sheet.id, sheet.url), folder, codes_of, pause=lambda _: None)


def seen_anew(sheet: Spreadsheet, emulator: Emulator, folder: Path) -> CycleReport:
    """By a machine that never saw the spreadsheet, so that nothing but the spreadsheet itself can tell."""
    folder.mkdir()
    book: Workbook = google(sheet, emulator, folder)
    return check(book, MemoryStore(), CLOCK)


def test_at_google_the_tag_tells_the_real_tab_without_any_memory(emulator: Emulator, tmp_path: Path) -> None:
    sheet = emulator.new_spreadsheet()
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    assert set_up(google(sheet, emulator, tmp_path), tmp_path / "units.csv").drawn
    human, rows = sheet.human, sheet.rows(tabs.REGISTRY)
    human.add_tab("Đơn\u00a0vị", forged(rows))
    human.move_tab("Đơn\u00a0vị", 0)
    assert not is_obeyed(first := seen_anew(sheet, emulator, tmp_path / "first"))
    assert look_alikes_named(first) == 1
    human.rename_tab(tabs.REGISTRY, "Danh sách cũ")
    human.rename_tab("Đơn\u00a0vị", tabs.REGISTRY)
    assert not is_obeyed(second := seen_anew(sheet, emulator, tmp_path / "second"))
    assert look_alikes_named(second) == 1


@pytest.mark.slow
def test_a_copy_of_a_tagged_tab_is_a_copy(emulator: Emulator, tmp_path: Path) -> None:
    sheet = emulator.new_spreadsheet()
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    assert set_up(google(sheet, emulator, tmp_path), tmp_path / "units.csv").drawn
    copy = sheet.human.duplicate_tab("BV A")
    report = seen_anew(sheet, emulator, tmp_path / "anew")
    assert report.judged is not None
    assert [table.tab.title for table in report.judged.tables] == ["BV A"]
    assert any(copy in problem.where for problem in report.problems)


@pytest.mark.slow
def test_a_second_init_puts_no_tag_twice(emulator: Emulator, tmp_path: Path) -> None:
    sheet = emulator.new_spreadsheet()
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    set_up(google(sheet, emulator, tmp_path), tmp_path / "units.csv")
    before = emulator.count("write")
    set_up(google(sheet, emulator, tmp_path))
    assert emulator.count("write") == before
