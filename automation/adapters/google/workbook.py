"""The workbook as a Google spreadsheet that people are editing while we work.

Google has no compare-and-swap: between our read and our write rows and columns move. Columns of people's cannot be met,
for a result finds its column by identity (`drawing/anchors.py`). A result may still come to stand beside another row of
our own column; so what was touched is read again after every write, and where it is not what was meant, or no answer
came at all, the caller judges again what is there now. Nothing of earlier writes has to be remembered for that.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import groupby, zip_longest
from typing import Any, NamedTuple, Protocol, TypeVar

from msgspec import Raw
from msgspec.structs import replace

from automation.adapters.google.answers import Answer, FoundRange, decode_answer
from automation.adapters.google.api.values import as_kept, cells_of_values, same_cell
from automation.adapters.google.change_hint import ChangeHint
from automation.adapters.google.drawing.anchors import anchor_id, lookup, set_anchors
from automation.adapters.google.drawing.drawing import draw
from automation.adapters.google.drawing.present import PresentTab
from automation.adapters.google.drawing.reading import Api as PresentApi
from automation.adapters.google.drawing.tags import FIELDS as TAG_FIELDS
from automation.adapters.google.drawing.tags import tag_of
from automation.adapters.google.formulas import formulas_in
from automation.adapters.google.memory import SheetMemory
from automation.adapters.google.merges import FIELDS as MERGE_FIELDS
from automation.adapters.google.merges import columns_run_down, digest_of, merges_in
from automation.adapters.google.updates import Grid, Update, growth, insertion, updates
from automation.base.errors import CellsProtected, QuotaSpent, RequestRefused, WorkbookUnavailable
from automation.base.messages import text
from automation.core.model.layout import TabLook
from automation.core.model.ports import Formulas, RequestCount
from automation.core.model.workbook import (
    AddedRows,
    Anchor,
    AnchorCodes,
    Cell,
    CellChange,
    DrawOutcome,
    RefusedTab,
    Row,
    Snapshot,
    Tab,
    WriteOutcome,
    is_of_line,
)
from automation.core.text.moments import MOMENT, VIET_NAM, local

LOOK_AROUND_SECONDS = 3600
"""How long tabs that somebody adds may stay unseen, where nothing is missing."""

_LOOKS = 3
_JUST_READ = 30.0
"""Seconds: within one cycle."""
_MOST_REFUSED = 10
"""Tabs that are found out one by one; where Google refuses more, it is no matter of tabs."""
_PAUSE = 15.0
"""Seconds; a minute's quota comes back little by little, and a service in trouble not at once."""
_GRID_FIELDS = "gridProperties(rowCount,columnCount)"
_TABS_FIELDS = f"sheets(properties(sheetId,title,index,sheetType,{_GRID_FIELDS}),{TAG_FIELDS},{MERGE_FIELDS})"
_MERGES_FIELDS = f"sheets(properties(sheetId),{MERGE_FIELDS})"
_ECHO = re.compile(
    r"(?:'(?P<quoted>(?:[^']|'')*)'|(?P<plain>[^!]*))!(?P<left>[A-Z]+)(?P<top>\d+)(?::(?P<right>[A-Z]+)(?P<bottom>\d+))?"
)


Decoded = TypeVar("Decoded")


class Api(PresentApi, Protocol):
    """The calls of `GoogleApi` that are needed here."""

    @property
    def requests(self) -> RequestCount: ...

    @property
    def account(self) -> str: ...

    def read(self, path: str, body: Mapping[str, object], decode: Callable[[bytes], Decoded]) -> Decoded: ...

    def file_version(self, spreadsheet_id: str) -> str: ...


class _Seen(NamedTuple):
    """A tab as it came, and the rows that were made of it."""

    content: Raw
    rows: tuple[Row, ...]


class GoogleWorkbook:
    """One spreadsheet; tabs have their sheet id as key, whatever they are called."""

    def __init__(
        self,
        api: Api,
        spreadsheet_id: str,
        memory: SheetMemory,
        codes_of: AnchorCodes,
        address: str = "",
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`codes_of`: what is known by its identity in a tab."""
        self._api = api
        self._id = spreadsheet_id
        self._memory = memory
        self._codes_of = codes_of
        self._address = address or spreadsheet_id
        self._pause = pause
        self._grids: dict[str, Grid] = {}
        self._refused_before = False
        self._seen: dict[int, _Seen] = {}
        """By sheet id, what was last read of a tab."""
        self._hint = ChangeHint(partial(api.file_version, spreadsheet_id), clock, spreadsheet_id)
        self._clock = clock
        self._last: Snapshot | None = None
        """What was last read, as long as nothing was written since."""
        self._last_at = 0.0

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
        """Everything at one instant, in one request; up to three where tabs have come or gone, none where nothing has
        changed as far as Drive tells. Who looks around right after a read, and finds no other tabs, has that read.

        Raises `CannotStart` (not shared, no such spreadsheet, ...), `WorkbookUnavailable`.
        """
        if not (look_around or not self._memory.titles or self._memory.age > LOOK_AROUND_SECONDS):
            if self._last is not None and self._hint.stands():
                return self._last
            snapshot = self._read_remembered()
            if snapshot is not None:
                return snapshot
        just_read = self._last if self._clock() - self._last_at < _JUST_READ else None
        for _ in range(_LOOKS):  # somebody may delete a tab in between
            if not self._look_around() and just_read is not None:
                self._last = replace(just_read, complete=True)
                return self._last
            snapshot = self._read_remembered(complete=True)
            if snapshot is not None:
                return snapshot
        raise WorkbookUnavailable(text("google_workbook.tabs_changing"))

    def _look_around(self) -> bool:
        """Whether tabs, their names, their tags or merged cells are others than was known."""
        known = self._memory.tabs
        answer = self._api.spreadsheet(self._id).fetch_sheet_metadata({"fields": _TABS_FIELDS})
        properties = [sheet["properties"] for sheet in answer.get("sheets", ())]
        properties.sort(key=lambda each: each.get("index", 0))
        self._grids = {
            str(each.get("sheetId", 0)): Grid(each["title"], grid.get("rowCount", 0), grid.get("columnCount", 0))
            for each in properties
            if (grid := each.get("gridProperties")) is not None
        }
        titles = {int(sheet): grid.title for sheet, grid in self._grids.items()}
        tags = {sheet["properties"].get("sheetId", 0): tag_of(sheet) for sheet in answer.get("sheets", ())}
        self._memory.remember_merges(merges_in(answer.get("sheets", ())))
        self._memory.remember_tabs(titles, tags)
        return self._memory.tabs != known

    def _read_remembered(self, *, complete: bool = False) -> Snapshot | None:
        """None where one of the tabs is no longer there."""
        sheets = list(self._memory.titles)
        read = self._read_tabs(sheets)
        if read is None:
            return None
        self._memory.remember_tabs({sheet: self._grids[str(sheet)].title for sheet in sheets})
        self._last = Snapshot(tuple(read[str(sheet)] for sheet in sheets), complete=complete)
        self._last_at = self._clock()
        self._hint.was_read()
        return self._last

    def _read_tabs(self, sheets: Sequence[int]) -> dict[str, Tab] | None:
        """The tabs by key, with what is known in them by its identity, as one state. None where one is gone."""
        asked = {anchor_id(sheet, code): (sheet, code) for sheet in sheets for code in self._codes(sheet)}
        filters = [{"gridRange": {"sheetId": sheet}} for sheet in sheets]
        try:
            answer = self._values([*filters, *map(lookup, asked)], "UNFORMATTED_VALUE")
        except RequestRefused:  # "No grid with id": a tab was deleted
            return None
        found_of: dict[int, FoundRange] = {}
        anchors: dict[int, dict[str, int]] = {sheet: {} for sheet in sheets}
        for found in answer.valueRanges:
            echo = _ECHO.fullmatch(found.range)
            if echo is None:
                continue
            for each in found.dataFilters:
                entry = each.get("developerMetadataLookup", {}).get("metadataId")
                if entry is None:
                    sheet = each.get("gridRange", {}).get("sheetId", 0)
                    self._grids[str(sheet)] = _grid(echo)
                    found_of[sheet] = found
                elif entry in asked:
                    sheet, code = asked[entry]
                    anchors[sheet][code] = int(echo["top"]) if is_of_line(code) else _column_number(echo["left"])
        if any(sheet not in found_of for sheet in sheets):
            return None
        tabs = {str(sheet): self._tab(sheet, found_of[sheet], anchors[sheet]) for sheet in sheets}
        if not all(self._merges_hold(sheet, tabs[str(sheet)]) for sheet in sheets):
            self._look_at_merges(tabs)
        return {key: replace(tab, merged=self._memory.merges.get(int(key), ())) for key, tab in tabs.items()}

    def _values(self, filters: Sequence[Mapping[str, Any]], shown_as: str) -> Answer:
        body = {
            "dataFilters": filters,
            "majorDimension": "COLUMNS",
            "valueRenderOption": shown_as,
            "dateTimeRenderOption": "SERIAL_NUMBER",
        }
        return self._api.read(f"{self._id}/values:batchGetByDataFilter", body, decode_answer)

    def _merges_hold(self, sheet: int, tab: Tab) -> bool:
        """Whether no row can have moved under the merged cells that are remembered."""
        columns = columns_run_down(self._memory.merges.get(sheet, ()))
        return not columns or self._memory.holds_beside_merges(sheet, digest_of(tab.rows, columns))

    def _look_at_merges(self, tabs: Mapping[str, Tab]) -> None:
        answer = self._api.spreadsheet(self._id).fetch_sheet_metadata({"fields": _MERGES_FIELDS})
        self._memory.remember_merges(merges_in(answer.get("sheets", ())), set(map(int, tabs)))
        for key, tab in tabs.items():
            self._merges_hold(int(key), tab)

    def _codes(self, sheet: int) -> Sequence[str]:
        return self._codes_of(self._memory.tags.get(sheet, ""), self._memory.titles.get(sheet, ()))

    def _tab(self, sheet: int, found: FoundRange, anchors: Mapping[str, int]) -> Tab:
        """The tab; where it came as it came last time, the very rows that were made of it then."""
        title, tag = self._grids[str(sheet)].title, self._memory.tags.get(sheet, "")
        former = tuple(each for each in self._memory.titles.get(sheet, ()) if each != title)
        seen = self._seen.get(sheet)
        rows = seen.rows if seen and seen.content == found.valueRange else _rows_of(found.values)
        self._seen[sheet] = _Seen(found.valueRange.copy(), rows)
        return Tab(str(sheet), title, rows, former, tag, anchors=anchors)

    def _read_again(self, basis: Snapshot, keys: Collection[str]) -> Snapshot:
        """The basis with these tabs as they stand now; all of it where one of them is gone."""
        read = self._read_tabs(sorted(map(int, keys)))
        if read is None:
            return self.read(look_around=True)
        return replace(basis, tabs=tuple(read.get(tab.key, tab) for tab in basis.tabs), revision="")

    # --- writing --------------------------------------------------------------------------------------

    def write(self, changes: Sequence[CellChange], basis: Snapshot, *, look: bool = True) -> WriteOutcome:
        """Put the changes in, one atomic request per 2 MB, and look at what they met.

        Not held: people were faster, or no answer came; the outcome has what stands there now. Raises `CannotStart`,
        `WorkbookUnavailable` (protected cells, no more quota, ...).
        """
        cells = kept_changes(changes, basis)
        if not cells:
            return WriteOutcome(held=True, snapshot=basis)
        self._last = None
        titles = {tab.key: tab.title for tab in basis.tabs}
        refused: dict[str, RefusedTab] = {}
        try:
            self._grow(cells, titles, refused)
            fitting = [change for change in cells if change.tab not in refused]
            for update in updates(fitting):
                self._put(update, titles, refused)
        except _OvertakenError:
            return WriteOutcome(held=False, snapshot=self.read(look_around=True))
        except WorkbookUnavailable as error:
            return self._untold(error, basis, {change.tab for change in cells})
        self._refused_before = False
        self._memory.was_taken()
        written = [change for change in cells if change.tab not in refused]
        if not look:
            return WriteOutcome(held=True, snapshot=as_meant(basis, written), refused=tuple(refused.values()))
        now = self._read_again(basis, {change.tab for change in written}) if written else basis
        return WriteOutcome(holds(basis, written, now), now, tuple(refused.values()))

    def _grow(self, cells: Sequence[CellChange], titles: Mapping[str, str], refused: dict[str, RefusedTab]) -> None:
        requests = growth(cells, self._grids)
        if requests:
            tabs = [(str(each["appendDimension"]["sheetId"]), [each]) for each in requests]
            self._post_tabs(tabs, titles, refused)
            # What it grew to is to be seen in the next read.

    def _put(self, update: Update, titles: Mapping[str, str], refused: dict[str, RefusedTab]) -> None:
        """Raises `_OvertakenError` for a first refusal: a column was deleted, or rows that were to be written."""
        try:
            self._api.post(
                f"{self._id}/values:batchUpdateByDataFilter",
                update.body,
                {"fields": "totalUpdatedCells"},
                repeatable=False,
            )
        except RequestRefused as error:
            if not (self._refused_before or isinstance(error, CellsProtected)):
                self._refused_before = True
                raise _OvertakenError from None
            keys = list(dict.fromkeys(change.tab for change in update.cells))
            if not _is_kept_back(keys, error, titles, refused):
                for half in (keys[: len(keys) // 2], keys[len(keys) // 2 :]):
                    for part in updates([each for each in update.cells if each.tab in half]):
                        self._put(part, titles, refused)

    def merge(self, changes: Sequence[CellChange], added: AddedRows | None, basis: Snapshot) -> WriteOutcome:
        """First the rows, inserted with what they hold in one atomic request, so that nothing of people's can stand
        there; then the cells, each through the anchor of its column. Raises as `write` does.
        """
        if added is None:
            return self.write(changes, basis)
        self._last = None
        try:
            self._api.spreadsheet(self._id).batch_update({"requests": insertion(added)})
        except RequestRefused as error:
            title = next(tab.title for tab in basis.tabs if tab.key == added.tab)
            refused: dict[str, RefusedTab] = {}
            _is_kept_back([added.tab], error, {added.tab: title}, refused)
            return WriteOutcome(held=False, snapshot=basis, refused=tuple(refused.values()))
        except WorkbookUnavailable as error:
            return self._untold(error, basis, {added.tab})
        now = self._read_again(basis, {added.tab})
        as_meant = any(_are_alike(_with_rows(tab, added), now) for tab in basis.tabs if tab.key == added.tab)
        return self.write(changes, now) if as_meant else WriteOutcome(held=False, snapshot=now)

    def anchor(self, anchors: Sequence[Anchor], basis: Snapshot) -> WriteOutcome:
        """Make these columns known by their identity, those inserted that are missing, in one request; never
        held. Raises as `write` does.
        """
        self._last = None
        titles = {tab.key: tab.title for tab in basis.tabs}
        known = {tab.key: tab.anchors or {} for tab in basis.tabs}
        refused: dict[str, RefusedTab] = {}
        ordered = sorted(anchors, key=lambda each: each.tab)
        tabs = [
            (tab, list(set_anchors(int(tab), list(of_tab), list(known[tab]))))
            for tab, of_tab in groupby(ordered, key=lambda each: each.tab)
        ]
        try:
            self._post_tabs(tabs, titles, refused)
        except WorkbookUnavailable as error:
            return self._untold(error, basis, {tab for tab, _ in tabs})
        now = self._read_again(basis, {tab for tab, _ in tabs})
        return WriteOutcome(held=False, snapshot=now, refused=tuple(refused.values()))

    def _post_tabs(
        self,
        tabs: Sequence[tuple[str, Sequence[Mapping[str, Any]]]],
        titles: Mapping[str, str],
        refused: dict[str, RefusedTab],
    ) -> None:
        """Requests of tabs in one batch; where Google refuses it, which tab it is is found out."""
        requests = [request for _, of_tab in tabs for request in of_tab]
        try:
            self._api.spreadsheet(self._id).batch_update({"requests": requests})
        except RequestRefused as error:
            if not _is_kept_back(list(dict.fromkeys(tab for tab, _ in tabs)), error, titles, refused):
                self._post_tabs(tabs[: len(tabs) // 2], titles, refused)
                self._post_tabs(tabs[len(tabs) // 2 :], titles, refused)

    def _untold(self, error: WorkbookUnavailable, basis: Snapshot, keys: Collection[str]) -> WriteOutcome:
        """No answer to a write, or no quota: what came of it the next read tells. Raises what certainly failed."""
        refusing = self._since(error)
        if not error.may_have_happened and not isinstance(error, QuotaSpent):
            raise refusing from None
        self._pause(_PAUSE)  # and rows may move the while
        return WriteOutcome(held=False, snapshot=self._read_again(basis, keys), trouble=refusing)

    def _since(self, error: WorkbookUnavailable) -> WorkbookUnavailable:
        """The error, with since when nothing was taken."""
        if isinstance(error, RequestRefused):
            return error
        since = local(datetime.fromtimestamp(self._memory.not_taken(), UTC), VIET_NAM)
        sentence = text("google_workbook.not_taken", why=str(error), since=f"{since:{MOMENT}}")
        return WorkbookUnavailable(sentence, may_have_happened=error.may_have_happened)

    def formulas(self, keys: Collection[str], basis: Snapshot) -> Formulas:
        """In one request; of the tabs in which nothing else stands than in `basis`. Raises as `read` does."""
        try:
            answer = self._values([{"gridRange": {"sheetId": int(key)}} for key in keys], "FORMULA")
        except RequestRefused:  # a tab was deleted
            return {}
        entered = {
            str(each.get("gridRange", {}).get("sheetId", 0)): _rows_of(found.values)
            for found in answer.valueRanges
            for each in found.dataFilters
        }
        present = {tab.key: tab.rows for tab in basis.tabs if tab.key in keys}
        found_of = {key: formulas_in(entered.get(key, ()), rows) for key, rows in present.items()}
        return {key: formulas for key, formulas in found_of.items() if formulas is not None}

    # --- drawing --------------------------------------------------------------------------------------

    def draw(self, looks: Sequence[TabLook]) -> DrawOutcome:
        """Create the tabs that are missing and make every one look as described."""
        self._last = None
        known = [PresentTab(int(key), grid.title, grid.rows, grid.columns) for key, grid in self._grids.items()]
        drawn = draw(self._api, self._id, looks, self._api.account, known)
        if drawn.changed:
            self._memory.look_around_next()
        return drawn


class _OvertakenError(Exception):
    """Google refused a write for what people have done meanwhile."""


def _is_kept_back(
    keys: Sequence[str], error: RequestRefused, titles: Mapping[str, str], refused: dict[str, RefusedTab]
) -> bool:
    """Whether one tab alone was refused, which is noted; of several each has to be tried. Raises the error where that
    is of no use.
    """
    if len(keys) > 1:
        if len(refused) >= _MOST_REFUSED and not isinstance(error, CellsProtected):
            raise error
        return False
    why = text("google_workbook.protected") if isinstance(error, CellsProtected) else str(error)
    refused[keys[0]] = RefusedTab(keys[0], titles[keys[0]], why)
    return True


def _grid(echo: re.Match[str]) -> Grid:
    quoted, plain = echo["quoted"], echo["plain"]
    title = plain if quoted is None else quoted.replace("''", "'")
    return Grid(title, int(echo["bottom"] or 1), _column_number(echo["right"] or "A"))


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def kept_changes(changes: Sequence[CellChange], basis: Snapshot) -> list[CellChange]:
    """The changes with values as a read gives them; of several for one cell the last."""
    keys = {tab.key for tab in basis.tabs}
    if any(change.tab not in keys or change.row < 1 or change.column < 1 for change in changes):
        raise ValueError("no such cell")
    cells = {(change.tab, change.row, change.column): change for change in changes}
    texts = {change.value for change in cells.values() if change.value.__class__ is str}
    odd = {text: kept for text in texts if (kept := as_kept(text)) != text}  # a result stands in thousands of cells
    return [_as_kept(change, odd) for change in cells.values()]


def _as_kept(change: CellChange, odd: Mapping[str, Cell]) -> CellChange:
    """`odd`: what becomes of texts that no cell holds as they are."""
    value = change.value
    if value is None or (value.__class__ is str and value not in odd):
        return change
    return change._replace(value=odd[value] if value.__class__ is str else as_kept(value))


def _rows_of(columns: Iterable[Sequence[Any]]) -> tuple[Row, ...]:
    """The rows of what was read column by column, without blank cells at their ends and blank rows at the end."""
    rows: list[Row] = list(zip_longest(*map(cells_of_values, columns)))
    for place, row in enumerate(rows):
        if row[-1] is None:
            rows[place] = _without_blank_end(list(row))
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def _without_blank_end(row: list[Cell]) -> list[Cell]:
    while row and row[-1] is None:
        row.pop()
    return row


def as_meant(basis: Snapshot, written: Sequence[CellChange]) -> Snapshot:
    """The basis with a write in it."""
    of_tab = defaultdict[str, list[CellChange]](list)
    for change in written:
        of_tab[change.tab].append(change)
    tabs = (replace(tab, rows=_with_changes(tab.rows, of_tab[tab.key])) for tab in basis.tabs if tab.key in of_tab)
    meant = {tab.key: tab for tab in tabs}
    return replace(basis, tabs=tuple(meant.get(tab.key, tab) for tab in basis.tabs), revision="")


def holds(basis: Snapshot, written: Sequence[CellChange], now: Snapshot) -> bool:
    """Whether the tabs that were touched are those that were read, with the write in them and nothing else."""
    before = {tab.key: tab for tab in basis.tabs}
    cells = sorted(written, key=lambda change: change.tab)
    return all(
        _are_alike(replace(before[key], rows=_with_changes(before[key].rows, of_tab)), now)
        for key, of_tab in groupby(cells, key=lambda change: change.tab)
    )


def _are_alike(meant: Tab, now: Snapshot) -> bool:
    """Whether a tab stands as it was meant."""
    found = next((tab for tab in now.tabs if tab.key == meant.key), None)
    return found is not None and meant.anchors == found.anchors and _are_same(meant.rows, found.rows)


def _with_rows(tab: Tab, added: AddedRows) -> Tab:
    """The tab with rows inserted."""
    rows = _with_changes(tab.rows, ())
    rows.extend([] for _ in range(added.below - len(rows)))
    new = [CellChange(tab.key, n, c, as_kept(v)) for n, row in enumerate(added.rows, 1) for c, v in row.items()]
    rows[added.below : added.below] = _with_changes((), new)
    return replace(tab, rows=_with_changes(rows, ()))


def _with_changes(rows: Sequence[Row], changes: Iterable[CellChange]) -> list[list[Cell]]:
    changed = [list(row) for row in rows]
    for change in changes:
        changed.extend([] for _ in range(change.row - len(changed)))
        cells = changed[change.row - 1]
        cells.extend([None] * (change.column - len(cells)))
        cells[change.column - 1] = change.value
    changed = [_without_blank_end(row) for row in changed]
    while changed and not changed[-1]:
        changed.pop()
    return changed


def _are_same(wanted: Sequence[Row], found: Sequence[Row]) -> bool:
    return len(wanted) == len(found) and all(
        one == other or (len(one) == len(other) and all(map(same_cell, one, other)))
        for one, other in zip(wanted, found, strict=True)
    )
