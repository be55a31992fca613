"""A store and a transport that only remember, for tests of what uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import date, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from automation.base.errors import OutcomeUnknown, RefusedMailError, TemporaryMailError
from automation.core.model.freezes import FrozenNote
from automation.core.model.mail import URGENT_RANK, Delivery, DeliveryTerms, Mail, MailRecord, MailState
from automation.core.model.ports import Ledger, MailTransport, Progress, SavedConfig
from automation.core.model.units import UnitRecord

NO_LIMITS = DeliveryTerms()


def _nothing() -> None:
    """Of no use to a store in memory."""


class Memory(Struct):
    """What a `MemoryStore` holds; the ledger of its open transaction."""

    units: dict[str, UnitRecord] = field(default_factory=dict)
    config: SavedConfig | None = None
    first_cycle_at: datetime | None = None
    mails: dict[str, Mail] = field(default_factory=dict)
    records: dict[str, MailRecord] = field(default_factory=dict)
    looks: dict[date, datetime] = field(default_factory=dict)
    frozen: list[FrozenNote] = field(default_factory=list)

    def queue(self, mail: Mail, now: datetime) -> bool:
        if mail.key in self.records and self.records[mail.key].state is not MailState.WITHDRAWN:
            return False
        self.records.pop(mail.key, None)
        message_id = f"<{len(self.records) + 1}@example.org>"
        earlier = [
            record.message_id
            for record in self.records.values()
            if record.unit == mail.unit != "" and record.trial is mail.trial
        ]
        self.records[mail.key] = MailRecord(
            mail.key, mail.kind, mail.unit, mail.rung, mail.day, MailState.QUEUED, message_id, now, trial=mail.trial
        )
        self.records[mail.key] = replace(self.records[mail.key], due_at=now)
        self._put(replace(mail, thread="".join(earlier[:1])))
        return True

    def withdraw(self, keys: Iterable[str]) -> None:
        for key in keys:
            if key in self.records and self.records[key].state is MailState.QUEUED:
                self.settle(key, MailState.WITHDRAWN)

    def renew(self, mail: Mail) -> None:
        record = self.records.get(mail.key)
        if record and record.state is MailState.QUEUED and not record.is_frozen:
            self._put(replace(mail, thread=self.mails[mail.key].thread))

    def _put(self, mail: Mail) -> None:
        told = {name: getattr(mail, name) for name in ("told", "readers", "why", "roles", "lost_from")}
        self.mails[mail.key] = mail
        self.records[mail.key] = replace(self.records[mail.key], **told)

    def adopt(self, records: Iterable[MailRecord]) -> None:
        for record in records:
            known = self.records.get(record.key)
            if known is None:
                self.records[record.key] = replace(record, message_id=f"<{len(self.records) + 1}@adopted>", due_at=None)
            elif known.due_at is not None:
                self.settle(record.key, record.state, record.error, record.settled_at)

    def remember_look(self, now: datetime) -> None:
        self.looks[now.date()] = now

    def remember_units(self, records: Iterable[UnitRecord]) -> None:
        self.units |= {record.code: record for record in records}

    def remember_config(self, config: SavedConfig) -> None:
        self.config = config

    def settle(self, key: str, state: MailState, error: str = "", at: datetime | None = None) -> None:
        record, comes_back = self.records[key], state is MailState.QUEUED
        due_at, attempts = record.due_at if comes_back else None, record.attempts + comes_back
        self.records[key] = replace(record, state=state, error=error, settled_at=at, due_at=due_at, attempts=attempts)


class MemoryStore:
    """`Store` in memory. Postponed mails are due again at the next delivery."""

    def __init__(self) -> None:
        self.memory = Memory()

    def unit_records(self) -> dict[str, UnitRecord]:
        return dict(self.memory.units)

    def last_config(self) -> SavedConfig | None:
        return self.memory.config

    def mail_history(self) -> list[MailRecord]:
        return list(self.memory.records.values())

    def last_looks(self) -> dict[date, datetime]:
        return dict(self.memory.looks)

    def first_cycle_at(self) -> datetime | None:
        return self.memory.first_cycle_at

    def note_frozen(self, note: FrozenNote) -> None:
        self.memory.frozen.append(note)

    def frozen_notes(self) -> list[FrozenNote]:
        return self.memory.frozen

    def transaction(self, now: datetime) -> MemoryTransaction:
        return MemoryTransaction(self, now)

    def due_mails(self, now: datetime, terms: DeliveryTerms = NO_LIMITS) -> list[MailRecord]:  # noqa: ARG002
        waiting = [record for record in self.memory.records.values() if record.due_at is not None]
        due = [
            each
            for each in waiting
            if each.trial is not terms.real
            and (terms.only is None or each.key in terms.only)
            and (not terms.urgent_only or self.memory.mails[each.key].rank <= URGENT_RANK)
        ]
        return sorted(due, key=lambda each: self.memory.mails[each.key].rank)

    def deliver(
        self,
        transport: MailTransport,
        now: datetime,
        terms: DeliveryTerms = NO_LIMITS,
        progress: Progress | None = None,
    ) -> Delivery:
        queued = [record for record in self.memory.records.values() if record.state is MailState.QUEUED]
        self.memory.withdraw(record.key for record in queued if record.trial is terms.real)
        before = self.due_mails(now, terms)
        troubled = False
        for done, record in enumerate(before):
            if progress:
                progress("", done, len(before))
            try:
                mail = self.memory.mails[record.key]
                transport.send(
                    replace(mail, sender=terms.sender or mail.sender),
                    record.message_id,
                    record.queued_at or now,
                    _nothing,
                )
            except OutcomeUnknown as error:
                troubled = True
                self.memory.settle(record.key, MailState.UNSURE, str(error), now)
            except TemporaryMailError as error:
                troubled = True
                self.memory.settle(record.key, MailState.QUEUED, str(error))
            except RefusedMailError as error:
                self.memory.settle(record.key, MailState.FAILED, str(error), now)
            else:
                self.memory.settle(record.key, MailState.SENT, at=now)
        after = [self.memory.records[record.key].state for record in before]
        waiting = [record for record in self.memory.records.values() if record.state is MailState.QUEUED]
        return Delivery(
            sent=after.count(MailState.SENT),
            failed=after.count(MailState.FAILED),
            postponed=len(waiting),
            unsure=after.count(MailState.UNSURE),
            troubled=troubled,
        )

    def close(self) -> None:
        """Nothing to let go of."""


class MemoryTransaction:
    """Works on a copy that takes the place of the original at the end, unless something was raised."""

    def __init__(self, store: MemoryStore, now: datetime) -> None:
        self._store = store
        self._draft = deepcopy(store.memory)
        self._draft.first_cycle_at = self._draft.first_cycle_at or now

    def __enter__(self) -> Ledger:
        return self._draft

    def __exit__(self, *exception: object) -> None:
        if exception[0] is None:
            self._store.memory = self._draft


class RecordingTransport:
    """Remembers what it was given; raises what `troubles` holds for a unit, each trouble once."""

    def __init__(self, troubles: dict[str, list[Exception]] | None = None) -> None:
        self.sent: list[Mail] = []
        self.message_ids: list[str] = []
        self.queued_at: list[datetime] = []
        self.closed_after: list[int] = []
        """How many mails had gone each time the connection was let go."""
        self.troubles = troubles or {}

    def send(self, mail: Mail, message_id: str, queued_at: datetime, before_content: Callable[[], None]) -> None:
        trouble = self.troubles[mail.unit].pop(0) if self.troubles.get(mail.unit) else None
        if trouble and not isinstance(trouble, OutcomeUnknown):
            raise trouble
        before_content()
        if trouble:
            raise trouble
        self.sent.append(mail)
        self.message_ids.append(message_id)
        self.queued_at.append(queued_at)

    def close(self) -> None:
        self.closed_after.append(len(self.sent))
