"""What is kept of files that were put away for the year-end assessment, to tell later whether one is untouched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class FrozenNote(Struct, frozen=True):
    """What the bot keeps of a file that it put away, where nobody who edits the workbook gets at it."""

    sha256: str
    name: str
    """As somebody typed it."""
    file: str
    """Its path when it was put away."""
    frozen_at: datetime


class FreezeLog(Protocol):
    """Keeps these notes for as long as there is any state."""

    def note_frozen(self, note: FrozenNote) -> None: ...

    def frozen_notes(self) -> Sequence[FrozenNote]:
        """The oldest first."""
        ...
