"""A number that stands in another unit: what the unit that typed it, and the one that owns it, see of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.figures.unit import Occasion, ReminderFigures, TabPlace, reminder_figures
from automation.core.judging.judged import Judged, SharedNumber
from automation.core.model.units import Standing
from automation.core.model.workbook import Cell, CellChange, Snapshot, Tab
from automation.core.writing.changes import cell_changes
from tests.core.facts import table_with
from tests.workbooks import SOUND, config_with, judge_units, unit_line

Person = Mapping[str, Cell]

RULE = "cccd-trung-don-vi-khac"
SAME: dict[str, Cell] = {**SOUND, "Họ và tên": "Trần Văn Bình"}
OWN_NUMBER: dict[str, Cell] = {**SAME, "Số CCCD": "079085000999"}
UNITS = [unit_line("a", headcount=1), unit_line("b", headcount=1)]


def config_of(severity: str = "Cảnh báo", mode: str = "Bật") -> Config:
    rules = table_with(tabs.RULES, ("Mã", RULE), Mức_độ=severity, Chế_độ=mode)
    return config_with(UNITS, **{tabs.RULES: rules})


def judged(typed_in_b: Sequence[Person], config: Config) -> Judged:
    return judge_units({"a": [SOUND], "b": typed_in_b}, config=config)


def standing_of(found: Judged, unit: str) -> Standing:
    return next(each for each in found.standings if each.code == unit)


def written_into(found: Judged, unit: str) -> set[CellChange]:
    """All that the bot would write into a blank tab of the unit."""
    blank = Snapshot(tuple(Tab(table.tab.key, table.tab.title, table.tab.rows) for table in found.tables))
    changes = cell_changes(blank, found, {})
    return {each for each in changes.cells if each.tab == unit}


def mail_to(found: Judged, unit: str) -> ReminderFigures:
    return reminder_figures(found, {unit: Occasion(TabPlace(unit, file="x.xlsx"), 5, 5)})[unit]


@pytest.mark.parametrize("mode", ["Bật", "Thử"])
def test_typing_another_units_number_harms_nobody_and_tells_nothing(mode: str) -> None:
    """The attack: unit b types the number of unit a. Neither unit sees any difference to a number of its own."""
    config = config_of(mode=mode)
    attacked, peaceful = judged([SAME], config), judged([OWN_NUMBER], config)
    for unit in ("a", "b"):
        assert standing_of(attacked, unit).rate == standing_of(peaceful, unit).rate == 100.0
        assert standing_of(attacked, unit).errors == 0
        assert mail_to(attacked, unit) == mail_to(peaceful, unit)
    texts = ["label", "sheet_todo", "sheet_errors", "todo"]
    assert attacked.people[texts].to_dict() == peaceful.people[texts].to_dict()
    assert written_into(attacked, "a") == written_into(peaceful, "a") != set()


def test_the_office_learns_the_units_and_rows() -> None:
    found = judged([{**OWN_NUMBER, "Họ và tên": "Lê Văn Chín"}, SAME], config_of())
    assert found.cross_unit_duplicates == (SharedNumber((("a", (4,)), ("b", (5,)))),)
    of_rule = found.findings[found.findings["rule"] == RULE]
    assert list(zip(of_rule["unit"], of_rule["row"], of_rule["severity"], strict=True)) == [
        ("a", 4, "Cảnh báo"),
        ("b", 5, "Cảnh báo"),
    ]
    assert [standing_of(found, unit).warnings for unit in ("a", "b")] == [1, 1]


def test_a_status_that_counts_warnings_does_not_count_this_one() -> None:
    """`Số cảnh báo > 0` in tab `Trạng thái` would show in `Kết quả` what must not be seen."""
    statuses = table_with(tabs.STATUSES, ("Mã", "xong"), Khi="Số cảnh báo = 0")
    config = config_with(UNITS, **{tabs.STATUSES: statuses})
    assert list(judged([SAME], config).people["status"]) == ["xong", "xong"]


def test_the_strict_form_tells_the_rows_but_not_which_unit() -> None:
    found = judged([SAME], config_of(severity="Lỗi"))
    assert list(found.people["status"]) == ["loi", "loi"]
    for told in found.people["sheet_errors"]:
        assert "trùng với đơn vị khác" in told
        assert "Đơn vị" not in told
    assert [standing_of(found, unit).rate for unit in ("a", "b")] == [0.0, 0.0]


def test_another_warning_of_the_same_row_is_still_told() -> None:
    config = config_of()
    both: dict[str, Cell] = {**SAME, "Điện thoại": "12"}
    found = judged([both], config)
    assert "Điện thoại" in found.people["sheet_errors"].iloc[1]
    assert "đơn vị khác" not in found.people["sheet_errors"].iloc[1]
    assert [mail_to(found, unit).warnings for unit in ("a", "b")] == [0, 1]
