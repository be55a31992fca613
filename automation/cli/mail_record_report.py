"""What `tccb mails` prints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from automation.app.mail_record import MailsFound
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.cli.report import cell_text, print_line, print_problems, problems_as_json
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
    if found.lines:
        console.print(_table(found.lines))
    else:
        print_line(text("mails.list.empty"), console)
    if found.others:
        print_line(text("mails.list.others", count=found.others), console)


def _table(lines: Sequence[SentLine]) -> Table:
    """With a column for the campaign where there are several."""
    table = Table(header_style="bold")
    table.add_column(text("mails.list.when"), no_wrap=True)
    several = len({line.campaign for line in lines}) > 1
    for key in (*(["campaign"] if several else []), "unit", "roles", "kind", "why", "outcome"):
        table.add_column(text(f"mails.list.{key}"), overflow="fold")
    for line in lines:
        campaign = [line.campaign] if several else []
        cells = (*campaign, line.name or line.unit, line.roles, line.kind, line.why, _outcome(line))
        table.add_row(f"{line.when:{MOMENT}}", *map(cell_text, cells))
    return table


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
                "campaign": line.campaign,
            }
            for line in found.lines
        ],
        "others": found.others,
        "problems": problems_as_json(found.problems),
    }
