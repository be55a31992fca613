"""From the plan of a merge to cells and rows of the unit's tab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from automation.core.config.values import Config, FieldCode
from automation.core.importing.placing import placed
from automation.core.importing.plan import ImportPlan, Prefer
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.model.workbook import AddedRows, Anchor, Cell, CellChange, Row
from automation.core.reading.cells import is_blank, read_count


class TabChanges(Struct, frozen=True):
    """What is to be written."""

    cells: tuple[CellChange, ...]
    added: AddedRows | None
    anchors: tuple[Anchor, ...] = ()
    """What has to be known by its identity before."""


def changes_of(plan: ImportPlan, prefer: Prefer, config: Config) -> TabChanges:
    """The cells of people who are in the tab, and the rows of those who are not."""
    table = plan.table
    columns = table.table.columns
    cells = tuple(
        CellChange(table.tab.key, person.row, columns[cell.code], cell.mailed.value, cell.code)
        for person in plan.known
        for cell in person.written(prefer)
    )
    used = {cell.anchor: cell.column for cell in cells}
    anchors = (Anchor(table.tab.key, *each) for each in used.items() if not table.tab.is_anchored(*each))
    return TabChanges(cells, _added(plan, config), tuple(anchors))


def _added(plan: ImportPlan, config: Config) -> AddedRows | None:
    if not plan.new:
        return None
    below = _last_line(plan)
    rows = [placed(person.readings, plan.table.table, config).cells for person in plan.new]
    numbers = list(_ordinals(plan.table, below, len(rows)))
    numbered = tuple({**number, **row} for number, row in zip(numbers, rows, strict=True))
    return AddedRows(plan.table.tab.key, below, numbered, like_above=below > plan.table.table.header_row)


def _last_line(plan: ImportPlan) -> int:
    """The line below which new people come: the last person's where rows can be inserted, else the last in which
    anything stands but a number that was put in beforehand.
    """
    tab = plan.table.tab
    if tab.anchors is not None:
        return max(plan.people_on, default=plan.table.table.header_row)
    ordinal = plan.table.table.columns.get(FieldCode.ORDINAL, 0)
    filled = (number for number, row in plan.table.body if _holds_more(row, ordinal))
    return max(filled, default=plan.table.table.header_row)


def _holds_more(row: Row, ordinal: int) -> bool:
    cells = (cell for column, cell in enumerate(row, start=1) if column != ordinal)
    return any(cell is not False and not is_blank(cell) for cell in cells)


def _ordinals(table: UnitTable, below: int, count: int) -> Iterator[Mapping[int, Cell]]:
    """The numbers of the new lines, where the list is numbered and they have none yet."""
    column = table.table.columns.get(FieldCode.ORDINAL, 0)
    present: Sequence[Cell] = [table.tab.cell(below + line, column) for line in range(1, count + 1)]
    is_first = below == table.table.header_row
    last = (0 if is_first else read_count(table.tab.cell(below, column))) if column else None
    for line, cell in enumerate(present, start=1):
        is_free = table.tab.anchors is not None or is_blank(cell)
        yield {column: last + line} if isinstance(last, int) and is_free else {}
