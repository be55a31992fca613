"""What waits for the admin: mails that come back, gaps in the registry, problems of the workbook. It goes to the admin
in a mail of its own, so that the summary can be forwarded as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import fields

from automation.core.config.mail_kinds import ADMIN_TASKS, TO_ADMIN
from automation.core.config.registry import FOCAL_PERSON, HEAD, addresses_of
from automation.core.config.values import Config
from automation.core.figures.shared import Judgement
from automation.core.judging.left_over import left_over_problems
from automation.core.model.mail import MailRecord, MailState, in_question
from automation.core.model.problems import Problem
from automation.core.model.units import Standing, Unit, unit_names
from automation.core.text.moments import local
from automation.core.text.vietnamese import sort_key


class RegistryGaps(Struct, frozen=True):
    """Units for which the registry lacks something, by what is missing."""

    focal_person: tuple[str, ...]
    focal_address: tuple[str, ...]
    """No address, or none that a mail could go to."""
    head_address: tuple[str, ...]
    headcount: tuple[str, ...]
    """Neither registered nor declared: the rate is one of the people entered."""

    @property
    def kinds(self) -> int:
        """How many kinds of things are missing."""
        return sum(bool(getattr(self, each.name)) for each in fields(self))


class RefusedMails(Struct, frozen=True):
    """The mails to a unit ("" for those to the office and to the admin) that could not be delivered lately."""

    unit: str
    day: date
    """Of the last one."""
    error: str
    mails: int
    in_doubt: bool = False
    """Whether they may have arrived."""
    to_admin: bool = False


class AdminFigures(Struct, frozen=True):
    """Everything the mail says."""

    campaign: str
    issuer: str
    book: str
    """Name of the workbook."""
    as_of: datetime
    no_units: bool
    """The registry names nobody, so that nothing else can be told."""
    refused_mails: tuple[RefusedMails, ...]
    doubtful_mails: tuple[RefusedMails, ...]
    """Those that may have arrived."""
    registry_gaps: RegistryGaps
    problems: tuple[Problem, ...]
    """Those of the configuration go in a mail of their own."""
    asked: tuple[Problem, ...]
    """What is asked once, and never was in such a mail: whether a unit whose code was changed is the same one."""
    test_recipients: tuple[str, ...] | None

    @property
    def count(self) -> int:
        """How many things wait."""
        return (
            self.no_units
            + len(self.refused_mails)
            + len(self.doubtful_mails)
            + self.registry_gaps.kinds
            + len(self.others)
        )

    @property
    def others(self) -> tuple[Problem, ...]:
        """What is told as a sentence."""
        return (*self.asked, *self.problems)

    @property
    def digest(self) -> str:
        """The same as long as the same things wait, however often a mail came back meanwhile."""
        mails = [(each.unit, each.error) for each in (*self.refused_mails, *self.doubtful_mails)]
        problems = sorted((each.where, each.what) for each in self.problems)
        return _digest(self.no_units, sorted(mails), self.registry_gaps, problems)[:16]

    @property
    def questions(self) -> str:
        """A name for each thing that is asked, by which it is known to have been."""
        return "".join(map(_question, self.asked))


def _question(problem: Problem) -> str:
    return f"?{_digest(problem.where, problem.what)[:12]}"


def _digest(*told: object) -> str:
    return hashlib.sha256(repr(told).encode()).hexdigest()


def admin_figures(
    judged: Judgement, sent: Iterable[MailRecord], book_name: str, real_recipients: tuple[str, ...] = ()
) -> AdminFigures:
    """What waits for the admin as of `judged.now`. `sent`: every mail queued so far."""
    settings, sent = judged.config.settings, list(sent)
    mails = _refused_mails(judged, sent)
    return AdminFigures(
        campaign=settings.campaign,
        issuer=settings.issuer,
        book=book_name,
        as_of=local(judged.now, settings.zone),
        no_units=not judged.config.units,
        refused_mails=tuple(each for each in mails if not each.in_doubt),
        doubtful_mails=tuple(each for each in mails if each.in_doubt),
        registry_gaps=_registry_gaps(judged.config, judged.standings),
        problems=tuple(filter(_is_told_again, judged.problems)),
        asked=tuple(_never_asked(judged, sent)),
        test_recipients=settings.named_on_trial(real_recipients),
    )


def _is_told_again(problem: Problem) -> bool:
    return not (problem.place or problem.told_once or problem.mailed_apart)


def _never_asked(judged: Judgement, sent: Iterable[MailRecord]) -> Iterable[Problem]:
    """What is told once; of what still stands in columns that are switched off there is a mail of its own."""
    asked = " ".join(each.key for each in sent if each.kind == ADMIN_TASKS and each.state is MailState.SENT)
    elsewhere = set(left_over_problems(judged.left_over))
    once = (problem for problem in judged.problems if problem.told_once and problem.to_do and problem not in elsewhere)
    return (problem for problem in once if _question(problem) not in asked)


def _registry_gaps(config: Config, standings: Iterable[Standing]) -> RegistryGaps:
    def missing(lacks: Callable[[Unit], bool]) -> tuple[str, ...]:
        return tuple(sorted((unit.name for unit in config.units if lacks(unit)), key=sort_key))

    unknown = {each.code for each in standings if each.headcount is None}
    return RegistryGaps(
        focal_person=missing(lambda unit: not unit.focal_person.strip()),
        focal_address=missing(lambda unit: not addresses_of(unit, FOCAL_PERSON)),
        head_address=missing(lambda unit: not addresses_of(unit, HEAD)),
        headcount=missing(lambda unit: unit.code in unknown),
    )


def _refused_mails(judged: Judgement, sent: Iterable[MailRecord]) -> tuple[RefusedMails, ...]:
    """Latest first. Who reads this need not be asked whether the last one arrived."""
    names = unit_names(judged.standings)
    told: list[RefusedMails] = []
    for (unit, kind), records in in_question(sent, judged.now.date()).items():
        for in_doubt in (False, True):
            lately = [each for each in records if each.needs_asking is in_doubt]
            if lately and unit in {*names, ""} and not (in_doubt and kind == ADMIN_TASKS):
                last, to_admin = lately[-1], kind in TO_ADMIN
                told.append(RefusedMails(names.get(unit, ""), last.day, last.error, len(lately), in_doubt, to_admin))
    return tuple(sorted(told, key=lambda each: (-each.day.toordinal(), sort_key(each.unit))))
