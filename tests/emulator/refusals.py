"""Answers that are errors, in the words of Google."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


class Refused(Exception):
    """A request that gets an error for an answer; `details` as in google.rpc.Status."""

    def __init__(self, code: int, message: str, details: Sequence[Json] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = tuple(details)

    def body(self) -> Json:
        error: Json = {"code": self.code, "message": self.message, "status": STATUS_NAMES[self.code]}
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}

    def within(self, place: str) -> Refused:
        """The same refusal with its place in front, as `Invalid requests[0].updateCells: ...`.

        What is no mistake in the request (not supported here, not found) stays as it is.
        """
        return Refused(self.code, f"Invalid {place}: {self.message}", self.details) if self.code == 400 else self


class DriveRefused(Refused):
    """Drive has an older form of error (google-sheets section 5)."""

    def __init__(self, code: int, message: str, reason: str) -> None:
        super().__init__(code, message)
        self.reason = reason

    def body(self) -> Json:
        listed = {"message": self.message, "domain": "global", "reason": self.reason}
        return {"error": {"code": self.code, "message": self.message, "errors": [listed]}}


def bad_request(message: str) -> Refused:
    """400 INVALID_ARGUMENT."""
    return Refused(400, message)


def not_supported(what: str) -> Refused:
    """501: the emulator does not know how Google does this, and says so rather than pretend."""
    return Refused(501, f"The emulator does not support {what}.")


def violation(field: str, description: str, message: str = "") -> Refused:
    """400 with the BadRequest detail that Google adds to what its parser refuses."""
    listed = {"field": field, "description": description} if field else {"description": description}
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [listed]}
    return Refused(400, message or description, [detail])


def error_info(reason: str, **metadata: str) -> Json:
    """The ErrorInfo detail."""
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    }
