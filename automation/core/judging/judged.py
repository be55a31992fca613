"""What a judged workbook is: where everybody stands, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pandas as pd
from msgspec import Struct, field

from automation.core.config.values import Config
from automation.core.judging.completion import Total
from automation.core.judging.left_over import LeftOver
from automation.core.judging.lists.unit_table import UnitTable
from automation.core.judging.lists.unreadable import UnreadableTab
from automation.core.judging.row_loss import RowLoss
from automation.core.model.mistakes import Mistake
from automation.core.model.problems import Problem
from automation.core.model.units import Severity, Standing, UnitRecord, unit_names


class SharedNumber(Struct, frozen=True, order=True):
    """One identity number in several units: where, never which."""

    places: tuple[tuple[str, tuple[int, ...]], ...]
    """Code of a unit and its rows, in the order of codes."""


class Judged(Struct, frozen=True):
    """A judged workbook."""

    config: Config
    now: datetime
    """In the campaign's time zone."""
    standings: tuple[Standing, ...]
    """In the order of the registry."""
    total: Total
    people: pd.DataFrame
    """One line a person: unit, row, name, category, party, difficulty, status (code), label,
    todo (next step without personal data), and for the sheet alone: sheet_todo, sheet_errors; and for each part rate
    whether the person is counted in it, see `part_column` of `completion.py`. `inputs_length` and `inputs_sum`: of the
    row as typed (`RowSums`), for its digest."""
    findings: pd.DataFrame
    """One line a finding, columns `findings.COLUMNS`."""
    trials: tuple[Trial, ...]
    """What the rules in mode Thử would do."""
    problems: tuple[Problem, ...]
    cross_unit_duplicates: tuple[SharedNumber, ...]
    """The identity numbers that stand in more than one unit, for the office alone."""
    tables: tuple[UnitTable, ...]
    """The tabs of the units that could be read."""
    records: tuple[UnitRecord, ...]
    """What the store is to remember of the units that could be read."""
    unreadable: tuple[UnreadableTab, ...] = ()
    """The units whose tabs could not be read, and why."""
    left_over: tuple[LeftOver, ...] = ()
    """What still stands in columns of fields that are switched off."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Old code -> present code of the units whose code was changed while their tab stayed."""
    losses: tuple[RowLoss, ...] = ()
    """The units that lost many rows since they were last read."""
    mistakes: tuple[Mistake, ...] = ()
    """What nobody foresaw: the units concerned are unknown."""
    marks: Mapping[str, object] = field(default_factory=dict)
    """By unit, what is the same object as long as nobody in it is judged anew."""

    @property
    def names(self) -> Mapping[str, str]:
        """The names of the units by code."""
        return unit_names(self.standings)

    @property
    def is_overdue(self) -> bool:
        """Whether the deadline has passed."""
        return self.config.settings.is_overdue(self.now.date())


class Trial(Struct, frozen=True):
    """What a rule in mode Thử would do if it were on."""

    rule: str
    severity: Severity
    rows: int
    """Rows that it concerns."""
    units: int
    status_changes: int = 0
    """Rows whose status would be another."""
    below_target: tuple[str, ...] = ()
    """Codes of the units that have reached their target and would fall below it."""
