"""Who may edit what in a Google tab. What we protect bears our mark; protections of people stay as they are.

A strictly protected column inside the rows of a unit would keep its staff from inserting, sorting and deleting rows.
So computed columns there only warn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from automation.adapters.google.drawing.areas import WHOLE_TAB, Area, grid_range, runs
from automation.adapters.google.drawing.cells import Request
from automation.adapters.google.drawing.present import PresentProtection, PresentTab, extent
from automation.base.messages import text
from automation.core.model.layout import Protection, TabLook


def closed_to_us(look: TabLook, tab: PresentTab) -> bool:
    """Whether somebody keeps us out of cells that the look is about: one such cell spoils a whole request."""
    return any(each.closed_to_us and each.area.meets(extent(look)) for each in tab.protections)


def restrict(look: TabLook, tab: PresentTab, keepers: Sequence[str]) -> Iterator[Request]:
    """What closes the tab to all but `keepers` (the admins and the bot) and, in an open tab, those it is for.

    An open tab that is for nobody we know of, and a tab that a person has protected as a whole, stay as they are.
    """
    people = _each_once([*look.editors, *keepers])
    present = _of_whole_tab(tab)
    if look.protection is Protection.OPEN and not look.editors:
        return
    if present is None:
        protected = {
            "range": grid_range(tab.sheet_id, WHOLE_TAB),
            "description": _description("tab"),
            "editors": {"users": people, "domainUsersCanEdit": False},
        }
        yield {"addProtectedRange": {"protectedRange": protected}}
    elif is_ours(present) and not _lets_in(present, people):
        users = _each_once([*(present.users or ()), *people])
        editors: dict[str, Any] = {"users": users, "domainUsersCanEdit": False}
        if present.groups:
            editors["groups"] = list(present.groups)
        change = {"protectedRangeId": present.id, "editors": editors, "warningOnly": False}
        yield {"updateProtectedRange": {"protectedRange": change, "fields": "editors,warningOnly"}}


def is_left_open(look: TabLook, tab: PresentTab) -> bool:
    """Whether anybody may edit the tab because nobody is named whose it is."""
    return look.protection is Protection.OPEN and not look.editors and _of_whole_tab(tab) is None


def _of_whole_tab(tab: PresentTab) -> PresentProtection | None:
    """Google allows one of the kind."""
    return next((each for each in tab.protections if each.area == WHOLE_TAB), None)


def _lets_in(present: PresentProtection, people: Sequence[str]) -> bool:
    """Whether they may edit, and the whole domain may not. Further people were let in by an admin."""
    if present.warning_only:
        return False
    if present.users is None:
        return True
    return {each.casefold() for each in people} <= {each.casefold() for each in present.users} and (
        not present.open_to_domain
    )


def warn(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    """What makes the computed columns of an open tab ask before they are changed, from the headers down."""
    missing = _warning_areas(look, tab)
    stale = []
    for each in tab.protections:
        fitting = next((area for area in missing if each.warning_only and each.area.reaches(area)), None)
        if not is_ours(each) or each.area == WHOLE_TAB:
            continue
        if fitting is None:
            stale.append(each)
        else:
            missing.remove(fitting)
    for each, area in zip(stale, missing, strict=False):
        change = {"protectedRangeId": each.id, "range": grid_range(tab.sheet_id, area), "warningOnly": True}
        yield {"updateProtectedRange": {"protectedRange": change, "fields": "range,warningOnly"}}
    for each in stale[len(missing) :]:
        yield {"deleteProtectedRange": {"protectedRangeId": each.id}}
    for area in missing[len(stale) :]:
        protected = {
            "range": grid_range(tab.sheet_id, area),
            "description": _description("computed"),
            "warningOnly": True,
        }
        yield {"addProtectedRange": {"protectedRange": protected}}


def _warning_areas(look: TabLook, tab: PresentTab) -> list[Area]:
    if look.protection is not Protection.OPEN or not look.header_row:
        return []
    bottom = max(tab.rows, extent(look).bottom or 1)
    columns = (each.column for each in look.columns if each.computed)
    return [Area(look.header_row, left, bottom, right) for left, right in runs(columns)]


def is_ours(present: PresentProtection) -> bool:
    """Whether `init` made it: it bears our mark."""
    return present.description.startswith(text("google_drawing.protected.mark"))


def _description(kind: str) -> str:
    return text("google_drawing.protected.mark") + text(f"google_drawing.protected.{kind}")


def _each_once(addresses: Sequence[str]) -> list[str]:
    once: dict[str, str] = {}
    for each in filter(None, addresses):
        once.setdefault(each.casefold(), each)
    return list(once.values())
