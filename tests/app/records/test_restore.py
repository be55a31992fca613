"""A unit's tab is damaged and had again, in a file and at Google: beside it, with its formulas, killed anywhere."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from datetime import datetime, timedelta
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pydantic import SecretStr
from rich.console import Console

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.spreadsheets import GoogleSpreadsheets, open_spreadsheets
from automation.adapters.store.copies import CopyFolder
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.records.copying import CopyKeeper
from automation.app.records.restore import RestoreOutcome, RestoreRequest, restore
from automation.base.errors import CannotStart
from automation.cli.restore_report import print_restore
from automation.core.config import tabs
from automation.core.config.identity import codes_of
from automation.core.records.copies import config_key
from automation.core.records.differences import Differences
from tests.app.records.office import FIRST, KEY, MORNING, UNIT, Office, contents, settle
from tests.commands import Run
from tests.emulator import Emulator, Spreadsheet
from tests.fakes_store import MemoryStore
from tests.google_world import HEADER_ROW, Worlds
from tests.patience import HANG_SECONDS
from tests.workbooks import SOUND


def test_what_the_tab_is_stands_in_two_lines_across_it(office: Office) -> None:
    office.cycle(MORNING)
    office.leave(2)
    (made,) = office.restore().restored
    sheet = load_workbook(office.path)[made.title]
    assert str(sheet.merged_cells) == "A1:H1"
    assert str(sheet["A1"].value).startswith("Bản sao của trang “mot”")


def test_what_was_lost_comes_back_in_a_tab_of_its_own(office: Office) -> None:
    office.cycle(MORNING)
    before = office.entered(UNIT)
    office.leave(2)
    office.cycle(MORNING + timedelta(hours=2))
    damaged = office.entered(UNIT)
    found = office.restore()
    (tab,) = found.restored
    assert (tab.lines, tab.is_new, tab.differences) == (6, True, Differences((6, 7, 8, 9), (), ()))
    assert office.titles[office.titles.index(UNIT) + 1] == tab.title == f"{UNIT} bản 20-04, 08g00"
    assert office.entered(tab.title) == before
    assert any(str(row[2]).startswith('="Khoa "') for row in office.entered(tab.title)), "a formula stays one"
    assert office.entered(UNIT) == damaged


@pytest.mark.slow
def test_what_was_overwritten_comes_back_although_the_damage_was_copied(office: Office, tccb_here: Run) -> None:
    office.cycle(MORNING)
    book = load_workbook(office.path)
    headers = [cell.value for cell in book[UNIT][HEADER_ROW]]
    for row in range(FIRST, FIRST + 6):
        book[UNIT].cell(row, headers.index("Họ và tên") + 1, "Lê Văn Xn")
    book.save(office.path)
    office.cycle(MORNING + timedelta(hours=2))
    assert len(office.copies.notes(UNIT)) == 2, "the damage is copied"
    (tab,) = office.restore().restored
    assert f"{tab.taken_at:%H:%M}" == "08:00"
    assert tab.differences is not None
    assert len(tab.differences.changed) == 6
    alike = tccb_here("restore", str(office.path), "--unit", UNIT, "--as-of", "2023-04-20T11:00")
    assert "đang giống bản sao này" in alike.stdout
    assert "chép các dòng" not in alike.stdout


def test_run_again_nothing_more_is_written_whatever_people_made_of_the_tab(office: Office) -> None:
    office.cycle(MORNING)
    office.leave(2)
    (tab,) = office.restore().restored
    book = load_workbook(office.path)
    book[tab.title].cell(FIRST, 3, "Người khác")
    book.save(office.path)
    saved = office.path.read_bytes()
    (again,) = office.restore().restored
    assert (again.title, again.is_new) == (tab.title, False)
    assert office.path.read_bytes() == saved
    told = StringIO()
    print_restore(office.restore(), Console(file=told, width=1000))
    assert "ở lần chạy trước nên không ghi thêm" in told.getvalue()
    assert "xóa trang, rồi chạy lại" in told.getvalue(), "what stands there now is theirs"


def test_a_tab_of_that_title_is_never_written_over(office: Office) -> None:
    office.cycle(MORNING)
    book = load_workbook(office.path)
    book.create_sheet(f"{UNIT} bản 20-04, 08g00")["A1"] = "của người khác"
    book.save(office.path)
    office.leave(2)
    (tab,) = office.restore().restored
    assert tab.title == f"{UNIT} bản 20-04, 08g00 (2)"
    assert load_workbook(office.path)[f"{UNIT} bản 20-04, 08g00"]["A1"].value == "của người khác"


def test_a_restored_tab_is_nobodys_list(office: Office) -> None:
    office.cycle(MORNING)
    office.leave(2)
    office.restore()
    report = run_cycle(ExcelWorkbook(office.path), office.store, None, standing_clock(MORNING + timedelta(hours=3)))
    assert report.judged is not None
    assert (report.judged.standings[0].rows, [each.where for each in report.problems if "bản" in each.where]) == (2, [])


@pytest.mark.slow
def test_each_hour_has_its_copy_and_each_moment_its_own(office: Office) -> None:
    office.cycle(MORNING)
    office.leave(5)
    office.cycle(MORNING + timedelta(minutes=30))  # too soon
    office.leave(4)
    office.cycle(MORNING + timedelta(minutes=70))
    office.cycle(MORNING + timedelta(hours=5))  # nothing changed
    listed = office.restore(only_lists=True).listed
    assert [(f"{each.taken_at:%H:%M}", each.lines) for each in listed] == [("09:10", 4), ("08:00", 6)]
    (tab,) = office.restore(as_of=datetime(2023, 4, 20, 9, 0)).restored
    assert (tab.lines, f"{tab.taken_at:%H:%M}") == (6, "08:00")
    with pytest.raises(CannotStart, match="08:00 20/04/2023"):
        office.restore(as_of=datetime(2023, 4, 20, 7, 0))
    assert len(office.restore(only_lists=True, now=datetime(2023, 4, 20, 9, 0)).listed) == 1
    (tab,) = office.restore(now=datetime(2023, 4, 20, 8, 30)).restored
    assert f"{tab.taken_at:%H:%M}" == "08:00"
    for asked in ({}, {"unit": ""}, {"only_lists": True}):
        with pytest.raises(CannotStart, match=r"08:00 20/04/2023\. Đề nghị bỏ --now"):
            office.restore(now=datetime(2023, 4, 20, 7, 0), **asked)


def test_no_copy_is_kept_where_the_admin_wants_none(office: Office) -> None:
    office.cycle(MORNING)
    assert office.copies.notes(UNIT)
    settle(office.path, "Lưu bản sao", 0)
    office.cycle(MORNING + timedelta(minutes=15))
    assert list(office.copies.kept_of()) == [UNIT] or not office.copies.notes(UNIT)
    with pytest.raises(CannotStart, match="Lưu bản sao"):
        office.restore()


def test_copies_lose_a_field_that_is_switched_off(office: Office) -> None:
    office.cycle(MORNING)
    settle(office.path, "cccd", "Không", tabs.FIELDS, 7)
    office.cycle(MORNING + timedelta(minutes=15))
    (note,) = office.copies.notes(UNIT)
    copy = office.copies.read(note)
    assert copy is not None
    assert not any(str(cell).startswith("079085") for row in copy.rows for cell in row)


@pytest.mark.slow
def test_encrypted_copies_wait_for_their_key_when_a_field_is_switched_off(made: bytes, tmp_path: Path) -> None:
    office = Office(tmp_path, KEY)
    office.path.write_bytes(made)
    office.cycle(MORNING)
    settle(office.path, "cccd", "Không", tabs.FIELDS, 7)
    office.key = None
    for minutes in (15, 30):
        told = [each for each in office.cycle(MORNING + timedelta(minutes=minutes)) if each.where == "Bản sao"]
        assert ["1 bản sao" in each.what and "TCCB_COPIES_KEY" in each.fix for each in told] == [True]
    office.key = KEY
    assert not [each for each in office.cycle(MORNING + timedelta(minutes=45)) if each.where == "Bản sao"]
    copy = office.copies.read(office.copies.notes(UNIT)[0])
    assert copy is not None
    assert len(list(copy.people)) == 6
    assert not any(str(cell).startswith("079085") for row in copy.rows for cell in row)


def test_copies_lie_encrypted_where_a_key_is_set(made: bytes, tmp_path: Path) -> None:
    office = Office(tmp_path, KEY)
    office.path.write_bytes(made)
    office.cycle(MORNING)
    assert b"079085" not in contents(office.folder)
    office.leave(2)
    office.key = SecretStr("another sentence, just as long")
    with pytest.raises(CannotStart, match="TCCB_COPIES_KEY"):
        office.restore()
    office.key = KEY
    assert office.restore().restored[0].lines == 6
    plain = Office(tmp_path / "plain")
    plain.folder.mkdir(parents=True)
    plain.path.write_bytes(made)
    plain.cycle(MORNING)
    assert b"079085000001" in contents(plain.folder), "or else the search would find nothing anywhere"


def test_the_config_tabs_come_back_too(office: Office) -> None:
    office.cycle(MORNING)
    settle(office.path, "Chỉ tiêu (%)", 55)
    office.cycle(MORNING + timedelta(hours=2))
    found = office.restore(unit="")
    assert [tab.source for tab in found.restored] == [tabs.SETTINGS]
    rows = load_workbook(office.path)[found.restored[0].title].iter_rows(values_only=True)
    assert {row[0]: row[1] for row in rows}["Chỉ tiêu (%)"] == "100"
    assert len(office.copies.notes(config_key(tabs.SETTINGS))) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("what", ["cycle", "restore"])
@pytest.mark.slow
def test_killed_at_every_step_the_next_run_is_as_if_never_killed(office: Office, what: str) -> None:
    if what == "restore":
        office.cycle(MORNING)
        office.leave(2)
    before, kills = office.path.read_bytes(), 0
    for step in count(1, 4):  # many a second, each like its neighbours
        worker = multiprocessing.get_context("fork").Process(target=_until, args=(office, what, step))
        worker.start()
        worker.join(HANG_SECONDS)
        if what == "cycle":
            office.cycle(MORNING)
            copies = office.copies
            assert [getattr(copies.read(note), "header_row", None) for note in copies.notes(UNIT)] == [HEADER_ROW], step
            assert not list(office.folder.rglob(".*")), step
        else:
            assert office.restore().restored[0].title == f"{UNIT} bản 20-04, 08g00"
            assert len([title for title in office.titles if f"{UNIT} bản" in title]) == 1, step
            assert len(office.entered(f"{UNIT} bản 20-04, 08g00")) == 6
        if worker.exitcode == 0:
            break
        assert worker.exitcode == -signal.SIGKILL
        kills += 1
        office.path.write_bytes(before)
        if what == "cycle":
            _empty(office.folder)
    assert kills > 3


def _empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def _until(office: Office, what: str, step: int) -> None:
    """The work, killed at the so many-th time that anything is done to a file it writes."""
    steps = count(1)
    place = str(office.folder if what == "cycle" else office.path.parent)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(("open", "os.", "tempfile")) and place in str(arguments) and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    office.cycle(MORNING) if what == "cycle" else office.restore()


# --- at Google --------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The program is gone."""


class Shared:
    """A spreadsheet at Google with three people of the unit, one with a formula."""

    def __init__(self, emulator: Emulator, sheet: Spreadsheet, folder: Path) -> None:
        self.emulator, self.sheet, self.folder = emulator, sheet, folder
        self.store = MemoryStore()
        self.copies = CopyFolder(folder / "copies")

    def book(self, dies_at: int = 0) -> GoogleSpreadsheets:
        looks = count(1)

        def clock() -> float:
            if (look := next(looks)) == dies_at:
                raise Killed
            return 1_700_000_000.0 + look

        api = connect(emulator_host=self.emulator.host, throttle=Throttle(clock, lambda _: None))
        return open_spreadsheets(api, SpreadsheetAddress(self.sheet.id, self.sheet.url), self.folder, codes_of)

    def cycle(self, at: datetime) -> None:
        run_cycle(self.book(), self.store, None, standing_clock(at), keeper=CopyKeeper(self.copies))

    def restore(self, dies_at: int = 0) -> RestoreOutcome:
        return restore(self.book(dies_at), self.store, CopyFolder(self.folder / "copies"), RestoreRequest(UNIT))


@pytest.fixture
def shared(emulator: Emulator, worlds: Worlds, tmp_path: Path) -> Shared:
    sheet = worlds._copy()
    headers = [str(cell) for cell in sheet.rows(UNIT)[HEADER_ROW - 1]]
    people = [{**SOUND, "Họ và tên": f"Lê Văn {'ABC'[n]}n", "Số CCCD": f"07908500000{n}"} for n in range(3)]
    rows = [[each.get(header) for header in headers] for each in people]
    sheet.human.paste(UNIT, FIRST, 1, rows, plain=True)
    sheet.human.type(UNIT, FIRST, headers.index("Ngày sinh") + 1, "=45000+90")
    found = Shared(emulator, sheet, tmp_path)
    found.cycle(MORNING)
    sheet.human.delete_rows(UNIT, FIRST + 1, FIRST + 2)
    return found


@pytest.mark.slow
def test_at_google_a_formula_comes_back_as_one(shared: Shared) -> None:
    (tab,) = shared.restore().restored
    assert (tab.lines, tab.is_new) == (3, True)
    titles = shared.sheet.titles()
    assert titles[titles.index(UNIT) + 1] == tab.title
    entered = shared.sheet.entered(tab.title)
    assert "=45000+90" in entered[FIRST - 1]
    column = entered[HEADER_ROW - 1].index("Số CCCD")
    assert [row[column] for row in entered[FIRST - 1 :]] == [f"07908500000{n}" for n in range(3)]
    assert shared.restore().restored[0].is_new is False
    shared.cycle(MORNING + timedelta(hours=2))
    assert len(shared.sheet.titles()) == len(titles)


def test_at_google_the_admin_may_remove_a_copy_of_a_config_tab(shared: Shared) -> None:
    """Who cannot edit what is protected there cannot delete the tab, as its first line asks."""
    row = next(n for n, line in enumerate(shared.sheet.rows(tabs.SETTINGS), start=1) if line and line[0] == "Căn cứ")
    shared.sheet.human.type(tabs.SETTINGS, row, 2, "văn bản khác")
    shared.cycle(MORNING + timedelta(hours=2))
    restored = restore(shared.book(), shared.store, shared.copies, RestoreRequest(as_of=MORNING)).restored
    (title,) = (each.title for each in restored)
    (closed,) = shared.sheet.protections(title)
    assert "quan-tri@example.org" in closed["editors"]["users"]


def test_half_of_a_pair_in_a_cell_is_kept_and_ends_no_cycle(shared: Shared) -> None:
    """What `=LEFT` makes of a picture: no text may hold it, and what Google sends does."""
    column = shared.sheet.rows(UNIT)[HEADER_ROW - 1].index("Họ và tên") + 1
    shared.sheet.human.type(UNIT, FIRST, column, "Lê Văn\ud83d An")
    shared.cycle(MORNING + timedelta(hours=2))
    *_, newest = shared.copies.notes(UNIT)
    copy = CopyFolder(shared.folder / "copies").read(newest)
    assert copy is not None
    assert any("Lê Văn\ud83d An" in row for row in copy.rows)


@pytest.mark.slow
def test_at_google_killed_at_every_request_the_next_run_ends_it(shared: Shared) -> None:
    begun, kills = shared.sheet.document.book.draft(), 0
    for step in count(1):
        shared.sheet.document.book = begun.draft()
        try:
            shared.restore(step)
        except Killed:
            kills += 1
            (tab,) = shared.restore().restored
        else:
            break
        restored = [title for title in shared.sheet.titles() if f"{UNIT} bản" in title]
        assert restored == [f"{UNIT} bản 20-04, 08g00"] == [tab.title], step
        assert len(shared.sheet.entered(tab.title)) == FIRST + 2
    assert kills > 3


# --- the command ------------------------------------------------------------------------------------------


def test_the_command_lists_and_restores_and_shows_nobody(office: Office, tccb_here: Run) -> None:
    office.cycle(MORNING)
    office.leave(2)
    listed = tccb_here("restore", str(office.path), "--unit", UNIT, "--list")
    assert (listed.status, "08:00 20/04/2023" in listed.stdout) == (0, True)
    assert not any(f"{UNIT} bản" in title for title in office.titles)
    done = tccb_here("restore", str(office.path), "--unit", UNIT)
    assert (done.status, done.stderr) == (0, "")
    assert "Chỉ có trong bản sao: 4 dòng (6, 7, 8, 9)." in done.stdout
    assert "079085" not in done.stdout
    assert "Lê Văn" not in done.stdout
    again = json.loads(tccb_here("restore", str(office.path), "--unit", UNIT, "--json").stdout)
    assert again["restored"][0]["new"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--unit"),
        (["--unit", "hai"], "hai"),
        (["--unit", UNIT, "--config"], "--config"),
        (["--unit", UNIT, "--as-of", "hôm qua"], '--as-of không đọc được "hôm qua"'),
        (["--unit", UNIT, "--as-of", "09:00"], '--as-of không đọc được "09:00"'),
        (["--unit", UNIT], "so.tccb/copies. Bản sao có từ"),
        (["--config"], "so.tccb/copies. Bản sao có từ"),
    ],
)
def test_what_the_command_refuses(office: Office, tccb_here: Run, arguments: list[str], said: str) -> None:
    done = tccb_here("restore", str(office.path), *arguments)
    assert (done.status, said in done.stderr, done.stderr.count("\n")) == (2, True, 1), done.stderr
    assert not office.folder.exists()


def test_doctor_says_that_copies_lie_in_clear(office: Office, tccb_here: Run) -> None:
    tccb_here("run", str(office.path), "--once", "--no-mail", "--now", "2023-04-20T08:00")
    assert "không được mã hóa" in tccb_here("doctor", str(office.path)).stdout
    assert tccb_here("run", str(office.path), "--once", TCCB_COPIES_KEY="short").status == 2
