"""A workbook that is a file: one bot at a time, whatever state folder it uses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from automation.adapters.file_lease import FileLease
from automation.base.errors import CannotStart, HeldElsewhere
from automation.core.model.lease import Holder

US, THEM = Holder("chúng tôi", "may-1"), Holder("họ", "may-2")


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "so.xlsx"
    path.touch()
    return path


def lease(workbook: Path, holder: Holder = US) -> FileLease:
    return FileLease(workbook, lambda: holder)


def test_another_bot_waits_until_ours_lets_go(workbook: Path) -> None:
    ours, theirs = lease(workbook), lease(workbook, THEM)
    ours.ensure()
    with pytest.raises(HeldElsewhere, match="may-1"):
        theirs.ensure()
    assert (ours.is_held, theirs.is_held) == (True, False)
    ours.release()
    theirs.ensure()
    with pytest.raises(HeldElsewhere, match="may-2"):
        ours.ensure()


def test_processes_of_one_bot_share_it_until_the_last_lets_go(workbook: Path) -> None:
    first, second, theirs = lease(workbook), lease(workbook), lease(workbook, THEM)
    first.begin()
    second.ensure(anew=True)
    first.release()
    with pytest.raises(HeldElsewhere):
        theirs.ensure()
    second.release()
    theirs.ensure()


def test_under_another_name_it_is_the_same_file(workbook: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.xlsx"
    link.symlink_to(workbook)
    ours = lease(workbook)
    ours.ensure()
    with pytest.raises(HeldElsewhere):
        lease(link, THEM).ensure()
    ours.release()


def test_a_dead_process_holds_nothing(workbook: Path) -> None:
    with lease_held_by(workbook) as process:
        with pytest.raises(HeldElsewhere):
            lease(workbook, THEM).ensure()
        process.kill()
        process.wait()
        lease(workbook, THEM).ensure()


def test_who_only_looks_leaves_nothing_behind(workbook: Path) -> None:
    unused = lease(workbook)
    unused.keep()
    unused.release()
    assert list(workbook.parent.iterdir()) == [workbook]


def test_a_lock_that_is_a_link_is_refused(workbook: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("as it was")
    (tmp_path / ".so.xlsx.tccb-lock").symlink_to(precious)
    with pytest.raises(CannotStart, match=r"so\.xlsx\.tccb-lock"):
        lease(workbook).ensure()
    assert precious.read_text() == "as it was"


def test_where_nothing_can_be_put_beside_the_file_nobody_is_kept_away(tmp_path: Path) -> None:
    nowhere = lease(tmp_path / "gone" / "so.xlsx")
    nowhere.ensure()
    assert not nowhere.is_held


HOLDING = """
import sys
from pathlib import Path
from automation.adapters.file_lease import FileLease
from automation.core.model.lease import Holder
FileLease(Path(sys.argv[1]), lambda: Holder("chúng tôi", "may-1")).ensure()
print("held", flush=True)
sys.stdin.read()
"""


def lease_held_by(workbook: Path) -> subprocess.Popen[str]:
    """Another process that has it until its end."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(workbook)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process
