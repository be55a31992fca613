"""The values of every dropdown, each list in a hidden column of its own at the right of tab `Danh mục`.

List values hold commas, which an inline dropdown of Excel cannot, and the rows of one list may lie scattered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from automation.base.messages import text
from automation.core.admin.draft import Value
from automation.core.admin.planned_tabs import PlannedTab
from automation.core.config.values import Config
from automation.core.model.layout import ColumnLook, Format
from automation.core.model.workbook import Cell, column_letter
from automation.core.reading.cells import as_text, fold
from automation.core.reading.columns import cell_of, free_columns, last_header

LIST_NAMES = "(tên danh mục)"
INPUT_HEADERS = "(tên cột)"
"""Two more lists, for the config tabs: what an admin may name there."""


class Dropdowns(Struct, frozen=True):
    """The hidden columns, what has to be written into them, and the range of each list by its name."""

    columns: tuple[ColumnLook, ...] = ()
    values: tuple[Value, ...] = ()
    ranges: Mapping[str, str] | None = None

    def range_of(self, list_name: str) -> str:
        """The A1 range of the list's values; "" where it has none."""
        return (self.ranges or {}).get(list_name, "")


def dropdown_lists(config: Config) -> dict[str, tuple[str, ...]]:
    """Every list that a dropdown shows, by name; lists without values are left out."""
    used = dict.fromkeys(field.list_name for field in config.fields if field.used and field.type.has_list)
    lists = {name: tuple(value.value for value in config.lists.get(name, ())) for name in used}
    lists[LIST_NAMES] = tuple(config.lists)
    lists[INPUT_HEADERS] = tuple(field.header for field in config.inputs)
    return {name: values for name, values in lists.items() if values}


def plan_dropdowns(tab: PlannedTab, lists: Mapping[str, Sequence[str]]) -> Dropdowns:
    """Bring the hidden columns of `Danh mục` in line with `lists`."""
    if tab.table is None:
        return Dropdowns()
    header_row = tab.table.header_row
    ours = _columns_of_ours(tab)
    if len(ours) < len(lists):
        # One blank column keeps the spreadsheet from sorting them along with the table.
        after = max(ours) if ours else last_header(tab.table) + 1
        count = len(lists) - len(ours)
        start = free_columns(tab.rows, after, count)
        ours = [*ours, *range(start, start + count)]
    columns, ranges, values = [], {}, list[Value]()
    contents = [(_header(name), *choices) for name, choices in lists.items()]
    contents += [()] * (len(ours) - len(contents))
    for column, content in zip(ours, contents, strict=True):
        values += _changes(tab, header_row, column, content)
        if content:
            columns.append(ColumnLook(column, content[0], 24, Format.TEXT, computed=True, hidden=True))
    for name, column in zip(lists, ours, strict=False):
        ranges[name] = cells_of(tab.title, column, header_row + 1, header_row + len(lists[name]))
    return Dropdowns(tuple(columns), tuple(values), ranges)


def _header(name: str) -> str:
    return text("look.dropdown.header", name=name)


def _columns_of_ours(tab: PlannedTab) -> list[int]:
    start = fold(_header(""))
    headers = tab.table.unknown if tab.table else ()
    return [column for column, typed in headers if fold(typed).startswith(start)]


def _changes(tab: PlannedTab, header_row: int, column: int, content: Sequence[str]) -> list[Value]:
    values: list[Value] = []
    for offset in range(max(len(content), len(tab.rows) - header_row + 1)):
        row = header_row + offset
        wanted: Cell = content[offset] if offset < len(content) else None
        present = cell_of(tab.rows[row - 1], column) if row <= len(tab.rows) else None
        if as_text(present) != (wanted or ""):
            values.append((row, column, wanted))
    return values


def cells_of(title: str, column: int, top: int, bottom: int) -> str:
    """The cells of a column of that tab, as the formula of a dropdown names them."""
    letter = column_letter(column)
    quoted = title.replace("'", "''")
    return f"'{quoted}'!${letter}${top}:${letter}${bottom}"
