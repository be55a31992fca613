"""What goes wrong at a point of the first cycle, and how a process dies of it: every matrix of faults begins so."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from tests.patience import HANG_SECONDS


class Fault(Struct, frozen=True):
    """Something that goes wrong at a point of the first cycle."""

    point: str
    what: str
    state_gone: bool = False
    """Whether the state folder is gone when the next cycle begins."""
    clock: timedelta = timedelta()
    """How far the clock is set until then."""

    @property
    def kills(self) -> bool:
        return self.what.startswith("kill")

    def __str__(self) -> str:
        moved = [f"clock {self.clock.total_seconds() / 3600:+.0f} h"] if self.clock else []
        return ", ".join([f"{self.point}: {self.what}", *(["state gone"] if self.state_gone else []), *moved])


def die() -> None:
    """As kill -9: nothing tidies up."""
    os.kill(os.getpid(), signal.SIGKILL)


def exit_code_of(life: Callable[..., object], *arguments: object) -> int | None:
    """How a process of its own ends that does this."""
    process = multiprocessing.get_context("fork").Process(target=life, args=arguments)
    process.start()
    process.join(HANG_SECONDS)
    return process.exitcode
