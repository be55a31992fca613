"""What was asked of the emulator."""

from __future__ import annotations

from msgspec import Struct


class Record(Struct):
    """One HTTP request. `status` is 0 as long as, or where, there is no answer."""

    number: int
    """Counted from 1 over the life of the emulator."""
    method: str
    kind: str
    """The path without its ids: `values:batchGetByDataFilter`, `:batchUpdate`, `get`, `token`, `files.get`."""
    bucket: str
    """read, write, token or drive"""
    spreadsheet_id: str = ""
    caller: str = ""
    status: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    body: bytes = b""
    query: str = ""
