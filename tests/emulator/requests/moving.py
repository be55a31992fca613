"""Requests that move or copy cells within the grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.emulator.cells import BLANK, Cell, CellError
from tests.emulator.grid import Area, Sheet
from tests.emulator.metadata import move_columns
from tests.emulator.refusals import Json, bad_request, not_supported
from tests.emulator.shifts import Permuted
from tests.emulator.work import Work, contains, overlaps


def sort_key(cell: Cell) -> tuple[int, Any]:
    """Numbers, then texts (case does not matter), then booleans, then errors."""
    value = cell.value
    if isinstance(value, CellError):
        return 3, value.code
    if isinstance(value, bool):
        return 2, value
    return (1, value.casefold()) if isinstance(value, str) else (0, value)


def sort_range(work: Work, body: Json) -> Json:
    """Values, formats, notes and rules move with their row, within the range; what is beside it stays (M).

    The column of a sort is the tab's own number (M). Empty cells come last either way.
    """
    area = work.book.area(body.get("range", {}))
    work.check_editable(area)
    specs = body.get("sortSpecs", [])
    if not specs:
        raise bad_request("At least one sortSpec must be given.")
    sheet = work.book.edit(area.sheet.id)
    order = list(range(area.first_row, area.end_row))
    for spec in reversed(specs):
        column = spec.get("dimensionIndex", 0)
        if set(spec) - {"dimensionIndex", "sortOrder"}:
            raise not_supported("sorting by colour or by data source")
        if not area.first_column <= column < area.end_column:
            raise bad_request(f"The sort column {column} is not in the range.")
        filled = [row for row in order if sheet.cell(row, column).value is not None]
        empty = [row for row in order if sheet.cell(row, column).value is None]
        filled.sort(key=lambda row: sort_key(sheet.cell(row, column)), reverse=spec.get("sortOrder") == "DESCENDING")
        order = filled + empty
    reorder(work, sheet, area, order)
    return {}


def reorder(work: Work, sheet: Sheet, area: Area, order: list[int]) -> None:
    """Put the rows of the area into this order; metadata of rows goes with its row's values (M).

    Blocks merged over several rows refuse it (R); those within one row stay where they are (I).
    """
    tall = [block for block in sheet.merges if block["endRowIndex"] - block["startRowIndex"] > 1]
    if any(overlaps(block, area) for block in tall):
        raise bad_request("You can't sort a range containing vertical merges.")
    columns = range(area.first_column, area.end_column)
    before = {row: [sheet.cell(row, column) for column in columns] for row in order}
    for target, row in enumerate(order, area.first_row):
        for column, cell in zip(columns, before[row], strict=True):
            sheet.put(target, column, cell)
    places = {row: target for target, row in enumerate(order, area.first_row)}
    shift = Permuted(area.first_row, tuple(places[row] for row in range(area.first_row, area.end_row)))
    work.book.shift_metadata(sheet.id, "ROWS", shift)


PASTES: dict[str, Callable[[Cell, Cell], Cell]] = {
    "PASTE_NORMAL": lambda _, new: new,
    "PASTE_NO_BORDERS": lambda old, new: new._replace(format=_with_borders_of(old, new)),
    "PASTE_VALUES": lambda old, new: old._replace(value=new.value, formula="", runs=new.runs),
    "PASTE_FORMULA": lambda old, new: old._replace(value=new.value, formula=new.formula, runs=new.runs),
    "PASTE_FORMAT": lambda old, new: old._replace(format=new.format),
    "PASTE_DATA_VALIDATION": lambda old, new: old._replace(validation=new.validation),
}


def _with_borders_of(old: Cell, new: Cell) -> Json | None:
    changed = {name: each for name, each in (new.format or {}).items() if name != "borders"}
    if (old.format or {}).get("borders"):
        changed["borders"] = (old.format or {})["borders"]
    return changed or None


def _paste_kind(body: Json) -> Callable[[Cell, Cell], Cell]:
    kind = body.get("pasteType", "PASTE_NORMAL")
    if kind not in PASTES:
        raise not_supported(f"pasteType {kind}")
    return PASTES[kind]


def copy_paste(work: Work, body: Json) -> Json:
    """The source again and again until the destination is full, at least once."""
    paste = _paste_kind(body)
    source = work.book.area(body.get("source", {}))
    given = work.book.area(body.get("destination", {}))
    turned = body.get("pasteOrientation") == "TRANSPOSE"
    height, width = (source.width, source.height) if turned else (source.height, source.width)
    tall = given.height // height * height if given.height % height == 0 else height
    wide = given.width // width * width if given.width % width == 0 else width
    area = work.book.area(
        {
            **given.json(),
            "endRowIndex": given.first_row + max(tall, height),
            "endColumnIndex": given.first_column + max(wide, width),
        }
    )
    work.check_editable(area)
    _check_merges(area.sheet, area)
    copied = {
        (row - source.first_row, column - source.first_column): source.sheet.cell(row, column)
        for row, column in source.places()
    }
    sheet = work.book.edit(area.sheet.id)
    for row, column in area.places():
        place = ((row - area.first_row) % height, (column - area.first_column) % width)
        cell = paste(sheet.cell(row, column), copied[place[::-1] if turned else place])
        sheet.put(row, column, BLANK if cell == BLANK else cell)
    return {}


def _check_merges(sheet: Sheet, area: Area) -> None:
    for block in sheet.merges:
        inside = Area(
            sheet, block["startRowIndex"], block["endRowIndex"], block["startColumnIndex"], block["endColumnIndex"]
        )
        if overlaps(block, area) and not contains(area.json(), inside):
            raise bad_request("You must select all cells in a merged range to paste over them.")


def cut_paste(work: Work, body: Json) -> Json:
    """The target is replaced, the source is left blank; metadata stays where it was (I)."""
    paste = _paste_kind(body)
    source = work.book.area(body.get("source", {}))
    start = body.get("destination", {})
    row, column = start.get("rowIndex", 0), start.get("columnIndex", 0)
    target = work.book.area(
        {
            "sheetId": start.get("sheetId", 0),
            "startRowIndex": row,
            "endRowIndex": row + source.height,
            "startColumnIndex": column,
            "endColumnIndex": column + source.width,
        }
    )
    work.check_editable(source)
    work.check_editable(target)
    _check_merges(source.sheet, source)
    _check_merges(target.sheet, target)
    old = work.book.edit(source.sheet.id)
    cut = [(place, old.cell(*place)) for place in source.places()]
    for place, _ in cut:
        old.put(*place, BLANK)
    sheet = work.book.edit(target.sheet.id)
    for (from_row, from_column), cell in cut:
        place = (from_row - source.first_row + row, from_column - source.first_column + column)
        sheet.put(*place, paste(sheet.cell(*place), cell))
    if source.height == old.row_count and work.readings.cut_column == "moves":
        move_columns(work.book, source, sheet.id, column)
    return {}


def insert_range(work: Work, body: Json) -> Json:
    """Blank cells; the old ones go right or down, and what falls off makes the grid grow (I)."""
    area, down = _shifting(work, body)
    sheet = work.book.edit(area.sheet.id)
    if down:
        for column in range(area.first_column, area.end_column):
            cells = [sheet.cell(row, column) for row in range(area.first_row, len(sheet.rows))]
            _put_column(sheet, area.first_row, column, [BLANK] * area.height + cells)
    else:
        for row in range(area.first_row, min(area.end_row, len(sheet.rows))):
            line = sheet.rows[row]
            if len(line) > area.first_column:
                line[area.first_column : area.first_column] = [BLANK] * area.width
                sheet.column_count = max(sheet.column_count, len(line))
    work.book.check_size()
    return {}


def delete_range(work: Work, body: Json) -> Json:
    """The cells to the right or below take the place."""
    area, down = _shifting(work, body)
    sheet = work.book.edit(area.sheet.id)
    if down:
        for column in range(area.first_column, area.end_column):
            cells = [sheet.cell(row, column) for row in range(area.end_row, len(sheet.rows))]
            _put_column(sheet, area.first_row, column, cells + [BLANK] * area.height)
    else:
        for row in range(area.first_row, min(area.end_row, len(sheet.rows))):
            del sheet.rows[row][area.first_column : area.end_column]
    return {}


def _put_column(sheet: Sheet, first_row: int, column: int, cells: list[Cell]) -> None:
    while cells and cells[-1] == BLANK and first_row + len(cells) > sheet.row_count:
        cells.pop()
    sheet.row_count = max(sheet.row_count, first_row + len(cells))
    for row, cell in enumerate(cells, first_row):
        sheet.put(row, column, cell)


def _shifting(work: Work, body: Json) -> tuple[Area, bool]:
    area = work.book.area(body.get("range", {}))
    if body.get("shiftDimension") not in ("ROWS", "COLUMNS"):
        raise bad_request("The shiftDimension must be ROWS or COLUMNS.")
    down = body["shiftDimension"] == "ROWS"
    sheet = area.sheet
    rest = Area(
        sheet,
        area.first_row,
        sheet.row_count if down else area.end_row,
        area.first_column,
        area.end_column if down else sheet.column_count,
    )
    work.check_editable(rest)
    if any(overlaps(block, rest) for block in sheet.merges):
        raise not_supported("shifting cells of a tab where that would move merged cells")
    return area, down


HANDLERS = {
    "sortRange": sort_range,
    "copyPaste": copy_paste,
    "cutPaste": cut_paste,
    "insertRange": insert_range,
    "deleteRange": delete_range,
}
