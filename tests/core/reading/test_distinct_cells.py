"""Distinct cells are read once, in whatever order and company they come, and told apart as a reader does."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automation.core.model.workbook import Cell
from automation.core.reading.cells import LONGEST_LOOKED_AT, as_text, read_date, read_identity
from automation.core.reading.distinct_cells import SHAPES, DistinctCells, FieldWords

CELLS = st.none() | st.booleans() | st.integers(0, 2) | st.floats(0, 2) | st.text("-a 0", max_size=4)
NUMBERS = ("079085000123", "079085 000123", "79085000123", 79085000123, 79085000123.0)
ODD = st.sampled_from(["–", "#REF!", *NUMBERS, "1/2/1990", date(1990, 2, 1), datetime(2023, 1, 1)])
LISTS = st.lists(CELLS | ODD, max_size=12)
PLACES = frozenset({"079"})
READINGS = ("aloud", "empty", "nothing", "text", "blank", "folded", "dates", "choice", "shape", "id_number", "digits")


def cells_of(*looks: list[Cell]) -> DistinctCells:
    cells = DistinctCells(FieldWords(places=PLACES))
    for look in looks:
        cells.codes_of(look)
        for name in READINGS:
            getattr(cells, name)
    return cells


@given(LISTS)
def test_each_place_holds_the_very_cell(cells: list[Cell]) -> None:
    distinct = DistinctCells(FieldWords())
    found = [distinct.typed[code] for code in distinct.codes_of(cells)]
    assert [(type(cell), cell) for cell in found] == [(type(cell), cell) for cell in cells]


@given(LISTS, LISTS)
def test_what_is_read_bit_by_bit_is_what_is_read_at_once(one: list[Cell], other: list[Cell]) -> None:
    bit_by_bit, at_once = cells_of(one, other), cells_of([*one, *other])
    for name in READINGS:
        np.testing.assert_array_equal(getattr(bit_by_bit, name), getattr(at_once, name), err_msg=name)


@given(LISTS)
def test_a_number_is_read_as_alone(cells: list[Cell]) -> None:
    distinct = cells_of(cells)
    typed = [None if nothing else cell for cell, nothing in zip(distinct.typed, distinct.nothing, strict=True)]
    read = [read_identity(cell, PLACES) for cell in typed]
    assert distinct.shape.tolist() == [SHAPES[each.shape] if each else -1 for each in read]
    assert distinct.id_number.tolist() == [each.number if each else "" for each in read]
    assert distinct.digits.tolist() == [(each.number or each.digits) if each else "" for each in read]


LONG = st.sampled_from(["x" * (LONGEST_LOOKED_AT + more) for more in range(3)])
COMPARED = ("text", "folded", "choice", "id_number", "digits")


@pytest.mark.parametrize("name", COMPARED)
@given(looks=st.lists(st.lists(CELLS | ODD | LONG, max_size=6), max_size=3))
@example(looks=[["079085 000123"], ["079085000123"], ["079085000123", 79085000123]])
@example(looks=[["x" * (LONGEST_LOOKED_AT + 1)], ["x" * LONGEST_LOOKED_AT]])
@example(looks=[["", "a", "A "], [" a", "A", None]])
def test_texts_that_are_alike_have_one_number_and_none_has_0(name: str, looks: list[list[Cell]]) -> None:
    distinct = cells_of([])
    told = []
    for look in looks:
        distinct.codes_of(look)
        told.append(distinct.numbered(name).tolist())
    texts, numbers = getattr(distinct, name).tolist(), distinct.numbered(name).tolist()
    pairs = set(zip(texts, numbers, strict=True))
    assert len(pairs) == len({text for text, _ in pairs}) == len({number for _, number in pairs})
    assert all((text == "") == (number == 0) for text, number in pairs)
    assert all(numbers[: len(before)] == before for before in told)


def test_of_a_long_cell_the_beginning_is_looked_at() -> None:
    distinct = cells_of(["x" * (LONGEST_LOOKED_AT + 1), "y"])
    assert distinct.typed == ["x" * LONGEST_LOOKED_AT, "y"]
    assert distinct.too_long.tolist() == [True, False]
    assert distinct.is_beyond(1000)


@given(st.dates(date(1800, 1, 1), date(2100, 1, 1)), st.sampled_from(["{0.day}/{0.month}/{0.year}", "{0:%d/%m/%Y}"]))
def test_the_usual_way_to_write_a_day_is_read_like_the_others(day: date, form: str) -> None:
    assert read_date(form.format(day)) == read_date(f" {form.format(day)}") == day


def test_as_text_is_what_is_compared() -> None:
    assert cells_of(["a  b", "a b"]).text.tolist() == [as_text("a b")] * 2
