"""Beside whom the cells of a merge came to stand, where people moved rows while it was written.

A cell finds its column by the column's identity, its row only by number. So what was written is looked for again, in
all of the tab: where it stands beside somebody else, it is put back to what that person had; where that is not known,
a person is told the cell.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from automation.core.config.computed import COMPUTED
from automation.core.config.values import FieldCode
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.model.workbook import AddedRows, Cell, CellChange, Row
from automation.core.reading.cells import as_text, fold, is_blank
from automation.core.reading.comparing import same

_TELLING = ((FieldCode.IDENTITY,), (FieldCode.NAME, FieldCode.BIRTH_DATE))
"""By what somebody is known whose row was edited at the same time."""

Columns = Mapping[str, int]


class Standing(Struct, frozen=True):
    """What came of the cells that were written."""

    placed: tuple[CellChange, ...] = ()
    """Those that stand beside the person they were meant for, as they were written."""
    repairs: tuple[CellChange, ...] = ()
    """What brings others back to what they had."""
    lost: tuple[CellChange, ...] = ()
    """Cells in which something stands that may have been written for somebody else."""


def standing_of(
    before: UnitTable,
    written: Sequence[CellChange],
    after: UnitTable | None,
    repairs: Sequence[CellChange] = (),
    earlier: Sequence[CellChange] = (),
) -> Standing:
    """`before`: the table by which the cells were placed, with the `repairs` that are among them as if they stood;
    `after`: as it stands now, None where it is not found; `earlier`: what was written before that.
    """
    if after is None:
        return Standing(lost=tuple(written))
    return _Look(before, written, after, repairs, earlier).standing()


def shifted_rows(before: UnitTable, added: AddedRows, after: UnitTable) -> list[int]:
    """The lines in which new people stand as they were written, and yet under other headers: somebody moved columns
    while the rows were inserted.
    """
    meant, found = _columns(before), _columns(after)
    return [
        number
        for number, row in enumerate(after.tab.rows, start=1)
        for each in added.rows
        if _says_in_order(row, each) and not all(_stands_under(name, row, each, meant, found) for name in meant)
    ]


def _says_in_order(row: Row, added: Mapping[int, Cell]) -> bool:
    wanted = [value for _, value in sorted(added.items()) if not is_blank(value)]
    cells = [cell for cell in row if not is_blank(cell)]
    return len(cells) == len(wanted) and all(map(same, cells, wanted))


def _stands_under(name: str, row: Row, added: Mapping[int, Cell], meant: Columns, found: Columns) -> bool:
    return same(_at(row, found.get(name, 0)), added.get(meant[name]))


class _Look:
    def __init__(
        self,
        before: UnitTable,
        written: Sequence[CellChange],
        after: UnitTable,
        repairs: Sequence[CellChange],
        earlier: Sequence[CellChange],
    ) -> None:
        self._before, self._after = before, after
        self._columns_before, self._columns_after = _columns(before), _columns(after)
        self._known = self._columns_before.keys() & self._columns_after.keys()
        self._meant = {(each.row, each.anchor): each for each in written if each not in repairs}
        self._values: dict[str, list[Cell]] = defaultdict(list)
        for change in (*written, *earlier):
            self._values[change.anchor].append(change.value)
        # What was to be put back may be missing where it was and have met somebody else.
        self._owed = Counter(change.anchor for change in (*repairs, *repairs))
        self._rows_before = list(enumerate(before.tab.rows, start=1))
        self._placed: set[tuple[int, str]] = set()
        self._strays: list[CellChange] = []
        self._lost: list[CellChange] = []

    def standing(self) -> Standing:
        for number, row in enumerate(self._after.tab.rows, start=1):
            written = [code for code in self._values if self._was_perhaps_written(code, row)]
            if written:
                self._look_at(number, row, written)
        placed = tuple(self._meant[place] for place in self._meant if place in self._placed)
        repairs, lost = self._as_many_as_are_missing()
        return Standing(placed, tuple(repairs), (*self._lost, *lost))

    def _as_many_as_are_missing(self) -> tuple[list[CellChange], list[CellChange]]:
        """Where more cells hold something that was written than can be strays, people have typed the same: nothing is
        put back, and a person is told.
        """
        missing = self._owed + Counter(code for place, code in self._meant if (place, code) not in self._placed)
        strays = Counter(each.anchor for each in self._strays)
        certain = {code for code, count in strays.items() if count <= missing[code]}
        return (
            [each for each in self._strays if each.anchor in certain],
            [each for each in self._strays if each.anchor not in certain and missing[each.anchor]],
        )

    def _was_perhaps_written(self, code: str, row: Row) -> bool:
        cell = _at(row, self._column_of(code))
        return any(same(cell, value) for value in self._values[code])

    def _column_of(self, code: str) -> int:
        """Where a write went."""
        anchors = self._after.tab.anchors
        return (self._columns_after if anchors is None else anchors).get(code, 0)

    def _look_at(self, number: int, row: Row, written: Sequence[str]) -> None:
        theirs = [each for each in self._rows_before if self._is_as_before(row, each[1], written)]
        theirs = theirs or list(self._told(row, written))
        is_blank_besides = all(
            is_blank(cell) for place, cell in enumerate(row, 1) if place not in self._places(written)
        )
        for code in written:
            value = _at(row, self._column_of(code))
            if any(self._is_meant(line, code, value) for line, _ in theirs):
                self._placed |= {(line, code) for line, _ in theirs if self._is_meant(line, code, value)}
                continue
            had = {repr(cell): cell for _, each in theirs for cell in [self._had(each, code)]}
            had = had or ({"": None} if is_blank_besides else {})
            stray = CellChange(self._after.tab.key, number, self._column_of(code), None, code)
            if len(had) != 1:
                self._lost.append(stray)
            elif not same(former := next(iter(had.values())), value):
                self._strays.append(CellChange(stray.tab, number, stray.column, former, code))

    def _is_meant(self, line: int, code: str, value: Cell) -> bool:
        change = self._meant.get((line, code))
        return change is not None and same(value, change.value)

    def _had(self, row: Row, code: str) -> Cell:
        return _at(row, self._columns_before.get(code, 0))

    def _places(self, codes: Collection[str]) -> set[int]:
        return {self._column_of(code) for code in codes}

    def _told(self, row: Row, written: Collection[str]) -> Iterator[tuple[int, Row]]:
        """Whoever has that number, or that name and birth date."""
        for codes in _TELLING:
            key = _key(row, self._columns_after, codes)
            if all(key) and not set(codes) & set(written):
                yield from (each for each in self._rows_before if _key(each[1], self._columns_before, codes) == key)
                return

    def _is_as_before(self, row: Row, other: Row, besides: Collection[str]) -> bool:
        """Whether the rows say the same but for what was written; blank rows say nothing."""
        names = [name for name in self._known if name not in besides]
        pairs = [(_at(other, self._columns_before[name]), _at(row, self._columns_after[name])) for name in names]
        return all(same(*pair) for pair in pairs) and any(not is_blank(cell) for _, cell in pairs)


def _columns(table: UnitTable) -> Columns:
    """The columns of people, by code or, of those that are the unit's own, by their header."""
    known = {code: column for code, column in table.table.columns.items() if code not in COMPUTED}
    return {f"header {fold(header)}": column for column, header in table.table.unknown} | known


def _at(row: Row, column: int) -> Cell:
    return row[column - 1] if 0 < column <= len(row) else None


def _key(row: Row, columns: Columns, codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(fold(as_text(_at(row, columns.get(code, 0)))) for code in codes)
