"""What personal data the bot keeps beside the workbook, and what is said of its removal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from automation.base.messages import text
from automation.core.text.moments import MOMENT


class Holding(Enum):
    """A kind of thing that is kept; the values are keys of `templates/messages/purging.toml`."""

    COPIES = "copies"
    """Of what units typed."""
    MAILS = "mails"
    """Files of mails."""
    PREVIEWS = "previews"
    LETTERS = "letters"
    """Mails that wait to be sent."""
    CONFIG = "config"
    """The last configuration that was in order, with the people of the registry."""
    SET_ASIDE = "set_aside"
    """State files that were damaged."""
    BACKUPS = "backups"
    """Copies of the workbook that were made before it was drawn."""


@dataclass(frozen=True)
class Scope:
    """Of whom or what; neither: everything."""

    unit: str = ""
    """Code."""
    field: str = ""
    """Code."""

    @property
    def said(self) -> str:
        """In words."""
        key = "unit" if self.unit else "field" if self.field else "all"
        return text(f"purging.scope.{key}", code=self.unit or self.field)


@dataclass(frozen=True)
class Purge:
    """A removal: begun, and gone on with by whoever runs it again after it was cut short."""

    scope: Scope
    begun_at: datetime
    by: str
    counts: Mapping[Holding, int]
    """How many of each kind there were."""
    stays: Mapping[Holding, int] = field(default_factory=dict)
    """How many of each kind stay, in which something of the scope may stand: they are of other units or fields too."""

    @property
    def file_name(self) -> str:
        """Of its certificate."""
        return f"xoa-du-lieu-{self.begun_at:%Y%m%d-%H%M%S}.txt"

    @property
    def sentence(self) -> str:
        """What was removed, in one line."""
        return text("purging.line", scope=self.scope.said, counts=counts_text(self.counts), by=self.by)

    @property
    def certificate(self) -> str:
        """The whole certificate. No personal data but who removed it."""
        lines = (f"  {text(f'purging.kinds.{kind.value}')}: {number}" for kind, number in self.counts.items() if number)
        head = text("purging.certificate", scope=self.scope.said, by=self.by, moment=f"{self.begun_at:{MOMENT}}")
        end = (text("purging.certificate_stays"), *stays_lines(self.stays)) if self.stays else ()
        return "\n".join((head, *lines, *(end or (text("purging.certificate_end"),)), ""))


def counts_text(counts: Mapping[Holding, int]) -> str:
    """ "3 bản sao, 2 tệp thư" """
    told = [text(f"purging.counted.{kind.value}", count=number) for kind, number in counts.items() if number]
    return ", ".join(told) or text("purging.nothing")


def stays_lines(stays: Mapping[Holding, int]) -> list[str]:
    """What stays, and where, a line each."""
    return [f"  {text(f'purging.stays.{kind.value}', count=number)}" for kind, number in stays.items()]
