"""One delivery: whatever is due leaves the outbox, each mail noted before and after it is handed over.

Only one process delivers at a time, held by a lock that dies with its process: the next one may begin at once and takes
up whatever is still queued. What was begun and not handed over goes again; where the content was handed over and no
answer came, or its process was killed then, nobody knows whether the mail arrived. It is tried once more, late, under
the Message-ID it was queued with, and then left to a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from automation.adapters.store.database import Database
from automation.adapters.store.outbox import (
    IS_WAITING,
    LONGEST_RETRY,
    MAIL,
    NEXT_DUE,
    NUMBER_DUE,
    NUMBER_WAITING,
    WAITS_FOR,
    Outbox,
    as_json,
    due_parameters,
)
from automation.base.errors import (
    MailboxPostponed,
    MailServerUnavailable,
    OutcomeUnknown,
    PartlyPostponed,
    RefusedMailError,
    TemporaryMailError,
)
from automation.base.messages import text
from automation.core.model.mail import URGENT_RANK, Attachment, Delivery, DeliveryTerms, Mail, MailState
from automation.core.model.ports import MailTransport, Progress
from automation.core.text.vietnamese import day_text

FIRST_RETRY = timedelta(minutes=5)
LATE_RETRY = LONGEST_RETRY
"""When a mail that may have arrived is tried once more."""
MOST_COPIES = 2
"""Of a mail of which nobody knows whether it arrived."""
STALE_AFTER = timedelta(days=3)
"""Since its first try: what comes back for now is given up then, where it was tried often enough: an office may be
closed for longer. Alarms never are."""
LEAST_TRIES = 10
"""With the waits between them more than two days of mail hours."""
FAILURES_IN_A_ROW = 3
"""After so many the server is taken to be down, and the rest waits for the next delivery."""

_UNSURE = MailState.UNSURE.value


class _Queued(Struct, frozen=True):
    """A mail whose turn has come."""

    id: int
    mail: Mail
    message_id: str
    queued_at: datetime
    attempts: int
    refused: str
    """What to tell of recipients that were refused for good, while others wait."""
    interrupted: int
    """How many copies may have arrived."""
    stale_at: float | None


class DeliveryRun:
    """Whatever is due, until nothing is, time is up or the server is down."""

    def __init__(
        self,
        outbox: Outbox,
        database: Database,
        transport: MailTransport,
        now: datetime,
        terms: DeliveryTerms,
        progress: Progress | None,
        seconds: Callable[[], float],
    ) -> None:
        """`seconds` tells how long it takes."""
        self._outbox = outbox
        self._database = database
        self._transport = transport
        self._now = now
        self._terms = terms
        self._progress = progress
        self._seconds = seconds
        self._started = seconds()
        self._count: Counter[MailState] = Counter()
        self._due = due_parameters(now, terms)
        self._all_due = due_parameters(now, replace(terms, only=None))
        self._tried: list[int] = []
        self._repeated = 0
        self._failures_in_a_row = 0
        self._trouble_of_server = ""
        self._troubled = False

    def run(self) -> Delivery:
        """What came of it."""
        self._take_back_of_other_mode()
        self._note_those_cut_short()
        total = self._number(NUMBER_DUE)
        left_today = self._terms.per_day - number_sent_today(self._database, self._now)
        while self._may_go_on() and (queued := self._next_due()) is not None:
            if self._count[MailState.SENT] >= left_today and queued.mail.rank > URGENT_RANK:
                break
            self._between_two_mails(total)
            self._hand_over(queued)
        if self._terms.others_wait_for:
            self._troubled = True
            self._say_why_the_rest_waits(self._terms.others_wait_for)
        if self._count[MailState.SENT] >= left_today:
            self._say_why_the_rest_waits(
                text("store.daily_limit", limit=self._terms.per_day, day=day_text(self._now.date()))
            )
        if self._failures_in_a_row >= FAILURES_IN_A_ROW:
            self._say_why_the_rest_waits(self._trouble_of_server)
        return Delivery(
            sent=self._count[MailState.SENT],
            failed=self._count[MailState.FAILED],
            postponed=number_waiting(self._database, self._terms),
            repeated=self._repeated,
            unsure=self._count[MailState.UNSURE],
            troubled=self._troubled,
        )

    def _may_go_on(self) -> bool:
        in_time = self._terms.until is None or self._moment < self._terms.until
        return in_time and self._failures_in_a_row < FAILURES_IN_A_ROW

    def _take_back_of_other_mode(self) -> None:
        self._outbox.take_back("trial = :real", {"real": self._terms.real}, text("store.mode_changed"))

    def _note_those_cut_short(self) -> None:
        """Their process ended after the content was begun."""
        rows = self._database.rows(
            f"SELECT id, interrupted, content_at FROM mail WHERE {IS_WAITING} AND content_at IS NOT NULL"
        )
        for id_, interrupted, content_at in rows:
            self._note_unknown(id_, interrupted, content_at, text("mails.cut_short"))

    def _number(self, asked: str) -> int:
        [(number,)] = self._database.rows(asked, self._all_due)
        return int(number)

    def _next_due(self) -> _Queued | None:
        rows = self._database.rows(NEXT_DUE, {**self._due, "left_out": list(map(str, self._tried))})
        if not rows:
            return None
        attachments = self._database.rows(
            "SELECT filename, media_type, content, content_id FROM attachment WHERE mail = :mail ORDER BY position",
            {"mail": rows[0][0]},
        )
        queued = self._database.decoded(_queued_of, rows[0])
        mail = replace(
            queued.mail,
            sender=self._terms.sender or queued.mail.sender,
            attachments=tuple(Attachment(*row) for row in attachments),
        )
        return replace(queued, mail=mail)

    def _between_two_mails(self, total: int) -> None:
        done = len(self._tried)
        if self._progress:
            self._progress(text("cycle.step.deliver"), min(done, total), total)
        if done and done % self._terms.per_connection == 0:
            self._transport.close()

    def _hand_over(self, queued: _Queued) -> None:
        self._tried.append(queued.id)
        self._note("begun_at", queued.id)
        try:
            dated = queued.mail.renewed_at or queued.queued_at
            self._transport.send(queued.mail, queued.message_id, dated, lambda: self._note_content(queued.id))
        except OutcomeUnknown as error:
            self._note_unknown(queued.id, queued.interrupted, self._moment.timestamp(), str(error))
            self._has_failed(error)
            return
        except TemporaryMailError as error:
            self._postpone(queued, error)
            self._has_failed(error)
            return
        except RefusedMailError as error:
            self._give_up(queued, str(error))
        else:
            self._settle(queued.id, MailState.FAILED if queued.refused else MailState.SENT, queued.refused)
            self._repeated += queued.interrupted > 0
        self._failures_in_a_row = 0

    def _note_content(self, id_: int) -> None:
        self._note("content_at", id_)

    def _note(self, column: str, id_: int) -> None:
        now = self._moment.timestamp()
        self._database.rows(f"UPDATE mail SET {column} = :now WHERE id = :id", {"now": now, "id": id_})

    def _has_failed(self, error: Exception) -> None:
        self._troubled = True
        if isinstance(error, MailboxPostponed):
            return
        is_unknown = isinstance(error, OutcomeUnknown)  # of that mail alone
        self._trouble_of_server = text("mail.silent") if is_unknown else str(error)
        self._failures_in_a_row += FAILURES_IN_A_ROW if isinstance(error, MailServerUnavailable) else 1

    def _settle(self, id_: int, state: MailState, error: str) -> None:
        self._database.rows(
            """UPDATE mail SET state = :state, error = :error, settled_at = :now, begun_at = NULL, content_at = NULL
            WHERE id = :id""",
            {"state": state.value, "error": error, "now": self._moment.timestamp(), "id": id_},
        )
        self._count[state] += 1

    def _give_up(self, queued: _Queued, error: str) -> None:
        """No further try; of what may have arrived nobody knows any more than before."""
        if not queued.interrupted:
            self._settle(queued.id, MailState.FAILED, error)
            return
        with self._database.transaction():
            self._database.rows(
                "UPDATE mail SET error = :error, begun_at = NULL, content_at = NULL WHERE id = :id",
                {"error": text("mails.unsure_for_good"), "id": queued.id},
            )
            self._forget_words(queued.id)
        self._count[MailState.UNSURE] += 1

    def _note_unknown(self, id_: int, interrupted: int, at: float, why: str) -> None:
        is_last = interrupted + 1 >= MOST_COPIES
        with self._database.transaction():
            self._database.rows(
                """UPDATE mail SET state = :state, error = :error, interrupted = interrupted + 1, next_try = :next_try,
                tried_at = :at, settled_at = :at, begun_at = NULL, content_at = NULL WHERE id = :id""",
                {
                    "state": _UNSURE,
                    "error": text("mails.unsure_for_good") if is_last else why,
                    "next_try": at + LATE_RETRY.total_seconds(),
                    "at": at,
                    "id": id_,
                },
            )
            if is_last:
                self._forget_words(id_)
        self._count[MailState.UNSURE] += 1

    def _forget_words(self, id_: int) -> None:
        self._database.rows("DELETE FROM letter WHERE mail = :id", {"id": id_})

    def _postpone(self, queued: _Queued, error: TemporaryMailError) -> None:
        if self._is_stale(queued):
            self._give_up(queued, text("store.stale"))
            return
        wait = min(FIRST_RETRY * 2 ** min(queued.attempts, 16), LONGEST_RETRY)
        moment = self._moment
        with self._database.transaction():
            if isinstance(error, PartlyPostponed):
                self._keep_for_the_rest(queued, error)
            self._database.rows(
                """UPDATE mail SET attempts = attempts + 1, next_try = :next_try, tried_at = :now,
                stale_at = coalesce(stale_at, :stale_at), error = :error, begun_at = NULL, content_at = NULL
                WHERE id = :id""",
                {
                    "next_try": (moment + wait).timestamp(),
                    "now": moment.timestamp(),
                    "stale_at": (moment + STALE_AFTER).timestamp(),
                    "error": str(error),
                    "id": queued.id,
                },
            )

    def _is_stale(self, queued: _Queued) -> bool:
        is_old = queued.stale_at is not None and self._moment.timestamp() >= queued.stale_at
        return is_old and queued.attempts + 1 >= LEAST_TRIES and queued.mail.rank > URGENT_RANK

    def _keep_for_the_rest(self, queued: _Queued, error: PartlyPostponed) -> None:
        letter = replace(queued.mail, still_to=error.waiting, attachments=())
        self._database.rows(
            "UPDATE letter SET content = :content, refused = :refused WHERE mail = :mail",
            {"content": as_json(letter), "refused": error.refused or queued.refused, "mail": queued.id},
        )
        self._database.rows("UPDATE mail SET partly = TRUE WHERE id = :id", {"id": queued.id})

    def _say_why_the_rest_waits(self, reason: str) -> None:
        self._database.rows(WAITS_FOR, {**self._all_due, "left_out": list(map(str, self._tried)), "reason": reason})

    @property
    def _moment(self) -> datetime:
        return self._now + timedelta(seconds=self._seconds() - self._started)


def number_waiting(database: Database, terms: DeliveryTerms) -> int:
    """How many mails of this mode are still here, whenever their turn comes."""
    [(number,)] = database.rows(NUMBER_WAITING, {"real": terms.real})
    return int(number)


def number_sent_today(database: Database, now: datetime) -> int:
    """How many mails have gone since midnight, those included that may have."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    [(number,)] = database.rows(
        "SELECT count(*) FROM mail WHERE state IN (:sent, :unsure) AND settled_at >= :midnight",
        {"sent": MailState.SENT.value, "unsure": _UNSURE, "midnight": midnight},
    )
    return int(number)


def _queued_of(row: Sequence[Any]) -> _Queued:
    id_, content, message_id, queued_at, attempts, refused, interrupted, stale_at = row
    mail, moment = MAIL.decode(content), datetime.fromisoformat(queued_at)
    return _Queued(id_, mail, message_id, moment, attempts, refused, interrupted, stale_at)
