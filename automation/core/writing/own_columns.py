"""Where the columns that the bot writes beside people stand, and what is to be done where one is not to be found.

Where people edit while we write, a result is written into its column by the column's identity. An identity that no
longer stands under its own header is never written through: somebody has cut and pasted columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct, field

from automation.base.messages import text
from automation.core.config.computed import COMPUTED, HIDDEN
from automation.core.config.values import Config, FieldCode
from automation.core.judging.lists.digest import is_alike, is_digest
from automation.core.judging.lists.own_words import columns_in_doubt, is_judged
from automation.core.judging.lists.unit_table import UnitTable, people_above
from automation.core.model.problems import Problem
from automation.core.model.workbook import Anchor, Cell, CellChange
from automation.core.reading.cells import is_blank
from automation.core.reading.shown import shown
from automation.core.text.vietnamese import quoted_list

MOST_ROWS_NAMED = 10
"""In a sentence about rows of a tab."""


class OwnColumns(Struct, frozen=True):
    """The columns of one unit's tab that the bot writes."""

    columns: Mapping[str, int]
    """Those that can be written into now, by code; none as long as there are `anchors` to be set."""
    headers: tuple[CellChange, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    left_behind: Mapping[str, int] = field(default_factory=dict)
    """The columns in which an identity stands under no header any more, by code: a write may have met them."""


def own_columns(table: UnitTable, config: Config) -> OwnColumns:
    """Where the computed columns are. One that is missing goes to the right of everything, with its header; one that
    may be the unit's own is left out, and all are in a list that was never judged: what stands there tells whose it is
    as long as nothing of ours stands beside it.
    """
    in_doubt = columns_in_doubt(table, config)
    if in_doubt and not is_judged(table, config):
        return OwnColumns({})
    headers = {code: config.field(code).header for code in COMPUTED if code not in in_doubt and config.uses(code)}
    return _in_a_file(table, headers) if table.tab.anchors is None else _anchored(table, headers, table.tab.anchors)


def _in_a_file(table: UnitTable, headers: Mapping[str, str]) -> OwnColumns:
    """Only `init` adds the hidden column there, as only it can hide one."""
    present = table.table.columns
    missing = [code for code in headers if code not in present and code not in HIDDEN]
    added = {code: table.width + number for number, code in enumerate(missing, start=1)}
    places = {code: present.get(code, added.get(code, 0)) for code in headers if code in present or code in added}
    row = table.table.header_row
    return OwnColumns(places, tuple(CellChange(table.tab.key, row, added[code], headers[code]) for code in missing))


def _anchored(table: UnitTable, headers: Mapping[str, str], anchors: Mapping[str, int]) -> OwnColumns:
    places: dict[str, int] = {}
    left_behind: dict[str, int] = {}
    restored: list[CellChange] = []
    unanchored: list[Anchor] = []
    free = table.width
    for code, header in headers.items():
        known = anchors.get(code)
        under_header = table.table.headed(code)
        if known in under_header:
            places[code] = known
        elif under_header:
            unanchored.append(Anchor(table.tab.key, code, under_header[0]))
            if known is not None and is_blank(table.tab.cell(table.table.header_row, known)):
                left_behind[code] = known
        elif known is not None and _lost_its_header(table, known, anchors):
            places[code] = known
            restored.append(CellChange(table.tab.key, table.table.header_row, known, header, code))
        else:
            row = table.table.header_row
            free += 1
            unanchored.append(Anchor(table.tab.key, code, free, header=header, header_row=row, hidden=code in HIDDEN))
    if unanchored:
        return OwnColumns({}, anchors=tuple(unanchored), left_behind=left_behind)
    return OwnColumns(places, tuple(restored))


def _lost_its_header(table: UnitTable, column: int, anchors: Mapping[str, int]) -> bool:
    """Whether the header went with a write of ours that met its line because rows had moved: the hidden cell beside it
    tells. Where somebody typed another header, the column is theirs now.
    """
    row, hidden = table.table.header_row, anchors.get(FieldCode.JUDGED)
    if is_blank(table.tab.cell(row, column)):
        return True
    return hidden is not None and is_digest(table.tab.cell(row, hidden))


def strayed_cells(table: UnitTable, columns: Mapping[str, int], config: Config) -> Iterator[CellChange]:
    """What empties the results above the headers: a write left them there because rows had moved under it, or people
    stand there who are not judged.
    """
    people = people_above(table, config)
    hidden = columns.get(FieldCode.JUDGED, 0)
    for row in range(1, table.table.top):
        if row in people or is_digest(table.tab.cell(row, hidden)):
            for code, column in columns.items():
                if not is_blank(table.tab.cell(row, column)):
                    yield CellChange(table.tab.key, row, column, None, code)


def left_behind_cells(
    table: UnitTable, columns: Mapping[str, int], results: Mapping[str, Sequence[Cell]]
) -> Iterator[CellChange]:
    """What empties the results that a write left in columns that somebody had just cut away from under their headers,
    while their identity still stands there. `columns`: those of `OwnColumns.left_behind`; `results`: by code, of all.
    """
    ours = {code: set(results[code]) for code in columns}
    for number, row in enumerate(table.tab.rows, start=1):
        for code, column in columns.items():
            cell = row[column - 1] if column <= len(row) else None
            if not is_blank(cell) and (cell in ours[code] or is_digest(cell)):
                yield CellChange(table.tab.key, number, column, None, code)


def typed_over(changes: Collection[CellChange], table: UnitTable) -> Iterator[Problem]:
    """Where results are written anew though nothing about their rows has changed, somebody typed into them or emptied
    them. `changes`: all of the computed cells of that table.
    """
    numbers = _rows_typed_over(changes, table)
    if numbers:
        yield Problem(
            where=text("units.where_tab", tab=shown(table.tab.title)),
            what=text("units.typed_over.what", count=len(numbers), rows=rows_named(numbers)),
            fix=text("units.typed_over.fix"),
            needs_person=False,
        )


def put_back(table: UnitTable, config: Config, came_back: Collection[Anchor]) -> Iterator[Problem]:
    """Where a tab has lost computed columns, or never had them: they come back at the right, and bare. `came_back`:
    those that were inserted in this cycle, before anything could be written into them.
    """
    in_a_file = own_columns(table, config).headers if table.tab.anchors is None else ()
    inserted = sorted((each.place, each.header) for each in came_back if each.tab == table.tab.key)
    headers = dict.fromkeys((*(cell.value for cell in in_a_file), *(header for _, header in inserted)))
    if headers:
        yield Problem(
            where=text("units.where_tab", tab=shown(table.tab.title)),
            what=text("units.put_back.what", headers=quoted_list(map(str, headers))),
            fix=text("units.put_back.fix"),
            needs_person=False,
        )


def rows_named(numbers: Sequence[int]) -> str:
    """The numbers of rows as a sentence names them: the first ones, and that there are more."""
    return ", ".join(map(str, numbers[:MOST_ROWS_NAMED])) + ("…" if len(numbers) > MOST_ROWS_NAMED else "")


def _rows_typed_over(changes: Collection[CellChange], table: UnitTable) -> list[int]:
    """The digest beside them says what stood there: what it can't tell from what is wanted may have been ours."""
    if not table.table.columns.keys() >= HIDDEN:
        return []
    judged_anew = {change.row for change in changes if change.anchor in HIDDEN}
    others = (each for each in changes if each.row > table.table.header_row and each.row not in judged_anew)
    return sorted({each.row for each in others if not is_alike(table.tab.cell(each.row, each.column), each.value)})
