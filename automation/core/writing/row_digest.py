"""The spreadsheet formula that tells whether the digest of a row (`core/judging/lists/digest.py`) still holds.

Program and formula have to say the same of every cell, in Google Sheets, Excel and LibreOffice, whatever the language
of the file. So an input counts as its text followed by its number rounded to a whole one (T and N, which know no
formats), and a result as its first characters and its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from automation.core.config.values import Config, FieldCode
from automation.core.judging.lists.digest import (
    END,
    RESULT_CHARACTERS,
    input_columns,
    judged_fields,
    shown_fields,
    signature,
)
from automation.core.model.layout import ReviewMark
from automation.core.reading.row_sums import FACTOR, MOST_PLACES, PRIME, SEPARATOR, SQUARE
from automation.core.writing.formulas import counted, reference


def places_in_files(mark: ReviewMark) -> str:
    """How a formula in a file counts the characters of a text."""
    return counted(mark.judged, MOST_PLACES)


def places_at_google(_mark: ReviewMark) -> str:
    """How one at Google does, where a grid may have fewer lines."""
    return f"SEQUENCE({MOST_PLACES})"


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


def review_formula(mark: ReviewMark, first_row: int, places_of: Callable[[ReviewMark], str]) -> str:
    """The condition of the mark for a range that begins in `first_row`; arguments separated by ";". `places_of`: how
    this spreadsheet counts (`places_in_files`, `places_at_google`).
    """
    places = places_of(mark)
    judged = reference(mark.judged, first_row)
    start = mark.signature.replace('"', '""')
    inputs = (f'T({cell})&TEXT(N({cell});"0")' for cell in (reference(column, first_row) for column in mark.inputs))
    cells = (reference(column, first_row) for column in mark.results)
    results = (f"LEFT({cell};{RESULT_CHARACTERS})&LEN({cell})" for cell in cells)
    text = f'&"{SEPARATOR}"&'.join((*inputs, *results))
    padded = f'{text}&"{END}"&REPT(" ";{MOST_PLACES})'
    weights = f"MOD({places}^2*{SQUARE}+{places}*{FACTOR};{PRIME})+1"
    digest = f"MOD(SUMPRODUCT((UNICODE(MID({padded};{places};1))-32)*({weights}));{PRIME})"
    return f'=AND(LEFT({judged};{len(mark.signature)})="{start}";NOT(EXACT({judged};"{start}"&{digest})))'


def is_review_formula(formula: str) -> bool:
    """Whether an earlier `review_formula` made it, of this version or one before, whatever its columns were: people may
    have deleted the one that holds the digests.
    """
    return (
        re.match(r"=?AND\(LEFT\((?:\$[A-Z]+\d+|#REF!)[;,]\d+\)=\"[0-9a-f]*[|#]\"[;,]NOT\(EXACT\(", formula) is not None
    )
