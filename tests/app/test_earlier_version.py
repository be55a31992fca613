"""What a later version brings: taken from the shipped tables, told, added by `init`; what was deleted stays away.

The double of the shipped tables says of some parts of today's that they came in a later version; the workbook is the
old one without them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from automation.adapters.config_files import default_tables, shipped_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, check, run_cycle
from automation.app.exit_status import ExitStatus
from automation.app.init import SetUpReport, set_up
from automation.base.errors import WorkbookNotPrepared
from automation.cli.report import exit_status
from automation.core.admin.completing import Reading, read_completed, version_of
from automation.core.admin.planned_tabs import EXPLANATION_ROW, ROW_KEYS, headers_of, lines_of, table_in
from automation.core.admin.reader import Refused
from automation.core.admin.settings import known_as
from automation.core.config import tabs
from automation.core.config.shipped import Addition, ShippedTables
from automation.core.config.values import KNOWN_FIELDS, Config, FieldCode, FieldType
from automation.core.model.workbook import Cell, ConfigTables, Row
from automation.core.reading.cells import as_text
from tests.fakes_store import MemoryStore
from tests.tree import ROOT

OLD = ROOT / "tests" / "workbooks_of_old" / "bang-1.xlsx"
CLOCK = standing_clock(datetime(2023, 4, 20, 8, 0))

SHIPPED = shipped_tables()
NEXT = SHIPPED.version + 1
LATER = (
    Addition(SHIPPED.version, tabs.FIELDS, row=(FieldCode.DIFFICULTY,)),
    Addition(SHIPPED.version, tabs.REGISTRY, header="Điện thoại đầu mối"),
    Addition(SHIPPED.version, tabs.STATUSES, row=("cho-the",)),
    Addition(SHIPPED.version, tabs.SETTINGS, row=("Email quản trị",)),
    Addition(NEXT, tabs.LADDER),
)
"""A field that the program knows, a header of the registry, a status, a setting without a default, a whole tab."""
SINCE = (tabs.LISTS, tabs.RULES, tabs.PART_RATES, tabs.DOCUMENTS)
"""The other tabs to which today's tables brought what the workbook of the first version lacks."""


def brought(title: str) -> set[str]:
    """What names the rows that versions after the first brought to a tab, `LATER` included."""
    return {each.row[-1] for each in (*SHIPPED.additions, *LATER) if each.tab == title and each.row and not each.header}


def later_tables(*additions: Addition) -> ShippedTables:
    shipped = shipped_tables()
    return replace(shipped, additions=(*shipped.additions, *(additions or LATER)))


# --- the workbook, and what people do to it ---------------------------------------------------------------


def remove_row(sheet: Worksheet, *key: str, first: int = 1) -> None:
    """The row that has the key in its cells from column `first` on."""
    numbered = enumerate(sheet.iter_rows(min_col=first, values_only=True), start=1)
    sheet.delete_rows(next(number for number, cells in numbered if cells[: len(key)] == key))


def remove_status(book: Book, code: str) -> None:
    remove_row(book[tabs.STATUSES], code, first=2)


def edit(path: Path, change: Callable[[Book], object]) -> None:
    book = load_workbook(path)
    change(book)
    book.save(path)


def without_later(book: Book) -> None:
    """The workbook as a version before `LATER` would have made it."""
    remove_row(book[tabs.FIELDS], FieldCode.DIFFICULTY)
    remove_status(book, "cho-the")
    remove_row(book[tabs.SETTINGS], "Email quản trị")
    registry = book[tabs.REGISTRY]
    registry.delete_cols(next(cell.column for cell in registry[3] if cell.value == "Điện thoại đầu mối"))
    del book[tabs.LADDER]


@pytest.fixture(scope="module")
def as_it_was(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(OLD, tmp_path_factory.mktemp("old")))
    edit(path, without_later)
    return path


@pytest.fixture
def path(as_it_was: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(as_it_was, tmp_path))


def rows(path: Path, title: str) -> Sequence[Row]:
    return next((tab.rows for tab in ExcelWorkbook(path).read().tabs if tab.title == title), ())


def tables(path: Path) -> ConfigTables:
    return {title: found for title in tabs.CONFIG_TABS if (found := rows(path, title))}


def lines(path: Path, title: str) -> dict[str, dict[str, str]]:
    """The rows of a config tab by their first key."""
    table = table_in(title, rows(path, title))
    assert table is not None
    body = rows(path, title)[table.header_row :]
    texts = ({header: as_text(table.cell(row, header)) for header in headers_of(title)} for row in body)
    return {line[ROW_KEYS[title][-1]]: line for line in texts if line[ROW_KEYS[title][-1]]}


def checked(path: Path, shipped: ShippedTables) -> CycleReport:
    return check(ExcelWorkbook(path), MemoryStore(), CLOCK, shipped=shipped)


def statuses(found: CycleReport) -> list[tuple[str, int, str]]:
    assert found.judged is not None
    return list(found.judged.people[["unit", "row", "status"]].itertuples(index=False, name=None))


def init(path: Path, shipped: ShippedTables) -> SetUpReport:
    return set_up(ExcelWorkbook(path), clock=CLOCK, shipped=shipped)


# --- lacking ----------------------------------------------------------------------------------------------


def test_without_a_history_the_same_workbook_is_refused(path: Path) -> None:
    with pytest.raises(WorkbookNotPrepared):
        checked(path, shipped_tables())


def test_what_is_lacking_is_taken_from_the_shipped_tables_and_named(path: Path) -> None:
    found = checked(path, later_tables())
    assert statuses(found) == statuses(checked(OLD, shipped_tables()))
    assert exit_status(found.problems) is ExitStatus.DONE
    told = {problem.where: problem.what for problem in found.problems if "tccb init" in problem.fix}
    assert "không theo cấu hình đang áp dụng" in told.pop(f"Trang “{tabs.GUIDE}”")
    assert set(told) == {f"Trang “{tab}”" for tab in (*{each.tab for each in LATER}, *SINCE)}
    assert all("bản 1" in what and f"bản {NEXT}" in what for what in told.values())
    for tab, part in (
        (tabs.FIELDS, "dòng kho-khan"),
        (tabs.REGISTRY, "cột Điện thoại đầu mối"),
        (tabs.STATUSES, "dòng cho-the"),
        (tabs.SETTINGS, "dòng Email quản trị"),
        (tabs.LADDER, "cả trang"),
    ):
        assert f"“{part}”" in told[f"Trang “{tab}”"]


def without_state(found: ConfigTables) -> ConfigTables:
    """The config tabs without the line of the bot's that says since when they count; the registry is the bot's too."""
    return {
        title: [row for number, row in enumerate(rows, start=1) if number != EXPLANATION_ROW]
        for title, rows in found.items()
        if title != tabs.REGISTRY
    }


def test_a_cycle_writes_it_into_the_journal_and_leaves_the_config_tabs_alone(path: Path) -> None:
    before = tables(path)
    store = MemoryStore()
    run_cycle(ExcelWorkbook(path), store, None, CLOCK, shipped=later_tables())
    assert without_state(tables(path)) == without_state(before)
    journal = [" ".join(map(as_text, row)) for row in rows(path, tabs.JOURNAL)]
    assert sum("tccb init" in line and f"bản {NEXT}" in line for line in journal) == len(LATER) + len(SINCE)
    again = run_cycle(ExcelWorkbook(path), store, None, CLOCK, shipped=later_tables())
    assert again.cells_written == 0


def test_init_adds_it_and_raises_the_version(path: Path) -> None:
    shipped = later_tables()
    before = lines(path, tabs.SETTINGS)
    done = init(path, shipped)
    assert (done.drawn, done.problems) == (True, ())
    assert done.new_tabs == (tabs.PART_RATES, tabs.DOCUMENTS, tabs.LADDER, tabs.MAILS)
    assert done.new_headers == ((tabs.REGISTRY, "Điện thoại đầu mối"),)
    assert set(done.new_settings) == brought(tabs.SETTINGS)
    others = (tabs.FIELDS, tabs.STATUSES, tabs.RULES)
    assert set(done.new_rows) >= {(tabs.FIELDS, FieldCode.DIFFICULTY), (tabs.STATUSES, "cho-the")}
    assert {(tab, row) for tab, row in done.new_rows if tab in others} == {
        (tab, row) for tab in others for row in brought(tab)
    }
    assert version_of(tables(path)) == NEXT
    after = lines(path, tabs.SETTINGS)
    assert {name: after[name] for name in before} == before
    found = checked(path, shipped)
    assert found.problems == ()
    assert statuses(found) == statuses(checked(OLD, shipped_tables()))
    again = init(path, shipped)
    assert (again.new_tabs, again.new_headers, again.new_settings, again.new_rows) == ((), (), (), ())


@pytest.mark.slow
def test_what_was_deleted_on_purpose_stays_away_before_and_after_init(path: Path) -> None:
    def delete(book: Book) -> None:
        remove_row(book[tabs.RULES], "ho-ten-la")
        remove_row(book[tabs.LISTS], "Khó khăn", "Khác")
        remove_row(book[tabs.SETTINGS], "Địa danh")
        remove_status(book, "khong-duyet")

    def are_gone() -> bool:
        return not (
            "ho-ten-la" in lines(path, tabs.RULES)
            or "Khác" in lines(path, tabs.LISTS)
            or "Địa danh" in lines(path, tabs.SETTINGS)
            or "khong-duyet" in lines(path, tabs.STATUSES)
        )

    edit(path, delete)
    judged = checked(path, later_tables()).judged
    assert judged is not None
    assert "ho-ten-la" not in {rule.code for rule in judged.config.rules}
    init(path, later_tables())
    assert are_gone()
    # and so does what came with a later version, once the workbook has had it
    edit(path, lambda book: remove_status(book, "cho-the"))
    assert "cho-the" not in (checked(path, later_tables()).judged or judged).total.statuses
    init(path, later_tables())
    assert are_gone()
    assert "cho-the" not in lines(path, tabs.STATUSES)


def test_what_the_program_cannot_do_without_is_named_once_the_workbook_has_had_it(path: Path) -> None:
    init(path, later_tables())
    edit(path, lambda book: remove_row(book[tabs.FIELDS], FieldCode.DIFFICULTY))
    for problems in (checked(path, later_tables()).problems, init(path, later_tables()).problems):
        assert any("“kho-khan”" in problem.what and "“kho-khan”" in problem.fix for problem in problems)
        assert exit_status(problems) is ExitStatus.NEEDS_PERSON


def test_a_workbook_of_a_later_program_keeps_its_version(path: Path) -> None:
    init(path, later_tables())
    assert init(path, shipped_tables()).drawn
    assert version_of(tables(path)) == NEXT


# --- what the program did not know before -----------------------------------------------------------------


def shipped_with(
    rows: Mapping[str, Sequence[Row]], *additions: Addition, fields: Mapping[str, FieldType] | None = None
) -> ShippedTables:
    """The shipped tables with rows below their own."""
    shipped = shipped_tables()
    longer = {title: [*found, *rows.get(title, ())] for title, found in default_tables().items()}
    known = {**KNOWN_FIELDS, **(fields or {})}
    others = {title: found for title, found in rows.items() if title not in longer}
    return ShippedTables({**longer, **others}, (*shipped.additions, *additions), known)


def field(code: str, header: str, other: str | None = None) -> Row:
    return [code, header, other, "văn bản", None, "Không", "Có", "Cột mới."]


def status(order: Cell, code: str, label: str, when: str) -> Row:
    return [order, code, label, when, "chưa hoàn thành", "Chờ.", None]


NEW_FIELD = Addition(3, tabs.FIELDS, row=("chuc-danh",))
NEW_STATUS = Addition(3, tabs.STATUSES, row=("cho-xac-minh",))
NEW_SETTING = Addition(3, tabs.SETTINGS, row=("Số ngày xác minh",))
NEW_HEADER = Addition(3, tabs.REGISTRY, header="Đơn vị cấp trên")
NEW_TAB = Addition(3, tabs.PART_RATES)


def old_tables() -> ConfigTables:
    return tables(OLD)


def read(shipped: ShippedTables) -> Reading:
    return read_completed(old_tables(), shipped)


def test_new_parts_of_every_kind_are_read_out_of_the_shipped_tables() -> None:
    new_rows: dict[str, Sequence[Row]] = {
        tabs.FIELDS: [field("chuc-danh", "Chức danh")],
        tabs.STATUSES: [status("9", "cho-xac-minh", "Chờ xác minh", "Chức danh = x")],
        tabs.SETTINGS: [["Số ngày xác minh", "7", "Mục mới."]],
        tabs.PART_RATES: [["mot", "Một", "Họ và tên có"]],
    }
    shipped = shipped_with(
        new_rows, NEW_FIELD, NEW_STATUS, NEW_SETTING, NEW_HEADER, NEW_TAB, fields={"chuc-danh": FieldType.TEXT}
    )
    registry = [
        [*row, "Đơn vị cấp trên" if number == 0 else None] for number, row in enumerate(shipped.tables[tabs.REGISTRY])
    ]
    found = read(replace(shipped, tables={**shipped.tables, tabs.REGISTRY: registry}))
    assert isinstance(found.config, Config)
    assert found.left_out == ()
    assert found.config.field("chuc-danh").used
    codes = [each.code for each in found.config.statuses]
    # as shipped: before what has the same place, behind what stands before that
    assert codes[codes.index("cho-xac-minh") - 1 :][:3] == ["cho-dang-nhap", "cho-xac-minh", "cho-kich-hoat"]
    assert found.config.raw_settings["Số ngày xác minh"] == "7"
    assert [rate.code for rate in found.config.part_rates] == ["the", "tai-khoan", "muc-2", "mot"]
    assert any("Đơn vị cấp trên" in map(as_text, row) for row in found.tables[tabs.REGISTRY])
    told = " ".join(problem.what for problem in found.taken)
    for part in ("dòng chuc-danh", "dòng cho-xac-minh", "dòng Số ngày xác minh", "cột Đơn vị cấp trên", "cả trang"):
        assert part in told


@pytest.mark.parametrize(
    ("rows", "addition", "said"),
    [
        # the old workbook has a column “Chức vụ” of the admin's own
        ({tabs.FIELDS: [field("chuc-danh", "Chức vụ")]}, NEW_FIELD, "Dùng là Không"),
        ({tabs.FIELDS: [field("chuc-danh", "Chức danh", "Chức vụ")]}, NEW_FIELD, "Dùng là Không"),
        # and a status “Chưa khai”, and no column “Nơi ở”
        ({tabs.STATUSES: [status("9", "cho-xac-minh", "Chưa khai", "Điện thoại có")]}, NEW_STATUS, "chưa thêm được"),
        ({tabs.STATUSES: [status("9", "cho-xac-minh", "Chờ", "Nơi ở có")]}, NEW_STATUS, "chưa thêm được"),
        (
            {tabs.LISTS: [["Thẻ", "Căn cước mới", None, None]]},
            Addition(3, tabs.LISTS, row=("Thẻ", "Căn cước mới")),
            "chưa thêm được",
        ),
    ],
)
def test_what_finds_no_place_keeps_nobody_from_being_judged(
    rows: Mapping[str, Sequence[Row]], addition: Addition, said: str
) -> None:
    fields = {"chuc-danh": FieldType.TEXT} if addition is NEW_FIELD else {}
    found = read(shipped_with(rows, addition, fields=fields))
    assert isinstance(found.config, Config)
    (problem,) = found.left_out
    assert said in problem.what
    assert f"“{' / '.join(addition.row)}”" in problem.what
    assert not problem.needs_person
    if addition is NEW_FIELD:
        assert not found.config.field("chuc-danh").used


def test_an_admins_own_row_of_the_same_name_stays_as_it_is() -> None:
    shipped = shipped_with(
        {tabs.SETTINGS: [["Nơi tập huấn", "trực tuyến", None]]}, Addition(3, tabs.SETTINGS, row=("Nơi tập huấn",))
    )
    found = read(shipped)
    assert isinstance(found.config, Config)
    assert found.config.raw_settings["Nơi tập huấn"] == "hội trường của đơn vị"
    assert "Nơi tập huấn" not in " ".join(problem.what for problem in found.notices)


def test_a_tab_of_ones_own_under_the_title_of_a_new_one_keeps_nobody_from_being_judged(path: Path) -> None:
    def add(book: Book) -> None:
        book.create_sheet(tabs.DOCUMENTS)["A1"] = "Công văn đến trong tháng"

    shipped = shipped_tables()
    path = Path(shutil.copy(OLD, path.with_name("so.xlsx")))
    edit(path, add)
    found = checked(path, shipped)
    assert statuses(found) == statuses(checked(OLD, shipped))
    (told,) = [problem for problem in found.problems if "Đổi tên trang này" in problem.fix]
    assert (told.where, told.needs_person) == (f"Trang “{tabs.DOCUMENTS}”", False)
    done = init(path, shipped)
    assert (done.drawn, done.problems[0]) == (False, told)
    edit(path, lambda book: setattr(book[tabs.DOCUMENTS], "title", "Công văn đến"))
    assert init(path, shipped).drawn
    assert "Công văn đến trong tháng" in [as_text(row[0]) for row in rows(path, "Công văn đến")]


def test_a_row_of_a_new_tab_that_cannot_be_read_here_is_left_out_alone() -> None:
    found = read(shipped_with({tabs.PART_RATES: [["nha", "Có nhà", "Nơi ở có"]]}))
    assert isinstance(found.config, Config)
    assert [rate.code for rate in found.config.part_rates] == ["the", "tai-khoan", "muc-2"]
    (problem,) = found.left_out
    assert ("“nha”" in problem.what, problem.needs_person) == (True, False)


@pytest.mark.parametrize(
    ("typed", "version"), [(None, 1), ("2", 2), (2, 2), (2.0, 2), ("hai", 1), (0, 1), ("-3", 1), ("#REF!", 1)]
)
def test_the_version_is_what_the_cell_says(typed: Cell, version: int) -> None:
    assert version_of({tabs.SETTINGS: [["Mục", "Giá trị", "Giải thích"], ["Phiên bản bảng", typed, None]]}) == version


def test_a_version_that_cannot_be_read_is_refused_at_its_cell() -> None:
    settings = [
        ["Phiên bản bảng", "mới", None] if row[0] == "Phiên bản bảng" else row
        for row in default_tables()[tabs.SETTINGS]
    ]
    found = read_completed({**default_tables(), tabs.SETTINGS: settings}, shipped_tables()).config
    assert isinstance(found, Refused)
    assert ["“Phiên bản bảng”" in problem.what for problem in found.problems] == [True]


# --- the history itself -----------------------------------------------------------------------------------


def test_new_workbooks_have_the_version_of_the_shipped_tables() -> None:
    assert version_of(default_tables()) == shipped_tables().version
    found = read_completed(default_tables(), shipped_tables())
    assert (found.notices, isinstance(found.config, Config)) == ((), True)


def test_every_addition_names_what_is_shipped() -> None:
    shipped = shipped_tables()
    for each in shipped.additions:
        found = lines_of(each.tab, shipped.tables[each.tab])
        assert not each.header or each.header in headers_of(each.tab)
        if each.row:
            (line,) = [line for line in found if tuple(as_text(line[key]) for key in ROW_KEYS[each.tab]) == each.row]
            assert not each.header or line[each.header]


@pytest.mark.parametrize("title", [title for title in tabs.CONFIG_TABS if title != tabs.REGISTRY])
def test_everything_that_is_shipped_was_there_at_first_or_is_in_the_history(title: str) -> None:
    """Whoever adds to the shipped tables says in `phien-ban.csv` with which version it came."""
    additions = [each for each in shipped_tables().additions if each.tab == title]
    if any(not each.header and not each.row for each in additions):
        return
    first = rows(OLD, title)
    table = table_in(title, first)
    assert table is not None
    later = {each.header for each in additions if not each.row}
    assert set(tabs.HEADERS[title]) - set(table.columns) <= later
    present = {tuple(as_text(table.cell(row, key)) for key in ROW_KEYS[title]) for row in first[table.header_row :]}
    if title == tabs.SETTINGS:
        present = {(known_as(name),) for (name,) in present}
    shipped = {
        tuple(as_text(line[key]) for key in ROW_KEYS[title]) for line in lines_of(title, default_tables()[title])
    }
    assert shipped - present <= {each.row for each in additions if not each.header}
