"""Which lines of `Lịch sử` are of the campaign that is on."""

from __future__ import annotations

from datetime import date

import pytest

from automation.core.config import tabs
from automation.core.figures.history import read_history
from automation.core.model.workbook import Row, Tab

HEADERS = tabs.HEADERS[tabs.HISTORY]


def line(day: int, campaign: str | None, done: int, unit: str = "mot") -> Row:
    return [date(2023, 4, day), unit, "Đơn vị", 9, done, done / 9, done, campaign]


@pytest.mark.parametrize(
    ("lines", "done"),
    [
        ([line(3, "dot-1", 5), line(4, "dot-2", 1), line(5, "dot-2", 2)], [1, 2]),
        ([line(3, "dot-1", 5), line(4, "dot-2", 1), line(5, "dot-1", 6)], [1]),
        ([line(3, "dot-1", 5), line(4, "dot-1", 6)], []),
        ([line(3, " DOT-2 ", 5), line(4, "dot-2", 6)], [5, 6]),
        ([line(3, None, 5), line(4, None, 6)], [5, 6]),
        ([line(3, None, 5), line(4, "dot-2", 6)], [5, 6]),
        ([line(3, None, 5), line(4, "dot-1", 6), line(5, "dot-2", 1)], [1]),
        ([line(5, "dot-2", 1), line(4, "dot-1", 6), line(3, None, 5)], [1]),
        ([line(3, "dot-2", 1), line(4, None, 6), line(4, "dot-2", 7, "hai"), line(5, "dot-1", 3)], [1, 6, 7]),
    ],
    ids=[
        "of the last campaign",
        "the code changed for a day",
        "all of another",
        "written otherwise",
        "all older than the column",
        "older than the column, the same since",
        "older than the column, another since",
        "the newest on top",
        "codes that somebody removed",
    ],
)
def test_lines_count_for_the_campaign_they_were_written_under(lines: list[Row], done: list[int]) -> None:
    read = read_history(Tab("h", tabs.HISTORY, [HEADERS, *lines]), "Dot-2")
    assert [each.done for each in read.lines] == done
    assert read.last_row == len(lines) + 1
    assert sum(map(len, read.tracks(date(2023, 5, 1)).values())) == len(done)


def test_a_tab_without_that_column_is_of_any_campaign() -> None:
    lines = [line(3, None, 5)[:-1], line(4, None, 6)[:-1]]
    read = read_history(Tab("h", tabs.HISTORY, [HEADERS[:-1], *lines]), "dot-2")
    assert [each.done for each in read.lines] == [5, 6]
