"""What one cycle leaves for the next, in memory alone: where nothing has changed, nothing is looked at again.

A new process begins without it and comes to the same results.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from automation.base.paths import TEMPLATES
from automation.core.admin.in_force import ConfigInForce, config_in_force
from automation.core.config import tabs
from automation.core.config.shipped import ShippedTables
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tab, bot_tabs
from automation.core.judging.expressions import Matching
from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.judging.rows import LastJudged
from automation.core.layout.guide import guide_problems
from automation.core.mail.send_calendar import ComingMail
from automation.core.model.ports import SavedConfig
from automation.core.model.problems import Problem
from automation.core.model.units import Standing, UnitRecord
from automation.core.model.workbook import Anchor, CellChange, Snapshot, Tab
from automation.core.writing.changes import Changes

GUIDE_FILE = "guide.txt"
"""The source of tab `Hướng dẫn`."""

_WRITTEN_ALONE = (tabs.DASHBOARD, tabs.HISTORY, tabs.JOURNAL, tabs.MAILS)
"""Tabs that say nothing to whoever judges."""


def guide_source() -> str:
    """What tab `Hướng dẫn` is made of."""
    return (TEMPLATES / GUIDE_FILE).read_text("utf-8")


class _Look(Struct, frozen=True):
    """What was judged once, and what of."""

    snapshot: Snapshot
    config: Config
    memory: Mapping[str, UnitRecord]
    judged: Judged


class _GuideLook(Struct, frozen=True):
    """What was found of the guide once, and in what."""

    tab: Tab | None
    config: Config
    day: date
    problems: tuple[Problem, ...]

    def is_of(self, tab: Tab | None, config: Config, day: date) -> bool:
        """Whether it was found in the same; comparing costs a small part of looking again."""
        rows, there = (each.rows if each else None for each in (self.tab, tab))
        return self.day == day and rows == there and (self.config is config or self.config == config)


class Kept(Struct):
    """What the cycles of one process leave for each other."""

    matching: Matching = field(default_factory=lambda: Matching(time.thread_time))
    """What the expressions of rules found out."""
    _in_force: tuple[Snapshot, ConfigInForce] | None = None
    _look: _Look | None = None
    _guide: _GuideLook | None = None
    _last: LastJudged = field(default_factory=LastJudged)
    _shown: Mapping[str, tuple[object, Standing]] = field(default_factory=dict)
    """The units whose tabs were last found to show already what was judged: its mark (`Judged.marks`), and the figures
    above them."""
    _dashboard: object = None
    """What tab `Tổng hợp` was last found to show, and the tab."""
    _not_taken: set[CellChange] = field(default_factory=set)
    """What cells did not show after it was written twice: as a rule a merged cell covers them."""
    _come_back: set[Anchor] = field(default_factory=set)
    """The computed columns that were inserted anew in this cycle."""
    _day: date | None = None

    def in_force(self, snapshot: Snapshot, last: SavedConfig | None, shipped: ShippedTables) -> ConfigInForce:
        """The configuration in force (`config_in_force`); read again where a tab has changed or anything was wrong."""
        if self._in_force:
            then, found = self._in_force
            if found.fresh and found.shipped == shipped and _are_alike(then, snapshot):
                return replace(found, last=last)
        found = config_in_force(snapshot, last, shipped)
        self._in_force = snapshot, found
        return found

    def judged(self, snapshot: Snapshot, config: Config, memory: Mapping[str, UnitRecord], now: datetime) -> Judged:
        """The workbook judged by this configuration; the last result where it would be the same today."""
        look = self._look
        if look is None or not _would_be_the_same(look, snapshot, config, memory, now):
            if not (look and _ask_the_same(look, config, now)):
                self._last = LastJudged()
            judged = judge(snapshot, config.on(now.date()), memory, now, self.matching, last=self._last)
            self._look = _Look(snapshot, config, memory, judged)
            return judged
        records = tuple(replace(each, read_at=now) for each in look.judged.records)
        return replace(look.judged, now=now, records=records)

    def guide_problems(self, snapshot: Snapshot, config: Config, today: date) -> tuple[Problem, ...]:
        """What tab `Hướng dẫn` says that does not hold; looked for again where that may have changed."""
        present = bot_tab(snapshot, tabs.GUIDE)
        look = self._guide
        if look is None or not look.is_of(present, config, today):
            problems = guide_problems(guide_source(), config, present, today)
            look = self._guide = _GuideLook(present, config, today, problems)
        return look.problems

    def give_up(self, cells: Iterable[CellChange]) -> None:
        """Try these cells no more today."""
        self._not_taken.update(cells)

    def given_up(self, today: date) -> Collection[CellChange]:
        """What is tried no more; the next day it is tried again."""
        if self._day != today:
            self._day, self._not_taken = today, set()
        return self._not_taken

    def come_back(self, columns: Iterable[Anchor]) -> None:
        """Computed columns were missing, and were inserted anew."""
        self._come_back.update(columns)

    def came_back(self) -> Collection[Anchor]:
        """Those of this cycle, until `all_told`."""
        return self._come_back

    def all_told(self) -> None:
        """What came back in earlier cycles stands in the journal."""
        self._come_back = set()

    def shown(self, judged: Judged) -> Collection[str]:
        """The units whose tabs are known to show what was judged."""
        return {
            unit for unit, found in _shown_of(judged) if unit in self._shown and _is_shown(found, self._shown[unit])
        }

    def note(self, judged: Judged, changes: Changes) -> None:
        """What is to be written so that the workbook shows what was judged: nothing in the tabs of most units."""
        touched = {step.tab for steps in (changes.cells, changes.given_up, changes.anchors) for step in steps}
        shown = {table.unit for table in judged.tables if table.tab.key not in touched and not changes.mistakes}
        self._shown = {unit: found for unit, found in _shown_of(judged) if unit in shown}

    def shows_on_dashboard(self, snapshot: Snapshot, judged: Judged, coming: Sequence[ComingMail]) -> bool:
        """Whether tab `Tổng hợp` is known to show this, but for what changes with time."""
        return self._dashboard == _on_dashboard(snapshot, judged, coming)

    def note_dashboard(
        self, snapshot: Snapshot, judged: Judged, coming: Sequence[ComingMail], changes: Changes
    ) -> None:
        """The same for the next look, where nothing was to be written there."""
        tab = bot_tab(snapshot, tabs.DASHBOARD)
        is_shown = tab and not changes.mistakes and not any(cell.tab == tab.key for cell in changes.cells)
        self._dashboard = _on_dashboard(snapshot, judged, coming) if is_shown else None


def _on_dashboard(snapshot: Snapshot, judged: Judged, coming: Sequence[ComingMail]) -> tuple[object, ...]:
    present = (bot_tab(snapshot, title) for title in (tabs.DASHBOARD, tabs.HISTORY))
    rows = tuple(tab.rows if tab else () for tab in present)
    return (rows, judged.config, judged.now.date(), judged.standings, judged.marks, tuple(coming))


def _shown_of(judged: Judged) -> Iterator[tuple[str, tuple[object, Standing]]]:
    """What is to be shown in the tab of each unit that was read."""
    marks = judged.marks
    return ((each.code, (marks[each.code], each)) for each in judged.standings if each.code in marks)


def _is_shown(found: tuple[object, Standing], before: tuple[object, Standing]) -> bool:
    return found[0] is before[0] and found[1] == before[1]


def _ask_the_same(look: _Look, config: Config, now: datetime) -> bool:
    """Whether rows are judged as they were then: who the units are says nothing of them."""
    then, judged = look.config, look.judged
    same_day = now.date() == judged.now.date() and now.tzinfo == judged.now.tzinfo
    return same_day and (then is config or replace(then, units=()) == replace(config, units=()))


def _would_be_the_same(
    look: _Look, snapshot: Snapshot, config: Config, memory: Mapping[str, UnitRecord], now: datetime
) -> bool:
    judged = look.judged
    return (
        config is look.config
        and now.date() == judged.now.date()
        and now.tzinfo == judged.now.tzinfo
        and not judged.mistakes
        and _remember_the_same(look, memory)
        and _are_alike(look.snapshot, snapshot)
    )


def _remember_the_same(look: _Look, memory: Mapping[str, UnitRecord]) -> bool:
    """When a unit was last read says nothing of one that is read now."""
    read_now = {record.code for record in look.judged.records}
    return memory.keys() == look.memory.keys() and all(
        record == (replace(then, read_at=record.read_at) if code in read_now else then)
        for code, record, then in ((code, memory[code], look.memory[code]) for code in memory)
    )


def _are_alike(one: Snapshot, other: Snapshot) -> bool:
    """Whether both hold the very same tabs, but for those that the bot alone writes."""
    alone = {tab.key for title, tab in bot_tabs(other).items() if title in _WRITTEN_ALONE}
    troubles = ({address: own.trouble for address, own in each.own.items()} for each in (one, other))
    first, second = list(one.all_tabs()), list(other.all_tabs())
    return (
        len(first) == len(second)
        and next(troubles) == next(troubles)
        and all(_is_alike(a, b, rows_count=b.key not in alone) for a, b in zip(first, second, strict=True))
    )


def _is_alike(one: Tab, other: Tab, *, rows_count: bool) -> bool:
    """Rows are the same only where they are the same object: comparing each cell would cost as much as it saves."""
    if rows_count and one.rows is not other.rows:
        return False
    return one.mistake is None and replace(one, rows=()) == replace(other, rows=()) and other.mistake is None
