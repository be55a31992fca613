"""What the page for operators says to type does what it says, in that order, and the service it ships is closed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.commands import Run
from tests.tree import ROOT

PAGE = ROOT / "docs" / "van-hanh.md"
SERVICE = ROOT / "docs" / "van-hanh" / "tccb.service"
MOST_EXPOSED = 20
"""2.0 of 10, as systemd-analyze counts it."""


def commands() -> list[list[str]]:
    blocks = re.findall(r"^```\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines() if line.startswith("tccb ")]


@pytest.mark.slow
def test_every_command_of_the_page_works_one_after_another(tmp_path: Path, tccb_here: Run) -> None:
    lines = (ROOT / "config" / "don-vi.csv").read_text("utf-8").splitlines(keepends=True)
    few = [lines[0], *(line for line in lines if line.startswith("bv-tu-du,"))]
    (tmp_path / "don-vi.csv").write_text("".join(few), "utf-8")
    typed = commands()
    assert len(typed) > 15
    missing_copy = [each for each in typed if each[0] == "restore"]
    for arguments in typed:
        short = arguments == ["init", "danh-sach.xlsx"]  # one unit in place of eighty: the page is about what follows
        done = tccb_here(*arguments, *(["--units", "don-vi.csv"] if short else []))
        if arguments in missing_copy:  # nobody has typed anything into this one
            assert "chưa có bản sao" in done.stderr
        else:
            assert (done.status in (0, 1), done.stderr) == (True, ""), arguments


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
