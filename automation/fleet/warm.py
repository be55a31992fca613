"""The workbooks that a worker has open: what one cycle leaves for the next is of use as long as nobody else had the
workbook in between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, ExitStack

from msgspec import Struct

from automation.fleet.registry import CycleEnd, FleetWorkbook

MEGABYTE = 1_000_000
MOST_KEPT = 1500 * MEGABYTE
"""What the workbooks that a worker has open may take of its memory, in bytes: about 160 of 100 units × 20 people, or 14
of 100 × 500.
"""
_OF_A_PERSON, _OF_A_TAB = 2_000, 50_000
"""What is kept of each, in bytes (measured)."""
Cycle = Callable[[], CycleEnd]
"""One cycle."""


class _Opened(Struct, frozen=True):
    as_of: tuple[str, ...]
    cycle: Cycle
    stack: ExitStack


class WarmWorkbooks:
    """Opens workbooks and keeps them while there is room. Where there is none it keeps those that it has: turns come
    round, and whoever made room for the latest would let go of each just before its next turn.

    Several threads may ask, each for another workbook.
    """

    def __init__(
        self, opens: Callable[[FleetWorkbook], AbstractContextManager[Cycle]], worker: str, most: int = MOST_KEPT
    ) -> None:
        self._opens = opens
        self._worker = worker
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[str, _Opened] = {}
        """Those in whose cycle nobody is."""
        self._sizes: dict[str, int] = {}
        """Of all that have a place, in whose cycle somebody is or not."""

    def cycle(self, workbook: FleetWorkbook) -> CycleEnd:
        """One cycle. What it raises closes the workbook: the next begins anew."""
        with ExitStack() as stack:
            opened = self._taken(workbook) or self._open(workbook)
            stack.push(opened.stack)
            stack.callback(self._give_room_back, workbook.key)
            end = opened.cycle()
            if self._is_kept(workbook.key, opened, end.size):
                stack.pop_all()
        return end

    def let_go(self, held: Collection[str]) -> None:
        """Of all but these, which others have taken on meanwhile. `held`: by key."""
        with self._lock:
            lost = [self._kept.pop(key) for key in self._kept.keys() - held]
            self._sizes = {key: size for key, size in self._sizes.items() if key in held}
        for each in lost:
            each.stack.close()

    def close(self) -> None:
        """All of them."""
        with self._lock:
            opened, self._kept, self._sizes = list(self._kept.values()), {}, {}
        for each in opened:
            each.stack.close()

    def _taken(self, workbook: FleetWorkbook) -> _Opened | None:
        with self._lock:
            opened = self._kept.pop(workbook.key, None)
        if opened is None or (workbook.worker == self._worker and opened.as_of == _as_of(workbook)):
            return opened
        opened.stack.close()
        return None

    def _open(self, workbook: FleetWorkbook) -> _Opened:
        stack = ExitStack()
        return _Opened(_as_of(workbook), stack.enter_context(self._opens(workbook)), stack)

    def _give_room_back(self, key: str) -> None:
        with self._lock:
            self._sizes.pop(key, None)

    def _is_kept(self, key: str, opened: _Opened, size: int) -> bool:
        with self._lock:
            others = sum(each for other, each in self._sizes.items() if other != key)
            if others + size > self._most:
                return False
            self._kept[key], self._sizes[key] = opened, size
            return True


def size_of(tabs: int, people: int) -> int:
    """What a workbook of so many units' tabs and people in them takes of the memory while it is open, in bytes."""
    return tabs * _OF_A_TAB + people * _OF_A_PERSON


def _as_of(workbook: FleetWorkbook) -> tuple[str, ...]:
    return workbook.address, workbook.credentials, workbook.name
