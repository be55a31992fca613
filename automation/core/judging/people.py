"""All people of all units as one table, each column read once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from automation.core.config.computed import COMPUTED
from automation.core.config.conditions import Subject, Today, Value
from automation.core.config.values import (
    PLACE_LIST,
    Config,
    Field,
    FieldCode,
    FieldType,
    field_names,
    list_spellings,
)
from automation.core.model.units import Declaration
from automation.core.model.workbook import Cell, Merged, Row, Tab
from automation.core.reading.cells import (
    LONGEST_LOOKED_AT,
    Identity,
    IdentityShape,
    Unreadable,
    as_text,
    fold,
    is_blank,
    is_dash,
    is_formula_error,
    read_date,
    read_headcount,
    read_identity,
    read_number,
    read_phone,
    read_tick,
)
from automation.core.reading.composing import put_together
from automation.core.reading.header_lines import find_list
from automation.core.reading.old_encodings import as_pasted, has_broken_letters, may_hold_broken_letters
from automation.core.reading.other_lines import LEAST_SECTIONS, LinesOfPeople, Sections
from automation.core.reading.swapped_dates import seem_swapped
from automation.core.reading.tables import FoundTable

Read = TypeVar("Read")

_HEADERS_AT_LEAST = 3
_DASH = "-"
_LEAST_TOLD = 2
"""Cells by which a line above the headers is taken for a person's."""


@dataclass(frozen=True)
class UnitTable:
    """A unit's tab as read. Whoever wants something of its cells asks here; nobody else looks at them."""

    unit: str
    tab: Tab
    table: FoundTable
    declaration: Declaration
    misread: tuple[tuple[int, int, str], ...] = ()
    """(row, column, label) of declared values that could not be read."""
    swapped: tuple[str, ...] = ()
    """Headers of columns in whose dates a spreadsheet seems to have taken the month for the day."""

    @property
    def width(self) -> int:
        """How many columns hold anything, the headers' and people's own among them, and what is merged to those."""
        rights = (area.right for area in self.tab.merged if area.top <= self.table.header_row)
        return max((*map(len, self.tab.rows), *rights), default=0)

    @property
    def above(self) -> Iterator[tuple[int, int, Cell]]:
        """(line, column, cell) of everything above the headers."""
        for number, row in enumerate(self.tab.rows[: self.table.top - 1], start=1):
            yield from ((number, column, cell) for column, cell in enumerate(row, start=1))

    @property
    def body(self) -> Iterator[tuple[int, Row]]:
        """(line, cells) of everything below the headers, blank lines too."""
        return enumerate(self.tab.rows[self.table.header_row :], start=self.table.header_row + 1)

    def row(self, number: int) -> Row:
        """The cells of a line."""
        return self.tab.rows[number - 1]

    def is_of(self, tab: Tab) -> bool:
        """Whether that is how the tab was when this was read. Rows are the same only where they are the same object:
        comparing each cell would cost as much as it saves.
        """
        return self.tab.rows is tab.rows and replace(self.tab, rows=()) == replace(tab, rows=())

    @cached_property
    def fingerprint(self) -> str:
        """A digest of what the unit itself typed: changes when an input cell does, tells nothing of its content."""
        inputs = (self.table.columns_of(code) for code in self.table.columns if code not in COMPUTED)
        columns = sorted(set(chain.from_iterable(inputs)))
        digest = hashlib.blake2b(digest_size=16)
        rows = ([row[column - 1] if column <= len(row) else None for column in columns] for _, row in self.body)
        typed = "".join([repr(cells) for cells in rows if cells.count(None) < len(cells)])
        digest.update(typed.encode())
        digest.update(repr(self.declaration).encode())
        return digest.hexdigest()


def unused_names(config: Config) -> dict[str, str]:
    """folded header or other spelling -> code, of the columns that are switched off: what bears one is no stranger."""
    unused = [field for field in config.fields if field.type.is_input and not field.used]
    return {fold(name): field.code for field in unused for name in (*field.other_spellings, field.header)}


def find_unit_table(unit: str, tab: Tab, config: Config) -> UnitTable | None:
    """The unit's table of people in its tab, or None where no row carries the headers."""
    table = find_list(tab.rows, config.list_names, _HEADERS_AT_LEAST)
    if table is None:
        return None
    declaration, misread = _read_declaration(tab.rows[: table.top - 1], config)
    return UnitTable(unit, tab, table, declaration, misread, tuple(_swapped(tab, table, config)))


def _swapped(tab: Tab, table: FoundTable, config: Config) -> Iterator[str]:
    for field in config.fields:
        if field.used and field.type is FieldType.DATE and field.code in table.columns:
            cells = [table.cell(row, field.code) for row in tab.rows[table.header_row :]]
            if seem_swapped(cells):
                yield field.header


def people_above(table: UnitTable, config: Config) -> tuple[int, ...]:
    """The lines above the headers in which somebody seems to stand: a whole tab was sorted, its headers too."""
    fields = [each for each in config.fields if each.used and each.code in table.table.columns]
    labels = field_names(each for each in config.fields if each.type.is_declared)
    found = []
    for number, row in enumerate(table.tab.rows[: table.table.top - 1], start=1):
        told = sum(_is_valid(table.table.cell(row, each.code), each, config) for each in fields)
        if told >= _LEAST_TOLD and not any(fold(as_text(cell)) in labels for cell in row):
            found.append(number)
    return tuple(found)


def _is_valid(cell: Cell, field: Field, config: Config) -> bool:
    """Whether a cell holds what only a person's row has there."""
    if is_blank(cell):
        return False
    if field.type is FieldType.DATE:
        return not isinstance(read_date(cell), Unreadable)
    if field.type is FieldType.IDENTITY:
        read = read_identity(cell, frozenset())
        return read is not None and read.shape in (IdentityShape.FULL, IdentityShape.OLD_CARD)
    return field.type is FieldType.LIST and fold(as_text(cell)) in config.list_names.values[field.code]


def declared_cells(rows: Sequence[Row], config: Config) -> dict[str, tuple[int, int]]:
    """Where each declared value stands above the headers: code -> (row, column) of the cell right of its label.

    A label with the next label right beside it has no place for a value.
    """
    names = field_names(field for field in config.fields if field.type.is_declared)
    found: dict[str, tuple[int, int]] = {}
    for number, row in enumerate(rows, start=1):
        labels = {column: names.get(fold(as_text(cell).rstrip(": "))) for column, cell in enumerate(row, start=1)}
        for column, code in labels.items():
            if code is None or code in found:
                continue
            next_label = next((c for c in range(column + 1, len(row) + 1) if labels[c]), None)
            if next_label == column + 1:
                continue
            filled = (c for c in range(column + 1, next_label or len(row) + 1) if not is_blank(row[c - 1]))
            found[code] = (number, next(filled, column + 1))
    return found


def _read_declaration(rows: Sequence[Row], config: Config) -> tuple[Declaration, tuple[tuple[int, int, str], ...]]:
    cells: dict[str, Cell] = {}
    places = declared_cells(rows, config)
    for code, (number, column) in places.items():
        row = rows[number - 1]
        cells[code] = row[column - 1] if column <= len(row) else None
    misread: list[tuple[int, int, str]] = []

    def readable(code: str, read: Callable[[Cell], Read | Unreadable | None]) -> Read | None:
        value = read(cells.get(code))
        if isinstance(value, Unreadable):
            misread.append((*places[code], config.field(code).header))
            return None
        return value

    declaration = Declaration(
        headcount=readable(FieldCode.HEADCOUNT, read_headcount),
        disseminated_on=readable(FieldCode.DISSEMINATED_ON, read_date),
        disseminated_by=as_text(cells.get(FieldCode.DISSEMINATED_BY))[:LONGEST_LOOKED_AT],
        informed=readable(FieldCode.INFORMED, read_headcount),
        relatives=readable(FieldCode.RELATIVES, read_headcount),
        reported_on=readable(FieldCode.REPORTED_ON, read_date),
        list_complete=read_tick(cells.get(FieldCode.LIST_COMPLETE)),
    )
    return declaration, tuple(misread)


class Column:
    """The cells of one field as a table of the distinct ones and, for each person, a place in it (`codes`).

    A reading is an array over the distinct cells, made once; `over_rows` spreads it over the people. 1, 1.0 and True
    are equal to Python and not to a reader, so the type is part of what tells cells apart.
    """

    def __init__(self, cells: Iterable[Cell], code: str, config: Config, places: frozenset[str]) -> None:
        """`places`: the codes that an identity number can begin with."""
        known: defaultdict[Hashable, int] = defaultdict()
        known.default_factory = known.__len__
        places_of = [known[cell if cell.__class__ is str else (cell.__class__, cell)] for cell in cells]
        self.codes = np.array(places_of, dtype=np.intp)
        typed = [cast(Cell, key[1] if key.__class__ is tuple else key) for key in cast(Iterable[Any], known)]
        self._list_name = next((field.list_name for field in config.fields if field.code == code), "")
        self._config, self._places = config, places
        self.cells = [None if self._is_nothing(cell, code) else cell for cell in typed]

    def over_rows(self, readings: np.ndarray[Any, Any]) -> pd.Series[Any]:
        """The reading of each person's cell."""
        spread: pd.Series[Any] = pd.Series(readings[self.codes], dtype=readings.dtype)
        return spread

    def _is_nothing(self, cell: Cell, code: str) -> bool:
        """A dash, unless the field's list knows it; and a name that a formula lost."""
        if code == FieldCode.NAME and is_formula_error(cell):
            return True
        return is_dash(cell) and (code == FieldCode.NAME or _DASH not in self.spellings)

    @cached_property
    def spellings(self) -> dict[str, str]:
        """folded spelling -> value, of the field's list; the value itself wins over a spelling."""
        return list_spellings(self._config, self._list_name)

    @cached_property
    def text(self) -> Any:
        return _objects(map(as_text, self.cells))

    @cached_property
    def blank(self) -> Any:
        return (self.text == "").astype(bool)

    @cached_property
    def length(self) -> Any:
        return np.array([len(text) for text in self.text], dtype=np.int64)

    @cached_property
    def folded(self) -> Any:
        return _objects(
            "" if is_formula_error(cell) else fold(typed) for cell, typed in zip(self.cells, self.text, strict=True)
        )

    @cached_property
    def pasted(self) -> Any:
        return _objects(map(as_pasted, self.cells))

    @cached_property
    def broken_letters(self) -> Any:
        """Few lists have any such: the column as a whole is looked at first."""
        suspect = may_hold_broken_letters("\n".join(self.pasted))
        return flags(suspect and has_broken_letters(typed) for typed in self.pasted)

    @cached_property
    def _days(self) -> Sequence[date | Unreadable | None]:
        return [read_date(cell) for cell in self.cells]

    @cached_property
    def date(self) -> Any:
        return np.array([None if isinstance(day, Unreadable) else day for day in self._days], dtype="datetime64[s]")

    @cached_property
    def unreadable_date(self) -> Any:
        return flags(isinstance(day, Unreadable) for day in self._days)

    @cached_property
    def number(self) -> Any:
        """The cell as a plain number; NaN where it is none."""
        read = (read_number(cell) for cell in self.cells)
        return np.array([each if isinstance(each, float) else np.nan for each in read], dtype=np.float64)

    @cached_property
    def _keys(self) -> Sequence[str]:
        return [fold(text) for text in self.text]

    @cached_property
    def choice(self) -> Any:
        pairs = zip(self._keys, self.text, strict=True)
        return _objects(self.spellings.get(key, typed) for key, typed in pairs)

    @cached_property
    def listed(self) -> Any:
        return flags(key in self.spellings for key in self._keys)

    @cached_property
    def effect(self) -> Any:
        effects = {value.value: value.counts for value in self._config.lists.get(self._list_name, ())}
        return _objects(effects.get(value, "") for value in self.choice)

    @cached_property
    def identity(self) -> Sequence[Identity | None]:
        return [read_identity(cell, self._places) for cell in self.cells]

    @cached_property
    def id_number(self) -> Any:
        return _objects(read.number if read else "" for read in self.identity)

    @cached_property
    def digits(self) -> Any:
        return _objects((read.number or read.digits) if read else "" for read in self.identity)

    @cached_property
    def unreadable_phone(self) -> Any:
        return flags(isinstance(read_phone(cell), Unreadable) for cell in self.cells)


def _objects(values: Iterable[Any]) -> np.ndarray[Any, Any]:
    held = list(values)
    array = np.empty(len(held), dtype=object)
    array[:] = held
    return array


def flags(values: Iterable[Any]) -> np.ndarray[Any, Any]:
    """Of whom it is true."""
    return np.fromiter(values, dtype=bool)


class People:
    """One line a person, over all units. Columns are pandas Series that share one index (0, 1, 2, ...).

    `frame` holds `unit` (code), `row` (line in the tab, as people see it) and one column of cells, as typed
    (the first 1,000 characters of each), a field code. Everything else is derived from it, once (`Column`).
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        config: Config,
        missing: Mapping[str, frozenset[str]],
        cut: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        """`cut`: by field code, the index of those whose cell held more than it has in `frame`."""
        self.frame = frame
        self.config = config
        self._missing = missing
        self._cut = cut or {}
        self._columns: dict[str, Column] = {}
        self._refused: dict[str, pd.Series[bool]] = {}
        """By field code, those whose dates are no dates, and of whom nothing more is said."""

    def __len__(self) -> int:
        return len(self.frame)

    def refusing(self, code: str, refused: pd.Series[bool]) -> People:
        """The same people, for whom the dates of `refused` in a field are no dates and nothing more is said of them."""
        others = copy(self)
        others._refused = {**self._refused, code: refused | self._refused.get(code, False)}
        return others

    @property
    def unit(self) -> pd.Series[Any]:
        return self.frame["unit"]

    def all(self, value: bool) -> pd.Series[bool]:
        """A mask with the same answer for everybody."""
        return pd.Series(np.full(len(self.frame), value), index=self.frame.index)

    def collected(self, code: str) -> pd.Series[bool]:
        """Whose unit has a column for the field; nobody's where the field is switched off."""
        if code not in self.frame:
            return self.all(False)
        without = [unit for unit, codes in self._missing.items() if code in codes]
        return ~self.unit.isin(without) if without else self.all(True)

    def column(self, code: str) -> Column:
        """The field's distinct cells and what they are read as."""
        if code not in self._columns:
            self._columns[code] = Column(self.typed(code), code, self.config, self.known_places)
        return self._columns[code]

    def read(self, code: str, readings: Callable[[Column], Any]) -> pd.Series[Any]:
        """What each person's cell is read as. `readings`: of the distinct cells."""
        column = self.column(code)
        return column.over_rows(readings(column))

    def typed(self, code: str) -> pd.Series[Any]:
        """The cells as typed."""
        return self.frame[code] if code in self.frame else pd.Series([None] * len(self), dtype=object)

    def text(self, code: str) -> pd.Series[Any]:
        """The cells as clean text."""
        return self.read(code, lambda column: column.text)

    def blank(self, code: str) -> pd.Series[bool]:
        return self.read(code, lambda column: column.blank)

    def broken_letters(self, code: str) -> pd.Series[bool]:
        """Whose text came through an old encoding."""
        return self.read(code, lambda column: column.broken_letters)

    def too_long(self, code: str) -> pd.Series[bool]:
        """Whose cell held more characters than are looked at."""
        mask = self.all(False)
        mask[list(self._cut.get(code, ()))] = True
        return mask

    def date(self, code: str) -> pd.Series[Any]:
        """datetime64[s]; NaT where blank or unreadable."""
        days = self.read(code, lambda column: column.date)
        return days.mask(self._refused[code]) if code in self._refused else days

    def day(self, code: str, index: int) -> datetime | None:
        """The date of one of them."""
        if code in self._refused and self._refused[code][index]:
            return None
        column = self.column(code)
        day = column.date[column.codes[index]]
        return None if np.isnat(day) else day.item()

    def unreadable_date(self, code: str) -> pd.Series[bool]:
        unreadable = self.read(code, lambda column: column.unreadable_date)
        return unreadable & ~self._refused[code] if code in self._refused else unreadable

    def choice(self, code: str) -> pd.Series[Any]:
        """The list's own value where the cell is one of its spellings, else the text as typed."""
        return self.read(code, lambda column: column.choice)

    def listed(self, code: str) -> pd.Series[bool]:
        return self.read(code, lambda column: column.listed)

    def effect_is(self, code: str, value: str) -> pd.Series[bool]:
        """For whom `Danh mục` says that under `Tính` of the chosen value; "" where it says nothing."""
        return self.read(code, lambda column: (column.effect == value).astype(bool))

    @cached_property
    def known_places(self) -> frozenset[str]:
        """The place codes that an identity number can begin with."""
        return frozenset(value.value for value in self.config.lists.get(PLACE_LIST, ()))


def dates_of(people: People, value: Value, today: date) -> Any:
    """The date that a value of a condition or a rule stands for, or the dates in the column that it names."""
    match value:
        case Today():
            return pd.Timestamp(value.on(today))
        case Subject():
            return people.date(value.field)
        case date():
            return pd.Timestamp(value)
    raise TypeError(value)


def read_people(tables: Sequence[UnitTable], config: Config) -> People:
    """Every person row of every unit. Blank rows, sections, totals, signatures and repeated headers are no persons.

    A row is a person's as soon as one input cell other than the ordinal number is filled.
    """
    codes = [field.code for field in config.fields if field.used and field.type.is_input]
    columns: dict[str, list[Any]] = {code: [] for code in ("unit", "row", *codes)}
    missing: dict[str, frozenset[str]] = {}
    for table in tables:
        missing[table.unit] = frozenset(code for code in codes if code not in table.table.columns)
        _append_rows(columns, table, codes, config)
    cut = {code: _cut_long(columns[code]) for code in codes}
    frame = pd.DataFrame({code: pd.Series(_objects(values), dtype=object) for code, values in columns.items()})
    return People(frame.astype({"row": "int64"}), config, missing, cut)


def _cut_long(cells: list[Any]) -> list[int]:
    """Cut the texts of which only the beginning is looked at; returns their places."""
    places = [place for place, cell in enumerate(cells) if cell.__class__ is str and len(cell) > LONGEST_LOOKED_AT]
    for place in places:
        cells[place] = cells[place][:LONGEST_LOOKED_AT]
    return places


def _append_rows(columns: dict[str, list[Any]], table: UnitTable, codes: Sequence[str], config: Config) -> None:
    places = [table.table.columns.get(code) for code in codes]
    lines = _lines_of_people(table, codes, config)
    first, start = table.table.header_row + 1, len(columns["row"])
    shown = _shown_by_merges(table, lines.inputs)
    kept: list[Row] = []
    others: list[tuple[int, Row]] = []
    for number, row in table.body:
        if lines.is_person(number, row, first=number == first):
            kept.append(shown.get(number, row))
            columns["row"].append(number)
        else:
            others.append((number, row))
    columns["unit"] += [table.unit] * len(kept)
    for code, place in zip(codes, places, strict=True):
        cells = [row[place - 1] if place <= len(row) else None for row in kept] if place else [None] * len(kept)
        columns[code] += cells
    for code, composed in table.table.composed.items():
        columns[code][start:] = put_together(kept, composed)
    if others and FieldCode.DEPARTMENT in columns and all(map(is_blank, columns[FieldCode.DEPARTMENT][start:])):
        columns[FieldCode.DEPARTMENT][start:] = _under_headings(columns["row"][start:], others)


def _under_headings(people: Sequence[int], others: Sequence[tuple[int, Row]]) -> list[Cell]:
    """The department of each person by the headings between them; None where too few of those stand there."""
    sections, under, waiting = Sections(), list[Cell](), list(reversed(others))
    for number in people:
        while waiting and waiting[-1][0] < number:
            sections.pass_by(waiting.pop()[1])
        under.append(sections.of_person() or None)
    return under if sections.count >= LEAST_SECTIONS else [None] * len(under)


def _shown_by_merges(table: UnitTable, inputs: Collection[int]) -> dict[int, Row]:
    """The rows over which cells are merged downwards, as they look: what stands in the first cell holds for all. Where
    a cell below has a value of its own, that stays.
    """
    shown: dict[int, list[Cell]] = {}
    for area in merged_down(table):
        value = table.tab.cell(area.top, area.left)
        for number in range(area.top + 1, min(area.bottom, len(table.tab.rows)) + 1):
            if area.left not in inputs or value is None:
                continue
            row = shown.setdefault(number, list(table.row(number)))
            row.extend([None] * (area.left - len(row)))
            if row[area.left - 1] is None:
                row[area.left - 1] = value
    return dict(shown)


def merged_down(table: UnitTable) -> Iterator[Merged]:
    """The cells of people that are merged over several rows."""
    inputs = (code for code in table.table.columns if code not in COMPUTED)
    top, columns = table.table.header_row, {c for code in inputs for c in table.table.columns_of(code)}
    return (each for each in table.tab.merged if each.bottom > each.top > top and each.left in columns)


_TELLING = frozenset(
    {
        FieldCode.IDENTITY,
        FieldCode.BIRTH_DATE,
        FieldCode.CARD,
        FieldCode.ISSUED_ON,
        FieldCode.LEVEL,
        FieldCode.STAGE,
        FieldCode.ACTIVATED_ON,
    }
)
"""Where something stands here, the line is a person's."""


def _lines_of_people(table: UnitTable, codes: Sequence[str], config: Config) -> LinesOfPeople:
    found = table.table
    inputs = [code for code in codes if code in found.columns and code != FieldCode.ORDINAL]
    return LinesOfPeople(
        name=found.columns.get(FieldCode.NAME, 0),
        ordinal=found.columns.get(FieldCode.ORDINAL, 0),
        department=found.columns.get(FieldCode.DEPARTMENT, 0),
        inputs=[place for code in inputs for place in found.columns_of(code)],
        telling=[place for code in inputs if code in _TELLING for place in found.columns_of(code)],
        headers=table.tab.rows[found.top - 1 : found.header_row],
        names=config.list_names.codes,
        words=config.line_words,
    )
