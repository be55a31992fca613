"""A list as text between commas, semicolons or tabs becomes a tab, in whatever encoding it was saved."""

from __future__ import annotations

import codecs
import csv
import unicodedata
from collections import Counter
from collections.abc import Sequence
from io import StringIO

from charset_normalizer import from_bytes

from automation.core.model.workbook import Row, Tab

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Those of UTF-16 last: a mark of UTF-32 begins like one of them."""
_OLD = ["cp1258", "cp1252"]
"""Vietnamese Windows; then what the fonts of before it (TCVN3, VNI) were saved as."""
_DELIMITERS = ";\t,|"
_LINES = 300
"""That tell what stands between the cells."""
_LEAST_COLUMNS = 2


class NoText(Exception):
    """`why`: the last word of the key of the sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def text_tabs(title: str, content: bytes) -> tuple[Tab, ...]:
    """The one tab of the text. Raises NoText for what is none."""
    typed = decoded(content)
    lines = list(StringIO(typed, newline=""))
    try:
        rows = [_row(cells) for cells in csv.reader(lines, delimiter=delimiter_of(lines), strict=False)]
    except csv.Error:
        raise NoText("damaged") from None
    return (Tab(title, title, rows),)


def decoded(content: bytes) -> str:
    """The text, with letters put together: an old code page keeps the tone marks beside them. Raises NoText."""
    return unicodedata.normalize("NFC", _decoded(content))


def _decoded(content: bytes) -> str:
    try:
        for mark, codec in _MARKS:
            if content.startswith(mark):
                return content.decode(codec)
        if b"\0" in content:
            return content.decode(_wide(content))
    except UnicodeDecodeError:
        raise NoText("damaged") from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        best = from_bytes(content, cp_isolation=_OLD).best()
        if best is None:
            raise NoText("other_kind") from None
        return str(best)


def _wide(content: bytes) -> str:
    """Which UTF-16 it is that has no mark: every second byte of plain letters is zero. Raises NoText."""
    zeros = content[0::2].count(0), content[1::2].count(0)
    if max(zeros) * 4 < len(content) // 2:
        raise NoText("other_kind")
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def delimiter_of(lines: Sequence[str]) -> str:
    """What divides most lines into the same number of cells: a comma may also stand in a title or a place."""
    return max(_DELIMITERS, key=lambda each: _agreement(lines[:_LINES], each))


def _agreement(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    counts = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter, strict=False))
    return max(((many, width) for width, many in counts.items() if width >= _LEAST_COLUMNS), default=(0, 0))


def _row(cells: Sequence[str]) -> Row:
    row: list[str | None] = [cell or None for cell in cells]
    while row and row[-1] is None:
        row.pop()
    return row
