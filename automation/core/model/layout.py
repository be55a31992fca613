"""How a tab looks, as data. Adapters draw it; nothing here knows Excel or Google."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from msgspec import Struct

from automation.core.model.workbook import Anchor, Cell, Row


class Format(Enum):
    """How the cells of a column hold and show their values."""

    GENERAL = "general"
    TEXT = "text"
    """Typed digits stay text, so that leading zeros survive."""
    DATE = "date"
    """dd/mm/yyyy"""
    MOMENT = "moment"
    """dd/mm/yyyy hh:mm"""
    INTEGER = "integer"
    RATE = "rate"
    """A fraction of 1 shown as per cent with one decimal."""
    TICK = "tick"
    """TRUE or FALSE; a checkbox where the spreadsheet has one."""


class Role(Enum):
    """What a single cell outside the table is for; decides its font and fill."""

    TITLE = "title"
    HEADLINE = "headline"
    """What stands above a table, in several lines."""
    LABEL = "label"
    INPUT = "input"
    SECTION = "section"
    TEXT = "text"
    """What breaks within its cell."""
    LINE = "line"
    """What runs over the blank cells beside it."""
    TERM = "term"
    """Bold and at the top: what the text to its right explains."""
    LINK = "link"
    """What opens something."""


class Protection(Enum):
    OPEN = "open"
    """People of the tab may do everything; computed columns only warn."""
    STRICT = "strict"
    """Only admins and the bot."""


class ColumnLook(Struct, frozen=True):
    """One column of a tab's table. `column` counts from 1; `width` in characters."""

    column: int
    header: str
    width: float
    format: Format = Format.GENERAL
    choices: tuple[str, ...] = ()
    """Dropdown values. People can still type and paste other spellings: a warning, never a refusal."""
    choices_range: str = ""
    """A1 range on another tab that holds the same choices (spreadsheets that cannot hold them inline)."""
    note: str = ""
    computed: bool = False
    hidden: bool = False
    wrap: bool = False
    low: bool = False
    """Whether text of several lines makes its row two lines high and no more: the rows below stay in sight, and
    whoever wants to read on selects the cell. Where rows fit themselves all of the table are as low, as long as nobody
    makes them higher.
    """
    ink: str = ""
    """RRGGBB of the letters in its body, where they are not black."""


class Link(Struct, frozen=True):
    """What opens with a click: a line of a tab of the same workbook, or an address outside it."""

    tab: str = ""
    """Title of the tab."""
    row: int = 1
    address: str = ""


class CellLook(Struct, frozen=True):
    """One cell outside the table; `across` > 1 merges it with its right neighbours."""

    row: int
    column: int
    role: Role
    format: Format = Format.GENERAL
    across: int = 1
    note: str = ""
    opens: Link | None = None
    """The link goes with the cell, whatever comes to stand in it."""
    text_column: int = 0
    """Of the cell in the same row that bears the link where no number does; 0: none."""


class Colour(Struct, frozen=True):
    """Cells of `column` whose text is `value` get this fill (RRGGBB); with `begins`, those whose text begins so."""

    column: int
    value: str
    fill: str
    begins: bool = False


class ReviewMark(Struct, frozen=True):
    """Results wait to be judged again: in every row below the headers whose `inputs` and `results` do not have the
    digest that column `judged` holds, the cells of `results` turn grey. Columns count from 1; what the digest is:
    `core/judging/lists/digest.py`.
    """

    judged: int
    inputs: tuple[int, ...]
    results: tuple[int, ...]
    signature: str = ""
    """What a digest in column `judged` begins with where it was made of these very columns."""


class CellMark(Struct, frozen=True):
    """Cells of `columns` below the headers get the fill of an error, or of a warning, where `formula` holds: as it is
    for the first row there, arguments separated by ";" (`core/writing/cell_marks.py`). Columns count from 1.
    """

    columns: tuple[int, ...]
    formula: str
    severe: bool = True
    live: bool = False
    """Whether it compares with the present: for spreadsheets that a bot visits all the time, not for files, which are
    put away, sent on and opened years later.
    """


class ChartKind(Enum):
    BAR = "bar"
    """Bars that lie, the first category at the top."""
    COLUMN = "column"
    LINE = "line"


class ChartLook(Struct, frozen=True):
    """A chart over cells of its own tab: rows `first_row` to `last_row`, the first one holding the names of series."""

    title: str
    """Unique in its tab: a chart of that title is the one to bring up to date."""
    kind: ChartKind
    first_row: int
    last_row: int
    categories: int
    """Column of the names along the axis."""
    series: tuple[int, ...]
    """Columns of the numbers."""
    row: int
    column: int
    """The cell at its top left corner."""
    width: int = 600
    """In pixels, as `height`."""
    height: int = 340


class TabLook(Struct, frozen=True):
    """One whole tab. `values` are (row, column, value) to put in: the planner names only cells that are the bot's
    or that are still blank, so an adapter may write them as they are."""

    title: str
    header_row: int
    """Line of the headers, 0 where the tab has no table."""
    columns: tuple[ColumnLook, ...]
    values: tuple[tuple[int, int, Cell], ...] = ()
    cells: tuple[CellLook, ...] = ()
    row_heights: tuple[tuple[int, float], ...] = ()
    """(row, points)"""
    frozen_columns: int = 0
    protection: Protection = Protection.STRICT
    colours: tuple[Colour, ...] = ()
    body_rows: int = 0
    """How many rows below the header get formats and dropdowns."""
    filled_rows: int = 0
    """How many lines of the tab hold something by now, as far as is known; 0 where nobody knows."""
    tab_colour: str = ""
    portrait: bool = False
    """Whether it is printed upright."""
    printed: tuple[int, int] | None = None
    """First and last of the columns that paper shows beside the frozen ones, each page; None where it shows all."""
    pages_across: int = 1
    """How many pages stand side by side on paper; with several the frozen columns repeat on each."""
    printed_down_to: int = 0
    """The last row that paper shows; 0: whatever is filled."""
    editors: tuple[str, ...] = ()
    """Mail addresses of those whose tab it is, where the spreadsheet knows people."""
    admins: tuple[str, ...] = ()
    """Mail addresses that may edit it wherever it is closed to others."""
    review: ReviewMark | None = None
    marks: tuple[CellMark, ...] = ()
    """The first that holds decides."""
    cell_choices: tuple[tuple[int, int, tuple[str, ...]], ...] = ()
    """(row, column, choices) of single cells below the headers with a dropdown of their own."""
    charts: tuple[ChartLook, ...] = ()
    former_charts: tuple[str, ...] = ()
    """Titles of charts that an earlier version drew: they go."""
    is_ours_alone: bool = False
    """Whether nobody types there and columns change their places from version to version: widths, and which columns
    are hidden, follow the look wherever a spreadsheet keeps those of people.
    """
    tag: str = ""
    """What the tab is known by from now on, whatever it is called (`Tab.tag`)."""
    behind: str = ""
    """Title of the tab that a new one comes behind; "" for the one drawn before it."""
    anchors: tuple[Anchor, ...] = ()
    """The columns and lines that are known by their identity from now on, all of which stand; `Anchor.tab` says
    nothing here."""

    headers_seen: Row = ()
    """What stood in the line of the headers when this was planned, where others may have moved it by now; () where that
    cannot be or nothing stood there."""

    def realigns(self, column: ColumnLook) -> bool:
        """Whether cells that are aligned in some way are aligned anew: nobody but us has aligned them."""
        return column.computed or self.is_ours_alone

    def is_above_people(self, row: int) -> bool:
        """Whether that line stands above the headers of a tab that people change."""
        return self.protection is Protection.OPEN and row < self.header_row


def runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of neighbouring numbers."""
    first = last = None
    for place in sorted(places):
        if first is not None and last is not None and place != last + 1:
            yield first, last
            first = place
        first, last = place if first is None else first, place
    if first is not None and last is not None:
        yield first, last
