"""What differs between a copy and what stands in the tab now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from automation.core.config.values import FieldCode
from automation.core.model.workbook import Cell, Row
from automation.core.reading.cells import as_text, fold, is_blank, read_date
from automation.core.records.copies import KeptCopy

_Key = tuple[str, ...]


class Person(Struct, frozen=True):
    """A line of people, its cells as they compare, by code of the field."""

    row: int
    cells: Mapping[str, str]


class Changed(Struct, frozen=True):
    """Somebody who is in both, with other cells."""

    row: int
    """In the copy."""
    now: int
    """In the tab."""
    fields: tuple[str, ...]


class Differences(Struct, frozen=True):
    """Line numbers, never what stands in them."""

    only_in_copy: tuple[int, ...]
    only_in_tab: tuple[int, ...]
    changed: tuple[Changed, ...]

    def __bool__(self) -> bool:
        return bool(self.only_in_copy or self.only_in_tab or self.changed)


def people_of(copy: KeptCopy) -> list[Person]:
    """The lines of people in a copy."""
    codes = [code for code in copy.columns if code != FieldCode.ORDINAL]
    return [Person(number, {code: _compared(row, copy.columns[code]) for code in codes}) for number, row in copy.people]


def _compared(row: Row, columns: Iterable[int]) -> str:
    return " ".join(_text(row[column - 1]) for column in columns if column <= len(row))


def _text(cell: Cell) -> str:
    """A day is the same however it is kept."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return f"{float(cell):.6f}"
    day = None if is_blank(cell) or isinstance(cell, str) else read_date(cell)
    return str(day) if day is not None else as_text(cell)


def differences(then: Sequence[Person], now: Sequence[Person]) -> Differences:
    """Lines that say the same belong together wherever they stand, then those with the same number, then those with the
    same name and birth date, then the same name.
    """
    changed: list[Changed] = []
    for keys in (_whole, _number, _name_and_birth, _name):
        pairs = _paired(then, now, keys)
        changed += [_change(one, other) for one, other in pairs if one.cells != other.cells]
        matched, met = {one.row for one, _ in pairs}, {other.row for _, other in pairs}
        then = [each for each in then if each.row not in matched]
        now = [each for each in now if each.row not in met]
    changed.sort(key=lambda each: each.row)
    return Differences(tuple(each.row for each in then), tuple(each.row for each in now), tuple(changed))


def _paired(
    then: Sequence[Person], now: Sequence[Person], key: Callable[[Person], _Key]
) -> list[tuple[Person, Person]]:
    waiting: dict[_Key, list[Person]] = defaultdict(list)
    for each in now:
        waiting[key(each)].append(each)
    return [(each, waiting[wanted].pop(0)) for each in then if (wanted := key(each)) != () and waiting.get(wanted)]


def _whole(person: Person) -> _Key:
    return tuple(f"{code}={person.cells[code]}" for code in sorted(person.cells))


def _number(person: Person) -> _Key:
    digits = "".join(filter(str.isdigit, person.cells.get(FieldCode.IDENTITY, "")))
    return (digits,) if digits else ()


def _name_and_birth(person: Person) -> _Key:
    name, born = _name(person), person.cells.get(FieldCode.BIRTH_DATE, "")
    return (*name, born) if name and born else ()


def _name(person: Person) -> _Key:
    name = fold(person.cells.get(FieldCode.NAME, ""))
    return (name,) if name else ()


def _change(one: Person, other: Person) -> Changed:
    codes = dict.fromkeys((*one.cells, *other.cells))
    fields = tuple(code for code in codes if one.cells.get(code, "") != other.cells.get(code, ""))
    return Changed(one.row, other.row, fields)
