"""A mailed list against a tab: who is new, what is filled in, what contradicts, what is asked; and never twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from automation.core.config.values import Config
from automation.core.importing.changes import TabChanges, changes_of
from automation.core.importing.pairing import Question
from automation.core.importing.plan import Fate, ImportPlan, Prefer, plan_import
from automation.core.judging.lists.gathering import read_people
from automation.core.judging.lists.unit_table import UnitTable, find_unit_table
from automation.core.model.workbook import Cell, Merged, Row, Tab
from tests.examples import costly, cross_section
from tests.lists import LISTS
from tests.workbooks import SOUND, config_with, person, unit_line, unit_tab

CONFIG = config_with([unit_line("mot")])
BINH: dict[str, Cell] = {
    **SOUND,
    "Họ và tên": "Lê Minh Bình",
    "Ngày sinh": "02/09/1990",
    "Số CCCD": "001090000002",
}
FIRST = 4


def table_of(tab: Tab, config: Config = CONFIG) -> UnitTable:
    found = find_unit_table("mot", tab, config)
    assert found is not None
    return found


def in_tab(*people: Mapping[str, Cell]) -> UnitTable:
    return table_of(unit_tab(CONFIG, "mot", people))


def mailed(*people: Mapping[str, Cell], headers: Sequence[str] = ()) -> UnitTable:
    """A list with those columns alone that anybody has something in."""
    used = list(headers or dict.fromkeys(header for each in people for header in each))
    used += [header for header in ("STT", "Đảng viên") if header not in used]
    return table_of(Tab("list", "list", [used, *([each.get(header) for header in used] for each in people)]))


def plan(table: UnitTable, *lists: UnitTable) -> ImportPlan:
    return plan_import(table, lists, CONFIG)


def applied(tab: Tab, changes: TabChanges) -> UnitTable:
    """The tab once the changes are in it; rows are inserted where the workbook can."""
    rows: list[list[Cell]] = [list(row) for row in tab.rows]
    cells = list(changes.cells)
    if changes.added:
        cells += changes.added.cells()
        if tab.anchors is not None:
            rows[changes.added.below : changes.added.below] = [[] for _ in changes.added.rows]
    for change in cells:
        rows.extend([] for _ in range(change.row - len(rows)))
        row = rows[change.row - 1]
        row.extend([None] * (change.column - len(row)))
        row[change.column - 1] = change.value
    return table_of(replace(tab, rows=rows))


def fates(found: ImportPlan) -> dict[int, dict[str, Fate]]:
    return {each.row: {cell.code: cell.fate for cell in each.cells} for each in found.known}


def questions(found: ImportPlan) -> list[tuple[int, Question, tuple[int, ...]]]:
    return [(each.row.place.row, each.question, each.candidates) for each in found.asked]


# --- who is who -------------------------------------------------------------------------------------------


def test_nothing_new_changes_nothing() -> None:
    found = plan(in_tab(SOUND, BINH), mailed(BINH, SOUND))
    assert (found.new, found.known, found.alike, found.asked, found.only_in_tab) == ((), (), 2, (), ())


AS_READ: dict[str, tuple[str, Cell, Cell]] = {
    "a day": ("Ngày sinh", "15/03/1985", date(1985, 3, 15)),
    "a day the other way round": ("Ngày sinh", date(1985, 3, 15), "1985-03-15"),
    "a number without its zero": ("Số CCCD", "079085000123", 79085000123),
    "a number with dots": ("Số CCCD", "079085000123", "079 085 000.123"),
    "a phone": ("Điện thoại", "0901234567", "+84 901 234 567"),
    "another spelling": ("Thẻ CCCD gắn chíp", "Đã có", "x"),
    "capitals": ("Họ và tên", "Nguyễn Văn An", "NGUYỄN  VĂN AN"),
    "a dash": ("Điện thoại", None, "-"),
    "a blank": ("Khoa/Phòng", "Khoa Nội", "  "),
}


@pytest.mark.parametrize("name", AS_READ)
def test_values_are_compared_as_they_are_read(name: str) -> None:
    header, present, sent = AS_READ[name]
    found = plan(in_tab({**SOUND, header: present}), mailed({**SOUND, header: sent}))
    assert (found.alike, found.known, found.new) == (1, (), ())


def test_people_are_known_by_number_first() -> None:
    table = in_tab(SOUND, BINH)
    found = plan(table, mailed({"Họ và tên": "Lê Minh Bính", "Số CCCD": "001090000002", "Ngày sinh": "02/09/1990"}))
    assert fates(found) == {5: {"ho-ten": Fate.CONFLICT}}
    assert found.only_in_tab == (4,)


def test_a_number_that_stands_twice_is_theirs_whose_name_and_birth_date_agree() -> None:
    table = in_tab({**SOUND, "Số CCCD": BINH["Số CCCD"]}, BINH)
    assert fates(plan(table, mailed({**BINH, "Điện thoại": "0901234567"}))) == {5: {"dien-thoai": Fate.FILLED}}


def test_then_by_name_and_birth_date() -> None:
    without = {"Họ và tên": "LÊ MINH BÌNH", "Ngày sinh": "2/9/1990", "Điện thoại": "0901234567"}
    assert fates(plan(in_tab(SOUND, BINH), mailed(without))) == {5: {"dien-thoai": Fate.FILLED}}


def test_a_number_that_was_corrected_is_a_conflict() -> None:
    found = plan(in_tab(BINH), mailed({**BINH, "Số CCCD": "001090000003"}))
    assert fates(found) == {4: {"cccd": Fate.CONFLICT}}


def test_somebody_of_the_same_name_and_birth_date_is_new_where_the_other_is_known() -> None:
    twin = {**BINH, "Số CCCD": "079090000777"}
    found = plan(in_tab(BINH), mailed(BINH, twin))
    assert [each.readings["cccd"].value for each in found.new] == ["079090000777"]


NAME, BORN, NUMBER = "Họ và tên", "Ngày sinh", "Số CCCD"
ASKED: dict[str, tuple[list[dict[str, Cell]], list[dict[str, Cell]], list[tuple[int, Question, tuple[int, ...]]]]] = {
    "no name": ([SOUND], [{NAME: None, BORN: None, NUMBER: "001090000009"}], [(2, Question.NO_NAME, ())]),
    "a name alone": (
        [SOUND],
        [{NAME: "Võ Thị Lệ", BORN: None, NUMBER: None, "Điện thoại": "0901234567"}],
        [(2, Question.TOO_LITTLE, ())],
    ),
    "a namesake of whom nothing is known": (
        [{NAME: "Võ Thị Lệ", "Khoa/Phòng": "Khoa Dược"}],
        [{NAME: "Võ Thị Lệ", BORN: "01/02/1990"}],
        [(2, Question.PERHAPS, (4,))],
    ),
    "a name that two have": (
        [{**BINH, NUMBER: None}, {**BINH, NUMBER: None}],
        [{NAME: BINH[NAME], BORN: BINH[BORN]}],
        [(2, Question.SEVERAL, (4, 5))],
    ),
    "a number that stands twice beside the same person": (
        [BINH, {**BINH, "Khoa/Phòng": "Khoa Nội"}],
        [{**BINH, "Điện thoại": "0901234567"}],
        [(2, Question.SEVERAL, (4, 5))],
    ),
    "a number of two others": (
        [{**SOUND, NUMBER: BINH[NUMBER]}, {**BINH, NAME: "Trần Thị Hoa", BORN: "01/01/1970"}],
        [{NAME: "Võ Thị Lệ", BORN: "01/02/1990", NUMBER: BINH[NUMBER]}],
        [(2, Question.SEVERAL, (4, 5))],
    ),
    "the number of somebody else": (
        [SOUND],
        [{NAME: "Võ Thị Lệ", BORN: "01/02/1990", NUMBER: SOUND[NUMBER]}],
        [(2, Question.OTHER_PERSON, (4,))],
    ),
    "two people for one": (
        [{**BINH, NUMBER: None}],
        [BINH, {**BINH, NUMBER: "079090000777"}],
        [(2, Question.TWICE, (4,)), (3, Question.TWICE, (4,))],
    ),
    "one number of two new people": (
        [SOUND],
        [BINH, {**BINH, NAME: "Võ Thị Lệ", BORN: "03/03/1991"}],
        [(2, Question.TWICE, ()), (3, Question.TWICE, ())],
    ),
}


SLIPS: dict[str, dict[str, Cell]] = {
    "a day off": {BORN: "03/09/1990"},
    "another month": {BORN: "02/08/1990"},
    "another year": {BORN: "02/09/1991"},
    "over the end of a month": {BORN: "01/09/1990"},
    "day and month the other way round": {BORN: "09/02/1990"},
    "the year alone": {BORN: "1990"},
    "no day at all": {BORN: "31/02/1990"},
    "a name without its marks": {NAME: "Le Minh Binh"},
    "a name with its mark elsewhere, and a day off": {NAME: "Lê Mính Binh", BORN: "03/09/1990"},
    "a number with another digit, and a day off": {NUMBER: "001090000003", BORN: "03/09/1990"},
    "a number with two digits changed, and a day off": {NUMBER: "010090000002", BORN: "03/09/1990"},
}


@pytest.mark.parametrize("name", SLIPS)
def test_who_may_be_known_but_for_a_slip_is_asked_about_and_never_doubled(name: str) -> None:
    sent = {**BINH, NUMBER: None, **SLIPS[name]}
    found = plan(in_tab(SOUND, BINH), mailed(sent))
    assert (questions(found), found.new) == ([(2, Question.PERHAPS, (5,))], ())


NAMESAKES: dict[str, dict[str, Cell]] = {
    "born on another day": {BORN: "17/05/1988", NUMBER: None},
    "born in another year, by the year alone": {BORN: "1988", NUMBER: None},
    "with a number of their own": {BORN: "03/09/1990", NUMBER: "079190000777"},
    "with another name, too": {NAME: "Lê Minh Bảo", BORN: "03/09/1990", NUMBER: None},
}


@pytest.mark.parametrize("name", NAMESAKES)
def test_a_namesake_is_new(name: str) -> None:
    found = plan(in_tab(SOUND, BINH), mailed({**BINH, **NAMESAKES[name]}))
    assert (len(found.new), found.asked) == (1, ())


def test_a_namesake_of_somebody_whom_the_list_has_by_number_is_new() -> None:
    found = plan(in_tab(SOUND, BINH), mailed(BINH, {**BINH, NUMBER: None, BORN: "03/09/1990"}))
    assert (len(found.new), found.asked) == (1, ())


@pytest.mark.parametrize("name", ASKED)
def test_who_cannot_be_told_is_asked_about(name: str) -> None:
    present, sent, wanted = ASKED[name]
    found = plan(in_tab(*present), mailed(*sent))
    assert (questions(found), found.new, fates(found)) == (wanted, (), {})
    assert found.needs_person(Prefer.FILE)
    assert changes_of(found, Prefer.FILE, CONFIG) == TabChanges((), None)


def test_a_person_in_two_lists_is_one_and_what_they_say_differently_is_asked() -> None:
    one = {**BINH, "Điện thoại": "0901234567", "Khoa/Phòng": "Khoa Nội"}
    other = {NAME: BINH[NAME], BORN: BINH[BORN], "Khoa/Phòng": "Khoa Dược", "Đối tượng": "Viên chức"}
    (new,) = plan(in_tab(SOUND), mailed(one), mailed(other)).new
    assert [(place.source, place.row) for place in new.places] == [(0, 2), (1, 2)]
    assert {cell.code: cell.fate for cell in new.cells} == {"khoa-phong": Fate.DISAGREEING}
    assert new.readings["dien-thoai"].value == "0901234567"
    assert "khoa-phong" not in new.readings


# --- what becomes of cells --------------------------------------------------------------------------------


def test_a_blank_never_overwrites_and_a_filled_cell_is_a_conflict() -> None:
    table = in_tab({**BINH, "Điện thoại": None, "Khoa/Phòng": "Khoa Nội"})
    sent = mailed({**BINH, "Điện thoại": 901234567, "Khoa/Phòng": "Khoa Dược", "Đối tượng": None})
    found = plan(table, sent)
    assert fates(found) == {4: {"dien-thoai": Fate.FILLED, "khoa-phong": Fate.CONFLICT}}
    assert [change.value for change in changes_of(found, Prefer.NEITHER, CONFIG).cells] == ["0901234567"]
    assert [change.value for change in changes_of(found, Prefer.SHEET, CONFIG).cells] == ["0901234567"]
    assert {change.value for change in changes_of(found, Prefer.FILE, CONFIG).cells} == {"0901234567", "Khoa Dược"}
    assert [found.needs_person(prefer) for prefer in Prefer] == [True, False, False]


def test_what_cannot_be_understood_is_not_written_beside_somebody_who_is_there() -> None:
    table = in_tab({**BINH, "Ngày cấp thẻ": None, "Đối tượng": None})
    found = plan(table, mailed({**BINH, "Ngày cấp thẻ": "31/02/2021", "Đối tượng": "Giám đốc"}))
    assert fates(found) == {4: {"ngay-cap": Fate.UNCLEAR, "doi-tuong": Fate.UNCLEAR}}
    assert changes_of(found, Prefer.FILE, CONFIG).cells == ()


def test_somebody_new_is_written_as_typed_where_the_tab_will_tell_what_to_type() -> None:
    (new,) = plan(in_tab(SOUND), mailed({**BINH, "Ngày cấp thẻ": "31/02/2021"})).new
    assert new.readings["ngay-cap"].value == "31/02/2021"


LONG = "máy hỏng, " * 120 + "hẹn ngày khác"


def test_a_cell_of_more_than_is_looked_at_is_written_whole_or_not_at_all() -> None:
    (new,) = plan(in_tab(SOUND), mailed({**BINH, "Khó khăn, vướng mắc": LONG})).new
    assert new.readings["kho-khan"].value == LONG
    assert fates(plan(in_tab(BINH), mailed({**BINH, "Khó khăn, vướng mắc": LONG}))) == {4: {"kho-khan": Fate.UNCLEAR}}


@pytest.mark.parametrize(("sent", "alike"), [(LONG, 1), (LONG[:-1], 0), (LONG.upper(), 1)])
def test_long_cells_are_compared_to_their_end(sent: str, alike: int) -> None:
    found = plan(in_tab({**BINH, "Khó khăn, vướng mắc": LONG}), mailed({**BINH, "Khó khăn, vướng mắc": sent}))
    assert found.alike == alike


@pytest.mark.parametrize(
    ("sent", "row"), [(BINH, 5), (SOUND, 4)], ids=["of the cell above", "cells below show it, too"]
)
def test_a_cell_that_shows_what_stands_in_another_is_left_alone(sent: Mapping[str, Cell], row: int) -> None:
    tab = unit_tab(CONFIG, "mot", [SOUND, {**BINH, "Khoa/Phòng": None}])
    column = list(tab.rows[2]).index("Khoa/Phòng") + 1
    table = table_of(replace(tab, merged=(Merged(4, column, 5, column),)))
    assert fates(plan(table, mailed({**sent, "Khoa/Phòng": "Khoa Dược"}))) == {row: {"khoa-phong": Fate.NO_PLACE}}


def test_a_cell_that_is_merged_sideways_is_a_place_of_its_own() -> None:
    tab = unit_tab(CONFIG, "mot", [{**SOUND, "Khoa/Phòng": None}])
    column = list(tab.rows[2]).index("Khoa/Phòng") + 1
    table = table_of(replace(tab, merged=(Merged(4, column, 4, column + 1),)))
    assert fates(plan(table, mailed({**SOUND, "Khoa/Phòng": "Khoa Dược"}))) == {4: {"khoa-phong": Fate.FILLED}}


def test_a_column_that_the_tab_has_not_is_told() -> None:
    headers = ["Họ và tên", "Ngày sinh", "Số CCCD", "Đối tượng"]
    table = table_of(Tab("mot", "mot", [headers, [BINH.get(header) for header in headers]]))
    assert plan(table, mailed({**BINH, "Điện thoại": "0901234567"})).homeless == (
        *("dang-vien", "dien-thoai", "gioi-tinh", "khoa-phong", "muc", "ngay-cap", "ngay-kich-hoat", "the"),
        "tinh-trang",
    )


def test_what_a_list_says_of_the_unit_is_told_where_the_tab_does_not_say_it() -> None:
    """A form asks for it, and people alone are merged."""
    asked: Row = ["Tổng số người", None, "Ngày quán triệt", None, "Đã nhập đủ danh sách", None, "Ngày báo Công an"]
    labels: Row = ["Ngày quán triệt", "12/4/2023", "Tổng số người", 12, "Đã nhập đủ danh sách", True]
    said: Row = [
        "Tổng số người",
        "5",
        "Ngày quán triệt",
        date(2023, 4, 12),
        "Đã nhập đủ danh sách",
        "x",
        *asked[6:],
        "?",
    ]
    table = table_of(unit_tab(CONFIG, "mot", [SOUND], [[], labels]))
    form = table_of(unit_tab(CONFIG, "form", [SOUND], [[], said]))
    found = plan(table, form)
    assert [(each.code, each.mailed, each.present, each.cell) for each in found.declared] == [
        ("tong-so-nguoi", "5", "12", "D2"),
        ("ngay-bao-cong-an", "", "", ""),
    ]
    assert found.needs_person(Prefer.FILE)
    assert plan(table, table_of(unit_tab(CONFIG, "form", [SOUND], [[], asked]))).declared == ()


# --- where new people come ----------------------------------------------------------------------------------


def test_new_people_come_below_everything_in_a_file() -> None:
    tab = unit_tab(CONFIG, "mot", [{**SOUND, "STT": 1}, {}, {"Họ và tên": "Tổng cộng: 1"}, {"STT": 4}])
    changes = changes_of(plan(table_of(tab), mailed(BINH)), Prefer.NEITHER, CONFIG)
    assert changes.added is not None
    assert changes.added.below == 6


def test_boxes_that_nobody_ticked_are_no_list() -> None:
    tab = unit_tab(CONFIG, "mot", [SOUND, {"Đảng viên": False}, {"Đảng viên": False}])
    changes = changes_of(plan(table_of(tab), mailed(BINH)), Prefer.NEITHER, CONFIG)
    assert changes.added is not None
    assert changes.added.below == FIRST


@pytest.mark.parametrize(("below", "number"), [({}, 8), ({"STT": 9}, None)], ids=["no number yet", "numbered before"])
def test_new_people_are_numbered_where_nobody_has_numbered_the_line(below: dict[str, Cell], number: int | None) -> None:
    tab = unit_tab(CONFIG, "mot", [{**SOUND, "STT": 7}, below])
    changes = changes_of(plan(table_of(tab), mailed(BINH)), Prefer.NEITHER, CONFIG)
    assert changes.added is not None
    assert changes.added.rows[0].get(list(tab.rows[2]).index("STT") + 1) == number


def test_and_below_the_last_person_where_rows_can_be_inserted() -> None:
    tab = unit_tab(CONFIG, "mot", [{**SOUND, "STT": 7}, {"Họ và tên": "Tổng cộng: 1"}])
    changes = changes_of(plan(table_of(replace(tab, anchors={})), mailed(BINH)), Prefer.NEITHER, CONFIG)
    assert changes.added is not None
    assert (changes.added.below, changes.added.rows[0][list(tab.rows[2]).index("STT") + 1]) == (4, 8)


def test_the_first_of_a_list_do_not_look_like_its_header() -> None:
    empty = table_of(replace(unit_tab(CONFIG, "mot", []), anchors={}))
    changes = changes_of(plan(empty, mailed(BINH)), Prefer.NEITHER, CONFIG)
    assert changes.added is not None
    assert (changes.added.below, changes.added.like_above, changes.added.rows[0][1]) == (3, False, 1)


def test_cells_wait_until_their_columns_are_known() -> None:
    table = in_tab({**BINH, "Điện thoại": None})
    column = table.table.columns["dien-thoai"]
    sent = mailed({**BINH, "Điện thoại": "0901234567"})
    for anchors, waiting in (({}, [("dien-thoai", column)]), ({"dien-thoai": column}, [])):
        known = replace(table, tab=replace(table.tab, anchors=anchors))
        changes = changes_of(plan(known, sent), Prefer.NEITHER, CONFIG)
        assert [(each.code, each.place) for each in changes.anchors] == waiting


@pytest.mark.parametrize("name", [name for name, kept in LISTS.items() if kept.people])
@pytest.mark.parametrize("anchors", [None, {}], ids=["file", "google"])
def test_lists_that_units_keep_take_new_people_once(name: str, anchors: Mapping[str, int] | None) -> None:
    kept = LISTS[name]
    tab = Tab("mot", "mot", kept.rows, merged=tuple(Merged(*area) for area in kept.merged), anchors=anchors)
    table, sent = table_of(tab), mailed(BINH, person(**{"Họ và tên": "Võ Thị Lệ", "Số CCCD": "079185000999"}))
    found = plan(table, sent)
    after = applied(tab, changes_of(found, Prefer.NEITHER, CONFIG))
    again = plan(after, sent)
    assert (len(found.new), again.new, again.changed(Prefer.NEITHER)) == (2, (), ())
    people = read_people([after], CONFIG)
    assert len(people) == len(read_people([table], CONFIG)) + 2
    assert {"lê minh bình", "võ thị lệ"} <= set(people.column("ho-ten").folded)


# --- many ---------------------------------------------------------------------------------------------------


def many(count: int, first: int = 0) -> list[dict[str, Cell]]:
    return [
        {**SOUND, "Họ và tên": f"Người Thứ {letters(n)}", "Số CCCD": f"0790850{n:05d}"}
        for n in range(first, first + count)
    ]


def letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number)).title()


@pytest.mark.parametrize("prefer", cross_section(Prefer, Prefer.FILE))
def test_a_list_of_five_hundred(prefer: Prefer) -> None:
    """40 new, 30 filled in, 5 conflicting: as said, and the second time nothing but what is left to be decided."""
    present = many(460)
    for each in present[:30]:
        each["Khoa/Phòng"] = None
    sent = many(500)
    for each in sent[100:105]:
        each["Khoa/Phòng"] = "Khoa Dược"
    tab, file = unit_tab(CONFIG, "mot", present), mailed(*sent)
    first = plan(table_of(tab), file)
    assert (len(first.new), len(first.conflicting()), first.alike, first.only_in_tab) == (40, 5, 425, ())
    assert len(first.changed(prefer)) == (35 if prefer is Prefer.FILE else 30)
    second = plan(applied(tab, changes_of(first, prefer, CONFIG)), file)
    assert (second.new, second.changed(prefer), second.is_done(prefer)) == ((), (), True)
    assert len(second.conflicting()) == (0 if prefer is Prefer.FILE else 5)


_TYPED = st.one_of(
    st.none(),
    st.sampled_from(
        [
            *("x", "-", "Đã có", "da co", "Mức 2", "Nam", "Khoa Nội", "31/02/1985", "05/03/1985", "#REF!", "1985"),
            *("079085000123", "79085000123", "090 123 4567", "Tổng cộng", "Nguyễn Văn An", "Ban Thị Hoa"),
        ]
    ),
    st.integers(0, 10**12),
    st.dates(date(1920, 1, 1), date(2040, 1, 1)),
    st.booleans(),
    st.text(max_size=12),
)
_PERSON = st.fixed_dictionaries(dict.fromkeys(SOUND, _TYPED))


@costly(30)
@given(st.lists(_PERSON, max_size=4), st.lists(_PERSON, max_size=4), st.sampled_from(Prefer), st.booleans())
def test_whatever_is_typed_the_second_time_changes_nothing(
    present: list[dict[str, Cell]], sent: list[dict[str, Cell]], prefer: Prefer, inserts: bool
) -> None:
    tab = replace(unit_tab(CONFIG, "mot", present), anchors={} if inserts else None)
    file = mailed(*sent, headers=list(SOUND))
    first = plan(table_of(tab), file)
    after = applied(tab, changes_of(first, prefer, CONFIG))
    second = plan(after, file)
    assert (second.new, second.changed(prefer)) == ((), ())
    if not first.new:
        filled = {(cell.row, cell.column) for cell in changes_of(first, prefer, CONFIG).cells}
        assert _differences(tab.rows, after.tab.rows) <= filled


def _differences(before: Sequence[Row], after: Sequence[Row]) -> set[tuple[int, int]]:
    one, other = Tab("", "", before), Tab("", "", after)
    places = {
        (row, column) for rows in (before, after) for row, cells in enumerate(rows, 1) for column in _places(cells)
    }
    return {place for place in places if one.cell(*place) != other.cell(*place)}


def _places(cells: Row) -> range:
    return range(1, len(cells) + 1)
