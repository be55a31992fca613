"""A mail server on this machine that does as it is told at any of its commands."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from msgspec import Struct, field

COMMANDS = ("connect", "EHLO", "MAIL", "RCPT", "DATA", "content", "QUIT")
"""The moments at which it can be told to do something else than to answer."""
_ANSWERS = {
    "connect": b"220 here",
    "EHLO": b"250 here",
    "MAIL": b"250 OK",
    "RCPT": b"250 OK",
    "DATA": b"354 go on",
    "content": b"250 taken",
    "QUIT": b"221 bye",
}


class Taken(Struct, frozen=True):
    """A mail that the server has."""

    message_id: str
    to: tuple[str, ...]
    text: str


class MailServer(Struct):
    """Takes mails; `misbehave` is asked at every command: None to answer as usual, bytes to answer that, "cut" and
    "silence" as they say. What is taken is noted before an answer to the content is thought about, unless
    `refuses_first` is set.
    """

    misbehave: Callable[[str], bytes | str | None] = lambda _command: None
    takes_first: bool = True
    """Whether a content counts as taken even where its answer goes wrong."""
    taken: list[Taken] = field(default_factory=list)
    port: int = 0
    open: int = 0
    """How many clients are being served."""

    @contextmanager
    def listening(self) -> Iterator[MailServer]:
        """Serves on a port of its own meanwhile."""
        office = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                office.open += 1
                try:
                    _serve(office, self)
                except OSError:
                    pass
                finally:
                    office.open -= 1

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            server.daemon_threads = True
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()

    def take(self, content: bytes, recipients: list[str]) -> None:
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        text = str(body.get_content()) if isinstance(body, EmailMessage) else ""
        self.taken.append(Taken(str(message["Message-ID"]), tuple(recipients), " ".join(text.split())))


def _serve(office: MailServer, client: socketserver.StreamRequestHandler) -> None:
    if not _answered(office, client, "connect"):
        return
    recipients: list[str] = []
    while line := client.rfile.readline():
        command = line[:4].decode("ascii", "replace").upper().strip()
        if command == "RSET":
            recipients.clear()
            client.wfile.write(b"250 OK\r\n")
            continue
        if command == "NOOP":
            client.wfile.write(b"250 OK\r\n")
            continue
        if command == "MAIL" and recipients:
            client.wfile.write(b"503 one mail at a time\r\n")
            continue
        answer = _answered(office, client, command)
        if answer is None:
            return
        if command == "RCPT" and answer.startswith(b"250"):
            recipients.append(line.decode().partition("<")[2].partition(">")[0])
        if command == "DATA" and answer.startswith(b"354"):
            content = _content(client)
            if content is None or not _accepted(office, client, content, recipients):
                return
            recipients = []
        if command == "QUIT":
            return


def _content(client: socketserver.StreamRequestHandler) -> bytes | None:
    lines = []
    while (line := client.rfile.readline()) != b".\r\n":
        if not line:
            return None
        lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
    return b"".join(lines)


def _accepted(office: MailServer, client: socketserver.StreamRequestHandler, content: bytes, to: list[str]) -> bool:
    wanted = office.misbehave("content")
    is_answer = isinstance(wanted, bytes)
    if wanted is None or (office.takes_first and not is_answer):
        office.take(content, to)
    return _does(client, wanted, _ANSWERS["content"]) is not None


def _answered(office: MailServer, client: socketserver.StreamRequestHandler, command: str) -> bytes | None:
    usual = _ANSWERS.get(command, b"250 OK")
    return _does(client, office.misbehave(command), usual)


def _does(client: socketserver.StreamRequestHandler, wanted: bytes | str | None, usual: bytes) -> bytes | None:
    """What was answered; None where the talk is over."""
    if wanted == "silence":
        client.rfile.read(1)  # until the other one gives up
        return None
    if wanted == "cut":
        client.connection.shutdown(socket.SHUT_RDWR)
        return None
    answer = wanted if isinstance(wanted, bytes) else usual
    client.wfile.write(answer + b"\r\n")
    return answer
