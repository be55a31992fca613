"""Some rows of the matrix of `file_faults.py`; the default run has a kill and a full disk, CI each point once."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.file_faults import AFTER, POINTS, Trial, faults, made_workbook
from tests.examples import cross_section
from tests.faults import Fault

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
ERRORS_AT = {
    "workbook read": "error",
    "results written": "disk full",
    "results before they stand": "another bot",
    "copy written": "read-only",
    "mail written": "disk full",
    "sign of life": "read-only",
}
ROWS = {
    str(each): each
    for each in (
        *(Fault(point, "kill") for point in POINTS if point not in ERRORS_AT),
        *(Fault(point, what) for point, what in ERRORS_AT.items()),
        *(Fault("state committed", what) for what in ("disk full", "time-out")),
        *(Fault("mail noted", what) for what in ("error", "read-only", AFTER)),
        Fault("announcement after it stands", "kill", state_gone=True),
        Fault("mail written", "kill", clock=timedelta(hours=-1)),
    )
}


def test_the_rows_are_of_the_matrix() -> None:
    assert set(ROWS.values()) <= set(faults())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return made_workbook(tmp_path_factory.mktemp("book"))


@pytest.mark.parametrize("name", cross_section(list(ROWS), "results after they stand: kill"))
def test_a_fault_and_then_recovery(name: str, made: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = Trial(tmp_path, made, ROWS[name]).outcome()
    with capsys.disabled():
        print(f"\n  {name:60} {found}", end="")
    assert found.is_well, found
