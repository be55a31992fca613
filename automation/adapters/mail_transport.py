"""`MailTransport` over files one can open, and over SMTP."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from automation.adapters.mime import mailbox, message_bytes
from automation.core.model import Mail
from automation.errors import CannotStart, MailError, RefusedMailError, TemporaryMailError
from automation.texts import text

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")


class FileTransport:
    """One .eml file a mail in `folder`, opened by a double click. The same mail is the same file again."""

    def __init__(self, folder: Path, zone: ZoneInfo = VIET_NAM) -> None:
        self._folder = folder
        self._zone = zone

    def send(self, mail: Mail, message_id: str, queued_at: datetime) -> None:
        """Write the file beside its place, then move it there, so that no half of it is ever seen.

        Raises `RefusedMailError` for an address that is none, `TemporaryMailError` where the disk fails.
        """
        content = message_bytes(mail, message_id, queued_at, self._zone)
        path = self._folder / file_name(mail)
        unfinished = path.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(content)
            unfinished.replace(path)
        except OSError as error:
            raise TemporaryMailError(text("mail.folder", folder=self._folder)) from error


def file_name(mail: Mail) -> str:
    """Day, kind and unit to read, and a digest of the key, so that no two mails share a file on any system."""
    digest = blake2b(mail.key.encode(), digest_size=4).hexdigest()
    parts = [mail.day.isoformat(), mail.kind, mail.unit or "TCCB", digest]
    return "_".join(re.sub(r"[^A-Za-z0-9.-]+", "-", part).strip(".-")[:40] for part in parts) + ".eml"


# --- SMTP -------------------------------------------------------------------------------------------------

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_ANSWER_SECONDS = 30.0
_MAILS_PER_CONNECTION = 100
_LOGIN_TROUBLE = {530, 534, 535, 538}
"""Answers about who we are, not about the mail (RFC 4954)."""


@dataclass(frozen=True)
class SmtpServer:
    """What an address such as `smtps://user:pass@host:465` says."""

    scheme: str
    host: str
    port: int
    user: str
    password: str


def read_smtp_url(url: str) -> SmtpServer:
    """The server that `url` names. Raises `CannotStart`, without repeating the password."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise CannotStart(text("mail.url")) from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise CannotStart(text("mail.url"))
    server = SmtpServer(
        parts.scheme,
        parts.hostname,
        port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )
    if server.user and server.scheme == "smtp" and not _is_this_machine(server.host):
        raise CannotStart(text("mail.plain_password"))
    return server


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class SmtpTransport:
    """Hands mails to one SMTP server over one connection, opened when needed and renewed now and then.

    Certificates are checked; `tls` may trust others than the system does.
    """

    def __init__(
        self,
        url: str,
        zone: ZoneInfo = VIET_NAM,
        *,
        tls: ssl.SSLContext | None = None,
        answer_seconds: float = _ANSWER_SECONDS,
        mails_per_connection: int = _MAILS_PER_CONNECTION,
    ) -> None:
        """Raises `CannotStart` for a malformed address."""
        self._server = read_smtp_url(url)
        self._zone = zone
        self._tls = tls or ssl.create_default_context()
        self._answer_seconds = answer_seconds
        self._mails_per_connection = mails_per_connection
        self._client: smtplib.SMTP | None = None
        self._sent = 0

    def send(self, mail: Mail, message_id: str, queued_at: datetime) -> None:
        """Raises `TemporaryMailError` where another try may help, `RefusedMailError` where none will."""
        content = message_bytes(mail, message_id, queued_at, self._zone)
        recipients = [mailbox(each).addr_spec for each in (*mail.to, *mail.cc)]
        if not recipients:
            raise RefusedMailError(text("mail.nobody"))
        refused = self._talking(lambda client: client.sendmail(mailbox(mail.sender).addr_spec, recipients, content))
        self._sent += 1
        if refused:
            raise RefusedMailError(text("mail.partly_refused", count=len(refused), code=_worst_code(refused)))

    def close(self) -> None:
        """Say goodbye to the server; the next mail opens a new connection."""
        client, self._client = self._client, None
        if client is not None:
            try:
                client.quit()
            except (smtplib.SMTPException, OSError):
                client.close()

    def _talking(
        self, talk: Callable[[smtplib.SMTP], Mapping[str, tuple[int, bytes]]]
    ) -> Mapping[str, tuple[int, bytes]]:
        try:
            return talk(self._connected())
        except (smtplib.SMTPException, OSError) as error:
            trouble = _trouble(error)
            if isinstance(trouble, TemporaryMailError):
                self.close()
            # The cause repeats addresses and what the server says about them.
            raise trouble from None

    def _connected(self) -> smtplib.SMTP:
        if self._client is not None and not self._is_usable(self._client):
            self.close()
        if self._client is None:
            self._client = self._new_connection()
            self._sent = 0
        return self._client

    def _is_usable(self, client: smtplib.SMTP) -> bool:
        if self._sent >= self._mails_per_connection:
            return False
        try:
            return client.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _new_connection(self) -> smtplib.SMTP:
        server = self._server
        if server.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._answer_seconds, context=self._tls
            )
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=self._answer_seconds)
        try:
            if server.scheme == "smtp+starttls":
                client.starttls(context=self._tls)
            if server.user:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client


def _trouble(error: smtplib.SMTPException | OSError) -> MailError:
    match error:
        case ssl.SSLCertVerificationError():
            return TemporaryMailError(text("mail.certificate"))
        case ssl.SSLError() | smtplib.SMTPNotSupportedError():
            return TemporaryMailError(text("mail.unsupported"))
        case smtplib.SMTPAuthenticationError():
            return TemporaryMailError(text("mail.login"))
        case smtplib.SMTPRecipientsRefused():
            return _answered(_worst_code(error.recipients))
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            return TemporaryMailError(text("mail.later", code=error.smtp_code))
        case smtplib.SMTPResponseException():
            return _answered(error.smtp_code)
        case _:
            return TemporaryMailError(text("mail.unreachable"))


def _answered(code: int) -> MailError:
    if code in _LOGIN_TROUBLE:
        return TemporaryMailError(text("mail.login"))
    if 500 <= code < 600:
        return RefusedMailError(text("mail.refused", code=code))
    return TemporaryMailError(text("mail.later", code=code))


def _worst_code(refused: Mapping[str, tuple[int, Any]]) -> int:
    """Of several recipients one that may be accepted later decides: the whole mail is tried again."""
    return min(code for code, _ in refused.values())
