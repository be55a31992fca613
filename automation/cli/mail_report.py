"""What `tccb remind` and `tccb summary` tell, for eyes and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from automation.app.exit_status import ExitStatus
from automation.app.manual_mails import Calendar, ManualOutcome
from automation.base.messages import text
from automation.cli.report import cell_text, leaves_mail_unsent, print_line, print_problems, problems_as_json
from automation.core.mail.manual import Prepared, Skipped
from automation.core.mail.recipients import Recipients
from automation.core.mail.send_calendar import DAYS, ComingMail
from automation.core.model.problems import Problem
from automation.core.text.moments import MOMENT
from automation.core.text.vietnamese import day_text, hour_text
from automation.core.writing.dashboard import addresses_text


def exit_status(found: ManualOutcome | Calendar) -> ExitStatus:
    """Whether something needs a person: no configuration, a unit that cannot get its mail, a mail refused, a setting
    that keeps all of them here.
    """
    if isinstance(found, Calendar):
        return ExitStatus.NEEDS_PERSON if found.problems else ExitStatus.DONE
    waits_for_somebody = any(each.needs_person for each in found.skipped)
    needs_person = bool(_all_problems(found)) or waits_for_somebody or leaves_mail_unsent(found.delivery)
    return ExitStatus.NEEDS_PERSON if needs_person else ExitStatus.DONE


def print_done(found: ManualOutcome, console: Console, mail_folder: Path | None) -> None:
    """Where the previews lie, or what was sent; who gets nothing and why. `mail_folder`: where sent mails lie as
    files.
    """
    print_problems(_all_problems(found), console)
    for line in _lines(found, mail_folder):
        print_line(line, console)


def _all_problems(found: ManualOutcome) -> Sequence[Problem]:
    return (*found.problems, *(each.problem for each in found.mistakes))


def _lines(found: ManualOutcome, mail_folder: Path | None) -> Iterator[str]:
    for each in found.skipped:
        yield _skipped(each)
    if found.problems:
        return
    if not (found.prepared or found.skipped or found.mistakes):
        yield text("by_hand.nothing")
    elif found.files:
        yield text("by_hand.written", count=len(found.files))
        yield from map(_file, found.prepared, found.files)
        if any(each.mail.to != each.meant_for.to for each in found.prepared):
            yield text("by_hand.elsewhere")
        yield text("by_hand.how_to_send")
    elif found.prepared:
        yield from _sent(found, mail_folder)


def _sent(found: ManualOutcome, mail_folder: Path | None) -> Iterator[str]:
    delivery = found.delivery
    yield text(
        "by_hand.sent",
        queued=found.queued,
        sent=delivery.sent,
        postponed=delivery.postponed,
        failed=delivery.failed,
    )
    if found.opens is not None:
        yield text("by_hand.waits", hour=hour_text(found.opens), day=day_text(found.opens.date()))
    if mail_folder is not None:
        yield text("by_hand.to_file", folder=mail_folder)


def _skipped(each: Skipped) -> str:
    return text("by_hand.skipped", name=each.name or text("by_hand.summary"), why=each.why)


def _file(each: Prepared, file: Path) -> str:
    name = each.name or text("by_hand.summary")
    return text("by_hand.file", name=name, addresses=addresses_text(Recipients(each.mail.to, each.mail.cc)), file=file)


def done_as_json(found: ManualOutcome, troubles: Iterable[Problem] = ()) -> dict[str, Any]:
    """The object that `--json` prints. `troubles`: why mails are still here, or never went out."""
    delivery = found.delivery
    files: Sequence[Path | None] = found.files or (None,) * len(found.prepared)
    return {
        "mails": [_mail(each, file) for each, file in zip(found.prepared, files, strict=True)],
        "skipped": [{"unit": each.unit, "why": each.why, "needs_person": each.needs_person} for each in found.skipped],
        "queued": found.queued,
        "sent": delivery.sent,
        "postponed": delivery.postponed,
        "failed": delivery.failed,
        "waits_until": found.opens.isoformat(timespec="minutes") if found.opens else None,
        "problems": problems_as_json([*_all_problems(found), *troubles]),
    }


def _mail(each: Prepared, file: Path | None) -> dict[str, Any]:
    return {
        "unit": each.mail.unit,
        "kind": each.mail.kind,
        "subject": each.mail.subject,
        "to": list(each.mail.to),
        "cc": list(each.mail.cc),
        "meant_for": [*each.meant_for.to, *each.meant_for.cc],
        "file": str(file) if file else None,
    }


def print_calendar(found: Calendar, console: Console) -> None:
    """The mails to come as a table."""
    print_problems(found.problems, console)
    if found.problems:
        return
    if not found.coming:
        print_line(text("by_hand.calendar_empty", days=DAYS), console)
        return
    print_line(text("by_hand.calendar_head", days=DAYS), console)
    console.print(_calendar(found.coming))


def _calendar(coming: Iterable[ComingMail]) -> Table:
    table = Table(header_style="bold")
    table.add_column(text("by_hand.column.when"), no_wrap=True)
    for key in ("unit", "why", "to"):
        table.add_column(text(f"by_hand.column.{key}"), overflow="fold")
    for each in coming:
        cells = (each.name, each.why, addresses_text(each.recipients))
        table.add_row(f"{each.when:{MOMENT}}", *map(cell_text, cells))
    return table


def calendar_as_json(found: Calendar) -> dict[str, Any]:
    """The object that `--calendar --json` prints."""
    return {
        "calendar": [
            {
                "when": each.when.isoformat(timespec="minutes"),
                "unit": each.unit,
                "name": each.name,
                "rung": each.rung,
                "kind": each.kind,
                "why": each.why,
                "to": list(each.recipients.to),
                "cc": list(each.recipients.cc),
            }
            for each in found.coming
        ],
        "problems": problems_as_json(found.problems),
    }
