"""What is remembered of a spreadsheet from one run to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.adapters.google.memory import SheetMemory
from automation.core.model.workbook import Merged


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


def test_since_when_no_write_has_been_taken_is_remembered_until_one_is(tmp_path: Path) -> None:
    assert memory(tmp_path, now=1000.0).not_taken() == 1000.0
    assert memory(tmp_path, now=2000.0).not_taken() == 1000.0
    memory(tmp_path, now=3000.0).was_taken()
    assert memory(tmp_path, now=4000.0).refusing_since == 0.0


def test_what_is_remembered_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    memory(tmp_path).remember_tabs({1: "một"}, {})
    assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0]


def test_who_only_looks_reads_and_leaves_nothing(tmp_path: Path) -> None:
    memory(tmp_path).remember_tabs({1: "một"}, {})
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    looking = memory(tmp_path, keeps=False)
    looking.remember_tabs({1: "khác"}, {})
    looking.not_taken()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_rows_that_an_earlier_version_kept_go(tmp_path: Path) -> None:
    (tmp_path / "unfinished-so-1.json.gz").write_bytes(b"...")
    memory(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"tabs": 5}', b'{"tabs": [[1]], "looked_at": "x"}', b"\xff\x00"]
)
def test_a_damaged_file_counts_as_forgotten(tmp_path: Path, content: bytes) -> None:
    kept = memory(tmp_path)
    kept.remember_tabs({7: "mot"}, {})
    for path in tmp_path.iterdir():
        path.write_bytes(content)
    again = memory(tmp_path)
    assert dict(again.titles) == {}


def test_a_clock_that_was_set_back_makes_what_is_known_of_tabs_old(tmp_path: Path) -> None:
    memory(tmp_path, now=5000.0).remember_tabs({7: "mot"}, {})
    assert memory(tmp_path, now=100.0).age == float("inf")


def test_tabs_that_cannot_be_noted_are_known_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "in the way").touch()
    known = memory(tmp_path / "in the way")
    known.remember_tabs({7: "mot"}, {})
    assert dict(known.titles) == {7: ("mot",)}


def test_merged_cells_hold_as_long_as_what_stands_beside_them(tmp_path: Path) -> None:
    area = Merged(4, 6, 7, 6)
    first = memory(tmp_path)
    first.remember_tabs({7: "mot"}, {})
    first.remember_merges({7: (area,)})
    assert first.holds_beside_merges(7, "a")
    again = memory(tmp_path)
    assert (again.merges, again.holds_beside_merges(7, "a"), again.holds_beside_merges(7, "b")) == (
        {7: (area,)},
        True,
        False,
    )
    again.remember_merges({}, {7})
    assert (again.merges, again.holds_beside_merges(7, "b")) == ({}, True)
