"""Into which columns and lines the bot writes in tabs that people change, each by a code that stays the same whatever
its header says. Results find them by identity, where the workbook knows one (`model/workbook.py`, `Anchor`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from automation.core.config import tabs
from automation.core.config.computed import COMPUTED
from automation.core.config.whose_tabs import bot_tag
from automation.core.model.workbook import line_code

UNIT_LINE: Final = line_code("don-vi")
"""The line above a unit's table that tells where the unit stands, where it begins in a column of people's."""
CONFIG_MARKS: Final = "loi-cau-hinh"
"""The column beside the rows of a config tab that tells what is wrong with them."""
STATE_LINE: Final = line_code("cau-hinh")
"""The line above a config tab that tells whether it counts."""

_OF_CONFIG = (CONFIG_MARKS, STATE_LINE)
_BY_TITLE = {title: _OF_CONFIG if title in tabs.CONFIG_TABS else () for title in tabs.BOT_TABS} | {
    tabs.REGISTRY: (*tabs.REGISTRY_COMPUTED, *_OF_CONFIG)
}
_BY_TAG = {bot_tag(title): codes for title, codes in _BY_TITLE.items()}
_OF_UNIT = (*COMPUTED, UNIT_LINE)


def codes_of(tag: str, titles: Collection[str]) -> Sequence[str]:
    """The codes of a tab by its tag, else by what it is or was called: a tab that is none of the bot's may be a
    unit's.
    """
    if tag in _BY_TAG:
        return _BY_TAG[tag]
    return next((_BY_TITLE[title] for title in titles if title in _BY_TITLE), _OF_UNIT)


class CodesOfOneTab:
    """`codes_of`, and the columns of people in the one tab in which something of theirs is written: a list that came by
    mail, or what removes it.
    """

    def __init__(self) -> None:
        self._tag = self._title = ""
        self._codes: tuple[str, ...] = ()

    def know(self, tag: str, title: str, codes: Sequence[str]) -> None:
        """Columns are known under these codes, too, in the tab of that tag, or title where it has none."""
        self._tag, self._title, self._codes = tag, title, tuple(codes)

    def __call__(self, tag: str, titles: Collection[str]) -> Sequence[str]:
        is_it = tag == self._tag if self._tag else self._title in titles
        return (*codes_of(tag, titles), *self._codes) if self._codes and is_it else codes_of(tag, titles)
