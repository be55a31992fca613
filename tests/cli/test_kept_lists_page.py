"""The page about lists that units already have: its commands run as it says, in its order."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from automation.adapters.excel.workbook import ExcelWorkbook
from tests.commands import Run
from tests.lists import LISTS
from tests.pages import BOOK, UNITS, Command, typed
from tests.tree import ROOT

PAGE = (ROOT / "docs" / "quan-tri" / "danh-sach-san-co.md").read_text("utf-8")
BY_HAND, _, BY_MAIL = PAGE.partition("## Danh sách gửi qua thư")
COMMANDS, MAILED = typed(BY_HAND), typed(BY_MAIL)


def keep_a_list(path: Path) -> None:
    """A list beside the tabs, as somebody pastes it."""
    book = load_workbook(path)
    sheet = book.create_sheet("Nhân sự")
    for row in LISTS["by_department"].rows:
        sheet.append([cell.strftime("%d/%m/%Y") if isinstance(cell, date) else cell for cell in row])
    book.save(path)


def test_the_page_shows_each_step() -> None:
    assert [command[0] for command in COMMANDS][:4] == ["init", "adopt", "adopt", "check"]


@pytest.mark.slow
def test_the_commands_of_the_page_do_what_it_says(tccb_here: Run, tmp_path: Path) -> None:
    (tmp_path / UNITS).write_text("Mã,Tên đơn vị,Trang tính,Tổng số người\nmau,Bệnh viện Mẫu,BV Mẫu,12\n", "utf-8")
    path = tmp_path / BOOK
    said: dict[Command, str] = {}
    for command in (each for each in COMMANDS if each[0] in ("init", "adopt", "check")):
        before = path.read_bytes() if path.exists() else b""
        ended = tccb_here(*command, "--now", "2023-04-20T08:00")
        assert (ended.status in (0, 1), ended.stderr) == (True, "")
        said[command] = ended.stdout
        assert (path.read_bytes() != before) == ("init" in command or "--apply" in command)
        if command[0] == "init":
            keep_a_list(path)
    assert "Ghi “Nhân sự” vào cột Trang tính của Bệnh viện Mẫu" in said["adopt", BOOK]
    assert "66,6\u00a0%" in said["check", BOOK]
    journal = next(tab for tab in ExcelWorkbook(path).read().tabs if tab.title == "Nhật ký")
    assert any("Tiếp nhận" in row for row in journal.rows)


@pytest.mark.slow
def test_the_commands_about_mailed_lists_do_what_it_says(tccb_here: Run, tmp_path: Path) -> None:
    (tmp_path / UNITS).write_text("Mã,Tên đơn vị,Trang tính,Tổng số người\nbv-mau,Bệnh viện Mẫu,BV Mẫu,12\n", "utf-8")
    assert tccb_here("init", BOOK, "--units", UNITS).status == 0
    lines = ["Họ và tên;Ngày sinh;Số CCCD", "Lê Minh Bình;02/09/1990;001090000002", "Trần Thị Ánh;31/02/1985;1"]
    (tmp_path / "bv-mau.csv").write_text("\n".join(lines), "utf-16")
    path, said = tmp_path / BOOK, {}
    for command in MAILED:
        before = path.read_bytes()
        ended = tccb_here(*command, "--now", "2023-04-20T08:00")
        assert (ended.status in (0, 1), ended.stderr) == (True, "")
        said[next(word for word in reversed(command) if word.startswith("--"))] = ended.stdout
        assert (path.read_bytes() != before) == ("--apply" in command)
    assert "2 người mới" in said["--unit"]
    assert "2 người mới" in said["--apply"]
    assert "2 người không đổi" in said["--marked"]
    assert (tmp_path / "bv-mau-can-sua.xlsx").exists()
    assert (tmp_path / "bieu-mau" / "bv-mau.xlsx").exists()
