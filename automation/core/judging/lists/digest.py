"""What column `Dữ liệu đã xét` keeps of a row.

It is a digest of the inputs of the row and of the results beside them. The sheet itself shows by it that a result
waits to be judged again, the moment somebody edits the row (`core/writing/row_digest.py`); and a result that came to
stand beside another person, or lost one of its cells, never passes for fresh. Of a digest nobody reads off a name or a
number. An input counts as its text followed by its number rounded to a whole one, and a result as its first characters
and its length.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from automation.core.config.computed import COMPUTED, HIDDEN
from automation.core.config.values import Config
from automation.core.model.workbook import Cell, Row
from automation.core.reading.row_sums import MOST_PLACES, SEPARATOR, RowSums, cell_text, no_rows_yet, sums_of
from automation.core.reading.tables import FoundTable

END = "~"
RESULT_CHARACTERS = 30
_SIGNED = "#"
_AT_ONCE = 2_000
"""How many rows are summed up at once: each of their characters takes forty bytes meanwhile."""


def judged_fields(config: Config, columns: Mapping[str, int]) -> tuple[str, ...]:
    """Codes of the fields that a result is made of, of those that have a column; numbering is none of them."""
    return tuple(code for code in config.judged_codes if code in columns)


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
    return hashlib.sha256(SEPARATOR.join(codes).encode()).hexdigest()[:4] + _SIGNED


def made_of(table: FoundTable, shown: Sequence[str], config: Config) -> tuple[tuple[int, ...], str]:
    """The columns of the inputs that digests in this table are made of, and what these begin with. `shown`: codes of
    the results beside them.
    """
    fields = judged_fields(config, table.columns)
    return input_columns(fields, table.columns_of), signature((*fields, *shown))


def is_digest(cell: Cell) -> bool:
    """Whether a cell holds what stands beside a result of ours."""
    return isinstance(cell, str) and re.fullmatch(r"[0-9a-f]{4}#\d{1,7}|[0-9a-f]{32}", cell) is not None


def inputs_text(row: Row, columns: Sequence[int]) -> str:
    """The cells of `row` in `columns` (from 1) as one text."""
    width = len(row)
    cells = [row[c - 1] if c <= width else None for c in columns]
    return SEPARATOR.join([f"{cell}0" if cell.__class__ is str else cell_text(cell) for cell in cells])


def row_digests(inputs: Sequence[str], results: Sequence[Sequence[Cell]], start: str) -> list[str]:
    """What the hidden cell of each row is to hold. `inputs`: texts of `inputs_text`; `results`: the cells beside each,
    in the order of the signature `start`.

    A row that no formula can follow (too long, characters that spreadsheets do not agree on) has a digest that none
    takes for ours: it is never marked.
    """
    whole = [SEPARATOR.join([text, *map(_result_text, shown)]) for text, shown in zip(inputs, results, strict=True)]
    pieces = (whole[first : first + _AT_ONCE] for first in range(0, len(whole), _AT_ONCE))
    return [digest for texts in pieces for digest in _digests(texts, start)]


def _digests(texts: Sequence[str], start: str) -> Iterator[str]:
    found = no_rows_yet(len(texts)).followed_by(sums_of([text + END for text in texts]).T)
    for text, digest in zip(texts, _told(found, start), strict=True):
        yield digest or _digest_of_long(start + text)


def summed_digests(inputs: RowSums, results: Sequence[Sequence[Cell]], start: str) -> list[str]:
    """The same of rows whose inputs were summed up before; "" where no formula can follow. `results`: column by column,
    of which there is at least one.
    """
    for column, end in zip(results, [*[SEPARATOR] * (len(results) - 1), END], strict=True):
        places = {cell: place for place, cell in enumerate(dict.fromkeys(column))}
        codes = np.fromiter(map(places.__getitem__, column), dtype=np.intp, count=len(column))
        inputs = inputs.followed_by(sums_of([_result_text(cell) + end for cell in places]).T[:, codes])
    return _told(inputs, start)


def _told(rows: RowSums, start: str) -> list[str]:
    pairs = zip(rows.lengths.tolist(), rows.sums.tolist(), strict=True)
    return [f"{start}{total}" if length <= MOST_PLACES else "" for length, total in pairs]


def is_alike(one: Cell, other: Cell) -> bool:
    """Whether no digest tells the two results apart."""
    return _result_text(one) == _result_text(other)


def _result_text(cell: Cell) -> str:
    shown = cell if isinstance(cell, str) else cell_text(cell)[:-1]
    return f"{shown[:RESULT_CHARACTERS]}{len(shown)}"


def _digest_of_long(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
