"""The outbox in the store's database: mails that were decided, and what became of them.

A mail is queued in the transaction that decides it; delivery is a second step that may be killed anywhere. Only
one process delivers at a time, held by a lock that dies with its process: a lease that never runs out too early
and never lasts too long, so that the next process may begin at once and takes up whatever is still queued. Each
hand-over is noted before and after. What was begun and never noted goes out again, after all others, under the
Message-ID it was queued with. The words of a mail are kept only until its fate is known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from automation.adapters.store.database import Database, held_alone
from automation.base.errors import (
    MailServerUnavailable,
    MailSettingWrong,
    PartlyPostponed,
    RefusedMailError,
    TemporaryMailError,
)
from automation.base.messages import text
from automation.core.model.mail import Attachment, Delivery, DeliveryTerms, Mail, MailRecord, MailState, Told
from automation.core.model.ports import MailTransport, Progress

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=4)
STALE_AFTER = timedelta(days=3)
"""A reminder that could not go out for so long says things that hold no more."""
FAILURES_IN_A_ROW = 3
"""After so many the server is taken to be down, and the rest waits for the next delivery."""

_IS_QUEUED = f"state = '{MailState.QUEUED.value}'"
# A try that is further off than it can be: somebody has set the clock back.
_DUE = f"{_IS_QUEUED} AND (next_try <= :now OR next_try > :now + {LONGEST_RETRY.total_seconds()})"
_MAIL = TypeAdapter(Mail)
_TOLD = TypeAdapter(Told)
_RECORD = (
    *("key", "kind", "unit", "rung", "day", "state", "message_id", "queued_at", "error", "trial", "settled_at"),
    *("attempts", "interrupted", "told", "readers"),
)
"""The columns of `mail` that a `MailRecord` is made of."""


class Outbox:
    """The tables `mail`, `letter` and `attachment` of the store."""

    def __init__(self, database: Database, new_token: Callable[[], str]) -> None:
        """`new_token` makes the unique half of a Message-ID."""
        self._database = database
        self._new_token = new_token

    def history(self) -> list[MailRecord]:
        """Every mail ever queued, oldest first."""
        rows = self._database.rows(f"SELECT {', '.join(_RECORD)} FROM mail ORDER BY id")
        return [self._database.decoded(_record_of, row) for row in rows]

    def queue(self, mail: Mail, now: datetime) -> bool:
        """Put the mail into the outbox, inside a transaction; False (and no change) where its key is there."""
        if self._database.rows("SELECT 1 FROM mail WHERE key = ?", (mail.key,)):
            return False
        [(id_,)] = self._database.rows(
            """INSERT INTO mail
            (key, kind, unit, rung, day, state, message_id, queued_at, next_try, stale_at, trial, told, readers)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            (
                mail.key,
                mail.kind,
                mail.unit,
                mail.rung,
                mail.day.isoformat(),
                MailState.QUEUED.value,
                f"<{self._new_token()}@{_domain(mail.sender)}>",
                now.isoformat(),
                now.timestamp(),
                (now + STALE_AFTER).timestamp(),
                mail.trial,
                _TOLD.dump_json(mail.told).decode() if mail.told else None,
                " ".join(mail.readers),
            ),
        )
        letter = replace(mail, thread=self._thread(mail, id_), attachments=(), told=None, readers=())
        self._database.rows("INSERT INTO letter (mail, content) VALUES (?, ?)", (id_, _as_json(letter)))
        for position, attachment in enumerate(mail.attachments):
            self._database.rows(
                "INSERT INTO attachment VALUES (?, ?, ?, ?, ?, ?)", (id_, position, *astuple(attachment))
            )
        return True

    def withdraw(self, keys: Iterable[str]) -> None:
        """Take queued mails back; a key that is already sent, or not there at all, is passed over."""
        for key in keys:
            self._database.rows(
                f"UPDATE mail SET state = ? WHERE key = ? AND {_IS_QUEUED}", (MailState.WITHDRAWN.value, key)
            )

    def number_due(self, now: datetime) -> int:
        """How many mails a delivery would have to do with."""
        due = f"SELECT count(*) FROM mail WHERE {_DUE} OR {_IS_QUEUED} AND stale_at <= :now"
        [(number,)] = self._database.rows(due, {"now": now.timestamp()})
        return int(number)

    def deliver(
        self,
        transport: MailTransport,
        now: datetime,
        terms: DeliveryTerms,
        progress: Progress | None,
        seconds: Callable[[], float],
    ) -> Delivery:
        """As `Store.deliver`; does nothing where another process is delivering. `seconds` tells how long it takes."""
        with held_alone(self._database.path.with_suffix(".delivery")) as alone:
            if not alone:
                return Delivery()
            try:
                return _DeliveryRun(self, self._database, transport, now, terms, progress, seconds).run()
            finally:
                transport.close()
                self._database.empty_log()

    def _thread(self, mail: Mail, id_: int) -> str:
        """Message-ID of the first mail to the unit in the same mode; "" where this is it, and for mails to no unit."""
        earlier = self._database.rows(
            "SELECT message_id FROM mail WHERE unit = ? AND unit <> '' AND trial = ? AND id < ? ORDER BY id LIMIT 1",
            (mail.unit, mail.trial, id_),
        )
        return "".join(message_id for (message_id,) in earlier)


@dataclass(frozen=True)
class _Queued:
    """A mail whose turn has come."""

    id: int
    mail: Mail
    message_id: str
    queued_at: datetime
    attempts: int
    refused: str
    """What to tell of recipients that were refused for good, while others wait."""
    interrupted: int
    """How often a hand-over was begun and never noted."""


class _DeliveryRun:
    """One delivery: whatever is due, until nothing is or the server is down."""

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
        self._outbox = outbox
        self._database = database
        self._transport = transport
        self._now = now
        self._terms = terms
        self._progress = progress
        self._seconds = seconds
        self._started = seconds()
        self._count: Counter[MailState] = Counter()
        self._postponed = 0
        self._repeated = 0
        self._failures_in_a_row = 0
        self._setting_wrong = False

    def run(self) -> Delivery:
        self._take_back_of_other_mode()
        self._expire()
        total = self._outbox.number_due(self._now)
        left_today = self._terms.per_day - self._number_sent_today()
        while self._failures_in_a_row < FAILURES_IN_A_ROW and (queued := self._next_due()) is not None:
            if self._count[MailState.SENT] >= left_today:
                self._say_why_the_rest_waits(text("store.daily_limit", limit=self._terms.per_day))
                break
            self._between_two_mails(total)
            self._hand_over(queued)
        postponed = self._postponed + self._outbox.number_due(self._now)
        return Delivery(
            sent=self._count[MailState.SENT],
            failed=self._count[MailState.FAILED],
            postponed=postponed,
            repeated=self._repeated,
            setting_wrong=self._setting_wrong,
        )

    def _take_back_of_other_mode(self) -> None:
        self._database.rows(
            f"UPDATE mail SET state = ?, error = ?, settled_at = ? WHERE {_IS_QUEUED} AND trial = ?",
            (MailState.WITHDRAWN.value, text("store.mode_changed"), self._now.timestamp(), self._terms.real),
        )

    def _expire(self) -> None:
        expired = self._database.rows(
            f"""UPDATE mail SET state = ?, error = ?, settled_at = ?
            WHERE {_IS_QUEUED} AND stale_at <= ? RETURNING id""",
            (MailState.FAILED.value, text("store.stale"), self._now.timestamp(), self._now.timestamp()),
        )
        self._count[MailState.FAILED] += len(expired)

    def _number_sent_today(self) -> int:
        midnight = self._now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        [(number,)] = self._database.rows(
            "SELECT count(*) FROM mail WHERE state = ? AND settled_at >= ?", (MailState.SENT.value, midnight)
        )
        return int(number)

    def _next_due(self) -> _Queued | None:
        # What ended its process, or was cut short with it, may do so again: it lets the others go first.
        rows = self._database.rows(
            f"""SELECT mail.id, content, message_id, queued_at, attempts, refused,
            interrupted + (begun_at IS NOT NULL)
            FROM mail JOIN letter ON mail = mail.id
            WHERE {_DUE} ORDER BY begun_at IS NOT NULL, mail.id LIMIT 1""",
            {"now": self._now.timestamp()},
        )
        if not rows:
            return None
        attachments = self._database.rows(
            "SELECT filename, media_type, content, content_id FROM attachment WHERE mail = ? ORDER BY position",
            (rows[0][0],),
        )
        queued = self._database.decoded(_queued_of, rows[0])
        mail = replace(
            queued.mail,
            sender=self._terms.sender or queued.mail.sender,
            attachments=tuple(Attachment(*row) for row in attachments),
        )
        return replace(queued, mail=mail)

    def _between_two_mails(self, total: int) -> None:
        done = self._count[MailState.SENT] + self._count[MailState.FAILED] + self._postponed
        if self._progress:
            self._progress(text("cycle.step.deliver"), min(done, total), total)
        if done and done % self._terms.per_connection == 0:
            self._transport.close()

    def _hand_over(self, queued: _Queued) -> None:
        self._begin(queued)
        try:
            self._transport.send(queued.mail, queued.message_id, queued.queued_at)
        except TemporaryMailError as error:
            self._postpone(queued, error)
            return
        except RefusedMailError as error:
            self._note_outcome(queued, MailState.FAILED, str(error))
        else:
            self._note_outcome(queued, MailState.FAILED if queued.refused else MailState.SENT, queued.refused)
            self._repeated += queued.interrupted > 0
        self._failures_in_a_row = 0

    def _begin(self, queued: _Queued) -> None:
        self._database.rows(
            "UPDATE mail SET interrupted = interrupted + (begun_at IS NOT NULL), begun_at = ? WHERE id = ?",
            (self._moment.timestamp(), queued.id),
        )

    def _note_outcome(self, queued: _Queued, state: MailState, error: str) -> None:
        self._database.rows(
            "UPDATE mail SET state = ?, error = ?, settled_at = ?, begun_at = NULL WHERE id = ?",
            (state.value, error, self._moment.timestamp(), queued.id),
        )
        self._count[state] += 1

    def _postpone(self, queued: _Queued, error: TemporaryMailError) -> None:
        wait = min(FIRST_RETRY * 2 ** min(queued.attempts, 16), LONGEST_RETRY)
        with self._database.transaction():
            if isinstance(error, PartlyPostponed):
                self._keep_for_the_rest(queued, error)
            self._database.rows(
                "UPDATE mail SET attempts = attempts + 1, next_try = ?, error = ?, begun_at = NULL WHERE id = ?",
                ((self._moment + wait).timestamp(), str(error), queued.id),
            )
        self._postponed += 1
        self._setting_wrong = isinstance(error, MailSettingWrong)
        self._failures_in_a_row += FAILURES_IN_A_ROW if isinstance(error, MailServerUnavailable) else 1

    def _keep_for_the_rest(self, queued: _Queued, error: PartlyPostponed) -> None:
        letter = replace(queued.mail, still_to=error.waiting, attachments=())
        self._database.rows(
            "UPDATE letter SET content = ?, refused = ? WHERE mail = ?",
            (_as_json(letter), error.refused or queued.refused, queued.id),
        )

    def _say_why_the_rest_waits(self, reason: str) -> None:
        self._database.rows(
            f"UPDATE mail SET error = :reason WHERE {_DUE}", {"reason": reason, "now": self._now.timestamp()}
        )

    @property
    def _moment(self) -> datetime:
        return self._now + timedelta(seconds=self._seconds() - self._started)


def _domain(sender: str) -> str:
    """The sender's own domain, where nobody else makes names."""
    found = re.search(r"@([A-Za-z0-9.-]+)>?\s*$", sender)
    return found[1] if found else "localhost"


def _as_json(mail: Mail) -> str:
    return _MAIL.dump_json(mail).decode()


def _record_of(row: Sequence[Any]) -> MailRecord:
    found = dict(zip(_RECORD, row, strict=True))
    settled_at, told = found["settled_at"], found["told"]
    return MailRecord(
        **found
        | {
            "day": date.fromisoformat(found["day"]),
            "state": MailState(found["state"]),
            "queued_at": datetime.fromisoformat(found["queued_at"]),
            "trial": bool(found["trial"]),
            "settled_at": None if settled_at is None else datetime.fromtimestamp(settled_at, UTC),
            "told": _TOLD.validate_json(told) if told else None,
            "readers": tuple(found["readers"].split()),
        }
    )


def _queued_of(row: Sequence[Any]) -> _Queued:
    id_, content, message_id, queued_at, attempts, refused, interrupted = row
    mail, moment = _MAIL.validate_json(content), datetime.fromisoformat(queued_at)
    return _Queued(id_, mail, message_id, moment, attempts, refused, interrupted)
