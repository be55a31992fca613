"""A unit pastes a list that cannot be read: its own line says so, its focal person hears of it once a week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from automation.adapters.config_files import default_tables
from automation.adapters.mail.writer import MailWriter
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.mailing import Mailing
from automation.core.config import tabs
from automation.core.config.mail_kinds import UNREADABLE
from automation.core.model.workbook import Row
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore, RecordingTransport
from tests.lists import LISTS
from tests.workbooks import registry, unit_line

WRITER = MailWriter()
MONDAY = datetime(2023, 4, 3, 9, 0)
KICK_OFF = "bat-dau"
_STAGES = ("Thẻ CCCD gắn chíp", "Mức tài khoản", "Tình trạng tài khoản")
UNIT = {**unit_line("mot", headcount=12), "Email đầu mối": "mot@example.org"}


class Office:
    """One unit, whose tab is looked at day by day."""

    def __init__(self, rows: Sequence[Row]) -> None:
        settings = [
            ["Chế độ gửi thư", "Thật"] if r[0] == "Chế độ gửi thư" else r for r in default_tables()[tabs.SETTINGS]
        ]
        tables = {**default_tables(), tabs.SETTINGS: settings, tabs.REGISTRY: registry(UNIT), "mot": rows}
        self.book = MemoryWorkbook(tables, address="so.xlsx")
        self.store, self.transport = MemoryStore(), RecordingTransport()

    def cycle(self, day: int, hours: int = 0) -> list[str]:
        """The kinds of mail that the unit gets then."""
        before = len(self.transport.sent)
        mailing = Mailing(WRITER, self.transport)
        run_cycle(self.book, self.store, mailing, standing_clock(MONDAY + timedelta(days=day, hours=hours)))
        return [mail.kind for mail in self.transport.sent[before:] if mail.unit == "mot"]

    def rows(self) -> Sequence[Row]:
        return self.book.rows("mot")

    def line_1(self) -> str:
        return str(self.rows()[0][0] if self.rows()[0] else "")


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("unreadable", "Tình trạng tài khoản"),
        ("few_headers", "Lương cơ bản"),
        ("other_header_among_people", "dòng 6"),
        ("counts", "bảng số liệu tổng hợp"),
    ],
)
def test_the_unit_is_told_once_a_week_until_its_list_can_be_read(name: str, quoted: str) -> None:
    office = Office([[], *LISTS[name].rows[1:]])
    typed = list(office.rows()[1:])
    told = {day: office.cycle(day) for day in (0, 1, 3, 7, 8)}
    assert told == {0: [UNREADABLE], 1: [], 3: [], 7: [UNREADABLE], 8: []}
    text = next(mail for mail in office.transport.sent if mail.kind == UNREADABLE).text
    assert quoted in " ".join(text.split())
    assert quoted in office.line_1()
    assert list(office.rows()[1:]) == typed


def test_a_unit_gets_one_mail_a_day_whatever_becomes_of_its_tab() -> None:
    readable, unreadable = ([[], [], *LISTS[name].rows[2:]] for name in ("sections", "unreadable"))
    office = Office(readable)
    assert office.cycle(0) == [KICK_OFF]
    office.book.replace_rows("mot", unreadable)
    assert (office.cycle(0, hours=1), office.cycle(1)) == ([], [UNREADABLE])
    office = Office(unreadable)
    assert office.cycle(0) == [UNREADABLE]
    office.book.replace_rows("mot", readable)
    assert (office.cycle(0, hours=1), office.cycle(1)) == ([], [KICK_OFF])


def test_a_list_that_lost_its_headers_of_people_is_asked_for_them_and_called_no_table_of_counts() -> None:
    header = [None, None, None, None, None, *_STAGES, "Kết quả", "Dữ liệu đã xét"]
    office = Office([[], [], header, ["Nguyễn Văn An", "01/02/1990", "Nam", "079090000123", None]])
    office.cycle(0)
    assert "Thiếu cột “Họ và tên”, “Ngày sinh”, “Số CCCD”, “Đối tượng”" in office.line_1()
    assert "tổng hợp" not in office.line_1()


def test_the_line_goes_with_what_it_told_of() -> None:
    office = Office([[], [], *LISTS["unreadable"].rows[2:]])
    office.cycle(0)
    assert "CHƯA ĐỌC ĐƯỢC" in office.line_1()
    office.book.replace_rows("mot", [[office.line_1()], *LISTS["sections"].rows[1:]])
    office.cycle(1)
    assert "CHƯA ĐỌC ĐƯỢC" not in office.line_1()
    assert "Hoàn thành" in office.line_1()


def test_a_title_of_the_units_own_stays_and_the_mail_alone_tells() -> None:
    office = Office(LISTS["unreadable"].rows)
    assert office.cycle(0) == [UNREADABLE]
    assert office.line_1() == "DANH SÁCH VIÊN CHỨC"


def test_whoever_stands_above_the_header_is_asked_about_and_bears_no_old_result() -> None:
    header, first, second, *others = LISTS["sections"].rows[2], *_people()
    office = Office([[], [*first, "Hoàn thành"], [*second, "Hoàn thành"], [*header, "Kết quả"], *others])
    office.cycle(0)
    assert [row[9:10] for row in office.rows()[1:4]] == [(), (), ("Kết quả",)]
    assert "dòng 2, 3 giống dòng của người" in office.line_1()


def _people() -> list[Row]:
    return [list(LISTS["sections"].rows[line - 1]) for line in LISTS["sections"].people]
