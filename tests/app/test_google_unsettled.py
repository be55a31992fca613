"""Rows whose results do not hold, however often they are written: they alone stay blank, and the cycle says which."""

from __future__ import annotations

import random
from itertools import count

from automation.app.cycle import CycleReport
from automation.app.keeping import Kept
from automation.core.model.workbook import Cell
from tests.emulator import Emulator
from tests.emulator.journal import Record
from tests.google_world import FIRST, HEADER_ROW, World, Worlds

UNIT = "hai"
SEED = 5
"""Five people in that unit."""
LINES = 1
"""Writes of a first cycle for the lines above config tabs."""


def column_of(world: World, header: str) -> int:
    return world.sheet.rows(UNIT)[HEADER_ROW - 1].index(header) + 1


def results(world: World) -> list[Cell]:
    column = column_of(world, "Kết quả")
    return [world.sheet.cell(UNIT, FIRST + number, column) for number in range(5)]


def named(report: CycleReport) -> list[tuple[str, str]]:
    """Where and in which rows, of each problem about rows that do not settle."""
    found = [each for each in report.problems if each.what.startswith("Dòng ")]
    return [(each.where, each.what.partition(":")[0]) for each in found]


def test_merged_results_leave_the_hidden_one_blank(worlds: Worlds) -> None:
    world = worlds.world(random.Random(SEED), as_drawn=True)
    column = column_of(world, "Kết quả")
    world.people_do(lambda human: human.merge(UNIT, FIRST + 1, column, FIRST + 2, column))
    for _ in range(2):
        report = world.cycle()
        assert named(report) == [(f"Trang “{UNIT}”", f"Dòng {FIRST + 2}")]
        assert [bool(each) for each in results(world)] == [True, True, False, True, True]
    assert world.look().changed_inputs() == []


def test_a_merged_result_is_tried_no_more_that_day(worlds: Worlds) -> None:
    world, kept = worlds.world(random.Random(SEED), as_drawn=True), Kept()
    column = column_of(world, "Kết quả")
    world.people_do(lambda human: human.merge(UNIT, FIRST + 1, column, FIRST + 2, column))
    first = world.cycle(kept)
    assert first.requests.write <= 3 + LINES
    assert named(first) == [(f"Trang “{UNIT}”", f"Dòng {FIRST + 2}")]
    assert world.look().results_of_others() == [], "the row waits for nothing"
    again = world.cycle(kept)
    assert (again.requests.read, again.requests.write) == (1, 0)
    assert named(again) == named(first)
    todo = column_of(world, "Việc cần làm")
    assert [bool(world.sheet.cell(UNIT, FIRST + row, todo)) for row in (1, 2)] == [True, True]
    world.people_do(lambda human: human.type(UNIT, FIRST + 2, column_of(world, "Số CCCD"), "12"))
    assert world.cycle(kept).requests.write > 0, "another result is another try"


def test_a_row_that_changes_with_every_write_stays_blank_alone(worlds: Worlds, emulator: Emulator) -> None:
    """As with =RAND() in a column that people fill in."""
    world = worlds.world(random.Random(SEED), as_drawn=True)
    column, numbers = column_of(world, "Khoa/Phòng"), count(1)

    def recalculate(record: Record) -> None:
        if record.bucket == "write" and record.spreadsheet_id == world.sheet.id:
            value = next(numbers)
            world.people_do(lambda human: human.type(UNIT, FIRST + 3, column, value))

    emulator.before_each(recalculate)
    report = world.cycle()
    assert named(report) == [(f"Trang “{UNIT}”", f"Dòng {FIRST + 3}")]
    assert [bool(each) for each in results(world)] == [True, True, True, False, True]
    assert world.look().results_of_others() == []


def test_the_cells_of_an_overtaken_write_that_stand_are_counted(worlds: Worlds, emulator: Emulator) -> None:
    world = worlds.world(random.Random(SEED), as_drawn=True)
    quiet = world.cycle().cells_written
    other = worlds.world(random.Random(SEED), as_drawn=True)
    column = column_of(other, "Khoa/Phòng")
    emulator.before(2, lambda: other.people_do(lambda human: human.type("mot", FIRST, column, "Phòng Tài vụ")))
    report = other.cycle()
    assert report.requests.write == 2 + LINES
    assert quiet <= report.cells_written <= quiet + 5
