"""From a method and a path to what is asked."""

from __future__ import annotations

import re
from urllib.parse import unquote

from msgspec import Struct


class Route(Struct, frozen=True):
    """One known address. `method_id` is Google's name of the method, `kind` ours for the journal."""

    method_id: str
    kind: str
    bucket: str
    spreadsheet_id: str = ""
    rest: str = ""
    """What the path names within the spreadsheet: a range, a metadata id."""
    request_schema: str = ""
    response_schema: str = ""


class _Pattern(Struct, frozen=True):
    method: str
    path: re.Pattern[str]
    method_id: str
    kind: str
    bucket: str
    request_schema: str
    response_schema: str


def _sheets(method: str, tail: str, name: str, kind: str, bucket: str, request: str, response: str) -> _Pattern:
    path = re.compile(r"/v4/spreadsheets/([^/:]+)" + tail)
    return _Pattern(method, path, f"sheets.spreadsheets.{name}", kind, bucket, request, response)


_RANGE = r"/values/([^/]+?)"
PATTERNS = (
    _sheets("GET", r"", "get", "get", "read", "", "Spreadsheet"),
    _sheets(
        "POST",
        r":getByDataFilter",
        "getByDataFilter",
        ":getByDataFilter",
        "read",
        "GetSpreadsheetByDataFilterRequest",
        "Spreadsheet",
    ),
    _sheets(
        "POST",
        r":batchUpdate",
        "batchUpdate",
        ":batchUpdate",
        "write",
        "BatchUpdateSpreadsheetRequest",
        "BatchUpdateSpreadsheetResponse",
    ),
    _sheets("GET", r"/values:batchGet", "values.batchGet", "values:batchGet", "read", "", "BatchGetValuesResponse"),
    _sheets(
        "POST",
        r"/values:batchGetByDataFilter",
        "values.batchGetByDataFilter",
        "values:batchGetByDataFilter",
        "read",
        "BatchGetValuesByDataFilterRequest",
        "BatchGetValuesByDataFilterResponse",
    ),
    _sheets(
        "POST",
        r"/values:batchUpdate",
        "values.batchUpdate",
        "values:batchUpdate",
        "write",
        "BatchUpdateValuesRequest",
        "BatchUpdateValuesResponse",
    ),
    _sheets(
        "POST",
        r"/values:batchUpdateByDataFilter",
        "values.batchUpdateByDataFilter",
        "values:batchUpdateByDataFilter",
        "write",
        "BatchUpdateValuesByDataFilterRequest",
        "BatchUpdateValuesByDataFilterResponse",
    ),
    _sheets(
        "POST",
        r"/values:batchClear",
        "values.batchClear",
        "values:batchClear",
        "write",
        "BatchClearValuesRequest",
        "BatchClearValuesResponse",
    ),
    _sheets(
        "POST", _RANGE + ":append", "values.append", "values:append", "write", "ValueRange", "AppendValuesResponse"
    ),
    _sheets(
        "POST", _RANGE + ":clear", "values.clear", "values:clear", "write", "ClearValuesRequest", "ClearValuesResponse"
    ),
    _sheets("GET", _RANGE, "values.get", "values.get", "read", "", "ValueRange"),
    _sheets("PUT", _RANGE, "values.update", "values.update", "write", "ValueRange", "UpdateValuesResponse"),
    _sheets(
        "POST",
        r"/developerMetadata:search",
        "developerMetadata.search",
        "developerMetadata:search",
        "read",
        "SearchDeveloperMetadataRequest",
        "SearchDeveloperMetadataResponse",
    ),
    _sheets(
        "GET",
        r"/developerMetadata/(\d+)",
        "developerMetadata.get",
        "developerMetadata.get",
        "read",
        "",
        "DeveloperMetadata",
    ),
    _Pattern("GET", re.compile(r"/drive/v3/files/([^/]+)"), "drive.files.get", "files.get", "drive", "", "File"),
    _Pattern(
        "GET",
        re.compile(r"/drive/v3/changes/startPageToken"),
        "drive.changes.getStartPageToken",
        "changes.getStartPageToken",
        "drive",
        "",
        "StartPageToken",
    ),
    _Pattern("GET", re.compile(r"/drive/v3/changes"), "drive.changes.list", "changes.list", "drive", "", "ChangeList"),
    _Pattern("POST", re.compile(r"/token"), "token", "token", "token", "", ""),
)
READ_ONLY_SCOPES_DO = {f"sheets.spreadsheets.{name}" for name in ("get", "values.get", "values.batchGet")}
"""Read-only scopes cover these alone (D)."""


def find_route(method: str, path: str) -> Route | None:
    """None where Google, or the emulator, has nothing at this address."""
    for pattern in PATTERNS:
        if pattern.method != method:
            continue
        found = pattern.path.fullmatch(path)
        if found:
            parts = [unquote(each) for each in found.groups()]
            return Route(
                pattern.method_id,
                pattern.kind,
                pattern.bucket,
                parts[0] if parts else "",
                parts[1] if len(parts) > 1 else "",
                pattern.request_schema,
                pattern.response_schema,
            )
    return None
