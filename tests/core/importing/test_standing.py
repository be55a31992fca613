"""Beside whom the cells of a merge stand, where rows moved under the write."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace

from automation.core.importing.standing import Standing, shifted_rows, standing_of
from automation.core.judging.lists.unit_table import UnitTable, find_unit_table
from automation.core.model.workbook import AddedRows, Cell, CellChange
from tests.workbooks import SOUND, config_with, unit_line, unit_tab

CONFIG = config_with([unit_line("mot")])
NAMES = ("Lê Thị Ánh", "Trần Văn Bảo", "Phạm Thị Cúc")
PEOPLE = [
    {**SOUND, "Họ và tên": name, "Số CCCD": f"07908500012{n}", "Khoa/Phòng": None if n < 2 else "Khoa Nội"}
    for n, name in enumerate(NAMES)
]
TAB = replace(unit_tab(CONFIG, "mot", PEOPLE), anchors={"khoa-phong": 8})
FIRST, COLUMN, NEW = 4, 8, "Khoa Dược"
Rows = list[list[Cell]]


def table_of(rows: Sequence[Sequence[Cell]]) -> UnitTable:
    found = find_unit_table("mot", replace(TAB, rows=rows), CONFIG)
    assert found is not None
    return found


def cell(row: int, value: Cell = NEW) -> CellChange:
    return CellChange(TAB.key, row, COLUMN, value, "khoa-phong")


def swap(rows: Rows) -> None:
    rows[FIRST - 1], rows[FIRST + 1] = rows[FIRST + 1], rows[FIRST - 1]


def insert_blank(rows: Rows) -> None:
    rows.insert(FIRST - 1, [])


def insert_above(rows: Rows) -> None:
    rows.insert(0, [])


def look(before_write: Callable[[Rows], None], after_write: Callable[[Rows], None]) -> Standing:
    """The cell of the first two is written while people do something."""
    rows: Rows = [list(row) for row in TAB.rows]
    before_write(rows)
    for row in (FIRST, FIRST + 1):
        rows[row - 1].extend([None] * (COLUMN - len(rows[row - 1])))
        rows[row - 1][COLUMN - 1] = NEW
    after_write(rows)
    return standing_of(table_of(TAB.rows), [cell(FIRST), cell(FIRST + 1)], table_of(rows))


def nothing(_: Rows) -> None:
    pass


def type_over(rows: Rows) -> None:
    rows[FIRST - 1][COLUMN - 1] = "Khoa Nhi"


def type_the_same(rows: Rows) -> None:
    rows[FIRST + 1][COLUMN - 1] = NEW


BOTH = (cell(FIRST), cell(FIRST + 1))
STORIES: dict[str, tuple[Callable[[Rows], None], Callable[[Rows], None], Standing]] = {
    "nobody does anything": (nothing, nothing, Standing(BOTH)),
    "a row comes in above after the write": (nothing, insert_above, Standing(BOTH)),
    "rows are swapped after the write": (nothing, swap, Standing(BOTH)),
    "rows are swapped before": (swap, nothing, Standing(BOTH[1:], (cell(FIRST, "Khoa Nội"),))),
    "swapped before and back after": (swap, swap, Standing(BOTH[1:], (cell(FIRST + 2, "Khoa Nội"),))),
    "a blank row comes in before": (
        insert_blank,
        nothing,
        Standing(BOTH[:1], (cell(FIRST, None),)),
    ),
    "somebody types over it": (nothing, type_over, Standing(BOTH[1:])),
    "somebody types the same elsewhere": (nothing, type_the_same, Standing(BOTH)),
}


@pytest.mark.parametrize("name", STORIES)
def test_what_was_written_is_found_again(name: str) -> None:
    before_write, after_write, wanted = STORIES[name]
    assert look(before_write, after_write) == wanted


def test_a_header_that_was_met_is_put_back() -> None:
    found = look(insert_above, nothing)
    assert (found.placed, found.repairs) == (BOTH[:1], (cell(FIRST, "Khoa/Phòng"),))


def test_where_the_table_is_gone_all_is_told() -> None:
    assert standing_of(table_of(TAB.rows), BOTH, None) == Standing(lost=BOTH)


def test_what_is_owed_to_somebody_who_moved_on_is_still_owed() -> None:
    """The department of the third was overwritten, and met another row when it was to be put back."""
    rows: Rows = [list(row) for row in TAB.rows]
    rows[FIRST + 1][COLUMN - 1] = NEW
    repair = cell(FIRST + 2, "Khoa Nội")
    swap(rows)
    rows[FIRST + 1][COLUMN - 1] = "Khoa Nội"
    found = standing_of(table_of(TAB.rows), [repair], table_of(rows), [repair], [cell(FIRST)])
    assert cell(FIRST, "Khoa Nội") in found.repairs


MOVED = [((), (), []), ((2,), (), [7]), ((2,), (9,), [7]), ((), (2,), [])]


@pytest.mark.parametrize(("before_insertion", "after_insertion", "told"), MOVED)
def test_new_people_under_other_headers_are_told(
    before_insertion: tuple[int, ...], after_insertion: tuple[int, ...], told: list[int]
) -> None:
    """Columns come in before the rows are inserted, or after."""
    added = AddedRows(TAB.key, FIRST + 2, ({2: "Võ Thị Lệ", 5: "079185000999", 8: "Khoa Nhi"},))
    rows: Rows = [list(row) for row in TAB.rows]
    for column in before_insertion:
        _insert_column(rows, column)
    rows.append([added.rows[0].get(column) for column in range(1, 9)])
    for column in after_insertion:
        _insert_column(rows, column)
    assert shifted_rows(table_of(TAB.rows), added, table_of(rows)) == told


def _insert_column(rows: Rows, before: int) -> None:
    for row in rows:
        row.insert(before - 1, None)
