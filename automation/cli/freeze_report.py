"""What `tccb freeze` prints."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from automation.app.records.freeze import Frozen, Verdict
from automation.base.messages import text
from automation.cli import report
from automation.core.text.moments import MOMENT


def print_freeze(found: Frozen, console: Console) -> None:
    """Where the file lies and what it is known by."""
    if found.file:
        key = "made" if found.is_new else "there"
        report.print_line(text(f"freezing.{key}", path=found.file, sha256=found.sha256), console)
    report.print_problems(found.problems, console)


def print_verdict(found: Verdict, console: Console) -> None:
    """Whether the file is untouched, and by what that is known."""
    told = {"path": found.file, "sha256": found.sha256, "line": found.told}
    if found.noted:
        told |= {"name": found.noted.name, "moment": f"{found.noted.frozen_at:{MOMENT}}"}
    report.print_line(text(f"freezing.verdict.{_verdict(found)}", **told), console)


def _verdict(found: Verdict) -> str:
    if found.noted:
        return "both" if found.told else "state"
    if found.told:
        return "journal" if found.is_guarded else "unconfirmed"
    return "changed"


def as_json(found: Frozen) -> dict[str, Any]:
    """The object that `--json` prints."""
    return {
        "file": str(found.file) if found.file else None,
        "sha256": found.sha256 or None,
        "new": found.is_new,
        "problems": report.problems_as_json(found.problems),
    }


def verdict_as_json(found: Verdict) -> dict[str, Any]:
    """The same for `--verify`."""
    return {
        "file": str(found.file),
        "sha256": found.sha256,
        "untouched": found.is_untouched,
        "by": _verdict(found),
        "line": found.told,
    }
