"""Whom a mail really goes to: the people of a unit, or the test address until mails are real."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from hashlib import blake2b
from typing import NamedTuple

from automation.base.messages import text
from automation.core.config.ladder import HR_OFFICE, Rung
from automation.core.config.mail_kinds import ALARM, REDIRECTED
from automation.core.config.registry import FOCAL_PERSON, Role, addresses_of
from automation.core.config.values import Settings
from automation.core.config.working_days import closing_of, next_opening
from automation.core.model.mail import URGENT_RANK, DeliveryTerms, MailRecord, MailState
from automation.core.model.units import Unit
from automation.core.reading.cells import fold
from automation.core.text.moments import local_day


class Rank(IntEnum):
    """In which order mails go where not all of them can; a rung's own strength decides among reminders."""

    AT_ONCE = URGENT_RANK
    SUMMARY = 1
    ADMIN = 2
    BY_HAND = 3
    REMINDER = 10


FRESH_FOR = timedelta(minutes=8)
"""How long a delivery goes on: what mails say is not to be older than ten minutes."""


UNTOLD_FOR = timedelta(hours=1)
"""How long a mail waits for the workbook to be told of it. Where that cannot be written for longer, people are told of
that, and a reminder that comes is worth more than a line."""


class Recipients(NamedTuple):
    """The addresses a mail is meant for."""

    to: tuple[str, ...]
    cc: tuple[str, ...] = ()

    @property
    def everybody(self) -> tuple[str, ...]:
        return self.to + self.cc


def recipients_of(rung: Rung, unit: Unit, settings: Settings) -> Recipients:
    """The addresses behind the words of a rung's `Gửi tới` for one unit.

    A person without a usable address is left out; nobody gets the same mail twice. `to` is empty where nobody
    the mail is for has an address: nothing can be sent until the unit's line in the registry is mended.
    """
    meant = rung.recipients
    to = _distinct(address for each in meant.direct for address in _addresses(each, unit, settings))
    cc = _distinct(address for each in meant.copied for address in _addresses(each, unit, settings))
    return Recipients(to, tuple(address for address in cc if address not in to))


def addressed(recipients: Recipients, settings: Settings) -> Recipients:
    """Safe mode in one place: everything goes to the test address unless the admin has set mails to real."""
    if settings.mail_mode_real:
        return recipients
    instead = settings.test_address or settings.admin_address
    return Recipients((instead,) if instead else ())


def mark_of(address: str) -> str:
    """By which an address is known again without being kept."""
    return blake2b(fold(address).encode(), digest_size=6).hexdigest()


def to_predecessors(record: MailRecord, unit: Unit | None) -> bool:
    """Whether a mail is known to have gone to nobody who is the unit's focal person now."""
    focal = {mark_of(each) for each in addresses_of(unit, FOCAL_PERSON)} if unit else set()
    return bool(focal and record.readers) and focal.isdisjoint(record.readers)


def delivery_terms(settings: Settings, now: datetime, sender: str = "") -> DeliveryTerms:
    """What the configuration asks of a delivery at `now`; mails decided under the other mode are not to go out, and
    outside mail hours only what is urgent. `sender`: in place of the one that it names.
    """
    is_open = next_opening(settings, now) <= now
    closing = closing_of(settings, now)
    return DeliveryTerms(
        settings.mail_mode_real,
        settings.mails_per_day,
        settings.mails_per_connection,
        sender or settings.mail_from,
        until=min(closing, now + FRESH_FOR) if is_open else now + FRESH_FOR,
        urgent_only=not is_open,
    )


def may_go_today(
    due: Sequence[MailRecord], history: Iterable[MailRecord], settings: Settings, now: datetime
) -> Sequence[MailRecord]:
    """Those for which there is room today, in the order they come in, and what waits for no room."""
    room = room_today(history, settings, now)
    return [each for place, each in enumerate(due) if place < room or is_urgent(each, settings)]


def is_urgent(record: MailRecord, settings: Settings) -> bool:
    """Whether it goes at once: at any hour, however many went before it, also where no line of it can be written."""
    return record.kind == REDIRECTED or (record.kind == ALARM and settings.alarms_at_once)


def room_today(history: Iterable[MailRecord], settings: Settings, now: datetime) -> int:
    """How many mails may still go today; what may have arrived takes room too."""
    left = (each.settled_at for each in history if each.state in (MailState.SENT, MailState.UNSURE) and each.settled_at)
    today = local_day(now, settings.zone)
    gone = sum(local_day(moment, settings.zone) == today for moment in left)
    return max(settings.mails_per_day - gone, 0)


def may_wait_to_be_told(record: MailRecord, settings: Settings, now: datetime) -> bool:
    """Whether a mail that is due waits where no line of it could be written; no urgent one does, and none for ever."""
    if is_urgent(record, settings):
        return False
    closing = closing_of(settings, now)
    opened = datetime.combine(closing.date(), settings.mail_hours[0], closing.tzinfo)
    return now < max(opened, record.queued_at or opened) + UNTOLD_FOR


def roles_of(rung: Rung) -> str:
    """Whom the mails of a rung are for, in the words of `Gửi tới`."""
    return roles_text(rung.recipients.direct, rung.recipients.copied)


def roles_text(direct: Iterable[Role], copied: Iterable[Role] = ()) -> str:
    """Whom a mail is for, and who gets a copy."""
    to, cc = ", ".join(direct), ", ".join(copied)
    return text("mails.roles.copied", to=to, cc=cc) if cc else to


def _addresses(role: Role, unit: Unit, settings: Settings) -> tuple[str, ...]:
    return settings.summary_to if role == HR_OFFICE else addresses_of(unit, role)


def _distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))
