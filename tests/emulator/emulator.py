"""The emulator as tests use it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.emulator import faults
from tests.emulator.auth import (
    DRIVE_READ,
    SHEETS_READ,
    SHEETS_WRITE,
    InvalidGrant,
    TokenDesk,
    key_file,
    throwaway_key,
)
from tests.emulator.cells import Scalar, from_python
from tests.emulator.faults import Fault, PlannedFault
from tests.emulator.grid import Book, Sheet
from tests.emulator.journal import Record
from tests.emulator.presenting import default_properties
from tests.emulator.quota import Quota
from tests.emulator.readings import Readings
from tests.emulator.refusals import Json, Refused
from tests.emulator.routes import READ_ONLY_SCOPES_DO, Route, find_route
from tests.emulator.server import Reply, Server, indented, json_bytes
from tests.emulator.service import Service, refused_unknown
from tests.emulator.spreadsheet import Spreadsheet
from tests.emulator.work import Document, Work
from tests.patience import HANG_SECONDS

JSON_TYPE = "application/json; charset=UTF-8"
HTML_TYPE = "text/html; charset=UTF-8"
NOBODY = "bot@example.org"
"""Who asks where requests carry no credentials."""
Action = Callable[[], object]
Wanted = int | Callable[[Record], bool]
"""Which request is meant: the n-th from now on (1: the next), or the first that the predicate likes."""


class Emulator:
    """Google Sheets, and the little of Drive and OAuth that goes with it, on a port of this machine.

    `clock` gives seconds since 1970 (the machine's by default); `auth` asks for bearer tokens, without it every
    request is `caller`'s; `quota` counts 60 reads and 60 writes a minute; `seed` decides all ids and tokens.
    Use as a context manager.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        auth: bool = False,
        quota: bool = False,
        *,
        caller: str = NOBODY,
        seed: int = 0,
        port: int = 0,
    ) -> None:
        self.clock = clock
        self._chance = Random(seed)
        self._asks_tokens = auth
        self.counts_quota = quota
        self.dated = True
        """Whether answers have a Date (C); something on the way may take it off."""
        self._caller = caller
        self._lock = threading.RLock()
        self._clock = clock
        self._service = Service(clock)
        self._quota = Quota(clock)
        self.tokens = TokenDesk(clock, self._chance)
        self.journal: list[Record] = []
        self._hooks: list[tuple[str, Wanted, Action]] = []
        self._each: list[Callable[[Record], object]] = []
        self._faults: list[PlannedFault] = []
        self._closing = threading.Event()
        self._server = Server(self, port)

    def __enter__(self) -> Emulator:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.stop()

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`"""
        return f"127.0.0.1:{self._server.server_port}"

    def seconds(self) -> float:
        """What its clock shows, as every answer tells in its header Date (C)."""
        return self._clock()

    @property
    def formulas(self) -> dict[str, Scalar]:
        """What formulas come to that a program writes; all others show #NAME?."""
        return self._service.formulas

    @property
    def tells_time(self) -> bool:
        """As `dated`, for the server."""
        return self.dated

    @property
    def readings(self) -> Readings:
        """What it takes for true where nobody knows; a test sets each as it likes."""
        return self._service.readings

    # Spreadsheets

    def new_spreadsheet(
        self,
        tabs: Mapping[str, Sequence[Sequence[Any]]] | None = None,
        *,
        owner: str = "admin@example.org",
        editors: Iterable[str] = (NOBODY,),
        locale: str = "vi_VN",
        time_zone: str = "Asia/Ho_Chi_Minh",
        rows: int = 100,
        columns: int = 26,
        title: str = "Bảng tính",
    ) -> Spreadsheet:
        """A file that `owner` made and shared with `editors`. Values are put in as they are, dates with a date
        format; grids grow to hold them. The first tab has id 0. Without tabs it has the one of a new file.
        """
        with self._lock:
            number = f"{self._chance.getrandbits(200):050x}"
            sheets: list[Sheet] = []
            book = Book(default_properties(title, locale, time_zone), sheets, chance=self._chance)
            for name, values in (tabs or {"Trang tính1" if locale.startswith("vi") else "Sheet1": ()}).items():
                sheet_id = book.new_id({sheet.id for sheet in sheets}) if sheets else 0
                width = max(map(len, values), default=0)
                sheet = Sheet(sheet_id, name, max(rows, len(values)), max(columns, width))
                sheet.rows = [[from_python(value) for value in row] for row in values]
                sheets.append(sheet)
            roles = dict.fromkeys(editors, "writer")
            document = Document(number, owner, book, self._service.seconds(), roles)
            self._service.documents[number] = document
            return Spreadsheet(self, document)

    def copy(self, sheet: Spreadsheet, *, owner: str = "admin@example.org", editors: Iterable[str] = ()) -> Spreadsheet:
        """What "Make a copy" makes of the file: metadata under the same ids (M), protections for `owner` alone (R)."""
        with self._lock:
            number = f"{self._chance.getrandbits(200):050x}"
            book = sheet.book.draft()
            book.properties["title"] = f"Bản sao của {book.properties['title']}"
            for each in list(book.sheets):
                copied = book.edit(each.id)
                copied.protected = [_of_copier(protection) for protection in copied.protected]
            document = Document(number, owner, book, self._service.seconds(), dict.fromkeys(editors, "writer"))
            self._service.documents[number] = document
            return Spreadsheet(self, document)

    def share(self, sheet: Spreadsheet, email: str, role: str = "writer") -> None:
        """Give somebody the role `writer` or `reader`."""
        sheet.document.roles[email] = role

    def unshare(self, sheet: Spreadsheet, email: str) -> None:
        sheet.document.roles.pop(email, None)

    def delete(self, sheet: Spreadsheet) -> None:
        """Delete the file: 404 from now on."""
        sheet.document.deleted = True

    def change(self, document: Document, act: Callable[[Work], object], who: str | None) -> None:
        """Do something to a spreadsheet as `who`, between two requests, all or nothing."""
        with self._lock:
            work = self._service.work(document, who or document.owner)
            act(work)
            self._service.commit(work)

    # Accounts

    def service_account(self, email: str = NOBODY) -> Json:
        """Register a service account; gives the content of its key file, whose token_uri is the emulator."""
        key = throwaway_key()
        self.tokens.register(email, key.public_key())
        return key_file(email, f"http://{self.host}/token", key)

    # Journal

    def count(self, bucket: str) -> int:
        """How many requests there were: `read`, `write`, `token`, `drive`."""
        return sum(record.bucket == bucket for record in self.journal)

    # Mishaps and interruptions

    def before(self, which: Wanted, action: Action) -> None:
        """Run `action` just before a request is handled: the n-th from now on, or the first that a predicate
        likes (`lambda record: record.bucket == "write"`).
        """
        self._plan("before", which, action)

    def after(self, which: Wanted, action: Action) -> None:
        """The same when a request has been handled and not yet been answered."""
        self._plan("after", which, action)

    def before_each(self, callback: Callable[[Record], object]) -> None:
        """Call back before every request, after what is planned before it."""
        self._each.append(callback)

    def fail(
        self,
        which: Wanted,
        fault: Fault,
        times: int = 1,
        *,
        seconds: float = HANG_SECONDS,
        applied: bool = False,
        retry_after: str | None = None,
    ) -> None:
        """Let a request go wrong: the n-th from now on and `times - 1` after it, or the first `times` that a
        predicate likes. `seconds` of HANG and SLOW are real ones; HANG also ends when the client goes away.
        `applied` is for HANG and HTML_INSTEAD_OF_JSON.
        """
        wanted = which if callable(which) else _from(len(self.journal) + which)
        self._faults.append(PlannedFault(wanted, fault, times, seconds, applied, retry_after))

    def _plan(self, when: str, which: Wanted, action: Action) -> None:
        self._hooks.append((when, which if callable(which) else _exactly(len(self.journal) + which), action))

    @property
    def may_hang(self) -> bool:
        """Whether a request to come gets no answer."""
        return any(planned.fault is Fault.HANG and planned.times > 0 for planned in self._faults)

    def forget_plans(self) -> None:
        """Drop what `before`, `after` and `fail` have planned and nothing has met yet."""
        self._hooks.clear()
        self._faults.clear()

    # Requests

    def handle(self, method: str, target: str, headers: Any, body: bytes) -> Reply:
        """One request, for the server."""
        split = urlsplit(target)
        route = find_route(method, split.path)
        with self._lock:
            record = self._note(method, split.path, split.query, route, body)
            self._run_hooks("before", record)
            for callback in self._each:
                callback(record)
            planned = self._fault_for(record)
            if planned is None or planned.applies:
                reply = self._answer(route, split.query, headers, body, record)
            else:
                reply = Reply(0, b"", JSON_TYPE)
            self._run_hooks("after", record)
        if planned is not None:
            reply = self._spoil(planned, record, reply)
        record.status = 0 if reply.resets else reply.status
        record.bytes_out = 0 if reply.resets else len(reply.body)
        return reply

    def _note(self, method: str, path: str, query: str, route: Route | None, body: bytes) -> Record:
        record = Record(
            len(self.journal) + 1,
            method,
            route.kind if route else path,
            route.bucket if route else "write",
            route.spreadsheet_id if route else "",
            bytes_in=len(body),
            body=body,
            query=query,
        )
        self.journal.append(record)
        return record

    def _run_hooks(self, when: str, record: Record) -> None:
        due = [hook for hook in self._hooks if hook[0] == when and callable(hook[1]) and hook[1](record)]
        for hook in due:
            self._hooks.remove(hook)
            hook[2]()

    def _fault_for(self, record: Record) -> PlannedFault | None:
        for planned in self._faults:
            if planned.times > 0 and planned.wanted(record):
                planned.times -= 1
                return planned
        return None

    def _answer(self, route: Route | None, query: str, headers: Any, body: bytes, record: Record) -> Reply:
        try:
            if route is None:
                raise refused_unknown(record.kind)
            if route.bucket == "token":
                return Reply(200, json_bytes(self.tokens.grant(dict(parse_qsl(body.decode("utf-8"))))), JSON_TYPE)
            record.caller = self._who(route, headers)
            if self.counts_quota:
                self._quota.spend(record.caller, route.bucket)
            answer = self._service.answer(route, parse_qs(query, keep_blank_values=True), body, record.caller)
        except InvalidGrant as invalid:
            return Reply(400, json_bytes(invalid.body), JSON_TYPE)
        except Refused as refused:
            return Reply(refused.code, json_bytes(refused.body()), JSON_TYPE)
        content = answer.encode() if isinstance(answer, str) else json_bytes(answer)
        return Reply(200, content if parse_qs(query).get("prettyPrint") == ["false"] else indented(content), JSON_TYPE)

    def _who(self, route: Route, headers: Any) -> str:
        if not self._asks_tokens:
            return self._caller
        allowed: tuple[str, ...] = DRIVE_READ
        if route.bucket != "drive":
            allowed = SHEETS_READ if route.method_id in READ_ONLY_SCOPES_DO else SHEETS_WRITE
        return self.tokens.identify(headers.get("Authorization"), allowed)

    def _spoil(self, planned: PlannedFault, record: Record, reply: Reply) -> Reply:
        fault = planned.fault
        if fault is Fault.SLOW:
            self._closing.wait(planned.seconds)
            return reply
        if fault is Fault.HANG:
            reply.silent_seconds = planned.seconds
        if fault in (Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.HANG):
            reply.resets = True
            return reply
        if fault is Fault.TRUNCATED_JSON:
            reply.cut_to = len(reply.body) // 2
            return reply
        answer = faults.answer_of(fault, record)
        assert answer is not None
        status, body = answer
        if isinstance(body, bytes):
            return Reply(status, body, HTML_TYPE, planned.retry_after)
        return Reply(status, json_bytes(body), JSON_TYPE, planned.retry_after)


def _of_copier(protection: Json) -> Json:
    return {name: each for name, each in protection.items() if name != "editors"}


def _exactly(number: int) -> Callable[[Record], bool]:
    return lambda record: record.number == number


def _from(number: int) -> Callable[[Record], bool]:
    return lambda record: record.number >= number
