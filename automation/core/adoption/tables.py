"""The tables of a tab: the one that a cycle reads, those below and beside it, and what each holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.adoption.columns import (
    cells_below,
    header_cell,
    header_of,
    known_columns,
    letters,
    questions_about,
    strange_values,
)
from automation.core.adoption.fitting import Likely, fit_of, is_worded, likely_fields, samples_of, told_by_content
from automation.core.adoption.proposal import (
    By,
    FieldColumn,
    Spelling,
    StrangerColumn,
    TableProposal,
)
from automation.core.config.values import Config, Field, FieldCode
from automation.core.judging.lists.gathering import read_people
from automation.core.judging.lists.unit_table import UnitTable, find_unit_table, unused_names
from automation.core.judging.lists.unreadable import UnreadableTab, lists_people, readable_table, renamed_fields
from automation.core.judging.people import People
from automation.core.model.problems import Problem
from automation.core.model.units import Declaration, Unit
from automation.core.model.workbook import Row, Tab, column_letter
from automation.core.reading.cells import as_text, is_blank
from automation.core.reading.columns import cell_of
from automation.core.reading.header_lines import FAR, known_code
from automation.core.reading.other_lines import another_header
from automation.core.reading.shown import shown
from automation.core.reading.tables import FoundTable

_LEAST_HEADERS = 3
_LINES_LOOKED_AT = 30
_PEOPLE_LOOKED_AT = 300
"""Of a list, to tell what a column holds."""
_LONGEST_HEADER = 120


def with_spellings(config: Config, spellings: Sequence[Spelling]) -> Config:
    """The configuration as it reads once these headers are remembered."""
    names = {field.code: tuple(each.header for each in spellings if each.code == field.code) for field in config.fields}
    fields = (replace(each, other_spellings=(*each.other_spellings, *names[each.code])) for each in config.fields)
    return replace(config, fields=tuple(fields))


# --- where they stand -------------------------------------------------------------------------------------


def tables_in(tab: Tab, config: Config) -> Iterator[UnitTable]:
    """The tables of a tab, first the one that a cycle reads; none where there is no line of headers."""
    first = find_unit_table("", tab, config) or _by_likely_headers(tab, config) or _by_content(tab, config)
    if first is None:
        return
    names = config.list_names.codes
    line = another_header(tab.rows, first.table, first.names, names)
    yield replace(first, tab=replace(tab, rows=tab.rows[: line - 1])) if line else first
    for part in _beside(first, tab):
        yield from tables_in(part, config)
    if line:
        yield from tables_in(_from_line(tab, line), config)


def _beside(first: UnitTable, tab: Tab) -> Iterator[Tab]:
    """The tab from the column on where the headers of the first table stand a second time."""
    columns = [column for _, column in first.table.repeated]
    if len(columns) >= _LEAST_HEADERS:
        left = min(columns) - 1
        yield replace(tab, rows=[[*[None] * left, *row[left:]] for row in tab.rows])


def _from_line(tab: Tab, line: int) -> Tab:
    return replace(tab, rows=[*[()] * (line - 1), *tab.rows[line - 1 :]], merged=())


def _by_likely_headers(tab: Tab, config: Config) -> UnitTable | None:
    """The table below the line with the most headers that are known, or nearly: too few are known to read it."""
    counts = [
        (_likely_headers(row, config.inputs, config), -number) for number, row in enumerate(tab.rows[:FAR], start=1)
    ]
    most, number = max(counts, default=(0, 0))
    return _headed_by(-number, tab, config) if most >= _LEAST_HEADERS else None


def _by_content(tab: Tab, config: Config) -> UnitTable | None:
    """The table below the first line of texts under which columns tell by themselves what they hold."""
    for number, row in enumerate(tab.rows[:FAR], start=1):
        if _is_line_of_texts(row) and _columns_told(tab, number, config.inputs, config) >= _LEAST_HEADERS:
            return _headed_by(number, tab, config)
    return None


def _is_line_of_texts(row: Row) -> bool:
    cells = [cell for cell in row if not is_blank(cell)]
    return len(cells) >= _LEAST_HEADERS and all(isinstance(c, str) and len(c) <= _LONGEST_HEADER for c in cells)


def _columns_told(tab: Tab, number: int, fields: Sequence[Field], config: Config) -> int:
    """How many fields are told by what stands below a line, and not by what stands in it, too: that is somebody."""
    below = tab.rows[number : number + _LINES_LOOKED_AT]
    told: set[str] = set()
    for column, header in enumerate(tab.rows[number - 1], start=1):
        found = told_by_content([cell_of(row, column) for row in below], fields, config)
        told |= {field.code for field in found if not fit_of([header], field, config).fits}
    return len(told)


def _headed_by(number: int, tab: Tab, config: Config) -> UnitTable:
    headers = tab.rows[number - 1]
    filled = [(column, as_text(cell)) for column, cell in enumerate(headers, start=1) if not is_blank(cell)]
    codes = {column: known_code(typed, config.list_names.codes) for column, typed in filled}
    columns = {code: column for column, code in reversed(codes.items()) if code}
    unknown = tuple((column, typed) for column, typed in filled if not codes[column])
    return UnitTable("", tab, FoundTable(number, columns, (), unknown), Declaration())


def _likely_headers(row: Row, fields: Sequence[Field], config: Config) -> int:
    if not _is_line_of_texts(row):
        return 0
    texts = [as_text(cell) for cell in row if not is_blank(cell)]
    known = sum(known_code(typed, config.list_names.codes) is not None for typed in texts)
    others = [typed for typed in texts if known_code(typed, config.list_names.codes) is None]
    return known + sum(any(is_worded(typed, field) for field in fields) for typed in others)


# --- what one holds ---------------------------------------------------------------------------------------


class LookedAt(Struct, frozen=True):
    """A table, and the headers of it that a later run should know."""

    table: UnitTable
    proposal: TableProposal
    spellings: tuple[Spelling, ...] = ()


def look_at(table: UnitTable, config: Config, *, is_read: bool) -> LookedAt:
    """What is proposed for one table. `is_read`: whether a cycle reads it."""
    lines = (table.table.top, table.table.header_row)
    if not lists_people(table) and not _may_list_people(table, config):
        return LookedAt(table, TableProposal(lines, is_list=False, is_read=is_read))
    likely = _likely(table, config)
    people = read_people([_supposed(table, likely)], config)
    rows = tuple(map(int, people.frame["row"]))
    columns = list(known_columns(table, people, config))
    guessed = [_guessed(table, column, each, rows) for column, each in likely.items()]
    others = tuple(number for number, row in table.body if number not in rows and not all(map(is_blank, row)))
    columns += guessed
    columns += _sections(people, columns, config)
    proposal = TableProposal(
        header_rows=lines,
        is_list=True,
        is_read=is_read,
        people=rows,
        others=others,
        columns=tuple(sorted(columns, key=lambda each: min(each.columns, default=0))),
        strangers=tuple(_strangers(table, rows, likely)),
        missing=tuple(field.header for field in _missing_fields(table, config)),
        renamed=tuple(each.header for each in renamed_fields(table, config)),
        values=tuple(strange_values(people, config)) if rows else (),
        questions=tuple(_questions(table, columns, likely, rows, is_read=is_read)),
    )
    return LookedAt(table, proposal, tuple(_spellings(table, likely)))


def _lines_told(table: UnitTable, config: Config) -> Sequence[int]:
    """The lines of people; where no column of names is known, those in which several cells are filled."""
    if FieldCode.NAME in table.table.columns:
        return [int(row) for row in read_people([table], config).frame["row"]]
    return [number for number, row in table.body if sum(not is_blank(cell) for cell in row) >= _LEAST_HEADERS]


def _supposed(table: UnitTable, likely: dict[int, Likely]) -> UnitTable:
    """The table as it would be read if all guesses were right, where without them nobody could be read."""
    if FieldCode.NAME in table.table.columns:
        return table
    guessed = {each.field.code: column for column, each in likely.items()}
    return replace(table, table=replace(table.table, columns={**guessed, **table.table.columns}))


def _spellings(table: UnitTable, likely: dict[int, Likely]) -> Iterator[Spelling]:
    for column, each in likely.items():
        if each.sure and "|" not in _typed(table, column):
            yield Spelling(each.field.code, each.field.header, _typed(table, column))


def _may_list_people(table: UnitTable, config: Config) -> bool:
    """Whether its headers, or what stands below them, may be those of people though none is known."""
    people = [config.field(code) for code in (FieldCode.NAME, FieldCode.IDENTITY)]
    below = [row for _, row in table.body][:_LINES_LOOKED_AT]
    for column, typed in table.table.unknown:
        cells = [cell_of(row, column) for row in below]
        if any(is_worded(typed, field) for field in people) or any(told_by_content(cells, people, config)):
            return True
    return False


def _missing_fields(table: UnitTable, config: Config) -> list[Field]:
    return [field for field in config.inputs if field.code not in table.table.columns]


def _typed(table: UnitTable, column: int) -> str:
    return next(typed for each, typed in table.table.unknown if each == column)


def _likely(table: UnitTable, config: Config) -> dict[int, Likely]:
    """Column -> the field that it may be, of those whose header is no known name."""
    foreign = set(table.table.foreign(unused_names(config)))
    rows = _lines_told(table, config)[:_PEOPLE_LOOKED_AT] if foreign else ()
    places = {typed: column for column, typed in reversed(table.table.unknown) if typed in foreign}
    cells = {typed: cells_below(table, column, rows) for typed, column in places.items()}
    found = likely_fields(cells, _missing_fields(table, config), config)
    return {places[typed]: each for typed, each in found.items()}


def _guessed(table: UnitTable, column: int, likely: Likely, rows: Sequence[int]) -> FieldColumn:
    return FieldColumn(
        code=likely.field.code,
        field=likely.field.header,
        columns=(column,),
        headers=(header_of(table, column),),
        by=By.WORDS if likely.by_words else By.CONTENT,
        sure=likely.sure,
        filled=likely.fit.filled,
        fits=likely.fit.fits,
        samples=samples_of(cells_below(table, column, rows)),
    )


def _strangers(table: UnitTable, rows: Sequence[int], likely: dict[int, Likely]) -> Iterator[StrangerColumn]:
    for column, typed in table.table.unknown:
        if column not in likely:
            yield StrangerColumn(column, shown(typed), samples_of(cells_below(table, column, rows)))


def _sections(people: People, columns: Sequence[FieldColumn], config: Config) -> Iterator[FieldColumn]:
    """The department, where judging reads it off the headings between the people."""
    if not config.uses(FieldCode.DEPARTMENT) or any(each.code == FieldCode.DEPARTMENT for each in columns):
        return
    told = [cell for cell in people.typed(FieldCode.DEPARTMENT) if not is_blank(cell)]
    if told:
        field = config.field(FieldCode.DEPARTMENT)
        yield FieldColumn(field.code, field.header, (), (), By.SECTIONS, True, len(told), None, samples_of(told))


# --- what is asked ----------------------------------------------------------------------------------------


def _questions(
    table: UnitTable,
    columns: Sequence[FieldColumn],
    likely: dict[int, Likely],
    rows: Sequence[int],
    *,
    is_read: bool,
) -> Iterator[Problem]:
    title = shown(table.tab.title)
    if not is_read:
        where = text("adopt.where_line", tab=title, row=table.table.header_row)
        yield Problem(where, text("adopt.another_table.what"), text("adopt.another_table.fix"))
    known = [each for each in columns if each.by in (By.NAME, By.JOINED, By.PLACE)]
    for column in known:
        yield from questions_about(column, len(rows), title)
    read = {} if table.beside else {each.code: each for each in columns}
    for code, again in table.table.repeated:
        if code in read:
            yield _of_repeated(table, read[code], again)
    for place, each in likely.items():
        if not each.sure:
            yield _may_be(table, place, each)


def _of_repeated(table: UnitTable, read: FieldColumn, again: int) -> Problem:
    """One of two columns is read: nobody but the unit knows whether it is the right one."""
    where = text("adopt.where_column", tab=shown(table.tab.title), columns=letters([*read.columns, again]))
    values = {"header": read.field, "first": header_cell(table, read.columns[0]), "again": header_cell(table, again)}
    return Problem(where, text("units.repeated_header.what", **values), text("units.repeated_header.fix", **values))


def _may_be(table: UnitTable, column: int, likely: Likely) -> Problem:
    values = {
        "header": shown(_typed(table, column)),
        "field": likely.field.header,
        "cell": header_cell(table, column),
        "fits": likely.fit.fits,
        "filled": likely.fit.filled,
    }
    key = "by_words" if likely.by_words else "by_content"
    where = text("adopt.where_column", tab=shown(table.tab.title), columns=column_letter(column))
    return Problem(where, text(f"adopt.may_be.{key}", **values), text("adopt.may_be.fix", **values))


def unreadable(unit: Unit, tab: Tab, config: Config) -> Problem | None:
    """Why a cycle will not read the tab even so; None where it will."""
    found = readable_table(unit, tab, config)
    return found.problem if isinstance(found, UnreadableTab) else None
