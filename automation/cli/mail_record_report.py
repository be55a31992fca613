"""What `tccb mails` prints."""

from __future__ import annotations

from datetime import date
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from automation.app.mail_record import MailsFound
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.cli.report import print_problems, printable, problems_as_json
from automation.core.mail.sent_tab import SentLine
from automation.core.reading.cells import read_date
from automation.core.text.moments import MOMENT


def read_since(typed: str | None) -> date | None:
    """The day that somebody typed after `--since`. Raises `CannotStart`."""
    if typed is None:
        return None
    day = read_date(typed)
    if not isinstance(day, date):
        raise CannotStart(text("mails.list.since", typed=typed))
    return day


def print_mails(found: MailsFound, console: Console) -> None:
    """The mails as a table, or why there is none."""
    print_problems(found.problems, console)
    if found.problems:
        return
    if not found.lines:
        console.print(text("mails.list.empty"), markup=False, highlight=False, soft_wrap=True)
        return
    table = Table(header_style="bold")
    table.add_column(text("mails.list.when"), no_wrap=True)
    for key in ("unit", "roles", "kind", "why", "outcome"):
        table.add_column(text(f"mails.list.{key}"), overflow="fold")
    for line in found.lines:
        cells = (line.name or line.unit, line.roles, line.kind, line.why, _outcome(line))
        table.add_row(f"{line.when:{MOMENT}}", *(escape(printable(each)) for each in cells))
    console.print(table)


def _outcome(line: SentLine) -> str:
    return f"{line.outcome.said}. {line.note}" if line.note else line.outcome.said


def as_json(found: MailsFound) -> dict[str, Any]:
    """The object that `--json` prints."""
    return {
        "mails": [
            {
                "when": line.when.isoformat(timespec="minutes"),
                "unit": line.unit,
                "name": line.name,
                "to": line.roles,
                "kind": line.kind,
                "rung": line.rung,
                "why": line.why,
                "outcome": line.outcome.value,
                "note": line.note,
                "key": line.key,
            }
            for line in found.lines
        ],
        "problems": problems_as_json(found.problems),
    }
