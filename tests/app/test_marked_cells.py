"""Cells of people turn red or yellow where `Lỗi cần sửa` names them, and before that where the sheet itself can tell:
LibreOffice judges the conditions that `tccb init` draws.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import openpyxl
import pytest
from msgspec import Struct
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.clock import standing_clock
from automation.app.cycle import check
from automation.app.init import set_up
from automation.core.config import tabs
from automation.core.judging.judged import Judged
from automation.core.model.palette import FAULT_FILL, WARNING_FILL
from automation.core.model.units import Severity
from automation.core.model.workbook import Cell
from automation.core.writing.changes import cell_changes
from tests.fakes_store import MemoryStore
from tests.office import converted, needs_calc
from tests.workbooks import NOW, SOUND

UNITS = "Mã;Tên đơn vị\nda-xet;Đã xét\nchua-xet;Chưa xét\nchua-nhap;Chưa nhập\n"
JUDGED, UNJUDGED, EMPTY = "Đã xét", "Chưa xét", "Chưa nhập"
RENAMED = 'Số "máy" của l\'anh; chị'
"""What the admin calls the telephone; the units' tabs keep the old name."""
HEADERS = 3


NUMBER, BORN, CARD, LEVEL, STAGE = "Số CCCD", "Ngày sinh", "Thẻ CCCD gắn chíp", "Mức tài khoản", "Tình trạng tài khoản"


class Seen(Struct, frozen=True):
    """The headers of a row's red and of its yellow cells."""

    red: frozenset[str] = frozenset()
    yellow: frozenset[str] = frozenset()


def red(*headers: str) -> Seen:
    return Seen(frozenset(headers))


def yellow(*headers: str) -> Seen:
    return Seen(yellow=frozenset(headers))


BLANK_ACCOUNT: dict[str, Cell] = {LEVEL: None, STAGE: None, "Ngày kích hoạt": None}
AT_ONCE: Mapping[str, tuple[dict[str, Cell], Seen]] = {
    "in order": ({}, Seen()),
    "digits missing": ({NUMBER: "0790850"}, red(NUMBER)),
    "a digit too many": ({NUMBER: "0790850001234"}, red(NUMBER)),
    "an old card's": ({NUMBER: "024123456"}, red(NUMBER)),
    "zeros lost": ({NUMBER: 79085000124}, yellow(NUMBER)),
    "grouped": ({NUMBER: "079.085 000-125\u200b"}, Seen()),
    "twice, here": ({NUMBER: "079085000200"}, red(NUMBER)),
    "twice, and there": ({NUMBER: "079085000200", "Họ và tên": "Trần Thị Ba"}, red(NUMBER)),
    "who left has it too": ({NUMBER: "079085000201"}, Seen()),
    "left": ({NUMBER: "079085000201", "Họ và tên": "Lê Bốn", "Miễn, hoãn": "Đã nghỉ hưu"}, Seen()),
    "level 2, no card": ({LEVEL: "Mức 2", CARD: "Chưa làm", "Ngày cấp thẻ": None}, red(CARD)),
    "stage, no level": ({LEVEL: None}, red(LEVEL)),
    "not registered, no level": ({**BLANK_ACCOUNT, STAGE: "Chưa đăng ký"}, Seen()),
    "a year for a day": ({BORN: "1985"}, red(BORN)),
    "a day typed as text": ({BORN: "15/3/1985"}, Seen()),
    "no birth date, no category": ({BORN: None, "Đối tượng": None}, red(BORN, "Đối tượng")),
    "no name": ({"Họ và tên": None}, red("Họ và tên")),
    "a card and no number": ({NUMBER: None}, red(NUMBER)),
    "put off, till when": ({"Miễn, hoãn": "Đang ở nước ngoài"}, red("Hoãn đến ngày")),
    "a heading": (dict.fromkeys(SOUND) | {"Họ và tên": "Khoa Nội"}, Seen()),
    "nobody": (dict.fromkeys(SOUND), Seen()),
    "no digit in a date": ({BORN: "không rõ"}, red(BORN)),
    "nor in another": ({"Ngày cấp thẻ": "quên"}, red("Ngày cấp thẻ")),
    "no day of the month": ({BORN: "31/02/1990"}, red(BORN)),
    "no day, other signs": ({"Ngày cấp thẻ": "31.4.2022"}, red("Ngày cấp thẻ")),
    "no month": ({BORN: "5-13-1985"}, red(BORN)),
    "a leap day": ({BORN: "29/02/2000", NUMBER: "079200000777"}, Seen()),
    "a dash for a date": ({"Ngày cấp thẻ": "-"}, Seen()),
    "name and gender": (dict.fromkeys(SOUND) | {"Họ và tên": "Lê Thị Sáu", "Giới tính": "Nữ"}, red(BORN, "Đối tượng")),
    "name and category": (dict.fromkeys(SOUND) | {"Họ và tên": "Lê Bảy", "Đối tượng": "Viên chức"}, red(BORN)),
    "a heading of men": (dict.fromkeys(SOUND) | {"Họ và tên": "Khoa Nội", "Giới tính": "Nam"}, Seen()),
    "a numbered one": (dict.fromkeys(SOUND) | {"Họ và tên": "II. Khoa Nội", "Giới tính": "Nam"}, Seen()),
    "a total of men": (dict.fromkeys(SOUND) | {"Họ và tên": "Tổng cộng", "Giới tính": "Nam"}, Seen()),
    "a broken formula beside": ({"Khoa/Phòng": "#REF!", NUMBER: "0790850"}, red(NUMBER)),
}
TOLD_LATER: Mapping[str, tuple[dict[str, Cell], Seen]] = {
    "wrong telephone": ({"Điện thoại": "12"}, yellow("Điện thoại")),
    "a word of no list": ({"Giới tính": "Khác"}, red("Giới tính")),
    "another year": ({NUMBER: "079090000777"}, red(NUMBER)),
}
CASES = {**AT_ONCE, **{name: (row, Seen()) for name, (row, _) in TOLD_LATER.items()}}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Judged]:
    """The same people in two tabs, of which one shows the results."""
    folder = tmp_path_factory.mktemp("marked")
    path = folder / "book.xlsx"
    (folder / "units.csv").write_text(UNITS, "utf-8")
    set_up(ExcelWorkbook(path), folder / "units.csv")
    book = openpyxl.load_workbook(path)
    fields = book[tabs.FIELDS]
    line = next(row for row in fields.iter_rows() if row[0].value == "dien-thoai")
    line[1].value, line[2].value = RENAMED, "Điện thoại"
    for title in (JUDGED, UNJUDGED):
        for number, (changes, _) in enumerate(CASES.values(), start=HEADERS + 1):
            name = f"Nguyễn {chr(ord('A') + number // 26)}n {chr(ord('A') + number % 26)}"
            _type(book[title], number, {"Họ và tên": name, NUMBER: f"079085{number:06}", **changes})
    book.save(path)
    set_up(ExcelWorkbook(path))
    workbook = ExcelWorkbook(path)
    snapshot = workbook.read()
    found = check(workbook, MemoryStore(), standing_clock(NOW)).judged
    assert found is not None
    results = cell_changes(snapshot, found, {}).cells
    workbook.write([each for each in results if each.tab != UNJUDGED], snapshot)
    return path, found


def _type(sheet: Worksheet, number: int, changes: Mapping[str, Cell]) -> None:
    for column, cell in enumerate(sheet[HEADERS], start=1):
        value = {**SOUND, **changes}.get(str(cell.value))
        if value is not None:
            sheet.cell(number, column, value)


@pytest.fixture(scope="module")
def seen(judged: tuple[Path, Judged], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Seen]]:
    """By tab, what is red and yellow in the row of each case."""
    return marked_cells(judged[0], (JUDGED, UNJUDGED, EMPTY), len(CASES), tmp_path_factory.mktemp("shown"))


def marked_cells(path: Path, titles: tuple[str, ...], count: int, folder: Path) -> Mapping[str, list[Seen]]:
    """What LibreOffice makes of the conditions: each stands as a formula in the same cell of a tab beside."""
    book = openpyxl.load_workbook(path)
    for title in titles:
        for number, (fill, areas, formula) in enumerate(_conditions(book[title])):
            beside = book.create_sheet(f"{title} {fill} {number}")
            for area in areas:
                for row in range(HEADERS + 1, HEADERS + 1 + count):
                    for column in range(area.min_col, area.max_col + 1):
                        place = beside.cell(row, column).coordinate
                        beside[place] = ArrayFormula(place, _moved(formula, title, row))
    book.save(folder / "marks.xlsx")
    shown = openpyxl.load_workbook(converted(folder / "marks.xlsx", "xlsx", folder / "out"), data_only=True)
    return {title: list(_seen(shown, title, count)) for title in titles}


def _conditions(sheet: Worksheet) -> Iterator[tuple[str, list[CellRange], str]]:
    for place in sheet.conditional_formatting:
        for rule in place.rules:
            assert isinstance(rule.dxf, DifferentialStyle)
            filled = rule.dxf.fill
            colour = str(filled.bgColor.rgb)[2:] if isinstance(filled, PatternFill) else ""
            if rule.type == "expression" and colour in (FAULT_FILL, WARNING_FILL):
                yield colour, list(place.sqref.ranges), rule.formula[0]


_REFERENCE = re.compile(r"(\$[A-Z]+)(?:(\$\d+)|(\d+)|:(\$[A-Z]+))")


def _moved(formula: str, title: str, row: int) -> str:
    """The formula of the first row as it is for that one, of the cells of another tab."""

    def moved(found: re.Match[str]) -> str:
        behind = found[2] or (f":{found[4]}" if found[4] else str(int(found[3]) - HEADERS - 1 + row))
        return f"'{title}'!{found[1]}{behind}"

    pieces = formula.split('"')
    return "=" + '"'.join(piece if n % 2 else _REFERENCE.sub(moved, piece) for n, piece in enumerate(pieces))


def _seen(shown: openpyxl.Workbook, title: str, count: int) -> Iterator[Seen]:
    headers = {cell.column: str(cell.value) for cell in shown[title][HEADERS] if cell.value}

    def holding(fill: str, row: int) -> frozenset[str]:
        cells = [cell for name in shown.sheetnames if name.startswith(f"{title} {fill} ") for cell in shown[name][row]]
        assert all(cell.value is None or isinstance(cell.value, (bool, int)) for cell in cells)
        return frozenset(headers[cell.column] for cell in cells if cell.value)

    for row in range(HEADERS + 1, HEADERS + 1 + count):
        reds = holding(FAULT_FILL, row)
        yield Seen(reds, holding(WARNING_FILL, row) - reds)


@pytest.mark.slow
@pytest.mark.office
@needs_calc
def test_before_the_bot_a_cell_is_marked_where_the_sheet_can_tell(seen: Mapping[str, list[Seen]]) -> None:
    found = dict(zip(CASES, seen[UNJUDGED], strict=True))
    assert found == {name: expected for name, (_, expected) in CASES.items()}


@pytest.mark.slow
@pytest.mark.office
@needs_calc
def test_where_nobody_is_entered_the_first_row_says_what_everybody_must_have(seen: Mapping[str, list[Seen]]) -> None:
    assert seen[EMPTY][0] == yellow("Họ và tên", BORN, "Đối tượng")
    assert set(seen[EMPTY][1:]) == {Seen()}


@pytest.mark.slow
@pytest.mark.office
@needs_calc
def test_behind_the_bot_exactly_the_cells_are_marked_that_the_row_names(
    judged: tuple[Path, Judged], seen: Mapping[str, list[Seen]]
) -> None:
    """And nothing that was marked before turns out to be right."""
    found = dict(zip(CASES, seen[JUDGED], strict=True))
    assert found == dict(zip(CASES, _told(judged[1], "da-xet", len(CASES)), strict=True))
    assert {name: found[name] for name in TOLD_LATER} == {name: expected for name, (_, expected) in TOLD_LATER.items()}


@pytest.mark.slow
@pytest.mark.office
@needs_calc
def test_a_column_that_somebody_deleted_takes_no_other_mark_along(judged: tuple[Path, Judged], tmp_path: Path) -> None:
    """As formulas stand once the column is gone: until `init` draws them anew."""
    book = openpyxl.load_workbook(judged[0])
    sheet = book[JUDGED]
    letter = next(cell.column_letter for cell in sheet[HEADERS] if cell.value == NUMBER)
    for place in sheet.conditional_formatting:
        for rule in place.rules:
            rule.formula = [re.sub(rf"\${letter}(\$?\d+|:\${letter})", "#REF!", each) for each in rule.formula]
    book.save(tmp_path / "deleted.xlsx")
    found = marked_cells(tmp_path / "deleted.xlsx", (JUDGED,), len(CASES), tmp_path)[JUDGED]
    assert found == [
        Seen(told.red - {NUMBER}, told.yellow - {NUMBER}) for told in _told(judged[1], "da-xet", len(CASES))
    ]


def _told(judged: Judged, unit: str, count: int) -> Iterator[Seen]:
    """What the findings of each row name, by the headers that the tab has."""
    headers = {field.header: field.header for field in judged.config.fields} | {RENAMED: "Điện thoại"}
    ours = judged.findings[(judged.findings["unit"] == unit) & (judged.findings["rule"] != "cccd-trung-don-vi-khac")]
    for row in range(HEADERS + 1, HEADERS + 1 + count):
        of_row = ours[ours["row"] == row]
        reds, yellows = (
            frozenset(headers[each] for each in of_row[of_row["severity"] == severity.value]["header"])
            for severity in (Severity.ERROR, Severity.WARNING)
        )
        yield Seen(reds, yellows - reds)
