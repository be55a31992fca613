"""What follows from a look at the workbook: who stands where, which cells have to change, which mails are due."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from automation.app.clock import Clock, Stopwatch
from automation.app.keeping import Kept
from automation.base.collecting import uncollected
from automation.base.messages import text
from automation.core.admin.in_force import ConfigInForce
from automation.core.config import tabs
from automation.core.config.whose_tabs import as_called_now, bot_tab, missing_tabs
from automation.core.figures.history import read_history
from automation.core.judging.judged import Judged
from automation.core.mail.desk import Desk, FullerCopy, no_copy
from automation.core.mail.notes import mails_adopted, mails_in_doubt, mails_stuck, with_mail_notes
from automation.core.mail.planning import MailPlan, no_mails, plan_mails
from automation.core.mail.recipients import delivery_terms, may_go_today, to_predecessors
from automation.core.mail.reminders import of_this_campaign
from automation.core.mail.sent_tab import SentTab, read_sent, unknown_to
from automation.core.model.mail import MailRecord
from automation.core.model.mistakes import Mistake
from automation.core.model.ports import Store, Workbook
from automation.core.model.problems import Problem
from automation.core.model.workbook import Snapshot
from automation.core.text.moments import VIET_NAM
from automation.core.text.vietnamese import quoted_list
from automation.core.writing.changes import Changes, cell_changes, refusal_changes
from automation.core.writing.dashboard_links import dead_links


class Decided(Struct, frozen=True):
    """What follows from one look at the workbook."""

    snapshot: Snapshot
    in_force: ConfigInForce
    judged: Judged | None
    """None where no configuration could be used."""
    plan: MailPlan
    changes: Changes
    adopted: tuple[MailRecord, ...] = ()
    """Mails of which the workbook alone knows that they have gone."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What a person has to mend, and what nobody foresaw after judging."""
        found = self.judged.problems if self.judged else self.in_force.problems
        return (*found, *(each.problem for each in (*self.plan.mistakes, *self.changes.mistakes)))

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """What nobody foresaw in any step, for the log."""
        judged = self.judged.mistakes if self.judged else ()
        return (*judged, *self.plan.mistakes, *self.changes.mistakes)


class KnownMails(Struct, frozen=True):
    """The mails so far, as the store and the workbook tell of them at one look."""

    queued: tuple[MailRecord, ...]
    """Every one that the store has."""
    adopted: tuple[MailRecord, ...]
    """Those of which the workbook alone knows that they have gone."""
    tab: SentTab

    @property
    def all(self) -> tuple[MailRecord, ...]:
        return (*self.queued, *self.adopted)


class Looked(Struct, frozen=True):
    """One look at the workbook: as it was judged, and the mails so far."""

    judged: Judged
    mails: KnownMails


Decide: TypeAlias = Callable[[Snapshot, ConfigInForce], Decided]


def decider(
    book: Workbook,
    store: Store,
    clock: Clock,
    watch: Stopwatch,
    kept: Kept,
    *,
    mails: bool,
    fuller_copy: FullerCopy = no_copy,
) -> Decide:
    """How to decide in this cycle, as often as people overtake it. Without `mails` none are planned."""

    @uncollected()
    def decide(snapshot: Snapshot, in_force: ConfigInForce) -> Decided:
        with watch("judge"):
            found = judged_under(snapshot, in_force, store, clock, kept)
        with watch("plan"):
            if found is None:
                changes = refusal_changes(snapshot, in_force.problems, clock(VIET_NAM))
                return Decided(snapshot, in_force, None, MailPlan((), {}), changes)
            judged = found.judged
            desk = replace(desk_of(snapshot, found, store, book), fuller_copy=fuller_copy)
            plan = plan_mails(_at_work(desk, in_force, store)) if mails else no_mails(desk)
            noted, state = in_force.changes_to_note(), in_force.state(judged.now)
            shown = kept.shown(judged)
            given_up = kept.given_up(judged.now.date())
            changes = cell_changes(
                snapshot,
                judged,
                plan.reminded_at,
                noted,
                plan.coming,
                state,
                desk.sent,
                found.mails.tab,
                units_shown=shown,
                dashboard_shown=kept.shows_on_dashboard(snapshot, judged, plan.coming),
                given_up=given_up,
                came_back=kept.came_back(),
                address_of=book.link,
                history=desk.history,
            )
            kept.note(judged, changes)
            kept.note_dashboard(snapshot, judged, plan.coming, changes)
        return Decided(snapshot, in_force, judged, plan, changes, tuple(desk.adopted))

    return decide


@uncollected()
def judged_under(
    snapshot: Snapshot, in_force: ConfigInForce, store: Store, clock: Clock, kept: Kept | None = None
) -> Looked | None:
    """The workbook judged by the configuration in force, with its texts of the day; None where there is none."""
    if in_force.config is None:
        return None
    kept = kept or Kept()
    now = clock(in_force.config.settings.zone)
    judged = kept.judged(snapshot, in_force.config, store.unit_records(), now)
    mails = _known_mails(snapshot, judged, store)
    guide = kept.guide_problems(snapshot, in_force.config, now.date())
    ours, today = of_this_campaign(mails.queued, in_force.config.settings), now.date()
    of_mails = (
        *mails_stuck(mails.queued, now),
        *mails_in_doubt(ours, judged.standings, today),
        *mails_adopted(mails.adopted, judged.standings),
    )
    found = (*judged.problems, *guide, *_lost_tabs(snapshot), *dead_links(snapshot), *of_mails)
    judged = replace(
        judged,
        standings=with_mail_notes(judged.standings, mails.all, in_force.config.settings.zone),
        problems=(*in_force.problems, *as_called_now(found, snapshot)),
    )
    return Looked(judged, mails)


def _lost_tabs(snapshot: Snapshot) -> Iterator[Problem]:
    """What is told where a tab of the bot's is gone and others are there: what it would show is not kept, and nobody
    else says so, as of `Thư đã gửi` the mails do. A workbook that has none yet was not set up.
    """
    missing = missing_tabs(snapshot)
    lost = [title for title in (tabs.DASHBOARD, tabs.HISTORY, tabs.JOURNAL) if title in missing]
    if lost and len(missing) < len(tabs.WRITTEN_TABS):
        what = text("units.lost_tabs.what", tabs=quoted_list(lost))
        yield Problem(text("units.lost_tabs.where"), what, text("units.lost_tabs.fix"), needs_person=False)


def _known_mails(snapshot: Snapshot, judged: Judged, store: Store) -> KnownMails:
    tab, history = read_sent(bot_tab(snapshot, tabs.MAILS)), store.mail_history()
    adopted = unknown_to(history, tab.lines, judged.config.settings.zone)
    believed = {each.key for each in adopted}
    return KnownMails(tuple(each for each in history if each.key not in believed), tuple(adopted), tab)


def _at_work(desk: Desk, in_force: ConfigInForce, store: Store) -> Desk:
    """With what only matters where mails are really planned."""
    now = desk.judged.now
    due = store.due_mails(now, delivery_terms(desk.settings, now))
    return replace(desk, refusal=in_force.refusal, waiting=may_go_today(due, desk.sent, desk.settings, now))


def desk_of(snapshot: Snapshot, found: Looked, store: Store, book: Workbook) -> Desk:
    """What the mails of a judged workbook are decided by and made of."""
    judged = found.judged
    campaign = judged.config.settings.campaign_code
    history = read_history(bot_tab(snapshot, tabs.HISTORY), campaign).under(judged.renamed)
    history = replace(history, looks=store.last_looks())
    sent, first = _as_of_now(found.mails.all, judged), store.first_cycle_at()
    return Desk(judged, history, sent, first, book.name, link=book.link, adopted=found.mails.adopted)


def _as_of_now(mails: Sequence[MailRecord], judged: Judged) -> list[MailRecord]:
    """Those to a unit under its present code and beside its present focal person."""
    units = judged.config.units_by_code
    present = (each.under(judged.renamed) for each in mails)
    return [replace(each, to_predecessors=to_predecessors(each, units.get(each.unit))) for each in present]
