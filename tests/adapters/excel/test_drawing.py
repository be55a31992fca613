"""What a drawn tab looks like and offers, and what of people's work stays when it is drawn again."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from lxml import etree
from msgspec.structs import replace
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.excel.package import open_package
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.base.errors import CannotStart, WorkbookBusy, WorkbookMissing
from automation.core.model.layout import (
    CellLook,
    CellMark,
    Colour,
    ColumnLook,
    Format,
    Protection,
    ReviewMark,
    Role,
    TabLook,
)
from automation.core.model.palette import ACCENT
from automation.core.model.workbook import Cell, CellChange, DrawOutcome
from automation.core.writing.cell_marks import marked
from automation.core.writing.formulas import quoted
from tests.adapters.excel.files import MAIN, parts_of, sheet_xml, write_file
from tests.adapters.excel.hostile import rewrite
from tests.office import converted, needs_calc, needs_pdftotext

COLUMNS = (
    ColumnLook(1, "Họ và tên", 26),
    ColumnLook(2, "Ngày sinh", 12, Format.DATE, note="Ngày sinh ghi trên thẻ."),
    ColumnLook(3, "Số CCCD", 16, Format.TEXT),
    ColumnLook(4, "Giới tính", 9, choices=("Nam", "Nữ")),
    ColumnLook(5, "Thẻ", 17, choices=("Đã có", "Đã làm, chờ cấp"), choices_range="'Danh mục'!$B$2:$B$3"),
    ColumnLook(6, "Tích", 8, Format.TICK),
    ColumnLook(7, "Kết quả", 20, computed=True),
    ColumnLook(8, "Lỗi cần sửa", 40, computed=True, wrap=True),
    ColumnLook(9, "Dấu kiểm tra", 12, computed=True, hidden=True),
)
UNIT = TabLook(
    title="BV Hoa Sen",
    header_row=3,
    columns=COLUMNS,
    values=(
        (1, 1, "Bệnh viện Hoa Sen"),
        (2, 1, "Ngày quán triệt"),
        (2, 2, date(2023, 4, 3)),
        *((3, column.column, column.header) for column in COLUMNS),
    ),
    cells=(
        CellLook(1, 1, Role.TITLE, across=4),
        CellLook(2, 1, Role.LABEL),
        CellLook(2, 2, Role.INPUT, Format.DATE),
        CellLook(2, 4, Role.INPUT, Format.TICK),
    ),
    row_heights=((1, 26.0),),
    frozen_columns=1,
    protection=Protection.OPEN,
    colours=(
        Colour(7, "Hoàn thành", "D7EEDD"),
        Colour(7, "Cần sửa dữ liệu", "F9D7D3"),
        Colour(7, "✔", "8CB9A3", begins=True),
    ),
    body_rows=100,
    tab_colour=ACCENT,
)
LISTS = TabLook(
    "Danh mục", 1, (ColumnLook(1, "Danh mục", 20), ColumnLook(2, "Giá trị", 30)), body_rows=20,
    values=((1, 1, "Danh mục"), (1, 2, "Giá trị"), (2, 2, "Đã có"), (3, 2, "Đã làm, chờ cấp")),
)  # fmt: skip
GUIDE = TabLook("Hướng dẫn", 0, (ColumnLook(1, "", 90),), values=((1, 1, "Hướng dẫn"),))
LOOKS = (GUIDE, LISTS, UNIT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sổ.xlsx"


def drawn(path: Path, looks: Sequence[TabLook] = LOOKS) -> Workbook:
    ExcelWorkbook(path).draw(looks)
    return openpyxl.load_workbook(path, rich_text=True)


def unit_of(path: Path, *looks: TabLook) -> Worksheet:
    sheet: Worksheet = drawn(path, looks or LOOKS)["BV Hoa Sen"]
    return sheet


def saved(path: Path, *rows: list[Any]) -> tuple[Workbook, Worksheet]:
    """A workbook that people made, with a tab for the unit."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "BV Hoa Sen"
    for row in rows:
        sheet.append(row)
    book.save(path)
    return book, sheet


def validations(sheet: Worksheet) -> dict[str, tuple[str | None, str | None]]:
    """Kind and first formula of every validation, by the cells it is for."""
    return {str(each.sqref): (each.type, each.formula1) for each in sheet.data_validations.dataValidation}


def formats(sheet: Worksheet) -> list[tuple[str, str, str]]:
    """Cells, kind and formula of every conditional format."""
    return [
        (str(place.sqref), rule.type, rule.formula[0] if rule.formula else "")
        for place in sheet.conditional_formatting
        for rule in place.rules
    ]


def test_a_new_file_has_exactly_the_tabs_of_the_looks(path: Path) -> None:
    book = ExcelWorkbook(path)
    assert book.draw(LOOKS) == DrawOutcome()
    assert [tab.title for tab in book.read().tabs] == ["Hướng dẫn", "Danh mục", "BV Hoa Sen"]
    assert list(path.parent.iterdir()) == [path]


def test_nothing_to_draw_makes_no_file(path: Path) -> None:
    ExcelWorkbook(path).draw(())
    assert not path.exists()


def test_values_stand_where_they_should(path: Path) -> None:
    ExcelWorkbook(path).draw(LOOKS)
    rows = ExcelWorkbook(path).read().tabs[2].rows
    assert rows[1] == ("Ngày quán triệt", datetime(2023, 4, 3))
    assert rows[2] == tuple(column.header for column in COLUMNS)


def test_new_rows_inherit_the_format_of_their_column(path: Path) -> None:
    columns = unit_of(path).column_dimensions
    assert [columns[letter].number_format for letter in "ABCH"] == ["General", "dd/mm/yyyy", "@", "General"]
    assert [bool(columns[letter].alignment.wrap_text) for letter in "AH"] == [False, True]
    assert [columns[letter].hidden for letter in "HI"] == [False, True]
    assert columns["H"].width == 40


def test_rows_that_are_there_get_the_format_of_their_column_and_keep_their_own_look(path: Path) -> None:
    book, sheet = saved(path, [], [], [], ["Trần Văn An", datetime(1985, 9, 5), 79085000001])
    sheet["A4"].font = Font(italic=True)
    sheet["A4"].alignment = Alignment(horizontal="right")
    sheet["C4"].fill = PatternFill("solid", fgColor="FFFF00")
    book.save(path)
    sheet = unit_of(path)
    assert [sheet[cell].number_format for cell in ("A4", "B4", "C4")] == ["General", "dd/mm/yyyy", "@"]
    assert sheet["A4"].font.italic
    assert sheet["A4"].alignment.horizontal == "right"
    assert sheet["C4"].fill.fgColor.rgb == "00FFFF00"
    assert sheet["C4"].value == 79085000001


def test_dropdowns_and_warnings_cover_the_body_and_refuse_nothing(path: Path) -> None:
    sheet = unit_of(path)
    never = ("custom", "FALSE")
    assert validations(sheet) == {
        "B4:B2003": ("date", "DATE(1900,1,1)"),
        "D4:D2003": ("list", '"Nam,Nữ"'),
        "E4:E2003": ("list", "'Danh mục'!$B$2:$B$3"),
        "F4:F2003": ("list", '"x"'),
        "G4:G2003": never,
        "H4:H2003": never,
        "I4:I2003": never,
        "B2": ("date", "DATE(1900,1,1)"),
        "D2": ("list", '"x"'),
    }
    for each in sheet.data_validations.dataValidation:
        assert (each.errorStyle, each.allowBlank, each.showErrorMessage) == ("warning", True, True)
        assert len(each.errorTitle or "") <= 32
        assert len(each.error or "") <= 255


@pytest.mark.parametrize("choices", [("Đã có", "Đã làm, chờ cấp"), tuple(f"giá trị số {n}" for n in range(40))])
def test_choices_that_no_cell_can_hold_make_no_dropdown(path: Path, choices: tuple[str, ...]) -> None:
    look = replace(UNIT, columns=(ColumnLook(1, "Thẻ", 12, choices=choices),), cells=(), values=(), colours=())
    assert validations(unit_of(path, look)) == {}


@pytest.mark.parametrize(
    ("protection", "protected", "warned", "filtered"),
    [(Protection.OPEN, False, 3, "A3:I2003"), (Protection.STRICT, True, 0, None)],
)
def test_protection(path: Path, protection: Protection, protected: bool, warned: int, filtered: str | None) -> None:
    sheet = unit_of(path, replace(UNIT, protection=protection))
    assert sheet.protection.sheet is protected
    assert [kind for kind, _ in validations(sheet).values()].count("custom") == warned
    assert sheet.auto_filter.ref == filtered
    if protected:
        rights = sheet.protection
        assert not any((rights.sort, rights.autoFilter, rights.formatColumns, rights.formatRows, rights.password))
        assert not rights.selectLockedCells


def test_a_password_that_people_set_stays(path: Path) -> None:
    book, sheet = saved(path)
    sheet.protection.set_password("bí mật")
    sheet.protection.sheet = True
    book.save(path)
    assert unit_of(path).protection.sheet


def test_headers_tell_what_people_fill_in_from_what_is_computed(path: Path) -> None:
    sheet = unit_of(path)
    fills = [sheet.cell(3, column).fill.fgColor.rgb for column in range(1, 10)]
    assert len(set(fills[:6])) == len(set(fills[6:])) == 1
    assert fills[0] != fills[6]
    assert sheet["A3"].font.bold
    assert sheet["A3"].alignment.wrap_text


def test_head_lines_freeze_and_repeat_on_every_page(path: Path) -> None:
    sheet = unit_of(path)
    assert sheet.freeze_panes == "B4"
    assert sheet.print_title_rows == "$3:$3"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
        "landscape", 1, 0,
    )  # fmt: skip
    assert sheet.sheet_properties.tabColor is not None
    assert sheet.sheet_properties.tabColor.rgb == f"00{ACCENT}"
    assert sheet.row_dimensions[1].height == 26


def test_paper_shows_the_columns_that_a_look_names_beside_the_frozen_ones(path: Path) -> None:
    """Whole columns: no page behind the last row, however many more people there will be. Where they repeat no line
    does: opening a file in which both do takes LibreOffice minutes.
    """
    for printed, area, titles in (
        (None, "", "$3:$3"),
        ((7, 8), "$G$1:$H$1048576", "$A:$A"),
        (None, "", "$3:$3"),
        ((8, 8), "$H$1:$H$1048576", "$A:$A"),
    ):
        sheet = unit_of(path, replace(UNIT, printed=printed))
        assert (sheet.print_area.rpartition("!")[2], sheet.print_titles.rpartition("!")[2]) == (area, titles)


@pytest.mark.parametrize(("pages", "titles"), [(1, "$3:$3"), (3, "$3:$3,$A:$A")])
def test_a_table_on_pages_side_by_side_repeats_its_frozen_columns(path: Path, pages: int, titles: str) -> None:
    sheet = unit_of(path, replace(UNIT, pages_across=pages, protection=Protection.STRICT))
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (pages, 0)
    assert sheet.print_titles.replace("'BV Hoa Sen'!", "") == titles


@pytest.mark.parametrize("is_ours_alone", [False, True])
def test_a_tab_of_ours_alone_wraps_what_an_earlier_version_did_not(path: Path, is_ours_alone: bool) -> None:
    book, sheet = saved(path, [], [], [], ["Trung tâm Kiểm soát bệnh tật"])
    sheet["A4"].alignment = Alignment(vertical="top")
    book.save(path)
    columns = (replace(COLUMNS[0], wrap=True, computed=False), *COLUMNS[1:])
    drawn_anew = unit_of(path, replace(UNIT, columns=columns, is_ours_alone=is_ours_alone))
    assert bool(drawn_anew["A4"].alignment.wrap_text) == is_ours_alone


def test_a_tab_without_frozen_columns_prints_some_and_repeats_none(path: Path) -> None:
    sheet = unit_of(path, replace(UNIT, printed=(1, 4), frozen_columns=0, protection=Protection.STRICT))
    assert (sheet.print_area, sheet.print_titles) == ("'BV Hoa Sen'!$A$1:$D$1048576", "'BV Hoa Sen'!$3:$3")


def test_what_people_chose_to_print_stays(path: Path) -> None:
    book, sheet = saved(path)
    sheet.print_area, sheet.print_title_cols = "A1:F40", "B:C"
    book.save(path)
    sheet = unit_of(path, replace(UNIT, printed=(7, 8)))
    assert (sheet.print_area, sheet.print_title_cols) == ("'BV Hoa Sen'!$A$1:$F$40", "$B:$C")


def test_texts_that_cells_name_by_their_numbers_stay(path: Path) -> None:
    """As every file has them that Excel or LibreOffice saved."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 9}</v></c></row>' for n in (9, 10, 12))
    write_file(path, {UNIT.title: sheet_xml(rows), "Của đơn vị": sheet_xml(rows)})
    before = ExcelWorkbook(path).read().tabs[1].rows
    for _ in range(2):
        ExcelWorkbook(path).draw([UNIT])
        drawn, own = ExcelWorkbook(path).read().tabs
        assert drawn.rows[8:] == before[8:]
        assert own.rows == before
    assert parts_of(path)["[Content_Types].xml"].count(b"/xl/sharedStrings.xml") == 1
    assert openpyxl.load_workbook(path)["Của đơn vị"]["A9"].value == "Trần Văn An"


def test_a_title_is_merged_unless_that_would_hide_what_people_wrote(path: Path) -> None:
    assert "A1:D1" in str(unit_of(path).merged_cells)
    path.unlink()
    saved(path, [None, None, "của chúng tôi"])
    sheet = unit_of(path)
    assert sheet["C1"].value == "của chúng tôi"
    assert not sheet.merged_cells.ranges


def test_a_page_grows_and_shrinks_and_leaves_an_area_of_people_s_alone(path: Path) -> None:
    def printed(down_to: int) -> str:
        look = replace(UNIT, printed=(1, 2), frozen_columns=0, printed_down_to=down_to)
        return str(unit_of(path, look).print_area).rpartition("!")[2]

    assert [printed(40), printed(30)] == ["$A$1:$B$40", "$A$1:$B$30"]
    book = openpyxl.load_workbook(path)
    book[UNIT.title].print_area = "A1:F20"
    book.save(path)
    assert printed(40) == "$A$1:$F$20"


def test_a_title_that_grew_wider_takes_what_was_merged_of_it_before(path: Path) -> None:
    unit_of(path)
    wider = tuple(replace(each, across=6) if each.across == 4 else each for each in UNIT.cells)
    for _ in range(2):
        ExcelWorkbook(path).draw([replace(UNIT, cells=wider)])
        merged = openpyxl.load_workbook(path)[UNIT.title].merged_cells.ranges
        assert [area.coord for area in merged if area.min_row == 1] == ["A1:F1"]


def test_statuses_are_coloured_by_their_text(path: Path) -> None:
    assert formats(unit_of(path)) == [
        ("G4:G2003", "cellIs", '"Hoàn thành"'),
        ("G4:G2003", "cellIs", '"Cần sửa dữ liệu"'),
        ("G4:G2003", "beginsWith", 'LEFT(G4,1)="✔"'),
    ]


def test_text_that_looks_like_a_formula_is_drawn_as_text(path: Path) -> None:
    look = replace(UNIT, values=((4, 1, "=1+1"), (5, 1, "a\x00b")))
    ExcelWorkbook(path).draw([look])
    assert [row[0] for row in ExcelWorkbook(path).read().tabs[0].rows[3:]] == ["=1+1", "ab"]


def test_rows_with_long_text_are_high_enough_and_stay_free_to_grow(path: Path) -> None:
    ExcelWorkbook(path).draw([replace(UNIT, values=((4, 8, "Gõ lại số CCCD gồm 12 chữ số in trên thẻ. " * 3),))])
    assert b'<row r="4" ht="48.0">' in parts_of(path)["xl/worksheets/sheet1.xml"]


@pytest.mark.parametrize(("protection", "kept"), [(Protection.OPEN, True), (Protection.STRICT, False)])
def test_a_width_that_people_set_in_their_tab_stays_and_what_they_hid(
    path: Path, protection: Protection, kept: bool
) -> None:
    look = replace(UNIT, protection=protection)
    ExcelWorkbook(path).draw([look])
    book = openpyxl.load_workbook(path)
    wanted = book["BV Hoa Sen"].column_dimensions["A"].width
    book["BV Hoa Sen"].column_dimensions["A"].width = 55
    book["BV Hoa Sen"].column_dimensions["A"].hidden = True
    book.save(path)
    ExcelWorkbook(path).draw([replace(look, body_rows=look.body_rows + 1)])
    dimensions = openpyxl.load_workbook(path)["BV Hoa Sen"].column_dimensions
    assert dimensions["A"].width == (55 if kept else wanted)
    assert dimensions["A"].hidden is kept
    assert dimensions["H"].width == 40


@pytest.mark.parametrize(
    ("typed", "height"),
    [("a\nb\nc\nd", "33.0"), ("Gõ lại số CCCD gồm 12 chữ số in trên thẻ. " * 3, "48.0"), ("a", None)],
    ids=["several lines", "one long line", "short"],
)
def test_several_lines_make_a_low_column_two_lines_high(path: Path, typed: str, height: str | None) -> None:
    """Drawn, and written later on."""
    look = replace(UNIT, columns=tuple(replace(each, low=each.column == 8) for each in COLUMNS))
    for values in (((4, 8, typed),), ()):
        ExcelWorkbook(path).draw([replace(look, values=values)])
        found = re.findall(rb'<row r="4" ht="(.*?)">', parts_of(path)["xl/worksheets/sheet1.xml"])
        assert found == ([height.encode()] if height else [])
        book = ExcelWorkbook(path)
        assert book.write([CellChange("BV Hoa Sen", 5, 8, typed)], book.read()).held
        assert openpyxl.load_workbook(path)["BV Hoa Sen"].row_dimensions[5].height == (height and float(height))


@pytest.mark.parametrize("drawn_format", Format)
@pytest.mark.parametrize(
    ("style", "content"),
    [
        (0, "<v>1985</v>"),
        (0, "<v>19850905</v>"),
        (0, "<v>0.5</v>"),
        (1, "<v>31295</v>"),  # a date
        (1, "<v>0.5</v>"),  # noon
        (2, "<v>1.5</v>"),  # a span of time
        (3, "<v>79085000001</v>"),
        (0, "<f>1984+1</f><v>1985</v>"),
        (1, "<f>TODAY()</f><v>45044</v>"),
        (0, "<f>A1</f>"),
    ],
)
def test_no_format_changes_what_people_entered(path: Path, style: int, content: str, drawn_format: Format) -> None:
    rows = "".join(f'<row r="{row}"><c r="A{row}" s="{style}">{content}</c></row>' for row in (2, 4))
    write_file(path, {"BV Hoa Sen": sheet_xml(rows)})
    before = ExcelWorkbook(path).read().tabs[0].rows
    columns = (ColumnLook(1, "Cột", 12, drawn_format),)
    cells = (CellLook(2, 1, Role.INPUT, drawn_format),)
    ExcelWorkbook(path).draw([replace(UNIT, columns=columns, cells=cells, values=(), colours=())])
    assert ExcelWorkbook(path).read().tabs[0].rows == before


# Drawing again


def test_drawing_again_changes_nothing(path: Path) -> None:
    ExcelWorkbook(path).draw(LOOKS)
    once = parts_of(path)
    for _ in range(2):
        ExcelWorkbook(path).draw(LOOKS)
    again = parts_of(path)
    assert [name for name in once if again.get(name) != once[name]] in ([], ["docProps/core.xml"])  # when it was saved
    assert set(again) == set(once)


def test_drawing_after_rows_were_written_keeps_them(path: Path) -> None:
    book = ExcelWorkbook(path)
    book.draw(LOOKS)
    snapshot = book.read()
    changes = [CellChange("BV Hoa Sen", 4, 2, date(1985, 9, 5)), CellChange("BV Hoa Sen", 4, 8, "=lỗi\n  hai")]
    after = book.write(changes, snapshot).snapshot
    book.draw(LOOKS)
    assert book.read().tabs == after.tabs


def test_a_column_that_is_a_list_no_more_loses_its_dropdown(path: Path) -> None:
    drawn(path)
    columns = (*COLUMNS[:3], ColumnLook(4, "Giới tính", 9), *COLUMNS[4:])
    assert "D4:D2003" not in validations(unit_of(path, replace(UNIT, columns=columns)))


def test_tabs_are_found_whatever_their_case_and_unicode_form(path: Path) -> None:
    write_file(path, {"bv hoa sen": sheet_xml(""), "Danh mu\u0323c": sheet_xml("")})
    assert drawn(path, [UNIT, LISTS]).sheetnames == ["bv hoa sen", "Danh mu\u0323c"]


def test_the_tab_that_people_left_open_stays_in_front(path: Path) -> None:
    saved(path)
    active = drawn(path).active
    assert active is not None
    assert active.title == "BV Hoa Sen"


# What people made themselves


def test_validations_of_people_stay_outside_our_columns(path: Path) -> None:
    book, sheet = saved(path)
    theirs = DataValidation("list", formula1='"a,b"', sqref="B1:E2200 K4:K9")
    sheet.data_validations.append(theirs)
    book.save(path)
    sheet = unit_of(path)
    kept = next(each for each in sheet.data_validations.dataValidation if each.formula1 == '"a,b"')
    cells = ("B1", "B2", "B3", "B4", "B2003", "B2004", "C2", "C50", "D2", "D50", "E2", "E50", "E2200", "K4")
    assert [cell for cell in cells if cell not in kept] == ["B2", "B4", "B2003", "D2", "D50", "E50"]
    assert validations(sheet)["B4:B2003"] == ("date", "DATE(1900,1,1)")


NAMED = replace(UNIT, columns=(replace(COLUMNS[0], note="Như trên thẻ."), *COLUMNS[1:]))


def test_whoever_goes_to_a_cell_reads_what_it_wants(path: Path) -> None:
    for _ in range(2):
        ExcelWorkbook(path).draw([NAMED])
        found = openpyxl.load_workbook(path)["BV Hoa Sen"].data_validations.dataValidation
        assert sorted((str(each.sqref), each.promptTitle, each.prompt, each.type) for each in found if each.prompt) == [
            ("A4:A2003", "Họ và tên", "Như trên thẻ.", None),
            ("B4:B2003", "Ngày sinh", "Ngày sinh ghi trên thẻ.", "date"),
        ]


def test_where_people_have_a_dropdown_of_their_own_no_help_takes_its_place(path: Path) -> None:
    book, sheet = saved(path)
    own = DataValidation(type="list", formula1='"Nội,Ngoại"', sqref="A5:A9")
    sheet.data_validations.append(own)
    book.save(path)
    ExcelWorkbook(path).draw([NAMED])
    found = validations(openpyxl.load_workbook(path)["BV Hoa Sen"])
    assert {area: kind for area, kind in found.items() if area.startswith("A")} == {"A5:A9": ("list", '"Nội,Ngoại"')}


def test_conditional_formats_of_people_stay(path: Path) -> None:
    book, sheet = saved(path)
    red = DifferentialStyle(fill=PatternFill(bgColor="FF0000"))
    sheet.conditional_formatting.add("K1:K9", Rule("cellIs", operator="equal", formula=['"x"'], dxf=red))
    sheet.conditional_formatting.add("G4:G9", Rule("duplicateValues", dxf=red))
    sheet.conditional_formatting.add("A4:A9", Rule("expression", formula=["ISNUMBER(SEARCH($B4,A4))"], dxf=red))
    book.save(path)
    drawn(path)
    found = formats(unit_of(path))
    assert ("K1:K9", "cellIs", '"x"') in found
    assert ("G4:G9", "duplicateValues", "") in found
    assert ("A4:A9", "expression", "ISNUMBER(SEARCH($B4,A4))") in found
    assert len(found) == 6


def test_the_lines_that_an_earlier_version_drew_around_filled_rows_go(path: Path) -> None:
    """LibreOffice shows one of two formats that overlap, so they would hide what is wrong."""
    book, sheet = saved(path)
    sheet.conditional_formatting.add("A4:I9", Rule("expression", formula=["COUNTA($A4:$I4)>0"]))
    book.save(path)
    drawn(path)
    assert [kind for _, kind, _ in formats(unit_of(path))] == ["cellIs", "cellIs", "beginsWith"]


MARKS = (
    CellMark((1, 2, 4), marked(["$B4=" + quoted('anh; "B"')])),
    CellMark((1, 2, 4), marked(["LEN($B4)>9;TRUE"]), severe=False),
)


def test_marks_of_cells_come_in_their_order_and_once(path: Path) -> None:
    look = replace(UNIT, marks=MARKS)
    for marks in (MARKS, MARKS, MARKS[1:], ()):
        ExcelWorkbook(path).draw([replace(look, marks=marks)])
        found = formats(openpyxl.load_workbook(path)["BV Hoa Sen"])
        assert [(areas, formula) for areas, kind, formula in found if kind == "expression"] == [
            ("A4:B2003 D4:D2003", 'AND(N("TCCB")=0,$B4="anh; ""B""")'),
            ("A4:B2003 D4:D2003", 'AND(N("TCCB")=0,LEN($B4)>9,TRUE)'),
        ][2 - len(marks) :]
        assert found[-1][1] == "beginsWith"


def test_conditions_that_an_earlier_version_counted_by_rows_are_drawn_anew(path: Path) -> None:
    """Also as they stand once somebody deleted some of these rows."""
    grey = 'AND(LEFT($E4,5)="ab12#",NOT(EXACT($E4,"ab12#"&SUM((ROW($1:$496)-ROW($1:$1)+1)))))'
    book, sheet = saved(path)
    sheet.conditional_formatting.add("A4:A9", Rule("expression", formula=[grey]))
    red = 'AND(N("TCCB")=0,SUMPRODUCT(LEN($B4)-LEN(SUBSTITUTE($B4,ROW($1:$9)-ROW($1:$1),""))))'
    sheet.conditional_formatting.add("B4:B9", Rule("expression", formula=[red]))
    book.save(path)
    look = replace(UNIT, marks=MARKS, review=ReviewMark(5, (2,), (1,), "ab12#"))
    for _ in range(2):
        ExcelWorkbook(path).draw([look])
        found = [text for _, kind, text in formats(openpyxl.load_workbook(path)["BV Hoa Sen"]) if kind == "expression"]
        assert len(found) == 3
        assert "ROW(OFFSET(INDEX($E:$E,1),0,0,500))" in found[0]
        assert "$1:" not in "".join(found)


def test_validations_that_excel_keeps_in_its_newer_notation_stay(path: Path) -> None:
    extension = (
        '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        'uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"><x14:dataValidations '
        'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list" '
        'allowBlank="1" showErrorMessage="1" errorTitle="Của chúng tôi"><x14:formula1><xm:f>Sheet2!$A$1:$A$9</xm:f>'
        "</x14:formula1><xm:sqref>K4:K9</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
    )
    write_file(path, {"BV Hoa Sen": sheet_xml("", after=extension)})
    book = ExcelWorkbook(path)
    assert book.draw([UNIT]) == DrawOutcome()
    assert validations(openpyxl.load_workbook(path)["BV Hoa Sen"])["K4:K9"] == ("list", "Sheet2!$A$1:$A$9")


def test_notes_of_people_stay_and_ours_are_replaced(path: Path) -> None:
    book, sheet = saved(path)
    sheet["A3"].comment = Comment("của tôi", "Minh")
    book.save(path)
    drawn(path)
    sheet = unit_of(path, replace(UNIT, columns=(replace(COLUMNS[0], note="mới"), replace(COLUMNS[1], note="mới"))))
    comments = [sheet[cell].comment for cell in ("A3", "B3")]
    assert [comment.text if comment else None for comment in comments] == ["của tôi", "mới"]


def test_a_filter_or_a_table_of_people_stays_the_only_one(path: Path) -> None:
    book, sheet = saved(path, ["Họ và tên", "Ngày sinh"], ["An", None])
    sheet.add_table(Table(displayName="BangCuaToi", ref="A1:B2"))
    book.save(path)
    sheet = unit_of(path, replace(UNIT, header_row=1, values=(), cells=()))
    assert sheet.auto_filter.ref is None
    assert list(sheet.tables) == ["BangCuaToi"]


def test_columns_that_the_file_holds_as_one_group_are_told_apart(path: Path) -> None:
    columns = '<cols><col min="2" max="16384" width="7" customWidth="1" style="3"/></cols>'
    write_file(path, {"BV Hoa Sen": sheet_xml("", columns)})
    drawn(path)
    with open_package(path) as package:
        content = package.read(next(sheet.part for sheet in package.sheets if sheet.title == "BV Hoa Sen"))
    groups = [
        (int(e.get("min", "0")), int(e.get("max", "0"))) for e in etree.fromstring(content).iter(f"{{{MAIN}}}col")
    ]
    assert groups == [*((number, number) for number in range(1, 10)), (10, 16384)]


def test_results_of_formulas_survive_the_drawing(path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"a"</f><v>a</v></c>'
        '<c r="C1" t="b"><f>TRUE</f><v>1</v></c><c r="D1" t="e"><f>A0</f><v>#REF!</v></c>'
        '<c r="E1" s="1"><f>TODAY()</f><v>45044</v></c><c r="F1"><f>1</f></c></row>'
    )
    write_file(path, {"A": sheet_xml(rows)})
    before = ExcelWorkbook(path).read().tabs[0].rows
    ExcelWorkbook(path).draw([GUIDE])
    assert ExcelWorkbook(path).read().tabs[1].rows == before


def test_text_in_several_fonts_stays_so(path: Path) -> None:
    rows = (
        '<row r="5"><c r="A5" t="inlineStr"><is><r><t xml:space="preserve">a </t></r>'
        "<r><rPr><b/></rPr><t>b</t></r></is></c></row>"
    )
    write_file(path, {"BV Hoa Sen": sheet_xml(rows)})
    value = unit_of(path)["A5"].value
    assert str(value) == "a b"
    assert [type(run).__name__ for run in value] == ["str", "TextBlock"]


def test_what_the_library_does_not_know_of_a_worksheet_is_kept(path: Path) -> None:
    link = '<hyperlinks><hyperlink ref="A1:C2" location="\'Khác\'!A1" display="x"/></hyperlinks>'
    head = "<headerFooter><oddHeader>Danh sách 12 người</oddHeader><oddFooter>Trang &amp;P</oddFooter></headerFooter>"
    ignored = '<ignoredErrors><ignoredError sqref="A1:A9" numberStoredAsText="1"/></ignoredErrors>'
    book, _ = saved(path, ["1", "_x005F_x000D_"], ["2"])
    book.create_sheet("Khác")["A1"] = "1"
    book.save(path)
    sheets = {name: content.decode() for name, content in parts_of(path).items() if "worksheets/sheet" in name}
    margins = re.compile("<pageMargins[^>]*/>")
    rewrite(path, {name: margins.sub(lambda m: f"{link}{m[0]}{head}{ignored}", each) for name, each in sheets.items()})
    for _ in range(2):
        ExcelWorkbook(path).draw(LOOKS)
    tabs = {tab.title: tab for tab in ExcelWorkbook(path).read().tabs}
    assert tabs[UNIT.title].rows[0][1] == "_x000D_"
    for sheet in openpyxl.load_workbook(path).worksheets:
        if sheet.title in (UNIT.title, "Khác"):
            for shown, text in ((sheet.oddHeader, "Danh sách 12 người"), (sheet.oddFooter, "Trang &P")):
                assert shown is not None
                assert shown.center.text == text
    kept = [content.decode() for name, content in parts_of(path).items() if name.startswith("xl/worksheets/sheet")]
    assert sum(link in each and ignored in each for each in kept) == 2


def test_a_copy_is_kept_where_something_would_be_lost_and_none_is_overwritten(path: Path) -> None:
    book, _ = saved(path, [1], [2])
    book.save(path)
    workbook = ExcelWorkbook(path)
    for name, part, word in (
        ("sổ (trước khi init).xlsx", "xl/media/image1.png", "hình ảnh, hình vẽ"),
        ("sổ (trước khi init 2).xlsx", "xl/persons/person.xml", "trao đổi trong ghi chú"),
    ):
        with ZipFile(path, "a") as archive:
            archive.writestr(part, part)
        before = path.read_bytes()
        (remark,) = workbook.draw(LOOKS).remarks
        assert remark.endswith(f"{path.with_name(name)}.")
        assert word in remark
        assert path.with_name(name).read_bytes() == before


def test_one_copy_is_kept_however_often_the_file_is_drawn(path: Path) -> None:
    book, sheet = saved(path, [1], [2])
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=2))
    sheet.add_chart(chart, "K2")
    book.save(path)
    workbook = ExcelWorkbook(path)
    remarks = [workbook.draw([replace(LOOKS[0], tab_colour=colour)]).remarks for colour in ("", "FF0000", "00FF00")]
    assert [len(each) for each in remarks] == [1, 0, 0]
    assert len(list(path.parent.iterdir())) == 2


# Refusals


def test_a_file_that_is_open_is_not_drawn_upon(path: Path) -> None:
    drawn(path)
    before = path.read_bytes()
    path.with_name(".~lock.sổ.xlsx#").write_text("Minh,minh,may-1,28.04.2023 08:00,x;", "utf-8")
    with pytest.raises(WorkbookBusy, match="Minh"):
        ExcelWorkbook(path).draw(LOOKS)
    assert path.read_bytes() == before


@pytest.mark.parametrize("title", ["BV A/B", "x" * 32, "a:b", "[1]"])
def test_a_title_that_excel_does_not_allow_is_named(path: Path, title: str) -> None:
    with pytest.raises(CannotStart) as refusal:
        ExcelWorkbook(path).draw([replace(UNIT, title=title)])
    assert title in str(refusal.value)
    assert not path.exists()


def test_a_chart_sheet_of_that_title_is_named_and_left_alone(path: Path) -> None:
    book = Workbook()
    book.create_chartsheet(UNIT.title).add_chart(BarChart())
    book.save(path)
    before = path.read_bytes()
    with pytest.raises(CannotStart, match="biểu đồ"):
        ExcelWorkbook(path).draw([UNIT])
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkbookMissing, match="không có"):
        ExcelWorkbook(tmp_path / "không có" / "sổ.xlsx").draw(LOOKS)


# LibreOffice


@pytest.mark.office
@needs_calc
def test_a_drawn_and_written_file_survives_libreoffice(path: Path, tmp_path: Path) -> None:
    book = ExcelWorkbook(path)
    book.draw(LOOKS)
    values: dict[int, Cell] = {1: "=1+1", 2: date(1985, 9, 5), 3: "079085000001", 7: "Hoàn thành", 8: "dòng 1\ndòng 2"}
    changes = [CellChange("BV Hoa Sen", 4, column, value) for column, value in values.items()]
    before = book.write(changes, book.read()).snapshot
    theirs = ExcelWorkbook(converted(path, "xlsx", tmp_path / "once"))
    assert theirs.read().tabs == before.tabs
    sheet = openpyxl.load_workbook(theirs.address)["BV Hoa Sen"]
    kinds = {kind for kind, _ in validations(sheet).values()}
    assert kinds == {"list", "date", "custom"}
    assert {each.errorStyle for each in sheet.data_validations.dataValidation} == {"warning"}
    assert [sheet[cell].number_format for cell in ("B4", "C4")] == ["dd/mm/yyyy", "@"]


@pytest.mark.slow
@pytest.mark.office
@needs_calc
def test_a_file_that_libreoffice_saved_can_be_drawn_and_written_again(path: Path, tmp_path: Path) -> None:
    ExcelWorkbook(path).draw(LOOKS)
    theirs = ExcelWorkbook(converted(path, "xlsx", tmp_path / "once"))
    theirs.draw(LOOKS)
    once = openpyxl.load_workbook(theirs.address)["BV Hoa Sen"]
    assert sorted(validations(once)) == sorted(validations(openpyxl.load_workbook(path)["BV Hoa Sen"]))
    assert theirs.write([CellChange("BV Hoa Sen", 4, 2, date(1985, 9, 5))], theirs.read()).held
    again = ExcelWorkbook(converted(Path(theirs.address), "xlsx", tmp_path / "twice"))
    assert again.read().tabs[2].cell(4, 2) == datetime(1985, 9, 5)


@pytest.mark.slow
@pytest.mark.office
@needs_calc
@needs_pdftotext
def test_a_page_shows_names_and_results_side_by_side(path: Path, tmp_path: Path) -> None:
    results = tuple((row, column, f"{column}·{row}") for row in range(4, 64) for column in (1, 3, 7, 8))
    ExcelWorkbook(path).draw([replace(UNIT, values=(*UNIT.values, *results), printed=(7, 8))])
    paper = converted(path, "pdf", tmp_path / "out")
    shown = subprocess.run(["pdftotext", "-layout", str(paper), "-"], check=True, capture_output=True, text=True)
    pages = shown.stdout.rstrip("\f").split("\f")
    assert 2 <= len(pages) <= 3
    assert all(header in pages[0] for header in (UNIT.columns[0].header, "Kết quả", "Lỗi cần sửa"))
    assert not re.search(r"3·\d", shown.stdout)
    assert re.findall(r"\b1·(\d+) +7·\1 +8·\1\b", shown.stdout) == [str(row) for row in range(4, 64)]
