"""Ready figures become a mail: subject, plain text and HTML, from the folders below `templates/mail/`.

A folder is a kind of mail. It holds `subject.txt`, `opening.txt`, `body.txt` and `body.html`; what it lacks is taken
from the kind that its own falls back to, so a variant holds only what it says differently.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct

from automation.base.messages import text
from automation.base.paths import TEMPLATES
from automation.core.config.mail_kinds import MAIL_KINDS
from automation.core.figures.forecast import pace_shown
from automation.core.figures.summary import UnitLine
from automation.core.figures.unit import PeopleCut
from automation.core.mail.desk import MailFigures
from automation.core.model.mail import NO_CUSTOM_TEXTS, Attachment, CustomTexts
from automation.core.model.palette import WEB_COLOURS
from automation.core.model.units import Tallied
from automation.core.text.vietnamese import (
    amount_left_text,
    amount_text,
    day_text,
    hour_text,
    left_text,
    number_text,
    points_text,
    rate_text,
)

_TEXT_WIDTH = 72
_UNITS_NAMED = 40
_UNITS_COUNTED = 10
_LINES_SHOWN = 10
"""Of the units at risk, and of the kinds of errors, so many have a line in the mail; the workbook has all."""
_HANGING = re.compile(r"(?:.{0,38}\S)?\s{2,18}|\s*(?:[-→]|\d+\.) ")
"""Up to where a line that goes on below is indented: its last column, or its bullet."""

_INLINED = re.compile(r' class="(?:b|bt|k|m|r|t|v)"')
"""Names of styles that stand in the cells themselves by then; in long tables they only take room."""


Attach: TypeAlias = Mapping[str, Callable[[Any], tuple[Attachment, ...]]]
"""Kind of mail -> what goes with one, made of its figures."""
_NOTHING: Attach = {}


class WrittenMail(Struct, frozen=True):
    """What a mail says, in its three forms."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


class MailWriter:
    """Fills the templates of a folder; one writer serves any number of mails."""

    def __init__(self, templates: Path = TEMPLATES / "mail", attach: Attach = _NOTHING) -> None:
        self._attach = attach
        self._environment = environment(templates)
        self._inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, minify_css=True)

    def write(self, kind: str, figures: MailFigures, texts: CustomTexts = NO_CUSTOM_TEXTS) -> WrittenMail:
        """A mail of that kind, with what is attached. Raises `jinja2.TemplateError` for a mistake in the templates."""
        attachments = self._attach[kind](figures) if kind in self._attach else ()
        subject = _one_line(texts.subject or self._render(kind, "subject.txt", figures))
        opening = _one_line(texts.opening or self._render(kind, "opening.txt", figures))
        extras = {
            "subject": subject,
            "opening": opening,
            "closing": texts.closing,
            "cut": _LINES_SHOWN,
            "picture": next((each.content_id for each in attachments if each.content_id), ""),
            "attached": any(not each.content_id for each in attachments),
        }
        plain = self._render(kind, "body.txt", figures, **extras)
        html = self._render(kind, "body.html", figures, **extras)
        return WrittenMail(subject, wrapped(plain), _INLINED.sub("", self._inliner.inline(html)), attachments)

    def _render(self, kind: str, part: str, figures: MailFigures, **extras: object) -> str:
        folders = filter(None, (kind, MAIL_KINDS[kind].falls_back_to))
        template = self._environment.select_template([f"{folder}/{part}" for folder in folders])
        return template.render(f=figures, **extras)


@lru_cache(maxsize=8)
def environment(*templates: Path) -> Environment:
    """Templates of these folders, with the texts and figures that ours are written in; compiled once a process."""
    made = Environment(
        loader=FileSystemLoader(templates),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        rate=rate_text,
        points=points_text,
        number=number_text,
        day=day_text,
        hour=hour_text,
        listing=_listing,
        people=_people,
        unit_names=_unit_names,
        counted_units=_counted_units,
        to_go=_to_go,
        known_to_go=_known_to_go,
        gained=_gained,
        people_left=_people_left,
        amount=amount_text,
        beside=pace_shown,
        amount_left=amount_left_text,
        sentence=_sentence,
        left=_left,
        people_to_go=left_text,
        bar=_bar_width,
    )
    made.globals |= {"say": _say, "palette": WEB_COLOURS}
    return made


def _say(key: str, **values: object) -> str:
    """A phrase that text and HTML share: `templates/messages/mail_text.toml`."""
    return text(f"mail_text.{key}", **values)


def _sentence(phrase: str) -> str:
    """The phrase as a sentence begins."""
    return phrase[:1].upper() + phrase[1:]


def _listing(items: Sequence[str]) -> str:
    """ "a, b và c" """
    return items[0] if len(items) == 1 else _say("and", first=", ".join(items[:-1]), last=items[-1])


def _unit_names(names: Sequence[str]) -> str:
    """The names of units, cut where the list would bury what follows it."""
    rest = len(names) - _UNITS_NAMED
    others = [_say("other_units", units=rest)] if rest > 0 else []
    return "; ".join([*names[:_UNITS_NAMED], *others])


def _counted_units(counts: Sequence[tuple[str, int | str]]) -> str:
    """Units with a number each, or what is said of it, the first of them, then how many others there are."""
    named = ((name, count if isinstance(count, str) else number_text(count)) for name, count in counts[:_UNITS_COUNTED])
    shown = [_say("times", name=name, count=count) for name, count in named]
    rest = len(counts) - len(shown)
    return "; ".join([*shown, _say("other_units", units=rest)] if rest else shown)


def _to_go(lines: Sequence[UnitLine]) -> list[tuple[str, int | str]]:
    """Units with the people they lack to the target."""
    return [(line.unit.name, _as_known(line, line.forecast.to_go)) for line in lines]


def _known_to_go(line: UnitLine) -> str:
    """People that a unit lacks to its target: "12" or "ít nhất 12"."""
    people = _as_known(line, line.forecast.to_go)
    return people if isinstance(people, str) else number_text(people)


def _people_left(lines: Sequence[UnitLine]) -> list[tuple[str, int | str]]:
    """Units with the people who are left in them."""
    return [(line.unit.name, _as_known(line, line.unit.left)) for line in lines]


def _as_known(line: UnitLine, people: int) -> int | str:
    """At least so many where nobody knows how many are still to be entered; no number where none is known at all."""
    if line.unit.is_size_known:
        return people
    return _say("at_least", people=number_text(people)) if people else text("figures.unknown")


def _gained(lines: Sequence[UnitLine]) -> list[tuple[str, int]]:
    """Units with the people who got done in them since the summary before."""
    return [(line.unit.name, line.gained) for line in lines]


def _people(cut: PeopleCut) -> list[str]:
    """Each person of a list in texts, then how many rows more there are."""
    named = [
        _say("person", name=each.name, row=each.row) if each.name else _say("row", row=each.row) for each in cut.shown
    ]
    return [*named, _say("more_rows", rows=number_text(cut.more))] if cut.more else named


def _left(of: Tallied) -> str:
    """What stands beside a rate: how many people are left, unless nobody is known yet, or none has anything to do."""
    if of.rate is not None or of.left:
        return left_text(of)
    return _say("nobody_counts" if of.was_read and of.is_size_known else "no_figures")


def _bar_width(percent: float | None) -> int:
    """Width of the filled part of a bar: something to see above 0, something missing below 100."""
    if not percent:
        return 0
    return 100 if percent >= 100 else min(99, max(1, int(percent)))


def _one_line(rendered: str) -> str:
    """Without line breaks and control characters: in a subject these could open a header of its own."""
    printable = (" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in rendered)
    return re.sub(" +", " ", "".join(printable)).strip()


def wrapped(plain: str) -> str:
    """The text in lines of at most 72 characters (longer texts such as addresses stay whole), list items and
    table rows hanging, never more than one empty line in a row.
    """
    lines = (line for each in plain.splitlines() for line in _wrapped_line(each.rstrip()))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _wrapped_line(line: str) -> Iterable[str]:
    if len(line) <= _TEXT_WIDTH:
        return [line]
    hanging = _HANGING.match(line)
    return textwrap.wrap(
        line,
        _TEXT_WIDTH,
        subsequent_indent=" " * (hanging.end() if hanging else 0),
        break_long_words=False,
        break_on_hyphens=False,
    )
