"""What the doctor asks the machine for, so that tests can answer in its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, field

from automation.adapters.google.api.budget import Throttle
from automation.app.clock import Clock, machine_clock


def free_bytes(folder: Path) -> int:
    """Room left on the disk that `folder` lies on, or will lie on. Raises OSError."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    return shutil.disk_usage(there).free


class Surroundings(Struct, frozen=True):
    """The machine around us."""

    clock: Clock = machine_clock
    """The present that cycles work with; an operator may have set it."""
    machine_clock: Clock = machine_clock
    """The machine's own, which is to be right."""
    free_bytes: Callable[[Path], int] = free_bytes
    throttle: Throttle = field(default_factory=Throttle)
    """The time between requests to Google."""
    smtp_seconds: float = 10.0
    """How long a mail server may take to answer."""
