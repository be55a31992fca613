"""A server on this machine that answers as a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

from automation.base.host_port import HostPort
from tests.patience import HANG_SECONDS


class Asked(Struct, frozen=True):
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """Their names in small letters."""
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, parts.path, parse_qs(parts.query), headers, body)
        self.server.owner.answer(asked, self)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    owner: FakeGoogle
    connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of many a test."""


class _IPv6Server(_Server):
    address_family = socket.AF_INET6


def has_ipv6() -> bool:
    """Whether a server of this machine can listen on an IPv6 address."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


Step = Callable[[Asked, Handler], None]


@dataclass
class FakeGoogle:
    """Steps are taken one a request; when none is left, every request is answered with `{}`."""

    steps: list[Step] = field(default_factory=list)
    token: Step | None = None
    """What answers at /token."""
    asked: list[Asked] = field(default_factory=list)
    tokens_asked: list[Asked] = field(default_factory=list)
    host: str = ""
    tls: ssl.SSLContext | None = None
    address: str = "127.0.0.1"
    _server: _Server = field(init=False)

    @property
    def connections(self) -> int:
        return self._server.connections

    def answer(self, asked: Asked, handler: Handler) -> None:
        if asked.path == "/token" and self.token is not None:
            self.tokens_asked.append(asked)
            self.token(asked, handler)
            return
        self.asked.append(asked)
        step = self.steps.pop(0) if self.steps else says(200, {})
        step(asked, handler)

    def __enter__(self) -> FakeGoogle:
        kind = _IPv6Server if ":" in self.address else _Server
        self._server = kind((self.address, 0), Handler)
        self._server.owner = self
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self.host = str(HostPort(self.address, self._server.server_port))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


# --- steps ------------------------------------------------------------------------------------------------


def says(status: int, body: object, **headers: str) -> Step:
    """A whole answer; bytes and text go out as they are."""
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()

    def step(_asked: Asked, handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return step


def refuses(status: int, message: str = "", *, reason: str = "", state: str = "", **metadata: str) -> Step:
    """Google's error body."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "metadata": metadata}]
    error = {"code": status, "message": message, "status": state, "details": details if reason else []}
    return says(status, {"error": error})


def cuts_short(_asked: Asked, handler: Handler) -> None:
    """Half of what was announced, then the end of the connection."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"values": [')
    handler.close_connection = True


def cuts_short_in_a_chunk(_asked: Asked, handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b'40\r\n{"values": [')
    handler.close_connection = True


def resets(_asked: Asked, handler: Handler) -> None:
    """Cut off without an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def hangs(_asked: Asked, handler: Handler) -> None:
    """Nothing, until the client goes away."""
    handler.connection.settimeout(HANG_SECONDS)
    handler.connection.recv(1)
    handler.close_connection = True


def trickles(_asked: Asked, handler: Handler) -> None:
    """Something all the time, and never the end of it, until the client goes away."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**9))
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.02)


# --- time -------------------------------------------------------------------------------------------------


class FakeTime:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.sleeps.append(seconds)
            self.now += seconds


@contextmanager
def closed_port() -> Iterator[str]:
    """A host where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{unused.getsockname()[1]}"
