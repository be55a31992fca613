"""The way to a spreadsheet at Google, step by step: who we are, whether Google lets us in, what it lets us do."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from automation.adapters.google.api.address import SpreadsheetAddress
from automation.adapters.google.api.session import Limits
from automation.adapters.google.api.sheets import GoogleApi, connect
from automation.adapters.google.drawing.drawing import PROPERTIES
from automation.adapters.google.inspection import inspect
from automation.adapters.google.lease import GoogleLease
from automation.adapters.google.spreadsheets import open_spreadsheets
from automation.app.environment import EnvironmentSettings
from automation.base.errors import ApiDisabled, CredentialsRejected, GoogleUnavailable, QuotaSpent, TccbError
from automation.base.paths import path_typed
from automation.core.config.identity import codes_of
from automation.core.model.inspection import Inspection
from automation.core.model.lease import Holder
from automation.core.reading.shown import shown, visible
from automation.core.text.moments import MOMENT, VIET_NAM
from automation.core.text.vietnamese import number_text
from automation.doctor.findings import Finding, note, ok, refused, trouble, unchecked
from automation.doctor.surroundings import Surroundings
from automation.doctor.workbook import Opened

MOST_CLOCK_DIFFERENCE = timedelta(seconds=60)
_LIMITS = Limits(answer_seconds=60.0, token_seconds=15.0)
_NO_WAITING = 0.0
"""Between attempts: somebody sits before the screen."""
_OTHERS_CAN_READ = 0o077
_TOO_MANY_REQUESTS = 429
BEHIND_SHARING = ("google.editing", "google.locale", "google.lease")
"""What cannot be looked at where the spreadsheet cannot be opened."""


def examine_access(
    environment: EnvironmentSettings, surroundings: Surroundings
) -> Generator[Finding, None, GoogleApi | None]:
    """The credentials, a token, the clock; returns the API where all that is in order."""
    try:
        api = connect(
            environment.google_credentials,
            environment.sheets_emulator,
            throttle=surroundings.throttle,
            limits=_LIMITS,
            chance=lambda: _NO_WAITING,
        )
    except TccbError as error:
        yield refused("google.key", error)
        yield from unchecked("google.login", "google.clock")
        return None
    yield _key(api, environment)
    try:
        api.sign_in()
    except TccbError as error:
        yield refused("google.login", error)
        yield from _clock(api, surroundings)
        return None
    signed_in = bool(api.journal)
    yield ok("google.login", "ok" if signed_in else "not_asked")
    if signed_in:
        yield from _clock(api, surroundings)
    return api


def examine_spreadsheet(
    api: GoogleApi,
    address: SpreadsheetAddress,
    state_folder: Path,
    holder: Holder,
    surroundings: Surroundings,
    *,
    any_id: bool = False,
) -> Generator[Finding, None, Opened | None]:
    """Whether the API answers, whether we may open the spreadsheet and change it, and how it reads what people type.

    `holder`: who the bot is to others. `any_id`: ids may be short, as emulators make them.
    """
    asked_before = bool(api.journal)
    try:
        found = api.spreadsheet(address.id).fetch_sheet_metadata({"fields": "properties.title"})
    except (ApiDisabled, CredentialsRejected, GoogleUnavailable) as error:
        if not asked_before:
            yield from _clock(api, surroundings)
        yield refused("google.quota" if isinstance(error, QuotaSpent) else "google.api", error)
        yield from unchecked("google.sharing", *BEHIND_SHARING)
        return None
    except TccbError as error:
        yield ok("google.api")
        yield refused("google.sharing", error)
        yield from unchecked(*BEHIND_SHARING)
        return None
    if not asked_before:
        yield from _clock(api, surroundings)
    yield ok("google.api")
    yield ok("google.sharing", title=shown(found.get("properties", {}).get("title", address.id)))
    try:
        inspection = inspect(api, address.id)
    except TccbError as error:
        yield refused("google.editing", error)
        return None
    yield _editing(inspection, api.account)
    yield _locale(inspection)
    yield from _lease(api, address, holder)
    pause = surroundings.throttle.pause
    book = open_spreadsheets(api, address, state_folder, codes_of, keeps=False, any_id=any_id, pause=pause)
    return Opened(book, inspection, inspect_own=lambda spreadsheet: inspect(api, spreadsheet), account=api.account)


def examine_quota(api: GoogleApi) -> Iterator[Finding]:
    """What a cycle costs of what Google allows, and whether others draw on the same account."""
    turned_away = sum(exchange.status == _TOO_MANY_REQUESTS for exchange in api.journal)
    if turned_away:
        yield trouble("work.quota", "shared", count=turned_away)
    else:
        yield ok("work.quota", read=number_text(api.requests.read))


def _key(api: GoogleApi, environment: EnvironmentSettings) -> Finding:
    path = environment.google_credentials
    if path is None and environment.sheets_emulator is not None:
        return ok("google.key", "emulator", host=environment.sheets_emulator)
    if path is None:
        return ok("google.key", "default", account=api.account or "–")
    if _is_open_to_others(path_typed(str(path))):
        return note("google.key", "readable", path=path, account=api.account or "–")
    return ok("google.key", path=path, account=api.account or "–")


def _is_open_to_others(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & _OTHERS_CAN_READ)


def _clock(api: GoogleApi, surroundings: Surroundings) -> Iterator[Finding]:
    """Our clock against that of the last answer: a token is refused where they are minutes apart."""
    now = surroundings.machine_clock(UTC)
    theirs = _moment(api.journal[-1].date) if api.journal else None
    if theirs is None:
        yield from unchecked("google.clock")
        return
    difference = now - theirs
    if abs(difference) > MOST_CLOCK_DIFFERENCE:
        side = "ahead" if difference > timedelta() else "behind"
        yield trouble("google.clock", side, seconds=number_text(round(abs(difference).total_seconds())))
    else:
        yield ok("google.clock")


def _moment(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None


def _editing(inspection: Inspection, account: str) -> Finding:
    if inspection.may_edit is None:
        return note("google.editing", "unknown", account=account or "–")
    if not inspection.may_edit:
        return trouble("google.editing", "view_only", account=account or "–")
    return ok("google.editing")


def _lease(api: GoogleApi, address: SpreadsheetAddress, holder: Holder) -> Iterator[Finding]:
    lease = GoogleLease(api.counted_apart(), address.id, holder)
    try:
        note_there = lease.present()
    except TccbError as error:
        yield refused("google.lease", error)
        return
    if note_there is None or lease.is_ours(note_there):
        yield ok("google.lease", "ours" if note_there else "free")
    else:
        until = f"{note_there.free_from.astimezone(VIET_NAM):{MOMENT}}"
        yield note("google.lease", "elsewhere", host=visible(note_there.holder.host), until=until)


def _locale(inspection: Inspection) -> Finding:
    found = {"locale": inspection.locale, "timeZone": inspection.time_zone}
    values = {"locale": inspection.locale, "zone": inspection.time_zone}
    return ok("google.locale", **values) if found == PROPERTIES else trouble("google.locale", "other", **values)
