from __future__ import annotations

from datetime import date, timedelta

import pytest

from automation.core.config import tabs
from automation.core.figures.history import read_history
from automation.core.model.units import Standing, Tally
from automation.core.model.workbook import Tab
from automation.demo.past import DAYS, make_past, typed_past
from automation.demo.progress import working_days

TODAY = date(2023, 4, 20)
UNITS = [Standing(f"u{n}", f"Đơn vị {n}", tally=Tally(50 + n, 2, 3 * n % 48)) for n in range(40)]


def test_every_unit_has_a_line_a_day_that_leads_to_where_it_stands() -> None:
    past = make_past(UNITS, TODAY, 1)
    for unit in UNITS:
        mine = [line for line in past if line.unit.code == unit.code]
        assert [line.day for line in mine] == [TODAY - timedelta(days=DAYS - n) for n in range(DAYS)]
        done = [line.done for line in mine]
        assert done == sorted(done)
        assert min(done) >= 0
        assert done[-1] == unit.done


def test_nobody_gets_done_on_a_day_off() -> None:
    past = make_past(UNITS, TODAY, 1)
    worked = working_days(TODAY - timedelta(days=DAYS), TODAY)
    total = {day: sum(line.done for line in past if line.day == day) for day in {line.day for line in past}}
    for day in total:
        if day not in worked and day - timedelta(days=1) in total:
            assert total[day] == total[day - timedelta(days=1)]


def test_some_units_stand_still_and_most_move() -> None:
    past = make_past(UNITS, TODAY, 1)
    first = {line.unit.code: line.done for line in past if line.day == TODAY - timedelta(days=DAYS)}
    moved = [unit for unit in UNITS if unit.done > first[unit.code]]
    assert len(UNITS) / 2 < len(moved) < len(UNITS)


@pytest.mark.parametrize("today", [TODAY, date(2023, 5, 3)], ids=["in April", "amid days off"])
def test_the_same_arguments_make_the_same_past(today: date) -> None:
    assert make_past(UNITS, today, 1) == make_past(UNITS, today, 1)


def test_the_cells_read_as_a_history() -> None:
    tab = Tab("h", tabs.HISTORY, [tabs.HEADERS[tabs.HISTORY]])
    past = make_past(UNITS[:2], TODAY, 1)
    rows: dict[int, dict[int, object]] = {}
    for change in typed_past(past, tab, "dot-1"):
        rows.setdefault(change.row, {})[change.column] = change.value
    assert sorted(rows) == list(range(2, 2 + 2 * DAYS))
    typed = [tuple(cells[column] for column in sorted(cells)) for _, cells in sorted(rows.items())]
    read = read_history(Tab("h", tabs.HISTORY, [tabs.HEADERS[tabs.HISTORY], *typed]), "dot-1")  # type: ignore[list-item]
    assert [(line.day, line.code, line.done) for line in read.lines] == [
        (line.day, line.unit.code, line.done) for line in past
    ]
