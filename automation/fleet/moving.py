"""The state of a workbook, from its file into the database that several machines share."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pydantic import SecretStr

from automation.adapters.store.database import Parameters
from automation.adapters.store.migrations import MIGRATIONS
from automation.adapters.store.postgres import PostgresDatabase, schema_of
from automation.adapters.store.schema import TABLES
from automation.adapters.store.sqlite_file import SqliteDatabase, held_alone
from automation.adapters.store.store import STORE_FILE, WORKER_LOCK
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.base.private_files import make_private_folder

if TYPE_CHECKING:
    from sqlalchemy import Table

_Rows: TypeAlias = "dict[Table, list[Parameters]]"
MOVED_ENDING = ".moved"
_BUSY_SECONDS = 30.0


def move_state(folder: Path, workbook: str, url: SecretStr) -> Path | None:
    """Where the file lies afterwards, which nobody opens any more; None where there was none.

    May be repeated where it was cut short. Raises `CannotStart` where a worker is at it, or the database knows that
    workbook already, by anything else than this file.
    """
    file = folder / STORE_FILE
    if not file.exists():
        return None
    with held_alone(folder / WORKER_LOCK) as alone:
        if not alone:
            raise CannotStart(text("cli.start.already_running", workbook=workbook))
        copy_state(file, workbook, url)
        return file.rename(file.with_name(file.name + MOVED_ENDING))


def take_along(folder: Path, target: Path, names: Sequence[str]) -> None:
    """Move the folders of these names, with what is in them, to where workers look for them. What is there already
    stays; may be repeated where it was cut short. Raises `CannotStart` where that is out of reach.
    """
    try:
        for file in [each for name in names for each in sorted((folder / name).rglob("*")) if each.is_file()]:
            there = target / file.relative_to(folder)
            make_private_folder(there.parent)
            if not there.exists():
                shutil.move(file, there)
    except OSError:
        raise CannotStart(text("fleet.move.files", folder=folder, target=target)) from None


def copy_state(file: Path, workbook: str, url: SecretStr) -> None:
    """All or nothing; what has been copied is not copied again, for workers may have gone on from there. Raises
    `CannotStart` where the database knows that workbook by anything else.
    """
    source = SqliteDatabase(file, MIGRATIONS, _BUSY_SECONDS)
    schema = schema_of(workbook)
    target = PostgresDatabase(url, schema, MIGRATIONS, _BUSY_SECONDS)
    with closing(source), closing(target), target.transaction():
        kept = {table: source.selected(table) for table in TABLES.sorted_tables}
        mark = _mark_of(kept)
        if _marked(target, schema) != mark:
            _insert_all(target, workbook, kept)
            target.rows(f"COMMENT ON SCHEMA {schema} IS '{mark}'")
        source.empty_log()


def _insert_all(target: PostgresDatabase, workbook: str, kept: _Rows) -> None:
    if target.rows("SELECT 1 FROM campaign"):
        raise CannotStart(text("fleet.move.not_empty", workbook=workbook))
    for table, rows in kept.items():
        target.insert(table, rows)


def _mark_of(kept: _Rows) -> str:
    """The schema says by it out of which file it came, whatever becomes of its tables afterwards."""
    content = [(table.name, sorted(map(repr, rows))) for table, rows in kept.items()]
    return f"moved {hashlib.sha256(repr(content).encode()).hexdigest()}"


def _marked(target: PostgresDatabase, schema: str) -> str:
    [(mark,)] = target.rows("SELECT obj_description(CAST(:schema AS regnamespace))", {"schema": schema})
    return str(mark)
