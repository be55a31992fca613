"""What a quiet minute asks of Google, and how soon an edit is seen all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.sheets import GoogleApi
from automation.adapters.google.change_hint import READ_EVERY, REFUSED_FOR, SETTLES_IN, ChangeHint
from automation.adapters.google.spreadsheets import GoogleSpreadsheets, open_spreadsheets
from automation.base.errors import ApiDisabled, GoogleUnavailable, TccbError
from automation.core.model.workbook import CellChange
from tests.adapters.google.bots import MINUTE, Machine, WorldTime
from tests.emulator import Emulator, Fault, Spreadsheet

TAB = "Khoa A"


class Drive:
    """What Drive says, and how often it was asked."""

    def __init__(self, time: WorldTime) -> None:
        self.time = time
        self.version: str | TccbError = "1"
        self.asked = 0

    def ask(self) -> str:
        self.asked += 1
        if isinstance(self.version, TccbError):
            raise self.version
        return self.version


@pytest.fixture
def time() -> WorldTime:
    return WorldTime(now=3_000_000_000.0)


@pytest.fixture
def drive(time: WorldTime) -> Drive:
    return Drive(time)


def minutes(drive: Drive, hint: ChangeHint, count: int) -> str:
    """Minute by minute whether there is a read: "r", or none: "."."""
    told = ""
    for _ in range(count):
        drive.time.pass_(MINUTE)
        stands = hint.stands()
        told += "." if stands else "r"
        if not stands:
            hint.was_read()
    return told


def settled(drive: Drive) -> ChangeHint:
    hint = ChangeHint(drive.ask, lambda: drive.time.now)
    assert minutes(drive, hint, 9).endswith(".")
    return hint


def test_every_fifth_minute_is_read_whatever_drive_says(drive: Drive) -> None:
    told = minutes(drive, settled(drive), 60)
    assert told.count("r") == 60 * MINUTE / READ_EVERY
    assert "r...." in told


def test_after_a_change_the_next_minutes_are_read(drive: Drive) -> None:
    hint = settled(drive)
    drive.version = "2"
    assert minutes(drive, hint, 2) == "r" * int(SETTLES_IN / MINUTE)


@pytest.mark.parametrize(
    ("trouble", "asks_again_in"),
    [(ApiDisabled(""), REFUSED_FOR), (GoogleUnavailable(""), MINUTE)],
    ids=["no such API", "out of reach"],
)
def test_who_cannot_be_asked_is_no_reason_not_to_read(drive: Drive, trouble: TccbError, asks_again_in: float) -> None:
    hint = settled(drive)
    assert minutes(drive, hint, 2) == "r."
    drive.version = trouble
    before = drive.asked
    count = int(asks_again_in / MINUTE)
    assert minutes(drive, hint, count) == "r" * count
    assert drive.asked - before == 1
    drive.version = "1"
    assert "." in minutes(drive, hint, 5)


def test_files_take_turns(time: WorldTime) -> None:
    """A hundred spreadsheets that are read in one minute would take more than a minute's quota."""
    drives = [Drive(time) for _ in range(100)]
    hints = [ChangeHint(each.ask, lambda: time.now, f"file {number}") for number, each in enumerate(drives)]
    reads = []
    for _ in range(20):
        time.pass_(MINUTE)
        to_read = [hint for hint in hints if not hint.stands()]
        reads.append(len(to_read))
        for hint in to_read:
            hint.was_read()
    assert max(reads[10:]) < 40


# --- at Google --------------------------------------------------------------------------------------------


class Desk:
    """A spreadsheet, people who edit it, and a bot that looks every minute."""

    def __init__(self, emulator: Emulator, time: WorldTime, folder: Path) -> None:
        self.emulator, self.time = emulator, time
        self.sheet: Spreadsheet = emulator.new_spreadsheet({TAB: [["Họ và tên"], ["An"]]})
        self.api: GoogleApi = Machine("may-1", emulator, self.sheet, time).api()
        address = SpreadsheetAddress(self.sheet.id, self.sheet.url)
        self.book: GoogleSpreadsheets = open_spreadsheets(
            self.api, address, folder, lambda _tag, _titles: (), clock=lambda: time.now
        )

    def minutes(self, count: int) -> str:
        """Each minute: "r" for a read, "." for none; the last names stand in `seen`."""
        told = ""
        for _ in range(count):
            self.time.pass_(MINUTE)
            before = self.book.requests.read
            snapshot = self.book.read()
            told += "r" if self.book.requests.read > before else "."
            self.seen = [row[0] for row in snapshot.tabs[0].rows[1:]]
        return told


@pytest.fixture
def desk(time: WorldTime, tmp_path: Path) -> Iterator[Desk]:
    with Emulator(clock=lambda: time.now) as emulator:
        yield Desk(emulator, time, tmp_path)


def test_a_quiet_hour_takes_a_read_every_five_minutes(desk: Desk) -> None:
    desk.minutes(10)
    assert desk.minutes(50).count("r") <= 11


@pytest.mark.parametrize("seconds", [1.0, 20.0, 40.0, 59.0])
def test_an_edit_is_seen_in_two_minutes_though_drive_is_late(desk: Desk, seconds: float) -> None:
    desk.minutes(12)
    desk.time.pass_(seconds)
    desk.sheet.human.type(TAB, 3, 1, "Bình")
    desk.minutes(2)
    assert desk.seen == ["An", "Bình"]


def test_what_we_write_ourselves_is_looked_at(desk: Desk) -> None:
    desk.minutes(12)
    snapshot = desk.book.read()
    desk.book.write([CellChange(snapshot.tabs[0].key, 2, 2, "x")], snapshot)
    assert desk.minutes(1) == "r"


@pytest.mark.parametrize("trouble", [Fault.API_DISABLED_403, Fault.SCOPES_403, Fault.UNAVAILABLE_503])
def test_where_drive_cannot_be_asked_every_minute_is_read(desk: Desk, trouble: Fault) -> None:
    desk.emulator.fail(lambda record: record.bucket == "drive", trouble, times=1_000)
    assert desk.minutes(12) == "r" * 12
    assert desk.emulator.count("drive") <= 40
