"""What mails that waited are to say when they go: the address, figures and texts of now, under the key they have.

One whose reason has gone is dropped. What somebody may have already is frozen: it goes again as it is, or not at all. A
copy that somebody asked for at an address of their own, which is not kept, is dropped where it cannot go in minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from automation.core.config.ladder import HR_OFFICE
from automation.core.config.mail_kinds import (
    ADMIN_TASKS,
    ALARM,
    BY_HAND,
    LEFT_OVER,
    REDIRECTED,
    REFUSAL,
    SUMMARY,
    UNREADABLE,
)
from automation.core.config.registry import FOCAL_PERSON, addresses_of
from automation.core.figures.admin_tasks import admin_figures
from automation.core.figures.period import Period
from automation.core.judging.row_loss import RowLoss
from automation.core.mail.alarms import alarm_recipients
from automation.core.mail.desk import Desk, Letter
from automation.core.mail.left_overs import left_over_key
from automation.core.mail.recipients import FRESH_FOR, Rank, Recipients, recipients_of, roles_of, room_today
from automation.core.mail.refusals import refusal_key
from automation.core.mail.reminders import holds_still, key_in_mode, rung_as_of, rung_of_mail, strength_of
from automation.core.model.mail import MailRecord, MailState
from automation.core.model.units import Standing


def renewals(desk: Desk) -> tuple[list[Letter], list[str]]:
    """Those of the mails that wait and may go now as they are to be now, and the keys of those that have no reason
    any more.
    """
    renewed: list[Letter] = []
    dropped: list[str] = []
    of_now = {each.key: each for each in desk.earlier}
    for each in desk.waiting:
        if each.kind == REDIRECTED and not _is_old(each, desk):
            continue
        letter = _renewed(of_now[each.key], desk) if each.key in of_now else None
        if letter is None:
            dropped.append(each.key)
        elif not each.is_frozen:
            renewed.append(letter)
    return renewed, dropped


def _is_old(record: MailRecord, desk: Desk) -> bool:
    """Whether what a copy says, which nobody can say anew, is no longer the news it was asked for."""
    return record.queued_at is not None and desk.judged.now - record.queued_at > FRESH_FOR


def units_in_turn(letters: Iterable[Letter], desk: Desk) -> tuple[frozenset[str], frozenset[str]]:
    """Codes of the units to which one of these mails goes today, and of those to which one goes on a later day: the
    others take all that may go today. `letters`: all that are to go now, those that waited first.
    """
    sent = (each for each in desk.earlier if each.state is MailState.SENT and each.settled_at)
    reached = {each.unit: each.settled_at.timestamp() for each in sent if each.settled_at}
    in_turn = sorted(letters, key=lambda each: (each.rank, reached.get(each.unit, 0.0)))
    urgent = sum(each.rank <= Rank.AT_ONCE for each in in_turn)
    room = max(room_today(desk.sent, desk.settings, desk.judged.now), urgent)
    today, later = in_turn[:room], in_turn[room:]
    return frozenset(each.unit for each in today), frozenset(each.unit for each in later)


def _renewed(record: MailRecord, desk: Desk) -> Letter | None:
    """The mail as it is to go; None where what it was decided for has gone."""
    return _RENEWED.get(record.kind, _reminder)(record, desk)


def _letter(record: MailRecord, recipients: Recipients, rank: int) -> Letter:
    return Letter(
        key=record.key,
        kind=record.kind,
        unit=record.unit,
        rung=record.rung,
        day=record.day,
        recipients=recipients,
        why=record.why,
        roles=record.roles,
        rank=rank,
    )


def _reminder(record: MailRecord, desk: Desk) -> Letter | None:
    standing = desk.standings.get(record.unit)
    if standing is None or record.unit not in desk.units:
        return None
    if record.rung == BY_HAND:
        return _asked_for(record, standing, desk)
    rung = rung_of_mail(record, desk.judged.config.rungs)
    now, first_cycle_at = desk.judged.now, desk.first_cycle_at
    if rung is None or not holds_still(standing, rung, desk.settings, first_cycle_at, now):
        return None
    meant = recipients_of(rung, desk.units[record.unit], desk.settings)
    letter = _letter(record, meant, Rank.REMINDER - strength_of(rung))
    return replace(letter, roles=roles_of(rung)) if meant.to else None


def _asked_for(record: MailRecord, standing: Standing, desk: Desk) -> Letter | None:
    rung = rung_as_of(standing, desk.judged.config.rungs, desk.settings, desk.judged.now)
    meant = recipients_of(rung, desk.units[record.unit], desk.settings)
    return _letter(record, meant, Rank.BY_HAND) if meant.to else None


def _summary(record: MailRecord, desk: Desk) -> Letter | None:
    settings = desk.settings
    if not (settings.summary_to and desk.units):
        return None
    letter = _letter(record, Recipients(settings.summary_to, settings.summary_cc), Rank.SUMMARY)
    period = next((each for each in Period if each.value == record.rung), Period.DAY)
    return replace(letter, about=period, roles=HR_OFFICE)


def _alarm(record: MailRecord, desk: Desk) -> Letter | None:
    standing = desk.standings.get(record.unit)
    if standing is None or record.unit not in desk.units or record.lost_from is None:
        return None
    rank = Rank.AT_ONCE if desk.settings.alarms_at_once else Rank.SUMMARY
    letter = _letter(record, alarm_recipients(desk.units[record.unit], desk.settings), rank)
    held = record.lost_from
    loss = RowLoss(record.unit, held.rows, standing.rows, held.read_at)
    return replace(letter, about=loss) if letter.recipients.to else None


def _unreadable(record: MailRecord, desk: Desk) -> Letter | None:
    now = next((each for each in desk.judged.unreadable if each.unit.code == record.unit and each.tab), None)
    focal = addresses_of(now.unit, FOCAL_PERSON) if now else ()
    return replace(_letter(record, Recipients(focal), Rank.REMINDER), about=now) if focal else None


def _to_admin(record: MailRecord, desk: Desk) -> Letter:
    return _letter(record, Recipients((desk.settings.admin_address,)), Rank.ADMIN)


def _refusal(record: MailRecord, desk: Desk) -> Letter | None:
    if desk.refusal is None or record.key != _key(refusal_key(desk.settings.campaign_code, desk.refusal), desk):
        return None
    return replace(_to_admin(record, desk), about=desk.refusal)


def _left_over(record: MailRecord, desk: Desk) -> Letter | None:
    key = left_over_key(desk.settings.campaign_code, desk.judged.left_over)
    holds = desk.judged.left_over and record.key == _key(key, desk)
    return _to_admin(record, desk) if holds else None


def _admin_tasks(record: MailRecord, desk: Desk) -> Letter | None:
    figures = admin_figures(desk.judged, desk.earlier, desk.book_name)
    return _to_admin(record, desk) if figures.count else None


def _key(key: str, desk: Desk) -> str:
    return key_in_mode(key, desk.settings)


_RENEWED: Mapping[str, Callable[[MailRecord, Desk], Letter | None]] = {
    SUMMARY: _summary,
    ALARM: _alarm,
    UNREADABLE: _unreadable,
    REFUSAL: _refusal,
    LEFT_OVER: _left_over,
    ADMIN_TASKS: _admin_tasks,
}
"""By kind; every other is one of the ladder."""
