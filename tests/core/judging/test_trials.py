"""Rules on trial: what each would do if it were on, told to the admin and to nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from automation.core.config import tabs
from automation.core.judging.judged import Judged, Trial
from automation.core.judging.trials import trial_sentence
from automation.core.model.units import Mode, Severity
from automation.core.model.workbook import Cell, Row
from tests.core.facts import EXEMPTION, NAME, NUMBER, Person, table_with
from tests.core.judging.test_completion import DONE, TO_DO, letters, staff
from tests.workbooks import config_with, judge_units, unit_line

RULE = "cmnd-9-so"
OLD_NUMBER: Person = {NUMBER: "023456789"}


def rules_on_trial(*codes: str) -> list[Row]:
    rows = table_with(tabs.RULES, ("Mã", codes[0]), Chế_độ=Mode.TRIAL.value)
    return [[*row[:1], Mode.TRIAL.value, *row[2:]] if row[0] in codes else row for row in rows]


def judged_on_trial(
    units: Mapping[str, Sequence[Person]], *codes: str, target: Cell = 100, headcounts: Mapping[str, int] | None = None
) -> Judged:
    """The units judged with these rules in mode Thử and everybody's target at `target`."""
    settings = table_with(tabs.SETTINGS, ("Mục", "Chỉ tiêu (%)"), Giá_trị=target)
    lines = [unit_line(code, headcount=(headcounts or {}).get(code)) for code in units]
    config = config_with(lines, **{tabs.RULES: rules_on_trial(*codes), tabs.SETTINGS: settings})
    return judge_units(units, config=config)


@pytest.mark.parametrize(
    ("rule", "person", "trial"),
    [
        (RULE, OLD_NUMBER, Trial(RULE, Severity.ERROR, rows=1, units=1, status_changes=1, below_target=("a",))),
        # another error is there already
        (RULE, {**OLD_NUMBER, NAME: None}, Trial(RULE, Severity.ERROR, rows=1, units=1)),
        # who is out of scope is so whatever is wrong
        (RULE, {**OLD_NUMBER, EXEMPTION: "Đã nghỉ hưu"}, Trial(RULE, Severity.ERROR, rows=1, units=1)),
        # not done before, so nothing to lose
        (RULE, {**OLD_NUMBER, **TO_DO}, Trial(RULE, Severity.ERROR, rows=1, units=1, status_changes=1)),
        # nobody concerned
        (RULE, DONE, Trial(RULE, Severity.ERROR, rows=0, units=0)),
        # a warning counts no one out
        ("ho-ten-la", {NAME: "An"}, Trial("ho-ten-la", Severity.WARNING, rows=1, units=1)),
    ],
)
def test_what_a_rule_would_do(rule: str, person: Person, trial: Trial) -> None:
    judged = judged_on_trial({"a": staff((1, person))}, rule)
    assert judged.trials == (trial,)


@pytest.mark.parametrize(
    ("target", "headcounts", "fallen"),
    [
        # all: 100 % -> 75 %; most: 75 % -> 50 %; few: 20 % -> 10 %
        (100, {}, ("all",)),
        (76, {}, ("all",)),
        (75, {}, ("most",)),
        (51, {}, ("most",)),
        (50, {}, ()),
        (15, {}, ("few",)),
        (75, {"all": 5}, ("all", "most")),  # 80 % -> 60 %
        (75, {"all": 8, "most": 8}, ()),  # below it already
    ],
)
def test_units_fall_below_the_target_they_have_reached(
    target: int, headcounts: Mapping[str, int], fallen: tuple[str, ...]
) -> None:
    units = {
        "all": staff((3, DONE), (1, {NUMBER: "023456781"})),
        "most": staff((2, DONE), (1, {NUMBER: "023456782"}), (1, TO_DO), start=10),
        "few": staff((1, DONE), (1, {NUMBER: "023456783"}), (8, TO_DO), start=20),
        "free": staff((2, DONE), start=40),
    }
    judged = judged_on_trial(units, RULE, target=target, headcounts=headcounts)
    (trial,) = judged.trials
    assert (trial.rows, trial.units, trial.status_changes) == (3, 3, 3)
    assert trial.below_target == fallen


def test_each_rule_is_tried_by_itself_and_changes_nothing() -> None:
    units = {"a": staff((2, DONE), (1, OLD_NUMBER), (1, {NUMBER: "12"}))}
    judged = judged_on_trial(units, RULE, "cccd-12-so")
    assert [(each.rule, each.rows, each.status_changes) for each in judged.trials] == [
        ("cccd-12-so", 1, 1),
        (RULE, 1, 1),
    ]
    assert judged.total.rate == 100.0
    assert judged.findings.empty


def test_a_trial_is_no_matter_for_the_summary() -> None:
    assert judged_on_trial({"a": staff((1, OLD_NUMBER))}, RULE).problems == ()


@pytest.mark.parametrize(
    ("trial", "said"),
    [
        (
            Trial(RULE, Severity.ERROR, 3, 2, 1),
            "Nếu bật, 3 dòng ở 2 đơn vị có thêm “Lỗi”, 1 dòng đổi kết quả, không đơn vị nào xuống dưới chỉ tiêu.",
        ),
        (
            Trial(RULE, Severity.ERROR, 3, 2, 3, ("a", "b")),
            "Nếu bật, 3 dòng ở 2 đơn vị có thêm “Lỗi”, 3 dòng đổi kết quả,"
            " 2 đơn vị xuống dưới chỉ tiêu (Đơn vị a; Đơn vị b).",
        ),
        (Trial(RULE, Severity.ERROR, 0, 0), "Chưa có dòng nào vướng quy tắc này."),
    ],
)
def test_the_admin_reads_a_sentence(trial: Trial, said: str) -> None:
    assert trial_sentence(trial, {"a": "Đơn vị a", "b": "Đơn vị b"}) == said


def test_of_many_units_a_few_are_named() -> None:
    codes = tuple(letters(number) for number in range(9))
    sentence = trial_sentence(Trial(RULE, Severity.ERROR, 9, 9, 9, codes), {code: f"({code})" for code in codes})
    assert "9 đơn vị xuống dưới chỉ tiêu" in sentence
    assert [code for code in codes if f"({code})" in sentence] == list(codes[:5])
    assert "và 4 đơn vị khác" in sentence
