"""Rows that vanish: which unit lost many of them since it was last read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from automation.core.config.values import Settings
from automation.core.model.units import RowCount, Standing, UnitRecord


class RowLoss(Struct, frozen=True):
    """A unit that has far fewer rows of persons than the last time it was read."""

    unit: str
    before: int
    now: int
    read_at: datetime
    """When there were `before` of them."""


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
        if is_loss(held.rows, each.rows, settings)
    )


def _held(record: UnitRecord) -> RowCount:
    return record.untold_loss or RowCount(record.standing.rows, record.read_at)


def with_untold_losses(records: Iterable[UnitRecord], losses: Iterable[RowLoss]) -> tuple[UnitRecord, ...]:
    """The records of a cycle that sends no mails: the next one that does is to find the losses again."""
    held = {loss.unit: RowCount(loss.before, loss.read_at) for loss in losses}
    return tuple(replace(record, untold_loss=held.get(record.code)) for record in records)


def is_loss(before: int, now: int, settings: Settings) -> bool:
    """Whether so many rows less are more than the share that `Cấu hình` sets."""
    return (before - now) * 100 > before * settings.alarm_share
