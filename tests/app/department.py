"""A department whose mails are followed over days: units of a few people, a store in a file, a server that may fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from msgspec import Struct, field

from automation.adapters.config_files import default_tables
from automation.adapters.mail.writer import MailWriter
from automation.adapters.store.store import SqliteStore
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, run_cycle
from automation.app.mailing import Mailing
from automation.core.config import tabs
from automation.core.model.mail import Mail
from automation.core.model.workbook import Cell, Row
from tests.fakes import MemoryWorkbook
from tests.workbooks import SOUND, config_with, headers_of, registry, reminders_alone, unit_line

WRITER = MailWriter()
FIRST_ROW = 4
HOURS = (time(8), time(9, 30), time(11), time(14), time(16), time(18))
"""When a day's cycles run."""


class Arrived(Struct, frozen=True):
    """A mail at its reader's: when, to which unit, what for."""

    at: datetime
    mail: Mail
    message_id: str
    dated: datetime | None = None
    """What its reader sees as its date."""

    @property
    def told(self) -> tuple[str, str]:
        return self.mail.unit or self.mail.kind, self.mail.rung


class Server(Struct):
    """Takes mails; `trouble` may raise for one in its place, before its content or after it."""

    now: datetime = datetime(2023, 4, 3)
    arrived: list[Arrived] = field(default_factory=list)
    trouble: Callable[[Mail], Exception | None] = lambda _mail: None
    lost_answer: Callable[[Mail], Exception | None] = lambda _mail: None

    def send(self, mail: Mail, message_id: str, dated: datetime, before_content: Callable[[], None]) -> None:
        if error := self.trouble(mail):
            raise error
        before_content()
        self.arrived.append(Arrived(self.now, mail, message_id, dated))
        if error := self.lost_answer(mail):
            raise error

    def close(self) -> None:
        """Nothing is open."""


class Department:
    """Units `d000`, `d001`, ... of four people each, none of whom is done."""

    def __init__(self, folder: Path, units: int, ladder: Sequence[Row] | None = None, **settings: Cell) -> None:
        self.folder = folder
        self.units = [f"d{number:03}" for number in range(units)]
        lines: list[Mapping[str, Cell]] = [
            {**unit_line(unit, headcount=4), "Email đầu mối": f"{unit}@example.org"} for unit in self.units
        ]
        headers, *rows = registry(*lines)
        self.headers = headers_of(config_with(lines))
        tables: dict[str, Sequence[Row]] = {**default_tables(), tabs.LADDER: ladder or reminders_alone()}
        tables |= {title: [tabs.HEADERS[title]] for title in (tabs.HISTORY, tabs.JOURNAL, tabs.MAILS)}
        tables[tabs.REGISTRY] = [[*headers, *tabs.REGISTRY_COMPUTED], *rows]
        self.book = MemoryWorkbook({**tables, tabs.DASHBOARD: [], **{unit: [] for unit in self.units}}, "so.xlsx")
        self.server = Server()
        self.store = self.open_store()
        self.reports: list[CycleReport] = []
        self.set("Chế độ gửi thư", "Thật")
        for name, value in settings.items():
            self.set(name, value)
        for unit in self.units:
            self.enter(unit, done=0)

    def open_store(self, name: str = "state") -> SqliteStore:
        return SqliteStore(self.folder / name / "state.sqlite3", seconds=lambda: 0.0)

    def lose_state(self, name: str) -> None:
        """From now on with a state folder of that name."""
        self.store.close()
        self.store = self.open_store(name)

    def set(self, name: str, value: Cell) -> None:
        row = next(n for n, line in enumerate(self.book.rows(tabs.SETTINGS), 1) if line[0] == name)
        self.book.type(tabs.SETTINGS, row, 2, value)

    def register(self, unit: str, header: str, value: Cell) -> None:
        row = next(n for n, line in enumerate(self.book.rows(tabs.REGISTRY), 1) if line[0] == unit)
        self.book.type(tabs.REGISTRY, row, tabs.HEADERS[tabs.REGISTRY].index(header) + 1, value)

    def enter(self, unit: str, done: int, people: int = 4) -> None:
        """Let the unit's tab hold so many people, the first of them done."""
        rows = [self._person(unit, number, number < done) for number in range(people)]
        self.book.replace_rows(unit, [[], [], self.headers, *rows])

    def _person(self, unit: str, number: int, is_done: bool) -> Row:
        person = SOUND | {"Họ và tên": f"Nguyễn Văn {'ABCDEFGHIK'[number]}n", "Số CCCD": f"07908500{unit[1:]}{number}"}
        if not is_done:
            person |= {"Tình trạng tài khoản": "Đã đăng ký, chờ duyệt", "Ngày kích hoạt": None}
        return [person.get(header) for header in self.headers]

    def cycle(self, at: datetime) -> list[Arrived]:
        """What arrives in a cycle."""
        before, self.server.now = len(self.server.arrived), at
        self.reports.append(run_cycle(self.book, self.store, Mailing(WRITER, self.server), standing_clock(at)))
        return self.server.arrived[before:]

    def day(self, day: date, hours: Sequence[time] = HOURS) -> list[Arrived]:
        """What arrives on a day."""
        return [mail for hour in hours for mail in self.cycle(datetime.combine(day, hour))]

    def sent_tab(self) -> list[dict[str, Cell]]:
        """The lines of `Thư đã gửi`, by header."""
        headers, *lines = self.book.rows(tabs.MAILS)
        return [dict(zip(map(str, headers), [*line, *[None] * 10], strict=False)) for line in lines if any(line)]


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
