"""The checks that rules are made of: each a small function over a column, and one table that names them.

A new rule of a known kind is a row of tab `Quy tắc`. A new kind is one function and one line of `CHECKS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property, reduce
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import regex
from msgspec import Struct
from msgspec import field as with_default

from automation.base.messages import text
from automation.core.config.conditions import (
    NOT_BEFORE,
    DateLimits,
    Kind,
    NotUnderstood,
    Subject,
    SubjectType,
    Value,
    Vocabulary,
    parse_date_value,
)
from automation.core.config.meanings import AGAINST_GENDER, Gender
from automation.core.config.values import Field, FieldCode, FieldType, Rule
from automation.core.judging.date_limits import DateFault, fault_of, years_before
from automation.core.judging.expressions import Matching, read_expression
from automation.core.judging.people import People, dates_of
from automation.core.model.units import Mode, Severity
from automation.core.model.workbook import Cell
from automation.core.reading.cells import (
    IdentityShape,
    Unreadable,
    as_text,
    fold,
    read_date,
    read_identity,
    read_number,
    renumbered_phone,
    swapped_date,
)
from automation.core.reading.distinct_cells import SHAPES
from automation.core.reading.old_encodings import as_pasted, proposed_reading
from automation.core.reading.suggestions import candidates, nearest
from automation.core.reading.swapped_dates import exchanged


class CheckInput(Struct, frozen=True, dict=True):
    """What a check is asked: the people, the rule, the check date, and whom the rule is about (`applies`): those
    for whom its condition holds and its fields are collected.
    """

    people: People
    rule: Rule
    applies: pd.Series[bool]
    today: date
    matching: Matching = with_default(default_factory=Matching)
    elsewhere: Mapping[str, frozenset[str]] = with_default(default_factory=dict)
    """For a uniqueness rule across units: what is `compared` in units whose people are not among these."""

    @property
    def field(self) -> str:
        return self.rule.field

    @property
    def parameters(self) -> Any:
        return self.rule.parameters

    def date_of(self, value: Value) -> Any:
        return dates_of(self.people, value, self.today)

    @cached_property
    def must_differ(self) -> pd.Series[Any]:
        """For a uniqueness rule across units: what must not repeat, "" where there is nothing to compare."""
        return _must_differ(self.people, self.field, self.parameters).where(self.applies, "")

    @cached_property
    def compared(self) -> Mapping[str, frozenset[str]]:
        """For a uniqueness rule across units: by unit, what must not repeat."""
        values = ((unit, frozenset(texts) - {""}) for unit, texts in self.people.by_unit(self.must_differ.tolist()))
        return {unit: each for unit, each in values if each}

    @cached_property
    def alike(self) -> Any:
        """For a uniqueness rule within units: a number for what must not repeat there; 0 where nothing is compared."""
        parts = [_number_of_each(self.people, code) for code in (self.field, *self.parameters.same)]
        compared = np.logical_and.reduce([part > 0 for part in parts]) & self.applies.to_numpy()
        return np.where(compared, reduce(_together, parts, self.people.unit_numbers), 0)

    @cached_property
    def repeated(self) -> pd.Series[bool]:
        """For a uniqueness rule within units: who has what somebody else there has."""
        concerned = np.flatnonzero(self.alike)
        alike = self.alike[concerned]
        repeated = _counted(alike) > 1
        if self.parameters.different:
            other = _number_of_each(self.people, self.parameters.different, as_entered=True)[concerned]
            repeated &= (_counted(alike) > _counted(_together(alike, other))) | (other == 0)
        broken = self.people.all(False)
        broken[concerned[repeated]] = True
        return broken

    @cached_property
    def rows_alike(self) -> Mapping[int, Sequence[int]]:
        """For a uniqueness rule within units: what repeats -> rows in the tab."""
        rows: dict[int, list[int]] = {}
        repeated = self.repeated
        for row, number in zip(self.people.frame["row"][repeated], self.alike[repeated].tolist(), strict=True):
            rows.setdefault(number, []).append(row)
        return rows


Compared = Mapping[int, Mapping[str, frozenset[str]]]
"""By the place of a rule, `CheckInput.compared`."""


def _flags(values: Iterable[bool]) -> Any:
    return np.fromiter(values, dtype=bool)


class ExpressionTooSlow(Exception):
    """A regular expression of a rule did not finish in time on some cell."""


# --- parameters -------------------------------------------------------------------------------------------


class Uniqueness(Struct, frozen=True):
    """`trong đơn vị` or `khác đơn vị`; `cùng <field>` must agree as well, `khác <field>` must not."""

    within_unit: bool
    same: tuple[str, ...] = ()
    different: str = ""


class CardAges(Struct, frozen=True):
    """`Ngày sinh; tuổi 25, 40, 60; trước 2 năm`"""

    birth_date: str
    ages: tuple[int, ...]
    margin_years: int


def _no_parameters(typed: str, _field: Field, _vocabulary: Vocabulary) -> NotUnderstood | None:
    return NotUnderstood(typed, "no_parameter_wanted") if fold(typed) else None


def _date_limits(typed: str, _field: Field, vocabulary: Vocabulary) -> DateLimits | NotUnderstood:
    required, ages = False, None
    limits: dict[str, list[Value]] = {"không sau": [], "không trước": []}
    for part in (fold(piece) for piece in typed.split(";") if fold(piece)):
        if part == "bắt buộc":
            required = True
        elif found := re.fullmatch(r"tuổi từ (\d{1,3}) đến (\d{1,3})", part):
            ages = (int(found[1]), int(found[2]))
            if ages[0] > ages[1]:
                return NotUnderstood(part, "parameter", ("tuổi từ … đến …",))
        elif found := re.fullmatch(r"(không sau|không trước) (.+)", part):
            value = _date_or_field(found[2], vocabulary)
            if isinstance(value, NotUnderstood):
                return value
            limits[found[1]].append(value)
        else:
            words = ("bắt buộc", "không sau", "không trước", "tuổi từ … đến …")
            return NotUnderstood(part, "parameter", words, nearest(part, words))
    return DateLimits(required, tuple(limits["không sau"]), tuple(limits["không trước"]), ages)


def _date_or_field(typed: str, vocabulary: Vocabulary) -> Value | NotUnderstood:
    subject = vocabulary.get(fold(typed))
    if subject is not None and subject.type is SubjectType.FIELD and subject.kind is Kind.DATE:
        return subject
    return parse_date_value(typed)


def _one_date(typed: str, _field: Field, vocabulary: Vocabulary) -> Value | NotUnderstood:
    return _date_or_field(typed, vocabulary) if fold(typed) else NotUnderstood(typed, "date")


def _uniqueness(typed: str, _field: Field, vocabulary: Vocabulary) -> Uniqueness | NotUnderstood:
    scope, same, different = None, [], ""
    for part in (fold(piece) for piece in typed.split(";") if fold(piece)):
        named = re.fullmatch(r"(cùng|khác) (.+)", part)
        subject = vocabulary.get(named[2]) if named else None
        if part in ("trong đơn vị", "khác đơn vị"):
            scope = part
        elif named and subject is not None and subject.type is SubjectType.FIELD:
            if named[1] == "cùng":
                same.append(subject.field)
            else:
                different = subject.field
        else:
            return NotUnderstood(part, "parameter", ("trong đơn vị", "khác đơn vị", "cùng <cột>", "khác <cột>"))
    if scope is None:
        return NotUnderstood(typed, "parameter", ("trong đơn vị", "khác đơn vị"))
    return Uniqueness(scope == "trong đơn vị", tuple(same), different)


def _identity_aspect(typed: str, _field: Field, _vocabulary: Vocabulary) -> str | NotUnderstood:
    aspect = next((each for each in IDENTITY_ASPECTS if fold(each) == fold(typed)), None)
    return aspect or NotUnderstood(typed, "parameter", tuple(IDENTITY_ASPECTS), nearest(typed, IDENTITY_ASPECTS))


_CARD_AGES = "Ngày sinh; tuổi 25, 40, 60; trước 2 năm"
_OLDEST = 150


def _card_ages(typed: str, _field: Field, vocabulary: Vocabulary) -> CardAges | NotUnderstood:
    found = re.fullmatch(r"(.+?); ?tuổi ([\d, ]+); ?trước (\d{1,2}) năm", fold(typed))
    subject = vocabulary.get(found[1]) if found else None
    if found is None or subject is None or subject.kind is not Kind.DATE:
        return NotUnderstood(typed, "parameter", (_CARD_AGES,))
    ages = tuple(sorted(int(age) for age in re.findall(r"\d+", found[2])))
    if not ages or ages[0] < int(found[3]) or ages[-1] > _OLDEST:
        return NotUnderstood(typed, "parameter", (_CARD_AGES,))
    return CardAges(subject.field, ages, int(found[3]))


def _expression(typed: str, _field: Field, _vocabulary: Vocabulary) -> regex.Pattern[str] | NotUnderstood:
    return read_expression(typed)


def _range(typed: str, _field: Field, _vocabulary: Vocabulary) -> tuple[float, float] | NotUnderstood:
    found = re.fullmatch(r"từ (\S+) đến (\S+)", fold(typed))
    low, high = (read_number(found[1]), read_number(found[2])) if found else (None, None)
    if not isinstance(low, float) or not isinstance(high, float) or low > high:
        return NotUnderstood(typed, "parameter", ("từ … đến …",))
    return low, high


# --- checks -----------------------------------------------------------------------------------------------


def is_missing(ask: CheckInput) -> pd.Series[bool]:
    """Nothing is written there."""
    return ask.people.blank(ask.field)


def is_unlisted(ask: CheckInput) -> pd.Series[bool]:
    """Neither a value of the list nor another spelling of one."""
    return ~ask.people.blank(ask.field) & ~ask.people.listed(ask.field)


def breaks_expression(ask: CheckInput) -> pd.Series[bool]:
    """The text is not of the form that the expression asks for. Raises ExpressionTooSlow."""
    concerned = ask.people.texts_of(ask.field, ask.applies & ~ask.people.blank(ask.field))
    broken = ask.matching.not_matching(ask.rule.code, ask.parameters, concerned)
    if broken is None:
        raise ExpressionTooSlow(ask.rule.code)
    return ask.people.read(ask.field, lambda column: _flags(text in broken for text in column.text))


def has_wrong_length(ask: CheckInput) -> pd.Series[bool]:
    """The text has fewer or more characters than asked for."""
    low, high = ask.parameters
    length = ask.people.read(ask.field, lambda column: column.length)
    return ~ask.people.blank(ask.field) & ~length.between(low, high)


def is_out_of_range(ask: CheckInput) -> pd.Series[bool]:
    """No number, or one outside the range."""
    low, high = ask.parameters
    numbers = ask.people.read(ask.field, lambda column: column.number)
    return ~ask.people.blank(ask.field) & ~numbers.between(low, high)


def is_no_proper_date(ask: CheckInput) -> pd.Series[bool]:
    """Written there and no date, or a date beyond its limits, or (where it is required) nothing."""
    limits: DateLimits = ask.parameters
    days = ask.people.date(ask.field)
    broken = ask.people.unreadable_date(ask.field)
    for value in limits.not_after:
        broken = broken | (days > ask.date_of(value))
    for value in limits.not_before:
        broken = broken | (days < ask.date_of(value))
    if limits.ages:
        youngest, oldest = limits.ages
        broken = broken | (days > pd.Timestamp(years_before(ask.today, youngest)))
        broken = broken | (days <= pd.Timestamp(years_before(ask.today, oldest + 1)))
    return broken | ask.people.blank(ask.field) if limits.required else broken


def is_too_early(ask: CheckInput) -> pd.Series[bool]:
    """A readable date before the one it must not precede."""
    early: pd.Series[bool] = ask.people.date(ask.field) < ask.date_of(ask.parameters)
    return early


def is_too_late(ask: CheckInput) -> pd.Series[bool]:
    """A readable date after the one it must not follow."""
    late: pd.Series[bool] = ask.people.date(ask.field) > ask.date_of(ask.parameters)
    return late


def is_no_phone(ask: CheckInput) -> pd.Series[bool]:
    """Written there and no Vietnamese mobile or landline number."""
    return ~ask.people.blank(ask.field) & ask.people.read(ask.field, lambda column: column.unreadable_phone)


def is_too_long(ask: CheckInput) -> pd.Series[bool]:
    """So many characters that only the first of them were looked at."""
    return ask.people.read(ask.field, lambda column: column.too_long)


def has_letters_of_old_encodings(ask: CheckInput) -> pd.Series[bool]:
    """Its letters came through an old encoding, or were lost."""
    return ask.people.broken_letters(ask.field)


def is_no_address(ask: CheckInput) -> pd.Series[bool]:
    """Written there and no e-mail address."""
    address = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
    return ask.people.read(
        ask.field, lambda column: _flags(typed != "" and not address.fullmatch(typed) for typed in column.text)
    )


def holds_contradiction(ask: CheckInput) -> pd.Series[bool]:
    """The condition in `Khi` describes what must not be: everybody it holds for."""
    return ask.people.all(True)


def is_repeated(ask: CheckInput) -> pd.Series[bool]:
    """Somebody else whom the rule is about has the same value, in the same unit or in another one."""
    unique: Uniqueness = ask.parameters
    if unique.within_unit:
        return ask.repeated
    several = _in_several_units(ask)
    return ask.must_differ.isin(list(several)) if several else ask.people.all(False)


def _in_several_units(ask: CheckInput) -> Collection[str]:
    here, several = set[str](), set[str]()
    for each in ask.compared.values():
        several |= here & each
        here |= each
    return several.union(*(here & each for each in ask.elsewhere.values()))


def _together(one: Any, other: Any) -> Any:
    """A number for each pair, of numbers from 0; small ones, so that pairs can be paired."""
    return pd.factorize(one * (other.max(initial=0) + 1) + other)[0] + 1


def _counted(keys: Any) -> Any:
    """How often each key stands among them."""
    places = pd.factorize(keys)[0]
    return np.bincount(places)[places]


def _must_differ(people: People, field: str, unique: Uniqueness) -> pd.Series[Any]:
    texts = _comparable(people, field)
    for code in unique.same:
        other = _comparable(people, code)
        texts = (texts + "\x1f" + other).where((texts != "") & (other != ""), "")
    return texts


def _comparable(people: People, code: str) -> pd.Series[Any]:
    kind = people.config.field(code).type
    if kind is FieldType.DATE:
        days = people.date(code).to_numpy().astype("datetime64[D]").astype(str)
        return pd.Series(days, dtype=object).replace("NaT", "")
    return people.read(code, lambda column: getattr(column, _compared_reading(kind)))


def _number_of_each(people: People, code: str, *, as_entered: bool = False) -> Any:
    """A number for what is compared, from 1; 0 where nothing is. `as_entered`: two different identity numbers that
    can't be right are different too.
    """
    kind = people.config.field(code).type
    if kind is FieldType.DATE:
        days = people.date(code).to_numpy().astype("datetime64[D]")
        return np.where(np.isnat(days), 0, days.astype(np.int64) - _FIRST_DAY)
    name = "digits" if as_entered and kind is FieldType.IDENTITY else _compared_reading(kind)
    return people.read(code, lambda column: column.numbered(name)).to_numpy()


def _compared_reading(kind: FieldType) -> str:
    if kind is FieldType.IDENTITY:
        return "id_number"
    return "choice" if kind.has_list else "folded"


_FIRST_DAY = date.min.toordinal() - date(1970, 1, 1).toordinal() - 1


def is_expired_card(ask: CheckInput) -> pd.Series[bool]:
    """The card's time is over by the age rule; rests where either date is missing."""
    ages: CardAges = ask.parameters
    issued, born = (ask.people.date(code).to_numpy() for code in (ask.field, ages.birth_date))
    undecided = ask.applies & ~np.isnat(issued) & ~np.isnat(born)

    def birthdays(age: int) -> Any:
        return ask.people.spread(ages.birth_date, lambda column: _birthdays(column.dates, age))

    expired = ask.people.all(False)
    for age in ages.ages:
        ends_there = undecided & (issued < birthdays(age - ages.margin_years))
        expired |= ends_there & (birthdays(age) < np.datetime64(ask.today))
        undecided &= ~ends_there
    return expired


def _birthdays(born: Any, age: int) -> Any:
    """Of many at once, as `_birthday`."""
    months = born.astype("datetime64[M]")
    day_of_month = born.astype("datetime64[D]") - months.astype("datetime64[D]")
    return (months + np.timedelta64(12 * age, "M")).astype("datetime64[D]") + day_of_month


def card_expiry(born: date, issued: date, ages: tuple[int, ...], margin_years: int) -> date | None:
    """The last day of a card, None for one without end.

    A card lasts to the next of the birthdays in `ages`; one issued within `margin_years` before such a birthday
    lasts to the one after (Luật Căn cước công dân 2014, điều 21). Born on 29/02: the birthday is 01/03.
    """
    for age in ages:
        if issued < _birthday(born, age - margin_years):
            return _birthday(born, age)
    return None


def _birthday(born: date, age: int) -> date:
    if born.year + age > date.max.year:
        return date.max
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


# --- identity numbers -------------------------------------------------------------------------------------


def _has_shape(shape: IdentityShape) -> Callable[[CheckInput], pd.Series[bool]]:
    def broken(ask: CheckInput) -> pd.Series[bool]:
        return ask.people.read(ask.field, lambda column: column.shape == SHAPES[shape])

    return broken


def _unknown_place(ask: CheckInput) -> pd.Series[bool]:
    return ask.people.read(ask.field, lambda column: column.unknown_place)


def _disagrees_with_gender(ask: CheckInput) -> pd.Series[bool]:
    """A value that `Tính` calls neither a man's nor a woman's says nothing."""
    digit = ask.people.read(ask.field, lambda column: column.gender_digit)
    men, women = (ask.people.effect_is(FieldCode.GENDER, each.value) for each in (Gender.MALE, Gender.FEMALE))
    broken: pd.Series[bool] = (digit >= 0) & ((men & (digit % 2 == 1)) | (women & (digit % 2 == 0)))
    return broken


def _disagrees_with_birth_year(ask: CheckInput) -> pd.Series[bool]:
    born = ask.people.date(FieldCode.BIRTH_DATE).to_numpy()
    told = ask.people.read(ask.field, lambda column: column.told_birth_year)
    broken: pd.Series[bool] = (
        (told > 0) & ~np.isnat(born) & (told != born.astype("datetime64[Y]").astype(np.int64) + 1970)
    )
    return broken


UNKNOWN_PLACE = "mã nơi sinh"
FULL_NUMBER, LOST_ZERO, OLD_NUMBER = "đủ 12 số", "mất số 0", "số CMND"

IDENTITY_ASPECTS: Mapping[str, Callable[[CheckInput], pd.Series[bool]]] = {
    FULL_NUMBER: _has_shape(IdentityShape.WRONG),
    LOST_ZERO: _has_shape(IdentityShape.LOST_ZERO),
    OLD_NUMBER: _has_shape(IdentityShape.OLD_CARD),
    UNKNOWN_PLACE: _unknown_place,
    AGAINST_GENDER: _disagrees_with_gender,
    "năm sinh": _disagrees_with_birth_year,
}
"""What can be wrong with an identity number (Thông tư 59/2021/TT-BCA); there is no check digit."""

_ASPECT_NEEDS = {AGAINST_GENDER: FieldCode.GENDER, "năm sinh": FieldCode.BIRTH_DATE}


def is_wrong_identity(ask: CheckInput) -> pd.Series[bool]:
    """The aspect of the number that the rule looks at is wrong."""
    return IDENTITY_ASPECTS[ask.parameters](ask)


# --- suggestions ------------------------------------------------------------------------------------------


def _no_suggestion(_ask: CheckInput, _index: int) -> str:
    return ""


def _nearest_value(ask: CheckInput, index: int) -> str:
    meant = candidates(as_text(ask.people.typed_by(ask.field, index)), ask.people.config.list_values(ask.field))
    return text("rules.did_you_mean", value=text("rules.or").join(meant)) if meant else ""


def _swapped(ask: CheckInput, index: int) -> str:
    """The date with day and month exchanged, unless the rule would refuse that one too."""
    cell = ask.people.typed_by(ask.field, index)
    read = read_date(cell)
    day = swapped_date(cell) if isinstance(read, Unreadable) else _taken_for(cell, read)
    if day is None or _fault_of_day(ask, index, day) != DateFault():
        return ""
    return text("rules.did_you_mean", value=day.strftime("%d/%m/%Y"))


def _taken_for(cell: Cell, day: date | None) -> date | None:
    """What a spreadsheet of another country may have taken for that day; a text stands as it was typed."""
    return exchanged(day) if day and not isinstance(cell, str) else None


_MISREAD_DIGITS = str.maketrans({"O": "0", "o": "0", "I": "1", "l": "1", "|": "1"})


def _filled_number(ask: CheckInput, index: int) -> str:
    read = read_identity(ask.people.typed_by(ask.field, index), ask.people.known_places)
    assert read is not None
    if read.number:
        return text("rules.did_you_mean", value=read.number)
    mended = read.digits.translate(_MISREAD_DIGITS)
    if len(mended) == 12 and mended.isascii() and mended.isdigit():
        return text("rules.did_you_mean", value=mended)
    if len(mended) == 10 and mended.startswith("0"):
        return text("rules.looks_like_phone")
    return ""


def _renumbered(ask: CheckInput, index: int) -> str:
    phone = renumbered_phone(ask.people.typed_by(ask.field, index))
    return text("rules.did_you_mean", value=phone) if phone else ""


def _new_spelling(ask: CheckInput, index: int) -> str:
    reading = proposed_reading(as_pasted(ask.people.typed_by(ask.field, index)))
    return text("rules.did_you_mean", value=reading) if reading else ""


def _expiry(ask: CheckInput, index: int) -> str:
    ages: CardAges = ask.parameters
    born, issued = ask.people.day(ages.birth_date, index), ask.people.day(ask.field, index)
    expiry = card_expiry(born.date(), issued.date(), ages.ages, ages.margin_years) if born and issued else None
    return text("rules.since", day=expiry.strftime("%d/%m/%Y")) if expiry else ""


_PARTNERS_SHOWN = 5


def _partner_rows(ask: CheckInput, index: int) -> str:
    unique: Uniqueness = ask.parameters
    if not unique.within_unit:
        return ""
    own_row = ask.people.frame["row"][index]
    alike = ask.rows_alike[int(ask.alike[index])]
    # Of thousands alike each looks at a few: a list of one person all over must not cost the square of its length.
    rows = list(islice((row for row in alike if row != own_row), _PARTNERS_SHOWN + 1))
    shown = ", ".join(map(str, rows[:_PARTNERS_SHOWN]))
    return text("rules.rows", rows=shown if len(rows) <= _PARTNERS_SHOWN else f"{shown}, ...")


# --- what is wrong ---------------------------------------------------------------------------------------


def _no_fault(_ask: CheckInput, _index: int) -> DateFault:
    return DateFault()


def _date_fault(ask: CheckInput, index: int) -> DateFault:
    day = ask.people.day(ask.field, index)
    return _fault_of_day(ask, index, day.date() if day else None)


def _fault_of_day(ask: CheckInput, index: int, read: date | None) -> DateFault:
    def day_of(value: Value) -> date | None:
        day = ask.people.day(value.field, index) if isinstance(value, Subject) else ask.date_of(value)
        return day.date() if day else None

    return fault_of(ask.people.typed_by(ask.field, index), read, ask.parameters, day_of, ask.today)


# --- the table --------------------------------------------------------------------------------------------


_INPUT_TYPES = frozenset(each for each in FieldType if each.is_input)
_DATES = frozenset({FieldType.DATE, FieldType.TEXT})
_NUMBERS = frozenset({FieldType.NUMBER, FieldType.ORDINAL, FieldType.TEXT})
# The text of a date depends on how the cell is stored, so no check of texts is made of one.
_TEXTS = _INPUT_TYPES - {FieldType.DATE}


class Check(Struct, frozen=True):
    """One kind of check: how its parameters are read, which rows break it, what to type instead."""

    parameters: Callable[[str, Field, Vocabulary], Any]
    broken: Callable[[CheckInput], pd.Series[bool]]
    suggest: Callable[[CheckInput, int], str] = _no_suggestion
    suggestion_is_public: bool = False
    """The suggestion holds nothing personal, so mails may show it."""
    fault: Callable[[CheckInput, int], DateFault] = _no_fault
    """Which of the things that the check looks at is wrong, where it can tell."""
    refuses: bool = False
    """Whether a date that an error of this check complains of is no date any more to the other rules."""
    types: frozenset[FieldType] = _INPUT_TYPES
    """The types of fields that the check can be made of."""


EXPRESSION = "biểu thức"
"""The check whose parameter is a regular expression."""
REQUIRED = "bắt buộc"
CONTRADICTION = "mâu thuẫn"
"""The check that is nothing but its condition."""
PROPER_DATE, UNREPEATED, IDENTITY_NUMBER = "ngày", "không trùng", "số định danh"

_LISTS = frozenset(each for each in FieldType if each.has_list)
_IDENTITY = frozenset({FieldType.IDENTITY})
_PHONES = frozenset({FieldType.PHONE, FieldType.TEXT})
_PLAIN_TEXT = frozenset({FieldType.TEXT})

CHECKS: Mapping[str, Check] = {
    REQUIRED: Check(_no_parameters, is_missing),
    "trong danh mục": Check(_no_parameters, is_unlisted, _nearest_value, suggestion_is_public=True, types=_LISTS),
    EXPRESSION: Check(_expression, breaks_expression, types=_TEXTS),
    "độ dài": Check(_range, has_wrong_length, types=_TEXTS),
    "quá dài": Check(_no_parameters, is_too_long),
    "khoảng": Check(_range, is_out_of_range, types=_NUMBERS),
    PROPER_DATE: Check(_date_limits, is_no_proper_date, _swapped, types=_DATES, fault=_date_fault, refuses=True),
    NOT_BEFORE: Check(_one_date, is_too_early, types=_DATES, refuses=True),
    "không sau": Check(_one_date, is_too_late, types=_DATES, refuses=True),
    UNREPEATED: Check(_uniqueness, is_repeated, _partner_rows, suggestion_is_public=True),
    IDENTITY_NUMBER: Check(_identity_aspect, is_wrong_identity, _filled_number, types=_IDENTITY),
    "hạn thẻ": Check(_card_ages, is_expired_card, _expiry, types=_DATES),
    "điện thoại": Check(_no_parameters, is_no_phone, _renumbered, types=_PHONES),
    "bảng mã": Check(_no_parameters, has_letters_of_old_encodings, _new_spelling, types=_TEXTS),
    "email": Check(_no_parameters, is_no_address, types=_PLAIN_TEXT),
    CONTRADICTION: Check(_no_parameters, holds_contradiction),
}


def parse_parameters(check: str, typed: str, field: Field, vocabulary: Vocabulary) -> Any | NotUnderstood:
    """The parameters of a rule as its check wants them, or what was not understood."""
    return CHECKS[check].parameters(typed, field, vocabulary)


def needed_fields(rule: Rule) -> frozenset[str]:
    """The fields without which the rule rests: its own and those it compares with."""
    needed = {rule.field}
    match rule.parameters:
        case Subject():
            needed.add(rule.parameters.field)
        case Uniqueness():
            needed |= set(rule.parameters.same)
        case CardAges():
            needed.add(rule.parameters.birth_date)
        case str():
            needed |= {code for aspect, code in _ASPECT_NEEDS.items() if aspect == rule.parameters}
    return frozenset(needed)


def refuses_dates(rule: Rule, type_of: Callable[[str], FieldType]) -> bool:
    """Whether a date that the rule complains of takes no part in any other rule: one slip, one message."""
    in_force = rule.mode is Mode.ON and rule.severity is Severity.ERROR
    return in_force and CHECKS[rule.check].refuses and type_of(rule.field) is FieldType.DATE


def fields_compared(rule: Rule) -> frozenset[str]:
    """The other fields that decide whether the rule complains."""
    subjects = set(rule.when.fields | needed_fields(rule))
    if isinstance(rule.parameters, DateLimits):
        limits = (*rule.parameters.not_after, *rule.parameters.not_before)
        subjects |= {each.field for each in limits if isinstance(each, Subject)}
    return frozenset(subjects - {rule.field})


def untold_rules(rules: Iterable[Rule]) -> frozenset[str]:
    """Codes of the rules whose findings no unit is told of, in its tab or by mail: warnings about other units' rows.

    Who sees one learns that a number stands elsewhere, and could make others see it by typing their numbers.
    """
    return frozenset(rule.code for rule in rules if rule.severity is Severity.WARNING and is_across_units(rule))


def is_across_units(rule: Rule) -> bool:
    """Whether what it says of somebody depends on people in other units."""
    return isinstance(rule.parameters, Uniqueness) and not rule.parameters.within_unit


def broken_rows(asked: CheckInput) -> pd.Series[bool]:
    """Whom the rule finds fault with. Raises ExpressionTooSlow."""
    return CHECKS[asked.rule.check].broken(asked) & asked.applies


def fault(asked: CheckInput, index: int) -> DateFault:
    """Which part of the rule the row of that index breaks."""
    return CHECKS[asked.rule.check].fault(asked, index)


def suggestion(asked: CheckInput, index: int) -> str:
    """What to type instead in the row of that index, "" where nothing can be said."""
    return CHECKS[asked.rule.check].suggest(asked, index)
