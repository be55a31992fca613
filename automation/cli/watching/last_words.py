"""What a command says of the error that ends it, and with which status it ends."""

from __future__ import annotations

import traceback
from typing import NamedTuple

from automation.app.crash_log import ProgramMistake, debugging, disk_trouble, where_noted
from automation.app.exit_status import ExitStatus
from automation.base.errors import CannotStart, TccbError


class LastWords(NamedTuple):
    """One line, whatever is quoted in it, and the status."""

    sentence: str
    status: ExitStatus


def last_words(error: Exception) -> LastWords:
    """What is said at the end. Where somebody looks for mistakes of the program, their traceback comes before."""
    error = disk_trouble(error) or error
    if isinstance(error, TccbError):
        status = ExitStatus.CANNOT_START if isinstance(error, CannotStart) else ExitStatus.NEEDS_PERSON
        return LastWords(one_line(str(error)), status)
    if debugging():
        traceback.print_exception(error)
    log = error.log if isinstance(error, ProgramMistake) else None
    return LastWords(one_line(where_noted(log)), ExitStatus.PROGRAM_MISTAKE)


def one_line(sentence: str) -> str:
    """The sentence, whatever the arguments quoted in it hold."""
    return "".join(each if each.isprintable() else " " for each in sentence)
