"""Columns of the unit's own that bear the header of a result, in a file, where nothing is known by its identity."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from automation.core.judging.judging import judge
from automation.core.judging.lists.emptied import emptied_line
from automation.core.model.workbook import Cell, CellChange, Snapshot, Tab
from automation.core.writing.changes import Changes, cell_changes
from tests.workbooks import NOW, SOUND, config_with, unit_line, unit_tab

CONFIG = config_with([unit_line("a", headcount=1)])
RESULT, TODO, MISTAKES = "Kết quả", "Việc cần làm", "Lỗi cần sửa"
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


@pytest.mark.parametrize("people", [0, 1])
def test_the_line_of_a_list_that_was_removed_is_no_word_of_the_units(people: int) -> None:
    tab = tab_with([(RESULT, None)])
    memory = {"a": replace(judge(Snapshot((tab,)), CONFIG, {}, NOW).records[0], campaign="dot-truoc")}
    top = next(number for number, row in enumerate(tab.rows) if "Họ và tên" in row) + 1
    rows = [*tab.rows[:top], [emptied_line("lúc 08:00 20/04/2023")], *tab.rows[top : top + people]]
    judged = judge(Snapshot((replace(tab, rows=rows),)), CONFIG, memory, NOW)
    assert judged.standings[0].known
    assert [problem.what for problem in judged.problems if problem.what.startswith(TOLD)] == []


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
def test_what_the_bot_did_not_write_is_the_units(
    columns: Sequence[tuple[str, Cell]], told: int, is_written: bool
) -> None:
    """Every word was overwritten in the first cycle, and nobody was told."""
    tab = tab_with(columns)
    found, changes = looked_at(tab)
    assert (len(found), bool(beside_people(tab, changes))) == (told, is_written)


@pytest.mark.parametrize("anchors", [None, {"da-xet": 2}], ids=["in a file", "at Google"])
@pytest.mark.parametrize(
    ("header", "cells", "is_theirs"),
    [
        (RESULT, ("Đạt", "Không đạt"), True),
        (TODO, ("Gọi khoa Nội", None), True),
        (TODO, ("Sửa ô Số CCCD: nhập đủ 12 số", None), False),
        (TODO, ("Sửa ô nhiễm", "Sửa hai ô"), True),
        (MISTAKES, (None, "Sai tên"), True),
        (MISTAKES, (None, "Cảnh báo – Số CCCD: bị mất số 0"), False),
        (MISTAKES, ("Lỗi – Số CCCD: trùng", "Lỗi – Ngày sinh: trống"), False),
    ],
)
def test_in_a_list_that_was_judged_a_column_is_whose_words_stand_in_it(
    header: str, cells: tuple[Cell, Cell], is_theirs: bool, anchors: dict[str, int] | None
) -> None:
    """Somebody deleted ours beside an own column of the same header, whose words were overwritten."""
    first = tab_with([(header, cells[0]), ("Dữ liệu đã xét", "61aa#395403")])
    place = next(number for number, row in enumerate(first.rows) if "Họ và tên" in row) + 1
    second = [cells[1], "61aa#395403", *first.rows[place][2:]]
    tab = replace(first, rows=[*first.rows[: place + 1], second, *first.rows[place + 1 :]], anchors=anchors)
    found, changes = looked_at(tab)
    assert len(found) == is_theirs
    assert not (is_theirs and 1 in {each.column for each in beside_people(tab, changes)})


def test_old_words_of_ours_stay_ours_by_the_digest_beside_them() -> None:
    """Whoever renames a status finds the old name beside everybody."""
    tab, (_, changes) = unit_tab(CONFIG, "a", [SOUND]), looked_at(unit_tab(CONFIG, "a", [SOUND]))
    rows = [[*row, *[None] * 30] for row in tab.rows]
    for each in beside_people(tab, changes):
        rows[each.row - 1][each.column - 1] = each.value
    renamed = (replace(each, label=f"{each.label} (cũ)", todo="Việc khác.") for each in CONFIG.statuses)
    judged = judge(Snapshot((replace(tab, rows=rows),)), replace(CONFIG, statuses=tuple(renamed)), {}, NOW)
    assert not [problem for problem in judged.problems if problem.what.startswith(TOLD)]
    assert cell_changes(Snapshot((replace(tab, rows=rows),)), judged, {}).cells


def test_of_two_columns_with_one_header_neither_is_written() -> None:
    judged = ("Dữ liệu đã xét", "61aa#395403")
    tab = tab_with([(TODO, "Gọi khoa Nội"), (RESULT, "Hoàn thành"), (TODO, "Việc này"), judged])
    (told,), changes = looked_at(tab)
    assert "ô A3, C3" in told
    assert {each.column for each in beside_people(tab, changes)}.isdisjoint({1, 3})
