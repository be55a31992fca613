"""`RunLog` in the store's database: the tables `run` and `problem`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.json import Decoder, encode

from automation.adapters.store.database import Database
from automation.core.model.problems import Problem
from automation.core.model.runs import OpenProblem, RunRecord

RUNS_KEPT = 2_000
"""More than a day of cycles, one a minute."""
_RUN = Decoder(RunRecord)
_PROBLEM = Decoder(Problem)


class KeptRuns:
    """What is kept of cycles. Asking where nothing was ever written finds nothing and creates nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note_run(self, run: RunRecord, problems: Sequence[Problem] | None) -> None:
        """See `RunLog`."""
        with self._database.transaction():
            self._database.rows("INSERT INTO run (record) VALUES (:run)", {"run": encode(run).decode()})
            self._database.rows("DELETE FROM run WHERE id <= (SELECT max(id) FROM run) - :kept", {"kept": RUNS_KEPT})
            if problems is not None:
                self._keep(problems, run.started_at)

    def _keep(self, problems: Sequence[Problem], now: datetime) -> None:
        known: dict[str, str] = dict(self._database.rows("SELECT found, since FROM problem"))
        found = dict.fromkeys(encode(each).decode() for each in problems)
        self._database.rows("DELETE FROM problem")
        for each in found:
            self._database.rows(
                "INSERT INTO problem (found, since) VALUES (:found, :since)",
                {"found": each, "since": known.get(each, now.isoformat())},
            )

    def runs(self, most: int) -> list[RunRecord]:
        """See `RunLog`."""
        if self._database.is_empty:
            return []
        rows = self._database.rows("SELECT record FROM run ORDER BY id DESC LIMIT :most", {"most": most})
        return [self._database.decoded(_RUN.decode, record) for (record,) in rows]

    def open_problems(self) -> list[OpenProblem]:
        """See `RunLog`."""
        if self._database.is_empty:
            return []
        rows = self._database.rows("SELECT found, since FROM problem ORDER BY since, place")
        return [self._database.decoded(_open_of, row) for row in rows]


def _open_of(row: tuple[str, str]) -> OpenProblem:
    return OpenProblem(_PROBLEM.decode(row[0]), datetime.fromisoformat(row[1]))
