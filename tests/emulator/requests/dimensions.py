"""Requests about whole rows and columns."""

from __future__ import annotations

from tests.emulator.cells import Cell
from tests.emulator.grid import Area, Sheet
from tests.emulator.masks import overlay
from tests.emulator.refusals import Json, bad_request, not_supported
from tests.emulator.requests.cells import request_mask
from tests.emulator.requests.tabs import grid_sheet
from tests.emulator.shifts import SIDES, Deleted, Inserted
from tests.emulator.storing import stored
from tests.emulator.work import Work, overlaps

DIMENSIONS = ("ROWS", "COLUMNS")


def span(work: Work, given: Json, beyond: bool = False) -> tuple[Sheet, str, int, int]:
    """What a DimensionRange names: the tab, the dimension, the first and the end. Raises `Refused`."""
    if given.get("dimension") not in DIMENSIONS:
        raise bad_request("The dimension must be ROWS or COLUMNS.")
    sheet = grid_sheet(work, given.get("sheetId", 0))
    dimension: str = given["dimension"]
    start, end = given.get("startIndex", 0), given.get("endIndex", sheet.count(dimension))
    if start < 0 or end <= start:
        raise bad_request("Invalid dimension range: the end must be greater than the start, and neither be negative.")
    if not beyond and end > sheet.count(dimension):
        raise bad_request(
            f"Invalid dimension range: endIndex[{end}] must not be after the end of the sheet[{sheet.count(dimension)}]"
        )
    return sheet, dimension, start, end


def lines(sheet: Sheet, dimension: str, start: int, end: int) -> Area:
    """The rows or columns as an area."""
    if dimension == "ROWS":
        return Area(sheet, start, end, 0, sheet.column_count)
    return Area(sheet, 0, sheet.row_count, start, end)


def update_dimension_properties(work: Work, body: Json) -> Json:
    """Size and hiding; a masked field that is absent goes back to its default."""
    mask = request_mask(body, "DimensionProperties")
    if "dataSourceSheetRange" in body:
        raise not_supported("data sources")
    if "developerMetadata" in mask or "hiddenByFilter" in mask:
        raise bad_request("Only hiddenByUser and pixelSize can be changed.")
    sheet, dimension, start, end = span(work, body.get("range", {}))
    work.check_sheet_editable(sheet)
    given = body.get("properties", {})
    if given.get("pixelSize", 0) < 0:
        raise bad_request("The pixel size cannot be negative.")
    edited = work.book.edit(sheet.id)
    for index in range(start, end):
        edited.dimensions[dimension][index] = stored(overlay(mask, edited.dimensions[dimension].get(index, {}), given))
    return {}


PIXELS_A_LETTER = 7
MARGIN = 9


def auto_resize(work: Work, body: Json) -> Json:
    """Columns as wide as their longest text, roughly; rows at their default height."""
    if "dimensions" not in body:
        raise not_supported("autoResizeDimensions of data sources")
    sheet, dimension, start, end = span(work, body["dimensions"])
    edited = work.book.edit(sheet.id)
    for index in range(start, end):
        held = {name: each for name, each in edited.dimensions[dimension].get(index, {}).items() if name != "pixelSize"}
        if dimension == "COLUMNS":
            longest = max((len(str(row[index].value or "")) for row in edited.rows if index < len(row)), default=0)
            if longest:
                held["pixelSize"] = longest * PIXELS_A_LETTER + MARGIN
        edited.dimensions[dimension][index] = held
    return {}


def append_dimension(work: Work, body: Json) -> Json:
    """More rows or columns at the end."""
    if body.get("dimension") not in DIMENSIONS:
        raise bad_request("The dimension must be ROWS or COLUMNS.")
    sheet = grid_sheet(work, body.get("sheetId", 0))
    length = body.get("length", 0)
    if length < 1:
        raise bad_request("The length must be at least 1.")
    work.check_sheet_editable(sheet)
    edited = work.book.edit(sheet.id)
    if body["dimension"] == "ROWS":
        edited.row_count += length
    else:
        edited.column_count += length
    work.book.check_size()
    return {}


def insert_dimension(work: Work, body: Json) -> Json:
    """New rows or columns with the looks of the ones before or after; protections around them must be open (R)."""
    sheet, dimension, start, end = span(work, body.get("range", {}), beyond=True)
    before = bool(body.get("inheritFromBefore"))
    if start > sheet.count(dimension):
        raise bad_request(f"range.startIndex[{start}] is beyond the end of the sheet[{sheet.count(dimension)}]")
    if before and start == 0:
        raise bad_request("inheritFromBefore cannot be true if inserting at the first row or column.")
    if not before and start == sheet.count(dimension):
        raise bad_request("inheritFromBefore must be true if inserting at the end of the sheet.")
    check_insertable(work, sheet, dimension, start)
    edited = work.book.edit(sheet.id)
    insert(work, edited, dimension, start, end - start)
    model = start - 1 if before else end
    _inherit(edited, dimension, model, start, end)
    return {}


def insert(work: Work, sheet: Sheet, dimension: str, start: int, count: int) -> None:
    """Insert blank rows or columns; everything behind them moves."""
    if dimension == "ROWS":
        sheet.row_count += count
    else:
        sheet.column_count += count
    work.book.check_size()
    work.book.shift(sheet.id, dimension, Inserted(start, count))


def check_insertable(work: Work, sheet: Sheet, dimension: str, at: int) -> None:
    """A protection that new rows or columns would come into, and that shuts the caller out, refuses them (R)."""
    first, last = SIDES[dimension]
    for protection in sheet.protected:
        area = protection["range"]
        inside = area.get(first, -1) < at < area.get(last, sheet.count(dimension) + 1)
        if inside and not work.document.may_edit(work.caller, protection):
            raise work.protected_text()


def _inherit(sheet: Sheet, dimension: str, model: int, start: int, end: int) -> None:
    sizes = sheet.dimensions[dimension]
    if model in sizes:
        sizes.update(dict.fromkeys(range(start, end), sizes[model]))
    across = range(sheet.column_count) if dimension == "ROWS" else range(len(sheet.rows))
    for index in range(start, end):
        for other in across:
            pattern = sheet.cell(model, other) if dimension == "ROWS" else sheet.cell(other, model)
            if pattern.format or pattern.validation:
                row, column = (index, other) if dimension == "ROWS" else (other, index)
                sheet.put(row, column, Cell(format=pattern.format, validation=pattern.validation))


def delete_dimension(work: Work, body: Json) -> Json:
    """Rows or columns with everything that is only on them."""
    sheet, dimension, start, end = span(work, body.get("range", {}))
    work.check_editable(lines(sheet, dimension, start, end))
    if end - start >= sheet.count(dimension):
        raise bad_request(f"You can't delete all the {dimension.lower()} on the sheet.")
    frozen = sheet.grid_properties.get("frozenRowCount" if dimension == "ROWS" else "frozenColumnCount", 0)
    left = sheet.count(dimension) - (end - start)
    frozen_left = frozen - max(0, min(end, frozen) - start)
    if frozen and left <= frozen_left:
        raise bad_request(f"Sorry, it is not possible to delete all non-frozen {dimension.lower()}.")
    edited = work.book.edit(sheet.id)
    work.book.shift(sheet.id, dimension, Deleted(start, end))
    if dimension == "ROWS":
        edited.row_count = left
    else:
        edited.column_count = left
    if frozen_left != frozen:
        name = "frozenRowCount" if dimension == "ROWS" else "frozenColumnCount"
        edited.grid_properties = stored({**edited.grid_properties, name: frozen_left})
    return {}


def move_dimension(work: Work, body: Json) -> Json:
    """`destinationIndex` is counted before the rows or columns are taken out (M)."""
    sheet, dimension, start, end = span(work, body.get("source", {}))
    to = body.get("destinationIndex", 0)
    if not 0 <= to <= sheet.count(dimension):
        raise bad_request(f"destinationIndex[{to}] is out of range.")
    if start <= to <= end:
        return {}
    low, high = min(start, to), max(end, to)
    first, last = SIDES[dimension]
    for block in sheet.merges:
        if any(block[first] < edge < block[last] for edge in (start, end, to)):
            raise bad_request("Sorry, it is not possible to move only part of a merged cell.")
    work.check_editable(lines(sheet, dimension, start, end))
    check_insertable(work, sheet, dimension, to)
    assert overlaps({}, lines(sheet, dimension, low, high))
    work.book.move_rows(sheet.id, dimension, start, end, to)
    return {}


def add_group(work: Work, body: Json) -> Json:
    """Groups that lie inside others are one deeper; the reply lists all of the dimension."""
    sheet, dimension, start, end = span(work, body.get("range", {}))
    edited = work.book.edit(sheet.id)
    around = [group for group in edited.groups[dimension] if _inside(start, end, group["range"])]
    place = {"dimension": dimension, "startIndex": start, "endIndex": end}
    if sheet.id:
        place = {"sheetId": sheet.id, **place}
    deeper = [
        {**group, "depth": group["depth"] + 1}
        if start <= group["range"]["startIndex"] and group["range"]["endIndex"] <= end
        else group
        for group in edited.groups[dimension]
    ]
    edited.groups[dimension] = [*deeper, {"range": place, "depth": len(around) + 1}]
    if any(group["depth"] > 8 for group in edited.groups[dimension]):
        raise bad_request("A dimension can have groups of at most depth 8.")
    name = "rowGroupControlAfter" if dimension == "ROWS" else "columnGroupControlAfter"
    edited.grid_properties.setdefault(name, True)
    return {"dimensionGroups": edited.groups[dimension]}


def _inside(start: int, end: int, around: Json) -> bool:
    proper = (around["startIndex"], around["endIndex"]) != (start, end)
    return bool(around["startIndex"] <= start and end <= around["endIndex"] and proper)


def delete_group(work: Work, body: Json) -> Json:
    """Only a group of exactly this range."""
    sheet, dimension, start, end = span(work, body.get("range", {}))
    edited = work.book.edit(sheet.id)
    left = [
        group
        for group in edited.groups[dimension]
        if (group["range"]["startIndex"], group["range"]["endIndex"]) != (start, end)
    ]
    if len(left) == len(edited.groups[dimension]):
        raise bad_request("There is no group of this range.")
    edited.groups[dimension] = [
        {**group, "depth": group["depth"] - 1}
        if start <= group["range"]["startIndex"] and group["range"]["endIndex"] <= end
        else group
        for group in left
    ]
    return {"dimensionGroups": edited.groups[dimension]} if edited.groups[dimension] else {}


HANDLERS = {
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize,
    "appendDimension": append_dimension,
    "insertDimension": insert_dimension,
    "deleteDimension": delete_dimension,
    "moveDimension": move_dimension,
    "addDimensionGroup": add_group,
    "deleteDimensionGroup": delete_group,
}
