"""Values, notes, formats and validations of the cells of a Google tab: requests for what differs, and no others."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

from automation.adapters.google.api.values import as_kept, cell_data
from automation.adapters.google.drawing.areas import Area, blocks, grid_range, joined, stripes_of
from automation.adapters.google.drawing.present import CellLooks, PresentTab, extent
from automation.adapters.google.drawing.styles import (
    ALIGNMENT,
    COMPUTED_HEADER,
    DATE_TYPES,
    FILLED_ROLES,
    INK_COLOUR,
    INPUT_HEADER,
    LINK,
    NUMBER,
    NUMBER_FORMATS,
    ROLE_STYLES,
    WRAP,
    Leaf,
    Patch,
    Rule,
    alignment_of,
    as_validation,
    cell_format,
    column_rule,
    format_rule,
    is_dropdown,
    number_format_of,
    patch,
)
from automation.base.messages import text
from automation.core.model.layout import CellLook, ColumnLook, Format, Protection, Role, TabLook, runs
from automation.core.model.workbook import Cell
from automation.core.reading.cells import is_blank, read_date

Request: TypeAlias = dict[str, Any]
"""One request of a batchUpdate."""

_NO_RULE = Rule("")


def draw_cells(look: TabLook, tab: PresentTab, is_new: bool) -> Iterator[Request]:
    """What makes the cells of the tab those of the look; but for the values above the headers of a tab that people
    have, which go by the identity of their line.
    """
    values = new_values(look, tab)
    placed = [place for place in values if is_new or not look.is_above_people(place[0])]
    yield from _update_cells(tab, {each: cell_data(as_kept(values[each])) for each in placed}, "userEnteredValue")
    yield from _styles(look, tab)
    yield from _rules(look, tab)
    yield from _notes(look, tab)


def make_room(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    """Columns of their own for headers that come behind all others: whatever people insert in that second, none of
    theirs can stand there. What comes is as plain as what it is put before.
    """
    if look.protection is not Protection.OPEN or not look.header_row:
        return
    width = max((len(row) for row in tab.values), default=0)
    there = [column for column in range(1, width + 1) if not _is_blank(tab.value(look.header_row, column))]
    behind = (column for row, column, _ in look.values if row == look.header_row and column > max(there, default=0))
    for left, right in runs(behind) if there else ():
        place = {"sheetId": tab.sheet_id, "dimension": "COLUMNS", "startIndex": left - 1, "endIndex": right}
        yield {"insertDimension": {"range": place, "inheritFromBefore": False}}


# --- values -----------------------------------------------------------------------------------------------


def entered(value: Cell) -> dict[str, Any]:
    """The value as Google's ExtendedValue, empty for a blank one. Nothing is parsed: "=A1" stays text."""
    return cell_data(as_kept(value)).get("userEnteredValue") or {}


def new_values(look: TabLook, tab: PresentTab) -> dict[tuple[int, int], Cell]:
    """What the cells of the tab are to hold and do not, by row and column."""
    changes: dict[tuple[int, int], Cell] = {}
    for row, column, value in look.values:
        present = tab.value(row, column)
        # In an open tab values are only planned for blank cells: what stands there was typed since.
        is_taken = look.protection is Protection.OPEN and not _is_blank(present)
        if not (is_taken or _is_same(entered(value), present) or _is_covered(row, column, tab)):
            changes[row, column] = value
    return changes


def _is_same(wanted: Mapping[str, Any], present: Mapping[str, Any]) -> bool:
    number, found = wanted.get("numberValue"), present.get("numberValue")
    if number is not None and found is not None:
        return math.isclose(number, found, abs_tol=1e-7)
    return dict(wanted) == dict(present)


def _is_blank(present: Mapping[str, Any]) -> bool:
    return not present or (set(present) == {"stringValue"} and is_blank(present["stringValue"]))


def _is_covered(row: int, column: int, tab: PresentTab) -> bool:
    """A cell that a merged one covers shows nothing."""
    place = Area(row, column, row, column)
    return any(merge.covers(place) and (merge.top, merge.left) != (row, column) for merge in tab.merges)


def _update_cells(tab: PresentTab, cells: Mapping[tuple[int, int], dict[str, Any]], fields: str) -> Iterator[Request]:
    for area, rows in blocks(cells):
        start = {"sheetId": tab.sheet_id, "rowIndex": area.top - 1, "columnIndex": area.left - 1}
        body = {"start": start, "rows": [{"values": row} for row in rows], "fields": fields}
        yield {"updateCells": body}


# --- notes ------------------------------------------------------------------------------------------------


def _notes(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    """Our notes end with our name; one that does not is a person's and stays."""
    wanted = {(each.row, each.column): each.note for each in look.cells}
    if look.header_row:
        wanted |= {(look.header_row, each.column): each.note for each in look.columns}
    changes: dict[tuple[int, int], dict[str, Any]] = {}
    for place, note in wanted.items():
        present = tab.look(*place).note
        signed = text("google_drawing.note", note=note) if note else ""
        is_ours = not present or present.endswith(text("google_drawing.note", note=""))
        if is_ours and present != signed:
            changes[place] = {"note": signed} if signed else {}
    yield from _update_cells(tab, changes, "note")


# --- formats ----------------------------------------------------------------------------------------------


def _styles(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    alone = {place: patch(style, tab.look(*place).style) for place, style in _single_styles(look)}
    stripes = list(_single_stripes(alone))
    for column in look.columns if look.body_rows else ():
        stripes += _body_stripes(column, look, tab, alone)
    for area, fields in joined(stripes):
        yield {
            "repeatCell": {
                "range": grid_range(tab.sheet_id, area),
                "cell": {"userEnteredFormat": cell_format(fields)},
                "fields": ",".join(f"userEnteredFormat.{name}" for name, _ in fields),
            }
        }


def _single_stripes(alone: Mapping[tuple[int, int], Patch]) -> Iterator[tuple[int, int, int, Patch]]:
    """Those of cells that get a style of their own, alike ones below each other together."""
    of_column: dict[int, dict[int, Patch | None]] = defaultdict(dict)
    for (row, column), fields in alone.items():
        of_column[column][row] = fields or None
    for column, wanted in of_column.items():
        for first, last in runs(wanted):
            yield from stripes_of(column, first, [wanted[row] for row in range(first, last + 1)])


def _single_styles(look: TabLook) -> Iterator[tuple[tuple[int, int], dict[str, Leaf]]]:
    """The style of each header and of each cell outside the table."""
    if look.header_row and look.body_rows:
        for column in look.columns:
            yield (look.header_row, column.column), dict(COMPUTED_HEADER if column.computed else INPUT_HEADER)
    for cell in look.cells:
        width = cell.across if cell.role in FILLED_ROLES else 1
        for column_number in range(cell.column, cell.column + width):
            yield (cell.row, column_number), _role_style(cell, look)
    yield from _date_styles(look)


def _role_style(cell: CellLook, look: TabLook) -> dict[str, Leaf]:
    style = {**ROLE_STYLES[cell.role], **number_format_of(cell.format)}
    if cell.opens and cell.opens.address:
        style[LINK] = cell.opens.address
    if crosses_freeze(cell, look.frozen_columns):
        style[WRAP] = "OVERFLOW_CELL"
    return style


def crosses_freeze(cell: CellLook, frozen_columns: int) -> bool:
    """Whether the cell would have to be merged over the edge of the frozen columns, which Google refuses."""
    return cell.column <= frozen_columns < cell.column + cell.across - 1


def _date_styles(look: TabLook) -> Iterator[tuple[tuple[int, int], dict[str, Leaf]]]:
    """A date that is put where nothing else would show it as one."""
    shown = {(each.row, each.column) for each in look.cells if each.format in (Format.DATE, Format.MOMENT)}
    dated = {each.column for each in look.columns if each.format in (Format.DATE, Format.MOMENT)}
    for row, column, value in look.values:
        in_body = row > look.header_row and column in dated
        if isinstance(value, date) and (row, column) not in shown and not in_body:
            kind = Format.MOMENT if isinstance(value, datetime) else Format.DATE
            yield (row, column), {NUMBER: NUMBER_FORMATS[kind]}


def _body_stripes(
    column: ColumnLook, look: TabLook, tab: PresentTab, alone: Mapping[tuple[int, int], Patch]
) -> Iterable[tuple[int, int, int, Patch]]:
    known: dict[tuple[int, bool], Patch] = {}
    wanted: list[Patch | None] = []
    for row in _body(look):
        if row in tab.unread or (row, column.column) in alone:
            wanted.append(None)
            continue
        looks = tab.look(row, column.column)
        keeps = _keeps_its_format(tab.value(row, column.column), looks, column.format)
        key = id(looks), keeps
        if key not in known:
            known[key] = _body_patch(column, look, looks, keeps)
        wanted.append(known[key] or None)
    return stripes_of(column.column, look.header_row + 1, wanted)


def _body(look: TabLook) -> range:
    return range(look.header_row + 1, (extent(look).bottom or 0) + 1)


def _body_patch(column: ColumnLook, look: TabLook, looks: CellLooks, keeps_number_format: bool) -> Patch:
    wanted = {} if keeps_number_format else dict(number_format_of(column.format))
    if look.realigns(column) or not any(name in looks.style for name in ALIGNMENT):
        wanted |= alignment_of(column)
    if column.ink:
        wanted[INK_COLOUR] = column.ink
    return patch(wanted, looks.style)


def _keeps_its_format(value: Mapping[str, Any], looks: CellLooks, kind: Format) -> bool:
    """Whether what a person left there would show as something else in that format: the year 1985 as a day of 1905,
    a birthday as a number, a formula as its own text.
    """
    if "formulaValue" in value:
        return True
    if "numberValue" not in value:
        return False
    if kind in (Format.DATE, Format.MOMENT):
        return not isinstance(read_date(value["numberValue"]), date)
    present = looks.style.get(NUMBER)
    return isinstance(present, tuple) and present[0] in DATE_TYPES


# --- validations ------------------------------------------------------------------------------------------


def _rules(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    stripes: list[tuple[int, int, int, Rule]] = []
    for cell in look.cells:
        rule = format_rule(cell.format) if cell.role is Role.INPUT else None
        if rule and not rule.is_like(tab.look(cell.row, cell.column).rule):
            stripes.append((cell.column, cell.row, cell.row, rule))
    for row, number, choices in look.cell_choices:
        rule = Rule("ONE_OF_LIST", choices)
        if not rule.is_like(tab.look(row, number).rule):
            stripes.append((number, row, row, rule))
    if look.header_row and look.body_rows:
        dropdowns = dropdowns_of(look)
        for column in look.columns:
            stripes += _rule_stripes(column, look, tab, dropdowns)
    for area, rule in joined(stripes):
        body: dict[str, Any] = {"range": grid_range(tab.sheet_id, area), "filteredRowsIncluded": True}
        yield {"setDataValidation": body if rule == _NO_RULE else body | {"rule": as_validation(rule)}}


def _rule_stripes(
    column: ColumnLook, look: TabLook, tab: PresentTab, dropdowns: Iterable[Rule]
) -> Iterable[tuple[int, int, int, Rule]]:
    wanted = column_rule(column)
    known: dict[int, Rule | None] = {}
    changes = list[Rule | None]()
    for row in _body(look):
        if row in tab.unread:
            changes.append(None)
            continue
        looks = tab.look(row, column.column)
        if id(looks) not in known:
            known[id(looks)] = _rule_change(column, wanted, looks.rule, dropdowns)
        changes.append(known[id(looks)])
    return stripes_of(column.column, look.header_row + 1, changes)


def _rule_change(
    column: ColumnLook, wanted: Rule | None, present: Rule | None, dropdowns: Iterable[Rule]
) -> Rule | None:
    """The rule to set, `_NO_RULE` to take one away, None to leave the cell alone. People may have rules of their own
    in columns where we want none; one of our dropdowns came there with a paste.
    """
    if wanted is not None:
        return None if wanted.is_like(present) else wanted
    stray = present is not None and (column.computed or is_dropdown(present, dropdowns))
    return _NO_RULE if stray else None


def dropdowns_of(look: TabLook) -> list[Rule]:
    """The validations of all its columns."""
    return [rule for column in look.columns if (rule := column_rule(column))]


def is_right(look: TabLook, tab: PresentTab, row: int) -> bool:
    """Whether nothing would change in that row of the table; what is wanted of single cells does not count."""
    dropdowns = dropdowns_of(look)
    single = {column for (at, column), _ in _single_styles(look) if at == row}
    single |= {column for at, column, _ in look.cell_choices if at == row}
    return not any(
        _changes(column, look, tab, row, dropdowns) for column in look.columns if column.column not in single
    )


def _changes(column: ColumnLook, look: TabLook, tab: PresentTab, row: int, dropdowns: Iterable[Rule]) -> bool:
    looks = tab.look(row, column.column)
    keeps = _keeps_its_format(tab.value(row, column.column), looks, column.format)
    rule = _rule_change(column, column_rule(column), looks.rule, dropdowns)
    return bool(_body_patch(column, look, looks, keeps)) or rule is not None


def seems_right(column: ColumnLook, number_format: str, rule: str | None) -> bool:
    """Whether a cell of the body may be right, by the types of its number format and its validation alone; None: of a
    validation nothing is known.
    """
    wanted, format_there = column_rule(column), number_format_of(column.format).get(NUMBER)
    if isinstance(format_there, tuple) and format_there[0] != number_format:
        return False
    if wanted is not None or rule is None:
        return rule in (None, wanted.kind if wanted else None)
    return not rule if column.computed else rule != "ONE_OF_RANGE"
