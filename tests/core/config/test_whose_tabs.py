"""Whose a tab is that has a title of the bot's and no tag: the bot's where some version of ours began it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from automation.base.paths import TEMPLATES
from automation.core.config import tabs
from automation.core.config.whose_tabs import GUIDE_BEGINS, bot_tab, bot_tag, tabs_in_the_way
from automation.core.model.workbook import UNCALCULATED, Row, Snapshot, Tab

OURS: Mapping[str, tuple[str, Sequence[Row]]] = {
    "an empty tab": (tabs.DASHBOARD, [[], [None, " "]]),
    "a dashboard": (tabs.DASHBOARD, [["Tổng hợp: Đợt 1"], ["Cập nhật lúc 08:00 20/04/2023"]]),
    "a dashboard that was drawn alone": (tabs.DASHBOARD, [[None, 400], ["'Hướng dẫn'!A1"], [], [None, UNCALCULATED]]),
    "a guide without digests": (tabs.GUIDE, [["Hướng dẫn dành cho đơn vị"], ["Nội dung", "Đợt 1"]]),
    "a guide of which people changed the first lines": (
        tabs.GUIDE,
        [["Lưu ý", "của TCCB"], ["Bước 1", "Mở trang", "0123456789"]],
    ),
    "a history of the first version": (tabs.HISTORY, [["Ngày", "Mã", "Đơn vị", "Tổng số", "Hoàn thành", "Tỷ lệ"]]),
    "a journal below a line of people's": (tabs.JOURNAL, [["Sổ"], ["Thời điểm", "Loại", "Nơi", "Nội dung"]]),
    "the mails": (tabs.MAILS, [list(tabs.HEADERS[tabs.MAILS])]),
    "mails of which people spoilt three headers": (
        tabs.MAILS,
        [["x", "Mã", "Đơn vị", "y", "z", *tabs.HEADERS[tabs.MAILS][5:]]],
    ),
    "a config tab, which its reader refuses": (tabs.LISTS, [["Danh mục thuốc"]]),
    "documents, copied from another workbook": (tabs.DOCUMENTS, [list(tabs.HEADERS[tabs.DOCUMENTS])]),
    "a registry that somebody made by hand": (tabs.REGISTRY, [["Mã", "Tên đơn vị", "Ghi chú"], ["a", "BV A"]]),
}

PEOPLES: Mapping[str, tuple[str, Sequence[Row]]] = {
    "figures": (tabs.DASHBOARD, [["BẢNG TỔNG HỢP NĂM 2023"], ["Khoa", "Số người"], ["Dược", 12]]),
    "figures under a title like ours": (tabs.DASHBOARD, [["Tổng hợp: năm 2023"], ["Khoa", "Số người"]]),
    "figures alone": (tabs.DASHBOARD, [[400], [], [12]]),
    "a guide": (tabs.GUIDE, [["Hướng dẫn dành cho đơn vị"], ["Bước 1", "Mở sổ"]]),
    "a guide of three columns": (tabs.GUIDE, [["Nội dung", "Cách làm", "Ghi chú"], ["Nhập", "Gõ", "090"]]),
    "a history": (tabs.HISTORY, [["Ngày", "Đơn vị", "Việc"]]),
    "a history of figures": (tabs.HISTORY, [["Ngày", "Đơn vị", "Tổng số", "Hoàn thành", "Tỷ lệ"]]),
    "documents of an office": (tabs.DOCUMENTS, [["STT", "Số", "Ngày", "Trích yếu", "Nơi gửi"], [1, "7/SYT"]]),
    "a list of drugs": (tabs.LISTS, [["Danh mục", "Giá trị", "Ghi chú"], ["Thuốc", "Para"]]),
    "what printers are set to": (tabs.SETTINGS, [["Mục", "Giá trị"], ["Máy in", "HP"]]),
    "a journal of three headers like ours": (tabs.JOURNAL, [["Thời điểm", "Nơi", "Nội dung"]]),
    "a journal": (tabs.JOURNAL, [["Thời điểm", "Nội dung", "Người ghi"]]),
    "mails": (tabs.MAILS, [["Thời điểm", "Gửi tới", "Nội dung"]]),
}


def tab(title: str, rows: Sequence[Row], tag: str = "", *former: str) -> Tab:
    return Tab("1", title, rows, former, tag)


@pytest.mark.parametrize(("title", "rows"), OURS.values(), ids=OURS)
def test_what_some_version_of_ours_began_is_the_bots(title: str, rows: Sequence[Row]) -> None:
    found = tab(title, rows)
    assert bot_tab(Snapshot((found,)), title) is found
    assert tabs_in_the_way(Snapshot((found,))) == []


@pytest.mark.parametrize(("title", "rows"), PEOPLES.values(), ids=PEOPLES)
def test_anything_else_is_peoples_and_in_the_way(title: str, rows: Sequence[Row]) -> None:
    found = tab(title, rows)
    assert bot_tab(Snapshot((found,)), title) is None
    assert tabs_in_the_way(Snapshot((found,))) == [found]


def test_a_list_with_too_few_headers_is_the_bots_where_the_others_are() -> None:
    """Its reader says what is missing. Of documents offices have lists of their own: those are theirs even so."""
    fields = tab(tabs.FIELDS, [list(tabs.HEADERS[tabs.FIELDS])])
    lists, documents = (Tab(title, title, PEOPLES[name][1]) for title, name in SHORT.items())
    snapshot = Snapshot((fields, lists, documents))
    assert (bot_tab(snapshot, tabs.LISTS), bot_tab(snapshot, tabs.DOCUMENTS)) == (lists, None)


SHORT = {tabs.LISTS: "a list of drugs", tabs.DOCUMENTS: "documents of an office"}


@pytest.mark.parametrize(("title", "rows"), PEOPLES.values(), ids=PEOPLES)
def test_one_of_peoples_stays_theirs_under_another_title(title: str, rows: Sequence[Row]) -> None:
    found = Snapshot((tab("Sổ cũ", rows, "", title),))
    assert (bot_tab(found, title), tabs_in_the_way(found)) == (None, [])


@pytest.mark.parametrize(("title", "rows"), PEOPLES.values(), ids=PEOPLES)
def test_a_tag_says_more_than_what_stands_there(title: str, rows: Sequence[Row]) -> None:
    found = tab(title, rows, bot_tag(title))
    assert bot_tab(Snapshot((found,)), title) is found


def test_the_guide_begins_as_every_one_before_did() -> None:
    lines = (TEMPLATES / "guide.txt").read_text("utf-8").splitlines()[:2]
    assert [line.removeprefix("# ").partition(" | ")[0] for line in lines] == list(GUIDE_BEGINS)
