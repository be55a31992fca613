"""What counts is the admin's: each setting of completion changed in its cell, and what that does to the figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.config_files import default_tables
from automation.adapters.mail.writer import MailWriter
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.config.mail_kinds import SUMMARY
from automation.core.config.values import Config, HeadcountSource
from automation.core.figures.shared import Judgement
from automation.core.figures.summary import summary_figures
from automation.core.figures.unit import Occasion, TabPlace, reminder_figures
from automation.core.judging.completion import headcount_of
from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.mail.reminders import due_reminders, no_longer_due
from automation.core.model.mail import MailRecord, MailState
from automation.core.model.workbook import Cell, Row, Snapshot
from automation.core.writing.dashboard import dashboard_rows
from automation.core.writing.dashboard_lines import COLUMNS
from tests.core.facts import CARD, EXEMPTION, LEVEL, STAGE, UNTIL, Person, changed, codes_of, table_with
from tests.core.judging.test_completion import DONE, TO_DO, staff
from tests.workbooks import NOW, config_with, judge_units, registry, unit_line, unit_tab

GROUPS = "Chỉ tiêu theo nhóm"
SOURCE = "Nguồn tổng số người"
HOSPITALS, BUREAUS = "Bệnh viện quận, huyện", "Chi cục"
UNITS = [
    unit_line("bv", headcount=4, Nhóm=HOSPITALS),
    unit_line("cc", headcount=4, Nhóm=BUREAUS),
    unit_line("khac", headcount=4, Nhóm=None),
]


def settings_with(name: str, value: Cell) -> dict[str, list[Row]]:
    """The tab `Cấu hình` with one value changed."""
    return {tabs.SETTINGS: table_with(tabs.SETTINGS, ("Mục", name), Giá_trị=value)}


def settings_without(*names: str) -> dict[str, list[Row]]:
    return {tabs.SETTINGS: [row for row in default_tables()[tabs.SETTINGS] if row[0] not in names]}


def judged_with(name: str, value: Cell, *people: Person) -> Judged:
    """One unit of these people, judged with one setting changed."""
    config = config_with([unit_line("a")], **settings_with(name, value))
    return judge_units({"a": [changed(each) for each in people]}, config=config)


def refusal(name: str, value: Cell) -> str:
    read = read_config({**default_tables(), tabs.REGISTRY: registry(*UNITS), **settings_with(name, value)})
    assert isinstance(read, Refused)
    (problem,) = read.problems
    return f"{problem.where}: {problem.what} {problem.fix}"


# --- what makes a person done -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("required", "level", "status"),
    [
        ("Mức 1", "Mức 1", "xong"),
        ("Mức 1", "Mức 2", "xong"),
        ("Mức 2", "Mức 1", "chua-du-muc"),
        ("Mức 2", "Mức 2", "xong"),
        ("mức độ 2", "M1", "chua-du-muc"),  # other spellings of the list will do
    ],
)
def test_the_level_that_is_asked_for(required: str, level: str, status: str) -> None:
    judged = judged_with("Mức tài khoản tối thiểu", required, {LEVEL: level})
    assert list(judged.people["status"]) == [status]
    assert judged.total.rate == (100.0 if status == "xong" else 0.0)


@pytest.mark.parametrize(
    ("counted", "statuses", "card_done"),
    [
        ("Đã có | Đã làm, chờ cấp", ["xong", "xong", "chua-co-the"], 2),
        ("Đã có", ["xong", "cho-the", "chua-co-the"], 1),
        ("đã có|chờ nhận thẻ", ["xong", "xong", "chua-co-the"], 2),
    ],
)
def test_the_cards_that_count(counted: str, statuses: list[str], card_done: int) -> None:
    people = staff((1, {}), (1, {CARD: "Đã làm, chờ cấp", "Ngày cấp thẻ": None}), (1, {CARD: "Chưa làm"}))
    judged = judged_with("Thẻ được tính", counted, *people)
    assert list(judged.people["status"]) == statuses
    assert judged.total.parts["the"] == card_done


@pytest.mark.parametrize(
    ("days", "until", "warned"),
    [
        (180, "17/10/2023", False),  # 180 days after 20/04/2023
        (180, "18/10/2023", True),
        (30, "20/05/2023", False),
        (30, "21/05/2023", True),
        ("365", "18/10/2023", False),
    ],
)
def test_the_longest_deferral_without_a_warning(days: Cell, until: str, warned: bool) -> None:
    person = {STAGE: None, EXEMPTION: "Đang ở nước ngoài", UNTIL: until}
    judged = judged_with("Số ngày hoãn tối đa", days, person)
    assert codes_of(judged, "a", 4) == ({"hoan-qua-dai"} if warned else set())
    assert list(judged.people["status"]) == ["hoan"]


# --- which headcount counts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "registry_count", "declared", "counted"),
    [
        (None, 40, 50, 40),
        ("danh sách đơn vị trước", 40, 50, 40),
        ("danh sách đơn vị trước", None, 50, 50),
        ("đơn vị khai trước", 40, 50, 50),
        ("đơn vị khai trước", 40, None, 40),
        ("Đơn vị  khai trước", 40, 30, 30),
        ("số lớn hơn", 40, 50, 50),
        ("số lớn hơn", 40, 30, 40),
        ("số lớn hơn", None, 30, 30),
        ("số lớn hơn", None, None, None),
    ],
)
def test_which_headcount_counts(source: Cell, registry_count: Cell, declared: Cell, counted: int | None) -> None:
    config = config_with([unit_line("a", headcount=registry_count)], **settings_with(SOURCE, source))
    tab = unit_tab(config, "a", staff((3, DONE)), [[], ["Tổng số người", declared]])
    judged = judge(Snapshot((tab,)), config, {}, NOW)
    (standing,) = judged.standings
    assert standing.headcount == counted
    assert standing.in_scope == max(counted or 0, 3)
    differ = registry_count is not None and declared is not None
    assert [f"theo số {counted}" in problem.what for problem in judged.problems] == [True] * differ
    assert any(f"theo số {counted}" in note for note in standing.notes) is differ


@given(st.none() | st.integers(0, 9000), st.none() | st.integers(0, 9000), st.sampled_from(HeadcountSource))
def test_a_headcount_that_was_given_is_never_lost(
    registry_count: int | None, declared: int | None, source: HeadcountSource
) -> None:
    given_counts = {count for count in (registry_count, declared) if count is not None}
    counted = headcount_of(registry_count, declared, source)
    assert counted in given_counts if given_counts else counted is None


# --- targets of groups ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "targets"),
    [
        (None, {HOSPITALS: 100.0, BUREAUS: 100.0, "": 100.0}),
        (f"{HOSPITALS}: 95 | {BUREAUS}: 90", {HOSPITALS: 95.0, BUREAUS: 90.0, "": 100.0}),
        (" bệnh viện QUẬN, huyện :95,5%|", {HOSPITALS: 95.5, BUREAUS: 100.0, "": 100.0}),
        (f"{BUREAUS}: 0,5 %", {HOSPITALS: 100.0, BUREAUS: 0.5, "": 100.0}),
        (f"{BUREAUS}: 0,5 | {HOSPITALS}: 1", {HOSPITALS: 100.0, BUREAUS: 50.0, "": 100.0}),
    ],
)
def test_the_target_of_a_group(typed: Cell, targets: Mapping[str, float]) -> None:
    settings = config_with(UNITS, **settings_with(GROUPS, typed)).settings
    assert {group: settings.target_of(group) for group in targets} == targets


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        (GROUPS, "95", "dấu hai chấm"),
        (GROUPS, f"{BUREAUS}: nhiều", "dấu hai chấm"),
        (GROUPS, f"{BUREAUS}: 0", "dấu hai chấm"),
        (GROUPS, f"{BUREAUS}: 101", "dấu hai chấm"),
        (GROUPS, f"{BUREAUS}: 90 | {BUREAUS.lower()}: 95", "mỗi nhóm một lần"),
        (GROUPS, "Chi cuc: 90", "Có phải ý là “Chi cục”"),
        (GROUPS, f"{HOSPITALS}: 95 | Trạm y tế: 90", "“Trạm y tế”"),
        (SOURCE, "đơn vị", "số lớn hơn"),
        (SOURCE, "#REF!", "#REF!"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_beside_its_cell(name: str, typed: Cell, said: str) -> None:
    row = next(number for number, row in enumerate(default_tables()[tabs.SETTINGS], start=1) if row[0] == name)
    sentence = refusal(name, typed)
    assert sentence.startswith(f"Trang “Cấu hình”, ô B{row}: ")
    assert said in sentence


@given(st.text(max_size=40) | st.lists(st.sampled_from(["Chi cục", ":", "|", "95", " ", "%", ","]), max_size=9))
def test_whatever_is_typed_there_is_understood_or_refused(typed: str | list[str]) -> None:
    tables = {**default_tables(), tabs.REGISTRY: registry(*UNITS), **settings_with(GROUPS, "".join(typed))}
    read = read_config(tables)
    if isinstance(read, Refused):
        assert all(GROUPS in problem.what for problem in read.problems)
    else:
        assert all(0 < read.settings.target_of(group) <= 100 for group in (HOSPITALS, BUREAUS, ""))


def test_workbooks_made_before_these_settings_go_on_as_they_did() -> None:
    config = config_with(UNITS, **settings_without(GROUPS, SOURCE))
    assert config.settings.headcount_source is HeadcountSource.REGISTRY_FIRST
    assert config.settings.target_of(BUREAUS) == 100.0


def test_a_setting_under_a_similar_name_is_not_taken_for_a_missing_one() -> None:
    rows = [["Chỉ tiêu theo nhom" if row[0] == GROUPS else row[0], *row[1:]] for row in default_tables()[tabs.SETTINGS]]
    read = read_config({**default_tables(), tabs.SETTINGS: rows})
    assert isinstance(read, Refused)
    assert "“Chỉ tiêu theo nhom”" in read.problems[0].fix


def three_of_four(typed: Cell) -> Judged:
    """A unit of each group and one without a group; three of four people are done in each."""
    config = config_with(UNITS, **settings_with(GROUPS, typed))
    people = {code: staff((3, DONE), (1, TO_DO), start=10 * place) for place, code in enumerate(("bv", "cc", "khac"))}
    return judge_units(people, config=config)


def reminded(judged: Judged, history: list[MailRecord] | None = None) -> dict[str, str]:
    """Unit -> the rung of the mail that is due."""
    config = judged.config
    due = due_reminders(judged.standings, config.rungs, config.settings, history or [], None, judged.now)
    return {each.unit: each.rung.code for each in due}


@pytest.mark.parametrize(
    ("typed", "rungs"),
    [
        (None, {"bv": "truoc-7", "cc": "truoc-7", "khac": "truoc-7"}),
        (f"{BUREAUS}: 75", {"bv": "truoc-7", "cc": "cam-on", "khac": "truoc-7"}),
        (f"{BUREAUS}: 75,1", {"bv": "truoc-7", "cc": "truoc-7", "khac": "truoc-7"}),
        (f"{BUREAUS}: 60 | {HOSPITALS}: 70", {"bv": "cam-on", "cc": "cam-on", "khac": "truoc-7"}),
    ],
)
def test_a_unit_is_reminded_until_it_reaches_the_target_of_its_group(typed: Cell, rungs: Mapping[str, str]) -> None:
    assert reminded(three_of_four(typed)) == rungs


def test_a_reminder_is_withdrawn_where_the_target_of_the_group_is_reached() -> None:
    judged = three_of_four(f"{BUREAUS}: 75")
    queued = [
        MailRecord(unit, "nhac-viec", unit, "truoc-7", NOW.date(), MailState.QUEUED, "", datetime(2023, 4, 20, 8))
        for unit in ("bv", "cc", "khac")
    ]
    settings, rungs = judged.config.settings, judged.config.rungs
    assert no_longer_due(judged.standings, rungs, settings, queued) == ["cc"]


def test_a_mail_to_a_unit_names_the_target_of_its_group() -> None:
    judged: Judgement = three_of_four(f"{BUREAUS}: 75")
    occasion = Occasion(TabPlace("tab"), working_days_left=7, work_left=7)
    figures = reminder_figures(judged, {"bv": occasion, "cc": occasion})
    assert {unit: each.target for unit, each in figures.items()} == {"bv": 100.0, "cc": 75.0}
    assert "75,0" in MailWriter().write("cam-on", figures["cc"]).html


def test_the_summary_measures_each_group_and_unit_by_its_own_target() -> None:
    figures = summary_figures(three_of_four(f"{BUREAUS}: 75"))
    assert figures.target == 100.0
    assert {group.name: group.target for group in figures.groups} == {HOSPITALS: 100.0, BUREAUS: 75.0, "": 100.0}
    assert sorted(line.unit.target for line in figures.units) == [75.0, 100.0, 100.0]
    written = MailWriter().write(SUMMARY, figures)
    for body in (written.text, written.html):
        assert body.count("chỉ tiêu 75,0") == 1


def test_a_group_at_its_target_is_not_listed_as_silent() -> None:
    judged = three_of_four(f"{BUREAUS}: 75")
    long_ago = judge_units_later(judged)
    assert [each.name for each in summary_figures(long_ago).silent] == ["Đơn vị bv", "Đơn vị khac"]


def judge_units_later(judged: Judged) -> Judged:
    """The same workbook eight days on, nobody having changed anything."""
    memory = {record.code: record for record in judged.records}
    tables = Snapshot(tuple(table.tab for table in judged.tables))
    return judge(tables, judged.config, memory, NOW.replace(day=28))


def test_the_dashboard_says_which_group_has_a_target_of_its_own() -> None:
    note = COLUMNS.index("note")

    def notes(config_text: Cell) -> dict[Cell, Cell]:
        rows = (line for line in dashboard_rows(three_of_four(config_text)) if line)
        return {line[0]: line[note] for line in rows if len(line) > note}

    assert notes(f"{BUREAUS}: 75")[BUREAUS] == "Chỉ tiêu 75,0\u00a0%"
    assert notes(f"{BUREAUS}: 75")[HOSPITALS] is None
    assert notes(None)[BUREAUS] is None


def test_the_strict_rate_stands_beside_the_rate() -> None:
    away = {**TO_DO, EXEMPTION: "Đang ở nước ngoài", UNTIL: "01/06/2023"}
    judged = judge_units({"a": staff((2, DONE), (1, TO_DO), (1, away))}, config=config_with([unit_line("a")]))
    assert (judged.total.rate, judged.total.strict_rate) == (66.6, 50.0)
    rates = {line[0]: line[5] for line in dashboard_rows(judged) if len(line) > 5}
    assert (rates["Người phải thực hiện"], rates["Tính cả người tạm hoãn"]) == ("● 66,6\u00a0%", "50,0\u00a0%")
    written = MailWriter().write(SUMMARY, summary_figures(judged))
    for body in (written.text, written.html):
        assert "66,6" in body
        assert "50,0" in body


def test_the_shipped_settings_change_nothing() -> None:
    config = read_config(default_tables())
    assert isinstance(config, Config)
    assert config.settings.group_targets == {}
    assert config.settings.headcount_source is HeadcountSource.REGISTRY_FIRST
