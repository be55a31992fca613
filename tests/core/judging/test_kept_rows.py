"""What is kept of units that stay as they are comes out as from scratch, bit for bit, whatever people do elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pandas as pd
import pytest
from msgspec.structs import fields, replace

from automation.core.config.values import Config, FieldCode
from automation.core.judging.judged import Judged
from automation.core.judging.judging import Stages, judge
from automation.core.judging.lists.gathering import read_people
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.judging.people import People, Readings
from automation.core.judging.rows import LastJudged
from automation.core.model.units import Mode, Severity
from automation.core.model.workbook import Cell, Row, Snapshot, Tab
from tests.core.facts import NUMBER
from tests.core.judging.test_properties import HEADERS, LIKELY, SOUND_ROW
from tests.workbooks import NOW, config_with, unit_line

RESULT = "Kết quả"
UNITS = tuple(f"u{number}" for number in range(6))
PLAIN = config_with([unit_line(unit) for unit in UNITS])


def with_rules(config: Config, change: Callable[[Mode, bool], tuple[Mode, Severity | None]]) -> Config:
    """The same with modes and severities as `change` has them, of a rule's mode and whether it is one across units."""
    rules = []
    for rule in config.rules:
        mode, severity = change(rule.mode, rule.code == "cccd-trung-don-vi-khac")
        rules.append(replace(rule, mode=mode, severity=severity or rule.severity))
    return replace(config, rules=tuple(rules))


STRICT = with_rules(PLAIN, lambda mode, across: (mode, Severity.ERROR if across else None))
"""A number in two units is an error there: it changes statuses, figures, next steps."""
ON_TRIAL = with_rules(PLAIN, lambda mode, across: (Mode.TRIAL if across else mode, None))
CONFIGS = (PLAIN, STRICT, ON_TRIAL)


def a_row(rng: Random) -> list[Cell]:
    """Somebody sound but for a cell or two; numbers are few, so that they meet within units and across them."""
    row: list[Cell] = list(SOUND_ROW)
    row[HEADERS.index(NUMBER)] = f"0790850{rng.randrange(400):05}"
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        row[rng.randrange(len(row))] = rng.choice(LIKELY)
    return row


def a_tab(unit: str, rows: list[Row]) -> Tab:
    return Tab(unit, unit, [[], [], HEADERS, *rows])


def edited(tab: Tab, rng: Random) -> Tab:
    """The tab after somebody's work in it: cells, rows that come, go and move."""
    rows = list(tab.rows[3:])
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(rows) + 1)
        rows[place : place + rng.choice([0, 1, 1, 2])] = [a_row(rng) for _ in range(rng.randint(0, 2))]
    return a_tab(tab.key, rng.choice([rows, rows, rows[::-1], []]) if rng.random() < 0.3 else rows)


def differences(one: Judged, other: Judged) -> list[str]:
    """The names of what differs; the marks of units are no result."""
    found = []
    for each in fields(one):
        mine, theirs = getattr(one, each.name), getattr(other, each.name)
        if isinstance(mine, pd.DataFrame):
            same = mine.equals(theirs) and list(mine.dtypes) == list(theirs.dtypes) and mine.index.equals(theirs.index)
        else:
            same = each.name == "marks" or mine == theirs
        found += [] if same else [each.name]
    return found


def play(seed: int, cycles: int, rows: int, config: Config) -> int:
    """Judge a workbook that people edit, from scratch and with what was kept; returns how many units were kept."""
    rng, last, kept = Random(seed), LastJudged(), 0
    tabs = {unit: a_tab(unit, [a_row(rng) for _ in range(rng.randint(0, rows))]) for unit in UNITS}
    marks: dict[str, object] = {}
    for cycle in range(cycles):
        for unit in rng.sample(UNITS, rng.choice([0, 1, 1, 2])):
            tabs[unit] = edited(tabs[unit], rng)
        here = [tab for tab in tabs.values() if cycle % 5 != 4 or tab.key != UNITS[seed % len(UNITS)]]
        judged = judge(Snapshot(tuple(here)), config, {}, NOW, last=last)
        assert not differences(judged, judge(Snapshot(tuple(here)), config, {}, NOW)), f"seed {seed}, cycle {cycle}"
        kept += sum(marks.get(unit) is mark for unit, mark in judged.marks.items())
        marks = dict(judged.marks)
    return kept


@pytest.mark.parametrize("config", CONFIGS, ids=["warning", "error", "trial"])
def test_what_is_kept_is_what_comes_from_scratch(config: Config) -> None:
    kept = play(1, 4, 20, config)
    assert kept == 0 if config is ON_TRIAL else kept > 0


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "rows"), [(2, 40), (3, 400)])
def test_what_is_kept_is_what_comes_from_scratch_over_fifty_cycles(seed: int, rows: int) -> None:
    assert play(seed, 50, rows, STRICT) > 0


def test_a_number_that_comes_to_stand_elsewhere_is_told_in_a_unit_that_stayed_as_it_was() -> None:
    person = a_row(Random(5))
    other = [*person]
    other[HEADERS.index(NUMBER)] = "079085000999"
    last = LastJudged()
    tabs = {"u0": a_tab("u0", [person]), "u1": a_tab("u1", [other]), "u2": a_tab("u2", [other[:3]])}

    def severities() -> list[tuple[str, str]]:
        found = judge(Snapshot(tuple(tabs.values())), STRICT, {}, NOW, last=last).findings
        return [(u, r) for u, r in zip(found["unit"], found["rule"], strict=True) if r == "cccd-trung-don-vi-khac"]

    assert severities() == []
    tabs["u1"] = a_tab("u1", [person])
    assert severities() == [(unit, "cccd-trung-don-vi-khac") for unit in ("u0", "u1")]
    tabs["u1"] = a_tab("u1", [other])
    assert severities() == []


def test_only_who_typed_something_is_judged_anew() -> None:
    looked: list[list[str]] = []

    def read(tables: Sequence[UnitTable], *others: Any) -> People:
        looked.append([table.unit for table in tables])
        return read_people(tables, *others)

    last, stages = LastJudged(), replace(Stages(), read_people=read)
    marks = []
    for header, cell in ((NUMBER, "1"), (RESULT, "Hoàn thành"), (RESULT, None), (NUMBER, 1)):
        row = a_row(Random(5))
        row[HEADERS.index(header)] = cell
        if header == RESULT:
            row[HEADERS.index(NUMBER)] = "1"
        marks.append(judge(Snapshot((a_tab("u0", [row]),)), PLAIN, {}, NOW, stages=stages, last=last).marks["u0"])
    assert looked == [["u0"], ["u0"]]
    assert len(set(map(id, marks))) == 4


def test_what_nobody_has_any_more_is_forgotten() -> None:
    """Months of edits: each look brings names that were never there before."""
    readings, lines = Readings(), 100
    most = 0
    for look in range(100):
        names = readings.of(FieldCode.NAME, PLAIN, lines if look % 10 == 0 else 1)
        names.codes_of([f"Trần Thị {look} {number}" for number in range(lines)])
        most = max(most, len(names.typed))
    assert most <= 2_000 + 3 * lines
    assert readings.of(FieldCode.NAME, PLAIN, lines) is names, "and what they have stays read"
