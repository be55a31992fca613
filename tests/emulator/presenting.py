"""What `spreadsheets.get` answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.emulator import metadata
from tests.emulator.cells import BLANK, Cell, entered_value, extended_value, formatted
from tests.emulator.grid import COLUMN_PIXELS, ROW_PIXELS, Area, Sheet
from tests.emulator.masks import Mask, inner_mask, project
from tests.emulator.refusals import Json
from tests.emulator.work import Document

_Line = tuple[int, str, int]
"""A row or column: tab, dimension, index."""
WHITE = {"red": 1, "green": 1, "blue": 1}
DEFAULT_FORMAT: Json = {
    "backgroundColor": WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": WHITE},
}
"""Of a spreadsheet that a service account made (C)."""

THEME_COLOURS: Mapping[str, Json] = {
    "TEXT": {},
    "BACKGROUND": WHITE,
    "ACCENT1": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275},
    "ACCENT2": {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314},
    "ACCENT3": {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275},
    "ACCENT4": {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902},
    "ACCENT5": {"red": 1, "green": 0.42745098, "blue": 0.003921569},
    "ACCENT6": {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706},
    "LINK": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8},
}
"""(C)"""


def default_properties(title: str, locale: str, time_zone: str) -> Json:
    """The SpreadsheetProperties of a new file (C)."""
    colours = [{"colorType": name, "color": {"rgbColor": colour}} for name, colour in THEME_COLOURS.items()]
    return {
        "title": title,
        "locale": locale,
        "autoRecalc": "ON_CHANGE",
        "timeZone": time_zone,
        "defaultFormat": DEFAULT_FORMAT,
        "spreadsheetTheme": {"primaryFontFamily": "Arial", "themeColors": colours},
    }


def spreadsheet(
    document: Document, caller: str, areas: Sequence[Area] | None, grid_data: bool, mask: Mask | None = None
) -> str:
    """The Spreadsheet as JSON text, for the areas named (None: all tabs), with the cells where they are wanted.

    A mask that names `sheets.data` asks for them whatever the flag says, and one that does not spares them (M).
    The metadata of columns is shown only where areas are named (M).
    """
    book = document.book
    tree = mask or {}
    cells = inner_mask(tree, "sheets", "data") if mask else ({} if grid_data else None)
    shown: Json = {"spreadsheetId": document.id, "properties": book.properties}
    if book.named_ranges:
        shown["namedRanges"] = book.named_ranges
    shown["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{document.id}/edit"
    own = [metadata.shown(each) for each in book.metadata if metadata.sheet_of(each["location"]) is None]
    if own:
        shown["developerMetadata"] = own
    text = json_text(project(tree, shown))
    wanted = inner_mask(tree, "sheets")
    if wanted is None:
        return text
    sheets = []
    lines = {key: each for key, each in metadata.by_line(book).items() if areas is not None or key[1] == "ROWS"}
    for index, sheet in enumerate(book.sheets):
        parts = [area for area in areas if area.sheet is sheet] if areas is not None else [sheet.whole()]
        if areas is None or parts:
            others = json_text(project(wanted, _sheet(document, caller, index, sheet)))
            grid = cells is not None and sheet.kind == "GRID"
            data = [_grid_data(document, area, cells or {}, lines) for area in parts] if grid else []
            sheets.append(with_field(others, "data", f"[{','.join(data)}]") if grid else others)
    return with_field(text, "sheets", f"[{','.join(sheets)}]")


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def with_field(message: str, name: str, value: str) -> str:
    """A message's JSON text with one field more."""
    return f'{message[:-1]}{"" if message == "{}" else ","}"{name}":{value}}}'


def sheet_properties(sheet: Sheet, index: int) -> Json:
    """SheetProperties: id and index are there even when 0 (C); other than a grid has no grid properties (M)."""
    shown: Json = {"sheetId": sheet.id, "title": sheet.title, "index": index, "sheetType": sheet.kind}
    if sheet.kind == "GRID":
        counts = {"rowCount": sheet.row_count, "columnCount": sheet.column_count}
        shown["gridProperties"] = {**counts, **sheet.grid_properties}
    return {**shown, **sheet.properties}


def protected_range(document: Document, caller: str, protection: Json) -> Json:
    """A protection as this caller sees it: the editors only if they may edit both the cells and the spreadsheet (D),
    the owner among them (C).
    """
    shown = {name: each for name, each in protection.items() if name != "editors"}
    if document.role(caller) not in ("owner", "writer") or not document.may_edit(caller, protection):
        return shown
    editors = dict(protection.get("editors", {}))
    editors["users"] = sorted({document.owner, *editors.get("users", [])})
    return {**shown, "requestingUserCanEdit": True, "editors": editors}


def _sheet(document: Document, caller: str, index: int, sheet: Sheet) -> Json:
    """Everything of a Sheet but its cells."""
    book = document.book
    shown: Json = {"properties": sheet_properties(sheet, index)}
    own = [metadata.shown(each) for each in book.metadata if each["location"].get("sheetId") == sheet.id]
    listed: Json = {
        "merges": sheet.merges,
        "conditionalFormats": sheet.conditional_formats,
        "filterViews": sheet.filter_views,
        "protectedRanges": [protected_range(document, caller, each) for each in sheet.protected],
        "basicFilter": sheet.basic_filter,
        "charts": sheet.charts,
        "bandedRanges": sheet.bandings,
        "developerMetadata": own,
        "rowGroups": sheet.groups["ROWS"],
        "columnGroups": sheet.groups["COLUMNS"],
    }
    shown.update({name: each for name, each in listed.items() if each})
    return shown


def _grid_data(document: Document, area: Area, mask: Mask, entries: Mapping[_Line, list[Json]]) -> str:
    shown: Json = {}
    if area.first_row and inner_mask(mask, "startRow") is not None:
        shown["startRow"] = area.first_row
    if area.first_column and inner_mask(mask, "startColumn") is not None:
        shown["startColumn"] = area.first_column
    for name, dimension, first, end in (
        ("rowMetadata", "ROWS", area.first_row, area.end_row),
        ("columnMetadata", "COLUMNS", area.first_column, area.end_column),
    ):
        inner = inner_mask(mask, name)
        if inner is not None:
            listed = [_dimension_properties(area.sheet, dimension, each, entries) for each in range(first, end)]
            shown[name] = project(inner, listed)
    text = json_text(shown)
    wanted = inner_mask(mask, "rowData", "values")
    rows = "" if wanted is None else _row_data(document, area, wanted)
    return with_field(text, "rowData", rows) if rows else text


def _dimension_properties(sheet: Sheet, dimension: str, index: int, entries: Mapping[_Line, list[Json]]) -> Json:
    """Size, what is hidden, and the metadata of one row or column; the default size is given too (M)."""
    pixels = ROW_PIXELS if dimension == "ROWS" else COLUMN_PIXELS
    shown: Json = {"pixelSize": pixels, **sheet.dimensions[dimension].get(index, {})}
    own = entries.get((sheet.id, dimension, index))
    return {**shown, "developerMetadata": own} if own else shown


def _row_data(document: Document, area: Area, mask: Mask) -> str:
    """Rows without their blank ends; here a format, note or rule alone keeps a cell (C). "" where there is none."""
    properties = document.book.properties
    place = (area.first_row, area.end_row, area.first_column, area.end_column)
    key = ("rows", place, str(mask), properties["locale"])
    if key not in area.sheet.rendered:
        known: dict[int, Json] = {}
        rows: list[str] = []
        for line in area.sheet.rows[area.first_row : area.end_row]:
            cells = line[area.first_column : area.end_column]
            while cells and cells[-1] == BLANK:
                cells.pop()
            row = {"values": [_cell(document, cell, mask, known) for cell in cells]} if cells else {}
            rows.append(json_text(row))
        while rows and rows[-1] == "{}":
            rows.pop()
        area.sheet.rendered[key] = f"[{','.join(rows)}]" if rows else ""
    return str(area.sheet.rendered[key])


def _cell(document: Document, cell: Cell, mask: Mask, known: dict[int, Json]) -> Json:
    if cell is BLANK:
        return {}
    every = not mask or "*" in mask
    shown: Json = {}
    if cell.value is not None or cell.formula:
        _add_values(document, cell, mask if not every else _ALL_VALUES, shown)
    for name, held in (
        ("userEnteredFormat", cell.format),
        ("dataValidation", cell.validation),
        ("textFormatRuns", cell.runs),
    ):
        if held and (every or name in mask):
            # One format is shared by many cells: it is cut to the mask once.
            if id(held) not in known:
                known[id(held)] = project(mask.get(name, {}), held)
            shown[name] = known[id(held)]
    if cell.note and (every or "note" in mask):
        shown["note"] = cell.note
    if every or "effectiveFormat" in mask:
        shown["effectiveFormat"] = project(mask.get("effectiveFormat", {}), effective_format(document, cell))
    return shown


_ALL_VALUES: Mask = {"userEnteredValue": {}, "effectiveValue": {}, "formattedValue": {}}


def _add_values(document: Document, cell: Cell, mask: Mask, shown: Json) -> None:
    if "userEnteredValue" in mask:
        shown["userEnteredValue"] = project(mask["userEnteredValue"], entered_value(cell))
    if "effectiveValue" in mask:
        shown["effectiveValue"] = project(mask["effectiveValue"], extended_value(cell.value))
    if "formattedValue" in mask:
        shown["formattedValue"] = formatted(cell, document.book.locale)


def effective_format(document: Document, cell: Cell) -> Json:
    """The spreadsheet's default format with the cell's own over it; conditional formats are not worked out."""
    base = document.book.properties["defaultFormat"]
    over: Json = _over(base, cell.format or {})
    return over


def _over(base: Any, own: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(own, dict):
        return own
    return {**base, **{name: _over(base.get(name), each) for name, each in own.items()}}
