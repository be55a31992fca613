"""Who we are to Google: a service account's key, or the application default credentials of the machine."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import google.auth
from cryptography.exceptions import UnsupportedAlgorithm
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.auth.transport import Request
from google.oauth2 import service_account
from msgspec import Struct

from automation.base.errors import CredentialsUnusable
from automation.base.host_port import read_host_port
from automation.base.messages import text
from automation.base.paths import path_typed

SPREADSHEETS = "https://www.googleapis.com/auth/spreadsheets"
"""What tokens are asked for."""
DRIVE_METADATA = "https://www.googleapis.com/auth/drive.metadata.readonly"
"""And by a service account's own key, to ask whether a file has changed. Who has logged in otherwise was granted what
they were granted: to ask for more there would bring no token at all.
"""

_MOST_KEY_BYTES = 1_000_000
_NO_ADDRESS_YET = "default"
"""What the credentials of a virtual machine are called until the first token has come."""


class Account(Struct, frozen=True):
    """What requests are signed with; nothing where an emulator asks for nothing."""

    credentials: Credentials | None = None

    @property
    def address(self) -> str:
        """The service account's e-mail address, to share spreadsheets with; "" where there is none."""
        address = getattr(self.credentials, "service_account_email", None)
        return address if isinstance(address, str) and address != _NO_ADDRESS_YET else ""

    def renew(self) -> bool:
        """Forget the token, so that the next request brings a new one; False where there is none to renew."""
        if self.credentials is None:
            return False
        self.credentials.token = None
        return True


def account_of_key(path: Path, *, plain_tokens: bool = False) -> Account:
    """The account whose key (or other credentials file of Google's) lies at `path`, where "~" means home.

    `plain_tokens` allows a key whose token address is plain HTTP, as an emulator's is. Raises
    `CredentialsUnusable`.
    """
    info = _read_key(path)
    try:
        credentials = _load(info)
        if isinstance(credentials, service_account.Credentials):
            _try_out(credentials, info, plain_tokens)
    except (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm, GoogleAuthError):
        raise CredentialsUnusable(text("google.credentials.broken", path=path)) from None
    return Account(credentials)


def default_account(request: Request) -> Account:
    """The account that the machine itself has: of gcloud, or of the virtual machine that it is.

    Raises `CredentialsUnusable` where there is none, or none that can be used.
    """
    try:
        with _silent():
            credentials, _ = google.auth.default(scopes=[SPREADSHEETS], request=request)
    except (DefaultCredentialsError, ValueError, OSError):
        raise CredentialsUnusable(text("google.credentials.none")) from None
    return Account(credentials)


def _read_key(path: Path) -> dict[str, Any]:
    try:
        content = _content(path)
    except FileNotFoundError:
        raise CredentialsUnusable(text("google.credentials.missing", path=path)) from None
    except (OSError, ValueError):
        raise CredentialsUnusable(text("google.credentials.unreadable", path=path)) from None
    try:
        info = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        info = None
    if not isinstance(info, dict) or not isinstance(info.get("type"), str):
        raise CredentialsUnusable(text("google.credentials.not_a_key", path=path))
    return info


def _content(path: Path) -> bytes:
    with path_typed(str(path)).open("rb") as file:
        return file.read(_MOST_KEY_BYTES)


def _load(info: dict[str, Any]) -> Credentials:
    credentials: Credentials
    if info["type"] == "service_account":
        credentials = service_account.Credentials.from_service_account_info(info, scopes=[SPREADSHEETS, DRIVE_METADATA])
    else:
        with _silent():
            credentials, _ = google.auth.load_credentials_from_dict(info, scopes=[SPREADSHEETS])
    return credentials


def _try_out(credentials: service_account.Credentials, info: dict[str, Any], plain_tokens: bool) -> None:
    """What google-auth would find out at the first token only. Raises ValueError, TypeError."""
    address = urlsplit(info["token_uri"])
    if address.scheme not in ({"http", "https"} if plain_tokens else {"https"}) or not read_host_port(address.netloc):
        raise ValueError("token_uri")
    if "@" not in info["client_email"]:
        raise ValueError("client_email")
    credentials.sign_bytes(b"")  # a key of another kind than RSA cannot


@contextmanager
def _silent() -> Iterator[None]:
    """google-auth warns on standard error about files that somebody else might have put there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
