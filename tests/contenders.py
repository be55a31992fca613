"""The shipped rules three times more, as others would write them: a plain loop, pandas by hand, polars by hand.

Each says of the same people what the program says, or `tests/speed.py` fails: a fast wrong answer is none. They know no
configuration but this one, make no sentence, no status, no digest, and remember nothing for the next look. How a cell
is understood is the program's own in all of them; the vectors read each distinct cell of a column once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from msgspec import Struct

from automation.core.config.conditions import Subject
from automation.core.config.meanings import Gender
from automation.core.config.values import PLACE_LIST, Config, FieldType, list_spellings
from automation.core.judging.checks import card_expiry
from automation.core.judging.date_limits import years_before
from automation.core.model.workbook import Cell
from automation.core.reading.cells import (
    Identity,
    IdentityShape,
    Unreadable,
    as_text,
    birth_year_of,
    fold,
    is_dash,
    is_formula_error,
    read_date,
    read_identity,
    read_phone,
)
from automation.core.reading.old_encodings import as_pasted, has_broken_letters

Line = tuple[str, int, Mapping[str, Cell]]
"""Unit, row, the cells by field code."""
Finding = tuple[str, int, str, str]
"""Unit, row, rule, field."""
_LISTED = ("gioi-tinh", "doi-tuong", "dang-vien", "the", "muc", "tinh-trang", "mien-hoan")
_SHAPES = {
    IdentityShape.WRONG: "cccd-12-so",
    IdentityShape.LOST_ZERO: "cccd-mat-so-0",
    IdentityShape.OLD_CARD: "cmnd-9-so",
}
_TWO_WORDS = re.compile(r"\D+ \D+")
_OUT, _DEFERRED, _LONG, _CHIP, _APP = "ngoài diện", "hoãn", 1_000, date(2021, 1, 1), date(2022, 7, 18)
_NO_DAY = date(1, 1, 1)


class Read(NamedTuple):
    """What a cell is understood as; most of it is nothing for most fields."""

    text: str
    long: bool
    choice: str = ""
    listed: bool = False
    effect: str = ""
    day: date | None = None
    unreadable: bool = False
    identity: Identity | None = None
    key: str = ""
    """Of a name: folded."""
    odd: bool = False
    """Of a name: letters of old encodings. Of a phone: none."""


class Reader(Struct, frozen=True):
    """How the cells of each field are understood."""

    config: Config
    today: date

    def of(self, code: str) -> Callable[[Cell], Read]:
        field = self.config.field(code)
        spellings = list_spellings(self.config, field.list_name)
        effects = {value.value: value.counts for value in self.config.lists.get(field.list_name, ())}
        places = self.places

        def read(cell: Cell) -> Read:
            is_long = isinstance(cell, str) and len(cell) > _LONG
            cell = cell[:_LONG] if isinstance(cell, str) else cell
            nothing = is_dash(cell) and (code == "ho-ten" or "-" not in spellings)
            cell = None if nothing or (code == "ho-ten" and is_formula_error(cell)) else cell
            found = Read(as_text(cell), is_long)
            if field.type.has_list:
                key = fold(found.text)
                choice = spellings.get(key, found.text)
                return found._replace(choice=choice, listed=key in spellings, effect=effects.get(choice, ""))
            if field.type is FieldType.DATE:
                day = read_date(cell)
                return found._replace(unreadable=True) if isinstance(day, Unreadable) else found._replace(day=day)
            if field.type is FieldType.IDENTITY:
                return found._replace(identity=read_identity(cell, places))
            if field.type is FieldType.PHONE:
                return found._replace(odd=isinstance(read_phone(cell), Unreadable))
            if code == "ho-ten":
                return found._replace(key=fold(found.text), odd=has_broken_letters(as_pasted(cell)))
            return found

        return read

    @property
    def places(self) -> frozenset[str]:
        return frozenset(value.value for value in self.config.lists.get(PLACE_LIST, ()))

    @property
    def inputs(self) -> list[str]:
        return [field.code for field in self.config.fields if field.used and field.type.is_input]

    @property
    def enough(self) -> tuple[Collection[str], Collection[str]]:
        """The cards that count, and the levels that do."""
        rule = next(each for each in self.config.rules if each.code == "mien-hoan-nhung-da-xong")
        _, cards, level, _ = rule.when.terms
        ranks = level.subject.ranks
        assert not any(isinstance(value, Subject) for value in (*cards.values, *level.values))
        return set(map(str, cards.values)), {word for word in ranks if ranks[word] >= ranks[str(level.values[0])]}

    @property
    def last_deferral(self) -> date:
        return self.today + timedelta(days=self.config.settings.max_deferral_days)


# --- a plain loop -----------------------------------------------------------------------------------------


def plain_loop(lines: Sequence[Line], config: Config, today: date) -> set[Finding]:
    """Row by row, cell by cell."""
    reader = Reader(config, today)
    readers = {code: reader.of(code) for code in reader.inputs}
    judge = _Row(reader)
    rows, found = [], set[Finding]()
    for unit, number, cells in lines:
        row = {code: read(cells.get(code)) for code, read in readers.items()}
        found |= {(unit, number, rule, field) for rule, field in judge.findings(row)}
        rows.append((unit, number, row))
    return found | set(_repeated(rows, judge))


class _Row:
    """What is wrong with one row by itself."""

    def __init__(self, reader: Reader) -> None:
        self._places, self._today, self._last = reader.places, reader.today, reader.last_deferral
        self._cards, self._levels = reader.enough
        self._born = years_before(reader.today, 15), years_before(reader.today, 81)

    def findings(self, row: Mapping[str, Read]) -> Iterator[tuple[str, str]]:
        yield from (("o-qua-dai", code) for code, read in row.items() if read.long)
        yield from ((f"{code}-danh-muc", code) for code in _LISTED if row[code].text and not row[code].listed)
        yield from self._of_person(row)
        yield from self._of_dates(row)
        yield from self._of_number(row)
        yield from self._of_account(row)

    def _of_person(self, row: Mapping[str, Read]) -> Iterator[tuple[str, str]]:
        name = row["ho-ten"]
        if not name.text:
            yield "ho-ten-trong", "ho-ten"
        else:
            if not _TWO_WORDS.fullmatch(name.text):
                yield "ho-ten-la", "ho-ten"
            yield from ((f"{code}-trong", code) for code in ("ngay-sinh", "doi-tuong") if not row[code].text)
        if name.odd:
            yield "ho-ten-bang-ma", "ho-ten"
        if row["dien-thoai"].odd:
            yield "dien-thoai-sai", "dien-thoai"

    def born(self, row: Mapping[str, Read]) -> date | None:
        """The birth date, unless it is refused."""
        read, (youngest, oldest) = row["ngay-sinh"], self._born
        return read.day if read.day and oldest < read.day <= youngest else None

    def _issued(self, row: Mapping[str, Read]) -> date | None:
        day, born = row["ngay-cap"].day, self.born(row)
        return day if day and day <= self._today and not (born and day < born) else None

    def _of_dates(self, row: Mapping[str, Read]) -> Iterator[tuple[str, str]]:
        born, issued, active = self.born(row), self._issued(row), row["ngay-kich-hoat"].day
        active = active if active and _APP <= active <= self._today else None
        for code, day in (("ngay-sinh", born), ("ngay-cap", issued), ("ngay-kich-hoat", active)):
            if row[code].unreadable or (row[code].day and not day):
                yield f"{code}-sai", code
        if issued and issued < _CHIP and row["the"].choice == "Đã có":
            yield "ngay-cap-truoc-chip", "ngay-cap"
        expiry = card_expiry(born, issued, (25, 40, 60), 2) if born and issued else None
        if expiry and expiry < self._today:
            yield "the-het-han", "ngay-cap"
        if active and issued and active < issued and row["muc"].choice == "Mức 2":
            yield "kich-hoat-truoc-the", "ngay-kich-hoat"

    def _of_number(self, row: Mapping[str, Read]) -> Iterator[tuple[str, str]]:
        read, born = row["cccd"], self.born(row)
        if not read.text and row["the"].choice == "Đã có":
            yield "cccd-trong", "cccd"
        if read.identity and read.identity.shape in _SHAPES:
            yield _SHAPES[read.identity.shape], "cccd"
        number = read.identity.number if read.identity else ""
        if number:
            if number[:3] not in self._places:
                yield "cccd-ma-noi-sinh", "cccd"
            wanted = (Gender.FEMALE if int(number[3]) % 2 == 0 else Gender.MALE).value
            if row["gioi-tinh"].effect == wanted:
                yield "cccd-gioi-tinh", "cccd"
            if born and birth_year_of(number) != born.year:
                yield "cccd-nam-sinh", "cccd"

    def _of_account(self, row: Mapping[str, Read]) -> Iterator[tuple[str, str]]:
        card, level, stage = row["the"], row["muc"], row["tinh-trang"]
        effect, until = row["mien-hoan"].effect, row["hoan-den"]
        if level.choice == "Mức 2" and (not card.text or card.choice == "Chưa làm"):
            yield "muc-2-can-the", "the"
        if stage.text and stage.choice != "Chưa đăng ký" and not level.text:
            yield "tai-khoan-can-muc", "muc"
        done = card.choice in self._cards and level.choice in self._levels
        if done and effect in (_OUT, _DEFERRED) and stage.choice == "Đã kích hoạt và đăng nhập":
            yield "mien-hoan-nhung-da-xong", "mien-hoan"
        if effect == _DEFERRED:
            if until.day is None:
                yield "hoan-thieu-ngay", "hoan-den"
            elif until.day < self._today or until.day > self._last:
                yield "hoan-het-han" if until.day < self._today else "hoan-qua-dai", "hoan-den"


def _repeated(rows: Sequence[tuple[str, int, Mapping[str, Read]]], judge: _Row) -> Iterator[Finding]:
    """Numbers and people that stand twice, within units and in several."""
    counts, units = Counter[Any](), defaultdict[str, set[str]](set)
    counted = []
    for unit, number, row in rows:
        if row["mien-hoan"].effect != _OUT:
            identity, key = row["cccd"].identity, row["ho-ten"].key
            typed = (identity.number or identity.digits) if identity else ""
            one, born = identity.number if identity else "", judge.born(row)
            same = (unit, key, born) if key and born else None
            counted.append((unit, number, one, typed, same))
            counts.update([(unit, one), same, (same, typed)])
            units[one].add(unit)
    for unit, number, one, typed, same in counted:
        if one and counts[unit, one] > 1:
            yield unit, number, "cccd-trung-trong-don-vi", "cccd"
        if one and len(units[one]) > 1:
            yield unit, number, "cccd-trung-don-vi-khac", "cccd"
        if same and counts[same] > 1 and (counts[same] > counts[same, typed] or not typed):
            yield unit, number, "ho-ten-ngay-sinh-trung", "ho-ten"


# --- vectors ----------------------------------------------------------------------------------------------


def _birthday(age: int) -> Callable[[Read], int]:
    """The day on which somebody gets that old, as a number."""

    def of(read: Read) -> int:
        day = read.day or _NO_DAY
        try:
            return day.replace(year=day.year + age).toordinal()
        except ValueError:
            return date(min(day.year + age, 9999), 3, 1).toordinal()

    return of


def _number(read: Read) -> str:
    return read.identity.number if read.identity else ""


def _typed(read: Read) -> str:
    return (read.identity.number or read.identity.digits) if read.identity else ""


_DATES = ("ngay-sinh", "ngay-cap", "ngay-kich-hoat", "hoan-den")
_AGES = (23, 25, 38, 40, 58, 60)
_READINGS: Mapping[str, tuple[Collection[str] | None, Callable[[Read], Any]]] = {
    "blank": (None, lambda read: read.text == ""),
    "long": (None, lambda read: read.long),
    "choice": (_LISTED, lambda read: read.choice),
    "listed": (_LISTED, lambda read: read.listed),
    "effect": (_LISTED, lambda read: read.effect),
    "day": (_DATES, lambda read: read.day.toordinal() if read.day else 0),
    "unreadable": (_DATES, lambda read: read.unreadable),
    "odd": (("ho-ten", "dien-thoai"), lambda read: read.odd),
    "key": (("ho-ten",), lambda read: read.key),
    "words": (("ho-ten",), lambda read: _TWO_WORDS.fullmatch(read.text) is not None),
    "number": (("cccd",), _number),
    "typed": (("cccd",), _typed),
    "shape": (("cccd",), lambda read: _SHAPES.get(read.identity.shape, "") if read.identity else ""),
    "place": (("cccd",), lambda read: _number(read)[:3]),
    "digit": (("cccd",), lambda read: int(_number(read)[3]) % 2 if _number(read) else -1),
    "year": (("cccd",), lambda read: birth_year_of(_number(read)) if _number(read) else 0),
    "of year": (("ngay-sinh",), lambda read: read.day.year if read.day else 0),
    **{f"{age}": (("ngay-sinh",), _birthday(age)) for age in _AGES},
}
"""What the rules look at -> the fields it is read of (None: all), and how."""


def _masks(
    reader: Reader, col: Callable[[str, str], Any], where: Callable[..., Any], isin: Callable[..., Any]
) -> Iterator[tuple[str, str, Any]]:
    """Rule, field, whom it blames: of every rule that looks at one row at a time. Days are numbers, 0 for none."""
    today, chip, app = (day.toordinal() for day in (reader.today, _CHIP, _APP))
    youngest, oldest = (years_before(reader.today, age).toordinal() for age in (15, 81))
    cards, levels = reader.enough
    for code in reader.inputs:
        yield "o-qua-dai", code, col(code, "long")
    for code in _LISTED:
        yield f"{code}-danh-muc", code, ~col(code, "blank") & ~col(code, "listed")
    named = ~col("ho-ten", "blank")
    yield "ho-ten-trong", "ho-ten", ~named
    yield "ho-ten-la", "ho-ten", named & ~col("ho-ten", "words")
    yield "ho-ten-bang-ma", "ho-ten", col("ho-ten", "odd")
    yield "dien-thoai-sai", "dien-thoai", col("dien-thoai", "odd")
    for code in ("ngay-sinh", "doi-tuong"):
        yield f"{code}-trong", code, named & col(code, "blank")
    typed, cap, active = (col(code, "day") for code in ("ngay-sinh", "ngay-cap", "ngay-kich-hoat"))
    wrong = (typed > 0) & ((typed > youngest) | (typed <= oldest))
    born = where(wrong, 0, typed)
    yield "ngay-sinh-sai", "ngay-sinh", wrong | col("ngay-sinh", "unreadable")
    wrong = (cap > 0) & ((cap > today) | (cap < born))
    issued = where(wrong, 0, cap)
    yield "ngay-cap-sai", "ngay-cap", wrong | col("ngay-cap", "unreadable")
    wrong = (active > 0) & ((active > today) | (active < app))
    yield "ngay-kich-hoat-sai", "ngay-kich-hoat", wrong | col("ngay-kich-hoat", "unreadable")
    card, level, stage = (col(code, "choice") for code in ("the", "muc", "tinh-trang"))
    yield "ngay-cap-truoc-chip", "ngay-cap", (issued > 0) & (issued < chip) & (card == "Đã có")
    ends = [where(issued < col("ngay-sinh", f"{age - 2}"), col("ngay-sinh", f"{age}"), 0) for age in (25, 40, 60)]
    first = where(ends[0] > 0, ends[0], where(ends[1] > 0, ends[1], ends[2]))
    yield "the-het-han", "ngay-cap", (issued > 0) & (born > 0) & (first > 0) & (first < today)
    early = ~wrong & (active > 0) & (active < issued)
    yield "kich-hoat-truoc-the", "ngay-kich-hoat", early & (level == "Mức 2")
    yield "cccd-trong", "cccd", col("cccd", "blank") & (card == "Đã có")
    for rule in _SHAPES.values():
        yield rule, "cccd", col("cccd", "shape") == rule
    yield "cccd-ma-noi-sinh", "cccd", (col("cccd", "digit") >= 0) & ~isin(col("cccd", "place"), sorted(reader.places))
    digit, gender = col("cccd", "digit"), col("gioi-tinh", "effect")
    men, women = gender == Gender.MALE.value, gender == Gender.FEMALE.value
    yield "cccd-gioi-tinh", "cccd", ((digit == 1) & men) | ((digit == 0) & women)
    year = col("cccd", "year")
    yield "cccd-nam-sinh", "cccd", (year > 0) & (born > 0) & (year != col("ngay-sinh", "of year"))
    without = col("the", "blank") | (card == "Chưa làm")
    yield "muc-2-can-the", "the", (level == "Mức 2") & without
    begun = ~col("tinh-trang", "blank") & (stage != "Chưa đăng ký")
    yield "tai-khoan-can-muc", "muc", begun & col("muc", "blank")
    effect, until = col("mien-hoan", "effect"), col("hoan-den", "day")
    done = isin(card, sorted(cards)) & isin(level, sorted(levels)) & (stage == "Đã kích hoạt và đăng nhập")
    yield "mien-hoan-nhung-da-xong", "mien-hoan", isin(effect, [_OUT, _DEFERRED]) & done
    deferred, last = effect == _DEFERRED, reader.last_deferral.toordinal()
    yield "hoan-thieu-ngay", "hoan-den", deferred & (until == 0)
    yield "hoan-het-han", "hoan-den", deferred & (until > 0) & (until < today)
    yield "hoan-qua-dai", "hoan-den", deferred & (until > last)


def _read(lines: Sequence[Line], reader: Reader) -> Iterator[tuple[str, list[Read], list[int]]]:
    """Of each field the distinct cells as they are understood, and the place of each row among them."""
    for code in reader.inputs:
        known: defaultdict[tuple[type, Cell], int] = defaultdict()
        known.default_factory = known.__len__
        places = [known[cell.__class__, cell] for cell in (cells.get(code) for _, _, cells in lines)]
        yield code, [reader.of(code)(cell) for _, cell in known], places


def _is_born(day: Any, where: Callable[..., Any], today: date) -> Any:
    youngest, oldest = (years_before(today, age).toordinal() for age in (15, 81))
    return where((day > oldest) & (day <= youngest), day, 0)


def pandas_by_hand(lines: Sequence[Line], config: Config, today: date) -> set[Finding]:
    """A Series of each reading, masks, groupby."""
    reader, columns = Reader(config, today), {}
    for code, reads, places in _read(lines, reader):
        for name, (codes, value) in _READINGS.items():
            if codes is None or code in codes:
                distinct = pd.Series([value(read) for read in reads])
                columns[code, name] = distinct.take(np.array(places)).reset_index(drop=True)

    def where(mask: Any, one: Any, other: Any) -> Any:
        return pd.Series(np.where(mask, one, other))

    units, rows = [unit for unit, _, _ in lines], [row for _, row, _ in lines]
    found = list(_masks(reader, lambda code, name: columns[code, name], where, lambda one, of: one.isin(of)))
    people = pd.DataFrame(
        {
            "unit": units,
            **{name: columns["cccd", name] for name in ("number", "typed")},
            "key": columns["ho-ten", "key"],
            "born": _is_born(columns["ngay-sinh", "day"], where, today),
        }
    )[columns["mien-hoan", "effect"] != _OUT]
    numbered = people[people["number"] != ""]
    named = people[(people["key"] != "") & (people["born"] > 0)]
    same = named.groupby(["unit", "key", "born"])["typed"].transform("size")
    alike = named.groupby(["unit", "key", "born", "typed"])["typed"].transform("size")
    for rule, code, mask in (
        ("cccd-trung-trong-don-vi", "cccd", numbered.groupby(["unit", "number"])["unit"].transform("size") > 1),
        ("cccd-trung-don-vi-khac", "cccd", numbered.groupby("number")["unit"].transform("nunique") > 1),
        ("ho-ten-ngay-sinh-trung", "ho-ten", (same > 1) & ((same > alike) | (named["typed"] == ""))),
    ):
        found.append((rule, code, mask.reindex(range(len(lines)), fill_value=False)))
    return {
        (units[place], rows[place], rule, code)
        for rule, code, mask in found
        for place in np.flatnonzero(mask.to_numpy()).tolist()
    }


def polars_by_hand(lines: Sequence[Line], config: Config, today: date) -> set[Finding]:
    """A lazy frame of the readings, one expression a rule. Raises ImportError where polars is not installed."""
    pl: Any = import_module("polars")
    reader, columns = Reader(config, today), {}
    for code, reads, places in _read(lines, reader):
        at = pl.Series(places, dtype=pl.UInt32)
        for name, (codes, value) in _READINGS.items():
            if codes is None or code in codes:
                columns[f"{code} {name}"] = pl.Series([value(read) for read in reads]).gather(at)

    def col(code: str, name: str) -> Any:
        return pl.col(f"{code} {name}")

    def where(mask: Any, one: Any, other: Any) -> Any:
        return pl.when(mask).then(one).otherwise(other)

    units, rows = [unit for unit, _, _ in lines], [row for _, row, _ in lines]
    frame = pl.DataFrame({**columns, "unit": units})
    counted = col("mien-hoan", "effect") != _OUT
    born = _is_born(col("ngay-sinh", "day"), where, today)
    numbered = counted & (col("cccd", "number") != "")
    named = counted & (col("ho-ten", "key") != "") & (born > 0)
    person = ["unit", "ho-ten key", "born", "counted"]
    same, alike = pl.len().over(person), pl.len().over([*person, "cccd typed"])
    frame = frame.with_columns(born=born, counted=counted)
    others = (
        ("cccd-trung-trong-don-vi", "cccd", numbered & (pl.len().over("unit", "cccd number", "counted") > 1)),
        ("cccd-trung-don-vi-khac", "cccd", numbered & (pl.col("unit").n_unique().over("cccd number", "counted") > 1)),
        ("ho-ten-ngay-sinh-trung", "ho-ten", named & (same > 1) & ((same > alike) | (col("cccd", "typed") == ""))),
    )
    found = [*_masks(reader, col, where, lambda one, of: one.is_in(of)), *others]
    told = frame.lazy().select(**{f"{rule}|{code}": mask for rule, code, mask in found}).collect()
    return {
        (units[place], rows[place], *_two(name)) for name in told.columns for place in told[name].arg_true().to_list()
    }


def _two(name: str) -> tuple[str, str]:
    rule, _, code = name.partition("|")
    return rule, code


CONTENDERS: Mapping[str, Callable[[Sequence[Line], Config, date], set[Finding]]] = {
    "a plain loop": plain_loop,
    "pandas by hand": pandas_by_hand,
    "polars by hand": polars_by_hand,
}
