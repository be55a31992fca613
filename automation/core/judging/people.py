"""All people of all units as one table: what each cell of them is read as."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from automation.core.config.conditions import Subject, Today, Value
from automation.core.config.values import PLACE_LIST, Config, FieldCode, list_spellings
from automation.core.model.workbook import Cell
from automation.core.reading.distinct_cells import DistinctCells, FieldWords
from automation.core.reading.row_sums import NO_TEXT, TOO_MANY, RowSums, no_rows_yet

_SPARE_CELLS = 2_000
"""Remembered of each field beyond what two times all lines could hold."""
_ADDED_AT_ONCE = 50_000
"""People whose cells are added up together: it takes ten numbers for each."""


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
