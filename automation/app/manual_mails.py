"""`tccb remind` and `tccb summary`: mails that a person asks for, to look at or to send."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from automation.adapters.mail.mime import mailbox
from automation.adapters.mail.preview import PreviewFolder
from automation.app.clock import Clock
from automation.app.deciding import desk_of, judged_under
from automation.app.looking import read_everything
from automation.app.mailing import Mailing, deliver
from automation.base.errors import CannotStart, RefusedMailError
from automation.base.messages import text
from automation.core.admin.reader import Refused
from automation.core.config.values import Config
from automation.core.config.working_days import next_opening
from automation.core.judging.judged import Judged
from automation.core.mail.desk import DecidedMail, Desk
from automation.core.mail.manual import (
    MailsByHand,
    Prepared,
    Skipped,
    as_redirected,
    redirected,
    reminders_by_hand,
    summary_by_hand,
    units_mailed_on_the_day,
)
from automation.core.mail.planning import not_to_be_sent, word_each
from automation.core.mail.send_calendar import ComingMail, send_calendar
from automation.core.model.mail import Delivery, Mail
from automation.core.model.mistakes import Mistake, Net
from automation.core.model.ports import Progress, Store, Workbook
from automation.core.model.problems import Problem
from automation.core.model.units import Unit
from automation.core.model.workbook import ConfigTables
from automation.core.reading.cells import fold
from automation.core.reading.suggestions import nearest


class ManualRequest(Struct, frozen=True):
    """What somebody asked for."""

    units: tuple[str, ...] = ()
    """Codes; () means every unit below its target."""
    send: bool = False
    redirect: str = ""
    """The only address to send to; "" leaves that to the configuration."""


class ManualOutcome(Struct, frozen=True):
    """What came of it."""

    problems: tuple[Problem, ...] = ()
    """Why there is no configuration to work by; nothing else is there then."""
    prepared: tuple[Prepared, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    files: tuple[Path, ...] = ()
    """The pages to look at, in the order of `prepared`; () where mails were sent."""
    queued: int = 0
    delivery: Delivery = field(default_factory=Delivery)
    opens: datetime | None = None
    """When the mails go, where they may not go now."""
    mistakes: tuple[Mistake, ...] = ()
    """What nobody foresaw: the letters concerned were not made."""


class Calendar(Struct, frozen=True):
    """The mails to come, or why nobody can tell."""

    coming: tuple[ComingMail, ...] = ()
    problems: tuple[Problem, ...] = ()


class Clerk(Struct, frozen=True):
    """Who makes the mails that a person asks for, and with what."""

    book: Workbook
    store: Store
    mailing: Mailing
    clock: Clock
    previews: Path
    """The folder of the files to look at."""
    progress: Progress | None = None
    """Told before each mail that is sent."""


def remind(clerk: Clerk, request: ManualRequest) -> ManualOutcome:
    """Reminders as of now, as files to look at or, where the request says so, sent.

    Raises `CannotStart` for a code that no unit has and for an address that is none, TccbError where the workbook
    cannot be read.
    """

    def decide(desk: Desk, net: Net) -> MailsByHand:
        mailed = units_mailed_on_the_day(desk.judged, desk.sent) if request.send else set()
        return reminders_by_hand(desk, net, codes_typed(desk.judged, request.units), mailed)

    return _done(clerk, request, decide)


def summary(clerk: Clerk, request: ManualRequest) -> ManualOutcome:
    """The summary as of now, in the same ways. Raises as `remind`."""
    return _done(clerk, request, summary_by_hand)


def calendar(
    book: Workbook,
    store: Store,
    clock: Clock,
    units: Sequence[str] = (),
    proposed: ConfigTables | None = None,
) -> Calendar:
    """The mails to come, of all units or of those with these codes. Raises as `remind`.

    `proposed`: config tabs to rehearse, as if they stood in the workbook in place of its own.
    """
    snapshot, in_force = read_everything(book, store)
    if proposed:
        config = in_force.with_tabs(proposed)
        if isinstance(config, Refused):
            return Calendar(problems=config.problems)
        in_force = replace(in_force, config=config, problems=())
    found = judged_under(snapshot, in_force, store, clock)
    if found is None:
        return Calendar(problems=in_force.problems)
    codes = codes_typed(found.judged, units)
    desk = desk_of(snapshot, found, store, book)
    coming = send_calendar(found.judged, desk.sent, desk.first_cycle_at)
    return Calendar(tuple(each for each in coming if each.unit in codes or not codes))


def _done(clerk: Clerk, request: ManualRequest, decide: Callable[[Desk, Net], MailsByHand]) -> ManualOutcome:
    book, store, mailing = clerk.book, clerk.store, clerk.mailing
    redirect = _checked_address(request.redirect)
    if request.send:
        # Before the workbook is read: who had it until now has mailed no more since.
        book.lease.begin()
        book.lease.ensure()
    snapshot, in_force = read_everything(book, store)
    looked = judged_under(snapshot, in_force, store, clerk.clock)
    if looked is None:
        return ManualOutcome(in_force.problems)
    judged = looked.judged
    addressed = replace(looked, judged=redirected(judged, redirect)) if redirect else looked
    desk = desk_of(snapshot, addressed, store, book)
    net = Net("not_mailed")
    found = decide(desk, net)
    prepared = tuple(_prepared(found.mails, desk, mailing, net))
    done = ManualOutcome((), prepared, found.skipped, mistakes=tuple(net.mistakes))
    if not request.send:
        folder = PreviewFolder(clerk.previews)
        return replace(done, files=tuple(folder.write(each.mail, judged.now) for each in prepared))
    mails = [as_redirected(each.mail, judged) if redirect else each.mail for each in prepared]
    queued = _queue(store, judged, mails)
    opening = next_opening(judged.config.settings, judged.now)
    opens = opening if mails and opening > judged.now and not redirect else None
    # What waits from before would go as it was worded then: it is the next cycle's.
    keys = frozenset(mail.key for mail in mails)
    delivery = deliver(book, snapshot, store, mailing, judged, clerk.progress, only=keys)
    return replace(done, queued=queued, delivery=delivery, opens=opens)


def _prepared(decided: Sequence[DecidedMail], desk: Desk, mailing: Mailing, net: Net) -> Iterator[Prepared]:
    """Those that can be put into words; the others go into the net."""
    for each in decided:
        for mail in word_each([each], mailing.writer, desk.judged.config, mailing.sender, net):
            yield Prepared(mail, desk.name_of(mail.unit), each.recipients)


def _queue(store: Store, judged: Judged, mails: Sequence[Mail]) -> int:
    history = store.mail_history()
    with store.transaction(judged.now) as ledger:
        ledger.withdraw(not_to_be_sent(judged, mails, history))
        return sum(ledger.queue(mail, judged.now) for mail in mails)


def codes_typed(judged: Judged, typed: Sequence[str]) -> tuple[str, ...]:
    """The units' codes as the registry spells them. Raises `CannotStart` for the first that is not there."""
    return tuple(unit_typed(code, judged.config).code for code in typed)


def unit_typed(code: str, config: Config) -> Unit:
    """The unit of that code, however it is spelled. Raises `CannotStart` where there is none."""
    units = {fold(unit.code): unit for unit in config.units}
    if fold(code) not in units:
        meant = nearest(code, [unit.code for unit in config.units])
        hint = text("by_hand.similar_code", code=meant) if meant else ""
        raise CannotStart(text("by_hand.unknown_code", code=code, hint=hint))
    return units[fold(code)]


def _checked_address(typed: str) -> str:
    """Raises `CannotStart` for what is no plain address."""
    if not typed:
        return ""
    try:
        return mailbox(typed).addr_spec
    except RefusedMailError:
        raise CannotStart(text("by_hand.address", typed=typed)) from None
