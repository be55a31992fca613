"""Ask the real service what the program leans on: `python -m tests.emulator.against_google SPREADSHEET`.

SPREADSHEET: the address or id of one that was made for this and shared with the account as Editor; the account as for
the program (GOOGLE_APPLICATION_CREDENTIALS, or the machine's own). Every fact is tried on a tab of its own, which is
deleted afterwards. Prints what holds, what differs, and which reading is true where the emulator knows several; ends
with 1 where something differs that the program leans on. Against the emulator (SHEETS_EMULATOR_HOST) it says what that
believes.

For the refusal of protected cells somebody else has to protect a tab: call it `tccb-protected` and let nobody but its
owner edit it. What a person does with mouse and keys (sort, drag, cut, undo) is not asked here; the last lines list it.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from automation.adapters.google.api.address import spreadsheet_address
from automation.adapters.google.api.budget import Throttle
from automation.adapters.google.api.sheets import GoogleApi, connect
from automation.base.errors import RequestRefused, TccbError
from tests.emulator.refusals import Json

ROWS, COLUMNS = 10, 6
PROTECTED_TAB = "tccb-protected"
MANY_FILTERS = (100, 500, 1000)
REFUSED = "refused"
BY_HAND = (
    "sort rows by hand, through a filter and through a filter view: do tags of columns stay",
    "drag a tagged column to another place: does its tag go along",
    "cut a tagged column and paste it elsewhere, also into another tab: where is its tag",
    "delete a tagged column and undo it: is its tag back, under the same id",
    "restore an earlier version of the file: are later tags gone, and what is with ids",
    "copy the file: are tags there, under the same ids",
    "write five lines into a cell that wraps, in a row that `init` told its height: does it keep it",
)
"""What only a person at a browser can find out."""


class Trial(Struct):
    """One tab to try things on, and the calls for it."""

    api: GoogleApi
    spreadsheet: str
    sheet: int = field(default_factory=lambda: secrets.randbelow(2**30) + 1)
    first_id: int = field(default_factory=lambda: secrets.randbelow(2**30) + 2**29)
    """Of the tags that are made here; the next ones follow."""

    def batch(self, *requests: Json) -> list[Json]:
        """The replies. Raises `RequestRefused`."""
        replies: list[Json] = self.api.spreadsheet(self.spreadsheet).batch_update({"requests": requests})["replies"]
        return replies

    def begin(self) -> None:
        """A tab whose columns hold a to f, four rows deep."""
        grid = {"rowCount": ROWS, "columnCount": COLUMNS}
        tab = {"sheetId": self.sheet, "title": f"tccb {self.sheet}", "gridProperties": grid}
        letters = [{"userEnteredValue": {"stringValue": letter}} for letter in "abcdef"]
        start = {"sheetId": self.sheet, "rowIndex": 0, "columnIndex": 0}
        cells = {"start": start, "rows": [{"values": letters}] * 4, "fields": "userEnteredValue"}
        self.batch({"addSheet": {"properties": tab}}, {"updateCells": cells})

    def end(self) -> None:
        """Without the tab, its copies and whatever was tagged."""
        shown = self.api.spreadsheet(self.spreadsheet).fetch_sheet_metadata({"fields": "sheets.properties"})
        titles = {each["properties"]["sheetId"]: each["properties"]["title"] for each in shown["sheets"]}
        mine = [sheet for sheet, title in titles.items() if f"tccb {self.sheet}" in title]
        of_key = {"developerMetadataLookup": {"metadataKey": self.key}}
        self.batch(
            *({"deleteSheet": {"sheetId": sheet}} for sheet in mine),
            {"deleteDeveloperMetadata": {"dataFilter": of_key}},
        )

    @property
    def key(self) -> str:
        return f"tccb-trial-{self.sheet}"

    def lookup(self, number: int, **more: Any) -> Json:
        return {"developerMetadataLookup": {"metadataId": self.first_id + number, **more}}

    def columns(self, start: int, end: int) -> Json:
        return {"sheetId": self.sheet, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}

    def area(self, first_row: int, end_row: int, first_column: int, end_column: int) -> Json:
        rows = {"startRowIndex": first_row, "endRowIndex": end_row}
        return {"sheetId": self.sheet, **rows, "startColumnIndex": first_column, "endColumnIndex": end_column}

    def tagging(self, number: int, place: int, value: str = "v", dimension: str = "COLUMNS") -> Json:
        """The request that tags a column, or a row, from 0."""
        entry = {"metadataId": self.first_id + number, "metadataKey": self.key, "metadataValue": value}
        location = {"dimensionRange": {**self.columns(place, place + 1), "dimension": dimension}}
        return {
            "createDeveloperMetadata": {"developerMetadata": {**entry, "visibility": "DOCUMENT", "location": location}}
        }

    def exchange(self, number: int, old: str, new: str) -> bool:
        """Whether a tag's value was still the old one and is the new one now."""
        changed = {"dataFilters": [self.lookup(number, metadataValue=old)], "developerMetadata": {"metadataValue": new}}
        (reply,) = self.batch({"updateDeveloperMetadata": {**changed, "fields": "metadataValue"}})
        return bool(reply.get("updateDeveloperMetadata", {}).get("developerMetadata"))

    def entries(self) -> dict[int, Json]:
        """The tags made here, wherever they are, by number."""
        body = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": self.key}}]}
        found = self.api.post(f"{self.spreadsheet}/developerMetadata:search", body)
        listed = [each["developerMetadata"] for each in found.get("matchedDeveloperMetadata", ())]
        return {entry["metadataId"] - self.first_id: entry for entry in listed}

    def places(self) -> str:
        """Where the tags of the tab stand, as `0:b 1:c`: number and the letter that heads the column."""
        header = next(iter(self.values()), [])
        found = []
        for number, entry in sorted(self.entries().items()):
            place = entry["location"].get("dimensionRange", {})
            if place.get("sheetId") == self.sheet:
                column = place.get("startIndex", 0)
                found.append(f"{number}:{header[column] if column < len(header) and header[column] else column}")
        return " ".join(found)

    def read(self, *filters: Json) -> list[Json]:
        body = {"dataFilters": filters, "valueRenderOption": "UNFORMATTED_VALUE"}
        found: list[Json] = self.api.post(f"{self.spreadsheet}/values:batchGetByDataFilter", body).get(
            "valueRanges", []
        )
        return found

    def values(self) -> list[list[Any]]:
        (found,) = self.read({"gridRange": {"sheetId": self.sheet}})
        rows: list[list[Any]] = found["valueRange"].get("values", [])
        return rows

    def write(self, *lines: tuple[int, Sequence[Any]], dimension: str = "COLUMNS") -> Json:
        """Values down the columns, or along the rows, of tags."""
        data = [
            {"dataFilter": self.lookup(number), "majorDimension": dimension, "values": [list(values)]}
            for number, values in lines
        ]
        body = {"valueInputOption": "RAW", "data": data}
        return self.api.post(f"{self.spreadsheet}/values:batchUpdateByDataFilter", body)


def refusal(act: Callable[[], object]) -> str:
    """`refused`, or what else came of it."""
    try:
        return f"done: {act()}"
    except RequestRefused:
        return REFUSED


class Fact(Struct, frozen=True):
    """Something about the service, and how it is found out."""

    name: str
    expected: tuple[str, ...]
    """What the program can live with; more than one where nobody knows, each then named in `Readings`."""
    ask: Callable[[Trial], str]


# --- what is asked ----------------------------------------------------------------------------------------


def ids(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1))
    return refusal(lambda: trial.batch(trial.tagging(0, 2))) + " " + trial.places()


def inserted(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1), trial.tagging(1, 2))
    trial.batch({"insertDimension": {"range": trial.columns(1, 2), "inheritFromBefore": True}})
    return trial.places()


def deleted(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1), trial.tagging(1, 2), trial.tagging(2, 3))
    trial.batch(
        {"deleteDimension": {"range": trial.columns(0, 1)}}, {"deleteDimension": {"range": trial.columns(1, 2)}}
    )
    return trial.places() + " " + refusal(lambda: trial.batch(trial.tagging(1, 0)))[:4]


def moved(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1), trial.tagging(1, 2))
    trial.batch({"moveDimension": {"source": trial.columns(1, 2), "destinationIndex": 5}})
    return trial.places()


def sorted_(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1))
    trial.write((0, ["b", "4", "3", "2"]))
    spec = {"dimensionIndex": 1, "sortOrder": "ASCENDING"}
    trial.batch({"sortRange": {"range": trial.area(1, 4, 0, COLUMNS), "sortSpecs": [spec]}})
    return trial.places() + " " + "".join(str(row[1]) for row in trial.values())


def skipping(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1))
    trial.write((0, [None, "x", ""]))
    return ",".join(str(row[1]) for row in trial.values())


def resolved(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1), trial.tagging(1, 2))
    trial.batch({"moveDimension": {"source": trial.columns(2, 3), "destinationIndex": 0}})
    trial.write((0, ["B"]), (1, ["C"]))
    return "".join(map(str, trial.values()[0]))


def in_a_row(trial: Trial) -> str:
    """The second row gets another one above, and a tag, through which its second cell is written."""
    trial.batch(trial.tagging(0, 1, dimension="ROWS"))
    trial.batch({"insertDimension": {"range": {**trial.columns(0, 1), "dimension": "ROWS"}}})
    trial.write((0, [None, "x"]), dimension="ROWS")
    return " ".join("".join(row[:3]) or "-" for row in trial.values())


def together(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1), trial.tagging(1, 2))
    found = trial.read(trial.lookup(1), {"gridRange": {"sheetId": trial.sheet}}, trial.lookup(9), trial.lookup(0))
    kinds = [next(iter(each["dataFilters"][0])) for each in found]
    cells = [each["valueRange"]["range"].rpartition("!")[2] for each in found]
    return " ".join(f"{kind[:4]}:{cell}" for kind, cell in zip(kinds, cells, strict=True))


def shown(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1))
    params = {"fields": "sheets(properties.sheetId,data.columnMetadata.developerMetadata.metadataId)"}
    ranges = {**params, "ranges": f"tccb {trial.sheet}"}
    book = trial.api.spreadsheet(trial.spreadsheet)
    return f"with ranges {str(trial.first_id) in str(book.fetch_sheet_metadata(dict[str, Any](ranges)))}"


def exchanged(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1))
    return f"{trial.exchange(0, 'v', 'w')} {trial.entries()[0]['metadataValue']}"


def not_exchanged(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1))
    try:
        listed = trial.exchange(0, "other", "w")
    except RequestRefused:
        return "refused"
    return "empty" if not listed and trial.entries()[0]["metadataValue"] == "v" else "done"


def without_match(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1))
    try:
        trial.write((9, ["x"]), (0, ["y"]))
    except RequestRefused:
        return "refused" if trial.values()[0][1] == "b" else "refused, and half done"
    return "skipped" if trial.values()[0][1] == "y" else "all skipped"


def taller(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1), trial.tagging(1, 2))
    try:
        trial.write((1, ["z"]), (0, [None] * ROWS + ["x"]))
    except RequestRefused:
        return "refused" if trial.values()[0][2] == "c" else "refused, and half done"
    return "grows" if len(trial.values()) == ROWS + 1 else "cut off"


def covered(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1), {"mergeCells": {"range": trial.area(2, 3, 0, 2), "mergeType": "MERGE_ALL"}})
    try:
        trial.write((0, ["y", None, "x"]))
    except RequestRefused:
        return "refused"
    trial.batch({"unmergeCells": {"range": trial.area(2, 3, 0, 2)}})
    row = trial.values()[2]
    return "kept" if row[1] == "x" else "ignored" if row[0] == "a" else f"found {row}"


def cut(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1))
    to = {"sheetId": trial.sheet, "rowIndex": 0, "columnIndex": 4}
    trial.batch({"cutPaste": {"source": trial.area(0, ROWS, 1, 2), "destination": to, "pasteType": "PASTE_NORMAL"}})
    return {"0:1": "stays", "0:b": "moves"}.get(trial.places(), trial.places())


def copied(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1))
    title = f"tccb {trial.sheet} (copy)"
    trial.batch({"duplicateSheet": {"sourceSheetId": trial.sheet, "newSheetName": title}})
    entries = trial.entries().values()
    tabs = {entry["location"]["dimensionRange"].get("sheetId", 0) for entry in entries}
    if trial.sheet not in tabs:
        return "taken away from the original"
    return "tagged" if len(tabs) > 1 else "bare"


def at_once(trial: Trial) -> str:
    start = {"sheetId": trial.sheet, "rowIndex": 0, "columnIndex": 1}
    header = {"values": [{"userEnteredValue": {"stringValue": "neu"}}]}
    trial.batch(
        {"insertDimension": {"range": trial.columns(1, 2), "inheritFromBefore": True}},
        trial.tagging(0, 1),
        {"updateCells": {"start": start, "rows": [header], "fields": "userEnteredValue"}},
    )
    return trial.places() + " " + "".join(map(str, trial.values()[0]))


def atomic(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1))
    return refusal(lambda: trial.batch(trial.tagging(1, 2), trial.tagging(0, 3))) + " " + trial.places()


def beyond(trial: Trial) -> str:
    there = trial.tagging(0, ROWS - 1, dimension="ROWS")
    return refusal(lambda: trial.batch(there, trial.tagging(1, ROWS, dimension="ROWS"))) + f" {len(trial.entries())}"


def protected(trial: Trial) -> str:
    book = trial.api.spreadsheet(trial.spreadsheet)
    found = book.fetch_sheet_metadata({"fields": "sheets.properties(sheetId,title)"})["sheets"]
    there = [each["properties"]["sheetId"] for each in found if each["properties"]["title"] == PROTECTED_TAB]
    if not there:
        return "not tried"
    trial.batch(trial.tagging(0, 1))
    place = {"sheetId": there[0], "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}
    tag = trial.tagging(1, 0)
    tag["createDeveloperMetadata"]["developerMetadata"]["location"] = {"dimensionRange": place}
    trial.batch(tag)
    return refusal(lambda: trial.write((0, ["x"]), (1, ["y"]))) + " " + str(trial.values()[0][1])


def warned(trial: Trial) -> str:
    protection = {"range": trial.area(0, ROWS, 1, 2), "warningOnly": True}
    trial.batch(trial.tagging(0, 1), {"addProtectedRange": {"protectedRange": protection}})
    trial.write((0, ["x"]))
    return str(trial.values()[0][1])


def filters(trial: Trial) -> str:
    trial.batch(trial.tagging(0, 1))
    for number in MANY_FILTERS:
        ranges = [
            {"gridRange": trial.area(0, row % ROWS + 1, 0, row // ROWS % COLUMNS + 1)} for row in range(number - 1)
        ]
        try:
            found = trial.read(trial.lookup(0), *ranges)
        except RequestRefused:
            return f"fewer than {number}"
        if not any(trial.lookup(0) in each["dataFilters"] for each in found):
            return f"{number} are not all answered"
    return f"at least {MANY_FILTERS[-1]}"


def dated(trial: Trial) -> str:
    trial.values()
    return f"date {bool(trial.api.journal[-1].date)}"


FACTS = (
    Fact("an id can be chosen, and is taken once", (f"{REFUSED} 0:b",), ids),
    Fact("a tag follows its column when one is inserted", ("0:b 1:c",), inserted),
    Fact("a tag follows and goes when columns are deleted, and its id is free", ("0:b 2:d done",), deleted),
    Fact("a tag follows its column when it is moved", ("0:b 1:c",), moved),
    Fact("a sort of rows leaves tags of columns", ("0:b b234",), sorted_),
    Fact("null skips and an empty text empties", ("b,x,,b",), skipping),
    Fact("a lookup is resolved when it is written", ("CaBdef",), resolved),
    Fact("a tag follows its row, and a write goes along it", ("- abc axc abc abc",), in_a_row),
    Fact("ranges and lookups are read together", ("grid:A1:F10 deve:B1:B10 deve:C1:C10",), together),
    Fact("tags are shown with the columns of a range", ("with ranges True",), shown),
    Fact("a value is exchanged where it is still the old one", ("True w",), exchanged),
    Fact("a column comes with tag and header at once", ("0:neu aneubcdef",), at_once),
    Fact("a batch that fails leaves nothing", (f"{REFUSED} 0:b",), atomic),
    Fact("a tag beyond the grid is refused", (f"{REFUSED} 0",), beyond),
    Fact("one protected cell refuses all of a write", (f"{REFUSED} b", "not tried"), protected),
    Fact("a mere warning stops no write", ("x",), warned),
    Fact("a thousand filters go into one request", (f"at least {MANY_FILTERS[-1]}",), filters),
    Fact("answers tell the time", ("date True", "date False"), dated),
    Fact("update_without_match", ("empty", "refused"), not_exchanged),
    Fact("write_without_match", ("skipped", "refused"), without_match),
    Fact("taller_column", ("refused", "grows"), taller),
    Fact("covered_cell", ("ignored", "kept", "refused"), covered),
    Fact("cut_column", ("stays", "moves"), cut),
    Fact("copied_tab", ("bare", "tagged"), copied),
)
"""Those with several answers are called as in `Readings` where that has them."""


@contextmanager
def trial_on(api: GoogleApi, spreadsheet: str) -> Iterator[Trial]:
    """A tab for one fact, which is gone afterwards."""
    trial = Trial(api, spreadsheet)
    trial.begin()
    try:
        yield trial
    finally:
        with suppress(TccbError):
            trial.end()


def found_out(api: GoogleApi, spreadsheet: str, facts: Sequence[Fact] = FACTS) -> Iterator[tuple[Fact, str]]:
    """Each fact with what was found; what nobody expected is told and ends nothing."""
    for fact in facts:
        with trial_on(api, spreadsheet) as trial:
            try:
                found = fact.ask(trial)
            except (TccbError, LookupError, ValueError) as error:
                reason = error.reason if isinstance(error, RequestRefused) else ""
                found = f"{type(error).__name__} {reason}".strip()
        yield fact, found


def line_of(fact: Fact, found: str) -> str:
    """How a fact is told."""
    if found not in fact.expected:
        return f"DIFFERS  {fact.name}: {found} (expected {' or '.join(fact.expected)})"
    return f"holds    {fact.name}" if len(fact.expected) == 1 else f"is       {fact.name}: {found}"


def main(arguments: Sequence[str], throttle: Throttle | None = None) -> int:
    """1 where something differs that the program leans on, 2 without a spreadsheet."""
    emulator = os.environ.get("SHEETS_EMULATOR_HOST")
    address = spreadsheet_address(arguments[0], any_id=bool(emulator)) if len(arguments) == 1 else None
    if address is None:
        print(__doc__, file=sys.stderr)
        return 2
    key = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    api = connect(Path(key) if key else None, emulator, throttle=throttle)
    differs = False
    for fact, found in found_out(api, address.id):
        differs = differs or found not in fact.expected
        print(line_of(fact, found), flush=True)
    print("by hand:", *BY_HAND, sep="\n  ")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
