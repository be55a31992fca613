"""Which bot works on a spreadsheet: the note that it leaves there, so that one on another machine leaves it alone.

A note holds until the moment it names, and somebody else may have it only a while later: clocks may differ by minutes,
and a mail that is on its way cannot be called back.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import asdict, replace

from automation.core.model.ports import RequestCount

LASTS = timedelta(minutes=10)
GRACE = timedelta(minutes=5)
"""How long after its end a note still keeps others away."""
MOST_AHEAD = timedelta(minutes=30)
"""A note that ends later than this was written by a clock that is wrong, or by no bot; it keeps nobody away."""


class Holder(Struct, frozen=True):
    """One bot: its state folder and its machine."""

    owner: str
    host: str


class LeaseNote(Struct, frozen=True):
    """What stands in the spreadsheet."""

    spreadsheet: str
    """Its id: a copy of the file takes notes along, and they say nothing of the copy."""
    holder: Holder
    until: datetime
    nonce: str
    """Tells two notes of one holder apart, so that one can be exchanged for another only where it still stands."""

    @property
    def free_from(self) -> datetime:
        """When another bot may begin."""
        return self.until + GRACE

    def keeps_away(self, other: Holder, spreadsheet: str, now: datetime) -> bool:
        """Whether `other` has to leave this spreadsheet alone at that moment."""
        is_in_force = now < self.free_from and self.until <= now + MOST_AHEAD
        return self.spreadsheet == spreadsheet and self.holder != other and is_in_force

    def is_later(self, moment: datetime) -> bool:
        """Whether whoever wrote it may have worked after that moment; notes tell whole seconds."""
        return self.free_from + timedelta(seconds=1) > moment

    def ended(self, now: datetime) -> LeaseNote:
        """The same note, which keeps nobody away any more."""
        return replace(self, until=now - GRACE)

    def written(self) -> str:
        """As `read_note` reads it."""
        told = {"spreadsheet": self.spreadsheet, **asdict(self.holder), "nonce": self.nonce}
        return json.dumps({**told, "until": self.until.isoformat(timespec="seconds")}, separators=(",", ":"))


def new_note(spreadsheet: str, holder: Holder, now: datetime, nonce: str) -> LeaseNote:
    """The note of one who begins, or goes on, at that moment."""
    return LeaseNote(spreadsheet, holder, (now + LASTS).replace(microsecond=0), nonce)


def read_note(written: str) -> LeaseNote | None:
    """None for what no bot has written."""
    try:
        told = json.loads(written)
        until = datetime.fromisoformat(told["until"]).astimezone(UTC)
        holder = Holder(str(told["owner"]), str(told["host"]))
        return LeaseNote(str(told["spreadsheet"]), holder, until, str(told["nonce"]))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None


class OnlyHere:
    """The lease of a workbook that no other bot can have: one of a test, or that is only looked at."""

    requests = RequestCount()
    is_held = True
    was_elsewhere = False

    def begin(self) -> None:
        """It is there."""

    def ensure(self, *, anew: bool = False) -> None:
        """Always."""

    def keep(self) -> None:
        """There is nothing to renew."""

    def release(self) -> None:
        """There is nothing to let go of."""
