"""Mails as decided, as remembered and as delivered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum

from msgspec import Struct, field
from msgspec.structs import replace

from automation.core.model.units import RowCount

URGENT_RANK = 0
"""Of mails that wait for no office hours."""
IN_QUESTION_DAYS = 14
"""Days for which a person is told of a mail that did not arrive, or may not have."""


class DeliveryTerms(Struct, frozen=True):
    """What the configuration in force asks of a delivery."""

    real: bool = True
    """False: mails are on trial. Mails that were decided under the other mode are taken back."""
    per_day: int = 400
    """Mails a day; the rest waits for the next one."""
    per_connection: int = 100
    sender: str = ""
    """Who every mail comes from now, also those decided when it was another; "" leaves it as decided."""
    until: datetime | None = None
    """From when on no further mail is begun: mail hours are over, or what mails say has become old."""
    urgent_only: bool = False
    """Only what does not wait for mail hours."""
    only: frozenset[str] | None = None
    """Keys of the mails that may go; None: all of them."""
    others_wait_for: str = ""
    """Why the others that are due do not go (Vietnamese); "" where nothing is wrong."""


class Delivery(Struct, frozen=True):
    sent: int = 0
    failed: int = 0
    postponed: int = 0
    """Mails that wait for another time, whatever for and since when."""
    repeated: int = 0
    """Of those that left: where nobody knows whether an earlier copy arrived, so that they may have come twice."""
    unsure: int = 0
    """Mails of which the server took the content and did not say what became of it."""
    troubled: bool = False
    """Whether any mail is still here because something went wrong."""
    unrecorded: int = 0
    """Mails that left though the workbook could not be told of them."""


class Attachment(Struct, frozen=True):
    """A file that travels with a mail. With a `content_id` it is a picture that the HTML shows as `cid:…`."""

    filename: str
    media_type: str
    """type/subtype, as in `Content-Type`"""
    content: bytes
    content_id: str = ""
    """Without angle brackets; unique within the mail."""


class KeptPeople(Struct, frozen=True):
    """A copy of what a unit typed, as a mail tells of it."""

    unit: str
    """Code."""
    taken_at: datetime
    people: int


class Told(Struct, frozen=True):
    """Where a summary says that units stand, kept with it so that the next one is compared with what was read."""

    at: datetime
    """When that was."""
    done: int
    counted: int
    """All units together."""
    units: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Done and counted by unit code, of the units that ever were read."""


class Mail(Struct, frozen=True):
    """A mail as decided: what it says and to whom; how it is delivered is not its business."""

    key: str
    """Unique for (campaign, unit or summary, rung, day, mode): the same key is never queued twice."""
    kind: str
    """Name of the folder below `templates/mail/`."""
    unit: str
    """Code of the unit, "" for mails to TCCB."""
    rung: str
    day: date
    to: tuple[str, ...]
    cc: tuple[str, ...]
    sender: str
    reply_to: str
    subject: str
    text: str
    html: str
    thread: str = ""
    """Message-ID of the first mail to the same unit in the same mode, filled in by the store; "" begins a thread."""
    attachments: tuple[Attachment, ...] = ()
    trial: bool = False
    """Decided while mails were on trial, for the test address."""
    still_to: tuple[str, ...] = ()
    """Who has yet to get it where the others have; () means everybody in `to` and `cc`."""
    told: Told | None = None
    """Where units stand by it; None for mails that compare nothing."""
    readers: tuple[str, ...] = ()
    """A mark for each address that it is meant for, whoever gets it on trial."""
    rank: int = 10
    """The lowest go first."""
    why: str = ""
    """What it is sent for, for the record (Vietnamese)."""
    roles: str = ""
    """Whom it is meant for, without their names (Vietnamese)."""
    lost_from: RowCount | None = None
    """What the unit held before it lost the rows of which an alarm tells."""
    renewed_at: datetime | None = None
    """When it was put into words again, because it had waited: that is its date, and not when it was decided."""


class MailState(Enum):
    """What became of a mail in the outbox. The values stand in the store."""

    QUEUED = "queued"
    SENT = "sent"
    UNSURE = "unsure"
    """Its content was handed over and no answer came: it may have arrived. Tried once more, late, then left to a
    person."""
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    """No longer needed when its turn came."""


class MailRecord(Struct, frozen=True):
    """A mail that the outbox already holds."""

    key: str
    kind: str
    unit: str
    rung: str
    day: date
    state: MailState
    message_id: str
    queued_at: datetime | None = None
    error: str = ""
    """What the last try ran into; no address and nothing of the mail in it."""
    trial: bool = False
    """Decided while mails were on trial."""
    settled_at: datetime | None = None
    """When it was sent, or given up; None while it is queued, and where it was withdrawn."""
    attempts: int = 0
    """How often it was handed over and came back for now."""
    interrupted: int = 0
    """How often its content was handed over and no answer came: as many copies more may have arrived, each under the
    same Message-ID."""
    is_frozen: bool = False
    """Whether somebody has it, or may have: what it says does not change any more."""
    due_at: datetime | None = None
    """When it is tried next, at the earliest; None where it never will be."""
    told: Told | None = None
    """Where units stood by it; None for mails that compare nothing, and for those of older versions."""
    readers: tuple[str, ...] = ()
    """A mark for each address that it was meant for; () where that was not kept."""
    why: str = ""
    roles: str = ""
    lost_from: RowCount | None = None
    to_predecessors: bool = False
    """Whether it is known to have gone to others than the unit's focal person of now."""

    @property
    def waits(self) -> bool:
        """Whether it is still to be tried."""
        return self.state is MailState.QUEUED or self.due_at is not None

    @property
    def needs_asking(self) -> bool:
        """Whether it may have arrived, and nothing more will be tried."""
        return self.state is MailState.UNSURE and self.due_at is None

    def under(self, renamed: Mapping[str, str]) -> MailRecord:
        """The same under the present codes of units. `renamed`: old code -> present code."""
        if not renamed:
            return self
        told = self.told
        if told:
            told = replace(told, units={renamed.get(code, code): stood for code, stood in told.units.items()})
        return replace(self, unit=renamed.get(self.unit, self.unit), told=told)


ON_TRIAL = "/thu"
"""How the keys of mails on trial end."""


def campaign_of(key: str) -> str:
    """The code of the campaign that a mail is of: every key begins with it, and it holds no slash."""
    return key.partition("/")[0]


def in_question(history: Iterable[MailRecord], today: date) -> dict[tuple[str, str], list[MailRecord]]:
    """The mails of late that came back for good, or may have arrived with nothing more to be tried, where no later one
    got through. `history`: oldest first. They come by unit; those to no unit by kind too: each has its own readers.
    """
    oldest = today - timedelta(days=IN_QUESTION_DAYS)
    found: dict[tuple[str, str], list[MailRecord]] = {}
    for record in history:
        readers = (record.unit, "" if record.unit else record.kind)
        if record.state is MailState.SENT:
            found.pop(readers, None)
        elif record.day >= oldest and (record.state is MailState.FAILED or record.needs_asking):
            found.setdefault(readers, []).append(record)
    return found


class WaitingMails(Struct, frozen=True):
    """Mails that wait for the same reason."""

    reason: str
    """What the last try ran into, or what keeps them; "" where their turn has not come."""
    mails: tuple[MailRecord, ...]
    """Oldest first."""

    @property
    def has_failed(self) -> bool:
        """Whether any of them was tried in vain."""
        return any(mail.attempts or mail.interrupted for mail in self.mails)


def waiting_by_reason(history: Iterable[MailRecord]) -> list[WaitingMails]:
    """The mails that are still to be tried. `history`: oldest first."""
    by_reason: dict[str, list[MailRecord]] = {}
    for mail in history:
        if mail.waits:
            by_reason.setdefault(mail.error, []).append(mail)
    return [WaitingMails(reason, tuple(mails)) for reason, mails in by_reason.items()]


class CustomTexts(Struct, frozen=True):
    """The admin's words for one mail, filled in; "" and () leave the shipped ones in place."""

    subject: str = ""
    opening: str = ""
    closing: tuple[str, ...] = ()
    """Line by line."""


NO_CUSTOM_TEXTS = CustomTexts()
