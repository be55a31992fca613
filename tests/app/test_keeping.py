"""What cycles keep for each other changes nothing of what comes out: it is the same as from scratch."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from automation.adapters.config_files import shipped_tables
from automation.app.clock import standing_clock
from automation.app.cycle import CycleReport, run_cycle
from automation.app.keeping import Kept
from automation.app.mailing import Mailing
from automation.core.config import tabs
from automation.core.judging.judged import Judged
from automation.core.model.workbook import Cell
from tests.app.test_cycle import FIRST, HEADERS, THURSDAY, WRITER, workbook_of_two
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore, RecordingTransport
from tests.workbooks import SOUND

Edit = Callable[[MemoryWorkbook], None]
MINUTES = timedelta(minutes=10)


class Office:
    """A workbook with people at work, and the bot."""

    def __init__(self, kept: Kept | None = None) -> None:
        self.book, self.store, self.kept = workbook_of_two(), MemoryStore(), kept
        self.transport = RecordingTransport()

    def cycle(self, at: datetime) -> CycleReport:
        mailing = Mailing(WRITER, self.transport)
        return run_cycle(self.book, self.store, mailing, standing_clock(at), shipped=SHIPPED, kept=self.kept)

    def contents(self) -> dict[str, list[Any]]:
        return {title: self.book.rows(title) for title in self.book.titles}


SHIPPED = shipped_tables()
RESULTS = ("Kết quả", "Việc cần làm", "Dữ liệu đã xét")
DECLARED: list[Cell] = [1, 2, True, "x"]


def type_into(title: str, row: int, header: str, value: Cell) -> Edit:
    return lambda book: book.type(title, row, HEADERS.index(header) + 1, value)


def _some_edit(rng: random.Random) -> Edit:
    title, row = rng.choice(["mot", "hai"]), rng.randint(FIRST, FIRST + 4)
    edits: list[Edit] = [
        type_into(title, row, "Số CCCD", rng.choice(["079085000001", 79085000001, "079185000124", True, 1, None])),
        type_into(title, row, "Tình trạng tài khoản", rng.choice(["Chưa đăng ký", "Đã kích hoạt và đăng nhập", "x"])),
        type_into(title, row, "Họ và tên", rng.choice(["Trần Thị Mới", None])),
        type_into(title, row, rng.choice(RESULTS), rng.choice([None, "x"])),
        lambda book: book.type(title, 2, 3, DECLARED[rng.randrange(4)]),
        lambda book: book.insert_row(title, row, [SOUND.get(header) for header in HEADERS]),
        lambda book: book.delete_row(title, row),
        lambda book: book.type(tabs.SETTINGS, 4, 2, "Chiến dịch khác"),
        lambda book: book.type(tabs.REGISTRY, 2, 6, rng.choice([2, 3, "nhiều", None])),
        lambda book: book.type(tabs.RULES, 4, 2, rng.choice(["Bật", "Tắt", "Thử", "?"])),
        lambda book: book.type(tabs.DASHBOARD, 3, 3, "ghi đè"),
        lambda book: book.rename_tab(title, title),
    ]
    return rng.choice(edits)


def same_judged(one: Judged | None, other: Judged | None) -> None:
    assert (one is None) == (other is None)
    if one is None or other is None:
        return
    for name in ("standings", "total", "problems", "records", "losses", "trials", "cross_unit_duplicates", "now"):
        assert getattr(one, name) == getattr(other, name), name
    for name in ("people", "findings"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def _play(seed: int, cycles: int) -> None:
    rng = random.Random(seed)
    keeping, fresh, now = Office(Kept()), Office(), THURSDAY
    for number in range(cycles):
        now += rng.choice([MINUTES, MINUTES, timedelta(hours=2), timedelta(days=1)])
        for _ in range(rng.choice([0, 0, 0, 1, 2])):
            edit = _some_edit(rng)
            state = rng.getstate()
            edit(keeping.book)
            rng.setstate(state)
            edit(fresh.book)
        one, other = keeping.cycle(now), fresh.cycle(now)
        where = f"seed {seed}, cycle {number}"
        same_judged(one.judged, other.judged)
        assert one.problems == other.problems, where
        assert keeping.contents() == fresh.contents(), where
        assert keeping.transport.sent == fresh.transport.sent, where


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_kept_results_are_those_from_scratch(seed: int) -> None:
    _play(seed, 12)


@pytest.mark.slow
def test_kept_results_are_those_from_scratch_over_fifty_cycles() -> None:
    _play(99, 50)


def judgements(office: Office, at: datetime) -> object:
    """What judging makes anew, whereas people's own table may be that of the look before."""
    judged = office.cycle(at).judged
    return None if judged is None else judged.marks


def test_where_nothing_changed_nothing_is_judged_again() -> None:
    office, now = Office(Kept()), THURSDAY
    for _ in range(3):  # results written, figures remembered
        now += MINUTES
        settled = judgements(office, now)
    assert judgements(office, now + MINUTES) is settled


@pytest.mark.parametrize(
    "edit",
    [
        type_into("mot", FIRST, "Họ và tên", "Trần Thị Mới"),
        lambda book: book.type(tabs.RULES, 4, 2, "Tắt"),
        lambda book: book.type(tabs.REGISTRY, 2, 6, 9),
        lambda book: book.rename_tab("mot", "Khoa khác"),
        lambda book: book.add_tab("Bản sao", book.rows("mot")),
    ],
)
def test_what_people_change_is_judged_again(edit: Edit) -> None:
    office, now = Office(Kept()), THURSDAY
    for _ in range(3):
        now += MINUTES
        settled = judgements(office, now)
    edit(office.book)
    assert judgements(office, now + MINUTES) is not settled


def test_another_day_is_judged_again() -> None:
    office = Office(Kept())
    for number in range(3):
        settled = judgements(office, THURSDAY + number * MINUTES)
    assert judgements(office, THURSDAY + timedelta(days=1)) is not settled
