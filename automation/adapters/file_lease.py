"""The lease of a workbook that is a file: a lock beside it, so that two state folders do not each mail from it.

Every process of one bot shares the lock; another bot puts its name there only while nobody has a share. The system lets
go of a dead process's share at once: there is nothing to wait for and nothing to take over.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from automation.base.errors import CannotStart, HeldElsewhere
from automation.base.messages import text
from automation.base.private_files import NotOurs, open_private
from automation.core.model.lease import Holder
from automation.core.model.ports import RequestCount
from automation.core.reading.shown import visible

try:
    import fcntl
except ImportError:  # where a system has no such locks nobody is kept away
    fcntl = None  # type: ignore[assignment]

_LONGEST_NOTE = 1_000
_TRIES, _PAUSE_SECONDS = 20, 0.05
"""To put a name there takes others a moment."""


class FileLease:
    """The right to write to one file, and to mail from it."""

    requests = RequestCount()
    was_elsewhere = False
    """We have it before we read."""

    def __init__(self, workbook: Path, us: Callable[[], Holder]) -> None:
        """`us`: who we are, asked when that is first needed."""
        place = workbook.expanduser().resolve()
        self._workbook = workbook
        self._path = place.with_name(f".{place.name}.tccb-lock")
        self._us = us
        self._share: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether it is ours."""
        return self._share is not None

    def begin(self) -> None:
        """Have it before the workbook is read: what another bot mailed stands there then. Raises as `ensure`."""
        self.ensure()

    def ensure(self, *, anew: bool = False) -> None:  # noqa: ARG002  # a lock does not run out
        """Have it until `release`. Raises `HeldElsewhere` where another bot has it, `CannotStart` where the lock is
        somebody else's file.
        """
        if self._share is None and fcntl is not None:
            with suppress(OSError), self._opened() as lock:  # nobody can write beside the workbook
                self._share = self._shared(lock)

    def keep(self) -> None:
        """There is nothing to renew."""

    def release(self) -> None:
        """Let go of it; other processes of this bot keep theirs."""
        if self._share is not None:
            os.close(self._share)
            self._share = None

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The lock, closed again unless it became our share."""
        try:
            lock = open_private(self._path)
        except NotOurs:
            raise CannotStart(text("cli.start.lock_foreign", lock=self._path, workbook=self._workbook)) from None
        try:
            yield lock
        finally:
            if self._share != lock:
                os.close(lock)

    def _shared(self, lock: int) -> int:
        us = self._us()
        for _ in range(_TRIES):
            if _locked(lock, fcntl.LOCK_SH):
                if (present := os.pread(lock, _LONGEST_NOTE, 0)) == _note(us):
                    return lock
                if not _locked(lock, fcntl.LOCK_EX):
                    raise self._held_by(present)
                os.truncate(lock, 0)
                os.write(lock, _note(us))
            else:
                time.sleep(_PAUSE_SECONDS)
        raise self._held_by(os.pread(lock, _LONGEST_NOTE, 0))

    def _held_by(self, note: bytes) -> HeldElsewhere:
        host = visible(note.decode(errors="replace").partition(" ")[2])
        return HeldElsewhere(text("cli.start.held_elsewhere", workbook=self._workbook, host=host))


def _note(holder: Holder) -> bytes:
    return f"{holder.owner} {holder.host}".encode()


def _locked(lock: int, how: int) -> bool:
    """Whether we have it now, shared or alone; what we had before is let go of either way."""
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
