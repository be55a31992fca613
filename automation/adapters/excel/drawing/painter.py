"""Draws tabs as their looks say into a workbook loaded by openpyxl."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormatting, ConditionalFormattingList
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment
from openpyxl.styles.cell_style import StyleArray
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.units import DEFAULT_COLUMN_WIDTH
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.views import Selection
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.excel.drawing.charts import draw_charts
from automation.adapters.excel.drawing.links import our_link
from automation.adapters.excel.drawing.literal import TabNotDrawn, show_active
from automation.adapters.excel.drawing.style_palette import (
    COMPUTED_HEADER,
    HEADER_ALIGNMENT,
    INPUT_HEADER,
    NUMBER_FORMATS,
    REVIEW,
    REVIEW_IN_WORDS,
    ROLE_ALIGNMENTS,
    ROLE_BORDERS,
    ROLE_FILLS,
    ROLE_FONTS,
    fill,
    letters,
)
from automation.adapters.excel.drawing.validation import (
    column_area,
    column_validation,
    format_validation,
    help_typing,
    inline_list,
    replace_validation,
)
from automation.adapters.excel.reach import LAST_ROW, MOST_BLANK_ROWS, end_of
from automation.adapters.excel.row_heights import LINE, lines_needed
from automation.adapters.excel.tags import put_tag
from automation.adapters.excel.values import as_stored, escaped, number_format_for
from automation.base.errors import CannotStart, TccbError
from automation.base.messages import text
from automation.core.model.layout import (
    CellLook,
    CellMark,
    Colour,
    ColumnLook,
    Format,
    Protection,
    ReviewMark,
    Role,
    TabLook,
    runs,
)
from automation.core.model.palette import CENTRED, FAULT_FILL, RIGHT_ALIGNED, WARNING_FILL
from automation.core.model.workbook import Cell, Formula, OwnFormula
from automation.core.writing.cell_marks import is_mark_formula
from automation.core.writing.formulas import as_in_files, quoted
from automation.core.writing.row_digest import is_review_formula, places_in_files, review_formula

_A4 = 9
ROOM_FOR_PEOPLE = 2_000
"""Rows below the headers of a list that formats reach at least: in a file more of them cost nothing, and who pastes a
list of nobody knew what size gets its red cells at once."""
_NO_ALIGNMENT = Alignment()
_FILLED_ROW = re.compile(r"COUNTA\(\$[A-Z]+\d+:\$[A-Z]+\d+\)>0")
_LONGEST_TITLE = 31

Brush: TypeAlias = Callable[[Worksheet, TabLook], None]
"""Draws one tab."""


def paint(book: Workbook, looks: Sequence[TabLook], left_out: Collection[str] = (), brush: Brush | None = None) -> None:
    """Create the tabs that are missing, each behind the one before it in `looks`, and draw every one, but for those
    `left_out`, by title. `brush`: what draws a tab.

    Raises CannotStart for a title that Excel does not allow, TabNotDrawn.
    """
    active = book.active
    place = 0
    for look in looks:
        sheet = _sheet_titled(book, look.title)
        if sheet is None and look.title in left_out:
            continue
        if sheet is None:
            beside = _sheet_titled(book, look.behind) if look.behind else None
            sheet = _new_sheet(book, look.title, book.index(beside) + 1 if beside else place)
        place = book.index(sheet) + 1
        if sheet.title not in left_out:
            _paint_tab(sheet, look, brush or draw_tab)
        if look.tag:
            put_tag(book, sheet.title, look.tag)
    if active is not None:
        show_active(book, active)


def _paint_tab(sheet: Worksheet, look: TabLook, brush: Brush) -> None:
    try:
        brush(sheet, look)
    except TccbError:
        raise
    except Exception as error:
        raise TabNotDrawn(sheet.title) from error


def draw_tab(sheet: Worksheet, look: TabLook) -> None:
    """Make the tab look as described."""
    _TabPainter(sheet, look).paint()


def rows_drawn(look: TabLook) -> Collection[int]:
    """The rows in which single cells are drawn; in all others cells get the format of their column and nothing else."""
    rows = {row for row, _, _ in look.values} | {cell.row for cell in look.cells}
    return rows | {row for row, _ in look.row_heights} | set(range(1, look.header_row + 1))


def title_among(titles: Iterable[str], wanted: str) -> str | None:
    """The title that is the wanted one, else one that Excel holds to be the same."""
    present = list(titles)
    same = (title for title in present if _folded(title) == _folded(wanted))
    return wanted if wanted in present else next(same, None)


def _sheet_titled(book: Workbook, title: str) -> Worksheet | None:
    present = title_among((sheet.title for sheet in book.worksheets), title)
    return next((sheet for sheet in book.worksheets if sheet.title == present), None)


def _folded(title: str) -> str:
    """Excel holds titles that differ only in case to be the same."""
    return unicodedata.normalize("NFC", title).casefold()


def _new_sheet(book: Workbook, title: str, place: int) -> Worksheet:
    if any(_folded(sheet.title) == _folded(title) for sheet in book.chartsheets):
        raise CannotStart(text("excel.title_of_chart", title=title))
    try:
        if len(title) > _LONGEST_TITLE:
            raise ValueError(title)
        sheet: Worksheet = book.create_sheet(title, place)
    except ValueError as error:
        raise CannotStart(text("excel.bad_title", title=title)) from error
    return sheet


class _TabPainter:
    """Draws one tab. Every step may be repeated and then changes nothing more."""

    def __init__(self, sheet: Worksheet, look: TabLook) -> None:
        self._sheet = sheet
        self._look = look
        self._is_open = look.protection is Protection.OPEN

    def paint(self) -> None:
        standing = self._columns_of_people()
        self._put_values()
        self._bottom = max(
            self._look.header_row + max(self._look.body_rows, 1),
            self._look.header_row + ROOM_FOR_PEOPLE if self._is_open else 0,
            end_of({row for row, _ in self._sheet._cells}, MOST_BLANK_ROWS),
            *(cell.row for cell in self._look.cells),
        )
        self._separate_columns()
        for column in self._look.columns:
            self._draw_column(column, stands_already=column.column in standing)
        for row, number, choices in self._look.cell_choices:
            replace_validation(self._sheet, column_area(number, row, row), inline_list(choices))
        for cell in self._look.cells:
            self._draw_cell(cell)
        for row, height in self._look.row_heights:
            self._sheet.row_dimensions[row].height = height
        if self._look.body_rows:
            self._colour()
        if self._look.header_row:
            self._draw_table()
        else:
            self._sheet.sheet_view.showGridLines = False
        if self._look.charts:
            draw_charts(self._sheet, self._look)
        self._protect()
        self._prepare_print()
        if self._look.tab_colour:
            self._sheet.sheet_properties.tabColor = self._look.tab_colour

    def _put_values(self) -> None:
        for row, column, value in self._look.values:
            cell = self._sheet.cell(row, column)
            if isinstance(cell, ExcelCell):  # the covered cells of a merged range hold nothing
                _put(cell, value)

    def _separate_columns(self) -> None:
        """A group of like columns is one entry in the file; ours must be changed one by one."""
        last = max((column.column for column in self._look.columns), default=0)
        dimensions = self._sheet.column_dimensions
        for group in list(dimensions.values()):
            group.reindex()
            first, behind = group.min or 0, group.max or 0
            if behind > first and first <= last:
                for number in range(first, min(behind, last) + 1):
                    dimensions[get_column_letter(number)] = _like(group, number, number)
                if behind > last:
                    dimensions[get_column_letter(last + 1)] = _like(group, last + 1, behind)

    def _columns_of_people(self) -> set[int]:
        """Those that stand already where people type: whoever made one of them wider or narrower, or hid it, wants it
        so.
        """
        row = self._look.header_row
        headed = (each.column for each in self._look.columns if row and self._sheet.cell(row, each.column).value)
        return set(headed) if self._is_open else set()

    def _draw_column(self, column: ColumnLook, *, stands_already: bool) -> None:
        dimension = self._sheet.column_dimensions[get_column_letter(column.column)]
        if not stands_already or dimension.width == DEFAULT_COLUMN_WIDTH:
            dimension.width = column.width
        dimension.hidden = column.hidden or (stands_already and dimension.hidden)
        if not self._look.body_rows:
            return
        dimension.number_format = NUMBER_FORMATS[column.format]
        dimension.alignment = _body_alignment(column)
        if column.ink:
            dimension.font = letters(column.ink)
        self._draw_body(column)
        if not self._look.header_row:
            return
        self._draw_header(column)
        area = column_area(column.column, self._look.header_row + 1, self._bottom)
        replace_validation(self._sheet, area, column_validation(column, self._is_open))
        if self._is_open and column.note and not column.computed:
            help_typing(self._sheet, area, column.header, column.note)

    def _draw_header(self, column: ColumnLook) -> None:
        cell = self._sheet.cell(self._look.header_row, column.column)
        cell.font, cell.fill, cell.border = COMPUTED_HEADER if column.computed else INPUT_HEADER
        cell.alignment = HEADER_ALIGNMENT
        cell.number_format = "General"
        _annotate(cell, column.note)

    def _draw_body(self, column: ColumnLook) -> None:
        """Cells that exist have a format of their own; the others take the column's."""
        restyle = _Restyling(column, realigns=self._look.realigns(column))
        for cell in self._body_cells.get(column.column, ()):
            restyle(cell)

    def _draw_cell(self, look: CellLook) -> None:
        cell = self._sheet.cell(look.row, look.column)
        cell.font = ROLE_FONTS[look.role]
        cell.alignment = ROLE_ALIGNMENTS[look.role]
        _show_as(cell, look.format)
        area = CellRange(min_col=look.column, max_col=look.column + look.across - 1, min_row=look.row, max_row=look.row)
        for column in range(area.min_col, area.max_col + 1):
            neighbour = self._sheet.cell(look.row, column)
            if look.role in ROLE_FILLS:
                neighbour.fill = ROLE_FILLS[look.role]
            if look.role in ROLE_BORDERS:
                neighbour.border = ROLE_BORDERS[look.role]
        self._merge(area)
        _annotate(cell, look.note)
        if look.opens:
            cell.hyperlink = our_link(cell.coordinate, look.opens)
        if look.role is Role.INPUT:
            replace_validation(self._sheet, area, format_validation(look.format))

    def _merge(self, area: CellRange) -> None:
        """Merging forgets what the covered cells hold, so it happens only where they hold nothing."""
        sheet = self._sheet
        covered = [sheet.cell(area.min_row, number) for number in range(area.min_col + 1, area.max_col + 1)]
        if not covered or any(cell.value is not None for cell in covered) or area in sheet.merged_cells.ranges:
            return
        self._part_narrower(area)
        if all(area.isdisjoint(other) for other in sheet.merged_cells.ranges):
            sheet.merge_cells(area.coord)

    def _part_narrower(self, area: CellRange) -> None:
        """What an earlier version merged of the same cells gives way."""
        for other in list(self._sheet.merged_cells.ranges):
            begins_there = (other.min_row, other.min_col) == (area.min_row, area.min_col)
            if begins_there and area.issuperset(other):
                self._sheet.merged_cells.remove(other)

    def _draw_table(self) -> None:
        header_row = self._look.header_row
        height = self._sheet.row_dimensions[header_row].height
        if height is None:
            self._sheet.row_dimensions[header_row].height = _header_height(self._look.columns)
        self._freeze(header_row + 1, self._look.frozen_columns + 1)
        if self._is_open and not self._sheet.auto_filter.ref and not self._sheet.tables:
            first, last = self._letters
            self._sheet.auto_filter.ref = f"{first}{header_row}:{last}{self._bottom}"

    def _freeze(self, row: int, column: int) -> None:
        corner = f"{get_column_letter(column)}{row}"
        if self._sheet.freeze_panes != corner:
            self._sheet.sheet_view.selection = [Selection()]  # each freezing would add to the last one's
            self._sheet.freeze_panes = corner
            for selection in self._sheet.sheet_view.selection:
                selection.activeCell = selection.sqref = "A1"

    def _colour(self) -> None:
        formats = ConditionalFormattingList()
        for present in self._sheet.conditional_formatting:
            for rule in present.rules:
                if not self._is_ours(present, rule):
                    formats.add(str(present.sqref), rule)
        top = self._look.header_row + 1
        if self._look.review:
            self._mark_results_to_review(self._look.review, formats, top)
        for each in (mark for mark in self._look.marks if not mark.live):
            self._mark_cells(each, formats, top)
        for colour in self._look.colours:
            area = column_area(colour.column, top, self._bottom)
            formats.add(area.coord, _colour_rule(colour, f"{get_column_letter(colour.column)}{top}"))
        self._sheet.conditional_formatting = formats

    def _mark_results_to_review(self, mark: ReviewMark, formats: ConditionalFormattingList, top: int) -> None:
        formula = as_in_files(review_formula(mark, top, places_in_files))
        for column in mark.results:
            style = REVIEW_IN_WORDS if column == mark.results[0] else REVIEW
            rule = Rule("expression", formula=[formula], dxf=style, stopIfTrue=True)
            formats.add(column_area(column, top, self._bottom).coord, rule)

    def _mark_cells(self, mark: CellMark, formats: ConditionalFormattingList, top: int) -> None:
        areas = " ".join(
            CellRange(min_col=left, max_col=right, min_row=top, max_row=self._bottom).coord
            for left, right in runs(mark.columns)
        )
        style = _filled(FAULT_FILL if mark.severe else WARNING_FILL)
        formats.add(areas, Rule("expression", formula=[as_in_files(mark.formula)], dxf=style, stopIfTrue=True))

    def _is_ours(self, place: ConditionalFormatting, rule: Rule) -> bool:
        """Whether an earlier drawing put the rule there; rules bear no name to tell them by."""
        if rule.type == "expression":
            formula = rule.formula[0] if rule.formula else ""
            is_a_mark = is_review_formula(formula) or is_mark_formula(formula)
            return is_a_mark or _FILLED_ROW.fullmatch(formula) is not None
        columns = {colour.column for colour in self._look.colours}
        in_our_columns = all(each.min_col == each.max_col and each.min_col in columns for each in place.sqref.ranges)
        return in_our_columns and (rule.type, rule.operator) in (("cellIs", "equal"), ("beginsWith", "beginsWith"))

    @cached_property
    def _body_cells(self) -> Mapping[int, Sequence[Any]]:
        """By column, the cells below the headers that exist."""
        cells: dict[int, list[Any]] = defaultdict(list)
        for (row, column), cell in self._sheet._cells.items():
            if row > self._look.header_row:
                cells[column].append(cell)
        return cells

    @property
    def _letters(self) -> tuple[str, str]:
        """The first and the last column of the table."""
        numbers = [column.column for column in self._look.columns]
        return get_column_letter(min(numbers)), get_column_letter(max(numbers))

    def _protect(self) -> None:
        protection = self._sheet.protection
        if self._is_open:
            if not protection.password and not protection.hashValue:  # a password is people's own
                protection.sheet = False
            return
        protection.sheet = True
        for allowed in ("formatColumns", "formatRows", "sort", "autoFilter"):
            setattr(protection, allowed, False)  # "not locked"

    def _prepare_print(self) -> None:
        sheet = self._sheet
        sheet.page_setup.orientation = "portrait" if self._look.portrait else "landscape"
        sheet.page_setup.paperSize = _A4
        sheet.page_setup.fitToWidth = self._look.pages_across
        sheet.page_setup.fitToHeight = 0
        sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        footer = sheet.oddFooter
        if footer is not None and footer.center is not None and not footer.center.text:
            footer.center.text = "&P/&N"
        if self._look.header_row:
            sheet.print_options.gridLines = True
            sheet.print_title_rows = f"{self._look.header_row}:{self._look.header_row}"
        if self._look.pages_across > 1:
            sheet.print_title_cols = f"A:{get_column_letter(self._look.frozen_columns)}"
        if self._is_open or self._look.printed:
            self._print_in_part()

    def _print_in_part(self) -> None:
        """Whole columns are printed down to the last filled row. Somebody else's print area is of some rows only,
        and of other columns than a page of ours.

        Where columns repeat the headers do not: LibreOffice takes a second a tab longer to open a file with both.
        """
        sheet = self._sheet
        areas = sheet._print_area.ranges  # type: ignore[attr-defined]  # the stubs know no _print_area
        last_row = self._look.printed_down_to or LAST_ROW
        if not all(area.max_row == LAST_ROW or self._is_page(area) for area in areas):
            return
        if self._look.printed:
            first, last = map(get_column_letter, self._look.printed)
            sheet.print_area = f"{first}1:{last}{last_row}"
            if self._look.frozen_columns:
                sheet.print_title_cols = f"A:{get_column_letter(self._look.frozen_columns)}"
                sheet._print_rows = None  # type: ignore[attr-defined]  # nor this one
        elif areas:
            sheet.print_area, sheet._print_cols = None, None  # type: ignore[attr-defined]  # nor this one

    def _is_page(self, area: CellRange) -> bool:
        """Whether an earlier drawing made it, of as many rows as the page had then."""
        top_and_columns = (area.min_row, (area.min_col, area.max_col))
        return self._look.printed_down_to > 0 and top_and_columns == (1, self._look.printed)


def _colour_rule(colour: Colour, first: str) -> Rule:
    """The conditional format of a colour; `first`: the first cell of its area."""
    value, style = quoted(colour.value), _filled(colour.fill)
    if not colour.begins:
        return Rule("cellIs", operator="equal", formula=[value], dxf=style)
    begins = f"LEFT({first},{len(colour.value)})={value}"
    return Rule("beginsWith", operator="beginsWith", text=colour.value, formula=[begins], dxf=style)


@lru_cache
def _filled(colour: str) -> DifferentialStyle:
    return DifferentialStyle(fill=fill(colour))


def _put(cell: ExcelCell, value: Cell) -> None:
    number_format = number_format_for(value)
    if number_format:
        cell.number_format = number_format
    stored = as_stored(f"={as_in_files(value)}" if isinstance(value, OwnFormula) else value)
    cell.value = escaped(stored) if isinstance(stored, str) else stored
    if isinstance(stored, str):
        # Text that begins with "=" is no formula.
        cell.data_type = "f" if isinstance(value, Formula) else "s"


def _like(group: ColumnDimension, first: int, last: int) -> ColumnDimension:
    column = ColumnDimension(
        group.parent,
        index=get_column_letter(first),
        min=first,
        max=last,
        width=group.width,
        hidden=group.hidden,
        bestFit=group.bestFit,
        outlineLevel=group.outlineLevel,
        collapsed=group.collapsed,
    )
    column._style = copy(group._style)  # type: ignore[attr-defined]  # the stubs know no _style
    return column


class _Restyling:
    """Gives body cells the format of their column. Each style is worked out once: there are few, and many cells."""

    def __init__(self, column: ColumnLook, *, realigns: bool) -> None:
        """`realigns` as in `TabLook`."""
        self._column = column
        self._realigns = realigns
        self._alignment = _body_alignment(column)
        self._known: dict[tuple[bytes, bool], StyleArray] = {}

    def __call__(self, cell: Any) -> None:  # the stubs know no _style
        before = cell._style.tobytes() if cell.has_style else b"", _would_read_otherwise(cell, self._column.format)
        if before not in self._known:
            self._restyle(cell)
            self._known[before] = copy(cell._style)
        cell._style = copy(self._known[before])

    def _restyle(self, cell: Any) -> None:
        if self._column.ink:
            cell.font = letters(self._column.ink)
        _show_as(cell, self._column.format)
        if self._realigns or cell.alignment == _NO_ALIGNMENT:
            cell.alignment = self._alignment


def _show_as(cell: Any, kind: Format) -> None:
    if kind is not Format.GENERAL and not _would_read_otherwise(cell, kind):
        cell.number_format = NUMBER_FORMATS[kind]


def _would_read_otherwise(cell: Any, kind: Format) -> bool:
    """Whether what a person left in the cell would be another value in that format: files hold dates as numbers,
    so that the year 1985 turns into a day of the year 1905 and a birthday into a number.
    """
    if cell.value is None or cell.data_type not in "fnd":
        return False
    becomes_date = kind in (Format.DATE, Format.MOMENT)
    is_date = cell.data_type == "d" and not isinstance(cell.value, timedelta)
    return cell.data_type == "f" or becomes_date is not is_date


def _body_alignment(column: ColumnLook) -> Alignment:
    horizontal = "center" if column.format in CENTRED else "right" if column.format in RIGHT_ALIGNED else None
    return Alignment(
        horizontal=horizontal, vertical="top", wrap_text=column.wrap or None, shrink_to_fit=column.low or None
    )


def _header_height(columns: Sequence[ColumnLook]) -> float:
    bold = 0.85  # bold letters are wider
    lines = (lines_needed(column.header, column.width * bold) for column in columns if not column.hidden)
    return LINE * max(lines, default=1) + 12


def _annotate(cell: ExcelCell | MergedCell, note: str) -> None:
    """Put our note on the cell; a note that somebody else left there stays."""
    author = text("excel.author")
    if cell.comment is not None and cell.comment.author not in (author, ""):
        return
    if not note:
        cell.comment = None
        return
    height = 18 * lines_needed(note, 46) + 14
    cell.comment = Comment(note, author, height=height, width=320)
