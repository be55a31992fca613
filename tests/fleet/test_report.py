"""A line a workbook, as `tccb fleet status` prints it: for eyes and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from automation.app.exit_status import ExitStatus
from automation.cli.fleet.report import Standing, print_list, print_status
from automation.core.model.runs import RunRecord
from automation.doctor.status import Status
from automation.fleet.registry import FleetWorkbook

NOW = datetime.now(UTC).replace(microsecond=0)
SOON, LONG_AGO = NOW + timedelta(seconds=50), NOW - timedelta(minutes=20)
BOOK = FleetWorkbook("mot", "mot", "Sở Y tế", "", worker="may-1", next_at=SOON.timestamp())
RUN = RunRecord(NOW, 1.0, rate=62.5)
Printed = Callable[..., str]


def of(*runs: RunRecord) -> Standing:
    return Standing(Status(Path(), False, runs, (), 0, None, (), NOW))


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    def print_one(workbook: FleetWorkbook, standing: Standing, status: ExitStatus, *, as_json: bool = False) -> str:
        assert print_status([(workbook, standing)], [], as_json=as_json) == status
        return capsys.readouterr().out

    return print_one


def shown(moment: datetime) -> str:
    return f"{moment + timedelta(hours=7):%H:%M %d/%m/%Y}"


@pytest.mark.parametrize(
    ("workbook", "standing", "last", "due", "status"),
    [
        (BOOK, of(RUN), shown(NOW), shown(SOON), ExitStatus.DONE),
        (replace(BOOK, next_at=0.0), of(), "chưa có", "ngay", ExitStatus.DONE),
        (replace(BOOK, began_at=NOW.timestamp()), of(RUN), shown(NOW), f"đang làm, từ {shown(NOW)}", ExitStatus.DONE),
        # One that cannot even be opened leaves no record of its own.
        (
            replace(BOOK, failed_at=LONG_AGO.timestamp()),
            of(),
            f"{shown(LONG_AGO)}, không xong",
            shown(SOON),
            ExitStatus.NEEDS_PERSON,
        ),
        (BOOK, of(replace(RUN, trouble="hỏng")), f"{shown(NOW)}, không xong", shown(SOON), ExitStatus.NEEDS_PERSON),
        (
            replace(BOOK, next_at=LONG_AGO.timestamp(), began_at=LONG_AGO.timestamp()),
            of(RUN),
            shown(NOW),
            f"đã lỡ, {shown(LONG_AGO)}",
            ExitStatus.NEEDS_PERSON,
        ),
    ],
)
def test_a_line_says_when_a_workbook_was_looked_at_and_when_it_will_be(
    printed: Printed, workbook: FleetWorkbook, standing: Standing, last: str, due: str, status: ExitStatus
) -> None:
    header, line, *_ = printed(workbook, standing, status).splitlines()
    place = header.index("Lần tiếp theo")
    assert (last in line[:place], line[place:].startswith(due + " ")) == (True, True), line


@pytest.mark.parametrize(
    ("workbook", "standing", "said"),
    [
        (
            replace(BOOK, failed_at=NOW.timestamp()),
            of(replace(RUN, trouble="Bảng tính không mở được.\nĐề nghị chia sẻ lại."), RUN),
            f"Sở Y tế, lượt lúc {shown(NOW)}: Bảng tính không mở được. Đề nghị chia sẻ lại.",
        ),
        (
            replace(BOOK, failed_at=LONG_AGO.timestamp()),
            of(),
            f"Sở Y tế, lượt lúc {shown(LONG_AGO)}: xem nhật ký của tccb fleet work trên may-1.",
        ),
        (
            replace(BOOK, failed_at=NOW.timestamp()),
            of(replace(RUN, started_at=LONG_AGO)),
            f"Sở Y tế, lượt lúc {shown(NOW)}: xem nhật ký của tccb fleet work trên may-1.",
        ),
    ],
)
def test_why_a_workbook_failed_stands_below(
    printed: Printed, workbook: FleetWorkbook, standing: Standing, said: str
) -> None:
    """It failed, said the line, and whoever had to mend it went looking in the logs of all machines."""
    lines = printed(workbook, standing, ExitStatus.NEEDS_PERSON).splitlines()
    assert lines[-1] == said
    [book] = json.loads(printed(workbook, standing, ExitStatus.NEEDS_PERSON, as_json=True))["workbooks"]
    assert book["trouble"] == (
        standing.status.last.trouble or None if standing.status and standing.status.last else None
    )


def test_of_workbooks_that_work_no_more_is_said(printed: Printed) -> None:
    assert len(printed(BOOK, of(RUN, replace(RUN, trouble="hỏng")), ExitStatus.DONE).splitlines()) == 2


def test_programs_get_moments_with_the_offset_of_the_clocks_there(printed: Printed) -> None:
    told = json.loads(printed(BOOK, of(RUN), ExitStatus.DONE, as_json=True))
    [book] = told["workbooks"]
    assert [datetime.fromisoformat(book[each]) for each in ("last", "next")] == [NOW, SOON]
    assert [book[each][-6:] for each in ("last", "next")] == ["+07:00"] * 2
    at_it = replace(BOOK, began_at=NOW.timestamp())
    [book] = json.loads(printed(at_it, of(RUN), ExitStatus.DONE, as_json=True))["workbooks"]
    assert (datetime.fromisoformat(book["at_it_since"]), book["next"]) == (NOW, None)


def test_the_list_is_there_for_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    print_list([BOOK, replace(BOOK, name="Hai", credentials="hai.json", is_paused=True)], as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "workbooks": [
            {"name": "Sở Y tế", "workbook": "mot", "credentials": None, "paused": False},
            {"name": "Hai", "workbook": "mot", "credentials": "hai.json", "paused": True},
        ]
    }
    print_list([], as_json=True)
    assert json.loads(capsys.readouterr().out) == {"workbooks": []}
