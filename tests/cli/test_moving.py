"""A campaign moves from a file to a spreadsheet at Google and back, as the page for operators says: everybody counts as
before, nobody is mailed twice, and what was frozen is still known.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import from_excel

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.init import set_up
from automation.core.config import tabs
from tests.commands import Run
from tests.emulator import Emulator, Spreadsheet
from tests.google_world import HEADER_ROW
from tests.workbooks import SOUND

UNITS = ("mot", "hai")
NOW = ("--now", "2023-04-20T08:00")
LATER = ("--now", "2023-04-20T10:00")
PEOPLE: tuple[dict[str, str], ...] = (
    {},
    {"Tình trạng tài khoản": "Chưa đăng ký"},
    {"Số CCCD": "123456789"},
    {"Miễn, hoãn": "Đã nghỉ hưu"},
    {"Ngày sinh": "15/3/1985", "Thẻ CCCD gắn chíp": "x"},
)


def fill(path: Path) -> None:
    """People in all sorts of states, one of them with a formula."""
    units = path.with_name("units.csv")
    lines = [f"{unit},Đơn vị {unit},Bệnh viện,{unit},{len(PEOPLE) + 1},d-{unit}@example.org" for unit in UNITS]
    header = "Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người,Email đầu mối"
    units.write_text("\n".join([header, *lines]), "utf-8")
    assert set_up(ExcelWorkbook(path), units).drawn
    book = load_workbook(path)
    for place, unit in enumerate(UNITS):
        headers = [cell.value for cell in book[unit][HEADER_ROW]]
        for number, differs in enumerate(PEOPLE):
            own = {"Họ và tên": f"Lê Văn {'ABCDE'[number]}n", "Số CCCD": f"0790850{place}000{number}"}
            person = {**SOUND, "Ngày sinh": datetime(1985, 3, number + 1), **own, **differs}
            for column, title in enumerate(headers, start=1):
                if title in person:
                    book[unit].cell(HEADER_ROW + 1 + number, column, person[str(title)])
        name, department = (headers.index(each) + 1 for each in ("Họ và tên", "Khoa/Phòng"))
        cell = book[unit].cell(HEADER_ROW + 1, name).coordinate
        book[unit].cell(HEADER_ROW + 1, department, f'="Khoa "&{cell}')
    book.save(path)


def uploaded(path: Path, emulator: Emulator) -> Spreadsheet:
    """What Google makes of a file: titles, cells and formulas, and nothing that only the bot knows."""
    cells = {sheet.title: list(sheet.values) for sheet in load_workbook(path)}
    return emulator.new_spreadsheet(cells, rows=400, columns=40)


def downloaded(sheet: Spreadsheet, path: Path) -> None:
    """What it makes of a spreadsheet."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title in sheet.titles():
        tab = book.create_sheet(title)
        for row, cells in enumerate(sheet.entered(title), start=1):
            for column, value in enumerate(cells, start=1):
                kind = sheet.look(title, row, column).format.get("numberFormat", {}).get("type", "")
                is_day = kind.startswith("DATE") and isinstance(value, (int, float))
                tab.cell(row, column, from_excel(value) if is_day else value)
    book.save(path)


def told(tccb: Run, *arguments: str, **environment: str) -> dict[str, Any]:
    done = tccb(*arguments, "--json", **environment)
    assert done.status in (0, 1), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def counted(tccb: Run, book: str, **environment: str) -> dict[str, Any]:
    found = told(tccb, "check", book, *LATER, **environment)
    return {key: found[key] for key in ("units", "total", "rows")}


def results(rows: list[list[Any]]) -> list[Any]:
    return [row[0] for row in rows[HEADER_ROW : HEADER_ROW + len(PEOPLE)]]


@pytest.mark.slow
@pytest.mark.parametrize("keeps_state", [True, False], ids=["with its state", "state lost"])
def test_to_google_and_back(emulator: Emulator, tccb_here: Run, tmp_path: Path, keeps_state: bool) -> None:
    path, back = tmp_path / "danh-sach.xlsx", tmp_path / "tro-lai.xlsx"
    fill(path)
    states = [str(tmp_path / ("state" if keeps_state else f"state {number}")) for number in range(3)]
    first, there, last = ({"TCCB_STATE_DIR": state} for state in states)
    there["SHEETS_EMULATOR_HOST"] = emulator.host

    assert told(tccb_here, "run", str(path), "--once", *NOW, **first)["mails"]["sent"] > 0
    frozen = told(tccb_here, "freeze", str(path), "--name", "Trước khi chuyển", *NOW, **first)["file"]
    before = counted(tccb_here, str(path), **first)
    assert (before["total"]["rows"], before["total"]["done"]) == (2 * len(PEOPLE), 4)

    sheet = uploaded(path, emulator)
    tccb_here("init", sheet.url, *LATER, **there)
    assert counted(tccb_here, sheet.url, **there) == before
    found = told(tccb_here, "run", sheet.url, "--once", *LATER, **there)
    assert found["mails"]["queued"] == 0, "what was mailed came along"
    assert results(sheet.rows("mot")) == results([list(row) for row in load_workbook(path)["mot"].values])
    assert told(tccb_here, "freeze", sheet.url, "--verify", frozen, **there)["untouched"]

    downloaded(sheet, back)
    tccb_here("init", str(back), *LATER, **last)
    assert counted(tccb_here, str(back), **last) == before
    assert told(tccb_here, "run", str(back), "--once", *LATER, **last)["mails"]["queued"] == 0
    verdict = told(tccb_here, "freeze", str(back), "--verify", frozen, **last) if keeps_state else {"untouched": True}
    assert verdict["untouched"]
    formulas = [row for row in load_workbook(back)["mot"].values if any(str(cell).startswith('="Khoa') for cell in row)]
    assert len(formulas) == 1
    assert tabs.MAILS in load_workbook(back).sheetnames
