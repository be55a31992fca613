"""Tabs whose titles, headers and declarations are meant for whoever reads the summary or the terminal."""

from __future__ import annotations

import pytest

from automation.core.judging.judged import Judged
from automation.core.judging.judging import judge
from automation.core.model.workbook import Row, Snapshot, Tab
from tests.workbooks import NOW, SOUND, config_with, unit_line, unit_tab

CONFIG = config_with([unit_line("a", headcount=1)])
TITLES = (
    "\x9b2J VÀO vneid-gov.example gấp",
    "Gọi 0900 000 123 hoặc https://evil.example",
    "\x1b]0;pwn\x07",
    "\u202egnp.exe",
)
HARM = ("\x9b", "\x1b", "\x07", "\u202e", "vneid-gov.example", "0900 000 123", "https://")


def judged(*tabs: Tab) -> Judged:
    return judge(Snapshot(tabs), CONFIG, {}, NOW)


def told(found: Judged) -> str:
    problems = [part for each in found.problems for part in (each.where, each.what, each.fix)]
    return "\n".join([*problems, *(note for each in found.standings for note in each.notes)])


@pytest.mark.parametrize("title", TITLES)
def test_a_stray_tab_is_named_without_harm(title: str) -> None:
    said = told(judged(unit_tab(CONFIG, "a", [SOUND]), unit_tab(CONFIG, title, [SOUND])))
    assert "không thuộc đơn vị nào" in said
    assert [harm for harm in HARM if harm in said] == []


def test_a_stray_tab_without_anybody_is_no_list_of_people() -> None:
    """As the former tab of a unit whose list stands elsewhere now."""
    said = told(judged(unit_tab(CONFIG, "a", [SOUND]), unit_tab(CONFIG, "cu", [])))
    assert "chưa có ai, và không thuộc đơn vị nào" in said
    assert "Trang có danh sách người" not in said


@pytest.mark.parametrize("title", TITLES)
def test_a_renamed_tab_is_named_without_harm(title: str) -> None:
    line: Row = ["Đơn vị a: 100 %, còn 0 người"]
    said = told(judged(unit_tab(CONFIG, title, [SOUND], above=[line, []])))
    assert [harm for harm in HARM if harm in said] == []


@pytest.mark.parametrize(
    ("typed", "is_count"),
    [("120", True), (120, True), ("0900000123", False), (900000123, False), ("0900.000.123", False), ("99999", True)],
)
def test_a_phone_is_no_headcount(typed: str | int, is_count: bool) -> None:
    """Declared headcounts stand in notes of the registry, the summary and the journal."""
    found = judged(unit_tab(CONFIG, "a", [SOUND], above=[[], ["Tổng số người", typed]]))
    assert (found.standings[0].declaration.headcount is not None) is is_count
    assert "900000123" not in told(found)
    assert "0900000123" not in told(found)
    assert ("không đọc được" in told(found)) is not is_count
