"""Which copies are taken and let go, what they hold, and how they differ from what stands there now."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from automation.core.config import tabs
from automation.core.judging.lists.unit_table import find_unit_table
from automation.core.model.workbook import Cell, Formula
from automation.core.records.copies import CopyNote, KeptCopy, as_of, copy_of, is_due, outlived, without_fields
from automation.core.records.differences import Changed, Differences, differences, people_of
from tests.workbooks import NOW, SOUND, config_with, unit_line, unit_tab

CONFIG = config_with([unit_line("mot")])
NOTE = CopyNote("mot", NOW, "a")


def note(hours: float, digest: str = "a") -> CopyNote:
    return CopyNote("mot", NOW + timedelta(hours=hours), digest)


@pytest.mark.parametrize(
    ("last", "digest", "due"),
    [
        (None, "b", True),
        (note(-1), "b", True),
        (note(-0.9), "b", False),
        (note(-5), "a", False),
        (note(2), "b", True),  # the clock was set back
    ],
)
def test_a_copy_is_due_once_an_hour_where_anything_changed(last: CopyNote | None, digest: str, due: bool) -> None:
    assert is_due(last, digest, NOW) is due


@pytest.mark.parametrize(
    ("hours", "is_current", "gone"),
    [
        ([-24 * 40], True, 0),  # what the tab says still
        ([-24 * 40], False, 1),
        ([-24 * 40, -24 * 29], True, 0),  # it was replaced 29 days ago
        ([-24 * 40, -24 * 31], True, 1),
        ([-24 * 40, -24 * 31, -24 * 31 + 2], False, 3),
        ([-24 * 29, -1], True, 0),
    ],
)
def test_a_copy_goes_when_what_it_holds_was_replaced_long_ago(hours: list[float], is_current: bool, gone: int) -> None:
    notes = [note(each) for each in hours]
    assert outlived(notes, NOW, 30, is_current=is_current) == notes[:gone]


def test_the_copy_of_a_moment_is_the_last_one_until_then() -> None:
    notes = [note(-3), note(-2), note(-1)]
    assert [as_of(notes, NOW + timedelta(hours=h)) for h in (-4, -3, -1.5, 5)] == [None, notes[0], notes[1], notes[2]]


def copy(people: list[dict[str, Cell]], *, off: str = "", note: CopyNote = NOTE) -> KeptCopy:
    fields = [[*row[:6], "Không", *row[7:]] if row[0] == off else row for row in _fields()]
    config = config_with([unit_line("mot")], **{tabs.FIELDS: fields})
    above: list[list[Cell]] = [["Đơn vị: mot", "0912345678"], ["Tổng số người:", 5, "Ngày quán triệt:", 45000]]
    tab = unit_tab(CONFIG, "mot", people, above)
    table = find_unit_table("mot", tab, config)
    assert table is not None
    return copy_of(table, {(4, 2): Formula('="A"')}, config, note)


def _fields() -> list[list[Cell]]:
    from automation.adapters.config_files import default_tables

    return [list(row) for row in default_tables()[tabs.FIELDS]]


def test_a_copy_holds_inputs_and_declaration_and_nothing_else() -> None:
    person = {**SOUND, "Kết quả": "Hoàn thành", "Điện thoại": "0912345678"}
    kept = copy([person])
    assert kept.rows[0] == (None, None), "our own line, and what somebody wrote beside it"
    assert kept.rows[1] == ("Tổng số người:", 5, "Ngày quán triệt:", datetime(2023, 3, 15).date())
    cells = set(kept.rows[3])
    assert {"079085000123", "0912345678", Formula('="A"')} <= cells
    assert "Hoàn thành" not in cells
    assert type(kept.rows[3][1]) is Formula


def test_nothing_is_kept_of_fields_that_are_switched_off() -> None:
    person = {**SOUND, "Điện thoại": "0912345678"}
    assert "0912345678" not in copy([person], off="dien-thoai").rows[3]
    earlier = copy([person])
    used = set(earlier.columns) - {"dien-thoai"}
    less = without_fields(earlier, used)
    assert "0912345678" not in less.rows[3]
    assert {cell for row in earlier.rows for cell in row} - {cell for row in less.rows for cell in row} == {
        "0912345678",
        "Điện thoại",
    }
    assert without_fields(less, used) is less


AN = {**SOUND, "Họ và tên": "Lê Văn An", "Số CCCD": "079085000001"}
BE = {**SOUND, "Họ và tên": "Lê Thị Bé", "Số CCCD": None, "Ngày sinh": "01/02/1990"}
CU = {**SOUND, "Họ và tên": "Lê Văn Cư", "Số CCCD": "079085000003"}


@pytest.mark.parametrize(
    ("then", "now", "found"),
    [
        ([AN, BE], [BE, AN], Differences((), (), ())),
        ([AN, BE, CU], [CU], Differences((4, 5), (), ())),
        ([AN], [AN, CU], Differences((), (5,), ())),
        ([AN], [{**AN, "Họ và tên": "Lê Anh"}], Differences((), (), (Changed(4, 4, ("ho-ten",)),))),
        ([BE, AN], [AN, {**BE, "Số CCCD": "079190000009"}], Differences((), (), (Changed(4, 5, ("cccd",)),))),
        ([BE], [{**BE, "Ngày sinh": None}], Differences((), (), (Changed(4, 4, ("ngay-sinh",)),))),
        ([AN, AN], [AN], Differences((5,), (), ())),
    ],
)
def test_differences(then: list[dict[str, Cell]], now: list[dict[str, Cell]], found: Differences) -> None:
    # The formula of the first line would be one in both.
    pairs = (people_of(KeptCopy(NOTE, "mot", 3, each.columns, _plain(each))) for each in (copy(then), copy(now)))
    before, after = pairs
    names = ([people["Họ và tên"] for people in each] for each in (then, now))
    for people, typed in zip((before, after), names, strict=True):
        people[:] = [type(p)(p.row, {**p.cells, "ho-ten": str(n)}) for p, n in zip(people, typed, strict=True)]
    assert differences(before, after) == found


def _plain(kept: KeptCopy) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple("A" if isinstance(cell, Formula) else cell for cell in row) for row in kept.rows)
