"""Finds tables in tabs as people leave them: the header row by its known names, in any order and spelling."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from itertools import islice, zip_longest

from msgspec import Struct, field
from msgspec.structs import replace

from automation.core.model.workbook import Cell, Row
from automation.core.reading.cells import LONGEST_LOOKED_AT, as_text, fold, is_blank

HEADER_SEARCH_ROWS = 20
"""Title rows and merged cells stand above the headers; further down there are people."""


class How(Enum):
    """How several columns make one value."""

    JOINED = "their texts, one behind the other"
    FIRST = "the first that holds something"
    MARKED = "the name of the column that is marked"
    DATED = "day, month and year, in that order"


class Source(Struct, frozen=True):
    """A column that holds a part of a value, and what it stands for."""

    column: int
    label: str = ""


class Composed(Struct, frozen=True):
    """A value that stands in several columns."""

    how: How
    sources: tuple[Source, ...]


class FoundTable(Struct, frozen=True):
    """Where a table stands. Rows and columns count from 1."""

    header_row: int
    columns: Mapping[str, int]
    """Column by the code of its name; the first one where a header stands twice."""
    repeated: tuple[tuple[str, int], ...]
    """(code, column) of every further column with a known header."""
    unknown: tuple[tuple[int, str], ...]
    """(column, text) of the headers that are not ours; those columns are left alone."""
    composed: Mapping[str, Composed] = field(default_factory=dict)
    """By code, what stands in several columns; `columns` has the first of them."""
    first_row: int = 0
    """The first line of headers on several lines; 0 where `header_row`, the last, is the only one."""

    @property
    def top(self) -> int:
        """The first line of the headers."""
        return self.first_row or self.header_row

    def headed(self, code: str) -> list[int]:
        """Every column that bears the header, the one that counts first."""
        first = self.columns.get(code)
        return [column for column in (first, *(c for other, c in self.repeated if other == code)) if column]

    def by_identity(self, known: Mapping[str, int]) -> FoundTable:
        """The same where of several columns with one header the one counts that is `known`, by code, to be ours."""
        headed = set(self.repeated)
        ours = {code: column for code, column in known.items() if (code, column) in headed}
        if not ours:
            return self
        first = [(code, self.columns[code]) for code in ours]
        others = [each for each in (*first, *self.repeated) if each not in ours.items()]
        columns = {**self.columns, **ours}
        return replace(self, columns=columns, repeated=tuple(sorted(others, key=lambda each: each[1])))

    def columns_of(self, code: str) -> tuple[int, ...]:
        """Every column that what stands under the code is made of."""
        return columns_of(self.composed, self.columns, code)

    def foreign(self, known: Collection[str]) -> list[str]:
        """The unknown headers that go by none of these folded names either."""
        return [typed for _, typed in self.unknown if not any(key in known for key in header_keys(typed))]

    def cell(self, row: Row, code: str) -> Cell:
        """The cell of column `code` in `row`; None where the column or the cell is missing."""
        column = self.columns.get(code)
        return row[column - 1] if column is not None and column <= len(row) else None


def columns_of(composed: Mapping[str, Composed], columns: Mapping[str, int], code: str) -> tuple[int, ...]:
    """Every column that what stands under the code is made of."""
    return tuple(source.column for source in composed[code].sources) if code in composed else (columns[code],)


_DECORATION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[*:]+|^\s*\(?\d+\s*[.)]\s*")


@lru_cache(maxsize=1 << 11)
def header_keys(typed: str) -> tuple[str, ...]:
    """The folded text of a header, and the same without (remarks), asterisks, colons and numbering."""
    plain = fold(_DECORATION.sub(" ", typed))
    full = fold(typed)
    return (full,) if plain in (full, "") else (full, plain)


def _known_code(cell: Cell, names: Mapping[str, str]) -> str | None:
    if isinstance(cell, str) and len(cell) > LONGEST_LOOKED_AT:
        return None  # no header, and too long to be taken apart at each look for one
    for key in header_keys(as_text(cell)):
        if key in names:
            return names[key]
    return None


def find_table(
    rows: Sequence[Row], names: Mapping[str, str], at_least: int, besides: Mapping[str, str] | None = None
) -> FoundTable | None:
    """The table whose header row carries the most known names, or None if no row has `at_least` of them.

    `names`: folded name -> code, several names a code. `besides`: names that are known too but make no line a header
    row. Looks at the first 20 rows.
    """
    best: tuple[int, int] | None = None
    for number, row in enumerate(rows[:HEADER_SEARCH_ROWS], start=1):
        known = len({code for cell in row if cell is not None and (code := _known_code(cell, names))})
        if known >= at_least and (best is None or known > best[1]):
            best = (number, known)
    return _table_at(best[0], rows[best[0] - 1], {**names, **(besides or {})}) if best else None


def _table_at(header_row: int, headers: Row, names: Mapping[str, str]) -> FoundTable:
    columns: dict[str, int] = {}
    repeated: list[tuple[str, int]] = []
    unknown: list[tuple[int, str]] = []
    for column, cell in enumerate(headers, start=1):
        if is_blank(cell):
            continue
        code = _known_code(cell, names)
        if code is None:
            unknown.append((column, as_text(cell)))
        elif code in columns:
            repeated.append((code, column))
        else:
            columns[code] = column
    return FoundTable(header_row, columns, tuple(repeated), tuple(unknown))


def body(rows: Sequence[Row], table: FoundTable) -> Iterator[tuple[int, Row]]:
    """(row number, row) of everything below the headers, blank rows left out."""
    for number, row in enumerate(rows[table.header_row :], start=table.header_row + 1):
        if any(cell is not None and not is_blank(cell) for cell in row):
            yield number, row


def by_column(rows: Sequence[Row], columns: Collection[int]) -> Mapping[int, Sequence[Cell]]:
    """Row by row, the cells of some columns (from 1); None beyond the end of a row."""
    transposed = zip if len(set(map(len, rows))) == 1 else zip_longest  # which takes twice the time
    cells = islice(transposed(*rows), max(columns, default=0))
    nothing: Sequence[Cell] = (None,) * len(rows)
    found = {number: column for number, column in enumerate(cells, start=1) if number in columns}
    return {number: found.get(number, nothing) for number in columns}


def one_column(rows: Sequence[Row], column: int) -> Sequence[Cell]:
    """Row by row, the cells of a column (from 1); None beyond the end of a row."""
    place = column - 1
    return tuple([row[place] if place < len(row) else None for row in rows])
