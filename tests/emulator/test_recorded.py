"""Facts of real traffic: exchanges that gspread's own tests recorded with Google (grade C), asked again here."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.calls import Caller
from tests.emulator.emulator import NOBODY, Emulator
from tests.emulator.refusals import Json

ANY_ID = 1_000_000_000
"""Stands for ids that Google chose by chance."""


@pytest.fixture
def file(emulator: Emulator) -> Caller:
    """As gspread's tests found it: made by the program itself, American, 1000 rows."""
    sheet = emulator.new_spreadsheet(
        {"Sheet1": []}, owner=NOBODY, editors=[], locale="en_US", time_zone="Etc/GMT", rows=1000, title="Test"
    )
    return Caller(emulator, sheet)


Exchange = tuple[str, str, Json | None, Json]
"""Method, path behind the id, body, answer without the spreadsheet's id."""

BLOCK = [["A1", "B1", "", "D1"], ["", "b2", "", ""], ["", "", "", ""], ["A4", "B4", "", "D4"]]
TRIMMED = [["A1", "B1", "", "D1"], ["", "b2"], [], ["A4", "B4", "", "D4"]]
EMPTY: Json = {"replies": [{}]}
RAW = "?valueInputOption=RAW"


def batch(name: str, body: Json, reply: Json | None = None) -> Exchange:
    return "POST", ":batchUpdate", {"requests": [{name: body}]}, {"replies": [{name: reply} if reply else {}]}


def updated(area: str, rows: int, columns: int, cells: int) -> Json:
    return {"updatedRange": area, "updatedRows": rows, "updatedColumns": columns, "updatedCells": cells}


def values(area: str, found: list[list[Any]] | None = None, dimension: str = "ROWS") -> Json:
    return {"range": area, "majorDimension": dimension, **({"values": found} if found else {})}


def area(first_row: int, end_row: int, first_column: int, end_column: int, **tab: int) -> Json:
    rows = {"startRowIndex": first_row, "endRowIndex": end_row}
    return {**rows, "startColumnIndex": first_column, "endColumnIndex": end_column, **tab}


WRITTEN = {"red": 1.0, "green": 0.0, "blue": 0.4980392156862745}
FORMAT: Json = {
    "backgroundColor": {"green": 1, "blue": 1},
    "horizontalAlignment": "CENTER",
    "textFormat": {"foregroundColor": {"red": 1, "green": 1}, "fontSize": 12, "bold": True},
}
SHOWN_FORMAT: Json = {
    **FORMAT,
    "backgroundColorStyle": {"rgbColor": {"green": 1, "blue": 1}},
    "textFormat": {**FORMAT["textFormat"], "foregroundColorStyle": {"rgbColor": {"red": 1, "green": 1}}},
}
NOT_A_LIST = "Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue), \"X\""

TALKS: dict[str, list[Exchange]] = {
    "update and get": [
        ("POST", "/values/%27Sheet1%27:clear", None, {"clearedRange": "Sheet1!A1:Z1000"}),
        ("PUT", "/values/%27Sheet1%27%21A1" + RAW, {"values": BLOCK}, updated("Sheet1!A1:D4", 4, 4, 16)),
        ("GET", "/values/%27Sheet1%27%21A1%3AD4", None, values("Sheet1!A1:D4", TRIMMED)),
        ("GET", "/values/%27Sheet1%27%21D4%3AA1", None, values("Sheet1!A1:D4", TRIMMED)),
        ("GET", "/values/%27Sheet1%27", None, values("Sheet1!A1:Z1000", TRIMMED)),
    ],
    "batch get": [
        ("PUT", "/values/%27Sheet1%27%21A1" + RAW, {"values": BLOCK}, updated("Sheet1!A1:D4", 4, 4, 16)),
        (
            "GET",
            "/values:batchGet?ranges=%27Sheet1%27%21A1%3AB1&ranges=%27Sheet1%27%21B4%3AD4",
            None,
            {"valueRanges": [values("Sheet1!A1:B1", [["A1", "B1"]]), values("Sheet1!B4:D4", [["B4", "", "D4"]])]},
        ),
    ],
    "null skips": [
        ("PUT", "/values/%27Sheet1%27%21A1%3AB2" + RAW, {"values": [[None, "x"], ["y", None]]},
         updated("Sheet1!A1:B2", 2, 2, 2)),
        ("PUT", "/values/%27Sheet1%27%21A1%3AD6" + RAW,
         {"values": [["a", None, None, None], *[[None] * 4] * 4, [None, None, None, "b"]]},
         updated("Sheet1!A1:D6", 2, 2, 2)),
        ("GET", "/values/%27Sheet1%27%21A1%3AD6", None,
         values("Sheet1!A1:D6", [["a", "x"], ["y"], [], [], [], ["", "", "", "b"]])),
    ],
    "fewer rows than the range": [
        ("PUT", "/values/%27Sheet1%27%21A1%3AB2" + RAW, {"values": [["a1", "B2"]], "majorDimension": None},
         updated("Sheet1!A1:B1", 1, 2, 2)),
    ],
    "batch update": [
        ("POST", "/values:batchUpdate",
         {"valueInputOption": "RAW", "data": [
             {"range": "'Sheet1'!A1:D1", "values": [["A1", "B1", "", "D1"]]},
             {"range": "'Sheet1'!A4:D4", "values": [["A4", "B4", "", "D4"]]},
         ]},
         {"totalUpdatedRows": 2, "totalUpdatedColumns": 4, "totalUpdatedCells": 8, "totalUpdatedSheets": 1,
          "responses": [updated("Sheet1!A1:D1", 1, 4, 4), updated("Sheet1!A4:D4", 1, 4, 4)]}),
        ("POST", "/values:batchClear", {"ranges": ["'Sheet1'!A1:B1", "'Sheet1'!C2:E2"]},
         {"clearedRanges": ["Sheet1!A1:B1", "Sheet1!C2:E2"]}),
    ],
    "nothing to see": [
        ("GET", "/values/%27Sheet1%27%21D4?valueRenderOption=FORMATTED_VALUE", None, values("Sheet1!D4")),
        ("GET", "/values/%27Sheet1%27%21A1%3AC", None, values("Sheet1!A1:C1000")),
        ("GET", "?fields=sheets.data.rowData.values.note&ranges=%27Sheet1%27", None, {"sheets": [{"data": [{}]}]}),
        ("GET", "?fields=sheets.properties.tabColorStyle", None, {"sheets": [{"properties": {}}]}),
        ("GET", "?fields=namedRanges", None, {}),
    ],
    "append after a gap": [
        ("POST", "/values/%27Sheet1%27:append" + RAW, {"values": [["1", "", "3"]]},
         {"updates": updated("Sheet1!A1:C1", 1, 3, 3)}),
        ("POST", "/values/%27Sheet1%27:append" + RAW, {"values": [["1", "", "3"]]},
         {"tableRange": "Sheet1!C1", "updates": updated("Sheet1!C2:E2", 1, 3, 3)}),
        ("POST", "/values/%27Sheet1%27%21A1:append" + RAW, {"values": [["1"]]},
         {"tableRange": "Sheet1!A1", "updates": updated("Sheet1!A2", 1, 1, 1)}),
    ],
    "no list of lists": [
        ("PUT", "/values/%27Sheet1%27%21A1" + RAW, {"values": "X", "majorDimension": None},
         {"error": {"code": 400, "message": NOT_A_LIST, "status": "INVALID_ARGUMENT", "details": [
             {"@type": "type.googleapis.com/google.rpc.BadRequest",
              "fieldViolations": [{"field": "data.values", "description": NOT_A_LIST}]}]}}),
    ],
    "a tab comes and goes": [
        batch("addSheet", {"properties": {"title": "Two words", "sheetType": "GRID",
                                          "gridProperties": {"rowCount": 1, "columnCount": 2}}},
              {"properties": {"sheetId": ANY_ID, "title": "Two words", "index": 1, "sheetType": "GRID",
                              "gridProperties": {"rowCount": 1, "columnCount": 2}}}),
        ("GET", "/values/Two%20words", None, values("'Two words'!A1:B1")),
        batch("updateSheetProperties", {"properties": {"sheetId": 0, "hidden": True}, "fields": "hidden"}),
        ("GET", "?fields=sheets.properties(title,hidden)", None,
         {"sheets": [{"properties": {"title": "Sheet1", "hidden": True}}, {"properties": {"title": "Two words"}}]}),
    ],
    "not all may be hidden": [
        ("POST", ":batchUpdate",
         {"requests": [{"updateSheetProperties": {"properties": {"sheetId": 0, "hidden": True}, "fields": "hidden"}}]},
         {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message":
                    "Invalid requests[0].updateSheetProperties: You can't hide all the sheets in a document."}}),
    ],
    "frozen": [
        batch("updateSheetProperties", {"properties": {"sheetId": 0, "gridProperties": {"frozenRowCount": 2}},
                                        "fields": "gridProperties/frozenRowCount"}),
        ("GET", "?fields=sheets.properties.gridProperties", None,
         {"sheets": [{"properties": {"gridProperties": {"rowCount": 1000, "columnCount": 26, "frozenRowCount": 2}}}]}),
    ],
    "colour of a tab": [
        batch("updateSheetProperties", {"properties": {"sheetId": 0, "tabColorStyle": {"rgbColor": WRITTEN}},
                                        "fields": "tabColorStyle"}),
        ("GET", "?fields=sheets.properties.tabColorStyle", None,
         {"sheets": [{"properties": {"tabColorStyle": {"rgbColor": {"red": 1, "blue": 0.49803922}}}}]}),
        batch("updateSheetProperties", {"properties": {"sheetId": 0, "tabColorStyle": {"rgbColor": {"blue": 0.5}}},
                                        "fields": "tabColorStyle"}),
        ("GET", "?fields=sheets.properties.tabColorStyle", None,
         {"sheets": [{"properties": {"tabColorStyle": {"rgbColor": {"blue": 0.49803922}}}}]}),
        batch("updateSheetProperties", {"properties": {"sheetId": 0, "tabColorStyle": {"rgbColor": None}},
                                        "fields": "tabColorStyle"}),
        ("GET", "?fields=sheets.properties.tabColorStyle", None, {"sheets": [{"properties": {}}]}),
    ],
    "a format": [
        batch("repeatCell", {"range": area(1, 2, 0, 2, sheetId=0), "cell": {"userEnteredFormat": FORMAT},
                             "fields": "userEnteredFormat(backgroundColor,horizontalAlignment,textFormat)"}),
        ("GET", "?includeGridData=False&ranges=Sheet1%21A2&fields=sheets.data.rowData.values.userEnteredFormat", None,
         {"sheets": [{"data": [{"rowData": [{"values": [{"userEnteredFormat": SHOWN_FORMAT}]}]}]}]}),
    ],
    "notes": [
        batch("updateCells", {"range": area(1, 2, 1, 2, sheetId=0), "fields": "note",
                              "rows": [{"values": [{"note": "Or don't"}]}]}),
        batch("updateCells", {"range": area(2, 3, 0, 1, sheetId=0), "fields": "note",
                              "rows": [{"values": [{"note": "another note"}]}]}),
        ("GET", "?fields=sheets.data.rowData.values.note&ranges=%27Sheet1%27%21A2%3AC3", None,
         {"sheets": [{"data": [{"rowData": [{"values": [{}, {"note": "Or don't"}]},
                                            {"values": [{"note": "another note"}]}]}]}]}),
    ],
    "merges": [
        batch("mergeCells", {"mergeType": "MERGE_ROWS", "range": area(0, 2, 0, 2, sheetId=0)}),
        ("GET", "?fields=sheets.merges", None, {"sheets": [{"merges": [area(0, 1, 0, 2), area(1, 2, 0, 2)]}]}),
        batch("unmergeCells", {"range": area(0, 2, 0, 2, sheetId=0)}),
        ("GET", "?fields=sheets.merges", None, {"sheets": [{}]}),
    ],
    "a protection": [
        batch("addProtectedRange", {"protectedRange": {
            "range": area(0, 2, 0, 2, sheetId=0), "description": None, "warningOnly": False,
            "requestingUserCanEdit": False, "editors": {"users": [], "groups": []}}},
              {"protectedRange": {"protectedRangeId": ANY_ID, "range": area(0, 2, 0, 2),
                                  "requestingUserCanEdit": True, "editors": {}}}),
        ("GET", "?fields=sheets.protectedRanges", None,
         {"sheets": [{"protectedRanges": [{"protectedRangeId": ANY_ID, "range": area(0, 2, 0, 2),
                                           "requestingUserCanEdit": True, "editors": {"users": [NOBODY]}}]}]}),
    ],
    "a protection that warns": [
        batch("addProtectedRange", {"protectedRange": {
            "range": area(0, 2, 0, 2, sheetId=0), "description": None, "warningOnly": True,
            "requestingUserCanEdit": False, "editors": None}},
              {"protectedRange": {"protectedRangeId": ANY_ID, "range": area(0, 2, 0, 2), "warningOnly": True,
                                  "requestingUserCanEdit": True, "editors": {}}}),
    ],
    "a named range": [
        ("PUT", "/values/A1" + RAW, {"values": [[1, 2], [3]]}, updated("Sheet1!A1:B2", 2, 2, 3)),
        batch("addNamedRange", {"namedRange": {"name": "NamedRange", "range": area(0, 2, 0, 2, sheetId=0)}},
              {"namedRange": {"namedRangeId": str(ANY_ID), "name": "NamedRange", "range": area(0, 2, 0, 2)}}),
        ("GET", "/values/%27Sheet1%27%21NamedRange", None, values("Sheet1!A1:B2", [["1", "2"], ["3"]])),
    ],
    "a basic filter": [
        batch("setBasicFilter", {"filter": {"range": {"sheetId": 0}}}),
        ("GET", "?fields=sheets.basicFilter", None, {"sheets": [{"basicFilter": {"range": area(0, 1000, 0, 26)}}]}),
        batch("clearBasicFilter", {"sheetId": 0}),
        ("GET", "?fields=sheets.basicFilter", None, {"sheets": [{}]}),
    ],
    "a group": [
        batch("addDimensionGroup",
              {"range": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}},
              {"dimensionGroups": [{"range": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}, "depth": 1}]}),
        ("GET", "?fields=sheets.properties.gridProperties", None,
         {"sheets": [{"properties": {"gridProperties": {
             "rowCount": 1000, "columnCount": 26, "columnGroupControlAfter": True}}}]}),
    ],
    "copies and cuts": [
        ("PUT", "/values/A1" + RAW, {"values": [["A1"], ["A2"]]}, updated("Sheet1!A1:A2", 2, 1, 2)),
        batch("copyPaste", {"source": area(0, 2, 0, 1, sheetId=0), "destination": area(0, 2, 1, 2, sheetId=0),
                            "pasteType": "PASTE_NORMAL", "pasteOrientation": "NORMAL"}),
        batch("cutPaste", {"source": area(0, 2, 0, 1, sheetId=0), "pasteType": "PASTE_NORMAL",
                           "destination": {"sheetId": 0, "rowIndex": 0, "columnIndex": 2}}),
        ("GET", "/values/%27Sheet1%27%21A1%3AC2", None, values("Sheet1!A1:C2", [["", "A1", "A1"], ["", "A2", "A2"]])),
    ],
    "a sort": [
        ("PUT", "/values/A1" + RAW, {"values": [["Apple", "", "4"], ["Banana", "", "3"], ["Canada", "", "1"]]},
         updated("Sheet1!A1:C3", 3, 3, 9)),
        batch("sortRange", {"range": area(0, 3, 0, 3, sheetId=0),
                            "sortSpecs": [{"dimensionIndex": 2, "sortOrder": "ASCENDING"}]}),
        ("GET", "/values/A1%3AA3?majorDimension=COLUMNS", None,
         values("Sheet1!A1:A3", [["Canada", "Banana", "Apple"]], "COLUMNS")),
    ],
}  # fmt: skip


def without_chance(value: Any) -> Any:
    """The answer without the spreadsheet's id and with a fixed number for ids that were chosen by chance."""
    if isinstance(value, list):
        return [without_chance(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {name: without_chance(each) for name, each in value.items() if name != "spreadsheetId"}
    for name in ("sheetId", "protectedRangeId", "namedRangeId"):
        if plain.get(name):
            plain[name] = type(plain[name])(ANY_ID)
    return plain


@pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS.keys())
def test_google_answered_the_same(file: Caller, talk: list[Exchange]) -> None:
    for method, path, body, answer in talk:
        response = file.send(method, path, **({"json": body} if body is not None else {}))
        assert without_chance(response.json()) == answer, (method, path)


def test_a_new_file_looks_as_recorded(file: Caller) -> None:
    found = file.get(includeGridData="false")
    assert found["properties"]["defaultFormat"]["textFormat"]["bold"] is False
    assert [colour["colorType"] for colour in found["properties"]["spreadsheetTheme"]["themeColors"]][:2] == [
        "TEXT",
        "BACKGROUND",
    ]
    assert {name: found["properties"][name] for name in ("title", "locale", "autoRecalc", "timeZone")} == {
        "title": "Test",
        "locale": "en_US",
        "autoRecalc": "ON_CHANGE",
        "timeZone": "Etc/GMT",
    }
    assert found["spreadsheetUrl"] == f"https://docs.google.com/spreadsheets/d/{file.sheet.id}/edit"
