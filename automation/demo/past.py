"""The days before the demo's one cycle, as tab `Lịch sử` would have kept them: so that there is a course to tell of."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct

from automation.core.config import tabs
from automation.core.figures.history import read_history
from automation.core.model.units import Standing, per_cent
from automation.core.model.workbook import Cell, CellChange, Tab
from automation.core.writing.dashboard import fraction
from automation.demo.progress import working_days

DAYS = 9
"""How many days back the sample reaches."""
_STANDING_STILL = 0.12
"""The share of units in which nobody got done in these days."""
_GAINED = (0.1, 0.6)
"""Which part of the people who are done got there in these days."""


class PastLine(Struct, frozen=True):
    """Where a unit stood at the end of a day."""

    day: date
    unit: Standing
    done: int

    def cells(self, campaign: str) -> Sequence[Cell]:
        """In the order of the headers of `Lịch sử`. `campaign`: its code."""
        counted = self.unit.counted
        rate = fraction(per_cent(self.done, counted))
        return self.day, self.unit.code, self.unit.name, counted, self.done, rate, self.unit.out_of_scope, campaign


def make_past(standings: Iterable[Standing], today: date, seed: int) -> list[PastLine]:
    """A line a day a unit before `today`, leading to where the units stand now; people get done on working days."""
    chance = random.Random(seed)
    first, last = today - timedelta(days=DAYS), today - timedelta(days=1)
    lines = [line for unit in standings for line in _past_of(unit, first, last, chance)]
    return sorted(lines, key=lambda line: line.day)


def _past_of(unit: Standing, first: date, last: date, chance: random.Random) -> Iterator[PastLine]:
    gained = 0.0 if chance.random() < _STANDING_STILL else chance.uniform(*_GAINED)
    all_days = len(working_days(first, last))
    for number in range(DAYS):
        day = first + timedelta(days=number)
        to_come = len(working_days(day + timedelta(days=1), last))
        done = unit.done - round(unit.done * gained * to_come / all_days) if all_days else unit.done
        yield PastLine(day, unit, done)


def typed_past(lines: Sequence[PastLine], tab: Tab, campaign: str) -> Iterator[CellChange]:
    """The cells of the lines in tab `Lịch sử`, under the code of the campaign."""
    history = read_history(tab, campaign)
    if history.table is None:
        return
    for row, line in enumerate(lines, start=history.last_row + 1):
        for header, value in zip(tabs.HEADERS[tabs.HISTORY], line.cells(campaign), strict=True):
            yield CellChange(tab.key, row, history.table.columns[header], value)
