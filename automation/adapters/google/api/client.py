"""gspread's HTTP client, as it has to be for a worker that nobody watches: paced, tried again where that may help and
can do no harm, and telling what went wrong as our own errors.
"""

from __future__ import annotations

import json as json_format
import math
import random
import threading
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from google.auth.credentials import AnonymousCredentials
from gspread.exceptions import APIError
from gspread.http_client import FileType, HTTPClient, ParamsType
from msgspec import Struct
from requests import Response
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from automation.adapters.google.api.budget import Bucket, Budget, Throttle
from automation.adapters.google.api.errors import Failed, Trouble, broken_answer, of_answer
from automation.adapters.google.api.session import BoundedSession, bucket_of
from automation.base.errors import GoogleUnavailable, QuotaSpent, TccbError, WorkbookUnavailable
from automation.base.messages import text

ATTEMPTS = 6
CALL_SECONDS = 300.0
"""For all attempts of a call together; what the budget makes it wait comes on top."""
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 32.0


def _as_object(content: bytes) -> dict[str, Any]:
    decoded = json_format.loads(content)
    if not isinstance(decoded, dict):
        raise ValueError(type(decoded))
    return decoded


class _Call(Struct):
    """One call and what its attempts have left behind."""

    method: str
    endpoint: str
    content: Mapping[str, Any]
    """Parameters, body and headers, by the names of `HTTPClient.request`."""
    repeatable: bool
    ends_at: float
    decode: Callable[[bytes], Any]
    may_be_done: bool = False

    @property
    def bucket(self) -> Bucket | None:
        return bucket_of(self.method, self.endpoint)


class _Thread(threading.local):
    """What each thread has of its own."""

    ends_at = math.inf
    """Until when its calls may take."""
    timeout: float | tuple[float, float] | None = None


class Errand:
    """A time that calls share: all that one thread makes while it is entered, each time it is; inside another no
    longer than that one.

    What the budget makes them wait comes on top. Once the time is over nothing more is sent.
    """

    def __init__(self, seconds: float, thread: _Thread, clock: Callable[[], float]) -> None:
        self._left = seconds
        self._thread = thread
        self._clock = clock
        self._outer = math.inf

    @property
    def left(self) -> float:
        """Seconds, as of when it was last left; below 0 where something took longer."""
        return self._left

    def shortened(self, seconds: float) -> Errand:
        """One for what comes next, with no more than so many seconds of what is left."""
        return Errand(min(self._left, seconds), self._thread, self._clock)

    def __enter__(self) -> None:
        self._outer = self._thread.ends_at
        self._thread.ends_at = min(self._outer, self._clock() + self._left)

    def __exit__(self, *_: object) -> None:
        self._left = self._thread.ends_at - self._clock()
        self._thread.ends_at = self._outer


class GoogleClient(HTTPClient):
    """What gspread sends through. May be shared among threads."""

    session: BoundedSession

    def __init__(
        self,
        session: BoundedSession,
        budget: Budget | None = None,
        throttle: Throttle | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`budget` may be shared by all who use the same account; `chance` answers from 0 to 1."""
        self._thread = _Thread()
        self._throttle = throttle or Throttle()
        self._budget = budget or Budget(self._throttle)
        self._chance = chance
        self._before_write: Callable[[], None] = _nothing
        super().__init__(AnonymousCredentials(), session)

    def ask_before_writing(self, ask: Callable[[], None]) -> None:
        """Nothing that changes a spreadsheet is sent from now on before `ask` has been called; what it raises keeps it
        from being sent.
        """
        self._before_write = ask

    def counted_apart(self) -> GoogleClient:
        """One that counts for itself and asks nobody; it draws on the same quota."""
        return GoogleClient(self.session.another(), self._budget, self._throttle, self._chance)

    @property
    def timeout(self) -> float | tuple[float, float] | None:
        """What the request of this thread may take, as gspread hands it to the session."""
        return self._thread.timeout

    @timeout.setter
    def timeout(self, seconds: float | tuple[float, float] | None) -> None:
        self._thread.timeout = seconds

    def errand(self, seconds: float) -> Errand:
        """For calls that may take `seconds` together: made while it is entered, whichever thread enters it."""
        return Errand(seconds, self._thread, self._throttle.clock)

    def sign_in(self) -> None:
        """Ask for a token now, not with the first request; nothing where none is needed. Raises as `request` does."""
        attempts = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, Failed) and error.trouble.may_pass),
            wait=self._wait,
            stop=stop_after_attempt(ATTEMPTS),
            sleep=self._throttle.pause,
            reraise=True,
        )
        try:
            attempts(self.session.sign_in)
        except Failed as failed:
            raise failed.trouble.error from None

    def request(
        self,
        method: str,
        endpoint: str,
        params: ParamsType | None = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: FileType = None,
        headers: MutableMapping[str, str] | None = None,
        *,
        repeatable: bool | None = None,
        decode: Callable[[bytes], Any] = _as_object,
    ) -> Response:
        """A call: its answer is a JSON object, decoded once. `decode`: how, raising ValueError for one that is broken.

        `repeatable`: doing it twice does what doing it once does, so that it may be sent anew after an answer that
        never came; what only reads is. All else is sent anew only where it certainly never got to Google. Raises
        `TccbError`, of `automation.base.errors` what fits; `WorkbookUnavailable.may_have_happened` says whether any
        attempt may have taken effect.
        """
        reads = bucket_of(method, endpoint) is not Bucket.WRITE
        if not reads:
            self._before_write()
        ends_at = min(self._throttle.clock() + CALL_SECONDS, self._thread.ends_at)
        if self._throttle.clock() >= ends_at:
            raise GoogleUnavailable(text("google.network.slow"))
        if json is not None:
            data, headers = _as_json(json), {**(headers or {}), "Content-Type": "application/json; charset=UTF-8"}
        content = {"params": _as_google_writes(params or {}), "data": data, "files": files, "headers": headers}
        call = _Call(method, endpoint, content, reads if repeatable is None else repeatable, ends_at, decode)
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

    def _attempt(self, call: _Call) -> Response:
        try:
            answer = self._exchange(call)
            if answer.status_code == 401 and self.session.account.renew():
                answer = self._exchange(call)
            _check(answer, self.session.account.address, call.decode)
        except Failed as failed:
            call.may_be_done = call.may_be_done or failed.trouble.may_be_done
            raise
        return answer

    def _exchange(self, call: _Call) -> Response:
        if call.bucket is not None:
            waited = self._budget.take(call.bucket)
            call.ends_at += waited
            self._thread.ends_at += waited
        self.timeout = max(call.ends_at - self._throttle.clock(), 1.0)
        try:
            return super().request(call.method, call.endpoint, **call.content)
        except APIError as refused:
            return refused.response

    def _wait(self, state: RetryCallState) -> float:
        """Exponential, anywhere below a ceiling; a spent minute takes at least half of that to come back."""
        trouble = _trouble(state)
        ceiling = min(FIRST_WAIT_SECONDS * 2.0 ** (state.attempt_number - 1), LONGEST_WAIT_SECONDS)
        floor = ceiling / 2 if isinstance(trouble.error, QuotaSpent) else 0.0
        return max(floor + (ceiling - floor) * self._chance(), trouble.wait_seconds or 0.0)

    def _is_too_late(self, state: RetryCallState, call: _Call) -> bool:
        return self._throttle.clock() + state.upcoming_sleep >= call.ends_at


def _nothing() -> None:
    """Nobody is asked."""


def _as_google_writes(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}


def _as_json(body: Mapping[str, object]) -> bytes:
    written = json_format.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return written.encode("utf-8", "replace")  # half a surrogate pair, which no server takes


def _check(answer: Response, account: str, decode: Callable[[bytes], Any]) -> None:
    if not 200 <= answer.status_code < 300:
        raise Failed(of_answer(answer, account))
    try:
        content = decode(answer.content)
    except (ValueError, RecursionError):
        raise Failed(broken_answer()) from None
    answer.json = lambda **_: content  # type: ignore[method-assign]  # whoever asks next need not decode it again


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
