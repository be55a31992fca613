"""Whether a cell already shows what the bot would write into it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from automation.core.model.workbook import Cell
from automation.core.reading.cells import read_date


def same(present: Cell, wanted: Cell) -> bool:
    """Whether a cell already shows what is wanted: numbers to a millionth, moments to the second, text exactly."""
    if present is None or wanted is None or present == "" or wanted == "":
        return (present is None or present == "") and (wanted is None or wanted == "")
    if isinstance(wanted, bool) or isinstance(present, bool):
        return present is wanted
    if isinstance(wanted, (int, float)) and isinstance(present, (int, float)):
        return abs(present - wanted) < 1e-6
    if isinstance(wanted, datetime) and isinstance(present, (datetime, int, float)):
        return abs(_moment(present) - wanted) < timedelta(seconds=1)
    if isinstance(wanted, date) and not isinstance(wanted, datetime):
        return not isinstance(present, str) and read_date(present) == wanted
    return type(present) is type(wanted) and present == wanted


def _moment(cell: datetime | float) -> datetime:
    """A moment cell as the spreadsheet keeps it: a datetime, or days since 30/12/1899."""
    return cell if isinstance(cell, datetime) else datetime(1899, 12, 30) + timedelta(days=cell)
