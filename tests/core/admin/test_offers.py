"""A workbook that keeps a strict row is told, at the row, what the shipped one is now."""

from __future__ import annotations

import pytest

from automation.adapters.config_files import default_tables
from automation.core.admin.offers import milder_rules
from automation.core.config import tabs
from tests.core.facts import table_with
from tests.workbooks import config_with

RULE = "cccd-trung-don-vi-khac"


@pytest.mark.parametrize(
    ("severity", "mode", "offered"),
    [("Lỗi", "Bật", True), ("Lỗi", "Thử", True), ("Lỗi", "Tắt", False), ("Cảnh báo", "Bật", False)],
)
def test_a_strict_rule_about_other_units_is_named(severity: str, mode: str, offered: bool) -> None:
    rules = table_with(tabs.RULES, ("Mã", RULE), Mức_độ=severity, Chế_độ=mode)
    config = config_with([], **{tabs.RULES: rules})
    found = list(milder_rules(config, rules, default_tables()[tabs.RULES]))
    row = next(number for number, line in enumerate(rules, start=1) if line[0] == RULE)
    assert [each.where for each in found] == ([f"Trang “Quy tắc”, ô C{row}"] if offered else [])
    assert not any(each.needs_person for each in found)
