from __future__ import annotations

import requests
from prometheus_client import generate_latest

from automation.core.model.runs import RunRecord
from automation.fleet.metrics import FleetMetrics
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
    metrics.ended("Sở Y tế", RUN, problems=3)
    metrics.ended("Sở Y tế", RUN, problems=1)
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
        f"tccb_cycle_seconds_count{{{book}}} 2.0",
        f"tccb_cycle_seconds_sum{{{book}}} 3.0",
        f"tccb_lateness_seconds_count{{{book}}} 1.0",
        f"tccb_lateness_seconds_sum{{{book}}} 2.0",
    }


def test_who_asks_the_port_is_answered() -> None:
    metrics = FleetMetrics()
    metrics.failed("mot")
    with metrics.served("127.0.0.1", 0) as port:
        answer = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=HANG_SECONDS)
    assert 'tccb_cycles_failed_total{workbook="mot"} 1.0' in answer.text
