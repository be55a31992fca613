"""`tccb init` on real files: what it makes, what it brings back, and what it must leave alone."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.utils.cell import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.config_files import default_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.clock import standing_clock
from automation.app.cycle import check, run_cycle
from automation.app.init import SetUpReport, read_units_csv, set_up
from automation.base.errors import CannotStart
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.config.meanings import all_words
from automation.core.config.values import Config
from automation.core.judging.judging import judge
from automation.core.judging.locating import locate
from automation.core.model.workbook import Cell, Snapshot
from automation.core.reading.cells import as_text
from automation.core.reading.tables import find_table
from automation.core.text.moments import VIET_NAM
from tests.examples import costly, cross_section
from tests.fakes_store import MemoryStore
from tests.office import converted, needs_calc
from tests.workbooks import NOW, SOUND, config_with, unit_tab

CLOCK = standing_clock(datetime(2023, 4, 20, 8, 0))
UNITS = "Mã;Tên đơn vị;Tổng số người;Email đầu mối\nbv-a;Bệnh viện A;1.200;a@example.org\nbv-b;Bệnh viện B;;\n"


@pytest.fixture
def units(tmp_path: Path) -> Path:
    path = tmp_path / "units.csv"
    path.write_text(UNITS, "utf-8")
    return path


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of two units, as init leaves it."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "units.csv").write_text(UNITS, "utf-8")
    assert set_up(ExcelWorkbook(folder / "book.xlsx"), folder / "units.csv").problems == ()
    return folder / "book.xlsx"


@pytest.fixture
def path(tmp_path: Path, drawn: Path) -> Path:
    """The same, to be changed."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(drawn.read_bytes())
    return path


def init(path: Path, units: Path | None = None) -> SetUpReport:
    return set_up(ExcelWorkbook(path), units)


def edit(path: Path, change: Callable[[Book], object]) -> None:
    """Somebody opens the workbook, changes it and saves it."""
    book = load_workbook(path)
    change(book)
    book.save(path)


def snapshot(path: Path) -> Snapshot:
    return ExcelWorkbook(path).read()


def rows(path: Path, title: str) -> list[list[Cell]]:
    return [list(row) for tab in snapshot(path).tabs if tab.title == title for row in tab.rows]


def lines(path: Path, title: str) -> list[dict[str, Cell]]:
    """The rows of a tab of the bot by header."""
    present = rows(path, title)
    headers = (*tabs.HEADERS[title], *(tabs.REGISTRY_COMPUTED if title == tabs.REGISTRY else ()))
    table = find_table(present, {header.casefold(): header for header in headers}, 2)
    assert table is not None
    return [
        {header: table.cell(row, header) for header in headers if header in table.columns}
        for row in present[table.header_row :]
        if any(table.cell(row, header) is not None for header in headers)
    ]


def cells(path: Path) -> dict[tuple[str, int, int], Cell]:
    return {
        (tab.title, row, column): cell
        for tab in snapshot(path).tabs
        for row, values in enumerate(tab.rows, 1)
        for column, cell in enumerate(values, 1)
        if cell is not None
    }


def cells_of_people(path: Path) -> dict[tuple[str, int, int], Cell]:
    """Everything but the guide, which is the bot's and follows the configuration."""
    return {place: cell for place, cell in cells(path).items() if place[0] != tabs.GUIDE}


def config_of(path: Path) -> Config:
    by_title = {tab.title: tab.rows for tab in snapshot(path).tabs}
    config = read_config({title: by_title[title] for title in tabs.CONFIG_TABS})
    assert not isinstance(config, Refused)
    return config


def appearance(path: Path) -> dict[str, Any]:
    """Everything that init draws, tab by tab."""
    book = load_workbook(path)
    return {sheet.title: _appearance(sheet) for sheet in book.worksheets}


def _appearance(sheet: Worksheet) -> dict[str, Any]:
    return {
        "cells": {
            cell.coordinate: (cell.value, cell.data_type, cell.number_format, cell.font.b, cell.fill.fgColor.rgb)
            for line in sheet.iter_rows()
            for cell in line
            if cell.value is not None or cell.has_style
        },
        "notes": {cell.coordinate: cell.comment.text for line in sheet.iter_rows() for cell in line if cell.comment},
        "widths": {letter: (each.width, each.hidden) for letter, each in sheet.column_dimensions.items()},
        "heights": {number: each.height for number, each in sheet.row_dimensions.items() if each.height},
        "dropdowns": sorted(
            (str(each.sqref), each.type, each.formula1, each.errorStyle)
            for each in sheet.data_validations.dataValidation
        ),
        "colours": sorted(
            (str(each.sqref), rule.formula[0]) for each in sheet.conditional_formatting for rule in each.rules
        ),
        "merged": sorted(map(str, sheet.merged_cells.ranges)),
        "frozen": sheet.freeze_panes,
        "protected": sheet.protection.sheet,
    }


def choices(path: Path, title: str, header: str, header_row: int = 3) -> list[Any]:
    """What the dropdown below a header offers."""
    book = load_workbook(path)
    sheet = book[title]
    column = next(cell.column for cell in sheet[header_row] if cell.value == header)
    for each in sheet.data_validations.dataValidation:
        if sheet.cell(header_row + 1, column).coordinate in each.sqref and each.type == "list":
            if str(each.formula1).startswith('"'):
                return str(each.formula1).strip('"').split(",")
            tab, area = str(each.formula1).rsplit("!", 1)
            found = book[tab.strip("'")][area.replace("$", "")]
            return [cell.value for (cell,) in found]
    return []


# --- a new workbook ---------------------------------------------------------------------------------------


def test_a_new_workbook_has_every_tab_in_order(path: Path) -> None:
    assert [tab.title for tab in snapshot(path).tabs] == [
        "Hướng dẫn",
        "Cấu hình",
        "Cột dữ liệu",
        "Danh mục",
        "Quy tắc",
        "Trạng thái",
        "Chỉ số",
        "Văn bản",
        "Nhắc việc",
        "Đơn vị",
        "Tổng hợp",
        "Lịch sử",
        "Nhật ký",
        "Thư đã gửi",
        "BV A",
        "BV B",
    ]


def test_a_new_workbook_holds_the_shipped_configuration_and_the_units_of_the_list(path: Path) -> None:
    config = config_of(path)
    shipped = read_config(default_tables())
    assert not isinstance(shipped, Refused)
    assert (config.settings, config.fields, config.lists, config.rules) == (
        shipped.settings,
        shipped.fields,
        shipped.lists,
        shipped.rules,
    )
    assert (config.statuses, config.rungs) == (shipped.statuses, shipped.rungs)
    assert [(unit.code, unit.tab_title, unit.headcount) for unit in config.units] == [
        ("bv-a", "BV A", 1200),
        ("bv-b", "BV B", None),
    ]


@pytest.mark.slow
def test_without_a_list_the_shipped_units_get_their_tabs(tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    report = init(path)
    config = config_of(path)
    assert len(config.units) == 80
    assert report.new_tabs == (*tabs.BOT_TABS, *(unit.tab_title for unit in config.units))
    assert len(locate(snapshot(path), config).tables) == 80


def links(path: Path) -> dict[str, dict[str, str]]:
    """By tab, what each cell opens."""
    found: dict[str, dict[str, str]] = {}
    for sheet in load_workbook(path).worksheets:
        for link in (cell.hyperlink for row in sheet for cell in row):
            if link:
                found.setdefault(sheet.title, {})[link.ref] = str(link.location or link.target)
    return found


def test_every_units_tab_opens_with_a_click_and_leads_back(tmp_path: Path, units: Path) -> None:
    path, own = tmp_path / "book.xlsx", "https://docs.google.com/spreadsheets/d/rieng/edit"
    units.write_text(
        UNITS.replace(";Email", ";Bảng tính;Email").replace(";;", f";;{own};").replace("00;a", "00;;a"), "utf-8"
    )
    init(path, units)
    guide, (first, second, *_) = rows(path, tabs.GUIDE), reversed([*links(path)[tabs.GUIDE]])
    assert (links(path)[tabs.GUIDE][second], links(path)[tabs.GUIDE][first]) == ("'BV A'!A1", own)
    assert [guide[-2][:2], guide[-1][:2]] == [
        ["Bệnh viện A", "Trang “BV A”"],
        ["Bệnh viện B", "Bảng tính riêng của đơn vị"],
    ]
    assert list(links(path)[tabs.REGISTRY].values()) == ["'BV A'!A1", own]
    assert links(path)[tabs.DASHBOARD] == {"O2": f"'{tabs.GUIDE}'!A{len(guide) - 1}"}
    assert links(path)["BV A"] == {"D1": "'Hướng dẫn'!A1", "E1": "'Tổng hợp'!A1"}


@pytest.mark.slow
def test_links_follow_what_they_open_and_leave_those_of_people_alone(path: Path) -> None:
    def rename(book: Book) -> None:
        book["BV A"].title = "Khoa A"
        book["BV B"]["E4"].hyperlink = "https://example.org/"

    edit(path, rename)
    init(path)
    once = path.read_bytes()
    assert "'Khoa A'!A1" in links(path)[tabs.GUIDE].values()
    assert links(path)["BV B"] == {"D1": "'Hướng dẫn'!A1", "E1": "'Tổng hợp'!A1", "E4": "https://example.org/"}
    init(path)
    assert path.read_bytes() == once


@pytest.mark.slow
def test_ten_rows_with_many_errors_stand_on_a_small_screen(path: Path) -> None:
    """1366 to 768 pixels leave 620 for cells; a point is 4/3 of one."""
    wrong: dict[str, Cell] = {"Ngày sinh": "31/02/1990", "Số CCCD": "079085", "Giới tính": "?", "Đối tượng": None}

    def fill(book: Book) -> None:
        sheet = book["BV A"]
        for row in range(4, 14):
            for column, cell in enumerate(sheet[3], start=1):
                sheet.cell(row, column, {**SOUND, **wrong}.get(str(cell.value)))

    edit(path, fill)
    run_cycle(ExcelWorkbook(path), MemoryStore(), None, standing_clock(NOW))
    sheet = load_workbook(path)["BV A"]
    assert [sheet.cell(row, 1).value for row in range(4, 14)] == ["Cần sửa dữ liệu"] * 10
    assert sum(sheet.row_dimensions[row].height or 15 for row in range(1, 14)) * 4 / 3 <= 620


@pytest.mark.slow
@pytest.mark.office
@needs_calc
def test_what_libreoffice_saved_is_drawn_again(path: Path, tmp_path: Path) -> None:
    """Twice, and a cycle between: what it calculated is written down then."""
    for name in ("once", "twice"):
        path = converted(path, "xlsx", tmp_path / name)
        before = cells_of_people(path)
        assert not init(path).problems
        assert cells_of_people(path) == before
        run_cycle(ExcelWorkbook(path), MemoryStore(), None, standing_clock(NOW))
        assert load_workbook(path)["BV A"].print_area == "'BV A'!$S$1:$U$1048576"


def test_a_tab_of_before_keeps_its_line_1_to_itself(path: Path) -> None:
    edit(path, lambda book: book["BV A"].insert_cols(1))
    edit(path, lambda book: book["BV A"].delete_cols(1, 2))
    init(path)
    assert "BV A" not in links(path)


def test_a_units_tab_asks_for_its_declaration_and_its_people(path: Path) -> None:
    first, declaration, headers = rows(path, "BV A")
    ours = "Bệnh viện A · Nhập người đầu tiên ở dòng 4, ô vàng là bắt buộc · hệ thống chưa kiểm tra trang này"
    assert [cell for cell in first if cell is not None] == [ours, "→ Hướng dẫn", "→ Tổng hợp"]
    assert [cell for cell in declaration if cell is not None] == [
        "Tổng số người",
        "Ngày quán triệt",
        "Hình thức quán triệt",
        "Số người được phổ biến",
        "Người thân đã vận động",
        "Ngày báo Công an",
        "Đã nhập đủ danh sách",
    ]
    config = config_of(path)
    assert headers == ["Kết quả"] + [field.header for field in config.fields if field.type.is_input] + [
        "Việc cần làm",
        "Lỗi cần sửa",
        "Dữ liệu đã xét",
    ]


@pytest.mark.parametrize(
    ("title", "header", "offered"),
    [
        ("BV A", "Giới tính", ["Nam", "Nữ"]),
        ("BV B", "Thẻ CCCD gắn chíp", ["Đã có", "Đã làm, chờ cấp", "Chưa làm", "Mất, hỏng, cần đổi"]),
        ("Quy tắc", "Chế độ", ["Bật", "Thử", "Tắt"]),
        ("Quy tắc", "Mức độ", ["Lỗi", "Cảnh báo"]),
        ("Danh mục", "Tính", list(all_words())),
        ("Trạng thái", "Tính", ["hoàn thành", "chưa hoàn thành", "tạm hoãn", "ngoài diện"]),
        ("Cột dữ liệu", "Dùng", ["Có", "Không"]),
        ("Nhắc việc", "Mẫu thư", ["bat-dau", "cam-on", "im-lang", "nhac-viec", "qua-han", "thu-truong"]),
    ],
)
def test_a_dropdown_offers_what_may_be_entered(path: Path, title: str, header: str, offered: list[str]) -> None:
    assert choices(path, title, header) == offered


def test_numbers_with_leading_zeros_stay_text(path: Path) -> None:
    sheet = load_workbook(path)["BV A"]
    columns = enumerate((cell.value for cell in sheet[3]), 1)
    formats = {header: sheet.column_dimensions[get_column_letter(n)].number_format for n, header in columns}
    assert (formats["Số CCCD"], formats["Điện thoại"], formats["Ngày sinh"]) == ("@", "@", "dd/mm/yyyy")
    places = [line["Giá trị"] for line in lines(path, "Danh mục") if line["Danh mục"] == "Mã nơi sinh"]
    assert (len(places), places[0]) == (63, "001")


# --- doing it again ---------------------------------------------------------------------------------------


def _pairs(sheet: Worksheet) -> Iterator[tuple[str, str]]:
    """Ink and fill of every cell that has a look of its own, and of every conditional format."""
    for row in sheet.iter_rows(max_row=40):
        for cell in row:
            yield _rgb(cell.font.color, "000000"), _rgb(cell.fill.fgColor if cell.fill.fill_type else None, "FFFFFF")
    for place in sheet.conditional_formatting:
        for rule in place.rules:
            font, fill = rule.dxf.font, rule.dxf.fill
            yield _rgb(font.color if font else None, "000000"), _rgb(fill.bgColor if fill else None, "FFFFFF")


def _rgb(colour: Any, otherwise: str) -> str:
    return str(colour.rgb)[-6:] if colour is not None and isinstance(colour.rgb, str) else otherwise


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_whatever_is_drawn_can_be_read_on_its_colour(path: Path) -> None:
    """WCAG 2.1, 1.4.3: a contrast of 4.5 : 1."""
    pairs = {pair for sheet in load_workbook(path).worksheets for pair in _pairs(sheet)}
    bright = {pair: sorted(map(_luminance, pair)) for pair in pairs}
    assert [pair for pair, (dark, light) in bright.items() if (light + 0.05) / (dark + 0.05) < 4.5] == []
    assert len(pairs) > 10


def test_a_second_time_changes_nothing(path: Path) -> None:
    before = appearance(path)
    report = init(path)
    assert (report.new_tabs, report.new_headers, report.new_settings, report.new_units) == ((), (), (), ())
    assert report.problems == ()
    assert appearance(path) == before


PEOPLE: Sequence[Sequence[Cell]] = (
    (1, "Nguyễn Văn An", datetime(1985, 3, 15), "Nam", "079085000123", "Viên chức", True, "Khoa Nội", "0900000001"),
    ("2", "Tra\u0302\u0300n Thi\u0323 B\u200b", "15-3-85", "nữ ", 79185000124, "vc", "x", None, 900000002),
    (None, None, None, None, None, None, None, None, None),
    (3.5, "#REF!", 31121, False, "'079085000125", "=1+1", "  ", "1-2", "+84 90"),
    ("Tổng cộng", "2 người"),
)


def test_what_people_typed_stays_cell_by_cell(path: Path) -> None:
    def fill(book: Book) -> None:
        sheet = book["BV A"]
        sheet["A1"], sheet["E2"], sheet["G2"], sheet["Q2"] = "Danh sách của khoa", "1.200 người", date(2023, 4, 12), "X"
        for number, person in enumerate(PEOPLE, 4):
            for column, value in enumerate(person, 2):
                sheet.cell(number, column, value)
        sheet["W3"], sheet["W4"], sheet["W5"] = "Ghi chú riêng", "=SUM(A4:A5)", 0.5
        sheet["A4"] = "Hoàn thành"
        book["Cấu hình"]["B9"] = 95
        book["Quy tắc"]["B4"] = "Tắt"
        book["Đơn vị"]["G4"] = "Trần Thị Bình"
        book.create_sheet("Nháp")["B2"] = "ghi nhớ"

    edit(path, fill)
    before = cells_of_people(path)
    report = init(path)
    after = cells_of_people(path)
    assert {place: (type(cell), cell) for place, cell in before.items()} == {
        place: (type(after.get(place)), after.get(place)) for place in before
    }
    assert set(after) == set(before)
    assert report.new_tabs == ()


def test_a_refused_configuration_leaves_the_file_alone(path: Path) -> None:
    def spoil(book: Book) -> None:
        book["Cấu hình"]["B8"] = "cuối tháng tư"
        book["Quy tắc"]["E4"] = "bắt bược"

    edit(path, spoil)
    before = path.read_bytes()
    report = init(path)
    assert not report.drawn
    assert [problem.where for problem in report.problems] == ["Trang “Cấu hình”, ô B8", "Trang “Quy tắc”, ô E4"]
    assert path.read_bytes() == before


# --- what is brought back ---------------------------------------------------------------------------------


def _remove_dropdowns(book: Book) -> None:
    for sheet in book.worksheets:
        sheet.data_validations.dataValidation.clear()


def _spoil_hidden_lists(book: Book) -> None:
    book["Danh mục"].delete_cols(7, 2)


def _remove_notes_and_formats(book: Book) -> None:
    for cell in book["BV A"][3]:
        cell.comment, cell.number_format, cell.style = None, "0", "Normal"
    book["BV A"].freeze_panes = None


def _unprotect(book: Book) -> None:
    book["Đơn vị"].protection.sheet = False


def _remove_tabs(book: Book) -> None:
    for title in ("Hướng dẫn", "Nhật ký", "BV B"):
        del book[title]


def _remove_log_headers(book: Book) -> None:
    book["Lịch sử"].delete_rows(1)


def _empty_header(book: Book) -> None:
    book["BV A"]["E3"] = None
    book["Trạng thái"]["D3"] = None


def _empty_header_line(book: Book) -> None:
    for cell in book["Quy tắc"][3]:
        cell.value = None


def _remove_labels(book: Book) -> None:
    for cell in book["BV A"][2]:
        cell.value = None


@pytest.mark.parametrize(
    "damage",
    [
        _remove_dropdowns,
        _remove_tabs,
        *(
            pytest.param(each, marks=pytest.mark.slow, id=each.__name__)
            for each in (
                _spoil_hidden_lists,
                _remove_notes_and_formats,
                _unprotect,
                _remove_log_headers,
                _empty_header,
                _empty_header_line,
                _remove_labels,
            )
        ),
    ],
    ids=lambda damage: damage.__name__,
)
def test_damage_is_repaired(path: Path, damage: Callable[[Book], object]) -> None:
    before, look = cells(path), appearance(path)
    edit(path, damage)
    assert appearance(path) != look
    assert init(path).problems == ()
    assert cells(path) == before
    assert {title: tab["dropdowns"] for title, tab in appearance(path).items()} == {
        title: tab["dropdowns"] for title, tab in look.items()
    }
    assert {title: (tab["notes"], tab["frozen"], tab["protected"]) for title, tab in appearance(path).items()} == {
        title: (tab["notes"], tab["frozen"], tab["protected"]) for title, tab in look.items()
    }


def test_history_whose_headers_are_gone_keeps_its_rows(path: Path) -> None:
    def write(book: Book) -> None:
        book["Lịch sử"].append([datetime(2023, 4, 20), "bv-a", "Bệnh viện A", 10, 5, 0.5])

    edit(path, write)
    before = rows(path, "Lịch sử")
    edit(path, _remove_log_headers)
    init(path)
    assert rows(path, "Lịch sử") == before


def test_a_lost_setting_comes_back_and_a_deleted_rule_does_not(path: Path) -> None:
    def remove(book: Book) -> None:
        book["Cấu hình"].delete_rows(9)
        book["Quy tắc"].delete_rows(4)
        book["Danh mục"].delete_rows(4)

    edit(path, remove)
    report = init(path)
    assert report.new_settings == ("Chỉ tiêu (%)",)
    assert lines(path, "Cấu hình")[-1]["Giá trị"] == "100"
    assert [line["Mã"] for line in lines(path, "Quy tắc")][:1] == ["ho-ten-la"]
    assert choices(path, "BV A", "Giới tính") == ["Nữ"]


def test_a_setting_that_was_renamed_is_not_silently_replaced(path: Path) -> None:
    edit(path, lambda book: book["Cấu hình"].__setitem__("A8", "Hạn hoàn thành đợt 1"))
    report = init(path)
    assert not report.drawn
    assert "Hạn hoàn thành đợt 1" in report.problems[0].fix


def test_a_deleted_config_column_comes_back_with_the_shipped_cells(path: Path) -> None:
    before = {line["Mã"]: line["Khi"] for line in lines(path, "Trạng thái")}

    def remove(book: Book) -> None:
        book["Trạng thái"].delete_cols(4)

    edit(path, remove)
    report = init(path)
    assert report.new_headers == (("Trạng thái", "Khi"),)
    assert {line["Mã"]: line["Khi"] for line in lines(path, "Trạng thái")} == before


def test_a_renamed_config_column_is_reported_not_doubled(path: Path) -> None:
    edit(path, lambda book: book["Quy tắc"].__setitem__("F3", "Các tham số"))
    report = init(path)
    assert not report.drawn
    assert "Các tham số" in report.problems[0].fix


# --- what an admin adds -----------------------------------------------------------------------------------


def test_a_new_field_gets_a_column_beside_what_is_there(path: Path) -> None:
    def add(book: Book) -> None:
        book["BV A"]["V3"] = "Ghi chú riêng"
        book["BV A"]["W9"] = "một ô lạc"
        book["Cột dữ liệu"].append(["chuc-vu", "Chức vụ", None, "văn bản", None, "Không", "Có", "Chức vụ hiện nay."])

    edit(path, add)
    before = cells_of_people(path)
    init(path)
    after = cells_of_people(path)
    assert {place: after[place] for place in before} == before
    assert {(title, row, column): after[title, row, column] for title, row, column in after.keys() - before.keys()} == {
        ("BV A", 3, 24): "Chức vụ",
        ("BV B", 3, 22): "Chức vụ",
        ("Danh mục", 21, 16): "Chức vụ",
    }
    assert "Chức vụ" in [row[0] for row in rows(path, "Hướng dẫn") if row]


def test_a_new_list_value_is_offered(path: Path) -> None:
    edit(path, lambda book: book["Danh mục"].append(["Đối tượng", "Cộng tác viên, thỉnh giảng"]))
    init(path)
    assert choices(path, "BV B", "Đối tượng")[-1] == "Cộng tác viên, thỉnh giảng"


def test_new_units_of_a_list_join_the_registry_and_get_tabs(path: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text("Nhóm,Tên đơn vị,Mã,Ghi chú\nX,Bệnh viện A mới,BV-A,\n,,,\nX,Bệnh viện C,bv-c,\n", "utf-8-sig")
    report = init(path, more)
    assert (report.new_units, report.new_tabs) == (("bv-c",), ("BV C",))
    assert [(line["Mã"], line["Tên đơn vị"], line["Nhóm"], line["Trang tính"]) for line in lines(path, "Đơn vị")] == [
        ("bv-a", "Bệnh viện A", None, "BV A"),
        ("bv-b", "Bệnh viện B", None, "BV B"),
        ("bv-c", "Bệnh viện C", "X", "BV C"),
    ]


def test_a_renamed_tab_stays_the_units(path: Path) -> None:
    def rename(book: Book) -> None:
        book["BV A"]["A1"] = "Bệnh viện A · Hoàn thành 0,0 % · số liệu thay đổi lúc –"
        book["BV A"].title = "BV A (tháng 4)"

    edit(path, rename)
    report = init(path)
    assert report.new_tabs == ()
    assert "BV A (tháng 4)" in report.problems[0].what


def test_a_tab_renamed_before_the_first_cycle_stays_the_units(path: Path) -> None:
    edit(path, lambda book: setattr(book["BV A"], "title", "Danh sách nhân sự"))
    found = locate(snapshot(path), config_of(path))
    assert {table.unit: table.tab.title for table in found.tables} == {"bv-a": "Danh sách nhân sự", "bv-b": "BV B"}
    assert init(path).new_tabs == ()


def test_a_unit_with_a_workbook_of_its_own_gets_no_tab(tmp_path: Path) -> None:
    units, path = tmp_path / "units.csv", tmp_path / "new.xlsx"
    units.write_text("Mã,Tên đơn vị,Bảng tính\nbv-a,Bệnh viện A,rieng.xlsx\nbv-b,Bệnh viện B,\n", "utf-8")
    assert init(path, units).new_tabs[len(tabs.BOT_TABS) :] == ("BV B",)


# --- sheets that people already have ----------------------------------------------------------------------

OWN_HEADERS = ("TT", "CCCD gắn chíp (*)", "Họ tên", "Ngày, tháng, năm sinh", "Số căn cước", "Lương", "Đối tượng")


def own_workbook(path: Path, header_row: int, above: Mapping[str, Cell], merged: Iterable[str] = ()) -> None:
    book = Book()
    sheet = book.worksheets[0]
    sheet.title = "BV A"
    for place, value in above.items():
        sheet[place] = value
    for area in merged:
        sheet.merge_cells(area)
    for column, header in enumerate(OWN_HEADERS, 1):
        sheet.cell(header_row, column, header)
        sheet.cell(header_row + 1, column, f"({column})")
    sheet.cell(header_row + 2, 3, "Lê Văn Cường")
    sheet.cell(header_row + 2, 5, 79085000126)
    sheet.cell(header_row + 2, 9, "ghi ngoài bảng")
    book.save(path)


@pytest.mark.parametrize(
    ("header_row", "above", "declared"),
    [
        pytest.param(1, {}, None, marks=pytest.mark.slow),
        pytest.param(2, {"A1": "DANH SÁCH"}, None, marks=pytest.mark.slow),
        pytest.param(3, {"A1": "DANH SÁCH"}, 2, marks=pytest.mark.slow),
        pytest.param(3, {"A1": "SỞ Y TẾ", "A2": "DANH SÁCH"}, None, marks=pytest.mark.slow),
        (5, {"A1": "SỞ Y TẾ", "C2": "DANH SÁCH", "A3": "Tháng 4"}, 4),
        pytest.param(6, {"B1": "SỞ Y TẾ", "C4": "DANH SÁCH"}, 2, marks=pytest.mark.slow),
    ],
)
def test_a_list_that_people_have_keeps_its_shape(
    tmp_path: Path, units: Path, header_row: int, above: dict[str, Cell], declared: int | None
) -> None:
    path = tmp_path / "own.xlsx"
    own_workbook(path, header_row, above)
    before = cells(path)
    report = init(path, units)
    after = cells(path)
    assert {place: after[place] for place in before} == before
    assert report.problems == ()
    added = {(row, column): cell for (title, row, column), cell in after.items() if title == "BV A"}
    added = {place: cell for place, cell in added.items() if ("BV A", *place) not in before}
    assert {row for row, _ in added} == {header_row} | ({declared} if declared else set())
    headers = [cell for (row, _), cell in sorted(added.items()) if row == header_row]
    assert headers[:3] == ["Giới tính", "Đảng viên", "Khoa/Phòng"]
    assert headers[-4:] == ["Kết quả", "Việc cần làm", "Lỗi cần sửa", "Dữ liệu đã xét"]
    assert min(column for row, column in added if row == header_row) == 10
    assert len(locate(snapshot(path), config_of(path)).tables) == 2
    again = appearance(path)
    init(path)
    assert appearance(path) == again


def test_a_declaration_that_people_have_is_not_doubled(tmp_path: Path, units: Path) -> None:
    path = tmp_path / "own.xlsx"
    own_workbook(path, 4, {"A1": "DANH SÁCH", "A2": "Tổng số nhân sự:", "C2": 57}, ["A2:B2"])
    init(path, units)
    line = [cell for cell in rows(path, "BV A")[1] if cell is not None]
    assert line == [
        "Tổng số nhân sự:",
        57,
        "Ngày quán triệt",
        "Hình thức quán triệt",
        "Số người được phổ biến",
        "Người thân đã vận động",
        "Ngày báo Công an",
        "Đã nhập đủ danh sách",
    ]
    found = locate(snapshot(path), config_of(path)).tables[0].declaration
    assert (found.headcount, found.informed) == (57, None)


def test_a_column_that_seems_renamed_is_named_and_not_doubled(path: Path) -> None:
    edit(path, lambda book: book["BV A"].__setitem__("K3", "Thẻ CCCD gắn chíp điện tử"))
    before = cells(path)
    report = init(path)
    assert cells(path) == before
    assert [problem.where for problem in report.problems] == ["Bệnh viện A, trang “BV A”"]
    assert "“Thẻ CCCD gắn chíp điện tử” (ô K3)" in report.problems[0].fix


@pytest.fixture
def judged(path: Path) -> Path:
    """The same with a person, judged once, and a column of the unit's own."""
    headers = rows(path, "BV A")[2]

    def enter(book: Book) -> None:
        for column, header in enumerate(headers, start=1):
            book["BV A"].cell(4, column).value = SOUND.get(str(header))
        book["BV A"]["V3"], book["BV A"]["V4"] = "Ghi chú riêng", "một ô của đơn vị"

    edit(path, enter)
    run_cycle(ExcelWorkbook(path), MemoryStore(), None, CLOCK)
    return path


def header_cell(path: Path, header: str) -> str:
    return f"{get_column_letter(rows(path, 'BV A')[2].index(header) + 1)}3"


def rename(path: Path, cells: Iterable[str], other: str | None) -> None:
    def typed(book: Book) -> None:
        for number, cell in enumerate(cells):
            book["BV A"][cell] = other and f"{other} {number}"

    edit(path, typed)


@pytest.mark.parametrize(
    ("renamed", "other"),
    [
        (["Họ và tên"], "Tên nhân viên ABC"),
        (["Số CCCD", "Tình trạng tài khoản"], "Mã"),
        (["Họ và tên", "Ngày sinh", "Số CCCD"], "Cột"),
        (["Họ và tên", "Ngày sinh"], None),
    ],
)
def test_a_required_column_by_quite_another_name_is_told_and_not_doubled(
    judged: Path, renamed: list[str], other: str | None
) -> None:
    places = [header_cell(judged, header) for header in renamed]
    rename(judged, places, other)
    before = cells(judged)
    (problem,) = init(judged).problems
    assert cells(judged) == before
    assert (problem.where, problem.needs_person) == ("Bệnh viện A, trang “BV A”", True)
    assert [each for each in (*renamed, *places) if each not in problem.fix] == []
    assert "tccb init" not in problem.fix


@pytest.mark.parametrize("other", ["Tên nhân viên ABC", "Họ và tênn"])
def test_a_tab_whose_required_column_goes_by_another_name_keeps_its_look(judged: Path, other: str) -> None:
    init(judged)
    before, place = appearance(judged)["BV A"], header_cell(judged, "Họ và tên")
    edit(judged, lambda book: book["BV A"].__setitem__(place, other))
    init(judged)
    edit(judged, lambda book: book["BV A"].__setitem__(place, "Họ và tên"))
    assert appearance(judged)["BV A"] == before


def test_a_required_header_that_was_emptied_alone_comes_back_to_its_place(judged: Path) -> None:
    place = header_cell(judged, "Họ và tên")
    rename(judged, [place], None)
    assert init(judged).problems == ()
    assert header_cell(judged, "Họ và tên") == place


def test_a_list_never_judged_has_its_names_under_the_unknown_header(tmp_path: Path, units: Path) -> None:
    path = tmp_path / "own.xlsx"
    own_workbook(path, 3, {})
    edit(path, lambda book: book["BV A"].__setitem__("C3", "Người của khoa"))
    (problem,) = init(path, units).problems
    assert "“Họ và tên”; có thể là cột ở ô C3" in problem.fix
    assert "Họ và tên" not in rows(path, "BV A")[2]


def test_a_required_column_that_the_list_never_had_is_added_beside_one_of_the_units(judged: Path) -> None:
    line = ["chuc-vu", "Chức vụ", None, "văn bản", None, "Có", "Có", "Chức vụ hiện nay."]
    edit(judged, lambda book: book["Cột dữ liệu"].append(line))
    assert init(judged).problems == ()
    assert header_cell(judged, "Chức vụ") == "W3"


def test_a_required_column_that_is_gone_is_added(judged: Path) -> None:
    edit(judged, lambda book: book["BV A"].delete_cols(22))  # the unit's own
    edit(judged, lambda book: book["BV A"].delete_cols(3))
    assert init(judged).problems == ()
    assert header_cell(judged, "Họ và tên") == "U3"


def test_a_column_that_is_switched_off_is_no_stranger_to_a_new_one(path: Path) -> None:
    """`Ngày hết hạn` looks like `Ngày kích hoạt`, which stands in the tabs of units still."""

    def another_field(book: Book) -> None:
        fields = book["Cột dữ liệu"]
        (old,) = [row for row in fields.iter_rows(min_row=4) if row[0].value == "ngay-kich-hoat"]
        old[6].value = "Không"
        fields.append(
            ["ngay-het-han", "Ngày hết hạn", None, "ngày", None, "Không", "Có", "Ngày hết hạn của chứng thư."]
        )

    edit(path, another_field)
    assert init(path).problems == ()
    headers = [as_text(cell) for cell in rows(path, "BV A")[2]]
    assert {"Ngày hết hạn", "Ngày kích hoạt"} <= set(headers)


def test_a_tab_with_content_and_no_headers_is_reported_and_left_alone(path: Path) -> None:
    def spoil(book: Book) -> None:
        book["BV A"].delete_rows(1, 3)
        book["BV A"]["B2"] = "Lê Văn Cường"

    edit(path, spoil)
    before = cells(path)
    report = init(path)
    assert cells(path) == before
    assert [problem.where for problem in report.problems] == ["Bệnh viện A, trang “BV A”"]


# --- lists of units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "Mã,Tên đơn vị\nbv-a,Bệnh viện A\n",
        "\ufeffTên đơn vị;Mã;Tổng số người\r\nBệnh viện A;bv-a;\r\n",
        "Danh sách đơn vị\n\nSTT\tMã\tTên đơn vị\tGhi chú\n1\tbv-a\tBệnh viện A\t\n\n",
        'mã,"TÊN  ĐƠN VỊ",Email đầu mối\n\nbv-a,Bệnh viện A,"a@example.org | b@example.org"\n',
    ],
)
def test_a_list_of_units_may_be_written_in_many_ways(tmp_path: Path, content: str) -> None:
    units = tmp_path / "units.csv"
    units.write_bytes(content.encode())
    path = tmp_path / "new.xlsx"
    init(path, units)
    assert [(unit.code, unit.name, unit.tab_title) for unit in config_of(path).units] == [
        ("bv-a", "Bệnh viện A", "BV A")
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "tiêu đề"),
        ("bv-a,Bệnh viện A\n", "tiêu đề"),
        ("Mã,Nhóm\nbv-a,X\n", "dòng 1: Thiếu cột “Tên đơn vị”"),
        ("Mã,Tên đơn vị\n", "không có đơn vị nào"),
        ("Mã,Tên đơn vị\n,Bệnh viện A\n", "ô A2"),
        ("Nhóm,Mã,Tên đơn vị\n,bv-a,Bệnh viện A\n,BV-A,Bệnh viện B\n", "ô B3: “BV-A” đã có ở dòng 2"),
        ("Mã,Tên đơn vị,Tổng số người\nbv-a,Bệnh viện A,nhiều\n", "ô C2: “nhiều” không phải số người"),
        ("Mã;Tên đơn vị;Email đầu mối\nbv-a;Bệnh viện A;a(at)example.org\n", "ô C2: “a(at)example.org”"),
    ],
)
def test_a_list_of_units_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, content: str, told: str) -> None:
    units, path = tmp_path / "units.csv", tmp_path / "new.xlsx"
    units.write_text(content, "utf-8")
    with pytest.raises(CannotStart) as refused:
        init(path, units)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not path.exists()


@pytest.mark.parametrize("content", [None, "Mã,Tên đơn vị\nbv-a,Bệnh viện A\n".encode("utf-16"), b"\xff\xfe\x00"])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes | None) -> None:
    units = tmp_path / "units.csv"
    if content is not None:
        units.write_bytes(content)
    with pytest.raises(CannotStart):
        init(tmp_path / "new.xlsx", units)


TYPED = st.text(st.sampled_from(list("aMãTênđơnvị ,;\t\"'\n\r0158@.|\x00\u2028\ufeff")), max_size=60)


@costly(150)
@given(st.lists(st.lists(TYPED, max_size=4), max_size=4), st.sampled_from([",", ";"]), st.text(max_size=20))
def test_any_list_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, typed: list[list[str]], delimiter: str, rest: str
) -> None:
    units = tmp_path_factory.mktemp("typed") / "typed.csv"
    with open(units, "w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["Mã", "Tên đơn vị", "Tổng số người", "Email đầu mối"])
        for line in typed:
            file.write(delimiter.join(line) + "\n")
        file.write(rest)
    try:
        found = read_units_csv(units)
    except CannotStart:
        return
    assert any(any(cell is not None for cell in row) for row in found[1:])


def test_a_quote_that_never_ends_is_named(tmp_path: Path) -> None:
    units = tmp_path / "units.csv"
    units.write_text('Mã,Tên đơn vị\nbv-a,"Bệnh viện A\n' + "bv-b,Bệnh viện B\n" * 10_000, "utf-8")
    with pytest.raises(CannotStart, match="ngoặc kép"):
        read_units_csv(units)


# --- fields that are not collected ------------------------------------------------------------------------

INPUTS = [field.code for field in config_with([]).fields if field.type.is_input]


def test_a_field_left_out_has_no_column_in_any_tab(tmp_path: Path, units: Path) -> None:
    path = tmp_path / "new.xlsx"
    report = set_up(ExcelWorkbook(path), units, CLOCK, without=["CCCD", "dien-thoai"])
    assert (report.drawn, report.problems) == (True, ())
    used = {line["Mã"]: line["Dùng"] for line in lines(path, tabs.FIELDS)}
    assert {code for code, is_used in used.items() if is_used == "Không"} == {"cccd", "dien-thoai"}
    headers = {cell for row in rows(path, "BV A")[:3] for cell in row}
    assert "Họ và tên" in headers
    assert headers & {"Số CCCD", "Điện thoại"} == set()
    assert not set_up(ExcelWorkbook(path), None, CLOCK).new_tabs
    assert {cell for row in rows(path, "BV A")[:3] for cell in row} == headers


@pytest.mark.parametrize("code", cross_section(INPUTS, "cccd", "doi-tuong", "muc"))
def test_every_field_can_be_left_out(tmp_path: Path, units: Path, code: str) -> None:
    """The rules that need it rest; a row that has all the rest is judged without a word about it."""
    path = tmp_path / "new.xlsx"
    assert set_up(ExcelWorkbook(path), units, CLOCK, without=[code]).drawn
    config = config_of(path)
    header = config.field(code).header
    person = {name: cell for name, cell in SOUND.items() if name != header}
    judged = judge(Snapshot((unit_tab(config, "BV A", [person]),)), config, {}, NOW)
    assert code not in set(judged.findings["field"])


@pytest.mark.parametrize(
    ("without", "told"),
    [(["cccd", "so-cccd"], "so-cccd"), (["ket-qua"], "ket-qua"), (["tong-so-nguoi"], "tong-so-nguoi")],
)
def test_a_field_that_is_none_is_refused_with_the_list(tmp_path: Path, without: list[str], told: str) -> None:
    path = tmp_path / "new.xlsx"
    with pytest.raises(CannotStart, match=f"không có trường {told}.*cccd, doi-tuong"):
        set_up(ExcelWorkbook(path), None, CLOCK, without=without)
    assert not path.exists()


def test_fields_of_a_workbook_that_is_there_are_switched_off_in_it(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(CannotStart, match="đặt cột Dùng là Không ở dòng cccd"):
        set_up(ExcelWorkbook(path), None, CLOCK, without=["cccd"])
    assert path.read_bytes() == before


@pytest.mark.parametrize(("today", "is_over"), [("2023-04-30", False), ("2023-05-01", True)])
def test_a_new_workbook_says_that_its_campaign_is_over(tmp_path: Path, today: str, is_over: bool) -> None:
    clock = standing_clock(datetime.fromisoformat(f"{today}T08:00").replace(tzinfo=VIET_NAM))
    (tmp_path / "units.csv").write_text("Mã;Tên đơn vị\na;Đơn vị a\n", "utf-8")
    book = ExcelWorkbook(tmp_path / "book.xlsx")
    told = [set_up(book, tmp_path / "units.csv", clock).remarks for _ in range(2)]
    assert [any("30/04/2023" in remark for remark in remarks) for remarks in told] == [is_over, False]


@pytest.mark.slow
def test_a_guide_that_the_configuration_has_left_behind_is_told_of_until_init(path: Path) -> None:
    def told() -> list[str]:
        report = check(ExcelWorkbook(path), MemoryStore(), CLOCK)
        return [f"{each.where}: {each.what}" for each in report.problems if "Hướng dẫn" in each.where]

    set_up(ExcelWorkbook(path), clock=standing_clock(datetime(2026, 1, 5, 8, 0)))
    assert told() == []  # places and documents of a later day
    set_up(ExcelWorkbook(path), clock=CLOCK)
    assert told() == []
    edit(path, require_level_2)
    (stale,) = told()
    assert "không theo cấu hình đang áp dụng" in stale
    set_up(ExcelWorkbook(path), clock=CLOCK)
    assert told() == []


def test_what_an_admin_wrote_in_the_guide_stays_and_the_rest_follows_the_configuration(path: Path) -> None:
    def guide() -> list[tuple[Any, ...]]:
        return [row[:2] for row in load_workbook(path)[tabs.GUIDE].iter_rows(values_only=True) if any(row[:2])]

    def change(book: Book) -> None:
        sheet = book[tabs.GUIDE]
        number = next(n for n, (term, *_) in enumerate(sheet.iter_rows(values_only=True), 1) if term == "Bước 3")
        sheet.cell(number, 2).value = "Nhập theo khoa, xong khoa nào báo khoa đó."
        row = number + 1
        sheet.insert_rows(row)
        sheet.cell(row, 1).value, sheet.cell(row, 2).value = "Lưu ý", "Gặp chị Lan ở tầng 2."
        require_level_2(book)

    before = guide()
    edit(path, change)
    for _ in range(2):
        set_up(ExcelWorkbook(path), clock=CLOCK)
        after = guide()
        place = after.index(("Bước 3", "Nhập theo khoa, xong khoa nào báo khoa đó."))
        assert after[place + 1] == ("Lưu ý", "Gặp chị Lan ở tầng 2.")
        assert [term for term, _ in after].count("Bước 3") == [term for term, _ in before].count("Bước 3") - 1
        assert any("Mức 2 trở lên" in str(said) for _, said in after)
    assert not [each for each in check(ExcelWorkbook(path), MemoryStore(), CLOCK).problems if "Hướng dẫn" in each.where]


def require_level_2(book: Book) -> None:
    (cell,) = (row[1] for row in book[tabs.SETTINGS].iter_rows() if row[0].value == "Mức tài khoản tối thiểu")
    cell.value = "Mức 2"
