"""A workbook made by every earlier version is judged in every run as it was judged then."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from automation.adapters.config_files import shipped_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, check, run_cycle
from automation.app.exit_status import ExitStatus
from automation.app.init import set_up
from automation.cli import report
from automation.core.admin.planned_tabs import headers_of, table_in
from automation.core.admin.state_lines import is_explanation
from automation.core.config import tabs
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.model.workbook import Cell, Tab
from automation.core.reading.cells import as_text
from tests.fakes_store import MemoryStore
from tests.tree import ROOT

FOLDER = ROOT / "tests" / "workbooks_of_old"
VERSIONS = sorted(path.stem for path in FOLDER.glob("*.xlsx"))
CLOCK = standing_clock(datetime(2023, 4, 20, 8, 0))
"""When the version itself judged the workbook that it had made."""
PARTS: Mapping[str, tuple[int, int, int]] = {"bang-1": (22, 12, 10)}
"""People whose card, whose account counts, whose account has the highest level, as the dashboard showed them."""
NEW_TABS = (tabs.PART_RATES, tabs.DOCUMENTS, tabs.MAILS)
"""What a workbook of the first version has no tab for."""
GROWN = {tabs.SETTINGS, tabs.FIELDS, tabs.LISTS, tabs.RULES, tabs.LADDER, tabs.PART_RATES, tabs.DOCUMENTS}
"""The config tabs in which `init` adds something."""

NO_LONGER_FOUND: Mapping[str, Collection[tuple[str, int, str]]] = {"bang-1": {("hai", 23, "cccd-nam-sinh")}}
"""A date that is refused takes no part in other rules any more: one slip, one message."""


@pytest.fixture(params=VERSIONS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the workbook of one version."""
    version: str = request.param
    return Path(shutil.copy(FOLDER / f"{version}.xlsx", tmp_path))


def told(path: Path) -> dict[str, Any]:
    """What the version printed with `check --json`."""
    found: dict[str, Any] = json.loads((FOLDER / f"{path.stem}.json").read_text("utf-8"))
    return found


def without_findings(told: dict[str, Any], gone: Collection[tuple[str, int, str]]) -> dict[str, Any]:
    """What was told, but for some findings of (unit, row, rule)."""
    rows = [
        row | {"findings": [each for each in row["findings"] if (row["unit"], row["row"], each["rule"]) not in gone]}
        for row in told["rows"]
    ]
    return told | {"rows": rows}


def checked(path: Path) -> CycleReport:
    return check(ExcelWorkbook(path), MemoryStore(), CLOCK)


def is_judged_as_then(found: CycleReport, path: Path) -> None:
    """Everybody's status and findings, every figure; beside them nothing but what the workbook lacks is told."""
    then = without_findings(told(path), NO_LONGER_FOUND[path.stem])
    now = json.loads(json.dumps(report.as_json(found, "check")))
    for key in ("units", "rows", "total"):
        assert now[key] == then[key]
    assert found.judged is not None
    assert tuple(found.judged.total.parts.values()) == PARTS[path.stem]
    assert {f"{each['where']} {each['what']}" for each in then["problems"]} <= {
        f"{each['where']} {each['what']}" for each in now["problems"]
    }
    assert report.exit_status(found.problems) is ExitStatus.DONE


def cells_of_people(path: Path) -> dict[tuple[str, int, int], Cell]:
    """Every filled cell that is not the bot's: of the units' tabs and of the config tabs."""
    judged = checked(path).judged
    assert judged is not None
    present = {tab.title: tab for tab in ExcelWorkbook(path).read().tabs}
    there = [title for title in tabs.CONFIG_TABS if title in present]
    config_tabs = ((present[title], set(_columns_of_admins(present[title]))) for title in there)
    unit_tabs = ((table.tab, set(_columns_of_people(table))) for table in judged.tables)
    return {
        (tab.title, row, column): cell
        for tab, columns in (*config_tabs, *unit_tabs)
        for row, cells in enumerate(tab.rows[1:], start=2)
        for column, cell in enumerate(cells, start=1)
        if cell is not None and column in columns and not is_explanation(tab.title, cell)
    }


def _columns_of_admins(tab: Tab) -> Iterator[int]:
    table = table_in(tab.title, tab.rows)
    assert table is not None
    return (table.columns[header] for header in tabs.HEADERS[tab.title] if header in table.columns)


def _columns_of_people(table: UnitTable) -> Iterator[int]:
    computed = {"ket-qua", "viec-can-lam", "loi-can-sua", "da-xet"}
    taken = {column for code, column in table.table.columns.items() if code in computed}
    return (column for column in range(1, max(map(len, table.tab.rows)) + 1) if column not in taken)


def lines(path: Path, title: str) -> list[dict[str, str]]:
    """The rows of a config tab by header, as text."""
    tab = next(tab for tab in ExcelWorkbook(path).read().tabs if tab.title == title)
    table = table_in(title, tab.rows)
    assert table is not None
    rows = tab.rows[table.header_row :]
    return [{header: as_text(table.cell(row, header)) for header in headers_of(title)} for row in rows]


def value_of(path: Path, setting: str) -> str:
    return next((line["Giá trị"] for line in lines(path, tabs.SETTINGS) if line["Mục"] == setting), "")


def journal(path: Path) -> Sequence[str]:
    tab = next(tab for tab in ExcelWorkbook(path).read().tabs if tab.title == tabs.JOURNAL)
    return [" ".join(map(as_text, row)) for row in tab.rows[1:]]


def test_there_is_a_workbook_of_the_first_version() -> None:
    assert "bang-1" in VERSIONS
    assert all((FOLDER / f"{version}.json").is_file() for version in VERSIONS)
    assert all((FOLDER / f"{version}.xlsx").stat().st_size < 150_000 for version in VERSIONS)


def test_it_is_judged_as_it_was_judged_then(path: Path) -> None:
    is_judged_as_then(checked(path), path)


def test_a_cycle_changes_no_cell_of_people_and_names_what_is_lacking(path: Path) -> None:
    before = cells_of_people(path)
    store = MemoryStore()
    found = run_cycle(ExcelWorkbook(path), store, None, CLOCK)
    is_judged_as_then(found, path)
    assert cells_of_people(path) == before
    is_judged_as_then(checked(path), path)
    named = [line for line in journal(path) if "tccb init" in line]
    assert any("dòng Phiên bản bảng" in line for line in named)
    assert any("ô Tính của Giới tính / Nam" in line for line in named)
    assert run_cycle(ExcelWorkbook(path), store, None, CLOCK).cells_written == 0


def test_init_adds_what_is_lacking_and_changes_nothing_else(path: Path) -> None:
    before = cells_of_people(path)
    done = set_up(ExcelWorkbook(path), clock=CLOCK)
    assert (done.drawn, done.problems, done.new_tabs, done.new_headers) == (True, (), NEW_TABS, ())
    brought = shipped_tables().additions
    assert set(done.new_settings) == {each.row[0] for each in brought if each.tab == tabs.SETTINGS}
    after = cells_of_people(path)
    assert {place: after[place] for place in before} == before
    new = after.keys() - before.keys()
    assert {tab for tab, _, _ in new if tab in tabs.CONFIG_TABS} == GROWN
    assert {row for tab, row, _ in new if tab not in tabs.CONFIG_TABS} == {2}  # what units are asked to declare
    assert value_of(path, "Phiên bản bảng") == str(shipped_tables().version)
    assert value_of(path, "Chỉ tiêu (%)") == "95"
    found = checked(path)
    is_judged_as_then(found, path)
    assert found.problems == ()
    again = set_up(ExcelWorkbook(path), clock=CLOCK)
    assert (again.new_settings, again.new_rows) == ((), ())
    assert cells_of_people(path) == after
