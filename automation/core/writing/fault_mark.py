"""The condition by which a cell of a config tab turns red: the column of marks in its row says "Ô B13: ..."."""

from __future__ import annotations

import re

from automation.base.messages import text
from automation.core.model.layout import FaultMark
from automation.core.model.workbook import column_letter


def fault_formula(mark: FaultMark, first_row: int) -> str:
    """The condition for a range that begins in `first_row`, whatever its first column; arguments separated by ";"."""
    before, after = text("config_marks.cell", cell="\n", what="", fix="").split("\n")
    told = f"${column_letter(mark.told)}{first_row}"
    return f'=ISNUMBER(SEARCH("{before}"&ADDRESS(ROW();COLUMN();4)&"{after.strip()}";{told}))'


def is_fault_formula(formula: str) -> bool:
    """Whether an earlier `fault_formula` made it, whatever its column was."""
    return re.match(r'=?ISNUMBER\(SEARCH\("[^"]*"&ADDRESS\(ROW\(\)[;,]COLUMN\(\)[;,]4\)&', formula) is not None
