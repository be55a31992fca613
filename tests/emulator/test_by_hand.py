"""`python -m tests.emulator`, and that rows stay whole whatever people do."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import openpyxl
import requests
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.cells import Cell
from tests.emulator.emulator import Emulator
from tests.emulator.human import HumanRefused
from tests.emulator.spreadsheet import Spreadsheet
from tests.emulator.test_requests import a_row, metadata
from tests.examples import costly


def test_a_workbook_is_served(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Danh sách"
    book.worksheets[0].append(["Trần Văn An", datetime(1985, 9, 5), None, True])
    path = tmp_path / "sổ.xlsx"
    book.save(path)
    command = [sys.executable, "-m", "tests.emulator", "--port", "0", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running, requests.Session() as session:
        try:
            assert running.stdout is not None
            host = running.stdout.readline().strip().removeprefix("SHEETS_EMULATOR_HOST=")
            number, shown = running.stdout.readline().strip().split("  ")
            session.trust_env = False
            found = session.get(f"http://{host}/v4/spreadsheets/{number}/values/A1:D1").json()
        finally:
            running.terminate()
    assert shown == str(path)
    assert found["values"] == [["Trần Văn An", "05/09/1985", "", "TRUE"]]


ROWS = 8


def numbered() -> Spreadsheet:
    """Rows whose value, note, format and metadata bear the same number."""
    with Emulator() as emulator:
        rows = [[Cell(n, note=str(n), format={"textFormat": {"fontSize": n}}), n * 7 % 5] for n in range(1, ROWS + 1)]
        sheet = emulator.new_spreadsheet({"T": rows}, rows=12, columns=3)
    for n in range(ROWS):
        sheet.human.request(metadata(a_row(n, n + 1), metadataId=n + 1))
    return sheet


PLACES = st.integers(1, ROWS)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("insert_rows"), PLACES, st.integers(1, 2)),
        st.tuples(st.just("delete_rows"), PLACES, PLACES),
        st.tuples(st.just("move_rows"), PLACES, PLACES, PLACES),
        st.tuples(st.just("sort_rows"), st.integers(1, 2), PLACES, PLACES, st.booleans()),
    ),
    max_size=6,
)


@costly(60)
@given(ACTS)
def test_a_row_stays_whole_whatever_is_moved(acts: list[tuple[object, ...]]) -> None:
    """M 3.4, 3.5: note, format and metadata go with their row"""
    sheet = numbered()
    for name, *arguments in acts:
        before = sheet.book
        try:
            getattr(sheet.human, str(name))("T", *arguments)
        except HumanRefused:
            assert sheet.book is before
    rows = sheet.rows("T")
    held = {row[0]: place for place, row in enumerate(rows, 1) if row}
    for number, place in held.items():
        look = sheet.look("T", place, 1)
        assert (look.note, look.format) == (str(number), {"textFormat": {"fontSize": number}})
    entries = {e["metadataId"]: e["location"]["dimensionRange"]["startIndex"] + 1 for e in sheet.book.metadata}
    assert entries == held
