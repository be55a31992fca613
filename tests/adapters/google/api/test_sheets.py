"""Calls to the Sheets API over a real connection: what is tried again, what is counted, when it ends."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Request
from requests.exceptions import ReadTimeout

from automation.adapters.google.api.budget import Budget, OwnQuota, Throttle
from automation.adapters.google.api.client import ATTEMPTS, CALL_SECONDS, GoogleClient
from automation.adapters.google.api.credentials import Account
from automation.adapters.google.api.errors import Failed, of_transport
from automation.adapters.google.api.session import JOURNAL_LENGTH, Answer, BoundedSession, Limits, kind_of
from automation.adapters.google.api.sheets import GoogleApi, connect, read_emulator_host
from automation.base.errors import (
    GoogleNotReady,
    GoogleUnavailable,
    QuotaSpent,
    RequestRefused,
    TccbError,
    WorkbookMissing,
    WorkbookUnavailable,
)
from automation.base.host_port import read_host_port
from automation.core.model.ports import RequestCount
from tests.adapters.google.api.server import (
    Asked,
    FakeGoogle,
    FakeTime,
    Handler,
    Step,
    closed_port,
    cuts_short,
    cuts_short_in_a_chunk,
    hangs,
    has_ipv6,
    refuses,
    resets,
    says,
    trickles,
)

BOOK = "abc"
BUSY = says(503, {"error": {"code": 503, "message": "The service is currently unavailable.", "status": "UNAVAILABLE"}})
SPENT = refuses(429, "Quota exceeded for quota metric 'Read requests'", reason="RATE_LIMIT_EXCEEDED")
ROBOT_PAGE = says(429, "<html>... automated queries ...</html>", Content_Type="text/html")


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with FakeGoogle() as server:
        yield server


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


def api_of(host: str, time: FakeTime, chance: float = 1.0, limits: Limits | None = None) -> GoogleApi:
    return connect(None, host, throttle=Throttle(time.clock, time.sleep), chance=lambda: chance, limits=limits)


def budgeted(google: FakeGoogle, throttle: Throttle, requests_a_minute: int) -> GoogleApi:
    session = BoundedSession(Account(), read_host_port(google.host))
    return GoogleApi(GoogleClient(session, Budget(throttle, OwnQuota(throttle.clock, requests_a_minute)), throttle))


# --- what goes out and comes back -------------------------------------------------------------------------


def test_a_request_says_what_it_was_given(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [says(200, {"title": "Sổ"}), says(200, {"replies": [{}]})]
    api = api_of(google.host, time)
    assert api.spreadsheet(BOOK).fetch_sheet_metadata(
        {"includeGridData": False, "ranges": ["A", "B"], "fields": "sheets"}
    ) == {"title": "Sổ"}
    assert api.post(f"{BOOK}:batchUpdate", {"requests": ["đ"]}, {"fields": "replies"}, repeatable=False) == {
        "replies": [{}]
    }
    read, write = google.asked
    assert (read.method, read.path) == ("GET", "/v4/spreadsheets/abc")
    assert read.query == {"includeGridData": ["false"], "ranges": ["A", "B"], "fields": ["sheets"]}
    assert (write.method, write.path, write.query) == (
        "POST",
        "/v4/spreadsheets/abc:batchUpdate",
        {"fields": ["replies"]},
    )
    assert write.headers["content-type"] == "application/json; charset=UTF-8"
    assert write.body == '{"requests":["đ"]}'.encode()
    assert "authorization" not in read.headers


def test_drive_is_asked_at_the_same_host(google: FakeGoogle, time: FakeTime) -> None:
    api = api_of(google.host, time)
    api.get_file_drive_metadata("abc")
    assert google.asked[0].path == "/drive/v3/files/abc"
    assert api.requests == RequestCount()


def test_packed_answers_are_asked_for_and_unpacked(google: FakeGoogle, time: FakeTime) -> None:
    content = json.dumps({"values": ["Nguyễn"] * 1000}).encode()
    google.steps = [says(200, gzip.compress(content), Content_Encoding="gzip")]
    api = api_of(google.host, time)
    assert api.spreadsheet(BOOK).fetch_sheet_metadata() == json.loads(content)
    assert "gzip" in google.asked[0].headers["accept-encoding"]
    assert "gzip" in google.asked[0].headers["user-agent"]
    assert api.journal[0].received == len(content)


def test_one_connection_serves_all_calls(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [says(200, {"a": "x" * 500_000}), refuses(400, "no"), says(200, {})]
    api = api_of(google.host, time)
    api.spreadsheet(BOOK).fetch_sheet_metadata()
    with pytest.raises(RequestRefused):
        api.spreadsheet(BOOK).fetch_sheet_metadata()
    api.spreadsheet(BOOK).fetch_sheet_metadata()
    assert google.connections == 1


def test_half_a_surrogate_pair_does_not_stop_a_write(google: FakeGoogle, time: FakeTime) -> None:
    api_of(google.host, time).post(f"{BOOK}:batchUpdate", {"note": "a\ud800b"}, repeatable=True)
    assert json.loads(google.asked[0].body) == {"note": "a?b"}


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_no_proxy_stands_between_us_and_an_emulator(
    google: FakeGoogle, time: FakeTime, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with closed_port() as proxy:
        monkeypatch.setenv(variable, f"http://{proxy}")
        assert api_of(google.host, time).spreadsheet(BOOK).fetch_sheet_metadata() == {}


def test_gspread_sends_what_it_has_methods_for(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [says(200, {"replies": [{}]}), says(200, {"sheets": []}), says(200, {"totalUpdatedCells": 1})]
    book = api_of(google.host, time).spreadsheet(BOOK)
    assert google.asked == []
    assert book.batch_update({"requests": ["đ"]}) == {"replies": [{}]}
    assert book.fetch_sheet_metadata({"fields": "sheets"}) == {"sheets": []}
    assert book.values_batch_update({"data": []}) == {"totalUpdatedCells": 1}
    assert [(each.method, each.path) for each in google.asked] == [
        ("POST", f"/v4/spreadsheets/{BOOK}:batchUpdate"),
        ("GET", f"/v4/spreadsheets/{BOOK}"),
        ("POST", f"/v4/spreadsheets/{BOOK}/values:batchUpdate"),
    ]
    assert google.asked[0].body == '{"requests":["đ"]}'.encode()


def test_what_gspread_sends_is_paced_and_tried_again_like_all_else(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [BUSY, says(200, {"properties": {"title": "Sổ"}}), BUSY]
    api = api_of(google.host, time)
    assert api.open_by_key(BOOK).title == "Sổ"
    with pytest.raises(GoogleUnavailable) as told:
        api.spreadsheet(BOOK).batch_update({})
    assert told.value.may_have_happened is True
    assert (api.requests, time.sleeps) == (RequestCount(read=2, write=1), [2.0])


# --- trying again -----------------------------------------------------------------------------------------

PASSING: dict[str, Step] = {
    "429": SPENT,
    "429 as a page": ROBOT_PAGE,
    "Drive's 403": refuses(403, "Rate Limit Exceeded", reason="userRateLimitExceeded"),
    "408": says(408, ""),
    "500": refuses(500, "Internal error encountered."),
    "502 as a page": says(502, "<html>Bad Gateway</html>"),
    "503": BUSY,
    "504": says(504, ""),
    "a reset": resets,
    "a page in place of JSON": says(200, "<html>Sign in</html>"),
    "half an answer": cuts_short,
    "half a chunk": cuts_short_in_a_chunk,
    "JSON that is no object": says(200, []),
    "nothing at all": says(200, ""),
    "bad compression": says(200, b"not packed", Content_Encoding="gzip"),
}
"""Trouble that another try may get over."""
CERTAINLY_NOT_DONE = {"429", "429 as a page", "Drive's 403", "408"}


@pytest.mark.parametrize("trouble", PASSING)
def test_passing_trouble_is_tried_again(google: FakeGoogle, time: FakeTime, trouble: str) -> None:
    google.steps = [PASSING[trouble], PASSING[trouble], says(200, {"ok": 1})]
    api = api_of(google.host, time)
    assert api.spreadsheet(BOOK).fetch_sheet_metadata() == {"ok": 1}
    assert time.sleeps == [2.0, 4.0]
    assert api.requests == RequestCount(read=3)


@pytest.mark.parametrize("trouble", PASSING)
def test_a_repeatable_write_too(google: FakeGoogle, time: FakeTime, trouble: str) -> None:
    google.steps = [PASSING[trouble], says(200, {"ok": 1})]
    api = api_of(google.host, time)
    assert api.post(f"{BOOK}:batchUpdate", {}, repeatable=True) == {"ok": 1}
    assert google.asked[0].body == google.asked[1].body
    assert api.requests == RequestCount(write=2)


@pytest.mark.parametrize("trouble", PASSING)
def test_any_other_write_goes_out_once_and_its_fate_is_told(google: FakeGoogle, time: FakeTime, trouble: str) -> None:
    google.steps = [PASSING[trouble]]
    with pytest.raises(GoogleUnavailable) as told:
        api_of(google.host, time).post(f"{BOOK}:batchUpdate", {}, repeatable=False)
    assert told.value.may_have_happened is (trouble not in CERTAINLY_NOT_DONE)
    assert len(google.asked) == 1
    assert time.sleeps == []


@pytest.mark.parametrize("repeatable", [True, False])
def test_what_never_left_is_always_tried_again(time: FakeTime, repeatable: bool) -> None:
    with closed_port() as nobody:
        api = api_of(nobody, time)
        with pytest.raises(GoogleUnavailable, match=f"máy thử ở {nobody}") as told:
            api.post(f"{BOOK}:batchUpdate", {}, repeatable=repeatable)
    assert told.value.may_have_happened is False
    assert len(api.journal) == ATTEMPTS
    assert api.requests == RequestCount()


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (refuses(400, "Invalid requests[0].addSheet"), RequestRefused),
        (refuses(404, "Requested entity was not found.", state="NOT_FOUND"), WorkbookMissing),
        (refuses(403, "The caller does not have permission", state="PERMISSION_DENIED"), TccbError),
        (refuses(401, "Request had invalid authentication credentials."), TccbError),
        (says(501, "not supported"), GoogleUnavailable),
        (says(413, "<html>Too Large</html>"), RequestRefused),
        (says(302, "", Location="https://login.example.org/"), GoogleUnavailable),
    ],
)
def test_what_cannot_succeed_is_asked_once(
    google: FakeGoogle, time: FakeTime, step: Step, error: type[TccbError]
) -> None:
    google.steps = [step]
    with pytest.raises(error):
        api_of(google.host, time).spreadsheet(BOOK).fetch_sheet_metadata()
    assert len(google.asked) == 1
    assert time.sleeps == []


def test_attempts_come_to_an_end(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [BUSY] * 20
    with pytest.raises(GoogleUnavailable, match="503"):
        api_of(google.host, time).spreadsheet(BOOK).fetch_sheet_metadata()
    assert len(google.asked) == ATTEMPTS
    assert time.sleeps == [2.0, 4.0, 8.0, 16.0, 32.0]


@pytest.mark.parametrize(("chance", "waits"), [(0.0, [0.0, 0.0]), (0.25, [0.5, 1.0]), (1.0, [2.0, 4.0])])
def test_waits_are_anywhere_below_the_ceiling(
    google: FakeGoogle, time: FakeTime, chance: float, waits: list[float]
) -> None:
    google.steps = [BUSY, BUSY]
    api_of(google.host, time, chance).spreadsheet(BOOK).fetch_sheet_metadata()
    assert time.now - 1000.0 == sum(waits)
    assert time.sleeps == [wait for wait in waits if wait]


def test_attempts_at_a_spent_quota_last_into_the_next_minute_on_average(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [SPENT] * 20
    with pytest.raises(QuotaSpent):
        api_of(google.host, time, chance=0.95).spreadsheet(BOOK).fetch_sheet_metadata()
    assert time.now - 1000.0 >= 60.0
    time = FakeTime()
    google.steps = [SPENT] * 20
    with pytest.raises(QuotaSpent):
        api_of(google.host, time, chance=0.0).spreadsheet(BOOK).fetch_sheet_metadata()
    assert time.sleeps == [1.0, 2.0, 4.0, 8.0, 16.0]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 2.0),
        ({"Retry-After": " 12 "}, 12.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "Date": "Wed, 21 Oct 2026 08:28:00 GMT"}, 2.0),
        ({"Retry-After": "-5"}, 2.0),
        ({"Retry-After": "soon"}, 2.0),
        ({"Retry-After": "nan"}, 2.0),
        ({"Retry-After": "٣"}, 2.0),
        ({"Retry-After": ""}, 2.0),
        ({"Retry-After": "Wed, 99 Oct 2026 07:28:30 GMT"}, 2.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_server_may_say_how_long_to_wait(time: FakeTime, headers: dict[str, str], wait: float, status: int) -> None:
    def waits(_asked: Asked, handler: Handler) -> None:
        handler.send_response_only(status)
        for name, value in headers.items():
            handler.send_header(name, value.encode().decode("latin-1"))
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with FakeGoogle([waits]) as google:
        api_of(google.host, time).spreadsheet(BOOK).fetch_sheet_metadata()
    assert time.sleeps == [wait]


def test_a_wait_that_outlasts_the_call_is_not_begun(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [says(503, "", Retry_After=str(int(CALL_SECONDS)))]
    with pytest.raises(GoogleUnavailable):
        api_of(google.host, time).spreadsheet(BOOK).fetch_sheet_metadata()
    assert time.sleeps == []


def test_a_call_ends_in_time_whatever_its_attempts_take(google: FakeGoogle, time: FakeTime) -> None:
    def takes_long(asked: Asked, handler: Handler) -> None:
        time.now += 100.0
        BUSY(asked, handler)

    google.steps = [takes_long] * 10
    with pytest.raises(GoogleUnavailable):
        api_of(google.host, time).spreadsheet(BOOK).fetch_sheet_metadata()
    assert len(google.asked) == 3
    assert time.now - 1000.0 <= CALL_SECONDS + 100.0


def test_the_calls_of_an_errand_share_its_time(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [BUSY] * 20
    api = api_of(google.host, time)
    errand = api.errand(30.0)
    for _ in range(2):
        with errand, pytest.raises(GoogleUnavailable):
            api.spreadsheet(BOOK).fetch_sheet_metadata()
    assert (time.sleeps, len(google.asked)) == ([2.0, 4.0, 8.0, 2.0, 4.0, 8.0], 8)
    google.steps = [BUSY] * (ATTEMPTS - 1)
    assert api.spreadsheet(BOOK).fetch_sheet_metadata() == {}


def test_once_its_time_is_over_nothing_is_sent_on_an_errand(google: FakeGoogle, time: FakeTime) -> None:
    api = api_of(google.host, time)
    with api.errand(30.0):
        api.spreadsheet(BOOK).fetch_sheet_metadata()
        time.now += 30.0
        with pytest.raises(GoogleUnavailable) as told:
            api.post(f"{BOOK}:batchUpdate", {}, repeatable=False)
    assert told.value.may_have_happened is False
    assert len(google.asked) == 1


def test_an_errand_leaves_an_answer_no_more_time_than_is_left(time: FakeTime) -> None:
    waits = list[float | None]()

    class Hanging(BoundedSession):
        def ask(self, method: str, url: str, seconds: float, **_: Any) -> Answer:  # noqa: ARG002
            waits.append(seconds)
            time.now += 20.0
            raise Failed(of_transport(ReadTimeout()))

    throttle = Throttle(time.clock, time.sleep)
    api = GoogleApi(GoogleClient(Hanging(Account()), throttle=throttle, chance=lambda: 1.0))
    with api.errand(30.0), pytest.raises(GoogleUnavailable):
        api.spreadsheet(BOOK).fetch_sheet_metadata()
    assert waits == [30.0, 8.0]


def test_an_errand_of_one_thread_is_not_that_of_another(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [BUSY] * (ATTEMPTS - 1)
    api = api_of(google.host, time)
    with api.errand(1.0), ThreadPoolExecutor(1) as pool:
        assert pool.submit(api.spreadsheet(BOOK).fetch_sheet_metadata).result() == {}


def test_waiting_for_the_budget_is_not_taken_off_the_time_of_an_errand(google: FakeGoogle, time: FakeTime) -> None:
    throttle = Throttle(time.clock, time.sleep)
    api = budgeted(google, throttle, 1)
    with api.errand(30.0):
        for _ in range(3):
            api.spreadsheet(BOOK).fetch_sheet_metadata()
        google.steps = [BUSY]
        assert api.spreadsheet(BOOK).fetch_sheet_metadata() == {}


# --- the fate of a write that was tried several times -----------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "error", "may_have_happened"),
    [
        ([BUSY, refuses(400, "A sheet with the id 5 already exists")], RequestRefused, True),
        ([resets, *[SPENT] * 5], QuotaSpent, True),
        ([SPENT, refuses(400, "no")], RequestRefused, False),
        ([SPENT] * 6, QuotaSpent, False),
        ([refuses(400, "no")], RequestRefused, False),
    ],
)
def test_any_attempt_may_have_been_the_one_that_worked(
    google: FakeGoogle, time: FakeTime, steps: list[Step], error: type[WorkbookUnavailable], may_have_happened: bool
) -> None:
    google.steps = steps
    with pytest.raises(error) as told:
        api_of(google.host, time).post(f"{BOOK}:batchUpdate", {}, repeatable=True)
    assert told.value.may_have_happened is may_have_happened


def test_reading_changes_nothing(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [resets] * 12
    api = api_of(google.host, time)
    with pytest.raises(GoogleUnavailable) as told:
        api.spreadsheet(BOOK).fetch_sheet_metadata()
    assert told.value.may_have_happened is False
    with pytest.raises(GoogleUnavailable) as told:
        api.post(f"{BOOK}/values:batchGetByDataFilter", {}, repeatable=True)
    assert told.value.may_have_happened is False


# --- bounds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [hangs, trickles], ids=["silence", "a trickle"])
def test_no_answer_is_waited_for_longer_than_the_limit(time: FakeTime, step: Step) -> None:
    with FakeGoogle([step]) as google:
        session = BoundedSession(Account(), read_host_port(google.host), limits=Limits(answer_seconds=0.15))
        api = GoogleApi(GoogleClient(session, throttle=Throttle(sleep=time.sleep)))
        with pytest.raises(GoogleUnavailable) as told:
            api.post(f"{BOOK}:batchUpdate", {}, repeatable=False)
        assert told.value.may_have_happened is True
        session.limits = Limits()
        assert api.spreadsheet(BOOK).fetch_sheet_metadata() == {}


def test_an_answer_may_be_too_large(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [says(200, {"a": "x" * 5000}), says(200, gzip.compress(b"0" * 5000), Content_Encoding="gzip")]
    api = api_of(google.host, time, limits=Limits(answer_bytes=4000))
    for _ in range(2):
        with pytest.raises(GoogleUnavailable):
            api.spreadsheet(BOOK).fetch_sheet_metadata()
    assert time.sleeps == []
    assert api.spreadsheet(BOOK).fetch_sheet_metadata() == {}


def test_nesting_beyond_reason_is_a_broken_answer(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [says(200, '{"a":' * 200_000)] * 6
    with pytest.raises(GoogleUnavailable):
        api_of(google.host, time).spreadsheet(BOOK).fetch_sheet_metadata()


# --- counting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind", "counted"),
    [
        (":batchUpdate", "batchUpdate", RequestCount(0, 1)),
        (":getByDataFilter", "getByDataFilter", RequestCount(1, 0)),
        ("/values:batchGetByDataFilter", "values:batchGetByDataFilter", RequestCount(1, 0)),
        ("/values:batchUpdate", "values:batchUpdate", RequestCount(0, 1)),
        ("/values:batchUpdateByDataFilter", "values:batchUpdateByDataFilter", RequestCount(0, 1)),
        ("/values:batchClear", "values:batchClear", RequestCount(0, 1)),
        ("/values/Sổ!A1:B2:append", "values", RequestCount(0, 1)),
        ("/developerMetadata:search", "developerMetadata:search", RequestCount(1, 0)),
    ],
)
def test_posts_are_counted_as_google_counts_them(
    google: FakeGoogle, time: FakeTime, path: str, kind: str, counted: RequestCount
) -> None:
    api = api_of(google.host, time)
    api.post(BOOK + path, {}, repeatable=True)
    assert api.requests == counted
    assert api.journal[0].kind == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v4/spreadsheets", "spreadsheet"),
        ("/v4/spreadsheets/abc", "spreadsheet"),
        ("/v4/spreadsheets/abc/values:batchGet", "values:batchGet"),
        ("/v4/spreadsheets/abc/values/%27Nguyen%20Van%20A%27!A1:B2", "values"),
        ("/v4/spreadsheets/abc/developerMetadata/5", "developerMetadata"),
        ("/drive/v3/files/abc", "drive"),
    ],
)
def test_kinds_name_no_tab(path: str, kind: str) -> None:
    assert kind_of(f"https://sheets.googleapis.com{path}?ranges=A1") == kind


def test_the_journal_says_what_each_request_took(google: FakeGoogle, time: FakeTime) -> None:
    google.steps = [BUSY, says(200, {"a": 1})]
    api = api_of(google.host, time)
    api.post(f"{BOOK}/values:batchUpdate", {"a": "Nguyễn Văn A"}, repeatable=True)
    assert [(each.method, each.kind, each.status) for each in api.journal] == [
        ("POST", "values:batchUpdate", 503),
        ("POST", "values:batchUpdate", 200),
    ]
    assert api.journal[1].sent == len(google.asked[1].body)
    assert api.journal[1].received == len(b'{"a": 1}')
    assert "Nguyễn" not in repr(api.journal)


def test_the_journal_is_bounded(google: FakeGoogle, time: FakeTime) -> None:
    throttle = Throttle(time.clock, time.sleep)
    api = budgeted(google, throttle, 1000)
    for _ in range(JOURNAL_LENGTH + 5):
        api.spreadsheet(BOOK).fetch_sheet_metadata()
    assert len(api.journal) == JOURNAL_LENGTH
    assert api.requests.read == JOURNAL_LENGTH + 5


# --- the budget -------------------------------------------------------------------------------------------


def test_a_burst_stays_below_the_quota(google: FakeGoogle, time: FakeTime) -> None:
    waits = list[float]()
    throttle = Throttle(time.clock, time.sleep, waits.append)
    api = budgeted(google, throttle, 3)
    for _ in range(7):
        api.spreadsheet(BOOK).fetch_sheet_metadata()
    api.post(f"{BOOK}:batchUpdate", {}, repeatable=True)
    assert time.sleeps == waits == [60.001, 60.001]


def test_waiting_for_the_budget_is_not_taken_off_the_time_of_a_call(google: FakeGoogle, time: FakeTime) -> None:
    throttle = Throttle(time.clock, time.sleep)
    api = budgeted(google, throttle, 1)
    for _ in range(12):
        api.spreadsheet(BOOK).fetch_sheet_metadata()
    google.steps = [BUSY]
    assert api.spreadsheet(BOOK).fetch_sheet_metadata() == {}


def test_threads_share_one_api(google: FakeGoogle) -> None:
    api = connect(None, google.host)

    def reads() -> None:
        for _ in range(10):
            api.spreadsheet(BOOK).fetch_sheet_metadata()

    threads = [threading.Thread(target=reads) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert api.requests == RequestCount(read=50)


# --- the emulator's address -------------------------------------------------------------------------------
# What a host and a port may be is told in test_host_port.py.


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("127.0.0.1:9099", "127.0.0.1:9099"),
        ("http://127.0.0.1:9099", "127.0.0.1:9099"),
        (" HTTP://localhost:9099/ ", "localhost:9099"),
        ("sheets-emulator", "sheets-emulator"),
        ("[::1]:9099", "[::1]:9099"),
        ("http://[::1]:9099/", "[::1]:9099"),
    ],
)
def test_an_emulator_may_be_named_with_or_without_http(typed: str, host: str) -> None:
    assert str(read_emulator_host(typed)) == host


@pytest.mark.parametrize(
    "typed",
    [
        "https://127.0.0.1:9099",
        "127.0.0.1:70000",
        "0:0",
        "127.0.0.1:0",
        "127.0.0.1:-1",
        "127.0.0.1:+9099",
        "127.0.0.1: 9099",
        "127.0.0.1:",
        "127.0.0.1:90x",
        ":9099",
        "a b:1",
        "http://",
        "http://user:pass@127.0.0.1:9099",
        "user@127.0.0.1:9099",
        "127.0.0.1:9099/v4",
        "127.0.0.1:9099//",
        "127.0.0.1:9099?x",
        "127.0.0.1:9099#x",
        "ftp://127.0.0.1",
        "http://http://127.0.0.1",
        "::1",
        "::1:9099",
        "-",
        ".",
        "a..b:1",
        "a.:1",
        f"{'a' * 64}:1",
        "[:::]:1",
        "[::1%lo]:1",
        "127.0.0.1:9099\nx",
    ],
)
def test_any_other_address_is_refused_in_one_line(typed: str) -> None:
    with pytest.raises(GoogleNotReady) as told:
        connect(None, typed)
    assert "SHEETS_EMULATOR_HOST" in str(told.value)
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
def test_an_emulator_may_have_an_ipv6_address(time: FakeTime) -> None:
    with FakeGoogle(address="::1") as google:
        assert api_of(google.host, time).spreadsheet(BOOK).fetch_sheet_metadata() == {}
    assert google.host.startswith("[::1]:")
    assert google.asked[0].headers["host"] == google.host


@given(st.text(max_size=40) | st.from_regex(r"(http://)?[a-z0-9.:\[\]-]{1,30}/?", fullmatch=True))
def test_whatever_is_typed_is_an_address_or_refused(typed: str) -> None:
    try:
        host = read_emulator_host(typed)
    except GoogleNotReady:
        return
    assert read_emulator_host(f"http://{host}/") == host
    assert urlsplit(f"http://{host}/v4").netloc == str(host)
    assert Request("GET", f"http://{host}/v4").prepare().url == f"http://{host}/v4"
