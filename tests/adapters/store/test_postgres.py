"""What is PostgreSQL's own of the store; all else is asked of both databases in `test_store.py`."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Inspector, NullPool, create_engine, inspect

from automation.adapters.store.migrations import MIGRATIONS
from automation.adapters.store.opening import PostgresStore, only_worker_of
from automation.adapters.store.postgres import PostgresDatabase, database_name, driver_url, schema_of
from automation.adapters.store.schema import TABLES
from automation.adapters.store.sqlite_file import SqliteDatabase
from automation.base.errors import CannotStart, DatabaseUnavailable, TccbError
from automation.core.model.mail import Delivery
from tests.adapters.mail.examples import NOW, reminder
from tests.fakes_store import RecordingTransport
from tests.patience import HANG_SECONDS
from tests.postgres import PostgresServer, needs_postgres, postgres_server
from tests.tree import ROOT

pytestmark = [needs_postgres, pytest.mark.slow]
_WORKBOOKS = (f"workbook-{number}" for number in count())


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def workbook() -> str:
    """One that nobody has had before."""
    return next(_WORKBOOKS)


def in_schema(server: PostgresServer, workbook: str, steps: int = len(MIGRATIONS)) -> PostgresDatabase:
    return PostgresDatabase(server.url, schema_of(workbook), MIGRATIONS[:steps], HANG_SECONDS)


def queue(store: PostgresStore, unit: str) -> bool:
    with store.transaction(NOW) as ledger:
        return ledger.queue(reminder(unit), NOW)


def shape(found: Inspector) -> dict[str, object]:
    """Columns with their kinds, what must be there, what is unique, what goes with what."""
    return {name: _shape_of(found, name) for name in TABLES.tables}


def _shape_of(found: Inspector, name: str) -> tuple[object, ...]:
    keys = found.get_pk_constraint(name)["constrained_columns"]
    # Who made a primary key in SQLite did not say that it must be there.
    columns = [
        (each["name"], _kind(str(each["type"])), each["nullable"] and each["name"] not in keys)
        for each in found.get_columns(name)
    ]
    unique = sorted(each["column_names"] for each in found.get_unique_constraints(name))
    return columns, keys, unique, [each["referred_table"] for each in found.get_foreign_keys(name)]


def _kind(typed: str) -> str:
    kinds = {"REAL": "number", "DOUBLE PRECISION": "number", "BOOLEAN": "INTEGER", "BYTEA": "BLOB"}
    return kinds.get(typed, typed)


def test_both_databases_have_the_same_tables(server: PostgresServer, workbook: str, tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite3"
    for each in (SqliteDatabase(file, MIGRATIONS, HANG_SECONDS), in_schema(server, workbook)):
        each.rows("SELECT 1")
        each.close()
    options = {"options": f"-c search_path={schema_of(workbook)}"}
    of_file = shape(inspect(create_engine(f"sqlite:///{file}", poolclass=NullPool)))
    of_server = shape(inspect(create_engine(driver_url(server.url), poolclass=NullPool, connect_args=options)))
    assert of_server == of_file


def test_looking_where_nothing_is_creates_nothing(server: PostgresServer, workbook: str) -> None:
    with closing(PostgresStore(server.url, workbook)) as store:
        assert (store.unit_records(), store.last_config(), store.mail_history()) == ({}, None, [])
        assert store.deliver(RecordingTransport(), NOW) == Delivery()
        assert store.owner(keeps=False) == ""
    with closing(in_schema(server, "another")) as database:
        schemas = database.rows("SELECT nspname FROM pg_namespace WHERE nspname = :name", {"name": schema_of(workbook)})
    assert schemas == []


def test_workbooks_know_nothing_of_each_other(server: PostgresServer, workbook: str) -> None:
    with closing(PostgresStore(server.url, workbook)) as one, closing(PostgresStore(server.url, f"{workbook}b")) as two:
        assert (queue(one, "BV01"), queue(two, "BV01")) == (True, True)
        assert two.deliver(RecordingTransport(), NOW) == Delivery(sent=1)
        assert [each.state.value for each in one.mail_history()] == ["queued"]
        assert one.owner(keeps=True) != two.owner(keeps=True)


def test_any_machine_is_the_same_owner(server: PostgresServer, workbook: str) -> None:
    with closing(PostgresStore(server.url, workbook)) as one, closing(PostgresStore(server.url, workbook)) as two:
        assert one.owner(keeps=True) == two.owner(keeps=False) != ""


def test_one_worker_at_a_time_has_a_workbook_whatever_the_folder(
    server: PostgresServer, workbook: str, tmp_path: Path
) -> None:
    def alone(folder: str) -> bool:
        with only_worker_of(tmp_path / folder, workbook, server.url) as found:
            return found

    with only_worker_of(tmp_path / "one", workbook, server.url) as first:
        assert (first, alone("two")) == (True, False)
    assert alone("two")


def test_a_server_that_was_gone_is_found_again(server: PostgresServer, workbook: str) -> None:
    with closing(PostgresStore(server.url, workbook)) as store:
        queue(store, "BV01")
        server.stop()
        with pytest.raises(DatabaseUnavailable, match="Không làm việc được với cơ sở dữ liệu") as told:
            queue(store, "BV02")
        server.start()
        assert database_name(server.url) in str(told.value)
        assert "tccb@" not in str(told.value)
        assert queue(store, "BV02")
        assert store.deliver(RecordingTransport(), NOW) == Delivery(sent=2)


def test_a_server_that_went_away_between_two_cycles_costs_none_of_them(server: PostgresServer, workbook: str) -> None:
    with closing(PostgresStore(server.url, workbook)) as store:
        queue(store, "BV01")
        server.stop()
        server.start()
        store.refresh()
        assert queue(store, "BV02")


def test_a_delivery_that_loses_its_server_hands_over_no_further_mail(server: PostgresServer, workbook: str) -> None:
    def pull(_step: str, done: int, _total: int) -> None:
        if done == 1:
            server.stop()

    transport = RecordingTransport()
    with closing(PostgresStore(server.url, workbook)) as store:
        for unit in ("BV01", "BV02", "BV03"):
            queue(store, unit)
        with pytest.raises(TccbError):
            store.deliver(transport, NOW, progress=pull)
        assert len(transport.sent) == 1
        server.start()
        assert store.deliver(transport, NOW) == Delivery(sent=2)
        assert sorted(mail.unit for mail in transport.sent) == ["BV01", "BV02", "BV03"]


def test_who_waits_too_long_for_another_writer_is_told(server: PostgresServer, workbook: str) -> None:
    with (
        closing(PostgresStore(server.url, workbook)) as one,
        closing(PostgresStore(server.url, workbook, busy_seconds=0.05)) as two,
        one.transaction(NOW),
        pytest.raises(TccbError, match="đang bận"),
    ):
        two.transaction(NOW).__enter__()


def test_tables_of_a_newer_version_are_left_alone(server: PostgresServer, workbook: str) -> None:
    with closing(in_schema(server, workbook)) as database:
        database.rows("UPDATE version SET number = 99")
    with closing(PostgresStore(server.url, workbook)) as store, pytest.raises(TccbError, match="phiên bản mới hơn"):
        store.unit_records()


def test_a_later_step_reaches_tables_that_are_there(server: PostgresServer, workbook: str) -> None:
    with closing(PostgresStore(server.url, workbook)) as store:
        queue(store, "BV01")
    steps = (*MIGRATIONS, ("ALTER TABLE mail ADD COLUMN later TEXT",))
    for _ in range(2):
        with closing(PostgresDatabase(server.url, schema_of(workbook), steps, HANG_SECONDS)) as later:
            assert later.rows("SELECT later FROM mail") == [(None,)]


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO no_such_table (name) VALUES (:name)", "INSERT INTO unit (code, record) VALUES (:name, :name)"],
    ids=["no such table", "a key that is there"],
)
def test_a_mistake_in_a_statement_repeats_no_value(server: PostgresServer, workbook: str, statement: str) -> None:
    somebody = {"name": "Trần Thị Kín"}
    with closing(in_schema(server, workbook)) as database:
        database.rows("INSERT INTO unit (code, record) VALUES (:name, :name)", somebody)
        with pytest.raises(RuntimeError) as told:
            database.rows(statement, somebody)
    assert "INSERT INTO" in str(told.value)
    assert "Kín" not in "".join(traceback.format_exception(told.value))


@pytest.mark.parametrize("url", ["mysql://h/d", "postgresql://", "nothing", "postgresql://h:port/d"])
def test_an_address_of_no_database_is_refused(url: str) -> None:
    with pytest.raises(CannotStart, match="TCCB_DATABASE_URL"):
        driver_url(SecretStr(url))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://tccb:s3cret@db.example.org:5432/tccb", "db.example.org/tccb"),
        ("postgresql://tccb:se/cret@db.example.org/tccb", "db.example.org/tccb"),
        ("postgresql://tccb:s#cret@db.example.org/tccb", "db.example.org/tccb"),
        ("postgresql://tccb:s[cret@db.example.org/tccb", "db.example.org/tccb"),
        ("postgres://db.example.org", "db.example.org/"),
        ("postgresql:///tccb", "localhost/tccb"),
    ],
)
def test_a_database_is_named_without_a_word_of_its_password(url: str, told: str) -> None:
    pytest.importorskip("psycopg")
    assert database_name(SecretStr(url)) == told


def test_who_has_a_file_imports_no_driver(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from automation.adapters.store.opening import open_store
imported = "sqlalchemy" in sys.modules
store = open_store(Path({str(tmp_path)!r}), "w", None)
with store.transaction(__import__("datetime").datetime.now()):
    pass
print(imported, "sqlalchemy" in sys.modules, "psycopg" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "False"]
