"""What an overtaken write left behind, and what has to be put back.

A write goes to positions. Where people moved rows or columns after our read, it hits other cells than it was meant
for: results of other people, a header, even what somebody typed. Which cells these were can be told afterwards, by
tracing every line of the tab from what was read to what stands there now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from automation.core.model.workbook import Cell, CellChange, Snapshot, Tab
from automation.core.reading.comparing import same
from automation.core.writing.tracing import Rows, Spot, cell_at, trace

Cells = Mapping[Spot, Cell]


def misplaced(before: Rows, owed: Cells, written: Cells, after: Rows, suspects: Collection[Spot]) -> dict[Spot, Cell]:
    """The cells of `after` to put right, and what belongs there.

    `before` was read; `owed` of its cells were to be put right already. `written` was sent to positions of `before`,
    and `suspects` are the cells of `after` that may hold it.
    """
    traced = trace(_with_room_for(written, before), after, suspects)
    repairs: dict[Spot, Cell] = {}
    for spot in suspects:
        origin = traced.origin(spot)
        if origin == spot and spot in written:
            continue  # where it was meant to go: what differs there was typed since, or nothing stays there
        wanted = None if origin is None else _expected(origin, before, owed, written)
        if cell_at(after, spot) != wanted:
            repairs[spot] = wanted
    for origin, spot in traced.destinations(owed):
        still_wrong = cell_at(after, spot) == cell_at(before, origin)
        if still_wrong and (spot not in suspects or spot == origin):
            repairs[spot] = owed[origin]
    return repairs


def _with_room_for(written: Cells, before: Rows) -> Rows:
    """The same rows, with the blank ones and the blank cells that were written to."""
    last = max([*before, *(row for row, _ in written)], default=0)
    width = max((column for _, column in written), default=0)
    return {
        number: (*before.get(number, ()), *[None] * (width - len(before.get(number, ()))))
        for number in range(1, last + 1)
    }


def _expected(origin: Spot, before: Rows, owed: Cells, written: Cells) -> Cell:
    if origin in written:
        return written[origin]
    return owed[origin] if origin in owed else cell_at(before, origin)


def possibly_written(written: Cells, before: Rows, after: Rows) -> set[Spot]:
    """Where a write of which no answer came may have left its mark.

    Where all of it stands, there; where none of its values is in the tab more often than before, nowhere; else
    wherever its values are, in its columns.
    """
    if all(cell_at(after, spot) == value for spot, value in written.items()):
        return set(written)
    told = set(written.values()) - {None}
    if told and not _has_more_of(told, before, after):
        return set()
    values: dict[int, set[Cell]] = {}
    for (_, column), value in written.items():
        values.setdefault(column, set()).add(value)
    marks = {(number, column) for number in after for column in values}
    return {
        spot
        for spot in marks
        if (cell := cell_at(after, spot)) in values[spot[1]] and (cell is not None or spot in written)
    }


def _has_more_of(values: Collection[Cell], before: Rows, after: Rows) -> bool:
    then, now = (Counter(cell for row in rows.values() for cell in row if cell in values) for rows in (before, after))
    return any(now[value] > then[value] for value in values)


def rows_of(tab: Tab) -> Rows:
    """All rows of a tab by their number."""
    return dict(enumerate(tab.rows, start=1))


def in_tab(changes: Iterable[CellChange], tab: str) -> dict[Spot, Cell]:
    """The changes of one tab by place; of several for one cell the last."""
    return {(change.row, change.column): change.value for change in changes if change.tab == tab}


def with_changes(tab: Tab, changes: Cells) -> Tab:
    """The tab as it is with those cells changed; blank cells at the end of rows and blank rows at the end dropped."""
    rows = [list(row) for row in tab.rows]
    for (row, column), value in changes.items():
        rows.extend([] for _ in range(row - len(rows)))
        cells = rows[row - 1]
        cells.extend([None] * (column - len(cells)))
        cells[column - 1] = value
    for row in {row for row, _ in changes}:
        cells = rows[row - 1]
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
    while rows and not rows[-1]:
        rows.pop()
    return replace(tab, rows=tuple(map(tuple, rows)))


def as_people_have_it(snapshot: Snapshot, repairs: Sequence[CellChange]) -> Snapshot:
    """The snapshot without what an overtaken write left in it."""
    if not repairs:
        return snapshot
    touched = {change.tab for change in repairs}
    tabs = tuple(with_changes(tab, in_tab(repairs, tab.key)) if tab.key in touched else tab for tab in snapshot.tabs)
    return replace(snapshot, tabs=tabs, repairs=tuple(repairs))


def with_repairs(changes: Sequence[CellChange], repairs: Sequence[CellChange]) -> tuple[CellChange, ...]:
    """What has to be written: the repairs, and the changes on top of them."""
    cells = {(change.tab, change.row, change.column): change for change in (*repairs, *changes)}
    return tuple(cells.values()) if repairs else tuple(changes)


def standing(changes: Sequence[CellChange], snapshot: Snapshot) -> int:
    """How many of the changes stand where they were meant to."""
    tabs = {tab.key: tab for tab in snapshot.all_tabs()}
    return sum(c.tab in tabs and same(tabs[c.tab].cell(c.row, c.column), c.value) for c in changes)
