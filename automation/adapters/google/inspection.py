"""What a Google spreadsheet holds besides its cells, as far as the doctor has to know: one request."""

from __future__ import annotations

from collections.abc import Iterable

from automation.adapters.google.drawing.present import PresentProtection, PresentTab
from automation.adapters.google.drawing.protection import is_ours, of_whole_tab
from automation.adapters.google.drawing.reading import Api, read_present
from automation.core.model.inspection import ClosedCells, Closure, Inspection, TabInspection
from automation.core.writing.row_digest import is_review_formula


def inspect(api: Api, spreadsheet_id: str) -> Inspection:
    """Look at the spreadsheet. Raises what the API raises."""
    present = read_present(api, spreadsheet_id, ())
    tabs = tuple(map(_tab, present.tabs))
    protections = [each for tab in present.tabs for each in tab.protections]
    return Inspection(tabs, _may_edit(protections), present.locale, present.time_zone)


def _may_edit(protections: Iterable[PresentProtection]) -> bool | None:
    """What protections betray, for the Sheets API has no word for "may I write".

    Their editors are shown only to who may edit the spreadsheet (reference of ProtectedRange), and we are an editor
    of what we protect. Nothing is written to find out: no write is certain to leave no trace.
    """
    strict = [each for each in protections if not each.warning_only]
    if any(each.users is not None for each in strict):
        return True
    return False if any(is_ours(each) for each in strict) else None


def _tab(tab: PresentTab) -> TabInspection:
    areas = (each.area for each in tab.protections if each.closed_to_us)
    return TabInspection(
        str(tab.sheet_id),
        tab.title,
        _reviewed_to(tab),
        tuple(ClosedCells(area.top, area.left, area.bottom, area.right) for area in areas),
        _closure(tab),
    )


def _reviewed_to(tab: PresentTab) -> int | None:
    reviews = [each for each in tab.formats if any(map(is_review_formula, each.values))]
    return max((area.bottom or tab.rows for each in reviews for area in each.areas), default=None)


def _closure(tab: PresentTab) -> Closure | None:
    whole = of_whole_tab(tab)
    if whole is None:
        return None
    editors = None if whole.users is None else (*whole.users, *whole.groups)
    return Closure(editors, whole.warning_only, whole.open_to_domain, whole.has_gaps)
