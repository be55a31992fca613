"""`Store` over a database: what the bot remembers of units, the last good config, and the outbox."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from msgspec.json import Decoder, encode
from msgspec.structs import asdict, replace

from automation.adapters.store.cells import tag, untag
from automation.adapters.store.database import Database
from automation.adapters.store.delivery import DeliveryRun, number_waiting
from automation.adapters.store.migrations import MIGRATIONS
from automation.adapters.store.outbox import IS_WAITING, NUMBER_DUE, NUMBER_TO_BE_TRIED, Outbox, due_parameters
from automation.adapters.store.run_log import KeptRuns
from automation.adapters.store.sqlite_file import SqliteDatabase
from automation.core.model.freezes import FrozenNote
from automation.core.model.mail import Delivery, DeliveryTerms, Mail, MailRecord
from automation.core.model.ports import Ledger, MailTransport, Progress, SavedConfig
from automation.core.model.problems import Problem
from automation.core.model.runs import OpenProblem, RunRecord
from automation.core.model.units import UnitRecord
from automation.core.model.workbook import Row

STORE_FILE = "state.sqlite3"
WORKER_LOCK = "worker.lock"
"""Files of a state folder."""
_NO_LIMITS = DeliveryTerms()
_TO = "(:unit = '' OR unit = :unit)"
_UNIT_RECORD = Decoder(UnitRecord)


def new_token() -> str:
    """Half of a Message-ID that no other bot makes."""
    return secrets.token_hex(12)


class DatabaseStore:
    """`Store` over tables. Reading where there are none yet finds nothing and creates nothing.

    Every method raises `TccbError` where the database is damaged, locked, of a newer version or out of reach.
    """

    def __init__(self, database: Database, new_token: Callable[[], str], seconds: Callable[[], float]) -> None:
        """`new_token` makes the unique half of a Message-ID, `seconds` measures how long a delivery has been going
        on.
        """
        self._database = database
        self._outbox = Outbox(self._database, new_token)
        self._run_log = KeptRuns(self._database)
        self._seconds = seconds

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def refresh(self) -> None:
        """Before a cycle: let go of a database that went away and came back since the last one."""
        self._database.refresh()

    def unit_records(self) -> dict[str, UnitRecord]:
        """What was last remembered of each unit, by code."""
        rows = self._read("SELECT code, record FROM unit")
        # Each database sorts text in its own way.
        return {code: self._database.decoded(_UNIT_RECORD.decode, record) for code, record in sorted(rows)}

    def last_config(self) -> SavedConfig | None:
        """The last configuration that was in order."""
        rows = self._read("SELECT saved_at, tables, since, journalled FROM config")
        return self._database.decoded(_config_of, rows[0]) if rows else None

    def mail_history(self) -> list[MailRecord]:
        """Every mail ever queued, oldest first."""
        return [] if self._database.is_empty else self._outbox.history()

    def number_of_mails_waiting(self) -> int:
        """How many are still to be tried, as `MailRecord.waits` says of each."""
        return sum(int(number) for (number,) in self._read(NUMBER_TO_BE_TRIED))

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
            self._database.rows(
                "INSERT INTO frozen (sha256, name, file, frozen_at) VALUES (:sha256, :name, :file, :frozen_at)",
                {**asdict(note), "frozen_at": note.frozen_at.isoformat()},
            )

    def frozen_notes(self) -> list[FrozenNote]:
        """See `FreezeLog`."""
        rows = self._read("SELECT sha256, name, file, frozen_at FROM frozen ORDER BY id")
        moment = datetime.fromisoformat
        return [FrozenNote(sha, name, file, self._database.decoded(moment, at)) for sha, name, file, at in rows]

    def letters(self, unit: str = "") -> int:
        """How many mails that were not sent have their words here; to that unit (code), or to anybody."""
        rows = self._read(f"SELECT count(*) FROM letter JOIN mail ON mail.id = letter.mail WHERE {_TO}", {"unit": unit})
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
            self._database.compact()

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
        with self._database.held_alone("delivery") as alone:
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
        questions = (NUMBER_DUE, ended)
        parameters = due_parameters(now, replace(terms, only=None))
        return any(self._database.rows(each, parameters)[0][0] for each in questions)

    def _read(self, statement: str, parameters: Mapping[str, object] | None = None) -> list[Any]:
        return [] if self._database.is_empty else self._database.rows(statement, parameters or {})


class SqliteStore(DatabaseStore):
    """`Store` in one file."""

    def __init__(
        self,
        path: Path,
        *,
        new_token: Callable[[], str] = new_token,
        seconds: Callable[[], float] = monotonic,
        busy_seconds: float = 30.0,
    ) -> None:
        super().__init__(SqliteDatabase(path, MIGRATIONS, busy_seconds), new_token, seconds)


class Transaction:
    """One transaction of the store; inside `with` it hands out the ledger."""

    def __init__(self, database: Database, outbox: Outbox, now: datetime) -> None:
        self._scope = database.transaction()
        self._ledger = OpenLedger(database, outbox)
        self._now = now

    def __enter__(self) -> Ledger:
        self._scope.__enter__()
        self._ledger.note_cycle(self._now)
        return self._ledger

    def __exit__(self, *exception: Any) -> None:
        self._scope.__exit__(*exception)


class OpenLedger:
    """`Ledger` over an open transaction."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    def note_cycle(self, now: datetime) -> None:
        """Remember `now` if this is the first cycle."""
        self._database.rows(
            "INSERT INTO campaign (id, first_cycle_at) VALUES (1, :now) ON CONFLICT DO NOTHING",
            {"now": now.isoformat()},
        )

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
        self._database.rows(
            """INSERT INTO look (day, last_at) VALUES (:day, :last_at)
            ON CONFLICT (day) DO UPDATE SET last_at = excluded.last_at""",
            {"day": now.date().isoformat(), "last_at": now.isoformat()},
        )

    def remember_units(self, records: Iterable[UnitRecord]) -> None:
        """Replace what was remembered of these units."""
        for record in records:
            self._database.rows(
                """INSERT INTO unit (code, record) VALUES (:code, :record)
                ON CONFLICT (code) DO UPDATE SET record = excluded.record""",
                {"code": record.code, "record": encode(record).decode()},
            )

    def remember_config(self, config: SavedConfig) -> None:
        """Replace the last configuration that was in order."""
        since = config.since.isoformat() if config.since else None
        journalled = None if config.journalled is None else _tables_text(config.journalled)
        self._database.rows(
            """INSERT INTO config (id, saved_at, tables, since, journalled)
            VALUES (1, :saved_at, :tables, :since, :journalled)
            ON CONFLICT (id) DO UPDATE SET saved_at = excluded.saved_at, tables = excluded.tables,
                since = excluded.since, journalled = excluded.journalled""",
            {
                "saved_at": config.saved_at.isoformat(),
                "tables": _tables_text(config.tables),
                "since": since,
                "journalled": journalled,
            },
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
