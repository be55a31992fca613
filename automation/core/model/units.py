"""What is known of a unit: its line in the registry, its declaration, where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import Enum

from msgspec import Struct, field


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


class Unit(Struct, frozen=True):
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
    others: Mapping[str, str] = field(default_factory=dict)
    """What stands in further columns, by their `field` in the table of the registry's columns."""


def per_cent(done: int, of: int) -> float | None:
    """`done` / `of` in per cent, rounded down to one decimal; None where there is nobody to count."""
    if of <= 0:
        return None
    return (done * 1000 // of) / 10


class Tally(Struct, frozen=True):
    """Numbers of people that a rate is made of; tallies add up. Who counts is decided here and nowhere else."""

    in_scope: int = 0
    deferred: int = 0
    done: int = 0

    @property
    def counted(self) -> int:
        """The people that the rate is a share of: everybody in scope who is not deferred."""
        return self.in_scope - self.deferred

    @property
    def left(self) -> int:
        """People who still have to get there: counted and not done."""
        return self.counted - self.done

    @property
    def rate(self) -> float | None:
        """The rate that counts: per cent with one decimal, rounded down; None where there is nobody to count."""
        return per_cent(self.done, self.counted)

    @property
    def strict_rate(self) -> float | None:
        """The rate over everybody in scope, deferred people too."""
        return per_cent(self.done, self.in_scope)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.in_scope + other.in_scope, self.deferred + other.deferred, self.done + other.done)


class AtLeast(int):
    """A number of people that may be larger, as nobody knows how many there are: shown as such, added up as it is."""


class Tallied:
    """Something that has a tally, and so all its numbers."""

    tally: Tally
    units_of_unknown_size: int = 0

    @property
    def was_read(self) -> bool:
        """Whether anything of it was ever read; without that it is shown neither as 0 % nor as 100 %."""
        return True

    @property
    def is_size_known(self) -> bool:
        """Whether it is known how many people there are to enter; without that `left` counts at least so many."""
        return self.units_of_unknown_size == 0

    def as_known(self, people: int) -> int:
        """So many who are left in it; `AtLeast` so many where nobody knows how many there are."""
        return people if self.is_size_known else AtLeast(people)

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
    def counted(self) -> int:
        return self.tally.counted

    @property
    def left(self) -> int:
        return self.tally.left

    @property
    def rate(self) -> float | None:
        return self.tally.rate if self.was_read else None

    @property
    def strict_rate(self) -> float | None:
        return self.tally.strict_rate if self.was_read else None


class Declaration(Struct, frozen=True):
    """Line 2 of a unit's tab: what the unit says of itself."""

    headcount: int | None = None
    disseminated_on: date | None = None
    informed: int | None = None
    relatives: int | None = None
    list_complete: bool = False
    disseminated_by: str = ""
    """How the documents were made known, in the unit's own words."""
    reported_on: date | None = None
    """When the unit last told the police of its difficulties."""


class Breakdown(Struct, frozen=True):
    """The people of a unit's list who are in scope, as the tables of all units tell of them. It is kept with the other
    numbers of the unit, so that these tables speak of the same people as the totals beside them while the tab can't be
    read. Nothing that was typed freely is in here.
    """

    categories: Mapping[str, Tally] = field(default_factory=dict)
    """By staff category of the list; "" for people without one."""
    party: Tally = field(default_factory=Tally)
    """The members of the Party among them."""
    difficulties: Mapping[str, int] = field(default_factory=dict)
    """People by difficulty of the list; "" for those whose difficulty is in words of their own."""
    not_done_with_difficulty: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    """Findings of severity Lỗi by code of the rule; those of rows out of scope too."""


class Standing(Struct, Tallied, frozen=True):
    """Where a unit stands."""

    code: str
    name: str
    group: str = ""
    known: bool = True
    """False: the tab could not be read; the numbers are the last ones known."""
    as_of: datetime | None = None
    """When the numbers of an unknown unit were read; None where there never were any, or for a known unit."""
    emptied: bool = False
    """Why it is unknown: its list was removed on purpose."""
    headcount: int | None = None
    rows: int = 0
    out_of_scope: int = 0
    tally: Tally = field(default_factory=Tally)
    errors: int = 0
    """Rows with at least one finding of severity Lỗi."""
    warnings: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    """Number of rows by status code; every code of the table, zeros too."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """People by code of the part rate that they are counted in."""
    breakdown: Breakdown = field(default_factory=Breakdown)
    declaration: Declaration = field(default_factory=Declaration)
    changed_at: datetime | None = None
    """When the inputs of the unit were last seen to change."""
    vanished_rows: int = 0
    """Rows that disappeared since the headcount was last declared while the rate rose."""
    below_since: datetime | None = None
    """Since when the unit has been seen below its target without a break; None where it is not, or was never seen."""
    notes: tuple[str, ...] = ()
    """Remarks for `Ghi chú hệ thống`."""

    @property
    def not_entered(self) -> int:
        """People who were declared and are not in the list yet."""
        return max(0, (self.headcount or 0) - self.rows)

    @property
    def is_size_known(self) -> bool:
        return self.headcount is not None or self.declaration.list_complete

    @property
    def claims_too_much(self) -> bool:
        """Whether the unit says that its list is complete, and people are missing in it."""
        return self.declaration.list_complete and self.not_entered > 0

    @property
    def lacks_people(self) -> bool:
        """Whether the list was begun and is not complete, as far as anybody knows."""
        unsure = self.headcount is None or self.not_entered > 0
        return self.rows > 0 and not self.declaration.list_complete and unsure

    @property
    def was_read(self) -> bool:
        return self.known or self.as_of is not None


class RowCount(Struct, frozen=True):
    """How many rows of persons a unit had when it was read."""

    rows: int
    read_at: datetime


class UnitRecord(Struct, frozen=True):
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
    tab: str = ""
    """The key of the tab it was read from; "" in records of older versions."""
    campaign: str = ""
    """The code of the campaign in which it was read; "" in records of older versions."""
    before: UnitRecord | None = None
    """What was last remembered of it in the campaign before: that is on again where its code was changed by mistake."""


def unit_names(units: Iterable[Unit | Standing]) -> Mapping[str, str]:
    """The names of the units by code."""
    return {each.code: each.name for each in units}
