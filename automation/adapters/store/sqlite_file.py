"""The embedded database: a SQLite file, private to its owner, and locks that are files too."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from automation.adapters.store.database import Database, Steps
from automation.base.errors import TccbError
from automation.base.messages import text
from automation.base.private_files import make_private_file

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LOG_WAIT_MS = 1_000
_PARTS = ("-wal", "-shm", "")
"""What is added to the name of each file of a database; itself last: who is killed in between finds it again."""
_SENTENCES = {
    sqlite3.SQLITE_BUSY: "store.locked",
    sqlite3.SQLITE_LOCKED: "store.locked",
    sqlite3.SQLITE_CORRUPT: "store.damaged",
    sqlite3.SQLITE_NOTADB: "store.damaged",
    sqlite3.SQLITE_CANTOPEN: "store.inaccessible",
    sqlite3.SQLITE_READONLY: "store.inaccessible",
    sqlite3.SQLITE_PERM: "store.inaccessible",
    sqlite3.SQLITE_IOERR: "store.inaccessible",
    sqlite3.SQLITE_FULL: "store.inaccessible",
}


class SqliteDatabase(Database):
    """A file.

    `migrations[n]` are the statements that lead from version n to n + 1; the file holds its version.
    """

    def __init__(self, path: Path, migrations: Steps, busy_seconds: float) -> None:
        super().__init__()
        self.path = path
        self._migrations = migrations
        self._busy_seconds = busy_seconds

    @property
    def is_empty(self) -> bool:
        """See `Database`. Raises `TccbError` where it is out of reach: what is kept there is not nothing."""
        with explained(self.path):
            try:
                return self.path.stat().st_size == 0
            except FileNotFoundError:
                return True

    def held_alone(self, what: str) -> AbstractContextManager[bool]:
        """See `Database`: by a file beside ours."""
        return held_alone(self.path.with_suffix(f".{what}"))

    def empty_log(self) -> None:
        """Take over into the file what the write-ahead log holds: pages that were overwritten since stay readable in it
        until then. Left to the next time where somebody else reads just now.
        """
        self.rows(f"PRAGMA busy_timeout = {_LOG_WAIT_MS}")
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        self.rows(f"PRAGMA busy_timeout = {int(self._busy_seconds * 1000)}")

    def compact(self) -> None:
        """See `Database`."""
        self.rows("VACUUM")
        self.empty_log()

    def damaged(self) -> TccbError:
        """See `Database`."""
        return TccbError(text("store.damaged", path=self.path))

    def _opened(self) -> Connection:
        from sqlalchemy import NullPool, create_engine  # who asks for help need not wait for it

        # SQLite gives -wal and -shm the mode of the file itself.
        make_private_file(self.path)
        # What is stored is personal, and no part of an error that ends in a log.
        engine = create_engine("sqlite://", creator=self._connected, poolclass=NullPool, hide_parameters=True)
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            self._migrate(connection)
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=self._busy_seconds, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # What was committed survives a power cut: a mail noted as sent is not sent again.
            connection.execute("PRAGMA synchronous = FULL")
            # What mails said is overwritten once they are gone.
            connection.execute("PRAGMA secure_delete = ON")
            # A table that is made anew takes nothing along.
            connection.execute("PRAGMA foreign_keys = OFF")
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: Connection) -> None:
        if _version(connection) == len(self._migrations):
            return
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        # Another process may have been faster.
        version = _version(connection)
        if version > len(self._migrations):
            raise TccbError(text("store.newer", path=self.path))
        for statement in (each for step in self._migrations[version:] for each in step):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"PRAGMA user_version = {len(self._migrations)}")
        connection.exec_driver_sql("COMMIT")

    def _begin(self) -> None:
        self.rows("BEGIN IMMEDIATE")

    def _is_in_transaction(self, connection: Connection) -> bool:
        driver = connection.connection.driver_connection
        return isinstance(driver, sqlite3.Connection) and driver.in_transaction

    def _explained(self) -> AbstractContextManager[None]:
        return explained(self.path)


def set_aside_if_damaged(path: Path, now: datetime) -> Path | None:
    """Give a file that is no sound database another name, so that a new one can be begun and nothing is overwritten;
    its new path, None where nothing was wrong. Raises `TccbError` where it is out of reach.
    """
    with explained(path):
        if not path.exists() or path.stat().st_size == 0 or _is_sound(path):
            return None
        kept = _free_name(path, now)
        for ending in _PARTS:
            part = path.with_name(path.name + ending)
            if part.exists():
                part.rename(kept.with_name(kept.name + ending))
    return kept


def _free_name(path: Path, now: datetime) -> Path:
    """Under which nothing lies, whatever was set aside in the same second."""
    numbers = chain([""], (f"-{number}" for number in count(2)))
    names = (path.with_name(f"{path.stem}-{now:%Y%m%d-%H%M%S}{each}{path.suffix}.damaged") for each in numbers)
    return next(each for each in names if not any(each.with_name(each.name + part).exists() for part in _PARTS))


def _is_sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with it. Raises what else may be the matter."""
    with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
        try:
            [(found,)] = connection.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.DatabaseError as error:
            if _SENTENCES.get(error.sqlite_errorcode & 0xFF) == "store.damaged":
                return False
            raise
    return bool(found == "ok")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Errors of SQLite and of the disk become a `TccbError` that says which file and what to do."""
    try:
        yield
    except OSError as error:
        raise TccbError(text("store.inaccessible", path=path)) from error
    except Exception as error:
        # The low byte is the kind of trouble, the rest its circumstances (sqlite.org/rescode.html).
        sentence = _SENTENCES.get(getattr(_of_sqlite(error), "sqlite_errorcode", 0) & 0xFF)
        if sentence is None:
            raise
        raise TccbError(text(sentence, path=path)) from error


def _of_sqlite(error: Exception) -> object:
    """SQLAlchemy wraps what the driver raises."""
    return getattr(error, "orig", error)


@contextmanager
def held_alone(path: Path) -> Iterator[bool]:
    """Whether we are the only process inside this block; the system lets go of a dead one's hold.

    A transaction on a file of its own: SQLite locks files on every system alike.
    """
    with explained(path):
        make_private_file(path)
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        yield _took(connection, path)
    finally:
        connection.close()


def is_held(path: Path) -> bool:
    """Whether a process is inside `held_alone` now; asking leaves nothing behind."""
    with explained(path):
        if not path.exists():
            return False
    with explained(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", 0, uri=True)) as connection:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                return True
            raise
    return False


def _took(connection: sqlite3.Connection, path: Path) -> bool:
    with explained(path):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                return False
            raise
    return True


def _version(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
