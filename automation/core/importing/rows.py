"""The people of a list, each as one row of readings."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from automation.core.config.values import Config, FieldCode
from automation.core.importing.readings import NOTHING, Reading, readers
from automation.core.judging.lists.gathering import read_people
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.model.workbook import Cell
from automation.core.reading.cells import LONGEST_LOOKED_AT


class Place(Struct, frozen=True, order=True):
    """Where a row stands: which of several lists, and which line of it as people count."""

    source: int
    row: int


class PersonRow(Struct, frozen=True):
    """Somebody in a list."""

    place: Place
    readings: Mapping[str, Reading]
    """By code, of the fields that the list has a column for."""

    def reading(self, code: str) -> Reading:
        return self.readings.get(code, NOTHING)

    def key(self, code: str) -> str:
        """What the cell compares by; "" where nothing stands."""
        return self.reading(code).key

    @property
    def number(self) -> str:
        """The number of 12 digits, "" where there is none."""
        read = self.reading(FieldCode.IDENTITY)
        return read.key if read.understood else ""

    @property
    def name(self) -> str:
        return self.key(FieldCode.NAME)

    @property
    def birth(self) -> str:
        return self.key(FieldCode.BIRTH_DATE)

    def adds_to(self, other: PersonRow) -> bool:
        """Whether anything stands here that does not stand there."""
        return any(each.key and each.key != other.key(code) for code, each in self.readings.items())


def people_of(table: UnitTable, config: Config, source: int = 0) -> list[PersonRow]:
    """Everybody in the list, as whoever judges it reads it."""
    people = read_people([table], config)
    read = {code: each for code, each in readers(config).items() if code in table.table.columns}
    numbers = [int(number) for number in people.frame["row"]]
    columns = {
        code: [
            each(_whole(cell, table, number, code)) for number, cell in zip(numbers, people.typed(code), strict=True)
        ]
        for code, each in read.items()
    }
    return [
        PersonRow(Place(source, number), {code: column[index] for code, column in columns.items()})
        for index, number in enumerate(numbers)
    ]


def _whole(cell: Cell, table: UnitTable, number: int, code: str) -> Cell:
    """All of a cell of which only the beginning is judged: what goes to another sheet must not lose its end."""
    if not isinstance(cell, str) or len(cell) < LONGEST_LOOKED_AT:
        return cell
    typed = table.table.cell(table.row(number), code)
    return typed if isinstance(typed, str) and typed.startswith(cell) else cell
