"""What cells hold goes into the worksheets that the drawing library saved: from the old file, as it stood there.

Only cells that were to hold something new take their content from the library. So no cell of people's can be lost,
whatever that does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import IO

from lxml import etree
from msgspec import Struct
from openpyxl.utils.cell import get_column_letter

from automation.adapters.excel.drawing.skeleton import Rows, Skeleton, Specimen, specimens_of
from automation.adapters.excel.package import MAIN, parsed_output
from automation.adapters.excel.reader import elements, holds_something, position
from automation.adapters.excel.row_editor import release_formula
from automation.adapters.excel.row_heights import RowHeights
from automation.adapters.excel.sheet_map import SheetColumns

Places = Collection[tuple[int, int]]
"""Rows and columns."""
_NumberedRows = Iterator[tuple[int, etree._Element]]

_NAMESPACE = f"{{{MAIN}}}"
_NO_PREFIX: dict[str, str] = {None: MAIN}  # type: ignore[dict-item]  # the stubs know no default namespace
_CONTENT = frozenset(_NAMESPACE + name for name in ("f", "v", "is"))
_CELL_ATTRIBUTES = frozenset(("r", "s", "t", "ph"))
_NAMES = re.compile(rb' xmlns(?::[^\s=]+)?="[^"]*"')
_ROWS = re.compile(rb"<sheetData/>|<sheetData>.*</sheetData>", re.DOTALL)


class Source(Struct, frozen=True):
    """A worksheet of the old file."""

    opened: Callable[[], IO[bytes]]
    skeleton: Skeleton
    drawn_rows: Collection[int]
    """In which something is drawn."""
    ours: Places
    """The cells that hold what was drawn into them."""
    formats: int
    """How many formats the old file has."""

    def rows(self) -> _NumberedRows:
        """Its rows in ascending order, of two of one number the one that is read: the last that holds something."""
        if self.skeleton.in_order:
            return self._all_rows()
        last: dict[int, bytes] = {}
        for number, row in self._all_rows():
            if number not in last or holds_something(row):
                last[number] = etree.tostring(row, with_tail=False)
        return ((number, etree.fromstring(last[number])) for number in sorted(last))

    def _all_rows(self) -> _NumberedRows:
        with self.opened() as stream:
            rows = Rows(stream, self.formats)
            for row in elements(rows.chunks, "row"):
                if number := rows.number(row):
                    yield number, row


class DrawnSheet:
    """A worksheet as the library saved it."""

    def __init__(self, drawn: bytes, source: Source | None) -> None:
        """`source`: None for a new tab."""
        self._root = parsed_output(drawn)
        self._source = source
        self._rows = {int(row.get("r", "0")): row for row in self._root.iterfind(f"{_NAMESPACE}sheetData/*")}
        self._styles = self._styles_of_specimens(source.skeleton.specimens) if source else {}
        self._masters: dict[str, tuple[str, str]] = {}

    def write(self, heights: Callable[[SheetColumns], RowHeights], target: IO[bytes]) -> None:
        """Write it with what its cells hold, each row as high as its text needs."""
        fitted = heights(_columns(self._root))
        before, after = self._around()
        target.write(before + b"<sheetData>")
        for row in self._filled_rows():
            fitted.fit(row)
            target.write(_bytes(row))
        target.write(b"</sheetData>" + after)

    def _around(self) -> tuple[bytes, bytes]:
        """What stands before and behind the rows."""
        dimension = self._root.find(_NAMESPACE + "dimension")
        if dimension is not None and self._source:
            dimension.set("ref", self._used(self._source))  # the library counts the specimens in
        whole = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)
        before, after = _ROWS.split(whole, 1)
        return before, after

    def _used(self, source: Source) -> str:
        """The range from the first to the last of the cells."""
        drawn = (self._rows[number] for number in self._rows.keys() & set(source.drawn_rows))
        places = [(position(row, 0), position(cell, 0)) for row in drawn for cell in row]
        places += [corner for corner in source.skeleton.corners if corner != (0, 0)]
        rows, columns = ([place[axis] for place in places] or [1] for axis in (0, 1))
        first, last = (f"{get_column_letter(of(columns))}{of(rows)}" for of in (min, max))
        return f"{first}:{last}"

    def _styles_of_specimens(self, specimens: Mapping[Specimen, str]) -> dict[Specimen, str]:
        """What the library made of each format. It leaves out cells that hold nothing in the first one."""
        drawn = {cell.get("r"): cell.get("s", "0") for row in self._rows.values() for cell in row}
        return {specimen: str(drawn.get(place, "0")) for specimen, place in specimens.items()}

    def _filled_rows(self) -> Iterator[etree._Element]:
        if self._source is None:
            yield from self._rows.values()
            return
        waiting = sorted(self._rows.keys() & set(self._source.drawn_rows), reverse=True)
        for number, row in self._source.rows():
            while waiting and waiting[-1] < number:
                yield self._without_stand_ins(waiting.pop(), None)
            usual = _with_usual_names(row)
            if waiting and waiting[-1] == number:
                yield self._without_stand_ins(waiting.pop(), usual)
            elif _says_something(usual):
                yield self._reformatted(usual)
        while waiting:
            yield self._without_stand_ins(waiting.pop(), None)

    def _reformatted(self, row: etree._Element) -> etree._Element:
        """A row in which nothing was drawn, with the formats of its columns."""
        formats = [self._styles.get(specimen, "0") for specimen in specimens_of(row)]
        if row.get("s"):
            _set_style(row, formats.pop(0))
        for cell, style in zip(row, formats, strict=True):
            _set_style(cell, style)
            self._tidy(cell)
        return row

    def _without_stand_ins(self, number: int, before: etree._Element | None) -> etree._Element:
        """A drawn row with what its cells held before, but for those that hold something new."""
        row = self._rows[number]
        held = {position(cell, 0): cell for cell in before} if before is not None else {}
        for cell in row:
            column = position(cell, 0)
            old = held.get(column)
            if self._source and (number, column) in self._source.ours:
                self._note_master(old)
                continue
            _empty(cell)
            if old is not None:
                self._tidy(old)
                if old.get("t"):
                    cell.set("t", old.get("t", ""))
                cell.extend(list(old))
        return row

    def _note_master(self, cell: etree._Element | None) -> None:
        """The cell gives way: others that share its formula need it for themselves."""
        formula = cell.find(_NAMESPACE + "f") if cell is not None else None
        if cell is not None and formula is not None and formula.get("t") == "shared" and formula.text:
            self._masters[formula.get("si", "")] = (cell.get("r", ""), formula.text)

    def _tidy(self, cell: etree._Element) -> None:
        """Leave out what Excel's extensions put into a cell, and what names parts that the library drops."""
        for name in cell.keys():  # noqa: SIM118  # attributes, not children
            if name not in _CELL_ATTRIBUTES:
                del cell.attrib[name]
        for child in list(cell):
            if child.tag not in _CONTENT:
                cell.remove(child)
            elif self._masters and child.get("t") == "shared" and child.get("si", "") in self._masters:
                release_formula(child, *self._masters[child.get("si", "")])


def _empty(cell: etree._Element) -> None:
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", "")


def _set_style(element: etree._Element, style: str) -> None:
    if style != "0":
        element.set("s", style)
    else:
        element.attrib.pop("s", "")


def _says_something(row: etree._Element) -> bool:
    return len(row) > 0 or any(name != "r" and not name.startswith("{") for name in map(str, row.keys()))


def _with_usual_names(row: etree._Element) -> etree._Element:
    """The row with no prefix, in the namespace that the library writes."""
    if row.tag == _NAMESPACE + "row" and row.prefix is None:
        return row
    return _renamed(row)


def _renamed(element: etree._Element) -> etree._Element:
    copy = etree.Element(_NAMESPACE + etree.QName(element).localname, nsmap=_NO_PREFIX)
    for name, value in element.items():
        copy.set(name, value)
    copy.text = element.text
    copy.extend([_renamed(child) for child in element.iterchildren("*")])
    return copy


def _columns(root: etree._Element) -> SheetColumns:
    columns = SheetColumns()
    for each in root.iterfind("{*}cols/{*}col"):
        columns.add({str(name): str(value) for name, value in each.items()})
    return columns


def _bytes(row: etree._Element) -> bytes:
    """The row as it stands in a worksheet that declares the names."""
    for name in map(str, row.keys()):
        if name.startswith("{"):
            del row.attrib[name]
    tag, end, rest = etree.tostring(row, with_tail=False, encoding="UTF-8").partition(b">")
    return _NAMES.sub(b"", tag) + end + rest
