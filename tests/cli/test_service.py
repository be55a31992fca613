"""The service that the page for operators ships is sound and closed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tree import ROOT

SERVICE = ROOT / "docs" / "van-hanh" / "tccb.service"
MOST_EXPOSED = 20
"""2.0 of 10, as systemd-analyze counts it."""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_service_is_sound_and_closed(tmp_path: Path) -> None:
    unit = tmp_path / "tccb.service"
    content = SERVICE.read_text("utf-8")
    assert "ExecStart=/opt/tccb/bin/tccb run\n" in content
    unit.write_text(content.replace("/opt/tccb/bin/tccb", "/bin/true"), "utf-8")
    for check in (["verify"], ["security", "--offline=yes", f"--threshold={MOST_EXPOSED}"]):
        done = subprocess.run(["systemd-analyze", *check, str(unit)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-500:] + done.stderr
        assert check != ["verify"] or not done.stderr, done.stderr
