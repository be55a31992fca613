"""What a Google spreadsheet looks like at present, as far as drawing has to know: read in few requests."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from gspread import Spreadsheet

from automation.adapters.google.drawing.anchors import KEY as ANCHOR_KEY
from automation.adapters.google.drawing.anchors import anchor_id
from automation.adapters.google.drawing.areas import WHOLE_TAB, Area, area_of, grid_range
from automation.adapters.google.drawing.styles import RULE_MASK, STYLE_MASK, Rule, Style, colour_of, rule_of, style_of
from automation.adapters.google.drawing.tags import FIELDS as TAG_FIELDS
from automation.adapters.google.drawing.tags import LET_IN, NOTHING_KEPT, TAG, Kept, kept
from automation.core.model.layout import TabLook

CELLS_A_REQUEST = 60_000
"""So that an answer stays below some 15 MB."""

DEFAULT_WIDTH, DEFAULT_HEIGHT = 100, 21
"""Pixels of a column and a row that nobody has touched."""

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
_CELLS = ",".join(
    (
        "properties.sheetId",
        "data(startRow,startColumn,columnMetadata(pixelSize,hiddenByUser),rowData.values("
        f"userEnteredValue,note,userEnteredFormat({STYLE_MASK}),dataValidation({RULE_MASK})))",
    )
)
_DEFAULT_TITLE = re.compile(r"(sheet|trang tính|trang)\s*1")


class Api(Protocol):
    """The part of the Sheets API that drawing needs; paths are relative to `/v4/spreadsheets/`."""

    def spreadsheet(self, spreadsheet_id: str) -> Spreadsheet: ...

    def get(self, path: str, params: Mapping[str, object] | None = None) -> dict[str, Any]: ...

    def post(
        self,
        path: str,
        body: Mapping[str, object],
        params: Mapping[str, object] | None = None,
        *,
        repeatable: bool | None = None,
    ) -> dict[str, Any]: ...


@dataclass(frozen=True, eq=False)
class CellLooks:
    """Everything of a cell but its value. Cells that look the same share one object."""

    style: Style = field(default_factory=dict)
    rule: Rule | None = None
    note: str = ""


PLAIN = CellLooks()


@dataclass(frozen=True)
class PresentFormat:
    """A conditional format; its place in the tuple of its tab is its index."""

    areas: tuple[Area, ...]
    kind: str
    """Google's type of condition, "" for a colour scale."""
    values: tuple[str, ...]
    style: Style


@dataclass(frozen=True)
class PresentProtection:
    id: int
    area: Area
    description: str
    warning_only: bool
    users: tuple[str, ...] | None
    """None where we may not see who may edit."""
    groups: tuple[str, ...]
    open_to_domain: bool
    closed_to_us: bool


@dataclass(frozen=True)
class PresentChart:
    id: int
    spec: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.spec.get("title", ""))


@dataclass(frozen=True)
class PresentTab:
    """One tab. Rows and columns count from 1; `values` and `looks` hold the rows that were asked for, ragged."""

    sheet_id: int
    title: str
    rows: int
    columns: int
    has_grid: bool = True
    frozen_rows: int = 0
    frozen_columns: int = 0
    hides_gridlines: bool = False
    colour: str = ""
    merges: tuple[Area, ...] = ()
    formats: tuple[PresentFormat, ...] = ()
    protections: tuple[PresentProtection, ...] = ()
    charts: tuple[PresentChart, ...] = ()
    tag: Kept = NOTHING_KEPT
    let_in: Kept = NOTHING_KEPT
    """Whom `init` let into the protection, as `digests` has them."""
    anchors: Mapping[str, int] = field(default_factory=dict)
    """Where the columns stand that are known by their identity, by code."""
    widths: tuple[int, ...] = ()
    """In pixels, column by column."""
    hidden_columns: frozenset[int] = frozenset()
    values: Sequence[Sequence[Mapping[str, Any]]] = ()
    """What people entered, as Google's ExtendedValue; empty for a blank cell."""
    looks: Sequence[Sequence[CellLooks]] = ()

    def value(self, row: int, column: int) -> Mapping[str, Any]:
        cells = self.values[row - 1] if row <= len(self.values) else ()
        return cells[column - 1] if column <= len(cells) else {}

    def look(self, row: int, column: int) -> CellLooks:
        cells = self.looks[row - 1] if row <= len(self.looks) else ()
        return cells[column - 1] if column <= len(cells) else PLAIN

    @property
    def is_untouched(self) -> bool:
        """Whether it holds nothing at all, as far as it was read."""
        is_blank = not any(map(any, self.values)) and all(look is PLAIN for row in self.looks for look in row)
        return is_blank and not (self.merges or self.formats or self.protections or self.charts)


@dataclass(frozen=True)
class Present:
    """The whole spreadsheet, tabs in their order."""

    locale: str
    time_zone: str
    tabs: tuple[PresentTab, ...]

    def tab(self, title: str) -> PresentTab | None:
        """The tab of that title; Google holds titles that differ only in case to be the same."""
        exact = next((tab for tab in self.tabs if tab.title == title), None)
        return exact or next((tab for tab in self.tabs if folded(tab.title) == folded(title)), None)


def folded(title: str) -> str:
    return unicodedata.normalize("NFC", title).casefold()


def is_default_tab(tab: PresentTab) -> bool:
    """Whether it bears the number and the title of the tab that Google puts into a new spreadsheet."""
    return tab.has_grid and tab.sheet_id == 0 and _DEFAULT_TITLE.fullmatch(folded(tab.title)) is not None


def extent(look: TabLook) -> Area:
    """The cells that the look has something to say about."""
    rows = [look.header_row + look.body_rows, *(row for row, _, _ in look.values), *(each.row for each in look.cells)]
    columns = [
        *(each.column for each in look.columns),
        *(column for _, column, _ in look.values),
        *(each.column + each.across - 1 for each in look.cells),
    ]
    for chart in look.charts:
        rows += [chart.last_row, chart.row + math.ceil(chart.height / DEFAULT_HEIGHT)]
        columns += [chart.categories, *chart.series, chart.column + math.ceil(chart.width / DEFAULT_WIDTH)]
    return Area(1, 1, max(rows, default=1) or 1, max(columns, default=1))


def read_present(api: Api, spreadsheet_id: str, looks: Sequence[TabLook]) -> Present:
    """Everything about the spreadsheet that drawing `looks` has to know: two requests, and one more for every
    60,000 cells. Raises what the API raises.
    """
    fields = f"properties(locale,timeZone),sheets({_PARTS})"
    answer = api.spreadsheet(spreadsheet_id).fetch_sheet_metadata({"fields": fields})
    properties = answer.get("properties", {})
    anchors = _read_anchors(api, spreadsheet_id) if looks else {}
    tabs = tuple(_tab(sheet, anchors) for sheet in answer.get("sheets", ()))
    present = Present(properties.get("locale", ""), properties.get("timeZone", ""), tabs)
    cells: dict[int, Mapping[str, Any]] = {}
    for ranges in _portions(_asked(present, looks)):
        cells |= _read_cells(api, spreadsheet_id, ranges)
    interned: dict[str, CellLooks] = {}
    return replace(present, tabs=tuple(_with_cells(tab, cells.get(tab.sheet_id, {}), interned) for tab in tabs))


def _read_anchors(api: Api, spreadsheet_id: str) -> dict[int, dict[str, int]]:
    """By sheet id and code; grid data shows the entries of the columns alone that are asked for."""
    wanted = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": ANCHOR_KEY}}]}
    answer = api.post(f"{spreadsheet_id}/developerMetadata:search", wanted, repeatable=True)
    found: dict[int, dict[str, int]] = {}
    for each in answer.get("matchedDeveloperMetadata", ()):
        entry = each["developerMetadata"]
        place, code = entry["location"].get("dimensionRange", {}), str(entry.get("metadataValue", ""))
        sheet_id = place.get("sheetId", 0)
        if place.get("dimension") == "COLUMNS" and entry["metadataId"] == anchor_id(sheet_id, code):
            found.setdefault(sheet_id, {})[code] = place.get("startIndex", 0) + 1
    return found


def _asked(present: Present, looks: Sequence[TabLook]) -> Iterator[tuple[int, Area]]:
    """Which cells of which tabs to read: those that are drawn, and the tab that may be in the way."""
    wanted: dict[int, Area] = {}
    for tab in present.tabs:
        if is_default_tab(tab):
            wanted[tab.sheet_id] = Area(1, 1, tab.rows, tab.columns)
    for look in looks:
        tab_there = present.tab(look.title)
        if tab_there is not None and tab_there.has_grid:
            area = extent(look)
            bottom, right = min(area.bottom or 1, tab_there.rows), min(area.right or 1, tab_there.columns)
            wanted[tab_there.sheet_id] = Area(1, 1, bottom, right)
    yield from wanted.items()


def _portions(asked: Iterable[tuple[int, Area]]) -> Iterator[list[dict[str, int]]]:
    portion: list[dict[str, int]] = []
    size = 0
    for sheet_id, area in asked:
        cells = (area.bottom or 0) * (area.right or 0)
        if portion and size + cells > CELLS_A_REQUEST:
            yield portion
            portion, size = [], 0
        portion.append(grid_range(sheet_id, area))
        size += cells
    if portion:
        yield portion


def _read_cells(api: Api, spreadsheet_id: str, ranges: Sequence[Mapping[str, int]]) -> dict[int, Mapping[str, Any]]:
    """The grid data of each tab, by sheet id: a tab renamed meanwhile is still found."""
    answer = api.post(
        f"{spreadsheet_id}:getByDataFilter",
        {"dataFilters": [{"gridRange": each} for each in ranges]},
        {"fields": f"sheets({_CELLS})", "prettyPrint": "false"},
    )
    return {
        sheet.get("properties", {}).get("sheetId", 0): sheet["data"][0]
        for sheet in answer.get("sheets", ())
        if sheet.get("data")
    }


def _tab(sheet: Mapping[str, Any], anchors: Mapping[int, Mapping[str, int]]) -> PresentTab:
    properties = sheet.get("properties", {})
    grid = properties.get("gridProperties", {})
    return PresentTab(
        sheet_id=properties.get("sheetId", 0),
        title=properties.get("title", ""),
        rows=grid.get("rowCount", 0),
        columns=grid.get("columnCount", 0),
        has_grid=properties.get("sheetType", "GRID") == "GRID",
        frozen_rows=grid.get("frozenRowCount", 0),
        frozen_columns=grid.get("frozenColumnCount", 0),
        hides_gridlines=grid.get("hideGridlines", False),
        colour=colour_of(properties, "tabColorStyle"),
        merges=tuple(map(area_of, sheet.get("merges", ()))),
        formats=tuple(map(_format, sheet.get("conditionalFormats", ()))),
        protections=tuple(map(_protection, sheet.get("protectedRanges", ()))),
        charts=tuple(PresentChart(each.get("chartId", 0), each.get("spec", {})) for each in sheet.get("charts", ())),
        tag=kept(sheet, TAG),
        let_in=kept(sheet, LET_IN),
        anchors=anchors.get(properties.get("sheetId", 0), {}),
    )


def _format(found: Mapping[str, Any]) -> PresentFormat:
    rule = found.get("booleanRule", {})
    condition = rule.get("condition", {})
    return PresentFormat(
        areas=tuple(map(area_of, found.get("ranges", ()))),
        kind=condition.get("type", ""),
        values=tuple(value.get("userEnteredValue", "") for value in condition.get("values", ())),
        style=style_of(rule.get("format", {})),
    )


def _protection(found: Mapping[str, Any]) -> PresentProtection:
    editors = found.get("editors")
    warning_only = found.get("warningOnly", False)
    return PresentProtection(
        id=found.get("protectedRangeId", 0),
        area=area_of(found["range"]) if "range" in found else WHOLE_TAB,
        description=found.get("description", ""),
        warning_only=warning_only,
        users=None if editors is None else tuple(editors.get("users", ())),
        groups=tuple(editors.get("groups", ())) if editors else (),
        open_to_domain=bool(editors and editors.get("domainUsersCanEdit", False)),
        closed_to_us=not warning_only and not found.get("requestingUserCanEdit", False),
    )


def _with_cells(tab: PresentTab, data: Mapping[str, Any], interned: dict[str, CellLooks]) -> PresentTab:
    metadata = data.get("columnMetadata", ())
    values: list[list[Mapping[str, Any]]] = []
    looks: list[list[CellLooks]] = []
    for row in data.get("rowData", ()):
        cells = row.get("values", ())
        values.append([cell.pop("userEnteredValue", _BLANK) for cell in cells])
        looks.append([_looks(cell, interned) for cell in cells])
    return replace(
        tab,
        widths=tuple(each.get("pixelSize", 0) for each in metadata),
        hidden_columns=frozenset(place for place, each in enumerate(metadata, 1) if each.get("hiddenByUser")),
        values=values,
        looks=looks,
    )


_BLANK: Mapping[str, Any] = {}


def _looks(cell: Mapping[str, Any], interned: dict[str, CellLooks]) -> CellLooks:
    if not cell:
        return PLAIN
    key = str(cell)
    known = interned.get(key)
    if known is None:
        style = style_of(cell.get("userEnteredFormat", {}))
        known = interned[key] = CellLooks(style, rule_of(cell.get("dataValidation")), cell.get("note", ""))
    return known
