"""What `init` keeps on a Google tab itself, as developer metadata, which renaming and moving leave alone: the tag by
which the tab is known, and whom it let into the protection.

Each value names the sheet id too, so that what a copy of the tab takes along says nothing of the copy. Only entries
that other projects cannot make count (visibility PROJECT): an editor's script can write one that everybody sees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

Request = dict[str, Any]
FIELDS = "developerMetadata(metadataId,metadataKey,metadataValue,visibility)"
"""What to ask of `sheets` for."""
TAG, LET_IN = "tccb-tab", "tccb-editors"
_VISIBILITY = "PROJECT"


class Kept(Struct, frozen=True):
    """The entry of one key on a tab."""

    value: str = ""
    """"" where there is none that counts."""
    entries: tuple[int, ...] = ()
    """Ids of all entries of the key, whatever they say."""


NOTHING_KEPT = Kept()


def kept(sheet: Mapping[str, Any], key: str) -> Kept:
    """What a tab as `spreadsheets.get` shows it holds under that key."""
    sheet_id = str(sheet.get("properties", {}).get("sheetId", 0))
    found = [entry for entry in sheet.get("developerMetadata", ()) if _is_ours(entry, key)]
    values = (str(entry.get("metadataValue", "")).rpartition(" ") for entry in found)
    value = next((value for value, _, owner in values if owner == sheet_id), "")
    return Kept(value, tuple(int(entry["metadataId"]) for entry in found))


def _is_ours(entry: Mapping[str, Any], key: str) -> bool:
    return entry.get("metadataKey") == key and entry.get("visibility") == _VISIBILITY


def keep(sheet_id: int, key: str, present: Kept, wanted: str) -> Iterator[Request]:
    """What makes the tab hold that value under the key; nothing for "" and for what it holds already."""
    if not wanted or present.value == wanted:
        return
    for entry in present.entries:
        yield {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": entry}}}}
    created = {
        "metadataKey": key,
        "metadataValue": f"{wanted} {sheet_id}",
        "visibility": _VISIBILITY,
        "location": {"sheetId": sheet_id},
    }
    yield {"createDeveloperMetadata": {"developerMetadata": created}}


def tag_of(sheet: Mapping[str, Any]) -> str:
    """The tag of a tab; "" without."""
    return kept(sheet, TAG).value


def digests(addresses: Iterable[str]) -> str:
    """Mail addresses as they are kept: told again when seen, and not to be read off."""
    return " ".join(sorted({digest(address) for address in addresses}))


def digest(address: str) -> str:
    """One address of `digests`."""
    return hashlib.sha256(address.casefold().encode()).hexdigest()[:12]
