"""What opens the tab of a unit from its line of the ranking, wherever the ranking puts it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from automation.core.config import tabs
from automation.core.layout.dashboard import dashboard_look
from automation.core.model.layout import Link
from automation.core.model.workbook import Cell, CellChange, Snapshot, Tab
from automation.core.writing.changes import cell_changes
from automation.core.writing.dashboard_lines import OPEN_COLUMN, TARGET_COLUMN, place_of
from automation.core.writing.dashboard_links import dead_links, link_cells
from tests.workbooks import SOUND, config_with, judge_units, unit_line

WRONG = SOUND | {"Ngày sinh": None}


def dashboard(rows: Sequence[Sequence[Cell]]) -> Snapshot:
    return Snapshot((Tab(tabs.DASHBOARD, tabs.DASHBOARD, rows),))


def drawn() -> list[list[Cell]]:
    """A dashboard as `init` leaves it, its formulas as a file shows them that nobody calculated."""
    look = dashboard_look(config_with([unit_line("mot")]), None, Link("Hướng dẫn"))
    rows: list[list[Cell]] = [[None] * TARGET_COLUMN for _ in range(max(row for row, _, _ in look.values))]
    for row, column, value in look.values:
        rows[row - 1][column - 1] = "#UNCALCULATED!" if str(value).startswith("=") else value
    return rows


def changes_of(
    units: dict[str, list[dict[str, Cell]]], rows: Sequence[Sequence[Cell]], address: str = ""
) -> tuple[CellChange, ...]:
    judged = judge_units(units)
    return cell_changes(dashboard(rows), judged, {}, address_of=lambda tab, _: address and f"{address}{tab}").cells


def opened(changes: Sequence[CellChange]) -> dict[Cell, Cell]:
    """By what a line calls the unit, what it opens: in the ranking its name, on the first screen rank and tab."""
    cells = {(each.row, each.column): each.value for each in changes}
    targets = {row: value for (row, column), value in cells.items() if column == TARGET_COLUMN and row > 1}
    first = {cells.get((row, place_of("note"))): value for row, value in targets.items()}
    return {**{cells.get((row, 1)): value for row, value in targets.items()}, **first}


@pytest.mark.parametrize("best", ["mot", "hai"])
@pytest.mark.parametrize(
    ("address", "target"),
    [("", "#'{}'!A1"), ("https://example.org/", "https://example.org/{}")],
    ids=["in a file", "in a browser"],
)
def test_each_line_of_the_ranking_opens_its_own_unit(best: str, address: str, target: str) -> None:
    units = {unit: [SOUND if unit == best else WRONG] for unit in ("mot", "hai")}
    found = opened(changes_of(units, drawn(), address))
    last = next(unit for unit in units if unit != best)
    lines = {"Đơn vị mot": "mot", "Đơn vị hai": "hai", f"1. {best}": best, f"2. {last}": last}
    assert {line: found.get(line) for line in lines} == {line: target.format(unit) for line, unit in lines.items()}


def test_nothing_is_put_where_init_has_made_no_room() -> None:
    assert not opened(changes_of({"mot": [SOUND]}, [[None]]))


def test_a_second_init_draws_no_formula_again_and_those_for_more_units() -> None:
    once = Tab(tabs.DASHBOARD, tabs.DASHBOARD, drawn())
    rows = [row for row, column, _ in link_cells(once, len(once.rows)) if column == OPEN_COLUMN]
    more = [row for row, column, _ in link_cells(once, len(once.rows) + 2) if column == OPEN_COLUMN]
    assert (rows, more) == ([], [len(once.rows) + 1, len(once.rows) + 2])


def test_formulas_below_the_ranking_go() -> None:
    once = Tab(tabs.DASHBOARD, tabs.DASHBOARD, drawn())
    cells = list(link_cells(once, len(once.rows) - 2))
    below = [(row, value) for row, column, value in cells if column == OPEN_COLUMN]
    assert below == [(len(once.rows) - 1, None), (len(once.rows), None)]
    assert next(value for row, column, value in cells if (row, column) == (1, TARGET_COLUMN)) == len(once.rows) - 2


def test_the_formulas_stay() -> None:
    assert not [each for each in changes_of({"mot": [SOUND]}, drawn()) if each.column == OPEN_COLUMN]


@pytest.mark.parametrize(
    ("anchors", "linked", "said"),
    [
        (None, ["Hướng dẫn", "mot"], []),
        (None, ["Hướng dẫn", "BV cũ"], ["Liên kết tới “BV cũ” không còn mở được"]),
        (None, [f"cũ {n}" for n in range(1, 8)], ["“cũ 5” và 2 trang khác không còn mở được"]),
        ({}, ["BV cũ"], []),
    ],
    ids=["all there", "one renamed", "many", "by their ids, at Google"],
)
def test_links_of_a_file_to_tabs_that_were_renamed_are_told(
    anchors: dict[str, int] | None, linked: list[str], said: list[str]
) -> None:
    rows: list[list[Cell]] = [[None] * TARGET_COLUMN for _ in range(2)]
    for row, column, value in link_cells(None, 2, linked):
        rows[row - 1][column - 1] = value
    others = (Tab(title, title, ()) for title in ("Hướng dẫn", "mot"))
    ours = Tab(tabs.DASHBOARD, tabs.DASHBOARD, rows, anchors=anchors)
    found = [each.what for each in dead_links(Snapshot((ours, *others)))]
    assert len(found) == len(said)
    assert all(words in what for words, what in zip(said, found, strict=True))
