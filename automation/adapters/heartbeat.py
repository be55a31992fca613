"""A sign of life after each cycle, for whoever watches the bot: a file, and an address to ping if one is set."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from automation.base.private_files import write_private

HEARTBEAT_FILE = "heartbeat"
"""Of a state folder."""
PING_SECONDS = 4.0
"""A watchman who does not answer keeps no cycle waiting for longer."""


class Heartbeat:
    """Tells when a cycle begins and how it ended. Whatever goes wrong with that is nobody's trouble: who watches hears
    nothing then, and looks.

    The address is pinged as Healthchecks takes it (healthchecks.io/docs/http_api): as it is for a cycle that ended
    well, with "/start" and "/fail" behind its path for one that begins or failed. Nothing is said of the workbook.
    """

    def __init__(self, folder: Path, address: str = "", seconds: float = PING_SECONDS) -> None:
        self._file = folder / HEARTBEAT_FILE
        self._address = urlsplit(address)
        self._seconds = seconds

    def begun(self) -> None:
        """A cycle begins."""
        self._ping("/start")

    def ended(self, now: datetime, *, well: bool) -> None:
        """It came to its end, or failed."""
        with suppress(OSError):
            said = "ok" if well else "failed"
            write_private(self._file, f"{now.isoformat(timespec='seconds')} {said}\n".encode())
        self._ping("" if well else "/fail")

    def _ping(self, behind: str) -> None:
        if self._address.netloc:
            address = self._address._replace(path=self._address.path.rstrip("/") + behind).geturl()
            # Finding out a name may take longer than any time-out of the request.
            thread = Thread(target=_get, args=(address, self._seconds), daemon=True)
            thread.start()
            thread.join(self._seconds)


def _get(address: str, seconds: float) -> None:
    import requests  # a tenth of a second, which who pings nobody need not wait for

    with suppress(requests.RequestException, OSError, ValueError):
        requests.get(address, timeout=seconds).close()
