"""Cells as the Sheets API has them, and as we do.

Dates and times are numbers there: days since 30/12/1899. What the API says of values: its reference of
`ExtendedValue` and `ValueRenderOption`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from automation.core.model.workbook import UNCALCULATED, Cell, Formula

MOST_CHARACTERS = 50_000
"""In one cell, counted as UTF-16 units to be on the safe side; one more is refused."""

_ERROR_CODES = ("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#ERROR!")
_LOADING = "Loading..."
_MAY_BE_NO_TEXT = "#L"
"""What errors begin with, and what is still being worked out."""
_DAY_0 = date(1899, 12, 30)
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def cells_of_values(values: Sequence[Any]) -> list[Cell]:
    """One row or column of a `ValueRange` read unformatted; blank cells are None, errors their code alone."""
    return [
        (value if value and value[0] not in _MAY_BE_NO_TEXT else _cell_of_text(value))
        if isinstance(value, str)
        else (value if value.__class__ is not float else _number(value))
        for value in values
    ]


def _number(value: float) -> Cell:
    """What is no number to a spreadsheet is text."""
    return value if math.isfinite(value) else repr(value)


def _cell_of_text(value: str) -> Cell:
    if value == "":
        return None
    if value[0] == "#":  # an error comes with an explanation in brackets, in the language of the file
        return next((code for code in _ERROR_CODES if value == code or value.startswith(f"{code} (")), value)
    return UNCALCULATED if value == _LOADING else value


def as_kept(cell: Cell) -> Cell:
    """What a read gives after `cell` was written: dates and times as numbers, text as far as a cell holds it."""
    match cell:
        case None | bool():
            return cell
        case Formula():
            return cell
        case str():
            return _clean(cell) or None
        case datetime():
            return _whole((cell.date() - _DAY_0).days + _part_of_day(cell.time()))
        case date():
            return (cell - _DAY_0).days
        case time():
            return _whole(_part_of_day(cell))
        case _:
            return _whole(cell) if math.isfinite(cell) else None


def _clean(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    legal = lines.translate(_CONTROL)
    if len(legal) * 2 <= MOST_CHARACTERS:
        return legal
    return legal.encode("utf-16-le", "replace")[: MOST_CHARACTERS * 2].decode("utf-16-le", "ignore")


def _part_of_day(moment: time) -> float:
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400


def _whole(number: float) -> int | float:
    return int(number) if float(number).is_integer() else number


def cell_data(kept: Cell) -> dict[str, Any]:
    """The `CellData` that puts a value in as it is: text is never taken for a `Formula`, None empties the cell."""
    match kept:
        case None:
            return {}
        case bool():
            return {"userEnteredValue": {"boolValue": kept}}
        case Formula():
            return {"userEnteredValue": {"formulaValue": str(kept)}}
        case str():
            return {"userEnteredValue": {"stringValue": kept}}
        case _:
            return {"userEnteredValue": {"numberValue": kept}}


def same_cell(one: Cell, other: Cell) -> bool:
    """Whether two cells as read are the same; a number may have lost its last digit on the way."""
    if isinstance(one, float) and isinstance(other, (int, float)) and not isinstance(other, bool):
        return math.isclose(one, other, rel_tol=1e-12)
    return type(one) is type(other) and one == other
