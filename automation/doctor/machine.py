"""The machine: the program and its libraries, room on the disk, the state folder."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from automation.adapters.store.copies import COPIES_FOLDER, copies_in_clear
from automation.app.environment import ENV_FILE, settings_from_file
from automation.base.errors import TccbError
from automation.base.messages import text
from automation.base.private_files import NotOurs, refuse_foreign_content
from automation.doctor.findings import Finding, note, ok, refused, trouble
from automation.doctor.surroundings import Surroundings

PROGRAM = "tccb-automation"
LIBRARIES = ("gspread", "google-auth", "openpyxl", "pandas", "jinja2", "pydantic", "schedule")
"""Those whose versions whoever helps will ask for first."""
LEAST_FREE_BYTES = 200 * 2**20
_MEGABYTE, _GIGABYTE = 2**20, 2**30


def examine_machine(folder: Path, surroundings: Surroundings) -> Iterator[Finding]:
    """`folder`: where the state lies, or would."""
    yield ok(
        "machine.program",
        version=version_of(PROGRAM) or text("doctor.machine.program.not_installed"),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()}",
    )
    yield _libraries()
    yield _settings()
    yield _disk(folder, surroundings)


def version_of(library: str) -> str:
    """The installed version; "" where it is not installed as a package."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def size_text(size: int) -> str:
    """A number of bytes for eyes."""
    unit, name = (_GIGABYTE, "GB") if size >= _GIGABYTE else (_MEGABYTE, "MB")
    return f"{size / unit:.1f} {name}".replace(".", ",")


def _libraries() -> Finding:
    versions = {library: version_of(library) for library in LIBRARIES}
    missing = [library for library, version in versions.items() if not version]
    if missing:
        return trouble("machine.libraries", "missing", names=", ".join(missing))
    return ok("machine.libraries", names=", ".join(f"{library} {version}" for library, version in versions.items()))


def _settings() -> Finding:
    """Which settings come out of a file that lies in the current folder: whoever can put one there decides."""
    names = settings_from_file()
    if names:
        return note("machine.settings", "from_file", path=ENV_FILE.absolute(), names=", ".join(names))
    return ok("machine.settings")


def _disk(folder: Path, surroundings: Surroundings) -> Finding:
    try:
        free = surroundings.free_bytes(folder)
    except OSError:
        return refused("machine.disk", TccbError(text("doctor.machine.disk.unknown", folder=folder)))
    if free < LEAST_FREE_BYTES:
        return trouble("machine.disk", "full", free=size_text(free), least=size_text(LEAST_FREE_BYTES), folder=folder)
    return ok("machine.disk", free=size_text(free), folder=folder)


def examine_state_folder(folder: Path, *, has_key: bool) -> Iterator[Finding]:
    """Whether what has to be remembered can be, and how much it is. `has_key`: copies are encrypted from now on."""
    try:
        there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        if there == folder:
            refuse_foreign_content(folder)
    except NotOurs as error:
        foreign = text("cli.start.state_folder_foreign", path=folder, place=error)
        yield refused("machine.state", TccbError(foreign))
        return
    except OSError:  # on the way to it is a folder that we may not enter, a name that no disk takes
        yield refused("machine.state", TccbError(text("cli.start.state_folder", path=folder)))
        return
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        yield refused("machine.state", TccbError(text("cli.start.state_folder", path=folder)))
    elif there != folder:
        yield ok("machine.state", "new", folder=folder)
    else:
        yield ok("machine.state", folder=folder, size=size_text(_size(folder)))
        yield from _copies(folder / COPIES_FOLDER, has_key=has_key)


def _copies(folder: Path, *, has_key: bool) -> Iterator[Finding]:
    """Whether what was typed lies readable beside the workbook."""
    units, config = copies_in_clear(folder)
    if units or config:
        situation = "older" if has_key else "clear"
        yield note("machine.copies", situation, units=units, config=config, folder=folder)
    elif folder.exists():
        yield ok("machine.copies", folder=folder)


def _size(folder: Path) -> int:
    files = (Path(place) / name for place, _, names in os.walk(folder) for name in names)
    return sum(file.stat().st_size for file in files if file.exists())
