"""Tags of tabs in a Google spreadsheet: developer metadata of the tab, which renaming and moving leave alone.

The value names the sheet id too, so that what a copy of the tab takes along says nothing of the copy. Only entries
that other projects cannot make count (visibility PROJECT): an editor's script can write one that everybody sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Request = dict[str, Any]
KEY = "tccb-tab"
FIELDS = "developerMetadata(metadataId,metadataKey,metadataValue,visibility)"
"""What to ask of `sheets` for."""
_VISIBILITY = "PROJECT"


def tag_of(sheet: Mapping[str, Any]) -> str:
    """The tag of a tab as `spreadsheets.get` shows it; "" without."""
    sheet_id = sheet.get("properties", {}).get("sheetId", 0)
    for entry in _ours(sheet):
        tag, _, owner = str(entry.get("metadataValue", "")).partition(" ")
        if owner == str(sheet_id):
            return tag
    return ""


def tag_requests(sheet_id: int, present: str, wanted: str, entries: tuple[int, ...]) -> Iterator[Request]:
    """What gives the tab the wanted tag. `entries`: ids of the entries of our key that it bears now."""
    if not wanted or present == wanted:
        return
    for entry in entries:
        yield {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": entry}}}}
    yield {
        "createDeveloperMetadata": {
            "developerMetadata": {
                "metadataKey": KEY,
                "metadataValue": f"{wanted} {sheet_id}",
                "visibility": _VISIBILITY,
                "location": {"sheetId": sheet_id},
            }
        }
    }


def entries_of(sheet: Mapping[str, Any]) -> tuple[int, ...]:
    """The ids of the entries of our key that the tab bears, whatever they say."""
    return tuple(int(entry["metadataId"]) for entry in _ours(sheet))


def _ours(sheet: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for entry in sheet.get("developerMetadata", ()):
        if entry.get("metadataKey") == KEY and entry.get("visibility") == _VISIBILITY:
            yield entry
