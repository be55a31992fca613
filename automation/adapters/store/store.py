"""`Store` over SQLite: what the bot remembers of units, the last good config, and the outbox."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from pydantic import TypeAdapter

from automation.adapters.store.cells import tag, untag
from automation.adapters.store.database import Database, held_alone
from automation.adapters.store.delivery import DeliveryRun, number_waiting
from automation.adapters.store.outbox import IS_WAITING, Outbox, due_parameters, number_due
from automation.adapters.store.run_log import SqliteRunLog
from automation.core.model.mail import Delivery, DeliveryTerms, Mail, MailRecord
from automation.core.model.ports import Ledger, MailTransport, Progress, SavedConfig
from automation.core.model.problems import Problem
from automation.core.model.runs import OpenProblem, RunRecord
from automation.core.model.units import UnitRecord
from automation.core.model.workbook import Row
from automation.core.records.frozen import FrozenNote

MIGRATIONS = (
    (
        "CREATE TABLE campaign (id INTEGER PRIMARY KEY CHECK (id = 1), first_cycle_at TEXT NOT NULL)",
        "CREATE TABLE unit (code TEXT PRIMARY KEY, record TEXT NOT NULL)",
        "CREATE TABLE config (id INTEGER PRIMARY KEY CHECK (id = 1), saved_at TEXT NOT NULL, tables TEXT NOT NULL)",
        """CREATE TABLE mail (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            unit TEXT NOT NULL,
            rung TEXT NOT NULL,
            day TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'withdrawn')),
            message_id TEXT NOT NULL UNIQUE,
            queued_at TEXT NOT NULL,
            next_try REAL NOT NULL,
            stale_at REAL NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT ''
        )""",
        "CREATE INDEX mail_by_unit ON mail (unit)",
        """CREATE TABLE letter (
            mail INTEGER PRIMARY KEY REFERENCES mail (id) ON DELETE CASCADE,
            content TEXT NOT NULL
        )""",
        """CREATE TRIGGER settled AFTER UPDATE OF state ON mail WHEN new.state <> 'queued'
        BEGIN DELETE FROM letter WHERE mail = new.id; END""",
    ),
    (
        "ALTER TABLE config ADD COLUMN since TEXT",
        "ALTER TABLE config ADD COLUMN journalled TEXT",
    ),
    (
        "ALTER TABLE mail ADD COLUMN trial INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE mail ADD COLUMN begun_at REAL",
        "ALTER TABLE mail ADD COLUMN interrupted INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE mail ADD COLUMN settled_at REAL",
        "ALTER TABLE letter ADD COLUMN refused TEXT NOT NULL DEFAULT ''",
        """CREATE TABLE attachment (
            mail INTEGER NOT NULL REFERENCES letter (mail) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            filename TEXT NOT NULL,
            media_type TEXT NOT NULL,
            content BLOB NOT NULL,
            content_id TEXT NOT NULL,
            PRIMARY KEY (mail, position)
        )""",
    ),
    # Rehearsed mails once had the keys that real ones need.
    ("UPDATE mail SET key = key || '/thu' WHERE trial = 1",),
    # What is remembered of units once had three part rates by name.
    (
        """UPDATE unit SET record = json_set(record, '$.standing.parts', json_object(
            'the', json_extract(record, '$.standing.card_done'),
            'tai-khoan', json_extract(record, '$.standing.account_done'),
            'muc-2', json_extract(record, '$.standing.level_2')))
        WHERE json_extract(record, '$.standing.card_done') IS NOT NULL""",
    ),
    (
        # What a summary said is compared with the next one long after its words are gone.
        "ALTER TABLE mail ADD COLUMN told TEXT",
        # By these a focal person who was never mailed is known.
        "ALTER TABLE mail ADD COLUMN readers TEXT NOT NULL DEFAULT ''",
        "CREATE TABLE look (day TEXT PRIMARY KEY, last_at TEXT NOT NULL)",
    ),
    # A state more, and no list of them in the schema any longer; what was begun may have been handed over.
    (
        """CREATE TABLE new_mail (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            unit TEXT NOT NULL,
            rung TEXT NOT NULL,
            day TEXT NOT NULL,
            state TEXT NOT NULL,
            message_id TEXT NOT NULL UNIQUE,
            queued_at TEXT NOT NULL,
            next_try REAL NOT NULL,
            tried_at REAL NOT NULL,
            stale_at REAL,
            attempts INTEGER NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT '',
            trial INTEGER NOT NULL DEFAULT 0,
            begun_at REAL,
            content_at REAL,
            interrupted INTEGER NOT NULL DEFAULT 0,
            partly INTEGER NOT NULL DEFAULT 0,
            settled_at REAL,
            told TEXT,
            readers TEXT NOT NULL DEFAULT '',
            rank INTEGER NOT NULL DEFAULT 10,
            why TEXT NOT NULL DEFAULT '',
            roles TEXT NOT NULL DEFAULT '',
            lost_from TEXT
        )""",
        """INSERT INTO new_mail (id, key, kind, unit, rung, day, state, message_id, queued_at, next_try, tried_at,
            stale_at, attempts, error, trial, begun_at, content_at, interrupted, settled_at, told, readers)
        SELECT id, key, kind, unit, rung, day, state, message_id, queued_at, next_try, 0,
            stale_at, attempts, error, trial, begun_at, begun_at, 0, settled_at, told, readers
        FROM mail""",
        "DROP TABLE mail",
        "ALTER TABLE new_mail RENAME TO mail",
        "CREATE INDEX mail_by_unit ON mail (unit)",
        """CREATE TRIGGER settled AFTER UPDATE OF state ON mail WHEN new.state NOT IN ('queued', 'unsure')
        BEGIN DELETE FROM letter WHERE mail = new.id; END""",
    ),
    (
        "CREATE TABLE run (id INTEGER PRIMARY KEY, record TEXT NOT NULL)",
        "CREATE TABLE problem (found TEXT NOT NULL PRIMARY KEY, since TEXT NOT NULL)",
    ),
    ("CREATE TABLE frozen (id INTEGER PRIMARY KEY, sha256 TEXT, name TEXT, file TEXT, frozen_at TEXT)",),
)

STORE_FILE = "state.sqlite3"
WORKER_LOCK = "worker.lock"
"""Files of a state folder."""
_NO_LIMITS = DeliveryTerms()
_TO = "(:unit = '' OR unit = :unit)"
_UNIT_RECORD = TypeAdapter(UnitRecord)


class SqliteStore:
    """`Store` in one file. Reading where there is no file yet finds nothing and creates nothing.

    `new_token` makes the unique half of a Message-ID, `seconds` measures how long a delivery has been going on.
    Every method raises `TccbError` where the file is damaged, locked, of a newer version or out of reach.
    """

    def __init__(
        self,
        path: Path,
        *,
        new_token: Callable[[], str] = lambda: secrets.token_hex(12),
        seconds: Callable[[], float] = monotonic,
        busy_seconds: float = 30.0,
    ) -> None:
        self._database = Database(path, MIGRATIONS, busy_seconds)
        self._outbox = Outbox(self._database, new_token)
        self._run_log = SqliteRunLog(self._database)
        self._seconds = seconds

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def unit_records(self) -> dict[str, UnitRecord]:
        """What was last remembered of each unit, by code."""
        rows = self._read("SELECT code, record FROM unit ORDER BY code")
        return {code: self._database.decoded(_UNIT_RECORD.validate_json, record) for code, record in rows}

    def last_config(self) -> SavedConfig | None:
        """The last configuration that was in order."""
        rows = self._read("SELECT saved_at, tables, since, journalled FROM config")
        return self._database.decoded(_config_of, rows[0]) if rows else None

    def mail_history(self) -> list[MailRecord]:
        """Every mail ever queued, oldest first."""
        return [] if self._database.is_empty else self._outbox.history()

    def due_mails(self, now: datetime, terms: DeliveryTerms = _NO_LIMITS) -> list[MailRecord]:
        """The mails whose turn has come, in the order in which they go; how many the day allows is not asked."""
        return [] if self._database.is_empty else self._outbox.due(now, terms)

    def first_cycle_at(self) -> datetime | None:
        """The moment of the first transaction."""
        rows = self._read("SELECT first_cycle_at FROM campaign")
        return self._database.decoded(datetime.fromisoformat, rows[0][0]) if rows else None

    def last_looks(self) -> dict[date, datetime]:
        """When the units were last read on each day."""
        rows = self._read("SELECT last_at FROM look ORDER BY day")
        looks = [self._database.decoded(datetime.fromisoformat, at) for (at,) in rows]
        return {at.date(): at for at in looks}

    def note_run(self, run: RunRecord, problems: Sequence[Problem] | None) -> None:
        """See `RunLog`."""
        self._run_log.note_run(run, problems)

    def runs(self, most: int) -> list[RunRecord]:
        """See `RunLog`."""
        return self._run_log.runs(most)

    def open_problems(self) -> list[OpenProblem]:
        """See `RunLog`."""
        return self._run_log.open_problems()

    def note_frozen(self, note: FrozenNote) -> None:
        """See `FreezeLog`."""
        with self._database.transaction():
            told = (note.sha256, note.name, note.file, note.frozen_at.isoformat())
            self._database.rows("INSERT INTO frozen (sha256, name, file, frozen_at) VALUES (?, ?, ?, ?)", told)

    def frozen_notes(self) -> list[FrozenNote]:
        """See `FreezeLog`."""
        rows = self._read("SELECT sha256, name, file, frozen_at FROM frozen ORDER BY id")
        moment = datetime.fromisoformat
        return [FrozenNote(sha, name, file, self._database.decoded(moment, at)) for sha, name, file, at in rows]

    def letters(self, unit: str = "") -> int:
        """How many mails that were not sent have their words here; to that unit (code), or to anybody."""
        rows = self._read(f"SELECT count(*) FROM letter JOIN mail ON mail.id = mail WHERE {_TO}", {"unit": unit})
        return int(rows[0][0]) if rows else 0

    def forget_letters(self, unit: str = "") -> None:
        """Take these mails back, and forget their words."""
        if self._database.is_empty:
            return
        with self._database.transaction():
            self._outbox.take_back(_TO, {"unit": unit})
            self._database.rows(f"DELETE FROM letter WHERE mail IN (SELECT id FROM mail WHERE {_TO})", {"unit": unit})

    def forget_config(self) -> None:
        """Forget the last configuration, what was found wrong, and answers of mail servers, which name addresses."""
        if self._database.is_empty:
            return
        with self._database.transaction():
            self._database.rows("DELETE FROM config")
            self._database.rows("DELETE FROM problem")
            self._database.rows("UPDATE mail SET error = '' WHERE error LIKE '%@%'")

    def compact(self) -> None:
        """Leave nothing in the file of what was deleted."""
        if not self._database.is_empty:
            self._database.rows("VACUUM")
            self._database.empty_log()

    def transaction(self, now: datetime) -> Transaction:
        """What is done inside `with` happens together or, where it raises, not at all."""
        return Transaction(self._database, self._outbox, now)

    def deliver(
        self,
        transport: MailTransport,
        now: datetime,
        terms: DeliveryTerms = _NO_LIMITS,
        progress: Progress | None = None,
    ) -> Delivery:
        """Hand every waiting mail that is due to the transport, those of the lowest rank first, noting each result at
        once.

        Only counts what waits where nothing is due, or another process is delivering. `progress` is called before
        each mail; what it raises ends the delivery there.
        """
        if self._database.is_empty:
            return Delivery()
        if not self._has_to_deliver(now, terms):
            return Delivery(postponed=number_waiting(self._database, terms))
        with held_alone(self._database.path.with_suffix(".delivery")) as alone:
            if not alone:
                return Delivery(postponed=number_waiting(self._database, terms))
            run = DeliveryRun(self._outbox, self._database, transport, now, terms, progress, self._seconds)
            try:
                return run.run()
            finally:
                transport.close()
                self._database.empty_log()

    def _has_to_deliver(self, now: datetime, terms: DeliveryTerms) -> bool:
        """Whether a mail is due, is to be taken back, or was cut short."""
        ended = f"SELECT count(*) FROM mail WHERE {IS_WAITING} AND (content_at IS NOT NULL OR trial = :real)"
        questions = (number_due(), ended)
        parameters = due_parameters(now, replace(terms, only=None))
        return any(self._database.rows(each, parameters)[0][0] for each in questions)

    def _read(self, statement: str, parameters: Mapping[str, object] | Sequence[object] = ()) -> list[Any]:
        return [] if self._database.is_empty else self._database.rows(statement, parameters)


class Transaction:
    """One transaction of the store; inside `with` it hands out the ledger."""

    def __init__(self, database: Database, outbox: Outbox, now: datetime) -> None:
        self._scope = database.transaction()
        self._ledger = SqliteLedger(database, outbox)
        self._now = now

    def __enter__(self) -> Ledger:
        self._scope.__enter__()
        self._ledger.note_cycle(self._now)
        return self._ledger

    def __exit__(self, *exception: Any) -> None:
        self._scope.__exit__(*exception)


class SqliteLedger:
    """`Ledger` over an open transaction."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    def note_cycle(self, now: datetime) -> None:
        """Remember `now` if this is the first cycle."""
        self._database.rows("INSERT OR IGNORE INTO campaign VALUES (1, ?)", (now.isoformat(),))

    def queue(self, mail: Mail, now: datetime) -> bool:
        """Put the mail into the outbox; False (and no change) where its key is already there."""
        return self._outbox.queue(mail, now)

    def renew(self, mail: Mail) -> None:
        """Let a mail that waits say something else; one that somebody may have stays as it is."""
        self._outbox.renew(mail)

    def withdraw(self, keys: Iterable[str]) -> None:
        """Take waiting mails back; a key whose mail is gone, or not there at all, is passed over."""
        self._outbox.withdraw(keys)

    def adopt(self, records: Iterable[MailRecord]) -> None:
        """Take over what is known of mails from elsewhere; what waits here and is known to have gone waits no more."""
        self._outbox.adopt(records)

    def remember_look(self, now: datetime) -> None:
        """The units were read at `now`, in the campaign's zone."""
        self._database.rows("INSERT OR REPLACE INTO look VALUES (?, ?)", (now.date().isoformat(), now.isoformat()))

    def remember_units(self, records: Iterable[UnitRecord]) -> None:
        """Replace what was remembered of these units."""
        for record in records:
            content = _UNIT_RECORD.dump_json(record).decode()
            self._database.rows("INSERT OR REPLACE INTO unit VALUES (?, ?)", (record.code, content))

    def remember_config(self, config: SavedConfig) -> None:
        """Replace the last configuration that was in order."""
        since = config.since.isoformat() if config.since else None
        journalled = None if config.journalled is None else _tables_text(config.journalled)
        self._database.rows(
            "INSERT OR REPLACE INTO config (id, saved_at, tables, since, journalled) VALUES (1, ?, ?, ?, ?)",
            (config.saved_at.isoformat(), _tables_text(config.tables), since, journalled),
        )


def _config_of(row: tuple[str, str, str | None, str | None]) -> SavedConfig:
    saved_at, tables, since, journalled = row
    return SavedConfig(
        saved_at=datetime.fromisoformat(saved_at),
        tables=json.loads(tables, object_hook=untag),
        since=datetime.fromisoformat(since) if since else None,
        journalled=json.loads(journalled, object_hook=untag) if journalled else None,
    )


def _tables_text(tables: Mapping[str, Sequence[Row]]) -> str:
    return json.dumps({title: [list(row) for row in rows] for title, rows in tables.items()}, default=tag)
