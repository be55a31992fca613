"""Workbooks in memory for tests: the shipped configuration, and people given by header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from automation.adapters.config_files import default_tables
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.config.values import Config, FieldType
from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.model.units import UnitRecord
from automation.core.model.workbook import Cell, Row, Snapshot, Tab

NOW = datetime(2023, 4, 20, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
"""The moment all examples are judged at."""

REGISTRY_HEADERS = tabs.HEADERS[tabs.REGISTRY]


def registry(*units: Mapping[str, Cell]) -> list[Row]:
    """Rows of tab `Đơn vị` for units given by header."""
    return [list(REGISTRY_HEADERS), *([unit.get(header) for header in REGISTRY_HEADERS] for unit in units)]


def unit_line(code: str, **more: Cell) -> dict[str, Cell]:
    """A registry line: code, name and tab title made of the code; `headcount` for `Tổng số người`."""
    line: dict[str, Cell] = {
        "Mã": code,
        "Tên đơn vị": f"Đơn vị {code}",
        "Nhóm": "Bệnh viện",
        "Trang tính": code,
    }
    line["Tổng số người"] = more.pop("headcount", None)
    return line | more


def config_with(units: Sequence[Mapping[str, Cell]], **tables: Sequence[Row]) -> Config:
    """The shipped configuration without the kick-off, with these units; `tables` replaces whole tabs by title."""
    read = read_config({**default_tables(), tabs.LADDER: reminders_alone(), tabs.REGISTRY: registry(*units), **tables})
    assert not isinstance(read, Refused), [f"{p.where}: {p.what} {p.fix}" for p in read.problems]
    return read


def reminders_alone() -> list[Row]:
    """The shipped ladder without the kick-off, for tests of what comes after it."""
    return [row for row in default_tables()[tabs.LADDER] if row[0] != "bat-dau"]


def headers_of(config: Config) -> list[str]:
    """Headers of a unit's tab, input columns and computed ones."""
    return [f.header for f in config.fields if f.used and (f.type.is_input or f.type is FieldType.COMPUTED)]


def unit_tab(config: Config, title: str, people: Sequence[Mapping[str, Cell]], above: Sequence[Row] = ()) -> Tab:
    """A unit's tab: lines above, headers, then people given by header."""
    headers = headers_of(config)
    lines: list[Row] = list(above) or [[], []]
    return Tab(title, title, [*lines, headers, *([person.get(header) for header in headers] for person in people)])


def judge_units(
    units: Mapping[str, Sequence[Mapping[str, Cell]]],
    now: datetime = NOW,
    config: Config | None = None,
    memory: Mapping[str, UnitRecord] | None = None,
    headcounts: Mapping[str, int] | None = None,
) -> Judged:
    """Judge people of several units, given by unit code and header."""
    lines = [unit_line(code, headcount=(headcounts or {}).get(code)) for code in units]
    config = config or config_with(lines)
    found = Snapshot(tuple(unit_tab(config, code, people) for code, people in units.items()))
    return judge(found, config, memory or {}, now)


SOUND: dict[str, Cell] = {
    "Họ và tên": "Nguyễn Văn An",
    "Ngày sinh": "15/03/1985",
    "Giới tính": "Nam",
    "Số CCCD": "079085000123",
    "Đối tượng": "Viên chức",
    "Đảng viên": "Không",
    "Khoa/Phòng": "Khoa Nội",
    "Thẻ CCCD gắn chíp": "Đã có",
    "Ngày cấp thẻ": "10/05/2021",
    "Mức tài khoản": "Mức 1",
    "Tình trạng tài khoản": "Đã kích hoạt và đăng nhập",
    "Ngày kích hoạt": "20/03/2023",
}
"""A person with everything in order and done."""


def person(**changes: Cell) -> dict[str, Cell]:
    """A sound person with some cells changed, by header (spaces as underscores where needed: use a dict then)."""
    return {**SOUND, **changes}
