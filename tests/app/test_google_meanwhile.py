"""People edit while we work: no result beside somebody else, no cell of theirs changed, and the next cycle is exact.

Thousands of made-up cycles; in each, people act before or after some of the requests. One seed is one story.
"""

from __future__ import annotations

import random

import pytest

from automation.app.init import set_up
from automation.base.errors import CannotStart, WorkbookUnavailable
from tests.emulator import Emulator
from tests.examples import cross_section
from tests.google_world import (
    UNITS,
    World,
    Worlds,
    some_act,
    some_act_at_init,
    some_act_of_an_admin,
    what_init_adds_again,
)

REQUESTS = 6
"""A cycle that is overtaken twice makes about as many."""


def tell(world: World, rng: random.Random, story: list[str], moment: str, admins: float = 0.0) -> None:
    """Let people do something now; with that chance an admin."""
    name, act = (some_act_of_an_admin if rng.random() < admins else some_act)(rng, world)
    story.append(f"{moment}: {name}")
    world.people_do(act)


def play(worlds: Worlds, emulator: Emulator, seed: int, admins: float = 0.0) -> None:
    """One story; fails with what happened in it. Where `admins` act, the bot has a configuration to fall back on."""
    rng, story = random.Random(seed), list[str]()
    world = worlds.world(rng)
    if admins or rng.random() < 0.5:
        world.cycle()
    if rng.random() < 0.7:
        for _ in range(rng.randint(1, 3)):
            tell(world, rng, story, "before the cycle", admins)
    for number in range(1, REQUESTS):
        if rng.random() < 0.45:
            when, plan = rng.choice([("before", emulator.before), ("after", emulator.after)])
            plan(number, lambda m=f"{when} request {number}": tell(world, rng, story, m, admins))  # type: ignore[misc]
    if rng.random() < 0.2:
        story.append("state folder lost on the way")
        emulator.before(rng.randint(1, 3), world.forget)
    world.cycle()
    emulator.forget_plans()
    look = world.look()
    assert look.results_of_others() == [], f"seed {seed}, {story}"
    assert look.changed_inputs() == [], f"seed {seed}, {story}"
    world.an_hour_passes()
    world.cycle()
    look = world.look()
    assert look.changed_inputs() == [], f"seed {seed}, {story}, one cycle later"
    assert look.unfinished() == [], f"seed {seed}, {story}, one cycle later"


def play_init(worlds: Worlds, emulator: Emulator, seed: int) -> None:
    """People, and admins, act before and during `init`, which adds what they have taken away."""
    rng, story = random.Random(seed), list[str]()
    world = worlds.world(rng)
    world.cycle()

    def act(moment: str) -> None:
        name, done = (some_act_of_an_admin if rng.random() < 0.3 else some_act_at_init)(rng, world)
        story.append(f"{moment}: {name}")
        world.people_do(done)

    for unit in UNITS:
        world.people_do(what_init_adds_again(rng, world, unit))
    for _ in range(rng.randint(0, 2)):
        act("before init")
    for _ in range(rng.randint(1, 4)):
        emulator.before(lambda record: record.bucket == "write", lambda: act("before a write"))
    for number in range(1, REQUESTS + 3):
        if rng.random() < 0.3:
            when, plan = rng.choice([("before", emulator.before), ("after", emulator.after)])
            plan(number, lambda m=f"{when} request {number}": act(m))  # type: ignore[misc]
    try:
        story.append(f"drawn: {set_up(world.book()).drawn}")
    except (CannotStart, WorkbookUnavailable) as error:
        story.append(str(error))
    emulator.forget_plans()
    lost = world.look().lost_to_init()
    assert not lost, f"{lost}, seed {seed}, {story}"
    for _ in range(2):
        world.an_hour_passes()
        world.cycle()
    look = world.look()
    wrong = [*look.lost_to_init(), *look.results_of_others(), *look.unfinished()]
    assert not wrong, f"{wrong}, seed {seed}, {story}, two cycles later"


@pytest.mark.parametrize("seed", cross_section(range(12), 0))
def test_people_who_edit_during_init(worlds: Worlds, emulator: Emulator, seed: int) -> None:
    play_init(worlds, emulator, seed)


@pytest.mark.parametrize("seed", cross_section(range(24), 0))
def test_people_who_edit_meanwhile(worlds: Worlds, emulator: Emulator, seed: int) -> None:
    play(worlds, emulator, seed)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_people_who_edit_meanwhile_thousands_of_times(worlds: Worlds, emulator: Emulator, part: int) -> None:
    for seed in range(1000 * part + 100, 1000 * part + 250):
        play(worlds, emulator, seed)


@pytest.mark.parametrize("seed", cross_section(range(12), 0))
def test_admins_who_edit_meanwhile(worlds: Worlds, emulator: Emulator, seed: int) -> None:
    """The registry sorted, columns inserted in config tabs, statuses renamed, lines of the history deleted."""
    play(worlds, emulator, seed, admins=0.6)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_admins_who_edit_meanwhile_hundreds_of_times(worlds: Worlds, emulator: Emulator, part: int) -> None:
    for seed in range(1000 * part + 100, 1000 * part + 200):
        play(worlds, emulator, seed, admins=0.6)
