"""A short, valid tab title for a unit whose line in the registry leaves `Trang tính` blank."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

LONGEST_TITLE = 31
"""UTF-16 code units: the limit of Excel, the stricter of the two spreadsheets."""

ABBREVIATIONS = {
    "Bệnh viện": "BV",
    "Trung tâm Y tế": "TTYT",
    "Trung tâm": "TT",
    "Đa khoa khu vực": "ĐKKV",
    "Thành phố Hồ Chí Minh": "TP.HCM",
    "Phục hồi chức năng": "PHCN",
    "bệnh nghề nghiệp": "BNN",
    "Kế hoạch hóa gia đình": "KHHGĐ",
    "Kế hoạch hoá gia đình": "KHHGĐ",
}
"""What staff themselves write for these words. A longer phrase stands before its own beginning."""

UNNAMED = "Đơn vị"

_SHORT = {phrase.casefold(): short for phrase, short in ABBREVIATIONS.items()}
_PHRASES = re.compile(rf"\b(?:{'|'.join(map(re.escape, ABBREVIATIONS))})\b", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_LOOSE_ENDS = " '-,;.("


def derived_tab_title(name: str, taken: Collection[str]) -> str:
    """A title for the tab of the unit `name` that no title in `taken` equals, case aside.

    Frequent words are abbreviated, characters that Excel forbids become spaces, what is too long loses its
    last words, and a title that is taken gets a number in brackets. A name without any usable character
    becomes "Đơn vị". Never raises; the same arguments give the same title.
    """
    base = _shortened(_PHRASES.sub(_abbreviation, _usable(name)), LONGEST_TITLE) or UNNAMED
    # Excel keeps this one name for itself.
    occupied = {_key(title) for title in taken} | {"history"}
    title, number = base, 1
    while _key(title) in occupied:
        number += 1
        suffix = f" ({number})"
        title = (_shortened(base, LONGEST_TITLE - len(suffix)) or UNNAMED) + suffix
    return title


def _abbreviation(phrase: re.Match[str]) -> str:
    # A regular expression takes a dotless ı for an i; case folding does not.
    return _SHORT.get(phrase.group().casefold(), phrase.group())


def _usable(name: str) -> str:
    """The name in NFC, on one line, without forbidden or invisible characters."""
    spaced = " ".join(_FORBIDDEN.sub(" ", name).split())
    visible = "".join(letter for letter in spaced if not unicodedata.category(letter).startswith("C"))
    return " ".join(unicodedata.normalize("NFC", visible).split()).strip(_LOOSE_ENDS)


def _shortened(text: str, longest: int) -> str:
    """As many whole words as fit; a first word that is too long by itself is cut."""
    words = text.split()
    while len(words) > 1 and _length(" ".join(words)) > longest:
        words.pop()
    kept = " ".join(words)
    while _length(kept) > longest:
        kept = kept[:-1]
    return kept.strip(_LOOSE_ENDS)


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _key(title: str) -> str:
    return unicodedata.normalize("NFC", title).casefold()
