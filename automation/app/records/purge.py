"""`tccb purge`: what personal data the bot keeps beside the workbook, and what stands in it; shown first, then removed
and certified.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field

from automation.adapters.holdings import Holdings
from automation.app.clock import Clock
from automation.app.deciding import judged_under
from automation.app.looking import read_everything, with_every_tab
from automation.app.manual_mails import unit_typed
from automation.app.records.emptying import empty_lists
from automation.app.records.freeze import FreezeStore, put_away_as_it_stands
from automation.app.writing_back import write_into_journal
from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.identity import CodesOfOneTab
from automation.core.config.values import Config
from automation.core.config.whose_tabs import bot_tab
from automation.core.judging.judged import Judged
from automation.core.model.ports import Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import Snapshot
from automation.core.reading.cells import fold
from automation.core.records.emptying import NOTHING_TO_EMPTY, ToEmpty, lines_in, to_empty
from automation.core.records.purging import Holding, InWorkbook, Purge, Scope
from automation.core.writing.journal import JournalLine, Repeat, read_journal


class PurgeRequest(Struct, frozen=True):
    """What somebody asked for."""

    unit: str = ""
    field: str = ""
    """Code or header."""
    workbook: bool = False
    """Whether the lists in the workbook go, too."""
    applies: bool = False
    by: str = ""
    """Who asked, as the machine knows them."""


class PurgeOutcome(Struct, frozen=True):
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
    unread: tuple[str, ...] = ()
    """The units, with their tabs, whose list stays in the workbook as nothing was found of it."""


def purge(
    book: Workbook,
    store: FreezeStore,
    holdings: Holdings,
    request: PurgeRequest,
    clock: Clock,
    codes: CodesOfOneTab | None = None,
) -> PurgeOutcome:
    """Count what is kept, and remove it where that is asked for. Whoever was stopped runs it again: the certificate
    says what there was before the first run. `codes`: what the workbook looks for by its identity, of one that other
    people edit meanwhile.

    Raises CannotStart (no such unit or field; everything, while the last good configuration decides, which would go
    too and leave none; lists in the workbook whose result lies in no file that nobody changed, none that can be read,
    or a field of theirs that is in use), TccbError where something is out of reach.
    """
    snapshot, in_force = read_everything(book, store)
    config = in_force.config
    if config is None:
        return PurgeOutcome(in_force.problems)
    snapshot = with_every_tab(book, snapshot)  # `tccb restore` may have made one a moment ago
    scope = _scope(request, config, holdings.units())
    if request.workbook and config.uses(scope.field):
        raise CannotStart(text("purging.field_in_use", header=config.field(scope.field).header))
    now = clock(config.settings.zone).replace(microsecond=0)
    run = _Run(book, snapshot, holdings, codes or CodesOfOneTab())
    begun = holdings.begun() if request.applies else None
    if request.applies and not in_force.fresh and Scope() in (scope, begun.scope if begun else scope):
        raise CannotStart(text("purging.config_refused"))
    if begun:
        ended, certificate, problems = run.carried_out(begun)
        if begun.scope == scope and (begun.workbook or not request.workbook):
            return PurgeOutcome(problems, scope, ended.counts, ended.stays, certificate, begun, ended.unread)
    found = to_empty(run.snapshot, config, scope) if request.workbook else NOTHING_TO_EMPTY
    looked = judged_under(run.snapshot, in_force, store, clock) if found.lists else None
    proof = put_away_as_it_stands(book, store, run.snapshot, in_force, looked, scope.unit) if looked else None
    if request.applies:
        _refuse_unproved(found, book, is_frozen=proof is not None)
    counts, stays = {**holdings.counts(scope), **run.lines(found)}, holdings.stays(scope)
    problems = (*found.unreadable, *([_not_frozen(book.address)] if found.lists and proof is None else []))
    if not request.applies:
        return PurgeOutcome(problems, scope, counts, stays, unread=found.unread)
    if not any(counts.values()):
        holdings.remove(scope)  # what a killed process left half written
        return PurgeOutcome(problems, scope, counts, stays, ended=begun)
    part = InWorkbook(Path(proof.file).name, proof.sha256, found.lists, found.others, found.unread) if proof else None
    wanted = Purge(scope, now, request.by, counts, stays, part)
    if looked and not scope.field:
        _remember_figures(store, looked.judged, scope)
    done, certificate, troubles = run.carried_out(holdings.begin(wanted))
    return PurgeOutcome((*problems, *troubles), scope, done.counts, done.stays, certificate, begun, done.unread)


def _refuse_unproved(found: ToEmpty, book: Workbook, *, is_frozen: bool) -> None:
    """Raises CannotStart where nothing that is to go can be read, or where it was not put away as it stands."""
    if found.unread and not found.lists:
        raise CannotStart(text("purging.none_read", units="; ".join(found.unread)))
    if found.lists and not is_frozen:
        raise CannotStart(f"{text('purging.not_frozen')} {text('purging.freeze_first', workbook=book.address)}")


def _remember_figures(store: FreezeStore, judged: Judged, scope: Scope) -> None:
    """The units whose lists go keep the figures that were put away, also where no cycle has seen the last edits."""
    with store.transaction(judged.now) as ledger:
        ledger.remember_units(each for each in judged.records if scope.unit in ("", each.code))


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


class _CarriedOut(NamedTuple):
    purge: Purge
    """What it came to."""
    certificate: Path
    problems: tuple[Problem, ...]


class _Run:
    def __init__(self, book: Workbook, snapshot: Snapshot, holdings: Holdings, codes: CodesOfOneTab) -> None:
        self._book, self.snapshot, self._holdings, self._codes = book, snapshot, holdings, codes

    def lines(self, found: ToEmpty) -> Mapping[Holding, int]:
        """How many lines of the lists something stands in."""
        tabs = {tab.key: tab for tab in self.snapshot.all_tabs()}
        return {Holding.LINES: sum(lines_in(each, tabs[each.key]) for each in found.lists)} if found.lists else {}

    def carried_out(self, wanted: Purge) -> _CarriedOut:
        """Remove, certify, tell the journal; every step may be repeated. The workbook first: what is kept beside it
        would be made of that again.
        """
        done, problems = self._emptied(wanted)
        self._holdings.remove(done.scope)
        certificate = self._holdings.certify(done)
        told = self._tell(done)
        if told:
            self._holdings.end()
        return _CarriedOut(done, certificate, problems if told else (*problems, _not_told(certificate)))

    def _emptied(self, wanted: Purge) -> tuple[Purge, tuple[Problem, ...]]:
        if wanted.workbook is None:
            return wanted, ()
        self._book.lease.ensure()
        lists, said = wanted.workbook.lists, wanted.in_its_place
        emptied = empty_lists(self._book, self.snapshot, lists, said, self._codes)
        self.snapshot = emptied.snapshot
        return wanted.with_left(emptied.left), emptied.problems

    def _tell(self, wanted: Purge) -> bool:
        line = JournalLine(text("purging.journal_kind"), wanted.file_name, wanted.sentence, Repeat.ONCE)
        moment = wanted.begun_at.replace(second=0, tzinfo=None)
        self._book.lease.ensure()
        self.snapshot = write_into_journal(self._book, self.snapshot, line, moment)
        journal = read_journal(bot_tab(self.snapshot, tabs.JOURNAL))
        return journal.tab is not None and any(wanted.file_name in row for row in journal.tab.rows)


def _not_frozen(workbook: str) -> Problem:
    return Problem(workbook, text("purging.not_frozen"), text("purging.freeze_first", workbook=workbook))


def _not_told(certificate: Path) -> Problem:
    return Problem(str(certificate), text("purging.not_told.what"), text("purging.not_told.fix"))
