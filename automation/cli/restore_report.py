"""What `tccb restore` prints: line numbers and headers, nothing of what people typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from automation.app.records.restore import RestoredTab, RestoreOutcome
from automation.base.messages import text
from automation.cli import report
from automation.core.config.values import Config
from automation.core.reading.shown import shown
from automation.core.records.differences import Changed, Differences
from automation.core.text.moments import MOMENT

MOST_ROWS = 20
"""That are named one by one; the new tab shows them all."""


def print_restore(found: RestoreOutcome, console: Console) -> None:
    """The copies there are, or what was written where and what differs."""
    if found.listed:
        _print_list(found, console)
    for each in found.restored:
        for sentence in _sentences(each, found.config):
            report.print_line(sentence, console)
    report.print_problems(found.problems, console)


def as_json(found: RestoreOutcome) -> dict[str, Any]:
    """The object that `--json` prints."""
    return {
        "unit": found.unit.code if found.unit else None,
        "copies": [
            {"tab": each.title, "taken_at": each.taken_at.isoformat(), "rows": each.lines} for each in found.listed
        ],
        "restored": [
            {
                "of": each.source,
                "tab": each.title,
                "taken_at": each.taken_at.isoformat(),
                "rows": each.lines,
                "new": each.is_new,
                "differences": None if each.differences is None else _differences_as_json(each.differences),
            }
            for each in found.restored
        ],
        "problems": report.problems_as_json(found.problems),
    }


def _differences_as_json(found: Differences) -> dict[str, Any]:
    return {
        "only_in_copy": list(found.only_in_copy),
        "only_in_tab": list(found.only_in_tab),
        "changed": [{"row": each.row, "now": each.now, "fields": list(each.fields)} for each in found.changed],
    }


def _print_list(found: RestoreOutcome, console: Console) -> None:
    table = Table(title=text("restoring.list_heading"), title_justify="left", header_style="bold")
    for header in ("list_tab", "list_moment", "list_lines"):
        table.add_column(text(f"restoring.{header}"), overflow="fold")
    for each in found.listed:
        lines = text("restoring.list_unreadable") if each.lines is None else str(each.lines)
        table.add_row(report.cell_text(shown(each.title)), f"{each.taken_at:{MOMENT}}", lines)
    console.print(table)


def _sentences(made: RestoredTab, config: Config | None) -> Iterator[str]:
    source, tab = shown(made.source), shown(made.title)
    moment = f"{made.taken_at:{MOMENT}}"
    yield text(
        "restoring.made" if made.is_new else "restoring.there", moment=moment, lines=made.lines, tab=tab, source=source
    )
    if made.differences is None:
        if made.is_unit:
            yield text("restoring.no_tab_now", source=source)
    elif not made.differences:
        yield text("restoring.alike", source=source)
        return  # there is nothing to copy back
    else:
        yield from _differences(made.differences, source, config)
    yield text("restoring.what_next", tab=tab, source=source)


def _differences(found: Differences, source: str, config: Config | None) -> Iterator[str]:
    for key, rows in (("only_in_copy", found.only_in_copy), ("only_in_tab", found.only_in_tab)):
        if rows:
            yield text(f"restoring.{key}", count=len(rows), rows=_listed(rows), source=source)
    if found.changed:
        yield text("restoring.changed", count=len(found.changed))
        yield from (f"  {_changed(each, config)}" for each in found.changed[:MOST_ROWS])
        if len(found.changed) > MOST_ROWS:
            yield "  " + text("restoring.more", count=len(found.changed) - MOST_ROWS)


def _changed(change: Changed, config: Config | None) -> str:
    headers = ", ".join(config.field(code).header if config else code for code in change.fields)
    return text("restoring.changed_row", row=change.row, now=change.now, headers=headers)


def _listed(rows: Sequence[int]) -> str:
    named = ", ".join(map(str, rows[:MOST_ROWS]))
    more = len(rows) - MOST_ROWS
    return f"{named} {text('restoring.more', count=more)}" if more > 0 else named
