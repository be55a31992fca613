"""The list of people in the tab of a unit, as it stands there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from itertools import chain, starmap, zip_longest
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config.computed import COMPUTED
from automation.core.config.conditions import NOT_BEFORE, DateLimits, Subject
from automation.core.config.values import FORM_LIST, Config, Field, FieldCode, FieldType, Rule, field_names
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
from automation.core.reading.header_lines import find_list
from automation.core.reading.suggestions import words_of
from automation.core.reading.swapped_dates import Neighbour, seem_swapped
from automation.core.reading.tables import FoundTable, by_column, one_column

Read = TypeVar("Read")

HEADERS_AT_LEAST = 3
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


def merged_down(table: UnitTable) -> Iterator[Merged]:
    """The cells of people that are merged over several rows."""
    inputs = (code for code in table.table.columns if code not in COMPUTED)
    top, columns = table.table.header_row, {c for code in inputs for c in table.table.columns_of(code)}
    return (each for each in table.tab.merged if each.bottom > each.top > top and each.left in columns)


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
