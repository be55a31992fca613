"""kill -9 at every step between deciding on a mail and noting that it is sent, hundreds of times."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from msgspec import Struct, field

from automation.core.model.mail import MailState
from tests.adapters.mail.test_transport import free_port
from tests.adapters.store.places import StorePlace
from tests.app.kill_worker import UNITS, work
from tests.patience import HANG_SECONDS
from tests.postgres import needs_postgres, postgres_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX"),
]

AT_RANDOM = {"sqlite": 400, "postgresql": 60}
"""Kills after a random time, besides those at each SQL statement and at each SMTP command; to reach a server takes a
process longer.
"""
COMMANDS = ("EHLO", "MAIL", "RCPT", "DATA", "QUIT")
SEED = 20230411


class Office(Struct):
    """A mail server that counts what it took, and may kill its client at a command."""

    copies: Counter[str] = field(default_factory=Counter)
    """Message-ID -> how often it was taken"""
    at_command: Callable[[str], None] = lambda _command: None

    async def handle_EHLO(
        self, _server: SMTP, session: Any, _envelope: Any, name: str, answers: list[str]
    ) -> list[str]:
        session.host_name = name
        self.at_command("EHLO")
        return answers

    async def handle_MAIL(self, *call: Any) -> str:
        self.at_command("MAIL")
        call[2].mail_from = call[3]
        return "250 OK"

    async def handle_RCPT(self, *call: Any) -> str:
        self.at_command("RCPT")
        call[2].rcpt_tos.append(call[3])
        return "250 OK"

    async def handle_DATA(self, *call: Any) -> str:
        self.copies[str(message_from_bytes(call[2].content)["Message-ID"])] += 1
        self.at_command("DATA")
        return "250 OK"

    async def handle_QUIT(self, *_call: Any) -> str:
        self.at_command("QUIT")
        return "221 Bye"


class CountingController(Controller):
    """Knows how many connections are open, so that one can wait until the server has seen all of a dead client."""

    open = 0

    def factory(self) -> SMTP:
        controller = self

        class Counted(SMTP):
            def connection_made(self, transport: Any) -> None:
                controller.open += 1
                super().connection_made(transport)

            def connection_lost(self, error: Exception | None) -> None:
                controller.open -= 1
                super().connection_lost(error)

        return Counted(self.handler, **self.SMTP_kwargs)


class Campaign:
    """Runs workers one after the other on the same store, kills most of them, and keeps the account."""

    def __init__(self, place: StorePlace, office: Office, server: CountingController) -> None:
        self.place = place
        self.office = office
        self.server = server
        self.kills = Counter[str]()
        self.hits = Counter[str]()
        """Kills after which a mail had been taken and was not noted."""
        self.rounds = count(1)
        self.decided: set[str] = set()
        """Keys of mails whose decision was once committed."""
        self._in_the_window: set[tuple[str, int]] = set()
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["tests.app.kill_worker", "automation.adapters.store.schema", "psycopg"])

    def run(
        self,
        kind: str,
        kill: Callable[[BaseProcess], None] | None = None,
        statement: int | None = None,
        hours: int = 0,
    ) -> bool:
        """One worker; says whether it died. `kill` ends it from outside, `statement` from inside."""
        arguments = (self.place.told, self.server.port, next(self.rounds), statement, hours)
        process = self._processes.Process(target=work, args=arguments)
        process.start()
        if kill:
            kill(process)
        process.join(HANG_SECONDS)
        self._until_the_server_is_idle()
        if process.exitcode == 0:
            return False
        assert process.exitcode == -signal.SIGKILL
        self._note(kind)
        return True

    def run_killed_at_command(self, command: str, number: int) -> None:
        """Killed when the server sees the n-th such command."""
        numbers = count(1)

        def kill(process: BaseProcess) -> None:
            self.office.at_command = lambda seen: (
                process.kill() if seen == command and next(numbers) == number else None
            )

        self.run(f"SMTP {command}", kill)
        self.office.at_command = lambda _command: None

    def duplicates(self) -> int:
        return sum(copies - 1 for copies in self.office.copies.values())

    def _note(self, kind: str) -> None:
        store = self.place.open()
        records = store.mail_history()
        store.close()
        self.decided |= {record.key for record in records}
        open_ = {record.message_id for record in records if record.state in (MailState.QUEUED, MailState.UNSURE)}
        taken = open_ & set(self.office.copies)
        in_the_window = {(message_id, self.office.copies[message_id]) for message_id in taken}
        self.kills[kind] += 1
        # A mail that was hit stays so until a worker lives long enough to send it again.
        self.hits[kind] += len(in_the_window - self._in_the_window)
        self._in_the_window = in_the_window

    def _until_the_server_is_idle(self) -> None:
        deadline = time.monotonic() + HANG_SECONDS
        while self.server.open:
            assert time.monotonic() < deadline
            time.sleep(0.001)


def killer_after(seconds: float) -> Callable[[BaseProcess], None]:
    def kill(process: BaseProcess) -> None:
        time.sleep(seconds)
        process.kill()

    return kill


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorePlace]:
    if request.param == "sqlite":
        yield StorePlace(tmp_path / "state.sqlite3")
        return
    with postgres_server() as server:
        yield StorePlace((server.url, "killed"))


@pytest.fixture
def campaign(place: StorePlace) -> Iterator[Campaign]:
    office = Office()
    server = CountingController(office, hostname="127.0.0.1", port=free_port())
    server.start()
    yield Campaign(place, office, server)
    server.stop()


def test_no_mail_is_lost_and_none_repeated_but_in_the_one_unavoidable_window(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    at_random = AT_RANDOM["sqlite" if isinstance(campaign.place.where, Path) else "postgresql"]
    for statement in count(1):
        if not campaign.run("SQL statement", statement=statement):
            break
    for command in COMMANDS:
        for number in range(1, 4 if command in ("MAIL", "RCPT", "DATA") else 2):
            campaign.run_killed_at_command(command, number)
    random, started = Random(SEED), time.monotonic()
    campaign.run("none")
    usual = time.monotonic() - started
    while campaign.kills["random moment"] < at_random:
        campaign.run("random moment", killer_after(random.uniform(0, usual)))
    assert not campaign.run("none")
    assert not campaign.run("none", hours=5)  # what may have arrived goes once more

    store = campaign.place.open()
    records = store.mail_history()
    store.close()
    assert {record.key for record in records} >= campaign.decided
    assert {record.state for record in records} == {MailState.SENT}
    # Every mail arrived, under one Message-ID; whatever came more than once came from the window.
    assert set(campaign.office.copies) == {record.message_id for record in records}
    assert campaign.duplicates() == campaign.hits.total()
    repeated = {message_id for message_id, copies in campaign.office.copies.items() if copies > 1}
    assert repeated <= {record.message_id for record in records if record.interrupted}
    assert campaign.kills.total() >= at_random + len(UNITS) * len(COMMANDS)
    with capsys.disabled():
        print(f"\n{campaign.kills.total()} kills, {len(records)} mails, {campaign.duplicates()} repeated")
        for kind, kills in campaign.kills.items():
            print(f"  {kind:14} {kills:4} kills, {campaign.hits[kind]:3} in the window")
