"""Brings the workbook up to date while people are editing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from automation.app.deciding import Decide, Decided
from automation.app.stopwatch import Stopwatch
from automation.base.errors import NotShared, TccbError, WorkbookUnavailable
from automation.base.messages import text
from automation.core.admin.in_force import config_in_force
from automation.core.model.ports import Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import CellChange, RefusedTab, Snapshot, WriteOutcome
from automation.core.reading.shown import shown
from automation.core.writing.changes import cleared_results, rows_to_write
from automation.core.writing.overtaking import standing, with_repairs

ATTEMPTS = 5
"""How often a write that people overtook is judged and tried again before the next cycle takes over."""
MOST_ROWS_NAMED = 10
"""In the sentence about rows of a tab."""


@dataclass(frozen=True)
class UpToDate:
    """What the workbook shows, and what it took."""

    decided: Decided
    """By the last look, which the mails go by."""
    people: int = 0
    """Rows of persons whose computed cells were found to change, at the first look that found any."""
    cells: int = 0
    """How many were written."""
    complete: bool = False
    """Whether it shows all that was decided."""
    troubles: tuple[Problem, ...] = ()
    mistakes: tuple[Exception, ...] = ()
    """What nobody foresaw while tabs were written."""


def bring_up_to_date(book: Workbook, decided: Decided, decide: Decide, watch: Stopwatch) -> UpToDate:
    """Write what has to change; where people overtook a write, decide again by what stands there now."""
    people = written = 0
    for _ in range(ATTEMPTS):
        people = people or decided.changes.people
        cells = with_repairs(decided.changes.cells, decided.snapshot.repairs)
        if not cells:
            return UpToDate(decided, people, written, complete=True)
        try:
            with watch("write"):
                outcome = book.write(cells, decided.snapshot)
        except (WorkbookUnavailable, NotShared) as error:
            return UpToDate(decided, people, written, troubles=(_not_written(book, error),))
        if outcome.held:
            return _held(decided, people, written, cells, outcome)
        snapshot = replace(outcome.snapshot, own=outcome.snapshot.own or decided.snapshot.own)
        written += standing(cells, snapshot)
        decided = decide(snapshot, config_in_force(snapshot, decided.in_force.last, decided.in_force.shipped))
    with watch("write"):
        troubles = _leave_to_next_cycle(book, decided, cells)
    return UpToDate(decided, people, written, troubles=tuple(troubles))


def _held(decided: Decided, people: int, written: int, cells: Iterable[CellChange], outcome: WriteOutcome) -> UpToDate:
    refused = {each.key for each in outcome.refused}
    written += sum(cell.tab not in refused for cell in cells)
    mistakes = tuple(each.mistake for each in outcome.refused if each.mistake)
    troubles = tuple(refused_tab(each, text("cycle.not_written_fix")) for each in outcome.refused)
    return UpToDate(decided, people, written, not refused, troubles, mistakes)


def _leave_to_next_cycle(book: Workbook, decided: Decided, tried: Iterable[CellChange]) -> list[Problem]:
    """People were faster every time: no result may stay beside a row that it was not made for.

    Where nothing had moved these are the rows that never settle, such as one with a formula that changes by itself.
    """
    snapshot, judged = decided.snapshot, decided.judged
    touched = {cell.tab for cell in tried}
    cleared = cleared_results(judged, touched) if judged else ()
    unsettled = rows_to_write(judged) if judged else set()
    if not snapshot.repairs:
        cleared = tuple(cell for cell in cleared if (cell.tab, cell.row) in unsettled)
    try:
        book.write(with_repairs(cleared, snapshot.repairs), snapshot)
    except (WorkbookUnavailable, NotShared) as error:
        return [_not_written(book, error)]
    if unsettled and not snapshot.repairs:
        return list(_unsettled(snapshot, unsettled))
    titles = ", ".join(f"“{shown(tab.title)}”" for tab in snapshot.all_tabs() if tab.key in touched)
    what, fix = text("cycle.overtaken", tabs=titles), text("cycle.overtaken_fix")
    return [Problem(where=book.address, what=what, fix=fix, needs_person=False)]


def _not_written(book: Workbook, error: TccbError) -> Problem:
    return Problem(where=book.address, what=str(error), fix=text("cycle.not_written_fix"))


def _unsettled(snapshot: Snapshot, rows: Iterable[tuple[str, int]]) -> Iterator[Problem]:
    """A problem for each tab that has some of the rows (key of the tab, number)."""
    by_tab: dict[str, list[int]] = defaultdict(list)
    for key, row in sorted(rows):
        by_tab[key].append(row)
    for tab in snapshot.all_tabs():
        if numbers := by_tab.get(tab.key):
            named = ", ".join(map(str, numbers[:MOST_ROWS_NAMED])) + ("…" if len(numbers) > MOST_ROWS_NAMED else "")
            where, what = text("units.where_tab", tab=shown(tab.title)), text("cycle.unsettled", rows=named)
            yield Problem(where=where, what=what, fix=text("cycle.unsettled_fix"), needs_person=False)


def refused_tab(tab: RefusedTab, fix: str) -> Problem:
    """What a person is told of a tab that the workbook did not take."""
    return Problem(where=text("units.where_tab", tab=shown(tab.title)), what=tab.why, fix=fix)
