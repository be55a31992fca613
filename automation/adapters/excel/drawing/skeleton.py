"""A worksheet without what its cells hold: that is all that the drawing library gets to see.

It reads less than we do (nothing of an early or a strict file, no formula whose first cell stands further down, an
address in every blank cell that has a link), takes half a kilobyte for each cell, and what it does not read is gone
when it saves. So it draws formats alone: of rows in which something is to be drawn it gets every cell with a stand-in
for its content, of all others one specimen of each format that a column has. What the cells hold goes past it, from
the old file into the new one (`contents`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import IO, NamedTuple

from lxml import etree
from msgspec import Struct, field
from openpyxl.utils.cell import get_column_letter

from automation.adapters.excel.budget import Stretch, TooLarge
from automation.adapters.excel.drawing.links import drop_ours
from automation.adapters.excel.package import PARSING, Package, Sheet, in_main_namespace, refuse_doctype
from automation.adapters.excel.reach import LAST_ROW, MOST_BLANK_ROWS, end_of
from automation.adapters.excel.reader import LAST_COLUMN, position, without_bare_formats
from automation.adapters.excel.sheet_map import whole_number

MOST_CELLS = 150_000
"""Of the rows of one tab in which something is drawn, and of cells that have a format alone."""
MOST_RANGES = 20_000
"""Merged, in one tab; and as many validations, conditions, links."""
_COUNTED = ("mergeCell", "dataValidation", "cfRule", "hyperlink")
_NOTHING, _NUMBER, _DATE, _FORMULA, _TEXT = "", "n", "d", "f", "s"
"""What a cell holds, as far as it matters to how it may be shown."""
_STAND_INS = {
    _NUMBER: ("n", "v", "1"),
    _DATE: ("d", "v", "1985-09-05"),
    _FORMULA: ("n", "f", "1"),
    _TEXT: ("str", "v", "x"),
}
"""Kind of the cell, and name and text of what is in it."""


class TooMany(TooLarge):
    """There is more in a tab than can be drawn; of which element, as the file names it."""

    def __init__(self, name: str = "c") -> None:
        super().__init__(name)
        self.name = name


_SECTIONS = ("&L", "&C", "&R")
"""How the left, middle and right part of a page's head begin (ECMA-376 part 1, 18.3.1.46)."""


class Specimen(NamedTuple):
    """A format that cells of a column have, and what these hold."""

    column: int
    style: int
    kind: str


class Skeleton(Struct):
    """What of a worksheet goes to the drawing library."""

    root: etree._Element
    """The worksheet with those rows alone in which something is drawn, and behind them the specimens."""
    specimens: dict[Specimen, str] = field(default_factory=dict)
    """Where each stands, as "B1048576"."""
    last_row: int = 0
    """The last that holds a cell and belongs to the list."""
    in_order: bool = True
    """Whether the numbers of the rows ascend."""
    corners: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    """Row and column of the first and of the last cell outside the rows that are drawn; zeros without any."""
    links: etree._Element | None = None
    """The links of the worksheet: the library would write their addresses into blank cells."""
    ignored: etree._Element | None = None
    """The errors of which Excel is to say nothing, which the library does not know."""


def _name_the_section(root: etree._Element) -> None:
    """The library drops the text of a page's head or foot that names no section; it stands in the middle."""
    for text in root.iterfind("{*}headerFooter/*"):
        if text.text and not text.text.startswith(_SECTIONS):
            text.text = f"{_SECTIONS[1]}{text.text}"


class Rows:
    """The rows of a worksheet one after another, numbered: the same ones, with the same cells, each time. Cells that
    have a format alone come as far as people may have prepared room for themselves.
    """

    def __init__(self, stream: IO[bytes], formats: int) -> None:
        """`formats`: how many the workbook has."""
        self.chunks = without_bare_formats(stream, self._are_far)
        self._formats = formats
        self._number = self._last_filled = self._bare = 0

    def number(self, row: etree._Element) -> int:
        """The number of the row, the next one; 0 for what lies beyond the last. Its cells are numbered then, and name
        no format that the workbook lacks.
        """
        self._number = position(row, self._number)
        if self._number > LAST_ROW:
            return 0
        row.set("r", str(self._number))
        row.attrib.pop("spans", "")
        self._limit_format(row)
        self._number_cells(row)
        return self._number

    def _number_cells(self, row: etree._Element) -> None:
        column = bare = 0
        for cell in list(row):
            column = position(cell, column)
            if column > LAST_COLUMN or not cell.tag.endswith("}c"):
                row.remove(cell)
                continue
            cell.set("r", f"{get_column_letter(column)}{self._number}")
            self._limit_format(cell)
            bare += not len(cell)
        self._bare += bare
        if bare < len(row):
            self._last_filled = self._number

    def _limit_format(self, element: etree._Element) -> None:
        style = element.get("s")
        if style and not whole_number(style) < self._formats:
            del element.attrib["s"]

    def _are_far(self) -> bool:
        return self._number - self._last_filled > MOST_BLANK_ROWS or self._bare > MOST_CELLS


def read_skeleton(package: Package, sheet: Sheet, drawn_rows: Collection[int], formats: int) -> Skeleton:
    """`drawn_rows`: in which something is drawn; `formats`: how many the workbook has. Raises TooLarge, HasDoctype."""
    with package.archive.open(sheet.part) as stream:
        return _Reading(drawn_rows).read(Rows(stream, formats))


class _Reading:
    def __init__(self, drawn_rows: Collection[int]) -> None:
        self._drawn_rows = drawn_rows
        self._specimens: dict[Specimen, str] = {}
        self._in_column: dict[int, int] = defaultdict(int)
        self._filled: list[int] = []
        """Numbers of the rows that hold a cell."""
        self._cells = 0

    def read(self, rows: Rows) -> Skeleton:
        last, in_order = 0, True
        parser = etree.XMLPullParser(events=("end",), tag="{*}row", **PARSING)
        left_out: list[etree._Element] = []
        for row in _events(parser, rows):
            while left_out:
                _remove(left_out.pop())
            number = rows.number(row)
            in_order &= number > last
            last = number
            if not self._is_kept(number, row):
                left_out.append(row)
        while left_out:
            _remove(left_out.pop())
        root = parser.close()
        refuse_doctype(root)
        root = in_main_namespace(root)
        self._put_specimens(root)
        links, ignored = root.find("{*}hyperlinks"), root.find("{*}ignoredErrors")
        for each in (links, ignored):
            if each is not None:
                root.remove(each)
        if links is not None:
            drop_ours(links)
        _name_the_section(root)
        last_row = end_of(self._filled, MOST_BLANK_ROWS)
        return Skeleton(root, self._specimens, last_row, in_order, self._corners(), links, ignored)

    def _corners(self) -> tuple[tuple[int, int], tuple[int, int]]:
        columns = self._in_column.keys() - {LAST_COLUMN} or self._in_column.keys()
        rows = set(self._filled) - set(self._drawn_rows)
        if not columns or not rows:
            return (0, 0), (0, 0)
        return (min(rows), min(columns)), (max(rows), max(columns))

    def _is_kept(self, number: int, row: etree._Element) -> bool:
        if not number:
            return False
        if len(row):
            self._filled.append(number)
        if number in self._drawn_rows:
            self._stand_in(row)
            return True
        for specimen in specimens_of(row):
            if specimen not in self._specimens:
                self._place(specimen)
        return False

    def _stand_in(self, row: etree._Element) -> None:
        self._cells += len(row)
        if self._cells > MOST_CELLS:
            raise TooMany
        if row.get("customHeight") not in ("1", "true"):
            row.attrib.pop("ht", "")  # fitted to its text, and to be fitted anew
        for cell in row:
            kind = kind_of(cell)
            for child in list(cell):
                cell.remove(child)
            _put(cell, kind)

    def _place(self, specimen: Specimen) -> None:
        """Below each other, from the end of the worksheet upwards."""
        if len(self._specimens) >= MOST_CELLS:
            raise TooMany
        row = LAST_ROW - self._in_column[specimen.column]
        self._in_column[specimen.column] += 1
        self._specimens[specimen] = f"{get_column_letter(specimen.column)}{row}"

    def _put_specimens(self, root: etree._Element) -> None:
        data = root.find("{*}sheetData")
        if data is None:
            raise KeyError("sheetData")
        namespace = data.tag.rpartition("}")[0] + "}"
        for specimen, place in self._specimens.items():
            row = etree.SubElement(data, namespace + "row")
            row.set("r", place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            cell = etree.SubElement(row, namespace + "c")
            cell.set("r", place)
            cell.set("s", str(specimen.style))
            _put(cell, specimen.kind)


def _events(parser: etree.XMLPullParser, rows: Rows) -> Iterator[etree._Element]:
    """The rows as they end. Raises XMLSyntaxError, TooLarge."""
    stretch = Stretch()
    counts = Counter[str]()
    for chunk in rows.chunks:
        stretch.add(chunk)
        _count(chunk, counts)
        parser.feed(chunk)
        for _, row in parser.read_events():
            yield row  # type: ignore[misc]  # "end" comes with elements only
            stretch.restart()


def _count(chunk: bytes, counts: Counter[str]) -> None:
    """Raises TooMany."""
    for name in _COUNTED:
        counts[name] += chunk.count(f"<{name} ".encode())
        if counts[name] > MOST_RANGES:
            raise TooMany(name)


def _remove(row: etree._Element) -> None:
    parent = row.getparent()
    if parent is not None:
        parent.remove(row)


def specimens_of(row: etree._Element) -> Iterator[Specimen]:
    """The formats of the row's cells, and of the row itself as that of a cell in the last column."""
    if style := row.get("s"):
        yield Specimen(LAST_COLUMN, whole_number(style), _NOTHING)
    column = 0
    for cell in row:
        column = position(cell, column)
        yield Specimen(column, whole_number(cell.get("s")), kind_of(cell))


def kind_of(cell: etree._Element) -> str:
    """What the cell holds."""
    holds = _NOTHING
    for child in cell:
        if child.tag.endswith("}f"):
            return _FORMULA
        if child.tag.endswith("}is") or (child.tag.endswith("}v") and child.text):
            kind = cell.get("t", _NUMBER)
            holds = kind if kind in (_NUMBER, _DATE) else _TEXT
    return holds


def _put(cell: etree._Element, kind: str) -> None:
    cell.attrib.pop("t", "")
    for name in ("cm", "vm"):
        cell.attrib.pop(name, "")
    if kind in _STAND_INS:
        cell_kind, name, content = _STAND_INS[kind]
        cell.set("t", cell_kind)
        etree.SubElement(cell, cell.tag.rpartition("}")[0] + "}" + name).text = content
