"""A configuration that does not parse is refused as a whole, and everybody concerned can see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from automation.adapters.config_files import default_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.mail.writer import MailWriter
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, check, run_cycle
from automation.app.exit_status import ExitStatus
from automation.app.init import set_up
from automation.app.mailing import Mailing
from automation.base.errors import WorkbookBusy
from automation.cli.report import exit_status
from automation.core.config import tabs
from automation.core.model.mail import Mail
from automation.core.model.ports import Workbook
from automation.core.model.workbook import Cell, CellChange, Row, Snapshot, WriteOutcome
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore, RecordingTransport
from tests.workbooks import SOUND, config_with, headers_of, unit_line

WRITER = MailWriter()
THURSDAY = datetime(2023, 4, 20, 8, 0)
QUARTER = timedelta(minutes=15)
UNIT = {**unit_line("mot", headcount=2), "Email đầu mối": "mot@example.org"}
HEADERS = headers_of(config_with([UNIT]))

Edit = Callable[[MemoryWorkbook], None]


@pytest.fixture
def book() -> MemoryWorkbook:
    registry = [*tabs.HEADERS[tabs.REGISTRY], *tabs.REGISTRY_COMPUTED]
    rows: dict[str, Sequence[Row]] = {**default_tables(), tabs.REGISTRY: [registry, [UNIT.get(h) for h in registry]]}
    rows |= {tabs.DASHBOARD: [], tabs.HISTORY: [tabs.HEADERS[tabs.HISTORY]], tabs.JOURNAL: [tabs.HEADERS[tabs.JOURNAL]]}
    rows |= {"mot": [[], [], HEADERS, [SOUND.get(header) for header in HEADERS]]}
    return MemoryWorkbook(rows, address="so.xlsx")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def cycle(
    book: Workbook, store: MemoryStore, at: datetime = THURSDAY, *, dry_run: bool = False
) -> tuple[CycleReport, list[Mail]]:
    transport = RecordingTransport()
    found = run_cycle(book, store, Mailing(WRITER, transport), standing_clock(at), dry_run=dry_run)
    return found, transport.sent


def row_of(book: MemoryWorkbook, title: str, key: str) -> int:
    return next(number for number, row in enumerate(book.rows(title), 1) if key in row[:2])


def column_of(book: MemoryWorkbook, title: str, header: str) -> int:
    headers = next(row for row in book.rows(title) if header in row)
    return list(headers).index(header) + 1


def put(title: str, key: str, header: str, value: Cell) -> Edit:
    return lambda book: book.type(title, row_of(book, title, key), column_of(book, title, header), value)


BAD_DEADLINE = put(tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", "cuối tháng")
GOOD_DEADLINE = put(tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", "30/04/2023")
NEW_DEADLINE = put(tabs.SETTINGS, "Hạn hoàn thành", "Giá trị", "15/05/2023")
BAD_CHECK = put(tabs.RULES, "cmnd-9-so", "Phép kiểm tra", "số định dang")
GOOD_CHECK = put(tabs.RULES, "cmnd-9-so", "Phép kiểm tra", "số định danh")
BAD_HEADCOUNT = put(tabs.REGISTRY, "mot", "Tổng số người", "nhiều")


def marks(book: MemoryWorkbook, *titles: str) -> dict[tuple[str, Cell], str]:
    """The marks of the config tabs by tab and by the first cell of their rows that is not the mark."""
    found: dict[tuple[str, Cell], str] = {}
    for title in titles or tabs.CONFIG_TABS:
        rows = book.rows(title)
        header = next((row for row in rows if tabs.CONFIG_MARKS in row), None)
        if header is None:
            continue
        place = list(header).index(tabs.CONFIG_MARKS)
        below = rows[rows.index(header) + 1 :]
        found |= {(title, row[place == 0]): str(row[place]) for row in below if len(row) > place and row[place]}
    return found


def people_and_config(book: MemoryWorkbook) -> dict[str, list[Row]]:
    """Everything that people keep: the config tabs without the marks, and the inputs of the unit."""
    found: dict[str, list[Row]] = {"mot": [row[: HEADERS.index("Kết quả")] for row in book.rows("mot")[1:]]}
    for title in tabs.CONFIG_TABS:
        width = len(tabs.HEADERS[title])
        found[title] = [row[:width] for row in book.rows(title)]
    return found


def journal(book: MemoryWorkbook, kind: str) -> list[tuple[Cell, ...]]:
    return [tuple(line[2:4]) for line in book.rows(tabs.JOURNAL)[1:] if line[1] == kind]


def refusals(mails: Sequence[Mail]) -> list[Mail]:
    return [mail for mail in mails if mail.kind == "cau-hinh"]


# --- marks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([BAD_DEADLINE], {(tabs.SETTINGS, "Hạn hoàn thành"): "Ô B6: Mục “Hạn hoàn thành” "}),
        (
            [BAD_CHECK, BAD_HEADCOUNT],
            {
                (tabs.RULES, "cmnd-9-so"): "Ô E18: Không có giá trị “số định dang”. ",
                (tabs.REGISTRY, "mot"): "Ô F2: “nhiều” không phải số người. ",
            },
        ),
        ([lambda book: book.delete_row(tabs.SETTINGS, 6)], {(tabs.SETTINGS, "Tên chiến dịch"): "Cả trang: Thiếu mục"}),
        ([lambda book: book.type(tabs.STATUSES, 1, 4, "Lúc")], {(tabs.STATUSES, "1"): "Cả trang: Thiếu cột “Khi”"}),
        (
            [lambda book: book.replace_rows(tabs.LADDER, book.rows(tabs.LADDER)[1:])],
            {(tabs.LADDER, "truoc-14"): "Cả trang: Không tìm thấy dòng tiêu đề."},
        ),
    ],
)
def test_each_problem_stands_beside_its_cell_and_nothing_else_is_touched(
    book: MemoryWorkbook, store: MemoryStore, edits: Sequence[Edit], expected: dict[tuple[str, Cell], str]
) -> None:
    cycle(book, store)
    for edit in edits:
        edit(book)
    before = people_and_config(book)
    found, _ = cycle(book, store, THURSDAY + QUARTER)
    assert people_and_config(book) == before
    present = marks(book)
    assert {place: mark[: len(expected.get(place, ""))] for place, mark in present.items()} == expected
    assert exit_status(found.problems) is ExitStatus.NEEDS_PERSON
    again, mails = cycle(book, store, THURSDAY + 2 * QUARTER)
    assert (again.cells_written, mails) == (0, [])


def test_marks_go_away_once_the_cells_are_mended(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    BAD_DEADLINE(book)
    BAD_CHECK(book)
    cycle(book, store)
    assert len(marks(book)) == 2
    GOOD_DEADLINE(book)
    cycle(book, store)
    assert [title for title, _ in marks(book)] == [tabs.RULES]
    GOOD_CHECK(book)
    found, _ = cycle(book, store)
    assert marks(book) == {}
    assert found.problems == ()
    assert cycle(book, store)[0].cells_written == 0


def test_marks_follow_rows_and_columns_that_were_moved(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    BAD_DEADLINE(book)
    cycle(book, store)
    padded: list[list[Cell]] = [[*row, *[None] * (4 - len(row))] for row in book.rows(tabs.SETTINGS)]
    headers, *rows = padded
    moved: list[list[Cell]] = [
        ["Cấu hình của đợt này"],
        [],
        *([row[3], row[2], row[0], row[1]] for row in (headers, *reversed(rows))),
    ]
    book.replace_rows(tabs.SETTINGS, moved)
    cycle(book, store)
    ((place, mark),) = marks(book).items()
    row = next(n for n, line in enumerate(moved, 1) if "Hạn hoàn thành" in line)
    assert mark.startswith(f"Ô D{row}: ")
    assert book.cell(tabs.SETTINGS, row, 1) == mark
    assert place[0] == tabs.SETTINGS
    values = next(column for column, header in enumerate(moved[2], 1) if header == "Giá trị")
    book.type(tabs.SETTINGS, row, values, "30/04/2023")
    cycle(book, store)
    assert marks(book) == {}


def test_rows_that_move_between_read_and_write_keep_their_marks(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    BAD_DEADLINE(book)
    book.meanwhile(lambda b: b.insert_row(tabs.SETTINGS, 2, ["Đường dây nóng", "số 1"]))
    cycle(book, store)
    assert list(marks(book)) == [(tabs.SETTINGS, "Hạn hoàn thành")]
    assert next(iter(marks(book).values())).startswith("Ô B7: ")


def test_what_is_mended_between_read_and_write_is_in_force(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    BAD_DEADLINE(book)
    book.meanwhile(GOOD_DEADLINE)
    found, mails = cycle(book, store)
    assert (found.problems, marks(book), refusals(mails)) == ((), {}, [])


def test_looking_leaves_no_marks(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    BAD_DEADLINE(book)
    before = book.rows(tabs.SETTINGS)
    check(book, store, standing_clock(THURSDAY))
    found, mails = cycle(book, store, dry_run=True)
    assert (found.queued, mails) == (1, [])
    assert book.rows(tabs.SETTINGS) == before
    assert "cau-hinh" not in [record.kind for record in store.mail_history()]


# --- mail -------------------------------------------------------------------------------------------------


def test_the_admin_is_told_once(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    BAD_DEADLINE(book)
    _, mails = cycle(book, store, THURSDAY + QUARTER)
    (mail,) = refusals(mails)
    assert mail.to == ("thu-nghiem@example.org",)  # mails are on trial by default
    assert "quan-tri@example.org" in mail.text
    assert "cuối tháng" in mail.text
    assert "08:00 ngày 20/04/2023" in " ".join(mail.text.split())
    for later in (2 * QUARTER, timedelta(days=1), timedelta(days=5)):
        assert refusals(cycle(book, store, THURSDAY + later)[1]) == []


def test_another_set_of_problems_is_told_again(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    BAD_DEADLINE(book)
    assert len(refusals(cycle(book, store)[1])) == 1
    BAD_CHECK(book)
    (mail,) = refusals(cycle(book, store)[1])
    assert "2 lỗi" in mail.subject
    assert refusals(cycle(book, store)[1]) == []


def test_a_mistake_that_comes_back_is_told_again(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    for hours in (1, 3):
        BAD_DEADLINE(book)
        assert len(refusals(cycle(book, store, THURSDAY + timedelta(hours=hours))[1])) == 1
        GOOD_DEADLINE(book)
        assert refusals(cycle(book, store, THURSDAY + timedelta(hours=hours + 1))[1]) == []


@pytest.mark.parametrize(("mended", "told"), [(False, 1), (True, 0)])
def test_a_refusal_at_night_is_told_in_the_morning_unless_it_is_mended(
    book: MemoryWorkbook, store: MemoryStore, mended: bool, told: int
) -> None:
    cycle(book, store)
    BAD_DEADLINE(book)
    night, mails = cycle(book, store, THURSDAY.replace(hour=20))
    assert (night.queued, mails) == (1, [])
    if mended:
        GOOD_DEADLINE(book)
        cycle(book, store, THURSDAY.replace(hour=21))
    _, mails = cycle(book, store, THURSDAY + timedelta(days=1))
    assert len(refusals(mails)) == told


def test_the_admin_of_the_configuration_in_force_is_told(book: MemoryWorkbook, store: MemoryStore) -> None:
    put(tabs.SETTINGS, "Chế độ gửi thư", "Giá trị", "Thật")(book)
    cycle(book, store, THURSDAY.replace(hour=20))
    put(tabs.SETTINGS, "Email quản trị", "Giá trị", "khac@example.org")(book)
    BAD_DEADLINE(book)
    _, mails = cycle(book, store)
    assert [mail.to for mail in refusals(mails)] == [("quan-tri@example.org",)]
    assert "[Thư thử]" not in refusals(mails)[0].text


def test_no_mail_but_the_one_of_it_tells_of_a_refusal_or_quotes_a_cell(
    book: MemoryWorkbook, store: MemoryStore
) -> None:
    cycle(book, store)
    put(tabs.REGISTRY, "mot", "Email đầu mối", "nguyen.van.an(at)example.org")(book)
    mails = [mail for days in (1, 8) for mail in cycle(book, store, THURSDAY + timedelta(days=days))[1]]
    (refusal,) = refusals(mails)
    others = [mail for mail in mails if mail is not refusal]
    assert "chưa được áp dụng" in refusal.text
    assert {mail.kind for mail in others} >= {"tong-hop", "quan-tri"}
    assert [mail.kind for mail in others if "chưa được áp dụng" in mail.text] == []
    assert not any("nguyen.van.an" in mail.text + mail.html for mail in others)


def test_without_any_good_configuration_nobody_is_mailed_and_the_tabs_tell(
    book: MemoryWorkbook, store: MemoryStore
) -> None:
    BAD_DEADLINE(book)
    found, mails = cycle(book, store)
    assert (found.judged, mails, store.mail_history()) == (None, [], [])
    assert list(marks(book)) == [(tabs.SETTINGS, "Hạn hoàn thành")]
    assert len(journal(book, "Cần xử lý")) == 2
    assert book.cell(tabs.JOURNAL, 2, 1) == THURSDAY
    assert exit_status(found.problems) is ExitStatus.NEEDS_PERSON
    assert cycle(book, store)[0].cells_written == 0
    GOOD_DEADLINE(book)
    assert cycle(book, store)[0].problems == ()
    assert marks(book) == {}


# --- what changed -----------------------------------------------------------------------------------------

DEADLINE_CELL = "Trang “Cấu hình”, mục “Hạn hoàn thành”, cột “Giá trị”"


def test_the_journal_notes_a_change_that_is_in_force_once(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    assert journal(book, "Đổi cấu hình") == []
    NEW_DEADLINE(book)
    for minutes in (15, 30):
        cycle(book, store, THURSDAY + timedelta(minutes=minutes))
        assert journal(book, "Đổi cấu hình") == [(DEADLINE_CELL, "“30/04/2023” → “15/05/2023”")]


def test_a_refused_change_is_noted_once_it_is_in_force(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    NEW_DEADLINE(book)
    BAD_CHECK(book)
    cycle(book, store)
    assert journal(book, "Đổi cấu hình") == []
    GOOD_CHECK(book)
    cycle(book, store)
    assert journal(book, "Đổi cấu hình") == [(DEADLINE_CELL, "“30/04/2023” → “15/05/2023”")]


def test_a_configuration_is_in_force_since_its_last_change(book: MemoryWorkbook, store: MemoryStore) -> None:
    cycle(book, store)
    NEW_DEADLINE(book)
    cycle(book, store, THURSDAY + timedelta(hours=1))
    rows = book.rows(tabs.RULES)
    book.replace_rows(tabs.RULES, [rows[0], *reversed(rows[1:])])
    cycle(book, store, THURSDAY + timedelta(hours=2))
    BAD_CHECK(book)
    found, _ = cycle(book, store, THURSDAY + timedelta(hours=3))
    assert "có hiệu lực từ 09:00 20/04/2023" in found.problems[0].what


class SometimesBusy(MemoryWorkbook):
    """Somebody has it open while `busy` is set."""

    busy = False

    def write(self, changes: Sequence[CellChange], basis: Snapshot, *, look: bool = True) -> WriteOutcome:
        if self.busy:
            raise WorkbookBusy("Tệp đang mở.")
        return super().write(changes, basis, look=look)


def test_a_change_that_could_not_be_noted_is_noted_later(book: MemoryWorkbook, store: MemoryStore) -> None:
    open_book = SometimesBusy({tab.title: tab.rows for tab in book.read().tabs})
    cycle(open_book, store)
    open_book.busy = True
    NEW_DEADLINE(open_book)
    cycle(open_book, store, THURSDAY + QUARTER)
    put(tabs.SETTINGS, "Chỉ tiêu (%)", "Giá trị", "95")(open_book)
    cycle(open_book, store, THURSDAY + 2 * QUARTER)
    assert journal(open_book, "Đổi cấu hình") == []
    open_book.busy = False
    cycle(open_book, store, THURSDAY + 3 * QUARTER)
    assert [what for _, what in journal(open_book, "Đổi cấu hình")] == ["“30/04/2023” → “15/05/2023”", "“100” → “95”"]
    cycle(open_book, store, THURSDAY + 4 * QUARTER)
    assert len(journal(open_book, "Đổi cấu hình")) == 2


def test_a_configuration_judged_by_while_the_file_was_open_stays_in_force(
    book: MemoryWorkbook, store: MemoryStore
) -> None:
    open_book = SometimesBusy({tab.title: tab.rows for tab in book.read().tabs})
    cycle(open_book, store)
    open_book.busy = True
    NEW_DEADLINE(open_book)
    cycle(open_book, store, THURSDAY + QUARTER)
    BAD_CHECK(open_book)
    found, _ = cycle(open_book, store, THURSDAY + 2 * QUARTER)
    assert found.judged is not None
    assert found.judged.config.settings.deadline == datetime(2023, 5, 15).date()


# --- a real file ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_real_file_shows_what_is_wrong_and_forgets_it_once_mended(tmp_path: Path, store: MemoryStore) -> None:
    units, path = tmp_path / "units.csv", tmp_path / "so.xlsx"
    units.write_text("Mã,Tên đơn vị\nbv-a,Bệnh viện A\nbv-b,Bệnh viện B\n", "utf-8")
    set_up(ExcelWorkbook(path), units)
    cycle(ExcelWorkbook(path), store)
    places = {"Cấu hình": "B8", "Quy tắc": "E4", "Đơn vị": "F5"}
    edited = load_workbook(path)
    good = {title: edited[title][cell].value for title, cell in places.items()}
    for title, cell in places.items():
        edited[title][cell] = "tùy"
    edited.save(path)
    cycle(ExcelWorkbook(path), store)
    assert cycle(ExcelWorkbook(path), store)[0].cells_written == 0

    marked = load_workbook(path)
    states = {title: str(marked[title]["A2"].value).splitlines()[0] for title in (*places, "Danh mục")}
    assert states == {
        "Cấu hình": "Tình trạng: 1 lỗi, lỗi đầu ở ô B8; đang dùng bản có từ 08:00 20/04/2023.",
        "Quy tắc": "Tình trạng: 1 lỗi, lỗi đầu ở ô E4; đang dùng bản có từ 08:00 20/04/2023.",
        "Đơn vị": "Tình trạng: 1 lỗi, lỗi đầu ở ô F5; đang dùng bản có từ 08:00 20/04/2023.",
        "Danh mục": "Tình trạng: chưa áp dụng vì có 3 lỗi ở trang “Cấu hình”, “Quy tắc”, “Đơn vị”;"
        " đang dùng bản có từ 08:00 20/04/2023.",
    }
    columns = {"Cấu hình": "D", "Quy tắc": "I", "Đơn vị": "U"}
    for title, cell in places.items():
        assert marked[title][f"{columns[title]}3"].value == tabs.CONFIG_MARKS
        assert str(marked[title][f"{columns[title]}{cell[1:]}"].value).startswith(f"Ô {cell}: ")
        assert marked[title][cell].value == "tùy"
        marked[title][cell] = good[title]
    marked.save(path)
    cycle(ExcelWorkbook(path), store)
    mended = load_workbook(path)
    assert str(mended["Quy tắc"]["A2"].value).startswith("Tình trạng: đang áp dụng từ 08:00 20/04/2023.\nMỗi dòng là")
    for title, column in columns.items():
        below = [mended[title][f"{column}{row}"].value for row in range(4, mended[title].max_row + 1)]
        assert set(below) <= {None}
    assert set_up(ExcelWorkbook(path)).new_headers == ()
    assert cycle(ExcelWorkbook(path), store)[0].problems == ()
