"""The lease of a spreadsheet at Google: one note among its developer metadata, under an id that all bots know.

A second one cannot be made, for ids are unique; and it is exchanged by a look-up of id *and* old value, which finds
nothing where somebody was faster. What became of a request without an answer, the next look tells.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

from gspread.urls import SPREADSHEET_URL

from automation.adapters.google.api.sheets import GoogleApi
from automation.base.errors import GoogleUnavailable, HeldElsewhere, RequestRefused, TccbError, WorkbookUnavailable
from automation.base.messages import text
from automation.core.model.lease import LASTS, Holder, LeaseNote, new_note, read_note
from automation.core.model.ports import RequestCount
from automation.core.reading.shown import visible
from automation.core.text.moments import MOMENT, VIET_NAM

LEASE_ID = 1_802_202_301
KEY = "tccb-lease"
RENEWED_AFTER = timedelta(minutes=3)
_AT_REST_SECONDS = 3.0
"""What renewing may take while nothing else is to be done, so that a stop need not wait; then it rests a minute."""
_PAUSE_SECONDS = 60.0
_CLOCK_JUMP = timedelta(minutes=1)
"""How much later than it should a note may end."""
_LOOKS = 3


class GoogleLease:
    """The right to write to one spreadsheet, and to mail from it."""

    def __init__(
        self,
        api: GoogleApi,
        spreadsheet_id: str,
        holder: Holder,
        *,
        takes_over: bool = False,
        clock: Callable[[], float] = time.monotonic,
        own_time: Callable[[], float] = time.time,
        process: str = "",
    ) -> None:
        """`api`: one that counts for itself. `takes_over`: whoever has the spreadsheet, once. `own_time`: seconds since
        1970, for where the server does not tell its own. `process`: what no other process is called.
        """
        self._api = api
        self._id = spreadsheet_id
        self._holder = holder
        self._takes_over = takes_over
        self._clock = clock
        self._own_time = own_time
        self._process = process or secrets.token_hex(8)
        self._notes = count(1)
        self._lock = threading.Lock()
        self._held: LeaseNote | None = None
        self._sent = (0.0, 0.0)
        """When the note we hold was sent, by the clock that never jumps and by the one that never sleeps."""
        self._rests_until = 0.0
        self._began = own_time()
        self._was_elsewhere = False
        self._is_taken_here = False
        self._ahead = timedelta()
        """How far the server's clock was ahead of ours at its last answer."""

    @property
    def requests(self) -> RequestCount:
        """How many requests the lease has cost."""
        return self._api.requests

    @property
    def is_held(self) -> bool:
        """Whether our note stands there, as far as we know."""
        return self._held is not None

    @property
    def was_elsewhere(self) -> bool:
        """Whether another bot has had it since `begin`."""
        return self._was_elsewhere

    def begin(self) -> None:
        """Only note the moment: a quiet cycle asks for nothing."""
        self._began, self._was_elsewhere = self._own_time(), False

    def ensure(self, *, anew: bool = False) -> None:
        """Have the spreadsheet, for some minutes more; `anew` right before mails.

        Raises `HeldElsewhere` where another bot has it, `CannotStart` and `WorkbookUnavailable` as all requests do.
        """
        with self._lock:
            if self._is_fresh() and not anew:
                return
            for _ in range(_LOOKS):
                if not (self._held and self._exchange(self._held.written(), self._note())):
                    self._take()
                if self._is_fresh() and self._is_dated_well():
                    return
        raise GoogleUnavailable(text("google.network.slow"))

    def keep(self) -> None:
        """Renew it if it is ours and time has come, as long as nothing else is to be done. Nothing is raised: whoever
        needs it asks for it.
        """
        if self._held and not self._is_fresh() and self._clock() >= self._rests_until:
            try:
                with self._api.errand(_AT_REST_SECONDS):
                    self.ensure()
            except TccbError:
                self._rests_until = self._clock() + _PAUSE_SECONDS

    def release(self) -> None:
        """Let go of it, unless another process of this bot had it before; where that fails it ends by itself."""
        if self._held and self._is_taken_here:
            with suppress(TccbError), self._api.errand(_AT_REST_SECONDS):
                self._exchange(self._held.written(), self._held.ended(self._now()))
        self._held = None

    def present(self) -> LeaseNote | None:
        """Whose it is now; None where no bot has to keep away. Raises as all requests do."""
        note = read_note(self._look() or "")
        return note if note and note.keeps_away(Holder("", ""), self._id, self._now()) else None

    def is_ours(self, note: LeaseNote) -> bool:
        """Whether a bot of this state folder and machine has written it."""
        return note.holder == self._holder

    def _is_fresh(self) -> bool:
        steady, awake = (now - then for now, then in zip(self._moment(), self._sent, strict=True))
        return self._held is not None and max(steady, abs(awake)) < RENEWED_AFTER.total_seconds()

    def _is_dated_well(self) -> bool:
        """Whether the note ends when it should; a clock may have been set since the server last told the time."""
        left = self._held.until - self._now() if self._held else timedelta()
        return LASTS - RENEWED_AFTER <= left <= LASTS + _CLOCK_JUMP

    def _moment(self) -> tuple[float, float]:
        return self._clock(), self._own_time()

    def _take(self) -> None:
        self._held = None
        for _ in range(_LOOKS):
            written = self._look()
            present = read_note(written or "")
            if present and present.keeps_away(self._holder, self._id, self._now()) and not self._takes_over:
                raise HeldElsewhere(text("google.lease.held", host=visible(present.holder.host), until=_shown(present)))
            note = self._note()
            done = self._exchange(written, note) if written is not None else self._create(note)
            if done:
                self._is_taken_here = self._is_taken_here or not self._is_of_another_process(present)
                self._was_elsewhere = self._was_elsewhere or self._is_of_another_bot_since_we_began(present)
                return
        raise WorkbookUnavailable(text("google.lease.contended"))

    def _is_of_another_process(self, note: LeaseNote | None) -> bool:
        """Whether another process of this bot had the spreadsheet when we came."""
        is_in_force = note is not None and note.holder == self._holder and self._now() < note.until
        return note is not None and is_in_force and not note.nonce.startswith(self._process)

    def _is_of_another_bot_since_we_began(self, note: LeaseNote | None) -> bool:
        began = datetime.fromtimestamp(self._began, UTC) + self._ahead
        is_of_another = note is not None and note.holder != self._holder and note.spreadsheet == self._id
        return note is not None and is_of_another and note.is_later(began)

    def _note(self) -> LeaseNote:
        return new_note(self._id, self._holder, self._now(), f"{self._process}-{next(self._notes)}")

    def _create(self, note: LeaseNote) -> bool:
        entry = {"metadataId": LEASE_ID, "metadataKey": KEY, "metadataValue": note.written(), "visibility": "DOCUMENT"}
        created = {"developerMetadata": {**entry, "location": {"spreadsheet": True}}}
        return self._put(note, {"createDeveloperMetadata": created})

    def _exchange(self, old: str, note: LeaseNote) -> bool:
        """Whether the note stands there in place of the old one, so far as is known."""
        standing = {"metadataId": LEASE_ID, **({"metadataValue": old} if old else {})}
        changed = {
            "dataFilters": [{"developerMetadataLookup": standing}],
            "developerMetadata": {"metadataValue": note.written()},
            "fields": "metadataValue",
        }
        return self._put(note, {"updateDeveloperMetadata": changed})

    def _put(self, note: LeaseNote, request: Mapping[str, Any]) -> bool:
        sent_at = self._moment()
        try:
            answer = self._send(":batchUpdate", {"requests": [request]})
        except RequestRefused:  # the id is there already; the old value is not, or Google says so in this way
            return False
        except WorkbookUnavailable as error:
            if error.may_have_happened:
                return False
            raise
        is_done = any(reply.get("developerMetadata") for reply in answer["replies"][0].values())
        if is_done:
            self._held, self._sent, self._takes_over = note, sent_at, False
        return is_done

    def _look(self) -> str | None:
        """What stands there; None where nothing does."""
        filters = [{"developerMetadataLookup": {"metadataId": LEASE_ID}}]
        found = self._send("/developerMetadata:search", {"dataFilters": filters})
        entries = found.get("matchedDeveloperMetadata", ())
        return next((str(each["developerMetadata"].get("metadataValue", "")) for each in entries), None)

    def _send(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._api.http_client.request("post", SPREADSHEET_URL % self._id + path, json=body)
        with suppress(ValueError, TypeError):  # none, or one without a zone
            theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
            self._ahead = theirs - datetime.fromtimestamp(self._own_time(), UTC)
        found: dict[str, Any] = answer.json()
        return found

    def _now(self) -> datetime:
        """By the server's clock, as far as it has told."""
        return datetime.fromtimestamp(self._own_time(), UTC) + self._ahead


def _shown(note: LeaseNote) -> str:
    return f"{note.free_from.astimezone(VIET_NAM):{MOMENT}}"
