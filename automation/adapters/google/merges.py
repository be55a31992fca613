"""Merged cells, which values come without: they are looked at when somebody looks around, and remembered.

Rows that people insert, delete or sort move them. So what is remembered holds as long as the columns that merged cells
run down hold what they held when it was looked at; a cycle in which nobody touched those asks for nothing more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from automation.core.model.workbook import Merged, Row

Merges = Mapping[int, tuple[Merged, ...]]
"""By sheet id."""

FIELDS = "merges(startRowIndex,endRowIndex,startColumnIndex,endColumnIndex)"
_MOST = 2_000
"""Of one tab; who merges more than that has no list of people."""
_LAST = 10_000_000
"""The end of a merged cell that has none, as over a whole column."""


def merges_in(sheets: Sequence[Mapping[str, Any]]) -> dict[int, tuple[Merged, ...]]:
    """The merged cells of each tab, as the metadata of the spreadsheet tells them."""
    found = {each["properties"].get("sheetId", 0): each.get("merges", ())[:_MOST] for each in sheets}
    return {sheet: tuple(map(_merged, areas)) for sheet, areas in found.items() if areas}


def _merged(area: Mapping[str, int]) -> Merged:
    top, left = area.get("startRowIndex", 0) + 1, area.get("startColumnIndex", 0) + 1
    return Merged(top, left, area.get("endRowIndex", _LAST), area.get("endColumnIndex", _LAST))


def columns_run_down(merges: Sequence[Merged]) -> tuple[int, ...]:
    """The columns in which cells are merged over several rows."""
    return tuple(sorted({each.left for each in merges if each.bottom > each.top}))


def digest_of(rows: Sequence[Row], columns: Sequence[int]) -> str:
    """Changes whenever a cell of these columns does, and tells nothing of its content."""
    digest = hashlib.blake2b(digest_size=12)
    for row in rows:
        digest.update(repr([row[column - 1] if column <= len(row) else None for column in columns]).encode())
    return digest.hexdigest()
