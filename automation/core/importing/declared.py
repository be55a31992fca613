"""What a mailed list says of the unit itself, above its people: a form asks for it, and a merge is of people alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from automation.core.config.values import Config, FieldType
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.model.workbook import Cell, cell_name
from automation.core.reading.cells import Unreadable, as_text, fold, read_date, read_headcount, read_tick

_TICKED = "x"


class Declared(Struct, frozen=True):
    """An answer that the unit's tab does not give."""

    code: str
    mailed: str
    """"" where it is words, which may name people."""
    present: str
    """What the tab says instead, likewise."""
    differs: bool
    """Whether the tab says anything."""
    cell: str
    """Where it belongs in the tab; "" where the tab does not ask."""


class _Answer(Struct, frozen=True):
    key: str
    """Two that say the same have the same; "" where nothing is said."""
    shown: str
    """"" for words."""
    cell: str


def declared_in(lists: Sequence[UnitTable], table: UnitTable, config: Config) -> Iterator[Declared]:
    """The answers above the lists that the tab does not give, each once."""
    present = dict(_answers(table, config))
    mailed = {code: answer for each in reversed(lists) for code, answer in _answers(each, config) if answer.key}
    for code, answer in mailed.items():
        before = present.get(code, _Answer("", "", ""))
        if before.key != answer.key:
            yield Declared(code, answer.shown, before.shown, bool(before.key), before.cell)


def _answers(table: UnitTable, config: Config) -> Iterator[tuple[str, _Answer]]:
    for code, (row, column) in table.declared_at.items():
        key, said = _read(table.tab.cell(row, column), config.field(code).type)
        yield code, _Answer(key, said, cell_name(row, column))


def _read(cell: Cell, kind: FieldType) -> tuple[str, str]:
    """By what an answer compares, and how it is shown."""
    if kind is FieldType.DECLARED_TICK:
        return (_TICKED, _TICKED) if read_tick(cell) else ("", "")
    typed = as_text(cell)
    read = {FieldType.DECLARED_DATE: read_date, FieldType.DECLARED_COUNT: read_headcount}.get(kind)
    value = read(cell) if read else None
    return (fold(typed), "") if value is None or isinstance(value, Unreadable) else (str(value), typed)
