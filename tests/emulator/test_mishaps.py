"""What goes wrong on demand: faults, quota, interruptions; and the journal of it all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.emulator.calls import Caller, error_text
from tests.emulator.emulator import Emulator
from tests.emulator.faults import Fault
from tests.emulator.journal import Record
from tests.patience import HANG_SECONDS


class Watch:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def fresh() -> Iterator[Emulator]:
    with Emulator(clock=Watch(), quota=True) as running:
        yield running


@pytest.fixture
def calls(fresh: Emulator) -> Caller:
    return Caller(fresh, fresh.new_spreadsheet({"T": [["a"]]}))


def write(caller: Caller, value: str = "b", **details: float) -> requests.Response:
    body = {"values": [[value]]}
    return caller.send("PUT", "/values/T!A1", json=body, params={"valueInputOption": "RAW"}, **details)


ANSWERS: list[tuple[Fault, int, str, str]] = [
    # section 5 and 1: fault, status, name of the status, part of the text; "" for pages
    (Fault.QUOTA_429, 429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Write requests'"),
    (Fault.QUOTA_429_HTML, 429, "", "automated queries"),
    (Fault.INTERNAL_500, 500, "INTERNAL", "Internal error encountered."),
    (Fault.BAD_GATEWAY_502_HTML, 502, "", "Error 502"),
    (Fault.UNAVAILABLE_503, 503, "UNAVAILABLE", "The service is currently unavailable."),
    (Fault.NOT_FOUND_404, 404, "NOT_FOUND", "Requested entity was not found."),
    (Fault.FORBIDDEN_403, 403, "PERMISSION_DENIED", "The caller does not have permission"),
    (Fault.API_DISABLED_403, 403, "PERMISSION_DENIED", "Google Sheets API has not been used in project"),
    (Fault.SCOPES_403, 403, "PERMISSION_DENIED", "Request had insufficient authentication scopes."),
    (Fault.UNAUTHORIZED_401, 401, "UNAUTHENTICATED", "invalid authentication credentials"),
    (Fault.HTML_INSTEAD_OF_JSON, 200, "", "Sign in"),
]


@pytest.mark.parametrize(("fault", "status", "name", "text"), ANSWERS)
def test_a_fault_answers_and_nothing_is_applied(
    calls: Caller, fresh: Emulator, fault: Fault, status: int, name: str, text: str
) -> None:
    fresh.fail(1, fault)
    response = write(calls)
    assert response.status_code == status
    assert text in response.text
    if name:
        assert response.json()["error"]["status"] == name
    else:
        assert response.headers["Content-Type"].startswith("text/html")
    assert calls.sheet.cell("T", 1, 1) == "a"
    assert write(calls).status_code == 200


def test_a_quota_answer_has_its_details(calls: Caller, fresh: Emulator) -> None:
    """M 1"""
    fresh.fail(1, Fault.QUOTA_429, retry_after="7")
    response = calls.send("GET", "")
    assert response.headers["Retry-After"] == "7"
    info = response.json()["error"]["details"][0]
    assert info["reason"] == "RATE_LIMIT_EXCEEDED"
    assert info["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerUser"
    assert info["metadata"]["quota_limit_value"] == "60"


LOST: list[tuple[Fault, bool, bool]] = [
    # fault, `applied`, whether the write has taken effect
    (Fault.RESET_BEFORE, False, False),
    (Fault.RESET_AFTER, False, True),
    (Fault.HANG, False, False),
    (Fault.HANG, True, True),
    (Fault.TRUNCATED_JSON, False, True),
    (Fault.HTML_INSTEAD_OF_JSON, True, True),
]


@pytest.mark.parametrize(("fault", "applied", "effect"), LOST)
def test_an_answer_is_lost_before_or_after_the_effect(
    calls: Caller, fresh: Emulator, fault: Fault, applied: bool, effect: bool
) -> None:
    fresh.fail(1, fault, applied=applied, seconds=0.05)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError, ValueError)):
        write(calls).json()
    assert calls.sheet.cell("T", 1, 1) == ("b" if effect else "a")
    assert write(calls).status_code == 200


def test_a_hanging_answer_lets_the_client_give_up(calls: Caller, fresh: Emulator) -> None:
    fresh.fail(1, Fault.HANG)
    with pytest.raises(requests.ReadTimeout):
        write(calls, timeout=0.1)
    assert write(calls).status_code == 200


def test_a_hanging_answer_ends_with_the_server() -> None:
    asked = threading.Event()
    with Emulator() as closing, ThreadPoolExecutor(1) as pool:
        sheet = closing.new_spreadsheet({"T": [["a"]]})
        closing.fail(1, Fault.HANG)
        closing.after(1, asked.set)
        waiting = pool.submit(write, Caller(closing, sheet))
        assert asked.wait(HANG_SECONDS)
        closing.__exit__(None, None, None)
        with pytest.raises(requests.ConnectionError):
            waiting.result(HANG_SECONDS)


def test_a_slow_answer_is_right(calls: Caller, fresh: Emulator) -> None:
    fresh.fail(1, Fault.SLOW, seconds=0.05)
    begun = time.monotonic()
    assert write(calls).json()["updatedCells"] == 1
    assert time.monotonic() - begun >= 0.05


def test_faults_come_when_they_are_due(calls: Caller, fresh: Emulator) -> None:
    fresh.fail(2, Fault.UNAVAILABLE_503, times=2)
    fresh.fail(lambda record: record.bucket == "read", Fault.INTERNAL_500)
    statuses = [write(calls).status_code for _ in range(4)]
    assert statuses == [200, 503, 503, 200]
    assert [calls.send("GET", "").status_code for _ in range(2)] == [500, 200]


def test_sixty_a_minute(calls: Caller, fresh: Emulator) -> None:
    """D 1: reads and writes apart"""
    clock = fresh.clock
    assert isinstance(clock, Watch)
    statuses = [calls.send("GET", "").status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    assert "Read requests per minute per user" in error_text(calls.get())
    assert write(calls).status_code == 200
    clock.now += 60
    assert calls.send("GET", "").status_code == 200


def test_people_act_between_two_requests(calls: Caller, fresh: Emulator) -> None:
    """Section 9, 6"""
    seen: list[object] = []
    fresh.before(2, lambda: calls.sheet.human.insert_rows("T", 1))
    fresh.after(1, lambda: seen.append(calls.sheet.cell("T", 1, 1)))
    write(calls, "một")
    write(calls, "hai")
    assert seen == ["một"]
    assert calls.sheet.rows("T") == [["hai"], ["một"]]
    write(calls, "ba")
    assert calls.sheet.rows("T") == [["ba"], ["một"]]


def test_an_act_can_wait_for_a_kind_of_request(calls: Caller, fresh: Emulator) -> None:
    def is_write(record: Record) -> bool:
        return record.bucket == "write"

    fresh.before(is_write, lambda: calls.sheet.human.rename_tab("T", "Khác"))
    assert calls.get()["sheets"][0]["properties"]["title"] == "T"
    assert error_text(write(calls).json()) == "Unable to parse range: T!A1"


def test_the_journal_says_what_was_asked(calls: Caller, fresh: Emulator) -> None:
    numbers: list[int] = []
    fresh.before_each(lambda record: numbers.append(record.number))
    calls.get()
    write(calls)
    calls.post("/values:batchGetByDataFilter", {"dataFilters": [{"gridRange": {"sheetId": 9}}]})
    fresh.fail(1, Fault.RESET_AFTER)
    with pytest.raises(requests.ConnectionError):
        calls.batch({"deleteSheet": {}})
    calls.drive(f"files/{calls.sheet.id}")
    found = [(record.method, record.kind, record.bucket, record.status) for record in fresh.journal]
    assert found == [
        ("GET", "get", "read", 200),
        ("PUT", "values.update", "write", 200),
        ("POST", "values:batchGetByDataFilter", "read", 400),
        ("POST", ":batchUpdate", "write", 0),
        ("GET", "files.get", "drive", 200),
    ]
    assert numbers == [1, 2, 3, 4, 5]
    assert (fresh.count("read"), fresh.count("write"), fresh.count("drive")) == (2, 2, 1)
    assert fresh.journal[1].bytes_in == len(fresh.journal[1].body) > 0
    assert fresh.journal[0].bytes_out > 100
    assert {record.spreadsheet_id for record in fresh.journal} == {calls.sheet.id}


@pytest.mark.parametrize(
    ("act", "status"),
    [
        (lambda emulator, sheet: emulator.unshare(sheet, "bot@example.org"), 403),
        (lambda emulator, sheet: emulator.delete(sheet), 404),
        (lambda emulator, sheet: emulator.share(sheet, "bot@example.org", "reader"), 403),
    ],
)
def test_a_file_is_unshared_or_deleted(
    calls: Caller, fresh: Emulator, act: Callable[[Emulator, object], None], status: int
) -> None:
    """C 5"""
    act(fresh, calls.sheet)
    assert write(calls).status_code == status
    assert calls.sheet.cell("T", 1, 1) == "a"


def test_many_ask_at_once(fresh: Emulator) -> None:
    """Every append finds the row behind the last one."""
    fresh.counts_quota = False
    sheet = fresh.new_spreadsheet({"T": []})

    def append(number: int) -> int:
        request = {
            "appendCells": {"rows": [{"values": [{"userEnteredValue": {"numberValue": number}}]}], "fields": "*"}
        }
        return len(Caller(fresh, sheet).batch(request)["replies"])

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(append, range(40))) == 40
    assert sorted(row[0] for row in sheet.rows("T")) == list(range(40))
