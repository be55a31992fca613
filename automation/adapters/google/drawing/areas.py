"""Rectangles of cells: as Google names them, and as few of them as possible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from automation.core.model.layout import runs

Wanted = TypeVar("Wanted", bound=Hashable)


class Area(Struct, frozen=True, order=True):
    """Cells from `top`, `left` to `bottom`, `right`: counted from 1, all included; None: down or right to the end."""

    top: int
    left: int
    bottom: int | None
    right: int | None

    def covers(self, other: Area) -> bool:
        return (
            self.top <= other.top
            and self.left <= other.left
            and (self.bottom is None or (other.bottom is not None and self.bottom >= other.bottom))
            and (self.right is None or (other.right is not None and self.right >= other.right))
        )

    def meets(self, other: Area) -> bool:
        return (
            (other.bottom is None or self.top <= other.bottom)
            and (self.bottom is None or other.top <= self.bottom)
            and (other.right is None or self.left <= other.right)
            and (self.right is None or other.left <= self.right)
        )

    def reaches(self, wanted: Area) -> bool:
        """Whether it is `wanted`, or that and rows below it: people insert rows, and the area grows with them."""
        same = (self.top, self.left, self.right) == (wanted.top, wanted.left, wanted.right)
        return same and self.covers(wanted)


WHOLE_TAB = Area(1, 1, None, None)


def grid_range(sheet_id: int, area: Area) -> dict[str, int]:
    """The area as Google's GridRange."""
    bounds = {
        "startRowIndex": area.top - 1 or None,
        "endRowIndex": area.bottom,
        "startColumnIndex": area.left - 1 or None,
        "endColumnIndex": area.right,
    }
    return {"sheetId": sheet_id} | {name: bound for name, bound in bounds.items() if bound is not None}


def area_of(grid: Mapping[str, Any]) -> Area:
    """The area that a GridRange of Google's names; an index that is missing leaves that side open."""
    top, left = grid.get("startRowIndex", 0) + 1, grid.get("startColumnIndex", 0) + 1
    return Area(top, left, grid.get("endRowIndex"), grid.get("endColumnIndex"))


def joined(stripes: Iterable[tuple[int, int, int, Wanted]]) -> list[tuple[Area, Wanted]]:
    """Stripes (column, first row, last row, what is wanted there) joined with like neighbours into rectangles."""
    columns: dict[tuple[int, int, Wanted], list[int]] = defaultdict(list)
    for column, first, last, wanted in stripes:
        columns[first, last, wanted].append(column)
    return [
        (Area(first, left, last, right), wanted)
        for (first, last, wanted), places in columns.items()
        for left, right in runs(places)
    ]


def stripes_of(column: int, first_row: int, wanted: Sequence[Wanted | None]) -> Iterator[tuple[int, int, int, Wanted]]:
    """The stripes of one column: `wanted` row by row from `first_row` on, None where nothing is."""
    start = 0
    for end in range(1, len(wanted) + 1):
        if end == len(wanted) or wanted[end] != wanted[start]:
            want = wanted[start]
            if want is not None:
                yield column, first_row + start, first_row + end - 1, want
            start = end


def blocks(cells: Mapping[tuple[int, int], Any]) -> list[tuple[Area, list[list[Any]]]]:
    """Cells by (row, column) as full rectangles: runs of each row, joined with like runs below."""
    by_row: dict[int, list[int]] = defaultdict(list)
    for row, column in cells:
        by_row[row].append(column)
    rows: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, columns in by_row.items():
        for span in runs(columns):
            rows[span].append(row)
    return [
        (
            Area(top, left, bottom, right),
            [[cells[row, column] for column in range(left, right + 1)] for row in range(top, bottom + 1)],
        )
        for (left, right), numbers in rows.items()
        for top, bottom in runs(numbers)
    ]
