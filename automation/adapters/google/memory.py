"""What the Google adapter remembers between two runs, in a small file of the state folder.

The sheet ids make one request enough to read everything, whatever people have renamed. Nothing of it is needed: who has
lost it looks around.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path

from automation.adapters.google.merges import Merges
from automation.base.private_files import write_private
from automation.core.model.workbook import Merged

Titles = Mapping[int, tuple[str, ...]]
"""Sheet id -> the titles the tab has borne, the present one last; in the order of the tabs."""


class SheetMemory:
    """The memory of one spreadsheet; with `keeps=False` what it learns lasts as long as the object.

    A file that cannot be read counts as forgotten: the next read looks around.
    """

    def __init__(
        self, folder: Path, spreadsheet_id: str, *, keeps: bool = True, clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._titles: Titles = {}
        self._tags: Mapping[int, str] = {}
        self._merges: Merges = {}
        self._beside_merges: dict[int, str] = {}
        self._looked_at = 0.0
        self._refusing_since = 0.0
        self._keeps = keeps
        self._tabs_file = folder / f"tabs-{spreadsheet_id}.json"
        self._load()
        if keeps:  # earlier versions kept whole rows there while a write was on its way
            with suppress(OSError):
                (folder / f"unfinished-{spreadsheet_id}.json.gz").unlink(missing_ok=True)

    @property
    def titles(self) -> Titles:
        return self._titles

    @property
    def tabs(self) -> object:
        """All that is known of the tabs, in their order, to be compared with what is known later."""
        return list(self._titles.items()), self._tags, self._merges

    @property
    def age(self) -> float:
        """Seconds since somebody looked around for tabs; a clock set back makes it old."""
        age = self._clock() - self._looked_at
        return age if age >= 0 else float("inf")

    @property
    def tags(self) -> Mapping[int, str]:
        """Sheet id -> the tag that the tab bore when somebody last looked around."""
        return self._tags

    @property
    def merges(self) -> Merges:
        """Sheet id -> the merged cells that the tab had when somebody last looked at them."""
        return self._merges

    def remember_merges(self, merges: Merges, read: Collection[int] | None = None) -> None:
        """The merged cells as they are now, beside what the tabs of `read` hold; None for all tabs."""
        beside = {} if read is None else {key: each for key, each in self._beside_merges.items() if key not in read}
        if (merges, beside) != (self._merges, self._beside_merges):
            self._merges, self._beside_merges = merges, beside
            self._save()

    def holds_beside_merges(self, sheet: int, digest: str) -> bool:
        """Whether the columns that merged cells run down hold what they first held after somebody looked."""
        if sheet not in self._beside_merges:
            self._beside_merges[sheet] = digest
            self._save()
        return self._beside_merges[sheet] == digest

    def remember_tabs(self, titles: Mapping[int, str], tags: Mapping[int, str] | None = None) -> None:
        """The tabs as they are called now; others are forgotten. `tags`: where somebody has looked around."""
        known = {sheet: _with_title(self._titles.get(sheet, ()), title) for sheet, title in titles.items()}
        if tags is not None:
            self._looked_at = self._clock()
            self._tags = {sheet: tag for sheet, tag in tags.items() if tag}
        elif known == self._titles:
            return
        self._titles = known
        self._save()

    def look_around_next(self) -> None:
        """There may be tabs that nobody has seen yet."""
        self._looked_at = 0.0

    @property
    def refusing_since(self) -> float:
        """Since when no write has been taken, in seconds since 1970; 0 where the last one was."""
        return self._refusing_since

    def not_taken(self) -> float:
        """A write was not taken: since when that has been so, in seconds since 1970."""
        if not self._refusing_since:
            self._refusing_since = self._clock()
            self._save()
        return self._refusing_since

    def was_taken(self) -> None:
        """A write was taken."""
        if self._refusing_since:
            self._refusing_since = 0.0
            self._save()

    def _load(self) -> None:
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            content = json.loads(self._tabs_file.read_bytes())
            titles = {int(sheet): tuple(map(str, borne)) for sheet, *borne in content["tabs"] if borne}
            tags = {int(sheet): str(tag) for sheet, tag in content.get("tags", ())}
            merges = {int(sheet): tuple(Merged(*area) for area in areas) for sheet, *areas in content.get("merges", ())}
            beside = {int(sheet): str(digest) for sheet, digest in content.get("beside_merges", ())}
            self._titles, self._tags, self._looked_at = titles, tags, float(content["looked_at"])
            self._merges, self._beside_merges = merges, beside
            self._refusing_since = float(content.get("refusing_since", 0.0))

    def _save(self) -> None:
        if not self._keeps:
            return
        content = {
            "looked_at": self._looked_at,
            "tabs": [[sheet, *borne] for sheet, borne in self._titles.items()],
            "tags": [[sheet, tag] for sheet, tag in self._tags.items()],
            "merges": [[sheet, *areas] for sheet, areas in self._merges.items()],
            "beside_merges": list(self._beside_merges.items()),
            "refusing_since": self._refusing_since,
        }
        with suppress(OSError):  # forgetting costs a request, and a full disk is told of where it matters
            write_private(self._tabs_file, json.dumps(content, ensure_ascii=False).encode())


_MOST_TITLES = 5


def _with_title(borne: tuple[str, ...], title: str) -> tuple[str, ...]:
    """The first title is the one the bot gave or found, so it stays; the present one comes last."""
    if not borne or borne[-1] == title:
        return borne or (title,)
    others = tuple(each for each in borne if each != title)
    return (*others[:1], *others[1:][-_MOST_TITLES:], title)
