"""Who may edit what in a Google tab. What we protect bears our mark; protections of people stay as they are.

A strictly protected column inside the rows of a unit would keep its staff from inserting, sorting and deleting rows.
So computed columns there only warn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from automation.adapters.google.drawing.areas import WHOLE_TAB, Area, grid_range
from automation.adapters.google.drawing.cells import Request
from automation.adapters.google.drawing.present import PresentProtection, PresentTab, extent
from automation.adapters.google.drawing.tags import LET_IN, digest, digests, keep
from automation.base.messages import text
from automation.core.model.layout import Protection, TabLook, runs


def closed_to_us(look: TabLook, tab: PresentTab) -> bool:
    """Whether somebody keeps us out of cells that the look is about: one such cell spoils a whole request."""
    return any(each.closed_to_us and each.area.meets(extent(look)) for each in tab.protections)


def restrict(look: TabLook, tab: PresentTab, keepers: Sequence[str]) -> Iterator[Request]:
    """What closes the tab to all but the admins, `keepers` (the bot) and, in an open tab, those it is for.

    A tab that a person has protected as a whole stays as it is, and so does an open one that is for nobody we know of,
    unless somebody whom we let in is no longer named.
    """
    people = _each_once([*_named(look), *keepers])
    present = of_whole_tab(tab)
    if (is_for_nobody(look) and not no_longer_let_in(look, tab, keepers)) or (present and not is_ours(present)):
        return
    if present is None:
        protected = {
            "range": grid_range(tab.sheet_id, WHOLE_TAB),
            "description": _description("tab"),
            "editors": {"users": people, "domainUsersCanEdit": False},
        }
        yield {"addProtectedRange": {"protectedRange": protected}}
    elif not (_lets_in(present, people) and not no_longer_let_in(look, tab, keepers)):
        change = {
            "protectedRangeId": present.id,
            "editors": _editors(look, tab, present, keepers),
            "warningOnly": False,
            "unprotectedRanges": [],
        }
        yield {"updateProtectedRange": {"protectedRange": change, "fields": "editors,warningOnly,unprotectedRanges"}}
    yield from keep(tab.sheet_id, LET_IN, tab.let_in, _let_in(people, present, tab))


def _let_in(people: Sequence[str], present: PresentProtection | None, tab: PresentTab) -> str:
    """Whom `init` will have let in. Who was there by somebody else's hand is not among them; of a protection that an
    earlier version made nobody knows, and those whom the registry names count.
    """
    if present is None or not tab.let_in.value:
        return digests(people)
    before, there = set(tab.let_in.value.split()), {each.casefold() for each in present.users or ()}
    return digests(each for each in people if digest(each) in before or each.casefold() not in there)


def _editors(look: TabLook, tab: PresentTab, present: PresentProtection, keepers: Sequence[str]) -> dict[str, Any]:
    """Who may edit from now on: whom the look names, and whom an admin let in besides."""
    out = {each.casefold() for each in no_longer_let_in(look, tab, keepers)}
    stay = [each for each in present.users or () if each.casefold() not in out]
    editors: dict[str, Any] = {"users": _each_once([*stay, *_named(look), *keepers]), "domainUsersCanEdit": False}
    return editors | ({"groups": list(present.groups)} if present.groups else {})


def no_longer_let_in(look: TabLook, tab: PresentTab, keepers: Sequence[str]) -> list[str]:
    """Whom `init` itself let into its protection and whom the registry names no more: they go out again."""
    let_in = set(tab.let_in.value.split())
    return [each for each in _besides(look, tab, keepers) if digest(each) in let_in]


def strangers(look: TabLook, tab: PresentTab, keepers: Sequence[str]) -> list[str]:
    """Who else may edit what `init` protects: somebody let them in by hand, and they stay."""
    if is_for_nobody(look):
        return []
    let_in, ours = set(tab.let_in.value.split()), _ours_of_whole_tab(tab)
    people = (each for each in _besides(look, tab, keepers) if digest(each) not in let_in)
    return [*people, *(ours.groups if ours else ())]


def _besides(look: TabLook, tab: PresentTab, keepers: Sequence[str]) -> list[str]:
    ours = _ours_of_whole_tab(tab)
    named = {each.casefold() for each in (*_named(look), *keepers)}
    return [each for each in (ours and ours.users) or () if each.casefold() not in named]


def _named(look: TabLook) -> Sequence[str]:
    return (*look.editors, *look.admins)


def is_for_nobody(look: TabLook) -> bool:
    """Whether it is an open tab of which nobody is named whose it is."""
    return look.protection is Protection.OPEN and not look.editors


def is_left_open(look: TabLook, tab: PresentTab) -> bool:
    """Whether anybody may edit the tab because nobody is named whose it is."""
    return is_for_nobody(look) and of_whole_tab(tab) is None


def of_whole_tab(tab: PresentTab) -> PresentProtection | None:
    """What protects the tab as a whole, whoever made it: Google allows one of the kind."""
    return next((each for each in tab.protections if each.area == WHOLE_TAB), None)


def _ours_of_whole_tab(tab: PresentTab) -> PresentProtection | None:
    present = of_whole_tab(tab)
    return present if present and is_ours(present) else None


def _lets_in(present: PresentProtection, people: Sequence[str]) -> bool:
    """Whether they may edit, and neither the whole domain nor, in cells taken out, anybody. Further people were let in
    by an admin.
    """
    if present.warning_only or present.has_gaps:
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
