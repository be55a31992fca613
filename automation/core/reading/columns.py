"""Where the columns go that a table lacks: no header and no cell of people gives way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from automation.core.model.workbook import Cell, Row
from automation.core.reading.cells import is_blank
from automation.core.reading.suggestions import nearest
from automation.core.reading.tables import FoundTable

_STEP = 100


class Placed(Struct, frozen=True):
    """Where each wanted column stands, those included that have to be added."""

    columns: Mapping[str, int]
    """Column by code; a wanted code is missing here where its header seems to have been renamed."""
    added: tuple[str, ...]
    """Codes whose headers have to be written."""


def place_columns(
    rows: Sequence[Row],
    table: FoundTable,
    wanted: Mapping[str, str],
    never_renamed: Collection[str] = (),
    known: Collection[str] = (),
    covered: Collection[int] = (),
    lost: Collection[str] = (),
) -> Placed:
    """Find a place for every header of `wanted` (code -> header, in order) that `table` lacks.

    A header that was emptied between its two neighbours comes back where it stood; the others go to the right of
    all content. Where a foreign header resembles a missing one it was probably renamed: an empty second column
    would hide that, so none is added, except for the codes of `never_renamed`. `known`: folded names of columns that
    are ours and not wanted; they stand for themselves. `covered`: columns whose header is under a merged cell.
    `lost`: codes that stand somewhere by another name, however unlike: they come back where theirs was emptied alone.
    """
    columns = {code: table.columns[code] for code in wanted if code in table.columns}
    foreign = table.foreign(known)
    missing = [
        code
        for code, header in wanted.items()
        if code not in columns and (code in never_renamed or not seems_renamed(header, foreign))
    ]
    for code in missing:
        gap = _emptied_header(list(wanted), code, columns, rows[table.top - 1 : table.header_row])
        if gap and gap not in covered:
            columns[code] = gap
    missing = [code for code in missing if code in columns or code not in lost]
    homeless = [code for code in missing if code not in columns]
    start = free_columns(rows, max((last_header(table), *covered)), len(homeless))
    columns |= {code: start + number for number, code in enumerate(homeless)}
    return Placed(columns, tuple(missing))


def seems_renamed(header: str, foreign: Collection[str]) -> bool:
    """Whether one of the unknown headers may be that one by another name, so that no second column is added."""
    return nearest(header, foreign) is not None


def _emptied_header(order: Sequence[str], code: str, columns: Mapping[str, int], headers: Sequence[Row]) -> int | None:
    """The column without a header between the two columns that belong left and right of `code`."""
    place = order.index(code)
    if not 0 < place < len(order) - 1:
        return None
    left, right = columns.get(order[place - 1]), columns.get(order[place + 1])
    if left is None or right != left + 2:
        return None
    return left + 1 if all(is_blank(cell_of(line, left + 1)) for line in headers) else None


def last_header(table: FoundTable) -> int:
    """The rightmost column that carries a header, known or not."""
    return max(
        (*table.columns.values(), *(column for _, column in table.repeated), *(column for column, _ in table.unknown))
    )


def free_columns(rows: Sequence[Row], after: int, count: int) -> int:
    """The first of `count` neighbouring columns, all to the right of `after`, that hold nothing in any row."""
    taken = {column for row in rows for column, cell in enumerate(row[after:], start=after + 1) if not is_blank(cell)}
    start = after + 1
    while any(column in taken for column in range(start, start + count)):
        start += 1
    return start


def cell_of(row: Row, column: int) -> Cell:
    """The cell in `column` (from 1); None beyond the end of the row."""
    return row[column - 1] if column <= len(row) else None


def rows_with_room(used: int, spare: int) -> int:
    """How many rows below the headers get formats: `used` and at least `spare` more, in steps, so that a few more
    people change nothing.
    """
    return -(-(used + spare) // _STEP) * _STEP
