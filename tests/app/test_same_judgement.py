"""The same workbook as a file and at Google: the same statuses, figures and cells."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from automation.adapters.config_files import default_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.spreadsheets import GoogleSpreadsheets, open_spreadsheets
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, run_cycle
from automation.app.init import set_up
from automation.cli import report
from automation.core.admin.reader import read_config, with_tab_titles
from automation.core.config import tabs
from automation.core.config.identity import codes_of
from automation.core.config.values import Config
from automation.core.model.ports import Workbook
from automation.core.model.units import Unit
from automation.core.model.workbook import CellChange
from automation.core.reading.comparing import same
from automation.core.writing.dashboard_lines import OPEN_COLUMN, TARGET_COLUMN
from automation.demo.campaign import make_campaign
from automation.demo.filling import fill, write_units
from tests.emulator import Emulator, Spreadsheet
from tests.emulator.__main__ import read_workbook
from tests.fakes_store import MemoryStore

AT = datetime(2023, 4, 20, 8, 0)
UNITS = [Unit(f"u{number}", f"Đơn vị {number}", group="Bệnh viện") for number in range(8)]
PEOPLE = 900
"""Enough for every kind of mistake that the demo plants."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with people, mistakes among them, as a file."""
    folder = tmp_path_factory.mktemp("same")
    config = read_config(default_tables())
    assert isinstance(config, Config)
    campaign = make_campaign(with_tab_titles(UNITS), PEOPLE, date(2023, 4, 20), seed=2)
    write_units(folder / "units.csv", campaign)
    book = ExcelWorkbook(folder / "book.xlsx")
    set_up(book, folder / "units.csv")
    fill(book, campaign, config)
    without_days_before_1908(book)
    return folder / "book.xlsx"


def without_days_before_1908(book: Workbook) -> None:
    """Google hands dates over as bare numbers, and one so small is taken for a count or a year typed in.

    The person has to correct the date either way; only what is said beside it differs.
    """
    snapshot = book.read()
    cells = [
        CellChange(tab.key, row, column, None)
        for tab in snapshot.tabs
        for row, line in enumerate(tab.rows, start=1)
        for column, cell in enumerate(line, start=1)
        if isinstance(cell, datetime) and cell.year < 1909
    ]
    assert len(cells) < 10
    book.write(cells, snapshot)


def at_google(emulator: Emulator, sheet: Spreadsheet, folder: Path) -> GoogleSpreadsheets:
    return open_spreadsheets(
        connect(emulator_host=emulator.host), SpreadsheetAddress(sheet.id, sheet.url), folder, codes_of
    )


def cycle(book: Workbook) -> CycleReport:
    return run_cycle(book, MemoryStore(), None, standing_clock(AT))


def figures(found: CycleReport) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(report.as_json(found, "check"), allow_nan=False))
    return {key: told[key] for key in ("units", "rows", "total", "problems")}


def test_a_file_and_a_spreadsheet_at_google_are_judged_alike(filled: Path, tmp_path: Path) -> None:
    with Emulator() as emulator:
        google = at_google(emulator, emulator.new_spreadsheet(read_workbook(filled)), tmp_path)
        excel = ExcelWorkbook(filled)
        told = [figures(cycle(book)) for book in (excel, google)]
        assert told[0] == told[1]
        assert len(told[0]["rows"]) > PEOPLE // 2
        assert sum(bool(row["findings"]) for row in told[0]["rows"]) > 40
        pages = [{tab.title: tab for tab in book.read().tabs} for book in (excel, google)]
        assert list(pages[0]) == list(pages[1])
        for title, page in pages[0].items():
            if title != tabs.JOURNAL:
                other = pages[1][title]
                size = max(len(page.rows), len(other.rows)), max(map(len, (*page.rows, *other.rows)))
                for row in range(1, size[0] + 1):
                    for column in range(1, size[1] + 1):
                        if title == tabs.DASHBOARD and column in (OPEN_COLUMN, TARGET_COLUMN):
                            continue  # what opens a tab is an address there and a place here
                        cells = other.cell(row, column), page.cell(row, column)
                        assert same(*cells), f"{title} {row}:{column} {cells}"


@pytest.mark.slow
def test_what_was_set_up_at_google_is_judged_like_what_was_set_up_in_a_file(tmp_path: Path, filled: Path) -> None:
    with Emulator() as emulator:
        google = at_google(emulator, emulator.new_spreadsheet(), tmp_path)
        set_up(google, filled.with_name("units.csv"))
        snapshot = google.read()
        keys = {tab.title: tab.key for tab in snapshot.tabs}
        typed = [
            CellChange(keys[tab.title], row, column, cell)
            for tab in ExcelWorkbook(filled).read().tabs
            if tab.title not in tabs.BOT_TABS
            for row, line in enumerate(tab.rows, start=1)
            for column, cell in enumerate(line, start=1)
        ]
        assert google.write(typed, snapshot).held
        assert figures(cycle(google)) == figures(cycle(ExcelWorkbook(filled)))
