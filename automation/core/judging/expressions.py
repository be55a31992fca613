r"""Regular expressions that admins write: bounded before they are compiled, and in the work of matching.

`a{99999999}` costs gigabytes before anything is matched with it, so an expression is first read here, by a reader that
expands nothing. What it lets pass is small: at most `LONGEST` characters, and `LARGEST` once its counts are unfolded.
How long such an expression looks at a text is another matter (`(a|aa)+c`): see `Matching`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from itertools import islice
from typing import Any

import regex
from msgspec import Struct, field

from automation.core.config.conditions import NotUnderstood

LONGEST = 1_000
"""Characters of an expression."""
MOST_TIMES = 1_000
"""The number in one pair of braces."""
LARGEST = 10_000
"""Characters and classes of an expression once its counts are written out, those of counts within counts multiplied."""
MOST_ALTERNATIVES = 200
DEEPEST = 20

_TOKEN = re.compile(
    r"""
    (?P<comment> \(\?\#[^)]*\) )
  | (?P<backward> \(\?P=\w+\) )
  | (?P<flags> \(\?[aimsu]+\) )
  | (?P<open> \((?:\?(?:P?<\w+>|<?[=!]|[:>]|[aimsu]+:))?(?![?*]) )
  | (?P<close> \) )
  | (?P<either> \| )
  | (?P<count> \{(?P<least>[0-9]*)(?:,(?P<most>[0-9]*))?\}(?<!\{\})(?<!\{,\}) [?+]? )
  | (?P<often> [*+?] [?+]? )
  | (?P<set> \[\^?\]?(?:\[\^?:\^?\w+:\]|\\.|[^\]\\])*\] )
  | (?P<escape> \\(?:[pPN]\{[^{}]*\}|[^L]) )
  | (?P<one> [^{(\[\\] )
    """,
    re.VERBOSE | re.DOTALL,
)
"""What an expression is made of. What fits nothing here (calls of groups, near matches, conditions, lists of names)
is more than a rule about a cell needs, and some of it can't be bounded.
"""


class _TooMuch(Exception):
    """`args`: the reason, a key of `templates/messages/config.toml` table `condition`, and what is allowed."""


class _Open(Struct):
    """A group that is being read: its size so far, and that of its last piece, which a count would multiply."""

    size: int = 0
    last: int = 0

    def add(self, size: int) -> None:
        self.size += size
        self.last = size

    def repeat(self, times: int) -> None:
        self.size += self.last * max(times - 1, 0)
        self.last *= max(times, 1)


class _Reader(Struct):
    groups: list[_Open] = field(default_factory=lambda: [_Open()])
    alternatives: int = 1

    def take(self, token: re.Match[str]) -> None:
        match token.lastgroup:
            case "open":
                self._open()
            case "close":
                self._close()
            case "either":
                self._next_alternative()
            case "count":
                self.groups[-1].repeat(_times(token))
            case "set" | "escape" | "one" | "backward":
                self.groups[-1].add(1)
        _limit("expression_large", self.groups[-1].size, LARGEST)

    def _open(self) -> None:
        self.groups.append(_Open())
        _limit("expression_deep", len(self.groups) - 1, DEEPEST)

    def _close(self) -> None:
        if len(self.groups) == 1:
            raise _TooMuch("expression", ())
        inner = self.groups.pop()
        self.groups[-1].add(inner.size + 1)

    def _next_alternative(self) -> None:
        self.alternatives += 1
        self.groups[-1].last = 0
        _limit("expression_alternatives", self.alternatives, MOST_ALTERNATIVES)


def _limit(reason: str, found: int, most: int) -> None:
    if found > most:
        raise _TooMuch(reason, (f"{most:,}".replace(",", "."),))


def _times(token: re.Match[str]) -> int:
    numbers = [number for number in token.group("least", "most") if number]
    if any(len(number) > len(str(MOST_TIMES)) for number in numbers):
        _limit("expression_count", MOST_TIMES + 1, MOST_TIMES)
    times = max(map(int, numbers))
    _limit("expression_count", times, MOST_TIMES)
    return times


def read_expression(typed: str) -> regex.Pattern[str] | NotUnderstood:
    """The expression compiled, or why it is not: nothing beyond the bounds ever reaches the compiler."""
    try:
        _check_bounds(typed)
        return regex.compile(typed)
    except _TooMuch as found:
        return NotUnderstood(typed, *found.args)
    except (regex.error, RecursionError, OverflowError, MemoryError, ValueError):
        return NotUnderstood(typed, "expression")


def _check_bounds(typed: str) -> None:
    if not typed:
        raise _TooMuch("expression", ())
    _limit("expression_long", len(typed), LONGEST)
    reader, place = _Reader(), 0
    while place < len(typed):
        token = _TOKEN.match(typed, place)
        if token is None:
            raise _TooMuch("expression_kind", ())
        reader.take(token)
        place = token.end()


# --- matching ---------------------------------------------------------------------------------------------

SECONDS_A_TEXT = 0.1
"""CPU that an expression may spend on one text. The compiled expression itself looks after this."""
SECONDS_A_LOOK = 2.0
"""CPU that an expression may spend on the texts of a column that it hasn't seen before."""
MOST_REMEMBERED = 100_000
"""Texts whose answers one expression keeps."""
MOST_EXPRESSIONS = 20

_REPEATED = 2
_QUICK_BETWEEN = 50
"""Texts between two looks at the clock where an expression needs no watch: a look costs as much as a match, and the
worst texts so many take half a second.
"""

_Key = tuple[str, str]
"""Who asks, and the expression."""


def _unmeasured() -> float:
    return 0.0


class _Answers(Struct):
    known: dict[str, bool] = field(default_factory=dict)
    too_slow_for: str | None = None


class Matching:
    """Asks expressions about texts, about each distinct text once for as long as it stays in the workbook.

    `spent`: CPU seconds of this thread, which other programs on the machine don't add to. What an expression found out
    before its time was over is kept, so that the next look goes on from there; a text that it can't finish is kept too.
    """

    def __init__(self, spent: Callable[[], float] = _unmeasured) -> None:
        self.spent = spent
        self._answers: dict[_Key, _Answers] = {}

    def not_matching(self, asking: str, pattern: regex.Pattern[str], texts: Iterable[str]) -> frozenset[str] | None:
        """Those of the texts that the expression does not match as a whole, or None where it takes too long.

        `asking`: the code of the rule, under which the answers are kept.
        """
        texts = frozenset(texts)
        answers = self._answers_of((asking, pattern.pattern), texts)
        if answers.too_slow_for in texts:
            return None
        answers.too_slow_for = None
        if not self._ask(pattern, texts - answers.known.keys(), answers):
            return None
        broken = frozenset(each for each, matches in answers.known.items() if not matches)
        _forget(answers.known, MOST_REMEMBERED)
        return broken

    def _answers_of(self, key: _Key, texts: frozenset[str]) -> _Answers:
        """What is known of these texts; what was known of others is forgotten, as are expressions long unused."""
        self._answers[key] = answers = self._answers.pop(key, _Answers())
        for each in answers.known.keys() - texts:
            del answers.known[each]
        _forget(self._answers, MOST_EXPRESSIONS)
        return answers

    def _ask(self, pattern: regex.Pattern[str], texts: Collection[str], answers: _Answers) -> bool:
        """Whether there was time enough for all of them."""
        end, quick = self.spent() + SECONDS_A_LOOK, _is_quick(pattern.pattern)
        between = _QUICK_BETWEEN if quick else 1
        for number, each in enumerate(texts):
            if number % between == 0 and self.spent() > end:
                return False
            matches = pattern.fullmatch(each) is not None if quick else _matches(pattern, each)
            if matches is None:
                answers.too_slow_for = each
                return False
            answers.known[each] = matches
        return True


def _is_quick(typed: str) -> bool:
    """Whether it needs no watch, which costs more than a match: without groups and choices, with two repetitions at
    most, it looks at each pair of characters once, in a hundredth of a second.
    """
    kinds = [token.lastgroup for token in _TOKEN.finditer(typed)]
    repeated = kinds.count("often") + kinds.count("count")
    return repeated <= _REPEATED and {"set", "escape", "one", "often", "count"}.issuperset(kinds)


def _forget(known: dict[Any, Any], most: int) -> None:
    """Leave the latest `most`."""
    for key in list(islice(known, max(len(known) - most, 0))):
        del known[key]


def _matches(pattern: regex.Pattern[str], typed: str) -> bool | None:
    """Whether the whole text matches; None where that was not known in time."""
    try:
        return pattern.fullmatch(typed, timeout=SECONDS_A_TEXT) is not None
    except (TimeoutError, MemoryError):
        return None
