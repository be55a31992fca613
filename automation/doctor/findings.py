"""What the doctor says of one thing it looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from msgspec import Struct

from automation.base.messages import text
from automation.core.model.problems import Problem

MOST_NAMED = 5
"""Names in one line; who has more to mend starts with these."""
MOST_PROBLEMS = 10
"""Lines of one check."""


class State(Enum):
    """How it stands. The values are those of `--json`."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; the bot works all the same."""
    TROUBLE = "trouble"
    UNCHECKED = "unchecked"
    """Makes no sense before an earlier trouble is mended."""


class Finding(Struct, frozen=True):
    """One line."""

    check: str
    """What was looked at, as "mail.server": a table of `templates/messages/doctor.toml`."""
    state: State
    found: str
    fix: str = ""
    """What to do; "" where there is nothing to do, or `found` says it already."""

    @property
    def section(self) -> str:
        return self.check.partition(".")[0]


def ok(check: str, situation: str = "ok", **values: object) -> Finding:
    """All is well; the sentence is that of `situation` in the table of the check."""
    return Finding(check, State.OK, text(f"doctor.{check}.{situation}", **values))


def note(check: str, situation: str, **values: object) -> Finding:
    """Worth knowing: `what` and `fix` of the situation."""
    return _to_do(State.NOTE, check, situation, values)


def trouble(check: str, situation: str, **values: object) -> Finding:
    """To be mended: `what` and `fix` of the situation."""
    return _to_do(State.TROUBLE, check, situation, values)


def refused(check: str, error: Exception) -> Finding:
    """To be mended, as an error of ours says, which also says how."""
    return Finding(check, State.TROUBLE, str(error))


def unchecked(*checks: str) -> Iterator[Finding]:
    """Lines for what could not be looked at."""
    for check in checks:
        yield Finding(check, State.UNCHECKED, text("doctor.unchecked"))


def troubles_of(check: str, problems: Sequence[Problem]) -> Iterator[Finding]:
    """A line for each of the first problems, and one for the others."""
    for each in problems[:MOST_PROBLEMS]:
        state = State.TROUBLE if each.needs_person else State.NOTE
        yield Finding(check, state, text("doctor.problem", where=each.where, what=each.what), each.fix)
    if len(problems) > MOST_PROBLEMS:
        more = text("doctor.more.what", count=len(problems) - MOST_PROBLEMS)
        yield Finding(check, State.TROUBLE, more, text("doctor.more.fix"))


def named(names: Sequence[str]) -> str:
    """The first names, and how many there are beside them."""
    listed = ", ".join(names[:MOST_NAMED])
    if len(names) <= MOST_NAMED:
        return listed
    return text("doctor.and_more", names=listed, count=len(names) - MOST_NAMED)


def _to_do(state: State, check: str, situation: str, values: dict[str, object]) -> Finding:
    what, fix = (text(f"doctor.{check}.{situation}.{part}", **values) for part in ("what", "fix"))
    return Finding(check, state, what, fix)
