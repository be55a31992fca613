"""The benchmark of a fleet, small: whatever dies meanwhile, every edit gets its result and every mail goes once."""

from __future__ import annotations

import pytest

from tests.fleet.measure import asked_for, measured, runs_of, table
from tests.postgres import needs_postgres


@needs_postgres
@pytest.mark.slow
def test_two_small_workbooks_lose_nothing_while_workers_die_at_mails_and_the_database_restarts() -> None:
    small = ["--workbooks", "2", "--units", "4", "--people", "5", "--mail-seconds", "0.3", "--edited", "1.5"]
    asked = asked_for([*small, "--minutes", "1", "--kills-at-mails", "99", "--restart-every", "25"])
    [found] = map(measured, runs_of(asked))
    assert (bool(found["kills at mails"]), found["restarts of PostgreSQL"] > 0, found["edits"] > 0) == (
        True,
        True,
        True,
    )
    nothing = (
        "without a result",
        "lost",
        "units without a mail",
        "came twice outside the one window",
        "input cells changed",
    )
    assert {what: found[what] for what in nothing} == dict.fromkeys(nothing, 0)
    assert set(found["mails"]) == {"sent"}


def test_a_run_for_each_number_of_workers_gets_a_column() -> None:
    runs = list(runs_of(asked_for(["--workers", "1", "2", "4", "--people", "500"])))
    assert [(each.workers, each.people) for each in runs] == [(1, 500), (2, 500), (4, 500)]
    figures = [{"workers": 1, "mails": {"sent": 3}, "cold": (9, 2)}, {"workers": 2, "mails": {}, "cold": (8, 1)}]
    assert [line.split() for line in table(figures).splitlines()] == [
        ["workers", "1", "2"],
        ["mails", "sent:3", "–"],
        ["cold", "9", "2", "8", "1"],
    ]
