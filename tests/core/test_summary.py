from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from automation.core.mail_material import Earlier
from automation.core.model import CountsAs, Standing, Tally
from automation.core.summary import UNITS_PER_DIFFICULTY, Duplicate, SummaryFigures, summary_figures
from tests.core.judged_sample import (
    NOW,
    QUAN_4,
    SETTINGS,
    Finding,
    Person,
    Sample,
    config,
    findings_frame,
    people_frame,
    sample,
)


def figures_of(judged: Sample) -> SummaryFigures:
    return summary_figures(judged, working_days_left=7)


def at(name: str, rate: float | None, known: bool = True, **more: int) -> Standing:
    done = int((rate or 0) * 10)
    tally = Tally(0 if rate is None else 1000, 0, done)
    return Standing(name, name, known=known, tally=tally, rate=rate, rows=more.get("rows", tally.in_scope))


def of_units(*standings: Standing) -> Sample:
    return Sample(config(), NOW, standings, people_frame({}), findings_frame([]))


def test_the_whole_is_a_sum_never_a_mean_of_rates() -> None:
    figures = figures_of(sample())
    assert (figures.overall.tally.done, figures.overall.counted, figures.overall.tally.left) == (35, 54, 19)
    assert figures.overall.rate == 64.8
    assert figures.strict_rate == 63.6
    assert figures.pace_needed == 3


def test_change_since_the_last_summary() -> None:
    figures = summary_figures(sample(), working_days_left=7, earlier=Earlier(date(2023, 4, 19), 65.8, 18))
    assert figures.change is not None
    assert (figures.change.points, figures.change.fewer_left) == (-1.0, -1)


def test_the_funnel_begins_with_those_who_are_done_and_leaves_out_empty_steps() -> None:
    funnel = figures_of(sample()).funnel
    assert [(line.label, line.people) for line in funnel] == [
        ("Hoàn thành", 35),
        ("Cần sửa dữ liệu", 2),
        ("Đã duyệt, chưa kích hoạt", 1),
        ("Có thẻ, chưa đăng ký", 12),
        ("Tạm hoãn", 1),
        ("Không thuộc đối tượng", 1),
    ]
    assert funnel[0].counts_as is CountsAs.DONE
    assert figures_of(sample()).not_entered == 4


def test_units_rank_by_rate_then_name_and_unread_ones_have_no_rank() -> None:
    judged = of_units(
        at("Từ Dũ", 50.0), at("Đa khoa", 80.0), at("Mắt", 80.0), at("Da Liễu", None), at("An Bình", 90.0, False)
    )
    assert [(line.rank, line.unit.name, line.known) for line in figures_of(judged).units] == [
        (1, "Đa khoa", True),
        (1, "Mắt", True),
        (3, "Từ Dũ", True),
        (None, "Da Liễu", True),
        (None, "An Bình", False),
    ]


def test_a_group_says_how_many_of_its_units_are_not_in_its_rate() -> None:
    groups = {group.name: group for group in figures_of(sample()).groups}
    group = groups["Bệnh viện quận, huyện"]
    assert (group.rate, group.units, group.units_without_people) == (100.0, 2, 1)


def test_categories_follow_the_list_and_leave_out_people_out_of_scope() -> None:
    figures = figures_of(sample())
    assert [(each.name, each.tally) for each in figures.categories] == [
        ("Công chức", Tally(1, 0, 0)),
        ("Viên chức", Tally(8, 1, 5)),
        ("Người lao động", Tally(2, 0, 0)),
    ]
    assert figures.party is not None
    assert figures.party.tally == Tally(2, 0, 1)


def test_a_category_that_is_not_in_the_list_stands_last_without_its_words() -> None:
    people = {QUAN_4.code: [Person("xong", category="Bác sĩ An"), Person("xong")]}
    judged = replace(sample(), people=people_frame(people))
    assert [each.name for each in figures_of(judged).categories] == ["Viên chức", ""]


def test_where_units_stand_apart() -> None:
    figures = figures_of(sample())
    assert figures.reached == ("Bệnh viện Quận 4",)
    assert figures.not_started == ("Bệnh viện Quận 11",)
    assert [line.unit.name for line in figures.unknown] == ["Bệnh viện Da Liễu"]
    assert figures.without_address == ("Bệnh viện Da Liễu", "Bệnh viện Quận 11")


def test_an_unread_unit_has_neither_reached_nor_not_started() -> None:
    figures = figures_of(of_units(at("Mắt", 100.0, known=False), at("Da Liễu", None, known=False)))
    assert figures.reached == figures.not_started == ()
    assert len(figures.unknown) == 2


def test_silent_units_are_those_below_target_that_have_not_changed_for_long() -> None:
    def changed(standing: Standing, day: int) -> Standing:
        return replace(standing, changed_at=datetime(2023, 4, day, 9, 0, tzinfo=NOW.tzinfo))

    judged = of_units(
        changed(at("a", 50.0), 13),
        changed(at("b", 50.0), 10),
        changed(at("c", 50.0), 14),  # six days: not yet
        changed(at("d", 100.0), 1),  # nothing left to do
        changed(at("e", 50.0, known=False), 1),
        changed(at("f", None), 1),  # no rows: not started
    )
    assert [(each.name, each.days) for each in figures_of(judged).silent] == [("b", 10), ("a", 7)]


def test_errors_by_rule_say_what_is_wrong_without_what_was_typed() -> None:
    lines = figures_of(sample()).errors_by_rule
    assert [(line.header, line.wrong, line.rows, line.units) for line in lines] == [
        ("Số CCCD", "không phải số định danh 12 số", 2, 1),
        ("Ngày sinh", "không phải ngày sinh hợp lệ", 1, 1),
    ]


def test_warnings_and_rules_on_trial_are_no_errors() -> None:
    findings = [Finding("bv-q4", 4, "quy-tac-thu", "x"), Finding("bv-q4", 4, "cccd-12-so", "x", severity="Cảnh báo")]
    assert figures_of(replace(sample(), findings=findings_frame(findings))).errors_by_rule == ()


def test_duplicates_name_the_two_units_in_either_order() -> None:
    pairs = (("bv-tu-du", "bv-q4"), ("bv-q4", "bv-tu-du"))
    duplicates = figures_of(replace(sample(), cross_unit_duplicates=pairs)).duplicates
    assert duplicates == (Duplicate("Bệnh viện Quận 4", "Bệnh viện Từ Dũ", 2),)


def test_difficulties_are_counted_and_free_text_is_not_quoted() -> None:
    difficulties = figures_of(sample()).difficulties
    assert [(each.label, each.people, each.units) for each in difficulties] == [
        ("SIM không chính chủ", 2, (("Bệnh viện Từ Dũ", 2),)),
        ("", 1, (("Bệnh viện Từ Dũ", 1),)),
    ]
    assert "Hải" not in repr(figures_of(sample()))


def test_a_difficulty_of_many_units_names_the_most_concerned() -> None:
    people = {f"u{number}": [Person("chua-khai", difficulty="Lỗi ứng dụng")] * number for number in range(1, 16)}
    difficulty = figures_of(replace(sample(), people=people_frame(people))).difficulties[0]
    assert difficulty.units[0] == ("u15", 15)
    assert (len(difficulty.units), difficulty.more_units, difficulty.people) == (UNITS_PER_DIFFICULTY, 5, 120)


def test_dissemination_is_what_the_units_declared() -> None:
    dissemination = figures_of(sample()).dissemination
    assert (dissemination.units_done, dissemination.units_all) == (1, 4)
    assert (dissemination.informed, dissemination.relatives) == (12, 20)
    assert dissemination.not_declared == ("Bệnh viện Da Liễu", "Bệnh viện Quận 4", "Bệnh viện Quận 11")


def test_nobody_is_named() -> None:
    shown = repr(figures_of(sample(replace(SETTINGS, names_in_mail=True))))
    for person in ("Cường", "Dung", "Giang", "Bình", "Mai"):
        assert person not in shown


def test_a_campaign_without_anybody_has_figures_too() -> None:
    figures = figures_of(of_units())
    assert figures.overall.rate is None
    assert (figures.funnel, figures.units, figures.categories, figures.difficulties) == ((), (), (), ())
