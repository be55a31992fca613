"""Tab `Lịch sử`: one line a day a unit, which later days are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from automation.core.config import tabs
from automation.core.model.units import per_cent
from automation.core.model.workbook import Tab
from automation.core.reading.cells import as_text, fold, read_count, read_date
from automation.core.reading.tables import FoundTable, body, find_table

DATE, CODE, NAME, TOTAL, DONE, RATE, OUT_OF_SCOPE, CAMPAIGN = tabs.HEADERS[tabs.HISTORY]


class HistoryLine(Struct, frozen=True):
    """Where a unit stood on a day: `done` of `counted` people. `row`: its line in the tab.

    `out_of_scope`: rows entered as out of scope; None where the line is older than that column.
    """

    row: int
    day: date
    code: str
    counted: int
    done: int
    out_of_scope: int | None = None
    campaign: str = ""


class History(Struct, frozen=True):
    """The lines of one campaign. Those that people spoiled are passed over; they stay where they are."""

    table: FoundTable | None
    lines: tuple[HistoryLine, ...]
    last_row: int
    """The last line of the tab that holds anything."""
    looks: Mapping[date, datetime] = field(default_factory=dict)
    """When the units were last read on a day, in the campaign's zone: what its lines are as of."""

    def under(self, renamed: Mapping[str, str]) -> History:
        """The same, with the lines of units under their present codes. `renamed`: old code -> present code."""
        if not renamed:
            return self
        return replace(self, lines=tuple(replace(each, code=renamed.get(each.code, each.code)) for each in self.lines))

    def of_day(self, day: date) -> Mapping[str, HistoryLine]:
        """The lines of one day by unit code."""
        return {line.code: line for line in self.lines if line.day == day}

    def tracks(self, before: date) -> dict[str, list[Reading]]:
        """Where each unit stood, day by day, before `before`; of two lines of a day the lower one counts."""
        days: dict[str, dict[date, Reading]] = {}
        for line in self.lines:
            if line.day < before:
                days.setdefault(line.code, {})[line.day] = Reading(line.day, line.counted, line.done)
        return {code: [readings[day] for day in sorted(readings)] for code, readings in days.items()}

    def out_of_scope_at(self, day: date) -> Mapping[str, int]:
        """By unit code, the rows that were out of scope at the end of `day` or, without a line of it, last before."""
        known = [(line.day, line.code, line.out_of_scope) for line in self.lines if line.day <= day]
        return {code: people for _, code, people in sorted(known, key=lambda each: each[0]) if people is not None}


NO_HISTORY = History(None, (), 0)


def read_history(tab: Tab | None, campaign: str) -> History:
    """What the tab holds of the campaign of that code; nothing where it is missing or has lost its headers."""
    names = {fold(header): header for header in tabs.HEADERS[tabs.HISTORY]}
    table = find_table(tab.rows, names, at_least=4) if tab else None
    if tab is None or table is None:
        return NO_HISTORY
    lines: list[HistoryLine] = []
    last_row = table.header_row
    for number, row in body(tab.rows, table):
        last_row = number
        day, counted, done = (
            read_date(table.cell(row, DATE)),
            read_count(table.cell(row, TOTAL)),
            read_count(table.cell(row, DONE)),
        )
        if isinstance(day, date) and isinstance(counted, int) and isinstance(done, int):
            out_of_scope = read_count(table.cell(row, OUT_OF_SCOPE))
            told = out_of_scope if isinstance(out_of_scope, int) else None
            code, under = as_text(table.cell(row, CODE)), fold(as_text(table.cell(row, CAMPAIGN)))
            lines.append(HistoryLine(number, day, code, counted, done, told, under))
    return History(table, tuple(_of_campaign(lines, fold(campaign))), last_row)


def _of_campaign(lines: Sequence[HistoryLine], campaign: str) -> Iterator[HistoryLine]:
    """A line without a code is older than that column: it is of the campaign that was on when lines began to have one,
    so of that of the next day with a code, or, where nothing has one, of this.
    """
    meant = campaign
    of_days: dict[date, str] = {}
    if not all(line.campaign for line in lines):
        for line in sorted(lines, key=lambda each: (each.day, bool(each.campaign)), reverse=True):
            meant = of_days[line.day] = line.campaign or meant
    return (line for line in lines if (line.campaign or of_days[line.day]) == campaign)


class Reading(Struct, frozen=True):
    """Where a unit stood at the end of a day: `done` of `counted` people."""

    day: date
    counted: int
    done: int

    @property
    def rate(self) -> float | None:
        """Per cent, rounded down to 0.1."""
        return per_cent(self.done, self.counted)
