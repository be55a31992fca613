"""Keeps copies of what units typed, for `tccb restore`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from automation.base.errors import TccbError
from automation.base.messages import text
from automation.core.admin.in_force import ConfigInForce
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tab
from automation.core.judging.judged import Judged
from automation.core.model.ports import Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import Row, Snapshot
from automation.core.records.copies import (
    Copies,
    CopyNote,
    config_copy,
    config_key,
    copy_of,
    is_due,
    outlived,
    without_fields,
)


@dataclass
class CopyKeeper:
    """Takes the copies that are due, and lets go of the old ones. Remembers what it has looked at, in memory alone."""

    copies: Copies
    _pruned: tuple[date, int] | None = None
    _seen: dict[str, Sequence[Row]] = field(default_factory=dict)
    """The rows of each config tab that were last looked at."""

    def keep(self, book: Workbook, judged: Judged, in_force: ConfigInForce, snapshot: Snapshot) -> tuple[Problem, ...]:
        """After a cycle: copies of what changed. `snapshot`: the workbook as it stands. What goes wrong is told and
        keeps nothing else back.
        """
        try:
            self._prune(judged.config, judged.now)
            if judged.config.settings.copies_days:
                self._keep_units(book, judged, snapshot)
                self._keep_config(in_force, snapshot, judged.now)
        except TccbError as error:
            return (Problem(text("restoring.not_kept.where"), str(error), text("restoring.not_kept.fix")),)
        return ()

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

    def _prune(self, config: Config, now: datetime) -> None:
        """Once a day, and where the time they are kept has changed."""
        self._forget_fields(config)
        days = config.settings.copies_days
        if self._pruned == (now.date(), days):
            return
        self.copies.sweep()
        current = {unit.code for unit in config.units} | {config_key(title) for title in tabs.CONFIG_TABS}
        for of in self.copies.kept_of():
            notes = self.copies.notes(of)
            is_current = of in current and days > 0
            self.copies.forget(outlived(notes, now, days, is_current=is_current) if days else notes)
        self._pruned = now.date(), days

    def _forget_fields(self, config: Config) -> None:
        """Nothing is kept of fields that are switched off; what cannot be read may hold them."""
        used = frozenset(field.code for field in config.fields if field.used and field.type.is_input)
        known = self.copies.fields()
        if known == used:
            return
        if known is not None and not known <= used:
            strip(self.copies, used)
        if config.settings.copies_days:
            self.copies.note_fields(used)


def strip(copies: Copies, used: frozenset[str]) -> int:
    """Leave only these fields in the copies of units; how many copies were changed, or had to go because they cannot be
    read.
    """
    changed = 0
    for of in copies.kept_of():
        if of.startswith(config_key("")):
            continue
        for note in list(copies.notes(of)):
            copy = copies.read(note)
            if copy is None:
                copies.forget([note])
                changed += 1
            elif (less := without_fields(copy, used)) is not copy:
                copies.keep(less)
                changed += 1
    return changed
