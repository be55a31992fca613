"""Rows as high as their wrapped text needs.

Excel fits a row anew only when somebody edits it or where the file names no height; LibreOffice does neither when
it opens a file. So whoever writes text into a row has to say how high it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from lxml import etree

from automation.adapters.excel.reader import position, text_of
from automation.adapters.excel.sheet_map import SheetColumns, whole_number
from automation.adapters.excel.styles import Styles

LINE = 15.0
"""Points that one line of 11 point text takes."""
MARGIN = 3.0
HIGHEST = 409.0
"""Points; Excel's limit."""
_LETTERS_PER_UNIT = 1.1
"""Widths count digits, and most letters are narrower; some of that is lost again where lines break."""
_LOW = 2
"""Lines at which a row stays low: ten of them stand on a small screen."""
_YES = ("1", "true")


@lru_cache(maxsize=1 << 8)  # one sentence stands in many rows of a write; those of months would lie about for nothing
def lines_needed(text: str, width: float) -> int:
    """About how many lines the text takes in a cell that is `width` characters wide."""
    room = max(width * _LETTERS_PER_UNIT, 1)
    return sum(max(1, math.ceil(len(line) / room)) for line in text.split("\n"))


class RowHeights:
    """Fits rows of one worksheet. Heights that a person has set stay."""

    def __init__(self, columns: SheetColumns, styles: Styles, strings: Sequence[str]) -> None:
        """`strings`: the shared strings of the workbook."""
        self._columns = columns
        self._styles = styles
        self._strings = strings

    def fit(self, row: etree._Element) -> None:
        """Give the row the height of its longest wrapped text; none of its own where one line will do."""
        if row.get("customHeight") in _YES:
            return
        lines = max((self._lines(cell, column) for column, cell in _cells(row)), default=1)
        if lines > 1:
            row.set("ht", str(min(lines * LINE + MARGIN, HIGHEST)))
        else:
            row.attrib.pop("ht", "")

    def _lines(self, cell: etree._Element, column: int) -> int:
        style = whole_number(cell.get("s"))
        if not self._styles.wraps(style):
            return 1
        typed = self._text(cell)
        lines = lines_needed(typed, self._columns.width(column))
        return min(lines, _LOW) if "\n" in typed and self._styles.is_low(style) else lines

    def _text(self, cell: etree._Element) -> str:
        kind = cell.get("t")
        content = cell[-1] if len(cell) else None
        if content is None:
            return ""
        if kind == "inlineStr":
            return text_of(content)
        if kind == "s" and (content.text or "").isdecimal() and int(content.text or "") < len(self._strings):
            return self._strings[int(content.text or "")]
        return content.text or "" if kind == "str" else ""


def _cells(row: etree._Element) -> list[tuple[int, etree._Element]]:
    cells = []
    column = 0
    for cell in row:
        if cell.tag.endswith("}c"):
            column = position(cell, column)
            cells.append((column, cell))
    return cells
