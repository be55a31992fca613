"""The Sheets API: what gspread does of it, and the calls that gspread lacks."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from gspread import Client, Spreadsheet
from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEET_URL

from automation.adapters.google.api.budget import Budget, Quota, Throttle
from automation.adapters.google.api.client import Errand, GoogleClient
from automation.adapters.google.api.credentials import Account, account_of_key, default_account
from automation.adapters.google.api.session import BoundedSession, Exchange, Limits, TokenTransport, new_journal
from automation.base.errors import GoogleNotReady
from automation.base.host_port import HostPort, read_host_port
from automation.base.messages import text
from automation.core.model.ports import RequestCount

_VERSION_SECONDS = 5.0
"""What a hint may take; without it everything is read."""
_COMPACT = {"prettyPrint": "false"}
"""Each cell on a line of its own is half as much again to receive and to decode."""
_EMULATOR = re.compile(r"(?:http://)?([^/]*)/?", re.IGNORECASE)


Decoded = TypeVar("Decoded")


class KnownSpreadsheet(Spreadsheet):
    """A spreadsheet of which the id is known: gspread's, without its question for everything on opening."""

    def __init__(self, client: GoogleClient, spreadsheet_id: str) -> None:
        self.client = client
        self._properties = {"id": spreadsheet_id}


class GoogleApi(Client):
    """gspread's client, with what it lacks. May be shared among threads.

    Whatever is called through it raises `TccbError`, of `automation.base.errors` what fits.
    """

    http_client: GoogleClient

    def __init__(self, client: GoogleClient) -> None:
        self.http_client = client

    @property
    def requests(self) -> RequestCount:
        """Every request that has gone to the Sheets API, each new attempt too, as Google counts them."""
        return self.http_client.session.requests

    @property
    def journal(self) -> Sequence[Exchange]:
        """The latest requests, oldest first, with those for tokens and to Drive; nothing of what was said."""
        return tuple(self.http_client.session.journal)

    @property
    def account(self) -> str:
        """The address that spreadsheets are shared with; "" where there is none."""
        return self.http_client.session.account.address

    def counted_apart(self) -> GoogleApi:
        """The same, with a count of its own."""
        return GoogleApi(self.http_client.counted_apart())

    def errand(self, seconds: float) -> Errand:
        """For calls that may take `seconds` together: made while it is entered, whichever thread enters it."""
        return self.http_client.errand(seconds)

    def sign_in(self) -> None:
        """Ask for a token now, not with the first request; nothing where none is needed."""
        self.http_client.sign_in()

    def file_version(self, spreadsheet_id: str) -> str:
        """A number that grows with every change of the file, which Drive tells late. Drive counts on its own quota."""
        asked: dict[str, Any] = {"fields": "version", "supportsAllDrives": True}
        with self.errand(_VERSION_SECONDS):
            answer = self.http_client.request("get", f"{DRIVE_FILES_API_V3_URL}/{spreadsheet_id}", asked)
        return str(answer.json().get("version", ""))

    def spreadsheet(self, spreadsheet_id: str) -> Spreadsheet:
        """The spreadsheet of that id, of which nothing is asked yet: `batch_update`, `fetch_sheet_metadata`, ..."""
        return KnownSpreadsheet(self.http_client, spreadsheet_id)

    def post(
        self,
        path: str,
        body: Mapping[str, object],
        params: Mapping[str, object] | None = None,
        *,
        repeatable: bool | None = None,
    ) -> dict[str, Any]:
        """Hand `body` to `path`, such as "<id>:getByDataFilter", which gspread has no method for; the answer.
        `repeatable`: see `GoogleClient.request`.
        """
        url, asked = SPREADSHEET_URL % path, dict[str, Any](params or {})
        found: dict[str, Any] = self.http_client.request("post", url, asked, json=body, repeatable=repeatable).json()
        return found

    def read(self, path: str, body: Mapping[str, object], decode: Callable[[bytes], Decoded]) -> Decoded:
        """The same for what only reads and is large: `decode` raises ValueError for an answer that is broken."""
        url, asked = SPREADSHEET_URL % path, dict[str, Any](_COMPACT)
        found: Decoded = self.http_client.request("post", url, asked, json=body, repeatable=True, decode=decode).json()
        return found


def connect(
    credentials_file: Path | None = None,
    emulator_host: str | None = None,
    *,
    throttle: Throttle | None = None,
    chance: Callable[[], float] = random.random,
    limits: Limits | None = None,
    quota_of: Callable[[str], Quota] | None = None,
) -> GoogleApi:
    """The API as the environment describes it: a key or the machine's own credentials, or an emulator.

    Nothing is sent yet, save the question to a virtual machine who it is. Raises `GoogleNotReady`, also for a key
    together with an emulator on another machine: its tokens would cross the network in clear. `quota_of`: what is
    booked for the account of that address, where other processes use it too.
    """
    throttle, journal = throttle or Throttle(), new_journal()
    tokens = TokenTransport(journal, limits)
    emulator = read_emulator_host(emulator_host) if emulator_host else None
    if credentials_file is not None:
        if emulator is not None and not emulator.is_loopback:
            raise GoogleNotReady(text("google.emulator.key_abroad", address=emulator))
        account = account_of_key(credentials_file, plain_tokens=emulator is not None)
    elif emulator is not None:
        account = Account()
    else:
        account = default_account(tokens)
    session = BoundedSession(account, emulator, tokens=tokens, journal=journal, limits=limits, clock=throttle.clock)
    quota = quota_of(account.address) if quota_of else None
    return GoogleApi(GoogleClient(session, Budget(throttle, quota), throttle, chance))


def read_emulator_host(typed: str) -> HostPort:
    """Host and port of what somebody set `SHEETS_EMULATOR_HOST` to. Raises `GoogleNotReady`."""
    written = _EMULATOR.fullmatch(typed.strip())
    found = read_host_port(written[1]) if written else None
    if found is None:
        raise GoogleNotReady(text("google.emulator.address", typed=" ".join(typed.split())))
    return found
