"""The bot at work: mails that wait, the last cycle, the worker."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from automation.adapters.google.api.budget import REQUESTS_A_MINUTE
from automation.adapters.google.memory import SheetMemory
from automation.adapters.store.sqlite_file import is_held
from automation.adapters.store.store import WORKER_LOCK
from automation.app.crash_log import FILE_NAME
from automation.base.errors import TccbError
from automation.core.config.values import Config
from automation.core.model.mail import MailRecord, MailState, in_question
from automation.core.model.ports import Store
from automation.core.text.moments import MOMENT, VIET_NAM, local
from automation.doctor.findings import Finding, note, ok, refused, trouble, unchecked
from automation.doctor.status import LATE_AFTER_CYCLES
from automation.doctor.surroundings import Surroundings


def examine_writes(memories: Sequence[SheetMemory]) -> Iterator[Finding]:
    """Whether Google took what was last written, and since when it has not."""
    refusing = [memory.refusing_since for memory in memories if memory.refusing_since]
    if refusing:
        since = local(datetime.fromtimestamp(min(refusing), UTC), VIET_NAM)
        yield trouble("work.writes", "refused", count=len(refusing), since=f"{since:{MOMENT}}")
    else:
        yield ok("work.writes")


def examine_work(
    store: Store, state_folder: Path, config: Config | None, surroundings: Surroundings, workbook: str
) -> Iterator[Finding]:
    """What the store remembers of mails and cycles, and whether a worker is there. `workbook`: as it is named."""
    zone = config.settings.zone if config else VIET_NAM
    try:
        mails = store.mail_history()
        ended = [record.read_at for record in store.unit_records().values()]
    except TccbError as error:
        yield refused("work.mails", error)
        yield from unchecked("work.cycle", "work.worker")
    else:
        yield from _mails(mails, surroundings.clock(zone).date())
        yield from _at_work(ended, state_folder, config, surroundings, zone, workbook)
    yield from waiting_time(config)
    yield _mistakes(state_folder / FILE_NAME, zone)


def _mails(mails: list[MailRecord], today: date) -> Iterator[Finding]:
    questions = [mail for found in in_question(mails, today).values() for mail in found]
    failed = [mail for mail in questions if mail.state is MailState.FAILED]
    waiting = [mail for mail in mails if mail.state is MailState.QUEUED]
    tried = [mail for mail in waiting if mail.attempts]
    unsure = [mail for mail in questions if mail.needs_asking]
    if unsure:
        yield trouble("work.mails", "unsure", count=len(unsure), reason=_last_reason(unsure))
    if failed:
        yield trouble("work.mails", "failed", count=len(failed), reason=_last_reason(failed))
    if tried:
        yield note("work.mails", "postponed", count=len(tried), reason=_last_reason(tried))
    if not (failed or tried or unsure):
        sent = sum(mail.state is MailState.SENT for mail in mails)
        yield ok("work.mails", sent=sent, waiting=len(waiting))


def _last_reason(mails: list[MailRecord]) -> str:
    return next((mail.error for mail in reversed(mails) if mail.error), "")


def _at_work(
    ended: Iterable[datetime],
    state_folder: Path,
    config: Config | None,
    surroundings: Surroundings,
    zone: ZoneInfo,
    workbook: str,
) -> Iterator[Finding]:
    last = max((local(moment, zone) for moment in ended), default=None)
    try:
        is_working = is_held(state_folder / WORKER_LOCK)
    except TccbError as error:
        yield refused("work.worker", error)
        return
    yield _cycle(last, surroundings.clock(zone), config, workbook, is_working=is_working)
    yield ok("work.worker", "working") if is_working else note("work.worker", "none", workbook=workbook)


def _cycle(last: datetime | None, now: datetime, config: Config | None, workbook: str, *, is_working: bool) -> Finding:
    if last is None:
        return note("work.cycle", "never", workbook=workbook)
    moment = f"{last:{MOMENT}}"
    minutes = config.settings.cycle_minutes if config else 0
    if is_working and minutes and now - last > timedelta(minutes=LATE_AFTER_CYCLES * minutes):
        return trouble("work.cycle", "late", moment=moment, minutes=minutes)
    return ok("work.cycle", moment=moment)


def waiting_time(config: Config | None) -> Iterator[Finding]:
    """How long what people type waits at most. Each spreadsheet that units have of their own takes a request, and
    Google allows so many a minute.
    """
    if config is None:
        return
    minutes = config.settings.cycle_minutes
    spreadsheets = 1 + len({unit.workbook for unit in config.units if unit.workbook})
    needed = math.ceil(spreadsheets / REQUESTS_A_MINUTE)
    if needed > minutes:
        yield note("work.wait", "quota", minutes=needed, set=minutes, count=spreadsheets, most=REQUESTS_A_MINUTE)
    else:
        yield ok("work.wait", minutes=minutes)


def _mistakes(log: Path, zone: ZoneInfo) -> Finding:
    try:
        noted = datetime.fromtimestamp(log.stat().st_mtime, zone)
    except OSError:
        return ok("work.mistakes")
    return note("work.mistakes", "noted", path=log, moment=f"{noted:{MOMENT}}")
