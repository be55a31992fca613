"""When the collector looks, and at what."""

from __future__ import annotations

import gc

from automation.base.collecting import uncollected


def test_what_was_made_meanwhile_is_not_looked_through_at_once() -> None:
    """Switched on again with all of it young, the collector would begin by that: a tenth of a small command."""
    with uncollected():
        made: list[list[int]] = [[] for _ in range(20_000)]
        assert not gc.isenabled()
    oldest = set(map(id, gc.get_objects(generation=2)))
    assert gc.isenabled()
    assert oldest.issuperset(map(id, made))


def test_circles_that_were_made_meanwhile_are_found_later() -> None:
    class Circle:
        found = False

        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            Circle.found = True

    with uncollected():
        Circle()
    gc.collect()
    assert Circle.found
