"""What another configuration would change: the same people judged by both, compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from msgspec import Struct

from automation.core.admin.draft import is_empty
from automation.core.admin.planned_tabs import table_in
from automation.core.config import tabs
from automation.core.judging.completion import Total, has_reached_target
from automation.core.judging.judged import Judged
from automation.core.judging.trials import trial_sentence
from automation.core.model.workbook import ConfigTables, Row
from automation.core.reading.cells import fold
from automation.core.reading.tables import body


class ChangedRow(Struct, frozen=True):
    """A person whose status would be another. None: the row would not be, or is not, counted as a person's."""

    unit: str
    row: int
    before: str | None
    after: str | None


class ChangedUnit(Struct, frozen=True):
    """A unit whose rate would be another, or some of whose people's statuses would."""

    code: str
    name: str
    before: float | None
    after: float | None
    rows: int
    """People whose status would be another."""


class Rehearsal(Struct, frozen=True):
    """What the configuration in force makes of a workbook, and what another one would."""

    tabs: tuple[str, ...]
    """The config tabs that the other configuration brings; the others are the workbook's own."""
    rows: tuple[ChangedRow, ...]
    units: tuple[ChangedUnit, ...]
    statuses: Mapping[tuple[str | None, str | None], int]
    """(label before, label after) -> people, most first."""
    before: Total
    after: Total
    reached: tuple[int, int]
    """Units at their target before and after."""
    trials: tuple[tuple[str, str], ...] = ()
    """(rule, what it would do) of the rules that would be on trial and are not so now, or that do something else."""


def tabs_in(tables: Mapping[str, Sequence[Row]]) -> ConfigTables:
    """The config tabs among tables by title; empty ones, and a registry that names no unit, bring nothing."""
    by_title = {fold(title): rows for title, rows in tables.items()}
    found = {title: by_title[fold(title)] for title in tabs.CONFIG_TABS if not is_empty(by_title.get(fold(title), ()))}
    registry = table_in(tabs.REGISTRY, found.get(tabs.REGISTRY, ()))
    if registry is not None and not any(body(found[tabs.REGISTRY], registry)):
        del found[tabs.REGISTRY]
    return found


def compare(before: Judged, after: Judged, brought: Iterable[str]) -> Rehearsal:
    """The difference between two judgements of the same workbook; `brought`: titles of the tabs that differ."""
    rows = _changed_rows(before, after)
    return Rehearsal(
        tabs=tuple(brought),
        rows=rows,
        units=_changed_units(before, after, rows),
        statuses=_by_label(before, after, rows),
        before=before.total,
        after=after.total,
        reached=(_reached(before), _reached(after)),
        trials=tuple(each for each in _trials(after) if each not in set(_trials(before))),
    )


def _trials(judged: Judged) -> Iterator[tuple[str, str]]:
    names = judged.names
    return ((trial.rule, trial_sentence(trial, names)) for trial in judged.trials)


def _changed_rows(before: Judged, after: Judged) -> tuple[ChangedRow, ...]:
    columns = ["unit", "row", "status"]
    both = before.people[columns].merge(after.people[columns], how="outer", on=columns[:2])
    changed = both[both["status_x"] != both["status_y"]]
    rows = (
        ChangedRow(str(unit), int(row), _code(old), _code(new))
        for unit, row, old, new in zip(*(changed[name] for name in changed.columns), strict=True)
    )
    places = {code: place for place, code in enumerate(_names(before, after))}
    return tuple(sorted(rows, key=lambda each: (places[each.unit], each.row)))


def _reached(judged: Judged) -> int:
    return sum(has_reached_target(each, each.rate, judged.config.settings) for each in judged.standings)


def _code(status: Any) -> str | None:
    return None if pd.isna(status) else str(status)


def _names(before: Judged, after: Judged) -> dict[str, str]:
    """The units of both, by code, in the order of the registry in force."""
    return {**before.names, **after.names}


def _changed_units(before: Judged, after: Judged, rows: Sequence[ChangedRow]) -> tuple[ChangedUnit, ...]:
    old, new = ({each.code: each.rate for each in judged.standings} for judged in (before, after))
    changed = Counter(row.unit for row in rows)
    units = (
        ChangedUnit(code, name, old.get(code), new.get(code), changed[code])
        for code, name in _names(before, after).items()
    )
    return tuple(each for each in units if each.rows or each.before != each.after)


def _by_label(before: Judged, after: Judged, rows: Iterable[ChangedRow]) -> Mapping[tuple[str | None, str | None], int]:
    old, new = ({each.code: each.label for each in judged.config.statuses} for judged in (before, after))
    moves = Counter((old.get(row.before or ""), new.get(row.after or "")) for row in rows)
    return dict(moves.most_common())
