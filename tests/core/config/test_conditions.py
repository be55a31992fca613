"""The language of `Khi`: what a condition means for people, and what is said about one that is not understood."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.base.messages import text
from automation.core.admin.reader import condition_vocabulary
from automation.core.config.conditions import (
    Condition,
    NotUnderstood,
    Vocabulary,
    as_typed,
    in_words_of_today,
    parse_condition,
)
from automation.core.config.values import FieldCode
from automation.core.judging.lists.gathering import read_people
from automation.core.judging.lists.unit_table import find_unit_table
from automation.core.judging.matching import Matcher
from automation.core.judging.people import People
from automation.core.model.workbook import Cell, Row, Tab
from automation.core.reading.cells import fold
from tests.core.facts import (
    BORN,
    CARD,
    DIFFICULTY,
    EXEMPTION,
    ISSUED,
    LEVEL,
    NAME,
    PARTY,
    STAGE,
    UNTIL,
    nfd,
)
from tests.workbooks import NOW, config_with, headers_of, unit_line

CONFIG = config_with([unit_line("a")])


def vocabulary(with_counts: bool = True) -> Vocabulary:
    return condition_vocabulary(CONFIG.fields, CONFIG.lists, with_counts)


def people() -> People:
    """AN has everything, BÌNH little, CHI nothing but a name."""
    an: dict[str, Cell] = {
        NAME: "Nguyễn An",
        BORN: "15/03/1985",
        PARTY: True,
        CARD: "x",
        ISSUED: "10/05/2021",
        LEVEL: "Mức 2",
        STAGE: "Đã kích hoạt và đăng nhập",
        DIFFICULTY: "Khác",
    }
    binh: dict[str, Cell] = {
        NAME: "Trần Bình",
        BORN: "31/02/1985",
        CARD: "Mất, hỏng, cần đổi",
        LEVEL: "M1",
        EXEMPTION: "Đang ở nước ngoài",
        UNTIL: "20/04/2023",
    }
    headers = headers_of(CONFIG)
    rows: list[Row] = [headers, *([each.get(header) for header in headers] for each in (an, binh, {NAME: "Lê Chi"}))]
    found = find_unit_table("a", Tab("a", "a", rows), CONFIG)
    assert found is not None
    return read_people([found], CONFIG)


PEOPLE = people()
ERRORS = PEOPLE.typed(FieldCode.NAME).map({"Nguyễn An": 0, "Trần Bình": 2, "Lê Chi": 0})
WARNINGS = PEOPLE.typed(FieldCode.NAME).map({"Nguyễn An": 1, "Trần Bình": 0, "Lê Chi": 0})
AN, BINH, CHI = "A", "B", "C"


def parsed(typed: str) -> Condition:
    condition = parse_condition(typed, vocabulary())
    assert isinstance(condition, Condition), condition
    return condition


def held_by(typed: str) -> str:
    """The initials of those for whom the condition holds."""
    holds = Matcher(PEOPLE, NOW.date(), ERRORS, WARNINGS).holds(parsed(typed))
    return "".join(initial for initial, held in zip(AN + BINH + CHI, holds, strict=True) if held)


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        # no condition: everybody
        ("", "ABC"),
        (" ; ;", "ABC"),
        # a value, however the cell spells it
        ("Thẻ CCCD gắn chíp = Đã có", "A"),
        ("Thẻ CCCD gắn chíp=đã có", "A"),
        (nfd("THẺ CCCD GẮN CHÍP = ĐÃ CÓ"), "A"),
        ("Thẻ\u00a0CCCD gắn chíp  =  x", "A"),
        ("the = Đã có", "A"),  # by its code
        ("Tình trạng thẻ = Đã có", "A"),  # by another name
        ("Thẻ CCCD gắn chíp = Mất, hỏng, cần đổi", "B"),
        ("Đảng viên = Có", "A"),
        ("Họ và tên = nguyễn AN", "A"),
        ("Khó khăn, vướng mắc = khác", "A"),
        # not that value: blank cells are not
        ("Mức tài khoản khác Mức 1", "AC"),
        ("Mức tài khoản <> Mức 1", "AC"),
        ("Mức tài khoản != Mức 1", "AC"),
        # one of several
        ("Mức tài khoản thuộc (Mức 1 | Mức 2)", "AB"),
        ("Mức tài khoản thuộc (trống | Mức 2)", "AC"),
        ("Thẻ CCCD gắn chíp thuộc ( Chưa làm|trống )", "C"),
        # there or not
        ("Ngày sinh trống", "C"),
        ("Ngày sinh có", "AB"),
        ("Đảng viên có", "A"),
        ("Họ và tên có", "ABC"),
        # the order of a list is the order of its steps
        ("Mức tài khoản không dưới Mức 1", "AB"),
        ("Mức tài khoản không dưới Mức 2", "A"),
        ("Mức tài khoản >= Mức 2", "A"),
        ("Mức tài khoản < Mức 2", "B"),
        ("Mức tài khoản <= Mức 1", "B"),
        ("Mức tài khoản > Mức 1", "A"),
        # dates: what is no date is neither before nor after
        ("Ngày sinh = 15/03/1985", "A"),
        ("Ngày sinh không trước 15/03/1985", "A"),
        ("Ngày sinh không sau 15/03/1985", "A"),
        ("Ngày sinh < 15/03/1985", ""),
        ("Ngày sinh > 14-3-1985", "A"),
        ("Ngày cấp thẻ > Ngày sinh", "A"),
        ("Ngày cấp thẻ không sau Ngày sinh", ""),
        ("Hoãn đến ngày không trước hôm nay", "B"),
        ("Hoãn đến ngày < hôm nay", ""),
        ("Hoãn đến ngày < hôm nay + 1 ngày", "B"),
        ("Hoãn đến ngày = HÔM NAY", "B"),
        ("Hoãn đến ngày > hôm nay - 1", "B"),
        ("Hoãn đến ngày không sau hôm nay +180 ngày", "B"),
        # what a list says about a value
        ("Tính của Miễn, hoãn = hoãn", "B"),
        ("Tính của Miễn, hoãn khác ngoài diện", "ABC"),
        ("Tính của Miễn, hoãn trống", "AC"),
        ("Tính của Miễn, hoãn thuộc (ngoài diện | hoãn)", "B"),
        # numbers of findings
        ("Số lỗi > 0", "B"),
        ("Số lỗi = 0", "AC"),
        ("Số lỗi >= 2", "B"),
        ("Số cảnh báo có", "A"),
        # every part must hold
        ("Mức tài khoản có; Thẻ CCCD gắn chíp = Đã có", "A"),
        ("Mức tài khoản có; Thẻ CCCD gắn chíp = Đã có;", "A"),
        ("Ngày sinh trống; Mức tài khoản có", ""),
    ],
)
def test_for_whom_a_condition_holds(typed: str, who: str) -> None:
    assert held_by(typed) == who


@pytest.mark.parametrize(
    ("typed", "reason", "part", "suggestion"),
    [
        ("Thẻ CCCD gắn chítp = Đã có", "subject", "Thẻ CCCD gắn chítp", "Thẻ CCCD gắn chíp"),
        ("Muc tai khoan = Mức 1", "subject", "Muc tai khoan", "Mức tài khoản"),
        ("Mức tai khoản = Mức 1", "subject", "Mức tai khoản", "Mức tài khoản"),  # "Mức" alone is known too
        ("Lương > 5", "subject", "Lương", None),
        ("= Đã có", "subject", "= Đã có", None),
        ("Kết quả = Hoàn thành", "subject", "Kết quả", None),  # a computed column is no input
        ("Thẻ CCCD gắn chíp là Đã có", "operator", "Thẻ CCCD gắn chíp là Đã có", None),
        ("Mức tài khoản thuôc (Mức 1)", "operator", "Mức tài khoản thuôc (Mức 1)", "thuộc"),
        ("Mức tài khoản", "operator", "Mức tài khoản", None),
        ("Mức tài khoản = Mức 3", "list_value", "Mức 3", None),
        ("Thẻ CCCD gắn chíp thuộc (Đã có | Chưa lam)", "list_value", "Chưa lam", "Chưa làm"),
        ("Tính của Miễn, hoãn = hoàn", "list_value", "hoàn", "hoãn"),
        ("Mức tài khoản =", "value_missing", "Mức tài khoản =", None),
        ("Mức tài khoản thuộc", "value_missing", "Mức tài khoản thuộc", None),
        ("Mức tài khoản thuộc (Mức 1 | )", "value_missing", "", None),
        ("Mức tài khoản thuộc Mức 1", "parentheses", "Mức tài khoản thuộc Mức 1", None),
        ("Mức tài khoản thuộc (Mức 1", "parentheses", "Mức tài khoản thuộc (Mức 1", None),
        ("Mức tài khoản trống không", "no_value_wanted", "Mức tài khoản trống không", None),
        ("Ngày sinh < 31/02/1985", "date", "31/02/1985", None),
        ("Ngày sinh = hôm qua", "date", "hôm qua", None),
        ("Ngày sinh > Họ và tên", "date", "Họ và tên", None),  # no column of dates
        ("Số lỗi > nhiều", "number", "nhiều", None),
        ("Họ và tên > An", "order", "An", None),
        ("Ngày sinh có; Mức tài khoản = Mức 9; Lương > 5", "list_value", "Mức 9", None),  # the first mistake
    ],
)
def test_what_is_said_about_a_mistake(typed: str, reason: str, part: str, suggestion: str | None) -> None:
    found = parse_condition(typed, vocabulary())
    assert isinstance(found, NotUnderstood)
    assert (found.reason, as_typed(found.part, typed)) == (reason, part)
    if suggestion:
        assert found.suggestion == suggestion
    assert text(f"config.condition.{reason}.what", part=part)
    assert text(f"config.condition.{reason}.fix", allowed=", ".join(found.allowed), hint="")


def test_the_words_of_a_cell_of_any_length_are_found_or_not() -> None:
    """Of all spans of 15,000 words there are a hundred million."""
    crowd = "Mức tài khoản hoặc " * 5_000
    assert as_typed("muc tai khoan la gi", crowd) == "muc tai khoan la gi"
    assert as_typed(fold("Lương > 5"), f"{crowd}; Lương > 5") == "Lương > 5"


@pytest.mark.parametrize(
    ("typed", "today"),
    [
        ("Thẻ CCCD gắn chíp = x", "Thẻ CCCD gắn chíp = Đã có"),
        ("muc KHÔNG DƯỚI M2;Tình trạng tài khoản  trống", "Mức tài khoản không dưới Mức 2; Tình trạng tài khoản trống"),
        (
            "Thẻ CCCD gắn chíp thuộc (x |chờ cấp| trống)",
            "Thẻ CCCD gắn chíp thuộc (Đã có | Đã làm, chờ cấp | trống)",
        ),
        ("Mức tài khoản < [Mức tài khoản tối thiểu]", "Mức tài khoản < [Mức tài khoản tối thiểu]"),
        ("Hoãn đến ngày không trước hôm nay + 3 ngày", "Hoãn đến ngày không trước hôm nay + 3 ngày"),
        ("Khoa/Phòng = Khoa NỘI", "Khoa/Phòng = Khoa NỘI"),
        ("Tính của Miễn, hoãn = ngoài diện", "Tính của Miễn, hoãn = ngoài diện"),
        ("Họ và tên có", "Họ và tên có"),
        ("ai biết", "ai biết"),
    ],
)
def test_a_condition_is_told_in_the_words_of_today(typed: str, today: str) -> None:
    assert in_words_of_today(typed, vocabulary()) == today


def test_mistakes_name_what_would_have_been_understood() -> None:
    unknown = parse_condition("Mức tài khoản = Mức 3", vocabulary())
    assert isinstance(unknown, NotUnderstood)
    assert unknown.allowed == ("Mức 1", "Mức 2")
    nobody = parse_condition("Lương > 5", vocabulary())
    assert isinstance(nobody, NotUnderstood)
    assert {NAME, CARD, "Tính của Miễn, hoãn"} < set(nobody.allowed)


def test_only_statuses_may_ask_for_findings() -> None:
    assert isinstance(parse_condition("Số lỗi > 0", vocabulary(with_counts=False)), NotUnderstood)


WORDS = st.sampled_from(
    [
        *(CARD, LEVEL, BORN, NAME, "Số lỗi", "=", "khác", "thuộc", "trống", "có", "<", ">", "(", ")", "|", ";"),
        *("không trước", "không sau", "Đã có", "Mức 1", "hôm nay", "hôm nay + 9999 ngày", "15/03/1985", "5"),
    ]
)


@given(st.text(max_size=60) | st.lists(WORDS, max_size=8).map(" ".join))
def test_any_text_is_a_condition_or_a_mistake_that_is_named(typed: str) -> None:
    found = parse_condition(typed, vocabulary())
    if isinstance(found, NotUnderstood):
        assert text(f"config.condition.{found.reason}.what", part=found.part)
    else:
        assert len(Matcher(PEOPLE, NOW.date(), ERRORS, WARNINGS).holds(found)) == len(PEOPLE)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_date_in_a_condition_is_the_day_in_the_sheet(day: date) -> None:
    later = parsed(f"Ngày sinh không trước {day.strftime('%d/%m/%Y')}")
    held = list(Matcher(PEOPLE, NOW.date()).holds(later))
    assert held == [date(1985, 3, 15) >= day, False, False]


def test_folding_a_condition_changes_nothing() -> None:
    typed = "Thẻ CCCD gắn chíp thuộc (Đã có | Đã làm, chờ cấp); Hoãn đến ngày không trước hôm nay"
    assert parsed(fold(typed)) == parsed(typed)
