"""What is wrong with the configuration, beside the cells that caused it: column `Lỗi cấu hình` of the config tabs.

The column is the bot's. A mark stands on the line of the row it speaks of; what no row is to blame for (a missing
header or setting) stands on the first line below the headers, where it is seen first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from automation.base.messages import text
from automation.core.admin.planned_tabs import marks_header, table_in
from automation.core.config import tabs
from automation.core.config.identity import CONFIG_MARKS
from automation.core.config.whose_tabs import bot_tabs
from automation.core.model.problems import Problem
from automation.core.model.workbook import Anchor, CellChange, Snapshot, Tab, cell_name
from automation.core.reading.cells import is_blank
from automation.core.reading.columns import free_columns, last_header
from automation.core.reading.tables import FoundTable


def mark_changes(snapshot: Snapshot, problems: Iterable[Problem]) -> list[CellChange | Anchor]:
    """What has to change so that the config tabs show these problems and no others.

    Problems without a place in a config tab are left out. The column is added where it is missing and needed.
    """
    by_tab: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.place is not None:
            by_tab[problem.place.tab].append(problem)
    present = ((title, tab) for title, tab in bot_tabs(snapshot).items() if title in tabs.CONFIG_TABS)
    return [change for title, tab in present for change in _tab_changes(title, tab, by_tab[title])]


def _tab_changes(title: str, tab: Tab, problems: Sequence[Problem]) -> Iterator[CellChange | Anchor]:
    table = table_in(title, tab.rows)
    there = marks_header(tab.rows, table, tab.anchors) or _blank_header(tab, table)
    if there is None and not problems:
        return
    top, column = there or (1, _free_column(tab, table))
    header_row = table.header_row if table else top
    if not tab.is_anchored(CONFIG_MARKS, column):
        new = "" if there else tabs.CONFIG_MARKS
        yield Anchor(tab.key, CONFIG_MARKS, column, header=new, header_row=header_row)
        return
    wanted = {header_row: tabs.CONFIG_MARKS, **_marks(problems, header_row)}
    for row in range(min(top, header_row), max(len(tab.rows), *wanted) + 1):
        if (tab.cell(row, column) or "") != wanted.get(row, ""):
            yield CellChange(tab.key, row, column, wanted.get(row), CONFIG_MARKS)


def _blank_header(tab: Tab, table: FoundTable | None) -> tuple[int, int] | None:
    """Where the marks stand without their header: a write met it because rows had moved, or somebody emptied it."""
    column = (tab.anchors or {}).get(CONFIG_MARKS)
    if table is None or column is None or not is_blank(tab.cell(table.header_row, column)):
        return None
    return table.header_row, column


def _free_column(tab: Tab, table: FoundTable | None) -> int:
    after = last_header(table) if table else max((len(row) for row in tab.rows), default=0)
    return free_columns(tab.rows, after, 1)


def _marks(problems: Iterable[Problem], header_row: int) -> Mapping[int, str]:
    """Row -> its problems, one a line, those of the whole tab first."""
    whole_tab: list[str] = []
    by_row: defaultdict[int, list[str]] = defaultdict(list)
    for problem in problems:
        row, column = (problem.place.row, problem.place.column) if problem.place else (None, None)
        if row is None or row <= header_row:
            whole_tab.append(text("config_marks.tab", what=problem.what, fix=problem.fix))
        elif column is None:
            by_row[row].append(text("config_marks.row", what=problem.what, fix=problem.fix))
        else:
            cell = cell_name(row, column)
            by_row[row].append(text("config_marks.cell", cell=cell, what=problem.what, fix=problem.fix))
    if whole_tab:
        by_row[header_row + 1][:0] = whole_tab
    return {row: "\n".join(lines) for row, lines in by_row.items()}
