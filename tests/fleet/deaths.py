"""kill -9 to workers of a fleet at the moment at which a mail of theirs is on its way."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from tests.fleet.machines import Fleet

AT = ("MAIL", "RCPT", "DATA", "content")
"""Commands of a mail at which a worker may die. Its server takes what it has got, so that one killed at the content
leaves a mail that has come and is not noted: the one window.
"""
LATEST = 8
"""Commands of those that a worker may live through."""


class DeathsAtMails:
    """Each worker has a mail server of its own, which kills it at one of its mails."""

    def __init__(self, fleet: Fleet, concurrency: int, most: int, mail_seconds: float) -> None:
        """`most`: how many die. `mail_seconds`: how long the server takes over each mail."""
        self._fleet, self._concurrency, self._most, self._mail_seconds = fleet, concurrency, most, mail_seconds
        self._chance = random.Random(20)
        self._lives: dict[int, int] = {}
        self._lock = threading.Lock()
        self.at = Counter[str]()
        """How many died at which command."""

    def server_of(self, number: int) -> None:
        """Set up that of a worker, before it starts."""
        self._lives[number] = self._life()
        self._fleet.new_office(f"m{number}").misbehave = partial(self._answer, number)

    def replace_the_dead(self) -> None:
        """Another worker in the place of each that is no more."""
        for number, worker in enumerate(self._fleet.workers):
            if worker.poll() is not None:
                self._lives[number] = self._life()
                self._fleet.replace_worker(number, self._concurrency)

    def end(self) -> None:
        """Nobody dies any more."""
        self._most = 0

    def _life(self) -> int:
        return self._chance.randint(1, LATEST)

    def _answer(self, number: int, command: str) -> None:
        if command == "DATA":
            time.sleep(self._mail_seconds)
        if command not in AT or self.at.total() >= self._most:
            return
        self._lives[number] -= 1
        worker = self._fleet.workers[number]
        with self._lock:  # several of its workbooks may be at a mail
            if self._lives[number] <= 0 and worker.poll() is None:
                worker.kill()
                worker.wait()
                self.at[command] += 1


def slow(seconds: float) -> Callable[[str], None]:
    """A mail server that takes so long over each mail."""
    return lambda command: time.sleep(seconds) if command == "DATA" else None
