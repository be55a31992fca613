"""Values on their way into a Google spreadsheet and back."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.google.api.values import MOST_CHARACTERS, as_kept, cells_of_values, same_cell
from automation.core.model.workbook import UNCALCULATED, Cell

PILL = "\U0001f48a"
"""Two UTF-16 units."""


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", None),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x07b", "ab"),
        ("=1+1", "=1+1"),
        ("'079", "'079"),
        ("x" * 50_001, "x" * 50_000),
        (PILL * 25_001, PILL * 25_000),
        ("x" + PILL * 25_000, "x" + PILL * 24_999),
        (True, True),
        (3.0, 3),
        (float("nan"), None),
        (date(2023, 4, 20), 45_036),
        (datetime(2023, 4, 20, 12), 45_036.5),
        (time(6), 0.25),
    ],
)
def test_what_a_read_gives_after_a_write(written: Cell, kept: Cell) -> None:
    assert as_kept(written) == kept


@given(st.text(min_size=1, max_size=9), st.integers(0, 3))
def test_no_text_is_longer_than_google_takes(part: str, shift: int) -> None:
    kept = as_kept("x" * shift + part * (MOST_CHARACTERS // len(part) + 1))
    assert len(str(kept or "").encode("utf-16-le")) <= MOST_CHARACTERS * 2


@pytest.mark.parametrize(
    ("unformatted", "cell"),
    [
        ("#N/A (Không tìm thấy)", "#N/A"),
        ("#REF!", "#REF!"),
        ("Loading...", UNCALCULATED),
        ("#1", "#1"),
        (3, 3),
        (2**53 + 2, 2**53 + 2),
        (0.1, 0.1),
        (False, False),
        ("", None),
    ],
)
def test_cells_are_read_as_people_left_them(unformatted: Cell, cell: Cell) -> None:
    (found,) = cells_of_values([unformatted])
    assert same_cell(found, cell)
