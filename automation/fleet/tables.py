"""What a fleet keeps of its workbooks, beside the tables of the task queue."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, MetaData, Table, Text, false

TABLES = MetaData()
WORKBOOK = Table(
    "workbook",
    TABLES,
    Column("key", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("credentials", Text, nullable=False),
    Column("is_paused", Boolean, nullable=False, server_default=false()),
    Column("next_at", Double, nullable=False, server_default="0"),
    Column("worker", Text, nullable=False, server_default=""),
    Column("edited_at", Double, nullable=False, server_default="0"),
    Column("account", Text),
    Column("began_at", Double),
    Column("failed_at", Double),
)
