"""The distinct cells of one field, each read once for as long as it is remembered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, cast

import numpy as np

from automation.core.model.workbook import Cell
from automation.core.reading.cells import (
    LONGEST_LOOKED_AT,
    Identity,
    IdentityShape,
    Unreadable,
    birth_year_of,
    is_dash,
    is_formula_error,
    read_date,
    read_identity,
    read_number,
    read_phone,
)
from automation.core.reading.many_texts import folded_texts, holding, texts_of
from automation.core.reading.old_encodings import SUSPECT, as_pasted, has_broken_letters
from automation.core.reading.other_lines import is_only_words, is_total
from automation.core.reading.row_sums import SEPARATOR, cell_text, sums_of

_ALIKE_TO_PYTHON = (int, bool)
"""1, 1.0 and True are equal to Python and not to a reader."""
_DASH = "-"
_LONGEST_DASH = 3
_DIGITS = 12
_ERROR_STARTS = ("#", "Err")
SHAPES = {shape: place for place, shape in enumerate(IdentityShape)}

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class FieldWords:
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
    held = list(values)
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
        self._known: defaultdict[Hashable, int] = defaultdict()
        self._known.default_factory = self._known.__len__
        self._numbers: dict[str, defaultdict[Hashable, int]] = {}
        self._long: set[int] = set()
        """The places of cells that held more than is looked at."""
        self.typed: list[Cell] = []
        """The cells as they were typed, the first 1,000 characters of each."""
        self.made: dict[str, Array] = {}

    def codes_of(self, cells: Sequence[Cell]) -> Array:
        """The place of each cell among the distinct ones, new ones at the end."""
        if {int, bool}.isdisjoint(map(type, cells)):
            keys: Iterable[Hashable] = cells
        else:
            keys = [(cell.__class__, cell) if cell.__class__ in _ALIKE_TO_PYTHON else cell for cell in cells]
        codes = np.fromiter(map(self._known.__getitem__, keys), dtype=np.intp, count=len(cells))
        new = cast(Iterable[Any], islice(self._known, len(self.typed), None))
        for place, key in enumerate(new, start=len(self.typed)):
            cell = key[1] if key.__class__ is tuple else key
            if cell.__class__ is str and len(cell) > LONGEST_LOOKED_AT:
                self._long.add(place)
                cell = cell[:LONGEST_LOOKED_AT]
            self.typed.append(cell)
        return codes

    def is_beyond(self, bound: int) -> bool:
        """Whether it is time to begin anew: it holds more cells than that, or long ones."""
        return len(self.typed) > bound or bool(self._long)

    def numbered(self, name: str) -> Array:
        """A number for each distinct text of a reading, from 1; 0 for none."""
        numbers = self._numbers.setdefault(name, _numbering())
        texts, known = getattr(self, name), self.made.get(f"number of {name}", np.empty(0, dtype=np.int64))
        new = np.fromiter(map(numbers.__getitem__, texts[len(known) :]), dtype=np.int64, count=len(texts) - len(known))
        self.made[f"number of {name}"] = known = np.concatenate([known, new])
        return known

    # --- texts

    @reading(object)
    def aloud(self, new: slice) -> Iterable[str]:
        return texts_of(self.typed[new])

    @reading(bool)
    def empty(self, new: slice) -> Iterable[bool]:
        """As `is_empty`."""
        pairs = zip(self.typed[new], self.aloud[new], strict=True)
        return [text == "" or cell is False or (len(text) <= _LONGEST_DASH and is_dash(cell)) for cell, text in pairs]

    @reading(bool)
    def too_long(self, new: slice) -> Iterable[bool]:
        return (place in self._long for place in range(new.start, new.stop))

    @reading(bool)
    def nothing(self, new: slice) -> Iterable[bool]:
        """A dash, unless the field's list knows it; and a name that a formula lost."""
        dashes = self._words.is_name or _DASH not in self._words.spellings
        pairs = zip(self.typed[new], self.aloud[new], strict=True)
        return [
            (dashes and len(text) <= _LONGEST_DASH and is_dash(cell))
            or (self._words.is_name and text.startswith(_ERROR_STARTS) and is_formula_error(cell))
            for cell, text in pairs
        ]

    def cells(self, new: slice) -> Iterable[Any]:
        """What somebody typed there; None where it says nothing."""
        return (None if nothing else cell for cell, nothing in zip(self.typed[new], self.nothing[new], strict=True))

    @reading(object)
    def text(self, new: slice) -> Array:
        return np.where(self.nothing[new], "", self.aloud[new])

    @reading(bool)
    def blank(self, new: slice) -> Array:
        return np.asarray(self.text[new] == "", dtype=bool)

    @reading(np.int64)
    def length(self, new: slice) -> Iterable[int]:
        return map(len, self.text[new])

    @reading(object)
    def folded(self, new: slice) -> Iterable[str]:
        folded = folded_texts(self.text[new].tolist())
        pairs = zip(folded, self.typed[new], strict=True)
        return ["" if key.startswith(("#", "err")) and is_formula_error(cell) else key for key, cell in pairs]

    @reading(bool)
    def unsure_name(self, new: slice) -> Iterable[bool]:
        """Whether a line with that name may be no person's."""
        headers = self._words.headers
        return (key == "" or is_total(key) or key in headers for key in self.folded[new])

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
        suspect = holding(pasted, SUSPECT, edge="\n")
        for place in np.flatnonzero(suspect).tolist():
            suspect[place] = has_broken_letters(pasted[place])
        return suspect

    @reading(np.int64)
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
            for cell in self.cells(new)
        ]

    def _of_numbers(self, new: slice, full: Any, other: Callable[[Identity | None], Any]) -> Array:
        """`full`: of whole numbers; `other`: of what is read first."""
        is_full, cells = self._full_number[new], list(self.cells(new))
        found = np.empty(len(cells), dtype=object)
        found[:] = full
        for place in np.flatnonzero(~is_full).tolist():
            found[place] = other(read_identity(cells[place], self._words.places))
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
    def unknown_place(self, new: slice) -> Iterable[bool]:
        places = self._words.places
        return (number != "" and number[:3] not in places for number in self.id_number[new])

    @reading(np.int8)
    def gender_digit(self, new: slice) -> Iterable[int]:
        """The fourth digit; -1 where there is no number."""
        return (int(number[3]) if number else -1 for number in self.id_number[new])

    @reading(np.int64)
    def told_birth_year(self, new: slice) -> Iterable[int]:
        """By the number; 0 where there is none."""
        return (birth_year_of(number) if number else 0 for number in self.id_number[new])


def _numbering() -> defaultdict[Hashable, int]:
    numbers: defaultdict[Hashable, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    numbers[""] = 0
    return numbers
