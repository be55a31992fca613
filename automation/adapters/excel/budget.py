"""What a workbook file may cost to open: a hundred kilobytes can unpack to gigabytes, and a megabyte of markup becomes
twenty in memory. Whatever goes beyond raises `TooLarge` before it is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

MOST_PARTS = 5_000
MOST_BYTES = 192 << 20
"""Of all parts together, unpacked; 100 units of 500 people take some 60 MB."""
MOST_SMALL_WEIGHT = 48 << 20
"""Of a part that is no worksheet, once it is a tree in memory."""
MOST_SHEET_WEIGHT = 140 << 20
"""Of a worksheet as a tree: 6,000 people and more."""
MOST_SHEET_BYTES = 40 << 20
"""Of a worksheet that is to become a tree."""
MOST_VALUES = 64 << 20
"""Bytes that the values of all cells may take, each text of a tab counted once."""

_ELEMENT, _ATTRIBUTE = 120, 215
"""Bytes that lxml takes for each, measured."""
_SMALL = 24 << 20
_BEST_RATIO = 100
"""How far a part of more than `_SMALL` bytes may unpack; worksheets of people come to 10 to 40."""
_LONGEST_STRETCH = 6 << 20
"""Bytes of a part that may pass without one of the elements that are looked for in it."""
_MOST_TAGS_IN_STRETCH = 250_000
_METHODS = (ZIP_STORED, ZIP_DEFLATED)
"""The ways of packing that the format knows; of others zipfile unpacks a block without a limit."""


class TooLarge(Exception):
    """The file unpacks to more than any workbook of people needs."""


def check_sizes(members: Iterable[ZipInfo]) -> None:
    """Raises TooLarge for what the list of contents promises, before anything is unpacked."""
    sizes = []
    for member in members:
        unpacks_far = member.file_size > _SMALL and member.file_size > _BEST_RATIO * member.compress_size
        if member.compress_type not in _METHODS or unpacks_far:
            raise TooLarge
        sizes.append(max(member.file_size, member.compress_size))  # what is not unpacked is copied as it is packed
    if len(sizes) > MOST_PARTS or sum(sizes) > MOST_BYTES:
        raise TooLarge


def read_within(stream: IO[bytes], size: int) -> bytes:
    """All of the stream. Raises TooLarge where it holds more than the `size` that was promised."""
    content = stream.read(size + 1)
    if len(content) > size:
        raise TooLarge
    return content


def weight_of(xml: bytes) -> int:
    """About how many bytes the part takes as a tree, told from its text."""
    elements = xml.count(b"<") - xml.count(b"</")
    return len(xml) + _ELEMENT * elements + _ATTRIBUTE * xml.count(b"=")


class Stretch:
    """What has been read of a part since the last element that was looked for; the rest of it stays in memory."""

    def __init__(self) -> None:
        self._bytes = self._tags = 0

    def add(self, chunk: bytes) -> None:
        """Raises TooLarge."""
        self._bytes += len(chunk)
        self._tags += chunk.count(b"<")
        if self._bytes > _LONGEST_STRETCH or self._tags > _MOST_TAGS_IN_STRETCH:
            raise TooLarge

    def restart(self) -> None:
        self._bytes = self._tags = 0


MOST_ROWS = 700_000
"""Of all worksheets together, as they stand in the file."""


class Room:
    """How much the values of the cells may still take, and how many rows may still come."""

    def __init__(self, size: int = MOST_VALUES, rows: int = MOST_ROWS) -> None:
        self.left = size
        """Bytes."""
        self._rows = rows

    def take_row(self) -> None:
        """Raises TooLarge."""
        self._rows -= 1
        if self._rows < 0:
            raise TooLarge

    def take(self, size: int) -> None:
        """Raises TooLarge."""
        self.left -= size
        if self.left < 0:
            raise TooLarge
