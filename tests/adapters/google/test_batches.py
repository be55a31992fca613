"""What is sent to write cells: typed, grouped, grown for, split by size, and read back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.google.batches import MOST_BYTES, Batch, Grid, batches, read_back_rows, rows_read_back
from automation.core.model.workbook import Cell, CellChange

GRIDS = {"0": Grid("BV 'A' Sơn", 100, 26), "7": Grid("hai", 1000, 26)}
WIDTHS = {"0": 21, "7": 21}


def of(*cells: tuple[str, int, int, Cell]) -> list[Batch]:
    return list(batches([CellChange(*cell) for cell in cells], GRIDS, WIDTHS))


def updates(batch: Batch) -> list[tuple[int, int, int, list[list[Any]]]]:
    """(sheet, row, column, values) of every updateCells."""
    found = []
    for request in batch.body["requests"]:
        if "updateCells" in request:
            start = request["updateCells"]["start"]
            rows = [[cell.get("userEnteredValue") for cell in row["values"]] for row in request["updateCells"]["rows"]]
            found.append((start["sheetId"], start["rowIndex"] + 1, start["columnIndex"] + 1, rows))
    return found


def text(value: str) -> dict[str, str]:
    return {"stringValue": value}


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("=1+1", {"stringValue": "=1+1"}),
        ("079", {"stringValue": "079"}),
        (3, {"numberValue": 3}),
        (0.5, {"numberValue": 0.5}),
        (True, {"boolValue": True}),
        (None, None),
    ],
)
def test_values_are_typed_and_never_parsed(value: Cell, sent: object) -> None:
    (batch,) = of(("0", 4, 18, value))
    assert updates(batch) == [(0, 4, 18, [[sent]])]


def test_neighbouring_cells_go_together_and_no_cell_between_is_named() -> None:
    (batch,) = of(
        ("0", 5, 18, "c"), ("0", 4, 18, "a"), ("0", 4, 19, "b"), ("0", 5, 19, "d"), ("0", 7, 18, "e"), ("7", 4, 3, "f"),
        ("0", 4, 21, "g"),
    )  # fmt: skip
    assert sorted(updates(batch), key=str) == [
        (0, 4, 18, [[text("a"), text("b")], [text("c"), text("d")]]),
        (0, 4, 21, [[text("g")]]),
        (0, 7, 18, [[text("e")]]),
        (7, 4, 3, [[text("f")]]),
    ]


def test_what_was_touched_comes_back_with_the_lines_above_the_table() -> None:
    (batch,) = of(("0", 60, 18, "a"), ("7", 4, 18, "b"))
    assert batch.body["responseRanges"] == ["'BV ''A'' Sơn'!A1:X20", "'BV ''A'' Sơn'!A60:X60", "'hai'!A1:X20"]
    assert batch.body["includeSpreadsheetInResponse"] is True


@pytest.mark.parametrize(
    ("rows", "runs"),
    [
        ([], [(1, 20)]),
        ([4, 5], [(1, 20)]),
        ([25], [(1, 25)]),
        ([31], [(1, 20), (31, 31)]),
        ([31, 33, 41, 60], [(1, 20), (31, 41), (60, 60)]),
        (list(range(40, 1000, 20)), [(1, 20), (40, 980)]),
    ],
)
def test_few_runs_are_read_back(rows: list[int], runs: list[tuple[int, int]]) -> None:
    assert read_back_rows(rows) == runs


def test_the_grid_grows_before_cells_beyond_it_are_written() -> None:
    (batch,) = of(("0", 103, 28, "a"), ("0", 100, 1, "b"))
    assert batch.body["requests"][:2] == [
        {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 3}},
        {"appendDimension": {"sheetId": 0, "dimension": "COLUMNS", "length": 2}},
    ]


def test_a_large_write_is_split_between_rows() -> None:
    cells = [
        ("7", row, column, "Đăng ký Mức 1 trên ứng dụng " * 30) for row in range(4, 900) for column in (18, 19, 20)
    ]
    found = of(*cells)
    sizes = [len(json.dumps(batch.body, ensure_ascii=False, separators=(",", ":")).encode()) for batch in found]
    assert len(found) == 2
    assert max(sizes) <= MOST_BYTES
    assert [each for batch in found for each in batch.cells] == [CellChange(*cell) for cell in cells]
    assert not {cell.row for cell in found[0].cells} & {cell.row for cell in found[1].cells}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["0", "7"]), st.integers(1, 40), st.integers(1, 25),
            st.one_of(st.none(), st.text(), st.integers(-5, 5)),
        ),
        unique_by=lambda cell: cell[:3],
    )
)  # fmt: skip
def test_every_cell_is_written_once_and_no_other(cells: list[tuple[str, int, int, Cell]]) -> None:
    sent = {
        (str(sheet), row + down, column + right): value
        for batch in of(*cells)
        for sheet, row, column, rows in updates(batch)
        for down, line in enumerate(rows)
        for right, value in enumerate(line)
    }
    assert set(sent) == {cell[:3] for cell in cells}
    assert sum(len(line) for batch in of(*cells) for *_, rows in updates(batch) for line in rows) == len(cells)


def test_rows_come_back_by_tab_and_number_with_what_google_leaves_out() -> None:
    two = {"effectiveValue": {"numberValue": 2.0}}
    answer = {
        "updatedSpreadsheet": {
            "sheets": [
                {
                    "properties": {"sheetId": 7},
                    "data": [
                        {"rowData": [{"values": [{"effectiveValue": {"stringValue": "a"}}, {}]}, {}]},
                        {"startRow": 30, "startColumn": 1, "rowData": [{"values": [two]}]},
                    ],
                },
                {"properties": {}, "data": [{}]},
            ]
        }
    }  # fmt: skip
    assert rows_read_back(answer) == {"7": {1: ["a", None], 2: [], 31: [None, 2]}, "0": {}}
