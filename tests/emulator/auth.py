"""Access tokens: the endpoint that gives them for a signed assertion, and who stands behind one."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from functools import cache
from random import Random
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from msgspec import Struct

from tests.emulator.faults import bad_token, scopes_too_small
from tests.emulator.refusals import Json, Refused

AUDIENCE = "https://oauth2.googleapis.com/token"
"""What google-auth names whatever its `token_uri` says (S)."""
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 3600
LEEWAY = 300
SCOPE_ROOT = "https://www.googleapis.com/auth/"
SHEETS_WRITE = ("spreadsheets", "drive", "drive.file")
SHEETS_READ = (*SHEETS_WRITE, "spreadsheets.readonly", "drive.readonly")
DRIVE_READ = ("drive", "drive.file", "drive.readonly", "drive.metadata", "drive.metadata.readonly")
TIMEFRAME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp "
    "values in the JWT claim."
)


class InvalidGrant(Exception):
    """400 from the token endpoint."""

    def __init__(self, description: str, error: str = "invalid_grant") -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


class Token(Struct, frozen=True):
    email: str
    scopes: frozenset[str]
    expires: float


@cache
def throwaway_key() -> rsa.RSAPrivateKey:
    """One RSA key for a whole test run; it opens nothing but emulators."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class TokenDesk:
    """Registered service accounts and the tokens they were given."""

    def __init__(self, seconds: Callable[[], float], chance: Random) -> None:
        self._seconds = seconds
        self._chance = chance
        self._keys: dict[str, rsa.RSAPublicKey] = {}
        self._tokens: dict[str, Token] = {}

    def register(self, email: str, key: rsa.RSAPublicKey) -> None:
        self._keys[email] = key

    def remove(self, email: str) -> None:
        """Delete the account; tokens that are out stay good until they expire."""
        self._keys.pop(email, None)

    def revoke(self) -> None:
        """Every token that is out answers 401 from now on."""
        self._tokens.clear()

    def grant(self, form: Json) -> Json:
        """The answer to a token request. Raises `InvalidGrant`."""
        if form.get("grant_type") != GRANT:
            raise InvalidGrant(f"Invalid grant_type: {form.get('grant_type', '')}", "unsupported_grant_type")
        claims = self._checked_claims(form.get("assertion", ""))
        scopes = str(claims.get("scope", "")).split()
        if not scopes:
            raise InvalidGrant("Empty or missing scope not allowed.", "invalid_scope")
        token = self.issue(claims["iss"], scopes)
        return {"access_token": token, "expires_in": LIFETIME - 1, "token_type": "Bearer"}

    def issue(self, email: str, scopes: Iterable[str]) -> str:
        """An access token for this address, without asking for a signature."""
        token = f"ya29.{self._chance.getrandbits(128):032x}"
        self._tokens[token] = Token(email, frozenset(scopes), self._seconds() + LIFETIME)
        return token

    def identify(self, header: str | None, allowed: Iterable[str]) -> str:
        """The address behind a bearer token. Raises `Refused`: 401, or 403 where its scopes are too small."""
        if not header:
            raise Refused(
                403,
                "Method doesn't allow unregistered callers (callers without established identity). Please use API Key "
                "or other form of API consumer identity to call this API.",
            )
        token = self._tokens.get(header.removeprefix("Bearer "))
        if token is None or token.expires <= self._seconds():
            raise bad_token()
        if not any(SCOPE_ROOT + name in token.scopes for name in allowed):
            raise scopes_too_small()
        return token.email

    def _checked_claims(self, assertion: str) -> dict[str, Any]:
        try:
            head, body, signature = assertion.split(".")
            header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
            signed = _decoded(signature)
        except (ValueError, binascii.Error):
            raise InvalidGrant("Bad Request") from None
        key = self._keys.get(claims.get("iss", ""))
        if key is None:
            raise InvalidGrant("Invalid grant: account not found")
        try:
            if header.get("alg") != "RS256":
                raise InvalidSignature
            key.verify(signed, f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise InvalidGrant("Invalid JWT Signature.") from None
        if claims.get("aud") != AUDIENCE:
            raise InvalidGrant("Invalid JWT: Failed audience check. The right audience is " + AUDIENCE)
        self._check_time(claims)
        return dict(claims)

    def _check_time(self, claims: Json) -> None:
        now = self._seconds()
        start, end = claims.get("iat"), claims.get("exp")
        if not isinstance(start, int) or not isinstance(end, int):
            raise InvalidGrant(TIMEFRAME)
        if end - start > LIFETIME or start > now + LEEWAY or end < now - LEEWAY:
            raise InvalidGrant(TIMEFRAME)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def key_file(email: str, token_uri: str, key: rsa.RSAPrivateKey) -> Json:
    """What a service account's JSON key holds."""
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "type": "service_account",
        "project_id": "emulated",
        "private_key_id": "emulated",
        "private_key": pem.decode(),
        "client_email": email,
        "client_id": "1",
        "token_uri": token_uri,
    }
