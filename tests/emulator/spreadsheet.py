"""A spreadsheet as a test sees it: looking costs no request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.emulator.cells import BLANK, Cell, CellError
from tests.emulator.grid import Book, Sheet
from tests.emulator.human import Human
from tests.emulator.presenting import effective_format
from tests.emulator.refusals import Json
from tests.emulator.work import Document, Work

if TYPE_CHECKING:
    from tests.emulator.emulator import Emulator


class Look(NamedTuple):
    """How one cell is dressed."""

    format: Json
    """userEnteredFormat, {} for none"""
    validation: Json | None
    note: str
    effective_format: Json


class Spreadsheet:
    """The hand of a test on one spreadsheet. Rows and columns count from 1."""

    def __init__(self, emulator: Emulator, document: Document) -> None:
        self._emulator = emulator
        self.document = document
        self.human = Human(self)

    @property
    def id(self) -> str:
        return self.document.id

    @property
    def url(self) -> str:
        """The address as people copy it from their browser."""
        return f"https://docs.google.com/spreadsheets/d/{self.id}/edit#gid=0"

    @property
    def book(self) -> Book:
        """The present state; not to be changed."""
        return self.document.book

    def titles(self) -> list[str]:
        return [sheet.title for sheet in self.book.sheets]

    def sheet_id(self, title: str) -> int:
        return self.sheet(title).id

    def sheet(self, title: str) -> Sheet:
        """The tab of this title. Raises KeyError."""
        sheet = self.book.titled(title)
        if sheet is None:
            raise KeyError(title)
        return sheet

    def rows(self, title: str) -> list[list[Any]]:
        """The values, without the empty ends of rows and tab; None for empty cells, dates as serial numbers,
        errors as their code.
        """
        return self._kept_rows(title, "values", _value)

    def entered(self, title: str) -> list[list[Any]]:
        """The same of what was entered: a formula is a formula, whatever it shows."""
        return self._kept_rows(title, "entered", lambda cell: cell.formula or _value(cell))

    def _kept_rows(self, title: str, key: str, of: Callable[[Cell], Any]) -> list[list[Any]]:
        """Each cell by `of`, worked out once for a state of the tab."""
        sheet = self.sheet(title)
        if key not in sheet.rendered:
            rows = [[of(cell) for cell in _without_blank_end(row)] for row in sheet.rows]
            while rows and not rows[-1]:
                rows.pop()
            sheet.rendered[key] = rows
        return [list(row) for row in sheet.rendered[key]]

    def cell(self, title: str, row: int, column: int) -> Any:
        """One value, as in `rows`."""
        return _value(self.sheet(title).cell(row - 1, column - 1))

    def formula(self, title: str, row: int, column: int) -> str:
        """The formula of a cell, "" for none."""
        return self.sheet(title).cell(row - 1, column - 1).formula

    def look(self, title: str, row: int, column: int) -> Look:
        cell = self.sheet(title).cell(row - 1, column - 1)
        return Look(cell.format or {}, cell.validation, cell.note, effective_format(self.document, cell))

    def conditional_formats(self, title: str) -> list[Json]:
        return self.sheet(title).conditional_formats

    def protections(self, title: str) -> list[Json]:
        """With everybody who may edit, whoever asks."""
        return self.sheet(title).protected

    def charts(self, title: str) -> list[Json]:
        return self.sheet(title).charts

    def merges(self, title: str) -> list[Json]:
        return self.sheet(title).merges

    def width(self, title: str, column: int) -> int:
        """Of a column, in pixels."""
        found: int = self.sheet(title).dimensions["COLUMNS"].get(column - 1, {}).get("pixelSize", 100)
        return found

    def is_hidden(self, title: str, *, row: int = 0, column: int = 0) -> bool:
        """Whether a row, or else a column, is hidden."""
        dimension, index = ("ROWS", row) if row else ("COLUMNS", column)
        return bool(self.sheet(title).dimensions[dimension].get(index - 1, {}).get("hiddenByUser"))

    def put(self, title: str, row: int, column: int, cell: Cell) -> None:
        """Place a cell behind everybody's back, to set the scene; protections do not count."""

        def act(work: Work) -> None:
            work.book.edit(self.sheet_id(title)).put(row - 1, column - 1, cell or BLANK)

        self.change(act, None)

    def change(self, act: Callable[[Work], object], who: str | None) -> None:
        """Do something to the spreadsheet as `who` (the owner for None), all or nothing, between two requests."""
        self._emulator.change(self.document, act, who)


def _without_blank_end(row: Sequence[Cell]) -> Sequence[Cell]:
    end = len(row)
    while end and (row[end - 1] is BLANK or _value(row[end - 1]) is None):
        end -= 1
    return row[:end]


def _value(cell: Cell) -> Any:
    return cell.value.code if isinstance(cell.value, CellError) else cell.value
