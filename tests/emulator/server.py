"""HTTP on loopback, as quick as the standard library allows."""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

import msgspec

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a reset."""


class Reply:
    """An answer, or how the connection ends without one."""

    def __init__(self, status: int, body: bytes, content_type: str, retry_after: str | None = None) -> None:
        self.status = status
        self.body = body
        self.content_type = content_type
        self.retry_after = retry_after
        self.silent_seconds = 0.0
        """How long nothing comes before the end; less where the client goes away first."""
        self.resets = False
        self.cut_to: int | None = None
        """How many bytes of the body are sent before the connection closes; None: all."""


class Application(Protocol):
    def handle(self, method: str, target: str, headers: Any, body: bytes) -> Reply: ...

    def seconds(self) -> float: ...

    @property
    def tells_time(self) -> bool: ...


REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}
REASONS |= {429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway"}
REASONS |= {503: "Service Unavailable"}


class Server(ThreadingHTTPServer):
    """Serves until it is closed; then every connection is closed too."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, application: Application, port: int = 0) -> None:
        self.application = application
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a mistake of the emulator and must be seen."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = self.server.application.handle(self.command, self.path, self.headers, body)
        if reply.silent_seconds:
            # Readable once the client has gone, or once the server has stopped.
            select.select([self.connection], [], [], reply.silent_seconds)
        if reply.resets:
            self._reset()
        else:
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        head = (
            f"HTTP/1.1 {reply.status} {REASONS[reply.status]}\r\n"
            f"Content-Type: {reply.content_type}\r\nContent-Length: {len(reply.body)}\r\n"
        )
        if self.server.application.tells_time:
            head += f"Date: {formatdate(self.server.application.seconds(), usegmt=True)}\r\n"
        if reply.retry_after is not None:
            head += f"Retry-After: {reply.retry_after}\r\n"
        body = reply.body
        if reply.cut_to is not None:
            head += "Connection: close\r\n"
            body = body[: reply.cut_to]
            self.close_connection = True
        self.wfile.write(head.encode() + b"\r\n" + body)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.rfile.close()
        self.wfile.close()
        self.connection.close()
        raise ConnectionResetError

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the journal has it."""


def json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def indented(content: bytes) -> bytes:
    """The answer for who did not ask for a compact one (D)."""
    try:
        return msgspec.json.format(content, indent=2)
    except msgspec.DecodeError:  # half of a surrogate pair, which it does not know
        return json.dumps(json.loads(content), ensure_ascii=False, indent=2).encode("utf-8", "replace")
