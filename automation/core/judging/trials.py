"""What each rule in mode Thử would do if it were on. Nothing else that is judged depends on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from automation.base.messages import text
from automation.core.config.values import Rule
from automation.core.judging.completion import has_reached_target, tally_of_rows
from automation.core.judging.findings import Findings, rows_with, told
from automation.core.judging.judged import Trial
from automation.core.judging.matching import Matcher, decide
from automation.core.judging.people import People
from automation.core.model.units import Mode, Severity, Standing

_UNITS_NAMED = 5


def run_trials(
    people: People, findings: Findings, statuses: pd.Series[Any], standings: Sequence[Standing], today: date
) -> tuple[Trial, ...]:
    """Each rule on trial by itself, in the order of tab `Quy tắc`; one that was too slow is left out.

    `statuses` and `standings` are those without any of them.
    """
    on_trial = {rule.code: rule for rule in people.config.rules if rule.mode is Mode.TRIAL}
    return tuple(
        _trial(rule, people, findings, statuses, standings, today)
        for rule in on_trial.values()
        if rule.code not in findings.too_slow
    )


def trial_sentence(trial: Trial, unit_names: Mapping[str, str]) -> str:
    """What the trial found, for the admin. `unit_names`: code -> name."""
    if not trial.rows:
        return text("trials.nobody")
    return text(
        "trials.found",
        severity=trial.severity.value,
        rows=trial.rows,
        units=trial.units,
        changes=trial.status_changes,
        below=_units_below(trial, unit_names),
    )


def _units_below(trial: Trial, unit_names: Mapping[str, str]) -> str:
    if not trial.below_target:
        return text("trials.no_unit_below")
    named = "; ".join(unit_names[code] for code in trial.below_target[:_UNITS_NAMED])
    more = len(trial.below_target) - _UNITS_NAMED
    names = text("trials.more_units", names=named, more=more) if more > 0 else named
    return text("trials.units_below", count=len(trial.below_target), names=names)


def _trial(
    rule: Rule,
    people: People,
    findings: Findings,
    statuses: pd.Series[Any],
    standings: Sequence[Standing],
    today: date,
) -> Trial:
    lines = findings.trial[findings.trial["rule"] == rule.code]
    if lines.empty:
        return Trial(rule.code, rule.severity, 0, 0)
    as_if_on = told(pd.concat([findings.table, lines]), people.config.rules)
    errors, warnings = (rows_with(as_if_on, people, severity) for severity in (Severity.ERROR, Severity.WARNING))
    others = decide(people, people.config.statuses, Matcher(people, today, errors, warnings))
    changed = others != statuses
    touched = [standing for standing in standings if standing.code in set(people.unit[changed])]
    return Trial(
        rule=rule.code,
        severity=rule.severity,
        rows=int(lines.index.nunique()),
        units=int(lines["unit"].nunique()),
        status_changes=int(changed.sum()),
        below_target=tuple(_fallen(touched, people, others)),
    )


def _fallen(touched: Collection[Standing], people: People, statuses: pd.Series[Any]) -> Sequence[str]:
    """The units at their target that would be below it with these statuses."""
    counts = statuses.map({status.code: status.counts_as for status in people.config.statuses})
    by_unit = {str(unit): rows for unit, rows in counts.groupby(people.unit, sort=False)}
    settings = people.config.settings
    return [
        each.code
        for each in touched
        if has_reached_target(each, each.rate, settings)
        and not has_reached_target(each, tally_of_rows(each.headcount, by_unit[each.code]).rate, settings)
    ]
