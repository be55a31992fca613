"""A result that was put away stays what it was, whoever edits the workbook, and says when it was touched."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
import signal
import sys
from contextlib import closing
from datetime import timedelta
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from rich.console import Console

from automation.adapters.documents.frozen import frozen_workbook, holds_the_same, title_of
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.mail.transport import FileTransport
from automation.adapters.mail.writer import MailWriter
from automation.adapters.store.store import STORE_FILE, SqliteStore
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.mailing import Mailing
from automation.app.records.freeze import FreezeStore, Frozen, freeze, verify
from automation.base.errors import CannotStart
from automation.cli import freeze_report
from automation.core.config import tabs
from automation.core.model.freezes import FrozenNote
from automation.core.model.units import AtLeast
from automation.core.model.workbook import Cell
from automation.core.records.frozen import FrozenTable
from tests.app.records.office import FIRST, MORNING, UNIT, Office, settle
from tests.commands import Run
from tests.examples import cross_section
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore
from tests.patience import HANG_SECONDS

NAME = "Chốt cuối năm"


def put_away(office: Office, name: str = NAME, *, with_names: bool = True, store: FreezeStore | None = None) -> Frozen:
    clock, book = standing_clock(MORNING), ExcelWorkbook(office.path)
    return freeze(book, store or office.store, clock, name, office.path.parent, with_names=with_names)


def rows(path: Path, title: str) -> list[dict[str, object]]:
    lines = list(load_workbook(path)[title].iter_rows(values_only=True))
    return [dict(zip(map(str, lines[0]), line, strict=True)) for line in lines[1:]]


def pinned(office: Office) -> list[str]:
    sheet = load_workbook(office.path)[tabs.JOURNAL]
    return [str(row[3]) for row in sheet.iter_rows(values_only=True) if row[1] == "Chốt số liệu"]


def exempt(office: Office, row: int, reason: str) -> None:
    book = load_workbook(office.path)
    headers = [cell.value for cell in book[UNIT][FIRST - 1]]
    book[UNIT].cell(row, headers.index("Miễn, hoãn") + 1, reason)
    book.save(office.path)


def test_the_file_says_who_is_done_who_is_not_and_why(office: Office) -> None:
    exempt(office, FIRST, "Đã nghỉ hưu")
    found = put_away(office)
    assert found.file is not None
    assert found.file.name == "chot-cuoi-nam-2023-04-20.xlsx"
    people = rows(found.file, "Từng người")
    assert [each["Tính là"] for each in people] == ["không thuộc đối tượng", *["đã xong"] * 5]
    assert (people[0]["Miễn, hoãn"], people[1]["Họ và tên"]) == ("Đã nghỉ hưu", "Lê Văn Bn")
    assert str(people[1]["Ngày kích hoạt"])[:10] == "2023-03-20"
    (unit,) = rows(found.file, "Đơn vị")
    assert (unit["Hoàn thành"], unit["Thuộc đối tượng"], unit["Không thuộc đối tượng"]) == (5, 5, 1)
    assert {"cccd-trong", "xong"} <= {str(each["Mã"]) for each in rows(found.file, "Quy tắc, trạng thái, văn bản")}
    everything = str([list(sheet.values) for sheet in load_workbook(found.file)])
    assert "079085" not in everything


def test_why_somebody_is_not_done_names_what_has_to_be_corrected(office: Office) -> None:
    book = load_workbook(office.path)
    headers = [cell.value for cell in book[UNIT][FIRST - 1]]
    book[UNIT].cell(FIRST, headers.index("Số CCCD") + 1, "123456789")
    book.save(office.path)
    found = put_away(office)
    assert found.file is not None
    first = rows(found.file, "Từng người")[0]
    assert first["Tính là"] == "chưa xong"
    assert str(first["Vì sao chưa xong"]).count("nhập số định danh 12 số in trên thẻ CCCD") == 1
    assert "123456789" not in str(first)


@pytest.mark.parametrize(("headcount", "shown"), [(8, "General"), (None, '"≥ "#,##0;;"chưa rõ"')])
def test_of_a_unit_of_unknown_size_at_least_so_many_are_left(office: Office, headcount: int | None, shown: str) -> None:
    """A bare number stood there where everything else says "at least"; it is the same one to who compares the file."""
    book = load_workbook(office.path)
    (head,) = (cell for line in book[tabs.REGISTRY] for cell in line if cell.value == "Tổng số người")
    head.offset(1).value = headcount
    book.save(office.path)
    found = put_away(office)
    assert found.file is not None
    (unit,) = rows(found.file, "Đơn vị")
    assert unit["Chưa xong"] == (headcount or 6) - 6
    held = load_workbook(found.file)
    assert held["Đơn vị"].cell(2, list(unit).index("Chưa xong") + 1).number_format == shown
    (of_all,) = (line[1] for line in held["Tóm tắt"].iter_rows() if line[0].value == "Chưa xong")
    assert of_all.number_format == shown


def test_a_file_of_before_at_least_was_said_holds_the_same(tmp_path: Path) -> None:
    """Before an erasure the newest one is asked for: it would not have been found after an upgrade."""
    before, now = (FrozenTable("Đơn vị", ("Mã", "Chưa xong"), [("mot", left)]) for left in (3, AtLeast(3)))
    path = tmp_path / "before.xlsx"
    path.write_bytes(frozen_workbook([before], NAME, MORNING))
    assert path.read_bytes() != frozen_workbook([now], NAME, MORNING)
    assert holds_the_same(path, [now])


def test_without_names_nobody_is_named(office: Office) -> None:
    found = put_away(office, with_names=False)
    assert found.file is not None
    held = str([list(sheet.values) for sheet in load_workbook(found.file)])
    assert [mark for mark in ("Lê Văn", "@") if mark in held] == []
    named = put_away(office, "Bản có họ tên")
    assert named.file is not None
    assert "@example.org" in str([list(sheet.values) for sheet in load_workbook(named.file)])


def test_later_edits_change_nothing_and_a_touched_file_is_told(office: Office) -> None:
    found = put_away(office)
    assert found.file is not None
    before = found.file.read_bytes()
    office.leave(1)
    office.cycle(MORNING + timedelta(days=1))
    assert found.file.read_bytes() == before
    book = ExcelWorkbook(office.path)
    assert found.sha256 in verify(book, office.store, found.file).told
    moved = found.file.rename(found.file.with_name("gửi hội đồng.xlsx"))
    assert verify(book, office.store, moved).is_untouched
    moved.write_bytes(before[:-1] + b"x")
    assert not verify(book, office.store, moved).is_untouched


def type_a_line(office: Office, sha256: str) -> None:
    """As whoever opens the file can, where the bot wrote its own."""
    book = load_workbook(office.path)
    sheet = book[tabs.JOURNAL]
    row = next(row for row in sheet.iter_rows() if row[1].value == "Chốt số liệu")
    row[3].value = re.sub(r"[0-9a-f]{64}", sha256, str(row[3].value))
    book.save(office.path)


def test_a_folder_is_told_from_a_file_that_cannot_be_read(office: Office) -> None:
    with pytest.raises(CannotStart, match="là thư mục"):
        verify(ExcelWorkbook(office.path), office.store, office.path.parent)


def test_a_line_that_somebody_typed_into_the_journal_of_a_file_is_not_believed(office: Office) -> None:
    found = put_away(office)
    assert found.file is not None
    forged = found.file.with_name("forged.xlsx")
    forged.write_bytes(b"what somebody would like")
    type_a_line(office, hashlib.sha256(forged.read_bytes()).hexdigest())
    book = ExcelWorkbook(office.path)
    verdict = verify(book, office.store, forged)
    assert (bool(verdict.told), verdict.is_untouched) == (True, False)
    of_ours = verify(book, office.store, found.file)
    assert (of_ours.told, of_ours.is_untouched) == ("", True), "the state knows it"


@pytest.mark.parametrize(
    ("address", "has_state", "has_line", "said", "is_untouched"),
    [
        ("so.xlsx", True, True, "mã lưu trên máy này khi chốt “Chốt” lúc 08:00 20/04/2023, và trang", True),
        ("so.xlsx", True, False, "hiện không còn dòng", True),
        ("so.xlsx", False, True, "Chưa xác nhận được", False),
        ("so.xlsx", False, False, "đã bị sửa", False),
        ("abc_at_Google", False, True, "theo trang “Nhật ký”, trang chỉ quản trị", True),
        ("abc_at_Google", False, False, "đã bị sửa", False),
    ],
)
def test_what_is_said_of_a_file_tells_who_vouches_for_it(
    tmp_path: Path, address: str, has_state: bool, has_line: bool, said: str, is_untouched: bool
) -> None:
    file, store = tmp_path / "a.xlsx", MemoryStore()
    file.write_bytes(b"content")
    sha256 = hashlib.sha256(b"content").hexdigest()
    if has_state:
        store.note_frozen(FrozenNote(sha256, "Chốt", "a.xlsx", MORNING))
    line: list[Cell] = [MORNING, "Chốt số liệu", "a.xlsx", f"SHA-256 {sha256}."] if has_line else []
    book = MemoryWorkbook({tabs.JOURNAL: [list(tabs.HEADERS[tabs.JOURNAL]), line]}, address=address)
    verdict = verify(book, store, file)
    console = Console(file=StringIO(), width=1000)
    freeze_report.print_verdict(verdict, console)
    assert said in console.file.getvalue()  # type: ignore[attr-defined]
    assert verdict.is_untouched is is_untouched


def test_it_prints_on_few_pages_that_can_be_read(office: Office) -> None:
    found = put_away(office)
    assert found.file is not None
    for sheet in load_workbook(found.file):
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
            "landscape",
            1,
            0,
        )
        assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$1", None)
        widths = sum(sheet.column_dimensions[get_column_letter(each)].width for each in range(1, sheet.max_column + 1))
        assert widths < 250, "a page as wide as this prints letters of 6 points"
        assert all(cell.alignment.wrap_text for row in sheet.iter_rows() for cell in row if cell.value)


def test_the_line_in_the_journal_outlives_all_others(office: Office) -> None:
    found = put_away(office)
    book = load_workbook(office.path)
    sheet = book[tabs.JOURNAL]
    header = next(cell.row for cell in sheet["A"] if cell.value == "Thời điểm")
    sheet.insert_rows(header + 1, 400)
    for number in range(400):
        sheet.cell(header + 1 + number, 1, MORNING)
        for column, value in enumerate(("Cập nhật", "Tất cả", f"lần {number}"), start=2):
            sheet.cell(header + 1 + number, column, value)
    book.save(office.path)
    exempt(office, FIRST, "Đã nghỉ hưu")
    run_cycle(ExcelWorkbook(office.path), office.store, None, standing_clock(MORNING + timedelta(days=1)))
    lines = [row for row in load_workbook(office.path)[tabs.JOURNAL].iter_rows(values_only=True) if row[0]]
    assert len(lines) < 310, "with the headers and what stands above them"
    assert [found.sha256 in line for line in pinned(office)] == [True]


def test_of_mails_it_lists_those_of_its_campaign(office: Office) -> None:
    mailing = Mailing(MailWriter(), FileTransport(office.folder / "mails"))
    run_cycle(ExcelWorkbook(office.path), office.store, mailing, standing_clock(MORNING))
    listed = []
    for name, campaign in (("Đợt này", "vneid-2023"), ("Đợt sau", "dot-sau")):
        settle(office.path, "Mã chiến dịch", campaign)
        file = put_away(office, name).file
        assert file is not None
        listed.append(len([row for row in rows(file, "Thư đã gửi") if row["Mã thư"]]))
    assert (listed[0] > 0, listed[1]) == (True, 0)


def test_again_under_the_same_name_nothing_is_written(office: Office) -> None:
    found = put_away(office)
    office.leave(2)
    again = put_away(office)
    assert (again.is_new, again.sha256) == (False, found.sha256)
    assert len(pinned(office)) == 1


def test_with_names_and_without_are_two_files_in_either_order(office: Office) -> None:
    named, nameless, again = put_away(office), put_away(office, with_names=False), put_away(office)
    assert [named.is_new, nameless.is_new, again.is_new] == [True, True, False]
    assert nameless.file is not None
    assert nameless.file.name == "chot-cuoi-nam-khong-ten-2023-04-20.xlsx"
    assert "Lê Văn" not in str([list(sheet.values) for sheet in load_workbook(nameless.file)])
    assert put_away(office, "Khác", with_names=False).file != put_away(office, "Khác").file


@pytest.mark.parametrize(
    ("first", "second", "without"),
    cross_section(
        [("Chốt/1", "chot 1", False), ("A" * 90 + "1", "A" * 90 + "2", False), ("Chốt", "Chốt không tên", True)],
        ("Chốt/1", "chot 1", False),
    ),
)
def test_another_name_that_makes_the_same_file_name_is_refused(
    office: Office, first: str, second: str, without: bool
) -> None:
    found = put_away(office, first, with_names=not without)
    with pytest.raises(CannotStart, match="đặt tên khác"):
        put_away(office, second)
    assert len(pinned(office)) == 1
    assert put_away(office, first, with_names=not without).sha256 == found.sha256


def test_a_file_of_somebody_else_is_left_alone(office: Office) -> None:
    theirs = office.path.parent / "chot-cuoi-nam-2023-04-20.xlsx"
    theirs.write_bytes(b"theirs")
    with pytest.raises(CannotStart, match="không ghi đè"):
        put_away(office)
    assert theirs.read_bytes() == b"theirs"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_killed_at_every_step_the_next_run_ends_it(office: Office) -> None:
    before, kills = office.path.read_bytes(), 0
    for step in count(1, 4):
        worker = multiprocessing.get_context("fork").Process(target=_until, args=(office, step))
        worker.start()
        worker.join(HANG_SECONDS)
        with closing(state_of(office)) as store:
            found = put_away(office, store=store)
            assert found.file is not None
            assert found.problems == ()
            assert verify(ExcelWorkbook(office.path), store, found.file).is_untouched
        assert len(pinned(office)) == 1, step
        if worker.exitcode == 0:
            break
        assert worker.exitcode == -signal.SIGKILL
        kills += 1
        office.path.write_bytes(before)
        for path in office.path.parent.glob("chot*"):
            path.unlink()
    assert kills > 5


def state_of(office: Office) -> SqliteStore:
    return SqliteStore(office.folder / STORE_FILE)


def _until(office: Office, step: int) -> None:
    """Freezes, and is killed at the so many-th time that anything is done to a file."""
    steps = count(1)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        place = str(office.path.parent)
        if event.startswith(("open", "os.")) and place in str(arguments) and next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    with closing(state_of(office)) as store:
        put_away(office, store=store)


def test_the_command_freezes_and_verifies(office: Office, tccb_here: Run) -> None:
    at = ("--now", "2023-12-15T08:00")
    done = tccb_here("freeze", str(office.path), "--name", NAME, "--json", *at)
    found = json.loads(done.stdout)
    assert (done.status, found["new"]) == (0, True), done.stderr
    assert Path(found["file"]).name == "chot-cuoi-nam-2023-12-15.xlsx"
    checked = tccb_here("freeze", str(office.path), "--verify", found["file"])
    assert (checked.status, "nguyên vẹn" in checked.stdout) == (0, True)
    Path(found["file"]).write_bytes(b"x")
    assert tccb_here("freeze", str(office.path), "--verify", found["file"]).status == 1


def test_a_name_is_freed_of_what_no_file_may_hold(office: Office, tccb_here: Run) -> None:
    """A key that was hit by mistake, a letter of another encoding."""
    typed = "Chốt\x01 cuối\udcff năm\x0b"
    done = tccb_here("freeze", str(office.path), "--name", typed, "--json", "--now", "2023-12-15T08:00")
    assert done.status == 0, done.stderr
    assert title_of(Path(json.loads(done.stdout)["file"])) == "Chốt cuối năm, 15/12/2023"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--name"),
        (["--name", "\x01 "], "--name"),
        (["--name", "A", "--verify", "b.xlsx"], "--verify"),
        (["--verify", "b.xlsx"], "b.xlsx"),
    ],
)
def test_what_the_command_refuses(office: Office, tccb_here: Run, arguments: list[str], said: str) -> None:
    done = tccb_here("freeze", str(office.path), *arguments)
    assert (done.status, said in done.stderr, done.stderr.count("\n")) == (2, True, 1), done.stderr
