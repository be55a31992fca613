"""Each call to the outside × each thing that may go wrong there: how many rows of the matrices there are.

python -m tests.app.fault_table
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from tests.app import file_faults, google_points, test_mail_matrix, test_stop_at_google
from tests.app.test_google_faults import FAULTS as ANSWERS_OF_GOOGLE
from tests.emulator import Fault as GoogleFault
from tests.faults import Fault

CALLS = ("file read", "file written", "Google read", "Google written", "Google's metadata", "state", "mail server")
FAULTS = (
    "error",
    "time-out",
    "cut before effect",
    "cut after effect",
    "kill -9",
    "disk full",
    "read-only",
    "clock -1 h",
    "clock +1 h",
    "two workers",
    "state gone",
)
ELSEWHERE: Mapping[tuple[str, str], str] = {
    **{
        (f"file {call}", "time-out"): "the system waits: test_stopping.py, test_stop_matrix.py"
        for call in ("read", "written")
    },
    ("file read", "cut before effect"): "an error: nothing has an effect",
    ("file read", "cut after effect"): "an error: nothing has an effect",
    **{(call, fault): "no disk of ours" for call in CALLS if "Google" in call for fault in ("disk full", "read-only")},
    **{(call, "two workers"): "test_lease.py, adapters/google/test_lease.py" for call in CALLS if "Google" in call},
    ("state", "cut before effect"): "an error: it never commits",
    ("mail server", "disk full"): "4xx",
    ("mail server", "read-only"): "5xx",
    ("mail server", "two workers"): "test_lease.py, test_kill_campaign.py",
}
"""What is no row, and why or where it is tried."""
_WRITING = ("results", "announcement", "outcomes")
_SAID = {
    "cut": "cut before effect",
    "silence": "time-out",
    "kill": "kill -9",
    "another bot": "two workers",
    "half an answer": "cut after effect",
    "quota": "error",
    "4xx": "error",
    "5xx": "error",
    "unavailable": "error",
    "refused": "error",
    "certificate refused": "error",
}
_OF_GOOGLE = {
    GoogleFault.HANG: "time-out",
    GoogleFault.RESET_BEFORE: "cut before effect",
    GoogleFault.RESET_AFTER: "cut after effect",
    GoogleFault.TRUNCATED_JSON: "cut after effect",
}
"""All others answer with an error."""


def rows() -> Counter[tuple[str, str]]:
    """By call and fault; a row in which two things go wrong counts for both."""
    return Counter([*_of_files(), *_of_mails(), *_of_google()])


def _of_files() -> Iterator[tuple[str, str]]:
    for each in file_faults.faults():
        event = file_faults.POINTS[each.point][0]
        call = (
            "state"
            if event in ("COMMIT", "sqlite3.connect")
            else "file read"
            if "read" in each.point
            else "file written"
        )
        stands = each.point.endswith("after they stand") and not each.kills
        yield from ((call, fault) for fault in _told(each))
        if stands:
            yield call, "cut after effect"
        elif each.what in file_faults.ERRORS and call == "file written":
            yield call, "cut before effect"


def _of_mails() -> Iterator[tuple[str, str]]:
    for each in test_mail_matrix.faults():
        if each.point == "nowhere":
            continue
        is_write = each.point.partition(" ")[0] in _WRITING
        is_state = "outbox" in each.point or "noting" in each.point
        call = "file written" if is_write else "state" if is_state else "mail server"
        yield from ((call, fault) for fault in _told(each))


def _of_google() -> Iterator[tuple[str, str]]:
    for each in google_points.faults():
        yield from ((_call_of_google(each.point), fault) for fault in _told(each))
    for point in test_stop_at_google.POINTS:
        yield from [(_call_of_google(point), "time-out")] * 2
    for answer, _ in ANSWERS_OF_GOOGLE:
        said = _OF_GOOGLE.get(answer, "error")
        yield from [("Google read", said), ("Google written", said)] * 2


def _call_of_google(point: str) -> str:
    if "lease" in point:
        return "Google's metadata"
    return "Google read" if point.startswith("read") else "Google written"


def _told(fault: Fault) -> Iterator[str]:
    what = fault.what.partition(" after effect")[0]
    said = fault.what if fault.what in FAULTS else _SAID.get(what, what)
    yield said
    if fault.state_gone:
        yield "state gone"
    if fault.clock:
        yield f"clock {fault.clock.total_seconds() / 3600:+.0f} h"


def main() -> None:
    """Print the table, a line a call, and below it what is tried elsewhere."""
    found = rows()
    print(f"{'':20}", *(f"{fault:>18}" for fault in FAULTS))
    for call in CALLS:
        print(f"{call:20}", *(f"{found[call, fault] or '-':>18}" for fault in FAULTS))
    for (call, fault), why in ELSEWHERE.items():
        print(f"{call}, {fault}: {why}")


if __name__ == "__main__":
    main()
