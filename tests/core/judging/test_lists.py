"""Lists that units already keep come in as they are: who is counted, what is asked, who is told."""

from __future__ import annotations

import pytest

from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.judging.lists.gathering import read_people
from automation.core.judging.lists.unit_table import find_unit_table
from automation.core.model.workbook import Merged, Snapshot, Tab
from automation.core.reading.old_encodings import proposed_reading
from tests.lists import LEGACY, LISTS, TWELVE
from tests.workbooks import NOW, config_with, unit_line


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Every list in the tab of a unit of its own."""
    config = config_with([unit_line(name) for name in LISTS])
    tabs = tuple(
        Tab(name, name, kept.rows, merged=tuple(Merged(*area) for area in kept.merged)) for name, kept in LISTS.items()
    )
    return judge(Snapshot(tabs), config, {}, NOW)


@pytest.mark.parametrize("name", LISTS)
def test_every_person_of_a_list_is_counted_and_nobody_else(name: str, judged: Judged) -> None:
    kept = LISTS[name]
    people = judged.people[judged.people["unit"] == name]
    standing = next(each for each in judged.standings if each.code == name)
    told = " | ".join(f"{p.what} {p.fix}" for p in judged.problems if f"“{name}”" in p.where)
    wrong = judged.findings[(judged.findings["unit"] == name) & (judged.findings["rule"] != "cccd-trung-don-vi-khac")]
    assert tuple(people["row"]) == kept.people
    assert standing.known == bool(kept.people)
    assert standing.done == kept.done
    assert [each for each in kept.said if each not in told] == []
    assert not kept.clean or sorted(set(wrong["rule"])) == []
    assert kept.clean or len(wrong)


@pytest.mark.parametrize("as_added", [False, True])
def test_headings_between_people_tell_their_department(*, as_added: bool) -> None:
    """Also where a column for it was added and nobody has filled it in."""
    kept = LISTS["by_department"]
    rows = [
        [*row, *[None] * (10 - len(row)), "Khoa/Phòng" if as_added and n == 7 else None]
        for n, row in enumerate(kept.rows, 1)
    ]
    config = config_with([unit_line("a")])
    table = find_unit_table("a", Tab("a", "a", rows), config)
    assert table is not None
    found = [str(cell).casefold() for cell in read_people([table], config).typed("khoa-phong")]
    assert found == [p.department.casefold() for p in TWELVE]


def test_subtotals_alone_tell_no_department() -> None:
    kept = LISTS["sections"]
    rows = [row for row in kept.rows if row[:1] not in (["I"], ["II"])]
    config = config_with([unit_line("a")])
    table = find_unit_table("a", Tab("a", "a", rows), config)
    assert table is not None
    assert [str(cell or "") for cell in read_people([table], config).typed("khoa-phong")] == [""] * 4


@pytest.mark.parametrize(("typed", "named"), [("II.1 Khoa Nội", "Khoa Nội"), ("IV - KHOA NỘI", "KHOA NỘI")])
def test_the_number_of_a_heading_is_no_part_of_the_department(typed: str, named: str) -> None:
    rows = [COLUMNS, _line({"B": typed}), SOMEBODY, _line({"B": "1.1 Tổ Dược"}), SOMEBODY]
    config = config_with([unit_line("a")])
    table = find_unit_table("a", Tab("a", "a", rows), config)
    assert table is not None
    assert list(read_people([table], config).typed("khoa-phong")) == [named, "Tổ Dược"]


@pytest.mark.parametrize(("name", "person"), [("split_name", "Nguyễn Văn An"), ("given_name_apart", "Dương Văn Tú")])
def test_everybody_is_called_by_the_whole_name(name: str, person: str, judged: Judged) -> None:
    assert person in set(judged.people["name"][judged.people["unit"] == name])


@pytest.mark.parametrize(("typed", "meant"), list(zip(LEGACY, ["Nguyễn Văn An"] * 3 + [""] * 2, strict=True)))
def test_a_name_of_an_old_encoding_is_read_and_goes_into_no_mail(typed: str, meant: str, judged: Judged) -> None:
    assert proposed_reading(typed) == meant
    assert set(judged.people["name"][judged.people["unit"] == "legacy"]) == {""}
    line = LISTS["legacy"].people[LEGACY.index(typed)]
    said = judged.people["sheet_errors"][(judged.people["unit"] == "legacy") & (judged.people["row"] == line)].item()
    assert "lỗi phông chữ" in said
    assert meant in said


# --- signatures, wherever they have come to stand ---------------------------------------------------------

COLUMNS: list[str | None] = [
    *("STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD"),
    *("Đối tượng", "Thẻ CCCD gắn chíp", "Mức tài khoản", "Tình trạng tài khoản"),
]
SIGNATURES: dict[str, list[dict[str, str]]] = {
    "two, of whom one stands below the cards": [
        {"B": "NGƯỜI LẬP BIỂU", "G": "THỦ TRƯỞNG ĐƠN VỊ"},
        {"B": "(Ký, ghi rõ họ tên)", "G": "(Ký tên, đóng dấu)"},
        {},
        {"B": "Đỗ Thị Kim Lệ", "G": "Lý Quốc Khôi"},
    ],
    "three": [
        {"B": "Người lập bảng", "E": "Phụ trách TCCB", "H": "Giám đốc"},
        {},
        {"B": "Đỗ Thị Kim Lệ", "E": "Trần Văn Hùng", "H": "Lý Quốc Khôi"},
    ],
    "with degrees": [
        {"B": "Lập biểu", "G": "Giám đốc"},
        {"B": "CN. Đỗ Thị Kim Lệ", "G": "ThS.BS. Lý Quốc Khôi"},
    ],
    "for the head, to the right of all": [
        {"E": "KT. GIÁM ĐỐC"},
        {"B": "LẬP BẢNG", "E": "PHÓ GIÁM ĐỐC"},
        {"B": "Đỗ Thị Kim Lệ", "E": "Lý Quốc Khôi"},
    ],
    "beside the receivers": [
        {"B": "Nơi nhận:", "G": "GIÁM ĐỐC"},
        {"B": "- Như trên;"},
        {"B": "- Lưu: VT, TCCB."},
        {"G": "Lý Quốc Khôi"},
    ],
    "with the day": [
        {"G": "Ngày 20 tháng 4 năm 2023"},
        {"B": "Người lập", "F": "Thủ trưởng"},
        {"B": "Đỗ Thị Kim Lệ", "F": "Lý Quốc Khôi"},
    ],
}
SIGNATURES["with place and day"] = [{"F": "TP. Hồ Chí Minh, ngày 20 tháng 4 năm 2023"}]
SIGNATURES["with place and day in figures"] = [{"F": "TP.HCM, ngày 20/4/2023"}]
SIGNATURES["with place and day to be written, below the cards"] = [{"G": "Quận 1, ngày     /     /2023"}]
SIGNATURES["with place and day below the numbers"] = [{"E": "TP. Hồ Chí Minh, ngày 20 tháng 4 năm 2023"}]
PEOPLE_ALL_THE_SAME: dict[str, dict[str, str]] = {
    "a name just begun": {"B": "Lê Thị Lan"},
    "a name, the card not in the list": {"B": "Lê Thị Lan", "G": "Có Rồi"},
    "who is called like a note": {"A": "2", "B": "Lưu Ý"},
    "who is called Ý": {"A": "2", "B": "Lưu Ý Nhi"},
    "who is called like a list": {"A": "2", "B": "Danh Sách"},
    "who is called like a wing": {"A": "2", "B": "Khối Văn An"},
    "a kind of staff alone": {"A": "2", "F": "Viên chức"},
    "who is numbered in words": {"A": "Nhóm 1", "B": "Lê Thị Lan"},
    "whose name is to come": {"A": "Khoa", "D": "Nữ", "E": "079185000123"},
    "a number among words": {"B": "Ký Thị Lan", "E": "079185000123"},
    "a number alone": {"E": "079185000123"},
    "a director": {"B": "Lê Thị Lan", "F": "Giám đốc"},
    "who begins like a department": {"B": "Phòng Thị Lan", "C": "15/03/1985"},
    "a broken formula": {"E": "#REF!"},
    "who comes on a day": {"B": "Lê Thị Lan", "G": "hẹn lại, ngày 20/4/2023"},
    "a day to come on, the name to be added": {"G": "hẹn ngày 20/4/2023"},
    "words in place of a number": {"B": "Lê Thị Lan", "E": "chưa có số mới"},
    "a day in words": {"B": "Lê Thị Lan", "C": "ngày 5/3 năm 1985"},
    "who calls herself like a signature": {"B": "Ký Thị Lan", "C": "15/03/1985"},
}


def _line(cells: dict[str, str]) -> list[str | None]:
    return [cells.get(letter) for letter in "ABCDEFGHI"]


def _people_in(rows: list[list[str | None]]) -> list[int]:
    config = config_with([unit_line("a")])
    table = find_unit_table("a", Tab("a", "a", rows), config)
    assert table is not None
    return read_people([table], config).frame["row"].tolist()


SOMEBODY: list[str | None] = [
    *("1", "Lê Văn An", "15/03/1985", "Nam", "079085000001"),
    *("Viên chức", "Đã có", "Mức 1", "Đã duyệt, chưa kích hoạt"),
]


@pytest.mark.parametrize(
    "cells",
    [
        *({"A": "A", "B": "KHỐI LÂM SÀNG"}, {"B": "Khối hành chính"}, {"A": "I", "B": "VIÊN CHỨC"}),
        *(
            {"B": text}
            for text in (
                "HỢP ĐỒNG 68",
                "BIÊN CHẾ",
                "Cơ sở 2",
                "Mang sang",
                "Lưu ý: chưa đủ",
                "Danh sách kèm",
                "Trong đó: 3 nữ",
            )
        ),
        *({"A": "Cộng", "B": text} for text in ("02 người", "(2 người)", "2")),
        *({"A": text, "F": "12 người"} for text in ("KHOA NỘI", "Cộng khoa Dược", "TỔNG CỘNG (I+II)", "Mang sang")),
        {"A": "Trong đó", "D": "3 nam", "F": "5 nữ"},
        *(
            {"B": text}
            for text in (
                "II.1 Khoa Nội",
                "IV - KHOA NỘI",
                "B.1 Khoa Nội",
                "1.1 Tổ Dược",
                "1.2.3 Tổ Dược",
                "A – Khoa Dược",
            )
        ),
    ],
)
def test_a_line_between_people_is_nobody(cells: dict[str, str]) -> None:
    assert _people_in([COLUMNS, SOMEBODY, _line(cells), SOMEBODY]) == [2, 4]
    assert _people_in([COLUMNS, SOMEBODY, _line({**cells, "E": "079185000123"}), SOMEBODY]) == [2, 3, 4]


def test_a_kind_of_staff_between_a_department_and_its_people_is_no_department() -> None:
    headings = ({"B": "Khoa Nội"}, {"B": "BIÊN CHẾ"}), ({"B": "Khoa Dược"}, {"B": "HỢP ĐỒNG 68"})
    rows = [COLUMNS, *(line for pair in headings for line in (*map(_line, pair), SOMEBODY))]
    config = config_with([unit_line("a")])
    table = find_unit_table("a", Tab("a", "a", rows), config)
    assert table is not None
    assert list(read_people([table], config).typed("khoa-phong")) == ["Khoa Nội", "Khoa Dược"]


TWO_LINES: list[list[str | None]] = [
    [*COLUMNS[:7], "Tài khoản định danh điện tử", None],
    [*[None] * 7, "Mức", "Tình trạng"],
]


@pytest.mark.parametrize("header", [[COLUMNS], TWO_LINES])
@pytest.mark.parametrize(
    "numbering",
    [[f"({n})" for n in range(1, 10)], [str(n) for n in range(1, 10)], ["A", "B", *map(str, range(1, 8))]],
)
def test_column_numbers_below_a_header_that_stands_again_are_nobody(
    numbering: list[str | None], header: list[list[str | None]]
) -> None:
    """As on every page of a printed list."""
    page = [*header, numbering, SOMEBODY]
    assert _people_in([*page, *page, SOMEBODY]) == [len(page), 2 * len(page), 2 * len(page) + 1]


@pytest.mark.parametrize("name", ["An", "2", "(2)"])
def test_numbers_in_a_persons_line_are_no_column_numbers(name: str) -> None:
    line: list[str | None] = ["2", name, "15/03/1985", "Nam", "079085000002", "Viên chức", "Đã có", "1", None]
    assert _people_in([COLUMNS, SOMEBODY, COLUMNS, line]) == [2, 4]


@pytest.mark.parametrize("kind", SIGNATURES)
def test_who_signs_below_a_list_is_nobody_of_it(kind: str) -> None:
    block = [_line(cells) for cells in SIGNATURES[kind]]
    assert _people_in([COLUMNS, SOMEBODY, [], *block]) == [2]
    assert _people_in([COLUMNS, _line({"A": "1", "B": "Lê Thị Lan"}), *block]) == [2]
    assert _people_in([COLUMNS, SOMEBODY, *block, SOMEBODY]) == [2, 3 + len(block)]


BELOW_A_SIGNATURE: dict[str, dict[str, str]] = {
    "with a gender": {"B": "Lê Thị Lan", "D": "Nữ"},
    "with a kind of staff": {"B": "Lê Thị Lan", "F": "Viên chức"},
    "with a position and a unit": {"B": "Lê Thị Lan", "D": "Điều dưỡng", "F": "Khoa Dược"},
    "who calls herself like a signature": {"B": "Ký Thị Lan", "D": "Nữ", "F": "VC"},
    "with a birth date": {"B": "Lê Thị Lan", "C": "15/03/1985"},
    "with a number of the line": {"A": "2", "B": "Lê Thị Lan"},
}


@pytest.mark.parametrize("kind", BELOW_A_SIGNATURE)
def test_who_may_be_a_person_stays_one_below_a_signature(kind: str) -> None:
    signed = _line({"B": "Người lập bảng"})
    assert _people_in([COLUMNS, SOMEBODY, [], signed, _line(BELOW_A_SIGNATURE[kind])]) == [2, 5]


def test_names_below_what_proved_no_signature_are_people_just_begun() -> None:
    """A heading "GIÁM ĐỐC" among the people of a list that goes on."""
    rows = [COLUMNS, _line({"B": "GIÁM ĐỐC"}), SOMEBODY, _line({"B": "Lê Thị Lan", "F": "Kế toán"})]
    assert _people_in(rows) == [3, 4]


def test_one_line_of_names_signs_and_the_names_below_it_are_people_just_begun() -> None:
    """A position that heads a part of the list, with the names typed first."""
    names = [_line({"B": name}) for name in ("Trần Văn Bình", "Lê Thị Lan", "Phạm Thị Hoa")]
    assert _people_in([COLUMNS, SOMEBODY, _line({"B": "TRƯỞNG KHOA"}), *names]) == [2, 5, 6]
    assert _people_in([COLUMNS, SOMEBODY, _line({"B": "Người lập", "G": "Giám đốc"}), *names[:1], [], *names[1:]]) == [
        2,
        6,
        7,
    ]


@pytest.mark.parametrize(
    "below",
    [
        [{"B": "Đỗ Thị Kim Lệ"}, {"G": "Lý Quốc Khôi"}],
        [{"B": "Đỗ Thị Kim Lệ"}, {"B": "Giám đốc"}, {"B": "Lý Quốc Khôi"}],
        [{"B": "Đỗ Thị Kim Lệ"}, {"B": "Điện thoại: 0900 000 123"}],
        [{"G": "Lý Quốc Khôi"}, {"B": "Đỗ Thị Kim Lệ"}],
    ],
)
def test_who_signs_on_several_lines_is_nobody(below: list[dict[str, str]]) -> None:
    signed = _line({"B": "Người lập bảng", "G": "Giám đốc"})
    assert _people_in([COLUMNS, SOMEBODY, [], signed, *map(_line, below)]) == [2]


@pytest.mark.parametrize("kind", PEOPLE_ALL_THE_SAME)
def test_a_line_that_might_be_a_persons_stays_one(kind: str) -> None:
    assert _people_in([COLUMNS, SOMEBODY, _line(PEOPLE_ALL_THE_SAME[kind])]) == [2, 3]


# --- marks --------------------------------------------------------------------------------------------------

MARKED: list[list[str | None]] = [
    [*COLUMNS[:6], "Thẻ CCCD gắn chíp", None, "Mức tài khoản", None, "Tình trạng tài khoản"],
    [*[None] * 6, "Đã có", "Chưa làm", "Mức 1", "Mức 2", None],
]


@pytest.mark.parametrize(
    ("had", "not_made", "card"),
    [
        *(("x", None, "Đã có"), ("đã cấp", None, "Đã có"), ("12/05/2021", None, "Đã có"), ("hẹn 20/5", None, "Đã có")),
        *((None, "x", "Chưa làm"), (None, "có", "Chưa làm"), ("không", "chưa có", "Chưa làm")),
        *((None, "chưa đủ tuổi", "Chưa làm"), ("thẻ mới", None, "Đã có")),
        *((mark, None, None) for mark in ("Chưa làm", "CHUA LAM", "mất thẻ", "chờ cấp", "đã làm")),
        *((mark, None, None) for mark in ("chưa đủ điều kiện", "Không thấy", "?")),
        *((None, "đã có thẻ", None), ("x", "x", None)),
    ],
)
def test_another_value_of_the_list_is_no_mark_of_a_column(
    had: str | None, not_made: str | None, card: str | None
) -> None:
    """None: which of the two is meant is asked, and nobody counts as done by it."""
    config = config_with([unit_line("a")])
    table = find_unit_table("a", Tab("a", "a", [*MARKED, [*SOMEBODY[:6], had, not_made, "x", None, None]]), config)
    assert table is not None
    people = read_people([table], config)
    assert people.listed("the").tolist() == [card is not None]
    assert card is None or people.choice("the").tolist() == [card]


@pytest.mark.parametrize(("mark", "level"), [("1", "Mức 2"), ("x", "Mức 2"), ("mức 2", "Mức 2"), ("Mức 1", None)])
def test_a_one_is_a_mark_and_a_level_is_a_level(mark: str, level: str | None) -> None:
    config = config_with([unit_line("a")])
    table = find_unit_table("a", Tab("a", "a", [*MARKED, [*SOMEBODY[:6], "x", None, None, mark, None]]), config)
    assert table is not None
    people = read_people([table], config)
    assert people.listed("muc").tolist() == [level is not None]
    assert level is None or people.choice("muc").tolist() == [level]
