"""What another configuration would change in mails: who gets which on which day, and what they would say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from msgspec import Struct
from msgspec.structs import replace

from automation.core.config.ladder import TargetReached
from automation.core.config.mail_kinds import MAIL_KINDS, MAIL_TEMPLATES, Tells
from automation.core.figures.unit import ReminderFigures, as_if_reached
from automation.core.judging.completion import is_below_target
from automation.core.mail.desk import Desk, Letter, MailFigures
from automation.core.mail.mail_figures import with_figures
from automation.core.mail.planning import Writer, summary, word
from automation.core.mail.recipients import Recipients
from automation.core.mail.send_calendar import ComingMail, send_calendar


class ChangedMails(Struct, frozen=True):
    """The mails to come to one unit on one day. None: there would be none, or is none now."""

    before: ComingMail | None
    after: ComingMail | None

    @property
    def mail(self) -> ComingMail:
        """Either of the two, for what they share: when, and to which unit."""
        found = self.after or self.before
        assert found is not None
        return found


class ChangedText(Struct, frozen=True):
    """What a mail of one kind would say otherwise, line by line."""

    kind: str
    unit: str
    """The name of the unit it was tried on; "" for the summary."""
    gone: tuple[str, ...]
    new: tuple[str, ...]
    made_up: bool = False
    """Whether no unit would get such a mail as things stand, so that it was tried on one as if its people were done."""


class MailRehearsal(Struct, frozen=True):
    """The difference that another configuration would make to mails."""

    coming: tuple[ChangedMails, ...]
    """By day and registry, those that are the same left out."""
    texts: tuple[ChangedText, ...]


def compare_mails(before: Desk, after: Desk, writer: Writer) -> MailRehearsal:
    """`before`, `after`: the same workbook judged by the configuration in force and by the other one.

    A text is tried on the first unit to which such a mail would go under both: the thank-you on one that has reached
    its target, all others on one that has not. Where there is none, on the first unit as if it stood there.
    """
    return MailRehearsal(tuple(_changed_mails(before, after)), tuple(_changed_texts(before, after, writer)))


def _changed_mails(before: Desk, after: Desk) -> Iterator[ChangedMails]:
    old, new = ({(each.when.date(), each.unit): each for each in _coming(desk)} for desk in (before, after))
    places = {code: place for place, code in enumerate(dict.fromkeys([*after.units, *before.units]))}
    for key in sorted({*old, *new}, key=lambda key: (key[0], places[key[1]])):
        if _told(old.get(key)) != _told(new.get(key)):
            yield ChangedMails(old.get(key), new.get(key))


def _coming(desk: Desk) -> tuple[ComingMail, ...]:
    return send_calendar(desk.judged, desk.sent, desk.first_cycle_at)


def _told(mail: ComingMail | None) -> tuple[object, ...]:
    return (mail.when, mail.kind, mail.why, mail.recipients) if mail else ()


def _changed_texts(before: Desk, after: Desk, writer: Writer) -> Iterator[ChangedText]:
    before, after = _as_preview(before), _as_preview(after)
    kinds = (code for code in MAIL_TEMPLATES if MAIL_KINDS[code].tells is Tells.UNIT)
    examples = {kind: found for kind in kinds if (found := _example(kind, before, after))}
    old, new = (_lines_by_kind(examples, desk, writer) for desk in (before, after))
    for kind in dict.fromkeys([*old, *new]):
        if old.get(kind) != new.get(kind):
            example = examples.get(kind, _Example(""))
            difference = _difference(old.get(kind, ()), new.get(kind, ()))
            yield ChangedText(kind, after.name_of(example.unit), *difference, example.made_up)


def _as_preview(desk: Desk) -> Desk:
    """A preview is for the admin's screen, where nobody is named, and goes to nobody."""
    config = desk.judged.config
    shown = replace(config, settings=replace(config.settings, names_in_mail=False, mail_mode_real=True))
    return replace(desk, judged=replace(desk.judged, config=shown))


class _Example(Struct, frozen=True):
    """The unit that a text is tried on."""

    unit: str
    made_up: bool = False


def _example(kind: str, before: Desk, after: Desk) -> _Example | None:
    """None where the two share no unit."""
    shared = [code for code in after.units if code in before.units]
    thanks = kind in _thanks(before) & _thanks(after)
    below = [_below_target(desk) for desk in (before, after)]
    fitting = (code for code in shared if all((code in each) != thanks for each in below))
    found = next(fitting, None)
    if found is None and shared:
        return _Example(shared[0], made_up=True)
    return _Example(found) if found else None


def _thanks(desk: Desk) -> set[str]:
    """The kinds of mails that go to units at their target alone."""
    rungs = desk.judged.config.rungs
    at_target = {rung.template for rung in rungs if isinstance(rung.due, TargetReached)}
    return at_target - {rung.template for rung in rungs if not isinstance(rung.due, TargetReached)}


def _below_target(desk: Desk) -> set[str]:
    """The units that are, and those of which it is not known."""
    standings = desk.judged.standings
    return {each.code for each in standings if not each.known or is_below_target(each, desk.settings)}


def _lines_by_kind(examples: Mapping[str, _Example], desk: Desk, writer: Writer) -> Mapping[str, Sequence[str]]:
    """What a mail of each kind says, and the summary, if anybody is to get one."""
    letters = [_letter(kind, example.unit, desk) for kind, example in examples.items()]
    mails = with_figures([*letters, *summary(desk)], desk)
    made_up = {kind for kind, example in examples.items() if example.made_up and kind in _thanks(desk)}
    shown = [replace(mail, figures=_reached(mail.figures)) if mail.kind in made_up else mail for mail in mails]
    worded = word(shown, writer, desk.settings, "")
    return {mail.kind: (mail.subject, *mail.text.splitlines()) for mail in worded}


def _reached(figures: MailFigures) -> MailFigures:
    return as_if_reached(figures) if isinstance(figures, ReminderFigures) else figures


def _letter(kind: str, unit: str, desk: Desk) -> Letter:
    return Letter(key=kind, kind=kind, unit=unit, rung="", day=desk.today, recipients=Recipients(()))


def _difference(old: Sequence[str], new: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    gone: list[str] = []
    come: list[str] = []
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            gone += filter(str.strip, old[i1:i2])
            come += filter(str.strip, new[j1:j2])
    return tuple(gone), tuple(come)
