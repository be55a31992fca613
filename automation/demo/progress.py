"""How far a made-up person got with card and account, and on which days."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from msgspec import Struct

from automation.core.config.working_days import WorkingCalendar
from automation.demo.values import (
    ACTIVATED,
    APP_ERROR,
    APPROVAL_OVERDUE,
    APPROVED,
    AWAITING_APPROVAL,
    BORROWED_SIM,
    CARD_HELD,
    CARD_NOT_STARTED,
    CARD_PENDING,
    CARD_TO_CHANGE,
    LEVEL_1,
    LEVEL_2,
    LOGGED_IN,
    NO_SESSION,
    NO_SMARTPHONE,
    NOT_REGISTERED,
    NUMBER_CHANGED,
    OTHER,
    REJECTED,
    WRONG_CARD_DETAILS,
    DemoRow,
)
from automation.demo.vocabulary import Weighted

FIRST_CHIP_CARDS = date(2021, 1, 1)
APP_LAUNCH = date(2022, 7, 18)
CARD_RENEWAL_AGES = (60, 40, 25)


class Progress(Struct, frozen=True):
    """Where a unit stands: which share of its people is done, and which share of its list is typed in."""

    done: float
    entered: float = 1.0


AVERAGE = Progress(done=0.7)


class _Step(Struct, frozen=True):
    """A point that people have reached, and what may keep them there."""

    card: str | None
    stage: str | None
    difficulties: tuple[str, ...] = ()


_DONE = Weighted([(_Step(CARD_HELD, LOGGED_IN), 95), (_Step(CARD_PENDING, LOGGED_IN), 5)])

_STUCK = Weighted(
    [
        (_Step(None, None), 6),
        (_Step(CARD_NOT_STARTED, None, (NO_SESSION, OTHER)), 4),
        (_Step(CARD_NOT_STARTED, NOT_REGISTERED, (NO_SESSION, NO_SMARTPHONE)), 4),
        (_Step(CARD_TO_CHANGE, NOT_REGISTERED, (WRONG_CARD_DETAILS, NO_SESSION)), 4),
        (_Step(CARD_PENDING, NOT_REGISTERED, (NO_SESSION, OTHER)), 7),
        (_Step(CARD_PENDING, AWAITING_APPROVAL, (APPROVAL_OVERDUE,)), 4),
        (_Step(CARD_HELD, None, (NO_SMARTPHONE,)), 4),
        (_Step(CARD_HELD, NOT_REGISTERED, (NO_SMARTPHONE, BORROWED_SIM, OTHER)), 15),
        (_Step(CARD_HELD, AWAITING_APPROVAL, (APPROVAL_OVERDUE,)), 16),
        (_Step(CARD_HELD, REJECTED, (WRONG_CARD_DETAILS, BORROWED_SIM)), 3),
        (_Step(CARD_HELD, APPROVED, (NUMBER_CHANGED, BORROWED_SIM, APP_ERROR)), 21),
        (_Step(CARD_HELD, ACTIVATED, (APP_ERROR, NUMBER_CHANGED, OTHER)), 12),
    ]
)

_STUCK_WITH_A_REASON = 0.35
_LEVEL_2_SHARE = 0.6


def make_career(birth: date, done: bool, as_of: date, chance: random.Random) -> DemoRow:
    """The cells from card to difficulty of one person, consistent with each other on the day `as_of`.

    Cards are issued on working days from 2021 on and have not expired by age (Luật Căn cước công dân 2014,
    art. 21); accounts are activated after the app came out and not before the card was issued. A date that
    cannot exist by `as_of` stays blank.
    """
    step = (_DONE if done else _STUCK).pick(chance)
    level = _level(step, chance)
    issued = _issue_day(birth, as_of, chance) if step.card == CARD_HELD else None
    activated = None
    if step.stage in (ACTIVATED, LOGGED_IN):
        activated = day_between(max(APP_LAUNCH + timedelta(days=1), issued or APP_LAUNCH), as_of, chance)
    hindered = bool(step.difficulties) and chance.random() < _STUCK_WITH_A_REASON
    return {
        "the": step.card,
        "ngay-cap": issued,
        "muc": level,
        "tinh-trang": step.stage,
        "ngay-kich-hoat": activated,
        "kho-khan": chance.choice(step.difficulties) if hindered else None,
    }


def _level(step: _Step, chance: random.Random) -> str | None:
    if step.stage in (None, NOT_REGISTERED):
        return None
    # Without the card in hand an account is only to be had together with the card, at the police: level 2.
    if step.card == CARD_PENDING or chance.random() < _LEVEL_2_SHARE:
        return LEVEL_2
    return LEVEL_1


def _issue_day(birth: date, as_of: date, chance: random.Random) -> date | None:
    """A working day, early ones more often: most cards came with the campaign of 2021."""
    days = working_days(FIRST_CHIP_CARDS, as_of)
    first = bisect_left(days, _earliest_issue(birth, as_of))
    left = len(days) - first
    return days[first + int(left * chance.random() ** 1.5)] if left > 0 else None


def _earliest_issue(birth: date, as_of: date) -> date:
    """The first day whose card is still good: two years before the last renewal birthday that has passed."""
    for age in CARD_RENEWAL_AGES:
        renewal = anniversary(birth, age)
        if renewal <= as_of:
            return max(FIRST_CHIP_CARDS, anniversary(renewal, -2))
    return FIRST_CHIP_CARDS


def anniversary(day: date, years: int) -> date:
    """The same day `years` later; for 29/02 the 1st of March in common years."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def day_between(first: date, last: date, chance: random.Random) -> date | None:
    """Any day from `first` to `last`, both included; None if there is none."""
    days = (last - first).days
    return first + timedelta(days=chance.randrange(days + 1)) if days >= 0 else None


def working_day_between(first: date, last: date, chance: random.Random) -> date | None:
    """A working day from `first` to `last`, both included; None if there is none."""
    days = working_days(first, last)
    return chance.choice(days) if days else None


def working_days(first: date, last: date) -> Sequence[date]:
    """The days from `first` to `last`, both included, on which offices in Vietnam are open."""
    if last < first:
        return ()
    days = _working_days_of_years(first.year, last.year)
    return days[bisect_left(days, first) : bisect_right(days, last)]


@lru_cache(maxsize=8)
def _working_days_of_years(first_year: int, last_year: int) -> tuple[date, ...]:
    calendar = WorkingCalendar()
    first = date(first_year, 1, 1)
    every = (first + timedelta(days=n) for n in range((date(last_year, 12, 31) - first).days + 1))
    return tuple(day for day in every if calendar.is_working_day(day))
