"""What the program has to know of the values of a list, told in their cells of `Tính`: whether it is, and only once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from automation.core.admin.lines import ConfigLine, listing, shortened
from automation.core.config.meanings import (
    AGAINST_GENDER,
    Answer,
    Exemption,
    Family,
    Gender,
    rank_of,
    rank_words,
    words_of,
)
from automation.core.config.values import Field, FieldCode, ListValue, Rule
from automation.core.model.units import Mode
from automation.core.reading.cells import fold

Lists = Mapping[str, Sequence[ListValue]]
Lines = Mapping[str, Sequence[ConfigLine]]

RANKED = (FieldCode.LEVEL, FieldCode.STAGE)
"""Fields of which the program asks for the last step."""


class _Need(Struct, frozen=True):
    """What has to be told of the values of a field's list."""

    field: str
    family: Family
    told_once: tuple[str, ...]
    """Words that no two values have."""
    never_missing: bool = False
    """Whether the list is of no use without such a value; else it may lack one, as long as every value is told."""


_GENDERS = _Need(FieldCode.GENDER, Gender, words_of(Gender))
_ANSWERS = _Need(FieldCode.PARTY, Answer, (Answer.YES.value,), never_missing=True)
_EXEMPTIONS = _Need(FieldCode.EXEMPTION, Exemption, ())


def check_ranks(fields: Sequence[Field], lists: Lists, lines: Lines) -> frozenset[str]:
    """Note every value without a rank, or with another's, in the lists whose last step counts.

    Returns the folded names of the fields that can therefore not be compared.
    """
    at_fault: set[str] = set()
    for code in RANKED:
        for field in _used(fields, code):
            if _ranks_are_wrong(field, lists[field.list_name], lines[field.list_name]):
                at_fault |= {fold(name) for name in (field.header, *field.other_spellings)}
    return frozenset(at_fault)


def _ranks_are_wrong(field: Field, values: Sequence[ListValue], lines: Sequence[ConfigLine]) -> bool:
    first: dict[str, ConfigLine] = {}
    wrong = False
    for value, line in zip(values, lines, strict=True):
        if line.text("Tính") and not value.counts:
            wrong = True  # told already
        elif rank_of(value.counts) is None:
            key = "meaning.rank_missing" if not value.counts else "meaning.other_family"
            _note(line, key, field, value, allowed=listing(rank_words(len(values))))
            wrong = True
        elif first.setdefault(value.counts, line) is not line:
            _note(line, "meaning.repeated", field, value, first=first[value.counts].number)
            wrong = True
    return wrong


def check_words(fields: Sequence[Field], lists: Lists, lines: Lines, rules: Sequence[Rule]) -> None:
    """Note which value is a man's, a woman's, a yes, where it is not told or told twice; and words of other lists."""
    for need in _needs(rules):
        for field in _used(fields, need.field):
            _check_list(need, field, lists[field.list_name], lines[field.list_name])


def _needs(rules: Sequence[Rule]) -> Iterator[_Need]:
    if any(rule.parameters == AGAINST_GENDER and rule.mode is not Mode.OFF for rule in rules):
        yield _GENDERS
    yield from (_ANSWERS, _EXEMPTIONS)


def _check_list(need: _Need, field: Field, values: Sequence[ListValue], lines: Sequence[ConfigLine]) -> None:
    allowed = listing(words_of(need.family))
    first: dict[str, ConfigLine] = {}
    for value, line in zip(values, lines, strict=True):
        if value.counts and value.counts not in words_of(need.family):
            _note(line, "meaning.other_family", field, value, allowed=allowed)
        elif value.counts in need.told_once and first.setdefault(value.counts, line) is not line:
            _note(line, "meaning.repeated", field, value, first=first[value.counts].number)
    if any(line.text("Tính") and not value.counts for value, line in zip(values, lines, strict=True)):
        return  # what cannot be read was told already
    untold = [word for word in need.told_once if word not in first]
    blank = [pair for pair in zip(values, lines, strict=True) if not pair[0].counts]
    if not blank and need.never_missing:
        blank = [(values[0], lines[0])]
    for word, (value, line) in zip(untold, blank, strict=False):
        _note(line, "meaning.untold", field, value, word=word, allowed=allowed)


def _used(fields: Sequence[Field], code: str) -> Iterator[Field]:
    """The field of that code, where it is in use and has a list."""
    return (each for each in fields if each.code == code and each.used and each.list_name)


def _note(line: ConfigLine, key: str, field: Field, value: ListValue, **values: object) -> None:
    line.problem(
        "Tính", key, name=shortened(field.list_name), value=shortened(value.value), counts=value.counts, **values
    )
