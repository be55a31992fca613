"""Bots on machines of their own, with clocks of their own, on one spreadsheet of the emulator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from msgspec import Struct, field

from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.client import GoogleClient
from automation.adapters.google.api.credentials import Account
from automation.adapters.google.api.session import Answer, BoundedSession, Limits
from automation.adapters.google.api.sheets import GoogleApi
from automation.adapters.google.lease import GoogleLease
from automation.base.host_port import read_host_port
from automation.core.model.lease import Holder
from tests.emulator import Emulator, Spreadsheet

MINUTE = 60.0


class WorldTime(Struct):
    """What every clock goes by."""

    now: float = 1_790_000_000.0

    def pass_(self, seconds: float) -> None:
        self.now += seconds


class WatchedSession(BoundedSession):
    """Something may happen right before a request leaves, and right after it has been answered."""

    before: Callable[[str], None] = staticmethod(lambda _url: None)
    after: Callable[[str], None] = staticmethod(lambda _url: None)

    def ask(self, method: str, url: str, seconds: float, **content: Any) -> Answer:
        self.before(url)
        answer = super().ask(method, url, seconds, **content)
        self.after(url)
        return answer

    def another(self) -> BoundedSession:
        """The lease is watched with the rest."""
        return self


class Machine(Struct):
    """One state folder on one machine; each process of its bot has a lease object of its own."""

    name: str
    emulator: Emulator
    sheet: Spreadsheet
    time: WorldTime
    skew: float = 0.0
    """Seconds by which its clock is ahead."""
    _processes: Iterator[int] = field(default_factory=count)

    def session(self, limits: Limits | None = None) -> WatchedSession:
        return WatchedSession(Account(), read_host_port(self.emulator.host), limits=limits, clock=lambda: self.time.now)

    def api(self, session: BoundedSession | None = None) -> GoogleApi:
        throttle = Throttle(lambda: self.time.now, self.time.pass_)
        return GoogleApi(GoogleClient(session or self.session(), throttle=throttle, chance=lambda: 0.5))

    def lease(self, api: GoogleApi | None = None, *, takes_over: bool = False) -> GoogleLease:
        return GoogleLease(
            (api or self.api()).counted_apart(),
            self.sheet.id,
            Holder(f"owner of {self.name}", self.name),
            takes_over=takes_over,
            clock=lambda: self.time.now,
            own_time=lambda: self.time.now + self.skew,
            process=f"{self.name}-{next(self._processes)}-",
        )


@contextmanager
def spreadsheet_of_bots() -> Iterator[tuple[Emulator, Spreadsheet, WorldTime]]:
    """An emulator whose clock is the world's, and a spreadsheet."""
    time = WorldTime()
    with Emulator(clock=lambda: time.now) as emulator:
        yield emulator, emulator.new_spreadsheet({"Thư": [], "Kết quả": [["a"]]}), time
