"""What `tccb fleet` shows: a line a workbook."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from rich.table import Table

from automation.adapters.store.store import DatabaseStore
from automation.app.clock import Clock
from automation.app.exit_status import ExitStatus
from automation.base.errors import TccbError
from automation.base.messages import text
from automation.cli import screens
from automation.cli.fleet.accounts import AccountUse, account_table
from automation.core.model.runs import RunRecord
from automation.core.text.moments import VIET_NAM, moment_for_json, moment_text
from automation.core.text.vietnamese import rate_text
from automation.doctor.status import Status, status_of
from automation.fleet.registry import FleetWorkbook

_WIDTH_WITHOUT_TERMINAL = 160
_LATE_MINUTES = 15.0
"""What is due that long and was not taken on waits for a worker."""


class Standing(Struct, frozen=True):
    """How it stands with one workbook, out of the database alone."""

    status: Status | None
    trouble: str = ""
    """Why that is not known."""

    @property
    def waiting(self) -> int:
        return sum(len(each.mails) for each in self.status.waiting) if self.status else 0

    @property
    def problems_since(self) -> datetime | None:
        """Since when the oldest of those is open that need a person."""
        found = self.status.problems if self.status else ()
        return min((each.since for each in found if each.problem.needs_person), default=None)

    @property
    def problems(self) -> int:
        return sum(each.problem.needs_person for each in self.status.problems) if self.status else 0


def standing_of(folder: Path, store: DatabaseStore, clock: Clock) -> Standing:
    """What its tables tell; a workbook whose tables cannot be read keeps nobody from seeing the others."""
    try:
        return Standing(status_of(folder, clock(VIET_NAM), store))
    except TccbError as error:
        return Standing(None, str(error))


def taken_on(workbook: FleetWorkbook, *, was_there: bool) -> str:
    """What is said of one that was added; of one that was there already also what it has now."""
    if not was_there:
        return text("fleet.add.done", name=workbook.name)
    credentials = workbook.credentials or text("fleet.add.usual_credentials")
    return text("fleet.add.again", name=workbook.name, credentials=credentials, state=_state(workbook))


def print_list(workbooks: Sequence[FleetWorkbook], *, as_json: bool) -> None:
    """Name, address, key file, whether it rests."""
    if as_json:
        print(json.dumps({"workbooks": [_entry(each) for each in workbooks]}, ensure_ascii=False, allow_nan=False))
        return
    table = _table("name", "address", "credentials", "state")
    for each in workbooks:
        table.add_row(each.name, each.address, each.credentials or "–", _state(each))
    _print(table, workbooks)


def _entry(workbook: FleetWorkbook) -> dict[str, object]:
    return {
        "name": workbook.name,
        "workbook": workbook.address,
        "credentials": workbook.credentials or None,
        "paused": workbook.is_paused,
    }


def print_status(
    found: Sequence[tuple[FleetWorkbook, Standing]], accounts: Sequence[AccountUse], *, as_json: bool
) -> int:
    """All workbooks and accounts; whether one of the workbooks needs a person."""
    if as_json:
        told = {
            "workbooks": [_as_json(*each) for each in found],
            "accounts": [each.as_json() for each in accounts],
        }
        print(json.dumps(told, ensure_ascii=False, allow_nan=False))
    else:
        table = _table("name", "last", "next", "rate", "waiting", "problems", "worker")
        for each in found:
            table.add_row(*_cells(*each))
        _print(table, found)
        if failures := [_failure(*each) for each in found if _has_failed(*each)]:
            print("", *failures, sep="\n")
        if accounts:
            print()
            _print(account_table(accounts), accounts)
    needs = any(_needs_person(*each) for each in found)
    return ExitStatus.NEEDS_PERSON if needs else ExitStatus.DONE


def _cells(workbook: FleetWorkbook, found: Standing) -> list[str]:
    last = found.status.last if found.status else None
    return [
        workbook.name,
        _last(workbook, last),
        _state(workbook) if workbook.is_paused else _due(workbook),
        rate_text(last.rate) if last else "–",
        str(found.waiting or "–"),
        found.trouble or _problems(found),
        workbook.worker or "–",
    ]


def _problems(found: Standing) -> str:
    since = found.problems_since
    return text("fleet.status.problems", count=found.problems, since=moment_text(since)) if since else "–"


def _last(workbook: FleetWorkbook, last: RunRecord | None) -> str:
    if workbook.failed_at:
        return text("fleet.status.failed", moment=moment_text(_at(workbook.failed_at)))
    if last is None:
        return text("fleet.status.never")
    moment = moment_text(last.started_at)
    return text("fleet.status.failed", moment=moment) if last.trouble else moment


def _failure(workbook: FleetWorkbook, found: Standing) -> str:
    """Why its last cycle failed, on one line: what the run log tells, else where it is told."""
    last = found.status.last if found.status else None
    if last and last.trouble:
        moment, why = moment_text(last.started_at), " ".join(last.trouble.split())
    else:  # what could not even be opened keeps no run log
        moment, why = moment_text(_at(workbook.failed_at)), text("fleet.status.see_log", machine=workbook.worker or "–")
    return text("fleet.status.failure", name=workbook.name, moment=moment, why=why)


def _due(workbook: FleetWorkbook) -> str:
    moment = moment_text(_at(workbook.next_at))
    if _is_late(workbook):
        return text("fleet.status.late", moment=moment)
    if workbook.began_at:
        return text("fleet.status.at_it", moment=moment_text(_at(workbook.began_at)))
    return moment if workbook.next_at else text("fleet.status.at_once")


def _has_failed(workbook: FleetWorkbook, found: Standing) -> bool:
    last = found.status.last if found.status else None
    return bool(workbook.failed_at or (last and last.trouble))


def _is_late(workbook: FleetWorkbook) -> bool:
    minutes = (datetime.now(UTC).timestamp() - workbook.next_at) / 60
    return not workbook.is_paused and workbook.next_at > 0 and minutes > _LATE_MINUTES


def _needs_person(workbook: FleetWorkbook, found: Standing) -> bool:
    if workbook.is_paused:
        return False
    return bool(found.trouble or found.problems or _is_late(workbook) or _has_failed(workbook, found))


def _as_json(workbook: FleetWorkbook, found: Standing) -> dict[str, object]:
    last = found.status.last if found.status else None
    since = found.problems_since
    return {
        "name": workbook.name,
        "workbook": workbook.address,
        "paused": workbook.is_paused,
        "worker": workbook.worker or None,
        "last": moment_for_json(last.started_at if last else None),
        "failed": _has_failed(workbook, found),
        "trouble": (last.trouble if last else "") or found.trouble or None,
        "at_it_since": moment_for_json(_at(workbook.began_at)),
        "next": moment_for_json(None if workbook.began_at else _at(workbook.next_at)),
        "late": _is_late(workbook),
        "rate": last.rate if last else None,
        "mails_waiting": found.waiting,
        "problems": found.problems,
        "problems_since": moment_for_json(since),
        "unreadable": bool(found.trouble),
    }


def _state(workbook: FleetWorkbook) -> str:
    return text("fleet.status.paused") if workbook.is_paused else text("fleet.status.working")


def _at(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for each in columns:
        table.add_column(text(f"fleet.column.{each}"), no_wrap=each in ("last", "next"), overflow="fold")
    return table


def _print(table: Table, rows: Sequence[object]) -> None:
    if rows:
        screens.output(_WIDTH_WITHOUT_TERMINAL, markup=False).print(table)
    else:
        print(text("fleet.empty"))
