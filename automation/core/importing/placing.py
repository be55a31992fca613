"""Into which cells of a new row go the values of somebody new, where a field may stand in several columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from msgspec import Struct

from automation.core.config.values import Config, FieldCode, list_spellings
from automation.core.importing.readings import NOTHING, Reading
from automation.core.model.workbook import Cell
from automation.core.reading.cells import as_text, fold, read_date
from automation.core.reading.tables import Composed, FoundTable, How

_MARK = "x"


class PlacedRow(Struct, frozen=True):
    """`cells` by column, and the codes of what found no place."""

    cells: Mapping[int, Cell]
    homeless: frozenset[str]


def placed(readings: Mapping[str, Reading], table: FoundTable, config: Config) -> PlacedRow:
    """A row of the table as it says the same."""
    cells: dict[int, Cell] = {}
    homeless: set[str] = set()
    for code, read in readings.items():
        if code not in table.composed:
            cells[table.columns[code]] = read.value
            continue
        parts = _MAKERS[table.composed[code].how](code, readings, table, config)
        if parts is None:
            homeless.add(code)
        else:
            cells |= parts
    return PlacedRow(cells, frozenset(homeless))


_Parts = Mapping[int, Cell] | None


def _joined(code: str, readings: Mapping[str, Reading], table: FoundTable, _config: Config) -> _Parts:
    """The last word is the given name."""
    first, last = (source.column for source in table.composed[code].sources)
    front, _, given = as_text(readings[code].value).rpartition(" ")
    return {first: front or None, last: given}


def _told_by_place(code: str, readings: Mapping[str, Reading], table: FoundTable, config: Config) -> _Parts:
    """A date, in the column of the person's gender."""
    column = _column_for(readings.get(FieldCode.GENDER, NOTHING), FieldCode.GENDER, table.composed[code], config)
    return {column: readings[code].value} if column else None


def _dated(code: str, readings: Mapping[str, Reading], table: FoundTable, _config: Config) -> _Parts:
    """Day, month and year, where they are known."""
    day = read_date(readings[code].value)
    if not isinstance(day, date):
        return None
    columns = (source.column for source in table.composed[code].sources)
    return dict(zip(columns, (day.day, day.month, day.year), strict=True))


def _marked(code: str, readings: Mapping[str, Reading], table: FoundTable, config: Config) -> _Parts:
    """A mark, but where a date says the same by where it stands."""
    composed = table.composed[code]
    birth = table.composed.get(FieldCode.BIRTH_DATE)
    if birth is not None and birth.sources == composed.sources:
        return {} if FieldCode.BIRTH_DATE in readings else None
    column = _column_for(readings[code], code, composed, config)
    return {column: _MARK} if column else None


def _column_for(read: Reading, code: str, composed: Composed, config: Config) -> int:
    """The column that is named as the value is; 0 where none is."""
    spellings = list_spellings(config, config.field(code).list_name)
    named = (source.column for source in composed.sources if spellings.get(fold(source.label)) == read.value)
    return next(named, 0) if read.key else 0


_MAKERS: Mapping[How, Callable[[str, Mapping[str, Reading], FoundTable, Config], _Parts]] = {
    How.JOINED: _joined,
    How.FIRST: _told_by_place,
    How.MARKED: _marked,
    How.DATED: _dated,
}
