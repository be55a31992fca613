"""The shared spreadsheet and those that units have of their own, as one workbook.

Tabs of a unit's own spreadsheet have keys "<spreadsheet id>/<sheet id>". What is wrong with one such spreadsheet is
wrong for its units alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from msgspec.structs import replace

from automation.adapters.google.api.address import SpreadsheetAddress, spreadsheet_address
from automation.adapters.google.memory import SheetMemory
from automation.adapters.google.patience import Errand, Purse, Silences, purse_for_reading, purse_for_writing
from automation.adapters.google.workbook import Api as WorkbookApi
from automation.adapters.google.workbook import GoogleWorkbook
from automation.base.errors import CannotStart, GoogleNotReady, NotAWorkbook, TccbError, WorkbookUnavailable
from automation.base.messages import text
from automation.core.model.layout import TabLook
from automation.core.model.lease import OnlyHere
from automation.core.model.ports import Formulas, Lease, RequestCount
from automation.core.model.workbook import (
    AddedRows,
    Anchor,
    AnchorCodes,
    CellChange,
    DrawOutcome,
    OwnSpreadsheet,
    RefusedTab,
    Snapshot,
    Tab,
    WriteOutcome,
)

AT_ONCE = 4
"""Spreadsheets that are read side by side; the quota of requests is kept by the API they share."""
_SILENCES_FILE = "silent.json"
Step = TypeVar("Step", CellChange, Anchor)
Done = TypeVar("Done")


class Api(WorkbookApi, Protocol):
    """The calls of `GoogleApi` that are needed here."""

    def errand(self, seconds: float) -> Errand: ...


class GoogleSpreadsheets:
    """A `Workbook` that leads to several spreadsheets."""

    def __init__(
        self,
        shared: GoogleWorkbook,
        shared_id: str,
        open_own: Callable[[str], GoogleWorkbook],
        errand: Callable[[float], Errand],
        silences: Silences,
        *,
        lease: Lease | None = None,
        any_id: bool = False,
    ) -> None:
        """`open_own`: a spreadsheet by its id. `errand`: so many seconds for one of units' own. `silences`: which of
        those hung. `lease`: of the shared one, which counts for all; without one nobody else is looked out for.

        `any_id`: ids may be short, as emulators make them.
        """
        self.lease = lease or OnlyHere()
        self._shared = shared
        self._shared_id = shared_id
        self._open_own = open_own
        self._new_errand = errand
        self._any_id = any_id
        self._own: dict[str, GoogleWorkbook] = {}
        self._silences = silences
        self._errands: dict[str, Errand] = {}
        """By id, the time that is left for a unit's own spreadsheet; a read begins anew."""
        self._purse = purse_for_writing()
        self._read: dict[str, Snapshot] = {}
        """By id, what was last handed out of a unit's own spreadsheet, with its own keys."""

    @property
    def address(self) -> str:
        return self._shared.address

    @property
    def name(self) -> str:
        return self._shared.name

    @property
    def requests(self) -> RequestCount:
        asked = self.lease.requests
        return replace(self._shared.requests, lease=asked.read + asked.write)

    def link(self, tab: str, cells: str) -> str:
        """The address that opens those cells of the tab in a browser."""
        spreadsheet, _, sheet = tab.rpartition("/")
        return self._own[spreadsheet].link(sheet, cells) if spreadsheet else self._shared.link(sheet, cells)

    def read(self, *, look_around: bool = False) -> Snapshot:
        """The shared spreadsheet. Raises as `GoogleWorkbook.read` does."""
        return self._shared.read(look_around=look_around)

    def read_own(self, addresses: Sequence[str], *, look_around: bool = False) -> Mapping[str, OwnSpreadsheet]:
        """Side by side, in the order given. Raises `GoogleNotReady` where nothing at Google can be reached."""
        distinct = list(dict.fromkeys(addresses))
        self._purse = purse_for_writing()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            one = partial(self._read_one, purse=purse_for_reading(), look_around=look_around)
            read = pool.map(one, distinct)
            return dict(zip(distinct, read, strict=True))

    def _read_one(self, typed: str, purse: Purse, *, look_around: bool) -> OwnSpreadsheet:
        try:
            address = self._found(typed)
            snapshot = self._read_in_time(address.id, purse, look_around=look_around)
        except GoogleNotReady:
            raise
        except (CannotStart, WorkbookUnavailable) as error:
            return OwnSpreadsheet(trouble=str(error))
        self._read[address.id] = snapshot
        return OwnSpreadsheet(tuple(_keyed(address.id, snapshot.tabs)))

    def _read_in_time(self, spreadsheet: str, purse: Purse, *, look_around: bool) -> Snapshot:
        if why := self._silences.told(spreadsheet):
            raise WorkbookUnavailable(why)
        with purse.of(self._new_errand) as errand:
            self._errands[spreadsheet] = errand
            with self._silences.noted(spreadsheet, errand), errand:
                return self._book(spreadsheet).read(look_around=look_around)

    def _in_time(self, spreadsheet: str, do: Callable[[GoogleWorkbook, Snapshot], Done]) -> Done:
        with self._purse.of(self._errands[spreadsheet].shortened) as errand:
            self._errands[spreadsheet] = errand
            with errand:
                return do(self._own[spreadsheet], self._read[spreadsheet])

    def _found(self, typed: str) -> SpreadsheetAddress:
        address = spreadsheet_address(typed, any_id=self._any_id)
        if address is None:
            raise NotAWorkbook(text("google_workbook.own_address", typed=typed))
        if address.id == self._shared_id:
            raise NotAWorkbook(text("google_workbook.own_is_shared"))
        return address

    def _book(self, spreadsheet: str) -> GoogleWorkbook:
        if spreadsheet not in self._own:
            self._own[spreadsheet] = self._open_own(spreadsheet)
        return self._own[spreadsheet]

    def write(self, changes: Sequence[CellChange], basis: Snapshot, *, look: bool = True) -> WriteOutcome:
        """First the shared spreadsheet, then each unit's own; the latter fail for themselves."""
        of_shared = [change for change in changes if "/" not in change.tab]
        outcome = self._shared.write(of_shared, basis, look=look)
        return self._with_own(outcome, basis, changes, lambda book, read, steps: book.write(steps, read))

    def erase(self, cells: Sequence[CellChange], basis: Snapshot) -> WriteOutcome:
        """As `write`: nothing but the versions that Google keeps has what stood there."""
        return self.write(cells, basis)

    def merge(self, changes: Sequence[CellChange], added: AddedRows | None, basis: Snapshot) -> WriteOutcome:
        """In the spreadsheet that the tab is in."""
        of_tab = next((each.tab for each in (*changes, *([added] if added else ()))), "")
        if "/" not in of_tab:
            return self._shared.merge(changes, added, basis)
        rows = replace(added, tab=added.tab.partition("/")[2]) if added else None
        unchanged = WriteOutcome(held=True, snapshot=basis)
        steps = changes or [CellChange(of_tab, 1, 1, None)]
        return self._with_own(
            unchanged, basis, steps, lambda book, read, steps: book.merge(steps if changes else [], rows, read)
        )

    def anchor(self, anchors: Sequence[Anchor], basis: Snapshot) -> WriteOutcome:
        """The same for what is to be known by its identity."""
        of_shared = [each for each in anchors if "/" not in each.tab]
        outcome = self._shared.anchor(of_shared, basis) if of_shared else WriteOutcome(held=False, snapshot=basis)
        return self._with_own(outcome, basis, anchors, lambda book, read, steps: book.anchor(steps, read))

    def _with_own(
        self,
        outcome: WriteOutcome,
        basis: Snapshot,
        steps: Sequence[Step],
        do: Callable[..., WriteOutcome],
    ) -> WriteOutcome:
        """The outcome with what came of the steps in units' own spreadsheets."""
        held, refused, trouble = outcome.held, list(outcome.refused), outcome.trouble
        for spreadsheet in dict.fromkeys(step.tab.partition("/")[0] for step in steps if "/" in step.tab):
            mine = [s._replace(tab=s.tab.partition("/")[2]) for s in steps if s.tab.startswith(f"{spreadsheet}/")]
            present = self._read[spreadsheet]
            try:
                done = self._in_time(spreadsheet, partial(do, steps=mine))
            except GoogleNotReady:
                raise
            except (CannotStart, WorkbookUnavailable) as error:
                refused += _all_refused(spreadsheet, present, mine, error)
                continue
            self._read[spreadsheet] = done.snapshot
            held, trouble = held and done.held, trouble or done.trouble
            refused += (replace(each, key=f"{spreadsheet}/{each.key}") for each in done.refused)
        snapshot = replace(outcome.snapshot, own=self._as_it_stands(basis))
        return WriteOutcome(held, snapshot, tuple(refused), trouble)

    def _as_it_stands(self, basis: Snapshot) -> dict[str, OwnSpreadsheet]:
        own = dict(basis.own)
        for typed, before in basis.own.items():
            address = spreadsheet_address(typed, any_id=self._any_id)
            if not before.trouble and address is not None:
                own[typed] = OwnSpreadsheet(tuple(_keyed(address.id, self._read[address.id].tabs)))
        return own

    def formulas(self, keys: Collection[str], basis: Snapshot) -> Formulas:
        """Of those in units' own spreadsheets as far as these answer in time."""
        of_shared = [key for key in keys if "/" not in key]
        found = dict(self._shared.formulas(of_shared, basis)) if of_shared else {}
        for spreadsheet in dict.fromkeys(key.partition("/")[0] for key in keys if "/" in key):
            mine = [key.partition("/")[2] for key in keys if key.startswith(f"{spreadsheet}/")]
            try:
                told = self._in_time(spreadsheet, partial(_formulas, keys=mine))
            except GoogleNotReady:
                raise
            except (CannotStart, WorkbookUnavailable):
                continue
            found |= {f"{spreadsheet}/{key}": formulas for key, formulas in told.items()}
        return found

    def draw(self, looks: Sequence[TabLook]) -> DrawOutcome:
        """The tabs of the shared spreadsheet."""
        return self._shared.draw(looks)

    def draw_own(self, address: str, looks: Sequence[TabLook]) -> DrawOutcome:
        """The tabs of a unit's own spreadsheet. Raises `CannotStart`, `WorkbookUnavailable`."""
        return self._book(self._found(address).id).draw(looks)


def open_spreadsheets(
    api: Api,
    address: SpreadsheetAddress,
    folder: Path,
    codes_of: AnchorCodes,
    *,
    lease: Lease | None = None,
    keeps: bool = True,
    any_id: bool = False,
    clock: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> GoogleSpreadsheets:
    """The workbook at `address`; what is to be known of it next time lies in `folder`, if it `keeps` anything.
    `codes_of`: what is known by its identity in a tab.

    All its spreadsheets share `api`, and with it the quota.
    """

    def open_one(spreadsheet: str, typed: str = "") -> GoogleWorkbook:
        memory = SheetMemory(folder, spreadsheet, keeps=keeps, clock=clock)
        return GoogleWorkbook(api, spreadsheet, memory, codes_of, typed, pause, clock)

    silences = Silences(folder / _SILENCES_FILE if keeps else None, clock)
    shared = open_one(address.id, address.typed)
    return GoogleSpreadsheets(shared, address.id, open_one, api.errand, silences, lease=lease, any_id=any_id)


def _formulas(book: GoogleWorkbook, read: Snapshot, keys: Collection[str]) -> Formulas:
    return book.formulas(keys, read)


def _keyed(spreadsheet: str, tabs: Iterable[Tab]) -> Iterable[Tab]:
    return (replace(tab, key=f"{spreadsheet}/{tab.key}") for tab in tabs)


def _all_refused(
    spreadsheet: str, present: Snapshot, steps: Iterable[CellChange | Anchor], error: TccbError
) -> Iterable[RefusedTab]:
    titles = {tab.key: tab.title for tab in present.tabs}
    keys = dict.fromkeys(step.tab for step in steps)
    return (RefusedTab(f"{spreadsheet}/{key}", titles[key], str(error)) for key in keys)
