"""Copies of what a unit typed, so that its tab can be had again as it was: which are taken, kept and let go."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from automation.core.config import tabs
from automation.core.config.values import Config, FieldCode, FieldType
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.model.workbook import Cell, Formula, Row, Tab
from automation.core.reading.cells import as_text, fold, is_blank, read_date
from automation.core.reading.tables import find_table

LEAST_BETWEEN = timedelta(hours=1)
"""Of one unit at most one copy is taken in that time."""
_CONFIG_TAB = "tab:"


class CopyNote(Struct, frozen=True):
    """A copy that is kept, without what it holds."""

    of: str
    """Code of the unit, or `config_key` of a config tab."""
    taken_at: datetime
    fingerprint: str
    """A digest of the inputs (`UnitRecord.fingerprint`)."""


class KeptCopy(Struct, frozen=True):
    """What a unit had typed."""

    note: CopyNote
    title: str
    """Of the tab."""
    header_row: int
    columns: Mapping[str, tuple[int, ...]]
    """Where each field stands, by code; a value may be made of several columns."""
    rows: tuple[Row, ...]
    """As in the tab; cells that are not kept are blank. Formulas are `Formula`."""

    @property
    def people(self) -> Iterator[tuple[int, Row]]:
        """(line, cells) of the lines below the headers in which anything but a number of the row stands."""
        beside = set(self.columns.get(FieldCode.ORDINAL, ()))
        for number, row in enumerate(self.rows[self.header_row :], start=self.header_row + 1):
            if any(not is_blank(cell) for column, cell in enumerate(row, 1) if column not in beside):
                yield number, row


class Copies(Protocol):
    """Where copies are kept. Raises `TccbError` where that is out of reach."""

    @property
    def place(self) -> str:
        """As people are told of it."""
        ...

    def notes(self, of: str) -> Sequence[CopyNote]:
        """Of one unit, oldest first."""
        ...

    def kept_of(self) -> Collection[str]:
        """The codes of which there are any."""
        ...

    def read(self, note: CopyNote) -> KeptCopy | None:
        """None where it cannot be read with the key that is set, or at all."""
        ...

    def keep(self, copy: KeptCopy) -> None: ...

    def forget(self, notes: Iterable[CopyNote]) -> None: ...

    def fields(self) -> frozenset[str] | None:
        """The codes of the fields that copies may hold; None where nobody noted them."""
        ...

    def note_fields(self, codes: Collection[str]) -> None:
        """Copies hold no other fields than these."""
        ...

    def sweep(self) -> None:
        """Remove what a killed process left half written."""
        ...


def config_key(title: str) -> str:
    """What copies of the config tab of that title are of."""
    return _CONFIG_TAB + title


def is_config_key(of: str) -> bool:
    """Whether copies of that are of a config tab, and not of a unit."""
    return of.startswith(_CONFIG_TAB)


def is_due(last: CopyNote | None, fingerprint: str, now: datetime) -> bool:
    """Whether a copy of inputs with that digest is to be taken: they are other ones, and the last is old enough. A
    clock that was set back counts as time that has passed.
    """
    if last is None:
        return True
    return last.fingerprint != fingerprint and abs(now - last.taken_at) >= LEAST_BETWEEN


def copy_of(table: UnitTable, formulas: Mapping[tuple[int, int], Formula], config: Config, note: CopyNote) -> KeptCopy:
    """The inputs of a tab: what was declared, the headers and cells of the fields in use; nothing else."""
    found = table.table
    used = {field.code for field in config.inputs}
    columns = {code: found.columns_of(code) for code in found.columns if code in used}
    wanted = {column for places in columns.values() for column in places}
    declared = _declared(table, config)

    def kept(number: int, column: int, cell: Cell) -> Cell:
        takes = column in wanted if number >= found.top else (number, column) in declared
        entered = formulas.get((number, column), cell) if takes else None
        return _as_day(entered) if declared.get((number, column)) else entered

    rows = tuple(
        tuple(kept(number, column, cell) for column, cell in enumerate(row, start=1))
        for number, row in enumerate(table.tab.rows, start=1)
    )
    return KeptCopy(note, table.tab.title, found.header_row, columns, rows)


def config_copy(tab: Tab, title: str, now: datetime) -> KeptCopy | None:
    """What an admin typed into the config tab of that title; None where its headers are gone."""
    names = {fold(header): header for header in tabs.HEADERS[title]}
    table = find_table(tab.rows, names, at_least=2)
    if table is None:
        return None
    wanted = set(table.columns.values())
    rows = tuple(
        _typed(row, wanted) if number >= table.header_row else () for number, row in enumerate(tab.rows, start=1)
    )
    digest = hashlib.blake2b(repr(rows).encode(), digest_size=16).hexdigest()
    columns = {header: (column,) for header, column in table.columns.items()}
    return KeptCopy(CopyNote(config_key(title), now, digest), title, table.header_row, columns, rows)


def _typed(row: Row, columns: Collection[int]) -> Row:
    """The cells of these columns, without blank ones at the end, which come and go as files are saved."""
    cells = [None if column not in columns or is_blank(cell) else cell for column, cell in enumerate(row, start=1)]
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)


def _declared(table: UnitTable, config: Config) -> Mapping[tuple[int, int], bool]:
    """The cells of the declaration, labels and values of the fields in use, each with whether it is a day."""
    rows = table.tab.rows[: table.table.top - 1]
    fields = {field.code: field for field in config.declared}
    names = {fold(name) for each in fields.values() for name in (each.header, *each.other_spellings)}
    cells = {
        (number, column): False
        for number, row in enumerate(rows, start=1)
        for column, cell in enumerate(row, start=1)
        if fold(as_text(cell).rstrip(": ")) in names
    }
    places = table.declared_at.items()
    return cells | {place: fields[code].type is FieldType.DECLARED_DATE for code, place in places if code in fields}


def _as_day(cell: Cell) -> Cell:
    """A day that a spreadsheet keeps as a number, told as a day: nothing else makes it look like one."""
    day = read_date(cell) if isinstance(cell, (int, float)) and not isinstance(cell, bool) else None
    return day if isinstance(day, date) else cell


def without_fields(copy: KeptCopy, used: Collection[str]) -> KeptCopy:
    """The copy without the columns of other fields than these codes."""
    if copy.columns.keys() <= set(used):
        return copy
    columns = {code: places for code, places in copy.columns.items() if code in used}
    gone = {column for code, places in copy.columns.items() if code not in used for column in places}
    gone -= {column for places in columns.values() for column in places}
    first = copy.header_row  # what stands above is no column of people's
    rows = (
        tuple(None if number >= first and column in gone else cell for column, cell in enumerate(row, start=1))
        for number, row in enumerate(copy.rows, start=1)
    )
    return replace(copy, columns=columns, rows=tuple(rows))


def outlived(notes: Sequence[CopyNote], now: datetime, days: int, *, is_current: bool) -> list[CopyNote]:
    """Those to let go of, of one unit (oldest first): what they hold was replaced by something newer longer than so
    many days ago. The newest of a unit that is still there says what its tab says anyway.
    """
    replaced_at = [*(each.taken_at for each in notes[1:]), *(note.taken_at for note in notes[-1:])]
    old = [note for note, at in zip(notes, replaced_at, strict=True) if now - at > timedelta(days=days)]
    return [each for each in old if not (is_current and each is notes[-1])]


def fuller(copies: Iterable[KeptCopy], people: int) -> KeptCopy | None:
    """The first of them that holds more people than that."""
    return next((each for each in copies if len(list(each.people)) > people), None)


def as_of(notes: Sequence[CopyNote], moment: datetime) -> CopyNote | None:
    """The copy that holds what stood there at that moment: the last one taken until then."""
    return next((note for note in reversed(notes) if note.taken_at <= moment), None)
