"""The whole examination, one finding after the other, in the order in which things depend on each other."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from automation.adapters.google.api.address import SpreadsheetAddress, spreadsheet_address
from automation.adapters.google.memory import SheetMemory
from automation.adapters.places import WorkbookPlace, find_workbook, key_of
from automation.adapters.store.holder import holder_in
from automation.adapters.store.opening import open_store
from automation.adapters.store.store import DatabaseStore
from automation.app.environment import EnvironmentSettings
from automation.app.wiring import MAIL_FOLDER, holder_of
from automation.base.errors import TccbError
from automation.core.config.values import Config
from automation.core.model.lease import Holder
from automation.core.model.ports import SavedConfig
from automation.doctor.findings import Finding, note, ok, refused, unchecked
from automation.doctor.machine import examine_machine, examine_state_folder
from automation.doctor.mail import examine_mail
from automation.doctor.surroundings import Surroundings
from automation.doctor.work import examine_work, examine_writes
from automation.doctor.workbook import CONTENT, Opened, examine_content, examine_file


def examine(named: str | None, environment: EnvironmentSettings, surroundings: Surroundings) -> Iterator[Finding]:
    """Everything that can be looked at. `named`: the workbook, None where nobody has named one.

    Nothing is written, and no mail is sent; nothing that is wrong out there raises.
    """
    address: WorkbookPlace | None = None
    wrong: TccbError | None = None
    try:
        if named:
            address = find_workbook(named, any_id=environment.sheets_emulator is not None)
    except TccbError as error:
        wrong = error
    folder = _state_folder(address, environment)
    yield from examine_machine(folder or Path.cwd(), surroundings)
    if folder:
        yield from examine_state_folder(folder, has_key=environment.copies_key is not None)
    if wrong is not None:
        yield refused("workbook.address", wrong)
    elif address is None:
        yield note("workbook.address", "none")
    config, at_work = yield from _examine_workbook(address, folder, environment, surroundings)
    yield from examine_mail(environment, config, folder / MAIL_FOLDER if folder else None, surroundings)
    yield from at_work
    if folder:
        with closing(_store(folder, address, environment)) as store:
            yield from examine_work(store, folder, config, surroundings, str(address or "danh-sach.xlsx"))


def _store(folder: Path, address: WorkbookPlace | None, environment: EnvironmentSettings) -> DatabaseStore:
    return open_store(folder, key_of(address) if address else "", environment.database_url if address else None)


def _state_folder(address: WorkbookPlace | None, environment: EnvironmentSettings) -> Path | None:
    if address is not None:
        return environment.state_folder(address)
    return environment.state_dir if environment.database_url is None else None


class _Examined(NamedTuple):
    config: Config | None = None
    at_work: Sequence[Finding] = ()
    """What is told below where the bot's work is looked at: each heading is printed once."""


def _examine_workbook(
    address: WorkbookPlace | None, folder: Path | None, environment: EnvironmentSettings, surroundings: Surroundings
) -> Generator[Finding, None, _Examined]:
    if isinstance(address, SpreadsheetAddress) and folder is not None:
        return (yield from _examine_spreadsheet(address, folder, environment, surroundings))
    if address is None and environment.google_credentials is not None:
        # Imported here, as below: who works with a file need not wait for Google's libraries.
        from automation.doctor.google import examine_access

        yield from examine_access(environment, surroundings)
    if address is None or folder is None or not isinstance(address, Path):
        return _Examined()
    yield ok("workbook.address", address=address)
    opened = yield from examine_file(address)
    return _Examined((yield from _examine_opened(opened, _store(folder, address, environment))))


def _examine_spreadsheet(
    address: SpreadsheetAddress, folder: Path, environment: EnvironmentSettings, surroundings: Surroundings
) -> Generator[Finding, None, _Examined]:
    from automation.doctor.google import BEHIND_SHARING, examine_access, examine_quota, examine_spreadsheet

    api = yield from examine_access(environment, surroundings)
    opened = None
    if api is None:
        yield from unchecked("google.api", "google.sharing", *BEHIND_SHARING)
    else:
        any_id = environment.sheets_emulator is not None
        holder = _holder(folder, address, environment)
        opened = yield from examine_spreadsheet(api, address, folder, holder, surroundings, any_id=any_id)
    yield ok("workbook.address", address=address.id)
    config = yield from _examine_opened(opened, _store(folder, address, environment))
    quota = list(examine_quota(api)) if api is not None and opened is not None else []
    spreadsheets = [address, *_own_spreadsheets(config, any_id=environment.sheets_emulator is not None)]
    writes = examine_writes([SheetMemory(folder, each.id, keeps=False) for each in spreadsheets])
    return _Examined(config, [*quota, *writes])


def _holder(folder: Path, address: WorkbookPlace, environment: EnvironmentSettings) -> Holder:
    """Who the bot is to others; that a database cannot be asked is told where the bot's work is looked at."""
    with suppress(TccbError), closing(_store(folder, address, environment)) as store:
        return holder_of(store, folder, keeps=False)
    return holder_in(folder, keeps=False)


def _own_spreadsheets(config: Config | None, *, any_id: bool) -> Iterator[SpreadsheetAddress]:
    for unit in config.units if config else ():
        address = spreadsheet_address(unit.workbook, any_id=any_id)
        if address is not None:
            yield address


def _examine_opened(opened: Opened | None, store: DatabaseStore) -> Generator[Finding, None, Config | None]:
    if opened is None:
        yield from unchecked(*CONTENT)
        return None
    return (yield from examine_content(opened, _last_config(store)))


def _last_config(store: DatabaseStore) -> SavedConfig | None:
    try:
        with closing(store):
            return store.last_config()
    except TccbError:  # told where the store is looked at
        return None
