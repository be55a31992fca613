"""Tab `Nhật ký`: what the bot did and what a person has to mend, newest first, the oldest lines dropping off, but for
those of results that were frozen and of data that was purged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from enum import Enum

from msgspec import Struct

from automation.base.messages import text
from automation.core.admin.changes import LINES, ConfigChange
from automation.core.config import tabs
from automation.core.judging.judged import Judged
from automation.core.judging.trials import trial_sentence
from automation.core.model.problems import Problem
from automation.core.model.workbook import Cell, CellChange, Tab
from automation.core.reading.cells import fold, read_date
from automation.core.reading.comparing import same
from automation.core.reading.tables import FoundTable, find_table
from automation.core.text.vietnamese import left_text, number_text, rate_text

JOURNAL_LINES = 300
_HEADERS = tabs.HEADERS[tabs.JOURNAL]


class Repeat(Enum):
    """When a line is noted that resembles one of the same day."""

    ALWAYS = "always"
    NEW_WORDS = "new words"
    NEW_PLACE = "new place"
    """Whatever its words, once a day for each place."""
    ONCE = "once"
    """Whatever its words, once for each place as far back as the journal goes."""


class JournalLine(Struct, frozen=True):
    """One line: the headers `Loại`, `Nơi`, `Nội dung`."""

    kind: str
    where: str
    what: str
    repeat: Repeat = Repeat.ALWAYS

    def is_new(self, noted: Collection[Sequence[Cell]], ever: Collection[Sequence[Cell]]) -> bool:
        """Whether it is to be noted beside what the day, or the journal, already has."""
        match self.repeat:
            case Repeat.ALWAYS:
                return True
            case Repeat.NEW_WORDS:
                return all((self.where, self.what) != (line[2], line[3]) for line in noted)
            case Repeat.NEW_PLACE | Repeat.ONCE:
                lines = ever if self.repeat is Repeat.ONCE else noted
                return all((self.kind, self.where) != (line[1], line[2]) for line in lines)


class Journal(Struct, frozen=True):
    """The journal as it stands; without a table nothing can be noted."""

    tab: Tab | None
    table: FoundTable | None

    def changes(self, lines: Iterable[JournalLine], now: datetime) -> list[CellChange]:
        """What has to change so that the lines stand on top. `now`: as the sheet shows it."""
        if self.tab is None or self.table is None:
            return []
        old = [[self.table.cell(row, header) for header in _HEADERS] for row in self.tab.rows[self.table.header_row :]]
        noted = _of_day(old, now.date())
        new: list[list[Cell]] = [[now, each.kind, each.where, each.what] for each in lines if each.is_new(noted, old)]
        lines_now = [*new, *old]
        lasting = (line for line in lines_now[JOURNAL_LINES:] if line[1] in _lasting_kinds())
        return list(line_changes(self.tab, self.table, _HEADERS, [*lines_now[:JOURNAL_LINES], *lasting]))


def _lasting_kinds() -> tuple[str, ...]:
    """What is told of files that somebody may show in years never drops off."""
    return text("freezing.journal_kind"), text("purging.journal_kind")


def _of_day(lines: Iterable[Sequence[Cell]], day: date) -> list[Sequence[Cell]]:
    return [line for line in lines if read_date(line[0]) == day]


def line_changes(
    tab: Tab, table: FoundTable, headers: Sequence[str], lines: Sequence[Sequence[Cell]]
) -> Iterator[CellChange]:
    """What has to change so that a log of the bot's holds these lines below its headers, and no others. The cells of a
    line stand in the order of `headers`.
    """
    blank = [None] * len(headers)
    for number in range(1, max(len(lines), len(tab.rows) - table.header_row) + 1):
        line = lines[number - 1] if number <= len(lines) else blank
        row = table.header_row + number
        for header, value in zip(headers, line, strict=True):
            column = table.columns.get(header)
            if column and not same(tab.cell(row, column), value):
                yield CellChange(tab.key, row, column, value)


def read_journal(tab: Tab | None) -> Journal:
    """The journal in a tab, None where the workbook has none."""
    names = {fold(header): header for header in _HEADERS}
    return Journal(tab, find_table(tab.rows, names, at_least=3) if tab else None)


def update_lines(judged: Judged, rows: int, units: int) -> Iterator[JournalLine]:
    """That the results of so many rows changed."""
    if rows:
        rate, left = rate_text(judged.total.rate), left_text(judged.total)
        summary = text("sheet.journal_updated", rows=number_text(rows), units=units, rate=rate, left=left)
        yield JournalLine(text("sheet.journal_cycle"), text("sheet.journal_where_all"), summary)


def config_lines(changes: Sequence[ConfigChange]) -> Iterator[JournalLine]:
    """What changed in the configuration in force: a bounded number of lines, then how many more there are."""
    kind = text("config_changes.kind")
    for change in changes[:LINES]:
        yield JournalLine(kind, change.where, change.what)
    if len(changes) > LINES:
        more = text("config_changes.more", count=len(changes) - LINES)
        yield JournalLine(kind, text("config_changes.more_where"), more)


def problem_lines(problems: Iterable[Problem]) -> Iterator[JournalLine]:
    """Each problem once a day, or once for all."""
    for problem in problems:
        told = f"{problem.what} {problem.fix}"
        repeat = Repeat.ONCE if problem.told_once else Repeat.NEW_WORDS
        kind = text("sheet.journal_problem" if problem.to_do else "sheet.journal_note")
        yield JournalLine(kind, problem.where, told, repeat)


def trial_lines(judged: Judged) -> Iterator[JournalLine]:
    """Each rule on trial once a day, whatever its numbers do until the evening."""
    names = judged.names
    for trial in judged.trials:
        told = f"{trial_sentence(trial, names)} {text('trials.next')}"
        where = text("units.where_rule", code=trial.rule)
        yield JournalLine(text("sheet.journal_trial"), where, told, Repeat.NEW_PLACE)
