"""Whom a mail really goes to: the people of a unit, or the test address until mails are real."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from automation.core.config.ladder import HR_OFFICE, Rung
from automation.core.config.registry import FOCAL_PERSON, Role, addresses_of
from automation.core.config.values import Settings
from automation.core.model.mail import DeliveryTerms, MailRecord
from automation.core.model.units import Unit
from automation.core.reading.cells import fold


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


def delivery_terms(settings: Settings, sender: str = "") -> DeliveryTerms:
    """What the configuration asks of a delivery; mails decided under the other mode are not to go out. `sender`: in
    place of the one that it names.
    """
    return DeliveryTerms(
        settings.mail_mode_real,
        settings.mails_per_day,
        settings.mails_per_connection,
        sender or settings.mail_from,
    )


def _addresses(role: Role, unit: Unit, settings: Settings) -> tuple[str, ...]:
    return settings.summary_to if role == HR_OFFICE else addresses_of(unit, role)


def _distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))
