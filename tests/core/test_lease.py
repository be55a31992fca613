"""Whom the note of a bot keeps away, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from automation.core.model.lease import GRACE, LASTS, MOST_AHEAD, Holder, LeaseNote, new_note, read_note

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
BOOK = "1AbC"
HERE, THERE = Holder("a1", "may-1"), Holder("b2", "may-2")
NOTE = new_note(BOOK, HERE, NOW, "n1")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("note", "who", "book", "when", "away"),
    [
        (NOTE, THERE, BOOK, NOW, True),
        (NOTE, HERE, BOOK, NOW, False),
        # the same state folder on another machine, and another one on the same machine
        (NOTE, replace(HERE, host="may-2"), BOOK, NOW, True),
        (NOTE, replace(HERE, owner="c3"), BOOK, NOW, True),
        (NOTE, THERE, BOOK, NOW + LASTS, True),
        (NOTE, THERE, BOOK, NOW + LASTS + GRACE - SECOND, True),
        (NOTE, THERE, BOOK, NOW + LASTS + GRACE, False),
        # a copy of the file takes the note along
        (NOTE, THERE, "9XyZ", NOW, False),
        # a clock that is minutes behind, and one that is hours wrong
        (NOTE, THERE, BOOK, NOW - GRACE, True),
        (NOTE, THERE, BOOK, NOW + LASTS - MOST_AHEAD - SECOND, False),
        (NOTE.ended(NOW), THERE, BOOK, NOW, False),
    ],
)
def test_a_note_keeps_others_away_for_a_while(
    note: LeaseNote, who: Holder, book: str, when: datetime, away: bool
) -> None:
    assert note.keeps_away(who, book, when) is away


@given(st.text(), st.text(), st.text(), st.text(), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_what_was_written_is_read(book: str, owner: str, host: str, nonce: str, moment: datetime) -> None:
    note = new_note(book, Holder(owner, host), moment.replace(tzinfo=UTC), nonce)
    assert read_note(note.written()) == note


@pytest.mark.parametrize(
    "written",
    ["", "{}", "[]", "null", "1", "x" * 50, '{"until":5}', NOTE.written()[:-1], NOTE.written().replace("2026", "20,6")],
)
def test_what_no_bot_has_written_keeps_nobody_away(written: str) -> None:
    assert read_note(written) is None


@given(st.text(max_size=60) | st.from_regex(r'\{"until": ?"[0-9T:+-]{0,30}"\}', fullmatch=True))
def test_whatever_stands_there_is_read_or_left(written: str) -> None:
    note = read_note(written)
    assert note is None or read_note(note.written()) == note


def test_two_notes_of_one_holder_differ() -> None:
    assert NOTE.written() != new_note(BOOK, HERE, NOW, "n2").written()
