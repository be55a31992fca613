"""All people of all units as one table, each column read once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date, datetime
from functools import cached_property, partial
from itertools import chain, pairwise, starmap, zip_longest
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
import numpy as np
import pandas as pd
from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config.computed import COMPUTED
from automation.core.config.conditions import NOT_BEFORE, DateLimits, Subject, Today, Value
from automation.core.config.values import (
    FORM_LIST,
    PLACE_LIST,
    Config,
    Field,
    FieldCode,
    FieldType,
    Rule,
    field_names,
    list_spellings,
)
from automation.core.judging.lists.emptied import is_emptied_row
from automation.core.model.units import Declaration, Mode, UnitRecord
from automation.core.model.workbook import Cell, Merged, Row, Tab, cell_name
from automation.core.reading.cells import (
    LONGEST_LOOKED_AT,
    IdentityShape,
    Unreadable,
    as_text,
    fold,
    is_blank,
    read_date,
    read_headcount,
    read_identity,
    read_tick,
)
from automation.core.reading.composing import put_together
from automation.core.reading.distinct_cells import DistinctCells, FieldWords
from automation.core.reading.header_lines import find_list
from automation.core.reading.other_lines import LEAST_SECTIONS, LinesOfPeople, Sections
from automation.core.reading.row_sums import NO_TEXT, TOO_MANY, RowSums, no_rows_yet
from automation.core.reading.suggestions import words_of
from automation.core.reading.swapped_dates import Neighbour, seem_swapped
from automation.core.reading.tables import FoundTable, by_column, one_column

Read = TypeVar("Read")

HEADERS_AT_LEAST = 3
_SPARE_CELLS = 2_000
"""Remembered of each field beyond what two times all lines could hold."""
_ADDED_AT_ONCE = 50_000
"""People whose cells are added up together: it takes ten numbers for each."""
_LEAST_TOLD = 2
"""Cells by which a line above the headers is taken for a person's."""


class Floor(Struct, frozen=True):
    """What the dates of a field must not come before: those of another one, or a day."""

    field: str
    earlier: str | date


def floors_of(rules: Iterable[Rule]) -> Iterator[Floor]:
    """What the rules in force say of that."""
    for rule in rules:
        if rule.mode is not Mode.ON:
            continue
        limits = rule.parameters.not_before if isinstance(rule.parameters, DateLimits) else ()
        for value in (rule.parameters,) if rule.check == NOT_BEFORE else limits:
            if isinstance(value, Subject):
                yield Floor(rule.field, value.field)
            elif isinstance(value, date):
                yield Floor(rule.field, value)


class UnitTable(Struct, frozen=True, dict=True):
    """A unit's tab as read. Whoever wants something of its cells asks here; nobody else looks at them."""

    unit: str
    tab: Tab
    table: FoundTable
    declaration: Declaration
    declared_at: Mapping[str, tuple[int, int]] = MappingProxyType({})
    """Where each declared value stands (`declared_cells`)."""
    misread: tuple[tuple[int, int, str], ...] = ()
    """(row, column, label) of declared values that could not be read."""
    dates: tuple[tuple[str, str], ...] = ()
    """(code, header) of the columns of dates."""
    floors: tuple[Floor, ...] = ()
    """What these dates must not come before."""

    @cached_property
    def swapped(self) -> tuple[str, ...]:
        """Headers of columns in whose dates a spreadsheet seems to have taken the month for the day."""
        found = ((header, self._dates_of(code), partial(self._neighbours, code)) for code, header in self.dates)
        return tuple(header for header, cells, neighbours in found if seem_swapped(cells, neighbours))

    def _neighbours(self, code: str) -> Iterator[Neighbour]:
        """The dates that those of that field must not come before, or after."""
        columns = {code for code, _ in self.dates}
        for floor in self.floors:
            if floor.field == code and isinstance(floor.earlier, date):
                yield Neighbour([floor.earlier.isoformat()] * self.length, is_earlier=True)
            elif floor.field == code and floor.earlier in columns:
                yield Neighbour(self._dates_of(str(floor.earlier)), is_earlier=True)
            elif floor.earlier == code and floor.field in columns:
                yield Neighbour(self._dates_of(floor.field), is_earlier=False)

    def _dates_of(self, code: str) -> Sequence[Cell]:
        return self.below(self.table.columns[code])

    @property
    def width(self) -> int:
        """How many columns hold anything, the headers' and people's own among them, and what is merged to those."""
        rights = (area.right for area in self.tab.merged if area.top <= self.table.header_row)
        return max((*map(len, self.tab.rows), *rights), default=0)

    @property
    def beside(self) -> tuple[str, int] | None:
        """Where a second list begins whose headers repeat those of this one, and how many of its lines are filled; None
        where nothing stands below them, as where a list was pasted over some of the headers that the tab had.
        """
        columns = [column for _, column in self.table.repeated]
        if len(columns) < HEADERS_AT_LEAST:
            return None
        left, right = min(columns), max(columns)
        lines = sum(not all(map(is_blank, row[left - 1 : right])) for _, row in self.body)
        return (cell_name(self.table.header_row, left), lines) if lines else None

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

    @property
    def length(self) -> int:
        """How many lines are below the headers."""
        return max(len(self.tab.rows) - self.table.header_row, 0)

    def is_of(self, tab: Tab) -> bool:
        """Whether that is how the tab was when this was read. Rows are the same only where they are the same object:
        comparing each cell would cost as much as it saves.
        """
        return self.tab.rows is tab.rows and replace(self.tab, rows=()) == replace(tab, rows=())

    def is_judged_like(self, other: UnitTable) -> bool:
        """Whether nothing but our own results and lines above the headers has changed from there to here."""
        if (self.table, self.tab.merged, self.length) != (other.table, other.tab.merged, other.length):
            return False
        ours = {self.table.columns.get(code) for code in COMPUTED}
        known = ((cells, other.below(column)) for column, cells in self.columns.items() if column not in ours)
        if not all(starmap(_are_alike, known)):  # most often: these were taken apart before
            return False
        both = (zip_longest(*each.tab.rows[each.table.top - 1 :]) for each in (self, other))
        blank: Sequence[Cell] = (None,) * (len(self.tab.rows) - self.table.top + 1)
        pairs = enumerate(zip_longest(*both, fillvalue=blank), start=1)
        return all(_are_alike(one, two) for column, (one, two) in pairs if column not in ours)

    @cached_property
    def worked_out(self) -> dict[object, tuple[Config, Any]]:
        """What was found out of it once, by who did, beside the configuration by which."""
        return {}

    @property
    def columns(self) -> Mapping[int, Sequence[Cell]]:
        """The cells below the headers, line by line, of each column of ours; those that a value is made of too."""
        if not self._ours <= self._held.keys():
            self._held.update(self._taken_apart())
        return self._held

    @cached_property
    def _held(self) -> dict[int, Sequence[Cell]]:
        """Those of them that need not be taken out of the lines of the tab again."""
        return dict(self._taken_apart())

    def _taken_apart(self) -> Mapping[int, Sequence[Cell]]:
        return by_column(self.tab.rows[self.table.header_row :], self._ours)

    @cached_property
    def _ours(self) -> frozenset[int]:
        return frozenset(chain.from_iterable(map(self.table.columns_of, self.table.columns)))

    def below(self, column: int) -> Sequence[Cell]:
        """What stands below the headers in a column (from 1), line by line."""
        held = self._held.get(column)
        return one_column(self.tab.rows[self.table.header_row :], column) if held is None else held

    def forget_inputs(self) -> None:
        """Hold their digest and no column of them any more: these are as large as all that is read of them, and the tab
        has the cells. Results of ours are looked at once more.
        """
        _ = self.fingerprint  # while they are held
        ours = {self.table.columns.get(code) for code in COMPUTED}
        for column in self._held.keys() - ours:
            del self._held[column]

    @property
    def names(self) -> Sequence[Cell]:
        """What stands in the column of names, line by line; () without one."""
        column = self.table.columns.get(FieldCode.NAME)
        return self.below(column) if column else ()

    @cached_property
    def fingerprint(self) -> str:
        """A digest of what the unit itself typed: changes when an input cell does, tells nothing of its content."""
        inputs = self._inputs
        lines = zip(*inputs, strict=True)
        rows = list(lines if any(map(all, inputs)) else filter(any, lines))  # without blank ones
        try:
            typed = msgspec.msgpack.encode(rows)
        except (OverflowError, UnicodeError):  # numbers and letters that no other program writes
            typed = repr(rows).encode("utf-8", "backslashreplace")
        return _digest(typed + repr(self.declaration).encode(), 15)

    def is_as_in(self, record: UnitRecord) -> bool:
        """Whether what the unit typed is what is remembered, by an earlier version too (longer digests)."""
        if len(record.fingerprint) == len(self.fingerprint):
            return record.fingerprint == self.fingerprint
        rows = map(list, zip(*self._inputs, strict=True))
        typed = "".join([repr(cells) for cells in rows if cells.count(None) < len(cells)])
        return record.fingerprint == _digest((typed + repr(self.declaration)).encode(), 16)

    @property
    def _inputs(self) -> Sequence[Sequence[Cell]]:
        inputs = (self.table.columns_of(code) for code in self.table.columns if code not in COMPUTED)
        columns = self.columns
        return [columns[column] for column in sorted(set(chain.from_iterable(inputs)))]


def _are_alike(one: Sequence[Cell], other: Sequence[Cell]) -> bool:
    """Also to a reader: 1, 1.0 and True are equal to Python."""
    return one == other and list(map(type, one)) == list(map(type, other))


def _digest(content: bytes, size: int) -> str:
    return hashlib.blake2b(content, digest_size=size).hexdigest()


def unused_names(config: Config) -> dict[str, str]:
    """folded header or other spelling -> code, of the columns that are switched off: what bears one is no stranger."""
    unused = [field for field in config.fields if field.type.is_input and not field.used]
    return {fold(name): field.code for field in unused for name in (*field.other_spellings, field.header)}


def find_unit_table(unit: str, tab: Tab, config: Config) -> UnitTable | None:
    """The unit's table of people in its tab, or None where no row carries the headers."""
    table = find_list(tab.rows, config.list_names, HEADERS_AT_LEAST)
    if table is None:
        return None
    table = table.by_identity({code: place for code, place in (tab.anchors or {}).items() if code in COMPUTED})
    above = tab.rows[: table.top - 1]
    declared_at = declared_cells(above, config)
    declaration, misread = _read_declaration(above, declared_at, config)
    dates = (each for each in config.fields if each.used and each.type is FieldType.DATE and each.code in table.columns)
    headers = tuple((each.code, each.header) for each in dates)
    return UnitTable(unit, tab, table, declaration, declared_at, misread, headers, tuple(floors_of(config.rules)))


def people_above(table: UnitTable, config: Config) -> tuple[int, ...]:
    """The lines above the headers in which somebody seems to stand: a whole tab was sorted, its headers too."""
    lines = enumerate(table.tab.rows[: table.table.top - 1], start=1)
    filled = [(number, row) for number, row in lines if sum(not is_blank(cell) for cell in row) >= _LEAST_TOLD]
    fields = [each for each in config.fields if each.used and each.code in table.table.columns] if filled else []
    labels = field_names(each for each in config.fields if each.type.is_declared) if filled else {}
    found = []
    for number, row in filled:
        if any(cell is not None and fold(as_text(cell)) in labels for cell in row):
            continue
        if sum(_is_valid(table.table.cell(row, each.code), each, config) for each in fields) >= _LEAST_TOLD:
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


def _forms_named(typed: str, config: Config) -> str:
    """How a unit makes the documents known, in the words of the list alone: what is typed besides may name people, and
    goes to those who forward it.
    """
    if not typed:
        return ""
    said = _in_words(typed)
    forms = (each for each in config.lists.get(FORM_LIST, ()) if any(_in_words(name) in said for name in each.names))
    return ", ".join(each.value for each in forms) or text("units.other_form")


def _in_words(typed: str) -> str:
    return f" {' '.join(words_of(typed))} "


def _read_declaration(
    rows: Sequence[Row], places: Mapping[str, tuple[int, int]], config: Config
) -> tuple[Declaration, tuple[tuple[int, int, str], ...]]:
    cells: dict[str, Cell] = {}
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
        disseminated_by=_forms_named(as_text(cells.get(FieldCode.DISSEMINATED_BY))[:LONGEST_LOOKED_AT], config),
        informed=readable(FieldCode.INFORMED, read_headcount),
        relatives=readable(FieldCode.RELATIVES, read_headcount),
        reported_on=readable(FieldCode.REPORTED_ON, read_date),
        list_complete=read_tick(cells.get(FieldCode.LIST_COMPLETE)),
    )
    return declaration, tuple(misread)


class Readings:
    """What the cells of each field were read as by one configuration, kept from look to look."""

    def __init__(self) -> None:
        self._of: dict[str, DistinctCells] = {}
        self._most_lines = 0

    def of(self, code: str, config: Config, lines: int) -> DistinctCells:
        """Those of a field, for a look at that many lines. What nobody has any more is forgotten once there is as much
        of it as all lines could hold.
        """
        self._most_lines = max(self._most_lines, lines)
        if code not in self._of or self._of[code].is_beyond(2 * self._most_lines + _SPARE_CELLS):
            self._of[code] = DistinctCells(_words_of(code, config))
        return self._of[code]


def _words_of(code: str, config: Config) -> FieldWords:
    name = next((field.list_name for field in config.fields if field.code == code), "")
    effects = {value.value: value.counts for value in config.lists.get(name, ())}
    headers, is_name = config.list_names.codes, code == FieldCode.NAME
    return FieldWords(list_spellings(config, name), effects, _places_of(config), headers, is_name=is_name)


def _places_of(config: Config) -> frozenset[str]:
    return frozenset(value.value for value in config.lists.get(PLACE_LIST, ()))


class People:
    """One line a person, over all units, one unit behind the other. Columns are pandas Series that share one index
    (0, 1, 2, ...).

    `frame` holds `unit` (code) and `row` (line in the tab, as people see it). A field is a table of distinct cells
    (`column`) and, for each person, a place in it; everything else is derived from that, once.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        config: Config,
        missing: Mapping[str, frozenset[str]],
        columns: Mapping[str, tuple[DistinctCells, Any]],
        in_one_column: Any,
    ) -> None:
        """`columns`: by field code, the distinct cells and the place of each person's. `in_one_column`: flags of those
        whose cells are as they stand in the tab, each field in a column.
        """
        self.frame = frame
        self.config = config
        self.in_one_column = in_one_column
        self._missing = missing
        self._fields = frozenset(columns)
        self._columns = dict(columns)
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
        return pd.Series(np.full(len(self.frame), value), index=self.frame.index, copy=False)

    def is_collected_everywhere(self, code: str) -> bool:
        """Whether every unit has a column for the field."""
        return code in self._fields and not any(code in codes for codes in self._missing.values())

    def collected(self, code: str) -> pd.Series[bool]:
        """Whose unit has a column for the field; nobody's where the field is switched off."""
        if code not in self._fields:
            return self.all(False)
        without = [unit for unit, codes in self._missing.items() if code in codes]
        return ~self.unit.isin(without) if without else self.all(True)

    def holds(self, code: str) -> bool:
        """Whether the field is one of those that people fill in."""
        return code in self._fields

    def column(self, code: str) -> DistinctCells:
        """The field's distinct cells and what they are read as; nobody has any where it is switched off."""
        return self._column(code)[0]

    def _column(self, code: str) -> tuple[DistinctCells, Any]:
        if code not in self._columns:
            blank = DistinctCells(_words_of(code, self.config))
            self._columns[code] = blank, blank.codes_of([None] * len(self))
        return self._columns[code]

    def place(self, code: str, index: int) -> int:
        """The place of somebody's cell among the distinct ones."""
        return int(self._column(code)[1][index])

    def read(self, code: str, readings: Callable[[DistinctCells], Any]) -> pd.Series[Any]:
        """What each person's cell is read as. `readings`: of the distinct cells."""
        found = self.spread(code, readings)
        told: pd.Series[Any] = pd.Series(found, dtype=found.dtype, copy=False)
        return told

    def spread(self, code: str, readings: Callable[[DistinctCells], Any]) -> Any:
        """The same as an array, which costs less to work on."""
        column, codes = self._column(code)
        return readings(column)[codes]

    def texts_of(self, code: str, people: pd.Series[bool]) -> frozenset[str]:
        """The clean texts that some of them have."""
        column, codes = self._column(code)
        theirs = np.zeros(len(column.typed), dtype=bool)
        theirs[codes[people.to_numpy()]] = True
        return frozenset(column.text[theirs])

    def typed(self, code: str) -> pd.Series[Any]:
        """The cells as typed, the first 1,000 characters of each."""
        column, codes = self._column(code)
        return pd.Series([column.typed[place] for place in codes], dtype=object)

    def typed_by(self, code: str, index: int) -> Cell:
        """The cell of one of them."""
        return self.column(code).typed[self.place(code, index)]

    def text(self, code: str) -> pd.Series[Any]:
        """The cells as clean text."""
        return self.read(code, lambda column: column.text)

    def blank(self, code: str) -> pd.Series[bool]:
        return self.read(code, lambda column: column.blank)

    def broken_letters(self, code: str) -> pd.Series[bool]:
        """Whose text came through an old encoding."""
        return self.read(code, lambda column: column.broken_letters)

    def date(self, code: str) -> pd.Series[Any]:
        """datetime64[s]; NaT where blank or unreadable."""
        days = self.read(code, lambda column: column.dates)
        return days.mask(self._refused[code]) if code in self._refused else days

    def day(self, code: str, index: int) -> datetime | None:
        """The date of one of them."""
        if code in self._refused and self._refused[code].to_numpy()[index]:  # an item of a Series costs ten times more
            return None
        day = self.column(code).dates[self.place(code, index)]
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
        return _places_of(self.config)

    def inputs(self) -> RowSums:
        """What the cells that a result is made of add up to; `TOO_MANY` characters where that is not told."""
        of_cells = {code: np.ascontiguousarray(self.column(code).sums.T) for code in self.config.judged_codes}
        pieces = [slice(first, first + _ADDED_AT_ONCE) for first in range(0, len(self), _ADDED_AT_ONCE)]
        added = [self._added_up(of_cells, piece) for piece in pieces or [slice(0)]]
        lengths, sums = (
            np.concatenate(each) for each in zip(*((rows.lengths, rows.sums) for rows in added), strict=True)
        )
        return RowSums(np.where(self.in_one_column, lengths, TOO_MANY), sums)

    def _added_up(self, of_cells: Mapping[str, Any], people: slice) -> RowSums:
        """The same of some of them. `of_cells`: by field, what each distinct cell adds up to."""
        rows = no_rows_yet(len(self.unit_numbers[people]))
        for code, of_cell in of_cells.items():
            sums = of_cell[:, self._columns[code][1][people]].astype(np.int64)
            if any(code in lacking for lacking in self._missing.values()):
                sums[:, ~self.collected(code).to_numpy()[people]] = NO_TEXT
            rows = rows.followed_by(sums)
        return rows

    @cached_property
    def unit_numbers(self) -> Any:
        """A number for the unit of each person, from 0."""
        units = self.unit.to_numpy()
        return np.concatenate([np.zeros(min(len(self), 1), dtype=np.int64), np.cumsum(units[1:] != units[:-1])])

    def by_unit(self, texts: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
        """What each unit has of these, one a person."""
        firsts = [0, *(np.flatnonzero(np.diff(self.unit_numbers)) + 1).tolist(), len(self)]
        for first, end in pairwise(firsts):
            yield from [(self.unit[first], texts[first:end])] if end else ()


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


def read_people(tables: Sequence[UnitTable], config: Config, readings: Readings | None = None) -> People:
    """Every person row of every unit. Blank rows, sections, totals, signatures and repeated headers are no persons.

    A row is a person's as soon as one input cell other than the ordinal number is filled. `readings`: what cells were
    read as before.
    """
    codes = [field.code for field in config.fields if field.used and field.type.is_input]
    lines = _Lines([_Listed.of(table, codes, config) for table in tables], codes, config, readings or Readings())
    for table in tables:
        table.forget_inputs()
    missing = {table.unit: frozenset(code for code in codes if code not in table.table.columns) for table in tables}
    return lines.people(missing)


class _Listed(Struct, frozen=True):
    """The lines below the headers of one tab."""

    table: UnitTable
    cells: Mapping[str, Sequence[Cell]]
    """By field code, what stands in each line."""
    lines: LinesOfPeople
    in_one_column: bool
    """Whether each field is a column of the tab, as it stands there."""

    @classmethod
    def of(cls, table: UnitTable, codes: Sequence[str], config: Config) -> _Listed:
        found = table.table
        lines = _lines_of_people(table, codes, config)
        shown = _shown_by_merges(table, lines.inputs)
        rows = [shown.get(number, row) for number, row in table.body] if shown else None
        columns = by_column(rows, frozenset(table.columns)) if rows else table.columns
        nothing = (None,) * table.length
        cells = {code: columns.get(found.columns.get(code, 0), nothing) for code in codes}
        body = rows or table.tab.rows[found.header_row :]
        cells |= {code: put_together(body, composed) for code, composed in found.composed.items() if code in cells}
        return cls(table, cells, lines, not (shown or found.composed))

    @property
    def is_plain(self) -> bool:
        """Whether its columns tell people from other lines."""
        return self.in_one_column and len(self.lines.headers) == 1


class _Lines:
    """The lines of several tabs, one behind the other."""

    def __init__(self, listed: Sequence[_Listed], codes: Sequence[str], config: Config, readings: Readings) -> None:
        self._listed, self._config = listed, config
        self._lengths = [each.table.length for each in listed]
        self._which = np.repeat(np.arange(len(listed)), self._lengths)
        starts = [np.arange(each.table.length) + each.table.table.header_row + 1 for each in listed]
        self._numbers = np.concatenate([np.empty(0, dtype=np.int64), *starts])
        self._columns: dict[str, tuple[DistinctCells, Any]] = {}
        for code in codes:
            column = readings.of(code, config, len(self._which))
            self._columns[code] = (
                column,
                column.codes_of(list(chain.from_iterable(each.cells[code] for each in listed))),
            )

    def people(self, missing: Mapping[str, frozenset[str]]) -> People:
        """Those of the lines in which a person stands."""
        persons = self._persons()
        as_typed = self._of_each(each.in_one_column for each in self._listed)
        as_typed &= ~self._with_departments_of_headings(persons)
        units = np.array([each.table.unit for each in self._listed], dtype=object)[self._which]
        frame = pd.DataFrame({"unit": pd.Series(units[persons], dtype=object), "row": self._numbers[persons]})
        columns = {code: (column, codes[persons]) for code, (column, codes) in self._columns.items()}
        return People(frame, self._config, missing, columns, as_typed[persons])

    def _of_each(self, flags: Iterable[bool]) -> Any:
        """What is so of each tab, for each of its lines."""
        return np.fromiter(flags, dtype=bool, count=len(self._listed))[self._which]

    def _persons(self) -> Any:
        """In which lines somebody stands: told by columns where nothing speaks against it, else line by line."""
        holds, tells = np.zeros(len(self._which), dtype=bool), np.zeros(len(self._which), dtype=np.uint8)
        for code, (column, codes) in self._columns.items():
            if code != FieldCode.ORDINAL:
                filled = ~column.empty[codes]
                holds |= filled
                if code in _TELLING:
                    tells += filled & ~column.only_words[codes]
        first = np.diff(self._which, prepend=-1) > 0
        plain = self._of_each(each.is_plain for each in self._listed)
        persons = (tells > 0) & plain & ~first & ~self._of_unsure_name()
        sure = np.maximum.accumulate(np.where(tells > 1, np.arange(len(tells)), -1))
        for place in np.flatnonzero((holds | ~plain) & ~persons).tolist():
            listed, number = self._listed[self._which[place]], int(self._numbers[place])
            is_below = sure[place] >= 0 and self._which[sure[place]] == self._which[place]
            below = int(self._numbers[sure[place]]) if is_below else 0
            row = listed.table.row(number)
            is_person = listed.lines.is_person(number, row, first=bool(first[place]), below=below)
            persons[place] = is_person and not (first[place] and is_emptied_row(row))
        return persons

    def _of_unsure_name(self) -> Any:
        """Whose name may be no person's."""
        if FieldCode.NAME not in self._columns:
            return np.full(len(self._which), True)
        column, codes = self._columns[FieldCode.NAME]
        return column.unsure_name[codes]

    def _with_departments_of_headings(self, persons: Any) -> Any:
        """Put the departments where only headings between the people tell them; of which lines that is so."""
        told = np.zeros(len(persons), dtype=bool)
        if FieldCode.DEPARTMENT not in self._columns:
            return told
        column, codes = self._columns[FieldCode.DEPARTMENT]
        blank = column.aloud[codes] == ""
        ends = np.cumsum(self._lengths)
        for listed, first, end in zip(self._listed, ends - self._lengths, ends, strict=True):
            here = np.flatnonzero(persons[first:end]) + first
            if 0 < len(here) < end - first and blank[here].all():
                others = [
                    each for each, person in zip(listed.table.body, persons[first:end], strict=True) if not person
                ]
                departments = _under_headings(self._numbers[here].tolist(), others)
                if any(departments):
                    codes[here], told[here] = column.codes_of(departments), True
        return told


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
"""Where something stands here, the line is a person's, unless it is the words of a signature."""


def _lines_of_people(table: UnitTable, codes: Sequence[str], config: Config) -> LinesOfPeople:
    found = table.table
    inputs = [code for code in codes if code in found.columns and code != FieldCode.ORDINAL]
    return LinesOfPeople(
        name=found.columns.get(FieldCode.NAME, 0),
        ordinal=found.columns.get(FieldCode.ORDINAL, 0),
        department=found.columns.get(FieldCode.DEPARTMENT, 0),
        categories=found.columns_of(FieldCode.CATEGORY) if FieldCode.CATEGORY in found.columns else (),
        inputs=[place for code in inputs for place in found.columns_of(code)],
        telling=[place for code in inputs if code in _TELLING for place in found.columns_of(code)],
        headers=table.tab.rows[found.top - 1 : found.header_row],
        names=config.list_names.codes,
        words=config.line_words,
        chosen={
            place: spellings
            for code, spellings in config.list_names.values.items()
            if code in inputs
            for place in found.columns_of(code)
        },
    )
