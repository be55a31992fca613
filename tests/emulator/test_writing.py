"""Facts about `values` writes and `updateCells`, with their grade and the section of the reference."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.calls import Caller, error_text
from tests.emulator.cells import Cell
from tests.emulator.emulator import Emulator
from tests.emulator.refusals import Json


def row(caller: Caller, number: int) -> list[Any]:
    return (caller.sheet.rows("Danh sách") + [[]] * 10)[number - 1]


NO_MASK = "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
OUTSIDE = "Range ('Danh sách'!A1:A11) exceeds grid limits. Max rows: 10, max columns: 5"
TOO_WIDE = "Attempting to write column: 1, beyond the last requested column of: 0"
TOO_TALL = "Attempting to write row: 1, beyond the last requested row of: 0"
TOO_LONG = "Your input contains more than the maximum of 50000 characters in a single cell."
TWO_VALUES = "ExtendedValue must have exactly one of numberValue, stringValue, boolValue, formulaValue."

WRITES: list[tuple[str, list[list[Any]], str, tuple[int, int, int], list[list[Any]]]] = [
    # range, values, updatedRange, (rows, columns, cells), what A1:C2 holds afterwards
    # D 3.1: null skips, "" empties; C: only touched cells count, "" among them
    ("A1:C1", [[None, "", "z"]], "A1:C1", (1, 2, 2), [["Họ và tên", None, "z"], ["Trần Văn An", 1, "x"]]),
    # M 3.1: a short row and a range larger than the values leave the rest
    ("A1:C2", [["a"]], "A1", (1, 1, 1), [["a", "Mã"], ["Trần Văn An", 1, "x"]]),
    # M 3.1: one cell only says where it starts
    ("B1", [["a", "b"], ["c"]], "B1:C2", (2, 2, 3), [["Họ và tên", "a", "b"], ["Trần Văn An", "c", "x"]]),
    ("A:A", [["a"], ["b"]], "A1:A2", (2, 1, 2), [["a", "Mã"], ["b", 1, "x"]]),
    # D 3.1: raw text stays as it is
    ("A1:C1", [["=1+2", "TRUE", "007"]], "A1:C1", (1, 3, 3), [["=1+2", "TRUE", "007"], ["Trần Văn An", 1, "x"]]),
    ("A1:B1", [[True, 2.0]], "A1:B1", (1, 2, 2), [[True, 2], ["Trần Văn An", 1, "x"]]),
]


@pytest.mark.parametrize(("where", "values", "updated", "counts", "after"), WRITES)
def test_values_are_written(
    caller: Caller, where: str, values: list[Any], updated: str, counts: tuple[int, int, int], after: list[list[Any]]
) -> None:
    reply = caller.put(f"/values/'Danh sách'!{where}", {"values": values}, valueInputOption="RAW")
    assert reply == {
        "spreadsheetId": caller.sheet.id,
        "updatedRange": f"'Danh sách'!{updated}",
        **dict(zip(("updatedRows", "updatedColumns", "updatedCells"), counts, strict=True)),
    }
    assert caller.sheet.rows("Danh sách")[:2] == after


def test_columns_can_be_written(caller: Caller) -> None:
    """D 3.1"""
    body = {"majorDimension": "COLUMNS", "values": [["a", "b"], ["c"]]}
    assert caller.put("/values/A1", body, valueInputOption="RAW")["updatedCells"] == 3
    assert [row(caller, 1)[:2], row(caller, 2)[:2]] == [["a", "c"], ["b", 1]]


@pytest.mark.parametrize(
    ("where", "values", "text"),
    [
        # M 3.1
        (
            "A1:B1",
            [["a", "b", "c"]],
            "Requested writing within range ['Danh sách'!A1:B1], but tried writing to column [C]",
        ),
        ("A1:B1", [["a"], ["b"]], "Requested writing within range ['Danh sách'!A1:B1], but tried writing to row [2]"),
        # D/R 3.1: it never grows the grid
        ("A11", [["a"]], "Range ('Danh sách'!A11) exceeds grid limits. Max rows: 10, max columns: 5"),
        ("A10", [["a"], ["b"]], "Range ('Danh sách'!A10:A11) exceeds grid limits. Max rows: 10, max columns: 5"),
        # C 3.1
        ("A1", "X", "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""),
        ("A1", ["X"], "Invalid value at 'data.values[0]' (type.googleapis.com/google.protobuf.ListValue), \"X\""),
        # M 1
        ("A1", [["x" * 50_001]], TOO_LONG),
        ("A1", [[["x"]]], 'Invalid values[0][0]: list_value ["x"]'),
    ],
)
def test_a_bad_write_is_refused_and_changes_nothing(caller: Caller, where: str, values: Any, text: str) -> None:
    before = caller.sheet.rows("Danh sách")
    assert error_text(caller.put(f"/values/{where}", {"values": values}, valueInputOption="RAW")) == text
    assert caller.sheet.rows("Danh sách") == before


def test_fifty_thousand_characters_fit(caller: Caller) -> None:
    """M 1"""
    caller.put("/values/A1", {"values": [["x" * 50_000]]}, valueInputOption="RAW")
    assert len(row(caller, 1)[0]) == 50_000


def test_the_option_is_required(caller: Caller) -> None:
    """R 3.1"""
    text = "'valueInputOption' is required but not specified"
    assert error_text(caller.put("/values/A1", {"values": [["a"]]})) == text
    assert error_text(caller.post("/values:batchUpdate", {"data": [{"range": "A1", "values": [["a"]]}]})) == text


def test_a_batch_of_values_gives_the_values_back(caller: Caller) -> None:
    """D, I 3.1: the whole range asked for, with the cells that were skipped"""
    body = {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "responseValueRenderOption": "UNFORMATTED_VALUE",
        "data": [{"range": "'Danh sách'!A2:C2", "values": [[None, 7]]}, {"range": "D3!A1", "values": [["x"]]}],
    }
    reply = caller.post("/values:batchUpdate", body)
    assert (reply["totalUpdatedCells"], reply["totalUpdatedSheets"], len(reply["responses"])) == (2, 2, 2)
    assert reply["responses"][0]["updatedData"]["values"] == [["Trần Văn An", 7, "x"]]


def test_a_batch_of_values_is_all_or_nothing(caller: Caller) -> None:
    """D 3.1, R: the place is named"""
    data = [{"range": "A1", "values": [["a"]]}, {"range": "'X'!A1", "values": [["a"]]}]
    reply = caller.post("/values:batchUpdate", {"valueInputOption": "RAW", "data": data})
    assert error_text(reply) == "Invalid data[1]: Unable to parse range: 'X'!A1"
    assert row(caller, 1)[0] == "Họ và tên"


TYPED: list[tuple[str, str, Any, str]] = [
    # M 3.1 and section 8: text, locale, value, kind of format that comes with it
    ("007", "vi_VN", 7, ""),
    ("0791234567", "vi_VN", 791234567, ""),
    ("1,5", "vi_VN", 1.5, ""),
    ("TRUE", "vi_VN", True, ""),
    ("'0123", "vi_VN", "0123", ""),
    ("3/4/2023", "vi_VN", 45019, "DATE"),
    ("3/4/2023", "en_US", 44989, "DATE"),
    ("31/12/1990", "en_US", "31/12/1990", ""),
    ("2026-09-05", "en_GB", 46270, "DATE"),
    ("50%", "vi_VN", 0.5, "PERCENT"),
    ("Trần Văn An", "vi_VN", "Trần Văn An", ""),
]


@pytest.mark.parametrize(("text", "locale", "value", "kind"), TYPED)
def test_entered_text_is_read_as_typed(emulator: Emulator, text: str, locale: str, value: Any, kind: str) -> None:
    sheet = emulator.new_spreadsheet({"T": []}, locale=locale)
    Caller(emulator, sheet).put("/values/T!A1", {"values": [[text]]}, valueInputOption="USER_ENTERED")
    assert sheet.cell("T", 1, 1) == value
    assert sheet.look("T", 1, 1).format.get("numberFormat", {}).get("type", "") == kind


def test_text_cells_keep_what_is_typed(emulator: Emulator) -> None:
    """M 8"""
    sheet = emulator.new_spreadsheet({"T": [[Cell(format={"numberFormat": {"type": "TEXT", "pattern": "@"}})]]})
    Caller(emulator, sheet).put("/values/T!A1", {"values": [["0791"]]}, valueInputOption="USER_ENTERED")
    assert sheet.cell("T", 1, 1) == "0791"


def test_a_formula_shows_what_the_table_says(emulator: Emulator) -> None:
    emulator.formulas["=SUM(A1:A2)"] = 3
    sheet = emulator.new_spreadsheet({"T": []})
    values = [["=SUM(A1:A2)", "=OTHER()"]]
    Caller(emulator, sheet).put("/values/T!A1", {"values": values}, valueInputOption="USER_ENTERED")
    assert sheet.rows("T") == [[3, "#NAME?"]]
    assert sheet.formula("T", 1, 1) == "=SUM(A1:A2)"


def test_clearing_leaves_notes_and_rules(caller: Caller) -> None:
    """M, D 3.1"""
    caller.sheet.human.note("Danh sách", 2, 1, "ghi chú")
    reply = caller.post("/values:batchClear", {"ranges": ["'Danh sách'!A2:B2", "'Danh sách'!A4:Z"]})
    assert reply["clearedRanges"] == ["'Danh sách'!A2:B2", "'Danh sách'!A4:E10"]
    assert caller.sheet.rows("Danh sách") == [["Họ và tên", "Mã"], [None, None, "x"]]
    assert caller.sheet.look("Danh sách", 2, 1).note == "ghi chú"


def test_a_row_is_found_by_its_metadata(caller: Caller) -> None:
    """D 3.5: from column A on, null skips"""
    place = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    entry = {"metadataId": 5, "metadataKey": "k", "visibility": "DOCUMENT", "location": {"dimensionRange": place}}
    caller.batch({"createDeveloperMetadata": {"developerMetadata": entry}})
    caller.sheet.human.insert_rows("Danh sách", 1, 2)
    data = {"dataFilter": {"developerMetadataLookup": {"metadataId": 5}}, "values": [[None, "đúng"]]}
    reply = caller.post("/values:batchUpdateByDataFilter", {"valueInputOption": "RAW", "data": [data]})
    assert reply["responses"][0]["updatedRange"] == "'Danh sách'!A4:B4"
    assert row(caller, 4) == ["Trần Văn An", "đúng", "x"]


# updateCells


def cells(*values: Any) -> Json:
    """A RowData; None is an empty CellData."""
    names: dict[type, str] = {str: "stringValue", bool: "boolValue", int: "numberValue", float: "numberValue"}
    return {"values": [{"userEnteredValue": {names[type(each)]: each}} if each is not None else {} for each in values]}


def area(first_row: int, end_row: int, first_column: int, end_column: int, sheet_id: int = 0) -> Json:
    return {
        "sheetId": sheet_id,
        "startRowIndex": first_row,
        "endRowIndex": end_row,
        "startColumnIndex": first_column,
        "endColumnIndex": end_column,
    }


def test_a_range_is_cleared_where_no_cell_is_given(caller: Caller) -> None:
    """D 3.3"""
    request = {"range": area(0, 4, 0, 3), "rows": [cells("a")], "fields": "userEnteredValue"}
    assert caller.batch({"updateCells": request})["replies"] == [{}]
    assert caller.sheet.rows("Danh sách") == [["a"], [], [], [None, None, None, 2.5]]


def test_a_start_touches_only_the_cells_given(caller: Caller) -> None:
    """D 3.3; I: an empty CellData clears"""
    start = {"sheetId": 0, "rowIndex": 1, "columnIndex": 0}
    caller.batch({"updateCells": {"start": start, "rows": [cells("079", None)], "fields": "userEnteredValue"}})
    assert caller.sheet.rows("Danh sách")[:2] == [["Họ và tên", "Mã"], ["079", None, "x"]]


def test_only_masked_fields_change(caller: Caller) -> None:
    """D 3.3"""
    caller.sheet.human.note("Danh sách", 1, 1, "cũ")
    data = {"userEnteredValue": {"stringValue": "không"}, "userEnteredFormat": {"textFormat": {"bold": True}}}
    request = {"range": area(0, 1, 0, 1), "rows": [{"values": [data]}], "fields": "userEnteredFormat.textFormat,note"}
    caller.batch({"updateCells": request})
    assert caller.sheet.cell("Danh sách", 1, 1) == "Họ và tên"
    look = caller.sheet.look("Danh sách", 1, 1)
    assert (look.format, look.note) == ({"textFormat": {"bold": True}}, "")


@pytest.mark.parametrize(
    ("request_body", "text"),
    [
        ({"range": area(0, 1, 0, 1), "rows": []}, NO_MASK),
        ({"range": area(0, 11, 0, 1), "fields": "*"}, OUTSIDE),
        ({"range": area(0, 1, 0, 1), "rows": [cells("a", "b")], "fields": "*"}, TOO_WIDE),
        ({"range": area(0, 1, 0, 1), "rows": [cells("a")] * 2, "fields": "*"}, TOO_TALL),
        ({"start": {"sheetId": 9}, "rows": [cells("a")], "fields": "*"}, "No grid with id: 9"),
        ({"rows": [cells("a")], "fields": "*"}, "Exactly one of range or start must be set."),
        ({"start": {}, "rows": [cells("x" * 50_001)], "fields": "*"}, TOO_LONG),
        (
            {
                "start": {},
                "rows": [{"values": [{"userEnteredValue": {"boolValue": True, "numberValue": 1}}]}],
                "fields": "*",
            },
            TWO_VALUES,
        ),
    ],
)
def test_bad_cells_are_refused(caller: Caller, request_body: Json, text: str) -> None:
    assert caller.refusal({"updateCells": request_body}) == f"Invalid requests[0].updateCells: {text}"


def test_nothing_is_applied_where_one_request_is_bad(caller: Caller) -> None:
    """D 3.3"""
    good = {"updateCells": {"start": {}, "rows": [cells("a")], "fields": "userEnteredValue"}}
    bad: Json = {"deleteSheet": {"sheetId": 99}}
    assert caller.refusal(good, bad) == "Invalid requests[1].deleteSheet: No sheet with id: 99"
    assert caller.sheet.cell("Danh sách", 1, 1) == "Họ và tên"


def test_the_state_after_a_batch_comes_back(caller: Caller) -> None:
    """D, M 3.3: cut to the mask, in the ranges asked for"""
    request = {"updateCells": {"start": {"rowIndex": 1}, "rows": [cells("mới")], "fields": "userEnteredValue"}}
    body = {
        "requests": [request],
        "includeSpreadsheetInResponse": True,
        "responseRanges": ["'Danh sách'!A2:B2"],
    }
    fields = "replies,updatedSpreadsheet(sheets(properties(sheetId),data(startRow,rowData(values(effectiveValue)))))"
    values = [{"effectiveValue": {"stringValue": "mới"}}, {"effectiveValue": {"numberValue": 1}}]
    sheet = {"properties": {"sheetId": 0}, "data": [{"startRow": 1, "rowData": [{"values": values}]}]}
    assert caller.post(":batchUpdate", body, fields=fields) == {
        "replies": [{}],
        "updatedSpreadsheet": {"sheets": [sheet]},
    }
    whole = caller.post(":batchUpdate", {**body, "responseIncludeGridData": True})["updatedSpreadsheet"]
    assert whole["sheets"][0]["data"][0]["rowData"][0]["values"][0]["formattedValue"] == "mới"
    assert "data" not in caller.post(":batchUpdate", body)["updatedSpreadsheet"]["sheets"][0]


def test_a_renamed_tab_breaks_the_response_ranges(caller: Caller) -> None:
    """I 3.3: they go by title at that moment, and the whole batch fails with them"""
    request = {"updateCells": {"start": {}, "rows": [cells("mới")], "fields": "userEnteredValue"}}
    caller.sheet.human.rename_tab("Danh sách", "Khác")
    body = {"requests": [request], "includeSpreadsheetInResponse": True, "responseRanges": ["'Danh sách'!A1"]}
    assert error_text(caller.post(":batchUpdate", body)) == "Unable to parse range: 'Danh sách'!A1"
    assert caller.sheet.cell("Khác", 1, 1) == "Họ và tên"


def test_a_format_is_laid_over_the_old_one(caller: Caller) -> None:
    """D 3.3; C: both spellings of colours, zeros left out"""
    first = {"backgroundColor": {"green": 1, "blue": 1, "red": 0}, "textFormat": {"bold": True, "fontSize": 12}}
    caller.batch(
        {
            "repeatCell": {
                "range": area(0, 2, 0, 2),
                "cell": {"userEnteredFormat": first},
                "fields": "userEnteredFormat",
            }
        },
        {
            "repeatCell": {
                "range": area(0, 1, 0, 1),
                "cell": {"userEnteredFormat": {"textFormat": {"fontSize": 9}}},
                "fields": "userEnteredFormat.textFormat(fontSize,bold)",
            }
        },
    )
    colour = {"green": 1, "blue": 1}
    both = {"backgroundColor": colour, "backgroundColorStyle": {"rgbColor": colour}}
    assert caller.sheet.look("Danh sách", 1, 1).format == {**both, "textFormat": {"fontSize": 9}}
    assert caller.sheet.look("Danh sách", 2, 2).format == {**both, "textFormat": {"bold": True, "fontSize": 12}}


def test_cells_are_appended_after_the_last_row_and_the_grid_grows(caller: Caller) -> None:
    """D/R 3.1"""
    caller.batch({"appendCells": {"sheetId": 0, "rows": [cells("a")] * 8, "fields": "userEnteredValue"}})
    assert len(caller.sheet.rows("Danh sách")) == 12
    assert caller.sheet.sheet("Danh sách").row_count == 12


def test_the_api_may_write_what_a_rule_forbids(caller: Caller) -> None:
    """R 3.1"""
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Có"}]}, "strict": True}
    caller.batch({"setDataValidation": {"range": area(0, 1, 0, 1), "rule": rule}})
    caller.put("/values/A1", {"values": [["Sai"]]}, valueInputOption="RAW")
    assert caller.sheet.cell("Danh sách", 1, 1) == "Sai"
    assert caller.sheet.look("Danh sách", 1, 1).validation == rule
