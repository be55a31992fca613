from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator.calls import Caller
from tests.emulator.emulator import Emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def caller(emulator: Emulator) -> Caller:
    """Talks about a fresh spreadsheet: tab `Danh sách` (id 0) with values, tab `D3` without, 10 rows, 5 columns."""
    rows: list[list[object]] = [["Họ và tên", "Mã"], ["Trần Văn An", 1, "x"], [], ["Lê Thị Cúc", "", True, 2.5]]
    return Caller(emulator, emulator.new_spreadsheet({"Danh sách": rows, "D3": []}, rows=10, columns=5))
