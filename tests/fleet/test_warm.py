from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from automation.fleet.registry import CycleEnd, FleetWorkbook
from automation.fleet.warm import Cycle, WarmWorkbooks

NEXT = CycleEnd(datetime(2023, 4, 20, 8, 1, tzinfo=UTC))
BOOK = FleetWorkbook("mot", "mot", "Một", "", worker="me")


class Doors:
    """Notes what is opened, worked on and closed."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.fails = False

    @contextmanager
    def open(self, workbook: FleetWorkbook) -> Iterator[Cycle]:
        self.told.append(f"opens {workbook.key}")
        try:
            yield self._cycle(workbook)
        finally:
            self.told.append(f"closes {workbook.key}")

    def _cycle(self, workbook: FleetWorkbook) -> Cycle:
        def cycle() -> CycleEnd:
            self.told.append(f"works {workbook.key}")
            if self.fails:
                raise RuntimeError
            return NEXT

        return cycle


@pytest.fixture
def doors() -> Doors:
    return Doors()


def test_a_workbook_stays_open_as_long_as_nobody_else_has_it(doors: Doors) -> None:
    warm = WarmWorkbooks(doors.open, "me")
    assert [warm.cycle(BOOK), warm.cycle(BOOK)] == [NEXT, NEXT]
    assert doors.told == ["opens mot", "works mot", "works mot"]
    warm.close()
    assert doors.told[-1] == "closes mot"


@pytest.mark.parametrize("changed", [{"worker": "another"}, {"credentials": "new.json"}, {"address": "elsewhere"}])
def test_what_may_be_no_longer_true_is_opened_anew(doors: Doors, changed: dict[str, str]) -> None:
    warm = WarmWorkbooks(doors.open, "me")
    warm.cycle(BOOK)
    warm.cycle(replace(BOOK, **changed))
    assert doors.told == ["opens mot", "works mot", "closes mot", "opens mot", "works mot"]


def test_after_a_cycle_that_failed_the_next_begins_anew(doors: Doors) -> None:
    warm = WarmWorkbooks(doors.open, "me")
    doors.fails = True
    with pytest.raises(RuntimeError):
        warm.cycle(BOOK)
    assert doors.told == ["opens mot", "works mot", "closes mot"]
    doors.fails = False
    assert warm.cycle(BOOK) == NEXT


def test_no_more_are_kept_than_there_is_room_for_and_the_longest_unused_go(doors: Doors) -> None:
    warm = WarmWorkbooks(doors.open, "me", most=2)
    for key in ("mot", "hai", "mot", "ba"):
        warm.cycle(replace(BOOK, key=key))
    assert [each for each in doors.told if each.startswith("closes")] == ["closes hai"]
    warm.close()
    assert [each for each in doors.told if each.startswith("closes")] == ["closes hai", "closes mot", "closes ba"]
