"""Tab `Thư đã gửi`: a line a mail, by which a new or lost state folder knows what has gone; no personal data.

A line is written before its mail is handed over and again after it. One that still says so later was cut short: its
mail may have arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config import tabs
from automation.core.config.mail_kinds import ALARM, BY_HAND, REDIRECTED
from automation.core.model.mail import ON_TRIAL, MailRecord, MailState, campaign_of
from automation.core.model.workbook import Cell, Row, Tab
from automation.core.reading.cells import as_text, fold, read_date
from automation.core.reading.tables import FoundTable, body, find_table
from automation.core.text.moments import local, to_the_minute

LINES = 2_000
"""As many as the tab holds; the oldest drop off."""
WHEN, CODE, NAME, ROLES, KIND, RUNG, WHY, OUTCOME, NOTE, KEY = tabs.HEADERS[tabs.MAILS]


class Outcome(Enum):
    """What a line says of its mail; the values are keys of `templates/messages/mails.toml`."""

    SENDING = "sending"
    SENT = "sent"
    UNSURE = "unsure"
    WAITING = "waiting"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    QUEUED = "queued"
    """Nobody tried to send it yet; of such the tab has a line only where it was about to go."""

    @property
    def said(self) -> str:
        return text(f"mails.outcome.{self.value}")


_OUTCOMES = {
    MailState.QUEUED: Outcome.WAITING,
    MailState.SENT: Outcome.SENT,
    MailState.UNSURE: Outcome.UNSURE,
    MailState.FAILED: Outcome.FAILED,
    MailState.WITHDRAWN: Outcome.WITHDRAWN,
}
_STATES = {
    Outcome.SENDING: MailState.UNSURE,
    Outcome.SENT: MailState.SENT,
    Outcome.UNSURE: MailState.UNSURE,
    Outcome.FAILED: MailState.FAILED,
}
"""What is believed of a mail of which nothing else is known. One that waited, or was taken back, never went."""
_WAITED = frozenset({Outcome.WAITING, Outcome.QUEUED})


class SentLine(Struct, frozen=True):
    """A line: moments in the campaign's zone, without one, to the minute."""

    when: datetime
    unit: str
    name: str
    roles: str
    kind: str
    rung: str
    why: str
    outcome: Outcome
    note: str
    key: str

    @property
    def campaign(self) -> str:
        """Code of the campaign that the mail is of."""
        return campaign_of(self.key)

    @property
    def is_given_up(self) -> bool:
        """Whether it may have arrived, and no copy more is to go."""
        return self.note.endswith(text("mails.unsure_for_good"))

    @property
    def is_decided_once(self) -> bool:
        """Whether nothing that the workbook says calls for the mail a second time, as it does for any reminder."""
        return self.kind in (ALARM, REDIRECTED) or self.rung == BY_HAND

    @property
    def no_longer_known(self) -> SentLine:
        """The line of a mail that waited in a state folder that is lost."""
        if self.outcome not in _WAITED:
            return self
        return replace(self, outcome=Outcome.WITHDRAWN, note=text("mails.no_longer_kept"))

    @property
    def cells(self) -> tuple[Cell, ...]:
        """In the order of the headers."""
        head = (self.when, self.unit or None, self.name or None, self.roles or None)
        return (*head, self.kind, self.rung, self.why or None, self.outcome.said, self.note or None, self.key)


class SentTab(Struct, frozen=True):
    """The tab as it stands; without a table nothing can be noted."""

    tab: Tab | None
    table: FoundTable | None
    lines: tuple[SentLine, ...] = ()
    """Those that can be read."""

    @property
    def is_empty(self) -> bool:
        """Whether the workbook has no such tab, or nothing in it: that takes an `init`, and no mail waits for it."""
        return self.tab is None or not any(any(row) for row in self.tab.rows)

    @property
    def announced(self) -> frozenset[str]:
        """Keys of the mails that are about to go by it, or may have gone: who knows it alone sends none of them."""
        return frozenset(line.key for line in self.lines if line.outcome in (Outcome.SENDING, Outcome.UNSURE))


def read_sent(tab: Tab | None) -> SentTab:
    """What the tab holds; nothing where it is missing or has lost its headers."""
    names = {fold(header): header for header in tabs.HEADERS[tabs.MAILS]}
    table = find_table(tab.rows, names, at_least=4) if tab else None
    # Without these no line can be told from another, and what stands there would be taken for nothing.
    if tab is None or table is None or not {WHEN, OUTCOME, KEY} <= set(table.columns):
        return SentTab(tab, None)
    lines = (_line_of(row, table) for _, row in body(tab.rows, table))
    return SentTab(tab, table, tuple(line for line in lines if line is not None))


def _line_of(row: Row, table: FoundTable) -> SentLine | None:
    said = fold(as_text(table.cell(row, OUTCOME)))
    outcome = next((each for each in Outcome if fold(each.said) == said), None)
    when, key = _moment(table.cell(row, WHEN)), as_text(table.cell(row, KEY))
    if outcome is None or when is None or not key:
        return None
    of = {header: as_text(table.cell(row, header)) for header in (CODE, NAME, ROLES, KIND, RUNG, WHY, NOTE)}
    head = (when, of[CODE], of[NAME], of[ROLES], of[KIND], of[RUNG], of[WHY])
    return SentLine(*head, outcome, of[NOTE], key)


def _moment(cell: Cell) -> datetime | None:
    if isinstance(cell, datetime):
        return to_the_minute(cell)
    day = read_date(cell)
    return datetime(day.year, day.month, day.day) if isinstance(day, date) else None


def line_of(
    record: MailRecord, names: Mapping[str, str], zone: ZoneInfo, *, untried: bool = False, announced: bool = False
) -> SentLine | None:
    """What is said of a mail; None of one that nobody tried to send, unless it waits and the `untried` are wanted, or
    was `announced` as about to go. `names`: of the units, by code.
    """
    moment, waits = record.settled_at or record.queued_at, record.state is MailState.QUEUED
    never_tried = (waits or record.state is MailState.WITHDRAWN) and not record.attempts
    if moment is None or (never_tried and not announced and not (untried and waits)):
        return None
    outcome = Outcome.QUEUED if never_tried and waits else _OUTCOMES[record.state]
    if waits and record.is_frozen:  # some of its readers have it: who knows this line alone must not send it again
        outcome = Outcome.UNSURE
    when = to_the_minute(local(moment, zone))
    head = (when, record.unit, names.get(record.unit, ""), record.roles, record.kind, record.rung, record.why)
    return SentLine(*head, outcome, _note(record), record.key)


def _note(record: MailRecord) -> str:
    on_trial = [text("mails.on_trial")] if record.trial else []
    return " ".join([*on_trial, *([record.error] if record.error else [])])


def about_to_go(record: MailRecord, names: Mapping[str, str], now: datetime) -> SentLine:
    """The line of a mail that is handed over next. `now`: as the workbook shows it."""
    head = (now, record.unit, names.get(record.unit, ""), record.roles, record.kind, record.rung, record.why)
    return SentLine(*head, Outcome.SENDING, text("mails.on_trial") if record.trial else "", record.key)


def merged(known: Iterable[SentLine], present: Iterable[SentLine]) -> list[SentLine]:
    """What the tab is to hold, newest first: the lines of mails that are known, and the others that stand there."""
    lines = {line.key: line for line in present} | {line.key: line for line in known}
    return sorted(lines.values(), key=lambda line: (line.when, line.key), reverse=True)[:LINES]


# --- what the workbook knows and we do not ----------------------------------------------------------------


def unknown_to(history: Sequence[MailRecord], lines: Iterable[SentLine], zone: ZoneInfo) -> list[MailRecord]:
    """What the lines say of mails that have gone, as far as `history` does not know it: it may be of a folder that is
    new, lost, or an older copy. Oldest first.
    """
    known = {record.key: record for record in history}
    oldest_first = sorted(lines, key=lambda line: line.when)
    return [record for line in oldest_first for record in _believed(line, known.get(line.key), zone)]


def _believed(line: SentLine, known: MailRecord | None, zone: ZoneInfo) -> Iterator[MailRecord]:
    is_lost = known is None and line.outcome in _WAITED and line.is_decided_once
    state = MailState.FAILED if is_lost else _STATES.get(line.outcome)
    if state is None or not (known is None or _tells_more(line, known)):
        return
    at = line.when.replace(tzinfo=zone)
    error = text("mails.no_longer_kept") if is_lost else line.note.removeprefix(text("mails.on_trial")).strip()
    if known is not None:
        yield replace(known, state=state, settled_at=at, error=error)
        return
    yield MailRecord(
        key=line.key,
        kind=line.kind,
        unit=line.unit,
        rung=line.rung,
        day=_day_in(line.key) or line.when.date(),
        state=state,
        message_id="",
        queued_at=at,
        error=text("mails.cut_short") if line.outcome is Outcome.SENDING else error,
        trial=line.key.endswith(ON_TRIAL),
        settled_at=at,
        why=line.why,
        roles=line.roles,
    )


def _tells_more(line: SentLine, known: MailRecord) -> bool:
    """Whether a line tells more of a mail that waits here than we know."""
    if line.outcome is Outcome.UNSURE and line.is_given_up:
        return known.waits
    if known.state is MailState.UNSURE and known.due_at is not None:
        return line.outcome in (Outcome.SENT, Outcome.FAILED)
    if known.state is not MailState.QUEUED or line.outcome is Outcome.SENDING:
        return False
    # That some of its readers have it is what we wrote there.
    return not (known.is_frozen and line.outcome is Outcome.UNSURE)


def _day_in(key: str) -> date | None:
    """The day that a key names."""
    for part in key.split("/"):
        try:
            return date.fromisoformat(part)
        except ValueError:
            continue
    return None
