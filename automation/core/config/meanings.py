"""What a value of a list means to the program: the words of the column `Tính` of `Danh mục`.

Nothing depends on where a value stands in its list. What a list ranks ("Mức 1" below "Mức 2") is told by numbers,
and the value of the highest one is the last step.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import Enum
from typing import TypeAlias

from automation.core.reading.cells import fold
from automation.core.reading.other_lines import LineStart


class Exemption(Enum):
    """What a reason does to the person's place in the rate."""

    OUT_OF_SCOPE = "ngoài diện"
    DEFERRED = "hoãn"
    COUNTED = "vẫn tính"


class Gender(Enum):
    """Which value is a man's, which a woman's."""

    MALE = "nam"
    FEMALE = "nữ"


class Answer(Enum):
    """Which value is a yes, which a no."""

    YES = "có"
    NO = "không"


Family: TypeAlias = type[Exemption] | type[Gender] | type[Answer] | type[LineStart]

FAMILIES: tuple[Family, ...] = (Exemption, Gender, Answer, LineStart)
"""Words that belong together: those of one list are of one family, or they are ranks."""

AGAINST_GENDER = "giới tính"
"""The aspect of an identity number that asks which value is a man's: a word of `Tham số`."""

_RANK = "bậc"
_READ_RANK = re.compile(rf"{_RANK} 0*([1-9][0-9]?)")
_RANKS_SHOWN = 9


def words_of(words: type[Enum]) -> tuple[str, ...]:
    """What an admin may write in a cell that takes one of these words, in the order in which they are explained."""
    return tuple(str(word.value) for word in words)


def rank_words(count: int = _RANKS_SHOWN) -> tuple[str, ...]:
    """The first words that rank values, from the lowest up."""
    return tuple(f"{_RANK} {number}" for number in range(1, count + 1))


def all_words() -> tuple[str, ...]:
    """Every word that a dropdown offers; higher ranks can be typed."""
    return (*(word for family in FAMILIES for word in words_of(family)), *rank_words())


def read_meaning(typed: str) -> str | None:
    """The word that is written in a cell of `Tính`; None where it is none."""
    folded = fold(typed)
    if found := _READ_RANK.fullmatch(folded):
        return f"{_RANK} {found[1]}"
    return next((word for family in FAMILIES for word in words_of(family) if fold(word) == folded), None)


def rank_of(word: str) -> int | None:
    """The number of a word that ranks; None for every other word."""
    found = _READ_RANK.fullmatch(word)
    return int(found[1]) if found else None


def ranks_of(words: Mapping[str, str]) -> Mapping[str, int]:
    """Value -> rank, of a list of value -> word; empty unless every value of the list has one."""
    ranks = {value: rank_of(word) for value, word in words.items()}
    known = {value: rank for value, rank in ranks.items() if rank is not None}
    return known if len(known) == len(ranks) else {}


def words_to_ask_for(told: Collection[str]) -> tuple[str, ...]:
    """What a condition may ask about a list in which these words stand: their families, and the ranks."""
    families = (family for family in FAMILIES if any(word in told for word in words_of(family)))
    words = [word for family in families for word in words_of(family)]
    return (*words, *dict.fromkeys(word for word in told if rank_of(word) is not None))
