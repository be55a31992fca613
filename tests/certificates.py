"""A certificate that no system trusts, and a mail server that shows it."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def made_certificate(folder: Path) -> tuple[Path, Path]:
    """One for 127.0.0.1, and its key. Skips the test where there is no openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("makes its certificate with openssl")
    made, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-days", "2", "-nodes", "-out", made, "-keyout", key),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", "/CN=mail.example.org", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return made, key


@contextmanager
def untrusted_server(folder: Path) -> Iterator[int]:
    """The port of a server that encrypts with such a certificate; whoever looks at it goes away."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*made_certificate(folder))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_show, args=(listening, context), daemon=True).start()
        yield listening.getsockname()[1]


def _show(listening: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            client, _ = listening.accept()
        except OSError:  # closed meanwhile
            return
        try:
            context.wrap_socket(client, server_side=True).close()
        except OSError:  # refused
            client.close()
