"""A worker that runs for months gives back what it no longer needs."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""As `mallopt(3)` numbers them."""
_LARGE = 64 * 1024


def return_freed_memory() -> None:
    """Let large blocks go back to the system as soon as they are free, where the C library is GNU's; elsewhere nothing.

    Left to itself it raises the size from which it does so with each large block that is freed (`mallopt(3)`), and the
    tables, pictures and archives of each cycle then leave holes in a heap that only grows.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, 2 * _LARGE)


def tidy_up() -> None:
    """Let go of everything that a cycle left: of what refers to itself first, which else outlives some more cycles and
    leaves its holes between what those keep. It takes a moment for each workbook that is open; who has many leaves it.
    """
    gc.collect()
    return_holes()


def return_holes() -> None:
    """Let pages go back that lie free between small blocks in use: a cycle leaves some megabytes of them, and never the
    same. Takes milliseconds (`malloc_trim(3)`).
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
