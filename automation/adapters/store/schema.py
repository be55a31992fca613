"""The tables, as every database holds them. PostgreSQL is begun with them; a state file comes to them step by step
(`migrations.py`), and a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    event,
    false,
)

TABLES = MetaData()
_NOTHING = ""
_NEVER = "0"

CAMPAIGN = Table(
    "campaign",
    TABLES,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("first_cycle_at", Text, nullable=False),
)
UNIT = Table("unit", TABLES, Column("code", Text, primary_key=True), Column("record", Text, nullable=False))
CONFIG = Table(
    "config",
    TABLES,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("saved_at", Text, nullable=False),
    Column("tables", Text, nullable=False),
    Column("since", Text),
    Column("journalled", Text),
)
LOOK = Table("look", TABLES, Column("day", Text, primary_key=True), Column("last_at", Text, nullable=False))
RUN = Table("run", TABLES, Column("id", Integer, primary_key=True), Column("record", Text, nullable=False))
PROBLEM = Table(
    "problem",
    TABLES,
    Column("place", Integer, primary_key=True),
    Column("found", Text, nullable=False),
    Column("since", Text, nullable=False),
)
FROZEN = Table(
    "frozen",
    TABLES,
    Column("id", Integer, primary_key=True),
    *(Column(name, Text) for name in ("sha256", "name", "file", "frozen_at")),
)
MAIL = Table(
    "mail",
    TABLES,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    *(Column(name, Text, nullable=False) for name in ("kind", "unit", "rung", "day", "state")),
    Column("message_id", Text, nullable=False, unique=True),
    Column("queued_at", Text, nullable=False),
    Column("next_try", Double, nullable=False),
    Column("tried_at", Double, nullable=False),
    Column("stale_at", Double),
    Column("attempts", Integer, nullable=False, server_default=_NEVER),
    Column("error", Text, nullable=False, server_default=_NOTHING),
    Column("trial", Boolean, nullable=False, server_default=false()),
    Column("begun_at", Double),
    Column("content_at", Double),
    Column("interrupted", Integer, nullable=False, server_default=_NEVER),
    Column("partly", Boolean, nullable=False, server_default=false()),
    Column("settled_at", Double),
    Column("told", Text),
    Column("readers", Text, nullable=False, server_default=_NOTHING),
    Column("rank", Integer, nullable=False, server_default="10"),
    Column("why", Text, nullable=False, server_default=_NOTHING),
    Column("roles", Text, nullable=False, server_default=_NOTHING),
    Column("lost_from", Text),
    Index("mail_by_unit", "unit"),
)
LETTER = Table(
    "letter",
    TABLES,
    Column("mail", Integer, ForeignKey("mail.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
    Column("refused", Text, nullable=False, server_default=_NOTHING),
)
ATTACHMENT = Table(
    "attachment",
    TABLES,
    Column("mail", Integer, ForeignKey("letter.mail", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("filename", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("content_id", Text, nullable=False),
)

# The words of a mail go as soon as its fate is known, whoever notes that.
_FORGET_WORDS = (
    """CREATE FUNCTION forget_words() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN DELETE FROM letter WHERE letter.mail = new.id; RETURN NULL; END $$""",
    """CREATE TRIGGER settled AFTER UPDATE OF state ON mail FOR EACH ROW
    WHEN (new.state NOT IN ('queued', 'unsure')) EXECUTE FUNCTION forget_words()""",
)
for _statement in _FORGET_WORDS:
    _made: DDL = DDL(_statement)  # type: ignore[no-untyped-call]
    event.listen(LETTER, "after_create", _made.execute_if(dialect="postgresql"))
