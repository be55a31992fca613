"""A PostgreSQL server of the tests' own: on this machine alone, in a temporary folder, gone at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.patience import HANG_SECONDS

_OWNER = "nobody"
"""PostgreSQL refuses to run as root."""


def _binaries() -> Path | None:
    """Debian keeps those of a server out of PATH, by version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parent.parent.name))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


BINARIES = _binaries()
needs_postgres = pytest.mark.skipif("CI" not in os.environ and BINARIES is None, reason="needs PostgreSQL")


class PostgresServer:
    """A server in a folder. It forgets what a power cut would take, and nothing that a kill of ours does."""

    def __init__(self, folder: Path) -> None:
        assert BINARIES, "PostgreSQL is not installed (.ci/debian-packages)"
        self._binaries, self._data = BINARIES, folder / "data"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._run("initdb", "--no-sync", "--auth=trust", "--username=tccb", "--encoding=UTF8", "--locale=C")

    @property
    def url(self) -> SecretStr:
        """As `TCCB_DATABASE_URL` has it."""
        return SecretStr(f"postgresql://tccb@127.0.0.1:{self.port}/postgres")

    def start(self) -> None:
        """Until it answers."""
        told = f"-c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run("pg_ctl", "start", "--wait", "--silent", "--log", str(self._data / "log"), "--options", told)

    def stop(self, mode: str = "immediate") -> None:
        """As after a power cut, or in another `mode` of pg_ctl."""
        self._run("pg_ctl", "stop", "--silent", "--mode", mode)

    def _run(self, program: str, *arguments: str) -> None:
        who: dict[str, Any] = {"user": _OWNER, "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
        subprocess.run(
            [self._binaries / program, "--pgdata", self._data, *arguments],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=HANG_SECONDS,
            **who,
        )


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """One that runs."""
    folder = Path(tempfile.mkdtemp(prefix="tccb-postgres-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, _OWNER)
        server = PostgresServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
