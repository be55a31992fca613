"""Lists that units mail in, merged into a file and at Google: as said, twice, and killed anywhere."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

import pytest
from msgspec import Struct
from openpyxl import Workbook, load_workbook

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.spreadsheets import open_spreadsheets
from automation.app.clock import standing_clock
from automation.app.init import set_up
from automation.app.lists.importing import ImportOutcome, ImportRequest, import_lists
from automation.core.config.identity import CodesOfOneTab
from automation.core.importing.marking import marks_of
from automation.core.importing.plan import Prefer
from automation.core.judging.lists.unit_table import find_unit_table
from automation.core.model.palette import FAULT_FILL, TRIAL_FILL
from automation.core.model.workbook import Cell, Merged, Tab
from tests.commands import Run
from tests.emulator import Emulator, Spreadsheet
from tests.examples import cross_section
from tests.fakes_store import MemoryStore
from tests.google_world import AT, HEADER_ROW, Worlds
from tests.lists import LISTS
from tests.patience import HANG_SECONDS
from tests.workbooks import NOW, SOUND, config_with, unit_line

UNIT = "mot"
CLOCK = standing_clock(AT)
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


class Office(Struct):
    """The workbook, and the list that came."""

    path: Path
    sent: Path

    def merge(self, *, applies: bool = True, prefer: Prefer = Prefer.NEITHER) -> ImportOutcome:
        request = ImportRequest(UNIT, (self.sent,), prefer, applies)
        return import_lists(ExcelWorkbook(self.path), MemoryStore(), request, CLOCK)

    def rows(self) -> list[dict[str, object]]:
        sheet = load_workbook(self.path)[UNIT]
        headers = [cell.value for cell in sheet[HEADER_ROW]]
        lines = ([cell.value for cell in row] for row in sheet.iter_rows(min_row=HEADER_ROW + 1))
        return [dict(zip(map(str, headers), line, strict=True)) for line in lines if any(line[1:])]


class Size(Struct, frozen=True):
    """How many people a list has, and how many of them the workbook does not have, lacks the department of, and has
    in another category.
    """

    sent: int
    new: int
    changed: int
    conflicting: int

    @property
    def before(self) -> tuple[int, int, int, int]:
        """What an import says first, as `counts`."""
        return self.new, self.changed, self.conflicting, self.sent - self.new - self.changed - self.conflicting

    @property
    def after(self) -> tuple[int, int, int, int]:
        """What it says once it was done."""
        return 0, 0, self.conflicting, self.sent - self.conflicting

    def present(self) -> list[dict[str, Cell]]:
        there = people(self.sent - self.new)
        for each in there[: self.changed]:
            each["Khoa/Phòng"] = None
        return there

    def as_sent(self) -> list[dict[str, Cell]]:
        sent = people(self.sent)
        for each in sent[self.changed : self.changed + self.conflicting]:
            each["Đối tượng"] = "Người lao động"
        return sent


SMALL, LARGE = Size(50, 4, 3, 4), Size(500, 40, 30, 5)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return book_and_list(tmp_path_factory.mktemp("book"), SMALL)


def book_and_list(folder: Path, size: Size) -> Office:
    """A workbook of one unit, and the list that it mailed in."""
    units, path = folder / "units.csv", folder / "so.xlsx"
    units.write_text(f"Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người\n{UNIT},Đơn vị Một,Bệnh viện,{UNIT},500\n", "utf-8")
    assert set_up(ExcelWorkbook(path), units).drawn
    book = load_workbook(path)
    headers = [str(cell.value) for cell in book[UNIT][HEADER_ROW]]
    for number, row in enumerate(size.present(), start=HEADER_ROW + 1):
        for column, header in enumerate(headers, start=1):
            book[UNIT].cell(number, column, row.get(header))
    book.save(path)
    return Office(path, mailed(folder / "danh sach.xlsx", size.as_sent()))


@pytest.fixture
def office(files: Office, tmp_path: Path) -> Office:
    """The two, to work with."""
    copy = Office(tmp_path / "so.xlsx", tmp_path / "danh sach.xlsx")
    copy.path.write_bytes(files.path.read_bytes())
    copy.sent.write_bytes(files.sent.read_bytes())
    return copy


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
    assert [row["Đối tượng"] for row in office.rows()[3:7]] == ["Người lao động"] * 4
    assert counts(office.merge(prefer=Prefer.FILE)) == (0, 0, 0, 50)


def test_what_looks_like_a_formula_stays_text(office: Office) -> None:
    lines = [
        "Họ và tên,Ngày sinh,Số CCCD,Khoa/Phòng",
        'Võ Thị Lệ,1/2/1990,079190000009,"=HYPERLINK(""http://a.example"")"',
    ]
    office.sent = office.sent.with_suffix(".csv")
    office.sent.write_text("\n".join(lines), "utf-8")
    assert office.merge().applied
    sheet = load_workbook(office.path)[UNIT]
    department = [cell.value for cell in sheet[HEADER_ROW]].index("Khoa/Phòng") + 1
    cell = sheet.cell(HEADER_ROW + 47, department)
    assert (cell.data_type, str(cell.value)[:10]) == ("s", "=HYPERLINK")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["50", "500"])
def test_killed_at_every_step_a_file_has_all_of_it_or_nothing(tmp_path: Path, size: Size) -> None:
    office = book_and_list(tmp_path, size)
    before = office.path.read_bytes()
    kills = 0
    for step in count(1):
        worker = multiprocessing.get_context("fork").Process(target=_merge_until, args=(office, step))
        worker.start()
        worker.join(HANG_SECONDS)
        outcome = counts(office.merge(applies=False))
        assert outcome in (size.before, size.after), step
        if worker.exitcode == 0:
            break
        assert worker.exitcode == -signal.SIGKILL
        kills += 1
        office.path.write_bytes(before)
    assert kills > 8
    assert counts(office.merge(applies=False)) == size.after


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

    codes = CodesOfOneTab()
    api = connect(emulator_host=emulator.host, throttle=Throttle(clock, lambda _: None))
    book = open_spreadsheets(api, SpreadsheetAddress(sheet.id, sheet.url), folder, codes)
    return import_lists(book, MemoryStore(), ImportRequest(UNIT, (file,), prefer, applies=True), CLOCK, codes)


@pytest.fixture
def shared(worlds: Worlds) -> Spreadsheet:
    return shared_by(worlds, Size(5, 2, 1, 1))


def shared_by(worlds: Worlds, size: Size) -> Spreadsheet:
    """A spreadsheet with the people of the unit, a total below them."""
    sheet = worlds._copy()
    headers = [str(cell) for cell in sheet.rows(UNIT)[HEADER_ROW - 1]]
    rows: list[list[object]] = [[each.get(header) for header in headers] for each in size.present()]
    rows.append([None, f"Tổng cộng: {len(rows)} người"])
    sheet.human.paste(UNIT, HEADER_ROW + 1, 1, rows, plain=True)
    return sheet


def numbers(sheet: Spreadsheet) -> list[str]:
    """What stands in the column, and the line of the total below; what people type in a row without formats is a
    number there.
    """
    column = sheet.rows(UNIT)[HEADER_ROW - 1].index("Số CCCD")
    cells = (row[column] if len(row) > column else row[1] for row in sheet.rows(UNIT)[HEADER_ROW:])
    return [str(cell).zfill(12) for cell in cells]


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
@pytest.mark.parametrize("size", [Size(5, 2, 1, 0), LARGE], ids=["5", "500"])
def test_killed_at_every_request_the_next_run_ends_it(
    emulator: Emulator, worlds: Worlds, tmp_path: Path, size: Size
) -> None:
    shared, file = shared_by(worlds, size), mailed(tmp_path / "list.xlsx", size.as_sent())
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
        total = f"Tổng cộng: {size.sent - size.new} người"
        assert numbers(sheet) == [*(f"0790850{n:05d}" for n in range(size.sent)), total], step
        assert counts(merge_at_google(emulator, sheet, tmp_path / f"{step} once more", file)) == size.after, step
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


# --- the list written again, its errors marked ------------------------------------------------------------


def marked(path: Path) -> dict[str, list[str]]:
    """Of each tab the coloured cells, and what the last column says."""
    book = load_workbook(path)
    cells = [(sheet, cell) for sheet in book for row in sheet.iter_rows() for cell in row]
    found: dict[str, list[str]] = {sheet.title: [] for sheet in book}
    for sheet, cell in cells:
        if cell.fill.fill_type == "solid":
            found[sheet.title].append(f"{cell.coordinate} {cell.fill.fgColor.rgb[-6:]}")
        elif cell.column == sheet.max_column and cell.value:
            found[sheet.title].append(f"{cell.coordinate} {str(cell.value)[:26]}")
    return found


WRONG = [
    {**SOUND, "Ngày sinh": "31/02/1985"},
    {**SOUND, "Họ và tên": "Lê Thị Bình", "Số CCCD": 79085000200},
    {**SOUND, "Họ và tên": "Võ Thị Lệ", "Ngày sinh": None, "Số CCCD": None},
]
MARKS = [
    *("L2 Cần sửa", f"B3 {FAULT_FILL}", "L3 Lỗi – Ngày sinh: “31/02/19"),
    *(f"D4 {TRIAL_FILL}", "L4 Cảnh báo – Số CCCD: số bị "),
    *(f"B5 {FAULT_FILL}", f"D5 {FAULT_FILL}", "L5 Không có số CCCD và ngày s"),
]


@pytest.mark.parametrize("kind", cross_section(["xlsx", "csv"], "xlsx"))
def test_a_list_goes_back_with_its_errors_marked(office: Office, tccb_here: Run, tmp_path: Path, kind: str) -> None:
    source = mailed(tmp_path / "wrong.xlsx", WRONG)
    if kind == "csv":
        sheet = load_workbook(source).worksheets[0]
        lines = [";".join(str(cell.value or "") for cell in row) for row in sheet.iter_rows()]
        source = tmp_path / "wrong.csv"
        source.write_text("\n".join(lines), "utf-8")
    before = source.read_bytes()
    arguments = ("import", str(office.path), str(source), "--unit", UNIT, "--marked", "out.xlsx", "--now", "2023-04-20")
    assert tccb_here(*arguments).status == 1
    assert list(marked(tmp_path / "out.xlsx").values()) == [MARKS]
    assert source.read_bytes() == before
    again = tccb_here(*arguments)
    assert (again.status, "out.xlsx" in again.stderr) == (2, True), "nothing that lies there is written over"


@pytest.mark.parametrize("name", cross_section([name for name, kept in LISTS.items() if kept.people], "official"))
def test_marks_stand_right_of_any_layout(name: str) -> None:
    kept = LISTS[name]
    tab = Tab("list", "list", kept.rows, merged=tuple(Merged(*area) for area in kept.merged))
    config = config_with([unit_line(UNIT)])
    table = find_unit_table(UNIT, tab, config)
    assert table is not None
    marks = marks_of(table, config.units[0], config, NOW, {})
    rights = [*map(len, kept.rows), *(area.right for area in tab.merged)]
    assert marks.column == max(rights) + 1
    assert marks.problems == ()
    assert {row for row, _ in marks.errors} <= set(marks.messages)


# --- forms ------------------------------------------------------------------------------------------------


def test_a_form_holds_its_unit_alone_and_comes_back(office: Office, tccb_here: Run, tmp_path: Path) -> None:
    done = tccb_here("init", str(office.path), "--form", UNIT, "--forms", "forms", "--now", "2023-04-20")
    assert (done.status, done.stderr) == (0, "")
    path = tmp_path / "forms" / f"{UNIT}.xlsx"
    book = load_workbook(path)
    assert book.sheetnames == [UNIT, "Hướng dẫn", "Danh mục"]
    sheet = book[UNIT]
    headers = [cell.value for cell in sheet[HEADER_ROW]]
    assert headers[:3] == ["STT", "Họ và tên", "Ngày sinh"]
    assert not {"Kết quả", "Việc cần làm", "Lỗi cần sửa"} & set(headers)
    assert sheet.max_row < 400
    assert not any(cell.value for row in sheet.iter_rows(min_row=HEADER_ROW + 1) for cell in row)
    kinds = {str(each.sqref).split(":")[0]: each.type for each in sheet.data_validations.dataValidation}
    assert (kinds["C4"], kinds["J4"]) == ("date", "list")
    cell = next(each for each in sheet.data_validations.dataValidation if str(each.sqref).startswith("J4"))
    title, _, cells = str(cell.formula1).replace("$", "").partition("!")
    assert [each[0].value for each in book[title.strip("'")][cells]][:2] == ["Đã có", "Đã làm, chờ cấp"]

    for row, each in enumerate(people(2), start=HEADER_ROW + 1):
        for column, header in enumerate(headers, start=1):
            sheet.cell(row, column, each.get(str(header)))
    sheet.cell(HEADER_ROW + 3, 2, "Võ Thị Lệ")
    sheet.cell(HEADER_ROW + 3, 5, "079185000999")
    book.save(path)
    found = import_lists(ExcelWorkbook(office.path), MemoryStore(), ImportRequest(UNIT, (path,), applies=True), CLOCK)
    assert (counts(found), found.applied) == ((1, 2, 0, 0), True), "two of them lacked a department"
    sheet.cell(2, next(cell.column for cell in sheet[2] if cell.value == "Tổng số người") + 1, 5)
    book.save(path)
    done = tccb_here("import", str(office.path), str(path), "--unit", UNIT)
    assert "Phần khai phía trên danh sách của tệp không được gộp" in done.stdout
    assert "“Tổng số người” là 5 (ô " in done.stdout


def test_a_form_that_lies_there_stays(office: Office, tccb_here: Run, tmp_path: Path) -> None:
    (tmp_path / f"{UNIT}.xlsx").write_bytes(b"filled in")
    done = tccb_here("init", str(office.path), "--form", UNIT)
    assert (done.status, (tmp_path / f"{UNIT}.xlsx").read_bytes()) == (1, b"filled in")
    refused = tccb_here("init", str(office.path), "--forms", "forms", "--without", "cccd")
    assert (refused.status, (tmp_path / "forms").exists()) == (2, False)
