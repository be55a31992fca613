"""The outbox in the store's database: mails that were decided, and what became of them.

A mail is queued in the transaction that decides it; delivery is a second step that may be killed anywhere. What a
waiting mail says may be renewed until its content has been handed over. The words of a mail are kept only until its
fate is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from msgspec.json import Decoder, encode
from msgspec.structs import asdict, replace

from automation.adapters.store.database import Database
from automation.base.messages import text
from automation.core.model.mail import URGENT_RANK, DeliveryTerms, Mail, MailRecord, MailState, Told
from automation.core.model.units import RowCount

_QUEUED, _SENT, _UNSURE, _WITHDRAWN = (
    f"'{state.value}'" for state in (MailState.QUEUED, MailState.SENT, MailState.UNSURE, MailState.WITHDRAWN)
)
IS_WAITING = f"state IN ({_QUEUED}, {_UNSURE}) AND EXISTS (SELECT 1 FROM letter WHERE letter.mail = mail.id)"
IS_FROZEN = "(interrupted > 0 OR partly OR content_at IS NOT NULL)"
"""Somebody has it, or may have."""
LONGEST_RETRY = timedelta(hours=4)
# A try that lies far in the future: somebody has set the clock back.
_SET_BACK = f"tried_at > :now + {LONGEST_RETRY.total_seconds()}"
_IS_DUE = f"""{IS_WAITING} AND content_at IS NULL AND trial <> :real AND (next_try <= :now OR {_SET_BACK})
    AND rank <= :last_rank AND (:all_of_them OR key IN :only) AND CAST(id AS TEXT) NOT IN :left_out"""
# What ended its process may do so again: it lets the others go first. Between equals, who got none for longest.
_IN_TURN = """begun_at IS NOT NULL, rank, (
    SELECT coalesce(max(settled_at), 0) FROM mail AS gone
    WHERE gone.unit = mail.unit AND gone.unit <> '' AND gone.trial = mail.trial AND gone.state = 'sent'
    ), id"""
NEXT_DUE = f"""SELECT mail.id, content, message_id, queued_at, attempts, refused, interrupted, stale_at
    FROM mail JOIN letter ON mail = mail.id WHERE {_IS_DUE} ORDER BY {_IN_TURN} LIMIT 1"""
"""Asks for the mail whose turn has come, with its words."""
NUMBER_DUE = f"SELECT count(*) FROM mail WHERE {_IS_DUE}"
"""Asks how many mails a delivery would have to do with."""
WAITS_FOR = f"UPDATE mail SET error = :reason WHERE {_IS_DUE}"
"""Notes why mails that could go do not."""
NUMBER_WAITING = f"SELECT count(*) FROM mail WHERE state = {_QUEUED} AND trial <> :real"
"""Asks how many mails of this mode are still here, whenever their turn comes."""
NUMBER_TO_BE_TRIED = f"""SELECT count(*) FROM mail
    WHERE state = {_QUEUED} OR ({IS_WAITING} AND next_try IS NOT NULL)"""
"""Asks how many mails are still to be tried, as `MailRecord.waits` says of each."""
MAIL = Decoder(Mail)
_TOLD: Decoder[Told | None] = Decoder(Told | None)
_LOSS: Decoder[RowCount | None] = Decoder(RowCount | None)
_RECORD = {
    **{name: name for name in ("key", "kind", "unit", "rung", "day", "state", "message_id", "queued_at")},
    "error": "CASE WHEN content_at IS NOT NULL THEN :under_way ELSE error END",
    **{name: name for name in ("trial", "settled_at", "attempts", "interrupted", "told", "readers", "why", "roles")},
    "lost_from": "lost_from",
    "is_frozen": IS_FROZEN,
    "due_at": f"CASE WHEN {IS_WAITING} THEN next_try END",
}
"""What a `MailRecord` is made of, each with the expression that finds it."""
_RECORDS = f"SELECT {', '.join(f'{found} AS {name}' for name, found in _RECORD.items())} FROM mail"


class Outbox:
    """The tables `mail`, `letter` and `attachment` of the store."""

    def __init__(self, database: Database, new_token: Callable[[], str]) -> None:
        """`new_token` makes the unique half of a Message-ID."""
        self._database = database
        self._new_token = new_token

    def history(self) -> list[MailRecord]:
        """Every mail ever queued, oldest first."""
        return self._records("ORDER BY id", {})

    def due(self, now: datetime, terms: DeliveryTerms) -> list[MailRecord]:
        """The mails that a delivery would have to do with, in its order."""
        return self._records(f"WHERE {_IS_DUE} ORDER BY {_IN_TURN}", due_parameters(now, terms))

    def _records(self, which: str, parameters: Mapping[str, Any]) -> list[MailRecord]:
        rows = self._database.rows(f"{_RECORDS} {which}", {**parameters, "under_way": text("mails.under_way")})
        return [self._database.decoded(_record_of, row) for row in rows]

    def queue(self, mail: Mail, now: datetime) -> bool:
        """Put the mail into the outbox, inside a transaction; False (and no change) where its key is there.

        One that was taken back reached nobody: what calls for it again has it queued anew.
        """
        self._database.rows(f"DELETE FROM mail WHERE key = :key AND state = {_WITHDRAWN}", {"key": mail.key})
        if self._database.rows("SELECT 1 FROM mail WHERE key = :key", {"key": mail.key}):
            return False
        id_ = self._insert(
            {
                "key": mail.key,
                "kind": mail.kind,
                "unit": mail.unit,
                "rung": mail.rung,
                "day": mail.day.isoformat(),
                "state": MailState.QUEUED.value,
                "message_id": f"<{self._new_token()}@{_domain(mail.sender)}>",
                "queued_at": now.isoformat(),
                "next_try": now.timestamp(),
                "tried_at": now.timestamp(),
                "trial": mail.trial,
            }
        )
        self._put_content(id_, mail)
        return True

    def renew(self, mail: Mail) -> None:
        """Let a mail that waits say something else; one that somebody may have stays as it is."""
        which = f"WHERE key = :key AND {IS_WAITING} AND NOT {IS_FROZEN}"
        for (id_,) in self._database.rows(f"SELECT id FROM mail {which}", {"key": mail.key}):
            self._database.rows("DELETE FROM letter WHERE mail = :id", {"id": id_})
            self._put_content(id_, mail)

    def _put_content(self, id_: int, mail: Mail) -> None:
        self._database.rows(
            """UPDATE mail SET told = :told, readers = :readers, rank = :rank, why = :why, roles = :roles,
            lost_from = :lost_from WHERE id = :id""",
            {
                "told": encode(mail.told).decode(),
                "readers": " ".join(mail.readers),
                "rank": mail.rank,
                "why": mail.why,
                "roles": mail.roles,
                "lost_from": encode(mail.lost_from).decode(),
                "id": id_,
            },
        )
        letter = replace(mail, thread=self._thread(mail, id_), attachments=(), told=None, readers=())
        self._database.rows(
            "INSERT INTO letter (mail, content) VALUES (:mail, :content)", {"mail": id_, "content": as_json(letter)}
        )
        for position, attachment in enumerate(mail.attachments):
            self._database.rows(
                """INSERT INTO attachment (mail, position, filename, media_type, content, content_id)
                VALUES (:mail, :position, :filename, :media_type, :content, :content_id)""",
                {"mail": id_, "position": position, **asdict(attachment)},
            )

    def withdraw(self, keys: Iterable[str]) -> None:
        """Take waiting mails back; a key whose mail is gone, or not there at all, is passed over."""
        for key in keys:
            self.take_back("key = :key", {"key": key})

    def take_back(self, which: str, parameters: Mapping[str, Any], reason: str = "") -> None:
        """The same of all waiting mails that `which` says. What somebody may have is not undone by that."""
        self._database.rows(
            f"""UPDATE mail SET error = :reason, state = CASE
                WHEN state = {_UNSURE} OR content_at IS NOT NULL THEN {_UNSURE}
                WHEN partly THEN {_SENT} ELSE {_WITHDRAWN} END
            WHERE {IS_WAITING} AND {which}""",
            {**parameters, "reason": reason},
        )
        self._forget_words_of_unsure(which, parameters)

    def _forget_words_of_unsure(self, which: str, parameters: Mapping[str, Any]) -> None:
        """The words of all others go with their state."""
        self._database.rows(
            f"DELETE FROM letter WHERE mail IN (SELECT id FROM mail WHERE state = {_UNSURE} AND {which})", parameters
        )

    def adopt(self, records: Iterable[MailRecord]) -> None:
        """Take over what is known of mails from elsewhere; what waits here and is known to have gone waits no more."""
        for record in records:
            known = self._database.rows("SELECT id FROM mail WHERE key = :key", {"key": record.key})
            settled_at = record.settled_at.timestamp() if record.settled_at else None
            if known:
                self._database.rows(
                    f"""UPDATE mail SET state = :state, settled_at = :settled_at, error = :error
                    WHERE id = :id AND {IS_WAITING}""",
                    {
                        "state": record.state.value,
                        "settled_at": settled_at,
                        "error": record.error,
                        "id": known[0][0],
                    },
                )
                self._forget_words_of_unsure("key = :key", {"key": record.key})
            else:
                self._adopt_unknown(record, settled_at)

    def _adopt_unknown(self, record: MailRecord, settled_at: float | None) -> None:
        queued_at = record.queued_at or datetime.min.replace(tzinfo=UTC)
        self._insert(
            {
                **{name: getattr(record, name) for name in ("key", "kind", "unit", "rung", "error", "trial")},
                "day": record.day.isoformat(),
                "state": record.state.value,
                "message_id": f"<{self._new_token()}@adopted>",
                "queued_at": queued_at.isoformat(),
                "next_try": 0.0,
                "tried_at": 0.0,
                "settled_at": settled_at,
                "why": record.why,
                "roles": record.roles,
            }
        )

    def _insert(self, values: Mapping[str, Any]) -> int:
        names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        [(id_,)] = self._database.rows(f"INSERT INTO mail ({names}) VALUES ({places}) RETURNING id", values)
        return int(id_)

    def _thread(self, mail: Mail, id_: int) -> str:
        """Message-ID of the first mail to the unit in the same mode; "" where this is it, and for mails to no unit."""
        earlier = self._database.rows(
            """SELECT message_id FROM mail
            WHERE unit = :unit AND unit <> '' AND trial = :trial AND id < :id ORDER BY id LIMIT 1""",
            {"unit": mail.unit, "trial": mail.trial, "id": id_},
        )
        return "".join(message_id for (message_id,) in earlier)


def due_parameters(now: datetime, terms: DeliveryTerms) -> dict[str, Any]:
    """What `_IS_DUE` asks for."""
    return {
        "now": now.timestamp(),
        "real": terms.real,
        "last_rank": URGENT_RANK if terms.urgent_only else 1_000,
        "all_of_them": terms.only is None,
        "only": sorted(terms.only or ()),
        "left_out": [],
    }


def as_json(mail: Mail) -> str:
    """A mail without its attachments as it lies in the table `letter`."""
    return encode(mail).decode()


def _domain(sender: str) -> str:
    """The sender's own domain, where nobody else makes names."""
    found = re.search(r"@([A-Za-z0-9.-]+)>?\s*$", sender)
    return found[1] if found else "localhost"


def _record_of(row: Sequence[Any]) -> MailRecord:
    found = dict(zip(_RECORD, row, strict=True))
    return MailRecord(
        **found
        | {
            "day": date.fromisoformat(found["day"]),
            "state": MailState(found["state"]),
            "queued_at": datetime.fromisoformat(found["queued_at"]),
            "trial": bool(found["trial"]),
            "settled_at": _moment(found["settled_at"]),
            "due_at": _moment(found["due_at"]),
            "is_frozen": bool(found["is_frozen"]),
            "told": _read_told(found["told"] or "null"),
            "lost_from": _LOSS.decode(found["lost_from"] or "null"),
            "readers": tuple(found["readers"].split()),
        }
    )


@lru_cache(maxsize=512)
def _read_told(stored: str) -> Told | None:
    """Where all units stood by a summary. The history is asked for several times a cycle, and has one for each day."""
    return _TOLD.decode(stored)


def _moment(timestamp: float | None) -> datetime | None:
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC)
