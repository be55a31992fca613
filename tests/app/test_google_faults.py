"""Whatever goes wrong between us and Google: the cycle ends, says so, and the next one repairs."""

from __future__ import annotations

import random
from typing import Any

import pytest

from automation.base.errors import CannotStart, WorkbookUnavailable
from automation.core.config import tabs
from tests.emulator import Emulator, Fault
from tests.emulator.grid import MOST_CELLS
from tests.examples import cross_section
from tests.google_world import IDENTITY, UNITS, World, Worlds, some_act

LONGEST_SECONDS = 900
"""Of the clock that waits are counted on; six attempts of a call, and a few calls."""


def ends(world: World) -> str:
    """How a cycle ends: "done", or the name of our own error; anything else is raised."""
    start = world.time.now
    try:
        report = world.cycle()
    except (CannotStart, WorkbookUnavailable) as error:
        return type(error).__name__
    finally:
        assert world.time.now - start < LONGEST_SECONDS
    return "told" if any(problem.needs_person for problem in report.problems) else "done"


def is_whole(world: World, where: str) -> None:
    look = world.look()
    assert look.results_of_others() == [], where
    assert look.changed_inputs() == [], where


def is_finished(world: World, where: str) -> None:
    look = world.look()
    assert look.unfinished() == [], where
    assert look.changed_inputs() == [], where


FAULTS: list[tuple[Fault, dict[str, Any]]] = [
    (Fault.QUOTA_429, {}),
    (Fault.QUOTA_429, {"retry_after": "7"}),
    (Fault.QUOTA_429_HTML, {}),
    (Fault.INTERNAL_500, {}),
    (Fault.BAD_GATEWAY_502_HTML, {}),
    (Fault.UNAVAILABLE_503, {}),
    (Fault.NOT_FOUND_404, {}),
    (Fault.FORBIDDEN_403, {}),
    (Fault.API_DISABLED_403, {}),
    (Fault.SCOPES_403, {}),
    (Fault.UNAUTHORIZED_401, {}),
    (Fault.RESET_BEFORE, {}),
    (Fault.RESET_AFTER, {}),
    (Fault.TRUNCATED_JSON, {}),
    (Fault.HTML_INSTEAD_OF_JSON, {"applied": False}),
    (Fault.HTML_INSTEAD_OF_JSON, {"applied": True}),
    (Fault.HANG, {"applied": False}),
    (Fault.HANG, {"applied": True}),
]
NAMES = [f"{fault.name}{''.join(f' {key}={value}' for key, value in options.items())}" for fault, options in FAULTS]


IN_EVERY_RUN = (
    "QUOTA_429",
    "FORBIDDEN_403",
    "RESET_AFTER",
    "HANG applied=True",
)
"""One of each kind."""


@pytest.mark.parametrize("name", cross_section(NAMES, *IN_EVERY_RUN))
@pytest.mark.parametrize("times", [pytest.param(1, marks=pytest.mark.slow), 30])
# Whatever meets the first request leaves nothing written: little to find.
@pytest.mark.parametrize("request_number", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_a_fault_ends_in_a_clear_outcome_and_the_next_cycle_repairs(
    worlds: Worlds, emulator: Emulator, name: str, times: int, request_number: int
) -> None:
    fault, options = FAULTS[NAMES.index(name)]
    world = worlds.world(random.Random(7))
    emulator.fail(request_number, fault, times, **options)
    outcome = ends(world)
    emulator.forget_plans()
    where = f"{fault.name} at request {request_number}: {outcome}"
    if times > 6:
        assert outcome != "done", where
    is_whole(world, where)
    assert ends(world) == "done", where
    is_finished(world, where)


@pytest.mark.parametrize(
    "fault", [Fault.RESET_AFTER, Fault.TRUNCATED_JSON, Fault.UNAVAILABLE_503], ids=lambda f: f.name
)
def test_a_write_whose_answer_is_lost_is_not_written_again(worlds: Worlds, emulator: Emulator, fault: Fault) -> None:
    world = worlds.world(random.Random(3), as_drawn=True)
    emulator.fail(lambda record: record.bucket == "write", fault)
    start = len(emulator.journal)
    assert ends(world) == "done"
    writes = [record.status for record in emulator.journal[start:] if record.bucket == "write"]
    # One of results, one of the lines above tables; a first one that was not taken is tried again.
    assert len(writes) == (3 if fault is Fault.UNAVAILABLE_503 else 2)
    is_finished(world, fault.name)


@pytest.mark.parametrize("seed", cross_section(range(12), 0))
def test_faults_and_people_at_once(worlds: Worlds, emulator: Emulator, seed: int) -> None:
    play(worlds, emulator, seed)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_faults_and_people_at_once_hundreds_of_times(worlds: Worlds, emulator: Emulator, part: int) -> None:
    for seed in range(1000 * part + 100, 1000 * part + 200):
        play(worlds, emulator, seed)


def play(worlds: Worlds, emulator: Emulator, seed: int) -> None:
    """A few requests go wrong, a few acts come between; then a cycle in peace."""
    rng, story = random.Random(seed), list[str]()
    world = worlds.world(rng)
    if rng.random() < 0.5:
        world.cycle()
        world.people_do(some_act(rng, world)[1])
    for number in range(1, 7):
        if rng.random() < 0.4:
            (fault, options), times = rng.choice(FAULTS), rng.choice([1, 1, 2, 8])
            story.append(f"{fault.name} x {times} at request {number}")
            emulator.fail(number, fault, times, **options)
        if rng.random() < 0.3:
            emulator.before(number, lambda n=number: _act(world, rng, story, n))  # type: ignore[misc]
    story.append(ends(world))
    emulator.forget_plans()
    where = f"seed {seed}, {story}"  # where Google refuses the repair too, it is the next cycle's
    assert ends(world) in ("done", "told"), where
    world.an_hour_passes()
    world.cycle()
    is_finished(world, where)


def _act(world: World, rng: random.Random, story: list[str], number: int) -> None:
    name, act = some_act(rng, world)
    story.append(f"before request {number}: {name}")
    world.people_do(act)


@pytest.mark.parametrize("unit", UNITS)
def test_a_tab_protected_against_us_keeps_its_results_and_the_others_go_on(worlds: Worlds, unit: str) -> None:
    world = worlds.world(random.Random(1), as_drawn=True)
    protection = {"range": {"sheetId": world.sheet.sheet_id(unit)}, "editors": {"users": ["admin@example.org"]}}
    world.sheet.human.request({"addProtectedRange": {"protectedRange": protection}})
    report = world.cycle()
    assert [problem.where for problem in report.problems if problem.needs_person] == [f"Trang “{unit}”"]
    results = {title: [row[:1] for row in world.sheet.rows(title)[3:4]] for title in UNITS}
    assert [title for title, rows in results.items() if rows in ([[]], [[None]])] == [unit]


def test_a_tab_that_cannot_grow_keeps_its_results_back_and_the_others_go_on(worlds: Worlds) -> None:
    """As where the spreadsheet has all the ten million cells that Google allows."""
    world = worlds.world(random.Random(5))
    sheet = world.sheet.sheet("hai")
    headers = world.sheet.rows("hai")[2]
    first, own = headers.index("Việc cần làm") + 1, headers.index(IDENTITY) + 1
    world.people_do(lambda human: human.delete_columns("hai", own + 1, sheet.column_count))
    world.people_do(lambda human: human.delete_columns("hai", first, own - 1))
    cells = sum(each.row_count * each.column_count for each in world.sheet.book.sheets)
    spare = world.sheet.sheet(tabs.GUIDE)
    rows = (MOST_CELLS - cells) // spare.column_count
    more = {"sheetId": spare.id, "dimension": "ROWS", "length": rows}
    world.people_do(lambda human: human.request({"appendDimension": more}))
    for _ in range(2):
        report = world.cycle()
        assert [problem.where for problem in report.problems if problem.needs_person] == ["Trang “hai”"]
        assert report.requests.write < 12
    assert [len(world.sheet.rows(title)[3]) > first for title in ("mot", "ba")] == [True, True]
    assert world.look().changed_inputs() == []
