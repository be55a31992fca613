"""Moments as cells hold them."""

from __future__ import annotations

from datetime import datetime

from automation.core.judging.judged import Judged
from automation.core.text.moments import local, to_the_minute


def sheet_moment(moment: datetime, judged: Judged) -> datetime:
    """A moment as cells hold it: the campaign's local time to the minute, without a zone."""
    return to_the_minute(local(moment, judged.config.settings.zone))
