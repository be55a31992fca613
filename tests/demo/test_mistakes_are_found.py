"""The default rules object to every planted mistake, and to nothing else."""

from __future__ import annotations

import csv
from collections import defaultdict

import pytest

from automation.base.paths import CONFIG
from automation.core.admin.reader import read_config
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.judging.findings import find
from automation.core.judging.lists.gathering import read_people
from automation.core.judging.lists.unit_table import find_unit_table
from automation.core.model.workbook import Tab
from automation.demo.campaign import DemoUnit, make_campaign
from automation.demo.mistakes import KINDS
from automation.demo.values import FIELDS
from tests.demo.row_checks import AS_OF

FIRST_ROW = 2
FIRES = {kind.code: set(kind.fires) for kind in KINDS}


@pytest.fixture(scope="module")
def config() -> Config:
    tables = {}
    for title, name in tabs.CONFIG_FILES.items():
        with open(CONFIG / name, encoding="utf-8", newline="") as file:
            tables[title] = [[cell or None for cell in row] for row in csv.reader(file)]
    config = read_config(tables)
    assert isinstance(config, Config)
    return config


def as_tab(unit: DemoUnit, config: Config) -> Tab:
    headers = [config.field(code).header for code in FIELDS]
    return Tab(unit.unit.code, unit.unit.tab_title, [headers, *([row[code] for code in FIELDS] for row in unit.rows)])


@pytest.mark.parametrize("seed", [1, 2])
def test_each_mistake_is_found_and_no_row_in_order_is_blamed(config: Config, seed: int) -> None:
    campaign = make_campaign(config.units, 6_000, AS_OF, seed)
    tables = [find_unit_table(unit.unit.code, as_tab(unit, config), config) for unit in campaign]
    findings = find(read_people([table for table in tables if table], config), config.rules, AS_OF).table
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for code, row, rule in zip(findings["unit"], findings["row"], findings["rule"], strict=True):
        found[code, row].add(rule)
    wrong = []
    for unit in campaign:
        for place in range(len(unit.rows)):
            mistake = unit.mistakes.get(place)
            expected = FIRES.get(mistake or "", set())
            got = found[unit.unit.code, FIRST_ROW + place]
            if not expected <= got or (got and not expected):
                wrong.append((unit.unit.code, place, mistake, expected - got, got))
    assert wrong == []
