"""Moments and days as the campaign's clocks show them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""Where clocks are read as long as no configuration says otherwise."""


def local_day(moment: datetime, time_zone: str) -> date:
    """The day that calendars in that zone show at the moment."""
    return local(moment, ZoneInfo(time_zone)).date()


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment as clocks in `zone` show it; a naive one is taken to be such already."""
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


MOMENT = "%H:%M %d/%m/%Y"
MOMENT_OF_YEAR = "%H:%M %d/%m"
