"""What the workbooks of a fleet are called, and which of them somebody means."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from automation.base.errors import CannotStart
from automation.base.messages import text
from automation.core.reading.cells import fold
from automation.core.reading.suggestions import nearest
from automation.fleet.registry import FleetWorkbook


def taken_on(
    workbooks: Iterable[FleetWorkbook], key: str, address: str, name: str | None, credentials: str | None
) -> FleetWorkbook:
    """How a workbook stands in the list from now on: what is None stays as it was there. A new one is called by its
    address. Raises `CannotStart` where another one has that name, or nobody could read it.
    """
    others = {each.key: each for each in workbooks}
    there = others.pop(key, None) or FleetWorkbook(key, address, address, "")
    if name and not name.isprintable():  # lists, logs and figures show it on a line
        raise CannotStart(text("fleet.add.name_unprintable"))
    called = there.name if name is None else name or address
    for other in others.values():
        if fold(called) in (fold(other.name), fold(other.address)):
            raise CannotStart(text("fleet.add.name_taken", name=called, address=other.address))
    return replace(
        there, address=address, name=called, credentials=there.credentials if credentials is None else credentials
    )


def one_named(workbooks: Iterable[FleetWorkbook], named: str) -> FleetWorkbook | None:
    """The one that has this name, address or key; None where none has."""
    return next((each for each in workbooks if named in (each.name, each.address, each.key)), None)


def unknown(workbooks: Iterable[FleetWorkbook], named: str) -> CannotStart:
    """What is said of a name that no workbook has, with the one that may be meant."""
    meant = nearest(named, [each.name for each in workbooks])
    hint = text("fleet.similar", name=meant) if meant else ""
    return CannotStart(text("fleet.unknown", name=named, hint=hint))
