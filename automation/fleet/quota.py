"""How many requests a minute all workers of a fleet together may send to Google: booked in the database they share.

Google counts reads and writes apart: 60 a minute for one account, 300 for the project that it belongs to (Sheets API
usage limits). Who asks gets the next free moment, so workers get their turns in the order in which they asked.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msgspec import Struct
from psycopg import Error as DatabaseError
from psycopg_pool import ConnectionPool, PoolTimeout
from pydantic import SecretStr
from pyrate_limiter import Duration, PostgresBucket, Rate, RateItem
from pyrate_limiter.abstracts.algorithm import Decision

from automation.adapters.google.api.budget import REQUESTS_A_MINUTE, Bucket, Quota
from automation.adapters.store.postgres import database_name, libpq_address
from automation.base.errors import DatabaseUnavailable
from automation.base.messages import text
from automation.fleet.registry import FLEET_SCHEMA

OF_A_PROJECT = 275
"""Of the 300 that Google allows; the rest is for clocks that run apart, and for looks by hand."""
_MOST_CONNECTIONS = 4
_CONNECT_SECONDS = 10
_CONTENDED_SECONDS = 0.02
"""Before a table is asked again that another worker has just locked."""
_TIDIES_EVERY = 50
"""Requests, after which those of long ago are forgotten."""


class SharedQuota:
    """The quotas of all accounts; may be asked by several threads. The schema of the fleet has to be there."""

    def __init__(
        self, url: SecretStr, of_an_account: int = REQUESTS_A_MINUTE, of_a_project: int = OF_A_PROJECT
    ) -> None:
        """How many requests of a kind may go in a minute."""
        self._url, self._of_an_account, self._of_a_project = url, of_an_account, of_a_project
        # The library keeps times without their zone, so every worker has to speak of the same one.
        options = {"options": f"-c search_path={FLEET_SCHEMA} -c timezone=UTC", "connect_timeout": _CONNECT_SECONDS}
        self._pool = ConnectionPool(
            libpq_address(url),
            kwargs=options,
            min_size=0,
            max_size=_MOST_CONNECTIONS,
            timeout=_CONNECT_SECONDS,
            check=ConnectionPool.check_connection,  # a server that was started anew is asked again at once
            open=True,
        )

    def close(self) -> None:
        """Let go of the database."""
        self._pool.close()

    def of(self, account: str) -> QuotaOfAccount:
        """That of the account with that address."""
        return QuotaOfAccount(self, account)

    def use(self, account: str, kind: Bucket) -> Use:
        """Of the quota of that account. Raises `TccbError` where the database cannot be asked."""
        with self.explained():
            project, own = self.buckets(account, kind)
            now: int = own.now()  # type: ignore[no-untyped-call]
            wait = max(_wait(project, self._of_a_project, now), _wait(own, self._of_an_account, now))
            booked = own.count()
        assert isinstance(booked, int)  # this bucket does not answer later
        return Use(booked, self._of_an_account, wait)

    def wait(self, account: str) -> float:
        """Seconds until that account may read again. Raises as `use`."""
        return self.use(account, Bucket.READ).wait_seconds

    def buckets(self, account: str, kind: Bucket) -> tuple[PostgresBucket, PostgresBucket]:
        """Those of its project and of its own; their tables are made where there are none."""
        return (
            self._bucket(f"project {project_of(account)}", kind, self._of_a_project),
            self._bucket(f"account {account}", kind, self._of_an_account),
        )

    def _bucket(self, whose: str, kind: Bucket, most: int) -> PostgresBucket:
        table = f"{kind.value}_{hashlib.sha256(whose.encode()).hexdigest()[:16]}"
        return PostgresBucket(self._pool, table, [Rate(most, Duration.MINUTE)])

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Raises `DatabaseUnavailable`."""
        try:
            yield
        except (DatabaseError, PoolTimeout):
            raise DatabaseUnavailable(text("store.database_unreachable", database=database_name(self._url))) from None


class Use(Struct, frozen=True):
    """What is booked of a quota."""

    booked: int
    """In the last minute, and in those to come."""
    most: int
    """How many may go in a minute."""
    wait_seconds: float
    """After which the next free moment comes."""


class MeasuredQuota:
    """See `Quota`: one that tells how long requests have to wait, and for what."""

    def __init__(self, quota: Quota, told: Callable[[str, float], None]) -> None:
        self._quota, self._told = quota, told

    def reserve(self, bucket: Bucket) -> float:
        """See `Quota`."""
        wait = self._quota.reserve(bucket)
        self._told(bucket.value, wait)
        return wait


class QuotaOfAccount:
    """See `Quota`: what is booked for one account, whichever worker uses it."""

    def __init__(self, shared: SharedQuota, account: str) -> None:
        self._shared, self._account = shared, account
        self._lock = threading.Lock()
        self._buckets: dict[Bucket, tuple[PostgresBucket, PostgresBucket]] = {}
        self._asked = 0

    def reserve(self, bucket: Bucket) -> float:
        """See `Quota`. Raises `TccbError` where the database cannot be asked."""
        with self._lock, self._shared.explained():
            if bucket not in self._buckets:
                self._buckets[bucket] = self._shared.buckets(self._account, bucket)
            project, own = self._buckets[bucket]
            now: int = own.now()  # type: ignore[no-untyped-call]
            self._tidy(now)
            return (_booked_in_both(project, own, now) - now) / 1000

    def _tidy(self, now: int) -> None:
        if self._asked % _TIDIES_EVERY == 0:
            for each in (each for both in self._buckets.values() for each in both):
                each.leak(now)
        self._asked += 1


def project_of(account: str) -> str:
    """The project that a service account belongs to, by its address; "" where that does not tell."""
    host = account.partition("@")[2]
    return host.removesuffix(".iam.gserviceaccount.com") if host.endswith(".iam.gserviceaccount.com") else ""


def _wait(bucket: PostgresBucket, most: int, now: int) -> float:
    """Seconds until the next free moment; what is past is forgotten."""
    bucket.leak(now)
    last = bucket.peek(most - 1)
    assert isinstance(last, RateItem | None)  # this bucket does not answer later
    return max(0.0, (last.timestamp + Duration.MINUTE - now) / 1000) if last else 0.0


def _booked_in_both(project: PostgresBucket, own: PostgresBucket, at: int) -> int:
    """The first moment from `at` on, in milliseconds, that is booked in both; what was booked in one alone on the way
    is lost, which only keeps us further from the limit.
    """
    at, other, last = _booked(project, at), own, project
    while (found := _booked(other, at)) != at:
        at, other, last = found, last, other
    return at


def _booked(bucket: PostgresBucket, at: int) -> int:
    """The first free moment from `at` on, which is free no longer."""
    while True:
        decision = bucket.put_decision(RateItem("request", at))
        assert isinstance(decision, Decision)  # this bucket does not answer later
        if decision.allowed:
            return at
        if decision.retry_after_ms is None:  # another worker has the table
            time.sleep(_CONTENDED_SECONDS)
        else:
            at += max(decision.retry_after_ms, 1)
