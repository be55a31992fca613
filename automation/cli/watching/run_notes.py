"""What is noted of a cycle that ended, for `tccb status`."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from socket import gethostname

from automation.app.cycle import CycleReport
from automation.base.errors import TccbError
from automation.core.mail.summary_schedule import next_summary_at
from automation.core.model.runs import RunLog, RunRecord


def note_run(log: RunLog, found: CycleReport, started: datetime, *, held_lease: bool) -> None:
    """Note what came of the cycle; where the state cannot be written the cycle counts for all that."""
    settings = found.judged.config.settings if found.judged else None
    run = RunRecord(
        started,
        sum(found.seconds.values()),
        cells=found.cells_written,
        changed=found.changed,
        sent=found.delivery.sent,
        failed=found.delivery.failed,
        reads=found.requests.read,
        writes=found.requests.write,
        rate=found.judged.total.rate if found.judged else None,
        cycle_minutes=settings.cycle_minutes if settings else 0,
        next_summary_at=next_summary_at(settings, started) if settings else None,
        machine=gethostname(),
        held_lease=held_lease,
    )
    with suppress(TccbError):  # the workbook and the mails are done; the log alone is not worth the status
        log.note_run(run, found.problems)
