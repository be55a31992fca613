"""Empties lists in the workbook, while people may be editing it; every step may be repeated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from automation.app.writing_back import ATTEMPTS, refused_tab
from automation.base.messages import text
from automation.core.config.identity import CodesOfOneTab
from automation.core.model.ports import Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import Anchor, CellChange, Snapshot, Tab, WriteOutcome
from automation.core.reading.shown import shown
from automation.core.records.emptying import Emptying, anchor_of, brought_back, emptying, lines_in
from automation.core.records.purging import ListToEmpty

_STEPS = 2 * ATTEMPTS
"""Of one round: columns to be known by their identity, cells, and what people overtake."""


class Emptied(Struct, frozen=True):
    """What came of it."""

    snapshot: Snapshot
    left: int = 0
    """Lines that still stand there."""
    problems: tuple[Problem, ...] = ()
    """Why."""


def empty_lists(
    book: Workbook, snapshot: Snapshot, lists: Sequence[ListToEmpty], said: str, codes: CodesOfOneTab
) -> Emptied:
    """Empty what still stands of the lists; `said` in its place. In a file all at once, where people edit meanwhile
    list by list, each cell by the identity of its column. Raises what `Workbook.erase` raises.
    """
    run = _Run(book, snapshot, said, codes)
    present = {tab.key: tab for tab in snapshot.all_tabs()}
    there = [each for each in lists if each.key in present]
    moving = [each for each in there if present[each.key].anchors is not None]
    for part in ([each for each in there if each not in moving], *([each] for each in moving)):
        run.empty(part)
    return Emptied(run.snapshot, run.left(there), tuple(run.problems))


class _Run:
    def __init__(self, book: Workbook, snapshot: Snapshot, said: str, codes: CodesOfOneTab) -> None:
        self._book, self._said, self._codes = book, said, codes
        self.snapshot = snapshot
        self.problems: list[Problem] = []
        self._refused: set[str] = set()

    def empty(self, lists: Sequence[ListToEmpty]) -> None:
        before = self._tabs()
        self._look_by_identity(lists)
        for _ in range(_STEPS):
            lost = [cell for each in lists for cell in self._lost(each, before)]
            wanted = [cell for each in lists if (step := self._step(each)) for cell in step.cells]
            if not (lost or wanted):
                break
            self._take(lost or wanted)
        else:
            self.problems += (_not_emptied(before[each.key], "unsettled") for each in lists)
        self.problems += self._told(lists, before)

    def left(self, lists: Sequence[ListToEmpty]) -> int:
        now = self._tabs()
        return sum(lines_in(each, now[each.key]) for each in lists if each.key in now)

    def _look_by_identity(self, lists: Sequence[ListToEmpty]) -> None:
        """The columns that an earlier run made known are known again; nothing is to be looked up in a file."""
        tab = self._tabs()[lists[0].key] if lists else None
        if tab is None or tab.anchors is None or not self._step(lists[0]):
            return
        width = max(map(len, tab.rows), default=1)
        self._codes.know(tab.tag, tab.title, [anchor_of(column) for column in range(1, width + 1)])
        if "/" in tab.key:
            own = self._book.read_own(list(self.snapshot.own))
            self.snapshot = replace(self.snapshot, own=own)
        else:
            self.snapshot = replace(self._book.read(), own=self.snapshot.own)

    def _step(self, of: ListToEmpty) -> Emptying | None:
        tab = self._tabs().get(of.key)
        return emptying(of, tab, self._said) if tab and of.key not in self._refused else None

    def _lost(self, of: ListToEmpty, before: dict[str, Tab]) -> Sequence[CellChange]:
        tab = self._tabs().get(of.key)
        if tab is None or tab.anchors is None or of.key in self._refused:
            return ()
        return brought_back(of, before[of.key], tab)

    def _take(self, cells: Sequence[CellChange]) -> None:
        tabs = self._tabs()
        columns = dict.fromkeys((each.tab, each.anchor, each.column) for each in cells)
        anchors = [Anchor(*each) for each in columns if not tabs[each[0]].is_anchored(*each[1:])]
        self._come(self._book.anchor(anchors, self.snapshot) if anchors else self._book.erase(cells, self.snapshot))

    def _come(self, outcome: WriteOutcome) -> None:
        fix = text("purging.not_emptied.refused_fix")
        self.problems += (refused_tab(each, fix) for each in outcome.refused)
        self._refused |= {each.key for each in outcome.refused}
        self.snapshot = replace(outcome.snapshot, own=outcome.snapshot.own or self.snapshot.own)

    def _told(self, lists: Sequence[ListToEmpty], before: dict[str, Tab]) -> Iterator[Problem]:
        now = self._tabs()
        for each in lists:
            tab, step = now.get(each.key), self._step(each)
            if step and step.strange:
                yield _not_emptied(before[each.key], "typed_later", rows=", ".join(map(str, step.strange[:10])))
            if self._lost(each, before):
                yield _not_emptied(before[each.key], "lost_above")
            if tab and tab.left_out:
                yield _not_emptied(tab, "far_away", cell=tab.left_out)

    def _tabs(self) -> dict[str, Tab]:
        return {tab.key: tab for tab in self.snapshot.all_tabs()}


def _not_emptied(tab: Tab, key: str, **values: object) -> Problem:
    where = text("units.where_tab", tab=shown(tab.title))
    what, fix = (text(f"purging.not_emptied.{key}.{part}", **values) for part in ("what", "fix"))
    return Problem(where, what, fix)
