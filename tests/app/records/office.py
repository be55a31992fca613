"""A workbook of one unit in a file, and the bot beside it, for tests of what it keeps."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pydantic import SecretStr

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.store.copies import CopyFolder
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.init import set_up
from automation.app.records.copying import CopyKeeper
from automation.app.records.restore import RestoreOutcome, RestoreRequest, restore
from automation.core.config import tabs
from automation.core.model.problems import Problem
from tests.fakes_store import MemoryStore
from tests.google_world import HEADER_ROW
from tests.workbooks import SOUND

UNIT = "mot"
MORNING = datetime(2023, 4, 20, 8, 0)
FIRST = HEADER_ROW + 1
KEY = SecretStr("a long sentence nobody guesses")


class Office:
    """A workbook of one unit with six people, one of them with a formula, and the bot."""

    def __init__(self, folder: Path, key: SecretStr | None = None) -> None:
        self.path = folder / "so.xlsx"
        self.folder = folder / "so.tccb"
        self.key = key
        self.store = MemoryStore()

    @property
    def copies(self) -> CopyFolder:
        return CopyFolder(self.folder / "copies", self.key)

    def cycle(self, at: datetime) -> tuple[Problem, ...]:
        book = ExcelWorkbook(self.path)
        report = run_cycle(book, self.store, None, standing_clock(at), keeper=CopyKeeper(self.copies))
        assert report.judged is not None
        return report.problems

    def restore(self, **asked: object) -> RestoreOutcome:
        request = RestoreRequest(**{"unit": UNIT, **asked})  # type: ignore[arg-type]
        return restore(ExcelWorkbook(self.path), self.store, self.copies, request)

    def leave(self, people: int) -> None:
        """Somebody deletes the last people."""
        book = load_workbook(self.path)
        for row in book[UNIT].iter_rows(min_row=FIRST + people):
            for cell in row:
                cell.value = None
        book.save(self.path)

    def entered(self, title: str) -> list[tuple[object, ...]]:
        """Number, name and department of the people in a tab, formulas as such."""
        sheet = load_workbook(self.path)[title]
        headers = [cell.value for cell in sheet[HEADER_ROW]]
        columns = [headers.index(header) for header in ("Số CCCD", "Họ và tên", "Khoa/Phòng", "Ngày sinh")]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=FIRST)]
        return [tuple(row[column] for column in columns) for row in rows if row[columns[1]]]

    @property
    def titles(self) -> list[str]:
        return list(load_workbook(self.path).sheetnames)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("book")
    units, path = folder / "units.csv", folder / "so.xlsx"
    units.write_text(f"Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người\n{UNIT},Đơn vị Một,Bệnh viện,{UNIT},6\n", "utf-8")
    assert set_up(ExcelWorkbook(path), units).drawn
    book = load_workbook(path)
    sheet = book[UNIT]
    headers = [cell.value for cell in sheet[HEADER_ROW]]
    for number in range(6):
        person = {
            **SOUND,
            "Họ và tên": f"Lê Văn {'ABCDEF'[number]}n",
            "Số CCCD": f"07908500000{number}",
            "Ngày sinh": datetime(1985, 3, number + 1),
        }
        for column, header in enumerate(headers, start=1):
            if header in person:
                sheet.cell(FIRST + number, column, person[str(header)])
    department = headers.index("Khoa/Phòng") + 1
    sheet.cell(FIRST + 1, department, f'="Khoa "&{sheet.cell(FIRST + 1, headers.index("Họ và tên") + 1).coordinate}')
    book.save(path)
    return path.read_bytes()


@pytest.fixture
def office(made: bytes, tmp_path: Path) -> Office:
    found = Office(tmp_path)
    found.path.write_bytes(made)
    return found


def settle(file: Path, setting: str, value: str | int, tab: str = tabs.SETTINGS, column: int = 2) -> None:
    book = load_workbook(file)
    for row in book[tab].iter_rows(max_col=1):
        if row[0].value == setting:
            book[tab].cell(int(row[0].row or 0), column, value)
    book.save(file)


def contents(folder: Path) -> bytes:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"".join(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in files)
