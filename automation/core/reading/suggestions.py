"""What somebody may have meant, for "did you mean". A wrong guess turns the meaning round and is worse than none."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from automation.core.reading.cells import bare, fold

MOST_CANDIDATES = 3
"""Of what may have been meant: where more fits, the list itself says it better."""

_TURNING = frozenset(
    ["chưa", "không", "ko", "đã", "đang", "chờ", "đi", "đến", "hết", "mất", "bị", "hỏng", "nhưng", "vạch"]
)
"""Words that turn the meaning of what they stand beside: "đã đăng ký" is not nearly "chưa đăng ký"."""
_SAYS_NO_MORE = frozenset(["roi", "a", "nhe", "hang", "i", "ii", "iii", "iv", "bien", "che"])
"""Words, without marks, that may stand beside a value of a list and leave it what it is: "đã có rồi", "viên chức hạng
III". Any other may say that it is another one, not yet so, no longer, or somebody else's: "đã có, gãy".
"""
_BARELY_TURNING = frozenset(map(bare, _TURNING))
"""The same, typed without marks."""
_WORD = re.compile(r"[^\W_]+")
_LEAST_PREFIX = 3
_LEAST_LIKENESS = 0.7
"""Of two words, one of which may be the other with a slip."""
_SURELY_ALIKE = 0.9
_LONGEST = 200


def nearest(typed: str, allowed: Iterable[str]) -> str | None:
    """The allowed name that is most like what was typed: a header, a setting, a code. None where nothing is alike,
    where two are as near, or where it would take another word for one that was typed.
    """
    by_bare = {bare(word): word for word in allowed}
    plain = bare(typed[:_LONGEST])
    close = difflib.get_close_matches(plain, list(by_bare), n=2, cutoff=0.6)
    if not close or (len(close) == 2 and _likeness(plain, close[0]) == _likeness(plain, close[1])):
        return None
    meant = by_bare[close[0]]
    return None if _means_otherwise(typed[:_LONGEST], meant) or _has_other_words(plain, close[0]) else meant


def _likeness(plain: str, other: str) -> float:
    return difflib.SequenceMatcher(None, other, plain).ratio()


def _has_other_words(typed: str, name: str) -> bool:
    """Whether it takes more than a slip in a word, a space, or a word left out or put in to make one of the other:
    "trong diện" is not "ngoài diện" with a slip.
    """
    said, meant = _WORD.findall(typed), _WORD.findall(name)
    if _likeness("".join(said), "".join(meant)) >= _SURELY_ALIKE:
        return False
    strange, lost = _without_pair(said, meant), _without_pair(meant, said)
    slips = {*said, *strange} - {*meant, *strange}
    return bool(strange and lost) or bool((strange or lost) and slips)


def _without_pair(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """The words that are a slip of none of the others; one word is a slip of one alone: "khoa" is not "khó khăn"."""
    left = list(others)
    alone = []
    for word in words:
        pair = max(left, key=lambda other: _likeness(word, other), default="")
        if _likeness(word, pair) < _LEAST_LIKENESS:
            alone.append(word)
        else:
            left.remove(pair)
    return alone


def _means_otherwise(typed: str, name: str) -> bool:
    """Whether one has a word that turns the meaning and the other has not, or both have numbers and not the same."""
    said, meant = words_of(typed), words_of(name)
    if any(_turns(word) and not any(_is_same(word, other) for other in meant) for word in said):
        return True
    if any(word in _TURNING and not any(_is_same(other, word) for other in said) for word in meant):
        return True
    numbers, others = ({word for word in words if word.isdecimal()} for words in (said, meant))
    return bool(numbers and others and numbers != others)


def candidates(typed: str, values: Sequence[str]) -> tuple[str, ...]:
    """The values of a list that may have been meant, by their words: those that what was typed stands in, or that
    stand in it, word by word; at most three, else none.
    """
    return _candidates(typed[:_LONGEST], tuple(values))


@lru_cache(maxsize=1 << 10)
def _candidates(typed: str, values: tuple[str, ...]) -> tuple[str, ...]:
    said = words_of(typed)
    found = {value: words_of(value) for value in values if _may_mean(said, words_of(value))}
    if len(found) == 1 and _is_turned(said, next(iter(found.values()))):
        return ()
    return tuple(found) if len(found) <= MOST_CANDIDATES else ()


def _may_mean(said: Sequence[str], value: Sequence[str]) -> bool:
    """Whether the typed words stand in the value, or a value of several words in what was typed."""
    if all(_turns(word) or word.isdecimal() for word in said) or _turns(said[-1]):
        return False
    if _place_in(value, said) is not None:
        return True
    others = [word for word in said if not _is_among(word, value)]
    return len(value) > 1 and _is_within(value, said) and all(bare(word) in _SAYS_NO_MORE for word in others)


def _is_turned(said: Sequence[str], value: Sequence[str]) -> bool:
    """Whether the value has a word that turns the meaning right before or after what was typed, which has none."""
    place = _place_in(value, said)
    if place is None or any(map(_turns, said)):
        return False
    beside = (*value[max(0, place - 1) : place], *value[place + len(said) :][:1])
    return any(word in _TURNING for word in beside)


def _place_in(value: Sequence[str], said: Sequence[str]) -> int | None:
    """Where the typed words stand side by side in the value; the last one may be begun only."""
    starts = range(len(value) - len(said) + 1)
    return next((start for start in starts if _begins_with(value[start:], said)), None)


def _begins_with(value: Sequence[str], said: Sequence[str]) -> bool:
    *whole, last = said
    there = value[len(whole)]
    begun = len(last) >= _LEAST_PREFIX and _is_same(last, there[: len(last)])
    return all(map(_is_same, whole, value)) and (begun or _is_same(last, there))


def _is_within(value: Sequence[str], said: Sequence[str]) -> bool:
    """Whether the words of the value stand side by side in what was typed."""
    starts = range(len(said) - len(value) + 1)
    return any(all(map(_is_same, said[start:], value)) for start in starts)


def _is_among(word: str, value: Sequence[str]) -> bool:
    return any(_is_same(word, other) for other in value)


def _is_same(word: str, meant: str) -> bool:
    """Whether a typed word is that of a value; typed without marks it may be any that is written so."""
    return word == meant or word == bare(meant)


def _turns(word: str) -> bool:
    return word in _TURNING or word in _BARELY_TURNING


def words_of(text: str) -> list[str]:
    """The words of a text, folded, without what stands between them."""
    return _WORD.findall(fold(text))
