"""Brings the workbook up to date while people are editing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from automation.app.clock import Stopwatch
from automation.app.deciding import Decide, Decided
from automation.app.keeping import Kept
from automation.base.errors import NotShared, TccbError, WorkbookUnavailable
from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.whose_tabs import bot_tab
from automation.core.model.ports import Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import Anchor, CellChange, RefusedTab, Snapshot, WriteOutcome
from automation.core.reading.cells import is_blank
from automation.core.reading.comparing import same
from automation.core.reading.shown import shown
from automation.core.text.vietnamese import quoted_list
from automation.core.writing.changes import cleared_results, rows_to_write
from automation.core.writing.journal import JournalLine, read_journal
from automation.core.writing.own_columns import rows_named

ATTEMPTS = 5
"""How often a write that people overtook is judged and tried again before the next cycle takes over."""
TRIES = 2
"""How often a cell that does not show what is written into it is tried."""
EMPTYING = 3
"""How often it is tried to empty what does not settle."""


CellsOf: TypeAlias = Callable[[Snapshot], Sequence[CellChange]]
"""What has to change in a workbook that stands like this."""


class UpToDate(Struct, frozen=True):
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
    written: Snapshot | None = None
    """The workbook as it stands after the last write; None: as it was decided by."""

    @property
    def snapshot(self) -> Snapshot:
        """The workbook as it stands, as far as we know."""
        return self.written or self.decided.snapshot

    def then(self, later: UpToDate) -> UpToDate:
        """What both took, and what the later one shows."""
        return replace(
            later,
            people=self.people or later.people,
            cells=self.cells + later.cells,
            mistakes=(*self.mistakes, *later.mistakes),
        )


def bring_up_to_date(book: Workbook, decided: Decided, decide: Decide, watch: Stopwatch, kept: Kept) -> UpToDate:
    """Write what has to change; where people overtook a write, decide again by what stands there now."""
    kept.all_told()
    return _Writing(book, decided, decide, watch, kept).done()


class _Writing:
    """One cycle's writing: what was decided last, and what came of it so far."""

    def __init__(self, book: Workbook, decided: Decided, decide: Decide, watch: Stopwatch, kept: Kept) -> None:
        self._book, self._decided, self._kept = book, decided, kept
        self._decide, self._watch = decide, watch
        self._tried_before: list[frozenset[CellChange]] = []
        """What was written and did not hold, a set for each time."""
        self._people = self._cells = 0
        self._refused: dict[str, RefusedTab] = {}
        self._anchored: set[str] = set()
        self._trouble: TccbError | None = None
        self._written: Snapshot | None = None

    def done(self) -> UpToDate:
        try:
            for _ in range(ATTEMPTS):
                if self._is_up_to_date():
                    return self._up_to_date()
            return self._leave_to_next_cycle()
        except (WorkbookUnavailable, NotShared) as error:
            return self._up_to_date(_not_written(self._book, error))

    def _is_up_to_date(self) -> bool:
        """After one more step: what has to be known by its identity first, else the cells."""
        changes = self._decided.changes
        self._people = self._people or changes.people
        anchors = [each for each in changes.anchors if each.tab not in self._refused]
        cells = self._still_to_write(changes.cells)
        if anchors:
            return self._anchor(anchors, cells)
        if not cells:
            return True
        outcome = self._tried(lambda basis: self._book.write(cells, basis))
        if outcome.held:
            self._refused |= {each.key: each for each in outcome.refused}
            self._cells += len(self._still_to_write(cells))
            self._written = self._now(outcome)
            return True
        self._cells += _standing(cells, self._now(outcome))
        self._give_up(cells, outcome)
        self._come(outcome)
        return False

    def _give_up(self, cells: Iterable[CellChange], outcome: WriteOutcome) -> None:
        """What was written a second time and does not show either, though its tab stands as it was read."""
        if outcome.trouble:
            return
        self._tried_before.append(frozenset(cells))
        if len(self._tried_before) >= TRIES:
            tabs = {tab.key: tab for tab in outcome.snapshot.all_tabs()}
            again = frozenset.intersection(*self._tried_before[-TRIES:])
            shows = (each for each in again if each.tab in tabs and each.value is not None)
            self._kept.give_up(
                each for each in shows if each.anchor and is_blank(tabs[each.tab].cell(each.row, each.column))
            )

    def _anchor(self, anchors: Sequence[Anchor], cells: Sequence[CellChange]) -> bool:
        """Never up to date after it: what stands where has to be seen before anything is written there. The cells of
        these tabs come before, once: a row that never settles must not hold the others up.
        """
        tabs = {each.tab for each in anchors} - self._anchored
        before = [cell for cell in cells if cell.tab in tabs]
        self._anchored |= tabs
        outcome = self._tried(lambda basis: self._book.write(before, basis)) if before else None
        if outcome is None or outcome.held:
            outcome = self._tried(lambda basis: self._book.anchor(anchors, basis))
            self._kept.come_back(each for each in anchors if each.header)
        self._come(outcome)
        return False

    def _still_to_write(self, cells: Iterable[CellChange]) -> list[CellChange]:
        return [cell for cell in cells if cell.tab not in self._refused]

    def _tried(self, step: Callable[[Snapshot], WriteOutcome]) -> WriteOutcome:
        """Raises what the service says where it does not even take a second one."""
        with self._watch("write"):
            outcome = step(self._decided.snapshot)
        if outcome.trouble and self._trouble:
            raise outcome.trouble
        self._trouble = outcome.trouble
        return outcome

    def _come(self, outcome: WriteOutcome) -> None:
        """Decide by what stands there now."""
        self._refused |= {each.key: each for each in outcome.refused}
        in_force, snapshot = self._decided.in_force, self._now(outcome)
        self._decided = self._decide(snapshot, self._kept.in_force(snapshot, in_force.last, in_force.shipped))

    def _now(self, outcome: WriteOutcome) -> Snapshot:
        return replace(outcome.snapshot, own=outcome.snapshot.own or self._decided.snapshot.own)

    def _up_to_date(self, *troubles: Problem) -> UpToDate:
        refused = self._refused.values()
        mistakes = tuple(each.mistake for each in refused if each.mistake)
        told = (*(refused_tab(each, text("cycle.not_written_fix")) for each in refused), *troubles)
        covered = _about_rows(self._decided.snapshot, "covered", self._decided.changes.given_up)
        return UpToDate(self._decided, self._people, self._cells, not told, (*told, *covered), mistakes, self._written)

    def _leave_to_next_cycle(self) -> UpToDate:
        """People were faster every time: what does not settle shows nothing, such as a row with a formula that changes
        by itself. Emptying has the same race as writing.
        """
        unsettled: set[tuple[str, int]] = set()
        for _ in range(EMPTYING):
            judged = self._decided.judged
            rows = rows_to_write(judged) if judged else set()
            unsettled |= rows
            results = cleared_results(judged, {key for key, _ in rows}) if judged else ()
            cells = self._still_to_write(cell for cell in results if (cell.tab, cell.row) in rows)
            if not cells:
                break
            outcome = self._tried(lambda basis, emptied=cells: self._book.write(emptied, basis))  # type: ignore[misc]
            if outcome.held:
                break
            self._come(outcome)
        if unsettled:
            return self._up_to_date(*_about_rows(self._decided.snapshot, "unsettled", _as_cells(unsettled)))
        touched = {cell.tab for cell in self._decided.changes.cells}
        titles = quoted_list(shown(tab.title) for tab in self._decided.snapshot.all_tabs() if tab.key in touched)
        what, fix = text("cycle.overtaken", tabs=titles), text("cycle.overtaken_fix")
        return self._up_to_date(Problem(where=self._book.address, what=what, fix=fix, needs_person=False))


def _standing(changes: Sequence[CellChange], snapshot: Snapshot) -> int:
    """How many of the changes stand where they were meant to."""
    tabs = {tab.key: tab for tab in snapshot.all_tabs()}
    return sum(c.tab in tabs and same(tabs[c.tab].cell(c.row, c.column), c.value) for c in changes)


def write_beside(book: Workbook, snapshot: Snapshot, cells_of: CellsOf) -> Snapshot:
    """Write cells of the bot's own, found anew where people are faster; what stands there then. A write that never
    holds is left to the next cycle. Raises as `Workbook.write`.
    """
    for _ in range(ATTEMPTS):
        cells = cells_of(snapshot)
        if not cells:
            break
        outcome = book.write(cells, snapshot, look=False)
        snapshot = replace(outcome.snapshot, own=outcome.snapshot.own or snapshot.own)
        if outcome.held:
            break
    return snapshot


def write_into_journal(book: Workbook, snapshot: Snapshot, line: JournalLine, moment: datetime) -> Snapshot:
    """The same of one line in `Nhật ký`. `moment`: as cells hold it."""
    return write_beside(book, snapshot, lambda now: read_journal(bot_tab(now, tabs.JOURNAL)).changes([line], moment))


def _not_written(book: Workbook, error: TccbError) -> Problem:
    return Problem(where=book.address, what=str(error), fix=text("cycle.not_written_fix"))


def _about_rows(snapshot: Snapshot, key: str, cells: Iterable[CellChange]) -> Iterator[Problem]:
    """A problem for each tab that has rows among the cells; `key`: of the sentence."""
    by_tab: dict[str, set[int]] = defaultdict(set)
    for cell in cells:
        by_tab[cell.tab].add(cell.row)
    for tab in snapshot.all_tabs():
        if numbers := sorted(by_tab.get(tab.key, ())):
            where = text("units.where_tab", tab=shown(tab.title))
            what = text(f"cycle.{key}", rows=rows_named(numbers))
            yield Problem(where=where, what=what, fix=text(f"cycle.{key}_fix"), needs_person=False)


def _as_cells(rows: Iterable[tuple[str, int]]) -> Iterator[CellChange]:
    return (CellChange(tab, row, 1, None) for tab, row in rows)


def refused_tab(tab: RefusedTab, fix: str) -> Problem:
    """What a person is told of a tab that the workbook did not take."""
    return Problem(where=text("units.where_tab", tab=shown(tab.title)), what=tab.why, fix=fix)
