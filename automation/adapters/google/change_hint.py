"""Whether a read may be left out, because the file has not changed as far as Drive knows.

Drive tells a version that grows with every change, late: it had not moved 14 s after an edit (google-sheets, measured).
So it is a hint and no more: after a change the next minutes read anyway, and so does every fifth minute. Who may not
ask it, because the project has no Drive API or the account no such scope, reads every time, as before.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

from automation.base.errors import TccbError, WorkbookUnavailable

READ_EVERY = 300.0
SETTLES_IN = 120.0
"""How long reads go on after a change, in seconds: whoever edits edits on, and the version lags."""
REFUSED_FOR = 3600.0
OUT_OF_REACH_FOR = 60.0


class ChangeHint:
    """The hint for one file."""

    def __init__(self, ask: Callable[[], str], clock: Callable[[], float], file: str = "") -> None:
        """`ask`: the version; raises TccbError. `file`: its id, so that several do not all read in one minute."""
        self._ask = ask
        self._clock = clock
        self._phase = zlib.crc32(file.encode()) % READ_EVERY
        self._version = ""
        self._silent_until = clock() + SETTLES_IN
        self._read_in = -1.0

    def was_read(self) -> None:
        """The file has been read."""
        self._read_in = self._turn()

    def stands(self) -> bool:
        """Whether the file is as it was read last, so far as is known. Raises nothing."""
        if self._turn() != self._read_in or self._clock() < self._silent_until:
            return False
        try:
            version = self._ask()
        except WorkbookUnavailable:
            self._silent_until = self._clock() + OUT_OF_REACH_FOR
            return False
        except TccbError:
            self._silent_until = self._clock() + REFUSED_FOR
            return False
        if version != self._version:
            self._version, self._silent_until = version, self._clock() + SETTLES_IN
            return False
        return True

    def _turn(self) -> float:
        return (self._clock() + self._phase) // READ_EVERY
