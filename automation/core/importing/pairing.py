"""Who of a mailed list is who in the tab: by number, else by name and birth date. Nobody is guessed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from enum import Enum

from msgspec import Struct, field

from automation.core.importing.rows import PersonRow
from automation.core.reading.cells import bare

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


class Question(Enum):
    """Why it cannot be told who a row is."""

    NO_NAME = "no_name"
    TOO_LITTLE = "too_little"
    """Neither number nor birth date."""
    SEVERAL = "several"
    """Several people of the tab could be meant."""
    OTHER_PERSON = "other_person"
    """The number is that of somebody with another name and another birth date."""
    PERHAPS = "perhaps"
    """Somebody of that name is there of whom too little is known, or whom a slip of the pen may tell apart."""
    TWICE = "twice"
    """The mailed list itself has two such people."""


class Asked(Struct, frozen=True):
    """A row that a person has to look at, and the lines of the tab that could be meant."""

    row: PersonRow
    question: Question
    candidates: tuple[int, ...] = ()


class Pairing(Struct):
    """Who is who."""

    pairs: list[tuple[PersonRow, tuple[PersonRow, ...]]] = field(default_factory=list)
    """Somebody of the tab, and the rows of the mailed lists that are theirs."""
    new: list[tuple[PersonRow, ...]] = field(default_factory=list)
    """The rows of each person whom the tab has not."""
    asked: list[Asked] = field(default_factory=list)


def pair(mailed: Sequence[PersonRow], present: Sequence[PersonRow]) -> Pairing:
    """Each of `mailed` is somebody of `present`, new, or asked about."""
    return _Pairing(present).of(mailed)


class _Pairing:
    def __init__(self, present: Sequence[PersonRow]) -> None:
        self._present = present
        self._by_number = _grouped(present, lambda each: each.number)
        self._by_person = _grouped(present, _name_and_birth)
        self._by_name = _grouped(present, _plain_name)
        self._found = Pairing()
        self._rows_of: dict[int, list[PersonRow]] = defaultdict(list)
        """By line of the tab."""

    def of(self, mailed: Sequence[PersonRow]) -> Pairing:
        rest = [row for row in mailed if not self._is_told_by_number(row)]
        taken = frozenset(self._rows_of)
        strangers = [row for row in rest if not self._is_told_by_name(row, taken)]
        self._settle_pairs()
        self._settle_new(strangers)
        self._found.asked.sort(key=lambda each: each.row.place)
        return self._found

    # --- whom the tab has -----------------------------------------------------------------------------

    def _is_told_by_number(self, row: PersonRow) -> bool:
        """Whether nothing more is to be found out about the row."""
        candidates = self._by_number.get(row.number, [])
        if len(candidates) > 1:
            candidates = [each for each in candidates if _is_same_person(row, each)] or candidates
        if not candidates:
            return False
        if len(candidates) > 1:
            self._ask(row, Question.SEVERAL, candidates)
        elif _is_somebody_else(row, candidates[0]):
            self._ask(row, Question.OTHER_PERSON, candidates)
        else:
            self._take(row, candidates[0])
        return True

    def _is_told_by_name(self, row: PersonRow, taken: Collection[int]) -> bool:
        """`taken`: lines of those who are known by their number; who bears another number is none of them."""
        if not row.name:
            self._ask(row, Question.NO_NAME)
            return True
        candidates = self._by_person.get(_name_and_birth(row), [])
        candidates = [each for each in candidates if not (row.number and each.place.row in taken)]
        if len(candidates) == 1:
            self._take(row, candidates[0])
        elif candidates:
            self._ask(row, Question.SEVERAL, candidates)
        else:
            namesakes = self._by_name.get(_plain_name(row), [])
            return self._may_be_somebody(row, [each for each in namesakes if _may_be_one(row, each, taken)])
        return True

    def _may_be_somebody(self, row: PersonRow, candidates: Sequence[PersonRow]) -> bool:
        if len(candidates) == 1 and not row.adds_to(candidates[0]):
            self._take(row, candidates[0])
        elif candidates:
            self._ask(row, Question.PERHAPS, candidates)
        elif not (row.number or row.birth):
            self._ask(row, Question.TOO_LITTLE)
        else:
            return False
        return True

    def _settle_pairs(self) -> None:
        """Two rows with different numbers are two people, of whom the tab has one."""
        for present in self._present:
            rows = self._rows_of.get(present.place.row, [])
            if len({row.number for row in rows if row.number}) > 1:
                for row in rows:
                    self._ask(row, Question.TWICE, [present])
            elif rows:
                self._found.pairs.append((present, tuple(rows)))

    # --- whom it has not ------------------------------------------------------------------------------

    def _settle_new(self, strangers: Sequence[PersonRow]) -> None:
        """Rows of one number are one person's; so are those without one, of one name and birth date."""
        numbered = _grouped(strangers, lambda each: each.number)
        groups = list(numbered.values())
        by_person = _grouped([row for row in strangers if row.number], _name_and_birth)
        without = [row for row in strangers if not row.number]
        for rows in _grouped(without, _name_and_birth).values():
            namesakes = {row.number for row in by_person.get(_name_and_birth(rows[0]), [])}
            if not namesakes:
                groups.append(rows)
            elif len(namesakes) == 1:
                numbered[namesakes.pop()].extend(rows)
            else:
                self._ask_of_twice(rows)
        for rows in groups:
            if any(_is_somebody_else(rows[0], other) for other in rows[1:]):
                self._ask_of_twice(rows)
            else:
                self._found.new.append(tuple(sorted(rows, key=lambda each: each.place)))
        self._found.new.sort(key=lambda rows: rows[0].place)

    def _take(self, row: PersonRow, present: PersonRow) -> None:
        self._rows_of[present.place.row].append(row)

    def _ask_of_twice(self, rows: Iterable[PersonRow]) -> None:
        for row in rows:
            self._ask(row, Question.TWICE)

    def _ask(self, row: PersonRow, question: Question, candidates: Iterable[PersonRow] = ()) -> None:
        self._found.asked.append(Asked(row, question, tuple(each.place.row for each in candidates)))


def _grouped(rows: Iterable[PersonRow], key: Callable[[PersonRow], str]) -> dict[str, list[PersonRow]]:
    """The rows by their key, those without one left out."""
    groups: dict[str, list[PersonRow]] = defaultdict(list)
    for row in rows:
        if told := key(row):
            groups[told].append(row)
    return dict(groups)


def _name_and_birth(row: PersonRow) -> str:
    return f"{row.name}\n{row.birth}" if row.name and row.birth else ""


def _is_same_person(one: PersonRow, other: PersonRow) -> bool:
    return _name_and_birth(one) == _name_and_birth(other) != ""


def _is_somebody_else(one: PersonRow, other: PersonRow) -> bool:
    """Whether both name and birth date are others: a number was mistyped, and the person is not this one."""
    return _differ(one.name, other.name) and _differ(one.birth, other.birth)


def _plain_name(row: PersonRow) -> str:
    """Without marks: they are set in several ways, and forgotten."""
    return bare(row.name)


def _may_be_one(one: PersonRow, present: PersonRow, taken: Collection[int]) -> bool:
    """Whether two namesakes may be one person: nothing contradicts, or no more than a slip of the pen does. `taken`:
    lines of those who are known by their number already.
    """
    if one.name == present.name and not (_differ(one.birth, present.birth) or _differ(one.number, present.number)):
        return True
    is_told = one.name == present.name or (one.birth and present.birth)
    return bool(is_told) and present.place.row not in taken and _is_a_slip_away(one, present)


def _is_a_slip_away(one: PersonRow, other: PersonRow) -> bool:
    is_near_day = not _differ(one.birth, other.birth) or _is_near_day(one.birth, other.birth)
    return is_near_day and (not _differ(one.number, other.number) or _is_near_number(one.number, other.number))


def _is_near_day(one: str, other: str) -> bool:
    """Whether two days of birth are neighbours, differ in day, month or year alone, or have day and month the other way
    round; where one is no day, whether the year may be the same.
    """
    if not (_DAY.fullmatch(one) and _DAY.fullmatch(other)):
        years = set(_YEAR.findall(one)), set(_YEAR.findall(other))
        return not all(years) or not years[0].isdisjoint(years[1])
    days = date.fromisoformat(one), date.fromisoformat(other)
    parts = [(day.year, day.month, day.day) for day in days]
    is_swapped = parts[0] == (parts[1][0], parts[1][2], parts[1][1])
    return abs(days[0] - days[1]) <= timedelta(1) or _differences(*parts) == 1 or is_swapped


def _is_near_number(one: str, other: str) -> bool:
    """Whether one digit differs, or two have changed places."""
    differences = _differences(one, other)
    return differences == 1 or (differences == 2 and sorted(one) == sorted(other))


def _differences(one: Sequence[object], other: Sequence[object]) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _differ(one: str, other: str) -> bool:
    return bool(one and other) and one != other
