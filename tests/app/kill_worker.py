"""What the campaign of kills runs in processes of its own: decide, queue, send, note; some die at a given step."""

from __future__ import annotations

import os
import signal
import sqlite3
from datetime import timedelta
from itertools import count
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, event

from automation.adapters.mail.transport import SmtpTransport
from automation.core.model.mail import DeliveryTerms, Mail
from tests.adapters.mail.examples import NOW, reminder
from tests.adapters.store.places import told_place

UNITS = ("BV01", "BV02", "BV03")


def mails_of(round_: int) -> list[Mail]:
    """What is decided in that round."""
    return [replace(reminder(unit), key=f"{unit}/{round_}") for unit in UNITS]


def work(place: str, port: int, round_: int, dies_before_statement: int | None = None, hours: int = 0) -> None:
    """One run on the store at that place: decides on this round and again on the one before, as the next cycle does,
    and delivers.

    `dies_before_statement`: the number of the SQL statement that this process does not live to see. `hours`: since the
    first runs.
    """
    if dies_before_statement is not None:
        _die_before_statement(dies_before_statement)
    store = told_place(place).open()
    with store.transaction(NOW) as ledger:
        for mail in [each for number in (round_ - 1, round_) for each in mails_of(number)]:
            ledger.queue(mail, NOW)
    now = NOW + timedelta(hours=hours)
    store.deliver(SmtpTransport(f"smtp://127.0.0.1:{port}"), now, DeliveryTerms(per_day=1_000_000))
    store.close()


def _die_before_statement(number: int) -> None:
    numbers = count(1)

    def trace(*_statement: object) -> None:
        if next(numbers) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(Engine, "before_cursor_execute")
    def trace_at_server(connection: Connection, *_statement: object) -> None:
        if connection.dialect.name != "sqlite":  # which is traced below, its own statements too
            trace()

    connect = sqlite3.connect

    def connect_traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_trace_callback(trace)
        return connection

    # This process is about to die, so nobody else is misled.
    sqlite3.connect = connect_traced  # type: ignore[assignment]
