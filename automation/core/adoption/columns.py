"""Which field stands in which column of a list, as judging reads it, with what speaks for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from automation.base.messages import text
from automation.core.adoption.fitting import Fit, fit_of, samples_of
from automation.core.adoption.proposal import By, FieldColumn, Mark, StrangeValue, either
from automation.core.config.values import Config, Field, FieldType, list_spellings
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.judging.people import People
from automation.core.model.problems import Problem
from automation.core.model.workbook import Cell, cell_name, column_letter
from automation.core.reading.cells import as_text, fold
from automation.core.reading.columns import cell_of
from automation.core.reading.shown import redacted, shown
from automation.core.reading.suggestions import candidates, nearest
from automation.core.reading.tables import FoundTable, How

_BY = {How.JOINED: By.JOINED, How.DATED: By.JOINED, How.FIRST: By.PLACE, How.MARKED: By.PLACE}
_MOST_VALUES = 20
"""Of one column that its list does not know: a column of other things is asked about as such."""
_LONGEST_VALUE = 60


def cells_below(table: UnitTable, column: int, rows: Sequence[int]) -> list[Cell]:
    """What stands in a column on those lines."""
    return [cell_of(table.row(row), column) for row in rows]


def header_of(table: UnitTable, column: int) -> str:
    """The header above a column, with that of its group."""
    lines = table.tab.rows[table.table.top - 1 : table.table.header_row]
    return " / ".join(filter(None, (as_text(cell_of(line, column)) for line in lines)))


def known_columns(table: UnitTable, people: People, config: Config) -> Iterator[FieldColumn]:
    """The fields that judging finds, in the order of their columns."""
    found = [field for field in config.inputs if field.code in table.table.columns and people.holds(field.code)]
    for field in sorted(found, key=lambda each: table.table.columns[each.code]):
        yield _known(field, table, people, config)


def _known(field: Field, table: UnitTable, people: People, config: Config) -> FieldColumn:
    found, cells = table.table, list(people.typed(field.code))
    columns, composed = found.columns_of(field.code), found.composed.get(field.code)
    fit = Fit(sum(cell is not None for cell in cells), None) if composed else fit_of(cells, field, config)
    return FieldColumn(
        code=field.code,
        field=field.header,
        columns=columns,
        headers=tuple(header_of(table, column) for column in columns),
        by=_BY[composed.how] if composed else By.NAME,
        sure=not fit.speaks_against and not any(mark.may_mean for mark in _marks(field, found, config)),
        filled=fit.filled,
        fits=fit.fits,
        samples=samples_of(cells),
        marks=tuple(_marks(field, found, config)),
    )


def _marks(field: Field, table: FoundTable, config: Config) -> Iterator[Mark]:
    composed = table.composed.get(field.code)
    if composed is None or composed.how is not How.MARKED:
        return
    spellings = list_spellings(config, field.list_name)
    for source in composed.sources:
        value = spellings.get(fold(source.label), "")
        is_plain = fold(source.label) == fold(value) or not _asks(field, table)
        yield Mark(source.column, source.label, value, () if is_plain else _meanings(source.label, field, config))


def _asks(field: Field, table: FoundTable) -> bool:
    """The place of a date tells the gender in one way only."""
    return not any(
        each.how is How.FIRST and each.sources == table.composed[field.code].sources for each in table.composed.values()
    )


def _meanings(label: str, field: Field, config: Config) -> tuple[str, ...]:
    """Every value of which a name holds the label, word by word; none where it is one alone."""
    said = f" {fold(label)} "
    values = config.lists.get(field.list_name, ())
    held = [each.value for each in values if any(said in f" {_spaced(name)} " for name in each.names)]
    return tuple(held) if len(held) > 1 else ()


def _spaced(name: str) -> str:
    return fold(name).replace(",", " ").replace("  ", " ")


# --- what is asked about them -----------------------------------------------------------------------------


def questions_about(column: FieldColumn, people: int, title: str) -> Iterator[Problem]:
    """What a person has to decide of a column that judging reads."""
    where = text("adopt.where_column", tab=shown(title), columns=letters(column.columns))
    header = " + ".join(shown(each) for each in column.headers)
    if not column.sure and not column.marks:
        values = {"header": header, "field": column.field, "fits": column.fits, "filled": column.filled}
        yield Problem(where, text("adopt.doubtful.what", **values), text("adopt.doubtful.fix", **values))
    for mark in column.marks:
        if mark.may_mean:
            yield _of_mark(mark, column, title)
    unmarked = people - column.filled
    if unmarked > 0 and any(mark.may_mean for mark in column.marks):
        values = {"field": column.field, "count": unmarked}
        yield Problem(where, text("adopt.unmarked.what", **values), text("adopt.unmarked.fix", **values))


def _of_mark(mark: Mark, column: FieldColumn, title: str) -> Problem:
    where = text("adopt.where_column", tab=shown(title), columns=column_letter(mark.column))
    said = text("adopt.mark.read", value=mark.value) if mark.value else text("adopt.mark.not_read")
    meanings = either(mark.may_mean)
    what = text("adopt.mark.what", label=shown(mark.label), field=column.field, said=said, meanings=meanings)
    return Problem(where, what, text("adopt.mark.fix", field=column.field))


def letters(columns: Sequence[int]) -> str:
    """ "C, D" for 3, 4."""
    return ", ".join(map(column_letter, columns))


# --- values that the lists do not know --------------------------------------------------------------------


def strange_values(people: People, config: Config) -> Iterator[StrangeValue]:
    """What stands in columns of lists and in no list, with the values that may be meant."""
    for field in config.fields:
        if field.used and field.type is FieldType.LIST and people.holds(field.code):
            yield from _strange(field, people, config)


def _strange(field: Field, people: People, config: Config) -> Iterator[StrangeValue]:
    typed = people.text(field.code)[~people.listed(field.code) & ~people.blank(field.code)]
    counts = Counter(typed)
    if len(counts) > _MOST_VALUES:
        return
    values = config.list_values(field.code)
    for each, count in counts.items():
        meant = candidates(each, values) or tuple(filter(None, [nearest(each, values)]))
        yield StrangeValue(field.code, field.header, redacted(each, _LONGEST_VALUE), count, meant)


def header_cell(table: UnitTable, column: int) -> str:
    """The address of the header of a column."""
    return cell_name(table.table.header_row, column)
