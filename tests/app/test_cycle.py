"""A whole cycle: what stands in the workbook, the store and the mail folder afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from automation.adapters.config_files import default_tables
from automation.adapters.mail.writer import MailWriter, WrittenMail
from automation.app.clock import Clock, standing_clock
from automation.app.cycle import CycleReport, check, run_cycle
from automation.app.mailing import Mailing
from automation.base.errors import RefusedMailError, TemporaryMailError, WorkbookBusy, WorkbookNotPrepared
from automation.core.config import tabs
from automation.core.mail.desk import MailFigures
from automation.core.model.mail import NO_CUSTOM_TEXTS, CustomTexts, MailState
from automation.core.model.ports import RequestCount
from automation.core.model.workbook import Cell, Row
from automation.core.writing.dashboard_lines import place_of
from tests.core.facts import table_with
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore, RecordingTransport
from tests.workbooks import SOUND, config_with, headers_of, reminders_alone, unit_line

WRITER = MailWriter()
THURSDAY = datetime(2023, 4, 20, 8, 0)
"""Seven working days before the deadline."""
ONE = {**unit_line("mot", headcount=2), "Email đầu mối": "mot@example.org"}
TWO = {**unit_line("hai"), "Email đầu mối": "hai@example.org"}
HEADERS = headers_of(config_with([ONE, TWO]))
FIRST = 4
"""The first line of people."""
RESULT, TODO, TO_CORRECT = (HEADERS.index(name) + 1 for name in ("Kết quả", "Việc cần làm", "Lỗi cần sửa"))

WAITING = SOUND | {"Họ và tên": "Trần Thị Bình", "Giới tính": "Nữ", "Số CCCD": "079185000124"}
WAITING = WAITING | {"Tình trạng tài khoản": "Đã đăng ký, chờ duyệt", "Ngày kích hoạt": None}
WRONG = SOUND | {"Số CCCD": "123456789"}


def unit_rows(people: Sequence[Mapping[str, Cell]]) -> list[Row]:
    lines = [[person.get(header) for header in HEADERS] for person in people]
    return [[], [None, "Tổng số người", None], HEADERS, *lines]


def workbook_of_two() -> MemoryWorkbook:
    computed = [[*tabs.HEADERS[tabs.REGISTRY], *tabs.REGISTRY_COMPUTED]]
    lines = [[unit.get(header) for header in computed[0]] for unit in (ONE, TWO)]
    rows: dict[str, Sequence[Row]] = {**default_tables(), tabs.LADDER: reminders_alone()}
    rows[tabs.REGISTRY] = [*computed, *lines]
    rows |= {tabs.DASHBOARD: [], tabs.HISTORY: [tabs.HEADERS[tabs.HISTORY]], tabs.JOURNAL: [tabs.HEADERS[tabs.JOURNAL]]}
    rows |= {"mot": unit_rows([SOUND, WAITING]), "hai": unit_rows([WRONG])}
    return MemoryWorkbook(rows, address="so.xlsx")


@pytest.fixture
def book() -> MemoryWorkbook:
    return workbook_of_two()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def cycle(
    book: MemoryWorkbook, store: MemoryStore, at: datetime = THURSDAY, dry_run: bool = False, mail: bool = True
) -> tuple[CycleReport, RecordingTransport]:
    transport = RecordingTransport()
    clock: Clock = standing_clock(at)
    mailing = Mailing(WRITER, transport) if mail else None
    return run_cycle(book, store, mailing, clock, dry_run=dry_run), transport


def registry_cell(book: MemoryWorkbook, code: str, header: str) -> Cell:
    headers, *lines = book.rows(tabs.REGISTRY)
    line = next(line for line in lines if line[0] == code)
    place = list(headers).index(header)
    return line[place] if place < len(line) else None


def inputs(book: MemoryWorkbook) -> dict[tuple[str, int, int], Cell]:
    places = [(title, row, column) for title in ("mot", "hai") for row in range(1, 9) for column in range(1, RESULT)]
    return {place: book.cell(*place) for place in places if place[1:] != (1, 1)}


def test_each_person_gets_a_result_and_a_next_step(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    assert [book.cell("mot", row, RESULT) for row in (FIRST, FIRST + 1)] == ["Hoàn thành", "Đang chờ duyệt"]
    assert book.cell("mot", FIRST, TODO) is None
    assert "7 ngày làm việc" in str(book.cell("mot", FIRST + 1, TODO))
    assert book.cell("hai", FIRST, RESULT) == "Cần sửa dữ liệu"
    assert "12 số" in str(book.cell("hai", FIRST, TODO))
    assert str(book.cell("hai", FIRST, TO_CORRECT)).startswith("Lỗi – Số CCCD: ")


def test_the_unit_line_the_registry_and_the_history_say_where_units_stand(
    book: MemoryWorkbook, store: MemoryStore
) -> None:
    cycle(book, store)
    assert book.cell("mot", 1, 1) == (
        "Đơn vị mot · Hoàn thành █████░░░░░ 50,0\u00a0% (1/2 người) · còn 1 người · 0 dòng cần sửa"
        " · số liệu thay đổi lúc 08:00 20/04/2023"
    )
    assert [registry_cell(book, "mot", name) for name in ("Đã nhập", "Hoàn thành", "Tỷ lệ", "Cần sửa")] == [
        2,
        1,
        0.5,
        0,
    ]
    assert registry_cell(book, "hai", "Cần sửa") == 1
    assert registry_cell(book, "hai", "Tỷ lệ") == 0
    assert "Chưa khai tổng số người" in str(registry_cell(book, "hai", "Ghi chú hệ thống"))
    assert registry_cell(book, "mot", "Nhắc gần nhất") is None  # mails are on trial by default
    assert list(book.rows(tabs.HISTORY)[1]) == [datetime(2023, 4, 20), "mot", "Đơn vị mot", 2, 1, 0.5, 0, "vneid-2023"]


@pytest.mark.parametrize(
    ("day", "result", "line", "note", "deadline", "ranking"),
    [
        (
            datetime(2023, 4, 30, 22, 0),  # the last day itself, a Sunday
            "Đang chờ duyệt",
            "còn 1 người · 0 dòng",
            False,
            "Hạn hoàn thành 30/04/2023 (ngày nghỉ; ngày làm việc cuối cùng trước hạn là 28/04/2023)"
            " · chỉ tiêu 100\u00a0%",
            None,
        ),
        (
            datetime(2023, 5, 1, 0, 5),
            "Đang chờ duyệt (quá hạn)",
            "còn 1 người, đã quá hạn 30/04/2023 · 0 dòng",
            True,
            "Hạn hoàn thành 30/04/2023 · chỉ tiêu 100\u00a0% · đã quá hạn, còn ít nhất 2 người",
            "Quá hạn",
        ),
    ],
)
def test_overdue_is_shown_beside_the_status_once_the_deadline_has_passed(
    book: MemoryWorkbook,
    store: MemoryStore,
    day: datetime,
    result: str,
    line: str,
    note: bool,
    deadline: str,
    ranking: str | None,
) -> None:
    cycle(book, store, day)
    results = [row[HEADERS.index("Kết quả")] for row in book.rows("mot")[3:]]
    assert results == ["Hoàn thành", result]  # who is done is never overdue
    assert line in str(book.cell("mot", 1, 1))
    assert ("Đã quá hạn 30/04/2023, còn 1 người" in str(registry_cell(book, "mot", "Ghi chú hệ thống"))) is note
    assert book.cell(tabs.DASHBOARD, 4, 1) == deadline
    ranked, *_ = [place for place, row in enumerate(book.rows(tabs.DASHBOARD), 1) if row and row[0] == "Đơn vị mot"]
    assert book.cell(tabs.DASHBOARD, ranked, place_of("note")) == ranking
    assert cycle(book, store, day + timedelta(days=1) if note else day)[0].changed == 0  # no day is counted in a row


def test_a_second_cycle_right_after_writes_and_mails_nothing(book: MemoryWorkbook, store: MemoryStore) -> None:
    first, _ = cycle(book, store)
    assert first.cells_written > 0
    assert first.changed == 3
    second, transport = cycle(book, store)
    assert (second.changed, second.cells_written, second.queued) == (0, 0, 0)
    assert transport.sent == []


def test_what_a_cycle_asked_for_is_told_of_it_alone(book: MemoryWorkbook, store: MemoryStore) -> None:
    """A worker keeps its workbook open: a count since then grows for months."""
    first, second, third = (cycle(book, store)[0].requests for _ in range(3))
    assert (first.write > 0, second, third) == (True, RequestCount(read=1), RequestCount(read=1))


def test_a_file_that_nobody_edits_is_left_alone_until_the_day_changes(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    assert cycle(book, store, THURSDAY + timedelta(hours=15))[0].cells_written == 0
    later, _ = cycle(book, store, THURSDAY + timedelta(hours=16))
    assert later.cells_written > 0
    assert book.cell(tabs.DASHBOARD, 2, 1) == "Cập nhật lúc 00:00 21/04/2023"


def test_a_quiet_dashboard_online_shows_a_sign_of_life_once_an_hour(book: MemoryWorkbook, store: MemoryStore) -> None:
    book.edited_online.add(tabs.DASHBOARD)
    cycle(book, store)
    assert cycle(book, store, THURSDAY + timedelta(minutes=59))[0].cells_written == 0
    later, _ = cycle(book, store, THURSDAY + timedelta(minutes=60))
    assert later.cells_written == 1
    assert book.cell(tabs.DASHBOARD, 2, 1) == "Cập nhật lúc 09:00 20/04/2023"


def test_inputs_are_never_touched(book: MemoryWorkbook, store: MemoryStore) -> None:
    before = inputs(book)
    cycle(book, store)
    assert inputs(book) == before


def test_only_what_changed_is_written(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    book.type("hai", FIRST, HEADERS.index("Số CCCD") + 1, "079085000777")
    later = THURSDAY + timedelta(minutes=15)
    found, _ = cycle(book, store, later)
    assert found.changed == 1
    assert book.cell("hai", FIRST, RESULT) == "Hoàn thành"
    assert book.cell("hai", FIRST, TO_CORRECT) is None
    assert registry_cell(book, "hai", "Thay đổi gần nhất") == later
    assert registry_cell(book, "mot", "Thay đổi gần nhất") == THURSDAY
    assert len(book.rows(tabs.HISTORY)) == 3  # the line of the day is brought up to date, not doubled


def test_fields_in_another_order_change_no_result(book: MemoryWorkbook, store: MemoryStore) -> None:
    """What a result was made of is compared by the sheet itself too, by what was drawn in the order of then."""
    cycle(book, store)
    before = {title: book.rows(title) for title in ("mot", "hai")}
    headers, *lines = book.rows(tabs.FIELDS)
    book.replace_rows(tabs.FIELDS, [headers, *sorted(lines, key=lambda line: str(line[1]))])
    cycle(book, store)
    assert {title: book.rows(title) for title in ("mot", "hai")} == before


def test_results_beside_deleted_people_are_cleared(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    for column in range(1, RESULT):
        book.type("mot", FIRST, column, None)
    cycle(book, store)
    assert [book.cell("mot", FIRST, column) for column in (RESULT, TODO, TO_CORRECT)] == [None, None, None]


def test_a_result_that_somebody_typed_over_heals(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    book.type("hai", FIRST, RESULT, "Hoàn thành")
    found, _ = cycle(book, store)
    assert found.cells_written >= 1
    assert book.cell("hai", FIRST, RESULT) == "Cần sửa dữ liệu"


def test_a_title_that_people_wrote_in_line_1_stays(book: MemoryWorkbook, store: MemoryStore) -> None:
    book.type("mot", 1, 1, "DANH SÁCH NHÂN SỰ")
    cycle(book, store)
    assert book.cell("mot", 1, 1) == "DANH SÁCH NHÂN SỰ"


@pytest.mark.parametrize("typed", ["xong rồi", None, "Hoàn thành "])
def test_what_is_typed_over_a_result_is_written_anew_and_told(
    book: MemoryWorkbook, store: MemoryStore, typed: str | None
) -> None:
    cycle(book, store)
    book.type("mot", FIRST, RESULT, typed)
    cycle(book, store)
    assert book.cell("mot", FIRST, RESULT) == "Hoàn thành"
    told = [str(row[3]) for row in book.rows(tabs.JOURNAL)[1:] if "gõ đè" in str(row[3])]
    assert [each.endswith("mà ô kết quả không còn như đã ghi, do bị gõ đè, xóa hoặc gộp ô (dòng 4).") for each in told]
    assert [each.partition(" mà ")[0] for each in told] == ["Có 1 dòng"]


def test_a_result_that_changes_with_its_row_was_typed_over_by_nobody(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    book.type("mot", FIRST, HEADERS.index("Tình trạng tài khoản") + 1, "Chưa đăng ký")
    cycle(book, store)
    assert book.cell("mot", FIRST, RESULT) != "Hoàn thành"
    assert not [row for row in book.rows(tabs.JOURNAL)[1:] if "gõ đè" in str(row[3])]


def test_missing_computed_columns_are_added_right_of_everything(book: MemoryWorkbook, store: MemoryStore) -> None:
    own = [*HEADERS[: RESULT - 1], "Ghi chú riêng"]
    person = [SOUND.get(header) for header in HEADERS[: RESULT - 1]]
    book.replace_rows("mot", [["Danh sách"], own, [*person, "của đơn vị", "thêm"]])
    cycle(book, store)
    free = len(person) + 3
    assert [book.cell("mot", 2, free + n) for n in range(3)] == ["Kết quả", "Việc cần làm", "Lỗi cần sửa"]
    assert book.cell("mot", 3, free) == "Hoàn thành"
    assert book.cell("mot", 3, free - 1) == "thêm"
    (told,) = (row for row in book.rows(tabs.JOURNAL)[1:] if "thêm lại" in str(row[3]))
    assert told[2] == "Trang “mot”"
    assert "“Kết quả”, “Việc cần làm”, “Lỗi cần sửa” ở bên phải. Chạy “tccb init”" in str(told[3])


def test_people_who_edit_between_read_and_write_are_judged_again(book: MemoryWorkbook, store: MemoryStore) -> None:
    book.meanwhile(lambda b: b.insert_row("mot", FIRST, [WRONG.get(header) for header in HEADERS[: RESULT - 1]]))
    found, _ = cycle(book, store)
    results = [book.cell("mot", row, RESULT) for row in range(FIRST, FIRST + 3)]
    assert results == ["Cần sửa dữ liệu", "Hoàn thành", "Đang chờ duyệt"]
    assert found.judged is not None
    assert found.judged.total.rows == 4


def test_people_who_never_stop_editing_leave_the_rest_to_the_next_cycle(
    book: MemoryWorkbook, store: MemoryStore
) -> None:
    for _ in range(9):
        book.meanwhile(lambda b: b.insert_row("mot", FIRST, []))
    found, _ = cycle(book, store)
    assert found.cells_written == 0
    assert book.cell("mot", FIRST, RESULT) is None


EVERY_KIND = ["nhac-viec", "nhac-viec", "quan-tri", "tong-hop"]
"""What goes out in a first cycle: each unit is told, the admin of what the registry lacks, the office of everything."""


class CountingWriter(MailWriter):
    """Knows what it was asked to write."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: list[str] = []

    def write(self, kind: str, figures: MailFigures, words: CustomTexts = NO_CUSTOM_TEXTS) -> WrittenMail:
        self.kinds.append(kind)
        return super().write(kind, figures, words)


def test_a_mail_is_written_once_however_often_people_overtake_the_cycle(
    book: MemoryWorkbook, store: MemoryStore
) -> None:
    for _ in range(2):
        book.meanwhile(lambda b: b.insert_row("mot", FIRST, []))
    writer, transport = CountingWriter(), RecordingTransport()
    run_cycle(book, store, Mailing(writer, transport), standing_clock(THURSDAY))
    assert sorted(writer.kinds) == sorted(mail.kind for mail in transport.sent) == EVERY_KIND


def test_a_dry_run_tells_and_leaves_everything(book: MemoryWorkbook, store: MemoryStore) -> None:
    before = {title: book.rows(title) for title in ("mot", "hai", tabs.REGISTRY, tabs.DASHBOARD)}
    found, transport = cycle(book, store, dry_run=True)
    assert (found.changed, found.cells_written, found.queued) == (3, 0, 4)
    assert {title: book.rows(title) for title in before} == before
    assert transport.sent == []
    assert store.mail_history() == []
    assert store.unit_records() == {}


def test_without_mail_nothing_is_queued_and_nobody_counts_as_reminded(book: MemoryWorkbook, store: MemoryStore) -> None:
    found, transport = cycle(book, store, mail=False)
    assert found.cells_written > 0
    assert transport.sent == []
    assert store.mail_history() == []
    assert registry_cell(book, "mot", "Nhắc gần nhất") is None


def test_units_below_target_the_office_and_the_admin_get_one_mail_each(
    book: MemoryWorkbook, store: MemoryStore
) -> None:
    found, transport = cycle(book, store)
    assert found.queued == 4
    assert sorted((mail.kind, mail.unit) for mail in transport.sent) == [
        ("nhac-viec", "hai"),
        ("nhac-viec", "mot"),
        ("quan-tri", ""),
        ("tong-hop", ""),
    ]
    assert {mail.to for mail in transport.sent} == {("thu-nghiem@example.org",)}  # mails are on trial by default
    assert "mot@example.org" in next(mail.text for mail in transport.sent if mail.unit == "mot")


def test_a_unit_whose_code_was_changed_is_asked_about_and_not_reminded_twice(
    book: MemoryWorkbook, store: MemoryStore
) -> None:
    row = next(number for number, row in enumerate(book.rows(tabs.SETTINGS), 1) if row[0] == "Chế độ gửi thư")
    book.type(tabs.SETTINGS, row, 2, "Thật")
    _, before = cycle(book, store)
    assert "mot" in {mail.unit for mail in before.sent}
    book.type(tabs.REGISTRY, 2, 1, "bv-mot")
    for hours in (1, 2):
        found, transport = cycle(book, store, THURSDAY + timedelta(hours=hours))
        assert [mail.unit for mail in transport.sent if mail.kind == "nhac-viec"] == []
        asked = [problem for problem in found.problems if "đã đổi từ “mot” thành “bv-mot”" in problem.what]
        assert len(asked) == 1
        assert not asked[0].needs_person
    assert registry_cell(book, "bv-mot", "Nhắc gần nhất") == THURSDAY
    assert [row[1] for row in book.rows(tabs.HISTORY)[1:]] == ["bv-mot", "hai"]  # one line a day a unit
    journal = [str(row[3]) for row in book.rows(tabs.JOURNAL)[1:]]
    assert sum("thành “bv-mot”" in what for what in journal) == 1
    # the next rung is due as ever
    _, later = cycle(book, store, datetime(2023, 4, 26, 8, 0))
    assert "bv-mot" in {mail.unit for mail in later.sent}


class DeadTransport(RecordingTransport):
    """No server answers."""

    def send(self, *_arguments: object) -> None:
        raise TemporaryMailError("Không kết nối được.")


def test_a_mail_that_could_not_leave_goes_with_a_later_cycle(book: MemoryWorkbook, store: MemoryStore) -> None:
    found = run_cycle(book, store, Mailing(WRITER, DeadTransport()), standing_clock(THURSDAY))
    assert (found.queued, found.delivery.postponed) == (4, 4)
    after_hours, transport = cycle(book, store, THURSDAY.replace(hour=20))
    assert (after_hours.queued, transport.sent) == (0, [])
    again, transport = cycle(book, store, THURSDAY.replace(hour=9))
    assert (again.queued, len(transport.sent)) == (0, 4)


def test_a_refused_mail_stands_beside_its_unit(book: MemoryWorkbook, store: MemoryStore) -> None:
    row = next(n for n, line in enumerate(book.rows(tabs.SETTINGS), 1) if line[0] == "Chế độ gửi thư")
    book.type(tabs.SETTINGS, row, 2, "Thật")
    refusing = RecordingTransport({"mot": [RefusedMailError("Máy chủ thư từ chối (mã 550).")]})
    found = run_cycle(book, store, Mailing(WRITER, refusing), standing_clock(THURSDAY))
    assert (found.delivery.sent, found.delivery.failed) == (3, 1)
    cycle(book, store, THURSDAY + timedelta(minutes=15))
    note = "Thư ngày 20/04/2023 chưa đến đủ người nhận. Máy chủ thư từ chối (mã 550)."
    assert note in str(registry_cell(book, "mot", "Ghi chú hệ thống"))
    assert "chưa đến đủ" not in str(registry_cell(book, "hai", "Ghi chú hệ thống"))


def test_mails_that_wait_do_not_reach_anybody_once_mails_are_on_trial(book: MemoryWorkbook, store: MemoryStore) -> None:
    row = next(n for n, line in enumerate(book.rows(tabs.SETTINGS), 1) if line[0] == "Chế độ gửi thư")
    book.type(tabs.SETTINGS, row, 2, "Thật")
    run_cycle(book, store, Mailing(WRITER, DeadTransport()), standing_clock(THURSDAY))
    book.type(tabs.SETTINGS, row, 2, "Thử")
    _, transport = cycle(book, store, THURSDAY + timedelta(hours=1))
    assert {mail.to for mail in transport.sent} == {("thu-nghiem@example.org",)}
    assert {(record.trial, record.state) for record in store.mail_history()} == {
        (False, MailState.WITHDRAWN),
        (True, MailState.SENT),
    }


def test_a_summary_that_had_to_wait_gives_way_to_the_next(book: MemoryWorkbook, store: MemoryStore) -> None:
    run_cycle(book, store, Mailing(WRITER, DeadTransport()), standing_clock(THURSDAY))
    _, transport = cycle(book, store, THURSDAY + timedelta(days=1))
    summaries = [mail for mail in transport.sent if mail.kind == "tong-hop"]
    assert [(mail.rung, mail.day) for mail in summaries] == [("tong-hop", date(2023, 4, 21))]
    assert len([mail for mail in transport.sent if mail.unit]) == 2


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2023, 4, 21, 8, 0),  # between two rungs: this campaign's first cycle missed nothing
        datetime(2023, 4, 20, 7, 59),  # before mail hours
        datetime(2023, 4, 22, 9, 0),  # Saturday
    ],
)
def test_reminders_wait_for_their_day_and_hour(book: MemoryWorkbook, store: MemoryStore, moment: datetime) -> None:
    _, transport = cycle(book, store, moment)
    assert [mail.unit for mail in transport.sent if mail.unit] == []


def test_a_unit_whose_tab_is_gone_keeps_its_last_numbers(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    book.delete_tab("mot")
    found, transport = cycle(book, store, THURSDAY + timedelta(days=6))  # three working days before
    assert found.judged is not None
    lost = found.judged.standings[0]
    assert (lost.known, lost.done, lost.rate) == (False, 1, 50.0)
    assert lost.as_of == THURSDAY.replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert [mail.unit for mail in transport.sent if mail.unit] == ["hai"]
    assert any("mot" in problem.where and problem.needs_person for problem in found.problems)
    assert registry_cell(book, "mot", "Tỷ lệ") == 0.5
    assert "08:00 20/04/2023" in str(registry_cell(book, "mot", "Ghi chú hệ thống"))
    assert found.judged.total.done == 1


def test_a_renamed_tab_is_still_read_and_reported(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    book.rename_tab("mot", "Khoa khám bệnh")
    found, _ = cycle(book, store)
    assert found.judged is not None
    assert found.judged.standings[0].known
    assert any("Khoa khám bệnh" in problem.what for problem in found.problems)


def test_a_broken_config_cell_leaves_the_last_good_one_in_force(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    row = next(n for n, line in enumerate(book.rows(tabs.SETTINGS), 1) if line[0] == "Hạn hoàn thành")
    book.type(tabs.SETTINGS, row, 2, "cuối tháng")
    book.type("hai", FIRST, HEADERS.index("Số CCCD") + 1, "079085000777")
    found, _ = cycle(book, store)
    assert [problem.where for problem in found.problems][:2] == ["Cấu hình", f"Trang “Cấu hình”, ô B{row}"]
    assert "08:00 20/04/2023" in found.problems[0].what
    assert book.cell("hai", FIRST, RESULT) == "Hoàn thành"
    assert any("cuối tháng" in str(line[3]) for line in book.rows(tabs.JOURNAL)[1:])


def test_a_config_that_never_was_in_order_judges_nobody(book: MemoryWorkbook, store: MemoryStore) -> None:
    book.type(tabs.SETTINGS, 2, 2, None)
    untouched = ("mot", "hai", tabs.REGISTRY, tabs.DASHBOARD, tabs.HISTORY)
    before = {title: book.rows(title) for title in untouched}
    found, transport = cycle(book, store)
    assert found.judged is None
    assert all(problem.needs_person for problem in found.problems)
    assert {title: book.rows(title) for title in before} == before
    assert [line[2] for line in book.rows(tabs.JOURNAL)[1:]] == ["Cấu hình", "Trang “Cấu hình”, ô B2"]
    assert str(book.cell(tabs.SETTINGS, 2, 4)).startswith("Ô B2: Mục “Tên chiến dịch” ")
    assert transport.sent == []
    assert store.memory.config is None
    assert cycle(book, store)[0].cells_written == 0


def test_a_deleted_config_tab_leaves_the_last_good_configuration_in_force(
    book: MemoryWorkbook, store: MemoryStore
) -> None:
    cycle(book, store)
    book.delete_tab(tabs.RULES)
    found, _ = cycle(book, store)
    assert found.judged is not None
    assert found.judged.total.errors == 1
    assert [problem.where for problem in found.problems][:2] == ["Cấu hình", f"Trang “{tabs.RULES}”"]
    assert all(problem.needs_person for problem in found.problems[:2])


def test_a_workbook_without_the_tabs_cannot_start(store: MemoryStore) -> None:
    with pytest.raises(WorkbookNotPrepared, match="Cấu hình"):
        check(MemoryWorkbook({"Sheet1": []}), store, standing_clock(THURSDAY))


class BusyWorkbook(MemoryWorkbook):
    """Somebody has it open."""

    def write(self, *_: object, **__: object) -> None:  # type: ignore[override]
        raise WorkbookBusy("Tệp đang mở.")


def test_a_workbook_that_is_open_elsewhere_is_reported_and_tried_again(
    book: MemoryWorkbook, store: MemoryStore
) -> None:
    open_book = BusyWorkbook({tab.title: tab.rows for tab in book.read().tabs})
    found, _ = cycle(open_book, store)
    assert found.cells_written == 0
    assert "Tệp đang mở." in [problem.what for problem in found.problems]
    assert registry_cell(open_book, "mot", "Tỷ lệ") is None


@pytest.mark.parametrize(
    ("deadline", "asked"), [("30/04/2025", 1), ("30/04/2032", 1), ("30/06/2024", 0), ("1/1/2020", 0)]
)
def test_a_deadline_years_from_now_is_asked_about_and_holds(
    book: MemoryWorkbook, store: MemoryStore, deadline: str, asked: int
) -> None:
    row = next(number for number, row in enumerate(book.rows(tabs.SETTINGS), 1) if row[0] == "Hạn hoàn thành")
    book.type(tabs.SETTINGS, row, 2, deadline)
    found, _ = cycle(book, store)
    far = [problem for problem in found.problems if f"là {deadline}, còn khoảng" in problem.what]
    assert (len(far), [each.needs_person for each in far]) == (asked, [False] * asked)
    assert found.judged is not None
    assert found.judged.config.settings.deadline.year == int(deadline[-4:])


def test_check_writes_and_remembers_nothing(book: MemoryWorkbook, store: MemoryStore) -> None:
    found = check(book, store, standing_clock(THURSDAY))
    assert found.judged is not None
    assert found.judged.total.done == 1
    assert book.requests.write == 0
    assert store.unit_records() == {}


def test_a_tab_of_the_bots_that_is_gone_is_told(book: MemoryWorkbook, store: MemoryStore) -> None:
    assert not [each for each in cycle(book, store)[0].problems if "Thiếu trang" in each.what]
    for title in (tabs.HISTORY, tabs.JOURNAL):
        book.delete_tab(title)
    found, _ = cycle(book, store, THURSDAY + timedelta(minutes=15))
    (told,) = (each for each in found.problems if "Thiếu trang" in each.what)
    assert told.what.startswith("Thiếu trang “Lịch sử”, “Nhật ký”")
    assert ("tccb init" in told.fix, told.needs_person, told.to_do) == (True, False, True)


def test_the_journal_notes_each_problem_once_a_day(book: MemoryWorkbook, store: MemoryStore) -> None:
    book.delete_tab("hai")
    cycle(book, store)
    noted = [line for line in book.rows(tabs.JOURNAL)[1:] if line[1] == "Cần xử lý"]
    assert len(noted) == 1
    cycle(book, store, THURSDAY + timedelta(minutes=15))
    assert len([line for line in book.rows(tabs.JOURNAL)[1:] if line[1] == "Cần xử lý"]) == 1


def test_the_journal_notes_each_rule_on_trial_once_a_day(book: MemoryWorkbook, store: MemoryStore) -> None:
    book.replace_rows(tabs.RULES, table_with(tabs.RULES, ("Mã", "cmnd-9-so"), Chế_độ="Thử"))

    def noted() -> list[Cell]:
        return [line[3] for line in book.rows(tabs.JOURNAL)[1:] if line[1] == "Quy tắc thử"]

    _, transport = cycle(book, store)
    (first,) = noted()
    assert str(first).startswith("Nếu bật, 1 dòng ở 1 đơn vị")
    assert all("đang thử" not in mail.text and "Nếu bật" not in mail.text for mail in transport.sent)
    book.type("hai", FIRST, HEADERS.index("Số CCCD") + 1, "079085000777")
    cycle(book, store, THURSDAY + timedelta(minutes=15))
    assert noted() == [first]  # however the numbers move until the evening
    cycle(book, store, THURSDAY + timedelta(days=1))
    assert noted()[1:] == [first]
    assert str(noted()[0]).startswith("Chưa có dòng nào vướng")


def test_the_registry_may_be_in_any_order(book: MemoryWorkbook, store: MemoryStore) -> None:
    headers, *lines = book.rows(tabs.REGISTRY)
    turned = [list(reversed([*line, *[None] * (len(headers) - len(line))])) for line in (headers, *reversed(lines))]
    book.replace_rows(tabs.REGISTRY, [["Danh sách đơn vị"], *turned])
    cycle(book, store)
    place = turned[0].index("Tỷ lệ")
    assert [line[place] for line in book.rows(tabs.REGISTRY)[2:]] == [0, 0.5]
