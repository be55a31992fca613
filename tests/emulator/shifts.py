"""How positions change when rows or columns are inserted, deleted or moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct

from tests.emulator.refusals import Json

FAR = 1 << 40
"""Stands for the end of what is unbounded."""


class Shift(Protocol):
    """What moves rows or columns."""

    def index(self, index: int) -> int | None:
        """Where one row or column goes; None where it is gone."""
        ...

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """What becomes of a range; None where nothing is left of it."""
        ...


class Inserted(Struct, frozen=True):
    at: int
    count: int

    def index(self, index: int) -> int | None:
        return index + self.count if index >= self.at else index

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """A range grows only where the new ones come strictly inside."""
        return start + self.count * (start >= self.at), end + self.count * (end > self.at)


class Deleted(Struct, frozen=True):
    start: int
    end: int

    def index(self, index: int) -> int | None:
        if index < self.start:
            return index
        return None if index < self.end else index - (self.end - self.start)

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        left = min(start, self.start) if start < self.end else start - (self.end - self.start)
        right = min(end, self.start) if end <= self.end else end - (self.end - self.start)
        return (left, right) if left < right else None


class Moved(Struct, frozen=True):
    """`to` is counted before the removal (M)."""

    start: int
    end: int
    to: int

    def index(self, index: int) -> int | None:
        count = self.end - self.start
        if self.start <= index < self.end:
            return index + (self.to - self.end if self.to > self.end else self.to - self.start)
        if self.end <= index < self.to:
            return index - count
        return index + count if self.to <= index < self.start else index

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """A range around the whole move stays; one inside what moves goes along; else what moves leaves it (I)."""
        low, high = min(self.start, self.to), max(self.end, self.to)
        if (start <= low and end >= high) or end <= low or start >= high:
            return start, end
        if self.start <= start and end <= self.end:
            first = self.index(start)
            assert first is not None
            return first, first + end - start
        staying = [index for index in range(start, min(end, high)) if not self.start <= index < self.end]
        if not staying:
            return start, end
        places = [place for place in map(self.index, staying) if place is not None]
        return min(places), max(places) + 1 + max(0, end - high)


class Permuted(Struct, frozen=True):
    """Rows that were sorted: `places[i]` is where row `start + i` goes."""

    start: int
    places: tuple[int, ...]

    def index(self, index: int) -> int | None:
        inside = 0 <= index - self.start < len(self.places)
        return self.places[index - self.start] if inside else index

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Ranges do not follow a sort (R)."""
        return start, end


SIDES = {"ROWS": ("startRowIndex", "endRowIndex"), "COLUMNS": ("startColumnIndex", "endColumnIndex")}


def shifted_range(area: Json, sheet_id: int, dimension: str, shift: Shift) -> Json | None:
    """A GridRange after the shift; None where nothing is left of it."""
    if area.get("sheetId", 0) != sheet_id:
        return area
    first, last = SIDES[dimension]
    if first not in area and last not in area:
        return area
    span = shift.span(area.get(first, 0), area.get(last, FAR))
    if span is None:
        return None
    changed = {**area, first: span[0]}
    if last in area:
        changed[last] = span[1]
    return changed


def shifted_sources(value: Any, moved: Callable[[Json], Json | None]) -> Any:
    """A chart's description with every source range shifted; one whose cells are gone is left out (M)."""
    if isinstance(value, list):
        return [shifted_sources(each, moved) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {}
    for name, each in value.items():
        if name == "sources":
            changed[name] = [left for left in map(moved, each) if left is not None]
        else:
            changed[name] = shifted_sources(each, moved)
    return changed
