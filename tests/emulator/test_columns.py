"""Facts about the metadata of columns: what they follow, how they are found and written through (3.5, identity)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from tests.emulator.calls import Caller, error_text
from tests.emulator.emulator import NOBODY, Emulator
from tests.emulator.refusals import Json
from tests.emulator.spreadsheet import Spreadsheet

TITLE = "Danh sách"
LIMIT = 30_000


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """One of its own: its readings are set here."""
    with Emulator() as running:
        yield running


@pytest.fixture(autouse=True)
def readings_as_they_were(emulator: Emulator) -> Iterator[None]:
    before = replace(emulator.readings)
    yield
    for name in before.__struct_fields__:
        setattr(emulator.readings, name, getattr(before, name))


def tag(number: int, column: int, sheet_id: int = 0, **changes: Any) -> Json:
    """The request that tags a column, counted from 1."""
    place = {"sheetId": sheet_id, "dimension": "COLUMNS", "startIndex": column - 1, "endIndex": column}
    entry = {"metadataId": number, "metadataKey": "k", "metadataValue": "v", "visibility": "DOCUMENT"}
    return {
        "createDeveloperMetadata": {"developerMetadata": {**entry, "location": {"dimensionRange": place}, **changes}}
    }


def lookup(number: int, **more: Any) -> Json:
    return {"developerMetadataLookup": {"metadataId": number, **more}}


def tagged(caller: Caller) -> dict[int, int]:
    """The columns (from 1) of the first tab that are tagged, and the tags' ids."""
    found = caller.get(ranges=TITLE, fields="sheets.data.columnMetadata.developerMetadata")["sheets"][0]["data"][0]
    return {
        column: entry["metadataId"]
        for column, each in enumerate(found.get("columnMetadata", []), 1)
        for entry in each.get("developerMetadata", [])
    }


def write(caller: Caller, *data: tuple[int, list[Any]]) -> Json:
    """Values down columns that are named by their tags."""
    listed = [
        {"dataFilter": lookup(number), "majorDimension": "COLUMNS", "values": [values]} for number, values in data
    ]
    return caller.post("/values:batchUpdateByDataFilter", {"valueInputOption": "RAW", "data": listed})


def read(caller: Caller, *filters: Json) -> list[Json]:
    body = {"dataFilters": list(filters), "valueRenderOption": "UNFORMATTED_VALUE"}
    found: list[Json] = caller.post("/values:batchGetByDataFilter", body).get("valueRanges", [])
    return found


def column(caller: Caller, number: int) -> list[Any]:
    return [caller.sheet.cell(TITLE, row, number) for row in range(1, 5)]


FOLLOWED: list[tuple[str, tuple[Any, ...], dict[int, int]]] = [
    # what people do; where the tags of columns 2 and 3 are then
    # M: a column inserted left of it; I: all others
    ("insert_columns", (2,), {3: 2, 4: 3}),
    ("insert_columns", (1, 2), {4: 2, 5: 3}),
    ("insert_columns", (3,), {2: 2, 4: 3}),
    ("delete_columns", (1,), {1: 2, 2: 3}),
    ("delete_columns", (2,), {2: 3}),
    ("move_columns", (2, 2, 1), {1: 2, 3: 3}),
    ("move_columns", (1, 1, 4), {1: 2, 2: 3}),
    ("move_columns", (2, 3, 6), {4: 2, 5: 3}),
    # R, I: rows are nothing to columns
    ("sort_rows", (2, 1, 4), {2: 2, 3: 3}),
    ("insert_rows", (1,), {2: 2, 3: 3}),
    ("delete_rows", (1, 2), {2: 2, 3: 3}),
    ("clear", (1, 2, 10, 2), {2: 2, 3: 3}),
    ("rename_tab", (TITLE.upper(),), {2: 2, 3: 3}),
]


@pytest.mark.parametrize(("act", "arguments", "places"), FOLLOWED)
def test_a_tag_follows_its_column(caller: Caller, act: str, arguments: tuple[Any, ...], places: dict[int, int]) -> None:
    caller.batch(tag(2, 2), tag(3, 3))
    getattr(caller.sheet.human, act)(TITLE, *arguments)
    assert tagged(caller) == places


def test_the_tag_of_a_deleted_column_is_gone(caller: Caller) -> None:
    """D: with the object its metadata is deleted, and the id is free again"""
    caller.batch(tag(2, 2))
    caller.sheet.human.delete_columns(TITLE, 2)
    assert caller.send("GET", "/developerMetadata/2").status_code == 404
    assert "replies" in caller.batch(tag(2, 1))


def test_a_grid_that_is_cut_takes_tags_along(caller: Caller) -> None:
    """D, as deleting"""
    caller.batch(tag(2, 2), tag(5, 5))
    grid = {"properties": {"sheetId": 0, "gridProperties": {"columnCount": 3}}, "fields": "gridProperties.columnCount"}
    caller.batch({"updateSheetProperties": grid})
    assert tagged(caller) == {2: 2}


def test_a_deleted_tab_takes_tags_along(caller: Caller) -> None:
    """D"""
    caller.batch(tag(2, 2))
    caller.sheet.human.delete_tab(TITLE)
    assert caller.send("GET", "/developerMetadata/2").status_code == 404


CUTS: list[tuple[str, dict[int, int]]] = [("stays", {2: 2}), ("moves", {4: 2})]


@pytest.mark.parametrize(("reading", "places"), CUTS)
def test_a_column_that_was_cut(caller: Caller, reading: Any, places: dict[int, int]) -> None:
    """I, both readings"""
    caller.emulator.readings.cut_column = reading
    caller.batch(tag(2, 2))
    caller.sheet.human.cut_column(TITLE, 2, 4)
    assert (tagged(caller), column(caller, 4)[:2]) == (places, ["Mã", 1])


@pytest.mark.parametrize(("reading", "entries"), [("bare", 1), ("tagged", 2)])
def test_a_copied_tab(caller: Caller, reading: Any, entries: int) -> None:
    """I, both readings; D: ids are unique"""
    caller.emulator.readings.copied_tab = reading
    caller.batch(tag(2, 2))
    copied = caller.sheet.human.duplicate_tab(TITLE)
    found = caller.post("/developerMetadata:search", {"dataFilters": [{"developerMetadataLookup": {}}]})
    locations = [each["developerMetadata"]["location"] for each in found["matchedDeveloperMetadata"]]
    assert len({each["developerMetadata"]["metadataId"] for each in found["matchedDeveloperMetadata"]}) == entries
    assert [each["dimensionRange"]["sheetId"] for each in locations] == [0, caller.sheet.sheet_id(copied)][:entries]


def test_a_copy_of_the_file_keeps_the_ids(emulator: Emulator, caller: Caller) -> None:
    """M: copies keep tags with the same ids; R: protections are the copier's"""
    caller.batch(tag(2, 2))
    whole = {"range": {"sheetId": 0}, "editors": {"users": [NOBODY]}}
    caller.sheet.human.request({"addProtectedRange": {"protectedRange": whole}})
    copied = Caller(emulator, emulator.copy(caller.sheet, editors=[NOBODY]))
    assert copied.sheet.id != caller.sheet.id
    assert tagged(copied) == {2: 2}
    assert "error" in write(copied, (2, ["a"]))
    assert "error" not in write(caller, (2, ["b"]))
    assert copied.sheet.cell(TITLE, 1, 2) == "Mã"


REFUSED: list[tuple[Json, str]] = [
    # D 3.3, D
    (tag(1, 1), "Duplicate developer metadata id: 1"),
    (tag(-1, 1), "DeveloperMetadata.metadataId must be positive."),
    # M 3.5, the row's text
    (
        tag(2, 1, location={"dimensionRange": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}}),
        "DimensionRange must represent a single row or column",
    ),
    (tag(2, 6), "DimensionRange exceeds grid limits"),
    # D 3.5: the budget is the tab's, whatever its entries lie on
    (tag(2, 2, metadataValue="x" * (LIMIT - 2)), f"The developer metadata exceeds the limit of {LIMIT} characters."),
]


@pytest.mark.parametrize(("request_body", "text"), REFUSED)
def test_a_bad_tag_is_refused(caller: Caller, request_body: Json, text: str) -> None:
    caller.batch(tag(1, 1))
    assert caller.refusal(request_body) == f"Invalid requests[0].createDeveloperMetadata: {text}"
    assert tagged(caller) == {1: 1}


def test_the_budget_of_a_tab_is_its_own(caller: Caller) -> None:
    """D 3.5: 30,000 characters a tab, and as many for the spreadsheet"""
    long = "x" * (LIMIT - 1)
    other = caller.sheet.sheet_id("D3")
    own = {"metadataId": 3, "metadataKey": "k", "metadataValue": long, "visibility": "DOCUMENT"}
    spreadsheet = {"createDeveloperMetadata": {"developerMetadata": {**own, "location": {"spreadsheet": True}}}}
    reply = caller.batch(tag(1, 1, metadataValue=long), tag(2, 1, other, metadataValue=long), spreadsheet)
    assert len(reply["replies"]) == 3


def test_a_batch_that_fails_leaves_no_tag(caller: Caller) -> None:
    """D 3.3"""
    caller.batch(tag(1, 1))
    assert "error" in caller.batch(tag(2, 2), tag(1, 3))
    assert tagged(caller) == {1: 1}


def test_a_column_is_added_with_tag_and_header_at_once(caller: Caller) -> None:
    """D 3.3: requests apply in order, as one"""
    columns = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    header = {"values": [{"userEnteredValue": {"stringValue": "Kết quả"}}]}
    caller.batch(
        {"insertDimension": {"range": columns, "inheritFromBefore": True}},
        tag(7, 2),
        {"updateCells": {"start": {"columnIndex": 1}, "rows": [header], "fields": "userEnteredValue"}},
    )
    assert (tagged(caller), caller.sheet.rows(TITLE)[0]) == ({2: 7}, ["Họ và tên", "Kết quả", "Mã"])


# Looking


def test_tags_are_shown_where_ranges_are_given(caller: Caller) -> None:
    """M: only in sheets.data.columnMetadata, with ranges"""
    caller.batch(tag(2, 2))
    fields = "sheets(developerMetadata,data.columnMetadata.developerMetadata)"
    without = caller.get(fields=fields)
    assert "2" not in str([each for sheet in without["sheets"] for each in sheet["data"]])
    assert all("developerMetadata" not in sheet for sheet in without["sheets"])
    (shown,) = caller.get(ranges=f"'{TITLE}'!B1", fields=fields)["sheets"][0]["data"][0]["columnMetadata"]
    place = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1, "endIndex": 2}
    location = {"locationType": "COLUMN", "dimensionRange": place}
    assert shown["developerMetadata"] == [
        {"metadataId": 2, "metadataKey": "k", "metadataValue": "v", "visibility": "DOCUMENT", "location": location}
    ]


def test_a_search_tells_all_kinds_in_one_call(caller: Caller) -> None:
    """M"""
    caller.batch(tag(2, 2), tag(3, 1, location={"spreadsheet": True}), tag(4, 1, location={"sheetId": 0}))
    found = caller.post(
        "/developerMetadata:search", {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "k"}}]}
    )
    kinds = {each["developerMetadata"]["location"]["locationType"] for each in found["matchedDeveloperMetadata"]}
    assert kinds == {"COLUMN", "SPREADSHEET", "SHEET"}


def test_ranges_and_tags_are_read_together(caller: Caller) -> None:
    """D 2.4, M: in the order of the sheet; a tag's range tells where it stands; the missing one is left out"""
    caller.batch(tag(2, 2), tag(3, 3))
    caller.sheet.human.move_columns(TITLE, 3, 3, 2)
    cells: Json = {"gridRange": {"sheetId": 0}}
    found = read(caller, lookup(2), cells, lookup(9), lookup(3))
    assert [(each["valueRange"]["range"], each["dataFilters"]) for each in found] == [
        (f"'{TITLE}'!A1:E10", [{"gridRange": {}}]),
        (f"'{TITLE}'!B1:B10", [lookup(3)]),
        (f"'{TITLE}'!C1:C10", [lookup(2)]),
    ]
    assert found[2]["valueRange"]["values"] == [["Mã"], [1]]


def test_two_tags_of_one_column_share_an_entry(caller: Caller) -> None:
    """M 2.4: identical ranges are merged"""
    caller.batch(tag(2, 2), tag(3, 2))
    (found,) = read(caller, lookup(3), lookup(2))
    assert found["dataFilters"] == [lookup(3), lookup(2)]


def test_grid_data_comes_by_tag_too(caller: Caller) -> None:
    """D 2.4"""
    caller.batch(tag(2, 2))
    body = {"dataFilters": [lookup(2)], "includeGridData": True}
    (sheet,) = caller.post(":getByDataFilter", body, fields="sheets.data(startColumn,columnMetadata)")["sheets"]
    assert sheet["data"][0]["startColumn"] == 1
    assert sheet["data"][0]["columnMetadata"][0]["developerMetadata"][0]["metadataId"] == 2


# Writing through a tag


def test_values_go_down_the_tagged_column(caller: Caller) -> None:
    """D: resolved when it is written; null skips, fewer values leave the rest"""
    caller.batch(tag(2, 2))
    caller.sheet.human.insert_columns(TITLE, 1)
    reply = write(caller, (2, [None, "mới", None, ""]))
    answer = {"updatedRange": f"'{TITLE}'!C1:C4", "updatedRows": 2, "updatedColumns": 1, "updatedCells": 2}
    assert reply["responses"] == [{**answer, "dataFilter": lookup(2)}]
    assert column(caller, 3) == ["Mã", "mới", None, None]
    assert column(caller, 2) == ["Họ và tên", "Trần Văn An", None, "Lê Thị Cúc"]


def test_one_state_is_written_whatever_comes_in_between(caller: Caller) -> None:
    """D 3.5: a person's act before the request counts, for all columns alike"""
    caller.batch(tag(2, 2), tag(4, 4))
    caller.emulator.before(1, lambda: caller.sheet.human.move_columns(TITLE, 4, 4, 1))
    write(caller, (2, ["b"]), (4, ["d"]))
    assert caller.sheet.rows(TITLE)[0] == ["d", "Họ và tên", "b"]


def test_every_column_that_a_lookup_finds_is_written(caller: Caller) -> None:
    """D 3.5"""
    caller.batch(tag(2, 2), tag(4, 4))
    data = {"dataFilter": {"developerMetadataLookup": {"metadataKey": "k"}}, "values": [["x"]]}
    caller.post("/values:batchUpdateByDataFilter", {"valueInputOption": "RAW", "data": [data]})
    assert caller.sheet.rows(TITLE)[0] == ["Họ và tên", "x", None, "x"]


@pytest.mark.parametrize(("reading", "text"), [("skipped", ""), ("refused", "No developer metadata matches")])
def test_a_write_to_a_tag_that_is_gone(caller: Caller, reading: Any, text: str) -> None:
    """I, both readings: left out, as in reads, or all refused"""
    caller.emulator.readings.write_without_match = reading
    caller.batch(tag(2, 2))
    reply = write(caller, (9, ["x"]), (2, ["y"]))
    assert caller.sheet.cell(TITLE, 1, 2) == ("Mã" if text else "y")
    if text:
        assert error_text(reply).startswith(f"Invalid data[0]: {text}")
    else:
        assert [each["dataFilter"] for each in reply["responses"]] == [lookup(2)]


@pytest.mark.parametrize(("reading", "rows"), [("refused", 10), ("grows", 12)])
def test_a_column_taller_than_the_grid(caller: Caller, reading: Any, rows: int) -> None:
    """D: values that exceed the range make the request fail; or the grid grows (I)"""
    caller.emulator.readings.taller_column = reading
    caller.batch(tag(2, 2), tag(3, 3))
    reply = write(caller, (3, ["z"]), (2, [None] * 11 + ["x"]))
    assert caller.sheet.sheet(TITLE).row_count == rows
    assert caller.sheet.cell(TITLE, 1, 3) == ("z" if rows == 12 else None)
    if rows == 10:
        range_text = f"'{TITLE}'!B1:B10"
        assert error_text(reply) == (
            f"Invalid data[1]: Requested writing within range [{range_text}], but tried writing to row [11]"
        )


@pytest.mark.parametrize(
    ("reading", "held", "others"), [("ignored", None, "y"), ("kept", "x", "y"), ("refused", None, 1)]
)
def test_a_cell_that_a_merge_covers(caller: Caller, reading: Any, held: Any, others: Any) -> None:
    """I, three readings"""
    caller.emulator.readings.covered_cell = reading
    caller.batch(tag(2, 2))
    caller.sheet.human.merge(TITLE, 4, 1, 4, 2)
    reply = write(caller, (2, [None, "y", None, "x"]))
    assert ("error" in reply) == (reading == "refused")
    assert (caller.sheet.cell(TITLE, 4, 2), caller.sheet.cell(TITLE, 2, 2)) == (held, others)


def test_ranges_of_one_write_do_not_overlap(caller: Caller) -> None:
    """The order is not documented (3.1): not guessed"""
    caller.batch(tag(2, 2), tag(3, 2))
    assert "501" not in str(write(caller, (2, ["x"])))
    assert write(caller, (2, ["x"]), (3, ["y"]))["error"]["code"] == 501
    assert caller.sheet.cell(TITLE, 1, 2) == "x"


def test_one_protected_column_refuses_the_whole_write(caller: Caller) -> None:
    """R 3.6"""
    caller.batch(tag(2, 2), tag(3, 3))
    area = {"sheetId": 0, "startColumnIndex": 2, "endColumnIndex": 3}
    caller.sheet.human.request({"addProtectedRange": {"protectedRange": {"range": area}}})
    reply = write(caller, (2, ["x"]), (3, ["y"]))
    assert (reply["error"]["code"], caller.sheet.cell(TITLE, 1, 2)) == (400, "Mã")


def test_filters_may_be_limited(caller: Caller) -> None:
    """Not known; the number of both reads and writes"""
    caller.emulator.readings.most_filters = 2
    caller.batch(tag(2, 2), tag(3, 3), tag(4, 4))
    assert "error" not in write(caller, (2, ["x"]), (3, ["x"]))
    assert "more than the limit of 2" in error_text(write(caller, (2, ["y"]), (3, ["y"]), (4, ["y"])))
    assert "error" in caller.post("/values:batchGetByDataFilter", {"dataFilters": [lookup(n) for n in (2, 3, 4)]})


# Changing a tag under a condition


def renew(number: int, old: str, new: str) -> Json:
    """Another value for the entry that still has the old one."""
    body = {"dataFilters": [lookup(number, metadataValue=old)], "developerMetadata": {"metadataValue": new}}
    return {"updateDeveloperMetadata": {**body, "fields": "metadataValue"}}


def test_a_value_is_changed_where_it_is_still_the_old_one(caller: Caller) -> None:
    """D: a lookup's conditions hold together; the reply lists what was changed"""
    caller.batch(tag(5, 1, location={"spreadsheet": True}))
    (reply,) = caller.batch(renew(5, "v", "w"))["replies"]
    assert [each["metadataValue"] for each in reply["updateDeveloperMetadata"]["developerMetadata"]] == ["w"]


@pytest.mark.parametrize("reading", ["empty", "refused"])
def test_a_value_that_somebody_changed_is_left(caller: Caller, reading: Any) -> None:
    """I, both readings: a reply that lists nothing, or all refused"""
    caller.emulator.readings.update_without_match = reading
    caller.batch(tag(5, 1, location={"spreadsheet": True}))
    caller.batch(renew(5, "v", "w"))
    reply = caller.batch(renew(5, "v", "x"))
    assert reply.get("replies") == (None if reading == "refused" else [{"updateDeveloperMetadata": {}}])
    assert caller.get("/developerMetadata/5")["metadataValue"] == "w"


def test_a_deletion_lists_what_is_gone(caller: Caller) -> None:
    """D"""
    caller.batch(tag(2, 2), tag(3, 3))
    (reply,) = caller.batch({"deleteDeveloperMetadata": {"dataFilter": lookup(2)}})["replies"]
    assert [each["metadataId"] for each in reply["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]] == [2]
    assert tagged(caller) == {3: 3}


def test_hundreds_of_tags_are_looked_up_in_one_request(emulator: Emulator) -> None:
    """D 1: one request, however many ranges"""
    tabs: dict[str, list[list[object]]] = {f"T{number}": [["a", "b", "c", "d"]] for number in range(100)}
    sheet: Spreadsheet = emulator.new_spreadsheet(tabs, rows=5, columns=4)
    caller = Caller(emulator, sheet)
    places = [(each.id, column) for each in sheet.book.sheets for column in range(1, 5)]
    caller.batch(*(tag(number, column, sheet_id) for number, (sheet_id, column) in enumerate(places, 1)))
    reply = write(caller, *((number, [None, number]) for number in range(1, 401)))
    assert reply["totalUpdatedCells"] == 400
    assert sheet.rows("T99")[1] == [397, 398, 399, 400]
