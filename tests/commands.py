"""The program as people call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct


class Ended(Struct, frozen=True):
    """A run of the program that came to its end."""

    status: int
    stdout: str
    stderr: str


Run: TypeAlias = Callable[..., Ended]
"""Arguments as they are typed, environment by name."""
