"""Where the rows of a worksheet stand in its part, byte by byte, so that some can be put anew while all else is copied.

Nothing of the worksheet is in memory but a number and a place for each row.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isfinite
from typing import IO

from msgspec import Struct, field

from automation.adapters.excel.budget import Stretch, TooLarge
from automation.adapters.excel.reader import holds_only_tags, numbered

_CHUNK = 1 << 16
_LONGEST_NUMBER = 9
_OTHER_ENCODING = re.compile(
    rb"\xff\xfe|\xfe\xff|.?\0|<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8[\"']|us-ascii[\"'])", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(
    rb"<(?P<end>/?)(?P<prefix>(?:[^\s<>/:=]*:)?)(?P<name>row|f|col|sheetData|dimension|worksheet)(?=[\s/>])(?P<more>[^<]*)"
)
"""Of what matters here. Where nothing but tags begins with "<", this finds them all."""
_ATTRIBUTE = re.compile(rb"\s([A-Za-z]+)\s*=\s*([\"'])(.*?)\2", re.DOTALL)
_PLAIN_NUMBER = re.compile(rb' r="([0-9]+)"')
_NAMES = re.compile(rb"\sxmlns(?::[^\s=]+)?\s*=\s*(?:\"[^\"]*\"|'[^']*')")

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
    """The part is sound, but not only tags begin with "<" in it, its encoding is rare, or `sheetData` is empty."""


class SheetMap(Struct):
    """What is known of a worksheet without holding it."""

    data_tag: bytes = b""
    """The name of `sheetData`, with its prefix."""
    names: list[bytes] = field(default_factory=list)
    """What declares the names of rows, as `xmlns="..."`."""
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

    def rows(self, number: int) -> Sequence[int]:
        """Indexes of the rows of that number, as they stand in the file; more than one where somebody spoilt it."""
        first = bisect_left(self._order, number, key=self.numbers.__getitem__)
        return self._order[first : self._behind(number)]

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
    """Of a part that is well-formed. Raises NotMappable, TooLarge, and KeyError for a part that is no worksheet."""
    surveyor = _Surveyor()
    for text, start in _with_whole_tags(stream):
        for tag in _TAG.finditer(text):
            surveyor.see(tag, start + tag.start())
    found = surveyor.sheet
    if not found.data_tag:
        raise KeyError("sheetData")
    found.put_in_order()
    return found


def _with_whole_tags(stream: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """The part piece by piece, no tag cut in two, and where each piece begins."""
    left, start = b"", 0
    stretch = Stretch()
    for chunk in iter(lambda: stream.read(_CHUNK), b""):
        stretch.add(chunk)
        text = left + chunk
        if not holds_only_tags(text, at_the_beginning=start == 0) or (start == 0 and _OTHER_ENCODING.match(text)):
            raise NotMappable
        end = text.rfind(b"<")
        if end > 0:
            yield text[:end], start
            left, start = text[end:], start + end
            stretch.restart()
        else:
            left = text
    yield left, start


class _Surveyor:
    """Follows the tags of a worksheet."""

    def __init__(self) -> None:
        self.sheet = SheetMap()
        self._before = self._in_data = self._behind = False
        self._unended: int | None = None
        """Where the tag began whose end is not known yet."""

    def see(self, tag: re.Match[bytes], here: int) -> None:
        """A tag that matters, and where it begins."""
        ends, name = tag["end"], tag["name"]
        if self._unended is not None:
            self.sheet.dimension, self._unended = slice(self._unended, here), None
        if name == b"sheetData":
            self._see_data(tag, here)
        elif ends or self._behind:
            return
        elif self._in_data:
            self._see_inside(name, tag["more"], here)
        elif name == b"dimension":
            self._unended = here
        elif name == b"col":
            self.sheet.columns.add(_attributes(tag["more"]))
        elif name == b"worksheet":
            self.sheet.names += _NAMES.findall(tag["more"])

    def _see_data(self, tag: re.Match[bytes], here: int) -> None:
        if self._behind:
            return
        if tag["end"]:
            self._in_data, self._behind = False, True
            self.sheet.places.append(here)
            return
        if tag["more"].rstrip(b" \t\r\n>").endswith(b"/"):
            raise NotMappable  # there is no room in it
        self._in_data = True
        self.sheet.data_tag = tag["prefix"] + tag["name"]
        self.sheet.names += _NAMES.findall(tag["more"])

    def _see_inside(self, name: bytes, attributes: bytes, here: int) -> None:
        if name == b"row":
            plain = _PLAIN_NUMBER.match(attributes)
            self._see_row(plain[1].decode() if plain else _attributes(attributes).get("r"), here)
        elif name == b"f":
            self.sheet.has_formulas = True
            if b"shared" in attributes:
                self.sheet.shared_formulas[_attributes(attributes).get("si", "")].append(len(self.sheet.numbers) - 1)

    def _see_row(self, said: str | None, here: int) -> None:
        numbers = self.sheet.numbers
        numbers.append(numbered(said, numbers[-1] if numbers else 0))
        self.sheet.places.append(here)
        if said != str(numbers[-1]):
            self.sheet.unnumbered.append(len(numbers) - 1)


def _attributes(text: bytes) -> dict[str, str]:
    return {found[1].decode(): found[3].decode("utf-8", "replace") for found in _ATTRIBUTE.finditer(text)}


class Edit(Struct, frozen=True):
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
