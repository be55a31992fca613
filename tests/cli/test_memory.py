"""What a worker that runs for months gives back."""

from __future__ import annotations

import os
import platform
import weakref
from pathlib import Path

import pytest

from automation.cli.watching.memory import return_holes, tidy_up


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only GNU's library is asked")
def test_pages_between_small_blocks_in_use_go_back() -> None:
    blocks = [bytes(2_000) for _ in range(20_000)]
    full, in_use = resident_mib(), blocks[::200]
    del blocks
    return_holes()
    assert full - resident_mib() > 30
    assert len(in_use) == 100


def test_what_refers_to_itself_does_not_outlive_its_cycle() -> None:
    class Package:
        def __init__(self) -> None:
            self.me = self

    left = weakref.ref(Package())
    assert left() is not None
    tidy_up()
    assert left() is None


def resident_mib() -> float:
    """Of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
