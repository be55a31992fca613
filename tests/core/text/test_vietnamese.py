from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.text.vietnamese import amount_text, day_text, number_text, points_text, rate_text, sort_key

IN_ORDER = [
    ["a", "ă", "â", "b", "d", "đ", "e", "ê", "o", "ô", "ơ", "u", "ư", "v"],
    ["ma", "mà", "mả", "mã", "má", "mạ", "mai"],  # tones only decide between equal letters
    ["Bệnh viện Da Liễu", "Bệnh viện Đa khoa", "Bệnh viện Mắt", "Bệnh viện Từ Dũ", "Bệnh viện Ung Bướu"],
    ["Bệnh viện Quận 2", "Bệnh viện quận 4", "Bệnh viện Quận 11", "Bệnh viện Quận Tân Bình"],
    ["Trung tâm", "Trung tâm Y tế", "Trưng Vương"],  # a shorter name first
]


@pytest.mark.parametrize("names", IN_ORDER)
def test_names_stand_in_the_order_of_the_alphabet(names: list[str]) -> None:
    shuffled = random.Random(1).sample(names, len(names))
    assert sorted(shuffled, key=sort_key) == names


@given(st.text(), st.text())
def test_any_two_texts_can_be_put_in_order(one: str, other: str) -> None:
    assert (sort_key(one) < sort_key(other)) + (sort_key(other) < sort_key(one)) <= 1


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (62.5, "62,5 %"),
        (0.0, "0,0 %"),
        (99.9, "99,9 %"),
        (99.96, "99,9 %"),  # never rounded up to everybody
        (100.0, "100 %"),
        (None, "–"),
    ],
)
def test_rates(rate: float | None, shown: str) -> None:
    assert rate_text(rate) == shown.replace(" ", "\u00a0")


def test_numbers_and_days() -> None:
    assert number_text(1_234_567) == "1.234.567"
    assert number_text(0) == "0"
    assert points_text(-2.5) == "2,5"
    assert day_text(date(2023, 4, 5)) == "05/04/2023"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0.4, "0,4"), (4.0, "4"), (2.55, "2,5"), (4.96, "5"), (99.94, "99,9"), (123.4, "123"), (1234.0, "1.234")],
)
def test_amounts_have_a_decimal_where_it_says_something(amount: float, shown: str) -> None:
    assert amount_text(amount) == shown


def test_a_tone_mark_without_a_letter_is_no_letter() -> None:
    assert sort_key("\u0301An") == sort_key("An")
