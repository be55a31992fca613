"""Puts values into the XML of one row of a worksheet and leaves everything else of it as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from lxml import etree
from openpyxl.formula.translate import Translator
from openpyxl.utils.cell import get_column_letter

from automation.adapters.excel.package import parsed
from automation.adapters.excel.reader import position
from automation.adapters.excel.row_heights import RowHeights
from automation.adapters.excel.sheet_map import SheetColumns, SheetMap, whole_number
from automation.adapters.excel.styles import Styles
from automation.adapters.excel.values import PLAIN_FORMAT, as_stored, escaped, number_format_for, serial_number
from automation.core.model.workbook import Cell

RowValues = Mapping[int, Cell]
"""New values by column, from 1."""
Masters = Mapping[str, tuple[str, str]]
"""Number of a shared formula -> the cell that it was written for, and the formula."""

_PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"


class Fragments:
    """Rows cut out of a worksheet become elements, and bytes again, with the names that hold around them."""

    def __init__(self, around: SheetMap) -> None:
        tag = around.data_tag
        self._start, self._end = b"<" + tag + b"".join(dict.fromkeys(around.names)) + b">", b"</" + tag + b">"
        empty = self._parent(b"x")
        self.namespace = f"{{{etree.QName(empty).namespace}}}"
        self._head = _bytes(empty).partition(b">")[0] + b">"

    def parsed(self, piece: bytes) -> etree._Element:
        """The row in the piece, beneath a parent. Raises XMLSyntaxError, TooLarge."""
        return self._parent(piece)[0]

    def new(self, number: int) -> etree._Element:
        row = etree.SubElement(self._parent(b""), self.namespace + "row")
        row.set("r", str(number))
        return row

    def to_bytes(self, row: etree._Element) -> bytes:
        """The row, and what stands behind it."""
        whole = _bytes(row.getparent())
        return whole[len(self._head) : whole.rindex(b"</")]

    def _parent(self, piece: bytes) -> etree._Element:
        return parsed(self._start + piece + self._end)


def _bytes(element: etree._Element | None) -> bytes:
    return etree.tostring(element, encoding="UTF-8") if element is not None else b""


class RowEditor:
    """Edits rows of one worksheet."""

    def __init__(
        self, namespace: str, columns: SheetColumns, styles: Styles, heights: RowHeights, epoch: datetime
    ) -> None:
        self._namespace = namespace
        self._columns = columns
        self._styles = styles
        self._heights = heights
        self._epoch = epoch
        self.lost_formula = False

    def put(self, row: etree._Element, number: int, values: RowValues) -> None:
        """Put `values` into the row, which is of that number."""
        cells = _numbered_cells(row, number)
        for column, value in sorted(values.items()):
            if column in cells:
                self._put(cells[column], value)
            elif as_stored(value) is not None:
                self._put(self._new_cell(row, number, column, cells), value)
        row.attrib.pop("spans", "")  # a mere hint, and no longer right
        self._heights.fit(row)

    def masters(self, row: etree._Element, number: int, columns: Iterable[int]) -> Masters:
        """The shared formulas that the cells in these columns hold for others too."""
        cells = _numbered_cells(row, number)
        formulas = {column: cells[column].find(self._namespace + "f") for column in columns if column in cells}
        return {
            each.get("si", ""): (cells[column].get("r", ""), each.text or "")
            for column, each in formulas.items()
            if each is not None and each.get("t") == "shared" and each.get("ref")
        }

    def release(self, row: etree._Element, masters: Masters) -> None:
        """Give the cells of the row that share a formula with these one of their own."""
        for formula in row.iter(self._namespace + "f"):
            if formula.get("t") == "shared" and formula.get("si", "") in masters:
                release_formula(formula, *masters[formula.get("si", "")])

    def _new_cell(
        self, row: etree._Element, number: int, column: int, cells: dict[int, etree._Element]
    ) -> etree._Element:
        cell = etree.Element(self._namespace + "c")
        cell.set("r", f"{get_column_letter(column)}{number}")
        style = self._inherited_style(row, column)
        if style != "0":
            cell.set("s", style)
        following = min((other for other in cells if other > column), default=None)
        if following is None:
            row.insert(len(cells), cell)  # behind the cells a row may hold an extLst
        else:
            cells[following].addprevious(cell)
        cells[column] = cell
        return cell

    def _inherited_style(self, row: etree._Element, column: int) -> str:
        """The format that Excel gives a cell one types into an empty place."""
        if row.get("customFormat") in ("1", "true"):
            return row.get("s", "0")
        return self._columns.style(column)

    def _put(self, cell: etree._Element, value: Cell) -> None:
        self._empty(cell)
        stored = as_stored(value)
        if isinstance(stored, str):
            cell.set("t", "inlineStr")
            text = etree.SubElement(etree.SubElement(cell, self._namespace + "is"), self._namespace + "t")
            text.set(_PRESERVE, "preserve")
            text.text = escaped(stored)
        elif isinstance(stored, bool):
            cell.set("t", "b")
            self._put_number(cell, int(stored))
        elif isinstance(stored, int | float):
            self._put_number(cell, stored)
            self._format(cell, as_date=False, otherwise=PLAIN_FORMAT)
        elif stored is not None:
            self._put_number(cell, serial_number(stored, self._epoch))
            self._format(cell, as_date=True, otherwise=number_format_for(value))

    def _format(self, cell: etree._Element, *, as_date: bool, otherwise: str) -> None:
        """A number in a cell of the wrong kind of format would be read as something else than was written."""
        style = whole_number(cell.get("s"))
        if self._styles.is_date(style) is not as_date:
            cell.set("s", str(self._styles.with_number_format(style, otherwise)))

    def _put_number(self, cell: etree._Element, number: int | float) -> None:
        etree.SubElement(cell, self._namespace + "v").text = repr(number)

    def _empty(self, cell: etree._Element) -> None:
        self.lost_formula |= cell.find(self._namespace + "f") is not None
        for child in list(cell):
            if not child.tag.endswith("}extLst"):
                cell.remove(child)
        # t: kind of the old value; cm, vm: its dynamic array and rich value
        for name in ("t", "cm", "vm"):
            cell.attrib.pop(name, "")


def release_formula(formula: etree._Element, origin: str, shared: str) -> None:
    """Give a formula that is shared with the one of cell `origin` a text of its own."""
    cell = formula.getparent()
    if cell is not None and not formula.text and cell.get("r"):
        formula.text = Translator("=" + shared, origin).translate_formula(cell.get("r"))[1:]
    for name in ("t", "si", "ref"):
        formula.attrib.pop(name, "")


def _numbered_cells(row: etree._Element, number: int) -> dict[int, etree._Element]:
    cells = {}
    column = 0
    for cell in row:
        if cell.tag.endswith("}c"):
            column = position(cell, column)
            cell.set("r", f"{get_column_letter(column)}{number}")
            cells[column] = cell
    return cells
