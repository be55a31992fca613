"""Conditional formats of a Google tab: the marks of results to be judged again and of cells with errors, and the
colours of statuses.

Google's have no name and no id. Those whose condition and columns are ours are brought up to date; people's stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from automation.adapters.google.drawing.areas import Area, grid_range
from automation.adapters.google.drawing.cells import Request
from automation.adapters.google.drawing.present import PresentFormat, PresentTab, extent
from automation.adapters.google.drawing.styles import FILL, INK_COLOUR, ITALIC, Style, cell_format, patch
from automation.core.model.layout import TabLook, runs
from automation.core.model.palette import FAULT_FILL, REVIEW_FILL, REVIEW_INK, WARNING_FILL
from automation.core.writing.cell_marks import is_mark_formula
from automation.core.writing.formulas import outside_texts
from automation.core.writing.row_digest import is_review_formula, places_at_google, review_formula

_MARK, _EQUAL, _BEGINS = "CUSTOM_FORMULA", "TEXT_EQ", "TEXT_STARTS_WITH"
_COLOURS = (_EQUAL, _BEGINS)
_REVIEW_STYLE: Style = {FILL: REVIEW_FILL, INK_COLOUR: REVIEW_INK, ITALIC: True}


class _Wanted(Struct, frozen=True):
    kind: str
    value: str
    columns: tuple[int, ...]
    style: Style

    def areas(self, top: int, bottom: int) -> list[Area]:
        return [Area(top, left, bottom, right) for left, right in runs(self.columns)]

    def is_like(self, present: PresentFormat, areas: Sequence[Area]) -> bool:
        """Whether `present` does the same in at least these areas."""
        same = self.kind == present.kind and list(map(_plain, present.values)) == [_plain(self.value)]
        there = sorted(present.areas, key=lambda area: area.left)
        same_cells = len(there) == len(areas) and all(a.reaches(b) for a, b in zip(there, areas, strict=True))
        return same and same_cells and not patch(self.style, present.style)


def _plain(value: str) -> str:
    """Formulas come back with the separators and the spaces of the spreadsheet's language."""
    if not value.startswith("="):
        return value
    return outside_texts(value, lambda piece: piece.replace(" ", "").replace(",", ";"))


def draw_colours(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    """What makes our conditional formats those of the look; the marks come before all others, in their order."""
    marks, colours = (list(_marks(look)), list(_colours(look))) if look.body_rows else ([], [])
    top, least = look.header_row + 1, extent(look).bottom or 1
    stale = {index: each for index, each in enumerate(tab.formats) if _is_ours(each, look, colours)}
    first = tab.formats[: len(marks)]
    stand = len(first) == len(marks) and all(
        wanted.is_like(found, wanted.areas(top, least)) for wanted, found in zip(marks, first, strict=True)
    )
    if stand:
        stale = {index: each for index, each in stale.items() if index >= len(marks)}
    missing = []
    for each in colours:
        areas = each.areas(top, least)
        index = next((index for index, found in stale.items() if each.is_like(found, areas)), None)
        if index is None:
            missing.append(each)
        else:
            del stale[index]
    yield from _replaced([] if stand else marks, missing, stale, tab, top, max(least, tab.rows))


def _replaced(
    marks: Sequence[_Wanted],
    colours: list[_Wanted],
    stale: dict[int, PresentFormat],
    tab: PresentTab,
    top: int,
    bottom: int,
) -> Iterator[Request]:
    """Stale formats become missing ones where they can; indexes hold as long as nothing is deleted or added."""
    left = dict(stale)
    for index in [index for index, each in stale.items() if each.kind in _COLOURS][: len(colours)]:
        del left[index]
        rule = _as_rule(colours.pop(0), tab, top, bottom)
        yield {"updateConditionalFormatRule": {"sheetId": tab.sheet_id, "index": index, "rule": rule}}
    for index in sorted(left, reverse=True):
        yield {"deleteConditionalFormatRule": {"sheetId": tab.sheet_id, "index": index}}
    end = len(tab.formats) - len(left)
    for number, each in enumerate(colours):
        yield {"addConditionalFormatRule": {"rule": _as_rule(each, tab, top, bottom), "index": end + number}}
    for number, each in enumerate(marks):
        yield {"addConditionalFormatRule": {"rule": _as_rule(each, tab, top, bottom), "index": number}}


def _colours(look: TabLook) -> Iterator[_Wanted]:
    for each in look.colours:
        yield _Wanted(_BEGINS if each.begins else _EQUAL, each.value, (each.column,), {FILL: each.fill.upper()})


def _marks(look: TabLook) -> Iterator[_Wanted]:
    if look.review is not None:
        formula = review_formula(look.review, look.header_row + 1, places_at_google)
        yield _Wanted(_MARK, formula, look.review.results, _REVIEW_STYLE)
    for each in look.marks:
        yield _Wanted(_MARK, each.formula, each.columns, {FILL: FAULT_FILL if each.severe else WARNING_FILL})


def _is_ours(found: PresentFormat, look: TabLook, colours: Sequence[_Wanted]) -> bool:
    if found.kind == _MARK:
        formula = found.values[0] if found.values else ""
        return is_review_formula(formula) or is_mark_formula(formula)
    columns = {colour.column for colour in look.colours}
    if found.kind not in _COLOURS or not all(area.left == area.right and area.left in columns for area in found.areas):
        return False
    return found.values[0] in {each.value for each in colours} or found.style in [each.style for each in colours]


def _as_rule(wanted: _Wanted, tab: PresentTab, top: int, bottom: int) -> dict[str, Any]:
    return {
        "ranges": [grid_range(tab.sheet_id, area) for area in wanted.areas(top, bottom)],
        "booleanRule": {
            "condition": {"type": wanted.kind, "values": [{"userEnteredValue": wanted.value}]},
            "format": cell_format(tuple(wanted.style.items())),
        },
    }
