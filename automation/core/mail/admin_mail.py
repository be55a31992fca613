"""When the admin is told of what waits for them: with the summaries, and only where it is not what was told last."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from automation.core.config.mail_kinds import ADMIN_TASKS
from automation.core.figures.admin_tasks import admin_figures
from automation.core.mail.desk import Desk
from automation.core.mail.summary_schedule import is_summary_time
from automation.core.model.mail import MailRecord, MailState
from automation.core.text.moments import local

TOLD_AGAIN_AFTER = timedelta(days=7)
"""What still waits after so long is told of once more."""


def admin_mail_due(desk: Desk) -> str | None:
    """The key of the mail that is due now; None where there is none.

    At most one a day, at the time of the summary and whether or not one goes.
    """
    now = local(desk.judged.now, desk.settings.zone)
    if not is_summary_time(desk.settings, now):
        return None
    figures = admin_figures(desk.judged, desk.earlier, desk.book_name)
    told = [each for each in desk.earlier if each.kind == ADMIN_TASKS and each.state is not MailState.WITHDRAWN]
    last = max(told, key=lambda each: each.day, default=None)
    if not figures.count or (last and now.date() in (last.day, _left_on(last, now))):
        return None
    is_known = last and figures.digest in last.key and now.date() - last.day < TOLD_AGAIN_AFTER
    if is_known and not figures.asked:
        return None
    day = now.date().isoformat()
    return f"{desk.settings.campaign_code}/{ADMIN_TASKS}/{day}/{figures.digest}{figures.questions}"


def _left_on(record: MailRecord, now: datetime) -> date | None:
    """The day it left: it may have waited for the server."""
    return record.settled_at.astimezone(now.tzinfo).date() if record.settled_at else None
