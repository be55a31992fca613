"""What Google may answer, and what the person at the screen is told to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Response

from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.client import GoogleClient
from automation.adapters.google.api.credentials import Account
from automation.adapters.google.api.errors import of_answer
from automation.adapters.google.api.session import BoundedSession
from automation.base.errors import (
    ApiDisabled,
    CannotStart,
    CellsProtected,
    CredentialsRejected,
    GoogleNotReady,
    GoogleUnavailable,
    NotAWorkbook,
    NotShared,
    QuotaSpent,
    RequestRefused,
    StorageFull,
    TccbError,
    WorkbookMissing,
    WorkbookUnavailable,
)
from automation.base.host_port import read_host_port
from tests.adapters.google.api.server import FakeGoogle, FakeTime, Step, refuses, says

BOT = "bot@example.org"
ENABLE = "https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=1"
LIBRARY = "https://console.cloud.google.com/apis/library/sheets.googleapis.com"
DISABLED = "Google Sheets API has not been used in project 1 before or it is disabled."
NO_PERMISSION = refuses(403, "The caller does not have permission", state="PERMISSION_DENIED")


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with FakeGoogle() as server:
        yield server


class NamedAccount(Account, frozen=True):
    """An account with an address that signs nothing."""

    @property
    def address(self) -> str:
        return BOT


def error_of(google: FakeGoogle, step: Step, account: Account | None = None) -> TccbError:
    google.steps = [step] * 6
    time = FakeTime()
    session = BoundedSession(account or NamedAccount(), read_host_port(google.host))
    with pytest.raises(TccbError) as told:
        GoogleClient(session, throttle=Throttle(time.clock, time.sleep)).fetch_sheet_metadata("abc")
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__
    return told.value


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        (NO_PERMISSION, NotShared, f"chưa được chia sẻ với {BOT}"),
        (refuses(403, "Forbidden", reason="insufficientFilePermissions"), NotShared, BOT),
        (refuses(404, "Requested entity was not found."), WorkbookMissing, "địa chỉ"),
        (says(404, "<html>Not Found</html>"), WorkbookMissing, "địa chỉ"),
        (
            says(404, {"error": {"errors": [{"reason": "notFound"}], "message": "File not found: abc."}}),
            WorkbookMissing,
            "địa chỉ",
        ),
        (refuses(403, DISABLED, reason="SERVICE_DISABLED", activationUrl=ENABLE), ApiDisabled, ENABLE),
        (refuses(403, DISABLED, reason="SERVICE_DISABLED"), ApiDisabled, LIBRARY),
        (
            refuses(403, DISABLED, reason="accessNotConfigured", activationUrl="https://example.org/"),
            ApiDisabled,
            LIBRARY,
        ),
        (refuses(403, DISABLED, reason="SERVICE_DISABLED", activationUrl="http://[x"), ApiDisabled, LIBRARY),
        (
            refuses(403, "Request had insufficient authentication scopes.", reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            CredentialsRejected,
            "auth/spreadsheets",
        ),
        (
            refuses(403, "Insufficient Permission: Request had insufficient authentication scopes."),
            CredentialsRejected,
            "quyền",
        ),
        (refuses(401, "Request had invalid authentication credentials."), CredentialsRejected, "mã truy cập"),
        (refuses(403, "The user's Drive storage quota has been exceeded."), StorageFull, "dung lượng"),
        (refuses(403, "Service Accounts do not have storage quota."), StorageFull, "dung lượng"),
        (refuses(403, "over", reason="storageQuotaExceeded"), StorageFull, "dung lượng"),
        (
            refuses(403, "Request is prohibited by organization's policy"),
            NotShared,
            "Request is prohibited by organization",
        ),
        (says(403, "<html>Blocked</html>"), NotShared, "HTTP 403"),
        (refuses(429, "Quota exceeded", reason="RATE_LIMIT_EXCEEDED"), QuotaSpent, "một phút"),
        (refuses(403, "Rate Limit Exceeded", reason="rateLimitExceeded"), QuotaSpent, "một phút"),
        (refuses(400, "You are trying to edit a protected cell or object."), CellsProtected, "được bảo vệ"),
        (refuses(403, "You are trying to edit a protected range."), CellsProtected, "được bảo vệ"),
        (
            refuses(400, "Invalid requests[0].updateCells: Bạn đang cố sửa ô hoặc đối tượng được bảo vệ."),
            CellsProtected,
            "bảo vệ",
        ),
        (
            refuses(400, "This operation is not supported for this document. The document must not be an Office file."),
            NotAWorkbook,
            "Excel",
        ),
        (refuses(400, "No grid with id: 5"), RequestRefused, "(No grid with id: 5)"),
        (says(400, "<html>Bad Request</html>"), RequestRefused, "(HTTP 400)"),
        (says(414, ""), RequestRefused, "(HTTP 414)"),
        (says(400, {"error": "invalid_grant"}), RequestRefused, "invalid_grant"),
        (says(301, "", Location="https://example.org"), GoogleUnavailable, "chuyển hướng"),
        (refuses(500, "Internal error"), GoogleUnavailable, "(mã 500)"),
        (refuses(501, "not supported"), GoogleUnavailable, "(mã 501)"),
        (says(200, "<html>"), GoogleUnavailable, "không đọc được"),
    ],
)
def test_every_answer_has_its_error_and_remedy(
    google: FakeGoogle, step: Step, error: type[TccbError], said: str
) -> None:
    told = error_of(google, step)
    assert type(told) is error
    assert said in str(told)
    assert "\n" not in str(told)


def test_an_account_without_an_address_is_not_named(google: FakeGoogle) -> None:
    assert "tài khoản đang dùng" in str(error_of(google, NO_PERMISSION, Account()))


def test_who_can_mend_it_decides_the_family() -> None:
    before_anything_works = (GoogleNotReady, NotShared, WorkbookMissing, NotAWorkbook)
    may_pass = (GoogleUnavailable, QuotaSpent, StorageFull, RequestRefused, CellsProtected)
    assert all(issubclass(each, CannotStart) for each in before_anything_works)
    assert all(issubclass(each, WorkbookUnavailable) for each in may_pass)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("Invalid value at 'requests[0].rows' (TYPE_DOUBLE), \"Nguyễn Văn A\"", "(Invalid value at)"),
        ("Unable to parse range: 'Nguyễn Văn A'!A1", "(Unable to parse range)"),
        ("Cannot store 001085012345 here", "(Cannot store … here)"),
        ("“Nguyễn Văn A” is no date", "(HTTP 400)"),
        ("x" * 500, f"({'x' * 100})"),
        ("a\nNguyễn Văn A", "(a)"),
    ],
)
def test_no_cell_is_quoted_but_the_whole_text_is_at_hand(google: FakeGoogle, message: str, shown: str) -> None:
    told = error_of(google, refuses(400, message))
    assert isinstance(told, RequestRefused)
    assert shown in str(told)
    assert told.reason == message


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "errors", "details", "reason", "metadata", "message", "status"]), inner
        )
    ),
    max_leaves=12,
)


@given(
    status=st.integers(300, 599), body=ANY_JSON.map(lambda found: json.dumps(found).encode()) | st.binary(max_size=30)
)
def test_any_body_of_any_refusal_is_understood_somehow(status: int, body: bytes) -> None:
    answer = Response()
    answer.status_code = status
    answer.raw = BytesIO(body)
    assert str(of_answer(answer, BOT).error)
