"""`Store` over SQLite: what the bot remembers of units, the last good config, and the outbox.

A mail is queued in the transaction that decides it; delivery is a second step that may be killed anywhere. Only
one process delivers at a time, held by a lock that dies with its process, so that the next one may begin at once
and takes up whatever is still queued. A mail that was handed over but not noted goes out again under the
Message-ID it was queued with. The words of a mail are kept only until its fate is known.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from pydantic import TypeAdapter

from automation.adapters.database import Database, held_alone
from automation.core.model import Mail, MailRecord, Row, UnitRecord
from automation.core.ports import Delivery, Ledger, MailTransport, SavedConfig
from automation.errors import RefusedMailError, TemporaryMailError
from automation.texts import text

_MIGRATIONS = (
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
)

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=4)
STALE_AFTER = timedelta(days=3)
"""A reminder that could not go out for so long says things that hold no more."""
FAILURES_IN_A_ROW = 3
"""After so many the server is taken to be down, and the rest waits for the next delivery."""

_UNIT_RECORD = TypeAdapter(UnitRecord)
_MAIL = TypeAdapter(Mail)
_Read = TypeVar("_Read")


@dataclass(frozen=True)
class _Queued:
    """A mail whose turn has come."""

    id: int
    mail: Mail
    message_id: str
    queued_at: datetime
    attempts: int


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
        self._database = Database(path, _MIGRATIONS, busy_seconds)
        self._new_token = new_token
        self._seconds = seconds

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def unit_records(self) -> dict[str, UnitRecord]:
        """What was last remembered of each unit, by code."""
        rows = self._read("SELECT code, record FROM unit ORDER BY code")
        return {code: self._decoded(_UNIT_RECORD.validate_json, record) for code, record in rows}

    def last_config(self) -> SavedConfig | None:
        """The last configuration that was in order."""
        rows = self._read("SELECT saved_at, tables, since, journalled FROM config")
        return self._decoded(_config_of, rows[0]) if rows else None

    def mail_history(self) -> list[MailRecord]:
        """Every mail ever queued, oldest first."""
        return [
            self._decoded(_record_of, row)
            for row in self._read(
                "SELECT key, kind, unit, rung, day, state, message_id, queued_at, error FROM mail ORDER BY id"
            )
        ]

    def first_cycle_at(self) -> datetime | None:
        """The moment of the first transaction."""
        rows = self._read("SELECT first_cycle_at FROM campaign")
        return self._decoded(datetime.fromisoformat, rows[0][0]) if rows else None

    def transaction(self, now: datetime) -> Transaction:
        """What is done inside `with` happens together or, where it raises, not at all."""
        return Transaction(self._database, self._new_token, now)

    def deliver(self, transport: MailTransport, now: datetime) -> Delivery:
        """Hand every queued mail that is due to the transport, oldest first, noting each result at once.

        Does nothing where another process is delivering.
        """
        if not self._number_due(now):
            return Delivery()
        with held_alone(self._database.path.with_suffix(".delivery")) as alone:
            return self._deliver_due(transport, now) if alone else Delivery()

    def _deliver_due(self, transport: MailTransport, now: datetime) -> Delivery:
        started = self._seconds()
        count = Counter(failed=self._expire(now))
        failures_in_a_row = 0
        while failures_in_a_row < FAILURES_IN_A_ROW and (queued := self._next_due(now)) is not None:
            outcome = self._hand_over(queued, transport, now + timedelta(seconds=self._seconds() - started))
            failures_in_a_row = failures_in_a_row + 1 if outcome == "postponed" else 0
            count[outcome] += 1
        postponed = count["postponed"] + self._number_due(now)
        return Delivery(sent=count["sent"], failed=count["failed"], postponed=postponed)

    def _hand_over(self, queued: _Queued, transport: MailTransport, now: datetime) -> str:
        try:
            transport.send(queued.mail, queued.message_id, queued.queued_at)
        except TemporaryMailError as error:
            self._postpone(queued, str(error), now)
            return "postponed"
        except RefusedMailError as error:
            return self._settle(queued, "failed", str(error))
        return self._settle(queued, "sent", "")

    def _settle(self, queued: _Queued, state: str, error: str) -> str:
        self._database.rows("UPDATE mail SET state = ?, error = ? WHERE id = ?", (state, error, queued.id))
        return state

    def _postpone(self, queued: _Queued, error: str, now: datetime) -> None:
        wait = min(FIRST_RETRY * 2 ** min(queued.attempts, 16), LONGEST_RETRY)
        self._database.rows(
            "UPDATE mail SET attempts = attempts + 1, next_try = ?, error = ? WHERE id = ?",
            ((now + wait).timestamp(), error, queued.id),
        )

    def _expire(self, now: datetime) -> int:
        expired = self._database.rows(
            "UPDATE mail SET state = 'failed', error = ? WHERE state = 'queued' AND stale_at <= ? RETURNING id",
            (text("store.stale"), now.timestamp()),
        )
        return len(expired)

    def _next_due(self, now: datetime) -> _Queued | None:
        rows = self._database.rows(
            """SELECT mail.id, content, message_id, queued_at, attempts FROM mail JOIN letter ON mail = mail.id
            WHERE state = 'queued' AND next_try <= ? ORDER BY mail.id LIMIT 1""",
            (now.timestamp(),),
        )
        return self._decoded(_queued_of, rows[0]) if rows else None

    def _number_due(self, now: datetime) -> int:
        due = "SELECT count(*) FROM mail WHERE state = 'queued' AND min(next_try, stale_at) <= ?"
        return sum(number for (number,) in self._read(due, now.timestamp()))

    def _read(self, statement: str, *parameters: object) -> list[Any]:
        return [] if self._database.is_empty else self._database.rows(statement, parameters)

    def _decoded(self, decode: Callable[[Any], _Read], stored: object) -> _Read:
        try:
            return decode(stored)
        except (ValueError, TypeError):
            # Without the cause: it would repeat what is stored.
            raise self._database.damaged() from None


class Transaction:
    """One transaction of the store; inside `with` it hands out the ledger."""

    def __init__(self, database: Database, new_token: Callable[[], str], now: datetime) -> None:
        self._scope = database.transaction()
        self._ledger = SqliteLedger(database, new_token)
        self._now = now

    def __enter__(self) -> Ledger:
        self._scope.__enter__()
        self._ledger.note_cycle(self._now)
        return self._ledger

    def __exit__(self, *exception: Any) -> None:
        self._scope.__exit__(*exception)


class SqliteLedger:
    """`Ledger` over an open transaction."""

    def __init__(self, database: Database, new_token: Callable[[], str]) -> None:
        self._database = database
        self._new_token = new_token

    def note_cycle(self, now: datetime) -> None:
        """Remember `now` if this is the first cycle."""
        self._database.rows("INSERT OR IGNORE INTO campaign VALUES (1, ?)", (now.isoformat(),))

    def queue(self, mail: Mail, now: datetime) -> bool:
        """Put the mail into the outbox; False (and no change) where its key is already there."""
        if self._database.rows("SELECT 1 FROM mail WHERE key = ?", (mail.key,)):
            return False
        [(id_,)] = self._database.rows(
            """INSERT INTO mail (key, kind, unit, rung, day, state, message_id, queued_at, next_try, stale_at)
            VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?) RETURNING id""",
            (
                mail.key,
                mail.kind,
                mail.unit,
                mail.rung,
                mail.day.isoformat(),
                f"<{self._new_token()}@{_domain(mail.sender)}>",
                now.isoformat(),
                now.timestamp(),
                (now + STALE_AFTER).timestamp(),
            ),
        )
        letter = replace(mail, thread=self._thread(mail.unit, id_))
        self._database.rows("INSERT INTO letter VALUES (?, ?)", (id_, _MAIL.dump_json(letter).decode()))
        return True

    def withdraw(self, keys: Iterable[str]) -> None:
        """Take queued mails back; a key that is already sent, or not there at all, is passed over."""
        for key in keys:
            self._database.rows("UPDATE mail SET state = 'withdrawn' WHERE key = ? AND state = 'queued'", (key,))

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

    def _thread(self, unit: str, id_: int) -> str:
        """Message-ID of the first mail to the unit; "" where this is it, and for mails to no unit."""
        earlier = "SELECT message_id FROM mail WHERE unit = ? AND unit <> '' AND id < ? ORDER BY id LIMIT 1"
        return "".join(message_id for (message_id,) in self._database.rows(earlier, (unit, id_)))


def _domain(sender: str) -> str:
    """The sender's own domain, where nobody else makes names."""
    found = re.search(r"@([A-Za-z0-9.-]+)>?\s*$", sender)
    return found[1] if found else "localhost"


def _record_of(row: Sequence[str]) -> MailRecord:
    key, kind, unit, rung, day, state, message_id, queued_at, error = row
    return MailRecord(
        key=key,
        kind=kind,
        unit=unit,
        rung=rung,
        day=date.fromisoformat(day),
        state=state,
        message_id=message_id,
        queued_at=datetime.fromisoformat(queued_at),
        error=error,
    )


def _queued_of(row: tuple[int, str, str, str, int]) -> _Queued:
    id_, content, message_id, queued_at, attempts = row
    return _Queued(id_, _MAIL.validate_json(content), message_id, datetime.fromisoformat(queued_at), attempts)


def _config_of(row: tuple[str, str, str | None, str | None]) -> SavedConfig:
    saved_at, tables, since, journalled = row
    return SavedConfig(
        saved_at=datetime.fromisoformat(saved_at),
        tables=json.loads(tables, object_hook=_untag),
        since=datetime.fromisoformat(since) if since else None,
        journalled=json.loads(journalled, object_hook=_untag) if journalled else None,
    )


def _tables_text(tables: Mapping[str, Sequence[Row]]) -> str:
    return json.dumps({title: [list(row) for row in rows] for title, rows in tables.items()}, default=_tag)


# JSON has no days and times: they travel as {"<type>": "<ISO 8601>"}. No cell is an object otherwise.
_TAGGED: dict[str, type[date] | type[time]] = {each.__name__: each for each in (datetime, date, time)}


def _tag(cell: date | time) -> dict[str, str]:
    return {type(cell).__name__: cell.isoformat()}


def _untag(tagged: dict[str, Any]) -> Any:
    if len(tagged) == 1:
        [(name, value)] = tagged.items()
        if name in _TAGGED and isinstance(value, str):
            return _TAGGED[name].fromisoformat(value)
    return tagged
