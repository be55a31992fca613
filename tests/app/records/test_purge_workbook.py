"""Lists go out of the workbook itself only after a freeze of the present state, and then wholly: headers, what is said
of the unit and its figures stay; whatever is typed meanwhile stays; killed anywhere, the next run ends it.
"""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from openpyxl import load_workbook

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.holdings import Holdings
from automation.adapters.mail.transport import FileTransport
from automation.adapters.mail.writer import MailWriter
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.lists.importing import ImportRequest, import_lists
from automation.app.mailing import Mailing
from automation.base.errors import CannotStart
from automation.cli.purge_report import as_json
from automation.core.config import tabs
from automation.core.records.purging import Holding, Purge
from tests.app.records.desk import NAMES, NUMBERS, PHONES, Desk
from tests.app.records.office import FIRST, MORNING, UNIT, settle
from tests.commands import Run

slow = partial(pytest.param, marks=pytest.mark.slow)
EVERYTHING = (NAMES, NUMBERS, PHONES)


def cell(desk: Desk, row: int, header: str) -> object:
    sheet = load_workbook(desk.path)[UNIT]
    headers = [each.value for each in sheet[FIRST - 1]]
    return sheet.cell(row, headers.index(header) + 1).value


def type_in(desk: Desk, row: int, header: str, value: str) -> None:
    book = load_workbook(desk.path)
    headers = [each.value for each in book[UNIT][FIRST - 1]]
    book[UNIT].cell(row, headers.index(header) + 1, value)
    book.save(desk.path)


def switch_off(desk: Desk, header: str) -> None:
    lines = list(load_workbook(desk.path)[tabs.FIELDS].iter_rows(values_only=True))
    headers, line = (next(each for each in lines if word in each) for word in ("Dùng", header))
    settle(desk.path, str(line[0]), "Không", tabs.FIELDS, headers.index("Dùng") + 1)


def test_nothing_goes_without_a_freeze_of_what_stands_there_now(desk: Desk) -> None:
    before = desk.path.read_bytes()
    shown = desk.purge(workbook=True, applies=False)
    assert (shown.counts or {})[Holding.LINES] == 50
    assert "tccb freeze" in shown.problems[0].fix
    with pytest.raises(CannotStart, match="tccb freeze"):
        desk.purge(workbook=True)
    assert desk.path.read_bytes() == before
    assert desk.found(NUMBERS) == 50


@pytest.mark.parametrize("spoiled", ["edited workbook", slow("edited file"), slow("lost file")])
def test_a_freeze_that_no_longer_tells_is_none(desk: Desk, spoiled: str) -> None:
    file = desk.freeze().file
    assert file is not None
    if spoiled == "edited workbook":
        type_in(desk, FIRST, "Tình trạng tài khoản", "Đã kích hoạt và đăng nhập")
    elif spoiled == "edited file":
        file.write_bytes(file.read_bytes() + b"\n")
    else:
        file.unlink()
    with pytest.raises(CannotStart, match="tccb freeze"):
        desk.purge(workbook=True)
    assert desk.found_in_workbook(NUMBERS) == 50


@pytest.mark.parametrize("with_names", [True, slow(False)])
def test_after_it_no_part_of_the_file_holds_anything_of_anybody(desk: Desk, with_names: bool) -> None:
    frozen = desk.freeze(with_names=with_names)
    above = [[each.value for each in row] for row in load_workbook(desk.path)[UNIT].iter_rows(max_row=FIRST - 1)]
    assert [desk.found_in_workbook(planted) for planted in EVERYTHING] == [50, 50, 50]
    done = desk.purge(workbook=True)
    assert (done.problems, (done.counts or {})[Holding.LINES]) == ((), 50)
    assert [desk.found_in_workbook(planted) for planted in EVERYTHING] == [1, 0, 0], "the registry names one"
    assert [desk.found(planted) for planted in EVERYTHING] == [0, 0, 0]
    assert [
        [each.value for each in row] for row in load_workbook(desk.path)[UNIT].iter_rows(max_row=FIRST - 1)
    ] == above
    assert done.certificate is not None
    said = done.certificate.read_text("utf-8")
    assert frozen.sha256 in said
    assert "Dòng danh sách ở bảng tính: 50" in said
    assert done.certificate.name in str(load_workbook(desk.path)[UNIT].cell(FIRST, 1).value)
    assert desk.purge(workbook=True).certificate is None, "nothing was left"


def test_the_unit_keeps_its_figures_and_nobody_is_mailed_about_it(desk: Desk) -> None:
    type_in(desk, FIRST, "Tình trạng tài khoản", "Đã kích hoạt và đăng nhập")  # which no cycle sees
    desk.freeze()
    desk.purge(workbook=True)
    mailed, transport = desk.folder / "mails", FileTransport(desk.folder / "mails")
    with closing(desk.state) as store:
        mailing = Mailing(MailWriter(), transport)
        found = run_cycle(ExcelWorkbook(desk.path), store, mailing, standing_clock(MORNING.replace(day=27)))
        assert found.judged is not None
        (standing,) = found.judged.standings
        assert (standing.known, standing.rows, standing.done) == (False, 50, 1)
        assert [each.what for each in found.problems if each.needs_person] == []
        again = run_cycle(ExcelWorkbook(desk.path), store, mailing, standing_clock(MORNING.replace(day=27)))
        assert again.cells_written == 0
    assert not [path for path in mailed.glob("*.eml") if UNIT in path.name]


@pytest.mark.slow
def test_in_the_journal_and_a_freeze_it_is_nobodys_task(desk: Desk) -> None:
    desk.freeze()
    desk.purge(workbook=True)
    with closing(desk.state) as store:
        run_cycle(ExcelWorkbook(desk.path), store, None, standing_clock(MORNING.replace(day=27)))
    told = list(load_workbook(desk.path)[tabs.JOURNAL].iter_rows(values_only=True))
    assert [row[1] for row in told if "đã được xóa" in str(row)] == ["Cho biết"]
    file = desk.freeze("Sau khi xóa").file
    assert file is not None
    said = {row[0]: row[1] for sheet in load_workbook(file) for row in sheet.iter_rows(max_col=2, values_only=True)}
    assert said["Trong đó chưa đọc được"] == 0


@pytest.mark.slow
def test_in_the_next_campaign_it_is_a_list_without_people(desk: Desk) -> None:
    desk.freeze()
    desk.purge(workbook=True)
    for setting, value in {"Mã chiến dịch": "dot-sau", "Hạn hoàn thành": "30/12/2023"}.items():
        settle(desk.path, setting, value)
    begins = MORNING.replace(month=10, day=2)
    mailing = Mailing(MailWriter(), FileTransport(desk.folder / "mails"))
    with closing(desk.state) as store:
        for at in (begins, begins + timedelta(hours=1), begins + timedelta(days=1)):
            found = run_cycle(ExcelWorkbook(desk.path), store, mailing, standing_clock(at))
            assert found.judged is not None
            (standing,) = found.judged.standings
            assert (standing.known, standing.rows, standing.rate) == (True, 0, 0.0)
        assert run_cycle(ExcelWorkbook(desk.path), store, None, standing_clock(at)).cells_written == 0
    kicked_off = [path.name for path in (desk.folder / "mails").glob("*_bat-dau_*")]
    assert [name.split("_")[2] for name in kicked_off] == [UNIT], "once"


@pytest.mark.slow
def test_a_list_that_is_mailed_in_afterwards_is_merged_once(desk: Desk) -> None:
    desk.freeze()
    desk.purge(workbook=True)
    mailed = desk.path.with_name("mailed.csv")
    mailed.write_text("STT,Họ và tên,Ngày sinh,Giới tính,Đối tượng\n1,Lê Thị Mới,15/03/1985,Nữ,Viên chức\n", "utf-8")
    request = ImportRequest(UNIT, (mailed,), applies=True)
    with closing(desk.state) as store:
        for _ in range(2):
            assert import_lists(ExcelWorkbook(desk.path), store, request, standing_clock(MORNING)).problems == ()
        found = run_cycle(ExcelWorkbook(desk.path), store, None, standing_clock(MORNING))
    assert found.judged is not None
    assert (found.judged.standings[0].known, found.judged.standings[0].rows) == (True, 1)


@pytest.mark.slow
def test_a_list_that_is_typed_anew_is_read_again(desk: Desk) -> None:
    desk.freeze()
    desk.purge(workbook=True)
    type_in(desk, FIRST + 1, "Họ và tên", "Lê Thị Mới")
    with closing(desk.state) as store:
        found = run_cycle(ExcelWorkbook(desk.path), store, None, standing_clock(MORNING))
    assert found.judged is not None
    assert found.judged.standings[0].known


def test_a_field_goes_once_it_is_switched_off(desk: Desk) -> None:
    with pytest.raises(CannotStart, match="Cột dữ liệu"):
        desk.purge(field="Điện thoại", workbook=True)
    switch_off(desk, "Điện thoại")
    desk.freeze()
    done = desk.purge(field="Điện thoại", workbook=True)
    assert (done.problems, (done.counts or {})[Holding.LINES]) == ((), 50)
    assert [desk.found_in_workbook(planted) for planted in EVERYTHING] == [50, 50, 0]
    assert (cell(desk, FIRST - 1, "Điện thoại"), cell(desk, FIRST, "Họ và tên")) == ("Điện thoại", NAMES[0])


@pytest.mark.slow
def test_tabs_of_restored_copies_go_and_tabs_of_nobody_are_named(desk: Desk) -> None:
    desk.restore()
    book = load_workbook(desk.path)
    book.create_sheet("Danh sách tạm")["A1"] = "bất kỳ"
    book.save(desk.path)
    desk.freeze()
    done = desk.purge(unit=UNIT, workbook=True)
    assert [desk.found_in_workbook(planted) for planted in EVERYTHING] == [1, 0, 0]
    assert done.certificate is not None
    assert "Danh sách tạm" in done.certificate.read_text("utf-8")


def spoil_headers(desk: Desk, title: str = UNIT) -> None:
    book = load_workbook(desk.path)
    for cell in book[title][FIRST - 1]:
        cell.value = None
    book.save(desk.path)


def test_where_no_list_can_be_read_nothing_goes_not_even_its_copies(desk: Desk) -> None:
    spoil_headers(desk)
    desk.freeze()
    with pytest.raises(CannotStart, match=f"Chưa xóa gì.*{UNIT}"):
        desk.purge(unit=UNIT, workbook=True)
    assert [desk.found(planted) for planted in EVERYTHING] == [50, 50, 50]


def test_a_list_that_cannot_be_read_is_named_as_left_and_never_said_to_be_gone(desk: Desk, tccb_here: Run) -> None:
    desk.restore()  # whose tab can be read
    spoil_headers(desk)
    desk.freeze()
    done = tccb_here("purge", str(desk.path), "--all", "--workbook", "--apply", "--now", "2023-04-20T08:00")
    assert done.status == 1, done
    (certificate,) = (desk.folder / "certificates").iterdir()
    for said in (" ".join(done.stdout.split()), certificate.read_text("utf-8")):
        assert "CHƯA xóa" in said
        assert f"Đơn vị Một, trang “{UNIT}”" in said
        assert "Danh sách ở bảng tính đã xóa" not in said
        assert "không còn dữ liệu của từng người" not in said


@pytest.mark.parametrize("applies", [False, True])
def test_whoever_reads_json_sees_which_lists_could_not_be_read(desk: Desk, *, applies: bool) -> None:
    desk.restore()  # whose tab can be read
    spoil_headers(desk)
    desk.freeze()
    found = as_json(desk.purge(workbook=True, applies=applies), applies=applies)
    assert (found["unread"], found["applied"]) == ([f"Đơn vị Một, trang “{UNIT}”"], applies)


class _Killed(BaseException):
    """As kill -9: nothing tidies up."""


class _Killing(Holdings):
    """Ends the process at one of the steps that come after the workbook."""

    step = ""

    def remove(self, scope: object) -> None:
        self._at("remove")
        super().remove(scope)  # type: ignore[arg-type]

    def certify(self, purge: Purge) -> Path:
        self._at("certify")
        return super().certify(purge)

    def end(self) -> None:
        self._at("end")
        super().end()

    def _at(self, step: str) -> None:
        if step == self.step:
            raise _Killed


def killed_at(desk: Desk, step: str) -> None:
    desk.holdings = type("At", (_Killing,), {"step": step})
    with pytest.raises(_Killed):
        desk.purge(workbook=True)
    desk.holdings = Holdings


@pytest.mark.parametrize("step", ["remove", slow("certify"), slow("end")])
def test_cut_short_after_the_workbook_the_next_run_ends_it(desk: Desk, step: str) -> None:
    desk.freeze()
    killed_at(desk, step)
    done = desk.purge(workbook=True)
    assert (done.problems, (done.counts or {})[Holding.LINES]) == ((), 50)
    assert [desk.found_in_workbook(planted) for planted in EVERYTHING] == [1, 0, 0]
    (certificate,) = (desk.folder / "certificates").iterdir()
    assert "Dòng danh sách ở bảng tính: 50" in certificate.read_text("utf-8")
    assert not (desk.folder / "purging.json").exists()


def test_what_is_typed_after_it_was_cut_short_stays_and_is_told(desk: Desk) -> None:
    desk.freeze()
    at_once = desk.path.read_bytes()
    killed_at(desk, "remove")
    desk.path.write_bytes(at_once)  # as if it had been killed before the workbook
    type_in(desk, FIRST, "Họ và tên", "Lê Thị Sau")
    done = desk.purge(workbook=True)
    assert [each.what for each in done.problems] == [
        f"Các dòng {FIRST} có nội dung mới so với lúc bắt đầu xóa nên được giữ lại."
    ]
    assert (cell(desk, FIRST, "Họ và tên"), cell(desk, FIRST + 1, "Họ và tên")) == ("Lê Thị Sau", None)
    assert (done.counts or {})[Holding.LINES] == 49
    assert done.certificate is not None
    assert "1 dòng danh sách ở bảng tính" in done.certificate.read_text("utf-8")


def test_the_command(desk: Desk, tccb_here: Run) -> None:
    desk.freeze()
    shown = tccb_here("purge", str(desk.path), "--workbook", "--now", "2023-04-20T08:00")
    assert (shown.status, "50 dòng danh sách ở bảng tính" in shown.stdout) == (0, True), shown
    done = tccb_here("purge", str(desk.path), "--all", "--workbook", "--apply", "--json", "--now", "2023-04-20T08:00")
    assert (done.status, json.loads(done.stdout)["counts"]["lines"]) == (0, 50), done
    assert desk.found_in_workbook(NUMBERS) == 0
