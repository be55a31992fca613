"""One spoilt cell in the config tabs: either it means something and does just that, or it is refused by name and
the last good configuration decides. Nothing in between, and no exception.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cache

import pytest

from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, check, run_cycle
from automation.core.admin.in_force import config_in_force
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.config.values import PLACE_LIST, Config
from automation.core.model.problems import Problem
from automation.core.model.workbook import Cell, ConfigTables, Row, cell_name
from automation.core.reading.cells import as_text
from tests.core.admin.config_mutations import (
    FOR_PEOPLE_ONLY,
    NEVER_VALID,
    SPOILT,
    UNITS,
    Mutation,
    facts,
    mutations,
    shipped,
)
from tests.core.facts import nfd
from tests.examples import cross_section
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore
from tests.workbooks import SOUND, config_with, headers_of, judge_units

CLOCK = standing_clock(datetime(2023, 4, 20, 8, 0))
SEED = 20230420
SOME = 20
"""Every so many refusals, and changes that only people look at, go through a cycle too, which judges everybody."""

LOOKS_ONLY = {
    (tabs.SETTINGS, "Giải thích"),
    (tabs.FIELDS, "Hướng dẫn nhập"),
    (tabs.RULES, "Thông báo"),
    (tabs.STATUSES, "Trạng thái"),
    (tabs.STATUSES, "Việc cần làm"),
    (tabs.STATUSES, "Màu"),
    *((tabs.LADDER, header) for header in tabs.HEADERS[tabs.LADDER]),
    (tabs.REGISTRY, "Tên đơn vị"),
    (tabs.REGISTRY, "Nhóm"),
    *((tabs.REGISTRY, header) for header in tabs.HEADERS[tabs.REGISTRY][6:]),
}
"""Columns whose content changes nobody's status."""

PEOPLE: dict[str, list[dict[str, Cell]]] = {
    "mot": [
        SOUND,
        SOUND | {"Họ và tên": "Trần Thị Bình", "Giới tính": "nữ", "Số CCCD": "079185000124", "Thẻ CCCD gắn chíp": "x"},
        SOUND | {"Số CCCD": "123456789"},
        SOUND | {"Số CCCD": 79085000777, "Thẻ CCCD gắn chíp": "Chưa làm", "Tình trạng tài khoản": None},
        SOUND | {"Số CCCD": "079085000125", "Miễn, hoãn": "Đang ở nước ngoài", "Hoãn đến ngày": "01/06/2023"},
        SOUND | {"Số CCCD": "079085000126", "Miễn, hoãn": "nghỉ hưu"},
    ],
    "hai": [
        {"Họ và tên": "Lê Văn Cường"},
        SOUND | {"Số CCCD": "079085000127", "Mức tài khoản": 2, "Ngày kích hoạt": "31/02/2023"},
        SOUND | {"Số CCCD": "999085000128", "Tình trạng tài khoản": "chờ duyệt", "Điện thoại": "0901234567"},
    ],
}


@cache
def unit_rows(code: str) -> list[Row]:
    headers = headers_of(config_with(UNITS))
    return [[], [], headers, *([person.get(header) for header in headers] for person in PEOPLE[code])]


def workbook(tables: ConfigTables) -> MemoryWorkbook:
    computed = [[*row, *[None] * len(tabs.REGISTRY_COMPUTED)] for row in tables[tabs.REGISTRY]]
    others: dict[str, Sequence[Row]] = {title: [tabs.HEADERS[title]] for title in (tabs.HISTORY, tabs.JOURNAL)}
    others |= {tabs.DASHBOARD: [], **{code: unit_rows(code) for code in PEOPLE}}
    return MemoryWorkbook({**tables, tabs.REGISTRY: computed, **others})


@cache
def store_with_a_good_config() -> MemoryStore:
    """What is left behind by a cycle on the shipped configuration."""
    store = MemoryStore()
    run_cycle(workbook(shipped()), store, None, CLOCK)
    return store


def checked(tables: ConfigTables) -> CycleReport:
    return check(workbook(tables), store_with_a_good_config(), CLOCK)


Verdicts = tuple[list[tuple[str, int, str]], list[tuple[str, bool, float | None, int, int, int]]]


def verdicts(report: CycleReport) -> Verdicts:
    """Everybody's status, and where each unit stands."""
    assert report.judged is not None
    people = report.judged.people[["unit", "row", "status"]].itertuples(index=False, name=None)
    units = [(s.code, s.known, s.rate, s.in_scope, s.done, s.errors) for s in report.judged.standings]
    return list(people), units


@cache
def before() -> Verdicts:
    return verdicts(checked(shipped()))


def accepted(tables: ConfigTables) -> Config:
    read = read_config(tables)
    assert isinstance(read, Config), [f"{p.where}: {p.what}" for p in read.problems]
    return read


def refused(tables: ConfigTables) -> tuple[Problem, ...]:
    """The problems; the last good configuration decides as before."""
    read = read_config(tables)
    assert isinstance(read, Refused)
    assert verdicts(checked(tables)) == before()
    return read.problems


@cache
def good_config() -> Config:
    return accepted(shipped())


def faults_of(mutation: Mutation, through_the_cycle: bool) -> tuple[str, list[str]]:
    """What became of a mutation ("valid" or "refused"), and what is wrong with that."""
    read = read_config(mutation.tables())
    if isinstance(read, Refused):
        faults = _faults_of_refusal(mutation, read.problems)
        if through_the_cycle:
            report = checked(mutation.tables())
            faults += ["other verdicts"] * (verdicts(report) != before())
            faults += ["problems not told"] * (not set(read.problems) <= set(report.problems))
        return "refused", faults
    faults = ["valid"] * (mutation.kind in NEVER_VALID and mutation.place not in FOR_PEOPLE_ONLY)
    if through_the_cycle or mutation.place not in LOOKS_ONLY:
        now = verdicts(checked(mutation.tables()))
        faults += ["changes somebody's status"] * (mutation.place in LOOKS_ONLY and now != before())
    return "valid", faults + _faults_of_change(mutation, read)


def _faults_of_refusal(mutation: Mutation, problems: Sequence[Problem]) -> list[str]:
    faults = [f"not named: {p}" for p in problems if not _names_a_place(p)]
    own_cell = f"Trang “{mutation.title}”, ô {cell_name(mutation.row, mutation.column)}"
    own_line = f"Trang “{mutation.title}”, dòng {mutation.row}"
    own_words = [as_text(cell) for cell in (mutation.before, *mutation.row_before[:2]) if as_text(cell)]
    told = [p for p in problems if p.where in (own_cell, own_line) or any(w in f"{p.what} {p.fix}" for w in own_words)]
    if not told:
        faults.append(f"named elsewhere only: {[(p.where, p.what) for p in problems[:3]]}")
    return faults + [f"long: {p}" for p in problems if len(p.what) > 300 or len(p.fix) > 700]


def _names_a_place(problem: Problem) -> bool:
    return any(problem.where.startswith(f"Trang “{title}”") for title in tabs.CONFIG_TABS) and bool(
        problem.what and problem.fix
    )


def _faults_of_change(mutation: Mutation, config: Config) -> list[str]:
    """A valid change says something else in its own row only, or where its setting is used."""
    gone, new = facts(good_config()) - facts(config), facts(config) - facts(good_config())
    own = [fact for fact in gone if fact[0] == mutation.title]
    faults = [f"changes {len(own)} rows"] * (len(own) > 1)
    faults += [f"{gone.total()} rows became {new.total()}"] * (gone.total() != new.total())
    used = mutation.title == tabs.SETTINGS
    foreign = [fact for fact in gone if fact[0] != mutation.title and not used]
    if as_text(mutation.value) == as_text(mutation.before):
        faults += [f"changed by nothing: {fact}" for fact in gone]
    return faults + [f"changes {fact}" for fact in foreign]


def spoil(chosen: Sequence[Mutation]) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Try mutations: how many of each kind became what, and every fault."""
    counts: Counter[tuple[str, str]] = Counter()
    faults: list[str] = []
    for number, mutation in enumerate(chosen):
        became, wrong = faults_of(mutation, through_the_cycle=number % SOME == 0)
        counts[mutation.kind, became] += 1
        faults += [f"{mutation.where} ({mutation.header}, {mutation.kind}) {became}: {fault}" for fault in wrong]
    return counts, faults


def test_some_spoilt_cells() -> None:
    everything = [mutation for title in tabs.CONFIG_TABS for mutation in mutations(title)]
    counts, faults = spoil(random.Random(SEED).sample(everything, 30))
    assert faults == []
    assert {became for _, became in counts} == {"valid", "refused"}


@pytest.mark.slow
@pytest.mark.parametrize("title", tabs.CONFIG_TABS)
def test_every_spoilt_cell(title: str) -> None:
    counts, faults = spoil(list(mutations(title)))
    kinds = "; ".join(f"{kind}: {counts[kind, 'valid']}/{counts[kind, 'refused']}" for kind in SPOILT)
    print(f"\n{title}, {counts.total()} mutations, valid/refused of each kind: {kinds}")  # shown with -n0 -s
    assert faults == []


# --- rows and columns moved, doubled, lost ----------------------------------------------------------------


def without_column(rows: Sequence[Row], column: int) -> list[Row]:
    return [[*row[:column], *row[column + 1 :]] for row in rows]


@pytest.mark.parametrize("title", cross_section(tabs.CONFIG_TABS, tabs.FIELDS, tabs.STATUSES, tabs.REGISTRY))
def test_a_lost_column_is_named_and_the_last_good_config_decides(title: str) -> None:
    for column, header in enumerate(tabs.HEADERS[title]):
        tables = {**shipped(), title: without_column(shipped()[title], column)}
        read = read_config(tables)
        assert isinstance(read, Refused)
        assert any(header in problem.what and title in problem.where for problem in read.problems), header
    assert verdicts(checked(tables)) == before()


@pytest.mark.parametrize("title", tabs.CONFIG_TABS)
def test_a_doubled_column_is_read_once(title: str) -> None:
    for column in range(len(tabs.HEADERS[title])):
        doubled = [[*row, row[column]] for row in shipped()[title]]
        assert facts(accepted({**shipped(), title: doubled})) == facts(good_config())


@pytest.mark.parametrize("title", cross_section(tabs.CONFIG_TABS, tabs.FIELDS, tabs.STATUSES, tabs.REGISTRY))
def test_a_doubled_row_is_named_with_its_line(title: str) -> None:
    rows = shipped()[title]
    for number, row in enumerate(rows[1:4], start=2):
        problems = refused({**shipped(), title: [*rows, row]})
        assert problems[0].where.startswith(f"Trang “{title}”, ô ")
        assert f"dòng {number}" in problems[0].what


@pytest.mark.parametrize("title", tabs.CONFIG_TABS)
def test_rows_in_another_order_judge_the_same(title: str) -> None:
    headers, *rows = shipped()[title]
    if title == tabs.LISTS:  # where the order of values says which is lowest
        rows = [row for name in reversed(dict.fromkeys(row[0] for row in rows)) for row in rows if row[0] == name]
    else:
        rows = list(reversed(rows))
    people, units = verdicts(checked({**shipped(), title: [headers, *rows]}))
    assert (sorted(people), sorted(units)) == (sorted(before()[0]), sorted(before()[1]))


@pytest.mark.parametrize("title", cross_section(tabs.CONFIG_TABS, tabs.SETTINGS, tabs.REGISTRY))
def test_titles_above_and_letters_of_a_mac_change_nothing(title: str) -> None:
    rows = [[nfd(cell) if isinstance(cell, str) else cell for cell in row] for row in shipped()[title]]
    report = checked({**shipped(), title: [["SỞ Y TẾ"], [None, "PHỤ LỤC 2"], [], *rows]})
    assert report.problems == checked(shipped()).problems
    assert verdicts(report) == before()


@pytest.mark.parametrize("start", cross_section(range(1, 8), 1))
def test_a_row_that_is_gone_is_missed_by_who_needs_it_or_by_nobody(start: int) -> None:
    valid = 0
    for title in tabs.CONFIG_TABS:
        rows = shipped()[title]
        places = [number for number, row in enumerate(rows) if row[0] == PLACE_LIST]
        for number in range(start, len(rows), 7):
            if number in places[1:]:
                continue
            read = read_config({**shipped(), title: [*rows[:number], *rows[number + 1 :]]})
            if isinstance(read, Refused):
                key = [as_text(cell) for cell in rows[number][:2]]
                named = (problem for problem in read.problems if any(word in problem.what for word in key))
                assert any(named) or read.problems[0].where == f"Trang “{title}”", key
            else:
                assert facts(good_config()).total() - facts(read).total() == 1
                valid += 1
    assert valid > 10


# --- fields that are not collected ------------------------------------------------------------------------


@pytest.mark.parametrize("field", [field.code for field in good_config().fields if field.type.is_input])
def test_a_field_that_is_switched_off_blames_nobody(field: str) -> None:
    used = tabs.HEADERS[tabs.FIELDS].index("Dùng")
    rows = [[*row[:used], "Không", *row[used + 1 :]] if row[0] == field else row for row in shipped()[tabs.FIELDS]]
    report = checked({**shipped(), tabs.FIELDS: rows})
    assert report.judged is not None
    assert field not in set(report.judged.findings["field"])
    left = [
        person for people in PEOPLE.values() for person in people if set(person) != {good_config().field(field).header}
    ]
    assert len(report.judged.people) == len(left)
    assert set(report.judged.people["status"]) <= {status.code for status in good_config().statuses}


# --- known soft spots -------------------------------------------------------------------------------------


def test_two_words_for_one_thing_are_refused_beside_the_second() -> None:
    card = next(number for number, row in enumerate(shipped()[tabs.LISTS]) if row[1] == "Chưa làm")
    for column, typed in ((1, "đã nhận thẻ"), (2, "chưa | ĐÃ NHẬN"), (2, "Đã có")):
        rows = [list(row) for row in shipped()[tabs.LISTS]]
        rows[card][column] = typed
        problems = refused({**shipped(), tabs.LISTS: rows})
        assert problems[0].where == f"Trang “{tabs.LISTS}”, ô {cell_name(card + 1, column + 1)}"


def test_a_condition_about_an_effect_that_nobody_set_is_refused() -> None:
    rows = [[*row[:3], None] if row[0] == "Miễn, hoãn" else row for row in shipped()[tabs.LISTS]]
    problems = refused({**shipped(), tabs.LISTS: rows})
    assert {problem.place.tab for problem in problems if problem.place} == {tabs.RULES, tabs.STATUSES}
    assert all("cột Tính" in problem.what for problem in problems)


@pytest.mark.parametrize(
    ("check", "header", "parameters"),
    [
        ("trong danh mục", "Họ và tên", None),
        ("biểu thức", "Ngày sinh", r"\d+"),
        ("độ dài", "Ngày cấp thẻ", "từ 1 đến 9"),
        ("khoảng", "Thẻ CCCD gắn chíp", "từ 1 đến 9"),
        ("ngày", "Số CCCD", "bắt buộc"),
        ("không trước", "Đối tượng", "hôm nay"),
        ("không sau", "Điện thoại", "hôm nay"),
        ("hạn thẻ", "Mức tài khoản", "Ngày sinh; tuổi 25, 40, 60; trước 2 năm"),
        ("số định danh", "Ngày sinh", "đủ 12 số"),
        ("điện thoại", "Số CCCD", None),
        ("email", "Giới tính", None),
    ],
)
def test_a_check_that_cannot_be_made_of_a_column_is_refused(check: str, header: str, parameters: str | None) -> None:
    rule: Row = ["rieng", "Bật", "Lỗi", header, check, parameters, None, "sai → sửa"]
    (problem,) = refused({**shipped(), tabs.RULES: [*shipped()[tabs.RULES], rule]})
    assert problem.where == f"Trang “{tabs.RULES}”, ô D{len(shipped()[tabs.RULES]) + 1}"
    assert header in problem.what
    assert check in problem.what


@pytest.mark.parametrize(
    ("check", "parameters", "condition", "column"),
    [
        ("mâu thuẫn", None, None, "G"),
        ("biểu thức", None, None, "F"),
        ("biểu thức", "(", None, "F"),
        ("độ dài", "từ 9 đến 1", None, "F"),
        ("bắt buộc", None, "Họ và tên có;" * 1_000, "G"),
        ("bắt buộc", None, "[Căn cứ]" * 200, "G"),
        ("biểu thức", "(a|b)" * 8_000, None, "F"),
    ],
)
def test_a_rule_that_nobody_can_mean_is_refused(
    check: str, parameters: str | None, condition: str | None, column: str
) -> None:
    rule: Row = ["rieng", "Bật", "Lỗi", "Họ và tên", check, parameters, condition, "sai → sửa"]
    (problem,) = refused({**shipped(), tabs.RULES: [*shipped()[tabs.RULES], rule]})
    assert problem.where == f"Trang “{tabs.RULES}”, ô {column}{len(shipped()[tabs.RULES]) + 1}"


@pytest.mark.parametrize("parameters", ["tuổi từ 80 đến 15", "tuổi từ 15", "không sau 31/02/2023"])
def test_limits_that_no_date_can_keep_are_refused(parameters: str) -> None:
    rule: Row = ["rieng", "Bật", "Lỗi", "Ngày sinh", "ngày", parameters, None, "sai → sửa"]
    (problem,) = refused({**shipped(), tabs.RULES: [*shipped()[tabs.RULES], rule]})
    assert problem.what.startswith("Không hiểu tham số") or "không phải là ngày" in problem.what


def test_a_hundred_terms_are_still_a_condition() -> None:
    rule: Row = ["rieng", "Bật", "Lỗi", "Khoa/Phòng", "bắt buộc", None, "Họ và tên có;" * 100, "sai → sửa"]
    assert len(accepted({**shipped(), tabs.RULES: [*shipped()[tabs.RULES], rule]}).rules[-1].when.terms) == 100


def test_place_codes_are_read_without_their_zeros() -> None:
    rows = [[row[0], int(str(row[1])), *row[2:]] if row[0] == PLACE_LIST else row for row in shipped()[tabs.LISTS]]
    assert facts(accepted({**shipped(), tabs.LISTS: rows})) == facts(good_config())


def test_without_place_codes_nobody_is_blamed_for_theirs() -> None:
    rows = [row for row in shipped()[tabs.LISTS] if row[0] != PLACE_LIST]
    (problem,) = refused({**shipped(), tabs.LISTS: rows})
    assert PLACE_LIST in problem.what
    assert "cccd-ma-noi-sinh" in problem.what


# --- expressions that take long ---------------------------------------------------------------------------


def test_a_slow_rule_is_named_and_the_others_go_on() -> None:
    rule: Row = ["cham", "Bật", "Lỗi", "Họ và tên", "biểu thức", "(a|aa)+c", None, "sai → sửa"]
    people = [SOUND | {"Họ và tên": "a" * 60}]
    config = config_with(UNITS, **{tabs.RULES: [*shipped()[tabs.RULES], rule]})
    judged = judge_units({"mot": people, "hai": []}, config=config)
    assert any("cham" in problem.where for problem in judged.problems)
    assert set(judged.findings["rule"]) == {"ho-ten-la"}


@pytest.mark.parametrize("mode", ["Bật", "Thử", "Tắt"])
def test_an_expression_beyond_the_bounds_is_refused_at_its_cell(mode: str) -> None:
    rule: Row = ["thu-bom", mode, "Cảnh báo", "Khoa/Phòng", "biểu thức", "a{99999999}", None, "x"]
    (problem,) = refused({**shipped(), tabs.RULES: [*shipped()[tabs.RULES], rule]})
    assert problem.where == f"Trang “{tabs.RULES}”, ô F{len(shipped()[tabs.RULES]) + 1}"
    assert "a{99999999}" in problem.what
    assert problem.fix == "Dùng số lần lặp không quá “1.000”."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a@example.org", ""),
        ("a@example.org; b@example.org| c@example.org, d@example.org, e@example.org", ""),
        ("; ".join(f"a{number}@example.org" for number in range(20)), ""),
        ("a@example.org\r\nBcc: x@evil.example", "không phải địa chỉ email"),
        ("Nguyễn A <a@example.org>", "không phải địa chỉ email"),
        ("\u0430dmin@example.org", "không phải địa chỉ email"),
        ("a@[127.0.0.1]", "không phải địa chỉ email"),
        ("mailto:a@example.org", "không phải địa chỉ email"),
        ("a@example.org x@evil.example", "không phải địa chỉ email"),
    ],
)
@pytest.mark.parametrize("header", ["Email đầu mối", "Email thủ trưởng"])
def test_addresses_of_a_unit_are_plain_and_few(header: str, typed: str, said: str) -> None:
    rows = [list(row) for row in shipped()[tabs.REGISTRY]]
    column = rows[0].index(header)
    rows[1][column] = typed
    found = read_config({**shipped(), tabs.REGISTRY: rows})
    problems = found.problems if isinstance(found, Refused) else ()
    assert [each.where for each in problems[:1]] == (
        [f"Trang “{tabs.REGISTRY}”, ô {cell_name(2, column + 1)}"] if said else []
    )
    assert said in " ".join(each.what for each in problems)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("; ".join(f"a{number}@example.org" for number in range(100)), "chỉ 20 địa chỉ đầu được dùng"),
        ("a@\u0435\u0445\u0430mple.org", "địa chỉ này không được dùng"),
        ("a@\uff45xample.org", "địa chỉ này không được dùng"),
    ],
)
@pytest.mark.parametrize("header", ["Email đầu mối", "Email thủ trưởng"])
def test_a_look_alike_or_a_crowd_of_addresses_is_pointed_out_and_the_rest_holds(
    header: str, typed: str, said: str
) -> None:
    rows = [list(row) for row in shipped()[tabs.REGISTRY]]
    column = rows[0].index(header)
    rows[1][column] = typed
    tables = {**shipped(), tabs.REGISTRY: rows}
    found = config_in_force(MemoryWorkbook(tables).read(), None)
    assert found.fresh
    pointed_out = [each for each in found.problems if each.place]
    assert [each.where for each in pointed_out] == [f"Trang “{tabs.REGISTRY}”, ô {cell_name(2, column + 1)}"]
    assert said in pointed_out[0].what
    assert pointed_out[0].needs_person
    assert verdicts(checked(tables)) == before()


def test_a_look_alike_among_those_the_office_writes_to_is_pointed_out_and_not_used() -> None:
    rows = [list(row) for row in shipped()[tabs.SETTINGS]]
    number = next(number for number, row in enumerate(rows) if row[0] == "Người nhận tổng hợp")
    rows[number][1] = "a@\u0435\u0445\u0430mple.org; tccb@example.org"
    read = read_config({**shipped(), tabs.SETTINGS: rows})
    assert isinstance(read, Config)
    assert read.settings.summary_to == ("tccb@example.org",)
    assert [each.where for each in read.remarks] == [f"Trang “{tabs.SETTINGS}”, ô B{number + 1}"]


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("BV A https://evil.example/?a=1", "BV A •••"),
        ("BV A www.evil.example", "BV A •••"),
        ("BV A evil.example", "BV A evil. example"),
        ("BV A ⓪⑨⓪⓪ ⓪⓪⓪ ①②③", "BV A •••"),
        ("BV A\x1b[31m\x9b2J", "BV A[31m2J"),
    ],
)
@pytest.mark.parametrize("header", ["Tên đơn vị", "Nhóm"])
def test_no_name_of_a_unit_or_group_is_a_link_or_a_phone(header: str, typed: str, seen: str) -> None:
    rows = [list(row) for row in shipped()[tabs.REGISTRY]]
    rows[1][rows[0].index(header)] = typed
    read = read_config({**shipped(), tabs.REGISTRY: rows})
    assert isinstance(read, Config)
    assert {"Tên đơn vị": read.units[0].name, "Nhóm": read.units[0].group}[header] == seen


@pytest.mark.parametrize("title", [tabs.RULES, tabs.REGISTRY])
def test_a_tab_of_more_lines_than_anybody_needs_is_refused_in_one_sentence(title: str) -> None:
    rows = [*shipped()[title], *[["x"] * 8] * 20_000]
    problems = [each for each in refused({**shipped(), title: rows}) if each.where == f"Trang “{title}”"]
    assert len(problems) == 1
    assert "nhiều hơn mức 5000 dòng" in problems[0].what


SINGLE = {
    "Hộp thư thử nghiệm": ("test_address", "admin_address"),
    "Email quản trị": ("admin_address", "reply_to"),
    "Địa chỉ trả lời": ("reply_to", "admin_address"),
    "Địa chỉ gửi": ("mail_from", "reply_to"),
}
LOOK_ALIKE = "a@\u0435\u0445\u0430mple.org"


def _with_addresses(*names: str) -> ConfigTables:
    rows = [[row[0], LOOK_ALIKE, *row[2:]] if row and row[0] in names else row for row in shipped()[tabs.SETTINGS]]
    return {**shipped(), tabs.SETTINGS: rows}


def _line_of(name: str) -> int:
    return next(number for number, row in enumerate(shipped()[tabs.SETTINGS], 1) if row and row[0] == name)


@pytest.mark.parametrize("name", list(SINGLE))
def test_a_look_alike_in_place_of_one_address_is_pointed_out_and_another_used(name: str) -> None:
    setting, other = SINGLE[name]
    read = read_config(_with_addresses(name))
    assert isinstance(read, Config)
    used = getattr(read.settings, other)
    assert getattr(read.settings, setting) == used
    assert [each.where for each in read.remarks] == [f"Trang “{tabs.SETTINGS}”, ô B{_line_of(name)}"]
    assert f"tạm dùng {used}" in read.remarks[0].what


def test_where_no_address_is_left_to_use_the_configuration_is_refused() -> None:
    problems = refused(_with_addresses(*SINGLE))
    lines = sorted(map(_line_of, SINGLE))
    assert [each.where for each in problems] == [f"Trang “{tabs.SETTINGS}”, ô B{line}" for line in lines]
    assert all("một bảng chữ cái" in each.fix for each in problems)
