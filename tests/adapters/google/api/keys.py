"""Throwaway service accounts: a key made for the test, and a server that checks what is signed with it."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID
from google.auth import jwt

from tests.adapters.google.api.server import Asked, Handler, says

BOT = "bot@example.org"
AUDIENCE = "https://oauth2.googleapis.com/token"


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> str:
    encryption: KeySerializationEncryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def elliptic_pem() -> str:
    return pem(ec.generate_private_key(ec.SECP256R1()))


def key_info(token_uri: object, **changed: object) -> dict[str, Any]:
    return {
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "0123",
        "private_key": pem(private_key()),
        "client_email": BOT,
        "client_id": "1",
        "token_uri": token_uri,
        **changed,
    }


def write_key(folder: Path, token_uri: object, **changed: object) -> Path:
    path = folder / "key.json"
    path.write_text(json.dumps(key_info(token_uri, **changed)), "utf-8")
    return path


def self_signed(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine that nobody vouches for, and the server's side of it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, private_key().public_key(), x509.random_serial_number())
    lasting = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    certificate = lasting.add_extension(loopback, critical=False).sign(private_key(), SHA256())
    path = folder / "certificate.pem"
    path.write_text(certificate.public_bytes(Encoding.PEM).decode() + pem(private_key()), "ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


class TokenServer:
    """Hands out numbered tokens to whoever signs as the throwaway account does."""

    def __init__(self, seconds: int = 3600) -> None:
        self.claims: list[dict[str, Any]] = []
        self._seconds = seconds

    def __call__(self, asked: Asked, handler: Handler) -> None:
        public = private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.claims.append(dict(jwt.decode(asked.form["assertion"], certs=public, audience=AUDIENCE)))
        answer = {"access_token": f"token-{len(self.claims)}", "expires_in": self._seconds, "token_type": "Bearer"}
        says(200, answer)(asked, handler)
