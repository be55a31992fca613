"""What is kept of the bot's cycles, so that whoever asks gets an answer without the workbook. No personal data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from automation.core.model.problems import Problem


class RunRecord(Struct, frozen=True):
    """One cycle, ended."""

    started_at: datetime
    seconds: float
    cells: int = 0
    """Cells written."""
    changed: int = 0
    """Rows of persons whose results changed."""
    sent: int = 0
    failed: int = 0
    """Mails."""
    reads: int = 0
    writes: int = 0
    """Requests of this cycle."""
    rate: float | None = None
    """Per cent of everybody, with one decimal."""
    cycle_minutes: int = 0
    """After how many the worker looks again; 0 where no configuration could be used."""
    next_summary_at: datetime | None = None
    machine: str = ""
    """The name of the machine it ran on; "" where that was not kept."""
    held_lease: bool = False
    """Whether it had the right to write that one bot at a time has (a spreadsheet at Google)."""
    trouble: str = ""
    """What ended it early (Vietnamese); "" where it came to its end."""


class OpenProblem(Struct, frozen=True):
    """A problem that the last cycle found, and when one found it first."""

    problem: Problem
    since: datetime


class RunLog(Protocol):
    """Keeps the last cycles, and the problems that are open."""

    def note_run(self, run: RunRecord, problems: Sequence[Problem] | None) -> None:
        """Keep the record of a cycle. `problems`: those it found; None where it found out nothing, so that those known
        stay open.
        """
        ...

    def runs(self, most: int) -> list[RunRecord]:
        """The last ones, newest first."""
        ...

    def open_problems(self) -> list[OpenProblem]:
        """Those that the last cycle found, the oldest first."""
        ...
