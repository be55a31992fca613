"""Tab `Tổng hợp`: the figures for those who open the workbook, as rows of cells from A1 on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from automation.base.messages import text
from automation.core.config.values import FieldCode
from automation.core.config.working_days import last_working_day
from automation.core.figures.overall import (
    Rated,
    asks_categories,
    asks_exemptions,
    by_category,
    by_group,
    funnel_of,
    parts_of,
    party_of,
    ranking_of,
)
from automation.core.judging.completion import Total
from automation.core.judging.judged import Judged
from automation.core.mail.recipients import Recipients
from automation.core.mail.send_calendar import DAYS, ComingMail
from automation.core.model.units import Standing
from automation.core.model.workbook import Cell
from automation.core.reading.cells import as_text
from automation.core.text.moments import MOMENT, local
from automation.core.text.vietnamese import day_text, number_text, rate_text

COLUMNS = ("label", "people", "counted", "done", "left", "rate", "errors", "note")
"""The columns of the tab, from A on."""
SECTIONS = ("overall", "funnel", "groups", "categories", "ranking", "calendar")
"""The blocks of the tab, from the top."""
CALENDAR_LINES = 100
"""How many of the mails to come are listed."""
NOBODY = "–"
"""Shown in place of a rate where there is nobody to count."""


def fraction(rate: float | None) -> Cell:
    """A rate in per cent as the fraction that a cell formatted as per cent holds."""
    return NOBODY if rate is None else round(rate / 100, 4)


def sheet_moment(moment: datetime, judged: Judged) -> datetime:
    """A moment as cells hold it: the campaign's local time to the minute, without a zone."""
    here = local(moment, ZoneInfo(judged.config.settings.time_zone))
    return here.replace(second=0, microsecond=0, tzinfo=None)


def dashboard_rows(judged: Judged, coming: Sequence[ComingMail] = ()) -> list[list[Cell]]:
    """The whole tab: every line has the columns of `COLUMNS`, so that each column has one format.

    `coming`: the mails still to come, for the block `Lịch gửi`.
    """
    settings = judged.config.settings
    return [
        [text("dashboard.title", campaign=settings.campaign)],
        [shown_at(judged)],
        [_deadline(judged)],
        [],
        *_overall(judged),
        [],
        *_funnel(judged),
        [],
        *_groups(judged),
        [],
        *_categories(judged),
        *_ranking(judged),
        [],
        *_calendar(coming),
    ]


def _deadline(judged: Judged) -> str:
    settings, left = judged.config.settings, judged.total.left
    day, target = day_text(settings.deadline), rate_text(settings.target)
    if judged.is_overdue and left:
        return text("dashboard.deadline_passed", day=day, target=target, left=number_text(left))
    last = last_working_day(settings)
    if last is None:
        return text("dashboard.deadline", day=day, target=target)
    return text("dashboard.deadline_off", day=day, target=target, last=day_text(last))


def shown_at(judged: Judged) -> str:
    """The sign of life, line 2."""
    return text("dashboard.as_of", moment=f"{sheet_moment(judged.now, judged):{MOMENT}}")


def read_shown_at(cell: Cell) -> datetime | None:
    """The moment that a sign of life tells; None for anything else."""
    try:
        return datetime.strptime(as_text(cell)[-16:], MOMENT)
    except ValueError:
        return None


def section_titles() -> tuple[str, ...]:
    """What stands at the head of each block, in column 1."""
    return tuple(text(f"dashboard.{key}") for key in SECTIONS)


def _head(section: str, *columns: str) -> list[Cell]:
    """The first line of a block: its title, and the names of the columns it uses."""
    return [text(f"dashboard.{section}"), *(text(f"dashboard.{c}") if c in columns else None for c in COLUMNS[1:])]


def _line(label: str, **cells: Cell) -> list[Cell]:
    return [label, *(cells.get(column) for column in COLUMNS[1:])]


def _figures(of: Total | Standing | Rated) -> dict[str, Cell]:
    return {
        "counted": of.counted,
        "done": of.done,
        "left": of.left,
        "rate": fraction(of.rate),
        "errors": of.errors,
    }


_FIGURES = ("counted", "done", "left", "rate", "errors")


def _overall(judged: Judged) -> Iterable[list[Cell]]:
    total = judged.total
    yield _head("overall", "people", *_FIGURES)
    yield _line(text("dashboard.all_units"), people=total.units, **_figures(total))
    if asks_exemptions(total, judged.config):
        strict = {"counted": total.in_scope, "done": total.done, "rate": fraction(total.strict_rate)}
        yield _line(text("dashboard.strict"), **strict)
    for part in parts_of(total, judged.config):
        yield _line(part.name, counted=total.in_scope, done=part.share.people, rate=fraction(part.share.rate))
    yield _line(text("dashboard.rows"), counted=total.rows)
    if asks_exemptions(total, judged.config):
        yield _line(text("dashboard.deferred"), counted=total.deferred)
        yield _line(text("dashboard.out_of_scope"), counted=total.out_of_scope)


def _funnel(judged: Judged) -> Iterable[list[Cell]]:
    yield _head("funnel", "counted")
    funnel = funnel_of(judged.total, judged.config)
    for status in funnel.statuses:
        yield _line(status.label, counted=status.people)
    yield _line(funnel.not_entered_label, counted=funnel.not_entered.people)


def _groups(judged: Judged) -> Iterable[list[Cell]]:
    settings = judged.config.settings
    yield _head("groups", "people", *_FIGURES, *(["note"] if settings.group_targets else []))
    for group in by_group(judged.standings, settings):
        label = group.name or text("figures.no_group")
        note = None if group.target == settings.target else text("dashboard.own_target", target=rate_text(group.target))
        yield _line(label, people=group.units, **_figures(group), note=note)


def _categories(judged: Judged) -> Iterable[list[Cell]]:
    """People entered, by staff category; the members of the Party are an "in which", never added."""
    if not asks_categories(judged.config):
        return
    yield _head("categories", "counted", "done", "left", "rate")
    for category in by_category(judged):
        yield _entered(category.name or text("figures.no_category"), category)
    if party := party_of(judged):
        yield _entered(text("figures.party"), party)
    yield []


def _entered(label: str, people: Rated) -> list[Cell]:
    return _line(label, counted=people.counted, done=people.done, left=people.left, rate=fraction(people.rate))


def _ranking(judged: Judged) -> Iterable[list[Cell]]:
    yield _head("ranking", *_FIGURES, "note")
    for place in ranking_of(judged.standings):
        notes = filter(None, (_state(place.standing, judged), _overdue(place.standing, judged)))
        yield _line(place.standing.name, **_figures(place.standing), note="; ".join(notes) or None)


def _overdue(standing: Standing, judged: Judged) -> str:
    return text("dashboard.overdue") if judged.is_overdue and standing.was_read and standing.left else ""


def _state(standing: Standing, judged: Judged) -> str:
    if not standing.known:
        if standing.as_of is None:
            return text("dashboard.never_read")
        return text("dashboard.read_last", moment=f"{sheet_moment(standing.as_of, judged):{MOMENT}}")
    if standing.vanished_rows:
        return text("dashboard.vanished", rows=number_text(standing.vanished_rows))
    if standing.rows == 0:
        return text("dashboard.not_started")
    return _list_state(standing) if judged.config.uses(FieldCode.LIST_COMPLETE) else ""


def _list_state(standing: Standing) -> str:
    if standing.claims_too_much:
        return text("dashboard.claims_too_much", missing=number_text(standing.not_entered))
    return text("dashboard.lacks_people") if standing.lacks_people else ""


def _calendar(coming: Sequence[ComingMail]) -> Iterable[list[Cell]]:
    """Texts in columns of numbers, which stand at their right: each runs over the blank ones to its left."""
    yield _line(
        text("dashboard.calendar"),
        counted=text("dashboard.calendar_when"),
        errors=text("dashboard.calendar_why"),
        note=text("dashboard.calendar_to"),
    )
    for mail in coming[:CALENDAR_LINES]:
        yield _line(mail.name, counted=f"{mail.when:{MOMENT}}", errors=mail.why, note=_sent_to(mail))
    if len(coming) > CALENDAR_LINES:
        yield _line(text("dashboard.calendar_more", count=len(coming) - CALENDAR_LINES))
    if not coming:
        yield _line(text("dashboard.calendar_empty", days=DAYS))


def _sent_to(mail: ComingMail) -> str:
    return text("dashboard.calendar_line", addresses=addresses_text(mail.recipients))


def addresses_text(recipients: Recipients) -> str:
    """The addresses a mail is meant for, in a line."""
    if not recipients.to:
        return text("dashboard.calendar_nobody")
    to, cc = ", ".join(recipients.to), ", ".join(recipients.cc)
    return text("dashboard.calendar_copied", to=to, cc=cc) if cc else to
