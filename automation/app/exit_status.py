"""What the program tells the shell at its end (contract)."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """The status of the process."""

    DONE = 0
    NEEDS_PERSON = 1
    """The work was done as far as possible; something needs a person."""
    CANNOT_START = 2
    PROGRAM_MISTAKE = 3
    INTERRUPTED = 130
    """As shells report a process that Ctrl-C ended."""
