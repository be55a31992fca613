"""What a Google spreadsheet looks like at present, as far as drawing has to know."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from automation.adapters.google.drawing.anchors import KEY as ANCHOR_KEY
from automation.adapters.google.drawing.anchors import anchor_id
from automation.adapters.google.drawing.areas import WHOLE_TAB, Area, area_of
from automation.adapters.google.drawing.styles import Rule, Style, colour_of, rule_of, style_of
from automation.adapters.google.drawing.tags import LET_IN, NOTHING_KEPT, TAG, Kept, kept
from automation.core.model.layout import TabLook

DEFAULT_WIDTH, DEFAULT_HEIGHT = 100, 21
"""Pixels of a column and a row that nobody has touched."""

_DEFAULT_TITLE = re.compile(r"(sheet|trang tính|trang)\s*1")


class CellLooks(Struct, frozen=True, eq=False):
    """Everything of a cell but its value. Cells that look the same share one object."""

    style: Style = field(default_factory=dict)
    rule: Rule | None = None
    note: str = ""


PLAIN = CellLooks()


class PresentFormat(Struct, frozen=True):
    """A conditional format; its place in the tuple of its tab is its index."""

    areas: tuple[Area, ...]
    kind: str
    """Google's type of condition, "" for a colour scale."""
    values: tuple[str, ...]
    style: Style


class PresentProtection(Struct, frozen=True):
    id: int
    area: Area
    description: str
    warning_only: bool
    users: tuple[str, ...] | None
    """None where we may not see who may edit."""
    groups: tuple[str, ...]
    open_to_domain: bool
    closed_to_us: bool
    has_gaps: bool = False
    """Whether somebody took cells out of it, which anybody may edit then."""


class PresentChart(Struct, frozen=True):
    id: int
    spec: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.spec.get("title", ""))


class PresentTab(Struct, frozen=True):
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
    """Where the columns and lines stand that are known by their identity, by code."""
    widths: tuple[int, ...] = ()
    """In pixels, column by column."""
    hidden_columns: frozenset[int] = frozenset()
    values: Sequence[Sequence[Mapping[str, Any]]] = ()
    """What people entered, as Google's ExtendedValue; empty for a blank cell."""
    looks: Sequence[Sequence[CellLooks]] = ()
    unread: frozenset[int] = frozenset()
    """Rows below the headers that were not read, for nothing says that they are not as they should be."""

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


class Present(Struct, frozen=True):
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


def tab_of(sheet: Mapping[str, Any]) -> PresentTab:
    """A tab as `spreadsheets.get` shows it, without its cells."""
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
        has_gaps=bool(found.get("unprotectedRanges")),
    )


def with_cells(
    tab: PresentTab, blocks: Sequence[Mapping[str, Any]], unread: frozenset[int], interned: dict[str, CellLooks]
) -> PresentTab:
    """The tab with its grid data, of which each block begins with column A; one begins with row 1."""
    values: dict[int, Sequence[Mapping[str, Any]]] = {}
    looks: dict[int, Sequence[CellLooks]] = {}
    for block in blocks:
        for row, each in enumerate(block.get("rowData", ()), block.get("startRow", 0) + 1):
            cells = each.get("values", ())
            values[row] = [cell.get("userEnteredValue", _BLANK) for cell in cells]
            looks[row] = [_looks(cell, interned) for cell in cells]
    head = next(block for block in blocks if not block.get("startRow"))
    columns = head["columnMetadata"]
    rows = range(1, max(values, default=0) + 1)
    return replace(
        tab,
        anchors=dict((*_anchors(tab.sheet_id, columns), *_anchors(tab.sheet_id, head.get("rowMetadata", ())))),
        widths=tuple(each.get("pixelSize", 0) for each in columns),
        hidden_columns=frozenset(place for place, each in enumerate(columns, 1) if each.get("hiddenByUser")),
        values=[values.get(row, ()) for row in rows],
        looks=[looks.get(row, ()) for row in rows],
        unread=unread,
    )


def _anchors(sheet_id: int, dimension: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    for place, each in enumerate(dimension, 1):
        for entry in each.get("developerMetadata", ()):
            code = str(entry.get("metadataValue", ""))
            if entry.get("metadataKey") == ANCHOR_KEY and entry["metadataId"] == anchor_id(sheet_id, code):
                yield code, place


_BLANK: Mapping[str, Any] = {}


def _looks(cell: Mapping[str, Any], interned: dict[str, CellLooks]) -> CellLooks:
    if not cell:
        return PLAIN
    key = str({name: each for name, each in cell.items() if name != "userEnteredValue"})
    known = interned.get(key)
    if known is None:
        style = style_of(cell.get("userEnteredFormat", {}))
        known = interned[key] = CellLooks(style, rule_of(cell.get("dataValidation")), cell.get("note", ""))
    return known
