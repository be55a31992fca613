"""Texts that change on a day: what a cell of `Cấu hình` says until then, and what from then on.

"Công an quận nơi cư trú ⏎ từ 01/03/2025: Công an xã, phường nơi cư trú": offices, papers and messages change by law
on days that are known before, and nobody should have to be awake that morning.
"""

from __future__ import annotations

import re
from datetime import date

from msgspec import Struct

from automation.core.reading.cells import Unreadable, clean, read_date

ALWAYS = date.min
"""The day from which the text holds that names none."""

_DAY = r"[0-9]{1,4}[/.-][0-9]{1,2}(?:[/.-][0-9]{2,4}|(?= *:))"
_FROM = rf"từ(?: ngày)? +{_DAY}"
_BEGINNING = re.compile(rf"(?:\A|[\n|]) *(?={_FROM})", re.IGNORECASE)
_VARIANT = re.compile(rf"từ(?: ngày)? +({_DAY}) *(:?)(.*)", re.IGNORECASE | re.DOTALL)


class DatedText(Struct, frozen=True):
    """Which text holds from which day on, in the order of the days."""

    texts: tuple[tuple[date, str], ...]

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which the text changes."""
        return tuple(day for day, _ in self.texts if day != ALWAYS)

    def on(self, day: date) -> str:
        """The text of that day; "" before the first."""
        return next((text for since, text in reversed(self.texts) if since <= day), "")


class Mistake(Struct, frozen=True):
    """Why a text cannot be read: `key` below `config.dated` of the messages, and where."""

    key: str
    part: str


def read_dated_text(typed: str) -> DatedText | Mistake:
    """What the lines of a cell (or its parts between "|") say: first what holds without a day, then for each line
    that begins with "từ dd/mm/yyyy:" what holds from that day on.
    """
    lines = "\n".join(clean(line) for line in re.split("\r\n|\r|\n", typed))
    undated, *dated = _BEGINNING.split(lines)
    texts: dict[date, str] = {}
    for part in dated:
        variant = _VARIANT.match(part)
        day = read_date(variant[1]) if variant else None
        if variant is None or not isinstance(day, date) or isinstance(day, Unreadable):
            return Mistake("day", clean(part))
        if not variant[2] or not clean(variant[3]):
            return Mistake("text", clean(part))
        if day in texts:
            return Mistake("repeated", clean(part))
        texts[day] = clean(variant[3])
    return DatedText(((ALWAYS, clean(undated)), *sorted(texts.items())))
