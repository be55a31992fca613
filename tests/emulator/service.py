"""The Sheets and Drive methods: a route, a query and a body in, an answer out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.emulator import drivefiles, metadata, values
from tests.emulator.batch import batch_update
from tests.emulator.cells import Scalar
from tests.emulator.faults import forbidden, not_found
from tests.emulator.masks import Mask, check_mask, parse_mask, project
from tests.emulator.presenting import spreadsheet
from tests.emulator.readings import Readings
from tests.emulator.refusals import Json, Refused, bad_request, violation
from tests.emulator.routes import Route
from tests.emulator.schema import drive, sheets
from tests.emulator.work import Document, Work

MASKS_ITSELF = ("get", ":getByDataFilter", ":batchUpdate")
Answer = Json | str
"""A message, or its JSON text where that was at hand."""


class Service:
    """All spreadsheets, and what may be asked of them."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds = seconds
        self.documents: dict[str, Document] = {}
        self.log: list[tuple[float, Document]] = []
        self.formulas: dict[str, Scalar] = {}
        self.readings = Readings()

    def answer(self, route: Route, given_query: Mapping[str, list[str]], body: bytes, caller: str) -> Answer:
        """Raises `Refused`. The body is read before the spreadsheet is looked up (M)."""
        api = drive() if route.bucket == "drive" else sheets()
        query = api.query(route.method_id, given_query)
        content = _read_body(route, body)
        self._check_filters(content)
        if route.bucket == "drive":
            return self._drive(route, query, caller)
        mask = None
        if query.get("fields"):
            mask = parse_mask(query["fields"])
            check_mask(mask, sheets(), route.response_schema)
        document = self._open(route, caller)
        if route.bucket == "read":
            return _masked(mask, route, self._read(route, document, caller, query, content, mask))
        work = self.work(document, caller)
        answer = _masked(mask, route, _write(route, work, query, content, mask))
        self.commit(work)
        return answer

    def _check_filters(self, body: Json) -> None:
        most = self.readings.most_filters
        given = [*body.get("dataFilters", []), *(each for each in body.get("data", []) if "dataFilter" in each)]
        if most is not None and len(given) > most:
            raise bad_request(f"The request has {len(given)} data filters, more than the limit of {most}.")

    def work(self, document: Document, caller: str) -> Work:
        return Work(document, caller, document.book.draft(), self.formulas, self.readings)

    def commit(self, work: Work) -> None:
        """Make the draft the state that everybody sees."""
        work.document.book = work.book
        now = self.seconds()
        work.document.changes.append((now, work.caller))
        self.log.append((now, work.document))

    def _open(self, route: Route, caller: str) -> Document:
        document = self.documents.get(route.spreadsheet_id)
        if document is None or document.deleted:
            raise not_found()
        role = document.role(caller)
        if not role or (route.bucket == "write" and role == "reader"):
            raise forbidden()
        return document

    def _drive(self, route: Route, query: Mapping[str, Any], caller: str) -> Answer:
        now, file_id = self.seconds(), route.spreadsheet_id
        if route.kind == "files.get":
            return drivefiles.get_file(self.documents.get(file_id), file_id, caller, query, now)
        if route.kind == "changes.list":
            return drivefiles.list_changes(self.log, caller, query, now)
        return drivefiles.start_page_token(self.log, now)

    def _read(
        self, route: Route, document: Document, caller: str, query: Mapping[str, Any], body: Json, mask: Mask | None
    ) -> Answer:
        book, kind = document.book, route.kind
        if kind == "get":
            areas = [book.read_range(each) for each in query.get("ranges", [])] or None
            return spreadsheet(document, caller, areas, query.get("includeGridData", False), mask)
        if kind == ":getByDataFilter":
            filters = body.get("dataFilters", [])
            found = [area for area, _ in values.filtered_areas(book, filters)] if filters else None
            return spreadsheet(document, caller, found, body.get("includeGridData", False), mask)
        if kind == "values.get":
            return values.get(book, route.rest, values.rendering(query))
        if kind == "values:batchGet":
            return values.batch_get(book, document.id, query.get("ranges", []), values.rendering(query))
        if kind == "values:batchGetByDataFilter":
            return values.batch_get_by_filter(book, document.id, body)
        if kind == "developerMetadata:search":
            return metadata.search(book, body.get("dataFilters", []))
        entry = next((each for each in book.metadata if each["metadataId"] == int(route.rest)), None)
        if entry is None:
            raise not_found()
        return metadata.shown(entry)


def _write(route: Route, work: Work, query: Mapping[str, Any], body: Json, mask: Mask | None) -> Answer:
    kind = route.kind
    if kind == ":batchUpdate":
        return batch_update(work, body, mask)
    if kind == "values.update":
        echo = values.rendering(query, "response") if query.get("includeValuesInResponse") else None
        return values.update(work, route.rest, body, query.get("valueInputOption"), echo)
    if kind == "values:batchUpdate":
        return values.batch_update(work, body)
    if kind == "values:batchUpdateByDataFilter":
        return values.batch_update_by_filter(work, body)
    if kind == "values:append":
        return values.append(work, route.rest, body, query)
    if kind == "values:clear":
        return {"spreadsheetId": work.document.id, "clearedRange": values.clear(work, route.rest)}
    cleared = [values.clear(work, each) for each in body.get("ranges", [])]
    if not cleared:
        raise bad_request("Must specify at least one range.")
    return {"spreadsheetId": work.document.id, "clearedRanges": cleared}


def _masked(mask: Mask | None, route: Route, answer: Answer) -> Answer:
    if mask is None or route.kind in MASKS_ITSELF:
        return answer
    found: Json = project(mask, json.loads(answer) if isinstance(answer, str) else answer)
    return found


def _read_body(route: Route, body: bytes) -> Json:
    if not route.request_schema:
        if body.strip():
            raise violation("", 'Invalid JSON payload received. Unknown name "": Root element must be a message.')
        return {}
    if not body.strip():
        return {}
    try:
        content = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise violation("", "Invalid JSON payload received. Unexpected token.") from None
    if not isinstance(content, dict):
        raise violation("", 'Invalid JSON payload received. Unknown name "": Root element must be a message.')
    return sheets().check_body(route.request_schema, content)


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON (R)."""
    raise ValueError(name)


def refused_unknown(path: str) -> Refused:
    """501 for what Google has and the emulator has not; it cannot tell the two from mistakes, so it says both."""
    return Refused(501, f"The emulator does not support {path}, or there is no such address.")
