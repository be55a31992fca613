"""Columns and lines into which the bot writes as developer metadata, which stays with its column or line through
inserting, deleting and moving others, and by which a write finds it at its very instant.

Each entry has an id that follows from its tab and its code, so that no memory is needed to name it, and making it twice
is refused. What a copy of a tab takes along has other ids and says nothing of the copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from automation.core.model.workbook import Anchor, is_of_line, line_code

Request = dict[str, Any]
KEY = "tccb-anchor"
VISIBILITY = "PROJECT"
"""Entries that other projects, an editor's script among them, neither see nor change."""
_TOUCHED = "cuoi"
_LARGEST_ID = 2**31 - 1


def anchor_id(sheet_id: int, code: str) -> int:
    """The id of the entry by which the column, or the line, of that code is known in that tab."""
    digest = hashlib.blake2b(f"{sheet_id} {code}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % _LARGEST_ID + 1


def lookup(metadata_id: int) -> dict[str, Any]:
    """The data filter that finds the column or line of that entry, and no other."""
    return {"developerMetadataLookup": {"metadataId": metadata_id, "metadataKey": KEY}}


def set_anchors(sheet_id: int, anchors: Sequence[Anchor], known: Sequence[str]) -> Iterator[Request]:
    """What makes them known: a missing column is inserted, with its header, at the very place that is made known, so
    that nothing of people's can stand there. `known`: codes of the tab that are known already, elsewhere.
    """
    for anchor in anchors:
        if anchor.header:
            yield from _inserted(sheet_id, anchor)
        if anchor.code in known:
            yield forget(sheet_id, anchor.code)
        yield entry(sheet_id, anchor.code, anchor.place)


def forget(sheet_id: int, code: str) -> Request:
    """What takes the entry away."""
    return {"deleteDeveloperMetadata": {"dataFilter": lookup(anchor_id(sheet_id, code))}}


def entry(sheet_id: int, code: str, place: int) -> Request:
    """What makes the column, or the line, (from 1) known under that code."""
    created = {
        "metadataId": anchor_id(sheet_id, code),
        "metadataKey": KEY,
        "metadataValue": code,
        "visibility": VISIBILITY,
        "location": {"dimensionRange": _dimension(sheet_id, place, "ROWS" if is_of_line(code) else "COLUMNS")},
    }
    return {"createDeveloperMetadata": {"developerMetadata": created}}


def touch(sheet_id: int, dimension: str, place: int) -> Iterator[Request]:
    """What changes nothing, and what Google refuses where there is no such row or column (from 1)."""
    code = line_code(_TOUCHED) if dimension == "ROWS" else _TOUCHED
    yield entry(sheet_id, code, place)
    yield forget(sheet_id, code)


def _dimension(sheet_id: int, place: int, dimension: str = "COLUMNS") -> dict[str, Any]:
    return {"sheetId": sheet_id, "dimension": dimension, "startIndex": place - 1, "endIndex": place}


def _inserted(sheet_id: int, anchor: Anchor) -> Iterator[Request]:
    place = _dimension(sheet_id, anchor.place)
    # Behind the last column one can only be inserted that inherits from it.
    yield {"insertDimension": {"range": place, "inheritFromBefore": anchor.place > 1}}
    start = {"sheetId": sheet_id, "rowIndex": anchor.header_row - 1, "columnIndex": anchor.place - 1}
    header = [{"values": [{"userEnteredValue": {"stringValue": anchor.header}}]}]
    yield {"updateCells": {"start": start, "rows": header, "fields": "userEnteredValue"}}
    if anchor.hidden:
        hidden = {"range": place, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
        yield {"updateDimensionProperties": hidden}
