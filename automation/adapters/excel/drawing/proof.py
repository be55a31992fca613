"""Before a drawn file takes the place of the old one, both are read, and every cell that was to stay is compared: what
it shows, and its formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO, NamedTuple, TypeVar
from zipfile import ZipFile

from lxml import etree
from openpyxl.formula.translate import Translator

from automation.adapters.excel.budget import Room
from automation.adapters.excel.drawing.contents import Places
from automation.adapters.excel.package import Package, Sheet
from automation.adapters.excel.plain_rows import NotPlain, PlainCells, PlainRow, PlainSheet, attributes_of
from automation.adapters.excel.reach import LAST_ROW
from automation.adapters.excel.reader import (
    LAST_COLUMN,
    SheetReader,
    date_formats,
    elements,
    holds_something,
    numbered,
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
    """As the file has it. Of a shared one: its `number`, the cell that it was written for, and its text there."""

    kind: str = ""
    text: str = ""
    number: str = ""
    place: str = ""
    origin: str = ""
    shared: str = ""

    @property
    def is_there(self) -> bool:
        return bool(self.kind or self.text or self.number)

    def is_same_as(self, other: _Formula) -> bool:
        """Whether both come to the same. Of two that are shared alike the one they share is compared itself."""
        return self[:3] == other[:3] or self.in_full() == other.in_full()

    def in_full(self) -> tuple[str, str]:
        """Its kind and text, whether shared or not."""
        if not self.shared:
            return self.kind, self.text
        return "", str(Translator("=" + self.shared, self.origin).translate_formula(self.place))[1:]


class _Held(NamedTuple):
    """What a cell shows, and the formula that this comes from."""

    value: Cell
    formula: _Formula


_MOST_PATTERNS = 1_000
_NO_FORMULA = _Formula()
_NOTHING = _Held(None, _NO_FORMULA)
_Row = tuple[int, Mapping[int, _Held]]
_Pair = tuple[int, Mapping[int, _Held] | None, Mapping[int, _Held] | None]
_T = TypeVar("_T")


def changed_cell(before: Package, target: IO[bytes], ours: Mapping[str, Places]) -> ChangedCell | None:
    """The first cell of `before` that is another one in the file in `target`; `ours`: those that were to be changed, by
    title of the tab. Raises what `Package` raises.
    """
    target.seek(0)
    with ZipFile(target) as archive:
        old, new = _File(before), _File(Package(archive))
        sheets = {sheet.title: sheet for sheet in new.package.sheets}
        for sheet in before.sheets:
            if sheet.title not in sheets:
                return ChangedCell(sheet.title, "")
            tabs = _Worksheet(old, sheet), _Worksheet(new, sheets[sheet.title])
            if place := _first_difference(*tabs, ours.get(sheet.title, ())):
                return ChangedCell(sheet.title, place)
    return None


def _first_difference(old: _Worksheet, new: _Worksheet, ours: Places) -> str:
    """The first cell that is another one, or "". Rows whose numbers do not ascend may show a difference where there is
    none, so what is found is looked at more closely.
    """
    if old.file.strings == new.file.strings:
        with suppress(NotPlain):
            if not _first(old.unlike(new), ours):
                return ""
    if not _first(_pairs(old.rows(), new.rows()), ours):
        return ""
    return _first(_pairs(_sorted(old.rows()), _sorted(new.rows())), ours)


def _sorted(rows: Iterator[_Row]) -> Iterator[_Row]:
    """Of two of one number the last, as it is read."""
    return iter(sorted(dict(rows).items()))


def _first(pairs: Iterable[_Pair], ours: Places) -> str:
    """The first cell that differs in any of these rows."""
    for number, one, other in pairs:
        there, here = one or {}, other or {}
        for column in sorted(there.keys() | here.keys()) if there != here else ():
            if _differ(there.get(column, _NOTHING), here.get(column, _NOTHING), (number, column) in ours):
                return cell_name(number, column)
    return ""


def _pairs(
    before: Iterator[tuple[int, _T]], after: Iterator[tuple[int, _T]]
) -> Iterator[tuple[int, _T | None, _T | None]]:
    """Rows of the same number; None where only the other has one."""
    old, new = next(before, None), next(after, None)
    while old or new:
        number = min(row[0] for row in (old, new) if row)
        there, here = (row[1] if row and row[0] == number else None for row in (old, new))
        yield number, there, here
        old = next(before, None) if there is not None else old
        new = next(after, None) if here is not None else new


def _differ(old: _Held, new: _Held, may_change: bool) -> bool:
    """A formula that shows nothing is no cell to write into, though it looks blank."""
    if may_change:
        return old.value is None and old.formula.is_there
    return old.value != new.value or not old.formula.is_same_as(new.formula)


class _File:
    """What the worksheets of a file have in common."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.room = Room()
        self.strings = shared_strings(package, self.room)
        self.dates = date_formats(package)


class _Worksheet:
    """Reads the cells of a worksheet with their formulas."""

    def __init__(self, file: _File, sheet: Sheet) -> None:
        self.file = file
        self._sheet = sheet
        self._reader = SheetReader(file.strings, file.dates, file.package.epoch, file.room)
        self._shared: dict[str, tuple[str, str]] = {}
        """The shared formulas that have been met, by their number: where they stand in full, and as what."""
        self._kinds: dict[tuple[bytes, ...], Sequence[tuple[str, bool]]] = {}

    def rows(self) -> Iterator[_Row]:
        """The rows that hold something, as they stand in the file."""
        self._shared.clear()
        number = 0
        with self._opened() as stream:
            for row in elements(without_bare_formats(stream), "row"):
                number = position(row, number)
                if number <= LAST_ROW and holds_something(row) and (cells := self._cells(row, number)):
                    yield number, cells

    def unlike(self, other: _Worksheet) -> Iterator[_Pair]:
        """The rows of both that are not written alike: all others need not be read. Raises NotPlain."""
        with self._opened() as there, other._opened() as here:
            old, new = PlainSheet(there), PlainSheet(here)
            for number, one, two in _pairs(_ascending(old), _ascending(new)):
                if one is None or two is None or not self._alike(one, two, other):
                    yield number, self._parsed(old, one, number), other._parsed(new, two, number)

    def _opened(self) -> IO[bytes]:
        return self.file.package.archive.open(self._sheet.part)

    def _alike(self, one: PlainRow, two: PlainRow, other: _Worksheet) -> bool:
        mine, others = one.cells, two.cells
        return (
            isinstance(mine, PlainCells)
            and isinstance(others, PlainCells)
            and mine._replace(attributes=()) == others._replace(attributes=())
            and self._kinds_of(mine.attributes) == other._kinds_of(others.attributes)
        )

    def _kinds_of(self, attributes: tuple[bytes, ...]) -> Sequence[tuple[str, bool]]:
        """Of each cell its kind, and whether its number is a date."""
        if attributes not in self._kinds:
            if len(self._kinds) >= _MOST_PATTERNS:
                self._kinds.clear()
            self._kinds[attributes] = [*map(self._kind_of, attributes)]
        return self._kinds[attributes]

    def _kind_of(self, attributes: bytes) -> tuple[str, bool]:
        given = attributes_of(attributes)
        kind = given.get("t", "n")
        return kind, kind == "n" and given.get("s", "0") in self.file.dates

    def _parsed(self, sheet: PlainSheet, row: PlainRow | None, number: int) -> Mapping[int, _Held]:
        return {} if row is None else self._cells(sheet.parsed(row.written), number)

    def _cells(self, row: etree._Element, number: int) -> Mapping[int, _Held]:
        """The cells of a row that hold something."""
        cells: dict[int, _Held] = {}
        column = 0
        for cell in row:
            column = position(cell, column)
            if len(cell) and column <= LAST_COLUMN:
                held = _Held(self._reader.value(cell), self._formula(cell, cell_name(number, column)))
                if held != _NOTHING:
                    cells[column] = held
        return cells

    def _formula(self, cell: etree._Element, place: str) -> _Formula:
        element = next((child for child in cell if child.tag.endswith("}f")), None)
        if element is None:
            return _NO_FORMULA
        text, number = element.text or "", element.get("si", "")
        if element.get("t") == "shared":
            if text:
                self._shared[number] = place, text
            return _Formula("", text, number, place, *self._shared.get(number, ("", "")))
        kind = " ".join(f"{name}={element.get(name)}" for name in _TELLING if element.get(name) is not None)
        return _Formula(kind, text, "", place)


def _ascending(sheet: PlainSheet) -> Iterator[tuple[int, PlainRow]]:
    """The rows that hold something. Raises NotPlain where their numbers do not ascend."""
    number = 0
    for row in sheet.rows():
        before, number = number, numbered(row.said, number)
        if number <= before:
            raise NotPlain
        if row.cells is not None and number <= LAST_ROW:
            yield number, row
