"""Stand-ins for the outside world that remember what was done to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count

from msgspec import Struct, field
from msgspec.structs import replace

from automation.adapters.excel.values import as_stored
from automation.base.errors import WorkbookUnavailable
from automation.core.model.layout import TabLook
from automation.core.model.lease import OnlyHere
from automation.core.model.ports import Formulas, Lease, RequestCount
from automation.core.model.workbook import (
    AddedRows,
    Anchor,
    Cell,
    CellChange,
    DrawOutcome,
    Formula,
    OwnSpreadsheet,
    Row,
    Snapshot,
    Tab,
    WriteOutcome,
)

Action = Callable[["MemoryWorkbook"], None]


class _Sheet(Struct):
    key: str
    title: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    read: list[Row] | None = None
    """The rows as they were last read, the same object until something changes."""

    def rows(self) -> list[Row]:
        if self.read is None:
            self.read = self._rows()
        return self.read

    def _rows(self) -> list[Row]:
        rows: list[list[Cell]] = []
        for (row, column), value in sorted(self.cells.items()):
            rows.extend([] for _ in range(row - len(rows)))
            rows[row - 1].extend([None] * (column - len(rows[row - 1])))
            rows[row - 1][column - 1] = value
        return [tuple(row) for row in rows]

    def put(self, row: int, column: int, value: Cell) -> None:
        self.read = None
        stored = as_stored(value)
        if stored is None:
            self.cells.pop((row, column), None)
        else:
            self.cells[row, column] = stored

    def put_rows(self, rows: Sequence[Row]) -> None:
        self.read = None
        self.cells.clear()
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                self.put(number, column, value)


class MemoryWorkbook:
    """A workbook in memory that behaves as `ExcelWorkbook`: a write holds only while nobody saved since the read.

    Its tabs have keys that are not their titles, so that code which mixes the two up fails.
    """

    def __init__(self, tabs: Mapping[str, Sequence[Row]] | None = None, address: str = "memory") -> None:
        self._address = address
        self._numbers = count(1)
        self._sheets: list[_Sheet] = []
        self._revision = 0
        self._reads = 0
        self._writes = 0
        self._meanwhile: list[Action] = []
        self.own: dict[str, MemoryWorkbook] = {}
        """By address, the spreadsheets that units have of their own."""
        self.lease: Lease = OnlyHere()
        self.shut = False
        """Whether somebody keeps it from being written, as Excel does while it has a file open."""
        self.entered: dict[str, dict[tuple[int, int], Formula]] = {}
        """The formulas of each tab, by its key."""
        self.looks: dict[str, TabLook] = {}
        """How each tab was last drawn, by title."""
        self.edited_online: set[str] = set()
        """Titles of tabs that people look at while they are written."""
        for title, rows in (tabs or {}).items():
            self.add_tab(title, rows)

    # The port

    @property
    def address(self) -> str:
        return self._address

    @property
    def name(self) -> str:
        return self._address

    @property
    def requests(self) -> RequestCount:
        return RequestCount(self._reads, self._writes)

    def read(self, *, look_around: bool = False) -> Snapshot:  # noqa: ARG002  # a file hides no tab
        self._reads += 1
        return self._snapshot()

    def write(self, changes: Sequence[CellChange], basis: Snapshot, *, look: bool = True) -> WriteOutcome:  # noqa: ARG002
        if self.shut:
            raise WorkbookUnavailable("đang mở trong Excel")
        if self._meanwhile:
            self._meanwhile.pop(0)(self)
        for address, book in self.own.items():
            mine = [change for change in changes if change.tab.startswith(f"{address}/")]
            book.write([change._replace(tab=change.tab.partition("/")[2]) for change in mine], book.read())
        changes = [change for change in changes if "/" not in change.tab]
        if basis.revision != str(self._revision):
            return WriteOutcome(held=False, snapshot=self.read())
        sheets = {sheet.key: sheet for sheet in self._sheets}
        if any(change.tab not in sheets or change.row < 1 or change.column < 1 for change in changes):
            raise ValueError("no such cell")
        if changes:
            self._writes += 1
            self._revision += 1
        for change in changes:
            sheets[change.tab].put(change.row, change.column, change.value)
        return WriteOutcome(held=True, snapshot=self._snapshot())

    def merge(self, changes: Sequence[CellChange], added: AddedRows | None, basis: Snapshot) -> WriteOutcome:
        return self.write([*changes, *(added.cells() if added else ())], basis)

    def erase(self, cells: Sequence[CellChange], basis: Snapshot) -> WriteOutcome:
        return self.write(cells, basis)

    def anchor(self, anchors: Sequence[Anchor], basis: Snapshot) -> WriteOutcome:  # noqa: ARG002
        return WriteOutcome(held=False, snapshot=basis)

    def read_own(self, addresses: Sequence[str], *, look_around: bool = False) -> Mapping[str, OwnSpreadsheet]:  # noqa: ARG002
        return {address: self._own(address) for address in addresses}

    def _own(self, address: str) -> OwnSpreadsheet:
        if address not in self.own:
            return OwnSpreadsheet(trouble="không có bảng tính này")
        tabs = self.own[address].read().tabs
        return OwnSpreadsheet(tuple(replace(tab, key=f"{address}/{tab.key}") for tab in tabs))

    def draw_own(self, address: str, looks: Sequence[TabLook]) -> DrawOutcome:
        return self.own[address].draw(looks)

    def link(self, tab: str, cells: str) -> str:
        return f"https://sheets.example.org/{tab}#{cells}"

    def formulas(self, keys: Collection[str], basis: Snapshot) -> Formulas:
        if basis.revision != str(self._revision):
            return {}
        return {key: self.entered.get(key, {}) for key in keys}

    def draw(self, looks: Sequence[TabLook]) -> DrawOutcome:
        place = 0
        for look in looks:
            sheet = next((each for each in self._sheets if each.title == look.title), None)
            if sheet is None:
                sheet = _Sheet(f"tab-{next(self._numbers)}", look.title)
                self._sheets.insert(place, sheet)
            place = self._sheets.index(sheet) + 1
            for row, column, value in look.values:
                sheet.put(row, column, value)
            self.looks[look.title] = look
        self._writes += bool(looks)
        self._revision += 1
        return DrawOutcome()

    # What people do

    def meanwhile(self, action: Action) -> None:
        """Let people do something between the last read and the next write; several wait for a write each."""
        self._meanwhile.append(action)

    @property
    def titles(self) -> list[str]:
        return [sheet.title for sheet in self._sheets]

    def rows(self, title: str) -> list[Row]:
        """What stands in the tab, without counting as a read."""
        return list(self._sheet(title).rows())

    def cell(self, title: str, row: int, column: int) -> Cell:
        return self._sheet(title).cells.get((row, column))

    def type(self, title: str, row: int, column: int, value: Cell) -> None:
        """Type into one cell; None empties it."""
        self._sheet(title).put(row, column, value)
        self._revision += 1

    def insert_row(self, title: str, before: int, values: Row = ()) -> None:
        rows = self.rows(title)
        rows.extend([()] * (before - 1 - len(rows)))
        self.replace_rows(title, [*rows[: before - 1], values, *rows[before - 1 :]])

    def delete_row(self, title: str, row: int) -> None:
        rows = self.rows(title)
        self.replace_rows(title, [*rows[: row - 1], *rows[row:]])

    def replace_rows(self, title: str, rows: Sequence[Row]) -> None:
        """Leave the tab with these rows and nothing else, as after sorting or pasting."""
        self._sheet(title).put_rows(rows)
        self._revision += 1

    def add_tab(self, title: str, rows: Sequence[Row] = ()) -> None:
        sheet = _Sheet(f"tab-{next(self._numbers)}", title)
        sheet.put_rows(rows)
        self._sheets.append(sheet)
        self._revision += 1

    def rename_tab(self, title: str, new_title: str) -> None:
        self._sheet(title).title = new_title
        self._revision += 1

    def delete_tab(self, title: str) -> None:
        self._sheets.remove(self._sheet(title))
        self._revision += 1

    def _sheet(self, title: str) -> _Sheet:
        return next(sheet for sheet in self._sheets if sheet.title == title)

    def _snapshot(self) -> Snapshot:
        anchors: Mapping[str, Mapping[str, int]] = {title: {} for title in self.edited_online}
        tabs = tuple(Tab(each.key, each.title, each.rows(), anchors=anchors.get(each.title)) for each in self._sheets)
        return Snapshot(tabs, str(self._revision))
