"""Which people a condition holds for, evaluated over whole columns; and the status that this leads to."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from automation.core.config.conditions import Blank, Condition, Kind, Operator, Subject, SubjectType, Term, Value
from automation.core.config.values import Status
from automation.core.judging.people import People, dates_of
from automation.core.reading.cells import fold
from automation.core.reading.distinct_cells import DistinctCells

_COMPARISONS = {
    Operator.LESS: operator.lt,
    Operator.GREATER: operator.gt,
    Operator.NOT_BEFORE: operator.ge,
    Operator.NOT_AFTER: operator.le,
}


class Matcher:
    """Answers conditions about one table of people on one check date.

    `errors` and `warnings` are the numbers of findings a row, once they are known; before, a condition that asks
    for them is a mistake of the program.
    """

    def __init__(
        self,
        people: People,
        today: date,
        errors: pd.Series[Any] | None = None,
        warnings: pd.Series[Any] | None = None,
    ) -> None:
        self._people = people
        self._today = today
        self._counts = {SubjectType.ERRORS: errors, SubjectType.WARNINGS: warnings}

    def holds(self, condition: Condition) -> pd.Series[bool]:
        """A mask over the people: True where every term holds. A blank cell is never less, greater or equal."""
        mask = self._all(True)
        for term in condition.terms:
            mask &= self._term(term)
        return pd.Series(mask, copy=False)

    def _all(self, value: bool) -> Any:
        return np.full(len(self._people), value)

    def _term(self, term: Term) -> Any:
        """As an array, which costs a part of a Series."""
        match term.operator:
            case Operator.BLANK:
                return self._blank(term.subject)
            case Operator.PRESENT:
                return ~self._blank(term.subject)
            case Operator.EQUAL:
                return self._equals(term.subject, term.values[0])
            case Operator.NOT_EQUAL:
                return ~self._equals(term.subject, term.values[0])
            case Operator.ONE_OF:
                mask = self._all(False)
                for value in term.values:
                    mask |= self._equals(term.subject, value)
                return mask
        return self._ordered(term.subject, term.operator, term.values[0])

    def _blank(self, subject: Subject) -> Any:
        match subject.type:
            case SubjectType.FIELD:
                return self._people.spread(subject.field, lambda column: column.blank)
            case SubjectType.EFFECT:
                return self._has_effect(subject, "")
        return self._count(subject) == 0

    def _has_effect(self, subject: Subject, effect: str) -> Any:
        return self._people.effect_is(subject.field, effect).to_numpy()

    def _equals(self, subject: Subject, value: Value) -> Any:
        if isinstance(value, Blank):
            return self._blank(subject)
        if subject.kind in (Kind.DATE, Kind.NUMBER):
            return self._compared(operator.eq, subject, value)
        if subject.type is SubjectType.EFFECT:
            return self._has_effect(subject, str(value))
        return self._same_text(subject, value)

    def _same_text(self, subject: Subject, value: Value) -> Any:
        """Where a text stands, and the same."""

        def readings(column: DistinctCells) -> Any:
            return column.choice if subject.kind is Kind.LIST else column.folded

        if isinstance(value, Subject):
            alike = self._people.spread(subject.field, readings) == self._people.spread(value.field, readings)
            return alike & ~self._blank(subject)
        other = value if subject.kind is Kind.LIST else fold(str(value))
        return self._people.spread(subject.field, lambda column: (readings(column) == other) & ~column.blank)

    def _ordered(self, subject: Subject, by: Operator, value: Value) -> Any:
        compare = _COMPARISONS[by]
        if subject.kind in (Kind.DATE, Kind.NUMBER):
            return self._compared(compare, subject, value)
        ranks = {word: float(rank) for word, rank in subject.ranks.items()}

        def readings(column: DistinctCells) -> Any:
            return np.array([ranks.get(choice, np.nan) for choice in column.choice], dtype=np.float64)

        other = self._people.spread(value.field, readings) if isinstance(value, Subject) else ranks[str(value)]
        return compare(self._people.spread(subject.field, readings), other)

    def _compared(self, compare: Callable[[Any, Any], Any], subject: Subject, value: Value) -> Any:
        if subject.kind is not Kind.DATE:
            return compare(self._numbers(subject), self._number_of(value))
        days: pd.Series[bool] = compare(self._people.date(subject.field), dates_of(self._people, value, self._today))
        return days.to_numpy()

    def _numbers(self, subject: Subject) -> Any:
        if subject.type is not SubjectType.FIELD:
            return self._count(subject)
        return self._people.spread(subject.field, lambda column: column.number)

    def _number_of(self, value: Value) -> Any:
        return self._numbers(value) if isinstance(value, Subject) else value

    def _count(self, subject: Subject) -> Any:
        counts = self._counts[subject.type]
        if counts is None:
            raise ValueError(subject.name)
        return counts.to_numpy()


def decide(people: People, statuses: Sequence[Status], matcher: Matcher) -> pd.Series[Any]:
    """Each person's status code: that of the first row of the table that matches. It must end with a row without a
    condition (checked at the door).
    """
    decided = np.full(len(people), None, dtype=object)
    open_rows = np.full(len(people), True)
    for status in statuses:
        matched = open_rows & matcher.holds(status.when).to_numpy()
        decided[matched] = status.code
        open_rows &= ~matched
    return pd.Series(decided, dtype=object)
