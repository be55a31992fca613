"""What column `Dữ liệu đã xét` keeps of a row, and the spreadsheet formula that tells whether it still holds.

It is a digest of the inputs of the row and of the results beside them. The sheet itself shows by it that a result
waits to be judged again, the moment somebody edits the row; and a result that came to stand beside another person, or
lost one of its cells, never passes for fresh. Of a digest nobody reads off a name or a number.

Program and formula have to say the same of every cell, in Google Sheets, Excel and LibreOffice, whatever the language
of the file. So an input counts as its text followed by its number rounded to a whole one (T and N, which know no
formats), and a result as its first characters and its length.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

import numpy as np

from automation.core.config.computed import COMPUTED, HIDDEN
from automation.core.config.values import Config, FieldCode, FieldType
from automation.core.model.layout import ReviewMark
from automation.core.model.workbook import Cell, Row
from automation.core.reading.cells import is_finite
from automation.core.writing.formulas import reference

_SEPARATOR, _END, _SIGNED = "|", "~", "#"
_RESULT_CHARACTERS = 30
_PLACES = 500
"""How many characters of a row the formula looks at."""
_AT_ONCE = 2_000
"""How many rows are summed up at once: each of their characters takes forty bytes meanwhile."""
_PRIME = 1_000_003
"""Below it no two places have a weight of nothing between them, and a digest stays short."""
_SQUARE, _FACTOR = 104_729, 7_919
_NOT_KEPT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\uffff\U00010000-\U0010ffff]")
"""Characters that no cell holds, or that spreadsheets hold as others or count as two; those of private use, of
compatibility and the like (U+E000 and above) go with them."""
_DAY_0 = date(1899, 12, 30)

_places = np.arange(1, _PLACES + 1, dtype=np.int64)
_WEIGHTS: Any = (_places * _places * _SQUARE + _places * _FACTOR) % _PRIME + 1


def judged_fields(config: Config, columns: Mapping[str, int]) -> tuple[str, ...]:
    """Codes of the fields that a result is made of, of those that have a column; numbering is none of them."""
    return tuple(
        field.code
        for field in config.fields
        if field.used and field.type.is_input and field.type is not FieldType.ORDINAL and field.code in columns
    )


def shown_fields(columns: Mapping[str, int]) -> tuple[str, ...]:
    """Codes of the results that people see, of those that have a column."""
    return tuple(code for code in COMPUTED if code in columns and code not in HIDDEN)


def input_columns(codes: Iterable[str], columns_of: Callable[[str], Iterable[int]]) -> tuple[int, ...]:
    """The columns of these fields, in their order, each once: a field may stand in several."""
    return tuple(dict.fromkeys(column for code in codes for column in columns_of(code)))


def signature(codes: Sequence[str]) -> str:
    """What a digest begins with: where the fields have changed since the formula was drawn, nothing is marked.

    `codes`: of the inputs, then of the results.
    """
    return hashlib.sha256(_SEPARATOR.join(codes).encode()).hexdigest()[:4] + _SIGNED


def is_digest(cell: Cell) -> bool:
    """Whether a cell holds what stands beside a result of ours."""
    return isinstance(cell, str) and re.fullmatch(r"[0-9a-f]{4}#\d{1,7}|[0-9a-f]{32}", cell) is not None


def inputs_text(row: Row, columns: Sequence[int]) -> str:
    """The cells of `row` in `columns` (from 1) as one text."""
    width = len(row)
    cells = [row[c - 1] if c <= width else None for c in columns]
    return _SEPARATOR.join([f"{cell}0" if cell.__class__ is str else _cell_text(cell) for cell in cells])


def row_digests(inputs: Sequence[str], results: Sequence[Sequence[Cell]], start: str) -> list[str]:
    """What the hidden cell of each row is to hold. `inputs`: texts of `inputs_text`; `results`: the cells beside each,
    in the order of the signature `start`.

    A row that no formula can follow (too long, characters that spreadsheets do not agree on) has a digest that none
    takes for ours: it is never marked.
    """
    whole = [_row_text(text, shown) for text, shown in zip(inputs, results, strict=True)]
    plain = [text if _can_follow(text) else "" for text in whole]
    sums = [
        total
        for first in range(0, len(plain), _AT_ONCE)
        for total in _weighted_sums([text + _END for text in plain[first : first + _AT_ONCE]])
    ]
    return [
        f"{start}{total % _PRIME}" if followed else _digest_of_long(start + text)
        for text, followed, total in zip(whole, plain, sums, strict=True)
    ]


def is_alike(one: Cell, other: Cell) -> bool:
    """Whether no digest tells the two results apart."""
    return _result_text(one) == _result_text(other)


def _row_text(inputs: str, results: Iterable[Cell]) -> str:
    return _SEPARATOR.join([inputs, *map(_result_text, results)])


def _result_text(cell: Cell) -> str:
    shown = cell if isinstance(cell, str) else _cell_text(cell)[:-1]
    return f"{shown[:_RESULT_CHARACTERS]}{len(shown)}"


def _can_follow(text: str) -> bool:
    return len(text) < _PLACES and not _NOT_KEPT.search(text)


def _weighted_sums(texts: Sequence[str]) -> list[int]:
    """Of each text, the sum of its characters by the weight of their places. None is empty, and there are some."""
    characters = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4").astype(np.int64) - 32
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    places = np.arange(len(characters), dtype=np.int64) - np.repeat(starts, lengths)
    sums: list[int] = np.add.reduceat(characters * _WEIGHTS[places], starts).tolist()
    return sums


def _digest_of_long(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@lru_cache(maxsize=1 << 14)  # blank cells and dates: few in a workbook; cells that are equal have the same text
def _cell_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell + "0"
    if cell is None:
        return "0"
    number = _number(cell)
    if not is_finite(number):
        return repr(cell)  # no cell shows it, so no formula agrees
    return f"{math.copysign(math.floor(abs(number) + 0.5), number):.0f}".replace("-0", "0") if number else "0"


def _number(cell: bool | float | date | time) -> float:
    """What the spreadsheet keeps: days since 30/12/1899 for dates, 1 for TRUE."""
    if isinstance(cell, datetime):
        return (cell.date() - _DAY_0).days + _part_of_day(cell.time())
    if isinstance(cell, date):
        return (cell - _DAY_0).days
    return _part_of_day(cell) if isinstance(cell, time) else cell


def _part_of_day(moment: time) -> float:
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400


# --- the formula ------------------------------------------------------------------------------------------

FILE_PLACES = f"(ROW($1:${_PLACES})-ROW($1:$1)+1)"
"""How a formula in a file counts the characters of a text; lines inserted above change nothing of it."""
GOOGLE_PLACES = f"SEQUENCE({_PLACES})"
"""How one at Google does, where a grid may have fewer lines."""


def review_mark(
    config: Config, columns: Mapping[str, int], columns_of: Callable[[str], Iterable[int]]
) -> ReviewMark | None:
    """Which results of a tab are to turn grey and why; None where its columns do not allow it.

    `columns`: column by field code; `columns_of`: all that a field stands in.
    """
    codes, shown = judged_fields(config, columns), shown_fields(columns)
    if FieldCode.JUDGED not in columns or not codes or not shown:
        return None
    inputs, results = input_columns(codes, columns_of), tuple(columns[code] for code in shown)
    return ReviewMark(columns[FieldCode.JUDGED], inputs, results, signature((*codes, *shown)))


def review_formula(mark: ReviewMark, first_row: int, places: str) -> str:
    """The condition of the mark for a range that begins in `first_row`; arguments separated by ";". `places`: how this
    spreadsheet counts (`FILE_PLACES`, `GOOGLE_PLACES`).
    """
    judged = reference(mark.judged, first_row)
    start = mark.signature.replace('"', '""')
    inputs = (f'T({cell})&TEXT(N({cell});"0")' for cell in (reference(column, first_row) for column in mark.inputs))
    cells = (reference(column, first_row) for column in mark.results)
    results = (f"LEFT({cell};{_RESULT_CHARACTERS})&LEN({cell})" for cell in cells)
    text = f'&"{_SEPARATOR}"&'.join((*inputs, *results))
    padded = f'{text}&"{_END}"&REPT(" ";{_PLACES})'
    weights = f"MOD({places}^2*{_SQUARE}+{places}*{_FACTOR};{_PRIME})+1"
    digest = f"MOD(SUMPRODUCT((UNICODE(MID({padded};{places};1))-32)*({weights}));{_PRIME})"
    return f'=AND(LEFT({judged};{len(mark.signature)})="{start}";NOT(EXACT({judged};"{start}"&{digest})))'


def is_review_formula(formula: str) -> bool:
    """Whether an earlier `review_formula` made it, of this version or one before, whatever its columns were."""
    return re.match(r"=?AND\(LEFT\(\$[A-Z]+\d+[;,]\d+\)=\"[0-9a-f]*[|#]\"[;,]NOT\(EXACT\(", formula) is not None
