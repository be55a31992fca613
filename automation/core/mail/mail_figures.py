"""How the figures of a mail are made, and what of them the admin's own texts may speak of: a row for each thing that
mails tell of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from automation.core.admin.in_force import Refusal
from automation.core.config.mail_kinds import MAIL_KINDS, Tells, Values
from automation.core.config.registry import HEAD, addresses_of
from automation.core.config.values import Settings, Wording
from automation.core.figures.admin_tasks import AdminFigures, admin_figures
from automation.core.figures.forecast import pace_of
from automation.core.figures.history import Reading
from automation.core.figures.period import Period
from automation.core.figures.summary import SummaryFigures, summary_figures
from automation.core.figures.unit import Occasion, ReminderFigures, TabPlace, reminder_figures
from automation.core.judging.lists.unreadable import UnreadableTab
from automation.core.judging.row_loss import RowLoss
from automation.core.mail.alarms import AlarmFigures, UnreadableFigures
from automation.core.mail.desk import DecidedMail, Desk, Letter, MailFigures
from automation.core.mail.left_overs import LeftOverFigures, left_over_figures
from automation.core.mail.recipients import Recipients
from automation.core.mail.refusals import RefusalFigures, refusal_figures
from automation.core.model.mail import CustomTexts, Told
from automation.core.model.workbook import Tab
from automation.core.reading.shown import shown
from automation.core.text.moments import local
from automation.core.text.vietnamese import rate_text


class _Made(Struct, frozen=True):
    """How figures come about."""

    make: Callable[[Desk, Sequence[Letter]], Iterable[MailFigures]]
    """The figures of each letter, in their order; made together, since all units are looked at in one go."""
    placeholders: Callable[[Any], Values]
    """What the admin's own texts show of such figures: the same as the rest of the mail does."""


def with_figures(letters: Sequence[Letter], desk: Desk) -> tuple[DecidedMail, ...]:
    """The same mails, each with everything it says."""
    figures = dict(chain.from_iterable(_of_one_sort(tells, letters, desk) for tells in Tells))
    mails = (DecidedMail(**asdict(letter), figures=figures[letter.key]) for letter in letters)
    return tuple(_with_head(mail, desk) for mail in mails)


def _with_head(mail: DecidedMail, desk: Desk) -> DecidedMail:
    """A session at the unit is proposed to its head, who gets a copy of whatever mail does so."""
    figures, known = mail.figures, mail.recipients.everybody
    if not isinstance(figures, ReminderFigures) or not figures.on_site:
        return mail
    head = tuple(each for each in addresses_of(desk.units[mail.unit], HEAD) if each not in known)
    meant = Recipients(mail.recipients.to, (*mail.recipients.cc, *head))
    if figures.test_recipients is not None:
        figures = replace(figures, test_recipients=meant.everybody)
    return replace(mail, recipients=meant, figures=figures)


def _of_one_sort(tells: Tells, letters: Iterable[Letter], desk: Desk) -> Iterable[tuple[str, MailFigures]]:
    of_sort = [letter for letter in letters if MAIL_KINDS[letter.kind].tells is tells]
    if not of_sort:
        return ()
    return zip((letter.key for letter in of_sort), _FIGURES[tells].make(desk, of_sort), strict=True)


def own_words(kind: str, figures: MailFigures, settings: Settings) -> CustomTexts:
    """The admin's texts for a mail of that kind, filled in."""
    from automation.core.config.mail_wording import fill  # its template engine: most commands word no mail

    placeholders = _FIGURES[MAIL_KINDS[kind].tells].placeholders
    return fill(settings.wordings.get(kind, Wording()), placeholders(figures))


def told_by(figures: MailFigures) -> Told | None:
    """What the next mail of its kind is compared with."""
    if not isinstance(figures, SummaryFigures):
        return None
    read = [each.standing for each in figures.units if each.standing.was_read]
    stood = {each.code: (each.done, each.counted) for each in read}
    return Told(figures.as_of, figures.overall.done, figures.overall.counted, stood)


# --- one unit ---------------------------------------------------------------------------------------------


def _unit_figures(desk: Desk, letters: Sequence[Letter]) -> list[ReminderFigures]:
    figures = reminder_figures(desk.judged, {letter.unit: _occasion(desk, letter) for letter in letters})
    return [figures[letter.unit] for letter in letters]


def _occasion(desk: Desk, letter: Letter) -> Occasion:
    track = desk.tracks.get(letter.unit, [])
    now = desk.standings[letter.unit]
    return Occasion(
        place=_place(desk, letter.unit),
        working_days_left=desk.time.working_days_left,
        work_left=desk.time.work_left,
        earlier=track[-1] if track else None,
        pace=pace_of([*track, Reading(desk.today, now.counted, now.done)], desk.time),
        real_recipients=letter.recipients.everybody,
    )


def _place(desk: Desk, unit: str) -> TabPlace:
    table = next((table for table in desk.judged.tables if table.unit == unit), None)
    return _place_of(desk, table.tab, f"A{table.table.header_row}") if table else _place_of(desk, None)


def _place_of(desk: Desk, tab: Tab | None, cell: str = "A1") -> TabPlace:
    """`cell`: where the tab is opened."""
    if tab is None:
        return TabPlace(tab="", file=desk.book_name)
    cells = partial(desk.link, tab.key)
    return TabPlace(shown(tab.title), desk.book_name, cells(cell), cells)


def _of_unit(figures: ReminderFigures) -> Values:
    return {
        "chien_dich": figures.campaign,
        "co_quan": figures.issuer,
        "don_vi": figures.unit,
        "han": figures.deadline,
        "so_ngay": figures.days_left,
        "so_ngay_lam_viec": figures.working_days_left,
        "chi_tieu": rate_text(figures.target),
        "ty_le": rate_text(figures.rate),
        "tong_so": figures.counted,
        "da_xong": figures.done,
        "con_lai": figures.left,
        "can_sua": figures.to_correct,
        "chua_nhap": figures.not_entered,
    }


# --- all units --------------------------------------------------------------------------------------------


def _all_units_figures(desk: Desk, letters: Sequence[Letter]) -> list[SummaryFigures]:
    return [
        summary_figures(
            desk.judged,
            desk.history,
            desk.earlier,
            units_waiting=desk.units_waiting,
            period=letter.about if isinstance(letter.about, Period) else Period.DAY,
            real_recipients=letter.recipients.everybody,
        )
        for letter in letters
    ]


def _of_all_units(figures: SummaryFigures) -> Values:
    tally = figures.overall.tally
    return {
        "chien_dich": figures.campaign,
        "co_quan": figures.issuer,
        "han": figures.deadline,
        "so_ngay": figures.days_left,
        "chi_tieu": rate_text(figures.target),
        "ty_le": rate_text(figures.overall.rate),
        "tong_so": tally.counted,
        "da_xong": tally.done,
        "con_lai": tally.left,
        "so_don_vi": len(figures.units),
    }


# --- lost rows --------------------------------------------------------------------------------------------


def _alarm_figures(desk: Desk, letters: Sequence[Letter]) -> list[AlarmFigures]:
    return [_alarm(desk, letter, letter.about) for letter in letters if isinstance(letter.about, RowLoss)]


def _alarm(desk: Desk, letter: Letter, loss: RowLoss) -> AlarmFigures:
    settings = desk.settings
    zone = settings.zone
    copy = desk.fuller_copy(letter.unit, loss.now) if settings.copies_days else None
    return AlarmFigures(
        unit=desk.units[letter.unit].name,
        campaign=settings.campaign,
        issuer=settings.issuer,
        as_of=desk.judged.now,
        before=loss.before,
        now=loss.now,
        read_at=local(loss.read_at, zone),
        place=_place(desk, letter.unit),
        contact=settings.contact,
        test_recipients=settings.named_on_trial(letter.recipients.everybody),
        copy=replace(copy, taken_at=local(copy.taken_at, zone)) if copy else None,
    )


def _of_lost_rows(figures: AlarmFigures) -> Values:
    return {
        "chien_dich": figures.campaign,
        "co_quan": figures.issuer,
        "don_vi": figures.unit,
        "so_dong_truoc": figures.before,
        "so_dong_con": figures.now,
        "so_dong_mat": figures.gone,
    }


# --- a tab that cannot be read ----------------------------------------------------------------------------


def _unreadable_figures(desk: Desk, letters: Sequence[Letter]) -> list[UnreadableFigures]:
    return [_unreadable(desk, each, each.about) for each in letters if isinstance(each.about, UnreadableTab)]


def _unreadable(desk: Desk, letter: Letter, about: UnreadableTab) -> UnreadableFigures:
    settings = desk.settings
    return UnreadableFigures(
        unit=about.unit.name,
        campaign=settings.campaign,
        issuer=settings.issuer,
        as_of=desk.judged.now,
        what=about.problem.what,
        fix=about.problem.fix,
        place=_place_of(desk, about.tab),
        contact=settings.contact,
        test_recipients=settings.named_on_trial(letter.recipients.everybody),
    )


# --- a refused configuration ------------------------------------------------------------------------------


def _refusal_figures(desk: Desk, letters: Sequence[Letter]) -> list[RefusalFigures]:
    return [
        refusal_figures(letter.about, desk.settings, desk.judged.now, desk.book_name, letter.recipients.everybody)
        for letter in letters
        if isinstance(letter.about, Refusal)
    ]


def _left_over_figures(desk: Desk, letters: Sequence[Letter]) -> list[LeftOverFigures]:
    judged = desk.judged
    return [
        left_over_figures(judged.left_over, desk.settings, judged.now, desk.book_name, letter.recipients.everybody)
        for letter in letters
    ]


def _admin_figures(desk: Desk, letters: Sequence[Letter]) -> list[AdminFigures]:
    return [admin_figures(desk.judged, desk.earlier, desk.book_name, letter.recipients.everybody) for letter in letters]


def _nothing(_figures: MailFigures) -> Values:
    """The admin has no texts of their own in the mails to themselves."""
    return {}


_FIGURES: Mapping[Tells, _Made] = {
    Tells.UNIT: _Made(_unit_figures, _of_unit),
    Tells.ALL_UNITS: _Made(_all_units_figures, _of_all_units),
    Tells.LOST_ROWS: _Made(_alarm_figures, _of_lost_rows),
    Tells.UNREADABLE_TAB: _Made(_unreadable_figures, _nothing),
    Tells.REFUSED_CONFIG: _Made(_refusal_figures, _nothing),
    Tells.LEFT_OVER: _Made(_left_over_figures, _nothing),
    Tells.ADMIN_TASKS: _Made(_admin_figures, _nothing),
}
