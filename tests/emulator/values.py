"""The endpoints below `/values`: reading and writing plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tests.emulator import a1
from tests.emulator.cells import Cell, CellError, check_length, formatted, is_date, typed
from tests.emulator.grid import Area, Book, Sheet
from tests.emulator.metadata import Lookups
from tests.emulator.refusals import Json, Refused, bad_request, not_supported, violation
from tests.emulator.work import Work, overlaps

_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")


class Rendering(Struct, frozen=True):
    """How values are to be read; the defaults are Google's (D)."""

    values: str = "FORMATTED_VALUE"
    dates: str = "SERIAL_NUMBER"
    dimension: str = "ROWS"


def rendering(given: Mapping[str, Any], prefix: str = "") -> Rendering:
    """From a query or a body; `prefix` is "response" for what a write gives back."""
    names = ("valueRenderOption", "dateTimeRenderOption")
    value, day = (f"{prefix}{name[0].upper()}{name[1:]}" if prefix else name for name in names)
    dimension = given.get("majorDimension", "ROWS") if not prefix else "ROWS"
    return Rendering(
        given.get(value, "FORMATTED_VALUE"),
        given.get(day, "SERIAL_NUMBER"),
        "COLUMNS" if dimension == "COLUMNS" else "ROWS",
    )


# Reading


def get(book: Book, written: str, how: Rendering) -> str:
    """`values.get`, as JSON text."""
    return _value_range(book.read_range(written), how, book.locale)


def batch_get(book: Book, spreadsheet_id: str, written: Sequence[str], how: Rendering) -> str:
    """`values.batchGet`: in the order of the ranges, and none where one of them is bad (M)."""
    ranges = ",".join(_value_range(area, how, book.locale) for area in map(book.read_range, written))
    listed = f',"valueRanges":[{ranges}]' if written else ""
    return f'{{"spreadsheetId":{json.dumps(spreadsheet_id)}{listed}}}'


def batch_get_by_filter(book: Book, spreadsheet_id: str, body: Json) -> str:
    """`values.batchGetByDataFilter`: by tab, column and row; filters that mean the same cells share an entry (M)."""
    how = rendering(body)
    found = filtered_areas(book, body.get("dataFilters", []))
    entries = ",".join(
        f'{{"valueRange":{_value_range(area, how, book.locale)},"dataFilters":{_json_text(filters)}}}'
        for area, filters in found
    )
    listed = f',"valueRanges":[{entries}]' if entries else ""
    return f'{{"spreadsheetId":{json.dumps(spreadsheet_id)}{listed}}}'


def _json_text(value: Any) -> str:
    """Letters stand for themselves, as gspread's recorded answers show (M); half of a surrogate pair can't."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(value, separators=(",", ":")) if _HALF_OF_A_PAIR.search(text) else text


def filtered_areas(book: Book, filters: Sequence[Json]) -> list[tuple[Area, list[Json]]]:
    """The areas that data filters name, in Google's order, each with its filters as they are echoed."""
    if not filters:
        raise bad_request("Must specify at least one dataFilter.")
    found: dict[tuple[int, int, int, int, int], tuple[Area, list[Json]]] = {}
    lookups, order = Lookups(book), {sheet.id: index for index, sheet in enumerate(book.sheets)}
    for number, data_filter in enumerate(filters):
        try:
            areas = areas_of(book, lookups, data_filter)
        except Refused as refused:
            raise refused.within(f"dataFilter[{number}]") from None
        for area in areas:
            key = (order[area.sheet.id], area.first_column, area.first_row, area.end_column, area.end_row)
            found.setdefault(key, (area, []))[1].append(_echo(data_filter))
    return [found[key] for key in sorted(found)]


def areas_of(book: Book, lookups: Lookups, data_filter: Json) -> list[Area]:
    """The cells one data filter names; none where a metadata lookup finds nothing."""
    if len(data_filter) != 1:
        raise bad_request("Must specify exactly one of a1Range, gridRange or developerMetadataLookup.")
    if "a1Range" in data_filter:
        return [book.read_range(data_filter["a1Range"])]
    if "gridRange" in data_filter:
        return [book.area(data_filter["gridRange"], clamp=True)]
    return lookups.areas(data_filter["developerMetadataLookup"])


def _echo(data_filter: Json) -> Json:
    area = data_filter.get("gridRange")
    if area is None or area.get("sheetId") != 0:
        return data_filter
    return {"gridRange": {name: value for name, value in area.items() if name != "sheetId"}}


def _value_range(area: Area, how: Rendering, locale: str) -> str:
    key = (area.first_row, area.end_row, area.first_column, area.end_column, how, locale, area.sheet.title)
    known = area.sheet.rendered.get(key)
    if known is None:
        values = read_values(area, how, locale)
        listed = f',"values":{_json_text(values)}' if values else ""
        known = f'{{"range":{_json_text(area.text)},"majorDimension":"{how.dimension}"{listed}}}'
        area.sheet.rendered[key] = known
    return str(known)


def value_range(area: Area, how: Rendering, locale: str) -> Json:
    """A ValueRange: without `values` where there is nothing in it (C)."""
    found: Json = json.loads(_value_range(area, how, locale))
    return found


def read_values(area: Area, how: Rendering, locale: str) -> list[list[Any]]:
    """Rows (or columns) without their empty ends; an empty cell inside is "" (C)."""
    render = _renderer(how, locale)
    rows = area.sheet.rows[area.first_row : area.end_row]
    lines = [
        ["" if cell.value is None else render(cell) for cell in row[area.first_column : area.end_column]]
        for row in rows
    ]
    if how.dimension == "COLUMNS":
        width = max(map(len, lines), default=0)
        lines = [[line[column] if column < len(line) else "" for line in lines] for column in range(width)]
    for line in lines:
        while line and line[-1] == "":
            line.pop()
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _renderer(how: Rendering, locale: str) -> Callable[[Cell], Any]:
    def shown(cell: Cell) -> Any:
        return formatted(cell, locale)

    def plain(cell: Cell) -> Any:
        value = cell.value
        if isinstance(value, CellError):
            return value.unformatted
        if how.dates == "FORMATTED_STRING" and cell.format and is_date(cell) and not isinstance(value, str | bool):
            return formatted(cell, locale)
        return value

    def as_formula(cell: Cell) -> Any:
        return cell.formula or plain(cell)

    return {"FORMATTED_VALUE": shown, "UNFORMATTED_VALUE": plain, "FORMULA": as_formula}[how.values]


# Writing


def update(work: Work, written: str, body: Json, option: str | None, echo: Rendering | None) -> Json:
    """`values.update`. `echo` is how the values are wanted back, None for not at all."""
    check_option(option)
    named = body.get("range")
    if named is not None and _differs(work.book, named, written):
        raise bad_request(f"Requested updating range: {written}, but the body names range: {named}")
    return _update_range(work, written, body, option == "USER_ENTERED", echo)


def _differs(book: Book, one: str, other: str) -> bool:
    return book.read_range(one, clamp=False) != book.read_range(other, clamp=False)


def check_option(option: str | None) -> None:
    """Missing option -> 400 (R)."""
    if option in (None, "INPUT_VALUE_OPTION_UNSPECIFIED"):
        raise bad_request("'valueInputOption' is required but not specified")


def batch_update(work: Work, body: Json) -> Json:
    """`values.batchUpdate`: all or nothing."""
    check_option(body.get("valueInputOption"))
    echo = rendering(body, "response") if body.get("includeValuesInResponse") else None
    parsed = body["valueInputOption"] == "USER_ENTERED"
    responses = []
    for number, data in enumerate(body.get("data", [])):
        try:
            responses.append(_update_range(work, data.get("range", ""), data, parsed, echo))
        except Refused as refused:
            raise refused.within(f"data[{number}]") from None
    return _totals(work, responses)


def batch_update_by_filter(work: Work, body: Json) -> Json:
    """`values.batchUpdateByDataFilter`: a filter that finds several places writes to all of them (D).

    Places are looked up in the very state that is written to. What comes of ranges that overlap is not known: 501.
    """
    check_option(body.get("valueInputOption"))
    echo = rendering(body, "response") if body.get("includeValuesInResponse") else None
    parsed = body["valueInputOption"] == "USER_ENTERED"
    responses = []
    lookups, written = Lookups(work.book), list[Area]()
    for number, data in enumerate(body.get("data", [])):
        try:
            for area in _areas_to_write(work, lookups, data):
                _check_apart(area, written)
                reply = _write(work, area, False, data, parsed, echo)
                responses.append({**reply, "dataFilter": _echo(data["dataFilter"])})
        except Refused as refused:
            raise refused.within(f"data[{number}]") from None
    for reply in responses:
        reply.pop("spreadsheetId", None)
    return _totals(work, responses)


def _areas_to_write(work: Work, lookups: Lookups, data: Json) -> list[Area]:
    data_filter = data.get("dataFilter", {})
    areas = areas_of(work.book, lookups, data_filter)
    if not areas and work.readings.write_without_match == "refused":
        raise bad_request("No developer metadata matches the lookup.")
    if "developerMetadataLookup" in data_filter and work.readings.taller_column == "grows":
        return [_grown(work, area, _height(data)) for area in areas]
    return areas


def _height(data: Json) -> int:
    lines = data.get("values", [])
    return max(map(len, lines), default=0) if data.get("majorDimension") == "COLUMNS" else len(lines)


def _grown(work: Work, area: Area, height: int) -> Area:
    """The area as tall as its values where it is whole columns."""
    if area.height < area.sheet.row_count or height <= area.height:
        return area
    sheet = work.book.edit(area.sheet.id)
    sheet.row_count = height
    work.book.check_size()
    return replace(area, sheet=sheet, end_row=height)


def _check_apart(area: Area, written: list[Area]) -> None:
    if any(other.sheet.id == area.sheet.id and overlaps(other.json(), area) for other in written):
        raise not_supported("writing to ranges that overlap")
    written.append(area)


def _totals(work: Work, responses: Sequence[Json]) -> Json:
    areas = [work.book.read_range(reply["updatedRange"]) for reply in responses]
    totals: Json = {"spreadsheetId": work.document.id}
    if responses:
        totals["totalUpdatedRows"] = len({(area.sheet.id, row) for area in areas for row in _rows(area)})
        totals["totalUpdatedColumns"] = len({(area.sheet.id, column) for area in areas for column in _columns(area)})
        totals["totalUpdatedCells"] = sum(reply.get("updatedCells", 0) for reply in responses)
        totals["totalUpdatedSheets"] = len({area.sheet.id for area in areas})
        totals["responses"] = list(responses)
    return totals


def _rows(area: Area) -> Iterable[int]:
    return range(area.first_row, area.end_row)


def _columns(area: Area) -> Iterable[int]:
    return range(area.first_column, area.end_column)


def _update_range(work: Work, written: str, body: Json, parsed: bool, echo: Rendering | None) -> Json:
    area = work.book.read_range(written, clamp=False)
    split = a1.split(written)
    anchor = split is not None and area.height == area.width == 1 and ":" not in split.cells
    return _write(work, area, anchor, body, parsed, echo)


def _write(work: Work, area: Area, anchor: bool, body: Json, parsed: bool, echo: Rendering | None) -> Json:
    lines = body.get("values", [])
    _check_values(lines)
    if body.get("majorDimension") == "COLUMNS":
        height = max(map(len, lines), default=0)
        lines = [[line[row] if row < len(line) else None for line in lines] for row in range(height)]
    width = max(map(len, lines), default=0)
    target = _target(area, anchor, len(lines), width)
    work.check_editable(target)
    sheet = work.book.edit(area.sheet.id)
    touched = []
    for row, line in enumerate(lines, target.first_row):
        for column, value in enumerate(line, target.first_column):
            if value is not None:
                touched.append((row, column))
                _put(work, sheet, row, column, value, parsed)
    reply: Json = {"spreadsheetId": work.document.id, "updatedRange": target.text}
    if touched:
        reply["updatedRows"] = len({row for row, _ in touched})
        reply["updatedColumns"] = len({column for _, column in touched})
        reply["updatedCells"] = len(touched)
    if echo is not None:
        seen = target if anchor else area
        shown = Area(sheet, seen.first_row, seen.end_row, seen.first_column, seen.end_column)
        reply["updatedData"] = value_range(shown, echo, work.book.locale)
    return reply


def _check_values(lines: Sequence[Sequence[Any]]) -> None:
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            if isinstance(value, list | dict):
                kind = "list_value" if isinstance(value, list) else "struct_value"
                raise violation(
                    f"data.values[{row}]", f"Invalid values[{row}][{column}]: {kind} {json.dumps(value)[:80]}"
                )


def _target(area: Area, anchor: bool, height: int, width: int) -> Area:
    """The rectangle that the values fill; a single cell only says where it starts (M)."""
    first_row, first_column = area.first_row, area.first_column
    end_row, end_column = first_row + max(height, 1), first_column + max(width, 1)
    sheet = area.sheet
    if anchor:
        if end_row > sheet.row_count or end_column > sheet.column_count:
            raise sheet.range_error(a1.write_range(sheet.title, first_row, end_row, first_column, end_column))
    elif end_row > area.end_row:
        raise bad_request(
            f"Requested writing within range [{area.text}], but tried writing to row [{area.end_row + 1}]"
        )
    elif end_column > area.end_column:
        letters = a1.column_letters(area.end_column)
        raise bad_request(f"Requested writing within range [{area.text}], but tried writing to column [{letters}]")
    return Area(sheet, first_row, end_row, first_column, end_column)


def _put(work: Work, sheet: Sheet, row: int, column: int, value: Any, parsed: bool) -> None:
    if sheet.merge_over(row, column) and work.readings.covered_cell != "kept":
        if work.readings.covered_cell == "refused":
            raise bad_request("You can't write to a cell that a merged range covers.")
        return
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        check_length(value)
    if parsed and isinstance(value, str) and value.startswith("=") and len(value) > 1:
        changed = cell._replace(value=work.value_of(value), formula=value)
    elif parsed and isinstance(value, str):
        changed = typed(value, cell, work.book.locale)
    else:
        changed = cell._replace(value=None if value == "" else value, formula="", runs=None)
    sheet.put(row, column, changed)


def clear(work: Work, written: str) -> str:
    """Empties a range of its values; formats, notes and rules stay (D). Gives the range back as answers write it."""
    area = work.book.read_range(written)
    work.check_editable(area)
    sheet = work.book.edit(area.sheet.id)
    for row in range(area.first_row, min(area.end_row, len(sheet.rows))):
        line = sheet.rows[row]
        for column in range(area.first_column, min(area.end_column, len(line))):
            line[column] = line[column]._replace(value=None, formula="", runs=None)
    return area.text


def append(work: Work, written: str, body: Json, query: Mapping[str, Any]) -> Json:
    """`values.append`: after the table that lies in the range; grows the grid (C, M)."""
    option = query.get("valueInputOption")
    check_option(option)
    lines = body.get("values", [])
    _check_values(lines)
    area = work.book.read_range(written)
    table = _table_in(area)
    height = len(lines) if body.get("majorDimension") != "COLUMNS" else max(map(len, lines), default=0)
    start_row = table.end_row if table else area.first_row
    start_column = table.first_column if table else area.first_column
    sheet = work.book.edit(area.sheet.id)
    sheet.row_count = max(sheet.row_count, start_row + height)
    work.book.check_size()
    if query.get("insertDataOption") == "INSERT_ROWS":
        raise Refused(501, "The emulator does not support insertDataOption INSERT_ROWS.")
    echo = rendering(query, "response") if query.get("includeValuesInResponse") else None
    anchor = Area(sheet, start_row, start_row + 1, start_column, start_column + 1)
    updates = _write(work, anchor, True, body, option == "USER_ENTERED", echo)
    reply: Json = {"spreadsheetId": work.document.id, "updates": updates}
    if table:
        reply["tableRange"] = table.text
    return reply


def _table_in(area: Area) -> Area | None:
    """The last block of values in the range: where it starts in the range's last filled row's run of cells."""
    sheet = area.sheet

    def filled(row: int, column: int) -> bool:
        return not sheet.cell(row, column).is_blank

    rows = [row for row in _rows(area) if row < len(sheet.rows) and any(filled(row, each) for each in _columns(area))]
    if not rows:
        return None
    single = area.height == area.width == 1
    columns = [column for column in range(sheet.column_count) if filled(rows[-1], column)]
    last = columns[-1] if not single else area.first_column
    first = last
    while first > 0 and any(filled(row, first - 1) for row in [rows[-1]]):
        first -= 1
    end = last + 1
    while single and end < sheet.column_count and filled(rows[-1], end):
        end += 1
    bottom = rows[-1]
    while single and any(filled(bottom + 1, column) for column in range(first, end)):
        bottom += 1
    top = rows[-1]
    while top > 0 and any(filled(top - 1, column) for column in range(first, end)):
        top -= 1
    return Area(sheet, top, bottom + 1, first, end)
