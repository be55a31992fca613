"""What is to stand beside people: the results that they see, and the digest of each row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from msgspec import Struct, field

from automation.core.config.computed import JudgedRows, shown_results
from automation.core.config.values import Config, FieldCode
from automation.core.judging.lists.digest import inputs_text, made_of, row_digests, shown_fields, summed_digests
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.model.workbook import Cell, CellChange
from automation.core.reading.row_sums import RowSums


class Results(Struct, frozen=True, dict=True):
    """The results of some units, made for all of them together."""

    people: Any
    """Their lines of `Judged.people`, one unit behind the other."""
    overdue: bool
    config: Config
    given_up: Collection[CellChange] = ()
    """What is not to be tried again: beside such a cell the digest is that of a row in which it is blank, and waits for
    nothing."""
    _known: dict[str, list[str]] = field(default_factory=dict)

    def of(self, table: UnitTable, columns: Mapping[str, int]) -> dict[str, list[Cell]]:
        """By field code, what the computed cells of each line below the headers are to hold. `columns`: where the
        computed ones are.
        """
        place, shown = self._places.get(table.unit, slice(0, 0)), shown_fields(columns)
        rows = self._rows[place]
        found = {code: cells[place] for code, cells in self._shown.items()}
        found[FieldCode.JUDGED] = self._digests(table, rows, shown, place)
        lines: Sequence[int] = [row - table.table.header_row - 1 for row in rows]
        if lines == list(every := range(table.length)):
            lines = every
        return {code: _by_line(cells, lines, table.length) for code, cells in found.items()}

    @cached_property
    def _shown(self) -> Mapping[str, list[str]]:
        return shown_results(JudgedRows(self.people, self.overdue))

    @cached_property
    def _rows(self) -> list[int]:
        rows: list[int] = self.people["row"].tolist()
        return rows

    @cached_property
    def _places(self) -> Mapping[str, slice]:
        """Where the people of each unit stand."""
        units = self.people["unit"].to_numpy()
        firsts = [0, *(np.flatnonzero(units[1:] != units[:-1]) + 1).tolist(), len(units)]
        return {units[first]: slice(first, end) for first, end in pairwise(firsts) if end}

    @cached_property
    def _sums(self) -> RowSums:
        return RowSums(self.people["inputs_length"].to_numpy(), self.people["inputs_sum"].to_numpy())

    def _digests(self, table: UnitTable, rows: Sequence[int], shown: Sequence[str], place: slice) -> list[str]:
        """From the text of the row where its inputs were not summed up."""
        inputs, start = made_of(table.table, shown, self.config)
        beside: list[Sequence[Cell]] = [self._shown[code][place] for code in shown]
        if blank := {(c.row, c.anchor, c.value) for c in self.given_up if c.tab == table.tab.key}:
            beside = [
                [None if (row, code, cell) in blank else cell for row, cell in zip(rows, cells, strict=True)]
                for code, cells in zip(shown, beside, strict=True)
            ]
            sums = RowSums(self._sums.lengths[place], self._sums.sums[place])
            digests = summed_digests(sums, beside, start) if shown else [""] * len(rows)
        else:
            digests = self._summed(start, shown)[place]
        left = [at for at, digest in enumerate(digests) if not digest]
        texts = [inputs_text(table.row(rows[at]), inputs) for at in left]
        for at, digest in zip(left, row_digests(texts, [[c[at] for c in beside] for at in left], start), strict=True):
            digests[at] = digest
        return digests

    def _summed(self, start: str, shown: Sequence[str]) -> list[str]:
        """The digests of everybody under one signature, which most units share; none where nothing is shown beside."""
        if not shown:
            return [""] * len(self.people)
        if start not in self._known:
            self._known[start] = summed_digests(self._sums, [self._shown[code] for code in shown], start)
        return self._known[start]


def _by_line(cells: Iterable[Cell], lines: Sequence[int], count: int) -> list[Cell]:
    if lines == range(count):
        return [cell or None for cell in cells]
    found: list[Cell] = [None] * count
    for line, cell in zip(lines, cells, strict=True):
        found[line] = cell or None
    return found
