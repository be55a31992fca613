"""What comes back from a read is the same as if all of it were decoded at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.google.answers import decode_answer

CELLS = st.one_of(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans())
ROWS = st.lists(st.lists(CELLS, max_size=4), max_size=4)


@given(st.dictionaries(st.text(max_size=9), ROWS, max_size=3), st.booleans())
def test_every_cell_is_the_one_that_came(tabs: dict[str, list[list[Any]]], escaped: bool) -> None:
    ranges = [
        {"valueRange": {"range": title, "majorDimension": "ROWS", "values": rows}, "dataFilters": [{"a1Range": title}]}
        for title, rows in tabs.items()
    ]
    sent = json.dumps({"spreadsheetId": "x", "valueRanges": ranges}, ensure_ascii=escaped).encode("utf-8", "replace")
    found = decode_answer(sent)
    whole = json.loads(sent)["valueRanges"]
    assert [each.range for each in found.valueRanges] == [each["valueRange"]["range"] for each in whole]
    for each, wanted in zip(found.valueRanges, whole, strict=True):
        assert repr(each.values) == repr(wanted["valueRange"]["values"])
        assert each.dataFilters == wanted["dataFilters"]


def test_nothing_found_is_no_range() -> None:
    assert decode_answer(b'{"spreadsheetId": "x"}').valueRanges == []


def test_a_range_without_values_has_none() -> None:
    (found,) = decode_answer(b'{"valueRanges": [{"valueRange": {"range": "A1"}, "dataFilters": []}]}').valueRanges
    assert (found.range, list(found.values)) == ("A1", [])


def test_half_of_a_surrogate_pair_is_read_like_any_text() -> None:
    sent = rb'{"valueRanges": [{"valueRange": {"range": "A1", "values": [["a\ud83d", 1]]}, "dataFilters": [{"x": 1}]}]}'
    (found,) = decode_answer(sent).valueRanges
    assert (found.range, found.values, found.dataFilters) == ("A1", [["a\ud83d", 1]], [{"x": 1}])


@pytest.mark.parametrize("sent", [b"", b"[]", b"null", b"{", b'{"valueRanges": [{"valueRange": {"ra', b"<html>"])
def test_a_broken_answer_is_told_as_that(sent: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of which both libraries have their own
        decode_answer(sent)
