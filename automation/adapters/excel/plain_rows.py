"""Rows of worksheets as nearly every program writes them, read without a tree.

A tree costs several times what its text costs. So rows are cut apart by patterns that cover them to the last byte: what
these match is well-formed, and a row that they do not match (several fonts in a cell, a rare attribute) is parsed.
Where anything but tags begins with "<", or names have prefixes, `NotPlain` is raised: then the whole is to be parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import IO, NamedTuple, TypeAlias

from lxml import etree

from automation.adapters.excel.budget import Stretch, TooLarge
from automation.adapters.excel.package import PARSING

_CHUNK = 1 << 16
_LONGEST_ROW = 6 << 20
"""Bytes; of what stands in front of the rows, too."""
_MOST_TAGS = 250_000
"""In a row that is to be parsed."""
_PARSER = etree.XMLParser(**PARSING)
_PREFIX = re.compile(rb" ([A-Za-z0-9]+):")
_ATTRIBUTE = re.compile(rb' ([A-Za-z]+)="([^"]*)"')
_END = b"</sheetData>"
_WORKSHEET = re.compile(rb"<worksheet(?: [^<>]*)?>")
_ATTRIBUTES = rb'(?: [A-Za-z][A-Za-z0-9:]*+="[^"<&\x00-\x1f]*+")*+'
_TEXT = rb"[^<\x00-\x08\x0b\x0c\x0e-\x1f]*+"
_DATA = re.compile(rb"<sheetData" + _ATTRIBUTES + rb">")
_ROW = re.compile(rb'\s*<row(?: r="([0-9]+)")?(' + _ATTRIBUTES + rb")(/?)>\s*")
_BARE_CELLS = rb'(?:<c(?: r="[A-Z]++[0-9]++")?+(?: s="[0-9]++")?+(?: t="[a-z]++")?+/>\s*+)*+'
_HOLDS_NOTHING = re.compile(_BARE_CELLS)
_CONTENT = (
    rb'((?: [a-z]++="[^"<&\x00-\x1f]*+")*+)(?:/>|>'
    rb"(<f" + _ATTRIBUTES + rb"(?:/>|>[^<&\x00-\x08\x0b\x0c\x0e-\x1f]*</f>))?"
    rb"(?:<v>(" + _TEXT + rb')</v>|<v/>|<is><t(?: xml:space="preserve")?>(' + _TEXT + rb")</t></is>)?"
    rb"</c>)\s*"
)
_BEGINS = rb'<c r="([A-Z]{1,3})[0-9]{1,7}"'
_CELL = re.compile(rb"(" + _BEGINS + _CONTENT + rb")")
_PLACE = re.compile(_BEGINS)
_BEHIND_PLACE = re.compile(_CONTENT)
_ROW_BEGINS = b'<row r="'
_NUMBERED = re.compile(rb'<row r="[1-9][0-9]{0,5}"')
"""A row whose number does not depend on those before it."""
_OTHER_ROWS = re.compile(rb"<[^<>/\s]*:?row[\s/>]")
_DECLARATION = re.compile(
    rb"(?:\xef\xbb\xbf)?<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'](?:UTF|utf)-8[\"'])?[^<>]*\?>"
)
_REFERENCE = re.compile("&([^;]*;?)")
_ENTITY = re.compile("&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|([a-z]{2,4}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_NO_LETTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Told by what is none: the set of all others takes 3 ms to compile at each start."""


class NotPlain(Exception):
    """The worksheet is written in a way that only a parser understands, or it is damaged."""


class NeedsTree(Exception):
    """The row is written in a way that only a parser understands."""


Content: TypeAlias = tuple[bytes, bytes | None, bytes | None, bytes | None]
"""What stands in a cell behind its place: attributes, formula, what stands in `v`, the text in the cell itself."""


class PlainCells(NamedTuple):
    """The cells of a row, part by part."""

    columns: tuple[bytes, ...]
    """Their letters."""
    attributes: tuple[bytes, ...]
    """As written, behind that of the place."""
    formulas: tuple[bytes, ...]
    """As written; empty without."""
    values: tuple[bytes, ...]
    """What stands in `v`."""
    texts: tuple[bytes, ...]
    """The text that stands in the cell itself."""


class PlainRow(NamedTuple):
    said: str | None
    """What it says of its number."""
    cells: PlainCells | etree._Element | None
    """None where they hold nothing, the parsed row where they are no plain ones."""
    written: bytes = b""
    """The row as it stands in the part, without its end."""


class WrittenRow(NamedTuple):
    said: str | None
    """What it says of its number."""
    tag: bytes
    cells: bytes
    """As they stand in the part; empty where none holds anything."""


class PlainSheet:
    """A worksheet that is plainly written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._chunks = _only_tags(stream)
        self._before = b""
        self.around: etree._Element | None = None
        """What stands around the rows, once they were read."""
        self._start = b""
        """The tag of the worksheet, with the names that it declares."""

    def rows(self) -> Iterator[PlainRow]:
        """Its rows one after another. Raises NotPlain, TooLarge."""
        for said, tag, cells in self.written_rows():
            yield PlainRow(said, self._cells(tag, cells) if cells else None, tag + cells)

    def written_rows(self) -> Iterator[WrittenRow]:
        """The same as they are written, their cells not looked at. Raises NotPlain, TooLarge."""
        for piece in self._pieces():
            row = _ROW.match(piece)
            while row and row[3]:
                yield WrittenRow(self._number_of(row), b"", b"")
                row = _ROW.match(piece, row.end())
            if row is None:
                raise NotPlain
            cells = piece[row.end() :]
            holds_nothing = _HOLDS_NOTHING.fullmatch(cells)
            yield WrittenRow(self._number_of(row), row[0], b"" if holds_nothing else cells)

    def parsed(self, written: bytes) -> etree._Element:
        """A row as an element, without its end. Raises NotPlain, TooLarge."""
        if written.count(b"<") > _MOST_TAGS:
            raise TooLarge
        try:
            return etree.fromstring(self._start + written + b"</row></worksheet>", _PARSER)[0]
        except etree.XMLSyntaxError as error:
            raise NotPlain from error

    def _pieces(self) -> Iterator[bytes]:
        """What stands between the ends of two rows that have cells."""
        left = self._behind_head()
        data, end = left, -1
        for chunk in chain((b"",), self._chunks):
            left = without_empty_rows(left + chunk)
            end = left.find(_END)
            data = left if end < 0 else left[:end]
            *whole, rest = data.split(b"</row>")
            yield from whole
            if end >= 0:
                self._check_behind_last(rest)
                self._check_around(left[end:])
                return
            left = rest
            if len(left) > _LONGEST_ROW:
                raise TooLarge
        raise NotPlain

    def _number_of(self, row: re.Match[bytes]) -> str | None:
        """What the row says of it. Raises NotPlain for attributes that a row cannot have."""
        number, others = row[1], row[2]
        if others:
            self._check_names(others)
            if b' r="' in others:
                raise NotPlain
        return number.decode() if number else None

    def _check_behind_last(self, rest: bytes) -> None:
        """Rows without cells may follow, and nothing else."""
        place = 0
        while (row := _ROW.match(rest, place)) and row[3]:
            self._number_of(row)
            place = row.end()
        if rest[place:].strip():
            raise NotPlain

    def _check_names(self, attributes: bytes) -> None:
        if b":" in attributes and not self._declares(attributes):
            raise NotPlain

    def _declares(self, attributes: bytes) -> bool:
        return all(b" xmlns:" + prefix + b"=" in self._start for prefix in _PREFIX.findall(attributes))

    def _cells(self, tag: bytes, written: bytes) -> PlainCells | etree._Element:
        found = _CELL.findall(written)
        if found:
            covered, columns, attributes, formulas, values, texts = zip(*found, strict=True)
            without_result = any(formulas) and any(
                f and not v and not t for f, v, t in zip(formulas, values, texts, strict=True)
            )
            if not without_result and sum(map(len, covered)) == len(written):
                return PlainCells(columns, attributes, formulas, values, texts)
        return self.parsed(tag + written)

    def _behind_head(self) -> bytes:
        head = b""
        for chunk in self._chunks:
            head += chunk
            if found := _DATA.search(head):
                self._before = head[: found.end()]
                start = _WORKSHEET.search(self._before)
                if start is None:
                    break
                self._start = start[0]
                return head[found.end() :]
            if len(head) > _LONGEST_ROW:
                raise TooLarge
        raise NotPlain

    def _check_around(self, after: bytes) -> None:
        """What stands around the rows has to be sound, too, and to hold none itself."""
        stretch = Stretch()
        for chunk in self._chunks:
            stretch.add(chunk)
            after += chunk
        around = self._before + after
        try:
            self.around = etree.fromstring(around, _PARSER)
        except etree.XMLSyntaxError as error:
            raise NotPlain from error
        if _OTHER_ROWS.search(around):
            raise NotPlain


def _only_tags(stream: IO[bytes]) -> Iterator[bytes]:
    """The chunks of the part. Raises NotPlain where it holds a comment, CDATA, a declared type, another encoding."""
    ends_in_tag, begins = False, True
    for chunk in iter(partial(stream.read, _CHUNK), b""):
        declaration = _DECLARATION.match(chunk) if begins else None
        if not are_tags(chunk, declaration.end() if declaration else 0) or (ends_in_tag and chunk[0] in b"!?"):
            raise NotPlain
        yield chunk
        ends_in_tag, begins = chunk.endswith(b"<"), False


def are_tags(xml: bytes, start: int) -> bool:
    """Whether every "<" of a piece of a part, from `start` on, begins a tag: no comment, no CDATA.

    The second character is looked for by itself first: most pieces have none, and a search for one byte takes a
    twentieth of one for two, of which the first is everywhere.
    """
    return all(xml.find(mark, start) < 0 or xml.find(b"<" + mark, start) < 0 for mark in (b"!", b"?"))


def without_empty_rows(xml: bytes) -> bytes:
    """A piece of a worksheet; where it holds nothing but rows of cells with a format alone, of these the last one only:
    borders are often drawn down to where nobody will ever type. A prefix stays, for it may be declared nowhere.
    """
    first, last = xml.find(_ROW_BEGINS), xml.rfind(_ROW_BEGINS)
    if first == last or xml.find(b"</c>", first, last) >= 0 or not _NUMBERED.match(xml, last):
        return xml
    prefixes = set(_PREFIX.findall(xml, first, last)) - set(_PREFIX.findall(xml, last))
    is_needless = not prefixes and _holds_empty_rows_alone(xml[first:last])
    return xml[:first] + xml[last:] if is_needless else xml


def _holds_empty_rows_alone(xml: bytes) -> bool:
    """Told by counting, which costs a small part of what a pattern does: no other tags, all of them ended, no attribute
    twice, no entity.
    """
    rows, ends, cells = xml.count(_ROW_BEGINS), xml.count(b"</row>"), xml.count(b'<c r="')
    return (
        xml.count(b"<") == xml.count(b">") == rows + ends + cells
        and xml.count(b"/>") == cells + rows - ends
        and xml.count(b' r="') == rows + cells
        and b' t="' not in xml
        and b"&" not in xml
    )


def cells_apart(written: bytes) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """The letters of the columns, and what stands behind the places: files hold few different such contents, so that
    each can be read once. Raises NeedsTree.
    """
    parts = _PLACE.split(written)
    if parts[0]:
        raise NeedsTree
    return parts[1::2], parts[2::2]


def content_of(written: bytes) -> Content:
    """The parts of what stands behind the place of a cell. Raises NeedsTree, for a formula without a result, too."""
    found = _BEHIND_PLACE.fullmatch(written)
    if found is None:
        raise NeedsTree
    attributes, formula, value, text = found.groups()
    if formula and not (value or text):
        raise NeedsTree
    return attributes, formula, value, text


def attributes_of(written: bytes) -> Mapping[str, str]:
    """The attributes of a cell but for its place. Raises NotPlain where one stands twice, or has a prefix."""
    found = [(name.decode(), value.decode()) for name, value in _ATTRIBUTE.findall(written)]
    attributes = dict(found)
    if b":" in written or "r" in attributes or len(attributes) < len(found):
        raise NotPlain
    return attributes


def plain_text(written: bytes) -> str:
    """The text that stands for itself in a part. Raises NotPlain."""
    try:
        text = written.decode()
    except UnicodeDecodeError as error:
        raise NotPlain from error
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "&" in text:
        text = _REFERENCE.sub(_referred, text)
    elif text.isascii():
        return text
    if _NO_LETTER.search(text):
        raise NotPlain
    return text


def _referred(reference: re.Match[str]) -> str:
    found = _ENTITY.fullmatch(reference[0])
    if found is None or (found[3] and found[3] not in _NAMED):
        raise NotPlain
    if found[3]:
        return _NAMED[found[3]]
    number = int(found[1]) if found[1] else int(found[2], 16)
    if number > 0x10FFFF:
        raise NotPlain
    return chr(number)
