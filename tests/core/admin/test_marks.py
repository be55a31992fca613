"""Marks beside the cells of the config tabs: where they go, what they leave alone, how they go away."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automation.adapters.config_files import default_tables
from automation.core.admin.marks import mark_changes
from automation.core.admin.planned_tabs import plan_config_tabs
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.model.problems import Place, Problem
from automation.core.model.workbook import Cell, CellChange, Row, Snapshot, Tab, cell_name
from automation.core.reading.cells import fold
from tests.fakes import MemoryWorkbook

HEADERS = list(tabs.HEADERS[tabs.LADDER])
MARKS = tabs.CONFIG_MARKS
WIDTH = len(HEADERS)


def problem(row: int | None = None, column: int | None = None, what: str = "Sai.", tab: str = tabs.LADDER) -> Problem:
    return Problem("nơi", what, "Sửa.", place=Place(tab, row, column))


def marked(rows: Sequence[Row], *problems: Problem, title: str = tabs.LADDER) -> dict[str, Cell]:
    """The cells that differ afterwards, by their names; a second time there must be nothing left to do."""
    book = MemoryWorkbook({title: rows})
    before = _named(book.rows(title))
    basis = book.read()
    book.write([each for each in mark_changes(basis, problems) if isinstance(each, CellChange)], basis)
    assert mark_changes(book.read(), problems) == []
    after = _named(book.rows(title))
    return {name: after.get(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _named(rows: Sequence[Row]) -> dict[str, Cell]:
    cells = ((row, column, cell) for row, line in enumerate(rows, 1) for column, cell in enumerate(line, 1))
    return {cell_name(row, column): cell for row, column, cell in cells if cell is not None}


LINES: list[Row] = [["truoc-14", "Bật"], ["truoc-7", "Bật"]]
TABLE: list[Row] = [HEADERS, *LINES]
MARKED_TABLE: list[Row] = [[*HEADERS, MARKS], *LINES]


@pytest.mark.parametrize(
    ("rows", "problems", "expected"),
    [
        # beside the cell, naming it
        (MARKED_TABLE, [problem(2, 3)], {"G2": "Ô C2: Sai. Sửa."}),
        # one line a problem, in the order in which they were found
        (
            MARKED_TABLE,
            [problem(3, 3), problem(3, 1, "Trống."), problem(2, 2)],
            {"G3": "Ô C3: Sai. Sửa.\nÔ A3: Trống. Sửa.", "G2": "Ô B2: Sai. Sửa."},
        ),
        (MARKED_TABLE, [problem(3)], {"G3": "Cả dòng: Sai. Sửa."}),
        # what no row is to blame for, and the header row itself: first thing below the headers
        (MARKED_TABLE, [problem()], {"G2": "Cả trang: Sai. Sửa."}),
        (MARKED_TABLE, [problem(1)], {"G2": "Cả trang: Sai. Sửa."}),
        (MARKED_TABLE, [problem(2, 2), problem()], {"G2": "Cả trang: Sai. Sửa.\nÔ B2: Sai. Sửa."}),
        ([[*HEADERS, MARKS]], [problem()], {"G2": "Cả trang: Sai. Sửa."}),
        # the column is added where it is missing, right of all that stands there, and only if needed
        (TABLE, [], {}),
        (TABLE, [problem(2, 2)], {"G1": MARKS, "G2": "Ô B2: Sai. Sửa."}),
        ([HEADERS, [*[None] * WIDTH, "của quản trị"]], [problem(2, 2)], {"H1": MARKS, "H2": "Ô B2: Sai. Sửa."}),
        # titles above, columns and rows in another order
        ([["Các mức nhắc"], [], *TABLE], [problem(4, 2)], {"G3": MARKS, "G4": "Ô B4: Sai. Sửa."}),
        ([["Các mức nhắc"], [], *MARKED_TABLE], [problem()], {"G4": "Cả trang: Sai. Sửa."}),
        ([[MARKS, *reversed(HEADERS)], [None, "x", "đầu mối"]], [problem(2, 3)], {"A2": "Ô C2: Sai. Sửa."}),
        # what is mended goes, also from rows that have moved or are empty now
        ([[*HEADERS, MARKS], ["a", *[None] * 5, "Ô A2: cũ"], [*[None] * 6, "Ô B3: cũ"]], [], {"G2": None, "G3": None}),
        (
            [[*HEADERS, MARKS], ["b"], ["a", *[None] * 5, "Ô A2: Sai. Sửa."]],
            [problem(3, 1)],
            {"G3": "Ô A3: Sai. Sửa."},
        ),
        # a tab without headers still shows why
        ([["không có gì"]], [problem()], {"B1": MARKS, "B2": "Cả trang: Sai. Sửa."}),
        ([], [problem()], {"A1": MARKS, "A2": "Cả trang: Sai. Sửa."}),
        ([[], [None, None, MARKS], ["a"]], [problem()], {"C3": "Cả trang: Sai. Sửa."}),
        # the headers are back somewhere else: the marks move to them
        ([[None] * 9 + [MARKS], [None] * 9 + ["Cả trang: cũ"], *TABLE], [], {"J1": None, "J2": None, "J3": MARKS}),
        # people have a column of their own there by now: their header is theirs
        ([[None, MARKS], HEADERS], [], {}),
        ([[None, MARKS], HEADERS], [problem(3, 1)], {"G2": MARKS, "G3": "Ô A3: Sai. Sửa."}),
    ],
)
def test_marks_stand_where_they_are_seen(
    rows: Sequence[Row], problems: Sequence[Problem], expected: dict[str, Cell]
) -> None:
    assert marked(rows, *problems) == expected


OWN_FIRST: list[Row] = [[MARKS, *HEADERS, MARKS], ["Hỏi chị Lan", "truoc-14", "Bật"], [None, "truoc-7", "Bật"]]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (OWN_FIRST, {"H2": "Ô C2: Sai. Sửa."}),
        (
            [[*row, *["x"] * (8 - len(row))] for row in OWN_FIRST],
            {"I1": MARKS, "I2": "Ô C2: Sai. Sửa."},
        ),
        ([*OWN_FIRST[:2], [None, *["x"] * 6, "Ô C3: cũ"]], {"H2": "Ô C2: Sai. Sửa.", "H3": None}),
        ([row[:7] for row in OWN_FIRST], {"H1": MARKS, "H2": "Ô C2: Sai. Sửa."}),
    ],
    ids=["beside ours", "beside two of theirs", "beside old marks", "alone"],
)
def test_an_admins_own_column_of_that_name_stays_as_it_is(rows: Sequence[Row], expected: dict[str, Cell]) -> None:
    assert marked(rows, problem(2, 3)) == expected


def test_the_column_that_is_known_by_its_identity_counts_whatever_stands_in_the_others() -> None:
    for rows in (OWN_FIRST, [OWN_FIRST[0], ["Ô C2: Sai. Sửa.", "truoc-14"]]):
        tab = Tab("k", tabs.LADDER, rows, anchors={"loi-cau-hinh": 8})
        assert mark_changes(Snapshot((tab,)), [problem(2, 3)]) == [
            CellChange("k", 2, 8, "Ô C2: Sai. Sửa.", "loi-cau-hinh")
        ]
        assert (table := plan_config_tabs(Snapshot((tab,)), default_tables())[tabs.LADDER].table)
        assert table.columns[MARKS] == 8


def test_problems_of_other_places_leave_the_config_tabs_alone() -> None:
    assert marked(TABLE, Problem("Đơn vị A", "Không đọc được.", "Sửa."), problem(2, 2, tab=tabs.RULES)) == {}


@pytest.mark.parametrize("title", tabs.CONFIG_TABS)
def test_marks_are_no_configuration(title: str) -> None:
    """However the column stands there, the configuration reads the same."""
    shipped = default_tables()
    plain = read_config(shipped)
    texts = [MARKS, *["Ô A2: có lỗi | Mã | Giá trị"] * len(shipped[title]), "Cả trang: dư"]
    rows = [list(row) for row in shipped[title]]
    width = max(map(len, rows))
    right = [[*row, *[None] * (width - len(row)), mark] for row, mark in zip([*rows, []], texts, strict=False)]
    left = [[mark, *row] for row, mark in zip([*rows, []], texts, strict=False)]
    for marked_rows in (right, left):
        assert read_config({**shipped, title: marked_rows}) == plain


def test_a_header_row_of_marks_alone_is_none() -> None:
    read = read_config({**default_tables(), tabs.LADDER: [[MARKS, "Mã"], ["Cả trang: …"]]})
    assert isinstance(read, Refused)
    assert "Không tìm thấy dòng tiêu đề." in [each.what for each in read.problems]


def test_no_lost_header_is_taken_for_the_marks() -> None:
    read = read_config({**default_tables(), tabs.LADDER: [["Mã", "Chế độ", MARKS]]})
    assert isinstance(read, Refused)
    assert MARKS not in " ".join(each.fix for each in read.problems)


def planned(title: str, rows: Sequence[Row]) -> Sequence[Row]:
    """What `init` would leave in the tab."""
    return plan_config_tabs(Snapshot((Tab("k", title, rows),)), default_tables())[title].rows


@pytest.mark.parametrize(
    "left_over",
    [
        [[MARKS], ["Cả trang: Không tìm thấy dòng tiêu đề."]],
        [[None, None, MARKS], [None, None, "Cả trang: Không tìm thấy dòng tiêu đề."]],
        [[None] * 40 + [MARKS], [None] * 40 + ["Cả trang: Không tìm thấy dòng tiêu đề."]],
    ],
)
def test_init_fills_a_tab_that_holds_nothing_but_marks(left_over: Sequence[Row]) -> None:
    fresh = _named(planned(tabs.LADDER, []))
    assert _named(planned(tabs.LADDER, left_over)) == fresh


def test_init_brings_lost_headers_back_under_a_mark() -> None:
    rows = [list(row) for row in planned(tabs.LADDER, [])]
    spoiled = [[*rows[0], *[None] * 20, MARKS], [*rows[1], *[None] * 20, "Cả trang: …"], [], *rows[3:]]
    assert _named(planned(tabs.LADDER, spoiled)) == _named(rows)


CELLS: st.SearchStrategy[Cell] = st.sampled_from([None, *HEADERS, MARKS, MARKS.upper(), "x", 1, "Ô A1: cũ"])


@example([[None, MARKS], [None, MARKS]], [1])
@given(st.lists(st.lists(CELLS, max_size=9), max_size=8), st.lists(st.integers(1, 9), max_size=3))
def test_only_cells_of_the_column_of_marks_are_touched(rows: list[list[Cell]], at: list[int]) -> None:
    changed = marked(rows, *(problem(row, 1) for row in at), *([problem()] if 1 in at else []))
    columns = {name.rstrip("0123456789") for name in changed}
    assert len(columns) <= 1
    for column in columns:
        in_column = [fold(str(cell)) for name, cell in _named(rows).items() if name.rstrip("0123456789") == column]
        assert not in_column or fold(MARKS) in in_column
