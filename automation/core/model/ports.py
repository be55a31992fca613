"""What the shell may ask of the outside world. Adapters stand behind these; the core only names them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol, TypeAlias

from msgspec import Struct

from automation.core.model.layout import TabLook
from automation.core.model.mail import Delivery, DeliveryTerms, Mail, MailRecord
from automation.core.model.units import UnitRecord
from automation.core.model.workbook import (
    AddedRows,
    Anchor,
    CellChange,
    DrawOutcome,
    Formula,
    OwnSpreadsheet,
    Row,
    Snapshot,
    WriteOutcome,
)

Progress = Callable[[str, int, int], None]
"""Called as (step, done, total) while something takes long."""

Formulas: TypeAlias = Mapping[str, Mapping[tuple[int, int], Formula]]
"""By key of the tab, then by row and column."""


class RequestCount(Struct, frozen=True):
    """How often the workbook was asked, since it was opened or during a while."""

    read: int = 0
    write: int = 0
    lease: int = 0
    """How often for the lease alone."""

    def since(self, earlier: RequestCount) -> RequestCount:
        """What came to the count after it was `earlier`."""
        return RequestCount(self.read - earlier.read, self.write - earlier.write, self.lease - earlier.lease)


class Lease(Protocol):
    """The right to write to a workbook and to mail from it, which one bot at a time has, on whatever machine."""

    @property
    def requests(self) -> RequestCount: ...

    @property
    def is_held(self) -> bool:
        """Whether it is ours and others see that."""
        ...

    @property
    def was_elsewhere(self) -> bool:
        """Whether another bot has had it since `begin`: what was read meanwhile may not tell of its mails."""
        ...

    def begin(self) -> None:
        """Called before the workbook is read: have it from then on, where that costs nothing. Raises as `ensure`."""
        ...

    def ensure(self, *, anew: bool = False) -> None:
        """Have it, for some minutes more; `anew` right before mails.

        Raises `HeldElsewhere` where another bot has it, `CannotStart`, `WorkbookUnavailable`.
        """
        ...

    def keep(self) -> None:
        """Renew it if it is ours and time has come, as long as nothing else is to be done; raises nothing."""
        ...

    def release(self) -> None:
        """Let go of it at the end; raises nothing."""
        ...


class Workbook(Protocol):
    """Tabs by key; rows and columns counted from 1, as people see them; cells as the person left them."""

    @property
    def address(self) -> str:
        """What the operator typed to name the workbook."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def requests(self) -> RequestCount: ...

    @property
    def lease(self) -> Lease:
        """Whoever queues or sends mails asks it; what is written asks for itself."""
        ...

    def read(self, *, look_around: bool = False) -> Snapshot:
        """Everything at one instant; `look_around` leaves no tab out (`Snapshot.complete`).

        Raises `CannotStart`, `WorkbookUnavailable`.
        """
        ...

    def write(self, changes: Sequence[CellChange], basis: Snapshot, *, look: bool = True) -> WriteOutcome:
        """Put the changes in. `basis` is what they were computed from: where it no longer holds, nothing is claimed
        to hold and the present state comes back, to be judged anew. Where the medium allows it nothing was written
        then; else what was written stands in columns of the bot's, whatever people moved. Without `look` nobody
        looks at what it met there: the next read tells.

        Raises `CannotStart`, `WorkbookBusy`, `WorkbookUnavailable`.
        """
        ...

    def merge(self, changes: Sequence[CellChange], added: AddedRows | None, basis: Snapshot) -> WriteOutcome:
        """Put cells and rows of people into their own tab, for whom a list came by mail. What is `added` meets nothing
        that stands there. Not held: the present state comes back, in which some or all of it may stand. Raises as
        `write` does.
        """
        ...

    def erase(self, cells: Sequence[CellChange], basis: Snapshot) -> WriteOutcome:
        """As `write`, where what stood there must not be left anywhere in what the workbook is kept in. Its medium may
        keep earlier versions, which are nothing that can be reached here.
        """
        ...

    def anchor(self, anchors: Sequence[Anchor], basis: Snapshot) -> WriteOutcome:
        """Make these columns known by their identity, those inserted that are missing. Never held: what
        stands where is to be seen from the outcome before anything is written there. Raises as `write` does.
        """
        ...

    def read_own(self, addresses: Sequence[str], *, look_around: bool = False) -> Mapping[str, OwnSpreadsheet]:
        """The spreadsheets that units have of their own, the first ones first; each that cannot be read says why.
        `look_around` leaves no tab out.

        Their tabs have keys like those of all others, and are written with them.
        """
        ...

    def formulas(self, keys: Collection[str], basis: Snapshot) -> Formulas:
        """The formulas in these tabs of `basis`; without those that somebody has changed since. Raises as `read`
        does.
        """
        ...

    def draw(self, looks: Sequence[TabLook]) -> DrawOutcome:
        """Create the tabs that are missing and make every one look as described; no other cell is touched."""
        ...

    def draw_own(self, address: str, looks: Sequence[TabLook]) -> DrawOutcome:
        """The same in a unit's own spreadsheet. Raises as `read` does where that cannot be reached."""
        ...

    def link(self, tab: str, cells: str) -> str:
        """The address that opens those cells (A1) of a tab (`Tab.key`) in a browser; "" where there is none."""
        ...


class SavedConfig(Struct, frozen=True):
    """The last configuration that was in order: the raw rows of every config tab, by tab title."""

    saved_at: datetime
    """When it was last seen to be in order."""
    tables: Mapping[str, Sequence[Row]]
    since: datetime | None = None
    """When it came into force; None: at `saved_at`."""
    journalled: Mapping[str, Sequence[Row]] | None = None
    """The tables that the journal knows of, where it could not be written since; None: it knows these."""

    @property
    def in_force_since(self) -> datetime:
        """When what it says came into force."""
        return self.since or self.saved_at


class Ledger(Protocol):
    """One open transaction of the store: everything below happens together or not at all."""

    def queue(self, mail: Mail, now: datetime) -> bool:
        """Put the mail into the outbox; False (and no change) where its key is already there."""
        ...

    def renew(self, mail: Mail) -> None:
        """Let a mail that waits say something else; one that somebody may have stays as it is."""
        ...

    def withdraw(self, keys: Iterable[str]) -> None:
        """Take waiting mails back; a key whose mail is gone, or not there at all, is passed over."""
        ...

    def adopt(self, records: Iterable[MailRecord]) -> None:
        """Take over what is known of mails from elsewhere; what waits here and is known to have gone waits no more."""
        ...

    def remember_look(self, now: datetime) -> None:
        """The units were read at `now`, in the campaign's zone."""
        ...

    def remember_units(self, records: Iterable[UnitRecord]) -> None: ...

    def remember_config(self, config: SavedConfig) -> None: ...


class Store(Protocol):
    """What the bot remembers between two cycles."""

    def unit_records(self) -> dict[str, UnitRecord]: ...

    def last_config(self) -> SavedConfig | None: ...

    def mail_history(self) -> list[MailRecord]:
        """Every mail ever queued, oldest first."""
        ...

    def due_mails(self, now: datetime, terms: DeliveryTerms = ...) -> list[MailRecord]:
        """The mails whose turn has come, in the order in which they go; how many the day allows is not asked."""
        ...

    def first_cycle_at(self) -> datetime | None:
        """When this store saw its first cycle; rungs that were due before it were not missed."""
        ...

    def last_looks(self) -> Mapping[date, datetime]:
        """When the units were last read on each day; nothing of the days before this store kept it."""
        ...

    def transaction(self, now: datetime) -> LedgerContext: ...

    def deliver(
        self,
        transport: MailTransport,
        now: datetime,
        terms: DeliveryTerms = ...,
        progress: Progress | None = None,
    ) -> Delivery:
        """Hand every queued mail that is due to the transport, one by one, noting each result.

        `progress` is called before each mail; what it raises ends the delivery there.
        """
        ...


class LedgerContext(Protocol):
    def __enter__(self) -> Ledger: ...
    def __exit__(self, *exception: object) -> None: ...


class MailTransport(Protocol):
    """One way to get a mail out of the house."""

    def send(self, mail: Mail, message_id: str, queued_at: datetime, before_content: Callable[[], None]) -> None:
        """Raises `TemporaryMailError` (try again later), `OutcomeUnknown` or `RefusedMailError` (never will).

        `before_content` is called when all is said but what the mail says: whoever is cut short before it has handed
        nothing over.
        """
        ...

    def close(self) -> None:
        """Let go of a connection, if there is one; the next mail opens another."""
        ...
