"""What the figures of mails are made from, and the little that reminders and summaries share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

import pandas as pd
from msgspec import Struct

from automation.core.config.values import Config, FieldCode
from automation.core.figures.history import Reading
from automation.core.judging.checks import untold_rules
from automation.core.judging.completion import Total
from automation.core.judging.judged import SharedNumber
from automation.core.judging.left_over import LeftOver
from automation.core.model.problems import Problem
from automation.core.model.units import Mode, Severity, Standing


class Judgement(Protocol):
    """A judged workbook, as far as mails speak of it."""

    @property
    def config(self) -> Config: ...
    @property
    def now(self) -> datetime: ...
    @property
    def standings(self) -> tuple[Standing, ...]: ...
    @property
    def total(self) -> Total: ...
    @property
    def people(self) -> pd.DataFrame: ...
    @property
    def findings(self) -> pd.DataFrame: ...
    @property
    def problems(self) -> tuple[Problem, ...]: ...
    @property
    def left_over(self) -> tuple[LeftOver, ...]: ...
    @property
    def cross_unit_duplicates(self) -> tuple[SharedNumber, ...]: ...


class Change(Struct, frozen=True):
    """How far a rate moved since `day`, in percentage points, and how many people got done since."""

    day: date
    points: float
    newly_done: int = 0


def change_since(earlier: Reading | None, rate: float | None, newly_done: int = 0) -> Change | None:
    """None where one of the two rates is not known."""
    if earlier is None or earlier.rate is None or rate is None:
        return None
    return Change(earlier.day, round(rate - earlier.rate, 1), newly_done)


def errors_in_force(judged: Judgement) -> pd.DataFrame:
    """The findings of severity Lỗi, without those of rules on trial: these concern the admin alone."""
    findings = judged.findings
    on_trial = [rule.code for rule in judged.config.rules if rule.mode is not Mode.ON]
    return findings[(findings["severity"] == Severity.ERROR.value) & ~findings["rule"].isin(on_trial)]


def warnings_told(judged: Judgement, standing: Standing) -> int:
    """The unit's rows with a warning that it is told of; see `untold_rules`."""
    found = judged.findings
    warnings = found[(found["unit"] == standing.code) & (found["severity"] == Severity.WARNING.value)]
    untold = warnings["rule"].isin(untold_rules(judged.config.rules))
    only_untold = set(warnings["row"][untold]) - set(warnings["row"][~untold])
    return max(standing.warnings - len(only_untold), 0)


def units_with_unreported_difficulties(judged: Judgement) -> frozenset[str]:
    """The units, by code, whose people have difficulties of which the police have not been told; none where units are
    not asked for it.
    """
    if not (judged.config.uses(FieldCode.DIFFICULTY) and judged.config.uses(FieldCode.REPORTED_ON)):
        return frozenset()
    return frozenset(
        each.code
        for each in judged.standings
        if each.breakdown.not_done_with_difficulty and each.declaration.reported_on is None
    )
