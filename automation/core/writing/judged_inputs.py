"""What column `Dữ liệu đã xét` keeps of a row, and the spreadsheet formula that tells whether it still holds.

The sheet itself shows that a result waits to be judged again, the moment somebody edits the row: text and formula
have to say the same of every cell, in Google Sheets, Excel and LibreOffice, whatever the language of the file. So a
cell counts as its text followed by its number rounded to a whole one (T and N, which know no formats).
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from automation.core.config.computed import COMPUTED, HIDDEN
from automation.core.config.values import Config, FieldCode, FieldType
from automation.core.model.layout import ReviewMark
from automation.core.model.workbook import Cell, Row, column_letter
from automation.core.reading.cells import is_finite

_SEPARATOR = "|"
_LONGEST = 16_000
"""Characters; a cell of Excel holds 32,767 UTF-16 units, and a character takes up to two."""
_NOT_KEPT = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that no cell holds, or holds as others."""
_DAY_0 = date(1899, 12, 30)


def judged_fields(config: Config, columns: Mapping[str, int]) -> tuple[str, ...]:
    """Codes of the fields that a result is made of, of those that have a column; numbering is none of them."""
    return tuple(
        field.code
        for field in config.fields
        if field.used and field.type.is_input and field.type is not FieldType.ORDINAL and field.code in columns
    )


def signature(codes: Sequence[str]) -> str:
    """What a judged text begins with: where the fields have changed since the formula was drawn, nothing is marked."""
    return hashlib.sha256(_SEPARATOR.join(codes).encode()).hexdigest()[:4] + _SEPARATOR


def judged_text(row: Row, columns: Sequence[int], start: str) -> str:
    """The cells of `row` in `columns` (from 1) as one text; `start`: the signature of their fields.

    Where a cell cannot hold that it is a digest, which no formula takes for ours: such a row is never marked.
    """
    width = len(row)
    whole = start + _SEPARATOR.join([_cell_text(row[c - 1]) if c <= width else "0" for c in columns])
    if len(whole) <= _LONGEST and not _NOT_KEPT.search(whole):
        return whole
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


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


def review_mark(config: Config, columns: Mapping[str, int]) -> ReviewMark | None:
    """Which results of a tab are to turn grey and why; None where its columns do not allow it.

    `columns`: column by field code.
    """
    codes = judged_fields(config, columns)
    shown = tuple(columns[code] for code in COMPUTED if code in columns and code not in HIDDEN)
    if FieldCode.JUDGED not in columns or not codes or not shown:
        return None
    return ReviewMark(columns[FieldCode.JUDGED], tuple(columns[code] for code in codes), shown, signature(codes))


def review_formula(mark: ReviewMark, first_row: int) -> str:
    """The condition of the mark for a range that begins in `first_row`; arguments separated by ";"."""
    judged = f"${column_letter(mark.judged)}{first_row}"
    cells = (f"${column_letter(column)}{first_row}" for column in mark.inputs)
    now = f'&"{_SEPARATOR}"&'.join(f'T({cell})&TEXT(N({cell});"0")' for cell in cells)
    start = mark.signature.replace('"', '""')
    begins = f'LEFT({judged};{len(mark.signature)})="{start}"'
    return f'=AND({begins};NOT(EXACT({judged};"{start}"&{now})))'


def is_review_formula(formula: str) -> bool:
    """Whether an earlier `review_formula` made it, whatever its columns were."""
    return re.match(r"=?AND\(LEFT\(\$[A-Z]+\d+[;,]\d+\)=\"[0-9a-f]*\|\"[;,]NOT\(EXACT\(", formula) is not None
