"""When Python looks for objects that refer to themselves and to each other, and are of no more use."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Loading modules and deciding leave next to no circles behind, and the collector would look through all that they
    make several times meanwhile: up to a third of the time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.freeze()
            gc.unfreeze()  # into the oldest generation: as young ones, all would be looked through at once
            gc.enable()
