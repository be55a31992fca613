"""`tccb remind` and `tccb summary`: what lies in the folder, in the outbox and with the recipients afterwards."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from automation.adapters.config_files import default_tables
from automation.adapters.mail.writer import MailWriter
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.exit_status import ExitStatus
from automation.app.mailing import Mailing
from automation.app.manual_mails import Clerk, ManualOutcome, ManualRequest, calendar, remind, summary
from automation.base.errors import CannotStart, RefusedMailError, TemporaryMailError
from automation.cli.mail_report import calendar_as_json, done_as_json, exit_status
from automation.core.config import tabs
from automation.core.config.mail_kinds import BY_HAND, REDIRECTED
from automation.core.model.mail import MailState
from automation.core.model.workbook import Cell, Row
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore, RecordingTransport
from tests.workbooks import SOUND, config_with, headers_of, registry, reminders_alone, unit_line

WRITER = MailWriter()
FRIDAY = datetime(2023, 4, 21, 9, 0)
"""A day on which no rung falls due."""
HR = ("tccb@example.org",)
TRIAL = ("thu-nghiem@example.org",)

UNITS: Sequence[Mapping[str, Cell]] = (
    {**unit_line("cham"), "Email đầu mối": "cham@example.org", "Email thủ trưởng": "thu-truong@example.org"},
    {**unit_line("xong"), "Tổng số người": 1, "Email đầu mối": "xong@example.org"},
    unit_line("khong-dia-chi"),
    {**unit_line("mat-trang"), "Email đầu mối": "mat@example.org"},
)


def waiting(number: str) -> dict[str, Cell]:
    return SOUND | {"Số CCCD": number, "Tình trạng tài khoản": "Đã đăng ký, chờ duyệt", "Ngày kích hoạt": None}


PEOPLE = {
    "cham": waiting("079085000124"),
    "xong": SOUND,
    "khong-dia-chi": waiting("079085000125"),
}
"""One person a unit; the tab of the last unit is gone."""


def book_with(mode: str = "Thử") -> MemoryWorkbook:
    headers = headers_of(config_with(UNITS))
    settings = [
        ["Chế độ gửi thư", mode] if row[0] == "Chế độ gửi thư" else row for row in default_tables()[tabs.SETTINGS]
    ]
    rows: dict[str, Sequence[Row]] = {**default_tables(), tabs.SETTINGS: settings, tabs.LADDER: reminders_alone()}
    rows[tabs.REGISTRY] = registry(*UNITS)
    rows |= {tabs.DASHBOARD: [], tabs.HISTORY: [tabs.HEADERS[tabs.HISTORY]], tabs.JOURNAL: [tabs.HEADERS[tabs.JOURNAL]]}
    rows |= {code: [[], [], headers, [person.get(each) for each in headers]] for code, person in PEOPLE.items()}
    return MemoryWorkbook(rows, address="so.xlsx")


class Office:
    """A workbook, a store and a server, and an operator who asks for mails."""

    def __init__(self, folder: Path, mode: str = "Thử", troubles: dict[str, list[Exception]] | None = None) -> None:
        self.book = book_with(mode)
        self.store = MemoryStore()
        self.transport = RecordingTransport(troubles)
        self.mailing = Mailing(WRITER, self.transport, "")
        self.folder = folder / "previews"

    def remind(self, *units: str, send: bool = False, to: str = "", at: datetime = FRIDAY) -> ManualOutcome:
        request = ManualRequest(units, send, to)
        return remind(Clerk(self.book, self.store, self.mailing, standing_clock(at), self.folder), request)

    def summary(self, send: bool = False, to: str = "", at: datetime = FRIDAY) -> ManualOutcome:
        request = ManualRequest((), send, to)
        return summary(Clerk(self.book, self.store, self.mailing, standing_clock(at), self.folder), request)

    def cycle(self, at: datetime) -> list[str]:
        """A cycle of the worker; the units it reminds."""
        before = len(self.transport.sent)
        run_cycle(self.book, self.store, self.mailing, standing_clock(at))
        return [mail.unit for mail in self.transport.sent[before:] if mail.unit and mail.kind != "cam-on"]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def reasons(done: ManualOutcome) -> dict[str, str]:
    return {each.unit: each.why for each in done.skipped}


# --- previews ---------------------------------------------------------------------------------------------


def test_a_preview_is_two_files_and_nothing_else(office: Office) -> None:
    before = {tab.title: tab.rows for tab in office.book.read().tabs}
    done = office.remind("cham")
    (page,) = done.files
    assert page.parent == office.folder
    assert sorted(file.suffix for file in office.folder.iterdir()) == [".eml", ".html"]
    message = email.message_from_bytes(page.with_suffix(".eml").read_bytes(), policy=email.policy.default)
    assert message["To"] == "thu-nghiem@example.org"
    assert "còn ít nhất 1 người chưa hoàn thành" in message["Subject"]
    assert "cham@example.org" in page.read_text("utf-8")  # for whom it is meant
    assert (office.store.mail_history(), office.transport.sent) == ([], [])
    assert {tab.title: tab.rows for tab in office.book.read().tabs} == before
    assert exit_status(done) is ExitStatus.DONE


def test_the_next_preview_takes_the_place_of_the_last(office: Office) -> None:
    assert office.remind("cham").files == office.remind("cham", at=FRIDAY.replace(hour=11)).files
    assert len(list(office.folder.iterdir())) == 2


def test_without_units_everybody_below_the_target_gets_one_and_the_rest_is_told(office: Office) -> None:
    done = office.remind()
    assert [each.mail.unit for each in done.prepared] == ["cham"]
    assert set(reasons(done)) == {"khong-dia-chi", "mat-trang"}
    assert exit_status(done) is ExitStatus.NEEDS_PERSON


@pytest.mark.parametrize(
    ("unit", "reason", "status"),
    [
        ("xong", "Đã đạt chỉ tiêu.", ExitStatus.DONE),
        ("mat-trang", "Chưa đọc được trang của đơn vị nên không nhắc.", ExitStatus.NEEDS_PERSON),
        ("khong-dia-chi", "Chưa có địa chỉ nhận, đề nghị bổ sung ở trang Đơn vị.", ExitStatus.NEEDS_PERSON),
    ],
)
def test_a_unit_that_is_not_to_be_reminded_gets_a_sentence(
    office: Office, unit: str, reason: str, status: ExitStatus
) -> None:
    done = office.remind(unit, send=True)
    assert (reasons(done), done.prepared, office.transport.sent) == ({unit: reason}, (), [])
    assert exit_status(done) is status


@pytest.mark.parametrize(
    ("typed", "said"),
    [("chem", 'Có phải ý là "cham".'), ("không có", 'Không có đơn vị mã "không có" trong trang Đơn vị.')],
)
def test_a_code_that_no_unit_has_is_refused(office: Office, typed: str, said: str) -> None:
    with pytest.raises(CannotStart, match=said):
        office.remind(typed)


def test_codes_are_found_however_they_are_typed(office: Office) -> None:
    assert [each.mail.unit for each in office.remind(" CHAM ", "cham").prepared] == ["cham"]


@pytest.mark.parametrize(
    ("day", "kind", "meant"),
    [
        (datetime(2023, 4, 6, 9), "nhac-viec", ("cham@example.org",)),  # before the first rung
        (datetime(2023, 4, 21, 9), "nhac-viec", ("cham@example.org",)),
        (datetime(2023, 4, 26, 9), "nhac-viec", ("cham@example.org", "thu-truong@example.org")),
        (datetime(2023, 5, 20, 9), "qua-han", ("cham@example.org", "thu-truong@example.org")),
    ],
)
def test_the_mail_is_the_one_of_the_rung_that_the_unit_stands_on(
    office: Office, day: datetime, kind: str, meant: tuple[str, ...]
) -> None:
    (only,) = office.remind("cham", at=day).prepared
    assert (only.mail.kind, only.meant_for.to + only.meant_for.cc) == (kind, meant)


def test_the_summary_can_be_looked_at(office: Office) -> None:
    done = office.summary()
    assert [each.mail.kind for each in done.prepared] == ["tong-hop"]
    assert done.prepared[0].meant_for.to == HR
    assert office.transport.sent == []
    assert len(done.files) == 1


# --- sending ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "goes_to"), [("Thử", TRIAL), ("Thật", ("cham@example.org",))])
def test_a_mail_that_was_asked_for_obeys_the_mode(tmp_path: Path, mode: str, goes_to: tuple[str, ...]) -> None:
    office = Office(tmp_path, mode)
    done = office.remind("cham", send=True)
    assert (done.queued, done.delivery.sent, done.files) == (1, 1, ())
    (mail,) = office.transport.sent
    assert (mail.to, mail.unit, mail.rung) == (goes_to, "cham", BY_HAND)
    assert mail.text.startswith("[Thư thử]") is (mode == "Thử")
    assert not office.folder.exists()


@pytest.mark.parametrize("mode", ["Thử", "Thật"])
def test_redirected_mails_go_to_one_address_and_nobody_counts_as_reminded(tmp_path: Path, mode: str) -> None:
    office = Office(tmp_path, mode)
    at = datetime(2023, 4, 26, 9)
    office.remind("cham", send=True, to="Toi <toi@example.org>", at=at)
    (mail,) = office.transport.sent
    assert (mail.to, mail.cc, mail.kind, mail.unit) == (("toi@example.org",), (), REDIRECTED, "")
    assert "cham@example.org, thu-truong@example.org" in " ".join(mail.text.split())
    assert office.cycle(at) == ["cham"]  # the rung of the day is still to come


def test_a_reminder_by_hand_settles_what_fell_due_until_then(office: Office) -> None:
    office.store.memory.first_cycle_at = datetime(2023, 4, 11, 8)
    at = datetime(2023, 4, 26, 8)
    office.remind("cham", send=True, at=at)
    assert office.cycle(at.replace(hour=10)) == []
    assert office.cycle(datetime(2023, 4, 28, 9)) == ["cham"]


def test_everybody_is_not_mailed_twice_a_day_but_a_named_unit_may_be(office: Office) -> None:
    assert office.remind(send=True).queued == 1
    later = FRIDAY.replace(hour=10)
    again = office.remind(send=True, at=later)
    assert again.queued == 0
    assert "cham" in reasons(again)
    assert office.remind("cham", send=True, at=later).queued == 1
    assert office.remind(send=True, at=FRIDAY.replace(day=24)).queued == 1


def test_outside_mail_hours_it_waits_and_says_until_when(office: Office) -> None:
    done = office.remind("cham", send=True, at=FRIDAY.replace(hour=20))
    assert (done.queued, done.delivery.sent, office.transport.sent) == (1, 0, [])
    assert done.opens is not None
    assert f"{done.opens:%d/%m %H:%M}" == "24/04 08:00"
    assert office.cycle(datetime(2023, 4, 24, 8)) == ["cham"]


@pytest.mark.parametrize(
    ("asked_at", "goes_at"),
    [
        (datetime(2023, 4, 21, 6), datetime(2023, 4, 21, 8)),
        (datetime(2023, 4, 21, 16, 30), datetime(2023, 4, 24, 8)),
        (datetime(2023, 4, 28, 20), datetime(2023, 5, 4, 8)),  # 29/04 to 03/05 are days off
        (datetime(2023, 4, 30, 9), datetime(2023, 5, 4, 8)),
    ],
)
def test_it_goes_when_it_was_said_to_go(office: Office, asked_at: datetime, goes_at: datetime) -> None:
    done = office.remind("cham", send=True, at=asked_at)
    shown = done_as_json(done)
    assert (shown["queued"], shown["sent"], shown["postponed"]) == (1, 0, 1)
    assert shown["waits_until"] == f"{goes_at:%Y-%m-%dT%H:%M}+07:00"
    office.cycle(goes_at - timedelta(minutes=1))
    assert office.transport.sent == []
    office.cycle(goes_at)
    mail = next(each for each in office.transport.sent if each.unit)
    assert mail.to == TRIAL
    assert mail.text.count("cham@example.org") == 1


@pytest.mark.parametrize("asked_at", [FRIDAY.replace(hour=20), datetime(2023, 4, 30, 9)], ids=["evening", "day off"])
def test_who_asks_for_a_copy_gets_it_at_once(office: Office, asked_at: datetime) -> None:
    shown = done_as_json(office.remind("cham", send=True, to="toi@example.org", at=asked_at))
    assert (shown["sent"], shown["postponed"], shown["waits_until"]) == (1, 0, None)
    assert [mail.to for mail in office.transport.sent] == [("toi@example.org",)]


@pytest.mark.parametrize(("minutes", "arrives"), [(5, True), (9, False)])
def test_a_copy_that_cannot_go_in_minutes_is_taken_back(tmp_path: Path, minutes: int, arrives: bool) -> None:
    office = Office(tmp_path, troubles={"": [TemporaryMailError("Máy chủ thư bận.")]})
    office.remind("cham", send=True, to="toi@example.org")
    assert office.transport.sent == []
    office.cycle(FRIDAY + timedelta(minutes=minutes))
    copies = [record.state for record in office.store.mail_history() if record.kind == REDIRECTED]
    assert copies == [MailState.SENT if arrives else MailState.WITHDRAWN]
    assert (REDIRECTED in {mail.kind for mail in office.transport.sent}) is arrives


def test_nothing_waits_where_nothing_was_asked_for_or_mails_may_go(office: Office) -> None:
    assert done_as_json(office.remind("cham", send=True))["waits_until"] is None
    assert done_as_json(office.remind("xong", send=True, at=FRIDAY.replace(hour=20)))["waits_until"] is None
    assert done_as_json(office.remind("cham", at=FRIDAY.replace(hour=20)))["waits_until"] is None


def test_a_waiting_mail_is_not_sent_to_a_unit_that_has_finished_since(office: Office) -> None:
    registry_headers = list(office.book.rows(tabs.REGISTRY)[0])
    office.book.type(tabs.REGISTRY, 2, registry_headers.index("Tổng số người") + 1, 1)
    office.remind("cham", send=True, at=FRIDAY.replace(hour=20))
    headers = headers_of(config_with(UNITS))
    for header in ("Tình trạng tài khoản", "Ngày kích hoạt"):
        office.book.type("cham", 4, headers.index(header) + 1, SOUND[header])
    office.cycle(datetime(2023, 4, 24, 8))
    assert {mail.kind for mail in office.transport.sent if mail.unit == "cham"} == {"cam-on"}


@pytest.mark.parametrize(("above", "cc"), [(30, ()), (1, ("thu-truong@example.org",))])
def test_a_session_at_the_unit_is_proposed_to_its_head(tmp_path: Path, above: int, cc: tuple[str, ...]) -> None:
    office = Office(tmp_path, mode="Thật")
    headers = headers_of(config_with(UNITS))
    row = next(n for n, line in enumerate(office.book.rows(tabs.SETTINGS), 1) if "lưu động" in str(line[0]))
    office.book.type(tabs.SETTINGS, row, 2, above)
    for line, number in ((4, "079085000124"), (5, "079085000126")):
        card = SOUND | {"Số CCCD": number, "Thẻ CCCD gắn chíp": "Chưa làm", "Ngày cấp thẻ": None}
        for header in ("Mức tài khoản", "Tình trạng tài khoản", "Ngày kích hoạt"):
            card[header] = None
        for column, header in enumerate(headers, start=1):
            office.book.type("cham", line, column, card.get(header))
    office.remind("cham", send=True)
    (mail,) = office.transport.sent
    assert ("đợt làm lưu động" in mail.text) is bool(cc)
    assert (mail.to, mail.cc) == (("cham@example.org",), cc)


def test_a_mail_that_is_refused_needs_a_person(tmp_path: Path) -> None:
    office = Office(tmp_path, troubles={"cham": [RefusedMailError("Máy chủ thư từ chối (mã 550).")]})
    done = office.remind("cham", send=True)
    assert done.delivery.failed == 1
    assert exit_status(done) is ExitStatus.NEEDS_PERSON


def test_a_summary_that_was_asked_for_does_not_replace_the_one_of_the_day(office: Office) -> None:
    office.summary(send=True)
    office.cycle(FRIDAY)
    assert [mail.kind for mail in office.transport.sent if mail.kind == "tong-hop"] == ["tong-hop"] * 2


@pytest.mark.parametrize("typed", ["toi", "a@example.org, b@example.org", "a@example.org\nBcc: b@example.org", "<>"])
def test_an_address_that_is_none_is_refused_before_anything_is_read(office: Office, typed: str) -> None:
    with pytest.raises(CannotStart, match="không phải là một địa chỉ thư"):
        office.remind("cham", send=True, to=typed)
    assert office.book.requests.read == 0


def test_without_a_configuration_there_is_a_problem_and_no_mail(office: Office) -> None:
    office.book.type(tabs.SETTINGS, 2, 2, None)
    for done in (office.remind(send=True), office.summary(send=True)):
        assert (bool(done.problems), done.prepared, exit_status(done)) == (True, (), ExitStatus.NEEDS_PERSON)


# --- the admin's own words --------------------------------------------------------------------------------


def worded(office: Office, **words: str) -> ManualOutcome:
    """A reminder under these lines of `Cấu hình`; underscores for spaces."""
    rows = [row for row in office.book.rows(tabs.SETTINGS) if not str(row[0]).endswith("nhac-viec")]
    lines = [[f"{name.replace('_', ' ')} thư nhac-viec", typed] for name, typed in words.items()]
    office.book.replace_rows(tabs.SETTINGS, [*rows, *lines])
    return office.remind("cham")


def test_the_admin_words_subject_opening_and_closing(office: Office) -> None:
    (only,) = worded(
        office,
        Tiêu_đề="{{ don_vi }}: {{ con_lai }}/{{ tong_so }}",
        Mở_đầu="Đề nghị làm {% if con_lai == 1 %}nốt{% endif %} <b>trước</b> {{ han }}.",
        Kết_thúc="Kính thư.\nTổ triển khai {{ chien_dich }}",
    ).prepared
    assert only.mail.subject == "Đơn vị cham: 1/1"
    for said in (only.mail.text, only.mail.html.replace("<br>", " ")):
        assert "Kính thư." in said
        assert "Trân trọng." not in said
    assert "Đề nghị làm nốt <b>trước</b> 30/04/2023." in " ".join(only.mail.text.split())
    assert "&lt;b&gt;trước&lt;/b&gt;" in only.mail.html


def test_without_words_of_its_own_a_mail_says_the_shipped_ones(office: Office) -> None:
    (only,) = worded(office, Tiêu_đề="", Kết_thúc="   ").prepared
    assert only.mail.subject.startswith("[Nhắc việc] Đơn vị cham: còn ít nhất 1 người")
    assert "Trân trọng." in only.mail.text


def test_a_mistake_in_the_words_is_told_before_any_mail(office: Office) -> None:
    done = worded(office, Mở_đầu="Kính gửi {{ ten_don_vi }}")
    assert done.prepared == ()
    assert any("“ten_don_vi”" in problem.what and "“don_vi”" in problem.fix for problem in done.problems)


# --- for programs -----------------------------------------------------------------------------------------


def test_what_programs_read(office: Office) -> None:
    shown = done_as_json(office.remind("cham", "xong"))
    (mail,) = shown["mails"]
    assert (mail["unit"], mail["kind"], mail["to"], mail["meant_for"]) == (
        "cham",
        "nhac-viec",
        ["thu-nghiem@example.org"],
        ["cham@example.org"],
    )
    assert Path(mail["file"]).exists()
    assert shown["skipped"] == [{"unit": "xong", "why": "Đã đạt chỉ tiêu.", "needs_person": False}]
    assert (shown["queued"], shown["sent"], shown["failed"], shown["problems"]) == (0, 0, 0, [])


def test_the_calendar_for_programs(office: Office) -> None:
    office.store.memory.first_cycle_at = datetime(2023, 4, 11, 8)
    found = calendar(office.book, office.store, standing_clock(datetime(2023, 4, 20, 17)), ["cham"])
    first = calendar_as_json(found)["calendar"][0]
    assert first == {
        "when": "2023-04-21T08:00+07:00",
        "unit": "cham",
        "name": "Đơn vị cham",
        "rung": "truoc-7",
        "kind": "nhac-viec",
        "why": "7 ngày làm việc trước hạn (đến lượt từ ngày 20/04/2023, gửi bù)",
        "to": ["cham@example.org"],
        "cc": [],
    }
    assert {each.unit for each in found.coming} == {"cham"}
