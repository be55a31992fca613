"""Requests about charts and developer metadata."""

from __future__ import annotations

from typing import Any

from tests.emulator import metadata
from tests.emulator.grid import Sheet
from tests.emulator.masks import overlay
from tests.emulator.refusals import Json, Refused, bad_request, not_supported
from tests.emulator.requests.cells import request_mask
from tests.emulator.requests.tabs import grid_sheet, new_sheet_id, taken_ids
from tests.emulator.storing import settled, stored
from tests.emulator.work import Work

# Charts

FONT = "Roboto"
SIZE = {"widthPixels": 600, "heightPixels": 371}


def chart_spec(work: Work, given: Json) -> Json:
    """A ChartSpec with what Google fills in. One without data is an internal error forever (M)."""
    if not given:
        raise bad_request("A chart must have a spec.")
    for kind in given:
        if kind.endswith("Chart") and kind not in ("basicChart", "pieChart"):
            raise not_supported(f"charts of kind {kind}")
    basic = given.get("basicChart")
    if basic is not None:
        _check_basic(basic)
    elif "pieChart" not in given:
        raise Refused(500, "Internal error encountered.")
    for source in _sources(given):
        work.book.area(source)
    filled = {
        "hiddenDimensionStrategy": "SKIP_HIDDEN_ROWS_AND_COLUMNS",
        "fontName": FONT,
        "titleTextFormat": {"fontFamily": FONT},
        **given,
    }
    if basic is not None:
        axes = [{"format": {"fontFamily": FONT}, "viewWindowOptions": {}, **axis} for axis in basic.get("axis", [])]
        filled["basicChart"] = {**basic, **({"axis": axes} if axes else {})}
    return settled(filled)


def _check_basic(basic: Json) -> None:
    if not basic.get("domains") or not basic.get("series"):
        raise Refused(500, "Internal error encountered.")
    if len(basic["domains"]) > 1:
        raise bad_request("Only one domain is supported.")
    kind = basic.get("chartType", "BASIC_CHART_TYPE_UNSPECIFIED")
    if kind == "BASIC_CHART_TYPE_UNSPECIFIED":
        raise bad_request("A basic chart must have a chartType.")
    positions = [axis.get("position") for axis in basic.get("axis", [])]
    if len(set(positions)) != len(positions) or None in positions:
        raise bad_request("Each axis must have a position of its own.")
    allowed = {"BOTTOM_AXIS"} if kind == "BAR" else {"LEFT_AXIS", "RIGHT_AXIS"}
    for series in basic["series"]:
        if series.get("targetAxis", next(iter(allowed))) not in allowed:
            raise bad_request(f"The targetAxis {series['targetAxis']} is not valid for a chart of type {kind}.")


def _sources(value: Any) -> list[Json]:
    if isinstance(value, list):
        return [source for each in value for source in _sources(each)]
    if not isinstance(value, dict):
        return []
    found = [source for name, each in value.items() if name != "sources" for source in _sources(each)]
    return [*found, *value.get("sources", [])]


def add_chart(work: Work, body: Json) -> Json:
    """Over the cells of a tab, or on a tab of its own that has no grid."""
    given = body.get("chart", {})
    taken = taken_ids(work)
    number = given.get("chartId") or work.book.new_id(taken)
    if number in taken:
        raise bad_request(f"Duplicate chart id: {number}")
    spec = chart_spec(work, given.get("spec", {}))
    place = given.get("position", {})
    if place.get("newSheet"):
        sheet = Sheet(new_sheet_id(work, None), _chart_title(work), kind="OBJECT")
        work.book.add(sheet, len(work.book.sheets))
        position: Json = {"sheetId": sheet.id}
    else:
        position = _overlay(work, place)
        anchor = position["overlayPosition"]["anchorCell"]
        sheet = work.book.edit(anchor.get("sheetId", 0))
        work.check_sheet_editable(sheet)
    chart = {"chartId": number, "spec": spec, "position": position}
    sheet.charts.append(chart)
    return {"chart": chart}


def _chart_title(work: Work) -> str:
    number = 1
    while work.book.titled(f"Chart{number}"):
        number += 1
    return f"Chart{number}"


def _overlay(work: Work, place: Json) -> Json:
    overlay_position = place.get("overlayPosition", {})
    anchor = overlay_position.get("anchorCell", {})
    sheet = grid_sheet(work, anchor.get("sheetId", 0))
    row, column = anchor.get("rowIndex", 0), anchor.get("columnIndex", 0)
    if not (0 <= row < sheet.row_count and 0 <= column < sheet.column_count):
        raise bad_request("The anchor cell of the chart is outside the grid.")
    return {"overlayPosition": {**SIZE, **stored(overlay_position), "anchorCell": stored(anchor)}}


def _chart(work: Work, number: int) -> tuple[Sheet, int]:
    for sheet in work.book.sheets:
        for place, each in enumerate(sheet.charts):
            if each["chartId"] == number:
                work.check_sheet_editable(sheet)
                return work.book.edit(sheet.id), place
    raise bad_request(f"No chart with id: {number}")


def update_chart_spec(work: Work, body: Json) -> Json:
    """There is no mask: the whole spec is replaced (M)."""
    sheet, place = _chart(work, body.get("chartId", 0))
    sheet.charts[place] = {**sheet.charts[place], "spec": chart_spec(work, body.get("spec", {}))}
    return {}


def update_object_position(work: Work, body: Json) -> Json:
    """To another place of the same or another tab."""
    mask = request_mask(body, "OverlayPosition")
    sheet, place = _chart(work, body.get("objectId", 0))
    wanted = body.get("newPosition", {})
    if wanted.get("newSheet") or "sheetId" in wanted:
        raise not_supported("moving a chart to a tab of its own")
    chart = sheet.charts[place]
    old = chart["position"].get("overlayPosition", {})
    merged = overlay(mask, old, wanted.get("overlayPosition", {}))
    position = _overlay(work, {"overlayPosition": merged})
    sheet.charts.pop(place)
    target = work.book.edit(position["overlayPosition"]["anchorCell"].get("sheetId", 0))
    moved = {**chart, "position": position}
    target.charts.insert(place if target is sheet else len(target.charts), moved)
    return {"position": position}


def delete_object(work: Work, body: Json) -> Json:
    """A chart; one on a tab of its own takes the tab with it."""
    sheet, place = _chart(work, body.get("objectId", 0))
    sheet.charts.pop(place)
    if sheet.kind == "OBJECT":
        work.book.sheets = [each for each in work.book.sheets if each is not sheet]
    return {}


# Developer metadata


def create_metadata(work: Work, body: Json) -> Json:
    """Keys may repeat; an id that is taken is refused (D)."""
    given = body.get("developerMetadata", {})
    if not given.get("metadataKey"):
        raise bad_request("DeveloperMetadata.metadataKey must be specified.")
    if given.get("visibility") not in ("DOCUMENT", "PROJECT"):
        raise bad_request("DeveloperMetadata.visibility must be specified.")
    taken = {entry["metadataId"] for entry in work.book.metadata}
    number = given.get("metadataId") or work.book.new_id(taken)
    if number < 0:
        raise bad_request("DeveloperMetadata.metadataId must be positive.")
    if number in taken:
        raise bad_request(f"Duplicate developer metadata id: {number}")
    location = metadata.check_location(work.book, given.get("location", {}))
    kept = {"metadataId": number, **stored(given), "location": location}
    work.book.metadata.append(kept)
    metadata.check_budget(work.book)
    return {"developerMetadata": metadata.shown(kept)}


def _found(work: Work, filters: list[Json]) -> list[Json]:
    if not filters:
        raise bad_request("Must specify at least one dataFilter.")
    lookups = [each.get("developerMetadataLookup") for each in filters]
    if None in lookups:
        raise not_supported("metadata by the range it lies in")
    for lookup in lookups:
        metadata.check_lookup(lookup or {})
    return [entry for entry in work.book.metadata if any(metadata.matches(entry, lookup or {}) for lookup in lookups)]


def update_metadata(work: Work, body: Json) -> Json:
    """Every entry that the filters find, with the reply to list them; nothing is listed where nothing is found (I)."""
    mask = request_mask(body, "DeveloperMetadata")
    if set(mask) - {"metadataKey", "metadataValue", "visibility"}:
        raise not_supported("changing the id or the place of metadata")
    found = _found(work, body.get("dataFilters", []))
    if not found and work.readings.update_without_match == "refused":
        raise bad_request("No developer metadata matches the data filters.")
    changed = {entry["metadataId"]: overlay(mask, entry, body.get("developerMetadata", {})) for entry in found}
    work.book.metadata = [changed.get(entry["metadataId"], entry) for entry in work.book.metadata]
    metadata.check_budget(work.book)
    return {"developerMetadata": [metadata.shown(entry) for entry in changed.values()]} if changed else {}


def delete_metadata(work: Work, body: Json) -> Json:
    """Every entry that the lookup finds; none is no error (I)."""
    found = _found(work, [body.get("dataFilter", {})])
    numbers = {entry["metadataId"] for entry in found}
    work.book.metadata = [entry for entry in work.book.metadata if entry["metadataId"] not in numbers]
    return {"deletedDeveloperMetadata": [metadata.shown(entry) for entry in found]} if found else {}


HANDLERS = {
    "addChart": add_chart,
    "updateChartSpec": update_chart_spec,
    "updateEmbeddedObjectPosition": update_object_position,
    "deleteEmbeddedObject": delete_object,
    "createDeveloperMetadata": create_metadata,
    "updateDeveloperMetadata": update_metadata,
    "deleteDeveloperMetadata": delete_metadata,
}
