"""The mail to the admin about values that stand in columns which are not collected any more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from automation.core.config.mail_kinds import LEFT_OVER
from automation.core.config.values import Settings
from automation.core.judging.left_over import LeftOver, left_over_problems
from automation.core.model.problems import Problem


class LeftOverFigures(Struct, frozen=True):
    """Everything the mail says."""

    campaign: str
    issuer: str
    book: str
    """Name of the workbook."""
    as_of: datetime
    values: int
    """In all those columns together."""
    problems: tuple[Problem, ...]
    """A sentence a column."""
    test_recipients: tuple[str, ...] | None


def left_over_figures(
    found: tuple[LeftOver, ...], settings: Settings, now: datetime, book_name: str, real_recipients: tuple[str, ...]
) -> LeftOverFigures:
    """The figures of the mail as of `now`, in the campaign's zone."""
    return LeftOverFigures(
        campaign=settings.campaign,
        issuer=settings.issuer,
        book=book_name,
        as_of=now,
        values=sum(each.values for each in found),
        problems=tuple(left_over_problems(found)),
        test_recipients=settings.named_on_trial(real_recipients),
    )


def left_over_key(campaign_code: str, found: Iterable[LeftOver]) -> str:
    """The key under which the mail is queued once: the same fields, however many values are still there."""
    digest = hashlib.sha256(repr(sorted(each.field for each in found)).encode()).hexdigest()
    return f"{campaign_code}/{LEFT_OVER}/{digest[:16]}"
