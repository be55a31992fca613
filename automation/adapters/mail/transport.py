"""`MailTransport` over files one can open, and over SMTP."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

from automation.adapters.mail.certificates import certificate_trouble
from automation.adapters.mail.mime import mailbox, message_bytes
from automation.base.errors import (
    CannotStart,
    MailboxPostponed,
    MailError,
    MailServerUnavailable,
    MailSettingWrong,
    OutcomeUnknown,
    PartlyPostponed,
    RefusedMailError,
    TemporaryMailError,
)
from automation.base.host_port import HostPort, read_host_port
from automation.base.messages import text
from automation.base.private_files import write_private
from automation.core.model.mail import Mail
from automation.core.text.moments import VIET_NAM


def nothing() -> None:
    """For whoever need not know when the content is handed over."""


class FileTransport:
    """One .eml file a mail in `folder`, opened by a double click, for us alone. The same mail is the same file."""

    def __init__(self, folder: Path, zone: ZoneInfo = VIET_NAM) -> None:
        self._folder = folder
        self._zone = zone

    def send(
        self,
        mail: Mail,
        message_id: str,
        queued_at: datetime,
        before_content: Callable[[], None] = nothing,  # noqa: ARG002
    ) -> None:
        """Write the file beside its place, then move it there, so that no half of it is ever seen. The same mail goes
        into the same file, so nobody need know how far it came.

        Raises `RefusedMailError` for an address that is none, `TemporaryMailError` where the disk fails.
        """
        content = message_bytes(mail, message_id, queued_at, self._zone)
        path = self._folder / file_name(mail)
        try:
            write_private(path, content)
        except OSError as error:
            raise MailServerUnavailable(text("mail.folder", folder=self._folder)) from error

    def close(self) -> None:
        """Nothing to let go of."""


def file_name(mail: Mail) -> str:
    """Day, kind and unit to read, and a digest of the key, so that no two mails share a file on any system."""
    digest = blake2b(mail.key.encode(), digest_size=4).hexdigest()
    return "_".join(map(_part, (mail.day.isoformat(), mail.kind, mail.unit or "TCCB", digest))) + ".eml"


def unit_of_file(name: str, unit: str) -> bool:
    """Whether a file of that name may be a mail to the unit of that code, finished or not."""
    return name.removeprefix(".").split("_")[2:3] == [_part(unit)]


def _part(named: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", named).strip(".-")[:40]


# --- SMTP -------------------------------------------------------------------------------------------------

_GO_AHEAD = 354
_WAYS = {"smtp": "plain", "smtps": "tls", "smtp+starttls": "starttls"}
"""Keys of `templates/messages/mail.toml` below `unsupported`."""
_BREAKS = set("\t\r\n")
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_ANSWER_SECONDS = 30.0
_GOODBYE_SECONDS = 1.0
_TAKEN_SECONDS = 600.0
"""How long a server may take over a whole mail (RFC 5321, 4.5.3.2.6): who gives up earlier sends twice."""
_LOGIN_TROUBLE = {530, 534, 535, 538}
"""Answers about who we are, not about the mail (RFC 4954)."""
_TOO_BIG = 552
"""The one answer to a sender that is about the size of the mail (RFC 1870)."""
_ABOUT_SENDER = re.compile(r"\b[45]\.1\.[78]\b|\b5\.7\.60\b|sender address rejected", re.IGNORECASE)
"""RFC 3463 on the sender's address; Exchange where one may not send as another; Postfix."""
_CLOSING = 421
_ABOUT_SYSTEM = re.compile(r"\b4\.[34]\.\d")
"""RFC 3463: the mail system, the network."""
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True)
class SmtpServer:
    """What an address such as `smtps://user:pass@host:465` says."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)

    @property
    def is_open_to_listeners(self) -> bool:
        """Whether what is sent crosses a network unencrypted."""
        return self.scheme == "smtp" and not HostPort(self.host).is_loopback


def read_smtp_url(url: str) -> SmtpServer:
    """The server that `url` names. Raises `CannotStart`, without repeating the password."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise CannotStart(text("mail.url")) from None
    address = read_host_port(parts.netloc.rpartition("@")[2])
    if address is None or parts.scheme not in _PORTS or _holds_more(url.strip(), parts):
        raise CannotStart(text("mail.url"))
    server = SmtpServer(
        parts.scheme,
        address.host,
        address.port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )
    if not f"{server.user}{server.password}".isascii():
        raise CannotStart(text("mail.login_letters"))
    if server.user and server.is_open_to_listeners:
        raise CannotStart(text("mail.plain_password"))
    return server


def _holds_more(url: str, parts: SplitResult) -> bool:
    """A "#", "?" or "/" in a password that was not encoded ends the host too early; breaks are dropped in silence."""
    return bool(parts.path.strip("/") or parts.query or parts.fragment or _BREAKS & set(url))


class _Client(smtplib.SMTP):
    """Tells when the content of a mail is handed over, and has patience then."""

    taken_seconds = _TAKEN_SECONDS
    before_content: Callable[[], None] = staticmethod(nothing)
    awaits_answer = False
    """Whether the whole content has been sent, and nothing was said to it yet."""

    def data(self, msg: Any) -> tuple[int, bytes]:
        """As `smtplib` does it; raises whatever `before_content` raises before any of it is sent."""
        self.putcmd("data")
        code, said = self.getreply()
        if code != _GO_AHEAD:
            with suppress(smtplib.SMTPServerDisconnected):
                self.rset()  # else the next mail would be one inside this one
            raise smtplib.SMTPDataError(code, said)
        self.before_content()
        if self.sock:
            self.sock.settimeout(self.taken_seconds)
        self.send(re.sub(rb"(?m)^\.", b"..", msg).removesuffix(b"\r\n") + b"\r\n.\r\n")
        self.awaits_answer = True
        code, said = self.getreply()
        self.awaits_answer = False
        if self.sock:
            self.sock.settimeout(self.timeout)
        return code, said


class _EncryptedClient(_Client, smtplib.SMTP_SSL):
    pass


class SmtpTransport:
    """Hands mails to one SMTP server over one connection, opened when needed.

    Certificates are checked; `tls` may trust others than the system does.
    """

    def __init__(
        self,
        url: str,
        zone: ZoneInfo = VIET_NAM,
        *,
        tls: ssl.SSLContext | None = None,
        answer_seconds: float = _ANSWER_SECONDS,
        taken_seconds: float = _TAKEN_SECONDS,
    ) -> None:
        """Raises `CannotStart` for a malformed address."""
        self._server = read_smtp_url(url)
        self._zone = zone
        self._tls = tls or ssl.create_default_context()
        self._answer_seconds = answer_seconds
        self._taken_seconds = taken_seconds
        self._client: _Client | None = None

    def send(
        self, mail: Mail, message_id: str, queued_at: datetime, before_content: Callable[[], None] = nothing
    ) -> None:
        """Raises `TemporaryMailError` where another try may help, `OutcomeUnknown` where the server fell silent over
        the content, `RefusedMailError` where no other try will help.
        """
        content = message_bytes(mail, message_id, queued_at, self._zone)
        recipients = [mailbox(each).addr_spec for each in mail.still_to or (*mail.to, *mail.cc)]
        if not recipients:
            raise RefusedMailError(text("mail.nobody"))
        answers = self._talk(mailbox(mail.sender).addr_spec, recipients, content, before_content)
        if answers:
            raise _partly(answers, mail)

    def greet(self) -> None:
        """Connect, encrypt and log in as for a mail, and send none. Raises `MailServerUnavailable`."""
        client = self._connected()
        try:
            client.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise _of_server(_trouble(error)) from None

    def close(self) -> None:
        """Say goodbye to the server, which need not answer; the next mail opens a new connection."""
        client, self._client = self._client, None
        if client is not None:
            if client.sock:
                client.sock.settimeout(_GOODBYE_SECONDS)
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
            client.close()

    def _talk(self, sender: str, recipients: list[str], content: bytes, before_content: Callable[[], None]) -> Answers:
        """Who was refused, of several; where nobody was reached, a `MailError` is raised."""
        client = self._connected()
        client.before_content = before_content
        try:
            return client.sendmail(sender, recipients, content)
        except (smtplib.SMTPException, OSError) as error:
            if not isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
                self._drop()
            if client.awaits_answer:
                raise OutcomeUnknown(text("mail.unknown")) from None
            # The cause repeats addresses and what the server says about them.
            raise _trouble(error) from None
        except BaseException:
            self._drop()
            raise

    def _connected(self) -> _Client:
        if self._client is not None and not _is_alive(self._client):
            self._drop()
        if self._client is None:
            try:
                self._client = self._new_connection()
            except ssl.SSLCertVerificationError as error:
                raise MailSettingWrong(self._certificate_trouble(error)) from None
            except (ssl.SSLError, smtplib.SMTPNotSupportedError):
                where = {"host": self._server.host, "port": self._server.port}
                raise MailSettingWrong(text(f"mail.unsupported.{_WAYS[self._server.scheme]}", **where)) from None
            except (smtplib.SMTPException, OSError) as error:
                raise _of_server(_trouble(error)) from None
        return self._client

    def _certificate_trouble(self, error: ssl.SSLCertVerificationError) -> str:
        presented = None
        with suppress(smtplib.SMTPException, OSError):
            presented = self._presented_certificate()
        return certificate_trouble(error, self._server.host, presented)

    def _presented_certificate(self) -> bytes | None:
        """What the server shows to anybody; nothing but a greeting is said to it."""
        client = self._new_connection(_trusting_anybody(), logs_in=False)
        try:
            return client.sock.getpeercert(binary_form=True) if isinstance(client.sock, ssl.SSLSocket) else None
        finally:
            client.close()

    def _drop(self) -> None:
        """Without goodbye: nobody listens any more."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _new_connection(self, tls: ssl.SSLContext | None = None, *, logs_in: bool = True) -> _Client:
        server = self._server
        if server.scheme == "smtps":
            client: _Client = _EncryptedClient(
                server.host,
                server.port,
                local_hostname=greeting_name(socket.getfqdn()),
                timeout=self._answer_seconds,
                context=tls or self._tls,
            )
        else:
            client = _Client(
                server.host, server.port, local_hostname=greeting_name(socket.getfqdn()), timeout=self._answer_seconds
            )
        client.taken_seconds = self._taken_seconds
        try:
            if server.scheme == "smtp+starttls":
                client.starttls(context=tls or self._tls)
            if server.user and logs_in:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client


def _trusting_anybody() -> ssl.SSLContext:
    """For a look at a certificate that does not count."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


Answers: TypeAlias = Mapping[str, tuple[int, bytes]]
"""What a server said of recipients that it did not take."""


def greeting_name(machine: str) -> str:
    """What this machine calls itself to a server: its name, or an address where no protocol allows the name."""
    return machine if _HOST.fullmatch(machine) else "[127.0.0.1]"


def _is_alive(client: smtplib.SMTP) -> bool:
    try:
        return client.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _of_server(trouble: MailError) -> MailServerUnavailable:
    """The same, where it befalls every mail."""
    return trouble if isinstance(trouble, MailServerUnavailable) else MailServerUnavailable(str(trouble))


def _trouble(error: smtplib.SMTPException | OSError) -> MailError:
    match error:
        case smtplib.SMTPAuthenticationError():
            return MailSettingWrong(text("mail.login"))
        case smtplib.SMTPSenderRefused() if error.smtp_code != _TOO_BIG and _is_for_good(error.smtp_code):
            return MailSettingWrong(text("mail.sender_refused", code=error.smtp_code))
        case smtplib.SMTPDataError() if _blames_sender(error.smtp_code, error.smtp_error):
            return MailSettingWrong(text("mail.sender_refused", code=error.smtp_code))
        case smtplib.SMTPRecipientsRefused() if all(_blames_sender(*answer) for answer in error.recipients.values()):
            return MailSettingWrong(text("mail.sender_refused", code=_mildest(error.recipients)))
        case smtplib.SMTPRecipientsRefused():
            return _of_mailboxes(error.recipients)
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            return TemporaryMailError(text("mail.later", code=error.smtp_code))
        case smtplib.SMTPResponseException():
            return _answered(error.smtp_code)
        case _ if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            return MailServerUnavailable(text("mail.silent"))
        case _:
            return TemporaryMailError(text("mail.unreachable"))


def _answered(code: int) -> MailError:
    if code in _LOGIN_TROUBLE:
        return MailSettingWrong(text("mail.login"))
    if _is_for_good(code):
        return RefusedMailError(text("mail.refused", code=code))
    return TemporaryMailError(text("mail.later", code=code))


def _of_mailboxes(answers: Answers) -> MailError:
    """Nobody was taken: what waits for a mailbox keeps no other mail back, unless the whole system is meant."""
    trouble = _answered(_mildest(answers))
    is_temporary = isinstance(trouble, TemporaryMailError) and not isinstance(trouble, MailServerUnavailable)
    if is_temporary and not any(_blames_system(*answer) for answer in answers.values()):
        return MailboxPostponed(str(trouble))
    return trouble


def _blames_system(code: int, said: bytes | str) -> bool:
    return code == _CLOSING or any(about.search(_words(said)) for about in (_ABOUT_SYSTEM, _ABOUT_SENDER))


def _partly(answers: Answers, mail: Mail) -> MailError:
    """The others have it: whoever was put off is tried again alone, whoever was refused is told of."""
    waiting = {address: code for address, (code, _) in answers.items() if not _is_for_good(code)}
    for_good = {address: code for address, (code, _) in answers.items() if _is_for_good(code)}
    copies = {mailbox(each).addr_spec for each in mail.cc}
    refused = ""
    if for_good:
        copied = sum(address in copies for address in for_good)
        refused = text("mail.partly_refused", to=len(for_good) - copied, copies=copied, code=max(for_good.values()))
    if not waiting:
        return RefusedMailError(refused)
    later = text("mail.partly_later", count=len(waiting), code=min(waiting.values()))
    return PartlyPostponed(later, tuple(waiting), refused)


def _blames_sender(code: int, said: bytes | str) -> bool:
    """Many servers say only at a recipient, or at the end, that they did not like the sender."""
    return _is_for_good(code) and _ABOUT_SENDER.search(_words(said)) is not None


def _words(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _is_for_good(code: int) -> bool:
    return 500 <= code < 600 and code not in _LOGIN_TROUBLE


def _mildest(answers: Mapping[str, tuple[int, Any]]) -> int:
    """Of several recipients one that may be accepted later decides: the whole mail is tried again."""
    return min(code for code, _ in answers.values())
