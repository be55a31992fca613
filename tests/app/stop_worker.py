"""A worker that is told to stop at a given step of its own: python -m tests.app.stop_worker SIGNAL STATEMENT ARGUMENT…

The step is the first SQL statement that begins like that; the arguments are those of `tccb`.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from typing import Any

from automation.cli.main import main


def stop_at(number: int, statement: str) -> None:
    """Let this process get the signal where it runs such a statement for the first time."""
    waiting = [number]

    def trace(running: str) -> None:
        if waiting and running.startswith(statement):
            os.kill(os.getpid(), waiting.pop())

    connect = sqlite3.connect

    def connect_traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_trace_callback(trace)
        return connection

    # This process does nothing else, so nobody is misled.
    sqlite3.connect = connect_traced  # type: ignore[assignment]


if __name__ == "__main__":
    stop_at(int(sys.argv[1]), sys.argv[2])
    sys.argv = ["tccb", *sys.argv[3:]]
    main()
