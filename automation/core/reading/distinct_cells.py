"""The distinct cells of one field, each read once for as long as it is remembered."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import count, islice
from typing import Any

import numpy as np
from msgspec import Struct, field

from automation.core.model.workbook import Cell
from automation.core.reading.cells import (
    LONGEST_LOOKED_AT,
    Identity,
    IdentityShape,
    Unreadable,
    as_text,
    is_dash,
    is_formula_error,
    read_date,
    read_identity,
    read_number,
    read_phone,
)
from automation.core.reading.many_texts import folded_texts, holding, texts_of
from automation.core.reading.old_encodings import SUSPECTS, as_pasted, has_broken_letters
from automation.core.reading.other_lines import FOLDED_NAMES, MAY_BE_TOTAL, is_only_words, is_total
from automation.core.reading.row_sums import SEPARATOR, cell_text, sums_of

_DASH = "-"
_LONGEST_DASH = 3
_NOT_SPELLED = "neither text nor blank"
_DIGITS = 12
_NO_NUMBER = "0" * _DIGITS
_ERROR_STARTS = ("#", "Err")
SHAPES = {shape: place for place, shape in enumerate(IdentityShape)}

Array = np.ndarray[Any, Any]
_PLAIN = (object, bool, np.int64, np.int8, np.float64)
"""What is put into an array as it comes, which costs half."""


class FieldWords(Struct, frozen=True):
    """What a field knows beforehand of what may stand in it."""

    spellings: Mapping[str, str] = field(default_factory=dict)
    """Folded spelling -> value, of its list."""
    effects: Mapping[str, str] = field(default_factory=dict)
    """Value of its list -> what `Danh mục` says of it under `Tính`."""
    places: frozenset[str] = frozenset()
    """The codes that an identity number can begin with."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The known names of headers."""
    is_name: bool = False
    """Whether it names the person: a dash or a broken formula is nobody then."""


class Reading:
    """What each distinct cell is read as, in the order in which they came. Made of the new ones alone."""

    def __init__(self, make: Callable[[Any, slice], Iterable[Any]], dtype: Any) -> None:
        self._make, self._dtype = make, dtype

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, cells: DistinctCells, _owner: type) -> Any:
        made = cells.made.get(self._name)
        start = 0 if made is None else len(made)
        if made is None or start < len(cells.typed):
            new = _array(self._make(cells, slice(start, len(cells.typed))), self._dtype)
            made = cells.made[self._name] = new if made is None else np.concatenate([made, new])
        return made


def _array(values: Iterable[Any], dtype: Any) -> Array:
    if isinstance(values, np.ndarray):
        return values.astype(dtype, copy=False)
    held = values if isinstance(values, list) else list(values)
    if dtype in _PLAIN:
        return np.fromiter(held, dtype=dtype, count=len(held))
    array = np.empty(len(held), dtype=dtype)
    array[:] = held
    return array


def reading(dtype: Any) -> Callable[[Callable[[Any, slice], Iterable[Any]]], Reading]:
    """Makes a reading of a method that reads a part of the cells."""
    return lambda make: Reading(make, dtype)


class DistinctCells:
    """`codes_of` tells the place of each cell; a reading is an array over these places."""

    def __init__(self, words: FieldWords) -> None:
        self._words = words
        number = count().__next__
        self._tables = tuple(defaultdict[Cell, int](number) for _ in range(3))
        """Whole numbers, ticks, all others: 1, 1.0 and True are equal to Python and not to a reader."""
        self._numbers: dict[str, dict[str, int]] = {}
        """By reading, the numbers of texts that are no cell as it was typed."""
        self._long: set[int] = set()
        """The places of cells that held more than is looked at."""
        self.typed: list[Cell] = []
        """The cells as they were typed, the first 1,000 characters of each."""
        self.made: dict[str, Array] = {}

    def codes_of(self, cells: Sequence[Cell]) -> Array:
        """The place of each cell among the distinct ones, new ones at the end."""
        whole, ticks, others = self._tables
        kinds = set(map(type, cells))
        known = [len(table) for table in self._tables]
        if kinds.isdisjoint((int, bool)):
            found: Iterable[int] = map(others.__getitem__, cells)
        elif kinds == {int}:
            found = map(whole.__getitem__, cells)
        elif bool not in kinds:
            found = [(whole if cell.__class__ is int else others)[cell] for cell in cells]
        else:
            found = [
                others[cell]
                if cell.__class__ is not int and cell.__class__ is not bool
                else (whole if cell.__class__ is int else ticks)[cell]
                for cell in cells
            ]
        codes = np.fromiter(found, dtype=np.int32, count=len(cells))
        self._take_in(known)
        return codes

    def _take_in(self, known: Sequence[int]) -> None:
        """The cells that got a place. `known`: how many each table had before."""
        self.typed += [None] * (sum(map(len, self._tables)) - sum(known))
        for table, before in zip(self._tables, known, strict=True):
            for cell, place in islice(reversed(table.items()), len(table) - before):
                if cell.__class__ is str and len(cell) > LONGEST_LOOKED_AT:
                    self._long.add(place)
                    cell = cell[:LONGEST_LOOKED_AT]
                self.typed[place] = cell

    def is_beyond(self, bound: int) -> bool:
        """Whether it is time to begin anew: it holds more cells than that, or long ones."""
        return len(self.typed) > bound or bool(self._long)

    def numbered(self, name: str) -> Array:
        """A number for each distinct text of a reading, from 1; 0 for none."""
        known = self.made.get(f"number of {name}", np.empty(0, dtype=np.int64))
        new = self._new_numbers(getattr(self, name), len(known), self._numbers.setdefault(name, {"": 0}))
        self.made[f"number of {name}"] = known = np.concatenate([known, new])
        return known

    def _new_numbers(self, texts: Array, start: int, numbers: dict[str, int]) -> Array:
        """Those of the cells from `start` on. The place of a cell that is the text itself, as nearly all identity
        numbers are, is a number that takes no memory.
        """
        new, found = texts[start:].tolist(), np.arange(start, len(texts)) + 1
        pairs = zip(new, self.typed[start:], strict=True)
        is_cell = np.array([text is cell and text != "" for text, cell in pairs], dtype=bool) & ~self.too_long[start:]
        for place in np.flatnonzero(is_cell).tolist() if len(numbers) > 1 else ():
            found[place] = numbers.get(new[place], found[place])
        for place in np.flatnonzero(~is_cell).tolist():
            text = new[place]
            if text not in numbers:
                cell = self._tables[2].get(text, start + place)
                numbers[text] = 1 + (cell if texts[cell] is self.typed[cell] else start + place)
            found[place] = numbers[text]
        return found

    # --- texts

    @reading(object)
    def _written(self, new: slice) -> Iterable[str]:
        """Texts as read aloud, "" for a blank cell; what is neither is not spelled out."""
        cells = self.typed[new]
        written = ["" if cell is None else _NOT_SPELLED for cell in cells]
        places = [place for place, cell in enumerate(cells) if cell.__class__ is str]
        for place, text in zip(places, texts_of([cells[place] for place in places]), strict=True):
            written[place] = text
        return written

    @reading(object)
    def aloud(self, new: slice) -> Array:
        written: Array = self._written[new]
        others = np.flatnonzero(written == _NOT_SPELLED).tolist()
        aloud = written.copy() if others else written
        for place in others:
            aloud[place] = as_text(self.typed[new.start + place])
        return aloud

    @reading(bool)
    def empty(self, new: slice) -> Array:
        """As `is_empty`."""
        empty = self._of_short(new, lambda cell, text: text == "" or is_dash(cell))
        empty |= np.arange(new.start, new.stop) == self._tables[1].get(False, -1)
        return empty

    def _of_short(self, new: slice, holds: Callable[[Cell, str], bool]) -> Array:
        """For which cells that holds, which can hold of short ones alone."""
        texts, found = self._written[new], np.zeros(new.stop - new.start, dtype=bool)
        lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
        for place in np.flatnonzero(lengths <= _LONGEST_DASH).tolist():
            found[place] = holds(self.typed[new.start + place], texts[place])
        return found

    @reading(bool)
    def too_long(self, new: slice) -> Array:
        return np.isin(np.arange(new.start, new.stop), list(self._long))

    @reading(bool)
    def nothing(self, new: slice) -> Array:
        """A dash, unless the field's list knows it; and a name that a formula lost."""
        if not self._words.is_name:
            return self._of_short(new, lambda cell, _text: _DASH not in self._words.spellings and is_dash(cell))
        pairs = zip(self.typed[new], self._written[new], strict=True)
        lost = [text.startswith(_ERROR_STARTS) and is_formula_error(cell) for cell, text in pairs]
        nothing = self._of_short(new, lambda cell, _text: is_dash(cell))
        nothing |= np.array(lost, dtype=bool)
        return nothing

    def cells(self, new: slice) -> Iterable[Any]:
        """What somebody typed there; None where it says nothing."""
        return (None if nothing else cell for cell, nothing in zip(self.typed[new], self.nothing[new], strict=True))

    @reading(object)
    def text(self, new: slice) -> Array:
        nothing, aloud = self.nothing[new], self.aloud[new]
        return np.where(nothing, "", aloud) if nothing.any() else aloud

    @reading(bool)
    def blank(self, new: slice) -> Array:
        """Where `text` is "", of which days and numbers need none."""
        blank: Array = np.asarray(self._written[new] == "", dtype=bool) | self.nothing[new]
        return blank

    @reading(np.int32)
    def length(self, new: slice) -> Iterable[int]:
        return map(len, self.text[new])

    @reading(object)
    def folded(self, new: slice) -> Iterable[str]:
        fold_all = FOLDED_NAMES.of if self._words.is_name else folded_texts  # which have been looked at in their tabs
        folded = fold_all(self.text[new].tolist())
        pairs = zip(folded, self.typed[new], strict=True)
        return ["" if key.startswith(("#", "err")) and is_formula_error(cell) else key for key, cell in pairs]

    @reading(bool)
    def unsure_name(self, new: slice) -> Array:
        """Whether a line with that name may be no person's."""
        keys, no_names = self.folded[new].tolist(), {"", *self._words.headers}
        unsure = np.fromiter(map(no_names.__contains__, keys), dtype=bool, count=len(keys))
        for place in np.flatnonzero(holding(keys, MAY_BE_TOTAL, edge="\n")).tolist():
            unsure[place] |= is_total(keys[place])
        return unsure

    @reading(bool)
    def only_words(self, new: slice) -> Array:
        """As `is_only_words`, and no value of the field's list: nothing that a person's line would have there, unless
        it is a mistake.
        """
        cells, spellings = self.typed[new], self._words.spellings
        words = np.fromiter(map(is_only_words, cells), dtype=bool, count=len(cells))
        if spellings:
            words &= ~self.listed[new]
        return words

    @reading(bool)
    def broken_letters(self, new: slice) -> Array:
        pairs = zip(self.text[new], self.cells(new), strict=True)
        pasted = [text if text is cell else as_pasted(cell) for text, cell in pairs]
        suspect = holding(pasted, *SUSPECTS, edge="\n")
        for place in np.flatnonzero(suspect).tolist():
            suspect[place] = has_broken_letters(pasted[place])
        return suspect

    @reading(np.int32)
    def sums(self, new: slice) -> Array:
        """What each adds up to as an input, with the end of a cell behind it (`row_sums`)."""
        cells = self.typed[new]
        return sums_of(
            [f"{cell}0{SEPARATOR}" if cell.__class__ is str else cell_text(cell) + SEPARATOR for cell in cells]
        )

    # --- dates and numbers

    @reading(object)
    def _day(self, new: slice) -> Iterable[date | Unreadable | None]:
        return map(read_date, self.cells(new))

    @reading("datetime64[s]")
    def dates(self, new: slice) -> Iterable[date | None]:
        return [None if isinstance(day, Unreadable) else day for day in self._day[new]]

    @reading(bool)
    def unreadable_date(self, new: slice) -> Iterable[bool]:
        return (isinstance(day, Unreadable) for day in self._day[new])

    @reading(np.float64)
    def number(self, new: slice) -> Iterable[float]:
        """The cell as a plain number; NaN where it is none."""
        return (each if isinstance(each, float) else np.nan for each in map(read_number, self.cells(new)))

    @reading(bool)
    def unreadable_phone(self, new: slice) -> Iterable[bool]:
        return (isinstance(read_phone(cell), Unreadable) for cell in self.cells(new))

    # --- values of a list

    @reading(object)
    def _keys(self, new: slice) -> Iterable[str]:
        return folded_texts(self.text[new].tolist())

    @reading(object)
    def choice(self, new: slice) -> Iterable[str]:
        """The list's own value where the cell is one of its spellings, else the text as typed."""
        spellings = self._words.spellings
        return (spellings.get(key, typed) for key, typed in zip(self._keys[new], self.text[new], strict=True))

    @reading(bool)
    def listed(self, new: slice) -> Iterable[bool]:
        return (key in self._words.spellings for key in self._keys[new])

    @reading(object)
    def effect(self, new: slice) -> Iterable[str]:
        return (self._words.effects.get(value, "") for value in self.choice[new])

    # --- identity numbers

    @reading(bool)
    def _full_number(self, new: slice) -> Iterable[bool]:
        """Whether it is the text of a whole number and nothing else, which reads as it stands: nearly all are."""
        return [
            cell.__class__ is str and len(cell) == _DIGITS and cell.isascii() and cell.isdigit()
            for cell in self.typed[new]
        ]

    def _of_numbers(self, new: slice, full: Any, other: Callable[[Identity | None], Any]) -> Array:
        """`full`: of whole numbers; `other`: of what is read first."""
        is_full = self._full_number[new]
        found = np.empty(len(is_full), dtype=object)
        found[:] = full
        for place in np.flatnonzero(~is_full).tolist():
            cell = None if self.nothing[new][place] else self.typed[new.start + place]
            found[place] = other(read_identity(cell, self._words.places))
        return found

    @reading(np.int8)
    def shape(self, new: slice) -> Array:
        """Its place in `SHAPES`; -1 for a blank cell."""
        return self._of_numbers(new, SHAPES[IdentityShape.FULL], lambda read: SHAPES[read.shape] if read else -1)

    @reading(object)
    def id_number(self, new: slice) -> Array:
        return self._of_numbers(new, self.typed[new], lambda read: read.number if read else "")

    @reading(object)
    def digits(self, new: slice) -> Array:
        return self._of_numbers(new, self.typed[new], lambda read: (read.number or read.digits) if read else "")

    @reading(bool)
    def _has_number(self, new: slice) -> Array:
        return np.asarray(self.id_number[new] != "", dtype=bool)

    @reading(np.uint8)
    def _figures(self, new: slice) -> Array:
        """The twelve figures of each number, of none where there is none."""
        numbers = "".join([number or _NO_NUMBER for number in self.id_number[new]])
        return np.frombuffer(numbers.encode("ascii"), dtype=np.uint8).reshape(-1, _DIGITS) - ord("0")

    @reading(bool)
    def unknown_place(self, new: slice) -> Array:
        known = [int(place) for place in self._words.places if re.fullmatch("[0-9]{3}", place)]
        unknown: Array = self._has_number[new] & ~np.isin(self._figures[new, :3] @ [100, 10, 1], known)
        return unknown

    @reading(np.int8)
    def gender_digit(self, new: slice) -> Array:
        """The fourth digit; -1 where there is no number."""
        return np.where(self._has_number[new], self._figures[new, 3].astype(np.int8), -1)

    @reading(np.int16)
    def told_birth_year(self, new: slice) -> Array:
        """By the number, as `birth_year_of`; 0 where there is none."""
        century = self._figures[new, 3].astype(np.int64) // 2
        years = 1900 + 100 * century + self._figures[new, 4:6] @ [10, 1]
        return np.where(self._has_number[new], years, 0)
