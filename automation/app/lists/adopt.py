"""`tccb adopt`: take on a workbook as units keep it. Looks first; what is sure is done when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from automation.adapters.config_files import shipped_tables
from automation.app.clock import Clock, machine_clock
from automation.app.init import SetUpReport, plan_config, set_up
from automation.app.looking import with_own_spreadsheets
from automation.base.errors import WorkbookBusy
from automation.base.messages import text
from automation.core.admin.reader import Refused
from automation.core.adoption.looking import propose
from automation.core.adoption.proposal import Adoption
from automation.core.adoption.steps import config_changes, journal_lines, new_units, shipped_with
from automation.core.config import tabs
from automation.core.config.shipped import ShippedTables
from automation.core.config.whose_tabs import bot_tab, bot_tabs
from automation.core.judging.locating import titles_taken
from automation.core.model.ports import Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import CellChange, Snapshot
from automation.core.text.moments import to_the_minute
from automation.core.writing.journal import read_journal

_TRIES = 3
"""How often people may be faster."""


class AdoptionReport(Struct, frozen=True):
    """What is proposed, and what was done about it."""

    adoption: Adoption | None
    """None where the configuration cannot be used: nothing was done."""
    problems: tuple[Problem, ...] = ()
    set_up: SetUpReport | None = None
    """What `init` did in the course of it; None where nothing was to be done."""
    begins_with: int = 0
    """How many units of the shipped registry get tabs, in a workbook that has no registry yet."""

    @property
    def applied(self) -> bool:
        """Whether what is sure was done."""
        return self.set_up is not None and self.set_up.drawn


def adopt(
    book: Workbook, clock: Clock = machine_clock, *, apply: bool = False, shipped: ShippedTables | None = None
) -> AdoptionReport:
    """Look at a workbook as units keep it, and with `apply` do what is sure: remember headers, name units' tabs in the
    registry, add what is missing at the right, note it in the journal.

    Every step can be repeated and leaves the others possible: whoever is stopped in between runs it again. A
    workbook without tabs of ours is looked at by the shipped ones. Raises CannotStart, WorkbookUnavailable, and
    WorkbookBusy where people were faster each time.
    """
    shipped = shipped or shipped_tables()
    for _ in range(_TRIES):
        snapshot = book.read(look_around=True)
        config = plan_config(snapshot, shipped, shipped.tables).config  # as it holds once `init` has been run
        taken = titles_taken(snapshot)
        if isinstance(config, Refused):
            return AdoptionReport(None, (*taken, *config.problems))
        adoption = propose(with_own_spreadsheets(book, snapshot, config), config)
        begins_with = 0 if tabs.REGISTRY in bot_tabs(snapshot) else len(config.units)
        if taken or not apply:
            return AdoptionReport(adoption, taken, begins_with=begins_with)
        changes = config_changes(snapshot, adoption)
        if not changes or _written(book, changes, snapshot):
            done = set_up(
                book,
                clock=clock,
                shipped=shipped_with(shipped, snapshot, adoption),
                units=new_units(shipped, snapshot, adoption),
            )
            now = book.read()
            if done.drawn and (late := _not_there(now, adoption)):
                if not _written(book, late, now):
                    continue
                done, now = set_up(book, clock=clock, shipped=shipped), book.read()
            _note(book, now, adoption, clock(config.settings.zone))
            return AdoptionReport(adoption, done.problems, done, begins_with)
    raise WorkbookBusy(text("adopt.busy"))


def _not_there(snapshot: Snapshot, adoption: Adoption) -> list[CellChange]:
    """What belongs into columns that `init` has just brought."""
    there = {tab.key: tab for tab in snapshot.tabs}
    return [
        each for each in config_changes(snapshot, adoption) if there[each.tab].cell(each.row, each.column) != each.value
    ]


def _written(book: Workbook, changes: Sequence[CellChange], snapshot: Snapshot) -> bool:
    outcome = book.write(changes, snapshot)
    if outcome.trouble:
        raise outcome.trouble
    return outcome.held


def _note(book: Workbook, snapshot: Snapshot, adoption: Adoption, now: datetime) -> None:
    changes = read_journal(bot_tab(snapshot, tabs.JOURNAL)).changes(journal_lines(adoption), to_the_minute(now))
    if changes:
        book.write(changes, snapshot)
