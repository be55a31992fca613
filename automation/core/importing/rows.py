"""The people of a list, each as one row of readings."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from automation.core.config.values import Config, FieldCode
from automation.core.importing.readings import NOTHING, Reading, readers
from automation.core.judging.lists.gathering import read_people
from automation.core.judging.lists.unit_table import UnitTable


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
    columns = {code: [each(cell) for cell in people.typed(code)] for code, each in read.items()}
    rows = [Place(source, int(number)) for number in people.frame["row"]]
    return [
        PersonRow(place, {code: column[index] for code, column in columns.items()}) for index, place in enumerate(rows)
    ]
