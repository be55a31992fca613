"""Files that hostile or careless people bring: one sentence and nothing changed, or one tab named and the rest done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.excel.drawing.drawing import draw_file
from automation.adapters.excel.drawing.painter import draw_tab
from automation.adapters.excel.inspection import inspect
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, run_cycle
from automation.app.init import SetUpReport, set_up
from automation.base.errors import NotAWorkbook
from automation.base.messages import text
from automation.core.config import tabs
from automation.core.model.layout import TabLook
from automation.core.model.workbook import Row
from tests.adapters.excel.hostile import (
    LAUGH,
    mebibytes,
    part_of,
    rewrite,
    sheet_part,
    text_cell,
    with_head,
    with_merged,
    with_rows,
)
from tests.app.test_cycle import THURSDAY
from tests.examples import cross_section
from tests.fakes_store import MemoryStore

UNITS = "Mã;Tên đơn vị;Trang tính;Tổng số người\na;Bệnh viện A;BV A;10\nb;Bệnh viện B;BV B;10\n"
A, B = "BV A", "BV B"
MOST_MEMORY = 300 << 10
"""Kibibytes of the process at its peak."""
STACKED = "Nguyễn Văn A" + "\u0301" * 16_000 + "\u0323" * 15_990
Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "units.csv").write_text(UNITS, "utf-8")
    set_up(ExcelWorkbook(folder / "book.xlsx"), folder / "units.csv")
    with_rows(folder / "book.xlsx", B, f'<row r="4">{text_cell("C4", "Trần Văn Bình")}</row>')
    with_rows(folder / "book.xlsx", A, f'<row r="4">{text_cell("C4", "Trần Văn An")}{text_cell("D4", "x")}</row>')
    return folder / "book.xlsx"


@pytest.fixture
def path(tmp_path: Path, drawn: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(drawn.read_bytes())
    return path


def cycle(path: Path) -> CycleReport:
    return run_cycle(ExcelWorkbook(path), MemoryStore(), None, standing_clock(THURSDAY))


def init(path: Path) -> SetUpReport:
    return set_up(ExcelWorkbook(path))


def rows(path: Path, title: str) -> list[Row]:
    return [row for tab in ExcelWorkbook(path).read().tabs if tab.title == title for row in tab.rows]


# Cells of one unit

CELLS: dict[str, str] = {
    "a number beyond all": '<c r="H5"><v>1e999</v></c>',
    "a number that is none": '<c r="H5"><v>nan</v></c>',
    "400 digits": f'<c r="H5"><v>{"9" * 400}</v></c>',
    "5,000 digits": f'<c r="H5"><v>{"9" * 5_000}</v></c>',
    "marks": text_cell("I5", STACKED),
    "letters that grow": text_cell("H5", "\ufdfa" * 32_000),
    "a date beyond all": '<c r="D5" s="1"><v>1e300</v></c>',
    "a text that is missing": '<c r="D5" t="s"><v>99999999</v></c>',
    "a cell without a column": f'<c r="5" t="inlineStr"><is><t>x</t></is></c>{text_cell("!!5", "y")}',
    "the last column": text_cell("XFD5", "x"),
}


@pytest.mark.parametrize("cells", cross_section(CELLS, "a number beyond all", "letters that grow"))
def test_a_cell_of_one_unit_stops_neither_a_cycle_nor_init(path: Path, cells: str) -> None:
    with_rows(path, A, f'<row r="5">{text_cell("C5", "Trần Văn Cường")}{CELLS[cells]}</row>')
    found = cycle(path)
    assert found.judged is not None
    assert [standing.known for standing in found.judged.standings] == [True, True]
    assert not found.mistakes
    assert init(path).mistakes == ()


ROWS: dict[str, str] = {
    "row 0": f'<row r="0">{text_cell("C0", "Trần Văn Cường")}</row>',
    "a row without a number": f"<row>{text_cell('', 'Trần Văn Cường')}</row>",
    "a number that is none": f'<row r="x">{text_cell("C5", "Trần Văn Cường")}</row>',
    "the last row": f'<row r="1048576">{text_cell("C1048576", "x")}</row>',
    "a row beyond the last": f'<row r="99999999999999999999">{text_cell("C5", "x")}</row>',
    "comments": f'<!-- x --><row r="5"><!-- y -->{text_cell("C5", "Trần Văn Cường")}</row><?x y?>',
}


@pytest.mark.parametrize("more", cross_section(ROWS, "row 0", "comments"))
def test_a_row_of_one_unit_stops_neither_a_cycle_nor_init(path: Path, more: str) -> None:
    with_rows(path, A, ROWS[more])
    assert not cycle(path).mistakes
    done = init(path)
    assert (done.drawn, done.mistakes) == (True, ())
    assert not cycle(path).mistakes


@pytest.mark.parametrize(
    "rows",
    [
        f'<row r="4">{text_cell("C4", "Trần Văn Cường")}</row>',
        f'<row r="1048576">{text_cell("C1048576", "x")}</row><row>{text_cell("C1", "Trần Văn Cường")}</row>',
        f'<row r="5">{text_cell("C5", "Trần Văn Cường")}{text_cell("C5", "Trần Văn Dũng")}</row>',
        f'<row r="5">{text_cell("C5", "Trần Văn Cường")}{text_cell("B5", "x")}{text_cell("", "Trần Văn Dũng")}</row>',
        f'<row r="5">{text_cell("C5", "Trần Văn Cường")}{text_cell("XFE5", "khó khăn")}</row>',
        f'<row r="5"><!-- -->{text_cell("C5", "Trần Văn Cường")}{text_cell("ZZZ5", "khó khăn")}</row>',
    ],
)
@pytest.mark.parametrize("read", [cycle, init])
def test_a_file_in_which_somebody_has_no_place_of_their_own_is_refused_and_stays(
    path: Path, rows: str, read: Callable[[Path], object]
) -> None:
    with_rows(path, A, rows)
    before = path.read_bytes()
    with pytest.raises(NotAWorkbook, match=r"hỏng.*sửa"):
        read(path)
    assert path.read_bytes() == before


def test_a_person_in_a_row_beyond_the_last_stands_below_the_one_before(path: Path) -> None:
    with_rows(path, A, f'<row r="99999999">{text_cell("C99999999", "Trần Văn Cường")}</row>')
    assert [row[2] for row in rows(path, A)[3:]] == ["Trần Văn An", "Trần Văn Cường"]
    init(path)
    assert [row[2] for row in rows(path, A)[3:]] == ["Trần Văn An", "Trần Văn Cường"]


def test_what_lies_too_far_from_the_list_is_named(path: Path) -> None:
    with_rows(path, A, f'<row r="9000">{text_cell("XFD9000", "x")}</row>')
    found = cycle(path)
    assert [problem.where for problem in found.problems if "XFD9000" in problem.what] == ["Bệnh viện A, trang “BV A”"]


# Merged cells

FATAL_ONCE = [
    *((A, area) for area in ("A2:U2", "B2:C2", "A3:B3", "Q3:R3")),
    *((title, "A3:B3") for title in (tabs.REGISTRY, tabs.JOURNAL, tabs.GUIDE)),
    (A, "A1:A1048576"),
]
OTHERS = [
    *((A, area) for area in ("A1:B1", "A1:U1", "B1:C1", "A1:A2", "A2:B2", "C2:D2", "A2:A3", "B3:C3", "A3:U3", "R3:S3")),
    *((A, area) for area in ("A3:A4", "B3:B5", "A4:U4", "A4:A9", "B4:C4", "B5:B9", "Q4:R4", "R4:S8", "A10:U10")),
    *((A, area) for area in ("B1:B1048576", "U1:U1048576", "R1:R1048576", "A3:XFD3", "A4:XFD4", "V1:Z40")),
    *((tabs.REGISTRY, area) for area in ("A1:B1", "A2:B2", "L1:M1", "A1:A1048576")),
    *((tabs.JOURNAL, area) for area in ("A1:B1", "B2:C2")),
    *((tabs.GUIDE, area) for area in ("A1:B1", "A1:A1048576")),
    (tabs.DASHBOARD, "A1:C3"),
]


MERGED_DOWN = [(A, "B5:B9"), (A, "R4:S8")]
"""Over several rows of people: what stands in the first holds for all, and it is said."""


def _survives_init(path: Path, title: str, area: str) -> None:
    before = rows(path, A)
    with_merged(path, title, area)
    done = init(path)
    remarks = [(each.needs_person, f"({area})" in each.what) for each in done.problems]
    assert (remarks, done.mistakes) == ([(False, True)] if (title, area) in MERGED_DOWN else [], ())
    assert rows(path, A) == before
    assert f'"{area}"'.encode() in part_of(path, sheet_part(path, title))
    assert cycle(path).judged is not None


@pytest.mark.parametrize(("title", "area"), cross_section(FATAL_ONCE, FATAL_ONCE[1]))
def test_merged_cells_hold_what_they_cover_and_init_goes_on(path: Path, title: str, area: str) -> None:
    _survives_init(path, title, area)


@pytest.mark.slow
@pytest.mark.parametrize(("title", "area"), OTHERS)
def test_so_do_others(path: Path, title: str, area: str) -> None:
    _survives_init(path, title, area)


# What else drawing takes literally


@pytest.mark.parametrize("hidden", [1, 100], ids=["the first", "all"])
def test_hidden_tabs_do_not_keep_init_from_saving(path: Path, hidden: int) -> None:
    book = part_of(path, "xl/workbook.xml").decode()
    rewrite(path, {"xl/workbook.xml": book.replace('state="visible"', 'state="hidden"', hidden)})
    assert init(path).problems == ()
    assert any(sheet.sheet_state == "visible" for sheet in load_workbook(path).worksheets)


@pytest.mark.parametrize(
    "place", cross_section(['min="1" max="' + "9" * 400 + '"', 'min="x" max="2"', 'min="5" max="2"', ""], "")
)
def test_columns_that_no_worksheet_has_stop_nobody(path: Path, place: str) -> None:
    part = sheet_part(path, A)
    rewrite(path, {part: part_of(path, part).decode().replace("<cols>", f'<cols><col {place} width="9"/>', 1)})
    assert init(path).problems == ()


def _fails_for(title: str) -> Callable[[Worksheet, TabLook], None]:
    def brush(sheet: Worksheet, look: TabLook) -> None:
        draw_tab(sheet, look)
        if sheet.title == title:
            raise AttributeError

    return brush


def _look(title: str) -> TabLook:
    return TabLook(title=title, header_row=0, columns=(), values=((1, 1, "tiêu đề"),))


def test_a_tab_that_cannot_be_drawn_stays_as_it_was_byte_for_byte(path: Path) -> None:
    before, cells = part_of(path, sheet_part(path, A)), _shown(path, A)
    drawn = draw_file(path, [_look(A), _look(B), _look("Mới")], _fails_for(A))
    assert [(each.title, type(each.mistake)) for each in drawn.refused] == [(A, AttributeError)]
    assert part_of(path, sheet_part(path, A)) == before
    assert _shown(path, A) == cells
    assert rows(path, B)[0][0] == rows(path, "Mới")[0][0] == "tiêu đề"
    assert not cycle(path).mistakes


def _shown(path: Path, title: str) -> list[tuple[object, ...]]:
    """What people see of the cells: value, letters, ground, format."""
    cells = (cell for row in load_workbook(path)[title].iter_rows() for cell in row)
    return [(c.coordinate, c.value, c.font.b, c.font.name, c.fill.fgColor.rgb, c.number_format) for c in cells]


@pytest.mark.slow
def test_the_tabs_that_are_drawn_look_as_if_all_were(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    other.write_bytes(path.read_bytes())
    draw_file(path, [_look(A), _look(B)], _fails_for(A))
    draw_file(other, [_look(B)])
    for title in (B, tabs.REGISTRY, tabs.SETTINGS):
        assert _shown(path, title) == _shown(other, title)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["empty rows", "9,000 people", "formulas"])
def test_a_tab_of_many_rows_is_drawn(path: Path, kind: str) -> None:
    with_rows(path, A, {"empty rows": _empty_rows(40_000), "9,000 people": _full_rows(9_000)}.get(kind, _formulas()))
    before = rows(path, A)
    assert init(path).problems == ()
    assert rows(path, A) == before


def _formulas() -> Iterator[bytes]:
    return _full_rows(6_500, "<f>1=1=1</f>")


@pytest.mark.slow
def test_a_tab_of_many_people_is_drawn_beside_one_that_is_kept(path: Path) -> None:
    _with_validations(path, 20_001)
    before = part_of(path, sheet_part(path, A))
    with_rows(path, B, _formulas())
    assert _not_drawn(init(path)) == ["Trang “BV A”"]
    assert part_of(path, sheet_part(path, A)) == before


def _full_rows(count: int, content: str = "<v>1</v>") -> Iterator[bytes]:
    """Something in every column of people's: in ours it would be words of the unit's own, which are asked about."""
    for number in range(5, 5 + count):
        yield _row(number, "".join(f"<c r='{column}{number}'>{content}</c>" for column in "BCDEFGHIJKLMNOPQR"))


def _not_drawn(done: SetUpReport) -> list[str]:
    return [problem.where for problem in done.problems if problem.fix == text("init.not_drawn_fix")]


# Files that unpack to too much


def _styles_with_comment(path: Path) -> None:
    before, after = part_of(path, "xl/styles.xml").decode().split("</styleSheet>")
    end = (before.encode(), b"<!--", f"--></styleSheet>{after}".encode())
    rewrite(path, {"xl/styles.xml": [end[0], end[1], *mebibytes(b"A", 300), end[2]]})


BOMBS: dict[str, Change] = {
    "a comment": _styles_with_comment,
    "rows without end": lambda path: with_rows(path, A, mebibytes(b"<row/>", 90)),
    "cells without end": lambda path: with_rows(path, A, [b"<row>", *mebibytes(b"<c/>", 20), b"</row>"]),
    "elements of no use": lambda path: with_rows(path, A, mebibytes(b"<a/>", 20)),
    "attributes": lambda path: with_rows(path, A, "<row " + " ".join(f"a{n}=''" for n in range(900_000)) + "/>"),
    "a picture": lambda path: rewrite(path, {"xl/media/image9.png": mebibytes(b"\0", 300)}),
    "parts": lambda path: rewrite(path, {f"xl/x{number}.xml": "<a/>" for number in range(5_001)}),
    "columns": lambda path: with_rows(path, A, _wide_rows()),
    "depth": lambda path: with_rows(path, A, text_cell("C5", "<r>" * 100_000 + "x" + "</r>" * 100_000)),
    "entities in a text": lambda path: with_head(path, sheet_part(path, A), LAUGH),
    "entities in a title": lambda path: with_head(path, "xl/workbook.xml", LAUGH),
}


def _wide_rows() -> list[bytes]:
    columns = ("A", "CV", "GQ", "KL", "OG", "SB", "VW")
    return [_row(n, "".join(text_cell(f"{c}{n}", "x") for c in columns)) for n in range(5, 30_000)]


def _row(number: int, cells: str) -> bytes:
    return f'<row r="{number}">{cells}</row>'.encode()


@pytest.mark.parametrize("kind", cross_section(BOMBS, "a comment"))
def test_a_file_that_unpacks_to_too_much_is_refused_with_a_sentence(path: Path, kind: str) -> None:
    BOMBS[kind](path)
    before = path.read_bytes()
    for work in (cycle, init):
        with pytest.raises(NotAWorkbook):
            work(path)
    assert path.read_bytes() == before


_MEASURED = """
import re, runpy, sys
sys.argv[0] = "tccb"
try:
    runpy.run_module("automation", run_name="__main__")
finally:
    print(re.search(r"VmHWM:\\s*([0-9]+)", open("/proc/self/status").read())[1], file=sys.stderr)
"""
"""Not `ru_maxrss`: that begins with what the process had that started this one."""


def measured(*arguments: str) -> tuple[int, int]:
    """Exit status and peak of memory of the program, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", _MEASURED, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, int(done.stderr.split()[-1])


def _costs_little(path: Path, command: str, *statuses: int) -> None:
    arguments = ("run", str(path), "--once", "--no-mail") if command == "run" else ("init", str(path))
    status, memory = measured(*arguments)
    assert status in statuses
    assert memory <= MOST_MEMORY


@pytest.mark.parametrize("kind", cross_section(["a comment", "rows without end"], "rows without end"))
@pytest.mark.slow
def test_refusing_takes_little_memory(path: Path, kind: str) -> None:
    BOMBS[kind](path)
    _costs_little(path, "run", 2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(BOMBS))
@pytest.mark.parametrize("command", ["run", "init"])
def test_refusing_each_takes_little_memory(path: Path, kind: str, command: str) -> None:
    BOMBS[kind](path)
    _costs_little(path, command, 2)


def test_a_tab_of_whatever_size_is_looked_into(path: Path) -> None:
    before = inspect(path)
    with_rows(path, A, _full_rows(9_000))
    assert inspect(path).tabs == before.tabs
    assert all(tab.reviewed_to for tab in before.tabs if tab.title == A)


def _empty_rows(count: int) -> Iterator[bytes]:
    """Rows whose cells have a format and nothing else."""
    for number in range(5, 5 + count):
        yield _row(number, "".join(f'<c r="{column}{number}" s="3"/>' for column in "ABCDEFGHIJKLMNOPQRST"))


HEAVY: dict[str, Change] = {
    "far cells": lambda path: with_rows(
        path, A, (f'<row r="{n}">{text_cell(f"XFD{n}", "x")}</row>'.encode() for n in range(5, 50_005))
    ),
    "empty rows": lambda path: with_rows(path, A, _empty_rows(200_000)),
    "marks": lambda path: with_rows(
        path, A, "".join(f'<row r="{n}">{text_cell(f"C{n}", STACKED + str(n))}</row>' for n in range(5, 35))
    ),
    "a column merged": lambda path: with_merged(path, A, "A1:A1048576"),
    "7,000 people": lambda path: with_rows(path, A, _full_rows(7_000)),
    "9,000 people": lambda path: with_rows(path, A, _full_rows(9_000)),
    "40,000 people": lambda path: with_rows(path, A, _honest_rows(40_000)),
    "two tabs of 12,000 people": lambda path: _twice(path, 12_000),
    "validations": lambda path: _with_validations(path, 60_000),
    "lines of rules": lambda path: with_rows(path, tabs.RULES, (_rule(number) for number in range(200, 20_200))),
}


def _twice(path: Path, people: int) -> None:
    for title in (A, B):
        with_rows(path, title, _full_rows(people))


def _with_validations(path: Path, count: int) -> None:
    part = sheet_part(path, A)
    before, after = part_of(path, part).decode().split("</dataValidations>")
    one = b'<dataValidation type="whole" sqref="A1"><formula1>1</formula1></dataValidation>'
    rewrite(path, {part: [before.encode(), one * count, f"</dataValidations>{after}".encode()]})


def _rule(number: int) -> bytes:
    typed = {"A": f"r{number}", "B": "Bật", "C": "Lỗi", "D": "Họ và tên", "E": "bắt buộc", "H": "x"}
    return _row(number, "".join(text_cell(f"{column}{number}", value) for column, value in typed.items()))


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(HEAVY))
@pytest.mark.parametrize("command", ["run", "init"])
def test_heavy_tabs_take_little_memory(path: Path, kind: str, command: str) -> None:
    HEAVY[kind](path)
    _costs_little(path, command, 0, 1)


@pytest.mark.slow
def test_a_unit_of_12_000_rows_gets_its_results(path: Path) -> None:
    with_rows(path, A, _full_rows(12_000))
    assert cycle(path).problems == ()
    results = [row[0] for row in rows(path, A)[4:]]
    assert len(results) == 12_000
    assert set(results) == {"Cần sửa dữ liệu"}


def test_what_there_is_too_much_of_in_a_tab_is_named(path: Path) -> None:
    _with_validations(path, 20_001)
    done = init(path)
    assert _not_drawn(done) == ["Trang “BV A”"]
    assert "quy định kiểm tra dữ liệu" in done.problems[0].what


def _honest_rows(count: int) -> Iterator[bytes]:
    for number in range(5, 5 + count):
        texts = ("Trần Văn An", "05/09/1985", "Nam", f"07908{number:07d}", "Viên chức", "Không", f"Khoa {number % 30}")
        yield _row(
            number, "".join(text_cell(f"{letter}{number}", text) for letter, text in zip("CDEFGHI", texts, strict=True))
        )


@pytest.mark.slow
def test_40_000_honest_rows_are_read(path: Path) -> None:
    columns = "CDEFGHIJKLMNOPQR"
    with_rows(
        path,
        A,
        (_row(n, "".join(text_cell(f"{c}{n}", f"{c} {n}") for c in columns)) for n in range(5, 40_005)),
    )
    assert len(rows(path, A)) == 40_004
    found = cycle(path)
    assert found.judged is not None
    assert found.judged.standings[0].rows == 40_001
