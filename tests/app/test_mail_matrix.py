"""Every point between deciding on a mail and noting that it went × what can go wrong there, and then recovery.

Nothing is lost, nothing comes twice outside the one window (taken by the server, and not noted by us), and nothing
says what held ten minutes ago. What may have come is told as that.
"""

from __future__ import annotations

import multiprocessing
import pickle
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from automation.adapters.mail.transport import SmtpTransport
from automation.adapters.store.store import SqliteStore
from automation.app.clock import standing_clock
from automation.app.cycle import run_cycle
from automation.app.mailing import Mailing
from automation.base.errors import TccbError, WorkbookUnavailable
from automation.core.config import tabs
from automation.core.model.mail import Mail, MailState
from automation.core.model.workbook import CellChange, Snapshot, WriteOutcome
from tests.app.department import WRITER, Department
from tests.app.mail_server import COMMANDS, MailServer
from tests.certificates import untrusted_server
from tests.fakes import MemoryWorkbook
from tests.faults import Fault, die, exit_code_of
from tests.patience import HANG_SECONDS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX"),
]
UNITS = 3
MORNING = datetime(2023, 4, 20, 8)
WRITES = ("results", "announcement", "outcomes")
"""What a cycle that mails writes into the workbook, in its order."""
Act = Callable[[], None]


class KeptWorkbook(MemoryWorkbook):
    """A workbook that outlives its process, and does something at a write."""

    place: Path
    acts: dict[tuple[str, str], Act]
    """(which write, "before" or "after" its effect) -> what happens then."""
    number = 0

    def write(self, changes: Sequence[CellChange], basis: Snapshot, *, look: bool = True) -> WriteOutcome:
        which = WRITES[self.number] if self.number < len(WRITES) else ""
        self.number += 1
        self.acts.get((which, "before"), _nothing)()
        outcome = super().write(changes, basis, look=look)
        self.keep()
        self.acts.get((which, "after"), _nothing)()
        return outcome

    def keep(self) -> None:
        beside = self.place.with_suffix(".new")
        beside.write_bytes(pickle.dumps((self._sheets, self._revision)))
        beside.replace(self.place)

    def take_up(self) -> None:
        self._sheets, self._revision = pickle.loads(self.place.read_bytes())


def _nothing() -> None:
    """Nothing goes wrong."""


class WatchedTransport(SmtpTransport):
    """Does something where a mail is noted: before its content goes, and once it has gone."""

    before: Act = staticmethod(_nothing)
    after: Act = staticmethod(_nothing)

    def send(self, mail: Mail, message_id: str, queued_at: datetime, before_content: Act = _nothing) -> None:
        def before() -> None:
            self.before()
            before_content()

        super().send(mail, message_id, queued_at, before)
        self.after()


class WatchedStore(SqliteStore):
    """Does something around the transaction that queues."""

    acts: dict[str, Act]

    def transaction(self, now: datetime) -> Any:
        self.acts.get("before the outbox", _nothing)()
        return super().transaction(now)

    def due_mails(self, *arguments: Any) -> Any:
        found = super().due_mails(*arguments)
        if found:
            self.acts.get("after the outbox", _nothing)()
        return found


class MailFault(Fault, frozen=True):
    """One between deciding on a mail and noting that it went."""

    @property
    def in_the_window(self) -> bool:
        """Whether the server has a mail of which we have noted nothing."""
        taken = self.point == "content" and self.what in ("cut after effect", "silence", "kill")
        return taken or self.point == "noting"

    @property
    def freezes(self) -> bool:
        """Whether we have to think that the server has it: the late try says what the first one said."""
        return self.point == "content" and self.what == "cut"

    @property
    def leaves_a_line(self) -> bool:
        """Whether the workbook alone is left, and says that a mail was about to go, or may have gone."""
        points = ("announcement after", "outcomes before", "noting the content", "noting", "content")
        return self.state_gone and (self.kills or self.point in points)


LATER = (timedelta(), timedelta(hours=-1), timedelta(hours=1))


def faults() -> Iterator[MailFault]:
    """Each point × what can go wrong there × what else may be so when the next cycle begins."""
    noted = ("noting the content", "noting")
    points = ("before the outbox", "after the outbox", *COMMANDS[:-1], *noted, *(f"{w} before" for w in WRITES))
    here = [(point, "kill") for point in (*points, *(f"{which} after" for which in WRITES))]
    here += [(f"{which} {moment}", "unavailable") for which in WRITES for moment in ("before", "after")]
    here += [(command, what) for command in COMMANDS for what in ("cut", "silence", "4xx", "5xx")]
    here += [("content", "cut after effect"), ("connect", "certificate refused"), ("nowhere", "nothing")]
    here += [(point, "disk full") for point in ("before the outbox", "after the outbox", *noted)]
    for point, what in here:
        yield from (MailFault(point, what, clock=moved) for moved in LATER)
        yield MailFault(point, what, state_gone=True)


class Trial:
    """A department, a server and one fault."""

    def __init__(self, folder: Path, server: MailServer, fault: MailFault) -> None:
        self.folder, self.server, self.fault = folder, server, fault
        made = Department(folder, UNITS)
        made.store.close()
        made.set("Bản tổng hợp", "không gửi")
        for unit in made.units:  # nothing for the admin to do, whose mail would be the first
            for header, value in (("Đầu mối", "An"), ("Thủ trưởng", "Bình"), ("Email thủ trưởng", "head@example.org")):
                made.register(unit, header, value)
        self.department = made
        self.place = folder / "workbook"
        self.hit = False
        self.done = 0
        self.stale = 0
        self._keep(made.book)

    def _keep(self, book: MemoryWorkbook) -> None:
        kept = KeptWorkbook()
        kept.place, kept._sheets, kept._revision = self.place, book._sheets, book._revision
        kept.keep()

    def book(self) -> KeptWorkbook:
        book = KeptWorkbook(address="so.xlsx")
        book.place, book.acts = self.place, {}
        book.take_up()
        return book

    def people_work(self) -> None:
        """A unit gets somebody done, so that figures of before can be told from those of now."""
        self.done += 1
        book = self.book()
        self.department.book = book
        for unit in self.department.units:
            self.department.enter(unit, done=self.done % 4)
        book.keep()

    def first_cycle(self) -> None:
        self.people_work()
        if self.fault.point in COMMANDS and self.fault.what != "certificate refused":
            self.server.misbehave = self._misbehave
            self.server.takes_first = self.fault.what in ("cut after effect", "silence", "kill")
        if self.fault.kills:
            assert exit_code_of(self._cycle, MORNING) == -signal.SIGKILL, self.fault
            while self.server.open:
                time.sleep(0.001)
        else:
            self._cycle(MORNING)

    def _cycle(self, now: datetime, *, with_fault: bool = True) -> None:
        book, url = self.book(), f"smtp://127.0.0.1:{self.server.port}"
        store = WatchedStore(self.folder / "state" / "state.sqlite3", seconds=lambda: 0.0)
        store.acts, silent = {}, 0.3
        transport = WatchedTransport(url, answer_seconds=silent, taken_seconds=silent)
        with ExitStack() as meanwhile:
            if with_fault and self.fault.what == "certificate refused":
                port = meanwhile.enter_context(untrusted_server(self.folder))
                transport = WatchedTransport(f"smtps://127.0.0.1:{port}", answer_seconds=HANG_SECONDS)
            if with_fault:
                self._arrange(book, store, transport)
            mailing = Mailing(WRITER, transport)
            meanwhile.callback(store.close)
            try:
                run_cycle(book, store, mailing, standing_clock(now))
            except TccbError:
                assert with_fault
            if with_fault and self.fault.what == "certificate refused":
                assert {"chứng chỉ" in each.error for each in store.mail_history() if each.attempts} == {True}

    def _arrange(self, book: KeptWorkbook, store: WatchedStore, transport: WatchedTransport) -> None:
        point, what = self.fault.point, self.fault.what
        act = _ACTS.get(what, _nothing)
        which, _, moment = point.rpartition(" ")
        if which in WRITES:
            book.acts[which, moment] = act
        elif point == "noting the content":
            transport.before = act
        elif point == "noting":
            transport.after = act
        elif point == "before the outbox" and what == "disk full":
            # No page more than an empty store has.
            with store.transaction(MORNING - timedelta(minutes=1)):
                pass
            pages = store._database.rows("PRAGMA page_count")[0][0]
            store._database.rows(f"PRAGMA max_page_count = {pages}")
        elif point.endswith("the outbox"):
            store.acts[point] = act

    def _misbehave(self, command: str) -> bytes | str | None:
        """Once, at the fault's point."""
        if self.hit or command != self.fault.point:
            return None
        self.hit = True
        what = self.fault.what
        if what == "kill":
            for child in multiprocessing.active_children():
                child.kill()
            return "silence"
        answers: dict[str, bytes | str] = {"4xx": b"451 later", "5xx": b"550 no", "silence": "silence"}
        return answers.get(what, "cut")

    def recover(self) -> None:
        """Cycles as they come: today, with the late try, and tomorrow."""
        self.server.misbehave = lambda _command: None
        if self.fault.state_gone:
            shutil.rmtree(self.folder / "state", ignore_errors=True)
        for minutes in (5, 30, 75, 255, 270, 480):
            known = {each.message_id for each in self.server.taken}
            before = len(self.server.taken)
            self.people_work()
            self._cycle(MORNING + timedelta(minutes=minutes) + self.fault.clock, with_fault=False)
            to_units = [each for each in self.server.taken[before:] if each.to[0].startswith("d0")]
            for each in to_units:
                self.stale += f"({self.done % 4}/4 người hoàn thành)" not in each.text and each.message_id not in known

    def outcome(self) -> Outcome:
        """What came of it for the units."""
        to = {f"{unit}@example.org": unit for unit in self.department.units}
        copies = Counter(to[address] for each in self.server.taken for address in each.to if address in to)
        ids: dict[str, set[str]] = {}
        for each in self.server.taken:
            for address in each.to:
                ids.setdefault(to.get(address, ""), set()).add(each.message_id)
        store = SqliteStore(self.folder / "state" / "state.sqlite3")
        states = {record.unit: record.state for record in store.mail_history() if record.unit}
        store.close()
        told = {unit for unit, state in states.items() if state in (MailState.UNSURE, MailState.FAILED)}
        return Outcome(
            lost=sum(not copies[unit] and unit not in told for unit in self.department.units),
            told_of=len(told),
            twice=sum(count > 1 for count in copies.values()),
            most=max(copies.values(), default=0),
            other_names=sum(len(ids.get(unit, ())) > 1 for unit in self.department.units),
            stale=self.stale,
            lines=[str(line["Kết quả"]) for line in self._lines() if line["Mã"]],
        )

    def _lines(self) -> list[dict[str, object]]:
        headers, *lines = self.book().rows(tabs.MAILS)
        return [dict(zip(map(str, headers), [*line, *[None] * 10], strict=False)) for line in lines if any(line)]


def _raise(error: Exception) -> Act:
    def act() -> None:
        raise error

    return act


_ACTS = {"kill": die, "unavailable": _raise(WorkbookUnavailable("")), "disk full": _raise(TccbError(""))}
"""A full disk is told by the store in an error of ours."""


class Outcome(Struct, frozen=True):
    """Units, but for `most` and `stale`."""

    lost: int
    told_of: int
    """Of whose mail it is said that it may have come, or was refused."""
    twice: int
    most: int
    """Copies of one mail."""
    other_names: int
    """That got copies under different Message-IDs."""
    stale: int
    """Mails with figures of before."""
    lines: list[str]


@pytest.mark.parametrize("fault", [*faults()], ids=str)
def test_a_fault_and_then_recovery(fault: MailFault, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with MailServer().listening() as server:
        trial = Trial(tmp_path, server, fault)
        trial.first_cycle()
        trial.recover()
        found = trial.outcome()
    with capsys.disabled():
        print(f"\n  {fault!s:60} lost {found.lost}, told of {found.told_of}, twice {found.twice}", end="")
    assert (found.lost, found.other_names) == (0, 0)
    assert found.stale <= int(fault.freezes)
    assert found.twice <= int(fault.in_the_window)
    assert found.most <= 2
    assert "đang gửi" not in found.lines
    refused = fault.what == "5xx" and fault.point in ("RCPT", "DATA", "content")
    assert found.told_of == 0 or refused or fault.in_the_window or fault.leaves_a_line
