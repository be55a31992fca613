"""What a worker writes on standard error: sentences, or one JSON object a line for programs that gather logs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from io import StringIO
from math import ceil
from pathlib import Path
from typing import Protocol

from automation.app.clock import Clock
from automation.app.crash_log import note_mistake, where_noted
from automation.app.cycle import CycleReport
from automation.base.errors import TccbError
from automation.base.messages import text
from automation.cli import report, screens
from automation.core.model.problems import Problem
from automation.core.text.moments import VIET_NAM


class Event(Enum):
    """What a line of the log tells of."""

    STARTED = "started"
    BEGINS_ANEW = "begins_anew"
    """The same worker, without what it had in memory."""
    CYCLE = "cycle"
    PROBLEM = "problem"
    FAILED = "failed"
    """A cycle, or the start, that did not come to its end."""
    WAITING = "waiting"
    SET_ASIDE = "set_aside"
    """A state file that was damaged."""
    STOPPED = "stopped"


class LogLines(Protocol):
    """The log of one worker."""

    def tell(self, event: Event, sentence: str) -> None: ...

    def line(self, event: Event, sentence: str) -> str:
        """What `tell` would write."""
        ...

    def cycle(self, found: CycleReport, began: datetime) -> None:
        """What came of a cycle."""
        ...

    def problems(self, problems: Sequence[Problem]) -> None:
        """Those that are open now, where they are others than before."""
        ...


class SharedLog(LogLines, Protocol):
    """The log of a worker that has several workbooks."""

    def of(self, workbook: str) -> LogLines:
        """The same log, each line with the name of a workbook."""
        ...


def tell_in_words(event: Event, sentence: str) -> None:  # noqa: ARG001
    """A sentence on standard error."""
    _write_line(sentence)


def _write_line(line: str) -> None:
    """Whole, also where cycles of several workbooks tell at the same time. A full disk, or nobody who takes the line,
    costs the line and not the work.
    """
    with suppress(OSError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def tell_error(log: LogLines, folder: Path, error: Exception) -> None:
    """Of a cycle that failed: its sentence, or where in `folder` the note of the mistake lies."""
    is_ours = isinstance(error, TccbError)
    log.tell(Event.FAILED, str(error) if is_ours else where_noted(note_mistake(error, folder, datetime.now(UTC))))


def tell_wait(tell: Callable[[Event, str], None], seconds: float) -> None:
    """That Google has us wait so long."""
    tell(Event.WAITING, text("cli.waiting", seconds=ceil(seconds)))


class SentenceLines:
    """As a person reads them."""

    def __init__(self, workbook: str = "") -> None:
        self._workbook = workbook

    def of(self, workbook: str) -> SentenceLines:
        """See `SharedLog`."""
        return SentenceLines(workbook)

    def tell(self, event: Event, sentence: str) -> None:
        """See `LogLines`."""
        tell_in_words(event, f"{self._workbook}: {sentence}" if self._workbook else sentence)

    def line(self, event: Event, sentence: str) -> str:  # noqa: ARG002
        """See `LogLines`."""
        return sentence

    def cycle(self, found: CycleReport, began: datetime) -> None:
        """See `LogLines`."""
        self.tell(Event.CYCLE, report.one_line(found, began))

    def problems(self, problems: Sequence[Problem]) -> None:
        """See `LogLines`."""
        lines = StringIO()
        report.print_problems(problems, screens.into(lines))
        heading = f"{self._workbook}:\n" if self._workbook else ""
        if problems:
            _write_line(heading + lines.getvalue().rstrip("\n"))


class JsonLines:
    """One object a line. Of a problem it is said where, not what: that may quote an address somebody typed, and logs
    travel further than the workbook; `tccb status` says it.
    """

    def __init__(self, clock: Clock, workbook: str = "") -> None:
        self._clock = clock
        self._named: dict[str, object] = {"workbook": workbook} if workbook else {}

    def of(self, workbook: str) -> JsonLines:
        """See `SharedLog`."""
        return JsonLines(self._clock, workbook)

    def tell(self, event: Event, sentence: str) -> None:
        """See `LogLines`."""
        self._write(event, message=sentence)

    def line(self, event: Event, sentence: str) -> str:
        """See `LogLines`."""
        return self._line(event, message=sentence)

    def cycle(self, found: CycleReport, began: datetime) -> None:
        """See `LogLines`."""
        self._write(
            Event.CYCLE,
            began=began.isoformat(timespec="seconds"),
            seconds=round(sum(found.seconds.values()), 3),
            rate=found.judged.total.rate if found.judged else None,
            changed=found.changed,
            cells_written=found.cells_written,
            requests={"read": found.requests.read, "write": found.requests.write},
            mails={"queued": found.queued, "sent": found.delivery.sent, "failed": found.delivery.failed},
            problems=sum(problem.needs_person for problem in found.problems),
            config_in_force=found.judged is not None,
        )

    def problems(self, problems: Sequence[Problem]) -> None:
        """See `LogLines`."""
        for each in problems:
            self._write(Event.PROBLEM, where=each.where, needs_person=each.needs_person)

    def _write(self, event: Event, **told: object) -> None:
        _write_line(self._line(event, **told))

    def _line(self, event: Event, **told: object) -> str:
        at = self._clock(VIET_NAM).isoformat(timespec="seconds")
        line = {"at": at, "event": event.value, **self._named, **told}
        return json.dumps(line, ensure_ascii=False, allow_nan=False)


def log_lines(form: str, clock: Clock) -> SharedLog:
    """The log in that form: "json", or sentences."""
    return JsonLines(clock) if form == "json" else SentenceLines()
