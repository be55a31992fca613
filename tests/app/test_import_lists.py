"""Lists that units mail in, merged into a file and at Google: as said, twice, and killed anywhere."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.spreadsheets import open_spreadsheets
from automation.app.init import set_up
from automation.app.lists.importing import ImportOutcome, ImportRequest, import_lists
from automation.core.config.identity import CodesOfAnImport
from automation.core.importing.plan import Prefer
from automation.core.model.workbook import Cell
from tests.commands import Run
from tests.emulator import Emulator, Spreadsheet
from tests.fakes_store import MemoryStore
from tests.google_world import HEADER_ROW, Worlds
from tests.patience import HANG_SECONDS
from tests.workbooks import SOUND

UNIT = "mot"
HEADERS = [header for header in SOUND if header != "Đảng viên"]


def people(number: int, **more: Cell) -> list[dict[str, Cell]]:
    names = (f"Lê Thị {chr(65 + n // 26)}{chr(97 + n % 26)}" for n in range(number))
    return [{**SOUND, "Họ và tên": name, "Số CCCD": f"0790850{n:05d}", **more} for n, name in enumerate(names)]


def mailed(path: Path, rows: Sequence[Mapping[str, Cell]]) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Danh sách gửi phòng Tổ chức cán bộ"])
    sheet.append(HEADERS)
    for row in rows:
        sheet.append([row.get(header) for header in HEADERS])
    book.save(path)
    return path


@pytest.fixture(scope="module")
def empty_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of one unit, as `init` makes it."""
    folder = tmp_path_factory.mktemp("book")
    units = folder / "units.csv"
    units.write_text(f"Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người\n{UNIT},Đơn vị Một,Bệnh viện,{UNIT},500\n", "utf-8")
    assert set_up(ExcelWorkbook(folder / "so.xlsx"), units).drawn
    return folder / "so.xlsx"


@dataclass
class Office:
    """The workbook, and the list that came."""

    path: Path
    sent: Path

    def merge(self, *, applies: bool = True, prefer: Prefer = Prefer.NEITHER) -> ImportOutcome:
        request = ImportRequest(UNIT, (self.sent,), prefer, applies)
        return import_lists(ExcelWorkbook(self.path), MemoryStore(), request)

    def rows(self) -> list[dict[str, object]]:
        sheet = load_workbook(self.path)[UNIT]
        headers = [cell.value for cell in sheet[HEADER_ROW]]
        lines = ([cell.value for cell in row] for row in sheet.iter_rows(min_row=HEADER_ROW + 1))
        return [dict(zip(map(str, headers), line, strict=True)) for line in lines if any(line[1:])]


@pytest.fixture
def office(empty_book: Path, tmp_path: Path) -> Office:
    """With 46 people, of whom three lack a department; the list has 50, four contradict."""
    path = tmp_path / "so.xlsx"
    path.write_bytes(empty_book.read_bytes())
    book = load_workbook(path)
    headers = [str(cell.value) for cell in book[UNIT][HEADER_ROW]]
    present, sent = people(46), people(50)
    for each in present[:3]:
        each["Khoa/Phòng"] = None
    for each in sent[10:14]:
        each["Đối tượng"] = "Người lao động"
    for number, row in enumerate(present, start=HEADER_ROW + 1):
        for column, header in enumerate(headers, start=1):
            book[UNIT].cell(number, column, row.get(header))  # type: ignore[arg-type]
    book.save(path)
    return Office(path, mailed(tmp_path / "danh sach.xlsx", sent))


def counts(found: ImportOutcome) -> tuple[int, int, int, int]:
    assert found.plan is not None
    plan = found.plan
    return len(plan.new), len(plan.changed(Prefer.NEITHER)), len(plan.conflicting()), plan.alike


def test_a_look_changes_nothing(office: Office) -> None:
    before = office.path.read_bytes()
    assert counts(office.merge(applies=False)) == (4, 3, 4, 39)
    assert office.path.read_bytes() == before


def test_a_list_is_merged_into_a_file_once(office: Office) -> None:
    before = office.rows()
    found = office.merge()
    assert (counts(found), found.applied, len(found.written)) == ((4, 3, 4, 39), True, 3)
    rows = office.rows()
    assert [row["Số CCCD"] for row in rows[46:]] == [f"0790850{n:05d}" for n in range(46, 50)]
    changed = [(n, h) for n, row in enumerate(before) for h, cell in row.items() if rows[n][h] != cell]
    assert changed == [(n, "Khoa/Phòng") for n in range(3)]
    saved = office.path.read_bytes()
    again = office.merge()
    assert (counts(again), again.applied, again.written) == ((0, 0, 4, 46), True, ())
    assert office.path.read_bytes() == saved


def test_what_contradicts_follows_the_file_where_that_is_said(office: Office) -> None:
    assert len(office.merge(prefer=Prefer.FILE).written) == 7
    assert [row["Đối tượng"] for row in office.rows()[10:14]] == ["Người lao động"] * 4
    assert counts(office.merge(prefer=Prefer.FILE)) == (0, 0, 0, 50)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_killed_at_every_step_a_file_has_all_of_it_or_nothing(office: Office) -> None:
    before = office.path.read_bytes()
    kills = 0
    for step in count(1):
        worker = multiprocessing.get_context("fork").Process(target=_merge_until, args=(office, step))
        worker.start()
        worker.join(HANG_SECONDS)
        outcome = counts(office.merge(applies=False))
        assert outcome in ((4, 3, 4, 39), (0, 0, 4, 46)), step
        if worker.exitcode == 0:
            break
        assert worker.exitcode == -signal.SIGKILL
        kills += 1
        office.path.write_bytes(before)
    assert kills > 8


def _merge_until(office: Office, step: int) -> None:
    """Merges, and is killed at the so many-th time that anything is done to a file."""
    steps = count(1)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(("open", "os.")) and str(office.path.parent) in str(arguments) and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    office.merge()


# --- at Google --------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The program is gone."""


def merge_at_google(
    emulator: Emulator, sheet: Spreadsheet, folder: Path, file: Path, dies_at: int = 0, prefer: Prefer = Prefer.NEITHER
) -> ImportOutcome:
    """`dies_at`: the so many-th time that the clock is looked at, which is before each request."""
    looks = count(1)

    def clock() -> float:
        if (look := next(looks)) == dies_at:
            raise Killed
        return 1_700_000_000.0 + look

    codes = CodesOfAnImport()
    api = connect(emulator_host=emulator.host, throttle=Throttle(clock, lambda _: None))
    book = open_spreadsheets(api, SpreadsheetAddress(sheet.id, sheet.url), folder, codes)
    return import_lists(book, MemoryStore(), ImportRequest(UNIT, (file,), prefer, applies=True), codes)


@pytest.fixture
def shared(worlds: Worlds) -> Spreadsheet:
    """A spreadsheet with three people of the unit, one without department and phone, a total below them."""
    sheet = worlds._copy()
    headers = [str(cell) for cell in sheet.rows(UNIT)[HEADER_ROW - 1]]
    rows: list[list[object]] = [[each.get(header) for header in headers] for each in people(3)]
    rows[0][headers.index("Khoa/Phòng")] = None
    rows.append([None, "Tổng cộng: 3 người"])
    sheet.human.paste(UNIT, HEADER_ROW + 1, 1, rows, plain=True)
    return sheet


def numbers(sheet: Spreadsheet) -> list[object]:
    column = sheet.rows(UNIT)[HEADER_ROW - 1].index("Số CCCD")
    return [row[column] if len(row) > column else row[1] for row in sheet.rows(UNIT)[HEADER_ROW:]]


def test_a_list_is_merged_at_google_once(emulator: Emulator, shared: Spreadsheet, tmp_path: Path) -> None:
    sent = people(5)
    sent[1]["Đối tượng"] = "Người lao động"
    file = mailed(tmp_path / "list.xlsx", sent)
    found = merge_at_google(emulator, shared, tmp_path, file)
    assert (counts(found), found.applied, len(found.written)) == ((2, 1, 1, 1), True, 1)
    assert numbers(shared) == [*(f"0790850{n:05d}" for n in range(5)), "Tổng cộng: 3 người"]
    again = merge_at_google(emulator, shared, tmp_path, file)
    assert (counts(again), again.written) == ((0, 0, 1, 4), ())
    assert len(merge_at_google(emulator, shared, tmp_path, file, prefer=Prefer.FILE).written) == 1


@pytest.mark.slow
def test_killed_at_every_request_the_next_run_ends_it(emulator: Emulator, shared: Spreadsheet, tmp_path: Path) -> None:
    file = mailed(tmp_path / "list.xlsx", people(5))
    kills = 0
    for step in count(1):
        sheet = emulator.new_spreadsheet()
        sheet.document.book = shared.document.book.draft()
        try:
            merge_at_google(emulator, sheet, tmp_path / str(step), file, step)
        except Killed:
            kills += 1
            found = merge_at_google(emulator, sheet, tmp_path / f"{step} again", file)
            assert found.applied
        else:
            break
        assert numbers(sheet) == [*(f"0790850{n:05d}" for n in range(5)), "Tổng cộng: 3 người"], step
    assert kills > 8


# --- the command ------------------------------------------------------------------------------------------


def test_the_command_shows_each_cell_and_no_number(office: Office, tccb_here: Run) -> None:
    done = tccb_here("import", str(office.path), str(office.sent), "--unit", UNIT)
    assert done.status == 1, "four people contradict"
    assert "4 người mới" in done.stdout
    assert "Khoa Nội" in done.stdout
    assert "079085" not in done.stdout
    assert "--apply" in done.stdout


def test_the_command_prints_one_object(office: Office, tccb_here: Run) -> None:
    done = tccb_here(
        "import", str(office.path), str(office.sent), "--unit", UNIT, "--json", "--apply", "--prefer", "sheet"
    )
    found = json.loads(done.stdout)
    assert (done.status, found["applied"], len(found["new"]), len(found["changed"])) == (0, True, 4, 3)
    assert found["changed"][0]["cells"] == [
        {"field": "khoa-phong", "present": "", "mailed": "Khoa Nội", "why": "filled"}
    ]
    assert "079085" not in done.stdout


REFUSED = {
    "no unit": (["list.xlsx"], "--unit"),
    "no such unit": (["list.xlsx", "--unit", "hai"], "hai"),
    "no file": (["--unit", UNIT], "tệp nào"),
    "a file that is not there": (["other.xlsx", "--unit", UNIT], "Không tìm thấy"),
    "a preference of its own": (["list.xlsx", "--unit", UNIT, "--prefer", "mine"], "mine"),
    "no list in it": (["empty.csv", "--unit", UNIT], "không có danh sách"),
    "the workbook itself, of another unit": (["other form.csv", "--unit", UNIT], "đơn vị khác"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_command_refuses(office: Office, tccb_here: Run, tmp_path: Path, name: str) -> None:
    arguments, said = REFUSED[name]
    office.sent.rename(tmp_path / "list.xlsx")
    (tmp_path / "empty.csv").write_text("một,hai,ba\n1,2,3\n", "utf-8")
    form = f"Đơn vị Hai · Chưa kiểm tra · số liệu thay đổi lúc –\n{','.join(HEADERS)}\n"
    (tmp_path / "other form.csv").write_text(form, "utf-8")
    before = office.path.read_bytes()
    done = tccb_here("import", str(office.path), *arguments)
    assert (done.status, said in done.stderr, done.stderr.count("\n")) == (2, True, 1), done.stderr
    assert office.path.read_bytes() == before
