"""A unit loses its rows: what the unit and the office are told, and how often."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from automation.adapters.config_files import default_tables
from automation.adapters.mail.writer import MailWriter
from automation.adapters.store.copies import CopyFolder
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.mailing import Mailing
from automation.app.records.copying import CopyKeeper
from automation.base.errors import TemporaryMailError
from automation.core.config import tabs
from automation.core.config.mail_kinds import ALARM
from automation.core.model.mail import Mail
from automation.core.model.workbook import Row
from tests.examples import cross_section
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore, RecordingTransport
from tests.workbooks import SOUND, config_with, headers_of, registry, unit_line

WRITER = MailWriter()
MORNING = datetime(2023, 4, 21, 9, 0)
UNIT = {**unit_line("mot", headcount=10), "Email đầu mối": "mot@example.org"}
HEADERS = headers_of(config_with([UNIT]))
FIRST = 4


def people(count: int) -> list[Row]:
    return [
        [
            (SOUND | {"Số CCCD": f"0790850001{n:02}", "Họ và tên": f"Nguyễn Văn {'ABCDEFGHIK'[n]}n"}).get(h)
            for h in HEADERS
        ]
        for n in range(count)
    ]


class Office:
    """One unit with ten people, and the mails about its rows."""

    def __init__(self) -> None:
        settings = [
            ["Chế độ gửi thư", "Thật"] if row[0] == "Chế độ gửi thư" else row
            for row in default_tables()[tabs.SETTINGS]
            if row[0] != "Báo mất dòng ngay"
        ]
        self.book = MemoryWorkbook(
            {**default_tables(), tabs.SETTINGS: settings, tabs.REGISTRY: registry(UNIT), "mot": []}, address="so.xlsx"
        )
        self.store = MemoryStore()
        self.transport = RecordingTransport()
        self.keeper: CopyKeeper | None = None
        self.leave(10)
        self.cycle(MORNING)

    def settle(self, key: str, value: str) -> None:
        """Type a value beside its setting, or the unit's address."""
        title, header = (tabs.REGISTRY, "Email đầu mối") if key == "mot" else (tabs.SETTINGS, "Giá trị")
        headers, *lines = self.book.rows(title)
        column = headers.index(header)
        for number, row in enumerate(lines):
            if row[0] == key:
                whole = [*row, *[None] * len(headers)]
                lines[number] = [*whole[:column], value or None, *whole[column + 1 : len(headers)]]
        self.book.replace_rows(title, [headers, *lines])

    def leave(self, count: int) -> None:
        """Let the unit's tab hold the first `count` people."""
        self.book.replace_rows("mot", [[], [], HEADERS, *people(count)])

    def cycle(self, at: datetime, mail: bool = True) -> list[Mail]:
        before = len(self.transport.sent)
        mailing = Mailing(WRITER, self.transport) if mail else None
        run_cycle(self.book, self.store, mailing, standing_clock(at), keeper=self.keeper)
        return [mail for mail in self.transport.sent[before:] if mail.kind == ALARM]


@pytest.fixture
def office() -> Office:
    return Office()


def test_lists_that_begin_anew_with_a_campaign_have_lost_nothing(office: Office) -> None:
    office.settle("Mã chiến dịch", "dot-sau")
    office.leave(0)
    assert office.cycle(MORNING + timedelta(hours=1)) == []
    office.leave(10)
    office.cycle(MORNING + timedelta(hours=2))
    office.leave(4)
    (mail,) = office.cycle(MORNING + timedelta(hours=3))
    assert "từ 10 còn 4" in mail.subject


def test_the_unit_is_told_with_a_copy_to_the_office_once(office: Office) -> None:
    office.leave(4)
    (mail,) = office.cycle(MORNING + timedelta(minutes=15))
    assert (mail.to, mail.cc) == (("mot@example.org",), ("tccb@example.org",))
    assert mail.subject == "[Báo động] Đơn vị mot: danh sách giảm 6 dòng (từ 10 còn 4)"
    assert "từ 10 dòng (lúc 09:00 ngày 21/04/2023) còn 4 dòng" in " ".join(mail.text.split())
    assert "tccb restore" not in mail.text, "nobody keeps copies here"
    assert office.cycle(MORNING + timedelta(minutes=30)) == []


def test_the_mail_names_the_copy_there_is_its_hour_and_its_people(office: Office, tmp_path: Path) -> None:
    """Four people are copied; ten are there when the next copy is not due yet; then all but three go."""
    office.leave(4)
    office.keeper = CopyKeeper(CopyFolder(tmp_path / "copies"))
    office.cycle(MORNING + timedelta(hours=1), mail=False)
    office.leave(10)
    office.cycle(MORNING + timedelta(minutes=75), mail=False)
    office.leave(3)
    (mail,) = office.cycle(MORNING + timedelta(minutes=90))
    told = " ".join(mail.text.split())
    assert "bản sao lúc 10:00 ngày 21/04/2023, có 4 người" in told
    assert "tccb restore BẢNG_TÍNH --unit mot --as-of 2023-04-21T10:00:00" in told
    assert "có 4 người" in mail.html


def test_the_mail_speaks_of_no_copy_where_none_holds_more(office: Office, tmp_path: Path) -> None:
    office.keeper = CopyKeeper(CopyFolder(tmp_path / "copies"))
    office.leave(4)
    (mail,) = office.cycle(MORNING + timedelta(minutes=15))
    assert "tccb restore" not in mail.text + mail.html


def test_copies_out_of_reach_hold_no_alarm_back(office: Office, tmp_path: Path) -> None:
    (tmp_path / "copies").write_text("a file where the folder should be", "utf-8")
    office.keeper = CopyKeeper(CopyFolder(tmp_path / "copies"))
    office.leave(4)
    assert len(office.cycle(MORNING + timedelta(minutes=15))) == 1


def test_a_second_event_is_told_too(office: Office) -> None:
    office.leave(4)
    assert len(office.cycle(MORNING + timedelta(minutes=15))) == 1
    office.leave(10)
    assert office.cycle(MORNING + timedelta(minutes=30)) == []
    office.leave(3)
    assert len(office.cycle(MORNING + timedelta(minutes=45))) == 1


def test_few_rows_less_are_everyday_life(office: Office) -> None:
    office.leave(8)
    assert office.cycle(MORNING + timedelta(minutes=15)) == []


def test_a_tab_that_was_away_for_a_while_is_compared_with_what_it_held_before(office: Office) -> None:
    office.book.rename_tab("mot", "khác")
    rows = office.book.rows("khác")
    office.book.delete_tab("khác")
    office.cycle(MORNING + timedelta(minutes=15))
    office.book.add_tab("mot", rows[:5])
    (mail,) = office.cycle(MORNING + timedelta(minutes=30))
    assert "từ 10 còn 2" in mail.subject


@pytest.mark.parametrize(("rows_at_night", "told"), [(10, 0), (3, 1)])
def test_what_was_undone_before_mail_hours_is_not_told(office: Office, rows_at_night: int, told: int) -> None:
    evening = datetime(2023, 4, 21, 20, 0)
    office.book.replace_rows(tabs.SETTINGS, [*office.book.rows(tabs.SETTINGS), ["Báo mất dòng ngay", "Không"]])
    office.leave(3)
    assert office.cycle(evening) == []
    office.leave(rows_at_night)
    assert office.cycle(evening + timedelta(minutes=15)) == []
    assert len(office.cycle(datetime(2023, 4, 24, 8, 0))) == told


@pytest.mark.parametrize(
    ("cells", "mended"),
    [
        pytest.param(("Chế độ gửi thư", "Thử"), "Thật", id="mode", marks=pytest.mark.slow),
        pytest.param(("mot", ""), "mot@example.org", id="address"),
    ],
)
def test_an_alarm_that_was_taken_back_goes_once_it_can(office: Office, cells: tuple[str, str], mended: str) -> None:
    """It waits for the server, and somebody changes the mode of mails for a while, or loses the unit's address."""
    key, spoilt = cells
    office.transport.troubles = {"mot": [TemporaryMailError("Máy chủ chưa nhận.")] * 9}
    office.settle("Người nhận tổng hợp", "")
    office.leave(4)
    assert office.cycle(MORNING + timedelta(minutes=15)) == []
    office.settle(key, spoilt)
    assert office.cycle(MORNING + timedelta(minutes=30)) == []
    office.settle(key, mended)
    office.transport.troubles = {}
    alarms = [mail for minutes in range(45, 300, 15) for mail in office.cycle(MORNING + timedelta(minutes=minutes))]
    assert [(mail.to, mail.trial) for mail in alarms] == [(("mot@example.org",), False)]
    assert "từ 10 dòng" in " ".join(alarms[0].text.split())


def test_an_alarm_that_was_taken_back_stays_so_where_the_rows_came_back(office: Office) -> None:
    office.transport.troubles = {"mot": [TemporaryMailError("Máy chủ chưa nhận.")]}
    office.leave(4)
    assert office.cycle(MORNING + timedelta(minutes=15)) == []
    office.settle("Chế độ gửi thư", "Thử")
    office.leave(10)
    assert office.cycle(MORNING + timedelta(minutes=30)) == []
    office.settle("Chế độ gửi thư", "Thật")
    assert office.cycle(MORNING + timedelta(minutes=45)) == []


def test_the_unit_is_told_at_night_too(office: Office) -> None:
    office.leave(3)
    assert [mail.to for mail in office.cycle(datetime(2023, 4, 22, 2, 0))] == [("mot@example.org",)]


@pytest.mark.parametrize(
    ("left_then", "told"),
    cross_section([(4, ["từ 10 còn 4"]), (3, ["từ 10 còn 3"]), (10, []), (8, [])], (3, ["từ 10 còn 3"]), (8, [])),
)
def test_a_loss_first_seen_by_a_cycle_without_mails_is_told_by_the_next_with(
    office: Office, left_then: int, told: list[str]
) -> None:
    office.leave(4)
    for minutes in (15, 30):
        assert office.cycle(MORNING + timedelta(minutes=minutes), mail=False) == []
    office.leave(left_then)
    mails = office.cycle(MORNING + timedelta(minutes=45))
    assert [mail.subject.partition("(")[2].rstrip(")") for mail in mails] == told
    assert all("lúc 09:00 ngày 21/04/2023" in " ".join(mail.text.split()) for mail in mails)
    assert office.cycle(MORNING + timedelta(minutes=60)) == []


def test_a_cycle_without_mails_after_a_loss_is_quiet(office: Office) -> None:
    office.leave(4)
    office.cycle(MORNING + timedelta(minutes=15), mail=False)
    writes = office.book.requests.write
    office.cycle(MORNING + timedelta(minutes=30), mail=False)
    assert office.book.requests.write == writes


def test_an_alarm_is_no_reminder(office: Office) -> None:
    office.leave(4)
    office.cycle(MORNING + timedelta(minutes=15))
    day = datetime(2023, 4, 26, 9, 0)
    office.cycle(day)
    assert [mail.kind for mail in office.transport.sent if mail.unit][-1] == "nhac-viec"
