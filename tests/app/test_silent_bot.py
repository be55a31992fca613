"""The cell of `Tổng hợp` that says when the bot last looked turns red by itself once that is too long ago: LibreOffice
judges the condition that `tccb init` draws at Google.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from msgspec.structs import replace

from automation.core.layout.dashboard import dashboard_look
from automation.core.model.layout import Link
from automation.core.text.moments import MOMENT
from automation.core.writing.dashboard import longest_silence
from automation.core.writing.dashboard_lines import SIGN_OF_LIFE_CELL, SILENCE_CELL
from automation.core.writing.formulas import as_in_files
from tests.office import converted, needs_calc
from tests.workbooks import config_with, unit_line

CONFIG = config_with([unit_line("A")])
OLD = {1: timedelta(hours=1), 3: timedelta(hours=3), 30 * 24: timedelta(days=30)}
"""By hours: the ages that are tried, all of them far from any limit."""


@pytest.mark.parametrize(
    ("minutes", "limit"),
    [(1, timedelta(hours=2)), (40, timedelta(hours=2)), (60, timedelta(hours=3)), (240, timedelta(hours=12))],
)
def test_three_cycles_may_be_missed_and_two_hours(minutes: int, limit: timedelta) -> None:
    assert longest_silence(replace(CONFIG.settings, cycle_minutes=minutes)) == limit


def test_only_a_spreadsheet_that_lives_has_the_condition() -> None:
    (mark,) = dashboard_look(CONFIG, None, Link("Hướng dẫn")).marks
    assert (mark.columns, mark.severe, mark.live) == ((1,), True, True)


@pytest.mark.slow
@needs_calc
def test_the_condition_holds_once_the_bot_has_been_silent_for_longer(tmp_path: Path) -> None:
    (mark,) = dashboard_look(CONFIG, None, Link("Hướng dẫn")).marks
    book, now = openpyxl.Workbook(), datetime.now()
    book.remove(book.worksheets[0])
    said = {
        **{
            f"{hours} of {limit}": (f"Cập nhật lúc {now - age:{MOMENT}}", limit / 24)
            for hours, age in OLD.items()
            for limit in (2, 12)
        },
        "never looked": (None, 2 / 24),
        "of an earlier version": (f"Cập nhật lúc {now - OLD[3]:{MOMENT}}", None),
        "typed over": ("xong rồi", 2 / 24),
        "ahead": (f"Cập nhật lúc {now + OLD[3]:{MOMENT}}", 2 / 24),
    }
    for title, (words, limit) in said.items():
        sheet = book.create_sheet(title)
        sheet.cell(*SIGN_OF_LIFE_CELL, words)
        sheet.cell(*SILENCE_CELL, limit)
        for row in (1, 2, 3):  # as a condition is judged for each cell of the column
            sheet.cell(row, 20, f"={as_in_files(mark.formula)}")
    book.save(tmp_path / "so.xlsx")
    judged = openpyxl.load_workbook(converted(tmp_path / "so.xlsx", "xlsx", tmp_path / "out"), data_only=True)
    red = {sheet.title: [sheet.cell(row, 20).value for row in (1, 2, 3)] for sheet in judged}
    assert [title for title, cells in red.items() if cells == [False, True, False]] == [
        "3 of 2",
        "720 of 2",
        "720 of 12",
    ]
    assert all(cells in ([False, True, False], [False, False, False]) for cells in red.values())
