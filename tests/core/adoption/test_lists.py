"""What is proposed for lists as units keep them: every column is mapped right or asked about, none wrong in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from automation.core.adoption.looking import propose
from automation.core.adoption.proposal import Adoption, FieldColumn, RegistryStep, TableProposal
from automation.core.adoption.tables import with_spellings
from automation.core.judging.judging import judge
from automation.core.model.workbook import Cell, Merged, Row, Snapshot, Tab, column_letter
from tests.examples import costly
from tests.lists import FOUR, LISTS, TWELVE, Staff
from tests.workbooks import NOW, config_with, unit_line

CONFIG = config_with([unit_line("a", headcount=12)])

MAPPED: Mapping[str, str] = {
    "official": "STT A · Họ và tên B · Ngày sinh C+D · Giới tính C+D · Số CCCD E · Đối tượng F · Khoa/Phòng G · "
    "Thẻ CCCD gắn chíp H+I? · Mức tài khoản J+K · Tình trạng tài khoản L?",
    "split_name": "STT A · Họ và tên B+C · Ngày sinh D · Giới tính E · Số CCCD F · Đối tượng G · Thẻ CCCD gắn chíp H · "
    "Ngày cấp thẻ I · Mức tài khoản J · Tình trạng tài khoản K",
    "personnel_export": "Họ và tên B · Giới tính C · Ngày sinh D · Số CCCD E · Ngày cấp thẻ F · Điện thoại H · "
    "Khoa/Phòng I · Đối tượng J?",
    "no_diacritics": "STT A · Họ và tên B · Ngày sinh C · Giới tính D · Số CCCD E · Đối tượng F · Khoa/Phòng G · "
    "Thẻ CCCD gắn chíp H · Mức tài khoản I · Tình trạng tài khoản J",
    "by_department": "Khoa/Phòng – · STT A · Họ và tên B · Ngày sinh C · Giới tính D · Số CCCD E · Đối tượng F · "
    "Thẻ CCCD gắn chíp G · Mức tài khoản H · Tình trạng tài khoản I",
    "broken_headers": "STT A · Họ và tên B · Ngày sinh C · Giới tính D · Số CCCD E · Đối tượng F · Thẻ CCCD gắn chíp G "
    "· Mức tài khoản H · Tình trạng tài khoản I",
    "below_our_header": "STT A · Khoa/Phòng B · Họ và tên C · Giới tính D · Ngày sinh E · Đối tượng F · Số CCCD G · "
    "Thẻ CCCD gắn chíp H · Tình trạng tài khoản I · Mức tài khoản J",
    "birth_date_by_gender": "STT A · Họ và tên B · Ngày sinh C+D · Giới tính C+D · Số CCCD E · Đối tượng F · "
    "Thẻ CCCD gắn chíp G · Mức tài khoản H · Tình trạng tài khoản I",
    "number_and_its_parts": "STT A · Họ và tên B · Ngày sinh C · Giới tính D · Số CCCD E · Ngày cấp thẻ F · "
    "Đối tượng H · Thẻ CCCD gắn chíp I · Mức tài khoản J · Tình trạng tài khoản K",
    "day_without_of_what": "STT A · Họ và tên B · Ngày sinh C · Giới tính D · Số CCCD E · "
    "Ngày cấp thẻ F? · Đối tượng H · Thẻ CCCD gắn chíp I · Mức tài khoản J · Tình trạng tài khoản K",
    "three_header_lines": "STT A · Họ và tên B · Ngày sinh C+D · Giới tính C+D · Số CCCD E · Đối tượng F · "
    "Thẻ CCCD gắn chíp G · Mức tài khoản H · Tình trạng tài khoản I",
    "birth_date_in_parts": "STT A · Họ và tên B · Ngày sinh C+D+E · Giới tính F · Số CCCD G · Đối tượng H · "
    "Thẻ CCCD gắn chíp I · Mức tài khoản J · Tình trạng tài khoản K",
    "office_words": "STT A · Họ và tên B · Ngày sinh C · Giới tính D · Số CCCD E · Đối tượng F · Điện thoại G · "
    "Thẻ CCCD gắn chíp H · Mức tài khoản I · Tình trạng tài khoản J",
}
"""Field and columns; "?" where a person is asked."""


def tab_of(name: str) -> Tab:
    kept = LISTS[name]
    return Tab(name, "a", kept.rows, merged=tuple(Merged(*area) for area in kept.merged))


def looked_at(*tabs: Tab) -> Adoption:
    return propose(Snapshot(tabs), CONFIG)


def first_table(adoption: Adoption) -> TableProposal:
    return adoption.tabs[0].tables[0]


def named(column: FieldColumn) -> str:
    letters = "+".join(map(column_letter, column.columns)) or "–"
    return f"{column.field} {letters}{'' if column.sure else '?'}"


@pytest.mark.parametrize("name", MAPPED)
def test_every_column_is_mapped_right_or_asked_about(name: str) -> None:
    adoption = looked_at(tab_of(name))
    assert " · ".join(map(named, first_table(adoption).columns)) == MAPPED[name]
    assert adoption.spellings == ()


@pytest.mark.parametrize("name", LISTS)
def test_the_people_are_those_that_judging_finds_and_no_number_of_theirs_is_shown(name: str) -> None:
    tab = tab_of(name)
    adoption = looked_at(tab)
    judged = judge(Snapshot((tab,)), with_spellings(CONFIG, adoption.spellings), {}, NOW)
    tables = adoption.tabs[0].tables
    samples = [text for table in tables for column in table.columns for text in column.samples]
    assert [text for text in samples if any(p.identity[-6:] in text or p.phone[-6:] in text for p in TWELVE)] == []
    if judged.tables:
        assert first_table(adoption).people == tuple(judged.people["row"])
    else:
        assert list(adoption.questions) or first_table(adoption).missing


@pytest.mark.parametrize(
    "group",
    [
        "CCCD",
        "Căn cước công dân",
        "CMND/CCCD",
        "Thẻ CCCD",
        "Căn cước",
        "Định danh cá nhân",
        "Số CCCD",
        "SỐ CCCD/CMND",
        "Thẻ CCCD gắn chíp",
        "CCCD gắn chip",
        "Căn cước công dân gắn chip",
        "Can cuoc cong dan gan chip dien tu",
        "Số thẻ CCCD gắn chíp",
        "Thông tin về thẻ CCCD",
    ],
)
@pytest.mark.parametrize("part", ["Số", "Số thẻ"])
def test_the_number_below_what_it_is_the_number_of_is_found(group: str, part: str) -> None:
    top = ["STT", "Họ và tên", "Ngày sinh", "Giới tính", group, None, None, "Đối tượng"]
    below = [None, None, None, None, part, "Ngày cấp", "Nơi cấp", None]
    people = [[p.number, p.name, p.born, p.gender, p.identity, p.issued, "Cục CS", p.category] for p in FOUR]
    found = first_table(looked_at(Tab("a", "a", [top, below, *people])))
    assert [each for each in map(named, found.columns) if each[-1] in "EF?"] == ["Số CCCD E", "Ngày cấp thẻ F"]


@pytest.mark.parametrize("paper", ["Chứng chỉ hành nghề", "CCHN", "Thẻ đảng viên", "BHYT", "Hộ chiếu", "CMND"])
@pytest.mark.parametrize("lines", [1, 2])
def test_the_day_of_another_paper_is_not_that_of_the_card(paper: str, lines: int) -> None:
    top = ["STT", "Họ và tên", "Ngày sinh", "Số CCCD", "Đối tượng", paper if lines > 1 else f"Số {paper}", None, None]
    parts = ["Số", "Ngày cấp", "Nơi cấp"]
    header: list[Row] = [[*top[:6], *parts[1:]]] if lines == 1 else [top, [*[None] * 5, *parts]]
    people: list[Row] = [[p.number, p.name, p.born, p.identity, p.category, "7001", "01/02/2015", "SYT"] for p in FOUR]
    found = first_table(looked_at(Tab("a", "a", [*header, *people])))
    assert "Ngày cấp thẻ" in found.missing
    assert [f"{top[5]} / Ngày cấp"] == [each.header for each in found.strangers if "Ngày" in each.header]


def test_the_day_of_the_card_is_found_beside_that_of_another_paper() -> None:
    header = ["STT", "Họ và tên", "Ngày sinh", "Số CCHN", "Ngày cấp", "Số CCCD", "Ngày cấp", "Đối tượng"]
    people = [[p.number, p.name, p.born, "7001", "01/02/2015", p.identity, p.issued, p.category] for p in FOUR]
    found = first_table(looked_at(Tab("a", "a", [header, *people])))
    assert "Ngày cấp thẻ G" in map(named, found.columns)


def test_a_relatives_number_is_not_that_of_the_person() -> None:
    top: Row = ["STT", "Họ và tên", "Vợ/chồng", None, "Ngày sinh", "Số CCCD", "Đối tượng"]
    people: list[Row] = [[p.number, p.name, "Trần B", "7001", p.born, p.identity, p.category] for p in FOUR]
    found = first_table(looked_at(Tab("a", "a", [top, [None, None, "Họ tên", "Số CCCD"], *people])))
    assert {"Họ và tên B", "Số CCCD F"} <= set(map(named, found.columns))


def test_which_of_two_columns_of_one_name_is_meant_is_asked() -> None:
    header: Row = ["STT", "Họ và tên", "Ngày sinh", "Ngày cấp", "Số CCCD", "Ngày cấp", "Đối tượng"]
    people: list[Row] = [[p.number, p.name, p.born, p.issued, p.identity, p.issued, p.category] for p in FOUR]
    (asked,) = (each.what for each in looked_at(Tab("a", "a", [header, *people])).questions if "hai lần" in each.what)
    assert ("D1" in asked, "F1" in asked) == (True, True)


@pytest.mark.parametrize("lines", [1, 2])
def test_a_given_name_to_the_right_of_the_name_belongs_to_it(lines: int) -> None:
    """Below "Họ và tên", merged over both: without it everybody of a family would be one name."""
    top: Row = ["STT", "Họ và tên", None, "Ngày sinh", None, "Số CCCD", "Đối tượng"]
    header: list[Row] = [top, [*[None] * 3, "Nam", "Nữ"]] if lines > 1 else [[*top[:4], "Giới tính", *top[5:]]]
    people: list[Row] = [[p.number, *p.name.rsplit(" ", 1), p.born, None, p.identity, p.category] for p in FOUR]
    found = first_table(looked_at(Tab("a", "a", [*header, ["", "Khoa Nội"], *people, ["", "Cộng: 4"]])))
    assert "Họ và tên B+C" in map(named, found.columns)
    assert found.columns[1].samples[0] == FOUR[0].name


@pytest.mark.parametrize(
    "beside",
    [
        ("Nam", "Nữ", "Nam", "Nữ"),
        ("x", None, None, "x"),
        (None, "Bình", None, None),
        ("nghỉ", "ốm", "học", "ốm"),
        ("Đủ", "Đủ", "Đủ", "Đủ"),
        ("Khoa Nội", "Khoa Dược", "Khoa Nội", "Khoa Nội"),
    ],
)
def test_what_is_no_given_name_is_not_put_to_the_name(beside: Sequence[str | None]) -> None:
    header: Row = ["STT", "Họ và tên", None, "Ngày sinh", "Số CCCD", "Đối tượng"]
    people: list[Row] = [
        [p.number, p.name, word, p.born, p.identity, p.category] for p, word in zip(FOUR, beside, strict=True)
    ]
    assert "Họ và tên B" in map(named, first_table(looked_at(Tab("a", "a", [header, *people]))).columns)


@pytest.mark.parametrize("kinds", [("Công chức", "Viên chức", "Người lao động"), ("CC", "VC", "NLĐ")])
def test_who_is_marked_below_a_kind_is_of_that_kind(kinds: Sequence[str]) -> None:
    top = ["STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Đối tượng"]
    below = [None, None, None, None, None, *kinds]
    people = [[p.number, p.name, p.born, p.gender, p.identity, None, "x", None] for p in FOUR]
    tab = Tab("a", "a", [top, below, *people])
    assert "Đối tượng F+G+H" in map(named, first_table(looked_at(tab)).columns)


def test_a_table_of_counts_is_no_list() -> None:
    table = first_table(looked_at(tab_of("counts")))
    assert (table.is_list, table.people, table.columns) == (False, (), ())


ASKED: Mapping[str, Sequence[str]] = {
    "official": (
        "“Chưa có” của Thẻ CCCD gắn chíp đang được đọc là “Chưa làm”; có thể là “Đã làm, chờ cấp” hay “Chưa làm”",
        "“Đã kích hoạt” của Tình trạng tài khoản chưa rõ là giá trị nào; có thể là “Đã kích hoạt, chưa đăng nhập”",
        "3 người không được đánh dấu ở cột nào của Tình trạng tài khoản",
    ),
    "personnel_export": ("“Loại hợp đồng” (ô J1) chưa biết, nhưng 12/12 ô là giá trị của Đối tượng",),
    "other_header_among_people": ("Dòng 6 là một dòng tiêu đề khác", "Trang có thêm một bảng"),
    "people_above": ("dòng 3, 4",),
    "few_headers": ("Không tìm thấy dòng tiêu đề",),
    "split_name": (),
    "by_department": (),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_not_clear_is_asked(name: str) -> None:
    asked = [f"{each.what} {each.fix}" for each in looked_at(tab_of(name)).questions]
    assert len(asked) == len(ASKED[name])
    assert [words for words in ASKED[name] if not any(words in each for each in asked)] == []


# --- headers that nobody knows ----------------------------------------------------------------------------

_HEADERS = (
    "STT|Họ và tên|Ngày sinh|Giới tính|Số CCCD|Đối tượng|Thẻ CCCD gắn chíp|Mức tài khoản|Tình trạng tài khoản|Ghi chú"
)


def line(p: Staff) -> list[Cell]:
    return [p.number, p.name, p.born, p.gender, p.identity, p.category, p.card, p.level, p.stage, p.phone]


def with_headers(changed: Mapping[str, str], staff: Sequence[Staff] = TWELVE) -> Tab:
    """Twelve people under our headers, some of them called otherwise."""
    headers: Row = [changed.get(header, header) for header in _HEADERS.split("|")]
    return Tab("a", "a", [["DANH SÁCH"], [], headers, *map(line, staff)])


@pytest.mark.parametrize(
    ("header", "typed", "becomes"),
    [
        ("Ngày sinh", "Ngày sinhh", "Ngày sinh C"),  # a slip, and dates below it
        ("Tình trạng tài khoản", "Tình trạng tài khoảng", "Tình trạng tài khoản I"),
        ("Ghi chú", "Số điện thoại liên hệ", "Điện thoại J"),  # nothing else looks like phone numbers
        ("Số CCCD", "Số CCCD ghi trên thẻ", "Số CCCD E"),
        ("Số CCCD", "Số CCCD vợ/chồng", "Số CCCD E?"),  # somebody else's
        ("Ngày sinh", "Ngày sinh con", "Ngày sinh C?"),
        ("Đối tượng", "Loại hợp đồng", "Đối tượng F?"),  # by what stands below it alone
        ("Giới tính", "GT", "Giới tính D?"),
        ("Họ và tên", "HOVATEN", "Họ và tên B"),  # the very letters, whatever else might be names
        ("Ghi chú", "KHOAPHONG", "Khoa/Phòng J?"),
        ("Số CCCD", "CMND", "Số CCCD E?"),
        ("Tình trạng tài khoản", "Tình trạng hôn nhân", "Tình trạng tài khoản I?"),
    ],
)
def test_a_likely_header_is_remembered_where_it_is_sure_else_asked_about(header: str, typed: str, becomes: str) -> None:
    adoption = looked_at(with_headers({header: typed}))
    assert becomes in map(named, first_table(adoption).columns)
    is_sure = not becomes.endswith("?")
    assert [each.header for each in adoption.spellings] == ([typed] if is_sure else [])
    assert sum(typed in each.what for each in adoption.questions) == (not is_sure)


def test_a_known_header_above_something_else_is_asked_about() -> None:
    adoption = looked_at(with_headers({"Mức tài khoản": "Tình trạng", "Tình trạng tài khoản": "Mức"}))
    assert {"Tình trạng tài khoản H?", "Mức tài khoản I?"} <= set(map(named, first_table(adoption).columns))
    assert {"0/10 ô", "0/12 ô"} <= {word for each in adoption.questions for word in re.findall(r"\d+/\d+ ô", each.what)}


def test_a_list_with_no_header_of_ours_is_told_by_what_stands_in_it() -> None:
    others = ("No.", "Full name", "Born", "Sex", "ID", "Type", "Card", "Level", "Status", "Phone")
    headers = dict(zip(_HEADERS.split("|"), others, strict=True))
    table = first_table(looked_at(with_headers(headers)))
    assert len(table.people) == 12
    assert " · ".join(map(named, table.columns)) == (
        "Họ và tên B? · Ngày sinh C? · Giới tính D? · Số CCCD E? · Đối tượng F? · Thẻ CCCD gắn chíp G? · "
        "Mức tài khoản H? · Tình trạng tài khoản I? · Điện thoại J?"
    )


def test_a_header_that_is_one_field_here_and_another_there_is_not_remembered() -> None:
    config = config_with([unit_line("a"), unit_line("b")])
    one = with_headers({"Ghi chú": "Số CCCD điện thoại liên hệ", "Số CCCD": "Số"})
    other = with_headers({"Số CCCD": "Số CCCD điện thoại liên hệ"})
    tabs = (one, Tab("b", "b", other.rows))
    assert propose(Snapshot(tabs), config).spellings == ()


def test_a_field_whose_header_may_be_another_gets_no_column_and_that_is_told() -> None:
    found = first_table(looked_at(with_headers({"Ghi chú": "Khoa Phòn"})))
    assert found.renamed == ("Khoa/Phòng",)
    assert set(found.renamed) < {*found.missing}


# --- several tables in a tab ------------------------------------------------------------------------------


def test_a_second_list_beside_the_first_is_named() -> None:
    rows: list[Row] = [[*_HEADERS.split("|"), None, *_HEADERS.split("|")]]
    rows += [[*line(p), None, *line(p)] for p in FOUR]
    adoption = looked_at(Tab("a", "a", rows))
    assert [(t.people, t.is_read, t.columns[0].columns) for t in adoption.tabs[0].tables] == [
        ((2, 3, 4, 5), True, (1,)),
        ((2, 3, 4, 5), False, (12,)),
    ]
    assert any("thêm một bảng" in each.what for each in adoption.questions)


def test_a_second_list_below_the_first_is_named() -> None:
    adoption = looked_at(tab_of("other_header_among_people"))
    assert [(t.header_rows, t.people, t.is_read) for t in adoption.tabs[0].tables] == [
        ((3, 3), (4, 5), True),
        ((6, 6), (7, 8), False),
    ]


# --- values and samples -----------------------------------------------------------------------------------


def test_spellings_of_values_are_proposed_and_counted() -> None:
    typed = {"Đã kích hoạt và đăng nhập": "Đã kích hoạt", "Chưa đăng ký": "chả biết"}
    staff = [replace(p, stage=typed.get(p.stage, p.stage)) for p in TWELVE]
    values = first_table(looked_at(with_headers({}, staff))).values
    assert [(each.typed, each.count, each.may_mean) for each in values] == [
        ("Đã kích hoạt", 8, ("Đã kích hoạt, chưa đăng nhập", "Đã kích hoạt và đăng nhập")),
        ("chả biết", 2, ()),
    ]


# --- whose a list is --------------------------------------------------------------------------------------

UNITS = config_with(
    [
        {"Mã": code, "Tên đơn vị": name, "Trang tính": f"BV {code}"}
        for code, name in (
            ("mau", "Bệnh viện Mẫu"),
            ("mau-1", "Bệnh viện Mẫu 1"),
            ("an", "Bệnh viện An Bình"),
            ("tt", "Trung tâm Y tế Quận Một"),
        )
    ]
)


def list_of(key: str, title: str, *above: str) -> Tab:
    return Tab(key, title, [*([text] for text in above), _HEADERS.split("|"), *map(line, FOUR)])


def whose(title: str, *above: str) -> tuple[str, bool] | None:
    guess = propose(Snapshot((list_of("x", title, *above),)), UNITS).tabs[0].unit
    return None if guess is None else (guess.code or guess.name, guess.sure)


@pytest.mark.parametrize(
    ("title", "above", "unit"),
    [
        ("Nhân sự", ["SỞ Y TẾ", "BỆNH VIỆN MẪU 1"], ("mau-1", True)),
        ("Nhân sự", ["DANH SÁCH NHÂN SỰ BỆNH VIỆN AN BÌNH"], ("an", True)),
        ("Bệnh viện An Bình", [], ("an", True)),
        ("Danh sách", ["DANH SACH - BENH VIEN MAU"], ("mau", False)),  # another name begins so
        ("Danh sách", ["BỆNH VIỆN MẪU"], ("mau", False)),
        ("Danh sách", ["BENH VIEN AN BINH"], ("an", False)),  # without its marks
        ("Danh sách", ["BỆNH VIỆN AN BÌNH", "TRUNG TÂM Y TẾ QUẬN MỘT"], ("an", False)),  # two are named
        ("Danh sách", ["BỆNH VIỆN HOÀN TOÀN MỚI"], ("BỆNH VIỆN HOÀN TOÀN MỚI", True)),
        ("Danh sách", ["BỆNH VIỆN AN BÌN"], ("BỆNH VIỆN AN BÌN", False)),  # nearly one that is there
        ("Danh sách", ["Bệnh viện"], None),
        ("Sheet1", ["SỞ Y TẾ THÀNH PHỐ"], None),
    ],
)
def test_whose_a_list_is(title: str, above: Sequence[str], unit: tuple[str, bool] | None) -> None:
    assert whose(title, *above) == unit


def steps(*tabs: Tab) -> Sequence[RegistryStep]:
    return propose(Snapshot(tabs), UNITS).registry


def test_the_registry_is_to_name_a_list_only_where_that_takes_nothing_from_anybody() -> None:
    mine = list_of("1", "Nhân sự", "BỆNH VIỆN AN BÌNH")
    named_so = [RegistryStep("an", "Bệnh viện An Bình", "Nhân sự", instead_of="BV an")]
    empty = Tab("2", "BV an", [[], [], _HEADERS.split("|")[:-1]])
    assert steps(mine) == tuple(named_so)
    assert steps(mine, empty) == tuple(named_so)
    assert steps(mine, list_of("2", "BV an")) == ()  # somebody stands in its tab
    assert steps(mine, Tab("2", "BV an", [["Sẽ nộp sau"]])) == ()
    assert steps(mine, list_of("3", "Nhân sự 2", "BỆNH VIỆN AN BÌNH")) == ()  # which of the two?
    assert steps(list_of("1", "Nhân sự", "BỆNH VIỆN MẪU")) == ()  # not sure


def test_a_unit_that_the_registry_lacks_gets_a_line() -> None:
    found = steps(list_of("1", "Nhân sự", "BỆNH VIỆN HOÀN TOÀN MỚI"))
    assert found == (RegistryStep("benh-vien-hoan-toan-moi", "BỆNH VIỆN HOÀN TOÀN MỚI", "Nhân sự", is_new=True),)


# --- whatever is typed ------------------------------------------------------------------------------------

_cells = st.one_of(st.none(), st.text(max_size=12), st.integers(-9, 10**13), st.floats(), st.dates(), st.booleans())
_known = st.sampled_from(_HEADERS.split("|"))


@costly(30)
@given(rows=st.lists(st.lists(st.one_of(_known, _cells), max_size=8), max_size=12))
def test_any_tab_can_be_looked_at(rows: list[list[Cell]]) -> None:
    for title in ("a", "Khác"):
        adoption = looked_at(Tab("x", title, rows))
        columns = [c for tab in adoption.tabs for table in tab.tables if table.is_read for c in table.columns]
        codes = [column.code for column in columns]
        assert len(set(codes)) == len(codes)
