"""The benchmark of a fleet, small: whatever dies meanwhile, every edit gets its result and every mail goes once."""

from __future__ import annotations

import pytest

from tests.fleet.measure import asked_for, measured
from tests.postgres import needs_postgres

pytestmark = [needs_postgres, pytest.mark.slow]


def test_two_small_workbooks_lose_nothing_while_workers_die_at_mails_and_the_database_restarts() -> None:
    small = ["--workbooks", "2", "--units", "4", "--people", "5", "--mail-seconds", "0.3", "--edited", "1.5"]
    found = measured(asked_for([*small, "--minutes", "1", "--kills-at-mails", "99", "--restart-every", "25"]))
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
