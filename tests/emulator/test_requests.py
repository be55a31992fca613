"""Facts about the requests of `batchUpdate`: replies, what is kept, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.calls import Caller
from tests.emulator.emulator import Emulator
from tests.emulator.grid import MOST_COLUMNS
from tests.emulator.refusals import Json

TAKEN = 'A sheet with the name "{}" already exists. Please enter another name.'
NO_MASK = "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
FEW_FORMATS = "Only bold, italic, strikethrough, foreground color and background color are supported."
RED: Json = {"red": 1}
CELLS: Json = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 2}
SHOWN: Json = {name: value for name, value in CELLS.items() if name != "sheetId"}
RULE: Json = {
    "ranges": [CELLS],
    "booleanRule": {
        "condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": "Hoàn thành"}]},
        "format": {"backgroundColor": {"green": 1}},
    },
}


def columns(start: int, end: int, sheet_id: int = 0) -> Json:
    return {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}


def sheets(caller: Caller, fields: str = "properties") -> list[Json]:
    found: list[Json] = caller.get(fields=f"sheets({fields})")["sheets"]
    return found


# Tabs


def test_a_tab_is_added_where_and_as_asked(caller: Caller) -> None:
    """C: without an index the last; the reply has its properties, zeros left out"""
    grid = {"rowCount": 3, "columnCount": 2, "frozenRowCount": 0}
    reply = caller.batch(
        {"addSheet": {"properties": {"title": "Mới", "sheetId": 7, "gridProperties": grid}}},
        {"addSheet": {"properties": {"title": "Đầu", "index": 0, "tabColorStyle": {"rgbColor": RED}}}},
    )["replies"]
    properties = {"sheetId": 7, "title": "Mới", "index": 2, "sheetType": "GRID"}
    assert reply[0]["addSheet"]["properties"] == {**properties, "gridProperties": {"rowCount": 3, "columnCount": 2}}
    assert caller.sheet.titles() == ["Đầu", "Danh sách", "D3", "Mới"]
    added = reply[1]["addSheet"]["properties"]
    assert (added["tabColor"], added["tabColorStyle"]) == (RED, {"rgbColor": RED})
    assert added["gridProperties"] == {"rowCount": 1000, "columnCount": 26}


TAB_REFUSALS: list[tuple[Json, str]] = [
    # section 4: case does not matter (M 2.1)
    ({"addSheet": {"properties": {"title": "danh SÁCH"}}}, TAKEN.format("danh SÁCH")),
    ({"addSheet": {"properties": {"title": "x", "sheetId": 0}}}, "Sheet with id 0 already exists."),
    ({"addSheet": {"properties": {"title": "x" * 101}}}, "The sheet name cannot be longer than 100 characters."),
    (
        {"addSheet": {"properties": {"title": "x", "gridProperties": {"rowCount": 2, "frozenRowCount": 2}}}},
        "You can't freeze all visible rows on the sheet.",
    ),
    ({"deleteSheet": {"sheetId": 9}}, "No sheet with id: 9"),
    ({"updateSheetProperties": {"properties": {"sheetId": 0, "title": "d3"}, "fields": "title"}}, TAKEN.format("d3")),
    ({"updateSheetProperties": {"properties": {"sheetId": 0, "title": "a"}}}, NO_MASK),
    ({"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "D3"}}, TAKEN.format("D3")),
]


@pytest.mark.parametrize(("request_body", "text"), TAB_REFUSALS)
def test_a_bad_tab_is_refused(caller: Caller, request_body: Json, text: str) -> None:
    (name,) = request_body
    assert caller.refusal(request_body) == f"Invalid requests[0].{name}: {text}"


def test_the_last_tab_stays(caller: Caller) -> None:
    """C: not all may be hidden, not all deleted"""
    hide = {"properties": {"sheetId": 0, "hidden": True}, "fields": "hidden"}
    other = caller.sheet.sheet_id("D3")
    assert caller.refusal({"deleteSheet": {"sheetId": other}}, {"updateSheetProperties": hide}) == (
        "Invalid requests[1].updateSheetProperties: You can't hide all the sheets in a document."
    )
    assert caller.refusal({"deleteSheet": {"sheetId": other}}, {"deleteSheet": {"sheetId": 0}}) == (
        "Invalid requests[1].deleteSheet: You can't remove all the visible sheets in a document."
    )


def test_a_masked_field_that_is_absent_goes_back_to_its_default(caller: Caller) -> None:
    """M 4; C: slashes, zeros left out"""
    grid = {"frozenRowCount": 2, "frozenColumnCount": 1}
    caller.batch(
        {
            "updateSheetProperties": {
                "properties": {"sheetId": 0, "gridProperties": grid},
                "fields": "gridProperties/frozenRowCount,gridProperties/frozenColumnCount",
            }
        }
    )
    assert sheets(caller)[0]["properties"]["gridProperties"] == {"rowCount": 10, "columnCount": 5, **grid}
    fields = "gridProperties(frozenRowCount)"
    caller.batch({"updateSheetProperties": {"properties": {"sheetId": 0}, "fields": fields}})
    assert sheets(caller)[0]["properties"]["gridProperties"] == {
        "rowCount": 10,
        "columnCount": 5,
        "frozenColumnCount": 1,
    }


def test_an_index_is_read_before_the_tab_is_taken_out(caller: Caller) -> None:
    """M 3.4"""
    caller.sheet.human.add_tab("Ba")
    move = {"properties": {"sheetId": 0, "index": 2}, "fields": "index"}
    caller.batch({"updateSheetProperties": move})
    assert caller.sheet.titles() == ["D3", "Danh sách", "Ba"]


def test_a_grid_can_be_cut(caller: Caller) -> None:
    grid = {"rowCount": 2, "columnCount": 1}
    request = {"properties": {"sheetId": 0, "gridProperties": grid}, "fields": "gridProperties(rowCount,columnCount)"}
    caller.batch({"updateSheetProperties": request})
    assert caller.sheet.rows("Danh sách") == [["Họ và tên"], ["Trần Văn An"]]


def test_the_spreadsheet_gets_its_language_and_zone(caller: Caller) -> None:
    """D 2.2"""
    properties = {"locale": "en_US", "timeZone": "Etc/GMT"}
    caller.batch({"updateSpreadsheetProperties": {"properties": properties, "fields": "locale,timeZone"}})
    assert caller.get(fields="properties(locale,timeZone)") == {"properties": properties}


def test_a_copy_has_its_rules_and_charts_under_new_ids(caller: Caller) -> None:
    caller.batch({"addConditionalFormatRule": {"rule": RULE}}, {"mergeCells": {"range": CELLS}}, add_chart())
    reply = caller.batch({"duplicateSheet": {"sourceSheetId": 0, "insertSheetIndex": 1}})["replies"][0]
    copied = reply["duplicateSheet"]["properties"]
    assert copied["title"] == "Bản sao của Danh sách"
    assert caller.sheet.titles() == ["Danh sách", "Bản sao của Danh sách", "D3"]
    assert caller.sheet.rows(copied["title"]) == caller.sheet.rows("Danh sách")
    (old,), (new,) = caller.sheet.charts("Danh sách"), caller.sheet.charts(copied["title"])
    assert new["chartId"] != old["chartId"]
    shown = sheets(caller, "merges,conditionalFormats")[1]
    assert shown["merges"][0]["sheetId"] == copied["sheetId"]
    assert shown["conditionalFormats"][0]["ranges"][0]["sheetId"] == copied["sheetId"]


# Limits


@pytest.mark.parametrize(
    ("grid", "text"),
    [
        # M 1
        (
            {"rowCount": 10_000_001, "columnCount": 1},
            "This action would increase the number of cells in the workbook above the limit of 10000000 cells.",
        ),
        (
            {"rowCount": 1, "columnCount": MOST_COLUMNS + 1},
            "This action would increase the number of columns in the sheet above the limit of 18278 columns.",
        ),
    ],
)
def test_grids_have_limits(caller: Caller, grid: Json, text: str) -> None:
    request: Json = {"addSheet": {"properties": {"title": "x", "gridProperties": grid}}}
    assert caller.refusal(request) == f"Invalid requests[0].addSheet: {text}"
    more = {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 10_000_000}}
    assert "above the limit of 10000000 cells" in caller.refusal(more)


# Rows and columns


def test_sizes_and_hiding(caller: Caller) -> None:
    """C: false is left out; D: by mask"""
    change = {"properties": {"pixelSize": 55, "hiddenByUser": True}, "fields": "pixelSize,hiddenByUser"}
    back = {"range": columns(1, 2), "properties": {}, "fields": "hiddenByUser"}
    caller.batch({"updateDimensionProperties": {"range": columns(0, 2), **change}}, {"updateDimensionProperties": back})
    (data,) = sheets(caller, "data.columnMetadata")[0]["data"]
    assert data["columnMetadata"] == [
        {"pixelSize": 55, "hiddenByUser": True},
        {"pixelSize": 55},
        *[{"pixelSize": 100}] * 3,
    ]


def test_groups(caller: Caller) -> None:
    """C"""
    group = {"range": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}, "depth": 1}
    reply = caller.batch({"addDimensionGroup": {"range": columns(0, 2)}})["replies"]
    assert reply == [{"addDimensionGroup": {"dimensionGroups": [group]}}]
    assert sheets(caller, "columnGroups")[0] == {"columnGroups": [group]}
    reply = caller.batch({"deleteDimensionGroup": {"range": columns(0, 2)}})["replies"]
    assert reply == [{"deleteDimensionGroup": {}}]


@pytest.mark.parametrize(
    "request_body",
    [
        {"insertDimension": {"range": columns(0, 1), "inheritFromBefore": True}},
        {"insertDimension": {"range": columns(6, 7)}},
        {"deleteDimension": {"range": columns(0, 5)}},
        {"deleteDimension": {"range": columns(4, 6)}},
        {"moveDimension": {"source": columns(0, 1), "destinationIndex": 6}},
        {"appendDimension": {"sheetId": 0, "dimension": "ROWS"}},
        {"updateDimensionProperties": {"range": columns(3, 3), "properties": {}, "fields": "pixelSize"}},
    ],
)
def test_impossible_rows_and_columns_are_refused(caller: Caller, request_body: Json) -> None:
    (name,) = request_body
    assert caller.refusal(request_body).startswith(f"Invalid requests[0].{name}: ")


# Merges


def test_a_merge_keeps_only_the_first_value(caller: Caller) -> None:
    """D 4, C: ranges of tab 0 are shown without its id"""
    caller.batch({"mergeCells": {"range": CELLS, "mergeType": "MERGE_ALL"}})
    assert caller.sheet.rows("Danh sách")[:2] == [["Họ và tên"], [None, None, "x"]]
    assert sheets(caller, "merges")[0] == {"merges": [SHOWN]}
    caller.put("/values/B1", {"values": [["ẩn"]]}, valueInputOption="RAW")
    assert caller.sheet.cell("Danh sách", 1, 2) is None
    caller.batch({"unmergeCells": {"range": CELLS}})
    assert sheets(caller, "merges")[0] == {}


def test_a_merge_is_not_cut_and_crosses_no_freeze(caller: Caller) -> None:
    """M 4"""
    caller.batch({"mergeCells": {"range": CELLS}})
    text = "You must select all cells in a merged range to merge or unmerge them."
    part = {**CELLS, "endRowIndex": 1}
    assert caller.refusal({"unmergeCells": {"range": part}}) == f"Invalid requests[0].unmergeCells: {text}"
    freeze = {"properties": {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}}}
    assert "only part of a merged cell" in caller.refusal(
        {"updateSheetProperties": {**freeze, "fields": "gridProperties.frozenRowCount"}}
    )
    caller.batch({"unmergeCells": {"range": CELLS}})
    caller.batch({"updateSheetProperties": {**freeze, "fields": "gridProperties.frozenRowCount"}})
    assert "You can't merge frozen and non-frozen rows." in caller.refusal({"mergeCells": {"range": CELLS}})


# Rules over ranges


def test_conditional_formats_have_places(caller: Caller) -> None:
    """D 4.2: adding and deleting shifts those behind"""

    def rule(text: str) -> Json:
        condition = {"type": "TEXT_EQ", "values": [{"userEnteredValue": text}]}
        return {"ranges": [CELLS], "booleanRule": {**RULE["booleanRule"], "condition": condition}}

    def texts() -> list[str]:
        formats = caller.sheet.conditional_formats("Danh sách")
        return [each["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for each in formats]

    caller.batch(*({"addConditionalFormatRule": {"rule": rule(text)}} for text in "ab"))
    caller.batch({"addConditionalFormatRule": {"rule": rule("c"), "index": 2}})
    assert texts() == ["b", "a", "c"]
    caller.batch({"deleteConditionalFormatRule": {"sheetId": 0, "index": 1}})
    assert texts() == ["b", "c"]
    caller.batch({"updateConditionalFormatRule": {"index": 0, "rule": rule("d")}})
    caller.batch({"updateConditionalFormatRule": {"sheetId": 0, "index": 0, "newIndex": 1}})
    assert texts() == ["c", "d"]
    assert sheets(caller, "conditionalFormats")[0]["conditionalFormats"][0]["ranges"] == [SHOWN]


def with_rule(**changes: Any) -> Json:
    return {"addConditionalFormatRule": {"rule": {**RULE, "booleanRule": {**RULE["booleanRule"], **changes}}}}


def list_rule(*values: str, kind: str = "ONE_OF_LIST") -> Json:
    condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
    return {"setDataValidation": {"range": CELLS, "rule": {"condition": condition}}}


RULE_REFUSALS: list[tuple[Json, str]] = [
    # D 4.2
    (
        {"addConditionalFormatRule": {"rule": {**RULE, "ranges": []}}},
        "A conditional format must have at least one range.",
    ),
    (with_rule(format={"horizontalAlignment": "CENTER"}), FEW_FORMATS),
    (with_rule(format={"textFormat": {"fontSize": 9}}), FEW_FORMATS),
    (
        with_rule(condition={"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "a"}]}),
        "Condition type 'ONE_OF_LIST' is not supported for conditional formatting.",
    ),
    (with_rule(condition={"type": "TEXT_EQ"}), "Condition type 'TEXT_EQ' cannot have 0 ConditionValues."),
    *(
        (with_rule(condition={"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}), text)
        for formula, text in (
            ("A1>2", "A custom formula must begin with =."),
            ("='Danh mục'!A1=\"x!\"", "Conditional format rule cannot reference a different sheet."),
            ('=A1="x', "Invalid formula in a conditional format rule."),
            ('=AND(A1=")"', "Invalid formula in a conditional format rule."),
        )
    ),
    ({"addConditionalFormatRule": {"rule": RULE, "index": 1}}, "No conditional format on sheet: 0 at index: 1"),
    ({"deleteConditionalFormatRule": {"sheetId": 0}}, "No conditional format on sheet: 0 at index: 0"),
    # D 4.1
    (list_rule(), "Condition type 'ONE_OF_LIST' cannot have 0 ConditionValues."),
    (list_rule("=A1"), "ConditionValue.userEnteredValue of ONE_OF_LIST cannot be a formula."),
    (
        list_rule("A1:A3", kind="ONE_OF_RANGE"),
        "ConditionValue.userEnteredValue of ONE_OF_RANGE must be a range formula.",
    ),
    (list_rule("a", "b", "c", kind="BOOLEAN"), "Condition type 'BOOLEAN' cannot have 3 ConditionValues."),
    # M 4
    (
        {"addNamedRange": {"namedRange": {"name": "hai tu", "range": CELLS}}},
        "The name [hai tu] is not valid for a named range.",
    ),
    (
        {"addNamedRange": {"namedRange": {"name": "AB12", "range": CELLS}}},
        "The name [AB12] is not valid for a named range.",
    ),
    # D 4
    (
        {"addBanding": {"bandedRange": {"range": CELLS, "rowProperties": {"firstBandColor": RED}}}},
        "BandingProperties.secondBandColor is required.",
    ),
]


@pytest.mark.parametrize(("request_body", "text"), RULE_REFUSALS)
def test_a_bad_rule_is_refused(caller: Caller, request_body: Json, text: str) -> None:
    (name,) = request_body
    assert caller.refusal(request_body) == f"Invalid requests[0].{name}: {text}"


def test_a_rule_is_set_and_taken_away(caller: Caller) -> None:
    """D 4.1"""
    caller.batch(list_rule("Có", "Không"))
    assert caller.sheet.look("Danh sách", 2, 2).validation is not None
    caller.batch({"setDataValidation": {"range": {**CELLS, "startRowIndex": 1}}})
    assert caller.sheet.look("Danh sách", 2, 2).validation is None
    assert caller.sheet.look("Danh sách", 1, 1).validation is not None


def test_ids_are_taken_once(caller: Caller) -> None:
    """D 3.3: a batch that adds under its own ids applies at most once"""
    place = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    entry = {"metadataKey": "k", "visibility": "DOCUMENT", "location": {"dimensionRange": place}, "metadataId": 5}
    band = {"range": CELLS, "rowProperties": {"firstBandColor": RED, "secondBandColor": {}}, "bandedRangeId": 6}
    adds: list[Json] = [
        {"createDeveloperMetadata": {"developerMetadata": entry}},
        {"addBanding": {"bandedRange": band}},
        {"addNamedRange": {"namedRange": {"name": "lan_17", "namedRangeId": "7", "range": CELLS}}},
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 8, "range": CELLS}}},
        {"addFilterView": {"filter": {"filterViewId": 9, "range": CELLS}}},
        add_chart(10),
    ]
    assert len(caller.batch(*adds)["replies"]) == 6
    for add in adds:
        assert caller.refusal(add)


def test_filters_and_bands(caller: Caller) -> None:
    """C: a basic filter over a whole tab shows the grid's size"""
    caller.batch({"setBasicFilter": {"filter": {"range": {"sheetId": 0}}}})
    whole = {"startRowIndex": 0, "endRowIndex": 10, "startColumnIndex": 0, "endColumnIndex": 5}
    assert sheets(caller, "basicFilter")[0] == {"basicFilter": {"range": whole}}
    caller.batch({"clearBasicFilter": {"sheetId": 0}})
    assert sheets(caller, "basicFilter")[0] == {}
    colours = {"firstBandColor": {"red": 1, "green": 1, "blue": 1}, "secondBandColor": RED}
    band = caller.batch({"addBanding": {"bandedRange": {"range": CELLS, "rowProperties": colours}}})
    properties = band["replies"][0]["addBanding"]["bandedRange"]["rowProperties"]
    assert properties["secondBandColorStyle"] == {"rgbColor": RED}


# Charts


def add_chart(chart_id: int | None = None, **changes: Any) -> Json:
    def data(column: int) -> Json:
        sides = {"startColumnIndex": column, "endColumnIndex": column + 1}
        return {"sourceRange": {"sources": [{"sheetId": 0, "startRowIndex": 0, "endRowIndex": 4, **sides}]}}

    basic = {
        "chartType": "COLUMN",
        "headerCount": 1,
        "axis": [{"position": "BOTTOM_AXIS", "title": "Đơn vị"}],
        "domains": [{"domain": data(0)}],
        "series": [{"series": data(1), "targetAxis": "LEFT_AXIS"}],
        **changes,
    }
    spec = {"title": "Tiến độ", "basicChart": basic}
    chart: Json = {"spec": spec, "position": {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 5}}}}
    return {"addChart": {"chart": {**chart, "chartId": chart_id} if chart_id else chart}}


def test_a_chart_comes_back_with_what_google_fills_in(caller: Caller) -> None:
    """D 4.4"""
    chart = caller.batch(add_chart(5))["replies"][0]["addChart"]["chart"]
    assert chart["position"]["overlayPosition"] == {
        "anchorCell": {"rowIndex": 5},
        "widthPixels": 600,
        "heightPixels": 371,
    }
    assert chart["spec"]["hiddenDimensionStrategy"] == "SKIP_HIDDEN_ROWS_AND_COLUMNS"
    assert sheets(caller, "charts")[0]["charts"] == [chart]
    moved = {"overlayPosition": {"anchorCell": {"sheetId": 0, "columnIndex": 2}}}
    fields = "anchorCell"
    caller.batch({"updateEmbeddedObjectPosition": {"objectId": 5, "newPosition": moved, "fields": fields}})
    (after,) = caller.sheet.charts("Danh sách")
    assert after["position"]["overlayPosition"]["anchorCell"] == {"columnIndex": 2}
    caller.batch({"deleteEmbeddedObject": {"objectId": 5}})
    assert caller.sheet.charts("Danh sách") == []


def test_a_chart_without_data_is_an_internal_error(caller: Caller) -> None:
    """M 4.4"""
    caller.batch(add_chart(5))
    response = caller.send(
        "POST", ":batchUpdate", json={"requests": [{"updateChartSpec": {"chartId": 5, "spec": {"title": "x"}}}]}
    )
    assert (response.status_code, response.json()["error"]["status"]) == (500, "INTERNAL")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"domains": [{"domain": {}}] * 2}, "Only one domain is supported."),
        ({"chartType": "BAR"}, "The targetAxis LEFT_AXIS is not valid for a chart of type BAR."),
        ({"axis": [{"position": "LEFT_AXIS"}] * 2}, "Each axis must have a position of its own."),
    ],
)
def test_a_bad_chart_is_refused(caller: Caller, changes: Json, text: str) -> None:
    """D 4.4"""
    assert caller.refusal(add_chart(**changes)) == f"Invalid requests[0].addChart: {text}"


# Metadata


def metadata(location: Json, **changes: Any) -> Json:
    entry = {"metadataKey": "k", "metadataValue": "v", "visibility": "DOCUMENT", "location": location, **changes}
    return {"createDeveloperMetadata": {"developerMetadata": entry}}


def a_row(start: int = 1, end: int = 2) -> Json:
    return {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": start, "endIndex": end}}


@pytest.mark.parametrize(
    ("request_body", "text"),
    [
        # M 3.5
        (metadata(a_row(1, 3)), "DimensionRange must represent a single row or column"),
        (
            metadata({"dimensionRange": {"sheetId": 0, "dimension": "ROWS"}}),
            "DimensionRange must specify both a startIndex and an endIndex",
        ),
        # R 3.5
        (metadata({"locationType": "SHEET", "sheetId": 0}), "The field location.locationType is read-only."),
        # D 3.5
        (
            metadata(a_row(), metadataValue="x" * 30_000),
            "The developer metadata exceeds the limit of 30000 characters.",
        ),
        (metadata({}), "Exactly one of spreadsheet, sheetId or dimensionRange must be set."),
    ],
)
def test_bad_metadata_is_refused(caller: Caller, request_body: Json, text: str) -> None:
    assert caller.refusal(request_body) == f"Invalid requests[0].createDeveloperMetadata: {text}"


def test_metadata_is_found_and_shown(caller: Caller) -> None:
    """M 3.5: an empty lookup lists all; row entries come with the row"""
    caller.batch(metadata(a_row(), metadataId=5), metadata({"spreadsheet": True}), metadata({"sheetId": 0}))
    everything = caller.post("/developerMetadata:search", {"dataFilters": [{"developerMetadataLookup": {}}]})
    kinds = [each["developerMetadata"]["location"]["locationType"] for each in everything["matchedDeveloperMetadata"]]
    assert kinds == ["ROW", "SPREADSHEET", "SHEET"]
    (data,) = sheets(caller, "data.rowMetadata.developerMetadata")[0]["data"]
    assert [entry["metadataId"] for entry in data["rowMetadata"][1]["developerMetadata"]] == [5]
    assert caller.get("/developerMetadata/5")["metadataValue"] == "v"
    lookup = {"developerMetadataLookup": {"metadataId": 5}}
    changed = {"dataFilters": [lookup], "developerMetadata": {"metadataValue": "w"}, "fields": "metadataValue"}
    caller.batch({"updateDeveloperMetadata": changed})
    assert caller.get("/developerMetadata/5")["metadataValue"] == "w"
    caller.batch({"deleteDeveloperMetadata": {"dataFilter": lookup}})
    assert caller.send("GET", "/developerMetadata/5").status_code == 404


def test_ids_come_from_the_seed() -> None:
    def first_id(seed: int) -> str:
        with Emulator(seed=seed) as emulator:
            return emulator.new_spreadsheet({"a": [], "b": []}).id

    assert first_id(1) == first_id(1) != first_id(2)
