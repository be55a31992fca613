"""The config tabs: what is shipped is in order, and every mistake is named with its tab and cell, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.config_files import default_tables
from automation.base.paths import TEMPLATES
from automation.core.admin.planned_tabs import plan_config_tabs
from automation.core.admin.reader import Refused, read_config
from automation.core.admin.settings import SETTINGS
from automation.core.config import tabs
from automation.core.config.mail_kinds import MAIL_KINDS, read_name
from automation.core.config.values import Config, FieldCode, SummaryRhythm
from automation.core.judging.checks import CardAges
from automation.core.model.problems import Place, Problem
from automation.core.model.workbook import Cell, ConfigTables, Row, Snapshot, Tab, cell_name
from tests.core.facts import nfd
from tests.workbooks import registry, unit_line


@cache
def shipped() -> ConfigTables:
    return {**default_tables(), tabs.REGISTRY: registry(unit_line("a"), unit_line("b"))}


def place(title: str, key: str, header: str) -> tuple[int, int]:
    """(row, column) of the cell below `header` in the row with `key` in any of its first two columns."""
    row = next(number for number, row in enumerate(shipped()[title], start=1) if key in row[:2])
    return row, tabs.HEADERS[title].index(header) + 1


def with_cell(title: str, row: int, column: int, value: Cell, tables: ConfigTables | None = None) -> ConfigTables:
    """The tables with one cell changed."""
    rows = [list(each) for each in (tables or shipped())[title]]
    rows[row - 1][column - 1] = value
    return {**(tables or shipped()), title: rows}


def with_row(title: str, row: Row) -> ConfigTables:
    return {**shipped(), title: [*shipped()[title], row]}


def accepted(tables: ConfigTables) -> Config:
    read = read_config(tables)
    assert isinstance(read, Config), read
    return read


def problems_of(tables: ConfigTables) -> tuple[Problem, ...]:
    read = read_config(tables)
    assert isinstance(read, Refused)
    return read.problems


def test_the_shipped_tables_are_in_order() -> None:
    config = accepted(default_tables())
    assert len({rule.code for rule in config.rules}) == 36
    assert len(config.statuses) == 14
    assert len(config.units) == 80
    assert config.settings.deadline == date(2023, 4, 30)
    assert config.settings.mail_hours == (time(8), time(16, 30))
    assert not config.settings.mail_mode_real


@pytest.mark.parametrize(
    ("typed", "ages", "years"),
    [
        ("Ngày sinh; tuổi 60, 25; trước 2 năm", (25, 60), 2),
        ("Ngày sinh; tuổi 25, 150; trước 25 năm", (25, 150), 25),
    ],
)
def test_at_which_ages_a_card_expires_is_the_admins(typed: str, ages: tuple[int, ...], years: int) -> None:
    config = accepted(with_cell(tabs.RULES, *place(tabs.RULES, "the-het-han", "Tham số"), typed))
    [rule] = [each for each in config.rules if each.code == "the-het-han"]
    assert rule.parameters == CardAges(FieldCode.BIRTH_DATE, ages, years)


def test_every_kind_of_mail_has_its_templates_and_no_templates_are_left_over() -> None:
    assert set(MAIL_KINDS) == {folder.name for folder in (TEMPLATES / "mail").iterdir() if folder.is_dir()}


# --- one broken cell --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "key", "header", "value", "what", "fix"),
    [
        # Cấu hình
        (tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", "31/04/2023", "31/04/2023", "30/04/2023"),
        (tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", None, "Hạn hoàn thành", "ngày/tháng/năm"),
        (tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", "#REF!", "#REF!", "công thức"),
        (tabs.SETTINGS, "Chỉ tiêu (%)", "Giá trị", "120", "120", "không quá 100"),
        (tabs.SETTINGS, "Chỉ tiêu (%)", "Giá trị", 0, "0", "lớn hơn 0"),
        (tabs.SETTINGS, "Múi giờ", "Giá trị", "Asia/Saigonn", "Asia/Saigonn", "Asia/Ho_Chi_Minh"),
        (tabs.SETTINGS, "Mã chiến dịch", "Giá trị", "vneid 2023", "vneid 2023", "không có khoảng trắng"),
        (tabs.SETTINGS, "Số ngày hoãn tối đa", "Giá trị", "nhiều", "nhiều", "số nguyên"),
        (tabs.SETTINGS, "Số ngày hoãn tối đa", "Giá trị", 0, "0", "số nguyên"),
        (tabs.SETTINGS, "Số ngày hoãn tối đa", "Giá trị", "9" * 1500, "999", "số nguyên"),
        (tabs.SETTINGS, "Chế độ gửi thư", "Giá trị", "Có", "Có", "Thử hoặc Thật"),
        (tabs.SETTINGS, "Email quản trị", "Giá trị", "quan-tri", "quan-tri", "email"),
        (tabs.SETTINGS, "Người nhận tổng hợp", "Giá trị", "a@example.org; b", "b", "email"),
        (tabs.SETTINGS, "Giờ gửi thư từ", "Giá trị", "25:00", "25:00", "08:00"),
        (tabs.SETTINGS, "Giờ gửi thư đến", "Giá trị", "07:00", "07:00", "Giờ gửi thư từ"),
        (tabs.SETTINGS, "Ngày nghỉ thêm", "Giá trị", "02/05/2023 | 31/06/2023", "31/06/2023", "|"),
        (tabs.SETTINGS, "Ghi tên trong thư", "Giá trị", "tùy", "tùy", "Có hoặc Không"),
        (tabs.SETTINGS, "Mức tài khoản tối thiểu", "Giá trị", "Mức 3", "Mức 3", "“Mức 1”, “Mức 2”"),
        (tabs.SETTINGS, "Thẻ được tính", "Giá trị", "Đã có | Đã lam, chờ cấp", "Đã lam", "“Đã làm, chờ cấp”"),
        # Cột dữ liệu
        (tabs.FIELDS, "ngay-sinh", "Kiểu", "ngàyy", "ngàyy", "Có phải ý là “ngày”"),
        (tabs.FIELDS, "ngay-sinh", "Kiểu", None, "“Kiểu” để trống", "“văn bản”"),
        (tabs.FIELDS, "khoa-phong", "Tiêu đề", nfd("NGÀY SINH"), "NGÀY SINH", "xóa một trong hai dòng"),
        (tabs.FIELDS, "gioi-tinh", "Danh mục", "Giới", "Giới", "“Giới tính”"),
        (tabs.FIELDS, "gioi-tinh", "Dùng", "có lẽ", "có lẽ", "“Có”, “Không”"),
        (tabs.FIELDS, "gioi-tinh", "Bắt buộc", "?", "?", "“Có”, “Không”"),
        # Danh mục
        (tabs.LISTS, "Nữ", "Giá trị", "nam", "nam", "xóa một trong hai dòng"),
        (tabs.LISTS, "Nữ", "Giá trị", None, "Giá trị", "Điền giá trị"),
        (tabs.LISTS, "Đã nghỉ hưu", "Tính", "ngoài dien", "ngoài dien", "Có phải ý là “ngoài diện”"),
        # Quy tắc
        (tabs.RULES, "cmnd-9-so", "Chế độ", "Mở", "Mở", "“Bật”, “Thử”, “Tắt”"),
        (tabs.RULES, "cmnd-9-so", "Mức độ", "Lõi", "Lõi", "Có phải ý là “Lỗi”"),
        (tabs.RULES, "cmnd-9-so", "Mức độ", None, "“Mức độ” để trống", "“Cảnh báo”"),
        (tabs.RULES, "cmnd-9-so", "Mã", "CCCD-12-SO", "CCCD-12-SO", "xóa một trong hai dòng"),
        (tabs.RULES, "cmnd-9-so", "Cột", "Số CCCDD", "Số CCCDD", "Có phải ý là “Số CCCD”"),
        (tabs.RULES, "cmnd-9-so", "Cột", "Kết quả", "Kết quả", "“Họ và tên”"),
        (tabs.RULES, "cmnd-9-so", "Cột", "Tính của Miễn, hoãn", "Tính của Miễn, hoãn", "“Họ và tên”"),
        (tabs.RULES, "cmnd-9-so", "Phép kiểm tra", "số định doanh", "số định doanh", "Có phải ý là “số định danh”"),
        (tabs.RULES, "cmnd-9-so", "Tham số", "9 số", "9 số", "“số CMND”"),
        (tabs.RULES, "cmnd-9-so", "Cột", "Họ và tên", "Họ và tên", "Kiểu"),
        (tabs.RULES, "ho-ten-la", "Tham số", "(", "(", "dấu ngoặc"),
        (tabs.RULES, "gioi-tinh-danh-muc", "Cột", "Họ và tên", "Họ và tên", "danh mục"),
        (tabs.RULES, "ngay-sinh-sai", "Tham số", "tuổi từ 15", "tuổi từ 15", "“không sau”"),
        (tabs.RULES, "ngay-sinh-sai", "Tham số", "không sau hôm kia", "hôm kia", "hôm nay"),
        (tabs.RULES, "the-het-han", "Tham số", "Ngày đẻ; tuổi 25; trước 2 năm", "Ngày đẻ", "Ngày sinh; tuổi 25"),
        (tabs.RULES, "the-het-han", "Tham số", "Ngày sinh; tuổi 25, 40; trước 26 năm", "trước 26", "trước 2 năm"),
        (tabs.RULES, "the-het-han", "Tham số", "Ngày sinh; tuổi 25, 151; trước 2 năm", "151", "tuổi 25, 40, 60"),
        (tabs.RULES, "the-het-han", "Tham số", "Ngày sinh; tuổi ,; trước 2 năm", "tuổi ,", "tuổi 25, 40, 60"),
        (tabs.RULES, "cccd-trung-don-vi-khac", "Tham số", "cả sở", "cả sở", "“khác đơn vị”"),
        (tabs.RULES, "cccd-trung-don-vi-khac", "Tham số", None, "“”", "“khác đơn vị”"),
        (
            tabs.RULES,
            "hoan-qua-dai",
            "Tham số",
            "hôm nay + [Số ngày hoãn] ngày",
            "Số ngày hoãn",
            "[Số ngày hoãn tối đa]",
        ),
        (tabs.RULES, "cccd-trong", "Khi", "Thẻ CCCD gắn chíp = Có nhé", "Có nhé", "“Đã có”"),
        (tabs.RULES, "cccd-trong", "Khi", "Thẻ = Đã có", "Thẻ", "“Họ và tên”"),
        (tabs.RULES, "cccd-trong", "Khi", "Số lỗi > 0", "Số lỗi", "“Họ và tên”"),
        (tabs.RULES, "cccd-trong", "Khi", "[Thẻ nào] có", "Thẻ nào", "Cấu hình"),
        (tabs.RULES, "cccd-trong", "Thông báo", None, "Thông báo", "Điền giá trị"),
        (tabs.RULES, "cccd-trong", "Thông báo", "“{gia tri}” sai → nhập lại", "gia tri", "{giá trị}"),
        (
            tabs.RULES,
            "hoan-qua-dai",
            "Thông báo",
            "quá [Số ngày hoãn] ngày → sửa",
            "Số ngày hoãn",
            "[Số ngày hoãn tối đa]",
        ),
        # Trạng thái
        (tabs.STATUSES, "xong", "Thứ tự", "ba", "ba", "số"),
        (tabs.STATUSES, "xong", "Thứ tự", None, "“Thứ tự” để trống", "Điền giá trị"),
        (tabs.STATUSES, "hoan", "Thứ tự", 3, "“3” đã có", "xóa một trong hai dòng"),
        (tabs.STATUSES, "hoan", "Mã", "Xong", "Xong", "xóa một trong hai dòng"),
        (tabs.STATUSES, "hoan", "Trạng thái", "Hoàn thành", "Hoàn thành", "xóa một trong hai dòng"),
        (tabs.STATUSES, "xong", "Trạng thái", None, "Trạng thái", "Điền giá trị"),
        (tabs.STATUSES, "xong", "Tính", "hoàn thanh", "hoàn thanh", "Có phải ý là “hoàn thành”"),
        (tabs.STATUSES, "xong", "Khi", "Mức tài khoản không dưới Mức 5", "Mức 5", "“Mức 1”"),
        (tabs.STATUSES, "loi", "Khi", "Số lỗi > nhiều", "nhiều", "số"),
        (tabs.STATUSES, "loi", "Việc cần làm", "{can sua}", "can sua", "{cần sửa}"),
        (tabs.STATUSES, "xong", "Màu", "xanh", "xanh", "C6E0B4"),
        (tabs.STATUSES, "chua-khai", "Thứ tự", 13.5, None, None),
        (tabs.STATUSES, "chua-khai", "Tính", "chưa", "chưa", "“chưa hoàn thành”"),
        # Nhắc việc
        (tabs.LADDER, "truoc-7", "Chế độ", "On", "On", "“Bật”"),
        (tabs.LADDER, "truoc-7", "Mã", "TRUOC-14", "TRUOC-14", "xóa một trong hai dòng"),
        (tabs.LADDER, "truoc-7", "Khi gửi", "sớm", "Khi gửi", "trước hạn"),
        (tabs.LADDER, "truoc-7", "Khi gửi", None, "Khi gửi", "Điền giá trị"),
        (tabs.LADDER, "truoc-7", "Điều kiện", "Tỷ lệ thấp", "Điều kiện", "Tỷ lệ < chỉ tiêu"),
        (tabs.LADDER, "truoc-7", "Gửi tới", "giám đốc", "Gửi tới", "thủ trưởng"),
        (tabs.LADDER, "truoc-7", "Gửi tới", None, "Gửi tới", "Điền giá trị"),
        (tabs.LADDER, "truoc-7", "Mẫu thư", "nhac viec", "nhac viec", "“nhac-viec”"),
        # Đơn vị
        (tabs.REGISTRY, "b", "Mã", "A", "A", "xóa một trong hai dòng"),
        (tabs.REGISTRY, "b", "Mã", None, "Mã", "Điền giá trị"),
        (tabs.REGISTRY, "b", "Tên đơn vị", "\u00a0", "Tên đơn vị", "Điền giá trị"),
        (tabs.REGISTRY, "b", "Trang tính", nfd("A"), "A", "xóa một trong hai dòng"),
        (tabs.REGISTRY, "b", "Tổng số người", "khoảng 40", "khoảng 40", "số nguyên"),
        (tabs.REGISTRY, "b", "Tổng số người", -3, "-3", "số nguyên"),
        (tabs.REGISTRY, "b", "Email đầu mối", "a@example", "a@example", "ten@example.org"),
        (tabs.REGISTRY, "b", "Email thủ trưởng", "a@example.org, b", "b", "ten@example.org"),
    ],
)
def test_a_broken_cell_is_named_with_what_is_allowed(
    title: str, key: str, header: str, value: Cell, what: str | None, fix: str | None
) -> None:
    row, column = place(title, key, header)
    tables = with_cell(title, row, column, value)
    if what is None or fix is None:
        accepted(tables)
        return
    (problem,) = problems_of(tables)
    assert problem.where == f"Trang “{title}”, ô {cell_name(row, column)}"
    assert what in problem.what
    assert fix in problem.fix
    assert len(problem.what) < 200


@pytest.mark.parametrize(
    ("name", "value", "attribute", "meant"),
    [
        ("Hạn hoàn thành", datetime(2023, 4, 28), "deadline", date(2023, 4, 28)),
        ("Hạn hoàn thành", 45044, "deadline", date(2023, 4, 28)),
        ("Hạn hoàn thành", "28-4-2023", "deadline", date(2023, 4, 28)),
        ("Chỉ tiêu (%)", "95,5 %", "target", 95.5),
        ("Chỉ tiêu (%)", 0.95, "target", 95.0),  # a cell in the format of per cent
        ("Chỉ tiêu (%)", 1.0, "target", 100.0),
        ("Chỉ tiêu (%)", 1, "target", 100.0),  # what such a cell holds where it shows 100%
        ("Chỉ tiêu (%)", "1%", "target", 1.0),
        ("Chỉ tiêu (%)", 0.57, "target", 57.0),  # and not 56,9 %, which 0.57 * 100 shows as
        ("Chỉ tiêu (%)", "0,95", "target", 95.0),
        ("Chỉ tiêu (%)", "1", "target", 100.0),
        ("Chỉ tiêu (%)", "0,9 %", "target", 0.9),
        ("Báo động khi mất dòng (%)", 0.2, "alarm_share", 20.0),
        ("Báo động khi mất dòng (%)", "0,2", "alarm_share", 20.0),
        ("Báo động khi mất dòng (%)", "1 %", "alarm_share", 1.0),
        ("Báo động khi mất dòng (%)", "1", "alarm_share", 1.0),
        ("Ngoài diện nhiều (%)", 0.15, "out_of_scope_share", 15.0),
        ("Ngoài diện nhiều (%)", 2, "out_of_scope_share", 2.0),
        ("Giờ gửi thư từ", time(7, 30), "mail_hours", (time(7, 30), time(16, 30))),
        ("Giờ gửi thư từ", 0.3125, "mail_hours", (time(7, 30), time(16, 30))),
        ("Giờ gửi thư từ", "7h30", "mail_hours", (time(7, 30), time(16, 30))),
        ("Chế độ gửi thư", nfd("THẬT"), "mail_mode_real", True),
        ("Ghi tên trong thư", False, "names_in_mail", False),
        ("Ngày nghỉ thêm", "02/05/2023 | 3/5/2023", "extra_days_off", {date(2023, 5, 2), date(2023, 5, 3)}),
        ("Ngày nghỉ thêm", datetime(2023, 5, 2), "extra_days_off", {date(2023, 5, 2)}),
        ("Ngày nghỉ thêm", None, "extra_days_off", frozenset()),
        ("Người nhận tổng hợp", "a@example.org, b@example.org", "summary_to", ("a@example.org", "b@example.org")),
        ("Mức tài khoản tối thiểu", "MỨC\u00a02", "level_required", "Mức 2"),
        ("Mức tài khoản tối thiểu", 2, "level_required", "Mức 2"),
        ("Thẻ được tính", nfd("đã có"), "card_counts", ("Đã có",)),
        ("Số ngày hoãn tối đa", 90.0, "max_deferral_days", 90),
        ("Liên hệ Công an", None, "police_contact", ""),
    ],
)
def test_settings_as_people_type_them(name: str, value: Cell, attribute: str, meant: Any) -> None:
    row, column = place(tabs.SETTINGS, name, "Giá trị")
    assert getattr(accepted(with_cell(tabs.SETTINGS, row, column, value)).settings, attribute) == meant


@pytest.mark.parametrize("name", ["Báo động khi mất dòng (%)", "Ngoài diện nhiều (%)"])
@pytest.mark.parametrize("typed", [1, 1.0])
def test_a_share_of_1_is_asked_about(name: str, typed: Cell) -> None:
    """A cell that shows 100% holds 1 as one does in which somebody typed 1: never an alarm, or nearly always one."""
    row, column = place(tabs.SETTINGS, name, "Giá trị")
    (problem,) = problems_of(with_cell(tabs.SETTINGS, row, column, typed))
    assert "chưa rõ là 1 % hay 100 %" in problem.fix


@pytest.mark.parametrize("typed", ["Mức 2", "mức 2", 2, "M2"])
def test_texts_say_the_level_as_the_list_does(typed: Cell) -> None:
    """A level in another spelling was taken, and texts said "từ 2 trở lên" beside "Đăng ký Mức 1"."""
    row, column = place(tabs.SETTINGS, "Mức tài khoản tối thiểu", "Giá trị")
    config = accepted(with_cell(tabs.SETTINGS, row, column, typed))
    told = {status.code: status.todo for status in config.statuses}
    assert told["chua-du-muc"].endswith("đăng ký tài khoản Mức 2.")
    assert "Mức 1" not in told["chua-dang-ky"]
    assert config.raw_settings["Mức tài khoản tối thiểu"] == "Mức 2"


def test_a_step_that_asks_for_a_level_knows_it_by_its_former_name() -> None:
    row, column = place(tabs.LISTS, "Mức 2", "Giá trị")
    renamed = with_cell(tabs.LISTS, row, column, "Mức độ hai")
    renamed = with_cell(tabs.LISTS, row, column + 1, "Mức 2", renamed)
    row, column = place(tabs.SETTINGS, "Mức tài khoản tối thiểu", "Giá trị")
    config = accepted(with_cell(tabs.SETTINGS, row, column, "Mức độ hai", renamed))
    told = {status.code: status.todo for status in config.statuses}
    assert "Mức 1" not in told["chua-dang-ky"]


OPTIONAL = {spec.name for spec in SETTINGS.values() if not spec.is_needed}
NEEDED = [
    name
    for name in (str(row[0]) for row in default_tables()[tabs.SETTINGS][1:])
    if name not in OPTIONAL and read_name(name) is None
]


# --- missing and repeated ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_setting_is_named(name: str) -> None:
    rows = [row for row in shipped()[tabs.SETTINGS] if row[0] != name]
    problems = problems_of({**shipped(), tabs.SETTINGS: rows})
    assert any(f"“{name}”" in problem.what for problem in problems)
    assert len(problems) == 1 or f"[{name}]" in repr(default_tables())


def test_a_renamed_setting_is_recognised() -> None:
    row, column = place(tabs.SETTINGS, "Hạn hoàn thành", "Mục")
    (problem,) = problems_of(with_cell(tabs.SETTINGS, row, column, "Hạn hoàn thàn"))
    assert "Hạn hoàn thành" in problem.what
    assert "Hạn hoàn thàn”" in problem.fix


def test_a_setting_is_known_by_the_name_of_an_earlier_version() -> None:
    row, column = place(tabs.SETTINGS, "Chu kỳ kiểm tra (phút)", "Mục")
    earlier = with_cell(tabs.SETTINGS, row, column, "chu kỳ rà soát (phút)")
    earlier = with_cell(tabs.SETTINGS, row, column + 1, 7, earlier)
    assert accepted(earlier).settings.cycle_minutes == 7
    assert accepted(earlier).raw_settings["Chu kỳ kiểm tra (phút)"] == "7"
    there = Snapshot((Tab("k", tabs.SETTINGS, earlier[tabs.SETTINGS]),))
    assert plan_config_tabs(there, default_tables())[tabs.SETTINGS].added_rows == ()
    (both,) = problems_of({**earlier, tabs.SETTINGS: [*earlier[tabs.SETTINGS], ["Chu kỳ kiểm tra (phút)", 9, None]]})
    assert f"dòng {row}" in both.what


def test_a_broken_setting_is_reported_once_and_not_wherever_it_is_used() -> None:
    row, column = place(tabs.SETTINGS, "Thẻ được tính", "Giá trị")
    tables = with_cell(tabs.SETTINGS, row, column, "Có nhé")
    assert len(problems_of(tables)) == 1


def test_a_setting_of_the_admins_own_may_be_used_in_texts() -> None:
    tables = {**shipped(), tabs.SETTINGS: [*shipped()[tabs.SETTINGS], ["Đường dây nóng", "số 1", None]]}
    row, column = place(tabs.STATUSES, "doi-the", "Việc cần làm")
    config = accepted(with_cell(tabs.STATUSES, row, column, f"Gọi [{nfd('đường dây NÓNG')}].", tables))
    assert [status.todo for status in config.statuses if status.code == "doi-the"] == ["Gọi số 1."]


@pytest.mark.parametrize("title", tabs.CONFIG_TABS)
def test_every_missing_header_is_named(title: str) -> None:
    for column, header in enumerate(tabs.HEADERS[title], start=1):
        problems = problems_of(with_cell(title, 1, column, f"{header}x"))
        named = [problem for problem in problems if f"Thiếu cột “{header}”" in problem.what]
        assert [problem.where for problem in named] == [f"Trang “{title}”, dòng 1"]
        assert header in named[0].fix


@pytest.mark.parametrize("title", tabs.CONFIG_TABS)
@pytest.mark.parametrize("rows", [[], [[]], [["gì đó"]]])
def test_a_tab_without_headers_is_named(title: str, rows: Sequence[Row]) -> None:
    problems = problems_of({**shipped(), title: rows})
    assert problems[[problem.where for problem in problems].index(f"Trang “{title}”")].fix.startswith("Khôi phục")
    assert problems_of({name: table for name, table in shipped().items() if name != title})


MISTAKES: Sequence[tuple[str, str, str, Cell]] = (
    (tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", "mai"),
    (tabs.FIELDS, "ngay-cap", "Kiểu", "ngàyy"),
    (tabs.LISTS, "Đã nghỉ hưu", "Tính", "ngoài"),
    (tabs.RULES, "cmnd-9-so", "Mức độ", "Nặng"),
    (tabs.RULES, "ho-ten-la", "Tham số", "("),
    (tabs.STATUSES, "xong", "Màu", "xanh"),
    (tabs.PART_RATES, "the", "Khi", "Thẻ = mất"),
    (tabs.DOCUMENTS, "Nghị định số 59/2022/NĐ-CP", "Ngày", "mai"),
    (tabs.LADDER, "truoc-7", "Chế độ", "On"),
    (tabs.REGISTRY, "b", "Tổng số người", "ít"),
)
"""A slip in each tab."""


def with_mistakes() -> ConfigTables:
    tables = shipped()
    for title, key, header, value in MISTAKES:
        row, column = place(title, key, header)
        tables = with_cell(title, row, column, value, tables)
    return tables


def test_all_mistakes_are_told_at_once() -> None:
    tables = with_mistakes()
    problems = problems_of(tables)
    assert {re.findall("“(.+?)”", problem.where)[0] for problem in problems} == set(tabs.CONFIG_TABS)
    assert len({problem.where for problem in problems}) >= 9
    assert [*problems] == sorted(problems, key=by_cell)


def without_column(tables: ConfigTables, title: str, header: str) -> ConfigTables:
    column = tabs.HEADERS[title].index(header)
    rows = [[*row[:column], *row[column + 1 :]] for row in map(list, tables[title])]
    return {**tables, title: rows}


HEADERS = [(title, header) for title in tabs.CONFIG_TABS for header in tabs.HEADERS[title]]
LOST = [each if number % 5 == 0 else pytest.param(*each, marks=pytest.mark.slow) for number, each in enumerate(HEADERS)]


@pytest.mark.parametrize(("title", "header"), LOST)
def test_a_lost_header_hides_no_mistake_of_other_columns(title: str, header: str) -> None:
    tables = with_cell(title, 1, tabs.HEADERS[title].index(header) + 1, None, with_mistakes())
    told = problems_of(tables)
    lost = Place(title, 1)
    beside = {each.place for each in problems_of(with_mistakes())} - set(places_in(title, header))
    assert {each.place for each in told} == beside | {lost}
    assert [header in each.what for each in told if each.place == lost] == [True]


@pytest.mark.parametrize(("title", "header"), LOST)
def test_a_deleted_column_hides_what_speaks_of_it_alone(title: str, header: str) -> None:
    told = {each.place for each in problems_of(without_column(with_mistakes(), title, header))}
    others = [Place(each[0], *place(*each[:3])) for each in MISTAKES if each[0] != title]
    speak_of_it = {Place(tabs.RULES, *place(tabs.RULES, "ho-ten-la", "Tham số")), Place(tabs.PART_RATES, 2, 3)}
    assert Place(title, 1) in told
    assert set(others) - speak_of_it <= told


def places_in(title: str, header: str) -> Iterator[Place]:
    column = tabs.HEADERS[title].index(header) + 1
    return (Place(title, row, column) for row in range(1, 200))


def by_cell(problem: Problem) -> tuple[int, int, int]:
    assert problem.place is not None
    return tabs.CONFIG_TABS.index(problem.place.tab), problem.place.row or 0, problem.place.column or 0


@pytest.mark.parametrize(("field", "told"), [("the", True), ("muc", True), ("tinh-trang", True), ("cccd", False)])
def test_where_nobody_can_be_done_that_is_pointed_out(field: str, told: bool) -> None:
    row, column = place(tabs.FIELDS, field, "Dùng")
    config = accepted(with_cell(tabs.FIELDS, row, column, "Không"))
    pointed_out = [remark for remark in config.remarks if "không ai được tính là hoàn thành" in remark.what]
    assert [remark.place.row for remark in pointed_out if remark.place] == [
        number for number, _ in [place(tabs.STATUSES, "xong", "Khi")] if told
    ]


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        ("the", "Mức tài khoản không dưới [Mức tài khoản tối thiểu]; Tình trạng tài khoản = Đã kích hoạt và đăng nhập"),
        ("muc", "Thẻ CCCD gắn chíp thuộc ([Thẻ được tính]); Tình trạng tài khoản = Đã kích hoạt và đăng nhập"),
        ("tinh-trang", "Thẻ CCCD gắn chíp thuộc ([Thẻ được tính]); Mức tài khoản không dưới [Mức tài khoản tối thiểu]"),
    ],
)
def test_what_is_proposed_there_makes_people_done_again(field: str, kept: str) -> None:
    off = with_cell(tabs.FIELDS, *place(tabs.FIELDS, field, "Dùng"), "Không")
    assert f"ghi vào ô này: {kept}." in accepted(off).remarks[0].fix
    typed = accepted(with_cell(tabs.STATUSES, *place(tabs.STATUSES, "xong", "Khi"), kept, off))
    assert typed.remarks == ()


def test_the_other_statuses_that_nobody_can_have_are_named_there() -> None:
    [remark] = accepted(with_cell(tabs.FIELDS, *place(tabs.FIELDS, "muc", "Dùng"), "Không")).remarks
    assert "cũng cần cột đó" not in remark.fix  # none but that one asks for the level
    [remark] = accepted(with_cell(tabs.FIELDS, *place(tabs.FIELDS, "the", "Dùng"), "Không")).remarks
    assert "“Chưa đạt mức yêu cầu”, “Cần đổi thẻ”, “Chưa có thẻ gắn chíp”" in remark.fix


def test_a_condition_that_names_a_blank_setting_says_so_at_its_cell() -> None:
    tables = with_cell(tabs.SETTINGS, *place(tabs.SETTINGS, "Ngày nghỉ thêm", "Giá trị"), None)
    where = place(tabs.RULES, "mien-hoan-nhung-da-xong", "Khi")
    [problem] = problems_of(with_cell(tabs.RULES, *where, "Ngày sinh = [Ngày nghỉ thêm]", tables))
    assert problem.place == Place(tabs.RULES, *where)
    what = "Phần “Ngày sinh = [Ngày nghỉ thêm]” so sánh với mục “Ngày nghỉ thêm” của trang “Cấu hình”"
    assert problem.what.startswith(what)


@pytest.mark.parametrize(("field", "setting"), [("the", "Thẻ được tính"), ("muc", "Mức tài khoản tối thiểu")])
def test_a_setting_for_a_column_that_is_not_used_may_be_blank(field: str, setting: str) -> None:
    tables = with_cell(tabs.FIELDS, *place(tabs.FIELDS, field, "Dùng"), "Không")
    tables = with_cell(tabs.SETTINGS, *place(tabs.SETTINGS, setting, "Giá trị"), None, tables)
    config = accepted(tables)
    [done] = [each for each in config.statuses if each.code == "xong"]
    assert not done.when.can_hold({each.code for each in config.fields if each.used})


def test_a_step_for_a_rule_that_goes_by_another_code_is_pointed_out() -> None:
    row, column = place(tabs.RULES, "the-het-han", "Mã")
    config = accepted(with_cell(tabs.RULES, row, column, "the-cu"))
    told = {remark.place.row for remark in config.remarks if remark.place and "“khi the-het-han”" in remark.what}
    steps = enumerate(shipped()[tabs.STATUSES], start=1)
    assert told == {number for number, line in steps if "khi the-het-han" in str(line[5])}
    assert accepted(shipped()).remarks == ()


@pytest.mark.parametrize("typed", ["hàng ngày", "Hằng ngày", "HÀNG NGÀY"])
def test_either_spelling_of_every_day_is_taken(typed: str) -> None:
    tables = with_cell(tabs.SETTINGS, *place(tabs.SETTINGS, "Bản tổng hợp", "Giá trị"), typed)
    assert accepted(tables).settings.summary_rhythm is SummaryRhythm.DAILY


def test_no_mistake_hides_another() -> None:
    """But those that are only one because of it."""
    later = "Công an quận\ntừ 32/13/2025: Công an xã"
    for one, other in (
        ((tabs.SETTINGS, "Nơi làm thẻ", "Giá trị", later), (tabs.LADDER, "truoc-7", "Gửi tới", "ai đó")),
        ((tabs.RULES, "cmnd-9-so", "Phép kiểm tra", "bắt buộcc"), (tabs.RULES, "cmnd-9-so", "Mức độ", "Nặng")),
        ((tabs.RULES, "ngay-cap-sai", "Cột", "Số CCCD"), (tabs.RULES, "ngay-cap-sai", "Tham số", "không sau mai")),
        # the column's other name "CCCD" is part of another's
        ((tabs.FIELDS, "cccd", "Kiểu", "số"), (tabs.STATUSES, "chua-co-the", "Khi", "Thẻ CCCD gắn chíp = abc")),
        # in one condition: a term on the column at fault, and one that is wrong by itself
        (
            (tabs.FIELDS, "the", "Danh mục", "Thẻe"),
            (tabs.STATUSES, "chua-co-the", "Khi", "Thẻ CCCD gắn chíp = Đã có; Xyz = 1"),
        ),
        ((tabs.FIELDS, "Mã", "Kiểu", "Loại"), (tabs.LADDER, "truoc-7", "Gửi tới", "ai đó")),
        ((tabs.FIELDS, "Mã", "Kiểu", "Loại"), (tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", "mai")),
        ((tabs.SETTINGS, "Mục", "Giá trị", "Giá"), (tabs.REGISTRY, "b", "Tổng số người", "ít")),
    ):
        tables = shipped()
        for title, key, header, value in (one, other):
            tables = with_cell(title, *place(title, key, header), value, tables)
        told = {problem.place for problem in problems_of(tables)}
        for title, key, header, value in (one, other):
            alone = {problem.place for problem in problems_of(with_cell(title, *place(title, key, header), value))}
            assert alone & told, (title, key, header)


def test_a_field_that_took_the_code_of_another_is_told_what_it_was() -> None:
    row, column = place(tabs.FIELDS, "ngay-sinh", "Mã")
    missing, repeated, *_ = problems_of(with_cell(tabs.FIELDS, row, column, "HO-TEN"))
    assert repeated.where == f"Trang “{tabs.FIELDS}”, ô A{row}"
    assert (missing.where, "ngay-sinh" in missing.what) == (f"Trang “{tabs.FIELDS}”", True)


@pytest.mark.parametrize("code", [row[0] for row in default_tables()[tabs.FIELDS][1:]])
def test_a_field_that_the_program_knows_may_rest_but_not_be_missing(code: str) -> None:
    rows = shipped()[tabs.FIELDS]
    problems = problems_of({**shipped(), tabs.FIELDS: [row for row in rows if row[0] != code]})
    assert f"“{code}”" in problems[0].what
    assert "đặt Dùng là Không" in problems[0].fix
    place_used = tabs.HEADERS[tabs.FIELDS].index("Dùng")
    resting = [[*row[:place_used], "Không", *row[place_used + 1 :]] if row[0] == code else row for row in rows]
    assert not next(field for field in accepted({**shipped(), tabs.FIELDS: resting}).fields if field.code == code).used


# --- the status table must be total -----------------------------------------------------------------------


def statuses_in_order(*codes: str) -> ConfigTables:
    rows = {str(row[1]): list(row) for row in shipped()[tabs.STATUSES]}
    ordered = [[number, *rows[code][1:]] for number, code in enumerate(codes, start=1)]
    return {**shipped(), tabs.STATUSES: [rows["Mã"], *ordered]}


def test_a_status_table_without_a_last_resort_is_refused() -> None:
    (problem,) = problems_of(statuses_in_order("loi", "xong", "hoan"))
    assert problem.where == "Trang “Trạng thái”"
    assert "để trống cột Khi" in problem.what


def test_a_status_behind_the_last_resort_is_refused() -> None:
    (problem,) = problems_of(statuses_in_order("loi", "chua-khai", "xong"))
    assert problem.where == "Trang “Trạng thái”, ô A4"
    assert "xong" in problem.what
    assert "chua-khai" in problem.what


def test_two_last_resorts_are_one_too_many() -> None:
    row, column = place(tabs.STATUSES, "doi-the", "Khi")
    (problem,) = problems_of(with_cell(tabs.STATUSES, row, column, None))
    assert problem.where == f"Trang “{tabs.STATUSES}”, ô {cell_name(row, column)}"
    assert "doi-the" in problem.what


def test_the_order_is_the_number_not_the_line() -> None:
    tables = statuses_in_order("chua-khai", "xong", "loi")
    for row, order in ((2, 3), (3, "2,5"), (4, 1)):
        tables = with_cell(tabs.STATUSES, row, 1, order, tables)
    assert [status.code for status in accepted(tables).statuses] == ["loi", "xong", "chua-khai"]


# --- tabs as people leave them ----------------------------------------------------------------------------


def in_nfd(row: Row) -> Row:
    return [nfd(cell) if isinstance(cell, str) else cell for cell in row]


@pytest.mark.parametrize("title", tabs.CONFIG_TABS)
def test_tabs_read_the_same_however_they_are_arranged(title: str) -> None:
    config = accepted(shipped())
    rows = shipped()[title]
    arrangements: dict[str, Sequence[Row]] = {
        "columns the other way round": [list(reversed(row)) for row in rows],
        "titles above": [["CẤU HÌNH CHIẾN DỊCH"], [], *rows],
        "NFD": [in_nfd(row) for row in rows],
        "blank rows": [each for row in rows for each in (row, [None, "\u00a0"], [])],
        "own columns": [["ghi chú riêng", *row] for row in rows],
        "headers in capitals": [[f"{header} ".upper() for header in rows[0] if header], *rows[1:]],
    }
    for name, arranged in arrangements.items():
        assert accepted({**shipped(), title: arranged}) == config, name


def test_a_rule_is_a_row() -> None:
    message = "mã không đúng dạng → nhập lại{gợi ý}"
    rule: Row = ["ma-khoa", None, "Cảnh báo", "khoa/phòng", "Biểu thức", "[A-Z]{2}[0-9]+", "Đảng viên = Có", message]
    added = accepted(with_row(tabs.RULES, rule)).rules[-1]
    assert (added.code, added.field, added.check) == ("ma-khoa", "khoa-phong", "biểu thức")
    assert added.parameters.fullmatch("AB12")  # its brackets are no setting


def test_units_without_a_tab_title_get_one_of_their_own() -> None:
    lines = [unit_line("a") | {"Trang tính": None, "Tên đơn vị": "Bệnh viện Mắt"}, unit_line("b")]
    lines.append(unit_line("c") | {"Trang tính": "BV Mắt"})
    config = accepted({**shipped(), tabs.REGISTRY: registry(*lines)})
    titles = [unit.tab_title for unit in config.units]
    assert titles[1:] == ["b", "BV Mắt"]
    assert titles[0].startswith("BV Mắt")
    assert len(set(titles)) == 3


CELLS = [
    (title, row, column)
    for title, rows in {**default_tables(), tabs.REGISTRY: registry(unit_line("a"), unit_line("b"))}.items()
    for row in range(1, len(rows) + 1)
    for column in range(1, len(rows[0]) + 1)
]
TYPED = st.one_of(
    st.text(max_size=40),
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False),
    st.datetimes(),
    st.times(),
    st.sampled_from(["#REF!", "[Thẻ được tính]", "[", "]", "{", "(", "|", ";", "(a+)+$", "Có", "hôm nay", "100%"]),
)


@given(st.sampled_from(CELLS), TYPED)
def test_any_cell_may_hold_anything(where: tuple[str, int, int], typed: Cell) -> None:
    title, row, column = where
    read = read_config(with_cell(title, row, column, typed))
    if isinstance(read, Refused):
        assert read.problems
        for problem in read.problems:
            assert problem.where.startswith("Trang “")
            assert problem.what
            assert problem.fix
