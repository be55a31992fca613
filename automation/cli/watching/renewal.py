"""A worker that runs for months begins anew each night, in the same process: what its memory has become by then goes.

Python gives memory back in large pieces alone, and a day of mails leaves something that is kept in nearly each of them.
Whoever watches sees the same process; everything that has to outlive it lies on disk, as for a worker that was killed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, time

from automation.app.clock import Clock, next_at
from automation.app.environment import read_environment
from automation.app.stopping import Stopped
from automation.base.errors import CannotStart, TccbError
from automation.base.messages import text
from automation.cli.watching.log_lines import Event, LogLines
from automation.core.text.moments import VIET_NAM

NIGHT = time(3)
"""When nobody waits for a mail, and few edit."""
RETRY_SECONDS = 60.0
_BEGUN_ANEW = "TCCB_BEGUN_ANEW"
"""Set by us for ourselves."""


def never() -> bool:
    """Of a worker that does not begin anew."""
    return False


def once_it_is_night(clock: Clock) -> Callable[[], bool]:
    """Says from the next night on that it is time, unless the environment has become one that no worker can use.

    Never where a program can only be begun in a process of its own: whoever waits for the first one would see it end.
    """
    if os.name != "posix":
        return never
    due = next_at(NIGHT, VIET_NAM, clock(UTC))
    return lambda: clock(UTC) >= due and _can_be_read()


def has_begun_anew() -> bool:
    """Whether this process was a worker before."""
    return os.environ.get(_BEGUN_ANEW) == "1"


def begin_anew(log: LogLines, python: str = "") -> None:
    """This program from its beginning, with the arguments it has. Comes back only where the system cannot begin it: the
    interpreter may have been replaced while the worker ran.
    """
    python = python or sys.executable
    log.tell(Event.BEGINS_ANEW, text("cli.worker.begins_anew"))
    try:
        os.execve(python, [python, *sys.orig_argv[1:]], {**os.environ, _BEGUN_ANEW: "1"})
    except OSError:
        log.tell(Event.FAILED, text("cli.worker.cannot_begin_anew", python=python))


def begun_until_it_works(work: Callable[[], None], sleep: Callable[[float], None], log: LogLines) -> None:
    """`work`, begun again a while after each `TccbError`: what cannot be reached where a worker begins anew ends it as
    little as it ends one that works on. Ends where it is told to while it sleeps.
    """
    with suppress(Stopped):
        while True:
            try:
                return work()
            except TccbError as error:
                log.tell(Event.FAILED, str(error))
                sleep(RETRY_SECONDS)


def _can_be_read() -> bool:
    try:
        read_environment()
    except CannotStart:
        return False
    return True
