"""How the tab of one unit looks: its own line, its declaration, the columns of its people."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from msgspec import Struct

from automation.base.messages import text
from automation.core.admin.draft import Value, is_empty
from automation.core.config.computed import COMPUTED, COMPUTED_COLUMNS, HIDDEN, ComputedCode, overdue_result
from automation.core.config.identity import UNIT_LINE
from automation.core.config.registry import ROLES, addresses_of
from automation.core.config.values import Config, Field, FieldCode, FieldType, choices_of
from automation.core.config.whose_tabs import unit_tag
from automation.core.judging.lists.own_words import columns_in_doubt
from automation.core.judging.lists.unit_table import UnitTable, declared_cells, find_unit_table, unused_names
from automation.core.judging.lists.unreadable import lists_people, lost_codes
from automation.core.judging.locating import is_unit_line, unit_line_links, unit_lines
from automation.core.layout.dropdowns import Dropdowns
from automation.core.layout.unit_marks import asks_of_everybody, first_row_marks, unit_marks
from automation.core.model.layout import CellLook, Colour, ColumnLook, Format, Link, Protection, Role, TabLook, runs
from automation.core.model.palette import GREEN
from automation.core.model.units import CountsAs, Unit
from automation.core.model.workbook import Anchor, Row, Tab
from automation.core.reading.cells import as_text, fold, is_blank
from automation.core.reading.columns import cell_of, place_columns, rows_with_room
from automation.core.reading.tables import Composed, FoundTable, columns_of
from automation.core.writing.row_digest import review_mark

HEADER_ROW = 3
DECLARATION_ROW = 2
UNIT_COLOUR = GREEN

_LEAST_BODY_ROWS = 300
_SPARE_ROWS = 200
_SPARE_PEOPLE = 50
_WIDEST_FROZEN = 66
_WIDEST_PRINT = 170
"""What an A4 page that lies takes with letters of 8 points, in the program with the widest ones."""
_INPUT_WIDTH = 10
_BREAKING = 1.25
"""How much longer a label is where it breaks between words."""
_LETTERS_OF_LINE_1 = 130
"""With a long name and four figures."""
_WIDEST_MERGED = 100
"""Columns beyond everything else; what is merged further than that is no header."""

_WIDTHS: Mapping[str, float] = {
    FieldCode.ORDINAL: 6,
    FieldCode.NAME: 28,
    FieldCode.BIRTH_DATE: 13,
    FieldCode.GENDER: 10,
    FieldCode.IDENTITY: 18,
    FieldCode.CATEGORY: 17,
    FieldCode.PARTY: 13,
    FieldCode.DEPARTMENT: 25,
    FieldCode.PHONE: 15,
    FieldCode.CARD: 25,
    FieldCode.ISSUED_ON: 14,
    FieldCode.LEVEL: 12,
    FieldCode.STAGE: 30,
    FieldCode.ACTIVATED_ON: 13,
    FieldCode.EXEMPTION: 30,
    FieldCode.DEFERRED_UNTIL: 13,
    FieldCode.DIFFICULTY: 32,
    **{column.code: column.width for column in COMPUTED_COLUMNS},
}
_WIDTH_BY_TYPE = {FieldType.DATE: 13.0, FieldType.NUMBER: 12.0, FieldType.COMPUTED: 40.0}
_USUAL_WIDTH = 22.0

_FORMATS = {
    FieldType.TEXT: Format.TEXT,
    FieldType.LIST: Format.TEXT,
    FieldType.OPEN_LIST: Format.TEXT,
    FieldType.IDENTITY: Format.TEXT,
    FieldType.PHONE: Format.TEXT,
    FieldType.DATE: Format.DATE,
    FieldType.DECLARED_COUNT: Format.INTEGER,
    FieldType.DECLARED_DATE: Format.DATE,
    FieldType.DECLARED_TICK: Format.TICK,
    FieldType.DECLARED_TEXT: Format.TEXT,
}


def unit_look(
    unit: Unit,
    present: Tab | None,
    config: Config,
    dropdowns: Dropdowns,
    links: Mapping[str, Link] = MappingProxyType({}),
) -> TabLook | None:
    """The look of the unit's tab; None for a tab that is left as it is: one with content and no headers,
    or one of ours in which a required column goes by another name.

    `links`: where line 1 leads, by the keys of what is written there.

    A tab that people have keeps its headers, their order and its extra columns; missing columns go to its right.
    """
    tab = present or Tab("", unit.tab_title, ())
    fields = _columns_of(config)
    values: list[Value] = []
    composed: Mapping[str, Composed] = {}
    if _is_untouched(tab):
        columns = {field.code: column for column, field in enumerate(_as_in_new_tabs(fields), start=1)}
        top = header_row = HEADER_ROW
        values += [(HEADER_ROW, columns[field.code], field.header) for field in fields]
        if is_empty(tab.rows):  # so that a tab renamed before the first cycle is still known
            values.append((1, 1, text("sheet.unit_line_new", unit=unit.name, row=HEADER_ROW + 1)))
    else:
        found = find_unit_table(unit.code, tab, config)
        if found is None or not lists_people(found):
            return None
        top, header_row, composed = found.table.top, found.table.header_row, found.table.composed
        columns, added = _placed(found, fields, config)
        if FieldCode.JUDGED in found.table.columns and _lacks_required(columns, fields):
            return None  # drawn without that column it would stay so when its header is back
        in_doubt = columns_in_doubt(found, config)
        columns = {code: place for code, place in columns.items() if code not in in_doubt}
        values += added
    plain = [field for field in fields if field.code in columns and field.code not in composed]
    looks = [_column_look(field, columns[field.code], config, dropdowns) for field in plain]
    frozen = _frozen_columns(columns.get(FieldCode.NAME, 0), looks)
    above = _above(tab, top, looks, config, frozen)
    labels = [text(key) for key in links]
    for label, column, link in zip(labels, _link_columns(labels, tab, looks, frozen), links.values(), strict=True):
        _lead(above, tab, column, label, link)
    return TabLook(
        title=tab.title,
        tag=unit_tag(unit),
        header_row=header_row,
        columns=tuple(looks),
        values=(*above.values, *values),
        cells=tuple(above.cells),
        row_heights=tuple(above.row_heights),
        frozen_columns=frozen,
        protection=Protection.OPEN,
        colours=_colours(columns.get(FieldCode.RESULT), config),
        body_rows=_body_rows(unit, tab, header_row),
        filled_rows=len(tab.rows),
        tab_colour=UNIT_COLOUR,
        review=review_mark(config, columns, partial(columns_of, composed, columns)),
        marks=(
            *unit_marks(config, columns, composed, header_row),
            *first_row_marks(config, {each.code: columns[each.code] for each in plain}, header_row),
        ),
        anchors=_anchors(tab, top, columns),
        printed=_printed(looks, frozen),
        editors=tuple(address for role in ROLES for address in addresses_of(unit, role)),
        headers_seen=tab.rows[header_row - 1] if header_row <= len(tab.rows) else (),
    )


def _anchors(tab: Tab, top: int, columns: Mapping[str, int]) -> tuple[Anchor, ...]:
    """What a cycle writes among people's: the computed columns, and the bot's line where it begins in one of theirs."""
    computed = tuple(Anchor("", code, columns[code]) for code in COMPUTED if code in columns)
    ours = unit_lines(tab.rows[: top - 1])
    row, column = ours[0] if ours else (1, 1) if top > 1 and is_blank(tab.cell(1, 1)) else (0, 0)
    in_ours = any(each.place == column for each in computed)
    return (*computed, Anchor("", UNIT_LINE, row)) if row and not in_ours else computed


def _columns_of(config: Config) -> list[Field]:
    """The fields with a column in a unit's tab, computed ones last."""
    return [*config.inputs, *(field for field in config.fields if field.used and field.type is FieldType.COMPUTED)]


def _as_in_new_tabs(fields: Sequence[Field]) -> list[Field]:
    """The result in front, where it stays in sight and no pasted block hits it."""
    return sorted(fields, key=lambda field: field.code != ComputedCode.RESULT)


def _is_untouched(tab: Tab) -> bool:
    """Nothing stands in the tab but perhaps the bot's own line."""
    first = tab.cell(1, 1)
    if is_empty(tab.rows):
        return True
    others = [cell for cell in tab.rows[0][1:] if cell not in unit_line_links()]
    return is_unit_line(as_text(first)) and is_empty([others, *tab.rows[1:]])


def _placed(found: UnitTable, fields: Sequence[Field], config: Config) -> tuple[dict[str, int], list[Value]]:
    tab, table = found.tab, found.table
    headers = {field.code: field.header for field in fields}
    computed = [field.code for field in fields if field.type is FieldType.COMPUTED]
    placed = place_columns(
        tab.rows,
        table,
        headers,
        never_renamed=computed,
        known=unused_names(config),
        covered=_covered(tab, table),
        lost=lost_codes(found, config),
    )
    added: list[Value] = [(table.header_row, placed.columns[code], headers[code]) for code in placed.added]
    return dict(placed.columns), added


def _lacks_required(columns: Collection[str], fields: Iterable[Field]) -> bool:
    return any(field.required and field.code not in columns for field in fields)


def _covered(tab: Tab, table: FoundTable) -> set[int]:
    """The columns whose header is hidden under a merged one."""
    row = table.header_row
    areas = (area for area in tab.merged if area.top <= row <= area.bottom)
    last = max(map(len, tab.rows)) + _WIDEST_MERGED
    return {column for area in areas for column in range(area.left + (area.top == row), min(area.right, last) + 1)}


def _column_look(field: Field, column: int, config: Config, dropdowns: Dropdowns) -> ColumnLook:
    computed = field.type is FieldType.COMPUTED
    has_list = field.type.has_list
    is_required = any(rule.field == field.code and asks_of_everybody(rule) for rule in config.rules)
    return ColumnLook(
        column=column,
        header=field.header,
        width=_WIDTHS.get(field.code, _WIDTH_BY_TYPE.get(field.type, _USUAL_WIDTH)),
        format=_format_of(field, config),
        choices=choices_of(config, field.list_name) if has_list else (),
        choices_range=dropdowns.range_of(field.list_name) if has_list else "",
        note=text("look.required", help=field.help) if is_required else field.help,
        computed=computed,
        hidden=field.code in HIDDEN,
        wrap=(computed and field.code not in HIDDEN) or field.type is FieldType.OPEN_LIST,
        low=computed,
    )


def _format_of(field: Field, config: Config) -> Format:
    """A spreadsheet set to another country takes 05/03 for the third of May; as a text it stays what was typed."""
    if field.type is FieldType.DATE and config.settings.dates_as_text:
        return Format.TEXT
    return _FORMATS.get(field.type, Format.GENERAL)


def _colours(column: int | None, config: Config) -> tuple[Colour, ...]:
    if column is None:
        return ()
    coloured = [status for status in config.statuses if status.colour]
    late = [status for status in coloured if status.counts_as is CountsAs.NOT_DONE]
    return (
        *(Colour(column, status.label, status.colour) for status in coloured),
        *(Colour(column, overdue_result(status.label), status.colour) for status in late),
    )


def _frozen_columns(name_column: int, looks: Sequence[ColumnLook]) -> int:
    """Up to the name, unless that would leave no room to scroll in."""
    width = sum(look.width for look in looks if look.column <= name_column)
    return name_column if width <= _WIDEST_FROZEN else 0


def _printed(looks: Sequence[ColumnLook], frozen: int) -> tuple[int, int] | None:
    """The results that stand together behind the frozen columns, as far as a page takes them with these. With the
    hidden one beside them, which is filled for everybody: paper ends where the last of its columns holds something,
    and who is done has nothing in those that are shown.
    """
    computed = [look for look in looks if look.computed and look.column > frozen]
    columns = [look.column for look in computed if not look.hidden]
    width = sum(look.width for look in looks if look.column <= frozen or look.column in columns)
    if not frozen or len(list(runs(columns))) != 1 or width > _WIDEST_PRINT:
        return None
    with_hidden = list(runs(look.column for look in computed))
    return with_hidden[0] if len(with_hidden) == 1 else next(runs(columns))


def _body_rows(unit: Unit, tab: Tab, header_row: int) -> int:
    present = max(len(tab.rows) - header_row, 0)
    people = max(present + _SPARE_ROWS, (unit.headcount or 0) + _SPARE_PEOPLE, _LEAST_BODY_ROWS)
    return rows_with_room(people, 0)


# --- above the headers ------------------------------------------------------------------------------------


class _Above(Struct, frozen=True):
    values: list[Value]
    cells: list[CellLook]
    row_heights: list[tuple[int, float]]


def _above(tab: Tab, header_row: int, looks: Sequence[ColumnLook], config: Config, frozen: int) -> _Above:
    """The bot's line and the declaration, as far as there is room for them."""
    above = _Above([], [], [])
    if header_row > 1 and _line_1_is_ours(tab):
        above.cells.append(_line_1(looks, frozen, tab))
        above.row_heights.append((1, _height_of_line_1(above.cells[0], looks)))
    rows = tab.rows[: header_row - 1]
    declared = {field.code: field for field in config.declared}
    present = declared_cells(rows, config)
    for code, (row, column) in present.items():
        above.cells.append(_input_cell(declared[code], row, column))
        if column > 1 and fold(as_text(tab.cell(row, column - 1))) == fold(declared[code].header):
            above.cells.append(CellLook(row, column - 1, Role.LABEL))
    missing = [field for code, field in declared.items() if code not in present]
    merged = {number for area in tab.merged for number in range(area.top, min(area.bottom, header_row) + 1)}
    line = _declaration_row(rows, header_row, present, merged)
    if missing and line:
        rights = [area.right for area in tab.merged if area.top <= line <= area.bottom]
        taken = _last_taken(rows[line - 1] if line <= len(rows) else (), line, present)
        first = max(taken, *rights, _last_kept_in_sight(above, frozen)) + 1
        for field, column in zip(missing, _label_columns(missing, first, looks), strict=True):
            above.values.append((line, column, field.header))
            above.cells.extend([CellLook(line, column, Role.LABEL), _input_cell(field, line, column + 1)])
        above.row_heights.append((line, _label_height(above.values, looks)))
    return above


def _last_kept_in_sight(above: _Above, frozen: int) -> int:
    """Columns that stand in front of others on the screen and on each page: a label there would lose its value."""
    return frozen if any(look.role is Role.HEADLINE for look in above.cells) else 0


def _label_height(labels: Iterable[Value], looks: Sequence[ColumnLook]) -> float:
    """Points that these take above their columns, for two lines at least."""
    widths = {look.column: look.width for look in looks}
    lines = (len(str(label)) * _BREAKING / widths.get(column, _USUAL_WIDTH) for _, column, label in labels)
    return max(34, *(math.ceil(each) * 15 + 4 for each in lines))


def _lead(above: _Above, tab: Tab, column: int, label: str, link: Link) -> None:
    """A link in line 1, where that ends with what stays in sight."""
    is_room = any(look.role is Role.HEADLINE for look in above.cells)
    if is_room and as_text(tab.cell(1, column)) in ("", label):
        above.values.append((1, column, label))
        above.cells.append(CellLook(1, column, Role.LINK, opens=link))


def _link_columns(labels: Sequence[str], tab: Tab, looks: Sequence[ColumnLook], frozen: int) -> list[int]:
    """Where each link of line 1 goes: where it stands already, wherever columns that people inserted moved it, else to
    the next column in which it can be read.
    """
    widths, line = {look.column: look.width for look in looks}, tab.rows[0] if tab.rows else ()
    standing = {as_text(cell): column for column, cell in enumerate(line, start=1)}
    columns: list[int] = []
    for label in labels:
        free = max([frozen, *columns]) + 1
        wide = (column for column in range(free, max(widths, default=0) + 1) if widths.get(column, 0) >= len(label))
        columns.append(standing.get(label) or next(wide, free))
    return columns


def _line_1(looks: Sequence[ColumnLook], frozen: int, tab: Tab) -> CellLook:
    """Where column A is ours, the line is as wide as what stays in sight, so that nothing of it is ever scrolled away;
    so it stays where somebody deleted that column. In a tab of before it runs on over all columns.
    """
    has_links = bool(tab.rows) and any(as_text(cell) in unit_line_links() for cell in tab.rows[0])
    if frozen > 1 and (has_links or any(look.column == 1 and look.computed for look in looks)):
        return CellLook(1, 1, Role.HEADLINE, across=frozen)
    return CellLook(1, 1, Role.TITLE, across=max(look.column for look in looks))


def _height_of_line_1(line: CellLook, looks: Sequence[ColumnLook]) -> float:
    """Points that it takes in the columns over which it stands."""
    if line.role is not Role.HEADLINE:
        return 30
    width = sum(look.width for look in looks if look.column <= line.across)
    return 16 * max(3, math.ceil(_LETTERS_OF_LINE_1 / width))


def _line_1_is_ours(tab: Tab) -> bool:
    """Whether nothing of people's stands there; where they deleted column A, our links are left."""
    others = [[cell for cell in row if cell not in unit_line_links()] for row in tab.rows[:1]]
    return is_empty(others) or is_unit_line(as_text(tab.cell(1, 1)))


def _input_cell(field: Field, row: int, column: int) -> CellLook:
    return CellLook(row, column, Role.INPUT, _FORMATS.get(field.type, Format.GENERAL), note=field.help)


def _declaration_row(
    rows: Sequence[Row], header_row: int, present: Mapping[str, tuple[int, int]], merged: Collection[int]
) -> int | None:
    """The line that has the declaration, else line 2 or the last blank one above the headers in which no cells are
    `merged`; None without room.
    """
    if present:
        return min(row for row, _ in present.values())
    lines = (line for line in range(DECLARATION_ROW, header_row) if line not in merged)
    blank = [line for line in lines if is_empty(rows[line - 1 : line])]
    if DECLARATION_ROW in blank:
        return DECLARATION_ROW
    return blank[-1] if blank else None


def _last_taken(row: Row, number: int, present: Mapping[str, tuple[int, int]]) -> int:
    """The last column of the line in which something stands or is to be typed."""
    filled = [column for column in range(1, len(row) + 1) if not is_blank(cell_of(row, column))]
    answers = [column for line, column in present.values() if line == number]
    return max([1, *filled, *answers])


def _label_columns(fields: Sequence[Field], first: int, looks: Sequence[ColumnLook]) -> list[int]:
    """A column for each label, with its input cell right of it: wide enough to read on one line where the table allows,
    else on two. None of them is the bot's: rows that move under a write would bring a result there.
    """
    needs = [[len(field.header) + 1 for field in fields], [len(field.header) // 2 + 2 for field in fields]]
    fits = (_fitting(need, _INPUT_WIDTH, first, looks) for need in needs)
    return next((found for found in fits if found), None) or _fitting([0] * len(fields), 0, first, looks)


def _fitting(needed: Sequence[int], input_width: int, first: int, looks: Sequence[ColumnLook]) -> list[int]:
    """The columns of labels of these widths; none where they don't all find room."""
    widths = {look.column: look.width for look in looks}
    ours = {look.column for look in looks if look.computed}
    last = max(widths) + (0 if input_width else 2 * len(needed))
    columns: list[int] = []
    free = first
    for width in needed:
        places = (c for c in range(free, last + 1) if not ours & {c, c + 1})
        column = next((c for c in places if widths.get(c, 0) >= width and widths.get(c + 1, 0) >= input_width), 0)
        if not column:
            return []
        columns.append(column)
        free = column + 2
    return columns
