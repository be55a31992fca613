"""Workers that die, and a database that is gone for a while."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.machines import UNITS, Fleet, fleet_in, wait_for
from tests.patience import HANG_SECONDS
from tests.postgres import needs_postgres

pytestmark = [needs_postgres, pytest.mark.slow]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with fleet_in(tmp_path) as running:
        yield running


def test_workbooks_of_a_worker_killed_at_a_mail_are_taken_on_and_no_mail_goes_twice(fleet: Fleet) -> None:
    sheets = one, two = fleet.new_workbook("mot"), fleet.new_workbook("hai")
    first = fleet.start("one")

    def kill_at_first_mail(command: str) -> None:
        if command == "RCPT" and first.poll() is None:
            first.kill()
            first.wait()

    fleet.office.misbehave = kill_at_first_mail
    wait_for(lambda: first.poll() is not None, fleet)
    second = fleet.start("two")
    addressed = {f"{name}-{code}@example.org" for name in ("mot", "hai") for code in UNITS}
    seconds = wait_for(lambda: fleet.addressed() >= addressed, fleet, 150)
    wait_for(lambda: all(fleet.result(sheet, f"tab {code}", 4) for sheet in sheets for code in UNITS), fleet)
    assert seconds < 120
    # What people type is looked at by whoever has the workbook now.
    for sheet in (one, two):
        fleet.type_person(sheet, "tab u1", 5, "Trần Thị Bình")
    wait_for(lambda: all(fleet.result(sheet, "tab u1", 5) for sheet in sheets), fleet)
    assert set(fleet.copies().values()) == {1}
    told = fleet.status()
    [account] = told["accounts"]  # the emulator asks for none
    assert (account["account"], account["workbooks"], account["reads"] > 0) == (None, 2, True)
    status = told["workbooks"]
    assert [(each["name"], each["mails_waiting"], each["late"]) for each in status] == [
        ("hai", 0, False),
        ("mot", 0, False),
    ]
    assert [f"-{second.pid}-" in each["worker"] for each in status] == [True, True]
    second.terminate()
    assert second.wait(10) == 0


def test_a_server_that_is_gone_for_a_while_stops_no_worker(fleet: Fleet) -> None:
    sheet = fleet.new_workbook("mot")
    worker = fleet.start("one")
    wait_for(lambda: fleet.addressed() >= {f"mot-{code}@example.org" for code in UNITS}, fleet)
    fleet.server.stop()
    time.sleep(2)
    fleet.server.start()
    fleet.type_person(sheet, "tab u1", 5, "Trần Thị Bình")
    wait_for(lambda: bool(fleet.result(sheet, "tab u1", 5)), fleet, 240)
    assert worker.poll() is None
    assert set(fleet.copies().values()) == {1}


def test_a_workbook_that_waits_for_its_turn_keeps_no_connection(fleet: Fleet) -> None:
    """A server has a hundred as it is installed; 63 workbooks of four workers took all of them."""
    sheets = [fleet.new_workbook(f"so-{number}") for number in range(4)]
    fleet.start("one")
    wait_for(lambda: all(fleet.result(sheet, f"tab {code}", 4) for sheet in sheets for code in UNITS), fleet)
    wait_for(lambda: not any(map(fleet.connections_to, sheets)), fleet)


@pytest.mark.skipif(os.name != "posix", reason="no process can begin anew here")
@pytest.mark.parametrize("gone", [[], ["gone"]], ids=["", "its interpreter gone"])
def test_a_worker_begins_anew_each_night_and_nobody_notices(fleet: Fleet, gone: list[str]) -> None:
    fleet.new_workbook("mot")
    program = ("tests.fleet.renewing_worker", str(time.time()), "20", *gone)
    worker = fleet.start("one", program=program, now=())
    log = fleet.folder / "one.log"
    wait_for(lambda: "Tự khởi động lại" in log.read_text("utf-8"), fleet)
    sheet = fleet.new_workbook("hai")  # which is due at once
    wait_for(lambda: bool(fleet.result(sheet, "tab u1", 4)), fleet)
    worker.terminate()
    assert worker.wait(HANG_SECONDS) == 0
    said = log.read_text("utf-8")
    assert ("Không tự khởi động lại" in said) is bool(gone)
    assert "Traceback" not in said
    assert set(fleet.copies().values()) == {1}
