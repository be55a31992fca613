"""A mail becomes an internet message (RFC 5322): the same mail always the same bytes."""

from __future__ import annotations

import re
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo

from automation.core.model import Mail
from automation.errors import RefusedMailError
from automation.texts import text

# Quoted-printable and base64 pass through every server, also those that know no eight bits.
_POLICY = policy.SMTP.clone(cte_type="7bit")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
_MAILBOX = re.compile(r"(?:(?P<name>[^<>]*)<)?(?P<address>[^<>]+?)>?")
_LOCAL_PART = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_ADDRESS = re.compile(f"({_LOCAL_PART})@({_DOMAIN})")
_ANGLE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")


def message_bytes(mail: Mail, message_id: str, queued_at: datetime, zone: ZoneInfo) -> bytes:
    """The whole message, ready to be sent or to lie in a file.

    Raises `RefusedMailError` where a sender's or recipient's address is none.
    """
    return _message(mail, message_id, queued_at, zone).as_bytes()


def mailbox(typed: str) -> Address:
    """The mailbox in "Name <name@example.org>" or in a bare address; line breaks in it have no effect.

    Raises `RefusedMailError` for what is no plain ASCII address (RFC 5321, without quoting and literals).
    """
    found = _MAILBOX.fullmatch(_one_line(typed))
    address = _ADDRESS.fullmatch(found["address"]) if found else None
    if found is None or address is None:
        raise RefusedMailError(text("mail.address"))
    name = (found["name"] or "").strip().strip('"')
    return Address(display_name=name, username=address[1], domain=address[2])


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
    message.set_boundary(f"=_{blake2b(message_id.encode(), digest_size=16).hexdigest()}")
    return message


def _one_line(typed: str) -> str:
    return _CONTROL.sub(" ", typed).strip()
