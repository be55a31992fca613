"""What merging a mailed list into a unit's tab would do, person by person and cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

from msgspec import Struct

from automation.core.config.values import Config, FieldCode
from automation.core.importing.declared import Declared, declared_in
from automation.core.importing.pairing import Asked, pair
from automation.core.importing.placing import placed
from automation.core.importing.readings import NOTHING, Reading
from automation.core.importing.rows import PersonRow, Place, people_of
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.model.workbook import Merged


class Prefer(Enum):
    """Whose value holds where the two differ."""

    NEITHER = ""
    """The tab's stays, and a person is asked to decide."""
    FILE = "file"
    SHEET = "sheet"


class Fate(Enum):
    """What becomes of a cell of the mailed list."""

    FILLED = "filled"
    """The tab has nothing there."""
    CONFLICT = "conflict"
    """The tab says something else."""
    UNCLEAR = "unclear"
    """It cannot be read as what the field asks for."""
    DISAGREEING = "disagreeing"
    """Several rows of that person say different things."""
    NO_PLACE = "no_place"
    """The tab has no single cell for it: no column, several, or cells that are merged."""


class CellPlan(Struct, frozen=True):
    """One cell of a person in which list and tab are not alike."""

    code: str
    fate: Fate
    present: Reading
    mailed: Reading

    def is_written(self, prefer: Prefer) -> bool:
        """Whether the tab gets what the list says."""
        return self.fate is Fate.FILLED or (self.fate is Fate.CONFLICT and prefer is Prefer.FILE)

    def needs_person(self, prefer: Prefer) -> bool:
        """Whether somebody has to decide."""
        return self.fate is not Fate.FILLED and not (self.fate is Fate.CONFLICT and prefer is not Prefer.NEITHER)


class PersonPlan(Struct, frozen=True):
    """Somebody in whom list and tab differ; `row`: their line in the tab, 0 for who is new."""

    places: tuple[Place, ...]
    row: int
    name: str
    cells: tuple[CellPlan, ...]
    readings: Mapping[str, Reading]
    """What the list says, by code; of somebody new all that goes into the tab."""

    def written(self, prefer: Prefer) -> tuple[CellPlan, ...]:
        """The cells that the tab gets."""
        return tuple(cell for cell in self.cells if cell.is_written(prefer))


class ImportPlan(Struct, frozen=True):
    """What a merge would do."""

    table: UnitTable
    new: tuple[PersonPlan, ...] = ()
    known: tuple[PersonPlan, ...] = ()
    """Those of the tab in whom something differs."""
    alike: int = 0
    """Those in whom nothing does."""
    people_on: tuple[int, ...] = ()
    """The lines of the tab on which somebody stands."""
    only_in_tab: tuple[int, ...] = ()
    """Lines of the tab of whom the list says nothing."""
    asked: tuple[Asked, ...] = ()
    homeless: tuple[str, ...] = ()
    """Fields that the list has and the tab has no column for."""
    declared: tuple[Declared, ...] = ()
    """What the list says of the unit itself, and the tab does not."""

    def changed(self, prefer: Prefer) -> tuple[PersonPlan, ...]:
        """Those of the tab of whom a cell is written."""
        return tuple(person for person in self.known if person.written(prefer))

    def conflicting(self) -> tuple[PersonPlan, ...]:
        """Those of the tab of whom a cell says something else."""
        return self._with(Fate.CONFLICT)

    def unclear(self) -> tuple[PersonPlan, ...]:
        """Those of whom a cell could not be understood or placed."""
        return self._with(Fate.UNCLEAR, Fate.DISAGREEING, Fate.NO_PLACE)

    def _with(self, *fates: Fate) -> tuple[PersonPlan, ...]:
        people = (*self.known, *self.new)
        return tuple(person for person in people if any(cell.fate in fates for cell in person.cells))

    def needs_person(self, prefer: Prefer) -> bool:
        """Whether anything is left that somebody has to decide."""
        cells = (cell for person in (*self.known, *self.new) for cell in person.cells)
        return bool(self.asked or self.homeless or self.declared) or any(cell.needs_person(prefer) for cell in cells)

    def is_done(self, prefer: Prefer) -> bool:
        """Whether nothing would be written."""
        return not self.new and not self.changed(prefer)


def plan_import(table: UnitTable, lists: Sequence[UnitTable], config: Config) -> ImportPlan:
    """What merging the `lists` into the unit's `table` would do."""
    present = people_of(table, config)
    mailed = [row for source, each in enumerate(lists) for row in people_of(each, config, source)]
    found = pair(mailed, present)
    known = [_known(rows, person, table) for person, rows in found.pairs]
    told = {person.place.row for person, _ in found.pairs} | {row for each in found.asked for row in each.candidates}
    return ImportPlan(
        table,
        new=tuple(_new(rows, table, config) for rows in found.new),
        known=tuple(person for person in known if person.cells),
        alike=sum(not person.cells for person in known),
        people_on=tuple(each.place.row for each in present),
        only_in_tab=tuple(each.place.row for each in present if each.place.row not in told),
        asked=tuple(found.asked),
        homeless=tuple(_homeless(mailed, table)),
        declared=tuple(declared_in(lists, table, config)),
    )


def _homeless(mailed: Iterable[PersonRow], table: UnitTable) -> Iterator[str]:
    said = {code for row in mailed for code, each in row.readings.items() if each.key}
    yield from sorted(said - table.table.columns.keys())


def _known(rows: Sequence[PersonRow], present: PersonRow, table: UnitTable) -> PersonPlan:
    said, disagreeing = _together(rows)
    cells = tuple(
        CellPlan(code, _fate(code, present, read, table) if code in said else Fate.DISAGREEING, before, read)
        for code, read in (said | disagreeing).items()
        if code in table.table.columns and (before := present.reading(code)).key != read.key
    )
    return PersonPlan(_places(rows), present.place.row, _name(present, said), cells, said)


def _fate(code: str, present: PersonRow, read: Reading, table: UnitTable) -> Fate:
    before = present.reading(code)
    if not read.understood:
        return Fate.UNCLEAR
    if code in table.table.composed or _is_under_merge(present.place.row, table.table.columns[code], table.tab.merged):
        return Fate.NO_PLACE
    return Fate.CONFLICT if before.key else Fate.FILLED


def _is_under_merge(row: int, column: int, merged: Iterable[Merged]) -> bool:
    """Whether a cell shows what stands in another."""
    areas = (area for area in merged if area.top <= row <= area.bottom and area.left <= column <= area.right)
    return any((area.top, area.left) != (row, column) or area.bottom > area.top for area in areas)


def _new(rows: Sequence[PersonRow], table: UnitTable, config: Config) -> PersonPlan:
    """What cannot be understood goes along as it was typed: the tab then tells what to type instead."""
    said, disagreeing = _together(rows)
    kept = {code: read for code, read in said.items() if code in table.table.columns}
    homeless = placed(kept, table.table, config).homeless
    cells = [CellPlan(code, Fate.DISAGREEING, NOTHING, read) for code, read in disagreeing.items()]
    cells += [CellPlan(code, Fate.UNCLEAR, NOTHING, read) for code, read in kept.items() if not read.understood]
    cells += [CellPlan(code, Fate.NO_PLACE, NOTHING, kept[code]) for code in sorted(homeless)]
    return PersonPlan(_places(rows), 0, _name(rows[0], said), tuple(cells), kept)


def _together(rows: Sequence[PersonRow]) -> tuple[dict[str, Reading], dict[str, Reading]]:
    """What all rows of a person say, and what they say differently (the first of it)."""
    said: dict[str, Reading] = {}
    disagreeing: dict[str, Reading] = {}
    for row in rows:
        for code, read in row.readings.items():
            if read.key and said.setdefault(code, read).key != read.key:
                disagreeing.setdefault(code, said[code])
    return {code: read for code, read in said.items() if code not in disagreeing}, disagreeing


def _places(rows: Iterable[PersonRow]) -> tuple[Place, ...]:
    return tuple(row.place for row in rows)


def _name(row: PersonRow, said: Mapping[str, Reading]) -> str:
    read = row.reading(FieldCode.NAME)
    return str((read if read.key else said.get(FieldCode.NAME, NOTHING)).value or "")
