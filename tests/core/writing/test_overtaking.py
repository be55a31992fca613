"""After an overtaken write: what people typed can be told from what the write left in its place."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from automation.core.model.workbook import Cell
from automation.core.writing.overtaking import misplaced, possibly_written
from automation.core.writing.tracing import Rows, Spot

Grid = list[list[Cell]]

HEADERS = ["STT", "Họ và tên", "Ngày sinh", "Số CCCD", "Đảng viên", "Thẻ", "Khó khăn", "Kết quả", "Việc cần làm"]
COMPUTED = (8, 9)
FIRST = 4
NAMES = ["An", "Bình", "Cúc", "Dũng", "Em", "Giang", "Hoa", "Khoa", "Lan", "Minh", "Nga", "Oanh", "Phúc", "Quân"]


def sheet(people: int, rng: random.Random, *, judged: bool) -> Grid:
    grid: Grid = [["BV Hoa Sen · 40 %"], ["Tổng số người", 20], list(HEADERS)]
    for number in range(people):
        person: list[Cell] = [
            number + 1,
            f"Trần {rng.choice(NAMES)} {rng.choice(NAMES)} {number}",
            rng.randint(20_000, 36_000),
            f"0790850{rng.randint(10_000, 99_999)}",
            rng.choice(["Có", "Không", None]),
            rng.choice(["Đã có", "Chưa làm", None]),
            rng.choice([None, None, "Đổi số điện thoại", "Khác"]),
        ]
        grid.append([*person, "Chưa khai báo" if judged else None, "Khai báo" if judged else None])
    return grid


def rows(grid: Grid) -> Rows:
    return dict(enumerate(grid, start=1))


def write(grid: Grid, cells: dict[Spot, Cell]) -> None:
    for (row, column), value in cells.items():
        grid.extend([] for _ in range(row - len(grid)))
        line = grid[row - 1]
        line.extend([None] * (column - len(line)))
        line[column - 1] = value


def results(grid: Grid, rng: random.Random) -> dict[Spot, Cell]:
    """Statuses beside some or all people, and the unit's line."""
    cells: dict[Spot, Cell] = {(1, 1): "BV Hoa Sen · 60 %"}
    some = rng.random() < 0.5
    for row in range(FIRST, len(grid) + 1):
        if not some or rng.random() < 0.4:
            cells[row, COMPUTED[0]] = rng.choice(["Hoàn thành", "Cần sửa dữ liệu", "Đang chờ duyệt", None])
            cells[row, COMPUTED[1]] = rng.choice([None, "Đến công an phường", "Mở ứng dụng"])
    return cells


# --- what people do -----------------------------------------------------------------------------------------


def insert_row(grid: Grid, rng: random.Random) -> None:
    grid.insert(rng.randint(0, len(grid)), rng.choice([[], [None, f"Lê Mới {rng.randint(0, 99)}", 30_000]]))


def delete_row(grid: Grid, rng: random.Random) -> None:
    people = [number for number, row in enumerate(grid) if any(str(cell).startswith("Trần ") for cell in row)]
    del grid[rng.choice(people)]


def sort_rows(grid: Grid, rng: random.Random) -> None:
    column = rng.choice([1, 2, 3])
    grid[FIRST - 1 :] = sorted(grid[FIRST - 1 :], key=lambda row: str(row[column] if column < len(row) else ""))


def insert_column(grid: Grid, rng: random.Random) -> None:
    place = rng.randint(0, len(HEADERS))
    for row in grid:
        if len(row) > place:
            row.insert(place, None)


def delete_column(grid: Grid, rng: random.Random) -> None:
    place = rng.choice([0, 4, 6])
    for row in grid:
        if len(row) > place:
            del row[place]


def move_column(grid: Grid, rng: random.Random) -> None:
    source, target = rng.randint(0, len(HEADERS) - 1), rng.randint(0, len(HEADERS) - 1)
    for row in grid:
        row.extend([None] * (len(HEADERS) + 1 - len(row)))
        row.insert(target, row.pop(source))


def rename_header(grid: Grid, rng: random.Random) -> None:
    headers = max(grid, key=lambda row: len({*row} & {*HEADERS}))
    headers[rng.randrange(min(len(headers), 7))] = "Tên khác"


def edit_cell(grid: Grid, rng: random.Random) -> None:
    row = grid[rng.randint(FIRST - 1, len(grid)) - 1]
    row.extend([None] * (7 - len(row)))
    row[rng.randint(1, 6)] = rng.choice(["Đã sửa", None, 31_000])


Act = Callable[[Grid, random.Random], None]
ACTS: list[Act] = [
    insert_row, delete_row, sort_rows, insert_column, delete_column, move_column, rename_header, edit_cell,
]  # fmt: skip


def shown(grid: Grid) -> list[list[Cell]]:
    """What stands in the columns of people, and the headers; blank ends do not count."""
    wide = max(map(len, grid))
    full = [row + [None] * (wide - len(row)) for row in grid]
    ours = {column for column in range(wide) if any(row[column] in ("Kết quả", "Việc cần làm") for row in full)}
    return [[cell for column, cell in enumerate(row) if column not in ours] for row in full]


def put_back(grid: Grid, repairs: dict[Spot, Cell]) -> Grid:
    mended = [list(row) for row in grid]
    write(mended, repairs)
    return mended


def play(seed: int, acts: Sequence[Act], *, answered: bool) -> tuple[Grid, Grid]:
    """The tab as people made it, and as it stands after our write and the repair."""
    rng = random.Random(seed)
    grid = sheet(rng.randint(2, 14), rng, judged=rng.random() < 0.5)
    before = [list(row) for row in grid]
    written = results(grid, rng)
    for act in acts:
        act(grid, rng)
    truth = [list(row) for row in grid]
    write(grid, written)
    after = rows(grid)
    suspects = set(written) if answered else possibly_written(written, rows(before), after)
    mended = put_back(grid, misplaced(rows(before), {}, written, after, suspects))
    size = max(len(truth), len(mended))
    for each in (truth, mended):
        each.extend([] for _ in range(size - len(each)))
    return truth, mended


def differences(truth: Grid, mended: Grid) -> list[int]:
    """The rows in which people have not what they had; the unit's line is ours."""
    pairs = zip(shown(truth)[1:], shown(mended)[1:], strict=True)
    return [number for number, (wanted, found) in enumerate(pairs, start=2) if filled(wanted) != filled(found)]


def filled(row: list[Cell]) -> list[Cell]:
    return [cell for cell in row if cell is not None]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("answered", [True, False])
def test_one_act_between_read_and_write_costs_nobody_a_cell(act: Act, answered: bool) -> None:
    for seed in range(60):
        truth, mended = play(seed, [act], answered=answered)
        assert differences(truth, mended) == [], f"seed {seed}"


@pytest.mark.parametrize("answered", [True, False])
def test_two_acts_at_once_are_told_apart(answered: bool) -> None:
    """Who edits a cell and moves its column within the same second cannot be helped: nobody ever read that cell."""
    cannot_be_told = {
        frozenset({edit, shift})
        for edit in (edit_cell, insert_row, delete_column)
        for shift in (insert_column, move_column)
    }
    for seed in range(600):
        acts = random.Random(-seed - 1).sample(ACTS, 2)
        if frozenset(acts) not in cannot_be_told:
            truth, mended = play(seed, acts, answered=answered)
            assert differences(truth, mended) == [], f"seed {seed}: {[act.__name__ for act in acts]}"


def test_a_cell_that_keeps_nothing_is_in_nobodys_place() -> None:
    """Such as one that a merged cell hides, or a formula fills: what belongs there is for the judging to say."""
    grid = sheet(3, random.Random(1), judged=False)
    written: dict[Spot, Cell] = {(row, 8): "Hoàn thành" for row in (FIRST, FIRST + 1, FIRST + 2)}
    after = put_back(grid, {**written, (FIRST + 1, 8): None})
    assert misplaced(rows(grid), {}, written, rows(after), set(written)) == {}


def test_what_was_owed_to_a_cell_and_did_not_arrive_is_still_owed() -> None:
    grid = sheet(3, random.Random(1), judged=False)
    name = grid[FIRST - 1][1]
    grid[FIRST - 1][1] = "Hoàn thành"
    owed: dict[Spot, Cell] = {(FIRST, 2): name}
    written: dict[Spot, Cell] = {(FIRST, 2): name, (FIRST + 1, 2): "Hoàn thành"}
    suspects = {(FIRST, 2)}
    assert misplaced(rows(grid), owed, written, rows(grid), suspects) == owed


HISTORY: Grid = [
    ["Ngày", "Mã", "Tổng số", "Hoàn thành"],
    [45_026, "mot", 5, 0],
    [45_026, "hai", 6, 1],
    [45_026, "ba", 7, 2],
    [45_027, "mot", 5, 1],
]
TODAY: dict[Spot, Cell] = {(6, 1): 45_027, (6, 2): "hai", (6, 3): 6, (6, 4): 1}


@pytest.mark.parametrize("happened", [True, False])
@pytest.mark.parametrize("is_sorted", [True, False])
def test_lines_that_resemble_what_was_written_are_left_as_they_are(happened: bool, is_sorted: bool) -> None:
    """Nobody knows whether the line of today was added; people sorted the others before."""
    now = [list(row) for row in HISTORY]
    if is_sorted:
        now[1:] = sorted(now[1:], key=str, reverse=True)
    if happened:
        write(now, TODAY)
    suspects = possibly_written(TODAY, rows(HISTORY), rows(now))
    assert suspects == (set(TODAY) if happened else set())
    assert set(misplaced(rows(HISTORY), {}, TODAY, rows(now), suspects)) <= set(TODAY)
