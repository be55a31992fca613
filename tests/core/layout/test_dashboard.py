"""The pictures of `Tổng hợp` are drawn over the lines that the cycle writes."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest

from automation.adapters.config_files import default_tables
from automation.core.config import tabs
from automation.core.layout.dashboard import dashboard_charts
from automation.core.writing.changes import unit_line as line_1
from automation.core.writing.dashboard import dashboard_rows
from tests.workbooks import NOW, SOUND, config_with, judge_units, unit_line

FIELDS = default_tables()[tabs.FIELDS]
UNITS = {"mot": [SOUND], "hai": [], "ba": [SOUND]}


@pytest.mark.parametrize("off", [(), ("mien-hoan",), ("doi-tuong", "dang-vien"), ("doi-tuong", "mien-hoan")])
@pytest.mark.parametrize(("number", "head"), [(0, "THEO KẾT QUẢ"), (2, "XẾP HẠNG ĐƠN VỊ")])
def test_a_chart_begins_at_the_head_of_its_block_and_ends_with_it(number: int, head: str, off: tuple[str, ...]) -> None:
    used = tabs.HEADERS[tabs.FIELDS].index("Dùng")
    lines = ([*row[:used], "Không" if row[0] in off else row[used], *row[used + 1 :]] for row in FIELDS)
    config = config_with([unit_line(code) for code in UNITS], **{tabs.FIELDS: list(lines)})
    judged = judge_units(UNITS, config=config)
    rows = dashboard_rows(judged)
    charts = {chart.title: chart for chart in dashboard_charts(judged.config)}
    chart = list(charts.values())[number - (len(charts) < 3 and number == 2)]
    assert rows[chart.first_row - 1][chart.categories - 1] == head
    block = [rows[row - 1] for row in range(chart.first_row, chart.last_row + 1)]
    assert all(row and row[chart.categories - 1] for row in block)
    assert all(row[chart.series[0] - 1] is not None for row in block)
    assert rows[chart.last_row] == []


def test_charts_stand_below_each_other() -> None:
    charts = dashboard_charts(judge_units({f"don-vi-{number}": [SOUND] for number in range(40)}).config)
    assert len(charts) == 3
    for above, below in pairwise(charts):
        assert below.row - above.row > above.height / 20  # pixels of a line


def test_thousands_are_written_as_everywhere_else() -> None:
    judged = judge_units({"a": []}, now=datetime(2023, 5, 2, 8, tzinfo=NOW.tzinfo), headcounts={"a": 1234})
    assert any("còn 1.234 người" in str(cell) for row in dashboard_rows(judged) for cell in row)
    (standing,) = judged.standings
    assert "(0/1.234 người) · còn 1.234 người" in line_1(standing, judged)
    assert any("còn 1.234 người" in note for note in standing.notes)
