"""Some rows of the matrix of `google_points.py`: each request once, and what else may be so meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.google_points import AFTER, POINTS, Trial, faults, made_spreadsheet
from tests.emulator import Emulator, Spreadsheet
from tests.faults import Fault

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")]
ROWS = {
    str(each): each
    for each in (
        *(Fault(point, f"kill{AFTER}" if place % 2 else "kill") for place, point in enumerate(POINTS)),
        Fault("lease looked for", "error"),
        Fault("announcement", f"kill{AFTER}", state_gone=True),
        Fault("outcomes", "kill", clock=timedelta(hours=-1)),
        Fault("results", f"kill{AFTER}", clock=timedelta(hours=1)),
        Fault("outcomes", f"cut{AFTER}"),
    )
}


def test_the_rows_are_of_the_matrix() -> None:
    assert set(ROWS.values()) <= set(faults())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, Spreadsheet]]:
    with Emulator() as emulator:
        yield emulator, made_spreadsheet(emulator, tmp_path_factory.mktemp("sheet"))


@pytest.mark.parametrize("name", ROWS)
def test_a_fault_and_then_recovery(
    name: str, made: tuple[Emulator, Spreadsheet], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Trial(tmp_path, *made, ROWS[name]).outcome()
    with capsys.disabled():
        print(f"\n  {name:60} {found}", end="")
    assert found.is_well, found
