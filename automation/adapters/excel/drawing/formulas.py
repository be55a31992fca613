"""The formulas of worksheets, as their cells hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import IO

from lxml import etree
from openpyxl.formula.translate import Translator

from automation.adapters.excel.package import Package, Sheet
from automation.adapters.excel.reach import LAST_ROW
from automation.adapters.excel.reader import LAST_COLUMN, elements, position
from automation.core.model.workbook import Formula, cell_name

_CHUNK = 1 << 16
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_Found = Iterator[tuple[tuple[int, int], Formula]]


def formulas_of(package: Package, sheet: Sheet) -> Mapping[tuple[int, int], Formula]:
    """By row and column. A table of a what-if analysis has none of its own. Raises what `Package` raises."""

    def opened() -> IO[bytes]:
        return package.archive.open(sheet.part)

    return dict(_formulas(opened)) if _may_hold_any(opened) else {}


def _may_hold_any(opened: Callable[[], IO[bytes]]) -> bool:
    """Most lists hold none, and need not be taken apart."""
    with opened() as stream:
        last = b""
        for chunk in _chunks(stream):
            if _FORMULA.search(last + chunk):
                return True
            last = chunk[-len(b"<long:f ") :]
    return False


def _formulas(opened: Callable[[], IO[bytes]]) -> _Found:
    shared: dict[str, tuple[str, str]] = {}
    number = 0
    with opened() as stream:
        for row in elements(_chunks(stream), "row"):
            number = position(row, number)
            if number <= LAST_ROW:
                yield from _of_row(row, number, shared)


def _of_row(row: etree._Element, number: int, shared: dict[str, tuple[str, str]]) -> _Found:
    column = 0
    for cell in row:
        column = position(cell, column)
        formula = cell.find("{*}f")
        text = "" if formula is None else _text(formula, cell_name(number, column), shared)
        if text and column <= LAST_COLUMN:
            yield (number, column), Formula("=" + text)


def _text(formula: etree._Element, place: str, shared: dict[str, tuple[str, str]]) -> str:
    """`shared`: by number, where a formula that others share was written and what it says there."""
    text, group = formula.text or "", formula.get("si", "")
    if formula.get("t") != "shared":
        return text
    if text:
        shared[group] = place, text
        return text
    if group not in shared:
        return ""
    origin, master = shared[group]
    return str(Translator("=" + master, origin).translate_formula(place))[1:]


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(_CHUNK), b"")
