"""Whatever the worker hangs in, a signal ends it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.patience import HANG_SECONDS
from tests.tree import ROOT

PROCESS = """
    import signal, socket, sqlite3, sys, threading, time
    from automation.app.stopping import Stopped, ended_in_time, stop_on_signals

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background work is started deaf to it

    def at_a_lock_of_the_database():
        sqlite3.connect(sys.argv[2], timeout=3600, isolation_level=None).execute("BEGIN IMMEDIATE")

    def at_a_silent_server():
        listening = socket.create_server(("127.0.0.1", 0))
        socket.create_connection(listening.getsockname()).recv(1)

    def in_sleep():
        time.sleep(3600)

    def behind_a_thread_that_hangs():
        waiting = threading.Thread(target=in_sleep)
        waiting.start()
        waiting.join()

    try:
        with {within}:
            print("hangs", flush=True)
            globals()[sys.argv[1]]()
    except Stopped:
        print("stopped", flush=True)
"""
PLACES = ("at_a_lock_of_the_database", "at_a_silent_server", "in_sleep", "behind_a_thread_that_hangs")


def ended(place: str, within: str, number: signal.Signals, lock: Path) -> tuple[int, list[str], str]:
    """Status and last words of a process that hangs there and is told to stop."""
    command = [sys.executable, "-c", textwrap.dedent(PROCESS).replace("{within}", within), place, str(lock)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "hangs\n"
        process.send_signal(number)
        told, complaint = process.communicate(timeout=HANG_SECONDS)
    return process.returncode, told.splitlines(), complaint


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite3"


@pytest.mark.parametrize(
    ("number", "until_told", "status"),
    [(signal.SIGTERM, True, 0), (signal.SIGTERM, False, 130), (signal.SIGINT, True, 130)],
    ids=["a worker", "a single run", "ctrl-c"],
)
@pytest.mark.parametrize("place", PLACES)
def test_what_hangs_is_broken_off_or_ends_with_the_process(
    place: str, number: signal.Signals, until_told: bool, status: int, lock: Path
) -> None:
    holder = sqlite3.connect(lock, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    found = ended(place, f"stop_on_signals(grace=0.05, limit=0.5, until_told={until_told})", number, lock)
    holder.close()
    broken_off = (0, ["stopped"], "")
    assert found in (broken_off, (status, [], "Đã dừng.\n"))
    if place in ("at_a_silent_server", "in_sleep"):
        assert found == broken_off


def test_ctrl_c_ends_any_command(lock: Path) -> None:
    holder = sqlite3.connect(lock, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    within = "ended_in_time(grace=0.05, limit=0.1)"
    status, told, _ = ended("at_a_lock_of_the_database", within, signal.SIGINT, lock)
    holder.close()
    assert (status, told) in ((130, []), (-signal.SIGINT, []))  # a signal may come before the lock is asked for
