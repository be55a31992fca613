"""One cell: what it holds, how it is shown."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeAlias

from tests.emulator.refusals import Json, bad_request
from tests.emulator.schema import without_fraction


class CellError(NamedTuple):
    """The result of a formula that failed: its code (`#N/A`) and Google's explanation."""

    code: str
    message: str = ""

    @property
    def kind(self) -> str:
        return ERROR_KINDS[self.code]

    @property
    def unformatted(self) -> str:
        """`#N/A (message)` (M)."""
        return f"{self.code} ({self.message})" if self.message else self.code


ERROR_KINDS = {
    "#ERROR!": "ERROR",
    "#NULL!": "NULL_VALUE",
    "#DIV/0!": "DIVIDE_BY_ZERO",
    "#VALUE!": "VALUE",
    "#REF!": "REF",
    "#NAME?": "NAME",
    "#NUM!": "NUM",
    "#N/A": "N_A",
    "Loading...": "LOADING",
}

Scalar: TypeAlias = str | int | float | bool | CellError
MOST_CHARACTERS = 50_000
DAY_ZERO = datetime(1899, 12, 30)


class Cell(NamedTuple):
    """Never changed, only replaced. `value` is what it comes to; `formula` is "" for plain values."""

    value: Scalar | None = None
    formula: str = ""
    format: Json | None = None
    note: str = ""
    validation: Json | None = None
    runs: list[Json] | None = None

    @property
    def is_blank(self) -> bool:
        """Nothing to read in it; a format, note or rule alone counts as nothing (I)."""
        return self.value is None and not self.formula


BLANK = Cell()


def check_length(text: str) -> None:
    """50,000 characters are the most (M)."""
    if len(text) > MOST_CHARACTERS:
        raise bad_request(
            f"Your input contains more than the maximum of {MOST_CHARACTERS} characters in a single cell."
        )


def serial(moment: date | datetime) -> float | int:
    """Days since 1899-12-30; the time of day is the fraction (D)."""
    whole = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    delta = whole.replace(tzinfo=None) - DAY_ZERO
    return without_fraction(delta.days + delta.seconds / 86400)


def moment(number: float) -> datetime:
    """The moment behind a serial number, to the second."""
    return DAY_ZERO + timedelta(seconds=round(number * 86400))


def number_format(cell: Cell) -> Json:
    found: Json = (cell.format or {}).get("numberFormat", {})
    return found


def is_date(cell: Cell) -> bool:
    return number_format(cell).get("type") in ("DATE", "TIME", "DATE_TIME")


def is_text(cell: Cell) -> bool:
    """Whether what people type into it stays text (`@`)."""
    return number_format(cell).get("type") == "TEXT"


def extended_value(value: Scalar | None) -> Json | None:
    """The ExtendedValue of what a cell comes to."""
    if value is None:
        return None
    if isinstance(value, CellError):
        shown = {"type": value.kind}
        if value.message:
            shown["message"] = value.message
        return {"errorValue": shown}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}


def entered_value(cell: Cell) -> Json | None:
    """The ExtendedValue that was put in."""
    return {"formulaValue": cell.formula} if cell.formula else extended_value(cell.value)


def formatted(cell: Cell, locale: str) -> str:
    """What a person sees in the cell; only the patterns that the project uses, else the plain number."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    wanted = number_format(cell)
    if is_date(cell):
        return _formatted_moment(moment(value), wanted.get("pattern") or _DEFAULT_PATTERNS[wanted["type"]])
    return _formatted_number(value, wanted, decimal_mark(locale))


def decimal_mark(locale: str) -> str:
    return "." if locale.startswith("en") else ","


_DEFAULT_PATTERNS = {"DATE": "dd/mm/yyyy", "TIME": "hh:mm:ss", "DATE_TIME": "dd/mm/yyyy hh:mm:ss"}
_DATE_TOKEN = re.compile(r"yyyy|yy|mm?|dd?|hh?|ss?|\"[^\"]*\"|.", re.DOTALL)


def _formatted_moment(at: datetime, pattern: str) -> str:
    shown = ""
    last = ""
    tokens = _DATE_TOKEN.findall(pattern)
    for place, token in enumerate(tokens):
        ahead = next((each for each in tokens[place + 1 :] if each[0].isalpha()), "")
        # `m` is the month unless it stands beside hours or seconds (D).
        minute = token[0] == "m" and (last.startswith("h") or ahead.startswith("s"))
        shown += _date_part(at, token, minute)
        if token[0].isalpha():
            last = token
    return shown


def _date_part(at: datetime, token: str, minute: bool) -> str:
    if token in ("yyyy", "yy"):
        return f"{at.year:04d}"[-len(token) :]
    numbers = {"m": at.minute if minute else at.month, "d": at.day, "h": at.hour, "s": at.second}
    if token[0] in numbers:
        return f"{numbers[token[0]]:0{len(token)}d}"
    return token.strip('"')


def _formatted_number(value: float, wanted: Json, mark: str) -> str:
    pattern = wanted.get("pattern", "0.00%" if wanted.get("type") == "PERCENT" else "")
    found = re.search(r"(#,##)?0(?:\.(0+))?(%?)", pattern)
    if not found:
        text = repr(without_fraction(round(float(value), 14) if abs(value) < 1e5 else float(value)))
        return text.replace(".", mark)
    number = value * 100 if found[3] else value
    text = f"{number:{',' if found[1] else ''}.{len(found[2] or '')}f}"
    if mark == ",":
        text = text.translate(str.maketrans(",.", ".,"))
    return text + found[3]


def typed(text: str, cell: Cell, locale: str) -> Cell:
    """The cell after somebody typed `text` into it: USER_ENTERED, for the few kinds that matter here (M).

    Numbers, percentages, TRUE and FALSE, dates (day first unless the spreadsheet is American), else text.
    Formulas are for the caller.
    """
    check_length(text)
    if text == "":
        return cell._replace(value=None, formula="")
    if is_text(cell):
        return cell._replace(value=text, formula="")
    if text.startswith("'"):
        return cell._replace(value=text[1:], formula="")
    read = _read_typed(text.strip(), locale)
    if read is None:
        return cell._replace(value=text, formula="")
    value, wanted = read
    changed = cell._replace(value=value, formula="")
    if wanted and number_format(cell).get("type") != wanted["type"]:
        changed = changed._replace(format={**(cell.format or {}), "numberFormat": wanted})
    return changed


_TYPED_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?%?")
_TYPED_DAY = re.compile(r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}))?(?: (\d{1,2}):(\d{2}))?")
_TYPED_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
TYPED_YEAR = 2023
"""The year of a day that was typed without one; chance and time are no matter of a parser."""


def _read_typed(text: str, locale: str) -> tuple[Scalar, Json | None] | None:
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE", None
    mark = decimal_mark(locale)
    if _TYPED_NUMBER.fullmatch(text) and ("." if mark == "," else ",") not in text:
        number = float(text.rstrip("%").replace(",", "."))
        if text.endswith("%"):
            return without_fraction(number / 100), {"type": "PERCENT", "pattern": "0%"}
        return without_fraction(number), None
    return _read_day(text, locale)


def _read_day(text: str, locale: str) -> tuple[Scalar, Json | None] | None:
    day = _TYPED_DAY.fullmatch(text)
    iso = _TYPED_ISO.fullmatch(text)
    try:
        if iso:
            at = datetime(int(iso[1]), int(iso[2]), int(iso[3]))
            return serial(at), {"type": "DATE", "pattern": "yyyy-mm-dd"}
        if not day:
            return None
        first, second = int(day[1]), int(day[2])
        if locale == "en_US":
            first, second = second, first
        at = datetime(int(day[3] or TYPED_YEAR), second, first, int(day[4] or 0), int(day[5] or 0))
    except ValueError:
        return None
    if day[4]:
        return serial(at), {"type": "DATE_TIME", "pattern": "dd/mm/yyyy hh:mm"}
    return serial(at), {"type": "DATE", "pattern": "dd/mm/yyyy" if day[3] else "d/m"}


MOMENT_FORMAT: Json = {"numberFormat": {"type": "DATE_TIME", "pattern": "dd/mm/yyyy hh:mm"}}
DATE_FORMAT: Json = {"numberFormat": {"type": "DATE", "pattern": "dd/mm/yyyy"}}


def from_python(value: Any) -> Cell:
    """The cell that holds a Python value: nothing is parsed; days, and moments at midnight, get a date format."""
    if value is None or value == "":
        return BLANK
    if isinstance(value, Cell):
        return value
    if isinstance(value, datetime) and value.time() != time():
        return Cell(serial(value), format=MOMENT_FORMAT)
    if isinstance(value, date):
        return Cell(serial(value), format=DATE_FORMAT)
    if isinstance(value, str):
        check_length(value)
    if isinstance(value, float):
        value = without_fraction(value)
    if not isinstance(value, str | int | float | bool | CellError):
        raise TypeError(f"a cell cannot hold {type(value).__name__}")
    return Cell(value)
