"""What is proposed for a workbook as units keep it. Rows and columns count from 1, as people see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from msgspec import Struct

from automation.base.messages import text
from automation.core.model.problems import Problem


class By(Enum):
    """What tells that a column is a field's."""

    NAME = "name"
    """Its header is a known name of the field."""
    WORDS = "words"
    """Its header is nearly one."""
    CONTENT = "content"
    """What stands in it, whatever its header."""
    JOINED = "joined"
    """Two columns hold it together."""
    PLACE = "place"
    """The column that is filled, or marked, tells the value."""
    SECTIONS = "sections"
    """The headings between the people tell it."""


def either(values: Sequence[str]) -> str:
    """The values that something may mean, as a sentence names them: one or the other."""
    return text("adopt.or").join(f"“{value}”" for value in values)


class Mark(Struct, frozen=True):
    """A column that is marked where a value holds."""

    column: int
    label: str
    value: str
    """The value of the field's list that the label is read as; "" where it is read as none."""
    may_mean: tuple[str, ...] = ()
    """All values that the label may stand for, where that is not sure."""


class FieldColumn(Struct, frozen=True):
    """Where a field stands."""

    code: str
    field: str
    """Its header in `Cột dữ liệu`."""
    columns: tuple[int, ...]
    """None where headings tell it."""
    headers: tuple[str, ...]
    by: By
    sure: bool
    """False: a person is asked; nothing is done about it."""
    filled: int
    fits: int | None
    """How many of the filled cells read as the field; None where every text does."""
    samples: tuple[str, ...]
    marks: tuple[Mark, ...] = ()


class StrangerColumn(Struct, frozen=True):
    """A column that is no field's, as far as is known."""

    column: int
    header: str
    samples: tuple[str, ...]


class StrangeValue(Struct, frozen=True):
    """What people typed into the column of a list and the list does not know."""

    code: str
    field: str
    typed: str
    count: int
    may_mean: tuple[str, ...]


class TableProposal(Struct, frozen=True):
    """One table of a tab."""

    header_rows: tuple[int, int]
    """First and last line."""
    is_list: bool
    """Whether it lists people; a table of counts does not."""
    is_read: bool = True
    """Whether a cycle reads it: of several tables in a tab only the first."""
    people: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    """Lines with something in them that are no person's."""
    columns: tuple[FieldColumn, ...] = ()
    strangers: tuple[StrangerColumn, ...] = ()
    missing: tuple[str, ...] = ()
    """Headers of the fields that have no column."""
    renamed: tuple[str, ...] = ()
    """Those of them for which no column is added: another header may be theirs."""
    values: tuple[StrangeValue, ...] = ()
    questions: tuple[Problem, ...] = ()


class UnitGuess(Struct, frozen=True):
    """Which unit a tab is of."""

    code: str
    """"" where the registry has none of that name."""
    name: str
    sure: bool
    told_by: str
    """The text that names it: a title, a line of the letterhead."""
    is_registered: bool = False
    """Whether the registry already says that the tab is the unit's."""


class TabProposal(Struct, frozen=True):
    """One tab."""

    title: str
    unit: UnitGuess | None
    tables: tuple[TableProposal, ...]
    questions: tuple[Problem, ...] = ()

    @property
    def read(self) -> TableProposal | None:
        """The table that a cycle reads."""
        return next((table for table in self.tables if table.is_read and table.is_list), None)


class Spelling(Struct, frozen=True):
    """A header to be remembered as another name of a field."""

    code: str
    field: str
    header: str


class RegistryStep(Struct, frozen=True):
    """What the registry is to say of a unit: that its people stand in this tab."""

    unit: str
    name: str
    tab: str
    instead_of: str = ""
    """The title that stands there, of a tab in which nobody is or that is not there."""
    is_new: bool = False
    """Whether the registry gets a new line for the unit."""


class Adoption(Struct, frozen=True):
    """Everything that is proposed for a workbook."""

    tabs: tuple[TabProposal, ...]
    empty_tabs: tuple[str, ...] = ()
    """Titles of units' tabs in which nobody stands yet."""
    spellings: tuple[Spelling, ...] = ()
    registry: tuple[RegistryStep, ...] = ()

    @property
    def questions(self) -> Iterator[Problem]:
        """What a person has to decide."""
        for tab in self.tabs:
            yield from tab.questions
            for table in tab.tables:
                yield from table.questions
