"""What another configuration would change, for eyes and for programs."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from automation.app.cycle import CycleReport
from automation.base.messages import text
from automation.cli.report import cell_text, fields_of, print_line, print_problems
from automation.core.admin.rehearsal import Rehearsal
from automation.core.config.tabs import CONFIG_TABS
from automation.core.mail.mail_rehearsal import ChangedMails, ChangedText, MailRehearsal
from automation.core.mail.send_calendar import DAYS, ComingMail
from automation.core.text.vietnamese import day_text, left_text, number_text, rate_text
from automation.core.writing.dashboard import addresses_text

MAILS_SHOWN = 30
_LINES_SHOWN = 12


def as_json(report: CycleReport) -> dict[str, Any]:
    """What `--json` prints besides where another configuration was rehearsed; null where it cannot be used."""
    if report.rehearsal is None:
        return {"rehearsal": None}
    return {"rehearsal": _judged_as_json(report.rehearsal) | _mails_as_json(report.mail_rehearsal)}


def _judged_as_json(rehearsal: Rehearsal) -> dict[str, Any]:
    moved = (unit for unit in rehearsal.units if unit.before != unit.after)
    return {
        "rows": [fields_of(row, ("unit", "row", "before", "after")) for row in rehearsal.rows],
        "units": [fields_of(unit, ("code", "before", "after")) for unit in moved],
        "total": {"before": rehearsal.before.rate, "after": rehearsal.after.rate},
        "trials": [{"rule": rule, "would": would} for rule, would in rehearsal.trials],
    }


def _mails_as_json(mails: MailRehearsal | None) -> dict[str, Any]:
    if mails is None:
        return {}
    return {
        "mails": [
            {
                "day": each.mail.when.date().isoformat(),
                "unit": each.mail.unit,
                "before": _mail_as_json(each.before),
                "after": _mail_as_json(each.after),
            }
            for each in mails.coming
        ],
        "texts": [fields_of(each, ("kind", "unit", "gone", "new", "made_up")) for each in mails.texts],
    }


def _mail_as_json(mail: ComingMail | None) -> dict[str, Any] | None:
    if mail is None:
        return None
    return {"kind": mail.kind, "why": mail.why, "to": list(mail.recipients.to), "cc": list(mail.recipients.cc)}


def print_rehearsal(report: CycleReport, source: str, console: Console) -> None:
    """What the configuration in `source` would change, and what needs a person."""
    if report.rehearsal is None:
        print_line(text("rehearsal.refused", source=source), console)
    else:
        brought = report.rehearsal.tabs
        head = "rehearsal.head" if len(brought) < len(CONFIG_TABS) else "rehearsal.head_all"
        print_line(text(head, source=source, tabs=", ".join(brought)), console)
        _print_changes(report.rehearsal, console)
        for rule, would in report.rehearsal.trials:
            print_line(text("report.trial", rule=rule, found=would), console)
    if report.mail_rehearsal is not None:
        _print_mails(report.mail_rehearsal, console)
    print_problems(report.problems, console)


def _print_changes(rehearsal: Rehearsal, console: Console) -> None:
    before, after = rehearsal.before, rehearsal.after
    total = text(
        "rehearsal.total",
        before=rate_text(before.rate),
        before_left=left_text(before),
        after=rate_text(after.rate),
        after_left=left_text(after),
    )
    print_line(total, console)
    print_line(text("rehearsal.reached", before=rehearsal.reached[0], after=rehearsal.reached[1]), console)
    if not rehearsal.units:
        print_line(text("rehearsal.nothing"), console)
        return
    moved = sum(unit.before != unit.after for unit in rehearsal.units)
    print_line(text("rehearsal.rows", count=number_text(len(rehearsal.rows)), units=moved), console)
    if rehearsal.rows:
        console.print(_status_moves(rehearsal))
    console.print(_unit_moves(rehearsal))


def _status_moves(rehearsal: Rehearsal) -> Table:
    table = Table(header_style="bold")
    table.add_column(text("rehearsal.label_before"), overflow="fold")
    table.add_column(text("rehearsal.label_after"), overflow="fold")
    table.add_column(text("rehearsal.people"), justify="right", no_wrap=True)
    for labels, count in rehearsal.statuses.items():
        old, new = (cell_text(label or text("rehearsal.not_counted")) for label in labels)
        table.add_row(old, new, number_text(count))
    return table


def _unit_moves(rehearsal: Rehearsal) -> Table:
    table = Table(header_style="bold")
    table.add_column(text("rehearsal.unit"), ratio=1, overflow="fold")
    for key in ("rate_before", "rate_after", "changed"):
        table.add_column(text(f"rehearsal.{key}"), justify="right", no_wrap=True)
    for each in rehearsal.units:
        table.add_row(cell_text(each.name), rate_text(each.before), rate_text(each.after), number_text(each.rows))
    return table


def _print_mails(mails: MailRehearsal, console: Console) -> None:
    if not mails.coming:
        print_line(text("rehearsal.mails_same", days=DAYS), console)
    else:
        print_line(text("rehearsal.mails", count=number_text(len(mails.coming)), days=DAYS), console)
        console.print(_mail_moves(mails.coming[:MAILS_SHOWN]))
    if len(mails.coming) > MAILS_SHOWN:
        print_line(text("rehearsal.mails_more", count=number_text(len(mails.coming) - MAILS_SHOWN)), console)
    for each in mails.texts:
        _print_text(each, console)


def _mail_moves(changed: tuple[ChangedMails, ...]) -> Table:
    table = Table(header_style="bold")
    table.add_column(text("rehearsal.day"), no_wrap=True)
    for key in ("unit", "mail_before", "mail_after"):
        table.add_column(text(f"rehearsal.{key}"), overflow="fold")
    for each in changed:
        cells = (each.mail.name, _mail_text(each.before), _mail_text(each.after))
        table.add_row(day_text(each.mail.when), *map(cell_text, cells))
    return table


def _mail_text(mail: ComingMail | None) -> str:
    return f"{mail.why}: {addresses_text(mail.recipients)}" if mail else text("rehearsal.no_mail")


def _print_text(changed: ChangedText, console: Console) -> None:
    head = "rehearsal.text_of_unit" if changed.unit else "rehearsal.text"
    head = "rehearsal.text_made_up" if changed.made_up else head
    print_line(text(head, kind=changed.kind, unit=changed.unit), console)
    for key, lines in (("text_gone", changed.gone), ("text_new", changed.new)):
        for line in lines[:_LINES_SHOWN]:
            print_line(text(f"rehearsal.{key}", line=line.strip()), console)
        if len(lines) > _LINES_SHOWN:
            print_line(text("rehearsal.text_more", count=len(lines) - _LINES_SHOWN), console)
