"""What can go wrong between a program and Google, on demand."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from msgspec import Struct

from tests.emulator.journal import Record
from tests.emulator.refusals import Json, Refused, error_info

PROJECT = "123456789012"


class Fault(Enum):
    """One kind of mishap. Those of an answer leave the spreadsheet alone unless they say otherwise."""

    QUOTA_429 = "quota"
    """As JSON; with a Retry-After where `fail` is given one."""
    QUOTA_429_HTML = "quota as a page"
    INTERNAL_500 = "internal"
    BAD_GATEWAY_502_HTML = "bad gateway"
    UNAVAILABLE_503 = "unavailable"
    NOT_FOUND_404 = "not found"
    FORBIDDEN_403 = "not shared"
    API_DISABLED_403 = "the API is not enabled"
    SCOPES_403 = "scopes too small"
    UNAUTHORIZED_401 = "bad token"
    RESET_BEFORE = "reset, nothing applied"
    RESET_AFTER = "applied, then reset"
    HANG = "no answer until the client goes away, or for `seconds`; `applied` or not"
    SLOW = "the right answer after `seconds`"
    TRUNCATED_JSON = "applied, half of the answer"
    HTML_INSTEAD_OF_JSON = "200 with a page; `applied` or not"


AFTER_APPLYING = {Fault.RESET_AFTER, Fault.SLOW, Fault.TRUNCATED_JSON}


class PlannedFault(Struct):
    """A fault that waits for its request."""

    wanted: Callable[[Record], bool]
    fault: Fault
    times: int
    seconds: float
    applied: bool
    retry_after: str | None

    @property
    def applies(self) -> bool:
        """Whether the request still takes effect."""
        return self.applied or self.fault in AFTER_APPLYING


def quota_refusal(bucket: str) -> Refused:
    """429 as recorded (M)."""
    what, limit = ("Read", "read_requests") if bucket == "read" else ("Write", "write_requests")
    consumer = f"projects/{PROJECT}"
    message = (
        f"Quota exceeded for quota metric '{what} requests' and limit '{what} requests per minute per user' of "
        f"service 'sheets.googleapis.com' for consumer 'project_number:{PROJECT}'."
    )
    info = error_info(
        "RATE_LIMIT_EXCEEDED",
        service="sheets.googleapis.com",
        consumer=consumer,
        quota_limit=f"{what}RequestsPerMinutePerUser",
        quota_limit_value="60",
        quota_location="global",
        quota_metric=f"sheets.googleapis.com/{limit}",
        quota_unit="1/min/{project}/{user}",
    )
    link = {"description": "Request a higher quota limit.", "url": "https://cloud.google.com/docs/quotas/help"}
    return Refused(429, message, [info, {"@type": "type.googleapis.com/google.rpc.Help", "links": [link]}])


def api_disabled(service: str) -> Refused:
    """403 SERVICE_DISABLED with the address where the API is switched on (M)."""
    address = f"https://console.developers.google.com/apis/api/{service}/overview?project={PROJECT}"
    name = "Google Drive API" if service.startswith("drive") else "Google Sheets API"
    message = (
        f"{name} has not been used in project {PROJECT} before or it is disabled. Enable it by visiting {address} "
        "then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems "
        "and retry."
    )
    link = {"description": "Google developers console API activation", "url": address}
    info = error_info("SERVICE_DISABLED", service=service, consumer=f"projects/{PROJECT}", activationUrl=address)
    return Refused(403, message, [{"@type": "type.googleapis.com/google.rpc.Help", "links": [link]}, info])


def scopes_too_small() -> Refused:
    info = error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", service="sheets.googleapis.com")
    return Refused(403, "Request had insufficient authentication scopes.", [info])


def bad_token() -> Refused:
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential."
    )
    return Refused(401, message)


def not_found() -> Refused:
    return Refused(404, "Requested entity was not found.")


def forbidden() -> Refused:
    return Refused(403, "The caller does not have permission")


def _page(title: str, text: str) -> bytes:
    return f"<!DOCTYPE html><html lang=en><title>{title}</title><p>{text}</p></html>".encode()


PAGES: dict[Fault, tuple[int, bytes]] = {
    Fault.QUOTA_429_HTML: (
        429,
        _page("Sorry...", "We're sorry... but your computer or network may be sending automated queries."),
    ),
    Fault.BAD_GATEWAY_502_HTML: (
        502,
        _page("Error 502 (Server Error)!!1", "The server encountered a temporary error. Please try again."),
    ),
    Fault.HTML_INSTEAD_OF_JSON: (200, _page("Sign in", "Please sign in to continue.")),
}


def answer_of(fault: Fault, record: Record) -> tuple[int, bytes | Json] | None:
    """Status and body that a fault answers with; None for those that are no answer of their own."""
    if fault in PAGES:
        return PAGES[fault]
    refusals: dict[Fault, Refused] = {
        Fault.QUOTA_429: quota_refusal(record.bucket),
        Fault.INTERNAL_500: Refused(500, "Internal error encountered."),
        Fault.UNAVAILABLE_503: Refused(503, "The service is currently unavailable."),
        Fault.NOT_FOUND_404: not_found(),
        Fault.FORBIDDEN_403: forbidden(),
        Fault.API_DISABLED_403: api_disabled(
            "drive.googleapis.com" if record.bucket == "drive" else "sheets.googleapis.com"
        ),
        Fault.SCOPES_403: scopes_too_small(),
        Fault.UNAUTHORIZED_401: bad_token(),
    }
    refused = refusals.get(fault)
    return (refused.code, refused.body()) if refused else None
