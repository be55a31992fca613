"""What nobody foresaw in one unit makes that unit unknown; the others go on, whatever the step it comes up in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, overload

import pytest
from msgspec import Struct
from msgspec.structs import replace

from automation.adapters.mail.writer import MailWriter, WrittenMail
from automation.app.clock import standing_clock
from automation.app.crash_log import FILE_NAME, note_mistakes
from automation.app.cycle import CycleReport, check, run_cycle
from automation.app.exit_status import ExitStatus
from automation.app.mailing import Mailing
from automation.app.manual_mails import Clerk, ManualOutcome, ManualRequest, remind
from automation.cli.mail_report import exit_status as by_hand_status
from automation.cli.report import exit_status
from automation.core.config.values import Config
from automation.core.judging.judged import Judged
from automation.core.judging.judging import Stages, judge
from automation.core.mail.desk import MailFigures
from automation.core.model.mail import NO_CUSTOM_TEXTS, CustomTexts
from automation.core.model.workbook import Row, Snapshot, Tab
from tests.app.test_cycle import FIRST, RESULT, THURSDAY, workbook_of_two
from tests.fakes import MemoryWorkbook
from tests.fakes_store import MemoryStore, RecordingTransport
from tests.workbooks import NOW, SOUND, config_with, unit_line, unit_tab

CODES = ("mot", "hai", "ba", "bon")
CONFIG = config_with([unit_line(code) for code in CODES])


class Unforeseen(Exception):
    """Raised on purpose."""


# Stages of judging


def workbook_of_four() -> Snapshot:
    return Snapshot(tuple(unit_tab(CONFIG, code, [SOUND, SOUND | {"Số CCCD": "1"}]) for code in CODES))


def _units_in(value: Any) -> set[str]:
    """The units that an argument of a stage speaks of."""
    if hasattr(value, "frame"):
        return set(value.frame["unit"])
    if hasattr(value, "tables"):
        return {table.unit for table in value.tables}
    return {table.unit for table in value} if isinstance(value, tuple) else set()


def raising_for(unit: str, stage: Callable[..., Any]) -> Callable[..., Any]:
    """The stage, except that it raises where the unit is among what it is given."""

    def work(first: Any, *others: Any) -> Any:
        if unit in _units_in(first):
            raise Unforeseen(unit)
        return stage(first, *others)

    return work


def raising_together(one: str, other: str, stage: Callable[..., Any]) -> Callable[..., Any]:
    def work(first: Any, *others: Any) -> Any:
        if {one, other} <= _units_in(first):
            raise Unforeseen(one)
        return stage(first, *others)

    return work


def locating_raises(unit: str) -> Callable[..., Any]:
    def work(snapshot: Snapshot, config: Config, left_out: Mapping[str, Any], *others: Any) -> Any:
        if unit not in left_out:
            raise Unforeseen(unit)
        return Stages().locate(snapshot, config, left_out, *others)

    return work


def _judged(stages: Stages) -> Judged:
    return judge(workbook_of_four(), CONFIG, {}, NOW, stages=stages)


def known_units(judged: Judged) -> list[str]:
    return [standing.code for standing in judged.standings if standing.known]


STAGES = Stages()
RAISING: Mapping[str, Stages] = {
    "locate": replace(STAGES, locate=locating_raises("hai")),
    "read": replace(STAGES, read_people=raising_for("hai", STAGES.read_people)),
    "find": replace(STAGES, find=raising_for("hai", STAGES.find)),
    "decide": replace(STAGES, decide=raising_for("hai", STAGES.decide)),
    "verdicts": replace(STAGES, verdicts=raising_for("hai", STAGES.verdicts)),
    "standings": replace(STAGES, standings=raising_for("hai", STAGES.standings)),
}


@pytest.mark.parametrize("stage", RAISING)
def test_a_unit_that_raises_in_a_stage_is_unknown_and_named(stage: str) -> None:
    judged = _judged(RAISING[stage])
    assert known_units(judged) == ["mot", "ba", "bon"]
    assert [(mistake.unit, type(mistake.error)) for mistake in judged.mistakes] == [("Đơn vị hai", Unforeseen)]
    assert [problem.where for problem in judged.problems if problem.needs_person] == ["Đơn vị hai"]
    assert {each.code for each in judged.records} == {"mot", "ba", "bon"}


def test_the_others_are_judged_as_without_it() -> None:
    clean, judged = _judged(STAGES), _judged(RAISING["find"])
    of_others = clean.people[clean.people["unit"] != "hai"].drop(columns="row").to_numpy().tolist()
    assert judged.people.drop(columns="row").to_numpy().tolist() == of_others


def test_of_two_units_that_raise_only_together_one_goes_on() -> None:
    judged = _judged(replace(STAGES, find=raising_together("hai", "bon", STAGES.find)))
    assert known_units(judged) == ["mot", "hai", "ba"]


def test_what_raises_without_any_unit_is_no_units_fault() -> None:
    def find(*_: Any) -> Any:
        raise Unforeseen

    with pytest.raises(Unforeseen):
        _judged(replace(STAGES, find=find))


# A whole cycle


class Accesses(Struct):
    """How often rows may still be looked at before that raises."""

    left: int

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Unforeseen


class FailingRows(Sequence[Row]):
    """Rows of a tab that can be looked at so many times."""

    def __init__(self, rows: Sequence[Row], accesses: Accesses) -> None:
        self._rows, self._accesses = rows, accesses

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...
    def __getitem__(self, place: Any) -> Any:
        self._accesses.spend()
        return self._rows[place]

    def __iter__(self) -> Iterator[Row]:
        self._accesses.spend()
        return iter(self._rows)


class FailingWorkbook:
    """The workbook, except that the rows of one tab fail after some looks."""

    def __init__(self, real: MemoryWorkbook, title: str, accesses: Accesses) -> None:
        self._real, self._title, self._accesses = real, title, accesses

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def read(self, *, look_around: bool = False) -> Snapshot:
        snapshot = self._real.read(look_around=look_around)
        return replace(snapshot, tabs=tuple(map(self._failing, snapshot.tabs)))

    def _failing(self, tab: Tab) -> Tab:
        return replace(tab, rows=FailingRows(tab.rows, self._accesses)) if tab.title == self._title else tab


def cycle_with(book: MemoryWorkbook, looks: int) -> tuple[CycleReport, Accesses]:
    accesses = Accesses(looks)
    failing: Any = FailingWorkbook(book, "hai", accesses)
    return run_cycle(
        failing, MemoryStore(), Mailing(MailWriter(), RecordingTransport()), standing_clock(THURSDAY)
    ), accesses


def looks_of_a_sound_cycle(rows: Mapping[str, Sequence[Row]]) -> int:
    found, accesses = cycle_with(MemoryWorkbook(rows), 10_000)
    assert not found.mistakes
    return 10_000 - accesses.left


def all_rows(book: MemoryWorkbook) -> dict[str, Sequence[Row]]:
    return {tab.title: tab.rows for tab in book.read().tabs}


@pytest.mark.slow
def test_wherever_a_tab_fails_in_a_cycle_the_other_unit_gets_its_results() -> None:
    rows = all_rows(workbook_of_two())
    looks = looks_of_a_sound_cycle(rows)
    assert looks > 8
    for number in range(looks):
        other = MemoryWorkbook(rows)
        found, _ = cycle_with(other, number)
        assert other.cell("mot", FIRST, RESULT) == "Hoàn thành", number
        assert any("Đơn vị hai" in problem.where for problem in found.problems), number
        assert {type(error) for error in found.mistakes} == {Unforeseen}, number
        assert exit_status(found.problems) == 1


class WriterThatFailsFor(MailWriter):
    """Cannot put the mails of one unit into texts."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def write(self, kind: str, figures: MailFigures, texts: CustomTexts = NO_CUSTOM_TEXTS) -> WrittenMail:
        if getattr(figures, "unit", "") == self._name:
            raise Unforeseen
        return super().write(kind, figures, texts)


def test_a_letter_that_cannot_be_written_keeps_no_other_from_going() -> None:
    transport = RecordingTransport()
    mailing = Mailing(WriterThatFailsFor("Đơn vị hai"), transport)
    found = run_cycle(workbook_of_two(), MemoryStore(), mailing, standing_clock(THURSDAY))
    assert {mail.unit for mail in transport.sent} == {"mot", ""}
    assert [problem.where for problem in found.problems if "thư" in problem.what] == ["Đơn vị hai"]
    assert [type(error) for error in found.mistakes] == [Unforeseen]


def by_hand(book: MemoryWorkbook, mailing: Mailing, folder: Path, *, send: bool) -> ManualOutcome:
    return remind(Clerk(book, MemoryStore(), mailing, standing_clock(THURSDAY), folder), ManualRequest(send=send))


def behind() -> MemoryWorkbook:
    """Two units that have to be reminded."""
    other = all_rows(workbook_of_two())
    for code in ("mot", "hai"):
        rows = [list(row) for row in other[code]]
        stage = rows[2].index("Tình trạng tài khoản")
        rows[3][stage] = "Đã đăng ký, chờ duyệt"
        other[code] = rows
    return MemoryWorkbook(other)


@pytest.mark.parametrize("send", [False, True])
def test_a_letter_asked_for_that_cannot_be_written_keeps_no_other_from_going(tmp_path: Path, send: bool) -> None:
    mailing = Mailing(WriterThatFailsFor("Đơn vị hai"), RecordingTransport())
    found = by_hand(behind(), mailing, tmp_path, send=send)
    assert [each.mail.unit for each in found.prepared] == ["mot"]
    assert len(found.files) == (0 if send else 1)
    assert found.queued == (1 if send else 0)
    assert [(each.unit, type(each.error)) for each in found.mistakes] == [("Đơn vị hai", Unforeseen)]
    assert by_hand_status(found) == ExitStatus.NEEDS_PERSON


def test_a_letter_asked_for_whose_figures_cannot_be_made_keeps_no_other_from_going(tmp_path: Path) -> None:
    other = BookWithoutLinkTo(all_rows(behind()))
    other.failing = next(tab.key for tab in other.read().tabs if tab.title == "hai")
    found = by_hand(other, Mailing(MailWriter(), RecordingTransport()), tmp_path, send=False)
    assert [each.mail.unit for each in found.prepared] == ["mot"]
    assert [each.unit for each in found.mistakes] == ["Đơn vị hai"]


class BookWithoutLinkTo(MemoryWorkbook):
    """Cannot make links into one tab."""

    failing: str = ""

    def link(self, tab: str, cells: str) -> str:
        if tab == self.failing:
            raise Unforeseen
        return super().link(tab, cells)


def test_a_letter_whose_figures_cannot_be_made_keeps_no_other_from_going() -> None:
    other = BookWithoutLinkTo(all_rows(workbook_of_two()))
    other.failing = next(tab.key for tab in other.read().tabs if tab.title == "hai")
    transport = RecordingTransport()
    found = run_cycle(other, MemoryStore(), Mailing(MailWriter(), transport), standing_clock(THURSDAY))
    assert {mail.unit for mail in transport.sent} == {"mot", ""}
    assert [problem.where for problem in found.problems if "thư" in problem.what] == ["Đơn vị hai"]


def test_check_names_the_unit_too() -> None:
    failing: Any = FailingWorkbook(workbook_of_two(), "hai", Accesses(0))
    found = check(failing, MemoryStore(), standing_clock(THURSDAY))
    assert len(found.mistakes) == 1
    assert any("Đơn vị hai" in problem.where for problem in found.problems)


def test_the_log_says_where_it_happened_and_nothing_of_the_workbook(tmp_path: Path) -> None:
    numbers = count()
    try:
        raise Unforeseen(f"Nguyễn Văn An {next(numbers)}")
    except Unforeseen as error:
        note_mistakes([error, error], tmp_path)
    log = (tmp_path / FILE_NAME).read_text("utf-8")
    assert log.count("Unforeseen") == 4  # the line that raises, and its kind
    assert "An 0" not in log
