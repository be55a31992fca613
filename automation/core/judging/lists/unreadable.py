"""Why the tab of a unit cannot be read: what is missing, and what was seen instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config.values import Config, Field, FieldCode
from automation.core.judging.lists.digest import is_digest, made_of, shown_fields
from automation.core.judging.lists.emptied import is_emptied_line
from automation.core.judging.lists.unit_table import UnitTable, find_unit_table, unused_names
from automation.core.model.problems import Problem
from automation.core.model.units import Unit
from automation.core.model.workbook import Cell, Row, Tab, cell_name
from automation.core.reading.cells import as_text, is_blank
from automation.core.reading.columns import cell_of, last_header, seems_renamed
from automation.core.reading.header_lines import FAR, known_code, known_codes
from automation.core.reading.other_lines import another_header
from automation.core.reading.shown import shown
from automation.core.reading.suggestions import nearest
from automation.core.text.vietnamese import quoted_list

_MOST_SEEN = 8
_LONGEST_SEEN = 60
_OF_LETTERHEADS = 2
"""Filled cells in a line: the agency at the left, the motto at the right."""
_OF_PEOPLE = frozenset({FieldCode.NAME, FieldCode.BIRTH_DATE, FieldCode.IDENTITY})
"""A table without any of these columns is no list of people."""


class UnreadableTab(Struct, frozen=True):
    """A unit whose tab cannot be read: it is unknown this time, and the others go on."""

    unit: Unit
    problem: Problem
    tab: Tab | None = None
    """The tab, where there is one that the unit can mend."""
    top: int = 0
    """Its first line of headers; 0 where none was found."""
    emptied: bool = False
    """Whether its list was removed on purpose: nobody is to mend that."""


def of_unit(key: str, unit: Unit, **values: object) -> Problem:
    """The sentences of that name about the unit's tab."""
    return Problem(
        where=text("units.where", unit=unit.name, tab=shown(unit.tab_title)),
        what=text(f"units.{key}.what", **values),
        fix=text(f"units.{key}.fix", **values),
    )


def readable_table(unit: Unit, tab: Tab, config: Config, *, is_begun_anew: bool = False) -> UnitTable | UnreadableTab:
    """The unit's list of people in its tab, or why there is none. `is_begun_anew`: one that was removed is an empty
    one.
    """
    table = find_unit_table(unit.code, tab, config)
    if table is None:
        return UnreadableTab(unit, _no_header(unit, tab, config), tab)
    if _is_emptied(table) and not is_begun_anew:
        told = replace(of_unit("emptied", unit), needs_person=False, told_once=True, to_do=False)
        return UnreadableTab(unit, told, emptied=True)
    problem = _wrong_with(unit, table, config)
    return UnreadableTab(unit, problem, tab, table.table.top) if problem else table


def _is_emptied(table: UnitTable) -> bool:
    """Whether nothing else stands there: whoever types a list below or over it is read again."""
    filled = _filled(table)
    first = next(filled, None)
    # The first cell of a list that is kept tells: the rest of it is not looked at.
    return is_emptied_line(first) and all(map(is_emptied_line, filled))


def _filled(table: UnitTable) -> Iterator[Cell]:
    """What stands below the headers."""
    return (cell for _, row in table.body for cell in row if _is_filled(cell))


def _is_filled(cell: Cell) -> bool:
    """A box that nobody ticked is nothing."""
    return cell is not False and not is_blank(cell)


def lists_people(table: UnitTable) -> bool:
    """Whether a table is one of people at all: a table of counts has no column for a name, a birth date, a number."""
    return any(code in table.table.columns for code in _OF_PEOPLE)


def has_list(tab: Tab, config: Config) -> bool:
    """Whether a tab has a list of people, or its headers."""
    return _list_in(tab, config) is not None


def _list_in(tab: Tab, config: Config) -> UnitTable | None:
    table = find_unit_table("", tab, config)
    return table if table is not None and lists_people(table) else None


def list_without_unit(tab: Tab, config: Config) -> Problem | None:
    """What is told of a tab that no unit of the registry claims; None where it has no list of people."""
    table = _list_in(tab, config)
    if table is None:
        return None
    key = "stray_empty" if next(_filled(table), None) is None else "stray"
    where = text("units.where_tab", tab=shown(tab.title))
    return Problem(where, text(f"units.{key}.what"), text(f"units.{key}.fix"))


def _wrong_with(unit: Unit, table: UnitTable, config: Config) -> Problem | None:
    found = table.table
    if not lists_people(table) and FieldCode.JUDGED not in found.columns:  # a list of ours that lost its headers
        return of_unit("counts", unit, row=found.header_row, headers=quoted_list(_required(config)))
    missing = [f.header for f in config.fields if f.used and f.required and f.code not in found.columns]
    if missing:
        return missing_headers("required_header", unit, table, missing, config)
    another = another_header(table.tab.rows, found, table.names, config.list_names.codes)
    return _another_header(unit, table, another) if another else None


def _another_header(unit: Unit, table: UnitTable, row: int) -> Problem:
    """That a line is a header, too; a letterhead above it came with the list that was pasted, and may go."""
    first = table.table.header_row
    between = table.tab.rows[first : row - 1]
    is_letterhead = bool(between) and all(
        sum(not is_blank(cell) for cell in line) <= _OF_LETTERHEADS for line in between
    )
    key = "header_below_letterhead" if is_letterhead else "another_header"
    return of_unit(key, unit, row=row, first=first, between=_lines(first + 1, row - 1))


def _lines(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _required(config: Config) -> list[str]:
    return [field.header for field in config.fields if field.used and field.required]


def missing_headers(key: str, unit: Unit, table: UnitTable, missing: Sequence[str], config: Config) -> Problem:
    """A sentence about columns that a list lacks, with the header that may be meant."""
    foreign = table.table.foreign(unused_names(config))
    lines = f"{table.table.top}–{table.table.header_row}" if table.table.first_row else str(table.table.header_row)
    hint = next(_similar(table, foreign, missing), "") or next(_elsewhere(table, missing, config), "")
    hint = hint or _under_another_name(table, config)
    seen = text("units.seen_headers", headers=quoted_list(_fit_to_be_told(foreign))) if foreign else ""
    told = of_unit(key, unit, headers=quoted_list(missing), row=lines, hint=hint, seen=seen)
    renamed = [each.header for each in renamed_fields(table, config) if each.header in missing]
    if not renamed:
        return told
    fix = text(f"units.{key}.fix_renamed", headers=quoted_list(missing), hint=hint, renamed=quoted_list(renamed))
    return replace(told, fix=fix)


def _similar(table: UnitTable, foreign: Collection[str], missing: Sequence[str]) -> Iterator[str]:
    """Headers that resemble a missing one."""
    for column, typed in table.table.unknown:
        if typed in foreign and nearest(typed, missing):
            cell = cell_name(table.table.header_row, column)
            yield text("units.similar_header", header=shown(typed), cell=cell)


def _elsewhere(table: UnitTable, missing: Collection[str], config: Config) -> Iterator[str]:
    """Missing headers that stand in another line than the others, or above a group of columns."""
    codes = {field.code for field in config.fields if field.header in missing}
    for number, row in enumerate(table.tab.rows[:FAR], start=1):
        key = "header_of_group" if table.table.top <= number < table.table.header_row else "header_elsewhere"
        for column, cell in enumerate(row, start=1):
            if isinstance(cell, str) and known_code(cell, config.list_names.codes) in codes:
                yield text(f"units.{key}", header=shown(cell), cell=cell_name(number, column))


def renamed_fields(table: UnitTable, config: Config) -> list[Field]:
    """The fields for people's cells that may be under another header: one of the unknown ones resembles theirs, or they
    are lost.
    """
    foreign, lost = table.table.foreign(unused_names(config)), lost_codes(table, config)
    missing = (each for each in config.inputs if each.code not in table.table.columns)
    return [each for each in missing if each.code in lost or seems_renamed(each.header, foreign)]


def lost_codes(table: UnitTable, config: Config) -> list[str]:
    """Codes of the required fields whose column the list had, or must have had, where cells stand below another header
    or none.
    """
    required = (each.code for each in config.inputs if each.required)
    missing = [code for code in required if code not in table.table.columns]
    if not missing or not any(_strange_columns(table, config)):
        return []
    if FieldCode.JUDGED in table.table.columns:
        return missing if _lost_some(table, config) else []
    return [code for code in missing if code == FieldCode.NAME]  # a list of people that we never drew has their names


def _lost_some(table: UnitTable, config: Config) -> bool:
    """Whether a list that we drew had other columns of ours than it has now: no digest of a row is made of these."""
    columns = table.table.columns
    _, start = made_of(table.table, shown_fields(columns), config)
    return not any(str(cell).startswith(start) for cell in filter(is_digest, table.below(columns[FieldCode.JUDGED])))


def _strange_columns(table: UnitTable, config: Config) -> Iterator[int]:
    """The columns with cells of people below a header that is not ours, or among the others below none."""
    found, foreign = table.table, set(table.table.foreign(unused_names(config)))
    typed = {column for column, header in found.unknown if header in foreign}
    headers = table.tab.rows[found.top - 1 : found.header_row]
    for column in range(1, last_header(found) + 1):
        is_headless = all(is_blank(cell_of(line, column)) for line in headers)
        if (column in typed or is_headless) and any(map(_is_of_people, set(table.below(column)))):
            yield column


def _is_of_people(cell: Cell) -> bool:
    return _is_filled(cell) and not is_emptied_line(cell)


def _under_another_name(table: UnitTable, config: Config) -> str:
    """Where the cells of a required column may stand, whatever header is above them."""
    if not lost_codes(table, config):
        return ""
    cells = (cell_name(table.table.header_row, column) for column in _strange_columns(table, config))
    return text("units.other_name", cells=", ".join(islice(cells, _MOST_SEEN)))


def _no_header(unit: Unit, tab: Tab, config: Config) -> Problem:
    """Nobody's data is quoted: only lines that have a header of ours are."""
    counts = [(len(known_codes(row, config.list_names.codes)), -n) for n, row in enumerate(tab.rows[:FAR], start=1)]
    known, number = max(counts, default=(0, 0))
    seen = _texts(tab.rows[-number - 1]) if known else []
    told = text("units.seen_line", row=-number, headers=quoted_list(_fit_to_be_told(seen))) if seen else ""
    return of_unit("no_headers", unit, headers=", ".join(_required(config)), seen=told, lines=FAR)


def _texts(row: Row) -> list[str]:
    return [as_text(cell) for cell in row if isinstance(cell, str) and not is_blank(cell)]


def _fit_to_be_told(headers: Iterable[str]) -> list[str]:
    return [shown(header) for header in headers if len(header) <= _LONGEST_SEEN][:_MOST_SEEN]
