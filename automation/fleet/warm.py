"""The workbooks that a worker has open: what one cycle leaves for the next is of use as long as nobody else had the
workbook in between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from msgspec import Struct

from automation.fleet.registry import CycleEnd, FleetWorkbook

MOST_OPEN = 32
"""Each keeps its rows in memory."""
Cycle = Callable[[], CycleEnd]
"""One cycle."""


class _Opened(Struct, frozen=True):
    as_of: tuple[str, str]
    cycle: Cycle
    stack: ExitStack


class WarmWorkbooks:
    """Opens workbooks and keeps them, those longest unused for the shortest; several threads may ask, each for another
    workbook.
    """

    def __init__(
        self, opens: Callable[[FleetWorkbook], AbstractContextManager[Cycle]], worker: str, most: int = MOST_OPEN
    ) -> None:
        self._opens = opens
        self._worker = worker
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[str, _Opened] = {}

    def cycle(self, workbook: FleetWorkbook) -> CycleEnd:
        """One cycle. What it raises closes the workbook: the next begins anew."""
        with ExitStack() as stack:
            opened = self._taken(workbook) or self._open(workbook)
            stack.push(opened.stack)
            end = opened.cycle()
            self._keep(workbook, opened)
            stack.pop_all()
        return end

    def close(self) -> None:
        """All of them."""
        with self._lock:
            opened, self._kept = list(self._kept.values()), {}
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

    def _keep(self, workbook: FleetWorkbook, opened: _Opened) -> None:
        with self._lock:
            self._kept[workbook.key] = opened
            surplus = [self._kept.pop(next(iter(self._kept))) for _ in range(len(self._kept) - self._most)]
        for each in surplus:
            each.stack.close()


def _as_of(workbook: FleetWorkbook) -> tuple[str, str]:
    return workbook.address, workbook.credentials
