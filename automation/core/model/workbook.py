"""The values that travel through a cycle: frozen, without behaviour that touches the outside."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import cached_property
from itertools import chain
from typing import NamedTuple, TypeAlias

from msgspec import Struct, field

from automation.base.errors import TccbError

Cell: TypeAlias = bool | int | float | str | date | datetime | time | None
"""One cell as the person left it. Errors of formulas arrive as their code ("#REF!")."""


class Formula(str):
    """A formula as it was entered, with its "="; drawn into a cell it calculates there."""

    __slots__ = ()


class OwnFormula(Formula):
    """A formula of ours, with ";" between arguments whatever the program; only looks of the bot's own tabs have it."""

    __slots__ = ()


LARGEST_NUMBER = sys.float_info.max
"""A number beyond it, or one that is none, is text."""

Row: TypeAlias = Sequence[Cell]

UNCALCULATED = "#UNCALCULATED!"
"""What an adapter hands over for a formula whose result the file does not hold."""


class Merged(NamedTuple):
    """Cells merged into one, from 1."""

    top: int
    left: int
    bottom: int
    right: int


class Tab(Struct, frozen=True):
    """One tab as read: `rows[0]` is line 1; rows are ragged (trailing empty cells may be missing)."""

    key: str
    """The adapter's own name of the tab; stays the same within one snapshot."""
    title: str
    rows: Sequence[Row]
    former_titles: tuple[str, ...] = ()
    """What it was called before, oldest first, where the adapter remembers that of its id."""
    tag: str = ""
    """What `init` wrote onto it that stays with the tab whatever becomes of its title; "" without."""
    left_out: str = ""
    """The first cell that lies so far from all others that it is not among `rows`, as "XFD4"; "" without."""
    mistake: Exception | None = None
    """What nobody foresaw while it was read: `rows` are none then, whatever the tab holds."""
    merged: tuple[Merged, ...] = ()
    """The merged cells, where the adapter knows of them; what they show stands in the first of each."""
    anchors: Mapping[str, int] | None = None
    """Where the columns stand that are known by their identity, by code (`Anchor`), and the lines (`is_of_line`). None
    where a write needs none: nobody can move anything while it is done."""

    def is_anchored(self, code: str, place: int) -> bool:
        """Whether what is written under that code meets this column, or this line, and can meet no other."""
        return self.anchors is None or self.anchors.get(code) == place

    def cell(self, row: int, column: int) -> Cell:
        """The cell at `row`, `column` (both from 1, as people count); None outside the grid."""
        if row < 1 or row > len(self.rows):
            return None
        cells = self.rows[row - 1]
        return cells[column - 1] if 0 < column <= len(cells) else None


class CellChange(NamedTuple):
    """One cell that the bot wants to hold `value` (None empties it). Row and column count from 1."""

    tab: str
    """`Tab.key`"""
    row: int
    column: int
    value: Cell
    anchor: str = ""
    """Code of the column, which the write finds by its identity: it may stand elsewhere by then. "" in tabs that
    nobody else changes."""


AnchorCodes = Callable[[str, Collection[str]], Sequence[str]]
"""The codes that columns of a tab may be known by, by its tag and by what it is and was called."""


_LINE = "dong."


def line_code(name: str) -> str:
    """The code of an anchor that knows a line, whatever columns come and go."""
    return _LINE + name


def is_of_line(code: str) -> bool:
    """Whether that anchor knows a line; all others know a column."""
    return code.startswith(_LINE)


class Anchor(NamedTuple):
    """A column, or a line, that is to be known by its identity from now on: the bot writes into it among people's."""

    tab: str
    """`Tab.key`"""
    code: str
    place: int
    """Where it stands, from 1; of a new column the place before which it comes."""
    header: str = ""
    """Of a column that has to be inserted; "" for one that is there."""
    header_row: int = 0
    hidden: bool = False


class AddedRows(Struct, frozen=True):
    """Rows of people that come into a tab anew, one below the other."""

    tab: str
    """`Tab.key`"""
    below: int
    """The line under which the first of them comes."""
    rows: tuple[Mapping[int, Cell], ...]
    """Of each, the values by column, from 1."""
    like_above: bool = True
    """Whether they look as that line does; else as what came below it."""

    def cells(self) -> Iterator[CellChange]:
        """The same as changes of cells, where nothing stands below that line."""
        for number, row in enumerate(self.rows, start=self.below + 1):
            yield from (CellChange(self.tab, number, column, value) for column, value in row.items())


class OwnSpreadsheet(Struct, frozen=True):
    """What a unit's own spreadsheet holds, or why it could not be read."""

    tabs: tuple[Tab, ...] = ()
    trouble: str = ""


class Snapshot(Struct, frozen=True, dict=True):
    """The whole workbook at one instant."""

    tabs: tuple[Tab, ...]
    revision: str = ""
    """What the adapter needs to notice that somebody saved in between."""
    complete: bool = True
    """False: tabs that were made since somebody last looked around may be missing."""
    own: Mapping[str, OwnSpreadsheet] = field(default_factory=dict)
    """By address, the spreadsheets that units have of their own."""

    def tagged(self, tag: str) -> Tab | None:
        """The tab that bears the tag."""
        return self._by_tag.get(tag)

    def titled(self, title: str) -> Tab | None:
        """The tab of exactly that title, to the letter."""
        return self._by_title.get(title)

    def once_titled(self, title: str) -> Tab | None:
        """The tab that bore exactly that title when it was first seen, and another one now."""
        return self._by_first_title.get(title)

    @cached_property
    def _by_tag(self) -> Mapping[str, Tab]:
        return {tab.tag: tab for tab in self.tabs if tab.tag}

    @cached_property
    def _by_first_title(self) -> Mapping[str, Tab]:
        return {tab.former_titles[0]: tab for tab in self.tabs if tab.former_titles}

    @cached_property
    def _by_title(self) -> Mapping[str, Tab]:
        return {tab.title: tab for tab in self.tabs}

    def all_tabs(self) -> Iterator[Tab]:
        """The tabs of the workbook, then those of the spreadsheets that units have of their own."""
        return chain(self.tabs, *(own.tabs for own in self.own.values()))


class RefusedTab(Struct, frozen=True):
    """A tab into which nothing could be written, or that could not be drawn."""

    key: str
    title: str
    why: str
    mistake: Exception | None = None
    """What nobody foresaw, where that was the reason."""


class WriteOutcome(Struct, frozen=True):
    """What came of `Workbook.write`."""

    held: bool
    """True: the changes stand, beside the very inputs they were computed for."""
    snapshot: Snapshot
    """The workbook as it stands now."""
    refused: tuple[RefusedTab, ...] = ()
    """The tabs that let nothing be written; all others were."""
    trouble: TccbError | None = None
    """Why nobody knows whether the service took it; None where people were faster, or nothing is wrong."""


class DrawOutcome(Struct, frozen=True):
    """What came of `Workbook.draw`."""

    remarks: tuple[str, ...] = ()
    """Sentences that the person who asked should read."""
    refused: tuple[RefusedTab, ...] = ()
    """The tabs that could not be drawn; all others were."""
    changed: bool = True
    """Whether anything was to be drawn at all."""
    unfinished: bool = False
    """Whether a remark tells of tabs that are not drawn yet, so that somebody has to see to it."""


ConfigTables = Mapping[str, Sequence[Row]]
"""Tab title -> its rows."""


def column_letter(column: int) -> str:
    """A, B, ... Z, AA, ... for 1, 2, ..., as the spreadsheet shows it."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """The address of a cell as people see it, for example "E9"."""
    return f"{column_letter(column)}{row}"
