"""What personal data the bot keeps beside the workbook, and what is said of its removal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum

from msgspec import Struct, field
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.reading.shown import shown
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
    LINES = "lines"
    """Of lists in the workbook itself."""


class Scope(Struct, frozen=True):
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


class ListToEmpty(Struct, frozen=True):
    """A list of the workbook, as it stood when its removal began."""

    key: str
    """`Tab.key`"""
    first: int
    """The line from which all goes, as long as the headers are not found elsewhere."""
    header: str = ""
    """A digest of what stands in the line of the headers, in whatever order."""
    above: tuple[int, ...] = ()
    """Lines above the headers in which somebody stands."""
    columns: tuple[int, ...] = ()
    """The columns that go; () for all."""
    ours: tuple[int, ...] = ()
    """The columns of results."""
    is_copy: bool = False
    """Whether `tccb restore` made its tab."""
    lines: frozenset[str] = frozenset()
    """A digest of each line in which something stood, but for results: what is typed later does not go with it."""


class InWorkbook(Struct, frozen=True):
    """What goes out of the workbook itself."""

    frozen: str
    """The file in which its present state was put away."""
    sha256: str
    lists: tuple[ListToEmpty, ...]
    others: tuple[str, ...] = ()
    """Titles of the tabs that are nobody's and stay, whatever stands there."""
    unread: tuple[str, ...] = ()
    """The units, with their tabs, whose list stays as nothing was found of it."""


class Purge(Struct, frozen=True):
    """A removal: begun, and gone on with by whoever runs it again after it was cut short."""

    scope: Scope
    begun_at: datetime
    by: str
    counts: Mapping[Holding, int]
    """How many of each kind there were."""
    stays: Mapping[Holding, int] = field(default_factory=dict)
    """How many of each kind stay, in which something of the scope may stand: they are of other units or fields too."""
    workbook: InWorkbook | None = None
    """None where the workbook stays as it is."""
    number: int = 1
    """Among those that began in the same second."""

    def with_left(self, lines: int) -> Purge:
        """What it came to where so many lines of lists still stand in the workbook."""
        if not lines:
            return self
        gone = {**self.counts, Holding.LINES: self.counts.get(Holding.LINES, 0) - lines}
        return replace(self, counts=gone, stays={**self.stays, Holding.LINES: lines})

    @property
    def in_its_place(self) -> str:
        """What a list that was removed says of that."""
        return text("purging.in_its_place", moment=f"{self.begun_at:{MOMENT}}", file=self.file_name)

    @property
    def file_name(self) -> str:
        """Of its certificate."""
        again = f"-{self.number}" if self.number > 1 else ""
        return f"xoa-du-lieu-{self.begun_at:%Y%m%d-%H%M%S}{again}.txt"

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
        if not end and not self.unread:
            end = (text("purging.certificate_end"),)
        return "\n".join((head, *lines, *self._of_workbook, *end, ""))

    @property
    def unread(self) -> tuple[str, ...]:
        """The units, with their tabs, whose list was to go and was not found."""
        return self.workbook.unread if self.workbook else ()

    @property
    def _of_workbook(self) -> Iterator[str]:
        if self.workbook:
            yield text("purging.certificate_frozen", file=self.workbook.frozen, sha256=self.workbook.sha256)
            yield text("purging.certificate_workbook")
            if self.workbook.others:
                yield text("purging.certificate_others", tabs=", ".join(map(shown, self.workbook.others)))
            if self.unread:
                yield text("purging.unread", units="; ".join(self.unread))


def counts_text(counts: Mapping[Holding, int]) -> str:
    """ "3 bản sao, 2 tệp thư" """
    told = [text(f"purging.counted.{kind.value}", count=number) for kind, number in counts.items() if number]
    return ", ".join(told) or text("purging.nothing")


def stays_lines(stays: Mapping[Holding, int]) -> list[str]:
    """What stays, and where, a line each."""
    return [f"  {text(f'purging.stays.{kind.value}', count=number)}" for kind, number in stays.items()]
