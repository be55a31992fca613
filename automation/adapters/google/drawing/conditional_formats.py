"""Conditional formats of a Google tab: the marks of results to be judged again and of cells that are told of, and the
colours of statuses.

Google's have no name and no id. Those whose condition and columns are ours are brought up to date; people's stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from automation.adapters.google.drawing.areas import Area, grid_range, runs
from automation.adapters.google.drawing.cells import Request
from automation.adapters.google.drawing.present import PresentFormat, PresentTab, extent
from automation.adapters.google.drawing.styles import FILL, INK_COLOUR, ITALIC, Style, cell_format, patch
from automation.core.model.layout import TabLook
from automation.core.model.palette import FAULT_FILL, REVIEW_FILL, REVIEW_INK
from automation.core.writing.fault_mark import fault_formula, is_fault_formula
from automation.core.writing.row_digest import GOOGLE_PLACES, is_review_formula, review_formula

_MARK, _COLOUR = "CUSTOM_FORMULA", "TEXT_EQ"
_REVIEW_STYLE: Style = {FILL: REVIEW_FILL, INK_COLOUR: REVIEW_INK, ITALIC: True}
_FAULT_STYLE: Style = {FILL: FAULT_FILL}


@dataclass(frozen=True)
class _Wanted:
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
    return value.replace(" ", "").replace(",", ";") if value.startswith("=") else value


def draw_colours(look: TabLook, tab: PresentTab) -> Iterator[Request]:
    """What makes our conditional formats those of the look; the mark comes before all others."""
    wanted = _wanted(look) if look.body_rows else []
    top, least = look.header_row + 1, extent(look).bottom or 1
    ours = {index: each for index, each in enumerate(tab.formats) if _is_ours(each, look, wanted)}
    missing = []
    for each in wanted:
        areas = each.areas(top, least)
        fitting = (i for i, found in ours.items() if each.is_like(found, areas) and (each.kind == _COLOUR or i == 0))
        index = next(fitting, None)
        if index is None:
            missing.append(each)
        else:
            del ours[index]
    yield from _replaced(missing, ours, tab, top, max(least, tab.rows))


def _replaced(
    missing: list[_Wanted], stale: dict[int, PresentFormat], tab: PresentTab, top: int, bottom: int
) -> Iterator[Request]:
    """Stale formats become missing ones where they can; indexes hold as long as nothing is deleted or added."""
    colours = [each for each in missing if each.kind == _COLOUR]
    left = dict(stale)
    for index in [index for index, each in stale.items() if each.kind == _COLOUR][: len(colours)]:
        del left[index]
        rule = _as_rule(colours.pop(0), tab, top, bottom)
        yield {"updateConditionalFormatRule": {"sheetId": tab.sheet_id, "index": index, "rule": rule}}
    for index in sorted(left, reverse=True):
        yield {"deleteConditionalFormatRule": {"sheetId": tab.sheet_id, "index": index}}
    end = len(tab.formats) - len(left)
    for number, each in enumerate(colours):
        yield {"addConditionalFormatRule": {"rule": _as_rule(each, tab, top, bottom), "index": end + number}}
    for each in missing:
        if each.kind == _MARK:
            yield {"addConditionalFormatRule": {"rule": _as_rule(each, tab, top, bottom), "index": 0}}


def _wanted(look: TabLook) -> list[_Wanted]:
    wanted = [_Wanted(_COLOUR, each.value, (each.column,), {FILL: each.fill.upper()}) for each in look.colours]
    return [*_marks(look), *wanted]


def _marks(look: TabLook) -> Iterator[_Wanted]:
    """One of the two at most: one is of the tabs of units, the other of config tabs."""
    first_row = look.header_row + 1
    if look.review is not None:
        yield _Wanted(_MARK, review_formula(look.review, first_row, GOOGLE_PLACES), look.review.results, _REVIEW_STYLE)
    elif look.fault is not None:
        yield _Wanted(_MARK, fault_formula(look.fault, first_row), look.fault.columns, _FAULT_STYLE)


def _is_ours(found: PresentFormat, look: TabLook, wanted: Sequence[_Wanted]) -> bool:
    if found.kind == _MARK:
        formula = found.values[0] if found.values else ""
        return is_review_formula(formula) or is_fault_formula(formula)
    columns = {colour.column for colour in look.colours}
    if found.kind != _COLOUR or not all(area.left == area.right and area.left in columns for area in found.areas):
        return False
    ours = [each for each in wanted if each.kind == _COLOUR]
    return found.values[0] in {each.value for each in ours} or found.style in [each.style for each in ours]


def _as_rule(wanted: _Wanted, tab: PresentTab, top: int, bottom: int) -> dict[str, Any]:
    return {
        "ranges": [grid_range(tab.sheet_id, area) for area in wanted.areas(top, bottom)],
        "booleanRule": {
            "condition": {"type": wanted.kind, "values": [{"userEnteredValue": wanted.value}]},
            "format": cell_format(tuple(wanted.style.items())),
        },
    }
