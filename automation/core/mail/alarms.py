"""Rows that vanish: a unit that loses many of them between two cycles is alarmed, and so is the office.

Deleted by mistake they are a morning's work; deleted on purpose they make a rate rise. Either way somebody should
look while the spreadsheet can still bring them back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from automation.core.config.values import Settings
from automation.core.figures.shared import NO_WORDS, OwnWords
from automation.core.figures.unit import TabPlace
from automation.core.mail.recipients import Recipients, usable_addresses
from automation.core.model.workbook import MailRecord, RowCount, Standing, Unit, UnitRecord

ALARM = "mat-dong"
"""Kind and rung of the mail."""


@dataclass(frozen=True)
class RowLoss:
    """A unit that has far fewer rows of persons than the last time it was read."""

    unit: str
    before: int
    now: int
    read_at: datetime
    """When there were `before` of them."""


@dataclass(frozen=True)
class AlarmFigures:
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
    words: OwnWords = NO_WORDS

    @property
    def gone(self) -> int:
        return self.before - self.now


def row_losses(
    standings: Iterable[Standing], memory: Mapping[str, UnitRecord], settings: Settings
) -> tuple[RowLoss, ...]:
    """The units that lost more than the set share of their rows since they were last read by a cycle that could tell
    of it.

    Rows marked as out of scope are still rows; a unit that cannot be read has lost nothing yet.
    """
    remembered = ((each, _held(memory[each.code])) for each in standings if each.known and each.code in memory)
    return tuple(
        RowLoss(each.code, held.rows, each.rows, held.read_at)
        for each, held in remembered
        if _is_much(held.rows, each.rows, settings)
    )


def _held(record: UnitRecord) -> RowCount:
    return record.untold_loss or RowCount(record.standing.rows, record.read_at)


def with_untold_losses(records: Iterable[UnitRecord], losses: Iterable[RowLoss]) -> tuple[UnitRecord, ...]:
    """The records of a cycle that sends no mails: the next one that does is to find the losses again."""
    held = {loss.unit: RowCount(loss.before, loss.read_at) for loss in losses}
    return tuple(replace(record, untold_loss=held.get(record.code)) for record in records)


def alarm_key(campaign_code: str, loss: RowLoss) -> str:
    """The key under which the mail is queued once: one an event."""
    return f"{campaign_code}/{loss.unit}/{ALARM}/{loss.read_at.isoformat()}"


def alarm_recipients(unit: Unit, settings: Settings) -> Recipients:
    """The unit's focal person with a copy to the office; the office alone where the unit has no address."""
    focal, office = usable_addresses(unit.focal_email), settings.summary_to
    return Recipients(focal, tuple(each for each in office if each not in focal)) if focal else Recipients(office)


def alarms_over(records: Iterable[UnitRecord], settings: Settings, history: Iterable[MailRecord]) -> list[str]:
    """Keys of the alarms that wait while the rows are back again, or the unit has declared its headcount anew."""
    over = {each.code for each in records if not _is_much(each.peak_rows, each.standing.rows, settings)}
    return [
        record.key for record in history if record.kind == ALARM and record.state == "queued" and record.unit in over
    ]


def _is_much(before: int, now: int, settings: Settings) -> bool:
    return (before - now) * 100 > before * settings.alarm_share
