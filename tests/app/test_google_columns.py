"""Columns of results are found by their identity: what that costs, and what becomes of one that is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest

from automation.app.init import set_up
from automation.core.admin.state_lines import is_explanation
from automation.core.config import tabs
from automation.core.judging.locating import is_unit_line
from automation.core.model.ports import RequestCount
from automation.core.model.workbook import Cell, cell_name
from tests.emulator import Emulator, Fault, Human
from tests.examples import cross_section
from tests.google_world import FIRST, HEADER_ROW, World, Worlds

UNIT = "hai"
RESULTS = ("Kết quả", "Việc cần làm", "Lỗi cần sửa", "Dữ liệu đã xét")


@pytest.fixture
def world(worlds: Worlds) -> World:
    """A spreadsheet with people in it whose results stand."""
    world = worlds.world(random.Random(5))
    world.cycle()
    return world


def column_of(world: World, header: str) -> int:
    return world.sheet.rows(UNIT)[HEADER_ROW - 1].index(header) + 1


def results(world: World, header: str) -> list[object]:
    """The column of that header, wherever it stands."""
    rows = range(FIRST, len(world.sheet.rows(UNIT)) + 1)
    return [world.sheet.cell(UNIT, row, column_of(world, header)) for row in rows]


def journal(world: World) -> str:
    """All that is told there."""
    return "\n".join(": ".join(map(str, row)) for row in world.sheet.rows(tabs.JOURNAL))


def read_and_written(count: RequestCount) -> tuple[int, int]:
    return count.read, count.write


def test_an_edit_costs_two_reads_and_a_write_and_a_quiet_cycle_one_read(world: World) -> None:
    assert read_and_written(world.cycle().requests) == (1, 0)
    world.people_do(lambda human: human.type(UNIT, FIRST, column_of(world, "Họ và tên"), "Trần Thị Mới"))
    assert read_and_written(world.cycle().requests) == (2, 1)
    assert read_and_written(world.cycle().requests) == (1, 0)


def test_a_tab_that_is_missing_costs_one_look_at_the_tabs_a_cycle_and_is_found_at_once(world: World) -> None:
    """A unit may be without its tab for weeks."""
    kept = [row for row in world.sheet.rows(UNIT)[HEADER_ROW - 1 :] if row]
    world.people_do(lambda human: human.delete_tab(UNIT))
    world.cycle()
    assert read_and_written(world.cycle().requests) == (2, 0)
    world.people_do(lambda human: human.add_tab(UNIT, [[], [], *kept]))
    world.cycle()
    assert any(results(world, RESULTS[0]))


@pytest.mark.parametrize("header", [RESULTS[0], *(pytest.param(each, marks=pytest.mark.slow) for each in RESULTS[1:])])
def test_a_column_of_results_that_was_deleted_comes_back_with_what_it_showed(world: World, header: str) -> None:
    before, hidden = [results(world, each) for each in RESULTS], header == RESULTS[-1]
    nothing_to_write = not any(results(world, header))
    world.people_do(lambda human: human.delete_columns(UNIT, column_of(world, header)))
    report = world.cycle()
    # Line 1, which stood in the first of them, begins in a column of people's then, and is a write of its own.
    written = 3 if header == RESULTS[0] else 2
    assert read_and_written(report.requests) == ((2, 1) if nothing_to_write else (3, written))
    assert [results(world, each) for each in RESULTS] == before
    assert world.sheet.is_hidden(UNIT, column=column_of(world, header)) == hidden
    assert world.look().changed_inputs() == []
    told = f"“{UNIT}”: Trang thiếu cột kết quả: hệ thống thêm lại “{header}” ở bên phải."
    assert (told in journal(world)) == (not nothing_to_write)
    assert read_and_written(world.cycle().requests) == (1, 0)


@pytest.mark.parametrize("header", [RESULTS[0], *(pytest.param(each, marks=pytest.mark.slow) for each in RESULTS[1:])])
def test_a_column_that_somebody_renamed_is_theirs_and_another_one_comes(world: World, header: str) -> None:
    place = column_of(world, header)
    world.people_do(lambda human: human.type(UNIT, HEADER_ROW, place, "Cột của khoa"))
    theirs = [row[place - 1 : place] for row in world.sheet.rows(UNIT)[2:]]
    world.cycle()
    assert column_of(world, header) != place
    assert [row[place - 1 : place] for row in world.sheet.rows(UNIT)[2:]] == theirs


@pytest.mark.parametrize("other", ["Tên nhân viên ABC", "Ngày vào ngành"])
def test_init_does_not_double_a_required_column_by_quite_another_name(world: World, other: str) -> None:
    place = column_of(world, "Họ và tên")
    world.people_do(lambda human: human.type(UNIT, HEADER_ROW, place, other))
    before = world.sheet.rows(UNIT)[HEADER_ROW - 1 :]
    told = [each for each in set_up(world.book()).problems if f"“{UNIT}”" in each.where]
    assert world.sheet.rows(UNIT)[HEADER_ROW - 1 :] == before
    assert [cell_name(HEADER_ROW, place) in each.fix and each.needs_person for each in told] == [True]


def test_a_header_that_a_write_met_because_rows_had_moved_comes_back(worlds: Worlds, emulator: Emulator) -> None:
    """Three lines are inserted above everything in the very second of the first write."""
    world = worlds.world(random.Random(5))
    emulator.before(2, lambda: world.people_do(lambda human: human.insert_rows(UNIT, 1, 3)))
    world.cycle()
    headers = world.sheet.rows(UNIT)[HEADER_ROW - 1 + 3]
    assert [header for header in RESULTS if header not in headers] == []
    assert [row for row in world.sheet.rows(UNIT)[1:3] if row] == []
    look = world.look()
    assert (look.results_of_others(), look.changed_inputs(), look.unfinished()) == ([], [], [])


def test_figures_that_a_write_left_above_the_registry_go(worlds: Worlds, emulator: Emulator) -> None:
    world = worlds.world(random.Random(5))
    emulator.before(2, lambda: world.people_do(lambda human: human.insert_rows(tabs.REGISTRY, 2, 2)))
    world.cycle()
    rows = world.sheet.rows(tabs.REGISTRY)
    header = next(number for number, row in enumerate(rows) if "Mã" in row)
    assert header > 2
    figures = [rows[header].index(each) for each in tabs.REGISTRY_COMPUTED]
    above = [row[place : place + 1] for row in rows[:header] for place in figures]
    assert [cell for cell in above if cell not in ([], [None])] == []
    assert (world.look().changed_inputs(), read_and_written(world.cycle().requests)) == ([], (1, 0))


def test_a_config_tab_says_once_whether_it_counts_though_a_line_came_above(worlds: Worlds, emulator: Emulator) -> None:
    """What a write left one line too high said one thing, and the line in its place another, for good."""
    world = worlds.world(random.Random(5))
    world.cycle()
    world.people_do(lambda human: human.type(tabs.RULES, 4, 2, "Lung tung"))
    emulator.before(2, lambda: world.people_do(lambda human: human.insert_rows(tabs.RULES, 1)))
    world.cycle()
    lines = [str(row[0]) for row in world.sheet.rows(tabs.RULES)[:6] if row and is_explanation(tabs.RULES, row[0])]
    assert [line.partition(",")[0] for line in lines] == ["Tình trạng: 1 lỗi"]
    assert read_and_written(world.cycle().requests) == (1, 0)


def test_a_header_that_init_adds_meets_no_column_that_moved_in_that_second(world: World, emulator: Emulator) -> None:
    world.people_do(lambda human: human.delete_columns(UNIT, column_of(world, "Điện thoại")))
    last = max(map(len, world.sheet.rows(UNIT)))
    act = partial(world.people_do, lambda human: human.insert_columns(UNIT, last))
    emulator.before(lambda record: record.kind == ":batchUpdate", act)
    set_up(world.book())
    set_up(world.book())  # what was not written beside what moved is written now
    headers = [header for header in world.sheet.rows(UNIT)[HEADER_ROW - 1] if header]
    missing = [header for header in world.twin.rows(UNIT)[HEADER_ROW - 1] if header and header not in headers]
    assert (missing, headers.count("Điện thoại")) == ([], 1)
    written = emulator.count("write")
    set_up(world.book())
    assert emulator.count("write") == written


LIST = ["STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Điện thoại", "Đối tượng", "Thẻ CCCD gắn chíp"]
"""As a unit keeps it that never heard of accounts."""


@pytest.mark.parametrize("above", [[], [["DANH SÁCH"], []]], ids=["headers first of all", "below a title"])
def test_a_list_in_a_units_own_spreadsheet_gets_what_it_lacks_at_its_right(
    world: World, emulator: Emulator, above: list[list[str]]
) -> None:
    people = [[n, f"Trần Văn {name}", "02/03/1990", None, f"07908500012{n}"] for n, name in enumerate("ABCD")]
    own = emulator.new_spreadsheet({UNIT: [*above, LIST, *people]})
    registry = world.sheet.rows(tabs.REGISTRY)
    column = next(row.index("Bảng tính") + 1 for row in registry if "Bảng tính" in row)
    line = next(number for number, row in enumerate(registry, start=1) if row and row[0] == UNIT)
    world.sheet.human.type(tabs.REGISTRY, line, column, own.url)
    before = own.rows(UNIT)
    for _ in range(2):
        set_up(world.book())
    found = own.rows(UNIT)
    cells = ((row, column, cell) for row, each in enumerate(before, 1) for column, cell in enumerate(each, 1))
    assert [(row, column) for row, column, cell in cells if cell and own.cell(UNIT, row, column) != cell] == []
    typed = range(len(above) + 2, len(before) + 1)
    assert not any(own.cell(UNIT, row, column) for row in typed for column in range(6, len(LIST) + 1))
    headers = found[len(above)][len(LIST) :]
    assert [headers.count(each) for each in ("Mức tài khoản", "Tình trạng tài khoản", "Kết quả")] == [1, 1, 1]


# --- columns of people's under our headers ----------------------------------------------------------------


@pytest.mark.parametrize("first_of_all", cross_section(["cycle", "init"], "init"))
def test_a_column_of_the_admins_under_a_header_of_figures_stays_theirs(world: World, first_of_all: str) -> None:
    header = tabs.REGISTRY_COMPUTED[0]
    line = next(number for number, row in enumerate(world.sheet.rows(tabs.REGISTRY), start=1) if header in row)
    world.people_do(lambda human: human.insert_columns(tabs.REGISTRY, 3))
    world.people_do(lambda human: human.paste(tabs.REGISTRY, line, 3, [[header], ["của tôi"], ["của tôi"]]))
    world.cycle()
    assert [world.sheet.cell(tabs.REGISTRY, row, 3) for row in (line + 1, line + 2)] == ["của tôi"] * 2
    ours = world.sheet.rows(tabs.REGISTRY)[line - 1].index(header, 3) + 1
    before = world.sheet.cell(tabs.REGISTRY, line + 1, ours)
    world.people_do(lambda human: human.delete_columns(tabs.REGISTRY, ours))
    if first_of_all == "init":
        set_up(world.book())
    world.cycle()
    assert [world.sheet.cell(tabs.REGISTRY, row, 3) for row in (line + 1, line + 2)] == ["của tôi"] * 2
    again = world.sheet.rows(tabs.REGISTRY)[line - 1].index(header, 3) + 1
    assert world.sheet.cell(tabs.REGISTRY, line + 1, again) == before
    assert read_and_written(world.cycle().requests) == (1, 0)


def test_a_column_of_the_admins_headed_as_marks_stays_theirs(world: World) -> None:
    line = next(number for number, row in enumerate(world.sheet.rows(tabs.RULES), start=1) if "Mã" in row)
    words = [[tabs.CONFIG_MARKS], ["hỏi lại"], ["đã hỏi"]]
    world.people_do(lambda human: human.insert_columns(tabs.RULES, 2))
    world.people_do(lambda human: human.paste(tabs.RULES, line, 2, words))
    world.people_do(lambda human: human.type(tabs.RULES, line + 1, 3, "Lung tung"))
    for step in (world.cycle, partial(set_up, world.book()), world.cycle):
        step()
        assert [[world.sheet.cell(tabs.RULES, line + each, 2)] for each in range(3)] == words
    assert "Lung tung" in str(world.sheet.rows(tabs.RULES)[line][-1])
    assert read_and_written(world.cycle().requests) == (1, 0)


def test_a_renamed_column_of_figures_stays_theirs_though_another_lost_its_header(world: World) -> None:
    *_, reminded, notes = tabs.REGISTRY_COMPUTED
    rows = world.sheet.rows(tabs.REGISTRY)
    line = next(number for number, row in enumerate(rows, start=1) if notes in row)
    first, second = (rows[line - 1].index(each) + 1 for each in (reminded, notes))
    words = [["Ý kiến"], ["gọi lại"], ["đã gọi"]]
    world.people_do(lambda human: human.paste(tabs.REGISTRY, line, second, words))
    world.cycle()
    world.people_do(lambda human: human.type(tabs.REGISTRY, line, first, None))
    world.cycle()
    assert [[world.sheet.cell(tabs.REGISTRY, line + each, second)] for each in range(3)] == words
    assert world.sheet.cell(tabs.REGISTRY, line, first) == reminded


def test_a_column_of_figures_that_was_deleted_comes_back(world: World) -> None:
    header, *_ = tabs.REGISTRY_COMPUTED

    def place() -> tuple[int, int]:
        rows = world.sheet.rows(tabs.REGISTRY)
        return next((number, row.index(header) + 1) for number, row in enumerate(rows, start=1) if header in row)

    line, column = place()
    before = world.sheet.cell(tabs.REGISTRY, line + 1, column)
    world.people_do(lambda human: human.delete_columns(tabs.REGISTRY, column))
    world.cycle()
    line, column = place()
    assert world.sheet.cell(tabs.REGISTRY, line + 1, column) == before
    assert read_and_written(world.cycle().requests) == (1, 0)


def test_an_own_column_headed_as_results_stays_theirs_where_ours_is_deleted(world: World) -> None:
    place = column_of(world, RESULTS[0])
    theirs, ours = (cell_name(HEADER_ROW, each) for each in (place, place + 1))
    world.people_do(lambda human: human.insert_columns(UNIT, place))
    world.people_do(lambda human: human.paste(UNIT, HEADER_ROW, place, [[RESULTS[0]], ["Đạt"], ["Không đạt"]]))
    told = [problem.what for problem in world.cycle().problems]
    assert any(f"ô {ours} và ô {theirs}; đang đọc cột ở ô {ours}" in each for each in told)
    world.people_do(lambda human: human.delete_columns(UNIT, place + 1))
    told = [problem.what for problem in world.cycle().problems]
    assert any(f"chưa ghi vào cột “{RESULTS[0]}” (ô {theirs})" in each for each in told)
    assert [world.sheet.cell(UNIT, row, place) for row in (FIRST, FIRST + 1)] == ["Đạt", "Không đạt"]


@pytest.mark.parametrize(
    ("title", "line", "header"), [(UNIT, HEADER_ROW, RESULTS[1]), (tabs.REGISTRY, 3, "Hoàn thành")]
)
def test_an_own_column_left_of_ours_stays_theirs_through_init(world: World, title: str, line: int, header: str) -> None:
    """`init` made the first of that header known as ours, and the next cycle wrote there."""
    place, words = world.sheet.rows(title)[line - 1].index(header) + 1, [[header], ["gọi khoa Nội"], ["ký lại"]]
    world.people_do(lambda human: human.insert_columns(title, place))
    world.people_do(lambda human: human.paste(title, line, place, words))
    for step in (world.cycle, partial(set_up, world.book()), world.cycle):
        step()
        assert [[world.sheet.cell(title, line + each, place)] for each in range(3)] == words
    assert world.look().unfinished() == []
    assert read_and_written(world.cycle().requests) == (1, 0)


@pytest.mark.parametrize("header", cross_section(RESULTS[:-1], RESULTS[1]))
def test_an_own_column_under_any_header_of_ours_stays_theirs_where_ours_is_deleted(world: World, header: str) -> None:
    place = column_of(world, header)
    words = [[header], ["gọi khoa Nội"], ["ký lại"]]
    world.people_do(lambda human: human.insert_columns(UNIT, place))
    world.people_do(lambda human: human.paste(UNIT, HEADER_ROW, place, words))
    world.people_do(lambda human: human.delete_columns(UNIT, place + 1))
    told = [problem.what for problem in world.cycle().problems]
    assert any(f"chưa ghi vào cột “{header}” (ô {cell_name(HEADER_ROW, place)})" in each for each in told)
    assert [[world.sheet.cell(UNIT, HEADER_ROW + each, place)] for each in range(3)] == words


MEANWHILE: dict[str, Callable[[Human, str], object]] = {
    "lines above": lambda human, title: human.insert_rows(title, 1, 2),
    "the first line goes": lambda human, title: human.delete_rows(title, 1),
    "the first two go": lambda human, title: human.delete_rows(title, 1, 2),
    "a column before": lambda human, title: human.insert_columns(title, 1),
    "the first column goes": lambda human, title: human.delete_columns(title, 1),
}


def lines_of(world: World, title: str, is_ours: Callable[[Cell], bool]) -> list[Cell]:
    return [cell for row in world.sheet.rows(title) for cell in row if is_ours(cell)]


def is_line(cell: Cell) -> bool:
    return is_unit_line(str(cell))


@pytest.mark.parametrize("meanwhile", cross_section(MEANWHILE, "the first two go"))
def test_our_line_above_a_list_meets_no_cell_of_peoples(worlds: Worlds, emulator: Emulator, meanwhile: str) -> None:
    """In a tab whose first column is people's: its header was overwritten where a line above it went."""
    world = worlds.world(random.Random(5))
    world.people_do(lambda human: human.delete_columns(UNIT, column_of(world, RESULTS[0])))
    world.cycle()
    world.people_do(lambda human: human.type(UNIT, FIRST, column_of(world, "Số CCCD"), "123"))
    emulator.before(3, lambda: world.people_do(lambda human: MEANWHILE[meanwhile](human, UNIT)))
    world.cycle()
    assert world.look().changed_inputs() == []
    assert len(lines_of(world, UNIT, is_line)) == (meanwhile != "the first two go")
    assert read_and_written(world.cycle().requests) == (1, 0)


def test_what_people_put_beside_our_line_is_met_by_nothing(worlds: Worlds, emulator: Emulator) -> None:
    """A tag on a line leaves its columns positional: that with their title became the first one in that second."""
    world = worlds.world(random.Random(5))
    world.people_do(lambda human: human.delete_columns(UNIT, column_of(world, RESULTS[0])))
    world.cycle()
    world.people_do(lambda human: human.type(UNIT, 1, 4, "DANH SÁCH NHÂN SỰ"))
    world.cycle()
    assert [world.sheet.rows(UNIT)[0].index(line) + 1 for line in lines_of(world, UNIT, is_line)] == [
        min(column_of(world, header) for header in RESULTS[:-1])
    ]
    world.people_do(lambda human: human.type(UNIT, FIRST, column_of(world, "Số CCCD"), "123"))
    emulator.before(2, lambda: world.people_do(lambda human: human.move_columns(UNIT, 4, 4, 1)))
    world.cycle()
    assert world.sheet.cell(UNIT, 1, 1) == "DANH SÁCH NHÂN SỰ"
    assert len(lines_of(world, UNIT, is_line)) == 1
    assert world.look().changed_inputs() == []
    assert read_and_written(world.cycle().requests) == (1, 0)


@pytest.mark.parametrize("meanwhile", cross_section(MEANWHILE, "the first two go"))
def test_the_line_of_a_config_tab_meets_no_cell_of_the_admins(
    worlds: Worlds, emulator: Emulator, meanwhile: str
) -> None:
    world = worlds.world(random.Random(5))
    world.cycle()
    world.people_do(lambda human: human.type(tabs.RULES, 4, 2, "Lung tung"))
    emulator.before(3, lambda: world.people_do(lambda human: MEANWHILE[meanwhile](human, tabs.RULES)))
    world.cycle()
    assert world.look().changed_inputs() == []
    lines = [str(line).partition(",")[0] for line in state_lines(world)]
    missing_too = {"the first two go": [], "the first column goes": ["Tình trạng: 2 lỗi"]}
    assert lines == missing_too.get(meanwhile, ["Tình trạng: 1 lỗi"])
    assert read_and_written(world.cycle().requests) == (1, 0)


def state_lines(world: World) -> list[Cell]:
    return lines_of(world, tabs.RULES, lambda cell: is_explanation(tabs.RULES, cell))


def test_the_line_of_a_config_tab_is_found_where_a_column_came_before_it(world: World) -> None:
    """The tab went on saying that it counts."""
    world.people_do(lambda human: human.insert_columns(tabs.RULES, 1))
    world.cycle()
    world.people_do(lambda human: human.type(tabs.RULES, 4, 3, "Lung tung"))
    world.cycle()
    assert [str(line).partition(",")[0] for line in state_lines(world)] == ["Tình trạng: 1 lỗi"]


def test_a_formula_of_theirs_stays_one_whatever_moves_under_a_write(worlds: Worlds, emulator: Emulator) -> None:
    world = worlds.world(random.Random(5))
    deferred = column_of(world, "Hoãn đến ngày")

    def prepare(human: Human) -> None:
        human.type(UNIT, FIRST, deferred, formula="=45000+90", shows=45090)
        human.type(UNIT, FIRST, column_of(world, "Dữ liệu đã xét") + 1, formula="=6*7", shows=42)

    world.people_do(prepare)
    emulator.before(2, lambda: world.people_do(lambda human: human.delete_columns(UNIT, deferred - 1)))
    world.cycle()
    assert world.sheet.formula(UNIT, FIRST, deferred - 1) == "=45000+90"
    assert world.look().changed_inputs() == []


# --- a service that takes nothing -------------------------------------------------------------------------

REFUSING = [
    Fault.UNAVAILABLE_503,
    *(pytest.param(each, marks=pytest.mark.slow) for each in (Fault.INTERNAL_500, Fault.QUOTA_429)),
]


@pytest.mark.parametrize("fault", REFUSING, ids=lambda fault: fault.name)
def test_a_service_that_takes_no_write_is_told_as_that(worlds: Worlds, emulator: Emulator, fault: Fault) -> None:
    world = worlds.world(random.Random(5))
    emulator.fail(lambda record: record.bucket == "write", fault, times=100)
    first, second = world.cycle(), world.cycle()
    for report in (first, second):
        told = [problem.what for problem in report.problems if problem.needs_person]
        assert [each.partition(", từ ")[0] for each in told] == ["Google không nhận số liệu ghi vào bảng tính"]
        assert not any("gộp ô" in problem.fix or "đang sửa" in problem.what for problem in report.problems)
    since = [problem.what.partition(". ")[0] for problem in (*first.problems, *second.problems) if problem.needs_person]
    assert len(set(since)) == 1, "since the first time"
    emulator.forget_plans()
    assert [problem for problem in world.cycle().problems if problem.needs_person] == []
    assert world.look().unfinished() == []


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE_503, Fault.RESET_BEFORE], ids=lambda f: f.name)
def test_a_service_that_comes_back_within_the_cycle_gets_the_results(
    worlds: Worlds, emulator: Emulator, fault: Fault
) -> None:
    world = worlds.world(random.Random(5))
    emulator.fail(lambda record: record.bucket == "write", fault)
    assert [problem for problem in world.cycle().problems if problem.needs_person] == []
    assert world.look().unfinished() == []
