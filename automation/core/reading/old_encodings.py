"""Names whose letters came through an old encoding: TCVN3 and VNI fonts, UTF-8 taken for Windows-1252, letters lost.

A reading is proposed only where every word of it is a Vietnamese syllable: foreign names are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from automation.core.model.workbook import Cell
from automation.core.reading.cells import bare, clean

_VOWELS = "aăâeêioôơuưy"
_TONED = {
    unicodedata.normalize("NFC", v + t) for v in _VOWELS for t in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
}
LETTERS = "".join(sorted({*_TONED, *map(str.upper, _TONED), *"bcdđghjfklmnpqrstvwxzBCDĐGHJFKLMNPQRSTVWXZ"}))
"""Those that names are written with."""
_CAPITALS = "".join(sorted(letter for letter in map(str.upper, _TONED) if not letter.isascii()))
SUSPECTS = tuple(
    re.compile(each)
    for each in (
        rf"[^{LETTERS}\s.,'’\-()/\d]",
        rf"[a-z][{_CAPITALS}]",
        "[aeAE][âêàãáùõÂÊÀÃÁÙÕ]",
        "[oO][âêùõÂÊÙÕ]",
        "Ã\xa0",
    )
)
"""What no name has: other letters and signs, a capital within a word, vowels that never stand together. One after
another they are found in a fraction of the time that all at once take.
"""
_SUSPECT = re.compile("|".join(each.pattern for each in SUSPECTS))
_NO_LETTER = re.compile("[\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0e-\x1f]")
"""What no old encoding has a letter for."""
_LOST = re.compile(r"\ufffd|\?\w|\w\?\s")
_SYLLABLE = re.compile(r"(?:ngh|ng|gh|gi|kh|nh|ph|qu|th|tr|ch|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?")
_TCVN3 = str.maketrans(
    "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ¡¢§£¤¥¦",
    "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂĐÊÔƠƯ",
)
_MARKS = {
    "ø": "\u0300",
    "ù": "\u0301",
    "û": "\u0309",
    "õ": "\u0303",
    "ï": "\u0323",
    "â": "\u0302",
    "á": "\u0302\u0301",
    "à": "\u0302\u0300",
    "å": "\u0302\u0309",
    "ã": "\u0302\u0303",
    "ä": "\u0302\u0323",
    "ê": "\u0306",
    "é": "\u0306\u0301",
    "è": "\u0306\u0300",
    "ú": "\u0306\u0309",
    "ü": "\u0306\u0303",
    "ë": "\u0306\u0323",
}
"""What stands behind a vowel in VNI, as Unicode's marks."""
_VNI_PAIR = re.compile(f"([aeouyôöAEOUYÔÖ])([{''.join(_MARKS)}{''.join(_MARKS).upper()}])")
_VNI_LETTERS = str.maketrans("ôöñæòîÔÖÑÆÒÎ", "ơưđỉịỵƠƯĐỈỊỴ")


def as_pasted(cell: Cell) -> str:
    """The text of a cell with what old encodings have letters for and nobody sees: the soft hyphen, which is TCVN3's
    "ư" and half of a mojibake "í", control characters, spaces that do not break.
    """
    if not isinstance(cell, str):
        return ""
    return re.sub("[ \t\r\n]+", " ", unicodedata.normalize("NFC", _NO_LETTER.sub("", cell))).strip(" ")


def has_broken_letters(typed: str) -> bool:
    """Whether a name cannot be read as it stands."""
    return _SUSPECT.search(typed) is not None and (_LOST.search(typed) is not None or bool(proposed_reading(typed)))


@lru_cache(maxsize=1 << 12)
def proposed_reading(typed: str) -> str:
    """The name that is meant; "" where that cannot be told."""
    if not _SUSPECT.search(typed) or _LOST.search(typed):
        return ""
    readings = (read(typed) for read in _READERS)
    return next((reading for reading in readings if reading != typed and _is_vietnamese(reading)), "")


def _is_vietnamese(text: str) -> bool:
    words = text.split()
    return bool(words) and not _SUSPECT.search(text) and all(_SYLLABLE.fullmatch(bare(word)) for word in words)


def _from_mojibake(typed: str) -> str:
    """Windows-1252 leaves five bytes without a letter; those came through as they are."""
    try:
        return clean(b"".join(map(_byte_of, typed)).decode("utf-8"))
    except UnicodeError:
        return typed


def _byte_of(letter: str) -> bytes:
    return letter.encode("latin-1") if "\x80" <= letter <= "\x9f" else letter.encode("cp1252")


def _from_vni(typed: str) -> str:
    joined = _VNI_PAIR.sub(lambda pair: _letter(pair[1]) + _MARKS[pair[2].lower()], typed)
    return unicodedata.normalize("NFC", joined.translate(_VNI_LETTERS))


def _letter(vowel: str) -> str:
    return vowel.translate(_VNI_LETTERS)


def _from_tcvn3(typed: str) -> str:
    """Whoever typed a letter that the font has none for did not type in it."""
    return typed.translate(_TCVN3) if all(letter.isascii() or ord(letter) in _TCVN3 for letter in typed) else typed


_READERS: tuple[Callable[[str], str], ...] = (_from_mojibake, _from_vni, _from_tcvn3)
