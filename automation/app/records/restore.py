"""`tccb restore`: what was typed, as it was, in a tab of its own beside the damaged one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from automation.app.looking import read_everything, with_every_tab
from automation.app.manual_mails import unit_typed
from automation.app.writing_back import refused_tab
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.shipped import ShippedTables
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tab, copy_tag, is_copy
from automation.core.judging.locating import locate
from automation.core.model.ports import Store, Workbook
from automation.core.model.problems import Problem
from automation.core.model.units import Unit
from automation.core.model.workbook import Snapshot, Tab
from automation.core.reading.cells import is_blank
from automation.core.records.copies import Copies, CopyNote, KeptCopy, as_of, config_copy, config_key, copy_of, fuller
from automation.core.records.differences import Differences, Person, differences, people_of
from automation.core.records.restored import restored_look, title_of
from automation.core.text.moments import MOMENT


class RestoreRequest(Struct, frozen=True):
    """What somebody asked for."""

    unit: str = ""
    """Code; "" for the config tabs."""
    as_of: datetime | None = None
    """Local to the campaign; None: the newest copy with more people than the tab has now, else the newest that
    says something else."""
    only_lists: bool = False
    """Tell which copies there are, and write nothing."""
    now: datetime | None = None
    """Local to the campaign, where the clock was set: later copies are not there yet."""


class ListedCopy(Struct, frozen=True):
    """A copy that there is. `lines`: of people, or of the config tab; None where it cannot be read."""

    title: str
    taken_at: datetime
    lines: int | None


class RestoredTab(Struct, frozen=True):
    """A copy in a tab of its own."""

    source: str
    """Title of the tab that the copy was made of."""
    title: str
    taken_at: datetime
    lines: int
    is_unit: bool
    is_new: bool
    """False: it was there already."""
    differences: Differences | None
    """From what stands in the tab of the unit now; None where that cannot be read, and of config tabs."""


class RestoreOutcome(Struct, frozen=True):
    """What came of it."""

    problems: tuple[Problem, ...] = ()
    config: Config | None = None
    unit: Unit | None = None
    listed: tuple[ListedCopy, ...] = ()
    restored: tuple[RestoredTab, ...] = ()


def restore(
    book: Workbook, store: Store, copies: Copies, request: RestoreRequest, shipped: ShippedTables | None = None
) -> RestoreOutcome:
    """List the copies, or write one into a new tab; a tab that is there is never written into. Run again it finds what
    it wrote.

    Raises CannotStart (no such unit, no such copy), and what `Workbook.draw` raises.
    """
    snapshot, in_force = read_everything(book, store, shipped)
    if in_force.config is None:
        return RestoreOutcome(in_force.problems)
    snapshot = with_every_tab(book, snapshot)  # an earlier run may have been killed behind the tab it made
    run = _Run(book, copies, snapshot, in_force.config, request)
    return run.of_unit(unit_typed(request.unit, in_force.config)) if request.unit else run.of_config()


class _Run:
    def __init__(
        self, book: Workbook, copies: Copies, snapshot: Snapshot, config: Config, request: RestoreRequest
    ) -> None:
        self._book, self._copies, self._snapshot, self._config = book, copies, snapshot, config
        self._zone = config.settings.zone
        self._only_lists = request.only_lists
        self._moment = request.as_of.replace(tzinfo=self._zone) if request.as_of else None
        self._now = request.now.replace(tzinfo=self._zone) if request.now else None

    def of_unit(self, unit: Unit) -> RestoreOutcome:
        found = RestoreOutcome(config=self._config, unit=unit)
        notes = self._notes(unit.code, unit.name)
        if self._only_lists:
            return replace(found, listed=tuple(self._listed(notes)))
        present = self._present(unit)
        copy = self._chosen(notes, present, unit.name)
        return self._written(found, [(copy, present)])

    def of_config(self) -> RestoreOutcome:
        found = RestoreOutcome(config=self._config)
        of_tab = {title: self._taken(config_key(title)) for title in tabs.CONFIG_TABS}
        where = text("restoring.config")
        if not any(of_tab.values()):
            raise self._none(where, *map(config_key, tabs.CONFIG_TABS))
        if self._only_lists:
            return replace(found, listed=tuple(each for notes in of_tab.values() for each in self._listed(notes)))
        chosen = [(copy, None) for title, notes in of_tab.items() if (copy := self._of_tab(title, notes))]
        if not chosen:
            raise CannotStart(text("restoring.config_alike"))
        return self._written(found, chosen)

    def _of_tab(self, title: str, notes: Sequence[CopyNote]) -> KeptCopy | None:
        """The copy of a config tab that says something else than the tab does now."""
        tab = bot_tab(self._snapshot, title)
        now = config_copy(tab, title, notes[-1].taken_at) if tab and notes else None
        if self._moment:
            note = as_of(notes, self._moment)
        else:
            others = (each for each in reversed(notes) if now is None or each.fingerprint != now.note.fingerprint)
            note = next(others, None)
        is_other = note is not None and (now is None or note.fingerprint != now.note.fingerprint)
        return self._copies.read(note) if note is not None and is_other else None

    def _notes(self, of: str, where: str) -> Sequence[CopyNote]:
        notes = self._taken(of)
        if not notes:
            raise self._none(where, of)
        return notes

    def _taken(self, of: str) -> Sequence[CopyNote]:
        return [note for note in self._copies.notes(of) if self._now is None or note.taken_at <= self._now]

    def _none(self, where: str, *of: str) -> CannotStart:
        later = [note for each in of for note in self._copies.notes(each)]
        if later:
            return CannotStart(text("restoring.not_yet", where=where, first=self._first_of(later)))
        days = self._config.settings.copies_days
        key = "none" if days else "none_kept"
        return CannotStart(text(f"restoring.{key}", where=where, days=days, place=self._copies.place))

    def _too_early(self, where: str, notes: Iterable[CopyNote]) -> CannotStart:
        return CannotStart(text("restoring.too_early", where=where, first=self._first_of(notes)))

    def _first_of(self, notes: Iterable[CopyNote]) -> str:
        return f"{min(note.taken_at for note in notes).astimezone(self._zone):{MOMENT}}"

    def _listed(self, notes: Sequence[CopyNote]) -> Iterator[ListedCopy]:
        for note in reversed(notes):
            copy = self._copies.read(note)
            title = copy.title if copy else note.of
            yield ListedCopy(title, note.taken_at.astimezone(self._zone), len(list(copy.people)) if copy else None)

    def _present(self, unit: Unit) -> list[Person] | None:
        """The people in the unit's tab now; None where it cannot be read."""
        located = locate(self._snapshot, self._config)
        table = next((each for each in located.tables if each.unit == unit.code), None)
        if table is None:
            return None
        formulas = self._book.formulas([table.tab.key], self._snapshot).get(table.tab.key, {})
        nothing = CopyNote(unit.code, datetime.min, "")
        return people_of(copy_of(table, formulas, self._config, nothing))

    def _chosen(self, notes: Sequence[CopyNote], present: Sequence[Person] | None, where: str) -> KeptCopy:
        if self._moment:
            note = as_of(notes, self._moment)
            if note is None:
                raise self._too_early(where, notes)
            copy = self._copies.read(note)
        else:
            readable = [copy for note in reversed(notes) if (copy := self._copies.read(note))]
            copy = fuller(readable, len(present or ())) or _other(readable, present) or next(iter(readable), None)
        if copy is None:
            raise CannotStart(text("restoring.unreadable", where=where))
        return copy

    def _written(self, found: RestoreOutcome, chosen: Sequence[tuple[KeptCopy, list[Person] | None]]) -> RestoreOutcome:
        restored, problems = [], []
        for copy, present in chosen:
            place = self._place(copy, found.unit)
            made = RestoredTab(
                copy.title,
                place.title,
                copy.note.taken_at.astimezone(self._zone),
                len(list(copy.people)),
                found.unit is not None,
                not is_copy(place),
                differences(people_of(copy), present) if present is not None else None,
            )
            problem = self._drawn(copy, made, found.unit) if made.is_new else None
            if problem:
                problems.append(problem)
            else:
                restored.append(made)
        return replace(found, restored=tuple(restored), problems=tuple(problems))

    def _place(self, copy: KeptCopy, unit: Unit | None) -> Tab:
        """The tab that holds it already, or one that is not there yet, or is and holds nothing."""
        there = self._snapshot.own[unit.workbook].tabs if unit and unit.workbook else self._snapshot.tabs
        tag = copy_tag(copy.note.of, copy.note.taken_at)
        ours = next((tab for tab in there if tab.tag == tag), None)
        if ours:
            return ours
        filled = {tab.title for tab in there if tab.tag or any(not is_blank(cell) for row in tab.rows for cell in row)}
        return Tab("", title_of(copy, self._zone, filled), ())

    def _drawn(self, copy: KeptCopy, made: RestoredTab, unit: Unit | None) -> Problem | None:
        look = restored_look(copy, made.title, self._zone, unit, self._config)
        own = unit.workbook if unit else ""
        outcome = self._book.draw_own(own, [look]) if own else self._book.draw([look])
        return next((refused_tab(each, text("restoring.refused_fix")) for each in outcome.refused), None)


def _other(readable: Iterable[KeptCopy], present: Sequence[Person] | None) -> KeptCopy | None:
    """The newest copy that says something else of people than the tab does now: what was overwritten may have been
    copied already.
    """
    if present is None:
        return None
    return next((each for each in readable if differences(people_of(each), present)), None)
