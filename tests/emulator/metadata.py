"""Developer metadata: entries that stick to a row, a column, a tab or the spreadsheet."""

from __future__ import annotations

from tests.emulator.grid import Area, Book
from tests.emulator.refusals import Json, Refused, bad_request

MOST_CHARACTERS = 30_000
"""Of keys and values together, for each tab and for the spreadsheet itself (D)."""


def location_type(location: Json) -> str:
    if "dimensionRange" in location:
        return "ROW" if location["dimensionRange"]["dimension"] == "ROWS" else "COLUMN"
    return "SHEET" if "sheetId" in location else "SPREADSHEET"


def sheet_of(location: Json) -> int | None:
    """The tab that an entry belongs to; None for the spreadsheet's own."""
    if "dimensionRange" in location:
        sheet_id: int = location["dimensionRange"].get("sheetId", 0)
        return sheet_id
    return location.get("sheetId")


def shown(entry: Json) -> Json:
    """An entry as answers carry it, with the type of its location."""
    location = entry["location"]
    listed = {"locationType": location_type(location), **location}
    if location_type(location) == "SPREADSHEET":
        listed["spreadsheet"] = True
    return {**entry, "location": listed}


def check_location(book: Book, location: Json) -> Json:
    """The location of a new entry as it is kept. Raises `Refused` (M)."""
    if "locationType" in location:
        raise bad_request("The field location.locationType is read-only.")
    if len([name for name in ("spreadsheet", "sheetId", "dimensionRange") if name in location]) != 1:
        raise bad_request("Exactly one of spreadsheet, sheetId or dimensionRange must be set.")
    place = location.get("dimensionRange")
    if place is None:
        if "sheetId" in location and book.sheet(location["sheetId"]) is None:
            raise bad_request(f"No sheet with id: {location['sheetId']}")
        return {} if "spreadsheet" in location else location
    if "startIndex" not in place or "endIndex" not in place:
        raise bad_request("DimensionRange must specify both a startIndex and an endIndex")
    if place["endIndex"] - place["startIndex"] != 1 or place.get("dimension") not in ("ROWS", "COLUMNS"):
        raise bad_request("DimensionRange must represent a single row or column")
    sheet = book.sheet(place.get("sheetId", 0))
    if sheet is None:
        raise bad_request(f"No grid with id: {place.get('sheetId', 0)}")
    if place["endIndex"] > sheet.count(place["dimension"]):
        raise bad_request("DimensionRange exceeds grid limits")
    return location


def copy_lines(book: Book, source: int, target: int) -> None:
    """The entries of one tab's rows and columns for another tab of the same shape, under new ids."""
    taken = {entry["metadataId"] for entry in book.metadata}
    for entry in list(book.metadata):
        place = entry["location"].get("dimensionRange")
        if place is not None and place.get("sheetId", 0) == source:
            number = book.new_id(taken)
            taken.add(number)
            location = {"dimensionRange": {**place, "sheetId": target}}
            book.metadata.append({**entry, "metadataId": number, "location": location})


def move_columns(book: Book, source: Area, sheet_id: int, column: int) -> None:
    """Let the entries of columns that were cut go along with their cells, the first to `column`."""
    for index, entry in enumerate(book.metadata):
        place = entry["location"].get("dimensionRange")
        if place is None or place["dimension"] != "COLUMNS" or place.get("sheetId", 0) != source.sheet.id:
            continue
        if source.first_column <= place["startIndex"] < source.end_column:
            start = column + place["startIndex"] - source.first_column
            moved = {**place, "sheetId": sheet_id, "startIndex": start, "endIndex": start + 1}
            book.metadata[index] = {**entry, "location": {"dimensionRange": moved}}


def check_budget(book: Book) -> None:
    """30,000 characters for each tab and for the spreadsheet (D)."""
    used: dict[int | None, int] = {}
    for entry in book.metadata:
        owner = sheet_of(entry["location"])
        used[owner] = used.get(owner, 0) + len(entry["metadataKey"]) + len(entry.get("metadataValue", ""))
    if any(characters > MOST_CHARACTERS for characters in used.values()):
        raise bad_request(f"The developer metadata exceeds the limit of {MOST_CHARACTERS} characters.")


def matches(entry: Json, lookup: Json) -> bool:
    """Whether an entry is one that a DeveloperMetadataLookup asks for; an empty lookup finds all (M)."""
    plain = ("metadataId", "metadataKey", "metadataValue", "visibility")
    if any(name in lookup and lookup[name] != entry.get(name) for name in plain):
        return False
    location = entry["location"]
    if lookup.get("locationType") not in (None, location_type(location)):
        return False
    wanted = lookup.get("metadataLocation")
    if wanted is None:
        return True
    if lookup.get("locationMatchingStrategy") == "INTERSECTING_LOCATION":
        return sheet_of(location) == sheet_of(wanted)
    return _same(location, wanted)


def _same(location: Json, wanted: Json) -> bool:
    if location_type(location) != location_type(wanted) or sheet_of(location) != sheet_of(wanted):
        return False
    names = ("dimension", "startIndex", "endIndex")
    here, there = location.get("dimensionRange", {}), wanted.get("dimensionRange", {})
    return all(here.get(name) == there.get(name) for name in names)


def check_lookup(lookup: Json) -> None:
    intersecting = lookup.get("locationMatchingStrategy") == "INTERSECTING_LOCATION"
    if intersecting and lookup.get("metadataLocation", {}).get("spreadsheet"):
        raise bad_request("Spreadsheet locations cannot be looked up with INTERSECTING_LOCATION.")


class Lookups:
    """Finds the cells that lookups mean in one state of a spreadsheet; hundreds of them, by id, in no time."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._by_id = {entry["metadataId"]: entry for entry in book.metadata}

    def areas(self, lookup: Json) -> list[Area]:
        """The rows, columns and tabs whose entries a lookup finds."""
        check_lookup(lookup)
        found = (_area(self._book, entry) for entry in self._candidates(lookup) if matches(entry, lookup))
        return [area for area in found if area is not None]

    def _candidates(self, lookup: Json) -> list[Json]:
        if "metadataId" not in lookup:
            return self._book.metadata
        entry = self._by_id.get(lookup["metadataId"])
        return [entry] if entry else []


def _area(book: Book, entry: Json) -> Area | None:
    """The cells that an entry lies on; None for the spreadsheet's own."""
    owner = sheet_of(entry["location"])
    sheet = book.sheet(owner) if owner is not None else None
    if sheet is None:
        return None
    place = entry["location"].get("dimensionRange")
    if place is None:
        return sheet.whole()
    if place["dimension"] == "ROWS":
        return Area(sheet, place["startIndex"], place["endIndex"], 0, sheet.column_count)
    return Area(sheet, 0, sheet.row_count, place["startIndex"], place["endIndex"])


def by_line(book: Book) -> dict[tuple[int, str, int], list[Json]]:
    """The entries on rows and columns as they are shown, by tab, dimension and index."""
    found: dict[tuple[int, str, int], list[Json]] = {}
    for entry in book.metadata:
        place = entry["location"].get("dimensionRange")
        if place is not None:
            key = (place.get("sheetId", 0), place["dimension"], place["startIndex"])
            found.setdefault(key, []).append(shown(entry))
    return found


def search(book: Book, filters: list[Json]) -> Json:
    """`developerMetadata.search`: each entry found with the filters that found it."""
    if not filters:
        raise bad_request("Must specify at least one dataFilter.")
    found = []
    for entry in book.metadata:
        used = [each for each in filters if _found_by(book, entry, each)]
        if used:
            found.append({"developerMetadata": shown(entry), "dataFilters": used})
    return {"matchedDeveloperMetadata": found} if found else {}


def _found_by(book: Book, entry: Json, data_filter: Json) -> bool:
    if "developerMetadataLookup" in data_filter:
        check_lookup(data_filter["developerMetadataLookup"])
        return matches(entry, data_filter["developerMetadataLookup"])
    if "gridRange" not in data_filter:
        raise Refused(501, "The emulator does not support searching metadata by an A1 range.")
    area = book.area(data_filter["gridRange"], clamp=True)
    place = entry["location"].get("dimensionRange")
    if place is None or place.get("sheetId", 0) != area.sheet.id:
        return False
    first, end = (
        (area.first_row, area.end_row) if place["dimension"] == "ROWS" else (area.first_column, area.end_column)
    )
    return bool(first <= place["startIndex"] < end)
