"""Whom a mail really goes to: the people of a unit, or the test address until mails are real."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from automation.core.config.ladder import Recipient, read_recipients
from automation.core.config.values import Rung, Settings
from automation.core.model.mail import DeliveryTerms
from automation.core.model.units import Unit
from automation.core.reading.cells import is_mail_address, split_addresses


class Recipients(NamedTuple):
    """The addresses a mail is meant for."""

    to: tuple[str, ...]
    cc: tuple[str, ...] = ()


class Addressed(NamedTuple):
    """The addresses a mail goes to, and those to name in its banner because it does not go to them."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    banner_recipients: tuple[str, ...]


def recipients_of(rung: Rung, unit: Unit, settings: Settings) -> Recipients:
    """The addresses behind the words of a rung's `Gửi tới` for one unit.

    A person without a usable address is left out; nobody gets the same mail twice. `to` is empty where nobody
    the mail is for has an address: nothing can be sent until the unit's line in the registry is mended.
    """
    meant = read_recipients("; ".join(rung.recipients))
    if isinstance(meant, str):
        return Recipients(())
    to = _distinct(address for each in meant.direct for address in _addresses(each, unit, settings))
    cc = _distinct(address for each in meant.copied for address in _addresses(each, unit, settings))
    return Recipients(to, tuple(address for address in cc if address not in to))


def addressed(recipients: Recipients, settings: Settings) -> Addressed:
    """Safe mode in one place: everything goes to the test address unless the admin has set mails to real."""
    if settings.mail_mode_real:
        return Addressed(recipients.to, recipients.cc, ())
    instead = settings.test_address or settings.admin_address
    return Addressed((instead,) if instead else (), (), recipients.to + recipients.cc)


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


def _addresses(recipient: Recipient, unit: Unit, settings: Settings) -> tuple[str, ...]:
    match recipient:
        case Recipient.FOCAL_PERSON:
            return usable_addresses(unit.focal_email)
        case Recipient.HEAD:
            return usable_addresses(unit.head_email)
        case Recipient.HR_OFFICE:
            return settings.summary_to


def usable_addresses(typed: str) -> tuple[str, ...]:
    """The addresses in a cell of the registry that a mail can go to."""
    return tuple(filter(is_mail_address, split_addresses(typed)))


def _distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))
