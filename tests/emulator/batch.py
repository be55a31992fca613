"""`spreadsheets.batchUpdate`: every request in order, all or nothing."""

from __future__ import annotations

from msgspec.structs import replace

from tests.emulator.masks import Mask, inner_mask, project
from tests.emulator.presenting import json_text, spreadsheet, with_field
from tests.emulator.refusals import Json, Refused, bad_request, not_supported
from tests.emulator.requests import HANDLERS
from tests.emulator.schema import sheets
from tests.emulator.work import Work


def batch_update(work: Work, body: Json, mask: Mask | None) -> str:
    """The answer as JSON text. Raises `Refused`: then nothing counts."""
    requests = body.get("requests", [])
    if not requests:
        raise bad_request("Must specify at least one request.")
    answer: Json = {
        "spreadsheetId": work.document.id,
        "replies": [_apply(work, number, request) for number, request in enumerate(requests)],
    }
    text = json_text(project(mask or {}, answer))
    tree = inner_mask(mask or {}, "updatedSpreadsheet")
    if not body.get("includeSpreadsheetInResponse") or tree is None:
        return text
    areas = [work.book.read_range(each) for each in body.get("responseRanges", [])] or None
    after = replace(work.document, book=work.book)
    grid_data = bool(body.get("responseIncludeGridData"))
    return with_field(text, "updatedSpreadsheet", spreadsheet(after, work.caller, areas, grid_data, tree or None))


def _apply(work: Work, number: int, request: Json) -> Json:
    if not request:
        raise bad_request(f"Invalid requests[{number}]: No request set.")
    if len(request) > 1:
        second = list(request)[1]
        raise bad_request(
            f"Invalid value at 'requests[{number}]' (oneof), oneof field 'kind' is already set. Cannot set '{second}'"
        )
    ((name, body),) = request.items()
    if name not in HANDLERS:
        raise not_supported(f"the request {name}")
    try:
        reply = HANDLERS[name](work, body)
    except Refused as refused:
        raise refused.within(f"requests[{number}].{name}") from None
    answers, _ = sheets().field("Response", name)
    return {name: reply} if answers else {}
