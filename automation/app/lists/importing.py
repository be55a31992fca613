"""`tccb import`: lists that a unit mailed in, merged into its tab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from automation.adapters.mailed.files import read_mailed
from automation.adapters.mailed.marked_copy import write_marked
from automation.app.clock import Clock
from automation.app.looking import read_everything, with_own_spreadsheets
from automation.app.manual_mails import unit_typed
from automation.app.writing_back import ATTEMPTS, refused_tab
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.core.config.identity import CodesOfOneTab
from automation.core.config.shipped import ShippedTables
from automation.core.config.values import Config, FieldCode
from automation.core.importing.changes import changes_of
from automation.core.importing.marking import marks_of
from automation.core.importing.pairing import Asked
from automation.core.importing.plan import ImportPlan, Prefer, plan_import
from automation.core.importing.standing import Standing, shifted_rows, standing_of
from automation.core.judging.lists.unit_table import UnitTable, find_unit_table
from automation.core.judging.lists.unreadable import lists_people, of_unit
from automation.core.judging.locating import is_unit_line, locate
from automation.core.model.ports import Store, Workbook
from automation.core.model.problems import Problem
from automation.core.model.units import Unit
from automation.core.model.workbook import AddedRows, CellChange, Row, Snapshot, Tab, WriteOutcome, cell_name
from automation.core.reading.cells import as_text, fold
from automation.core.reading.shown import shown

_STEPS = 2 * ATTEMPTS
"""Of a merge, until it is left to another run: tags, new rows, cells, and what people overtake."""


class ImportRequest(Struct, frozen=True):
    """What somebody asked for."""

    unit: str
    """Code."""
    files: tuple[Path, ...]
    prefer: Prefer = Prefer.NEITHER
    applies: bool = False
    marked: Path | None = None
    """Where the one file is to be written again with its errors marked."""


class MailedList(Struct, frozen=True):
    """A list of people in a file."""

    path: Path
    table: UnitTable


class WrittenCell(Struct, frozen=True):
    """A cell of somebody who was in the tab; `row`: where they stood when it was written."""

    row: int
    code: str
    name: str


class ImportOutcome(Struct, frozen=True):
    """What came of it."""

    problems: tuple[Problem, ...] = ()
    config: Config | None = None
    """None: no configuration can be used, and nothing else is there."""
    unit: Unit | None = None
    lists: tuple[MailedList, ...] = ()
    plan: ImportPlan | None = None
    """What the merge would do, or would have done before it was applied; None where the tab cannot be read."""
    applied: bool = False
    """Whether all of it stands now."""
    written: tuple[WrittenCell, ...] = ()
    """The cells of people who were in the tab that say something else now."""


def import_lists(
    book: Workbook,
    store: Store,
    request: ImportRequest,
    clock: Clock,
    codes: CodesOfOneTab | None = None,
    shipped: ShippedTables | None = None,
) -> ImportOutcome:
    """Plan the merge of the files into the tab of the unit, and apply it where that is asked for.

    `codes`: what the workbook looks for by its identity, of one that other people edit meanwhile. Raises CannotStart
    (no such unit, a file that cannot be read, no list in it), and what `Workbook.merge` raises.
    """
    files = [(path, read_mailed(path)) for path in request.files]
    snapshot, in_force = read_everything(book, store, shipped)
    config = in_force.config
    if config is None:
        return ImportOutcome(in_force.problems)
    unit = unit_typed(request.unit, config)
    lists = tuple(each for path, tabs in files for each in lists_in(path, tabs, unit, config))
    merge = _Merge(book, unit, config, lists, request.prefer)
    problem = merge.begin(snapshot, codes)
    found = ImportOutcome((problem,) if problem else (), config, unit, lists)
    if request.marked:
        found = replace(found, problems=(*found.problems, *_mark(request.marked, files[0], found, merge.plan, clock)))
    if problem or merge.plan is None:
        return found
    found = replace(found, plan=merge.plan)
    return merge.applied(found) if request.applies else found


def lists_in(path: Path, tabs: Sequence[Tab], unit: Unit, config: Config) -> list[MailedList]:
    """The lists of people in a file. Raises CannotStart where there is none, or it is the form of another unit."""
    start = fold(text("sheet.unit_line_start", unit=unit.name))
    found = []
    for tab in tabs:
        table = find_unit_table(unit.code, tab, config)
        if table is None or not lists_people(table) or FieldCode.NAME not in table.table.columns:
            continue
        line = as_text(tab.cell(1, 1))
        if is_unit_line(line) and not fold(line).startswith(start):
            raise CannotStart(text("importing.of_another_unit", path=path, tab=shown(tab.title), unit=unit.name))
        found.append(MailedList(path, table))
    if not found:
        raise CannotStart(text("importing.no_list", path=path, name=config.field(FieldCode.NAME).header))
    return found


def _mark(
    target: Path, file: tuple[Path, Sequence[Tab]], found: ImportOutcome, plan: ImportPlan | None, clock: Clock
) -> Iterator[Problem]:
    """Write the file again; what of it could not be judged. Raises CannotStart."""
    config, unit = found.config, found.unit
    assert config is not None
    assert unit is not None
    now = clock(config.settings.zone)
    marks = [
        marks_of(each.table, unit, config, now, _questions(plan, source)) for source, each in enumerate(found.lists)
    ]
    write_marked(*file, marks, target)
    for each in marks:
        yield from each.problems


def _questions(plan: ImportPlan | None, source: int) -> dict[int, str]:
    asked = plan.asked if plan else ()
    return {each.row.place.row: question(each) for each in asked if each.row.place.source == source}


def question(asked: Asked) -> str:
    """Why it cannot be told who somebody is."""
    why = text(f"importing.question.{asked.question.value}")
    rows = ", ".join(map(str, asked.candidates))
    return text("importing.question.candidates", why=why, rows=rows) if rows else why


class _Merge:
    """One merge: what was planned last, and what came of it so far."""

    def __init__(self, book: Workbook, unit: Unit, config: Config, lists: Sequence[MailedList], prefer: Prefer) -> None:
        self._book, self._unit, self._config, self._prefer = book, unit, config, prefer
        self._lists = [each.table for each in lists]
        self._snapshot = Snapshot(())
        self._key = ""
        self._repairs: tuple[CellChange, ...] = ()
        self._placed: dict[WrittenCell, None] = {}
        self._lost: list[CellChange] = []
        self._earlier: list[CellChange] = []
        self._shifted: set[int] = set()
        self._problems: list[Problem] = []
        self.plan: ImportPlan | None = None

    def begin(self, snapshot: Snapshot, codes: CodesOfOneTab | None) -> Problem | None:
        """Plan it by what stands there; the problem where the unit's tab cannot be read."""
        located = locate(snapshot, self._config, begun_anew=[self._unit.code])  # whose list was removed gets a new one
        table = next((each for each in located.tables if each.unit == self._unit.code), None)
        if table is None:
            return next(each.problem for each in located.unreadable if each.unit.code == self._unit.code)
        self._snapshot, self._key = snapshot, table.tab.key
        if table.tab.anchors is not None and codes is not None:
            mailed = {code for each in self._lists for code in each.table.columns}
            codes.know(table.tab.tag, table.tab.title, sorted(mailed & table.table.columns.keys()))
            self._snapshot = with_own_spreadsheets(self._book, self._book.read(), self._config)
        table = self._table()
        self.plan = plan_import(table, self._lists, self._config) if table else None
        return None if table else of_unit("no_tab", self._unit, title=shown(self._unit.tab_title))

    def applied(self, found: ImportOutcome) -> ImportOutcome:
        """What came of it, after as many steps as it takes: people may be faster than we are."""
        done = any(self._is_done() for _ in range(_STEPS))
        if not done and not self._problems:
            self._problems.append(of_unit("overtaken_import", self._unit))
        lost = dict.fromkeys(cell_name(each.row, each.column) for each in (*self._lost, *self._repairs))
        covered = (of_unit("covered_import", self._unit, cell=cell) for cell in lost)
        shifted = (of_unit("shifted_import", self._unit, row=row) for row in sorted(self._shifted))
        problems = (*found.problems, *self._problems, *covered, *shifted)
        return replace(found, problems=problems, applied=done, written=tuple(self._placed))

    def _is_done(self) -> bool:
        """After one more step: what has to be known by its identity first, else what is to be written."""
        table = self._table()
        if table is None or self._problems:
            return False
        planned = plan_import(_with_cells(table, self._repairs, self._config), self._lists, self._config)
        changes = changes_of(planned, self._prefer, self._config)
        if self._repairs:  # by the very lines that were looked at
            self._write(planned, self._repairs, None)
        elif changes.anchors:
            self._come(self._book.anchor(changes.anchors, self._snapshot))
        elif changes.cells or changes.added:
            self._write(planned, changes.cells, changes.added)
        else:
            return True
        return False

    def _write(self, planned: ImportPlan, cells: Sequence[CellChange], added: AddedRows | None) -> None:
        """In a file all at once; where people edit meanwhile first the new rows, which meet nobody's, then the cells
        by what stands there then.
        """
        table = planned.table
        in_steps = table.tab.anchors is not None and added is not None
        writing = [] if in_steps else cells
        outcome = self._book.merge(writing, added, self._snapshot)
        self._come(outcome)
        now = self._table()
        if added and now and not outcome.held:
            self._shifted |= set(shifted_rows(table, added, now))
        if in_steps or outcome.refused:
            return
        if outcome.held:
            self._take_in(Standing(placed=tuple(writing)), planned)
        elif table.tab.anchors is not None:
            self._take_in(standing_of(table, writing, now, self._repairs, self._earlier), planned)
        self._earlier += writing

    def _take_in(self, standing: Standing, planned: ImportPlan) -> None:
        self._repairs = standing.repairs
        self._lost += standing.lost
        names = {person.row: person.name for person in planned.changed(self._prefer)}
        told = (WrittenCell(each.row, each.anchor, names[each.row]) for each in standing.placed if each.row in names)
        self._placed |= dict.fromkeys(told)

    def _come(self, outcome: WriteOutcome) -> None:
        fix = text("importing.not_taken_fix")
        self._problems += (refused_tab(each, fix) for each in outcome.refused)
        self._snapshot = replace(outcome.snapshot, own=outcome.snapshot.own or self._snapshot.own)

    def _table(self) -> UnitTable | None:
        tab = next((each for each in self._snapshot.all_tabs() if each.key == self._key), None)
        return find_unit_table(self._unit.code, tab, self._config) if tab else None


def _with_cells(table: UnitTable, changes: Sequence[CellChange], config: Config) -> UnitTable:
    """The table with cells as they are to be put back."""
    if not changes:
        return table
    rows: list[Row] = list(table.tab.rows)
    for change in changes:
        row = [*rows[change.row - 1], *[None] * (change.column - len(rows[change.row - 1]))]
        rows[change.row - 1] = [*row[: change.column - 1], change.value, *row[change.column :]]
    return find_unit_table(table.unit, replace(table.tab, rows=rows), config) or table
