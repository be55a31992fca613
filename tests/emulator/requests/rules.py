"""Requests that lay something over ranges: merges, conditional formats, protections, names, bands, filters."""

from __future__ import annotations

from tests.emulator import a1
from tests.emulator.grid import Area, Sheet
from tests.emulator.masks import overlay
from tests.emulator.refusals import Json, Refused, bad_request, not_supported
from tests.emulator.requests.cells import check_condition, request_mask
from tests.emulator.requests.tabs import find, grid_sheet, taken_ids
from tests.emulator.storing import settled, stored, twinned_mask
from tests.emulator.work import Work, contains, is_whole, overlaps

# Merges


def merge_cells(work: Work, body: Json) -> Json:
    """Only the first cell of a block keeps its value; blocks may not be cut, nor the edge of what is frozen (M)."""
    area = work.book.area(body.get("range", {}))
    work.check_editable(area)
    kind = body.get("mergeType", "MERGE_ALL")
    sheet = work.book.edit(area.sheet.id)
    sheet.merges = _without_blocks(sheet, area)
    _check_frozen_edge(sheet, area)
    for block in _blocks(area, kind):
        if block.height * block.width == 1:
            continue
        sheet.merges.append(stored(block.json()))
        for row, column in list(block.places())[1:]:
            cell = sheet.cell(row, column)
            if not cell.is_blank:
                sheet.put(row, column, cell._replace(value=None, formula="", runs=None))
    return {}


def unmerge_cells(work: Work, body: Json) -> Json:
    area = work.book.area(body.get("range", {}))
    work.check_editable(area)
    sheet = work.book.edit(area.sheet.id)
    sheet.merges = _without_blocks(sheet, area)
    return {}


def _without_blocks(sheet: Sheet, area: Area) -> list[Json]:
    left = []
    for block in sheet.merges:
        if not overlaps(block, area):
            left.append(block)
        elif not contains(area.json(), Area(sheet, *(block[name] for name in _BLOCK_SIDES))):
            raise bad_request("You must select all cells in a merged range to merge or unmerge them.")
    return left


_BLOCK_SIDES = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")


def _check_frozen_edge(sheet: Sheet, area: Area) -> None:
    for edge, first, end, what in (
        (sheet.grid_properties.get("frozenRowCount", 0), area.first_row, area.end_row, "rows"),
        (sheet.grid_properties.get("frozenColumnCount", 0), area.first_column, area.end_column, "columns"),
    ):
        if first < edge < end:
            raise bad_request(f"You can't merge frozen and non-frozen {what}.")


def _blocks(area: Area, kind: str) -> list[Area]:
    if kind == "MERGE_ROWS":
        return [
            Area(area.sheet, row, row + 1, area.first_column, area.end_column)
            for row in range(area.first_row, area.end_row)
        ]
    if kind == "MERGE_COLUMNS":
        return [
            Area(area.sheet, area.first_row, area.end_row, column, column + 1)
            for column in range(area.first_column, area.end_column)
        ]
    return [area]


# Conditional formats

NOT_FOR_FORMATS = {"ONE_OF_LIST", "ONE_OF_RANGE", "BOOLEAN", "TEXT_IS_EMAIL", "TEXT_IS_URL", "DATE_IS_VALID"}
FORMATS = {"backgroundColor", "backgroundColorStyle", "textFormat"}
TEXT_FORMATS = {"bold", "italic", "strikethrough", "foregroundColor", "foregroundColorStyle"}


def conditional_rule(work: Work, given: Json) -> tuple[Sheet, Json]:
    """A ConditionalFormatRule as it is kept, and the one tab that its ranges are on (D)."""
    ranges = given.get("ranges", [])
    if not ranges:
        raise bad_request("A conditional format must have at least one range.")
    if len({area.get("sheetId", 0) for area in ranges}) > 1:
        raise bad_request("All ranges of a conditional format must be on the same sheet.")
    areas = [work.book.area(area) for area in ranges]
    for area in areas:
        work.check_editable(area)
    if ("booleanRule" in given) == ("gradientRule" in given):
        raise bad_request("Exactly one of booleanRule or gradientRule must be set.")
    if "booleanRule" in given:
        _check_boolean_rule(given["booleanRule"])
    kept: Json = {**settled(given), "ranges": [stored(area.json()) for area in areas]}
    return areas[0].sheet, kept


def _check_boolean_rule(rule: Json) -> None:
    condition = rule.get("condition", {})
    check_condition(condition)
    if condition["type"] in NOT_FOR_FORMATS:
        raise bad_request(f"Condition type '{condition['type']}' is not supported for conditional formatting.")
    if condition["type"] == "CUSTOM_FORMULA":
        _check_formula(condition["values"][0].get("userEnteredValue", ""))
    wanted = rule.get("format", {})
    if set(wanted) - FORMATS or set(wanted.get("textFormat", {})) - TEXT_FORMATS:
        raise bad_request("Only bold, italic, strikethrough, foreground color and background color are supported.")


def _check_formula(formula: str) -> None:
    """It stays within its tab (R); that it must be one at all is our own addition."""
    outside = "".join(formula.split('"')[::2])
    if not formula.startswith("="):
        raise bad_request("A custom formula must begin with =.")
    if "!" in outside and "INDIRECT(" not in outside:
        raise bad_request("Conditional format rule cannot reference a different sheet.")
    if formula.count('"') % 2 or outside.count("(") != outside.count(")"):
        raise bad_request("Invalid formula in a conditional format rule.")


def add_conditional_format(work: Work, body: Json) -> Json:
    """At the index given, which pushes the others down."""
    sheet, rule = conditional_rule(work, body.get("rule", {}))
    edited = work.book.edit(sheet.id)
    index = body.get("index", 0)
    if not 0 <= index <= len(edited.conditional_formats):
        raise bad_request(f"No conditional format on sheet: {sheet.id} at index: {index}")
    edited.conditional_formats.insert(index, rule)
    return {}


def _rule_at(work: Work, body: Json) -> tuple[Sheet, int]:
    sheet = grid_sheet(work, body.get("sheetId", 0))
    index = body.get("index", 0)
    if not 0 <= index < len(sheet.conditional_formats):
        raise bad_request(f"No conditional format on sheet: {sheet.id} at index: {index}")
    return work.book.edit(sheet.id), index


def update_conditional_format(work: Work, body: Json) -> Json:
    """Another rule at the same place, or the same rule at another."""
    if "newIndex" in body:
        sheet, index = _rule_at(work, body)
        moved = sheet.conditional_formats.pop(index)
        sheet.conditional_formats.insert(body["newIndex"], moved)
        return {"newRule": moved, "newIndex": body["newIndex"], "oldIndex": index}
    on, rule = conditional_rule(work, body.get("rule", {}))
    sheet, index = _rule_at(work, {"sheetId": on.id, **body})
    old = sheet.conditional_formats[index]
    sheet.conditional_formats[index] = rule
    return stored({"newRule": rule, "newIndex": index, "oldRule": old, "oldIndex": index})  # type: ignore[no-any-return]


def delete_conditional_format(work: Work, body: Json) -> Json:
    sheet, index = _rule_at(work, body)
    return {"rule": sheet.conditional_formats.pop(index)}


# Protections


def add_protected_range(work: Work, body: Json) -> Json:
    """Whoever adds it stays able to edit; the reply shows what was sent (C)."""
    given = body.get("protectedRange", {})
    protection = _protection(work, given)
    number = _object_id(work, given.get("protectedRangeId"), "protected range")
    users = protection.get("editors", {}).get("users", [])
    kept = {"protectedRangeId": number, **protection}
    reply = {**kept, "requestingUserCanEdit": True, "editors": protection.get("editors", {})}
    if not protection.get("warningOnly"):
        kept["editors"] = {**protection.get("editors", {}), "users": sorted({*users, work.caller})}
    sheet = work.book.edit(protection["range"].get("sheetId", 0))
    sheet.protected.append(kept)
    return {"protectedRange": reply}


def _object_id(work: Work, given: int | None, what: str) -> int:
    taken = taken_ids(work)
    if not given:
        return work.book.new_id(taken)
    if given in taken:
        raise bad_request(f"Duplicate {what} id: {given}")
    return given


def _protection(work: Work, given: Json, but: int | None = None) -> Json:
    if "namedRangeId" in given or "tableId" in given:
        raise not_supported("protecting named ranges and tables")
    area = given.get("range")
    if area is None:
        raise bad_request("A protected range must have a range.")
    sheet = grid_sheet(work, area.get("sheetId", 0))
    work.book.area(area)
    kept: Json = stored({name: each for name, each in given.items() if name not in _NOT_KEPT})
    kept["range"] = stored(area)
    if given.get("warningOnly"):
        if any(stored(given.get("editors", {})).values()):
            raise bad_request("ProtectedRange is warningOnly. Editors cannot be set on it.")
        kept.pop("editors", None)
    if kept.get("unprotectedRanges") and not is_whole(area):
        raise bad_request("ProtectedRange.unprotectedRanges is only supported for sheet protection.")
    _check_second(sheet, area, but)
    for user in kept.get("editors", {}).get("users", []):
        if "@" not in user:
            raise bad_request(f"Invalid editor: {user}")
    return kept


_NOT_KEPT = ("protectedRangeId", "requestingUserCanEdit")


def _check_second(sheet: Sheet, area: Json, but: int | None) -> None:
    others = [each for each in sheet.protected if each["protectedRangeId"] != but]
    if is_whole(area) and any(is_whole(each["range"]) for each in others):
        raise bad_request(f'Sheet "{sheet.title}" already has sheet protection.')


def _protected(work: Work, number: int) -> tuple[Sheet, int]:
    for sheet in work.book.sheets:
        for place, each in enumerate(sheet.protected):
            if each["protectedRangeId"] == number:
                if not work.document.may_edit(work.caller, {**each, "warningOnly": False}) and "editors" in each:
                    raise work.protected_text()
                return work.book.edit(sheet.id), place
    raise bad_request(f"No protected range with id: {number}")


def update_protected_range(work: Work, body: Json) -> Json:
    """`editors` is replaced whole (D)."""
    mask = request_mask(body, "ProtectedRange")
    given = body.get("protectedRange", {})
    number = given.get("protectedRangeId", 0)
    sheet, place = _protected(work, number)
    old = sheet.protected[place]
    merged = overlay({name: {} for name in mask}, old, given)
    if merged.get("warningOnly") and "editors" not in mask:
        merged.pop("editors", None)
    if old.get("warningOnly") and not merged.get("warningOnly") and not merged.get("editors"):
        merged["editors"] = {"users": sorted(who for who, role in work.document.roles.items() if role == "writer")}
    protection = _protection(work, merged, but=number)
    if not protection.get("warningOnly"):
        editors = protection.get("editors", {})
        protection["editors"] = {**editors, "users": sorted({*editors.get("users", []), work.caller})}
    if protection["range"].get("sheetId", 0) != sheet.id:
        raise not_supported("moving a protection to another tab")
    sheet.protected[place] = {"protectedRangeId": number, **protection}
    return {}


def delete_protected_range(work: Work, body: Json) -> Json:
    sheet, place = _protected(work, body.get("protectedRangeId", 0))
    sheet.protected.pop(place)
    return {}


# Named ranges


def _check_name(work: Work, name: str, but: str = "") -> None:
    """No spaces, nothing that looks like a cell (M), and not twice."""
    plain = name.replace(".", "_")
    if not a1.PLAIN_TITLE.fullmatch(plain) or a1.LOOKS_LIKE_A_CELL.fullmatch(name):
        raise bad_request(f"The name [{name}] is not valid for a named range.")
    folded = name.casefold()
    if any(each["name"].casefold() == folded and each["namedRangeId"] != but for each in work.book.named_ranges):
        raise bad_request(f"Cannot add named range with name: {name}. A named range with that name already exists.")


def add_named_range(work: Work, body: Json) -> Json:
    given = body.get("namedRange", {})
    _check_name(work, given.get("name", ""))
    area = work.book.area(given.get("range", {}))
    taken = {each["namedRangeId"] for each in work.book.named_ranges}
    number = given.get("namedRangeId") or str(work.book.new_id({int(each) for each in taken if each.isdigit()}))
    if number in taken:
        raise bad_request(f"Duplicate named range id: {number}")
    kept = {"namedRangeId": number, "name": given["name"], "range": stored(area.json())}
    work.book.named_ranges.append(kept)
    return {"namedRange": kept}


def _named(work: Work, number: str) -> int:
    for place, each in enumerate(work.book.named_ranges):
        if each["namedRangeId"] == number:
            return place
    raise bad_request(f"No named range with id: {number}")


def update_named_range(work: Work, body: Json) -> Json:
    mask = request_mask(body, "NamedRange")
    given = body.get("namedRange", {})
    number = given.get("namedRangeId", "")
    place = _named(work, number)
    changed = overlay({name: {} for name in mask}, work.book.named_ranges[place], given)
    _check_name(work, changed.get("name", ""), but=number)
    changed["range"] = stored(work.book.area(changed.get("range", {})).json())
    work.book.named_ranges[place] = {**changed, "namedRangeId": number}
    return {}


def delete_named_range(work: Work, body: Json) -> Json:
    work.book.named_ranges.pop(_named(work, body.get("namedRangeId", "")))
    return {}


# Bands


def _banding(work: Work, given: Json) -> Json:
    """Both band colours are required (D); bands may not overlap."""
    area = work.book.area(given.get("range", {}))
    work.check_editable(area)
    bands = [given[name] for name in ("rowProperties", "columnProperties") if name in given]
    if not bands:
        raise bad_request("At least one of rowProperties or columnProperties must be set.")
    for band in bands:
        for name in ("firstBandColor", "secondBandColor"):
            if name not in band and f"{name}Style" not in band:
                raise bad_request(f"BandingProperties.{name} is required.")
    number = given.get("bandedRangeId")
    if any(each["bandedRangeId"] != number and overlaps(each["range"], area) for each in area.sheet.bandings):
        raise bad_request("You cannot add alternating background colors to a range that already has them.")
    return {**settled(given), "range": stored(area.json())}


def add_banding(work: Work, body: Json) -> Json:
    given = body.get("bandedRange", {})
    if "bandedRangeId" in given:
        _object_id(work, given["bandedRangeId"], "banded range")
    kept = _banding(work, given)
    kept = {"bandedRangeId": given.get("bandedRangeId") or work.book.new_id(taken_ids(work)), **kept}
    work.book.edit(kept["range"].get("sheetId", 0)).bandings.append(kept)
    return {"bandedRange": kept}


def _banded(work: Work, number: int) -> tuple[Sheet, int]:
    for sheet in work.book.sheets:
        for place, each in enumerate(sheet.bandings):
            if each["bandedRangeId"] == number:
                return work.book.edit(sheet.id), place
    raise bad_request(f"No banded range with id: {number}")


def update_banding(work: Work, body: Json) -> Json:
    mask = request_mask(body, "BandedRange")
    given = body.get("bandedRange", {})
    sheet, place = _banded(work, given.get("bandedRangeId", 0))
    sheet.bandings[place] = _banding(work, overlay(twinned_mask(mask), sheet.bandings[place], settled(given)))
    return {}


def delete_banding(work: Work, body: Json) -> Json:
    sheet, place = _banded(work, body.get("bandedRangeId", 0))
    sheet.bandings.pop(place)
    return {}


# Filters


def set_basic_filter(work: Work, body: Json) -> Json:
    """One a tab; it is there at once, but hides and sorts nothing in the emulator unless it has no criteria."""
    given = body.get("filter", {})
    if given.get("criteria") or given.get("filterSpecs") or given.get("sortSpecs"):
        raise not_supported("filters that hide or sort rows")
    area = work.book.area(given.get("range", {}))
    work.book.edit(area.sheet.id).basic_filter = {**stored(given), "range": stored(area.json())}
    return {}


def clear_basic_filter(work: Work, body: Json) -> Json:
    sheet = find(work, body.get("sheetId", 0))
    work.book.edit(sheet.id).basic_filter = None
    return {}


def add_filter_view(work: Work, body: Json) -> Json:
    """Private to who uses it; no data is moved (D)."""
    given = body.get("filter", {})
    area = work.book.area(given.get("range", {}))
    number = _object_id(work, given.get("filterViewId"), "filter view")
    sheet = work.book.edit(area.sheet.id)
    title = given.get("title") or f"Filter {len(sheet.filter_views) + 1}"
    kept = {"filterViewId": number, "title": title, **settled(given), "range": stored(area.json())}
    sheet.filter_views.append(kept)
    return {"filter": kept}


def delete_filter_view(work: Work, body: Json) -> Json:
    number = body.get("filterId", 0)
    for sheet in work.book.sheets:
        for place, each in enumerate(sheet.filter_views):
            if each["filterViewId"] == number:
                work.book.edit(sheet.id).filter_views.pop(place)
                return {}
    raise Refused(400, f"No filter view with id: {number}")


HANDLERS = {
    "mergeCells": merge_cells,
    "unmergeCells": unmerge_cells,
    "addConditionalFormatRule": add_conditional_format,
    "updateConditionalFormatRule": update_conditional_format,
    "deleteConditionalFormatRule": delete_conditional_format,
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
    "addNamedRange": add_named_range,
    "updateNamedRange": update_named_range,
    "deleteNamedRange": delete_named_range,
    "addBanding": add_banding,
    "updateBanding": update_banding,
    "deleteBanding": delete_banding,
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addFilterView": add_filter_view,
    "deleteFilterView": delete_filter_view,
}
