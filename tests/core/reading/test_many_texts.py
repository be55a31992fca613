"""Many texts at once come out as one by one."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from automation.core.reading.cells import as_text, fold
from automation.core.reading.many_texts import FoldedTexts, folded_texts, holding, texts_of

LETTERS = st.sampled_from("aAoOuUyY àáòạÈệýỳ|,;-–’ðĐ\t\n\u0301\u200b\xa0ﬀⅫİß\ud83d")
TEXTS = st.lists(st.text(LETTERS, max_size=6) | st.text(max_size=4), max_size=6)


@given(TEXTS)
def test_each_cell_is_read_aloud_as_alone(cells: list[str]) -> None:
    assert texts_of(cells) == list(map(as_text, cells))


@given(TEXTS)
def test_each_text_is_folded_as_alone(cells: list[str]) -> None:
    texts = list(map(as_text, cells))
    assert folded_texts(texts) == list(map(fold, texts))


@given(TEXTS)
def test_each_cell_is_folded_as_alone(cells: list[str]) -> None:
    folded, alone = FoldedTexts(most=3), [fold(as_text(cell)) for cell in cells]
    assert [folded.of(cells), folded.of(cells[::-1])] == [alone, alone[::-1]]


def test_cells_that_are_no_texts_are_read_aloud_too() -> None:
    assert texts_of([None, 1.0, True, " a "]) == ["", "1", "TRUE", "a"]


@given(st.lists(st.text("ab", max_size=3), max_size=5))
def test_a_pattern_is_found_in_the_texts_that_hold_it(texts: list[str]) -> None:
    for edge in ("|", "\n", ""):
        assert holding(texts, re.compile("b"), edge=edge).tolist() == ["b" in text for text in texts]
