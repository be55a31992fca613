"""The guard of the figures in docs/toc-do.md says something exactly where a case has become twice as slow, twice."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path

import pytest

from automation.app.keeping import Kept
from tests.contenders import CONTENDERS
from tests.speed import CASES, made_workbook, same_people, slow_cases
from tests.tree import ROOT
from tests.workbooks import NOW

TABLE = "| rows | case | F |\n| --- | --- | --- |\n| 10,000 | cold | 10.0 |\n| 50,000 | cold | 1.0 |\n"


@pytest.mark.parametrize(
    ("found", "slow"),
    [((9.0, 9.0), False), ((19.0, 40.0), False), ((40.0, 19.0), False), ((21.0, 30.0), True)],
)
def test_a_case_is_slow_when_two_runs_of_two_say_so(found: tuple[float, float], slow: bool, tmp_path: Path) -> None:
    page, runs = tmp_path / "page.md", iter(found)
    page.write_text(TABLE, "utf-8")
    told = list(slow_cases(lambda: {"rows": 10_000, "cases": {"cold": {"pure": next(runs)}}}, page))
    assert [each.partition(":")[0] for each in told] == ["cold"] * slow


def test_every_case_that_is_measured_stands_in_the_table_that_ci_reads() -> None:
    endless = {"rows": 10_000, "cases": {case: {"pure": 1e9} for case in CASES}}
    told = slow_cases(lambda: endless, ROOT / "docs" / "toc-do.md")
    assert [each.partition(":")[0] for each in told] == list(CASES)


@pytest.mark.parametrize("name", CONTENDERS)
def test_who_is_measured_beside_us_says_the_same_of_everybody(name: str) -> None:
    if name.startswith("polars"):
        pytest.importorskip("polars")
    snapshot, config = made_workbook(400, 2)
    lines, wanted = same_people(snapshot, config)
    assert CONTENDERS[name](lines, config, NOW.date()) == wanted
    assert len({rule for _, _, rule, _ in wanted}) > 10


def test_a_person_takes_no_more_memory_than_the_cells_themselves() -> None:
    """What is kept from look to look of a workbook of a million people has to fit beside it."""
    few, many = (_bytes_kept(rows) for rows in (4_000, 8_000))
    assert (many - few) / 4_000 < 800


def _bytes_kept(rows: int) -> int:
    snapshot, config = made_workbook(rows, 8)
    Kept().judged(snapshot, config, {}, NOW)  # what is remembered of sentences and days, whoever has them
    kept = Kept()
    tracemalloc.start()
    try:
        kept.judged(snapshot, config, {}, NOW)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
