"""What people get wrong when they fill in a list: one small function a kind, all of them in two tables."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

from msgspec import Struct

from automation.core.model.workbook import Cell
from automation.core.reading.cells import LONGEST_LOOKED_AT
from automation.demo.people import SPOILED_SUFFIXES, identity_marks
from automation.demo.progress import APP_LAUNCH, FIRST_CHIP_CARDS, anniversary
from automation.demo.values import (
    ABROAD,
    CARD_HELD,
    CARD_NOT_STARTED,
    LEVEL_2,
    LOGGED_IN,
    LONG_LEAVE,
    MALE,
    NO,
    NOT_REGISTERED,
    YES,
    DemoRow,
)
from automation.demo.vocabulary import birth_places, odd_answers

Spoil = Callable[[DemoRow, random.Random, date], None]


def _any(_row: DemoRow) -> bool:
    return True


class Mistake(Struct, frozen=True):
    """One kind of mistake in one row."""

    code: str
    spoil: Spoil
    """Changes the row in place."""
    fires: tuple[str, ...] = ()
    """Rules that must object to the row; none where the reader is expected to understand it all the same."""
    fits: Callable[[DemoRow], bool] = _any
    """Whether a row in order can be spoiled this way."""


class PairMistake(Struct, frozen=True):
    """One kind of mistake that two rows make together."""

    code: str
    spoil: Callable[[DemoRow, DemoRow, random.Random], None]
    """Changes the second row in place."""
    fires: tuple[str, ...]
    """Rules that must object to both rows."""
    across_units: bool
    fits: Callable[[DemoRow], bool]
    """Whether the first row can be the model."""


# --- names ------------------------------------------------------------------------------------------------


def leave_name_blank(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["ho-ten"] = None


def decompose_name(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    """As a Mac writes it: letters and marks apart."""
    row["ho-ten"] = unicodedata.normalize("NFD", _text(row, "ho-ten"))


def put_no_break_spaces(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    """As pasted from a web page."""
    row["ho-ten"] = _text(row, "ho-ten").replace(" ", "\u00a0")


def put_zero_width_spaces(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    """As pasted from a chat."""
    row["ho-ten"] = "\u200b" + _text(row, "ho-ten").replace(" ", " \u200b")


def put_loose_spaces(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["ho-ten"] = "  " + _text(row, "ho-ten").replace(" ", "   ") + " "


def write_name_in_capitals(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["ho-ten"] = _text(row, "ho-ten").upper()


def put_digit_into_name(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["ho-ten"] = f"{row['ho-ten']} {chance.randrange(1, 4)}"


def paste_name_in_another_encoding(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["ho-ten"] = _taken_for_windows_1252(_text(row, "ho-ten"))


def _taken_for_windows_1252(name: str) -> str:
    """As a list in UTF-8 looks that was opened as one of Windows-1252; the same where some letter has no such sign."""
    try:
        return name.encode("utf-8").decode("cp1252")
    except UnicodeDecodeError:
        return name


def _breaks_when_pasted(row: DemoRow) -> bool:
    return _taken_for_windows_1252(_text(row, "ho-ten")) != row["ho-ten"]


def write_given_name_only(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["ho-ten"] = _text(row, "ho-ten").split()[-1]


# --- dates ------------------------------------------------------------------------------------------------

_DATE_SPELLINGS = (
    "{0.day}/{0.month}/{0.year}",
    "{0:%d/%m/%Y}",
    "{0:%d-%m-%Y}",
    "{0:%d.%m.%Y}",
    " {0:%d} / {0:%m} / {0:%Y}",
    "{0:%Y-%m-%d}",
)
_SERIAL_DAY_0 = date(1899, 12, 30)


def type_birth_date_as_text(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["ngay-sinh"] = chance.choice(_DATE_SPELLINGS).format(_day(row, "ngay-sinh"))


def type_issue_date_as_text(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["ngay-cap"] = chance.choice(_DATE_SPELLINGS).format(_day(row, "ngay-cap"))


def leave_serial_number(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    """As a date looks in a column formatted as numbers."""
    row["ngay-sinh"] = (_day(row, "ngay-sinh") - _SERIAL_DAY_0).days


def shorten_year(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["ngay-sinh"] = chance.choice(("{:%d-%m-%y}", "{:%d/%m/%y}")).format(_day(row, "ngay-sinh"))


def leave_birth_date_blank(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["ngay-sinh"] = None


def invent_day(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["ngay-sinh"] = f"31/02/{_day(row, 'ngay-sinh').year}"


def swap_day_and_month(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["ngay-sinh"] = f"{_day(row, 'ngay-sinh'):%m/%d/%Y}"


def put_birth_into_future(row: DemoRow, chance: random.Random, as_of: date) -> None:
    row["ngay-sinh"] = as_of + timedelta(days=chance.randrange(30, 300))


def make_birth_a_century_early(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["ngay-sinh"] = anniversary(_day(row, "ngay-sinh"), -100)


def make_birth_too_recent(row: DemoRow, chance: random.Random, as_of: date) -> None:
    """The day the list was typed, or a child's."""
    row["ngay-sinh"] = as_of - timedelta(days=chance.randrange(5000))


def leave_broken_formula(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["ngay-sinh"] = chance.choice(("#REF!", "#N/A", "#VALUE!"))


def put_issue_into_future(row: DemoRow, chance: random.Random, as_of: date) -> None:
    row["ngay-cap"] = as_of + timedelta(days=chance.randrange(1, 400))


def put_issue_before_chips(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["ngay-cap"] = FIRST_CHIP_CARDS - timedelta(days=chance.randrange(1, 1400))


def let_card_expire(row: DemoRow, chance: random.Random, as_of: date) -> None:
    """A 40th birthday three weeks ago, and a card from more than two years before it."""
    birth = anniversary(as_of - timedelta(days=20), -40)
    row["ngay-sinh"] = birth
    row["cccd"] = _spoiled_number(row, identity_marks(birth, row["gioi-tinh"] == MALE), chance)
    row["ngay-cap"] = anniversary(as_of, -2) - timedelta(days=60)


def put_activation_into_future(row: DemoRow, chance: random.Random, as_of: date) -> None:
    row["ngay-kich-hoat"] = as_of + timedelta(days=chance.randrange(1, 60))


def put_activation_before_launch(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["ngay-kich-hoat"] = APP_LAUNCH - timedelta(days=chance.randrange(1, 200))


def put_activation_before_card(row: DemoRow, chance: random.Random, as_of: date) -> None:
    row["ngay-kich-hoat"] = as_of - timedelta(days=chance.randrange(20, 60))
    row["ngay-cap"] = as_of - timedelta(days=chance.randrange(1, 20))


# --- identity numbers -------------------------------------------------------------------------------------

_UNKNOWN_PLACES = ("003", "005", "009", "097", "099")


def leave_number_blank(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["cccd"] = None


def turn_number_into_integer(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["cccd"] = int(_text(row, "cccd"))


def group_number(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    """As printed on forms, in threes or fours."""
    number, separator = _text(row, "cccd"), chance.choice((" ", ".", "-"))
    row["cccd"] = separator.join(number[start : start + 3] for start in range(0, 12, 3))


def put_apostrophe_before_number(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["cccd"] = "'" + _text(row, "cccd")


def give_old_card_number(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["cccd"] = f"000000{chance.randrange(1000):03d}"


def double_a_digit(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    number, place = _text(row, "cccd"), chance.randrange(12)
    row["cccd"] = number[:place] + number[place] + number[place:]


def type_letter_for_digit(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["cccd"] = _text(row, "cccd")[:-1] + "O"


def invent_place(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["cccd"] = chance.choice(_UNKNOWN_PLACES) + _text(row, "cccd")[3:]


def mistake_gender_digit(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    marks = identity_marks(_day(row, "ngay-sinh"), row["gioi-tinh"] != MALE)
    row["cccd"] = _spoiled_number(row, marks, chance)


def mistake_year_digits(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    marks = _text(row, "cccd")[3:6]
    wrong = (int(marks[1:]) + chance.choice((1, 9, 10, 27))) % 100
    row["cccd"] = _spoiled_number(row, f"{marks[0]}{wrong:02d}", chance)


# --- lists ------------------------------------------------------------------------------------------------


def leave_category_blank(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["doi-tuong"] = None


def tick_party(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    answers: tuple[Cell, ...] = ("x", "X", YES.casefold(), True) if row["dang-vien"] == YES else (False, NO.upper())
    row["dang-vien"] = chance.choice(answers)


def write_lists_in_other_case(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    for field in ("gioi-tinh", "doi-tuong"):
        row[field] = chance.choice((str.upper, str.casefold))(_text(row, field)) + " "


def unlisted(field: str) -> Mistake:
    """An answer of the person's own in a list column."""

    def put_odd_answer(row: DemoRow, chance: random.Random, _as_of: date) -> None:
        row[field] = chance.choice(odd_answers(field))

    return Mistake(f"unlisted-{field}", put_odd_answer, fires=(f"{field}-danh-muc",))


def describe_difficulty(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    """Allowed: the list of difficulties takes free text."""
    row["kho-khan"] = chance.choice(odd_answers("kho-khan"))


def paste_a_page(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    """A whole letter in the cell that asks for the difficulty."""
    answers = "; ".join(odd_answers("kho-khan"))
    row["kho-khan"] = "; ".join([answers] * (LONGEST_LOOKED_AT // len(answers) + 1))


# --- phones -----------------------------------------------------------------------------------------------


def lose_digits_of_phone(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["dien-thoai"] = f"09000{chance.randrange(1000):03d}"


def lose_zero_of_phone(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["dien-thoai"] = 900_000_000 + chance.randrange(1000)


# --- contradictions ---------------------------------------------------------------------------------------


def claim_level_2_without_card(row: DemoRow, chance: random.Random, _as_of: date) -> None:
    row["the"], row["ngay-cap"] = chance.choice((CARD_NOT_STARTED, None)), None
    row["muc"] = LEVEL_2


def leave_level_blank(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["muc"] = None


def defer_without_date(row: DemoRow, _chance: random.Random, _as_of: date) -> None:
    row["mien-hoan"], row["hoan-den"] = LONG_LEAVE, None


def defer_until_past(row: DemoRow, chance: random.Random, as_of: date) -> None:
    row["mien-hoan"], row["hoan-den"] = LONG_LEAVE, as_of - timedelta(days=chance.randrange(1, 60))


def defer_too_long(row: DemoRow, chance: random.Random, as_of: date) -> None:
    row["mien-hoan"], row["hoan-den"] = ABROAD, as_of + timedelta(days=chance.randrange(200, 900))


def excuse_somebody_done(row: DemoRow, chance: random.Random, as_of: date) -> None:
    row["mien-hoan"], row["hoan-den"] = ABROAD, as_of + timedelta(days=chance.randrange(10, 150))


# --- two rows ---------------------------------------------------------------------------------------------


def enter_twice(model: DemoRow, copy: DemoRow, _chance: random.Random) -> None:
    """The same person on two rows; a sheet keeps its own numbering."""
    copy |= {field: cell for field, cell in model.items() if field not in ("stt", "khoa-phong")}


def enter_twice_with_other_number(model: DemoRow, copy: DemoRow, chance: random.Random) -> None:
    enter_twice(model, copy, chance)
    copy["cccd"] = _spoiled_number(model, _text(model, "cccd")[3:6], chance)


# --- what a row can be spoiled with -----------------------------------------------------------------------


def _has(*fields: str) -> Callable[[DemoRow], bool]:
    return lambda row: all(row[field] is not None for field in fields)


def _holds_card(row: DemoRow) -> bool:
    return row["the"] == CARD_HELD and row["ngay-cap"] is not None and row["cccd"] is not None


def _is_done(row: DemoRow) -> bool:
    return row["tinh-trang"] == LOGGED_IN


def _is_not_done(row: DemoRow) -> bool:
    return not _is_done(row)


def _is_registered(row: DemoRow) -> bool:
    return row["tinh-trang"] not in (None, NOT_REGISTERED)


def _has_activated_level_2(row: DemoRow) -> bool:
    return row["muc"] == LEVEL_2 and row["ngay-kich-hoat"] is not None and _holds_card(row)


def _has_marks(row: DemoRow) -> bool:
    name = _text(row, "ho-ten")
    return unicodedata.normalize("NFD", name) != name


def _is_born_after_the_12th(row: DemoRow) -> bool:
    return _day(row, "ngay-sinh").day > 12


def _text(row: DemoRow, field: str) -> str:
    cell = row[field]
    assert isinstance(cell, str)
    return cell


def _day(row: DemoRow, field: str) -> date:
    cell = row[field]
    assert isinstance(cell, date)
    return cell


def _spoiled_number(row: DemoRow, marks: str, chance: random.Random) -> str:
    """A number with these digits 4 to 6 that no row in order has; the place stays where there was one."""
    number = row["cccd"]
    place = number[:3] if isinstance(number, str) else birth_places().pick(chance)
    return f"{place}{marks}{chance.choice(SPOILED_SUFFIXES):06d}"


# --- the tables -------------------------------------------------------------------------------------------

MISTAKES: tuple[Mistake, ...] = (
    Mistake("name-blank", leave_name_blank, fires=("ho-ten-trong",)),
    Mistake("name-decomposed", decompose_name, fits=_has_marks),
    Mistake("name-no-break-spaces", put_no_break_spaces),
    Mistake("name-zero-width-spaces", put_zero_width_spaces),
    Mistake("name-loose-spaces", put_loose_spaces),
    Mistake("name-capitals", write_name_in_capitals),
    Mistake("name-digit", put_digit_into_name, fires=("ho-ten-la",)),
    Mistake("name-one-word", write_given_name_only, fires=("ho-ten-la",)),
    Mistake("name-encoding", paste_name_in_another_encoding, fires=("ho-ten-bang-ma",), fits=_breaks_when_pasted),
    Mistake("birth-blank", leave_birth_date_blank, fires=("ngay-sinh-trong",)),
    Mistake("birth-text", type_birth_date_as_text),
    Mistake("birth-serial", leave_serial_number),
    Mistake("birth-short-year", shorten_year),
    Mistake("birth-no-such-day", invent_day, fires=("ngay-sinh-sai",)),
    Mistake("birth-month-first", swap_day_and_month, fires=("ngay-sinh-sai",), fits=_is_born_after_the_12th),
    Mistake("birth-future", put_birth_into_future, fires=("ngay-sinh-sai",)),
    Mistake("birth-century-early", make_birth_a_century_early, fires=("ngay-sinh-sai",)),
    Mistake("birth-too-recent", make_birth_too_recent, fires=("ngay-sinh-sai",)),
    Mistake("birth-broken-formula", leave_broken_formula, fires=("ngay-sinh-sai",)),
    Mistake("number-blank", leave_number_blank, fires=("cccd-trong",), fits=_holds_card),
    Mistake("number-integer", turn_number_into_integer, fires=("cccd-mat-so-0",), fits=_has("cccd")),
    Mistake("number-grouped", group_number, fits=_has("cccd")),
    Mistake("number-apostrophe", put_apostrophe_before_number, fits=_has("cccd")),
    Mistake("number-old-card", give_old_card_number, fires=("cmnd-9-so",)),
    Mistake("number-too-long", double_a_digit, fires=("cccd-12-so",), fits=_has("cccd")),
    Mistake("number-letter", type_letter_for_digit, fires=("cccd-12-so",), fits=_has("cccd")),
    Mistake("number-unknown-place", invent_place, fires=("cccd-ma-noi-sinh",), fits=_has("cccd")),
    Mistake("number-gender", mistake_gender_digit, fires=("cccd-gioi-tinh",), fits=_has("cccd")),
    Mistake("number-year", mistake_year_digits, fires=("cccd-nam-sinh",), fits=_has("cccd")),
    Mistake("category-blank", leave_category_blank, fires=("doi-tuong-trong",)),
    Mistake("party-tick", tick_party),
    Mistake("lists-other-case", write_lists_in_other_case),
    unlisted("gioi-tinh"),
    unlisted("doi-tuong"),
    unlisted("dang-vien"),
    unlisted("the"),
    unlisted("muc"),
    unlisted("tinh-trang"),
    unlisted("mien-hoan"),
    Mistake("difficulty-free-text", describe_difficulty, fits=_is_not_done),
    Mistake("difficulty-too-long", paste_a_page, fires=("o-qua-dai",), fits=_is_not_done),
    Mistake("phone-too-short", lose_digits_of_phone, fires=("dien-thoai-sai",)),
    Mistake("phone-integer", lose_zero_of_phone),
    Mistake("issue-text", type_issue_date_as_text, fits=_holds_card),
    Mistake("issue-future", put_issue_into_future, fires=("ngay-cap-sai",), fits=_holds_card),
    Mistake("issue-before-chips", put_issue_before_chips, fires=("ngay-cap-truoc-chip",), fits=_holds_card),
    Mistake("card-expired", let_card_expire, fires=("the-het-han",), fits=_holds_card),
    Mistake("activation-future", put_activation_into_future, ("ngay-kich-hoat-sai",), _has("ngay-kich-hoat")),
    Mistake("activation-early", put_activation_before_launch, ("ngay-kich-hoat-sai",), _has("ngay-kich-hoat")),
    Mistake("activation-before-card", put_activation_before_card, ("kich-hoat-truoc-the",), _has_activated_level_2),
    Mistake("level-2-without-card", claim_level_2_without_card, fires=("muc-2-can-the",), fits=_is_registered),
    Mistake("stage-without-level", leave_level_blank, fires=("tai-khoan-can-muc",), fits=_is_registered),
    Mistake("deferral-without-date", defer_without_date, fires=("hoan-thieu-ngay",), fits=_is_not_done),
    Mistake("deferral-past", defer_until_past, fires=("hoan-het-han",), fits=_is_not_done),
    Mistake("deferral-too-long", defer_too_long, fires=("hoan-qua-dai",), fits=_is_not_done),
    Mistake("excused-but-done", excuse_somebody_done, fires=("mien-hoan-nhung-da-xong",), fits=_is_done),
)

PAIR_MISTAKES: tuple[PairMistake, ...] = (
    PairMistake("entered-twice", enter_twice, ("cccd-trung-trong-don-vi",), False, _has("cccd")),
    PairMistake("in-two-units", enter_twice, ("cccd-trung-don-vi-khac",), True, _has("cccd")),
    PairMistake(
        "entered-twice-other-number",
        enter_twice_with_other_number,
        ("ho-ten-ngay-sinh-trung",),
        False,
        _has("cccd"),
    ),
)

KINDS: tuple[Mistake | PairMistake, ...] = (*MISTAKES, *PAIR_MISTAKES)

BLANK_LINE, TOTAL_LINE = "blank-line", "total-line"
"""Lines that are no people: not spoiled rows, yet marked like them."""
