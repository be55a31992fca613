"""Whether a cell already shows what the bot would write into it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from automation.core.model.workbook import Cell
from automation.core.reading.cells import is_finite, read_date

_DAY_0 = datetime(1899, 12, 30)
_LAST_DAY = (datetime.max - _DAY_0).days


def same(present: Cell, wanted: Cell) -> bool:
    """Whether a cell already shows what is wanted: numbers to a millionth, moments to the second, text exactly."""
    if present is None or wanted is None or present == "" or wanted == "":
        return (present is None or present == "") and (wanted is None or wanted == "")
    if isinstance(wanted, bool) or isinstance(present, bool):
        return present is wanted
    if isinstance(wanted, (int, float)) and isinstance(present, (int, float)):
        return is_finite(present) and is_finite(wanted) and abs(present - wanted) < 1e-6
    if isinstance(wanted, datetime) and isinstance(present, (datetime, int, float)):
        moment = _moment(present)
        return moment is not None and abs(moment - wanted) < timedelta(seconds=1)
    if isinstance(wanted, date) and not isinstance(wanted, datetime):
        return not isinstance(present, str) and read_date(present) == wanted
    return type(present) is type(wanted) and present == wanted


def _moment(cell: datetime | float) -> datetime | None:
    """A moment cell as the spreadsheet keeps it: a datetime, or days since 30/12/1899; None beyond all calendars."""
    if isinstance(cell, datetime):
        return cell
    return _DAY_0 + timedelta(days=cell) if 0 <= cell < _LAST_DAY else None
