"""Whether the bot lives and what waits, out of its state folder alone: without the workbook, beside a worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

from automation.adapters.store.sqlite_file import is_held
from automation.adapters.store.store import WORKER_LOCK, DatabaseStore
from automation.core.model.mail import WaitingMails, in_question, waiting_by_reason
from automation.core.model.runs import OpenProblem, RunRecord

RUNS_TOLD = 5
LATE_AFTER_CYCLES = 3
"""So many cycles may be missed before somebody is to look."""
SILENT_AFTER = timedelta(hours=2)
"""Where no worker runs, nor whatever else starts cycles, at least that long; the dashboard turns red after it too."""


class Status(Struct, frozen=True):
    """How the bot stands."""

    state_folder: Path
    is_working: bool
    """Whether a worker runs on this machine."""
    runs: tuple[RunRecord, ...]
    """The last cycles, newest first."""
    waiting: tuple[WaitingMails, ...]
    in_question: int
    """Mails that did not arrive, or may not have."""
    config_since: datetime | None
    """When the configuration in force came into force; None where there is none."""
    problems: tuple[OpenProblem, ...]
    now: datetime

    @property
    def last(self) -> RunRecord | None:
        return self.runs[0] if self.runs else None

    @property
    def next_cycle_at(self) -> datetime | None:
        """When the worker looks again; None where none is known to."""
        if not (self.is_working and self.last and self.last.cycle_minutes):
            return None
        return self.last.started_at + timedelta(minutes=self.last.cycle_minutes)

    @property
    def is_late(self) -> bool:
        """Whether several cycles were missed: by a worker that is there, or since nothing runs."""
        if self.last is None or (self.is_working and not self.last.cycle_minutes):
            return False
        several = LATE_AFTER_CYCLES * timedelta(minutes=self._cycle_minutes)
        return self.now - self.last.started_at > (several if self.is_working else max(several, SILENT_AFTER))

    @property
    def _cycle_minutes(self) -> int:
        """As the last cycle that knew it had it; 0 where none did."""
        return next((each.cycle_minutes for each in self.runs if each.cycle_minutes), 0)

    @property
    def holds_lease(self) -> bool:
        """Whether the spreadsheet is ours: the worker at work had it last time, and keeps it while it waits."""
        return self.is_working and self.last is not None and self.last.held_lease

    @property
    def needs_person(self) -> bool:
        failed = self.last is not None and bool(self.last.trouble)
        return self.is_late or failed or any(each.problem.needs_person for each in self.problems)


def status_of(state_folder: Path, now: datetime, store: DatabaseStore) -> Status:
    """What lies in that folder and its store as of `now`. Raises `TccbError` where that cannot be read."""
    mails, config = store.mail_history(), store.last_config()
    return Status(
        state_folder,
        is_held(state_folder / WORKER_LOCK),
        tuple(store.runs(RUNS_TOLD)),
        tuple(waiting_by_reason(mails)),
        sum(map(len, in_question(mails, now.date()).values())),
        config.in_force_since if config else None,
        tuple(each for each in store.open_problems() if each.problem.to_do),
        now,
    )
