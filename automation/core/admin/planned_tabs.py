"""The config tabs as they will stand once `tccb init` is through: what people wrote, and what was missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from automation.base.messages import text
from automation.core.admin.draft import Draft, Value, is_empty
from automation.core.admin.lines import MARKS
from automation.core.config import registry, tabs
from automation.core.config.whose_tabs import bot_tabs
from automation.core.model.workbook import Cell, ConfigTables, Row, Snapshot, Tab
from automation.core.reading.cells import as_text, fold, is_blank, read_count
from automation.core.reading.columns import cell_of, place_columns
from automation.core.reading.suggestions import nearest
from automation.core.reading.tables import HEADER_SEARCH_ROWS, FoundTable, body, find_table

TITLE_ROW, EXPLANATION_ROW, HEADER_ROW = 1, 2, 3

ROW_KEYS: Mapping[str, tuple[str, ...]] = {
    tabs.SETTINGS: ("Mục",),
    tabs.FIELDS: ("Mã",),
    tabs.LISTS: ("Danh mục", "Giá trị"),
    tabs.RULES: ("Mã",),
    tabs.STATUSES: ("Mã",),
    tabs.LADDER: ("Mã",),
    tabs.REGISTRY: (registry.CODE.header,),
}
"""What names a row of each tab, so that it is known again wherever it stands."""

NUMBER_COLUMNS = registry.COUNT_HEADERS | {"Thứ tự"}
"""Cells of these columns are numbers; all others of the config tabs are text."""


@dataclass(frozen=True)
class PlannedTab:
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
    snapshot: Snapshot | None, shipped: ConfigTables, units: Sequence[Row] | None = None
) -> Mapping[str, PlannedTab]:
    """Every config tab, by title.

    Rows that stand in the workbook win. A tab that is missing or empty comes from `shipped`; one that is there gets
    the columns and the settings it lacks, but nothing back that an admin deleted. `units` are rows of the registry,
    headers first, that replace the shipped ones, and join those of a registry that is there already.
    """
    present = bot_tabs(snapshot) if snapshot else {}
    tables = {title: _in_order(title, rows) for title, rows in shipped.items()}
    new_units = None if units is None else _in_order(tabs.REGISTRY, units)
    if new_units is not None:
        tables[tabs.REGISTRY] = new_units
    planned = {}
    for title in tabs.CONFIG_TABS:
        tab = present.get(title)
        additions = new_units if title == tabs.REGISTRY else tables[title] if title == tabs.SETTINGS else None
        planned[title] = _planned_tab(title, tab, tables[title], additions or ())
    return planned


def headers_of(title: str) -> tuple[str, ...]:
    """The headers of a tab of the bot in their order, computed ones last.

    The registry has no column of marks among them: it gets one with its first mark.
    """
    computed = tabs.REGISTRY_COMPUTED if title == tabs.REGISTRY else ()
    marks = (tabs.CONFIG_MARKS,) if title in tabs.CONFIG_TABS and title != tabs.REGISTRY else ()
    return (*tabs.HEADERS[title], *computed, *marks)


def table_in(title: str, rows: Sequence[Row], at_least: int = 2) -> FoundTable | None:
    """The table of a tab of the bot, found by its headers; those of marks find none."""
    names = {fold(header): header for header in headers_of(title) if header != tabs.CONFIG_MARKS}
    return find_table(rows, names, at_least, MARKS)


def marks_header(rows: Sequence[Row], table: FoundTable | None = None) -> tuple[int, int] | None:
    """(row, column) of the header of the marks: in the table's own header row, else wherever it was left when the
    tab had none, unless people have a header there by now.
    """
    if table and tabs.CONFIG_MARKS in table.columns:
        return table.header_row, table.columns[tabs.CONFIG_MARKS]
    taken = {column for _, column in _headers(rows[table.header_row - 1])} if table else set()
    places = (
        (number, column)
        for number, row in enumerate(rows[:HEADER_SEARCH_ROWS], start=1)
        for header, column in _headers(row)
        if fold(header) in MARKS and column not in taken
    )
    return next(places, None)


def _headers(row: Row) -> Iterator[tuple[str, int]]:
    return ((as_text(cell), column) for column, cell in enumerate(row, start=1) if not is_blank(cell))


def _planned_tab(title: str, present: Tab | None, shipped: Sequence[Row], additions: Sequence[Row]) -> PlannedTab:
    draft = Draft(present.rows if present else ())
    if table_in(title, draft.rows) is None:
        _clear_marks(draft)
    name = present.title if present else title
    if is_empty(draft.rows):
        draft.put(TITLE_ROW, 1, text(f"look.title.{title}"))
        draft.put(EXPLANATION_ROW, 1, text(f"look.explanation.{title}"))
        for number, row in enumerate([headers_of(title), *shipped], start=HEADER_ROW):
            draft.put_row(number, row)
        return _finished(title, name, draft, is_new=True)
    if table_in(title, draft.rows) is None and _headers_were_emptied(title, draft):
        draft.put_row(HEADER_ROW, headers_of(title))
    table = table_in(title, draft.rows)
    if table is None:
        return _finished(title, name, draft, is_new=False)
    headers = _add_columns(title, draft, table, shipped)
    rows = _add_rows(title, draft, additions)
    return _finished(title, name, draft, is_new=False, headers=headers, rows=rows)


def _finished(
    title: str, name: str, draft: Draft, *, is_new: bool, headers: Sequence[str] = (), rows: Sequence[str] = ()
) -> PlannedTab:
    table = table_in(title, draft.rows)
    return PlannedTab(name, draft.rows, table, draft.values, is_new, tuple(headers), tuple(rows))


def _clear_marks(draft: Draft) -> None:
    """A tab that lost its headers is judged by what people left in it."""
    top, column = marks_header(draft.rows) or (len(draft.rows) + 1, 0)
    for number in range(top, len(draft.rows) + 1):
        draft.clear(number, column)


def _headers_were_emptied(title: str, draft: Draft) -> bool:
    """Whether the tab is as we made it, but for an empty line where the headers stood."""
    if len(draft.rows) < HEADER_ROW or not is_empty([draft.rows[HEADER_ROW - 1]]):
        return False
    return as_text(cell_of(draft.rows[TITLE_ROW - 1], 1)) == text(f"look.title.{title}")


def _add_columns(title: str, draft: Draft, table: FoundTable, shipped: Sequence[Row]) -> tuple[str, ...]:
    """Add the headers that are missing; rows that are shipped rows get their shipped cells below them."""
    keys = ROW_KEYS[title]
    if any(key not in table.columns for key in keys):
        return ()
    wanted = {header: header for header in headers_of(title)}
    placed = place_columns(draft.rows, table, wanted, never_renamed=(*tabs.REGISTRY_COMPUTED, tabs.CONFIG_MARKS))
    by_key = {_key(keys, dict(zip(tabs.HEADERS[title], row, strict=True))): row for row in shipped}
    lines = list(body(draft.rows, table))
    for header in placed.added:
        draft.put(table.header_row, placed.columns[header], header)
        if header in tabs.HEADERS[title]:
            place = tabs.HEADERS[title].index(header)
            for number, line in lines:
                row = by_key.get(_key(keys, {key: table.cell(line, key) for key in keys}))
                draft.put(number, placed.columns[header], row[place] if row else None)
    return placed.added


def _add_rows(title: str, draft: Draft, additions: Sequence[Row]) -> tuple[str, ...]:
    """Add the rows whose name is new below the others; returns their names."""
    table, key = table_in(title, draft.rows), tabs.HEADERS[title][0]
    if table is None or key not in table.columns:
        return ()
    names = [as_text(table.cell(row, key)) for _, row in body(draft.rows, table)]
    known = {fold(name) for name in names}
    shipped_names = {fold(as_text(row[0])) for row in additions}
    foreign = [name for name in names if fold(name) not in shipped_names]
    added = []
    for row in additions:
        name = as_text(row[0])
        # A setting under a similar name was renamed: a second one would silently take its place.
        if fold(name) in known or (title == tabs.SETTINGS and nearest(name, foreign)):
            continue
        number = draft.next_row()
        for header, value in zip(tabs.HEADERS[title], row, strict=True):
            if column := table.columns.get(header):
                draft.put(number, column, value)
        added.append(name)
    return tuple(added)


def _key(keys: Sequence[str], cells: Mapping[str, Cell]) -> tuple[str, ...]:
    return tuple(fold(as_text(cells[key])) for key in keys)


def _in_order(title: str, rows: Sequence[Row]) -> list[Row]:
    """The rows below the headers with their cells in the order of `tabs.HEADERS`; blank rows left out."""
    table = table_in(title, rows)
    if table is None:
        return []
    return [[_typed(header, table.cell(row, header)) for header in tabs.HEADERS[title]] for _, row in body(rows, table)]


def _typed(header: str, cell: Cell) -> Cell:
    count = read_count(cell) if header in NUMBER_COLUMNS else None
    return count if isinstance(count, int) else cell
