"""Which tab is whose, and what is said about tabs that are missing, renamed, copied or lack a column."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tag
from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.judging.lists.emptied import emptied_line
from automation.core.judging.locating import Located, locate
from automation.core.model.problems import Problem
from automation.core.model.workbook import Cell, OwnSpreadsheet, Row, Snapshot, Tab, column_letter
from tests.core.facts import BORN, CARD, CATEGORY, EXEMPTION, GENDER, LEVEL, NAME, NUMBER, STAGE, changed, nfd
from tests.workbooks import NOW, SOUND, config_with, headers_of, unit_line, unit_tab

CONFIG: Config = config_with([unit_line("a"), unit_line("b")])


def own_line(name: str) -> str:
    """Line 1 of a unit's tab as the bot writes it."""
    figures = {
        "rate": "20,0 %",
        "done": 1,
        "counted": 5,
        "left": 4,
        "errors": 0,
        "asked": "",
        "empty": "",
        "moment": "08:00 ngày 20/04/2023",
    }
    return text("sheet.unit_line", unit=name, overdue="", bar="", **figures)


def tab(title: str, line_1: Cell = None, key: str = "") -> Tab:
    """A unit's tab with one sound person."""
    return replace(unit_tab(CONFIG, title, [SOUND], [[line_1], []]), key=key or title)


def located(*tabs: Tab) -> Located:
    return locate(Snapshot(tabs), CONFIG)


def units_read(found: Located) -> dict[str, str]:
    return {table.unit: table.tab.key for table in found.tables}


def of_unit_a(rows: Sequence[Row]) -> Judged:
    """Judge unit a with such rows; unit b has nobody yet."""
    return judge(Snapshot((Tab("a", "a", rows), unit_tab(CONFIG, "b", []))), CONFIG, {}, NOW)


def told(judged: Judged) -> str:
    """Everything that is said about unit a."""
    return " | ".join(f"{p.where} {p.what} {p.fix}" for p in judged.problems if "Đơn vị a" in p.where)


@pytest.mark.parametrize(
    ("title", "line_1"),
    [
        ("a", None),
        ("A", None),
        (" a ", None),
        (nfd("a"), None),
        ("Danh sách mới", own_line("Đơn vị a")),
        ("Danh sách mới", nfd(own_line("Đơn vị a"))),
    ],
)
def test_a_tab_is_known_by_its_title_or_by_the_line_the_bot_wrote(title: str, line_1: Cell) -> None:
    found = located(tab(title, line_1), tab("b"))
    assert units_read(found) == {"a": title, "b": "b"}
    key = "renamed" if line_1 else "nearly_titled" if title != "a" else ""
    said = [text(f"units.{key}.what", title="a", found=title.strip())] if key else []
    assert [notice.what for notice in found.notices] == said


HOA = config_with([unit_line("a", **{"Trang tính": "TTYT Hoà Đông"}), unit_line("b")])


@pytest.mark.parametrize(
    ("title", "taken"),
    [
        ("TTYT Hoà Đông", True),
        ("ttyt hoà đông", True),
        (" TTYT  Hoà Đông", True),
        ("TTYT Hòa Đông", True),
        (nfd("TTYT Hoà Đông"), True),
        ("TTYT\u00a0Hoà Đông", False),
        ("TTYT Hoà\u200b Đông", False),
        ("TTYT Hoà Đông\u00ad", False),
        ("TTYT Hoà \u00d0ông", False),
        ("\uff34TYT Hoà Đông", False),
        ("\u0422TYT Hoà Đông", False),
        ("TTYT\u2007Hoà Đông", False),
    ],
)
def test_a_title_that_differs_in_what_cannot_be_seen_is_never_taken_and_is_named(title: str, taken: bool) -> None:
    found = locate(Snapshot((tab(title), tab("b"))), HOA)
    assert units_read(found) == ({"a": title, "b": "b"} if taken else {"b": "b"})
    assert [each.unit.code for each in found.unreadable] == ([] if taken else ["a"])
    named = [text("units.look_alike.what", title="TTYT Hoà Đông")]
    assert taken or [notice.what for notice in found.notices] == named


def test_what_cannot_be_seen_takes_no_tab_away_from_its_unit() -> None:
    found = locate(Snapshot((tab("TTYT Hoà\u200b Đông"), tab("ttyt hoà đông"), tab("b"))), HOA)
    assert units_read(found) == {"a": "ttyt hoà đông", "b": "b"}
    assert len(found.notices) == 2


@pytest.mark.parametrize(
    "tabs",
    [
        (),
        (tab("Danh sách mới"),),
        (tab("Danh sách mới", "Đơn vị a"),),  # a title row of the unit's own proves nothing
        (tab("x", own_line("Đơn vị a")), tab("y", own_line("Đơn vị a"))),  # two copies: which one is it
        (tab("x", own_line("Đơn vị ab")),),
    ],
)
def test_a_unit_without_its_tab_is_unknown_and_the_others_go_on(tabs: Sequence[Tab]) -> None:
    found = located(*tabs, tab("b"))
    assert units_read(found) == {"b": "b"}
    assert [each.unit.code for each in found.unreadable] == ["a"]
    assert "“a”" in found.unreadable[0].problem.fix


def test_a_copy_is_not_counted_and_is_reported() -> None:
    judged = judge(Snapshot((tab("a"), tab("Bản sao của a"), tab("b"))), CONFIG, {}, NOW)
    assert list(judged.people["unit"]) == ["a", "b"]
    assert ["Bản sao của a" in problem.where for problem in judged.problems] == [True]


def test_a_renamed_tab_and_an_unrelated_copy_are_told_apart() -> None:
    found = located(tab("Danh sách", own_line("Đơn vị a")), tab("Bản sao", own_line("Đơn vị b")), tab("b"))
    assert units_read(found) == {"a": "Danh sách", "b": "b"}
    assert [notice.where for notice in found.notices if "Bản sao" in notice.where] == ["Trang “Bản sao”"]


def test_titles_that_differ_in_case_alone_are_two_tabs() -> None:
    found = located(tab("A"), tab("a"), tab("b"))
    assert units_read(found) == {"a": "a", "b": "b"}
    assert ["“A”" in notice.where for notice in found.notices] == [True]


def test_tabs_without_people_and_the_tabs_of_the_bot_are_nobodys_business() -> None:
    rows = [list(SOUND)]
    ours = Tab("Tổng hợp", "Tổng hợp", rows, tag=bot_tag("Tổng hợp"))
    others = (Tab("Ghi chú", "Ghi chú", [["gì đó"]]), ours, Tab("Trống", "Trống", []))
    assert located(tab("a"), tab("b"), *others).notices == ()


OWN = "https://docs.example.org/spreadsheets/d/1"
WITH_OWN = unit_line("a", **{"Bảng tính": OWN})


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({}, "Bảng tính chưa được đọc."),
        ({OWN: OwnSpreadsheet(trouble="Chưa được chia sẻ.")}, "Chưa được chia sẻ."),
    ],
)
def test_a_unit_whose_own_spreadsheet_is_out_of_reach_is_unknown(own: dict[str, OwnSpreadsheet], why: str) -> None:
    shared = (tab("a"),)  # what it had before it got a spreadsheet of its own
    found = locate(Snapshot(shared, own=own), config_with([WITH_OWN]))
    assert found.unreadable[0].problem.what == text("units.own_workbook.what", why=why)


@pytest.mark.parametrize("titles", [["a"], ["danh sách"], ["b", "a"], ["A"]])
def test_a_units_own_spreadsheet_is_read_under_its_title_or_the_only_list_in_it(titles: list[str]) -> None:
    own = OwnSpreadsheet(tuple(replace(tab(title), key=f"1/{title}") for title in titles))
    found = locate(Snapshot((tab("a"),), own={OWN: own}), config_with([WITH_OWN]))
    assert units_read(found) == {"a": f"1/{titles[-1]}"}


def test_of_two_lists_in_a_units_own_spreadsheet_none_can_be_trusted() -> None:
    own = OwnSpreadsheet((tab("b"), tab("c")))
    found = locate(Snapshot((), own={OWN: own}), config_with([WITH_OWN]))
    assert found.unreadable[0].problem.what == text("units.no_tab.what", title="a")


def test_a_tab_of_the_bot_is_no_units_tab() -> None:
    config = config_with([unit_line("a", **{"Trang tính": "TỔNG HỢP"}), unit_line("b")])
    found = locate(Snapshot((Tab("Tổng hợp", "Tổng hợp", [list(SOUND)]), tab("b"))), config)
    assert units_read(found) == {"b": "b"}
    assert found.unreadable[0].problem.what == text("units.reserved_title.what", title="TỔNG HỢP")


# --- headers ----------------------------------------------------------------------------------------------

REQUIRED = (NAME, BORN, NUMBER, CATEGORY, CARD, LEVEL, STAGE)
HEADERS = headers_of(CONFIG)
SOUND_ROW = [SOUND.get(header) for header in HEADERS]


@pytest.mark.parametrize("header", REQUIRED)
def test_a_required_header_that_is_gone_makes_the_unit_unknown_and_is_named(header: str) -> None:
    judged = of_unit_a([[], [], [None if each == header else each for each in HEADERS], SOUND_ROW])
    assert [standing.known for standing in judged.standings] == [False, True]
    assert judged.standings[0].rate is None
    assert f"“{header}”" in told(judged)
    assert "dòng 3" in told(judged)


@pytest.mark.parametrize("header", [each for each in SOUND if each not in REQUIRED])
def test_an_optional_header_that_is_gone_rests_its_rules(header: str) -> None:
    wrong = changed({header: "sai 1"})
    judged = of_unit_a([[None if each == header else each for each in HEADERS], [wrong.get(each) for each in HEADERS]])
    assert [standing.known for standing in judged.standings] == [True, True]
    assert f"“{header}”" in told(judged)
    assert len(judged.findings) == 0


def test_without_the_column_for_reasons_everybody_is_in_scope() -> None:
    headers = [None if each == EXEMPTION else each for each in HEADERS]
    judged = of_unit_a([headers, SOUND_ROW])
    assert judged.standings[0].in_scope == 1
    assert list(judged.people["status"]) == ["xong"]


@pytest.mark.parametrize(
    ("header", "typed", "cell"),
    [(CATEGORY, "Đối tượngg", "F1"), (NUMBER, "Số  CCCDD", "E1"), (GENDER, "Giới tínhh", "D1")],
)
def test_a_misspelt_header_is_pointed_at(header: str, typed: str, cell: str) -> None:
    judged = of_unit_a([[typed if each == header else each for each in HEADERS], SOUND_ROW])
    assert f"“{header}”" in told(judged)
    assert f"(ô {cell})" in told(judged)


def test_a_group_that_goes_by_the_name_of_a_missing_column_is_told_as_a_group() -> None:
    """To deny that such a header stands there would be false."""
    grouped = [each for each in HEADERS if each != CARD]
    top: Row = [*grouped, CARD, None, None]
    below: Row = [*[None] * len(grouped), "Màu", "Ngày cấp", "Nơi cấp"]
    sentences = told(of_unit_a([top, below, SOUND_ROW]))
    assert f"“{CARD}” ở ô {column_letter(len(grouped) + 1)}1 đang là tên chung của các cột bên dưới" in sentences
    assert "không cùng dòng" not in sentences


def test_a_declared_value_among_results_is_pointed_at() -> None:
    """A result may come to stand there when rows move under a write."""
    place = headers_of(CONFIG).index("Kết quả")
    above: list[list[Cell]] = [[None], [*[None] * (place - 1), "Ngày quán triệt", "12/4/2023"]]
    found = located(unit_tab(CONFIG, "a", [SOUND], above), tab("b"))
    assert [notice.what for notice in found.notices] == [text("units.declared_among_results.what", cell="R2")]


def test_a_repeated_header_is_pointed_at_and_the_first_counts() -> None:
    judged = of_unit_a([[*HEADERS, NUMBER], [*SOUND_ROW, "12"]])
    assert len(judged.findings) == 0
    assert "E1" in told(judged)
    assert "V1" in told(judged)


def test_a_column_that_init_does_not_add_is_told_so() -> None:
    """A second, empty column would hide that the header was renamed: "chạy init để thêm cột" was not true of it."""
    judged = of_unit_a([[{GENDER: "Giơi tinhh", EXEMPTION: "Riêng"}.get(h, h) for h in HEADERS], SOUND_ROW])
    assert f"Cột “{GENDER}” chưa được thêm khi còn tiêu đề gần giống" in told(judged)
    judged = of_unit_a([[{GENDER: "Riêng"}.get(h, h) for h in HEADERS], SOUND_ROW])
    assert "chưa được thêm" not in told(judged)


def test_a_required_column_that_a_tab_never_had_is_for_the_admin_to_add() -> None:
    """An admin who asks for one more column was told, with all units, to write a name again that nobody had."""
    judged = of_unit_a([[h for h in HEADERS if h != STAGE], []])
    assert f"Ghi lại tên cột “{STAGE}”; cột chưa từng có thì quản trị chạy “tccb init” để thêm." in told(judged)
    judged = of_unit_a([[{STAGE: f"{STAGE} khoản"}.get(h, h) for h in HEADERS], []])
    assert "tccb init" not in told(judged)


def test_headers_that_a_pasted_list_left_are_no_second_list() -> None:
    """Nothing stands below them: to move "0 dòng" is nothing that anybody can do."""
    left = [NUMBER, CATEGORY, CARD, LEVEL]
    judged = of_unit_a([[*HEADERS, *left], SOUND_ROW])
    assert "danh sách thứ hai" not in told(judged)
    assert told(judged).count("có hai lần") == len(left)
    judged = of_unit_a([[*HEADERS, *left], [*SOUND_ROW, "12"]])
    assert "danh sách thứ hai từ" not in told(judged)
    assert "(1 dòng)" in told(judged)


def test_a_letterhead_pasted_between_two_headers_may_go() -> None:
    """A list that is pasted with its letterhead below the headers is read by its own, once the letterhead is gone."""
    own, people = [[*HEADERS[1:], HEADERS[0]]], [[*SOUND_ROW[1:], SOUND_ROW[0]]]
    letterhead: list[Row] = [["SỞ Y TẾ", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"], [], [None, "DANH SÁCH"]]
    judged = of_unit_a([HEADERS, *letterhead, *own, *people])
    assert "Nếu dòng 2–4 không phải là người thì xóa" in told(judged)
    assert len(of_unit_a([HEADERS, *own, *people]).people) == 1
    judged = of_unit_a([HEADERS, SOUND_ROW, *own, *people])
    assert "Chuyển các dòng bên dưới cho đúng thứ tự cột của dòng 1, rồi xóa dòng 3." in told(judged)


@pytest.mark.parametrize("rows", [[], [[]], [["không còn gì"]], [[None] * 5, SOUND_ROW]])
def test_a_tab_without_headers_makes_the_unit_unknown(rows: Sequence[Row]) -> None:
    judged = of_unit_a(rows)
    assert [standing.known for standing in judged.standings] == [False, True]
    assert "Không tìm thấy dòng tiêu đề" in told(judged)
    assert all(f"{header}" in told(judged) for header in REQUIRED)


def test_a_sheet_that_people_already_have() -> None:
    """Title rows with merged cells, other names and another order, columns of their own, a total row."""
    headers: Row = [
        *("TT", "MÃ NV", nfd("Họ tên nhân viên"), "Phái", "Ngày, tháng, năm sinh\n(dd/mm/yyyy)", "Bộ phận"),
        *("Số CCCD/CMND (*)", "Diện", "Chức danh", "CCCD gắn chip", "Mức độ định danh", "Trạng thái tài khoản"),
    ]
    people: list[Row] = [
        [1, "NV1", "LÊ LAN", "nữ", "5-3-85", "Khoa Nội", "079185000123", "VC", "BS", "x", 2, "đã đăng nhập"],
        [],
        [2, "NV2", nfd("Trần Hòa"), "Nam", 31121, None, 79085000124, "NLĐ", None, "chưa", 1, None],
        ["Tổng cộng", None, None, None, None, None, None, None, None, 1, None, 1],
    ]
    titles: list[Row] = [
        ["SỞ Y TẾ", None, None, None, "CỘNG HÒA"],
        [],
        [None, "DANH SÁCH NHÂN VIÊN"],
        ["(Kèm công văn)"],
    ]
    judged = of_unit_a([*titles, headers, *people])
    of_a = judged.people[judged.people["unit"] == "a"]
    assert list(of_a["row"]) == [6, 8]
    assert list(of_a["status"]) == ["xong", "chua-co-the"]
    assert list(judged.findings["rule"]) == ["cccd-mat-so-0"]


def test_every_problem_says_where_what_and_how_to_mend_it() -> None:
    snapshot = Snapshot(
        (Tab("a", "a", [[NAME, BORN, GENDER, GENDER]]), tab("Bản sao"), tab("Danh sách", own_line("b")))
    )
    problems = judge(snapshot, CONFIG, {}, NOW).problems
    assert len(problems) >= 3
    for problem in problems:
        assert isinstance(problem, Problem)
        assert all((problem.where, problem.what, problem.fix))
        assert "{" not in problem.where + problem.what + problem.fix


def test_a_removed_list_keeps_its_figures_over_a_change_of_the_code_by_mistake() -> None:
    """Whatever cycles saw under the wrong code, and whether the units can be read then."""
    kept = judge(Snapshot((tab("a"), tab("b"))), CONFIG, {}, NOW)
    headers = [NAME, *(each for each in headers_of(CONFIG) if each not in (NAME, "STT"))]
    emptied = Snapshot((Tab("a", "a", [headers, [emptied_line("lúc 08:00 20/04/2023")]]), tab("b")))
    memory, seen = {each.code: each for each in kept.records}, []
    mine = CONFIG.settings.campaign_code
    for code in (mine, "dot-2", "dot-2", mine, mine.upper(), mine, "dot-2"):
        config = replace(CONFIG, settings=replace(CONFIG.settings, campaign_code=code))
        found = judge(emptied, config, memory, NOW)
        memory |= {each.code: each for each in found.records}
        seen.append((found.standings[0].known, found.standings[0].rows))
    mine_then = (False, kept.standings[0].rows)
    assert kept.standings[0].rows
    assert seen == [mine_then, (True, 0), (True, 0), mine_then, mine_then, mine_then, (True, 0)]
    assert memory["b"].before == replace(memory["b"].before or memory["b"], before=None), "no longer chain"


@pytest.mark.parametrize(
    ("campaign", "typed", "standing"),
    [
        ("", {}, (False, 1)),
        (CONFIG.settings.campaign_code, {}, (False, 1)),
        ("dot-truoc", {}, (True, 0)),
        ("dot-truoc", {BORN: "15/03/1985"}, (True, 1)),
    ],
)
def test_a_removed_list_is_one_without_people_in_the_next_campaign(
    campaign: str, typed: dict[str, Cell], standing: tuple[bool, int]
) -> None:
    """Also where it is said in a column of names that it was removed; who types beside that is no less a person."""
    then = judge(Snapshot((tab("a"), tab("b"))), CONFIG, {}, NOW)
    memory = {each.code: replace(each, campaign=campaign) for each in then.records}
    headers = [NAME, *(each for each in headers_of(CONFIG) if each not in (NAME, "STT"))]
    line = [emptied_line("lúc 08:00 20/04/2023"), *(typed.get(header) for header in headers[1:])]
    found = judge(Snapshot((Tab("a", "a", [headers, line]), tab("b"))), CONFIG, memory, NOW).standings[0]
    assert (found.known, found.rows) == standing
