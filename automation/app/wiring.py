"""Builds what a command works with: the workbook, the store, who writes and who delivers mails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from pydantic import SecretStr

from automation.adapters.config_files import folder_tables
from automation.adapters.excel.workbook import ExcelWorkbook
from automation.adapters.file_lease import FileLease
from automation.adapters.heartbeat import Heartbeat
from automation.adapters.places import WorkbookPlace, key_of
from automation.adapters.store.copies import COPIES_FOLDER, CopyFolder
from automation.adapters.store.holder import holder_in
from automation.adapters.store.opening import PostgresStore, only_worker_of, open_store
from automation.adapters.store.sqlite_file import set_aside_if_damaged
from automation.adapters.store.store import STORE_FILE, DatabaseStore
from automation.app.environment import EnvironmentSettings
from automation.app.mailing import Mailing
from automation.app.records.copying import CopyKeeper
from automation.base.errors import CannotStart, RefusedMailError
from automation.base.messages import text
from automation.base.private_files import NotOurs, make_private_folder, refuse_foreign_content
from automation.core.admin.rehearsal import tabs_in
from automation.core.config.identity import codes_of
from automation.core.config.tabs import CONFIG_FILES
from automation.core.model.lease import Holder
from automation.core.model.ports import Workbook
from automation.core.model.workbook import AnchorCodes, ConfigTables

if TYPE_CHECKING:
    from automation.adapters.google.api.budget import Quota
    from automation.adapters.holdings import Holdings

MAIL_FOLDER = "mails"
PREVIEW_FOLDER = "previews"
OWNED_BY_ALL = "PostgreSQL"
"""Stands for the machine in the lease of a workbook whose state several machines share: any of them goes on."""


class TimeLimits(Struct, frozen=True):
    """How waits for Google pass, who is told of the long ones (in seconds), and by what quota they are."""

    sleep: Callable[[float], None] = time.sleep
    on_wait: Callable[[float], None] | None = None
    quota_of: Callable[[str], Quota] | None = None
    """By the address of an account; without it each process counts for itself."""


class CommandContext(Struct, frozen=True):
    """Everything a command works with."""

    book: Workbook
    store: DatabaseStore
    state_folder: Path
    smtp_url: SecretStr | None
    sender: str
    """The address that mails come from; "" leaves that to the workbook."""
    copies: CopyFolder
    heartbeat: Heartbeat
    alone: Callable[[], AbstractContextManager[bool]]
    """Whether we are the only worker inside."""
    set_aside: Path | None = None
    """Where a state file lies that was damaged, so that a new one was begun."""

    def keeper(self) -> CopyKeeper:
        """What takes copies after a cycle, and lets go of what has been kept long enough."""
        from automation.adapters.holdings import outlived_files  # as below

        mails = self.state_folder / MAIL_FOLDER, self.preview_folder
        return CopyKeeper(self.copies, partial(outlived_files, mails, self._workbook_file))

    @property
    def holdings(self) -> Holdings:
        """Everything beside the workbook in which personal data may stand."""
        from automation.adapters.holdings import Holdings  # of no use to who only looks

        mails, previews = self.state_folder / MAIL_FOLDER, self.preview_folder
        return Holdings(self.state_folder, self.store, self.copies, mails, previews, self._workbook_file)

    @property
    def _workbook_file(self) -> Path | None:
        return Path(self.book.address).expanduser() if isinstance(self.book, ExcelWorkbook) else None

    @property
    def mail_folder(self) -> Path | None:
        """Where letters lie that no server is asked to deliver; None where one is."""
        return None if self.smtp_url else self.state_folder / MAIL_FOLDER

    @property
    def preview_folder(self) -> Path:
        """Where letters lie that somebody wants to look at."""
        return self.state_folder / PREVIEW_FOLDER

    @contextmanager
    def mailing(self) -> Iterator[Mailing]:
        """SMTP where a server is named, else one file a mail.

        Raises `CannotStart` for a wrong address of the server or the sender: every mail would be refused for good.
        """
        # Imported here: who only looks puts nothing into words.
        from automation.adapters.documents.attachments import ATTACHMENTS
        from automation.adapters.mail.transport import FileTransport, SmtpTransport
        from automation.adapters.mail.writer import MailWriter

        _refuse_no_mailbox(self.sender)
        writer = MailWriter(attach=ATTACHMENTS)
        if self.smtp_url is None:
            yield Mailing(writer, FileTransport(self.state_folder / MAIL_FOLDER), self.sender)
        else:
            with closing(SmtpTransport(self.smtp_url.get_secret_value())) as transport:
                yield Mailing(writer, transport, self.sender)


def proposed_config(named: str) -> ConfigTables:
    """The config tabs that a folder of CSV files or another .xlsx brings for a rehearsal.

    Raises `CannotStart`: no such folder or file, or no config tab in it.
    """
    path = Path(named).expanduser()
    if path.is_dir():
        tables = tabs_in(folder_tables(path))
    elif path.is_file() and path.suffix.lower() == ".xlsx":
        tables = tabs_in({tab.title: tab.rows for tab in ExcelWorkbook(path).read().tabs})
    else:
        raise CannotStart(text("cli.start.config_missing", path=named))
    if not tables:
        raise CannotStart(text("cli.start.config_empty", path=named, files=", ".join(CONFIG_FILES.values())))
    return tables


@contextmanager
def only_worker(place: CommandContext) -> Iterator[None]:
    """Raises `CannotStart` where another worker has this workbook; a dead one lets go of it."""
    with place.alone() as alone:
        if not alone:
            raise CannotStart(text("cli.start.already_running", workbook=place.book.address))
        yield


@contextmanager
def command_context(
    address: WorkbookPlace,
    environment: EnvironmentSettings,
    *,
    leaves_traces: bool = True,
    prepares: bool = False,
    takes_over: bool = False,
    limits: TimeLimits | None = None,
    known: AnchorCodes = codes_of,
    keeps_lease: bool = False,
) -> Iterator[CommandContext]:
    """Open what belongs to the workbook at `address`; closes the store at the end.

    Raises `CannotStart` where nothing can be kept beside it, or Google cannot be asked; who only looks
    (`leaves_traces=False`) keeps nothing, who `prepares` a spreadsheet only where its tabs are. `takes_over`: even
    where another bot has the spreadsheet. `limits`: how Google is waited for. `known`: what is known in a tab by its
    identity. `keeps_lease`: the workbook stays ours at the end, for whoever of us goes on.
    """
    state_folder = environment.state_folder(address)
    is_new = leaves_traces and _make_folder(state_folder)
    sender, database = environment.mail_from or "", environment.database_url
    try:
        is_ours = leaves_traces and database is None
        kept = set_aside_if_damaged(state_folder / STORE_FILE, datetime.now()) if is_ours else None
        with closing(open_store(state_folder, key_of(address), database)) as store:
            book = _open_book(
                address,
                environment,
                state_folder,
                store,
                limits or TimeLimits(),
                keeps_tabs=leaves_traces or prepares,
                takes_over=takes_over,
                known=known,
            )
            try:
                copies = CopyFolder(state_folder / COPIES_FOLDER, environment.copies_key)
                pinged = environment.ping_url.get_secret_value() if environment.ping_url else ""
                heartbeat = Heartbeat(state_folder, pinged)
                smtp_url = environment.smtp_url
                alone = partial(only_worker_of, state_folder, key_of(address), database)
                yield CommandContext(book, store, state_folder, smtp_url, sender, copies, heartbeat, alone, kept)
            finally:
                if not keeps_lease or isinstance(address, Path):  # the system holds that of a file for us alone
                    book.lease.release()
    finally:
        if is_new:
            with suppress(OSError):  # something is kept there
                state_folder.rmdir()


def _open_book(
    address: WorkbookPlace,
    environment: EnvironmentSettings,
    state_folder: Path,
    store: DatabaseStore,
    limits: TimeLimits,
    *,
    keeps_tabs: bool,
    takes_over: bool,
    known: AnchorCodes,
) -> Workbook:
    if isinstance(address, Path):
        return ExcelWorkbook(address, FileLease(address, partial(holder_of, store, state_folder)))
    # Imported here: who works with a file need not wait for Google's libraries.
    from automation.adapters.google.api.budget import Throttle
    from automation.adapters.google.api.sheets import connect
    from automation.adapters.google.lease import GoogleLease
    from automation.adapters.google.spreadsheets import open_spreadsheets

    throttle = Throttle(sleep=limits.sleep, on_wait=limits.on_wait)
    emulator, quota_of = environment.sheets_emulator, limits.quota_of
    api = connect(environment.google_credentials, emulator, throttle=throttle, quota_of=quota_of)
    any_id = environment.sheets_emulator is not None
    holder = holder_of(store, state_folder, keeps=keeps_tabs)
    lease = GoogleLease(api.counted_apart(), address.id, holder, takes_over=takes_over)
    api.http_client.ask_before_writing(lease.ensure)
    pause = throttle.pause
    return open_spreadsheets(
        api, address, state_folder, known, lease=lease, keeps=keeps_tabs, any_id=any_id, pause=pause
    )


def holder_of(store: DatabaseStore, state_folder: Path, *, keeps: bool = True) -> Holder:
    """Who we are to others: the database that several machines share, else a state folder on a machine."""
    owner = store.owner(keeps=keeps) if isinstance(store, PostgresStore) else ""
    return Holder(owner, OWNED_BY_ALL) if owner else holder_in(state_folder, keeps=keeps)


def _refuse_no_mailbox(sender: str) -> None:
    from automation.adapters.mail.mime import mailbox

    if sender:
        try:
            mailbox(sender)
        except RefusedMailError:
            raise CannotStart(text("mail.sender")) from None


def _make_folder(folder: Path) -> bool:
    """Whether it is new."""
    try:
        is_new = not folder.exists()
        make_private_folder(folder)
        refuse_foreign_content(folder)
    except NotOurs as error:
        raise CannotStart(text("cli.start.state_folder_foreign", path=folder, place=error)) from None
    except OSError:
        raise CannotStart(text("cli.start.state_folder", path=folder)) from None
    return is_new
