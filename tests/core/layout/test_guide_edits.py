"""What people changed in the guide stays when the rest of it is brought up to date."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.config import tabs
from automation.core.layout.guide_edits import GuideLine, with_edits
from automation.core.model.layout import Role
from automation.core.model.workbook import Tab

A, B, C, NEW = (GuideLine(Role.TEXT, term, f"nói về {term}") for term in ("a", "b", "c", "mới"))
SECTION = GuideLine(Role.SECTION, "1. Mục")
BLANK = GuideLine(Role.TEXT, "", "")
TYPED = ("x", "của người")


def tab_of(lines: list[tuple[str, str, str]]) -> Tab:
    return Tab(tabs.GUIDE, tabs.GUIDE, [list(line) for line in lines])


def shown(lines: tuple[GuideLine, ...] | list[GuideLine]) -> list[tuple[str, str, str]]:
    return [(line.term, line.explanation, line.digest) for line in lines]


def said(lines: tuple[GuideLine, ...]) -> list[tuple[str, str]]:
    return [(line.term, line.explanation) for line in lines]


def as_said(*lines: GuideLine | tuple[str, str]) -> list[tuple[str, str]]:
    return [(each.term, each.explanation) if isinstance(each, GuideLine) else each for each in lines]


WRITTEN = shown([SECTION, A, BLANK, B, C])


@pytest.mark.parametrize(
    ("change", "wanted", "result"),
    [
        ({}, [A, NEW], [A, NEW]),
        ({1: TYPED}, [SECTION, A, B, NEW], [SECTION, TYPED, B, NEW]),
        ({1: TYPED}, [SECTION, NEW, B], [SECTION, TYPED, NEW, B]),  # what stood there reads otherwise now
        ({1: TYPED}, [B], [TYPED, B]),
        ({2: TYPED}, [SECTION, A, BLANK, B, C], [SECTION, A, TYPED, BLANK, B, C]),
        ({4: TYPED}, [A, NEW, C], [A, NEW, TYPED]),
        ({1: ("", "")}, [SECTION, A, B], [SECTION, ("", ""), B]),
        ({0: ("Mục khác", "")}, [GuideLine(Role.SECTION, "3. Mục"), A], [("Mục khác", ""), A]),
    ],
)
def test_lines_of_people_stay_where_they_belong(
    change: dict[int, tuple[str, str]], wanted: list[GuideLine], result: list[GuideLine | tuple[str, str]]
) -> None:
    rows = [(*change.get(place, line[:2]), line[2]) for place, line in enumerate(WRITTEN)]
    assert said(with_edits(wanted, tab_of(rows))) == as_said(*result)


def test_a_guide_of_an_earlier_version_is_the_bot_s() -> None:
    rows = [(term, explanation, "") for term, explanation, _ in WRITTEN] + [("cũ", "cũ", "")]
    assert with_edits([A, B], tab_of(rows)) == (A, B)


words = st.sampled_from(["", "một", "hai", "ba"])
any_line = st.builds(GuideLine, st.just(Role.TEXT), words, words)
lines_of_bot = st.lists(any_line, max_size=6, unique=True).map(lambda of: [A, *of, BLANK])
lines_of_people = st.lists(st.tuples(words, words, st.sampled_from(["", "lạ", "0123456789"])), max_size=3)


@given(lines_of_bot, lines_of_bot, lines_of_people)
def test_a_second_time_changes_nothing(
    first: list[GuideLine], second: list[GuideLine], typed: list[tuple[str, str, str]]
) -> None:
    once = with_edits(second, tab_of([*shown(first), *typed]))
    assert shown(with_edits(second, tab_of(shown(once)))) == shown(once)
