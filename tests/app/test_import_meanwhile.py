"""A mailed list is merged into a tab at Google while people sort, insert, move, delete, edit and type in it.

Nobody's cell changes but those that were said, nobody vanishes, nobody comes twice. One seed is one story.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.sheets import connect
from automation.adapters.google.spreadsheets import open_spreadsheets
from automation.app.clock import standing_clock
from automation.app.lists.importing import ImportOutcome, ImportRequest, import_lists
from automation.core.config.identity import CodesOfOneTab
from automation.core.model.workbook import Cell
from tests.emulator import Emulator
from tests.examples import cross_section
from tests.google_world import AT, IDENTITY, World, Worlds

UNIT = "mot"
FILLED = {"Khoa/Phòng": "Khoa Dược", "Điện thoại": "0901234567", "Khó khăn, vướng mắc": "Đổi số điện thoại"}
CODES = {"Khoa/Phòng": "khoa-phong", "Điện thoại": "dien-thoai", "Khó khăn, vướng mắc": "kho-khan"}
NEW = {f"Lý Văn {letter}": f"0790850005{place:02d}" for place, letter in enumerate("ABC")}
COMPUTED = ("Kết quả", "Việc cần làm", "Lỗi cần sửa", "Dữ liệu đã xét")
REQUESTS = 12


@dataclass
class Story:
    """The unit's tab, who stands in it, and what happened."""

    world: World
    rng: random.Random
    people: dict[str, dict[str, Cell]] = field(default_factory=dict)
    """By what tells who a row is, their cells by header: as people left them."""
    told: list[str] = field(default_factory=list)
    typed: int = 0
    gone: list[str] = field(default_factory=list)
    """Numbers of those whose rows were deleted: the list has them, so they may come again."""

    def __post_init__(self) -> None:
        self.people = {mark: row for mark, row in self.rows() if mark}

    # What stands there

    def lines(self) -> list[list[Cell]]:
        return self.world.sheet.entered(UNIT)

    def columns(self) -> dict[str, int]:
        lines = self.lines()
        header = next(line for line in lines if IDENTITY in line)
        return {str(cell): place for place, cell in enumerate(header, start=1) if cell}

    def header_row(self) -> int:
        return next(number for number, line in enumerate(self.lines(), start=1) if IDENTITY in line)

    def rows(self) -> Iterator[tuple[str, dict[str, Cell]]]:
        """What tells who it is ("" of rows that are nobody's yet), and the cells by header."""
        columns, start = self.columns(), self.header_row()
        for line in self.lines()[start:]:
            cells = {name: line[place - 1] if place <= len(line) else None for name, place in columns.items()}
            row = {name: cell or None for name, cell in cells.items() if name not in COMPUTED}
            if any(row.values()):
                yield str(row.pop(IDENTITY) or ""), row

    def row_of(self, mark: str) -> int:
        place = self.columns()[IDENTITY]
        return next(n for n, line in enumerate(self.lines(), 1) if len(line) >= place and line[place - 1] == mark)

    # What people do

    def act(self, moment: str) -> None:
        name = self.rng.choice(list(ACTS))
        self.told.append(f"{moment}: {name}")
        if self.people:
            ACTS[name](self)

    def some_mark(self) -> str:
        return self.rng.choice(sorted(self.people))

    def last(self) -> int:
        return len(self.lines())


def _sort(story: Story) -> None:
    columns = story.columns()
    column = columns[story.rng.choice(["Họ và tên", "Số CCCD", IDENTITY])]
    first = story.header_row() + 1
    story.world.sheet.human.sort_rows(UNIT, column, first, story.last(), story.rng.random() < 0.5)


def _insert_row(story: Story) -> None:
    story.world.sheet.human.insert_rows(UNIT, story.row_of(story.some_mark()), story.rng.choice([1, 3]))


def _insert_above(story: Story) -> None:
    story.world.sheet.human.insert_rows(UNIT, 1, 1)


def _move_row(story: Story) -> None:
    row, before = story.row_of(story.some_mark()), story.row_of(story.some_mark())
    story.world.sheet.human.move_rows(UNIT, row, row, before)


def _delete_row(story: Story) -> None:
    mark = story.some_mark()
    story.world.sheet.human.delete_rows(UNIT, story.row_of(mark))
    story.gone.append(str(story.people.pop(mark)["Số CCCD"]))


def _edit(story: Story) -> None:
    mark, header = story.some_mark(), story.rng.choice(["Khoa/Phòng", "Điện thoại", "Họ và tên", "Ngày cấp thẻ"])
    value = story.rng.choice(["Khoa Nhi", "0912345678", "Ban Thị Hoa"])
    story.world.sheet.human.type(UNIT, story.row_of(mark), story.columns()[header], value)
    story.people[mark][header] = dict(story.rows())[mark][header]  # a number where the cell's format makes it one


def _type_somebody(story: Story) -> None:
    story.typed += 1
    mark, row, columns = f"mới {story.typed}", story.last() + 1, story.columns()
    for header, value in (
        (IDENTITY, mark),
        ("Họ và tên", f"Đỗ Thị {chr(65 + story.typed)}"),
        ("Khoa/Phòng", "Khoa Nhi"),
    ):
        story.world.sheet.human.type(UNIT, row, columns[header], value)
    (_, cells) = next(each for each in story.rows() if each[0] == mark)
    story.people[mark] = cells


def _insert_column(story: Story) -> None:
    story.world.sheet.human.insert_columns(UNIT, story.rng.randint(1, 15), story.rng.choice([1, 2]))


def _move_column(story: Story) -> None:
    places = sorted(story.columns().values())
    column, before = story.rng.choice(places[:15]), story.rng.choice(places[:15])
    story.world.sheet.human.move_columns(UNIT, column, column, before)


ACTS: dict[str, Callable[[Story], None]] = {
    "sort": _sort,
    "insert a row": _insert_row,
    "insert a row above": _insert_above,
    "move a row": _move_row,
    "delete a row": _delete_row,
    "edit": _edit,
    "type somebody": _type_somebody,
    "insert a column": _insert_column,
    "move a column": _move_column,
}


def mailed(story: Story, path: Path) -> Path:
    """The unit's list as it was, everywhere filled in, and three people more."""
    headers = ["Họ và tên", "Ngày sinh", "Số CCCD", *FILLED]
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(headers)
        for row in story.people.values():
            lines.writerow([row["Họ và tên"], "", row["Số CCCD"], *FILLED.values()])
        lines.writerows([name, "1/2/1990", number, *FILLED.values()] for name, number in NEW.items())
    return path


def merge(world: World, path: Path) -> ImportOutcome:
    codes = CodesOfOneTab()
    api = connect(emulator_host=world.emulator.host, throttle=Throttle(world.time.clock, world.time.sleep))
    address = SpreadsheetAddress(world.sheet.id, world.sheet.url)
    book = open_spreadsheets(api, address, world.folder, codes, clock=world.time.clock, pause=world.time.sleep)
    return import_lists(book, world.store, ImportRequest(UNIT, (path,), applies=True), standing_clock(AT), codes)


def wrong_cells(story: Story, outcome: ImportOutcome) -> list[str]:
    """Cells that differ from what people left there, and are not what the list filled in where nothing stood. Who types
    into a cell between our look at it and our write is overwritten, and that is said.
    """
    said = {(cell.name, cell.code) for cell in outcome.written}
    found = {mark: row for mark, row in story.rows() if mark in story.people}
    assert found.keys() == story.people.keys(), story.told
    return [
        f"{mark} {header}: {row.get(header)!r} in place of {wanted!r}"
        for mark, row in found.items()
        for header, wanted in story.people[mark].items()
        if row.get(header) != wanted
        and not (
            row.get(header) == FILLED.get(header) and (wanted is None or (row["Họ và tên"], CODES[header]) in said)
        )
    ]


def new_people(story: Story) -> list[tuple[str, str]]:
    rows = [row for mark, row in story.rows() if mark not in story.people and row["Số CCCD"] not in story.gone]
    return sorted((str(row["Họ và tên"]), str(row["Số CCCD"])) for row in rows)


def told_of(outcome: ImportOutcome, words: str) -> int:
    return sum(words in problem.what for problem in outcome.problems)


def play(worlds: Worlds, emulator: Emulator, path: Path, seed: int) -> int:
    """One story; how many cells or lines a person had to be told of."""
    rng = random.Random(seed)
    world = worlds.world(rng, as_drawn=True)
    story = Story(world, rng)
    file = mailed(story, path)
    for number in range(1, REQUESTS):
        if rng.random() < 0.4:
            when, plan = rng.choice([("before", emulator.before), ("after", emulator.after)])
            plan(number, lambda m=f"{when} request {number}": story.act(m))  # type: ignore[misc]
    if rng.random() < 0.2:
        emulator.before(rng.randint(1, 3), world.forget)
    outcome = merge(world, file)
    emulator.forget_plans()
    lost, shifted = told_of(outcome, "không rõ trước đó"), told_of(outcome, "lệch cột")
    wrong, people = wrong_cells(story, outcome), new_people(story)
    assert len(wrong) <= lost, f"seed {seed}, {story.told}: {wrong}, {outcome.problems}"
    assert len(people) <= len(set(people) & set(NEW.items())) + shifted, f"seed {seed}, {story.told}: {people}"
    assert not outcome.applied or set(people) >= set(NEW.items()), f"seed {seed}, {story.told}: {people}"
    again = merge(world, file)
    assert shifted or again.applied, f"seed {seed}, {story.told}: {again.problems}"
    once_more = merge(world, file)
    assert once_more.plan is not None
    assert (once_more.plan.new, once_more.written) == ((), ()), f"seed {seed}, {story.told}"
    assert len(new_people(story)) <= len(NEW) + shifted, f"seed {seed}, {story.told}"
    return lost + shifted


@pytest.mark.parametrize("seed", cross_section([*range(6), 37, 105, 118, 135, 142, 158], 105))
def test_a_list_is_merged_while_people_edit(worlds: Worlds, emulator: Emulator, tmp_path: Path, seed: int) -> None:
    play(worlds, emulator, tmp_path / "list.csv", seed)
