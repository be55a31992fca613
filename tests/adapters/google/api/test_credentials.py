"""Who we are to Google: keys as people have them, tokens as servers hand them out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.client import ATTEMPTS
from automation.adapters.google.api.credentials import DRIVE_METADATA, SPREADSHEETS
from automation.adapters.google.api.session import Limits
from automation.adapters.google.api.sheets import GoogleApi, connect
from automation.base.errors import CredentialsRejected, CredentialsUnusable, GoogleUnavailable, WorkbookUnavailable
from automation.core.model.ports import RequestCount
from tests.adapters.google.api.keys import (
    AUDIENCE,
    BOT,
    TokenServer,
    elliptic_pem,
    pem,
    private_key,
    self_signed,
    write_key,
)
from tests.adapters.google.api.server import (
    Asked,
    FakeGoogle,
    FakeTime,
    Handler,
    Step,
    closed_port,
    hangs,
    refuses,
    resets,
    says,
)

GOOGLES_OWN = "https://oauth2.googleapis.com/token"


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with FakeGoogle(token=TokenServer()) as server:
        yield server


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


def signed_in(google: FakeGoogle, time: FakeTime, folder: Path, limits: Limits | None = None) -> GoogleApi:
    key = write_key(folder, f"http://{google.host}/token")
    return connect(key, google.host, throttle=Throttle(time.clock, time.sleep), chance=lambda: 1.0, limits=limits)


# --- keys -------------------------------------------------------------------------------------------------


def test_a_key_says_whom_to_share_with(tmp_path: Path) -> None:
    assert connect(write_key(tmp_path, GOOGLES_OWN), None).account == BOT


def test_a_key_may_lie_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_key(tmp_path, GOOGLES_OWN)
    assert connect(Path("~/key.json")).account == BOT
    with pytest.raises(CredentialsUnusable, match="~/none"):
        connect(Path("~/none.json"))


def test_a_key_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = write_key(tmp_path, GOOGLES_OWN)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert connect(path, None).account == BOT


NOT_A_KEY = "không phải tệp khóa"
BROKEN = "không dùng được"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", NOT_A_KEY),
        (b"\xff\xfe\x00", NOT_A_KEY),
        (b"{", NOT_A_KEY),
        (b"[]", NOT_A_KEY),
        (b"{}", NOT_A_KEY),
        (b'{"type": 5}', NOT_A_KEY),
        (b'{"installed": {"client_id": "1", "client_secret": "s3cret"}}', NOT_A_KEY),
        (b"[" * 100_000, NOT_A_KEY),
        (b'{"type": "service_account"}', BROKEN),
        (b'{"type": "authorized_user"}', BROKEN),
        (b'{"type": "external_account"}', BROKEN),
        (b'{"type": "impersonated_service_account"}', BROKEN),
        (b'{"type": "somebody"}', BROKEN),
    ],
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "key.json"
    path.write_bytes(content)
    with pytest.raises(CredentialsUnusable, match=said) as told:
        connect(path, None)
    assert str(path) in str(told.value)
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"private_key": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"},
        {"private_key": "s3cret"},
        {"private_key": ""},
        {"private_key": None},
        {"private_key": 5},
        {"private_key": pem(private_key(), b"s3cret")},
        {"private_key": pem(private_key())[:900]},
        {"private_key": elliptic_pem()},
        {"client_email": None},
        {"client_email": "bot"},
        {"token_uri": None},
        {"token_uri": ""},
        {"token_uri": "oauth2"},
        {"token_uri": "https://[x/token"},
        {"token_uri": "https://example.org:0/token"},
        {"token_uri": "https://example.org:+1/token"},
        {"token_uri": "https://u:p@example.org/token"},
        {"token_uri": "http://example.org/token"},
        {"token_uri": "ftp://example.org/token"},
    ],
    ids=lambda changed: f"{next(iter(changed))}: {str(next(iter(changed.values())))[:20]}",
)
def test_a_damaged_key_is_refused_before_anything_is_sent(tmp_path: Path, changed: dict[str, object]) -> None:
    path = write_key(tmp_path, **{"token_uri": GOOGLES_OWN, **changed})
    with pytest.raises(CredentialsUnusable, match=BROKEN) as told:
        connect(path, None)
    assert "s3cret" not in str(told.value)
    assert told.value.__suppress_context__


@pytest.mark.parametrize(
    ("name", "said"), [("none.json", "Không có tệp khóa"), (".", "Không đọc được"), ("a\0b", "Không đọc được")]
)
def test_a_key_that_is_not_to_be_had(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(CredentialsUnusable, match=said):
        connect(tmp_path / name, None)


# --- tokens -----------------------------------------------------------------------------------------------


def test_a_token_is_signed_for_once_and_used_for_every_request(
    google: FakeGoogle, time: FakeTime, tmp_path: Path
) -> None:
    tokens = google.token = TokenServer()
    api = signed_in(google, time, tmp_path)
    for _ in range(3):
        api.spreadsheet("abc").fetch_sheet_metadata()
    (claims,) = tokens.claims
    assert (claims["iss"], claims["scope"], claims["aud"]) == (BOT, f"{SPREADSHEETS} {DRIVE_METADATA}", AUDIENCE)
    assert [each.headers["authorization"] for each in google.asked] == ["Bearer token-1"] * 3
    assert api.requests == RequestCount(read=3)
    assert [each.kind for each in api.journal] == ["token", "spreadsheet", "spreadsheet", "spreadsheet"]


def test_a_token_about_to_expire_is_renewed(google: FakeGoogle, time: FakeTime, tmp_path: Path) -> None:
    google.token = TokenServer(seconds=60)
    api = signed_in(google, time, tmp_path)
    api.spreadsheet("abc").fetch_sheet_metadata()
    api.spreadsheet("abc").fetch_sheet_metadata()
    assert [each.headers["authorization"] for each in google.asked] == ["Bearer token-1", "Bearer token-2"]


EXPIRED = refuses(401, "Request had invalid authentication credentials.", state="UNAUTHENTICATED")


def test_a_token_refused_midway_is_renewed_and_the_request_sent_anew(
    google: FakeGoogle, time: FakeTime, tmp_path: Path
) -> None:
    google.steps = [says(200, {}), EXPIRED, says(200, {"ok": 1})]
    api = signed_in(google, time, tmp_path)
    api.spreadsheet("abc").fetch_sheet_metadata()
    assert api.post("abc:batchUpdate", {"a": 1}, repeatable=False) == {"ok": 1}
    assert google.asked[-1].headers["authorization"] == "Bearer token-2"
    assert google.asked[-1].body == b'{"a":1}'
    assert api.requests == RequestCount(read=1, write=2)


def test_a_token_refused_twice_is_the_end(google: FakeGoogle, time: FakeTime, tmp_path: Path) -> None:
    google.steps = [EXPIRED] * 10
    with pytest.raises(CredentialsRejected, match="mã truy cập"):
        signed_in(google, time, tmp_path).spreadsheet("abc").fetch_sheet_metadata()
    assert len(google.asked) == 2


def denies(error: str, description: str) -> Step:
    return says(400, {"error": error, "error_description": description})


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (
            denies(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your "
                "iat and exp values in the JWT claim.",
            ),
            "lệch giờ",
        ),
        (denies("invalid_grant", "Invalid JWT Signature."), f"khóa của tài khoản {BOT}"),
        (denies("invalid_grant", "Invalid grant: account not found"), f"{BOT} đã bị xóa"),
        (denies("invalid_grant", "Token has been expired or revoked."), "hết hạn"),
        (denies("invalid_scope", "Invalid OAuth scope or ID token audience provided."), "auth/spreadsheets"),
        (denies("unauthorized_client", "Client is unauthorized."), "(unauthorized_client)"),
        (denies("invalid_client", "Nguyễn Văn A"), "(invalid_client)"),
        (says(400, {"error": {"code": 400}}), "không chấp nhận"),
    ],
)
def test_a_login_that_is_refused_tells_what_to_mend(
    google: FakeGoogle, time: FakeTime, tmp_path: Path, token: Step, said: str
) -> None:
    google.token = token
    with pytest.raises(CredentialsRejected, match=said.replace("(", r"\(").replace(")", r"\)")) as told:
        signed_in(google, time, tmp_path).post("abc:batchUpdate", {}, repeatable=False)
    assert "Nguyễn" not in str(told.value)
    assert len(google.tokens_asked) == 1
    assert google.asked == []


def in_turn(*steps: Step) -> Step:
    """The steps one after the other, then tokens."""
    left = [*steps]

    def step(asked: Asked, handler: Handler) -> None:
        (left.pop(0) if left else TokenServer())(asked, handler)

    return step


@pytest.mark.parametrize(
    "trouble",
    [
        says(500, {"error": "internal_failure"}),
        says(502, "<html>Bad Gateway</html>"),
        says(503, ""),
        says(429, ""),
        says(403, "<html>Accès refusé</html>".encode("latin-1")),
        says(200, {"no": "token"}),
        says(200, "<html>Sign in</html>"),
        resets,
    ],
    ids=["500", "502", "503", "429", "403 of a gateway", "no token", "a page", "reset"],
)
def test_a_login_server_in_trouble_is_asked_again_even_for_a_write(
    google: FakeGoogle, time: FakeTime, tmp_path: Path, trouble: Step
) -> None:
    google.token = in_turn(trouble, trouble)
    api = signed_in(google, time, tmp_path)
    assert api.post("abc:batchUpdate", {}, repeatable=False) == {}
    assert time.sleeps == [2.0, 4.0]
    assert len(google.tokens_asked) == 3
    assert api.requests == RequestCount(write=1)


def test_a_login_server_that_stays_in_trouble_is_left_in_peace(
    google: FakeGoogle, time: FakeTime, tmp_path: Path
) -> None:
    google.token = says(503, "")
    with pytest.raises(GoogleUnavailable, match="đăng nhập") as told:
        signed_in(google, time, tmp_path).post("abc:batchUpdate", {}, repeatable=True)
    assert told.value.may_have_happened is False
    assert len(google.tokens_asked) == ATTEMPTS
    assert time.sleeps == [2.0, 4.0, 8.0, 16.0, 32.0]


def test_nobody_waits_for_a_token_for_ever(google: FakeGoogle, time: FakeTime, tmp_path: Path) -> None:
    google.token = hangs
    with pytest.raises(GoogleUnavailable):
        signed_in(google, time, tmp_path, Limits(token_seconds=0.1)).spreadsheet("abc").fetch_sheet_metadata()
    assert len(time.sleeps) == ATTEMPTS - 1
    google.token = TokenServer()
    assert signed_in(google, time, tmp_path).spreadsheet("abc").fetch_sheet_metadata() == {}


def test_a_login_server_out_of_reach(google: FakeGoogle, time: FakeTime, tmp_path: Path) -> None:
    with closed_port() as nobody:
        key = write_key(tmp_path, f"http://{nobody}/token")
        api = connect(key, google.host, throttle=Throttle(time.clock, time.sleep))
        with pytest.raises(GoogleUnavailable, match="Không kết nối được tới Google"):
            api.spreadsheet("abc").fetch_sheet_metadata()


@pytest.fixture
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever is for another machine goes to a proxy that is not there."""
    with closed_port() as nobody:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{nobody}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        yield


@pytest.mark.usefixtures("no_way_out")
def test_a_certificate_that_nobody_vouches_for_is_no_google(
    time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, tls = self_signed(tmp_path)
    with FakeGoogle(token=TokenServer(), tls=tls) as server:
        api = connect(write_key(tmp_path, f"https://{server.host}/token"), throttle=Throttle(time.clock, time.sleep))
        with pytest.raises(GoogleUnavailable, match="chứng thư"):
            api.spreadsheet("abc").fetch_sheet_metadata()
        assert time.sleeps == []
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with pytest.raises(GoogleUnavailable, match="Không kết nối được tới Google") as told:
            api.post("abc:batchUpdate", {}, repeatable=False)
        assert told.value.may_have_happened is False
        assert len(server.tokens_asked) == 1
        assert len(api.journal) == 2 + 1 + ATTEMPTS
        assert api.requests == RequestCount()


@pytest.mark.usefixtures("no_way_out")
def test_certificates_that_are_not_where_they_should_be(
    google: FakeGoogle, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    key = write_key(tmp_path, "https://127.0.0.1:1/token")
    with pytest.raises(GoogleUnavailable, match="REQUESTS_CA_BUNDLE"):
        connect(key, throttle=Throttle(time.clock, time.sleep)).spreadsheet("abc").fetch_sheet_metadata()
    assert signed_in(google, time, tmp_path).spreadsheet("abc").fetch_sheet_metadata() == {}
    assert time.sleeps == []


def test_neither_tokens_nor_keys_are_told(google: FakeGoogle, time: FakeTime, tmp_path: Path) -> None:
    google.steps = [says(200, {}), refuses(400, "Bearer token-1 token-1")]
    api = signed_in(google, time, tmp_path)
    api.spreadsheet("abc").fetch_sheet_metadata()
    with pytest.raises(WorkbookUnavailable) as told:
        api.spreadsheet("abc").fetch_sheet_metadata()
    for secret in ("PRIVATE KEY", "assertion", "eyJ"):
        assert secret not in repr(api.journal) + str(told.value)
    assert "token-1" not in repr(api.journal)


def test_with_an_emulator_nothing_leaves_this_machine(
    google: FakeGoogle, time: FakeTime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeGoogle() as proxy:
        for variable in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(variable, f"http://{proxy.host}")
        api = signed_in(google, time, tmp_path)
        for _ in range(3):
            api.spreadsheet("abc").fetch_sheet_metadata()
        assert proxy.connections == 0


# --- the machine's own credentials ------------------------------------------------------------------------


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, google: FakeGoogle) -> FakeGoogle:
    """No key, no gcloud; whether this is a virtual machine of Google's is asked of `google`."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    for variable in ("GCE_METADATA_IP", "GCE_METADATA_HOST", "GCE_METADATA_ROOT"):
        monkeypatch.setenv(variable, google.host)
    return google


def test_a_machine_without_credentials_is_told_how_to_get_some(
    bare_machine: FakeGoogle, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CredentialsUnusable, match="GOOGLE_APPLICATION_CREDENTIALS"):
        connect()
    assert bare_machine.asked[0].headers["metadata-flavor"] == "Google"
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("bare_machine")
def test_broken_credentials_of_gcloud_count_as_none(tmp_path: Path) -> None:
    (tmp_path / "application_default_credentials.json").write_text("{", "utf-8")
    with pytest.raises(CredentialsUnusable):
        connect()


@pytest.mark.usefixtures("bare_machine")
def test_a_login_with_gcloud_has_no_address_to_share_with(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    login = {"type": "authorized_user", "client_id": "1", "client_secret": "s", "refresh_token": "r"}
    (tmp_path / "application_default_credentials.json").write_text(json.dumps(login), "utf-8")
    assert connect().account == ""
    assert not recwarn.list
