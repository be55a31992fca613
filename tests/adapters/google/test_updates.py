"""What is sent to write cells: through anchors or to their places, with nothing said of any other cell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.google.drawing.anchors import anchor_id
from automation.adapters.google.updates import MOST_BYTES, Grid, Update, growth, updates
from automation.core.model.workbook import Cell, CellChange


def of(*cells: CellChange) -> list[Update]:
    return list(updates(cells))


def entries(update: Update) -> list[tuple[Any, str, list[list[Any]]]]:
    """(anchor id, or sheet and the corners of the area; dimension; values) of every entry."""
    found = []
    for entry in update.body["data"]:
        lookup = entry["dataFilter"].get("developerMetadataLookup")
        area = entry["dataFilter"].get("gridRange")
        where = lookup["metadataId"] if lookup else tuple(area.values())
        found.append((where, entry["majorDimension"], entry["values"]))
    return found


@pytest.mark.parametrize(
    ("value", "sent"), [("=1+1", "=1+1"), ("079", "079"), (3, 3), (0.5, 0.5), (True, True), (None, "")]
)
def test_values_are_sent_as_they_are_and_never_parsed(value: Cell, sent: object) -> None:
    (update,) = of(CellChange("0", 4, 18, value))
    assert update.body["valueInputOption"] == "RAW"
    assert entries(update) == [((0, 3, 4, 17, 18), "ROWS", [[sent]])]


def test_cells_of_a_column_of_ours_go_through_its_anchor_and_all_others_are_skipped() -> None:
    (update,) = of(
        CellChange("7", 5, 18, "b", "kq"), CellChange("7", 2, 18, None, "kq"), CellChange("7", 5, 19, "c", "viec")
    )
    assert entries(update) == [
        (anchor_id(7, "kq"), "COLUMNS", [[None, "", None, None, "b"]]),
        (anchor_id(7, "viec"), "COLUMNS", [[None, None, None, None, "c"]]),
    ]


def test_the_same_code_in_another_tab_is_another_anchor() -> None:
    assert anchor_id(7, "kq") != anchor_id(8, "kq") != anchor_id(8, "viec")
    assert 0 < anchor_id(7, "kq") < 2**31


def test_neighbouring_rows_of_our_own_tabs_go_together() -> None:
    (update,) = of(CellChange("0", 4, 2, "a"), CellChange("0", 5, 4, "b"), CellChange("0", 40, 1, "c"))
    assert entries(update) == [
        ((0, 3, 5, 1, 4), "ROWS", [["a", None, None], [None, None, "b"]]),
        ((0, 39, 40, 0, 1), "ROWS", [["c"]]),
    ]


def test_our_own_tabs_grow_before_cells_beyond_them_are_written_and_those_of_people_never() -> None:
    grids = {"0": Grid("Nhật ký", 100, 26), "7": Grid("hai", 100, 26)}
    cells = [CellChange("0", 103, 28, "a"), CellChange("0", 100, 1, "b"), CellChange("7", 200, 30, "c", "kq")]
    assert growth(cells, grids) == [
        {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 503}},
        {"appendDimension": {"sheetId": 0, "dimension": "COLUMNS", "length": 2}},
    ]


@pytest.mark.parametrize("first", [4, 30_000])
def test_a_large_write_is_split_between_rows(first: int) -> None:
    cells = [
        CellChange("7", row, column, "Đăng ký Mức 1 trên ứng dụng " * 30, f"cot-{column}")
        for row in range(first, first + 900)
        for column in (18, 19, 20)
    ]
    found = of(*cells)
    sizes = [len(json.dumps(each.body, ensure_ascii=False, separators=(",", ":")).encode()) for each in found]
    assert 2 <= len(found) <= 3
    assert max(sizes) <= MOST_BYTES
    assert [each for update in found for each in update.cells] == cells
    rows = [{cell.row for cell in update.cells} for update in found]
    assert all(not one & other for place, one in enumerate(rows) for other in rows[place + 1 :])


@given(
    st.lists(
        st.builds(
            CellChange,
            st.sampled_from(["0", "7"]),
            st.integers(1, 40),
            st.integers(1, 25),
            st.one_of(st.none(), st.text(), st.integers(-5, 5)),
        ),
        unique_by=lambda cell: (cell.tab, cell.row, cell.column),
    ),
    st.booleans(),
)
def test_every_cell_is_written_once_and_no_other(cells: list[CellChange], anchored: bool) -> None:
    if anchored:
        cells = [CellChange(each.tab, each.row, each.column, each.value, f"{each.column}") for each in cells]
    places = {anchor_id(int(each.tab), each.anchor): (each.tab, each.column) for each in cells}
    sent = []
    for update in of(*cells):
        for where, dimension, values in entries(update):
            tab, left = places[where] if dimension == "COLUMNS" else (str(where[0]), where[3] + 1)
            top = 1 if dimension == "COLUMNS" else where[1] + 1
            lines = [[value] for value in values[0]] if dimension == "COLUMNS" else values
            for row, line in enumerate(lines, top):
                sent += [(tab, row, column) for column, value in enumerate(line, left) if value is not None]
    assert sorted(sent) == sorted((each.tab, each.row, each.column) for each in cells)
