"""Whether what stands in a config tab counts, in one line below its title: since when it is in force, or what is wrong.

The line stands above the explanation that `init` writes there, in the same cell, wherever columns that people insert
have moved it; an admin who wrote something else into that cell keeps it, and is told by the marks alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from automation.base.messages import text
from automation.core.admin.planned_tabs import table_in
from automation.core.config import tabs
from automation.core.config.identity import STATE_LINE
from automation.core.config.whose_tabs import bot_tabs
from automation.core.model.problems import Problem
from automation.core.model.workbook import Anchor, Cell, CellChange, Row, Snapshot, Tab, cell_name
from automation.core.reading.tables import FoundTable
from automation.core.text.moments import MOMENT
from automation.core.text.vietnamese import quoted_list


class ConfigState(Struct, frozen=True):
    """Which configuration is in force."""

    fresh: bool
    """What stands in the tabs; False: the last one that was in order."""
    since: datetime | None = None
    """Since when, as clocks there show it; None where there is none."""


def state_changes(snapshot: Snapshot, problems: Iterable[Problem], state: ConfigState) -> Iterator[CellChange | Anchor]:
    """What has to change so that each config tab says whether it counts. `problems`: those of what stands there."""
    found = [problem for problem in problems if problem.place is not None]
    present = bot_tabs(snapshot)
    for title in tabs.CONFIG_TABS:
        tab = present.get(title)
        if tab:
            yield from _changes(tab, f"{_line(title, found, state)}\n{_explanation(title)}", title)


def _changes(tab: Tab, wanted: str, title: str) -> Iterator[CellChange | Anchor]:
    """Of several such lines, which somebody copied, the last one is where `init` or an admin has put it. What a write
    under which columns had moved left beside it goes.
    """
    row = explanation_row(title, tab.rows, table_in(title, tab.rows))
    if row is None:
        return
    ours = [column for column, cell in enumerate(tab.rows[row - 1], start=1) if is_explanation(title, cell)]
    lines = dict.fromkeys(ours) | {ours[-1]: wanted}
    differing = ((column, line) for column, line in lines.items() if tab.cell(row, column) != line)
    changes = [CellChange(tab.key, row, column, line, STATE_LINE) for column, line in differing]
    if changes and not tab.is_anchored(STATE_LINE, row):
        yield Anchor(tab.key, STATE_LINE, row)
    else:
        yield from changes


def _explanation(title: str) -> str:
    return text(f"look.explanation.{title}")


def explanation_row(title: str, rows: Sequence[Row], table: FoundTable | None) -> int | None:
    """The row of the explanation above the headers, with or without a state before it; None where there is none."""
    above = enumerate(rows[: table.header_row - 1 if table else 0], start=1)
    found = [number for number, row in above if any(is_explanation(title, cell) for cell in row)]
    return found[-1] if found else None


def is_explanation(title: str, cell: Cell) -> bool:
    """Whether a cell holds what `init` explains above a config tab, with or without a state before it."""
    if title not in tabs.CONFIG_TABS or not isinstance(cell, str):
        return False
    state, _, rest = cell.rpartition("\n")
    return rest == _explanation(title) and (not state or state.startswith(text("config_marks.state.mark")))


def _line(title: str, problems: Sequence[Problem], state: ConfigState) -> str:
    own = [problem for problem in problems if problem.place and problem.place.tab == title]
    since = f"{state.since:{MOMENT}}" if state.since else ""
    if state.fresh:
        told, key = _told("remarks", own) if own else "", "in_force"
    else:
        told, key = _told("errors", own) if own else _elsewhere(problems), "refused" if since else "none"
    return text(f"config_marks.state.{key}", mark=text("config_marks.state.mark"), told=told, since=since)


def _told(key: str, own: Sequence[Problem]) -> str:
    return text(f"config_marks.state.{key}", count=len(own), first=_where(own[0]))


def _elsewhere(problems: Sequence[Problem]) -> str:
    titles = dict.fromkeys(problem.place.tab for problem in problems if problem.place)
    return text("config_marks.state.elsewhere", count=len(problems), tabs=quoted_list(titles))


def _where(problem: Problem) -> str:
    place = problem.place
    if place is None or place.row is None:
        return text("config_marks.state.headers")
    if place.column is None:
        return text("config_marks.state.row", row=place.row)
    return text("config_marks.state.cell", cell=cell_name(place.row, place.column))
