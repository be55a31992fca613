"""Lists pasted over the tabs of units in a file: set up twice, run twice, and every cell is as people left it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from automation.adapters.config_files import default_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.init import set_up
from automation.core.config import tabs
from tests.fakes_store import MemoryStore
from tests.lists import LISTS
from tests.workbooks import registry, unit_line

pytestmark = pytest.mark.slow
CLOCK = standing_clock(datetime(2023, 4, 20, 8))


def pasted(path: Path) -> None:
    """A workbook with every list in the tab of a unit of its own."""
    book = Book()
    book.remove(book.worksheets[0])
    units = book.create_sheet(tabs.REGISTRY)
    for line in registry(*(unit_line(name, headcount=12) for name in LISTS)):
        units.append(list(line))
    fields = book.create_sheet(tabs.FIELDS)
    for row in default_tables()[tabs.FIELDS]:
        fields.append(list(row))
    for name, kept in LISTS.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(kept.rows, start=1):
            for column, cell in enumerate(row, start=1):
                sheet.cell(number, column, cell)
        for top, left, bottom, right in kept.merged:
            sheet.merge_cells(f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}")
    book.save(path)


def typed(path: Path) -> dict[tuple[str, str], object]:
    book = load_workbook(path)
    cells = ((name, cell) for name in LISTS for row in book[name].iter_rows() for cell in row if cell.value is not None)
    found: dict[tuple[str, str], object] = {(name, cell.coordinate): cell.value for name, cell in cells}
    merged = {(name, str(area)): True for name in LISTS for area in book[name].merged_cells.ranges}
    return found | merged


@pytest.mark.filterwarnings("ignore:Cell .* is part of a merged range")
def test_what_people_typed_and_merged_stays(tmp_path: Path) -> None:
    path, store = tmp_path / "book.xlsx", MemoryStore()
    pasted(path)
    before = typed(path)
    for _ in range(2):
        book = ExcelWorkbook(path)
        assert set_up(book, clock=CLOCK).drawn
        report = run_cycle(book, store, None, CLOCK)
        assert report.mistakes == ()
    after = typed(path)
    assert {place: (value, after.get(place)) for place, value in before.items() if after.get(place) != value} == {}
    known = {each.code: each for each in report.judged.standings} if report.judged else {}
    assert {name: known[name].rows for name in LISTS if LISTS[name].people} == {
        name: len(kept.people) for name, kept in LISTS.items() if kept.people
    }
