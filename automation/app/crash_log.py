"""Notes of mistakes in the program, for whoever mends it: where it happened, never what the workbook said."""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from automation.base.disk import NO_ROOM, reason_of
from automation.base.errors import TccbError
from automation.base.messages import text
from automation.base.private_files import make_private_folder, open_private

FILE_NAME = "errors.log"
_OF_THE_DISK = {*NO_ROOM, errno.EIO}


class ProgramMistake(Exception):
    """An exception that nobody foresaw; it is the cause of this one."""

    def __init__(self, log: Path | None) -> None:
        super().__init__(log)
        self.log = log
        """Where it was noted; None where no note could be written."""


@contextmanager
def mistakes_noted_in(folder: Path) -> Iterator[None]:
    """Whatever nobody foresaw becomes a `ProgramMistake` that knows where the note of it lies."""
    try:
        yield
    except (TccbError, ProgramMistake, BrokenPipeError):
        raise
    except Exception as error:
        raise disk_trouble(error) or ProgramMistake(note_mistake(error, folder, datetime.now(UTC))) from error


def disk_trouble(error: Exception) -> TccbError | None:
    """What to say where a disk takes no more, be it of what a command prints: no mistake of the program. None for
    anything else.
    """
    if not isinstance(error, OSError) or error.errno not in _OF_THE_DISK:
        return None
    return TccbError(text("cli.end.disk", reason=reason_of(error)))


def note_mistakes(errors: Iterable[BaseException], folder: Path) -> None:
    """Append each to the log, as `note_mistake` does."""
    for each in errors:
        note_mistake(each, folder, datetime.now(UTC))


def note_mistake(error: BaseException, folder: Path, now: datetime) -> Path | None:
    """Append the places that `error` passed through to the log in `folder`; None where that fails.

    Its message stays out: a KeyError or ValueError may quote a cell, and the cell may hold a person's name.
    """
    path = folder / FILE_NAME
    try:
        make_private_folder(folder)
        with open(open_private(path), "a", encoding="utf-8") as file:
            file.write(f"{now.isoformat(timespec='seconds')}\n")
            file.writelines(_places(error))
    except OSError:
        return None
    return path


def where_noted(log: Path | None) -> str:
    """What a person is told of a mistake that was noted there; None: nowhere."""
    return text("cli.end.unexpected", path=log) if log else text("cli.end.unexpected_unlogged")


def debugging() -> bool:
    """Whether `TCCB_DEBUG` asks for tracebacks. Never fails: it is asked when all else has."""
    return os.environ.get("TCCB_DEBUG", "") not in ("", "0")


def _places(error: BaseException) -> Iterator[str]:
    for each in _causes_first(error):
        yield from traceback.format_tb(each.__traceback__)
        yield f"{type(each).__module__}.{type(each).__qualname__}\n\n"


def _causes_first(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in chain:
        chain.insert(0, found)
        found = found.__cause__ or found.__context__
    return chain
