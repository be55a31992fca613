"""A mail becomes an internet message (RFC 5322): the same mail always the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, AddressHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo

from automation.base.errors import RefusedMailError
from automation.base.messages import text
from automation.core.model.mail import Attachment, Mail

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
_MAILBOX = re.compile(r"(?:(?P<name>[^<>]*)<)?(?P<address>[^<>]+?)>?")
_LOCAL_PART = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_ADDRESS = re.compile(f"({_LOCAL_PART})@({_DOMAIN})")
_ANGLE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")


class _WholeWords(EmailPolicy):
    """The standard policy, but Vietnamese subjects and names are encoded as a whole: where the standard one
    breaks a line between two encoded words, it may lose the space between them.
    """

    def fold(self, name: str, value: str) -> str:
        """One header, in lines that every server takes."""
        if name == "Subject":
            return f"{name}: {self._encoded(name, value)}{self.linesep}"
        if isinstance(value, AddressHeader):
            mailboxes = (self._mailbox(name, address) for address in value.addresses)
            return f"{name}: {f',{self.linesep} '.join(mailboxes)}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        """`fold`, as the generator of bytes asks for it."""
        return self.fold(name, value).encode("ascii")

    def _mailbox(self, name: str, address: Address) -> str:
        if _is_plain(address.display_name):
            return str(address)
        return f"{self._encoded(name, address.display_name)}{self.linesep} <{address.addr_spec}>"

    def _encoded(self, name: str, value: str) -> str:
        charset = None if _is_plain(value) else "utf-8"
        return Header(value, charset, _LONGEST_LINE, name).encode(linesep=self.linesep)


_LONGEST_LINE = 76
# Quoted-printable and base64 pass through every server, also those that know no eight bits.
_POLICY = _WholeWords(linesep="\r\n", cte_type="7bit")


def message_bytes(mail: Mail, message_id: str, queued_at: datetime, zone: ZoneInfo) -> bytes:
    """The whole message, ready to be sent or to lie in a file.

    Raises `RefusedMailError` where a sender's or recipient's address is none.
    """
    return _message(mail, message_id, queued_at, zone).as_bytes()


def mailbox(typed: str) -> Address:
    """The mailbox in "Name <name@example.org>" or in a bare address; line breaks in it have no effect.

    A domain with other letters is written as servers know it (RFC 5890). Raises `RefusedMailError` for what is no
    plain ASCII address otherwise (RFC 5321, without quoting and literals).
    """
    found = _MAILBOX.fullmatch(_one_line(typed))
    address = _ADDRESS.fullmatch(_with_ascii_domain(found["address"])) if found else None
    if found is None or address is None:
        raise RefusedMailError(text("mail.address"))
    name = (found["name"] or "").strip().strip('"')
    return Address(display_name=name, username=address[1], domain=address[2])


def _with_ascii_domain(address: str) -> str:
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        return ""


def _message(mail: Mail, message_id: str, queued_at: datetime, zone: ZoneInfo) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = mailbox(mail.sender)
    if mail.to:
        message["To"] = [mailbox(each) for each in mail.to]
    if mail.cc:
        message["Cc"] = [mailbox(each) for each in mail.cc]
    if mail.reply_to:
        message["Reply-To"] = mailbox(mail.reply_to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(
        queued_at.astimezone(zone) if queued_at.tzinfo else queued_at.replace(tzinfo=zone)
    )
    message["Message-ID"] = message_id
    if _ANGLE_ID.fullmatch(mail.thread):
        message["In-Reply-To"] = mail.thread
        message["References"] = mail.thread
    # RFC 3834: no out-of-office answers, please.
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "vi"
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    _attach(mail.attachments, message)
    _set_boundaries(message, message_id)
    return message


def _attach(attachments: Iterable[Attachment], message: EmailMessage) -> None:
    """Pictures beside the HTML that shows them (RFC 2387), all else around the whole."""
    html = message.get_body(("html",))
    for each in attachments:
        main, _, sub = each.media_type.partition("/")
        if each.content_id and html is not None:
            cid = f"<{each.content_id}>"
            html.add_related(each.content, main, sub, cid=cid, disposition="inline", filename=each.filename)
        else:
            message.add_attachment(each.content, main, sub, filename=each.filename)


def _set_boundaries(message: EmailMessage, message_id: str) -> None:
    """Boundaries by chance would make the same mail other bytes each time."""
    multiparts = [part for part in message.walk() if part.is_multipart()]
    for number, part in enumerate(multiparts):
        name = message_id if number == 0 else f"{message_id}/{number}"
        part.set_boundary(f"=_{blake2b(name.encode(), digest_size=16).hexdigest()}")


def _is_plain(text: str) -> bool:
    """True where nothing needs encoding, and the text fits into a line beside an address."""
    return text.isascii() and len(text) < _LONGEST_LINE // 2


def _one_line(typed: str) -> str:
    return _CONTROL.sub(" ", typed).strip()
