"""The .xlsx of the summary: what stands in it, and that one can work with it."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.documents.workbook import summary_workbook
from automation.core.figures.summary import SummaryFigures, summary_figures
from tests.core.judged_sample import (
    NOW,
    PEOPLE,
    SENT,
    SETTINGS,
    TU_DU,
    Person,
    Sample,
    config,
    findings_frame,
    history,
    history_under_way,
    people_frame,
    sample,
    standing,
    under_way,
)
from tests.examples import costly

SHEETS = [
    "Đơn vị",
    "Dự báo",
    "Bước",
    "Nhóm",
    "Đối tượng",
    "Khó khăn",
    "Lỗi dữ liệu",
    "Cần xử lý",
    "Quán triệt",
    "Xu hướng",
    "Ghi chú",
]


def opened(figures: SummaryFigures) -> Workbook:
    return load_workbook(BytesIO(summary_workbook(figures)))


@pytest.fixture(scope="module")
def book() -> Workbook:
    return opened(summary_figures(sample(), history(), SENT))


def table(sheet: Worksheet) -> list[dict[str, Any]]:
    header, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, header), line, strict=True)) for line in lines]


def line_of(sheet: Worksheet, column: str, value: str) -> dict[str, Any]:
    return next(line for line in table(sheet) if line[column] == value)


def test_there_is_a_sheet_for_each_question(book: Workbook) -> None:
    assert book.sheetnames == SHEETS


def test_units_stand_with_numbers_one_can_calculate_with(book: Workbook) -> None:
    line = line_of(book["Đơn vị"], "Đơn vị", "Bệnh viện Từ Dũ")
    numbers = ("Hạng", "Tổng số người", "Dòng đã nhập", "Ngoài diện", "Thuộc đối tượng", "Tạm hoãn", "Hoàn thành")
    assert [line[number] for number in numbers] == [2, 13, 9, 1, 12, 1, 2]
    assert (line["Còn lại"], line["Tỷ lệ"], line["Chỉ tiêu"], line["Dòng có lỗi"]) == (9, 0.181, 1, 2)


def test_where_people_may_lack_in_a_list_the_number_says_so_and_stays_one() -> None:
    """Sorted and added up as before, and shown as "≥ 9", of nobody at all as "chưa rõ" as everywhere."""
    judged = under_way()
    unknown = replace(judged.standings[0], headcount=None)
    made = opened(summary_figures(replace(judged, standings=(unknown, *judged.standings[1:])), history_under_way()))
    for sheet, name, column in (
        ("Đơn vị", "Đơn vị", "Còn lại"),
        ("Dự báo", "Đơn vị", "Còn đến chỉ tiêu"),
        ("Nhóm", "Nhóm", "Còn lại"),
    ):
        header, *lines = made[sheet].iter_rows()
        named, place = ([cell.value for cell in header].index(each) for each in (name, column))
        shown = {str(line[named].value): line[place] for line in lines}
        formats = {each: cell.number_format for each, cell in shown.items() if isinstance(cell.value, int)}
        of_unknown_size = "Bệnh viện thành phố" if sheet == "Nhóm" else "Bệnh viện Từ Dũ"
        assert formats[of_unknown_size] == formats["Toàn ngành"] == '"≥ "#,##0;;"chưa rõ"'
    assert any(line["Mục"] == "Dấu ≥" for line in table(made["Ghi chú"]))


def test_an_unread_unit_and_one_without_people_have_no_rate(book: Workbook) -> None:
    for name in ("Bệnh viện Da Liễu", "Bệnh viện Quận 11"):
        line = line_of(book["Đơn vị"], "Đơn vị", name)
        assert (line["Hạng"], line["Tỷ lệ"]) == (None, None)


def test_the_whole_stands_apart_below_the_units(book: Workbook) -> None:
    sheet = book["Đơn vị"]
    assert sheet.auto_filter.ref == "A1:T5"
    assert [sheet.cell(6, 3).value, sheet.cell(7, 3).value] == [None, "Toàn ngành"]
    line = line_of(sheet, "Đơn vị", "Toàn ngành")
    assert (line["Thuộc đối tượng"], line["Hoàn thành"], line["Tỷ lệ"]) == (55, 35, 0.648)


@pytest.fixture(scope="module")
def moving() -> Workbook:
    return opened(summary_figures(under_way(), history_under_way(), SENT))


def test_forecasts_hold_real_days_and_what_they_rest_on(moving: Workbook) -> None:
    line = line_of(moving["Dự báo"], "Đơn vị", "Bệnh viện Từ Dũ")
    assert line["Dự kiến đạt chỉ tiêu"] == datetime(2023, 5, 24)
    columns = ("Dự báo", "Hoàn thành thêm", "Trong số ngày làm việc", "Người mỗi ngày làm việc", "Chậm (ngày)")
    assert [line[column] for column in columns] == ["Chậm thời hạn", 6, 6, 1, 24]
    assert line["Cần mỗi ngày làm việc"] == 3.2
    assert line_of(moving["Dự báo"], "Đơn vị", "Bệnh viện Da Liễu")["Dự báo"] == "Cần kiểm tra số liệu"


def test_the_forecast_of_all_units_is_the_sum_of_theirs_and_names_no_day_of_its_own(moving: Workbook) -> None:
    units = [line for line in table(moving["Dự báo"]) if line["Đơn vị"] not in (None, "Toàn ngành")]
    whole = line_of(moving["Dự báo"], "Đơn vị", "Toàn ngành")
    assert (whole["Dự báo"], whole["Dự kiến đạt chỉ tiêu"]) == ("Chưa thể dự báo", None)
    for column in ("Ước hoàn thành đến hạn", "Hoàn thành thêm", "Còn đến chỉ tiêu"):
        assert whole[column] == sum(line[column] or 0 for line in units)
    assert whole["Ước tỷ lệ đến hạn"] == 0.657


@pytest.mark.parametrize(
    ("sheet", "lines"),
    [
        ("Nhóm", [("Bệnh viện thành phố", 2, 0), ("Bệnh viện quận, huyện", 2, 1)]),
        ("Đối tượng", [("Công chức", 1, 0), ("Viên chức", 8, 1), ("Người lao động", 2, 0)]),
        ("Khó khăn", [("Bệnh viện Từ Dũ", 3, 2)]),
        (
            "Quán triệt",
            [("Bệnh viện Quận 4", None, None), ("Bệnh viện Từ Dũ", datetime(2023, 4, 14), "họp toàn đơn vị")],
        ),
        ("Xu hướng", [(datetime(2023, 4, 11), 54, 11), (datetime(2023, 4, 12), 54, 13)]),
    ],
)
def test_the_first_lines_of_a_sheet(book: Workbook, sheet: str, lines: list[tuple[object, ...]]) -> None:
    found = list(book[sheet].iter_rows(min_row=2, max_row=len(lines) + 1, max_col=3, values_only=True))
    assert found == lines


def test_errors_are_counted_by_rule_and_unit(book: Workbook) -> None:
    line = table(book["Lỗi dữ liệu"])[0]
    assert (line["Cột"], line["Đơn vị"], line["Dòng có lỗi"]) == ("Số CCCD", "Bệnh viện Từ Dũ", 2)


def test_what_somebody_has_to_look_at_is_listed(moving: Workbook) -> None:
    tasks = {(line["Việc"], line["Đơn vị"]) for line in table(moving["Cần xử lý"])}
    assert {
        ("Nguy cơ chậm thời hạn", "Bệnh viện Từ Dũ"),
        ("Chưa nhập danh sách", "Bệnh viện Quận 11"),
        ("Không đọc được trang tính", "Bệnh viện Da Liễu"),
        ("Số định danh có ở hai đơn vị", "Bệnh viện Quận 4"),
        ("Chưa khai báo ngày quán triệt", "Bệnh viện Quận 4"),
    } <= tasks


def test_after_the_deadline_all_who_are_not_there_are_late() -> None:
    """Not a risk any more, and neither of those alone who move."""
    figures = summary_figures(under_way(replace(SETTINGS, deadline=date(2023, 4, 18))), history_under_way())
    late = {
        line["Đơn vị"]: line["Chi tiết"]
        for line in table(opened(figures)["Cần xử lý"])
        if line["Việc"] == "Đã quá hạn, chưa đạt chỉ tiêu"
    }
    assert set(late) == {line.unit.name for line in figures.units if line.forecast.to_go}
    assert len(late) > 1
    assert late["Bệnh viện Từ Dũ"].startswith("Dự kiến đạt chỉ tiêu ngày")
    assert late["Bệnh viện Da Liễu"] == "Còn 10 người đến chỉ tiêu"


def test_remarks_of_the_system_are_not_in_a_table_that_is_forwarded() -> None:
    judged = sample()
    noted = replace(judged.standings[0], notes=("Thư ngày 19/04/2023 chưa đến đủ người nhận.",))
    made = opened(summary_figures(replace(judged, standings=(noted, *judged.standings[1:]))))
    cells = (str(cell) for sheet in made for row in sheet.iter_rows(values_only=True) for cell in row)
    assert not [cell for cell in cells if "người nhận" in cell]


def test_what_waits_for_the_admin_is_not_in_a_table_that_is_forwarded(book: Workbook) -> None:
    tasks = {str(line["Việc"]) for line in table(book["Cần xử lý"])}
    assert not [task for task in tasks if "Thư" in task or "địa chỉ" in task or "quản trị" in task]


def test_units_rank_by_rate_and_by_people_left(book: Workbook) -> None:
    lines = {line["Đơn vị"]: line for line in table(book["Đơn vị"])}
    assert {name: lines[name]["Hạng theo số còn lại"] for name in ("Bệnh viện Từ Dũ", "Bệnh viện Quận 4")} == {
        "Bệnh viện Từ Dũ": 1,
        "Bệnh viện Quận 4": 2,
    }
    assert lines["Bệnh viện Quận 11"]["Hạng theo số còn lại"] is None


@pytest.mark.parametrize("title", SHEETS)
def test_every_sheet_can_be_filtered_scrolled_and_printed(book: Workbook, title: str) -> None:
    sheet = book[title]
    assert sheet.freeze_panes in ("B2", "D2")
    assert sheet.auto_filter.ref
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"


def test_rates_are_per_cents_with_bars(book: Workbook) -> None:
    sheet = book["Đơn vị"]
    assert sheet["L2"].number_format == "0.0%"
    [bars] = sheet.conditional_formatting
    assert str(bars.sqref) == "L2:L5"


def unit_called(name: str) -> SummaryFigures:
    unit = replace(TU_DU, name=name)
    people = PEOPLE[TU_DU.code]
    frame = people_frame({unit.code: people})
    return summary_figures(Sample(config((unit,)), NOW, (standing(unit, people),), frame, findings_frame([])))


@costly(40)
@given(st.text(max_size=40))
def test_whatever_a_unit_is_called_stays_text(name: str) -> None:
    cell = opened(unit_called(f"={name}"))["Đơn vị"]["C2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("=")


def test_there_are_values_and_no_formulas(book: Workbook) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_nobody_is_named(book: Workbook) -> None:
    said = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    assert not [person.name for people in PEOPLE.values() for person in people if person.name in said]
    assert "anh Hải" not in said


def test_the_same_figures_are_the_same_bytes() -> None:
    figures = summary_figures(sample(), history(), SENT)
    content = summary_workbook(figures)
    assert summary_workbook(figures) == content
    with ZipFile(BytesIO(content)) as archive:
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(2023, 4, 20)}
        assert b"2023-04-20T08:00:00Z" in archive.read("docProps/core.xml")


def test_a_campaign_without_anybody_makes_a_workbook_too() -> None:
    empty = Sample(config(), NOW, (), people_frame({}), findings_frame([]))
    assert opened(summary_figures(empty)).sheetnames == SHEETS


def test_a_difficulty_is_a_column() -> None:
    people = {"bv-tu-du": [Person("chua-khai", difficulty="Lỗi ứng dụng")] * 2}
    sheet = opened(summary_figures(replace(sample(), people=people_frame(people))))["Khó khăn"]
    assert table(sheet)[0] == {"Đơn vị": "Bệnh viện Từ Dũ", "Số người": 2, "Lỗi ứng dụng": 2}


def test_days_are_days(book: Workbook) -> None:
    days = [line["Ngày"] for line in table(book["Xu hướng"])]
    assert days[0].date() == date(2023, 4, 11)
    assert days == sorted(days)
