"""`Lịch gửi`: the reminders still to come, as things stand now: who, when, why, to which addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from automation.core.judging.judged import Judged
from automation.core.mail.recipients import Recipients, recipients_of
from automation.core.mail.reminders import coming_reminders, of_this_campaign
from automation.core.model.mail import MailRecord

DAYS = 14
"""How far ahead the calendar looks."""


class ComingMail(Struct, frozen=True):
    """A mail that goes out at `when` if the unit still stands where it stands now."""

    when: datetime
    """The beginning of mail hours on its day, in the campaign's zone."""
    unit: str
    name: str
    rung: str
    kind: str
    why: str
    recipients: Recipients
    """The real ones; `to` is empty where nobody the mail is for has an address, so that it cannot go."""


def send_calendar(
    judged: Judged, history: Sequence[MailRecord], first_cycle_at: datetime | None, days: int = DAYS
) -> tuple[ComingMail, ...]:
    """The mails to come in the next `days` days, by time and then in the order of the registry.

    `history`: every mail queued so far. The same as long as nobody edits, whatever the time of day.
    """
    config = judged.config
    earlier = of_this_campaign(history, config.settings)
    coming = coming_reminders(
        judged.standings, config.rungs, config.settings, earlier, first_cycle_at, judged.now, days
    )
    opening, zone = config.settings.mail_hours[0], config.settings.zone
    return tuple(
        ComingMail(
            when=datetime.combine(moment.date(), opening, zone),
            unit=due.unit,
            name=config.units_by_code[due.unit].name,
            rung=due.rung.code,
            kind=due.rung.template,
            why=due.why,
            recipients=recipients_of(due.rung, config.units_by_code[due.unit], config.settings),
        )
        for moment, due in coming
    )
