"""The workbook as a Google spreadsheet that people are editing while we work.

Google has no compare-and-swap: between our read and our write rows and columns move. So every write brings back the
rows it touched, in the same atomic request; where they are not the ones that were read, or no answer comes at all,
`core/writing/overtaking.py` tells what has to be put right, and the caller judges again what is there now.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, Protocol

from automation.adapters.google.api.values import as_kept, cells_of_values, same_cell
from automation.adapters.google.batches import READ_BACK_FIELDS, Batch, Grid, batches, read_back_rows, rows_read_back
from automation.adapters.google.drawing.drawing import draw
from automation.adapters.google.drawing.present import Api as PresentApi
from automation.adapters.google.drawing.tags import FIELDS as TAG_FIELDS
from automation.adapters.google.drawing.tags import tag_of
from automation.adapters.google.memory import SheetMemory, UnfinishedWrite
from automation.base.errors import CellsProtected, QuotaSpent, RequestRefused, WorkbookUnavailable
from automation.base.messages import text
from automation.core.model.layout import TabLook
from automation.core.model.ports import RequestCount
from automation.core.model.workbook import CellChange, DrawOutcome, RefusedTab, Snapshot, Tab, WriteOutcome
from automation.core.writing.overtaking import (
    Cells,
    as_people_have_it,
    in_tab,
    misplaced,
    possibly_written,
    rows_of,
    with_changes,
)
from automation.core.writing.tracing import Rows, cell_at

LOOK_AROUND_SECONDS = 3600
"""How long tabs that somebody adds may stay unseen, where nothing is missing."""

_LOOKS = 3
_MOST_REFUSED = 10
"""Tabs that are found out one by one; where Google refuses more, it is no matter of tabs."""
_QUOTA_PAUSE = 15.0
"""Seconds; a minute's quota comes back little by little."""
_TABS_FIELDS = f"sheets(properties(sheetId,title,index,sheetType,gridProperties(rowCount,columnCount)),{TAG_FIELDS})"
_ECHO = re.compile(r"(?:'(?P<quoted>(?:[^']|'')*)'|(?P<plain>[^!]*))!A1(?::(?P<column>[A-Z]+)(?P<row>\d+))?")


class Api(PresentApi, Protocol):
    """The calls of `GoogleApi` that are needed here."""

    @property
    def requests(self) -> RequestCount: ...

    @property
    def account(self) -> str: ...


class GoogleWorkbook:
    """One spreadsheet; tabs have their sheet id as key, whatever they are called."""

    def __init__(
        self,
        api: Api,
        spreadsheet_id: str,
        memory: SheetMemory,
        address: str = "",
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api = api
        self._id = spreadsheet_id
        self._memory = memory
        self._address = address or spreadsheet_id
        self._pause = pause
        self._grids: dict[str, Grid] = {}
        self._refused_before = False
        self._revisions = count(1)
        self._as_it_stands: dict[str, tuple[Tab, ...]] = {}
        """By revision, the tabs of a snapshot that was handed out in another state: with repairs still to be made."""

    @property
    def address(self) -> str:
        return self._address

    @property
    def name(self) -> str:
        return text("google_workbook.name")

    @property
    def requests(self) -> RequestCount:
        return self._api.requests

    def link(self, tab: str, cells: str) -> str:
        """The address that opens those cells of the tab in a browser."""
        return f"https://docs.google.com/spreadsheets/d/{self._id}/edit#gid={tab}&range={cells}"

    # --- reading --------------------------------------------------------------------------------------

    def read(self, *, look_around: bool = False) -> Snapshot:
        """Everything at one instant, in one request; up to three where tabs have come or gone.

        Raises `CannotStart` (not shared, no such spreadsheet, ...), `WorkbookUnavailable`.
        """
        return self._without_unfinished_write(self._read_all(look_around))

    def _read_all(self, look_around: bool = False) -> Snapshot:
        if not (look_around or not self._memory.titles or self._memory.age > LOOK_AROUND_SECONDS):
            snapshot = self._read_remembered()
            if snapshot is not None:
                return replace(snapshot, complete=False)
        for _ in range(_LOOKS):  # somebody may delete a tab in between
            self._look_around()
            snapshot = self._read_remembered()
            if snapshot is not None:
                return snapshot
        raise WorkbookUnavailable(text("google_workbook.tabs_changing"))

    def _look_around(self) -> None:
        answer = self._api.get(self._id, {"fields": _TABS_FIELDS})
        properties = [sheet["properties"] for sheet in answer.get("sheets", ())]
        properties.sort(key=lambda each: each.get("index", 0))
        self._grids = {
            str(each.get("sheetId", 0)): Grid(each["title"], grid.get("rowCount", 0), grid.get("columnCount", 0))
            for each in properties
            if (grid := each.get("gridProperties")) is not None
        }
        titles = {int(sheet): grid.title for sheet, grid in self._grids.items()}
        tags = {sheet["properties"].get("sheetId", 0): tag_of(sheet) for sheet in answer.get("sheets", ())}
        self._memory.remember_tabs(titles, tags)

    def _read_remembered(self) -> Snapshot | None:
        """None where one of the tabs is no longer there."""
        sheets = list(self._memory.titles)
        body = {
            "dataFilters": [{"gridRange": {"sheetId": sheet}} for sheet in sheets],
            "majorDimension": "ROWS",
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
        }
        try:
            answer = self._api.post(f"{self._id}/values:batchGetByDataFilter", body, repeatable=True)
        except RequestRefused:  # "No grid with id": a tab was deleted
            return None
        ranges = {_sheet_of(each): each["valueRange"] for each in answer.get("valueRanges", ())}
        for sheet in sheets:
            echo = _ECHO.fullmatch(ranges.get(sheet, {}).get("range", ""))
            if echo:
                self._grids[str(sheet)] = _grid(echo)
        if any(str(sheet) not in self._grids for sheet in sheets):
            return None
        self._memory.remember_tabs({sheet: self._grids[str(sheet)].title for sheet in sheets})
        return Snapshot(tuple(self._tab(sheet, ranges.get(sheet, {}).get("values", ())) for sheet in sheets))

    def _tab(self, sheet: int, values: Sequence[Sequence[Any]]) -> Tab:
        rows = [cells_of_values(row) for row in values]
        *former, title = self._memory.titles[sheet]
        return _trimmed(Tab(str(sheet), title, rows, tuple(former), self._memory.tags.get(sheet, "")))

    def _without_unfinished_write(self, present: Snapshot) -> Snapshot:
        """What an earlier write left behind, of which nobody knows how it ended."""
        write = self._memory.unfinished
        if write is None:
            return present
        repairs = tuple(_left_behind(write, present))
        if not repairs:
            self._memory.finish()
        return self._handed_out(present, repairs)

    def _handed_out(self, present: Snapshot, repairs: Sequence[CellChange]) -> Snapshot:
        if not repairs:
            return present
        revision = f"{next(self._revisions)}"
        self._as_it_stands = {revision: present.tabs}
        return as_people_have_it(replace(present, revision=revision), repairs)

    # --- writing --------------------------------------------------------------------------------------

    def write(self, changes: Sequence[CellChange], basis: Snapshot) -> WriteOutcome:
        """Put the changes in, one atomic request per 2 MB, and see what they met.

        Not held: people were faster, or no answer came; the outcome has what stands there now, and what is to be put
        right of it. Raises `CannotStart`, `WorkbookUnavailable` (protected cells, no more quota, no answer, ...).
        """
        cells = _kept(changes, basis)
        if not cells:
            return WriteOutcome(held=True, snapshot=basis)
        pending = _PendingWrite(
            {tab.key: tab for tab in self._as_it_stands.get(basis.revision, basis.tabs)}, basis.repairs
        )
        pending.waiting.extend(batches(cells, self._grids, pending.widths))
        while pending.waiting:
            batch = pending.waiting.popleft()
            try:
                overtaken = self._send(batch, pending.unfinished(batch.cells))
            except RequestRefused as error:  # one cell refuses all: the other tabs go on without its own
                if not pending.keeps_back(batch, error):
                    pending.waiting.extendleft(_halves(batch, self._grids, pending.widths))
                continue
            if overtaken is not None:
                return overtaken
            pending.has_done(batch)
        self._refused_before = False
        self._not_sent(pending.unfinished(()))
        held = replace(basis, tabs=tuple(pending.tabs.values()), revision="", repairs=())
        return WriteOutcome(held=True, snapshot=held, refused=tuple(pending.refused.values()))

    def _send(self, batch: Batch, write: UnfinishedWrite) -> WriteOutcome | None:
        """None where the write stands beside what it was computed from."""
        self._begin(write)
        try:
            answer = self._api.post(
                f"{self._id}:batchUpdate", batch.body, {"fields": READ_BACK_FIELDS}, repeatable=False
            )
        except RequestRefused as error:
            self._not_sent(write)
            if self._refused_before or isinstance(error, CellsProtected):
                raise
            # A tab was renamed or deleted, or lost rows that were to be written: nothing was done.
            self._refused_before = True
            return self._overtaken(self._read_all(look_around=True))
        except WorkbookUnavailable as error:
            if error.may_have_happened:
                return self._overtaken(self._read_all())
            self._not_sent(write)
            if not isinstance(error, QuotaSpent):
                raise
            self._pause(_QUOTA_PAUSE)  # and rows may move the while
            return self._overtaken(self._read_all())
        self._grow(batch)
        read_back = rows_read_back(answer)
        if _all_hold(write, read_back):
            return None
        self._begin(_as_answered(write, read_back))
        return self._overtaken(self._read_all())

    def _begin(self, write: UnfinishedWrite) -> None:
        try:
            self._memory.begin(write)
        except OSError:
            raise WorkbookUnavailable(text("google_workbook.state_folder")) from None

    def _not_sent(self, write: UnfinishedWrite) -> None:
        if write.owed:
            self._begin(replace(write, written=()))
        else:
            self._memory.finish()

    def _overtaken(self, present: Snapshot) -> WriteOutcome:
        return WriteOutcome(held=False, snapshot=self._without_unfinished_write(present))

    def _grow(self, batch: Batch) -> None:
        for change in batch.cells:
            grid = self._grids[change.tab]
            if change.row > grid.rows or change.column > grid.columns:
                size = max(grid.rows, change.row), max(grid.columns, change.column)
                self._grids[change.tab] = Grid(grid.title, *size)

    # --- drawing --------------------------------------------------------------------------------------

    def draw(self, looks: Sequence[TabLook]) -> DrawOutcome:
        """Create the tabs that are missing and make every one look as described."""
        remarks = draw(self._api, self._id, looks, self._api.account)
        self._memory.look_around_next()
        return DrawOutcome(tuple(remarks))


class _PendingWrite:
    """A write that takes several requests: what stands there by now, and what is still to come."""

    def __init__(self, tabs: Mapping[str, Tab], owed: Sequence[CellChange]) -> None:
        self.tabs = dict(tabs)
        self.widths = {key: max(map(len, tab.rows), default=1) for key, tab in tabs.items()}
        self.waiting: deque[Batch] = deque()
        self.refused: dict[str, RefusedTab] = {}
        self._owed = {(change.tab, change.row, change.column): change for change in owed}

    def unfinished(self, written: Sequence[CellChange]) -> UnfinishedWrite:
        """What to remember while `written` is on its way."""
        keys = dict.fromkeys(change.tab for change in (*written, *self._owed.values()))
        return UnfinishedWrite(tuple(self.tabs[key] for key in keys), tuple(self._owed.values()), tuple(written))

    def has_done(self, batch: Batch) -> None:
        for key in {change.tab for change in batch.cells}:
            self.tabs[key] = with_changes(self.tabs[key], in_tab(batch.cells, key))
        for change in batch.cells:
            self._owed.pop((change.tab, change.row, change.column), None)

    def keeps_back(self, batch: Batch, error: RequestRefused) -> bool:
        """Whether one tab alone was refused; of several each has to be tried. Raises the error where that is of no
        use.
        """
        keys = {change.tab for change in batch.cells}
        if len(keys) > 1:
            if len(self.refused) >= _MOST_REFUSED and not isinstance(error, CellsProtected):
                raise error
            return False
        (key,) = keys
        why = text("google_workbook.protected") if isinstance(error, CellsProtected) else str(error)
        self.refused[key] = RefusedTab(key, self.tabs[key].title, why)
        return True


def _sheet_of(matched: Mapping[str, Any]) -> int:
    sheet: int = matched["dataFilters"][0].get("gridRange", {}).get("sheetId", 0)
    return sheet


def _grid(echo: re.Match[str]) -> Grid:
    quoted, plain = echo["quoted"], echo["plain"]
    title = plain if quoted is None else quoted.replace("''", "'")
    return Grid(title, int(echo["row"] or 1), _column_number(echo["column"] or "A"))


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _trimmed(tab: Tab) -> Tab:
    """Without blank cells at the end of rows and blank rows at the end, as after a write."""
    return with_changes(tab, {(row, len(cells)): cells[-1] for row, cells in enumerate(tab.rows, 1) if cells})


def _kept(changes: Sequence[CellChange], basis: Snapshot) -> list[CellChange]:
    """The changes with values as a read gives them; of several for one cell the last."""
    keys = {tab.key for tab in basis.tabs}
    if any(change.tab not in keys or change.row < 1 or change.column < 1 for change in changes):
        raise ValueError("no such cell")
    return list(
        {
            (change.tab, change.row, change.column): replace(change, value=as_kept(change.value)) for change in changes
        }.values()
    )


def _halves(batch: Batch, grids: Mapping[str, Grid], widths: Mapping[str, int]) -> list[Batch]:
    """The same write as several, each for about half of the tabs."""
    keys = list(dict.fromkeys(change.tab for change in batch.cells))
    first = set(keys[: len(keys) // 2])
    parts = ([each for each in batch.cells if (each.tab in first) is wanted] for wanted in (True, False))
    return [each for part in parts for each in batches(part, grids, widths)]


def _all_hold(write: UnfinishedWrite, read_back: Mapping[str, Rows]) -> bool:
    touched = {change.tab for change in write.written}
    return all(
        _holds(tab, in_tab(write.written, tab.key), read_back.get(tab.key))
        for tab in write.before
        if tab.key in touched
    )


def _holds(tab: Tab, written: Cells, found: Rows | None) -> bool:
    """Whether the rows that came back are those that were read, with the write in them."""
    if found is None:
        return False
    wanted = rows_of(with_changes(tab, written))
    return all(
        _same_row(number, wanted, found)
        for first, last in read_back_rows(sorted({row for row, _ in written}))
        for number in range(first, last + 1)
    )


def _same_row(number: int, wanted: Rows, found: Rows) -> bool:
    width = max(len(wanted.get(number, ())), len(found.get(number, ())))
    return all(
        same_cell(cell_at(wanted, (number, column)), cell_at(found, (number, column))) for column in range(1, width + 1)
    )


# --- what a write left behind -----------------------------------------------------------------------------


def _as_answered(write: UnfinishedWrite, read_back: Mapping[str, Rows]) -> UnfinishedWrite:
    """The write as its answer shows it: what stood there at that instant, and what of it is in the wrong place."""
    before: list[Tab] = []
    owed: list[CellChange] = []
    written: list[CellChange] = []
    for tab in write.before:
        cells, found = in_tab(write.written, tab.key), read_back.get(tab.key)
        if found is None:  # the answer is of another tab: it may have been renamed
            before.append(tab)
            owed += [change for change in write.owed if change.tab == tab.key]
            written += [change for change in write.written if change.tab == tab.key]
            continue
        wrong = misplaced(rows_of(tab), in_tab(write.owed, tab.key), cells, found, set(cells))
        before.append(replace(tab, rows=_listed(found)))
        owed += [CellChange(tab.key, row, column, value) for (row, column), value in wrong.items()]
    return UnfinishedWrite(tuple(before), tuple(owed), tuple(written))


def _listed(rows: Rows) -> list[Any]:
    return [rows.get(number, ()) for number in range(1, max(rows, default=0) + 1)]


def _left_behind(write: UnfinishedWrite, present: Snapshot) -> list[CellChange]:
    tabs = {tab.key: tab for tab in present.tabs}
    repairs: list[CellChange] = []
    for before in write.before:
        if before.key in tabs:
            then, after = rows_of(before), rows_of(tabs[before.key])
            written = in_tab(write.written, before.key)
            suspects = possibly_written(written, then, after)
            wrong = misplaced(then, in_tab(write.owed, before.key), written, after, suspects)
            repairs += [CellChange(before.key, row, column, value) for (row, column), value in wrong.items()]
    return repairs
