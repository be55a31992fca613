"""What mails of a judged workbook are made of, and a mail before anything of it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Protocol, TypeAlias

from msgspec import Struct

from automation.core.admin.in_force import Refusal
from automation.core.config.values import Settings
from automation.core.figures.forecast import OfficeTime, office_time
from automation.core.figures.history import History, Reading
from automation.core.figures.period import Period
from automation.core.judging.judged import Judged
from automation.core.judging.lists.unreadable import UnreadableTab
from automation.core.judging.row_loss import RowLoss
from automation.core.mail.recipients import Recipients
from automation.core.mail.reminders import of_this_campaign
from automation.core.model.mail import KeptPeople, MailRecord, MailState
from automation.core.model.units import Standing, Unit

Link: TypeAlias = Callable[[str, str], str]
"""(key of a tab, cells in A1 notation) -> the address that opens them; "" where the workbook has none."""


def no_link(_tab: str, _cells: str) -> str:
    """The `Link` of a workbook that is a file."""
    return ""


FullerCopy: TypeAlias = Callable[[str, int], KeptPeople | None]
"""(code of a unit, people in its tab now) -> the newest copy with more people than that; None without one."""


def no_copy(_unit: str, _people: int) -> None:
    """The `FullerCopy` where no copies are kept."""


class Desk(Struct, frozen=True, dict=True):
    """Everything that the mails of a judged workbook are decided by and made of."""

    judged: Judged
    history: History
    sent: Sequence[MailRecord]
    """Every mail queued so far."""
    first_cycle_at: datetime | None
    book_name: str
    """How a mail names the workbook."""
    refusal: Refusal | None = None
    """Why the configuration in the tabs is not the one in force."""
    link: Link = no_link
    fuller_copy: FullerCopy = no_copy
    adopted: Sequence[MailRecord] = ()
    """Those of `sent` of which the workbook alone knows."""
    waiting: Sequence[MailRecord] = ()
    """Those of `sent` that wait and may go now."""
    reached: frozenset[str] = frozenset()
    """Codes of the units to which a mail goes today."""
    without_room: frozenset[str] = frozenset()
    """Codes of the units to which a mail is due that finds no room today."""

    @property
    def settings(self) -> Settings:
        return self.judged.config.settings

    @property
    def today(self) -> date:
        return self.judged.now.date()

    @cached_property
    def earlier(self) -> list[MailRecord]:
        """The mails that count for what is decided now."""
        return of_this_campaign(self.sent, self.settings)

    @property
    def units_waiting(self) -> frozenset[str]:
        """Codes of the units that still wait for a mail when those of now have left."""
        leaving = {each.key for each in self.waiting}
        waiting = (each for each in self.earlier if each.state is MailState.QUEUED and each.key not in leaving)
        return (frozenset(each.unit for each in waiting) | self.without_room) - self.reached

    @cached_property
    def tracks(self) -> Mapping[str, Sequence[Reading]]:
        """Where each unit stood on the days before today."""
        return self.history.tracks(self.today)

    @cached_property
    def time(self) -> OfficeTime:
        """This moment as working time."""
        return office_time(self.settings, self.judged.now, self.history.looks)

    def name_of(self, unit: str) -> str:
        """The name of the unit of that code; "" without one."""
        return self.units[unit].name if unit in self.units else ""

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """Where each unit stands, by code."""
        return {each.code: each for each in self.judged.standings}

    @property
    def units(self) -> Mapping[str, Unit]:
        """The units of the registry by code."""
        return self.judged.config.units_by_code


class Letter(Struct, frozen=True, kw_only=True):
    """A mail that is due: which, why and for whom."""

    key: str
    kind: str
    unit: str = ""
    """Code of the unit, "" for mails to the office."""
    rung: str
    day: date
    recipients: Recipients
    """Those it is meant for, whoever gets it while mails are on trial."""
    about: RowLoss | UnreadableTab | Refusal | Period | None = None
    """What it tells of, where that is neither a unit nor all of them as they stand."""
    why: str = ""
    """What it is sent for (Vietnamese)."""
    roles: str = ""
    """Whom it is meant for, without their names (Vietnamese)."""
    rank: int = 10
    """The lowest go first, see `recipients.Rank`."""


class MailFigures(Protocol):
    """Everything a mail says; what each kind has besides is between its figures and its templates."""

    @property
    def campaign(self) -> str: ...
    @property
    def issuer(self) -> str: ...
    @property
    def test_recipients(self) -> tuple[str, ...] | None: ...


class DecidedMail(Letter, frozen=True, kw_only=True):
    """A mail that is to go, with everything it says; only the texts are still to come."""

    figures: MailFigures
