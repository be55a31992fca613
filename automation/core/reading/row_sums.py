"""What a row's cells add up to in its digest, wherever in the text of the row each comes to stand.

The text of a row is that of its cells, one behind the other; its sum is that of its characters, each times the weight
of its place. The weight is a polynomial of the place: so a cell is summed up once, by powers of the places within it,
and moved behind others by arithmetic.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

import numpy as np

from automation.core.model.workbook import Cell
from automation.core.reading.cells import is_finite
from automation.core.reading.many_texts import holding

PRIME = 1_000_003
"""Below it no two places have a weight of nothing between them, and a digest stays short."""
SQUARE, FACTOR = 104_729, 7_919
"""The weight of a place is SQUARE times its square and FACTOR times itself, modulo PRIME, and one."""
MOST_PLACES = 500
"""How many characters of a row count."""
SEPARATOR = "|"
_NOT_KEPT = re.compile("[\\x00-\\x08\\x0b-\\x1f\\ud800-\\uffff\\U00010000-\\U0010ffff]")
"""Characters that no cell holds, or that spreadsheets hold as others or count as two; those of private use, of
compatibility and the like (U+E000 and above) go with them."""
_DAY_0 = date(1899, 12, 30)

Numbers = np.ndarray[Any, np.dtype[np.int64]]


NO_TEXT = (0, 0, 0, 0, 1)
"""The sums of nothing at all."""


@dataclass(frozen=True)
class RowSums:
    """Of rows, as far as they were summed up."""

    lengths: Numbers
    """Characters so far; -1 where a spreadsheet can't follow."""
    sums: Numbers

    def followed_by(self, sums: Numbers) -> RowSums:
        """With one more text behind each (`sums_of`)."""
        length, none, one, two, followed = sums.T
        before = self.lengths
        of_none = (SQUARE * before * before + FACTOR * before + 1) % PRIME
        of_one = (2 * SQUARE * before + FACTOR) % PRIME
        total = (self.sums + two * SQUARE + one * of_one + none * of_none) % PRIME
        lengths = before + length
        stays = (before >= 0) & (followed != 0) & (lengths <= MOST_PLACES)
        return RowSums(np.where(stays, lengths, -1), total)


def no_rows_yet(count: int) -> RowSums:
    """So many rows that hold nothing yet."""
    return RowSums(np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64))


def sums_of(texts: Sequence[str]) -> Numbers:
    """Of each text a line: its length; of its characters, the sums of each times its place to the power of 0, 1 and 2,
    modulo PRIME; and whether a spreadsheet agrees with us about all of them, as 0 or 1.
    """
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    followed = ~holding(texts, _NOT_KEPT, edge="") & (lengths <= MOST_PLACES)
    short = texts if followed.all() else [text if kept else "" for text, kept in zip(texts, followed, strict=True)]
    characters = np.frombuffer("".join(short).encode("utf-32-le"), dtype="<u4").astype(np.int64) - 32
    sizes = lengths * followed
    ends = np.cumsum(sizes)
    places = np.arange(1, len(characters) + 1, dtype=np.int64) - np.repeat(ends - sizes, sizes)

    def power(of_each: Numbers) -> Numbers:
        total = np.concatenate([[0], np.cumsum(of_each)])
        summed: Numbers = (total[ends] - total[ends - sizes]) % PRIME
        return summed

    powers = power(characters), power(characters * places), power(characters * places * places)
    return np.column_stack([lengths, *powers, followed])


@lru_cache(maxsize=1 << 14)  # blank cells and dates: few in a workbook; cells that are equal have the same text
def cell_text(cell: Cell) -> str:
    """How an input counts: as its text followed by its number rounded to a whole one."""
    if isinstance(cell, str):
        return cell + "0"
    if cell is None:
        return "0"
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
