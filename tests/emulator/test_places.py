"""Facts about what moves with inserted, deleted, moved and sorted rows and columns (sections 3.4, 3.5, 8)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.calls import Caller
from tests.emulator.emulator import Emulator
from tests.emulator.human import HumanRefused
from tests.emulator.refusals import Json
from tests.emulator.shifts import Deleted, Inserted, Moved, Shift
from tests.emulator.test_requests import a_row, add_chart, metadata

SPANS: list[tuple[Shift, tuple[int, int], tuple[int, int] | None]] = [
    (Inserted(2, 3), (0, 2), (0, 2)),
    (Inserted(2, 3), (2, 4), (5, 7)),
    (Inserted(2, 3), (1, 4), (1, 7)),
    (Deleted(2, 4), (0, 2), (0, 2)),
    (Deleted(2, 4), (3, 6), (2, 4)),
    (Deleted(2, 4), (0, 9), (0, 7)),
    (Deleted(2, 4), (2, 4), None),
    (Deleted(2, 4), (5, 6), (3, 4)),
    (Moved(1, 2, 5), (0, 9), (0, 9)),
    (Moved(1, 2, 5), (1, 2), (4, 5)),
    (Moved(1, 2, 5), (2, 4), (1, 3)),
    (Moved(1, 2, 5), (6, 8), (6, 8)),
    (Moved(4, 6, 1), (1, 3), (3, 5)),
    (Moved(4, 6, 1), (4, 6), (1, 3)),
]


@pytest.mark.parametrize(("shift", "before", "after"), SPANS)
def test_a_range_follows(shift: Shift, before: tuple[int, int], after: tuple[int, int] | None) -> None:
    assert shift.span(*before) == after


@given(st.integers(0, 8), st.integers(1, 4), st.integers(0, 12))
def test_a_move_loses_no_row(start: int, count: int, to: int) -> None:
    shift = Moved(start, start + count, to)
    if not start <= to <= start + count:
        places = [shift.index(index) for index in range(15)]
        assert sorted(place for place in places if place is not None) == list(range(15))
        rows = [index for index in range(15) if not start <= index < start + count]
        block = list(range(start, start + count))
        at = to if to < start else to - count
        expected = rows[:at] + block + rows[at:]
        assert [places.index(place) for place in range(15)] == expected


def dressed(emulator: Emulator) -> Caller:
    """Six rows; row 3 carries a note and metadata 5; over rows 2-4 lies one of everything."""
    rows: list[list[object]] = [
        ["Tên", "Số"],
        *([name, number] for name, number in zip("ecabd", (5, 3, 1, 2, 4), strict=True)),
    ]
    caller = Caller(emulator, emulator.new_spreadsheet({"T": rows}, rows=10, columns=4))
    caller.sheet.human.note("T", 3, 1, "ghi chú")
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 2}
    rule = {
        "ranges": [area],
        "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}},
    }
    colours: Json = {"firstBandColor": {}, "secondBandColor": {}}
    caller.batch(
        {"addConditionalFormatRule": {"rule": rule}},
        {"addProtectedRange": {"protectedRange": {"range": area, "warningOnly": True}}},
        {"addNamedRange": {"namedRange": {"name": "ten", "namedRangeId": "1", "range": area}}},
        {"addBanding": {"bandedRange": {"range": area, "rowProperties": colours}}},
        {"mergeCells": {"range": {**area, "startColumnIndex": 2, "endColumnIndex": 4}}},
        metadata(a_row(2, 3), metadataId=5),
        add_chart(9),
    )
    return caller


def everything(caller: Caller) -> set[tuple[int, int]]:
    """The rows of all that lies over rows 2-4, from 1 and inclusive."""
    sheet = caller.sheet.sheet("T")
    areas = [
        sheet.conditional_formats[0]["ranges"][0],
        sheet.protected[0]["range"],
        caller.sheet.book.named_ranges[0]["range"],
        sheet.bandings[0]["range"],
        sheet.merges[0],
    ]
    return {(area["startRowIndex"] + 1, area["endRowIndex"]) for area in areas}


def marked(caller: Caller) -> tuple[Any, int, int]:
    """The name in the row with the note, that row, and the row of the metadata; 0 where they are gone."""
    rows = [number for number in range(1, 12) if caller.sheet.look("T", number, 1).note]
    entries = [each["location"]["dimensionRange"]["startIndex"] + 1 for each in caller.sheet.book.metadata]
    row = rows[0] if rows else 0
    return caller.sheet.cell("T", row, 1) if row else None, row, entries[0] if entries else 0


def chart_rows(caller: Caller) -> tuple[int, int, int]:
    chart = caller.sheet.charts("T")[0]
    source = chart["spec"]["basicChart"]["domains"][0]["domain"]["sourceRange"]["sources"][0]
    anchor = chart["position"]["overlayPosition"]["anchorCell"]
    return source["startRowIndex"] + 1, source["endRowIndex"], anchor.get("rowIndex", 0) + 1


ROWS: list[tuple[str, tuple[int, ...], tuple[int, int], tuple[Any, int, int], tuple[int, int, int]]] = [
    # what people do; rows of what lies over 2-4; name, row of the note, row of the metadata; the chart over 1-4, at 6
    ("insert_rows", (2, 2), (4, 6), ("c", 5, 5), (1, 6, 8)),
    ("insert_rows", (3, 1), (2, 5), ("c", 4, 4), (1, 5, 7)),
    ("insert_rows", (5, 1), (2, 4), ("c", 3, 3), (1, 4, 7)),
    ("delete_rows", (2, 2), (2, 3), ("c", 2, 2), (1, 3, 5)),
    ("delete_rows", (3, 3), (2, 3), (None, 0, 0), (1, 3, 5)),
    ("move_rows", (3, 3, 7), (2, 3), ("c", 6, 6), (1, 3, 5)),
]


@pytest.mark.parametrize(("act", "arguments", "over", "mark", "chart"), ROWS)
def test_what_has_a_place_moves_along(
    emulator: Emulator,
    act: str,
    arguments: tuple[int, ...],
    over: tuple[int, int],
    mark: tuple[Any, int, int],
    chart: tuple[int, int, int],
) -> None:
    caller = dressed(emulator)
    if act == "move_rows":
        caller.batch({"unmergeCells": {"range": {"sheetId": 0}}}, {"mergeCells": {"range": whole_block()}})
    getattr(caller.sheet.human, act)("T", *arguments)
    expected = {over} if act != "move_rows" else {over, (8, 9)}
    assert everything(caller) == expected
    assert marked(caller) == mark
    assert chart_rows(caller) == chart


def whole_block() -> Json:
    """A merge that the move of a row does not cut."""
    return {"sheetId": 0, "startRowIndex": 7, "endRowIndex": 9, "startColumnIndex": 2, "endColumnIndex": 4}


def test_metadata_of_a_deleted_row_is_gone(emulator: Emulator) -> None:
    """M 3.5"""
    caller = dressed(emulator)
    caller.sheet.human.delete_rows("T", 3)
    assert caller.send("GET", "/developerMetadata/5").status_code == 404


@pytest.mark.parametrize("descending", [False, True])
def test_a_sort_takes_note_and_metadata_along_and_leaves_ranges(emulator: Emulator, descending: bool) -> None:
    """M 3.4, 3.5; R: ranges do not follow a row"""
    caller = dressed(emulator)
    caller.batch({"unmergeCells": {"range": {"sheetId": 0}}}, {"mergeCells": {"range": whole_block()}})
    caller.sheet.human.sort_rows("T", 2, 2, 7, descending)
    names = [row[0] for row in caller.sheet.rows("T")[1:6]]
    assert names == (["e", "d", "c", "b", "a"] if descending else ["a", "b", "c", "d", "e"])
    assert marked(caller) == ("c", 4, 4)
    assert everything(caller) == {(2, 4), (8, 9)}


def test_a_sorted_range_leaves_what_is_beside_it(emulator: Emulator) -> None:
    """M 3.4: half a record can be separated; the column is the tab's own"""
    sheet = emulator.new_spreadsheet({"T": [["x", "c", 3], ["y", "a", 1], ["z", "b", 2]]})
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 3, "startColumnIndex": 1, "endColumnIndex": 3}
    Caller(emulator, sheet).batch(
        {"sortRange": {"range": area, "sortSpecs": [{"dimensionIndex": 2, "sortOrder": "ASCENDING"}]}}
    )
    assert sheet.rows("T") == [["x", "a", 1], ["y", "b", 2], ["z", "c", 3]]


def test_kinds_are_sorted_numbers_first_and_blanks_last(emulator: Emulator) -> None:
    sheet = emulator.new_spreadsheet({"T": [["b"], [True], [], [2], ["A"], [1]]})
    sheet.human.sort_rows("T", 1, 1, 6)
    assert [row[0] for row in sheet.rows("T")] == [1, 2, "A", "b", True]


def test_a_block_over_several_rows_refuses_a_sort(emulator: Emulator) -> None:
    """R"""
    sheet = emulator.new_spreadsheet({"T": [[2], [1], [3]]})
    sheet.human.merge("T", 1, 2, 1, 3)
    sheet.human.sort_rows("T", 1, 1, 3)
    sheet.human.merge("T", 1, 2, 2, 3)
    with pytest.raises(HumanRefused, match="vertical merges"):
        sheet.human.sort_rows("T", 1, 1, 3, descending=True)
    assert sheet.rows("T") == [[1], [2], [3]]


def test_columns_move_like_rows(emulator: Emulator) -> None:
    """D 8"""
    sheet = emulator.new_spreadsheet({"T": [["a", "b", "c"], [1, 2, 3]]}, columns=5)
    sheet.human.set_width("T", 2, 250)
    sheet.human.insert_columns("T", 1)
    assert (sheet.rows("T")[0], sheet.width("T", 3)) == ([None, "a", "b", "c"], 250)
    sheet.human.delete_columns("T", 1)
    sheet.human.move_columns("T", 2, 2, 1)
    assert (sheet.rows("T"), sheet.width("T", 1)) == ([["b", "a", "c"], [2, 1, 3]], 250)


def test_new_rows_look_like_the_ones_before(emulator: Emulator) -> None:
    caller = dressed(emulator)
    condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "a"}]}
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 1}
    caller.batch(
        {"setDataValidation": {"range": area, "rule": {"condition": condition}}},
        {
            "insertDimension": {
                "range": {"dimension": "ROWS", "startIndex": 2, "endIndex": 3},
                "inheritFromBefore": True,
            }
        },
    )
    assert caller.sheet.look("T", 3, 1).validation == {"condition": condition}
    assert caller.sheet.cell("T", 3, 1) is None


def test_copies_and_cuts(emulator: Emulator) -> None:
    """C: a copy fills its destination; a cut leaves blanks"""
    sheet = emulator.new_spreadsheet({"T": [["a"], ["b"]]}, rows=6, columns=4)
    caller = Caller(emulator, sheet)

    def area(first_row: int, end_row: int, first_column: int, end_column: int) -> Json:
        rows = {"startRowIndex": first_row, "endRowIndex": end_row}
        return {"sheetId": 0, **rows, "startColumnIndex": first_column, "endColumnIndex": end_column}

    caller.batch({"copyPaste": {"source": area(0, 2, 0, 1), "destination": area(0, 4, 1, 2)}})
    assert sheet.rows("T") == [["a", "a"], ["b", "b"], [None, "a"], [None, "b"]]
    caller.batch({"cutPaste": {"source": area(0, 2, 0, 1), "destination": {"sheetId": 0, "columnIndex": 2}}})
    assert sheet.rows("T") == [[None, "a", "a"], [None, "b", "b"], [None, "a"], [None, "b"]]
    caller.batch({"deleteRange": {"range": area(0, 1, 1, 2), "shiftDimension": "ROWS"}})
    assert sheet.rows("T") == [[None, "b", "a"], [None, "a", "b"], [None, "b"]]
    caller.batch({"insertRange": {"range": area(0, 1, 1, 2), "shiftDimension": "COLUMNS"}})
    assert sheet.rows("T")[0] == [None, None, "b", "a"]
