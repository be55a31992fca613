"""Beside whom the cells of a merge came to stand, where people may have moved rows while it was written.

A cell finds its column by the column's identity, its row only by number. So what was written is looked at again: where
it stands beside somebody else, it is put back to what that person had before; where that is not known, a person is
told the cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from automation.core.config.computed import COMPUTED
from automation.core.config.values import FieldCode
from automation.core.judging.people import UnitTable
from automation.core.model.workbook import Cell, CellChange, Row
from automation.core.reading.cells import as_text, fold, is_blank
from automation.core.reading.comparing import same

_TELLING = ((FieldCode.IDENTITY,), (FieldCode.NAME, FieldCode.BIRTH_DATE))
"""By what somebody is known whose row was edited at the same time."""

Columns = Mapping[str, int]


@dataclass(frozen=True)
class Standing:
    """What came of the cells that were written."""

    placed: tuple[CellChange, ...] = ()
    """Those that stand beside the person they were meant for."""
    repairs: tuple[CellChange, ...] = ()
    """What brings others back to what they had."""
    lost: tuple[CellChange, ...] = ()
    """Those that stand beside somebody of whom it is not known what stood there."""


def standing_of(before: UnitTable, written: Sequence[CellChange], after: UnitTable | None) -> Standing:
    """`before`: the table by which the cells were placed; `after`: as it stands now, None where it is not found."""
    if after is None:
        return Standing(lost=tuple(written))
    return _Look(before, written, after).standing()


class _Look:
    def __init__(self, before: UnitTable, written: Sequence[CellChange], after: UnitTable) -> None:
        self._before, self._after = before, after
        self._written = written
        self._columns_before, self._columns_after = _columns(before), _columns(after)
        self._known = self._columns_before.keys() & self._columns_after.keys()
        self._by_row: dict[int, set[str]] = defaultdict(set)
        for change in written:
            self._by_row[change.row].add(change.anchor)
        self._placed: list[CellChange] = []
        self._repairs: list[CellChange] = []
        self._lost: list[CellChange] = []

    def standing(self) -> Standing:
        for change in self._written:
            self._look_at(change)
        return Standing(tuple(self._placed), tuple(self._repairs), tuple(self._lost))

    def _look_at(self, change: CellChange) -> None:
        column = self._column_of(change.anchor)
        if not same(self._after.tab.cell(change.row, column), change.value):
            return  # it was not written, or somebody has typed since
        row = _row_of(self._after, change.row)
        besides = self._by_row[change.row]
        if column != self._columns_after.get(change.anchor):
            self._lost.append(change)  # the column's content was cut and pasted elsewhere
            return
        if self._is_as_before(row, _row_of(self._before, change.row), besides):
            self._placed.append(change)
            return
        had = self._what_they_had(row, change.anchor, besides)
        if had is None:
            self._lost.append(change)
        elif not same(had[0], change.value):
            self._repairs.append(CellChange(change.tab, change.row, column, had[0], change.anchor))

    def _column_of(self, code: str) -> int:
        """Where a write went."""
        anchors = self._after.tab.anchors
        return (self._columns_after if anchors is None else anchors).get(code, 0)

    def _what_they_had(self, row: Row, code: str, besides: Collection[str]) -> tuple[Cell, ...] | None:
        """What stood in that field of whoever stands on the row now; None where that is not known."""
        candidates = [each for each in self._rows_before() if self._is_as_before(row, each, besides)]
        if not candidates and _is_blank(row, self._columns_after, besides):
            return (None,)
        values = {repr(had): had for each in candidates or self._told(row, besides) for had in [self._had(each, code)]}
        return tuple(values.values()) if len(values) == 1 else None

    def _had(self, row: Row, code: str) -> Cell:
        return _cell(row, self._columns_before, code)

    def _told(self, row: Row, besides: Collection[str]) -> list[Row]:
        """The rows of whoever has that number, or that name and birth date."""
        for codes in _TELLING:
            key = _key(row, self._columns_after, codes)
            if all(key) and not set(codes) & set(besides):
                return [each for each in self._rows_before() if _key(each, self._columns_before, codes) == key]
        return []

    def _rows_before(self) -> list[Row]:
        return [row for _, row in self._before.body]

    def _is_as_before(self, row: Row, other: Row, besides: Collection[str]) -> bool:
        return all(
            same(_cell(other, self._columns_before, name), _cell(row, self._columns_after, name))
            for name in self._known
            if name not in besides
        )


def _columns(table: UnitTable) -> Columns:
    """The columns of people, by code or, of those that are the unit's own, by their header."""
    known = {code: column for code, column in table.table.columns.items() if code not in COMPUTED}
    return {f"header {fold(header)}": column for column, header in table.table.unknown} | known


def _row_of(table: UnitTable, number: int) -> Row:
    return table.tab.rows[number - 1] if number <= len(table.tab.rows) else ()


def _cell(row: Row, columns: Columns, name: str) -> Cell:
    column = columns.get(name, 0)
    return row[column - 1] if 0 < column <= len(row) else None


def _key(row: Row, columns: Columns, codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(fold(as_text(_cell(row, columns, code))) for code in codes)


def _is_blank(row: Row, columns: Columns, besides: Collection[str]) -> bool:
    return all(is_blank(_cell(row, columns, name)) for name in columns if name not in besides)
