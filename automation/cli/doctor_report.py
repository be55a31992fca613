"""The findings for eyes (one line each, as they come) and for programs (one JSON object)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from automation.app.exit_status import ExitStatus
from automation.base.messages import text
from automation.cli.report import printable
from automation.doctor.findings import Finding, State

_MARKS = {State.OK: "✓", State.NOTE: "!", State.TROUBLE: "✗", State.UNCHECKED: "–"}
_STYLES = {State.OK: "green", State.NOTE: "yellow", State.TROUBLE: "bold red", State.UNCHECKED: "dim"}
_NAME_WIDTH = 28


def exit_status(findings: Iterable[Finding]) -> ExitStatus:
    """Whether something needs a person: a trouble; what is merely worth knowing does not."""
    in_trouble = any(each.state is State.TROUBLE for each in findings)
    return ExitStatus.NEEDS_PERSON if in_trouble else ExitStatus.DONE


def print_findings(findings: Iterable[Finding], console: Console) -> list[Finding]:
    """Print each as it comes, and at the end how many things are to be done; returns them all."""
    told: list[Finding] = []
    for each in findings:
        if not told or told[-1].section != each.section:
            console.print(Text(text(f"doctor.section.{each.section}"), style="bold"))
        _print_one(each, console)
        told.append(each)
    console.print(Text(_conclusion(told), style="bold"), soft_wrap=not console.is_terminal)
    return told


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The object that `--json` prints."""
    return {
        "checks": [
            {"check": each.check, "name": _name(each), "status": each.state.value, "found": each.found, "fix": each.fix}
            for each in findings
        ],
        **{state.value: sum(each.state is state for each in findings) for state in State},
    }


def _print_one(finding: Finding, console: Console) -> None:
    said = printable(f"{finding.found} {finding.fix}".strip())
    mark = Text(_MARKS[finding.state], style=_STYLES[finding.state])
    if not console.is_terminal:  # for eyes and for grep: one line whatever its length
        console.print(Text(f"  {mark} {_name(finding)}: {said}"), soft_wrap=True)
        return
    line = Table.grid(padding=(0, 1))
    line.add_column(width=2, justify="right")
    line.add_column(width=_NAME_WIDTH)
    line.add_column(overflow="fold", ratio=1)
    style = "dim" if finding.state is State.UNCHECKED else ""
    line.add_row(mark, Text(_name(finding), style=style), Text(said, style=style))
    console.print(line)


def _name(finding: Finding) -> str:
    return text(f"doctor.{finding.check}.name")


def _conclusion(findings: Sequence[Finding]) -> str:
    troubles, notes = (sum(each.state is state for each in findings) for state in (State.TROUBLE, State.NOTE))
    kind = "trouble" if troubles else "notes" if notes else "ok"
    marks = {"trouble": _MARKS[State.TROUBLE], "note": _MARKS[State.NOTE]}
    return text(f"doctor.conclusion.{kind}", troubles=troubles, notes=notes, **marks)
