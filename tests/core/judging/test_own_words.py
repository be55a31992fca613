"""Columns of the unit's own that bear the header of a result, in a file, where nothing is known by its identity."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from automation.core.judging.judging import judge
from automation.core.model.workbook import Cell, CellChange, Snapshot, Tab
from automation.core.writing.changes import Changes, cell_changes
from tests.workbooks import NOW, SOUND, config_with, unit_line, unit_tab

CONFIG = config_with([unit_line("a", headcount=1)])
RESULT, TODO = "Kết quả", "Việc cần làm"
TOLD = "Hệ thống chưa ghi vào cột"


def looked_at(tab: Tab) -> tuple[list[str], Changes]:
    """What is told of columns in doubt, and what would be written."""
    judged = judge(Snapshot((tab,)), CONFIG, {}, NOW)
    told = [problem.what for problem in judged.problems if problem.what.startswith(TOLD)]
    return told, cell_changes(Snapshot((tab,)), judged, {})


def tab_with(columns: Sequence[tuple[str, Cell]]) -> Tab:
    """The list of one person, with these columns (header, cell) in front of all others in place of ours."""
    tab = unit_tab(CONFIG, "a", [SOUND])
    place = next(number for number, row in enumerate(tab.rows) if "Họ và tên" in row)
    headers = tab.rows[place]
    kept = [
        number for number, header in enumerate(headers) if header not in (RESULT, TODO, "Lỗi cần sửa", "Dữ liệu đã xét")
    ]
    rows = list(tab.rows)
    for number, lead in ((place, [h for h, _ in columns]), (place + 1, [c for _, c in columns])):
        rows[number] = [*lead, *(rows[number][each] if each < len(rows[number]) else None for each in kept)]
    return replace(tab, rows=rows)


def beside_people(tab: Tab, changes: Changes) -> list[CellChange]:
    header = next(number for number, row in enumerate(tab.rows, start=1) if "Họ và tên" in row)
    return [each for each in changes.cells if each.tab == tab.key and each.row >= header]


@pytest.mark.parametrize(
    ("columns", "told", "is_written"),
    [
        ([(RESULT, "Đạt loại giỏi")], 1, False),
        ([(TODO, "Gọi khoa Nội")], 1, False),
        ([(RESULT, "Đạt"), (TODO, "Ký lại")], 2, False),
        ([(RESULT, None), (TODO, None)], 0, True),
        ([(RESULT, "Hoàn thành"), (TODO, "Gọi khoa Nội")], 0, True),
        ([(RESULT, "Đạt"), ("Dữ liệu đã xét", "61aa#395403")], 0, True),
        ([], 0, True),
    ],
)
def test_what_a_list_that_was_never_judged_holds_is_the_units(
    columns: Sequence[tuple[str, Cell]], told: int, is_written: bool
) -> None:
    """Every word was overwritten in the first cycle, and nobody was told."""
    tab = tab_with(columns)
    found, changes = looked_at(tab)
    assert (len(found), bool(beside_people(tab, changes))) == (told, is_written)


def test_of_two_columns_with_one_header_neither_is_written() -> None:
    judged = ("Dữ liệu đã xét", "61aa#395403")
    tab = tab_with([(TODO, "Gọi khoa Nội"), (RESULT, "Hoàn thành"), (TODO, "Việc này"), judged])
    (told,), changes = looked_at(tab)
    assert "ô A3, C3" in told
    assert {each.column for each in beside_people(tab, changes)}.isdisjoint({1, 3})
