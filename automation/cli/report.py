"""What a cycle found, for eyes (a table) and for programs (one JSON object)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from automation.app.cycle import CycleReport
from automation.app.exit_status import ExitStatus
from automation.base.messages import text
from automation.core.figures.overall import ranking_of
from automation.core.judging.judged import Judged
from automation.core.judging.trials import trial_sentence
from automation.core.model.mail import Delivery, MailRecord, MailState, WaitingMails, waiting_by_reason
from automation.core.model.problems import Problem
from automation.core.model.units import CountsAs, Standing, Tallied
from automation.core.text.moments import MOMENT
from automation.core.text.vietnamese import number_text, rate_text

if TYPE_CHECKING:
    from automation.app.init import SetUpReport

Kind = Literal["check", "run"]

NOTHING_DELIVERED = Delivery()
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_UNIT_FIELDS = (
    "code",
    "name",
    "headcount",
    "rows",
    "out_of_scope",
    "deferred",
    "in_scope",
    "done",
    "rate",
    "strict_rate",
    "errors",
    "warnings",
)
_TOTAL_FIELDS = (
    "units",
    "rows",
    "in_scope",
    "deferred",
    "done",
    "rate",
    "strict_rate",
    "errors",
    "warnings",
)


def exit_status(problems: Iterable[Problem], delivery: Delivery = NOTHING_DELIVERED) -> ExitStatus:
    """Whether something needs a person: a problem that says so, or a mail that was refused."""
    needs_person = any(problem.needs_person for problem in problems)
    return ExitStatus.NEEDS_PERSON if needs_person or leaves_mail_unsent(delivery) else ExitStatus.DONE


def leaves_mail_unsent(delivery: Delivery) -> bool:
    """Whether a mail is still here, or may be, for a reason that somebody should look at."""
    return bool(delivery.troubled or delivery.failed or delivery.unsure or delivery.unrecorded)


def mail_troubles(delivery: Delivery, history: Sequence[MailRecord]) -> list[Problem]:
    """Why mails are still here, by reason; why those of this delivery never went out, in the words noted last; and how
    many may have come twice.
    """
    queued = [mail for mail in history if mail.state is MailState.QUEUED and mail.error]
    troubles = [_postponed(each, delivery) for each in waiting_by_reason(queued)]
    unsure = sum(mail.state is MailState.UNSURE and mail.waits for mail in history)
    for state, key, count in (
        (MailState.FAILED, "failed", delivery.failed),
        (MailState.UNSURE, "unsure", max(delivery.unsure, unsure)),
    ):
        settled = [mail for mail in history if mail.state is state and mail.error]
        if count and settled:
            reason = max(settled, key=lambda mail: mail.settled_at or _LONG_AGO).error
            what, fix = text(f"report.mails_{key}.what", count=count, reason=reason), text(f"report.mails_{key}.fix")
            troubles.append(Problem(text("report.mails_where"), what, fix))
    if delivery.unrecorded:
        what = text("report.mails_unrecorded.what", count=delivery.unrecorded)
        troubles.append(Problem(text("report.mails_where"), what, text("report.mails_unrecorded.fix")))
    if delivery.repeated:
        what = text("report.mails_repeated.what", count=delivery.repeated)
        fix = text("report.mails_repeated.fix")
        troubles.append(Problem(text("report.mails_where"), what, fix, needs_person=False))
    return troubles


def _postponed(waiting: WaitingMails, delivery: Delivery) -> Problem:
    what = text("report.mails_postponed.what", count=len(waiting.mails), reason=waiting.reason)
    needs_person = waiting.has_failed or delivery.troubled
    return Problem(text("report.mails_where"), what, text("report.mails_postponed.fix"), needs_person)


def as_json(report: CycleReport, kind: Kind, codes: Collection[str] = ()) -> dict[str, Any]:
    """The object that `--json` prints; its keys are a contract with other programs. `codes`: of the units that were
    asked for, () for all; the total is everybody's.
    """
    found: dict[str, Any] = {"units": _of_units(_units(report.judged), "code", codes)}
    if kind == "check":
        found["rows"] = _of_units(_rows(report.judged), "unit", codes)
    found["total"] = _total(report.judged)
    found["problems"] = problems_as_json(report.problems)
    if kind == "run":
        found |= _work_done(report)
    return found | {"trials": _trials(report.judged)}


def problems_as_json(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """As every command prints them under `problems`."""
    return [{"where": each.where, "what": each.what, "fix": each.fix} for each in problems]


def print_report(report: CycleReport, console: Console) -> None:
    """The units with the best first, everybody together, what rules on trial would do, and what needs a person."""
    if report.judged is not None:
        console.print(_table(report.judged))
        _print_missing_headcounts(report.judged, console)
        _print_trials(report.judged, console)
    print_problems(report.problems, console)


def print_rows(report: CycleReport, codes: Collection[str], console: Console) -> None:
    """For whoever answers a unit's call: where it stands, and each of its rows that is not done or has a message,
    without names and numbers of people.
    """
    if report.judged is None:
        print_problems(report.problems, console)
        return
    found = [each for each in _rows(report.judged) if each["unit"] in codes]
    labels = {status.code: status.label for status in report.judged.config.statuses}
    done = {status.code for status in report.judged.config.statuses if status.counts_as is not CountsAs.NOT_DONE}
    for standing in (each for each in report.judged.standings if each.code in codes):
        line = text("report.unit_line", unit=_name(standing), rate=rate_text(standing.rate), left=_left(standing))
        print_line(line, console)
        rows = [each for each in found if each["unit"] == standing.code]
        open_rows = [each for each in rows if each["findings"] or each["status"] not in done]
        if open_rows:
            console.print(_rows_table(open_rows, labels))
    names = {each.name for each in report.judged.standings if each.code in codes}
    print_problems((each for each in report.problems if any(name in each.where for name in names)), console)


def _rows_table(rows: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> Table:
    table = Table(header_style="bold")
    table.add_column(text("report.row"), justify="right", no_wrap=True)
    table.add_column(text("report.result"), overflow="fold")
    table.add_column(text("report.what_is_wrong"), ratio=1, overflow="fold")
    for each in rows:
        messages = "\n".join(f"{said['severity']} – {said['message']}" for said in each["findings"])
        table.add_row(str(each["row"]), cell_text(labels[each["status"]]), cell_text(messages))
    return table


def _of_units(found: list[dict[str, Any]], key: str, codes: Collection[str]) -> list[dict[str, Any]]:
    return [each for each in found if each[key] in codes] if codes else found


def _print_trials(judged: Judged, console: Console) -> None:
    names = judged.names
    for trial in judged.trials:
        print_line(text("report.trial", rule=trial.rule, found=trial_sentence(trial, names)), console)


def print_set_up(report: SetUpReport, workbook: str, console: Console) -> None:
    """What `init` created or added, what still needs a person, and what to do next."""
    print_problems(report.problems, console)
    for line in _set_up_lines(report, workbook):
        print_line(line, console)


def _set_up_lines(report: SetUpReport, workbook: str) -> Iterator[str]:
    if not report.drawn:
        yield text("report.init.refused")
        return
    if report.new_tabs:
        yield text("report.init.tabs", count=len(report.new_tabs))
    for tab, header in report.new_headers:
        yield text("report.init.headers", tab=tab, header=header)
    if report.new_settings:
        yield text("report.init.settings", names=", ".join(report.new_settings))
    for tab in dict.fromkeys(tab for tab, _ in report.new_rows):
        names = ", ".join(row for where, row in report.new_rows if where == tab)
        yield text("report.init.rows", tab=tab, names=names)
    if report.new_units:
        yield text("report.init.units", names=", ".join(report.new_units))
    yield from report.remarks
    if not report.unfinished:
        key = "done_but_for" if any(each.needs_person for each in report.problems) else "done"
        yield text(f"report.init.{key}", workbook=workbook)
    if report.new_tabs:
        yield text("report.init.next", workbook=workbook)


def print_problems(problems: Iterable[Problem], console: Console) -> None:
    """One line a problem: where, what, what to do."""
    for each in problems:
        print_line(text("report.problem", where=each.where, what=each.what, fix=each.fix), console)


def print_work_done(report: CycleReport, console: Console, *, dry_run: bool, mail_folder: Path | None) -> None:
    """What was written and mailed, or would have been; `mail_folder` is where letters lie as files."""
    delivery = report.delivery
    line = text(
        "report.would_write" if dry_run else "report.written",
        cells=number_text(report.cells_written),
        changed=number_text(report.changed),
        queued=report.queued,
        sent=delivery.sent,
        postponed=delivery.postponed,
        failed=delivery.failed,
    )
    print_line(line, console)
    if mail_folder is not None and delivery.sent:
        print_line(text("report.mails_lie", folder=mail_folder), console)


def one_line(report: CycleReport, moment: datetime) -> str:
    """A cycle of the worker, begun at `moment`, in one line."""
    total = report.judged.total if report.judged else None
    return text(
        "report.one_line",
        moment=f"{moment:%d/%m/%Y %H:%M}",
        rate=rate_text(total.rate if total else None),
        cells=number_text(report.cells_written),
        sent=report.delivery.sent,
        problems=sum(problem.needs_person for problem in report.problems),
    )


def print_line(line: str, console: Console) -> None:
    """A sentence as it is, however long it is."""
    console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


def printable(line: str) -> str:
    """Without what steers a terminal or turns the direction of writing: some of it was typed by others."""
    return "".join(each if each.isprintable() or each == "\n" else " " for each in line)


def cell_text(typed: str) -> str:
    """The same for a cell of a table, where brackets would be markup."""
    return escape(printable(typed))


def _units(judged: Judged | None) -> list[dict[str, Any]]:
    standings = judged.standings if judged else ()
    return [fields_of(each, _UNIT_FIELDS) | {"statuses": dict(each.statuses)} for each in standings]


def _total(judged: Judged | None) -> dict[str, Any]:
    if judged is None:
        nothing = dict.fromkeys(_TOTAL_FIELDS, 0)
        return nothing | {"rate": None, "strict_rate": None, "statuses": {}}
    return fields_of(judged.total, _TOTAL_FIELDS) | {"statuses": dict(judged.total.statuses)}


def fields_of(source: object, names: Iterable[str]) -> dict[str, Any]:
    """The attributes of these names."""
    return {name: getattr(source, name) for name in names}


def _rows(judged: Judged | None) -> list[dict[str, Any]]:
    if judged is None:
        return []
    findings = _findings_by_row(judged)
    people = judged.people
    return [
        {"unit": unit, "row": int(row), "status": status, "findings": findings.get((unit, row), [])}
        for unit, row, status in zip(people["unit"], people["row"], people["status"], strict=True)
    ]


def _findings_by_row(judged: Judged) -> Mapping[tuple[str, int], list[dict[str, str]]]:
    found: dict[tuple[str, int], list[dict[str, str]]] = defaultdict(list)
    table = judged.findings
    columns = (table[name] for name in ("unit", "row", "rule", "severity", "field", "public_message"))
    for unit, row, rule, severity, field, message in zip(*columns, strict=True):
        found[unit, row].append({"rule": rule, "severity": severity, "field": field, "message": message})
    return found


def _trials(judged: Judged | None) -> list[dict[str, Any]]:
    return [
        fields_of(trial, ("rule", "rows", "units", "status_changes")) | {"below_target": list(trial.below_target)}
        for trial in (judged.trials if judged else ())
    ]


def _work_done(report: CycleReport) -> dict[str, Any]:
    return {
        "changed": report.changed,
        "cells_written": report.cells_written,
        "requests": {"read": report.requests.read, "write": report.requests.write},
        "mails": {"queued": report.queued, "sent": report.delivery.sent, "failed": report.delivery.failed},
        "seconds": round(sum(report.seconds.values()), 3),
    }


def _table(judged: Judged) -> Table:
    table = Table(show_footer=True, header_style="bold", footer_style="bold")
    total = judged.total
    table.add_column(text("report.unit"), text("report.total", units=total.units), ratio=1, overflow="fold")
    for key, amount in (
        ("rate", rate_text(total.rate)),
        ("left", _left(total)),
        ("errors", number_text(total.errors)),
        ("warnings", number_text(total.warnings)),
    ):
        table.add_column(text(f"report.{key}"), amount, justify="right", no_wrap=True)
    for each in (place.standing for place in ranking_of(judged.standings)):
        numbers = (number_text(number) for number in (each.errors, each.warnings))
        table.add_row(cell_text(_name(each)), rate_text(each.rate), _left(each), *numbers)
    return table


def _left(of: Tallied) -> str:
    if of.is_size_known:
        return number_text(of.left)
    return text("report.at_least", left=number_text(of.left)) if of.left else text("report.unknown_left")


def _print_missing_headcounts(judged: Judged, console: Console) -> None:
    count = sum(each.known and not each.is_size_known for each in judged.standings)
    if count:
        print_line(text("report.no_headcount", count=number_text(count)), console)


def _name(standing: Standing) -> str:
    if standing.known:
        return standing.name
    why = text("report.emptied" if standing.emptied else "report.unread")
    if standing.as_of is None:
        return text("report.never_known", name=standing.name, why=why)
    return text("report.not_known", name=standing.name, why=why, as_of=f"{standing.as_of:{MOMENT}}")
