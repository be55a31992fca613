"""What goes out of the workbook when personal data is removed from it: the lists of units, and tabs that hold copies of
them. Headers, and what is said of a unit as a whole, stay.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config.computed import COMPUTED
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tabs, is_copy
from automation.core.judging.lists.emptied import emptied_line, is_emptied_line
from automation.core.judging.lists.unit_table import UnitTable, find_unit_table, people_above, unused_names
from automation.core.judging.locating import Located, locate
from automation.core.model.problems import Problem
from automation.core.model.workbook import Cell, CellChange, Row, Snapshot, Tab
from automation.core.reading.cells import as_text, is_blank
from automation.core.reading.comparing import same
from automation.core.reading.tables import header_keys
from automation.core.records.purging import ListToEmpty, Scope

_TOLD = 16
"""Hexadecimal digits by which a line is known."""


class ToEmpty(Struct, frozen=True):
    """What of a workbook goes, and what stays though something may stand there."""

    lists: tuple[ListToEmpty, ...]
    others: tuple[str, ...]
    """Titles of the tabs that are nobody's."""
    unreadable: tuple[Problem, ...] = ()
    """Of the units whose list is not found."""
    unread: tuple[str, ...] = ()
    """Where those stand of them in whose tab something stands: it is left."""


NOTHING_TO_EMPTY = ToEmpty((), ())


class Emptying(Struct, frozen=True):
    """What of one list is still to be written."""

    cells: tuple[CellChange, ...]
    lines: int
    """How many it empties."""
    strange: tuple[int, ...]
    """The lines in which something stands that nobody had seen when the removal began."""


def to_empty(snapshot: Snapshot, config: Config, scope: Scope) -> ToEmpty:
    """What goes of the workbook as it stands."""
    located = locate(snapshot, config)
    tables = [each for each in located.tables if scope.unit in ("", each.unit)]
    lists = [each for table in tables if (each := _list_of(table, config, scope))]
    copies = [each for tab in snapshot.all_tabs() if is_copy(tab) and (each := _copy(tab, config, scope))]
    unreadable = [each for each in located.unreadable if scope.unit in ("", each.unit.code) and not each.emptied]
    others = tuple(_others(snapshot, located))
    filled = tuple(each for each in (*lists, *copies) if each.lines)
    unread = tuple(each.problem.where for each in unreadable if each.tab and _has_something(each.tab))
    return ToEmpty(filled, others, tuple(each.problem for each in unreadable), unread)


def _has_something(tab: Tab) -> bool:
    return any(not is_blank(cell) for row in tab.rows for cell in row)


def _others(snapshot: Snapshot, located: Located) -> Iterator[str]:
    known = {tab.key for tab in bot_tabs(snapshot).values()} | {table.tab.key for table in located.tables}
    known |= {each.tab.key for each in located.unreadable if each.tab} | set(located.emptied)
    yield from (tab.title for tab in snapshot.all_tabs() if tab.key not in known and not is_copy(tab))


def _list_of(table: UnitTable, config: Config, scope: Scope) -> ListToEmpty | None:
    columns = tuple(_columns_of(scope.field, table, config)) if scope.field else ()
    if scope.field and not columns:
        return None
    ours = tuple(sorted(table.table.columns[code] for code in COMPUTED if code in table.table.columns))
    above = () if scope.field else people_above(table, config)
    row = table.table.header_row
    return _with_lines(
        ListToEmpty(table.tab.key, row + 1, _in_any_order(table.row(row)), above, columns, ours), table.tab
    )


def _columns_of(code: str, table: UnitTable, config: Config) -> Iterator[int]:
    """Those of a field that is switched off: they go by its names all the same."""
    names = unused_names(config)
    for column, typed in table.table.unknown:
        if any(names.get(key) == code for key in header_keys(typed)):
            yield column


def _copy(tab: Tab, config: Config, scope: Scope) -> ListToEmpty | None:
    """A tab into which a copy was written; of a field what is found under its header, of a unit what says so."""
    if scope.field:
        table = find_unit_table("", tab, config)
        return _list_of(table, config, scope) if table else None
    unit = next((each for each in config.units if each.code == scope.unit), None)
    start, _, _ = text("restoring.tab_title", moment="\0").partition("\0")
    title, found, _ = tab.title.rpartition(start)
    if unit and not (found and title and unit.tab_title.startswith(title)):
        return None
    return _with_lines(ListToEmpty(tab.key, 1, is_copy=True), tab)


def _with_lines(of: ListToEmpty, tab: Tab) -> ListToEmpty:
    return replace(of, lines=frozenset(_digest(row, of, tab) for _, row in _filled(of, tab)))


def lines_in(of: ListToEmpty, tab: Tab) -> int:
    """How many lines of the list something stands in that is to go."""
    return sum(1 for _ in _filled(of, tab))


def emptying(of: ListToEmpty, tab: Tab, said: str) -> Emptying:
    """What empties the list as it stands now, line by line. `said`: what is to be said in its place."""
    cells: list[CellChange] = []
    strange: list[int] = []
    lines, known_as = 0, _columns_now(of, tab)
    for number, row in _filled(of, tab):
        if _digest(row, of, tab) not in of.lines:
            strange.append(number)
            continue
        lines += 1
        cells += (
            CellChange(of.key, number, column, None, anchor_of(known_as.get(column, column)))
            for column, cell in _in_scope(of, row, tab)
            if not _says_nothing(cell)
        )
    line, first = emptied_line(said), _first(of, tab)
    if not (of.is_copy or of.columns or strange) and as_text(tab.cell(first, 1)) != line:
        cells = [each for each in cells if (each.row, each.column) != (first, 1)]
        cells.append(CellChange(of.key, first, 1, line, anchor_of(1)))
    return Emptying(tuple(cells), lines, tuple(strange))


def anchor_of(column: int) -> str:
    """The code by which a column is known while it is emptied."""
    return f"xoa-{column}"


def brought_back(of: ListToEmpty, before: Tab, after: Tab) -> list[CellChange]:
    """What brings back lines above the list that went with it, as people moved lines while it was written: each into
    the line that still says most of it, and nothing else.
    """
    there = [_said_in(row) for row in after.rows]
    above = ((number, row) for number, row in enumerate(before.rows[: of.first - 1], 1) if number not in of.above)
    lost = [(number, row) for number, row in above if all(_said_in(row) - each for each in there)]
    return [change for number, row in lost for change in _line_again(of.key, number, row, after)]


def _line_again(key: str, number: int, row: Row, after: Tab) -> list[CellChange]:
    anchors = after.anchors or {}
    codes = {anchor_of(column): cell for column, cell in enumerate(row, start=1) if not is_blank(cell)}
    wanted = {code: (anchors.get(code, int(code.rpartition("-")[2])), cell) for code, cell in codes.items()}
    kept: list[tuple[int, int, int]] = []
    for line in range(1, len(after.rows) + 2):
        present = [(after.cell(line, column), cell) for column, cell in wanted.values()]
        if all(_says_nothing(found) or same(found, cell) for found, cell in present):
            kept.append((sum(same(*each) for each in present), -abs(line - number), line))
    line = max(kept, default=(0, 0, 0))[2]
    return [
        CellChange(key, line, column, cell, code)
        for code, (column, cell) in wanted.items()
        if line and not same(after.cell(line, column), cell)
    ]


def _said_in(row: Row) -> Counter[str]:
    return Counter(repr(cell) for cell in row if not _says_nothing(cell))


def _filled(of: ListToEmpty, tab: Tab) -> Iterator[tuple[int, Row]]:
    """(line, cells) of those in which something stands that is to go."""
    first = _first(of, tab)
    for number, row in enumerate(tab.rows, start=1):
        here = number >= first or number in of.above
        if here and not all(_says_nothing(cell) for _, cell in _in_scope(of, row, tab)):
            yield number, row


def _first(of: ListToEmpty, tab: Tab) -> int:
    headed = (number for number, row in enumerate(tab.rows, 1) if of.header and _in_any_order(row) == of.header)
    return next((number + 1 for number in headed), of.first)


def _in_scope(of: ListToEmpty, row: Row, tab: Tab) -> Iterator[tuple[int, Cell]]:
    columns = _columns_now(of, tab)
    return ((column, cell) for column, cell in enumerate(row, start=1) if not of.columns or column in columns)


def _columns_now(of: ListToEmpty, tab: Tab) -> dict[int, int]:
    """Where the columns stand that go, by what people made of them meanwhile, and where they stood."""
    return {(tab.anchors or {}).get(anchor_of(column), column): column for column in of.columns}


def _says_nothing(cell: Cell) -> bool:
    """A box that is not ticked cannot be empty."""
    return cell is False or is_blank(cell) or is_emptied_line(cell)


def _digest(row: Row, of: ListToEmpty, tab: Tab) -> str:
    """Of what people typed in the line, and of what of that goes, wherever columns stand: whoever moves one types
    nothing, and what goes is never another column that stands in its place.
    """
    by_identity = {column for code, column in (tab.anchors or {}).items() if code in COMPUTED}
    ours = by_identity or of.ours
    typed = {column: cell for column, cell in enumerate(row, start=1) if column not in ours}
    going = [typed[column] for column, _ in _in_scope(of, row, tab) if column in typed]
    return _short(_in_any_order(list(typed.values())) + _in_any_order(going))


def _in_any_order(row: Row) -> str:
    return _short("\n".join(sorted(_said_in(row).elements())))


def _short(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:_TOLD]
