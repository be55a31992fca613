"""Requests about whole tabs and the spreadsheet itself."""

from __future__ import annotations

from tests.emulator.grid import Sheet
from tests.emulator.masks import Mask, overlay
from tests.emulator.metadata import copy_lines, sheet_of
from tests.emulator.presenting import sheet_properties
from tests.emulator.refusals import Json, Refused, bad_request, not_supported
from tests.emulator.requests.cells import request_mask
from tests.emulator.shifts import Deleted
from tests.emulator.storing import settled, twinned, twinned_mask
from tests.emulator.work import Work

LONGEST_TITLE = 100
COUNTS = ("rowCount", "columnCount")
OWN_FIELDS = ("sheetId", "title", "index", "sheetType", "gridProperties")


def check_title(work: Work, title: str, but: Sheet | None = None) -> None:
    """Not empty, at most 100 characters (R), and no other tab's: case does not matter (M)."""
    if not title:
        raise bad_request("The sheet name cannot be empty.")
    if len(title) > LONGEST_TITLE:
        raise bad_request(f"The sheet name cannot be longer than {LONGEST_TITLE} characters.")
    there = work.book.titled(title)
    if there is not None and there is not but:
        raise bad_request(f'A sheet with the name "{title}" already exists. Please enter another name.')


def new_sheet_id(work: Work, given: int | None) -> int:
    """The id asked for, or one that is free. A taken one is refused (D)."""
    taken = {sheet.id for sheet in work.book.sheets}
    if given is None:
        return work.book.new_id(taken)
    if given < 0:
        raise bad_request(f"Invalid sheet id: {given}")
    if given in taken:
        raise bad_request(f"Sheet with id {given} already exists.")
    return given


def grid_sheet(work: Work, sheet_id: int) -> Sheet:
    """Raises `Refused` where there is no such tab, or where it has no grid."""
    sheet = find(work, sheet_id)
    if sheet.kind != "GRID":
        raise bad_request(f"No grid with id: {sheet_id}")
    return sheet


def find(work: Work, sheet_id: int) -> Sheet:
    sheet = work.book.sheet(sheet_id)
    if sheet is None:
        raise bad_request(f"No sheet with id: {sheet_id}")
    return sheet


def add_sheet(work: Work, body: Json) -> Json:
    """A new tab; without an index the last one, without a title one that is free."""
    given = body.get("properties", {})
    if given.get("sheetType", "GRID") != "GRID":
        raise not_supported(f"adding a tab of type {given['sheetType']}")
    title = given.get("title") or _free_title(work)
    check_title(work, title)
    grid = dict(given.get("gridProperties", {}))
    rows, columns = grid.pop("rowCount", 1000), grid.pop("columnCount", 26)
    check_grid(rows, columns, grid)
    sheet = Sheet(new_sheet_id(work, given.get("sheetId")), title, rows, columns)
    sheet.grid_properties = settled(grid)
    sheet.properties = settled({name: each for name, each in given.items() if name not in OWN_FIELDS})
    index = given.get("index", len(work.book.sheets))
    check_index(work, index)
    work.book.add(sheet, index)
    work.book.check_size()
    return {"properties": sheet_properties(sheet, index)}


def check_index(work: Work, index: int) -> None:
    if not 0 <= index <= len(work.book.sheets):
        raise bad_request(f"Sheet index {index} is out of range (0 to {len(work.book.sheets)}).")


def check_grid(rows: int, columns: int, grid: Json) -> None:
    """A grid has cells, and some that are not frozen."""
    if rows < 1 or columns < 1:
        raise bad_request("A sheet must have at least one row and one column.")
    if grid.get("frozenRowCount", 0) >= rows:
        raise bad_request("You can't freeze all visible rows on the sheet.")
    if grid.get("frozenColumnCount", 0) >= columns:
        raise bad_request("You can't freeze all visible columns on the sheet.")


def _free_title(work: Work) -> str:
    number = len(work.book.sheets) + 1
    while work.book.titled(f"Sheet{number}"):
        number += 1
    return f"Sheet{number}"


def duplicate_sheet(work: Work, body: Json) -> Json:
    """A copy with values, formats, rules and protections, what has an id under a new one (I)."""
    source = find(work, body.get("sourceSheetId", 0))
    title = body.get("newSheetName") or copy_title(work, source.title)
    check_title(work, title)
    sheet_id = new_sheet_id(work, body.get("newSheetId"))
    copied = source.clone()
    copied.id, copied.title = sheet_id, title
    ids = taken_ids(work)
    copied.shift_ranges(lambda area: _readdressed(area, sheet_id))
    keys = {"protected": "protectedRangeId", "bandings": "bandedRangeId", "filter_views": "filterViewId"}
    for name, key in keys.items():
        setattr(copied, name, [{**each, key: work.book.new_id(ids)} for each in getattr(copied, name)])
    copied.charts = [
        {**_readdressed_within(chart, source.id, sheet_id), "chartId": work.book.new_id(ids)} for chart in copied.charts
    ]
    if work.readings.copied_tab == "tagged":
        copy_lines(work.book, source.id, sheet_id)
    index = body.get("insertSheetIndex", 0)
    check_index(work, index)
    work.book.add(copied, index)
    work.book.check_size()
    return {"properties": sheet_properties(copied, index)}


def copy_title(work: Work, title: str) -> str:
    """ "Bản sao của X", with a number from the second on; "Copy of X" elsewhere (R)."""
    first = f"{'Bản sao của' if work.book.locale.startswith('vi') else 'Copy of'} {title}"
    number, copied = 1, first
    while work.book.titled(copied):
        number += 1
        copied = f"{first} {number}"
    return copied


def taken_ids(work: Work) -> set[int]:
    """Every id of an object on any tab."""
    return {
        each[key]
        for sheet in work.book.sheets
        for items, key in (
            (sheet.protected, "protectedRangeId"),
            (sheet.charts, "chartId"),
            (sheet.bandings, "bandedRangeId"),
            (sheet.filter_views, "filterViewId"),
        )
        for each in items
    }


def _readdressed(area: Json, sheet_id: int) -> Json:
    moved = {name: each for name, each in area.items() if name != "sheetId"}
    return {"sheetId": sheet_id, **moved} if sheet_id else moved


def _readdressed_within(value: object, source_id: int, sheet_id: int) -> Json:
    def walk(each: object) -> object:
        if isinstance(each, list):
            return [walk(one) for one in each]
        if not isinstance(each, dict):
            return each
        is_place = bool({"startRowIndex", "rowIndex", "columnIndex", "startColumnIndex"} & set(each))
        changed = {name: walk(one) for name, one in each.items()}
        return _readdressed(changed, sheet_id) if is_place and each.get("sheetId", 0) == source_id else changed

    walked = walk(value)
    assert isinstance(walked, dict)
    return walked


def delete_sheet(work: Work, body: Json) -> Json:
    """Gone with everything on it. The last tab, and the last that can be seen, stay (M)."""
    sheet = find(work, body.get("sheetId", 0))
    if any(not work.document.may_edit(work.caller, each) for each in sheet.protected):
        raise work.protected_text()
    left = [each for each in work.book.sheets if each is not sheet]
    if not any(not each.properties.get("hidden") for each in left):
        raise bad_request("You can't remove all the visible sheets in a document.")
    work.book.sheets = left
    work.book.named_ranges = [each for each in work.book.named_ranges if each["range"].get("sheetId", 0) != sheet.id]
    work.book.metadata = [entry for entry in work.book.metadata if sheet_of(entry["location"]) != sheet.id]
    return {}


def update_sheet_properties(work: Work, body: Json) -> Json:
    """A masked field that is absent goes back to its default (M). The index is read before the tab is taken out (M)."""
    mask = request_mask(body, "SheetProperties")
    given = body.get("properties", {})
    sheet = find(work, given.get("sheetId", 0))
    work.check_sheet_editable(sheet)
    if "*" in mask:
        mask = {name: {} for name in (*OWN_FIELDS, "hidden", "tabColor", "rightToLeft") if name in given}
        mask.pop("sheetId", None)
    for name in ("sheetId", "sheetType"):
        if name in mask:
            raise bad_request(f"SheetProperties.{name} cannot be changed.")
    edited = work.book.edit(sheet.id)
    if "title" in mask:
        check_title(work, given.get("title", ""), but=edited)
        edited.title = given["title"]
    if "gridProperties" in mask:
        _update_grid(work, edited, mask["gridProperties"], given.get("gridProperties", {}))
    own = {name: inner for name, inner in mask.items() if name not in OWN_FIELDS}
    if own:
        edited.properties = settled(overlay(twinned_mask(own), edited.properties, twinned(given)))
    if not any(not each.properties.get("hidden") for each in work.book.sheets):
        raise bad_request("You can't hide all the sheets in a document.")
    if "index" in mask:
        move_sheet(work, edited, given.get("index", 0))
    return {}


def move_sheet(work: Work, sheet: Sheet, index: int) -> None:
    """To the place before the tab that has this index now."""
    check_index(work, index)
    old = work.book.sheets.index(sheet)
    work.book.sheets.pop(old)
    work.book.sheets.insert(index - 1 if index > old else index, sheet)


def _update_grid(work: Work, sheet: Sheet, mask: Mask, given: Json) -> None:
    if sheet.kind != "GRID":
        raise bad_request(f"No grid with id: {sheet.id}")
    whole = {"rowCount": sheet.row_count, "columnCount": sheet.column_count, **sheet.grid_properties}
    wanted = overlay({name: {} for name in mask}, whole, given)
    rows, columns = wanted.pop("rowCount", 0), wanted.pop("columnCount", 0)
    check_grid(rows, columns, wanted)
    for dimension, count, old in (("ROWS", rows, sheet.row_count), ("COLUMNS", columns, sheet.column_count)):
        if count < old:
            work.book.shift(sheet.id, dimension, Deleted(count, old))
    sheet.resize(rows, columns)
    work.book.check_size()
    for block in sheet.merges:
        _check_freeze(block, wanted)
    sheet.grid_properties = settled(wanted)


def _check_freeze(block: Json, wanted: Json) -> None:
    if block["startRowIndex"] < wanted.get("frozenRowCount", 0) < block["endRowIndex"]:
        raise bad_request("Sorry, it is not possible to freeze rows which contain only part of a merged cell.")
    if block["startColumnIndex"] < wanted.get("frozenColumnCount", 0) < block["endColumnIndex"]:
        raise bad_request("Sorry, it is not possible to freeze columns which contain only part of a merged cell.")


def update_spreadsheet_properties(work: Work, body: Json) -> Json:
    mask = request_mask(body, "SpreadsheetProperties")
    given = body.get("properties", {})
    if "defaultFormat" in mask:
        raise bad_request("SpreadsheetProperties.defaultFormat is read-only.")
    changed = given if "*" in mask else {name: given.get(name) for name in mask}
    for name, value in changed.items():
        if name in ("title", "locale", "timeZone", "autoRecalc") and not value:
            raise bad_request(f"SpreadsheetProperties.{name} cannot be empty.")
        if name not in ("title", "locale", "timeZone", "autoRecalc"):
            raise Refused(501, f"The emulator does not support changing SpreadsheetProperties.{name}.")
        work.book.properties[name] = value
    return {}


HANDLERS = {
    "addSheet": add_sheet,
    "duplicateSheet": duplicate_sheet,
    "deleteSheet": delete_sheet,
    "updateSheetProperties": update_sheet_properties,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
}
