"""What the Google adapter remembers between two runs, in two small files of the state folder.

The sheet ids make one request enough to read everything, whatever people have renamed. The unfinished write is there
from before a write until its answer has been checked: whoever comes next can tell what it left behind.
"""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automation.base.private_files import write_private
from automation.core.model.workbook import CellChange, Tab

Titles = Mapping[int, tuple[str, ...]]
"""Sheet id -> the titles the tab has borne, the present one last; in the order of the tabs."""


@dataclass(frozen=True)
class UnfinishedWrite:
    """A write whose outcome is not known, and what it was computed from. Cells as `google_values.as_kept` has them."""

    before: tuple[Tab, ...]
    """The tabs it touches as they stood."""
    owed: tuple[CellChange, ...]
    """What was to be put right in them already."""
    written: tuple[CellChange, ...]


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
        self._looked_at = 0.0
        self._unfinished: UnfinishedWrite | None = None
        self._keeps = keeps
        self._tabs_file = folder / f"tabs-{spreadsheet_id}.json"
        self._write_file = folder / f"unfinished-{spreadsheet_id}.json.gz"
        self._load()

    @property
    def titles(self) -> Titles:
        return self._titles

    @property
    def age(self) -> float:
        """Seconds since somebody looked around for tabs; a clock set back makes it old."""
        age = self._clock() - self._looked_at
        return age if age >= 0 else float("inf")

    @property
    def tags(self) -> Mapping[int, str]:
        """Sheet id -> the tag that the tab bore when somebody last looked around."""
        return self._tags

    def remember_tabs(self, titles: Mapping[int, str], tags: Mapping[int, str] | None = None) -> None:
        """The tabs as they are called now; others are forgotten. `tags`: where somebody has looked around."""
        known = {sheet: _with_title(self._titles.get(sheet, ()), title) for sheet, title in titles.items()}
        if tags is not None:
            self._looked_at = self._clock()
            self._tags = {sheet: tag for sheet, tag in tags.items() if tag}
        elif known == self._titles:
            return
        self._titles = known
        if self._keeps:
            content = {
                "looked_at": self._looked_at,
                "tabs": [[sheet, *borne] for sheet, borne in known.items()],
                "tags": [[sheet, tag] for sheet, tag in self._tags.items()],
            }
            with suppress(OSError):  # forgetting costs a request, and a full disk is told of where it matters
                write_private(self._tabs_file, json.dumps(content, ensure_ascii=False).encode())

    def look_around_next(self) -> None:
        """There may be tabs that nobody has seen yet."""
        self._looked_at = 0.0

    @property
    def unfinished(self) -> UnfinishedWrite | None:
        return self._unfinished

    def begin(self, write: UnfinishedWrite) -> None:
        """Call before the write is sent."""
        self._unfinished = write
        if self._keeps:
            write_private(self._write_file, gzip.compress(_encoded(write), compresslevel=1))

    def finish(self) -> None:
        """Call when the outcome is known and nothing is left to mend."""
        if self._unfinished is not None:
            self._unfinished = None
            if self._keeps:
                self._write_file.unlink(missing_ok=True)

    def _load(self) -> None:
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            content = json.loads(self._tabs_file.read_bytes())
            titles = {int(sheet): tuple(map(str, borne)) for sheet, *borne in content["tabs"] if borne}
            tags = {int(sheet): str(tag) for sheet, tag in content.get("tags", ())}
            self._titles, self._tags, self._looked_at = titles, tags, float(content["looked_at"])
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zlib.error):
            self._unfinished = _decoded(gzip.decompress(self._write_file.read_bytes()))


_MOST_TITLES = 5


def _with_title(borne: tuple[str, ...], title: str) -> tuple[str, ...]:
    """The first title is the one the bot gave or found, so it stays; the present one comes last."""
    if not borne or borne[-1] == title:
        return borne or (title,)
    others = tuple(each for each in borne if each != title)
    return (*others[:1], *others[1:][-_MOST_TITLES:], title)


def _encoded(write: UnfinishedWrite) -> bytes:
    content = {
        "before": [[tab.key, tab.title, [list(row) for row in tab.rows]] for tab in write.before],
        "owed": _listed(write.owed),
        "written": _listed(write.written),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _listed(changes: Sequence[CellChange]) -> list[list[Any]]:
    return [[change.tab, change.row, change.column, change.value] for change in changes]


def _decoded(content: bytes) -> UnfinishedWrite:
    read = json.loads(content)
    return UnfinishedWrite(
        before=tuple(Tab(key, title, tuple(map(tuple, rows))) for key, title, rows in read["before"]),
        owed=tuple(CellChange(*change) for change in read["owed"]),
        written=tuple(CellChange(*change) for change in read["written"]),
    )
