"""What a date has to keep to, and which part of it one does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from automation.base.messages import text
from automation.core.config.conditions import DateLimits, Subject, Today, Value
from automation.core.model.workbook import Cell
from automation.core.reading.cells import wrong_date

_SERIAL_DAY_0 = date(1899, 12, 30)
"""Of spreadsheets: 1985 in a cell with a format of dates is shown as 07/06/1905."""


class DateFault(NamedTuple):
    """What is wrong with one date: as its unit is told, and without what was typed."""

    said: str = ""
    public: str = ""


DayOf = Callable[[Value], date | None]
"""What a limit stands for in the row in question; None where that row has none."""


def fault_of(cell: Cell, day: date | None, limits: DateLimits, day_of: DayOf, today: date) -> DateFault:
    """Why the cell is refused; nothing where it only is no date. `day`: what it was read as."""
    if day is None:
        return _unreadable(cell)
    for key, values, is_beyond in (
        ("after", limits.not_after, day.__gt__),
        ("before", limits.not_before, day.__lt__),
    ):
        for value in values:
            limit = day_of(value)
            if limit is not None and is_beyond(limit):
                return _same(text(f"rules.date_fault.{key}", limit=_named(value, limit)))
    return _wrong_age(cell, day, limits.ages, today) if limits.ages else DateFault()


def _unreadable(cell: Cell) -> DateFault:
    wrong = wrong_date(cell)
    if wrong is None:
        return DateFault()
    key = f"rules.date_fault.{wrong.gap.name.lower()}"
    public = text(f"{key}_public") if wrong.month else text(key)
    return DateFault(text(key, day=wrong.day, month=wrong.month, year=wrong.year), public)


def _same(said: str) -> DateFault:
    return DateFault(said, said)


def _named(value: Value, limit: date) -> str:
    match value:
        case Today(plus_days=0):
            return text("rules.date_fault.today")
        case Subject():
            return text("rules.date_fault.column", header=value.name)
    return f"{limit:%d/%m/%Y}"


def _wrong_age(cell: Cell, day: date, ages: tuple[int, int], today: date) -> DateFault:
    youngest, oldest = ages
    year = (day - _SERIAL_DAY_0).days
    if isinstance(cell, date) and youngest <= today.year - year <= oldest:
        key = "rules.date_fault.year_shown_as_day"
        return DateFault(text(key, year=year), text(f"{key}_public"))
    if day > years_before(today, youngest):
        return _same(text("rules.date_fault.too_young", age=youngest))
    if day <= years_before(today, oldest + 1):
        return _same(text("rules.date_fault.too_old", age=oldest))
    return DateFault()


def years_before(day: date, years: int) -> date:
    """The last birth date of those who are `years` old on `day`; born on 29/02 counts from 01/03."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)
