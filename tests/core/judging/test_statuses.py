"""The status decision table against the same table written as a function, over every combination of inputs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import product
from typing import NamedTuple

import pytest

from automation.adapters.config_files import default_tables
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.judging.judged import Judged
from automation.core.model.units import CountsAs
from automation.core.model.workbook import Cell
from tests.core.facts import (
    ACTIVATED,
    CARD,
    EXEMPTION,
    LEVEL,
    NAME,
    NUMBER,
    STAGE,
    UNTIL,
    Person,
    changed,
    nfd,
    table_with,
)
from tests.workbooks import NOW, config_with, judge_units, unit_line

HAS_CARD, APPLIED, NO_CARD, LOST = "Đã có", "Đã làm, chờ cấp", "Chưa làm", "Mất, hỏng, cần đổi"
NOT_REGISTERED, WAITING, REFUSED = "Chưa đăng ký", "Đã đăng ký, chờ duyệt", "Không được duyệt"
APPROVED, ACTIVE, LOGGED_IN = "Đã duyệt, chưa kích hoạt", "Đã kích hoạt, chưa đăng nhập", "Đã kích hoạt và đăng nhập"
LEFT, RETIRED, SECONDED, FOREIGNER = (
    "Đã nghỉ việc, chuyển công tác",
    "Đã nghỉ hưu",
    "Biệt phái đến",
    "Người nước ngoài",
)
ABROAD, LONG_LEAVE = "Đang ở nước ngoài", "Nghỉ dài ngày theo chế độ"
STUDYING, PAPERS = "Đi học dài hạn trong nước", "Chờ cấp lại, đính chính giấy tờ"

CARDS = (None, HAS_CARD, APPLIED, NO_CARD, LOST)
LEVELS = (None, "Mức 1", "Mức 2")
STAGES = (None, NOT_REGISTERED, WAITING, REFUSED, APPROVED, ACTIVE, LOGGED_IN)
TODAY = NOW.date()
REASONS: tuple[tuple[str | None, date | None], ...] = (
    (None, None),
    (None, TODAY + timedelta(days=30)),  # a date alone defers nobody
    *((reason, None) for reason in (LEFT, RETIRED, SECONDED, FOREIGNER, STUDYING, PAPERS, ABROAD, LONG_LEAVE)),
    *(
        (reason, TODAY + timedelta(days=days))
        for reason in (RETIRED, STUDYING, ABROAD, LONG_LEAVE)
        for days in (-1, 0, 1, 181)
    ),
)


class Inputs(NamedTuple):
    """The cells that decide, None for a blank one."""

    card: str | None
    level: str | None
    stage: str | None
    reason: str | None
    until: date | None


COMBINATIONS = [
    Inputs(card, level, stage, reason, until)
    for card, level, stage, (reason, until) in product(CARDS, LEVELS, STAGES, REASONS)
]


def has_error(given: Inputs) -> bool:
    """The rules of severity Lỗi that these cells can break: the rest of the row is sound."""
    if given.level == "Mức 2" and given.card in (None, NO_CARD):
        return True
    if given.stage not in (None, NOT_REGISTERED) and given.level is None:
        return True
    return given.reason in (ABROAD, LONG_LEAVE) and given.until is None


def expected_status(
    given: Inputs, level_required: str = "Mức 1", cards_counted: Sequence[str] = (HAS_CARD, APPLIED)
) -> str:
    """The decision table of the order, line by line."""
    if given.reason in (LEFT, RETIRED, SECONDED, FOREIGNER):
        return "ngoai-dien"
    if has_error(given):
        return "loi"
    through = given.card in cards_counted and given.stage == LOGGED_IN
    if through and given.level in ("Mức 2", level_required):
        return "xong"
    if given.reason in (ABROAD, LONG_LEAVE) and given.until is not None and given.until >= TODAY:
        return "hoan"
    if through:
        return "chua-du-muc"
    if given.card == LOST:
        return "doi-the"
    if given.card == NO_CARD:
        return "chua-co-the"
    if given.card in (HAS_CARD, APPLIED):
        by_stage = {ACTIVE: "cho-dang-nhap", APPROVED: "cho-kich-hoat", REFUSED: "khong-duyet", WAITING: "cho-duyet"}
        if given.stage in by_stage:
            return by_stage[given.stage]
        if given.card == APPLIED:
            return "cho-the"
        return "chua-dang-ky"
    return "chua-khai"


def row_of(given: Inputs, number: int) -> Person:
    words = ("An", "Bình", "Chi", "Dung", "Giang", "Hà", "Khoa", "Lan", "Mai", "Nam", "Oanh", "Phúc")
    name = " ".join(words[number // len(words) ** place % len(words)] for place in range(4))
    return changed(
        {
            NAME: name,
            NUMBER: f"079085{number:06}",
            CARD: given.card,
            LEVEL: given.level,
            STAGE: given.stage,
            ACTIVATED: None,
            EXEMPTION: given.reason,
            UNTIL: given.until,
        }
    )


def judged_with(config: Config | None = None) -> Judged:
    return judge_units({"a": [row_of(given, number) for number, given in enumerate(COMBINATIONS)]}, config=config)


@cache
def judged_by_default() -> Judged:
    return judged_with()


def config_with_setting(name: str, value: str) -> Config:
    return config_with([unit_line("a")], **{tabs.SETTINGS: table_with(tabs.SETTINGS, ("Mục", name), Giá_trị=value)})


def test_every_combination_lands_where_the_order_says() -> None:
    statuses = list(judged_by_default().people["status"])
    wrong = [
        (given, status)
        for given, status in zip(COMBINATIONS, statuses, strict=True)
        if status != expected_status(given)
    ]
    assert wrong == []


def test_the_combinations_reach_every_status_but_the_one_for_level_2() -> None:
    assert set(judged_by_default().people["status"]) == {row[1] for row in default_tables()[tabs.STATUSES][1:]} - {
        "chua-du-muc"
    }


def test_with_level_2_required() -> None:
    judged = judged_with(config_with_setting("Mức tài khoản tối thiểu", "Mức 2"))
    expected = [expected_status(given, level_required="Mức 2") for given in COMBINATIONS]
    assert list(judged.people["status"]) == expected
    assert "chua-du-muc" in expected


def test_an_admin_may_ask_for_the_card_itself() -> None:
    """One cell changed: who waits for the card with an active account is told to wait, not to fill in the row."""
    judged = judged_with(config_with_setting("Thẻ được tính", HAS_CARD))
    assert list(judged.people["status"]) == [expected_status(given, cards_counted=[HAS_CARD]) for given in COMBINATIONS]
    waiting = expected_status(Inputs(APPLIED, "Mức 1", LOGGED_IN, None, None), cards_counted=[HAS_CARD])
    assert waiting == "cho-the"


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({}, "xong"),
        ({CARD: APPLIED}, "xong"),
        ({LEVEL: 2}, "xong"),
        ({STAGE: nfd("đã kích hoạt VÀ đăng nhập"), CARD: "x"}, "xong"),
        # out of scope before error
        ({EXEMPTION: RETIRED, NUMBER: "12"}, "ngoai-dien"),
        ({EXEMPTION: "nghỉ hưu", NAME: None}, "ngoai-dien"),
        # out of scope before done
        ({EXEMPTION: SECONDED}, "ngoai-dien"),
        # error before done
        ({NUMBER: "023456789"}, "loi"),
        ({NUMBER: "#REF!"}, "loi"),
        ({"Ngày sinh": "31/02/1985"}, "loi"),
        # error before deferred
        ({EXEMPTION: ABROAD, STAGE: APPROVED, UNTIL: "31/06/2023"}, "loi"),
        ({EXEMPTION: ABROAD, STAGE: APPROVED, UNTIL: "01/06/2023", NUMBER: "12"}, "loi"),
        # a warning is no error
        ({NUMBER: 79085000123}, "xong"),
        ({"Điện thoại": "12"}, "xong"),
        # done before deferred
        ({EXEMPTION: ABROAD, UNTIL: "01/06/2023"}, "xong"),
        # deferred before what is still to do
        ({EXEMPTION: ABROAD, UNTIL: "01/06/2023", CARD: NO_CARD}, "hoan"),
        ({EXEMPTION: LONG_LEAVE, UNTIL: "20/04/2023", STAGE: WAITING}, "hoan"),
        # the day after, the person counts again
        ({EXEMPTION: LONG_LEAVE, UNTIL: "19/04/2023", STAGE: WAITING}, "cho-duyet"),
        # reasons that defer nobody
        ({EXEMPTION: STUDYING, UNTIL: "01/06/2023", STAGE: WAITING}, "cho-duyet"),
        ({EXEMPTION: "bận", STAGE: WAITING}, "loi"),
        # the card before the account
        ({CARD: LOST}, "doi-the"),
        ({CARD: NO_CARD}, "chua-co-the"),
        ({CARD: None}, "chua-khai"),
        ({CARD: None, LEVEL: None, STAGE: None}, "chua-khai"),
        ({STAGE: None}, "chua-dang-ky"),
        ({STAGE: "\u00a0"}, "chua-dang-ky"),
        ({CARD: APPLIED, STAGE: NOT_REGISTERED}, "cho-the"),
        ({CARD: APPLIED, STAGE: None, LEVEL: None}, "cho-the"),
    ],
)
def test_the_first_line_that_matches_decides(cells: Person, status: str) -> None:
    assert list(judge_units({"a": [changed(cells)]}).people["status"]) == [status]


def test_statuses_count_as_the_order_says() -> None:
    counts = {str(row[1]): str(row[4]) for row in default_tables()[tabs.STATUSES][1:]}
    special = {
        "ngoai-dien": CountsAs.OUT_OF_SCOPE.value,
        "xong": CountsAs.DONE.value,
        "hoan": CountsAs.DEFERRED.value,
    }
    assert len(counts) == 14
    assert counts == {code: special.get(code, CountsAs.NOT_DONE.value) for code in counts}


def test_of_several_cells_the_sheet_says_first_which_they_are() -> None:
    people = judge_units({"a": [changed({NUMBER: None, "Đối tượng": None}), changed({NUMBER: None})]}).people
    several, one = people["sheet_todo"]
    assert several.splitlines()[0] == "Sửa 2 ô: Đối tượng, Số CCCD"
    assert one.startswith("Sửa ô Số CCCD: ")
    assert not people["todo"].str.contains("Sửa 2 ô").any()


@pytest.mark.parametrize("column", ["todo", "sheet_todo"])
def test_everybody_who_is_not_through_is_told_the_next_step(column: str) -> None:
    people = judged_by_default().people
    nothing_to_do = set(people["status"][people[column] == ""])
    assert nothing_to_do == {"ngoai-dien", "xong"}
    assert not people[column].str.contains(r"[{}\[\]!]").any()


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({STAGE: APPROVED}, ["Kích hoạt tài khoản"]),
        ({STAGE: ACTIVE}, ["đăng nhập"]),
        ({STAGE: WAITING}, ["Chờ tin nhắn"]),
        ({STAGE: REFUSED}, ["đăng ký lại"]),
        # without the card nobody can compare anything with it
        ({STAGE: REFUSED, CARD: APPLIED, LEVEL: "Mức 1"}, ["Khi nhận thẻ, đăng ký lại trên ứng dụng"]),
        ({STAGE: REFUSED, CARD: APPLIED, LEVEL: "Mức 2"}, ["Khi nhận thẻ, mang thẻ đến", "đăng ký lại"]),
        ({STAGE: None}, ["Mức 1", "Mức 2"]),
        ({CARD: NO_CARD}, ["thường trú hoặc tạm trú"]),
        ({CARD: LOST}, ["đổi, cấp lại"]),
        # a row with errors says what to type, cell by cell, errors only
        ({NUMBER: "023456789", "Điện thoại": "12"}, ["Sửa ô Số CCCD: nhập số định danh 12 số"]),
        ({NUMBER: None, "Đối tượng": None}, ["Sửa ô Số CCCD: ", "Sửa ô Đối tượng: "]),
    ],
)
def test_the_next_step_says_what_to_do(cells: dict[str, Cell], told: list[str]) -> None:
    judged = judge_units({"a": [changed({**cells, ACTIVATED: None})]})
    for step in (judged.people["todo"].iloc[0], judged.people["sheet_todo"].iloc[0]):
        assert [part in step for part in told] == [True] * len(told)
        assert "Điện thoại" not in step
