"""The quota that all workers share: at a real PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import pytest

from automation.adapters.google.api.budget import Bucket, Quota, Throttle
from automation.adapters.google.api.sheets import connect
from automation.base.errors import DatabaseUnavailable, QuotaSpent
from automation.fleet.quota import MeasuredQuota, SharedQuota, Use, project_of
from automation.fleet.registry import Registry
from tests.emulator import Emulator
from tests.emulator.emulator import NOBODY
from tests.postgres import PostgresServer, needs_postgres, postgres_server

pytestmark = [needs_postgres, pytest.mark.slow]
MINUTE = 60.0
NEAR = 5.0
"""Seconds that a test may take on a busy machine before a free moment looks like another."""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        with closing(Registry(running.url)) as registry:
            registry.all()
        yield running


def minutes_waited(waits: list[float]) -> list[int]:
    return [round(each / MINUTE) for each in waits]


def test_two_workers_draw_on_one_account(server: PostgresServer) -> None:
    with closing(SharedQuota(server.url, 4)) as one, closing(SharedQuota(server.url, 4)) as two:
        workers = [quota.of("two@example.org") for quota in (one, two)]
        waits = [workers[turn % 2].reserve(Bucket.READ) for turn in range(10)]
        assert minutes_waited(waits) == [0] * 4 + [1] * 4 + [2] * 2
        assert workers[0].reserve(Bucket.WRITE) < NEAR, "writes are counted apart"
        assert one.of("other@example.org").reserve(Bucket.READ) < NEAR, "another account has its own"


class Ahead:
    """A clock of Google's that is put forward to the moment for which somebody waits."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return max(time.time(), self.at)

    def sleep(self, seconds: float) -> None:
        self.at = time.time() + seconds


def minutes_of_two_workers(quotas_of: Sequence[Callable[[str], Quota] | None]) -> Counter[tuple[int, int]]:
    """How many requests of each worker went in which minute, where they ask in turn and both at once want more than a
    minute's. Raises `QuotaSpent`.
    """
    clock, minutes = Ahead(), Counter[tuple[int, int]]()
    with Emulator(clock=clock, quota=True) as emulator:
        sheet = emulator.new_spreadsheet(editors=[NOBODY])
        throttle = Throttle(sleep=clock.sleep)
        workers = [connect(None, emulator.host, throttle=throttle, quota_of=quota_of) for quota_of in quotas_of]
        began = time.time()
        for turn in range(110):
            workers[turn % 2].http_client.request("GET", f"https://sheets.googleapis.com/v4/spreadsheets/{sheet.id}")
            minutes[turn % 2, round((clock() - began) / MINUTE)] += 1
        assert all(record.status == 200 for record in emulator.journal)
    return minutes


def test_two_workers_with_one_account_are_refused_nothing_and_get_equal_shares(server: PostgresServer) -> None:
    with closing(SharedQuota(server.url)) as one, closing(SharedQuota(server.url)) as two:
        minutes = minutes_of_two_workers([one.of, two.of])
    assert minutes == {(0, 0): 28, (1, 0): 27, (0, 1): 27, (1, 1): 28}
    with pytest.raises(QuotaSpent):  # else this would prove nothing
        minutes_of_two_workers([None, None])


def test_how_much_of_a_quota_is_booked_is_told_with_what_is_booked_for_later(server: PostgresServer) -> None:
    with closing(SharedQuota(server.url, 3)) as quota:
        own = quota.of("told@example.org")
        assert quota.use("told@example.org", Bucket.READ) == Use(0, 3, 0)
        for _ in range(2):
            own.reserve(Bucket.READ)
        assert quota.use("told@example.org", Bucket.READ) == Use(2, 3, 0)
        for _ in range(3):
            own.reserve(Bucket.READ)
        told = quota.use("told@example.org", Bucket.READ)
        assert (told.booked, minutes_waited([told.wait_seconds])) == (5, [1])
        assert quota.use("told@example.org", Bucket.WRITE) == Use(0, 3, 0)


def test_who_measures_a_quota_is_told_of_waits(server: PostgresServer) -> None:
    told: list[tuple[str, float]] = []
    with closing(SharedQuota(server.url, 1)) as quota:
        measured = MeasuredQuota(quota.of("watched@example.org"), lambda kind, seconds: told.append((kind, seconds)))
        waits = [measured.reserve(Bucket.WRITE) for _ in range(2)]
    assert told == [("write", wait) for wait in waits]


def test_the_accounts_of_a_project_share_its_quota(server: PostgresServer) -> None:
    accounts = [f"{name}@so-y-te.iam.gserviceaccount.com" for name in ("mot", "hai", "ba")]
    with closing(SharedQuota(server.url, 4, 6)) as quota:
        kept = [quota.of(account) for account in accounts]
        waits = [kept[turn % 3].reserve(Bucket.READ) for turn in range(12)]
    assert minutes_waited(waits)[:6] == [0] * 6
    assert all(each >= 1 for each in minutes_waited(waits)[6:])


def test_workers_that_ask_at_once_never_go_beyond_it(server: PostgresServer) -> None:
    most, moments = 5, list[float]()
    with closing(SharedQuota(server.url, most)) as one, closing(SharedQuota(server.url, most)) as two:

        def ask(quota: SharedQuota) -> None:
            own = quota.of("busy@example.org")
            for _ in range(4):
                asked = time.time()
                moments.append(own.reserve(Bucket.READ) + asked)

        threads = [threading.Thread(target=ask, args=(quota,)) for quota in (one, two) * 3]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert len(moments) == 24
    ordered = sorted(moments)
    gaps = [later - earlier for earlier, later in zip(ordered, ordered[most:], strict=False)]
    assert min(gaps) > MINUTE - NEAR
    assert max(ordered) - min(ordered) < MINUTE * 5 + NEAR, "and none is given away for nothing"


def test_a_server_that_was_started_anew_still_knows_what_was_booked(
    server: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(SharedQuota(server.url, 2)) as quota:
        own = quota.of("anew@example.org")
        waits = [own.reserve(Bucket.READ)]
        server.stop()
        server.start()
        waits += [own.reserve(Bucket.READ) for _ in range(2)]
    assert minutes_waited(waits) == [0, 0, 1]
    assert caplog.messages == [], "nor is any other clock asked"


def test_a_database_that_is_gone_is_told(server: PostgresServer) -> None:
    with closing(SharedQuota(server.url)) as quota:
        own = quota.of("gone@example.org")
        own.reserve(Bucket.READ)
        quota.close()
        with pytest.raises(DatabaseUnavailable, match="cơ sở dữ liệu"):
            own.reserve(Bucket.READ)


@pytest.mark.parametrize(
    ("account", "project"),
    [
        ("bot@so-y-te.iam.gserviceaccount.com", "so-y-te"),
        ("bot@example.org", ""),
        ("", ""),
    ],
)
def test_the_project_of_an_account(account: str, project: str) -> None:
    assert project_of(account) == project
