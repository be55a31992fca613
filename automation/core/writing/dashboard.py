"""Tab `Tổng hợp`: the figures for those who open the workbook, as rows of cells from A1 on."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest

from automation.base.messages import text
from automation.core.config.values import FieldCode, Settings
from automation.core.config.working_days import last_working_day
from automation.core.figures.history import NO_HISTORY, History
from automation.core.figures.overall import (
    Rated,
    asks_categories,
    asks_exemptions,
    by_category,
    by_group,
    funnel_of,
    in_order_of_steps,
    parts_of,
    party_of,
    ranking_of,
)
from automation.core.figures.summary import campaign_outlook
from automation.core.judging.completion import Total
from automation.core.judging.judged import Judged
from automation.core.mail.recipients import Recipients
from automation.core.mail.send_calendar import DAYS, ComingMail
from automation.core.model.units import Standing
from automation.core.model.workbook import Cell
from automation.core.reading.cells import as_text
from automation.core.text.moments import MOMENT, MOMENT_OF_YEAR
from automation.core.text.vietnamese import day_text, left_figure, left_text, number_text, rate_text
from automation.core.writing.dashboard_lines import (
    BAR_LENGTH,
    CHART,
    CHART_LINES,
    COLUMNS,
    HEAD_LINES,
    MOST_ON_TOP,
    NEXT_MAILS,
    NOTE_ROOM,
    REASON_ROOM,
    SIGN_OF_LIFE,
    SIGN_OF_LIFE_CELL,
    SIGNS,
    TOP_BAR_LENGTH,
    place_of,
)
from automation.core.writing.moments import sheet_moment
from automation.core.writing.outlook import beside, headline, short_names, trend_lines

CALENDAR_LINES = 100
"""How many of the mails to come are listed."""
NOBODY = "–"
"""Shown in place of a rate where there is nobody to count."""


def fraction(rate: float | None) -> Cell:
    """A rate in per cent as the fraction that a cell formatted as per cent holds."""
    return NOBODY if rate is None else round(rate / 100, 4)


def dashboard_rows(
    judged: Judged, coming: Sequence[ComingMail] = (), history: History = NO_HISTORY
) -> list[list[Cell]]:
    """The whole tab: every line has the columns of `COLUMNS`, so that each column has one format.

    `coming`: the mails still to come, for the block `Lịch gửi`. `history`: of the days before, for trend and forecast.
    """
    settings, outlook = judged.config.settings, campaign_outlook(judged, history)
    names = short_names(judged.config)
    said = beside(
        outlook,
        names,
        [*_next_mails(coming, names)],
        is_overdue=judged.is_overdue,
        asks_difficulties=judged.config.uses(FieldCode.DIFFICULTY),
    )
    silence = round(longest_silence(settings) / timedelta(days=1), 6)
    head = [
        _line(text("dashboard.title", campaign=settings.campaign)),
        _line(shown_at(judged), reached=silence, note=text("dashboard.to_units")),
        _line(headline(judged, outlook)),
        _line(_deadline(judged)),
        [],
    ]
    steps = [*_funnel(judged)]
    blocks = [
        *_side_by_side(
            [*steps, *[[]] * (CHART_LINES - len(steps)), [], *_overall(judged)],
            [*_top(judged, names), *({"note": line} for line in said)],
        ),
        [],
        *_groups(judged),
        [],
        *_categories(judged),
        *_ranking(judged),
        [],
        *_calendar(coming),
    ]
    trend = trend_lines(outlook.trend, settings.target)
    chart = [{name: cell for name, cell in zip(CHART, line, strict=True) if cell is not None} for line in trend]
    return [*head, *_side_by_side(blocks, chart)]


def outlook_places(rows: Sequence[Sequence[Cell]]) -> set[tuple[int, int]]:
    """The cells of the tab that change as time passes, whoever edits anything: they are no reason to write."""
    groups = next((n for n, row in enumerate(rows, 1) if row and row[0] == text("dashboard.groups")), len(rows))
    columns = [place_of(name) for name in (*CHART, "note")]
    return {SIGN_OF_LIFE_CELL, (3, 1), *((row, column) for row in range(HEAD_LINES, groups) for column in columns)}


def _side_by_side(left: Sequence[list[Cell]], right: Sequence[Mapping[str, Cell]]) -> Iterable[list[Cell]]:
    """The lines, and in columns that they don't use the other cells."""
    for line, others in zip_longest(left, right):
        cells: list[Cell] = list(line or ())
        if others:
            cells += [None] * (len(COLUMNS) - len(cells))
            for column, value in others.items():
                cells[place_of(column) - 1] = value
        yield cells


def _deadline(judged: Judged) -> str:
    settings = judged.config.settings
    day, target = day_text(settings.deadline), rate_text(settings.target)
    if judged.is_overdue and judged.total.left:
        return text("dashboard.deadline_passed", day=day, target=target, left=left_text(judged.total))
    last = last_working_day(settings)
    if last is None:
        return text("dashboard.deadline", day=day, target=target)
    return text("dashboard.deadline_off", day=day, target=target, last=day_text(last))


def shown_at(judged: Judged) -> str:
    """The sign of life, line 2."""
    return text("dashboard.as_of", moment=f"{sheet_moment(judged.now, judged):{MOMENT}}")


def longest_silence(settings: Settings) -> timedelta:
    """How old the sign of life may be before it says that nobody looks any more: three cycles, and twice the time for
    which a quiet dashboard stays as it is.
    """
    return max(2 * SIGN_OF_LIFE, 3 * timedelta(minutes=settings.cycle_minutes))


def read_shown_at(cell: Cell) -> datetime | None:
    """The moment that a sign of life tells; None for anything else."""
    try:
        return datetime.strptime(as_text(cell)[-16:], MOMENT)
    except ValueError:
        return None


def _head(section: str, *columns: str, **others: Cell) -> list[Cell]:
    """The first line of a block: its title, the names of the columns it uses, and what stands in `others`."""
    return _line(text(f"dashboard.{section}"), **{column: text(f"dashboard.{column}") for column in columns}, **others)


def _line(label: str, **cells: Cell) -> list[Cell]:
    return [label, *(cells.get(column) for column in COLUMNS[1:])]


def _figures(of: Total | Standing | Rated, target: float) -> dict[str, Cell]:
    numbers: dict[str, Cell] = {"counted": of.counted, "done": of.done, "left": left_figure(of), "errors": of.errors}
    return numbers | _rated(of.rate, target)


def _rated(rate: float | None, target: float | None = None) -> dict[str, Cell]:
    """A rate as Vietnamese writes it, whatever the program, with its sign where there is a target; and its bar."""
    if rate is None:
        return {"rate": NOBODY}
    said = rate_text(rate) if target is None else text("dashboard.rated", sign=sign(rate, target), rate=rate_text(rate))
    return {"rate": said, "bar": _bar(rate)}


def sign(rate: float, target: float) -> str:
    """Whether the rate has reached its target, half of it, or less."""
    key = SIGNS[0] if rate >= target else SIGNS[1] if 2 * rate >= target else SIGNS[2]
    return text(f"dashboard.sign_{key}")


def _bar(rate: float | None, length: int = BAR_LENGTH) -> Cell:
    """A bar of blocks; the smallest one shows that there is anybody at all."""
    parts = text("dashboard.bar")
    blocks, rest = divmod(int((rate or 0) / 100 * length * len(parts)), len(parts))
    if not blocks and not rest and rate:
        rest = 1
    return parts[-1] * blocks + parts[:rest][-1:] or None


_FIGURES = ("counted", "done", "left", "rate", "errors")


def _overall(judged: Judged) -> Iterable[list[Cell]]:
    total = judged.total
    yield _head("overall", "people", *_FIGURES)
    yield _line(text("dashboard.all_units"), people=total.units, **_figures(total, judged.config.settings.target))
    if asks_exemptions(total, judged.config):
        yield _line(text("dashboard.strict"), counted=total.in_scope, done=total.done, **_rated(total.strict_rate))
    for part in parts_of(total, judged.config):
        yield _line(part.name, counted=total.in_scope, done=part.share.people, **_rated(part.share.rate))
    yield _line(text("dashboard.rows"), counted=total.rows)
    if asks_exemptions(total, judged.config):
        yield _line(text("dashboard.deferred"), counted=total.deferred)
        yield _line(text("dashboard.out_of_scope"), counted=total.out_of_scope)


def _funnel(judged: Judged) -> Iterable[list[Cell]]:
    """The bars stand beside the figures, and the chart where the other blocks have theirs."""
    yield _head("funnel", "counted")
    funnel = funnel_of(judged.total, judged.config)
    for status in in_order_of_steps(funnel.statuses, judged.config):
        yield _line(status.label, counted=status.people, done=_bar(status.share))
    yield _line(funnel.not_entered_label, counted=funnel.not_entered.people, done=_bar(funnel.not_entered.rate))


def _groups(judged: Judged) -> Iterable[list[Cell]]:
    settings = judged.config.settings
    yield _head("groups", "people", *_FIGURES, *(["note"] if settings.group_targets else []))
    for group in by_group(judged.standings, settings):
        label = group.name or text("figures.no_group")
        note = None if group.target == settings.target else text("dashboard.own_target", target=rate_text(group.target))
        yield _line(label, people=group.units, **_figures(group, group.target), note=note)


def _categories(judged: Judged) -> Iterable[list[Cell]]:
    """People entered, by staff category; the members of the Party are an "in which", never added."""
    if not asks_categories(judged.config):
        return
    yield _head("categories", "counted", "done", "left", "rate")
    for category in by_category(judged):
        yield _entered(category.name or text("figures.no_category"), category)
    if party := party_of(judged):
        yield _entered(party.name, party)
    yield []


def _entered(label: str, people: Rated) -> list[Cell]:
    numbers = {"counted": people.counted, "done": people.done, "left": people.left}
    return _line(label, **numbers, **_rated(people.rate))


def _ranking(judged: Judged) -> Iterable[list[Cell]]:
    signs = {key: text(f"dashboard.sign_{key}") for key in SIGNS}
    yield _head("ranking", *_FIGURES, note=text("dashboard.legend", **signs))
    for place in ranking_of(judged.standings):
        unit = place.standing
        notes = filter(None, (_state(unit, judged), _overdue(unit, judged)))
        target = judged.config.settings.target_of(unit.group)
        yield _line(unit.name, **_figures(unit, target), note="; ".join(notes) or None)


def _top(judged: Judged, names: Mapping[str, str]) -> Iterator[dict[str, Cell]]:
    """The first of the ranking, by the names of their tabs, which are short."""
    ranked = ranking_of(judged.standings)
    yield {"note": text("dashboard.top"), "top_left": text("dashboard.left"), "top_rate": text("dashboard.rate")}
    for place in ranked[:MOST_ON_TOP]:
        unit = place.standing
        figures = _rated(unit.rate, judged.config.settings.target_of(unit.group))
        short = names.get(unit.code, unit.name)
        if not unit.known and unit.was_read:
            short = text("dashboard.top_unread", unit=short)
        label = f"{place.rank}. {short}" if place.rank else short
        yield {
            "note": label,
            "top_left": left_figure(unit),
            "top_rate": figures.get("rate"),
            "top_bar": _bar(unit.rate, TOP_BAR_LENGTH),
        }
    if len(ranked) > MOST_ON_TOP:
        yield {"note": text("dashboard.top_more", count=number_text(len(ranked) - MOST_ON_TOP))}


def _overdue(standing: Standing, judged: Judged) -> str:
    return text("dashboard.overdue") if judged.is_overdue and standing.was_read and standing.left else ""


def _state(standing: Standing, judged: Judged) -> str:
    if not standing.known:
        if standing.as_of is None:
            return text("dashboard.removed_unknown" if standing.emptied else "dashboard.never_read")
        return figures_as_of(standing, standing.as_of, judged)
    if standing.vanished_rows:
        return text("dashboard.vanished", rows=number_text(standing.vanished_rows))
    if standing.rows == 0:
        return text("dashboard.not_started" if standing.is_size_known else "dashboard.of_unknown_size")
    if not standing.is_size_known:
        return text("dashboard.at_least", left=left_text(standing))
    return _list_state(standing) if judged.config.uses(FieldCode.LIST_COMPLETE) else ""


def figures_as_of(standing: Standing, as_of: datetime, judged: Judged) -> str:
    """Of a unit whose list is not read, or was removed: when its figures were read."""
    key = "dashboard.removed" if standing.emptied else "dashboard.read_last"
    return text(key, moment=f"{sheet_moment(as_of, judged):{MOMENT}}")


def _list_state(standing: Standing) -> str:
    if standing.claims_too_much:
        return text("dashboard.claims_too_much", missing=number_text(standing.not_entered))
    return text("dashboard.lacks_people") if standing.lacks_people else ""


def _calendar(coming: Sequence[ComingMail]) -> Iterable[list[Cell]]:
    """Texts in columns of numbers, which stand at their right: each runs over the blank ones to its left. What does not
    fit goes on in the next line, where nothing cuts it.
    """
    yield _line(
        text("dashboard.calendar"),
        counted=text("dashboard.calendar_when"),
        errors=text("dashboard.calendar_why"),
        note=text("dashboard.calendar_to"),
    )
    for mail in coming[:CALENDAR_LINES]:
        yield from _coming(mail)
    if len(coming) > CALENDAR_LINES:
        yield _line(text("dashboard.calendar_more", count=len(coming) - CALENDAR_LINES))
    if not coming:
        yield _line(text("dashboard.calendar_empty", days=DAYS))


def _coming(mail: ComingMail) -> Iterator[list[Cell]]:
    lines = zip_longest(_broken(mail.why, REASON_ROOM), _broken(_sent_to(mail), NOTE_ROOM))
    for place, (why, to) in enumerate(lines):
        name, when = ("", None) if place else (mail.name, f"{mail.when:{MOMENT}}")
        yield _line(name, counted=when, errors=why, note=to)


def _broken(said: str, room: int) -> list[str]:
    """Addresses are not parted at their hyphens."""
    return textwrap.wrap(said, room, break_on_hyphens=False)


def _next_mails(coming: Sequence[ComingMail], names: Mapping[str, str]) -> Iterator[str]:
    """The next ones by time, and how many more the calendar at the end lists."""
    for mail in coming[:NEXT_MAILS]:
        yield text("dashboard.next_mail", when=f"{mail.when:{MOMENT_OF_YEAR}}", unit=names.get(mail.unit, mail.name))
    if len(coming) > NEXT_MAILS:
        yield text("dashboard.next_mails_more", count=number_text(len(coming) - NEXT_MAILS))
    if not coming:
        yield text("dashboard.calendar_empty", days=DAYS)


def _sent_to(mail: ComingMail) -> str:
    return text("dashboard.calendar_line", addresses=addresses_text(mail.recipients))


def addresses_text(recipients: Recipients) -> str:
    """The addresses a mail is meant for, in a line."""
    if not recipients.to:
        return text("dashboard.calendar_nobody")
    to, cc = ", ".join(recipients.to), ", ".join(recipients.cc)
    return text("dashboard.calendar_copied", to=to, cc=cc) if cc else to
