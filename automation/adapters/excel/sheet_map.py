"""Where the rows of a worksheet stand in its part, byte by byte, so that some can be put anew while all else is copied.

Nothing of the worksheet is in memory but a number and a place for each row.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import IO, Any
from xml.parsers import expat

from automation.adapters.excel.budget import TooLarge
from automation.adapters.excel.package import HasDoctype
from automation.adapters.excel.reader import numbered

_CHUNK = 1 << 16
_ROOT, _PART, _ROW = range(1, 4)
"""How deep the worksheet, `sheetData` and a row stand."""
_LONGEST_NUMBER = 9
_UTF_8 = ("utf-8", "us-ascii", None)

DEFAULT_WIDTH = 8.43
_MOST_COLUMNS = 16_384

Attributes = Mapping[str, str]


class SheetColumns:
    """How wide the columns of a worksheet are, and in which format one types into them. What makes no sense is as if it
    were not there.
    """

    def __init__(self) -> None:
        self._spans: list[tuple[int, int, float, str]] = []
        self._known: dict[int, tuple[float, str]] = {}

    def add(self, attributes: Attributes) -> None:
        """A `col` of the worksheet. Raises TooLarge for more than a worksheet has columns."""
        if len(self._spans) >= _MOST_COLUMNS:
            raise TooLarge
        first, last = (whole_number(attributes.get(name)) for name in ("min", "max"))
        self._spans.append((first, last, _width(attributes.get("width")), str(whole_number(attributes.get("style")))))

    def width(self, column: int) -> float:
        return self._at(column)[0]

    def style(self, column: int) -> str:
        """The `s` of its cells."""
        return self._at(column)[1]

    def _at(self, column: int) -> tuple[float, str]:
        if column not in self._known:
            fitting = ((width, style) for first, last, width, style in self._spans if first <= column <= last)
            self._known[column] = next(fitting, (DEFAULT_WIDTH, "0"))
        return self._known[column]


def whole_number(typed: str | None) -> int:
    """0 where none stands there."""
    return int(typed) if typed and typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST_NUMBER else 0


def _width(typed: str | None) -> float:
    try:
        width = float(typed or DEFAULT_WIDTH)
    except ValueError:
        return DEFAULT_WIDTH
    return width if isfinite(width) else DEFAULT_WIDTH


class NotMappable(Exception):
    """The part is sound, but its bytes are not those of its text, or it has no room between tags for rows."""


@dataclass
class SheetMap:
    """What is known of a worksheet without holding it."""

    root: Attributes = field(default_factory=dict)
    data: Attributes = field(default_factory=dict)
    """Attributes of `sheetData`, as those of the root: what names of rows may need."""
    data_tag: str = ""
    columns: SheetColumns = field(default_factory=SheetColumns)
    dimension: slice | None = None
    numbers: array[int] = field(default_factory=lambda: array("Q"))
    places: array[int] = field(default_factory=lambda: array("Q"))
    """Where each row begins, and behind the last where `sheetData` ends."""
    unnumbered: list[int] = field(default_factory=list)
    """The rows, by their index, that do not say their number."""
    has_formulas: bool = False
    shared_formulas: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The rows, by their index, that hold a shared formula of that number."""
    _order: Sequence[int] = ()

    def row(self, number: int) -> int | None:
        """Index of the row of that number; of several the last counts."""
        before = self._behind(number) - 1
        found = before >= 0 and self.numbers[self._order[before]] == number
        return self._order[before] if found else None

    def place_for(self, number: int) -> int:
        """Where a new row of that number belongs."""
        behind = self._behind(number)
        return self.places[self._order[behind]] if behind < len(self.numbers) else self.places[-1]

    def piece(self, index: int) -> slice:
        """The bytes of the row of that index, and of what stands between it and the next one."""
        return slice(self.places[index], self.places[index + 1])

    def put_in_order(self) -> None:
        """To be called once all rows are known."""
        ascending = all(map(int.__le__, self.numbers, self.numbers[1:]))
        rows = range(len(self.numbers))
        self._order = rows if ascending else array("Q", sorted(rows, key=self.numbers.__getitem__))

    def _behind(self, number: int) -> int:
        return bisect_right(self._order, number, key=self.numbers.__getitem__)


def map_sheet(stream: IO[bytes]) -> SheetMap:
    """Raises NotMappable, HasDoctype, ExpatError, and KeyError for a part that is no worksheet."""
    found = _Surveyor().survey(stream)
    if not found.data_tag:
        raise KeyError("sheetData")
    found.put_in_order()
    return found


class _Surveyor:
    """Follows the tags of a worksheet."""

    def __init__(self) -> None:
        self._map = SheetMap()
        self._depth = 0
        self._in_data = False
        self._unended: int | None = None
        """Where the tag began whose end is not known yet."""
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.XmlDeclHandler = _refuse_other_encodings

    def survey(self, stream: IO[bytes]) -> SheetMap:
        beginning = stream.read(_CHUNK)
        if beginning.startswith((b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0")):
            raise NotMappable
        self._parser.Parse(beginning, False)
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            self._parser.Parse(chunk, False)
        self._parser.Parse(b"", True)
        return self._map

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._in_data:
            if self._depth == _ROW:
                self._start_row(tag, attributes)
            elif tag[-1] == "f" and tag.rpartition(":")[2] == "f":
                self._start_formula(attributes)
        elif self._depth <= _ROW:
            self._start_around(tag.rpartition(":")[2], tag, attributes)

    def _start_row(self, tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] != "row":
            raise NotMappable
        numbers, said = self._map.numbers, attributes.get("r")
        numbers.append(numbered(said, numbers[-1] if numbers else 0))
        if said != str(numbers[-1]):
            self._map.unnumbered.append(len(numbers) - 1)
        self._map.places.append(self._parser.CurrentByteIndex)

    def _start_formula(self, attributes: dict[str, str]) -> None:
        self._map.has_formulas = True
        if attributes.get("t") == "shared":
            self._map.shared_formulas[attributes.get("si", "")].append(len(self._map.numbers) - 1)

    def _start_around(self, name: str, tag: str, attributes: dict[str, str]) -> None:
        here = self._parser.CurrentByteIndex
        if self._unended is not None:
            self._map.dimension, self._unended = slice(self._unended, here), None
        if self._depth == _ROOT:
            self._map.root = attributes
        elif self._depth == _PART and name == "dimension" and not self._map.data_tag:
            self._unended = here
        elif self._depth == _PART and name == "sheetData" and not self._map.data_tag:
            self._map.data_tag, self._map.data = tag, attributes
            self._in_data = True
            self._began = here
        elif self._depth == _ROW and name == "col":
            self._map.columns.add(attributes)

    def _end(self, _tag: str) -> None:
        if self._in_data and self._depth == _PART:
            self._in_data = False
            end = self._parser.CurrentByteIndex
            if end == self._began:
                raise NotMappable  # an empty tag
            self._map.places.append(end)
        self._depth -= 1


def _refuse_doctype(*_: Any) -> None:
    raise HasDoctype


def _refuse_other_encodings(_version: str, encoding: str | None, _standalone: int) -> None:
    if (encoding and encoding.lower()) not in _UTF_8:
        raise NotMappable


@dataclass(frozen=True)
class Edit:
    """What comes in place of some bytes of a part; of none, where something is to be put in between."""

    place: slice
    make: Callable[[bytes], bytes]


def splice(stream: IO[bytes], edits: Sequence[Edit], target: IO[bytes]) -> None:
    """Copy the stream with the edits made, which stand in the order of their places."""
    here = 0
    for edit in edits:
        for chunk in _next_bytes(stream, edit.place.start - here):
            target.write(chunk)
        target.write(edit.make(b"".join(_next_bytes(stream, edit.place.stop - edit.place.start))))
        here = edit.place.stop
    for chunk in iter(lambda: stream.read(_CHUNK), b""):
        target.write(chunk)


def pieces(stream: IO[bytes], places: Sequence[slice]) -> Iterator[bytes]:
    """The bytes at these places, in their order."""
    here = 0
    for place in places:
        for _ in _next_bytes(stream, place.start - here):
            pass
        yield b"".join(_next_bytes(stream, place.stop - place.start))
        here = place.stop


def _next_bytes(stream: IO[bytes], count: int) -> Iterator[bytes]:
    while count > 0 and (chunk := stream.read(min(count, _CHUNK))):
        count -= len(chunk)
        yield chunk
