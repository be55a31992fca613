from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from automation.core.config.values import Field, FieldCode, FieldType
from automation.core.figures.forecast import Outlook, Pace
from automation.core.figures.history import History, HistoryLine, Reading
from automation.core.figures.period import LastSummary, Period
from automation.core.figures.shared import Change
from automation.core.figures.summary import Duplicate, SummaryFigures, summary_figures
from automation.core.judging.judged import SharedNumber
from automation.core.model.mail import MailRecord, Told
from automation.core.model.units import CountsAs, Standing, Tally, Unit
from tests.core.judged_sample import (
    DA_LIEU,
    NOW,
    QUAN_4,
    SENT,
    SETTINGS,
    Finding,
    Person,
    Sample,
    config,
    findings_frame,
    history,
    history_under_way,
    mailed,
    people_frame,
    sample,
    standing,
    under_way,
)


def figures_of(judged: Sample) -> SummaryFigures:
    return summary_figures(judged)


def at(name: str, rate: float | None, known: bool = True, **more: int) -> Standing:
    done = int((rate or 0) * 10)
    tally = Tally(0 if rate is None else 1000, 0, done)
    return Standing(name, name, known=known, tally=tally, rows=more.get("rows", tally.in_scope))


def of_units(*standings: Standing) -> Sample:
    return Sample(config(), NOW, standings, people_frame({}), findings_frame([]))


def test_the_whole_is_a_sum_never_a_mean_of_rates() -> None:
    figures = figures_of(sample())
    assert (figures.overall.tally.done, figures.overall.counted, figures.overall.tally.left) == (35, 54, 19)
    assert figures.overall.rate == 64.8
    assert figures.overall.strict_rate == 63.6
    assert (figures.forecast.to_go, figures.forecast.needed) == (19, 2.8)


@pytest.mark.parametrize(
    ("sent", "period", "told_on", "change"),
    [
        (SENT, Period.DAY, 19, Change(date(2023, 4, 18), 1.9, 1)),  # it told where the 18th had ended: 34 of 54
        ((mailed(17), mailed(18)), Period.DAY, 18, Change(date(2023, 4, 17), 16.7, 9)),
        ((mailed(13),), Period.WEEK, 13, Change(date(2023, 4, 12), 40.8, 22)),  # 13 of 54
        ((mailed(11),), Period.DAY, 11, None),  # nothing is known of the day before
        ((), Period.WEEK, None, None),  # nobody has read any
    ],
)
def test_change_since_the_summary_that_readers_got_last(
    sent: tuple[MailRecord, ...], period: Period, told_on: int | None, change: Change | None
) -> None:
    figures = summary_figures(sample(), history(), sent, period=period)
    assert (figures.last_summary.on.day if figures.last_summary else None) == told_on
    assert figures.change == change


def test_units_whose_reminders_wait_are_named() -> None:
    found = summary_figures(sample(), history(), units_waiting={DA_LIEU.code, QUAN_4.code, "gone"})
    assert found.waiting == ("Bệnh viện Da Liễu", "Bệnh viện Quận 4")


TOLD = Told(datetime(2023, 4, 19, 8, 0, tzinfo=NOW.tzinfo), 30, 50, {"bv-tu-du": (1, 11), "bv-q4": (3, 3)})
"""What the summary of the 19th said: it was made before four people more were declared."""


def after(told: Told) -> SummaryFigures:
    return summary_figures(sample(), history(), [replace(mailed(19), told=told)])


def test_what_the_summary_before_said_is_what_the_next_one_starts_from() -> None:
    figures = after(TOLD)
    assert figures.last_summary == LastSummary(date(2023, 4, 19), date(2023, 4, 19), TOLD)
    # 35 of 54 now, 64.8 %: the headline said 60 %, whatever stood at the end of the day before
    assert figures.change == Change(date(2023, 4, 19), 4.8, 1)
    assert [(line.unit.name, line.gained) for line in figures.most_gained] == [("Bệnh viện Từ Dũ", 1)]


def test_who_got_done_at_night_was_told_of_in_the_morning() -> None:
    """Two in the night before the summary of the 19th: by the end of the 18th they would be new again."""
    figures = after(replace(TOLD, done=35, counted=54, units={"bv-tu-du": (2, 11), "bv-q4": (3, 3)}))
    assert figures.change == Change(date(2023, 4, 19), 0.0, 0)
    assert figures.most_gained == ()


def test_a_unit_that_the_summary_before_did_not_know_has_no_change() -> None:
    figures = after(replace(TOLD, units={"bv-q4": (3, 3)}))
    assert {line.unit.name: line.change for line in figures.units if line.known} == {
        "Bệnh viện Từ Dũ": None,
        "Bệnh viện Quận 4": Change(date(2023, 4, 19), 0.0, 0),
        "Bệnh viện Quận 11": None,
    }


def test_the_pace_reckons_from_when_a_day_was_looked_at() -> None:
    """One look a morning: the line of the 11th stands where the day began, so it takes one working day more."""
    mornings = {date(2023, 4, day): datetime(2023, 4, day, 7, 30, tzinfo=NOW.tzinfo) for day in range(11, 20)}
    evenings, mornings_only = (
        summary_figures(under_way(), replace(history_under_way(), looks=looks)).forecast.pace
        for looks in ({}, mornings)
    )
    assert (evenings, mornings_only) == (Pace(8, 6.0, 3), Pace(8, 7.0, 3))


def test_the_course_of_all_units_goes_on_from_the_last_reading_of_each() -> None:
    trend = summary_figures(sample(), history()).trend
    assert [(reading.day.day, reading.done) for reading in trend[-4:]] == [(17, 26), (18, 34), (19, 35), (20, 35)]
    assert trend[-1].rate == 64.8


def never_read() -> Sample:
    """The sample, whose unread unit never was read: 40 people by the registry, nothing else."""
    judged = sample()
    unread = Standing(DA_LIEU.code, DA_LIEU.name, DA_LIEU.group, known=False, headcount=40, tally=Tally(40))
    return replace(judged, standings=(*judged.standings[:-1], unread))


def test_of_a_unit_that_never_was_read_all_figures_say_the_same() -> None:
    figures = summary_figures(
        never_read(), History(None, tuple(x for x in history().lines if x.code != DA_LIEU.code), 0)
    )
    assert (figures.overall.done, figures.overall.counted) == (5, 54)
    assert [(each.done, each.counted) for each in figures.trend][-2:] == [(5, 54), (5, 54)]
    # nobody knows whether these are in its list
    funnel = figures.funnel
    assert (funnel.not_entered.people, funnel.unread) == (44, 40)
    assert funnel.not_entered_label == "Chưa có trong danh sách (gồm 40 người của đơn vị chưa đọc được trang tính)"


def test_a_group_of_which_nothing_was_read_has_no_rate() -> None:
    judged = never_read()
    alone = replace(judged, standings=(*judged.standings[1:3], replace(judged.standings[3], group="Trung tâm")))
    figures = figures_of(alone)
    assert [(group.name, group.rate) for group in figures.groups] == [
        ("Bệnh viện quận, huyện", 100.0),
        ("Trung tâm", None),
    ]
    nobody = figures_of(replace(judged, standings=judged.standings[3:]))
    assert (nobody.overall.rate, nobody.overall.strict_rate, nobody.overall.left) == (None, None, 40)
    assert {part.share.rate for part in nobody.parts} == {None}


def test_no_day_is_named_for_all_where_a_unit_has_none() -> None:
    # Quận 11 has entered nobody and Da Liễu cannot be read; seven more of Từ Dũ get done by the deadline
    found = summary_figures(under_way(), history_under_way()).forecast
    assert (found.outlook, found.reached_on, found.without_data) == (Outlook.NO_DAY, None, 2)
    assert (found.pace, found.at_deadline) == (Pace(8, 6.0, 3), Reading(date(2023, 4, 30), 73, 30 + 3 + 15))


def test_the_day_of_all_units_is_that_of_the_last_one() -> None:
    judged = under_way()
    found = summary_figures(replace(judged, standings=judged.standings[:2]), history_under_way()).forecast
    assert (found.outlook, found.reached_on, found.days_late) == (Outlook.LATE, date(2023, 5, 24), 24)


def test_units_at_risk_are_those_whose_pace_leads_beyond_the_deadline() -> None:
    figures = summary_figures(under_way(), history_under_way())
    assert [(line.unit.name, line.forecast.days_late) for line in figures.at_risk] == [("Bệnh viện Từ Dũ", 24)]
    assert figures.standing_still == ()
    outlooks = {line.unit.name: line.forecast.outlook for line in figures.units}
    assert outlooks == {
        "Bệnh viện Từ Dũ": Outlook.LATE,
        "Bệnh viện Quận 4": Outlook.REACHED,
        "Bệnh viện Quận 11": Outlook.NOBODY,
        "Bệnh viện Da Liễu": Outlook.UNSURE,
    }


@pytest.mark.parametrize("now", [NOW, NOW + timedelta(days=30)], ids=["to come", "past"])
@pytest.mark.parametrize("with_history", [True, False])
def test_the_units_of_which_nothing_can_be_said_are_all_named(now: datetime, with_history: bool) -> None:
    """The headline counted two units with too little data, and the lists below named one."""
    judged = replace(under_way(), now=now)
    figures = summary_figures(judged, history_under_way()) if with_history else summary_figures(judged)
    named = [line.unit.name for line in (*figures.too_little_data, *figures.in_doubt)]
    assert {"Bệnh viện Quận 11", "Bệnh viện Da Liễu"} <= set(named)
    assert len(named) == figures.forecast.without_data


def test_what_units_will_have_done_on_the_deadline_adds_up() -> None:
    figures = summary_figures(under_way(), history_under_way())
    assert {line.unit.name: line.at_deadline for line in figures.units} == {
        "Bệnh viện Từ Dũ": 15,
        "Bệnh viện Quận 4": 3,
        "Bệnh viện Quận 11": 0,
        "Bệnh viện Da Liễu": 30,
    }


def test_without_a_history_nothing_is_said_of_the_pace() -> None:
    figures = figures_of(sample())
    assert [line.unit.name for line in figures.too_little_data] == ["Bệnh viện Từ Dũ", "Bệnh viện Quận 11"]
    assert figures.forecast.outlook is Outlook.TOO_LITTLE_DATA
    assert figures.at_risk == figures.standing_still == ()


def test_a_rate_that_rose_because_rows_vanished_is_no_pace() -> None:
    judged = sample()
    fewer = replace(judged, standings=(replace(judged.standings[0], vanished_rows=3), *judged.standings[1:]))
    [line] = [line for line in summary_figures(fewer, history()).units if line.unit.name == "Bệnh viện Từ Dũ"]
    assert line.forecast.outlook is Outlook.UNSURE


def test_a_unit_whose_rows_vanished_has_reached_nothing_yet() -> None:
    judged = sample()
    fewer = replace(judged, standings=(judged.standings[0], replace(judged.standings[1], vanished_rows=3)))
    assert figures_of(fewer).reached == ()


def test_the_units_in_which_most_people_got_done_stand_first() -> None:
    figures = summary_figures(sample(), history(), [mailed(12)])
    assert [(line.unit.name, line.gained) for line in figures.most_gained] == [
        ("Bệnh viện Quận 4", 2),
        ("Bệnh viện Từ Dũ", 2),
    ]


def test_a_unit_that_deletes_open_rows_has_gained_nobody() -> None:
    """Ten were to be counted on the 18th, four are left of them, and nobody got done."""
    deleted = Standing("a", "a", rows=4, tally=Tally(4, 0, 2))
    worked = Standing("b", "b", rows=10, tally=Tally(10, 0, 3))
    lines = [HistoryLine(0, date(2023, 4, 18), code, 10, 2) for code in "ab"]
    figures = summary_figures(of_units(deleted, worked), History(None, tuple(lines), 0), [mailed(19)])
    assert [(line.unit.name, line.gained) for line in figures.most_gained] == [("b", 1)]


def test_a_group_with_a_target_of_its_own_reaches_that() -> None:
    ninety = replace(SETTINGS, group_targets={"bệnh viện thành phố": 18.0})
    assert figures_of(sample(ninety)).reached == ("Bệnh viện Quận 4", "Bệnh viện Từ Dũ")


def test_the_funnel_begins_with_those_who_are_done_and_leaves_out_empty_steps() -> None:
    funnel = figures_of(sample()).funnel
    assert [(line.label, line.people) for line in funnel.occupied] == [
        ("Hoàn thành", 35),
        ("Cần sửa dữ liệu", 2),
        ("Đã duyệt, chưa kích hoạt", 1),
        ("Có thẻ, chưa đăng ký", 12),
        ("Tạm hoãn", 1),
        ("Không thuộc đối tượng", 1),
    ]
    assert funnel.statuses[0].counts_as is CountsAs.DONE
    assert (funnel.not_entered.people, funnel.everybody) == (4, 56)


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


@pytest.mark.parametrize(
    ("switched_off", "named"),
    [((), "Trong đó: Đảng viên"), ((FieldCode.CATEGORY,), "Đảng viên"), ((FieldCode.PARTY,), None)],
    ids=["beside categories", "alone", "not asked for"],
)
def test_the_partys_line_is_an_in_which_where_it_is_in_something(
    switched_off: tuple[str, ...], named: str | None
) -> None:
    judged = sample()
    fields = tuple(replace(each, used=each.code not in switched_off) for each in judged.config.fields)
    party = figures_of(replace(judged, config=replace(judged.config, fields=fields))).party
    assert (party.name if party else None) == named


def test_a_category_that_is_not_in_the_list_stands_last_without_its_words() -> None:
    people = {QUAN_4.code: [Person("xong", category="Bác sĩ An"), Person("xong")]}
    judged = replace(sample(), people=people_frame(people))
    assert [each.name for each in figures_of(judged).categories] == ["Viên chức", ""]


def test_where_units_stand_apart() -> None:
    figures = figures_of(sample())
    assert figures.reached == ("Bệnh viện Quận 4",)
    assert figures.not_started == ("Bệnh viện Quận 11",)
    assert [line.unit.name for line in figures.unknown] == ["Bệnh viện Da Liễu"]


def test_the_units_with_most_people_left_stand_first() -> None:
    judged = of_units(at("a", 90.0), at("b", 20.0), at("c", 100.0), at("d", 10.0, known=False), at("e", 20.0))
    assert [(line.unit.name, line.unit.left) for line in figures_of(judged).most_left] == [
        ("b", 800),
        ("e", 800),
        ("a", 100),
    ]


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


def test_units_of_which_many_are_out_of_scope_are_named_with_what_that_was_a_week_ago() -> None:
    def without(code: str, out_of_scope: int, rows: int, known: bool = True) -> Standing:
        return replace(at(code, 50.0, known), out_of_scope=out_of_scope, rows=rows)

    judged = of_units(
        without("a", 10, 100),  # a tenth is not more than a tenth
        without("b", 11, 100),
        without("c", 2, 4),
        without("d", 3, 4, known=False),
        without("e", 0, 0),
        without("f", 5, 20),
    )
    past = (  # (day, unit, out of scope): NOW is 20/04
        (12, "b", 1),
        (13, "b", 2),
        (14, "b", 9),
        (13, "c", None),  # a line of an older version
    )
    lines = tuple(HistoryLine(0, date(2023, 4, day), unit, 4, 1, out) for day, unit, out in past)
    figures = summary_figures(judged, History(None, lines, 0))
    assert [(each.name, each.people, each.rows, each.week_ago) for each in figures.many_out_of_scope] == [
        ("c", 2, 4, None),
        ("f", 5, 20, None),
        ("b", 11, 100, 2),
    ]
    strict = replace(judged, config=config(settings=replace(SETTINGS, out_of_scope_share=50)))
    assert figures_of(strict).many_out_of_scope == ()


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
    pairs = tuple(
        SharedNumber((("bv-tu-du", here), ("bv-q4", there))) for here, there in (((8,), (7, 9)), ((12,), (4,)))
    )
    duplicates = figures_of(replace(sample(), cross_unit_duplicates=pairs)).duplicates
    assert duplicates == (Duplicate("Bệnh viện Quận 4", "Bệnh viện Từ Dũ", (("4", "12"), ("7, 9", "8"))),)


def test_difficulties_are_counted_and_free_text_is_not_quoted() -> None:
    difficulties = figures_of(sample()).difficulties
    assert [(each.label, each.people, each.units) for each in difficulties] == [
        ("SIM không chính chủ", 2, (("Bệnh viện Từ Dũ", 2),)),
        ("", 1, (("Bệnh viện Từ Dũ", 1),)),
    ]
    assert "Hải" not in repr(figures_of(sample()))


def test_a_difficulty_of_many_units_names_the_most_concerned_first() -> None:
    people = {f"u{number}": [Person("chua-khai", difficulty="Lỗi ứng dụng")] * number for number in range(1, 16)}
    units = tuple(Unit(code, code) for code in people)
    standings = tuple(standing(unit, people[unit.code]) for unit in units)
    difficulty = figures_of(
        Sample(config(units), NOW, standings, people_frame(people), findings_frame([]))
    ).difficulties[0]
    assert difficulty.units[:2] == (("u15", 15), ("u14", 14))
    assert (len(difficulty.units), difficulty.people) == (15, 120)


def test_dissemination_is_what_the_units_declared() -> None:
    dissemination = figures_of(sample()).dissemination
    assert (dissemination.units_done, dissemination.units_all) == (1, 4)
    assert (dissemination.informed, dissemination.relatives) == (12, 20)
    assert dissemination.not_declared == ("Bệnh viện Da Liễu", "Bệnh viện Quận 4", "Bệnh viện Quận 11")


@pytest.mark.parametrize(
    ("reported", "switched_off", "named"),
    [
        (None, (), ("Bệnh viện Từ Dũ",)),
        (date(2023, 4, 18), (), ()),
        (None, (FieldCode.REPORTED_ON,), ()),  # nobody is asked
        (None, (FieldCode.DIFFICULTY,), ()),
    ],
)
def test_who_has_difficulties_and_told_no_police_is_named(
    reported: date | None, switched_off: tuple[str, ...], named: tuple[str, ...]
) -> None:
    judged = sample()
    reported_on = Field(FieldCode.REPORTED_ON, "Ngày báo Công an", (), FieldType.DECLARED_DATE, "", False, True, "")
    fields = (*judged.config.fields, reported_on)
    asked = tuple(replace(each, used=each.used and each.code not in switched_off) for each in fields)
    first = judged.standings[0]
    told = replace(
        first,
        declaration=replace(first.declaration, reported_on=reported),
        breakdown=replace(first.breakdown, not_done_with_difficulty=2),
    )
    dissemination = figures_of(
        replace(judged, config=replace(judged.config, fields=asked), standings=(told, *judged.standings[1:]))
    ).dissemination
    assert (dissemination.not_reported, dissemination.reported) == (named, int(reported is not None))


def test_what_was_counted_of_a_column_that_is_switched_off_is_not_told() -> None:
    judged = sample()
    asked = tuple(replace(each, used=each.code != FieldCode.DIFFICULTY) for each in judged.config.fields)
    assert figures_of(replace(judged, config=replace(judged.config, fields=asked))).difficulties == ()


def test_nobody_is_named() -> None:
    shown = repr(figures_of(sample(replace(SETTINGS, names_in_mail=True))))
    for person in ("Cường", "Dung", "Giang", "Bình", "Mai"):
        assert person not in shown


def test_a_campaign_without_anybody_has_figures_too() -> None:
    figures = figures_of(of_units())
    assert figures.overall.rate is None
    assert (figures.funnel.occupied, figures.units, figures.categories, figures.difficulties) == ((), (), (), ())
