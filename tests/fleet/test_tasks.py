from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.jobs import Job

from automation.fleet.tasks import FIRST_WAIT, LONGEST_WAIT, CycleFailed, CycleStopped, Later


def job(attempts: int) -> Job:
    return Job(id=1, queue="cycles", lock="mot", queueing_lock="mot", task_name="cycle", attempts=attempts)


@pytest.mark.parametrize(
    ("attempts", "wait"), [(0, FIRST_WAIT), (1, 2 * FIRST_WAIT), (5, LONGEST_WAIT), (999, LONGEST_WAIT)]
)
def test_who_fails_waits_longer_each_time_and_is_never_given_up(attempts: int, wait: timedelta) -> None:
    decided = Later().get_retry_decision(exception=CycleFailed(), job=job(attempts))
    assert decided.retry_at is not None
    assert abs(decided.retry_at - datetime.now(UTC) - wait) < timedelta(seconds=5)


def test_what_was_stopped_with_its_worker_goes_on_at_once() -> None:
    decided = Later().get_retry_decision(exception=CycleStopped(), job=job(9))
    assert decided.retry_at is not None
    assert decided.retry_at <= datetime.now(UTC)
