"""The language of the column `Khi`: text becomes a condition over fields.

    Thẻ CCCD gắn chíp = Đã có; Mức tài khoản khác Mức 1; Hoãn đến ngày không trước hôm nay

Parts are joined by ";" and must all hold. A part is a field (header, other spelling or code), an operator, and a
value: a word of the field's list, a date, a number, another field, or "hôm nay" (also "hôm nay + 180 ngày").
`Tính của <field>` is what `Danh mục` says a value does; `Số lỗi`, `Số cảnh báo` count the row's findings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from enum import Enum

from msgspec import Struct
from msgspec import field as with_default

from automation.core.reading.cells import Unreadable, fold, read_date, read_number
from automation.core.reading.suggestions import nearest


class Operator(Enum):
    EQUAL = "="
    NOT_EQUAL = "khác"
    ONE_OF = "thuộc"
    BLANK = "trống"
    PRESENT = "có"
    LESS = "<"
    GREATER = ">"
    NOT_BEFORE = "không trước"
    NOT_AFTER = "không sau"


class Kind(Enum):
    """What kind of values a subject has; decides what it can be compared with."""

    TEXT = "text"
    LIST = "list"
    DATE = "date"
    NUMBER = "number"


class SubjectType(Enum):
    FIELD = "field"
    EFFECT = "effect"
    """`Tính của` a list field."""
    ERRORS = "errors"
    WARNINGS = "warnings"


class Subject(Struct, frozen=True):
    """What a condition can speak of. `words` are the values it may be compared with, if they are limited."""

    type: SubjectType
    field: str
    """Code of the field; "" for counts."""
    name: str
    kind: Kind
    words: Mapping[str, str] = with_default(default_factory=dict)
    """folded spelling -> value; empty: anything goes"""
    ranks: Mapping[str, int] = with_default(default_factory=dict)
    """value -> its rank in the list; empty where the list ranks nothing"""
    collected: bool = True
    """Whether the column is in use: else it is blank everywhere, and what it is compared with may be left blank."""


class Today(Struct, frozen=True):
    """The check date, moved by some days."""

    plus_days: int = 0

    def on(self, today: date) -> date:
        """The day that is meant on that check date."""
        return today + timedelta(days=self.plus_days)


class Blank(Struct, frozen=True):
    """The word `trống` among the values of `thuộc (...)`."""


Value = str | float | date | Today | Subject | Blank


NOT_BEFORE = "không trước"
"""The check, and the word of a limit."""


class DateLimits(Struct, frozen=True):
    """`bắt buộc; không sau hôm nay; không trước Ngày sinh; tuổi từ 15 đến 80`, each part optional."""

    required: bool = False
    not_after: tuple[Value, ...] = ()
    not_before: tuple[Value, ...] = ()
    ages: tuple[int, int] | None = None


class Term(Struct, frozen=True):
    subject: Subject
    operator: Operator
    values: tuple[Value, ...] = ()


class Condition(Struct, frozen=True):
    """All terms must hold; no terms: always."""

    terms: tuple[Term, ...] = ()

    @property
    def always(self) -> bool:
        return not self.terms

    def can_hold(self, collected: Collection[str]) -> bool:
        """Whether it may hold for anybody while only the fields `collected` are: all others are blank everywhere, and
        nothing ranks below the lowest word of a list.
        """
        return all(
            _can_hold(term) if term.subject.field in (*collected, "") else _holds_for_blank(term) for term in self.terms
        )

    @property
    def fields(self) -> frozenset[str]:
        """The codes of the fields that it asks for; "" among them where it asks for a count."""
        compared = (value for term in self.terms for value in (term.subject, *term.values))
        return frozenset(each.field for each in compared if isinstance(each, Subject))


def _can_hold(term: Term) -> bool:
    ranks, value = term.subject.ranks, term.values[0] if term.values else None
    if term.operator is not Operator.LESS or not isinstance(value, str) or value not in ranks:
        return True
    return ranks[value] > min(ranks.values())


def _holds_for_blank(term: Term) -> bool:
    match term.operator:
        case Operator.BLANK:
            return True
        case Operator.EQUAL | Operator.ONE_OF:
            return any(isinstance(value, Blank) for value in term.values)
        case Operator.NOT_EQUAL:
            return not any(isinstance(value, Blank) for value in term.values)
    return False


class NotUnderstood(Struct, frozen=True):
    """The part of a condition that could not be read, and what would have been.

    `reason` is a key of `templates/messages/config.toml`, table `condition`.
    """

    part: str
    reason: str
    allowed: tuple[str, ...] = ()
    suggestion: str | None = None


Vocabulary = Mapping[str, Subject]
"""folded name -> subject"""

_OPERATORS = {
    "không trước": Operator.NOT_BEFORE,
    "không dưới": Operator.NOT_BEFORE,
    ">=": Operator.NOT_BEFORE,
    "không sau": Operator.NOT_AFTER,
    "không quá": Operator.NOT_AFTER,
    "<=": Operator.NOT_AFTER,
    "khác": Operator.NOT_EQUAL,
    "<>": Operator.NOT_EQUAL,
    "!=": Operator.NOT_EQUAL,
    "thuộc": Operator.ONE_OF,
    "trống": Operator.BLANK,
    "có": Operator.PRESENT,
    "=": Operator.EQUAL,
    "<": Operator.LESS,
    ">": Operator.GREATER,
}
_NEEDS_ORDER = {Operator.LESS, Operator.GREATER, Operator.NOT_BEFORE, Operator.NOT_AFTER}
_TODAY = re.compile(r"hôm nay(?:\s*([+-])\s*(\d{1,4})\s*(?:ngày)?)?")


def parse_condition(typed: str, vocabulary: Vocabulary) -> Condition | NotUnderstood:
    """The condition that `typed` stands for, or the first part that was not understood."""
    terms: list[Term] = []
    for part in typed.split(";"):
        if not fold(part):
            continue
        term = _parse_term(part.strip(), vocabulary)
        if isinstance(term, NotUnderstood):
            return term
        terms.append(term)
    return Condition(tuple(terms))


def _parse_term(part: str, vocabulary: Vocabulary) -> Term | NotUnderstood:
    folded = fold(part)
    subject = _longest_name(folded, vocabulary)
    if subject is None:
        return _unknown_subject(part, vocabulary)
    name, found = subject
    if found.type is SubjectType.EFFECT and not found.words:
        return NotUnderstood(found.name, "no_effects")
    rest = folded[len(name) :].strip()
    operator = _leading_operator(rest)
    if operator is None:
        longer = _unknown_subject(part, vocabulary)
        if name != fold(found.name) and longer.suggestion:
            return longer
        words = tuple(each.value for each in Operator)
        return NotUnderstood(part, "operator", words, nearest(rest.split(" ")[0], words) if rest else None)
    typed_operator, meant = operator
    return _with_values(part, found, meant, rest[len(typed_operator) :].strip(), vocabulary)


def _longest_name(folded: str, vocabulary: Vocabulary) -> tuple[str, Subject] | None:
    """The longest known name that the text begins with; names may themselves hold words of the language."""
    fitting = [
        name
        for name in vocabulary
        if folded.startswith(name) and (len(folded) == len(name) or not folded[len(name)].isalnum())
    ]
    best = max(fitting, key=len, default=None)
    return (best, vocabulary[best]) if best is not None else None


def _unknown_subject(part: str, vocabulary: Vocabulary) -> NotUnderstood:
    typed = re.split(r"[=<>!]|\b(?:khác|thuộc|trống|có|không trước|không sau)\b", part)[0].strip() or part
    names = tuple(dict.fromkeys(subject.name for subject in vocabulary.values()))
    return NotUnderstood(typed, "subject", names, nearest(typed, names))


def _leading_operator(rest: str) -> tuple[str, Operator] | None:
    for typed, operator in _OPERATORS.items():
        if rest == typed or (rest.startswith(typed) and (not typed[-1].isalpha() or not rest[len(typed)].isalnum())):
            return typed, operator
    return None


def _with_values(
    part: str, subject: Subject, operator: Operator, typed: str, vocabulary: Vocabulary
) -> Term | NotUnderstood:
    if operator in (Operator.BLANK, Operator.PRESENT):
        return NotUnderstood(part, "no_value_wanted") if typed else Term(subject, operator)
    if not subject.collected and not typed.strip("() "):
        return Term(subject, Operator.ONE_OF)
    if not typed:
        return NotUnderstood(part, "value_missing", tuple(dict.fromkeys(subject.words.values())))
    if operator is Operator.ONE_OF:
        if not (typed.startswith("(") and typed.endswith(")")):
            return NotUnderstood(part, "parentheses")
        pieces = [piece.strip() for piece in typed[1:-1].split("|")]
    else:
        pieces = [typed]
    if subject.kind is Kind.LIST and operator in _NEEDS_ORDER and not subject.ranks:
        return NotUnderstood(subject.name, "no_ranks")
    values: list[Value] = []
    for piece in pieces:
        value = _parse_value(piece, subject, operator, vocabulary)
        if isinstance(value, NotUnderstood):
            return value
        values.append(value)
    return Term(subject, operator, tuple(values))


def _parse_value(piece: str, subject: Subject, operator: Operator, vocabulary: Vocabulary) -> Value | NotUnderstood:
    if piece == "trống" and operator is Operator.ONE_OF:
        return Blank()
    if not piece:
        return NotUnderstood(piece, "value_missing", tuple(dict.fromkeys(subject.words.values())))
    if piece in subject.words:
        return subject.words[piece]
    other = vocabulary.get(piece)
    if other is not None and other.type is SubjectType.FIELD and other.kind is subject.kind:
        return other
    match subject.kind:
        case Kind.DATE:
            return parse_date_value(piece)
        case Kind.NUMBER:
            number = read_number(piece)
            return NotUnderstood(piece, "number") if number is None or isinstance(number, Unreadable) else number
        case Kind.LIST:
            words = tuple(dict.fromkeys(subject.words.values()))
            return NotUnderstood(piece, "list_value", words, nearest(piece, words))
    return NotUnderstood(piece, "order") if operator in _NEEDS_ORDER else piece


_WORD = re.compile(r"[^\s|()=<>!;]+")


def as_typed(part: str, typed: str) -> str:
    """The words of `typed` that read like `part`, which was cut from folded text; `part` itself if there are none."""
    found, wanted = list(_WORD.finditer(typed)), _WORD.findall(part)
    # Each word is folded once: of all spans of a long cell, for each of its problems, there are millions.
    words = [fold(each[0]) for each in found]
    for first in range(len(words) - len(wanted) + 1 if wanted else 0):
        if words[first : first + len(wanted)] == wanted:
            span = typed[found[first].start() : found[first + len(wanted) - 1].end()]
            if fold(span) == part:
                return span
    return part


def in_words_of_today(typed: str, vocabulary: Vocabulary) -> str:
    """A condition that is understood, its columns and the values of lists called what they are called by now."""
    return "; ".join(_in_words_of_today(part.strip(), vocabulary) for part in typed.split(";") if fold(part))


def _in_words_of_today(part: str, vocabulary: Vocabulary) -> str:
    folded = fold(part)
    name, subject = _longest_name(folded, vocabulary) or ("", None)
    rest = folded[len(name) :].strip()
    operator, _ = _leading_operator(rest) or ("", None)
    if subject is None or not operator:
        return part
    typed = rest[len(operator) :].strip()
    several = operator == Operator.ONE_OF.value
    pieces = [piece.strip() for piece in typed[1:-1].split("|")] if several else [typed]
    values = " | ".join(subject.words.get(piece) or as_typed(piece, part) for piece in pieces)
    return f"{subject.name} {operator} {f'({values})' if several else values}".rstrip()


def parse_date_value(piece: str) -> date | Today | NotUnderstood:
    """A date, "hôm nay", or "hôm nay + n ngày"."""
    if found := _TODAY.fullmatch(fold(piece)):
        return Today(int(f"{found[1]}{found[2]}") if found[2] else 0)
    day = read_date(piece)
    return NotUnderstood(piece, "date") if day is None or isinstance(day, Unreadable) else day
