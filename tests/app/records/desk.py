"""An office with fifty people of whom none is done, and everything that the bot keeps of them."""

from __future__ import annotations

import gzip
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.holdings import Holdings
from automation.adapters.mail.transport import FileTransport
from automation.adapters.mail.writer import MailWriter
from automation.adapters.store.store import SqliteStore
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.mailing import Mailing
from automation.app.manual_mails import Clerk, ManualRequest, remind
from automation.app.records.copying import CopyKeeper
from automation.app.records.freeze import Frozen, freeze
from automation.app.records.purge import PurgeOutcome, PurgeRequest, purge
from automation.core.config import tabs
from tests.app.records.office import FIRST, MORNING, UNIT, Office, settle
from tests.workbooks import SOUND

PEOPLE = 50
NAMES = [f"Trịnh Thị {chr(65 + n // 26)}{chr(97 + n % 26)}x" for n in range(PEOPLE)]
NUMBERS = [f"0791851{n:05d}" for n in range(PEOPLE)]
_SPELLED_OUT = re.compile(r"\\\\u([0-9a-f]{4})")
"""A letter as JSON may have it."""
PHONES = [f"09123{n:05d}" for n in range(PEOPLE)]


class Desk(Office):
    """An office with fifty people of whom none is done, a mail about them, and what the bot kept."""

    holdings: type[Holdings] = Holdings

    def fill(self, made: bytes) -> None:
        self.path.write_bytes(made)
        book = load_workbook(self.path)
        headers = [cell.value for cell in book[UNIT][FIRST - 1]]
        for number in range(PEOPLE):
            person = {
                **SOUND,
                "Họ và tên": NAMES[number],
                "Số CCCD": NUMBERS[number],
                "Giới tính": "Nữ",
                "Điện thoại": PHONES[number],
                "Tình trạng tài khoản": "Chưa đăng ký",
            }
            for column, header in enumerate(headers, start=1):
                if header in person:
                    book[UNIT].cell(FIRST + number, column, person[str(header)])
        book.save(self.path)
        settle(self.path, UNIT, "dau-moi@example.org", tabs.REGISTRY, _column(self.path, "Email đầu mối"))
        settle(self.path, UNIT, NAMES[0], tabs.REGISTRY, _column(self.path, "Đầu mối"))

    @property
    def state(self) -> SqliteStore:
        return SqliteStore(self.folder / "state.sqlite3")

    def work(self) -> None:
        """A cycle whose mails go at once, a preview, and mails that wait for the morning."""
        book, transport = ExcelWorkbook(self.path), FileTransport(self.folder / "mails")
        with closing(self.state) as store:
            mailing = Mailing(MailWriter(), transport)
            for at in (MORNING + timedelta(hours=1), MORNING + timedelta(days=6, hours=14)):
                run_cycle(book, store, mailing, standing_clock(at), keeper=CopyKeeper(self.copies))
                asked = ManualRequest((UNIT,), send=False)
                remind(Clerk(book, store, mailing, standing_clock(at), self.folder / "previews"), asked)

    def freeze(self, name: str = "Chốt", *, with_names: bool = True) -> Frozen:
        with closing(self.state) as store:
            book, clock = ExcelWorkbook(self.path), standing_clock(MORNING)
            return freeze(book, store, clock, name, self.path.parent / "frozen", with_names=with_names)

    def purge(self, **asked: object) -> PurgeOutcome:
        with closing(self.state) as store:
            folders = self.folder / "mails", self.folder / "previews"
            kept = self.holdings(self.folder, store, self.copies, *folders, self.path)
            request = PurgeRequest(**{"applies": True, "by": "lan", **asked})  # type: ignore[arg-type]
            return purge(ExcelWorkbook(self.path), store, kept, request, standing_clock(MORNING))

    def found_in_workbook(self, planted: list[str]) -> int:
        """How many of them stand in any part of the workbook's file."""
        with ZipFile(self.path) as archive:
            parts = (archive.read(part).decode("utf-8", "replace") for part in archive.namelist())
            everything = unescape("\n".join(parts))
        return sum(word in everything for word in planted)

    def found(self, planted: list[str]) -> int:
        """How many of the planted words stand in any file the bot keeps, whatever it is packed in."""
        everything = "\n".join(_opened(path) for path in sorted(self.folder.rglob("*")) if path.is_file())
        return sum(word in everything for word in planted)


def _column(path: Path, header: str) -> int:
    lines = load_workbook(path)[tabs.REGISTRY].iter_rows(values_only=True)
    return next(line.index(header) for line in lines if header in line) + 1


def _opened(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    told = [content.decode("utf-8", "replace")]
    if path.suffix == ".eml":
        parts = message_from_bytes(content, policy=policy.default).walk()
        told += [str(part.get_content()) for part in parts if part.get_content_maintype() == "text"]
    if path.suffix == ".sqlite3":
        with closing(sqlite3.connect(path)) as database:
            told += database.iterdump()
    return _SPELLED_OUT.sub(lambda found: chr(int(found[1], 16)), "\n".join(told))


@pytest.fixture(scope="module")
def worked(made: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    desk = Desk(folder)
    desk.fill(made)
    desk.work()
    (folder / "frozen").mkdir()
    return folder


@pytest.fixture
def desk(worked: Path, tmp_path: Path) -> Desk:
    shutil.copytree(worked, tmp_path, dirs_exist_ok=True)
    return Desk(tmp_path)
