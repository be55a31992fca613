"""What `init` writes above the headers of a tab that people have: through the identity of its line, so that a line that
is deleted, inserted or moved in that very second brings it over no cell of theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gspread.utils import a1_range_to_grid_range
from msgspec import Struct

from automation.adapters.google.api.values import as_kept
from automation.adapters.google.drawing.anchors import anchor_id, lookup, set_anchors
from automation.adapters.google.drawing.areas import Area, grid_range
from automation.adapters.google.drawing.cells import Request, new_values
from automation.adapters.google.drawing.present import PresentTab
from automation.adapters.google.drawing.reading import Api
from automation.base.errors import CellsProtected, RequestRefused
from automation.core.model.layout import TabLook
from automation.core.model.workbook import Anchor, Cell, line_code
from automation.core.reading.cells import is_blank

Rows = Sequence[Sequence[Any]]


class LineAbove(Struct, frozen=True):
    """One line above the headers, and what comes into it."""

    tab: PresentTab
    """As it was read."""
    header_row: int
    row: int
    values: Mapping[int, Cell]
    """By column."""

    @property
    def code(self) -> str:
        """By which the line is known."""
        return line_code(f"tren.{self.row}")

    @property
    def data_filter(self) -> dict[str, Any]:
        """What finds it, wherever it stands."""
        return lookup(anchor_id(self.tab.sheet_id, self.code))


class NotWritten(Struct, frozen=True):
    """A tab in which a line was not written."""

    tab: str
    refusal: str = ""
    """What Google said; "" where people were faster."""


def lines_above(look: TabLook, tab: PresentTab) -> tuple[LineAbove, ...]:
    """The lines of a tab that was there in which something is to be written that stands above its headers."""
    by_row: dict[int, dict[int, Cell]] = defaultdict(dict)
    for (row, column), value in new_values(look, tab).items():
        if look.is_above_people(row):
            by_row[row][column] = as_kept(value)
    return tuple(LineAbove(tab, look.header_row, row, values) for row, values in sorted(by_row.items()))


def make_known(lines: Sequence[LineAbove]) -> Iterator[Request]:
    """What makes the lines known by their identity."""
    for line in lines:
        if line.tab.anchors.get(line.code) != line.row:
            yield from set_anchors(line.tab.sheet_id, [Anchor("", line.code, line.row)], list(line.tab.anchors))


def write_above(api: Api, spreadsheet_id: str, lines: Sequence[LineAbove]) -> list[NotWritten]:
    """Write into the lines where they, and the headers, still are as they were read. Answers with what was not.
    Raises what the API raises.
    """
    if not lines:
        return []
    titles = list(dict.fromkeys(line.tab.title for line in lines))
    try:
        unmoved = _unmoved(api, spreadsheet_id, lines)
        if unmoved:
            body = {"valueInputOption": "RAW", "data": [_entry(line) for line in unmoved]}
            api.post(f"{spreadsheet_id}/values:batchUpdateByDataFilter", body, repeatable=False)
    except RequestRefused as error:
        if len(titles) == 1:  # protected; or the tab, or a line, is gone
            return [NotWritten(titles[0], str(error) if isinstance(error, CellsProtected) else "")]
        half = titles[: len(titles) // 2]
        parts = (
            [line for line in lines if line.tab.title in half],
            [line for line in lines if line.tab.title not in half],
        )
        return [each for part in parts for each in write_above(api, spreadsheet_id, part)]
    left = [line for line in lines if line not in unmoved]
    return [NotWritten(title) for title in dict.fromkeys(line.tab.title for line in left)]


def _entry(line: LineAbove) -> dict[str, Any]:
    cells = [line.values.get(column) for column in range(1, max(line.values) + 1)]
    return {"dataFilter": line.data_filter, "majorDimension": "ROWS", "values": [cells]}


def _unmoved(api: Api, spreadsheet_id: str, lines: Sequence[LineAbove]) -> list[LineAbove]:
    """The lines that stand where they were seen, below and above what was seen; cells and identities are read as one
    state.
    """
    heads = {line.tab.sheet_id: Area(1, 1, line.header_row, line.tab.columns) for line in lines}
    body = {
        "dataFilters": [
            *({"gridRange": grid_range(sheet_id, area)} for sheet_id, area in heads.items()),
            *(line.data_filter for line in lines),
        ],
        "majorDimension": "ROWS",
        "valueRenderOption": "UNFORMATTED_VALUE",
        "dateTimeRenderOption": "SERIAL_NUMBER",
    }
    answer = api.post(f"{spreadsheet_id}/values:batchGetByDataFilter", body, repeatable=True)
    rows_of: dict[int, Rows] = {}
    place_of: dict[int, int] = {}
    for found in answer.get("valueRanges", ()):
        shown = found["valueRange"]
        for each in found["dataFilters"]:
            if "gridRange" in each:
                rows_of[each["gridRange"].get("sheetId", 0)] = shown.get("values", ())
            else:
                place = a1_range_to_grid_range(shown["range"].rpartition("!")[2])["startRowIndex"] + 1
                place_of[each["developerMetadataLookup"]["metadataId"]] = place
    return [
        line
        for line in lines
        if place_of.get(anchor_id(line.tab.sheet_id, line.code)) == line.row
        and _is_as_seen(line, rows_of.get(line.tab.sheet_id, ()))
    ]


def _is_as_seen(line: LineAbove, rows: Rows) -> bool:
    """Whether the cells to write are blank, and all else that was seen in the line and in that of the headers is there;
    headers of ours may have come since.
    """
    seen = ((row, column) for row in (line.row, line.header_row) for column in range(1, line.tab.columns + 1))
    return all(is_blank(_cell(rows, line.row, column)) for column in line.values) and all(
        _is_still(line.tab.value(*place), _cell(rows, *place)) for place in seen
    )


def _cell(rows: Rows, row: int, column: int) -> Any:
    cells = rows[row - 1] if row <= len(rows) else ()
    return cells[column - 1] if column <= len(cells) else ""


def _is_still(entered: Mapping[str, Any], now: Any) -> bool:
    """A text is the same; of anything else it is enough that something stands there: a formula may show anything."""
    if "stringValue" in entered:
        return bool(now == entered["stringValue"])
    return not entered or "formulaValue" in entered or now not in ("", None)
