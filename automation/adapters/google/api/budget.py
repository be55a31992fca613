"""How many requests a minute may go to Google: kept here, so that the quota is never run into.

Google counts reads and writes apart, each 60 a minute for one account (Sheets API usage limits).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

REQUESTS_A_MINUTE = 55
"""Of the 60 that Google allows; the rest is for a clock that runs apart from Google's, and for a look by hand."""
WINDOW_SECONDS = 60.0
LONG_WAIT_SECONDS = 2.0

Waiting = Callable[[float], None]
"""Told the seconds of a wait that somebody at a screen would notice, before it begins."""


@dataclass(frozen=True)
class Throttle:
    """The time that passes between requests, and who is told when it gets long."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    on_wait: Waiting | None = None

    def pause(self, seconds: float) -> None:
        """Wait that long."""
        if seconds > LONG_WAIT_SECONDS and self.on_wait is not None:
            self.on_wait(seconds)
        if seconds > 0:
            self.sleep(seconds)


class Bucket(Enum):
    """What a request is counted as."""

    READ = "read"
    WRITE = "write"


class Budget:
    """At most so many requests of a kind in any minute, whichever threads make them."""

    def __init__(self, throttle: Throttle | None = None, requests_a_minute: int = REQUESTS_A_MINUTE) -> None:
        self._throttle = throttle or Throttle()
        self._lock = threading.Lock()
        self._starts = {bucket: deque[float](maxlen=requests_a_minute) for bucket in Bucket}

    def take(self, bucket: Bucket) -> float:
        """Wait until one more request may go; the seconds that it took."""
        wait = self._reserve(bucket)
        self._throttle.pause(wait)
        return wait

    def _reserve(self, bucket: Bucket) -> float:
        """Book the next free moment; who comes meanwhile books a later one."""
        with self._lock:
            now, starts = self._throttle.clock(), self._starts[bucket]
            is_spent = len(starts) == starts.maxlen
            start = max(now, starts[0] + WINDOW_SECONDS) if is_spent else now
            starts.append(start)
        return start - now
