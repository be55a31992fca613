"""The workbook as an .xlsx file on disk, behind `core.ports.Workbook`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from msgspec.structs import replace

from automation.adapters.excel.package import copy_package, open_package
from automation.adapters.excel.reach import LAST_ROW
from automation.adapters.excel.reader import LAST_COLUMN, read_tabs
from automation.adapters.excel.saving import is_settled, replace_file, revision_of
from automation.adapters.excel.values import as_stored
from automation.base.errors import NotAWorkbook, WorkbookUnavailable
from automation.base.messages import text
from automation.core.model.layout import TabLook
from automation.core.model.lease import OnlyHere
from automation.core.model.ports import Formulas, Lease, RequestCount
from automation.core.model.workbook import (
    AddedRows,
    Anchor,
    Cell,
    CellChange,
    DrawOutcome,
    OwnSpreadsheet,
    RefusedTab,
    Row,
    Snapshot,
    Tab,
    WriteOutcome,
)

if TYPE_CHECKING:
    from automation.adapters.excel.sheet_editor import SheetChanges

READ_ATTEMPTS = 3
"""How often a file that is saved while we read it is read."""


class ExcelWorkbook:
    """An .xlsx file. The key of a tab is its title."""

    def __init__(self, path: Path, lease: Lease | None = None) -> None:
        """`lease`: who else may write to it; without one it is ours."""
        self.lease = lease or OnlyHere()
        self._path = path
        self._reads = 0
        self._writes = 0
        self._kept: Snapshot | None = None
        """What was read last, where the time of the file tells every later saving from it."""

    @property
    def address(self) -> str:
        return str(self._path)

    @property
    def name(self) -> str:
        return self._path.name

    @property
    def requests(self) -> RequestCount:
        """How often the file was read, and how often it was replaced."""
        return RequestCount(self._reads, self._writes)

    def read(self, *, look_around: bool = False) -> Snapshot:  # noqa: ARG002  # a file hides no tab
        """Every worksheet of the file, hidden ones too. A file that nobody saved since is not opened again.

        Raises WorkbookMissing, NotAWorkbook, and WorkbookUnavailable where it may not be read or is being
        saved.
        """
        for _ in range(READ_ATTEMPTS):
            revision = revision_of(self._path)
            if self._kept is not None and self._kept.revision == revision:
                return self._kept
            self._kept = None
            settled = is_settled(self._path)
            try:
                tabs = self._read_tabs()
            except NotAWorkbook:
                if revision_of(self._path) == revision:
                    raise
            else:
                if revision_of(self._path) == revision:
                    snapshot = Snapshot(tabs, revision)
                    self._kept = snapshot if settled else None
                    return snapshot
        raise WorkbookUnavailable(text("excel.being_saved", path=self._path))

    def write(self, changes: Sequence[CellChange], basis: Snapshot, *, look: bool = True) -> WriteOutcome:  # noqa: ARG002
        """Put all changes into the file, unless somebody saved it since `basis` was read: then nothing is
        written and the present state comes back. No part of the file but the touched tabs is changed.

        Raises HeldElsewhere, WorkbookBusy, WorkbookUnavailable, WorkbookMissing, NotAWorkbook, and ValueError for a
        cell that no tab of `basis` can have; then nothing was written.
        """
        return self._written(changes, basis, self._copy_with)

    def erase(self, cells: Sequence[CellChange], basis: Snapshot) -> WriteOutcome:
        """What stood there is nowhere in the file then. Raises as `write` does."""
        return self._written(cells, basis, partial(self._copy_with, forgets=True))

    def _written(
        self, changes: Sequence[CellChange], basis: Snapshot, copy_with: Callable[..., Sequence[RefusedTab]]
    ) -> WriteOutcome:
        if revision_of(self._path) != basis.revision:
            return WriteOutcome(held=False, snapshot=self.read())
        if not changes:
            return WriteOutcome(held=True, snapshot=basis)
        self.lease.ensure()
        by_tab = _by_tab(changes, basis)
        refused: list[RefusedTab] = []
        revision = replace_file(self._path, lambda file: refused.extend(copy_with(by_tab, file)), basis.revision)
        if revision is None:
            return WriteOutcome(held=False, snapshot=self.read())
        self._kept = None
        self._writes += 1
        written = {key: cells for key, cells in by_tab.items() if key not in {each.key for each in refused}}
        tabs = tuple(_with_changes(tab, written.get(tab.key, {})) for tab in basis.tabs)
        return WriteOutcome(held=True, snapshot=Snapshot(tabs, revision), refused=tuple(refused))

    def merge(self, changes: Sequence[CellChange], added: AddedRows | None, basis: Snapshot) -> WriteOutcome:
        """All of it at once, or nothing. Raises as `write` does."""
        return self.write([*changes, *(added.cells() if added else ())], basis)

    def anchor(self, anchors: Sequence[Anchor], basis: Snapshot) -> WriteOutcome:  # noqa: ARG002
        """A file is replaced as a whole: nothing in it has to be known by its identity."""
        return WriteOutcome(held=False, snapshot=basis)

    def read_own(self, addresses: Sequence[str], *, look_around: bool = False) -> Mapping[str, OwnSpreadsheet]:  # noqa: ARG002
        """A file knows no other spreadsheets."""
        return {address: OwnSpreadsheet(trouble=text("excel.own_spreadsheet")) for address in addresses}

    def draw_own(self, address: str, looks: Sequence[TabLook]) -> DrawOutcome:  # noqa: ARG002
        return DrawOutcome((text("excel.own_spreadsheet"),))

    def link(self, tab: str, cells: str) -> str:  # noqa: ARG002
        return ""

    def formulas(self, keys: Collection[str], basis: Snapshot) -> Formulas:
        """None of a file that somebody saved since `basis`. Raises as `read` does."""
        if revision_of(self._path) != basis.revision:
            return {}
        from automation.adapters.excel.drawing.formulas import formulas_of  # once an hour at most

        with open_package(self._path) as package:
            found = {sheet.title: formulas_of(package, sheet) for sheet in package.sheets if sheet.title in keys}
        return found if revision_of(self._path) == basis.revision else {}

    def draw(self, looks: Sequence[TabLook]) -> DrawOutcome:
        """Create the file and the tabs that are missing, and make every tab look as described. Tells where a copy
        of the file is kept, if drawing could lose something in it. Raises what `draw_file` raises.
        """
        if not looks:
            return DrawOutcome()
        self.lease.ensure()
        # The drawing library takes longer to load than a small workbook to read, and cycles do not draw.
        from automation.adapters.excel.drawing.drawing import draw_file

        drawn = draw_file(self._path, looks)
        self._writes += drawn.changed
        kept = drawn.kept
        told = (text("excel.copy_kept", path=kept.path, things=", ".join(kept.at_risk)),) if kept else ()
        return DrawOutcome(told, drawn.refused, drawn.changed)

    def _read_tabs(self) -> tuple[Tab, ...]:
        self._reads += 1
        with open_package(self._path) as package:
            return read_tabs(package)

    def _copy_with(
        self, changes: Mapping[str, SheetChanges], target: IO[bytes], *, forgets: bool = False
    ) -> Sequence[RefusedTab]:
        from automation.adapters.excel.editor import edit_workbook  # most cycles write nothing

        with open_package(self._path) as package, ExitStack() as beside:
            edited = edit_workbook(package, changes, beside, forgets=forgets)
            copy_package(package, target, edited.changed, edited.dropped)
        return edited.refused


def _by_tab(changes: Iterable[CellChange], basis: Snapshot) -> dict[str, dict[int, dict[int, Cell]]]:
    """New values by tab, row and column; of two changes of one cell the last wins."""
    known = {tab.key for tab in basis.tabs}
    by_tab: dict[str, dict[int, dict[int, Cell]]] = defaultdict(lambda: defaultdict(dict))
    for change in changes:
        inside = 1 <= change.row <= LAST_ROW and 1 <= change.column <= LAST_COLUMN
        if change.tab not in known or not inside:
            raise ValueError(f"no such cell: row {change.row}, column {change.column} of tab {change.tab!r}")
        by_tab[change.tab][change.row][change.column] = change.value
    return by_tab


def _with_changes(tab: Tab, changes: SheetChanges) -> Tab:
    """The tab as it reads once the changes are in the file."""
    rows: list[Row] = list(tab.rows)
    rows.extend([()] * (max(changes, default=0) - len(rows)))
    for number, values in changes.items():
        row: list[Cell] = list(rows[number - 1])
        row.extend([None] * (max(values) - len(row)))
        for column, value in values.items():
            row[column - 1] = as_stored(value)
        rows[number - 1] = _without_blank_end(row)
    while rows and not rows[-1]:
        rows.pop()
    return replace(tab, rows=rows)


def _without_blank_end(row: list[Cell]) -> tuple[Cell, ...]:
    while row and row[-1] is None:
        row.pop()
    return tuple(row)
