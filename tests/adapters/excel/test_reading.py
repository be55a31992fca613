"""Workbook files as other programs and people leave them, and what is read from them."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.base.errors import NotAWorkbook, WorkbookMissing, WorkbookUnavailable
from automation.core.model.layout import TabLook
from automation.core.model.workbook import UNCALCULATED, Cell, Merged
from tests.adapters.excel.files import STRICT, sheet_xml, write_file


def rows_of(path: Path, sheet: str, **settings: str) -> list[tuple[Cell, ...]]:
    write_file(path, {"A": sheet}, **settings)  # type: ignore[arg-type]
    return [tuple(row) for row in ExcelWorkbook(path).read().tabs[0].rows]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sổ.xlsx"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("<c><v>5</v></c>", 5),
        ("<c><v>-5</v></c>", -5),
        ("<c><v>5.0</v></c>", 5.0),
        ("<c><v>7.9190000002E+10</v></c>", 79190000002.0),
        ("<c><v>0.30000000000000004</v></c>", 0.1 + 0.2),
        ('<c t="s"><v>0</v></c>', "Trần Văn An"),
        ('<c t="s"><v>1</v></c>', "Lê Thị Cúc"),  # runs joined, reading aid left out
        ('<c t="s"><v>2</v></c>', None),  # empty text is blank
        ('<c t="s"><v>3</v></c>', "a\rb"),
        ('<c t="s"><v>99</v></c>', "99"),  # no such text: what stands there is better than nothing
        ('<c t="inlineStr"><is><t>có</t></is></c>', "có"),
        ('<c t="inlineStr"><is><r><t>c</t></r><r><t>ó</t></r></is></c>', "có"),
        ('<c t="inlineStr"><is><t/></is></c>', None),
        ('<c t="b"><v>1</v></c>', True),
        ('<c t="b"><v>0</v></c>', False),
        ('<c t="e"><v>#REF!</v></c>', "#REF!"),
        ('<c t="e"><f>A1</f><v>#N/A</v></c>', "#N/A"),
        ('<c s="1"><v>45044</v></c>', datetime(2023, 4, 28)),
        ('<c s="1"><v>45044.75</v></c>', datetime(2023, 4, 28, 18)),
        ('<c s="1"><v>0.25</v></c>', time(6)),
        ('<c s="1"><v>19900229</v></c>', 19900229),  # no day that exists
        ('<c s="1"><v>-1</v></c>', datetime(1899, 12, 29)),
        ('<c s="1" t="s"><v>0</v></c>', "Trần Văn An"),
        ('<c s="2"><v>1.5</v></c>', 1.5),  # a span of time stays days
        ('<c s="77"><v>45044</v></c>', 45044),  # no such format
        ('<c t="d"><v>2023-04-28</v></c>', datetime(2023, 4, 28).date()),
        ('<c t="d"><v>28 tháng 4</v></c>', "28 tháng 4"),
        ("<c><v>không phải số</v></c>", "không phải số"),
        ("<c><f>1+1</f><v>2</v></c>", 2),
        ('<c t="str"><f>"a"</f><v>a</v></c>', "a"),
        ('<c t="str"><f>""</f><v></v></c>', None),  # calculated, and blank
        ("<c><f>1+1</f></c>", UNCALCULATED),
        ("<c><f>1+1</f><v/></c>", UNCALCULATED),
        ('<c><f t="shared" si="0"/></c>', UNCALCULATED),
        ('<c s="1"/>', None),
        ("<c><v></v></c>", None),
    ],
)
def test_a_cell(path: Path, cell: str, value: Cell) -> None:
    rows = rows_of(path, sheet_xml(f'<row r="1">{cell}<c><v>1</v></c></row>'))
    assert (type(rows[0][0]), rows) == (type(value), [(value, 1)])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("", []),
        ('<row r="1"/><row r="9" ht="20"><c r="C9" s="1"/></row>', []),
        ('<row r="2"><c r="B2"><v>1</v></c><c r="D2" s="1"/></row><row r="3"/>', [(), (None, 1)]),
        ("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>", [(1, 2), (3,)]),  # nothing is named
        ('<row r="2"><c><v>1</v></c></row><row><c r="B3"><v>2</v></c><c><v>3</v></c></row>', [(), (1,), (None, 2, 3)]),
        ('<row r="1" spans="1:1"><c r="C1"><v>1</v></c></row>', [(None, None, 1)]),  # the hint is wrong
        ('<row r="3"><c r="A3"><v>3</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>', [(1,), (), (3,)]),
        ('<row r="1"><c r="a1"><v>1</v></c></row>', [(1,)]),
        ('<!-- a --><row r="1"><c r="A1"><!-- b --><v>1</v></c></row>', [(1,)]),
    ],
)
def test_rows_and_cells_stand_where_the_file_says(path: Path, rows: str, expected: list[tuple[Cell, ...]]) -> None:
    assert rows_of(path, sheet_xml(rows)) == expected


@pytest.mark.parametrize("dimension", ["A1", "A1:A1", "XFD1048576", "rubbish", "A1:XFD1048576"])
def test_a_wrong_dimension_does_no_harm(path: Path, dimension: str) -> None:
    sheet = sheet_xml('<row r="2"><c r="B2"><v>7</v></c></row>', before=f'<dimension ref="{dimension}"/>')
    assert rows_of(path, sheet) == [(), (None, 7)]


@pytest.mark.slow
def test_a_tab_formatted_down_to_its_last_row_is_read_in_seconds(path: Path) -> None:
    empty = "".join(f'<row r="{n}" s="1" customFormat="1"><c r="A{n}" s="1"/></row>' for n in range(2, 300_001))
    rows = rows_of(path, sheet_xml(f'<row r="1"><c r="A1"><v>1</v></c></row>{empty}'))
    assert rows == [(1,)]


def test_what_is_written_alike_is_read_once_a_file(path: Path) -> None:
    cells = '<c r="A1" s="1"><v>45044</v></c><c r="B1" t="inlineStr"><is><t>Đã có</t></is></c>'
    write_file(path, {title: sheet_xml(f'<row r="1">{cells}</row>') for title in ("A", "B")})
    (one,), (other,) = (tab.rows for tab in ExcelWorkbook(path).read().tabs)
    assert list(one) == [datetime(2023, 4, 28), "Đã có"]
    assert all(here is there for here, there in zip(one, other, strict=True))


def test_dates_of_an_old_macintosh(path: Path) -> None:
    sheet = sheet_xml('<row r="1"><c r="A1" s="1"><v>43582</v></c></row>')
    assert rows_of(path, sheet, workbook_properties='<workbookPr date1904="1"/>') == [(datetime(2023, 4, 28),)]


def test_a_file_in_the_strict_notation(path: Path) -> None:
    sheet = sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', namespace=STRICT)
    assert rows_of(path, sheet, namespace=STRICT) == [("Trần Văn An",)]


def test_elements_with_a_prefix(path: Path) -> None:
    sheet = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row r="1"><x:c r="A1"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    assert rows_of(path, sheet) == [(7,)]


def test_a_file_without_styles(path: Path) -> None:
    write_file(path, {"A": sheet_xml('<row r="1"><c r="A1" s="1"><v>7</v></c></row>')}, styles=None)
    assert ExcelWorkbook(path).read().tabs[0].rows == [(7,)]


def test_hidden_tabs_are_read_and_chart_sheets_passed_over(path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Một"
    book.create_chartsheet("Biểu đồ")
    book.create_sheet("Ẩn").sheet_state = "hidden"
    book.create_sheet("Ẩn hẳn").sheet_state = "veryHidden"
    book.save(path)
    assert [tab.title for tab in ExcelWorkbook(path).read().tabs] == ["Một", "Ẩn", "Ẩn hẳn"]


def test_no_entity_of_the_file_is_followed(path: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("bí mật", "utf-8")
    sheet = f'<!DOCTYPE worksheet [<!ENTITY e SYSTEM "{secret.as_uri()}">]>' + sheet_xml(
        '<row r="1"><c r="A1" t="str"><v>a&e;</v></c><c r="B1"><v>1</v></c></row>'
    )
    with pytest.raises(NotAWorkbook, match="DOCTYPE"):
        rows_of(path, sheet)


def test_saving_changes_the_revision_and_reading_does_not(path: Path) -> None:
    write_file(path, {"A": sheet_xml("")})
    first = ExcelWorkbook(path).read().revision
    assert ExcelWorkbook(path).read().revision == first
    write_file(path, {"A": sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')})
    assert ExcelWorkbook(path).read().revision != first


LONG_AGO = 1_680_000_000.0


def _saved_at(path: Path, moment: float, value: int) -> None:
    write_file(path, {"A": sheet_xml(f'<row r="1"><c r="A1"><v>{value}</v></c></row>')})
    os.utime(path, (moment, moment))


def test_a_file_that_nobody_saved_since_is_not_opened_again(path: Path) -> None:
    _saved_at(path, LONG_AGO, 1)
    book = ExcelWorkbook(path)
    first = book.read()
    assert book.read() is first
    assert book.requests.read == 1
    _saved_at(path, LONG_AGO + 10, 2)
    assert book.read().tabs[0].rows == [(2,)]
    assert book.requests.read == 2


def test_a_file_that_was_saved_just_now_is_read_again(path: Path) -> None:
    """A second saving within the same tick of the disk's clock would not show."""
    write_file(path, {"A": sheet_xml("")})
    book = ExcelWorkbook(path)
    for _ in range(2):
        book.read()
    assert book.requests.read == 2


# What is no workbook


def _zip_of(path: Path, **parts: str) -> None:
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _truncated(path: Path) -> None:
    write_file(path, {"A": sheet_xml("")})
    path.write_bytes(path.read_bytes()[:-40])


def _without_sheet(path: Path) -> None:
    write_file(path, {"A": sheet_xml("")})
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if "sheet1" not in name}
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _garbled_sheet(path: Path) -> None:
    write_file(path, {"A": "<worksheet><sheetData><row>"})


_OLE = bytes.fromhex("d0cf11e0a1b11ae1")

NO_WORKBOOKS: list[tuple[Callable[[Path], object], str]] = [
    (lambda path: path.mkdir(), "thư mục"),
    (lambda path: path.touch(), "trống"),
    (lambda path: path.write_text("Mã,Tên\n1,A\n", "utf-8"), "không phải tệp Excel"),
    (lambda path: path.write_bytes(_OLE + b"\0" * 600), ".xls"),
    (lambda path: path.write_bytes(_OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")), "mật khẩu"),
    (lambda path: _zip_of(path, mimetype="application/vnd.oasis.opendocument.spreadsheet"), "không phải tệp Excel"),
    (lambda path: _zip_of(path), "không phải tệp Excel"),
    (_truncated, "hỏng"),
    (_without_sheet, "hỏng"),
    (_garbled_sheet, "hỏng"),
]


@pytest.mark.parametrize(("make", "word"), NO_WORKBOOKS)
def test_what_is_no_workbook_is_named_in_one_line(path: Path, make: Callable[[Path], object], word: str) -> None:
    make(path)
    with pytest.raises(NotAWorkbook) as refusal:
        ExcelWorkbook(path).read()
    assert str(path) in str(refusal.value)
    assert word in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("make", [make for make, _ in NO_WORKBOOKS])
def test_what_is_no_workbook_is_not_drawn_upon(path: Path, make: Callable[[Path], object]) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(NotAWorkbook, match=str(path)):
        ExcelWorkbook(path).draw([TabLook("Hướng dẫn", 0, ())])
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_missing_file_is_missing(path: Path) -> None:
    with pytest.raises(WorkbookMissing, match=str(path)):
        ExcelWorkbook(path).read()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_one_may_not_read_is_unavailable(path: Path) -> None:
    write_file(path, {"A": sheet_xml("")})
    path.chmod(0)
    with pytest.raises(WorkbookUnavailable, match=str(path)):
        ExcelWorkbook(path).read()


MERGED = '<mergeCells><mergeCell ref="F4:F6"/><mergeCell ref="X1:X1048576"/><mergeCell ref="nonsense"/></mergeCells>'


@pytest.mark.parametrize("before", ["", "<!-- parsed, not read by patterns -->"])
def test_merged_cells_are_known_however_the_sheet_is_written(path: Path, before: str) -> None:
    sheet = sheet_xml('<row r="4"><c r="F4"><v>1</v></c></row>', before=before, after=MERGED)
    write_file(path, {"A": sheet})
    assert ExcelWorkbook(path).read().tabs[0].merged == (Merged(4, 6, 6, 6), Merged(1, 24, 1_048_576, 24))
