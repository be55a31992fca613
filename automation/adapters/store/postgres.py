"""The database that several machines share: PostgreSQL, a schema a workbook. What a state file says holds here too: one
writer at a time decides, one process at a time delivers, and who dies lets go of both.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING

from pydantic import SecretStr

from automation.adapters.store.database import Database, Parameters, Steps
from automation.base.errors import CannotStart, DatabaseUnavailable, TccbError
from automation.base.messages import text

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, MetaData, Table
    from sqlalchemy.exc import DBAPIError

SCHEMES = ("postgresql", "postgres")
_LOCKED, _NOT_ALLOWED = "55P03", "42501"
"""SQLSTATE of lock_not_available and insufficient_privilege."""
# A machine that is gone is noticed within a minute, by us and by the server: it then holds no lock any longer.
_ALIVE = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}
_CONNECT_SECONDS = 10
_UNREACHABLE = "store.database_unreachable"


def schema_of(workbook: str) -> str:
    """Where the tables of that workbook lie."""
    return f"tccb_{hashlib.sha256(workbook.encode()).hexdigest()[:16]}"


def database_name(url: SecretStr) -> str:
    """What a person is told of a database: where it lies, and neither user nor password. Raises as `driver_url`."""
    found = driver_url(url)
    return f"{found.host or found.query.get('host') or 'localhost'}/{found.database or ''}"


def libpq_address(url: SecretStr) -> str:
    """The address for programs that speak to the server without SQLAlchemy. Raises as `driver_url` does."""
    return driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def driver_url(url: SecretStr) -> URL:
    """The address for SQLAlchemy. Raises `CannotStart` for any other, or where the driver is missing."""
    from sqlalchemy import make_url  # who keeps a file need not wait for it
    from sqlalchemy.exc import ArgumentError

    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise CannotStart(text("store.extra_missing")) from None
    scheme, _, rest = url.get_secret_value().partition("://")
    try:
        if scheme in SCHEMES and rest:
            return make_url(f"postgresql+psycopg://{rest}")
    except (ArgumentError, ValueError):
        pass
    raise CannotStart(text("store.database_address"))


def _tables_of_a_store() -> MetaData:
    from automation.adapters.store.schema import TABLES  # who keeps a file need not wait for it

    return TABLES


class PostgresDatabase(Database):
    """Tables in a schema of their own, by default those of one workbook."""

    def __init__(
        self,
        url: SecretStr,
        schema: str,
        migrations: Steps,
        busy_seconds: float,
        *,
        tables: Callable[[], MetaData] = _tables_of_a_store,
    ) -> None:
        super().__init__()
        self._tables = tables
        self._url = url
        self._schema = schema
        self._migrations = migrations
        self._busy_seconds = busy_seconds

    @property
    def is_empty(self) -> bool:
        """See `Database`. A connection that found tables is kept."""
        if self._connection is None:
            with self._explained():
                connection = self._connected()
                if _version(connection, self._schema) is None:
                    _close(connection)
                    return True
                self._connection = self._migrated(connection)
        return False

    @contextmanager
    def held_alone(self, what: str) -> Iterator[bool]:
        """See `Database`: by a lock that the server gives to our connection, and takes back with it."""
        key = {"key": _lock_key(self._schema, what)}
        [(alone,)] = self.rows("SELECT pg_try_advisory_lock(:key)", key)
        ours = self._connection
        try:
            yield bool(alone)
        finally:
            if alone and ours is not None and ours is self._connection:
                with suppress(TccbError):
                    self.rows("SELECT pg_advisory_unlock(:key)", key)

    def refresh(self) -> None:
        """See `Database`: a server that was started anew has forgotten us."""
        if self._connection is not None:
            with suppress(TccbError):
                self.rows("SELECT 1")

    def owner(self) -> str:
        """Who has a workbook whose state lies here: whichever machine it is. "" where nothing was ever written."""
        return "" if self.is_empty else str(self.rows("SELECT owner FROM version")[0][0])

    def begin(self) -> None:
        """Make the tables where there are none."""
        self.rows("SELECT 1")

    def insert(self, table: Table, rows: Sequence[Parameters]) -> None:
        """See `Database`. The numbers to come follow those that were put in."""
        super().insert(table, rows)
        counted = table.autoincrement_column
        if rows and counted is not None:
            highest = max(row[counted.name] for row in rows)
            self.rows(
                "SELECT setval(pg_get_serial_sequence(:table, :column), :highest)",
                {"table": table.name, "column": counted.name, "highest": highest},
            )

    def empty_log(self) -> None:
        """Nothing: the log of a server is for whoever runs it."""

    def compact(self) -> None:
        """See `Database`."""
        self.rows(f"VACUUM FULL {', '.join(f'{self._schema}.{name}' for name in ('mail', 'letter', 'attachment'))}")
        self.rows(f"VACUUM FULL {', '.join(f'{self._schema}.{name}' for name in ('unit', 'config', 'problem'))}")

    def damaged(self) -> TccbError:
        """See `Database`."""
        return TccbError(text("store.database_damaged", database=database_name(self._url)))

    def _opened(self) -> Connection:
        return self._migrated(self._connected())

    def _connected(self) -> Connection:
        from sqlalchemy import NullPool, create_engine  # who asks for help need not wait for it
        from sqlalchemy.exc import ProgrammingError

        busy = int(self._busy_seconds * 1000)
        server = {"search_path": self._schema, "lock_timeout": busy}
        server |= {f"tcp_{name}": value for name, value in _ALIVE.items()}
        options = " ".join(f"-c {name}={value}" for name, value in server.items())
        engine = create_engine(
            driver_url(self._url),
            poolclass=NullPool,
            # What is stored is personal, and no part of an error that ends in a log.
            hide_parameters=True,
            # What the server lists as connected bears the name of the schema.
            connect_args={
                **_ALIVE,
                "connect_timeout": _CONNECT_SECONDS,
                "options": options,
                "application_name": self._schema,
            },
        )
        try:
            return engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except ProgrammingError:  # an option that there is not
            raise CannotStart(text("store.database_address")) from None

    def _migrated(self, connection: Connection) -> Connection:
        try:
            if _version(connection, self._schema) != len(self._migrations):
                self._migrate(connection)
        except BaseException:
            _close(connection)
            raise
        return connection

    def _migrate(self, connection: Connection) -> None:
        """All of it or nothing, by one process at a time."""
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_lock_key(self._schema, 'write')})")
        # Another process may have been faster.
        version = _version(connection, self._schema)
        if version is None:
            version = self._begin_tables(connection)
        if version > len(self._migrations):
            raise TccbError(text("store.database_newer", database=database_name(self._url)))
        for statement in (each for step in self._migrations[version:] for each in step):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"UPDATE version SET number = {len(self._migrations)}")
        connection.exec_driver_sql("COMMIT")

    def _begin_tables(self, connection: Connection) -> int:
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {self._schema}")
        self._tables().create_all(connection, checkfirst=False)
        connection.exec_driver_sql("CREATE TABLE version (number INTEGER NOT NULL, owner TEXT NOT NULL)")
        told = f"{len(self._migrations)}, '{secrets.token_hex(8)}'"
        connection.exec_driver_sql(f"INSERT INTO version (number, owner) VALUES ({told})")
        return len(self._migrations)

    def _begin(self) -> None:
        self.rows("BEGIN")
        try:
            self.rows("SELECT pg_advisory_xact_lock(:key)", {"key": _lock_key(self._schema, "write")})
        except BaseException:
            self._roll_back()
            raise

    def _is_in_transaction(self, connection: Connection) -> bool:
        from psycopg import Connection as Psycopg
        from psycopg.pq import TransactionStatus

        driver = connection.connection.driver_connection
        ended = (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)
        return isinstance(driver, Psycopg) and driver.info.transaction_status not in ended

    def _explained(self) -> AbstractContextManager[None]:
        return self._explained_here()

    @contextmanager
    def _explained_here(self) -> Iterator[None]:
        from sqlalchemy.exc import DBAPIError

        try:
            yield
        except DBAPIError as error:
            sentence = _sentence(error)
            if sentence is None:
                raise _without_values(error) from None
            if error.connection_invalidated:
                self._let_go()
            kind = DatabaseUnavailable if sentence == _UNREACHABLE else TccbError
            raise kind(text(sentence, database=database_name(self._url))) from error

    def _let_go(self) -> None:
        """Of a connection that is gone; the next statement makes another."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(Exception):
                _close(connection)


def _without_values(error: DBAPIError) -> RuntimeError:
    """A mistake of ours as the log may hold it: the server's own words quote the row that it refuses."""
    kind, state = type(error.orig).__name__, getattr(error.orig, "sqlstate", None)
    return RuntimeError(f"{kind} ({state}): {error.statement}")


def _sentence(error: Exception) -> str | None:
    """None for a mistake of ours."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    if state == _LOCKED:
        return "store.database_locked"
    if state == _NOT_ALLOWED:
        return "store.database_not_allowed"
    return _UNREACHABLE if isinstance(error, OperationalError | InterfaceError) else None


def _version(connection: Connection, schema: str) -> int | None:
    """None where there are no tables yet."""
    # A query: `to_regclass` remembers within a connection what was not there, though another process has made it since.
    asked = f"SELECT 1 FROM pg_tables WHERE schemaname = '{schema}' AND tablename = 'version'"
    if connection.exec_driver_sql(asked).scalar() is None:
        return None
    return int(connection.exec_driver_sql(f"SELECT number FROM {schema}.version").scalar_one())


def _close(connection: Connection) -> None:
    connection.close()
    connection.engine.dispose()


def _lock_key(schema: str, what: str) -> int:
    """Locks of a server have numbers of 64 bits for names."""
    return int.from_bytes(hashlib.sha256(f"{schema}/{what}".encode()).digest()[:8], signed=True)
