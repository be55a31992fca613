"""Two machines, each with a state folder of its own, on one spreadsheet: every mail once, whatever happens to them.

Each bot does as the program does: it holds the lease, reads in the spreadsheet what was sent, renews the lease right
before mails, sends, and writes down what it has sent. Before and after each of its requests the other one may have its
turn, time passes (also minutes on end), answers get lost, and a bot may be killed; then it starts anew in its folder.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest
from msgspec import Struct, field

from automation.adapters.google.api.sheets import GoogleApi
from automation.adapters.google.lease import GoogleLease
from automation.base.errors import TccbError
from tests.adapters.google.bots import MINUTE, Machine, WorldTime, spreadsheet_of_bots
from tests.emulator import Emulator, Fault, Spreadsheet

MAILS = 10
TURNS = 200
SKEW = 300.0
RECORD = "Thư"


class Killed(BaseException):
    """Nothing of the process is left."""


class World(Struct):
    """What is true of the mails, whoever sent them."""

    emulator: Emulator
    sheet: Spreadsheet
    time: WorldTime
    chance: random.Random
    sent: list[tuple[str, int]] = field(default_factory=list)
    """(bot, mail), each time that one left."""
    in_window: Counter[int] = field(default_factory=Counter)
    """How often a mail had left and a bot ended, or was refused, before that was written down."""

    def written(self) -> set[int]:
        return {int(row[0]) for row in self.sheet.rows(RECORD) if row}


class Bot(Struct):
    """One machine with its state folder. Its processes come and go."""

    world: World
    machine: Machine
    other: Callable[[], None] = lambda: None
    """What may happen between two steps."""
    _api: GoogleApi | None = None
    _lease: GoogleLease | None = None

    def turn(self) -> None:
        """One cycle, of the process that is there or of a new one."""
        try:
            self._cycle()
        except Killed:
            self._api = self._lease = None
        except TccbError:
            pass

    def _start(self) -> tuple[GoogleApi, GoogleLease]:
        if self._api is None or self._lease is None:
            session = self.machine.session()
            session.before = session.after = lambda _url: self._step()
            self._api = self.machine.api(session)
            self._lease = self.machine.lease(self._api)
            self._api.http_client.ask_before_writing(self._lease.ensure)
        return self._api, self._lease

    def _step(self) -> None:
        """Between any two things: time passes, the other one works, or this is the end."""
        chance = self.world.chance
        self.world.time.pass_(chance.choice([0.1, 1.0, 5.0, 40.0, 200.0]))
        if chance.random() < 0.2:
            self.other()
        if chance.random() < 0.03:
            raise Killed

    def _cycle(self) -> None:
        api, lease = self._start()
        lease.ensure()
        book = api.spreadsheet(self.machine.sheet.id)
        written = {int(row[0]) for row in book.values_get(f"'{RECORD}'!A1:A100").get("values", []) if row}
        waiting = [mail for mail in range(1, MAILS + 1) if mail not in written]
        for place, mail in enumerate(waiting):
            self._step()
            lease.ensure(anew=place == 0)
            self.world.sent.append((self.machine.name, mail))
            self.world.in_window[mail] += 1
            self._step()
            data = {"range": f"'{RECORD}'!A{mail}", "values": [[str(mail)]]}
            book.values_batch_update({"valueInputOption": "RAW", "data": [data]})
            self.world.in_window[mail] -= 1
        if self.world.chance.random() < 0.1:
            lease.release()


def one_round(seed: int) -> World:
    """A day of two bots; ends when all mails are written down."""
    chance = random.Random(seed)
    with spreadsheet_of_bots() as (emulator, sheet, time):
        world = World(emulator, sheet, time, chance)
        emulator.dated = chance.random() < 0.8
        emulator.readings.update_without_match = chance.choice(["empty", "refused"])
        machines = [
            Machine(f"may-{number}", emulator, sheet, time, chance.uniform(-SKEW, SKEW) / 2) for number in (1, 2)
        ]
        bots = [Bot(world, machine) for machine in machines]
        busy = set[str]()
        for bot, its_other in zip(bots, reversed(bots), strict=True):
            bot.other = _in_turn(its_other, busy)
        for _ in range(TURNS):
            _spoil(emulator, chance)
            _in_turn(chance.choice(bots), busy)()
            time.pass_(chance.choice([5.0, MINUTE, 5 * MINUTE, 20 * MINUTE]))
            if len(world.written()) == MAILS:
                break
    return world


def _in_turn(bot: Bot, busy: set[str]) -> Callable[[], None]:
    """A turn of that bot, unless it is in the middle of one."""

    def turn() -> None:
        if bot.machine.name not in busy:
            busy.add(bot.machine.name)
            try:
                bot.turn()
            finally:
                busy.discard(bot.machine.name)

    return turn


def _spoil(emulator: Emulator, chance: random.Random) -> None:
    if chance.random() < 0.5:
        fault = chance.choice([Fault.RESET_AFTER, Fault.RESET_BEFORE, Fault.UNAVAILABLE_503, Fault.TRUNCATED_JSON])
        emulator.fail(chance.randint(1, 12), fault, times=chance.choice([1, 1, 2]), applied=chance.random() < 0.5)


def check(world: World) -> tuple[int, int]:
    """(mails that left twice, the window in which they may): the first is never more than the second."""
    times = Counter(mail for _, mail in world.sent)
    twice = {mail: count - 1 for mail, count in times.items() if count > 1}
    assert all(count <= world.in_window[mail] for mail, count in twice.items()), world.sent
    assert set(times) == set(range(1, MAILS + 1))
    return sum(twice.values()), sum(world.in_window.values())


@pytest.mark.parametrize("seed", range(8))
def test_no_mail_leaves_twice(seed: int) -> None:
    check(one_round(seed))


@pytest.mark.slow
def test_no_mail_leaves_twice_in_two_hundred_rounds(capsys: pytest.CaptureFixture[str]) -> None:
    twice = window = 0
    for seed in range(1000, 1200):
        found, open_ = check(one_round(seed))
        twice, window = twice + found, window + open_
    with capsys.disabled():
        print(f"\n200 rounds, {200 * MAILS} mails: {twice} twice, all of {window} in the window")


def test_without_a_lease_mails_leave_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rounds can tell: with a lease that everybody has, mails go out twice outside the window."""
    monkeypatch.setattr(GoogleLease, "ensure", lambda *_, **__: None)
    outside = 0
    for seed in range(8):
        with suppress(AssertionError):
            check(one_round(seed))
            continue
        outside += 1
    assert outside > 0
