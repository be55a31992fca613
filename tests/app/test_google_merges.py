"""Cells that people merged downwards at Google, which values come without: they hold for every row that they cover."""

from __future__ import annotations

import random

import pytest

from automation.app.cycle import CycleReport
from tests.google_world import FIRST, HEADER_ROW, World, Worlds

UNIT = "ba"
PEOPLE = 4


@pytest.fixture
def world(worlds: Worlds) -> World:
    """One unit with four people whose category stands in one merged cell."""
    world = worlds.world(random.Random(5), as_drawn=True)
    column = _column(world)
    rows = [[f"Nguyễn Văn {name}"] for name in ("An", "Bình", "Cường", "Dũng")]
    world.people_do(lambda human: human.clear(UNIT, FIRST, 1, FIRST + 20, column + 20))
    world.people_do(lambda human: human.paste(UNIT, FIRST, _column(world, "Họ và tên"), rows))
    world.people_do(lambda human: human.type(UNIT, FIRST, column, "Viên chức"))
    world.people_do(lambda human: human.merge(UNIT, FIRST, column, FIRST + PEOPLE - 1, column))
    world.forget()
    return world


def _column(world: World, header: str = "Đối tượng") -> int:
    return world.sheet.rows(UNIT)[HEADER_ROW - 1].index(header) + 1


def categories(report: CycleReport) -> dict[int, object]:
    """What everybody's row is read as."""
    assert report.judged is not None
    people = report.judged.people
    of_unit = people[people["unit"] == UNIT]
    return dict(zip(of_unit["row"], of_unit["category"], strict=True))


def test_a_merged_cell_holds_for_every_row_and_is_named_once(world: World) -> None:
    report = world.cycle()
    assert categories(report) == dict.fromkeys(range(FIRST, FIRST + PEOPLE), "Viên chức")
    assert report.judged is not None
    assert sum("gộp ô" in f"{each.what} {each.fix}" for each in report.judged.problems) == 1
    assert world.look().changed_inputs() == []
    quiet = world.cycle()
    assert categories(quiet) == categories(report)
    assert (quiet.requests.read, quiet.requests.write) == (1, 0)


def test_rows_that_moved_are_looked_at_again_and_nobody_gets_anothers_value(world: World) -> None:
    world.cycle()
    world.people_do(lambda human: human.insert_rows(UNIT, FIRST, 2))
    name = _column(world, "Họ và tên")
    world.people_do(lambda human: human.type(UNIT, FIRST, name, "Trần Thị Mới"))
    found = categories(world.cycle())
    assert found == {FIRST: "", **dict.fromkeys(range(FIRST + 2, FIRST + 2 + PEOPLE), "Viên chức")}
    assert categories(world.cycle()) == found
