"""Facts about reads. The letter is the grade of the fact, the number the section of the reference."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tests.emulator.calls import Caller, error_text
from tests.emulator.cells import Cell, CellError
from tests.emulator.emulator import Emulator
from tests.emulator.refusals import Json

RANGES: list[tuple[str, str, list[list[Any]] | None]] = [
    # D, C 2.1: rows trimmed one by one, an empty row inside is [], an empty cell inside ""
    ("A1:D4", "A1:D4", [["Họ và tên", "Mã"], ["Trần Văn An", "1", "x"], [], ["Lê Thị Cúc", "", "TRUE", "2,5"]]),
    ("C2:C3", "C2:C3", [["x"]]),
    # C 2.1: nothing at all, no key
    ("D1:E3", "D1:E3", None),
    # C, M 2.1: the range as it was asked for, normalised
    ("A2:C", "A2:C10", [["Trần Văn An", "1", "x"], [], ["Lê Thị Cúc", "", "TRUE"]]),
    ("B:B", "B1:B10", [["Mã"], ["1"]]),
    ("2:2", "A2:E2", [["Trần Văn An", "1", "x"]]),
    ("B2:A1", "A1:B2", [["Họ và tên", "Mã"], ["Trần Văn An", "1"]]),
    ("B2", "B2", [["1"]]),
    ("$B$2", "B2", [["1"]]),
    ("R2C1:R2C2", "A2:B2", [["Trần Văn An", "1"]]),
    # M 2.1: an END beyond the grid is cut
    ("C1:Z99", "C1:E10", [[], ["x"], [], ["TRUE", "2,5"]]),
]


@pytest.mark.parametrize(("asked", "echoed", "values"), RANGES)
def test_a_range_comes_back_trimmed(caller: Caller, asked: str, echoed: str, values: list[list[Any]] | None) -> None:
    expected: Json = {"range": f"'Danh sách'!{echoed}", "majorDimension": "ROWS"}
    if values is not None:
        expected["values"] = values
    assert caller.values(f"'Danh sách'!{asked}") == expected


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        ("'Danh sách'", "'Danh sách'!A1:E10"),  # C 2.1: a title alone is the whole grid
        ("Danh sách!A1", "'Danh sách'!A1"),  # M 2.1: quotes are not needed
        ("danh SÁCH!A1", "'Danh sách'!A1"),  # M 2.1: case does not matter
        ("'D3'", "'D3'!A1:E10"),  # C 2.1: looks like a cell
        ("D3", "'Danh sách'!D3"),  # M 2.1: a bare cell is the first tab's, even with a tab of that name
        ("D3!A1", "'D3'!A1"),  # M 2.1
        ("'D3'!A1", "'D3'!A1"),
    ],
)
def test_a_title_is_found_and_quoted_as_google_does(caller: Caller, asked: str, echoed: str) -> None:
    assert caller.values(asked)["range"] == echoed


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        # M 2.1
        ("'Không có'!A1", "Unable to parse range: 'Không có'!A1"),
        ("'Danh sách'!", "Unable to parse range: 'Danh sách'!"),
        ("'Danh sách' !A1", "Unable to parse range: 'Danh sách' !A1"),
        ("AAAA1", "Unable to parse range: AAAA1"),
        ("A0", "Unable to parse range: A0"),
        ("'Danh sách'!A11", "Range ('Danh sách'!A11) exceeds grid limits. Max rows: 10, max columns: 5"),
        ("F1:G2", "Range ('Danh sách'!F1:G2) exceeds grid limits. Max rows: 10, max columns: 5"),
    ],
)
def test_a_bad_range_is_refused(caller: Caller, asked: str, text: str) -> None:
    assert error_text(caller.values(asked)) == text


def test_one_bad_range_fails_all(caller: Caller) -> None:
    """M 2.1"""
    assert error_text(caller.get("/values:batchGet", ranges=["A1", "'X'!A1"])) == "Unable to parse range: 'X'!A1"


def test_a_batch_answers_in_the_order_of_its_ranges(caller: Caller) -> None:
    """D 2.1"""
    found = caller.get("/values:batchGet", ranges=["B2", "A1"], majorDimension="COLUMNS")
    assert found["valueRanges"] == [
        {"range": "'Danh sách'!B2", "majorDimension": "COLUMNS", "values": [["1"]]},
        {"range": "'Danh sách'!A1", "majorDimension": "COLUMNS", "values": [["Họ và tên"]]},
    ]


def test_columns_are_trimmed_like_rows(caller: Caller) -> None:
    """C 2.1"""
    found = caller.values("'Danh sách'!B1:D4", majorDimension="COLUMNS")
    assert found["values"] == [["Mã", "1"], ["", "x", "", "TRUE"], ["", "", "", "2,5"]]


PERCENT = {"numberFormat": {"type": "PERCENT", "pattern": "0%"}}
DAY = {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}
KINDS: list[tuple[Any, Any, Any, Any]] = [
    # 2.2, cell; FORMATTED_VALUE, UNFORMATTED_VALUE, FORMULA
    ("chữ", "chữ", "chữ", "chữ"),
    (Cell(0.5, format=PERCENT), "50%", 0.5, 0.5),
    (3.0, "3", 3, 3),
    (Cell(43831, format=DAY), "2020-01-01", 43831, 43831),
    (date(1985, 9, 5), "05/09/1985", 31295, 31295),
    (datetime(1900, 1, 1, 12), "01/01/1900 12:00", 2.5, 2.5),
    (True, "TRUE", True, True),
    (Cell(2, formula="=4/2"), "2", 2, "=4/2"),
    (Cell(CellError("#N/A", "không có"), formula="=NA()"), "#N/A", "#N/A (không có)", "=NA()"),
    (Cell(note="ghi chú", format=DAY), None, None, None),
    ("0791", "0791", "0791", "0791"),
]


@pytest.mark.parametrize(("held", "formatted", "plain", "formula"), KINDS)
def test_a_cell_is_rendered_as_asked(emulator: Emulator, held: Any, formatted: Any, plain: Any, formula: Any) -> None:
    caller = Caller(emulator, emulator.new_spreadsheet({"T": [[held]]}))
    options = ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")
    found = [caller.values("T!A1", valueRenderOption=option).get("values", [[None]])[0][0] for option in options]
    assert [(type(each), each) for each in found] == [(type(each), each) for each in (formatted, plain, formula)]


def test_days_are_text_only_where_that_was_asked(emulator: Emulator) -> None:
    """C 2.2"""
    caller = Caller(emulator, emulator.new_spreadsheet({"T": [[Cell(43831, format=DAY), "43831"]]}))
    how = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}
    assert caller.values("T!A1:B1", **how)["values"] == [["2020-01-01", "43831"]]


def test_a_bad_option_is_refused(caller: Caller) -> None:
    """M 2.1"""
    text = error_text(caller.values("A1", valueRenderOption="X"))
    assert (
        text
        == "Invalid value at 'value_render_option' (type.googleapis.com/google.apps.sheets.v4.ValueRenderOption), \"X\""
    )


def test_each_cell_has_a_line_unless_asked_otherwise(caller: Caller) -> None:
    """D: prettyPrint is true by default"""
    plain, compact = (caller.send("GET", "/values/A1", params=query) for query in ({}, {"prettyPrint": "false"}))
    assert plain.json() == compact.json()
    assert ("\n" in plain.text, "\n" in compact.text) == (True, False)


def by_filter(caller: Caller, *filters: Json) -> Json:
    return caller.post("/values:batchGetByDataFilter", {"dataFilters": list(filters)})


def test_filters_are_answered_by_tab_column_and_row_and_the_same_ones_together(caller: Caller) -> None:
    """M 2.4; sheetId 0 is left out of the echo"""
    other = caller.sheet.sheet_id("D3")
    first: Json = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
    below = {**first, "startRowIndex": 3, "endRowIndex": 4}
    right = {**first, "startColumnIndex": 2, "endColumnIndex": 3}
    found = by_filter(
        caller,
        {"gridRange": {"sheetId": other}},
        {"gridRange": right},
        {"gridRange": below},
        {"a1Range": "'Danh sách'!A2:B2"},
        {"gridRange": first},
    )
    echoed = {name: value for name, value in first.items() if name != "sheetId"}
    assert [(each["valueRange"]["range"], each["dataFilters"][0]) for each in found["valueRanges"]] == [
        ("'Danh sách'!A2:B2", {"a1Range": "'Danh sách'!A2:B2"}),
        ("'Danh sách'!A4:B4", {"gridRange": {**echoed, "startRowIndex": 3, "endRowIndex": 4}}),
        ("'Danh sách'!C2", {"gridRange": {**echoed, "startColumnIndex": 2, "endColumnIndex": 3}}),
        ("'D3'!A1:E10", {"gridRange": {"sheetId": other}}),
    ]
    assert found["valueRanges"][0]["dataFilters"][1] == {"gridRange": echoed}


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        # M 2.4
        ([], "Must specify at least one dataFilter."),
        ([{"gridRange": {"sheetId": 0}}, {"gridRange": {"sheetId": 99}}], "Invalid dataFilter[1]: No grid with id: 99"),
    ],
)
def test_bad_filters_are_refused(caller: Caller, filters: list[Json], text: str) -> None:
    assert error_text(by_filter(caller, *filters)) == text


def test_a_lookup_that_finds_nothing_is_missing_from_the_answer(caller: Caller) -> None:
    """M 2.4"""
    nothing: Json = {"developerMetadataLookup": {"metadataId": 5}}
    assert by_filter(caller, nothing) == {"spreadsheetId": caller.sheet.id}
    found = by_filter(caller, nothing, {"a1Range": "A1"})
    assert [each["valueRange"]["range"] for each in found["valueRanges"]] == ["'Danh sách'!A1"]


@pytest.mark.parametrize(("typed", "sent"), [("Việc", "Việc".encode()), ("a\ud83d", rb"a\ud83d")])
def test_letters_stand_for_themselves(caller: Caller, typed: str, sent: bytes) -> None:
    """M: so they do in what gspread recorded; and half of a pair can't."""
    caller.sheet.human.type("Danh sách", 2, 3, typed)
    answer = caller.send("GET", "/values/C2", params={"prettyPrint": "false"})
    assert sent in answer.content


def test_filters_go_on_after_a_tab_was_renamed(caller: Caller) -> None:
    """M 2.4"""
    caller.sheet.human.rename_tab("Danh sách", "Khác")
    assert by_filter(caller, {"gridRange": {"sheetId": 0, "endRowIndex": 1}})["valueRanges"][0]["valueRange"] == {
        "range": "'Khác'!A1:E1",
        "majorDimension": "ROWS",
        "values": [["Họ và tên", "Mã"]],
    }


def test_the_whole_spreadsheet_has_what_google_shows(caller: Caller) -> None:
    """C 2.3: no cells without being asked for, id and index even at 0"""
    found = caller.get()
    assert list(found) == ["spreadsheetId", "properties", "spreadsheetUrl", "sheets"]
    assert found["properties"]["timeZone"] == "Asia/Ho_Chi_Minh"
    assert found["sheets"][0] == {
        "properties": {
            "sheetId": 0,
            "title": "Danh sách",
            "index": 0,
            "sheetType": "GRID",
            "gridProperties": {"rowCount": 10, "columnCount": 5},
        }
    }


MASKS: list[tuple[str, Any]] = [
    ("sheets.properties.title", [{"properties": {"title": "Danh sách"}}, {"properties": {"title": "D3"}}]),
    ("sheets.properties.tabColorStyle", [{"properties": {}}, {"properties": {}}]),  # C 2.3
    ("sheets.data.rowData.values.note", [{"data": [{"rowData": [{"values": [{}, {}]}]}]}, {"data": [{}]}]),
    ("sheets(protectedRanges,merges)", [{}, {}]),
]


@pytest.mark.parametrize(("fields", "sheets"), MASKS)
def test_a_mask_leaves_empty_messages(caller: Caller, fields: str, sheets: Any) -> None:
    found = caller.get(fields=fields)["sheets"]
    if "rowData" in fields:
        found[0]["data"][0]["rowData"] = found[0]["data"][0]["rowData"][:1]
    assert found == sheets


def test_a_mask_that_names_the_cells_reads_them_whatever_the_flag_says(caller: Caller) -> None:
    """M 2.3; blocks by range, starts left out at 0, rows trimmed, a range filters the tabs"""
    fields = "sheets(properties.sheetId,data(startRow,startColumn,rowData.values.effectiveValue))"
    found = caller.get(ranges=["'Danh sách'!B2:E9"], includeGridData="false", fields=fields)
    assert found == {
        "sheets": [
            {
                "properties": {"sheetId": 0},
                "data": [
                    {
                        "startRow": 1,
                        "startColumn": 1,
                        "rowData": [
                            {
                                "values": [
                                    {"effectiveValue": {"numberValue": 1}},
                                    {"effectiveValue": {"stringValue": "x"}},
                                ]
                            },
                            {},
                            {
                                "values": [
                                    {},
                                    {"effectiveValue": {"boolValue": True}},
                                    {"effectiveValue": {"numberValue": 2.5}},
                                ]
                            },
                        ],
                    }
                ],
            }
        ]
    }


def test_sizes_keep_their_full_length(caller: Caller) -> None:
    """M 2.3: rows of 21 pixels, columns of 100"""
    (data,) = caller.get(ranges="'D3'!A1:B3", includeGridData="true")["sheets"][0]["data"]
    assert data == {"rowMetadata": [{"pixelSize": 21}] * 3, "columnMetadata": [{"pixelSize": 100}] * 2}


def test_errors_are_told_from_texts_that_look_like_them(emulator: Emulator) -> None:
    """D 2.2"""
    sheet = emulator.new_spreadsheet({"T": [["#N/A", Cell(CellError("#N/A", "x"), formula="=NA()")]]})
    fields = "sheets.data.rowData.values(effectiveValue,userEnteredValue,formattedValue)"
    (row,) = Caller(emulator, sheet).get(fields=fields)["sheets"][0]["data"][0]["rowData"]
    assert row["values"] == [
        {
            "effectiveValue": {"stringValue": "#N/A"},
            "userEnteredValue": {"stringValue": "#N/A"},
            "formattedValue": "#N/A",
        },
        {
            "effectiveValue": {"errorValue": {"type": "N_A", "message": "x"}},
            "userEnteredValue": {"formulaValue": "=NA()"},
            "formattedValue": "#N/A",
        },
    ]


def test_named_ranges_come_before_tabs(caller: Caller) -> None:
    """M 2.1; C: also behind the tab's title"""
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 1}
    caller.batch({"addNamedRange": {"namedRange": {"name": "ten", "range": area}}})
    for asked in ("ten", "'Danh sách'!ten", "TEN"):
        assert caller.values(asked)["values"] == [["Trần Văn An"]]


def test_a_tab_without_a_grid(caller: Caller) -> None:
    """M 2.3: type OBJECT, no grid properties"""
    source = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 1}
    data = {"sourceRange": {"sources": [source]}}
    spec = {"basicChart": {"chartType": "COLUMN", "domains": [{"domain": data}], "series": [{"series": data}]}}
    caller.batch({"addChart": {"chart": {"spec": spec, "position": {"newSheet": True}}}})
    properties = caller.get(fields="sheets.properties")["sheets"][2]["properties"]
    assert properties["sheetType"] == "OBJECT"
    assert "gridProperties" not in properties
    filters = {"dataFilters": [{"gridRange": {"sheetId": properties["sheetId"]}}]}
    text = error_text(caller.post("/values:batchGetByDataFilter", filters))
    assert text == f"Invalid dataFilter[0]: No grid with id: {properties['sheetId']}"
    assert len(caller.get(includeGridData="true")["sheets"]) == 3
