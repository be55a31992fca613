"""What counts as a change of the configuration, and in which words the journal tells it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.config_files import default_tables
from automation.core.admin.changes import LINES, config_changes
from automation.core.config import tabs
from automation.core.model.workbook import Cell, ConfigTables, Row, Tab
from automation.core.writing.journal import config_lines, read_journal
from tests.core.facts import nfd
from tests.workbooks import registry, unit_line

UNIT = {**unit_line("a"), "Email đầu mối": "a@example.org", "Đầu mối": "Nguyễn Văn An"}
SETTINGS: list[Row] = [*default_tables()[tabs.SETTINGS], ["Lời dặn", "y" * 300, None]]
BEFORE: ConfigTables = {
    **default_tables(),
    tabs.SETTINGS: SETTINGS,
    tabs.REGISTRY: registry(UNIT, unit_line("b")),
}

Change = Callable[[list[list[Cell]]], object]


def after(title: str, change: Change) -> ConfigTables:
    rows = [list(row) for row in BEFORE[title]]
    change(rows)
    return {**BEFORE, title: rows}


def put(key: str, header: str, value: Cell) -> Change:
    def change(rows: list[list[Cell]]) -> None:
        next(row for row in rows if key in row[:2])[rows[0].index(header)] = value

    return change


def told(tables: ConfigTables) -> list[tuple[str, str]]:
    return [(each.where, each.what) for each in config_changes(BEFORE, tables)]


@pytest.mark.parametrize(
    ("title", "change", "expected"),
    [
        (
            tabs.SETTINGS,
            put("Hạn hoàn thành", "Giá trị", "15/05/2023"),
            [("Trang “Cấu hình”, mục “Hạn hoàn thành”, cột “Giá trị”", "“30/04/2023” → “15/05/2023”")],
        ),
        (
            tabs.SETTINGS,
            put("Liên hệ Công an", "Giá trị", "Đội Cảnh sát"),
            [("Trang “Cấu hình”, mục “Liên hệ Công an”, cột “Giá trị”", "“” → “Đội Cảnh sát”")],
        ),
        (
            tabs.RULES,
            put("cmnd-9-so", "Chế độ", "Thử"),
            [("Trang “Quy tắc”, dòng “cmnd-9-so”, cột “Chế độ”", "“Bật” → “Thử”")],
        ),
        (
            tabs.RULES,
            lambda rows: rows.pop(1),
            [
                (
                    "Trang “Quy tắc”, dòng “ho-ten-trong”",
                    "Xóa dòng. Chế độ: Bật; Mức độ: Lỗi; Cột: Họ và tên; Phép kiểm tra: bắt buộc; Thông báo: dòng có "
                    "dữ liệu nhưng chưa có họ tên → nhập họ và tên như trên thẻ, hoặc xóa nội dung của dòng nếu thừa",
                )
            ],
        ),
        (
            tabs.LISTS,
            lambda rows: rows.append(["Giới tính", "Khác", "K", None]),
            [("Trang “Danh mục”, dòng “Giới tính · Khác”", "Thêm dòng. Cách viết khác: K")],
        ),
        (
            tabs.LADDER,
            put("truoc-14", "Mã", "truoc-15"),
            [
                (
                    "Trang “Nhắc việc”, dòng “truoc-15”",
                    "Thêm dòng. Chế độ: Bật; Khi gửi: 14 ngày làm việc trước hạn; Điều kiện: Tỷ lệ < chỉ tiêu; "
                    "Gửi tới: đầu mối; Mẫu thư: nhac-viec",
                ),
                (
                    "Trang “Nhắc việc”, dòng “truoc-14”",
                    "Xóa dòng. Chế độ: Bật; Khi gửi: 14 ngày làm việc trước hạn; Điều kiện: Tỷ lệ < chỉ tiêu; "
                    "Gửi tới: đầu mối; Mẫu thư: nhac-viec",
                ),
            ],
        ),
        (
            tabs.REGISTRY,
            put("a", "Tổng số người", 120),
            [("Trang “Đơn vị”, dòng “a”, cột “Tổng số người”", "“” → “120”")],
        ),
        # persons are not kept in a journal
        (
            tabs.REGISTRY,
            put("a", "Email đầu mối", "moi@example.org"),
            [
                (
                    "Trang “Đơn vị”, dòng “a”, cột “Email đầu mối”",
                    "Đã thay đổi; không ghi lại vì là thông tin cá nhân.",
                )
            ],
        ),
        (
            tabs.REGISTRY,
            lambda rows: rows.pop(1),
            [("Trang “Đơn vị”, dòng “a”", "Xóa dòng. Tên đơn vị: Đơn vị a; Nhóm: Bệnh viện; Trang tính: a")],
        ),
        # what a long text became is cut, the other changes are still told
        (
            tabs.SETTINGS,
            put("Lời dặn", "Giá trị", "x" * 500),
            [
                (
                    "Trang “Cấu hình”, mục “Lời dặn”, cột “Giá trị”",
                    f"“{'y' * 199}…” → “{'x' * 199}…”",
                )
            ],
        ),
    ],
)
def test_a_change_is_told_with_its_place_and_both_values(
    title: str, change: Change, expected: list[tuple[str, str]]
) -> None:
    assert told(after(title, change)) == expected


@pytest.mark.parametrize("title", tabs.CONFIG_TABS)
@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.insert(1, []),
        lambda rows: rows.insert(0, ["Tiêu đề"]),
        lambda rows: rows.reverse() or rows.insert(0, rows.pop()),
        lambda rows: [row.reverse() for row in rows],
        lambda rows: [row.append("ghi riêng") for row in rows],
        lambda rows: [row.insert(1, tabs.CONFIG_MARKS if row is rows[0] else "Ô A2: Sai.") for row in rows],
        lambda rows: [row.__setitem__(0, nfd(f" {row[0]}\u00a0 ")) for row in rows],
        lambda rows: rows[0].__setitem__(0, str(rows[0][0]).upper()),
    ],
)
def test_the_same_content_elsewhere_is_no_change(title: str, change: Change) -> None:
    tables = after(title, change)
    assert config_changes(BEFORE, tables) == ()
    assert config_changes(tables, BEFORE) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [("30/04/2023", date(2023, 4, 30)), ("30/04/2023", datetime(2023, 4, 30)), ("100", 100), ("100", 100.0)],
)
def test_a_text_that_became_a_date_or_number_reads_the_same(text: str, value: Cell) -> None:
    key = "Hạn hoàn thành" if "/" in text else "Chỉ tiêu (%)"
    assert told(after(tabs.SETTINGS, put(key, "Giá trị", value))) == []


def test_what_the_bot_writes_into_the_registry_is_no_change() -> None:
    rows = [[*BEFORE[tabs.REGISTRY][0], "Đã nhập", "Ghi chú hệ thống"], *BEFORE[tabs.REGISTRY][1:]]
    counted: list[Row] = [rows[0], *([*row, 7, "Còn thiếu."] for row in rows[1:])]
    assert config_changes(BEFORE, {**BEFORE, tabs.REGISTRY: counted}) == ()


def test_tabs_come_in_their_order_and_all_changes_with_them() -> None:
    tables = {
        **after(tabs.RULES, put("cmnd-9-so", "Chế độ", "Thử")),
        tabs.SETTINGS: after(tabs.SETTINGS, put("Chỉ tiêu (%)", "Giá trị", "95"))[tabs.SETTINGS],
    }
    assert [each.tab for each in config_changes(BEFORE, tables)] == [tabs.SETTINGS, tabs.RULES]


@given(st.randoms(use_true_random=False), st.sampled_from(tabs.CONFIG_TABS))
def test_any_order_of_rows_and_columns_is_the_same_configuration(chance: random.Random, title: str) -> None:
    headers, *rows = BEFORE[title]
    order = list(range(len(headers)))
    chance.shuffle(order)
    chance.shuffle(rows)
    moved = [[row[place] for place in order] for row in (headers, *rows)]
    assert config_changes(BEFORE, {**BEFORE, title: moved}) == ()


# --- in the journal ---------------------------------------------------------------------------------------


def many(count: int) -> ConfigTables:
    return after(tabs.LISTS, lambda rows: rows.extend(["Nơi mới", f"số {n}"] for n in range(count)))


@pytest.mark.parametrize(
    ("count", "lines", "last"),
    [
        (0, 0, None),
        (1, 1, "Thêm dòng."),
        (LINES, LINES, "Thêm dòng."),
        (LINES + 1, LINES + 1, "Và 1 thay đổi nữa."),
        (200, LINES + 1, "Và 170 thay đổi nữa."),
    ],
)
def test_the_journal_tells_a_bounded_number_of_changes(count: int, lines: int, last: str | None) -> None:
    found = [line.what for line in config_lines(config_changes(BEFORE, many(count)))]
    assert len(found) == lines
    assert found[-1:] == ([last] if last is not None else [])


def test_a_change_and_its_return_are_both_noted_on_one_day() -> None:
    there, back = after(tabs.SETTINGS, put("Chỉ tiêu (%)", "Giá trị", "95")), BEFORE
    journal = Tab("k", tabs.JOURNAL, [tabs.HEADERS[tabs.JOURNAL]])
    now = datetime(2023, 4, 20, 9)
    for earlier, later in ((BEFORE, there), (there, back), (BEFORE, there)):
        lines = config_lines(config_changes(earlier, later))
        rows = [list(row) + [None] * (4 - len(row)) for row in journal.rows]
        for change in read_journal(journal).changes(lines, now):
            rows.extend([None] * 4 for _ in range(change.row - len(rows)))
            rows[change.row - 1][change.column - 1] = change.value
        journal = Tab("k", tabs.JOURNAL, rows)
    assert [row[3] for row in journal.rows[1:]] == ["“100” → “95”", "“95” → “100”", "“100” → “95”"]
