"""By which a bot is known again: a name of its own in its state folder, and its machine."""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress
from pathlib import Path

from automation.base.private_files import write_private
from automation.core.model.lease import Holder

_OWNER_FILE = "owner"


def holder_in(folder: Path, *, keeps: bool = True) -> Holder:
    """Who works with that state folder on this machine; without one, or where it `keeps` nothing, somebody new."""
    owner = secrets.token_hex(8)
    with suppress(OSError, UnicodeDecodeError):
        known = (folder / _OWNER_FILE).read_text("utf-8")
        return Holder(known, socket.gethostname())
    if keeps:
        with suppress(OSError):  # somebody new next time, who has to wait until this note has ended
            write_private(folder / _OWNER_FILE, owner.encode())
    return Holder(owner, socket.gethostname())
