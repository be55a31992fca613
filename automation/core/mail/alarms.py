"""What a unit is to hear of at once, or once a week: rows that vanish, and a tab that cannot be read.

Rows that vanish: a unit that loses many of them between two cycles is alarmed, and so is the office.

Deleted by mistake they are a morning's work; deleted on purpose they make a rate rise. Either way somebody should
look while the spreadsheet can still bring them back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct

from automation.base.messages import text
from automation.core.config.mail_kinds import ALARM, UNREADABLE
from automation.core.config.registry import FOCAL_PERSON, addresses_of
from automation.core.config.values import Settings
from automation.core.figures.unit import TabPlace
from automation.core.judging.row_loss import RowLoss, is_loss
from automation.core.mail.recipients import Recipients
from automation.core.mail.reminders import mailed_on
from automation.core.model.mail import KeptPeople, MailRecord, MailState, campaign_of
from automation.core.model.units import Unit, UnitRecord


class AlarmFigures(Struct, frozen=True):
    """Everything the mail says."""

    unit: str
    campaign: str
    issuer: str
    as_of: datetime
    before: int
    now: int
    read_at: datetime
    place: TabPlace
    contact: str
    test_recipients: tuple[str, ...] | None
    copy: KeptPeople | None = None
    """What can be had again; `taken_at` local to the campaign. None where no copy has more people than the tab."""

    @property
    def gone(self) -> int:
        return self.before - self.now


_TOLD = (MailState.SENT, MailState.UNSURE)
UNREADABLE_AGAIN = timedelta(days=7)
"""After so long a unit is told anew that its tab cannot be read."""


class UnreadableFigures(Struct, frozen=True):
    """Everything the mail about a tab that cannot be read says."""

    unit: str
    campaign: str
    issuer: str
    as_of: datetime
    what: str
    fix: str
    place: TabPlace
    contact: str
    test_recipients: tuple[str, ...] | None


def unreadable_key(campaign_code: str, unit: str, day: date) -> str:
    """The key under which the mail is queued once a day at most."""
    return f"{campaign_code}/{unit}/{UNREADABLE}/{day.isoformat()}"


def is_to_hear_again(unit: str, earlier: Iterable[MailRecord], settings: Settings, day: date) -> bool:
    """Whether the unit was told of its unreadable tab in none of the last seven days, and of nothing else today: one
    mail a unit a day. What still waits of the ladder is withdrawn while the tab cannot be read.
    """
    zone = settings.zone
    mails = [each for each in earlier if each.unit == unit]
    days = (each.day for each in mails if each.kind == UNREADABLE)
    others = (each for each in mails if each.kind == ALARM or each.state is not MailState.QUEUED)
    return all(day - told >= UNREADABLE_AGAIN for told in days) and all(mailed_on(each, zone) != day for each in others)


def alarm_key(campaign_code: str, loss: RowLoss, again: datetime | None = None) -> str:
    """The key under which the mail is queued once: one an event. `again`: when it was decided anew."""
    anew = f"/{again.isoformat(timespec='seconds')}" if again else ""
    return f"{campaign_code}/{loss.unit}/{ALARM}/{loss.read_at.isoformat()}{anew}"


def why_alarmed(loss: RowLoss) -> str:
    """What the record of mails says of the alarm."""
    return text("mails.why.alarm", rows=loss.before - loss.now)


def was_told(loss: RowLoss, sent: Iterable[MailRecord]) -> bool:
    """Whether the same was told after the look that this loss is told from: our state is a copy of before that mail."""
    why = why_alarmed(loss)
    alarms = (each for each in sent if each.kind == ALARM and each.unit == loss.unit and each.why == why)
    return any(each.queued_at and each.queued_at > loss.read_at for each in alarms if each.state in _TOLD)


def alarm_recipients(unit: Unit, settings: Settings) -> Recipients:
    """The unit's focal person with a copy to the office; the office alone where the unit has no address."""
    focal, office = addresses_of(unit, FOCAL_PERSON), settings.summary_to
    return Recipients(focal, tuple(each for each in office if each not in focal)) if focal else Recipients(office)


def losses_untold(
    records: Iterable[UnitRecord], settings: Settings, history: Iterable[MailRecord]
) -> Iterator[RowLoss]:
    """Losses that hold still and of which nobody would hear any more: their alarm was taken back, for want of an
    address or as the mode of mails changed, or it waits in the other mode. `history`: of all modes, oldest first.
    """
    alarms = (each for each in history if each.kind == ALARM and settings.is_campaign(campaign_of(each.key)))
    latest = {each.unit: each for each in alarms}
    for record in records:
        alarm, standing = latest.get(record.code), record.standing
        if alarm is None or alarm.lost_from is None or not standing.known:
            continue
        if is_loss(record.peak_rows, standing.rows, settings) and _is_of_no_use(alarm, settings):
            yield RowLoss(record.code, alarm.lost_from.rows, standing.rows, alarm.lost_from.read_at)


def _is_of_no_use(alarm: MailRecord, settings: Settings) -> bool:
    is_of_other_mode = alarm.trial is settings.mail_mode_real
    return alarm.waits if is_of_other_mode else alarm.state is MailState.WITHDRAWN


def alarms_over(records: Iterable[UnitRecord], settings: Settings, history: Iterable[MailRecord]) -> list[str]:
    """Keys of the alarms that wait while the rows are back again, or the unit has declared its headcount anew."""
    over = {each.code for each in records if not is_loss(each.peak_rows, each.standing.rows, settings)}
    return [record.key for record in history if record.kind == ALARM and record.waits and record.unit in over]
