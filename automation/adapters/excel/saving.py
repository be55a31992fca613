"""A workbook file is replaced whole or not at all, and never under somebody's hands."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from automation.base.disk import reason_of
from automation.base.errors import WorkbookBusy, WorkbookMissing, WorkbookUnavailable
from automation.base.messages import text

NEW_FILE = ""
"""The revision of a file that does not exist yet."""

_BEGINNING, _END = ".tccb-", ".tmp"
"""Of the name under which new content lies until it takes the place of the old."""
_COARSEST_CLOCK = 3.0
"""Seconds between two times that every disk tells apart, with some to spare."""
_SURELY_ABANDONED = 3600.0
"""Seconds; no writing takes so long."""


def revision_of(path: Path) -> str:
    """Changes whenever somebody saves the file. Raises WorkbookMissing, WorkbookUnavailable."""
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise WorkbookMissing(text("excel.missing", path=path)) from error
    except OSError as error:
        raise WorkbookUnavailable(text("excel.unreadable", path=path, reason=reason_of(error))) from error
    return f"{status.st_mtime_ns}-{status.st_size}-{status.st_ino}"


def is_settled(path: Path) -> bool:
    """Whether the file was saved so long ago that another saving gives it another revision: some disks count whole
    seconds, and some two.
    """
    try:
        return time.time() - path.stat().st_mtime > _COARSEST_CLOCK
    except OSError:
        return False


def refuse_if_open(path: Path) -> None:
    """Raises WorkbookBusy where Excel or LibreOffice left the sign that somebody works in the file."""
    for lock, reader in _locks_of(path):
        if lock.exists():
            who = reader(lock)
            key = "excel.open_by" if who else "excel.open"
            raise WorkbookBusy(text(key, path=path, who=who, lock=lock.name))


def replace_file(path: Path, write: Callable[[IO[bytes]], None], basis: str) -> str | None:
    """Write the new content beside `path`, put it in its place and return the new revision; None, and nothing
    done, where the file is no longer of the revision `basis`.

    Raises WorkbookBusy where somebody has it open or it may not be written, WorkbookUnavailable where the
    disk refuses, and whatever `write` raises; then the file is as it was.
    """
    real = path.resolve()
    refuse_if_open(path)
    refuse_if_open(real)
    try:
        return _replaced(real, write, basis)
    except PermissionError as error:
        raise WorkbookBusy(text("excel.write_refused", path=path)) from error
    except OSError as error:
        raise WorkbookUnavailable(text("excel.disk", path=path, reason=reason_of(error))) from error


def _replaced(path: Path, write: Callable[[IO[bytes]], None], basis: str) -> str | None:
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(path)  # replacing it would get round its being read-only
    _remove_abandoned(path.parent)
    handle, name = tempfile.mkstemp(prefix=_BEGINNING, suffix=_END, dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        _give_same_rights(path, beside)
        if _present_revision(path) != basis:
            return None
        revision = revision_of(beside)  # taken before anybody can save over it
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return revision


def _remove_abandoned(folder: Path) -> None:
    """What processes left that were killed while they wrote."""
    for left in folder.glob(f"{_BEGINNING}*{_END}"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _SURELY_ABANDONED:
                left.unlink()


def _present_revision(path: Path) -> str:
    return revision_of(path) if path.exists() else NEW_FILE


def _give_same_rights(path: Path, beside: Path) -> None:
    if not path.exists():
        beside.chmod(0o666 & ~_umask())
        return
    shutil.copymode(path, beside)
    status = path.stat()
    if hasattr(os, "chown"):
        with suppress(PermissionError):
            os.chown(beside, status.st_uid, status.st_gid)


def _umask() -> int:
    present = os.umask(0)
    os.umask(present)
    return present


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows cannot open folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _locks_of(path: Path) -> list[tuple[Path, Callable[[Path], str]]]:
    """Lock files that may lie beside the file, each with the function that reads who has it open."""
    name = path.name
    return [
        (path.with_name("~$" + name), _excel_user),
        (path.with_name("~$" + name[2:]), _excel_user),
        (path.with_name(f".~lock.{name}#"), _libreoffice_user),
    ]


def _excel_user(lock: Path) -> str:
    """Bytes 0-54 hold the user's name in a code page of long ago; behind them it stands once more in UTF-16,
    its length in front.
    """
    with suppress(OSError, UnicodeDecodeError):
        content = lock.read_bytes()[:256]
        length = int.from_bytes(content[55:57], "little")
        return _printable(content[57 : 57 + 2 * length].decode("utf-16-le"))
    return ""


def _libreoffice_user(lock: Path) -> str:
    """Fields separated by commas: full name, login, machine, time, profile."""
    with suppress(OSError, UnicodeDecodeError):
        full_name, login, *_ = [*lock.read_text(encoding="utf-8").split(","), "", ""]
        return _printable(full_name) or _printable(login)
    return ""


def _printable(name: str) -> str:
    stripped = name.strip(" \0")
    return stripped if stripped.isprintable() and len(stripped) <= 60 else ""
