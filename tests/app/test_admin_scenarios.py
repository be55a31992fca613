"""An admin rewrites the rules with nothing but the tabs of a real workbook; each change has its exact effect."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from automation.app.clock import standing_clock
from automation.cli import commands
from automation.core.config import tabs
from automation.core.model.workbook import Cell
from tests.app.test_init import choices
from tests.core.facts import (
    BORN,
    CARD,
    CATEGORY,
    DEPARTMENT,
    EXEMPTION,
    ISSUED,
    LEVEL,
    NAME,
    NUMBER,
    PHONE,
    STAGE,
    UNTIL,
)
from tests.workbooks import SOUND

CLOCK = standing_clock(datetime(2023, 4, 20, 8, 0))
"""Seven working days before the deadline."""
UNITS = "Mã,Tên đơn vị,Trang tính,Email đầu mối\nbv-a,Bệnh viện A,BV A,a@example.org\n"
UNIT_TAB = "BV A"
HEADER_ROW = 3
ERROR, OPEN = "loi", "chua-dang-ky"

Change = Callable[[Book], None]


def columns(sheet: Worksheet) -> dict[str, int]:
    headers = next(sheet.iter_rows(min_row=HEADER_ROW, max_row=HEADER_ROW, values_only=True))
    return {str(header): column for column, header in enumerate(headers, start=1) if header is not None}


def next_line(sheet: Worksheet) -> int:
    lines = enumerate(sheet.iter_rows(min_row=HEADER_ROW, values_only=True), start=HEADER_ROW)
    return max(number for number, line in lines if any(line)) + 1


def cell(title: str, key: str, header: str, value: Cell) -> Change:
    """Set the cell below `header` in the line that has `key` in one of its first two columns."""

    def change(book: Book) -> None:
        sheet = book[title]
        lines = enumerate(sheet.iter_rows(min_row=HEADER_ROW, values_only=True), start=HEADER_ROW)
        sheet.cell(next(number for number, line in lines if key in line[:2]), columns(sheet)[header]).value = value

    return change


def new_line(title: str, cells: Mapping[str, Cell]) -> Change:
    """Type a line below all others."""

    def change(book: Book) -> None:
        sheet = book[title]
        number, places = next_line(sheet), columns(sheet)
        for header, value in cells.items():
            sheet.cell(number, places[header]).value = value

    return change


def person(**cells: Cell) -> Change:
    """A sound person with some cells changed, entered into the unit's tab; headers are given as in `HEADERS`."""
    return new_line(UNIT_TAB, {**SOUND, **{HEADERS[name]: value for name, value in cells.items()}})


HEADERS = {
    "name": NAME,
    "born": BORN,
    "number": NUMBER,
    "category": CATEGORY,
    "department": DEPARTMENT,
    "phone": PHONE,
    "card": CARD,
    "issued": ISSUED,
    "level": LEVEL,
    "stage": STAGE,
    "exemption": EXEMPTION,
    "until": UNTIL,
}


def everywhere(title: str, old: str, new: str) -> Change:
    """Replace a word in all lines of a tab, as with Ctrl+H."""

    def change(book: Book) -> None:
        for line in book[title].iter_rows(min_row=HEADER_ROW + 1):
            for each in line:
                if isinstance(each.value, str) and old in each.value:
                    each.value = each.value.replace(old, new)

    return change


class Office(Struct):
    """The workbook as the admin works with it, open in a program of theirs."""

    path: Path
    output: pytest.CaptureFixture[str]
    _open: Book | None = None
    _checked: dict[str, Any] | None = None

    def edit(self, *changes: Change) -> None:
        self._open, self._checked = self._open or load_workbook(self.path), None
        for change in changes:
            change(self._open)
        self._open.save(self.path)

    def init(self) -> int:
        self._open = self._checked = None
        status = commands.init(str(self.path), None)
        self.output.readouterr()
        return status

    def check(self) -> dict[str, Any]:
        """What `tccb check --json` prints of the workbook as it stands."""
        if self._checked is None:
            commands.check(str(self.path), CLOCK, as_json=True)
            self._checked = json.loads(self.output.readouterr().out)
        assert self._checked is not None
        return self._checked

    def statuses(self) -> list[str]:
        """The status of each person, from top to bottom."""
        return [row["status"] for row in self.check()["rows"]]

    def rules(self) -> list[list[str]]:
        """The rules that find fault with each person."""
        return [[finding["rule"] for finding in row["findings"]] for row in self.check()["rows"]]

    def mails(self) -> int:
        """How many mails a cycle would queue for units; the summary and the mail to the admin aside."""
        commands.run_once(str(self.path), CLOCK, dry_run=True, mail=True, as_json=True)
        queued = int(json.loads(self.output.readouterr().out)["mails"]["queued"])
        return queued - 2


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of one unit, as init leaves it, without the kick-off: every mail here is a reminder."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "units.csv").write_text(UNITS, "utf-8")
    commands.init(str(folder / "so.xlsx"), folder / "units.csv")
    book = load_workbook(folder / "so.xlsx")
    cell("Nhắc việc", "bat-dau", "Chế độ", "Tắt")(book)
    book.save(folder / "so.xlsx")
    return folder / "so.xlsx"


@pytest.fixture
def office(prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    shutil.copy(prepared, tmp_path / "so.xlsx")
    capsys.readouterr()
    return Office(tmp_path / "so.xlsx", capsys)


def colour_of(path: Path, status: str) -> str:
    """The background that a status has in the unit's tab, six characters."""
    formats = load_workbook(path)[UNIT_TAB].conditional_formatting
    rules = [rule for each in formats for rule in each.rules if f'"{status}"' in rule.formula[0]]
    return str(rules[0].dxf.fill.bgColor.rgb)[-6:]


@pytest.mark.slow
def test_a_new_kind_of_card(office: Office) -> None:
    new_card = {"Danh mục": "Thẻ", "Giá trị": "Thẻ Căn cước", "Cách viết khác": "căn cước mới"}
    office.edit(person(card="Thẻ Căn cước"), person(name="Lê Văn Bình", card="căn cước mới", number=None))
    assert office.statuses() == [ERROR, ERROR]
    office.edit(new_line(tabs.LISTS, new_card))
    assert office.statuses() == ["chua-khai", "chua-khai"]
    office.edit(
        cell(tabs.SETTINGS, "Thẻ được tính", "Giá trị", "Đã có | Đã làm, chờ cấp | Thẻ Căn cước"),
        cell(tabs.RULES, "cccd-trong", "Khi", f"{CARD} thuộc (Đã có | Thẻ Căn cước)"),
    )
    assert office.statuses() == ["xong", ERROR]
    assert office.rules()[1] == ["cccd-trong"]
    assert office.init() == 0
    assert choices(office.path, UNIT_TAB, CARD)[-1] == "Thẻ Căn cước"
    assert office.statuses() == ["xong", ERROR]


def test_level_2_is_required(office: Office) -> None:
    office.edit(person(), person(name="Lê Văn Bình", number="079085000124", level="mức độ 2"))
    assert office.check()["total"]["rate"] == 100.0
    office.edit(cell(tabs.SETTINGS, "Mức tài khoản tối thiểu", "Giá trị", "Mức 2"))
    found = office.check()
    assert [row["status"] for row in found["rows"]] == ["chua-du-muc", "xong"]
    assert (found["total"]["done"], found["total"]["rate"]) == (1, 50.0)


@pytest.mark.slow
def test_a_department_is_asked_of_public_employees(office: Office) -> None:
    office.edit(
        person(department=None),
        person(name="Lê Văn Bình", number="079085000124", category="Công chức", department=None),
        person(name="Lê Văn Cường", number="079085000125"),
    )
    assert office.statuses() == ["xong"] * 3
    rule = {"Mã": "khoa-phong-trong", "Chế độ": "Bật", "Mức độ": "Lỗi", "Cột": DEPARTMENT}
    rule |= {"Phép kiểm tra": "bắt buộc", "Khi": f"{CATEGORY} = Viên chức", "Thông báo": "chưa ghi khoa → nhập khoa"}
    office.edit(new_line(tabs.RULES, rule))
    assert office.statuses() == [ERROR, "xong", "xong"]
    assert office.rules() == [["khoa-phong-trong"], [], []]
    office.edit(cell(tabs.RULES, "khoa-phong-trong", "Mức độ", "Cảnh báo"))
    assert office.statuses() == ["xong"] * 3
    office.edit(cell(tabs.RULES, "khoa-phong-trong", "Chế độ", "Thử"))
    assert office.rules() == [[], [], []]


def test_english_is_understood_as_other_spellings(office: Office) -> None:
    english = person(card="Issued", level="Level 1", stage="Activated and signed in", category="Public employee")
    office.edit(english)
    assert office.statuses() == [ERROR]
    office.edit(
        cell(tabs.LISTS, "Đã có", "Cách viết khác", "có | x | issued"),
        cell(tabs.LISTS, "Mức 1", "Cách viết khác", "1 | level 1"),
        cell(tabs.LISTS, "Đã kích hoạt và đăng nhập", "Cách viết khác", "activated and signed in"),
        cell(tabs.LISTS, "Viên chức", "Cách viết khác", "VC | public employee"),
    )
    assert office.statuses() == ["xong"]
    assert office.rules() == [[]]


@pytest.mark.slow
def test_list_values_in_english_need_rules_in_english(office: Office) -> None:
    office.edit(person(card="Issued"), person(name="Lê Văn Bình", card="Issued", number=None))
    office.edit(cell(tabs.LISTS, "Đã có", "Giá trị", "Issued"))
    found = office.check()
    assert found["rows"] == []
    places = {problem["where"].split(",")[0] for problem in found["problems"]}
    assert {f"Trang “{title}”" for title in (tabs.SETTINGS, tabs.RULES, tabs.STATUSES)} <= places
    office.edit(*(everywhere(title, "Đã có", "Issued") for title in (tabs.SETTINGS, tabs.RULES, tabs.STATUSES)))
    assert office.statuses() == ["xong", ERROR]
    assert office.rules() == [[], ["cccd-trong"]]


@pytest.mark.slow
def test_values_renamed_with_their_old_names_kept_need_nothing_else(office: Office) -> None:
    office.edit(person(), person(name="Lê Văn Bình", number="079085000124", card="Issued", category="Staff"))
    office.edit(
        cell(tabs.LISTS, "Đã có", "Cách viết khác", "Đã có | có | x"),
        cell(tabs.LISTS, "Đã có", "Giá trị", "Issued"),
        cell(tabs.LISTS, "Viên chức", "Cách viết khác", "Viên chức | VC"),
        cell(tabs.LISTS, "Viên chức", "Giá trị", "Staff"),
    )
    assert office.statuses() == ["xong", "xong"]
    assert office.init() == 0
    assert choices(office.path, UNIT_TAB, CARD)[0] == "Issued"


@pytest.mark.slow
def test_the_deadline_moves_and_the_reminders_with_it(office: Office) -> None:
    office.edit(person(stage="Chưa đăng ký"))
    assert office.mails() == 1
    office.edit(cell(tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", datetime(2023, 6, 30)))
    assert office.mails() == 0
    office.edit(cell(tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", "20/4/2023"))
    assert office.mails() == 0  # nothing is due on the day itself
    office.edit(cell(tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", "31/06/2023"))
    (problem,) = [each for each in office.check()["problems"] if "31/06/2023" in each["what"]]
    assert problem["where"] == "Trang “Cấu hình”, ô B8"


@pytest.mark.parametrize("again", [False, True], ids=["at once", "after init"])
@pytest.mark.slow
def test_a_department_may_collect_no_personal_data(office: Office, again: bool) -> None:
    office.edit(
        person(number="12", born="31/02/1985", phone="1"),
        person(number=None, born=None, phone=None),
        person(name="Lê Văn Bình", stage=None, issued="01/01/2030"),
    )
    assert office.statuses() == [ERROR] * 3
    office.edit(*(cell(tabs.FIELDS, code, "Dùng", "Không") for code in ("cccd", "ngay-sinh", "dien-thoai")))
    if again:
        assert office.init() == 0
    assert office.statuses() == ["xong", "xong", ERROR]
    assert office.rules() == [[], [], ["ngay-cap-sai"]]
    assert load_workbook(office.path)[UNIT_TAB].cell(HEADER_ROW + 1, 6).value == "12"


def test_a_new_field_with_a_list_and_a_rule(office: Office) -> None:
    office.edit(
        new_line(tabs.LISTS, {"Danh mục": "Ca trực", "Giá trị": "Ngày"}),
        new_line(tabs.LISTS, {"Danh mục": "Ca trực", "Giá trị": "Đêm", "Cách viết khác": "ca đêm"}),
        new_line(tabs.FIELDS, {"Mã": "ca-truc", "Tiêu đề": "Ca trực", "Kiểu": "danh mục", "Danh mục": "Ca trực"}),
    )
    rule = {"Mã": "ca-truc-danh-muc", "Mức độ": "Lỗi", "Cột": "Ca trực", "Phép kiểm tra": "trong danh mục"}
    office.edit(new_line(tabs.RULES, {**rule, "Thông báo": "“{giá trị}” không có trong danh mục → chọn lại{gợi ý}"}))
    assert office.init() == 0
    assert choices(office.path, UNIT_TAB, "Ca trực") == ["Ngày", "Đêm"]
    shift = {"Ca trực": "ca ĐÊM"}
    office.edit(person(), new_line(UNIT_TAB, {**SOUND, NAME: "Lê Văn Bình", NUMBER: "079085000124", **shift}))
    office.edit(new_line(UNIT_TAB, {**SOUND, NAME: "Lê Văn Cường", NUMBER: "079085000125", "Ca trực": "sáng"}))
    assert office.statuses() == ["xong", "xong", ERROR]
    assert office.rules()[2] == ["ca-truc-danh-muc"]


def test_statuses_are_added_reordered_and_recoloured(office: Office) -> None:
    deferred = {"exemption": "Đang ở nước ngoài", "until": "01/06/2023"}
    office.edit(person(**deferred), person(name="Lê Văn Bình", number="079085000124", stage=None, level=None))
    assert office.statuses() == ["xong", OPEN]
    new_status: dict[str, Cell] = {
        "Thứ tự": 12.5,
        "Mã": "chua-bat-dau",
        "Trạng thái": "Chưa bắt đầu",
        "Tính": "chưa hoàn thành",
    }
    condition = {"Khi": f"{STAGE} trống; {LEVEL} trống", "Việc cần làm": "Gọi [Liên hệ TCCB].", "Màu": "AABBCC"}
    office.edit(new_line(tabs.STATUSES, {**new_status, **condition}), cell(tabs.STATUSES, "hoan", "Thứ tự", 2.5))
    found = office.check()
    assert [row["status"] for row in found["rows"]] == ["hoan", "chua-bat-dau"]
    assert (found["total"]["deferred"], found["total"]["done"], found["total"]["rate"]) == (1, 0, 0.0)
    assert found["units"][0]["statuses"]["chua-bat-dau"] == 1
    office.edit(cell(tabs.STATUSES, "chua-bat-dau", "Thứ tự", 13))
    refused = office.check()
    assert refused["rows"] == []
    assert [each["where"] for each in refused["problems"] if "“13” đã có" in each["what"]] == [
        "Trang “Trạng thái”, ô A18"
    ]
    office.edit(cell(tabs.STATUSES, "chua-bat-dau", "Thứ tự", 12.5))
    office.edit(cell(tabs.STATUSES, "hoan", "Màu", "112233"))
    assert office.init() == 0
    assert colour_of(office.path, "Chưa bắt đầu") == "AABBCC"
    assert colour_of(office.path, "Tạm hoãn") == "112233"


def test_a_header_is_renamed(office: Office) -> None:
    rule = {"Mã": "khoa-ngan", "Mức độ": "Cảnh báo", "Cột": DEPARTMENT, "Phép kiểm tra": "độ dài"}
    office.edit(new_line(tabs.RULES, {**rule, "Tham số": "từ 20 đến 50", "Thông báo": "quá ngắn → ghi đủ"}), person())
    assert office.rules() == [["khoa-ngan"]]
    office.edit(cell(tabs.FIELDS, "khoa-phong", "Tiêu đề", "Nơi làm việc"))
    found = office.check()
    assert found["rows"] == []
    assert any(DEPARTMENT in problem["what"] and tabs.RULES in problem["where"] for problem in found["problems"])
    office.edit(cell(tabs.FIELDS, "khoa-phong", "Tên khác", f"{DEPARTMENT} | Khoa phòng"))
    assert office.rules() == [["khoa-ngan"]]
    assert office.init() == 0
    headers = columns(load_workbook(office.path)[UNIT_TAB])
    assert DEPARTMENT in headers
    assert "Nơi làm việc" not in headers  # the unit's own header stands
    assert office.rules() == [["khoa-ngan"]]


@pytest.mark.parametrize(
    ("header", "value", "mails"),
    [
        pytest.param("Khi gửi", "8 ngày làm việc trước hạn", 0, marks=pytest.mark.slow),
        pytest.param("Khi gửi", "10 ngày trước hạn", 1, marks=pytest.mark.slow),
        pytest.param("Chế độ", "Tắt", 0, marks=pytest.mark.slow),
        pytest.param("Chế độ", "Thử", 0, marks=pytest.mark.slow),
        pytest.param("Điều kiện", "Tỷ lệ < 50", 0, marks=pytest.mark.slow),
        pytest.param("Điều kiện", "Tỷ lệ <= 50", 1, marks=pytest.mark.slow),
        pytest.param("Gửi tới", "thủ trưởng", 0, marks=pytest.mark.slow),
        ("Gửi tới", "TCCB", 1),
    ],
)
def test_the_ladder_changes(office: Office, header: str, value: str, mails: int) -> None:
    office.edit(person(), person(name="Lê Văn Bình", number="079085000124", stage="Chưa đăng ký"))
    assert office.mails() == 1
    office.edit(cell(tabs.LADDER, "truoc-7", header, value))
    assert office.mails() == mails
