"""The lines of people in the lists of all units become one table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from msgspec import Struct

from automation.core.config.values import Config, FieldCode
from automation.core.judging.lists.emptied import is_emptied_row
from automation.core.judging.lists.unit_table import UnitTable, merged_down
from automation.core.judging.people import People, Readings
from automation.core.model.workbook import Cell, Row
from automation.core.reading.composing import put_together
from automation.core.reading.distinct_cells import DistinctCells
from automation.core.reading.other_lines import LEAST_SECTIONS, LinesOfPeople, Sections
from automation.core.reading.tables import by_column


def read_people(tables: Sequence[UnitTable], config: Config, readings: Readings | None = None) -> People:
    """Every person row of every unit. Blank rows, sections, totals, signatures and repeated headers are no persons.

    A row is a person's as soon as one input cell other than the ordinal number is filled. `readings`: what cells were
    read as before.
    """
    codes = [field.code for field in config.inputs]
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
        spellings = config.list_names.values
        cells |= {
            code: put_together(body, composed, spellings.get(code, {}))
            for code, composed in found.composed.items()
            if code in cells
        }
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
        unsure = self._of_unsure_name()
        below_unsure = np.roll(unsure, 1)  # the columns of a header that stands again may be numbered
        persons = (tells > 0) & plain & ~first & ~unsure & ~below_unsure
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
