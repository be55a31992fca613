from __future__ import annotations

from datetime import date, datetime

import pytest
from msgspec.structs import replace

from automation.core.config.values import Field, FieldCode, FieldType
from automation.core.figures.forecast import Pace
from automation.core.figures.history import Reading
from automation.core.figures.unit import (
    PEOPLE_PER_STEP,
    ROWS_PER_CORRECTION,
    Occasion,
    PersonLine,
    ReminderFigures,
    TabPlace,
    reminder_figures,
)
from tests.core.judged_sample import (
    NOW,
    SETTINGS,
    TU_DU,
    WORKING_DAYS_LEFT,
    Finding,
    Person,
    Sample,
    config,
    findings_frame,
    people_frame,
    sample,
    standing,
)

PLACE = TabPlace("BV Từ Dũ", file="danh-sach.xlsx")


def figures_of(judged: Sample, unit: str = TU_DU.code, working_days_left: int = WORKING_DAYS_LEFT) -> ReminderFigures:
    return reminder_figures(judged, {unit: Occasion(PLACE, working_days_left, working_days_left)})[unit]


def unit_with(people: list[Person], findings: list[Finding] | None = None) -> Sample:
    unit = replace(TU_DU, headcount=None)
    return Sample(
        config((unit,)),
        NOW,
        (standing(unit, people),),
        people_frame({unit.code: people}),
        findings_frame(findings or []),
    )


def test_everybody_left_stands_in_exactly_one_part_of_the_mail() -> None:
    figures = figures_of(sample())
    assert (figures.done, figures.counted, figures.left) == (2, 11, 9)
    assert (figures.to_correct, figures.not_entered, figures.people_in_steps) == (2, 4, 3)
    assert figures.left == figures.to_correct + figures.not_entered + figures.people_in_steps


def test_steps_follow_the_status_table_with_names_and_rows() -> None:
    steps = figures_of(sample()).steps
    assert [(step.label, step.people.count) for step in steps] == [
        ("Đã duyệt, chưa kích hoạt", 1),
        ("Có thẻ, chưa đăng ký", 2),
    ]
    assert steps[1].people.shown == (PersonLine(8, "Võ Thị Giang"), PersonLine(9, "Hồ Văn Hải"))
    assert steps[1].todo.startswith("Đăng ký Mức 1")


def test_a_status_with_two_next_steps_is_told_of_once_to_the_head() -> None:
    figures = figures_of(sample())
    ways = tuple(replace(figures.steps[1], todo=todo) for todo in ("Trên ứng dụng.", "Tại Công an."))
    people = replace(figures, steps=(figures.steps[0], *ways)).people_by_status
    assert list(people.items()) == [("Đã duyệt, chưa kích hoạt", 1), ("Có thẻ, chưa đăng ký", 4)]


def test_equal_errors_stand_together_the_most_frequent_first() -> None:
    corrections = figures_of(sample()).corrections
    assert [(each.header, [line.row for line in each.people.shown]) for each in corrections] == [
        ("Số CCCD", [5, 6]),
        ("Ngày sinh", [6]),
    ]
    assert corrections[0].wrong == "không phải số định danh 12 số"
    assert corrections[0].instead == "nhập đủ 12 số như trên thẻ"


@pytest.mark.parametrize(
    "message",
    ["sai → sửa", "Số CCCD: sai → sửa", "Số CCCD: “…” sai → sửa"],
)
def test_a_correction_repeats_neither_its_header_nor_a_value_left_out(message: str) -> None:
    correction = figures_of(unit_with([Person("loi")], [Finding(TU_DU.code, 4, "cccd-12-so", message)])).corrections[0]
    assert (correction.header, correction.wrong, correction.instead) == ("Số CCCD", "sai", "sửa")


def test_a_rule_on_trial_asks_for_nothing() -> None:
    judged = unit_with([Person("loi")], [Finding(TU_DU.code, 4, "quy-tac-thu", "đang thử → bỏ qua")])
    assert figures_of(judged).corrections == ()


def test_an_error_of_somebody_out_of_scope_asks_for_nothing() -> None:
    judged = unit_with([Person("ngoai-dien")], [Finding(TU_DU.code, 4, "cccd-12-so", "sai → sửa")])
    assert figures_of(judged).corrections == ()


def test_long_lists_are_cut_and_say_how_many_more() -> None:
    people = figures_of(unit_with([Person("chua-khai")] * 50)).steps[0].people
    assert (len(people.shown), people.more, people.count) == (PEOPLE_PER_STEP, 30, 50)


@pytest.mark.parametrize(
    ("status", "papers", "message"),
    [
        ("chua-dang-ky", True, False),
        ("cho-kich-hoat", False, True),
        ("chua-khai", False, False),
        ("loi", False, False),
    ],
)
def test_what_to_bring_and_the_message_are_told_where_somebody_needs_them(
    status: str, papers: bool, message: bool
) -> None:
    figures = figures_of(unit_with([Person(status)]))
    assert (bool(figures.papers), bool(figures.approval_message)) == (papers, message)


def test_a_cut_list_knows_the_row_it_goes_on_at() -> None:
    figures = figures_of(
        unit_with(
            [Person("chua-khai")] * (PEOPLE_PER_STEP + 2) + [Person("loi")] * (ROWS_PER_CORRECTION + 1),
            [Finding(TU_DU.code, row, "cccd-12-so", "sai → sửa") for row in range(26, 26 + ROWS_PER_CORRECTION + 1)],
        )
    )
    assert figures.steps[0].people.next_row == 4 + PEOPLE_PER_STEP
    assert figures.corrections[0].people.next_row == 26 + ROWS_PER_CORRECTION
    assert figures_of(sample()).steps[0].people.next_row is None


def test_names_stay_out_where_the_settings_say_so() -> None:
    figures = figures_of(sample(replace(SETTINGS, names_in_mail=False)))
    shown = [line for step in figures.steps for line in step.people.shown]
    shown += [line for each in figures.corrections for line in each.people.shown]
    assert {line.name for line in shown} == {""}
    assert {line.row for line in shown} == {5, 6, 7, 8, 9}


def test_a_number_typed_as_a_name_does_not_get_into_the_mail() -> None:
    people = (
        figures_of(unit_with([Person("chua-khai", "An 079085000123"), Person("chua-khai", "0 9/0 0")])).steps[0].people
    )
    assert [line.name for line in people.shown] == ["An •", "• •/• •"]


def test_a_link_typed_as_a_name_does_not_get_into_the_mail() -> None:
    typed = "Vào https://vneid-gov.example/a kích hoạt"
    (line,) = figures_of(unit_with([Person("chua-khai", typed)])).steps[0].people.shown
    assert line.name == "Vào ••• kích hoạt"


def test_pace_change_and_silence() -> None:
    occasion = Occasion(PLACE, 2, 2, Reading(date(2023, 4, 18), 10, 1), Pace(3, 10.0, 2))
    figures = reminder_figures(sample(), {TU_DU.code: occasion})[TU_DU.code]
    assert figures.pace_needed == 4.5
    assert figures.pace == Pace(3, 10.0, 2)
    assert figures.change is not None
    assert figures.change.points == 8.1
    assert figures.silent_days == 1
    assert figures.days_left == 10


@pytest.mark.parametrize(("target", "needed"), [(100.0, 4.5), (50.0, 2), (10.0, None)])
def test_the_pace_that_is_needed_is_the_one_to_the_target(target: float, needed: float | None) -> None:
    """Two of eleven are done, and two days are left."""
    judged = sample(replace(SETTINGS, target=target))
    assert figures_of(judged, working_days_left=2).pace_needed == needed


def test_after_the_deadline_there_is_no_pace() -> None:
    judged = replace(sample(), now=datetime(2023, 5, 4, 8, 0, tzinfo=NOW.tzinfo))
    figures = figures_of(judged, working_days_left=0)
    assert (figures.days_left, figures.pace_needed) == (-4, None)


def test_a_unit_that_entered_nothing_has_no_rate_and_no_steps() -> None:
    figures = figures_of(sample(), "bv-q11")
    assert (figures.rows, figures.rate, figures.left, figures.steps) == (0, None, 0, ())


def test_what_the_unit_has_not_declared_is_asked_for_if_the_field_is_used() -> None:
    assert figures_of(sample()).missing_declarations == ()
    assert figures_of(sample(), "bv-q11").missing_declarations == (
        "Tổng số người",
        "Ngày quán triệt",
        "Hình thức quán triệt",
    )


def test_a_unit_with_difficulties_is_asked_when_it_told_the_police() -> None:
    asked = Field(FieldCode.REPORTED_ON, "Ngày báo Công an", (), FieldType.DECLARED_DATE, "", False, True, "")
    judged = sample()
    judged = replace(judged, config=replace(judged.config, fields=(*judged.config.fields, asked)))
    assert figures_of(judged).missing_declarations == ("Ngày báo Công an",)
    assert "Ngày báo Công an" not in figures_of(judged, "bv-q11").missing_declarations
    told = replace(judged.standings[0].declaration, reported_on=date(2023, 4, 19))
    standings = tuple(replace(each, declaration=told) for each in judged.standings)
    assert figures_of(replace(judged, standings=standings)).missing_declarations == ()


@pytest.mark.parametrize(("people", "proposed"), [(30, ()), (31, ("Có thẻ, chưa đăng ký",))])
def test_where_many_wait_for_the_same_step_a_session_at_the_unit_is_proposed(
    people: int, proposed: tuple[str, ...]
) -> None:
    judged = unit_with([Person("chua-dang-ky")] * people + [Person("cho-kich-hoat")] * 50)
    assert tuple(step.label for step in figures_of(judged).on_site) == proposed


@pytest.mark.parametrize(
    ("headcount", "ticked", "claims", "asked"),
    [(5, True, True, False), (5, False, False, False), (2, True, False, False), (2, False, False, True)],
)
def test_a_tick_before_the_list_is_complete_is_asked_about(
    headcount: int, ticked: bool, claims: bool, asked: bool
) -> None:
    """Two people are entered. Who has entered everybody is asked for the tick."""
    tick = Field(FieldCode.LIST_COMPLETE, "Đã nhập đủ danh sách", (), FieldType.DECLARED_TICK, "", False, True, "")
    judged = unit_with([Person("chua-dang-ky")] * 2)
    (standing,) = judged.standings
    tally = replace(standing.tally, in_scope=headcount)
    declared = replace(standing.declaration, headcount=headcount, list_complete=ticked)
    standing = replace(standing, headcount=headcount, tally=tally, declaration=declared)
    judged = replace(judged, standings=(standing,), config=replace(judged.config, fields=(*judged.config.fields, tick)))
    figures = figures_of(judged)
    assert (figures.claims_too_much, tick.header in figures.missing_declarations) == (claims, asked)


def test_the_real_recipients_are_known_only_to_test_mails() -> None:
    occasion = Occasion(PLACE, 7, 7, real_recipients=("a@example.org",))
    trial = sample(replace(SETTINGS, mail_mode_real=False))
    assert reminder_figures(trial, {TU_DU.code: occasion})[TU_DU.code].test_recipients == ("a@example.org",)
    assert reminder_figures(sample(), {TU_DU.code: occasion})[TU_DU.code].test_recipients is None


def test_only_the_units_asked_for_get_figures() -> None:
    assert set(reminder_figures(sample(), {"bv-q4": Occasion(PLACE, 7, 7), "no-such-unit": Occasion(PLACE, 7, 7)})) == {
        "bv-q4"
    }
