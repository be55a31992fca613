"""What units mail in becomes tabs, and what is none is refused in one sentence, whatever it is called."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from automation.adapters.mailed import files, foreign_sheets
from automation.adapters.mailed.files import read_mailed
from automation.base.errors import CannotStart
from automation.core.model.workbook import Cell, Merged, Row
from tests.office import converted, needs_calc

LINES = (
    "Danh sách viên chức, người lao động",
    "STT|Họ và tên|Ngày sinh|Số CCCD|Khoa/Phòng",
    "1|Nguyễn Thị Hằng|05/03/1985|079185000001|Khoa Nội, Ngoại",
    "2|Đặng Hữu Đức|17/11/1990|001090000002|Phòng Tổ chức cán bộ",
)
ROWS: list[Row] = [line.split("|") for line in LINES]
TONES = "\u0300\u0301\u0303\u0309\u0323"


def of_windows(typed: str) -> bytes:
    """Code page 1258, as Vietnamese Windows saves it: the tone mark behind its letter."""
    return "".join(map(_taken_apart, typed)).encode("cp1258")


def _taken_apart(letter: str) -> str:
    try:
        letter.encode("cp1258")
    except UnicodeEncodeError:
        first, *marks = list(unicodedata.normalize("NFD", letter))
        plain = unicodedata.normalize("NFC", first + "".join(each for each in marks if each not in TONES))
        return plain + "".join(each for each in marks if each in TONES)
    return letter


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda typed: typed.encode(),
    "utf-8 with its mark": lambda typed: typed.encode("utf-8-sig"),
    "utf-16": lambda typed: typed.encode("utf-16"),
    "utf-16, the other way round": lambda typed: codecs.BOM_UTF16_BE + typed.encode("utf-16-be"),
    "utf-16 without mark": lambda typed: typed.encode("utf-16-le"),
    "letters taken apart": lambda typed: unicodedata.normalize("NFD", typed).encode(),
    "code page 1258": of_windows,
}


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_list_as_text(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "danh sach.csv"
    lines = [[f'"{cell}"' if delimiter in cell else cell for cell in line.split("|")] for line in LINES]
    path.write_bytes(ENCODINGS[encoding]("\r\n".join(delimiter.join(line) for line in lines)))
    (tab,) = read_mailed(path)
    assert (tab.title, list(tab.rows)) == ("danh sach", ROWS)


def test_cells_of_several_lines_stay_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'Ho ten;Ghi chu\r\n"An";"mot\r\nhai"\r\n')
    assert list(read_mailed(path)[0].rows) == [["Ho ten", "Ghi chu"], ["An", "mot\r\nhai"]]


CELLS: list[list[Cell]] = [
    [],
    [None, "Nguyễn Văn An", date(1985, 3, 5), 79085000001, None, True],
    ["gộp"],
    [None, "Trần Thị Ánh", datetime(2021, 5, 10, 8, 30), 12.5],
]


def xlsx(path: Path) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Khoa Nội"
    for row in CELLS:
        sheet.append(row)
    sheet.merge_cells("A3:B3")
    book.save(path)
    return path


def test_a_workbook_whatever_it_is_called(tmp_path: Path) -> None:
    (tab,) = read_mailed(xlsx(tmp_path / "a.xlsx").rename(tmp_path / "a.xls"))
    assert (tab.title, tab.merged) == ("Khoa Nội", (Merged(3, 1, 3, 2),))
    assert tab.cell(2, 3) in (date(1985, 3, 5), datetime(1985, 3, 5))


@pytest.mark.slow
@needs_calc
@pytest.mark.office
@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_workbooks_of_other_programs(tmp_path: Path, ending: str) -> None:
    (tab,) = read_mailed(converted(xlsx(tmp_path / "a.xlsx"), ending, tmp_path))
    assert tab.title == "Khoa Nội"
    assert [list(row) for row in tab.rows] == [*CELLS[:2], ["gộp"], *CELLS[3:]]


def ods(path: Path, rows: str, manifest: str = "") -> Path:
    names = {
        each: f"urn:oasis:names:tc:opendocument:xmlns:{each}:1.0" for each in ("office", "table", "text", "manifest")
    }
    declared = " ".join(f'xmlns:{name}="{address}"' for name, address in names.items())
    with ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {declared}><office:body><office:spreadsheet>"
            f'<table:table table:name="A">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest {declared}>{manifest}</manifest:manifest>")
    return path


REPEATED = 'table:number-{}-repeated="{}"'
CELL = f'<table:table-cell office:value-type="string" {REPEATED}><text:p>x</text:p></table:table-cell>'


def cells(number: int) -> str:
    return CELL.format("columns", number)


def lines(number: int, content: str) -> str:
    return f"<table:table-row {REPEATED.format('rows', number)}>{content}</table:table-row>"


EMPTY = lines(1_048_570, f"<table:table-cell {REPEATED.format('columns', 1024)}/>")


def test_blank_rows_and_columns_without_end_cost_nothing(tmp_path: Path) -> None:
    rows = lines(1, cells(2)) + EMPTY
    assert list(read_mailed(ods(tmp_path / "a.ods", rows))[0].rows) == [["x", "x"]]


def _large_sheet(path: Path) -> None:
    ods(path, lines(900_000, cells(900)))


def _last_corner(path: Path) -> None:
    ods(path, EMPTY + lines(1, cells(3)))


def _encrypted_ods(path: Path) -> None:
    ods(path, "", "<manifest:encryption-data/>")


def _damaged(path: Path) -> None:
    xlsx(path)
    path.write_bytes(path.read_bytes()[:3000])


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no file": (lambda path: path.exists(), "Không tìm thấy tệp"),
    "a folder": (lambda path: path.mkdir(), "là thư mục"),
    "nothing in it": (lambda path: path.write_bytes(b" \r\n"), "trống"),
    "cut off": (_damaged, "hỏng"),
    "encrypted": (
        lambda path: path.write_bytes(files._OLE + bytes(512) + files._ENCRYPTED + bytes(512)),
        "mật khẩu",
    ),
    "encrypted by LibreOffice": (_encrypted_ods, "mật khẩu"),
    "old Excel, cut off": (lambda path: path.write_bytes(files._OLE + bytes(700)), "hỏng"),
    "a page of the web": (lambda path: path.write_bytes(b"\r\n<html><table>"), "trang web"),
    "a letter": (lambda path: path.write_bytes(b"%PDF-1.7 ..."), "không phải danh sách"),
    "no text": (lambda path: path.write_bytes(bytes(range(256)) * 20), "không phải danh sách"),
    "half a letter of UTF-16": (lambda path: path.write_bytes(codecs.BOM_UTF16_LE + b"\x00\xd8"), "hỏng"),
    "a sheet that unpacks to millions of cells": (_large_sheet, "lớn hơn"),
    "one cell in the last line": (_last_corner, "lớn hơn"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_list_is_refused(tmp_path: Path, name: str) -> None:
    make, said = REFUSED[name]
    path = tmp_path / "tep.xlsx"
    make(path)
    with pytest.raises(CannotStart, match=said) as refused:
        read_mailed(path)
    assert "\n" not in str(refused.value)


def test_a_file_of_many_megabytes_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    (tmp_path / "a.csv").write_bytes(b"x" * 11)
    with pytest.raises(CannotStart, match="lớn hơn"):
        read_mailed(tmp_path / "a.csv")


def test_a_sheet_of_old_excel_with_a_cell_far_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign_sheets, "MOST_CELLS", 3)
    with pytest.raises(foreign_sheets.NotReadable):
        foreign_sheets.xls_tabs(ods(tmp_path / "a.ods", lines(2, cells(2))).read_bytes())
