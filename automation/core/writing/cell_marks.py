"""The conditions by which cells turn red or yellow where a sentence of their row names them, and how they are known
again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from automation.base.messages import text
from automation.core.model.units import Severity
from automation.core.model.workbook import column_letter
from automation.core.writing.formulas import any_of, in_column, quoted, reference

_OURS = 'N("TCCB")=0'
"""Holds everywhere, and tells our conditions from people's: those have no name."""


def marked(conditions: Sequence[str]) -> str:
    """The formula of a mark for cells for which one of the conditions holds."""
    return f"=AND({_OURS};{any_of(conditions)})"


def is_mark_formula(formula: str) -> bool:
    """Whether an earlier `marked` made it, of this version or the one before, whatever its columns were."""
    plain = formula.removeprefix("=").replace(" ", "")
    before = re.match(r'ISNUMBER\(SEARCH\("[^"]*"&ADDRESS\(ROW\(\)[;,]COLUMN\(\)[;,]4\)&', plain)
    return before is not None or re.match(rf"AND\({re.escape(_OURS)}[;,]", plain) is not None


def cell_is_told(told: int, first_row: int) -> str:
    """Holds for a cell whose row says "Ô B13: ..." of it in column `told`; for a range that begins in `first_row`."""
    before, after = text("config_marks.cell", cell="\n", what="", fix="").split("\n")
    named = f"{quoted(before)}&ADDRESS(ROW();COLUMN();4)&{quoted(after.strip())}"
    return f"ISNUMBER(SEARCH({named};{reference(told, first_row)}))"


def header_is_told(told: int, header_row: int, headers: Mapping[int, str], severity: Severity) -> str:
    """Holds for a cell of whose column a line of column `told` in its row says something of that severity.

    `headers`: by column, as the sentences name them, which is not always what stands above the column.
    """
    before, after = _beginning(severity)
    header = "&".join(in_column(column, header_row, quoted(name), '""') for column, name in headers.items())
    wanted = f"CHAR(10)&{quoted(before)}&{header}&{quoted(after)}"
    return f"ISNUMBER(FIND({wanted};CHAR(10)&{reference(told, header_row + 1)}))"


def bot_is_silent(place: tuple[int, int], limit: tuple[int, int]) -> str:
    """Holds for the cell at `place`, which ends with a moment ("08:00 20/04/2023"), once that is longer ago than the
    part of a day that the cell at `limit` holds. No setting of the spreadsheet has a say in how the moment is read.
    """
    said, most = (f"${column_letter(column)}${row}" for row, column in (place, limit))

    def number(end: int, digits: int) -> str:
        return f"VALUE(LEFT(RIGHT({said};{end});{digits}))"

    moment = f"DATE({number(4, 4)};{number(7, 2)};{number(10, 2)})+TIME({number(16, 2)};{number(13, 2)};0)"
    return f"AND(ROW()={place[0]};{most}>0;IFERROR(NOW()-({moment})>{most};FALSE))"


def _beginning(severity: Severity) -> tuple[str, str]:
    """What stands before and behind the header at the beginning of a line of `Lỗi cần sửa`."""
    finding = text("rules.finding", header="\n", message="")
    before, after = text("rules.to_correct", severity=severity.value, message=finding).split("\n")
    return before, after
