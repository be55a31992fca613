"""Which tab of a workbook is whose: by what `init` put on it, then by its exact title.

Any of two hundred people can add a tab whose title looks like another's. A tab of the bot's is therefore the one that
bears its tag, or that is remembered by its id or has exactly its title, and begins as one of ours does; a look-alike is
nobody's, and is named. One of people's that had the title first is theirs: it stays as it is until it is renamed.
The tabs of units are made and titled by people, so that one whose title differs in what people type otherwise (case,
plain spaces, where the tone mark stands) is taken, and named, where there is no better one and no second one like it.
One that differs in what cannot be seen is never taken.
"""

from __future__ import annotations

import hashlib
import re
import string
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from automation.base.messages import text
from automation.core.config import tabs
from automation.core.model.problems import Problem
from automation.core.model.units import Unit
from automation.core.model.workbook import UNCALCULATED, Snapshot, Tab
from automation.core.reading.cells import as_text, bare, fold, is_blank
from automation.core.reading.shown import shown
from automation.core.reading.tables import find_table

_LATIN = str.maketrans("ðаеорсухіјѕһԁԛԝкмнтвգοαινρτυκηχ", "daeopcyxijshdqwkmhtbroaivptuknx")
"""Letters that are drawn like those of Vietnamese titles: Cyrillic, Greek, Armenian."""
_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_TYPED = frozenset(string.ascii_lowercase + string.digits + string.punctuation + " đ") | {
    unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES
}
"""What a Vietnamese keyboard types, in small letters."""
_RESERVED = {fold(title): title for title in tabs.BOT_TABS}

GUIDE_MARK = 3
"""Hidden column of the guide: a digest of each line that the bot wrote."""
GUIDE_DIGEST = re.compile(r"[0-9a-f]{10}")
GUIDE_BEGINS = ("Hướng dẫn dành cho đơn vị", "Nội dung")
"""Of every version, in column A; the first ones wrote no digests."""
_OUR_HEADERS = {tabs.HISTORY: 6, tabs.JOURNAL: 4, tabs.MAILS: 6}
"""How many headers tell a tab as ours. As many as the first version had, but for the mails: where people spoilt some of
their ten, what was sent still stands there, and whoever took it for people's would send it again.
"""


def bot_tag(title: str) -> str:
    """What `init` puts onto the bot's own tab of that title."""
    return _tag("bot", title)


def bot_tab(snapshot: Snapshot, title: str) -> Tab | None:
    """The bot's own tab of that title (`tabs.BOT_TABS`), whatever it is called now."""
    if tab := snapshot.tagged(bot_tag(title)):
        return tab
    others = (snapshot.once_titled(title), snapshot.titled(title))
    is_new = snapshot.titled(tabs.FIELDS) is None
    return next((tab for tab in others if tab and _begins_as_ours(tab, title, is_new=is_new)), None)


def bot_tabs(snapshot: Snapshot) -> dict[str, Tab]:
    """The bot's own tabs that are there, by title."""
    found = ((title, bot_tab(snapshot, title)) for title in tabs.BOT_TABS)
    return {title: tab for title, tab in found if tab is not None}


def missing_tabs(snapshot: Snapshot) -> Sequence[str]:
    """The titles of those that the bot alone fills in and that are not there."""
    there = bot_tabs(snapshot)
    return [title for title in tabs.WRITTEN_TABS if title not in there]


def as_called_now(problems: Iterable[Problem], snapshot: Snapshot) -> tuple[Problem, ...]:
    """The same sentences with those of the bot's own tabs that somebody renamed under their present titles; a title
    that another tab bears by now stands for that one.
    """
    found = {title: tab.title for title, tab in bot_tabs(snapshot).items()}
    renamed = {title: now for title, now in found.items() if now != title and snapshot.titled(title) is None}
    if not renamed:
        return tuple(problems)
    wanted = "|".join(map(re.escape, renamed))
    pattern = re.compile(rf"(?<=rang )(?:“({wanted})”|({wanted})(?![\w”]))")

    def put(sentence: str) -> str:
        return pattern.sub(lambda found: f"“{shown(renamed[found[1] or found[2]])}”", sentence)

    return tuple(replace(each, where=put(each.where), what=put(each.what), fix=put(each.fix)) for each in problems)


def tabs_in_the_way(snapshot: Snapshot) -> list[Tab]:
    """Tabs of people's under exactly the titles that the bot's own would have, which are not there."""
    ours = bot_tabs(snapshot)
    return [tab for title in tabs.BOT_TABS if title not in ours and (tab := snapshot.titled(title))]


def _begins_as_ours(tab: Tab, title: str, *, is_new: bool) -> bool:
    """Whether nobody has anything in a tab without our tag, or whether some version of ours began it. Of a config tab
    its reader tells: it refuses one without the headers. `is_new`: nothing tells that the workbook was ever set up.
    """
    if all(is_blank(cell) for row in tab.rows for cell in row):
        return True
    if title in tabs.CONFIG_TABS:
        return not ((is_new or title == tabs.DOCUMENTS) and _is_read_by_chance(tab, title))
    if title == tabs.GUIDE:
        return _has_digests(tab) or _begins(tab, GUIDE_BEGINS)
    if title == tabs.DASHBOARD:
        return _is_room_alone(tab) or _begins(
            tab, (text("dashboard.title", campaign=""), text("dashboard.as_of", moment=""))
        )
    return _has_headers(tab, title, _OUR_HEADERS[title])


def _is_read_by_chance(tab: Tab, title: str) -> bool:
    """Whether people's own list (of their documents, drugs, printers) has some of our headers and not all of them; of
    documents, that tab being looked at in any workbook, fewer than where one of ours was spoilt. A registry that
    somebody made by hand is wanted.
    """
    ours = len(tabs.HEADERS[title]) - (title == tabs.DOCUMENTS)
    return title != tabs.REGISTRY and _has_headers(tab, title, 1) and not _has_headers(tab, title, ours)


def _has_headers(tab: Tab, title: str, at_least: int) -> bool:
    headers = {fold(header): header for header in tabs.HEADERS[title]}
    return find_table(tab.rows, headers, at_least) is not None


def _has_digests(tab: Tab) -> bool:
    return any(GUIDE_DIGEST.fullmatch(as_text(tab.cell(row, GUIDE_MARK))) for row in range(1, len(tab.rows) + 1))


def _begins(tab: Tab, starts: Sequence[str]) -> bool:
    return all(fold(as_text(tab.cell(row, 1))).startswith(fold(start)) for row, start in enumerate(starts, start=1))


def _is_room_alone(tab: Tab) -> bool:
    """Whether a dashboard was drawn and no cycle has written into it: a number of lines, a link, formulas below."""
    first = [cell for row in tab.rows[:1] for cell in row if not is_blank(cell)]
    below = [cell for row in tab.rows[2:] for cell in row if not is_blank(cell)]
    are_formulas = all(as_text(cell).startswith((UNCALCULATED, "=")) for cell in below)
    return len(first) == 1 and isinstance(first[0], (int, float)) and are_formulas


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
