"""Which mail really goes, over days of cycles: modes, waiting mails, alarms, what the registry tells of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from automation.adapters.config_files import default_tables
from automation.adapters.mail.writer import MailWriter
from automation.adapters.store.store import SqliteStore
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, run_cycle
from automation.app.mailing import Mailing
from automation.base.errors import MailError, MailSettingWrong, RefusedMailError, TemporaryMailError
from automation.cli.report import mail_troubles
from automation.core.config import tabs
from automation.core.model.mail import Mail, MailState
from automation.core.model.ports import Store
from automation.core.model.workbook import Cell, Row
from tests.examples import cross_section
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore, RecordingTransport
from tests.workbooks import SOUND, config_with, headers_of, registry, reminders_alone, unit_line

WRITER = MailWriter()
UNITS: Sequence[Mapping[str, Cell]] = (
    {**unit_line("cham", headcount=4), "Email đầu mối": "cham@example.org"},
    {**unit_line("xong", headcount=4), "Email đầu mối": "xong@example.org"},
)
HEADERS = headers_of(config_with(UNITS))
FIRST = 4


def april(day: int, hour: int = 8, minute: int = 0) -> datetime:
    return datetime(2023, 4, day, hour, minute)


class Office:
    """Two units of four people, one of them done, a store, and a mail server that may be down."""

    def __init__(self, store: Store, mode: str = "Thật") -> None:
        headers, *lines = registry(*UNITS)
        rows = {**default_tables(), tabs.LADDER: reminders_alone(), tabs.DASHBOARD: []}
        rows[tabs.REGISTRY] = [[*headers, *tabs.REGISTRY_COMPUTED], *lines]
        rows |= {title: [tabs.HEADERS[title]] for title in (tabs.HISTORY, tabs.JOURNAL, tabs.MAILS)}
        self.book = MemoryWorkbook({**rows, "cham": [], "xong": []}, address="so.xlsx")
        self.store = store
        self.transport = RecordingTransport()
        self.set("Chế độ gửi thư", mode)
        self.enter("cham", done=1)
        self.enter("xong", done=4)

    def enter(self, unit: str, done: int, people: int = 4) -> None:
        self.book.replace_rows(unit, [[], [], HEADERS, *(_person(unit, n, n < done) for n in range(people))])

    def set(self, name: str, value: Cell) -> None:
        row = next(n for n, line in enumerate(self.book.rows(tabs.SETTINGS), 1) if line[0] == name)
        self.book.type(tabs.SETTINGS, row, 2, value)

    def set_headcount(self, unit: str, people: int) -> None:
        self.register(unit, "Tổng số người", people)

    def register(self, unit: str, header: str, value: Cell) -> None:
        row = next(n for n, line in enumerate(self.book.rows(tabs.REGISTRY), 1) if line[0] == unit)
        self.book.type(tabs.REGISTRY, row, tabs.HEADERS[tabs.REGISTRY].index(header) + 1, value)

    def cycle(self, at: datetime, mail: bool = True) -> list[tuple[str, str]]:
        """What a cycle sends to units: to whom, and the rung."""
        before = len(self.transport.sent)
        self.report: CycleReport = run_cycle(
            self.book, self.store, Mailing(WRITER, self.transport) if mail else None, standing_clock(at)
        )
        return [(mail.unit, mail.rung) for mail in self.transport.sent[before:] if mail.unit]

    def reminded(self, unit: str) -> Cell:
        """`Nhắc gần nhất`"""
        headers, *lines = self.book.rows(tabs.REGISTRY)
        line = next(line for line in lines if line[0] == unit)
        place = list(headers).index("Nhắc gần nhất")
        return line[place] if place < len(line) else None


def _person(unit: str, n: int, done: bool) -> Row:
    place = 1 + [each["Mã"] for each in UNITS].index(unit)
    person = SOUND | {"Họ và tên": f"Nguyễn Văn {'ABCD'[n]}n", "Số CCCD": f"07908500{place}00{n}"}
    if not done:
        person |= {"Tình trạng tài khoản": "Đã đăng ký, chờ duyệt", "Ngày kích hoạt": None}
    return [person.get(header) for header in HEADERS]


@pytest.fixture(params=cross_section(["sqlite", "memory"], "memory"))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    opened = SqliteStore(tmp_path / "state.sqlite3", seconds=lambda: 0.0)
    yield opened
    opened.close()


# --- on trial, and for real -------------------------------------------------------------------------------


@pytest.mark.parametrize("switched_at", [april(20, 10), april(24, 9)], ids=["the day of a rung", "later"])
def test_what_was_rehearsed_goes_for_real_once_mails_are_real(store: Store, switched_at: datetime) -> None:
    office = Office(store, "Thử")
    assert office.cycle(april(20)) == [("cham", "truoc-7"), ("xong", "cam-on")]
    office.set("Chế độ gửi thư", "Thật")
    assert office.cycle(switched_at) == [("cham", "truoc-7"), ("xong", "cam-on")]
    mails = [mail for mail in office.transport.sent if mail.unit]
    assert [mail.to for mail in mails[2:]] == [("cham@example.org",), ("xong@example.org",)]
    assert {mail.thread for mail in mails} == {""}  # none answers a mail that its unit never got
    assert office.cycle(switched_at.replace(hour=15)) == []


def test_the_office_gets_the_summary_of_the_day_for_real_too(store: Store) -> None:
    office = Office(store, "Thử")
    office.cycle(april(20))
    office.set("Chế độ gửi thư", "Thật")
    office.cycle(april(20, 10))
    office.cycle(april(20, 11))
    summaries = [mail.to for mail in office.transport.sent if mail.kind == "tong-hop"]
    assert summaries == [("thu-nghiem@example.org",), ("tccb@example.org",)]


def test_going_back_to_trial_rehearses_what_is_due_and_real_mails_are_not_repeated_later(store: Store) -> None:
    office = Office(store, "Thật")
    sent = office.cycle(april(20))
    office.set("Chế độ gửi thư", "Thử")
    assert office.cycle(april(20, 10)) == sent
    office.set("Chế độ gửi thư", "Thật")
    assert office.cycle(april(20, 11)) == []


@pytest.mark.parametrize("begun", [april(20, 10), april(21), april(27)], ids=["that day", "the next", "later"])
def test_under_another_code_the_campaign_starts_afresh(store: Store, begun: datetime) -> None:
    """As if there had been none before."""
    office = Office(store)
    office.cycle(april(20))
    office.set("Mã chiến dịch", "dot-2")
    sent = office.cycle(begun)
    assert sent == Office(MemoryStore()).cycle(begun)
    assert ("xong", "cam-on") in sent


@pytest.mark.parametrize("without_the_column", [False, True], ids=["", "older"])
def test_mails_of_another_campaign_tell_nothing_of_the_days_of_the_one_before(
    store: Store, *, without_the_column: bool
) -> None:
    """Nor does `Tổng hợp`."""
    office = Office(store)
    if without_the_column:
        office.book.type(tabs.HISTORY, 1, len(tabs.HEADERS[tabs.HISTORY]), None)
    for day in range(10, 20):
        office.enter("cham", done=(day - 10) // 3)
        office.cycle(april(day))
    if without_the_column:  # the new version comes on a day of the old campaign
        office.book.type(tabs.HISTORY, 1, len(tabs.HEADERS[tabs.HISTORY]), "Mã chiến dịch")
        office.cycle(april(19, 9))
    fresh = Office(MemoryStore())
    for each in (office, fresh):
        each.set("Mã chiến dịch", "dot-2")
        each.enter("cham", done=0)
    told, expected = (_mails(each, april(24)) for each in (office, fresh))
    assert [(mail.rung, mail.text) for mail in told] == [(mail.rung, mail.text) for mail in expected]
    assert office.book.rows(tabs.DASHBOARD) == fresh.book.rows(tabs.DASHBOARD)


def test_a_code_typed_in_capitals_is_the_same_campaign(store: Store) -> None:
    office = Office(store)
    for day in range(10, 20):
        office.enter("cham", done=(day - 10) // 3)
        office.cycle(april(day))
    assert {mail.rung for mail in _mails(office, april(20))} >= {"tong-hop", "truoc-7"}
    office.set("Mã chiến dịch", "VNEID-2023")
    assert _mails(office, april(20, 10)) == []
    assert [line[-1] for line in office.book.rows(tabs.HISTORY)[-2:]] == ["VNEID-2023"] * 2
    assert len(office.book.rows(tabs.HISTORY)) == 1 + 2 * 11
    (summary, *_) = _mails(office, april(21))
    assert "chưa đủ số liệu để dự báo" not in summary.text


def _mails(office: Office, at: datetime) -> list[Mail]:
    before = len(office.transport.sent)
    office.cycle(at)
    return office.transport.sent[before:]


# --- alarms -----------------------------------------------------------------------------------------------


def test_an_alarm_and_a_thank_you_do_not_come_on_the_same_day(store: Store) -> None:
    office = Office(store)
    office.enter("xong", done=2)
    office.cycle(april(18))
    office.set_headcount("xong", 2)
    office.enter("xong", done=2, people=2)
    assert office.cycle(april(19)) == [("xong", "mat-dong")]
    assert office.cycle(april(19, 15)) == []
    assert office.cycle(april(20)) == [("cham", "truoc-7"), ("xong", "cam-on")]


# --- what the registry tells ------------------------------------------------------------------------------


def test_the_registry_shows_the_last_mail_that_went_to_the_unit(store: Store) -> None:
    office = Office(store)
    office.cycle(april(20, 8, 10))
    assert office.reminded("cham") == april(20, 8, 10)
    office.cycle(april(20, 9))
    assert office.report.cells_written == 0
    office.cycle(april(26))
    assert office.reminded("cham") == april(26)


@pytest.mark.parametrize("trouble", [RefusedMailError("Từ chối."), TemporaryMailError("Không kết nối được.")])
def test_a_mail_that_did_not_go_is_none(store: Store, trouble: MailError) -> None:
    office = Office(store)
    office.transport = RecordingTransport({"cham": [trouble] * 9})
    office.cycle(april(20))
    office.cycle(april(20, 9))
    assert office.reminded("cham") is None
    assert office.reminded("xong") == april(20)


def test_a_mail_that_waited_counts_from_when_it_went(store: Store) -> None:
    office = Office(store)
    office.transport = RecordingTransport({"cham": [TemporaryMailError("Không kết nối được.")]})
    office.cycle(april(20))
    office.cycle(april(21, 9))
    office.cycle(april(21, 10))
    assert office.reminded("cham") == april(21, 9)


def test_mails_on_trial_remind_nobody(store: Store) -> None:
    office = Office(store, "Thử")
    assert office.cycle(april(20))
    office.cycle(april(20, 9))
    assert office.reminded("cham") is None
    office.set("Chế độ gửi thư", "Thật")
    office.cycle(april(20, 10))
    assert office.reminded("cham") == april(20, 10)


# --- a sender that the server does not take ---------------------------------------------------------------


class StrictTransport(RecordingTransport):
    """A server at which only one address may send."""

    def send(self, mail: Mail, message_id: str, queued_at: datetime, before_content: Callable[[], None]) -> None:
        if mail.sender != "dung@example.org":
            raise MailSettingWrong("Máy chủ thư không nhận địa chỉ gửi (mã 550).")
        super().send(mail, message_id, queued_at, before_content)


def test_mails_wait_until_the_sender_is_mended_and_then_come_from_the_new_one(store: Store) -> None:
    office = Office(store)
    office.transport = StrictTransport()
    assert office.cycle(april(20)) == []
    assert {record.state for record in store.mail_history()} == {MailState.QUEUED}
    (trouble,) = mail_troubles(office.report.delivery, store.mail_history())
    assert trouble.what == "4 thư chưa gửi được: Máy chủ thư không nhận địa chỉ gửi (mã 550)."
    assert trouble.needs_person
    for minutes in (15, 30):
        office.cycle(april(20, 8, minutes))
    noted = [line[3] for line in office.book.rows(tabs.JOURNAL)[1:] if line[2] == "Thư"]
    assert [str(each).partition(" Chương")[0] for each in noted] == [
        "Có thư chưa gửi được: Máy chủ thư không nhận địa chỉ gửi (mã 550)."
    ]
    office.set("Địa chỉ gửi", "dung@example.org")
    assert office.cycle(april(20, 10)) == [("cham", "truoc-7"), ("xong", "cam-on")]
    assert {mail.sender for mail in office.transport.sent} == {"dung@example.org"}


# --- what waits for the admin -----------------------------------------------------------------------------


def _to_admin(office: Office) -> list[tuple[int, tuple[str, ...]]]:
    return [(mail.day.day, mail.to) for mail in office.transport.sent if mail.kind == "quan-tri"]


def test_what_waits_for_the_admin_is_told_once_at_the_time_of_the_summary(store: Store) -> None:
    office = Office(store, "Thật")
    office.cycle(april(20, 7))  # not before
    assert _to_admin(office) == []
    for moment in (april(20), april(20, 11), april(21), april(24), april(25)):
        office.cycle(moment)
    assert _to_admin(office) == [(20, ("quan-tri@example.org",))]
    office.cycle(april(27))  # a week later it still waits
    assert [day for day, _ in _to_admin(office)] == [20, 27]


def test_something_new_is_told_the_next_working_day(store: Store) -> None:
    office = Office(store, "Thật")
    office.cycle(april(20))
    office.register("xong", "Email đầu mối", None)
    office.cycle(april(20, 10))
    office.cycle(april(21))
    assert [day for day, _ in _to_admin(office)] == [20, 21]
    said = [mail.text for mail in office.transport.sent if mail.kind == "quan-tri"]
    assert ["Địa chỉ thư của đầu mối (1 đơn vị): Đơn vị xong." in text for text in said] == [False, True]


def test_an_empty_registry_has_no_summary_and_the_admin_is_told(store: Store) -> None:
    office = Office(store, "Thật")
    office.book.replace_rows(tabs.REGISTRY, [list(tabs.HEADERS[tabs.REGISTRY])])
    office.cycle(april(20))
    assert [mail.kind for mail in office.transport.sent] == ["quan-tri"]
    assert "chưa có đơn vị nào" in office.transport.sent[0].text.lower()


def test_a_mail_to_the_admin_that_had_to_wait_gives_way_to_the_next(store: Store) -> None:
    office = Office(store, "Thật")
    office.transport = StrictTransport()
    office.cycle(april(20))
    office.register("xong", "Email đầu mối", None)
    office.cycle(april(21))
    waiting = {record.day.day: record.state for record in store.mail_history() if record.kind == "quan-tri"}
    assert waiting == {20: MailState.WITHDRAWN, 21: MailState.QUEUED}


# --- the admin --------------------------------------------------------------------------------------------


def test_a_changed_code_is_asked_about_once_in_the_mail_to_the_admin(store: Store) -> None:
    office = Office(store)
    office.cycle(april(18))
    office.register("cham", "Mã", "moi")

    def asked(day: int) -> list[bool]:
        before = len(office.transport.sent)
        office.cycle(april(day))
        mails = [mail for mail in office.transport.sent[before:] if mail.kind == "quan-tri"]
        return ["Mã đơn vị đã đổi từ “cham” thành “moi”" in mail.text for mail in mails]

    assert asked(19) == [True]
    assert asked(20) == []
    # a week later what still waits is told again, and this is not asked again
    assert asked(26) == [False]


# --- the kick-off -----------------------------------------------------------------------------------------


def test_a_focal_person_who_comes_later_gets_the_kick_off(store: Store) -> None:
    office = Office(store)
    office.book.replace_rows(tabs.LADDER, default_tables()[tabs.LADDER])
    office.cycle(april(12))
    assert office.cycle(april(13)) == []
    office.register("cham", "Email đầu mối", "Moi@example.org")
    assert office.cycle(april(13, 9)) == [("cham", "bat-dau")]
    assert office.transport.sent[-1].to == ("Moi@example.org",)
    office.register("cham", "Email đầu mối", "moi@example.org; khac@example.org")  # one of them knows
    assert office.cycle(april(14)) == []
    office.register("cham", "Email đầu mối", "")  # nobody to tell
    assert office.cycle(april(17)) == []
