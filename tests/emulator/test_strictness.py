"""Facts about what is refused before anything is looked at: the JSON, the query, the masks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator import a1
from tests.emulator.calls import Caller, error_text
from tests.emulator.masks import parse_mask
from tests.emulator.refusals import Json, Refused

UNKNOWN = "Invalid JSON payload received. Unknown name "
WRONG = "Invalid value at '"
TYPE = "type.googleapis.com/google.apps.sheets.v4."
BODIES: list[tuple[Json, str]] = [
    # M 3.3
    ({}, "Must specify at least one request."),
    ({"requests": []}, "Must specify at least one request."),
    ({"requests": [{"x": {}}]}, UNKNOWN + "\"x\" at 'requests[0]': Cannot find field."),
    ({"x": 1}, UNKNOWN + '"x": Cannot find field.'),
    (
        {"requests": [{"addSheet": {"properties": {"titel": "a"}}}]},
        UNKNOWN + "\"titel\" at 'requests[0].add_sheet.properties': Cannot find field.",
    ),
    ({"requests": [{}]}, "Invalid requests[0]: No request set."),
    (
        {"requests": [{"addSheet": {}, "deleteSheet": {}}]},
        "Invalid value at 'requests[0]' (oneof), oneof field 'kind' is already set. Cannot set 'deleteSheet'",
    ),
    (
        {"requests": [{"deleteSheet": {"sheetId": "5"}}]},
        WRONG + 'requests[0].delete_sheet.sheet_id\' (TYPE_INT32), "5"',
    ),
    (
        {"requests": [{"deleteSheet": {"sheetId": 2**31}}]},
        WRONG + "requests[0].delete_sheet.sheet_id' (TYPE_INT32), 2147483648",
    ),
    (
        {"requests": [{"addSheet": {"properties": {"title": 5}}}]},
        WRONG + "requests[0].add_sheet.properties.title' (TYPE_STRING), 5",
    ),
    (
        {"requests": [{"addSheet": {"properties": {"hidden": "no"}}}]},
        WRONG + 'requests[0].add_sheet.properties.hidden\' (TYPE_BOOL), "no"',
    ),
    (
        {"requests": [{"mergeCells": {"mergeType": "ALL"}}]},
        WRONG + "requests[0].merge_cells.merge_type' (" + TYPE + 'MergeType), "ALL"',
    ),
]


@pytest.mark.parametrize(("body", "text"), BODIES)
def test_a_body_that_the_schema_does_not_allow_is_refused(caller: Caller, body: Json, text: str) -> None:
    assert error_text(caller.post(":batchUpdate", body)) == text


def test_null_stands_for_an_absent_field(caller: Caller) -> None:
    """S 7.1: gspread sends it"""
    body = {"values": [["a"]], "majorDimension": None, "range": None}
    assert caller.put("/values/A1", body, valueInputOption="RAW")["updatedCells"] == 1


@pytest.mark.parametrize("body", [b"{", b'{"requests": NaN}', b"[1]", b'"x"', b"\xff"])
def test_what_is_no_json_is_refused_even_where_the_spreadsheet_is_unknown(caller: Caller, body: bytes) -> None:
    """M 5"""
    unknown = caller.root.replace(caller.sheet.id, "unknown")
    response = caller.session.post(f"{unknown}:batchUpdate", data=body)
    assert response.status_code == 400
    assert caller.session.post(f"{unknown}:batchUpdate", json={"requests": [{"deleteSheet": {}}]}).json() == {
        "error": {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}
    }


def test_an_unknown_query_parameter_is_refused(caller: Caller) -> None:
    text = error_text(caller.get(field="sheets"))
    assert text == (
        'Invalid JSON payload received. Unknown name "field": Cannot bind query parameter. '
        "Field 'field' could not be found in request message."
    )


@pytest.mark.parametrize("fields", ["sheets.nothing", "sheets(properties(sheetid))", "sheets.properties.title.x", "x"])
def test_a_mask_with_a_wrong_path_is_refused(caller: Caller, fields: str) -> None:
    """M 4"""
    error = caller.get(fields=fields)["error"]
    assert error["message"] == "Request contains an invalid argument."
    assert "Cannot find matching fields" in error["details"][0]["fieldViolations"][0]["description"]


@pytest.mark.parametrize("fields", ["userEnteredFormat.bold", "effectiveValue", "(note", "note,,note"])
def test_a_mask_of_a_write_is_checked_too(caller: Caller, fields: str) -> None:
    reply = caller.batch({"repeatCell": {"range": {"sheetId": 0}, "cell": {}, "fields": fields}})
    assert error_text(reply) == "Invalid requests[0].repeatCell: Request contains an invalid argument."


def test_both_separators_of_masks_are_known() -> None:
    """C: gspread writes slashes"""
    expected: Any = {"a": {"b": {}, "c": {"d": {}}}, "e": {}}
    assert parse_mask("a/b,a.c(d),e") == parse_mask("a(b,c/d), e") == expected
    assert parse_mask("a.b,a") == {"a": {}}


@given(st.text(alphabet="abZ019_.,/()* ", max_size=20))
def test_any_mask_is_read_or_refused(text: str) -> None:
    try:
        tree = parse_mask(text)
    except Refused:
        return
    assert tree


@given(st.integers(0, 18_277))
def test_columns_have_letters(index: int) -> None:
    assert a1.column_index(a1.column_letters(index)) == index


@given(st.text(min_size=1, max_size=8), st.integers(0, 50), st.integers(1, 9), st.integers(0, 50), st.integers(1, 9))
def test_what_is_written_as_a_range_can_be_read(title: str, row: int, height: int, column: int, width: int) -> None:
    written = a1.split(a1.write_range(title, row, row + height, column, column + width))
    assert written is not None
    assert written.title == title
    assert a1.read_cells(written.cells) == a1.Rectangle(row, row + height, column, column + width)


@given(st.text(max_size=12))
def test_any_text_is_a_range_or_none(text: str) -> None:
    written = a1.split(text)
    if written is not None and written.cells:
        found = a1.read_cells(written.cells)
        assert found is None or (found.first_row or 0) >= 0


@pytest.mark.parametrize(
    "request_body",
    [
        {"findReplace": {"find": "a", "allSheets": True}},
        {"addTable": {}},
        {"trimWhitespace": {}},
        {"addSlicer": {}},
    ],
)
def test_what_is_not_supported_says_so(caller: Caller, request_body: Json) -> None:
    response = caller.send("POST", ":batchUpdate", json={"requests": [request_body]})
    assert response.status_code == 501
    assert "does not support" in error_text(response.json())


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/sheets/0:copyTo"), ("POST", "/values:batchClearByDataFilter"), ("GET", "/what")]
)
def test_an_unknown_address_says_so(caller: Caller, method: str, path: str) -> None:
    assert caller.send(method, path, json={}).status_code == 501


def test_answers_are_json_in_utf_8(caller: Caller) -> None:
    """C 7.3"""
    assert caller.send("GET", "").headers["Content-Type"] == "application/json; charset=UTF-8"
