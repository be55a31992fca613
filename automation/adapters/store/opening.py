"""Where the state of a workbook lies: a file of its state folder, or the database that several machines share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

from pydantic import SecretStr

from automation.adapters.store.migrations import MIGRATIONS
from automation.adapters.store.postgres import PostgresDatabase, schema_of
from automation.adapters.store.sqlite_file import held_alone
from automation.adapters.store.store import STORE_FILE, WORKER_LOCK, DatabaseStore, SqliteStore, new_token


class PostgresStore(DatabaseStore):
    """`Store` in the schema of a workbook."""

    def __init__(
        self,
        url: SecretStr,
        workbook: str,
        *,
        new_token: Callable[[], str] = new_token,
        seconds: Callable[[], float] = monotonic,
        busy_seconds: float = 30.0,
    ) -> None:
        """`workbook`: its address, of which the schema is named."""
        self._tables = PostgresDatabase(url, schema_of(workbook), MIGRATIONS, busy_seconds)
        super().__init__(self._tables, new_token, seconds)

    def owner(self, *, keeps: bool) -> str:
        """Who has the workbook, the same on every machine; "" where nothing was ever written and it `keeps` nothing."""
        if keeps:
            self._tables.begin()
        return self._tables.owner()


def open_store(folder: Path, workbook: str, database: SecretStr | None) -> DatabaseStore:
    """The store of a workbook. Nothing is made or asked by that. Raises `CannotStart` for an address of no database."""
    return SqliteStore(folder / STORE_FILE) if database is None else PostgresStore(database, workbook)


@contextmanager
def only_worker_of(folder: Path, workbook: str, database: SecretStr | None) -> Iterator[bool]:
    """Whether we are the only worker of that workbook, on this machine and at the database."""
    with ExitStack() as held:
        alone = held.enter_context(held_alone(folder / WORKER_LOCK))
        if alone and database is not None:
            alone = held.enter_context(_at_database(workbook, database))
        yield alone


@contextmanager
def _at_database(workbook: str, url: SecretStr) -> Iterator[bool]:
    # On a connection of its own: what ends the one of the store does not end this.
    database = PostgresDatabase(url, schema_of(workbook), MIGRATIONS, 30.0)
    try:
        with database.held_alone("worker") as alone:
            yield alone
    finally:
        database.close()
