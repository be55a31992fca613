"""Whoever watches the bot hears when a cycle begins and how it ended, and a watchman who is deaf stops nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from automation.adapters.heartbeat import Heartbeat
from tests.app.records.office import made, settle
from tests.commands import Run
from tests.workbooks import NOW

__all__ = ["made"]
"""Fixtures."""

MORNING = ("--now", "2023-04-20T08:00")


class Watchman(HTTPServer):
    """Listens on this machine alone, and remembers."""

    def __init__(self, status: int = 200) -> None:
        self.heard: list[str] = []

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.heard.append(self.path)
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """To nobody."""

        server = self
        super().__init__(("127.0.0.1", 0), Answer)
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/ping/abc"


@pytest.fixture
def watchman() -> Iterator[Watchman]:
    with Watchman() as server:
        yield server
        server.shutdown()


@pytest.fixture
def file(made: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "so.xlsx"
    path.write_bytes(made)
    return path


def test_a_cycle_is_told_and_one_that_fails_too(file: Path, tccb_here: Run, watchman: Watchman) -> None:
    tccb_here("run", str(file), "--once", "--no-mail", "--dry-run", *MORNING, TCCB_PING_URL=watchman.url)
    assert watchman.heard == [], "a dry run is no sign of life"
    tccb_here("run", str(file), "--once", "--no-mail", *MORNING, TCCB_PING_URL=watchman.url + "/")
    assert watchman.heard == ["/ping/abc/start", "/ping/abc"]
    beat = file.with_suffix(".tccb") / "heartbeat"
    assert beat.read_text("utf-8") == "2023-04-20T08:00:00+07:00 ok\n"
    file.write_bytes(b"damaged")
    tccb_here("run", str(file), "--once", "--no-mail", *MORNING, TCCB_PING_URL=watchman.url)
    assert watchman.heard[2:] == ["/ping/abc/start", "/ping/abc/fail"]
    assert beat.read_text("utf-8").endswith(" failed\n")


def test_a_cycle_that_could_judge_nothing_has_failed(file: Path, tccb_here: Run, watchman: Watchman) -> None:
    settle(file, "Chỉ tiêu (%)", "rất nhiều")
    tccb_here("run", str(file), "--once", "--no-mail", *MORNING, TCCB_PING_URL=watchman.url)
    assert watchman.heard == ["/ping/abc/start", "/ping/abc/fail"], "no configuration was ever in order"
    settle(file, "Chỉ tiêu (%)", 100)
    tccb_here("run", str(file), "--once", "--no-mail", *MORNING, TCCB_PING_URL=watchman.url)
    settle(file, "Chỉ tiêu (%)", "rất nhiều")
    tccb_here("run", str(file), "--once", "--no-mail", *MORNING, TCCB_PING_URL=watchman.url)
    assert watchman.heard[3::2] == ["/ping/abc", "/ping/abc"], "the last good one decides"


def test_nobody_there_nobody_answering_and_a_refusal_stop_nothing(file: Path, tccb_here: Run, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        Heartbeat(tmp_path / "state", f"http://127.0.0.1:{port}", seconds=0.1).ended(NOW, well=True)
    assert (tmp_path / "state" / "heartbeat").exists()
    with Watchman() as making:  # a check that is made by its first ping
        Heartbeat(tmp_path / "state", making.url + "?create=1").begun()
        Heartbeat(tmp_path / "state", making.url + "/?create=1").ended(NOW, well=True)
        assert making.heard == ["/ping/abc/start?create=1", "/ping/abc?create=1"]
        making.shutdown()
    with Watchman(status=500) as refusing:
        Heartbeat(tmp_path / "state", refusing.url).begun()
        assert refusing.heard == ["/ping/abc/start"]
        refusing.shutdown()
    done = tccb_here("run", str(file), "--once", "--no-mail", *MORNING, TCCB_PING_URL=f"http://127.0.0.1:{port}/")
    assert (done.status, done.stderr) == (0, "")


@pytest.mark.parametrize("address", ["ftp://a.example", "a.example", "http://a example", "https://a.example/#b"])
def test_what_is_no_address_is_refused_without_repeating_it(file: Path, tccb_here: Run, address: str) -> None:
    done = tccb_here("run", str(file), "--once", TCCB_PING_URL=address)
    assert (done.status, "TCCB_PING_URL" in done.stderr, address in done.stderr) == (2, True, False)
