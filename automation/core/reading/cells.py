"""What people type becomes text, a date, a number, an identity number. One value in, one value out; never raises."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cache, lru_cache, wraps
from typing import Final

from msgspec import Struct

from automation.core.model.workbook import LARGEST_NUMBER, UNCALCULATED, Cell


class Unreadable(Enum):
    """Something is written there and it is not what the column asks for."""

    UNREADABLE = "unreadable"


UNREADABLE: Final = Unreadable.UNREADABLE

# --- text -------------------------------------------------------------------------------------------------

_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffc\ufffe\uffff\ud800-\udfff\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
LONGEST_LOOKED_AT = 1_000
"""Characters of a cell that are looked at."""
_MOST_MARKS = 30
"""On one letter, as Unicode's stream-safe texts have them (UAX 15): sorting a run of marks takes the square of it."""
_LONGEST_REMEMBERED = 64
"""Characters of a text whose reading is kept."""
_LOOKALIKES = str.maketrans(
    {
        "\u00d0": "\u0110",  # Eth typed for D with stroke
        "\u00f0": "\u0111",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
    }
)


def _remembered(most: int) -> Callable[[Callable[[str], str]], Callable[[str], str]]:
    """Keep what is made of that many texts: headers and list values come again and again.

    Of short ones alone. Sentences are many, ours above all, which say when and how many: a worker would hold those of
    months.
    """

    def decorated(function: Callable[[str], str]) -> Callable[[str], str]:
        of_short = lru_cache(maxsize=most)(function)

        @wraps(function)
        def answer(typed: str) -> str:
            return of_short(typed) if len(typed) <= _LONGEST_REMEMBERED else function(typed)

        return answer

    return decorated


@_remembered(1 << 12)
def clean(typed: str) -> str:
    """The text without what cannot be seen: NFC, invisible characters gone, every run of spaces one space."""
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", typed)).split())


@lru_cache(maxsize=1 << 5)
def _clean_long(typed: str) -> str:
    """The same of a text so long that it takes care, in time that grows with its length alone. A cycle asks for the
    few that there are many times.
    """
    kept: list[str] = []
    marks = 0
    for letter in typed:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= _MOST_MARKS:
            kept.append(letter)
    return clean("".join(kept))


def as_text(cell: Cell) -> str:
    """The cell as a person would read it aloud; "" for an empty one. Whole floats lose their ".0"."""
    match cell:
        case None:
            return ""
        case str():
            return clean(cell) if len(cell) <= LONGEST_LOOKED_AT else _clean_long(cell)
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case datetime():
            return cell.strftime("%d/%m/%Y" if cell.time() == time() else "%d/%m/%Y %H:%M")
        case date():
            return cell.strftime("%d/%m/%Y")
        case time():
            return cell.strftime("%H:%M")
    return str(cell)


def is_blank(cell: Cell) -> bool:
    """Empty after trimming; a no-break or zero-width space is no answer."""
    return as_text(cell) == ""


_DASHES = frozenset(["-", "--", "---", "–", "—", "−"])


def is_dash(cell: Cell) -> bool:
    """A dash alone, which offices type where there is nothing."""
    return isinstance(cell, str) and cell.strip() in _DASHES


_FORMULA_ERROR = re.compile(r"#(REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|ERROR!|SPILL!|CALC!)|Err:\d{3}\b")


def is_formula_error(cell: Cell) -> bool:
    """True for what a broken formula leaves, such as "#REF!" or "#N/A (message)"."""
    return isinstance(cell, str) and (cell == UNCALCULATED or _FORMULA_ERROR.match(cell.strip()) is not None)


# The tone mark of oa, oe, uy is set on either letter (hòa, hoà): one canonical place makes them compare equal.
_TONED_SECOND = {
    f"{first}{second}": f"{toned}{plain}"
    for first, tones in (("o", "òóỏõọ"), ("u", "ùúủũụ"))
    for plain, seconds in (("a", "àáảãạ"), ("e", "èéẻẽẹ"), ("y", "ỳýỷỹỵ"))
    if (first == "u") == (plain == "y")
    for toned, second in zip(tones, seconds, strict=True)
}


_TONED_PAIR = re.compile("o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ]")


def with_tones_alike(folded: str) -> str:
    """The text, or many, with every tone mark of these in its one place."""
    return _TONED_PAIR.sub(lambda pair: _TONED_SECOND[pair[0]], folded)


@_remembered(1 << 12)
def fold(typed: str) -> str:
    """The key under which two spellings of the same words compare equal: NFC, case, spaces, place of the tone
    mark, look-alike letters and dashes, spaces around commas. What lies behind the first 1,000 characters does not
    count.
    """
    text = unicodedata.normalize("NFKC", clean(typed[:LONGEST_LOOKED_AT])).translate(_LOOKALIKES).casefold()
    text = clean(unicodedata.normalize("NFKC", text)).casefold()
    text = re.sub(r"\s*,\s*", ", ", text).strip()
    return unicodedata.normalize("NFC", with_tones_alike(text))


@_remembered(1 << 12)
def bare(typed: str) -> str:
    """Folded and without any marks or invisible characters, so that forgotten accents count for little."""
    letters = unicodedata.normalize("NFD", fold(typed)).replace("đ", "d")
    return "".join(each for each in letters if unicodedata.category(each)[0] not in "CM")


# --- dates ------------------------------------------------------------------------------------------------

_SERIAL_DAY_0 = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = (
    3_000,
    110_000,
)  # 18/03/1908 to the year 2201; below that it is a year or a count
_TIME_OF_DAY = r"(?:[T ]+\d{1,2}[:hH]\d{0,2}(?::\d{2})?(?:[.,]\d+)?\s*(?:[AaPp][Mm]|Z|[+-]\d{2}:?\d{2})?)?"
_SEPARATOR = r"\s*[/.,\\\-\s]\s*"
_DAY_FIRST = re.compile(rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{4}}|\d{{2}}){_TIME_OF_DAY}")
_USUAL_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_TIME_OF_DAY}")
_IN_WORDS = re.compile(r"(?:ngày\s*)?(\d{1,2})\s*tháng\s*(\d{1,2})\s*(?:năm\s*)?,?\s*(\d{4})")
_DIGITS_ONLY = re.compile(r"(\d{2})(\d{2})(\d{4})")
_ISO_DIGITS = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")


def read_date(cell: Cell) -> date | Unreadable | None:
    """The day that is meant: a real date, a serial number, or text with the day first (or ISO, or in words).

    None for a blank cell. Two-digit years follow the spreadsheets' own convention (00-29 are 20xx). A month
    above 12 is never taken for a day: 03/15/1985 is unreadable.
    """
    match cell:
        case None:
            return None
        case bool():
            return UNREADABLE
        case datetime():
            return cell.date()
        case date():
            return cell
        case time():
            return UNREADABLE
        case int() | float():
            return _date_of_number(cell)
    if usual := _USUAL_DAY.fullmatch(cell):  # spares nearly all the steps below
        return _day(usual[1], usual[2], usual[3])
    text = unicodedata.normalize("NFKC", clean(cell[:LONGEST_LOOKED_AT])).translate(_LOOKALIKES).lstrip("'").strip()
    return _date_of_text(text) if text else None


def _date_of_number(number: float) -> date | Unreadable:
    if _FIRST_SERIAL <= number < _LAST_SERIAL:
        return _SERIAL_DAY_0 + timedelta(days=int(number))
    is_written_as_date = 10_000_000 <= number < 1_000_000_000 and float(number).is_integer()
    return _date_of_text(str(int(number))) if is_written_as_date else UNREADABLE


def _date_of_text(text: str) -> date | Unreadable:
    if re.fullmatch(r"\d{4,6}(?:[.,]\d+)?", text):
        number = float(text.replace(",", "."))
        return _date_of_number(number) if number < 10_000_000 else UNREADABLE
    if found := _ISO_DIGITS.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return _day(found[3], found[2], found[1])
    if found := _DIGITS_ONLY.fullmatch(text) or _DAY_FIRST.fullmatch(text) or _IN_WORDS.fullmatch(text.casefold()):
        return _day(found[1], found[2], found[3])
    return UNREADABLE


def _day(day: str, month: str, year: str) -> date | Unreadable:
    try:
        return date(_full_year(year), int(month), int(day))
    except ValueError:
        return UNREADABLE


def _full_year(year: str) -> int:
    return int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 30 else 1900)


def swapped_date(cell: Cell) -> date | None:
    """The only day that text such as 03/15/1985 can mean (month and day exchanged), for a suggestion."""
    if not isinstance(cell, str):
        return None
    found = _DAY_FIRST.fullmatch(clean(cell[:LONGEST_LOOKED_AT]))
    swapped = _day(found[2], found[1], found[3]) if found else UNREADABLE
    return None if isinstance(swapped, Unreadable) else swapped


_YEAR_ALONE = re.compile(r"(?:năm\s*)?(?:19|20)\d{2}")
_MONTH_AND_YEAR = re.compile(rf"(?:tháng\s*)?(\d{{1,2}}){_SEPARATOR}(?:19|20)\d{{2}}")
_DAY_AND_MONTH = re.compile(rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}})")


class DateGap(Enum):
    """What keeps something that was meant as a day from being one."""

    NO_DAY_NOR_MONTH = "only a year"
    NO_DAY = "only a month and a year"
    NO_YEAR = "only a day and a month"
    NO_SUCH_MONTH = "a month that no year has"
    NO_SUCH_DAY = "a day that this month does not have"


class WrongDate(Struct, frozen=True):
    """A gap, and the numbers that it is about where they were given."""

    gap: DateGap
    day: int = 0
    month: int = 0
    year: int = 0


def wrong_date(cell: Cell) -> WrongDate | None:
    """What is wrong with a cell that `read_date` cannot read; None where it resembles no date at all."""
    if isinstance(cell, (bool, date, time)) or cell is None:
        return None
    text = as_text(cell).lstrip("'").strip().casefold()
    if _YEAR_ALONE.fullmatch(text):
        return WrongDate(DateGap.NO_DAY_NOR_MONTH)
    if _MONTH_AND_YEAR.fullmatch(text):
        return WrongDate(DateGap.NO_DAY)
    if _DAY_AND_MONTH.fullmatch(text):
        return WrongDate(DateGap.NO_YEAR)
    if found := _ISO_DIGITS.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        return _impossible(found[3], found[2], found[1])
    if found := _DIGITS_ONLY.fullmatch(text) or _DAY_FIRST.fullmatch(text) or _IN_WORDS.fullmatch(text):
        return _impossible(found[1], found[2], found[3])
    return None


def _impossible(typed_day: str, typed_month: str, typed_year: str) -> WrongDate:
    day, month, year = int(typed_day), int(typed_month), _full_year(typed_year)
    gap = DateGap.NO_SUCH_DAY if 1 <= month <= 12 else DateGap.NO_SUCH_MONTH
    return WrongDate(gap, day, month, year)


# --- numbers ----------------------------------------------------------------------------------------------

_COUNT = re.compile(r"(\d{1,3}(?:[.,\s]\d{3}){1,4}|\d{1,12})(?:[.,]0+)?\s*(?:người|nguoi|ng)?\.?", re.IGNORECASE)


def is_finite(number: float) -> bool:
    """Whether it is a number at all, and one that a spreadsheet knows."""
    return abs(number) <= LARGEST_NUMBER


def read_count(cell: Cell) -> int | Unreadable | None:
    """A number of people: 1497, 1497.0, "1.497", "1 497 người". None for a blank cell."""
    if isinstance(cell, (bool, date, time)):
        return UNREADABLE
    if isinstance(cell, (int, float)):
        return int(cell) if is_finite(cell) and cell >= 0 and float(cell).is_integer() else UNREADABLE
    text = as_text(cell)
    if not text:
        return None
    found = _COUNT.fullmatch(text)
    return int(re.sub(r"\D", "", found[1])) if found else UNREADABLE


MOST_IN_A_UNIT = 99_999


def read_headcount(cell: Cell) -> int | Unreadable | None:
    """The number of people of one unit; a phone or identity number typed there is none."""
    count = read_count(cell)
    return UNREADABLE if isinstance(count, int) and count > MOST_IN_A_UNIT else count


def read_number(cell: Cell) -> float | Unreadable | None:
    """A plain number, with a comma or a dot before the decimals. None for a blank cell."""
    if isinstance(cell, (bool, date, time)):
        return UNREADABLE
    if isinstance(cell, (int, float)):
        return float(cell) if is_finite(cell) else UNREADABLE
    text = as_text(cell)
    if not text:
        return None
    grouped = re.fullmatch(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?", text)
    plain = text.replace(".", "").replace(",", ".") if grouped else text.replace(",", ".")
    return float(plain) if re.fullmatch(r"-?\d+(?:\.\d+)?", plain) else UNREADABLE


def read_percent(cell: Cell) -> float | Unreadable | None:
    """Per cent: 95, "95,5 %", and 0.95 as a cell in the format of per cent holds it. None for a blank cell.

    Such a cell that shows 100% holds 1, as one does in which somebody typed 1: what that means is up to the caller.
    """
    text = as_text(cell)
    number = read_number(text.removesuffix("%").rstrip())
    if isinstance(number, float) and number < 1 and not text.endswith("%"):
        return round(number * 100, 6)
    return number


# --- identity numbers -------------------------------------------------------------------------------------


class IdentityShape(Enum):
    """What a typed identity number turned out to be."""

    FULL = "12 digits"
    LOST_ZERO = "10 or 11 digits that become a number of a known place when filled up with zeros"
    OLD_CARD = "9 digits: the number of the old card"
    WRONG = "anything else"


class Identity(Struct, frozen=True):
    """A typed identity number: its `digits` as typed, and the 12-digit `number` it is read as ("" if none)."""

    shape: IdentityShape
    digits: str
    number: str


_WHOLE_FLOAT = re.compile(r"\d{9,12}\.0{1,2}")


def read_identity(cell: Cell, known_places: frozenset[str]) -> Identity | None:
    """The personal identification number in a cell, or None for a blank one.

    Numbers become integer text before any dot is dropped (79085123456.0 must not gain a digit, and one with a fraction
    is wrong); then spaces, dots, dashes and a leading apostrophe go. 10 or 11 digits count as full only where the
    zeros a spreadsheet took away lead to a place code in `known_places`.
    """
    text = unicodedata.normalize("NFKC", as_text(cell)).translate(_LOOKALIKES)
    if not text:
        return None
    if isinstance(cell, float) and not cell.is_integer():
        return Identity(IdentityShape.WRONG, text, "")
    if _WHOLE_FLOAT.fullmatch(text):
        text = text.partition(".")[0]
    digits = re.sub(r"[\s.\-]", "", text.lstrip("'"))
    if not (digits.isascii() and digits.isdigit()):
        return Identity(IdentityShape.WRONG, digits, "")
    if len(digits) == 12:
        return Identity(IdentityShape.FULL, digits, digits)
    if len(digits) == 9:
        return Identity(IdentityShape.OLD_CARD, digits, "")
    if len(digits) in (10, 11) and digits.zfill(12)[:3] in known_places:
        return Identity(IdentityShape.LOST_ZERO, digits, digits.zfill(12))
    return Identity(IdentityShape.WRONG, digits, "")


def birth_year_of(number: str) -> int:
    """The birth year that digits 4 to 6 of a 12-digit number stand for (Thông tư 59/2021/TT-BCA)."""
    return 1900 + 100 * (int(number[3]) // 2) + int(number[4:6])


# --- phone numbers ----------------------------------------------------------------------------------------

_PHONE_CHARACTERS = re.compile(r"\(?\+?[\d\s().\-]+")


@cache
def _plain_phone() -> re.Pattern[str]:
    """As most people type one. Spares the parser, which would otherwise take a third of a cycle."""
    from phonenumbers import PhoneMetadata  # where somebody typed one: it is slow to load

    vietnam = PhoneMetadata.metadata_for_region("VN")
    kinds = [vietnam.mobile, vietnam.fixed_line] if vietnam else []
    return re.compile("|".join(f"0(?:{kind.national_number_pattern})" for kind in kinds if kind), re.ASCII)


def read_phone(cell: Cell) -> str | Unreadable | None:
    """A Vietnamese mobile or landline number as 0xxxxxxxxx; a lost leading zero is read as there."""
    if isinstance(cell, str) and cell and _plain_phone().fullmatch(cell):
        return cell
    text = unicodedata.normalize("NFKC", as_text(cell)).translate(_LOOKALIKES).lstrip("'").strip()
    if not text:
        return None
    if _plain_phone().fullmatch(text):
        return text
    return _parsed_phone(text) if _PHONE_CHARACTERS.fullmatch(text) else UNREADABLE


def _parsed_phone(text: str) -> str | Unreadable:
    from phonenumbers import NumberParseException, PhoneNumberType, number_type, parse

    try:
        parsed = parse(text, "VN")
    except NumberParseException:
        return UNREADABLE
    kinds = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if parsed.country_code != 84 or number_type(parsed) not in kinds:
        return UNREADABLE
    return f"0{parsed.national_number}"


# The 11-digit mobile numbers of before 2019 and what they became; the last seven digits stayed.
_OLD_MOBILE_PREFIXES = {
    **{f"016{n}": f"03{n}" for n in range(2, 10)},
    "0120": "070",
    "0121": "079",
    "0122": "077",
    "0126": "076",
    "0128": "078",
    "0123": "083",
    "0124": "084",
    "0125": "085",
    "0127": "081",
    "0129": "082",
    "0186": "056",
    "0188": "058",
    "0199": "059",
}


def renumbered_phone(cell: Cell) -> str | None:
    """The present number of an 11-digit mobile number from before 2019, for a suggestion."""
    digits = re.sub(r"\D", "", as_text(cell))
    digits = digits if digits.startswith("0") else f"0{digits}"
    prefix = _OLD_MOBILE_PREFIXES.get(digits[:4]) if len(digits) == 11 else None
    return prefix + digits[4:] if prefix else None


# --- ticks ------------------------------------------------------------------------------------------------

_TICKED = frozenset({"true", "x", "v", "1", "có", "rồi", "đã", "ok", "yes", "✓", "✔", "☑", "✅"})


def read_tick(cell: Cell) -> bool:
    """Whether a checkbox, or what people type in place of one, says yes."""
    return fold(as_text(cell)) in _TICKED


# --- mail addresses ---------------------------------------------------------------------------------------

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@((?:[^\W_](?:[^\W_]|-)*\.)+[^\W_](?:[^\W_]|-)*)")


def is_mail_address(typed: str) -> bool:
    """Whether mail can be sent to the text: RFC 5321 without quoting; other letters than ASCII in the domain only."""
    found = _ADDRESS.fullmatch(typed)
    return len(typed) <= 254 and found is not None and _is_known_to_servers(found[1])


def _is_known_to_servers(domain: str) -> bool:
    try:
        return bool(domain.encode("idna"))
    except UnicodeError:
        return False


def looks_like_another(address: str) -> bool:
    """Whether the domain can be taken for another one: letters of several scripts, or such as servers replace."""
    domain = address.rpartition("@")[2].lower()
    try:
        plain = domain.encode("idna").decode("idna")
    except UnicodeError:
        return True
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in plain if letter.isalpha()}
    replaced = domain not in (plain, plain.encode("idna").decode("ascii"))
    return replaced or len(scripts) > 1


def is_plain_address(typed: str) -> bool:
    """Whether it is an address that cannot be taken for another one."""
    return is_mail_address(typed) and not looks_like_another(typed)


def split_addresses(typed: str) -> tuple[str, ...]:
    """The addresses in a cell, between "|", ";", "," or line breaks."""
    return tuple(piece for each in re.split(r"[|;,\n]", typed) if (piece := clean(each)))
