"""The ladder: who gets which mail now, and why the others get none. Values in, values out.

The rules:

* a unit that cannot be read gets nothing; one at its target gets the thank-you, once, and nothing else;
* one mail a unit a day at most, the strongest: overdue before "days to the deadline" before silence; a mail
  settles every rung that fell due until then, so that weaker and earlier ones are not sent after it; one that has
  to wait for the server gives way to a stronger one only; on the day of an alarm about its rows a unit gets no
  other, nor on that of a mail about its unreadable tab; of its silence it is reminded on the third working day
  after another mail at the earliest;
* a unit that never was mailed gets the kick-off before any reminder, until the deadline; so does one whose focal
  person is another than those who were;
* only on working days within mail hours. A day that is not worked moves to the next one that is, unless the
  deadline lies in between: then to the last one before;
* what fell due while nothing ran is caught up once; what lay before the first cycle was never missed, nor what
  fell due while the unit stood at its target.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config.ladder import (
    BeforeDeadline,
    Due,
    Overdue,
    Rung,
    RungCondition,
    RungRecipients,
    Silence,
    Start,
    TargetReached,
)
from automation.core.config.mail_kinds import ALARM, REMINDER, UNREADABLE
from automation.core.config.registry import FOCAL_PERSON
from automation.core.config.values import Settings
from automation.core.config.working_days import calendar_of, next_opening, openings
from automation.core.judging.completion import rate_to_remind_of
from automation.core.model.mail import ON_TRIAL, MailRecord, MailState, campaign_of
from automation.core.model.units import Mode, Standing
from automation.core.text.moments import local
from automation.core.text.vietnamese import day_text, hour_text

SILENCE_GAP = 3
"""A unit is reminded of its silence on the third working day after another mail at the earliest."""
_PLAIN = Rung("", Mode.ON, Silence(), RungCondition(), RungRecipients((FOCAL_PERSON,)), REMINDER, "")
_LONG_AGO = datetime(2000, 1, 1)
_INSTEAD: Mapping[str, str] = {ALARM: "alarmed", UNREADABLE: "told"}
"""Mails on whose day a unit gets none of the ladder, with the sentence that says so."""


class DueReminder(Struct, frozen=True):
    """A mail to make now. `day` is the day its rung fell due; unit, rung and day name the mail."""

    unit: str
    rung: Rung
    day: date
    why: str


class NoReminder(Struct, frozen=True):
    """A unit that gets no mail now, and the reason (Vietnamese)."""

    unit: str
    why: str


def mail_key(campaign_code: str, unit: str, rung: str, day: date) -> str:
    """The key under which a mail is queued once."""
    return f"{campaign_code}/{unit}/{rung}/{day.isoformat()}"


def key_in_mode(key: str, settings: Settings) -> str:
    """The key in the mode mails are in: what was rehearsed does not keep what is real from being queued."""
    return key if settings.mail_mode_real else f"{key}{ON_TRIAL}"


def of_this_campaign(history: Iterable[MailRecord], settings: Settings) -> list[MailRecord]:
    """The mails that count for what is decided now: those of this campaign and of the mode mails are in. A mail on
    trial has reached no unit; under another code the campaign starts afresh.
    """
    in_mode = (record for record in history if record.trial is not settings.mail_mode_real)
    return [record for record in in_mode if settings.is_campaign(campaign_of(record.key))]


def due_reminders(
    standings: Iterable[Standing],
    rungs: Sequence[Rung],
    settings: Settings,
    history: Sequence[MailRecord],
    first_cycle_at: datetime | None,
    now: datetime,
) -> list[DueReminder]:
    """The mails to make at `now`, in the order of the units.

    `history` is every mail queued so far; `first_cycle_at` None means that this is the first cycle.
    """
    return _only_due(reminder_decisions(standings, rungs, settings, history, first_cycle_at, now))


def reminder_decisions(
    standings: Iterable[Standing],
    rungs: Sequence[Rung],
    settings: Settings,
    history: Sequence[MailRecord],
    first_cycle_at: datetime | None,
    now: datetime,
) -> list[DueReminder | NoReminder]:
    """As `due_reminders`, with the reason for every unit that gets none."""
    return _decisions(standings, rungs, settings, _mails_by_unit(history, rungs), first_cycle_at, now)


def _decisions(
    standings: Iterable[Standing],
    rungs: Sequence[Rung],
    settings: Settings,
    mails: Mapping[str, Sequence[MailRecord]],
    first_cycle_at: datetime | None,
    now: datetime,
) -> list[DueReminder | NoReminder]:
    planner = _Planner(rungs, settings, first_cycle_at, now)
    return [planner.decide(standing, mails.get(standing.code, ())) for standing in standings]


def _only_due(decisions: Iterable[DueReminder | NoReminder]) -> list[DueReminder]:
    return [decision for decision in decisions if isinstance(decision, DueReminder)]


def reason_against_reminding(standing: Standing, settings: Settings) -> str | None:
    """Why the unit is not to be reminded whatever the day and whoever asks; None where it may be."""
    if not standing.known:
        return text("reminders.none.unknown")
    rate = rate_to_remind_of(standing)
    if rate is None:
        return text("reminders.none.nobody")
    return _reached(standing) if rate >= settings.target_of(standing.group) else None


def _reached(standing: Standing) -> str:
    """Why a unit at its target is not reminded; of those entered, where nobody knows how many there are."""
    return text(f"reminders.none.{'target_reached' if standing.is_size_known else 'size_unknown'}")


def rung_as_of(standing: Standing, rungs: Sequence[Rung], settings: Settings, now: datetime) -> Rung:
    """The strongest rung that the unit, below its target, stands on at `now`, whatever was sent before; a plain
    reminder to the focal person where it has not come to any yet.
    """
    return _Planner(rungs, settings, _LONG_AGO, now).rung_of(standing) or _PLAIN


def coming_reminders(
    standings: Sequence[Standing],
    rungs: Sequence[Rung],
    settings: Settings,
    history: Sequence[MailRecord],
    first_cycle_at: datetime | None,
    now: datetime,
    days: int,
) -> list[tuple[datetime, DueReminder]]:
    """What would go out, and when, in the next `days` days if every unit stayed where it stands and what waits went
    as soon as mails may.
    """
    opening = next_opening(settings, now)
    mails = _mails_by_unit((_as_if_sent(record, opening) for record in history), rungs)
    coming: list[tuple[datetime, DueReminder]] = []
    for moment in openings(settings, now, days):
        for due in _only_due(_decisions(standings, rungs, settings, mails, first_cycle_at or now, moment)):
            coming.append((moment, due))
            mails[due.unit].append(_as_sent(due, settings, moment))
    return coming


def strength_of(rung: Rung) -> int:
    """The higher, the more urgent its mails."""
    return _STRENGTH[type(rung.due)]


def rung_of_mail(record: MailRecord, rungs: Iterable[Rung]) -> Rung | None:
    """The rung that wrote the mail; where its code was changed, the one that writes such mails. None where none does
    any more.
    """
    alike = [rung for rung in rungs if rung.mode is Mode.ON and rung.template == record.kind]
    return next((rung for rung in alike if rung.code == record.rung), alike[0] if len(alike) == 1 else None)


def holds_still(
    standing: Standing, rung: Rung, settings: Settings, first_cycle_at: datetime | None, now: datetime
) -> bool:
    """Whether what a mail of the rung was decided for holds at `now`: its day has come, for a rate like this."""
    return _Planner([rung], settings, first_cycle_at, now).holds(standing, rung)


def no_longer_due(
    standings: Iterable[Standing], rungs: Sequence[Rung], settings: Settings, history: Iterable[MailRecord]
) -> list[str]:
    """Keys of queued mails of the ladder that must not go out any more: reminders to units that have reached
    their target since (or have nobody left to count, cannot be read, or have left the registry), and thank-yous to
    units that have fallen below it again.
    """
    stands = {standing.code: standing for standing in standings}
    thanks = {rung.code for rung in rungs if isinstance(rung.due, TargetReached)}
    return [
        record.key
        for record in history
        if record.waits
        and _is_of_ladder(record, rungs)
        and not _still_fits(stands.get(record.unit), record.rung in thanks, settings)
    ]


def mailed_on(mail: MailRecord, zone: ZoneInfo) -> date:
    """The day on which a mail went as far as is known; the first day of all for one that was withdrawn."""
    if mail.state is MailState.WITHDRAWN:
        return date.min
    moment = mail.settled_at or mail.queued_at  # it may have waited for the server
    return local(moment, zone).date() if moment else mail.day


def overtaken(units: Collection[str], rungs: Sequence[Rung], history: Iterable[MailRecord]) -> list[str]:
    """Keys of queued mails of the ladder to `units`, which get a newer one now: one mail a unit a day at most, also
    where the earlier one had to wait for the server.
    """
    return [record.key for record in history if record.waits and record.unit in units and _is_of_ladder(record, rungs)]


def _still_fits(standing: Standing | None, is_thanks: bool, settings: Settings) -> bool:
    if standing is None or not standing.known or (rate := rate_to_remind_of(standing)) is None:
        return False
    return (rate >= settings.target_of(standing.group)) == is_thanks


class _Candidate(Struct, frozen=True):
    """A rung that a unit is due for, since `day`."""

    rung: Rung
    day: date
    position: int
    """Of the rung in the table."""

    @property
    def strength(self) -> _Strength:
        """Between equals the one that more people see, then the one lower in the table."""
        return _STRENGTH[type(self.rung.due)], self.day, len(self.rung.recipients.copied), self.position


_Strength: TypeAlias = tuple[int, date, int, int]
_STRENGTH: dict[type[Due], int] = {Overdue: 4, Start: 3, BeforeDeadline: 2, Silence: 1, TargetReached: 0}


class _Planner:
    """Decides unit by unit, at one moment."""

    def __init__(
        self, rungs: Sequence[Rung], settings: Settings, first_cycle_at: datetime | None, now: datetime
    ) -> None:
        self._settings = settings
        self._calendar = calendar_of(settings)
        self._zone = settings.zone
        self._now = self._local(now)
        self._opening = next_opening(settings, now)
        self._first_cycle = self._local(first_cycle_at or now)
        self._rungs = [(place, rung) for place, rung in enumerate(rungs) if rung.mode is Mode.ON]
        self._days_for_all: dict[Due, date | None] = {}

    def decide(self, standing: Standing, earlier: Sequence[MailRecord]) -> DueReminder | NoReminder:
        if not standing.known:
            return NoReminder(standing.code, text("reminders.none.unknown"))
        rate = rate_to_remind_of(standing)
        if rate is None:
            return NoReminder(standing.code, text("reminders.none.nobody"))
        reached = rate >= self._settings.target_of(standing.group)
        if reached and standing.vanished_rows:
            return NoReminder(standing.code, text("reminders.none.vanished"))
        told = {mail.kind for mail in earlier if mail.kind in _INSTEAD and self._is_of_today(mail)}
        if told:
            return NoReminder(standing.code, text(f"reminders.none.{_INSTEAD[min(told)]}"))
        mails = [mail for mail in earlier if mail.kind not in _INSTEAD]
        fresh = [each for each in self._candidates(standing, rate, reached) if self._is_unsettled(each, mails)]
        if not reached and (waiting := self._strongest_waiting(mails)):
            fresh = [each for each in fresh if each.strength > waiting]
        if not fresh:
            return NoReminder(standing.code, _reached(standing) if reached else text("reminders.none.not_due"))
        if self._opening > self._now:
            return NoReminder(standing.code, self._closed())
        return self._due(standing.code, max(fresh, key=lambda candidate: candidate.strength))

    def rung_of(self, standing: Standing) -> Rung | None:
        """The strongest rung that has fallen due, settled or not, wherever the unit stood on that day."""
        standing, rate = replace(standing, below_since=None), rate_to_remind_of(standing)
        candidates = [] if rate is None else list(self._candidates(standing, rate, reached=False))
        candidates = [each for each in candidates if not isinstance(each.rung.due, Start)]
        return max(candidates, key=lambda each: each.strength).rung if candidates else None

    def holds(self, standing: Standing, rung: Rung) -> bool:
        """Whether the rung is still one for the unit."""
        rate = rate_to_remind_of(standing)
        if not standing.known or rate is None:
            return False
        due_day = self._due_day(rung.due, standing)
        holds = rung.condition.holds(rate, self._settings.target_of(standing.group))
        return holds and due_day is not None and due_day <= self._today

    def _candidates(self, standing: Standing, rate: float, reached: bool) -> Iterator[_Candidate]:
        target = self._settings.target_of(standing.group)
        for position, rung in self._rungs:
            if isinstance(rung.due, TargetReached) != reached or not rung.condition.holds(rate, target):
                continue
            if reached and not standing.is_size_known:
                continue
            day = self._due_day(rung.due, standing)
            if day is not None and self._fell_below(standing) <= day <= self._today and self._lay_in_reach(day):
                yield _Candidate(rung, day, position)

    def _due_day(self, due: Due, standing: Standing) -> date | None:
        if isinstance(due, Silence):
            return self._latest_due_day(due, standing)
        if due not in self._days_for_all:
            self._days_for_all[due] = self._latest_due_day(due, standing)
        return self._days_for_all[due]

    def _latest_due_day(self, due: Due, standing: Standing) -> date | None:
        deadline = self._settings.deadline
        match due:
            case BeforeDeadline() | Start() if self._today > deadline:
                return None
            case BeforeDeadline(days, working=True):
                return self._calendar.working_day_before(deadline, days)
            case BeforeDeadline(days):
                return self._mail_day(deadline - timedelta(days=days))
            case Overdue(every, at_most):
                return self._latest_overdue_day(every, at_most)
            case Silence(days):
                changed = self._local(standing.changed_at) if standing.changed_at else self._first_cycle
                since = max(changed.date(), self._fell_below(standing))
                return self._mail_day(since + timedelta(days=days or self._settings.silent_days))
            case TargetReached() | Start():
                return self._today

    def _fell_below(self, standing: Standing) -> date:
        """The first day on which the unit may be reminded: who stood at the target until then owed no answer."""
        return self._local(standing.below_since).date() if standing.below_since else date.min

    def _latest_overdue_day(self, every: int, at_most: int) -> date | None:
        latest = None
        day = self._calendar.working_day_after(self._settings.deadline)
        for _ in range(at_most):
            if day > self._today:
                break
            latest, day = day, self._calendar.working_day_after(day, every)
        return latest

    def _mail_day(self, day: date) -> date:
        """The working day on which a mail goes that falls on `day`."""
        following = self._calendar.working_day_from(day)
        if day <= self._settings.deadline < following:
            return self._calendar.working_day_before(day)
        return following

    def _lay_in_reach(self, day: date) -> bool:
        """False for a day whose mail hours were over before anything ran for the first time."""
        return datetime.combine(day, self._settings.mail_hours[1], self._zone) > self._first_cycle

    def _is_unsettled(self, candidate: _Candidate, mails: Sequence[MailRecord]) -> bool:
        if isinstance(candidate.rung.due, Start):
            return not any(not mail.to_predecessors or self._is_of_today(mail) for mail in mails)
        of_rung = [mail for mail in mails if mail.rung == candidate.rung.code]
        if isinstance(candidate.rung.due, TargetReached) and self._has_written(candidate, mails):
            return False
        if any(mail.day == candidate.day for mail in of_rung):
            return False
        if isinstance(candidate.rung.due, Silence) and self._was_asked_lately(mails):
            return False
        return not any(candidate.day <= self._mailed_on(mail) <= self._today for mail in mails)

    def _was_asked_lately(self, mails: Iterable[MailRecord]) -> bool:
        """Whether the unit still has time to answer another mail: silence since then says nothing yet."""
        answered_by = self._calendar.working_day_before(self._today, SILENCE_GAP)
        return any(self._mailed_on(mail) > answered_by for mail in mails)

    def _has_written(self, candidate: _Candidate, mails: Iterable[MailRecord]) -> bool:
        """Whether the rung has, under its code or one that it had before."""
        return any(each.position == candidate.position for mail in mails for each in self._candidates_of(mail))

    def _is_of_today(self, mail: MailRecord) -> bool:
        """What waits goes as soon as it can."""
        return mail.state is MailState.QUEUED or self._mailed_on(mail) == self._today

    def _strongest_waiting(self, mails: Iterable[MailRecord]) -> _Strength | None:
        """Of the mails that wait for the server: weaker rungs are settled once it goes."""
        waiting = [mail for mail in mails if mail.state is MailState.QUEUED]
        return max((each.strength for mail in waiting for each in self._candidates_of(mail)), default=None)

    def _candidates_of(self, mail: MailRecord) -> list[_Candidate]:
        """The rung that wrote the mail; where its code was changed, or somebody asked for it, those that write such."""
        possible = [_Candidate(rung, mail.day, position) for position, rung in self._rungs]
        of_code = [each for each in possible if each.rung.code == mail.rung]
        return of_code or [each for each in possible if each.rung.template == mail.kind]

    def _mailed_on(self, mail: MailRecord) -> date:
        return mailed_on(mail, self._zone)

    def _closed(self) -> str:
        day = day_text(self._opening.date())
        return text("reminders.none.closed", hour=hour_text(self._opening), day=day)

    def _due(self, unit: str, chosen: _Candidate) -> DueReminder:
        reason = "on_time" if chosen.day == self._today else "caught_up"
        why = text(f"reminders.why.{reason}", due=chosen.rung.due_text, day=day_text(chosen.day))
        return DueReminder(unit, chosen.rung, chosen.day, why)

    def _local(self, moment: datetime) -> datetime:
        return local(moment, self._zone)

    @property
    def _today(self) -> date:
        return self._now.date()


def _as_sent(due: DueReminder, settings: Settings, moment: datetime) -> MailRecord:
    key = mail_key(settings.campaign_code, due.unit, due.rung.code, due.day)
    return MailRecord(key, due.rung.template, due.unit, due.rung.code, due.day, MailState.SENT, "", moment)


def _as_if_sent(record: MailRecord, moment: datetime) -> MailRecord:
    return replace(record, state=MailState.SENT, settled_at=moment) if record.state is MailState.QUEUED else record


def _mails_by_unit(history: Iterable[MailRecord], rungs: Sequence[Rung]) -> defaultdict[str, list[MailRecord]]:
    """Those that settle a rung; nobody has one that was taken back."""
    mails: defaultdict[str, list[MailRecord]] = defaultdict(list)
    for record in history:
        if record.state is MailState.WITHDRAWN:
            continue
        if record.kind in _INSTEAD or _is_of_ladder(record, rungs):
            mails[record.unit].append(record)
    return mails


def _is_of_ladder(record: MailRecord, rungs: Iterable[Rung]) -> bool:
    """By its template too: a rung whose code was changed is still the rung that wrote the mail."""
    return any(record.kind == rung.template or record.rung == rung.code for rung in rungs)
