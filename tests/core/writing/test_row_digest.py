"""What is kept of a judged row, and the formula that compares: both say the same of every cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula

from automation.adapters.excel.values import as_stored
from automation.adapters.google.api.values import as_kept
from automation.core.judging.lists.digest import inputs_text, is_digest, row_digests, signature
from automation.core.model.layout import ReviewMark
from automation.core.model.workbook import Cell
from automation.core.writing.row_digest import is_review_formula, places_at_google, places_in_files, review_formula
from tests.office import converted, needs_calc

START = "ab12#"


def digest(inputs: str, *results: Cell) -> str:
    return row_digests([inputs], [results], START)[0]


@pytest.mark.parametrize(
    ("cell", "counts_as"),
    [
        (None, "0"),
        ("", "0"),
        ("079085000001", "0790850000010"),
        (79085000001, "79085000001"),
        (79085000001.0, "79085000001"),
        (True, "1"),
        (False, "0"),
        (0.4, "0"),
        (0.5, "1"),
        (-0.4, "0"),
        (-2.5, "-3"),
        (date(1985, 9, 5), "31295"),
        (datetime(1985, 9, 5), "31295"),
        (31295, "31295"),
        (datetime(1985, 9, 5, 13, 0), "31296"),
        (time(7, 30), "0"),
        (time(12, 0), "1"),
        ("Đã có", "Đã có0"),
    ],
)
def test_a_cell_counts_as_its_text_followed_by_its_whole_number(cell: Cell, counts_as: str) -> None:
    assert inputs_text([cell], [1]) == counts_as


def test_a_short_row_is_blank_to_its_right() -> None:
    assert inputs_text(["a"], [1, 2, 3]) == "a0|0|0"


def test_columns_count_in_the_order_given() -> None:
    assert inputs_text(["a", "b"], [2, 1]) == "b0|a0"


def test_other_fields_have_another_signature() -> None:
    assert signature(["ho-ten", "cccd"]) != signature(["ho-ten"])


def test_many_rows_have_the_digests_of_each() -> None:
    texts = ["a", "", "b" * 600, "đ|1"]
    beside: list[list[Cell]] = [["x"], [None], ["y"], ["z" * 40]]
    each = [row_digests([text], [shown], START)[0] for text, shown in zip(texts, beside, strict=True)]
    assert row_digests(texts, beside, START) == each
    assert row_digests([], [], START) == []


def test_a_digest_is_short_and_tells_nothing() -> None:
    found = digest("Trần Văn A0|0790850000010", "Hoàn thành")
    assert len(found) <= 16
    assert is_digest(found)


@pytest.mark.parametrize("cell", ["", None, "Hoàn thành", "ab12|Trần Văn A0", 12, "ab12#", "Dữ liệu đã xét"])
def test_what_people_or_an_earlier_version_left_is_no_digest(cell: Cell) -> None:
    assert not is_digest(cell)


LETTERS = st.characters(min_codepoint=32, max_codepoint=0xD7FF)


@given(st.text(LETTERS, min_size=1, max_size=200), st.integers(0), LETTERS)
def test_one_exchanged_character_always_shows(text: str, place: int, letter: str) -> None:
    at = place % len(text)
    other = text[:at] + letter + text[at + 1 :]
    assert (digest(text) == digest(other)) == (text == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["Hoàn thành", None], [None, None]),
        (["Hoàn thành", "Sửa dòng này"], ["Hoàn thành", None]),
        (["Hoàn thành", "x"], ["x", "Hoàn thành"]),
        (["Đang chờ thẻ"], ["Đang chờ thẻ "]),
        (["a" * 30 + "b"], ["a" * 30]),
    ],
)
def test_a_result_that_lost_its_column_or_a_cell_shows(one: list[Cell], other: list[Cell]) -> None:
    assert digest("Trần Văn A0", *one) != digest("Trần Văn A0", *other)


ODD = st.sampled_from(["a\r\nb", "\x07", "a\ud83db", "\ufffe", "x" * 50_000, "\U0001f48a" * 25_000])


@given(st.text() | ODD, st.text())
def test_what_is_kept_of_a_row_comes_back_from_either_workbook_as_it_was(typed: str, result: str) -> None:
    """Else it would be written again in every cycle."""
    kept = digest(inputs_text([typed, "b"], [1, 2]), result)
    assert (as_kept(kept), as_stored(kept)) == (kept, kept)


@pytest.mark.parametrize("typed", ["x" * 500, "a\r\nb", "\U0001f48a", "\ufeff"])
def test_a_row_that_no_formula_follows_is_never_marked_and_still_told_from_others(typed: str) -> None:
    kept = digest(inputs_text([typed], [1]))
    assert not kept.startswith(START)
    assert is_digest(kept)
    assert kept != digest(inputs_text([typed + "b"], [1]))


# --- the formula ------------------------------------------------------------------------------------------

MARK = ReviewMark(judged=5, inputs=(2, 3), results=(4,), signature=START)


PLACES = pytest.mark.parametrize("places_of", [places_in_files, places_at_google])


@PLACES
def test_the_formula_is_known_again_whatever_separates_its_arguments(places_of: Callable[[ReviewMark], str]) -> None:
    formula = review_formula(MARK, 4, places_of)
    assert formula.startswith('=AND(LEFT($E4;5)="ab12#";NOT(EXACT($E4;"ab12#"&MOD(SUMPRODUCT((UNICODE(MID(T($B4)&')
    assert is_review_formula(formula)
    assert is_review_formula(formula.removeprefix("=").replace(";", ","))


@PLACES
def test_rows_that_people_delete_or_insert_change_nothing_of_the_formula(
    places_of: Callable[[ReviewMark], str],
) -> None:
    """It names cells of the row that is looked at, and whole columns that it needs anyway."""
    pieces = review_formula(MARK, 4, places_of).split('"')[::2]
    named = {each for piece in pieces for each in re.findall(r"[$A-Z]*\$?\d+:[$A-Z]*\$?\d+|\$[A-Z]+\$?\d+", piece)}
    assert named == {"$B4", "$C4", "$D4", "$E4"}
    whole = {each for piece in pieces for each in re.findall(r"\$[A-Z]+:\$[A-Z]+", piece)}
    assert whole <= {"$E:$E"}


@pytest.mark.parametrize(
    "formula",
    [
        '=AND(LEFT($U4;5)="ab12|";NOT(EXACT($U4;"ab12|"&T($B4)&TEXT(N($B4);"0"))))',
        'AND(LEFT($U4,5)="ab12#",NOT(EXACT($U4,"ab12#"&MOD(SUMPRODUCT((_xlfn.UNICODE(MID(T($B4),'
        "(ROW($1:$500)-ROW($1:$1)+1),1))-32)*1),9973))))",
        'AND(LEFT($U4,5)="ab12#",NOT(EXACT($U4,"ab12#"&MOD(SUMPRODUCT((_xlfn.UNICODE(MID(T($B4),'
        "(ROW($1:$496)-ROW($1:$1)+1),1))-32)*1),9973))))",
        'AND(LEFT(#REF!,5)="ab12#",NOT(EXACT(#REF!,"ab12#"&MOD(SUMPRODUCT((_xlfn.UNICODE(MID(T($B4),',
    ],
)
def test_the_formula_of_an_earlier_version_is_known(formula: str) -> None:
    assert is_review_formula(formula)


ROWS: list[list[Cell]] = [
    ["Trần Văn A", "079085000001", "Hoàn thành", "Đã xong"],
    ["Nguyễn Thị Bích Ngọc", 79085000001, None, None],
    [datetime(1985, 9, 5), 0.5, "Cần sửa", "Lỗi – Số CCCD: thiếu 1 số\nGõ lại đủ 12 số"],
    [True, False, "x", "a" * 300],
    [None, "", None, ""],
    ["Đỗ " * 60, -2.5, "Đang chờ duyệt", "  hai  cách  "],
    ["dài " * 120, 1, "Hoàn thành", None],
    ["dài " * 130, 1, "Hoàn thành", None],
    ['ngoặc "kép" & dấu ; phẩy', "=1+1", "Đang chờ thẻ", "'nháy"],
]
EDITS: list[tuple[int, Cell]] = [(0, "Trần Văn B"), (1, "079085000002"), (2, "Cần sửa"), (3, None)]


@needs_calc
def test_calc_greys_the_rows_whose_digest_is_another_one_now(tmp_path: Path) -> None:
    """Column F holds the condition, line by line, as a conditional format would."""
    mark = ReviewMark(judged=5, inputs=(1, 2), results=(3, 4), signature=START)
    kept = _digests(ROWS)
    pairs = list(zip(ROWS, kept, strict=True))
    lines = pairs + [([*row[:at], value, *row[at + 1 :]], before) for row, before in pairs for at, value in EDITS]
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for number, (row, before) in enumerate(lines, start=1):
        for column, value in enumerate([*row, before], start=1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
        formula = review_formula(mark, number, places_in_files).replace(";", ",").replace("UNICODE(", "_xlfn.UNICODE(")
        sheet[f"F{number}"] = ArrayFormula(f"F{number}", formula)
    book.save(tmp_path / "grey.xlsx")
    shown = openpyxl.load_workbook(converted(tmp_path / "grey.xlsx", "xlsx", tmp_path / "out"), data_only=True)
    found = [bool(shown.worksheets[0].cell(number, 6).value) for number in range(1, len(lines) + 1)]
    now = _digests([row for row, _ in lines])
    assert found == [
        before.startswith(START) and after != before for (_, before), after in zip(lines, now, strict=True)
    ]
    assert found.count(True) > len(ROWS)


def _digests(rows: list[list[Cell]]) -> list[str]:
    return row_digests([inputs_text(row, [1, 2]) for row in rows], [row[2:] for row in rows], START)
