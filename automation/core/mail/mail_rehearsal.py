"""What another configuration would change in mails: who gets which on which day, and what they would say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from automation.core.config.mail_kinds import MAIL_KINDS, MAIL_TEMPLATES, SUMMARY, Tells
from automation.core.judging.completion import is_below_target
from automation.core.mail.desk import Desk, Letter
from automation.core.mail.mail_figures import with_figures
from automation.core.mail.planning import Writer, summary, word
from automation.core.mail.recipients import Recipients
from automation.core.mail.send_calendar import ComingMail, send_calendar


@dataclass(frozen=True)
class ChangedMails:
    """The mails to come to one unit on one day. None: there would be none, or is none now."""

    before: ComingMail | None
    after: ComingMail | None

    @property
    def mail(self) -> ComingMail:
        """Either of the two, for what they share: when, and to which unit."""
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True)
class ChangedText:
    """What a mail of one kind would say otherwise, line by line."""

    kind: str
    unit: str
    """The name of the unit it was tried on; "" for the summary."""
    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class MailRehearsal:
    """The difference that another configuration would make to mails."""

    coming: tuple[ChangedMails, ...]
    """By day and registry, those that are the same left out."""
    texts: tuple[ChangedText, ...]


def compare_mails(before: Desk, after: Desk, writer: Writer) -> MailRehearsal:
    """`before`, `after`: the same workbook judged by the configuration in force and by the other one.

    The texts are tried on the first unit that is below its target under both, else on the first there is.
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
    before, after = _without_names(before), _without_names(after)
    unit = _example(before, after)
    kinds = (code for code in MAIL_TEMPLATES if unit and MAIL_KINDS[code].tells is Tells.UNIT)
    letters = [(kind, unit) for kind in kinds]
    old, new = (_lines_by_kind(letters, desk, writer) for desk in (before, after))
    for kind in dict.fromkeys([*old, *new]):
        if old.get(kind) != new.get(kind):
            name = after.name_of(unit) if kind != SUMMARY else ""
            yield ChangedText(kind, name, *_difference(old.get(kind, ()), new.get(kind, ())))


def _without_names(desk: Desk) -> Desk:
    """A preview is for the admin's screen, where nobody is named."""
    config = desk.judged.config
    nameless = replace(config, settings=replace(config.settings, names_in_mail=False))
    return replace(desk, judged=replace(desk.judged, config=nameless))


def _example(before: Desk, after: Desk) -> str:
    """The code of the unit that the texts are tried on; "" where the two share none."""
    shared = [code for code in after.units if code in before.units]
    below = _below_target(before) & _below_target(after)
    return next((code for code in shared if code in below), shared[0] if shared else "")


def _below_target(desk: Desk) -> set[str]:
    return {each.code for each in desk.judged.standings if is_below_target(each, desk.settings)}


def _lines_by_kind(letters: Iterable[tuple[str, str]], desk: Desk, writer: Writer) -> Mapping[str, Sequence[str]]:
    """What a mail of each (kind, unit) says, and the summary, if anybody is to get one."""
    mails = with_figures([*(_letter(kind, unit, desk) for kind, unit in letters), *summary(desk)], desk)
    worded = word(mails, writer, desk.settings, "")
    return {mail.kind: (mail.subject, *mail.text.splitlines()) for mail in worded}


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
