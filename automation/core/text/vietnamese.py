"""How Vietnamese texts are put in order, and how figures and days are written in them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal

from automation.base.messages import text
from automation.core.model.units import Tallied

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: rank for rank, letter in enumerate(_ALPHABET)}
_TONES = "\u0300\u0309\u0303\u0301\u0323"
"""huyền, hỏi, ngã, sắc, nặng, in the order of dictionaries; no mark (ngang) comes before them."""
_TONE_RANK = {tone: rank for rank, tone in enumerate(_TONES, start=1)}
_PIECE = re.compile(r"\d+|\D")

SortKey = tuple[tuple[tuple[int, int], ...], tuple[int, ...]]


def sort_key(text: str) -> SortKey:
    """The key that puts names in the order of the Vietnamese alphabet (CLDR `vi`): letters first, tones only
    between otherwise equal words, case never. Digits come before letters and count as numbers.
    """
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    for piece in _PIECE.findall(unicodedata.normalize("NFC", text).casefold()):
        letter, tone = _without_tone(piece)
        if letter:  # a tone mark of its own, with no letter to sit on, orders nothing
            letters.append(_rank(letter))
            tones.append(tone)
    return tuple(letters), tuple(tones)


def _without_tone(piece: str) -> tuple[str, int]:
    marks = unicodedata.normalize("NFD", piece)
    tone = next((_TONE_RANK[mark] for mark in marks if mark in _TONE_RANK), 0)
    return unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONE_RANK)), tone


def _rank(piece: str) -> tuple[int, int]:
    if piece.isdecimal():
        return 1, int(piece)
    if piece in _LETTER_RANK:
        return 2, _LETTER_RANK[piece]
    return (0 if piece.isspace() else 3), ord(piece[0])


def rate_text(rate: float | None) -> str:
    """ "62,5 %" with a no-break space; "100 %" only for a full 100, "–" where there is nobody to count."""
    if rate is None:
        return "–"
    shown = Decimal(str(rate)).quantize(Decimal("0.1"), rounding=ROUND_DOWN)
    return ("100" if shown == 100 else str(shown).replace(".", ",")) + "\u00a0%"


def points_text(points: float) -> str:
    """The size of a change between two rates, without its sign: "2,5"."""
    return str(Decimal(str(abs(points))).quantize(Decimal("0.1"))).replace(".", ",")


def amount_text(amount: float) -> str:
    """ "2,5", "4" or "1.234": one decimal where it says something."""
    rounded = round(amount, 1)
    if rounded == int(rounded) or rounded >= 100:
        return number_text(round(amount))
    return str(rounded).replace(".", ",")


def amount_left_text(amount: float) -> str:
    """The same rounded down: 6,97 days that are left are no 7."""
    return amount_text(math.floor(round(amount * 10, 6)) / 10)


def number_text(number: int) -> str:
    """ "19.876": a dot between thousands."""
    return f"{number:,}".replace(",", ".")


def left_text(of: Tallied) -> str:
    """ "còn 1.204 người"; other words where nobody knows how many are still to be entered."""
    if of.is_size_known:
        return text("figures.left", people=number_text(of.left))
    return text("figures.left_at_least", people=number_text(of.left)) if of.left else text("figures.left_unknown")


def left_figure(of: Tallied) -> int | str:
    """What `left_text` says, in a cell of a table: 1204, "≥1.204", "chưa rõ"."""
    if of.is_size_known:
        return of.left
    return text("figures.at_least", people=number_text(of.left)) if of.left else text("figures.unknown")


def quoted_list(names: Iterable[str]) -> str:
    """ "“Họ và tên”, “Ngày sinh”": headers or titles, one after another."""
    return ", ".join(f"“{name}”" for name in names)


def day_text(day: date) -> str:
    """ "30/04/2023" """
    return day.strftime("%d/%m/%Y")


def hour_text(moment: datetime) -> str:
    """ "08:05" """
    return moment.strftime("%H:%M")
