"""Worksheets become rows of values.

Not through openpyxl: its reader gives up a whole workbook for one cell it cannot convert, tells an empty
result from a missing one only in a second pass, and takes twice as long. The conversions are its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from datetime import date, datetime, time
from functools import cache, partial
from itertools import compress
from typing import IO, TypeVar

from lxml import etree
from msgspec.structs import replace

from automation.adapters.excel.budget import Room, Stretch, TooLarge
from automation.adapters.excel.package import DAMAGE, PARSING, HasDoctype, Package, Sheet, refuse_doctype
from automation.adapters.excel.plain_rows import (
    NeedsTree,
    NotPlain,
    PlainSheet,
    WrittenRow,
    are_tags,
    attributes_of,
    cells_apart,
    content_of,
    plain_text,
    without_empty_rows,
)
from automation.adapters.excel.reach import LAST_ROW, Area, FilledCells, within_reach
from automation.adapters.excel.styles import Styles
from automation.adapters.excel.values import moment_of, unescaped
from automation.core.model.workbook import LARGEST_NUMBER, UNCALCULATED, Cell, Merged, Tab

_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONGEST_COLUMN, _LONGEST_ROW = 3, 10
"""Characters by which a reference names them."""
_FRACTION = re.compile("[.eE]")
LAST_COLUMN = 16_384
_CHUNK = 1 << 16
holds_something = etree.XPath("boolean(*/*)")
"""Whether a cell of a row has a content; lists have many rows of formats alone."""
_DECLARATIONS = (b"<?xml ", b"\xef\xbb\xbf<?xml ")
_BEHIND_BEGINNING = 4
_BARE_CELLS = re.compile(rb'(?:<c(?: r="[A-Z]++[0-9]++")?+(?: s="[0-9]++")?+/>\s*)++(?P<end></row>)?')
"""Written in such a way that nothing about them can be wrong."""
_REMEMBERED = 24 << 20
"""Bytes of what cells are written like."""
_MOST_MERGED = 20_000
_AREA = re.compile("([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})")
_POINTER, _CELL, _ROW, _OBJECT = 8, 8, 120, 100
"""Bytes that each takes besides its content."""


def read_tabs(package: Package) -> tuple[Tab, ...]:
    """Every worksheet in the order of the workbook, hidden ones too. Raises what `Package` raises."""
    room = Room()
    strings = shared_strings(package, room)
    reader = SheetReader(strings, date_formats(package), package.epoch, room)
    return tuple(_read_tab(package, sheet, reader, room) for sheet in package.sheets)


def date_formats(package: Package) -> frozenset[str]:
    """The `s` of cells whose number is a date."""
    return frozenset(map(str, Styles(package.read_related("styles")).dates()))


def _read_tab(package: Package, sheet: Sheet, reader: SheetReader, room: Room) -> Tab:
    """What nobody foresaw in one worksheet goes along as a value, and the others are read."""
    tab = Tab(key=sheet.title, title=sheet.title, rows=(), tag=package.tags.get(sheet.title, ""))
    try:
        area = _area(package, sheet, reader, room)
    except (TooLarge, HasDoctype, OSError, *DAMAGE):
        raise
    except Exception as error:
        return replace(tab, mistake=error)
    return replace(tab, rows=area.rows, left_out=area.left_out, merged=tuple(reader.merged))


def _area(package: Package, sheet: Sheet, reader: SheetReader, room: Room) -> Area:
    left = room.left
    reader.merged.clear()
    try:
        with package.archive.open(sheet.part) as stream:
            return within_reach(reader.plain_rows(stream), room)
    except NotPlain:
        room.left = left
        reader.forget()
    with package.archive.open(sheet.part) as stream:
        return within_reach(reader.rows(without_bare_formats(stream)), room)


def chunks_of(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(partial(stream.read, _CHUNK), b"")


def _everywhere() -> bool:
    return True


def without_bare_formats(stream: IO[bytes], left_out: Callable[[], bool] = _everywhere) -> Iterator[bytes]:
    """The worksheet in chunks, most of the cells left out that have a format alone and stand at the end of their row:
    borders are often drawn down to where nobody will ever type, in rows that hold nothing else. No other cell
    is counted from those. `left_out` is asked before each chunk whether they are.
    """
    last, only_tags = b"", True
    for chunk in chunks_of(stream):
        only_tags = only_tags and holds_only_tags(last + chunk, at_the_beginning=not last)
        yield _without_empty_ends(chunk) if only_tags and b"/>" in chunk and left_out() else chunk
        last = chunk[-1:]


def _without_empty_ends(chunk: bytes) -> bytes:
    return _BARE_CELLS.sub(_end_of_row, without_empty_rows(chunk))


def _end_of_row(cells: re.Match[bytes]) -> bytes:
    return cells["end"] or cells[0]


def holds_only_tags(xml: bytes, *, at_the_beginning: bool) -> bool:
    """Whether every "<" in a piece of a part begins a tag, and no comment or CDATA, which may hold anything."""
    declared = at_the_beginning and xml.startswith(_DECLARATIONS)
    return are_tags(xml, _BEHIND_BEGINNING if declared else 0)


def elements(chunks: Iterable[bytes], *names: str) -> Iterator[etree._Element]:
    """The elements of these local names one after another, each forgotten once the next is asked for.

    Raises XMLSyntaxError, TooLarge, HasDoctype.
    """
    parser = etree.XMLPullParser(events=("end",), tag=[f"{{*}}{name}" for name in names], **PARSING)
    stretch = Stretch()
    for chunk in chunks:
        stretch.add(chunk)
        parser.feed(chunk)
        for event in parser.read_events():
            element: etree._Element = event[1]  # type: ignore[assignment]  # "end" comes with elements only
            yield element
            _forget(element)
            stretch.restart()
    refuse_doctype(parser.close())


def _forget(element: etree._Element) -> None:
    """Let go of the element and of all that stands in front of it."""
    element.clear()
    place: etree._Element | None = element
    while place is not None:
        parent = place.getparent()
        while parent is not None and place.getprevious() is not None:
            del parent[0]
        place = parent


def position(element: etree._Element, before: int) -> int:
    """The row number of a row, or the column number of a cell; elements that do not say, or what makes no sense,
    follow `before`.
    """
    return numbered(element.get("r"), before)


def numbered(reference: str | None, before: int) -> int:
    """The same of what stands in the `r` of an element."""
    if not reference:
        return before + 1
    letters = reference.rstrip(_DIGITS)
    number = column_number(letters) if letters else _row_number(reference)
    return number or before + 1


@cache
def column_number(letters: str) -> int:
    """0 for what names no column."""
    number = 0
    for letter in letters if len(letters) <= _LONGEST_COLUMN else "-":
        place = _LETTERS.find(letter.upper()) + 1
        if not place:
            return 0
        number = number * 26 + place
    return number


def _row_number(digits: str) -> int:
    """0 for what lies beyond the last row."""
    number = int(digits) if len(digits) <= _LONGEST_ROW else 0
    return number if number <= LAST_ROW else 0


def shared_strings(package: Package, room: Room | None = None) -> Sequence[str]:
    """The texts that cells of type "s" name by their index. Raises TooLarge where `room` has none for them."""
    part = package.related("sharedStrings")
    if part is None:
        return ()
    room = room or Room()
    texts = []
    with package.archive.open(part) as stream:
        for item in elements(chunks_of(stream), "si"):
            texts.append(text_of(item))
            room.take(texts[-1].__sizeof__() + _POINTER)
    return texts


def text_of(item: etree._Element) -> str:
    """The text of a string item: its runs joined, phonetic hints left out."""
    parts = (child for child in item if not child.tag.endswith("}rPh"))
    return unescaped("".join(each.text or "" for part in parts for each in part.iter("{*}t")))


_Key = TypeVar("_Key", bound=Sized)
_Value = TypeVar("_Value")


class _Memory(dict[_Key, _Value]):
    """Remembers what was worked out, up to a bound: files hold few different contents, and many of each."""

    def __init__(self, work_out: Callable[[_Key], _Value]) -> None:
        super().__init__()
        self._work_out = work_out
        self._left = _REMEMBERED

    def __missing__(self, key: _Key) -> _Value:
        self._left -= _OBJECT + len(key)
        if self._left < 0:
            self.clear()
        value = self[key] = self._work_out(key)
        return value

    def clear(self) -> None:
        super().clear()
        self._left = _REMEMBERED


class SheetReader:
    """Turns the rows of worksheets into values. What is written alike in several of them is read once."""

    def __init__(self, strings: Sequence[str], dates: frozenset[str], epoch: datetime, room: Room) -> None:
        self._strings = strings
        self._dates = dates
        self._epoch = epoch
        self._room = room
        self.merged: list[Merged] = []
        """The merged cells of the worksheet whose rows were read last."""
        self._known: dict[str, str] = {}
        self._places: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._columns = _Memory(self._read_columns)
        self._contents = _Memory(self._read_content)
        self._kinds = _Memory(_kind_and_style)

    def forget(self) -> None:
        """Let go of what was read so far, as if it had not been."""
        for memory in (self._known, self._contents, self.merged):
            memory.clear()

    def rows(self, chunks: Iterable[bytes]) -> Iterator[tuple[int, FilledCells]]:
        """(number, filled cells) of the rows that hold something. Raises TooLarge where they take too much room."""
        number = 0
        for element in elements(chunks, "row", "mergeCell"):
            if element.tag.endswith("}mergeCell"):
                self._merge(element)
                continue
            self._room.take_row()
            number = position(element, number)
            if len(element) and holds_something(element) and (cells := self._cells(element))[0]:
                self._room.take(_ROW + _CELL * len(cells[0]))
                yield number, cells

    def plain_rows(self, stream: IO[bytes]) -> Iterator[tuple[int, FilledCells]]:
        """The same of a worksheet that is plainly written. Raises NotPlain, TooLarge."""
        number = 0
        sheet = PlainSheet(stream)
        for row in sheet.written_rows():
            self._room.take_row()
            number = (row.said and _row_number(row.said)) or number + 1
            if row.cells and (filled := self._plain_cells(sheet, row))[0]:
                self._room.take(_ROW + _CELL * len(filled[0]))
                yield number, filled
        if sheet.around is not None:
            for element in sheet.around.iter("{*}mergeCell"):
                self._merge(element)

    def _merge(self, element: etree._Element) -> None:
        """Remember merged cells; what makes no sense merges none."""
        found = _AREA.fullmatch(element.get("ref", ""))
        if found and len(self.merged) < _MOST_MERGED:
            left, top, right, bottom = found.groups()
            self.merged.append(Merged(int(top), column_number(left), int(bottom), column_number(right)))

    def _plain_cells(self, sheet: PlainSheet, row: WrittenRow) -> FilledCells:
        known = self._contents
        try:
            letters, contents = cells_apart(row.cells)
            values = [known[content] for content in contents]
            if None in values:
                there = [value is not None for value in values]
                letters, values = [*compress(letters, there)], [*compress(values, there)]
            return self._columns[tuple(letters)], tuple(values)
        except NeedsTree:
            return self._cells(sheet.parsed(row.tag + row.cells))

    def _read_columns(self, letters: tuple[bytes, ...]) -> tuple[int, ...]:
        """Raises NotPlain where they are no columns of their own."""
        columns = tuple(column_number(each.decode()) for each in letters)
        if not _are_apart(columns):
            raise NotPlain
        return self._places.setdefault(columns, columns)

    def _read_content(self, written: bytes) -> Cell:
        """What stands in a cell, by all that is written behind its place. Raises NeedsTree, NotPlain."""
        attributes, _, value, text = content_of(written)
        kind, style = self._kinds[attributes]
        if value:
            return self._once(self._converted(plain_text(value), kind, style))
        if not text:
            return None
        shown = unescaped(plain_text(text))
        self._room.take(shown.__sizeof__())  # what is written alike is read once, so that next to none comes twice
        return shown

    def _cells(self, element: etree._Element) -> FilledCells:
        """Raises ValueError where two cells stand in one place, or one beyond the last column: Excel opens no such file
        either, and one of the two would be lost.
        """
        columns: list[int] = []
        values: list[Cell] = []
        column = 0
        for cell in element:
            column = position(cell, column)
            value = self.value(cell) if len(cell) else None
            if value is not None:
                columns.append(column)
                values.append(self._once(value))
        places = tuple(columns)
        if places not in self._places and not _are_apart(places):
            raise ValueError(places)
        return self._places.setdefault(places, places), tuple(values)

    def _once(self, value: Cell) -> Cell:
        """The value, the same object wherever the same text stands again."""
        return self._once_text(value) if isinstance(value, str) else value

    def _once_text(self, text: str) -> str:
        if text not in self._known:
            self._known[text] = text
            self._room.take(text.__sizeof__())
        return self._known[text]

    def value(self, cell: etree._Element) -> Cell:
        """What the cell shows."""
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
        if not abs(number) <= LARGEST_NUMBER:
            return text  # no number that a spreadsheet knows
        if style not in self._dates:
            return number
        try:
            return moment_of(number, self._epoch)
        except (ValueError, OverflowError):
            return number  # someone typed 19900229 into a cell formatted as a date


def _kind_and_style(attributes: bytes) -> tuple[str, str]:
    """The `t` and the `s` among the attributes of a cell as they are written. Raises NotPlain."""
    given = attributes_of(attributes)
    return given.get("t", "n"), given.get("s", "0")


def _are_apart(columns: Sequence[int]) -> bool:
    """Whether each is a column of its own, none beyond the last."""
    return len(set(columns)) == len(columns) and max(columns, default=0) <= LAST_COLUMN


def _iso_date(text: str) -> Cell:
    from openpyxl.utils.datetime import from_ISO8601  # few files have such cells

    moment = from_ISO8601(text)  # type: ignore[no-untyped-call]
    return moment if isinstance(moment, date | time) else text
