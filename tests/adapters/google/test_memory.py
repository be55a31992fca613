"""What is remembered of a spreadsheet from one run to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.adapters.google.memory import SheetMemory, UnfinishedWrite
from automation.core.model.workbook import CellChange, Tab

WRITE = UnfinishedWrite(
    before=(Tab("7", "BV Hoa Sen", (("Họ và tên", None), ("Trần Văn An", 31295), (True, 0.5))),),
    owed=(CellChange("7", 2, 1, "Trần Văn Ân"),),
    written=(CellChange("7", 2, 18, None), CellChange("7", 3, 18, "Hoàn thành")),
)


def memory(folder: Path, *, keeps: bool = True, now: float = 1000.0) -> SheetMemory:
    return SheetMemory(folder, "so-1", keeps=keeps, clock=lambda: now)


def test_tabs_and_their_titles_are_remembered_in_order(tmp_path: Path) -> None:
    first = memory(tmp_path)
    first.remember_tabs({7: "mot", 0: "hai"}, {})
    first.remember_tabs({7: "một", 0: "hai"})
    again = memory(tmp_path, now=1060.0)
    assert list(again.titles.items()) == [(7, ("mot", "một")), (0, ("hai",))]
    assert again.age == 60.0


def test_the_first_title_stays_however_often_a_tab_is_renamed(tmp_path: Path) -> None:
    tabs = memory(tmp_path)
    for number in range(40):
        tabs.remember_tabs({0: f"lần {number}"})
    assert tabs.titles[0][0] == "lần 0"
    assert tabs.titles[0][-1] == "lần 39"
    assert len(tabs.titles[0]) < 10


def test_a_write_is_remembered_until_it_is_finished(tmp_path: Path) -> None:
    memory(tmp_path).begin(WRITE)
    left = memory(tmp_path)
    assert left.unfinished == WRITE
    left.finish()
    assert memory(tmp_path).unfinished is None
    assert list(tmp_path.iterdir()) == []


def test_what_is_remembered_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    memory(tmp_path).begin(WRITE)
    assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0]


def test_who_only_looks_reads_and_leaves_nothing(tmp_path: Path) -> None:
    memory(tmp_path).begin(WRITE)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    looking = memory(tmp_path, keeps=False)
    assert looking.unfinished == WRITE
    looking.remember_tabs({1: "khác"}, {})
    looking.finish()
    assert looking.unfinished is None
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"tabs": 5}', b'{"tabs": [[1]], "looked_at": "x"}', b"\xff\x00"]
)
def test_a_damaged_file_counts_as_forgotten(tmp_path: Path, content: bytes) -> None:
    kept = memory(tmp_path)
    kept.remember_tabs({7: "mot"}, {})
    kept.begin(WRITE)
    for path in tmp_path.iterdir():
        path.write_bytes(content)
    again = memory(tmp_path)
    assert (dict(again.titles), again.unfinished) == ({}, None)


def test_no_damaged_byte_of_an_unfinished_write_is_more_than_forgotten(tmp_path: Path) -> None:
    memory(tmp_path).begin(WRITE)
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    for place in range(len(content)):
        file.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        assert memory(tmp_path).unfinished in (None, WRITE)


def test_a_clock_that_was_set_back_makes_what_is_known_of_tabs_old(tmp_path: Path) -> None:
    memory(tmp_path, now=5000.0).remember_tabs({7: "mot"}, {})
    assert memory(tmp_path, now=100.0).age == float("inf")


def test_tabs_that_cannot_be_noted_are_known_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "in the way").touch()
    known = memory(tmp_path / "in the way")
    known.remember_tabs({7: "mot"}, {})
    assert dict(known.titles) == {7: ("mot",)}
    with pytest.raises(OSError, match="in the way"):
        known.begin(WRITE)
