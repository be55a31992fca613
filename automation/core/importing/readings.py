"""Cells of people as they are read: by what they compare, and what is typed into a sheet for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from msgspec import Struct

from automation.core.config.values import PLACE_LIST, Config, Field, FieldType, list_spellings
from automation.core.model.workbook import Cell
from automation.core.reading.cells import (
    LONGEST_LOOKED_AT,
    Unreadable,
    as_text,
    fold,
    is_blank,
    is_dash,
    is_formula_error,
    read_date,
    read_identity,
    read_number,
    read_phone,
)
from automation.core.reading.old_encodings import as_pasted, has_broken_letters

_DASH = "-"


class Reading(Struct, frozen=True):
    """What a cell says."""

    key: str = ""
    """Two cells that say the same have the same; "" where nothing stands."""
    value: Cell = None
    """As the sheet wants it typed: numbers as text with their zeros, days as days, values of a list as the list has
    them."""
    understood: bool = True
    """False where the field cannot be that: no day, no number, no value of the list, broken letters."""


NOTHING = Reading()
Reader = Callable[[Cell], Reading]


def readers(config: Config) -> dict[str, Reader]:
    """By code, how the cells of the fields that people fill in are read; the number of the line is nobody's."""
    return {each.code: _reader(each, config) for each in config.inputs if each.type is not FieldType.ORDINAL}


def _reader(field: Field, config: Config) -> Reader:
    spellings = list_spellings(config, field.list_name) if field.type.has_list else {}
    read = _OF_TYPE.get(field.type, _text)
    if field.type.has_list:
        read = partial(_choice, spellings, field.type is FieldType.OPEN_LIST)
    elif field.type is FieldType.IDENTITY:
        read = partial(_identity, frozenset(each.value for each in config.lists.get(PLACE_LIST, ())))
    return partial(_read, read, _DASH in spellings)


def _read(read: Reader, dash_is_a_value: bool, cell: Cell) -> Reading:
    if is_blank(cell) or (is_dash(cell) and not dash_is_a_value):
        return NOTHING
    if is_formula_error(cell) or (isinstance(cell, str) and len(cell) > LONGEST_LOOKED_AT):
        return _as_typed(cell)
    return read(cell)


def _as_typed(cell: Cell) -> Reading:
    """Something that the field cannot be: it compares by its text, to the end."""
    typed = as_text(cell)
    return Reading(fold(typed) + typed[LONGEST_LOOKED_AT:].casefold(), typed, understood=False)


def _text(cell: Cell) -> Reading:
    if has_broken_letters(as_pasted(cell)):
        return _as_typed(cell)
    return Reading(fold(as_text(cell)), as_text(cell))


def _date(cell: Cell) -> Reading:
    day = read_date(cell)
    if day is None or isinstance(day, Unreadable):
        return _as_typed(cell)
    return Reading(day.isoformat(), day)


def _choice(spellings: Mapping[str, str], is_open: bool, cell: Cell) -> Reading:
    value = spellings.get(fold(as_text(cell)))
    if value is None:
        return _text(cell) if is_open else _as_typed(cell)
    return Reading(fold(value), value)


def _identity(places: frozenset[str], cell: Cell) -> Reading:
    read = read_identity(cell, places)
    if read is None or not read.number:
        return _as_typed(cell)
    return Reading(read.number, read.number)


def _phone(cell: Cell) -> Reading:
    phone = read_phone(cell)
    if phone is None or isinstance(phone, Unreadable):
        return _as_typed(cell)
    return Reading(phone, phone)


def _number(cell: Cell) -> Reading:
    number = read_number(cell)
    if number is None or isinstance(number, Unreadable):
        return _as_typed(cell)
    return Reading(repr(number), number)


_OF_TYPE: Mapping[FieldType, Reader] = {
    FieldType.DATE: _date,
    FieldType.PHONE: _phone,
    FieldType.NUMBER: _number,
}
