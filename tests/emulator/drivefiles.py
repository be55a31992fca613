"""The few calls of Drive that tell whether a spreadsheet changed; late, as in real life (M)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.emulator.masks import check_mask, parse_mask, project
from tests.emulator.refusals import DriveRefused, Json, Refused
from tests.emulator.schema import drive
from tests.emulator.work import Document

LAG = 15.0
"""Seconds until a change shows: `version` and `modifiedTime` had not moved 14 s after edits (M)."""
MIME_TYPE = "application/vnd.google-apps.spreadsheet"
DEFAULT_FIELDS = (
    "kind,nextPageToken,newStartPageToken,changes(kind,removed,fileId,time,changeType,file(kind,id,name,mimeType))"
)
"""Of `changes.list`."""


def get_file(document: Document | None, file_id: str, caller: str, query: Mapping[str, Any], now: float) -> Json:
    """`files.get`; without `fields` only kind, id, name and type (D)."""
    if document is None or document.deleted or not document.role(caller):
        raise DriveRefused(404, f"File not found: {file_id}.", "notFound")
    return masked(describe(document, now), "File", query.get("fields", "kind,id,name,mimeType"))


def describe(document: Document, now: float) -> Json:
    """The File as it shows at this moment."""
    visible = [change for change in document.changes if change[0] + LAG <= now]
    at, who = visible[-1] if visible else (document.created, document.owner)
    return {
        "kind": "drive#file",
        "id": document.id,
        "name": document.book.properties["title"],
        "mimeType": MIME_TYPE,
        "version": str(len(visible) + 1),
        "createdTime": written_time(document.created),
        "modifiedTime": written_time(at),
        "trashed": False,
        "owners": [{"kind": "drive#user", "emailAddress": document.owner}],
        "lastModifyingUser": {"kind": "drive#user", "emailAddress": who, "displayName": who.partition("@")[0]},
    }


def written_time(seconds: float) -> str:
    """RFC 3339 with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def masked(shown: Json, schema: str, fields: str) -> Json:
    """Raises `DriveRefused` where the mask is bad."""
    try:
        tree = parse_mask(fields)
        check_mask(tree, drive(), schema)
    except Refused:
        raise DriveRefused(400, f"Invalid field selection {fields}", "invalidParameter") from None
    found: Json = project(tree, shown)
    return found


def start_page_token(log: Sequence[tuple[float, Document]], now: float) -> Json:
    """`changes.getStartPageToken`."""
    return {"kind": "drive#startPageToken", "startPageToken": str(_visible(log, now) + 1)}


def _visible(log: Sequence[tuple[float, Document]], now: float) -> int:
    return sum(at + LAG <= now for at, _ in log)


def list_changes(log: Sequence[tuple[float, Document]], caller: str, query: Mapping[str, Any], now: float) -> Json:
    """`changes.list`: one entry a file, the newest; a page at a time (D)."""
    token, size = query.get("pageToken", ""), query.get("pageSize", 100)
    if not token:
        raise DriveRefused(400, "Required parameter: pageToken", "required")
    if not token.isdigit() or int(token) < 1:
        raise DriveRefused(400, f"Invalid Value: {token}", "invalid")
    if not 1 <= size <= 1000:
        text = f"Invalid value '{size}'. Values must be within the range: [1, 1000]"
        raise DriveRefused(400, text, "invalidParameter")
    first, end = int(token) - 1, _visible(log, now)
    page = log[first : min(end, first + size)]
    newest = {document.id: (at, document) for at, document in page}
    entries = [
        _change(at, document, caller, now)
        for at, document in newest.values()
        if document.role(caller) or query.get("includeRemoved", True)
    ]
    after = {"nextPageToken": str(first + size + 1)} if end > first + size else {"newStartPageToken": str(end + 1)}
    shown = {"kind": "drive#changeList", **after, "changes": entries}
    return masked(shown, "ChangeList", query.get("fields", DEFAULT_FIELDS))


def _change(at: float, document: Document, caller: str, now: float) -> Json:
    entry: Json = {
        "kind": "drive#change",
        "changeType": "file",
        "time": written_time(at),
        "fileId": document.id,
        "removed": document.deleted or not document.role(caller),
    }
    return entry if entry["removed"] else {**entry, "file": describe(document, now)}
