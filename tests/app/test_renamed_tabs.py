"""Tabs that somebody renamed: sentences name them as they are called now, and links that lead nowhere are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from automation.adapters.config_files import default_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.init import set_up
from automation.core.config import tabs
from automation.core.config.shipped import ShippedTables
from automation.core.config.whose_tabs import as_called_now, bot_tag
from automation.core.model.problems import Problem
from automation.core.model.workbook import Snapshot, Tab
from tests.fakes_store import MemoryStore
from tests.workbooks import registry, unit_line

CLOCK = standing_clock(datetime(2023, 4, 20, 8))
ONE_UNIT = ShippedTables({**default_tables(), tabs.REGISTRY: registry(unit_line("bv-a"))})
RENAMED = {tabs.GUIDE: "Cách làm", tabs.SETTINGS: "Thiết lập", tabs.REGISTRY: "Các đơn vị", "bv-a": "BV Anh Đào"}


def rename(path: Path) -> None:
    """As Excel and LibreOffice do: names that point into a tab go along, links don't."""
    book = load_workbook(path, rich_text=True)
    for before, now in RENAMED.items():
        book[before].title = now
        for name in book.defined_names.values():
            name.attr_text = name.attr_text.replace(f"'{before}'!", f"'{now}'!")
    book[RENAMED[tabs.SETTINGS]]["B9"] = "abc"
    book.save(path)


def told(path: Path, store: MemoryStore) -> Sequence[Problem]:
    return run_cycle(ExcelWorkbook(path), store, None, CLOCK, shipped=ONE_UNIT).problems


def test_renamed_tabs_are_named_as_they_are_called_now_and_their_links_come_back(tmp_path: Path) -> None:
    path, store = tmp_path / "book.xlsx", MemoryStore()
    set_up(ExcelWorkbook(path), clock=CLOCK, shipped=ONE_UNIT)
    assert not [each for each in told(path, store) if "Liên kết" in each.what]

    rename(path)
    found = told(path, store)
    assert {each.where for each in found if each.place} == {"Trang “Thiết lập”, ô B9"}
    (unit,) = (each for each in found if "vẫn đọc được nhờ dòng đầu trang" in each.what)
    assert "“Các đơn vị” ghi trang tính là “bv-a”, còn trang mang tên “BV Anh Đào”" in unit.what, (
        "whoever changed which"
    )
    assert unit.where == "Đơn vị bv-a, trang “BV Anh Đào”"
    assert "cột Trang tính của trang “Các đơn vị” thành “BV Anh Đào”" in unit.fix
    (links,) = (each for each in found if "Liên kết" in each.what)
    assert links.where == "Trang “Tổng hợp”"
    assert "“Hướng dẫn”, “bv-a” không còn mở được" in links.what
    assert "tccb init" in links.fix

    book = load_workbook(path, rich_text=True)
    book[RENAMED[tabs.SETTINGS]]["B9"] = 100
    book.save(path)
    set_up(ExcelWorkbook(path), clock=CLOCK, shipped=ONE_UNIT)
    assert not [each for each in told(path, store) if "Liên kết" in each.what]


TAGGED = Tab("1", "Thiết lập", (), tag=bot_tag(tabs.SETTINGS))
OTHERS = Tab("2", tabs.SETTINGS, ())


@pytest.mark.parametrize(
    ("snapshot", "said"),
    [
        (Snapshot((TAGGED,)), "Trang “Thiết lập”, ô B2: xem trang “Thiết lập”, “Cấu hình chung” và trang “Đơn vị”"),
        (Snapshot((TAGGED, OTHERS)), "Trang “Cấu hình”, ô B2: xem trang Cấu hình, “Cấu hình chung” và trang “Đơn vị”"),
        (Snapshot((OTHERS,)), "Trang “Cấu hình”, ô B2: xem trang Cấu hình, “Cấu hình chung” và trang “Đơn vị”"),
    ],
    ids=["renamed", "another tab has the title now", "not renamed"],
)
def test_only_the_title_of_a_renamed_tab_is_another(snapshot: Snapshot, said: str) -> None:
    sentence = "Trang “Cấu hình”, ô B2: xem trang Cấu hình, “Cấu hình chung” và trang “Đơn vị”"
    (found,) = as_called_now([Problem(sentence, sentence, sentence)], snapshot)
    assert (found.where, found.what, found.fix) == (said, said, said)
