"""Looks at a Google spreadsheet before anything is drawn: in few requests, and at no more than has to be compared.

Most cells of a spreadsheet lie below the headers of units' tabs, and there one is like the other. So the headers, the
first row below them, the first blank one and the last are read in full, and of the rows in use the types of number
format and validation alone; of a very large spreadsheet only that of number format, which a paste from elsewhere loses,
in the columns where that tells.
Where any of that is not as it should be, the rest of that tab is read too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from gspread import Spreadsheet
from msgspec import Struct

from automation.adapters.google.drawing.areas import Area, grid_range
from automation.adapters.google.drawing.cells import is_right, seems_right
from automation.adapters.google.drawing.present import (
    CellLooks,
    Present,
    PresentTab,
    extent,
    folded,
    is_default_tab,
    tab_of,
    with_cells,
)
from automation.adapters.google.drawing.styles import RULE_MASK, STYLE_MASK
from automation.adapters.google.drawing.tags import FIELDS as TAG_FIELDS
from automation.base.errors import RequestRefused
from automation.core.model.layout import TabLook, runs

CELLS_A_REQUEST, CELLS_IN_BRIEF, CELLS_WITH_RULES = 60_000, 200_000, 60_000
"""So that an answer stays below some 15 MB."""

_BOOK = "properties(locale,timeZone)"
_PARTS = ",".join(
    (
        "properties(sheetId,title,sheetType,gridProperties,tabColorStyle)",
        "conditionalFormats",
        "protectedRanges",
        "merges",
        "charts(chartId,spec)",
        TAG_FIELDS,
    )
)
_ENTRIES = "developerMetadata(metadataId,metadataKey,metadataValue)"
_DIMENSIONS = f"columnMetadata(pixelSize,hiddenByUser,{_ENTRIES}),rowMetadata({_ENTRIES})"
_CELLS = (
    f"data(startRow,{_DIMENSIONS},rowData.values("
    f"userEnteredValue,note,userEnteredFormat({STYLE_MASK}),dataValidation({RULE_MASK})))"
)
_NUMBER_TYPE, _RULE_TYPE = "userEnteredFormat.numberFormat.type", "dataValidation.condition.type"


class Api(Protocol):
    """The part of the Sheets API that drawing needs; paths are relative to `/v4/spreadsheets/`."""

    def spreadsheet(self, spreadsheet_id: str) -> Spreadsheet: ...

    def post(
        self,
        path: str,
        body: Mapping[str, object],
        params: Mapping[str, object] | None = None,
        *,
        repeatable: bool | None = None,
    ) -> dict[str, Any]: ...


Blocks = dict[int, list[Mapping[str, Any]]]
"""Grid data by sheet id."""


class _Plan(Struct, frozen=True):
    """What is read of one tab."""

    sheet_id: int
    full: tuple[Area, ...]
    brief: Area | None = None
    look: TabLook | None = None
    rest: Area | None = None
    """What is read where something was found in it that is not as it should be."""


def read_present(api: Api, spreadsheet_id: str, looks: Sequence[TabLook], known: Sequence[PresentTab] = ()) -> Present:
    """Everything about the spreadsheet that drawing `looks` has to know, in two or three requests where all is as it
    should be. `known`: the tabs as they were seen last, which spares one. Raises what the API raises.
    """
    answer, plans, blocks = _first_look(api, spreadsheet_id, looks, known)
    properties, interned = answer.get("properties", {}), dict[str, CellLooks]()
    tabs = {tab.sheet_id: tab for tab in map(tab_of, answer.get("sheets", ()))}
    damaged = set(_differing(api, spreadsheet_id, plans))
    seen = {plan.sheet_id: _seen(tabs[plan.sheet_id], plan, blocks, interned) for plan in plans}
    damaged |= {plan.sheet_id for plan in plans if not _looks_right(plan, seen[plan.sheet_id])}
    rest = [_Plan(plan.sheet_id, (plan.rest,)) for plan in plans if plan.rest and plan.sheet_id in damaged]
    for sheet_id, more in _read_all(api, spreadsheet_id, rest).items():
        seen[sheet_id] = with_cells(tabs[sheet_id], [*blocks[sheet_id], *more], frozenset(), interned)
    shown = tuple(seen.get(sheet_id, tab) for sheet_id, tab in tabs.items())
    return Present(properties.get("locale", ""), properties.get("timeZone", ""), shown)


def _first_look(
    api: Api, spreadsheet_id: str, looks: Sequence[TabLook], known: Sequence[PresentTab]
) -> tuple[Mapping[str, Any], list[_Plan], Blocks]:
    """The spreadsheet, what is to be read of it, and the first blocks of that."""
    plans = list(_plans(known, looks)) if looks else []
    if len(plans) >= len(looks) > 0 and _size(plans) <= CELLS_A_REQUEST:
        planned = {plan.sheet_id for plan in plans}
        others = [_Plan(tab.sheet_id, (Area(1, 1, 1, 1),)) for tab in known if tab.sheet_id not in planned]
        try:
            answer = _read(api, spreadsheet_id, [*plans, *others], f"{_BOOK},sheets({_PARTS},{_CELLS})")
        except RequestRefused:  # a tab is gone, or lost rows
            answer = {}
        titles = {folded(sheet["properties"]["title"]) for sheet in answer.get("sheets", ())}
        if all(folded(look.title) in titles for look in looks):
            return answer, plans, _blocks(answer)
    fields = f"{_BOOK},sheets({_PARTS})"
    answer = dict(api.spreadsheet(spreadsheet_id).fetch_sheet_metadata({"fields": fields}))
    plans = list(_plans([tab_of(sheet) for sheet in answer.get("sheets", ())], looks))
    return answer, plans, _read_all(api, spreadsheet_id, plans)


def _plans(tabs: Sequence[PresentTab], looks: Sequence[TabLook]) -> Iterator[_Plan]:
    """What to read: of the tabs that are drawn, and of the tab that may be in the way."""
    present = Present("", "", tuple(tabs))
    drawn = {tab.sheet_id: (tab, look) for look in looks if (tab := present.tab(look.title)) and tab.has_grid}
    for tab, look in drawn.values():
        yield _plan(tab, look)
    for tab in tabs:
        if is_default_tab(tab) and tab.sheet_id not in drawn:
            yield _Plan(tab.sheet_id, (Area(1, 1, tab.rows, tab.columns),))


def _plan(tab: PresentTab, look: TabLook) -> _Plan:
    wanted = extent(look)
    bottom, right = min(wanted.bottom or 1, tab.rows), min(wanted.right or 1, tab.columns)
    top = _last_row_of_its_own(look)
    if not (look.filled_rows and look.body_rows) or top >= bottom:
        return _Plan(tab.sheet_id, (Area(1, 1, bottom, None),))
    filled = max(top, min(look.filled_rows, bottom))
    blank = sorted({row for row in (filled + 1, bottom) if filled < row <= bottom})
    full = (Area(1, 1, top, None), *(Area(row, 1, row, right) for row in blank))
    typed = [column.column for column in look.columns if not column.computed and column.column <= right]
    brief = Area(top + 1, 1, filled, max(typed)) if typed and top < filled else None
    return _Plan(tab.sheet_id, full, brief, look, Area(top + 1, 1, bottom, right))


def _last_row_of_its_own(look: TabLook) -> int:
    """Down to which something is wanted of single cells; the first row below the headers stands for those below it."""
    cells = (*look.values, *look.cell_choices)
    return max(look.header_row + 1, *(row for row, _, _ in cells), *(cell.row for cell in look.cells), 0)


def _seen(tab: PresentTab, plan: _Plan, blocks: Blocks, interned: dict[str, CellLooks]) -> PresentTab:
    unread = set(range(plan.rest.top, (plan.rest.bottom or 0) + 1)) if plan.rest else set()
    return with_cells(tab, blocks.get(plan.sheet_id, ()), frozenset(unread - _rows_in_full(plan)), interned)


def _rows_in_full(plan: _Plan) -> set[int]:
    return {row for area in plan.full for row in range(area.top, (area.bottom or area.top) + 1)}


def _looks_right(plan: _Plan, tab: PresentTab) -> bool:
    """Whether the rows that stand for the others of the table are as they should be."""
    rows = [area.bottom or area.top for area in plan.full]
    return plan.look is None or all(is_right(plan.look, tab, row) for row in rows)


def _differing(api: Api, spreadsheet_id: str, plans: Sequence[_Plan]) -> Iterator[int]:
    """The tabs of which some row in use is not as it should be, by a brief look."""
    looks = {plan.sheet_id: plan.look for plan in plans if plan.look}
    whole = [_Plan(plan.sheet_id, (plan.brief,)) for plan in plans if plan.brief]
    with_rules = _size(whole) <= CELLS_WITH_RULES
    asked = whole if with_rules else [_Plan(each.sheet_id, _spoilable(each, looks[each.sheet_id])) for each in whole]
    types = f"{_NUMBER_TYPE},{_RULE_TYPE}" if with_rules else _NUMBER_TYPE
    fields = f"sheets(properties.sheetId,data(startRow,startColumn,rowData.values({types})))"
    areas = {(plan.sheet_id, area.left): area for plan in asked for area in plan.full}
    for portion in _portions(asked, CELLS_IN_BRIEF):
        for sheet_id, blocks in _blocks(_read(api, spreadsheet_id, portion, fields)).items():
            parts = ((areas[sheet_id, block.get("startColumn", 0) + 1], block) for block in blocks)
            if not all(_seems_right(looks[sheet_id], area, block, with_rules) for area, block in parts):
                yield sheet_id


def _spoilable(whole: _Plan, look: TabLook) -> tuple[Area, ...]:
    """The columns in which something else becomes of what is typed where a paste has brought its own number format:
    not those of a list, whose words stay words.
    """
    (area,) = whole.full
    typed = (each.column for each in look.columns if not (each.computed or each.choices or each.choices_range))
    columns = [column for column in typed if column <= (area.right or 0)]
    return tuple(Area(area.top, left, area.bottom, right) for left, right in runs(columns))


def _seems_right(look: TabLook, area: Area, block: Mapping[str, Any], with_rules: bool) -> bool:
    """`block`: what was found in the area."""
    rows = [row.get("values", ()) for row in block.get("rowData", ())]
    count = (area.bottom or 0) - area.top + 1
    blank: Sequence[Mapping[str, Any]] = ()
    columns = [column for column in look.columns if area.left <= column.column <= (area.right or 0)]
    known: dict[tuple[int, str, str | None], bool] = {}
    for cells in (*rows, *([blank] * (count - len(rows)))):
        for column in columns:
            place = column.column - area.left
            cell = cells[place] if place < len(cells) else {}
            number_format = cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("type", "")
            rule = cell.get("dataValidation", {}).get("condition", {}).get("type", "") if with_rules else None
            key = column.column, number_format, rule
            if key not in known:
                known[key] = seems_right(column, number_format, rule)
            if not known[key]:
                return False
    return True


def _read_all(api: Api, spreadsheet_id: str, plans: Sequence[_Plan]) -> Blocks:
    found: Blocks = {}
    for portion in _portions(plans, CELLS_A_REQUEST):
        answer = _read(api, spreadsheet_id, portion, f"sheets(properties.sheetId,{_CELLS})")
        found |= _blocks(answer)
    return found


def _portions(plans: Iterable[_Plan], most: int) -> Iterator[list[_Plan]]:
    portion: list[_Plan] = []
    for plan in plans:
        if portion and _size([*portion, plan]) > most:
            yield portion
            portion = []
        portion.append(plan)
    if portion:
        yield portion


def _size(plans: Iterable[_Plan]) -> int:
    areas = (area for plan in plans for area in plan.full)
    return sum(((area.bottom or 0) - area.top + 1) * ((area.right or 20) - area.left + 1) for area in areas)


def _read(api: Api, spreadsheet_id: str, plans: Sequence[_Plan], fields: str) -> dict[str, Any]:
    """By sheet id, so that a tab that was renamed meanwhile is still found."""
    filters = [{"gridRange": grid_range(plan.sheet_id, area)} for plan in plans for area in plan.full]
    params = {"fields": fields, "prettyPrint": "false"}
    return api.post(f"{spreadsheet_id}:getByDataFilter", {"dataFilters": filters}, params)


def _blocks(answer: Mapping[str, Any]) -> Blocks:
    return {
        sheet.get("properties", {}).get("sheetId", 0): sheet["data"]
        for sheet in answer.get("sheets", ())
        if sheet.get("data")
    }
