"""What is kept of a judged row, and the formula that compares: both say the same of every cell."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.excel.values import as_stored
from automation.adapters.google.api.values import as_kept
from automation.core.model.layout import ReviewMark
from automation.core.model.workbook import Cell
from automation.core.writing.judged_inputs import judged_text, review_formula, signature


@pytest.mark.parametrize(
    ("cell", "kept"),
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
def test_a_cell_counts_as_its_text_followed_by_its_whole_number(cell: Cell, kept: str) -> None:
    assert judged_text([cell], [1], "") == kept


def test_a_short_row_is_blank_to_its_right() -> None:
    assert judged_text(["a"], [1, 2, 3], "s|") == "s|a0|0|0"


def test_columns_count_in_the_order_given() -> None:
    assert judged_text(["a", "b"], [2, 1], "") == "b0|a0"


def test_other_fields_have_another_signature() -> None:
    assert signature(["ho-ten", "cccd"]) != signature(["ho-ten"])


def test_the_formula_names_the_cells_of_the_first_row_and_separates_with_semicolons() -> None:
    mark = ReviewMark(judged=5, inputs=(2, 3), results=(4,), signature="ab12|")
    assert review_formula(mark, 4) == (
        '=AND(LEFT($E4;5)="ab12|";NOT(EXACT($E4;"ab12|"&T($B4)&TEXT(N($B4);"0")&"|"&T($C4)&TEXT(N($C4);"0"))))'
    )


@given(st.text(min_size=1), st.text(min_size=1))
def test_another_text_is_kept_as_another(one: str, other: str) -> None:
    assert (judged_text([one], [1], "") == judged_text([other], [1], "")) == (one == other)


@given(st.text() | st.sampled_from(["a\r\nb", "\x07", "a\ud83db", "\ufffe", "x" * 50_000, "\U0001f48a" * 25_000]))
def test_what_is_kept_of_a_row_comes_back_from_either_workbook_as_it_was(typed: str) -> None:
    """Else it would be written again in every cycle."""
    kept = judged_text([typed, "b"], [1, 2], "ab12|")
    assert (as_kept(kept), as_stored(kept)) == (kept, kept)


@pytest.mark.parametrize("typed", ["x" * 50_000, "a\r\nb"])
def test_a_row_that_no_cell_can_keep_is_never_marked_and_still_told_from_others(typed: str) -> None:
    kept = judged_text([typed], [1], "ab12|")
    assert not kept.startswith("ab12|")
    assert kept != judged_text([typed + "b"], [1], "ab12|")
