"""gspread itself, as it is installed, against the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import gspread
import pytest
import requests
from gspread.exceptions import APIError, SpreadsheetNotFound, WorksheetNotFound
from gspread.http_client import HTTPClient
from gspread.utils import ValueInputOption, ValueRenderOption

from tests.emulator.emulator import Emulator
from tests.emulator.spreadsheet import Spreadsheet


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Iterator[gspread.Client]:
    """A client whose requests to Google go to the emulator."""

    class Redirected(HTTPClient):
        def request(self, method: str, endpoint: str, *rest: Any, **details: Any) -> requests.Response:
            split = urlsplit(endpoint)
            return super().request(method, f"http://{emulator.host}{split.path}", *rest, **details)

    with requests.Session() as session:
        session.trust_env = False
        # Without credentials there is nothing to authorize; gspread's annotations do not say that it takes None.
        yield gspread.authorize(None, http_client=Redirected, session=session)  # type: ignore[arg-type]


@pytest.fixture
def sheet(emulator: Emulator) -> Spreadsheet:
    return emulator.new_spreadsheet({"Danh sách": [["Tên", "Số"], ["a", 1]], "D3": []}, rows=10, columns=5)


def test_a_spreadsheet_is_opened_read_and_written(client: gspread.Client, sheet: Spreadsheet) -> None:
    book = client.open_by_key(sheet.id)
    assert [tab.title for tab in book.worksheets()] == ["Danh sách", "D3"]
    tab = book.worksheet("Danh sách")
    assert tab.get_all_values() == [["Tên", "Số"], ["a", "1"]]
    assert tab.get("A2:B2", value_render_option=ValueRenderOption.unformatted) == [["a", 1]]
    tab.update([["b", 2], ["c", 3]], "A3")
    tab.batch_update([{"range": "A5", "values": [["=1+1"]]}], value_input_option=ValueInputOption.raw)
    assert sheet.rows("Danh sách") == [["Tên", "Số"], ["a", 1], ["b", 2], ["c", 3], ["=1+1"]]
    assert tab.batch_get(["A2:A3", "B2:B4"]) == [[["a"], ["b"]], [["1"], ["2"], ["3"]]]
    assert tab.get_all_records()[0] == {"Tên": "a", "Số": 1}
    assert tab.find("c").row == 4  # type: ignore[union-attr]


def test_tabs_are_made_and_dressed(client: gspread.Client, sheet: Spreadsheet) -> None:
    book = client.open_by_key(sheet.id)
    tab = book.add_worksheet("Mới", rows=5, cols=3)
    tab.append_row(["x", "y"])
    tab.insert_row(["đầu"], 1)
    tab.format("A1:B1", {"textFormat": {"bold": True}})
    tab.freeze(rows=1)
    tab.update_notes({"A1": "ghi chú"})
    tab.merge_cells("A3:B3")
    tab.add_protected_range("A1:B1", ["admin@example.org"])
    tab.sort((1, "asc"), range="A2:B5")
    tab.resize(rows=8)
    tab.update_title("Khác")
    assert sheet.rows("Khác") == [["đầu"], ["x", "y"]]
    look = sheet.look("Khác", 1, 1)
    assert (look.format, look.note) == ({"textFormat": {"bold": True}}, "ghi chú")
    assert sheet.sheet("Khác").row_count == 8
    assert len(sheet.protections("Khác")) == 1
    book.del_worksheet(tab)
    assert sheet.titles() == ["Danh sách", "D3"]


def test_what_has_no_method_goes_through_the_http_client(client: gspread.Client, sheet: Spreadsheet) -> None:
    """S 2.4"""
    address = f"https://sheets.googleapis.com/v4/spreadsheets/{sheet.id}/values:batchGetByDataFilter"
    body = {"dataFilters": [{"gridRange": {"sheetId": 0, "endRowIndex": 1}}]}
    found = client.http_client.request("post", address, json=body).json()
    assert found["valueRanges"][0]["valueRange"]["values"] == [["Tên", "Số"]]


def test_refusals_are_gspreads_exceptions(client: gspread.Client, emulator: Emulator, sheet: Spreadsheet) -> None:
    """S 7.2"""
    with pytest.raises(SpreadsheetNotFound):
        client.open_by_key("unknown")
    book = client.open_by_key(sheet.id)
    with pytest.raises(WorksheetNotFound):
        book.worksheet("Không có")
    with pytest.raises(APIError) as refused:
        book.values_get("'Không có'!A1")
    assert refused.value.code == 400
    emulator.unshare(sheet, "bot@example.org")
    with pytest.raises(PermissionError):
        client.open_by_key(sheet.id)


def test_a_renamed_tab_breaks_a_cached_title(client: gspread.Client, sheet: Spreadsheet) -> None:
    """S 7.1"""
    tab = client.open_by_key(sheet.id).worksheet("D3")
    sheet.human.rename_tab("D3", "Khác")
    with pytest.raises(APIError, match="Unable to parse range"):
        tab.get_all_values()


def test_each_look_at_the_tabs_costs_a_read(client: gspread.Client, emulator: Emulator, sheet: Spreadsheet) -> None:
    """S 7.1"""
    before = emulator.count("read")
    book = client.open_by_key(sheet.id)
    book.worksheets()
    book.worksheet("D3")
    assert emulator.count("read") - before == 3
