"""Which tab of a workbook is whose: by what `init` put on it, then by its exact title.

Any of two hundred people can add a tab whose title looks like another's. A tab of the bot's is therefore the one that
bears its tag, or that is remembered by its id, or that has exactly its title; a look-alike is nobody's, and is named.
The tabs of units are made and titled by people, so that one whose title differs in what people type otherwise (case,
plain spaces, where the tone mark stands) is taken, and named, where there is no better one and no second one like it.
One that differs in what cannot be seen is never taken.
"""

from __future__ import annotations

import hashlib
import string
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

from automation.core.config import tabs
from automation.core.model.units import Unit
from automation.core.model.workbook import Snapshot, Tab
from automation.core.reading.cells import bare, fold

_LATIN = str.maketrans("ðаеорсухіјѕһԁԛԝкмнтвգοαινρτυκηχ", "daeopcyxijshdqwkmhtbroaivptuknx")
"""Letters that are drawn like those of Vietnamese titles: Cyrillic, Greek, Armenian."""
_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_TYPED = frozenset(string.ascii_lowercase + string.digits + string.punctuation + " đ") | {
    unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES
}
"""What a Vietnamese keyboard types, in small letters."""
_RESERVED = {fold(title): title for title in tabs.BOT_TABS}


def bot_tag(title: str) -> str:
    """What `init` puts onto the bot's own tab of that title."""
    return _tag("bot", title)


def bot_tab(snapshot: Snapshot, title: str) -> Tab | None:
    """The bot's own tab of that title (`tabs.BOT_TABS`), whatever it is called now."""
    return snapshot.tagged(bot_tag(title)) or snapshot.once_titled(title) or snapshot.titled(title)


def bot_tabs(snapshot: Snapshot) -> dict[str, Tab]:
    """The bot's own tabs that are there, by title."""
    found = ((title, bot_tab(snapshot, title)) for title in tabs.BOT_TABS)
    return {title: tab for title, tab in found if tab is not None}


def is_reserved(title: str) -> bool:
    """Whether a title is one of the bot's, or looks like it."""
    return fold(title) in _RESERVED


def unit_tag(unit: Unit) -> str:
    """What `init` puts onto the tab of the unit. It names the title in the registry too: where the admin points the
    unit to another tab, the tag no longer speaks for it.
    """
    return _tag("unit", unit.code, unit.tab_title)


_COPY = "copy."


def copy_tag(of: str, taken_at: datetime) -> str:
    """What a tab bears into which a copy was written, so that the same copy is not written twice."""
    return _COPY + _tag(of, taken_at.astimezone(UTC).isoformat())


def is_copy(tab: Tab) -> bool:
    """Whether `tccb restore` made the tab: nobody's list, for people to copy from."""
    return tab.tag.startswith(_COPY)


def _tag(*parts: str) -> str:
    """Short, and fit for any medium."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def titled_tab(snapshot: Snapshot, unit: Unit) -> Tab | None:
    """The tab of the unit by its tag or title, or the only one that somebody titled nearly so."""
    known = snapshot.tagged(unit_tag(unit)) or snapshot.titled(unit.tab_title)
    return known or snapshot.once_titled(unit.tab_title) or _only_nearly_titled(snapshot.tabs, unit.tab_title)


def is_nearly_titled(title: str, wanted: str) -> bool:
    """Whether the titles differ, and in nothing but what people type otherwise: every letter is one of a keyboard, or
    stands in the wanted title too.
    """
    typed = unicodedata.normalize("NFC", title)
    odd = set(typed.casefold()) - _TYPED - set(unicodedata.normalize("NFC", wanted).casefold())
    return title != wanted and not odd and fold(title) == fold(wanted)


def _only_nearly_titled(tabs_there: Sequence[Tab], title: str) -> Tab | None:
    alike = [tab for tab in tabs_there if is_nearly_titled(tab.title, title) and not tab.tag]
    return alike[0] if len(alike) == 1 else None


def impostors(snapshot: Snapshot, units: Collection[Unit], used: Collection[str]) -> Iterator[tuple[Tab, str]]:
    """The tabs that look like one of the bot's or a unit's and are not it, each with the title that it looks like.

    `used`: keys of the tabs that are somebody's.
    """
    real = {tab.key for tab in bot_tabs(snapshot).values()} | set(used)
    others = [tab for tab in snapshot.tabs if tab.key not in real]
    if not others:
        return
    titles = [*tabs.BOT_TABS, *(unit.tab_title for unit in units if not unit.workbook)]
    looks = {_look(title): title for title in titles}
    for tab in others:
        if title := looks.get(_look(tab.title)):
            yield tab, title


def _look(title: str) -> str:
    """What an eye makes of a title at a glance: letters of other scripts count as Latin ones."""
    return " ".join(bare(title).translate(_LATIN).split())
