"""The columns of tab `Đơn vị`, the registry. A row here is all that a column needs: the headers, how the tab looks,
how a unit is read, whom the words of `Gửi tới` reach and what the bot writes beside a unit are derived from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, NewType

from msgspec import Struct
from msgspec.structs import fields

from automation.core.model.layout import Format
from automation.core.model.units import Standing, Unit
from automation.core.model.workbook import Cell
from automation.core.reading.cells import is_plain_address, split_addresses

Role = NewType("Role", str)
"""Who somebody is to a unit, in the word of `Gửi tới`."""

FOCAL_PERSON: Final = Role("đầu mối")
HEAD: Final = Role("thủ trưởng")


class Holds(Enum):
    """What people type into a column."""

    TEXT = "text"
    COUNT = "count"
    ADDRESSES = "addresses"
    """Of mail, one or several."""


class FilledColumn(Struct, frozen=True):
    """A column that people fill in."""

    header: str
    field: str
    """Of `Unit`; what has no field of its own there is kept in `Unit.others`."""
    width: float
    wrap: bool = False
    holds: Holds = Holds.TEXT
    needed: bool = False
    unique: bool = False
    role: Role | None = None
    """Whom the column speaks of; None for what is no contact. Where it holds addresses, mails to that role go there."""

    @property
    def format(self) -> Format:
        return Format.INTEGER if self.holds is Holds.COUNT else Format.TEXT


class UnitFigures(Struct, frozen=True):
    """What is known of a unit, moments and rate as cells hold them."""

    standing: Standing
    rate: Cell
    changed_at: Cell
    reminded_at: Cell
    notes: Cell


class ComputedColumn(Struct, frozen=True):
    """A column that the bot writes."""

    header: str
    value: Callable[[UnitFigures], Cell]
    width: float = 10
    wrap: bool = False
    format: Format = Format.INTEGER
    without_figures: bool = False
    """Whether it is also written for a unit that could never be read; all others stay blank then."""


CODE: Final = FilledColumn("Mã", "code", 22, needed=True, unique=True)
TAB_TITLE: Final = FilledColumn("Trang tính", "tab_title", 32, unique=True)

FILLED_IN: Final = (
    CODE,
    FilledColumn("Tên đơn vị", "name", 44, wrap=True, needed=True),
    FilledColumn("Nhóm", "group", 33, wrap=True),
    TAB_TITLE,
    FilledColumn("Bảng tính", "workbook", 16),
    FilledColumn("Tổng số người", "headcount", 10, holds=Holds.COUNT),
    FilledColumn("Đầu mối", "focal_person", 24, role=FOCAL_PERSON),
    FilledColumn("Email đầu mối", "focal_email", 36, wrap=True, holds=Holds.ADDRESSES, role=FOCAL_PERSON),
    FilledColumn("Điện thoại đầu mối", "focal_phone", 15, role=FOCAL_PERSON),
    FilledColumn("Thủ trưởng", "head", 24, role=HEAD),
    FilledColumn("Email thủ trưởng", "head_email", 38, wrap=True, holds=Holds.ADDRESSES, role=HEAD),
)

COMPUTED: Final = (
    ComputedColumn("Đã nhập", lambda unit: unit.standing.rows),
    ComputedColumn("Hoàn thành", lambda unit: unit.standing.done),
    ComputedColumn("Tỷ lệ", lambda unit: unit.rate, format=Format.RATE),
    ComputedColumn("Cần sửa", lambda unit: unit.standing.errors),
    ComputedColumn("Ngoài diện", lambda unit: unit.standing.out_of_scope),
    ComputedColumn("Hoãn", lambda unit: unit.standing.deferred),
    ComputedColumn("Thay đổi gần nhất", lambda unit: unit.changed_at, 18, format=Format.MOMENT),
    ComputedColumn("Nhắc gần nhất", lambda unit: unit.reminded_at, 18, format=Format.MOMENT),
    ComputedColumn(
        "Ghi chú hệ thống", lambda unit: unit.notes, 60, wrap=True, format=Format.GENERAL, without_figures=True
    ),
)

ROLES: Final = tuple(dict.fromkeys(column.role for column in FILLED_IN if column.role))
"""Everybody of a unit whom the registry knows."""

CONTACT_HEADERS: Final = frozenset(column.header for column in FILLED_IN if column.role)
"""Columns that speak of persons."""

MOST_ADDRESSES: Final = 20
"""In one cell: a list of a hundred is no focal person, and each would get personal data."""

COUNT_HEADERS: Final = frozenset(column.header for column in FILLED_IN if column.holds is Holds.COUNT)

OPTIONAL_HEADERS: Final = tuple(column.header for column in FILLED_IN if not column.needed)
"""Columns that a list of units may lack."""

_FIELDS = frozenset(field.name for field in fields(Unit))


def unit_of(values: Mapping[str, Any]) -> Unit:
    """The unit of a line, from what stands there by `FilledColumn.field`."""
    named = {field: value for field, value in values.items() if field in _FIELDS}
    others = {field: value for field, value in values.items() if field not in _FIELDS}
    return Unit(**named, others=others)


def filled_in(unit: Unit) -> tuple[Cell, ...]:
    """What people have typed of the unit, in the order of `FILLED_IN`."""
    return tuple(_typed(unit, column) for column in FILLED_IN)


def addresses_of(unit: Unit, role: Role) -> tuple[str, ...]:
    """Where mails to that role of the unit can go, and who may edit its tab: plain addresses, and few of them."""
    columns = (each for each in FILLED_IN if each.role == role and each.holds is Holds.ADDRESSES)
    typed = (split_addresses(str(_typed(unit, column)))[:MOST_ADDRESSES] for column in columns)
    return tuple(address for addresses in typed for address in addresses if is_plain_address(address))


def _typed(unit: Unit, column: FilledColumn) -> Cell:
    known: Cell = getattr(unit, column.field) if column.field in _FIELDS else unit.others.get(column.field, "")
    return known


def computed_cells(unit: UnitFigures) -> dict[str, Cell]:
    """What the bot shows of the unit, by header."""
    shown = (column for column in COMPUTED if unit.standing.was_read or column.without_figures)
    return {column.header: column.value(unit) for column in shown}
