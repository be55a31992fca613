"""Puts values into the XML of a worksheet and leaves everything else of it as it is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree
from openpyxl.formula.translate import Translator
from openpyxl.utils.cell import get_column_letter, range_boundaries

from automation.adapters.excel.package import parsed_sheet, serialised
from automation.adapters.excel.reader import position
from automation.adapters.excel.row_heights import RowHeights
from automation.adapters.excel.styles import Styles
from automation.adapters.excel.values import PLAIN_FORMAT, as_stored, escaped, number_format_for, serial_number
from automation.core.model.workbook import Cell

SheetChanges = Mapping[int, Mapping[int, Cell]]
"""New values by row and column, both from 1."""

_PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True)
class EditedSheet:
    xml: bytes
    lost_formula: bool
    """A formula gave way to a value: the workbook's calculation chain no longer holds."""
    has_formulas: bool


def edit_sheet(
    xml: bytes, changes: SheetChanges, styles: Styles, strings: Sequence[str], epoch: datetime
) -> EditedSheet:
    """The worksheet with `changes` made.

    None empties a cell. The format of a cell stays, but a date gets a date format where it has none, and a number
    a plain one where it has a date format. Touched rows are fitted to their text. `strings`: the shared strings of
    the workbook. Raises XMLSyntaxError, TooLarge, and KeyError for a part that is no worksheet.
    """
    root = parsed_sheet(xml)
    editor = _SheetEditor(root, styles, RowHeights(root, styles, strings), epoch)
    for row in sorted(changes):
        editor.put_row(row, changes[row])
    editor.extend_dimension()
    return EditedSheet(serialised(root), editor.lost_formula, editor.has_formulas())


class _SheetEditor:
    def __init__(self, root: etree._Element, styles: Styles, heights: RowHeights, epoch: datetime) -> None:
        self._root = root
        self._heights = heights
        self._namespace = root.tag.rpartition("}")[0] + "}"
        self._styles = styles
        self._epoch = epoch
        self._data = self._sheet_data()
        self._rows = self._numbered_rows()
        self._row_numbers = sorted(self._rows)
        self._column_styles = self._styles_of_columns()
        self._reach = (0, 0)
        self.lost_formula = False

    def put_row(self, number: int, values: Mapping[int, Cell]) -> None:
        """Put `values`, by column, into the row of that number."""
        kept = {column: value for column, value in values.items() if as_stored(value) is not None}
        row = self._rows.get(number)
        if row is None:
            if not kept:
                return
            row = self._new_row(number)
        cells = _numbered_cells(row, number)
        for column, value in sorted(values.items()):
            if column in cells:
                self._put(cells[column], value)
            elif column in kept:
                self._put(self._new_cell(row, number, column, cells), value)
        row.attrib.pop("spans", "")  # a mere hint, and no longer right
        self._heights.fit(row)
        self._reach = (max(self._reach[0], number), max(self._reach[1], *kept, 0))

    def extend_dimension(self) -> None:
        """Make the used range that the sheet declares cover what was put in."""
        dimension = self._root.find(self._namespace + "dimension")
        if dimension is None:
            return
        try:
            left, top, right, bottom = range_boundaries(dimension.get("ref", ""))
        except ValueError:
            return
        if left and top and right and bottom and (self._reach[0] > bottom or self._reach[1] > right):
            last = f"{get_column_letter(max(right, self._reach[1]))}{max(bottom, self._reach[0])}"
            dimension.set("ref", f"{get_column_letter(left)}{top}:{last}")

    def has_formulas(self) -> bool:
        return next(self._data.iter(self._namespace + "f"), None) is not None

    def _sheet_data(self) -> etree._Element:
        data = self._root.find(self._namespace + "sheetData")
        if data is None:
            raise KeyError("sheetData")
        return data

    def _numbered_rows(self) -> dict[int, etree._Element]:
        rows = {}
        number = 0
        for row in self._data.iterchildren(self._namespace + "row"):
            number = position(row, number)
            row.set("r", str(number))
            rows[number] = row
        return rows

    def _styles_of_columns(self) -> list[tuple[int, int, str]]:
        return [
            (int(column.get("min", "0")), int(column.get("max", "0")), column.get("style", "0"))
            for column in self._root.iterfind(f"{self._namespace}cols/{self._namespace}col")
        ]

    def _new_row(self, number: int) -> etree._Element:
        row = etree.Element(self._namespace + "row")
        row.set("r", str(number))
        index = bisect_left(self._row_numbers, number)
        if index < len(self._row_numbers):
            self._rows[self._row_numbers[index]].addprevious(row)
        else:
            self._data.append(row)
        self._row_numbers.insert(index, number)
        self._rows[number] = row
        return row

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
        return next((style for first, last, style in self._column_styles if first <= column <= last), "0")

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
        style = int(cell.get("s", "0"))
        if self._styles.is_date(style) is not as_date:
            cell.set("s", str(self._styles.with_number_format(style, otherwise)))

    def _put_number(self, cell: etree._Element, number: int | float) -> None:
        etree.SubElement(cell, self._namespace + "v").text = repr(number)

    def _empty(self, cell: etree._Element) -> None:
        formula = cell.find(self._namespace + "f")
        if formula is not None:
            self.lost_formula = True
            if formula.get("t") == "shared" and formula.get("ref"):
                self._release_followers(cell, formula)
        for child in list(cell):
            if not child.tag.endswith("}extLst"):
                cell.remove(child)
        # t: kind of the old value; cm, vm: its dynamic array and rich value
        for name in ("t", "cm", "vm"):
            cell.attrib.pop(name, "")

    def _release_followers(self, master: etree._Element, formula: etree._Element) -> None:
        """Give the cells that share this formula one of their own before it goes."""
        origin = master.get("r", "")
        for other in self._data.iter(self._namespace + "f"):
            if other is formula or other.get("t") != "shared" or other.get("si") != formula.get("si"):
                continue
            cell = other.getparent()
            if cell is not None and not other.text and cell.get("r"):
                translator = Translator("=" + (formula.text or ""), origin)
                other.text = translator.translate_formula(cell.get("r"))[1:]
            for name in ("t", "si", "ref"):
                other.attrib.pop(name, "")


def _numbered_cells(row: etree._Element, number: int) -> dict[int, etree._Element]:
    cells = {}
    column = 0
    for cell in row:
        if cell.tag.endswith("}c"):
            column = position(cell, column)
            cell.set("r", f"{get_column_letter(column)}{number}")
            cells[column] = cell
    return cells
