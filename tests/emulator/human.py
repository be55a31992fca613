"""What people do to a spreadsheet in their browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tests.emulator.cells import BLANK, Cell, CellError, Scalar, from_python, is_date, is_text, typed
from tests.emulator.grid import Area, Sheet
from tests.emulator.refusals import Json, Refused
from tests.emulator.requests import HANDLERS
from tests.emulator.requests.moving import reorder, sort_key
from tests.emulator.requests.tabs import copy_title
from tests.emulator.work import Work

if TYPE_CHECKING:
    from tests.emulator.spreadsheet import Spreadsheet


class HumanRefused(Exception):
    """The browser would not let this person do that."""


class Human:
    """Rows, columns and tabs count from 1. `who` is the owner unless somebody is named.

    Each act is one change of the spreadsheet, done or refused (`HumanRefused`) as a whole; no request is counted.
    """

    def __init__(self, spreadsheet: Spreadsheet) -> None:
        self._spreadsheet = spreadsheet

    # Cells

    def type(
        self,
        title: str,
        row: int,
        column: int,
        value: Any = None,
        *,
        formula: str = "",
        shows: Scalar | None = None,
        who: str | None = None,
    ) -> None:
        """Type into one cell. A str is read as Google reads typing: "0791" becomes 791 unless the cell is text.

        With `formula`, the cell keeps that text and shows `shows`; one of Google's error codes becomes an error.
        Other Python values are put in as they are; dates get a date format. None empties the cell.
        """

        def act(work: Work) -> None:
            sheet, area = self._cells(work, title, row, column, row, column)
            cell = sheet.cell(row - 1, column - 1)
            changed = cell._replace(value=_result(shows), formula=formula) if formula else _typed(cell, value, work)
            _check_strict(work, changed)
            _put(work, area, {(row - 1, column - 1): changed})

        self._do(act, who)

    def clear(
        self,
        title: str,
        row: int,
        column: int,
        last_row: int | None = None,
        last_column: int | None = None,
        who: str | None = None,
    ) -> None:
        """Press Delete on a range: values go, formats, notes and rules stay."""

        def act(work: Work) -> None:
            sheet, area = self._cells(work, title, row, column, last_row or row, last_column or column)
            _put(work, area, {place: sheet.cell(*place)._replace(value=None, formula="") for place in area.places()})

        self._do(act, who)

    def paste(
        self,
        title: str,
        row: int,
        column: int,
        values: Sequence[Sequence[Any]],
        *,
        plain: bool = False,
        who: str | None = None,
    ) -> None:
        """Paste a block: formats and validation of the target are lost, whatever the rule says (R).

        With `plain` (paste values only) they stay. Texts are read as typing is. The grid grows as in a browser.
        """

        def act(work: Work) -> None:
            last_row, last_column = row + len(values) - 1, column + max(map(len, values)) - 1
            grown = work.book.edit(self._sheet(work, title).id)
            grown.row_count, grown.column_count = (
                max(grown.row_count, last_row),
                max(grown.column_count, last_column),
            )
            sheet, area = self._cells(work, title, row, column, last_row, last_column)
            changed = {}
            for down, line in enumerate(values):
                for right, value in enumerate(line):
                    place = (row - 1 + down, column - 1 + right)
                    old = sheet.cell(*place)
                    base = old if plain else Cell(note=old.note)
                    changed[place] = _typed(base, value, work)
            _put(work, area, changed)

        self._do(act, who)

    def note(self, title: str, row: int, column: int, note: str, who: str | None = None) -> None:
        """Set or (with "") delete a note."""

        def act(work: Work) -> None:
            sheet, area = self._cells(work, title, row, column, row, column)
            _put(work, area, {(row - 1, column - 1): sheet.cell(row - 1, column - 1)._replace(note=note)})

        self._do(act, who)

    def merge(self, title: str, row: int, column: int, last_row: int, last_column: int, who: str | None = None) -> None:
        """Merge a block: only the first cell keeps its value."""
        self._request(
            who, "mergeCells", title, lambda sheet: {"range": _grid_range(sheet, row, column, last_row, last_column)}
        )

    # Rows and columns

    def insert_rows(self, title: str, before: int, count: int = 1, who: str | None = None) -> None:
        self._insert(who, title, "ROWS", before, count)

    def insert_columns(self, title: str, before: int, count: int = 1, who: str | None = None) -> None:
        self._insert(who, title, "COLUMNS", before, count)

    def delete_rows(self, title: str, first: int, last: int | None = None, who: str | None = None) -> None:
        self._request(who, "deleteDimension", title, lambda sheet: {"range": _lines(sheet, "ROWS", first, last)})

    def delete_columns(self, title: str, first: int, last: int | None = None, who: str | None = None) -> None:
        self._request(who, "deleteDimension", title, lambda sheet: {"range": _lines(sheet, "COLUMNS", first, last)})

    def move_rows(self, title: str, first: int, last: int, before: int, who: str | None = None) -> None:
        """Drag rows to before the row that has this number now."""
        self._move(who, title, "ROWS", first, last, before)

    def move_columns(self, title: str, first: int, last: int, before: int, who: str | None = None) -> None:
        self._move(who, title, "COLUMNS", first, last, before)

    def cut_column(self, title: str, column: int, to: int, who: str | None = None) -> None:
        """Cut a whole column and paste it over another one."""
        self._request(
            who,
            "cutPaste",
            title,
            lambda sheet: {
                "source": _grid_range(sheet, 1, column, sheet.row_count, column),
                "destination": {"sheetId": sheet.id, "rowIndex": 0, "columnIndex": to - 1},
            },
        )

    def hide_rows(self, title: str, first: int, last: int | None = None, who: str | None = None) -> None:
        """Hidden rows are read and written like others."""
        self._request(
            who,
            "updateDimensionProperties",
            title,
            lambda sheet: {
                "range": _lines(sheet, "ROWS", first, last),
                "properties": {"hiddenByUser": True},
                "fields": "hiddenByUser",
            },
        )

    def set_width(self, title: str, column: int, pixels: int, who: str | None = None) -> None:
        """Drag the border of a column."""
        self._request(
            who,
            "updateDimensionProperties",
            title,
            lambda sheet: {
                "range": _lines(sheet, "COLUMNS", column, None),
                "properties": {"pixelSize": pixels},
                "fields": "pixelSize",
            },
        )

    def sort_rows(
        self,
        title: str,
        column: int,
        first: int,
        last: int,
        descending: bool = False,
        who: str | None = None,
    ) -> None:
        """Sort whole rows `first` to `last` by a column: a sort by hand, or through the basic filter."""

        def act(work: Work) -> None:
            sheet = self._sheet(work, title)
            area = _area(work, sheet, first, 1, last, sheet.column_count)
            work.check_editable(area)
            edited = work.book.edit(sheet.id)
            rows = list(range(area.first_row, area.end_row))
            filled = [row for row in rows if edited.cell(row, column - 1).value is not None]
            empty = [row for row in rows if edited.cell(row, column - 1).value is None]
            filled.sort(key=lambda row: sort_key(edited.cell(row, column - 1)), reverse=descending)
            reorder(work, edited, area, filled + empty)

        self._do(act, who)

    # Tabs

    def add_tab(self, title: str, rows: Sequence[Sequence[Any]] = (), who: str | None = None) -> None:
        """A new tab at the end, with values as they are."""

        def act(work: Work) -> None:
            HANDLERS["addSheet"](work, {"properties": {"title": title}})
            sheet = work.book.edit(self._sheet(work, title).id)
            sheet.rows = [[from_python(value) for value in row] for row in rows]

        self._do(act, who)

    def rename_tab(self, title: str, new_title: str, who: str | None = None) -> None:
        self._request(
            who,
            "updateSheetProperties",
            title,
            lambda sheet: {"properties": {"sheetId": sheet.id, "title": new_title}, "fields": "title"},
        )

    def move_tab(self, title: str, position: int, who: str | None = None) -> None:
        """To this place, the first tab being 1."""

        def act(work: Work) -> None:
            sheet = self._sheet(work, title)
            work.book.sheets.remove(sheet)
            work.book.sheets.insert(position - 1, sheet)

        self._do(act, who)

    def delete_tab(self, title: str, who: str | None = None) -> None:
        self._request(who, "deleteSheet", title, lambda sheet: {"sheetId": sheet.id})

    def duplicate_tab(self, title: str, who: str | None = None) -> str:
        """A copy right behind the tab; gives its title, "Bản sao của X" in a Vietnamese file (R)."""
        copied = ""

        def act(work: Work) -> None:
            nonlocal copied
            sheet = self._sheet(work, title)
            copied = copy_title(work, sheet.title)
            place = work.book.sheets.index(sheet) + 1
            HANDLERS["duplicateSheet"](work, {"sourceSheetId": sheet.id, "insertSheetIndex": place})

        self._do(act, who)
        return copied

    # Whatever else

    def sheet_id(self, title: str) -> int:
        """The id of a tab, for `request`."""
        return self._spreadsheet.sheet_id(title)

    def request(self, request: Json, who: str | None = None) -> None:
        """Any request of `batchUpdate`, done by a person: `{"addProtectedRange": {...}}`. Not checked against the
        schema.
        """
        ((name, body),) = request.items()
        self._do(lambda work: HANDLERS[name](work, body), who)

    def _do(self, act: Callable[[Work], object], who: str | None) -> None:
        try:
            self._spreadsheet.change(act, who)
        except Refused as refused:
            raise HumanRefused(refused.message) from None

    def _request(self, who: str | None, name: str, title: str, body: Callable[[Sheet], Json]) -> None:
        self._do(lambda work: HANDLERS[name](work, body(self._sheet(work, title))), who)

    def _insert(self, who: str | None, title: str, dimension: str, before: int, count: int) -> None:
        self._request(
            who,
            "insertDimension",
            title,
            lambda sheet: {
                "range": _lines(sheet, dimension, before, before + count - 1),
                "inheritFromBefore": before > 1,
            },
        )

    def _move(self, who: str | None, title: str, dimension: str, first: int, last: int, before: int) -> None:
        self._request(
            who,
            "moveDimension",
            title,
            lambda sheet: {"source": _lines(sheet, dimension, first, last), "destinationIndex": before - 1},
        )

    def _sheet(self, work: Work, title: str) -> Sheet:
        sheet = work.book.titled(title)
        if sheet is None:
            raise KeyError(title)
        return sheet

    def _cells(
        self, work: Work, title: str, row: int, column: int, last_row: int, last_column: int
    ) -> tuple[Sheet, Area]:
        sheet = self._sheet(work, title)
        return sheet, _area(work, sheet, row, column, last_row, last_column)


def _area(work: Work, sheet: Sheet, row: int, column: int, last_row: int, last_column: int) -> Area:
    return work.book.area(_grid_range(sheet, row, column, last_row, last_column))


def _grid_range(sheet: Sheet, row: int, column: int, last_row: int, last_column: int) -> Json:
    return {
        "sheetId": sheet.id,
        "startRowIndex": row - 1,
        "endRowIndex": last_row,
        "startColumnIndex": column - 1,
        "endColumnIndex": last_column,
    }


def _lines(sheet: Sheet, dimension: str, first: int, last: int | None) -> Json:
    return {"sheetId": sheet.id, "dimension": dimension, "startIndex": first - 1, "endIndex": last or first}


def _put(work: Work, area: Area, changed: dict[tuple[int, int], Cell]) -> None:
    work.check_editable(area)
    sheet = work.book.edit(area.sheet.id)
    for (row, column), cell in changed.items():
        sheet.put(row, column, BLANK if cell == BLANK else cell)


def _result(shows: Scalar | None) -> Scalar | None:
    if isinstance(shows, str) and shows.startswith("#"):
        code, _, message = shows.partition(" (")
        return CellError(code, message.removesuffix(")"))
    return shows


def _typed(cell: Cell, value: Any, work: Work) -> Cell:
    if isinstance(value, str):
        if value.startswith("=") and len(value) > 1 and not is_text(cell):
            return cell._replace(value=work.value_of(value), formula=value)
        return typed(value, cell, work.book.locale)
    held = from_python(value)
    if isinstance(value, date | datetime) and is_text(cell):
        return cell._replace(value=value.strftime("%d/%m/%Y"), formula="")
    wanted = cell.format
    if held.format and not is_date(cell):
        wanted = {**(cell.format or {}), **held.format}
    return cell._replace(value=held.value, formula="", format=wanted)


def _check_strict(work: Work, cell: Cell) -> None:
    """A strict list refuses typing (D); pasting gets past it (R)."""
    rule = cell.validation
    if not rule or not rule.get("strict") or cell.value is None:
        return
    condition = rule["condition"]
    entered = [each.get("userEnteredValue", "") for each in condition.get("values", [])]
    if condition["type"] == "ONE_OF_RANGE":
        area = work.book.read_range(entered[0][1:])
        entered = [str(area.sheet.cell(*place).value) for place in area.places()]
    elif condition["type"] != "ONE_OF_LIST":
        return
    if str(cell.value) not in entered:
        raise Refused(400, "The data you entered violates the data validation rules set on this cell.")
