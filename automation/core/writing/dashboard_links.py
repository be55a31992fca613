"""Tab `Tổng hợp`: what opens the tab of each ranked unit. The order of the ranking changes with the rates, so the cycle
puts into a hidden column what the line of each unit opens; formulas that `init` draws beside it make links of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from automation.base.messages import text
from automation.core.figures.overall import ranking_of
from automation.core.judging.judged import Judged
from automation.core.model.workbook import Cell, OwnFormula, Tab
from automation.core.writing.dashboard_lines import HEAD_LINES, MOST_ON_TOP, OPEN_COLUMN, TARGET_COLUMN
from automation.core.writing.formulas import quoted, reference

AddressOf: TypeAlias = Callable[[str, str], str]
"""What opens those cells (A1) of the tab of that key in a browser; "" where nothing does (`Workbook.link`)."""

_ROOM_CELL = (1, TARGET_COLUMN)
"""Down to which line there are formulas."""


def link_cells(present: Tab | None, last_row: int) -> Iterator[tuple[int, int, Cell]]:
    """What the tab needs for links down to that line: row, column, value. Formulas that are there stay: one that shows
    nothing can't be told from a blank cell.
    """
    room = room_for_links(present) if present else 0
    yield (*_ROOM_CELL, max(room, last_row))
    for row in range(max(room, HEAD_LINES) + 1, last_row + 1):
        target = reference(TARGET_COLUMN, row)
        link = f"HYPERLINK({target};{quoted(text('dashboard.open'))})"
        yield row, OPEN_COLUMN, OwnFormula(f'=IF(LEN({target})=0;"";{link})')


def room_for_links(tab: Tab) -> int:
    """The last line for which `init` has made any; 0 in a tab of before."""
    room = tab.cell(*_ROOM_CELL)
    return int(room) if isinstance(room, (int, float)) else 0


def with_targets(rows: Sequence[list[Cell]], judged: Judged, address_of: AddressOf, room: int) -> list[list[Cell]]:
    """The lines of the tab, each that shows a ranked unit with what opens its tab. `room`: see `room_for_links`."""
    titles = [row[0] if row else None for row in rows]
    targets, ranked = _targets(judged, address_of), ranking_of(judged.standings)
    opened: dict[int, Cell] = {1: room}
    shown = ((HEAD_LINES, ranked[:MOST_ON_TOP]), (titles.index(text("dashboard.ranking")), ranked))
    for above, places in shown:
        for row, place in enumerate(places, start=above + 2):
            opened[row] = targets.get(place.standing.code)
    return [_with_target(row, opened.get(number)) for number, row in enumerate(rows, start=1)]


def _with_target(row: list[Cell], target: Cell) -> list[Cell]:
    if not target:
        return row
    before = [*row[: TARGET_COLUMN - 1], *[None] * (TARGET_COLUMN - 1 - len(row))]
    return [*before, target, *row[TARGET_COLUMN:]]


def _targets(judged: Judged, address_of: AddressOf) -> dict[str, str]:
    """By code, what opens the tab of each unit that could be read: an address, else a place in the same file."""
    tabs = {table.unit: table.tab for table in judged.tables}
    return {code: address_of(tab.key, "A1") or _place_in_file(tab) for code, tab in tabs.items()}


def _place_in_file(tab: Tab) -> str:
    return "#'" + tab.title.replace("'", "''") + "'!A1"
