"""A shared spreadsheet at (an emulator of) Google with people in it, and what must hold whatever they do meanwhile.

Everything that people do is done twice: to the spreadsheet that the bot works on, and to a twin that the bot never
sees. What people have typed must be the same in both in the end.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from automation.adapters.config_files import default_tables
from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.session import Limits
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.memory import SheetMemory
from automation.adapters.google.spreadsheets import GoogleSpreadsheets, open_spreadsheets
from automation.adapters.google.workbook import LOOK_AROUND_SECONDS
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, run_cycle
from automation.app.init import set_up
from automation.app.keeping import Kept
from automation.core.admin.in_force import config_in_force
from automation.core.admin.state_lines import is_explanation
from automation.core.config import tabs
from automation.core.config.computed import COMPUTED
from automation.core.config.identity import codes_of
from automation.core.config.values import FieldCode
from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.judging.lists.digest import inputs_text, judged_fields, row_digests, shown_fields, signature
from automation.core.judging.lists.own_words import columns_in_doubt
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.judging.locating import is_unit_line, unit_line_links
from automation.core.model.workbook import Cell, CellChange, Snapshot, Tab
from automation.core.reading.tables import HEADER_SEARCH_ROWS
from automation.core.writing.changes import cell_changes
from tests.emulator import Emulator, Human, HumanRefused, Spreadsheet
from tests.emulator.journal import Record
from tests.fakes_store import MemoryStore
from tests.workbooks import NOW, SOUND

UNITS = ("mot", "hai", "ba")
HEADER_ROW = 3
FIRST = 4
AT = datetime(2023, 4, 20, 8, 0)
_LABELS = {header for _, header, _, kind, *_ in default_tables()["Cột dữ liệu"] if str(kind).startswith("khai báo")}
_LABELS |= set(unit_line_links())
_RESULTS = ("Kết quả", "Việc cần làm", "Lỗi cần sửa", "Dữ liệu đã xét")
IDENTITY = "Ghi chú riêng"
"""A column of the unit's own, right of all others, that tells who a row is: nobody edits it."""

OURS = "cột của hệ thống"
"""Note on the headers of the bot's columns in the twin, so that the world knows them wherever they go."""

Act = Callable[[Human], object]


class Ticking:
    """Time that passes only where somebody waits for it."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class World(Struct):
    """One spreadsheet, its twin, and the bot."""

    emulator: Emulator
    sheet: Spreadsheet
    twin: Spreadsheet
    folder: Path
    store: MemoryStore = field(default_factory=MemoryStore)
    time: Ticking = field(default_factory=Ticking)
    acts: int = 0
    compared: int = 0
    """Cells that were compared with those of the twin."""
    moved_on: set[int] = field(default_factory=set)
    """Ids of the tabs that people have changed since the bot read them last."""

    def __post_init__(self) -> None:
        self.emulator.before_each(self._note)

    def _note(self, record: Record) -> None:
        if record.spreadsheet_id == self.sheet.id and record.kind == "values:batchGetByDataFilter":
            filters = json.loads(record.body)["dataFilters"]
            self.moved_on -= {each["gridRange"]["sheetId"] for each in filters if "gridRange" in each}

    def book(self) -> GoogleSpreadsheets:
        """The spreadsheet as a new run of the program opens it."""
        throttle = Throttle(self.time.clock, self.time.sleep)
        limits = Limits(answer_seconds=0.2) if self.emulator.may_hang else None
        api = connect(emulator_host=self.emulator.host, throttle=throttle, limits=limits)
        address = SpreadsheetAddress(self.sheet.id, self.sheet.url)
        return open_spreadsheets(api, address, self.folder, codes_of, clock=self.time.clock, pause=self.time.sleep)

    def cycle(self, kept: Kept | None = None) -> CycleReport:
        return run_cycle(self.book(), self.store, None, standing_clock(AT), kept=kept)

    def forget(self) -> None:
        """What the bot keeps on its machine is lost."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def people_do(self, act: Act) -> None:
        """The same act in both spreadsheets; what the browser refuses is not done in either."""
        before = self._contents()
        self.acts += 1
        with suppress(HumanRefused):
            act(self.twin.human)
            act(self.sheet.human)
        self.moved_on |= {sheet for sheet, rows in self._contents().items() if before.get(sheet) != rows}

    def _contents(self) -> dict[int, object]:
        return {self.sheet.sheet_id(title): self.sheet.entered(title) for title in self.sheet.titles()}

    # What must hold

    def look(self) -> Look:
        """A fresh look at what stands there now."""
        moved_on = {str(sheet) for sheet in self.moved_on}
        snapshot = self.book().read(look_around=True)
        in_force = config_in_force(self._as_read(snapshot, moved_on), self.store.last_config())
        assert in_force.config is not None
        records = self.store.unit_records()
        judged = judge(snapshot, in_force.config, records, NOW)
        unmerged = judged
        if any(tab.merged for tab in snapshot.tabs):
            apart = replace(snapshot, tabs=tuple(replace(tab, merged=()) for tab in snapshot.tabs))
            unmerged = judge(apart, in_force.config, records, NOW)
        return Look(self, snapshot, judged, unmerged, moved_on)

    def _as_read(self, snapshot: Snapshot, moved_on: set[str]) -> Snapshot:
        """The same with config tabs that admins have changed since the bot read them as it read them."""
        last = self.store.last_config()
        read = last.tables if last else {}
        known = (replace(t, rows=read.get(t.title, t.rows)) if t.key in moved_on else t for t in snapshot.tabs)
        return replace(snapshot, tabs=tuple(known))

    def an_hour_passes(self) -> None:
        """After which the bot looks around, and so at the cells that people have merged meanwhile."""
        self.time.sleep(LOOK_AROUND_SECONDS + 1)


class Look(Struct):
    """The spreadsheet at one moment, and what a fresh computation makes of it."""

    world: World
    snapshot: Snapshot
    judged: Judged
    unmerged: Judged
    """The same of people whose cells nobody has merged: for the bot they are so until it looks around."""
    moved_on: set[str]
    """Keys of the tabs that people have changed since the bot read them last: what they changed is grey now."""

    def results_of_others(self) -> list[str]:
        """Where a result stands beside somebody it was not computed for."""
        found = ((table, table.tab.key in self.moved_on) for table in self.judged.tables)
        return [wrong for table, grey in found for wrong in self._wrong_rows(table, grey=grey)]

    def _wrong_rows(self, table: UnitTable, *, grey: bool) -> Iterator[str]:
        """`grey`: results may stand that the sheet itself shows as out of date."""
        config = self.judged.config
        in_doubt = columns_in_doubt(table, config)
        columns = {code: place for code, place in table.table.columns.items() if code not in in_doubt}
        if FieldCode.JUDGED not in columns:
            return
        fields, shown = judged_fields(config, columns), shown_fields(columns)
        inputs, results = ([columns[code] for code in codes] for codes in (fields, shown))
        known = {status.label for status in config.statuses}
        labels, unmerged = _labels(self.judged, table.unit), _labels(self.unmerged, table.unit)
        for number, row in table.body:
            kept = table.tab.cell(number, columns[FieldCode.JUDGED])
            label = table.tab.cell(number, columns.get(FieldCode.RESULT, 0))
            beside = [table.tab.cell(number, column) for column in results]
            now = row_digests([inputs_text(row, inputs)], [beside], signature((*fields, *shown)))[0]
            is_hers = label in (labels.get(number), unmerged.get(number))
            if kept is None:
                is_hidden = self._is_hidden(table.tab.title, number, columns[FieldCode.JUDGED])
                if label in known and not (is_hers and is_hidden):
                    yield f"{table.unit} {number}: {label} without what it was made of"
            elif kept == now:
                if label in known and not is_hers:
                    yield f"{table.unit} {number}: {label} in place of {labels.get(number)}"
            elif not grey:
                yield f"{table.unit} {number}: {label}, made of something else"

    def changed_inputs(self) -> list[str]:
        """Cells in which the two spreadsheets differ though only the bot's own may."""
        return list(_differences(self.world, {tab.title: tab for tab in self.snapshot.tabs}))

    def lost_to_init(self) -> list[str]:
        """Columns of people's of which a cell is gone, or holds something else; what `init` inserts may stand between
        them, and what it adds in cells that nobody has filled.
        """
        return list(_columns_lost(self.world))

    def unfinished(self) -> list[str]:
        """What a fresh computation would still write beside people."""
        of_units = {table.tab.key for table in self.judged.tables}
        covered = {each for each in cell_changes(self.snapshot, self.judged, {}).cells if self._is_covered(each)}
        changes = cell_changes(self.snapshot, self.judged, {}, given_up=covered).cells
        open_to_us = (each for each in changes if each.tab in of_units and not self._is_covered(each))
        return [f"{change.row}:{change.column} {change.value}" for change in open_to_us]

    def _is_covered(self, change: CellChange) -> bool:
        """Whether a merged cell hides it: such a cell is told of and takes nothing."""
        title = next(tab.title for tab in self.snapshot.tabs if tab.key == change.tab)
        return self._is_hidden(title, change.row, change.column)

    def _is_hidden(self, title: str, row: int, column: int) -> bool:
        return any(_covers(merge, row, column) for merge in self.world.sheet.merges(title))


def _labels(judged: Judged, unit: str) -> dict[int, str]:
    """The result of each row of a unit."""
    of_unit = judged.people[judged.people["unit"] == unit]
    return dict(zip(of_unit["row"], of_unit["label"], strict=True))


def _covers(merge: Mapping[str, int], row: int, column: int) -> bool:
    top, left = merge.get("startRowIndex", 0) + 1, merge.get("startColumnIndex", 0) + 1
    inside = top <= row <= merge["endRowIndex"] and left <= column <= merge["endColumnIndex"]
    return inside and (row, column) != (top, left)


def _differences(world: World, read: Mapping[str, Tab]) -> Iterator[str]:
    sheet, twin = world.sheet, world.twin
    for title in twin.titles():
        # Who copies a tab in the very second in which a write was overtaken copies what is put right elsewhere.
        if title in (tabs.DASHBOARD, tabs.HISTORY, tabs.JOURNAL, tabs.MAILS) or title.startswith("Bản sao"):
            continue
        skip = _our_columns(twin, title)
        wanted, found = twin.entered(title), sheet.entered(title)
        width = max(map(len, wanted), default=0)
        come_back = _come_back(found, read.get(title), skip)
        found = [[cell for place, cell in enumerate(row, start=1) if place not in come_back] for row in found]
        for number in range(1, max(len(wanted), len(found)) + 1):
            for column in range(1, width + 1):
                one, other = _at(wanted, number, column), _at(found, number, column)
                world.compared += 1
                if column not in skip and one != other and not _are_our_sentences(title, one, other):
                    yield f"{title} {number}:{column}: {other!r} in place of {one!r}"


def _come_back(found: Sequence[Sequence[Cell]], tab: Tab | None, ours: Collection[int]) -> set[int]:
    """Columns that the bot put back at the right of all others while people inserted some there: they bear its tag and
    its header, and the twin, where the bot does nothing, has no column of `ours` at that place.
    """
    places: set[int] = set()
    row = _header_row(found)
    tagged = (tab.anchors or {}) if tab else {}
    for column in sorted(tagged[code] for code in COMPUTED if code in tagged):
        header = _at(found, row, column) if row else None
        if header in _RESULTS and column - len(places) not in ours:
            places.add(column)
    return places


def _columns_lost(world: World) -> Iterator[str]:
    sheet, twin = world.sheet, world.twin
    for title in twin.titles():
        if title not in tabs.CONFIG_TABS and not title.endswith(UNITS):  # the guide is renewed where nobody changed it
            continue
        if "Bản sao" in title:
            continue
        called = next((each for each in sheet.titles() if sheet.sheet_id(each) == twin.sheet_id(title)), None)
        if called is None:
            yield f"{title} is lost"
            continue
        wanted, found = twin.entered(title), sheet.entered(called)
        width, place = max(map(len, wanted), default=0), 0
        above = _header_row(wanted)
        below = above or len(wanted)
        skip = _our_columns(twin, title)
        for column in range(1, width + 1):
            if column in skip:
                continue
            cells = [_at(wanted, row, column) for row in range(1, len(wanted) + 1)]
            world.compared += len(cells)
            free = range(place + 1, max(map(len, found), default=0) + 1)
            there = next((each for each in free if _holds(title, cells, found, each, above, below)), None)
            if there is None and any(cell is not None for cell in cells[above - 1 if above else 0 :]):
                yield f"{title} column {column}: {cells[:6]} is lost"
            place = there or place


def _holds(
    title: str, cells: Sequence[Cell], found: Sequence[Sequence[Cell]], column: int, above: int, below: int
) -> bool:
    """Whether these stand in the column, and in blank ones `below` a line nothing. `above` the headers `init` writes
    labels, which can meet what is typed into that very cell in that very second (docs/decisions/0008).
    """
    there = [(row, cell, _at(found, row, column)) for row, cell in enumerate(cells, start=1)]
    return all(
        one == other
        or (row < above and (one is None or other in _LABELS))
        or (one is None and row <= below)
        or _are_our_sentences(title, one, other)
        for row, one, other in there
    )


def _are_our_sentences(title: str, *cells: Cell) -> bool:
    """Whether each is what the bot says above a table, which changes with its state, or nothing: its line may have come
    to stand in a row that was just inserted, and never over what somebody typed.
    """

    def is_ours(cell: Cell) -> bool:
        return is_unit_line(str(cell)) or (title in tabs.CONFIG_TABS and is_explanation(title, cell))

    return all(cell is None or is_ours(cell) for cell in cells)


def _our_columns(twin: Spreadsheet, title: str) -> set[int]:
    """Columns of the bot: those that it inserted, wherever they are by now and whatever they are called; one of the
    same header may be people's own.
    """
    lines = range(1, min(len(twin.rows(title)), HEADER_SEARCH_ROWS) + 1)
    width = max(map(len, twin.rows(title)), default=0)
    places = ((row, column) for row in lines for column in range(1, width + 1))
    return {column for row, column in places if twin.look(title, row, column).note == OURS}


def _at(rows: Sequence[Sequence[Cell]], row: int, column: int) -> Cell:
    cells = rows[row - 1] if row <= len(rows) else ()
    value = cells[column - 1] if column <= len(cells) else None
    return None if value == "" else value


# --- the beginning ----------------------------------------------------------------------------------------


class Worlds:
    """Makes worlds that all begin with the same spreadsheet, set up by `init`."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self._emulator = emulator
        self._folder = folder
        self._count = 0
        emulator.formulas.update({"=6*7": 42, "=45000+90": 45090})
        units = folder / "units.csv"
        lines = [f"{unit},Đơn vị {unit},Bệnh viện,{unit},{5 + place}" for place, unit in enumerate(UNITS)]
        units.write_text("\n".join(["Mã,Tên đơn vị,Nhóm,Trang tính,Tổng số người", *lines]), "utf-8")
        self._first = emulator.new_spreadsheet()
        time = Ticking()
        api = connect(emulator_host=emulator.host, throttle=Throttle(time.clock, time.sleep))
        address = SpreadsheetAddress(self._first.id, self._first.url)
        report = set_up(open_spreadsheets(api, address, folder / "first", codes_of, clock=time.clock), units)
        assert report.drawn
        self._first_twin = self._copy()
        for title in (*UNITS, *tabs.CONFIG_TABS):
            for column, header in enumerate(self._first.rows(title)[HEADER_ROW - 1], start=1):
                if header in (*_RESULTS, *tabs.REGISTRY_COMPUTED, tabs.CONFIG_MARKS):
                    self._first_twin.human.note(title, HEADER_ROW, column, OURS)
        memory = SheetMemory(folder / "first", self._first.id)
        self._titles, self._tags = memory.titles, memory.tags

    def world(self, rng: random.Random, *, as_drawn: bool = False) -> World:
        """People typed in at random; the bot knows the tabs. `as_drawn`: no column of theirs stands left of ours, so
        that the first cycle finds every tag where it was set.
        """
        self._count += 1
        sheet, twin = self._copy(), self._copy(self._first_twin)
        folder = self._folder / f"{self._count}"
        world = World(self._emulator, sheet, twin, folder)
        memory = SheetMemory(folder, sheet.id, clock=world.time.clock)
        memory.remember_tabs({key: titles[-1] for key, titles in self._titles.items()}, self._tags)
        for unit in UNITS:
            people = [person(rng, unit, number) for number in range(rng.randint(1, 6))]
            rows = [[each.get(str(header)) for header in self._headers(unit)] for each in people]
            odd = random.Random(str(rng.getstate()))
            for row, column in _some_places(odd, len(people), len(self._headers(unit))):
                _make_a_formula(rows, row, column)
            own = len(self._headers(unit)) + 2
            world.people_do(lambda human, u=unit, r=rows: human.paste(u, FIRST, 1, r, plain=True))  # type: ignore[misc]
            names = [[IDENTITY], *[[f"{unit} {number}"] for number in range(len(people))]]
            world.people_do(lambda human, u=unit, c=own, n=names: human.paste(u, HEADER_ROW, c, n))  # type: ignore[misc]
            formulas = [["Cột tính riêng"], *[["=6*7"] for _ in people]]
            world.people_do(lambda human, u=unit, c=own + 1, n=formulas: human.paste(u, HEADER_ROW, c, n))  # type: ignore[misc]
            if odd.random() < 0.3 and not as_drawn:
                world.people_do(lambda human, u=unit: human.insert_columns(u, 1))  # type: ignore[misc]
                mine = [["Mã riêng"], *[["=45000+90"] for _ in people]]
                world.people_do(lambda human, u=unit, n=mine: human.paste(u, HEADER_ROW, 1, n))  # type: ignore[misc]
        return world

    def _copy(self, of: Spreadsheet | None = None) -> Spreadsheet:
        sheet = self._emulator.new_spreadsheet()
        sheet.document.book = (of or self._first).document.book.draft()
        return sheet

    def _headers(self, unit: str) -> list[Cell]:
        return list(self._first.rows(unit)[HEADER_ROW - 1])


def _some_places(rng: random.Random, rows: int, columns: int) -> list[tuple[int, int]]:
    return [(rng.randrange(rows), rng.randrange(columns)) for _ in range(rng.choice([0, 1, 3]))]


def _make_a_formula(rows: list[list[Cell]], row: int, column: int) -> None:
    """A number or a date that somebody computes; in cells that hold text a formula would stay text."""
    value = rows[row][column]
    if isinstance(value, datetime):
        rows[row][column] = "=45000+90"
    elif isinstance(value, int):
        rows[row][column] = "=6*7"


def marks_of(unit: str, number: str) -> tuple[str, str]:
    """The name and the number that nobody else has."""
    serial = UNITS.index(unit) * 100 + int(number)
    return f"Trần Văn {chr(65 + serial % 26)}{'abcdefgh'[serial // 26 % 8]}", f"079085{100_000 + serial}"


def person(rng: random.Random, unit: str, number: int) -> dict[str, Cell]:
    """Somebody of that unit, nobody's double."""
    stage = rng.choice(["Đã kích hoạt và đăng nhập", "Đã đăng ký, chờ duyệt", "Chưa đăng ký", None])
    name, identity = marks_of(unit, str(number))
    return SOUND | {
        "STT": number + 1,
        "Họ và tên": name,
        "Số CCCD": identity,
        "Tình trạng tài khoản": stage,
        "Ngày kích hoạt": SOUND["Ngày kích hoạt"] if stage == "Đã kích hoạt và đăng nhập" else None,
        "Khó khăn, vướng mắc": rng.choice([None, "Đổi số điện thoại", "Lỗi ứng dụng"]),
        "Khoa/Phòng": rng.choice([None, "Khoa Nội", "Phòng Tổ chức"]),
    }


# --- what people do ---------------------------------------------------------------------------------------


def some_act(rng: random.Random, world: World) -> tuple[str, Act]:
    """Something that somebody may do right now, with its name."""
    titles = [title for title in world.sheet.titles() if title.endswith(UNITS) and title in world.twin.titles()]
    if not titles:
        return "nothing", lambda _: None
    title = rng.choice(titles)
    rows = world.twin.rows(title)
    last = max(len(rows), FIRST)
    width = max(map(len, rows), default=1)
    name = rng.choice(list(_ACTS))
    return name, _ACTS[name](rng, _Tab(title, last, width, _sortable(rows), headers=_header_row(rows)))


def some_act_at_init(rng: random.Random, world: World) -> tuple[str, Act]:
    """The same, and what concerns what `init` adds: columns and labels that are gone, cells above the table."""
    titles = [title for title in world.sheet.titles() if title.endswith(UNITS) and title in world.twin.titles()]
    if not titles or rng.random() < 0.5:
        return some_act(rng, world)
    title = rng.choice(titles)
    rows = world.twin.rows(title)
    column, width = rng.randint(2, max([2, *map(len, rows)])), max([3, *map(len, rows)])
    acts: dict[str, Act] = {
        "type above": lambda human: human.type(title, 2, column, "của tôi"),
        "a formula above": lambda human: human.type(title, 2, column, formula="=6*7", shows=42),
        "clear above": lambda human: human.clear(title, 2, 1, 2, width),
        "a column before": lambda human: human.insert_columns(title, 1),
        "a column behind": lambda human: human.insert_columns(title, width - 1),
        "a header behind": lambda human: human.type(title, HEADER_ROW, width + 1, "Cột mới"),
        "a cell behind": lambda human: human.type(title, FIRST, width + 1, "của tôi"),
        "delete columns": lambda human: human.delete_columns(title, column),
    }
    name = rng.choice(list(acts))
    return f"{title}: {name}", acts[name]


def what_init_adds_again(rng: random.Random, world: World, title: str) -> Act:
    """Somebody takes a column or the labels of the declaration away."""
    headers = world.twin.rows(title)[HEADER_ROW - 1] if title in world.twin.titles() else []
    inputs = [place for place, each in enumerate(headers, start=1) if each in ("Điện thoại", "Đảng viên", "Giới tính")]
    if not inputs or rng.random() < 0.3:
        return lambda human: human.clear(title, 2, 1, 2, len(headers) or 1)
    column = rng.choice(inputs)
    return lambda human: human.delete_columns(title, column)


def some_act_of_an_admin(rng: random.Random, world: World) -> tuple[str, Act]:
    """The same in one of the tabs that are not people's: a column that moves, a unit or a status renamed, ..."""
    title = rng.choice([each for each in (*[tabs.REGISTRY] * 6, *tabs.BOT_TABS) if each in world.sheet.titles()])
    rows = world.twin.rows(title)
    tab = _Tab(title, max(len(rows), FIRST), max([2, *map(len, rows)]), (1, 2), above=())
    name = rng.choice(list(_ACTS_OF_AN_ADMIN))
    return f"{title}: {name}", _ACTS_OF_AN_ADMIN[name](rng, tab)


def _header_row(rows: Sequence[Sequence[Cell]]) -> int:
    return next((number for number, row in enumerate(rows, start=1) if "Kết quả" in row or IDENTITY in row), 0)


def _sortable(rows: Sequence[Sequence[Cell]]) -> tuple[int, ...]:
    row = _header_row(rows)
    headers = enumerate(rows[row - 1], start=1) if row else ()
    return tuple(column for column, header in headers if header in ("Họ và tên", "Ngày sinh", "Số CCCD"))


class _Tab(Struct, frozen=True):
    """A unit's tab and its last filled row and column."""

    title: str
    last: int
    width: int
    sortable: tuple[int, ...]
    """Columns that hold the same in both spreadsheets, so that sorting by them is the same act."""
    above: tuple[int, ...] = (1, HEADER_ROW)
    """Rows above the table in which rows come and go, too."""
    headers: int = 0
    """The row of the headers: who deletes that takes away what tells the bot's columns from people's."""

    def some_row(self, rng: random.Random, more: int = 0) -> int:
        return rng.randint(FIRST, self.last + more)


def _insert_rows(rng: random.Random, tab: _Tab) -> Act:
    row, count = rng.choice([*tab.above, tab.some_row(rng), tab.some_row(rng)]), rng.choice([1, 1, 3])
    return lambda human: human.insert_rows(tab.title, row, count)


def _delete_rows(rng: random.Random, tab: _Tab) -> Act:
    row = rng.choice([*tab.above[:1], tab.some_row(rng), tab.some_row(rng), tab.some_row(rng)])
    return (lambda _: None) if row == tab.headers else lambda human: human.delete_rows(tab.title, row)


def _move_rows(rng: random.Random, tab: _Tab) -> Act:
    row, before = tab.some_row(rng), tab.some_row(rng, 1)
    return lambda human: human.move_rows(tab.title, row, row, before)


def _sort_rows(rng: random.Random, tab: _Tab) -> Act:
    column, down = rng.choice(tab.sortable or (None,)), rng.random() < 0.5
    return lambda human: human.sort_rows(tab.title, column, FIRST, tab.last, down) if column else None


def _insert_columns(rng: random.Random, tab: _Tab) -> Act:
    column, count = rng.randint(1, tab.width), rng.choice([1, 1, 2])
    return lambda human: human.insert_columns(tab.title, column, count)


def _delete_columns(rng: random.Random, tab: _Tab) -> Act:
    column = rng.randint(1, tab.width - 1)
    return lambda human: human.delete_columns(tab.title, column)


def _move_columns(rng: random.Random, tab: _Tab) -> Act:
    column, before = rng.randint(1, tab.width - 1), rng.randint(1, tab.width)
    return lambda human: human.move_columns(tab.title, column, column, before)


def _rename_header(rng: random.Random, tab: _Tab) -> Act:
    column, header = rng.randint(1, tab.width - 1), rng.choice(["Cột khác", None, "Ho va ten"])
    return lambda human: human.type(tab.title, HEADER_ROW, column, header)


def _own_column(rng: random.Random, tab: _Tab, headers: Sequence[str] = _RESULTS[:-1]) -> Act:
    """One of their own, headed as the bot's are."""
    column, header = rng.randint(1, tab.width), rng.choice(headers)
    words: list[list[Any]] = [
        [header],
        *[[rng.choice(["gọi lại", "=6*7", None, "Hoàn thành"])] for _ in range(HEADER_ROW, tab.last)],
    ]

    def act(human: Human) -> None:
        human.insert_columns(tab.title, column)
        human.paste(tab.title, tab.headers or HEADER_ROW, column, words)

    return act


def _own_column_of_an_admin(rng: random.Random, tab: _Tab) -> Act:
    return _own_column(rng, tab, (*tabs.REGISTRY_COMPUTED[:3], tabs.CONFIG_MARKS))


def _rename_tab(rng: random.Random, tab: _Tab) -> Act:
    fresh = rng.choice([f"Danh sách {tab.title}", f"2023 {tab.title}"])
    return lambda human: human.rename_tab(tab.title, fresh)


def _delete_tab(_: random.Random, tab: _Tab) -> Act:
    return lambda human: human.delete_tab(tab.title)


def _duplicate_tab(_: random.Random, tab: _Tab) -> Act:
    return lambda human: human.duplicate_tab(tab.title)


def _move_tab(rng: random.Random, tab: _Tab) -> Act:
    place = rng.randint(1, 12)
    return lambda human: human.move_tab(tab.title, place)


def _edit_cell(rng: random.Random, tab: _Tab) -> Act:
    row, column = tab.some_row(rng, 1), rng.randint(1, tab.width - 1)
    values: list[Any] = [None, "x", "Đã có", "079085123456", datetime(1990, 2, 3), 12, "#REF!", "=1+1", "Hoàn thành"]
    value = rng.choice(values)
    if value == "=1+1":
        return lambda human: human.type(tab.title, row, column, formula="=1+1", shows=2)
    return lambda human: human.type(tab.title, row, column, value)


def _rename_entry(rng: random.Random, tab: _Tab) -> Act:
    """The name of a unit, the title of a field, the text of a status, ..."""
    row, column, fresh = tab.some_row(rng), rng.choice([2, 3]), rng.choice(["Tên mới", "Xong rồi", "Hoàn thành"])
    return lambda human: human.type(tab.title, row, column, fresh)


def _hide_rows(rng: random.Random, tab: _Tab) -> Act:
    row = tab.some_row(rng)
    return lambda human: human.hide_rows(tab.title, row)


def _cut_a_column(rng: random.Random, tab: _Tab) -> Act:
    """To where nothing stands; the identity stays where it was."""
    column = rng.randint(1, tab.width)

    def act(human: Human) -> None:
        sheet = human.sheet_id(tab.title)
        source = {"sheetId": sheet, "startColumnIndex": column - 1, "endColumnIndex": column}
        free = {"sheetId": sheet, "rowIndex": 0, "columnIndex": tab.width + 1}
        human.insert_columns(tab.title, tab.width + 1, 3)
        with suppress(HumanRefused):  # the columns came all the same, in both spreadsheets
            human.request({"cutPaste": {"source": source, "destination": free, "pasteType": "PASTE_NORMAL"}})

    return act


def _merge_cells(rng: random.Random, tab: _Tab) -> Act:
    row, column = tab.some_row(rng), rng.randint(1, tab.width)
    across = rng.random() < 0.5
    return lambda human: human.merge(tab.title, row, column, row + (not across), column + across)


def _clear_row(rng: random.Random, tab: _Tab) -> Act:
    row = tab.some_row(rng)
    return lambda human: human.clear(tab.title, row, 1, row, tab.width)


_ACTS: dict[str, Callable[[random.Random, _Tab], Act]] = {
    "insert rows": _insert_rows,
    "delete rows": _delete_rows,
    "move rows": _move_rows,
    "sort rows": _sort_rows,
    "insert columns": _insert_columns,
    "delete columns": _delete_columns,
    "move columns": _move_columns,
    "rename header": _rename_header,
    "rename tab": _rename_tab,
    "delete tab": _delete_tab,
    "duplicate tab": _duplicate_tab,
    "move tab": _move_tab,
    "edit cell": _edit_cell,
    "clear row": _clear_row,
    "cut a column": _cut_a_column,
    "merge cells": _merge_cells,
    "own column": _own_column,
}

_ACTS_OF_AN_ADMIN: dict[str, Callable[[random.Random, _Tab], Act]] = {
    "insert rows": _insert_rows,
    "delete rows": _delete_rows,
    "move rows": _move_rows,
    "sort rows": _sort_rows,
    "insert columns": _insert_columns,
    "delete columns": _delete_columns,
    "move columns": _move_columns,
    "rename entry": _rename_entry,
    "move tab": _move_tab,
    "edit cell": _edit_cell,
    "clear row": _clear_row,
    "hide rows": _hide_rows,
    "own column": _own_column_of_an_admin,
}
