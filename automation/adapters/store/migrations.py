"""How state files of every earlier version come to the tables of this one: the statements of each step.

A step more changes `schema.py` as well, and is written so that both kinds of database understand it: those in
PostgreSQL began with the tables of version 10, and take the steps after that. The ones up to there speak SQLite alone.
"""

from __future__ import annotations

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
    # A key of any length is not for every database, and the order of problems is theirs, not that of the file.
    (
        "CREATE TABLE new_problem (place INTEGER PRIMARY KEY, found TEXT NOT NULL, since TEXT NOT NULL)",
        "INSERT INTO new_problem (place, found, since) SELECT rowid, found, since FROM problem",
        "DROP TABLE problem",
        "ALTER TABLE new_problem RENAME TO problem",
    ),
)
