"""Moments and days as the campaign's clocks show them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""Where clocks are read as long as no configuration says otherwise."""
MOMENT = "%H:%M %d/%m/%Y"
MOMENT_OF_YEAR = "%H:%M %d/%m"


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The day that calendars in that zone show at the moment."""
    return local(moment, zone).date()


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment as clocks in `zone` show it; a naive one is taken to be such already."""
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def to_the_minute(moment: datetime) -> datetime:
    """The moment as cells hold it: without seconds and without a zone."""
    return moment.replace(second=0, microsecond=0, tzinfo=None)


def moment_text(moment: datetime | None) -> str:
    """The moment as people in Viet Nam read it; "" for None."""
    return f"{local(moment, VIET_NAM):{MOMENT}}" if moment else ""


def moment_for_json(moment: datetime | None) -> str | None:
    """The same moment in ISO 8601."""
    return local(moment, VIET_NAM).isoformat(timespec="seconds") if moment else None
