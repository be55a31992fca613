"""Before a drawn file takes the place of the old one, both are read, and every cell that was to stay is compared: what
it shows, and its formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, NamedTuple
from zipfile import ZipFile

from lxml import etree
from openpyxl.formula.translate import Translator

from automation.adapters.excel.budget import Room
from automation.adapters.excel.drawing.contents import Places
from automation.adapters.excel.package import Package, Sheet
from automation.adapters.excel.reader import (
    LAST_COLUMN,
    LAST_ROW,
    SheetReader,
    date_formats,
    elements,
    holds_something,
    position,
    shared_strings,
    without_bare_formats,
)
from automation.core.model.workbook import Cell, cell_name


class ChangedCell(NamedTuple):
    """A cell that would not be what it was."""

    title: str
    place: str
    """As "B7"; "" where the whole tab would be gone."""


_TELLING = ("t", "ref", "dt2D", "dtr", "r1", "r2", "del1", "del2")
"""Attributes of a formula without which it is another one."""


class _Formula(NamedTuple):
    """As the file has it; `origin` and `shared`: the cell that a shared one was written for, and its text there."""

    kind: str = ""
    text: str = ""
    place: str = ""
    origin: str = ""
    shared: str = ""

    @property
    def is_there(self) -> bool:
        return bool(self.kind or self.text or self.shared)

    def in_full(self) -> tuple[str, str]:
        """Its kind and text, whether shared or not."""
        if not self.shared:
            return self.kind, self.text
        return "", str(Translator("=" + self.shared, self.origin).translate_formula(self.place))[1:]


class _Held(NamedTuple):
    """What a cell shows, and the formula that this comes from."""

    value: Cell
    formula: _Formula


_NO_FORMULA = _Formula()
_NOTHING = _Held(None, _NO_FORMULA)
_Row = tuple[int, Mapping[int, _Held]]
_END: _Row = (LAST_ROW + 1, {})


def changed_cell(before: Package, target: IO[bytes], ours: Mapping[str, Places]) -> ChangedCell | None:
    """The first cell of `before` that is another one in the file in `target`; `ours`: those that were to be changed, by
    title of the tab. Raises what `Package` raises.
    """
    target.seek(0)
    with ZipFile(target) as archive:
        old, new = _Reading(before), _Reading(Package(archive))
        sheets = {sheet.title: sheet for sheet in new.package.sheets}
        for sheet in before.sheets:
            if sheet.title not in sheets:
                return ChangedCell(sheet.title, "")
            if place := _first_difference(old, sheet, new, sheets[sheet.title], ours.get(sheet.title, ())):
                return ChangedCell(sheet.title, place)
    return None


def _first_difference(old: _Reading, before: Sheet, new: _Reading, after: Sheet, ours: Places) -> str:
    return _difference(old.rows(before), new.rows(after), ours) and _difference(
        _sorted(old.rows(before)), _sorted(new.rows(after)), ours
    )


def _sorted(rows: Iterator[_Row]) -> Iterator[_Row]:
    """Of two of one number the last, as it is read."""
    return iter(sorted(dict(rows).items()))


def _difference(before: Iterator[_Row], after: Iterator[_Row], ours: Places) -> str:
    """The first cell that is another one; rows whose numbers do not ascend may show one where there is none."""
    old, new = next(before, _END), next(after, _END)
    while old is not _END or new is not _END:
        number = min(old[0], new[0])
        there, here = (row[1] if row[0] == number else {} for row in (old, new))
        for column in sorted(there.keys() | here.keys()) if there != here else ():
            if _differ(there.get(column, _NOTHING), here.get(column, _NOTHING), (number, column) in ours):
                return cell_name(number, column)
        old = next(before, _END) if old[0] == number else old
        new = next(after, _END) if new[0] == number else new
    return ""


def _differ(old: _Held, new: _Held, may_change: bool) -> bool:
    """A formula that shows nothing is no cell to write into, though it looks blank."""
    if may_change:
        return old.value is None and old.formula.is_there
    return old.value != new.value or (old.formula != new.formula and old.formula.in_full() != new.formula.in_full())


class _Reading:
    """Reads the cells of a file with their formulas."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._room = Room()
        self._strings = shared_strings(package, self._room)
        self._dates = date_formats(package)

    def rows(self, sheet: Sheet) -> Iterator[_Row]:
        """The rows that hold something, as they stand in the file."""
        reader = SheetReader(self._strings, self._dates, self.package.epoch, self._room)
        shared: dict[str, tuple[str, str]] = {}
        number = 0
        with self.package.archive.open(sheet.part) as stream:
            for row in elements(without_bare_formats(stream), "row"):
                number = position(row, number)
                if number <= LAST_ROW and holds_something(row) and (cells := dict(_cells(row, number, reader, shared))):
                    yield number, cells


def _cells(
    row: etree._Element, number: int, reader: SheetReader, shared: dict[str, tuple[str, str]]
) -> Iterator[tuple[int, _Held]]:
    """The cells of a row that hold something; `shared`: the shared formulas that have been met, by their number."""
    column = 0
    for cell in row:
        column = position(cell, column)
        if len(cell) and column <= LAST_COLUMN:
            formula = _formula(cell, cell_name(number, column), shared)
            value = reader.value(cell)
            if value is not None or formula.is_there:
                yield column, _Held(value, formula)


def _formula(cell: etree._Element, place: str, shared: dict[str, tuple[str, str]]) -> _Formula:
    element = next((child for child in cell if child.tag.endswith("}f")), None)
    if element is None:
        return _NO_FORMULA
    text, number = element.text or "", element.get("si", "")
    if element.get("t") == "shared":
        if text:
            shared[number] = place, text
        return _Formula("", text, place, *shared.get(number, ("", "")))
    kind = " ".join(f"{name}={element.get(name)}" for name in _TELLING if element.get(name) is not None)
    return _Formula(kind, text, place)
