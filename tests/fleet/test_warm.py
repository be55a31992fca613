from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import pytest
from msgspec.structs import replace

from automation.fleet.registry import CycleEnd, FleetWorkbook
from automation.fleet.warm import MOST_KEPT, Cycle, WarmWorkbooks, size_of

NEXT = CycleEnd(datetime(2023, 4, 20, 8, 1, tzinfo=UTC), size=1)
BOOK = FleetWorkbook("mot", "mot", "Một", "", worker="me")


class Doors:
    """Notes what is opened, worked on and closed."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.fails = False
        self.meanwhile: Callable[[], object] = lambda: None
        """Happens once, in the next cycle."""

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
            meanwhile, self.meanwhile = self.meanwhile, lambda: None
            meanwhile()
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


@pytest.mark.parametrize(
    "changed", [{"worker": "another"}, {"credentials": "new.json"}, {"address": "elsewhere"}, {"name": "anew"}]
)
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


def turns(doors: Doors, most: int, keys: str) -> list[str]:
    """What is opened and closed while workbooks of one letter and one byte each take their turns."""
    warm = WarmWorkbooks(doors.open, "me", most)
    for key in keys:
        warm.cycle(replace(BOOK, key=key))
    return [each for each in doors.told if not each.startswith("works")]


def test_where_there_is_no_room_for_all_those_that_have_it_stay_open(doors: Doors) -> None:
    opened = turns(doors, 2, "abcabcabc")
    assert opened == ["opens a", "opens b", *["opens c", "closes c"] * 3]


@pytest.mark.parametrize(("sizes", "open_ones"), [((1, 1, 1), "ab"), ((1, 2, 1), "ac"), ((4, 1, 1), "bc")])
def test_room_is_measured_by_what_a_workbook_takes(doors: Doors, sizes: tuple[int, ...], open_ones: str) -> None:
    taken = dict(zip("abc", sizes, strict=True))
    warm = WarmWorkbooks(partial(sized, doors, taken), "me", most=2)
    for key in taken:
        warm.cycle(replace(BOOK, key=key))
    doors.told.clear()
    warm.close()
    assert doors.told == [f"closes {key}" for key in open_ones]


@contextmanager
def sized(doors: Doors, sizes: dict[str, int], workbook: FleetWorkbook) -> Iterator[Cycle]:
    with doors.open(workbook) as cycle:
        yield lambda: replace(cycle(), size=sizes[workbook.key])


def test_a_workbook_keeps_its_place_while_somebody_is_in_its_cycle(doors: Doors) -> None:
    warm = WarmWorkbooks(doors.open, "me", most=1)
    warm.cycle(BOOK)
    doors.meanwhile = partial(warm.cycle, replace(BOOK, key="hai"))
    warm.cycle(BOOK)
    assert [each for each in doors.told if each.startswith("closes")] == ["closes hai"]


def test_who_fails_leaves_its_place_to_others(doors: Doors) -> None:
    warm = WarmWorkbooks(doors.open, "me", most=1)
    warm.cycle(BOOK)
    doors.fails = True
    with pytest.raises(RuntimeError):
        warm.cycle(BOOK)
    doors.fails = False
    doors.told.clear()
    for _ in range(2):
        warm.cycle(replace(BOOK, key="hai"))
    assert doors.told == ["opens hai", "works hai", "works hai"]


def test_what_others_have_taken_on_is_closed_and_leaves_its_place(doors: Doors) -> None:
    warm = WarmWorkbooks(doors.open, "me", most=2)
    for key in ("mot", "hai"):
        warm.cycle(replace(BOOK, key=key))
    warm.let_go({"hai"})
    warm.let_go({"hai", "never seen"})
    warm.cycle(replace(BOOK, key="ba"))
    assert [each for each in doors.told if each.startswith("closes")] == ["closes mot"]


def test_a_province_of_63_workbooks_fits_into_one_process_and_so_do_ten_of_half_a_million_people() -> None:
    assert 63 * size_of(tabs=100, people=2_000) <= MOST_KEPT
    assert 10 * size_of(tabs=100, people=50_000) <= MOST_KEPT
