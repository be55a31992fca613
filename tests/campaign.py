"""A made-up campaign of 80 units, from 11/04 to 15/05/2023, played hour by hour through real cycles and a real mail
server.

    python -m tests.campaign      the kept table of who got what when, as Markdown
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from msgspec import Struct, field

from automation.adapters.config_files import default_tables
from automation.adapters.mail.transport import SmtpTransport
from automation.adapters.mail.writer import MailWriter
from automation.adapters.store.store import SqliteStore
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.mailing import Mailing
from automation.core.config import tabs
from automation.core.model.mail import MailRecord
from automation.core.model.workbook import Cell, Row
from tests.core.facts import table_with
from tests.fakes import MemoryWorkbook
from tests.tree import GOLDEN
from tests.workbooks import SOUND, config_with, headers_of, unit_line

GOLDEN_CAMPAIGN = GOLDEN / "campaign.txt"
FIRST_DAY, LAST_DAY = date(2023, 4, 11), date(2023, 5, 15)
HOURS = (0, *range(7, 13), 14, 16, 17, 21)
"""Of each day; at night nothing changes from hour to hour."""
SERVER_IS_DOWN = (datetime(2023, 4, 25, 10), datetime(2023, 4, 27, 10))

_NAMES = ["An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Khánh", "Lan", "Minh", "Nga", "Phúc", "Quang"]


# --- the units --------------------------------------------------------------------------------------------

Event = Callable[["World"], None]


class Unit(Struct):
    """One unit and what becomes of it: how many of its people are done, and what its people do when."""

    code: str
    people: int
    done: int = 0
    exempt: bool = False
    registry: dict[str, Cell] = field(default_factory=dict)
    events: dict[datetime, list[Event]] = field(default_factory=dict)
    refuses: tuple[datetime, datetime] | None = None
    """While its mailbox does not exist."""

    @property
    def mailboxes(self) -> tuple[str, ...]:
        return tuple(str(self.registry.get("Email đầu mối") or "").split(" | "))

    def progress(self, *steps: tuple[datetime, int]) -> None:
        """From each moment on so many people are done."""
        for moment, done in steps:
            self.at(moment, lambda world, done=done: world.enter(self, done, self.people))  # type: ignore[misc]

    def plans(self) -> list[tuple[datetime, Event]]:
        """What happens when."""
        return [(moment, event) for moment, events in sorted(self.events.items()) for event in events]

    def at(self, moment: datetime, event: Event) -> None:
        self.events.setdefault(moment, []).append(event)


def april(day: int, hour: int = 9) -> datetime:
    """That hour of a day in April, or after the 30th in May."""
    return datetime(2023, 4, 1, hour) + timedelta(days=day - 1)


def _steadily(unit: Unit, start: int, days: int) -> None:
    """Everybody gets there, spread evenly over so many days."""
    unit.progress(*((april(start + days * n // unit.people), n) for n in range(1, unit.people + 1)))


def _steady(unit: Unit, n: int) -> None:
    _steadily(unit, 12, 10 + n)


def _slow(unit: Unit, n: int) -> None:
    _steadily(unit, 12 + n % 3, 19 + n)


def _late(unit: Unit, n: int) -> None:
    _steadily(unit, 20 + n, 4)


def _early(unit: Unit, n: int) -> None:
    _steadily(unit, 12, 2 + n % 3)


def _silent(unit: Unit, n: int) -> None:
    unit.progress((april(12 + n % 2), n % unit.people))


def _never(_unit: Unit, _n: int) -> None:
    """Nobody ever types anything."""


def _falls_back(unit: Unit, n: int) -> None:
    unit.progress((april(14), 1), (april(18, 10 + n), unit.people), (april(24, 10 + n), unit.people - 1))
    unit.progress((april(38), unit.people))


def _grows(unit: Unit, n: int) -> None:
    """Two people more are to be counted from the 21st on."""
    _steadily(unit, 12, 8)
    unit.at(april(21, 11), lambda world: world.set_headcount(unit, unit.people + 2))
    unit.at(april(26 + n), lambda world: world.enter(unit, unit.people, unit.people))


def _shrinks(unit: Unit, n: int) -> None:
    """Two people of the registry turn out not to be there."""
    there = unit.people - 2
    unit.progress((april(13), there))
    unit.at(april(19 + n), lambda world: world.set_headcount(unit, there))
    unit.at(april(19 + n), lambda world: world.enter(unit, there, there))


def _loses_its_tab(unit: Unit, n: int) -> None:
    _slow(unit, n)
    unit.events = {moment: what for moment, what in unit.events.items() if not april(17) <= moment < april(26)}
    unit.at(april(17), lambda world: world.delete_tab(unit))
    unit.at(april(25), lambda world: world.restore_tab(unit))


def _without_address(unit: Unit, n: int) -> None:
    unit.registry |= {"Email đầu mối": None}
    _slow(unit, n)


def _refuses(unit: Unit, n: int) -> None:
    unit.refuses = (april(17, 0), april(24, 0))
    _slow(unit, n)


def _two_mailboxes(unit: Unit, n: int) -> None:
    """They finish a few hours after a reminder that was late."""
    unit.registry |= {"Email đầu mối": f"{unit.code}@example.org | {unit.code}.2@example.org"}
    unit.progress((april(13), 1), (april(21), 2 + n), (SERVER_IS_DOWN[1] + timedelta(hours=2), unit.people))


def _overdue(unit: Unit, n: int) -> None:
    unit.progress((april(13), unit.people - 1), (april(38 + n), unit.people))


def _nobody_to_count(unit: Unit, _n: int) -> None:
    unit.exempt = True
    unit.registry |= {"Tổng số người": None}
    unit.at(april(11, 7), lambda world: world.enter(unit, 0, unit.people))


BEHAVIOURS: Mapping[str, tuple[Callable[[Unit, int], None], int]] = {
    "deu": (_steady, 8),
    "cham": (_slow, 8),
    "muon": (_late, 8),
    "som": (_early, 6),
    "im": (_silent, 8),
    "khong": (_never, 6),
    "tut": (_falls_back, 5),
    "tang": (_grows, 4),
    "giam": (_shrinks, 4),
    "mat-trang": (_loses_its_tab, 5),
    "khong-email": (_without_address, 3),
    "tu-choi": (_refuses, 5),
    "hai-email": (_two_mailboxes, 3),
    "qua-han": (_overdue, 5),
    "mien": (_nobody_to_count, 2),
}
"""Steady, slow, late, early, silent, never anything, falls back, headcount grows, headcount shrinks, loses its tab
for a week, no address, mailbox refuses for a week, two focal persons, still open after the deadline, nobody to count.
"""


def make_units() -> list[Unit]:
    """The 80 units, each with its future."""
    units = []
    for behaviour, (plan, number) in BEHAVIOURS.items():
        for n in range(number):
            code = f"{behaviour}-{n + 1}"
            unit = Unit(code, people=4 + n % 5)
            unit.registry = {
                **unit_line(code, headcount=unit.people),
                "Email đầu mối": f"{code}@example.org",
                "Email thủ trưởng": f"head.{code}@example.org",
            }
            plan(unit, n)
            units.append(unit)
    return units


# --- the world --------------------------------------------------------------------------------------------


class Arrival(Struct, frozen=True):
    """A mail in a mailbox."""

    moment: datetime
    message: EmailMessage
    recipients: tuple[str, ...]

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    def addresses(self, header: str) -> tuple[str, ...]:
        return tuple(address for _, address in getaddresses(map(str, self.message.get_all(header, []))))


class PostOffice(Struct):
    """A mail server that knows what time it is."""

    now: datetime
    unknown: Mapping[str, tuple[datetime, datetime]]
    """mailbox -> while it does not exist"""
    arrivals: list[Arrival] = field(default_factory=list)

    async def handle_RCPT(self, *call: Any) -> str:
        _, _, envelope, address, _ = call
        start, end = self.unknown.get(address, (datetime.max, datetime.max))
        if start <= self.now < end:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, *call: Any) -> str:
        _, _, envelope = call
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.arrivals.append(Arrival(self.now, message, tuple(envelope.rcpt_tos)))
        return "250 OK"


class World:
    """The workbook, the bot's memory, the mail server, and the people."""

    def __init__(self, folder: Path, port: int) -> None:
        self.units = make_units()
        self.headers = headers_of(config_with([unit.registry for unit in self.units]))
        self.book = MemoryWorkbook(self._tabs(), address="so.xlsx")
        numbers = count(1)
        self.store = SqliteStore(folder / "state.sqlite3", new_token=lambda: f"{next(numbers)}", seconds=lambda: 0.0)
        self.office = PostOffice(
            datetime.min, {box: unit.refuses for unit in self.units if unit.refuses for box in unit.mailboxes}
        )
        self.finished: dict[datetime, frozenset[str]] = {}
        """Units all of whose people were done, as they really stood, by moment."""
        self._kept: dict[str, Sequence[Row]] = {}
        self._port = port
        self._server: Controller | None = None
        self._writer = MailWriter()
        self._transport = SmtpTransport(f"smtp://127.0.0.1:{port}")

    def play(self) -> None:
        """The whole campaign."""
        try:
            for moment in self._moments():
                self._hour(moment)
        finally:
            self._transport.close()
            self.store.close()
            self._switch(on=False)

    def enter(self, unit: Unit, done: int, people: int) -> None:
        """The unit's tab holds so many people, the first of them done."""
        unit.done, unit.people = done, people
        lines = [[self._person(unit, n).get(header) for header in self.headers] for n in range(people)]
        if unit.code not in self._kept:
            self.book.replace_rows(unit.code, [[], [], self.headers, *lines])

    def set_headcount(self, unit: Unit, people: int) -> None:
        unit.people = people
        header, *lines = self.book.rows(tabs.REGISTRY)
        row = next(n for n, line in enumerate(lines, 2) if line[0] == unit.code)
        self.book.type(tabs.REGISTRY, row, list(header).index("Tổng số người") + 1, people)

    def delete_tab(self, unit: Unit) -> None:
        self._kept[unit.code] = self.book.rows(unit.code)
        self.book.delete_tab(unit.code)

    def restore_tab(self, unit: Unit) -> None:
        self.book.add_tab(unit.code, self._kept.pop(unit.code))

    def _hour(self, moment: datetime) -> None:
        for unit in self.units:
            for event in (each for when, each in unit.plans() if self.office.now < when <= moment):
                event(self)
        self.office.now = moment
        self.finished[moment] = frozenset(unit.code for unit in self.units if unit.done >= unit.people)
        self._switch(on=not SERVER_IS_DOWN[0] <= moment < SERVER_IS_DOWN[1])
        run_cycle(self.book, self.store, Mailing(self._writer, self._transport), standing_clock(moment))

    def _switch(self, on: bool) -> None:
        if on and self._server is None:
            self._server = Controller(self.office, hostname="127.0.0.1", port=self._port)
            self._server.start()
        elif not on and self._server is not None:
            self._server.stop()
            self._server = None

    def _moments(self) -> Iterator[datetime]:
        for days in range((LAST_DAY - FIRST_DAY).days + 1):
            for hour in HOURS:
                yield datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, hour) + timedelta(days=days)

    def _tabs(self) -> dict[str, Sequence[Row]]:
        registry = [*tabs.HEADERS[tabs.REGISTRY], *tabs.REGISTRY_COMPUTED]
        found: dict[str, Sequence[Row]] = {
            **default_tables(),
            tabs.SETTINGS: table_with(tabs.SETTINGS, ("Mục", "Chế độ gửi thư"), Giá_trị="Thật"),
            tabs.REGISTRY: [registry, *([unit.registry.get(header) for header in registry] for unit in self.units)],
            tabs.DASHBOARD: [],
            tabs.HISTORY: [tabs.HEADERS[tabs.HISTORY]],
            tabs.JOURNAL: [tabs.HEADERS[tabs.JOURNAL]],
        }
        return found | {unit.code: [[], [], self.headers] for unit in self.units}

    def _person(self, unit: Unit, n: int) -> dict[str, Cell]:
        place = next(number for number, each in enumerate(self.units) if each is unit)
        person = SOUND | {"Họ và tên": f"Nguyễn Văn {_NAMES[n]}", "Số CCCD": f"079085{place:03}{n:03}"}
        if unit.exempt:
            person |= {"Miễn, hoãn": "Đã nghỉ hưu"}
        elif n >= unit.done:
            person |= {"Tình trạng tài khoản": "Đã đăng ký, chờ duyệt", "Ngày kích hoạt": None}
        return person


# --- what is kept -----------------------------------------------------------------------------------------

MARKS = {"truoc-14": "14", "truoc-7": "7", "truoc-3": "3", "truoc-3-thap": "3+", "truoc-1": "1"}
MARKS |= {"bat-dau": "B", "qua-han": "Q", "im-lang": "I", "cam-on": "C", "mat-dong": "M"}


def golden_table(arrivals: Sequence[Arrival], history: Sequence[MailRecord]) -> str:
    """A line a unit with what came on which day, then every mail: when, to which unit, rung, to, copies, subject."""
    records = {record.message_id: record for record in history}
    days = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
    marks: dict[tuple[str, date], str] = {}
    for each in arrivals:
        record = records[each.message_id]
        if record.unit:
            place = record.unit, each.moment.date()
            marks[place] = "".join([*filter(None, [marks.get(place)]), MARKS[record.rung]])
    lines = [f"{'':14}" + "".join(f"{day:%d/%m} " for day in days)]
    for unit in make_units():
        lines.append(f"{unit.code:14}" + "".join(f"{marks.get((unit.code, day), '.'):<6}" for day in days))
    lines += ["", *(_line(each, records[each.message_id]) for each in arrivals)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _line(arrival: Arrival, record: MailRecord) -> str:
    to, copies = (", ".join(arrival.addresses(header)) for header in ("To", "Cc"))
    return " | ".join(
        [
            f"{arrival.moment:%d/%m %H:%M}",
            f"{record.unit or 'TCCB':13}",
            f"{record.rung:12}",
            to,
            copies,
            str(arrival.message["Subject"]),
        ]
    )


def as_markdown(golden: str) -> str:
    """The first part of the kept table, for a page."""
    header, *lines = golden.split("\n\n")[0].splitlines()
    rows = [["", *header.split()], *(line.split() for line in lines)]
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join("| " + " | ".join(re.sub(r"^\.$", "", cell) for cell in row) + " |" for row in rows)


if __name__ == "__main__":
    print(as_markdown(GOLDEN_CAMPAIGN.read_text("utf-8")))
