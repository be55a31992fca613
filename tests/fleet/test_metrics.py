from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from prometheus_client import generate_latest

from automation.adapters.store.store import STORE_FILE, SqliteStore
from automation.core.model.runs import RunRecord
from automation.fleet.metrics import FleetMetrics, tell_of_cycle
from tests.adapters.mail.examples import NOW
from tests.patience import HANG_SECONDS

RUN = RunRecord(NOW, 1.5, cells=7, sent=2, failed=1, reads=1, writes=2, rate=62.5, trouble="Nguyễn Văn An")


def told(metrics: FleetMetrics) -> set[str]:
    lines = generate_latest(metrics.registry).decode().splitlines()
    return {line for line in lines if not line.startswith("#") and "_created" not in line and "_bucket" not in line}


def test_what_becomes_of_cycles_is_counted_by_workbook_and_tells_of_nobody() -> None:
    metrics = FleetMetrics()
    metrics.opened("Sở Y tế")
    metrics.began("Sở Y tế", 2.0)
    metrics.ended("Sở Y tế", RUN)
    metrics.ended("Sở Y tế", RUN)
    metrics.stands("Sở Y tế", 40.0, problems=3, mails_waiting=9)
    metrics.stands("Sở Y tế", 62.5, problems=1, mails_waiting=8)
    metrics.edited("Sở Y tế", 59.0)
    metrics.failed("Sở Y tế")
    metrics.waited("Sở Y tế", "read", 4.5)
    book = 'workbook="Sở Y tế"'
    assert told(metrics) == {
        f"tccb_cycles_total{{{book}}} 2.0",
        f"tccb_cycles_failed_total{{{book}}} 1.0",
        f"tccb_workbooks_opened_total{{{book}}} 1.0",
        f'tccb_mails_total{{outcome="sent",{book}}} 4.0',
        f'tccb_mails_total{{outcome="failed",{book}}} 2.0',
        f'tccb_google_requests_total{{kind="read",{book}}} 2.0',
        f'tccb_google_requests_total{{kind="write",{book}}} 4.0',
        f'tccb_quota_wait_seconds_total{{kind="read",{book}}} 4.5',
        f"tccb_cells_written_total{{{book}}} 14.0",
        f"tccb_problems{{{book}}} 1.0",
        f"tccb_rate_percent{{{book}}} 62.5",
        f"tccb_mails_waiting{{{book}}} 8.0",
        f"tccb_edit_to_result_seconds_count{{{book}}} 1.0",
        f"tccb_edit_to_result_seconds_sum{{{book}}} 59.0",
        f"tccb_cycle_seconds_count{{{book}}} 2.0",
        f"tccb_cycle_seconds_sum{{{book}}} 3.0",
        f"tccb_lateness_seconds_count{{{book}}} 1.0",
        f"tccb_lateness_seconds_sum{{{book}}} 2.0",
    }


def test_how_a_workbook_stands_is_told_by_the_worker_that_has_it_alone() -> None:
    metrics = FleetMetrics()
    for book, rate in (("kept", 40.0), ("lost", 41.0), ("lost before its rate was known", None)):
        metrics.ended(book, RUN)
        metrics.stands(book, rate, problems=1, mails_waiting=2)
    for _ in range(2):
        metrics.keep_only({"kept", "never looked at"})
    gauges = ("tccb_problems", "tccb_mails_waiting", "tccb_rate_percent")
    assert {line for line in told(metrics) if line.startswith(gauges)} == {
        'tccb_problems{workbook="kept"} 1.0',
        'tccb_mails_waiting{workbook="kept"} 2.0',
        'tccb_rate_percent{workbook="kept"} 40.0',
    }
    assert 'tccb_cycles_total{workbook="lost"} 1.0' in told(metrics)
    metrics.stands("lost", 42.0, problems=0, mails_waiting=0)
    assert 'tccb_rate_percent{workbook="lost"} 42.0' in told(metrics)


def looked_at(folder: Path, *runs: RunRecord) -> set[str]:
    """What is told of edits after a cycle whose record is the last of these."""
    metrics = FleetMetrics()
    with closing(SqliteStore(folder / STORE_FILE)) as store:
        for each in runs:
            store.note_run(each, [])
        is_edited = tell_of_cycle(metrics, "mot", store)
    assert is_edited == (runs[-1].changed > 0)
    return {line for line in told(metrics) if line.startswith("tccb_edit_to_result_seconds")}


MINUTE = timedelta(minutes=1)
LOOK, FAILED = RunRecord(NOW, 2.0), RunRecord(NOW + MINUTE, 0.0, trouble="Không đọc được")
FOUND, QUIET = RunRecord(NOW + 2 * MINUTE, 5.0, changed=3), RunRecord(NOW + 2 * MINUTE, 5.0)


@pytest.mark.parametrize(
    ("runs", "seconds"),
    [((LOOK, FOUND), 125.0), ((LOOK, FAILED, FOUND), 125.0), ((FOUND,), None), ((LOOK, QUIET), None)],
)
def test_an_edit_waited_no_longer_than_since_the_look_that_did_not_find_it(
    runs: tuple[RunRecord, ...], seconds: float | None, tmp_path: Path
) -> None:
    label = '{workbook="mot"}'
    expected = {
        f"tccb_edit_to_result_seconds_count{label} 1.0",
        f"tccb_edit_to_result_seconds_sum{label} {seconds}",
    }
    assert looked_at(tmp_path, *runs) == (expected if seconds else set())


def test_who_asks_the_port_is_answered() -> None:
    metrics = FleetMetrics()
    metrics.failed("mot")
    with metrics.served("127.0.0.1", 0) as port:
        answer = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=HANG_SECONDS)
    assert 'tccb_cycles_failed_total{workbook="mot"} 1.0' in answer.text
