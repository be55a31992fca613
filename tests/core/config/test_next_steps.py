"""Next steps that differ within a status: the typed lines, and who gets which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.config_files import default_tables
from automation.core.admin.reader import Refused, read_config
from automation.core.config import tabs
from automation.core.config.next_steps import split_steps
from automation.core.config.values import Config
from automation.core.model.workbook import Cell, Row
from tests.core.facts import CARD, ISSUED, LEVEL, STAGE, Person, changed, table_with
from tests.workbooks import config_with, judge_units, unit_line


@pytest.mark.parametrize(
    ("typed", "base", "steps"),
    [
        ("Chờ.", "Chờ.", []),
        ("", "", []),
        ("Chờ. | khi Mức = 2: Hỏi.", "Chờ.", [("Mức = 2", "Hỏi.")]),
        ("Chờ.\n  KHI a = b : Hỏi: ngay.\nkhi c có: Thôi.", "Chờ.", [("a = b", "Hỏi: ngay."), ("c có", "Thôi.")]),
        ("khi a = b: Hỏi.", "", [("a = b", "Hỏi.")]),
        ("Đến nơi | hoặc khi rảnh.", "Đến nơi | hoặc khi rảnh.", []),
        ("Chờ khi có tin: xem.", "Chờ khi có tin: xem.", []),
    ],
)
def test_the_lines_of_a_cell(typed: str, base: str, steps: list[tuple[str, str]]) -> None:
    found = split_steps(typed)
    assert (found[0], [(each.when, each.text) for each in found[1]]) == (base, steps)


@given(st.text(alphabet="khi :|\n[]=ab", max_size=40))
def test_no_cell_makes_it_raise(typed: str) -> None:
    split_steps(typed)


EXPIRED = {"Ngày sinh": "15/03/1983", "Số CCCD": "079083000123", ISSUED: "10/02/2021"}
"""Forty since March 2023."""
OPEN = {STAGE: None, LEVEL: None, "Ngày kích hoạt": None}
WAITING = {STAGE: "Đã đăng ký, chờ duyệt", "Ngày kích hoạt": None}
REFUSED = {STAGE: "Không được duyệt", "Ngày kích hoạt": None}
CARD_DESK, POLICE, HOTLINE, APP = "Đội Cảnh sát", "Công an phường", "tổng đài", "trên ứng dụng VNeID"


def todo(person: Person, level: str) -> str:
    settings = table_with(tabs.SETTINGS, ("Mục", "Mức tài khoản tối thiểu"), Giá_trị=level)
    config = config_with([unit_line("a")], **{tabs.SETTINGS: settings})
    return str(judge_units({"a": [changed(person)]}, config=config).people["sheet_todo"].iloc[0])


@pytest.mark.parametrize(
    ("person", "level", "says", "does_not_say"),
    [
        (OPEN, "Mức 1", APP, CARD_DESK),
        (OPEN, "Mức 2", POLICE, APP),
        (OPEN | EXPIRED, "Mức 1", CARD_DESK, APP),
        (OPEN | EXPIRED, "Mức 2", CARD_DESK, APP),
        (WAITING, "Mức 1", HOTLINE, POLICE),
        (WAITING | {LEVEL: "Mức 2"}, "Mức 1", POLICE, HOTLINE),
        (REFUSED, "Mức 1", APP, POLICE),
        (REFUSED | {LEVEL: "Mức 2"}, "Mức 1", POLICE, APP),
        (REFUSED, "Mức 2", POLICE, HOTLINE),
        (WAITING, "Mức 2", POLICE, HOTLINE),
        ({STAGE: "Đã duyệt, chưa kích hoạt"}, "Mức 2", POLICE, APP),
        ({STAGE: "Đã kích hoạt, chưa đăng nhập"}, "Mức 2", POLICE, APP),
        ({STAGE: "Đã kích hoạt, chưa đăng nhập", LEVEL: "Mức 2"}, "Mức 2", "Mở ứng dụng", POLICE),
        ({STAGE: "Đã kích hoạt, chưa đăng nhập"}, "Mức 1", "Mở ứng dụng", POLICE),
        (REFUSED | EXPIRED, "Mức 1", CARD_DESK, HOTLINE),
        ({CARD: "Đã làm, chờ cấp", ISSUED: None} | OPEN, "Mức 1", APP, POLICE),
        ({CARD: "Đã làm, chờ cấp", ISSUED: None} | OPEN, "Mức 2", POLICE, APP),
        ({}, "Mức 2", POLICE, APP),
        (EXPIRED, "Mức 2", CARD_DESK, APP),
    ],
)
def test_the_next_step_follows_the_level_and_an_expired_card(
    person: Person, level: str, says: str, does_not_say: str
) -> None:
    found = todo(person, level)
    assert says in found
    assert does_not_say not in found


def test_who_is_done_has_nothing_to_do_though_the_card_expired() -> None:
    assert todo(EXPIRED, "Mức 1") == ""


def read(cell: Cell) -> Config | Refused:
    rows: list[Row] = table_with(tabs.STATUSES, ("Mã", "cho-duyet"), Việc_cần_làm=cell)
    return read_config({**default_tables(), tabs.STATUSES: rows})


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("Chờ. | khi Chức vụ = x: Hỏi.", "Chức vụ"),
        ("Chờ. | khi Mức tài khoản = Mức 9: Hỏi.", "Mức 9"),
        ("Chờ. | khi Mức tài khoản = Mức 2: Đến [Nơi nào].", "Nơi nào"),
        ("Chờ. | khi Mức tài khoản = Mức 2: Đến {nơi}.", "nơi"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_at_its_cell(cell: str, said: str) -> None:
    found = read(cell)
    assert isinstance(found, Refused)
    assert found.problems[0].where == f"Trang “{tabs.STATUSES}”, ô F12"
    assert said.casefold() in found.problems[0].what.casefold()


@pytest.mark.parametrize("kept", [True, False])
def test_a_line_for_a_rule_that_is_off_or_gone_is_for_nobody(kept: bool) -> None:
    rules = table_with(tabs.RULES, ("Mã", "the-het-han"), Chế_độ="Thử")
    rules = [row for row in rules if kept or row[0] != "the-het-han"]
    config = read_config({**default_tables(), tabs.RULES: rules})
    assert isinstance(config, Config)
    assert [step.rule for status in config.statuses for step in status.steps if step.rule] == []
