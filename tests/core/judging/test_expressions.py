"""Expressions from the sheet: bounded before they are compiled, and in the work that they may do."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import repeat

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as some

from automation.core.config.conditions import NotUnderstood
from automation.core.judging.expressions import (
    LARGEST,
    LONGEST,
    MOST_TIMES,
    SECONDS_A_LOOK,
    SECONDS_A_TEXT,
    Matching,
    read_expression,
)
from tests.examples import cross_section
from tests.tree import ROOT

REFUSED = (
    ("a{9999999}", "expression_count"),
    ("a{99999999}", "expression_count"),
    (r"\d{99999999}", "expression_count"),
    ("a{" + "9" * 900 + "}", "expression_count"),
    ("(?:ab){9999999}", "expression_count"),
    ("(((a{1,300}){300}){300})", "expression_large"),
    ("((((a{1000}){1000}){1000}){1000})", "expression_large"),
    ("(?:a{1,1000}){1,1000}b", "expression_large"),
    ("(?:a{1000}(?#x)b){,1000}", "expression_large"),
    ("(?b)(?:abcdefghij){e}", "expression_kind"),
    ("(?:abcdefghij){i<=3,d<=3}", "expression_kind"),
    ("(?R)*", "expression_kind"),
    ("(?0)", "expression_kind"),
    ("(a(?1))", "expression_kind"),
    ("(?<x>a|(?&x)b)+", "expression_kind"),
    ("(?P<x>a|(?P>x)b)+", "expression_kind"),
    ("(a)(?(1)b|c)", "expression_kind"),
    (r"\L<words>", "expression_kind"),
    ("(?V1)[[a]--[b]]", "expression_kind"),
    ("(?x)a # {", "expression_kind"),
    ("a{}", "expression_kind"),
    ("[" * 5, "expression_kind"),
    ("|".join(f"w{number}" for number in range(2_000)), "expression_long"),
    ("a" * (LONGEST + 1), "expression_long"),
    ("a|" * 400, "expression_alternatives"),
    ("(" * 30 + "a" + ")" * 30, "expression_deep"),
    ("", "expression"),
    ("(", "expression"),
    (")", "expression"),
    ("a{2}{3}", "expression"),
)

FINE = (
    r"\D+ \D+",
    r"NV\d{4}",
    r"[A-ZĐ]{2}-[^\]x]{,4}(?:\.\d{2,3}){1,3}",
    r"(?i)(?=.*\d)(?!.*--)(?P<first>\w+) (?P=first)",
    r"[[:alpha:](]{3}",
    r"[]a]{3}",
    r"\p{Lu}\p{Ll}+\{\}",
    r"(?<=a{3})b(?<!c)",
    "a{1000}",
    "|".join(f"Khoa {number}" for number in range(90)),
)

SLOW = (
    ("(a|a)*", "a" * 60 + "b"),
    ("(a|aa)+c", "a" * 60 + "b"),
    ("(a|aa)+c", "a" * 24 + "b"),  # finishes on each text, and would take minutes over all
    ("(.*a){6}x", "a" * 90),
    ("(?:" + "|".join("a" * (number % 9 + 1) + "b?" for number in range(100)) + ")+x", "a" * 800),
    ("(?:.*,){11}P", ",1" * 400),
)


@pytest.mark.parametrize(("typed", "reason"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_beyond_the_bounds_is_refused_before_it_is_compiled(typed: str, reason: str) -> None:
    found = read_expression(typed)
    assert isinstance(found, NotUnderstood)
    assert (found.part, found.reason) == (typed, reason)


@pytest.mark.parametrize("typed", FINE, ids=lambda value: value[:40])
def test_an_ordinary_expression_is_taken(typed: str) -> None:
    assert isinstance(read_expression(typed), regex.Pattern)


# --- the work of matching ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "text"), cross_section(SLOW, SLOW[0], SLOW[2]), ids=lambda value: value[:30])
def test_a_slow_expression_rests_after_its_time(typed: str, text: str) -> None:
    pattern = read_expression(typed)
    assert isinstance(pattern, regex.Pattern)
    texts = [f"{text}{number}" for number in range(20_000)]
    before = time.thread_time()
    assert Matching(time.thread_time).not_matching("cham", pattern, texts) is None
    assert time.thread_time() - before < SECONDS_A_LOOK + 2 * SECONDS_A_TEXT + 0.5


def test_what_an_expression_cannot_finish_is_remembered() -> None:
    matching, pattern = Matching(time.thread_time), regex.compile("(a|aa)+c")
    assert matching.not_matching("cham", pattern, ["a" * 60]) is None
    before = time.thread_time()
    assert matching.not_matching("cham", pattern, ["b", "a" * 60]) is None
    assert time.thread_time() - before < SECONDS_A_TEXT / 2
    assert matching.not_matching("cham", pattern, ["b", "ac"]) == frozenset({"b"})


def ticking(seconds: float) -> Iterator[float]:
    """Readings of a counter that goes on by so much between two of them."""
    return (number * seconds for number, _ in enumerate(repeat(None)))


def test_what_was_found_out_in_time_is_kept() -> None:
    texts = [f"Nguyễn Văn {number}" for number in range(2_500)]  # fifty looks at the clock
    readings = ticking(SECONDS_A_LOOK / 20)
    matching, pattern = Matching(lambda: next(readings)), regex.compile(r"\D+")
    looks = [matching.not_matching("ten", pattern, texts) for _ in range(4)]
    assert [None if look is None else set(look) for look in looks] == [None, None, set(texts), set(texts)]


def test_each_distinct_text_is_judged_once() -> None:
    readings = ticking(0.0)
    matching, pattern = Matching(lambda: next(readings)), regex.compile("a+")
    assert matching.not_matching("x", pattern, ["a", "b"]) == frozenset({"b"})
    asked = next(readings)
    for texts in (["a", "b"], ["b"], ["a"]):
        matching.not_matching("x", pattern, texts)
    assert next(readings) == asked


@pytest.mark.parametrize("_time", range(3))
def test_fifty_thousand_texts_raise_no_false_alarm(_time: int) -> None:
    texts = [f"Nguyễn Văn {number}" for number in range(50_000)] + ["Nguyễn Văn An"]
    broken = Matching(time.thread_time).not_matching("ten", regex.compile(r"\D+ \D+"), texts)
    assert broken is not None
    assert len(broken) == 50_000


# --- attacks ----------------------------------------------------------------------------------------------

SEEDS = [typed for typed, _ in (*REFUSED, *SLOW) if len(typed) < 60] + [typed for typed in FINE if len(typed) < 60]
PIECES = some.sampled_from(
    ["{1000}", "{,999}", "{e}", "(", "(?:", ")", "|", "*", "+", "?", "[", "]", "\\", "a", ".", "^"]
)


@some.composite
def mutated(draw: some.DrawFn) -> str:
    """A known expression with some pieces put in, taken out or doubled."""
    typed = draw(some.sampled_from(SEEDS))
    for _ in range(draw(some.integers(1, 6))):
        place = draw(some.integers(0, len(typed)))
        until = draw(some.integers(place, len(typed)))
        typed = typed[:place] + draw(some.one_of(PIECES, some.just(typed[place:until] * 2))) + typed[until:]
    return typed


@settings(max_examples=200)
@given(mutated())
def test_no_mutation_hangs_or_raises(typed: str) -> None:
    before = time.thread_time()
    pattern = read_expression(typed)
    if isinstance(pattern, regex.Pattern):
        Matching(time.thread_time).not_matching("x", pattern, ["a" * 999, "ab" * 400, "Nguyễn Văn An"])
    assert time.thread_time() - before < 1


WEIGHED = """
import re, sys, time
from automation.core.judging.expressions import Matching, read_expression
for typed in sys.stdin.read().split("\\0"):
    pattern = read_expression(typed)
    if hasattr(pattern, "fullmatch"):
        Matching(time.thread_time).not_matching("x", pattern, ["a" * 999, "ab" * 400])
print(int(re.search(r"VmHWM:\\s*([0-9]+)", open("/proc/self/status").read())[1]) // 1024)
"""
"""Not `ru_maxrss`: that begins with what the process had that started this one."""


def test_the_worst_that_passes_takes_little_memory() -> None:
    """The largest that may be written, each kind of piece: compiled and tried, in megabytes of one process."""
    outer = LARGEST // MOST_TIMES - 1
    pieces = ("a{1000}", r"\w{1000}", "[ab]{1000}", "(?:a|b){300}", "(a){400}", "(?i)á{1000}", "(a*){500}")
    largest = [f"(?:{piece}){{{outer}}}" for piece in pieces] + [typed for typed, _ in (*REFUSED, *SLOW)]
    assert sum(isinstance(read_expression(typed), regex.Pattern) for typed in largest) >= len(pieces)
    done = subprocess.run(
        [sys.executable, "-c", WEIGHED],
        input="\0".join(largest),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31)),
    )
    assert int(done.stdout) < 200


@pytest.mark.parametrize("typed", [r".*.*x", r".{0,1000}.{0,1000}x", r"\X+\X+c", r"a*?a*?b", r"[ab]+[ab]{1,}\d"])
def test_two_repetitions_cost_next_to_nothing_on_the_longest_text(typed: str) -> None:
    """Nobody watches them: whoever lets more pass unwatched makes this one fail."""
    longest, start = "a" * 1_000, time.thread_time()
    assert Matching().not_matching("dai", regex.compile(typed), [longest]) == frozenset([longest])
    assert time.thread_time() - start < SECONDS_A_TEXT
