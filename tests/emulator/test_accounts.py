"""Facts about tokens and Drive (sections 5 and 6), with google-auth itself as the client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import google.auth.exceptions
import pytest
import requests
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.service_account import Credentials

from tests.emulator.auth import GRANT, LIFETIME, SCOPE_ROOT, throwaway_key
from tests.emulator.calls import Caller
from tests.emulator.emulator import NOBODY, Emulator
from tests.emulator.refusals import Json
from tests.emulator.spreadsheet import Spreadsheet

SHEETS = SCOPE_ROOT + "spreadsheets"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


def session(key: Json, *scopes: str) -> AuthorizedSession:
    credentials = Credentials.from_service_account_info(key, scopes=scopes or [SHEETS])
    inner = requests.Session()
    inner.trust_env = False
    made = AuthorizedSession(credentials, auth_request=Request(inner))
    made.trust_env = False
    return made


def address(emulator: Emulator, sheet: Spreadsheet) -> str:
    return f"http://{emulator.host}/v4/spreadsheets/{sheet.id}"


def test_a_signed_assertion_opens_what_is_shared(guarded: Emulator) -> None:
    sheet = guarded.new_spreadsheet({"T": [["a"]]})
    client = session(guarded.service_account())
    found = client.get(address(guarded, sheet) + "/values/T!A1").json()
    assert found["values"] == [["a"]]
    assert [record.bucket for record in guarded.journal[-2:]] == ["token", "read"]
    assert guarded.journal[-1].caller == NOBODY


def test_a_stranger_is_shut_out(guarded: Emulator) -> None:
    """C 5"""
    client = session(guarded.service_account("other@example.org"))
    response = client.get(address(guarded, guarded.new_spreadsheet()))
    assert response.json() == {
        "error": {"code": 403, "message": "The caller does not have permission", "status": "PERMISSION_DENIED"}
    }


@pytest.mark.parametrize(
    ("header", "status"), [({}, 403), ({"Authorization": "Bearer wrong"}, 401), ({"Authorization": "wrong"}, 401)]
)
def test_without_a_token_there_is_no_answer(guarded: Emulator, header: dict[str, str], status: int) -> None:
    sheet = guarded.new_spreadsheet()
    with requests.Session() as plain:
        plain.trust_env = False
        assert plain.get(address(guarded, sheet), headers=header).status_code == status


def test_a_revoked_token_is_renewed_by_google_auth(guarded: Emulator) -> None:
    """S 5: a 401 in mid-run costs one more token"""
    sheet = guarded.new_spreadsheet()
    client = session(guarded.service_account())
    client.get(address(guarded, sheet))
    guarded.tokens.revoke()
    before = guarded.count("token")
    assert client.get(address(guarded, sheet)).status_code == 200
    assert guarded.count("token") == before + 1


def test_tokens_expire_by_the_clock() -> None:
    now = [1_700_000_000.0]
    with Emulator(clock=lambda: now[0], auth=True) as emulator:
        emulator.service_account()
        token = emulator.tokens.issue(NOBODY, [SHEETS])
        caller = Caller(emulator, emulator.new_spreadsheet(), token)
        assert caller.send("GET", "").status_code == 200
        now[0] += LIFETIME
        assert caller.send("GET", "").status_code == 401


SCOPES: list[tuple[str, str, int]] = [
    # D 2.4, 5: scope, what is asked, status
    ("spreadsheets", "read", 200),
    ("spreadsheets.readonly", "read", 200),
    ("spreadsheets.readonly", "filter", 403),
    ("drive.readonly", "read", 200),
    ("drive.metadata.readonly", "read", 403),
    ("drive", "filter", 200),
    ("spreadsheets", "drive", 403),
    ("drive.metadata.readonly", "drive", 200),
]


@pytest.mark.parametrize(("scope", "what", "status"), SCOPES)
def test_scopes_open_what_they_cover(guarded: Emulator, scope: str, what: str, status: int) -> None:
    sheet = guarded.new_spreadsheet()
    token = guarded.tokens.issue(NOBODY, [SCOPE_ROOT + scope])
    caller = Caller(guarded, sheet, token)
    filters = {"dataFilters": [{"a1Range": "A1"}]}
    response = {
        "read": lambda: caller.send("GET", "/values/A1"),
        "filter": lambda: caller.send("POST", "/values:batchGetByDataFilter", json=filters),
        "drive": lambda: caller.session.get(f"http://{guarded.host}/drive/v3/files/{sheet.id}"),
    }[what]()
    assert response.status_code == status
    if status == 403:
        assert response.json()["error"]["message"] == "Request had insufficient authentication scopes."


def test_a_wrong_clock_gets_no_token() -> None:
    """R 5"""
    with Emulator(clock=lambda: 1_000_000_000.0, auth=True) as emulator:
        client = session(emulator.service_account())
        with pytest.raises(google.auth.exceptions.RefreshError, match="Token must be a short-lived token"):
            client.get(address(emulator, emulator.new_spreadsheet()))


def test_a_deleted_account_gets_no_token(guarded: Emulator) -> None:
    """R 5"""
    key = guarded.service_account("gone@example.org")
    guarded.tokens.remove("gone@example.org")
    with pytest.raises(google.auth.exceptions.RefreshError, match="account not found"):
        session(key).get(address(guarded, guarded.new_spreadsheet()))


def test_a_removed_key_gets_no_token(guarded: Emulator) -> None:
    """R 5"""
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = guarded.service_account("rotated@example.org")
    guarded.tokens.register("rotated@example.org", rsa.generate_private_key(65537, 1024).public_key())
    with pytest.raises(google.auth.exceptions.RefreshError, match="Invalid JWT Signature"):
        session(key).get(address(guarded, guarded.new_spreadsheet()))
    assert throwaway_key() is throwaway_key()


@pytest.mark.parametrize("form", [{}, {"grant_type": "password"}, {"grant_type": GRANT, "assertion": "x.y"}])
def test_a_bad_token_request_is_refused(guarded: Emulator, form: dict[str, str]) -> None:
    with requests.Session() as plain:
        plain.trust_env = False
        response = plain.post(f"http://{guarded.host}/token", data=form)
    assert response.status_code == 400
    assert response.json()["error"] in ("invalid_grant", "unsupported_grant_type")


# Drive


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def drive() -> Iterator[tuple[Caller, Clock]]:
    clock = Clock()
    with Emulator(clock=clock) as emulator:
        yield Caller(emulator, emulator.new_spreadsheet({"T": []}, title="Sổ")), clock


def test_a_change_shows_late(drive: tuple[Caller, Clock]) -> None:
    """M 6: not yet after 14 seconds"""
    caller, clock = drive
    fields = "version,modifiedTime,lastModifyingUser(emailAddress)"

    def shown() -> Any:
        found = caller.drive(f"files/{caller.sheet.id}", fields=fields)
        return found["version"], found["lastModifyingUser"]["emailAddress"]

    before = shown()
    clock.now += 1
    caller.put("/values/T!A1", {"values": [["a"]]}, valueInputOption="RAW")
    clock.now += 14
    assert shown() == before == ("1", "admin@example.org")
    clock.now += 1
    assert shown() == ("2", NOBODY)


def test_a_file_shows_little_without_fields(drive: tuple[Caller, Clock]) -> None:
    """D 6, C"""
    caller, _ = drive
    assert caller.drive(f"files/{caller.sheet.id}", supportsAllDrives="true") == {
        "kind": "drive#file",
        "id": caller.sheet.id,
        "name": "Sổ",
        "mimeType": "application/vnd.google-apps.spreadsheet",
    }
    assert caller.drive("files/x")["error"]["errors"][0]["reason"] == "notFound"
    assert caller.drive("files/x")["error"]["message"] == "File not found: x."
    assert caller.drive(f"files/{caller.sheet.id}", fields="what")["error"]["code"] == 400


def test_changes_are_listed_once_a_file(drive: tuple[Caller, Clock]) -> None:
    """D 6"""
    caller, clock = drive
    other = caller.emulator.new_spreadsheet({"T": []})
    start = caller.drive("changes/startPageToken")["startPageToken"]
    assert caller.drive("changes", pageToken=start) == {
        "kind": "drive#changeList",
        "newStartPageToken": start,
        "changes": [],
    }
    for sheet in (caller.sheet, other, caller.sheet):
        sheet.human.type("T", 1, 1, "x")
    clock.now += 20
    found = caller.drive("changes", pageToken=start, pageSize=1000)
    assert {change["fileId"] for change in found["changes"]} == {caller.sheet.id, other.id}
    assert caller.drive("changes", pageToken=found["newStartPageToken"])["changes"] == []
    page = caller.drive("changes", pageToken=start, pageSize=2)
    assert len(caller.drive("changes", pageToken=page["nextPageToken"])["changes"]) == 1
    caller.emulator.unshare(other, NOBODY)
    gone = [change for change in caller.drive("changes", pageToken=start)["changes"] if change["removed"]]
    assert [change["fileId"] for change in gone] == [other.id]
    assert "required" in caller.drive("changes")["error"]["message"].lower()
