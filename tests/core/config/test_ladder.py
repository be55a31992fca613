from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.config.ladder import (
    HR_OFFICE,
    BeforeDeadline,
    Due,
    Overdue,
    RungRecipients,
    Silence,
    TargetReached,
    read_recipients,
    read_rung_condition,
    read_rung_due,
)
from automation.core.config.registry import FOCAL_PERSON, HEAD
from tests.core.mail.ladder_examples import default_ladder

FOCAL, HR = FOCAL_PERSON, HR_OFFICE


@pytest.mark.parametrize(
    ("typed", "due"),
    [
        ("7 ngày làm việc trước hạn", BeforeDeadline(7)),
        ("  14  NGÀY làm việc  Trước hạn ", BeforeDeadline(14)),
        ("1\u00a0ngày làm việc trước hạn", BeforeDeadline(1)),
        ("7 ngày trước hạn", BeforeDeadline(7, working=False)),
        ("từ hạn, 2 ngày làm việc một lần, tối đa 6 lần", Overdue(every=2, at_most=6)),
        ("Từ hạn 2 ngày làm việc một lần tối đa 6 lần", Overdue(every=2, at_most=6)),
        ("lâu không cập nhật", Silence()),
        ("10 ngày không cập nhật", Silence(10)),
        ("khi đạt chỉ tiêu", TargetReached()),
    ],
)
def test_when_a_rung_falls_due(typed: str, due: Due) -> None:
    assert read_rung_due(typed) == due
    assert read_rung_due(unicodedata.normalize("NFD", typed)) == due


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hôm nào rảnh",
        "0 ngày làm việc trước hạn",  # that is the deadline, not before it
        "366 ngày trước hạn",
        "-3 ngày làm việc trước hạn",
        "1,5 ngày làm việc trước hạn",
        "từ hạn, 2 ngày làm việc một lần",  # without an end it would never stop
        "từ hạn, 0 ngày làm việc một lần, tối đa 6 lần",
        "7 ngày làm việc trước hạn và sau hạn",
    ],
)
def test_what_is_not_understood_is_answered_with_what_would_be(typed: str) -> None:
    answer = read_rung_due(typed)
    assert isinstance(answer, str)
    assert f"“{typed}”" in answer
    assert "7 ngày làm việc trước hạn" in answer


@pytest.mark.parametrize(
    ("typed", "met_by", "not_met_by"),
    [
        ("", [0.0, 100.0], []),
        ("Tỷ lệ < chỉ tiêu", [0.0, 89.9], [90.0, 100.0]),
        ("tỉ lệ<50", [49.9], [50.0]),
        ("Tỷ lệ < 49,5 %", [49.4], [49.5]),
        ("Tỷ lệ ≤ 50%", [50.0], [50.1]),
        ("Tỷ lệ < 0,5", [49.9], [50.0]),
        ("Tỷ lệ < 0,5 %", [0.4], [0.5]),
        ("Tỷ lệ > 0", [0.1], [0.0]),
        ("Tỷ lệ < 1", [0.9], [1.0]),
        ("Tỷ lệ >= chỉ tiêu", [90.0], [89.9]),
        ("Tỷ lệ < chỉ tiêu; Tỷ lệ > 50;", [50.1], [50.0, 90.0]),
    ],
)
def test_for_whom_a_rung_holds(typed: str, met_by: list[float], not_met_by: list[float]) -> None:
    condition = read_rung_condition(unicodedata.normalize("NFD", typed))
    assert not isinstance(condition, str)
    assert [rate for rate in met_by + not_met_by if condition.holds(rate, target=90.0)] == met_by


@pytest.mark.parametrize("typed", ["Tỷ lệ", "Tỷ lệ < nhiều", "Tỷ lệ < 101", "Tỷ lệ < -1", "Số người < 5", "< 50"])
def test_a_condition_that_is_not_understood(typed: str) -> None:
    answer = read_rung_condition(typed)
    assert isinstance(answer, str)
    assert "Tỷ lệ < chỉ tiêu" in answer


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("đầu mối", RungRecipients((FOCAL,))),
        ("đầu mối; đồng gửi thủ trưởng", RungRecipients((FOCAL,), (HEAD,))),
        ("Đầu mối, Thủ trưởng; Đồng gửi tccb", RungRecipients((FOCAL, HEAD), (HR,))),
    ],
)
def test_to_whom_a_rung_goes(typed: str, meant: RungRecipients) -> None:
    assert read_recipients(typed) == meant


@pytest.mark.parametrize("typed", ["", ";", "giám đốc", "đồng gửi thủ trưởng", "đầu mối; đồng gửi"])
def test_recipients_that_are_not_understood(typed: str) -> None:
    answer = read_recipients(typed)
    assert isinstance(answer, str)
    assert "đầu mối; đồng gửi thủ trưởng" in answer


SOME_WORDS = "ngày làm việc trước hạn|từ hạn|một lần|tối đa|không cập nhật|Tỷ lệ|<|chỉ tiêu|đầu mối|đồng gửi|7|0|;|,"


@given(st.text() | st.lists(st.sampled_from(SOME_WORDS.split("|"))).map(" ".join))
def test_nothing_that_people_type_makes_a_reader_raise(typed: str) -> None:
    for read in (read_rung_due, read_rung_condition, read_recipients):
        assert read(typed) is not None


def test_the_ladder_that_comes_with_the_package_is_understood() -> None:
    assert len(default_ladder(kick_off=True)) == 9
