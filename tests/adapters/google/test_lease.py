"""The lease of a spreadsheet: one bot at a time, whatever becomes of answers, clocks and machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from automation.adapters.google.api.credentials import Account
from automation.adapters.google.api.session import BoundedSession, Limits
from automation.adapters.google.lease import KEY, LEASE_ID, GoogleLease
from automation.base.errors import HeldElsewhere, NotShared, TccbError, WorkbookUnavailable
from automation.base.host_port import read_host_port
from automation.core.model.lease import GRACE, LASTS, read_note
from automation.core.model.ports import RequestCount
from tests.adapters.google.bots import MINUTE, Machine, WatchedSession, WorldTime, spreadsheet_of_bots
from tests.emulator import Emulator, Fault, Spreadsheet
from tests.emulator.emulator import NOBODY

WAIT = (LASTS + GRACE).total_seconds()


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Emulator, WorldTime]]:
    with spreadsheet_of_bots() as (emulator, _, time):
        yield emulator, time


@pytest.fixture
def emulator(world: tuple[Emulator, WorldTime]) -> Iterator[Emulator]:
    emulator, _ = world
    yield emulator
    emulator.forget_plans()
    emulator.dated = True
    emulator.readings.update_without_match = "empty"


@pytest.fixture
def time(world: tuple[Emulator, WorldTime]) -> WorldTime:
    return world[1]


@pytest.fixture
def sheet(emulator: Emulator) -> Spreadsheet:
    return emulator.new_spreadsheet({"Kết quả": [["a"]]})


@pytest.fixture
def here(emulator: Emulator, sheet: Spreadsheet, time: WorldTime) -> Machine:
    return Machine("may-1", emulator, sheet, time)


@pytest.fixture
def there(here: Machine) -> Machine:
    return replace(here, name="may-2")


def standing(sheet: Spreadsheet) -> str:
    """Whose note stands there, by machine; "" for nobody's."""
    entries = [each for each in sheet.book.metadata if each["metadataId"] == LEASE_ID]
    note = read_note(entries[0]["metadataValue"]) if entries else None
    return note.holder.host if note else ""


def is_away(lease: GoogleLease, *, anew: bool = True) -> bool:
    try:
        lease.ensure(anew=anew)
    except HeldElsewhere:
        return True
    return False


def test_the_first_has_it_and_the_second_is_told_who_and_how_long(here: Machine, there: Machine) -> None:
    here.lease().ensure()
    with pytest.raises(HeldElsewhere, match=r"Máy may-1 .* chờ đến \d\d:\d\d \d\d/\d\d/\d{4}.*--take-over"):
        there.lease().ensure()
    (entry,) = here.sheet.book.metadata
    assert (entry["metadataKey"], entry["location"]) == (KEY, {})


@pytest.mark.parametrize(("minutes", "away"), [(0.0, True), (9.0, True), (14.9, True), (15.0, False)])
def test_who_is_silent_loses_it(here: Machine, there: Machine, time: WorldTime, minutes: float, away: bool) -> None:
    here.lease().ensure()
    time.pass_(minutes * MINUTE)
    assert is_away(there.lease()) is away
    assert standing(here.sheet) == ("may-1" if away else "may-2")


def test_who_goes_on_keeps_it(here: Machine, there: Machine, time: WorldTime) -> None:
    lease = here.lease()
    for _ in range(20):
        lease.ensure()
        time.pass_(4 * MINUTE)
        assert is_away(there.lease())


def test_it_costs_two_requests_and_one_every_few_minutes(here: Machine, time: WorldTime) -> None:
    lease = here.lease()
    for _ in range(5):
        lease.ensure()
    assert lease.requests == RequestCount(read=1, write=1)
    time.pass_(2.9 * MINUTE)
    lease.ensure()
    assert lease.requests == RequestCount(read=1, write=1)
    time.pass_(0.2 * MINUTE)
    lease.ensure()
    lease.ensure(anew=True)
    assert lease.requests == RequestCount(read=1, write=3)


def test_it_is_kept_while_nothing_is_to_be_done(here: Machine, there: Machine, time: WorldTime) -> None:
    lease = here.lease()
    lease.keep()
    assert lease.requests == RequestCount()
    lease.ensure()
    for _ in range(60):
        time.pass_(MINUTE)
        lease.keep()
    assert is_away(there.lease())
    assert lease.requests == RequestCount(read=1, write=21)


def test_google_out_of_reach_is_no_matter_while_nothing_is_to_be_done(here: Machine, time: WorldTime) -> None:
    lease = here.lease()
    lease.ensure()
    time.pass_(4 * MINUTE)
    here.emulator.fail(1, Fault.UNAVAILABLE_503, times=1000)
    start, asked = time.now, len(here.emulator.journal)
    for _ in range(100):
        lease.keep()
    assert time.now - start < 10.0
    assert len(here.emulator.journal) - asked < 10


def test_who_ends_lets_the_next_begin(here: Machine, there: Machine) -> None:
    lease = here.lease()
    lease.ensure()
    lease.release()
    assert not is_away(there.lease())


@pytest.mark.parametrize(
    ("begun_before", "let_go_after", "was_elsewhere"),
    [(True, True, True), (False, True, False), (True, False, True)],
    ids=["read while it worked", "read afterwards", "died"],
)
def test_it_is_known_whether_another_had_it_since_we_read(
    here: Machine, there: Machine, time: WorldTime, begun_before: bool, let_go_after: bool, was_elsewhere: bool
) -> None:
    theirs, ours = there.lease(), here.lease()
    theirs.ensure()
    if begun_before:
        ours.begin()
    time.pass_(MINUTE)
    if let_go_after:
        theirs.release()
    time.pass_(5 * MINUTE if let_go_after else WAIT)
    if not begun_before:
        ours.begin()
    ours.ensure()
    assert ours.was_elsewhere is was_elsewhere
    ours.begin()
    ours.ensure(anew=True)
    assert not ours.was_elsewhere


def test_processes_of_one_state_folder_share_it(here: Machine, there: Machine, time: WorldTime) -> None:
    worker, by_hand = here.lease(), here.lease()
    worker.ensure()
    by_hand.ensure()
    by_hand.release()
    assert is_away(there.lease())
    time.pass_(4 * MINUTE)
    worker.ensure()
    assert is_away(there.lease())
    worker.release()
    assert not is_away(there.lease())


def test_a_bot_that_was_killed_goes_on_at_once(here: Machine, there: Machine, time: WorldTime) -> None:
    here.lease().ensure()
    time.pass_(MINUTE)
    again = here.lease()
    again.ensure()
    assert is_away(there.lease())


def test_who_knows_better_takes_it_over_once(here: Machine, there: Machine, time: WorldTime) -> None:
    first, second = here.lease(), there.lease(takes_over=True)
    first.ensure()
    second.ensure()
    assert is_away(first)
    first_again = here.lease(takes_over=True)
    first_again.ensure()
    time.pass_(4 * MINUTE)
    assert is_away(second, anew=False)


def test_a_copy_of_the_file_is_free(here: Machine, there: Machine) -> None:
    here.lease().ensure()
    copied = replace(there, sheet=here.emulator.copy(here.sheet, editors=[NOBODY]))
    assert not is_away(copied.lease())
    assert standing(copied.sheet) == "may-2"
    assert standing(here.sheet) == "may-1"


@pytest.mark.parametrize("value", ["", "gì đó", '{"until":"9999-01-01T00:00:00+00:00"}'])
def test_what_no_bot_has_written_is_taken(here: Machine, value: str) -> None:
    entry = {"metadataId": LEASE_ID, "metadataKey": KEY, "metadataValue": value, "visibility": "DOCUMENT"}
    created = {"createDeveloperMetadata": {"developerMetadata": {**entry, "location": {"spreadsheet": True}}}}
    here.sheet.human.request(created)
    here.lease().ensure()
    assert standing(here.sheet) == "may-1"


def test_who_may_only_look_cannot_have_it(here: Machine) -> None:
    here.emulator.share(here.sheet, NOBODY, "reader")
    with pytest.raises(NotShared):
        here.lease().ensure()


# --- answers that never came ------------------------------------------------------------------------------

FATES = [
    (Fault.RESET_BEFORE, False),
    (Fault.RESET_AFTER, True),
    (Fault.UNAVAILABLE_503, False),
    (Fault.UNAVAILABLE_503, True),
    (Fault.TRUNCATED_JSON, True),
    (Fault.QUOTA_429, False),
    (Fault.HANG, True),
]


@pytest.mark.parametrize("reading", ["empty", "refused"])
@pytest.mark.parametrize(("fault", "applied"), FATES)
@pytest.mark.parametrize("act", ["begin", "renew", "take over"])
def test_whatever_became_of_a_write_is_told_at_the_next_look(
    here: Machine, there: Machine, time: WorldTime, act: str, fault: Fault, applied: bool, reading: Any
) -> None:
    here.emulator.readings.update_without_match = reading
    limits = Limits(answer_seconds=0.1) if fault is Fault.HANG else None
    lease = here.lease(here.api(here.session(limits)))
    if act == "renew":
        lease.ensure()
        time.pass_(4 * MINUTE)
    elif act == "take over":
        there.lease().ensure()
        time.pass_(WAIT)
    here.emulator.fail(lambda record: record.bucket == "write", fault, applied=applied)
    for _ in range(5):
        try:
            lease.ensure()
            break
        except WorkbookUnavailable:
            continue
    assert standing(here.sheet) == "may-1"
    assert is_away(there.lease())
    asked = lease.requests
    lease.ensure()
    assert lease.requests == asked


def test_a_write_that_comes_late_undoes_nothing(here: Machine, there: Machine, time: WorldTime) -> None:
    """The look-up names the old value: what was on its way finds nothing any more."""
    here.lease().ensure()
    time.pass_(WAIT)
    here.emulator.fail(lambda record: record.bucket == "write", Fault.RESET_BEFORE)
    there.lease().ensure()
    of_sheet = [record for record in here.emulator.journal if record.spreadsheet_id == here.sheet.id]
    (late,) = (record.body for record in of_sheet if not record.status)
    renewed = standing(here.sheet)
    url = f"https://sheets.googleapis.com/v4/spreadsheets/{here.sheet.id}:batchUpdate"
    answer = here.session().ask("POST", url, 5.0, data=late, headers={"Content-Type": "application/json"})
    assert answer.json()["replies"] == [{"updateDeveloperMetadata": {}}]
    assert standing(here.sheet) == renewed == "may-2"


# --- races ------------------------------------------------------------------------------------------------


def after_looks(session: WatchedSession, act: Callable[[], object], times: int = 1) -> None:
    """Let something happen between a look and what is made of it, so many times."""
    left = [act] * times

    def look_was_answered(url: str) -> None:
        if url.endswith(":search") and left:
            left.pop()()

    session.after = look_was_answered


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("reading", ["empty", "refused"])
def test_of_two_that_saw_it_free_one_has_it(
    here: Machine, there: Machine, time: WorldTime, is_there: bool, reading: Any
) -> None:
    here.emulator.readings.update_without_match = reading
    if is_there:
        replace(here, name="may-0").lease().ensure()
        time.pass_(WAIT)
    session, second = here.session(), there.lease()
    after_looks(session, second.ensure)
    assert is_away(here.lease(here.api(session)))
    assert standing(here.sheet) == "may-2"
    assert not is_away(second)


def test_where_others_are_always_faster_it_is_given_up(here: Machine) -> None:
    def taken_and_let_go() -> None:
        other = replace(here, name="may-9").lease()
        other.ensure()
        other.release()

    session = here.session()
    after_looks(session, taken_and_let_go, times=100)
    with pytest.raises(WorkbookUnavailable, match="giành"):
        here.lease(here.api(session)).ensure()


# --- clocks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tells_time", [True, False])
@pytest.mark.parametrize(("ours", "theirs"), [(-300.0, 0.0), (0.0, -300.0), (150.0, -150.0), (-150.0, 150.0)])
def test_clocks_may_be_minutes_apart(
    here: Machine, there: Machine, time: WorldTime, ours: float, theirs: float, tells_time: bool
) -> None:
    here.emulator.dated = tells_time
    here.skew, there.skew = ours, theirs
    first, second = here.lease(), there.lease()
    for _ in range(30):
        first.ensure()
        assert is_away(second)
        time.pass_(4 * MINUTE)
    time.pass_(WAIT + 300.0)
    assert not is_away(second)
    assert is_away(first)


@pytest.mark.parametrize("hours", [-10.0, 10.0])
def test_a_clock_that_is_hours_wrong_goes_by_googles(
    here: Machine, there: Machine, time: WorldTime, hours: float
) -> None:
    here.skew = hours * 60 * MINUTE
    here.lease().ensure()
    assert is_away(there.lease())
    time.pass_(WAIT)
    assert not is_away(there.lease())


@pytest.mark.parametrize("hours", [-2.0, 2.0])
def test_a_clock_that_is_set_meanwhile_leaves_no_wrong_end(
    here: Machine, there: Machine, time: WorldTime, hours: float
) -> None:
    lease = here.lease()
    lease.ensure()
    here.skew = hours * 60 * MINUTE
    time.pass_(4 * MINUTE)
    lease.ensure()
    assert is_away(there.lease())
    time.pass_(WAIT - 1.0)
    assert is_away(there.lease())
    time.pass_(1.0)
    assert not is_away(there.lease())


def test_a_machine_that_slept_asks_again(here: Machine, there: Machine, time: WorldTime) -> None:
    """The clock that never jumps stands still while a machine sleeps."""
    asleep = WorldTime(time.now)
    lease = here.lease()
    lease._clock = lambda: asleep.now
    lease.ensure()
    time.pass_(60 * MINUTE)
    there.lease().ensure()
    assert is_away(lease, anew=False)


# --- whoever writes ---------------------------------------------------------------------------------------


def test_nothing_is_written_without_it(here: Machine, there: Machine) -> None:
    api = there.api()
    api.http_client.ask_before_writing(there.lease().ensure)
    here.lease().ensure()
    asked = here.emulator.count("write")
    update = {"range": "'Kết quả'!A1", "values": [["b"]]}
    with pytest.raises(HeldElsewhere):
        api.spreadsheet(there.sheet.id).values_batch_update({"valueInputOption": "RAW", "data": [update]})
    api.spreadsheet(there.sheet.id).fetch_sheet_metadata()
    assert (here.emulator.count("write"), there.sheet.cell("Kết quả", 1, 1)) == (asked, "a")


def test_its_requests_are_counted_apart(here: Machine) -> None:
    api = here.api(BoundedSession(Account(), read_host_port(here.emulator.host)))
    lease = here.lease(api)
    api.http_client.ask_before_writing(lease.ensure)
    api.spreadsheet(here.sheet.id).values_batch_update({"valueInputOption": "RAW", "data": []})
    assert (api.requests, lease.requests) == (RequestCount(write=1), RequestCount(read=1, write=1))


# --- who we are -------------------------------------------------------------------------------------------


def test_what_the_doctor_shows(here: Machine, there: Machine, time: WorldTime) -> None:
    ours, theirs = here.lease(), there.lease()
    assert ours.present() is None
    theirs.ensure()
    note = ours.present()
    assert note is not None
    assert (note.holder.host, ours.is_ours(note), theirs.is_ours(note)) == ("may-2", False, True)
    time.pass_(WAIT)
    assert ours.present() is None
    with pytest.raises(TccbError):
        replace(here, sheet=gone(here.emulator)).lease().present()


def gone(emulator: Emulator) -> Spreadsheet:
    sheet = emulator.new_spreadsheet()
    emulator.delete(sheet)
    return sheet
