"""A SQLite file that is created when something is first written, knows its version, and speaks of its troubles
in sentences that say what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from automation.base.errors import TccbError
from automation.base.messages import text
from automation.base.private_files import make_private_file

_Read = TypeVar("_Read")
_LOG_WAIT_MS = 1_000
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


class Database:
    """One connection, opened when it is first needed.

    `migrations[n]` are the statements that lead from version n to n + 1; the file holds its version.
    """

    def __init__(self, path: Path, migrations: Sequence[Sequence[str]], busy_seconds: float) -> None:
        self.path = path
        self._migrations = migrations
        self._busy_seconds = busy_seconds
        self._connection: sqlite3.Connection | None = None

    @property
    def is_empty(self) -> bool:
        """True where nothing was ever written; asking creates nothing."""
        return not self.path.exists() or self.path.stat().st_size == 0

    def rows(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """Run one statement; all rows of its answer. Raises `TccbError` for what a person can mend."""
        with explained(self.path):
            if self._connection is None:
                self._connection = self._opened()
            return self._connection.execute(statement, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens together or, where it raises, not at all. Waits for other writers."""
        self.rows("BEGIN IMMEDIATE")
        try:
            yield
            self.rows("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def close(self) -> None:
        """Let go of the file; using the database again opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def empty_log(self) -> None:
        """Take over into the file what the write-ahead log holds: pages that were overwritten since stay readable in it
        until then. Left to the next time where somebody else reads just now.
        """
        self.rows(f"PRAGMA busy_timeout = {_LOG_WAIT_MS}")
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        self.rows(f"PRAGMA busy_timeout = {int(self._busy_seconds * 1000)}")

    def decoded(self, decode: Callable[[Any], _Read], stored: object) -> _Read:
        """What `decode` makes of something stored. Raises `TccbError` where it is not what was once written."""
        try:
            return decode(stored)
        except (ValueError, TypeError):
            # Without the cause: it would repeat what is stored.
            raise self.damaged() from None

    def damaged(self) -> TccbError:
        """For content that is not what was once written."""
        return TccbError(text("store.damaged", path=self.path))

    def _opened(self) -> sqlite3.Connection:
        # SQLite gives -wal and -shm the mode of the file itself.
        make_private_file(self.path)
        connection = sqlite3.connect(self.path, timeout=self._busy_seconds, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # What was committed survives a power cut: a mail noted as sent is not sent again.
            connection.execute("PRAGMA synchronous = FULL")
            # What mails said is overwritten once they are gone.
            connection.execute("PRAGMA secure_delete = ON")
            # A table that is made anew takes nothing along.
            connection.execute("PRAGMA foreign_keys = OFF")
            self._migrate(connection)
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if _version(connection) == len(self._migrations):
            return
        connection.execute("BEGIN IMMEDIATE")
        # Another process may have been faster.
        version = _version(connection)
        if version > len(self._migrations):
            raise TccbError(text("store.newer", path=self.path))
        for statement in (each for step in self._migrations[version:] for each in step):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(self._migrations)}")
        connection.execute("COMMIT")

    def _roll_back(self) -> None:
        # SQLite has already done so after some errors.
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def set_aside_if_damaged(path: Path, now: datetime) -> Path | None:
    """Give a file that is no sound database another name, so that a new one can be begun and nothing is overwritten;
    its new path, None where nothing was wrong. Raises `TccbError` where it is out of reach.
    """
    with explained(path):
        if not path.exists() or path.stat().st_size == 0 or _is_sound(path):
            return None
        kept = path.with_name(f"{path.stem}-{now:%Y%m%d-%H%M%S}{path.suffix}.damaged")
        for ending in ("-wal", "-shm", ""):  # the file last: who is killed in between finds it again
            part = path.with_name(path.name + ending)
            if part.exists():
                part.rename(kept.with_name(kept.name + ending))
    return kept


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
    except sqlite3.Error as error:
        # The low byte is the kind of trouble, the rest its circumstances (sqlite.org/rescode.html).
        sentence = _SENTENCES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if sentence is None:
            raise
        raise TccbError(text(sentence, path=path)) from error
    except OSError as error:
        raise TccbError(text("store.inaccessible", path=path)) from error


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


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
