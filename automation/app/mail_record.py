"""`tccb mails`: who got what, when, why, with what outcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from automation.app.clock import Clock
from automation.app.deciding import desk_of, judged_under
from automation.app.looking import read_everything
from automation.app.manual_mails import codes_typed
from automation.core.mail.sent_tab import SentLine, line_of
from automation.core.model.ports import Store, Workbook
from automation.core.model.problems import Problem


class MailsFound(Struct, frozen=True):
    """What is known of mails, newest first, or why nothing can be told."""

    lines: tuple[SentLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    others: int = 0
    """How many mails of other campaigns are left out."""


def mails(
    book: Workbook,
    store: Store,
    clock: Clock,
    units: Sequence[str] = (),
    since: date | None = None,
    *,
    of_all: bool = False,
) -> MailsFound:
    """Every mail of the campaign in force, of every campaign with `of_all`: those that wait for their turn too, out of
    the state folder and out of the workbook; of these units (codes), and from that day on. Writes and mails nothing.

    Raises `CannotStart` for a code that no unit has, TccbError where the workbook cannot be read.
    """
    snapshot, in_force = read_everything(book, store)
    found = judged_under(snapshot, in_force, store, clock)
    if found is None:
        return MailsFound(problems=in_force.problems)
    judged = found.judged
    codes, zone = codes_typed(judged, units), judged.config.settings.zone
    names = judged.names
    sent = desk_of(snapshot, found, store, book).sent
    lines = [line for each in sent if (line := line_of(each, names, zone, untried=True))]
    lines.sort(key=lambda line: (line.when, line.key), reverse=True)
    wanted = [line for line in lines if not codes or line.unit in codes]
    wanted = [line for line in wanted if since is None or line.when.date() >= since]
    told = [line for line in wanted if of_all or judged.config.settings.is_campaign(line.campaign)]
    return MailsFound(tuple(told), others=len(wanted) - len(told))
