"""What means something to the program is told in its own cell: order means nothing, codes that mails rely on stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

from automation.adapters.config_files import shipped_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.core.admin.completing import read_completed
from automation.core.admin.planned_tabs import plan_config_tabs, table_in
from automation.core.admin.reader import Refused
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.judging.judging import judge
from automation.core.model.problems import Problem
from automation.core.model.workbook import Cell, ConfigTables, Row, Snapshot, cell_name
from automation.core.reading.cells import as_text, fold
from automation.core.reading.tables import body
from tests.examples import cross_section
from tests.tree import ROOT
from tests.workbooks import NOW

GENDERS, ANSWERS, LEVELS, STAGES = "Giới tính", "Có không", "Mức tài khoản", "Tình trạng tài khoản"
LAST = "Đã kích hoạt và đăng nhập"
Tables = Mapping[str, list[list[Cell]]]
Change = Callable[[Tables], None]


# --- a workbook as admins keep it, and what they do to it -------------------------------------------------


@cache
def snapshot() -> Snapshot:
    """The workbook of the first version: its cells of `Tính` are blank but for the reasons of exemption."""
    return ExcelWorkbook(ROOT / "tests" / "workbooks_of_old" / "bang-1.xlsx").read()


@cache
def old_tables() -> ConfigTables:
    return {tab.title: tab.rows for tab in snapshot().tabs if tab.title in tabs.CONFIG_TABS}


@cache
def told_tables() -> ConfigTables:
    """The same after `init`: every meaning is told in its cell."""
    shipped = shipped_tables()
    brought = read_completed(old_tables(), shipped).brought
    planned = plan_config_tabs(snapshot(), shipped.tables, None, brought, shipped.version)
    return {title: tab.rows for title, tab in planned.items()}


BOTH = pytest.mark.parametrize("tables_of", cross_section([old_tables, told_tables], told_tables))


def changed(tables: ConfigTables, *changes: Change) -> ConfigTables:
    copy = {title: [list(row) for row in rows] for title, rows in tables.items()}
    for change in changes:
        change(copy)
    return copy


def place(tables: Mapping[str, Any], title: str, key: str, header: str) -> tuple[int, int]:
    """(row, column) of the cell in the row with `key` in one of its first two columns."""
    rows = tables[title]
    table = table_in(title, rows)
    assert table is not None
    number = next(number for number, row in body(rows, table) if key in map(as_text, row[:2]))
    return number, table.columns[header]


def put(title: str, key: str, header: str, value: Cell) -> Change:
    def change(tables: Tables) -> None:
        row, column = place(tables, title, key, header)
        cells = tables[title][row - 1]
        cells.extend([None] * (column - len(cells)))
        cells[column - 1] = value

    return change


def delete(title: str, key: str) -> Change:
    def change(tables: Tables) -> None:
        row, _ = place(tables, title, key, tabs.HEADERS[title][0])
        del tables[title][row - 1]

    return change


def in_other_order(
    name: str, key: Callable[[Row], Any] = lambda row: as_text(row[1]), *, reverse: bool = False
) -> Change:
    """The rows of one list sorted, or turned round."""

    def change(tables: Tables) -> None:
        rows = tables[tabs.LISTS]
        places = [number for number, row in enumerate(rows) if row and as_text(row[0]) == name]
        cells = [[*row, *[None] * (4 - len(row))][:4] for row in (rows[number] for number in places)]
        ordered = cells[::-1] if reverse else sorted(cells, key=key)
        assert ordered != cells
        for number, row in zip(places, ordered, strict=True):
            rows[number][:4] = row

    return change


def turned_round(name: str) -> Change:
    return in_other_order(name, reverse=True)


def statuses_by_code(tables: Tables) -> None:
    table = table_in(tabs.STATUSES, tables[tabs.STATUSES])
    assert table is not None
    top, column = table.header_row, table.columns["Mã"]
    tables[tabs.STATUSES][top:] = sorted(tables[tabs.STATUSES][top:], key=lambda row: as_text(row[column - 1]))


def both(*changes: Change) -> Change:
    def change(tables: Tables) -> None:
        for each in changes:
            each(tables)

    return change


# --- what comes of it -------------------------------------------------------------------------------------


def judged_under(config: Config) -> dict[str, Any]:
    """Every person's status and findings, and every figure that depends on the meaning of a value."""
    judged = judge(snapshot(), config, {}, NOW)
    total = judged.total
    return {
        "people": judged.people[["unit", "row", "status", "party"]].to_dict("records"),
        "findings": judged.findings[["unit", "row", "rule"]].to_dict("records"),
        "total": (total.tally, dict(total.parts), dict(total.statuses)),
    }


@cache
def as_it_was() -> dict[str, Any]:
    config = read_completed(old_tables(), shipped_tables()).config
    assert isinstance(config, Config)
    return judged_under(config)


def problems_of(tables: ConfigTables) -> tuple[Problem, ...]:
    read = read_completed(tables, shipped_tables()).config
    assert isinstance(read, Refused)
    return read.problems


def test_the_people_have_what_the_changes_would_spoil() -> None:
    found = as_it_was()
    assert found["total"][1] == {"the": 22, "tai-khoan": 12, "muc-2": 10}
    assert any(person["party"] for person in found["people"])
    assert not all(person["party"] for person in found["people"])
    assert any(finding["rule"] == "cccd-gioi-tinh" for finding in found["findings"])


SAME: Mapping[str, Change] = {
    "nothing": lambda _tables: None,
    "stages sorted": in_other_order(STAGES),
    "stages turned round": turned_round(STAGES),
    "yes and no turned round": turned_round(ANSWERS),
    "levels turned round": turned_round(LEVELS),
    "genders turned round": turned_round(GENDERS),
    "cards sorted": in_other_order("Thẻ"),
    "exemptions turned round": turned_round("Miễn, hoãn"),
    "every list turned round": both(*map(turned_round, (GENDERS, ANSWERS, LEVELS, STAGES, "Thẻ", "Miễn, hoãn"))),
    "lines of the statuses sorted": statuses_by_code,
    "a stage renamed, the old name kept": both(
        put(tabs.LISTS, LAST, "Cách viết khác", f"đã đăng nhập | {LAST}"),
        put(tabs.LISTS, LAST, "Giá trị", "Đã xong"),
    ),
    "a yes renamed, the old name kept": both(
        put(tabs.LISTS, "Có", "Cách viết khác", "x | v | true | 1 | có"),
        put(tabs.LISTS, "Có", "Giá trị", "Đúng"),
    ),
}


@BOTH
@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_what_means_nothing_changes_nothing(tables_of: Callable[[], ConfigTables], change: Change) -> None:
    read = read_completed(changed(tables_of(), change), shipped_tables()).config
    assert isinstance(read, Config), read
    assert judged_under(read) == as_it_was()


REFUSED: Mapping[str, tuple[Change, tuple[str, str, str], str, str]] = {
    # what is done -> the cell that is named (by its row), what is said of it, what is to be done
    "two men": (
        put(tabs.LISTS, "Nữ", "Tính", "nam"),
        (tabs.LISTS, "Nữ", "Tính"),
        "“nam” đã ghi ở dòng",
        "một trong hai",
    ),
    "a man is a yes": (put(tabs.LISTS, "Nam", "Tính", "có"), (tabs.LISTS, "Nam", "Tính"), "“có”", "“nam”, “nữ”"),
    "two yes": (
        put(tabs.LISTS, "Không", "Tính", "có"),
        (tabs.LISTS, "Không", "Tính"),
        "“có” đã ghi ở dòng",
        "một trong hai",
    ),
    "no yes": (
        put(tabs.LISTS, "Có", "Tính", "không"),
        (tabs.LISTS, "Có", "Tính"),
        "Không giá trị nào của danh mục “Có không” có cột Tính là “có”",
        "Ghi “có”",
    ),
    "a yes renamed": (
        both(put(tabs.LISTS, "Có", "Giá trị", "Đúng"), put(tabs.LISTS, "Đúng", "Tính", None)),
        (tabs.LISTS, "Đúng", "Tính"),
        "“có”",
        "Ghi “có”",
    ),
    "a gender renamed": (
        both(put(tabs.LISTS, "Nam", "Giá trị", "Ông"), put(tabs.LISTS, "Ông", "Tính", None)),
        (tabs.LISTS, "Ông", "Tính"),
        "“nam”",
        "Ghi “nam”",
    ),
    "a stage renamed": (
        both(put(tabs.LISTS, LAST, "Giá trị", "Đã xong"), put(tabs.LISTS, "Đã xong", "Tính", None)),
        (tabs.LISTS, "Đã xong", "Tính"),
        "Chưa biết “Đã xong” đứng ở bước nào",
        "“bậc 6”",
    ),
    "a step twice": (
        put(tabs.LISTS, "Mức 1", "Tính", "bậc 2"),
        (tabs.LISTS, "Mức 2", "Tính"),
        "“bậc 2” đã ghi ở dòng",
        "một trong hai",
    ),
    "a step that is a reason": (
        put(tabs.LISTS, "Mức 1", "Tính", "hoãn"),
        (tabs.LISTS, "Mức 1", "Tính"),
        "“hoãn” không dùng được",
        "“bậc 1”, “bậc 2”",
    ),
    "a word that is none": (put(tabs.LISTS, "Nam", "Tính", "đàn ông"), (tabs.LISTS, "Nam", "Tính"), "đàn ông", "“nam”"),
    "a comparison in a list without steps": (
        put(tabs.RULES, "cccd-trong", "Khi", "Thẻ CCCD gắn chíp không dưới Đã làm, chờ cấp"),
        (tabs.RULES, "cccd-trong", "Khi"),
        "không ghi bậc",
        "cột Tính",
    ),
    "the code of corrections renamed": (
        put(tabs.STATUSES, "loi", "Mã", "can-sua"),
        (tabs.STATUSES, "can-sua", "Mã"),
        "“can-sua” đứng ở chỗ của mã “loi”. Thư nhắc dựa vào mã này",
        "Ghi lại mã “loi”",
    ),
    "another code of mails renamed": (
        put(tabs.STATUSES, "doi-the", "Mã", "A6"),
        (tabs.STATUSES, "A6", "Mã"),
        "“A6” đứng ở chỗ của mã “doi-the”",
        "Ghi lại mã “doi-the”",
    ),
    "code and name of corrections changed": (
        both(put(tabs.STATUSES, "loi", "Trạng thái", "Phải sửa"), put(tabs.STATUSES, "loi", "Mã", "S")),
        (tabs.STATUSES, "S", "Mã"),
        "“loi”",
        "Ghi lại mã “loi”",
    ),
}


@BOTH
@pytest.mark.parametrize(("change", "cell", "what", "fix"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_understood_is_refused_at_its_cell(
    tables_of: Callable[[], ConfigTables], change: Change, cell: tuple[str, str, str], what: str, fix: str
) -> None:
    tables = changed(tables_of(), change)
    (problem,) = problems_of(tables)
    title, key, header = cell
    assert problem.where == f"Trang “{title}”, ô {cell_name(*place(tables, title, key, header))}"
    assert fold(what) in fold(problem.what)
    assert fold(fix) in fold(problem.fix)
    assert problem.needs_person


@BOTH
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (delete(tabs.STATUSES, "loi"), "Thiếu trạng thái có mã “loi”"),
        (delete(tabs.FIELDS, "kho-khan"), "Thiếu dòng có mã “kho-khan”"),
        (put(tabs.FIELDS, "muc", "Mã", "muc-tk"), "Thiếu dòng có mã “muc”"),
        (delete(tabs.SETTINGS, "Múi giờ"), "Thiếu mục “Múi giờ”"),
    ],
)
def test_what_the_program_cannot_do_without_is_named(
    tables_of: Callable[[], ConfigTables], change: Change, what: str
) -> None:
    assert any(problem.what.startswith(what) for problem in problems_of(changed(tables_of(), change)))


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        # nothing asks for it
        both(put(tabs.LISTS, "Nam", "Giá trị", "Ông"), put(tabs.RULES, "cccd-gioi-tinh", "Chế độ", "Tắt")),
        both(put(tabs.LISTS, "Có", "Giá trị", "Đúng"), put(tabs.FIELDS, "dang-vien", "Dùng", "Không")),
        # deleted on purpose
        delete(tabs.STATUSES, "khong-duyet"),
        delete(tabs.LISTS, "Nữ"),
        # an admin's own
        put(tabs.STATUSES, "xong", "Mã", "hoan-thanh"),
        both(
            put(tabs.RULES, "cccd-trong", "Khi", "Tính của Giới tính = nữ; Tính của Mức tài khoản khác bậc 1"),
            put(tabs.RULES, "cccd-trong", "Chế độ", "Thử"),
        ),
    ],
)
def test_what_nobody_asks_for_need_not_be_told(tables_of: Callable[[], ConfigTables], change: Change) -> None:
    assert isinstance(read_completed(changed(tables_of(), change), shipped_tables()).config, Config)


def test_the_same_words_serve_a_list_of_ones_own() -> None:
    """Steps of another list can be compared once they are told."""
    steps = {"Đã có": 4, "Đã làm, chờ cấp": 3, "Mất, hỏng, cần đổi": 2, "Chưa làm": 1}
    ranked = both(
        *(put(tabs.LISTS, value, "Tính", f"bậc {rank}") for value, rank in steps.items()),
        put(tabs.LISTS, "Thẻ Căn cước", "Tính", "bậc 5"),
        put(tabs.RULES, "cccd-trong", "Khi", "Thẻ CCCD gắn chíp không dưới Đã có"),
        turned_round("Thẻ"),
    )
    read = read_completed(changed(told_tables(), ranked), shipped_tables()).config
    assert isinstance(read, Config)
    assert judged_under(read) == as_it_was()
