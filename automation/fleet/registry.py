"""The workbooks of a fleet, in the database that its workers share."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from automation.adapters.store.postgres import PostgresDatabase

if TYPE_CHECKING:
    from sqlalchemy import MetaData

FLEET_SCHEMA = "tccb_fleet"
_COLUMNS = "key, address, name, credentials, is_paused, worker, next_at"
_BUSY_SECONDS = 30.0
LONGEST_CYCLE = timedelta(minutes=15)
"""A cycle that has begun is due again only then, unless it tells its end before."""


@dataclass(frozen=True)
class FleetWorkbook:
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


class Registry:
    """All workbooks; may be asked by several threads. Raises `TccbError` where the database cannot be asked."""

    def __init__(self, url: SecretStr) -> None:
        self._database = PostgresDatabase(url, FLEET_SCHEMA, (), _BUSY_SECONDS, tables=_tables)
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

    def due(self, now: datetime) -> dict[str, str]:
        """Who had each of those last that are to be looked at, by key, who waits longest first."""
        rows = self._rows(
            "SELECT key, worker FROM workbook WHERE next_at <= :now AND NOT is_paused ORDER BY next_at, key",
            {"now": now.timestamp()},
        )
        return dict(map(tuple, rows))

    def begin(self, key: str, worker: str, now: datetime) -> FleetWorkbook | None:
        """The workbook as its last worker left it, which is now this one's; None where it is not to be looked at."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM workbook WHERE key = :key AND NOT is_paused", {"key": key})
        self._rows(
            "UPDATE workbook SET worker = :worker, next_at = :next_at WHERE key = :key",
            {"key": key, "worker": worker, "next_at": (now + LONGEST_CYCLE).timestamp()},
        )
        return FleetWorkbook(*rows[0]) if rows else None

    def end(self, key: str, next_at: datetime) -> None:
        """Its cycle has ended; when it is due again."""
        self._rows("UPDATE workbook SET next_at = :at WHERE key = :key", {"key": key, "at": next_at.timestamp()})

    def _rows(self, statement: str, parameters: dict[str, object]) -> list[Any]:
        with self._lock:
            self._database.refresh()
            return self._database.rows(statement, parameters)


def _tables() -> MetaData:
    from automation.fleet.tables import TABLES

    return TABLES
