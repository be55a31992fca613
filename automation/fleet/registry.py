"""The workbooks of a fleet, in the database that its workers share."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from pydantic import SecretStr

from automation.adapters.store.postgres import PostgresDatabase

if TYPE_CHECKING:
    from sqlalchemy import MetaData

FLEET_SCHEMA = "tccb_fleet"
_COLUMNS = "key, address, name, credentials, is_paused, worker, next_at, account, began_at, failed_at"
_STEPS = (
    (
        "ALTER TABLE workbook ADD COLUMN edited_at DOUBLE PRECISION NOT NULL DEFAULT 0",
        "ALTER TABLE workbook ADD COLUMN account TEXT",
    ),
    (
        "ALTER TABLE workbook ADD COLUMN began_at DOUBLE PRECISION",
        "ALTER TABLE workbook ADD COLUMN failed_at DOUBLE PRECISION",
    ),
)
"""From the tables of earlier versions to those of `tables.py`."""
_BUSY_SECONDS = 30.0
LONGEST_CYCLE = timedelta(minutes=15)
"""A cycle that has begun is due again only then, unless it tells its end before."""
EDITED_FOR = timedelta(minutes=10)
"""So long after an edit people are taken to be at it."""
QUIET_WAITS = timedelta(minutes=1)
"""A workbook in which nobody is at work stands behind those in which people wait that became due until so much later:
it comes later where workers have more to do than they can, and still comes.
"""


class FleetWorkbook(Struct, frozen=True):
    """One workbook."""

    key: str
    """The same from whichever machine it is named."""
    address: str
    """As the operator typed it."""
    name: str
    """What people call it; the address where nobody said."""
    credentials: str
    """The path of the key that opens it, on every machine; "" leaves that to the environment."""
    is_paused: bool = False
    worker: str = ""
    """Which one had it last."""
    next_at: float = 0.0
    """When it is due, in seconds since 1970."""
    account: str | None = None
    """The address of the account whose quota it draws on, "" where that is not known; None where it draws on none."""
    began_at: float | None = None
    """Since when a worker is at it, or was when it died."""
    failed_at: float | None = None
    """When its last cycle failed; None where that came to its end."""


class Due(Struct, frozen=True):
    """One that is to be looked at."""

    key: str
    worker: str
    """Which one had it last; "" where none did."""
    since: float
    """The smaller, the sooner its turn; 0 for at once."""
    next_at: float
    account: str | None
    """See `FleetWorkbook`."""


class CycleEnd(Struct, frozen=True):
    """What a cycle leaves for the next one."""

    next_at: datetime
    is_edited: bool = False
    """Whether people had typed something."""
    account: str | None = None
    """See `FleetWorkbook`."""
    size: int = 0
    """What the workbook takes of the memory while it is open, in bytes."""


class Registry:
    """All workbooks; may be asked by several threads. Raises `TccbError` where the database cannot be asked."""

    def __init__(self, url: SecretStr) -> None:
        self._database = PostgresDatabase(url, FLEET_SCHEMA, _STEPS, _BUSY_SECONDS, tables=_tables)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._database.close()

    def add(self, workbook: FleetWorkbook) -> None:
        """Take it on, or give one that is there another name or other credentials; it is due at once."""
        self._rows(
            """INSERT INTO workbook (key, address, name, credentials)
            VALUES (:key, :address, :name, :credentials)
            ON CONFLICT (key) DO UPDATE SET address = excluded.address, name = excluded.name,
                credentials = excluded.credentials, next_at = 0""",
            {each: getattr(workbook, each) for each in ("key", "address", "name", "credentials")},
        )

    def remove(self, key: str) -> bool:
        """Whether it was there. What the bot remembers of it stays."""
        return bool(self._rows("DELETE FROM workbook WHERE key = :key RETURNING key", {"key": key}))

    def pause(self, key: str, *, paused: bool) -> bool:
        """Whether it is there. One that goes on is due at once."""
        return bool(
            self._rows(
                "UPDATE workbook SET is_paused = :paused, next_at = 0 WHERE key = :key RETURNING key",
                {"key": key, "paused": paused},
            )
        )

    def all(self) -> list[FleetWorkbook]:
        """By name."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM workbook ORDER BY name, key", {})
        return [FleetWorkbook(*row) for row in rows]

    def due(self, now: datetime) -> list[Due]:
        """Those that are to be looked at, in the order of their turns."""
        rows = self._rows(
            """SELECT key, worker,
                CASE WHEN next_at > 0 AND edited_at < :edited THEN next_at + :quiet ELSE next_at END, next_at, account
            FROM workbook WHERE next_at <= :now AND NOT is_paused ORDER BY 3, key""",
            {
                "now": now.timestamp(),
                "edited": (now - EDITED_FOR).timestamp(),
                "quiet": QUIET_WAITS.total_seconds(),
            },
        )
        return [Due(*row) for row in rows]

    def begin(self, key: str, worker: str, now: datetime) -> FleetWorkbook | None:
        """The workbook as its last worker left it, which is now this one's; None where it is not to be looked at."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM workbook WHERE key = :key AND NOT is_paused", {"key": key})
        if not rows:
            return None
        self._rows(
            "UPDATE workbook SET worker = :worker, next_at = :next_at, began_at = :now WHERE key = :key",
            {"key": key, "worker": worker, "next_at": (now + LONGEST_CYCLE).timestamp(), "now": now.timestamp()},
        )
        return FleetWorkbook(*rows[0])

    def fail(self, key: str, next_at: datetime, now: datetime) -> None:
        """Its cycle did not come to its end, and is tried again then."""
        self._rows(
            "UPDATE workbook SET next_at = :at, began_at = NULL, failed_at = :now WHERE key = :key",
            {"key": key, "at": next_at.timestamp(), "now": now.timestamp()},
        )

    def end(self, key: str, end: CycleEnd, now: datetime) -> None:
        """Its cycle has ended."""
        self._rows(
            """UPDATE workbook SET next_at = :at, account = :account, began_at = NULL, failed_at = NULL,
                edited_at = CASE WHEN :edited THEN :now ELSE edited_at END WHERE key = :key""",
            {
                "key": key,
                "at": end.next_at.timestamp(),
                "account": end.account,
                "edited": end.is_edited,
                "now": now.timestamp(),
            },
        )

    def _rows(self, statement: str, parameters: dict[str, object]) -> list[Any]:
        with self._lock:
            self._database.refresh()
            return self._database.rows(statement, parameters)


def _tables() -> MetaData:
    from automation.fleet.tables import TABLES

    return TABLES
