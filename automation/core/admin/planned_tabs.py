"""The config tabs as they will stand once `tccb init` is through: what people wrote, and what was missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.admin.draft import Draft, Value, is_empty
from automation.core.admin.lines import MARKS
from automation.core.admin.settings import SETTINGS, known_as
from automation.core.config import registry, tabs
from automation.core.config.identity import CONFIG_MARKS
from automation.core.config.shipped import Addition
from automation.core.config.whose_tabs import bot_tabs
from automation.core.model.workbook import Cell, ConfigTables, Row, Snapshot, Tab
from automation.core.reading.cells import as_text, fold, is_blank, read_count, read_number
from automation.core.reading.columns import cell_of, place_columns
from automation.core.reading.suggestions import nearest
from automation.core.reading.tables import HEADER_SEARCH_ROWS, FoundTable, body, find_table

Line: TypeAlias = Mapping[str, Cell]
"""header -> cell"""

TITLE_ROW, EXPLANATION_ROW, HEADER_ROW = 1, 2, 3

ROW_KEYS: Mapping[str, tuple[str, ...]] = {
    tabs.SETTINGS: ("Mục",),
    tabs.FIELDS: ("Mã",),
    tabs.LISTS: ("Danh mục", "Giá trị"),
    tabs.RULES: ("Mã",),
    tabs.STATUSES: ("Mã",),
    tabs.PART_RATES: ("Mã",),
    tabs.DOCUMENTS: ("Số",),
    tabs.LADDER: ("Mã",),
    tabs.REGISTRY: (registry.CODE.header,),
}
"""What names a row of each tab, so that it is known again wherever it stands."""

NUMBER_COLUMNS = registry.COUNT_HEADERS | {"Thứ tự"}
"""Cells of these columns are numbers; all others of the config tabs are text."""


class PlannedTab(Struct, frozen=True):
    """One config tab as it will stand."""

    title: str
    rows: Sequence[Row]
    """As they will read once `values` are in."""
    table: FoundTable | None
    """None where the headers are gone; the reader of the configuration says so."""
    values: tuple[Value, ...]
    """What has to be written, into blank cells only."""
    is_new: bool
    added_headers: tuple[str, ...] = ()
    added_rows: tuple[str, ...] = ()
    """`Mục` or `Mã` of the rows that were added to a tab that was there."""


def plan_config_tabs(
    snapshot: Snapshot | None,
    shipped: ConfigTables,
    units: Sequence[Row] | None = None,
    brought: Sequence[Addition] = (),
    version: int = 0,
) -> Mapping[str, PlannedTab]:
    """Every config tab, by title.

    Rows that stand in the workbook win. A tab that is missing or empty comes from `shipped`; one that is there gets
    the columns that it lacks, the settings that the program cannot do without, and what later versions `brought`, but
    nothing back that an admin deleted. `units` are rows of the registry, headers first, that replace the shipped ones,
    and join those of a registry that is there already. `version`: what the workbook has all of then; 0 leaves that.
    """
    present = bot_tabs(snapshot) if snapshot else {}
    lines = {title: lines_of(title, rows) for title, rows in shipped.items()}
    if units is not None:
        lines[tabs.REGISTRY] = lines_of(tabs.REGISTRY, units)
    planned = {}
    for title in tabs.CONFIG_TABS:
        repairs = _needed_settings(lines[title]) if title == tabs.SETTINGS else []
        if title == tabs.REGISTRY and units is not None:
            repairs = lines[title]
        additions = [each for each in brought if each.tab == title]
        draft = Draft(tab.rows if (tab := present.get(title)) else ())
        planned[title] = _planned_tab(title, tab, draft, lines[title], repairs, additions, version)
    return planned


def headers_of(title: str) -> tuple[str, ...]:
    """The headers of a tab of the bot in their order, computed ones last.

    The registry has no column of marks among them: it gets one with its first mark.
    """
    computed = tabs.REGISTRY_COMPUTED if title == tabs.REGISTRY else ()
    marks = (tabs.CONFIG_MARKS,) if title in tabs.CONFIG_TABS and title != tabs.REGISTRY else ()
    return (*tabs.HEADERS[title], *computed, *marks)


def table_in(title: str, rows: Sequence[Row], at_least: int = 2, others: Iterable[str] = ()) -> FoundTable | None:
    """The table of a tab of the bot, found by its headers; those of marks find none, nor do the `others`."""
    names = {fold(header): header for header in headers_of(title) if header != tabs.CONFIG_MARKS}
    return find_table(rows, names, at_least, {**{fold(each): each for each in others if each}, **MARKS})


def marks_header(
    rows: Sequence[Row], table: FoundTable | None = None, anchors: Mapping[str, int] | None = None
) -> tuple[int, int] | None:
    """(row, column) of the header of the marks: in the table's own header row, else wherever it was left when the
    tab had none, unless people have a header there by now. Of several the one that is known by its identity
    (`anchors`), of two in one column the lower one; one in which other things stand than marks is an admin's own.
    """
    known = (anchors or {}).get(CONFIG_MARKS)
    headed = list(_headed_as_marks(rows, table))
    places = [place for place in headed if place[1] == known] or [
        place for place in headed if _may_be_ours(rows, place)
    ]
    return next((place for place in places if _holds_marks(rows, place)), next(iter(places), None))


def _headed_as_marks(rows: Sequence[Row], table: FoundTable | None) -> Iterator[tuple[int, int]]:
    if table:
        yield from ((table.header_row, column) for column in table.headed(tabs.CONFIG_MARKS))
    taken = {column for _, column in _headers(rows[table.header_row - 1])} if table else set()
    lowest = {
        column: number
        for number, row in enumerate(rows[:HEADER_SEARCH_ROWS], start=1)
        for header, column in _headers(row)
        if fold(header) in MARKS and column not in taken
    }
    yield from ((number, column) for column, number in lowest.items())


def _may_be_ours(rows: Sequence[Row], header: tuple[int, int]) -> bool:
    return _holds_marks(rows, header) or not any(_below(rows, header))


def _holds_marks(rows: Sequence[Row], header: tuple[int, int]) -> bool:
    return any(_mark_pattern().match(cell) for cell in _below(rows, header))


@cache
def _mark_pattern() -> re.Pattern[str]:
    """What the first line of every mark begins with."""
    kinds = ("tab", "row", "cell")
    begun = (text(f"config_marks.{kind}", cell="{}", what="\n", fix="").partition("\n")[0] for kind in kinds)
    return re.compile("|".join(re.escape(each).replace(re.escape("{}"), r"[A-Z]{1,3}\d+") for each in begun))


def _below(rows: Sequence[Row], header: tuple[int, int]) -> Iterator[str]:
    row, column = header
    cells = (cell_of(each, column) for each in rows[row:])
    return (as_text(cell) for cell in cells if not is_blank(cell))


def _with_own_columns(table: FoundTable | None, rows: Sequence[Row], anchors: Mapping[str, int]) -> FoundTable | None:
    """The same with those columns of figures and of marks that are ours: of one that was deleted, none."""
    if table is None:
        return None
    known = {header: place for header, place in anchors.items() if header in tabs.REGISTRY_COMPUTED}
    table = table.by_identity(known)
    gone = [header for header in tabs.REGISTRY_COMPUTED if known and header not in known]
    blank = {
        header: [column for column in table.headed(header) if not any(_below(rows, (table.header_row, column)))]
        for header in gone
    }
    others = {header: column for header, column in table.columns.items() if header not in gone}
    table = replace(table, columns=others | {header: columns[0] for header, columns in blank.items() if columns})
    if tabs.CONFIG_MARKS not in table.columns:
        return table
    row, column = marks_header(rows, table, anchors) or (0, 0)
    others = {header: place for header, place in table.columns.items() if header != tabs.CONFIG_MARKS}
    return replace(table, columns=others | ({tabs.CONFIG_MARKS: column} if row == table.header_row else {}))


def _headers(row: Row) -> Iterator[tuple[str, int]]:
    return ((as_text(cell), column) for column, cell in enumerate(row, start=1) if not is_blank(cell))


def _planned_tab(
    title: str,
    present: Tab | None,
    draft: Draft,
    shipped: Sequence[Line],
    repairs: Sequence[Line],
    additions: Sequence[Addition],
    version: int,
) -> PlannedTab:
    anchors = (present.anchors if present else None) or {}
    if table_in(title, draft.rows) is None:
        _clear_marks(draft, anchors)
    name = present.title if present else title
    if is_empty(draft.rows):
        draft.put(TITLE_ROW, 1, text(f"look.title.{title}"))
        draft.put(EXPLANATION_ROW, 1, text(f"look.explanation.{title}"))
        lines = shipped if not any(each.is_whole_tab for each in additions) else _among(title, shipped, additions)
        rows = ([line.get(header) for header in tabs.HEADERS[title]] for line in lines)
        for number, row in enumerate([headers_of(title), *rows], start=HEADER_ROW):
            draft.put_row(number, row)
        return _finished(title, name, draft, {}, is_new=True)
    if table_in(title, draft.rows) is None and _headers_were_emptied(title, draft):
        draft.put_row(HEADER_ROW, headers_of(title))
    table = _with_own_columns(table_in(title, draft.rows), draft.rows, anchors)
    if table is None:
        return _finished(title, name, draft, anchors, is_new=False)
    later = [each.header for each in additions if each.header and not each.row]
    headers = _add_columns(title, draft, table, shipped, headers_of(title), later)
    added = _add_rows(title, draft, shipped, repairs)
    brought = put_additions(title, draft, shipped, additions)
    if title == tabs.SETTINGS and version:
        _write_version(draft, version)
    names = (*added, *(_name_of(each) for each in brought if each.row))
    return _finished(title, name, draft, anchors, is_new=False, headers=headers, rows=names)


def _among(title: str, shipped: Sequence[Line], additions: Sequence[Addition]) -> Sequence[Line]:
    """The rows of a new tab that the workbook can take."""
    names = {tuple(map(fold, each.row)) for each in additions}
    return [line for line in shipped if _key(ROW_KEYS[title], line) in names]


def _finished(
    title: str,
    name: str,
    draft: Draft,
    anchors: Mapping[str, int],
    *,
    is_new: bool,
    headers: Sequence[str] = (),
    rows: Sequence[str] = (),
) -> PlannedTab:
    table = _with_own_columns(table_in(title, draft.rows), draft.rows, anchors)
    return PlannedTab(name, draft.rows, table, draft.values, is_new, tuple(headers), tuple(rows))


def _clear_marks(draft: Draft, anchors: Mapping[str, int]) -> None:
    """A tab that lost its headers is judged by what people left in it."""
    top, column = marks_header(draft.rows, None, anchors) or (len(draft.rows) + 1, 0)
    for number in range(top, len(draft.rows) + 1):
        draft.clear(number, column)


def _headers_were_emptied(title: str, draft: Draft) -> bool:
    """Whether the tab is as we made it, but for an empty line where the headers stood."""
    if len(draft.rows) < HEADER_ROW or not is_empty([draft.rows[HEADER_ROW - 1]]):
        return False
    return as_text(cell_of(draft.rows[TITLE_ROW - 1], 1)) == text(f"look.title.{title}")


def _add_columns(
    title: str,
    draft: Draft,
    table: FoundTable,
    shipped: Sequence[Line],
    headers: Sequence[str],
    later: Sequence[str],
) -> tuple[str, ...]:
    """Add the headers that are missing; rows that are shipped rows get their shipped cells below them.

    A header of a `later` version cannot have been renamed.
    """
    keys = ROW_KEYS[title]
    if any(key not in table.columns for key in keys):
        return ()
    never_renamed = (*tabs.REGISTRY_COMPUTED, tabs.CONFIG_MARKS, *later)
    placed = place_columns(draft.rows, table, {each: each for each in (*headers, *later)}, never_renamed)
    by_key = {_key(keys, line): line for line in shipped}
    lines = list(body(draft.rows, table))
    for header in placed.added:
        draft.put(table.header_row, placed.columns[header], header)
        for number, line in lines:
            shipped_line = by_key.get(_key(keys, {key: table.cell(line, key) for key in keys}), {})
            draft.put(number, placed.columns[header], shipped_line.get(header))
    return placed.added


def _add_rows(title: str, draft: Draft, shipped: Sequence[Line], additions: Sequence[Line]) -> tuple[str, ...]:
    """Add the rows whose name is new below the others; returns their names."""
    table, key = table_in(title, draft.rows), tabs.HEADERS[title][0]
    if table is None or key not in table.columns:
        return ()
    names = [as_text(table.cell(row, key)) for _, row in body(draft.rows, table)]
    if title == tabs.SETTINGS:
        names = list(map(known_as, names))
    known = {fold(name) for name in names}
    shipped_names = {fold(as_text(line[key])) for line in shipped}
    foreign = [name for name in names if fold(name) not in shipped_names]
    added = []
    for line in additions:
        name = as_text(line[key])
        # A setting under a similar name was renamed: a second one would silently take its place.
        if fold(name) in known or (title == tabs.SETTINGS and nearest(name, foreign)):
            continue
        _put_line(draft, table, draft.next_row(), line)
        added.append(name)
    return tuple(added)


def _put_line(draft: Draft, table: FoundTable, number: int, line: Line) -> None:
    for header, value in line.items():
        if column := table.columns.get(header):
            draft.put(number, column, value)


# --- what later versions brought --------------------------------------------------------------------------


def put_additions(
    title: str, draft: Draft, shipped: Sequence[Line], additions: Iterable[Addition]
) -> dict[Addition, int]:
    """Put what later versions brought into a tab that has its headers; returns what it lacked, with the row it went
    to (that of the headers for a column).
    """
    put: dict[Addition, int] = {}
    for each in additions:
        table = table_in(title, draft.rows, others=[each.header])
        keys = ROW_KEYS[title]
        if table is None or any(key not in table.columns for key in keys):
            continue
        if not each.row:
            number = _put_column(title, draft, table, shipped, each.header) if each.header else None
        elif line := next((line for line in shipped if _key(keys, line) == tuple(map(fold, each.row))), None):
            number = (_put_cell if each.header else _put_row)(title, draft, table, line, each)
        else:
            number = None
        if number is not None:
            put[each] = number
    return put


def _name_of(addition: Addition) -> str:
    """A row by what names it, a cell by its header too."""
    row = " / ".join(addition.row)
    return text("config.earlier_version.cell", header=addition.header, row=row) if addition.header else row


def _put_column(title: str, draft: Draft, table: FoundTable, shipped: Sequence[Line], header: str) -> int | None:
    added = _add_columns(title, draft, table, shipped, (), [header])
    return table.header_row if added else None


def _put_row(title: str, draft: Draft, table: FoundTable, line: Line, addition: Addition) -> int | None:
    keys = ROW_KEYS[title]
    present = list(body(draft.rows, table))
    if any(_key(keys, {key: table.cell(row, key) for key in keys}) == _key(keys, line) for _, row in present):
        return None
    cells = dict(line)
    if addition.switched_off:
        cells["Dùng"] = "Không"
    if title == tabs.STATUSES:
        cells["Thứ tự"] = _free_order([table.cell(row, "Thứ tự") for _, row in present], line["Thứ tự"])
    number = draft.next_row()
    _put_line(draft, table, number, cells)
    return number


def _free_order(taken: Iterable[Cell], wanted: Cell) -> Cell:
    """The shipped place of a status, or one just before the one that stands there."""
    orders = sorted({order for cell in taken if isinstance(order := read_number(cell), (int, float))})
    place = read_number(wanted)
    if not isinstance(place, (int, float)) or place not in orders:
        return wanted
    below = max((order for order in orders if order < place), default=place - 1)
    return (below + place) / 2


def _put_cell(title: str, draft: Draft, table: FoundTable, line: Line, addition: Addition) -> int | None:
    """Fill a cell of the row that has the shipped name, or else lists it as another spelling of its own."""
    column = table.columns.get(addition.header)
    number = _row_of(title, draft, table, line)
    if column is None or number is None or not is_blank(draft.cell(number, column)):
        return None
    draft.put(number, column, line[addition.header])
    return number


def _row_of(title: str, draft: Draft, table: FoundTable, line: Line) -> int | None:
    *groups, key = ROW_KEYS[title]
    rows = [
        (number, row)
        for number, row in body(draft.rows, table)
        if _key(groups, {group: table.cell(row, group) for group in groups}) == _key(groups, line)
    ]
    wanted = fold(as_text(line[key]))
    named = [number for number, row in rows if fold(as_text(table.cell(row, key))) == wanted]
    spelt = [
        number for number, row in rows if wanted in map(fold, as_text(table.cell(row, "Cách viết khác")).split("|"))
    ]
    return next(iter([*named, *spelt]), None)


def _write_version(draft: Draft, version: int) -> None:
    table = table_in(tabs.SETTINGS, draft.rows)
    if table is None or "Giá trị" not in table.columns:
        return
    name = fold(SETTINGS["tables_version"].name)
    for number, row in body(draft.rows, table):
        if fold(as_text(table.cell(row, "Mục"))) == name:
            draft.replace(number, table.columns["Giá trị"], str(version))


def _needed_settings(lines: Sequence[Line]) -> list[Line]:
    """The settings that have no default."""
    needed = {fold(spec.name) for spec in SETTINGS.values() if spec.is_needed}
    return [line for line in lines if fold(as_text(line["Mục"])) in needed]


def _key(keys: Sequence[str], cells: Line) -> tuple[str, ...]:
    return tuple(fold(as_text(cells[key])) for key in keys)


def lines_of(title: str, rows: Sequence[Row]) -> list[Line]:
    """The rows below the headers of a shipped table, by header; blank rows left out."""
    table = table_in(title, rows)
    if table is None:
        return []
    others = {typed: column for column, typed in table.unknown}
    columns = {**dict.fromkeys(tabs.HEADERS[title]), **table.columns, **others}
    return [
        {header: _typed(header, cell_of(row, column) if column else None) for header, column in columns.items()}
        for _, row in body(rows, table)
    ]


def _typed(header: str, cell: Cell) -> Cell:
    count = read_count(cell) if header in NUMBER_COLUMNS else None
    return count if isinstance(count, int) else cell
