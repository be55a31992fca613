"""A stop is a stop: SIGTERM and Ctrl-C end the process within five seconds, whatever hangs.

Work that is asked to stop ends at its next safe point. Where it waits for something longer than a while, the wait is
broken off. What does not even let Python run meanwhile (a name that is looked up, a lock of the database) ends with the
process: killed anywhere, the next run goes on where this one ended.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from msgspec import Struct

from automation.app.exit_status import ExitStatus
from automation.base.messages import text
from automation.core.model.ports import Progress

NAP_SECONDS = 0.5
"""How long the worker may not notice a signal; short also so that a machine that slept is noticed soon."""
GRACE_SECONDS = 1.5
"""How long work may go on to its next safe point before its wait is broken off."""
LIMIT_SECONDS = 3.5
"""When the process ends wherever it is; a busy machine may take a second more over it."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_POKE = getattr(signal, "SIGALRM", None)
"""Breaks off a wait for the system; there is none on Windows, where only the limit ends such a wait."""


class StopRequest(Struct):
    """Whether somebody asked the worker to stop. A signal handler may only set a flag, so this is one."""

    signal_number: int | None = None

    @property
    def made(self) -> bool:
        return self.signal_number is not None

    def check(self, *_progress: object) -> None:
        """Raises `Stopped` where a stop was asked for; long work calls this wherever it may safely end.

        Takes what `Progress` takes, so that it can stand where progress is reported.
        """
        if self.made:
            raise Stopped

    def beside(self, progress: Progress | None) -> Progress:
        """Tells of progress, and raises `Stopped` there where a stop was asked for."""

        def told(step: str, done: int, total: int) -> None:
            self.check()
            if progress:
                progress(step, done, total)

        return told

    def sleep(self, seconds: float) -> None:
        """Wait that long. Raises `Stopped` as soon as a stop is asked for."""
        ends_at = time.monotonic() + seconds
        self.check()
        while (left := ends_at - time.monotonic()) > 0:
            time.sleep(min(left, NAP_SECONDS))
            self.check()


class Stopped(BaseException):
    """Work ended because it was asked to; no `except Exception` may swallow that."""


def _stopped() -> str:
    return text("cli.end.stopped")


@contextmanager
def stop_on_signals(
    grace: float = GRACE_SECONDS,
    limit: float = LIMIT_SECONDS,
    *,
    until_told: bool = False,
    last_line: Callable[[], str] = _stopped,
) -> Iterator[StopRequest]:
    """SIGTERM and Ctrl-C ask for a stop; whoever cannot wait and asks again is obeyed at once.

    `grace`, `limit`: seconds after which a wait is broken off, and the process ended. `until_told`: the work goes on
    until SIGTERM comes, which is then its right end. `last_line`: what is said of a process that had to be ended.
    """
    request = StopRequest()

    def ask(number: int, _frame: FrameType | None) -> None:
        request.signal_number = number
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    def break_off(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    handlers = dict.fromkeys(_SIGNALS, ask) | ({_POKE: break_off} if _POKE else {})
    previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        with ended_in_time(grace, limit, until_told=until_told, last_line=last_line):
            yield request
    finally:
        for number, handler in previous.items():
            # One that is still on its way is not to end the process.
            signal.signal(number, signal.SIG_IGN if number == _POKE else handler)


@contextmanager
def ended_in_time(
    grace: float = GRACE_SECONDS,
    limit: float = LIMIT_SECONDS,
    *,
    until_told: bool = False,
    last_line: Callable[[], str] = _stopped,
) -> Iterator[None]:
    """Inside, a thread of its own hears at once of signals that are handled, also where Python cannot answer them, and
    ends the process in the end.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    previous = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(ours, grace, limit, until_told, last_line), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(previous)
        theirs.close()


def _watch(heard: socket.socket, grace: float, limit: float, until_told: bool, last_line: Callable[[], str]) -> None:
    """Until a stop is asked for, or the other end is closed. The number of each signal arrives as a byte."""
    with heard:
        asked = 0
        while asked not in _SIGNALS:
            byte = heard.recv(1)
            if not byte:
                return
            asked = byte[0]
        if _is_closed_within(heard, grace):
            return
        if _POKE and callable(signal.getsignal(_POKE)):
            signal.pthread_kill(threading.main_thread().ident or 0, _POKE)
        if not _is_closed_within(heard, limit - grace):
            ended_well = until_told and asked == signal.SIGTERM
            _leave(ExitStatus.DONE if ended_well else ExitStatus.INTERRUPTED, last_line())


def _is_closed_within(heard: socket.socket, seconds: float) -> bool:
    ends_at = time.monotonic() + seconds
    while (left := ends_at - time.monotonic()) > 0:
        heard.settimeout(left)
        try:
            if not heard.recv(1):
                return True
        except TimeoutError:
            return False
    return False


def _leave(status: ExitStatus, said: str) -> None:
    """The end of the process as after any other stop; nothing of it can be tidied up."""
    os.write(2, f"{said}\n".encode())
    os._exit(status)
