"""Requests that write into cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.emulator.cells import BLANK, Cell, Scalar, check_length
from tests.emulator.grid import Area, Sheet
from tests.emulator.masks import Mask, bad_mask, check_mask, overlay, parse_mask
from tests.emulator.refusals import Json, bad_request, not_supported
from tests.emulator.schema import sheets
from tests.emulator.storing import settled, stored, twinned, twinned_mask
from tests.emulator.work import Work

WRITABLE = ("userEnteredValue", "userEnteredFormat", "note", "dataValidation", "textFormatRuns")
READ_ONLY = ("effectiveValue", "effectiveFormat", "formattedValue", "hyperlink")
CONDITION_SIZES: Mapping[str, range] = {
    **{name: range(1) for name in ("TEXT_IS_EMAIL", "TEXT_IS_URL", "DATE_IS_VALID", "BLANK", "NOT_BLANK")},
    **{name: range(2, 3) for name in ("NUMBER_BETWEEN", "NUMBER_NOT_BETWEEN", "DATE_BETWEEN", "DATE_NOT_BETWEEN")},
    "BOOLEAN": range(3),
    "ONE_OF_LIST": range(1, 10_000),
    "TEXT_NOT_EQ": range(1, 10_000),
    "DATE_NOT_EQ": range(1, 10_000),
    "FILTER_EXPRESSION": range(1, 2),
}
"""How many values a condition takes; one where nothing is said (D)."""


def request_mask(body: Json, schema: str) -> Mask:
    """The request's own `fields`, which none may go without (M)."""
    text = body.get("fields", "")
    if not text.strip():
        raise bad_request("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    tree = parse_mask(text)
    check_mask(tree, sheets(), schema)
    return tree


def cell_mask(body: Json) -> Mask:
    """A mask over CellData with only what can be written."""
    tree = request_mask(body, "CellData")
    if "*" in tree:
        return {name: {} for name in WRITABLE}
    for name in tree:
        if name in READ_ONLY:
            raise bad_mask(name)
        if name not in WRITABLE:
            raise not_supported(f"writing CellData.{name}")
    return tree


def check_condition(condition: Json) -> None:
    """The number of values, and no formulas among the choices of a list (D)."""
    kind = condition.get("type")
    if kind is None:
        raise bad_request("A condition must have a type.")
    values = condition.get("values", [])
    if len(values) not in CONDITION_SIZES.get(kind, range(1, 2)):
        raise bad_request(f"Condition type '{kind}' cannot have {len(values)} ConditionValues.")
    if kind == "ONE_OF_LIST" and any(each.get("userEnteredValue", "").startswith("=") for each in values):
        raise bad_request("ConditionValue.userEnteredValue of ONE_OF_LIST cannot be a formula.")
    if kind == "ONE_OF_RANGE" and not values[0].get("userEnteredValue", "").startswith("="):
        raise bad_request("ConditionValue.userEnteredValue of ONE_OF_RANGE must be a range formula.")


def validation_rule(given: Json) -> Json:
    """A DataValidationRule as it is kept."""
    condition = given.get("condition", {})
    check_condition(condition)
    if condition["type"] in ("BLANK", "NOT_BLANK"):
        raise bad_request(f"Condition type '{condition['type']}' is not supported for data validation.")
    if any("relativeDate" in each for each in condition.get("values", [])):
        raise bad_request("Relative dates are not supported in data validation.")
    kept: Json = stored(given)
    return kept


def changer(work: Work, data: Json, mask: Mask) -> Callable[[Cell], Cell]:
    """What writing this CellData makes of a cell; the mask's other fields go back to their defaults (D)."""
    value, formula = _entered(work, data.get("userEnteredValue"))
    fields: dict[str, object] = {}
    if "userEnteredValue" in mask:
        fields.update(value=value, formula=formula, runs=None)
    if "note" in mask:
        fields["note"] = data.get("note", "")
    if "dataValidation" in mask:
        fields["validation"] = validation_rule(data["dataValidation"]) if data.get("dataValidation") else None
    if "textFormatRuns" in mask:
        fields["runs"] = settled({"runs": data.get("textFormatRuns", [])}).get("runs") or None
    if "userEnteredFormat" not in mask:
        return lambda cell: cell._replace(**fields)  # type: ignore[arg-type]
    inner = twinned_mask(mask["userEnteredFormat"])
    check_format(data.get("userEnteredFormat", {}))
    wanted = twinned(data.get("userEnteredFormat", {}))
    known: dict[int, tuple[Json | None, Json | None]] = {}

    def change(cell: Cell) -> Cell:
        # Cells that shared a format share the new one too.
        if id(cell.format) not in known:
            known[id(cell.format)] = cell.format, stored(overlay(inner, cell.format or {}, wanted)) or None
        return cell._replace(format=known[id(cell.format)][1], **fields)  # type: ignore[arg-type]

    return change


def check_format(given: Json) -> None:
    """A number format needs its type (D)."""
    wanted = given.get("numberFormat")
    if wanted is not None and wanted.get("type", "NUMBER_FORMAT_TYPE_UNSPECIFIED") == "NUMBER_FORMAT_TYPE_UNSPECIFIED":
        raise bad_request("NumberFormat.type is required.")


def _entered(work: Work, given: Json | None) -> tuple[Scalar | None, str]:
    if not given:
        return None, ""
    if len(given) != 1 or "errorValue" in given:
        raise bad_request("ExtendedValue must have exactly one of numberValue, stringValue, boolValue, formulaValue.")
    if "formulaValue" in given:
        formula: str = given["formulaValue"]
        check_length(formula)
        if not formula.startswith("="):
            raise bad_request("ExtendedValue.formulaValue must begin with =.")
        return work.value_of(formula), formula
    value: Scalar = next(iter(given.values()))
    if isinstance(value, str):
        check_length(value)
    return (None if value == "" else value), ""


def write(sheet: Sheet, row: int, column: int, change: Callable[[Cell], Cell]) -> None:
    """Change one cell; what a merged block hides holds no value."""
    cell = change(sheet.cell(row, column))
    if cell.value is not None and sheet.merges and sheet.merge_over(row, column):
        cell = cell._replace(value=None, formula="")
    sheet.put(row, column, BLANK if cell == BLANK else cell)


def update_cells(work: Work, body: Json) -> Json:
    """`range`: masked fields of cells without a CellData are cleared. `start`: only cells given are touched (D)."""
    mask = cell_mask(body)
    lines = [line.get("values", []) for line in body.get("rows", [])]
    height, width = len(lines), max(map(len, lines), default=0)
    if ("range" in body) == ("start" in body):
        raise bad_request("Exactly one of range or start must be set.")
    if "start" in body:
        area = start_area(work, body["start"], height, width)
    else:
        area = work.book.area(body["range"])
        if height > area.height:
            raise bad_request(
                f"Attempting to write row: {area.first_row + area.height}, beyond the last requested row of: "
                f"{area.end_row - 1}"
            )
        if width > area.width:
            raise bad_request(
                f"Attempting to write column: {area.first_column + area.width}, beyond the last requested column of: "
                f"{area.end_column - 1}"
            )
    work.check_editable(area)
    sheet = work.book.edit(area.sheet.id)
    clear = changer(work, {}, mask)
    for row, column in area.places():
        line = lines[row - area.first_row] if row - area.first_row < height else []
        place = column - area.first_column
        if place < len(line):
            write(sheet, row, column, changer(work, line[place], mask) if line[place] else clear)
        elif "range" in body:
            write(sheet, row, column, clear)
    return {}


def start_area(work: Work, start: Json, height: int, width: int) -> Area:
    """The cells from a GridCoordinate on."""
    row, column = start.get("rowIndex", 0), start.get("columnIndex", 0)
    return work.book.area(
        {
            "sheetId": start.get("sheetId", 0),
            "startRowIndex": row,
            "endRowIndex": row + max(height, 1),
            "startColumnIndex": column,
            "endColumnIndex": column + max(width, 1),
        }
    )


def repeat_cell(work: Work, body: Json) -> Json:
    """One CellData over a whole range. A formula's references are not rewritten from cell to cell."""
    mask = cell_mask(body)
    area = work.book.area(body.get("range", {}))
    work.check_editable(area)
    sheet = work.book.edit(area.sheet.id)
    change = changer(work, body.get("cell", {}), mask)
    for row, column in area.places():
        write(sheet, row, column, change)
    return {}


def append_cells(work: Work, body: Json) -> Json:
    """After the last row of the tab that holds anything to read; the grid grows (D)."""
    mask = cell_mask(body)
    if "tableId" in body:
        raise not_supported("tables")
    found = work.book.sheet(body.get("sheetId", 0))
    if found is None or found.kind != "GRID":
        raise bad_request(f"No grid with id: {body.get('sheetId', 0)}")
    lines = [line.get("values", []) for line in body.get("rows", [])]
    sheet = work.book.edit(found.id)
    filled = [number for number, row in enumerate(sheet.rows, 1) if any(not cell.is_blank for cell in row)]
    first = filled[-1] if filled else 0
    sheet.row_count = max(sheet.row_count, first + len(lines))
    sheet.column_count = max(sheet.column_count, max(map(len, lines), default=0))
    work.book.check_size()
    if not lines:
        return {}
    work.check_editable(Area(sheet, first, first + len(lines), 0, max(1, *map(len, lines), 1)))
    for row, line in enumerate(lines, first):
        for column, data in enumerate(line):
            write(sheet, row, column, changer(work, data, mask))
    return {}


def set_data_validation(work: Work, body: Json) -> Json:
    """One rule a cell; no rule takes it away (D)."""
    area = work.book.area(body.get("range", {}))
    work.check_editable(area)
    rule = validation_rule(body["rule"]) if "rule" in body else None
    sheet = work.book.edit(area.sheet.id)
    for row, column in area.places():
        if not _is_filtered(sheet, row) or body.get("filteredRowsIncluded"):
            write(sheet, row, column, lambda cell: cell._replace(validation=rule))
    return {}


def _is_filtered(sheet: Sheet, row: int) -> bool:
    return bool(sheet.dimensions["ROWS"].get(row, {}).get("hiddenByFilter"))


BORDER_SIDES = ("top", "bottom", "left", "right", "innerHorizontal", "innerVertical")


def update_borders(work: Work, body: Json) -> Json:
    """The outer sides of the range and the lines inside; a side that is absent stays (D)."""
    area = work.book.area(body.get("range", {}))
    work.check_editable(area)
    sheet = work.book.edit(area.sheet.id)
    given = {name: settled({"border": body[name]})["border"] for name in BORDER_SIDES if name in body}
    for row, column in area.places():
        sides = {
            "top": "top" if row == area.first_row else "innerHorizontal",
            "bottom": "bottom" if row == area.end_row - 1 else "innerHorizontal",
            "left": "left" if column == area.first_column else "innerVertical",
            "right": "right" if column == area.end_column - 1 else "innerVertical",
        }
        wanted = {side: given[name] for side, name in sides.items() if name in given}
        if wanted:
            cell = sheet.cell(row, column)
            borders = {**(cell.format or {}).get("borders", {}), **wanted}
            sheet.put(row, column, cell._replace(format={**(cell.format or {}), "borders": borders}))
    return {}


HANDLERS = {
    "updateCells": update_cells,
    "repeatCell": repeat_cell,
    "appendCells": append_cells,
    "setDataValidation": set_data_validation,
    "updateBorders": update_borders,
}
