"""What a worker that runs for months gives back."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from automation.cli.watching.memory import return_holes


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only GNU's library is asked")
def test_pages_between_small_blocks_in_use_go_back() -> None:
    blocks = [bytes(2_000) for _ in range(20_000)]
    full, in_use = resident_mib(), blocks[::200]
    del blocks
    return_holes()
    assert full - resident_mib() > 30
    assert len(in_use) == 100


def resident_mib() -> float:
    """Of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
