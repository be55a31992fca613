"""What `tccb purge` prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console

from automation.app.records.purge import PurgeOutcome
from automation.base.messages import text
from automation.cli import report
from automation.core.records.purging import Holding, counts_text, stays_lines


def print_purge(found: PurgeOutcome, folder: Path, console: Console, *, applies: bool) -> None:
    """What is kept in the state folder `folder` and else, or what was removed and where that is certified."""
    for sentence in _sentences(found, folder, applies=applies):
        report.print_line(sentence, console)
    report.print_problems(found.problems, console)


def _sentences(found: PurgeOutcome, folder: Path, *, applies: bool) -> list[str]:
    if found.scope is None or found.counts is None:
        return []
    stays = [text("purging.stays_heading"), *stays_lines(found.stays)] if found.stays else []
    said = {"scope": found.scope.said, "counts": counts_text(found.counts)}
    if not any(found.counts.values()):
        return [text("purging.none_else" if stays else "purging.none", **said, folder=folder), *stays]
    if not applies:
        return [text("purging.kept", **said), *stays, text("purging.not_applied")]
    removed = [text("purging.removed", **said, path=found.certificate), *stays]
    if found.unread:
        return [*removed, text("purging.unread", units="; ".join(found.unread))]
    after = "what_stays_workbook" if Holding.LINES in found.counts else "what_stays"
    return [*removed, text(f"purging.{after}")]


def as_json(found: PurgeOutcome, *, applies: bool) -> dict[str, Any]:
    """The object that `--json` prints."""
    return {
        "unit": found.scope.unit or None if found.scope else None,
        "field": found.scope.field or None if found.scope else None,
        "counts": {kind.value: number for kind, number in (found.counts or {}).items()},
        "stays": {kind.value: number for kind, number in found.stays.items()},
        "applied": applies and found.scope is not None,
        "unread": list(found.unread),
        "certificate": str(found.certificate) if found.certificate else None,
        "problems": report.problems_as_json(found.problems),
    }
