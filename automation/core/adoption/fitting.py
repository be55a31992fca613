"""Whether cells read as a field, and which field a column with a header that nobody knows may be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from automation.core.config.values import PLACE_LIST, Config, Field, FieldCode, FieldType, choices_of
from automation.core.model.workbook import Cell
from automation.core.reading.cells import (
    IdentityShape,
    Unreadable,
    as_text,
    bare,
    fold,
    read_date,
    read_identity,
    read_number,
    read_phone,
)
from automation.core.reading.header_lines import is_of_another_paper
from automation.core.reading.other_lines import is_empty
from automation.core.reading.shown import redacted
from automation.core.reading.suggestions import nearest, words_of

SURELY_FITS = 0.9
"""Share of cells from which on the content agrees with what the header says."""
MAY_FIT = 0.8
"""Share of cells from which on the content alone is worth a question."""
HARDLY_FITS = 0.5
"""Share of cells below which a known header is asked about."""
LEAST_CELLS = 3
"""Fewer tell nothing."""
_ALIKE = 0.9
"""Likeness of a header to a known name that only a slip tells apart."""
_MOST_SAMPLES = 3
_LONGEST_SAMPLE = 40
_MOST_NAME_WORDS = 7
_DIGIT = re.compile(r"\d")
_LONG_NUMBER = re.compile(r"\d(?:[ .\-]?\d){5,}")
_DIGITS = re.compile(r"\d+")
_SURE_BY_PART_OF_NAME = frozenset({FieldType.IDENTITY, FieldType.PHONE})
"""Nothing else looks like these, so that a header that holds their name and more is theirs."""
_OF_SOMEBODY_ELSE = frozenset(["vợ", "chồng", "con", "cha", "mẹ", "bố", "thân", "quan", "cũ"])
"""Words of a header that make it another one's: the spouse's, a relative's, the office's, the former one."""


class Fit(Struct, frozen=True):
    """How many cells of a column are filled, and how many of them read as the field."""

    filled: int
    fits: int | None
    """None where every text does."""

    def reaches(self, share: float) -> bool:
        """Whether enough cells tell, and at least that share of them fits."""
        return self.fits is not None and self.filled >= LEAST_CELLS and self.fits >= share * self.filled

    @property
    def speaks_against(self) -> bool:
        """Whether enough cells tell, and most of them do not fit."""
        return self.fits is not None and self.filled >= LEAST_CELLS and not self.reaches(HARDLY_FITS)


class Likely(Struct, frozen=True):
    """The field that a column may be."""

    field: Field
    fit: Fit
    by_words: bool
    sure: bool


def fit_of(cells: Iterable[Cell], field: Field, config: Config) -> Fit:
    """How the cells of a column read as the field."""
    filled, reads = [cell for cell in cells if not is_empty(cell)], _reader(field, config)
    return Fit(len(filled), sum(map(reads, filled)) if reads and filled else None)


def _reader(field: Field, config: Config) -> Callable[[Cell], bool] | None:
    """Whether a cell reads as the field; None where every text does."""
    match field.type:
        case FieldType.DATE:
            return lambda cell: not isinstance(read_date(cell), Unreadable)
        case FieldType.IDENTITY:
            return partial(_is_identity, frozenset(choices_of(config, PLACE_LIST)))
        case FieldType.PHONE:
            return lambda cell: not isinstance(read_phone(cell), Unreadable)
        case FieldType.LIST:
            spellings = config.list_names.values[field.code]
            return lambda cell: fold(as_text(cell)) in spellings
        case FieldType.NUMBER:
            return lambda cell: not isinstance(read_number(cell), Unreadable)
    return (lambda cell: _is_name(as_text(cell))) if field.code == FieldCode.NAME else None


def _is_identity(places: frozenset[str], cell: Cell) -> bool:
    read = read_identity(cell, places)
    full = read is not None and read.shape in (IdentityShape.FULL, IdentityShape.LOST_ZERO)
    return read is not None and (read.shape is IdentityShape.OLD_CARD or (full and read.number[:3] in places))


def _is_name(typed: str) -> bool:
    words = typed.split()
    return 0 < len(words) <= _MOST_NAME_WORDS and not any(map(str.isdigit, typed))


def samples_of(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Three different values of a column. Of long numbers only how long they are is shown: a zero that is lost shows,
    whose number it is does not.
    """
    texts = dict.fromkeys(as_text(cell) for cell in cells if not is_empty(cell))
    return tuple(_masked(each) for each in tuple(texts)[:_MOST_SAMPLES])


def _masked(typed: str) -> str:
    return redacted(_LONG_NUMBER.sub(lambda found: _DIGIT.sub("•", found[0]), typed), _LONGEST_SAMPLE)


def told_by_content(cells: Sequence[Cell], fields: Sequence[Field], config: Config) -> Iterator[Field]:
    """The fields that what stands in a column tells without a header."""
    return (field for field in fields if fit_of(cells, field, config).reaches(MAY_FIT) and _tells(cells, field, config))


# --- headers that nobody knows ----------------------------------------------------------------------------


def likely_fields(columns: Mapping[str, Sequence[Cell]], missing: Sequence[Field], config: Config) -> dict[str, Likely]:
    """Header -> the field that its column may be. `columns`: the cells of people under each header that is no known
    name; `missing`: the fields without a column. Two columns that may be the same field are both asked about.
    """
    found = {header: each for header, cells in columns.items() if (each := _likely(header, cells, missing, config))}
    alone = {header for header in found if _is_alone(header, found, columns, config)}
    return {header: replace(each, sure=each.sure and header in alone) for header, each in found.items()}


def _is_alone(header: str, found: Mapping[str, Likely], columns: Mapping[str, Sequence[Cell]], config: Config) -> bool:
    """Whether no other column may be that field, by its words or, where a letter differs, by what stands in it."""
    field = found[header].field
    others = [cells for each, cells in columns.items() if each != header]
    rivals = [each for other, each in found.items() if other != header and each.field is field]
    return not rivals and (
        _likeness(header, field) == 1 or not any(fit_of(cells, field, config).reaches(HARDLY_FITS) for cells in others)
    )


def _likely(header: str, cells: Sequence[Cell], missing: Sequence[Field], config: Config) -> Likely | None:
    """By the words of the header, else by what stands below it, if that is a field's alone."""
    found = [(field, fit_of(cells, field, config)) for field in missing]
    worded = [(field, fit) for field, fit in found if is_worded(header, field) and not fit.speaks_against]
    if worded:
        field, fit = max(worded, key=lambda each: _likeness(header, each[0]))
        return Likely(field, fit, by_words=True, sure=_is_sure(header, field, fit))
    told = list(told_by_content(cells, missing, config))
    return Likely(told[0], fit_of(cells, told[0], config), by_words=False, sure=False) if len(told) == 1 else None


def _is_sure(header: str, field: Field, fit: Fit) -> bool:
    is_a_slip = _likeness(header, field) >= _ALIKE
    is_somebody_elses = _OF_SOMEBODY_ELSE & set(words_of(header))
    is_part = field.type in _SURE_BY_PART_OF_NAME and _holds_a_name(header, field) and not is_somebody_elses
    return (is_a_slip or is_part) and fit.reaches(SURELY_FITS)


def is_worded(header: str, field: Field) -> bool:
    """Whether the words of a header are nearly those of a name of the field, or hold one."""
    if is_of_another_paper(header):
        return False
    is_near = nearest(header, _names(field)) is not None
    return is_near or _likeness(header, field) >= _ALIKE or _holds_a_name(header, field)


def _names(field: Field) -> tuple[str, ...]:
    return (field.header, *field.other_spellings)


def _likeness(header: str, field: Field) -> float:
    """To the name that is most like the header; names with other numbers in them are not alike."""
    typed = _letters(header)
    names = (name for name in map(_letters, _names(field)) if _DIGITS.findall(name) == _DIGITS.findall(typed))
    return max((difflib.SequenceMatcher(None, name, typed).ratio() for name in names), default=0.0)


def _letters(typed: str) -> str:
    return "".join(words_of(bare(typed)))


def _holds_a_name(header: str, field: Field) -> bool:
    """Whether a name of two words or more stands in the header, word by word."""
    said = f" {' '.join(words_of(bare(header)))} "
    names = (words_of(bare(name)) for name in _names(field))
    return any(len(words) > 1 and f" {' '.join(words)} " in said for words in names)


def _tells(cells: Sequence[Cell], field: Field, config: Config) -> bool:
    """Whether what stands in a column can tell the field without the help of a header: no tick does, and of dates only
    that of birth, which no list lacks.
    """
    if field.code == FieldCode.NAME:
        return _are_names(cells)
    if field.code == FieldCode.BIRTH_DATE or field.type in (FieldType.IDENTITY, FieldType.PHONE):
        return True
    if field.type is not FieldType.LIST:
        return False
    values = set(_telling_values(field, config))
    filled = [fold(as_text(cell)) for cell in cells if not is_empty(cell)]
    return sum(each in values for each in filled) >= MAY_FIT * len(filled)


def _are_names(cells: Sequence[Cell]) -> bool:
    """Whether the texts of a column are names of people: of several words, and hardly one stands there twice."""
    typed = [as_text(cell) for cell in cells if not is_empty(cell)]
    return len(set(typed)) >= SURELY_FITS * len(typed) and all(len(each.split()) > 1 for each in typed)


def _telling_values(field: Field, config: Config) -> Iterator[str]:
    """The values of its list, where that is not one of yes and no."""
    values = config.lists.get(field.list_name, ())
    if not any(fold(value.counts) in ("có", "không") for value in values):
        yield from (fold(value.value) for value in values)
