"""Tab `Tổng hợp`: what opens the tab of each ranked unit. The order of the ranking changes with the rates, so the cycle
puts into a hidden column what the line of each unit opens; formulas that `init` draws beside it make links of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.whose_tabs import bot_tab
from automation.core.figures.overall import ranking_of
from automation.core.judging.judged import Judged
from automation.core.model.problems import Problem
from automation.core.model.workbook import Cell, OwnFormula, Snapshot, Tab
from automation.core.reading.shown import shown
from automation.core.text.vietnamese import quoted_list
from automation.core.writing.dashboard_lines import HEAD_LINES, MOST_ON_TOP, OPEN_COLUMN, TARGET_COLUMN
from automation.core.writing.formulas import quoted, reference

AddressOf: TypeAlias = Callable[[str, str], str]
"""What opens those cells (A1) of the tab of that key in a browser; "" where nothing does (`Workbook.link`)."""

_ROOM_CELL = (1, TARGET_COLUMN)
"""Down to which line there are formulas."""
_OPENED_CELL = (2, TARGET_COLUMN)
"""The titles of the tabs that links open which `init` drew: in a file these don't follow a tab that is renamed."""
_LONGEST_CELL = 32_767
_MOST_NAMED = 5


def link_cells(present: Tab | None, last_row: int, opened: Iterable[str] = ()) -> Iterator[tuple[int, int, Cell]]:
    """What the tab needs for links down to that line: row, column, value. Formulas that are there stay: one that shows
    nothing can't be told from a blank cell. Those further down go: paper shows blank pages for them. `opened`: the
    titles of the tabs to which links lead, here and elsewhere.
    """
    room = room_for_links(present) if present else 0
    yield (*_ROOM_CELL, last_row)
    titles = "\n".join(dict.fromkeys(opened))
    yield (*_OPENED_CELL, titles if 0 < len(titles) <= _LONGEST_CELL else None)
    for row in range(max(room, HEAD_LINES) + 1, last_row + 1):
        target = reference(TARGET_COLUMN, row)
        link = f"HYPERLINK({target};{quoted(text('dashboard.open'))})"
        yield row, OPEN_COLUMN, OwnFormula(f'=IF(LEN({target})=0;"";{link})')
    for row in range(last_row + 1, room + 1):
        yield row, OPEN_COLUMN, None


def room_for_links(tab: Tab) -> int:
    """The last line for which `init` has made any; 0 in a tab of before."""
    room = tab.cell(*_ROOM_CELL)
    return int(room) if isinstance(room, (int, float)) else 0


def dead_links(snapshot: Snapshot) -> Iterator[Problem]:
    """What is told where links of a file lead to titles that no tab bears any more, until `init` draws them anew. At
    Google they lead to the tab itself.
    """
    tab = bot_tab(snapshot, tabs.DASHBOARD)
    if tab is None or tab.anchors is not None:
        return
    titles = str(tab.cell(*_OPENED_CELL) or "").splitlines()
    if gone := [shown(title) for title in titles if snapshot.titled(title) is None]:
        named = quoted_list(gone[:_MOST_NAMED])
        listed = (
            text("dashboard.dead_links.more", tabs=named, count=len(gone) - _MOST_NAMED)
            if len(gone) > _MOST_NAMED
            else named
        )
        where, fix = text("units.where_tab", tab=shown(tab.title)), text("dashboard.dead_links.fix")
        yield Problem(where, text("dashboard.dead_links.what", tabs=listed), fix, needs_person=False)


def with_targets(rows: Sequence[list[Cell]], judged: Judged, address_of: AddressOf, tab: Tab) -> list[list[Cell]]:
    """The lines of the tab, each that shows a ranked unit with what opens its tab. `tab`: as it stands."""
    titles = [row[0] if row else None for row in rows]
    targets, ranked = _targets(judged, address_of), ranking_of(judged.standings)
    opened: dict[int, Cell] = {row: tab.cell(row, column) for row, column in (_ROOM_CELL, _OPENED_CELL)}
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
