"""What went wrong between us and Google, as our own errors: one sentence a situation, and whether it may pass.

The texts by which situations are told apart are those that Google sends; what it sends may quote cells, so no
more than a short cut without quotations is ever shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from google.auth.exceptions import GoogleAuthError, ReauthFailError, RefreshError, TransportError
from msgspec import Struct, field
from requests import Response
from requests import exceptions as http
from urllib3.exceptions import HTTPError, NewConnectionError

from automation.base.errors import (
    ApiDisabled,
    CellsProtected,
    CredentialsRejected,
    CredentialsUnusable,
    GoogleUnavailable,
    NotAWorkbook,
    NotShared,
    QuotaSpent,
    RequestRefused,
    StorageFull,
    TccbError,
    WorkbookMissing,
)
from automation.base.host_port import HostPort
from automation.base.messages import text

PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""Answers after which another try makes sense."""

_QUOTA_REASONS = {"RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded"}
_DISABLED_REASONS = {"SERVICE_DISABLED", "accessNotConfigured"}
_NOT_SHARED_REASONS = {"forbidden", "insufficientFilePermissions"}
_SHEETS_API_PAGE = "https://console.cloud.google.com/apis/library/sheets.googleapis.com"
_CONSOLE_HOSTS = {"console.cloud.google.com", "console.developers.google.com"}
_PROTECTED = re.compile(r"protected (cell|range|sheet)|được bảo vệ", re.IGNORECASE)
_MOST_REASON = 100


class Trouble(Struct, frozen=True):
    """One attempt that failed."""

    error: TccbError
    """What to tell, should it have been the last attempt."""
    may_pass: bool = False
    never_left: bool = False
    """Certain: Google has not seen the request."""
    may_be_done: bool = False
    """Google may have done what was asked all the same."""
    wait_seconds: float | None = None
    """What Google asked us to wait."""


class Failed(Exception):
    """An attempt came to nothing."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(type(trouble.error).__name__)
        self.trouble = trouble


class AnswerTooLarge(http.RequestException):
    """More came than we are willing to keep in memory."""


class LoginUnavailable(TransportError):
    """The server that hands out tokens answered that it cannot just now."""

    def __init__(self, status: int) -> None:
        TransportError.__init__(self, f"HTTP {status}", retryable=True)


# --- no answer --------------------------------------------------------------------------------------------


def of_transport(error: Exception, emulator: HostPort | None = None) -> Trouble:
    """The trouble behind what requests or urllib3 raised; `emulator`: who was asked in Google's place."""
    match error:
        case AnswerTooLarge():
            return Trouble(GoogleUnavailable(text("google.network.too_large")), may_be_done=True)
        case http.SSLError():
            is_refused = "CERTIFICATE_VERIFY_FAILED" in str(error)
            certificate = GoogleUnavailable(text("google.network.certificate"))
            return Trouble(certificate, may_pass=not is_refused, never_left=is_refused, may_be_done=not is_refused)
        case http.ConnectTimeout() | http.ProxyError():
            return _unreachable(emulator)
        case http.Timeout():
            return Trouble(GoogleUnavailable(text("google.network.slow")), may_pass=True, may_be_done=True)
        case http.ConnectionError() if _was_no_connection(error):
            return _unreachable(emulator)
        case http.InvalidURL() | http.InvalidSchema():  # an address that the environment names
            return _unreachable(emulator, may_pass=False)
        case http.RequestException() | HTTPError():
            return Trouble(GoogleUnavailable(text("google.network.broken")), may_pass=True, may_be_done=True)
        case _:  # requests tells with a bare OSError that it cannot find its certificates
            return Trouble(GoogleUnavailable(text("google.network.certificate")), never_left=True)


def _unreachable(emulator: HostPort | None, may_pass: bool = True) -> Trouble:
    if emulator is None:
        sentence = text("google.network.unreachable")
    else:
        sentence = text("google.emulator.unreachable", address=emulator)
    return Trouble(GoogleUnavailable(sentence), may_pass=may_pass, never_left=True)


def _was_no_connection(error: http.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)


# --- no token ---------------------------------------------------------------------------------------------

_LOGIN_REFUSALS = (
    ("clock", re.compile(r"short-lived token|reasonable timeframe|check your iat and exp", re.IGNORECASE)),
    ("key", re.compile(r"invalid jwt signature|invalid signature|no valid verifier", re.IGNORECASE)),
    ("account", re.compile(r"account not found|account (has been )?(disabled|deleted)|does not exist", re.IGNORECASE)),
    ("expired", re.compile(r"expired or revoked|invalid_rapt|reauth", re.IGNORECASE)),
    ("scopes", re.compile(r"invalid_scope|insufficient.*scope", re.IGNORECASE)),
)
"""Situation -> what the token server says about it, best effort: no list of its texts is published."""


def of_login(error: GoogleAuthError, account: str) -> Trouble:
    """The trouble behind a token that could not be had; the request itself has never left."""
    cause = error.args[0] if error.args else None
    if isinstance(error, TransportError) and isinstance(cause, OSError):
        trouble = of_transport(cause)
        return Trouble(trouble.error, may_pass=trouble.may_pass, never_left=True)
    if _is_login_down(error, cause):
        return Trouble(GoogleUnavailable(text("google.network.login")), may_pass=True, never_left=True)
    return Trouble(CredentialsRejected(_login_sentence(error, str(cause), account)), never_left=True)


def _is_login_down(error: GoogleAuthError, cause: object) -> bool:
    if isinstance(error, TransportError) or error.retryable or isinstance(cause, Exception):
        return True
    # Google refuses in JSON; a page of text comes from a gateway on the way.
    is_refusal = any(isinstance(part, Mapping) and "error" in part for part in error.args)
    return isinstance(error, RefreshError) and not isinstance(error, ReauthFailError) and not is_refusal


def _login_sentence(error: GoogleAuthError, said: str, account: str) -> str:
    if isinstance(error, ReauthFailError):
        return text("google.rejected.expired")
    for situation, pattern in _LOGIN_REFUSALS:
        if pattern.search(said):
            return text(f"google.rejected.{situation}", account=account)
    return text("google.rejected.other", reason=_short(said.partition(":")[0]))


# --- an answer that is no success -------------------------------------------------------------------------


class _Said(Struct, frozen=True):
    """The parts of Google's error body that tell situations apart."""

    message: str = ""
    status: str = ""
    reasons: frozenset[str] = frozenset()
    metadata: Mapping[str, str] = field(default_factory=dict)


def of_answer(answer: Response, account: str) -> Trouble:
    """The trouble that an answer other than success tells of."""
    status, said = answer.status_code, _read(answer.content)
    if status == 429 or (status == 403 and said.reasons & _QUOTA_REASONS):
        spent = QuotaSpent(text("google.network.quota"))
        return Trouble(spent, may_pass=True, wait_seconds=_retry_after(answer.headers))
    if status in PASSING_STATUSES or status >= 500:
        return Trouble(
            GoogleUnavailable(text("google.network.failed", status=status)),
            may_pass=status in PASSING_STATUSES,
            may_be_done=status >= 500,
            wait_seconds=_retry_after(answer.headers),
        )
    if status < 400:
        return Trouble(GoogleUnavailable(text("google.network.redirected")))
    return Trouble(_refusal(status, said, account))


def broken_answer() -> Trouble:
    """A success whose body cannot be read."""
    return Trouble(GoogleUnavailable(text("google.network.broken")), may_pass=True, may_be_done=True)


def _refusal(status: int, said: _Said, account: str) -> TccbError:
    message = said.message.lower()
    if status == 401:
        return CredentialsRejected(text("google.rejected.token"))
    if status == 404:
        return WorkbookMissing(text("google.spreadsheet.missing"))
    if status in (400, 403) and _PROTECTED.search(said.message):
        return CellsProtected(text("google.spreadsheet.protected"), reason=said.message)
    if "storageQuotaExceeded" in said.reasons or "storage quota" in message:
        return StorageFull(text("google.spreadsheet.storage"))
    if status == 403:
        return _forbidden(said, account)
    if "office file" in message or "not supported for this document" in message:
        return NotAWorkbook(text("google.spreadsheet.office_file"))
    reason = _short(said.message) or f"HTTP {status}"
    return RequestRefused(text("google.spreadsheet.refused", reason=reason), reason=said.message)


def _forbidden(said: _Said, account: str) -> TccbError:
    message = said.message.lower()
    if said.reasons & _DISABLED_REASONS:
        return ApiDisabled(text("google.api.disabled", address=_activation_page(said.metadata)))
    if "insufficient authentication scopes" in message or "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in said.reasons:
        return CredentialsRejected(text("google.rejected.scopes"))
    if "unregistered callers" in message:  # an emulator that wants to know who asks
        return CredentialsUnusable(text("google.credentials.none"))
    if "does not have permission" in message or said.reasons & _NOT_SHARED_REASONS:
        if account:
            return NotShared(text("google.spreadsheet.not_shared", account=account))
        return NotShared(text("google.spreadsheet.not_shared_unnamed"))
    return NotShared(text("google.spreadsheet.forbidden", reason=_short(said.message) or "HTTP 403"))


def _activation_page(metadata: Mapping[str, str]) -> str:
    page = metadata.get("activationUrl", "")
    return page if page.startswith("https://") and urlsplit(page).hostname in _CONSOLE_HOSTS else _SHEETS_API_PAGE


def error_in(body: bytes) -> dict[str, Any]:
    """The error that Google's body of a refusal holds; empty where it holds none."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, TypeError, LookupError, RecursionError):
        return {}
    return error if isinstance(error, dict) else {"message": str(error)}


def _read(body: bytes) -> _Said:
    error = error_in(body)
    notes = [note for key in ("errors", "details") for note in _dicts(error.get(key))]
    reasons = (note.get("reason") for note in notes)
    metadata = {str(k): str(v) for note in notes for one in _dicts([note.get("metadata")]) for k, v in one.items()}
    return _Said(
        message=str(error.get("message") or ""),
        status=str(error.get("status") or ""),
        reasons=frozenset(reason for reason in reasons if isinstance(reason, str)),
        metadata=metadata,
    )


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _short(message: str) -> str:
    """The beginning of what Google says, up to its first quotation; long numbers are nobody's business."""
    start = re.split("[\"'“‘`\n<]", message, maxsplit=1)[0][:_MOST_REASON]
    return re.sub(r"\d{6,}", "…", start).strip(" .,:;(")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` asks for: a number of them, or a date, told by the server's own clock (RFC 9110)."""
    asked = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", asked):
        return float(asked)
    try:
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, wait.total_seconds())
