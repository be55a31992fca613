"""Keeps copies of what units typed, for `tccb restore`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

from msgspec import Struct, field

from automation.app.writing_back import write_into_journal
from automation.base.errors import TccbError
from automation.base.messages import text
from automation.core.admin.in_force import ConfigInForce
from automation.core.config import tabs
from automation.core.config.values import DEFAULTS, Config
from automation.core.config.whose_tabs import bot_tab
from automation.core.judging.judged import Judged
from automation.core.model.mail import KeptPeople
from automation.core.model.ports import Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import Row, Snapshot
from automation.core.records.copies import (
    Copies,
    CopyNote,
    config_copy,
    config_key,
    copy_of,
    fuller,
    is_config_key,
    is_due,
    outlived,
    without_fields,
)
from automation.core.records.purging import Holding, counts_text
from automation.core.writing.journal import JournalLine, Repeat
from automation.core.writing.moments import sheet_moment


def no_files(_before: date) -> Mapping[Holding, int]:
    """Where no files but the copies are kept."""
    return {}


class CopyKeeper(Struct):
    """Takes the copies that are due, and lets go of the old ones. Remembers what it has looked at, in memory alone."""

    copies: Copies
    files: Callable[[date], Mapping[Holding, int]] = no_files
    """Removes other files of days before that one; how many of each kind it removed."""
    _pruned: tuple[date, int] | None = None
    _seen: dict[str, Sequence[Row]] = field(default_factory=dict)
    """The rows of each config tab that were last looked at."""
    _held_to: tuple[date, frozenset[str], bool] | None = None
    """The day on which the copies were last held to the fields in use, these, and whether any are kept."""
    _locked: int = 0
    """Copies that may hold fields that are switched off, and cannot be read with the key that is set."""

    def keep(self, book: Workbook, judged: Judged, in_force: ConfigInForce, snapshot: Snapshot) -> tuple[Problem, ...]:
        """After a cycle: copies of what changed. `snapshot`: the workbook as it stands. What goes wrong is told and
        keeps nothing else back; so are copies with fields that are switched off, which wait for their key.
        """
        try:
            self._tell_outlived(book, snapshot, judged, self._prune(judged.config, judged.now))
            if judged.config.settings.copies_days:
                self._keep_units(book, judged, snapshot)
                self._keep_config(in_force, snapshot, judged.now)
        except TccbError as error:
            return (Problem(text("restoring.not_kept.where"), str(error), text("restoring.not_kept.fix")),)
        return (_locked(self._locked),) if self._locked else ()

    def fuller_copy(self, unit: str, people: int) -> KeptPeople | None:
        """See `FullerCopy`. None also where the copies are out of reach: `keep` tells of that."""
        with suppress(TccbError):
            notes = reversed(self.copies.notes(unit))
            found = fuller((copy for note in notes if (copy := self.copies.read(note))), people)
            return KeptPeople(unit, found.note.taken_at, len(list(found.people))) if found else None
        return None

    def _keep_units(self, book: Workbook, judged: Judged, snapshot: Snapshot) -> None:
        now = judged.now.replace(microsecond=0)
        due = dict(self._due(judged, now))
        tables = [table for table in judged.tables if table.unit in due]
        if not tables:
            return
        formulas = book.formulas([table.tab.key for table in tables], snapshot)
        for table in tables:
            if table.tab.key in formulas:  # of the others the next cycle knows more
                self.copies.keep(copy_of(table, formulas[table.tab.key], judged.config, due[table.unit]))

    def _due(self, judged: Judged, now: datetime) -> Iterator[tuple[str, CopyNote]]:
        for record in judged.records:
            notes = self.copies.notes(record.code)
            is_begun = bool(notes) or record.standing.rows > 0
            if is_begun and is_due(notes[-1] if notes else None, record.fingerprint, now):
                yield record.code, CopyNote(record.code, now, record.fingerprint)

    def _keep_config(self, in_force: ConfigInForce, snapshot: Snapshot, now: datetime) -> None:
        if not in_force.fresh:
            return
        for title in tabs.CONFIG_TABS:
            tab = bot_tab(snapshot, title)
            if tab is None or self._seen.get(title) is tab.rows:
                continue
            copy = config_copy(tab, title, now.replace(microsecond=0))
            notes = self.copies.notes(config_key(title))
            last = notes[-1] if notes else None
            if copy and is_due(last, copy.note.fingerprint, copy.note.taken_at):
                self.copies.keep(copy)
                last = copy.note
            if copy and last and last.fingerprint == copy.note.fingerprint:
                self._seen[title] = tab.rows

    def _tell_outlived(self, book: Workbook, snapshot: Snapshot, judged: Judged, counts: Mapping[Holding, int]) -> None:
        if not any(counts.values()):
            return
        said = text("purging.retention_line", counts=counts_text(counts))
        line = JournalLine(text("purging.retention_kind"), text("sheet.journal_where_all"), said, Repeat.NEW_WORDS)
        write_into_journal(book, snapshot, line, sheet_moment(judged.now, judged))

    def _prune(self, config: Config, now: datetime) -> Mapping[Holding, int]:
        """Once a day, and where the time they are kept has changed; what was let go of."""
        self._forget_fields(config, now.date())
        days, gone = config.settings.copies_days, 0
        if self._pruned == (now.date(), days):
            return {}
        self.copies.sweep()
        current = {unit.code for unit in config.units} | {config_key(title) for title in tabs.CONFIG_TABS}
        for of in self.copies.kept_of():
            notes = self.copies.notes(of)
            old = outlived(notes, now, days, is_current=of in current) if days else list(notes)
            self.copies.forget(old)
            gone += len(old)
        files = self.files(now.date() - timedelta(days=days or DEFAULTS["copies_days"]))
        self._pruned = now.date(), days
        return {Holding.COPIES: gone, **files}

    def _forget_fields(self, config: Config, today: date) -> None:
        """Nothing is kept of fields that are switched off; what cannot be read may hold them, and stays until the key
        is there, which takes a new process. Looked after once a day, and where other fields are in use.
        """
        used = frozenset(field.code for field in config.inputs)
        is_kept = bool(config.settings.copies_days)
        if self._held_to == (today, used, is_kept):
            return
        known = self.copies.fields()
        self._locked = strip(self.copies, used) if known is not None and not known <= used else 0
        if is_kept and not self._locked and known != used:
            self.copies.note_fields(used)
        self._held_to = today, used, is_kept


def strip(copies: Copies, used: frozenset[str]) -> int:
    """Leave only these fields in the copies of units; how many copies cannot be read, and stay as they are."""
    locked = 0
    for of in copies.kept_of():
        if is_config_key(of):
            continue
        for note in list(copies.notes(of)):
            copy = copies.read(note)
            if copy is None:
                locked += 1
            elif (less := without_fields(copy, used)) is not copy:
                copies.keep(less)
    return locked


def _locked(count: int) -> Problem:
    return Problem(
        text("restoring.not_kept.where"), text("restoring.locked.what", count=count), text("restoring.locked.fix")
    )
