"""The values that travel through a cycle: frozen, without behaviour that touches the outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum
from itertools import chain
from typing import TypeAlias

Cell: TypeAlias = bool | int | float | str | date | datetime | time | None
"""One cell as the person left it. Errors of formulas arrive as their code ("#REF!")."""

Row: TypeAlias = Sequence[Cell]

UNCALCULATED = "#UNCALCULATED!"
"""What an adapter hands over for a formula whose result the file does not hold."""


@dataclass(frozen=True)
class Tab:
    """One tab as read: `rows[0]` is line 1; rows are ragged (trailing empty cells may be missing)."""

    key: str
    """The adapter's own name of the tab; stays the same within one snapshot."""
    title: str
    rows: Sequence[Row]
    former_titles: tuple[str, ...] = ()
    """What it was called before, where the adapter can tell."""

    def cell(self, row: int, column: int) -> Cell:
        """The cell at `row`, `column` (both from 1, as people count); None outside the grid."""
        if row < 1 or row > len(self.rows):
            return None
        cells = self.rows[row - 1]
        return cells[column - 1] if 0 < column <= len(cells) else None


@dataclass(frozen=True)
class CellChange:
    """One cell that the bot wants to hold `value` (None empties it). Row and column count from 1."""

    tab: str
    """`Tab.key`"""
    row: int
    column: int
    value: Cell


@dataclass(frozen=True)
class OwnSpreadsheet:
    """What a unit's own spreadsheet holds, or why it could not be read."""

    tabs: tuple[Tab, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Snapshot:
    """The whole workbook at one instant."""

    tabs: tuple[Tab, ...]
    revision: str = ""
    """What the adapter needs to notice that somebody saved in between."""
    complete: bool = field(default=True, compare=False)
    """False: tabs that were made since somebody last looked around may be missing."""
    own: Mapping[str, OwnSpreadsheet] = field(default_factory=dict)
    """By address, the spreadsheets that units have of their own."""
    repairs: tuple[CellChange, ...] = ()
    """Where the spreadsheet still shows what an overtaken write left in the wrong place: `tabs` are as people have
    them, and the next write has to put these cells right."""

    def all_tabs(self) -> Iterator[Tab]:
        """The tabs of the workbook, then those of the spreadsheets that units have of their own."""
        return chain(self.tabs, *(own.tabs for own in self.own.values()))


@dataclass(frozen=True)
class RefusedTab:
    """A tab into which nothing could be written."""

    key: str
    title: str
    why: str


@dataclass(frozen=True)
class WriteOutcome:
    """What came of `Workbook.write`."""

    held: bool
    """True: the changes stand, beside the very inputs they were computed for."""
    snapshot: Snapshot
    """The workbook as it stands now, as far as people are concerned: `Snapshot.repairs` has yet to be made."""
    refused: tuple[RefusedTab, ...] = ()
    """The tabs that let nothing be written; all others were."""


@dataclass(frozen=True)
class Place:
    """A cell of a tab, a whole row of it (no `column`), or the tab as a whole (no `row`)."""

    tab: str
    """Title of the tab, as `core/config/tabs.py` has it."""
    row: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Problem:
    """Something a person has to mend: where it is, what is wrong, what to do (all Vietnamese)."""

    where: str
    what: str
    fix: str
    needs_person: bool = True
    """False: worth telling, but the command still ends with exit status 0."""
    place: Place | None = None
    """Where it stands in a config tab, for the mark beside it."""


class Severity(Enum):
    """How much a finding weighs. The values are the words of tab `Quy tắc`."""

    ERROR = "Lỗi"
    WARNING = "Cảnh báo"


class Mode(Enum):
    """Whether a rule or rung works. The values are the words of the tabs."""

    ON = "Bật"
    TRIAL = "Thử"
    OFF = "Tắt"


class CountsAs(Enum):
    """What a status means for the rate. The values are the words of tab `Trạng thái`."""

    DONE = "hoàn thành"
    NOT_DONE = "chưa hoàn thành"
    DEFERRED = "tạm hoãn"
    OUT_OF_SCOPE = "ngoài diện"


@dataclass(frozen=True)
class Unit:
    """One line of the registry `Đơn vị`, its columns that people fill in."""

    code: str
    name: str
    group: str = ""
    tab_title: str = ""
    workbook: str = ""
    headcount: int | None = None
    focal_person: str = ""
    focal_email: str = ""
    focal_phone: str = ""
    head: str = ""
    head_email: str = ""


@dataclass(frozen=True)
class Tally:
    """Numbers of people that a rate is made of; tallies add up."""

    in_scope: int = 0
    deferred: int = 0
    done: int = 0

    @property
    def left(self) -> int:
        """People who still have to get there: in scope, not deferred, not done."""
        return self.in_scope - self.deferred - self.done

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.in_scope + other.in_scope, self.deferred + other.deferred, self.done + other.done)


class Tallied:
    """Something that has a tally, and so all its numbers."""

    tally: Tally

    @property
    def in_scope(self) -> int:
        return self.tally.in_scope

    @property
    def deferred(self) -> int:
        return self.tally.deferred

    @property
    def done(self) -> int:
        return self.tally.done

    @property
    def left(self) -> int:
        return self.tally.left


@dataclass(frozen=True)
class Declaration:
    """Line 2 of a unit's tab: what the unit says of itself."""

    headcount: int | None = None
    disseminated_on: date | None = None
    informed: int | None = None
    relatives: int | None = None
    list_complete: bool = False


@dataclass(frozen=True)
class Standing(Tallied):
    """Where a unit stands. `rate` and `strict_rate`: per cent with one decimal, rounded down, or None."""

    code: str
    name: str
    group: str = ""
    known: bool = True
    """False: the tab could not be read; the numbers are the last ones known."""
    as_of: datetime | None = None
    """When the numbers of an unknown unit were read; None where there never were any, or for a known unit."""
    headcount: int | None = None
    rows: int = 0
    out_of_scope: int = 0
    tally: Tally = field(default_factory=Tally)
    rate: float | None = None
    strict_rate: float | None = None
    errors: int = 0
    """Rows with at least one finding of severity Lỗi."""
    warnings: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    """Number of rows by status code; every code of the table, zeros too."""
    card_done: int = 0
    account_done: int = 0
    level_2: int = 0
    declaration: Declaration = field(default_factory=Declaration)
    changed_at: datetime | None = None
    """When the inputs of the unit were last seen to change."""
    vanished_rows: int = 0
    """Rows that disappeared since the headcount was last declared while the rate rose."""
    below_since: datetime | None = None
    """Since when the unit has been seen below its target without a break; None where it is not, or was never seen."""
    notes: tuple[str, ...] = ()
    """Remarks for `Ghi chú hệ thống`."""


@dataclass(frozen=True)
class RowCount:
    """How many rows of persons a unit had when it was read."""

    rows: int
    read_at: datetime


@dataclass(frozen=True)
class UnitRecord:
    """What the state store remembers of a unit between two cycles."""

    code: str
    fingerprint: str
    """A digest of the unit's inputs; never the inputs themselves."""
    changed_at: datetime
    read_at: datetime
    peak_rows: int
    """The most rows of persons since the headcount was last declared."""
    standing: Standing
    untold_loss: RowCount | None = None
    """What the unit held before it lost rows in a cycle that could tell nobody of it."""


@dataclass(frozen=True)
class Attachment:
    """A file that travels with a mail. With a `content_id` it is a picture that the HTML shows as `cid:…`."""

    filename: str
    media_type: str
    """type/subtype, as in `Content-Type`"""
    content: bytes
    content_id: str = ""
    """Without angle brackets; unique within the mail."""


@dataclass(frozen=True)
class Mail:
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


@dataclass(frozen=True)
class MailRecord:
    """A mail that the outbox already holds."""

    key: str
    kind: str
    unit: str
    rung: str
    day: date
    state: str
    """queued, sent, failed, or withdrawn: no longer needed when its turn came"""
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
    """How often a hand-over was begun and never noted: as many copies more may have arrived, each under the same
    Message-ID."""
