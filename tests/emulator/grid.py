"""The model: a spreadsheet, its tabs, and everything on them that has a place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from random import Random
from typing import Any

from msgspec import Struct, field

from tests.emulator import a1
from tests.emulator.cells import BLANK, Cell
from tests.emulator.refusals import Json, bad_request
from tests.emulator.shifts import Deleted, Inserted, Moved, Permuted, Shift, shifted_range, shifted_sources

MOST_CELLS = 10_000_000
MOST_COLUMNS = 18_278
ROW_PIXELS = 21
COLUMN_PIXELS = 100


class Area(Struct, frozen=True):
    """A rectangle within the grid of one tab; zero-based, ends excluded."""

    sheet: Sheet
    first_row: int
    end_row: int
    first_column: int
    end_column: int

    @property
    def text(self) -> str:
        """As answers write it: `Tab!A1:B2`."""
        return a1.write_range(self.sheet.title, self.first_row, self.end_row, self.first_column, self.end_column)

    @property
    def height(self) -> int:
        return self.end_row - self.first_row

    @property
    def width(self) -> int:
        return self.end_column - self.first_column

    def places(self) -> Iterator[tuple[int, int]]:
        for row in range(self.first_row, self.end_row):
            for column in range(self.first_column, self.end_column):
                yield row, column

    def json(self) -> Json:
        return {
            "sheetId": self.sheet.id,
            "startRowIndex": self.first_row,
            "endRowIndex": self.end_row,
            "startColumnIndex": self.first_column,
            "endColumnIndex": self.end_column,
        }


class Sheet(Struct):
    """One tab. Lists and mappings are copied before a change, what is in them is replaced and never changed."""

    id: int
    title: str
    row_count: int = 1000
    column_count: int = 26
    kind: str = "GRID"
    rows: list[list[Cell]] = field(default_factory=list)
    """Ragged, and no longer than need be."""
    grid_properties: Json = field(default_factory=dict)
    """`frozenRowCount` and the like; the counts are above."""
    properties: Json = field(default_factory=dict)
    """`hidden`, `tabColor` and the like."""
    dimensions: dict[str, dict[int, Json]] = field(default_factory=lambda: {"ROWS": {}, "COLUMNS": {}})
    """Sizes and what is hidden, where it is not the default."""
    groups: dict[str, list[Json]] = field(default_factory=lambda: {"ROWS": [], "COLUMNS": []})
    merges: list[Json] = field(default_factory=list)
    conditional_formats: list[Json] = field(default_factory=list)
    protected: list[Json] = field(default_factory=list)
    charts: list[Json] = field(default_factory=list)
    bandings: list[Json] = field(default_factory=list)
    filter_views: list[Json] = field(default_factory=list)
    basic_filter: Json | None = None
    rendered: dict[Any, Any] = field(default_factory=dict)
    """What was read from this state already; a change starts a new one."""

    def clone(self) -> Sheet:
        """A copy that may be changed."""
        other = copy(self)
        other.rows = [list(row) for row in self.rows]
        for name in ("grid_properties", "properties"):
            setattr(other, name, dict(getattr(self, name)))
        other.dimensions = {name: dict(each) for name, each in self.dimensions.items()}
        other.groups = {name: list(each) for name, each in self.groups.items()}
        for name in ("merges", "conditional_formats", "protected", "charts", "bandings", "filter_views"):
            setattr(other, name, list(getattr(self, name)))
        other.rendered = {}
        return other

    def cell(self, row: int, column: int) -> Cell:
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return BLANK
        return self.rows[row][column]

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Replace one cell; the place must be within the grid."""
        rows = self.rows
        if row >= len(rows):
            if cell is BLANK:
                return
            rows.extend([] for _ in range(row + 1 - len(rows)))
        line = rows[row]
        if column >= len(line):
            if cell is BLANK:
                return
            line.extend([BLANK] * (column + 1 - len(line)))
        line[column] = cell

    def count(self, dimension: str) -> int:
        return self.row_count if dimension == "ROWS" else self.column_count

    def range_error(self, text: str) -> Exception:
        return bad_request(
            f"Range ({text}) exceeds grid limits. Max rows: {self.row_count}, max columns: {self.column_count}"
        )

    def whole(self) -> Area:
        return Area(self, 0, self.row_count, 0, self.column_count)

    def merge_over(self, row: int, column: int) -> Json | None:
        """The merged block that hides this cell: any cell of it but the first."""
        for block in self.merges:
            if block["startRowIndex"] <= row < block["endRowIndex"] and (
                block["startColumnIndex"] <= column < block["endColumnIndex"]
            ):
                return None if (row, column) == (block["startRowIndex"], block["startColumnIndex"]) else block
        return None

    def resize(self, rows: int, columns: int) -> None:
        self.row_count, self.column_count = rows, columns

    def shift_cells(self, dimension: str, shift: Shift) -> None:
        """Move the cells themselves, with the sizes of their rows or columns."""
        if dimension == "ROWS":
            self.rows = _shifted_list(self.rows, shift, list)
        else:
            self.rows = [_shifted_list(row, shift, lambda: BLANK) for row in self.rows]
        self.shift_dimensions(dimension, shift)

    def shift_dimensions(self, dimension: str, shift: Shift) -> None:
        places = ((shift.index(index), each) for index, each in self.dimensions[dimension].items())
        self.dimensions[dimension] = {place: each for place, each in places if place is not None}

    def shift_ranges(self, moved: Callable[[Json], Json | None]) -> None:
        """Everything of this tab that is laid over ranges of cells."""
        self.merges = [area for area in map(moved, self.merges) if area and _size(area) > 1]
        self.conditional_formats = [
            {**rule, "ranges": left}
            for rule in self.conditional_formats
            if (left := [area for area in map(moved, rule["ranges"]) if area])
        ]
        self.protected = [each for each in (_protected_moved(each, moved) for each in self.protected) if each]
        self.bandings = _with_range(self.bandings, moved)
        self.filter_views = _with_range(self.filter_views, moved)
        self.basic_filter = next(iter(_with_range([self.basic_filter], moved)), None) if self.basic_filter else None


def _shifted_list(values: list[Any], shift: Shift, blank: Callable[[], Any]) -> list[Any]:
    if isinstance(shift, Inserted):
        if shift.at >= len(values):
            return values
        return [*values[: shift.at], *(blank() for _ in range(shift.count)), *values[shift.at :]]
    if isinstance(shift, Deleted):
        return values[: shift.start] + values[shift.end :]
    places = {place: value for index, value in enumerate(values) if (place := shift.index(index)) is not None}
    return [places[index] if index in places else blank() for index in range(max(places, default=-1) + 1)]


def _size(area: Json) -> int:
    height: int = area["endRowIndex"] - area["startRowIndex"]
    width: int = area["endColumnIndex"] - area["startColumnIndex"]
    return height * width


def _with_range(items: list[Json], moved: Callable[[Json], Json | None]) -> list[Json]:
    return [{**each, "range": area} for each in items if (area := moved(each["range"])) is not None]


def _protected_moved(protection: Json, moved: Callable[[Json], Json | None]) -> Json | None:
    area = moved(protection["range"])
    if area is None:
        return None
    changed = {**protection, "range": area}
    if "unprotectedRanges" in protection:
        changed["unprotectedRanges"] = [each for each in map(moved, protection["unprotectedRanges"]) if each]
    return changed


class Book(Struct):
    """One state of a spreadsheet. Whoever changes it works on `draft()` and gets tabs from `edit`."""

    properties: Json
    sheets: list[Sheet]
    named_ranges: list[Json] = field(default_factory=list)
    metadata: list[Json] = field(default_factory=list)
    """DeveloperMetadata with its location as it was given, indexes kept up to date."""
    chance: Random = field(default_factory=lambda: Random(0))
    owned: set[int] = field(default_factory=set)

    @property
    def locale(self) -> str:
        locale: str = self.properties["locale"]
        return locale

    def draft(self) -> Book:
        """A copy whose tabs are shared until somebody edits them."""
        return Book(dict(self.properties), list(self.sheets), list(self.named_ranges), list(self.metadata), self.chance)

    def sheet(self, sheet_id: int) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.id == sheet_id), None)

    def titled(self, title: str) -> Sheet | None:
        """The tab of this title; case does not matter (M)."""
        folded = title.casefold()
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == folded), None)

    def edit(self, sheet_id: int) -> Sheet:
        """The tab, as one that this draft may change."""
        place = next(index for index, sheet in enumerate(self.sheets) if sheet.id == sheet_id)
        if sheet_id not in self.owned:
            self.sheets[place] = self.sheets[place].clone()
            self.owned.add(sheet_id)
        return self.sheets[place]

    def add(self, sheet: Sheet, index: int) -> None:
        self.owned.add(sheet.id)
        self.sheets.insert(index, sheet)

    def new_id(self, taken: set[int]) -> int:
        while True:
            number = self.chance.randrange(1, 2**31)
            if number not in taken:
                return number

    def cell_count(self) -> int:
        return sum(sheet.row_count * sheet.column_count for sheet in self.sheets if sheet.kind == "GRID")

    def check_size(self) -> None:
        """The limits of the whole workbook and of a tab's columns (M)."""
        if any(sheet.column_count > MOST_COLUMNS for sheet in self.sheets):
            raise bad_request(
                "This action would increase the number of columns in the sheet above the limit of "
                f"{MOST_COLUMNS} columns."
            )
        if self.cell_count() > MOST_CELLS:
            raise bad_request(
                f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells."
            )

    def shift(self, sheet_id: int, dimension: str, shift: Shift) -> None:
        """Insert, delete, move or sort whole rows or columns: everything with a place goes along."""
        self.edit(sheet_id).shift_cells(dimension, shift)
        self.shift_places(sheet_id, dimension, shift)

    def shift_places(self, sheet_id: int, dimension: str, shift: Shift) -> None:
        """As `shift`, but the cells stay where they are."""

        def moved(area: Json) -> Json | None:
            return shifted_range(area, sheet_id, dimension, shift)

        self.shift_metadata(sheet_id, dimension, shift)
        if isinstance(shift, Permuted):
            return
        edited = self.edit(sheet_id)
        edited.shift_ranges(moved)
        edited.groups[dimension] = _shifted_groups(edited.groups[dimension], shift)
        self.named_ranges = _with_range(self.named_ranges, moved)
        for sheet in list(self.sheets):
            if sheet.charts:
                changed = [
                    {**shifted_sources(chart, moved), "position": _shifted_anchor(chart, sheet_id, dimension, shift)}
                    for chart in sheet.charts
                ]
                if changed != sheet.charts:
                    self.edit(sheet.id).charts = changed

    def shift_metadata(self, sheet_id: int, dimension: str, shift: Shift) -> None:
        """Row and column entries move with their row or column, and go with it (M)."""
        kept = []
        for entry in self.metadata:
            place = entry["location"].get("dimensionRange")
            if place and place.get("sheetId", 0) == sheet_id and place["dimension"] == dimension:
                index = shift.index(place["startIndex"])
                if index is None:
                    continue
                moved = {**place, "startIndex": index, "endIndex": index + 1}
                entry = {**entry, "location": {"dimensionRange": moved}}
            kept.append(entry)
        self.metadata = kept

    def move_rows(self, sheet_id: int, dimension: str, start: int, end: int, to: int) -> None:
        self.shift(sheet_id, dimension, Moved(start, end, to))

    # Ranges

    def area(self, given: Json, clamp: bool = False) -> Area:
        """The cells that a GridRange names. Raises `Refused`: unknown tab, beyond the grid."""
        sheet_id = given.get("sheetId", 0)
        sheet = self.sheet(sheet_id)
        if sheet is None or sheet.kind != "GRID":
            raise bad_request(f"No grid with id: {sheet_id}")
        rectangle = a1.Rectangle(
            given.get("startRowIndex"),
            given.get("endRowIndex"),
            given.get("startColumnIndex"),
            given.get("endColumnIndex"),
        )
        for start, end in (
            (rectangle.first_row, rectangle.end_row),
            (rectangle.first_column, rectangle.end_column),
        ):
            if (start or 0) < 0 or (end is not None and end <= (start or 0)):
                raise bad_request("Invalid range: the end must be greater than the start, and neither be negative.")
        return self.fit(sheet, rectangle, clamp)

    def fit(self, sheet: Sheet, given: a1.Rectangle, clamp: bool) -> Area:
        """The part of the grid that is meant. A START beyond it is refused; an END only unless `clamp` (M)."""
        first_row, first_column = given.first_row or 0, given.first_column or 0
        end_row = sheet.row_count if given.end_row is None else given.end_row
        end_column = sheet.column_count if given.end_column is None else given.end_column
        outside = first_row >= sheet.row_count or first_column >= sheet.column_count
        beyond = end_row > sheet.row_count or end_column > sheet.column_count
        if outside or (beyond and not clamp):
            text = a1.write_range(
                sheet.title, first_row, max(end_row, first_row + 1), first_column, max(end_column, first_column + 1)
            )
            raise sheet.range_error(text)
        return Area(sheet, first_row, min(end_row, sheet.row_count), first_column, min(end_column, sheet.column_count))

    def read_range(self, text: str, clamp: bool = True) -> Area:
        """The cells that an A1 range names. Raises `Refused`: `Unable to parse range`, beyond the grid."""
        unreadable = bad_request(f"Unable to parse range: {text}")
        written = a1.split(text)
        if written is None:
            raise unreadable
        sheet = self.sheets[0] if written.title is None else self.titled(written.title)
        if sheet is None:
            raise unreadable
        if not written.cells:
            return self._grid_of(sheet, unreadable)
        rectangle = a1.read_cells(written.cells)
        if rectangle is not None:
            self._grid_of(sheet, unreadable)
            return self.fit(sheet, rectangle, clamp)
        named = next((each for each in self.named_ranges if each["name"].casefold() == written.cells.casefold()), None)
        if named is not None:
            return self.area(named["range"], clamp=True)
        titled = self.titled(written.cells) if written.title is None else None
        if titled is None:
            raise unreadable
        return self._grid_of(titled, unreadable)

    def _grid_of(self, sheet: Sheet, unreadable: Exception) -> Area:
        if sheet.kind != "GRID":
            raise unreadable
        return sheet.whole()


def _shifted_groups(groups: list[Json], shift: Shift) -> list[Json]:
    left = []
    for group in groups:
        span = shift.span(group["range"]["startIndex"], group["range"]["endIndex"])
        if span is not None:
            left.append({**group, "range": {**group["range"], "startIndex": span[0], "endIndex": span[1]}})
    return left


def _shifted_anchor(chart: Json, sheet_id: int, dimension: str, shift: Shift) -> Json:
    position: Json = chart["position"]
    overlay = position.get("overlayPosition")
    if not overlay or overlay["anchorCell"].get("sheetId", 0) != sheet_id:
        return position
    name = "rowIndex" if dimension == "ROWS" else "columnIndex"
    index = overlay["anchorCell"].get(name, 0)
    place = shift.index(index)
    if place is None:
        span = shift.span(0, index)
        place = span[1] if span else 0
    return {**position, "overlayPosition": {**overlay, "anchorCell": {**overlay["anchorCell"], name: place}}}
