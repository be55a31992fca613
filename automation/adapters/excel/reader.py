"""Worksheets become rows of values.

Not through openpyxl: its reader gives up a whole workbook for one cell it cannot convert, tells an empty
result from a missing one only in a second pass, and takes twice as long. The conversions are its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from functools import cache
from typing import IO

from lxml import etree
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601

from automation.adapters.excel.package import Package
from automation.adapters.excel.styles import Styles
from automation.adapters.excel.values import unescaped
from automation.core.model.workbook import UNCALCULATED, Cell, Row, Tab

_DIGITS = "0123456789"
_FRACTION = re.compile("[.eE]")
LAST_ROW = 1_048_576
LAST_COLUMN = 16_384


def read_tabs(package: Package) -> tuple[Tab, ...]:
    """Every worksheet in the order of the workbook, hidden ones too. Raises what `Package` raises."""
    strings = shared_strings(package)
    dates = frozenset(map(str, Styles(package.read_related("styles")).dates()))
    tabs = []
    for sheet in package.sheets:
        with package.archive.open(sheet.part) as stream:
            rows = _SheetReader(strings, dates, package.epoch).rows(stream)
        tabs.append(Tab(key=sheet.title, title=sheet.title, rows=rows, tag=package.tags.get(sheet.title, "")))
    return tuple(tabs)


def elements(stream: IO[bytes], tag: str) -> Iterator[etree._Element]:
    """The elements of that local name one after another, each forgotten once the next is asked for."""
    for _, element in etree.iterparse(
        stream,
        tag=f"{{*}}{tag}",
        remove_comments=True,
        remove_pis=True,
        resolve_entities=False,
        huge_tree=True,
    ):
        yield element
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


def position(element: etree._Element, before: int) -> int:
    """The row number of a row, or the column number of a cell; elements that do not say follow `before`."""
    reference = element.get("r")
    if not reference:
        return before + 1
    letters = reference.rstrip(_DIGITS)
    return column_number(letters) if letters else int(reference)


@cache
def column_number(letters: str) -> int:
    return column_index_from_string(letters)


def shared_strings(package: Package) -> Sequence[str]:
    """The texts that cells of type "s" name by their index."""
    part = package.related("sharedStrings")
    if part is None:
        return ()
    with package.archive.open(part) as stream:
        return [text_of(item) for item in elements(stream, "si")]


def text_of(item: etree._Element) -> str:
    """The text of a string item: its runs joined, phonetic hints left out."""
    parts = (child for child in item if not child.tag.endswith("}rPh"))
    return unescaped("".join(each.text or "" for part in parts for each in part.iter("{*}t")))


class _SheetReader:
    """Turns the rows of one worksheet into values."""

    def __init__(self, strings: Sequence[str], dates: frozenset[str], epoch: datetime) -> None:
        self._strings = strings
        self._dates = dates
        self._epoch = epoch

    def rows(self, stream: IO[bytes]) -> list[Row]:
        rows: list[Row] = []
        number = 0
        for element in elements(stream, "row"):
            number = position(element, number)
            row = self._row(element)
            if row and number <= LAST_ROW:
                rows.extend([()] * (number - len(rows)))
                rows[number - 1] = row
        return rows

    def _row(self, element: etree._Element) -> tuple[Cell, ...]:
        values: list[Cell] = []
        column = 0
        for cell in element:
            column = position(cell, column)
            value = self._value(cell) if len(cell) else None
            if value is not None and column <= LAST_COLUMN:
                values.extend([None] * (column - len(values)))
                values[column - 1] = value
        return tuple(values)

    def _value(self, cell: etree._Element) -> Cell:
        kind = cell.get("t", "n")
        text = None
        formula = False
        for child in cell:
            tag = child.tag
            if tag.endswith("}v"):
                text = child.text or ""
            elif tag.endswith("}f"):
                formula = True
            elif tag.endswith("}is"):
                return text_of(child) or None
        if formula and (text is None or (text == "" and kind != "str")):
            return UNCALCULATED
        return self._converted(text, kind, cell.get("s", "0")) if text else None

    def _converted(self, text: str, kind: str, style: str) -> Cell:
        """The value of a cell's text; the text itself where it is not what the cell says it is."""
        try:
            if kind == "s":
                return self._strings[int(text)] or None
            if kind == "n":
                return self._number(text, style)
            if kind == "b":
                return text in ("1", "true")
            if kind == "d":
                return _iso_date(text)
        except (ValueError, IndexError, OverflowError):
            return text
        return unescaped(text)

    def _number(self, text: str, style: str) -> Cell:
        number = float(text) if _FRACTION.search(text) else int(text)
        if style not in self._dates:
            return number
        try:
            return from_excel(number, self._epoch)  # type: ignore[no-any-return]
        except (ValueError, OverflowError):
            return number  # someone typed 19900229 into a cell formatted as a date


def _iso_date(text: str) -> Cell:
    moment = from_ISO8601(text)  # type: ignore[no-untyped-call]
    return moment if isinstance(moment, date | time) else text
