"""What `tccb doctor` says of the machine and of the state folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from automation.adapters.store.copies import COPIES_FOLDER, CopyFolder
from automation.core.records.copies import CopyNote, KeptCopy, config_key
from automation.doctor.findings import State
from automation.doctor.machine import examine_state_folder

KEY = SecretStr("a sentence that is long enough")


def keep(folder: Path, of: str, hour: int, key: SecretStr | None = None) -> None:
    note = CopyNote(of, datetime(2023, 4, 20, hour, tzinfo=UTC), "ab12")
    CopyFolder(folder / COPIES_FOLDER, key).keep(KeptCopy(note, of, 1, {}, ()))


@pytest.mark.parametrize(
    ("clear", "has_key", "state", "said"),
    [
        (
            ("mot", "mot", config_key("Cấu hình")),
            False,
            State.NOTE,
            ("2 bản sao danh sách", "1 bản sao trang"),
        ),
        (("mot", config_key("Đơn vị")), True, State.NOTE, ("TCCB_COPIES_KEY đã đặt", "1 bản sao danh sách")),
        ((), True, State.OK, ("Được mã hóa",)),
    ],
)
def test_copies_that_anybody_can_read_are_counted_by_what_they_are_of(
    tmp_path: Path, clear: tuple[str, ...], said: tuple[str, ...], state: State, *, has_key: bool
) -> None:
    """Encrypted ones are not; where the key is set nobody is told to set it."""
    keep(tmp_path, "hai", 23, KEY)
    for hour, of in enumerate(clear):
        keep(tmp_path, of, hour)
    found = next(each for each in examine_state_folder(tmp_path, has_key=has_key) if each.check == "machine.copies")
    assert found.state is state
    assert [each for each in said if each not in found.found] == []
    assert ("thì đặt TCCB_COPIES_KEY" in found.fix) is (state is State.NOTE and not has_key)
