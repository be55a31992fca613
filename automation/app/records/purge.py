"""`tccb purge`: what personal data the bot keeps beside the workbook; shown first, then removed and certified."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from automation.adapters.config_files import shipped_tables
from automation.adapters.holdings import Holdings
from automation.app.clock import Clock
from automation.app.keeping import Kept
from automation.app.looking import read_everything
from automation.app.manual_mails import unit_typed
from automation.app.writing_back import write_into_journal
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tab
from automation.core.model.ports import Store, Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import Snapshot
from automation.core.reading.cells import fold
from automation.core.records.purging import Holding, Purge, Scope
from automation.core.writing.journal import JournalLine, Repeat, read_journal


@dataclass(frozen=True)
class PurgeRequest:
    """What somebody asked for."""

    unit: str = ""
    field: str = ""
    """Code or header."""
    applies: bool = False
    by: str = ""
    """Who asked, as the machine knows them."""


@dataclass(frozen=True)
class PurgeOutcome:
    """What is kept, or was until it was removed."""

    problems: tuple[Problem, ...] = ()
    scope: Scope | None = None
    """None where no configuration could be used."""
    counts: Mapping[Holding, int] | None = None
    stays: Mapping[Holding, int] = field(default_factory=dict)
    """What a removal of that scope leaves, though something of it may stand there."""
    certificate: Path | None = None
    """None where nothing was removed."""
    ended: Purge | None = None
    """A removal that had been cut short and was ended first."""


def purge(book: Workbook, store: Store, holdings: Holdings, request: PurgeRequest, clock: Clock) -> PurgeOutcome:
    """Count what is kept, and remove it where that is asked for. Whoever was stopped runs it again: the certificate
    says what there was before the first run.

    Raises CannotStart (no such unit or field; everything, while the last good configuration decides, which would go
    too and leave none), TccbError where something is out of reach.
    """
    snapshot, in_force = read_everything(book, store, shipped_tables(), Kept())
    config = in_force.config
    if config is None:
        return PurgeOutcome(in_force.problems)
    scope = _scope(request, config, holdings.units())
    if not request.applies:
        return PurgeOutcome(scope=scope, counts=holdings.counts(scope), stays=holdings.stays(scope))
    now = clock(ZoneInfo(config.settings.time_zone)).replace(microsecond=0)
    run = _Run(book, snapshot, holdings, now)
    begun = holdings.begun()
    if not in_force.fresh and Scope() in (scope, begun.scope if begun else scope):
        raise CannotStart(text("purging.config_refused"))
    if begun:
        certificate, problems = run.carried_out(begun)
        if begun.scope == scope:
            return PurgeOutcome(problems, scope, begun.counts, begun.stays, certificate, begun)
    counts, stays = holdings.counts(scope), holdings.stays(scope)
    if not any(counts.values()):
        holdings.remove(scope)  # what a killed process left half written
        return PurgeOutcome(scope=scope, counts=counts, stays=stays, ended=begun)
    wanted = Purge(scope, now, request.by, counts, stays)
    holdings.begin(wanted)
    certificate, problems = run.carried_out(wanted)
    return PurgeOutcome(problems, scope, counts, stays, certificate, begun)


def _scope(request: PurgeRequest, config: Config, known: Collection[str]) -> Scope:
    """Raises CannotStart for a unit or field that is not there. `known`: units of which something is kept; of those
    that the workbook names no more the code is enough.
    """
    if request.unit:
        left = next((code for code in known if fold(code) == fold(request.unit)), "")
        if left and left not in {unit.code for unit in config.units}:
            return Scope(unit=left)
        return Scope(unit=unit_typed(request.unit, config).code)
    if not request.field:
        return Scope()
    inputs = [field for field in config.fields if field.type.is_input]
    found = next((each for each in inputs if fold(request.field) in (fold(each.code), fold(each.header))), None)
    if found is None:
        codes = ", ".join(each.code for each in inputs)
        raise CannotStart(text("purging.unknown_field", typed=request.field, codes=codes))
    return Scope(field=found.code)


class _Run:
    def __init__(self, book: Workbook, snapshot: Snapshot, holdings: Holdings, now: datetime) -> None:
        self._book, self._snapshot, self._holdings, self._now = book, snapshot, holdings, now

    def carried_out(self, wanted: Purge) -> tuple[Path, tuple[Problem, ...]]:
        """Remove, certify, tell the journal; every step may be repeated."""
        self._holdings.remove(wanted.scope)
        certificate = self._holdings.certify(wanted)
        told = self._tell(wanted)
        if told:
            self._holdings.end()
        return certificate, () if told else (_not_told(certificate),)

    def _tell(self, wanted: Purge) -> bool:
        line = JournalLine(text("purging.journal_kind"), wanted.file_name, wanted.sentence, Repeat.ONCE)
        moment = wanted.begun_at.replace(second=0, tzinfo=None)
        self._book.lease.ensure()
        self._snapshot = write_into_journal(self._book, self._snapshot, line, moment)
        journal = read_journal(bot_tab(self._snapshot, tabs.JOURNAL))
        return journal.tab is not None and any(wanted.file_name in row for row in journal.tab.rows)


def _not_told(certificate: Path) -> Problem:
    return Problem(str(certificate), text("purging.not_told.what"), text("purging.not_told.fix"))
