"""What is wrong with the certificate of a mail server, in a sentence that names it and the day it ends on."""

from __future__ import annotations

import re
import ssl
from datetime import date

from automation.base.messages import text
from automation.core.text.vietnamese import day_text

_REASONS = {
    9: "not_yet",
    10: "expired",
    18: "self_signed",
    19: "self_signed",
    20: "unknown_issuer",
    21: "unknown_issuer",
    62: "other_name",
    64: "other_name",
}
"""By the code that OpenSSL gives (x509_vfy.h)."""
_END = re.compile(rb"(?:\x17\x0d\d{12}Z|\x18\x0f\d{14}Z)(?:\x17\x0d(\d{2})|\x18\x0f(\d{4}))(\d{2})(\d{2})\d{6}Z")
"""The two moments of `Validity` stand one behind the other (RFC 5280, 4.1.2.5)."""


def certificate_trouble(error: ssl.SSLCertVerificationError, host: str, presented: bytes | None) -> str:
    """Why the certificate does not count. `presented`: the certificate itself, in DER; None where it is not known."""
    reason = text(f"mail.certificate_reason.{_REASONS.get(error.verify_code, 'other')}")
    ends_on = end_of(presented) if presented else None
    until = text("mail.certificate_until", day=day_text(ends_on)) if ends_on else ""
    return text("mail.certificate", host=host, reason=reason, until=until)


def end_of(certificate: bytes) -> date | None:
    """The last day on which a certificate (DER) holds; None where none can be found in it."""
    found = _END.search(certificate)
    if not found:
        return None
    short, long, month, day = (int(part) if part else None for part in found.groups())
    year = long if short is None else short + (1900 if short >= 50 else 2000)
    try:
        return date(year or 0, month or 0, day or 0)
    except ValueError:
        return None
