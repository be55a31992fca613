from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.figures.history import Earlier
from automation.core.figures.shared import change_since, pace_needed, redacted


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("số 079085000123 sai", "số ••• sai"),
        ("0900.000.123", "•••"),
        ("079 085-000 123", "•••"),
        ("(+84) 900 000 123", "(+•••"),
        ("“31/02/1990” không phải ngày sinh", "“31/02/1990” không phải ngày sinh"),
        ("12 số", "12 số"),
        ("hai\ndòng\u200b ", "hai dòng"),
    ],
)
def test_what_was_typed_is_shown_without_long_numbers(typed: str, shown: str) -> None:
    assert redacted(typed) == shown


@given(st.text(alphabet="0123456789 .-–\u200b\u00a0abc/\n", max_size=400))
def test_no_text_carries_a_long_number_into_a_mail(typed: str) -> None:
    shown = redacted(typed)
    assert not re.search(r"\d{6}", re.sub(r"[ .\-–]", "", shown))
    assert "\n" not in shown
    assert len(shown) <= 300


@pytest.mark.parametrize(
    ("left", "days", "pace"),
    [(12, 2, 6), (13, 2, 7), (1, 10, 1), (0, 5, None), (5, 0, None), (5, -3, None)],
)
def test_pace_is_rounded_up_and_ends_with_the_deadline(left: int, days: int, pace: int | None) -> None:
    assert pace_needed(left, days) == pace


def test_change_needs_two_rates() -> None:
    day = date(2023, 4, 18)
    change = change_since(Earlier(day, 10.0, 9), 18.1, 7)
    assert change is not None
    assert (change.day, change.points, change.fewer_left) == (day, 8.1, 2)
    assert change_since(None, 18.1, 7) is None
    assert change_since(Earlier(day, None, 9), 18.1, 7) is None
    assert change_since(Earlier(day, 10.0, 9), None, 0) is None
