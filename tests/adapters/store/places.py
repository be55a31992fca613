"""Where a store lies, of either kind, in words that another process understands."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import Struct
from pydantic import SecretStr

from automation.adapters.store.database import Database
from automation.adapters.store.migrations import MIGRATIONS
from automation.adapters.store.opening import PostgresStore
from automation.adapters.store.postgres import PostgresDatabase, schema_of
from automation.adapters.store.sqlite_file import SqliteDatabase
from automation.adapters.store.store import DatabaseStore, SqliteStore, new_token
from tests.patience import HANG_SECONDS


class StorePlace(Struct, frozen=True):
    """A file, or the address of a server with the name of a workbook."""

    where: Path | tuple[SecretStr, str]
    tokens: Callable[[], Callable[[], str]] = lambda: new_token
    """Makes the maker of Message-IDs of each store."""

    def open(self) -> DatabaseStore:
        """As a fresh process does."""
        if isinstance(self.where, Path):
            return SqliteStore(self.where, new_token=self.tokens(), busy_seconds=HANG_SECONDS)
        url, workbook = self.where
        return PostgresStore(url, workbook, new_token=self.tokens(), busy_seconds=HANG_SECONDS)

    def asked(self, statement: str) -> list[Any]:
        """What stands in the tables."""
        with closing(self._database()) as database:
            return database.rows(statement)

    def _database(self) -> Database:
        if isinstance(self.where, Path):
            return SqliteDatabase(self.where, MIGRATIONS, HANG_SECONDS)
        url, workbook = self.where
        return PostgresDatabase(url, schema_of(workbook), MIGRATIONS, HANG_SECONDS)

    @property
    def told(self) -> str:
        """As `told_place` reads it."""
        return (
            str(self.where) if isinstance(self.where, Path) else f"{self.where[0].get_secret_value()} {self.where[1]}"
        )


def told_place(told: str) -> StorePlace:
    """The place, in another process."""
    url, _, workbook = told.partition(" ")
    return StorePlace((SecretStr(url), workbook) if workbook else Path(told))
