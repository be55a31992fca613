"""What a write leaves in the file, byte by byte where it counts, and when it leaves the file alone."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import IO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.excel.package import open_package
from automation.adapters.excel.saving import replace_file, revision_of
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.base.errors import WorkbookBusy, WorkbookMissing, WorkbookUnavailable
from automation.core.model.workbook import UNCALCULATED, Cell, CellChange, WriteOutcome
from tests.adapters.excel.files import MAIN, STYLES, parts_of, sheet_xml, write_file
from tests.examples import costly

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sổ theo dõi.xlsx"


def write(path: Path, changes: Mapping[tuple[int, int], Cell]) -> WriteOutcome:
    """Write into tab A; the outcome must be what a fresh reading finds."""
    book = ExcelWorkbook(path)
    outcome = book.write([CellChange("A", *place, value) for place, value in changes.items()], book.read())
    assert outcome.snapshot == book.read()
    return outcome


def written(path: Path, rows: str, changes: Mapping[tuple[int, int], Cell], before: str = "") -> str:
    """The `sheetData` of a tab after the changes, and what stands before it."""
    write_file(path, {"A": sheet_xml(rows, before)})
    write(path, changes)
    content = parts_of(path)[SHEET].decode()
    return content[content.index(">", content.index("<worksheet")) + 1 : -len("</worksheet>")]


def data(rows: str) -> str:
    return f"<sheetData>{rows}</sheetData>"


@pytest.mark.parametrize(
    ("rows", "changes", "expected"),
    [
        # a cell keeps its format, whatever it holds
        ('<row r="1"><c r="A1" s="3"><v>1</v></c></row>', {(1, 1): 2}, '<row r="1"><c r="A1" s="3"><v>2</v></c></row>'),
        (
            '<row r="1"><c r="A1" s="3" t="s"><v>0</v></c></row>',
            {(1, 1): True},
            '<row r="1"><c r="A1" s="3" t="b"><v>1</v></c></row>',
        ),
        ('<row r="1"><c r="A1" s="3" t="s"><v>0</v></c></row>', {(1, 1): None}, '<row r="1"><c r="A1" s="3"/></row>'),
        (
            '<row r="1"><c r="A1" s="3"><v>1</v></c></row>',
            {(1, 1): " =1 "},
            '<row r="1"><c r="A1" s="3" t="inlineStr"><is><t xml:space="preserve"> =1 </t></is></c></row>',
        ),
        # cells and rows are put in their order
        (
            '<row r="1"><c r="B1"><v>2</v></c></row><row r="5"/>',
            {(1, 1): 1, (1, 3): 3, (3, 2): 4, (7, 1): 5},
            '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c><c r="C1"><v>3</v></c></row>'
            '<row r="3"><c r="B3"><v>4</v></c></row><row r="5"/><row r="7"><c r="A7"><v>5</v></c></row>',
        ),
        # places that were only implied are named before anything is put between them
        (
            "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
            {(1, 2): 9, (4, 1): 4},
            '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>9</v></c></row>'
            '<row r="2"><c><v>3</v></c></row><row r="4"><c r="A4"><v>4</v></c></row>',
        ),
        # emptying what is not there makes nothing
        ('<row r="1"/>', {(1, 1): None, (2, 2): "", (3, 3): float("nan")}, '<row r="1"/>'),
        # the hint about used columns would be wrong
        ('<row r="1" spans="1:1"/>', {(1, 2): 1}, '<row r="1"><c r="B1"><v>1</v></c></row>'),
        # an extension of the row stays behind its cells
        (
            '<row r="1"><c r="A1"><v>1</v></c><extLst/></row>',
            {(1, 2): 2},
            '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c><extLst/></row>',
        ),
        # a new cell looks like its row where that has a look
        (
            '<row r="1" s="3" customFormat="1"/><row r="2" s="3"/>',
            {(1, 1): 1, (2, 1): 1},
            '<row r="1" s="3" customFormat="1"><c r="A1" s="3"><v>1</v></c></row>'
            '<row r="2" s="3"><c r="A2"><v>1</v></c></row>',
        ),
        # leftovers of dynamic arrays go with the value
        (
            '<row r="1"><c r="A1" cm="1" vm="2"><f t="array" ref="A1:A2">X()</f><v>1</v></c></row>',
            {(1, 1): 2},
            '<row r="1"><c r="A1"><v>2</v></c></row>',
        ),
    ],
)
def test_the_rows_after_a_write(path: Path, rows: str, changes: Mapping[tuple[int, int], Cell], expected: str) -> None:
    assert written(path, rows, changes) == data(expected)


CONTENTS = st.sampled_from(["<v>1</v>", "<f>1+1</f><v>2</v>", '<f t="shared" ref="A1:A9" si="0">B1</f><v>2</v>', ""])
FORMATS = st.sampled_from(["", ' s="1"'])
BETWEEN = st.sampled_from(["", "", "", "\n ", "<!-- <row r='3'> -->", "<?x <row/> ?>"])


@st.composite
def rows_of_a_sheet(draw: st.DrawFn) -> str:
    """Rows as programs and vandals leave them: in any order, without a number, with anything in between."""
    rows, before = [], 0
    for number in draw(st.lists(st.integers(1, 12), max_size=6, unique=True)):
        follows = number == before + 1 and draw(st.booleans())
        place = draw(st.sampled_from(["", ' r="0"', ' r="x"'])) if follows else f' r="{number}"'
        before = number
        cells = "".join(f"<c{draw(FORMATS)}>{draw(CONTENTS)}</c>" for _ in range(3))
        rows.append(draw(st.sampled_from([f"<row{place}>{cells}</row>", f"<row{place}/>"])) + draw(BETWEEN))
    return "".join(rows)


@given(
    rows=rows_of_a_sheet(),
    changes=st.dictionaries(
        st.tuples(st.integers(1, 14), st.integers(1, 4)), st.sampled_from([None, "x", "", 7, True]), min_size=1
    ),
    encoding=st.sampled_from(["UTF-8", "UTF-8", "UTF-8", "UTF-16", "ISO-8859-1"]),
)
def test_whatever_rows_look_like_a_fresh_reading_finds_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: str, changes: Mapping[tuple[int, int], Cell], encoding: str
) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.xlsx"
    xml = f'<?xml version="1.0" encoding="{encoding}"?>{sheet_xml(rows)}'
    write_file(path, {"A": xml.encode(encoding)})
    write(path, changes)


def test_of_several_rows_of_one_number_the_one_that_is_read_is_written(path: Path) -> None:
    twice = '<row r="1"/><row r="2"/><row r="1"><c><v>2</v></c></row><row r="1"/>'
    assert '<c r="A1"><v>2</v></c><c r="B1"><v>7</v></c>' in written(path, twice, {(1, 2): 7})


def test_rows_that_are_not_touched_stay_byte_for_byte(path: Path) -> None:
    beside = "<row  r = '2' foo:bar='1' xmlns:foo='urn:x' ><c r='A2'><v>1</v></c>\n</row >"
    around = written(path, f'<row r="1"><c r="A1"><v>1</v></c></row>{beside}', {(1, 1): 5, (9, 1): 5})
    assert beside in around


def test_a_prefix_in_front_of_every_name_is_kept(path: Path) -> None:
    plain = sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')
    prefixed = re.sub(r"<(/?)(\w)", r"<\1x:\2", plain).replace("xmlns=", "xmlns:x=")
    write_file(path, {"A": prefixed})
    write(path, {(1, 1): 5, (1, 2): "a", (3, 1): "b"})
    content = parts_of(path)[SHEET].decode()
    assert '<x:row r="3"><x:c r="A3" t="inlineStr">' in content
    assert "xmlns" not in content[content.index("<x:row") :]


def test_a_format_that_is_none_stops_no_write(path: Path) -> None:
    columns = '<cols><col min="x" max="1e9" width="nan" style="?"/><col min="1" max="3" width="9"/></cols>'
    write_file(path, {"A": sheet_xml('<row r="1"><c r="A1" s="x"><v>1</v></c></row>', columns)})
    write(path, {(1, 1): 5, (1, 2): "a", (3, 1): date(2023, 4, 20)})


def test_a_new_cell_looks_like_its_column(path: Path) -> None:
    columns = '<cols><col min="2" max="4" width="9" style="3"/></cols>'
    found = written(path, "", {(1, 1): 1, (1, 3): 1}, before=columns)
    assert found == columns + data('<row r="1"><c r="A1"><v>1</v></c><c r="C1" s="3"><v>1</v></c></row>')


@pytest.mark.parametrize(
    ("declared", "expected"),
    [("A1:B2", "A1:C9"), ("A1", "A1:C9"), ("B2:D20", "B2:D20"), ("A1:A20", "A1:C20"), ("", ""), ("#", "#")],
)
def test_the_used_range_grows_with_what_is_written(path: Path, declared: str, expected: str) -> None:
    found = written(path, "", {(9, 3): 1}, before=f'<dimension ref="{declared}"/>')
    assert found.startswith(f'<dimension ref="{expected}"/>')


@pytest.mark.parametrize(
    ("text", "height"),
    [("ngắn", None), ("Một câu dài hơn bề rộng của cột nên phải xuống dòng.", "48.0"), ("a\nb", "33.0"), (None, None)],
)
def test_a_row_is_as_high_as_its_wrapped_text(path: Path, text: str | None, height: str | None) -> None:
    rows = '<row r="1" ht="15"><c r="A1" s="4"/></row>'
    found = written(path, rows, {(1, 1): text}, before='<cols><col min="1" max="1" width="16"/></cols>')
    assert re.findall(r' ht="(.*?)"', found) == ([height] if height else [])


def test_a_height_that_a_person_has_set_stays(path: Path) -> None:
    rows = '<row r="1" ht="15" customHeight="1"><c r="A1" s="4"/></row>'
    assert 'ht="15"' in written(path, rows, {(1, 1): "a\nb\nc"})


# Dates


def number_formats(path: Path, column: int = 1) -> list[str]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [sheet.cell(row, column).number_format for row in range(1, sheet.max_row + 1)]


def test_a_date_gets_a_date_format_once_and_keeps_the_rest_of_the_look(path: Path) -> None:
    write_file(path, {"A": sheet_xml('<row r="1"><c r="A1" s="1"/></row><row r="2"><c r="A2" s="3"/></row>')})
    day, moment = date(2023, 4, 28), datetime(2023, 4, 28, 17, 30)
    for _ in range(2):
        write(path, {(1, 1): day, (2, 1): day, (3, 1): day, (4, 1): moment, (5, 1): day})
    assert number_formats(path) == ["mm-dd-yy", "dd/mm/yyyy", "dd/mm/yyyy", "dd/mm/yyyy hh:mm", "dd/mm/yyyy"]
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [sheet.cell(row, 1).value for row in (1, 4)] == [datetime(2023, 4, 28), moment]
    assert sheet["A2"].alignment.horizontal == "right"
    assert parts_of(path)["xl/styles.xml"].count(b"<xf ") == STYLES.count("<xf ") + 3


@pytest.mark.parametrize("serial", [45044, 43582])
def test_dates_count_from_the_epoch_of_the_workbook(path: Path, serial: int) -> None:
    old_macintosh = serial == 43582
    properties = '<workbookPr date1904="1"/>' if old_macintosh else ""
    write_file(path, {"A": sheet_xml("")}, workbook_properties=properties)
    write(path, {(1, 1): date(2023, 4, 28)})
    assert f"<v>{serial}</v>".encode() in parts_of(path)[SHEET]


def test_a_file_without_styles_gets_them_with_its_first_date(path: Path) -> None:
    write_file(path, {"A": sheet_xml("")}, styles=None)
    write(path, {(1, 1): date(2023, 4, 28)})
    write(path, {(2, 1): date(2023, 4, 29)})
    assert number_formats(path) == ["dd/mm/yyyy", "dd/mm/yyyy"]


# Formulas


def test_a_formula_that_gives_way_takes_the_calculation_chain_with_it(path: Path) -> None:
    write_file(path, {"A": sheet_xml('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>')}, chain=True)
    write(path, {(1, 1): 3})
    parts = parts_of(path)
    assert "xl/calcChain.xml" not in parts
    assert not [name for name, content in parts.items() if b"calcChain" in content]
    assert openpyxl.load_workbook(path).worksheets[0]["A1"].value == 3


def test_the_calculation_chain_stays_while_the_formulas_stay(path: Path) -> None:
    write_file(path, {"A": sheet_xml('<row r="1"><c r="A1"><f>B1</f><v>2</v></c></row>')}, chain=True)
    write(path, {(1, 2): 3})
    assert "xl/calcChain.xml" in parts_of(path)


def test_formulas_that_count_what_was_written_are_calculated_when_the_file_is_opened(path: Path) -> None:
    write_file(path, {"A": sheet_xml('<row r="1"><c r="A1"><f>B1</f><v>2</v></c></row>')})
    write(path, {(1, 2): 3})
    assert b'</sheets><calcPr fullCalcOnLoad="1"/>' in parts_of(path)["xl/workbook.xml"]


def test_cells_that_share_a_formula_keep_it_when_its_first_cell_is_overwritten(path: Path) -> None:
    rows = (
        '<row r="2"><c r="C2"><f t="shared" ref="C2:C4" si="0">A2*$B$1</f><v>1</v></c></row>'
        '<row r="3"><c r="C3"><f t="shared" si="0"/><v>2</v></c></row>'
        '<row r="4"><c r="C4"><f t="shared" si="0"/></c><c r="D4"><f t="shared" ref="D4" si="1">1</f></c></row>'
    )
    write_file(path, {"A": sheet_xml(rows)})
    outcome = write(path, {(2, 3): "chữ"})
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [sheet[place].value for place in ("C2", "C3", "C4", "D4")] == ["chữ", "=A3*$B$1", "=A4*$B$1", "=1"]
    assert [row[2] for row in outcome.snapshot.tabs[0].rows[1:]] == ["chữ", 2, UNCALCULATED]


# What is not touched


def test_every_other_part_stays_byte_for_byte_and_in_its_place(path: Path) -> None:
    extra = {"xl/charts/chart1.xml": "<c:chart xmlns:c='x'/>", "customXml/item1.xml": "<a>\r\n</a>", "z.bin": "\0\1"}
    tabs = {"A": sheet_xml(""), "B": sheet_xml('<row  r="1" ><c  r="A1" ><v>1</v></c></row>')}
    write_file(path, tabs, extra=extra)
    before = parts_of(path)
    write(path, {(1, 1): "x", (2, 2): 5})
    after = parts_of(path)
    assert list(after) == list(before)
    assert [name for name in after if after[name] != before[name]] == [SHEET]


def test_namespaces_and_extensions_of_a_touched_tab_stay(path: Path) -> None:
    head = (
        f'<worksheet xmlns="{MAIN}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'mc:Ignorable="x14ac xr" xmlns:x14ac="urn:x14ac" xmlns:xr="urn:xr" xr:uid="{0}">'
    )
    tail = '<extLst><ext xmlns:x14="urn:x14" uri="{1}"><x14:thing/></ext></extLst></worksheet>'
    write_file(path, {"A": f'{head}<sheetData><row r="1" x14ac:dyDescent="0.25"/></sheetData>{tail}'})
    write(path, {(1, 1): 1})
    content = parts_of(path)[SHEET].decode()
    for piece in ('mc:Ignorable="x14ac xr"', 'xr:uid="{0}"', 'x14ac:dyDescent="0.25"', tail):
        assert piece in content


def test_the_rights_of_the_file_stay(path: Path) -> None:
    write_file(path, {"A": sheet_xml("")})
    path.chmod(0o640)
    write(path, {(1, 1): 1})
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = write_file(tmp_path / "thật.xlsx", {"A": sheet_xml("")})
    link = tmp_path / "lối tắt.xlsx"
    link.symlink_to(real)
    write(link, {(1, 1): 1})
    assert link.is_symlink()
    assert ExcelWorkbook(real).read().tabs[0].cell(1, 1) == 1


def test_nothing_else_is_left_in_the_folder(path: Path) -> None:
    write_file(path, {"A": sheet_xml("")})
    write(path, {(1, 1): 1})
    assert list(path.parent.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed_once_it_is_old(path: Path) -> None:
    write_file(path, {"A": sheet_xml("")})
    abandoned, at_work = path.with_name(".tccb-old.tmp"), path.with_name(".tccb-new.tmp")
    abandoned.touch()
    os.utime(abandoned, (0, 0))
    at_work.touch()
    write(path, {(1, 1): 1})
    assert sorted(path.parent.iterdir()) == sorted([at_work, path])


# Somebody else has it


def excel_lock(name: str) -> bytes:
    """The owner file of Excel: 55 bytes in a code page, then the name in UTF-16 with its length in front."""
    short = name.encode("cp1258", "replace")[:54]
    wide = name.encode("utf-16-le")
    return bytes([len(short)]) + short.ljust(54) + len(name).to_bytes(2, "little") + wide.ljust(108)


@pytest.mark.parametrize(
    ("lock", "content", "who"),
    [
        ("~$sổ theo dõi.xlsx", excel_lock("Nguyễn Thị Ánh"), "Nguyễn Thị Ánh"),
        ("~$ theo dõi.xlsx", excel_lock("Minh"), "Minh"),
        ("~$sổ theo dõi.xlsx", b"", ""),
        ("~$sổ theo dõi.xlsx", b"\xff" * 165, ""),
        (".~lock.sổ theo dõi.xlsx#", "Lê Văn Bình,binh,may-1,28.04.2023 08:00,file:///x;".encode(), "Lê Văn Bình"),
        (".~lock.sổ theo dõi.xlsx#", b",binh,may-1,28.04.2023 08:00,file:///x;", "binh"),
        (".~lock.sổ theo dõi.xlsx#", b"\xff\xfe", ""),
        (".~lock.sổ theo dõi.xlsx#", b"", ""),
    ],
)
def test_a_file_that_is_open_is_left_alone(path: Path, lock: str, content: bytes, who: str) -> None:
    write_file(path, {"A": sheet_xml("")})
    before = path.read_bytes()
    book = ExcelWorkbook(path)
    snapshot = book.read()
    path.with_name(lock).write_bytes(content)
    with pytest.raises(WorkbookBusy) as refusal:
        book.write([CellChange("A", 1, 1, 1)], snapshot)
    assert path.read_bytes() == before
    assert str(path) in str(refusal.value)
    assert f"được {who} mở" in str(refusal.value) if who else "đang được mở" in str(refusal.value)
    path.with_name(lock).unlink()
    assert book.write([CellChange("A", 1, 1, 1)], snapshot).held


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("folder", [True, False])
def test_a_file_that_may_not_be_written_is_left_alone(path: Path, folder: bool) -> None:
    write_file(path, {"A": sheet_xml("")})
    book = ExcelWorkbook(path)
    snapshot = book.read()
    place = path.parent if folder else path
    place.chmod(0o555)
    try:
        with pytest.raises(WorkbookBusy):
            book.write([CellChange("A", 1, 1, 1)], snapshot)
    finally:
        place.chmod(0o755)
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_saved_while_ours_is_written_is_not_replaced(path: Path) -> None:
    path.write_bytes(b"before")

    def write_while_somebody_saves(target: IO[bytes]) -> None:
        target.write(b"ours")
        path.write_bytes(b"theirs, longer")

    assert replace_file(path, write_while_somebody_saves, revision_of(path)) is None
    assert path.read_bytes() == b"theirs, longer"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (OSError(28, "No space left"), WorkbookUnavailable),
        (PermissionError(13, "x"), WorkbookBusy),
        (KeyError(), KeyError),
    ],
)
def test_a_write_that_fails_leaves_the_file_and_no_other(
    path: Path, failure: Exception, raised: type[Exception]
) -> None:
    path.write_bytes(b"before")

    def fail_half_way(target: IO[bytes]) -> None:
        target.write(b"half")
        raise failure

    with pytest.raises(raised):
        replace_file(path, fail_half_way, revision_of(path))
    assert path.read_bytes() == b"before"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("failure", "raised", "said"),
    [
        (OSError(28, "No space left"), WorkbookUnavailable, r"Không ghi được .* \(ổ đĩa hết chỗ\)"),
        (PermissionError(13, "x"), WorkbookBusy, "Không ghi được"),
        (OSError(5, "Input/output error"), WorkbookUnavailable, r"Không đọc được .* \(ổ đĩa báo lỗi đọc, ghi\)"),
    ],
)
def test_what_fails_while_the_file_is_open_is_told_for_what_it_is(
    path: Path, failure: OSError, raised: type[Exception], said: str
) -> None:
    """As a copy that is to be kept beside it, in a folder that may only be read."""
    write_file(path, {"A": sheet_xml("")})
    with pytest.raises(raised, match=said), open_package(path):
        raise failure


def test_a_file_that_was_deleted_is_missing(path: Path) -> None:
    write_file(path, {"A": sheet_xml("")})
    book = ExcelWorkbook(path)
    snapshot = book.read()
    path.unlink()
    with pytest.raises(WorkbookMissing):
        book.write([CellChange("A", 1, 1, 1)], snapshot)
    assert not path.exists()


# Anything that can be typed

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=40),
    st.dates(date(1900, 3, 1), date(2100, 1, 1)),
    st.datetimes(datetime(1900, 3, 1), datetime(2100, 1, 1)),
)
PLACES = st.tuples(st.integers(1, 12), st.integers(1, 30))


@costly(60)
@given(first=st.dictionaries(PLACES, CELLS, max_size=12), second=st.dictionaries(PLACES, CELLS, max_size=12))
def test_whatever_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory,
    first: dict[tuple[int, int], Cell],
    second: dict[tuple[int, int], Cell],
) -> None:
    path = tmp_path_factory.mktemp("written") / "sổ theo dõi.xlsx"
    write_file(path, {"A": sheet_xml('<row><c/><c t="s"><v>0</v></c></row><row r="5"><c r="C5"><f>1</f></c></row>')})
    write(path, first)
    write(path, second)
    openpyxl.load_workbook(path)  # another program can open it too
