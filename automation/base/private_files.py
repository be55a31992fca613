"""Files that are ours alone: nobody else on the machine reads them, or decides where they are written.

Folders are 0700 and files 0600 whatever the umask. What others made or could have put there is refused: a folder of
another owner, a link, a file with a second name. Where a system knows no owners (Windows) only the rest holds.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

_FOLDER, _FILE = 0o700, 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)


class NotOurs(OSError):
    """Somebody else made the file or folder, or it is a link."""


def make_private_folder(folder: Path) -> None:
    """Make the folder, and what is missing above it, for us alone; one that is ours already is closed to others.

    Links on the way to it are followed where root or we made them, as service managers do. Raises OSError, `NotOurs`.
    """
    for each in (folder, *folder.absolute().parents):
        if each.is_symlink():
            _refuse_unless(_may_be_trusted(each.lstat().st_uid), each)
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=_FOLDER, exist_ok=True)
    found = folder.stat()
    _refuse_unless(stat.S_ISDIR(found.st_mode) and _is_ours(found), folder)
    if found.st_mode & _OTHERS and os.name == "posix":
        folder.chmod(_FOLDER)


def refuse_foreign_content(folder: Path) -> None:
    """Raises `NotOurs` that names the first thing below the folder that is a link or somebody else's."""
    for place in _below(folder):
        found = place.lstat()
        is_plain = stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1)
        _refuse_unless(is_plain and _is_ours(found), place)


def write_private(path: Path, content: bytes) -> None:
    """The whole new content or the whole old one, whatever happens. Raises OSError, `NotOurs`."""
    make_private_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise


def open_private(path: Path, *, new: bool = False) -> int:
    """A descriptor to append to the file and read it, made where it is missing. `new`: it must be missing.

    Raises OSError (FileExistsError with `new`), `NotOurs`.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | _NO_LINKS | (os.O_EXCL if new else 0)
    try:
        handle = os.open(path, flags, _FILE)
    except FileExistsError:
        raise
    except OSError as error:
        _refuse_unless(not path.is_symlink(), path)
        raise error from None
    found = os.fstat(handle)
    if not _is_ours(found) or found.st_nlink > 1:
        os.close(handle)
        raise NotOurs(str(path))
    if found.st_mode & _OTHERS and os.name == "posix":
        os.fchmod(handle, _FILE)
    return handle


def make_private_file(path: Path) -> None:
    """An empty file where there is none, for whoever opens it by name afterwards. Raises as `open_private`."""
    make_private_folder(path.parent)
    os.close(open_private(path))


def may_be_changed_by_others(path: Path) -> bool:
    """Whether somebody else than root or we owns the file, or may write it; a link counts with what it points to."""
    found, link = path.stat(), path.lstat()
    owners = all(_may_be_trusted(each.st_uid) for each in (found, link))
    return os.name == "posix" and not (owners and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        yield from (Path(place) / name for name in (*folders, *files))


def _is_ours(found: os.stat_result) -> bool:
    return not hasattr(os, "geteuid") or found.st_uid == os.geteuid()


def _may_be_trusted(owner: int) -> bool:
    return not hasattr(os, "geteuid") or owner in (0, os.geteuid())


def _refuse_unless(fits: bool, place: Path) -> None:
    if not fits:
        raise NotOurs(str(place))
