"""A worker that lives long grows no larger, and its sheet stays what a new process would make of it.

The whole of it, 1,000 cycles on 80 units: `python -m tests.soak`.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.soak import MOST_GROWTH
from tests.tree import ROOT

CYCLES = 100


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_many_cycles_leave_no_more_than_a_few() -> None:
    size = ["--cycles", str(CYCLES), "--units", "6", "--rows", "60"]
    done = subprocess.run([sys.executable, "-m", "tests.soak", *size, "--json"], cwd=ROOT, capture_output=True)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    told = json.loads(done.stdout)
    assert told["marks"][-1]["cycle"] == CYCLES
    assert told["growth"] <= MOST_GROWTH
