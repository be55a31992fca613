"""How long a cycle waits for spreadsheets of units that do not answer: for each a while, for all of them together no
longer than the others can wait. One that goes on hanging is not asked for a growing while.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from msgspec.structs import asdict

from automation.base.errors import WorkbookUnavailable
from automation.base.messages import text
from automation.base.private_files import write_private
from automation.core.text.moments import VIET_NAM, local

OWN_SECONDS = 30.0
"""For all that a cycle asks of one unit's own spreadsheet, reading and writing; 3,000 people take a few seconds.

The shared spreadsheet gets all the patience there is, for nothing goes on without it. A unit's own that does not answer
is one unit that is unknown, and the others wait no longer for it than this."""
HURRIED_SECONDS = 5.0
"""For each once others have cost too much."""
_FIRST_REST, _LONGEST_REST = 300.0, 3600.0
"""Seconds for which one that hung twice in a row is not asked; each further time twice as long."""
_HANGS_FORGIVEN = 1
_SHARE_LEFT = 0.2
"""Of its time; what fails with less left did not answer in time."""


class Errand(AbstractContextManager[None], Protocol):
    """A time that calls share."""

    @property
    def left(self) -> float: ...
    def shortened(self, seconds: float) -> Errand: ...


class Purse:
    """The time that spreadsheets which do not answer may cost together. What is handed out counts until it is known
    what it was of use for.
    """

    def __init__(self, full: float, most: float) -> None:
        """Beyond `full` seconds each gets a hurried while, beyond `most` none."""
        self._full, self._most = full, most
        self._spent = 0.0
        self._lock = threading.Lock()

    @contextmanager
    def of(self, errand_of: Callable[[float], Errand]) -> Iterator[Errand]:
        """An errand for one spreadsheet; what it took counts where it raises. Raises WorkbookUnavailable where there is
        no time left.
        """
        seconds = self._take()
        errand, lost = errand_of(seconds), seconds
        begins_with = errand.left
        try:
            yield errand
            lost = 0.0
        except BaseException:
            lost = min(seconds, max(begins_with - errand.left, 0.0))
            raise
        finally:
            with self._lock:
                self._spent -= seconds - lost

    def _take(self) -> float:
        with self._lock:
            if self._spent >= self._most:
                raise WorkbookUnavailable(text("google_workbook.own_no_time"))
            seconds = OWN_SECONDS if self._spent < self._full else HURRIED_SECONDS
            self._spent += seconds
            return seconds


def purse_for_reading() -> Purse:
    """Four at a time: a minute and a half at the most."""
    return Purse(240.0, 360.0)


def purse_for_writing() -> Purse:
    """One after another: a minute and a half at the most."""
    return Purse(60.0, 90.0)


class _Silence(Struct, frozen=True):
    """Of one spreadsheet."""

    hangs: int = 0
    """In a row."""
    rests_until: float = 0.0
    """Not asked before."""


class Silences:
    """Which spreadsheets hung, from one cycle to the next; remembered in `file` if there is one."""

    def __init__(self, file: Path | None, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, _Silence] = {}
        if file is not None:
            with suppress(OSError, ValueError, TypeError, AttributeError):
                self._known = {key: _Silence(**value) for key, value in json.loads(file.read_bytes()).items()}

    def told(self, spreadsheet: str) -> str:
        """Why it is not asked now; "" where it is."""
        known = self._known.get(spreadsheet, _Silence())
        if not 0 < known.rests_until - self._clock() <= _LONGEST_REST:  # a clock set back ends every rest
            return ""
        until = local(datetime.fromtimestamp(known.rests_until, UTC), VIET_NAM)
        return text("google_workbook.own_rests", hangs=known.hangs, until=f"{until:%H:%M}")

    @contextmanager
    def noted(self, spreadsheet: str, errand: Errand) -> Iterator[None]:
        """Work with the spreadsheet, for which there is this errand: whether it hangs is noted."""
        had = errand.left
        try:
            yield
        except BaseException:
            if errand.left <= had * _SHARE_LEFT:
                self._hung(spreadsheet)
            raise
        self._answered(spreadsheet)

    def _hung(self, spreadsheet: str) -> None:
        with self._lock:
            hangs = self._known.get(spreadsheet, _Silence()).hangs + 1
            rest = min(_FIRST_REST * 2.0 ** min(hangs - 1 - _HANGS_FORGIVEN, 10), _LONGEST_REST)
            until = self._clock() + rest if hangs > _HANGS_FORGIVEN else 0.0
            self._known[spreadsheet] = _Silence(hangs, until)
            self._keep()

    def _answered(self, spreadsheet: str) -> None:
        with self._lock:
            if self._known.pop(spreadsheet, None):
                self._keep()

    def _keep(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # forgetting costs a while
                content = {key: asdict(value) for key, value in self._known.items()}
                write_private(self._file, json.dumps(content).encode())
