"""Something a person has to mend, and where it stands."""

from __future__ import annotations

from msgspec import Struct


class Place(Struct, frozen=True):
    """A cell of a tab, a whole row of it (no `column`), or the tab as a whole (no `row`)."""

    tab: str
    """Title of the tab, as `core/config/tabs.py` has it."""
    row: int | None = None
    column: int | None = None


class Problem(Struct, frozen=True):
    """Something a person has to mend: where it is, what is wrong, what to do (all Vietnamese)."""

    where: str
    what: str
    fix: str
    needs_person: bool = True
    """False: worth telling, but the command still ends with exit status 0."""
    told_once: bool = False
    """Worth one line in the journal and none in every summary."""
    to_do: bool = True
    """False: nobody has to do anything, so neither a mail nor `tccb status` tells of it, and
    the journal not as of a task."""
    mailed_apart: bool = False
    """The admin gets a mail of its own about it."""
    place: Place | None = None
    """Where it stands in a config tab, for the mark beside it."""
