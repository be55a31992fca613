"""HTTP to Google (or to an emulator of it), one request at a time: bounded in time and size, counted and noted."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession
from google.auth.transport.requests import Request as TokenRequest
from msgspec import Struct
from requests import Response, Session
from requests.exceptions import ReadTimeout
from urllib3.exceptions import HTTPError

from automation.adapters.google.api.budget import Bucket
from automation.adapters.google.api.credentials import Account
from automation.adapters.google.api.errors import (
    PASSING_STATUSES,
    AnswerTooLarge,
    Failed,
    LoginUnavailable,
    error_in,
    of_login,
    of_transport,
)
from automation.base.host_port import HostPort
from automation.core.model.ports import RequestCount

JOURNAL_LENGTH = 500
_PIECE_BYTES = 256 * 1024
_AGENT = "tccb-automation (gzip)"
"""Google packs its answers only for who says "gzip" here too (performance tips of its API clients)."""
_SHEETS_PATH = re.compile(r"/v4/spreadsheets(?:/[^/:]+(?:/(\w+))?(?:/.*|:(\w+))?)?", re.DOTALL)
_READING_VERBS = {"getByDataFilter", "batchGetByDataFilter", "search"}
_NO_PROXIES: dict[str, None] = {"http": None, "https": None, "all": None}


class Limits(Struct, frozen=True):
    """Where patience ends."""

    connect_seconds: float = 5.0
    answer_seconds: float = 190.0
    """Google itself gives up after 180."""
    token_seconds: float = 30.0
    answer_bytes: int = 256 * 1024 * 1024


class Exchange(Struct, frozen=True):
    """One request and what came of it; nothing of what was said."""

    method: str
    kind: str
    """Such as "values:batchGetByDataFilter"; "token" for a request for one."""
    status: int
    """0 where no answer came."""
    seconds: float
    sent: int
    received: int
    """Bytes of the bodies, unpacked."""
    date: str = ""
    """The moment of the answer by the other side's clock, as it writes it (`Date` of RFC 9110)."""


Journal = deque[Exchange]


def new_journal() -> Journal:
    """A journal that keeps the latest requests."""
    return deque(maxlen=JOURNAL_LENGTH)


class TokenTransport(TokenRequest):
    """How google-auth asks for tokens: bounded, noted, and trying once only; who needs the token tries again."""

    def __init__(self, journal: Journal, limits: Limits | None = None) -> None:
        super().__init__(Session())
        self._journal = journal
        self._limits = limits or Limits()

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: object = None,
        **options: Any,
    ) -> Any:
        """The answer. Raises google-auth's `TransportError`, also for an answer that may be another next time."""
        if HostPort(urlsplit(url).hostname or "").is_loopback:
            options["proxies"] = _NO_PROXIES
        limits, asked = self._limits, timeout if isinstance(timeout, int | float) else self._limits.token_seconds
        patience = (limits.connect_seconds, min(asked, limits.token_seconds))
        start, status, received, date = time.monotonic(), 0, 0, ""
        try:
            answer = TokenRequest.__call__(self, url, method, body, headers, patience, allow_redirects=False, **options)
            status, received, date = answer.status, len(answer.data), answer.headers.get("Date", "")
        finally:
            seconds = time.monotonic() - start
            self._journal.append(Exchange(method, "token", status, seconds, len(body or b""), received, date))
        # What hands out tokens speaks JSON; a page comes from a gateway on the way, and google-auth trips over it.
        if status in PASSING_STATUSES or (method == "POST" and not _is_json_object(answer.data)):
            raise LoginUnavailable(status)
        return answer

    def __deepcopy__(self, _memo: object) -> TokenTransport:
        # google-auth copies it for a thread that asks Google where this account may be used from; Sheets knows no
        # regions, and an emulator's token is not for Google to see. It does without where it cannot copy.
        raise TypeError("not to be copied")


class Answer(Response):
    """A whole answer, which has come in already."""

    def __init__(self, answer: Response, body: bytes) -> None:
        super().__init__()
        self.__dict__.update(answer.__dict__)
        self.raw = BytesIO(body)
        self._parsed: Any = None

    def json(self, **_: Any) -> Any:
        """What it says, read once. A refusal always has what gspread's `APIError` takes for granted; else raises
        ValueError or RecursionError where it is no JSON.
        """
        if not self.ok:
            return {"error": {"code": self.status_code, "message": "", **error_in(self.content)}}
        if self._parsed is None:
            self._parsed = json.loads(self.content)
        return self._parsed


class BoundedSession(AuthorizedSession):
    """Requests that always end, each counted and noted. May be shared among threads."""

    def __init__(
        self,
        account: Account,
        emulator: HostPort | None = None,
        *,
        tokens: TokenTransport | None = None,
        journal: Journal | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`emulator`: who stands in for every host of Google's."""
        self.account = account
        self.journal = new_journal() if journal is None else journal
        self.limits = limits or Limits()
        self._emulator = emulator
        self._clock = clock
        self._lock = threading.Lock()
        self._count = RequestCount()
        self._tokens = tokens or TokenTransport(self.journal, self.limits)
        credentials = account.credentials or AnonymousCredentials()
        AuthorizedSession.__init__(self, credentials, refresh_status_codes=(), auth_request=self._tokens)
        # An emulator is reached without the proxies, passwords and certificates that the environment names.
        self.trust_env = emulator is None

    def another(self) -> BoundedSession:
        """One that counts for itself; account, journal and limits are shared."""
        return BoundedSession(
            self.account,
            self._emulator,
            tokens=self._tokens,
            journal=self.journal,
            limits=self.limits,
            clock=self._clock,
        )

    @property
    def requests(self) -> RequestCount:
        """How many requests the Sheets API has got."""
        return self._count

    def sign_in(self) -> None:
        """Get a token now, not with the first request. Raises `Failed`."""
        if self.account.credentials is not None:
            try:
                self.account.credentials.refresh(self._tokens)
            except GoogleAuthError as error:
                raise Failed(of_login(error, self.account.address)) from None

    def request(  # type: ignore[override]  # as gspread calls it
        self, method: str, url: str, *, timeout: float, **content: Any
    ) -> Answer:
        """As `ask`."""
        return self.ask(method, url, timeout, **content)

    def ask(self, method: str, url: str, seconds: float, *, data: bytes | None = None, **content: Any) -> Answer:
        """One request and its whole answer within so many seconds, whatever its status says; nothing is tried again
        here. Raises `Failed` where no whole answer came.
        """
        start = self._clock()
        try:
            answer = self._answer(
                min(self.limits.answer_seconds, seconds), method, self._address(url), {**content, "data": data}
            )
        except Failed as failed:
            self._note(method, url, start, data, answer=None)
            if not failed.trouble.never_left:
                self._count_one(bucket_of(method, url))
            raise
        self._note(method, url, start, data, answer)
        self._count_one(bucket_of(method, url))
        return answer

    def _answer(self, patience: float, method: str, url: str, content: Mapping[str, Any]) -> Answer:
        headers = {"User-Agent": _AGENT, **(content.get("headers") or {})}
        bounds = {"timeout": (min(self.limits.connect_seconds, patience), patience), "stream": True}
        asked = {**content, **bounds, "headers": headers, "allow_redirects": False}
        ends_at = self._clock() + patience
        try:
            answer = AuthorizedSession.request(self, method, url, **asked)
            return Answer(answer, self._body(answer, ends_at))
        except GoogleAuthError as error:
            raise Failed(of_login(error, self.account.address)) from None
        except (OSError, HTTPError) as error:
            raise Failed(of_transport(error, self._emulator)) from None

    def _body(self, answer: Response, ends_at: float) -> bytes:
        """Piece by piece as it comes in, so that neither a trickle nor a flood goes on for ever."""
        pieces, size = list[bytes](), 0
        try:
            while piece := answer.raw.read1(_PIECE_BYTES, decode_content=True):
                pieces.append(piece)
                size += len(piece)
                if size > self.limits.answer_bytes:
                    raise AnswerTooLarge
                if self._clock() > ends_at:
                    raise ReadTimeout
        except BaseException:
            answer.close()
            raise
        return b"".join(pieces)

    def _address(self, endpoint: str) -> str:
        if self._emulator is None:
            return endpoint
        return urlunsplit(urlsplit(endpoint)._replace(scheme="http", netloc=str(self._emulator)))

    def _note(self, method: str, endpoint: str, start: float, data: bytes | None, answer: Response | None) -> None:
        status, received, date = 0, 0, ""
        if answer is not None:
            status, received, date = answer.status_code, len(answer.content), answer.headers.get("Date", "")
        seconds = self._clock() - start
        self.journal.append(
            Exchange(method.upper(), kind_of(endpoint), status, seconds, len(data or b""), received, date)
        )

    def _count_one(self, bucket: Bucket | None) -> None:
        with self._lock:
            read, write = self._count.read, self._count.write
            self._count = RequestCount(read + (bucket is Bucket.READ), write + (bucket is Bucket.WRITE))


def kind_of(endpoint: str) -> str:
    """What an address asks for, without the spreadsheet and the range: "values:batchGet", "spreadsheet", "drive"."""
    found = _SHEETS_PATH.fullmatch(urlsplit(endpoint).path)
    if found is None:
        return "drive"
    return ":".join(part for part in found.groups() if part) or "spreadsheet"


def bucket_of(method: str, endpoint: str) -> Bucket | None:
    """Where Google counts such a request (usage limits of the Sheets API); Drive counts on its own."""
    kind = kind_of(endpoint)
    if kind == "drive":
        return None
    reads = method.upper() == "GET" or kind.rpartition(":")[2] in _READING_VERBS
    return Bucket.READ if reads else Bucket.WRITE


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
