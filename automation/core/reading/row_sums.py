"""What a row's cells add up to in its digest, wherever in the text of the row each comes to stand.

The text of a row is that of its cells, one behind the other; its sum is that of its characters, each times the weight
of its place. The weight is a polynomial of the place: so a cell is summed up once, by powers of the places within it,
and moved behind others by arithmetic.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

import numpy as np
from msgspec import Struct

from automation.core.model.workbook import Cell
from automation.core.reading.cells import is_finite
from automation.core.reading.many_texts import holding

PRIME = 1_000_003
"""Below it no two places have a weight of nothing between them, and a digest stays short."""
SQUARE, FACTOR = 104_729, 7_919
"""The weight of a place is SQUARE times its square and FACTOR times itself, modulo PRIME, and one."""
MOST_PLACES = 500
"""How many characters of a row count."""
TOO_MANY = MOST_PLACES + 1
SEPARATOR = "|"
_NOT_KEPT = re.compile("[\\x00-\\x08\\x0b-\\x1f\\ud800-\\uffff\\U00010000-\\U0010ffff]")
"""Characters that no cell holds, or that spreadsheets hold as others or count as two; those of private use, of
compatibility and the like (U+E000 and above) go with them."""
_DAY_0 = date(1899, 12, 30)

Numbers = np.ndarray[Any, np.dtype[np.int64]]

_BEFORE = np.arange(TOO_MANY + 1)
_OF_NONE = (SQUARE * _BEFORE * _BEFORE + FACTOR * _BEFORE + 1) % PRIME
_OF_ONE = (2 * SQUARE * _BEFORE + FACTOR) % PRIME
"""What the sums of a text are worth behind so many characters."""

NO_TEXT = np.zeros((4, 1), dtype=np.int64)
"""The sums of nothing at all."""


class RowSums(Struct, frozen=True):
    """Of rows, as far as they were summed up."""

    lengths: Numbers
    """Characters so far; `TOO_MANY` where a spreadsheet can't follow."""
    sums: Numbers

    def followed_by(self, sums: Numbers) -> RowSums:
        """With one more text behind each. `sums`: those of `sums_of`, a column each."""
        length, none, one, two = sums
        before = self.lengths
        total = (self.sums + two * SQUARE + one * _OF_ONE[before] + none * _OF_NONE[before]) % PRIME
        return RowSums(np.minimum(before + length, TOO_MANY), total)


def no_rows_yet(count: int) -> RowSums:
    """So many rows that hold nothing yet."""
    return RowSums(np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64))


def sums_of(texts: Sequence[str]) -> Numbers:
    """Of each text a line: its length; of its characters, the sums of each times its place to the power of 0, 1 and 2,
    modulo PRIME. One that a spreadsheet does not follow counts as `TOO_MANY` characters.
    """
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    lengths[holding(texts, _NOT_KEPT, edge="") | (lengths > MOST_PLACES)] = TOO_MANY
    short = (
        texts
        if lengths.max(initial=0) < TOO_MANY
        else [text if n < TOO_MANY else "" for text, n in zip(texts, lengths, strict=True)]
    )
    sizes = np.where(lengths < TOO_MANY, lengths, 0)
    pieces = (slice(first, first + _AT_ONCE) for first in range(0, len(short), _AT_ONCE))
    powers = [np.empty((0, 3), dtype=np.int64), *(_powers(short[piece], sizes[piece]) for piece in pieces)]
    return np.column_stack([lengths, np.concatenate(powers)])


_TIMES = np.stack([_BEFORE**0, _BEFORE, _BEFORE**2], axis=1)
_SPACES = np.cumsum(np.where(_BEFORE[:, None] > 0, 32 * _TIMES, 0), axis=0)
"""What so many spaces add up to: they count nothing."""
_AT_ONCE = 4_000
"""Texts, of which the longest tells the width of all."""


def _powers(texts: Sequence[str], lengths: Numbers) -> Numbers:
    """The sums of some texts; none comes near what a float holds exactly."""
    width = max(1, int(lengths.max()))
    characters = np.array(texts, dtype=f"<U{width}").view(np.uint32).reshape(len(texts), width)
    summed = characters.astype(np.float64) @ _TIMES[1 : width + 1].astype(np.float64)
    powers: Numbers = (summed.astype(np.int64) - _SPACES[lengths]) % PRIME
    return powers


@lru_cache(maxsize=1 << 14)  # blank cells and dates: few in a workbook; cells that are equal have the same text
def cell_text(cell: Cell) -> str:
    """How an input counts: as its text followed by its number rounded to a whole one."""
    if isinstance(cell, str):
        return cell + "0"
    if cell is None:
        return "0"
    if cell.__class__ is date:
        return str((cell - _DAY_0).days)
    number = _number(cell)
    if not is_finite(number):
        return repr(cell)  # no cell shows it, so no formula agrees
    return f"{math.copysign(math.floor(abs(number) + 0.5), number):.0f}".replace("-0", "0") if number else "0"


def _number(cell: bool | float | date | time) -> float:
    """What the spreadsheet keeps: days since 30/12/1899 for dates, 1 for TRUE."""
    if isinstance(cell, datetime):
        return (cell.date() - _DAY_0).days + _part_of_day(cell.time())
    if isinstance(cell, date):
        return (cell - _DAY_0).days
    return _part_of_day(cell) if isinstance(cell, time) else cell


def _part_of_day(moment: time) -> float:
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400
