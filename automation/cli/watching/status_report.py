"""`tccb status`: what the state folder tells, for eyes and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

from automation.adapters.places import find_workbook, key_of
from automation.adapters.store.opening import open_store
from automation.app.clock import Clock
from automation.app.environment import read_environment
from automation.app.exit_status import ExitStatus
from automation.base.messages import text
from automation.core.model.mail import WaitingMails
from automation.core.model.runs import RunRecord
from automation.core.text.moments import VIET_NAM, moment_for_json, moment_text
from automation.core.text.vietnamese import number_text, rate_text
from automation.doctor.status import Status, status_of


def status(named: str | None, clock: Clock, *, as_json: bool) -> int:
    """Whether the bot lives and what waits. Raises `CannotStart`, `TccbError`."""
    environment = read_environment()
    address = find_workbook(named or environment.workbook, any_id=environment.sheets_emulator is not None)
    folder = environment.state_folder(address)
    with closing(open_store(folder, key_of(address), environment.database_url)) as store:
        found = status_of(folder, clock(VIET_NAM), store)
    if as_json:
        print(json.dumps(_as_json(found, str(address)), ensure_ascii=False, allow_nan=False))
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(found, str(address))))
    return ExitStatus.NEEDS_PERSON if found.needs_person else ExitStatus.DONE


def _lines(found: Status, workbook: str) -> Iterator[str]:
    yield workbook
    last = moment_text(found.last.started_at) if found.last else ""
    yield text(f"status.{_alive(found)}", moment=last, workbook=workbook, folder=found.state_folder)
    for run in found.runs:
        yield f"  {_run(run)}"
    if found.last and found.last.machine:
        yield text("status.holds_lease" if found.holds_lease else "status.machine", machine=found.last.machine)
    if found.next_cycle_at and not found.is_late:  # the moment would be one that was missed
        yield text("status.next_cycle", moment=moment_text(found.next_cycle_at))
    if found.last and found.last.next_summary_at:
        yield text("status.next_summary", moment=moment_text(found.last.next_summary_at))
    since = found.config_since
    yield text("status.config", moment=moment_text(since)) if since else text("status.no_config")
    yield from _mail_lines(found)
    if not found.problems:
        if found.last:  # else nobody has looked
            yield text("status.no_problems")
        return
    yield text("status.problems", count=len(found.problems))
    for each in found.problems:
        said, moment = each.problem, moment_text(each.since)
        yield "  " + text("status.problem", where=said.where, what=said.what, fix=said.fix, moment=moment)


def _alive(found: Status) -> str:
    if found.last is None:
        return "working_first" if found.is_working else "never"
    if found.is_late:
        return "late" if found.is_working else "silent"
    return "working" if found.is_working else "at_rest"


def _run(run: RunRecord) -> str:
    if run.trouble:
        return text("status.run_ended", moment=moment_text(run.started_at), trouble=run.trouble)
    return text(
        "status.run",
        moment=moment_text(run.started_at),
        seconds=number_text(round(run.seconds)),
        rate=rate_text(run.rate),
        cells=number_text(run.cells),
        sent=run.sent,
    )


def _mail_lines(found: Status) -> Iterator[str]:
    if not found.waiting:
        yield text("status.no_mails")
    for each in found.waiting:
        since = _since(each)
        key = "mails_waiting" if each.reason else "mails_in_turn"
        yield text(f"status.{key}", count=len(each.mails), since=moment_text(since), reason=each.reason)
    if found.in_question:
        yield text("status.mails_in_question", count=found.in_question)


def _since(waiting: WaitingMails) -> datetime | None:
    """When the first of them was decided."""
    return min((mail.queued_at for mail in waiting.mails if mail.queued_at), default=None)


def _as_json(found: Status, workbook: str) -> dict[str, Any]:
    return {
        "workbook": workbook,
        "working": found.is_working,
        "late": found.is_late,
        "machine": found.last.machine if found.last else "",
        "lease": found.holds_lease,
        "cycles": [_run_as_json(run) for run in found.runs],
        "next": {
            "cycle": moment_for_json(found.next_cycle_at),
            "summary": moment_for_json(found.last.next_summary_at if found.last else None),
        },
        "config_in_force_since": moment_for_json(found.config_since),
        "mails": {
            "waiting": [
                {"reason": each.reason, "mails": len(each.mails), "since": moment_for_json(_since(each))}
                for each in found.waiting
            ],
            "in_question": found.in_question,
        },
        "problems": [
            {
                "where": each.problem.where,
                "what": each.problem.what,
                "fix": each.problem.fix,
                "needs_person": each.problem.needs_person,
                "since": moment_for_json(each.since),
            }
            for each in found.problems
        ],
    }


def _run_as_json(run: RunRecord) -> dict[str, Any]:
    return {
        "started_at": moment_for_json(run.started_at),
        "seconds": round(run.seconds, 1),
        "rate": run.rate,
        "cells_written": run.cells,
        "changed": run.changed,
        "mails": {"sent": run.sent, "failed": run.failed},
        "requests": {"read": run.reads, "write": run.writes},
        "trouble": run.trouble,
    }
