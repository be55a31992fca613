"""Calls to the Sheets API: paced, tried again where that may help and can do no harm, told as our own errors."""

from __future__ import annotations

import json
import math
import random
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gspread.http_client import ParamsType
from gspread.urls import SPREADSHEETS_API_V4_BASE_URL
from requests import Response
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from automation.adapters.google.api.budget import Bucket, Budget, Throttle
from automation.adapters.google.api.client import Exchange, GoogleClient, Limits, TokenTransport, bucket_of, new_journal
from automation.adapters.google.api.credentials import SPREADSHEETS, Account, account_of_key, default_account
from automation.adapters.google.api.errors import Failed, Trouble, broken_answer, of_answer
from automation.base.errors import GoogleNotReady, GoogleUnavailable, QuotaSpent, TccbError, WorkbookUnavailable
from automation.base.host_port import HostPort, read_host_port
from automation.base.messages import text
from automation.core.model.ports import RequestCount

DRIVE_API_V3_BASE_URL = "https://www.googleapis.com/drive/v3"
ATTEMPTS = 6
CALL_SECONDS = 300.0
"""For all attempts of a call together; what the budget makes it wait comes on top."""
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 32.0

_EMULATOR = re.compile(r"(?:http://)?([^/]*)/?", re.IGNORECASE)


@dataclass
class _Call:
    """One call and what its attempts have left behind."""

    method: str
    endpoint: str
    params: ParamsType
    body: bytes | None
    repeatable: bool
    ends_at: float
    may_be_done: bool = field(default=False, init=False)

    @property
    def bucket(self) -> Bucket | None:
        return bucket_of(self.method, self.endpoint)


class _Errand(threading.local):
    """Until when the calls of a thread may take; each thread has an end of its own."""

    ends_at = math.inf


class Errand:
    """A time that calls share: all that one thread makes while it is entered, each time it is.

    What the budget makes them wait comes on top. Once the time is over nothing more is sent.
    """

    def __init__(self, seconds: float, thread: _Errand, clock: Callable[[], float]) -> None:
        self._left = seconds
        self._thread = thread
        self._clock = clock

    @property
    def left(self) -> float:
        """Seconds, as of when it was last left; below 0 where something took longer."""
        return self._left

    def shortened(self, seconds: float) -> Errand:
        """One for what comes next, with no more than so many seconds of what is left."""
        return Errand(min(self._left, seconds), self._thread, self._clock)

    def __enter__(self) -> None:
        self._thread.ends_at = self._clock() + self._left

    def __exit__(self, *_: object) -> None:
        self._left = self._thread.ends_at - self._clock()
        self._thread.ends_at = math.inf


class GoogleApi:
    """The Sheets API, and what little of Drive is needed. May be shared among threads."""

    def __init__(
        self,
        client: GoogleClient,
        budget: Budget | None = None,
        throttle: Throttle | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`budget` may be shared by all who use the same account; `chance` answers from 0 to 1."""
        self._client = client
        self._throttle = throttle or Throttle()
        self._budget = budget or Budget(self._throttle)
        self._chance = chance
        self._errand = _Errand()

    @property
    def requests(self) -> RequestCount:
        """Every request that has gone to the Sheets API, each new attempt too, as Google counts them."""
        return self._client.requests

    @property
    def journal(self) -> Sequence[Exchange]:
        """The latest requests, oldest first, with those for tokens and to Drive; nothing of what was said."""
        return tuple(self._client.journal)

    @property
    def account(self) -> str:
        """The address that spreadsheets are shared with; "" where there is none."""
        return self._client.account.address

    def errand(self, seconds: float) -> Errand:
        """For calls that may take `seconds` together: made while it is entered, whichever thread enters it."""
        return Errand(seconds, self._errand, self._throttle.clock)

    def sign_in(self) -> None:
        """Ask for a token now, not with the first request; nothing where none is needed. Raises as `get` does."""
        attempts = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, Failed) and error.trouble.may_pass),
            wait=self._wait,
            stop=stop_after_attempt(ATTEMPTS),
            sleep=self._throttle.pause,
            reraise=True,
        )
        try:
            attempts(self._client.sign_in)
        except Failed as failed:
            raise failed.trouble.error from None

    def get(self, path: str, params: Mapping[str, object] | None = None) -> dict[str, Any]:
        """What lies at `path` below `/v4/spreadsheets/`, such as "<id>/values:batchGet".

        `path` is quoted as a URL wants it. Raises `TccbError`, of `automation.base.errors` what fits.
        """
        return self._call("GET", f"{SPREADSHEETS_API_V4_BASE_URL}/{path}", params)

    def post(
        self,
        path: str,
        body: Mapping[str, object],
        params: Mapping[str, object] | None = None,
        *,
        repeatable: bool,
    ) -> dict[str, Any]:
        """Hand `body` to `path`, such as "<id>:batchUpdate"; the answer.

        `repeatable`: doing it twice does what doing it once does, so that it may be sent anew after an answer that
        never came. All else is sent anew only where it certainly never got to Google. Raises as `get` does;
        `WorkbookUnavailable.may_have_happened` says whether any attempt may have taken effect.
        """
        return self._call("POST", f"{SPREADSHEETS_API_V4_BASE_URL}/{path}", params, body, repeatable=repeatable)

    def drive_get(self, path: str, params: Mapping[str, object] | None = None) -> dict[str, Any]:
        """What lies at `path` below `/drive/v3/`; takes credentials that may see Drive. Raises as `get` does."""
        return self._call("GET", f"{DRIVE_API_V3_BASE_URL}/{path}", params)

    def _call(
        self,
        method: str,
        endpoint: str,
        params: Mapping[str, object] | None,
        body: Mapping[str, object] | None = None,
        repeatable: bool = True,
    ) -> dict[str, Any]:
        content = None if body is None else _as_json(body)
        ends_at = min(self._throttle.clock() + CALL_SECONDS, self._errand.ends_at)
        if self._throttle.clock() >= ends_at:
            raise GoogleUnavailable(text("google.network.slow"))
        call = _Call(method, endpoint, _as_google_writes(params or {}), content, repeatable, ends_at)
        attempts = Retrying(
            retry=retry_if_exception(lambda error: _is_worth_another_try(error, call)),
            wait=self._wait,
            stop=lambda state: state.attempt_number >= ATTEMPTS or self._is_too_late(state, call),
            sleep=self._throttle.pause,
            reraise=True,
        )
        try:
            return attempts(self._attempt, call)
        except Failed as failed:
            raise _told(failed.trouble.error, call) from None

    def _attempt(self, call: _Call) -> dict[str, Any]:
        try:
            answer = self._exchange(call)
            if answer.status_code == 401 and self._client.account.renew():
                answer = self._exchange(call)
            return _content(answer, self.account)
        except Failed as failed:
            call.may_be_done = call.may_be_done or failed.trouble.may_be_done
            raise

    def _exchange(self, call: _Call) -> Response:
        if call.bucket is not None:
            waited = self._budget.take(call.bucket)
            call.ends_at += waited
            self._errand.ends_at += waited
        return self._client.request(
            call.method,
            call.endpoint,
            params=call.params,
            data=call.body,
            headers={"Content-Type": "application/json; charset=UTF-8"} if call.body is not None else None,
            seconds=max(call.ends_at - self._throttle.clock(), 1.0),
        )

    def _wait(self, state: RetryCallState) -> float:
        """Exponential, anywhere below a ceiling; a spent minute takes at least half of that to come back."""
        trouble = _trouble(state)
        ceiling = min(FIRST_WAIT_SECONDS * 2.0 ** (state.attempt_number - 1), LONGEST_WAIT_SECONDS)
        floor = ceiling / 2 if isinstance(trouble.error, QuotaSpent) else 0.0
        return max(floor + (ceiling - floor) * self._chance(), trouble.wait_seconds or 0.0)

    def _is_too_late(self, state: RetryCallState, call: _Call) -> bool:
        return self._throttle.clock() + state.upcoming_sleep >= call.ends_at


def connect(
    credentials_file: Path | None = None,
    emulator_host: str | None = None,
    *,
    scopes: Sequence[str] = (SPREADSHEETS,),
    throttle: Throttle | None = None,
    chance: Callable[[], float] = random.random,
    limits: Limits | None = None,
) -> GoogleApi:
    """The API as the environment describes it: a key or the machine's own credentials, or an emulator.

    Nothing is sent yet, save the question to a virtual machine who it is. Raises `GoogleNotReady`, also for a key
    together with an emulator on another machine: its tokens would cross the network in clear.
    """
    throttle, journal = throttle or Throttle(), new_journal()
    tokens = TokenTransport(journal, limits)
    emulator = read_emulator_host(emulator_host) if emulator_host else None
    if credentials_file is not None:
        if emulator is not None and not emulator.is_loopback:
            raise GoogleNotReady(text("google.emulator.key_abroad", address=emulator))
        account = account_of_key(credentials_file, scopes, plain_tokens=emulator is not None)
    elif emulator is not None:
        account = Account()
    else:
        account = default_account(scopes, tokens)
    client = GoogleClient(account, emulator, tokens=tokens, journal=journal, limits=limits, clock=throttle.clock)
    return GoogleApi(client, Budget(throttle), throttle, chance)


def read_emulator_host(typed: str) -> HostPort:
    """Host and port of what somebody set `SHEETS_EMULATOR_HOST` to. Raises `GoogleNotReady`."""
    written = _EMULATOR.fullmatch(typed.strip())
    found = read_host_port(written[1]) if written else None
    if found is None:
        raise GoogleNotReady(text("google.emulator.address", typed=" ".join(typed.split())))
    return found


def _as_google_writes(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}


def _as_json(body: Mapping[str, object]) -> bytes:
    written = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return written.encode("utf-8", "replace")  # half a surrogate pair, which no server takes


def _content(answer: Response, account: str) -> dict[str, Any]:
    if not 200 <= answer.status_code < 300:
        raise Failed(of_answer(answer, account))
    try:
        content = json.loads(answer.content)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Failed(broken_answer())
    return content


def _is_worth_another_try(error: BaseException, call: _Call) -> bool:
    if not isinstance(error, Failed) or not error.trouble.may_pass:
        return False
    return call.repeatable or error.trouble.never_left


def _trouble(state: RetryCallState) -> Trouble:
    error = state.outcome.exception() if state.outcome is not None else None
    assert isinstance(error, Failed)
    return error.trouble


def _told(error: TccbError, call: _Call) -> TccbError:
    """The last attempt's error, which also speaks for those before it."""
    if isinstance(error, WorkbookUnavailable) and call.bucket is Bucket.WRITE:
        error.may_have_happened = call.may_be_done
    return error
