"""What stands in columns of fields that were switched off: how many values, in which tabs, never which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.judging.lists.unit_table import UnitTable, unused_names
from automation.core.model.problems import Problem
from automation.core.model.workbook import Cell
from automation.core.reading.cells import is_blank
from automation.core.reading.columns import cell_of
from automation.core.reading.shown import shown
from automation.core.reading.tables import header_keys
from automation.core.text.vietnamese import number_text

_TABS_NAMED = 20


class LeftOver(Struct, frozen=True):
    """The values of one field that is not collected any more."""

    field: str
    """Its code."""
    header: str
    tabs: tuple[tuple[str, int], ...]
    """(title, values), the most first."""

    @property
    def values(self) -> int:
        return sum(count for _, count in self.tabs)


def left_over(tables: Sequence[UnitTable], config: Config) -> tuple[LeftOver, ...]:
    """One for each field that is switched off and still has values in some tab, in the order of `Cột dữ liệu`."""
    unused = [field for field in config.fields if field.type.is_input and not field.used]
    codes = unused_names(config)
    counts: dict[str, Counter[str]] = {field.code: Counter() for field in unused}
    for table in tables if unused else ():
        for code, count in _counts(table, codes):
            counts[code][shown(table.tab.title)] += count
    found = (LeftOver(each.code, each.header, _most_first(counts[each.code])) for each in unused)
    return tuple(each for each in found if each.tabs)


def _counts(table: UnitTable, codes: dict[str, str]) -> Iterator[tuple[str, int]]:
    """(field, values) of each column of the tab that has such a header."""
    rows = table.tab.rows[table.table.header_row :]
    for column, header in table.table.unknown:
        code = next((codes[key] for key in header_keys(header) if key in codes), None)
        count = sum(_is_value(cell_of(row, column)) for row in rows) if code else 0
        if code and count:
            yield code, count


def _is_value(cell: Cell) -> bool:
    return cell is not None and cell is not False and not is_blank(cell)


def _most_first(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def left_over_problems(found: Iterable[LeftOver]) -> Iterator[Problem]:
    """A sentence a field, to be told once."""
    for each in found:
        yield Problem(
            where=text("units.left_over.where", tab=tabs.FIELDS, header=each.header),
            what=text("units.left_over.what", count=number_text(each.values), tabs=_named(each)),
            fix=text("units.left_over.fix"),
            needs_person=False,
            told_once=True,
        )


def _named(found: LeftOver) -> str:
    named = ", ".join(f"“{title}” ({number_text(count)})" for title, count in found.tabs[:_TABS_NAMED])
    more = len(found.tabs) - _TABS_NAMED
    return text("units.left_over.more", tabs=named, count=more) if more > 0 else named
