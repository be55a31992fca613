"""Sixty reads and sixty writes a minute for each user (D)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tests.emulator.faults import quota_refusal

A_MINUTE = 60
LIMIT = 60
LIMITED = ("read", "write")


class Quota:
    """The last minute's requests by user and bucket. Refused requests do not count."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._spent: dict[tuple[str, str], deque[float]] = {}

    def spend(self, who: str, bucket: str) -> None:
        """Raises `Refused` (429) where the bucket is empty."""
        if bucket not in LIMITED:
            return
        now = self._seconds()
        spent = self._spent.setdefault((who, bucket), deque())
        while spent and spent[0] <= now - A_MINUTE:
            spent.popleft()
        if len(spent) >= LIMIT:
            raise quota_refusal(bucket)
        spent.append(now)
