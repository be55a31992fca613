"""The state of a workbook, from its file into the database that several machines share."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from pydantic import SecretStr

from automation.adapters.store.migrations import MIGRATIONS
from automation.adapters.store.postgres import PostgresDatabase, schema_of
from automation.adapters.store.schema import TABLES
from automation.adapters.store.sqlite_file import SqliteDatabase, held_alone
from automation.adapters.store.store import STORE_FILE, WORKER_LOCK
from automation.base.errors import CannotStart
from automation.base.messages import text

MOVED_ENDING = ".moved"
_BUSY_SECONDS = 30.0


def move_state(folder: Path, workbook: str, url: SecretStr) -> Path | None:
    """Where the file lies afterwards, which nobody opens any more; None where there was none.

    Raises `CannotStart` where a worker is at it, or the database knows that workbook already.
    """
    file = folder / STORE_FILE
    if not file.exists():
        return None
    with held_alone(folder / WORKER_LOCK) as alone:
        if not alone:
            raise CannotStart(text("cli.start.already_running", workbook=workbook))
        _copy(file, workbook, url)
        return file.rename(file.with_name(file.name + MOVED_ENDING))


def _copy(file: Path, workbook: str, url: SecretStr) -> None:
    source = SqliteDatabase(file, MIGRATIONS, _BUSY_SECONDS)
    target = PostgresDatabase(url, schema_of(workbook), MIGRATIONS, _BUSY_SECONDS)
    with closing(source), closing(target), target.transaction():
        if target.rows("SELECT 1 FROM campaign"):
            raise CannotStart(text("fleet.move.not_empty", workbook=workbook))
        for table in TABLES.sorted_tables:
            target.insert(table, source.selected(table))
        source.empty_log()
