"""How long each step of a cycle takes, told to whoever watches."""

from __future__ import annotations

import time
from collections.abc import Callable

from automation.base.messages import text
from automation.core.model.ports import Progress


class Stopwatch:
    """Measures steps by name: `with watch("read"): ...`; times of the same name add up in `seconds`."""

    def __init__(self, progress: Progress | None = None, seconds: Callable[[], float] = time.perf_counter) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = seconds
        self._progress = progress
        self._step = ""
        self._start = 0.0

    def __call__(self, step: str) -> Stopwatch:
        self._step = step
        return self

    def __enter__(self) -> None:
        self._start = self._clock()
        if self._progress:
            self._progress(text(f"cycle.step.{self._step}"), 0, 1)

    def __exit__(self, *_exception: object) -> None:
        self.seconds[self._step] = self.seconds.get(self._step, 0.0) + self._clock() - self._start
        if self._progress:
            self._progress(text(f"cycle.step.{self._step}"), 1, 1)
