"""The looks that init plans: facts about what stands where, without any file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from automation.adapters.config_files import default_tables
from automation.adapters.excel.row_heights import lines_needed
from automation.base.messages import text
from automation.base.paths import TEMPLATES
from automation.core.admin.planned_tabs import headers_of, plan_config_tabs
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.judging.locating import DASHBOARD_LINK, GUIDE_LINK
from automation.core.layout.guide import read_guide
from automation.core.layout.workbook import plan_workbook
from automation.core.model.layout import ColumnLook, Format, Protection, Role, TabLook
from automation.core.model.units import CountsAs
from automation.core.model.workbook import Cell, ConfigTables, Row, Snapshot, Tab
from automation.core.reading.cells import fold
from automation.core.reading.columns import free_columns, place_columns
from automation.core.reading.tables import find_table
from tests.core.facts import table_with
from tests.workbooks import REGISTRY_HEADERS, registry, unit_line

GUIDE = (TEMPLATES / "guide.txt").read_text("utf-8")
MAIL_KINDS = ("nhac-viec", "qua-han")


def plan(
    present: Mapping[str, Sequence[Row]] | None = None,
    units: Sequence[Row] | None = None,
    shipped: ConfigTables | None = None,
) -> dict[str, TabLook]:
    """The looks by title, for a workbook that has the tabs `present` (None: no workbook)."""
    found = None if present is None else Snapshot(tuple(Tab(title, title, rows) for title, rows in present.items()))
    units = registry(unit_line("bv-a", headcount=40)) if units is None else units
    planned = plan_config_tabs(found, shipped or default_tables(), units)
    config = read_config({title: tab.rows for title, tab in planned.items()})
    assert not isinstance(config, Refused), config.problems
    return {look.title: look for look in plan_workbook(found, config, planned, GUIDE, MAIL_KINDS)}


def with_cells(look: TabLook, rows: Sequence[Row] = ()) -> list[list[Cell]]:
    """The rows of a tab once the values of its look are in."""
    filled = [list(row) for row in rows]
    for row, column, value in look.values:
        filled.extend([] for _ in range(row - len(filled)))
        filled[row - 1].extend([None] * (column - len(filled[row - 1])))
        filled[row - 1][column - 1] = value
    return filled


def column(look: TabLook, header: str) -> ColumnLook:
    return next(each for each in look.columns if each.header == header)


def default_config() -> Config:
    config = read_config(default_tables())
    assert not isinstance(config, Refused)
    return config


# --- all tabs ---------------------------------------------------------------------------------------------


def test_every_tab_is_planned_in_order() -> None:
    assert list(plan()) == [*tabs.BOT_TABS, "bv-a"]


def test_the_config_tabs_are_closed_and_the_units_are_open() -> None:
    looks = plan()
    assert {title for title, look in looks.items() if look.protection is Protection.OPEN} == {"bv-a"}


@pytest.mark.parametrize("title", [*tabs.CONFIG_TABS, tabs.HISTORY, tabs.JOURNAL])
def test_each_column_of_the_bots_tables_is_explained_and_wide_enough(title: str) -> None:
    look = plan()[title]
    shown = [each for each in look.columns if not each.hidden]
    assert [each.header for each in shown] == list(headers_of(title))
    assert all(each.note for each in shown)
    longest_words = {each.header: max(map(len, each.header.split())) for each in shown}
    assert [each.header for each in shown if each.width < longest_words[each.header] + 2] == []


def test_a_new_config_tab_tells_what_it_is_above_its_headers() -> None:
    rows = with_cells(plan()[tabs.RULES])
    assert rows[0] == [text("look.title.Quy tắc")]
    assert rows[1] == [text("look.explanation.Quy tắc")]
    assert rows[2] == [*tabs.HEADERS[tabs.RULES], tabs.CONFIG_MARKS]


def test_the_registry_marks_what_the_bot_writes() -> None:
    look = plan()[tabs.REGISTRY]
    assert tuple(each.header for each in look.columns if each.computed) == tabs.REGISTRY_COMPUTED
    assert tuple(each.header for each in look.columns if not each.computed) == REGISTRY_HEADERS
    formats = {each.header: each.format for each in look.columns}
    assert (formats["Tỷ lệ"], formats["Nhắc gần nhất"], formats["Hoãn"], formats["Điện thoại đầu mối"]) == (
        Format.RATE,
        Format.MOMENT,
        Format.INTEGER,
        Format.TEXT,
    )


def test_statuses_show_their_colours_where_they_are_set_and_where_they_are_read() -> None:
    looks, statuses = plan(), default_config().statuses
    as_set = {status.label: status.colour for status in statuses}
    open_statuses = [status for status in statuses if status.counts_as is CountsAs.NOT_DONE]
    overdue = {f"{status.label} (quá hạn)": status.colour for status in open_statuses}
    for look, header, wanted in (
        (looks[tabs.STATUSES], "Trạng thái", as_set),
        (looks["bv-a"], "Kết quả", as_set | overdue),
    ):
        colours = {each.value: each.fill for each in look.colours if each.column == column(look, header).column}
        assert colours == wanted


def test_a_setting_with_a_fixed_set_offers_it() -> None:
    look = plan()[tabs.SETTINGS]
    names = {row: value for row, column, value in look.values if column == 1}
    offered = {names[row]: choices for row, _, choices in look.cell_choices}
    assert offered["Chế độ gửi thư"] == ("Thử", "Thật")
    assert offered["Mức tài khoản tối thiểu"] == ("Mức 1", "Mức 2")
    assert offered["Nguồn tổng số người"][-1] == "số lớn hơn"
    assert {"Ghi tên trong thư", "Bản tổng hợp", "Ngày gửi tổng hợp tuần"} <= offered.keys()
    assert "Hạn hoàn thành" not in offered
    as_shipped = {row: value for row, column, value in look.values if column == 2}
    assert all(as_shipped[row] in choices for row, _, choices in look.cell_choices)


def test_a_status_without_a_colour_gets_none() -> None:
    tables = dict(default_tables())
    tables[tabs.STATUSES] = [row[:6] if row[1] == "xong" else row for row in tables[tabs.STATUSES]]
    looks = plan(shipped=tables)
    assert "Hoàn thành" not in {colour.value for colour in looks["bv-a"].colours}


# --- dropdowns --------------------------------------------------------------------------------------------


def test_each_dropdown_of_a_units_tab_refers_to_a_hidden_column_that_holds_its_choices() -> None:
    looks = plan()
    lists = looks[tabs.LISTS]
    rows = with_cells(lists)
    hidden = {each.column for each in lists.columns if each.hidden}
    with_choices = [each for each in looks["bv-a"].columns if each.choices]
    assert len(with_choices) == 8
    for each in with_choices:
        title, area = each.choices_range.split("!")
        letter, top, _, bottom = area.replace(":", "").strip("$").split("$")
        place = ord(letter) - ord("A") + 1
        assert title == "'Danh mục'"
        assert place in hidden
        assert tuple(rows[row - 1][place - 1] for row in range(int(top), int(bottom) + 1)) == each.choices


def test_hidden_lists_keep_their_place_shrink_and_make_room() -> None:
    looks = plan()
    present = {title: with_cells(look) for title, look in looks.items()}
    lists = present[tabs.LISTS]
    first_values = [row for row in lists if row and row[0] == "Đối tượng"]
    assert len(first_values) == 3
    without_one = [row for row in lists if row is not first_values[0]]
    again = plan({**present, tabs.LISTS: without_one})[tabs.LISTS]
    rows = with_cells(again, without_one)
    place = next(each.column for each in again.columns if each.header == "Thả xuống: Đối tượng")
    assert [row[place - 1] for row in rows[3:6] if len(row) >= place] == ["Viên chức", "Người lao động", None]


def test_hidden_lists_stand_apart_from_the_table_and_from_columns_of_the_admin() -> None:
    looks = plan()
    lists = with_cells(looks[tabs.LISTS])[:101]
    visible = [row[:4] for row in lists]
    visible[2] = [*visible[2], "Ghi chú của quản trị"]
    again = plan({tabs.LISTS: visible})[tabs.LISTS]
    assert min(each.column for each in again.columns if each.hidden) == 8


# --- a unit's tab -----------------------------------------------------------------------------------------


def test_the_declaration_stands_below_readable_labels() -> None:
    look = plan()["bv-a"]
    labels = {value: place for row, place, value in look.values if row == 2}
    widths = {each.column: each.width for each in look.columns}
    assert list(labels) == [
        "Tổng số người",
        "Ngày quán triệt",
        "Hình thức quán triệt",
        "Số người được phổ biến",
        "Người thân đã vận động",
        "Ngày báo Công an",
        "Đã nhập đủ danh sách",
    ]
    assert all(2 * widths[place] > len(str(label)) + 2 for label, place in labels.items()), "on two lines"
    computed = {each.column for each in look.columns if each.computed}
    assert not computed & {place + right for place in labels.values() for right in (0, 1)}
    inputs = {cell.column: cell.format for cell in look.cells if cell.role is Role.INPUT}
    assert inputs == dict(
        zip(
            (place + 1 for place in labels.values()),
            (
                *(Format.INTEGER, Format.DATE, Format.TEXT, Format.INTEGER, Format.INTEGER),
                *(Format.DATE, Format.TICK),
            ),
            strict=True,
        )
    )


def test_the_declaration_fits_a_table_of_few_columns() -> None:
    keep = {"Mã", "ho-ten", "cccd", "doi-tuong", "the", "tinh-trang", "muc", "ket-qua"}
    fields = [
        row if row[0] in keep or str(row[3]).startswith("khai báo") else [*row[:6], "Không", *row[7:]]
        for row in default_tables()[tabs.FIELDS]
    ]
    rules: list[Row] = [default_tables()[tabs.RULES][0]]
    look = plan(shipped={**default_tables(), tabs.FIELDS: fields, tabs.RULES: rules})["bv-a"]
    labels = [place for row, place, _ in look.values if row == 2]
    answers = [cell.column for cell in look.cells if cell.role is Role.INPUT]
    assert len(labels) == len(answers) == 7
    assert len({*labels, *answers}) == 14
    assert [column.header for column in look.columns][-1] == "Kết quả"


@pytest.mark.parametrize(("headcount", "rows", "body"), [(None, 0, 300), (40, 0, 300), (1200, 0, 1300), (40, 500, 700)])
def test_formats_reach_below_the_last_person(headcount: int | None, rows: int, body: int) -> None:
    units = registry(unit_line("bv-a", headcount=headcount))
    present = with_cells(plan(units=units)["bv-a"]) + [[None, f"Người {number}"] for number in range(rows)]
    assert plan({"bv-a": present}, units)["bv-a"].body_rows == body


def test_the_unit_its_head_and_the_admin_may_edit_its_tab() -> None:
    line = unit_line("bv-a") | {"Email đầu mối": "a@example.org | b@example.org", "Email thủ trưởng": "c@example.org"}
    look = plan(units=registry(line))["bv-a"]
    assert look.editors == ("a@example.org", "b@example.org", "c@example.org")
    assert look.admins == ("quan-tri@example.org",)


def test_the_admin_may_edit_what_is_closed_to_others_and_a_tab_that_is_nobodys_stays_open() -> None:
    looks = plan()
    assert {look.admins for look in looks.values()} == {("quan-tri@example.org",)}
    assert {look.editors for look in looks.values()} == {()}


@pytest.mark.parametrize(
    ("headers", "frozen"),
    [
        (["STT", "Họ và tên", "Ngày sinh", "Số CCCD"], 2),
        (["Họ và tên", "Ngày sinh", "Số CCCD"], 1),
        (["Ngày sinh", "Số CCCD", "Khoa/Phòng", "Họ và tên"], 0),
    ],
)
def test_names_stay_in_view_where_they_leave_room(headers: list[str], frozen: int) -> None:
    assert plan({"bv-a": [headers]})["bv-a"].frozen_columns == frozen


TO_GUIDE, TO_DASHBOARD = (text(key) for key in (GUIDE_LINK, DASHBOARD_LINK))


def line_1(rows: Sequence[Row] | None) -> tuple[dict[str, int], Role, int, float]:
    """Where the links stand, and of the line beside them its role, how wide and how high it is."""
    look = plan({"bv-a": rows} if rows else None)["bv-a"]
    columns = {cell.column for cell in look.cells if cell.role is Role.LINK}
    values = {str(value): column for row, column, value in look.values if row == 1 and column in columns}
    (line,) = (cell for cell in look.cells if (cell.row, cell.column) == (1, 1))
    (height,) = (points for row, points in look.row_heights if row == 1)
    return values, line.role, line.across, height


def without(header: str) -> list[Row]:
    """The rows of a new tab from which somebody deleted a column."""
    rows = with_cells(plan()["bv-a"])
    column = rows[2].index(header)
    return [[*row[:column], *row[column + 1 :]] for row in rows]


def test_links_of_line_1_go_where_they_can_be_read() -> None:
    assert line_1(None) == ({TO_GUIDE: 4, TO_DASHBOARD: 5}, Role.HEADLINE, 3, 48)
    narrow: list[Row] = [[], [], ["Kết quả", "STT", "Họ và tên", "Giới tính", "Ngày sinh", "Đối tượng"]]
    assert line_1(narrow)[0] == {TO_GUIDE: 5, TO_DASHBOARD: 6}


def test_columns_that_people_insert_double_no_link() -> None:
    rows: list[Row] = [[*row[:3], None, None, *row[3:]] for row in with_cells(plan()["bv-a"])]
    assert line_1(rows)[0] == {TO_GUIDE: 6, TO_DASHBOARD: 7}


def test_without_its_column_of_results_line_1_stays_beside_its_links() -> None:
    _, role, across, height = line_1(without("Kết quả"))
    assert (role, across, height) == (Role.HEADLINE, 2, 64)


def test_labels_that_break_twice_have_a_higher_line() -> None:
    names = ["STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Đối tượng", "Thẻ CCCD gắn chíp", "Mức tài khoản"]
    (height,) = (points for row, points in plan()["bv-a"].row_heights if row == 2)
    (more,) = (points for row, points in plan({"bv-a": [[], [], names]})["bv-a"].row_heights if row == 2)
    assert (height, more) == (34, 49)


def test_the_declaration_stands_where_label_and_answer_scroll_and_print_together() -> None:
    look = plan()["bv-a"]
    labels = [column for row, column, _ in look.values if row == 2]
    assert labels[0] == look.frozen_columns + 1
    answers = {cell.column for cell in look.cells if cell.row == 2 and cell.role is Role.INPUT}
    assert {label + 1 for label in labels} == answers


@pytest.mark.parametrize(
    ("headers", "printed"),
    [
        ([], "Việc cần làm–Dữ liệu đã xét"),
        (["STT", "Họ và tên", "Số CCCD"], "Kết quả–Dữ liệu đã xét"),
        (["STT", "Họ và tên", "Việc cần làm", "Số CCCD"], ""),
        (["Tên khoa", "Tên tổ", "Ghi chú", "Số CCCD", "Họ và tên", "Ngày sinh"], ""),
    ],
    ids=["new tab", "results at the right", "results apart", "names out of sight"],
)
def test_paper_shows_the_results_beside_the_names_where_a_page_takes_them(headers: list[str], printed: str) -> None:
    """With the hidden column, which is filled for everybody: paper ended where the last had something to do, so that of
    a unit that is through nobody was printed.
    """
    look = plan({"bv-a": [headers]} if headers else None)["bv-a"]
    shown = {each.column: each.header for each in look.columns}
    assert "–".join(shown[each] for each in look.printed or ()) == printed


def test_paper_shows_the_results_alone_where_the_hidden_column_stands_apart() -> None:
    headers = ["STT", "Họ và tên", "Dữ liệu đã xét", "Số CCCD", "Kết quả", "Việc cần làm", "Lỗi cần sửa"]
    look = plan({"bv-a": [headers]})["bv-a"]
    assert look.printed == (5, 7)


@pytest.mark.parametrize("title", tabs.CONFIG_TABS)
def test_paper_shows_config_tabs_in_letters_that_can_be_read(title: str) -> None:
    """The registry had letters of 3 points; one page shows 123 characters in letters of 11."""
    look = plan()[title]
    shown = [each for each in look.columns if not each.hidden]
    held = sum(each.width for each in shown if each.column <= look.frozen_columns)
    page = (sum(each.width for each in shown) - held) / look.pages_across + held
    assert look.pages_across == (3 if title == tabs.REGISTRY else 2 if title in (tabs.RULES, tabs.STATUSES) else 1)
    assert page <= (123 * 11 / 6 if look.frozen_columns else 123 * 11 / 4.9)


def test_paper_shows_mails_without_the_keys_that_are_for_the_bot() -> None:
    look = plan()[tabs.MAILS]
    assert [each.header for each in look.columns if look.printed and not 1 <= each.column <= look.printed[1]] == [
        "Mã thư"
    ]


@pytest.mark.parametrize(
    ("title", "header"),
    [
        (tabs.SETTINGS, "Mục"),
        (tabs.HISTORY, "Đơn vị"),
        (tabs.REGISTRY, "Email thủ trưởng"),
        ("bv-a", "Khó khăn, vướng mắc"),
    ],
)
def test_what_is_longer_than_its_column_breaks(title: str, header: str) -> None:
    """A difficulty in many words ran into the blank cell beside it, as if that was to be done."""
    assert column(plan()[title], header).wrap


def test_names_of_tabs_of_the_bot_are_no_units() -> None:
    looks = plan(units=registry(unit_line("bv-a") | {"Trang tính": "Tổng hợp"}))
    assert looks["Tổng hợp"].protection is Protection.STRICT


# --- columns ----------------------------------------------------------------------------------------------

WANTED = {"a": "Họ và tên", "b": "Ngày sinh", "c": "Số CCCD", "d": "Đối tượng"}


@pytest.mark.parametrize(
    ("rows", "columns", "added"),
    [
        ([["Họ và tên", "Ngày sinh", "Số CCCD", "Đối tượng"]], {"a": 1, "b": 2, "c": 3, "d": 4}, ""),
        ([["Họ và tên", "Ngày sinh"]], {"a": 1, "b": 2, "c": 3, "d": 4}, "cd"),
        ([["Họ và tên", None, "Số CCCD"]], {"a": 1, "b": 2, "c": 3, "d": 4}, "bd"),
        ([["Họ và tên", "Lương", "Số CCCD"]], {"a": 1, "b": 4, "c": 3, "d": 5}, "bd"),
        ([["Số CCCD", None, "Họ và tên"]], {"a": 3, "b": 4, "c": 1, "d": 5}, "bd"),
        ([["Họ và tên", "Ngày sinh", "Ngày sinh"]], {"a": 1, "b": 2, "c": 4, "d": 5}, "cd"),
        ([["Họ và tên", "Ngày sinh"], [None, None, None, "x"]], {"a": 1, "b": 2, "c": 5, "d": 6}, "cd"),
        ([["Họ và tên", "Ngày sinh"], ["x", "x", "\u00a0", ""]], {"a": 1, "b": 2, "c": 3, "d": 4}, "cd"),
        ([["Họ và tên", "Số CCCD cũ", "Ngày sinh"]], {"a": 1, "b": 3, "d": 4}, "d"),
    ],
)
def test_missing_columns_find_their_place(rows: list[Row], columns: dict[str, int], added: str) -> None:
    table = find_table(rows, {fold(header): code for code, header in WANTED.items()}, 2)
    assert table is not None
    placed = place_columns(rows, table, WANTED)
    assert (placed.columns, "".join(placed.added)) == (columns, added)


def test_a_stray_cell_far_to_the_right_pushes_nothing_away() -> None:
    rows: list[Row] = [["a"], [*[None] * 400, "x"], [None, None, "y"]]
    assert free_columns(rows, 1, 1) == 2
    assert free_columns(rows, 1, 3) == 4


@pytest.mark.parametrize(("setting", "kind"), [("Có", Format.TEXT), ("Không", Format.DATE), (None, Format.DATE)])
def test_dates_stay_as_they_were_typed_where_the_admin_says_so(setting: str | None, kind: Format) -> None:
    settings = table_with(tabs.SETTINGS, ("Mục", "Ngày ghi dạng chữ"), Giá_trị=setting)
    columns = {
        each.header: each for each in plan(shipped={**default_tables(), tabs.SETTINGS: settings})["bv-a"].columns
    }
    dates = ("Ngày sinh", "Ngày cấp thẻ", "Ngày kích hoạt", "Hoãn đến ngày")
    assert {columns[header].format for header in dates} == {kind}
    assert columns["Số CCCD"].format is Format.TEXT


# --- the guide --------------------------------------------------------------------------------------------


def test_the_guide_explains_every_column_status_and_declaration() -> None:
    config = default_config()
    lines = {line.term: line.explanation for line in read_guide(GUIDE, config) if line.role is Role.TEXT}
    wanted = [field.header for field in config.fields if field.type.is_input or field.type.is_declared]
    assert [header for header in wanted if header != "STT" and not lines.get(header)] == []
    assert [status.code for status in config.statuses if not lines.get(status.label)] == ["chua-du-muc"]


LINES_OF_A_PAGE = 60
"""Of 11 points on an A4 page that stands, where letters come out as 9 points."""


def test_what_a_nurse_needs_of_the_guide_is_one_page() -> None:
    look = plan({})[tabs.GUIDE]
    term, explanation = (column.width for column in look.columns[:2])
    page = {(row, column): str(value) for row, column, value in look.values if row <= look.printed_down_to}
    lines = (
        max(lines_needed(page.get((row, 1), ""), term), lines_needed(page.get((row, 2), ""), explanation))
        for row in range(1, look.printed_down_to + 1)
        if (row, 2) in page or dict(look.row_heights).get(row)
    )
    assert term + explanation <= 102
    assert 40 < sum(lines) <= LINES_OF_A_PAGE
    assert page.get((look.printed_down_to, 1)) == "Khi có khó khăn, vướng mắc"
    assert next(value for row, column, value in look.values if (row, column) == (look.printed_down_to + 1, 1)) == (
        "5. Tra cứu khi cần"
    )


def test_the_guide_leaves_no_mark_open() -> None:
    lines = read_guide(GUIDE, default_config())
    assert [line for line in lines if set("{}[]#|") & set(line.term + line.explanation)] == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("# A\n\n## B\nC | D\nE", [("A", ""), ("", ""), ("1. B", ""), ("C", "D"), ("", "E")]),
        ("Hạn | [Hạn hoàn thành], [ Cơ quan ]", [("Hạn", "30/04/2023, Sở Y tế Thành phố Hồ Chí Minh")]),
        ("## A\n?khong-co B | C\n?the D | E", [("1. A", ""), ("D", "E")]),
        ("?the ?khong-co ## A\nB | C\n## D\n?ho-ten ?the E | F", [("1. D", ""), ("E", "F")]),
        ("Hỏi | [Liên hệ Công an]\nHỏi | [Không có mục này]", []),
    ],
)
def test_the_marks_of_the_guide(source: str, lines: list[tuple[str, str]]) -> None:
    assert [(line.term, line.explanation) for line in read_guide(source, default_config())] == lines


@pytest.mark.parametrize(
    ("level", "missing", "steps_of_level_1"),
    [("Mức 1", "Chưa đạt mức yêu cầu", True), ("mức 1", "Chưa đạt mức yêu cầu", True), ("Mức 2", None, False)],
)
def test_the_guide_follows_the_level_that_is_required(level: str, missing: str | None, steps_of_level_1: bool) -> None:
    """A status that nobody can have is not in it, nor a way that leads nowhere."""
    settings = table_with(tabs.SETTINGS, ("Mục", "Mức tài khoản tối thiểu"), Giá_trị=level)
    config = read_config({**default_tables(), tabs.SETTINGS: settings})
    assert isinstance(config, Config)
    lines = read_guide(GUIDE, config)
    labels = {status.label for status in config.statuses} - {line.term for line in lines}
    assert labels == ({missing} if missing else set())
    assert any("Đăng ký tài khoản Mức 1" in line.term for line in lines) is steps_of_level_1


def test_the_guide_tells_special_cases_in_the_words_of_today() -> None:
    """A value or a column that was renamed, its former name kept as another spelling, stood there as it was."""
    lists = table_with(
        tabs.LISTS, ("Giá trị", "Đã làm, chờ cấp"), Giá_trị="Đang làm thẻ", Cách_viết_khác="Đã làm, chờ cấp"
    )
    fields = table_with(tabs.FIELDS, ("Mã", "muc"), Tiêu_đề="Mức", Tên_khác="Mức tài khoản")
    config = read_config({**default_tables(), tabs.LISTS: lists, tabs.FIELDS: fields})
    assert isinstance(config, Config)
    said = " ".join(line.explanation for line in read_guide(GUIDE, config))
    assert "Trường hợp Thẻ CCCD gắn chíp = Đang làm thẻ; Mức = Mức 2: " in said
    assert "= Đã làm, chờ cấp" not in said
    assert "Trường hợp Mức tài khoản" not in said


def test_the_guide_lists_the_usual_mistakes_one_by_one() -> None:
    config = default_config()
    lines = [line.explanation for line in read_guide(GUIDE, config) if re.fullmatch(r"Lỗi \d", line.term)]
    assert lines == list(config.settings.usual_mistakes)
    assert len(lines) == 5


def test_the_guide_names_the_documents_of_the_day_and_the_criterion_of_the_year() -> None:
    lines = {day: read_guide(GUIDE, default_config().on(day)) for day in (date(2023, 4, 20), date(2024, 7, 1))}
    assert [sum("Nghị định số 59/2022/NĐ-CP" in line.term for line in each) for each in lines.values()] == [1, 0]
    (criterion,) = [line for line in lines[date(2023, 4, 20)] if line.term == "Đánh giá cuối năm"]
    assert "xếp loại chất lượng cuối năm" in criterion.explanation


def test_a_shorter_guide_clears_what_the_longer_one_left() -> None:
    present = {tabs.GUIDE: [["Hướng dẫn dành cho đơn vị", "cũ", "cũ"], ["Nội dung", "cũ"], *[["cũ"]] * 200]}
    rows = with_cells(plan(present)[tabs.GUIDE], present[tabs.GUIDE])
    assert [cell for row in rows for cell in row if cell == "cũ"] == []


def test_the_guide_names_no_file_or_person() -> None:
    assert [word for word in ("@", "http", "0900") if word in GUIDE] == []
    assert Path(TEMPLATES / "guide.txt").exists()
