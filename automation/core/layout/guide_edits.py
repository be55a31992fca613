"""What people changed in tab `Hướng dẫn` stays there when `init` brings the rest up to date.

Beside each line a hidden cell holds a digest of what the bot wrote there. A line that doesn't agree with its digest was
changed by a person, one without any was added by one. A tab of the bot's in which no line has a digest is older than
they are: all of it is the bot's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from automation.core.config.whose_tabs import GUIDE_DIGEST, GUIDE_MARK
from automation.core.model.layout import Role
from automation.core.model.workbook import Tab
from automation.core.reading.cells import as_text, clean

TERM, EXPLANATION, MARK = 1, 2, GUIDE_MARK
_NUMBER = re.compile(r"^\d+\. ")


class GuideLine(Struct, frozen=True):
    """One line: a title, a section, or an explanation with the term it explains ("" for none)."""

    role: Role
    term: str
    explanation: str = ""
    mark: str | None = None
    """In a line of a person's, what stands in the hidden cell: the digest of the bot's line that it was, "" where it
    was none.
    """

    unit: str = ""
    """Code of the unit whose tab the line opens; "" in all others."""

    begins_reference: bool = False
    """Whether what follows is looked up on the screen and not printed."""

    @property
    def digest(self) -> str:
        """What stands in the hidden cell beside the line."""
        if self.mark is not None:
            return self.mark
        return digest_of(self.term, self.explanation) if self.term or self.explanation else ""


def digest_of(term: str, explanation: str) -> str:
    """Tells a line from others; the number of a section, which others move, makes no difference."""
    said = f"{_NUMBER.sub('', clean(term))}|{clean(explanation)}"
    return hashlib.blake2b(said.encode(), digest_size=5).hexdigest()


class _Edit(Struct, frozen=True):
    """A line of a person's, and the digest of the line above that is nearest to it."""

    line: GuideLine
    below: str


def with_edits(wanted: Iterable[GuideLine], present: Tab | None) -> tuple[GuideLine, ...]:
    """The lines that the guide is to have, those of people among them: in the place of what they changed, else below
    the line that they stand under now.
    """
    lines = list(wanted)
    digests = {line.digest for line in lines} - {""}
    edits = list(_edits(present, digests))
    instead = {edit.line.digest: edit.line for edit in edits if edit.line.digest in digests}
    merged = [edit.line for edit in edits if _is_added(edit, digests) and not edit.below]
    for line in lines:
        edit = instead.get(line.digest)
        merged.append(replace(edit, role=line.role, begins_reference=line.begins_reference) if edit else line)
        below = (each for each in edits if line.digest and each.below == line.digest)
        merged += [each.line for each in below if _is_added(each, digests)]
    return tuple(merged)


def _is_added(edit: _Edit, digests: Collection[str]) -> bool:
    """Whether nothing stands any more where it would belong; what was emptied there is gone, too."""
    return edit.line.digest not in digests and bool(edit.line.term or edit.line.explanation)


def _edits(present: Tab | None, digests: Collection[str]) -> Iterator[_Edit]:
    """`digests`: of the lines that the guide is to have."""
    rows = [_row(present, number) for number in range(1, len(present.rows) + 1)] if present else []
    above = ""
    for term, explanation, mark in rows if any(mark for _, _, mark in rows) else ():
        is_ours = mark == digest_of(term, explanation) if mark else not clean(term + explanation)
        if not is_ours:
            yield _Edit(GuideLine(Role.TEXT, term, explanation, mark), above)
        above = mark if mark in digests else above


def _row(tab: Tab, number: int) -> tuple[str, str, str]:
    mark = as_text(tab.cell(number, MARK))
    said = as_text(tab.cell(number, TERM)), as_text(tab.cell(number, EXPLANATION))
    return *said, mark if GUIDE_DIGEST.fullmatch(mark) else ""
