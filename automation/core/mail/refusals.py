"""The mail to the admin about a configuration that was refused while an earlier one stays in force."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from automation.core.admin.in_force import Refusal
from automation.core.config.mail_kinds import REFUSAL
from automation.core.config.values import Settings
from automation.core.model.mail import MailRecord
from automation.core.model.problems import Problem
from automation.core.text.moments import local

PROBLEMS = 40
"""How many problems the mail lists."""


class RefusalFigures(Struct, frozen=True):
    """Everything the mail says."""

    campaign: str
    issuer: str
    book: str
    """Name of the workbook."""
    as_of: datetime
    since: datetime
    problems: tuple[Problem, ...]
    more: int
    """Problems that are not listed."""
    test_recipients: tuple[str, ...] | None

    @property
    def count(self) -> int:
        """All problems."""
        return len(self.problems) + self.more


def refusal_figures(
    refusal: Refusal, settings: Settings, now: datetime, book_name: str, real_recipients: tuple[str, ...]
) -> RefusalFigures:
    """The figures of the mail as of `now`, moments in the campaign's zone."""
    return RefusalFigures(
        campaign=settings.campaign,
        issuer=settings.issuer,
        book=book_name,
        as_of=now,
        since=local(refusal.since, settings.zone),
        problems=refusal.problems[:PROBLEMS],
        more=max(0, len(refusal.problems) - PROBLEMS),
        test_recipients=settings.named_on_trial(real_recipients),
    )


def refusal_key(campaign_code: str, refusal: Refusal) -> str:
    """The key under which the mail is queued once: the same problems since the tabs were last in order."""
    told = sorted({(problem.where, problem.what) for problem in refusal.problems})
    digest = hashlib.sha256(repr((refusal.last_seen.timestamp(), told)).encode()).hexdigest()
    return f"{campaign_code}/{REFUSAL}/{digest[:16]}"


def refusals_waiting(history: Iterable[MailRecord]) -> Sequence[str]:
    """Keys of the mails about refusals that are still to go out: to be withdrawn once the tabs are in order."""
    return [record.key for record in history if record.kind == REFUSAL and record.waits]
