"""How many requests a minute may go to Google: kept here, so that its quota is never run into.

Google counts reads and writes apart, each 60 a minute for one account (Sheets API usage limits).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from msgspec import Struct
from pyrate_limiter import Duration, InMemoryBucket, Rate, RateItem

REQUESTS_A_MINUTE = 55
"""Of the 60 that Google allows; the rest is for a clock that runs apart from Google's, and for a look by hand."""
LONG_WAIT_SECONDS = 2.0

Waiting = Callable[[float], None]
"""Told the seconds of a wait that somebody at a screen would notice, before it begins."""


class Throttle(Struct, frozen=True):
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


class Quota(Protocol):
    """The requests of one account that are booked already, by whoever uses it."""

    def reserve(self, bucket: Bucket) -> float:
        """Book the next free moment; who comes meanwhile books a later one. The seconds until then."""
        ...


class OwnQuota:
    """At most so many requests of a kind in any minute, whichever threads of this process make them."""

    def __init__(self, clock: Callable[[], float], requests_a_minute: int = REQUESTS_A_MINUTE) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        rate = Rate(requests_a_minute, Duration.MINUTE)
        self._requests = {bucket: InMemoryBucket([rate]) for bucket in Bucket}

    def reserve(self, bucket: Bucket) -> float:
        """See `Quota`."""
        with self._lock:
            now, requests = math.ceil(self._clock() * 1000), self._requests[bucket]
            requests.leak(now)
            request = RateItem(bucket.value, now)
            if requests.put(request):
                return 0.0
            wait = requests.waiting(request)
            assert isinstance(wait, int)  # this bucket does not answer later
            requests.put(RateItem(bucket.value, now + wait))
        return wait / 1000


class Budget:
    """Waits until a request may go."""

    def __init__(self, throttle: Throttle | None = None, quota: Quota | None = None) -> None:
        self._throttle = throttle or Throttle()
        self._quota = quota or OwnQuota(self._throttle.clock)

    def take(self, bucket: Bucket) -> float:
        """Wait until one more request may go; the seconds that it took."""
        wait = self._quota.reserve(bucket)
        self._throttle.pause(wait)
        return wait
