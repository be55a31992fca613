"""Lists that units keep, as they are and changed by chance: nothing that people typed is ever written over."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.core.adoption.looking import propose
from automation.core.adoption.tables import with_spellings
from automation.core.config.computed import COMPUTED
from automation.core.config.values import Config
from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.judging.locating import is_unit_line
from automation.core.layout.dropdowns import Dropdowns
from automation.core.layout.unit import unit_look
from automation.core.model.workbook import Cell, Merged, Snapshot, Tab
from automation.core.reading.cells import as_text, is_blank
from automation.core.writing.changes import cell_changes
from tests.lists import LISTS
from tests.workbooks import NOW, config_with, unit_line

CONFIG: Config = config_with([unit_line("a", headcount=12)])
Rows = list[list[Cell]]


def tab_of(rows: Rows, merged: tuple[Merged, ...] = ()) -> Tab:
    return Tab("a", "a", rows, merged=merged)


def is_covered(tab: Tab, row: int, column: int) -> bool:
    """Whether a merged cell hides what stands there."""
    inside = (m for m in tab.merged if m.top <= row <= m.bottom and m.left <= column <= m.right)
    return any((row, column) != (m.top, m.left) for m in inside)


def may_be_written(tab: Tab, row: int, column: int, judged: Judged | None) -> bool:
    """Whether the cell is the bot's or nobody's."""
    cell = tab.cell(row, column)
    tables = judged.tables if judged else ()
    ours = {table.table.columns.get(code) for table in tables for code in COMPUTED}
    return is_blank(cell) or is_unit_line(as_text(cell)) or column in ours


def nothing_is_lost(tab: Tab, config: Config = CONFIG) -> Judged:
    """Judge, write and draw the tab."""
    snapshot = Snapshot((tab,))
    judged = judge(snapshot, config, {}, NOW)
    assert judged.mistakes == ()
    written = cell_changes(snapshot, judged, {})
    assert written.mistakes == ()
    over = [each for each in written.cells if not may_be_written(tab, each.row, each.column, judged)]
    look = unit_look(config.units[0], tab, config, Dropdowns())
    drawn = [(row, column) for row, column, _ in look.values] if look else []
    assert over == []
    assert [place for place in drawn if not may_be_written(tab, *place, None) or is_covered(tab, *place)] == []
    return judged


def nothing_is_lost_in_taking_on(tab: Tab) -> None:
    """The same before and after `adopt`, which finds the very people whom judging finds."""
    judged = nothing_is_lost(tab)
    adoption = propose(Snapshot((tab,)), CONFIG)
    assert adoption.registry == ()
    if adoption.spellings:
        judged = nothing_is_lost(tab, with_spellings(CONFIG, adoption.spellings))
    found = [table.people for each in adoption.tabs for table in each.tables if table.is_read and table.is_list]
    if judged.tables and found:
        assert found == [tuple(judged.people["row"])]


def test_the_line_of_headers_that_is_completed_is_nobody() -> None:
    tab = tab_of([list(row) for row in next(iter(LISTS.values())).rows])
    judged = judge(Snapshot((tab,)), CONFIG, {}, NOW)
    assert cell_changes(Snapshot((tab,)), judged, {}).people == len(judged.people)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_as_it_is_kept(name: str) -> None:
    kept = LISTS[name]
    nothing_is_lost_in_taking_on(tab_of([list(row) for row in kept.rows], tuple(Merged(*area) for area in kept.merged)))


@st.composite
def changed_lists(draw: st.DrawFn) -> Tab:
    """A list with lines and columns inserted, moved, blanked or merged."""
    kept = LISTS[draw(st.sampled_from(sorted(LISTS)))]
    rows: Rows = [list(row) for row in kept.rows]
    merged = [Merged(*area) for area in kept.merged]
    for _ in range(draw(st.integers(1, 4))):
        row = draw(st.integers(0, len(rows) - 1))
        one, other = draw(st.integers(0, 12)), draw(st.integers(0, 12))
        match draw(st.sampled_from(["blank line", "note", "twice", "gone", "move column", "blank column", "merge"])):
            case "blank line":
                rows.insert(row, [])
            case "note":
                rows.insert(row, [*[None] * one, draw(st.sampled_from(["Ghi chú: …", "KHOA NỘI", "x", "Họ và tên"]))])
            case "twice":
                rows.insert(row, list(rows[row]))
            case "gone":
                del rows[row]
                rows = rows or [[]]
            case "move column":
                for each in rows:
                    each.extend([None] * (max(one, other) + 1 - len(each)))
                    each.insert(other, each.pop(one))
            case "blank column":
                for each in rows:
                    each.insert(min(one, len(each)), None)
            case "merge":
                merged.append(
                    Merged(row + 1, min(one, other) + 1, row + 1 + draw(st.integers(0, 3)), max(one, other) + 1)
                )
    return tab_of(rows, tuple(merged))


@given(tab=changed_lists())
@settings(max_examples=12)
def test_a_few_lists_changed_by_chance(tab: Tab) -> None:
    nothing_is_lost_in_taking_on(tab)


@pytest.mark.slow
@given(tab=changed_lists())
@settings(max_examples=300)
def test_lists_changed_by_chance(tab: Tab) -> None:
    nothing_is_lost_in_taking_on(tab)
