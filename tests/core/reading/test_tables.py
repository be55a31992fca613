"""Headers are found the way people write them; rows that are no persons are left out, and no others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.config.values import Config, field_names
from automation.core.judging.lists.gathering import read_people
from automation.core.judging.lists.unit_table import UnitTable, find_unit_table
from automation.core.model.units import Declaration
from automation.core.model.workbook import Cell, Row, Tab, cell_name, column_letter
from automation.core.reading.cells import fold
from automation.core.reading.tables import FoundTable, find_table, header_keys
from tests.core.facts import BORN, CARD, CATEGORY, LEVEL, NAME, NUMBER, PARTY, STAGE, nfd
from tests.workbooks import SOUND, config_with, headers_of, unit_line


@cache
def config() -> Config:
    return config_with([unit_line("a")])


def code_of(header: str) -> str | None:
    """The field that a header is taken for."""
    names = field_names(config().fields)
    return next((names[key] for key in header_keys(header) if key in names), None)


def found_in(rows: Sequence[Row]) -> UnitTable | None:
    return find_unit_table("a", Tab("a", "a", rows), config())


def table_of(rows: Sequence[Row]) -> FoundTable:
    found = found_in(rows)
    assert found is not None
    return found.table


def rows_read(rows: Sequence[Row]) -> list[int]:
    """Line numbers of the rows taken for persons."""
    found = found_in(rows)
    assert found is not None
    return list(read_people([found], config()).frame["row"])


HEADERS: Row = ["STT", NAME, BORN, NUMBER, CATEGORY, CARD, LEVEL, STAGE]


# --- headers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Họ và tên", "ho-ten"),
        ("HỌ VÀ TÊN", "ho-ten"),
        (nfd("Họ và tên"), "ho-ten"),
        (" Họ  và\ntên\u00a0", "ho-ten"),
        ("Họ tên", "ho-ten"),
        ("Họ và tên (*)", "ho-ten"),
        ("Họ và tên*", "ho-ten"),
        ("Họ và tên:", "ho-ten"),
        ("2. Họ và tên", "ho-ten"),
        ("(2) Họ và tên", "ho-ten"),
        ("Ngày sinh (dd/mm/yyyy)", "ngay-sinh"),
        ("Ngày sinh\n(ngày/tháng/năm)", "ngay-sinh"),
        ("Số CCCD (12 số)", "cccd"),
        ("Số CCCD [bắt buộc]", "cccd"),
        ("Số căn cước công dân", "cccd"),
        ("Thẻ CCCD gắn chip", "the"),
        ("Khoa/Phòng", "khoa-phong"),
        ("Khoa, phòng", "khoa-phong"),
        ("SĐT", "dien-thoai"),
        ("Miễn hoãn", "mien-hoan"),
        ("TT", "stt"),
        ("Kết quả", "ket-qua"),
        ("Chức danh nghề nghiệp", None),
        ("Họ", None),
        ("(1)", None),
        ("", None),
        ("*", None),
    ],
)
def test_what_a_header_is_taken_for(typed: str, code: str | None) -> None:
    assert code_of(typed) == code


@pytest.mark.parametrize("above", [0, 1, 2, 5, 19])
def test_headers_are_found_below_title_rows(above: int) -> None:
    titles: list[Row] = [["SỞ Y TẾ", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"], [], ["DANH SÁCH"]]
    rows: list[Row] = [*(titles * 7)[:above], HEADERS, [1, "Lê Lan"]]
    assert table_of(rows).header_row == above + 1
    assert rows_read(rows) == [above + 2]


def test_headers_below_line_200_are_not_looked_for() -> None:
    assert found_in([*([[]] * 200), HEADERS]) is None


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [[]],
        [["Họ và tên", "Ngày sinh"]],  # two are no table
        [["Họ và tên", "Họ tên", "Họ và tên"]],  # nor is one, three times
        [["a", "b", "c"], [1, 2, 3]],
    ],
)
def test_what_is_no_table(rows: Sequence[Row]) -> None:
    assert found_in(rows) is None


def test_the_row_with_the_most_known_names_carries_the_headers() -> None:
    filter_row: Row = ["Lọc theo:", "Họ tên", "Đối tượng", "Mức"]
    assert table_of([filter_row, [], HEADERS, [1, "Lê Lan"]]).header_row == 3


@given(st.permutations(range(8)), st.sets(st.integers(0, 8), max_size=3))
def test_any_order_and_own_columns_in_between(order: list[int], own: set[int]) -> None:
    headers: list[Cell] = [HEADERS[place] for place in order]
    for place in sorted(own, reverse=True):
        headers.insert(place, "Chức danh")
    table = table_of([[], headers])
    assert {headers[column - 1] for column in table.columns.values()} == set(HEADERS)
    assert len(table.columns) == len(HEADERS)
    assert [text for _, text in table.unknown] == ["Chức danh"] * len(own)


def test_merged_cells_leave_gaps() -> None:
    headers: Row = ["STT", None, NAME, None, None, BORN, NUMBER]
    assert table_of([headers]).columns == {"stt": 1, "ho-ten": 3, "ngay-sinh": 6, "cccd": 7}


def test_of_a_repeated_header_the_first_counts() -> None:
    table = table_of([[*HEADERS, "Họ tên", NUMBER]])
    assert table.columns["ho-ten"] == 2
    assert table.repeated == (("ho-ten", 9), ("cccd", 10))


def test_a_header_wins_over_another_spelling() -> None:
    names = {fold("Mức"): "spelling", fold("Mức tài khoản"): "header"}
    found = find_table([["Mức tài khoản", "Mức"]], names, at_least=2)
    assert found is not None
    assert found.columns == {"header": 1, "spelling": 2}


@pytest.mark.parametrize(("column", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (703, "AAA")])
def test_column_letters(column: int, letters: str) -> None:
    assert column_letter(column) == letters
    assert cell_name(9, column) == f"{letters}9"


# --- rows that are no persons -----------------------------------------------------------------------------

LAN: Row = [1, "Lê Lan", "15/03/1985", "079185000123", "VC", "Đã có", "Mức 1", None]


@pytest.mark.parametrize(
    "row",
    [
        [],
        [None] * 8,
        ["", " ", "\u00a0", "\u200b", None, None, None, None],
        [7],  # nothing but its number
        [7, None, "", None],
        *([None, name, None, 25] for name in ("Tổng", "Tổng cộng", "Tổng số", "Cộng")),
        *([None, name] for name in ("TỔNG SỐ", "tổng cộng:", "Tổng cộng: 25", "Tổng số người", "CỘNG", "Cộng:")),
        [None, nfd("Tổng cộng"), None, 25],
        [None, nfd("TỔNG SỐ")],
        [None, "Tổng\u00a0cộng "],
        [None, "Tổng cộng: 25 người"],
        [None, "Tổng cộng (25 người)"],
        ["Tổng cộng", None, None, 25],  # in the merged cells of number and name
        ["TỔNG SỐ: 25", None, None, None, 25],
        HEADERS,  # pasted again
        [str(header).upper() for header in HEADERS],
        [nfd(str(header)) for header in HEADERS],
        [None, None, None, None, None, False, None, None],  # a box that nobody ticked
    ],
    ids=ascii,
)
def test_rows_that_are_no_persons(row: Row) -> None:
    assert rows_read([HEADERS, LAN, row, LAN]) == [2, 4]
    assert rows_read([HEADERS, LAN, LAN, row]) == [2, 3]


@pytest.mark.parametrize(
    "row",
    [
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)"],
        [1, 2, 3, 4, 5, 6, 7, 8],
        ["A", "B", 1, 2, 3, 4, 5, 6],
        ["1", "2", "3", "4", "5", "6", None, None],
    ],
)
def test_the_numbering_of_columns_is_no_person(row: Row) -> None:
    assert rows_read([HEADERS, row, LAN]) == [3]


@pytest.mark.parametrize(
    "row",
    [
        [None, "Lê Lan"],
        [None, None, "15/03/1985"],
        [None, None, None, 0],
        [None, None, None, None, None, None, None, "#REF!"],
        [None, "Tổng Văn Cộng"],  # somebody's name
        [None, "Cộng Văn Lan"],
        ["Tổng", "Lê Lan"],  # a person with a remark in front
        [1, "Lê Lan", None, None, "VC", None, 2, 3],  # figures in a first row do not make it the numbering
        [5, "Lê Lan", None, None, None, 1, 2, None],
        [None, NAME],
        [None, "1"],
    ],
    ids=ascii,
)
def test_rows_that_are_persons_all_the_same(row: Row) -> None:
    assert rows_read([HEADERS, row, LAN]) == [2, 3]
    assert rows_read([HEADERS, LAN, row]) == [2, 3]


def test_blank_rows_in_between_keep_the_line_numbers() -> None:
    assert rows_read([[], HEADERS, LAN, [], [None, " "], LAN, [], LAN, [], []]) == [3, 6, 8]


def test_computed_cells_alone_are_no_person() -> None:
    headers = headers_of(config())
    stale: Row = [*[None] * (len(headers) - 3), "Chưa khai báo", "Chọn tình trạng", "Lỗi"]
    assert rows_read([headers, [SOUND.get(header) for header in headers], stale]) == [2]


def test_own_columns_alone_are_no_person() -> None:
    assert rows_read([[*HEADERS, "Chức danh"], [*LAN, "Bác sĩ"], [*[None] * 8, "Bác sĩ"]]) == [2]


def test_short_rows_are_blank_at_their_end() -> None:
    found = found_in([HEADERS, [1, "Lê Lan"]])
    assert found is not None
    people = read_people([found], config())
    assert list(people.blank("tinh-trang")) == [True]
    assert list(people.collected("tinh-trang")) == [True]
    assert list(people.collected("gioi-tinh")) == [False]


# --- what a unit declares ---------------------------------------------------------------------------------

NOTHING = Declaration()
ALL = Declaration(40, date(2023, 4, 14), 38, 12, True)


@pytest.mark.parametrize(
    ("above", "declared"),
    [
        ([[], []], NOTHING),
        (
            [
                ["BV Mắt"],
                [
                    *("Tổng số người", 40, "Ngày quán triệt", "14/04/2023", "Số người được phổ biến", 38),
                    *("Người thân đã vận động", 12, "Đã nhập đủ danh sách", True),
                ],
            ],
            ALL,
        ),
        # another order, colons, capitals, NFD, a cell left between
        (
            [
                [
                    *("ĐÃ NHẬP ĐỦ DANH SÁCH:", "x", nfd("Ngày quán triệt"), None, date(2023, 4, 14), None),
                    *("Tổng số người:", None, "40 người", "Người thân đã vận động", "12"),
                    *("Số người đã được phổ biến", 38.0),
                ]
            ],
            ALL,
        ),
        # one below the other
        (
            [
                ["Tổng số người", 40],
                ["Ngày quán triệt", 45030],
                ["Số người được phổ biến", "38"],
                ["Người thân đã vận động", 12],
                ["Đã nhập đủ", "có"],
            ],
            ALL,
        ),
        # labels without values: a label is no value of its neighbour
        ([["Tổng số người", "Ngày quán triệt", "Số người được phổ biến", None, "Đã nhập đủ danh sách"]], NOTHING),
        ([["Tổng số người", None, "Đã nhập đủ danh sách", False]], NOTHING),
        ([["Tổng số người"]], NOTHING),
        ([["Tổng số người", 0]], Declaration(headcount=0)),
    ],
)
def test_declarations(above: Sequence[Row], declared: Declaration) -> None:
    found = found_in([*above, HEADERS])
    assert found is not None
    assert found.declaration == declared
    assert found.misread == ()


@pytest.mark.parametrize(
    ("above", "where"),
    [
        ([[], ["Tổng số người", "chưa rõ"]], [(2, 2, "Tổng số người")]),
        (
            [["Ngày quán triệt", "31/02/2023", "Tổng số người", "#REF!"]],
            [(1, 4, "Tổng số người"), (1, 2, "Ngày quán triệt")],
        ),
    ],
)
def test_declared_values_that_cannot_be_read_are_named(
    above: Sequence[Row], where: Sequence[tuple[int, int, str]]
) -> None:
    found = found_in([*above, HEADERS])
    assert found is not None
    assert list(found.misread) == where
    assert found.declaration == NOTHING


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("họp giao ban toàn đơn vị ngày 12/4", "Họp"),
        ("Gửi công văn, nhóm ZALO", "Gửi văn bản, Nhóm nội bộ"),
        ("E-mail", "Thư điện tử"),
        ("gặp chị Nguyễn Thị Lan", "hình thức khác"),
        ("vào https://evil.example/hop hoặc gọi 0901 234 567", "hình thức khác"),
        ("hợp tác", "hình thức khác"),
    ],
)
def test_how_documents_are_made_known_is_told_in_words_of_the_list_alone(typed: str, told: str) -> None:
    table = find_unit_table(
        "a", Tab("a", "a", [["Hình thức quán triệt", typed], HEADERS]), config_with([unit_line("a")])
    )
    assert table is not None
    assert table.declaration.disseminated_by == told


def test_a_label_among_the_people_declares_nothing() -> None:
    found = found_in([HEADERS, LAN, ["Tổng số người", 40]])
    assert found is not None
    assert found.declaration == NOTHING


@pytest.mark.parametrize("typed", [PARTY, "Là Đảng viên", "ĐẢNG VIÊN (x)"])
def test_optional_columns_are_read_under_their_other_names(typed: str) -> None:
    found = found_in([[*HEADERS, typed], [*LAN, "x"]])
    assert found is not None
    assert list(read_people([found], config()).choice("dang-vien")) == ["Có"]
