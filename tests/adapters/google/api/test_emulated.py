"""Calls against the emulator: every mishap that it knows, its quota, its accounts; and what a write leaves behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.client import GoogleClient
from automation.adapters.google.api.credentials import Account
from automation.adapters.google.api.session import BoundedSession, Limits
from automation.adapters.google.api.sheets import GoogleApi, connect
from automation.base.errors import (
    ApiDisabled,
    CredentialsRejected,
    CredentialsUnusable,
    GoogleUnavailable,
    NotShared,
    QuotaSpent,
    RequestRefused,
    TccbError,
    WorkbookMissing,
    WorkbookUnavailable,
)
from automation.base.host_port import read_host_port
from automation.core.model.ports import RequestCount
from tests.adapters.google.api.server import FakeTime
from tests.emulator import Emulator, Fault
from tests.emulator.spreadsheet import Spreadsheet

BOT = "bot@example.org"
TAB = "Đơn vị"


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def emulator(time: FakeTime) -> Iterator[Emulator]:
    with Emulator(clock=time.clock, quota=True) as emulator:
        yield emulator


@pytest.fixture
def sheet(emulator: Emulator) -> Spreadsheet:
    return emulator.new_spreadsheet({TAB: [["Họ tên"], ["cũ"]]})


@pytest.fixture
def session(emulator: Emulator, time: FakeTime) -> BoundedSession:
    return BoundedSession(Account(), read_host_port(emulator.host), clock=time.clock)


@pytest.fixture
def api(session: BoundedSession, time: FakeTime) -> GoogleApi:
    return GoogleApi(GoogleClient(session, throttle=Throttle(time.clock, time.sleep), chance=lambda: 1.0))


def fail_next(emulator: Emulator, session: BoundedSession, fault: Fault, *, applied: bool = False) -> None:
    """The next request goes wrong. Only where that means silence is the session short of patience, and only once."""

    def be_patient() -> None:
        session.limits = Limits()

    emulator.fail(1, fault, applied=applied)
    if fault is Fault.HANG:
        session.limits = Limits(answer_seconds=0.2)
        emulator.after(1, be_patient)


def read(api: GoogleApi, sheet: Spreadsheet) -> object:
    body = {"dataFilters": [{"gridRange": {"sheetId": sheet.sheet_id(TAB)}}]}
    (found,) = api.post(f"{sheet.id}/values:batchGetByDataFilter", body, repeatable=True)["valueRanges"]
    return found["valueRange"]["values"]


def write(api: GoogleApi, sheet: Spreadsheet, value: str, *, repeatable: bool) -> None:
    start = {"sheetId": sheet.sheet_id(TAB), "rowIndex": 1, "columnIndex": 0}
    rows = [{"values": [{"userEnteredValue": {"stringValue": value}}]}]
    update = {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}
    api.post(f"{sheet.id}:batchUpdate", {"requests": [update]}, {"fields": "spreadsheetId"}, repeatable=repeatable)


def test_a_value_goes_there_and_comes_back(emulator: Emulator, api: GoogleApi, sheet: Spreadsheet) -> None:
    write(api, sheet, "Nguyễn Văn A", repeatable=True)
    assert read(api, sheet) == [["Họ tên"], ["Nguyễn Văn A"]]
    assert api.requests == RequestCount(read=1, write=1)
    assert (emulator.count("read"), emulator.count("write")) == (1, 1)


PASSING = {
    Fault.QUOTA_429,
    Fault.QUOTA_429_HTML,
    Fault.INTERNAL_500,
    Fault.BAD_GATEWAY_502_HTML,
    Fault.UNAVAILABLE_503,
    Fault.RESET_BEFORE,
    Fault.RESET_AFTER,
    Fault.HANG,
    Fault.TRUNCATED_JSON,
    Fault.HTML_INSTEAD_OF_JSON,
}
LASTING: dict[Fault, type[TccbError]] = {
    Fault.NOT_FOUND_404: WorkbookMissing,
    Fault.FORBIDDEN_403: NotShared,
    Fault.API_DISABLED_403: ApiDisabled,
    Fault.SCOPES_403: CredentialsRejected,
    Fault.UNAUTHORIZED_401: CredentialsRejected,
}


FATES = [(fault, False) for fault in sorted(PASSING, key=str)]
FATES += [(fault, True) for fault, _ in FATES if "QUOTA" not in fault.name]


def test_every_mishap_is_judged() -> None:
    assert set(Fault) == {*PASSING, *LASTING, Fault.SLOW}


@pytest.mark.parametrize("fault", sorted(PASSING, key=str), ids=lambda fault: fault.name)
def test_a_read_and_a_repeatable_write_survive(
    emulator: Emulator, session: BoundedSession, api: GoogleApi, sheet: Spreadsheet, fault: Fault
) -> None:
    fail_next(emulator, session, fault)
    assert read(api, sheet) == [["Họ tên"], ["cũ"]]
    fail_next(emulator, session, fault)
    write(api, sheet, "mới", repeatable=True)
    assert sheet.cell(TAB, 2, 1) == "mới"
    assert api.requests == RequestCount(emulator.count("read"), emulator.count("write")) == RequestCount(2, 2)


@pytest.mark.parametrize(("fault", "applied"), FATES)
def test_what_is_said_about_any_other_write_is_true(
    emulator: Emulator, session: BoundedSession, api: GoogleApi, sheet: Spreadsheet, fault: Fault, applied: bool
) -> None:
    fail_next(emulator, session, fault, applied=applied)
    with pytest.raises(GoogleUnavailable) as told:
        write(api, sheet, "mới", repeatable=False)
    assert told.value.may_have_happened or sheet.cell(TAB, 2, 1) == "cũ"
    assert emulator.count("write") == 1


@pytest.mark.parametrize("fault", LASTING, ids=lambda fault: fault.name)
def test_what_a_person_must_mend_is_told_at_once(
    emulator: Emulator, api: GoogleApi, sheet: Spreadsheet, fault: Fault
) -> None:
    emulator.fail(1, fault)
    with pytest.raises(LASTING[fault]):
        read(api, sheet)
    assert emulator.count("read") == 1


def test_a_slow_answer_is_an_answer(emulator: Emulator, api: GoogleApi, sheet: Spreadsheet) -> None:
    emulator.fail(1, Fault.SLOW, seconds=0.1)
    assert read(api, sheet) == [["Họ tên"], ["cũ"]]


def test_google_may_say_how_long_to_wait(
    emulator: Emulator, api: GoogleApi, sheet: Spreadsheet, time: FakeTime
) -> None:
    emulator.fail(1, Fault.QUOTA_429, retry_after="17")
    read(api, sheet)
    assert time.sleeps == [17.0]


def test_the_quota_is_never_run_into(emulator: Emulator, api: GoogleApi, sheet: Spreadsheet, time: FakeTime) -> None:
    for _ in range(150):
        read(api, sheet)
    for number in range(150):
        write(api, sheet, str(number), repeatable=False)
    assert {record.status for record in emulator.journal} == {200}
    assert len(time.sleeps) == 4


def test_somebody_else_may_have_spent_the_quota(
    emulator: Emulator, api: GoogleApi, sheet: Spreadsheet, time: FakeTime
) -> None:
    other = connect(None, emulator.host, throttle=Throttle(time.clock, lambda _seconds: None))
    for _ in range(60):
        other.spreadsheet(sheet.id).fetch_sheet_metadata({"fields": "spreadsheetId"})
    assert read(api, sheet) == [["Họ tên"], ["cũ"]]
    assert 429 in {record.status for record in emulator.journal}


def test_refusals_are_told_with_googles_words_at_hand(api: GoogleApi, sheet: Spreadsheet) -> None:
    with pytest.raises(RequestRefused) as told:
        api.post(f"{sheet.id}:batchUpdate", {"requests": []}, repeatable=True)
    assert told.value.reason == "Must specify at least one request."
    assert told.value.may_have_happened is False


def test_a_deleted_or_unshared_file(emulator: Emulator, api: GoogleApi, sheet: Spreadsheet) -> None:
    emulator.unshare(sheet, BOT)
    with pytest.raises(NotShared):
        read(api, sheet)
    emulator.delete(sheet)
    with pytest.raises(WorkbookMissing):
        read(api, sheet)


# --- accounts ---------------------------------------------------------------------------------------------


@pytest.fixture
def guarded() -> Iterator[Emulator]:
    with Emulator(auth=True) as emulator:
        yield emulator


def key_of(emulator: Emulator, folder: Path) -> Path:
    path = folder / "key.json"
    path.write_text(json.dumps(emulator.service_account()), "utf-8")
    return path


def test_a_key_opens_what_is_shared_with_it(guarded: Emulator, tmp_path: Path) -> None:
    mine, others = guarded.new_spreadsheet({TAB: [["a"]]}), guarded.new_spreadsheet({TAB: [["b"]]}, editors=())
    api = connect(key_of(guarded, tmp_path), guarded.host)
    assert api.account == BOT
    assert read(api, mine) == [["a"]]
    with pytest.raises(NotShared, match=f"chia sẻ với {BOT}"):
        read(api, others)
    assert guarded.count("token") == 1


def test_a_write_outlives_its_token(guarded: Emulator, tmp_path: Path) -> None:
    sheet = guarded.new_spreadsheet({TAB: [["a"], ["b"]]})
    api = connect(key_of(guarded, tmp_path), guarded.host)
    read(api, sheet)
    guarded.tokens.revoke()
    write(api, sheet, "mới", repeatable=False)
    assert sheet.cell(TAB, 2, 1) == "mới"
    assert guarded.count("token") == 2


def test_a_removed_account(guarded: Emulator, tmp_path: Path) -> None:
    sheet = guarded.new_spreadsheet({TAB: [["a"]]})
    key = key_of(guarded, tmp_path)
    guarded.tokens.remove(BOT)
    with pytest.raises(CredentialsRejected, match=f"{BOT} đã bị xóa"):
        read(connect(key, guarded.host), sheet)


def test_a_clock_that_is_wrong(tmp_path: Path) -> None:
    with Emulator(clock=lambda: 1_000_000_000.0, auth=True) as emulator:
        sheet = emulator.new_spreadsheet({TAB: [["a"]]})
        with pytest.raises(CredentialsRejected, match="lệch giờ"):
            read(connect(key_of(emulator, tmp_path), emulator.host), sheet)


def test_no_key_where_one_is_asked_for(guarded: Emulator) -> None:
    sheet = guarded.new_spreadsheet({TAB: [["a"]]})
    with pytest.raises(CredentialsUnusable, match="GOOGLE_APPLICATION_CREDENTIALS"):
        read(connect(None, guarded.host), sheet)


@pytest.mark.parametrize("error", [QuotaSpent, GoogleUnavailable])
def test_an_error_of_a_read_never_speaks_of_changes(
    emulator: Emulator, api: GoogleApi, sheet: Spreadsheet, error: type[WorkbookUnavailable]
) -> None:
    fault = Fault.QUOTA_429 if error is QuotaSpent else Fault.UNAVAILABLE_503
    emulator.fail(1, fault, times=6)
    with pytest.raises(error) as told:
        read(api, sheet)
    assert told.value.may_have_happened is False


def test_what_is_large_comes_without_a_line_for_each_cell(api: GoogleApi, sheet: Spreadsheet) -> None:
    body = {"dataFilters": [{"gridRange": {"sheetId": sheet.sheet_id(TAB)}}]}
    content = api.read(f"{sheet.id}/values:batchGetByDataFilter", body, bytes)
    assert b"\n" not in content.strip()
