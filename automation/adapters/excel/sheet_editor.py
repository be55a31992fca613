"""Puts values into the XML of a worksheet, however large it is, and leaves everything else of it as it is: byte for
byte, but for the rows that are touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from io import BytesIO
from itertools import groupby
from typing import IO

from msgspec import Struct
from openpyxl.utils.cell import get_column_letter, range_boundaries

from automation.adapters.excel.package import opened_up
from automation.adapters.excel.reader import holds_something
from automation.adapters.excel.row_editor import Fragments, Masters, RowEditor, RowValues
from automation.adapters.excel.row_heights import RowHeights
from automation.adapters.excel.sheet_map import Edit, NotMappable, SheetMap, map_sheet, pieces, splice
from automation.adapters.excel.styles import Styles
from automation.adapters.excel.values import as_stored

SheetChanges = Mapping[int, RowValues]
"""New values by row and column, both from 1."""
Opened = Callable[[], IO[bytes]]
"""Gives the part from its beginning, each time it is asked."""

_REF = re.compile(rb"(\sref\s*=\s*)(?:\"[^\"]*\"|'[^']*')")


class EditedSheet(Struct, frozen=True):
    lost_formula: bool
    """A formula gave way to a value: the workbook's calculation chain no longer holds."""
    has_formulas: bool


def edit_sheet(
    opened: Opened, changes: SheetChanges, styles: Styles, strings: Sequence[str], epoch: datetime, target: IO[bytes]
) -> EditedSheet:
    """Write the worksheet with `changes` made to `target`.

    None empties a cell. The format of a cell stays, but a date gets a date format where it has none, and a number
    a plain one where it has a date format. Touched rows are fitted to their text. `strings`: the shared strings of
    the workbook. Raises XMLSyntaxError, ExpatError, TooLarge, HasDoctype, and KeyError for a part that is no worksheet.
    """
    opened, sheet = _mapped(opened)
    editor = _SheetEditor(opened, sheet, styles, strings, epoch)
    with opened() as source:
        splice(source, list(editor.edits(changes)), target)
    return EditedSheet(editor.lost_formula, sheet.has_formulas)


def _mapped(opened: Opened) -> tuple[Opened, SheetMap]:
    with opened() as source:
        try:
            return opened, map_sheet(source)
        except NotMappable:
            pass
    with opened() as source:
        plain = opened_up(source.read())
    return partial(BytesIO, plain), map_sheet(BytesIO(plain))


class _SheetEditor:
    def __init__(
        self, opened: Opened, sheet: SheetMap, styles: Styles, strings: Sequence[str], epoch: datetime
    ) -> None:
        self._opened = opened
        self._sheet = sheet
        self._fragments = Fragments(sheet)
        heights = RowHeights(sheet.columns, styles, strings)
        self._rows = RowEditor(self._fragments.namespace, sheet.columns, styles, heights, epoch)

    @property
    def lost_formula(self) -> bool:
        return self._rows.lost_formula

    def edits(self, changes: SheetChanges) -> Iterator[Edit]:
        """What is to be put where, from the beginning of the part to its end."""
        there = {self._one_of(indexes): number for number in changes if (indexes := self._sheet.rows(number))}
        kept = {number: values for number, values in changes.items() if any(map(_holds, values.values()))}
        if self._sheet.dimension is not None and kept:
            yield Edit(self._sheet.dimension, partial(_extended, kept=kept))
        yield from sorted(
            (*self._changed(there, changes), *self._new(kept.keys() - set(there.values()), changes)),
            key=lambda edit: (edit.place.start, edit.place.stop),
        )

    def _one_of(self, indexes: Sequence[int]) -> int:
        """Of several rows of one number the one that is read: the last that holds something."""
        if len(indexes) == 1:
            return indexes[0]
        with self._opened() as source:
            cut_out = pieces(source, [*map(self._sheet.piece, indexes)])
            holding = [
                index
                for index, piece in zip(indexes, cut_out, strict=True)
                if holds_something(self._fragments.parsed(piece))
            ]
        return (holding or indexes)[-1]

    def _changed(self, there: Mapping[int, int], changes: SheetChanges) -> Iterator[Edit]:
        masters = self._masters(there, changes)
        followers = {index for si in masters for index in self._sheet.shared_formulas[si]}
        for index in sorted(followers | there.keys() | set(self._sheet.unnumbered)):
            values = changes[there[index]] if index in there else {}
            yield Edit(self._sheet.piece(index), partial(self._edited, index, values, masters))

    def _edited(self, index: int, values: RowValues, masters: Masters, piece: bytes) -> bytes:
        row = self._fragments.parsed(piece)
        row.set("r", str(self._sheet.numbers[index]))
        self._rows.release(row, masters)
        if values:
            self._rows.put(row, self._sheet.numbers[index], values)
        return self._fragments.to_bytes(row)

    def _new(self, numbers: Iterable[int], changes: SheetChanges) -> Iterator[Edit]:
        """One edit for all rows that belong into the same place."""
        for place, together in groupby(sorted(numbers), self._sheet.place_for):
            yield Edit(slice(place, place), partial(self._made, {number: changes[number] for number in together}))

    def _made(self, rows: SheetChanges, _nothing: bytes) -> bytes:
        return b"".join(self._made_row(number, values) for number, values in rows.items())

    def _made_row(self, number: int, values: RowValues) -> bytes:
        row = self._fragments.new(number)
        self._rows.put(row, number, values)
        return self._fragments.to_bytes(row)

    def _masters(self, there: Mapping[int, int], changes: SheetChanges) -> Masters:
        """The shared formulas whose first cell gets a value."""
        sharing = {index for rows in self._sheet.shared_formulas.values() for index in rows}
        touched = sorted(sharing & there.keys())
        masters: dict[str, tuple[str, str]] = {}
        with self._opened() as source:
            for index, piece in zip(touched, pieces(source, [*map(self._sheet.piece, touched)]), strict=True):
                number = there[index]
                masters.update(self._rows.masters(self._fragments.parsed(piece), number, changes[number]))
        return masters


def _holds(value: object) -> bool:
    return as_stored(value) is not None  # type: ignore[arg-type]


def _extended(piece: bytes, kept: SheetChanges) -> bytes:
    """The used range that the sheet declares, so that it covers what was put in."""
    found = _REF.search(piece)
    try:
        left, top, right, bottom = range_boundaries(
            found.group().split(b"=")[1].strip(b" \t\r\n\"'").decode() if found else ""
        )
    except ValueError:
        return piece
    last_row = max(kept)
    last_column = max(column for values in kept.values() for column, value in values.items() if _holds(value))
    if not (found and left and top and right and bottom) or (last_row <= bottom and last_column <= right):
        return piece
    last = f"{get_column_letter(max(right, last_column))}{max(bottom, last_row)}"
    reference = f'"{get_column_letter(left)}{top}:{last}"'
    return piece[: found.end(1)] + reference.encode() + piece[found.end() :]
