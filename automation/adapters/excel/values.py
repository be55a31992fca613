"""What a cell of an .xlsx file can hold: our values in, what stands there afterwards out."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta

from automation.adapters.excel.package import EPOCH_1900
from automation.core.model.workbook import Cell

LONGEST_TEXT = 32_767
"""Characters (UTF-16 units) a cell can hold; Excel calls a file with more of them damaged."""

PLAIN_FORMAT = "General"
DATE_FORMAT = "dd/mm/yyyy"
MOMENT_FORMAT = "dd/mm/yyyy hh:mm"
TIME_FORMAT = "hh:mm"

_MILLISECONDS_OF_DAY = 86_400_000
_NO_SUCH_DAY = 60
"""29/02/1900, which Excel counts."""
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def as_stored(value: Cell) -> Cell:
    """What a reader of the file gets back after `value` was written.

    Empty text and numbers that are none become an empty cell, text loses what XML cannot carry and what is
    too long, a date becomes the datetime of its midnight, a moment keeps its wall time to the second.
    """
    if isinstance(value, str):
        return _storable_text(value) or None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, microsecond=0)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, time):
        return value.replace(tzinfo=None, microsecond=0)
    return value


def _storable_text(text: str) -> str:
    legal = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(legal) * 2 <= LONGEST_TEXT:
        return legal
    return legal.encode("utf-16-le")[: LONGEST_TEXT * 2].decode("utf-16-le", "ignore")


def number_format_for(value: Cell) -> str:
    """The number format without which `value` would show as a bare number; "" where none is needed."""
    if isinstance(value, datetime):
        return MOMENT_FORMAT
    if isinstance(value, date):
        return DATE_FORMAT
    return TIME_FORMAT if isinstance(value, time) else ""


def serial_number(value: date | datetime | time, epoch: datetime) -> float:
    """The number by which a workbook counting from `epoch` holds a date, a moment or a time of day."""
    from openpyxl.utils.datetime import to_excel  # who only reads need not wait for it

    serial = float(to_excel(value, epoch))  # type: ignore[no-untyped-call]
    return int(serial) if serial == int(serial) else serial


def moment_of(serial: float, epoch: datetime) -> datetime | time:
    """What a number shows in a cell that is formatted as a date; below one day a time of day. Raises OverflowError,
    ValueError for what no calendar has.

    To the millisecond, as openpyxl has it, whose import takes longer than a small workbook takes to be read.
    """
    day, fraction = divmod(serial, 1)
    since_midnight = timedelta(milliseconds=round(fraction * _MILLISECONDS_OF_DAY))
    if 0 <= serial < 1 and not since_midnight.days:
        return (datetime.min + since_midnight).time()
    if 0 < serial < _NO_SUCH_DAY and epoch == EPOCH_1900:
        day += 1
    return epoch + timedelta(days=day) + since_midnight


def escaped(text: str) -> str:
    """Text whose "_x0041_" must not be taken for an escaped letter (ECMA-376 part 1, 22.9.2.19)."""
    return _ESCAPE.sub(lambda found: "_x005F" + found.group(), text) if "_x" in text else text


def unescaped(text: str) -> str:
    """The inverse of `escaped`; escaped control characters come back as themselves."""
    return _ESCAPE.sub(lambda found: chr(int(found.group(1), 16)), text) if "_x" in text else text
